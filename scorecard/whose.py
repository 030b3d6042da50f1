"""Whose figures somebody may see: figures of one person are seen by that person and by their leader, those of teams by everybody."""

from __future__ import annotations

from collections import Counter

from scorecard import access
from scorecard.access import Actor
from scorecard.core import names
from scorecard.store import members
from scorecard.store.engine import Tx
from scorecard.store.members import Person


def seen(tx: Tx, actor: Actor | None) -> dict[str, Person]:
    """The people whose own figures the actor may see, by each name and address that figures may call them.

    A name that two people have calls neither of them. A change of leader counts at once.
    """
    if actor is None or not actor.person:
        return {}
    leads, everyone = access.may(actor, "read_people"), members.people(tx)
    called = Counter(text for one in everyone for text in _called(one))
    return {text: one for one in everyone if one.id == actor.person or leads and one.leader == actor.person
            for text in _called(one) if called[text] == 1}


def may_see(found: dict[str, Person], csm: str) -> bool:
    """Whether figures under this name are among those; figures of nobody in particular are everybody's."""
    return not csm or names.bare(csm) in found


def strangers(tx: Tx, called: set[str]) -> int:
    """How many of these names belong to nobody, or to more than one, among the people."""
    known = Counter(text for one in members.people(tx) for text in _called(one))
    return sum(known[text] != 1 for text in {names.bare(name) for name in called})


def _called(one: Person) -> set[str]:
    return {names.bare(text) for text in (one.name, one.email) if text}
