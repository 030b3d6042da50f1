"""The verdict on an action: the old limits, the points after the start, the first signal. Computed by hand where it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.core import spc, verdict
from scorecard.core.definition import Definition
from scorecard.core.intervals import gap_by_chance
from scorecard.core.periods import Period
from scorecard.core.spc import Figure, Options
from scorecard.core.verdict import Span, Verdict

FIRST = Period(date(2024, 1, 1), "month")
# Mean 10, every moving range 2: limits 10 ± 2.66 × 2 = 4.68 and 15.32, and 1.5 sigma lies at 12.66 and 7.34.
PAST = [9.0, 11.0] * 12
START = FIRST.shift(len(PAST))


def make_measure(direction: str = "increase", **fields) -> Definition:
    return Definition("score", "Trust score", unit="score", improvement_direction=direction, **fields)


def make_figures(values, first: Period = START) -> list[Figure]:
    return [Figure(first.shift(n), value) for n, value in enumerate(values)]


def read(after, direction: str = "increase", past=PAST, excluded=frozenset(), options=None, **span) -> Verdict:
    """The verdict on figures after a start, against 24 months before it."""
    before = spc.read_series(make_figures(past, FIRST), options or Options(direction=direction))
    figures = after if after and isinstance(after[0], Figure) else make_figures(after)
    return verdict.read(before, figures, frozenset(excluded), Span(START, **span), make_measure(direction))


def test_the_verdict_is_read_against_the_limits_worked_out_by_hand():
    found = read([15.4, 13.0, 13.6])
    assert (found.verdict, found.rule, found.completed) == ("worked", "beyond_limit", START)
    assert (found.months, found.old_centre) == (3, pytest.approx(10))
    assert found.mean == pytest.approx(14) and found.size == pytest.approx(4)


@pytest.mark.parametrize(
    ("after", "direction", "expected", "rule"),
    [
        ([15.31, 10, 10], "increase", "no_evidence", ""),
        ([15.33, 10, 10], "increase", "worked", "beyond_limit"),
        ([15.33, 10, 10], "decrease", "worse", "beyond_limit"),
        ([4.67, 10, 10], "increase", "worse", "beyond_limit"),
        ([4.67, 10, 10], "decrease", "worked", "beyond_limit"),
        ([12.7, 12.7, 10, 12.7], "increase", "worked", "near_limit_3_of_4"),
        ([12.6, 12.6, 10, 12.6], "increase", "no_evidence", ""),
        ([10.1] * 8, "increase", "worked", "run_of_8"),
        ([10.1] * 7, "increase", "no_evidence", ""),
        ([10.1] * 4 + [10.0] + [10.1] * 4, "increase", "no_evidence", ""),
        ([9.9] * 8, "increase", "worse", "run_of_8"),
        ([15.4, 15.4, 15.4], "neutral", "no_evidence", ""),
    ],
)
def test_the_first_signal_after_the_start_decides(after, direction, expected, rule):
    found = read(after, direction)
    assert (found.verdict, found.rule) == (expected, rule)


@pytest.mark.parametrize(("count", "expected"), [(0, "too_few"), (1, "too_few"), (2, "too_few"), (3, "worked")])
def test_under_three_points_it_is_too_early_even_for_a_signal(count, expected):
    found = read([16.0] * count)
    assert found.verdict == expected and found.months == count


def test_a_window_that_began_before_the_start_does_not_count():
    past = PAST[:-5] + [10.5] * 5
    assert read([10.5] * 7, past=past).verdict == "no_evidence"
    whole = spc.read_series(make_figures([*past, *[10.5] * 7], FIRST), Options())
    assert any(signal.rule == "run_of_8" for signal in whole.points[-1].signals)


def test_the_limits_before_the_start_stay_however_the_figures_go_on():
    found = read([16.0] * 30)
    assert found.old_centre == pytest.approx(10) and found.size == pytest.approx(6)


def test_a_later_signal_in_the_other_direction_is_said():
    found = read([16.0, 10.0, 10.0, 4.0])
    assert found.verdict == "worked"
    assert found.later == "Later, in April 2026, a signal in the other direction: a point beyond a limit."
    assert found.later in found.sentence.rest


def test_of_two_signals_that_complete_together_the_stronger_decides():
    # The eighth point completes the run, and lies beyond the upper limit.
    found = read([10.1] * 7 + [16.0])
    assert (found.rule, found.completed) == ("beyond_limit", START.shift(7))


@pytest.mark.parametrize("kind", ["partial", "missing", "excluded"])
def test_a_point_that_does_not_count_gives_no_signal_and_breaks_a_run(kind):
    figures = make_figures([10.1] * 4 + [16.0] + [10.1] * 4)
    odd = figures[4].period
    if kind == "partial":
        figures[4] = replace(figures[4], partial=True)
    if kind == "missing":
        del figures[4]
    found = read(figures, excluded={odd} if kind == "excluded" else ())
    assert (found.verdict, found.months) == ("no_evidence", 8)
    assert found.mean == pytest.approx(10.1)


def test_trial_limits_before_the_start_allow_only_a_point_beyond_them():
    assert read([10.1] * 8, past=PAST[:8]).verdict == "no_evidence"
    assert read([16.0, 10, 10], past=PAST[:8]).verdict == "worked"


@pytest.mark.parametrize("count", [1, 5])
def test_without_limits_before_the_start_there_is_no_verdict(count):
    found = read([16.0] * 6, past=PAST[:count])
    assert found.verdict == "too_few" and "too few for limits" in found.sentence.rest


def test_without_figures_before_the_start_there_is_no_verdict():
    empty = spc.Chart("xmr", "wheeler", Options(), (), ())
    assert verdict.read(empty, make_figures([1.0] * 5), frozenset(), Span(START), make_measure()).verdict == "too_few"


def test_a_past_without_variation_has_no_limits_and_gives_no_evidence():
    found = read([11.0] * 9, past=[10.0] * 24)
    assert found.verdict == "no_evidence" and found.size == pytest.approx(1)
    assert "without variation" in found.sentence.rest


def test_a_figure_over_several_periods_gives_no_evidence():
    found = read([16.0] * 9, options=Options(window="trailing-12"))
    assert found.verdict == "no_evidence" and "shares periods" in found.sentence.rest


def test_a_run_counts_where_both_limits_lie_outside_the_natural_bounds():
    options = Options(bounds=(5.0, 15.0))
    assert read([16.0, 10, 10], options=options).verdict == "no_evidence"
    assert read([10.1] * 8, options=options).rule == "run_of_8"


def test_what_the_next_action_brought_is_not_credited_to_this_one():
    after = [10.0, 10.1, 9.9, 10.0, 16.0, 16.0]
    alone = read(after)
    followed = read(after, last=START.shift(3), followed="'Guided onboarding' began in May 2026")
    assert alone.verdict == "worked"
    assert (followed.verdict, followed.months) == ("no_evidence", 4)
    assert followed.sentence.rest.endswith("'Guided onboarding' began in May 2026.")


def test_a_run_that_began_with_this_action_stays_its_own_when_another_follows():
    found = read([10.1] * 9, last=START.shift(4), followed="'Next' began in June 2026")
    assert (found.verdict, found.months) == ("worked", 9)


@pytest.mark.parametrize(
    ("after", "span", "figures"),
    [
        ([10.1], {}, "1 of 3 months run"),
        ([10.1, 10.2], {"wanted": 6}, "2 of 6 months run"),
        ([10.1] * 4, {"wanted": 6}, "4 of 6 months run"),
        ([10.1] * 3, {}, "since January"),
        ([16.0] * 3, {}, "10.0 → 16.0"),
    ],
)
def test_the_figures_beside_a_verdict_say_the_size_or_how_far_it_is(after, span, figures):
    assert read(after, **span).figures == figures


@pytest.mark.parametrize(
    ("unit", "old", "new", "words"),
    [
        ("days", 31.2, 26.4, "31 → 26 days"),
        ("percent", 0.577, 0.681, "58 → 68%"),
        ("percent", 0.9010, 0.9040, "90.1 → 90.4%"),
        ("count", 46.6, 52.4, "47 → 52"),
        ("money", 405_000, 473_000, "$405k → $473k"),
    ],
)
def test_a_move_is_written_as_briefly_as_it_can_be_seen(unit, old, new, words):
    assert verdict.moved(old, new, Definition("m", "M", unit=unit)) == words


@pytest.mark.parametrize(
    ("start", "grain", "expected"),
    [
        (date(2026, 2, 2), "month", date(2026, 2, 1)),
        (date(2026, 11, 8), "month", date(2026, 11, 1)),
        (date(2026, 11, 9), "month", date(2026, 12, 1)),
        (date(2026, 12, 31), "month", date(2027, 1, 1)),
        (date(2026, 10, 6), "week", date(2026, 10, 5)),
        (date(2026, 10, 7), "week", date(2026, 10, 12)),
        (date(2026, 4, 23), "quarter", date(2026, 4, 1)),
        (date(2026, 4, 24), "quarter", date(2026, 7, 1)),
        (date(2026, 4, 24), "day", date(2026, 4, 24)),
    ],
)
def test_the_period_of_the_start_counts_when_a_quarter_of_it_had_passed_at_most(start, grain, expected):
    assert verdict.first_period(start, grain) == Period(expected, grain)


@pytest.mark.parametrize(
    ("table", "chance"),
    [
        ((5, 11, 0, 7), (462 + 21 + 11 * 35) / 8568),
        ((3, 4, 1, 4), 34 / 70),  # Fisher's lady tasting tea, three of four cups right, both sides
        ((4, 4, 0, 4), 2 / 70),
        ((0, 5, 0, 5), 1.0),
    ],
)
def test_the_chance_of_a_gap_is_that_of_dealing_out_the_hits(table, chance):
    assert gap_by_chance(*table) == pytest.approx(chance)


# ---- what holds for any figures --------------------------------------------------------------------------------------

values = st.lists(st.floats(-50, 50).map(lambda x: round(x, 3)), min_size=0, max_size=14)
pasts = st.lists(st.floats(0, 20).map(lambda x: round(x, 2)), min_size=8, max_size=24)
quick = settings(max_examples=25, deadline=None)


@quick
@given(values, pasts)
def test_better_and_worse_change_places_with_the_wanted_direction(after, past):
    up, down = (read(after, direction, past) for direction in ("increase", "decrease"))
    swap = {"worked": "worse", "worse": "worked"}
    assert down.verdict == swap.get(up.verdict, up.verdict)
    assert (up.size, up.rule, up.completed) == (down.size, down.rule, down.completed)


@quick
@given(values, pasts, st.floats(-50, 50).map(lambda x: round(x, 3)))
def test_a_verdict_that_was_given_stays_when_more_figures_come(after, past, more):
    before, later = read(after, past=past), read([*after, more], past=past)
    if before.verdict in ("worked", "worse"):
        assert (later.verdict, later.completed) == (before.verdict, before.completed)


@quick
@given(values, pasts)
def test_the_size_is_the_mean_since_the_start_minus_the_old_centre(after, past):
    found = read(after, past=past)
    if found.months:
        assert found.mean == pytest.approx(sum(after) / len(after))
        assert found.size is None or found.size == pytest.approx(found.mean - found.old_centre)
    assert found.months == len(after)


@quick
@given(values, pasts)
def test_the_past_speaks_through_its_limits_alone(after, past):
    """Backwards it has the same mean and the same moving ranges."""
    assert read(after, past=past).verdict == read(after, past=list(reversed(past))).verdict
