"""What channels are told, and when: once, again when something joins, again after some days, and when it is over."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard import access, actions, digest, organisation
from scorecard.digest import Concern
from scorecard.errors import NotAllowed, StaleEdit, UsageError
from scorecard.store import messages as rows
from scorecard.store.members import Person
from tests.conftest import make_actor
from tests.scorecards import goal, load, make_definition, make_noise, make_scorecard, monthly
from tests.test_delivery import make_message

TODAY = date(2026, 11, 22)
LEADER = make_actor("leader")
ADDRESS = "http://localhost:8501"


@pytest.fixture
def company(store):
    """One measure whose last month is far outside its limits, one overdue action, and no late figures."""
    organisation.first_start(store)
    organisation.add_member(store, make_actor("admin"), Person("", "Jo Lind"), "member")
    make_scorecard(store, make_definition("renewal_rate", targets=[goal(2024, 1, 0.93)]))
    values = [*make_noise(33), 0.60]
    load(store, {("renewal_rate", ""): monthly(values)}, date(2026, 11, 2))
    actions.add(store, LEADER, title="Fix rota publishing", kind="cause", owner="jo-lind", due=date(2026, 11, 10), measure="renewal_rate", today=date(2026, 11, 1))
    return store


def make_channel(store, **changes):
    told = {"way": "email", "recipient": "team@larkfield.example", "about": digest.KINDS}
    return digest.add_channel(store, LEADER, **(told | changes))


def plan(store, today=TODAY):
    return [(one.concern.kind, one.why) for one in digest.plan(store, LEADER, today, ADDRESS)]


def states(store):
    return sorted((one.kind, one.state) for one in digest.recent(store))


# -- what there is to say


def test_the_signals_of_the_month_are_told_in_its_sentences_with_a_link(company):
    (signals, overdue, stale) = digest.concerns(company, TODAY)
    assert signals.subject == "Customer Success, October 2026: 1 Act" and signals.lines[0].startswith("Renewal rate")
    assert signals.members == {"2026-10 renewal_rate worsening"}
    assert digest.body(signals, ADDRESS).endswith("http://localhost:8501/?scorecard=customer-success (opens on the server's own machine only)")
    assert overdue.lines == ("Fix rota publishing: Jo Lind, was due on 10 Nov 2026, 12 days late.",)
    assert (stale.members, stale.subject) == (frozenset(), "The figures are there again")


def test_a_link_to_a_server_that_others_reach_says_nothing_of_this_machine(company):
    body = digest.body(digest.concerns(company, TODAY)[0], "https://scorecard.larkfield.example/")
    assert body.splitlines()[-1] == "https://scorecard.larkfield.example/?scorecard=customer-success"


def test_figures_that_are_late_are_told_from_the_day_after_they_were_due(company):
    settings = organisation.organisation(company)
    organisation.save_organisation(company, LEADER, replace(settings, figures_due=2))
    assert not digest.concerns(company, date(2026, 12, 2))[-1].members
    late = digest.concerns(company, date(2026, 12, 3))[-1]
    assert late.lines == ("Customer Success: November 2026 was due on 2 Dec 2026; figures reach to October 2026.",)


# -- when it is said


def concern(*members: str, lasting: bool = True) -> Concern:
    return Concern("overdue", "overdue", frozenset(members), "s", ("l",), "actions", lasting)


def told(*members: str, ago: int = 0, over: bool = False):
    return make_message(members=frozenset(members), over=over, made_at=datetime.combine(TODAY - timedelta(days=ago), datetime.min.time()))


@pytest.mark.parametrize(
    ("now", "last", "repeat", "why"),
    [
        (concern("a"), None, 0, "new"),
        (concern("a"), told("a"), 0, ""),
        (concern("a"), told("a", ago=400), 0, ""),
        (concern("a", "b"), told("a"), 0, "more"),
        (concern("a"), told("a", "b"), 0, ""),
        (concern("a"), told("a", ago=6), 7, ""),
        (concern("a"), told("a", ago=7), 7, "again"),
        (concern(), told("a"), 0, "over"),
        (concern(), None, 7, ""),
        (concern(), told(over=True), 7, ""),
        (concern("a"), told(over=True), 0, "new"),
        (concern("a", lasting=False), told("a", ago=99), 7, ""),
        (concern(lasting=False), told("a"), 7, ""),
    ],
)
def test_a_channel_is_told_once_again_when_something_joins_after_its_days_and_when_it_is_over(now, last, repeat, why):
    assert digest.why_now(now, last, repeat, TODAY) == why


@given(st.lists(st.frozensets(st.sampled_from("abc")), min_size=1, max_size=30), st.integers(0, 5))
def test_on_any_course_of_days_no_two_messages_say_the_same_before_the_days_are_over(days, repeat):
    last, said = None, []
    for n, members in enumerate(days):
        today = TODAY + timedelta(days=n)
        why = digest.why_now(concern(*members), last, repeat, today)
        if why:
            said.append((n, why, members))
            last = told(*members, over=why == "over")
            last = replace(last, made_at=datetime.combine(today, datetime.min.time()))
    for (n, _, before), (m, why, now) in zip(said, said[1:], strict=False):
        assert now - before or (not now and before) or (why == "again" and repeat and m - n >= repeat)
    assert not said or said[0][1] == "new"


def test_nobody_is_told_before_somebody_adds_a_channel(company):
    assert plan(company) == [] and digest.recent(company) == []


def test_a_new_channel_is_a_dry_run_and_hears_each_thing_once(company):
    make_channel(company)
    assert plan(company) == [("signals", "new"), ("overdue", "new")]
    assert plan(company) == [] and states(company) == [("overdue", "dry_run"), ("signals", "dry_run")]


def test_a_channel_that_goes_live_is_told_what_was_only_a_dry_run(company):
    channel = make_channel(company)
    plan(company)
    digest.change_channel(company, LEADER, channel.id, channel.version, live=True)
    assert plan(company) == [("signals", "new"), ("overdue", "new")]
    assert states(company).count(("signals", "waiting")) == 1 and plan(company) == []


def test_a_channel_hears_only_of_what_it_asked_for(company):
    make_channel(company, about=["overdue"])
    assert plan(company) == [("overdue", "new")]


def test_what_lasts_is_said_again_after_the_days_of_the_channel(company):
    make_channel(company, repeat_after=7, about=["overdue"])
    plan(company)
    assert plan(company, date.today() + timedelta(days=6)) == []
    assert plan(company, date.today() + timedelta(days=7)) == [("overdue", "again")]
    assert digest.recent(company)[0].subject == "Still: 1 action is overdue"


def finish(store):
    with store.read() as tx:
        (action,) = actions.listed(tx)
    actions.set_state(store, LEADER, action.id, "done", TODAY, action.version)


def test_a_concern_that_is_over_is_said_when_it_was_told(company):
    channel = make_channel(company, live=True, about=["overdue"])
    plan(company)
    company.write(lambda tx: rows.settle(tx, rows.last(tx, channel)["overdue"].id, "sent", "ok"), "test")
    finish(company)
    assert plan(company) == [("overdue", "over")]
    assert digest.recent(company)[0].subject in ("No action is overdue any more", "1 action is overdue")
    assert sorted(one.subject for one in digest.recent(company)) == ["1 action is overdue", "No action is overdue any more"]
    assert plan(company) == []


def test_a_message_that_still_waits_when_its_concern_is_over_is_not_needed(company):
    make_channel(company, live=True, about=["overdue"])
    plan(company)
    finish(company)
    plan(company)
    assert states(company) == [("overdue", "recovered")] and plan(company) == []


def test_a_message_that_still_waits_says_what_is_so_when_it_goes(company):
    make_channel(company, live=True, about=["overdue"])
    plan(company)
    actions.add(company, LEADER, title="Second", kind="cause", owner="jo-lind", due=date(2026, 11, 12), today=date(2026, 11, 1))
    assert plan(company) == [("overdue", "more")]
    (waiting,) = digest.recent(company)
    assert waiting.subject == "2 actions are overdue" and "Second" in waiting.body


# -- channels


@pytest.mark.parametrize("role", [role for role in access.ROLES if role != "leader"])
@pytest.mark.parametrize(
    "act",
    [
        lambda store, actor: digest.add_channel(store, actor, way="email", recipient="a@b.example", about=["signals"]),
        lambda store, actor: digest.change_channel(store, actor, "c", 1, live=True),
        lambda store, actor: digest.remove_channel(store, actor, "c"),
        lambda store, actor: digest.plan(store, actor, TODAY, ADDRESS),
        lambda store, actor: digest.try_again(store, actor, "m"),
    ],
    ids=["add", "change", "remove", "plan", "try again"],
)
def test_only_who_makes_links_decides_what_leaves(role, act):
    with pytest.raises(NotAllowed, match="Ask a leader"):
        act(None, make_actor(role))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"recipient": "no address"}, "is not an e-mail address"),
        ({"recipient": "a@b.example, spy@evil.example"}, "is not an e-mail address"),
        ({"way": "webhook", "recipient": "https://hooks.slack.com/secret"}, "its address is a secret and belongs in SCORECARD_WEBHOOKS"),
        ({"way": "pigeon"}, "is not a way to send"),
        ({"about": ["gossip"]}, "'gossip' is none of them"),
        ({"about": []}, "A channel hears of one or more of"),
        ({"repeat_after": -1}, "or 0 for never"),
    ],
)
def test_a_wrong_channel_is_refused_with_what_is_allowed(store, fields, words):
    with pytest.raises(UsageError, match=words):
        make_channel(store, **fields)
    assert digest.channels(store) == []


def test_a_channel_is_there_once(store):
    make_channel(store)
    with pytest.raises(UsageError, match="There is a channel to team@larkfield.example already"):
        make_channel(store)


def test_two_people_who_change_a_channel_do_not_overwrite_each_other(store):
    channel = make_channel(store)
    digest.change_channel(store, LEADER, channel.id, channel.version, live=True)
    with pytest.raises(StaleEdit, match="Rana Amari changed the channel"):
        digest.change_channel(store, LEADER, channel.id, channel.version, repeat_after=7)


def test_each_change_of_a_channel_is_in_the_audit(store):
    channel = make_channel(store)
    digest.change_channel(store, LEADER, channel.id, channel.version, live=True)
    digest.remove_channel(store, LEADER, channel.id)
    with store.read() as tx:
        found = tx.all("SELECT action, after_json FROM audit WHERE object = $1 ORDER BY seq", [f"channel:{channel.id}"])
    assert [action for action, _ in found] == ["add channel", "change channel", "remove channel"]
    assert json.loads(found[1][1])["live"] is True


def test_a_channel_that_is_taken_away_leaves_nothing_unsent(store):
    channel = make_channel(store, live=True)
    store.write(lambda tx: rows.insert(tx, make_message(channel=channel.id)), "test")
    store.write(lambda tx: rows.settle(tx, "m1", "failed", "no"), "test")
    assert digest.unsent_words(store)
    digest.remove_channel(store, LEADER, channel.id)
    assert digest.unsent_words(store) == () and states(store) == [("signed", "recovered")]
