"""Stores that many tests begin with: made once, closed, and copied. No process has the files open."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from scorecard import access, commands, organisation, sample
from scorecard.access import Actor
from scorecard.store.engine import Store, open_store
from scorecard.store.members import Person

FILES = ("state.duckdb", "facts.duckdb")
TODAY = date(2026, 11, 22)
ANALYST = Actor("sam", "Sam Whitlock", "analyst", "")
ADMIN = Actor("marek", "Marek Zielinski", "admin", "")


def opened(folder: Path) -> Store:
    """The store in the two files of a folder."""
    return open_store(*(folder / name for name in FILES))


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
    """Nothing; the folder holds a store with the sample company."""
    make_beginning(folder)
    store = opened(folder)
    sample.load(store, ANALYST, TODAY)
    store.close()


def add_roles(folder: Path) -> None:
    """Nothing; each role has a member, `test-<role>`, in the store of the folder."""
    store = opened(folder)
    for role in access.ROLES:
        organisation.add_member(store, ADMIN, Person("", f"Test {role}"), role)
    store.close()


def copied(folder: Path, place: Path) -> Path:
    """The place, which holds a copy of the folder's store now."""
    return shutil.copytree(folder, place, dirs_exist_ok=True)
