"""The page Improvement: projects in their stages, one project with its case, in the roles that may read and write."""

from __future__ import annotations

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from scorecard import projects
from scorecard.improvement import projects as portfolio
from scorecard.ui import state
from tests.conftest import make_actor
from tests.pages.test_pages import labels, press

LEADER = make_actor("leader", "test-leader", "Test leader")
TODAY = date(2026, 11, 22)


@pytest.fixture
def begun(see):
    """Opens the page on a project of the sample's measures, as somebody."""

    def open_project(role: str):
        see("improvement", role)
        store = state.store()
        made = projects.start(store, LEADER, practice="", title="Renewal desk", owner="test-member", measure="renewal_rate", effect=0.015, today=TODAY)
        return see("improvement", role, project=made.id), store, made

    return open_project


@pytest.mark.parametrize("view", ["", "portfolio", "faults", "cost", "advocacy", "simulation"])
@pytest.mark.parametrize("empty", [True, False], ids=["empty", "with figures"])
def test_every_part_of_the_page_opens(see, view, empty):
    at = see("improvement", "viewer", empty, **({"view": view} if view else {}))
    assert not at.exception and not at.error and at.title[0].value == "Improvement"
    assert "New project" not in labels(at), "a viewer starts nothing"


def case_script(id: str) -> None:
    """The form of the dialog alone: AppTest runs the whole script for what is done in a dialog."""
    from scorecard.ui import forms, improvement_project, improvement_views, state

    page = state.page("read_scorecard")
    forms.begin()
    improvement_project.case_form(page, next(one for one in improvement_views.lines(page) if one.project.id == id))
    forms.settle()


def test_the_case_of_a_project_is_written_on_its_page(begun):
    at, store, made = begun("leader")
    assert at.title[0].value == "Renewal desk" and {"The case", "Cause analysis", "New action", "Move or change"} <= set(labels(at))
    assert "Verify the value" not in labels(at), "its chart has no verdict yet"
    at = AppTest.from_function(case_script, default_timeout=60, args=(made.id,))
    at.session_state[state.PERSON] = "test-leader"
    at.run()
    key = f"case {made.id}"
    at.text_input(key=f"{key} problem").set_value("Small accounts are asked too late.")
    at.number_input(key=f"{key} worth").set_value(140_000)
    at = press(at, "Save the case")
    assert not at.exception and not at.error
    with store.read() as tx:
        case = portfolio.cases(tx)[made.id]
    assert case.problem == "Small accounts are asked too late." and case.worth.base == 140_000


def test_a_member_moves_the_own_project_and_does_not_write_what_it_is_worth(begun):
    at, *_ = begun("member")
    assert "Move or change" in labels(at) and "The case" not in labels(at) and "Cause analysis" in labels(at)
