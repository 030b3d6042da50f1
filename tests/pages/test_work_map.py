"""The map is edited with a reason and stands beside the old one; who may not is told who may; nothing is saved twice or over another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from scorecard.errors import DefinitionError, NotAllowed, StaleEdit
from scorecard.ui import state
from scorecard.work import lifecycle
from tests import stores
from tests.conftest import make_actor
from tests.pages.test_pages import labels, press, said

LEADER = make_actor("leader", "test-leader", "Test leader")
SINCE = date(2026, 10, 1)


def test_the_map_is_changed_with_a_reason_and_the_old_one_stays_beside_it(see):
    at = see("work", "leader", view="edit")
    assert not at.exception
    before = lifecycle.current(state.store())
    mark = f"map {before.version}"
    at.text_input(f"{mark} 0 name").set_value("First weeks")
    at.text_input(f"{mark} reason").set_value("Renewals are prepared earlier")
    at = press(at, f"Save as version {before.version + 1}")
    made = lifecycle.current(state.store())
    assert (made.version, made.stages[0].name, made.stages[0].id) == (before.version + 1, "First weeks", before.stages[0].id)
    assert made.stages[1:] == before.stages[1:] and made.reason == "Renewals are prepared earlier"
    at.query_params["view"] = "map"
    told = said(at.run())
    assert not at.exception and "What is read from the facts" not in told


def test_what_is_typed_while_somebody_else_saves_is_refused_aloud_and_stays(see):
    at = see("work", "leader", view="edit")
    before = lifecycle.current(state.store())
    lifecycle.save_map(state.store(), LEADER, replace(before, stages=before.stages[1:]), before.version, "Shorter", SINCE)
    at.text_input(f"map {before.version} 1 name").set_value("First weeks")
    at.text_input(f"map {before.version} reason").set_value("Clearer")
    at = press(at, f"Save as version {max(before.version, 1) + 1}")
    assert "saved version" in said(at) and at.text_input(f"map {before.version} 1 name").value == "First weeks"
    assert lifecycle.current(state.store()).reason == "Shorter"
    at = press(at, "Begin again with the map in force")
    assert not at.exception and f"Save as version {lifecycle.current(state.store()).version + 1}" in labels(at)


def test_only_who_may_change_measures_finds_the_way_to_the_form(look):
    assert "Ask an analyst" in said(look("work", "viewer", view="edit"))
    assert not any(one.startswith("Save as version") for one in labels(look("work", "member", view="edit")))


@pytest.fixture
def store(tmp_path, beginning):
    made = stores.opened(stores.copied(beginning, tmp_path / "store"))
    yield made
    made.close()


def test_the_shipped_map_is_kept_as_the_first_version_when_it_is_changed(store):
    own = lifecycle.current(store)
    made = lifecycle.save_map(store, LEADER, replace(own, stages=own.stages[1:]), 0, "No onboarding of our own", SINCE)
    assert made.version == 2 and [one.version for one in lifecycle.versions(store)] == [2, 1]
    assert lifecycle.versions(store)[1].stages == own.stages
    with store.read() as tx:
        (action, who) = tx.one("SELECT action, actor FROM audit ORDER BY seq DESC LIMIT 1")
    assert (action, who) == ("change lifecycle", LEADER.name)


def test_a_map_that_somebody_changed_meanwhile_is_not_written_over(store):
    own = lifecycle.current(store)
    lifecycle.save_map(store, LEADER, replace(own, stages=own.stages[1:]), 0, "Shorter", SINCE)
    with pytest.raises(StaleEdit, match="saved version 2 of the map meanwhile"):
        lifecycle.save_map(store, LEADER, replace(own, stages=own.stages[2:]), 0, "Shorter still", SINCE)


@pytest.mark.parametrize(("reason", "since", "said_"), [(" ", SINCE, "reason is empty"), ("Later", date(2099, 1, 1), "is still to come"), ("Same", SINCE, "Nothing on the map was changed")])
def test_a_version_needs_a_reason_and_a_change(store, reason, since, said_):
    with pytest.raises(DefinitionError, match=said_):
        lifecycle.save_map(store, LEADER, lifecycle.current(store), 0, reason, since)


@pytest.mark.parametrize("role", ["viewer", "member"])
def test_a_role_that_may_not_change_measures_changes_no_map(store, role):
    own = lifecycle.current(store)
    with pytest.raises(NotAllowed):
        lifecycle.save_map(store, make_actor(role), replace(own, stages=own.stages[1:]), 0, "Shorter", SINCE)
