"""Logistic regression against the printed answers of R's glm and logistf and of statsmodels, each with its source beside it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from scorecard.cli import main
from scorecard.core import calibration, logistic

FOLDER = Path(__file__).parent / "logistic"


def load(name: str) -> dict:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


def table(case: dict) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names, matrix with the intercept first, and outcome."""
    if "patterns" in case:
        lines = [line.split() for line in case["patterns"].split("\n") if line]
        rows = np.repeat([[int(outcome), *map(int, cells)] for outcome, cells, _ in lines], [int(count) for *_, count in lines], axis=0)
        names, x, y = case["names"], rows[:, 1:], rows[:, 0]
    else:
        data = dict(case["data"])
        y = np.array(data.pop("outcome"))
        names, x = list(data), np.column_stack(list(data.values()))
    return ["(Intercept)", *names], np.column_stack([np.ones(len(y)), x]).astype(float), y.astype(float)


def agrees(actual: float, printed: str) -> bool:
    return abs(actual - float(printed)) <= 0.51 * 10.0 ** -len(printed.partition(".")[2])


ANSWERS = [(name, method) for name in ("endometrial", "sex2", "mtcars") for method in ("firth", "ml") if method in load(name)]


@pytest.mark.parametrize(("name", "method"), ANSWERS)
def test_every_printed_digit_of_r_is_met(name: str, method: str) -> None:
    case = load(name)
    names, x, y = table(case)
    asked = logistic.problem(x, y, method)
    found = logistic.fit(asked)
    infinite = logistic.separated(x, y)
    if method == "ml" and infinite.any():
        found = logistic.without_infinite(asked, found, infinite)
    inferred = logistic.infer(asked, found)
    ours = {"coef": found.coef, "se": found.se, "lower": inferred.lower, "upper": inferred.upper, "p": inferred.p}
    wrong = {(key, term): ours[key][names.index(term)] for key in ours for term, printed in case[method].get(key, {}).items()
             if not agrees(ours[key][names.index(term)], printed)}
    assert wrong == {}
    once = {"log_likelihood": found.log_likelihood, "deviance": -2 * found.log_likelihood, "statistic": logistic.whole(asked, found)[0]}
    for key, value in once.items():
        assert agrees(value, case[method].get(key, f"{value:.4f}"))


@pytest.mark.parametrize("name", ["endometrial", "sex2", "mtcars"])
def test_separation_is_found_where_it_is_and_nowhere_else(name: str) -> None:
    case = load(name)
    names, x, y = table(case)
    assert [one for one, yes in zip(names, logistic.separated(x, y)) if yes] == case["separated"]


def test_maximum_likelihood_on_real_customers_agrees_with_statsmodels_to_six_digits(shared_data: Path) -> None:
    case = load("telco")
    file = shared_data / "telco-ibm" / "Telco-Customer-Churn.csv"
    predictors = "tenure,MonthlyCharges,TotalCharges,Contract,SeniorCitizen,InternetService,PaymentMethod,Partner"
    done = CliRunner().invoke(main, ["drivers", str(file), "--outcome", "Churn", "--predictors", predictors, "--method", "ml", "--json"])
    said = json.loads(done.stdout)
    terms = {term["name"]: term for term in said["terms"]}
    assert (said["n"], said["events"], said["dropped"], said["verdict"]) == (case["n"], case["events"], 11, "evidence")
    assert set(terms) == set(case["terms"])
    for name, (coef, se) in case["terms"].items():
        assert terms[name]["coef"] == pytest.approx(float(coef), rel=1e-7), name
        assert terms[name]["se"] == pytest.approx(float(se), rel=1e-7), name
    assert said["log_likelihood"] == pytest.approx(float(case["log_likelihood"]), rel=1e-10)
    assert said["lr"]["statistic"] == pytest.approx(float(case["statistic"]), rel=1e-10) and said["lr"]["df"] == case["df"]


def test_the_area_under_the_curve_and_its_interval_are_those_that_stata_prints_for_hanley_and_mcneil() -> None:
    """J. A. Hanley and B. J. McNeil, Radiology 143 (1982), table 1; Stata manual, roctab: 0.8932, 0.83295 to 0.95339 (DeLong)."""
    ratings = np.repeat([1, 2, 3, 4, 5, 1, 2, 3, 4, 5], [33, 6, 6, 11, 2, 3, 2, 2, 11, 33])
    found = calibration.auc(ratings.astype(float), np.repeat([0.0, 1.0], [58, 51]))
    assert [round(x, 5) for x in (found.lower, found.upper)] == [0.83295, 0.95339]
    assert round(found.value, 4) == 0.8932
