"""The store's tests run on both engines: DuckDB, and PostgreSQL when SCORECARD_TEST_POSTGRES names a server."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
        return open_store(self.state, self.facts)

    def open_blank(self) -> Store:
        """An empty store; its files need not be migrated, they are copies."""
        if not self.on_duckdb:
            return self.open()
        stores.begin(self.state, self.facts)
        return stores.opened(self.folder)


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=[pytest.mark.postgres, WITHOUT])])
def somewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Places]:
    """Empty places for a store, on each engine."""
    facts = str(tmp_path / "facts.duckdb")
    if request.param == "duckdb":
        yield Places(str(tmp_path / "state.duckdb"), facts, tmp_path)
        return
    schema = f"test_{uuid.uuid4().hex[:12]}"
    _on_server(f"CREATE SCHEMA {schema}")
    yield Places(f"{SERVER}?options=-csearch_path%3D{schema}", facts, tmp_path)
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


def _on_server(statement: str) -> None:
    import psycopg

    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(statement)
