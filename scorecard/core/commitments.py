"""What two sides committed to: how much each kept of what was due, and whether one side alone keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from scorecard.core.ledger import HEALTHY

LEAST_DUE = 6  # commitments of both sides that were due, before anything is read from them
BAND = HEALTHY
KEPT, MISSED, PLANNED = "kept", "missed", "planned"


@dataclass(frozen=True)
class Side:
    """One side's commitments: kept, missed, still planned, and those of the planned whose day has passed."""

    kept: int = 0
    missed: int = 0
    planned: int = 0
    unsaid: int = 0

    @property
    def due(self) -> int:
        """How many were due: kept or missed. One that nobody spoke about is counted by nobody's side."""
        return self.kept + self.missed

    def __add__(self, other: Side) -> Side:
        return Side(self.kept + other.kept, self.missed + other.missed, self.planned + other.planned, self.unsaid + other.unsaid)


def side(commitments: Iterable[tuple[str, date]], today: date) -> Side:
    """The counts of (state, day due)."""
    found = list(commitments)
    states = [state for state, _ in found]
    unsaid = sum(state == PLANNED and due < today for state, due in found)
    return Side(states.count(KEPT), states.count(MISSED), states.count(PLANNED), unsaid)


def balance(ours: Side, theirs: Side) -> float | None:
    """Our share (0 to 1) of all that was kept; None before six were due, and when nobody kept anything."""
    kept = ours.kept + theirs.kept
    if ours.due + theirs.due < LEAST_DUE or not kept:
        return None
    return ours.kept / kept


def is_one_sided(share: float | None) -> bool:
    """Whether a share lies outside the band of 40 to 60."""
    return share is not None and not BAND[0] - 1e-9 <= share <= BAND[1] + 1e-9
