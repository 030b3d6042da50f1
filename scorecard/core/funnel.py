"""Figures of people in their statistical context: each against the whole team, never against one another.

Limits: Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics in Medicine 24 (2005) 1185-1202:
binomial (Poisson) quantiles around the pooled rate, interpolated between counts (appendix A.1.1); over-dispersion phi from
Winsorised z-scores (section 6), tau² by its method of moments. Intervals: Wilson 1927. Analysis of means: Nelson, Wludyka
and Copeland, "The Analysis of Means" (2005), with h by Šidák's inequality. The order is alphabetical everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from scorecard.core import names
from scorecard.core.definition import WORTH_NOTICING
from scorecard.core.intervals import Z95, wilson
from scorecard.core.reading import Sentence, count_word
from scorecard.core.tails import bdtr, ndtri, pdtr
from scorecard.errors import StudyRefused

SHARE, RATE = "share", "rate"
KINDS = {SHARE: "binomial", RATE: "Poisson"}
TAIL_95, TAIL_998 = 0.025, 0.001
POWER = 0.8
ANOM_LEVEL = 0.05
WINSORISED = 0.1
WIDENED_ABOVE = 10
LEAST_GROUPS, LEAST_EACH = 5, 20
# A difference is found to a millionth of its range; limits are asked again with every run of a page.
HALVINGS, KEPT = 20, 4096
METHOD = "exact {} limits around the pooled rate, interpolated between counts (Spiegelhalter 2005)"
DIFFERS, WITHIN, TOO_FEW = "differs beyond chance", "within chance", "too few accounts to tell"
VERDICTS = (DIFFERS, WITHIN, TOO_FEW)
Pair = tuple[float, float]


@dataclass(frozen=True)
class Count:
    """What one group came to: `numerator` of `denominator` cases, or events in that much exposure."""

    group: str
    numerator: float
    denominator: float


@dataclass(frozen=True)
class Line:
    """One group against the team; rates are fractions, None without cases.

    `smallest_noticeable` is the smallest difference from the pooled rate, up or down where the scale leaves room, that
    would fall outside the 99.8% limits 80% of the time; None when there is none.
    """

    group: str
    numerator: float
    n: float
    rate: float | None
    wilson: Pair | None
    limits_95: Pair | None
    limits_998: Pair | None
    anom: Pair | None
    outside_95: bool
    outside_998: bool
    smallest_noticeable: float | None
    verdict: str


@dataclass(frozen=True)
class Dispersion:
    """How much the groups differ beyond counting: `phi` 1 is chance alone, None without room to vary.

    `tau2` is the variance between groups. Both are Winsorised, `plain` is phi without; `factor` widens the limits.
    """

    phi: float | None
    tau2: float | None
    plain: float | None
    factor: float = 1.0


@dataclass(frozen=True)
class Funnel:
    """All groups in alphabetical order around their pooled rate. `chance_95` is how often chance alone puts at least one
    outside the 95% limits (0 to 1), `chance_998` the same for 99.8%; `enough` is whether they can be compared at all."""

    kind: str
    numerator: float
    denominator: float
    pooled: float
    lines: tuple[Line, ...]
    dispersion: Dispersion
    h: float | None
    chance_95: float
    chance_998: float
    worth_noticing: float
    enough: bool

    @property
    def differing(self) -> tuple[Line, ...]:
        return tuple(one for one in self.lines if one.verdict == DIFFERS)

    @property
    def too_few(self) -> tuple[Line, ...]:
        return tuple(one for one in self.lines if one.verdict == TOO_FEW)


# -- the whole

def funnel(counts: Iterable[Count], kind: str = SHARE, worth_noticing: float = WORTH_NOTICING) -> Funnel:
    """The groups around their pooled rate; rows of one group are added up. Raises StudyRefused with what is wrong."""
    groups = _pooled_by_group(counts, kind)
    top, bottom = sum(one.numerator for one in groups), sum(one.denominator for one in groups)
    if not bottom:
        raise StudyRefused("There is nothing to compare: no group has a denominator above 0.")
    pooled = top / bottom
    found = dispersion(groups, pooled, kind)
    h = sidak_h(len(groups)) if len(groups) > 1 else None
    lines = tuple(_line(one, pooled, bottom, kind, found.factor, h, worth_noticing) for one in groups)
    chances = [_chance(lines, pooled, kind, name) for name in ("limits_95", "limits_998")]
    return Funnel(kind, top, bottom, pooled, lines, found, h, *chances, worth_noticing, enough(one.denominator for one in groups))


def enough(denominators: Iterable[float]) -> bool:
    """Whether at least 5 groups have at least 20 cases each; else only the whole is read."""
    return sum(n >= LEAST_EACH for n in denominators) >= LEAST_GROUPS


def _pooled_by_group(counts: Iterable[Count], kind: str) -> list[Count]:
    sums: dict[str, list[float]] = {}
    for one in counts:
        _check(one, kind)
        pair = sums.setdefault(one.group, [0.0, 0.0])
        pair[0] += one.numerator
        pair[1] += one.denominator
    return [Count(group, *sums[group]) for group in sorted(sums, key=names.order)]


def _check(one: Count, kind: str) -> None:
    top, bottom = one.numerator, one.denominator
    if not (math.isfinite(top) and math.isfinite(bottom)) or top < 0 or bottom < 0:
        raise StudyRefused(f"{one.group}: {top:g} of {bottom:g} is no count. Write numbers from 0 up.")
    if top != round(top) or (kind == SHARE and bottom != round(bottom)):
        raise StudyRefused(f"{one.group}: {top:g} of {bottom:g} are no whole numbers. A funnel counts cases, never money or hours.")
    if kind == SHARE and top > bottom:
        raise StudyRefused(f"{one.group}: {top:g} is more than {bottom:g}. Events per exposure are a rate: say so, and the limits are Poisson's.")


def _line(one: Count, pooled: float, total: float, kind: str, factor: float, h: float | None, worth: float) -> Line:
    n = one.denominator
    if not n:
        return Line(one.group, one.numerator, n, None, None, None, None, None, False, False, None, TOO_FEW)
    rate = one.numerator / n
    near, far = limits(pooled, n, TAIL_95, kind, factor), limits(pooled, n, TAIL_998, kind, factor)
    seen = smallest_noticeable(pooled, n, far, kind)
    out_near, out_far = _outside(rate, near), _outside(rate, far)
    verdict = DIFFERS if out_far else TOO_FEW if seen is None or seen > worth + 1e-12 or n < LEAST_EACH else WITHIN
    interval = wilson(one.numerator, n) if kind == SHARE else exact_rate(one.numerator, n)
    means = anom_limits(pooled, n, total, h, kind) if h else None
    return Line(one.group, one.numerator, n, rate, interval, near, far, means, out_near, out_far, seen, verdict)


def _outside(rate: float, ends: Pair) -> bool:
    return rate < ends[0] or rate > ends[1]


# -- limits

@lru_cache(maxsize=KEPT)
def limits(pooled: float, n: float, tail: float, kind: str = SHARE, factor: float = 1.0) -> Pair:
    """The limits of a rate over n cases, `tail` of chance on each side; `factor` widens them around the pooled rate.

    Where even 0 (or all) of n is no rarer than the tail there is no limit on that side: the natural bound stands.
    """
    if pooled in (0.0, 1.0 if kind == SHARE else 0.0):
        return pooled, pooled
    lower, upper = _interpolated(pooled, n, tail, kind), _interpolated(pooled, n, 1 - tail, kind)
    lower, upper = pooled - (pooled - lower) * factor, pooled + (upper - pooled) * factor
    return max(0.0, lower), min(upper, 1.0) if kind == SHARE else upper


def _interpolated(pooled: float, n: float, p: float, kind: str) -> float:
    """The p quantile of a rate: the smallest count r with P(X ≤ r) ≥ p, less the part of its chance that is above p."""
    r = _quantile(pooled, n, p, kind)
    below = _at_most(r - 1, n, pooled, kind)
    at = _at_most(r, n, pooled, kind)
    if p > 0.5 and kind == SHARE and r >= n:
        return 1.0
    return (r - (at - p) / (at - below)) / n if at > below else r / n


def _quantile(pooled: float, n: float, p: float, kind: str) -> int:
    """The smallest count r with P(X ≤ r) ≥ p, by halving."""
    low, high = -1, int(n) if kind == SHARE else _beyond(pooled * n)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _at_most(middle, n, pooled, kind) >= p else (middle, high)
    return high


def _beyond(mean: float) -> int:
    """A count that no Poisson variable of this mean reaches."""
    return math.ceil(mean + 12 * math.sqrt(mean) + 30)


def _at_most(k: float, n: float, rate: float, kind: str) -> float:
    """The chance of at most k."""
    if k < 0:
        return 0.0
    if kind == RATE:
        return float(pdtr(k, rate * n))
    return 1.0 if k >= n else float(bdtr(k, int(n), rate))


def exact_rate(events: float, exposure: float) -> Pair:
    """The 95% interval of a Poisson rate by its score, as Wilson's of a share (Rao 1948)."""
    centre, half = events + Z95**2 / 2, Z95 * math.sqrt(events + Z95**2 / 4)
    return max(0.0, (centre - half) / exposure), (centre + half) / exposure


