"""Skills, staffing, development plans and feedback on the page People: each part opens, and a yes is written down."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from scorecard import registers
from scorecard.access import Actor
from scorecard.people import growth, hiring
from scorecard.ui import people_growth, state
from tests.pages.conftest import visit
from tests.stores import TODAY


def as_person(person: str, **query: str):
    """The page People as one of the sample's people."""
    at = visit("people", "viewer", **query)
    at.session_state[state.PERSON] = person
    return at.run()


@pytest.mark.parametrize(("view", "boards"), [
    ("skills", ["Skills", "Who can what", "Training"]), ("growth", ["Development plans", "Steps of development plans", "Induction and training of people"]),
    ("feedback", ["Feedback talks"]),
])  # fmt: skip
def test_each_part_opens_with_its_registers(look, view, boards):
    at = look("people", "leader", view=view)
    assert not at.exception and at.title[0].value == people_growth.TITLES[view] and [one.value for one in at.subheader] == boards


def test_an_empty_page_offers_the_first_step_to_who_may_take_it(look):
    labels = {one.label for one in look("people", "leader", empty=True).button}
    assert {"Write the first skill", "Write the first position plan"} <= labels
    assert not {"Write the first skill"} & {one.label for one in look("people", "viewer", empty=True).button}


def test_the_leader_says_yes_to_a_plan_that_waits_for_it(fill):
    fill()
    store = state.store()
    plan = registers.add(store, Actor("mei-lin", "Mei Lin", "member"), "development_plan", {"person": "mei-lin", "aim": "Teach *reading*"}, today=TODAY).id
    at = as_person("rana-amari", view="growth")
    at.button(key=f"agree {plan}").click().run()
    assert not at.exception and f"agree {plan}" not in {one.key for one in at.button}
    with store.read() as tx:
        assert registers.one(tx, growth.PLAN, plan, Actor("rana-amari", "Rana Amari", "leader")).values["leader_agreed_on"]


def draw_the_form() -> None:
    """The form of one interviewer for one candidate, outside of its dialog."""
    from scorecard.people import hiring
    from scorecard.ui import people_hiring, state

    page = state.page("read_scorecard")
    (opening,) = hiring.read(page.store, page.actor)
    people_hiring._form(page, opening, next(one for one in opening.candidates if one.name == "Iris Coleman"))


def test_an_interviewer_answers_every_question_before_the_score_is_kept(fill):
    fill()
    at = AppTest.from_function(draw_the_form, default_timeout=60)
    at.session_state[state.PERSON] = "luc-renard"
    at.run().button[0].click().run()
    assert at.error[0].value.startswith("One score is missing")
    for one in at.button_group:
        one.set_value("yes" if one.label == "You recommend" else 4)
    at.button[0].click().run()
    (opening,) = hiring.read(state.store(), Actor("luc-renard", "Luc Renard", "leader"))
    iris = next(one for one in opening.candidates if one.name == "Iris Coleman")
    assert not at.exception and iris.done == 3 and iris.recommends["Luc Renard"] == "yes" and not iris.own_missing
