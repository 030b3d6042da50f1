"""The exports of Larkfield's tools: what its CRM, billing, product, help desk and survey would write to a file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import numpy as np

from scorecard.larkfield import beside, comments, events
from scorecard.larkfield.accounts import Customers, customers
from scorecard.larkfield.figures import FIRST, MONTHS, SEED, SEGMENTS, draw
from scorecard.larkfield.leaving import Leaving
from scorecard.larkfield.planted import signed_on

TEAMS = SEGMENTS  # a team looks after each segment, and its CSMs are in no other
MILESTONES = ("Account ID", "User ID", "Milestone", "Clock started on", "Reached on")
Table = tuple[tuple[str, ...], list[tuple]]


def tables(seed: int = SEED) -> dict[str, Table]:
    """File name to its header and rows. Raises Unspread when no company could have had the figures of this seed."""
    drawn = draw(seed)
    chance = np.random.RandomState([seed, 1])  # a stream of its own: the figures do not depend on how they are spread
    everyone = customers(drawn.revenue, chance)
    months = events.months(everyone, chance)
    other = np.random.RandomState([seed, 2])  # and another: what stands beside the ten measures moves none of them
    others = events.months(everyone, other)
    said = np.random.RandomState([seed, 3])
    leaving = Leaving(everyone, np.random.RandomState([seed, 4]))
    return {
        "crm_accounts.csv": _accounts(everyone), "crm_renewals.csv": _renewals(everyone),
        "billing_mrr_by_month.csv": _mrr(everyone),
        "product_adoption.csv": (MILESTONES, leaving.adoption(events.adoption(drawn.rows, months))),
        "onboarding_milestones.csv": (MILESTONES, events.new_sites(drawn.rows, months)),
        "helpdesk_tickets.csv": _tickets(comments.with_comments(leaving.tickets(events.tickets(drawn.rows, months)), everyone, said,
                                                                np.random.RandomState([seed, 5]))),
        "contact_schedule.csv": _contacts(leaving.contacts(events.contacts(drawn.rows, months))),
        "survey_answers.csv": _answers(events.answers(drawn.rows, months), beside.recommendations(others)),
        "costs.csv": (("Month", "Segment", "Cost type", "Amount"), events.costs(drawn.rows, months)),
        "product_use_by_month.csv": (("Account ID", *map(str, MONTHS)), beside.use_by_month(everyone, other)),
        "product_use_first_weeks.csv": (("Usage date", "Account ID", "Feature", "Count"), beside.first_weeks(everyone, other)),
        "promises.csv": (("Promise ID", "Account ID", "Made on", "Due on", "Kept on", "What was promised", "Owner"),
                         _numbered("P", beside.promises(others)))}


def text(table: Table) -> str:
    """A table as CSV: dates as 2026-10-31, times in UTC, nothing where there is nothing."""
    header, rows = table
    return "\n".join([",".join(header), *(",".join(map(_written, row)) for row in rows)]) + "\n"


def _written(item: object) -> str:
    if item is None:
        return ""
    if isinstance(item, datetime):
        return f"{item:%Y-%m-%dT%H:%MZ}"
    if isinstance(item, date):
        return item.isoformat()
    if isinstance(item, bool):
        return {True: "true", False: "false"}[item]
    return f'"{item}"' if "," in str(item) else str(item)


def _numbered(prefix: str, rows: Iterable[tuple]) -> list[tuple]:
    return [(f"{prefix}{number}", *row) for number, row in enumerate(rows, 10001)]


def _accounts(everyone: Customers) -> Table:
    header = ("Account ID", "Account Name", "Segment", "Customer Success Manager", "Team", "Industry", "Billing Country",
              "Customer Since", "Customer Until")
    return header, [(one.id, one.name, SEGMENTS[one.segment], one.csm, TEAMS[one.segment], one.industry, one.country,
                     one.since, one.until) for one in everyone.accounts]


def _renewals(everyone: Customers) -> Table:
    header = ("Renewal ID", "Account ID", "Due date", "Value due", "Value renewed", "Renewed on", "Status")
    return header, _numbered("N", ((one.account.id, one.due_on, one.due, one.renewed, signed_on(one.due_on, one.renewed_on),
                                    "renewed" if one.renewed else "lost") for one in everyone.renewals))


def _mrr(everyone: Customers) -> Table:
    starts = [FIRST.shift(-1).start, *(month.start for month in MONTHS)]
    rows = [(starts[month + 1], account, mrr) for account, month, mrr in everyone.mrr]
    return ("Month", "Account ID", "MRR"), sorted(rows)


def _tickets(rows: Iterable[tuple]) -> Table:
    header = ("Ticket ID", "Account ID", "Created at", "First reply time in minutes", "Solved at", "Status", "Priority",
              "Satisfaction score", "Comment")
    return header, _numbered("T", ((account, opened, reply, solved, "solved" if solved else "open", priority, score, words)
                                   for account, opened, reply, solved, priority, score, words in rows))


def _contacts(rows: Iterable[tuple]) -> Table:
    header = ("Contact ID", "Account ID", "Due date", "Window from", "Window to", "Done on", "Cancelled by customer",
              "Channel", "CSM")
    return header, _numbered("C", rows)


def _answers(trust: Iterable[tuple], recommend: Iterable[tuple]) -> Table:
    """Both questions of the survey, in order of the date."""
    numbered = [*((*row, None) for row in _numbered("S", trust)),
                *((id, account, day, "nps", *rest) for id, account, day, *rest in _numbered("N", recommend))]
    header = ("Response ID", "Account ID", "Response date", "Question", "Score", "Comment")
    return header, sorted(numbered, key=lambda row: (row[2], row[3] == "nps", row[0]))
