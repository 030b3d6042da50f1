"""The two stores, and the only code that opens a database."""

from __future__ import annotations

import json
import random
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Callable, Iterator, TypeVar

import duckdb

from scorecard.errors import StoreBusy
from scorecard.store import migrations

T = TypeVar("T")


class Tx:
    """One unit of work on one cursor. SQL has `$1` parameters; rows come back as tuples."""

    def __init__(self, cursor: Any, actor: str = "", now: datetime | None = None):
        self.cursor, self.actor = cursor, actor
        self.now = now or datetime.now(UTC).replace(tzinfo=None)

    def run(self, sql: str, params: tuple | list = ()) -> None:
        self.cursor.execute(sql, list(params))

    def all(self, sql: str, params: tuple | list = ()) -> list[tuple]:
        return self.cursor.execute(sql, list(params)).fetchall()

    def one(self, sql: str, params: tuple | list = ()) -> tuple | None:
        return self.cursor.execute(sql, list(params)).fetchone()

    def many(self, sql: str, rows: list[tuple]) -> None:
        if rows:
            self.cursor.executemany(sql, [list(row) for row in rows])

    def audit(self, action: str, object: str, before: Any = None, after: Any = None) -> None:
        """One hash-chained audit row, in the same transaction as the change."""


class Store:
    """State and facts, opened once by the one process that owns the files."""

    def __init__(self, state: Any, facts: Any):
        self._state, self._facts, self._version, self._lock = state, facts, 0, threading.Lock()

    @property
    def data_version(self) -> int:
        """Grows by one with each committed write: the key of every cache."""
        return self._version

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A snapshot of the state store."""
        cursor = self._state.cursor()
        try:
            cursor.execute("BEGIN")
            yield Tx(cursor)
        finally:
            cursor.execute("ROLLBACK")
            cursor.close()

    def write(self, work: Callable[[Tx], T], actor: str, now: datetime | None = None) -> T:
        """What `work(tx)` returns, committed; run again on a conflict, rolled back on any BaseException."""
        for attempt in range(20):
            cursor = self._state.cursor()
            try:
                cursor.execute("BEGIN")
                result = work(Tx(cursor, actor, now))
                cursor.execute("COMMIT")
            except duckdb.TransactionException:
                time.sleep(random.uniform(0, 0.01 * (attempt + 1)))
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            else:
                with self._lock:
                    self._version += 1
                return result
            finally:
                cursor.close()
        raise StoreBusy("Not saved: other people kept changing the same rows. Try again.")

    @contextmanager
    def facts(self) -> Iterator[Tx]:
        """A transaction on the facts store, committed at the end of the block."""
        cursor = self._facts.cursor()
        try:
            cursor.execute("BEGIN")
            yield Tx(cursor)
            cursor.execute("COMMIT")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        finally:
            cursor.close()

    def close(self) -> None:
        self._state.close()
        self._facts.close()


def open_store(state: str | Path, facts: str | Path) -> Store:
    """The store at these places, migrated; `:memory:` is a store for tests."""
    connections = []
    for place, steps in ((state, migrations.STATE), (facts, migrations.FACTS)):
        connection = duckdb.connect(str(place))
        connection.execute("CREATE TABLE IF NOT EXISTS migration (name VARCHAR PRIMARY KEY, applied_at TIMESTAMP NOT NULL)")
        done = {name for (name,) in connection.execute("SELECT name FROM migration").fetchall()}
        for name, statements in steps:
            if name not in done:
                connection.execute("BEGIN")
                for statement in statements:
                    connection.execute(statement)
                connection.execute("INSERT INTO migration VALUES ($1, now()::TIMESTAMP)", [name])
                connection.execute("COMMIT")
        connections.append(connection)
    return Store(*connections)
