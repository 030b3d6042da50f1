"""Who the page Leadership is about: the people who look after customers, and all whose word on the direction counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scorecard import access
from scorecard.core import names
from scorecard.store import members

if TYPE_CHECKING:
    from scorecard.store.engine import Store
    from scorecard.store.members import Person
    from scorecard.store.tx import Tx


@dataclass(frozen=True)
class Crew:
    """People in alphabetical order: `csms` look after accounts, or are all who have a leader where no account says who;
    `others` work with them: whoever assesses maturity and is no CSM. `called` is what `csms` are in a sentence; `strangers` is how
    many CSMs accounts name who are no members here.
    """

    csms: tuple[Person, ...]
    others: tuple[Person, ...]
    called: str
    strangers: int = 0

    @property
    def everybody(self) -> tuple[Person, ...]:
        """All of them, in alphabetical order."""
        return tuple(sorted((*self.csms, *self.others), key=lambda one: names.order(one.sort_name)))


def read(store: Store, today: date) -> Crew:
    """The crew as of a day; who was suspended is not in it."""
    caring = _caring(store, today)
    with store.read() as tx:
        people, roles = members.people(tx), {one.person.id: one.role for one in members.members(tx) if one.active}
    here = [one for one in people if one.id in roles]
    named = [one for one in here if caring & _called(one)]
    known = set().union(*map(_called, named))
    csms = named or [one for one in here if one.leader]
    chosen = {one.id for one in csms}
    others = [one for one in here if one.id not in chosen and works(roles[one.id])]
    return Crew(tuple(csms), tuple(others), "CSMs" if named else "people", len(caring - known))


def asked(tx: Tx) -> set[str]:
    """The ids of all whose word on the direction counts: active members who assess maturity."""
    return {one.person.id for one in members.members(tx) if one.active and works(one.role)}


def _called(one: Person) -> set[str]:
    return {names.bare(text) for text in (one.name, one.id, one.email) if text}


def works(role: str) -> bool:
    """Whether somebody of this role is asked: whoever assesses maturity."""
    return role in access.ACTIONS["assess"][1]


def _caring(store: Store, today: date) -> set[str]:
    """Whom accounts that are customers name as their CSM, without accents and case."""
    with store.read_facts() as tx:
        rows = tx.all("SELECT DISTINCT csm FROM account WHERE csm <> '' AND (ended_on IS NULL OR ended_on >= $1)", [today])
    return {names.bare(csm) for (csm,) in rows}
