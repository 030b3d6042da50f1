"""Whose figures somebody may see: figures of one person are seen by that person and by their leader, those of teams by everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from scorecard import access
from scorecard.access import Actor
from scorecard.core import names
from scorecard.store import members
from scorecard.store.engine import Tx
from scorecard.store.members import Member, Person


@dataclass(frozen=True)
class Sight:
    """The people whose own figures somebody may see, by each name and address that figures may call them.

    `known` counts who is called so: a name that two people have calls neither of them. `same` is one text for the name and the address of each
    person who is called by both, whoever asks.
    """

    people: dict[str, Person]
    known: Counter[str]
    same: dict[str, str]

    def person(self, csm: str) -> Person | None:
        """The person of this name, for who may see their figures."""
        return self.people.get(names.bare(csm))

    def key(self, csm: str) -> str:
        """One text for all that figures call this person, so that nobody stands twice among the people."""
        text = names.bare(csm)
        return self.same.get(text, text)

    def may_see(self, csm: str) -> bool:
        """Whether figures under this name are among those; figures of nobody in particular are everybody's."""
        return not csm or names.bare(csm) in self.people

    def strangers(self, called: Iterable[str]) -> int:
        """How many of these names belong to nobody, or to more than one, among the people."""
        return sum(self.known[text] != 1 for text in {names.bare(name) for name in called})


def sight(tx: Tx, actor: Actor | None) -> Sight:
    """What the actor may see. A change of leader counts at once."""
    everyone = [(one, _called(one)) for one in members.people(tx)]
    known = Counter(text for _, called in everyone for text in called)
    leads = access.may(actor, "read_people")
    mine = [(one, called) for one, called in everyone if actor and actor.person and (one.id == actor.person or leads and one.leader == actor.person)]
    same = {text: min(own) for _, called in everyone for own in [[text for text in called if known[text] == 1]] for text in own}
    return Sight({text: one for one, called in mine for text in called if known[text] == 1}, known, same)


def unread(actor: Actor | None, everyone: Iterable[Member]) -> str:
    """Whom the actor leads and still reads nothing of, because the lines of the organisation and their role do not go together; "" where they do."""
    if actor is None or not actor.person or access.may(actor, "read_people"):
        return ""
    led = [one.person.name for one in everyone if one.person.leader == actor.person and one.active]
    if not led:
        return ""
    who = led[0] if len(led) == 1 else f"{len(led)} people"
    return (f"You lead {who}, and your role, {actor.role}, does not read what is written about people: nothing of it is shown to you. "
            "Whoever manages members can give you a role that does, in Settings.")  # fmt: skip


def _called(one: Person) -> set[str]:
    return {names.bare(text) for text in (one.name, one.email) if text}
