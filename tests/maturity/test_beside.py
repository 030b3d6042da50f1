"""Maturity beside results: each system's score and the readings of its own measures, with two named failure modes and no causes."""

from __future__ import annotations

import re
from datetime import date

import pytest

from scorecard.core.rubric import Score
from scorecard.maturity import beside as module
from scorecard.maturity.beside import GOOD_ON_PAPER, HEROICS, HIGH_SCORE, LOW_SCORE, MODES, beside, mode_of, words_of
from scorecard.maturity.results import Results, SystemResult
from tests.conftest import make_store
from tests.scorecards import goal, load, make_definition, make_noise, make_scorecard, month, monthly

TODAY, COUNT = date(2026, 11, 20), 34
CAUSAL = re.compile(r"\b(because|caus\w*|due to|leads? to|led to|driv\w+|therefore|thanks to|results? in|so that|explains?|effect\w*|why)\b", re.I)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Work: two measures that get worse and one on course. People: two on course. Sensory: one without limits yet."""
    opened = make_store(tmp_path_factory.mktemp("beside"))
    fell = [*make_noise(COUNT)[:-1], 0.80]
    lower = [*make_noise(COUNT)[:-9], *(0.885 + 0.001 * (n % 2) for n in range(9))]
    series = {"fell": ("work", fell), "lower": ("work", lower), "steady": ("work", make_noise(COUNT)),
              "plans": ("people", make_noise(COUNT)), "talks": ("people", make_noise(COUNT)), "young": ("sensory", make_noise(3)),
              "company_wide": ("all", fell)}  # fmt: skip
    make_scorecard(opened, *(make_definition(name, system=system, targets=(goal(2024, 1, 0.80),)) for name, (system, _) in series.items()))
    load(opened, {(name, ""): monthly(values) for name, (_, values) in series.items()}, date(2026, 11, 2))
    yield opened
    opened.close()


def make_results(**medians: float | None) -> Results:
    """Results with these medians by system."""
    systems = tuple(
        SystemResult(id, id.capitalize(), Score(id, "", 6, median, median, median, median, 0.0, True, median is None), None, None, None,
                     None, None, 0, ())
        for id, median in medians.items()
    )  # fmt: skip
    return Results(None, 6, 6, systems, (), None, (), "", ())


def of(store, system: str, median: float | None):
    return beside(store, make_results(**{system: median}), TODAY)[0]


def test_a_high_score_beside_measures_that_get_worse_is_good_on_paper(store):
    found = of(store, "work", 3.7)
    assert found.mode == GOOD_ON_PAPER
    assert [row.measure.name for row in found.rows] == ["fell", "lower", "steady"]
    assert [row.measure.name for row in found.bad] == ["fell", "lower"] and [row.measure.name for row in found.good] == ["steady"]
    assert found.sentence == ("Good on paper: Work stands at 3.7, and two of its three measures are worse or short of their goal: "
                              "Fell (80.0%) and Lower (88.5%). Ask what the answers rest on.")  # fmt: skip


def test_a_low_score_beside_measures_on_course_is_heroics(store):
    found = of(store, "people", 2.4)
    assert found.mode == HEROICS and len(found.good) == 2
    assert found.sentence.startswith("Heroics: People stands at 2.4, and all of its two measures are on course: Plans (")
    assert found.sentence.endswith("Ask whether the results would stay with other people.")


@pytest.mark.parametrize("system, median", [("work", 3.4), ("work", 2.0), ("people", 2.6), ("people", 4.2)])
def test_a_score_that_fits_its_measures_or_lies_between_has_no_mode(store, system, median):
    found = of(store, system, median)
    assert found.mode == "" and found.sentence.startswith(f"{found.label} stands at {median:.1f}; ")
    assert "Ask" not in found.sentence


def test_a_system_without_a_mode_says_how_many_of_its_measures_stand_where(store):
    assert of(store, "work", 3.0).sentence == (
        "Work stands at 3.0; one of its three measures is on course, two worse or short of their goal.")  # fmt: skip


def test_the_newest_complete_month_is_read_and_measures_of_all_systems_belong_to_none(store):
    found = of(store, "work", 3.0)
    assert found.period == month(2026, 10)
    assert "company_wide" not in {row.measure.name for one in beside(store, make_results(work=3.0, people=3.0), TODAY) for row in one.rows}


def test_a_measure_that_cannot_be_read_yet_counts_neither_way(store):
    found = of(store, "sensory", 4.5)
    assert (found.rows, found.mode, found.period) == ((), "", None)
    assert found.sentence == "Sensory stands at 4.5; no measure of its own on a scorecard has a reading."


def test_a_hidden_score_is_laid_beside_nothing(store):
    found = of(store, "work", None)
    assert (found.score, found.mode, found.sentence) == (None, "", "Work has no score to lay beside its measures.")


def test_a_store_without_figures_says_so(tmp_path):
    empty = make_store(tmp_path)
    assert of(empty, "work", 4.0).rows == ()
    empty.close()


@pytest.mark.parametrize("score, readable, bad, good, mode", [
    (HIGH_SCORE, 3, 2, 1, GOOD_ON_PAPER), (HIGH_SCORE - 0.01, 3, 2, 1, ""), (5.0, 2, 1, 1, ""), (5.0, 1, 1, 0, GOOD_ON_PAPER),
    (LOW_SCORE, 3, 1, 2, HEROICS), (LOW_SCORE + 0.01, 3, 0, 3, ""), (1.0, 2, 1, 1, ""), (1.0, 1, 0, 1, HEROICS),
    (HIGH_SCORE, 3, 0, 3, ""), (LOW_SCORE, 3, 3, 0, ""), (None, 3, 3, 0, ""), (5.0, 0, 0, 0, ""),
])  # fmt: skip
def test_a_mode_needs_its_threshold_and_more_than_half_of_the_measures(score, readable, bad, good, mode):
    assert mode_of(score, readable, bad, good) == mode


def test_no_sentence_speaks_of_causes(store):
    told = [one.sentence for median in (1.5, 3.0, 4.5, None) for one in
            beside(store, make_results(work=median, people=median, sensory=median, metrics=median), TODAY)]  # fmt: skip
    told += [words_of(mode) for mode in MODES] + list(module.ASKS.values())
    assert not [one for one in told if CAUSAL.search(one)]


def test_each_mode_is_explained_with_its_threshold():
    assert words_of(GOOD_ON_PAPER) == "A score of 3.5 or more, while most of its measures get worse or cannot reach their goal."
    assert words_of(HEROICS) == "A score of 2.5 or less, while most of its measures are on course."
