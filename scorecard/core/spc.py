"""Process behaviour charts: limits, baseline states and signals of many series at once.

Sources: D. J. Wheeler, *Understanding Variation* (2nd ed. 2000) and *Making Sense of Data* (2003) for XmR charts and
their constants; D. C. Montgomery, *Introduction to Statistical Quality Control*, chapter 7, for p, u and c charts;
D. B. Laney, "Improved control charts for attributes", *Quality Engineering* 14 (2002) for p′ and u′; J. C. Benneyan,
*Health Care Management Science* 4 (2001) for g; L. S. Nelson, *Journal of Quality Technology* 26 (1994) for t, and 16
(1984) for his eight tests; Western Electric, *Statistical Quality Control Handbook* (1956).
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from scorecard.core import signals
from scorecard.core.periods import Period, between, noun
from scorecard.core.signals import Array, Found, Lines
from scorecard.errors import ChartRefused

MEAN_RANGE_FACTOR = 2.66
MEAN_RANGE_UPPER = 3.268
MEDIAN_RANGE_FACTOR = 3.145
MEDIAN_RANGE_UPPER = 3.865
D2 = 1.128
SIGMAS = 3
NEAR_SIGMAS = 1.5
T_EXPONENT = 3.6

TRIAL_FROM = 6
PROVISIONAL_FROM = 12
LOCK_AFTER = {"month": 24, "week": 20, "quarter": 20, "day": 24}
REBASED_FROM = 8
AUTOCORRELATION_ABOVE = 0.4
AUTOCORRELATION_FROM = 24
DENOMINATORS_VARY_ABOVE = 1.5

TYPES = {
    "xmr": "individual values and moving range",
    "p": "share of a count",
    "u": "events for each unit",
    "pp": "p′, share of a count with Laney's correction",
    "up": "u′, events for each unit with Laney's correction",
    "c": "count over an unchanging area of opportunity",
    "g": "cases between rare events",
    "t": "time between rare events",
}
FRACTION_TYPES = ("p", "u", "pp", "up")
SHARE_TYPES = ("p", "pp")


@dataclass(frozen=True)
class Rule:
    """A detection rule: its words, how strong a signal it gives, and the function that finds it.

    A rule `on_ranges` marks the moving-range chart; the reading of the value and the false-alarm budget leave it out.
    """

    id: str
    strength: str
    title: str
    window: int
    find: Callable[[Lines], Found]
    beyond: bool = False
    on_ranges: bool = False


def _near(need: int, among: int, sigmas: float) -> Callable[[Lines], Found]:
    return lambda lines: signals.near_limit(lines, need, among, sigmas)


def _side(length: int) -> Callable[[Lines], Found]:
    return lambda lines: signals.run_on_one_side(lines, length)


def _trend(length: int) -> Callable[[Lines], Found]:
    return lambda lines: signals.trend(lines, length)


RULES: dict[str, Rule] = {rule.id: rule for rule in (
    Rule("beyond_limit", "strong", "a point beyond a limit", 1, signals.beyond, True),
    Rule("range_beyond_limit", "strong", "a moving range beyond its upper limit", 1, signals.range_beyond, on_ranges=True),
    Rule("near_limit_3_of_4", "moderate", "3 of 4 successive points nearer the limit than the centre", 4, _near(3, 4, NEAR_SIGMAS)),
    Rule("run_of_8", "weak", "8 successive points on one side of the centre", 8, _side(8)),
    Rule("run_of_7", "weak", "7 successive points on one side of the centre", 7, _side(7)),
    Rule("trend_of_7", "weak", "7 successive points rising or falling", 7, _trend(7)),
    Rule("near_limit_2_of_3", "moderate", "2 of 3 successive points beyond two thirds of the way to a limit", 3, _near(2, 3, 2)),
    Rule("western_electric_1", "strong", "a point beyond a limit", 1, signals.beyond, True),
    Rule("western_electric_2", "moderate", "2 of 3 successive points beyond two sigma on one side", 3, _near(2, 3, 2)),
    Rule("western_electric_3", "moderate", "4 of 5 successive points beyond one sigma on one side", 5, _near(4, 5, 1)),
    Rule("western_electric_4", "weak", "8 successive points on one side of the centre", 8, _side(8)),
    Rule("nelson_1", "strong", "a point beyond a limit", 1, signals.beyond, True),
    Rule("nelson_2", "weak", "9 successive points on one side of the centre", 9, _side(9)),
    Rule("nelson_3", "weak", "6 successive points rising or falling", 6, _trend(6)),
    Rule("nelson_4", "weak", "14 successive points alternating up and down", 14, lambda lines: signals.alternating(lines, 14)),
    Rule("nelson_5", "moderate", "2 of 3 successive points beyond two sigma on one side", 3, _near(2, 3, 2)),
    Rule("nelson_6", "moderate", "4 of 5 successive points beyond one sigma on one side", 5, _near(4, 5, 1)),
    Rule("nelson_7", "weak", "15 successive points within one sigma of the centre", 15, lambda lines: signals.hugging(lines, 15)),
    Rule("nelson_8", "moderate", "8 successive points more than one sigma from the centre, on both sides", 8, lambda lines: signals.avoiding(lines, 8)),
)}

RULE_SETS: dict[str, tuple[str, ...]] = {
    "limits-only": ("beyond_limit",),
    "wheeler": ("beyond_limit", "range_beyond_limit", "near_limit_3_of_4", "run_of_8"),
    "nhs": ("beyond_limit", "run_of_7", "trend_of_7", "near_limit_2_of_3"),
    "western-electric": tuple(f"western_electric_{n}" for n in range(1, 5)),
    "nelson": tuple(f"nelson_{n}" for n in range(1, 9)),
}
RUN_RULES = ("run_of_8", "run_of_7", "western_electric_4", "nelson_2")
STRENGTHS = ("strong", "moderate", "weak")


@dataclass(frozen=True)
class Figure:
    """One period's figure as it was loaded."""

    period: Period
    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    partial: bool = False


