"""The background worker in a real server: it survives a closed tab, a kill and a stop, and does a job once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from scorecard import commands, jobs, loading, places, sources
from scorecard.store.engine import Store, open_store
from tests.conftest import make_actor
from tests.server.conftest import settings_of, stop

ANALYST = make_actor("analyst", "", "Sam Whitlock")
TWO = "measure,period,value\nrenewal_rate,2026-09,0.9\nrenewal_rate,2026-10,0.91\n"
PATIENCE = 60.0


def make_store(folder: Path) -> Store:
    """The store of a folder, with its first members and definitions; no server has it open."""
    store = open_store(folder / "state.duckdb", folder / "facts.duckdb")
    commands.prepare(store)
    return store


def make_watched(folder: Path) -> Path:
    """A watched folder in a store that no server has open."""
    place = folder / "exports"
    place.mkdir(parents=True)
    store = make_store(folder)
    sources.add(store, ANALYST, sources.new("Monthly figures", "folder", str(place), "*.csv"))
    store.close()
    return place


def make_large(place: Path, rows: int = 48_000) -> Path:
    """A file that takes some seconds to read: figures of many segments."""
    lines = (
        f"renewal_rate,20{year:02d}-{month:02d},{0.5 + number % 400 / 1000:.3f},Segment {number}"
        for number in range(rows // 24)
        for year in (24, 25)
        for month in range(1, 13)
    )
    unfinished = place / "large.part"
    unfinished.write_text("measure,period,value,segment\n" + "\n".join(lines) + "\n")
    return unfinished.rename(place / "large.csv")


def command(folder: Path, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "scorecard", *words],
        cwd=places.ROOT,
        env=settings_of(folder),
        capture_output=True,
        text=True,
        timeout=120,
    )


def told(folder: Path, name: str = "Monthly figures") -> dict:
    """What the server says about a source when the command line asks."""
    found = ask(folder, "source_list")["sources"]
    return next(one for one in found if one["name"] == name)


def until(what: Callable[[], object], seconds: float = PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def reading(folder: Path) -> bool:
    """Whether a file is being read into the staging folder."""
    return any((folder / "staging").glob("*.in"))


def test_a_file_put_into_a_watched_folder_is_loaded_and_stays_where_it_is(start, tmp_path):
    place = make_watched(tmp_path)
    start(folder=tmp_path)
    (place / "monthly-2026-10.csv").write_text(TWO)
    until(lambda: told(tmp_path)["covers_to"] == "2026-10-31")
    assert (place / "monthly-2026-10.csv").read_text() == TWO
    again = command(tmp_path, "load", "--source", "Monthly figures", "--json")
    assert again.returncode == 0 and json.loads(again.stdout)["result"]["files"] == []


def closed_store(folder: Path) -> Store:
    """The store after its server was stopped in good order."""
    for process in RUNNING:
        stop(process)
    return make_store(folder)


RUNNING: list[subprocess.Popen] = []


@pytest.fixture
def start(start):
    """As `start`, and remembers what it started."""

    def begin(*options: str, folder: Path):
        server = start(*options, folder=folder)
        RUNNING.append(server.process)
        return server

    yield begin
    for process in RUNNING:
        stop(process)
    RUNNING.clear()


def test_a_stop_of_the_server_takes_seconds_and_leaves_the_job_which_a_kill_cuts_off_and_the_next_start_does_once(start, tmp_path):
    place = make_watched(tmp_path)
    server = start(folder=tmp_path)
    large = make_large(place, 24_000)
    until(lambda: reading(tmp_path))
    begun = time.monotonic()
    server.process.terminate()
    server.process.wait(20)
    assert time.monotonic() - begun < 15
    store = make_store(tmp_path)
    (job,) = jobs.unfinished(store)
    assert (job.state, job.attempts, job.message) == (
        "queued",
        0,
        "The server was stopped. It is taken up again at the next start.",
    )
    assert not list(store.staging.iterdir()) and loading.recent(store) == []
    store.close()
    second = start(folder=tmp_path)
    until(lambda: reading(tmp_path))
    second.process.send_signal(signal.SIGKILL)
    second.process.wait(10)
    start(folder=tmp_path)
    until(lambda: told(tmp_path)["covers_to"] == "2025-12-31")
    store = closed_store(tmp_path)
    done = [job for job in jobs.recent(store) if job.kind == "load_source"]
    assert [(job.state, job.attempts) for job in done] == [("done", 2)]
    (load,) = loading.recent(store)
    with store.read() as tx:
        assert tx.one("SELECT COUNT(*) FROM figure") == (load.new,)
    assert large.exists() and not list(store.staging.iterdir())
    store.close()


def test_a_load_can_be_stopped_and_leaves_nothing_behind(start, tmp_path):
    place = make_watched(tmp_path)
    start(folder=tmp_path)
    make_large(place)
    until(lambda: reading(tmp_path))
    store_view = closed_while_running(tmp_path)
    assert store_view["state"] in ("running", "cancelled")
    over = until(lambda: (job := ask(tmp_path, "job_show", id=store_view["id"]))["state"] == "cancelled" and job, 20)
    assert "Stopped by" in over["message"]
    store = closed_store(tmp_path)
    with store.read() as tx:
        assert [tx.one(f"SELECT COUNT(*) FROM {table}")[0] for table in ("figure", "load", "arrival")] == [0, 0, 0]
    with store.facts() as tx:
        assert tx.one("SELECT COUNT(*) FROM source_row") == (0,)
    assert not list(store.staging.iterdir())
    store.close()


def closed_while_running(folder: Path) -> dict:
    """The job that the server works at, after it was asked to stop."""
    found = ask(folder, "load_source", name="Monthly figures")  # queued behind the one at work
    ask(folder, "job_stop", id=found["id"])
    (running,) = [one for one in ask(folder, "job_list")["jobs"] if one["state"] == "running"]
    return ask(folder, "job_stop", id=running["id"])


def ask(folder: Path, name: str, /, **arguments) -> dict:
    """A command asked of the running server as the command line asks it."""
    from scorecard.store import relay

    door = relay.find(folder / "state.duckdb", folder / "facts.duckdb")
    return relay.ask(door, {"command": name, "arguments": arguments, "person": "", "operator": "sam"})


def test_cron_loads_through_the_running_server_and_says_by_its_exit_status_what_waits(start, tmp_path):
    store = make_store(tmp_path)
    (tmp_path / "in").mkdir()
    sources.add(store, ANALYST, sources.new("Renewals", "file", str(tmp_path / "in" / "renewals-*.csv")))
    store.close()
    start(folder=tmp_path)
    (tmp_path / "in" / "renewals-1.csv").write_text(TWO)
    first = command(tmp_path, "load", "--source", "renewals")
    assert (first.returncode, first.stdout) == (0, "renewals-1.csv: loaded: 2 new, 0 changed.\n")
    (tmp_path / "in" / "renewals-2.csv").write_text(
        "measure,period,value\nrenewal_rate,01/02/2025,0.9\nrenewal_rate,01/03/2025,0.9\n"
    )
    second = command(tmp_path, "load", "--source", "Renewals")
    assert second.returncode == 1 and "whether the day or the month stands first" in second.stderr
    assert told(tmp_path, "Renewals")["waiting"] == 1
    assert date.fromisoformat(told(tmp_path, "Renewals")["covers_to"]) == date(2026, 10, 31)
