"""`python -m scorecard assess score`: scores from a plain table, with the threshold of anonymous mode."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from scorecard.cli import main

pytestmark = pytest.mark.usefixtures("at_work")


def assess(*words: str, expect: int = 0) -> str:
    done = CliRunner().invoke(main, ["assess", *words])
    assert done.exit_code == expect, done.output
    return done.output


def run(path: Path, *words: str, expect: int = 0) -> str:
    done = CliRunner().invoke(main, ["assess", "score", str(path), *words])
    assert done.exit_code == expect, done.output
    return done.output


def table(path: Path, *rows: str, head: str = "rater,practice,level") -> Path:
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return path


def test_the_score_of_practices_and_systems_is_given_with_agreement_and_distance_to_the_target(nothing_yet, tmp_path):
    rows = [f"r{n},W1,{level}" for n, level in enumerate("12245")] + [f"r{n},W2,3" for n in range(5)]
    found = json.loads(run(table(tmp_path / "a.csv", *rows), "--target", "4", "--json"))
    first, second = found["practices"]
    assert first | {"spread": round(first["spread"], 2), "mean": round(first["mean"], 2)} == {
        "practice": "W1", "system": "work", "target": 4.0, "n": 5, "median": 2.0, "mean": 2.8, "min": 1.0, "max": 5.0,
        "spread": 1.36, "agreed": False, "hidden": False, "percent_to_target": 0.5}
    assert (second["agreed"], second["percent_to_target"]) == (True, 0.75)
    (system,) = found["systems"]
    assert (system["system"], system["n"], system["median"], system["percent_to_target"]) == ("work", 5, 2.5, 0.625)
    assert found["percent_to_target"] == 0.625


def test_without_targets_the_way_to_them_is_null(tmp_path):
    found = json.loads(run(table(tmp_path / "a.csv", "a,S1,3", "b,S1,4"), "--json"))
    assert found["percent_to_target"] is None and found["practices"][0]["percent_to_target"] is None


def test_a_target_in_the_file_comes_before_the_one_for_all(tmp_path):
    path = table(tmp_path / "a.csv", "a,S1,2,4", "a,S2,2,", head="rater,practice,level,target")
    found = json.loads(run(path, "--target", "2", "--json"))
    assert [one["percent_to_target"] for one in found["practices"]] == [0.5, 1.0]
    assert found["percent_to_target"] == pytest.approx(1 - 2 / 6)


def test_anonymous_applies_the_threshold_and_named_is_the_default(tmp_path):
    path = table(tmp_path / "a.csv", *(f"r{n},L1,{3 + n % 2}" for n in range(4)))
    assert json.loads(run(path, "--json"))["practices"][0]["n"] == 4
    hidden = json.loads(run(path, "--anonymous", "--json"))["practices"][0]
    assert hidden["hidden"] and all(hidden[key] is None for key in ("n", "median", "mean", "min", "max", "spread", "agreed"))
    assert "Hidden: under five." in run(path, "--anonymous")


def test_groups_are_scored_apart_where_their_sizes_allow(tmp_path):
    rows = [f"r{n},M1,{2 + n % 3},{'leaders' if n < 3 else 'team'}" for n in range(13)]
    path = table(tmp_path / "a.csv", *rows, head="rater,practice,level,group")
    found = json.loads(run(path, "--anonymous", "--json"))
    assert not found["practices"][0]["hidden"]
    assert found["groups"]["leaders"]["practices"][0]["hidden"] and found["groups"]["team"]["practices"][0]["hidden"]
    assert json.loads(run(path, "--json"))["groups"]["leaders"]["practices"][0]["n"] == 3


def test_dont_know_and_not_applicable_are_left_out(tmp_path):
    found = json.loads(run(table(tmp_path / "a.csv", "a,S1,4", "b,S1,", "c,S1,don't know", "d,S1,n/a", "e,S1,4"), "--json"))
    assert (found["practices"][0]["n"], found["practices"][0]["median"]) == (2, 4.0)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (["a,S1,6"], "'6' is no level from 1 to 5: row 2."),
        (["a,S1,2.5", "b,S1,x"], "'2.5' is no level from 1 to 5: row 2. 'x' is no level from 1 to 5: row 3."),
        ([",S1,3"], "no rater: row 2."),
        (["a,S1,3", "a,S1,4"], "a has two answers to S1 (the other in row 2): row 3."),
    ],
)
def test_a_row_that_cannot_be_read_is_named_with_its_rule(tmp_path, rows, sentence):
    assert sentence in run(table(tmp_path / "a.csv", *rows), expect=1)


def test_a_file_without_the_columns_says_which_it_needs(tmp_path):
    path = table(tmp_path / "a.csv", "a,3", head="rater,level")
    assert "it lacks the column practice. It needs rater, practice, level" in run(path, expect=1)


def test_an_answer_that_stands_twice_counts_once(tmp_path):
    found = json.loads(run(table(tmp_path / "a.csv", "a,S1,3", "a,S1,3", "b,S1,5"), "--json"))
    assert found["practices"][0]["n"] == 2


def test_a_cycle_is_opened_filled_from_a_file_closed_and_exported(tmp_path):
    for name in ("Ada Moss", "Bo Reed", "Cy Vale", "Di Wood"):
        assert CliRunner().invoke(main, ["member", "add", name]).exit_code == 0
    made = json.loads(assess("open", "October 2026", "--closes", "2099-10-31", "--kind", "quick", "--anonymous", "--system", "work", "--json"))
    assert (made["mode"], made["systems"], made["asked"] >= 5) == ("anonymous", ["work"], True)
    sheet = tmp_path / "sheet.csv"
    assert ": 1 question, " in assess("template", "--format", "csv", "--out", str(sheet))
    assert sheet.read_text("utf-8").startswith("rater,practice,system,title,question,1 Ad hoc,2 Started,")
    path = table(tmp_path / "answers.csv", *(f"r{n},work,{1 + n % 5}" for n in range(6)))
    assert "October 2026: answers of 6 people are in, 6 in all." in assess("import", str(path))
    assert "its answers are in October 2026 already" in assess("import", str(path), expect=1)
    assert "No cycle is closed." in assess("export", expect=2)
    assert "October 2026 is closed." in assess("close")
    told = json.loads(assess("export", "--format", "json", "--out", "-"))
    assert (told["systems"][0]["n"], told["systems"][0]["median"]) == (6, 2.5)
    assert json.loads(assess("cycles", "--json"))["cycles"][0]["state"] == "closed"
    assert f"{made['id']}  October 2026: closed, anonymous, quick" in assess("cycles")


def test_the_model_goes_out_as_a_file_and_comes_in_as_a_version_with_its_reason(tmp_path):
    path = tmp_path / "model.toml"
    assert "version 1, 70 practices, 0 differences from the shipped file" in assess("model", "export", "--out", str(path))
    changed = path.read_text("utf-8").replace("[practices.W1]\n", "[practices.W1]\nweight = 2\n")
    path.write_text(changed, "utf-8")
    done = json.loads(assess("model", "import", str(path), "--reason", "Maps decide.", "--json"))
    assert done == {"version": 2, "changes": ["W1, weight: 1 → 2"]}
    assert json.loads(assess("model", "export", "--json"))["differences"] == ["W1, weight: 1 → 2"]
    assert "Nothing is changed." in assess("model", "import", str(path), "--reason", "Again.", expect=2)
    path.write_text(changed.replace("question =", "qestion =", 1), "utf-8")
    assert "did you mean 'question'?" in assess("model", "import", str(path), "--reason", "Odd.", expect=1)