@dataclass(frozen=True)
class LockedLimits:
    """A record of limits in force for the phase that begins at `start`; new data never move it."""

    start: Period
    centre: float
    lower: float | None
    upper: float | None
    range_centre: float | None
    range_upper: float | None
    baseline_from: Period
    baseline_to: Period
    n: int
    state: str = "locked"
    version: int = 0
    sigma_z: float | None = None


@dataclass(frozen=True)
class Options:
    """How a series is charted. `baseline` is None (states decide), a count, a pair of periods, or "all"."""

    type: str = "xmr"
    rules: str = "wheeler"
    centre: str = "mean"
    ranges: str = "mean"
    screen: bool = False
    baseline: None | int | tuple[Period, Period] | str = None
    lock_after: int | None = None
    rebase: tuple[Period, ...] = ()
    exclude: frozenset[Period] = frozenset()
    direction: str = "neutral"
    bounds: tuple[float | None, float | None] = (None, None)
    window: str = "period"
    locked: tuple[LockedLimits, ...] = ()


@dataclass(frozen=True)
class Signal:
    """A rule that a point belongs to; `completes` marks the point at which the pattern was complete."""

    rule: str
    strength: str
    completes: bool
    side: str


@dataclass(frozen=True)
class Point:
    """One period on the axis. Limits that do not exist are None; a missing period has no value."""

    period: Period
    value: float | None
    range: float | None
    centre: float | None
    lower: float | None
    upper: float | None
    excluded: bool
    partial: bool
    signals: tuple[Signal, ...]
    numerator: float | None
    denominator: float | None
    phase: int


@dataclass(frozen=True)
class Baseline:
    """The points that the limits come from. State: none, trial, provisional, locked or all."""

    start: Period | None
    end: Period | None
    n: int
    state: str


@dataclass(frozen=True)
class Phase:
    """A stretch with one set of limits. For p and u charts the limits are those of the last point."""

    start: Period
    end: Period
    centre: float | None
    lower: float | None
    upper: float | None
    range_centre: float | None
    range_upper: float | None
    baseline: Baseline
    hash: str
    constant: bool = False
    sigma_z: float | None = None
    sigma: float | None = None


@dataclass(frozen=True)
class Chart:
    """Phases and points of one series, with what the reader must be told."""

    type: str
    rules: str
    options: Options
    phases: tuple[Phase, ...]
    points: tuple[Point, ...]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class RebaseProposal:
    """New limits are proposed from the first point of a run that goes on."""

    start: Period
    side: str
    n: int
    old_centre: float
    new_mean: float


@dataclass
class _Column:
    """One phase on its way through the arithmetic: lists over its periods, in the scale that is charted."""

    figures: list[Figure | None]
    axis: list[Period]
    usable: list[bool]
    y: list[float]
    first: bool
    fixed: LockedLimits | None
    ranges: list[float] = field(default_factory=list)
    base: list[int] = field(default_factory=list)
    state: str = "none"
    centre: float = math.nan
    sigmas: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    range_centre: float = math.nan
    range_upper: float = math.nan
    constant: bool = False
    sigma_z: float | None = None
    notices: list[str] = field(default_factory=list)
    found: list[list[Signal]] = field(default_factory=list)


# ---- limits of many series -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Limits:
    """XmR limits, one entry a series; NaN where there are none."""

    centre: Array
    lower: Array
    upper: Array
    range_centre: Array
    range_upper: Array


