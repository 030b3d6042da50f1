"""Hand-offs and critical moments on their page: empty, recorded in a few presses, refused in words, seen by who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from scorecard import registers
from scorecard.ui import state
from scorecard.work import handoffs
from tests import stores
from tests.conftest import make_actor
from tests.pages.test_pages import labels, press, said

LEADER = make_actor("leader", "test-leader", "Test leader")


def script() -> None:
    """A page with the two sections of Work that this file is about."""
    from scorecard.ui import forms, state, work_handoffs, work_touchpoints

    page = state.page("read_scorecard")
    forms.begin()
    work_handoffs.draw(page)
    work_touchpoints.draw(page)
    forms.settle()


def dialog_script() -> None:
    """A page with the quick dialog in the open: AppTest closes a dialog with the next thing that is done in it."""
    from scorecard.ui import forms, state, work_handoffs

    page = state.page("read_scorecard")
    forms.begin()
    work_handoffs._record(page, "")
    forms.settle()


@pytest.fixture
def filled(tmp_path, without_figures):
    """A store without figures, in which each role has a member."""
    stores.copied(without_figures, tmp_path)
    yield state.store()
    state.close()


def run(role: str = "member", of: Callable[[], None] = script) -> AppTest:
    at = AppTest.from_function(of, default_timeout=60)
    at.session_state[state.PERSON] = f"test-{role}"
    return at.run()


def make_contract(store, **more) -> str:
    fields = [{"name": "steps to reproduce", "needed": True}, {"name": "version"}]
    usual = {"what": "Confirmed faults", "sender": "support", "receiver": "development", "fields": fields, "days": 2}
    return registers.add(store, LEADER, handoffs.CONTRACT, usual | more, today=state.today(store)).id


def standing(store) -> list[registers.Entry]:
    with store.read() as tx:
        return registers.entries(tx, handoffs.REGISTER, order="-recorded")


def test_without_a_contract_the_page_says_what_one_is_for_and_only_who_may_writes_the_first(filled):
    assert {"Write the first contract", "Write the first touch point"} <= set(labels(run()))
    at = run("viewer")
    assert "No hand-off has a contract yet" in said(at) and not {"Write the first contract", "Write the first touch point"} & set(labels(at))


def test_a_rejection_names_fields_of_the_contract_and_is_recorded_once(filled):
    id = make_contract(filled)
    at = run(of=dialog_script)
    at.button_group(key="hand-off outcome").set_value("returned").run()
    at = press(at, "Save")
    assert "Which field was missing? A hand-off is sent back for a field of its contract: steps to reproduce, version." in at.error[0].value
    assert standing(filled) == []
    at.button_group(key=f"hand-off missing new {id}").set_value(["version"]).run()
    at = press(at, "Save")
    (one,) = standing(filled)
    assert not at.error and (one.state, one.values["missing"], one.values["by"]) == ("returned", "version", "test-member")


def test_one_that_waits_is_answered_in_the_same_dialog(filled):
    id = make_contract(filled)
    today = state.today(filled)
    handoffs.record(filled, LEADER, id, today=today, sent_on=today - timedelta(4))
    at = run(of=dialog_script)
    at.button_group(key="hand-off which").set_value("open").run()
    press(at, "Save")
    assert [(one.state, one.values["accepted_on"]) for one in standing(filled)] == [("accepted", today.isoformat())]


def test_a_viewer_sees_the_hand_offs_and_no_button_to_record_one(filled):
    make_contract(filled)
    at = run("viewer")
    assert not at.exception and "Record a hand-off" not in labels(at) and "Hand-offs between departments" in said(at)
