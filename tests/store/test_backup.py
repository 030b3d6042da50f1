"""A backup holds everything, is verified before it counts, and can be restored: tried, not hoped."""

from __future__ import annotations

import json
import threading
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from scorecard.errors import StoreBusy, StoreDamaged, StoreError
from scorecard.store import backup, migrations, orphans, restoring
from scorecard.store.engine import open_store

NOW = datetime(2026, 11, 22, 12, 30, 5)
FIGURE = f"""INSERT INTO figure (measure, grain, starts, segment, team, csm, load, value, numerator, denominator, loaded_at)
             VALUES ({', '.join(f'${number}' for number in range(1, 12))})"""


def fill(store, figures: int = 40) -> None:
    """Rows of every kind of value."""
    rows = [
        (
            "m",
            "month",
            date(2026, 1, 1),
            f"s{number}",
            "",
            "",
            "l",
            None if number % 3 else number / 7,
            number,
            None,
            NOW,
        )
        for number in range(figures)
    ]

    def work(tx):
        tx.many(FIGURE, rows)
        tx.run("INSERT INTO member VALUES ($1, $2, $3, $4, $5)", ("péter", "leader", True, NOW, 1))
        tx.audit("load", "load:l", None, {"rows": figures})

    store.write(work, "Rana Amari", NOW)
    with store.facts() as tx:
        tx.many(
            "INSERT INTO source_row VALUES ($1, $2, $3, $4, $5)",
            [("l", number, "a;b", "new", "") for number in range(9)],
        )


def everything(store) -> dict[str, list[tuple]]:
    with store.read() as tx:
        state = {table: sorted(map(repr, tx.all(f"SELECT * FROM {table}"))) for table in backup.tables(tx)}
    with store.facts() as tx:
        return {**state, "source_row": sorted(map(repr, tx.all("SELECT * FROM source_row")))}


@pytest.fixture
def filled(store):
    fill(store)
    return store


def test_a_backup_holds_every_row_and_the_head_of_the_audit(filled):
    made = backup.make(filled.engines, filled.backups, NOW)
    assert made.path == filled.backups / "20261122T123005Z"
    assert made.rows["state.duckdb"]["figure"] == 40
    filled_tables = {table: rows for table, rows in made.rows["facts.duckdb"].items() if rows}
    assert filled_tables == {"committed": 1, "migration": 4, "source_row": 9}
    assert made.head == filled.verify().head


