"""What goes with an outcome: what is said, what is refused, what is left out, and that nothing is ranked without evidence."""

from __future__ import annotations

import json
import math
import re
import time

import numpy as np
import pytest
from scipy.optimize import minimize

from scorecard.core import drivers, logistic
from scorecard.core.drivers import Predictor, study
from scorecard.errors import StudyRefused
from tests.endurance import in_full_only

CAUSAL = re.compile(r"\b(cause[sd]?|causing|because|leads? to|due to|drive[sn]?|effects?|impact|results? in|makes?)\b")


def make_rows(n: int = 600, seed: int = 7) -> tuple[list[bool], dict[str, list]]:
    """Accounts whose outcome goes with `usage` (fewer lost) and `sponsor` (left: more lost), and not with `noise`."""
    rng = np.random.default_rng(seed)
    usage, noise = rng.normal(50, 15, n), rng.normal(size=n)
    left = rng.random(n) < 0.3
    chance = 1 / (1 + np.exp(1.5 + 0.05 * (usage - 50) - 1.2 * left))
    cells = {"usage": usage.tolist(), "noise": noise.tolist(), "sponsor": ["left" if one else "here" for one in left]}
    return (rng.random(n) < chance).tolist(), cells


def predictors(cells: dict[str, list], **more) -> list[Predictor]:
    return [Predictor(name, values, **more.get(name, {})) for name, values in cells.items()]


def term(found: drivers.Study, name: str) -> drivers.Term:
    return next(one for one in found.terms if one.name == name)


def test_what_was_planted_is_found_and_said_without_a_causal_word():
    happened, cells = make_rows()
    found = study("churn", happened, predictors(cells))
    assert found.verdict == "evidence" and set(found.ranking) == {"usage", "sponsor: left"}
    assert term(found, "usage").odds_ratio < 1 < term(found, "sponsor: left").odds_ratio
    assert not term(found, "noise").clear and "noise" not in found.sentence
    assert "most clearly" in found.sentence and "Association, not proof" in found.sentence
    said = " ".join([found.sentence, *found.notices, *(drivers.in_words(one, "churn") for one in found.terms)])
    assert not CAUSAL.search(said), CAUSAL.search(said)


def test_without_evidence_nothing_is_ranked_and_the_sentence_says_why():
    happened, cells = make_rows()
    np.random.default_rng(3).shuffle(happened)
    found = study("churn", happened, predictors(cells))
    assert (found.verdict, found.ranking) == ("no evidence", ())
    assert found.sentence.startswith("No evidence: with ") and "likelihood-ratio test of the whole model, p = " in found.sentence
    assert "No driver is ranked" in found.sentence


@in_full_only
@pytest.mark.parametrize("method", ["firth", "ml"])
def test_by_chance_alone_a_model_passes_about_one_time_in_twenty(method):
    rng = np.random.default_rng(11)
    passed = [study("churn", (rng.random(300) < 0.2).tolist(), [Predictor("a", rng.normal(size=300).tolist())], method).verdict
              for _ in range(80)].count("evidence")
    assert passed <= 10


@pytest.mark.parametrize(("events", "n"), [(1, 200), (9, 500), (195, 200), (0, 50)])
def test_too_few_of_either_outcome_is_refused_with_the_count(events, n):
    found = study("churn", [i < events for i in range(n)], [Predictor("usage", [float(i % 7) for i in range(n)])])
    assert found.verdict == "refused" and found.terms == () and found.p is None
    assert found.sentence.startswith("Refused: ") and "At least 10" in found.sentence
    assert (f"{events} case" if events <= n - events else f"{n - events} without") in found.sentence


def test_rows_with_a_missing_cell_are_left_out_and_counted_by_column():
    happened, cells = make_rows()
    cells["usage"][:5], cells["sponsor"][3:9] = [None, math.nan, math.inf, None, None], [None] * 3 + [""] * 3
    happened[20] = None
    found = study("churn", happened, predictors(cells))
    assert (found.n, found.dropped, dict(found.missing)) == (590, 10, {"": 1, "usage": 5, "sponsor": 6})
    assert "10 rows with a missing cell left out (churn 1, usage 5, sponsor 6); 590 are read." in found.notices


def test_separation_is_named_and_only_the_penalised_estimate_is_finite():
    happened, cells = make_rows()
    cells = {"left": [bool(one and i % 3 == 0) for i, one in enumerate(happened)], "usage": cells["usage"]}
    firth, ml = (study("churn", happened, predictors(cells), method) for method in ("firth", "ml"))
    assert firth.separation == ml.separation == ("left",) and firth.converged and not ml.converged
    assert term(ml, "left").odds_ratio is None and term(ml, "usage").se > 0
    assert 1 < term(firth, "left").lower < term(firth, "left").odds_ratio < term(firth, "left").upper < math.inf
    assert any("left tells churn apart without an error" in one for one in ml.notices)
    assert json.loads(json.dumps(drivers.to_json(ml), allow_nan=False))["separation"] == ["left"]


