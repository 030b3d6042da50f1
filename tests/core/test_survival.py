"""Kaplan-Meier and the intervals, against worked examples that others published."""

from __future__ import annotations

import pytest
from scipy import stats

from scorecard.core import intervals, survival

# Freireich et al. 1963, 6-MP arm: weeks in remission; a plus in the paper is censored. Median 23, the other arm 8.
SIX_MP = [(6, True, 3), (6, False, 1), (7, True, 1), (9, False, 1), (10, True, 1), (10, False, 1), (11, False, 1), (13, True, 1),
          (16, True, 1), (17, False, 1), (19, False, 1), (20, False, 1), (22, True, 1), (23, True, 1), (25, False, 1),
          (32, False, 2), (34, False, 1), (35, False, 1)]
PLACEBO = [(time, True, 1) for time in (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)]


@pytest.mark.parametrize(("times", "median", "reached"), [(SIX_MP, 23.0, 9), (PLACEBO, 8.0, 21)])
def test_the_median_is_that_of_the_published_trial(times, median, reached):
    assert survival.kaplan_meier(times) == survival.Survival(median, reached, 21)


def test_half_that_never_reached_it_leave_no_median():
    assert survival.kaplan_meier([(5, True, 4), (90, False, 5)]).median is None


def test_who_is_still_on_the_way_counts_and_the_mean_of_finishers_would_be_too_short():
    assert survival.kaplan_meier([(5, True, 3), (40, True, 3), (10, False, 4)]).median == 40.0


def test_nobody_has_no_median():
    assert survival.kaplan_meier([]) == survival.Survival(None, 0, 0)


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (94, 104), (10, 10), (1, 3)])
def test_the_wilson_interval_is_that_of_scipy(hits, n):
    theirs = stats.binomtest(hits, n).proportion_ci(method="wilson")
    assert intervals.wilson(hits, n) == pytest.approx((theirs.low, theirs.high))


def test_the_interval_of_nps_is_that_of_its_three_classes():
    promoters, detractors, n = 50, 20, 100
    score, squares = 100 * (promoters - detractors), 100**2 * (promoters + detractors)
    variance = (promoters + detractors) / n - ((promoters - detractors) / n) ** 2
    half = 100 * stats.norm.ppf(0.975) * (variance / n) ** 0.5
    assert intervals.mean_score(score, squares, n) == pytest.approx((30 - half, 30 + half))


@pytest.mark.parametrize("interval", [intervals.wilson(0, 0), intervals.mean_score(100, 10000, 1)])
def test_too_few_answers_have_no_interval(interval):
    assert interval is None
