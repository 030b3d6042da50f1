"""Limits, baseline states, phases and notices: against naive formulas, and against what must not change anything."""

from __future__ import annotations

import math
import statistics
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scorecard.core import spc
from scorecard.core.periods import Period
from scorecard.core.spc import Figure, LockedLimits, Options
from scorecard.errors import ChartRefused

FIRST = {"month": date(2023, 1, 1), "week": date(2023, 1, 2), "quarter": date(2018, 1, 1), "day": date(2023, 1, 1)}
STEADY = [10, 12, 9, 11, 13, 10, 8, 11, 12, 10, 9, 12]


def at(i: int, grain: str = "month") -> Period:
    return Period(FIRST[grain], grain).shift(i)


def make_figures(values, grain: str = "month") -> list[Figure]:
    """One figure a period; None is a missing period."""
    return [Figure(at(i, grain), float(x)) for i, x in enumerate(values) if x is not None]


def make_shares(pairs) -> list[Figure]:
    return [Figure(at(i), a / b, float(a), float(b)) for i, (a, b) in enumerate(pairs)]


def draw(values, grain: str = "month", **asked) -> spc.Chart:
    return spc.read_series(make_figures(values, grain), Options(**asked))


def lines(chart: spc.Chart) -> list[tuple]:
    return [(p.centre, p.lower, p.upper) for p in chart.points]


def flags(chart: spc.Chart) -> list[tuple]:
    return [tuple((s.rule, s.completes, s.side) for s in p.signals) for p in chart.points]


# ---- formulas ------------------------------------------------------------------------------------------------------

numbers = st.integers(-4000, 4000).map(lambda n: n / 8)
series = st.lists(numbers, min_size=6, max_size=30)


def naive_ranges(values) -> list[float]:
    return [abs(b - a) for a, b in zip(values, values[1:]) if a is not None and b is not None]


@pytest.mark.parametrize(("centre", "ranges", "factor", "top"), [
    ("mean", "mean", 2.66, 3.268), ("median", "mean", 2.66, 3.268), ("mean", "median", 3.145, 3.865), ("median", "median", 3.145, 3.865)])
@settings(max_examples=40, deadline=None)
@given(values=series)
def test_individuals_limits_are_those_of_the_formulas(centre, ranges, factor, top, values) -> None:
    average = {"mean": statistics.fmean, "median": statistics.median}
    spread = average[ranges](naive_ranges(values))
    assume(spread > 0)
    phase = draw(values, centre=centre, ranges=ranges, baseline="all").phases[0]
    middle = average[centre](values)
    assert (phase.centre, phase.range_centre, phase.range_upper) == pytest.approx((middle, spread, top * spread))
    assert (phase.lower, phase.upper) == pytest.approx((middle - factor * spread, middle + factor * spread))


@settings(max_examples=40, deadline=None)
@given(pairs=st.lists(st.tuples(st.integers(1, 99), st.integers(100, 900)), min_size=6, max_size=30), kind=st.sampled_from(["p", "u", "pp", "up"]))
def test_rate_limits_are_those_of_the_formulas(pairs, kind) -> None:
    assume(len({a / b for a, b in pairs}) > 1)
    chart = spc.read_series(make_shares(pairs), Options(type=kind, baseline="all"))
    rate = sum(a for a, _ in pairs) / sum(b for _, b in pairs)
    sigmas = [math.sqrt((rate * (1 - rate) if kind in ("p", "pp") else rate) / b) for _, b in pairs]
    z = [(a / b - rate) / s for (a, b), s in zip(pairs, sigmas)]
    laney = statistics.fmean(naive_ranges(z)) / 1.128 if kind in ("pp", "up") else 1
    for point, sigma in zip(chart.points, sigmas):
        low, high = rate - 3 * sigma * laney, rate + 3 * sigma * laney
        assert point.centre == pytest.approx(rate)
        assert point.lower == (None if low < 0 else pytest.approx(low))
        assert point.upper == (None if kind in ("p", "pp") and high > 1 else pytest.approx(high))
    assert chart.phases[0].sigma_z == (pytest.approx(laney) if kind in ("pp", "up") else None)


