"""The guard against asking too often, the pipeline, acceptance by principle, the worth of a year: hand arithmetic and properties."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.core import advocacy, advocacy_worth, value
from scorecard.core.advocacy import Guard
from scorecard.core.advocacy_worth import Recorded

TODAY = date(2026, 11, 20)
DAYS = st.lists(st.integers(0, 500).map(lambda n: TODAY - timedelta(n)), max_size=9)
GUARDS = st.builds(Guard, st.integers(1, 4), st.integers(7, 200), st.integers(0, 200))


@pytest.mark.parametrize(("asked", "until", "left"), [
    ([], None, 2), (["2026-09-08"], None, 1), (["2026-06-02"], None, 2), (["2026-11-12", "2026-10-01"], "2027-02-10", 0), (["2026-11-16", "2026-09-01"], "2027-02-14", 0),
    (["2026-11-03", "2026-07-01"], None, 1), (["2026-06-01", "2026-07-01"], None, 2), (["2026-07-20", "2026-08-25"], "2026-11-23", 0),
])  # fmt: skip
def test_two_asks_in_90_days_are_followed_by_90_days_of_rest(asked, until, left):
    days = [date.fromisoformat(one) for one in asked]
    assert advocacy.full_until(days, Guard(), TODAY) == (date.fromisoformat(until) if until else None)
    assert advocacy.left(days, Guard(), TODAY) == left


@given(DAYS, GUARDS)
def test_who_is_full_may_be_asked_on_the_day_that_is_said_and_on_no_day_before(days, guard):
    until = advocacy.full_until(days, guard, TODAY)
    assert (advocacy.left(days, guard, TODAY) == 0) == (until is not None)
    if until:
        assert until > TODAY and advocacy.left(days, guard, until) > 0 == advocacy.left(days, guard, until - timedelta(1))


@given(DAYS, GUARDS, st.integers(0, 60))
def test_one_more_ask_never_frees_anybody(days, guard, ago):
    more = [*days, TODAY - timedelta(ago)]
    before, after = advocacy.full_until(days, guard, TODAY), advocacy.full_until(more, guard, TODAY)
    assert advocacy.left(more, guard, TODAY) <= advocacy.left(days, guard, TODAY) and (before is None or after >= before)


def moved(id: str, *steps: tuple[str, int]) -> list[tuple[str, str, date]]:
    """An advocate's path: (state, days ago)."""
    return [(id, state, TODAY - timedelta(ago)) for state, ago in steps]


def test_the_pipeline_counts_who_came_who_went_on_and_the_days_between():
    paths = [*moved("a", ("candidate", 100), ("asked", 60), ("agreed", 50), ("active", 20)), *moved("b", ("candidate", 90), ("asked", 70), ("declined", 65)),
             *moved("c", ("candidate", 30)), *moved("d", ("candidate", 400), ("active", 300))]  # fmt: skip
    found = {one.id: one for one in advocacy.pipeline(paths, TODAY - timedelta(365), TODAY)}
    assert [(one.came, one.went_on, one.now) for one in found.values()] == [(3, 2, 1), (3, 2, 0), (2, 2, 0), (2, 0, 2), (0, 0, 0)]
    assert found["candidate"].stay.median == 40, "20, 40 and 100 days, and 30 of one who still waits"
    assert (found["asked"].stay.median, found["agreed"].stay.median, found["active"].stay.median) == (5, 30, None)
    assert found["asked"].interval == pytest.approx((0.2077, 0.9385), abs=1e-4) and found["resting"].interval is None


def test_acceptance_by_principle_says_nothing_before_ten_asks_with_it_and_ten_without():
    few = advocacy.by_principle([(("liking",), True)] * 12 + [((), False)] * 9)
    assert all(one.reading is None for one in few)
    found = {one.principle: one for one in advocacy.by_principle([(("liking",), True)] * 12 + [((), True)] * 3 + [((), False)] * 7)}
    assert found["liking"].reading.difference == pytest.approx(0.7) and found["liking"].reading.lower > 0 and found["unity"].reading is None


RECORDED = Recorded(agreed=22, deal=(31_000.0, 38_000.0, 45_000.0), referred=121_000.0, advocates=17, revenue=3_100_000.0, hours=240.0, gifts=0.0)


def test_the_worth_of_the_picture_comes_out_of_its_assumptions():
    """The parts of the reference page; it adds them up after rounding, here the sums are rounded: 18, 138 and 270 for 19, 137 and 271."""
    changes = {"lift": {"low": 0.02, "base": 0.12, "high": 0.20}, "own_margin": {"low": 0.70, "base": 0.72, "high": 0.74}, "only_so": {"low": 0.33, "base": 0.67, "high": 1.0},
               "hour": {"low": 19_000 / 240, "base": 15_000 / 240, "high": 12_000 / 240}}  # fmt: skip
    made = value.edited(advocacy_worth.assumptions(RECORDED), changes)
    parts = {case: {name: round(part / 1000) for name, part in advocacy_worth.lines(made, case).items()} for case in value.CASES}
    assert parts == {"low": {"deals": 10, "referrals": 28, "kept": 0, "cost": -19}, "base": {"deals": 72, "referrals": 58, "kept": 22, "cost": -15},
                     "high": {"deals": 147, "referrals": 90, "kept": 46, "cost": -12}}  # fmt: skip
    assert [round(advocacy_worth.total(made, case) / 1000) for case in value.CASES] == [18, 138, 270]


@given(st.builds(Recorded, st.integers(0, 500), st.none() | st.tuples(*[st.floats(0, 1e6)] * 3).map(sorted).map(tuple), *[st.floats(0, 1e8)] * 1, st.integers(0, 99), *[st.floats(0, 1e8)] * 3))
def test_low_is_never_above_base_and_base_never_above_high(recorded):
    made = advocacy_worth.assumptions(recorded)
    low, base, high = (advocacy_worth.total(made, case) for case in value.CASES)
    assert low <= base + 1e-6 and base <= high + 1e-6
