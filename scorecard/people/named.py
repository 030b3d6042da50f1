"""People by name: in alphabetical order everywhere, by the name that they sort under."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scorecard import access
from scorecard.core import names
from scorecard.store.members import Person

if TYPE_CHECKING:
    from scorecard.access import Actor
    from scorecard.store.tx import Tx


@dataclass(frozen=True)
class Team:
    """The people by their ids, and who of them works here."""

    people: Mapping[str, Person]
    active: frozenset[str]

    @property
    def here(self) -> dict[str, Person]:
        """Those who work here."""
        return {id: one for id, one in self.people.items() if id in self.active}

    def led_by(self, actor: Actor) -> list[Person]:
        """The people whom the actor leads and who work here, by name; of nobody, for nobody."""
        if not (actor.person and access.may(actor, "read_people")):
            return []
        return alphabetical(self.people, (one.id for one in self.people.values() if one.leader == actor.person and one.id in self.active))


def team(tx: Tx) -> Team:
    """Everybody, as they stand."""
    rows = tx.all("""SELECT p.id, p.name, p.sort_name, p.email, p.team, p.leader, p.version, COALESCE(m.active, FALSE)
                     FROM person AS p LEFT JOIN member AS m ON m.person = p.id""")
    return Team({row[0]: Person(*row[:7]) for row in rows}, frozenset(row[0] for row in rows if row[7]))


def alphabetical(people: Mapping[str, Person], ids: Iterable[str]) -> list[Person]:
    """The people with these ids, each once, in alphabetical order; ids of nobody are left out."""
    return sorted((people[id] for id in set(ids) if id in people), key=key)


def key(one: Person) -> tuple:
    """What people are sorted by; never a figure."""
    return names.order(one.sort_name), names.order(one.name), one.id


def initials(name: str) -> str:
    """`KS`; of one word its first two letters."""
    words = name.split()
    return (words[0][0] + words[-1][0]).upper() if len(words) > 1 else name[:2].upper()