@settings(max_examples=40, deadline=None)
@given(values=st.lists(st.integers(0, 60), min_size=6, max_size=30), kind=st.sampled_from(["c", "g"]))
def test_count_and_between_event_limits_are_those_of_the_formulas(values, kind) -> None:
    assume(len(set(values)) > 1)
    phase = draw(values, type=kind, baseline="all").phases[0]
    mean = statistics.fmean(values)
    reach = 3 * math.sqrt(mean if kind == "c" else mean * (mean + 1))
    assert phase.centre == pytest.approx(mean) and phase.upper == pytest.approx(mean + reach)
    assert phase.lower == (None if mean < reach else pytest.approx(mean - reach))


@settings(max_examples=40, deadline=None)
@given(values=st.lists(st.integers(1, 90), min_size=6, max_size=30))
def test_time_between_events_limits_are_individuals_limits_on_a_root(values) -> None:
    roots = [x ** (1 / 3.6) for x in values]
    spread = statistics.fmean(naive_ranges(roots))
    assume(spread > 1e-6)
    phase = draw(values, type="t", baseline="all").phases[0]
    low = statistics.fmean(roots) - 2.66 * spread
    assert phase.centre == pytest.approx(statistics.fmean(roots) ** 3.6)
    assert phase.upper == pytest.approx((statistics.fmean(roots) + 2.66 * spread) ** 3.6)
    assert phase.lower == (None if low < 0 else pytest.approx(low**3.6))
    assert phase.range_centre is None


# ---- what must not change anything, and what must ------------------------------------------------------------------

RULE_SETS = st.sampled_from(list(spc.RULE_SETS))


@settings(max_examples=40, deadline=None)
@given(values=series, rules=RULE_SETS, shift=st.integers(-64, 64), scale=st.sampled_from([0.25, 0.5, 2.0, 16.0]))
def test_another_unit_or_zero_point_gives_the_same_flags(values, rules, shift, scale) -> None:
    one, other = draw(values, rules=rules), draw([x * scale + shift for x in values], rules=rules)
    assert flags(one) == flags(other)
    for (a, low, high), (b, low2, high2) in zip(lines(one), lines(other)):
        assert b == pytest.approx(a * scale + shift, abs=1e-9)
        assert (low is None, high is None) == (low2 is None, high2 is None)
        if low is not None:
            assert (low2, high2) == pytest.approx((low * scale + shift, high * scale + shift), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(values=series, rules=RULE_SETS)
def test_the_mirror_image_swaps_above_and_below(values, rules) -> None:
    swap = {"above": "below", "below": "above", "either": "either"}
    one, other = draw(values, rules=rules), draw([-x for x in values], rules=rules)
    assert flags(other) == [tuple((r, c, swap[s]) for r, c, s in point) for point in flags(one)]


@settings(max_examples=40, deadline=None)
@given(values=st.lists(numbers, min_size=25, max_size=40), more=st.lists(numbers, max_size=8))
def test_further_points_never_move_a_locked_limit_nor_an_earlier_flag(values, more) -> None:
    before, after = draw(values), draw(values + more)
    assert before.phases[0].baseline == after.phases[0].baseline and before.phases[0].baseline.state == "locked"
    assert lines(before) == lines(after)[: len(values)]
    for early, late in zip(flags(before), flags(after)):
        assert {(rule, completes) for rule, completes, _ in early} <= {(rule, completes) for rule, completes, _ in late}


@settings(max_examples=40, deadline=None)
@given(values=series, where=st.integers(0, 29), wild=numbers)
def test_an_excluded_point_matters_neither_to_limits_nor_to_flags(values, where, wild) -> None:
    where %= len(values)
    changed = [wild if i == where else x for i, x in enumerate(values)]
    one, other = (draw(v, exclude=frozenset({at(where)})) for v in (values, changed))
    assert lines(one) == lines(other) and flags(one) == flags(other)
    assert one.points[where].excluded and one.points[where].value == values[where]


@settings(max_examples=40, deadline=None)
@given(values=series, where=st.integers(1, 28))
def test_excluding_a_point_reads_the_rest_as_a_missing_period_would(values, where) -> None:
    where = 1 + where % (len(values) - 2)
    gap = [None if i == where else x for i, x in enumerate(values)]
    excluded, missing = draw(values, exclude=frozenset({at(where)})), draw(gap)
    assert lines(excluded) == lines(missing) and flags(excluded) == flags(missing)


def test_a_missing_period_stays_on_the_axis_and_breaks_range_and_run() -> None:
    values = STEADY * 2 + [13, 13, 13, 13, None, 13, 13, 13, 13]
    chart = draw(values)
    gap = chart.points[28]
    assert (gap.value, gap.range, chart.points[29].range) == (None, None, None)
    assert gap.centre == chart.phases[0].centre
    assert not any(s.rule == "run_of_8" for p in chart.points for s in p.signals)
    assert any("May 2025" in notice and "gap stays a gap" in notice for notice in chart.notices)


def test_ranges_beside_an_excluded_point_leave_the_average() -> None:
    values = [10, 12, 50, 11, 13, 12, 14, 13]
    phase = draw(values, exclude=frozenset({at(2)}), baseline="all").phases[0]
    assert phase.range_centre == pytest.approx(statistics.fmean([2, 2, 1, 2, 1]))
    assert phase.centre == pytest.approx(statistics.fmean([10, 12, 11, 13, 12, 14, 13]))


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.integers(0, 6), min_size=6, max_size=24), ranges=st.sampled_from(["mean", "median"]))
def test_screened_limits_never_have_zero_width(values, ranges) -> None:
    plain, screened = (draw(values, ranges=ranges, baseline="all", screen=s).phases[0] for s in (False, True))
    assert (plain.upper is None) == (screened.upper is None)
    if screened.upper is not None:
        assert screened.upper > screened.lower
        assert screened.range_centre <= plain.range_centre + 1e-12 or ranges == "median"


