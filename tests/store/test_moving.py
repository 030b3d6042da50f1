"""A store moves into PostgreSQL: the same rows, the same audit, all of it or nothing."""

from __future__ import annotations

import subprocess
import sys
import uuid
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from scorecard import places
from scorecard.cli import main as commands
from scorecard.errors import StoreBusy, StoreDamaged, StoreError, UsageError
from scorecard.store import backup, moving
from scorecard.store.engine import open_store
from scorecard.store.postgres import PostgresDatabase
from scorecard.store.tx import Tx
from tests import stores
from tests.store.conftest import SERVER, WITHOUT, _on_server

NOW = datetime(2026, 11, 23, 8, 0)
HARD = ["", " ", "NULL", "\\N", "\\", "tab\there", "line\nend\r\n", 'quo"te', "it's", "ünï — 漢字 🎉", "a" * 5000, "\u200b=1+1", "{1,2}"]


@pytest.fixture(scope="module")
def house(beginning, tmp_path_factory):
    """A folder with a store as it is after some use, to be copied."""
    folder = stores.copied(beginning, tmp_path_factory.mktemp("house"))
    store = stores.opened(folder)
    with_words = [(f"nonce {number} {word}", NOW) for number, word in enumerate(HARD)]
    store.write(lambda tx: tx.many("INSERT INTO nonce VALUES ($1, $2)", with_words), "Rana")
    for number, word in enumerate(HARD):
        store.write(lambda tx, n=number, w=word: tx.audit("note", f"thing:{n}", {"word": w}, {"half": 0.1 + n, "whole": float(n), "none": None}), "Rana \\N")
    store.close()
    return folder


@pytest.fixture
def old(house, tmp_path):
    """The place of a store's file, with its facts beside it."""
    return stores.copied(house, tmp_path / "old") / "state.duckdb"


@pytest.fixture
def database():
    """The address of an empty schema."""
    schema = f"test_{uuid.uuid4().hex[:12]}"
    _on_server(f"CREATE SCHEMA {schema}")
    yield f"{SERVER}?options=-csearch_path%3D{schema}"
    _on_server(f"DROP SCHEMA {schema} CASCADE")


def move(old: Path, database: str, **options):
    return moving.move(old, old.with_name("facts.duckdb"), database, "Marek (command line)", NOW, **options)


def tables(place: str) -> list[str]:
    engine = PostgresDatabase(place)
    try:
        with engine.unit(read_only=True) as unit:
            return backup.tables(Tx(unit.cursor, engine=engine))
    finally:
        engine.close()


@pytest.mark.postgres
@WITHOUT
def test_what_was_moved_is_the_same_row_for_row_and_the_server_works_on_with_it(old, database):
    before, steps = old.read_bytes(), []
    moved = move(old, database, tell=steps.append)
    assert old.read_bytes() == before and moved.rows["audit"] > len(HARD) and moved.rows["nonce"] >= len(HARD)
    assert any(step.startswith("table 1 of ") for step in steps)
    there = stores.opened(old.parent)
    with there.read() as tx:
        rows = {table: sorted(map(repr, tx.all(f"SELECT * FROM {table}"))) for table in backup.tables(tx)}
    there.close()
    here = open_store(database, old.with_name("facts.duckdb"))
    try:
        with here.read() as tx:
            found = {table: sorted(map(repr, tx.all(f"SELECT * FROM {table}"))) for table in backup.tables(tx)}
            assert tx.one("SELECT seq, actor, action FROM audit ORDER BY seq DESC LIMIT 1") == (moved.head.seq, "Marek (command line)", "move")
        told = set(found["audit"]) - set(rows["audit"])
        assert len(told) == 1 and {**found, "audit": sorted(set(found["audit"]) - told)} == rows
        verdict = here.verify()
        assert verdict.ok and verdict.head == moved.head == here.head.read()
        here.write(lambda tx: tx.audit("after", "move"), "Rana")
        assert here.verify().ok and not [notice for notice in here.notices if "audit" in notice]
    finally:
        here.close()


@pytest.mark.postgres
@WITHOUT
def test_a_database_that_holds_anything_is_refused_and_stays_as_it_is(old, database):
    engine = PostgresDatabase(database)
    with engine.unit() as unit:
        unit.cursor.execute("CREATE TABLE theirs (id INTEGER)")
        unit.commit()
    engine.close()
    with pytest.raises(StoreError, match=r"is not empty \(it has the tables theirs\)"):
        move(old, database)
    assert tables(database) == []


SPOILED = {
    "1 of 13 rows are not there as they were, 1 are there": "UPDATE nonce SET used_at = used_at + INTERVAL '1 microsecond' WHERE id = (SELECT MIN(id) FROM nonce)",
    "1 of 13 rows are not there as they were, 0 are there": "DELETE FROM nonce WHERE id = (SELECT MIN(id) FROM nonce)",
}


