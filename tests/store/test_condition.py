"""In what condition a store is, and what an older or a newer program says of it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from scorecard.errors import StoreDamaged, StoreError, StoreNewer, StoreReadOnly
from scorecard.store import backup, condition, migrations, restoring
from scorecard.store.engine import open_store
from scorecard.store.unit import Lost

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 22, 12, 30, 5)
NEXT = ("0099_colour", ("ALTER TABLE team ADD COLUMN colour VARCHAR",))


def refuse(monkeypatch, store, error: Exception) -> None:
    """From now on every commit of the state fails so."""
    def refused(*_):
        raise error

    monkeypatch.setattr(store, "_commit", refused)


def test_a_disk_that_refuses_makes_the_store_read_only_until_it_takes_a_write_again(somewhere, monkeypatch):
    store = somewhere.open()
    assert (store.mode, store.trouble) == ("open", "")
    with monkeypatch.context() as broken:
        refuse(broken, store, StoreReadOnly("Not saved: no space left."))
        with pytest.raises(StoreReadOnly):
            store.write(lambda tx: tx.audit("note", "x"), "Rana Amari")
        assert store.mode == "read-only" and "nothing has to be started again" in store.trouble
        with store.read() as tx:
            assert tx.one("SELECT COUNT(*) FROM audit") == (0,)
        assert not store.try_again() and store.mode == "read-only"
    assert store.try_again() and store.mode == "open"
    store.write(lambda tx: tx.audit("note", "x"), "Rana Amari")
    assert store.verify().rows == 1
    store.close()


def test_a_write_that_succeeds_on_the_last_bytes_of_a_disk_does_not_open_the_store(on_disk, monkeypatch):
    store = on_disk.open()
    with monkeypatch.context() as broken:
        refuse(broken, store, StoreReadOnly("Not saved: no space left."))
        with pytest.raises(StoreReadOnly):
            store.write(lambda tx: tx.audit("note", "x"), "x")
    with monkeypatch.context() as nearly:
        nearly.setattr(condition.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 4096}))
        assert not store.try_again()
    assert store.try_again()
    store.close()


@pytest.mark.parametrize("error", [StoreError("Not saved: memory."), Lost("gone", -1)])
def test_another_refusal_leaves_the_store_open(on_disk, monkeypatch, error):
    store = on_disk.open()
    with monkeypatch.context() as broken:
        refuse(broken, store, error)
        with pytest.raises(StoreError):
            store.write(lambda tx: tx.audit("note", "x"), "x")
    assert store.mode == "open"
    store.close()


def test_damage_that_is_read_makes_the_store_safe_names_the_backup_and_lets_nothing_be_written(on_disk):
    store = on_disk.open()
    made = backup.make(store.engines, store.backups, NOW)
    with pytest.raises(StoreDamaged), store.read():
        raise StoreDamaged("state.duckdb is damaged (a block). Restore a backup with: python -m scorecard restore")
    assert store.mode == "safe"
    assert store.trouble.startswith("state.duckdb is damaged (a block). The newest verified backup is") and str(made.path) in store.trouble
    with pytest.raises(StoreDamaged, match="newest verified backup"):
        store.write(lambda tx: tx.audit("note", "x"), "x")
    with pytest.raises(StoreDamaged), store.facts() as tx:
        tx.run("DELETE FROM source_row")
    store.close()


KILLED = """
import os, sys
sys.path.insert(0, {root!r})
from scorecard.store.engine import open_store
store = open_store({state!r}, {facts!r})
for number in range(20):
    with store.facts() as tx:
        tx.run("INSERT INTO source_row VALUES ('l', $1, 'a;b', 'new', '')", (number,))
os.kill(os.getpid(), 9)
"""


def test_a_shortened_log_of_facts_is_found_at_the_next_start(on_disk, tmp_path_factory):
    code = KILLED.format(root=str(ROOT), state=on_disk.state, facts=on_disk.facts)
    assert subprocess.run([sys.executable, "-c", code]).returncode == -signal.SIGKILL
    whole = shutil.copytree(on_disk.folder, tmp_path_factory.mktemp("whole"), dirs_exist_ok=True)
    log = Path(on_disk.facts + ".wal")
    os.truncate(log, log.stat().st_size - 400)
    with pytest.raises(StoreDamaged, match="has lost facts that were saved"):
        on_disk.open()
    store = open_store(whole / "state.duckdb", whole / "facts.duckdb")
    with store.read_facts() as tx:
        assert tx.one("SELECT COUNT(*) FROM source_row") == (20,)
        assert tx.one("SELECT COUNT(*) FROM committed") == (1,), "old marks stay for ever"
    store.close()


def test_facts_that_were_deleted_are_missed_and_a_restored_backup_is_not(on_disk):
    store = on_disk.open()
    made = backup.make(store.engines, store.backups, NOW)
    with store.facts() as tx:
        tx.run("INSERT INTO source_row VALUES ('l', 1, 'a;b', 'new', '')")
    store.close()
    Path(on_disk.facts).unlink()
    with pytest.raises(StoreDamaged, match="has lost facts that were saved"):
        on_disk.open()
    restoring.restore(on_disk.state, on_disk.facts, made.path, "Marek", NOW)
    on_disk.open().close()


def test_what_a_killed_backup_left_half_made_is_gone_at_the_next_start(on_disk):
    store = on_disk.open()
    made = backup.make(store.engines, store.backups, NOW)
    store.close()
    for name in (".partial-20261122T010101Z", ".gone-20261122T010101Z"):
        (made.path.parent / name).mkdir()
        (made.path.parent / name / "state.duckdb").write_bytes(b"half")
    on_disk.open().close()
    assert [path.name for path in made.path.parent.iterdir()] == [made.path.name]


def test_an_upgrade_tells_what_it_did_and_which_backup_the_version_before_can_restore(on_disk, monkeypatch):
    store = on_disk.open()
    store.write(lambda tx: tx.run("INSERT INTO team VALUES ('a', 'A', 0)"), "x")
    store.close()
    known = migrations.STATE
    with monkeypatch.context() as newer:
        newer.setattr(migrations, "STATE", (*known, NEXT))
        newer.setattr(backup, "STEPS", (migrations.STATE, migrations.FACTS))
        store = on_disk.open()
        (notice,) = store.notices
        assert "brought to this version of the program (1 steps)" in notice and "-before-0099_colour" in notice
        backup.make(store.engines, store.backups, NOW, "later")
        store.close()
        store = on_disk.open()
        assert store.notices == []
        store.close()
    with pytest.raises(StoreNewer) as refused:
        on_disk.open()
    (before,) = [path for path in backup.every(on_disk.folder / "backups") if "before" in path.name]
    assert "it has had 0099_colour" in str(refused.value) and f"python -m scorecard restore {before}" in str(refused.value)
    restoring.restore(on_disk.state, on_disk.facts, before, "Marek", NOW)
    again = on_disk.open()
    with again.read() as tx:
        assert tx.all("SELECT * FROM team") == [("a", "A", 0)]
    again.close()