@pytest.mark.parametrize("values", [[5.0] * 11 + [50.0] + [5.0] * 12, [1, 1, 1, 1, 1, 1, 1, 9]])
def test_screening_that_would_leave_nothing_keeps_the_ranges(values) -> None:
    screened, plain = draw(values, screen=True, baseline="all"), draw(values, baseline="all")
    assert screened.phases[0].range_centre == plain.phases[0].range_centre > 0


# ---- natural bounds --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("bounds", "lower", "upper"), [((0, None), None, True), ((None, 11), True, None), ((0, 11), None, None), ((-100, 100), True, True)])
def test_a_limit_outside_the_natural_bounds_does_not_exist(bounds, lower, upper) -> None:
    phase = draw([1, 9, 2, 8, 3, 9, 1, 7, 2, 8, 1, 9], bounds=bounds).phases[0]
    assert (phase.lower is not None, phase.upper is not None) == (bool(lower), bool(upper))
    assert phase.centre == pytest.approx(5)


def test_on_the_side_without_a_limit_nothing_near_it_signals_and_runs_do() -> None:
    calm = [0.2, 1.0, 0.4, 1.4, 0.3, 0.9, 0.1, 1.2, 0.5, 0.8, 0.2, 1.1] * 2
    low = [0.01] * 8
    free, bounded = draw(calm + low), draw(calm + low, bounds=(0, None))
    assert bounded.phases[0].lower is None and bounded.phases[0].upper == free.phases[0].upper
    assert {s.rule for p in bounded.points[24:] for s in p.signals} == {"run_of_8"}


@pytest.mark.parametrize(("kind", "low", "high"), [("p", 0, 1), ("pp", 0, 1), ("u", 0, None), ("up", 0, None), ("c", 0, None), ("g", 0, None), ("t", 0, None), ("xmr", None, None)])
def test_each_kind_of_chart_knows_its_own_bounds(kind, low, high) -> None:
    assert spc.natural_bounds(Options(type=kind)) == (low, high)


# ---- baseline states ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("grain", "n", "state", "size"), [
    ("month", 5, "none", 5), ("month", 6, "trial", 6), ("month", 11, "trial", 11), ("month", 12, "provisional", 12),
    ("month", 23, "provisional", 23), ("month", 24, "locked", 24), ("month", 36, "locked", 24),
    ("week", 19, "provisional", 19), ("week", 20, "locked", 20), ("week", 30, "locked", 20),
    ("quarter", 19, "provisional", 19), ("quarter", 20, "locked", 20), ("quarter", 5, "none", 5)])