# -- what would be noticed

@lru_cache(maxsize=KEPT)
def smallest_noticeable(pooled: float, n: float, ends: Pair, kind: str = SHARE) -> float | None:
    """The smallest difference that falls outside these limits 80% of the time, the larger of down and up where both can."""
    room = (pooled, 1 - pooled if kind == SHARE else math.inf)
    found = [_noticed(pooled, n, ends, kind, sign, most) for sign, most in zip((-1, 1), room, strict=True)]
    seen = [one for one in found if one is not None]
    return max(seen) if seen else None


def _noticed(pooled: float, n: float, ends: Pair, kind: str, sign: int, most: float) -> float | None:
    """The smallest difference to one side, by halving; None when even the end of the scale would not be noticed."""
    low, high = 0.0, most if math.isfinite(most) else max(1.0, 10 * pooled)
    if _power(pooled + sign * high, n, ends, kind, sign) < POWER:
        return None
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if _power(pooled + sign * middle, n, ends, kind, sign) >= POWER else (middle, high)
    return high


def _power(rate: float, n: float, ends: Pair, kind: str, sign: int) -> float:
    """The chance that a group of this rate falls outside on its side."""
    if sign < 0:
        return _at_most(math.ceil(ends[0] * n - 1e-9) - 1, n, max(rate, 0.0), kind)
    return 1 - _at_most(math.floor(ends[1] * n + 1e-9), n, min(rate, 1.0) if kind == SHARE else rate, kind)


