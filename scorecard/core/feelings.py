"""How customers felt at a touch point, from 1 to 5: the share that felt good with its interval, its chart, the mean beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from scorecard.core import handoffs
from scorecard.core.handoffs import Value
from scorecard.core.intervals import Share
from scorecard.core.periods import Period, containing
from scorecard.core.spc import Chart

SCORES = (1, 2, 3, 4, 5)
GOOD = (4, 5)
LEAST = 5  # answers below which no share is told


@dataclass(frozen=True)
class Feeling:
    """One answer: at which touch point, on which day, which score."""

    touch_point: str
    on: date
    score: int


@dataclass(frozen=True)
class Felt:
    """Answers to one touch point: how many gave each score of SCORES, and the `good` ones (4 and 5) of all, as CSAT counts them."""

    counts: tuple[int, ...]

    @property
    def n(self) -> int:
        return sum(self.counts)

    @property
    def good(self) -> Share:
        return Share(sum(self.counts[score - 1] for score in GOOD), self.n)

    @property
    def mean(self) -> float | None:
        return sum(score * count for score, count in zip(SCORES, self.counts, strict=True)) / self.n if self.n else None

    @property
    def enough(self) -> bool:
        return self.n >= LEAST


def felt(found: Iterable[Feeling]) -> Felt:
    """The answers counted by score."""
    scores = [one.score for one in found]
    return Felt(tuple(scores.count(score) for score in SCORES))


def chart(found: Sequence[Feeling], until: date) -> Chart | None:
    """The p chart of the share that felt good, up to the last whole period; None where a quarter has too few answers."""
    return handoffs.share_chart({grain: _by_period(found, handoffs.whole(until, grain), grain) for grain in handoffs.GRAINS}, "increase")


def _by_period(found: Sequence[Feeling], last: Period, grain: str) -> dict[Period, Value]:
    own: dict[Period, list[Feeling]] = {}
    until = last.end
    for one in found:
        if one.on <= until:
            own.setdefault(containing(one.on, grain), []).append(one)
    shares = {period: felt(some).good for period, some in sorted(own.items())}
    return {period: (one.value, float(one.hits), float(one.n)) for period, one in shares.items()}
