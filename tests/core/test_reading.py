"""One reading for each measure: the whole table of status, variation and capability, and the sentence of each kind."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from scorecard.core import reading, spc
from scorecard.core.definition import Definition, Goal
from scorecard.core.periods import Period
from scorecard.core.spc import Figure, LockedLimits, Options

FIRST = date(2023, 1, 1)
CENTRE, LOWER, UPPER = 10.0, 4.0, 16.0
ROUTINE = [9.0, 11.0, 10.5, 9.5, 8.5, 11.5, 9.0, 10.5]
CALM = (ROUTINE * 3)[:24]
TAILS = {  # what follows 24 calm months: variation for "higher is better" and strength
    "routine": ([], "routine", ""), "strong up": ([17.0], "improving", "strong"), "strong down": ([3.0], "worsening", "strong"),
    "moderate up": ([9.0, 13.5, 13.5, 13.5], "improving", "moderate"), "moderate down": ([11.0, 6.5, 6.5, 6.5], "worsening", "moderate"),
    "weak up": ([9.0] + [11.0] * 8, "improving", "weak"), "weak down": ([11.0] + [9.0] * 8, "worsening", "weak"),
}
GOALS = {"will_meet": 3.0, "hit_or_miss": 10.0, "will_miss": 17.0, None: None}
LADDER = ["act", "watch", "on_course"]


def at(i: int) -> Period:
    return Period(FIRST, "month").shift(i)


def make_measure(direction: str = "increase", **more) -> Definition:
    return Definition("m", more.pop("label", "Net score"), unit=more.pop("unit", "score"), improvement_direction=direction, **more)


def make_chart(values, locked: bool = True, **asked) -> spc.Chart:
    """A chart with limits 4 to 16 around 10 in force, unless they are to be worked out."""
    figures = [Figure(at(i), x) for i, x in enumerate(values) if x is not None]
    if locked:
        asked["locked"] = (LockedLimits(at(0), CENTRE, LOWER, UPPER, 2.26, 7.4, at(0), at(23), 24),)
    return spc.read_series(figures, Options(**asked))


def make_goals(value: float | None, **more) -> list[Goal]:
    return [] if value is None else [Goal(FIRST, value, **more)]


def read(values, direction: str = "increase", goal: float | None = None, locked: bool = True, **asked) -> reading.Reading:
    return reading.read(make_chart(values, locked, **asked), make_measure(direction), make_goals(goal))


# ---- the table of statistics ---------------------------------------------------------------------------------------


def expected_status(variation: str, strength: str, capability: str | None) -> str:
    """The one rule, in the words of the specification."""
    if capability is None:
        if variation in ("routine", "improving"):
            return "on_course"
        return "act" if variation == "worsening" and strength == "strong" else "watch"
    base = {"will_meet": 2, "hit_or_miss": 1, "will_miss": 0}[capability]
    return LADDER[min(2, max(0, base + {"improving": 1, "worsening": -1}.get(variation, 0)))]


def expected_verb(variation: str, capability: str | None) -> str:
    if variation == "routine":
        return "leave_alone" if capability in (None, "will_meet") else "change_the_process"
    return {"improving": "spread_what_works", "worsening": "find_the_cause"}[variation]


@pytest.mark.parametrize(("tail", "capability"), list(itertools.product(TAILS, GOALS)))
def test_status_and_verb_follow_from_variation_and_capability(tail: str, capability: str | None) -> None:
    values, variation, strength = TAILS[tail]
    got = read(CALM + values, goal=GOALS[capability])
    assert (got.variation, got.capability) == (variation, capability or "cannot_say")
    assert got.status == expected_status(variation, strength, capability)
    assert got.basis == ("history" if capability is None else "goal")
    assert got.verb == expected_verb(variation, capability)
    assert (strength in got.evidence) if strength else got.evidence == ""


@pytest.mark.parametrize(("tail", "capability"), list(itertools.product(TAILS, GOALS)))
def test_a_measure_that_should_fall_is_read_as_its_mirror_image(tail: str, capability: str | None) -> None:
    mirrored = [2 * CENTRE - x for x in CALM + TAILS[tail][0]]
    goal = GOALS[capability]
    one = read(CALM + TAILS[tail][0], "increase", goal)
    other = read(mirrored, "decrease", None if goal is None else 2 * CENTRE - goal)
    assert (one.variation, one.capability, one.status, one.verb, one.hits) == (other.variation, other.capability, other.status, other.verb, other.hits)


@pytest.mark.parametrize("tail", [name for name in TAILS if name != "routine"])
@pytest.mark.parametrize("goal", [None, 3.0])
def test_without_a_wanted_direction_a_signal_is_a_change_to_watch(tail: str, goal: float | None) -> None:
    got = read(CALM + TAILS[tail][0], "neutral", goal)
    assert (got.variation, got.capability, got.status, got.verb) == ("changing", "cannot_say", "watch", "find_the_cause")


def test_without_a_wanted_direction_routine_is_on_course() -> None:
    got = read(CALM, "neutral")
    assert (got.variation, got.status, got.verb) == ("routine", "on_course", "leave_alone")


@pytest.mark.parametrize("goal", [None, 3.0, 10.0, 17.0])
def test_without_limits_there_is_no_status_yet(goal: float | None) -> None:
    got = read(CALM[:5], goal=goal, locked=False)
    assert (got.variation, got.capability, got.status, got.verb) == ("not_assessable", "cannot_say", "not_yet", "wait")
    assert "5 months so far, too few for limits; 6 give trial limits" in got.reason


@pytest.mark.parametrize("n", [6, 11, 12, 23])
def test_trial_and_provisional_limits_count_for_capability_and_status(n: int) -> None:
    got = read(CALM[:n], goal=-50.0, locked=False)
    assert (got.variation, got.capability, got.status) == ("routine", "will_meet", "on_course")
    assert any(("trial" if n < 12 else "provisional") in notice for notice in got.notices)


@pytest.mark.parametrize("window", ["trailing-12", "cumulative"])
def test_a_series_that_shares_months_cannot_be_assessed_and_says_why(window: str) -> None:
    got = read(CALM + [99.0], goal=10.0, locked=False, window=window)
    assert (got.variation, got.capability, got.status, got.verb) == ("not_assessable", "cannot_say", "not_yet", "wait")
    assert got.reason == spc.window_notice(window) and got.reason in got.full_sentence


def test_a_new_phase_waits_for_eight_points() -> None:
    got = read(CALM + [30.0] * 3 + [31.0] * 4, locked=False, rebase=(at(24),), goal=10.0)
    assert (got.variation, got.status) == ("not_assessable", "not_yet")
    assert "7 months since the new start, too few for limits; 8 give trial limits" in got.reason


# ---- capability --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("direction", "goal", "capability"), [
    ("increase", 3.9, "will_meet"), ("increase", 4.0, "hit_or_miss"), ("increase", 16.0, "hit_or_miss"), ("increase", 16.1, "will_miss"),
    ("decrease", 16.1, "will_meet"), ("decrease", 16.0, "hit_or_miss"), ("decrease", 4.0, "hit_or_miss"), ("decrease", 3.9, "will_miss")])
def test_a_goal_on_a_limit_is_hit_or_missed(direction: str, goal: float, capability: str) -> None:
    assert read(CALM, direction, goal).capability == capability


def test_a_bound_stands_in_for_the_limit_that_does_not_exist() -> None:
    record = LockedLimits(at(0), 0.97, 0.93, None, 0.015, 0.05, at(0), at(23), 24)
    chart = spc.read_series([Figure(at(i), 0.97 + 0.001 * (-1) ** i) for i in range(24)], Options(bounds=(0, 1), locked=(record,)))
    share = make_measure(unit="percent", bounds=(0, 1))
    answers = {goal: reading.read(chart, share, make_goals(goal)).capability for goal in (0.92, 0.95, 1.0)}
    assert answers == {0.92: "will_meet", 0.95: "hit_or_miss", 1.0: "hit_or_miss"}


def test_the_share_of_baseline_months_that_met_the_goal_is_told_in_months_of_twelve() -> None:
    got = read(CALM, goal=10.0)
    met = sum(x >= 10 for x in CALM) / 24
    assert got.hits == pytest.approx(met)
    assert got.against_goal == ("May hit or miss it", f"in {round(met * 12)} months of 12")


def test_a_goal_met_exactly_is_met() -> None:
    assert read([10.0, 9.0] * 12, goal=10.0).hits == pytest.approx(0.5)


@pytest.mark.parametrize(("period", "value"), [(5, None), (11, None), (12, 8.0), (23, 8.0), (24, 9.0), (40, 9.0)])
def test_the_goal_is_that_of_the_period_it_is_compared_with(period: int, value: float | None) -> None:
    goals = [Goal(at(24).start, 9.0), Goal(at(12).start, 8.0)]
    found = reading.goal_of(goals, at(period))
    assert (found.value if found else None) == value
    assert reading.goal_of(goals, None) is None


def test_the_reading_uses_the_goal_of_its_own_period() -> None:
    goals = [Goal(at(0).start, 3.0), Goal(at(24).start, 17.0)]
    before = reading.read(make_chart(CALM), make_measure(), goals)
    after = reading.read(make_chart(CALM + [10.0]), make_measure(), goals)
    assert (before.capability, after.capability) == ("will_meet", "will_miss")


# ---- a plan with thresholds -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("direction", "red", "yellow", "value", "status"), [
    ("increase", 8.0, 10.0, 10.0, "on_course"), ("increase", 8.0, 10.0, 9.9, "watch"), ("increase", 8.0, 10.0, 8.0, "watch"),
    ("increase", 8.0, 10.0, 7.9, "act"), ("decrease", 12.0, 10.0, 10.0, "on_course"), ("decrease", 12.0, 10.0, 11.0, "watch"),
    ("decrease", 12.0, 10.0, 12.1, "act")])
def test_thresholds_of_the_plan_decide_the_status(direction, red, yellow, value, status) -> None:
    goal = Goal(FIRST, 10.0, "plan", red, yellow)
    assert reading.plan_status(value, goal, direction) == status
    got = reading.read(make_chart(CALM + [value]), make_measure(direction), [goal])
    assert (got.status, got.basis) == (status, "plan")


def test_the_flicker_meter_is_the_share_of_colour_changes_of_a_stable_process() -> None:
    goal = Goal(FIRST, 10.0, "plan", red=9.0, yellow=11.0)
    stable = np.random.default_rng(5).normal(CENTRE, (UPPER - LOWER) / 6, 40_000)
    colours = np.digitize(stable, [9.0, 11.0])
    assert reading.flicker(make_chart(CALM), goal, "increase") == pytest.approx((colours[1:] != colours[:-1]).mean(), abs=0.01)


@pytest.mark.parametrize("goal", [None, Goal(FIRST, 10.0)])
def test_without_thresholds_nothing_flickers(goal) -> None:
    assert reading.flicker(make_chart(CALM), goal, "increase") is None


def test_thresholds_far_away_do_not_flicker() -> None:
    assert reading.flicker(make_chart(CALM), Goal(FIRST, 10.0, "plan", -90.0, -80.0), "increase") == pytest.approx(0)


# ---- constants, partial and excluded points ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "goal", "capability", "status"), [(1.0, 1.0, "will_meet", "on_course"), (0.9, 1.0, "will_miss", "act"), (1.0, None, "cannot_say", "on_course")])
def test_a_constant_series_is_routine_and_compares_the_value_itself(value, goal, capability, status) -> None:
    chart = make_chart([value] * 14, locked=False)
    got = reading.read(chart, make_measure(unit="percent"), make_goals(goal))
    assert (got.variation, got.capability, got.status) == ("routine", capability, status)
    assert got.behaviour[0] == "Unchanged for 14 months" and "unchanged for 14 months" in got.full_sentence


def test_a_constant_series_counts_every_month_also_after_its_baseline_locked() -> None:
    got = reading.read(make_chart([1.0] * 31, locked=False), make_measure(unit="percent"), [])
    assert got.behaviour[0] == "Unchanged for 31 months" and "unchanged for 31 months" in got.full_sentence


def test_the_first_different_value_of_a_constant_series_is_told_and_is_no_signal() -> None:
    got = reading.read(make_chart([1.0] * 26 + [0.9], locked=False), make_measure(unit="percent"), make_goals(1.0))
    assert (got.variation, got.signal, got.capability) == ("routine", None, "will_miss")
    assert got.behaviour[0] == "Was unchanged for 26 months"
    assert got.full_sentence == "Net score: 90.0% in March after 26 months at 100.0%. It does not meet its goal."
    assert any("notice and not a signal" in notice for notice in got.notices)


def test_months_without_a_change_are_counted_from_the_last_one_that_differed() -> None:
    got = reading.read(make_chart([1.0] * 26 + [0.9] + [1.0] * 5, locked=False), make_measure(unit="percent"), [])
    assert got.behaviour[0] == "Unchanged for 5 months"


def test_a_partial_period_is_not_read() -> None:
    figures = [Figure(at(i), x) for i, x in enumerate(CALM)] + [Figure(at(24), 99.0, partial=True)]
    got = reading.read(spc.read_series(figures), make_measure())
    assert (got.period, got.variation) == (at(23), "routine")


def test_an_excluded_latest_point_cannot_be_assessed() -> None:
    got = read(CALM + [17.0], exclude=frozenset({at(24)}))
    assert (got.variation, got.verb) == ("not_assessable", "wait") and "January 2025 is excluded" in got.reason


def test_nothing_complete_gives_no_reading_and_says_so() -> None:
    chart = spc.read_series([Figure(at(0), None), Figure(at(1), 5.0, partial=True)])
    got = reading.read(chart, make_measure())
    assert (got.period, got.variation, got.status, got.verb) == (None, "not_assessable", "not_yet", "wait")
    assert "no complete figure yet" in got.full_sentence


# ---- the sentence of each kind ---------------------------------------------------------------------------------------------

SENTENCES = {
    "outside": ([17.0], "Net score jumped to 17.0 in January; 4.0 to 16.0 is normal.", "a point beyond a limit", "strong", at(24)),
    "outside low": ([3.0], "Net score fell to 3.0 in January; 4.0 to 16.0 is normal.", "a point beyond a limit", "strong", at(24)),
    "near": ([9.0, 13.5, 13.5, 13.5], "Net score has been close to the upper limit since February 2025",
             "3 of 4 successive points nearer the limit than the centre", "moderate", at(25)),
    "shift": ([9.0] + [11.0] * 9, "Net score has settled higher: 9 months above its centre of 10.0, now 11.0 on average.",
              "8 successive points on one side of the centre", "weak", at(25)),
}


@pytest.mark.parametrize("kind", SENTENCES)
def test_the_sentence_says_what_since_when_which_rule_and_how_strong(kind: str) -> None:
    tail, words, rule, strength, since = SENTENCES[kind]
    got = read(CALM + tail)
    assert got.full_sentence.startswith(words)
    assert got.full_sentence.endswith(f": {rule}, a {strength} signal.") and since.bare in got.full_sentence
    assert got.since == since and spc.RULES[got.signal].strength == strength


@pytest.mark.parametrize(("values", "rules", "words", "rule"), [
    ([11.0, 8.5, 9.0, 9.5, 10.5, 11.0, 11.5, 12.0], "nhs", "Net score has risen 7 months running, from February 2025 to August 2025.", "trend_of_7"),
    ([9.0, 11.0] * 8, "nelson", "Net score has shown a pattern that chance rarely gives", "nelson_4")])
def test_trends_and_patterns_have_sentences_of_their_own(values, rules, words, rule) -> None:
    got = read(CALM + values, rules=rules)
    assert got.signal == rule and got.full_sentence.startswith(words) and spc.RULES[rule].title in got.full_sentence


def test_a_trend_that_turns_at_a_peak_counts_from_the_peak() -> None:
    up, down = [8.2, 8.6, 9.0, 9.4, 10.4, 10.8, 11.2], [10.9, 10.5, 10.2, 9.6, 9.2, 8.8]
    got = read(CALM + [11.0] + up + down, rules="nhs")
    assert (got.signal, got.since) == ("trend_of_7", at(31))
    assert got.full_sentence.startswith("Net score has fallen 7 months running, from August 2025 to February 2026.")


@pytest.mark.parametrize(("goal", "words"), [
    (None, "Net score: routine variation. 4.0 to 16.0 is normal. Nothing to explain."),
    (3.0, "Net score: routine variation. 4.0 to 16.0 is normal. Nothing to explain. Will reach the goal while the work stays as it is."),
    (10.0, "Net score: routine variation. 4.0 to 16.0 is normal. May hit or miss 10 by chance."),
    (17.0, "Net score will not reach 17 as the work is done now: 4.0 to 16.0 is all it can give.")])
def test_routine_variation_says_what_is_normal_and_what_the_goal_can_expect(goal, words) -> None:
    assert read(CALM, goal=goal).full_sentence == words


def test_a_new_level_says_from_what_to_what_and_since_when() -> None:
    calm = [x + 20 for x in ROUTINE]
    chart = spc.read_series([Figure(at(i), x) for i, x in enumerate(CALM + calm + calm)], Options(rebase=(at(24),)))
    got = reading.read(chart, make_measure())
    assert got.shape == "new_level"
    assert got.full_sentence.startswith("Net score moved from 9.9 to 29.9 in January 2025 and has held for 16 months:")


@pytest.mark.parametrize(("label", "verb"), [("Net score", "has"), ("Promises kept", "have"), ("Accounts at risk", "have"), ("Time to value", "has")])
def test_the_verb_of_the_sentence_agrees_with_the_name(label: str, verb: str) -> None:
    got = reading.read(make_chart(CALM + [9.0] + [11.0] * 8), make_measure(label=label), [])
    assert got.sentence.bold == f"{label} {verb} settled higher:"


def test_a_run_that_goes_on_keeps_its_signal_and_the_month_it_was_complete() -> None:
    for n in (8, 9, 12):
        got = read(CALM + [9.0] + [11.0] * n)
        assert (got.signal, got.since, got.completed) == ("run_of_8", at(25), at(32))
    assert read(CALM + [9.0] + [11.0] * 7).signal is None


@pytest.mark.parametrize(("after", "told"), [(1, "one month ago"), (3, "three months ago"), (4, None)])
def test_the_last_signal_is_told_for_three_periods(after: int, told: str | None) -> None:
    got = read(CALM + [17.0] + ROUTINE[:after])
    found = [n for n in got.notices if n.startswith("The last signal was")]
    assert found == ([] if told is None else [f"The last signal was {told}, in January 2025."])


def test_the_strongest_signal_decides() -> None:
    got = read(CALM + [9.0] + [11.0] * 7 + [17.0])
    assert got.signal == "beyond_limit" and {s.rule for s in make_chart(CALM + [9.0] + [11.0] * 7 + [17.0]).points[-1].signals} >= {"beyond_limit", "run_of_8"}


def test_a_jump_between_neighbours_marks_the_range_and_leaves_the_reading_routine() -> None:
    got = read(CALM + [6.0, 14.0])
    assert (got.variation, got.status) == ("routine", "on_course")
    assert any("larger than usual in February 2025" in notice for notice in got.notices)


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("rules", list(spc.RULE_SETS))
def test_every_word_of_a_reading_is_from_a_closed_list(tail: str, rules: str) -> None:
    got = read(CALM + TAILS[tail][0], rules=rules, goal=10.0)
    assert got.variation in reading.VARIATIONS and got.capability in reading.CAPABILITIES
    assert got.status in reading.STATUSES and got.verb in reading.VERBS
    assert all("nan" not in text.lower() and "None" not in text for text in (got.full_sentence, *got.behaviour, *got.against_goal, *got.notices))


def test_the_answer_as_json_names_limits_that_do_not_exist_null() -> None:
    chart = make_chart([0.2, 1.0, 0.4, 1.4, 0.3, 0.9] * 4, locked=False, bounds=(0, None))
    out = reading.to_json(chart, reading.read(chart, make_measure()))
    assert set(out) == {"type", "rules", "phases", "points", "variation", "capability", "status", "verb", "sentence", "notices"}
    assert out["phases"][0]["lower"] is None and out["points"][0]["lower"] is None and out["points"][0]["upper"] > 0
    assert out["phases"][0]["baseline"] == {"from": "2023-01", "to": "2024-12", "n": 24, "state": "locked"}
    assert not any(isinstance(x, float) and math.isnan(x) for point in out["points"] for x in point.values())


def test_a_goal_of_another_period_leaves_the_sentence_without_one() -> None:
    got = reading.read(make_chart(CALM), make_measure(), [replace(Goal(FIRST, 3.0), start=at(60).start)])
    assert (got.goal, got.against_goal[0]) == (None, "No goal set")


@pytest.mark.parametrize(("label", "plural"), [("Late by 15 minutes", False), ("Solved after two days", False), ("Tickets open over 14 days", True),
                                               ("Days to first value", True), ("Promises kept", True)])
def test_the_verb_follows_the_head_of_a_name(label, plural):
    assert reading.plural(label) is plural
