"""Which files are opened, which are refused, and what the refusal says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from scorecard.errors import StoreBusy, StoreDamaged, StoreError
from scorecard.store import backup, migrations
from scorecard.store.engine import open_here, open_store

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time
sys.path.insert(0, {root!r})
{opening}
print("open", flush=True)
time.sleep(60)
"""
OURS = "from scorecard.store.engine import open_store; held = open_store({state!r}, {facts!r})"
FOREIGN = "import duckdb; held = duckdb.connect({state!r})"

KILLED = """
import os, sys
sys.path.insert(0, {root!r})
from datetime import datetime
from scorecard.store import backup
from scorecard.store.engine import open_store
store = open_store({state!r}, {facts!r})
backup.make(store.engines, store.backups, datetime(2026, 11, 22, 12))
for number in range(25):
    store.write(lambda tx: tx.audit("note", f"row:{{number}}"), "Rana Amari")
os.kill(os.getpid(), 9)
"""


def hold(places, opening: str) -> subprocess.Popen:
    """A process that has the files open."""
    code = HOLD.format(root=str(ROOT), opening=opening.format(state=places.state, facts=places.facts))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "open\n"
    return process


def release(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()
    process.stdout.close()


def audited(store, count: int) -> None:
    for number in range(count):
        store.write(lambda tx, number=number: tx.audit("note", f"row:{number}"), "Rana Amari")


def test_a_first_start_makes_the_data_folder(tmp_path):
    store = open_store(tmp_path / "new" / "data" / "state.duckdb", tmp_path / "new" / "data" / "facts.duckdb")
    assert (store.folder, store.backups.is_dir(), store.staging.is_dir()) == (tmp_path / "new" / "data", True, True)
    store.close()


def test_a_second_opening_of_the_same_store_is_refused_with_what_to_do(somewhere, store):
    with pytest.raises(StoreBusy, match="is in use by .*stop that one first"):
        somewhere.open()


def test_a_second_server_is_refused_with_its_process_and_what_to_do(somewhere):
    other = hold(somewhere, OURS)
    try:
        with pytest.raises(StoreBusy, match="stop that one first, or give the command") as refusal:
            somewhere.open()
        if somewhere.on_duckdb:
            assert f"process {other.pid}" in str(refusal.value)
    finally:
        release(other)
    somewhere.open().close()


def test_a_file_held_by_a_program_that_is_not_our_server_is_refused_plainly(on_disk):
    on_disk.open().close()
    other = hold(on_disk, FOREIGN)
    try:
        with pytest.raises(
            StoreBusy, match=rf"held by a program that is not our server \(.*process {other.pid}\). Close"
        ):
            on_disk.open()
    finally:
        release(other)
    on_disk.open().close()


def test_facts_held_by_another_program_leave_the_state_free(on_disk):
    on_disk.open().close()
    other = hold(on_disk, FOREIGN.replace("{state!r}", "{facts!r}"))
    try:
        with pytest.raises(StoreBusy, match="facts.duckdb is held by a program"):
            on_disk.open()
    finally:
        release(other)
    on_disk.open().close()


@pytest.mark.parametrize("content", [b"", b"hello" * 2000, b"SQLite format 3\0" + bytes(5000)])
def test_a_file_that_is_no_duckdb_database_is_refused_and_left_as_it_was(on_disk, content):
    Path(on_disk.state).write_bytes(content)
    with pytest.raises(StoreDamaged, match="is not a DuckDB database"):
        on_disk.open()
    assert Path(on_disk.state).read_bytes() == content


@pytest.mark.parametrize("place", [3, 4096 + 10, 12288 + 50])
def test_a_damaged_file_is_refused_never_misread(on_disk, place):
    on_disk.open().close()
    content = bytearray(Path(on_disk.state).read_bytes())
    for offset in range(60):
        content[place + offset] ^= 0x55
    Path(on_disk.state).write_bytes(content)
    with pytest.raises(StoreDamaged, match="Restore a backup with|restore a backup with"):
        on_disk.open()


def test_a_file_cut_in_half_is_refused(on_disk):
    on_disk.open().close()
    content = Path(on_disk.state).read_bytes()
    Path(on_disk.state).write_bytes(content[: len(content) // 2])
    with pytest.raises(StoreDamaged, match="is damaged|is left as it is"):
        on_disk.open()


def test_a_folder_in_the_place_of_a_file_is_refused(on_disk):
    Path(on_disk.state).mkdir()
    with pytest.raises(StoreError, match="is a folder; SCORECARD_STATE and SCORECARD_FACTS name a file"):
        on_disk.open()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not write")
@pytest.mark.parametrize("locked_files", ["file", "folder"])
def test_files_that_may_not_be_written_are_refused_plainly(on_disk, locked_files):
    on_disk.open().close()
    for name in ("state.duckdb", "facts.duckdb"):
        (on_disk.folder / name).chmod(0o444)
        (on_disk.folder / f"{name}.lock").chmod(0o666)
    on_disk.folder.chmod(0o555 if locked_files == "folder" else 0o777)
    if locked_files == "folder":
        (on_disk.folder / "state.duckdb.lock").unlink()
    said = _as_nobody(on_disk)
    assert "state.duckdb" in said and "cannot be written" in said
    assert "Give this account write permission there" in said


def _as_nobody(places) -> str:
    """What opening says to an account without permission."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            for parent in places.folder.parents[:3]:
                parent.chmod(parent.stat().st_mode | 0o055)
            os.setgid(65534)
            os.setuid(65534)
            open_store(places.state, places.facts)
            os.write(writer, b"opened")
        except BaseException as error:  # noqa: BLE001 - told to the parent, which compares it
            os.write(writer, f"{type(error).__name__}: {error}".encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def test_a_place_that_cannot_be_made_is_refused_plainly():
    with pytest.raises(StoreError, match="cannot be written: .* Give this account write permission there"):
        open_store("/proc/nowhere/state.duckdb", "/proc/nowhere/facts.duckdb")


def test_a_server_that_is_not_there_is_refused_without_the_password():
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match="cannot be reached") as refusal:
        open_store("postgresql://somebody:secret@127.0.0.1:1/nothing", ":memory:")
    assert "secret" not in str(refusal.value)


def test_a_shortened_log_of_changes_is_found_at_the_next_start(on_disk):
    code = KILLED.format(root=str(ROOT), state=on_disk.state, facts=on_disk.facts)
    assert subprocess.run([sys.executable, "-c", code]).returncode == -signal.SIGKILL
    log = Path(on_disk.state + ".wal")
    os.truncate(log, log.stat().st_size - 3000)
    with pytest.raises(StoreDamaged, match=r"its audit ends at row \d+, and row 25 was written") as refusal:
        on_disk.open()
    (made,) = backup.every(on_disk.folder / "backups")
    assert f"python -m scorecard restore {made}" in str(refusal.value)


def test_a_deleted_file_of_a_store_that_had_changes_is_found_at_the_next_start(on_disk):
    store = on_disk.open()
    audited(store, 3)
    store.close()
    Path(on_disk.state).unlink()
    with pytest.raises(StoreDamaged, match="its audit ends at row 0, and row 3 was written"):
        on_disk.open()


def test_a_head_that_is_behind_is_no_alarm(somewhere):
    store = somewhere.open()
    audited(store, 3)
    behind = store.head.path.read_text()
    audited(store, 3)
    store.close()
    store.head.path.write_text(behind)
    again = somewhere.open()
    assert (again.verify().ok, again.head.read().seq, again.notices) == (True, 6, [])
    again.close()


def test_a_head_that_is_ahead_is_damage(somewhere):
    store = somewhere.open()
    audited(store, 3)
    store.close()
    head = json.loads(store.head.path.read_text())
    store.head.path.write_text(json.dumps({"seq": head["seq"] + 1, "hash": "f" * 64}))
    with pytest.raises(StoreDamaged, match="its audit ends at row 3, and row 4 was written"):
        somewhere.open()


def test_another_history_under_the_same_number_is_damage(somewhere):
    store = somewhere.open()
    audited(store, 3)
    store.close()
    store.head.path.write_text(json.dumps({"seq": 3, "hash": "f" * 64}))
    with pytest.raises(StoreDamaged, match="has lost changes that were saved"):
        somewhere.open()


def test_a_missing_head_is_written_again_and_said(somewhere):
    store = somewhere.open()
    audited(store, 3)
    store.close()
    store.head.path.unlink()
    again = somewhere.open()
    assert "The head of the audit chain was missing" in again.notices[0]
    assert again.head.read().seq == 3
    again.close()


def test_a_refused_opening_lets_go_of_the_files(somewhere, monkeypatch):
    monkeypatch.setattr(migrations, "STATE", (*migrations.STATE, ("9999_broken", ("CREATE TABLE broken (",))))
    with pytest.raises(Exception, match="(?i)syntax"):
        somewhere.open()
    monkeypatch.undo()
    somewhere.open().close()


def test_files_can_be_read_only_from_the_folders_of_the_store(on_disk):
    store = on_disk.open()
    outside = on_disk.folder / "outside.csv"
    outside.write_text("a\n1\n")
    (store.staging / "inside.csv").write_text("a\n1\n")
    with store.facts() as tx:
        assert tx.one(f"SELECT COUNT(*) FROM read_csv('{store.staging / 'inside.csv'}')") == (1,)
    for statement in (
        f"SELECT * FROM read_csv('{outside}')",
        f"ATTACH '{on_disk.folder / 'other.duckdb'}'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "LOAD httpfs",
    ):
        with pytest.raises((duckdb.Error, StoreError)), store.facts() as tx:
            tx.run(statement)
    store.close()


def test_new_files_are_in_the_format_that_duckdb_1_5_reads(on_disk):
    store = on_disk.open()
    with store.read() as tx:
        (tags,) = tx.one("SELECT tags FROM duckdb_databases() WHERE database_name = current_database()")
    assert tags["storage_version"].startswith("v1.5")
    store.close()


def test_a_process_knows_which_store_it_has_open(on_disk):
    assert open_here(on_disk.state, on_disk.facts) is None
    store = on_disk.open()
    assert open_here(Path(on_disk.state), on_disk.facts) is store
    store.close()
    assert open_here(on_disk.state, on_disk.facts) is None


def test_a_store_in_memory_leaves_nothing_behind():
    store = open_store(":memory:", ":memory:")
    folder = store.folder
    audited(store, 2)
    assert (store.verify().rows, folder.is_dir()) == (2, True)
    store.close()
    assert not folder.exists()


def test_old_form_marks_are_forgotten(somewhere):
    store = somewhere.open()
    store.write(lambda tx: None, "Rana Amari", datetime(2020, 1, 1), nonce="old")
    store.write(lambda tx: None, "Rana Amari", nonce="new")
    store.close()
    again = somewhere.open()
    with again.read() as tx:
        assert tx.all("SELECT id FROM nonce") == [("new",)]
    again.close()
