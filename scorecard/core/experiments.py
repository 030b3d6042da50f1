"""Experiments on two groups: how many are needed, who goes where, what came of it, and what was agreed beforehand.

Size: two proportions, two-sided, unpooled variance, no continuity correction (J. L. Fleiss, *Statistical Methods for Rates
and Proportions*). Interval: R. G. Newcombe, "Interval estimation for the difference between independent proportions",
*Statistics in Medicine* 17 (1998), method 10. Small numbers: R. A. Fisher's exact test, two-sided by probability.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from scorecard.core import looks
from scorecard.core.calibration import Interval
from scorecard.core.intervals import wilson
from scorecard.core.tails import chdtrc, ndtr, ndtri, stdtr, stdtrit
from scorecard.errors import StudyRefused

ALPHA = 0.05
POWER = 0.8
SMALL = 5.0  # Expected number in a cell below which the normal approximation is not used.
MISMATCH = 0.01
FORMULA = ("n = (z(1 − α/2) + z(power))² × (p1(1 − p1) + p2(1 − p2)) ÷ (p2 − p1)², rounded up; "
           "two-sided, unpooled variance, no continuity correction")


# Before

@dataclass(frozen=True)
class Plan:
    """How many each arm needs to notice a change of a share from `base` to `to` with this power; `reached` is the power then."""

    base: float
    to: float
    per_arm: int
    power: float
    alpha: float
    reached: float
    looks: tuple[float, ...] = ()
    bounds: tuple[float, ...] = ()


def plan(base: float, to: float, power: float = POWER, alpha: float = ALPHA, at: Sequence[float] = ()) -> Plan:
    """The size of an experiment; with looks `at` shares of it, as much larger as the looks cost."""
    _check_shares(base, to, power, alpha)
    exact = (ndtri(1 - alpha / 2) + ndtri(power)) ** 2 * (base * (1 - base) + to * (1 - to)) / (to - base) ** 2
    bounds: tuple[float, ...] = ()
    if at:
        bounds = tuple(looks.boundaries(at, alpha))
        exact *= looks.inflation(at, alpha, power)
    per_arm = math.ceil(exact - 1e-9)
    reached = looks.power(at, bounds, _drift(base, to, per_arm)) if at else power_of(base, to, per_arm, alpha)
    return Plan(base, to, per_arm, power, alpha, reached, tuple(at), bounds)


def _check_shares(base: float, to: float, power: float, alpha: float) -> None:
    if not (0 < base < 1 and 0 < to < 1):
        raise StudyRefused(f"Shares lie between 0 and 1; found {base:g} and {to:g}. Write 85% as 0.85.")
    if base == to:
        raise StudyRefused(f"{base:g} and {to:g} are the same: there is nothing to notice. State the smallest change worth having.")
    if not (0 < alpha < 0.5 and alpha < power < 1):
        raise StudyRefused(f"Power {power:g} and alpha {alpha:g} do not go together; 0.8 and 0.05 are usual.")


def _drift(base: float, to: float, per_arm: float) -> float:
    return abs(to - base) * math.sqrt(per_arm / (base * (1 - base) + to * (1 - to)))


def power_of(base: float, to: float, per_arm: float, alpha: float = ALPHA) -> float:
    """The chance (0 to 1) that this many in each arm show a change from `base` to `to`."""
    return float(ndtr(_drift(base, to, per_arm) - ndtri(1 - alpha / 2)))


def smallest_change(base: float, per_arm: float, power: float = POWER, alpha: float = ALPHA) -> tuple[float | None, float | None]:
    """The nearest shares below and above `base` that this many in each arm would notice; None where not even 0% or 100% would do."""
    if per_arm <= 0:
        return None, None

    def found(end: float) -> float | None:
        near, far = base, end
        if power_of(base, end, per_arm, alpha) < power:
            return None
        for _ in range(80):
            middle = (near + far) / 2
            near, far = (near, middle) if power_of(base, middle, per_arm, alpha) >= power else (middle, far)
        return far

    return found(0.0), found(1.0)


@dataclass(frozen=True)
class Duration:
    """Periods until enough have come in, at the usual volume, and at a low and a high one (quartiles of the past)."""

    usual: int
    slow: int | None
    fast: int


def duration(needed: int, volumes: Sequence[float]) -> Duration | None:
    """How long `needed` take to come in, from the volume of past periods; None when nothing came in."""
    ordered = sorted(volumes)
    low, middle, high = (_quantile(ordered, q) for q in (0.25, 0.5, 0.75)) if ordered else (0.0, 0.0, 0.0)
    if middle <= 0:
        return None
    return Duration(math.ceil(needed / middle), math.ceil(needed / low) if low > 0 else None, math.ceil(needed / high))


def _quantile(ordered: Sequence[float], q: float) -> float:
    place = q * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


# Who goes where

@dataclass(frozen=True)
class Placed:
    """One unit with its stratum and the arm that chance gave it."""

    unit: str
    stratum: str
    arm: str


def assign(units: Mapping[str, str], seed: str, arms: Sequence[str] = ("a", "b"), already: Iterable[Placed] = ()) -> list[Placed]:
    """Arms for units (unit → stratum), balanced within each stratum to one, in the order of the units' names.

    The same units, seed and arms give the same arms in any order and on any machine. Units in `already` keep theirs, and
    later ones fill up what is behind.
    """
    if len(arms) < 2 or len(set(arms)) != len(arms):
        raise StudyRefused(f"An experiment has at least two arms with different names; found {', '.join(arms) or 'none'}.")
    placed = {one.unit: one for one in already}
    counts = Counter((one.stratum, one.arm) for one in placed.values())
    totals = Counter(one.arm for one in placed.values())
    for unit in sorted(units.keys() - placed.keys(), key=lambda name: (units[name], _draw(seed, "order", units[name], name))):
        stratum = units[unit]
        arm = min(arms, key=lambda one: (counts[stratum, one], totals[one], _draw(seed, "tie", unit, one)))
        counts[stratum, arm] += 1
        totals[arm] += 1
        placed[unit] = Placed(unit, stratum, arm)
    return [placed[unit] for unit in sorted(placed)]


def _draw(seed: str, *parts: str) -> str:
    """A number that the seed and the parts fix, and that nobody can foresee without the seed."""
    return hashlib.sha256(json.dumps([seed, *parts], ensure_ascii=False).encode()).hexdigest()


# After

@dataclass(frozen=True)
class Arm:
    """How many of how many."""

    hits: int
    n: int

    @property
    def share(self) -> float:
        return self.hits / self.n


@dataclass(frozen=True)
class Reading:
    """The difference b − a in shares with its 95% Newcombe interval, p and how it was computed; `mismatch` is p of the sizes."""

    a: Arm
    b: Arm
    difference: float
    lower: float
    upper: float
    z: float
    p: float
    method: str
    mismatch: float
    mismatched: bool


def read(a: Arm, b: Arm, planned: tuple[float, float] = (1, 1)) -> Reading:
    """What two arms say of each other; `planned` is the intended ratio of their sizes."""
    for name, arm in (("a", a), ("b", b)):
        if arm.n <= 0 or not 0 <= arm.hits <= arm.n:
            raise StudyRefused(f"Arm {name}: {arm.hits} of {arm.n} is no share. Write the number with the outcome and the number in the arm, 425/500.")
    z = _z(a, b)
    small = _least_expected(a, b) < SMALL
    p = fisher(a, b) if small else float(2 * ndtr(-abs(z)))
    mismatch = sample_ratio((a.n, b.n), planned)
    lower, upper = newcombe(a, b)
    return Reading(a, b, b.share - a.share, lower, upper, z, p, "Fisher's exact test" if small else "two-proportion z",
                   mismatch, mismatch < MISMATCH)


def newcombe(a: Arm, b: Arm) -> tuple[float, float]:
    """The 95% interval of the difference b − a, from the Wilson intervals of both shares."""
    (low_a, high_a), (low_b, high_b) = wilson(a.hits, a.n), wilson(b.hits, b.n)
    difference = b.share - a.share
    return (difference - math.hypot(b.share - low_b, high_a - a.share), difference + math.hypot(high_b - b.share, a.share - low_a))


def _z(a: Arm, b: Arm) -> float:
    pooled = (a.hits + b.hits) / (a.n + b.n)
    error = math.sqrt(pooled * (1 - pooled) * (1 / a.n + 1 / b.n))
    return (b.share - a.share) / error if error else 0.0


def _least_expected(a: Arm, b: Arm) -> float:
    hits = a.hits + b.hits
    return min(a.n, b.n) * min(hits, a.n + b.n - hits) / (a.n + b.n)


def fisher(a: Arm, b: Arm) -> float:
    """The two-sided p of Fisher's exact test: all tables with these margins that are no more likely than the one seen."""
    hits = a.hits + b.hits
    ways = {k: _log_choose(a.n, k) + _log_choose(b.n, hits - k) for k in range(max(0, hits - b.n), min(a.n, hits) + 1)}
    most = max(ways.values())
    chances = {k: math.exp(way - most) for k, way in ways.items()}
    seen = chances[a.hits] * (1 + 1e-7)
    return min(1.0, sum(chance for chance in chances.values() if chance <= seen) / sum(chances.values()))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def sample_ratio(sizes: Sequence[int], planned: Sequence[float]) -> float:
    """p of the sizes of the arms against the ratio intended (chi-square); small when units went missing on one side."""
    whole, parts = sum(sizes), sum(planned)
    statistic = sum((n - whole * part / parts) ** 2 / (whole * part / parts) for n, part in zip(sizes, planned))
    return float(chdtrc(len(sizes) - 1, statistic))


