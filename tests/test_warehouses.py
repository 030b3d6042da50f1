"""Tables that a loader keeps in a DuckDB file or Parquet folder are loaded where they are, by command and as a source."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from scorecard import arrivals, jobs, sources, warehouses
from scorecard.cli import main
from scorecard.errors import FileRefused, NotAllowed, UsageError
from scorecard.worker import Worker
from tests.conftest import make_actor

TODAY = date(2026, 11, 22)
SAM = make_actor("analyst", "", "Sam Whitlock")


def fill(path: Path, prio: str = "'high'") -> Path:
    """A file as dlt leaves it: tables of facts, one of people, its own."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as con:
        con.execute(f"""CREATE TABLE tickets AS SELECT 'T1' AS ticket_id, 'A1' AS account_id, TIMESTAMP '2026-10-01 09:00:00' AS created_at,
                       CAST(NULL AS TIMESTAMP) AS solved_at, 'open' AS status, {prio} AS prio
                       UNION ALL SELECT 'T2', 'A2', TIMESTAMP '2026-10-02 09:00:00', NULL, 'open', '4'""")
        con.execute("""CREATE TABLE accounts AS SELECT 'A1' AS account_id, 'Alder' AS account_name, DATE '2025-01-10' AS signup_date
                       UNION ALL SELECT 'A2', 'Birch', DATE '2025-03-02'""")
        con.execute("CREATE TABLE colours AS SELECT 1 AS nr, 'red' AS shade")
        con.execute("CREATE TABLE _dlt_loads AS SELECT 1 AS id")
    return path


@pytest.fixture
def store(begun, read_here):
    return begun


def stored(store) -> tuple[int, int]:
    with store.facts() as tx:
        return tx.one("SELECT (SELECT COUNT(*) FROM account), (SELECT COUNT(*) FROM ticket)")


def load_now(store, source):
    return Worker(store, lambda: TODAY).do(sources.load_now(store, SAM, source).id)


def test_tables_come_in_the_order_in_which_they_need_each_other_and_others_are_passed_over(store, tmp_path):
    place = fill(tmp_path / "crm.duckdb")
    found = warehouses.look(store, SAM, place)
    assert [one.name for one in found.tables] == ["crm accounts", "crm tickets"]
    assert [one.name for one, why in found.passed if why] == ["crm colours"]
    found.close()
    assert not list(store.staging.glob("*")) and place.exists()
    with pytest.raises(FileRefused, match="no table 'ticket'. It has: accounts, colours, tickets"):
        warehouses.look(store, SAM, place, "ticket")
    with pytest.raises(NotAllowed):
        warehouses.look(store, make_actor("member"), place)


def test_a_source_that_is_a_warehouse_is_loaded_once_and_again_when_it_says_something_new(store, tmp_path):
    place = fill(tmp_path / "crm.duckdb", "'1'")
    source = sources.add(store, SAM, sources.new("Warehouse", "warehouse", str(place)))
    told = {one["file"]: one["outcome"] for one in load_now(store, source).result["files"]}
    assert told == {"crm colours": "left", "crm accounts": "loaded", "crm tickets": "waiting"} and stored(store) == (2, 0)
    ((_, waits),) = arrivals.waiting(store)
    (asked,) = waits.said["questions"]
    job = arrivals.answer(store, SAM, source.id, waits.sha256, {asked["id"]: "first"})
    assert Worker(store, lambda: TODAY).do(job.id).state == "done" and stored(store) == (2, 2)
    again = load_now(store, source)
    assert again.result["files"] == [] and again.message == "No new file. Nothing changed."
    fill(place, "'2'")
    assert [(one["file"], one["outcome"]) for one in load_now(store, source).result["files"]] == [("crm tickets", "loaded")]
    (line,) = sources.lines(store, TODAY)
    assert line.way == "DuckDB file or Parquet folder" and line.problem == "" and not list(store.staging.glob("*"))
    place.unlink()
    assert sources.lines(store, TODAY)[0].problem.endswith("crm.duckdb is not there.")
    assert jobs.show(store, load_now(store, source).id).state == "failed"


def test_a_warehouse_needs_its_place(store):
    with pytest.raises(UsageError, match="--warehouse PATH"):
        sources.add(store, SAM, sources.new("Warehouse", "warehouse"))


def test_the_command_loads_what_is_sure_and_writes_a_map_for_the_rest(tmp_path, monkeypatch):
    place = fill(tmp_path / "crm.duckdb", "'1'")
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke(main, ["load", "--warehouse", str(place)])
    assert run.exit_code == 1 and "crm accounts: 2 rows stored (Accounts)." in run.stdout and "crm colours: passed over" in run.stdout
    assert f"--warehouse {place} --table tickets --map 'crm tickets.map.toml'" in run.stderr
    written = tmp_path / "crm tickets.map.toml"
    text = written.read_text("utf-8").replace('= ""', '= "first"')
    written.write_text(text, "utf-8")
    run = CliRunner().invoke(main, ["load", "--warehouse", str(place), "--table", "tickets", "--map", str(written), "--json"])
    told = json.loads(run.stdout)
    assert run.exit_code == 0 and [(one["file"], one["stored"]) for one in told["tables"]] == [("crm tickets", 2)]


@pytest.mark.parametrize("words, said", [
    (["--table", "tickets", "x.csv"], "--table names a table of --warehouse"),
    (["--warehouse", ".", "--source", "X"], "Name the files to load, or a source"),
])
def test_a_warehouse_is_named_alone(words, said):
    run = CliRunner().invoke(main, ["load", *words])
    assert run.exit_code == 2 and said in run.stderr