def _chance(lines: Sequence[Line], pooled: float, kind: str, which: str) -> float:
    """How often chance alone puts at least one group outside these limits."""
    inside = 1.0
    for one in lines:
        if ends := getattr(one, which):
            inside *= 1 - _power(pooled, one.n, ends, kind, -1) - _power(pooled, one.n, ends, kind, 1)
    return 1 - inside


# -- how much groups differ at all

def dispersion(groups: Sequence[Count], pooled: float, kind: str = SHARE) -> Dispersion:
    """phi and tau² of the groups; above 1 with more than ten groups the limits widen by the root of phi."""
    spread = pooled * (1 - pooled) if kind == SHARE else pooled
    cases = [one for one in groups if one.denominator]
    if not spread or len(cases) < 2:
        return Dispersion(None, None, None)
    weights = [one.denominator / spread for one in cases]
    scores = [(one.numerator / one.denominator - pooled) * math.sqrt(weight) for one, weight in zip(cases, weights, strict=True)]
    phi = _mean_square(winsorised(scores))
    count, total = len(cases), sum(weights)
    tau2 = max(0.0, (count * phi - (count - 1)) / (total - sum(weight**2 for weight in weights) / total))
    return Dispersion(phi, tau2, _mean_square(scores), math.sqrt(phi) if phi > 1 and count > WIDENED_ABOVE else 1.0)


