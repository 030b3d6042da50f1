"""`experiment plan`, `read` and `assign`: what others script against, and each refusal."""

from __future__ import annotations

import csv
import json

import pytest
from click.testing import CliRunner

from scorecard.cli import main


def run(*args: str):
    return CliRunner().invoke(main, ["experiment", *args])


def test_a_plan_has_the_promised_keys_and_the_published_size():
    said = json.loads(run("plan", "--base", "0.85", "--to", "90%", "--json").stdout)
    assert set(said) >= {"per_arm", "power", "alpha", "formula"} and (said["per_arm"], said["power"], said["alpha"]) == (683, 0.8, 0.05)
    assert "unpooled" in said["formula"]


def test_a_plan_says_what_the_accounts_there_are_would_show_and_how_long_it_takes():
    text = run("plan", "--base", "0.85", "--to", "0.9", "--available", "812", "--volume", "40,52,47,60").stdout
    assert "With 812 units, 406 an arm, 77.4% or less or 91.3% or more would be noticed. Power for 90.0%: 58%." in text
    assert "about 28 months, 26 to 31" in text


def test_a_plan_with_looks_states_their_boundaries():
    said = json.loads(run("plan", "--base", "0.85", "--to", "0.9", "--looks", "0.5,1", "--json").stdout)
    assert [round(one["z"], 3) for one in said["looks"]] == [2.963, 1.969]


def test_a_reading_has_exactly_the_promised_keys_and_b_minus_a():
    said = json.loads(run("read", "--a", "425/500", "--b", "452/500", "--json").stdout)
    assert set(said) == {"a", "b", "difference", "lower", "upper", "p", "method", "sample_ratio", "sentence"}
    assert said["difference"] == pytest.approx(said["b"] - said["a"]) == pytest.approx(0.054)
    assert (round(said["lower"], 4), round(said["upper"], 4)) == (0.0133, 0.0949) and said["sample_ratio"] == {"p": 1.0, "warning": False}


def test_arms_that_lost_units_on_one_side_are_warned_of():
    said = json.loads(run("read", "--a", "425/500", "--b", "452/600", "--json").stdout)
    assert said["sample_ratio"]["warning"] is True and "find out why" in said["sentence"]
    assert not json.loads(run("read", "--a", "800/1000", "--b", "425/500", "--split", "2:1", "--json").stdout)["sample_ratio"]["warning"]


def test_a_look_before_the_end_is_said_to_decide_nothing():
    assert "A look before that decides nothing" in run("read", "--a", "80/100", "--b", "95/100", "--planned", "683").stdout
    said = json.loads(run("read", "--a", "300/350", "--b", "330/350", "--planned", "683", "--looks", "0.5", "--json").stdout)
    assert said["decision"]["boundary"] > 2.9
    early = run("read", "--a", "425/500", "--b", "452/500", "--planned", "683", "--looks", "0.5").stdout
    assert "73% of the size agreed is in: z is 2.600, 2.395 has to be passed." in early and "is reached" not in early


def test_every_row_gets_an_arm_in_a_file_that_can_be_kept(tmp_path):
    path, out = tmp_path / "accounts.csv", tmp_path / "arms.csv"
    path.write_text("account,segment\n" + "".join(f"A{i},{'Small' if i % 3 else 'Large'}\n" for i in range(60)), "utf-8")
    done = run("assign", str(path), "--id", "account", "--by", "segment", "--seed", "talk", "--out", str(out))
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert "60 units in 2 strata" in done.stdout and sum(row["arm"] == "a" for row in rows) == 30
    assert sum(row["arm"] == "a" for row in rows if row["stratum"] == "Large") == 10


@pytest.mark.parametrize(("args", "status", "words"), [
    (("plan", "--base", "0.85"), 2, "Give --to"), (("plan", "--base", "85", "--to", "90"), 2, "Write 0.85 or 85%"),
    (("plan", "--base", "0.9", "--to", "0.9"), 1, "nothing to notice"), (("read", "--a", "425", "--b", "4/5"), 2, "425/500"),
    (("read", "--a", "6/5", "--b", "4/5"), 1, "Arm a: 6 of 5"), (("read", "--a", "4/5", "--b", "4/5", "--split", "1"), 2, "Write 1:1"),
    (("plan", "--base", "0.8", "--to", "0.9", "--looks", "1,0.5"), 1, "rise to at most 1"),
    (("plan", "--base", "0.8", "--to", "0.9", "--looks", "0.5"), 2, "the last look is the whole size"),
    (("read", "--a", "425/500", "--b", "452/500", "--looks", "0.5"), 2, "with --planned too"),
    (("read", "--a", "425/500", "--b", "452/500", "--planned", "683", "--looks", "0.8"), 2, "cannot lie before this one, at 73%"),
    (("assign", "units.csv", "--id", "id", "--seed", " ", "--out", "o.csv"), 2, "they repeat the same arms")])
def test_a_call_that_cannot_be_answered_says_what_to_change(args, status, words):
    done = run(*args)
    assert done.exit_code == status and words in " ".join(done.stderr.split()), done.stderr
