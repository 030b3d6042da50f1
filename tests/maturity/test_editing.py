"""The model changed in the product: a version a change, old cycles keep theirs, and the way back to what was shipped."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard import maturity, places
from scorecard.core import maturity_file
from scorecard.errors import NotAllowed, StaleEdit, UsageError
from scorecard.maturity import editing
from tests.conftest import make_actor
from tests.maturity.test_maturity import LEADER, PEOPLE, answer, opened, system, team, team_folder  # noqa: F401

SHIPPED = (places.ROOT / "data" / "maturity.toml").read_text("utf-8")
MODEL = maturity_file.parse(SHIPPED)
NEW = replace(MODEL.practices["W1"], id="W7", title="Journeys rehearsed", weight=2.0, target=5.0)


def test_a_model_written_as_a_file_is_read_back_the_same():
    assert maturity_file.parse(maturity_file.to_toml(MODEL)) == MODEL


@settings(max_examples=40, deadline=None)
@given(title=st.text(min_size=1).map(str.strip).filter(bool), weight=st.floats(0.1, 100).map(lambda one: float(f"{one:g}")))
def test_no_text_in_a_practice_breaks_the_file(title, weight):
    changed = replace(MODEL, practices=MODEL.practices | {"W1": replace(MODEL.practices["W1"], title=title, weight=weight)})
    assert maturity_file.parse(maturity_file.to_toml(changed)).practices["W1"] == changed.practices["W1"]


def test_a_practice_is_added_changed_and_retired_and_each_is_a_version_with_its_reason(team):
    assert editing.save_practice(team, LEADER, NEW, "We rehearse now.", 1) == 2
    assert editing.save_practice(team, LEADER, replace(NEW, title="Rehearsed"), "Shorter.", 2) == 3
    assert editing.retire(team, LEADER, "W4", "We have no partners.", 3) == 4
    assert list(map(str, editing.against(team, SHIPPED))) == ["W7 is new: Rehearsed", "W4 is not asked any more: Partners managed"]
    found = editing.newest(team)
    assert (found.number, found.reason, found.author) == (4, "We have no partners.", "You") and "W4" not in found.model.practices


def test_cycles_that_were_begun_keep_their_model_and_new_ones_take_the_new(team):
    before = opened(team, kind="full", systems=["work"])
    editing.save_practice(team, LEADER, NEW, "We rehearse now.", 1)
    after = opened(team, kind="full", systems=["work"])
    ids = [[one.id for part in maturity.sheet(team, LEADER, cycle.id).parts for one in part.practices] for cycle in (before, after)]
    assert (before.model, after.model) == (1, 2) and "W7" not in ids[0] and ids[1][-1] == "W7"
    answer(team, before, PEOPLE[0], 2)
    maturity.close(team, LEADER, before.id)
    assert system(team, before, "work").score.n == 1


def test_back_to_shipped_for_one_practice_in_its_place_or_for_all(team):
    editing.retire(team, LEADER, "W4", "No partners.", 1)
    editing.save_system(team, LEADER, replace(MODEL.systems["work"], target=5.0), "Higher.", 2)
    assert editing.restore(team, LEADER, SHIPPED, "Partners again.", 3, "W4") == 4
    assert list(editing.newest(team).model.practices) == list(MODEL.practices)
    assert [str(one) for one in editing.against(team, SHIPPED)] == ["work, target: 4 → 5"]
    editing.restore(team, LEADER, SHIPPED, "As shipped.", 4)
    assert editing.newest(team).model == MODEL and editing.against(team, SHIPPED) == ()


def test_who_edits_beside_another_is_told_and_nothing_is_overwritten(team):
    editing.retire(team, LEADER, "W4", "No partners.", 1)
    with pytest.raises(StaleEdit, match="You made version 2 of the model meanwhile .No partners"):
        editing.retire(team, LEADER, "W5", "Mine.", 1)
    with pytest.raises(StaleEdit, match="version 2 of the model was made meanwhile"):
        maturity.save_model(team, LEADER, SHIPPED, "Mine.", 1)
    assert editing.newest(team).number == 2


def test_only_a_leader_changes_the_model_and_only_to_what_holds(team):
    with pytest.raises(NotAllowed):
        editing.retire(team, make_actor("analyst"), "W4", "Why not.", 1)
    with pytest.raises(UsageError, match="Nothing is changed"):
        editing.save_practice(team, LEADER, MODEL.practices["W1"], "Same.", 1)
    with pytest.raises(UsageError, match="a letter and a number"):
        editing.save_practice(team, LEADER, replace(NEW, id="new one"), "Odd.", 1)
    with pytest.raises(maturity_file.DefinitionError, match="must be 5 texts"):
        editing.save_practice(team, LEADER, replace(NEW, levels=("a", "b")), "Short.", 1)


def test_a_weight_moves_the_score_of_a_system(team):
    editing.save_practice(team, LEADER, replace(MODEL.practices["W1"], weight=5.0), "It decides.", 1)
    cycle = opened(team, kind="full", systems=["work"])
    for practice in MODEL.of("work"):
        maturity.save(team, LEADER, cycle.id, practice.id, chosen=3 if practice.id == "W1" else 1,
                      met=[text for texts in practice.gates.values() for text in texts])
    maturity.finish(team, LEADER, cycle.id)
    assert system(team, cycle, "work").score.median == 2.0
