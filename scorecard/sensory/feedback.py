"""Findings and feedback sessions: what came back on each theme, how old findings are, how many were closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING

from scorecard import registers
from scorecard.core import names
from scorecard.core.themes import Matcher, Rule, words_of

if TYPE_CHECKING:
    from scorecard.registers import Entry
    from scorecard.store.engine import Store
    from scorecard.store.tx import Tx

FINDING, SESSION = "finding", "feedback_session"
OPEN, SENT, ANSWERED, CLOSED = "open", "sent", "answered", "closed"
HELD, MISSED = "held", "missed"
LONGEST_ANSWER = 44
RECENT_DAYS = 90


@dataclass(frozen=True)
class Back:
    """What came back on a theme: the finding, the department it was sent to, and what is said of it."""

    finding: str
    department: str
    said: str
    waits: bool


@dataclass(frozen=True)
class Department:
    """A department: its findings by state, the median age in days of those not closed, its sessions of the last 90 days."""

    id: str
    label: str
    open: int
    sent: int
    answered: int
    closed: int
    age: float | None
    held: int
    missed: int
    last: date | None

    @property
    def unclosed(self) -> int:
        return self.open + self.sent + self.answered


@dataclass(frozen=True)
class Feedback:
    """All findings and sessions: by department, the median age of what is not closed, the share closed of what is due."""

    departments: tuple[Department, ...]
    findings: int
    unclosed: int
    age: float | None
    closed: int
    due: int

    @property
    def share(self) -> float | None:
        return self.closed / self.due if self.due else None


def departments() -> dict[str, str]:
    """id -> name of the departments that findings are sent to, in the order of the file."""
    return dict(registers.register(FINDING).field("department").choices or {})


def _day(one: Entry, field: str) -> date | None:
    text = str(one.values.get(field, ""))
    return date.fromisoformat(text) if text else None


# -- what came back

def by_theme(tx: Tx, rules: Sequence[Rule] = ()) -> dict[str, Back]:
    """The newest finding on each theme that was sent to somebody, else the newest, by the bare name of the theme.

    Other words for a theme are placed by its rule.
    """
    labels, made, placed, matcher = departments(), {}, {}, Matcher(rules)
    own = {names.bare(one.label) for one in rules}
    for one in sorted(registers.entries(tx, FINDING, order="date"), key=lambda one: one.state != OPEN):
        theme = str(one.values.get("theme", ""))
        made |= {names.bare(theme): _back(one, labels)} if theme else {}
        place = matcher.place(words_of(theme)) if theme and names.bare(theme) not in own else None
        placed |= {names.bare(rules[place].label): _back(one, labels)} if place is not None else {}
    return placed | made


def _back(one: Entry, labels: dict[str, str]) -> Back:
    department = str(one.values.get("department", ""))
    label = labels.get(department, department)
    answer = " ".join(str(one.values.get("answer", "")).split())
    if answer and one.state in (ANSWERED, CLOSED):
        short = answer if len(answer) <= LONGEST_ANSWER else answer[: LONGEST_ANSWER - 1].rstrip() + "…"
        return Back(one.id, label, short, False)
    if one.state in (ANSWERED, CLOSED):
        when = _day(one, "answered_on")
        return Back(one.id, label, f"answered {when.day} {when:%b}" if when else "answered", False)
    return Back(one.id, label, "no answer yet" if one.state == SENT else "not sent yet", True)


# -- age and closure

def read(store: Store, today: date, segment: str = "") -> Feedback:
    """The findings that stand, by department, as they are today; those about a segment when it is named."""
    with store.read() as tx:
        findings = registers.entries(tx, FINDING, where={"segments": segment} if segment else None)
        sessions = registers.entries(tx, SESSION)
    labels = departments() | {"": "No department yet"}
    used = [id for id in labels if any(str(one.values.get("department", "")) == id for one in (*findings, *sessions))]
    made = tuple(_department(id, labels[id], findings, sessions, today) for id in used)
    ages = _ages(findings, today)
    due = [one for one in findings if one.at and one.at <= today - timedelta(RECENT_DAYS)]
    return Feedback(made, len(findings), len(ages), median(ages) if ages else None, sum(_in_time(one) for one in due), len(due))


def _department(id: str, label: str, findings: Sequence[Entry], sessions: Sequence[Entry], today: date) -> Department:
    own = [one for one in findings if str(one.values.get("department", "")) == id]
    met = [one for one in sessions if str(one.values.get("department", "")) == id]
    ages = _ages(own, today)
    counts = [sum(one.state == state for one in own) for state in (OPEN, SENT, ANSWERED, CLOSED)]
    recent = [one for one in met if one.at and today - timedelta(RECENT_DAYS) < one.at <= today]
    held = [one.at for one in met if one.state == HELD and one.at and one.at <= today]
    return Department(id, label, *counts, median(ages) if ages else None, sum(one.state == HELD for one in recent),
                      sum(one.state == MISSED for one in recent), max(held, default=None))


def _ages(findings: Sequence[Entry], today: date) -> list[int]:
    return [(today - one.at).days for one in findings if one.state != CLOSED and one.at]


def _in_time(one: Entry) -> bool:
    """Whether the customer was told within RECENT_DAYS of the finding."""
    told = _day(one, "told_on")
    return bool(one.state == CLOSED and told and one.at and told <= one.at + timedelta(RECENT_DAYS))


def sentence(found: Feedback) -> tuple[str, str]:
    """(the news, the rest) of findings: how many wait, how old they are, how many were closed in time."""
    if not found.findings:
        return "No finding is written down yet.", ""
    if not found.unclosed:
        return f"All {found.findings:,} findings are closed.", ""
    one = found.unclosed == 1
    rest = (f"It is {found.age:.0f} days old." if one else f"Half of them are older than {found.age:.0f} days.") if found.age is not None else ""
    if found.due:
        rest += f" Of {found.due:,} that are {RECENT_DAYS} days old or older, {found.closed:,} ({found.share:.0%}) were closed in {RECENT_DAYS} days."
    return f"{found.unclosed:,} of {found.findings:,} {'finding' if found.findings == 1 else 'findings'} {'waits' if one else 'wait'} for an end.", rest.strip()
