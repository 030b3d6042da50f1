"""Direction, recognition, change, accountability and what moves people: what is said, who may say it, who sees it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from scorecard import actions, registers
from scorecard.access import Actor
from scorecard.errors import NotAllowed, StaleEdit, UsageError
from scorecard.leadership import accountability, crew, direction, initiatives, motivation, recognition
from scorecard.maturity.records import records
from scorecard.output import leadership_direction, leadership_recognition
from scorecard.store import members
from scorecard.store.engine import Store
from scorecard.store.members import Person
from tests import stores

TODAY = date(2026, 11, 22)
# The alphabet of the names follows nothing that is measured here.
PEOPLE = {"rana": ("Rana Amari", "leader", ""), "zoe": ("Zoe Abel", "member", "rana"), "ada": ("Ada Zorn", "member", "rana"), "mo": ("Mo Kern", "member", "rana"),
          "vic": ("Vic Moor", "viewer", "rana")}  # fmt: skip
RANA, ZOE, ADA, MO, VIC = (Actor(id, name, role) for id, (name, role, _) in PEOPLE.items())


def make_team(folder) -> None:
    stores.make_beginning(folder)
    store = stores.opened(folder)
    store.write(lambda tx: [members.insert_person(tx, Person(id, name, leader=leader)) for id, (name, _, leader) in PEOPLE.items()], "Rana Amari")
    store.write(lambda tx: [members.insert_member(tx, id, role) for id, (_, role, _) in PEOPLE.items()], "Rana Amari")
    store.close()


@pytest.fixture
def team(tmp_path_factory, tmp_path) -> Iterator[Store]:
    """A store of this test alone, in which Rana leads three members and a viewer."""
    opened = stores.opened(stores.copied(stores.once(tmp_path_factory, "led team", make_team), tmp_path))
    yield opened
    opened.close()


def write(store: Store, register: str, actor: Actor = RANA, **values):
    return registers.add(store, actor, register, values, state=values.pop("state", None), today=TODAY)


def thank(store: Store, by: Actor, to: str, days_ago: int, customer: bool = False):
    return recognition.give(store, by, {"to": to, "words": "Well done.", "on": TODAY - timedelta(days_ago)}, customer=customer, today=TODAY)


def test_without_accounts_everybody_who_has_a_leader_is_covered(team):
    found = crew.read(team, TODAY)
    assert found.called == "people" and [one.name for one in found.csms] == ["Zoe Abel", "Mo Kern", "Vic Moor", "Ada Zorn"]
    assert [one.name for one in found.others if one.id == "rana"] == ["Rana Amari"]


def test_who_was_not_thanked_is_named_and_ninety_days_are_counted_to_the_day(team):
    thank(team, RANA, "zoe", 90)
    thank(team, ADA, "mo", 91)
    found = recognition.read(team, TODAY)
    assert found.sentences[0].text == ("1 of 4 people was recognised in the last 90 days. Not yet: Mo Kern, Vic Moor and Ada Zorn. "
                                       "This shows coverage, it is not a contest.")  # fmt: skip
    assert found.sides == {"leader": 1, "colleague": 1, "customer": 0} and found.not_yet == ("Mo Kern", "Vic Moor", "Ada Zorn")


def test_the_member_table_says_from_which_side_thanks_come_and_nobody_thanks_themselves(team):
    assert [thank(team, *each).values["side"] for each in ((RANA, "zoe", 1), (ADA, "zoe", 1), (RANA, "mo", 1, True))] == ["leader", "colleague", "customer"]
    with pytest.raises(UsageError, match="Recognition of oneself covers nobody."):
        thank(team, ZOE, "zoe", 1)
    write(team, "recognition", ADA, to="ada", words="I was good.", by="ada")
    assert "Ada Zorn" in recognition.read(team, TODAY).not_yet


def test_people_stand_in_alphabetical_order_whatever_was_said_of_them(team):
    def order() -> list[str]:
        found = recognition.read(team, TODAY)
        drawn = leadership_recognition.section(found, "all")
        listed = [row[0] for table in leadership_recognition.tables(found) for row in table.rows]
        assert sorted(map(drawn.index, [one.name for one in found.lines])) == [drawn.index(one.name) for one in found.lines]
        return list(dict.fromkeys(listed))

    for n in range(3):
        thank(team, RANA, "ada", n + 1)
    before = order()
    for n in range(7):
        thank(team, RANA, "vic", n + 1)
    assert before == order() == ["Zoe Abel", "Mo Kern", "Vic Moor", "Ada Zorn"]


def test_marks_that_lie_close_stand_apart_and_stay_on_the_track():
    places = leadership_recognition._apart([400.0, 401.0, 402.0, 419.0])
    assert all(b - a >= leadership_recognition.APART - 0.01 for a, b in zip(places, places[1:], strict=False))
    assert places[0] > 0 and places[-1] < leadership_recognition.WIDTH


def test_a_row_alone_is_called_by_its_name_and_thanks_of_others_or_of_long_ago_are_not_denied(team):
    thank(team, ADA, "rana", 3)
    assert "<b>Nobody of 4 people was recognised</b>" in leadership_recognition.section(recognition.read(team, TODAY), "all")
    team.write(lambda tx: tx.run("UPDATE person SET leader = '' WHERE id <> 'zoe'"), "Rana Amari")
    alone = recognition.read(team, TODAY)
    assert alone.sentences[0].bold == "Zoe Abel was not recognised in the last 90 days." and leadership_recognition.size(alone) == "1 person"
    thank(team, RANA, "zoe", 1)
    assert recognition.read(team, TODAY).sentences[0].text == "Zoe Abel was recognised in the last 90 days."
    team.write(lambda tx: tx.run("UPDATE person SET leader = ''"), "Rana Amari")
    assert "Nobody was recognised yet." not in leadership_recognition.section(recognition.read(team, TODAY), "all")


# -- direction


@pytest.mark.parametrize(("asked", "on", "told"), [
    (4, date(2026, 9, 8), "how many can explain it is told where 5 or more are asked"),
    (5, date(2026, 9, 8), "3 of 5 people said in September that they can explain it"),
    (5, date(2025, 9, 8), "3 of 5 people said in September 2025 that they can explain it")])  # fmt: skip
def test_how_many_can_explain_is_never_of_fewer_than_five_and_says_of_which_year(asked, on, told):
    assert leadership_direction.words(direction.Words(3, 3, asked, on, on, TODAY)) == told


def test_a_new_wording_is_a_new_version_and_is_in_force_from_its_day(team):
    first = write(team, "purpose", text="Rotas.", since="2025-01-10")
    second = write(team, "purpose", text="Evenings back.", since="2026-01-09", why="Nobody knew.")
    write(team, "purpose", text="Not yet.", since="2027-01-01")
    write(team, "purpose", kind="vision", text="No weekends.", since="2026-01-09")
    found = direction.read(team, TODAY)
    assert (found.purpose.id, found.purpose.version, [one.id for one in found.purpose.earlier]) == (second.id, 2, [first.id])
    assert [one.text for one in found.others] == ["No weekends."]
    assert direction.read(team, date(2025, 6, 1)).purpose.id == first.id


def test_each_speaks_for_themselves_once_and_the_team_sees_only_how_many(team):
    purpose = write(team, "purpose", text="Evenings back.", since="2026-01-09").id
    for actor, said in ((ZOE, "read"), (ZOE, "explain"), (ADA, "read")):
        direction.say(team, actor, purpose, said, TODAY)
    words = direction.read(team, TODAY).words
    with team.read() as tx:
        asked = len(crew.asked(tx))
        known = members.members(tx)
        assert direction.heard(tx, RANA, purpose, known).waiting == ("Mo Kern", "Ada Zorn")
        assert direction.heard(tx, MO, purpose, known).own is None and direction.heard(tx, ZOE, purpose, known).own.version == 2
        assert registers.entries(tx, "purpose_read", actor=MO) == []
    assert (words.explain, words.read, words.asked) == (1, 2, asked)
    with pytest.raises(NotAllowed):
        direction.say(team, VIC, purpose, "explain", TODAY)
    with pytest.raises(NotAllowed, match="written by the person it is about"):
        write(team, "purpose_read", RANA, purpose=purpose, person="mo", said="explain")


# -- change


def make_change(store: Store, *acts: tuple[str, str], **more):
    rows = [{"on": on, "act": "Says why", "state": state} for on, state in acts]
    return write(store, "change_initiative", title="One owner", why="Nobody owns it.", sponsor="rana", affected=[], started_on="2026-06-01", **({"acts": rows} if rows else {}), **more)


@pytest.mark.parametrize(("acts", "quiet"), [
    ((("2026-08-24", "done"),), None), ((("2026-08-23", "done"),), 91), ((("2026-08-23", "done"), ("2026-10-01", "missed"), ("2026-12-01", "planned")), 91), ((), 174)])  # fmt: skip
def test_a_sponsor_who_was_not_seen_for_ninety_days_is_said(team, acts, quiet):
    make_change(team, *acts)
    found = initiatives.read(team, TODAY)
    assert found.under_way[0].quiet_days == quiet and bool(found.sentences) is (quiet is not None)


def test_an_act_whose_day_is_over_is_late_and_stands_in_the_sentence(team):
    make_change(team, ("2026-07-01", "done"), ("2026-09-14", "planned"))
    one = initiatives.read(team, TODAY)
    assert [act.state for act in one.under_way[0].acts] == ["done", "late"]
    assert one.sentences[0].text == ("“One owner” has not seen its sponsor for 144 days. “Says why” of 14 Sep 2026 was planned, and nobody said that it took place; nothing is planned.")


def test_what_was_missed_before_the_sponsor_was_seen_is_old_and_no_day_to_come_counts_as_over(team):
    make_change(team, ("2026-07-01", "missed"), ("2026-08-01", "done"), ("2027-01-10", "done"),
                adoption=[{"on": "2026-09-01", "share": 0.2, "how": "Counted"}, {"on": "2027-02-01", "share": 0.9, "how": "Hoped"}])  # fmt: skip
    found = initiatives.read(team, TODAY)
    assert found.sentences[0].text == "“One owner” has not seen its sponsor for 113 days. Rana Amari was last seen with it on 1 Aug 2026; next is “Says why”, 10 Jan 2027."
    assert [one.how for one in found.under_way[0].adoption] == ["Counted"]


def test_a_change_takes_its_steps_in_order_each_with_what_it_needs(team):
    made = make_change(team)
    with pytest.raises(UsageError, match="told and heard says: Teams affected, Told to those affected on, What they said, and what changed for it. Fill that in first."):
        registers.change(team, RANA, "change_initiative", made.id, {}, seen_version=1, state="heard")
    registers.change(team, RANA, "change_initiative", made.id, {"outcome": "Not needed.", "ended_on": "2026-11-01"}, seen_version=1, state="stopped")
    found = initiatives.read(team, TODAY)
    assert not found.under_way and (found.ended[0].step, found.ended[0].label) == (0, "stopped") and found.sentences == ()


# -- accountability


def act(store: Store, owner: str, due: date, done: date | None = None) -> None:
    new = actions.add(store, replace(RANA), title=f"Of {owner} by {due}", kind="effort", owner=owner, due=due, today=due - timedelta(9))
    if done:
        actions.set_state(store, RANA, new.id, "done", done, new.version)


def test_the_leaders_own_stand_first_and_nobody_has_a_total(team):
    late, kept = TODAY - timedelta(5), TODAY - timedelta(40)
    act(team, "rana", late)
    act(team, "zoe", kept, kept)
    act(team, "ada", kept)
    found = accountability.read(team, TODAY)
    assert (found.leaders[0].kept, found.leaders[0].due) == (0, 1) and (found.together[0].kept, found.together[0].due) == (1, 3)
    assert [one.who for one in found.own] == ["Rana Amari"] and found.sentences[0].bold == "1 of the leaders' own actions is late."


def put_step(store: Store, person: str, plan: str, step: str, done_on: str = "") -> None:
    """A development plan in a state with one step in a state, due 30 days ago."""
    both = {"person_agreed_on": "2026-01-09", "leader_agreed_on": "2026-01-09"} if plan == "agreed" else {}
    about = {"person": person, "aim": "Lead", "begun_on": "2026-01-09"} | both
    said = {"person": person, "title": "Leads one review", "due": (TODAY - timedelta(30)).isoformat()} | ({"done_on": done_on} if done_on else {})

    def work(tx) -> None:
        made = registers.put(store, tx, registers.register("development_plan"), about, plan, TODAY, secrets.token_hex(6), RANA)
        registers.put(store, tx, registers.register("development_step"), said | {"plan": made.id}, step, TODAY, secrets.token_hex(6), RANA)

    store.write(work, "Rana Amari")


def test_steps_count_when_both_agreed_to_their_plan_and_only_what_was_kept_is_kept(team):
    put_step(team, "rana", "agreed", "kept", "2026-10-01")
    put_step(team, "zoe", "agreed", "missed", "2026-10-01")
    put_step(team, "ada", "agreed", "kept", "2026-11-20")
    put_step(team, "mo", "agreed", "open")
    put_step(team, "vic", "draft", "kept", "2026-10-01")
    assert accountability.read(team, TODAY).together[2].hidden
    put_step(team, "vic", "agreed", "kept", "2026-10-01")
    found = accountability.read(team, TODAY).together[2]
    assert (found.kept, found.due, found.hidden) == (2, 5, False)


# -- what moves people


def test_what_moves_a_person_is_seen_by_whom_they_choose_and_said_by_nobody_else(team):
    said = {"moves": ["learning"], "words": "New things."}
    motivation.state(team, ZOE, said | {"share_with": "nobody"}, TODAY)
    motivation.state(team, ADA, said | {"share_with": "leader"}, TODAY)

    def seen(actor: Actor) -> list[str]:
        with team.read() as tx:
            return [one.name for one in motivation.read(tx, actor, TODAY).shared]

    assert (seen(RANA), seen(MO), seen(ZOE)) == (["Ada Zorn"], [], [])
    with pytest.raises(StaleEdit):
        motivation.state(team, ADA, said | {"share_with": "nobody"}, TODAY)
    motivation.state(team, ADA, said | {"share_with": "nobody"}, TODAY, seen_version=1)
    assert seen(RANA) == []
    with pytest.raises(NotAllowed):
        write(team, "motivator", RANA, person="mo", moves=["thanks"], share_with="leader")


# -- evidence beside maturity


def test_what_leadership_writes_down_is_counted_beside_its_practices_without_a_name(team):
    before = records(team, TODAY)
    purpose = write(team, "purpose", text="Evenings back.", since="2026-01-09").id
    write(team, "team_value", name="Give first", words="A useful thing.", since="2026-01-09")
    direction.say(team, ZOE, purpose, "explain", TODAY)
    make_change(team)
    thank(team, RANA, "zoe", 3)
    motivation.state(team, ZOE, {"moves": ["learning"], "share_with": "leader"}, TODAY)
    found = records(team, TODAY)
    assert {id: (before[id].count or 0, found[id].count) for id in ("L1", "L2", "L3", "L5", "L6")} == {"L1": (0, 1), "L2": (0, 1), "L3": (0, 1), "L5": (0, 2), "L6": (0, 1)}
    assert found["L1"].lines[0].startswith("1 of ") and found["L6"].lines[0] == "1 person shares what moves them"
    assert any("in Recognition" in line for line in found["L7"].lines)
    assert not any(name in line for one in found.values() for line in one.lines for name in ("Zoe", "Abel"))


def test_csms_of_accounts_who_are_no_members_are_counted_as_missing(team):
    with team.facts() as tx:
        for id, csm, ended in (("A1", "zoe abel", None), ("A2", "Nobody Here", None), ("A3", "Long Gone", date(2025, 1, 1))):
            tx.run("INSERT INTO account (account_id, name, csm, started_on, ended_on, load, row_number) VALUES ($1, $1, $2, DATE '2024-01-01', $3, 'x', 1)", [id, csm, ended])
    found = crew.read(team, TODAY)
    assert ([one.name for one in found.csms], found.called, found.strangers) == (["Zoe Abel"], "CSMs", 1)
    assert [one.name for one in found.others if one.id in PEOPLE] == ["Rana Amari", "Mo Kern", "Ada Zorn"]
    thank(team, RANA, "zoe", 1)
    assert "1 CSM of accounts is no member here" in leadership_recognition.section(recognition.read(team, TODAY), "all")
