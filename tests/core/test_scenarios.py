"""A scenario moves the natural range of a measure; the goal, what hangs on the measure and the triggers follow."""

from __future__ import annotations

from dataclasses import replace
from statistics import linear_regression

import pytest

from scorecard.core import links, scenarios
from scorecard.core.definition import Definition
from scorecard.core.scenarios import HOLDS, MAY, NO, TRIPS, Change, Level, Tie
from scorecard.core.triggers import Condition
from tests.scorecards import make_noise, month

FIRST = month(2024, 1)
SHARE = Definition("kept", "Kept", unit="percent", improvement_direction="increase", bounds=(0, 1))
TICKETS = Definition("tickets", "Tickets", unit="count", improvement_direction="decrease", bounds=(0, None))


def make_level(measure: Definition, centre: float, width: float, goal: float | None, values=()) -> Level:
    series = {FIRST.shift(n): value for n, value in enumerate(values)}
    return Level(measure, max(series, default=None), centre, centre, centre - width, centre + width, goal, series)


KEPT = make_level(SHARE, 0.90, 0.05, 0.92, [0.91, 0.93, 0.89, 0.92])
QUEUE = make_level(TICKETS, 47, 16, 59, [40, 50, 45, 52])


@pytest.mark.parametrize(("amount", "after"), [(0.08, "will_meet"), (0.0, "hit_or_miss"), (-0.04, "will_miss")])
def test_the_moved_range_is_held_against_the_goal(amount, after):
    (one,) = scenarios.effects({"kept": KEPT}, [Change("kept", amount, "units", "a guess")])
    assert (one.before, one.after, round(one.then, 4)) == ("hit_or_miss", after, round(0.90 + amount, 4))


def test_how_often_the_goal_would_have_been_met_is_counted_in_the_months_there_are():
    (one,) = scenarios.effects({"kept": KEPT}, [Change("kept", 0.02, "units", "")])
    assert (one.met, one.meets, one.months) == (2, 3, 4)


def test_a_share_of_the_level_is_taken_from_the_centre_and_a_bound_is_never_passed():
    (one,) = scenarios.effects({"kept": KEPT}, [Change("kept", 0.20, "percent", "")])
    assert (round(one.amount, 4), one.then, one.upper) == (0.18, 1, 1)


def test_without_a_goal_or_a_range_nothing_is_said_about_it():
    bare = replace(KEPT, goal=None)
    assert scenarios.effects({"kept": bare}, [Change("kept", 0.1, "units", "")])[0].after == "cannot_say"
    assert scenarios.effects({"kept": KEPT}, [Change("other", 0.1, "units", "")]) == (), "of a measure that is not there"


def test_what_follows_has_the_slope_of_least_squares_and_the_interval_of_the_correlation():
    """Oracle: statistics.linear_regression over the same pairs."""
    cause, chance = make_noise(30, 50, 5), make_noise(30, 0, 0.02)[::-1]
    effect = [0.5, *(0.9 - 0.004 * x + e for x, e in zip(cause, chance, strict=True))][:30]
    levels = {"tickets": replace(QUEUE, values={FIRST.shift(n): x for n, x in enumerate(cause)}), "kept": replace(KEPT, values={FIRST.shift(n): y for n, y in enumerate(effect)})}
    pairs = list(zip(cause[:29], effect[1:], strict=True))
    evidence = links.read({n: x for n, (x, _) in enumerate(pairs)}, {n + 1: y for n, (_, y) in enumerate(pairs)}, 1, -1)
    slope = linear_regression(*zip(*pairs, strict=True)).slope
    _, follows = scenarios.effects(levels, [Change("tickets", 10, "units", "")], [Tie("tickets", "kept", 1, evidence)])
    assert follows.through == "Tickets" and follows.amount == pytest.approx(10 * slope)
    assert follows.low < follows.amount < follows.high and follows.low == pytest.approx(10 * slope * evidence.low / evidence.r)


def test_what_is_assumed_itself_does_not_follow_from_another_assumption_as_well():
    evidence = links.Evidence(20, 20, 0.6, 0.2, 0.8, "supported")
    found = scenarios.effects({"tickets": QUEUE, "kept": KEPT}, [Change("tickets", 5, "units", ""), Change("kept", -0.1, "units", "")], [Tie("tickets", "kept", 0, evidence)])
    assert [one.through for one in found] == ["", ""]


@pytest.mark.parametrize(
    ("amount", "running", "months", "part", "verdict", "count"),
    [(20, 2, 3, 0, TRIPS, 4), (20, 2, 1, 0, MAY, 4), (20, 2, 1, 1, TRIPS, 4), (8, 2, 3, 0, MAY, 1), (1, 2, 3, 0, NO, 0), (0, 2, 3, 2, HOLDS, 0)],
    ids=["long enough", "too short", "one month is there already", "the level does not, a month does", "never", "it is tripped now"],
)
def test_which_trigger_is_tripped(amount, running, months, part, verdict, count):
    (one,) = scenarios.effects({"tickets": QUEUE}, [Change("tickets", amount, "units", "")])
    assert scenarios.trips(one, Condition("above", 59, running), months, part) == (verdict, count)


def test_two_assumptions_about_one_measure_add_up():
    (one,) = scenarios.effects({"kept": KEPT}, [Change("kept", -0.02, "units", "a rival"), Change("kept", -0.1, "percent", "fewer people")])
    assert (round(one.amount, 4), one.ground) == (-0.11, "a rival; fewer people")
