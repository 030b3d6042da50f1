"""People by name: in alphabetical order everywhere, by the name that they sort under."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from scorecard.core import names
from scorecard.store import members

if TYPE_CHECKING:
    from scorecard.store.members import Person
    from scorecard.store.tx import Tx

T = TypeVar("T")


def everyone(tx: Tx) -> dict[str, Person]:
    """The people by their ids."""
    return {one.id: one for one in members.people(tx)}


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
