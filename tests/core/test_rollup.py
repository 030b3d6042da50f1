"""Totals from parts: pooled, never a mean of rates, and honest about what is missing."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.core import rollup
from scorecard.core.periods import Period
from scorecard.core.rollup import StoredFigure

FIRST = Period(date(2026, 1, 1), "month")


def make_figure(
    at: int = 0,
    segment: str = "",
    team: str = "",
    csm: str = "",
    value: float | None = None,
    top: float | None = None,
    bottom: float | None = None,
    earlier: tuple | None = None,
    day: int = 2,
) -> StoredFigure:
    return StoredFigure(
        "m", FIRST.shift(at), segment, team, csm, value, top, bottom, f"load {day}", datetime(2026, 2, day), earlier
    )


def only(figures: list[StoredFigure], aggregate: str, segment: str = "") -> rollup.Total:
    (point,) = rollup.series(figures, aggregate)[segment]
    return point


def test_a_ratio_is_recomputed_from_the_sums():
    parts = [make_figure(segment="A", top=90, bottom=100), make_figure(segment="B", top=1, bottom=10)]
    assert only(parts, "ratio").value == pytest.approx(91 / 110)


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 1000)), min_size=1, max_size=8))
def test_a_pooled_rate_lies_between_the_rates_of_its_parts(pairs):
    value, top, bottom = rollup.pooled([(None, float(a), float(b)) for a, b in pairs], "ratio")
    rates = [a / b for a, b in pairs]
    assert (top, bottom) == (sum(a for a, _ in pairs), sum(b for _, b in pairs))
    assert min(rates) - 1e-12 <= value <= max(rates) + 1e-12


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=2, max_size=6))
def test_the_order_of_the_parts_does_not_matter(pairs):
    parts = [make_figure(segment=f"s{n}", top=float(a), bottom=float(b)) for n, (a, b) in enumerate(pairs)]
    assert only(parts, "ratio") == only(parts[::-1], "ratio")


@pytest.mark.parametrize("aggregate", ["ratio", "sum", "none"])
def test_a_loaded_total_wins_over_its_parts(aggregate):
    parts = [make_figure(value=0.7), make_figure(segment="A", value=1, top=1, bottom=1)]
    assert only(parts, aggregate).value == 0.7


def test_people_roll_up_to_their_segment_and_segments_to_the_whole():
    parts = [
        make_figure(segment="A", csm="Ana", top=8, bottom=10),
        make_figure(segment="A", csm="Ben", top=1, bottom=10),
        make_figure(segment="B", csm="Cem", top=10, bottom=10),
    ]
    assert only(parts, "ratio", "A").value == 9 / 20
    assert only(parts, "ratio").value == 19 / 30


def test_the_coarsest_parts_are_used_and_nothing_is_counted_twice():
    parts = [
        make_figure(segment="A", value=5),
        make_figure(segment="B", value=6),
        make_figure(csm="Ana", value=11),
        make_figure(team="T", value=11),
    ]
    assert only(parts, "sum").value == 11


def test_without_a_rule_there_is_no_total():
    assert "" not in rollup.series([make_figure(segment="A", value=1)], "none")


def test_a_part_without_numerator_leaves_no_total_rather_than_a_wrong_one():
    parts = [make_figure(segment="A", value=0.9), make_figure(segment="B", top=1, bottom=2)]
    assert only(parts, "ratio").value is None


def test_a_denominator_of_nought_gives_no_value():
    assert only([make_figure(top=0, bottom=0)], "ratio").value is None


def test_a_missing_period_stays_missing():
    points = rollup.series([make_figure(0, value=1), make_figure(2, value=1)], "sum")[""]
    assert [one.period for one in points] == [FIRST, FIRST.shift(2)]


def test_a_segment_that_is_late_is_lacking():
    parts = [make_figure(n, segment=name, value=1) for n in range(3) for name in "AB" if (n, name) != (2, "B")]
    assert [one.lacking for one in rollup.series(parts, "sum")[""]] == [(), (), ("B",)]


def test_a_segment_that_ended_is_not_lacking_for_ever():
    parts = [make_figure(n, segment=name, value=1) for n in range(9) for name in "AB" if name == "A" or n < 3]
    assert {one.lacking for one in rollup.series(parts, "sum")[""]} == {()}


def test_a_loaded_total_lacks_nothing():
    parts = [make_figure(n, value=1) for n in range(3)] + [make_figure(0, segment="A", value=1)]
    assert all(one.lacking == () for one in rollup.series(parts, "sum")[""])


def test_a_restated_part_restates_the_total_and_tells_what_it_was():
    parts = [make_figure(segment="A", value=5, earlier=(4, None, None), day=9), make_figure(segment="B", value=1)]
    point = only(parts, "sum")
    assert (point.value, point.earlier, point.restated, point.load) == (6, 5, True, "load 9")


def test_the_same_figure_loaded_again_is_not_restated():
    assert not only([make_figure(value=5, earlier=(5, None, None))], "sum").restated
