"""The store's tests run on both engines: DuckDB, and PostgreSQL when SCORECARD_TEST_POSTGRES names a server."""

from __future__ import annotations

import atexit
import os
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg
import pytest

from scorecard.store.engine import Store, open_store
from tests import stores

SERVER = os.environ.get("SCORECARD_TEST_POSTGRES", "")
WITHOUT = pytest.mark.skipif(not SERVER, reason="no PostgreSQL: set SCORECARD_TEST_POSTGRES=$(.ci/postgres start)")


@dataclass(frozen=True)
class Places:
    """Where a store of this test is: `state` is a path or an address."""

    state: str
    facts: str
    folder: Path

    @property
    def on_duckdb(self) -> bool:
        return not self.state.startswith("postgres")

    def open(self) -> Store:
        """The store as a server opens it; what is not there yet begins as a migrated copy, which costs a tenth of migrating."""
        stores.begin(self.state, self.facts)
        return self.open_new()

    def open_new(self) -> Store:
        """The store as a server opens it, from nothing."""
        return open_store(self.state, self.facts)

    def open_blank(self) -> Store:
        """An empty store; its files need not be migrated, they are copies."""
        stores.begin(self.state, self.facts)
        return stores.opened(self.folder) if self.on_duckdb else self.open_new()


class Schemas:
    """Migrated schemas of the server in which there is nothing, for one test after the other: migrating costs ten times as much."""

    def __init__(self) -> None:
        self._spare: list[str] = []
        self._spare.append(self.take())
        self._as_migrated = _shape(self._spare[0])

    def take(self) -> str:
        """One of them, or another where all are in use."""
        if self._spare:
            return self._spare.pop()
        schema = made()
        with tempfile.TemporaryDirectory() as folder:
            open_store(address(schema), f"{folder}/facts.duckdb").close()
        return schema

    def give_back(self, schema: str) -> None:
        """Nothing; the schema is emptied and kept, or dropped where it is not as it was after its migrations."""
        if _emptied(schema) and _shape(schema) == self._as_migrated:
            self._spare.append(schema)
        else:
            drop(schema)

    def drop_all(self) -> None:
        """Nothing; the server has none of them any more."""
        while self._spare:
            drop(self._spare.pop())


def _shape(schema: str) -> list[tuple]:
    """What tells tables and indexes with their columns from others, and the migrations that the schema has had."""
    return _on_server(f"""
        SELECT MD5(STRING_AGG(relname || ' ' || attname || ' ' || atttypid, ',' ORDER BY relname, attnum)),
               (SELECT STRING_AGG(name, ',' ORDER BY name) FROM {schema}.migration)
        FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid WHERE relnamespace = '{schema}'::REGNAMESPACE AND attnum > 0""")


def _emptied(schema: str) -> bool:
    """Whether only the table of migrations of the schema has rows now; False where somebody still holds a table."""
    query = f"SELECT tablename FROM pg_tables WHERE schemaname = '{schema}' AND tablename <> 'migration'"
    tables = [f"{schema}.{table}" for (table,) in _on_server(query)]
    full = _on_server("SELECT " + ", ".join(f"EXISTS (SELECT 1 FROM {table})" for table in tables)) if tables else [()]
    emptied = [f"DELETE FROM {table}" for table, has_rows in zip(tables, full[0], strict=True) if has_rows]
    try:
        _on_server("SET lock_timeout = '2s'", "SET session_replication_role = replica", *emptied)
    except psycopg.errors.LockNotAvailable:
        return False
    return bool(tables)


@cache
def schemas() -> Schemas:
    """What the tests on PostgreSQL hand on to each other in this process."""
    found = Schemas()
    atexit.register(found.drop_all)
    return found


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=[pytest.mark.postgres, WITHOUT])])
def somewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Places]:
    """Empty places for a store, on each engine; for a test that asks for `store` they are migrated."""
    facts = str(tmp_path / "facts.duckdb")
    if request.param == "duckdb":
        yield Places(str(tmp_path / "state.duckdb"), facts, tmp_path)
    elif "store" in request.fixturenames:
        schema = schemas().take()
        yield Places(address(schema), facts, tmp_path)
        schemas().give_back(schema)
    else:
        schema = made()
        yield Places(address(schema), facts, tmp_path)
        drop(schema)


def address(schema: str) -> str:
    """The place of a store in a schema of the server."""
    return f"{SERVER}?options=-csearch_path%3D{schema}"


def made() -> str:
    """A new, empty schema on the server."""
    schema = f"test_{uuid.uuid4().hex[:12]}"
    _on_server(f"CREATE SCHEMA {schema}")
    return schema


def drop(schema: str) -> None:
    """Nothing; the schema is gone."""
    _on_server(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def store(somewhere: Places) -> Iterator[Store]:
    opened = somewhere.open_blank()
    yield opened
    opened.close()


@pytest.fixture
def on_disk(tmp_path: Path) -> Places:
    """Empty places for a store in DuckDB files."""
    return Places(str(tmp_path / "state.duckdb"), str(tmp_path / "facts.duckdb"), tmp_path)


def _on_server(*statements: str) -> list[tuple]:
    """The rows of the last statement."""
    with psycopg.connect(SERVER, autocommit=True) as connection:
        for statement in statements:
            found = connection.execute(statement)
        return found.fetchall() if found.description else []