def xmr_limits(values: Array, centre: str = "mean", ranges: str = "mean", screen: bool = False) -> Limits:
    """XmR limits of many series; `values` is (points, series), NaN where a point does not count.

    Mean ± 2.66 × mean moving range, upper range limit 3.268 × the mean (Wheeler 2003); with median ranges
    3.145 and 3.865. Limits of zero width are not limits: NaN.
    """
    moves = np.abs(np.diff(values, axis=0))
    middle = _average(values, centre)
    spread = _average(moves, ranges)
    if screen:
        spread = _screened(moves, spread, ranges)
    spread = np.where(spread > signals.TOLERANCE * np.abs(middle), spread, np.nan)
    factor, top = _factors(ranges)
    return Limits(middle, middle - factor * spread, middle + factor * spread, spread, top * spread)


def _factors(ranges: str) -> tuple[float, float]:
    if ranges == "median":
        return MEDIAN_RANGE_FACTOR, MEDIAN_RANGE_UPPER
    return MEAN_RANGE_FACTOR, MEAN_RANGE_UPPER


def _average(values: Array, kind: str) -> Array:
    """Mean or median down the columns, NaN left out; NaN for a column with nothing in it."""
    there = ~np.isnan(values)
    count = there.sum(axis=0)
    if kind == "mean":
        total = np.where(there, values, 0.0).sum(axis=0)
        return np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
    ordered = np.sort(values, axis=0)
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, len(values) - 1)
    picked = [np.take_along_axis(ordered, index[None], axis=0)[0] for index in (low, high)] if len(values) else [np.full(count.shape, np.nan)] * 2
    return np.where(count > 0, (picked[0] + picked[1]) / 2, np.nan)


def _screened(moves: Array, spread: Array, ranges: str) -> Array:
    """The average range again without those above its upper limit; kept as it was where nothing would be left."""
    top = _factors(ranges)[1] * spread
    again = _average(np.where(signals.exceeds(moves, top), np.nan, moves), ranges)
    return np.where(again > 0, again, spread)


def detect(lines: Lines, rules: str) -> dict[str, Found]:
    """Every rule of a set on many series: rule id to where it holds."""
    return {id: RULES[id].find(lines) for id in RULE_SETS[rules]}


def read_table(values: Array, rules: str = "wheeler", baseline: int = 24) -> tuple[Limits, dict[str, Found]]:
    """Limits from the first `baseline` points and signals of many series; `values` is (points, series)."""
    limits = xmr_limits(values[:baseline])
    return limits, detect(_table_lines(values, limits), rules)


def _table_lines(values: Array, limits: Limits) -> Lines:
    shape = values.shape
    ranges = np.full(shape, np.nan)
    ranges[1:] = np.abs(np.diff(values, axis=0))
    sigma = (limits.upper - limits.centre) / SIGMAS
    spread = [np.broadcast_to(row, shape) for row in (limits.centre, limits.lower, limits.upper, sigma, limits.range_upper)]
    return Lines(values, spread[0], spread[1], spread[2], spread[3], ~np.isnan(values), ranges, spread[4])


# ---- one chart, or many -----------------------------------------------------------------------------------------


def read_series(figures: Sequence[Figure], options: Options | None = None) -> Chart:
    """The chart of one series. Raises ChartRefused when it cannot be drawn as asked."""
    return read_many([(figures, options or Options())])[0]


def read_many(series: Sequence[tuple[Sequence[Figure], Options]]) -> list[Chart]:
    """The charts of many series, in their order; all signals of one rule set are found in one pass."""
    split = [_columns(list(figures), options) for figures, options in series]
    by_rules: dict[str, list[_Column]] = {}
    for (_, options), columns in zip(series, split):
        for column in columns:
            _set_limits(column, options)
            by_rules.setdefault(options.rules, []).append(column)
    for rules, columns in by_rules.items():
        _find_signals(columns, rules)
    return [_chart(options, columns) for (_, options), columns in zip(series, split)]


def _columns(figures: list[Figure], options: Options) -> list[_Column]:
    if not figures:
        raise ChartRefused("There is no figure to chart. Give at least one period with a value.")
    _check(figures, options)
    by_period = {figure.period: figure for figure in figures}
    axis = between(min(by_period), max(by_period))
    starts = [axis[0], *_phase_starts(axis, options)]
    edges = [*(axis.index(start) for start in starts), len(axis)]
    return [_column(axis[a:b], by_period, options, first=a == 0) for a, b in zip(edges, edges[1:])]


