"""Hand-offs between departments: first-pass yield and delay by period, and which hand-off is worse than the others beyond chance.

A hand-off is answered when the receiver took it or sent it back; it is defective when it was ever sent back, complete when all that
was missing is there. What waits for an answer counts in no share: it is counted beside it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist, median

from scorecard.core import intervals, names, spc
from scorecard.core.intervals import Share
from scorecard.core.periods import Period, containing, from_ordinal
from scorecard.core.spc import Chart, Figure, Options

LEVEL = 0.05
LEAST_TYPICAL = 5  # hand-offs in the typical period of a chart; fewer are charted by quarter, and fewer still not at all
MOST_EXACT = 4_000  # above, dealing out every case takes longer than the answer is worth, and the normal curve says the same
GRAINS = ("month", "quarter")
Value = tuple[float, float | None, float | None]  # value, numerator, denominator


@dataclass(frozen=True)
class HandOff:
    """One hand-over. `done_on` is the day on which it was complete with the receiver, None while it is not, or when nobody wrote it."""

    id: str
    contract: str
    account: str
    sent_on: date
    answered: bool
    defective: bool
    open: bool
    done_on: date | None
    missing: tuple[str, ...] = ()
    words: str = ""

    @property
    def days(self) -> int | None:
        """Days from being sent to being complete; a day before the first is a slip of the pen, and no delay."""
        return max(0, (self.done_on - self.sent_on).days) if self.done_on else None

    def waits(self, today: date) -> int | None:
        """Days since it was sent, of one that is not complete yet."""
        return (today - self.sent_on).days if self.open and self.sent_on <= today else None


def share(found: Iterable[HandOff]) -> Share:
    """How many of the answered ones were defective."""
    answered = [one.defective for one in found if one.answered]
    return Share(sum(answered), len(answered))


def first_pass(found: Iterable[HandOff], last: Period, grain: str = "month") -> dict[Period, Value]:
    """(yield, accepted at first submission, answered) of those sent in each period up to the `last` one, by the grain."""
    return {period: (1 - one.hits / one.n, float(one.n - one.hits), float(one.n)) for period, one in _by_period(found, last, grain).items()}


def defective(found: Iterable[HandOff], last: Period, grain: str = "month") -> dict[Period, Value]:
    """(share defective, defective, answered) of those sent in each period up to the `last` one."""
    return {period: (one.hits / one.n, float(one.hits), float(one.n)) for period, one in _by_period(found, last, grain).items()}


def _by_period(found: Iterable[HandOff], last: Period, grain: str) -> dict[Period, Share]:
    total, hits, until = Counter(), Counter(), last.end
    for one in found:
        if one.answered and one.sent_on <= until:
            at = _ordinal(one.sent_on, grain)
            total[at] += 1
            hits[at] += one.defective
    return {from_ordinal(at, grain): Share(hits[at], n) for at, n in sorted(total.items())}


def _ordinal(on: date, grain: str) -> int:
    """The `Period.ordinal` of the month or quarter of a day: counting tens of thousands by it is far cheaper than by periods."""
    return on.year * 12 + on.month - 1 if grain == "month" else on.year * 4 + (on.month - 1) // 3


def delays(found: Iterable[HandOff], last: Period, grain: str = "month") -> dict[Period, Value]:
    """(mean days, days in all, completed) of those completed in each period up to the `last` one.

    By the day of completion, so that no month changes later; a mean, since medians of a few whole days move in steps.
    """
    days, done, until = Counter(), Counter(), last.end
    for one in found:
        if one.done_on is not None and one.done_on <= until:
            at = _ordinal(one.done_on, grain)
            days[at] += one.days
            done[at] += 1
    return {from_ordinal(at, grain): (days[at] / n, float(days[at]), float(n)) for at, n in sorted(done.items())}


# -- charts


def grain_of(periods: Mapping[str, Mapping[Period, float]]) -> str | None:
    """The finest grain whose typical period has LEAST_TYPICAL cases, by the number of cases of each; None when none has."""
    return next((grain for grain in GRAINS if _typical(periods.get(grain, {})) >= LEAST_TYPICAL), None)


def _typical(counts: Mapping[Period, float]) -> float:
    if not counts:
        return 0.0
    axis = range(min(counts).ordinal, max(counts).ordinal + 1)
    known = {period.ordinal: n for period, n in counts.items()}
    return float(median(known.get(at, 0.0) for at in axis))


def defect_chart(found: Sequence[HandOff], until: date) -> Chart | None:
    """The p chart of the defective share, by month or, where they are few, by quarter; None where a quarter has too few too.

    Limits follow the number of each period, so that a month with few hand-offs is not judged like one with many. `until` ends the
    last whole period.
    """
    return share_chart({grain: defective(found, whole(until, grain), grain) for grain in GRAINS}, "decrease")


def share_chart(counted: Mapping[str, Mapping[Period, Value]], direction: str) -> Chart | None:
    """The p chart of (share, hits, cases) by period, at the finest grain that has enough cases."""
    grain = grain_of({name: {period: float(one[2] or 0) for period, one in values.items()} for name, values in counted.items()})
    if grain is None:
        return None
    return spc.read_series([Figure(period, *value) for period, value in counted[grain].items()], Options(type="p", direction=direction, bounds=(0.0, 1.0)))


def delay_chart(found: Sequence[HandOff], until: date) -> Chart | None:
    """The XmR chart of the mean days until they are complete, by the same rule of the grain."""
    counted = {grain: delays(found, whole(until, grain), grain) for grain in GRAINS}
    grain = grain_of({name: {period: one[2] for period, one in values.items()} for name, values in counted.items()})
    if grain is None:
        return None
    return spc.read_series([Figure(period, one[0]) for period, one in counted[grain].items()], Options(direction="decrease", bounds=(0.0, None)))


def whole(until: date, grain: str) -> Period:
    """The last period of a grain that ends by a day."""
    now = containing(until, grain)
    return now if now.end <= until else now.shift(-1)


# -- which is worse, and what is missing


def worst(shares: Mapping[str, Share]) -> tuple[str, bool] | None:
    """(hand-off, whether beyond chance): the largest share that is worse than all the others together, else the largest; None where nothing came back.

    Fisher's exact test at 5% over all of them: with k to choose from, each is tried at 1 − 0.95^(1/k) (Šidák 1967).
    """
    known = {id: one for id, one in shares.items() if one.n and one.hits}
    if not known:
        return None
    tried = [one for one in shares.values() if one.n]
    beyond = {id: one for id, one in known.items() if _worse(one, tried)}
    chosen = beyond or known  # One of one is the largest share, and hides no hand-off that is worse beyond chance.
    return max(chosen, key=lambda name: (chosen[name].value, chosen[name].n, name)), bool(beyond)


def _worse(one: Share, tried: Sequence[Share]) -> bool:
    """Whether a share is larger than that of all the others together, beyond chance."""
    rest = Share(sum(each.hits for each in tried) - one.hits, sum(each.n for each in tried) - one.n)
    return rest.n > 0 and one.value > rest.value and chance(one, rest) < 1 - (1 - LEVEL) ** (1 / len(tried))


def chance(one: Share, other: Share) -> float:
    """How often (0 to 1) two shares lie at least so far apart by chance alone: exact, and by the normal curve for many cases."""
    if one.n + other.n <= MOST_EXACT:
        return intervals.gap_by_chance(one.hits, one.n, other.hits, other.n)
    pooled = (one.hits + other.hits) / (one.n + other.n)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / one.n + 1 / other.n))
    return 2 * (1 - NormalDist().cdf(abs(one.value - other.value) / spread)) if spread else 1.0


def most_missing(found: Iterable[HandOff], fields: Sequence[str] = ()) -> list[tuple[str, int]]:
    """(field, in how many) of the fields that were missing, the most frequent first; in the words of the contract where it has them."""
    words = {key_of(name): name for name in fields}
    counted: Counter[str] = Counter()
    for one in found:
        for field in {key_of(text): text for text in one.missing}.items():
            words.setdefault(*field)
            counted[field[0]] += 1
    return [(words[key], n) for key, n in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))]


def key_of(field: str) -> str:
    """What two spellings of a field have in common."""
    return " ".join(names.bare(field).split())


def fields_of(text: str) -> tuple[str, ...]:
    """The missing fields of one text, one a line or with | or ; between them."""
    parts = text.replace("|", "\n").replace(";", "\n").splitlines()
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