def test_the_number_of_points_decides_the_baseline(grain, n, state, size) -> None:
    chart = draw((STEADY * 3)[:n], grain)
    base = chart.phases[0].baseline
    assert (base.state, base.n, base.start, base.end) == (state, size, at(0, grain), at(size - 1, grain))
    assert (chart.phases[0].upper is None) == (state == "none")
    if state == "none":
        assert chart.phases[0].centre == statistics.median((STEADY * 3)[:n])


def test_missing_excluded_and_partial_points_count_towards_no_state() -> None:
    values = STEADY[:3] + [None] + STEADY[3:7]
    figures = make_figures(values)
    figures[-1] = replace(figures[-1], partial=True)
    chart = spc.read_series(figures, Options(exclude=frozenset({at(0)})))
    assert (chart.phases[0].baseline.n, chart.phases[0].baseline.state) == (5, "none")


def test_with_trial_limits_only_a_point_beyond_one_signals() -> None:
    values = [9, 10, 9.5, 10, 10.5, 12.2, 12.1, 12.2, 12.1, 12.2]
    for rules in spc.RULE_SETS:
        found = {s.rule for p in draw(values, rules=rules).points for s in p.signals}
        assert all(spc.RULES[rule].beyond for rule in found)
        assert {s.rule for p in draw(STEADY[:9] + [60], rules=rules).points for s in p.signals} == \
            {id for id in spc.RULE_SETS[rules] if spc.RULES[id].beyond}


def test_provisional_limits_are_computed_again_with_each_point_and_locked_ones_are_not() -> None:
    values = STEADY * 3
    centres = [draw(values[:n]).phases[0].centre for n in range(12, 30)]
    assert centres[: 24 - 12] == [pytest.approx(statistics.fmean(values[:n])) for n in range(12, 24)]
    assert set(centres[24 - 12:]) == {statistics.fmean(values[:24])}


@pytest.mark.parametrize("grain", ["month", "week"])
def test_lock_after_moves_the_point_of_locking_and_keeps_the_states(grain) -> None:
    assert draw((STEADY * 2)[:14], grain, lock_after=15).phases[0].baseline.state == "provisional"
    phase = draw(STEADY * 2, grain, lock_after=15).phases[0]
    assert (phase.baseline.state, phase.baseline.n) == ("locked", 15)
    assert phase.centre == pytest.approx(statistics.fmean((STEADY * 2)[:15]))


def test_a_baseline_of_the_first_n_points_is_locked_and_refused_when_there_are_fewer() -> None:
    phase = draw(STEADY * 2, baseline=8).phases[0]
    assert (phase.baseline.state, phase.baseline.n) == ("locked", 8)
    assert phase.centre == pytest.approx(statistics.fmean(STEADY[:8]))
    with pytest.raises(ChartRefused, match=r"baseline of 30 points .* there are 24"):
        draw(STEADY * 2, baseline=30)


def test_a_baseline_between_two_periods_and_of_all_points() -> None:
    phase = draw(STEADY * 2, baseline=(at(3), at(10))).phases[0]
    assert (phase.baseline.start, phase.baseline.end, phase.baseline.n) == (at(3), at(10), 8)
    assert phase.centre == pytest.approx(statistics.fmean(STEADY[3:11]))
    whole = draw(STEADY * 3, baseline="all").phases[0].baseline
    assert (whole.state, whole.n) == ("all", 36)
    with pytest.raises(ChartRefused, match="holds 0 figures"):
        draw(STEADY, baseline=(at(50), at(60)))


def test_a_record_of_limits_is_in_force_to_the_last_digit() -> None:
    record = LockedLimits(at(0), 10.123456789, 4.2, 16.05, 2.2, 7.2, at(0), at(23), 24)
    for values in (STEADY * 2, STEADY * 2 + [40, 5], [99] + STEADY * 2):
        chart = draw(values, locked=(record,))
        assert set(lines(chart)) == {(10.123456789, 4.2, 16.05)}
        assert (chart.phases[0].range_centre, chart.phases[0].range_upper) == (2.2, 7.2)


