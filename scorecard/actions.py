"""Actions: who does what until when, the measure it should move, by how much, and when it is first read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from scorecard.core.periods import Period

KINDS = {
    "process": "Change how the work is done",
    "tool": "New form, checklist or tool",
    "cause": "Fix one cause",
    "effort": "Check, remind, ask for effort",
    "training": "Train or coach",
}
STATES = {"not_started": "not started", "in_progress": "in progress", "done": "done", "dropped": "dropped"}


@dataclass(frozen=True)
class Action:
    """One action. `owner` is a person's id. `effect` is the expected change in the unit of the measure (a share as a
    fraction), None when nobody stated it; `effect_by` the day by which it is expected; `first_reading` the period whose
    figure is read first. `started` is the day the work changed: the verdict reads the periods after it.
    `origin` names where it was written ("review:customer-success:2026-10", "measure:csat", ""), `origin_words` for people.
    """

    id: str
    title: str
    kind: str
    owner: str
    owner_name: str
    due: date
    measure: str
    segment: str
    effect: float | None
    effect_by: date | None
    first_reading: Period | None
    state: str
    started: date | None
    ended: date | None
    origin: str
    origin_words: str
    made_by: str
    made_at: datetime
    changed_by: str
    changed_at: datetime
    version: int

    @property
    def open(self) -> bool:
        """Whether there is still something to do."""
        return self.state in ("not_started", "in_progress")

    def days_late(self, today: date) -> int:
        """Days since the due date of an open action; 0 when it is not late."""
        return max(0, (today - self.due).days) if self.open else 0


@dataclass(frozen=True)
class Comment:
    """What somebody said beside an object ("action:<id>", "review:<scorecard>:<period>:<item>")."""

    id: str
    object: str
    text: str
    author: str
    recorded_at: datetime
    withdrawn_at: datetime | None
