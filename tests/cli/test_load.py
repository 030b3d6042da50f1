"""`python -m scorecard load`: what it prints, what it refuses, what it leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scorecard import places
from scorecard.cli import load as load_command
from scorecard.cli import main
from tests.cli import conftest

pytestmark = pytest.mark.usefixtures("at_work")
HEAD = "measure,period,value\n"
GOOD = HEAD + "renewal_rate,2026-09,0.9\nrenewal_rate,2026-10,0.91\n"


def run(*args: str) -> Result:
    return CliRunner().invoke(main, ["load", *args], catch_exceptions=False)


def make_file(folder: Path, content: str, name: str = "figures.csv") -> str:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return str(path)


def stored() -> tuple[int, int]:
    """(figures, loads) in the store of this test."""
    return conftest.stored("SELECT (SELECT COUNT(*) FROM figure), (SELECT COUNT(*) FROM load)")[0]


def test_yes_shows_what_was_understood_and_stores_it(nothing_yet, tmp_path):
    result = run(make_file(tmp_path, GOOD), "--yes")
    assert result.exit_code == 0, result.output
    assert "Comma, UTF-8. All 2 rows have 3 fields." in result.stdout
    assert "figures.csv: 2 new, 0 changed, 0 known already, 0 refused" in result.stdout
    assert result.stdout.endswith("figures.csv: 2 figures stored.\n")
    assert stored() == (2, 1)


def test_the_same_file_twice_succeeds_and_changes_nothing(tmp_path):
    file = make_file(tmp_path, GOOD)
    run(file, "--yes")
    result = run(file, "--yes")
    assert (result.exit_code, stored()) == (0, (2, 1))
    assert "nothing new, nothing changed. Known already: 2 figures." in result.stdout


def test_in_a_pipe_nothing_is_stored_without_yes(tmp_path):
    result = run(make_file(tmp_path, GOOD))
    assert (result.exit_code, stored()) == (1, (0, 0))
    assert "2 new" in result.stdout and "Nothing is stored. Use --yes" in result.stderr


@pytest.mark.parametrize("content, told", [
    ("", "the file is empty"), (HEAD, "it holds column names and no rows"), ("value\n1\n", "only one column was found"),
    (GOOD + "renewal_rate,2026-08,n/a\n", "row 4: 'n/a' is not a number (value). Nothing is stored. 2 of 3 figures are in order."),
    (GOOD + "renewal_rate,soon,0.9\n", "row 4: 'soon' is not a date or period (period)"),
    (GOOD + "renewal_rate,2026-10,0.8\n", "rows 3 and 4 say 91% and 80%"),
    ("measure,period,numerator,denominator\nrenewal_rate,2026-10,9,8\n", "row 2: numerator 9 above denominator 8 (Renewal rate)"),
    (GOOD + "renewal_rate,2026-Q3,0.8\n", "mixed grains: row 2 is a month, row 4 is a quarter"),
    (GOOD + "renewal_rat,2026-08,0.8\n", "measure 'renewal_rat' is not in the definitions. Did you mean 'renewal_rate'?"),
    (HEAD + "renewal_rate,01/02/2026,0.9\n", "Say it with --dates."),
    (HEAD + "renewal_rate,2026-09,0.9\nrenewal_rate,2026-10,91\n", "Say it with --units renewal_rate=."),
    (HEAD + "renewal_rate,2026-10-01,1\nrenewal_rate,2026-10-02,1\nrenewal_rate,2026-10-03,1\n", "the figures are daily. Roll them up"),
])
def test_bad_input_gets_a_clear_error_status_1_and_nothing_half_loaded(tmp_path, content, told):
    result = run(make_file(tmp_path, content), "--yes")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: figures.csv: ") and told in result.stderr
    assert stored() == (0, 0)


def test_a_missing_file_is_status_1_and_a_wrong_call_is_status_2(tmp_path):
    assert run(str(tmp_path / "gone.csv"), "--yes").exit_code == 1
    assert run().exit_code == 2
    assert run(make_file(tmp_path, GOOD), "--units", "tons").exit_code == 2
    assert run(make_file(tmp_path, GOOD), "--dates", "backwards").exit_code == 2


@pytest.mark.parametrize("content, options", [
    (HEAD + "renewal_rate,01/02/2026,0.9\nrenewal_rate,01/03/2026,0.9\n", ["--dates", "day-first"]),
    (HEAD + "renewal_rate,2026-09,0.9\nrenewal_rate,2026-10,91\n", ["--units", "renewal_rate=percent"]),
    (HEAD + "renewal_rate,2026-09-03,0.9\nrenewal_rate,2026-09-09,0.9\nrenewal_rate,2026-09-30,0.9\n", ["--grain", "week"]),
    ("month;Expansion revenue\n2026-09;1.210\n2026-10;900\n", ["--decimal", "comma"]),
    ("period,value\n2026-09,0.9\n2026-10,0.9\n", ["--measure", "renewal_rate"]),
    ("month,Login rate (%)\n2026-09,50\n2026-10,60\n", ["--define"]),
    (GOOD + "renewal_rate,soon,0.9\n", ["--leave-out"]),
])
def test_an_option_settles_what_a_file_leaves_open(tmp_path, content, options):
    file = make_file(tmp_path, content)
    assert run(file, "--yes").exit_code == 1
    result = run(file, "--yes", *options)
    assert result.exit_code == 0, result.stderr
    assert stored()[0] >= 2


def test_each_of_several_files_is_stored_as_a_whole_or_not_at_all(tmp_path):
    good, bad = make_file(tmp_path, GOOD, "good.csv"), make_file(tmp_path, HEAD + "renewal_rate,2026-08,x\n", "bad.csv")
    result = run(bad, good, "--yes")
    assert result.exit_code == 1
    assert "bad.csv: row 2: 'x' is not a number" in result.stderr and "good.csv: 2 figures stored." in result.stdout
    assert stored() == (2, 1)


def test_json_is_one_object_with_what_was_understood_and_done(tmp_path):
    result = run(make_file(tmp_path, GOOD), "--yes", "--json")
    told = json.loads(result.stdout)
    assert [(one["file"], one["new"], one["stored"], one["accepted"]) for one in told["files"]] == [("figures.csv", 2, 2, True)]
    assert told["errors"] == []


def test_json_without_yes_stores_nothing_and_says_so(tmp_path):
    result = run(make_file(tmp_path, GOOD), "--json")
    assert (result.exit_code, stored()) == (1, (0, 0))
    assert "Use --yes" in json.loads(result.stdout)["errors"][0]


def test_the_limits_of_the_command_line_are_its_own_and_can_be_set(tmp_path, monkeypatch):
    assert load_command.limits().rows == 10_000_000
    monkeypatch.setenv("SCORECARD_LOAD_ROWS", "1")
    result = run(make_file(tmp_path, GOOD), "--yes")
    assert result.exit_code == 1 and "more than 1 rows" in result.stderr
    monkeypatch.setenv("SCORECARD_LOAD_ROWS", "many")
    assert run(make_file(tmp_path, GOOD), "--yes").exit_code == 2


def test_a_file_that_changed_since_it_was_shown_is_not_stored(store, leader, tmp_path, monkeypatch):
    from dataclasses import asdict
    from datetime import date

    from scorecard.errors import FileRefused
    from scorecard.store import definitions

    definitions.record_file(store, places.measures_file(), "test")
    path = make_file(tmp_path, GOOD)
    args = (store, leader, date(2026, 11, 22), path, asdict(load_command.limits()), {})
    shown = load_command.load_file(*args)
    make_file(tmp_path, GOOD.replace("0.91", "0.1"))
    with pytest.raises(FileRefused, match="it has changed since it was shown"):
        load_command.load_file(*args, accept=True, sha256=shown["sha256"])
    assert not list(store.staging.glob("*"))
