"""The health score: points add up, curves are followed, missing inputs do as they are told, changes are explained whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.core import health_score
from scorecard.core.health_score import BLANK, DEFAULT, REWEIGHT, ZERO, Input, Rule
from scorecard.errors import DefinitionError

LINE = ((0.0, 0.0), (10.0, 1.0))
GOOD = [1.2, 9.0, 0.0, 1.0, 9.0, 0.0]
reading = st.none() | st.floats(-2, 12, allow_nan=False)
readings = st.lists(reading, min_size=6, max_size=6)


def make_rule(*inputs: tuple[str, int, str], version: int = 1) -> Rule:
    return Rule(tuple(Input(name, name.title(), weight, missing, LINE) for name, weight, missing in inputs), 70, 50, version)


@st.composite
def rules(draw) -> Rule:
    """Two to six inputs with whole weights that add up to 100, each with a curve and a way with missing data."""
    names = draw(st.permutations(health_score.ORDER))[: draw(st.integers(2, 6))]
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=len(names) - 1, max_size=len(names) - 1)))
    weights = [b - a for a, b in zip([0, *cuts], [*cuts, 100])]
    made = []
    for name, weight in zip(names, weights, strict=True):
        places = sorted(set(draw(st.lists(st.integers(0, 40), min_size=2, max_size=5)))) or [0]
        places = places if len(places) > 1 else [places[0], places[0] + 1]
        curve = tuple((place / 4, draw(st.integers(0, 20)) / 20) for place in places)
        made.append(Input(name, name, weight, draw(st.sampled_from([REWEIGHT, ZERO, BLANK])), curve))
    return Rule(tuple(made), 70, 50, draw(st.integers(1, 9)))


def test_a_perfect_account_has_100_points_and_each_input_all_of_its_own():
    found = health_score.score(DEFAULT, GOOD)
    assert (found.score, found.points, found.possible) == (100, (40, 25, 20, 15, 0, 0), (40, 25, 20, 15, 0, 0))


def test_points_are_read_off_the_curve():
    # By hand: use 0.9 is 4/5 of the way from 0.5 to 1.0, 0.64 of 40 = 25.6; satisfaction 6 is half of 25 = 12.5; one ticket
    # 0.85 of 20 = 17; contacts 0.7 half of 15 = 7.5. Together 62.6, so 63; rounded down 61, the two left go to .6 and the first .5.
    found = health_score.score(DEFAULT, [0.9, 6.0, 1.0, 0.7, None, None])
    assert (found.score, found.points) == (63, (26, 13, 17, 7, 0, 0))


@pytest.mark.parametrize("missing, score, points, possible", [
    (REWEIGHT, 50, (None, 50), (0, 100)), (ZERO, 20, (0, 20), (60, 40)), (BLANK, None, (None, None), (0, 0))])
def test_a_missing_input_does_what_its_rule_says(missing, score, points, possible):
    found = health_score.score(make_rule(("use", 60, missing), ("satisfaction", 40, REWEIGHT)), [None, 5.0, None, None, None, None])
    assert (found.score, found.points, found.possible) == (score, points, possible)


def test_without_any_input_there_is_no_score():
    assert health_score.score(make_rule(("use", 60, REWEIGHT), ("satisfaction", 40, REWEIGHT)), [None] * 6).score is None


def test_an_input_of_no_weight_is_watched_and_moves_nothing():
    assert health_score.score(DEFAULT, [*GOOD[:4], 0.0, 9.0]) == health_score.score(DEFAULT, [*GOOD[:4], None, None])


@settings(max_examples=150, deadline=None)
@given(rules(), readings)
def test_points_add_up_to_the_score_and_possible_ones_to_100(rule, known):
    found = health_score.score(rule, known)
    if found.score is None:
        assert set(found.points) == {None} and not any(found.possible)
        return
    assert sum(one or 0 for one in found.points) == found.score and sum(found.possible) == 100
    assert all(0 <= (one or 0) <= room for one, room in zip(found.points, found.possible, strict=True))


@settings(max_examples=150, deadline=None)
@given(rules(), readings, rules(), readings)
def test_the_reasons_of_a_change_add_up_to_it_also_when_inputs_go_missing_and_the_rule_changes(old, before, new, now):
    was, has = health_score.score(old, before).score, health_score.score(new, now).score
    lines = health_score.why(old, before, new, now)
    if was is None or has is None:
        assert lines == []
    else:
        assert sum(one.points for one in lines) == has - was


def test_a_change_is_told_apart_by_input():
    lines = health_score.why(DEFAULT, GOOD, DEFAULT, [1.0, 9.0, 2.0, 1.0, None, None])
    assert [(one.name, one.points) for one in lines] == [("Usage", -8), ("Satisfaction", 0), ("Tickets", -6), ("Contacts", 0)]


@settings(max_examples=150, deadline=None)
@given(rules(), readings, readings)
def test_with_the_same_inputs_there_each_part_is_the_difference_of_the_points_shown(rule, before, now):
    now = [None if was is None else 1.0 if one is None else one for was, one in zip(before, now, strict=True)]
    was, has = health_score.score(rule, before), health_score.score(rule, now)
    if was.score is not None:
        shown = [(then or 0) - (first or 0) for one, first, then in zip(rule.inputs, was.points, has.points, strict=True) if one.weight]
        assert [one.points for one in health_score.why(rule, before, rule, now)] == shown


def test_what_an_input_takes_with_it_when_it_goes_missing_has_a_line_of_its_own():
    rule = make_rule(("use", 50, REWEIGHT), ("satisfaction", 50, REWEIGHT))
    lines = health_score.why(rule, [10.0, 0.0, None, None, None, None], rule, [10.0, None, None, None, None, None])
    assert [(one.name, one.points) for one in lines] == [("Use", 0), ("Satisfaction", 0), (health_score.LEFT_OUT, 50)]


def test_a_changed_rule_has_a_line_of_its_own():
    old = make_rule(("use", 50, REWEIGHT), ("satisfaction", 50, REWEIGHT))
    new = make_rule(("use", 80, REWEIGHT), ("satisfaction", 20, REWEIGHT), version=2)
    lines = health_score.why(old, [10.0, 0.0, None, None, None, None], new, [9.0, 0.0, None, None, None, None])
    assert [(one.name, one.points) for one in lines] == [("Use", -5), ("Satisfaction", 0), ("The rule changed (version 2)", 27)]


@pytest.mark.parametrize("score, band", [(None, ""), (49, "red"), (50, "yellow"), (69, "yellow"), (70, "green"), (100, "green")])
def test_a_band_begins_at_its_threshold(score, band):
    assert DEFAULT.band(score) == band


def test_a_rule_survives_being_written_down():
    assert health_score.from_json(health_score.as_json(DEFAULT), 3, "Rana", "why", datetime(2026, 1, 1)) == replace(
        DEFAULT, version=3, author="Rana", reason="why", recorded_at=datetime(2026, 1, 1))


def changed(place: int = 0, **said) -> Rule:
    inputs = list(DEFAULT.inputs)
    inputs[place] = replace(inputs[place], **said)
    return replace(DEFAULT, inputs=tuple(inputs))


@pytest.mark.parametrize("rule, told", [
    (changed(weight=41), "add up to 101. Whole weights of 0 and more have to add up to 100"),
    (changed(reading="satisfaction"), "Two inputs of the health score read the same"),
    (changed(reading="mood"), "Nothing is read as 'mood'. There is: use, satisfaction"),
    (changed(missing="guess"), "'guess' says nothing about a missing input. There is: reweight, zero, blank"),
    (changed(curve=((0.0, 0.0),)), "its curve needs 2 to 8 points whose readings rise"),
    (changed(curve=((1.0, 0.0), (1.0, 1.0))), "whose readings rise"),
    (changed(curve=((0.0, 0.0), (1.0, 1.2))), "more than 100% of the points"),
    (changed(label=" "), "The name of the input is empty"),
    (replace(DEFAULT, green=40), "Yellow begins at 50 and green at 40"),
])
def test_a_rule_that_cannot_be_is_refused_with_what_can(rule, told):
    with pytest.raises(DefinitionError, match=told.replace("(", r"\(")):
        health_score.checked(rule)
