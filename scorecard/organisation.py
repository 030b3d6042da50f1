"""The organisation, its teams, its people and its members: what is read, and the commands that change them."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from datetime import datetime
from zoneinfo import available_timezones

from scorecard import access
from scorecard.access import Actor
from scorecard.core import names, periods, rhythm
from scorecard.errors import DefinitionError, StaleEdit, UsageError
from scorecard.store import backup, members, verifying
from scorecard.store import signin
from scorecard.store.backup import Backup
from scorecard.store.engine import Store, Tx
from scorecard.store.members import Member, Organisation, Person, Team

CURRENCIES = {"$": "US dollar, $", "€": "Euro, €", "£": "Pound sterling, £", "CHF ": "Swiss franc, CHF",
              "A$": "Australian dollar, A$", "C$": "Canadian dollar, C$", "¥": "Yen, ¥", "₹": "Indian rupee, ₹"}
WEEK_STARTS = ("Monday", "Sunday", "Saturday")
YOU, ADMINISTRATOR = "you", "administrator"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ORGANISATION_WORDS = {"name": "name", "time_zone": "time zone", "currency": "currency",
                       "fiscal_start": "fiscal year starts in", "week_start": "week starts on",
                       "figures_due": "figures are due on day", "review_day": "monthly review"}
_PERSON_WORDS = {"name": "name", "sort_name": "sort name", "email": "e-mail", "team": "team", "leader": "leader"}


def first_start(store: Store) -> bool:
    """True when the store was empty and now holds an organisation and two members, a leader and an admin."""

    def work(tx: Tx) -> bool:
        begun = members.organisation(tx) is None
        if begun:
            members.insert_organisation(tx, Organisation("Your organisation"))
        if not members.members(tx):
            _add_first_members(tx)
            begun = True
        if begun:
            tx.audit("first start", "organisation", None, {"members": [YOU, ADMINISTRATOR]})
        return begun

    with store.read() as tx:
        started = members.organisation(tx) is not None and bool(members.members(tx))
    return False if started else store.write(work, "first start")


def _add_first_members(tx: Tx) -> None:
    for id, name, role in ((YOU, "You", "leader"), (ADMINISTRATOR, "Administrator", "admin")):
        if members.person(tx, id) is None:
            members.insert_person(tx, Person(id, name))
        members.insert_member(tx, id, role)


# -- reads

def organisation(store: Store) -> Organisation:
    """The organisation's settings; those of a first start when nothing is stored yet."""
    with store.read() as tx:
        return members.organisation(tx) or Organisation("Your organisation")


def teams(store: Store) -> tuple[Team, ...]:
    """All teams in alphabetical order."""
    with store.read() as tx:
        return members.teams(tx)


def people(store: Store) -> tuple[Person, ...]:
    """Everybody, in alphabetical order of the sort name."""
    with store.read() as tx:
        return members.people(tx)


def member_list(store: Store) -> tuple[Member, ...]:
    """All members, suspended ones too, in alphabetical order of the sort name."""
    with store.read() as tx:
        return members.members(tx)


def keyboard_members(store: Store) -> tuple[Member, ...]:
    """The active members, from whom the person at the keyboard is chosen in local mode."""
    return tuple(member for member in member_list(store) if member.active)


def keyboard_default(store: Store) -> str:
    """The id of the first active leader, else of the first active member, else nothing."""
    active = keyboard_members(store)
    leaders = [member for member in active if member.role == "leader"]
    return next((member.person.id for member in (*leaders, *active)), "")


def who(store: Store, person_id: str) -> Actor | None:
    """The member with this id as an actor; None for nobody, a suspended member and an unknown role."""
    with store.read() as tx:
        member = members.member(tx, person_id)
    if member is None or not member.active or member.role not in access.ROLES:
        return None
    return Actor(member.person.id, member.person.name, member.role, member.person.team)


# -- commands

def save_organisation(store: Store, actor: Actor, new: Organisation) -> Organisation:
    """The organisation as saved. `new.version` is the version that was edited; the rule set has its own command."""
    access.require(actor, "change_goals")
    new = _checked_organisation(new)

    def work(tx: Tx) -> Organisation:
        old = members.organisation(tx) or Organisation("Your organisation")
        kept = replace(new, rule_set=old.rule_set, sample=old.sample)
        if not members.update_organisation(tx, kept):
            raise _stale(tx, "the organisation", "organisation", old, new, _ORGANISATION_WORDS)
        tx.audit("save organisation", "organisation", _part(old, _ORGANISATION_WORDS), _part(kept, _ORGANISATION_WORDS))
        return members.organisation(tx)

    return store.write(work, actor.name)


