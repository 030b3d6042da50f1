"""What exports bring: the kinds of facts, each with its columns, its key and the checks that a row has to pass.

A column's `type` is text, number, money, date, moment (a date with a time, UTC), or flag. `key` columns name a row: the
same key again restates it. `account_id` ties a fact to an account; a fact of an unknown account is kept and reported.
"""

from __future__ import annotations

from dataclasses import dataclass

TYPES = ("text", "number", "money", "date", "moment", "flag")


@dataclass(frozen=True)
class Column:
    """One column of a kind of fact. `choices` closes the list of values; `least` is the smallest number allowed."""

    name: str
    type: str
    label: str
    required: bool = False
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Kind:
    """One kind of fact: its table, what a row is, its key, its columns, and pairs of columns that must be in order."""

    table: str
    label: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    in_order: tuple[tuple[str, str], ...] = ()
    dated_by: str = ""

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def _c(name: str, type: str, label: str, *, required: bool = False, choices: tuple[str, ...] = (),
       least: float | None = None, most: float | None = None) -> Column:
    return Column(name, type, label, required, choices, least, most)


ACCOUNT = _c("account_id", "text", "Account", required=True)

KINDS: dict[str, Kind] = {kind.table: kind for kind in (
    Kind("account", "Accounts", "a customer", ("account_id",), (
        ACCOUNT, _c("name", "text", "Name"), _c("segment", "text", "Segment"), _c("csm", "text", "CSM"), _c("team", "text", "Team"),
        _c("started_on", "date", "Customer since"), _c("ended_on", "date", "Customer until"), _c("churned", "flag", "Marked as lost"),
        _c("referred_by", "text", "Referred by"), _c("industry", "text", "Industry"), _c("country", "text", "Country"),
    ), (("started_on", "ended_on"),), "started_on"),
    Kind("subscription", "Subscriptions", "a contract with a monthly amount", ("subscription_id",), (
        _c("subscription_id", "text", "Subscription", required=True), ACCOUNT, _c("started_on", "date", "Starts", required=True),
        _c("ended_on", "date", "Ended"), _c("mrr", "money", "MRR", required=True, least=0), _c("plan", "text", "Plan"),
        _c("seats", "number", "Seats", least=0), _c("trial", "flag", "Trial"), _c("churned", "flag", "Marked as lost"),
        _c("auto_renew", "flag", "Renews by itself"), _c("status", "text", "Status"),
    ), (("started_on", "ended_on"),), "started_on"),
    Kind("mrr_movement", "MRR movements", "a change of an account's MRR", ("movement_id",), (
        _c("movement_id", "text", "Movement", required=True), ACCOUNT, _c("moved_on", "date", "Date", required=True),
        _c("amount", "money", "Change of MRR", required=True), _c("kind", "text", "Kind"),
    ), (), "moved_on"),
    Kind("mrr_month", "Monthly MRR", "an account's MRR at the end of a month", ("account_id", "month"), (
        ACCOUNT, _c("month", "date", "Month", required=True), _c("mrr", "money", "MRR", required=True, least=0),
    ), (), "month"),
    Kind("renewal", "Renewals due", "a contract that came up for renewal", ("renewal_id",), (
        _c("renewal_id", "text", "Renewal", required=True), ACCOUNT, _c("due_on", "date", "Due", required=True),
        _c("value_due", "money", "Value due", required=True, least=0), _c("value_renewed", "money", "Value renewed", least=0),
        _c("renewed_on", "date", "Renewed on"), _c("status", "text", "Status"),
    ), (), "due_on"),
    Kind("usage", "Use of the product", "one event, or a count of them in a day or month", ("usage_id",), (
        _c("usage_id", "text", "Row", required=True), _c("account_id", "text", "Account"), _c("subscription_id", "text", "Subscription"),
        _c("used_on", "date", "Date", required=True), _c("event", "text", "Event or feature"),
        _c("user_id", "text", "User"), _c("quantity", "number", "Count", least=0),
    ), (), "used_on"),
    Kind("ticket", "Tickets", "a request to the help desk", ("ticket_id",), (
        _c("ticket_id", "text", "Ticket", required=True), _c("account_id", "text", "Account"),
        _c("opened_at", "moment", "Opened", required=True), _c("first_response_at", "moment", "First response"),
        _c("first_response_minutes", "number", "First response, minutes", least=0), _c("resolved_at", "moment", "Resolved"),
        _c("status", "text", "Status"), _c("severity", "text", "Severity"), _c("area", "text", "Product area"),
        _c("satisfaction", "number", "Satisfaction, 1 to 5", least=1, most=5), _c("comment", "text", "Comment"),
    ), (("opened_at", "resolved_at"), ("opened_at", "first_response_at")), "opened_at"),
    Kind("contact", "Contacts", "a contact that was due or made", ("contact_id",), (
        _c("contact_id", "text", "Contact", required=True), ACCOUNT, _c("due_on", "date", "Due"), _c("window_from", "date", "Window from"),
        _c("window_to", "date", "Window to"), _c("done_on", "date", "Done"), _c("cancelled_by_customer", "flag", "Cancelled by the customer"),
        _c("channel", "text", "Channel"), _c("csm", "text", "CSM"), _c("comment", "text", "Comment"),
    ), (("window_from", "window_to"),), "due_on"),
    Kind("survey", "Survey answers", "one answer of one person", ("answer_id",), (
        _c("answer_id", "text", "Answer", required=True), _c("account_id", "text", "Account"), _c("answered_on", "date", "Answered", required=True),
        _c("question", "text", "Question", required=True, choices=("nps", "csat", "trust")), _c("score", "number", "Score", least=0, most=10),
        _c("respondent", "text", "Respondent"), _c("comment", "text", "Comment"),
    ), (), "answered_on"),
    Kind("milestone", "Onboarding milestones", "a step an account, or one of its users, reached", ("milestone_id",), (
        _c("milestone_id", "text", "Row", required=True), ACCOUNT, _c("user_id", "text", "User"), _c("milestone", "text", "Milestone", required=True),
        _c("clock_started_on", "date", "Clock started"), _c("reached_on", "date", "Reached"),
    ), (("clock_started_on", "reached_on"),), "clock_started_on"),
    Kind("promise", "Promises", "something promised to a customer", ("promise_id",), (
        _c("promise_id", "text", "Promise", required=True), ACCOUNT, _c("made_on", "date", "Made"), _c("due_on", "date", "Due", required=True),
        _c("kept_on", "date", "Kept on"), _c("text", "text", "What was promised"), _c("csm", "text", "Owner"),
    ), (("made_on", "due_on"),), "due_on"),
    Kind("cost", "Costs", "the cost of serving customers in a month", ("cost_id",), (
        _c("cost_id", "text", "Row", required=True), _c("month", "date", "Month", required=True), _c("amount", "money", "Amount", required=True),
        _c("kind", "text", "Kind", choices=("success", "onboarding", "support", "renewal")), _c("segment", "text", "Segment"), _c("team", "text", "Team"),
    ), (), "month"),
)}

# What names a row of a file that has no ids. What changes later (a status, an end, an outcome) does not belong here.
NATURAL_KEYS: dict[str, tuple[str, ...]] = {
    "subscription": ("account_id", "started_on", "plan"), "mrr_movement": ("account_id", "moved_on", "kind"),
    "renewal": ("account_id", "due_on"), "usage": ("account_id", "subscription_id", "used_on", "event", "user_id"),
    "ticket": ("account_id", "opened_at", "area"), "contact": ("account_id", "due_on", "window_from", "channel"),
    "survey": ("account_id", "answered_on", "question", "respondent"), "milestone": ("account_id", "user_id", "milestone"),
    "promise": ("account_id", "due_on", "text"), "cost": ("month", "kind", "segment", "team"),
}

# What a row has to keep to beside its columns: (SQL that is true when it does not, the words for it).
ROW_CHECKS: dict[str, tuple[tuple[str, str], ...]] = {
    "survey": (("question = 'csat' AND (score < 1 OR score > 5)", "a CSAT score lies between 1 and 5"),),
}
