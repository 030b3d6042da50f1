"""The model and the files of maturity on the page: leaders change and bring in, everybody reads."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from scorecard import access, maturity
from scorecard.maturity import editing
from scorecard.store import maturity as rows
from scorecard.ui import maturity_exchange, state
from tests.conftest import make_actor
from tests.pages.test_maturity import LEADER, cycle_of, filled, see_maturity  # noqa: F401
from tests.pages.test_pages import BROKEN, labels, press, said

SAVE = "Save as a new version"


@pytest.mark.parametrize("role", access.ROLES)
def test_everybody_reads_the_model_and_only_a_leader_changes_it(see_maturity, role):
    at = see_maturity(role, view="model")
    assert not at.exception and not at.error and BROKEN not in said(at) and at.title[0].value == "Maturity model"
    assert "It says what the shipped file says." in said(at)
    assert (SAVE in labels(at)) is access.may(make_actor(role), "decide")


def choose(at: AppTest, practice: str, system: str = "work") -> AppTest:
    at.selectbox(key="model system").set_value(system).run()
    return at.selectbox(key=f"model of {system}").set_value(practice).run()


def test_texts_weight_target_and_criteria_of_a_practice_become_a_version(see_maturity, filled):
    at, mark = choose(see_maturity("leader", view="model"), "W6"), "work W6 1"
    at.text_input(key=f"title {mark}").set_value("Hand-overs owned")
    at.text_input(key=f"weight {mark}").set_value("2")
    at.text_input(key=f"target {mark}").set_value("4,5")
    at.text_area(key=f"gates {mark}").set_value("3: Every hand-off has an owner\n3: Nothing is lost")
    press(at, SAVE)
    assert "reason" in at.error[0].value.lower() and editing.newest(filled).number == 1
    at.text_input(key=f"reason {mark}").set_value("Ours are called so.")
    press(at, SAVE)
    assert not at.exception and not at.error
    found = editing.newest(filled).model.practices["W6"]
    assert (found.title, found.weight, found.target) == ("Hand-overs owned", 2.0, 4.5)
    assert found.gates == {3: ("Every hand-off has an owner", "Nothing is lost")}
    assert cycle_of(filled, "Full").model == 1 and "Version 2" in said(at)


def test_a_practice_is_added_retired_and_brought_back(see_maturity, filled):
    at, mark = choose(see_maturity("leader", view="model"), "new"), "work new 1"
    for name, text in (("id", "W7"), ("title", "Rehearsed"), ("question", "Do we rehearse?"), ("reason", "New.")):
        at.text_input(key=f"{name} {mark}").set_value(text)
    press(at, SAVE)
    assert "must be 5 texts" in at.error[0].value
    for level in range(1, 6):
        at.text_area(key=f"level {level} {mark}").set_value(f"Seen at {level}.")
    press(at, SAVE)
    assert editing.newest(filled).model.practices["W7"].levels[4] == "Seen at 5."
    choose(at, "W4")
    at.text_input(key="reason work W4 2").set_value("No partners.")
    press(at, "Retire this practice")
    assert "W4" not in editing.newest(filled).model.practices
    at.text_input(key="shipped reason 3").set_value("Partners again.")
    at.selectbox(key="shipped which 3").set_value("W4")
    press(at, "Take the shipped one")
    assert "W4" in editing.newest(filled).model.practices


def bring(cycle: str) -> None:
    """The script of the dialog with which answers come in."""
    from scorecard import maturity
    from scorecard.ui import forms, maturity_exchange, state

    page = state.page("read_scorecard")
    forms.begin()
    with page.store.read() as tx:
        maturity_exchange.bring(page, next(one for one in maturity.cycles(tx) if one.id == cycle))
    forms.settle()


def upload(store, cycle: str, content: str) -> AppTest:
    at = AppTest.from_function(bring, args=(cycle,), default_timeout=60)
    at.session_state[state.PERSON] = "test-leader"
    at.run()
    at.get("file_uploader")[0].set_value([("answers.csv", content.encode(), "text/csv")])
    at.run()
    return press(at, "Take the answers")


def test_answers_come_in_from_the_page_or_are_refused_with_their_rows(filled):
    cycle = cycle_of(filled, "Quick").id
    at = upload(filled, cycle, "rater,practice,level\nrater-0,work,3\nrater-0,metrics,9\n")
    assert "'9' is no level from 1 to 5: row 3." in at.error[0].value
    at = upload(filled, cycle, "rater,practice,level\nrater-0,work,3\nrater-0,metrics,4\n")
    assert not at.error
    with filled.read() as tx:
        assert {one.practice: one.level for one in rows.answers(tx, cycle)} == {"work": 3, "metrics": 4}


def test_the_results_of_a_cycle_are_offered_as_files(see_maturity, filled):
    maturity.close(filled, LEADER, cycle_of(filled, "Quick").id)
    at = see_maturity("viewer", view="results")
    offered = [one.label for one in at.get("download_button")]
    assert [label for label, *_ in maturity_exchange.FORMATS.values()] == offered[:3]
