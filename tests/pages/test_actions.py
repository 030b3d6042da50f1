"""The page Actions, in every role: read, write, say how far it is; two people at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from scorecard import access, actions
from scorecard.store import members
from scorecard.ui import state
from tests import stores
from tests.conftest import make_actor
from tests.pages.test_pages import BROKEN, labels, press, said
from tests.reviews.conftest import make_folder

LEADER = make_actor("leader", "test-leader", "Test leader")


def page_alone() -> None:
    """The script of the page without the frame around it."""
    import runpy

    from scorecard import places
    from scorecard.errors import ScorecardError
    from scorecard.ui import forms

    forms.begin()
    try:
        runpy.run_path(str(places.ROOT / "pages" / "actions.py"))
    except ScorecardError as error:
        import streamlit as st

        st.error(str(error))
    finally:
        forms.settle()


def dialog(action: str) -> None:
    """The script of one dialog: AppTest runs the whole script for what is done in a part of it."""
    from scorecard.ui import action_forms, forms, state

    page = state.page("read_scorecard")
    forms.begin()
    action_forms.edit(page, action) if action else action_forms.new(page)
    forms.settle()


def with_actions(folder) -> None:
    make_folder(folder)
    stores.add_roles(folder)
    opened = stores.opened(folder)
    with opened.read() as tx:
        owners = [one.person.id for one in members.members(tx) if one.person.id.startswith("test-")]
    for owner in owners:
        add(opened, title=f"Task of {owner}", owner=owner)
    opened.close()


def add(store, **fields) -> actions.Action:
    today = date.today()
    usual = {
        "title": "Renewal desk",
        "kind": "process",
        "owner": "test-leader",
        "due": today + timedelta(9),
        "measure": "renewal_rate",
    }
    return actions.add(store, LEADER, **(usual | fields), today=today)


@pytest.fixture
def filled(tmp_path, tmp_path_factory):
    """A store with four measures, and an open action of each role."""
    stores.copied(stores.once(tmp_path_factory, "actions with roles", with_actions), tmp_path)
    yield state.store()
    state.close()


@pytest.fixture
def see_actions(filled):
    def open_page(role: str = "leader", **query: str):
        at = AppTest.from_function(page_alone, default_timeout=60)
        at.session_state[state.PERSON] = f"test-{role}"
        for key, value in query.items():
            at.query_params[key] = value
        return at.run()

    return open_page


@pytest.fixture
def form(filled):
    """Opens the form of an action, or of a new one, as somebody."""

    def open_form(role: str, action: str = ""):
        at = AppTest.from_function(dialog, args=(action,), default_timeout=60)
        at.session_state[state.PERSON] = f"test-{role}"
        return at.run()

    return open_form


def stored(title: str) -> actions.Action:
    with state.store().read() as tx:
        return next(one for one in actions.listed(tx) if one.title == title)


@pytest.mark.parametrize("role", access.ROLES)
def test_everybody_reads_the_actions_and_who_may_log_records_writes_one(see_actions, role):
    at = see_actions(role)
    assert not at.exception and not at.error and BROKEN not in said(at) and at.title[0].value == "Actions"
    assert "5 open in the team, 1 of them yours" in at.caption[0].value
    assert ("New action" in labels(at)) is access.may(make_actor(role), "log_records")


def test_a_new_action_and_a_link_to_one_open_their_forms(see_actions):
    assert "Save action" in labels(press(see_actions("member"), "New action"))
    assert "Save action" in labels(see_actions("member", action=stored("Task of test-member").id))
    assert "Save action" in labels(see_actions("member", new="renewal_rate"))
    assert "Save action" not in labels(see_actions("viewer", new="renewal_rate"))


def test_an_action_is_written_in_the_form(form):
    at = form("member")
    at.text_input(key="new field title").set_value("Call the ten largest accounts")
    at.selectbox(key="new field measure").set_value("renewal_rate").run()
    at.number_input(key="new field effect renewal_rate").set_value(2.0)
    press(at, "Save action")
    found = stored("Call the ten largest accounts")
    assert not at.error and (found.owner, found.measure, found.effect) == ("test-member", "renewal_rate", 0.02)
    assert found.due == state.today(state.store()) + timedelta(days=14)


def test_an_action_without_a_title_is_refused_in_words(form):
    at = press(form("member"), "Save action")
    assert "The title of the action is empty" in at.error[0].value


def test_the_owner_of_an_action_says_that_it_is_done(form):
    mine = stored("Task of test-member")
    at, key = form("member", mine.id), f"state {mine.id}"
    at.button_group(key=key).set_value("done").run()
    at.button(key=f"{key} save").click().run()
    assert not at.error and stored(mine.title).state == "done"


def test_who_neither_owns_nor_decides_reads_an_action_and_may_comment(form):
    theirs = stored("Task of test-leader")
    at = form("member", theirs.id)
    assert "Save action" not in labels(at) and "Add the comment" in labels(at)
    viewer = form("viewer", theirs.id)
    assert "Add the comment" not in labels(viewer) and not viewer.error


def test_a_stale_form_says_who_was_first_keeps_what_was_typed_and_then_saves_over_it(form, filled):
    mine = stored("Task of test-member")
    at = form("member", mine.id)
    at.text_input(key=f"edit {mine.id} field title").set_value("My task").run()
    actions.change(filled, LEADER, mine.id, 1, title="Their task")
    at.button(key=f"edit {mine.id} save").click().run()
    assert "Test leader changed the action" in at.error[0].value and stored("Their task").version == 2
    assert "Now stored: title Their task. Yours: title My task." in at.error[0].value
    at.button(key=f"edit {mine.id} save").click().run()
    assert not at.error and stored("My task").version == 3


def test_a_comment_is_kept_beside_the_action(form):
    mine = stored("Task of test-member")
    at = form("member", mine.id)
    next(area for area in at.text_area if area.label == "Comment").set_value("Half of them answered.")
    press(at, "Add the comment")
    with state.store().read() as tx:
        assert [one.text for one in actions.comments(tx, f"action:{mine.id}")] == ["Half of them answered."]


def test_an_unknown_action_in_the_address_gets_a_sentence(see_actions):
    assert "There is no action" in see_actions("leader", action="nothing").error[0].value
