"""What moves people: stated by each person for themselves, seen by whom they choose; and the work that was agreed to fit it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from scorecard import access, registers
from scorecard.core import names
from scorecard.core.reading import Sentence
from scorecard.errors import NotAllowed
from scorecard.store import members

if TYPE_CHECKING:
    from scorecard.access import Actor
    from scorecard.registers import Entry
    from scorecard.store.engine import Store
    from scorecard.store.tx import Tx

REGISTER, FIT = "motivator", "work_fit"
NOBODY = "nobody"
AGREED = "agreed"


@dataclass(frozen=True)
class Shared:
    """What one person says moves them, as the reader may see it, with the agreement on work that fits (None without one)."""

    id: str
    name: str
    moves: tuple[str, ...]
    words: str
    fits: str
    more: str
    share_with: str
    on: date
    fit: Entry | None


@dataclass(frozen=True)
class Overview:
    """The reader's own word (None when they wrote none), what others share with them in alphabetical order, agreements whose day
    to look again is over.
    """

    own: Entry | None
    shared: tuple[Shared, ...]
    due: tuple[Shared, ...]


def read(tx: Tx, actor: Actor, today: date) -> Overview:
    """What the actor may see, the own word first. It belongs to this one reader: it is never kept for another."""
    found = registers.entries(tx, REGISTER, order="date", actor=actor)
    if not found:
        return Overview(None, (), ())
    people = {one.id: one for one in members.people(tx)}
    fits = {one.person: one for one in registers.entries(tx, FIT, state=AGREED, order="date", actor=actor)}
    latest = {one.person: one for one in found}
    shown = [one for one in latest.values() if one.person in people and one.person != actor.person]
    shown.sort(key=lambda one: (names.order(people[one.person].sort_name), one.person))
    shared = tuple(_shared(one, people[one.person].name, fits.get(one.person)) for one in shown)
    return Overview(latest.get(actor.person), shared, tuple(one for one in shared if one.fit and _is_due(one.fit, today)))


def as_of(tx: Tx, actor: Actor, own: Entry | None, version: int) -> Mapping[str, Any]:
    """What the actor's own word said in one of its versions, for a form that was opened then; what a first one begins with."""
    if own is None:
        return {"share_with": "leader"}
    if own.version == version:
        return own.values
    return next((one.entry.values for one in registers.history(tx, REGISTER, own.id, actor) if one.entry.version == version), own.values)


def _is_due(fit: Entry, today: date) -> bool:
    on = fit.values.get("look_on")
    return bool(on) and date.fromisoformat(on) <= today


def _shared(one: Entry, name: str, fit: Entry | None) -> Shared:
    choices, said = registers.register(REGISTER).field("moves").choices, one.values
    moves = tuple(choices.get(each, each) for each in said.get("moves", ()))
    return Shared(one.id, name, moves, *(str(said.get(key, "")) for key in ("words", "fits", "more", "share_with")), one.at, fit)


def state(store: Store, actor: Actor, values: Mapping[str, Any], today: date, *, seen_version: int = 0) -> Entry:
    """The actor's own word on what moves them; a later one takes the place of the first. `seen_version` is that of the word
    that was changed, 0 for the first. Raises StaleEdit when it was changed elsewhere.
    """
    of = registers.register(REGISTER)
    access.require(actor, of.write)
    if not actor.person:
        raise NotAllowed("Nobody is at the keyboard whose word it could be. Choose yourself at the foot of the sidebar.")

    def work(tx: Tx) -> Entry:
        said = {**values, "person": actor.person, "on": today}
        before = own_word(tx, actor)
        if before:
            return registers.alter(store, tx, actor, of, before.id, said, seen_version, today=today)
        return registers.put(store, tx, of, said, None, today, secrets.token_hex(6), actor)

    return store.write(work, actor.name)


def sentence(due: Sequence[Shared]) -> Sentence:
    """What the leader and those people agreed to look at again by now."""
    who = [one.name for one in due]
    named = who[0] if len(who) == 1 else f"{', '.join(who[:-1])} and {who[-1]}"
    return Sentence(f"The day to look again at work that fits is over for {named}.", "Ask them whether it does.")


def own_word(tx: Tx, actor: Actor) -> Entry | None:
    """What the actor said moves them, the last time."""
    return next(iter(registers.entries(tx, REGISTER, person=actor.person, order="-date", limit=1, actor=actor)), None)
