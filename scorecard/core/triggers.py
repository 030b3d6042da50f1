"""Triggers: in which periods a condition held, when it fired, how far it is now. Each period is judged by what was known of it then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scorecard.core.periods import Period

SIDES = ("above", "below")


@dataclass(frozen=True)
class Condition:
    """A figure is `side` (above or below, strictly) a threshold in so many periods running."""

    side: str
    threshold: float
    running: int = 1

    def holds(self, value: float) -> bool:
        return value > self.threshold if self.side == "above" else value < self.threshold


@dataclass(frozen=True)
class Firing:
    """The condition came true in `fired`, and held without a break until `last`; `values` are those that made it fire, in order of time."""

    fired: Period
    last: Period
    values: tuple[float, ...]


def running(values: Mapping[Period, float], condition: Condition, upto: Period) -> int:
    """In how many periods running, up to this one, the condition held. A missing period breaks the run."""
    count = 0
    while (value := values.get(upto.shift(-count))) is not None and condition.holds(value):
        count += 1
    return count


def firings(known: Mapping[Period, Mapping[Period, float]], condition: Condition, agreed: date = date.min) -> tuple[Firing, ...]:
    """Each time the condition came true, in order of time. `known` maps a period to the figures as they were known of it then.

    While it goes on holding it fires once; it can fire again after a period in which it did not hold, and in the first one that
    ends on the day it was `agreed` or later: what began before anybody watched is new to who watches.
    """
    found: list[Firing] = []
    for period in sorted(known):
        if running(known[period], condition, period) < condition.running:
            continue
        if found and found[-1].last == period.shift(-1) and not found[-1].fired.end < agreed <= period.end:
            found[-1] = Firing(found[-1].fired, period, found[-1].values)
        else:
            values = tuple(known[period][period.shift(-back)] for back in reversed(range(condition.running)))
            found.append(Firing(period, period, values))
    return tuple(found)


def counts(happened: Iterable[Period], first: Period, last: Period) -> dict[Period, float]:
    """How many events each period had, from the first to the last; none is 0."""
    found = {first.shift(n): 0.0 for n in range(last.ordinal - first.ordinal + 1)}
    for period in happened:
        if period in found:
            found[period] += 1
    return found


def since(found: Sequence[Firing], first: Period) -> tuple[Firing, ...]:
    """Those that fired in a period or after it."""
    return tuple(one for one in found if one.fired >= first)
