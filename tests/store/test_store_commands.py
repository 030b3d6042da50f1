"""`backup`, `restore` and `audit` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scorecard import places
from scorecard.cli import main
from scorecard.store.engine import open_store


def command(*words: str) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def said(*words: str) -> dict:
    result = command(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def change(sql: str) -> None:
    store = open_store(places.state_place(), places.facts_place())
    store.write(lambda tx: tx.run(sql), "x")
    store.close()


def test_a_backup_says_where_it_is_and_that_it_was_opened(tmp_path):
    result = command("backup")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Backup {tmp_path / 'backups'}")
    assert "Opened and compared." in result.stdout


def test_a_drill_says_that_the_backup_can_be_restored():
    result = command("backup", "--drill")
    assert (result.exit_code, "It can be restored." in result.stdout) == (0, True)


def test_a_backup_is_listed_and_restored():
    made = said("backup")
    change("DELETE FROM slot")
    assert made["path"] in command("restore").stdout
    result = command("restore", made["path"], "--yes")
    assert (result.exit_code, "Kept what was there" in result.stdout) == (0, True)
    store = open_store(places.state_place(), places.facts_place())
    with store.read() as tx:
        assert tx.one("SELECT COUNT(*) FROM slot")[0] == made["tables"]["state.duckdb"]["slot"]
    store.close()


def test_a_restore_asks_first_and_no_means_nothing_changes():
    made = said("backup")
    result = CliRunner().invoke(main, ["restore", made["path"]], input="n\n")
    assert result.exit_code == 1
    assert not list(Path(places.state_place()).parent.glob("*.replaced-*"))


def test_a_restore_while_the_store_is_open_is_refused_on_standard_error():
    made = said("backup")
    store = open_store(places.state_place(), places.facts_place())
    result = command("restore", made["path"], "--yes")
    store.close()
    assert (result.exit_code, result.stdout) == (1, "")
    assert "is in use by" in result.stderr


def test_without_a_backup_the_list_says_how_to_make_one():
    assert "Make one with: python -m scorecard backup" in command("restore").stdout


def test_an_audit_that_holds_prints_its_head():
    verdict = said("audit")
    assert verdict["ok"] and verdict["head"]["hash"] in command("audit").stdout


def test_an_audit_that_was_tampered_with_is_refused_and_the_newest_backup_is_named():
    made = said("backup")
    change("UPDATE audit SET actor = 'Somebody Else' WHERE seq = 2")
    result = command("audit")
    assert result.exit_code == 1
    assert "Audit row 2 was changed after it was written." in result.stderr
    assert f"python -m scorecard restore {made['path']}" in result.stderr


@pytest.mark.parametrize("place", ["state.duckdb", "facts.duckdb"])
def test_a_file_that_is_no_database_is_one_plain_line(tmp_path, place):
    (tmp_path / place).write_bytes(b"no database at all")
    result = command("audit")
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.strip().splitlines()) == 1
    assert f"{place} is not a DuckDB database" in result.stderr