@dataclass(frozen=True)
class Sample:
    """A mean with its standard deviation over n units."""

    mean: float
    deviation: float
    n: int


def mean_difference(a: Sample, b: Sample) -> Interval:
    """The difference b − a of two means with its 95% interval (B. L. Welch, *Biometrika* 34, 1947)."""
    if min(a.n, b.n) < 2:
        raise StudyRefused("A mean needs at least two units in each arm.")
    parts = a.deviation**2 / a.n, b.deviation**2 / b.n
    error = math.sqrt(sum(parts))
    if not error:
        return Interval(b.mean - a.mean, b.mean - a.mean, b.mean - a.mean)
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (a.n - 1) + parts[1] ** 2 / (b.n - 1))
    half = float(stdtrit(freedom, 0.975)) * error
    return Interval(b.mean - a.mean, b.mean - a.mean - half, b.mean - a.mean + half)


def mean_p(a: Sample, b: Sample) -> float:
    """p of Welch's test of two means."""
    parts = a.deviation**2 / a.n, b.deviation**2 / b.n
    error = math.sqrt(sum(parts))
    if not error:
        return 1.0 if a.mean == b.mean else 0.0
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (a.n - 1) + parts[1] ** 2 / (b.n - 1))
    return float(2 * stdtr(freedom, -abs(b.mean - a.mean) / error))


