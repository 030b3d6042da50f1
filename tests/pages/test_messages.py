"""The tabs Messages and Calendar of the page Settings, and what the scorecard says when a message did not go."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from scorecard import access, diary, digest
from scorecard.store import messages as rows
from scorecard.ui import state
from tests.conftest import make_actor
from tests.pages.test_pages import labels, press
from tests.test_delivery import make_message

LEADER = make_actor("leader")


def text(at) -> str:
    return " ".join(str(one.value) for kind in (at.caption, at.markdown, at.header) for one in kind)


@pytest.mark.parametrize("role", access.ROLES)
def test_everybody_reads_the_tabs_and_only_who_may_changes(see, role):
    at = see("settings", role, empty=True)
    offered = labels(at)
    assert not at.exception and "Nothing leaves this machine: no channel is set up." in text(at)
    assert ("Add as a dry run" in offered) is access.may(make_actor(role), "make_links")
    assert ("Plan it" in offered) is access.may(make_actor(role), "log_records")


def test_a_channel_is_added_as_a_dry_run_and_goes_live_when_it_is_said(see):
    at = see("settings", empty=True)
    at.text_input(key="channel email").set_value("team@larkfield.example")
    press(at, "Add as a dry run")
    assert not at.exception and not at.error
    (channel,) = digest.channels(state.store())
    assert (channel.live, channel.about) == (False, tuple(digest.KINDS))
    at.toggle(key=f"channel {channel.id} {channel.version} live").set_value(True)
    press(at, "Save the channel")
    assert digest.channels(state.store())[0].live


def test_a_wrong_address_is_refused_in_words(see):
    at = see("settings", empty=True)
    at.text_input(key="channel email").set_value("nobody")
    press(at, "Add as a dry run")
    assert "is not an e-mail address" in at.error[0].value and digest.channels(state.store()) == []


def test_what_could_not_be_sent_is_said_and_can_be_tried_again(fill, see):
    fill(empty=True)
    store = state.store()
    channel = digest.add_channel(store, LEADER, way="email", recipient="a@b.example", about=["overdue"], live=True)
    store.write(lambda tx: rows.insert(tx, make_message(channel=channel.id)), "test")
    store.write(lambda tx: rows.settle(tx, "m1", "failed", "The mail server refused it (550)."), "test")
    assert digest.unsent_words(store)
    at = see("settings", empty=True)
    press(at, "Try again")
    assert not at.exception and [one.state for one in digest.recent(store)] == ["waiting"]


def test_an_entry_is_planned_and_then_held(see):
    at = see("settings", empty=True)
    at.text_input(key="entry title").set_value("Blind spots")
    at.date_input(key="entry day").set_value(date.today())
    press(at, "Plan it")
    assert not at.exception and not at.error
    press(at, "Save the entry")
    with state.store().read() as tx:
        (entry,) = diary.listed(tx)
    assert (entry.title, entry.state, entry.held_on) == ("Blind spots", "held", state.today(state.store()))


def test_the_review_day_of_the_form_plans_the_next_reviews(see):
    at = see("settings")
    keys = [one.key for one in at.selectbox if one.key and one.key.endswith(" review")]
    at.selectbox(key=keys[0]).select("last Friday")
    press(at, "Save organisation")
    assert not at.exception and not at.error
    with state.store().read() as tx:
        entry = diary.next(tx, "monthly_review", state.today(state.store()))
    assert entry.planned.weekday() == 4 and (entry.planned + timedelta(days=7)).month != entry.planned.month
