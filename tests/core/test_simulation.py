"""The simulation agrees with queueing theory, repeats with its seed, moves the right way, and is checked against what came."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from scorecard.core import simulation
from scorecard.core.simulation import Change, Kept, Process, back_test, difference, simulate, starts
from scorecard.errors import StudyRefused

KEPT = Kept(0.97, 0.88, 0.9, 0.7)
ONBOARDING = Process((10, 12, 9, 11, 14, 10, 12, 8), (20, 25, 31, 18, 40, 22, 27, 35), 11, 45, (12_000, 30_000, 55_000), 0.6, KEPT, backlog=8)


def mean_wait(rate: float, places: int, exponential: bool = True) -> float:
    """The mean wait in steady state with Poisson arrivals, service rate 3, over 300 runs of 1,500 cases after 500."""
    rng = np.random.default_rng(12)
    gaps = rng.exponential(1 / rate, (300, 2000))
    work = rng.exponential(1 / 3, (300, 2000)) if exponential else np.full((300, 2000), 1 / 3)
    arrivals = np.cumsum(gaps, axis=1)
    return float((starts(arrivals, work, places) - arrivals)[:, 500:].mean())


@pytest.mark.parametrize(("rate", "places", "exponential", "wait"), [
    (2, 1, True, 2 / 3), (2, 2, True, 1 / 24),  # F. S. Hillier and G. J. Lieberman, Introduction to Operations Research: the county hospital.
    (2, 1, False, 1 / 3),  # Pollaczek and Khinchine: constant work halves the wait.
    (7.2, 3, True, 0.6472 / (9 - 7.2))])  # Erlang C for 3 places and a load of 2.4.
def test_the_mean_wait_is_that_of_queueing_theory(rate, places, exponential, wait):
    assert mean_wait(rate, places, exponential) == pytest.approx(wait, rel=0.04)


def test_the_same_seed_repeats_and_another_does_not():
    one, same, other = (simulate(ONBOARDING, seed=seed) for seed in (3, 3, 4))
    assert (one.backlog == same.backlog).all() and (one.figures["kept"] == same.figures["kept"]).all()
    assert (one.figures["kept"] != other.figures["kept"]).any()


@pytest.mark.parametrize(("change", "measure", "up"), [
    (Change(places=-3), "backlog", True), (Change(places=3), "time_to_value", False), (Change(places=-3), "kept", False),
    (Change(cycle=1.3), "time_to_value", True), (Change(cycle=0.8), "in_time", True), (Change(cycle=1.3), "kept", False),
    (Change(adoption=0.2), "kept", True), (Change(volume=1.5), "backlog", True), (Change(volume=1.5), "due", True)])
def test_every_change_moves_the_right_way(change, measure, up):
    moved = difference(simulate(ONBOARDING), simulate(ONBOARDING, change), measure)
    assert moved.middle != 0 and (moved.middle > 0) == up


def test_adoption_leaves_the_queue_alone():
    before, after = simulate(ONBOARDING), simulate(ONBOARDING, Change(adoption=0.2))
    assert (before.backlog == after.backlog).all() and (before.figures["due"] == after.figures["due"]).all()
    assert (after.figures["kept"] >= before.figures["kept"]).all()


def test_with_places_for_all_nobody_waits_and_revenue_kept_is_the_stated_chance():
    roomy = replace(ONBOARDING, places=60, backlog=0)
    found = simulate(roomy, runs=2000)
    assert found.spread("waiting").high == 0 and found.spread("time_to_value").middle == pytest.approx(np.median(roomy.durations), abs=1.5)
    share = found.figures["kept"].sum() / found.figures["due"].sum()
    assert share == pytest.approx(0.6 * 0.97 + 0.4 * 0.88, abs=0.005)
    assert found.figures["arrived"].mean() == pytest.approx(12 * np.mean(roomy.volumes), rel=0.02)


def test_what_comes_in_is_finished_or_open():
    found = simulate(ONBOARDING)
    assert (found.figures["arrived"] + ONBOARDING.backlog == found.figures["finished"] + found.figures["backlog"]).all()
    assert [len(found.by_month()), found.figures["busy"].max() <= 1 + 1e-9] == [12, True]


def test_two_scenarios_meet_the_same_accounts_so_their_difference_is_narrower_than_their_luck():
    before, after = simulate(ONBOARDING), simulate(ONBOARDING, Change(adoption=0.05))
    other = simulate(ONBOARDING, Change(adoption=0.05), seed=99)
    paired = (after.figures["kept"] - before.figures["kept"]).std()
    assert paired < 0.5 * (other.figures["kept"] - before.figures["kept"]).std()
    with pytest.raises(StudyRefused, match="same seed"):
        difference(before, other, "kept")


def test_a_back_test_says_what_was_said_and_what_came():
    world = simulate(ONBOARDING, months=3, runs=200, seed=50)
    came = {name: world.spread(name).middle for name in ("arrived", "finished", "backlog", "time_to_value")}
    checks = back_test(ONBOARDING, came)
    assert [check.inside for check in checks] == [True] * 4
    checks = back_test(ONBOARDING, came | {"backlog": 200.0})
    assert simulation.back_test_in_words(checks) == "3 of 4 measures of the past period lay where nine runs of ten said; not: Open at the end."


def test_nine_of_ten_back_tests_of_a_world_that_follows_the_model_lie_inside():
    world = simulate(ONBOARDING, months=3, runs=200, seed=77)
    said = simulate(ONBOARDING, months=3).spread("finished")
    inside = np.mean((world.figures["finished"] >= said.low) & (world.figures["finished"] <= said.high))
    assert 0.83 <= inside <= 0.98


@pytest.mark.parametrize(("process", "change", "words"), [
    (replace(ONBOARDING, durations=(20,)), Change(), "at least 6 of each"), (ONBOARDING, Change(places=-11), "leave none"),
    (ONBOARDING, Change(adoption=0.5), "no share"), (ONBOARDING, Change(cycle=0), "above 0")])
def test_a_simulation_that_has_nothing_to_stand_on_is_refused(process, change, words):
    with pytest.raises(StudyRefused, match=words):
        simulate(process, change)


def test_months_without_arrivals_have_no_figures_and_do_not_break():
    found = simulate(replace(ONBOARDING, volumes=(0,) * 8, backlog=0))
    assert found.spread("backlog").high == 0 and math.isnan(found.spread("time_to_value").middle)


def test_cases_arrive_when_in_the_month_past_ones_did():
    """Clocks that start on the first have a month until it ends: fewer are open then than of those that start any day."""
    quick = replace(ONBOARDING, durations=(20,) * 8, places=99, backlog=0)
    evenly, first, last = (simulate(replace(quick, moments=moments), months=4).spread("backlog").middle for moments in ((), (0.02,), (0.98,)))
    assert first == 0 < evenly < last == simulate(quick, months=1).spread("arrived").middle


def test_a_figure_on_the_edge_of_the_range_lies_inside():
    """Days added to a moment and taken away again are 27.000000000000004."""
    assert simulation.Check("time_to_value", simulation.Spread(27.000000000000004, 30.0, 33.0), 27.0).inside
