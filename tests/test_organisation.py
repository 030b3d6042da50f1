"""Organisation, teams, people and members: what is kept, who may change it, and what two people editing at once see."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import datetime

import pytest

from scorecard import auditing, organisation
from scorecard.core import names
from scorecard.errors import DefinitionError, NotAllowed, StaleEdit, UsageError
from scorecard.organisation import Organisation, Person, Team
from scorecard.store.audit_rows import ALL


@pytest.fixture
def started(store):
    organisation.first_start(store)
    return store


def make_member(store, admin, name: str, role: str = "member", **more):
    return organisation.add_member(store, admin, Person("", name, **more), role)


def version_of(store, person: str) -> int:
    return next(member.version for member in organisation.member_list(store) if member.person.id == person)


def audit_rows(store, object: str) -> list[tuple]:
    with store.read() as tx:
        return tx.all("SELECT actor, action, before_json, after_json FROM audit WHERE object = $1 ORDER BY seq", [object])


# -- first start

def test_the_first_start_gives_a_leader_and_an_administrator(started):
    found = [(member.person.name, member.role, member.active) for member in organisation.member_list(started)]
    assert found == [("Administrator", "admin", True), ("You", "leader", True)]
    assert organisation.keyboard_default(started) == organisation.YOU


def test_a_second_start_changes_nothing(started):
    before = started.data_version
    assert organisation.first_start(started) is False
    assert started.data_version == before


def test_members_named_before_the_first_start_are_kept(store, admin):
    make_member(store, admin, "Rana Amari", "leader")
    organisation.first_start(store)
    assert [member.person.name for member in organisation.member_list(store)] == ["Rana Amari"]


# -- who

def test_who_is_nobody_for_an_unknown_a_suspended_and_an_odd_member(started, admin):
    member = make_member(started, admin, "Tolu Adeyemi")
    assert organisation.who(started, member.person.id).role == "member"
    organisation.suspend(started, admin, member.person.id, member.version)
    assert organisation.who(started, member.person.id) is None
    assert organisation.who(started, "nobody") is None
    started.write(lambda tx: tx.run("UPDATE member SET role = 'owner', active = TRUE"), "test")
    assert organisation.who(started, organisation.YOU) is None


def test_a_changed_role_takes_effect_at_the_next_question(started, admin):
    member = make_member(started, admin, "Tolu Adeyemi")
    organisation.set_role(started, admin, member.person.id, "analyst", member.version)
    assert organisation.who(started, member.person.id).role == "analyst"


def test_suspended_members_are_not_offered_at_the_keyboard_and_stay_in_the_list(started, admin):
    member = make_member(started, admin, "Tolu Adeyemi")
    suspended = organisation.suspend(started, admin, member.person.id, member.version)
    assert "Tolu Adeyemi" not in [one.person.name for one in organisation.keyboard_members(started)]
    assert "Tolu Adeyemi" in [one.person.name for one in organisation.member_list(started)]
    organisation.reactivate(started, admin, member.person.id, suspended.version)
    assert organisation.who(started, member.person.id).role == "member"


def test_people_are_listed_by_family_name_without_regard_to_case_and_accents(started, admin):
    for name in ("Petra Berg", "émile àdams", "Tolu Adeyemi", "rana Amari", "Camila Duarte"):
        make_member(started, admin, name)
    found = [member.person.name for member in organisation.member_list(started)]
    assert found == ["émile àdams", "Tolu Adeyemi", "Administrator", "rana Amari", "Petra Berg", "Camila Duarte", "You"]


def test_last_seen_is_written_once_a_day(started):
    you = organisation.who(started, organisation.YOU)
    organisation.seen(started, you, datetime(2026, 11, 22, 9, 0))
    version = started.data_version
    organisation.seen(started, you, datetime(2026, 11, 22, 17, 0))
    assert started.data_version == version
    assert organisation.member_list(started)[1].last_seen == datetime(2026, 11, 22, 9, 0)


# -- permission is asked by each command

COMMANDS = {
    "save_organisation": lambda store, actor: organisation.save_organisation(store, actor, organisation.organisation(store)),
    "save_team": lambda store, actor: organisation.save_team(store, actor, Team("", "Enterprise")),
    "save_person": lambda store, actor: organisation.save_person(store, actor, Person("", "Tolu Adeyemi")),
    "add_member": lambda store, actor: organisation.add_member(store, actor, Person("", "Tolu Adeyemi"), "member"),
    "set_role": lambda store, actor: organisation.set_role(store, actor, organisation.YOU, "leader", 1),
    "suspend": lambda store, actor: organisation.suspend(store, actor, "tolu", 1),
    "reactivate": lambda store, actor: organisation.reactivate(store, actor, organisation.YOU, 1),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_refused_to_who_may_not_and_to_nobody(started, command, leader, admin, analyst, viewer):
    allowed = leader if command == "save_organisation" else admin
    for actor in (None, viewer, analyst, leader, admin):
        if actor is allowed:
            continue
        version = started.data_version
        with pytest.raises(NotAllowed):
            COMMANDS[command](started, actor)
        assert started.data_version == version


@pytest.mark.parametrize("command", ["save_team", "save_person", "add_member", "set_role", "reactivate"])
def test_a_command_is_done_for_an_admin(started, command, admin):
    COMMANDS[command](started, admin)


# -- the organisation

def test_the_organisation_is_saved_with_who_and_when_and_an_audit_row(started, leader):
    new = replace(organisation.organisation(started), name="  Lark\u202efield ", time_zone="Europe/Berlin", fiscal_start=4)
    saved = organisation.save_organisation(started, leader, new)
    assert (saved.name, saved.time_zone, saved.fiscal_start, saved.version) == ("Larkfield", "Europe/Berlin", 4, 2)
    assert saved.changed_by == "Rana Amari" and saved.changed_at
    actor, action, before, after = audit_rows(started, "organisation")[-1]
    assert (actor, action) == ("Rana Amari", "save organisation")
    assert '"Your organisation"' in before and '"Larkfield"' in after


@pytest.mark.parametrize(("change", "words"), [
    ({"time_zone": "Mars/Olympus"}, "'Mars/Olympus' is not a time zone"),
    ({"time_zone": "../../etc/passwd"}, "is not a time zone"),
    ({"currency": "XX"}, "'XX' is not a currency"),
    ({"fiscal_start": 13}, "month 13; use 1 to 12"),
    ({"week_start": "Wednesday"}, "'Wednesday'; use Monday"),
    ({"name": " \u200b "}, "organisation's name is empty"),
    ({"name": "x" * 201}, "201 characters; 200 are allowed"),
])
def test_a_wrong_setting_is_refused_with_what_is_allowed(started, leader, change, words):
    with pytest.raises(DefinitionError, match=words.replace("/", ".").replace(";", ".")):
        organisation.save_organisation(started, leader, replace(organisation.organisation(started), **change))
    assert organisation.organisation(started).version == 1


def test_the_rule_set_is_not_changed_on_the_side(started, leader):
    saved = organisation.save_organisation(started, leader, replace(organisation.organisation(started), rule_set="nelson", sample=True))
    assert (saved.rule_set, saved.sample) == ("wheeler", False)


def test_a_stale_save_shows_both_versions_and_who_changed_it(started, leader):
    opened = organisation.organisation(started)
    organisation.save_organisation(started, leader, replace(opened, name="Larkfield"))
    with pytest.raises(StaleEdit) as refused:
        organisation.save_organisation(started, leader, replace(opened, name="Larkfield Ltd"))
    told = str(refused.value)
    assert "Rana Amari changed the organisation at " in told
    assert "Now stored: name Larkfield. Yours: name Larkfield Ltd." in told
    assert organisation.organisation(started).name == "Larkfield"


# -- teams and people

def test_a_team_is_made_renamed_and_its_name_is_free_once(started, admin):
    team = organisation.save_team(started, admin, Team("", "Small business"))
    renamed = organisation.save_team(started, admin, replace(team, name="Small businesses"))
    assert (renamed.id, renamed.version) == ("small-business", 2)
    with pytest.raises(DefinitionError, match="There is a team"):
        organisation.save_team(started, admin, Team("", "SMALL Businesses"))
    with pytest.raises(StaleEdit, match="Now stored: name Small businesses. Yours: name SMB"):
        organisation.save_team(started, admin, replace(team, name="SMB"))


def test_two_people_of_one_name_have_two_ids(started, admin):
    first = organisation.save_person(started, admin, Person("", "Jo Lind"))
    with pytest.raises(DefinitionError, match="There is a Jo Lind already. Give the new one an e-mail"):
        organisation.save_person(started, admin, Person("", "Jo Lind"))
    second = organisation.save_person(started, admin, Person("", "Jo Lind", email="jo.lind@larkfield.example"))
    assert (first.id, second.id) == ("jo-lind", "jo-lind-2")


@pytest.mark.parametrize(("change", "words"), [
    ({"name": ""}, "person's name is empty"),
    ({"email": "tolu"}, "'tolu' is not an e-mail address"),
    ({"email": "YOU@company.example"}, "is the e-mail of Rana Amari already"),
    ({"team": "none-such"}, "There is no team 'none-such'"),
    ({"leader": "none-such"}, "There is no person 'none-such'"),
])
def test_a_wrong_person_is_refused(started, admin, change, words):
    organisation.save_person(started, admin, Person("", "Rana Amari", email="you@company.example"))
    with pytest.raises(DefinitionError, match=words):
        organisation.save_person(started, admin, replace(Person("", "Tolu Adeyemi"), **change))


def test_nobody_leads_themselves_not_even_through_others(started, admin):
    rana = organisation.save_person(started, admin, Person("", "Rana Amari"))
    tolu = organisation.save_person(started, admin, Person("", "Tolu Adeyemi", leader=rana.id))
    for leader in (tolu.id, rana.id):
        with pytest.raises(DefinitionError, match="come back to the same person"):
            organisation.save_person(started, admin, replace(rana, leader=leader))


def test_a_stale_person_is_refused_and_says_which_fields_differ(started, admin):
    opened = organisation.save_person(started, admin, Person("", "Tolu Adeyemi"))
    organisation.save_person(started, admin, replace(opened, email="tolu@larkfield.example"))
    with pytest.raises(StaleEdit, match="Now stored: e-mail tolu@larkfield.example. Yours: e-mail empty"):
        organisation.save_person(started, admin, opened)


@pytest.mark.parametrize(("typed", "kept"), [
    ("  Tolu\t Adeyemi\n", "Tolu Adeyemi"),
    ("Tolu\u202e Adeyemi\u0000", "Tolu Adeyemi"),
    ("Jose\u0301 Nun\u0303ez", "José Nuñez"),
    ("می\u200cخواهم", "می\u200cخواهم"),
    ("a\ud800b", "ab"),
])
def test_names_are_cleaned(typed, kept):
    assert names.clean(typed) == kept


@pytest.mark.parametrize(("text", "id"), [("Tolu Adeyemi", "tolu-adeyemi"), ("Łukasz Żak", "ukasz-zak"), ("李", "x"), ("--", "x")])
def test_an_id_is_made_of_plain_letters(text, id):
    assert names.slug(text) == id
    assert names.slug(text, {id}) == f"{id}-2"


# -- members

@pytest.mark.parametrize("role", ["leader", "admin"])
def test_the_last_active_leader_and_admin_cannot_leave(started, admin, role):
    last = next(member for member in organisation.member_list(started) if member.role == role)
    with pytest.raises(DefinitionError, match=f"is the last active {role}. Make somebody else {role} first."):
        organisation.suspend(started, admin, last.person.id, last.version)
    with pytest.raises(DefinitionError, match="is the last active"):
        organisation.set_role(started, admin, last.person.id, "viewer", last.version)


def test_of_two_leaders_one_may_leave_and_a_suspended_one_does_not_count(started, admin):
    other = make_member(started, admin, "Rana Amari", "leader")
    suspended = organisation.suspend(started, admin, other.person.id, other.version)
    assert not suspended.active
    with pytest.raises(DefinitionError, match="You is the last active leader"):
        organisation.suspend(started, admin, organisation.YOU, 1)
    organisation.reactivate(started, admin, other.person.id, suspended.version)
    organisation.suspend(started, admin, organisation.YOU, version_of(started, organisation.YOU))


def test_two_leaders_who_are_suspended_at_the_same_moment_leave_one(started, admin):
    other = make_member(started, admin, "Rana Amari", "leader")
    gate, refused = threading.Barrier(2), []

    def leave(id: str, version: int) -> None:
        gate.wait()
        try:
            organisation.suspend(started, admin, id, version)
        except DefinitionError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=leave, args=args) for args in ((organisation.YOU, 1), (other.person.id, other.version))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert len([member for member in organisation.keyboard_members(started) if member.role == "leader"]) == 1


def test_a_stale_role_is_refused_with_both_roles(started, admin):
    member = make_member(started, admin, "Tolu Adeyemi")
    organisation.set_role(started, admin, member.person.id, "analyst", member.version)
    with pytest.raises(StaleEdit, match="Marek Zielinski changed Tolu Adeyemi at .* Now stored: role analyst. Yours: role viewer."):
        organisation.set_role(started, admin, member.person.id, "viewer", member.version)


def test_every_change_of_a_member_leaves_an_audit_row_with_before_and_after(started, admin):
    member = make_member(started, admin, "Tolu Adeyemi")
    organisation.suspend(started, admin, member.person.id, organisation.set_role(
        started, admin, member.person.id, "analyst", member.version).version)
    rows = audit_rows(started, f"member:{member.person.id}")
    assert [action for _, action, _, _ in rows] == ["add member", "set role", "suspend member"]
    assert [json.loads(text) for text in rows[1][2:]] == [{"role": "member", "active": True}, {"role": "analyst", "active": True}]


def test_person_and_role_are_saved_together_or_not_at_all(started, admin):
    member = make_member(started, admin, "Tolu Adeyemi")
    saved = organisation.save_member(started, admin, replace(member.person, email="t@x.example"), "analyst", False, member.version)
    assert (saved.person.email, saved.role, saved.active) == ("t@x.example", "analyst", False)
    with pytest.raises(StaleEdit):
        organisation.save_member(started, admin, replace(saved.person, name="Tolu A"), "viewer", True, member.version)
    assert "Tolu Adeyemi" in [one.name for one in organisation.people(started)]


def test_the_latest_changes_are_for_leaders_and_admins(started, leader, admin, analyst):
    make_member(started, admin, "Tolu Adeyemi")
    for actor in (leader, admin):
        assert [row.action for row in auditing.page(started, actor, ALL).rows][0] == "add member"
    with pytest.raises(NotAllowed):
        auditing.page(started, analyst, ALL)


def test_a_backup_is_made_for_an_admin_only_and_audited(started, admin, leader):
    with pytest.raises(NotAllowed):
        organisation.make_backup(started, leader, datetime(2026, 11, 22))
    made = organisation.make_backup(started, admin, datetime(2026, 11, 22))
    assert organisation.backups(started, admin) == (made.path.name,)
    assert auditing.page(started, admin, ALL).rows[0].object == f"backup:{made.path.name}"


@pytest.mark.parametrize("call", [
    lambda store, admin: organisation.set_role(store, admin, organisation.YOU, "owner", 1),
    lambda store, admin: organisation.set_role(store, admin, "nobody", "viewer", 1),
    lambda store, admin: organisation.add_member(store, admin, Person("nobody", "x"), "viewer"),
])
def test_an_unknown_role_or_person_is_a_wrong_call(started, admin, call):
    with pytest.raises(UsageError):
        call(started, admin)


def test_nobody_becomes_a_member_twice(started, admin):
    with pytest.raises(DefinitionError, match="You is a member already"):
        organisation.add_member(started, admin, Person(organisation.YOU, "You"), "viewer")


def test_a_refused_member_leaves_no_person_behind(started, admin):
    before = organisation.people(started)
    with pytest.raises(UsageError):
        organisation.add_member(started, admin, Person("", "Tolu Adeyemi"), "owner")
    assert organisation.people(started) == before


def test_the_settings_of_an_unstarted_store_can_be_read(store):
    assert organisation.organisation(store) == Organisation("Your organisation")
    assert organisation.keyboard_default(store) == ""