# What was agreed

@dataclass(frozen=True)
class Guardrail:
    """A measure that must not get worse: which way is better, and how much worse (in its own unit) would still be borne."""

    name: str
    better: str  # "up" or "down"
    margin: float = 0.0


@dataclass(frozen=True)
class Rule:
    """The decision rule, written before the start: the metric, which way, the least lift, guardrails, size and looks.

    `looks` are the shares of the size at which it may be read; only 1 is a fixed horizon.
    """

    metric: str
    better: str
    per_arm: int
    least: float = 0.0
    guardrails: tuple[Guardrail, ...] = ()
    looks: tuple[float, ...] = (1.0,)
    alpha: float = ALPHA
    planned: tuple[float, float] = (1, 1)


def fingerprint(rule: Rule) -> str:
    """The SHA-256 of the rule as it stands: recorded at the start, compared at the end."""
    return hashlib.sha256(json.dumps(asdict(rule), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def rule_in_words(rule: Rule) -> str:
    """The rule as one sentence: `Adopt b if renewal is up, its interval above 0, and no guardrail moves; read once, at 683 an arm.`"""
    side = "above" if rule.better == "up" else "below"
    least = f" by at least {_points(rule.least)}" if rule.least else ""
    guards = f" and no guardrail moves ({', '.join(one.name for one in rule.guardrails)})" if rule.guardrails else ""
    when = (f"read once, at {rule.per_arm:,} an arm" if rule.looks == (1.0,) else
            f"read at {', '.join(f'{share:.0%}' for share in rule.looks)} of {rule.per_arm:,} an arm, O'Brien-Fleming boundary")
    return f"Adopt b if {rule.metric} is {rule.better}{least}, its interval {side} 0{guards}; {when}."


def _points(share: float) -> str:
    return f"{abs(share) * 100:.1f} points"


def moved(guardrail: Guardrail, seen: Interval) -> str:
    """`worse` when the interval lies beyond the margin on the bad side, `held` when it keeps clear of it, else `cannot say`."""
    worst, best = (seen.lower, seen.upper) if guardrail.better == "up" else (-seen.upper, -seen.lower)
    if best < -guardrail.margin:
        return "worse"
    return "held" if worst >= -guardrail.margin or (not guardrail.margin and worst < 0 <= best) else "cannot say"


DECISIONS = {
    "adopt": "Adopt", "keep": "Keep what is", "go_on": "Go on", "no_evidence": "No evidence", "broken": "Cannot be read",
}


@dataclass(frozen=True)
class Decision:
    """What the rule says now (a key of DECISIONS) and why; `boundary` is the z that has to be passed at this look."""

    verdict: str
    sentence: str
    boundary: float | None = None


def decide(rule: Rule, seen: Reading, guardrails: Mapping[str, Interval], looked: Sequence[float] = ()) -> Decision:
    """What the rule says of a reading; `looked` are the shares of the size at which it was read before.

    Before its moment a fixed horizon gives no answer, whatever the figures; a look in between has to pass its boundary.
    """
    if seen.mismatched:
        return Decision("broken", f"The arms are not the sizes that were drawn ({seen.a.n:,} and {seen.b.n:,}, p = {seen.mismatch:.2g}): units "
                                  "went missing on one side, and the figures cannot be compared. Find out why first.")
    share = min(1.0, min(seen.a.n, seen.b.n) / rule.per_arm)
    fixed = rule.looks == (1.0,)
    if share < 1 and (fixed or share < min(rule.looks) - 1e-9):
        return Decision("go_on", f"{min(seen.a.n, seen.b.n):,} of {rule.per_arm:,} in the smaller arm: it is read "
                                 f"{'once, at the end' if fixed else f'first at {min(rule.looks):.0%}'}, as agreed. A look before that decides nothing.")
    bound = looks.boundaries([*(one for one in looked if one < share - 1e-9), share], rule.alpha)[-1]
    return _decided(rule, seen, guardrails, share, bound)


def _decided(rule: Rule, seen: Reading, guardrails: Mapping[str, Interval], share: float, bound: float) -> Decision:
    sign = 1 if rule.better == "up" else -1
    passed = abs(seen.z) >= bound if share < 1 or len(rule.looks) > 1 else seen.p < rule.alpha
    if not passed or seen.lower <= 0 <= seen.upper:  # In small arms p may be below and the interval still hold 0.
        if share < 1:
            return Decision("go_on", f"At {share:.0%} of the size z is {abs(seen.z):.2f}; {bound:.2f} is needed to stop here. Go on.", bound)
        return Decision("no_evidence", f"{told(seen)} The rule is not met: keep what is.", bound)
    if seen.difference * sign < 0:
        return Decision("keep", f"{told(seen)} It went the wrong way: keep what is.", bound)
    if seen.difference * sign < rule.least:
        return Decision("keep", f"{told(seen)} Less than the {_points(rule.least)} agreed: keep what is.", bound)
    return _guarded(rule, seen, guardrails, bound)


def _guarded(rule: Rule, seen: Reading, guardrails: Mapping[str, Interval], bound: float) -> Decision:
    missing = [one.name for one in rule.guardrails if one.name not in guardrails]
    if missing:
        return Decision("go_on", f"{told(seen)} Guardrail without figures: {', '.join(missing)}. Read it before deciding.", bound)
    states = {one.name: moved(one, guardrails[one.name]) for one in rule.guardrails}
    worse = [name for name, state in states.items() if state == "worse"]
    unsure = [name for name, state in states.items() if state == "cannot say"]
    if worse:
        return Decision("keep", f"{told(seen)} But a guardrail moved: {', '.join(worse)}. Keep what is.", bound)
    if unsure:
        return Decision("go_on", f"{told(seen)} Whether a guardrail held cannot be said yet: {', '.join(unsure)}.", bound)
    return Decision("adopt", f"{told(seen)} The rule set beforehand is met: adopt.", bound)


def told(seen: Reading) -> str:
    """The reading as one sentence, with both shares, their counts, the difference and how sure it is."""
    what = f"{seen.b.share:.1%} ({seen.b.hits:,} of {seen.b.n:,}) against {seen.a.share:.1%} ({seen.a.hits:,} of {seen.a.n:,})"
    p = "p < 0.001" if seen.p < 0.001 else f"p = {seen.p:.3f}"
    span = f"{_signed(seen.difference)} points ({_signed(seen.lower)} to {_signed(seen.upper)}; {p})"
    if seen.lower <= 0 <= seen.upper or seen.p >= ALPHA:
        return f"No evidence of a difference: {what}, {span}."
    return f"b is {'higher' if seen.difference > 0 else 'lower'}: {what}, {span}."


def _signed(share: float) -> str:
    return f"{share * 100:+.1f}".replace("-", "−")
