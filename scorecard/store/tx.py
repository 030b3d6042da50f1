"""What a unit of work is to the code above: `$1` statements, rows of plain Python values, audit entries."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import duckdb

from scorecard.store import audit, migrations
from scorecard.store.kept import MOST, Kept, note, of_writing
from scorecard.store.unit import Engine

T = TypeVar("T")
_READS = re.compile(r"\s*(SELECT|WITH|FROM|DESCRIBE|VALUES)\b(?!.*\b(INSERT|UPDATE|DELETE|CREATE)\b)", re.I | re.S)


class Tx:
    """One unit of work on one cursor. SQL has `$1` parameters; rows come back as tuples of plain Python values."""

    def __init__(self, cursor: Any, actor: str = "", now: datetime | None = None, engine: Engine | None = None,
                 kept: Kept | None = None, begun: int = 0, among: frozenset[str] = migrations.TABLES):
        """`kept` is what reads have found already, `begun` the number of the last change before this snapshot, `among` the tables here."""
        self.cursor, self.actor, self._engine, self._kept, self._begun, self._among = cursor, actor, engine, kept, begun, among
        self.now = now or utc_now()
        self.entries: list[audit.Entry] = []
        self.wrote: set[str] = set()
        self.changed = self.failed = False

    def run(self, sql: str, params: tuple | list = ()) -> None:
        """Nothing; the statement has run."""
        self._execute(sql, params)

    def all(self, sql: str, params: tuple | list = ()) -> list[tuple]:
        """Every row."""
        rows = self._execute(sql, params).fetchall()
        return self._engine.native(self.cursor, rows) if self._engine else rows

    def one(self, sql: str, params: tuple | list = ()) -> tuple | None:
        """The first row, or None."""
        row = self._execute(sql, params).fetchone()
        return self._engine.native(self.cursor, [row])[0] if self._engine and row else row

    def many(self, sql: str, rows: list[tuple]) -> None:
        """Nothing; the statement has run once for each row."""
        self.changed = True
        self.wrote |= of_writing(sql, rows)
        if rows and self._engine:
            with self._noticed():
                self._engine.insert(self.cursor, self._meeting(single(sql)), [_plain(row) for row in rows])

    def once(self, name: str, read: Callable[[], T], key: Hashable = "", most: int = MOST) -> T:
        """What `read()` returns, or returned to an earlier read under this key when nothing has changed since: nobody changes it.

        Of each name the `most` that were used last are kept.
        """
        return read() if self._kept is None else self._kept.within(self._begun, name, key, read, most)

    def recall(self, name: str, key: Hashable) -> Any:
        """What an earlier read remembered under this key, when nothing has changed since; else None."""
        return None if self._kept is None else self._kept.recall(name, key)

    def remember(self, name: str, key: Hashable, value: Any, *tables: str) -> None:
        """Nothing; later reads recall the value, which was made from these tables, until they change."""
        if self._kept is not None:
            self._kept.remember(self._begun, name, key, value, tables)

    def audit(self, action: str, object: str, before: Any = None, after: Any = None) -> None:
        """One hash-chained audit row, in the same transaction as the change."""
        self.entries.append(audit.entry(action, object, before, after))

    def _execute(self, sql: str, params: tuple | list) -> Any:
        if _READS.match(sql):
            note(sql, params, self._among)
        else:
            self.changed = True
            self.wrote |= of_writing(sql, (params,))
        with self._noticed():
            return self.cursor.execute(self._meeting(single(sql)), _plain(params))

    def _meeting(self, sql: str) -> str:
        return self._engine.meeting(sql) if self._engine else sql

    @contextmanager
    def _noticed(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.failed = True
            raise


def utc_now() -> datetime:
    """This moment in UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def single(sql: str) -> str:
    """The text, when it is one statement: DuckDB would run the first of two before it has parsed the second."""
    if ";" in sql.rstrip().rstrip(";") and len(duckdb.extract_statements(sql)) != 1:
        raise ValueError(f"One statement to a call: {sql[:80]}")
    return sql


def _plain(params: tuple | list) -> list[Any]:
    return [_storable(value) for value in params]


def _storable(value: Any) -> Any:
    """The value, with an instant in UTC; raises ValueError for NaN and infinity, which spoil every sum they meet."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is not a figure; a missing one is None")
        return float(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value
