"""PostgreSQL through psycopg 3: the same SQL text at REPEATABLE READ, a small pool, one server at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import errors
from psycopg.adapt import Loader
from psycopg.types.datetime import TimestamptzLoader

from scorecard.errors import ConstraintBroken, StoreBusy, StoreDamaged, StoreError, StoreReadOnly
from scorecard.store.places import shown
from scorecard.store.unit import Conflict, Lost, SameKey

KEPT_CONNECTIONS = 8
CONNECT_SECONDS = 10
LOCK_SECONDS = 1.0
LOOK_SECONDS = 2.0
# An idle connection that nobody hears of is cut by firewalls, and with it would go the lock of the one server.
ALIVE = {"keepalives": 1, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ"
# At its default level the same code lost 35% of contended updates.
_CONFLICTS = (errors.SerializationFailure, errors.DeadlockDetected)
_LOCK_KEY = "hashtextextended('scorecard:' || current_schema(), 7)"
_REFUSED = (errors.InsufficientResources, errors.ReadOnlySqlTransaction, errors.InsufficientPrivilege)
_READ_ONLY = (errors.DiskFull, errors.ReadOnlySqlTransaction)
_LOST = (errors.AdminShutdown, errors.CrashShutdown, errors.CannotConnectNow)


class _NumericLoader(Loader):
    """A whole NUMERIC (the sum of integers) is an int, any other a float, as on DuckDB."""

    def load(self, data: Any) -> int | float:
        text = bytes(data).decode()
        return int(text) if text.lstrip("-").isdigit() else float(text)


class _NaiveLoader(TimestamptzLoader):
    """An instant is UTC without a zone."""

    def load(self, data: Any) -> datetime:
        return super().load(data).astimezone(UTC).replace(tzinfo=None)


class PostgresUnit:
    """A transaction on a connection that nobody else uses meanwhile."""

    def __init__(self, cursor: psycopg.RawCursor):
        self.cursor = cursor

    def commit(self) -> None:
        self.cursor.execute("COMMIT")
        if self.cursor.statusmessage != "COMMIT":
            raise StoreError("Not saved: a statement before had failed, and PostgreSQL undid the whole change.")


class PostgresDatabase:
    """A database that this server holds alone, through an advisory lock."""

    in_memory = False

    def __init__(self, url: str):
        self._url, self.place = url, shown(url)
        self._gate, self._idle, self._generation = threading.Lock(), [], 0
        self._idle: list[psycopg.Connection]
        self._holder, self._looked = self._held(), time.monotonic()

    def _connect(self) -> psycopg.Connection:
        try:
            connection = psycopg.connect(
                self._url, autocommit=True, cursor_factory=psycopg.RawCursor, connect_timeout=CONNECT_SECONDS,
                application_name="scorecard", **ALIVE,
            )
        except psycopg.Error as error:
            raise StoreError(
                f"{self.place} cannot be reached ({_first_line(error)}). Is the database server running, "
                "and is the address in SCORECARD_STATE right?"
            ) from error
        connection.execute("SET TIME ZONE 'UTC'")
        connection.adapters.register_loader("numeric", _NumericLoader)
        connection.adapters.register_loader("timestamptz", _NaiveLoader)
        return connection

    def _held(self) -> psycopg.Connection:
        """The connection that holds the lock of the one server, which goes with it."""
        connection, until = self._connect(), time.monotonic() + LOCK_SECONDS
        while not connection.execute(f"SELECT pg_try_advisory_lock({_LOCK_KEY})").fetchone()[0]:
            # PostgreSQL notices a moment later that a server has gone.
            if time.monotonic() > until:
                connection.close()
                raise StoreBusy(
                    f"{self.place} is in use by another server. One server works on a database at a time: "
                    "stop that one first, or give the command on its machine."
                )
            time.sleep(0.05)
        return connection

    @contextmanager
    def unit(self, read_only: bool = False) -> Iterator[PostgresUnit]:
        """A cursor in a transaction; rolled back at the end unless committed."""
        generation = self._generation
        self._look(generation)
        connection = self._taken()
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"{BEGIN} READ ONLY" if read_only else BEGIN)
                yield PostgresUnit(cursor)
        except psycopg.Error as error:
            raise self._failure(error, connection, generation) from error
        finally:
            self._given_back(connection)

    def has(self, table: str) -> bool:
        """Whether there is a table of this name, one of ours."""
        with self.unit(read_only=True) as unit:
            return unit.cursor.execute("SELECT to_regclass($1) IS NOT NULL", (table,)).fetchone()[0]

    def _look(self, generation: int) -> None:
        """Nothing while this server holds the database. Raises Lost once the connection with the lock has gone: another may have it."""
        with self._gate:
            if time.monotonic() < self._looked + LOOK_SECONDS and not self._holder.closed:
                return
            self._looked = time.monotonic()
            try:
                self._holder.execute("SELECT 1")
            except psycopg.Error as error:
                self._looked = 0.0
                raise Lost(f"The connection that holds {self.place} broke ({_first_line(error)}). Nothing that was saved is lost. Try again.", generation) from error

    def _taken(self) -> psycopg.Connection:
        with self._gate:
            while self._idle:
                connection = self._idle.pop()
                if not connection.closed:
                    return connection
        return self._connect()

    def _given_back(self, connection: psycopg.Connection) -> None:
        with suppress(psycopg.Error):
            if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                connection.execute("ROLLBACK")
        with self._gate:
            if not connection.closed and len(self._idle) < KEPT_CONNECTIONS:
                self._idle.append(connection)
                return
        connection.close()

    def reopen(self, generation: int) -> bool:
        """True when this call took the database again; False when another thread had done so."""
        with self._gate:
            if generation != self._generation:
                return False
            for connection in (*self._idle, self._holder):
                connection.close()
            self._idle.clear()
            self._holder, self._looked = self._held(), time.monotonic()
            self._generation += 1
        return True

    def _failure(self, error: psycopg.Error, connection: psycopg.Connection, generation: int) -> Exception:
        text = _first_line(error)
        if connection.closed or connection.broken or isinstance(error, _LOST):
            told = f"The connection to {self.place} broke ({text}). Nothing that was saved is lost. Try again."
            return Lost(told, generation)
        if isinstance(error, _CONFLICTS):
            return Conflict(f"Not saved: other people kept changing the same rows. Try again. ({text})")
        if isinstance(error, errors.UniqueViolation):
            return SameKey(f"Not saved, a rule of the tables forbids it: {text}")
        if isinstance(error, psycopg.IntegrityError):
            return ConstraintBroken(f"Not saved, a rule of the tables forbids it: {text}")
        if isinstance(error, _REFUSED):
            kind = StoreReadOnly if isinstance(error, _READ_ONLY) else StoreError
            return kind(f"Not saved: {self.place} refused the change ({text}).")
        if isinstance(error, errors.DataCorrupted):
            return StoreDamaged(f"{self.place} is damaged ({text}). Restore a backup with: python -m scorecard restore")
        return error

    def native(self, cursor: Any, rows: list[tuple]) -> list[tuple]:
        """The rows as they are: the loaders made plain Python values of them."""
        return rows

    def meeting(self, sql: str) -> str:
        """As it is: under REPEATABLE READ the second change of a row is refused."""
        return sql

    def insert(self, cursor: Any, sql: str, rows: list[list[Any]]) -> None:
        """Run the statement once for each row, in one pipeline."""
        cursor.executemany(sql, rows)

    def close(self) -> None:
        """Close every connection; the advisory lock goes with them."""
        with self._gate:
            for connection in (*self._idle, self._holder):
                connection.close()
            self._idle.clear()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
