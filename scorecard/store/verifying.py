"""When the audit was last verified, and up to where: kept in a file beside the store, so that a start need not read it all again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from weakref import WeakKeyDictionary

from scorecard.store import audit, backup
from scorecard.store.backup import Backup
from scorecard.store.engine import Store
from scorecard.store.tx import Tx, utc_now

AT_START = audit.AT_START
WHOLE_EVERY = timedelta(days=7)
_known: WeakKeyDictionary[Store, Checked | None] = WeakKeyDictionary()


@dataclass(frozen=True)
class Checked:
    """A verification: up to which row the chain holds, when it was done (UTC), when all of it was last read, and what does not hold.

    `outside` is the row of the head kept outside, None without one; it is part of the chain unless `problems` say otherwise.
    """

    sound: audit.Mark
    rows: int
    at: datetime
    whole_at: datetime
    outside: int | None = None
    problems: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the chain held."""
        return not self.problems


def last(store: Store) -> Checked | None:
    """The last verification of this store; None before the first."""
    if store not in _known:
        _known[store] = _read(_file(store))
    return _known[store]


def check(store: Store, now: datetime | None = None, whole: bool = True, told: Callable[[int], None] | None = None) -> Checked:
    """The verification that was just made and is kept: of every row, or of those after the last verified one when that still stands."""
    now, before, kept = now or utc_now(), last(store), store.head.read()
    with store.read() as tx:
        since = audit.Mark() if whole or before is None or not before.ok or not _stands(tx, before.sound) else before.sound
        verdict = audit.verify(tx, since, told)
        lost = kept is not None and not audit.holds(tx, kept)
    missing = (f"The head kept outside the store (row {kept.seq}) is not in the chain: rows were lost or replaced.",) if lost else ()
    whole_at = before.whole_at if before and since.seq else now
    found = Checked(verdict.sound, since.seq + verdict.rows, now, whole_at, kept.seq if kept else None, (*verdict.problems, *missing))
    _keep(store, found)
    return found


def at_start(store: Store, now: datetime | None = None) -> Checked:
    """The verification of a start: of every row of a chain that is not long, else of those after the last verified one."""
    found = check(store, now, _is_short(store))
    if not found.ok:
        store.notices.append(f"The audit does not hold. {found.problems[0]}")
    return found


def before_backup(store: Store, now: datetime) -> Checked:
    """The verification before a backup: as at a start, and once a week of every row."""
    before = last(store)
    old = before is None or now - before.whole_at >= WHOLE_EVERY
    return check(store, now, old or _is_short(store))


def backed_up(store: Store, now: datetime, why: str = "") -> Backup:
    """A new verified backup, whose record says what did not hold of the audit when it was made."""
    found = before_backup(store, now)
    return backup.make(store.engines, store.backups, now, why, found.problems)


def _is_short(store: Store) -> bool:
    with store.read() as tx:
        return (tx.one("SELECT MAX(seq) FROM audit")[0] or 0) <= AT_START


def _stands(tx: Tx, mark: audit.Mark) -> bool:
    """Whether a mark is still in the chain with as many rows up to it as its number says."""
    return audit.holds(tx, mark) and tx.one("SELECT COUNT(*) FROM audit WHERE seq <= $1", (mark.seq,))[0] == mark.seq


def _file(store: Store) -> Path | None:
    head = store.head.path
    return None if head is None else head.with_suffix(".verified")


def _read(path: Path | None) -> Checked | None:
    """What the file says; None when there is none, or it cannot be understood: then every row is read again."""
    try:
        if path is None:
            return None
        said = json.loads(path.read_text("utf-8"))
        return Checked(audit.Mark(int(said["seq"]), str(said["hash"])), int(said["rows"]), datetime.fromisoformat(said["at"]),
                       datetime.fromisoformat(said["whole_at"]), said["outside"], tuple(said["problems"]))  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(store: Store, found: Checked) -> None:
    """Nothing; the verification is known, and written down where the disk takes it. Without the file more rows are read next time."""
    _known[store] = found
    said = {"seq": found.sound.seq, "hash": found.sound.hash, "rows": found.rows, "at": found.at.isoformat(), "whole_at": found.whole_at.isoformat(),
            "outside": found.outside, "problems": list(found.problems)}  # fmt: skip
    path = _file(store)
    try:
        if path:
            audit.write_whole(path, json.dumps(said) + "\n")
    except OSError as error:
        store.notices.append(f"When the audit was verified could not be written to {path}: {error}.")
