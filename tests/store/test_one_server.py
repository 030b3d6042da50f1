"""One server at a time works on a PostgreSQL database: who loses its place writes nothing more, who waits takes over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from scorecard import places
from scorecard.errors import StoreBusy
from scorecard.store import jobs
from scorecard.store.engine import open_store
from tests import stores
from tests.store.conftest import WITHOUT, Places, _on_server, address, schemas

pytestmark = [pytest.mark.postgres, WITHOUT]


@pytest.fixture
def database(tmp_path):
    schema = schemas().take()
    for name in ("facts.duckdb", "other.duckdb"):
        stores.begin("postgres", tmp_path / name)
    yield Places(address(schema), str(tmp_path / "facts.duckdb"), tmp_path)
    schemas().give_back(schema)


def cut_off(store) -> None:
    """The connection with the lock goes, as a firewall or an administrator ends it; the others stay."""
    engine = store.engines[0]
    _on_server(f"SELECT pg_terminate_backend({engine._holder.info.backend_pid}, 5000)")
    engine._looked = 0.0  # two seconds later


def note(store, word: str) -> None:
    store.write(lambda tx: tx.audit("note", word), "Rana")


def words(store) -> list[str]:
    with store.read() as tx:
        return [word for (word,) in tx.all("SELECT object FROM audit WHERE action = 'note' ORDER BY seq")]


def test_a_server_that_lost_its_place_takes_it_again_and_writes_nothing_while_another_has_it(database):
    first = database.open()
    note(first, "before")
    cut_off(first)
    note(first, "after")
    assert words(first) == ["before", "after"]
    with pytest.raises(StoreBusy, match="is in use by another server"):
        open_store(database.state, database.folder / "other.duckdb")
    cut_off(first)
    second = open_store(database.state, database.folder / "other.duckdb")
    note(second, "second")
    for _ in range(2):
        with pytest.raises(StoreBusy, match="is in use by another server"):
            note(first, "lost place")
    version = first.data_version
    second.close()
    note(first, "back")
    assert words(first) == ["before", "after", "second", "back"] and first.verify().ok and first.data_version > version
    first.close()


CHILD = """
import sys, time
from scorecard.store import jobs
from scorecard.store.engine import open_store
store = open_store(sys.argv[1], sys.argv[2])
store.write(lambda tx: jobs.add(tx, "j1", "load_file", {}, "", "analyst"), "Rana")
store.write(lambda tx: jobs.claim(tx, "first"), "worker")
print("works", flush=True)
time.sleep(60)
"""


def test_a_server_that_stands_by_takes_over_from_one_that_was_killed_with_its_job(database):
    settings = {**os.environ, "PYTHONPATH": str(places.ROOT)}
    first = subprocess.Popen([sys.executable, "-c", CHILD, database.state, database.facts], env=settings, stdout=subprocess.PIPE, text=True)
    with first.stdout:
        assert first.stdout.readline() == "works\n"
        with pytest.raises(StoreBusy):
            open_store(database.state, database.folder / "other.duckdb")
        first.send_signal(signal.SIGKILL)
        first.wait()
    begun = time.monotonic()
    second = open_store(database.state, database.folder / "other.duckdb")
    assert time.monotonic() - begun < 20
    try:
        with second.read() as tx:
            job = jobs.get(tx, "j1")
        assert job.state == "running" and second.verify().ok
        assert second.write(lambda tx: jobs.take_up(tx, "second", False), "worker") == [], "another server's job is left alone at first"
        later = job.heartbeat + jobs.SILENT + (job.heartbeat - job.asked_at) + jobs.SILENT
        (taken,) = second.write(lambda tx: jobs.take_up(tx, "second", False), "worker", now=later)
        assert taken.state == "queued"
    finally:
        second.close()
