"""What a loader keeps beside us is read in place: tables of a DuckDB file, or of a folder of Parquet files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest
from pyarrow import parquet

from scorecard.core.mapping import Mapping
from scorecard.errors import FileRefused
from scorecard.intake import typing, warehouse

ROWS = """SELECT * FROM (VALUES ('a', 'Arden', DATE '2026-01-31', 12.5, TRUE, TIMESTAMPTZ '2026-01-31 12:00:00+02', [1]),
                                ('b', NULL, NULL, 1e21, NULL, NULL, NULL)) AS t (id, name, since, mrr, churned, seen_at, tags)"""


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "crm.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute(f"CREATE TABLE accounts AS {ROWS}")
        con.execute("CREATE SCHEMA desk")
        con.execute("CREATE TABLE desk.tickets AS SELECT 1 AS id")
        con.execute("CREATE TABLE _dlt_loads AS SELECT 1 AS id")
        con.execute("CREATE VIEW secrets AS SELECT * FROM read_text('/etc/passwd')")
    return path


@pytest.fixture
def folder(tmp_path) -> Path:
    path = tmp_path / "lake"
    for name, rows in (("accounts/1.parquet", f"{ROWS} WHERE id = 'a'"), ("accounts/2.parquet", f"SELECT id, mrr, 'x' AS extra FROM ({ROWS}) WHERE id = 'b'"),
                       ("tickets.parquet", "SELECT 1 AS id"), ("_dlt_loads/1.parquet", "SELECT 1 AS id")):
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        duckdb.sql(rows).write_parquet(str(path / name))
    return path


def rows_of(table) -> list[tuple]:
    read = parquet.read_table(table.path, use_threads=False)
    return list(zip(*(read.column(name).to_pylist() for name in read.column_names)))


def test_the_tables_of_a_duckdb_file_are_listed_without_the_loaders_own(file, tmp_path):
    assert warehouse.tables(file, tmp_path) == [warehouse.Found("desk.tickets", 1, ("id",)),
                                                warehouse.Found("accounts", 2, ("id", "name", "since", "mrr", "churned", "seen_at", "tags"))]


def test_a_table_of_a_duckdb_file_is_staged_as_text_and_the_file_stays_as_it_was(file, tmp_path):
    before = file.read_bytes()
    table = warehouse.read(file, "accounts", tmp_path / "staging")
    assert (table.name, table.kind, table.typed, table.rows, table.seen["left_out"]) == ("crm accounts", "duckdb", True, 2, ["tags"])
    assert rows_of(table) == [(2, "a", "Arden", "2026-01-31", "12.5", "true", "2026-01-31 10:00:00"), (3, "b", "", "", "1e+21", "", "")]
    assert file.read_bytes() == before


def test_the_parquet_files_of_a_folder_are_one_table(folder, tmp_path):
    assert [(one.name, one.rows) for one in warehouse.tables(folder, tmp_path)] == [("accounts", 2), ("tickets", 1)]
    table = warehouse.read(folder, "accounts", tmp_path / "staging")
    assert table.columns == ("id", "name", "since", "mrr", "churned", "seen_at", "extra")
    assert [row[1] for row in rows_of(table)] == ["a", "b"]


def test_what_is_read_in_place_becomes_facts(file, tmp_path):
    mapping = Mapping("account", {"account_id": "id", "name": "name", "started_on": "since", "churned": "churned"})
    typed = typing.read(warehouse.read(file, "accounts", tmp_path / "staging"), [mapping])
    read = parquet.read_table(typed.parts[0].path, use_threads=False).to_pylist()
    assert read[0] == {"row_number": 2, "account_id": "a", "name": "Arden", "started_on": date(2026, 1, 31), "churned": True}


@pytest.mark.parametrize(("make", "table", "message"), [
    (lambda path: path.write_bytes(b"SQLite format 3\0" * 400), "", "x.duckdb: it is not a DuckDB file"),
    (lambda path: path.write_bytes(b"12345678DUCK" + b"\1" * 20_000), "", "x.duckdb: it is damaged, or encrypted|newer DuckDB"),
    (lambda path: path.mkdir(), "", "x.duckdb: it holds no tables"),
    (lambda path: None, "", "there is no such file or folder"),
    (lambda path: duckdb.connect(str(path)).execute("CREATE TABLE t (a INTEGER)").close(), "t", "the table has no rows"),
    (lambda path: duckdb.connect(str(path)).execute("CREATE TABLE t (a INTEGER)").close(), "u", "there is no table 'u'. It has: t"),
])
def test_a_place_that_cannot_be_read_is_refused_in_a_sentence(tmp_path, make, table, message):
    path = tmp_path / "x.duckdb"
    make(path)
    with pytest.raises(FileRefused, match=message):
        warehouse.read(path, table, tmp_path / "staging") if table else warehouse.tables(path, tmp_path / "staging")


def test_a_file_that_a_program_is_writing_to_is_refused(file, tmp_path):
    with duckdb.connect(str(file)), pytest.raises(FileRefused, match="another program is writing to it"):
        warehouse.tables(file, tmp_path)