def _check(figures: list[Figure], options: Options) -> None:
    for name, value, allowed in (("type", options.type, TYPES), ("rules", options.rules, RULE_SETS),
                                 ("centre", options.centre, ("mean", "median")), ("ranges", options.ranges, ("mean", "median"))):
        if value not in allowed:
            raise ChartRefused(f"Unknown {name} {value!r}. Use one of: {', '.join(allowed)}.")
    if isinstance(options.baseline, tuple):
        inside = [f for f in figures if f.value is not None and options.baseline[0] <= f.period <= options.baseline[1]]
        if len(inside) < 2:
            raise ChartRefused(f"The baseline {options.baseline[0]} to {options.baseline[1]} holds {len(inside)} figures. "
                               f"Choose periods between {min(f.period for f in figures)} and {max(f.period for f in figures)}.")
    if options.type in FRACTION_TYPES and not any(f.denominator for f in figures):
        raise ChartRefused(f"A {options.type} chart needs a numerator and a denominator for each period.")
    if options.type == "c" and len({f.denominator for f in figures if f.denominator is not None}) > 1:
        raise ChartRefused("A c chart needs an area of opportunity that does not change; the denominators differ. Use u.")
    if options.type in ("c", "g", "t", "u", "up") and any((f.value or 0) < 0 for f in figures):
        raise ChartRefused(f"A {options.type} chart takes no value below 0.")


def _phase_starts(axis: list[Period], options: Options) -> list[Period]:
    starts = sorted(set(options.rebase))
    for start in starts:
        if start not in axis:
            raise ChartRefused(f"There is no period {start} to start new limits from; the figures run from {axis[0]} to {axis[-1]}.")
    for period in sorted(options.exclude):
        if period not in axis:
            raise ChartRefused(f"There is no period {period} to exclude; the figures run from {axis[0]} to {axis[-1]}.")
    return [start for start in starts if start != axis[0]]


def _column(axis: list[Period], by_period: dict[Period, Figure], options: Options, first: bool) -> _Column:
    figures = [by_period.get(period) for period in axis]
    usable = [f is not None and f.value is not None and not f.partial and f.period not in options.exclude for f in figures]
    power = 1 / T_EXPONENT if options.type == "t" else 1
    y = [math.nan if f is None or f.value is None else f.value**power for f in figures]
    fixed = next((record for record in options.locked if record.start == axis[0] or first and record.start <= axis[0]), None)
    column = _Column(figures, axis, usable, y, first, fixed)
    column.ranges = _ranges(y, usable) if options.type == "xmr" else [math.nan] * len(axis)
    return column


def _ranges(y: list[float], usable: list[bool]) -> list[float]:
    """Moving ranges between neighbours that both count; NaN elsewhere, and at the first point of a phase."""
    return [math.nan] + [abs(b - a) if p and q else math.nan for a, b, p, q in zip(y, y[1:], usable, usable[1:])]


def _set_limits(column: _Column, options: Options) -> None:
    column.lower = column.upper = column.sigmas = [math.nan] * len(column.axis)
    if options.window != "period":
        return
    column.base, column.state = _baseline(column, options)
    if column.fixed:
        _apply_record(column, options)
    elif column.base:
        _compute(column, options)
    _within_bounds(column, options)


def _baseline(column: _Column, options: Options) -> tuple[list[int], str]:
    """The positions that the limits come from, and the state of the baseline."""
    counted = [i for i, ok in enumerate(column.usable) if ok]
    if column.fixed:
        ends = column.fixed.baseline_from, column.fixed.baseline_to
        return [i for i in counted if ends[0] <= column.axis[i] <= ends[1]], column.fixed.state
    if options.baseline == "all":
        return counted, "all"
    if isinstance(options.baseline, tuple):
        chosen = [i for i in counted if options.baseline[0] <= column.axis[i] <= options.baseline[1]]
        if len(chosen) >= 2:
            return chosen, "locked"
    elif isinstance(options.baseline, int):
        if len(counted) >= options.baseline:
            return counted[:options.baseline], "locked"
        if column.first:
            raise ChartRefused(f"A baseline of {options.baseline} points was asked for and there are {len(counted)}. "
                               "Give a smaller number, or leave it out.")
    return counted, _state(len(counted), column, options)


def _state(n: int, column: _Column, options: Options) -> str:
    lock_after = options.lock_after or LOCK_AFTER[column.axis[0].grain]
    least = TRIAL_FROM if column.first else REBASED_FROM
    if n >= lock_after and n >= least:
        return "locked"
    if n < least:
        return "none"
    return "trial" if n < PROVISIONAL_FROM else "provisional"