def _checked_organisation(new: Organisation) -> Organisation:
    new = replace(new, name=names.required(new.name, "organisation's name"))
    if new.time_zone not in available_timezones():
        raise DefinitionError(f"{new.time_zone!r} is not a time zone. Write one such as Europe/Berlin.")
    if new.currency not in CURRENCIES:
        raise DefinitionError(f"{new.currency!r} is not a currency that is known here. Use {', '.join(CURRENCIES)}.")
    if new.fiscal_start not in range(1, 13):
        raise DefinitionError(f"The fiscal year starts in month {new.fiscal_start!r}; use 1 to 12.")
    if new.week_start not in WEEK_STARTS:
        raise DefinitionError(f"The week starts on {new.week_start!r}; use {', '.join(WEEK_STARTS)}.")
    rhythm.review_day(new.review_day)
    rhythm.checked_due(new.figures_due)
    return new


def save_team(store: Store, actor: Actor, team: Team) -> Team:
    """The team as saved; an empty id makes a new one."""
    access.require(actor, "manage_members")
    team = replace(team, name=names.required(team.name, "team's name"))

    def work(tx: Tx) -> Team:
        known = {one.id: one for one in members.teams(tx)}
        if any(names.bare(one.name) == names.bare(team.name) and one.id != team.id for one in known.values()):
            raise DefinitionError(f"There is a team {team.name!r} already. Choose another name.")
        old = known.get(team.id)
        saved = team if old else replace(team, id=names.slug(team.name, set(known)))
        if old is None:
            members.insert_team(tx, saved)
        elif not members.update_team(tx, saved):
            raise _stale(tx, f"the team {old.name}", f"team:{team.id}", old, team, {"name": "name"})
        tx.audit("save team", f"team:{saved.id}", old and {"name": old.name}, {"name": saved.name})
        return replace(saved, version=saved.version + 1 if old else 1)

    return store.write(work, actor.name)


def save_person(store: Store, actor: Actor, person: Person) -> Person:
    """The person as saved; an empty id makes a new one, who is no member yet."""
    access.require(actor, "manage_members")
    return store.write(lambda tx: _put_person(tx, person), actor.name)


def _put_person(tx: Tx, person: Person) -> Person:
    known = {one.id: one for one in members.people(tx)}
    person = _checked_person(tx, person, known)
    old = known.get(person.id)
    if old is None:
        person = replace(person, id=names.slug(person.name, set(known)))
        members.insert_person(tx, person)
    elif not members.update_person(tx, person):
        raise _stale(tx, old.name, f"person:{old.id}", old, person, _PERSON_WORDS)
    elif old.email != person.email:
        signin.release(tx, person.id)  # The account belonged to the earlier e-mail.
    saved = members.person(tx, person.id)
    tx.audit("save person", f"person:{saved.id}", old and _part(old, _PERSON_WORDS), _part(saved, _PERSON_WORDS))
    return saved


def _checked_person(tx: Tx, person: Person, known: dict[str, Person]) -> Person:
    name = names.required(person.name, "person's name")
    email = names.clean(person.email, "e-mail").lower()
    if email and not _EMAIL.fullmatch(email):
        raise DefinitionError(f"{email!r} is not an e-mail address. Write one such as name@company.example, or leave it empty.")
    holder = next((one for one in known.values() if email and one.email == email and one.id != person.id), None)
    if holder:
        raise DefinitionError(f"{email} is the e-mail of {holder.name} already.")
    if not person.id and not email and any(names.bare(one.name) == names.bare(name) for one in known.values()):
        raise DefinitionError(f"There is a {name} already. Give the new one an e-mail, so that the two can be told apart.")
    if person.team and person.team not in {team.id for team in members.teams(tx)}:
        raise DefinitionError(f"There is no team {person.team!r}. Make the team first.")
    _check_leader(person, known)
    return replace(person, name=name, email=email, sort_name=names.clean(person.sort_name, "sort name"))


def _check_leader(person: Person, known: dict[str, Person]) -> None:
    seen, leader = [person.id] if person.id else [], person.leader
    while leader:
        if leader not in known:
            raise DefinitionError(f"There is no person {leader!r} to be the leader of {person.name}.")
        if leader in seen:
            raise DefinitionError(f"{person.name} cannot have {known[person.leader].name} as leader: "
                                  "the line of leaders would come back to the same person.")
        seen.append(leader)
        leader = known[leader].leader


def add_member(store: Store, actor: Actor, person: Person, role: str) -> Member:
    """The new member. A person with an empty id is written first, in the same transaction."""
    access.require(actor, "manage_members")
    _check_role(role)

    def work(tx: Tx) -> Member:
        one = members.person(tx, person.id) if person.id else _put_person(tx, person)
        if one is None:
            raise UsageError(f"There is no person {person.id!r}.")
        if members.member(tx, one.id):
            raise DefinitionError(f"{one.name} is a member already. Change the role instead.")
        members.insert_member(tx, one.id, role)
        tx.audit("add member", f"member:{one.id}", None, {"role": role, "active": True})
        return members.member(tx, one.id)

    return store.write(work, actor.name)


