"""The audit chain: who changed what, each row bound to the one before by a hash, the newest hash kept outside too."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

GENESIS = "0" * 64
PAGE = 10_000
MOST_PROBLEMS = 50
# About half a second of work: a start reads as many rows from the first on, and else those after the last verified one.
AT_START = 50_000
COLUMNS = "seq, occurred_at, actor, action, object, before_json, after_json, previous_hash, hash"
_written_out = json.JSONEncoder(ensure_ascii=False).encode


class Reader(Protocol):
    def all(self, sql: str, params: tuple | list = ()) -> list[tuple]: ...

    def one(self, sql: str, params: tuple | list = ()) -> tuple | None: ...


@dataclass(frozen=True)
class Entry:
    """What somebody did, before it has its place in the chain."""

    action: str
    object: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Mark:
    """A place in the chain: the number of a row (0 before the first) and its hash."""

    seq: int = 0
    hash: str = GENESIS


@dataclass(frozen=True)
class Verdict:
    """Whether the chain holds: how many rows were read, its head, each fault in a sentence, and the last row before the first fault."""

    rows: int
    head: Mark
    problems: tuple[str, ...] = ()
    sound: Mark = Mark()

    @property
    def ok(self) -> bool:
        return not self.problems


def entry(action: str, object: str, before: Any = None, after: Any = None) -> Entry:
    """An entry with its values written down now, so that later changes to them do not matter."""
    return Entry(action, object, _written(before), _written(after))


def _written(value: Any) -> str | None:
    if value is None:
        return None
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=_plain, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return vars(value) if hasattr(value, "__dict__") else str(value)


def digest(row: tuple) -> str:
    """The hash of a row without its last column, in hexadecimal."""
    seq, occurred_at, *words = row
    text = _written_out([seq, occurred_at.isoformat(timespec="microseconds"), *words])
    return hashlib.sha256(text.encode()).hexdigest()


def rows_after(mark: Mark, entries: list[Entry], actor: str, now: datetime) -> list[tuple]:
    """The rows of the audit table that continue the chain."""
    rows = []
    for number, item in enumerate(entries, start=mark.seq + 1):
        row = (number, now, actor, item.action, item.object, item.before, item.after, mark.hash)
        mark = Mark(number, digest(row))
        rows.append((*row, mark.hash))
    return rows


def newest(tx: Reader) -> Mark:
    """The head of the chain as the store has it."""
    row = tx.one("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
    return Mark(*row) if row else Mark()


def holds(tx: Reader, mark: Mark) -> bool:
    """True when the chain contains this mark."""
    found = tx.one("SELECT 1 FROM audit WHERE seq = $1 AND hash = $2", (mark.seq, mark.hash))
    return mark == Mark() or found is not None


def verify(tx: Reader, since: Mark = Mark(), told: Callable[[int], None] | None = None) -> Verdict:
    """Every row after a mark read and its hash computed again; all of them without one. `told` hears after each page up to which row."""
    mark, sound, count, problems = since, since, 0, []
    for row in rows_from(tx, since, told):
        count += 1
        found = _faults(row, mark)
        mark = Mark(row[0], row[-1])
        if found:
            problems += found if len(problems) < MOST_PROBLEMS else ()
        elif not problems:
            sound = mark
    return Verdict(count, mark, tuple(problems), sound)


def rows_from(tx: Reader, after: Mark = Mark(), told: Callable[[int], None] | None = None) -> Iterator[tuple]:
    """Every row after a mark, in their order; from the very first one without it. A page is a span of numbers, which the database finds at once."""
    last = after.seq if after.seq else _before_the_next(tx, None)
    while last is not None:
        page = tx.all(f"SELECT {COLUMNS} FROM audit WHERE seq > $1 AND seq <= $2 ORDER BY seq", (last, last + PAGE))
        yield from page
        if told and page:
            told(page[-1][0])
        last = page[-1][0] if page else _before_the_next(tx, last)


def _before_the_next(tx: Reader, last: int | None) -> int | None:
    """The number before that of the next row, however many are missing between; None when there is none."""
    there = "" if last is None else " WHERE seq > $1"
    (first,) = tx.one(f"SELECT MIN(seq) FROM audit{there}", () if last is None else (last,))
    return None if first is None else first - 1


def _faults(row: tuple, before: Mark) -> list[str]:
    found = []
    if row[0] < before.seq + 1:
        found.append(f"Audit row {row[0]} stands before the first.")
    elif row[0] > before.seq + 1:
        found.append(f"Audit rows {before.seq + 1} to {row[0] - 1} are missing.")
    elif row[-2] != before.hash:
        found.append(f"Audit row {row[0]} does not follow from row {before.seq}: one of them was replaced.")
    if digest(row[:-1]) != row[-1]:
        found.append(f"Audit row {row[0]} was changed after it was written.")
    return found


class Chain:
    """The newest mark in memory, and the one place at which rows are added: `lock` is held until they are committed."""

    def __init__(self) -> None:
        self.lock, self.mark, self.known = threading.Lock(), Mark(), False


class Head:
    """The newest mark, kept in a file beside the store: it may be behind the chain after a crash, never ahead."""

    def __init__(self, path: Path | None):
        self.path, self._lock, self._saved = path, threading.Lock(), 0

    def read(self) -> Mark | None:
        """The mark in the file; None when there is no file."""
        if self.path is None or not self.path.exists():
            return None
        try:
            content = json.loads(self.path.read_text("utf-8"))
            return Mark(int(content["seq"]), str(content["hash"]))
        except (ValueError, KeyError, TypeError):
            return None

    def save(self, mark: Mark, again: bool = False) -> None:
        """Written, synchronised and renamed into place; nothing when a newer one is there already."""
        with self._lock:
            if self.path is None or (mark.seq <= self._saved and not again):
                return
            write_whole(self.path, json.dumps({"seq": mark.seq, "hash": mark.hash}) + "\n")
            self._saved = mark.seq


def write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    """The file with this text, on disk, or as it was before: never half."""
    fresh = path.with_name(path.name + ".new")
    with open(fresh, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
    synchronise(path.parent)


def synchronise(path: Path) -> None:
    """What was written to this file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
