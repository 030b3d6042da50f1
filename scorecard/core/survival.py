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
    events: Counter[float] = Counter()
    left: Counter[float] = Counter()
    for time, reached, count in times:
        (events if reached else left)[time] += count
    n = at_risk = events.total() + left.total()
    share, median = 1.0, None
    for time in sorted({*events, *left}):
        if events[time]:
            share *= 1 - events[time] / at_risk
            if median is None and share <= HALF + 1e-12:
                median = float(time)
        at_risk -= events[time] + left[time]
    return Survival(median, events.total(), n)
