"""`funnel FILE`: its JSON, its table, and each refusal with its exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from scorecard.cli import main
from scorecard.intake import parser, reader

KEYS = {"group", "n", "rate", "wilson", "limits_95", "limits_998", "outside_95", "outside_998", "smallest_noticeable", "verdict"}
ROWS = ("Zed,36,40", "ann,30,40", "Bob,35,40", "Cyd,39,40", "Dee,38,40", "Eve,37,40")


@pytest.fixture(autouse=True)
def read_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child that opens files is another suite's matter."""
    monkeypatch.setattr(reader, "ask_child", lambda module, job, limits, *more: json.loads(json.dumps(
        parser.parse(Path(job["path"]), job["kind"], Path(job["out"]), limits, job["choices"]))))


def run(folder: Path, rows: tuple[str, ...], *args: str, head: str = "group,numerator,denominator"):
    path = folder / "people.csv"
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return CliRunner().invoke(main, ["funnel", str(path), *args])


def test_the_json_has_the_promised_keys_and_groups_in_alphabetical_order(tmp_path):
    said = json.loads(run(tmp_path, ROWS, "--json").stdout)
    assert set(said) >= {"pooled", "groups", "dispersion", "anom", "sentence"} and set(said["dispersion"]) >= {"phi", "tau2"} and set(said["anom"]) == {"h", "limits"}
    assert [one["group"] for one in said["groups"]] == ["ann", "Bob", "Cyd", "Dee", "Eve", "Zed"] == list(said["anom"]["limits"])
    assert all(set(one) >= KEYS for one in said["groups"]) and said["pooled"] == pytest.approx(215 / 240)
    assert {one["verdict"] for one in said["groups"]} == {"too few accounts to tell"} and said["sentence"].startswith("Too few accounts to tell")


def test_the_table_says_the_same_and_what_a_csm_is_called(tmp_path):
    done = run(tmp_path, tuple(row.replace("40", "4000").replace(",3", ",35") for row in ROWS), "--who", "CSM")
    assert done.exit_code == 0 and "CSM" in done.stdout and "exact binomial limits" in done.stdout
    assert done.stdout.index("ann") < done.stdout.index("Zed")


def test_rates_have_poisson_limits(tmp_path):
    said = json.loads(run(tmp_path, ("A,12,8.5", "B,30,21", "C,9,10"), "--rate", "--json").stdout)
    assert "Poisson" in said["method"] and not said["comparable"] and said["groups"][0]["rate"] == pytest.approx(12 / 8.5)


@pytest.mark.parametrize("rows, args, head, status, words", [
    (("A,5,4",), (), "group,numerator,denominator", 1, "A: 5 is more than 4"),
    (("A,,4",), (), "group,numerator,denominator", 1, "row 2: nothing is not a number"),
    ((",1,4",), (), "group,numerator,denominator", 1, "row 2 names no group"),
    (("A,1,4",), (), "group,numerator,total", 1, "there is no column 'denominator'"),
    (("A,1,4",), ("--worth-noticing", "7"), "group,numerator,denominator", 2, "is no difference"),
])  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(tmp_path, rows, args, head, status, words):
    done = run(tmp_path, rows, *args, head=head)
    assert done.exit_code == status and words in " ".join(done.output.split())