def winsorised(scores: Sequence[float], share: float = WINSORISED) -> list[float]:
    """The z-scores in their order, the most extreme tenth on each side set to the next one inside."""
    ordered, cut = sorted(scores), int(share * len(scores))
    low, high = ordered[cut], ordered[len(ordered) - 1 - cut]
    return [min(max(one, low), high) for one in scores]


def _mean_square(scores: Sequence[float]) -> float:
    return sum(one * one for one in scores) / len(scores)


# -- analysis of means

def sidak_h(groups: int, level: float = ANOM_LEVEL) -> float:
    """The critical value of the analysis of means for this many groups, by Šidák, with known variance."""
    return float(ndtri((1 + (1 - level) ** (1 / groups)) / 2))


def anom_limits(pooled: float, n: float, total: float, h: float, kind: str = SHARE) -> Pair:
    """The decision limits of one group of n among `total` cases."""
    spread = pooled * (1 - pooled) if kind == SHARE else pooled
    half = h * math.sqrt(spread * max(0.0, total - n) / (total * n))
    return max(0.0, pooled - half), min(1.0, pooled + half) if kind == SHARE else pooled + half


# -- words

def says(found: Funnel, who: str = "group") -> Sentence:
    """What the funnel says; `who` is a word for one of them that takes a plain s: `CSM`, `group`."""
    few, differing = len(found.too_few), found.differing
    if differing:
        rest = "Ask what is different in the work before asking about the person." if who == "CSM" else "Ask what is different in the work there."
        count = "One" if len(differing) == 1 else count_word(len(differing)).capitalize()
        return Sentence(f"{count} {who}{'s differ' if len(differing) > 1 else ' differs'} from the team beyond chance.", f"{rest}{_few(found, few)}{alone(found)}")
    if few == len(found.lines):
        return Sentence("Too few accounts to tell:", f"a difference of {100 * found.worth_noticing:g} points would not be noticed in any {who}.")
    return Sentence("Nobody differs from the team beyond chance." if who == "CSM" else f"No {who} differs from the whole beyond chance.",
                    f"What differs is in the system.{_few(found, few)}")


def alone(found: Funnel) -> str:
    """That too few groups have enough cases to be compared; "" when they can be."""
    return "" if found.enough else f" Fewer than {count_word(LEAST_GROUPS)} have {LEAST_EACH} cases each: read the whole over time, not its parts."


def _few(found: Funnel, few: int) -> str:
    if not few:
        return ""
    verb = "has" if few == 1 else "have"
    return f" {count_word(few).capitalize()} of {count_word(len(found.lines))} {verb} too few accounts to tell."


def to_json(found: Funnel, who: str = "group") -> dict:
    """The funnel as one object, groups in alphabetical order, rates as fractions."""
    return {
        "method": METHOD.format(KINDS[found.kind]), "pooled": found.pooled, "numerator": _count(found.numerator), "denominator": _count(found.denominator),
        "groups": [_group_json(one) for one in found.lines],
        "dispersion": {"phi": found.dispersion.phi, "tau2": found.dispersion.tau2, "phi_unwinsorised": found.dispersion.plain, "limits_widened_by": found.dispersion.factor},
        "anom": {"h": found.h, "limits": {one.group: list(one.anom) for one in found.lines if one.anom}},
        "chance_outside_95": found.chance_95, "chance_outside_998": found.chance_998, "worth_noticing": found.worth_noticing, "comparable": found.enough,
        "sentence": says(found, who).text,
    }  # fmt: skip


def _count(x: float) -> float:
    return int(x) if x == int(x) else x


def _group_json(one: Line) -> dict:
    pairs = {name: list(ends) if (ends := getattr(one, name)) else None for name in ("wilson", "limits_95", "limits_998")}
    return {"group": one.group, "numerator": _count(one.numerator), "n": _count(one.n), "rate": one.rate, **pairs, "outside_95": one.outside_95, "outside_998": one.outside_998,
            "smallest_noticeable": one.smallest_noticeable, "verdict": one.verdict}
