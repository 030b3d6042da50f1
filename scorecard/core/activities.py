"""Activities of a CRM: which columns say what, and by which rule each becomes a touch, a deposit, a promise or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scorecard.core.names import bare

TOUCH, DEPOSIT, PROMISE, NOTHING = "touch", "deposit", "promise", "nothing"
BECOMES = (TOUCH, DEPOSIT, PROMISE, NOTHING)
# Names of columns as exports of Salesforce (reports, tables), of HubSpot and other tools write them; the first that is there is taken.
COLUMNS: dict[str, tuple[str, ...]] = {
    "account": ("account id", "company account id", "associated company ids", "associated company id", "company id", "account", "account name", "company account",
                "associated company", "company", "company name", "customer", "customer name", "kunde", "konto"),
    "type": ("type", "activity type", "engagement type", "task subtype", "event subtype", "hs task type", "task type", "kind", "channel", "art"),
    "subject": ("subject", "activity subject", "hs email subject", "email subject", "hs task subject", "task title", "hs meeting title", "meeting name", "call title", "title",
                "name", "hs body preview", "note body", "hs note body", "betreff"),
    "text": ("description", "comments", "full comments", "body", "body preview", "hs email text", "hs body preview", "hs note body", "notes", "details"),
    "date": ("activity date", "hs timestamp", "start date time", "start time", "date", "activity date time", "completed date time", "completed on", "due date only",
             "due date", "due", "create date", "hs createdate", "created date", "created at", "datum"),
    "due": ("due date", "due", "due date only", "hs due date", "activity date"),
    "made": ("created date", "create date", "hs createdate", "created at", "created"),
    "done": ("completed date time", "completed date", "completed on", "completed at", "done on"),
    "owner": ("assigned", "assigned to", "assigned to name c", "activity assigned to", "owner", "owner name", "activity owner", "task owner", "csm", "created by"),
    "status": ("status", "task status", "hs task status", "is closed", "closed"),
    "minutes": ("duration in minutes", "minutes", "duration minutes", "call duration in seconds", "call duration seconds", "duration seconds"),
    "id": ("activity id", "engagement id", "task id", "event id", "record id", "hs object id", "id"),
}  # fmt: skip
NEEDED = ("account", "date")
CLOSED = ("completed", "done", "closed", "true", "yes", "1", "erledigt")
OPEN = ("not started", "in progress", "waiting on someone else", "deferred", "open", "false", "no", "0", "waiting")
_SIGNS = re.compile(r"[^a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class Rule:
    """What an activity becomes whose type and subject say one of these words; an empty text asks for nothing.

    `kind` is the name of a kind of deposit, or a channel of a touch.
    """

    type: str
    subject: str
    becomes: str
    kind: str = ""


# What people write when nobody has agreed on words yet: to be seen and changed before anything is stored.
SHIPPED = (
    Rule("", "out of office, automatic reply, unsubscribe, undeliverable", NOTHING),
    Rule("", "promise, promised, we owe, committed to", PROMISE),
    Rule("", "introduction, introduced, intro to", DEPOSIT, "Introduction"),
    Rule("", "training, workshop, coaching", DEPOSIT, "Training"),
    Rule("", "praise, recommended, recommendation, award", DEPOSIT, "Praise to a manager"),
    Rule("", "digest, industry news, benchmark report", DEPOSIT, "Industry digest"),
    Rule("", "gift, birthday, congratulations", DEPOSIT, "Gift"),
    Rule("call, phone", "", TOUCH, "phone"),
    Rule("email, e mail, mail", "", TOUCH, "e-mail"),
    Rule("", "visit, on site, onsite", TOUCH, "visit"),
    Rule("webinar", "", TOUCH, "webinar"),
    Rule("meeting, video, demo, event", "", TOUCH, "video"),
    Rule("linkedin, social", "", TOUCH, "social media"),
    Rule("note, task, to do, todo", "", NOTHING),
    Rule("", "", TOUCH, "other"),
)


def plain(text: str) -> str:
    """Small letters and figures with single spaces between: what names of columns and words of rules are compared by."""
    return " ".join(_SIGNS.sub(" ", bare(_CAMEL.sub(" ", text))).split())


def column_name(text: str) -> str:
    """A column as the list of names has it: `property_hs_timestamp` as `hs timestamp`, `invitee_uuid_c` as it is."""
    return plain(text).removeprefix("property ").removeprefix("properties ")


def columns_of(header: Sequence[str]) -> dict[str, str]:
    """Which column says what, by the names of columns; what no column says is left out. No column says two things but a date."""
    named: dict[str, str] = {}
    for column in header:
        named.setdefault(column_name(column), column)
    found: dict[str, str] = {}
    for part, names in COLUMNS.items():
        taken = {column for other, column in found.items() if {other, part} not in ({"due", "date"}, {"text", "subject"})}
        if column := next((named[name] for name in names if name in named and named[name] not in taken), ""):
            found[part] = column
    return found


def fits(rule: Rule, type: str, subject: str) -> bool:
    """Whether a rule decides about an activity: of the words that it asks for, one begins a word of the text."""
    return _says(rule.type, type) and _says(rule.subject, subject)


def _says(wanted: str, text: str) -> bool:
    alternatives = [plain(one) for one in wanted.split(",") if plain(one)]
    return not alternatives or any(f" {one}" in f" {plain(text)}" for one in alternatives)


def decided(rules: Iterable[Rule], type: str, subject: str) -> tuple[int, Rule] | None:
    """(the place of the first rule that fits, from 0; the rule), None when none does."""
    return next(((n, rule) for n, rule in enumerate(rules) if fits(rule, type, subject)), None)


def is_open(status: str) -> bool:
    """Whether the CRM says that an activity is not done yet."""
    return plain(status) in OPEN


def is_closed(status: str) -> bool:
    """Whether the CRM says that an activity is done."""
    return plain(status) in CLOSED


