"""Stores that many tests begin with: made once, closed, and copied. No process has the files open.

What tests open themselves are files of one database per process: to begin a database of its own costs 25 ms, for each of
some thousand tests. How the product opens its files is tried in tests/store, by the server and by every command."""

from __future__ import annotations

import atexit
import fcntl
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pytest

from scorecard import access, commands, organisation, sample
from scorecard.access import Actor
from scorecard.cli import sample as command
from scorecard.store import opening
from scorecard.store.duck import DuckFile, _not_opened
from scorecard.store.engine import Store, open_store
from scorecard.store.members import Person

FILES, SAID = ("state.duckdb", "facts.duckdb"), "said.json"
SMALL = ("crm_accounts.csv", "crm_renewals.csv", "costs.csv")
TODAY = date(2026, 11, 22)
ANALYST = Actor("sam", "Sam Whitlock", "analyst", "")
ADMIN = Actor("marek", "Marek Zielinski", "admin", "")


@dataclass(frozen=True)
class Copy:
    """From which files, as they were then, a store is copied, and when its own files were written."""

    source: str
    written: tuple


copies: dict[str, Copy] = {}  # by the place of the copy


_names = count(1)


@cache
def database(process: int) -> duckdb.DuckDBPyConnection:
    """The database of this process in which the files of its stores are; a child that was forked has its own.

    One thread: to wake others costs a quarter of a statement that finds a few rows."""
    return duckdb.connect(config={"threads": 1})


class Inside:
    """A file in the database of this process, and the cursors on it that are not in use."""

    def __init__(self, place: str):
        self._name, self._idle = f"store_{next(_names)}", list[duckdb.DuckDBPyConnection]()
        self._whole = database(os.getpid())
        quoted = place.replace("'", "''")
        self._run(f"ATTACH '{quoted}' AS {self._name}")

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor for which the file is all there is."""
        if self._idle:
            return self._idle.pop()
        cursor = self._whole.cursor()
        cursor.execute(f"USE {self._name}")
        return cursor

    def keep(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Nothing; the next who asks may have the cursor."""
        self._idle.append(cursor)

    def close(self) -> None:
        """Nothing; the file is written and let go."""
        while self._idle:
            self._idle.pop().close()
        self._run(f"DETACH {self._name}")

    def _run(self, statement: str) -> None:
        with self._whole.cursor() as own:  # Threads open files at the same time.
            own.execute(statement)


class Attached(DuckFile):
    """The file of a store in the database of this process. It may reach all files: what is confined is tried elsewhere."""

    def _connect(self) -> Inside:
        try:
            return Inside(self.place)
        except duckdb.FatalException:
            database.cache_clear()
            return Inside(self.place)
        except (duckdb.Error, OSError) as error:
            raise _not_opened(self.place, error) from error

    def _leave(self, cursor: duckdb.DuckDBPyConnection) -> None:
        try:
            cursor.execute("ROLLBACK")
            whole = True
        except duckdb.Error as error:
            whole = isinstance(error, duckdb.TransactionException)  # It was committed.
        with self._gate:
            self._active.discard(cursor)
            if whole and self._connection is not None:
                self._connection.keep(cursor)
            else:
                cursor.close()
            self._gate.notify_all()


class Later:
    """The migrated facts of a store, opened when a test first asks for them: most never do, and an opening costs 25 ms."""

    def __init__(self, place: str | Path, folders: tuple[Path, ...], alone: bool):
        self.place, self._asked, self._gate = str(place), (place, folders, alone), threading.RLock()
        self._file: Attached | None = None
        self._closed = False

    def __getattr__(self, name: str) -> Any:
        with self._gate:
            if self._file is None:
                self._file = Attached(*self._asked)
                if self._closed:
                    self._file.close()
            return getattr(self._file, name)

    def close(self) -> None:
        """Nothing; whoever asks now is told that the facts are closed."""
        with self._gate:
            self._closed = True
            if self._file is not None:
                self._file.close()


def _files(place: str | Path, folders: tuple[Path, ...], alone: bool = False) -> Attached | Later:
    return Later(place, folders, alone) if alone else Attached(place, folders)


def _pending(engine: DuckFile | Later, *rest: Any, ask: Callable = opening._pending) -> list:
    return [] if isinstance(engine, Later) else ask(engine, *rest)


def _not_later(step: Callable[[opening.Parts], None]) -> Callable[[opening.Parts], None]:
    """The step of an opening, left out where the facts are opened later."""
    return lambda parts: None if isinstance(parts.facts, Later) else step(parts)


def opened(folder: Path) -> Store:
    """The store in the two files of a folder, which this code has migrated."""
    places = [folder / name for name in FILES]
    if not places[1].exists():
        return open_store(*places)
    with patch.multiple(opening, DuckFile=_files, _pending=_pending, _compare_facts=_not_later(opening._compare_facts),
                        _keep_facts_head=_not_later(opening._keep_facts_head)):
        return open_store(*places)


@cache
def blank() -> Path:
    """A folder with an empty, migrated store, made once in this process."""
    folder = Path(tempfile.mkdtemp(prefix="scorecard-blank-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    opened(folder).close()
    return folder


def begin(state: str | Path, facts: str | Path) -> None:
    """Nothing; each of the two places that is a file, and not there yet, is a copy of the empty, migrated store."""
    for place, name in zip((state, facts), FILES, strict=True):
        if not str(place).startswith((":memory:", "postgres")) and not Path(place).exists():
            shutil.copyfile(blank() / name, place)


def once(places: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder that `make` has filled, once for all processes of this test run."""
    base = places.getbasetemp()
    base = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder, fresh = base / name, base / f"{name}.new"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir()
            make(fresh)
            fresh.rename(folder)
    return folder


def make_beginning(folder: Path) -> None:
    """Nothing; the folder holds a store as after the first start."""
    begin(*(folder / name for name in FILES))
    store = opened(folder)
    commands.prepare(store)
    store.close()


def make_company(folder: Path) -> None:
    """Nothing; the folder holds a store with the sample company, and what the command said of it."""
    make_beginning(folder)
    store = opened(folder)
    (folder / SAID).write_text(json.dumps(command.load_sample(store, ANALYST, TODAY)), "utf-8")
    store.close()


def make_small(folder: Path) -> None:
    """Nothing; the folder holds the sample with three of its exports, for tests of coming and going."""
    (folder / "exports").mkdir()
    for name in ("company.toml", "measures.toml", "figures.csv", *(f"exports/{name}" for name in SMALL)):
        (folder / name).write_bytes((sample.FOLDER / name).read_bytes())
    company = (folder / "company.toml").read_text("utf-8")
    (folder / "company.toml").write_text(company.replace('"adoption_30d"\nstarts', '"renewal_rate"\nstarts'), "utf-8")


def add_roles(folder: Path) -> None:
    """Nothing; each role has a member, `test-<role>`, in the store of the folder."""
    store = opened(folder)
    for role in access.ROLES:
        organisation.add_member(store, ADMIN, Person("", f"Test {role}"), role)
    store.close()


def copied(folder: Path, place: Path) -> Path:
    """The place, which holds a copy of the folder's store now."""
    shutil.copytree(folder, place, dirs_exist_ok=True)
    copies[str(place / FILES[0])] = Copy(f"{folder} {written(folder)}", written(place))
    return place


def written(folder: Path) -> tuple:
    """When the two files of a folder were written, in ns, and how long they are."""
    found = [(folder / name).stat() for name in FILES if (folder / name).exists()]
    return tuple((one.st_mtime_ns, one.st_size) for one in found)