def _compute(column: _Column, options: Options) -> None:
    if column.state == "locked" and options.baseline is None:
        column.base = column.base[: options.lock_after or LOCK_AFTER[column.axis[0].grain]]
    values = [column.y[i] for i in column.base]
    if column.state == "none":
        column.centre = float(np.median(values))
        return
    if _same(values):
        column.constant, column.centre = True, values[0]
        return
    if column.state in ("trial", "provisional") and len(values) > TRIAL_FROM and _same(values[:-1]):
        # The first different value after a constant baseline is a notice: one step cannot give limits of its own.
        column.base, column.constant, column.centre = column.base[:-1], True, values[0]
        return
    _METHODS[options.type](column, options)


def _same(values: list[float]) -> bool:
    return max(values) - min(values) <= signals.TOLERANCE * abs(values[0])


def _base_denominators(column: _Column) -> tuple[Array, Array]:
    top = np.array([column.figures[i].numerator for i in column.base], float)
    bottom = np.array([column.figures[i].denominator for i in column.base], float)
    return top, bottom


def _xmr(column: _Column, options: Options) -> None:
    chosen = set(column.base)
    values = [y if i in chosen else math.nan for i, y in enumerate(column.y)]
    limits = xmr_limits(np.array(values)[:, None], options.centre, options.ranges, options.screen)
    column.centre = float(np.median([column.y[i] for i in column.base])) if options.centre == "median" else \
        math.fsum(column.y[i] for i in column.base) / len(column.base)
    range_centre = float(limits.range_centre[0])
    _even_limits(column, _factors(options.ranges)[0] * range_centre)
    if options.type == "xmr":
        column.range_centre, column.range_upper = range_centre, float(limits.range_upper[0])
    if math.isnan(range_centre):
        column.notices.append("The typical moving range of the baseline is 0, so its limits would have no width: none are drawn.")


def _even_limits(column: _Column, reach: float) -> None:
    n = len(column.axis)
    column.lower, column.upper = [column.centre - reach] * n, [column.centre + reach] * n
    column.sigmas = [reach / SIGMAS] * n


def _spread_limits(column: _Column, sigmas: list[float]) -> None:
    column.sigmas = sigmas
    column.lower = [column.centre - SIGMAS * s for s in sigmas]
    column.upper = [column.centre + SIGMAS * s for s in sigmas]


def _sizes(column: _Column) -> list[float]:
    return [f.denominator if f and f.denominator else math.nan for f in column.figures]


def _binomial_sigmas(column: _Column) -> list[float]:
    inside = max(column.centre * (1 - column.centre), 0.0)
    return [math.sqrt(inside / n) for n in _sizes(column)]


def _poisson_sigmas(column: _Column) -> list[float]:
    return [math.sqrt(column.centre / n) for n in _sizes(column)]


def _fraction(column: _Column, options: Options) -> None:
    """p and u: the pooled rate ± 3 standard errors at each denominator; p′ and u′ widen them by sigma_z (Laney 2002)."""
    top, bottom = _base_denominators(column)
    column.centre = math.fsum(top) / math.fsum(bottom)
    sigmas = _binomial_sigmas(column) if options.type in SHARE_TYPES else _poisson_sigmas(column)
    sigma_z = _sigma_z(column, sigmas)
    varies = max(bottom) > DENOMINATORS_VARY_ABOVE * min(bottom)
    if options.type in ("pp", "up"):
        column.sigma_z = sigma_z
        sigmas = [s * sigma_z for s in sigmas]
    elif varies and not math.isnan(sigma_z):
        column.notices.append(_laney_notice(column, options, sigmas, sigma_z, bottom))
    _spread_limits(column, sigmas)


def _laney_notice(column: _Column, options: Options, sigmas: list[float], sigma_z: float, bottom: Array) -> str:
    last = max(column.base)
    reach = SIGMAS * sigmas[last] * sigma_z
    return (f"Denominators run from {min(bottom):,.0f} to {max(bottom):,.0f}. With Laney's {options.type}′ chart sigma_z is "
            f"{sigma_z:.2f} and the limits of {column.axis[last].label} are {column.centre - reach:.4g} to {column.centre + reach:.4g}.")


def _sigma_z(column: _Column, sigmas: list[float]) -> float:
    """Mean moving range of the standardised points ÷ 1.128."""
    chosen = set(column.base)
    z = [(y - column.centre) / s if i in chosen and s > 0 else math.nan for i, (y, s) in enumerate(zip(column.y, sigmas))]
    moves = [abs(b - a) for a, b in zip(z, z[1:]) if not math.isnan(a) and not math.isnan(b)]
    return math.fsum(moves) / len(moves) / D2 if moves else math.nan


def _counts(column: _Column, options: Options) -> None:
    column.centre = _mean(column)
    _even_limits(column, SIGMAS * math.sqrt(column.centre))


