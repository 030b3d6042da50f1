"""Looks at another person's file: each reader's first look of a day at each person is in the audit, whatever shows the file.

Reads filter the rows; what shows them says here that it did. A page that is drawn ten times writes once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from weakref import WeakKeyDictionary

from scorecard.access import Actor
from scorecard.core.registers_file import Register
from scorecard.errors import AlreadyDone
from scorecard.registers import Entry
from scorecard.store.engine import Store

ACTION = "look at file"
TEAM = "team"
# What was written to the audit today, so that nothing is asked of the store again: (day, reader, file).
_told: WeakKeyDictionary[Store, set[tuple[date, str, str]]] = WeakKeyDictionary()


def looked(store: Store, actor: Actor, of: Register, found: Sequence[Entry], today: date) -> None:
    """Nothing; the audit has a row for each file of another person from which these entries of people's own rows were shown."""
    if of.rows == "own":
        at_files(store, actor, (file for entry in found if (file := _file(of, entry, actor))), today)


def at_person(store: Store, actor: Actor, person: str, today: date) -> None:
    """Nothing; the audit has a row for the look at the whole file of another person."""
    if person != actor.person:
        at_files(store, actor, [f"person:{person}"], today)


def at_files(store: Store, actor: Actor, files: Iterable[str], today: date) -> None:
    """Nothing; a row for each of the files, one for a reader, a file and a day."""
    told = _told.setdefault(store, set())
    fresh = sorted({(today, actor.person, file) for file in files} - told)
    for mark in fresh:
        _write(store, actor, mark)
    told.difference_update([one for one in told if one[0] != today])
    told.update(fresh)


def _write(store: Store, actor: Actor, mark: tuple[date, str, str]) -> None:
    day, reader, file = mark
    try:
        store.write(lambda tx: tx.audit(ACTION, file), actor.name, nonce=f"look {day} {reader or actor.name} {file}", quiet=True)
    except AlreadyDone:
        pass  # another process of this store, or this one before it was started again


def _file(of: Register, entry: Entry, actor: Actor) -> str:
    """Whose file an entry belongs to, as the audit names it; "" when it is the reader's own, or meant for the whole team."""
    if of.author and entry.values.get(of.author) == actor.person or of.share and entry.values.get(of.share) == TEAM:
        return ""
    if of.through:
        return f"{of.field(of.through).of if not of.readers else of.id}:{entry.values.get(of.through) if not of.readers else entry.id}"
    return f"person:{entry.person}" if entry.person and entry.person != actor.person else ""
