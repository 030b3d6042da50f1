"""A trigger fires when its condition held so many periods running, once, by what was known of each period then."""

from __future__ import annotations

import pytest

from scorecard.core import triggers
from scorecard.core.triggers import Condition
from tests.scorecards import month

ABOVE = Condition("above", 59, 2)
FIRST = month(2026, 1)


def known(*values: float | None, first=FIRST) -> dict:
    """Every period with all figures up to it, as when nothing was ever restated; None is a month without a figure."""
    series = {first.shift(n): value for n, value in enumerate(values) if value is not None}
    return {period: {other: value for other, value in series.items() if other <= period} for period in series}


@pytest.mark.parametrize(
    ("values", "fired"),
    [
        ([60, 61], ["2026-02"]),
        ([60, 59, 60], []),
        ([60, None, 60], []),
        ([60, 60, 60, 60], ["2026-02"]),
        ([60, 60, 50, 70, 70], ["2026-02", "2026-05"]),
    ],
    ids=["two running", "exactly on it does not count", "a month that lacks breaks the run", "once while it holds", "again after it did not hold"],
)
def test_when_it_fires(values, fired):
    assert [str(one.fired) for one in triggers.firings(known(*values), ABOVE)] == fired


def test_a_firing_keeps_the_figures_that_made_it_and_the_last_period_in_which_it_held():
    (one,) = triggers.firings(known(10, 60, 61, 62), ABOVE)
    assert (one.values, str(one.last)) == ((60, 61), "2026-04")


def test_each_month_is_judged_by_the_figures_of_its_time():
    """January was 60 when it was read, and became 50 before February came: February alone is not two running."""
    restated = known(60, 61)
    restated[FIRST.shift(1)] = {FIRST: 50, FIRST.shift(1): 61}
    assert triggers.firings(restated, ABOVE) == ()


def test_how_far_it_is_counts_the_months_running_up_to_now():
    series = {FIRST.shift(n): value for n, value in enumerate([60, 10, 60])}
    assert triggers.running(series, ABOVE, FIRST.shift(2)) == 1


def test_events_are_counted_by_month_and_a_month_without_one_is_none():
    found = triggers.counts([FIRST, FIRST, FIRST.shift(9)], FIRST, FIRST.shift(2))
    assert list(found.values()) == [2, 0, 0]
