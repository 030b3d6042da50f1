"""Segments compared: a difference that is there is found, one that is not is not, and small segments are not compared."""

from __future__ import annotations

import json

import numpy as np
import pytest

from scorecard.core import drivers
from scorecard.core.driver_groups import compare
from scorecard.core.drivers import Predictor


def make_company(n: int, slopes: dict[str, float], seed: int = 3):
    rng = np.random.default_rng(seed)
    groups = rng.choice(list(slopes), n)
    usage, noise = rng.normal(size=n), rng.normal(size=n)
    chance = 1 / (1 + np.exp(1.2 - np.array([slopes[one] for one in groups]) * usage))
    return (rng.random(n) < chance).tolist(), [Predictor("usage", usage.tolist()), Predictor("noise", noise.tolist())], groups.tolist()


def test_a_driver_that_differs_between_segments_is_named():
    happened, predictors, groups = make_company(1500, {"Large": -1.2, "Small": 0.6})
    found = compare("churn", happened, predictors, groups)
    assert [one.differs for one in found.differences] == [True, False] and found.compared == ("Large", "Small")
    assert found.sentence == "usage goes with churn differently in Large and Small: read each segment by itself."
    assert found.studies["Large"].terms[1].odds_ratio < 1 < found.studies["Small"].terms[1].odds_ratio


def test_chance_differences_between_three_segments_are_not_named():
    happened, predictors, groups = make_company(1500, {"Large": -0.8, "Middle": -0.8, "Small": -0.8})
    found = compare("churn", happened, predictors, groups)
    assert not any(one.differs for one in found.differences) and [one.df for one in found.differences] == [2, 2]
    assert found.sentence == "No evidence that anything goes with churn differently in Large, Middle and Small."


def test_a_segment_with_too_few_events_is_refused_and_not_compared():
    happened, predictors, groups = make_company(600, {"Large": -0.8, "Small": -0.8})
    happened = [one and group == "Small" for one, group in zip(happened, groups)]
    found = compare("churn", happened, predictors, groups)
    assert found.studies["Large"].verdict == "refused" and found.compared == ("Small",) and found.differences == ()
    assert found.sentence.startswith("Not compared: two segments")


def test_rows_without_a_segment_are_left_out():
    happened, predictors, groups = make_company(900, {"Large": -0.8, "Small": -0.8})
    groups[:100] = [None] * 100
    found = compare("churn", happened, predictors, groups)
    assert sum(one.n for one in found.studies.values()) == 800


def test_a_model_is_kept_as_plain_data_and_scores_the_same_afterwards():
    happened, (usage, noise), groups = make_company(600, {"Large": -1.2, "Small": 0.6})
    found = drivers.study("churn", happened, [usage, Predictor("segment", groups), Predictor("noise", noise.values, bins=3)])
    kept = drivers.model_from_json(json.loads(json.dumps(drivers.model_to_json(found.model))))
    cells = {"usage": usage.values[:20], "segment": groups[:20], "noise": noise.values[:20]}
    assert drivers.score(kept, cells) == drivers.score(found.model, cells)
    assert all(one.lower < one.value < one.upper for one in drivers.score(kept, cells))


@pytest.mark.parametrize("method", ["firth", "ml"])
def test_each_segment_is_read_by_the_method_asked(method):
    happened, predictors, groups = make_company(900, {"Large": -0.8, "Small": -0.8})
    assert {one.method for one in compare("churn", happened, predictors, groups, method).studies.values()} == {method}
