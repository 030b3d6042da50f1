"""Personal links: one person answers one cycle and nothing else; the secret is kept nowhere."""

from __future__ import annotations

import json
from datetime import date

import pytest

from scorecard import access, digest, diary, maturity, organisation
from scorecard.errors import NotAllowed, ScorecardError, UsageError
from scorecard.maturity import Draft, answering, invitations
from scorecard.store import members
from scorecard.store import messages as message_rows
from tests.conftest import make_actor
from tests.maturity.test_maturity import END, LEADER, PEOPLE, TODAY, answer, opened, rater, team, team_folder  # noqa: F401

HANA = PEOPLE[0]


def invited(store, cycle, person: str = HANA) -> invitations.Made:
    return invitations.invite(store, LEADER, cycle.id, [person], TODAY)[0]


def test_a_link_opens_its_cycle_for_its_person_and_admits_to_nothing_but_answering(team):
    cycle = opened(team)
    made = invited(team, cycle)
    guest = invitations.opened(team, made.token, TODAY)
    assert (guest.actor.person, guest.cycle.id) == (HANA, cycle.id) and made.path == f"/answer?invitation={made.token}"
    maturity.save(team, guest.actor, cycle.id, "work", chosen=3)
    assert maturity.sheet(team, rater(HANA), cycle.id).drafts["work"].chosen == 3
    assert not any(access.may(guest.actor, action) for action in ("decide", "load_files", "edit_measures", "make_links", "manage_members"))


def test_who_is_signed_in_as_somebody_else_answers_in_nobodys_name_and_least_of_all_the_maker_of_the_link(team):
    made = invited(team, opened(team))
    for other in (LEADER, rater(PEOPLE[1])):
        with pytest.raises(NotAllowed, match=f"This link is for {made.name} alone, and you are signed in as {other.name}"):
            invitations.opened(team, made.token, TODAY, other)
    assert invitations.opened(team, made.token, TODAY, rater(HANA)).link == made.invitation


@pytest.mark.parametrize("mode", ["named", "anonymous"])
def test_answers_that_came_by_a_link_say_in_the_audit_who_made_it_where_names_stand_with_answers(team, mode):
    cycle = opened(team, mode=mode)
    guest = invitations.opened(team, invited(team, cycle).token, TODAY)
    written = {id: answering.draft(id, chosen=3) for id in cycle.systems}
    maturity.finish(team, guest.actor, cycle.id, written, guest.link)
    with team.read() as tx:
        ((told,),) = tx.all("SELECT after_json FROM audit WHERE action = 'answered' AND object = $1", [f"cycle:{cycle.id}"])
    by = {"link": guest.link.id, "made_by": LEADER.name} if mode == "named" else {}
    assert json.loads(told) == {"person": HANA} | by
    assert maturity.sheet(team, rater(HANA), cycle.id).link_by == by.get("made_by", "")


GOOD = {"chosen": 2, "applicable": True, "met": ["a"], "reason": "", "evidence": "seen\x00"}
NO_ANSWERS = (None, [], "x", {"other": GOOD}, {"work": None}, {"work": {"chosen": 2}}, *({"work": GOOD | changed} for changed in (
    {"chosen": 9}, {"chosen": True}, {"chosen": "2"}, {"applicable": 0}, {"applicable": False}, {"met": "x"}, {"evidence": "x" * 2001}, {"reason": None}, {"more": 1})))  # fmt: skip


def test_of_what_a_browser_says_that_it_kept_only_answers_to_this_sheet_are_taken_up(team):
    sheet = maturity.sheet(team, rater(HANA), opened(team).id)
    assert [told for told in NO_ANSWERS if answering.taken_up(sheet, told)] == []
    assert answering.taken_up(sheet, {"work": GOOD})["work"] == Draft("work", 2, True, ("a",), "", "seen", version=1)


def test_a_leader_who_comes_by_a_link_is_no_leader_there(team):
    cycle = opened(team)
    guest = invitations.opened(team, invited(team, cycle, "you").token, TODAY)
    with pytest.raises(NotAllowed):
        maturity.close(team, guest.actor, cycle.id)


def test_a_link_does_not_open_another_cycle_in_which_the_person_was_not_asked(team):
    cycle = opened(team)
    other = maturity.open_cycle(team, LEADER, title="Other", kind="quick", mode="named", people=["you"], closes=END, today=TODAY)
    guest = invitations.opened(team, invited(team, cycle).token, TODAY)
    with pytest.raises(NotAllowed, match="was not asked"):
        maturity.save(team, guest.actor, other.id, "work", chosen=5)