@pytest.mark.parametrize("kind", ["xmr", "c", "g", "t", "p", "pp", "u", "up"])
def test_a_record_kept_from_a_chart_draws_the_same_chart(kind) -> None:
    figures = make_shares([(10 + i % 5, 90 + 7 * (i % 4)) for i in range(24)]) if kind in spc.FRACTION_TYPES else make_figures(STEADY * 2)
    drawn = spc.read_series(figures, Options(type=kind))
    again = spc.read_series(figures, Options(type=kind, locked=(spc.locked_from(drawn.phases[0]),)))
    for one, other in zip(lines(drawn), lines(again)):
        assert [a is None for a in one] == [b is None for b in other]
        assert [a for a in one if a is not None] == pytest.approx([b for b in other if b is not None])
    assert flags(drawn) == flags(again)


@pytest.mark.parametrize(("figures", "asked"), [
    (make_figures([1, 9, 2, 8, 3, 9, 1, 7, 2, 8, 1, 9] * 2), {"bounds": (0, 11)}), (make_figures([5, 5, 5, 5, 9, 9, 9, 9, 9, 9, 9, 9] * 2), {"ranges": "median"}),
    (make_figures([7] * 24), {}), (make_shares([(n, n) for n in range(50, 74)]), {"type": "p"}), (make_shares([(9 * n, 10 * n) for n in range(50, 74)]), {"type": "p"}),
    (make_shares([(1, 2), (2, 3), (1, 3)] * 8), {"type": "p"})])
def test_a_record_without_limits_keeps_the_reason_why_there_are_none(figures, asked) -> None:
    drawn = spc.read_series(figures, Options(**asked))
    assert {(lower, upper) for _, lower, upper in lines(drawn)} == {(None, None)}
    again = spc.read_series(figures, Options(locked=(spc.locked_from(drawn.phases[0]),), **asked))
    one, other = drawn.phases[0], again.phases[0]
    assert (other.constant, other.sigma) == (one.constant, pytest.approx(one.sigma) if one.sigma is not None else None)
    assert lines(again) == lines(drawn) and flags(again) == flags(drawn)


def test_the_hash_of_a_baseline_shows_a_restated_figure() -> None:
    values = STEADY * 2
    restated = [11 if i == 4 else x for i, x in enumerate(values)]
    assert draw(values).phases[0].hash == draw(values + [50]).phases[0].hash != draw(restated).phases[0].hash


# ---- phases ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "state"), [(7, "none"), (8, "trial"), (11, "trial"), (12, "provisional"), (24, "locked")])
def test_a_new_phase_has_no_limits_before_eight_points_and_then_its_own(n, state) -> None:
    chart = draw(STEADY * 2 + [x + 30 for x in (STEADY * 2)[:n]], rebase=(at(24),))
    old, new = chart.phases
    assert (old.baseline.state, new.baseline.state, new.start) == ("locked", state, at(24))
    assert (new.upper is None) == (state == "none")
    assert chart.points[24].range is None and chart.points[23].phase == 0 and chart.points[24].phase == 1
    assert not any(p.signals for p in chart.points)


def test_no_window_looks_across_a_new_phase() -> None:
    values = STEADY * 2 + [12, 12, 12, 12, 12] + [12.1, 11.9] * 6
    assert any(s.rule == "run_of_8" for p in draw(values).points for s in p.signals)
    split = draw(values, rebase=(at(29),))
    assert not any(s.rule == "run_of_8" for p in split.points[:29] for s in p.signals)


def test_each_phase_has_the_baseline_that_was_asked_for() -> None:
    values = STEADY * 2 + [x + 30 for x in STEADY * 2]
    chart = draw(values, baseline=10, rebase=(at(24),))
    assert [(p.baseline.n, p.baseline.state) for p in chart.phases] == [(10, "locked"), (10, "locked")]
    assert chart.phases[1].centre == pytest.approx(chart.phases[0].centre + 30)


