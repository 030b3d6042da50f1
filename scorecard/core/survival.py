"""Times to an event when some have not had it yet: the Kaplan-Meier curve and its median."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

HALF = 0.5


@dataclass(frozen=True)
class Survival:
    """The median time (None when half have not reached it), how many reached the event, how many there are."""

    median: float | None
    reached: int
    n: int


def kaplan_meier(times: Iterable[tuple[float, bool, int]]) -> Survival:
    """The median of (time, event reached, count): the first time at which half or fewer are still without the event.

    Who is not there yet leaves the risk set after the events of the same time (Kaplan and Meier 1958).
    """
    known = list(times)
    return Survival(passed_by(known, HALF), sum(count for _, reached, count in known if reached), sum(count for _, _, count in known))


def passed_by(times: Iterable[tuple[float, bool, int]], still: float) -> float | None:
    """The first time at which a share `still` (0 to 1) or less is without the event; None where it is never so few."""
    events: Counter[float] = Counter()
    left: Counter[float] = Counter()
    for time, reached, count in times:
        (events if reached else left)[time] += count
    at_risk, share = events.total() + left.total(), 1.0
    for time in sorted({*events, *left}):
        if events[time]:
            share *= 1 - events[time] / at_risk
            if share <= still + 1e-12:
                return float(time)
        at_risk -= events[time] + left[time]
    return None