def test_a_table_told_apart_completely_is_read_and_written_without_infinities():
    x = np.random.default_rng(0).normal(size=400)
    for method in ("firth", "ml"):
        found = study("churn", (x > 0).tolist(), [Predictor("x", x.tolist())], method)
        said = json.loads(json.dumps(drivers.to_json(found), allow_nan=False))
        assert said["separation"] == ["x"] and said["auc"] == {"value": 1.0, "lower": 1.0, "upper": 1.0}
        assert term(found, "x").clear == (method == "firth") and "x" in found.sentence


def test_a_column_that_others_determine_is_left_out_and_all_of_them_are_named():
    happened, cells = make_rows()
    cells |= {"points": [2 * a - 3 * b + 1 for a, b in zip(cells["usage"], cells["noise"])], "same": [4.0] * len(happened)}
    found = study("churn", happened, predictors(cells))
    assert found.left_out == ("points", "same") and set(found.collinear) == {"usage", "noise", "points", "same"}
    assert "points is left out: it is determined by usage and noise." in found.notices
    assert "same is left out: it is the same in every row." in found.notices
    assert "points" not in {one.name for one in found.terms}


def test_columns_that_say_nearly_the_same_are_named_with_their_inflation():
    happened, cells = make_rows()
    cells["twin"] = [a + b for a, b in zip(cells["usage"], np.random.default_rng(1).normal(size=len(happened)).tolist())]
    found = study("churn", happened, predictors(cells))
    assert set(found.overlap) == {"usage", "twin"} and found.collinear == () and min(found.overlap.values()) > 100


def test_a_step_of_ten_raises_the_odds_ratio_to_the_tenth_power_and_is_said():
    happened, cells = make_rows()
    one, ten = (study("churn", happened, predictors(cells, usage={"per": per})) for per in (1, 10))
    assert term(ten, "usage").odds_ratio == pytest.approx(term(one, "usage").odds_ratio**10)
    assert (term(one, "usage").words, term(ten, "usage").words) == ("each unit higher", "each 10 higher")
    assert ten.log_likelihood == pytest.approx(one.log_likelihood + math.log(1 / 10))


@pytest.mark.parametrize(("size", "shift"), [(1e9, 0), (1e-9, 0), (1, 1e6), (0.5, 2024), (3e8, 1.7e12)])
def test_units_and_where_zero_lies_change_nothing_but_the_step(size, shift):
    happened, cells = make_rows()
    usual = study("churn", happened, predictors(cells))
    other = study("churn", happened, predictors(cells | {"usage": [x / 15 * size + shift for x in cells["usage"]]}))
    a, b = term(usual, "usage"), term(other, "usage")
    assert other.converged and b.coef * size / 15 == pytest.approx(a.coef, rel=1e-6)
    assert (b.p, other.p) == (pytest.approx(a.p, rel=1e-4), pytest.approx(usual.p, rel=1e-4))


@pytest.mark.parametrize("seed", range(4))
def test_the_penalised_maximum_and_its_profile_are_those_of_a_general_optimiser(seed):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(80), rng.random(80) < 0.2, rng.normal(size=80)]).astype(float)
    y = (rng.random(80) < 0.4).astype(float)
    y[x[:, 1] == 1] = 1.0

    def climb(held: dict[int, float]) -> float:
        free = [j for j in range(3) if j not in held]

        def lost(part: np.ndarray) -> float:
            beta = np.array([held.get(j, 0.0) for j in range(3)])
            beta[free] = part
            linear = x @ beta
            chance = 1 / (1 + np.exp(-linear))
            return np.logaddexp(0, np.where(y > 0, -linear, linear)).sum() - np.linalg.slogdet((x.T * (chance * (1 - chance))) @ x)[1] / 2

        return -minimize(lost, np.zeros(len(free)), method="BFGS").fun

    asked = logistic.problem(x, y, "firth")
    found = logistic.fit(asked)
    inferred = logistic.infer(asked, found)
    assert found.log_likelihood == pytest.approx(climb({}), abs=1e-6)
    for j in range(3):
        assert inferred.statistic[j] == pytest.approx(2 * (found.log_likelihood - climb({j: 0.0})), abs=1e-4)
        for end in (inferred.lower[j], inferred.upper[j]):
            assert 2 * (found.log_likelihood - climb({j: end})) == pytest.approx(3.841459, abs=1e-3)


def test_a_driver_that_already_holds_the_outcome_is_suspected():
    happened, cells = make_rows()
    rng = np.random.default_rng(2)
    found = study("churn", happened, predictors(cells | {"closed": [one + rng.normal() / 5 for one in happened]}))
    assert any("check that each was known beforehand" in one for one in found.notices)


def test_a_category_states_its_reference_and_another_can_be_chosen():
    happened, cells = make_rows()
    usual, other = (study("churn", happened, predictors(cells, sponsor={"reference": text})) for text in ("", "left"))
    assert term(usual, "sponsor: left").words == "left against here"
    assert term(other, "sponsor: here").odds_ratio == pytest.approx(1 / term(usual, "sponsor: left").odds_ratio)