def test_a_backup_is_a_duckdb_file_that_others_can_open(filled):
    made = backup.make(filled.engines, filled.backups, NOW)
    with duckdb.connect(str(made.path / "state.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT person, last_seen FROM member").fetchall() == [("péter", NOW)]


def test_a_backup_is_one_moment_while_others_write(filled):
    stop = threading.Event()

    def pairs():
        while not stop.is_set():
            filled.write(
                lambda tx: (tx.run("UPDATE member SET version = version + 1"), tx.audit("seen", "member")), "Tolu"
            )
            stop.wait(0.002)

    writer = threading.Thread(target=pairs)
    writer.start()
    try:
        made = [backup.make(filled.engines, filled.backups, NOW) for _ in range(2)]
    finally:
        stop.set()
        writer.join()
    for one in made:
        with backup.opened(one.path / "state.duckdb") as tx:
            assert tx.one("SELECT version FROM member") == (tx.one("SELECT COUNT(*) FROM audit")[0],)


def test_backups_of_the_same_second_are_two(filled):
    made = [backup.make(filled.engines, filled.backups, NOW) for _ in range(2)]
    assert [one.path.name for one in made] == ["20261122T123005Z", "20261122T123005Z-2"]
    assert backup.every(filled.backups) == [made[1].path, made[0].path]


def test_a_copy_that_is_not_the_same_is_thrown_away(filled, monkeypatch):
    monkeypatch.setattr(backup.Contents, "same", lambda self, other: False)
    with pytest.raises(StoreDamaged, match="it was thrown away"):
        backup.make(filled.engines, filled.backups, NOW)
    assert list(filled.backups.iterdir()) == []


@pytest.mark.parametrize(
    "change", [{"rows": {"a": 2}}, {"fingerprints": {"a": 8}}, {"head": backup.audit.Mark(1, "x")}]
)
def test_contents_differ_when_a_count_a_row_or_the_head_does(change):
    one = {"rows": {"a": 1}, "fingerprints": {"a": 7}, "head": backup.audit.Mark()}
    assert backup.Contents(**one).same(backup.Contents(**one))
    assert not backup.Contents(**one).same(backup.Contents(**{**one, **change}))


@pytest.mark.parametrize("name", ["state.duckdb", "facts.duckdb"])
def test_a_backup_that_was_damaged_later_is_refused_and_the_one_before_is_named(filled, name):
    older = backup.make(filled.engines, filled.backups, NOW)
    newer = backup.make(filled.engines, filled.backups, NOW.replace(hour=13))
    with (newer.path / name).open("r+b") as file:
        file.seek(5000)
        file.write(b"damage")
    with pytest.raises(StoreDamaged, match=f"{name} is not as it was written"):
        backup.read(newer.path)
    assert backup.newest(filled.backups) == older
    assert str(older.path) in backup.advice(filled.backups)


@pytest.mark.parametrize("record", [None, "", "{}", '{"files": {"../x": {}}, "made_at": "2026-01-01", "head": {}}'])
def test_a_folder_that_is_no_backup_is_refused(tmp_path, record):
    if record is not None:
        (tmp_path / "backup.json").write_text(record)
    with pytest.raises(StoreDamaged, match="is not a backup|is damaged"):
        backup.read(tmp_path)


def test_without_a_backup_the_advice_says_so(tmp_path):
    assert backup.advice(tmp_path).startswith("There is no verified backup in")


def test_a_restore_brings_every_row_back_and_keeps_what_it_replaced(somewhere):
    store = somewhere.open()
    fill(store)
    wanted = everything(store)
    made = backup.make(store.engines, store.backups, NOW)
    store.write(lambda tx: (tx.run("DELETE FROM figure"), tx.audit("mistake", "figure")), "Rana Amari")
    store.close()
    done = restoring.restore(somewhere.state, somewhere.facts, made.path, "Marek Zielinski", NOW)
    assert done.kept and all(path.exists() for path in done.kept)
    again = somewhere.open()
    found = everything(again)
    assert len(found.pop("audit")) == len(wanted.pop("audit")) + 1
    assert found == wanted
    assert again.verify().ok
    with again.read() as tx:
        assert tx.one("SELECT actor, action, object FROM audit ORDER BY seq DESC LIMIT 1") == (
            "Marek Zielinski",
            "restore",
            f"backup:{made.path.name}",
        )
    again.close()


def test_a_damaged_store_is_restored(on_disk):
    store = on_disk.open()
    fill(store)
    made = backup.make(store.engines, store.backups, NOW)
    store.close()
    Path(on_disk.state).write_bytes(b"nothing")
    with pytest.raises(StoreDamaged):
        on_disk.open()
    restoring.restore(on_disk.state, on_disk.facts, made.path, "Marek Zielinski", NOW)
    again = on_disk.open()
    assert again.verify().ok
    again.close()


def test_a_backup_of_one_engine_is_restored_on_the_other(somewhere, tmp_path):
    source = open_store(tmp_path / "from" / "state.duckdb", tmp_path / "from" / "facts.duckdb")
    fill(source)
    made = backup.make(source.engines, source.backups, NOW)
    wanted = everything(source)
    source.close()
    restoring.restore(somewhere.state, somewhere.facts, made.path, "Marek Zielinski", NOW)
    moved = somewhere.open()
    assert everything(moved)["figure"] == wanted["figure"]
    assert moved.verify().ok
    moved.close()


def test_a_restore_under_a_running_server_is_refused(somewhere, store):
    made = backup.make(store.engines, store.backups, NOW)
    with pytest.raises(StoreBusy, match="is in use by"):
        restoring.restore(somewhere.state, somewhere.facts, made.path, "Marek Zielinski", NOW)


def test_two_restores_of_one_second_keep_both_of_what_they_replaced(on_disk):
    store = on_disk.open()
    made = backup.make(store.engines, store.backups, NOW)
    store.close()
    kept = [
        path for _ in range(2) for path in restoring.restore(on_disk.state, on_disk.facts, made.path, "Marek", NOW).kept
    ]
    assert len(set(kept)) == 4


def test_a_backup_of_a_newer_version_is_refused_before_anything_is_replaced(on_disk, monkeypatch):
    known = migrations.STATE
    monkeypatch.setattr(migrations, "STATE", (*known, ("9999_later", ("CREATE TABLE later (id INTEGER)",))))
    monkeypatch.setattr(backup, "STEPS", (migrations.STATE, migrations.FACTS))
    store = on_disk.open()
    made = backup.make(store.engines, store.backups, NOW)
    store.close()
    monkeypatch.setattr(backup, "STEPS", (known, migrations.FACTS))
    before = Path(on_disk.state).read_bytes()
    with pytest.raises(StoreError, match="newer version of the program"):
        restoring.restore(on_disk.state, on_disk.facts, made.path, "Marek", NOW)
    assert Path(on_disk.state).read_bytes() == before


def test_a_drill_restores_beside_the_store_and_compares(filled):
    tried = restoring.drill(filled, NOW)
    assert (tried.audit_rows, tried.rows, tried.backup.path.name) == (1, tried.backup.total, "20261122T123005Z-drill")
    assert [path.name for path in filled.folder.iterdir() if path.name.startswith("drill-")] == []
    assert filled.verify().rows == 1


def test_a_drill_fails_when_a_row_is_missing(filled, monkeypatch):
    real = backup.read

    def short(path):
        found = real(path)
        found.rows["state.duckdb"]["figure"] += 1
        return found

    monkeypatch.setattr(backup, "read", short)
    with pytest.raises(
        StoreDamaged, match="The drill failed: state.duckdb restored from .* does not hold the same rows"
    ):
        restoring.drill(filled, NOW)


def test_a_backup_without_space_is_refused_plainly_and_leaves_nothing(filled, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_record", full)
    with pytest.raises(StoreError, match="cannot be written: no space left on device"):
        backup.make(filled.engines, filled.backups, NOW)
    assert list(filled.backups.iterdir()) == []


def test_rows_that_refer_to_nothing_are_found(filled):
    with filled.read() as tx:
        assert orphans.find(tx) == [
            "Figures of measure 'm' have no definition.",
            "Figures of measure 'm' came with load 'l', which is not recorded.",
            "Member 'péter' has no person.",
        ]


def test_the_record_of_a_backup_names_no_password(tmp_path, filled):
    made = backup.make(filled.engines, filled.backups, NOW)
    record = json.loads((made.path / "backup.json").read_text())
    assert "@" not in record["source"]