@pytest.mark.postgres
@WITHOUT
def test_a_row_that_is_not_the_same_leaves_the_database_empty_and_the_file_as_it_was(old, database, monkeypatch):
    pour, before = moving._pour, old.read_bytes()
    for told, statement in SPOILED.items():
        def spoiled(source, unit, table, statement=statement):
            pour(source, unit, table)
            if table == "nonce":
                unit.cursor.execute(statement)

        monkeypatch.setattr(moving, "_pour", spoiled)
        with pytest.raises(StoreDamaged, match=f"the table nonce is not the same in the database: {told}"):
            move(old, database)
        assert tables(database) == [] and old.read_bytes() == before


@pytest.mark.postgres
@WITHOUT
def test_an_audit_that_does_not_hold_is_not_moved(old, database):
    store = stores.opened(old.parent)
    with store.engines[0].unit() as unit:
        unit.cursor.execute("UPDATE audit SET actor = 'Somebody else' WHERE seq = 3")
        unit.commit()
    store.close()
    with pytest.raises(StoreDamaged, match="Nothing was moved: the audit of .* does not hold"):
        move(old, database)
    assert tables(database) == []


@pytest.mark.postgres
@WITHOUT
def test_a_text_that_postgresql_cannot_hold_is_named_and_nothing_is_moved(old, database):
    store = stores.opened(old.parent)
    store.write(lambda tx: tx.run("INSERT INTO nonce VALUES ($1, $2)", ("zero \x00 byte", NOW)), "Rana")
    store.close()
    with pytest.raises(StoreError, match="the table nonce holds a text that PostgreSQL cannot hold"):
        move(old, database)
    assert tables(database) == []


@pytest.mark.postgres
@WITHOUT
def test_a_store_that_a_server_has_open_is_not_moved(old, database):
    code = f"import time; from scorecard.store.engine import open_store; s = open_store({str(old)!r}, {str(old.with_name('facts.duckdb'))!r}); print('open', flush=True); time.sleep(60)"
    server = subprocess.Popen([sys.executable, "-c", code], cwd=places.ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout.readline() == "open\n"
        with pytest.raises(StoreBusy, match="Stop the server first"):
            move(old, database)
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
    assert tables(database) == []


@pytest.mark.postgres
@WITHOUT
def test_the_command_moves_and_says_what_to_do_next_without_the_password(old, database, monkeypatch):
    monkeypatch.setenv(places.STATE, str(old))
    monkeypatch.setenv(places.FACTS, str(old.with_name("facts.duckdb")))
    address = database.replace("scorecard@", "scorecard:s3cret@")
    done = CliRunner().invoke(commands, ["move", "--to", address], input="y\n")
    assert done.exit_code == 0 and "Each was read back and is the same" in done.stdout and "SCORECARD_STATE" in done.stdout
    again = CliRunner().invoke(commands, ["move", "--to", address, "--yes", "--json"])
    assert again.exit_code == 1 and "is not empty" in again.stderr and again.stdout == ""
    assert "s3cret" not in done.output + again.output


@pytest.mark.parametrize("state, target, told", [
    ("old.duckdb", "mysql://x/y", "Name the database as --to postgresql://"),
    ("postgresql://a:secret@h/d", "postgresql://b/d", "postgresql://h/d is in PostgreSQL already"),
    ("nothing.duckdb", "postgresql://b/d", "There is no store at nothing.duckdb"),
])
def test_a_wrong_call_says_what_is_right(state, target, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.duckdb").write_bytes(b"")
    with pytest.raises(UsageError, match=told):
        moving.move(state, "facts.duckdb", target, "x", NOW)


@pytest.mark.parametrize("here, there", [
    ((1.0, "a", None), (1, "a", None)), ((Decimal("5.00"),), (5.0,)), ((b"\x00\xff",), (memoryview(b"\x00\xff"),)), (([1, 2.0],), ([1.0, 2],)),
    ((datetime(2026, 1, 2, 3, 4, 5, 6),), (datetime(2026, 1, 2, 3, 4, 5, 6),))])
def test_the_fingerprint_of_a_row_is_the_same_however_a_database_hands_it_out(here, there):
    assert moving.digest(here) == moving.digest(there)


@pytest.mark.parametrize("here, there", [
    ((1,), (True,)), (("1",), (1,)), ((None,), ("",)), ((None,), ("null",)), ((0.1,), (0.1 + 1e-17 + 2e-17,)), (("a", "b"), ("a,b",)),
    ((2**53 + 1,), (float(2**53),)), ((date(2026, 1, 2),), (datetime(2026, 1, 2),)), (("é",), ("e\u0301",))])
def test_rows_that_differ_have_other_fingerprints(here, there):
    assert moving.digest(here) != moving.digest(there)