@pytest.mark.parametrize(("asked", "word"), [({"rebase": (at(90),)}, "start new limits"), ({"exclude": frozenset({at(90)})}, "exclude")])
def test_a_period_that_is_not_in_the_figures_is_named(asked, word) -> None:
    with pytest.raises(ChartRefused, match=rf"no period 2030-07 to {word}.*2023-01 to 2023-12"):
        draw(STEADY, **asked)


# ---- series that need care ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("screen", [True, False])
def test_a_constant_series_has_no_limits_and_no_signal_and_a_notice_when_it_changes(screen) -> None:
    calm = draw([1.0] * 24, screen=screen)
    assert calm.phases[0].constant and calm.phases[0].centre == 1.0
    assert lines(calm) == [(1.0, None, None)] * 24
    changed = draw([1.0] * 24 + [0.9], screen=screen)
    assert not any(p.signals for p in changed.points)
    assert any("first value that differs came in January 2025" in n and "not a signal" in n for n in changed.notices)


def test_a_typical_range_of_zero_gives_no_limits_and_says_so() -> None:
    chart = draw([5, 5, 5, 5, 9, 9, 9, 9, 9, 9, 9, 9], ranges="median")
    assert chart.phases[0].upper is None and not chart.phases[0].constant
    assert any("typical moving range of the baseline is 0" in n for n in chart.notices)
    assert not any(s for p in chart.points for s in p.signals if spc.RULES[s.rule].beyond)


@pytest.mark.parametrize("window", ["trailing-12", "cumulative"])
def test_a_series_whose_periods_share_months_has_no_limits_and_says_why(window) -> None:
    chart = draw(STEADY * 2 + [90, 91, 92, 93, 94, 95, 96, 97], window=window)
    assert all((p.lower, p.upper) == (None, None) and not p.signals for p in chart.points)
    assert chart.phases[0].baseline.state == "none"
    assert spc.window_notice(window) in chart.notices and "would flag a process that never changed" in spc.window_notice(window)


def test_a_partial_period_never_signals_and_never_sets_a_limit() -> None:
    figures = make_figures(STEADY * 2 + [900])
    whole = spc.read_series(figures[:-1], Options())
    partial = spc.read_series(figures[:-1] + [replace(figures[-1], partial=True)], Options())
    assert partial.phases[0].centre == whole.phases[0].centre
    assert partial.points[-1].partial and partial.points[-1].signals == () and partial.points[-1].range is None
    assert spc.latest(partial).period == at(23)


def test_neighbours_that_resemble_one_another_are_announced_from_24_points() -> None:
    slow = [math.sin(i / 4) for i in range(24)]
    assert any("lag-1 autocorrelation" in n and "too narrow" in n for n in draw(slow).notices)
    assert not any("autocorrelation" in n for n in draw(slow[:23]).notices)
    assert not any("autocorrelation" in n for n in draw(STEADY * 2).notices)


def test_lag_one_is_the_usual_estimate() -> None:
    x = np.array([3.0, 1, 4, 1, 5, 9, 2, 6])
    d = x - x.mean()
    assert spc.lag_one(list(x)) == pytest.approx((d[1:] * d[:-1]).sum() / (d**2).sum())
    assert math.isnan(spc.lag_one([2.0, 2.0, 2.0]))


def test_denominators_that_vary_bring_the_laney_chart_or_the_offer_of_one() -> None:
    wide = make_shares([(10 + i % 4, 100 if i % 2 else 160) for i in range(24)])
    even = make_shares([(10 + i % 4, 100 if i % 2 else 140) for i in range(24)])
    assert any("p′ chart would give each month its own limits" in n for n in spc.read_series(wide).notices)
    assert any("Laney's p′ chart sigma_z is" in n for n in spc.read_series(wide, Options(type="p")).notices)
    assert not any("′" in n for kind in ("xmr", "p") for n in spc.read_series(even, Options(type=kind)).notices)


@pytest.mark.parametrize(("asked", "values", "word"), [
    ({"type": "x"}, STEADY, "Unknown type 'x'"), ({"rules": "shewhart"}, STEADY, "Unknown rules"), ({"type": "p"}, STEADY, "needs a numerator"),
    ({"type": "c"}, [-1, 2, 3], "no value below 0"), ({"type": "t"}, [-1, 2, 3], "no value below 0"), ({}, [], "no figure to chart")])
