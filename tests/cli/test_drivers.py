"""`drivers FILE`: its JSON, its table, how a file is understood, and each refusal with its exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from scorecard.cli import main
from scorecard.intake import parser, reader
from tests.core.test_drivers import make_rows

@pytest.fixture(autouse=True)
def read_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child that opens files is another suite's matter."""

    def answer(module: str, job: dict, limits, *more) -> dict:
        return json.loads(json.dumps(parser.parse(Path(job["path"]), job["kind"], Path(job["out"]), limits, job["choices"])))

    monkeypatch.setattr(reader, "ask_child", answer)


KEYS = {"n", "events", "method", "converged", "separation", "collinear", "log_likelihood", "lr", "terms", "auc", "calibration", "verdict", "sentence"}


def write(folder: Path, rows: int = 400, words: tuple[str, str] = ("no", "yes"), usage=str) -> str:
    happened, cells = make_rows(rows)
    lines = [f"{words[one]},{usage(cells['usage'][i])},{cells['sponsor'][i]},A{i}" for i, one in enumerate(happened)]
    path = folder / "accounts.csv"
    path.write_text("\n".join(["Churned,Usage,Sponsor,Account", *lines]) + "\n", "utf-8")
    return str(path)


def run(*args: str):
    return CliRunner().invoke(main, ["drivers", *args])


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(tmp_path_factory.mktemp("drivers"))


def test_the_json_has_the_promised_keys_and_terms(file):
    done = run(file, "--outcome", "churned", "--predictors", "Usage, sponsor", "--json")
    said = json.loads(done.stdout)
    assert done.exit_code == 0 and set(said) >= KEYS and (said["method"], said["verdict"], said["converged"]) == ("firth", "evidence", True)
    assert [one["name"] for one in said["terms"]] == ["(Intercept)", "Usage", "Sponsor: left"]
    assert set(said["terms"][1]) >= {"name", "coef", "se", "odds_ratio", "lower", "upper", "p"}
    assert said["terms"][2]["reference"] == "here" and set(said["lr"]) == {"statistic", "df", "p"} and set(said["auc"]) == {"value", "lower", "upper"}
    assert said["beside"]["method"] == "ml"


@pytest.mark.parametrize("words", [("0", "1"), ("No", "YES"), ("False", "True")])
def test_an_outcome_may_be_written_in_three_ways(tmp_path, file, words):
    usual = json.loads(run(file, "--outcome", "Churned", "--predictors", "Usage", "--json").stdout)
    same = json.loads(run(write(tmp_path, words=words), "--outcome", "Churned", "--predictors", "Usage", "--json").stdout)
    assert same == usual


def test_numbers_are_understood_as_people_write_them(tmp_path):
    path = write(tmp_path, usage=lambda x: f'"{x:.2f} %"'.replace(".", ","))
    said = json.loads(run(path, "--outcome", "Churned", "--predictors", "Usage", "--json", "--per", "usage=10%").stdout)
    assert [one["name"] for one in said["terms"]] == ["(Intercept)", "Usage"] and 0.5 < said["terms"][1]["odds_ratio"] < 0.75


def test_the_table_shows_odds_their_interval_and_what_they_are_compared_with(file):
    text = run(file, "--outcome", "Churned", "--predictors", "Usage,Sponsor", "--bins", "Usage=4").stdout
    assert "Sponsor: left" in text and "Compared with: Usage below" in text and "Telling apart (AUC)" in text and "predicted" in text


def test_without_evidence_no_driver_is_listed(shared_data):
    path = str(shared_data / "ravenstack" / "ravenstack_accounts.csv")
    text = run(path, "--outcome", "churn_flag", "--predictors", "plan_tier,seats,is_trial").stdout
    assert text.startswith("No evidence: with 110 cases of churn_flag in 500 rows") and "Odds ratio" not in text
    said = json.loads(run(path, "--outcome", "churn_flag", "--predictors", "plan_tier,seats,is_trial,referral_source,industry", "--json").stdout)
    assert said["verdict"] == "no evidence" and said["lr"]["p"] > 0.05 and said["ranking"] == []


def test_a_table_with_one_loss_is_refused_in_words_and_in_json(tmp_path):
    path = tmp_path / "one.csv"
    path.write_text("churn,usage\n" + "".join(f"{int(i == 3)},{i % 9}\n" for i in range(60)), "utf-8")
    done = run(str(path), "--outcome", "churn", "--predictors", "usage", "--json")
    said = json.loads(done.stdout)
    assert done.exit_code == 1 and said["verdict"] == "refused" and said["events"] == 1 and said["terms"] == []
    assert "1 case of churn among 60 rows" in said["sentence"] and "1 case of churn" in done.stderr


@pytest.mark.parametrize(("args", "status", "words"), [
    (("--outcome", "Churn", "--predictors", "Usage"), 1, "there is no column 'Churn'. Did you mean 'Churned'?"),
    (("--outcome", "Sponsor", "--predictors", "Usage"), 1, "row 2: 'here' is no outcome (Sponsor)"),
    (("--outcome", "Churned", "--predictors", "Churned"), 1, "cannot be a predictor too"),
    (("--outcome", "Churned", "--predictors", "Account"), 1, "400 different texts"),
    (("--outcome", "Churned", "--predictors", " , "), 2, "name at least one column"),
    (("--outcome", "Churned", "--predictors", "Usage", "--bins", "Usage=1"), 2, "from 2 to 20"),
    (("--outcome", "Churned", "--predictors", "Usage", "--per", "Usage=0"), 2, "not a step above 0"),
    (("--outcome", "Churned", "--predictors", "Sponsor", "--bins", "Sponsor=3"), 2, "column of texts"),
    (("--outcome", "Churned", "--predictors", "Usage", "--per", "Sponsor=3"), 2, "one of: Usage"),
    (("--outcome", "Churned", "--predictors", "Usage", "--reference", "Usage=3"), 2, "no text to compare with")])
def test_a_call_that_cannot_be_answered_says_what_to_change(file, args, status, words):
    done = run(file, *args)
    assert done.exit_code == status and words in " ".join(done.stderr.split()), done.stderr


def test_a_text_among_numbers_is_refused_and_not_guessed(tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text("churn,usage\n" + "".join(f"{i % 2},{'n/a' if i == 4 else i}\n" for i in range(60)), "utf-8")
    done = run(str(path), "--outcome", "churn", "--predictors", "usage")
    assert done.exit_code == 1 and "row 6: 'n/a' is not a number (usage)" in done.stderr


def test_figures_too_large_to_compute_with_are_refused_and_not_called_no_evidence(tmp_path):
    path = tmp_path / "huge.csv"
    path.write_text("churn,usage\n" + "".join(f"{i % 2},{1 + i}e300\n" for i in range(60)), "utf-8")
    done = run(str(path), "--outcome", "churn", "--predictors", "usage")
    assert done.exit_code == 1 and "'usage' has figures beyond 1e+100" in done.stderr and "No evidence" not in done.stdout
