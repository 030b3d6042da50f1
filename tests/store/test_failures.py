"""What happens when the process is killed, or the disk fails under it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from scorecard.store.duck import DuckFile
from scorecard.store.unit import Lost
from tests import endurance

ROOT = Path(__file__).resolve().parents[2]
KILLS = endurance.counted(100)


@pytest.mark.endurance
def test_a_writing_process_that_is_killed_loses_no_acknowledged_change(somewhere):
    run = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "store" / "kills.py"), somewhere.state, somewhere.facts, str(KILLS)],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    found = json.loads(run.stdout)
    assert (found["lost"], found["whole"]) == ([], True)
    assert found["acknowledged"] >= KILLS


DISK = """
import os, resource, signal, sys
sys.path.insert(0, {root!r})
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from scorecard.errors import StoreError
from scorecard.store.engine import open_store

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

def team(name):
    def work(tx):
        tx.run("INSERT INTO team VALUES ($1, $2, 0)", (name, name * 2000))
        tx.audit("add", name)
    return work

def names():
    with store.read() as tx:
        return [name for (name,) in tx.all("SELECT id FROM team ORDER BY id")]

store = open_store({state!r}, {facts!r})
{script}
"""


def on_a_failing_disk(places, script: str) -> list[str]:
    """The lines that the script prints, in a process whose files cannot grow when it says so."""
    code = DISK.format(root=str(ROOT), state=places.state, facts=places.facts, script=script)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr[-3000:]
    return run.stdout.splitlines()


def test_a_full_disk_saves_nothing_says_so_and_goes_on_when_there_is_space(on_disk):
    lines = on_a_failing_disk(
        on_disk,
        """
store.write(team("a"), "x")
limit(os.path.getsize({state!r} + ".wal") + 100)
try:
    store.write(team("b"), "x")
except StoreError as error:
    limit(resource.RLIM_INFINITY)
    print(error)
store.write(team("c"), "x")
print(names(), store.verify().ok)
""".format(state=on_disk.state),
    )
    assert "could not be written" in lines[0] and "Free space on the disk, then try again." in lines[0]
    assert lines[1] == "['a', 'c'] True"
    again = on_disk.open()
    with again.read() as tx:
        assert tx.all("SELECT id FROM team ORDER BY id") == [("a",), ("c",)]
    again.close()


INVALIDATE = """
for name in "abc":
    store.write(team(name), "x")
limit(14000)
with store._state.session() as cursor:
    try:
        cursor.execute("CHECKPOINT")
    except Exception as error:
        kind = type(error).__name__
limit(resource.RLIM_INFINITY)
print(kind)
"""


def test_a_checkpoint_that_failed_is_healed_by_the_next_change_and_told(on_disk):
    lines = on_a_failing_disk(
        on_disk,
        INVALIDATE
        + """
store.write(team("d"), "x")
print(names(), store.verify().ok, len(store.notices), "had to be opened again" in store.notices[0])
""",
    )
    assert lines == ["FatalException", "['a', 'b', 'c', 'd'] True 1 True"]


def test_a_reader_after_a_failed_checkpoint_is_told_and_the_next_one_reads(on_disk):
    lines = on_a_failing_disk(
        on_disk,
        INVALIDATE
        + """
try:
    names()
except StoreError as error:
    print(error)
print(names())
""",
    )
    assert "Nothing that was saved is lost. Try again." in lines[1]
    assert lines[2] == "['a', 'b', 'c']"


def test_eight_threads_survive_a_failed_checkpoint_and_none_of_their_changes_is_lost_or_done_twice(on_disk):
    lines = on_a_failing_disk(
        on_disk,
        """
import threading, time
import duckdb
from scorecard.store.unit import Lost
from concurrent.futures import ThreadPoolExecutor
store.write(lambda tx: tx.run("INSERT INTO team VALUES ('n', 'n', 0)"), "x")
stop, wanted = threading.Event(), 40

def raised(tx):
    (old,) = tx.one("SELECT version FROM team WHERE id = 'n'")
    tx.run("UPDATE team SET version = $1 WHERE id = 'n'", (old + 1,))
    tx.audit("count", "n", old, old + 1)

def count(_):
    done = 0
    while not stop.is_set():
        try:
            store.write(raised, "x")
            done += 1
        except StoreError:
            continue
    return done

def rows():
    while True:
        try:
            return store.verify().rows
        except StoreError:
            continue

def break_the_disk():
    while True:
        limit(14000)
        try:
            with store._state.session() as cursor:
                cursor.execute("FORCE CHECKPOINT")
        except Lost:
            return
        except (StoreError, duckdb.Error):
            continue
        finally:
            limit(resource.RLIM_INFINITY)

with ThreadPoolExecutor(8) as pool:
    results = pool.map(count, range(8))
    try:
        break_the_disk()
        after = rows()
        until = time.monotonic() + 20
        while rows() < after + wanted and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        stop.set()
    done = sum(results)
with store.read() as tx:
    (version,) = tx.one("SELECT version FROM team WHERE id = 'n'")
verdict = store.verify()
print(len(store.notices) >= 1, version == done == verdict.rows, verdict.ok, verdict.rows >= after + wanted)
""",
    )
    assert lines == ["True True True True"]


def test_a_change_whose_commit_was_cut_off_but_had_been_saved_is_not_done_twice(somewhere):
    from scorecard.store.unit import Lost

    store = somewhere.open()
    store.write(lambda tx: tx.run("INSERT INTO team VALUES ('n', 'n', 0)"), "x")
    runs = []

    def work(tx):
        runs.append(1)
        tx.run("UPDATE team SET version = version + 1 WHERE id = 'n'")
        tx.audit("count", "n")
        _cut_off_after_commit(store, Lost)
        return "result"

    assert store.write(work, "x") == "result"
    with store.read() as tx:
        assert tx.one("SELECT version FROM team") == (1,)
    assert (len(runs), store.verify().ok, store.head.read().seq) == (1, True, 1)
    store.close()


def _cut_off_after_commit(store, lost) -> None:
    """The next commit is made, and its answer never arrives."""
    real = store._commit

    def cut(unit, tx, tried):
        real(unit, tx, tried)
        store._commit = real
        raise lost("the connection broke", 0)

    store._commit = cut


def test_a_result_that_another_threads_failure_took_away_means_that_the_file_is_opened_again(tmp_path):
    file = DuckFile(tmp_path / "state.duckdb", [])
    taken = duckdb.InvalidInputException("Invalid Input Error: No open result set")
    with pytest.raises(duckdb.InvalidInputException), file.unit():
        raise taken
    with pytest.raises(Lost), file.unit():
        file._connection.close()
        raise taken
    file.close()
