"""DuckDB: one read-write connection to a file, a cursor for every unit of work."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from scorecard.errors import ConstraintBroken, StoreBusy, StoreDamaged, StoreError, StoreReadOnly
from scorecard.store.lock import FileLock, cannot_write, make_folder
from scorecard.store.places import MEMORY
from scorecard.store.unit import Conflict, Lost, SameKey

# 1.5 files open in 1.5 and 2.0; the option belongs to creation, an existing file keeps its own.
CREATION = {"storage_compatibility_version": "v1.5.0"}
REOPEN_WAIT = 10.0
_FULL = ("Could not write", "No space left", "File too large", "Could not truncate", "Could not sync")
_DAMAGE = ("Could not read enough bytes", "Corrupt database", "computed checksum")
_UPDATE = re.compile(r"\s*UPDATE\b(?!.*\bRETURNING\b)", re.I | re.S)
_VALUES = re.compile(
    r"\bVALUES\s*\(((?:\s*\$\d+\s*,)*\s*\$\d+\s*)\)\s*(ON\s+CONFLICT\s*(?:\([\w\s,]+\)\s*)?DO\s+NOTHING)?\s*$", re.I
)


class DuckUnit:
    """A transaction on a cursor of its own."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection):
        self.cursor = cursor

    def commit(self) -> None:
        self.cursor.execute("COMMIT")


