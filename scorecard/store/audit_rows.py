"""Rows of the audit, found and read. Rows are only ever added, so what was found out about the older ones is never asked again."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from scorecard.store import audit
from scorecard.store.tx import Tx

KEPT = 2_000
SPAN, WIDER = 20_000, 8
_KIND = """CASE WHEN SUBSTRING(object, 1, 7) = 'record:' THEN 'record:' || SPLIT_PART(object, ':', 2) ELSE SPLIT_PART(object, ':', 1) END"""


@dataclass(frozen=True)
class Row:
    """One change: number, when (UTC), who, what, on which object; before and after as JSON; the hash before it and its own."""

    seq: int
    at: datetime
    actor: str
    action: str
    object: str
    before: str | None
    after: str | None
    previous: str
    hash: str


@dataclass(frozen=True)
class Filter:
    """Which rows: of a person, an action (in words), an object or a kind of objects, with these words, from and before a moment (UTC)."""

    actor: str = ""
    action: str = ""
    object: str = ""
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None


ALL = Filter()


def last_of_data(tx: Tx) -> int:
    """The number of the last change to anything but jobs and who may sign in; 0 when there is none."""
    return tx.one("SELECT COALESCE(MAX(seq), 0) FROM audit WHERE SUBSTRING(object, 1, 4) <> 'job:' AND SUBSTRING(object, 1, 7) <> 'member:'")[0]


@dataclass(frozen=True)
class Found:
    """How many rows a filter leaves up to a number, and their numbers, the newest first, while they are few."""

    upto: int = 0
    count: int = 0
    numbers: tuple[int, ...] | None = ()


@dataclass
class Choices:
    """Who and what stands in the audit up to a number, and how often."""

    upto: int = 0
    actors: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)


class _Where:
    """The conditions of a filter and their parameters, `$1` on."""

    def __init__(self, wanted: Filter):
        self.parts: list[str] = []
        self.values: list[Any] = []
        if wanted.actor:
            self.add("actor = {}", wanted.actor)
        if wanted.action:
            self.add("REPLACE(action, '_', ' ') = {}", wanted.action)
        if wanted.object:
            self.add(f"(object = {{}} OR SUBSTRING(object, 1, {len(wanted.object) + 1}) = {{}})", wanted.object, f"{wanted.object}:")
        if wanted.since:
            self.add("occurred_at >= {}", wanted.since)
        if wanted.until:
            self.add("occurred_at < {}", wanted.until)
        for word in wanted.words.lower().split():
            written = json.dumps(word, ensure_ascii=False)[1:-1]
            self.add("(POSITION({} IN LOWER(after_json)) > 0 OR POSITION({} IN LOWER(before_json)) > 0 OR POSITION({} IN LOWER(object)) > 0"
                     " OR POSITION({} IN LOWER(actor)) > 0 OR POSITION({} IN LOWER(REPLACE(action, '_', ' '))) > 0 OR hash = {})",
                     written, written, word, word, word, word)  # fmt: skip

    def add(self, part: str, *values: Any) -> _Where:
        """The same, narrowed by a condition whose `{}` are its values."""
        first = len(self.values) + 1
        self.parts.append(part.format(*(f"${first + number}" for number, _ in enumerate(values))))
        self.values += values
        return self

    def __str__(self) -> str:
        return " AND ".join(self.parts) or "TRUE"


def counted(tx: Tx, wanted: Filter, before: Found | None = None) -> Found:
    """What is found for a filter, `before` being what was found earlier: only rows after that are looked at."""
    upto, known = newest(tx), before or Found()
    if upto == known.upto:
        return known
    where = _Where(wanted).add("seq > {}", known.upto)
    fresh = tuple(seq for (seq,) in tx.all(f"SELECT seq FROM audit WHERE {where} ORDER BY seq DESC LIMIT {KEPT + 1}", where.values))
    many = len(fresh) > KEPT
    count = known.count + (tx.one(f"SELECT COUNT(*) FROM audit WHERE {where}", where.values)[0] if many else len(fresh))
    few = not many and known.numbers is not None and count <= KEPT
    return Found(upto, count, (*fresh, *known.numbers) if few else None)


def newest(tx: Tx) -> int:
    """The number of the newest row, 0 without any."""
    return tx.one("SELECT MAX(seq) FROM audit")[0] or 0


def numbers(tx: Tx, wanted: Filter, found: Found, before: int | None, most: int) -> tuple[int, ...]:
    """The numbers of the rows that a filter leaves before a number, the newest first, at most so many."""
    top = found.upto + 1 if before is None else before
    if found.numbers is not None:
        return tuple(seq for seq in found.numbers if seq < top)[:most]
    span = SPAN
    while True:
        where = _Where(wanted).add("seq < {} AND seq >= {}", top, top - span)
        rows = tx.all(f"SELECT seq FROM audit WHERE {where} ORDER BY seq DESC LIMIT {most}", where.values)
        if len(rows) >= most or top - span <= 1:
            return tuple(seq for (seq,) in rows)
        span *= WIDER


def rows(tx: Tx, numbers: tuple[int, ...]) -> tuple[Row, ...]:
    """These rows, the newest first."""
    if not numbers:
        return ()
    places = ", ".join(f"${number}" for number, _ in enumerate(numbers, start=1))
    found = tx.all(f"SELECT {audit.COLUMNS} FROM audit WHERE seq >= {min(numbers)} AND seq <= {max(numbers)} AND seq IN ({places}) ORDER BY seq DESC", numbers)
    return tuple(Row(*one) for one in found)


def choices(tx: Tx, known: Choices | None = None) -> Choices:
    """Who and what stands in the audit, `known` being what was found earlier; it stays as it was."""
    known, upto = known or Choices(), newest(tx)
    if upto == known.upto:
        return known
    found = Choices(upto, known.actors.copy(), known.actions.copy(), known.kinds.copy())
    for counts, column in ((found.actors, "actor"), (found.actions, "REPLACE(action, '_', ' ')"), (found.kinds, _KIND)):
        counts.update(dict(tx.all(f"SELECT {column}, COUNT(*) FROM audit WHERE seq > $1 GROUP BY 1", (known.upto,))))
    return found


def whole(tx: Tx, wanted: Filter, most: int) -> list[tuple]:
    """The rows that a filter leaves, in their order; the newest ones when there are more than `most`."""
    where = _Where(wanted)
    return tx.all(f"SELECT {audit.COLUMNS} FROM audit WHERE {where} ORDER BY seq DESC LIMIT {int(most)}", where.values)[::-1]


def after(tx: Tx, seq: int, upto: int) -> list[tuple]:
    """The next rows after a number, up to another, in their order; at most a page of them."""
    return tx.all(f"SELECT {audit.COLUMNS} FROM audit WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT {audit.PAGE}", (seq, upto))


def mark(tx: Tx, seq: int) -> audit.Mark:
    """The mark at a row; that before the first when there is no such row."""
    row = tx.one("SELECT seq, hash FROM audit WHERE seq = $1", (seq,))
    return audit.Mark(*row) if row else audit.Mark()


def by_hash(tx: Tx, sign: str) -> Row | None:
    """The row whose hash begins so."""
    found = tx.one(f"SELECT {audit.COLUMNS} FROM audit WHERE SUBSTRING(hash, 1, {len(sign)}) = $1 ORDER BY seq LIMIT 1", (sign,))
    return Row(*found) if found else None


def plain(row: tuple) -> list[Any]:
    """A row as JSON has it: the moment as text with microseconds, just as it is hashed."""
    return [row[0], row[1].isoformat(timespec="microseconds"), *row[2:]]