def _geometric(column: _Column, options: Options) -> None:
    """Mean ± 3 × √(mean × (mean + 1)) cases between events (Benneyan 2001)."""
    column.centre = _mean(column)
    _even_limits(column, SIGMAS * math.sqrt(column.centre * (column.centre + 1)))


def _mean(column: _Column) -> float:
    return math.fsum(column.y[i] for i in column.base) / len(column.base)


_METHODS: dict[str, Callable[[_Column, Options], None]] = {
    "xmr": _xmr, "p": _fraction, "u": _fraction, "pp": _fraction, "up": _fraction,
    "c": _counts, "g": _geometric, "t": _xmr,
}


def _apply_record(column: _Column, options: Options) -> None:
    """The limits of the record, to the last digit; for p and u charts its centre and sigma_z with each denominator."""
    record = column.fixed
    power = 1 / T_EXPONENT if options.type == "t" else 1
    column.centre, column.sigma_z = record.centre**power, record.sigma_z
    if record.range_centre is not None:
        column.range_centre, column.range_upper = record.range_centre, record.range_upper
    if record.upper is None and record.lower is None and _unchanging([column.y[i] for i in column.base]):
        column.constant = True
        return
    if options.type in FRACTION_TYPES:
        sigmas = _binomial_sigmas(column) if options.type in SHARE_TYPES else _poisson_sigmas(column)
        _spread_limits(column, [s * (record.sigma_z or 1) for s in sigmas])
        return
    n = len(column.axis)
    lower, upper = (math.nan if x is None else x**power for x in (record.lower, record.upper))
    reaches = (upper - column.centre, column.centre - lower, _factors(options.ranges)[0] * column.range_centre)
    reach = next((reach for reach in reaches if not math.isnan(reach)), math.nan)
    column.lower, column.upper, column.sigmas = [lower] * n, [upper] * n, [reach / SIGMAS] * n


def _unchanging(values: list[float]) -> bool:
    return not values or max(values) - min(values) <= signals.TOLERANCE * abs(values[0])


def _within_bounds(column: _Column, options: Options) -> None:
    """Limits outside the natural bounds of the measure do not exist."""
    low, high = natural_bounds(options)
    column.lower = [math.nan if low is not None and x < low else x for x in column.lower]
    column.upper = [math.nan if high is not None and x > high else x for x in column.upper]


def natural_bounds(options: Options) -> tuple[float | None, float | None]:
    """The least and greatest value that the measure can have: as stated, or by the kind of chart."""
    low, high = options.bounds
    if options.type != "xmr" and low is None:
        low = 0.0
    if options.type in SHARE_TYPES and high is None:
        high = 1.0
    return low, high


def _find_signals(columns: list[_Column], rules: str) -> None:
    height = max(len(column.axis) for column in columns)
    lines = _lines(columns, height)
    found = detect(lines, rules)
    for column in columns:
        column.found = [[] for _ in column.axis]
    for id, where in found.items():
        rule = RULES[id]
        for t, s in zip(*np.nonzero(where.member)):
            column = columns[s]
            if column.state != "trial" or rule.beyond:
                side = ("below", "either", "above")[int(where.side[t, s]) + 1]
                column.found[t].append(Signal(id, rule.strength, bool(where.completes[t, s]), side))


def _lines(columns: list[_Column], height: int) -> Lines:
    def stack(name: str) -> Array:
        out = np.full((height, len(columns)), np.nan)
        for s, column in enumerate(columns):
            value = getattr(column, name)
            out[: len(column.axis), s] = value
        return out

    usable = np.zeros((height, len(columns)), bool)
    judged = [c.state != "none" and not c.constant and not math.isnan(c.centre) for c in columns]
    for s, column in enumerate(columns):
        usable[: len(column.axis), s] = np.array(column.usable) & judged[s]
    return Lines(stack("y"), stack("centre"), stack("lower"), stack("upper"), stack("sigmas"), usable,
                 stack("ranges"), stack("range_upper"))


# ---- the chart that comes out ---------------------------------------------------------------------------------


def _chart(options: Options, columns: list[_Column]) -> Chart:
    points = [point for k, column in enumerate(columns) for point in _points(column, options, k)]
    phases = tuple(_phase(column, options) for column in columns)
    return Chart(options.type, options.rules, options, phases, tuple(points), tuple(_notices(columns, options)))


def _none(x: float) -> float | None:
    return None if math.isnan(x) else x


def _back(x: float, options: Options) -> float | None:
    """A line in the units of the figures again; t charts are computed on a root."""
    if math.isnan(x):
        return None
    return max(x, 0.0) ** T_EXPONENT if options.type == "t" else x


