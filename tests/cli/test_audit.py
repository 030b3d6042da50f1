"""`audit` on the command line: every row to a file that somebody else can verify, and the row of a mark."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import openpyxl
import pytest

from scorecard import places
from scorecard.store import audit
from tests import stores
from tests.store.test_store_commands import change, command, said
from tests.test_auditing import verified


@pytest.fixture(autouse=True)
def files(beginning, tmp_path) -> None:
    stores.copied(beginning, tmp_path)


def test_every_row_is_written_page_by_page_and_holds_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(audit, "PAGE", 20)
    place = tmp_path / "out" / "audit.jsonl"
    place.parent.mkdir()
    written = said("audit", "--file", place)
    rows = said("audit")["rows"]
    status, words = verified(place, written["head"]["hash"])
    assert (status, written["rows"]) == (0, rows) and words.startswith(f"{rows} rows hold, 1 to {rows}.") and rows > 20
    assert stat.S_IMODE(place.stat().st_mode) == 0o600 and [one.name for one in place.parent.iterdir()] == ["audit.jsonl"]


def test_csv_and_excel_hold_the_same_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(audit, "PAGE", 25)
    rows = said("audit", "--file", tmp_path / "a.csv")["rows"]
    assert said("audit", "--file", tmp_path / "a.xlsx")["rows"] == rows
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        numbers = [line[0] for line in csv.reader(file)]
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Audit"]
    assert numbers == ["seq", *map(str, range(1, rows + 1)), str(rows)] and [cell.value for cell in sheet["A"]] == ["seq", *range(1, rows + 1)]


@pytest.mark.parametrize(("name", "words"), [("audit.pdf", "ends in none of .jsonl, .csv, .xlsx"), ("no/such/folder/audit.csv", "cannot be written")])
def test_a_file_that_cannot_be_is_refused_in_words_and_leaves_nothing(tmp_path, name, words):
    result = command("audit", "--file", tmp_path / name)
    assert result.exit_code == 2 and words in result.stderr and not list(tmp_path.glob("**/*audit.*"))


def test_the_head_of_a_pack_is_found():
    head = said("audit")["head"]
    found = command("audit", "--mark", head["hash"][:9])
    assert found.exit_code == 0 and found.stdout.startswith(f"Row {head['seq']:,} of ") and head["hash"] in found.stdout
    assert said("audit", "--mark", head["hash"])["seq"] == head["seq"]
    assert command("audit", "--mark", "f" * 20).exit_code == 2


def test_a_backup_of_a_store_whose_audit_does_not_hold_says_so():
    change("UPDATE audit SET actor = 'Somebody Else' WHERE seq = 2")
    made = command("backup")
    assert made.exit_code == 0 and "The audit did not hold when it was made: Audit row 2 was changed" in made.stderr
    assert "but its audit did not hold" in command("restore").stdout and Path(places.state_place()).exists()