def save_member(store: Store, actor: Actor, person: Person, role: str, active: bool, version: int) -> Member:
    """The member with person, role and activity saved in one transaction: all of it or nothing.

    `person.version` and `version` are those that were edited, of the person and of the member.
    """
    access.require(actor, "manage_members")
    _check_role(role)

    def work(tx: Tx) -> Member:
        old = _member(tx, person.id)
        if _part(old.person, _PERSON_WORDS) != _part(person, _PERSON_WORDS) or old.person.version != person.version:
            _put_person(tx, person)
        if (old.role, old.active) != (role, active) or old.version != version:
            _put_member(tx, old, "change member", replace(old, role=role, active=active, version=version))
        return members.member(tx, person.id)

    return store.write(work, actor.name)


def set_role(store: Store, actor: Actor, person_id: str, role: str, version: int) -> Member:
    """The member in the new role, from the next click on."""
    _check_role(role)
    return _change_member(store, actor, "set role", person_id, version, role=role)


def suspend(store: Store, actor: Actor, person_id: str, version: int) -> Member:
    """The member, suspended: records stay, the person may do nothing."""
    return _change_member(store, actor, "suspend member", person_id, version, active=False)


def reactivate(store: Store, actor: Actor, person_id: str, version: int) -> Member:
    """The member, active again in the role of before."""
    return _change_member(store, actor, "reactivate member", person_id, version, active=True)


def _change_member(store: Store, actor: Actor, action: str, id: str, version: int, **change: object) -> Member:
    access.require(actor, "manage_members")

    def work(tx: Tx) -> Member:
        old = _member(tx, id)
        _put_member(tx, old, action, replace(old, version=version, **change))
        return members.member(tx, id)

    return store.write(work, actor.name)


def _member(tx: Tx, id: str) -> Member:
    found = members.member(tx, id)
    if found is None:
        raise UsageError(f"There is no member {id!r}.")
    return found


def _put_member(tx: Tx, old: Member, action: str, new: Member) -> None:
    id = old.person.id
    _keep_one(tx, old, new)
    if not members.update_member(tx, id, new.role, new.active, new.version):
        raise _stale(tx, old.person.name, f"member:{id}", old, new, {"role": "role", "active": "active"})
    if not new.active:
        # An ended session stays ended: who is let in again later signs in again.
        signin.end_all(tx, id, "suspended")
        signin.revoke_links(tx, id)
    tx.audit(action, f"member:{id}", {"role": old.role, "active": old.active}, {"role": new.role, "active": new.active})


def _keep_one(tx: Tx, old: Member, new: Member) -> None:
    leaves = old.active and old.role in ("leader", "admin") and (not new.active or new.role != old.role)
    if leaves and not members.others_in_role(tx, old.role, old.person.id):
        raise DefinitionError(f"{old.person.name} is the last active {old.role}. Make somebody else {old.role} first.")


def _check_role(role: str) -> None:
    if role not in access.ROLES:
        raise UsageError(f"{role!r} is not a role. Use {', '.join(access.ROLES)}.")


def seen(store: Store, actor: Actor, now: datetime) -> None:
    """Nothing; the member's last day here is kept. Written once a day, so that looking costs no write."""
    with store.read() as tx:
        member = members.member(tx, actor.person)
    if member and (member.last_seen is None or member.last_seen.date() != now.date()):
        store.write(lambda tx: members.touch_last_seen(tx, actor.person), actor.name, now)


# -- backups

def backups(store: Store, actor: Actor) -> tuple[str, ...]:
    """The names of the backups, the newest first."""
    access.require(actor, "manage_members")
    return tuple(path.name for path in backup.every(store.backups))


def make_backup(store: Store, actor: Actor, now: datetime) -> Backup:
    """A new backup of both stores, verified before it counts."""
    access.require(actor, "manage_members")
    made = verifying.backed_up(store, now)
    store.write(lambda tx: tx.audit("make backup", f"backup:{made.path.name}", None, {"rows": made.total}), actor.name, now)
    return made


# -- two people edited the same row

def _part(row: object, words: dict[str, str]) -> dict:
    return {field: value for field, value in asdict(row).items() if field in words}


def _stale(tx: Tx, thing: str, object: str, theirs: object, yours: object, words: dict[str, str]) -> StaleEdit:
    author, at = members.last_change(tx, object)
    differs = [field for field in words if getattr(theirs, field) != getattr(yours, field)]
    when = f" at {at:%H:%M} UTC on {periods.day(at.date())}" if at else ""
    if not differs:
        return StaleEdit(f"Not saved: {author} changed {thing}{when}, to the same as yours. Nothing is lost.")
    return StaleEdit(f"Not saved: {author} changed {thing}{when}. Now stored: {_said(theirs, differs, words)}. "
                     f"Yours: {_said(yours, differs, words)}. Look at both, then save again.")


def _said(row: object, fields: list[str], words: dict[str, str]) -> str:
    return ", ".join(f"{words[field]} {str(getattr(row, field)) or 'empty'}" for field in fields)
