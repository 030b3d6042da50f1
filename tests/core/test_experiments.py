"""Experiments: planned before, drawn by chance, read once or at agreed looks, decided by a rule written beforehand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from scorecard.core import experiments, looks
from scorecard.core.calibration import Interval
from scorecard.core.experiments import Arm, Guardrail, Rule, assign, decide, plan, read
from scorecard.errors import StudyRefused

RULE = Rule("renewal", "up", 500, guardrails=(Guardrail("tickets", "down"),))
CALM = {"tickets": Interval(0.0, -0.2, 0.2)}


def make_units(n: int = 203) -> dict[str, str]:
    return {f"A{i:04d}": f"segment {i % 3}" for i in range(n)}


def test_the_smallest_change_that_is_noticed_needs_the_accounts_there_are():
    low, high = experiments.smallest_change(0.85, 406)
    assert experiments.power_of(0.85, high, 406) == pytest.approx(0.8) == pytest.approx(experiments.power_of(0.85, low, 406))
    assert plan(0.85, high).per_arm == 406 and experiments.smallest_change(0.98, 40)[1] is None


def test_an_experiment_lasts_as_long_as_the_real_volumes_say():
    found = experiments.duration(1366, [40, 52, 47, 60])
    assert (found.fast, found.usual, found.slow) == (26, 28, 31)
    assert experiments.duration(10, []) is None and experiments.duration(10, [0, 0, 5]) is None
    assert experiments.duration(10, [0, 0, 5, 5, 5]).slow is None


def test_looks_cost_a_little_size_and_their_boundaries_are_part_of_the_plan():
    one, two = plan(0.85, 0.90), plan(0.85, 0.90, at=(0.5, 1.0))
    assert one.per_arm < two.per_arm < one.per_arm * 1.01 and two.bounds == pytest.approx((2.9626, 1.9686), abs=1e-4)
    assert two.reached == pytest.approx(0.8, abs=0.002)


def test_looks_keep_the_false_alarms_where_naive_looks_multiply_them():
    shares = [0.2, 0.4, 0.6, 0.8, 1.0]
    rng = np.random.default_rng(4)
    z = np.cumsum(rng.normal(size=(100_000, 5)), axis=1) / np.sqrt(np.arange(1, 6))
    honest = (np.abs(z) > looks.boundaries(shares)).any(axis=1).mean()
    naive = (np.abs(z) > 1.96).any(axis=1).mean()
    assert honest == pytest.approx(0.05, abs=0.003) and naive > 0.13
    drift = 2.8 * np.sqrt(shares)
    assert (np.abs(z + drift) > looks.boundaries(shares)).any(axis=1).mean() == pytest.approx(looks.power(shares, looks.boundaries(shares), 2.8), abs=0.005)


def test_looks_need_not_be_equal_and_a_nonsense_order_is_refused():
    assert looks.boundaries([1.0]) == pytest.approx([1.959964], abs=1e-5)
    with pytest.raises(StudyRefused, match="rise to at most 1"):
        looks.boundaries([0.5, 0.4])


def test_arms_are_balanced_within_each_stratum_and_the_seed_repeats_them_in_any_order():
    units = make_units()
    placed = assign(units, "renewal talk 2026")
    for counts in (Counter(one.arm for one in placed), *(Counter(one.arm for one in placed if one.stratum == s) for s in set(units.values()))):
        assert abs(counts["a"] - counts["b"]) <= 1
    assert assign(dict(reversed(units.items())), "renewal talk 2026") == placed
    assert assign(units, "another seed") != placed


def test_the_draw_gives_every_unit_the_same_chance():
    units = make_units(31)
    share = Counter(one.unit for seed in range(400) for one in assign(units, str(seed)) if one.arm == "a")
    assert all(130 < share[unit] < 270 for unit in units)


def test_units_that_come_later_fill_up_and_nobody_changes_sides():
    units = make_units(90)
    early = assign(dict(list(units.items())[:40]), "s")
    late = assign(units, "s", already=early)
    assert {one.unit: one.arm for one in early}.items() <= {one.unit: one.arm for one in late}.items()
    counts = Counter((one.stratum, one.arm) for one in late)
    assert all(abs(counts[s, "a"] - counts[s, "b"]) <= 1 for s in set(units.values()))


def test_three_arms_are_dealt_evenly_and_one_arm_is_refused():
    assert set(Counter(one.arm for one in assign(make_units(90), "s", ("a", "b", "c"))).values()) == {30}
    with pytest.raises(StudyRefused, match="at least two arms"):
        assign(make_units(), "s", ("a",))


def test_the_difference_is_b_minus_a_and_its_sentence_says_both():
    seen = read(Arm(425, 500), Arm(452, 500))
    assert seen.difference == pytest.approx(0.054) and seen.lower > 0 and seen.p == pytest.approx(0.00933, abs=1e-5)
    assert experiments.told(seen) == "b is higher: 90.4% (452 of 500) against 85.0% (425 of 500), +5.4 points (+1.3 to +9.5; p = 0.009)."
    assert read(Arm(452, 500), Arm(425, 500)).lower == pytest.approx(-seen.upper)


def test_small_numbers_are_read_by_fishers_exact_test():
    seen = read(Arm(1, 9), Arm(3, 8))
    assert seen.method == "Fisher's exact test" and experiments.told(seen).startswith("No evidence of a difference")


@pytest.mark.parametrize(("arm", "words"), [(Arm(5, 0), "Arm b: 5 of 0"), (Arm(7, 5), "Arm b: 7 of 5")])
def test_a_share_that_is_none_is_refused(arm, words):
    with pytest.raises(StudyRefused, match=words):
        read(Arm(1, 2), arm)


def test_arms_of_unintended_sizes_are_not_read():
    seen = read(Arm(425, 500), Arm(560, 620))
    assert seen.mismatched and decide(RULE, seen, CALM).verdict == "broken"
    assert not read(Arm(425, 500), Arm(230, 250), planned=(2, 1)).mismatched


@pytest.mark.parametrize(("seen", "guards", "verdict", "words"), [
    (read(Arm(425, 500), Arm(452, 500)), CALM, "adopt", "The rule set beforehand is met"),
    (read(Arm(425, 500), Arm(430, 500)), CALM, "no_evidence", "The rule is not met"),
    (read(Arm(452, 500), Arm(425, 500)), CALM, "keep", "wrong way"),
    (read(Arm(425, 500), Arm(452, 500)), {"tickets": Interval(0.4, 0.1, 0.7)}, "keep", "guardrail moved: tickets"),
    (read(Arm(425, 500), Arm(452, 500)), {}, "go_on", "Guardrail without figures: tickets"),
    (read(Arm(200, 250), Arm(240, 250)), CALM, "go_on", "read once, at the end")])
def test_the_rule_written_beforehand_decides(seen, guards, verdict, words):
    found = decide(RULE, seen, guards)
    assert found.verdict == verdict and words in found.sentence


def test_a_lift_below_the_least_agreed_is_not_adopted():
    assert decide(replace(RULE, least=0.08), read(Arm(425, 500), Arm(452, 500)), CALM).verdict == "keep"


def test_a_look_in_between_has_to_pass_its_boundary():
    rule = replace(RULE, looks=(0.5, 1.0))
    assert decide(rule, read(Arm(212, 250), Arm(228, 250)), CALM).verdict == "go_on"
    early = decide(rule, read(Arm(200, 250), Arm(236, 250)), CALM)
    assert early.verdict == "adopt" and early.boundary == pytest.approx(2.9626, abs=1e-3)
    assert decide(rule, read(Arm(425, 500), Arm(445, 500)), CALM, looked=(0.5,)).boundary == pytest.approx(1.9686, abs=1e-3)
    assert decide(rule, read(Arm(80, 100), Arm(99, 100)), CALM).verdict == "go_on"


@pytest.mark.parametrize(("seen", "better", "margin", "state"), [
    (Interval(0.3, 0.1, 0.5), "down", 0.0, "worse"), (Interval(0.3, 0.1, 0.5), "up", 0.0, "held"), (Interval(0.1, -0.1, 0.3), "down", 0.0, "held"),
    (Interval(0.1, -0.1, 0.3), "down", 0.2, "cannot say"), (Interval(0.1, -0.1, 0.15), "down", 0.2, "held"), (Interval(0.5, 0.3, 0.7), "down", 0.2, "worse")])
def test_a_guardrail_moves_holds_or_cannot_be_told(seen, better, margin, state):
    assert experiments.moved(Guardrail("tickets", better, margin), seen) == state


def test_the_fingerprint_of_a_rule_changes_with_every_part_of_it():
    changed = [RULE, replace(RULE, per_arm=501), replace(RULE, least=0.01), replace(RULE, guardrails=()), replace(RULE, looks=(0.5, 1.0)), replace(RULE, better="down")]
    assert len({experiments.fingerprint(one) for one in changed}) == len(changed)
    assert experiments.fingerprint(RULE) == experiments.fingerprint(replace(RULE))
    assert experiments.rule_in_words(RULE) == "Adopt b if renewal is up, its interval above 0 and no guardrail moves (tickets); read once, at 500 an arm."


@pytest.mark.parametrize("values", [(0.0, 0.9), (0.85, 1.0), (0.85, 0.85)])
def test_a_plan_that_cannot_be_is_refused(values):
    with pytest.raises(StudyRefused):
        plan(*values)


def test_a_rule_that_asks_for_an_interval_above_0_is_not_met_by_p_alone():
    """8 of 50 against 2 of 50: the z test has p = 0.046, and Newcombe's interval reaches from −0.2 to 24.8 points."""
    seen = experiments.read(Arm(2, 50), Arm(8, 50))
    assert seen.p < 0.05 and seen.lower < 0
    found = experiments.decide(Rule("renewal", "up", 50), seen, {})
    assert found.verdict == "no_evidence" and "keep what is" in found.sentence
