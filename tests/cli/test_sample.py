"""The command `sample`, and how every command says that it was refused or called wrongly."""

from __future__ import annotations

import json
from functools import partial

import pytest
from click.testing import CliRunner, Result

from scorecard import larkfield, places, sample
from scorecard.cli import main
from tests import stores
from tests.endurance import in_full_only

PEOPLE = len(sample.read_company(sample.FOLDER / sample.COMPANY).people)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_the_sample_is_loaded_and_removed_by_one_command_each(monkeypatch, tmp_path):
    """With three of its exports; what the whole of it says is below."""
    stores.make_small(small := tmp_path)
    monkeypatch.setattr(sample, "load", partial(sample.load, folder=small))
    loaded = run("sample", "--json")
    assert (loaded.exit_code, loaded.stderr) == (0, "")
    said = json.loads(loaded.stdout)
    assert (said["name"], said["people"]) == ("Larkfield", PEOPLE) and said["facts"] > 2_000
    assert json.loads(run("sample", "--remove", "--json").stdout) == {"removed": "Larkfield"}


def test_the_whole_sample_is_said_to_be_there_and_goes_by_one_command(monkeypatch, company, tmp_path):
    folder = stores.copied(company, tmp_path / "company")
    monkeypatch.setenv(places.STATE, str(folder / "state.duckdb"))
    monkeypatch.setenv(places.FACTS, str(folder / "facts.duckdb"))
    said = json.loads((folder / stores.SAID).read_text("utf-8"))
    assert (said["name"], said["measures"], said["people"]) == ("Larkfield", len(sample.read_measures()), PEOPLE)
    assert said["facts"] > 100_000 and said["figures"] > 1_500
    again = run("sample")
    assert (again.exit_code, again.stdout) == (1, "") and "loaded already" in again.stderr
    removed = run("sample", "--remove", "--json")
    assert json.loads(removed.stdout) == {"removed": "Larkfield"}
    assert run("sample", "--remove").exit_code == 1


@in_full_only
def test_the_files_are_written_where_the_definitions_are(monkeypatch, tmp_path):
    monkeypatch.setattr(places, "data_folder", lambda: tmp_path)
    written = run("sample", "--write", "--json")
    said = json.loads(written.stdout)
    assert said["seed"] == larkfield.SEED
    assert said["files"][:4] == ["figures.csv", "drawn.csv", "facts.toml", "actions.toml"] and len(said["files"]) == 17
    assert all((tmp_path / "sample" / name).exists() for name in said["files"])


@pytest.mark.parametrize("arguments", [
    ("sample", "--remove", "--write"), ("sample", "--removed"), ("smaple",), ("chart",), ("chart", "x.csv", "--rules", "none")])
def test_a_wrong_call_ends_with_status_2_and_says_so_on_standard_error(arguments):
    result = run(*arguments)
    assert result.exit_code == 2 and result.stdout == "" and "Error: " in result.stderr


def test_a_refusal_ends_with_status_1_and_no_traceback(tmp_path):
    result = run("chart", str(tmp_path / "missing.csv"))
    assert result.exit_code == 1 and result.stdout == ""
    assert "Traceback" not in result.stderr and "missing.csv" in result.stderr


def test_a_database_that_cannot_be_made_is_refused_in_plain_words(monkeypatch):
    monkeypatch.setenv(places.STATE, "/proc/nowhere/state.duckdb")
    result = run("sample")
    assert result.exit_code == 1 and "Traceback" not in result.stderr and "/proc/nowhere" in result.stderr


@pytest.mark.parametrize("name", main.commands)
def test_every_command_explains_itself(name):
    result = run(name, "--help")
    assert result.exit_code == 0 and len(result.stdout.splitlines()) > 4


def test_an_empty_setting_is_no_setting(monkeypatch):
    for name in (places.STATE, places.FACTS, places.MEASURES):
        monkeypatch.setenv(name, "")
    assert places.state_place() == str(places.ROOT / "data" / "state.duckdb")
    assert places.facts_place() == str(places.ROOT / "data" / "facts.duckdb")
    assert places.measures_file() == places.ROOT / "data" / "measures.toml"