class DuckFile:
    """A DuckDB file that this process owns, or a database in memory when the place is `:memory:`."""

    def __init__(self, place: str | Path, folders: Sequence[Path], alone: bool = False):
        """`alone` says that changes of one row never meet here: loads of facts take turns."""
        self.place, self.folders, self.alone = str(place), tuple(folders), alone
        self._gate, self._reopening, self._generation = threading.Condition(), False, 0
        self._active: set[duckdb.DuckDBPyConnection] = set()
        self._closed = False
        self._lock = None if self.in_memory else self._locked(Path(place))
        try:
            self._connection: duckdb.DuckDBPyConnection | None = self._connect()
        except BaseException:
            self._release()
            raise

    @property
    def in_memory(self) -> bool:
        return self.place == MEMORY

    def _locked(self, path: Path) -> FileLock:
        make_folder(path.parent)
        lock = FileLock(path)
        try:
            _check_header(path)
        except BaseException:
            lock.release()
            raise
        return lock

    def _connect(self) -> duckdb.DuckDBPyConnection:
        try:
            connection = duckdb.connect(self.place, config=CREATION)
            self._confine(connection)
        except (duckdb.Error, OSError) as error:
            raise _not_opened(self.place, error) from error
        return connection

    def _confine(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Only the backup and staging folders can be reached, and nobody can change that."""
        if connection.execute("SELECT current_setting('lock_configuration')").fetchone()[0]:
            return  # A cursor of before is still being closed by its thread: this is the same, confined instance.
        allowed = ", ".join("'" + str(folder.resolve()).replace("'", "''") + "/'" for folder in self.folders)
        connection.execute(f"SET allowed_directories = [{allowed}]")
        connection.execute("SET enable_external_access = false")
        for option in ("autoinstall_known_extensions", "autoload_known_extensions", "allow_community_extensions"):
            connection.execute(f"SET {option} = false")
        connection.execute("SET lock_configuration = true")

    @contextmanager
    def unit(self, read_only: bool = False) -> Iterator[DuckUnit]:
        """A cursor in a transaction; rolled back at the end unless committed."""
        cursor, generation = self._enter()
        try:
            cursor.execute("BEGIN TRANSACTION READ ONLY" if read_only else "BEGIN TRANSACTION")
            yield DuckUnit(cursor)
        except duckdb.Error as error:
            raise self._failure(error, generation) from error
        finally:
            self._leave(cursor)

    @contextmanager
    def session(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor outside a transaction, for what cannot be in one (attaching a copy)."""
        cursor, generation = self._enter()
        try:
            yield cursor
        except duckdb.Error as error:
            raise self._failure(error, generation) from error
        finally:
            self._leave(cursor)

    def has(self, table: str) -> bool:
        """Whether there is a table of this name, one of ours. It is named: the first look at DuckDB's list of tables takes 13 ms."""
        with self.session() as cursor:
            try:
                cursor.execute(f"SELECT 1 FROM {table} LIMIT 0")
            except duckdb.CatalogException:
                return False
        return True

    def _enter(self) -> tuple[duckdb.DuckDBPyConnection, int]:
        with self._gate:
            self._gate.wait_for(lambda: not self._reopening, timeout=REOPEN_WAIT)
            if self._closed:
                raise StoreError(f"{self.place} is closed.")
            if self._connection is None:
                # Opening again had failed, on a full disk perhaps.
                self._connection = self._connect()
                self._generation += 1
            try:
                cursor = self._connection.cursor()
            except duckdb.Error as error:
                raise self._failure(error, self._generation) from error
            self._active.add(cursor)
            return cursor, self._generation

    def _leave(self, cursor: duckdb.DuckDBPyConnection) -> None:
        with suppress(duckdb.Error):
            cursor.execute("ROLLBACK")
        with suppress(duckdb.Error):
            cursor.close()
        with self._gate:
            self._active.discard(cursor)
            self._gate.notify_all()

    def reopen(self, generation: int) -> bool:
        """True when this call closed everything and opened the file again; False when another thread did."""
        with self._gate:
            if generation != self._generation or self.in_memory:
                return False
            self._reopening = True
            try:
                self._gate.wait_for(lambda: not self._active, timeout=REOPEN_WAIT)
                self._close_connections()
                self._connection = self._connect()
            finally:
                self._generation += 1
                self._reopening = False
                self._gate.notify_all()
        return True

    def _close_connections(self) -> None:
        for cursor in (*self._active, self._connection):
            with suppress(duckdb.Error):
                if cursor is not None:
                    cursor.close()
        self._active.clear()
        self._connection = None

    def _failure(self, error: duckdb.Error, generation: int) -> Exception:
        text = str(error).splitlines()[0]
        if self._is_lost(error, text, generation):
            told = f"The disk failed under {self.place} ({text}). Nothing that was saved is lost. Try again."
            return Lost(told, generation)
        if any(word in text for word in _DAMAGE):
            return StoreDamaged(f"{self.place} is damaged ({text}). Restore a backup with: python -m scorecard restore")
        if isinstance(error, duckdb.ConstraintException):
            # The index knows keys that were committed after this snapshot was taken.
            kind = SameKey if "uplicate key" in text else ConstraintBroken
            return kind(f"Not saved, a rule of the tables forbids it: {text}")
        if isinstance(error, duckdb.TransactionException) and ("onflict" in text or "constraint violation" in text):
            return Conflict(f"Not saved: other people kept changing the same rows. Try again. ({text})")
        if "read-only mode" in text:
            return StoreError(f"Not saved: {self.place} refused the change ({text}).")
        if isinstance(error, (duckdb.IOException, duckdb.OutOfMemoryException)) or any(word in text for word in _FULL):
            kind = StoreError if isinstance(error, duckdb.OutOfMemoryException) else StoreReadOnly
            return kind(
                f"Not saved: {self.place} could not be written ({text}). Free space on the disk, then try again."
            )
        return error

    def _is_lost(self, error: duckdb.Error, text: str, generation: int) -> bool:
        if isinstance(error, (duckdb.FatalException, duckdb.InternalException)) or "already closed" in text:
            return True
        # The disk that failed under another thread takes this one's results with it ("No open result set").
        return isinstance(error, duckdb.InvalidInputException) and not self._answers(generation)

    def _answers(self, generation: int) -> bool:
        """False when the database of that opening is gone, or refuses every statement."""
        if generation != self._generation or self._connection is None:
            return False
        try:
            with self._connection.cursor() as cursor:
                return cursor.execute("SELECT 1").fetchone() == (1,)
        except duckdb.Error:
            return False

    def native(self, cursor: Any, rows: list[tuple]) -> list[tuple]:
        """The rows as plain Python values: a DECIMAL is a float."""
        if not rows or not any(str(column[1]).startswith("DECIMAL") for column in cursor.description):
            return rows
        return [tuple(float(value) if isinstance(value, Decimal) else value for value in row) for row in rows]

    def meeting(self, sql: str) -> str:
        """DuckDB 2.0 changes a row in place, or by deletion and insertion when it has to return it, and these two ways do
        not see each other: one of two changes from the same snapshot was lost without an error. All go the second way."""
        return sql if self.alone or not _UPDATE.match(sql) else f"{sql.rstrip().rstrip(';')} RETURNING 1"

    def insert(self, cursor: Any, sql: str, rows: list[list[Any]]) -> None:
        """Run the statement for each row: as one, from columns, where the columns are of one type each."""
        whole = _VALUES.search(sql) if len(rows) > 1 and sql.lstrip()[:6].upper() == "INSERT" else None
        columns = [list(column) for column in zip(*rows, strict=True)]
        if whole is None or not all(map(_one_type, columns)):
            cursor.executemany(sql, rows)
            return
        chosen = ", ".join(f"unnest({name.strip()})" for name in whole[1].split(","))
        cursor.execute(f"{sql[: whole.start()]} SELECT {chosen} {whole[2] or ''}", columns)

    def close(self) -> None:
        """Close the file and let another process have it."""
        with self._gate:
            self._closed = True
            self._close_connections()
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()


def _one_type(column: list[Any]) -> bool:
    kinds = {type(value) for value in column if value is not None}
    return len(kinds) <= 1 or kinds == {int, float}


def _check_header(path: Path) -> None:
    """Nothing for a DuckDB file or no file. Called before the file is open: reading a live one drops its lock.

    DuckDB would fetch an extension from the network for a file of another database.
    """
    if path.is_dir():
        raise StoreError(f"{path} is a folder; SCORECARD_STATE and SCORECARD_FACTS name a file.")
    try:
        start = _first_bytes(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise cannot_write(path, error) from error
    if start[8:12] != b"DUCK":
        raise StoreDamaged(
            f"{path} is not a DuckDB database, or its first bytes are damaged. Nothing was changed. "
            "Name another file, or restore a backup with: python -m scorecard restore"
        )


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)


def _not_opened(place: str, error: Exception) -> StoreError:
    text = str(error).splitlines()[0]
    if "Could not set lock" in text or "different configuration" in text:
        return StoreBusy(
            f"{place} is held by a program that is not our server ({_holder(text)}). "
            "Close that program, then try again."
        )
    if "Permission denied" in text or "Read-only" in text or "ermission" in text:
        return cannot_write(Path(place), OSError(13, "permission denied, or the disk is read-only"))
    if isinstance(error, duckdb.FatalException) or any(word in text for word in _FULL):
        return StoreReadOnly(f"{place} could not be written ({text}). Free space on the disk, then try again.")
    return StoreDamaged(
        f"{place} cannot be opened and is left as it is ({text}). Restore a backup with: python -m scorecard restore"
    )


def _holder(text: str) -> str:
    found = re.search(r"held in (.+?) \(PID (\d+)\)", text)
    return f"{Path(found[1]).name}, process {found[2]}" if found else "its name is unknown"
