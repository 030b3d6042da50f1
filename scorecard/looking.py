"""Looks at another person's file: each reader's first look of a day at each person is in the audit, whatever shows the file.

Reads filter the rows; what shows them says here that it did. A page that is drawn ten times writes once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from weakref import WeakKeyDictionary

from scorecard.access import Actor
from scorecard.core.registers_file import Register
from scorecard.registers import Entry
from scorecard.store.engine import Store
from scorecard.store.tx import Tx

ACTION, MARK = "look at file", "look "
TEAM = "team"
# What was written to the audit today, so that nothing is asked of the store again: (day, reader, file).
_told: WeakKeyDictionary[Store, set[tuple[date, str, str]]] = WeakKeyDictionary()


def looked(store: Store, actor: Actor, of: Register, found: Sequence[Entry], today: date) -> None:
    """Nothing; the audit has a row for each file of another person from which these entries of people's own rows were shown."""
    if of.rows == "own":
        at_files(store, actor, (file for entry in found if (file := _file(of, entry, actor))), today)


def at_people(store: Store, actor: Actor, people: Iterable[str], today: date) -> None:
    """Nothing; the audit has a row for the look at the file of each of these people, but for the reader's own."""
    at_files(store, actor, (f"person:{id}" for id in people if id != actor.person), today)


def at_files(store: Store, actor: Actor, files: Iterable[str], today: date) -> None:
    """Nothing; a row for each of the files, one for a reader, a file and a day."""
    told = _told.setdefault(store, set())
    fresh = sorted({(today, actor.person, file) for file in files} - told)
    if fresh:
        store.write(lambda tx: _write(tx, actor, fresh), actor.name, quiet=True)
    told.difference_update([one for one in told if one[0] != today])
    told.update(fresh)


def _write(tx: Tx, actor: Actor, fresh: Sequence[tuple[date, str, str]]) -> None:
    """What another process of this store wrote today, or this one before it was started again, is not written twice. Marks of days
    that are over go: the audit has the looks."""
    tx.run("DELETE FROM nonce WHERE SUBSTRING(id, 1, 5) = $1 AND used_at < $2", [MARK, tx.now - timedelta(days=2)])
    for day, reader, file in fresh:
        mark = f"{MARK}{day} {reader or actor.name} {file}"
        if tx.one("SELECT 1 FROM nonce WHERE id = $1", [mark]) is None:
            tx.run("INSERT INTO nonce (id, used_at) VALUES ($1, $2)", [mark, tx.now])
            tx.audit(ACTION, file)


def _file(of: Register, entry: Entry, actor: Actor) -> str:
    """Whose file an entry belongs to, as the audit names it; "" when it is the reader's own, or meant for the whole team."""
    if of.author and entry.values.get(of.author) == actor.person or of.share and entry.values.get(of.share) == TEAM:
        return ""
    if of.through:
        return f"{of.field(of.through).of if not of.readers else of.id}:{entry.values.get(of.through) if not of.readers else entry.id}"
    return f"person:{entry.person}" if entry.person and entry.person != actor.person else ""