def test_the_secret_is_stored_nowhere_only_its_hash(team):
    made = invited(team, opened(team))
    with team.read() as tx:
        tables = [name for (name,) in tx.all("SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()")]
        everything = "".join(str(tx.all(f'SELECT * FROM "{name}"')) for name in tables)
    assert made.token not in everything and invitations.hash_of(made.token) in everything


@pytest.mark.parametrize("token", ["", "x", "../share", "a" * 5000])
def test_a_link_that_was_never_made_is_refused_in_words(team, token):
    with pytest.raises(NotAllowed, match="This link does not exist"):
        invitations.opened(team, token, TODAY)


def test_a_link_ends_with_the_cycle_on_its_last_day_when_revoked_and_when_a_newer_one_is_made(team):
    cycle = opened(team)
    first = invited(team, cycle)
    second = invited(team, cycle)
    with pytest.raises(NotAllowed, match="This link ended on"):
        invitations.opened(team, first.token, TODAY)
    assert invitations.opened(team, second.token, END).actor.person == HANA
    with pytest.raises(NotAllowed, match="September 2026 ended on 30 Sep 2026. Nobody answers any more"):
        invitations.opened(team, second.token, date(2026, 10, 1))
    invitations.revoke(team, LEADER, second.invitation.id)
    with pytest.raises(NotAllowed, match="Ask You for a new one"):
        invitations.opened(team, second.token, TODAY)
    third = invited(team, cycle, PEOPLE[1])
    maturity.close(team, LEADER, cycle.id)
    with pytest.raises(NotAllowed, match="This link ended"):
        invitations.opened(team, third.token, TODAY)
    assert invitations.listed(team, LEADER, cycle.id) == []


def test_who_may_no_longer_answer_is_not_let_in_by_an_old_link(team, admin):
    made = invited(team, opened(team))
    with team.read() as tx:
        now = members.member(tx, HANA)
    organisation.save_member(team, admin, now.person, "viewer", True, now.version)
    with pytest.raises(NotAllowed, match="you take no part any more"):
        invitations.opened(team, made.token, TODAY)


def test_links_for_everybody_are_for_those_who_have_not_finished_and_only_leaders_make_them(team):
    cycle = opened(team)
    answer(team, cycle, HANA, 3)
    made = invitations.invite(team, LEADER, cycle.id, today=TODAY)
    assert {one.invitation.person for one in made} == {*PEOPLE[1:], "you"} and len({one.token for one in made}) == 8
    for act in (lambda: invitations.invite(team, rater(HANA), cycle.id), lambda: invitations.listed(team, rater(HANA), cycle.id),
                lambda: invitations.revoke(team, rater(HANA), made[0].invitation.id)):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(UsageError, match="was not asked"):
        invitations.invite(team, LEADER, cycle.id, ["karen"])
    maturity.close(team, LEADER, cycle.id)
    with pytest.raises(ScorecardError, match="was closed by You"):
        invitations.invite(team, LEADER, cycle.id)


def test_a_reminder_goes_to_the_channels_that_hear_of_it_says_how_many_and_names_nobody(team):
    cycle = opened(team)
    answer(team, cycle, HANA, 3)
    digest.add_channel(team, LEADER, way="email", recipient="team@larkfield.example", about=["maturity"])
    digest.add_channel(team, LEADER, way="email", recipient="other@larkfield.example", about=["signals"])
    told = digest.remind(team, LEADER, cycle.id, "https://score.larkfield.example")
    with team.read() as tx:
        sent = message_rows.recent(tx, 5)
    assert [one.recipient for one in told] == ["team@larkfield.example"] == [one.recipient for one in sent]
    assert "8 people have not finished September 2026. It closes on 30 Sep 2026." in sent[0].body and sent[0].state == "dry_run"
    assert f"https://score.larkfield.example/maturity?view=assess&cycle={cycle.id}" in sent[0].body
    assert not any(person.title() in sent[0].body for person in PEOPLE)
    with pytest.raises(NotAllowed):
        digest.remind(team, make_actor("member"), cycle.id, "")


def test_a_cycle_stands_in_the_calendar_on_its_last_day_and_is_held_when_it_is_closed(team):
    cycle = opened(team)
    with team.read() as tx:
        (entry,) = diary.listed(tx, "maturity")
    assert (entry.planned, entry.object, entry.owner, entry.state) == (END, f"cycle:{cycle.id}", "you", "planned")
    maturity.close(team, LEADER, cycle.id)
    with team.read() as tx:
        (entry,) = diary.listed(tx, "maturity")
    assert entry.state == "held"