def _points(column: _Column, options: Options, phase: int) -> list[Point]:
    points = []
    for i, (period, figure) in enumerate(zip(column.axis, column.figures)):
        points.append(Point(
            period, figure.value if figure else None, _none(column.ranges[i]), _back(column.centre, options),
            _back(column.lower[i], options), _back(column.upper[i], options), period in options.exclude,
            bool(figure and figure.partial), tuple(column.found[i]), figure.numerator if figure else None,
            figure.denominator if figure else None, phase))
    return points


def _phase(column: _Column, options: Options) -> Phase:
    last = max((i for i, ok in enumerate(column.usable) if ok), default=len(column.axis) - 1)
    base = column.base
    baseline = Baseline(column.axis[base[0]] if base else None, column.axis[base[-1]] if base else None, len(base), column.state)
    if column.fixed:
        baseline = Baseline(column.fixed.baseline_from, column.fixed.baseline_to, column.fixed.n, column.state)
    return Phase(column.axis[0], column.axis[-1], _back(column.centre, options), _back(column.lower[last], options),
                 _back(column.upper[last], options), _none(column.range_centre), _none(column.range_upper), baseline,
                 _hash(column), column.constant, column.sigma_z, _none(column.sigmas[last]))


def _hash(column: _Column) -> str:
    """SHA-256 of the baseline's periods and figures, so that a later restatement shows."""
    rows = (f"{column.axis[i]} {column.figures[i].value!r} {column.figures[i].numerator!r} {column.figures[i].denominator!r}"
            for i in column.base)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _notices(columns: list[_Column], options: Options) -> list[str]:
    notices = [text for column in columns for text in column.notices]
    if options.window != "period":
        notices.append(window_notice(options.window))
    notices += _constant_notices(columns) + _gap_notices(columns) + _few_notices(columns, options)
    notices += _autocorrelation_notices(columns) + _offer_notices(columns, options)
    return notices


def window_notice(window: str) -> str:
    """Why a trailing or cumulative series has no limits."""
    what = "A cumulative figure" if window == "cumulative" else f"A figure over the last {window.partition('-')[2]} periods"
    return (f"{what} shares periods with the one before it, so limits would flag a process that never changed. "
            "It is drawn without limits or signals; chart the figure of each single period for those.")


def _constant_notices(columns: list[_Column]) -> list[str]:
    column = columns[-1]
    if not column.constant:
        return []
    for i, ok in enumerate(column.usable):
        if ok and not math.isclose(column.y[i], column.centre, rel_tol=signals.TOLERANCE):
            return [f"The first value that differs came in {column.axis[i].label}, after {sum(column.usable[:i])} that did not. "
                    "An unchanging baseline has no limits, so this is a notice and not a signal."]
    return []


def _gap_notices(columns: list[_Column]) -> list[str]:
    gaps = [period for column in columns for period, figure in zip(column.axis, column.figures) if figure is None]
    empty = [f.period for column in columns for f in column.figures if f and f.value is None and f.denominator == 0]
    notices = []
    if gaps:
        more = f" and {len(gaps) - 3} more" if len(gaps) > 3 else ""
        notices.append(f"Nothing was recorded for {', '.join(p.label for p in gaps[:3])}{more}. A gap stays a gap.")
    if empty:
        notices.append(f"The denominator is 0 in {', '.join(p.label for p in empty[:3])}: there is no value to chart.")
    return notices


def _few_notices(columns: list[_Column], options: Options) -> list[str]:
    column = columns[-1]
    if options.baseline is not None and not column.fixed and 0 < len(column.base) < TRIAL_FROM:
        return [f"{len(column.base)} points are few for limits: {TRIAL_FROM} give trial limits, {PROVISIONAL_FROM} firmer ones."]
    return []


def lag_one(values: Sequence[float]) -> float:
    """Lag-1 autocorrelation of a series with NaN at its gaps; NaN when it cannot be computed."""
    x = np.asarray(values, float)
    x = x - np.nanmean(x)
    below = np.nansum(x * x)
    return float(np.nansum(x[1:] * x[:-1]) / below) if below > 0 else math.nan


def _autocorrelation_notices(columns: list[_Column]) -> list[str]:
    column = columns[-1]
    if len(column.base) < AUTOCORRELATION_FROM or column.constant:
        return []
    chosen = set(column.base)
    r = lag_one([y if i in chosen else math.nan for i, y in enumerate(column.y)][: max(chosen) + 1])
    if not r > AUTOCORRELATION_ABOVE:
        return []
    return [f"Each {column.axis[0].grain} resembles the one before it (lag-1 autocorrelation {r:.2f}, above {AUTOCORRELATION_ABOVE}): "
            "the limits are too narrow, so expect more signals than chance would give."]