def test_a_series_that_cannot_be_charted_as_asked_is_refused_with_a_reason(asked, values, word) -> None:
    with pytest.raises(ChartRefused, match=word):
        draw(values, **asked)


def test_a_count_over_an_area_that_changes_is_refused() -> None:
    with pytest.raises(ChartRefused, match="does not change; the denominators differ. Use u"):
        spc.read_series(make_shares([(3, 10), (4, 11), (5, 10)]), Options(type="c"))


def test_many_charts_in_one_pass_equal_each_alone() -> None:
    asked = [(make_figures(STEADY * 2 + [30]), Options(rules=rules)) for rules in spc.RULE_SETS] + \
        [(make_figures(STEADY[:5]), Options()), (make_shares([(3 + i % 3, 50 + i) for i in range(14)]), Options(type="p"))]
    assert spc.read_many(asked) == [spc.read_series(*one) for one in asked]


# ---- a proposal of new limits ------------------------------------------------------------------------------------------


def test_a_run_that_completes_and_goes_on_proposes_new_limits_from_its_first_point() -> None:
    values = STEADY[::-1] * 2 + [13] * 9
    proposal = spc.rebase_proposal(draw(values))
    assert (proposal.start, proposal.side, proposal.n, proposal.new_mean) == (at(24), "above", 9, 13)
    assert proposal.old_centre == pytest.approx(statistics.fmean(STEADY))
    assert spc.rebase_proposal(draw(values[:31])) is None
    assert spc.rebase_proposal(draw(values + [9])) is None
    assert spc.rebase_proposal(draw(values, rebase=(at(24),))) is None


# ---- false alarms -------------------------------------------------------------------------------------------------------

REFERENCE = {24: {"limits-only": 8, "wheeler": 27, "nhs": 33, "western-electric": 32, "nelson": 38},
             12: {"limits-only": 19, "wheeler": 43, "nhs": 48, "western-electric": 49, "nelson": 58}}


@pytest.mark.parametrize(("baseline", "rules", "percent"), [(n, rules, p) for n, table in REFERENCE.items() for rules, p in table.items()])
def test_the_false_alarm_budget_is_that_of_the_reference_table(baseline, rules, percent) -> None:
    assert spc.false_alarm_budget(rules, 10, baseline) * 100 == pytest.approx(percent, abs=3)


@pytest.mark.parametrize("baseline", spc.DRAWN)
def test_the_false_alarms_that_are_written_down_are_those_that_the_simulation_draws(baseline) -> None:
    assert set(spc.DRAWN[baseline]) == set(spc.RULE_SETS)
    drawn = spc._flagged(tuple(spc.RULE_SETS), baseline, spc.SIMULATED_SERIES)
    # Another numpy may draw other numbers: chance moves a share of 120,000 by half a per mille or so.
    assert {rules: count / spc.SIMULATED_SERIES for rules, count in drawn.items()} == pytest.approx(
        spc.false_alarm_rates(tuple(spc.RULE_SETS), baseline), abs=0.0015)


def test_the_same_seed_gives_the_same_budget() -> None:
    first = spc.false_alarm_rate("wheeler", 24, 20_000)
    del spc._rates["wheeler", 24, 20_000]
    assert spc.false_alarm_rate("wheeler", 24, 20_000) == first


def test_rule_sets_looked_at_together_say_what_each_says_alone() -> None:
    together = spc.false_alarm_rates(tuple(spc.RULE_SETS), 12, 5_000)
    for rules in spc.RULE_SETS:
        del spc._rates[rules, 12, 5_000]
    assert together == {rules: spc.false_alarm_rate(rules, 12, 5_000) for rules in spc.RULE_SETS}


def test_more_measures_more_false_alarms() -> None:
    budgets = [spc.false_alarm_budget("wheeler", n, 24) for n in (0, 1, 5, 10, 20)]
    assert budgets[0] == 0 and budgets == sorted(budgets) and budgets[-1] < 1