def test_bands_show_what_a_straight_line_hides_and_are_offered():
    rng = np.random.default_rng(5)
    usage = rng.uniform(0, 100, 3000)
    happened = (rng.random(3000) < np.where(abs(usage - 50) > 30, 0.3, 0.1)).tolist()
    line, bands = (study("churn", happened, [Predictor("usage", usage.tolist(), bins=bins), Predictor("x", rng.normal(size=3000).tolist())])
                   for bins in (0, 5))
    assert line.verdict == "no evidence" and bands.verdict == "evidence"
    cut = [one for one in bands.terms if one.predictor == "usage"]
    assert len(cut) == 4 and all(one.reference.startswith("below ") for one in cut) and cut[-1].level.endswith("and over")
    assert cut[1].odds_ratio < 0.6 < cut[3].odds_ratio
    assert line.non_linear == ("usage",) and "usage may not go in a straight line: look at it in bands." in line.notices


def test_few_events_for_each_driver_are_said():
    happened, cells = make_rows(120)
    found = study("churn", happened, predictors({f"x{i}": np.random.default_rng(i).normal(size=120).tolist() for i in range(8)}))
    assert found.events_per_driver == sum(happened) / 8 and any("10 or more are wanted" in one for one in found.notices)


def test_calibration_bands_hold_every_row_once_and_their_predictions_add_up():
    happened, cells = make_rows()
    found = study("churn", happened, predictors(cells), "ml")
    assert sum(band.n for band in found.calibration) == 600 and sum(band.events for band in found.calibration) == sum(happened)
    assert sum(band.n * band.predicted for band in found.calibration) == pytest.approx(sum(happened))
    assert all(band.lower <= band.observed <= band.upper for band in found.calibration)


def test_other_rows_are_scored_with_intervals_and_not_where_something_is_unknown():
    happened, cells = make_rows()
    found = study("churn", happened, predictors(cells))
    scores = drivers.score(found.model, {"usage": [20.0, 80.0, None, 50.0], "noise": [0.0] * 4, "sponsor": ["left", "here", "left", "away"]})
    assert scores[0].value > 0.5 > scores[1].value and scores[0].lower < scores[0].value < scores[0].upper
    assert scores[2:] == [None, None]
    again = drivers.score(found.model, cells)
    assert sum(one.value for one in again) == pytest.approx(sum(happened), rel=0.01)


@pytest.mark.parametrize(("changed", "words"), [
    ({"method": "lasso"}, "no method 'lasso'"), ({"predictors": []}, "no predictor"),
    ({"predictors": [Predictor("a", [1.0, 2.0]), Predictor("a", [1.0, 2.0])]}, "named twice")])
def test_a_study_that_cannot_be_made_says_what_to_change(changed, words):
    with pytest.raises(StudyRefused, match=words):
        study(**{"outcome": "churn", "happened": [True, False], "predictors": [Predictor("a", [1.0, 2.0])]} | changed)


def test_a_column_that_names_rows_is_refused_as_a_driver():
    happened, _ = make_rows()
    with pytest.raises(StudyRefused, match="'account' has 600 different texts"):
        study("churn", happened, [Predictor("account", [f"A-{i}" for i in range(600)])])


@pytest.mark.parametrize(("ratio", "text"), [(3.119, "3.12"), (0.71, "0.71"), (1.0, "1.00"), (1.00034, "1.00034"), (0.0123, "0.012"), (5432.1, "5,432")])
def test_an_odds_ratio_is_never_rounded_to_nothing(ratio, text):
    assert drivers.times(ratio) == text


@in_full_only
def test_a_hundred_thousand_rows_with_eight_drivers_take_seconds():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(100_000, 8))
    happened = rng.random(100_000) < 1 / (1 + np.exp(2 - x[:, 0] / 2))
    columns = [Predictor(f"x{i}", x[:, i].tolist()) for i in range(8)]
    began = time.process_time()
    assert study("churn", happened.tolist(), columns).ranking[0] == "x0"
    assert time.process_time() - began < 12


def test_estimates_that_did_not_settle_are_refused_and_not_called_no_evidence(monkeypatch):
    monkeypatch.setattr(logistic, "ITERATIONS", 1)
    happened, cells = make_rows()
    found = study("churn", happened, predictors(cells))
    assert found.verdict == "refused" and "did not settle" in found.sentence and found.terms == ()


def test_telling_apart_is_told_on_rows_that_set_the_model_and_on_rows_that_did_not():
    """Twenty columns of noise tell 200 rows apart by 0.7 and more, and new ones not at all."""
    rng = np.random.default_rng(3)
    happened = (rng.random(200) < 0.3).tolist()
    found = study("churn", happened, [Predictor(f"x{n}", rng.normal(size=200).tolist()) for n in range(20)])
    assert found.auc.value > 0.7 and found.auc_held_out.lower < 0.5 < found.auc_held_out.upper
    again = study("churn", happened, [Predictor("x", [float(one) + 0.9 * noise for one, noise in zip(happened, rng.normal(size=200), strict=True)])])
    assert again.auc.value - 0.02 < again.auc_held_out.value <= again.auc.value
    assert f"each tenth told apart by the model of the other nine gives {again.auc_held_out.value:.2f}" in again.notices[-1]
    assert drivers.to_json(again)["auc_held_out"]["value"] == again.auc_held_out.value