def _offer_notices(columns: list[_Column], options: Options) -> list[str]:
    sizes = [f.denominator for column in columns for f in column.figures if f and f.denominator]
    if options.type != "xmr" or options.window != "period" or not sizes or max(sizes) <= DENOMINATORS_VARY_ABOVE * min(sizes):
        return []
    return [f"Denominators run from {min(sizes):,.0f} to {max(sizes):,.0f}. A p′ chart would give each {noun(columns[0].axis[0].grain, 1)} its own limits."]


# ---- what follows from a chart -------------------------------------------------------------------------------


def latest(chart: Chart) -> Point | None:
    """The last point with a complete figure."""
    return next((p for p in reversed(chart.points) if p.value is not None and not p.partial), None)


def rebase_proposal(chart: Chart) -> RebaseProposal | None:
    """New limits from the first point of a run on one side that is complete and goes on; None without one."""
    last = latest(chart)
    signal = next((s for s in last.signals if s.rule in RUN_RULES), None) if last else None
    if signal is None:
        return None
    run = []
    for point in reversed([p for p in chart.points if p.phase == last.phase and p.period <= last.period]):
        if not any(s.rule == signal.rule and s.side == signal.side for s in point.signals):
            break
        run.append(point)
    if run[-1].period == chart.phases[last.phase].start:
        return None
    mean = math.fsum(p.value for p in run) / len(run)
    return RebaseProposal(run[-1].period, signal.side, len(run), last.centre, mean)


def locked_from(phase: Phase) -> LockedLimits:
    """The record to keep of a phase's limits."""
    return LockedLimits(phase.start, phase.centre, phase.lower, phase.upper, phase.range_centre, phase.range_upper,
                        phase.baseline.start, phase.baseline.end, phase.baseline.n, "locked", 0, phase.sigma_z)


SIMULATED_SERIES = 120_000
SIMULATED_AFTER = max(rule.window for rule in RULES.values())
SIMULATION_SEED = 1_924
# How many of the simulated measures are flagged, for the baselines that every start would draw anew (a test draws them).
DRAWN: dict[int, dict[str, int]] = {
    12: {"limits-only": 2_262, "wheeler": 6_009, "nhs": 7_626, "western-electric": 7_713, "nelson": 9_828},
    20: {"limits-only": 1_271, "wheeler": 3_795, "nhs": 5_255, "western-electric": 5_055, "nelson": 6_504},
    24: {"limits-only": 1_097, "wheeler": 3_402, "nhs": 4_690, "western-electric": 4_504, "nelson": 5_828},
}


def false_alarm_rate(rules: str, baseline: int, series: int = SIMULATED_SERIES) -> float:
    """Chance that the latest point of one stable measure is flagged: seeded simulation of independent normal periods
    with limits locked on `baseline` points, the latest one as many periods after them as the longest pattern has."""
    return false_alarm_rates((rules,), baseline, series)[rules]


_KNOWN = {(rules, baseline, SIMULATED_SERIES): count / SIMULATED_SERIES
          for baseline, counts in DRAWN.items() for rules, count in counts.items()}
_rates: dict[tuple[str, int, int], float] = {**_KNOWN}


def false_alarm_rates(sets: Sequence[str], baseline: int, series: int = SIMULATED_SERIES) -> dict[str, float]:
    """The chance of a false alarm under each of these rule sets, all from the same simulated periods; each is kept for the life of the process."""
    lacking = [rules for rules in sets if (rules, baseline, series) not in _rates]
    if lacking:
        _rates.update({(rules, baseline, series): count / series for rules, count in _flagged(lacking, baseline, series).items()})
    return {rules: _rates[rules, baseline, series] for rules in sets}


def _flagged(sets: Sequence[str], baseline: int, series: int) -> Counter[str]:
    """How many of the simulated measures each rule set flags in their latest period."""
    rng, flagged, chunk = np.random.default_rng(SIMULATION_SEED), Counter(dict.fromkeys(sets, 0)), 10_000
    for start in range(0, series, chunk):
        count = min(chunk, series - start)
        limits = xmr_limits(rng.standard_normal((baseline, count)))
        lines = _table_lines(rng.standard_normal((SIMULATED_AFTER, count)), limits)
        for rules in sets:
            shown = [where.member[-1] for id, where in detect(lines, rules).items() if not RULES[id].on_ranges]
            flagged[rules] += int(np.any(shown, axis=0).sum())
    return flagged


def false_alarm_budget(rules: str, measures: int, baseline: int) -> float:
    """Chance (0 to 1) that at least one of so many stable, independent measures shows a signal in its latest period."""
    return 1 - (1 - false_alarm_rate(rules, max(baseline, 3))) ** measures


def usable(points: Sequence[Point]) -> list[Point]:
    """The points that count: a value, complete, not excluded."""
    return [p for p in points if p.value is not None and not p.partial and not p.excluded]
