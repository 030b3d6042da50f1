"""Actions: who may write and change them, that two people never overwrite each other, and that each change is kept."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from scorecard import access, actions
from scorecard.errors import DefinitionError, NotAllowed, StaleEdit, UsageError
from scorecard.store import members
from scorecard.store.members import Person
from tests.conftest import make_actor, make_store
from tests.scorecards import load, make_definition, make_noise, make_scorecard, month, monthly

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 9, 30)
DUE = date(2026, 12, 4)
LEADER, MEMBER = make_actor("leader"), make_actor("member", "amara", "Amara Osei")


@pytest.fixture(scope="module")
def team(tmp_path_factory):
    """Three people, and one measure with a segment; each test writes actions of its own."""
    store = make_store(tmp_path_factory.mktemp("actions"))

    def work(tx) -> None:
        for id, name in (("rana", "Rana Amari"), ("amara", "Amara Osei"), ("jo", "Jo Lind")):
            members.insert_person(tx, Person(id, name))

    store.write(work, "test")
    make_scorecard(store, make_definition("renewal_rate"))
    load(store, {("renewal_rate", "Enterprise"): monthly(make_noise(12))}, date(2025, 1, 2))
    yield store
    store.close()


def add(store, actor=MEMBER, **fields) -> actions.Action:
    usual = {"title": "Renewal desk pilot", "kind": "process", "owner": "amara", "due": DUE, "measure": "renewal_rate"}
    return actions.add(store, actor, **(usual | fields), today=TODAY, now=NOW)


def stored(store, id: str) -> actions.Action:
    with store.read() as tx:
        return actions.one(tx, id)


def test_an_action_comes_back_as_it_was_written(team):
    made = add(team, effect=0.015, effect_by=date(2027, 4, 30), first_reading=month(2027, 4), origin="measure:x")
    assert stored(team, made.id) == made
    assert (made.owner_name, made.state, made.version) == ("Amara Osei", "not_started", 1)
    assert (made.effect, made.first_reading, made.made_by) == (0.015, month(2027, 4), "Amara Osei")


def test_actions_are_listed_by_the_date_due(team):
    for title, due in (("later", date(2027, 1, 8)), ("first", date(2026, 11, 30)), ("between", DUE)):
        add(team, title=title, due=due, owner="jo")
    done = add(team, title="over", due=date(2026, 11, 21), owner="jo")
    actions.set_state(team, LEADER, done.id, "done", TODAY, 1)
    with team.read() as tx:
        every, unfinished = actions.listed(tx), actions.listed(tx, open_only=True)
    assert [one.title for one in every if one.owner == "jo"] == ["over", "first", "between", "later"]
    assert [one.title for one in unfinished if one.owner == "jo"] == ["first", "between", "later"]


def test_actions_of_a_review_are_found_by_its_name(team):
    made = add(team, LEADER, origin="review:customer-success:2026-10:measure:renewal_rate", origin_words="Review of October")
    add(team, origin="measure:renewal_rate")
    with team.read() as tx:
        assert actions.by_origin(tx, "review:customer-success:2026-10") == [made]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "magic"}, "Unknown kind of action 'magic'. Use one of: process, tool, cause, effort, training"),
        ({"owner": "nobody"}, "There is no person 'nobody'"),
        ({"due": date(2026, 11, 19)}, "written on 20 Nov 2026 and cannot be due before, on 19 Nov 2026"),
        ({"measure": "renewal"}, "renewal_rate"),
        ({"segment": "Wholesale"}, "has no segment 'Wholesale'. It has: Enterprise"),
        ({"effect": float("nan")}, "nan is not a change that a measure can have"),
        ({"effect": float("inf")}, "inf is not a change"),
        ({"measure": "", "effect": 0.1}, "needs the measure that the action should move"),
        ({"effect": 0.1, "effect_by": date(2026, 11, 1)}, "cannot be expected by 1 Nov 2026"),
        ({"first_reading": month(2026, 9), "started": date(2026, 10, 5)}, "lies before the start on 5 Oct 2026"),
    ],
)
def test_an_action_that_cannot_be_is_refused_in_words(team, fields, said):
    with pytest.raises((UsageError, DefinitionError), match=said):
        add(team, **fields)


def test_an_action_needs_a_title(team):
    with pytest.raises(DefinitionError, match="The title of the action is empty"):
        add(team, title="  ")


@pytest.mark.parametrize("role", access.ROLES)
def test_who_may_log_records_may_add_an_action(team, role):
    actor = make_actor(role, "amara", "Amara Osei")
    if access.may(actor, "log_records"):
        assert add(team, actor).title == "Renewal desk pilot"
    else:
        with pytest.raises(NotAllowed, match="Ask a member"):
            add(team, actor)


@pytest.mark.parametrize("role", [role for role in access.ROLES if role != "leader"])
def test_only_a_leader_writes_the_actions_of_a_review(team, role):
    with pytest.raises(NotAllowed):
        add(team, make_actor(role), origin="review:customer-success:2026-10")


def test_a_member_keeps_the_own_action_and_not_another_persons(team):
    own, other = add(team), add(team, LEADER, owner="jo")
    assert actions.change(team, MEMBER, own.id, 1, due=date(2026, 12, 18)).due == date(2026, 12, 18)
    with pytest.raises(NotAllowed, match="Amara Osei .member. may not change an action of Jo Lind. Ask Jo Lind"):
        actions.change(team, MEMBER, other.id, 1, due=DUE)
    with pytest.raises(NotAllowed, match="may not say how far an action is"):
        actions.set_state(team, MEMBER, other.id, "done", TODAY, 1)


def test_the_owner_of_an_action_of_a_review_says_how_far_it_is_and_rewrites_nothing(team):
    made = add(team, LEADER, origin="review:customer-success:2026-10")
    assert actions.set_state(team, MEMBER, made.id, "in_progress", TODAY, 1).state == "in_progress"
    with pytest.raises(NotAllowed, match="It was decided in a review"):
        actions.change(team, MEMBER, made.id, 2, due=date(2026, 12, 18))


def test_nobody_and_a_viewer_change_nothing(team):
    made = add(team)
    for actor in (None, make_actor("viewer", "amara", "Amara Osei")):
        for act in (
            lambda actor=actor: actions.change(team, actor, made.id, 1, title="x"),
            lambda actor=actor: actions.set_state(team, actor, made.id, "done", TODAY, 1),
            lambda actor=actor: actions.comment(team, actor, f"action:{made.id}", "x"),
        ):
            with pytest.raises(NotAllowed):
                act()


def test_a_stale_save_says_who_changed_what_and_both_versions(team):
    made = add(team)
    actions.change(team, LEADER, made.id, 1, due=date(2026, 12, 11), title="Renewal desk", now=NOW)
    with pytest.raises(StaleEdit) as refused:
        actions.change(team, MEMBER, made.id, 1, due=date(2026, 12, 18))
    assert str(refused.value) == (
        "Not saved: Rana Amari changed the action 'Renewal desk' on 20 Nov 2026 at 09:30 UTC. You saw version 1, "
        "version 2 is in force. Now stored: due 2026-12-11. Yours: due 2026-12-18. Look at both, then save again."
    )
    assert stored(team, made.id).due == date(2026, 12, 11)


def test_saving_the_same_again_changes_nothing(team):
    made = add(team)
    assert actions.change(team, MEMBER, made.id, 1, due=made.due) == made
    with team.read() as tx:
        assert len(actions.history(tx, made.id)) == 1


@pytest.mark.parametrize(
    ("steps", "started", "ended"),
    [
        ([("in_progress", 5)], date(2026, 11, 5), None),
        ([("in_progress", 5), ("done", 9)], date(2026, 11, 5), date(2026, 11, 9)),
        ([("done", 9)], date(2026, 11, 9), date(2026, 11, 9)),
        ([("dropped", 9)], None, date(2026, 11, 9)),
        ([("done", 9), ("in_progress", 12)], date(2026, 11, 9), None),
        ([("in_progress", 5), ("not_started", 6)], None, None),
    ],
)
def test_a_state_keeps_the_day_the_work_changed_and_the_day_it_ended(team, steps, started, ended):
    made = add(team)
    for version, (state, on) in enumerate(steps, 1):
        made = actions.set_state(team, MEMBER, made.id, state, date(2026, 11, on), version)
    assert (made.state, made.started, made.ended) == (steps[-1][0], started, ended)


def test_an_end_before_the_start_is_refused(team):
    made = add(team, started=date(2026, 11, 10))
    with pytest.raises(UsageError, match="cannot end on 9 Nov 2026, before it began on 10 Nov 2026"):
        actions.set_state(team, MEMBER, made.id, "done", date(2026, 11, 9), 1)


def test_an_unknown_state_and_an_unknown_field_are_refused(team):
    made = add(team)
    with pytest.raises(UsageError, match="Unknown state 'finished'"):
        actions.set_state(team, MEMBER, made.id, "finished", TODAY, 1)
    with pytest.raises(UsageError, match="no field 'verdict' to change"):
        actions.change(team, MEMBER, made.id, 1, verdict="worked")


def test_every_change_is_in_the_history_with_what_was_before(team):
    made = add(team)
    actions.set_state(team, MEMBER, made.id, "in_progress", date(2026, 11, 21), 1, now=NOW)
    actions.change(team, LEADER, made.id, 2, owner="jo", now=NOW)
    with team.read() as tx:
        newest, state, added = actions.history(tx, made.id)
    assert (newest.who, newest.before, newest.after) == ("Rana Amari", {"owner": "amara"}, {"owner": "jo"})
    assert state.after == {"state": "in_progress", "started": "2026-11-21"}
    assert added.what == "add_action" and added.after["title"] == "Renewal desk pilot"


def test_comments_stand_in_order_and_are_taken_back_by_their_author_or_a_leader(team):
    made = add(team)
    first = actions.comment(team, MEMBER, f"action:{made.id}", "Two accounts said yes.\nOne is open.", now=NOW)
    second = actions.comment(team, LEADER, f"action:{made.id}", "Good.")
    with pytest.raises(NotAllowed):
        actions.withdraw_comment(team, MEMBER, second.id)
    actions.withdraw_comment(team, LEADER, first.id)
    with pytest.raises(UsageError, match="withdrawn already"):
        actions.withdraw_comment(team, LEADER, first.id)
    with team.read() as tx:
        found = actions.comments(tx, f"action:{made.id}")
    assert [(one.text, one.withdrawn_at is None) for one in found] == [(first.text, False), ("Good.", True)]


@pytest.mark.parametrize(("text", "said"), [("  ", "The comment is empty"), ("x" * 1001, "1,001 characters")])
def test_an_empty_comment_and_an_endless_one_are_refused(team, text, said):
    made = add(team)
    with pytest.raises(DefinitionError, match=said):
        actions.comment(team, MEMBER, f"action:{made.id}", text)


def test_a_comment_on_no_action_is_refused(team):
    with pytest.raises(UsageError, match="There is no action 'x'"):
        actions.comment(team, MEMBER, "action:x", "Hello")


def test_an_action_is_late_from_the_day_after_its_date_until_it_is_closed(team):
    made = add(team)
    assert [made.days_late(date(2026, 12, day)) for day in (3, 4, 5, 7)] == [0, 0, 1, 3]
    done = actions.set_state(team, MEMBER, made.id, "done", date(2026, 12, 9), 1)
    assert done.days_late(date(2026, 12, 20)) == 0
