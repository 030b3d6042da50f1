"""Cause and effect: published correlations with their intervals, and what no pair of series may ever say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.core import links

# What R prints for `cor.test`: the tuna of its help page (Hollander and Wolfe 1973, p. 187), weight and
# consumption of the cars of `mtcars` (Henderson and Velleman 1981); the sparrows are those of Zar,
# Biostatistical Analysis, examples 19.1 and 19.2, which prints two decimals.
TUNA = ([44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1], [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8])
CARS = (
    [
        21,
        21,
        22.8,
        21.4,
        18.7,
        18.1,
        14.3,
        24.4,
        22.8,
        19.2,
        17.8,
        16.4,
        17.3,
        15.2,
        10.4,
        10.4,
        14.7,
        32.4,
        30.4,
        33.9,
        21.5,
        15.5,
        15.2,
        13.3,
        19.2,
        27.3,
        26,
        30.4,
        15.8,
        19.7,
        15,
        21.4,
    ],
    [
        2.620,
        2.875,
        2.320,
        3.215,
        3.440,
        3.460,
        3.570,
        3.190,
        3.150,
        3.440,
        3.440,
        4.070,
        3.730,
        3.780,
        5.250,
        5.424,
        5.345,
        2.200,
        1.615,
        1.835,
        2.465,
        3.520,
        3.435,
        3.840,
        3.845,
        1.935,
        2.140,
        1.513,
        3.170,
        2.770,
        3.570,
        2.780,
    ],
)
SPARROWS = (
    [10.4, 10.8, 11.1, 10.2, 10.3, 10.2, 10.7, 10.5, 10.8, 11.2, 10.6, 11.4],
    [7.4, 7.6, 7.9, 7.2, 7.4, 7.1, 7.4, 7.2, 7.8, 7.7, 7.8, 8.3],
)
PUBLISHED = {
    "tuna": (TUNA, 0.5711816, -0.1497426, 0.8955795, 5e-8),
    "cars": (CARS, -0.8676594, -0.9338264, -0.7440872, 5e-8),
    "sparrows": (SPARROWS, 0.870, 0.59, 0.96, 5e-3),
}


@pytest.mark.parametrize("case", PUBLISHED)
def test_r_and_its_interval_are_those_that_were_published(case):
    (x, y), r, low, high, within = PUBLISHED[case]
    found = links.pearson(np.array(x, float), np.array(y, float))
    assert found == pytest.approx(r, abs=within)
    assert links.interval(found, len(x)) == pytest.approx((low, high), abs=within)


def make_series(values, first: int = 0) -> dict[int, float]:
    return {first + n: float(value) for n, value in enumerate(values)}


def make_noise(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=count)


def test_n_is_reduced_by_the_product_of_both_autocorrelations():
    assert links.effective_size(100, 0.5, 0.5) == pytest.approx(100 * 0.75 / 1.25)
    assert links.effective_size(40, 0.9, 0.2) == pytest.approx(40 * 0.82 / 1.18)


@pytest.mark.parametrize(("a", "b"), [(-0.5, 0.5), (0.0, 0.9), (math.nan, 0.4)])
def test_n_is_never_raised(a, b):
    assert links.effective_size(30, a, b) == 30


@pytest.mark.parametrize(("n", "said"), [(11, "11 pairs so far; 12 are needed"), (0, "0 pairs so far; 12 are needed")])
def test_fewer_than_twelve_pairs_say_nothing(n, said):
    found = links.read(make_series(range(n)), make_series(range(n)), 0, 1)
    assert (found.n, found.r, found.verdict, found.reason) == (n, None, "no_evidence_yet", said)


def test_twelve_pairs_are_enough():
    values = make_noise(12)
    assert links.read(make_series(values), make_series(values + 0.1 * make_noise(12, 2)), 0, 1).verdict == "supported"


def test_the_lag_takes_the_cause_that_came_before():
    values = make_noise(30)
    cause, effect = make_series(values), make_series(values, first=3)
    assert links.read(cause, effect, 3, 1).r == pytest.approx(1)
    assert abs(links.read(cause, effect, 0, 1).r) < 0.6
    assert links.read(cause, effect, 3, 1).n == 30 and links.read(cause, effect, 5, 1).n == 28


@pytest.mark.parametrize(("sign", "verdict"), [(1, "supported"), (-1, "contradicted")])
def test_the_stated_sign_decides_between_for_and_against(sign, verdict):
    values = make_noise(30)
    assert links.read(make_series(values), make_series(values), 0, sign).verdict == verdict


@pytest.mark.parametrize(("low", "high"), [(-0.1, 0.5), (0.0, 0.5), (-0.5, 0.0), (math.nan, math.nan)])
@pytest.mark.parametrize("sign", [1, -1])
def test_an_interval_that_holds_zero_is_no_evidence(low, high, sign):
    assert links.verdict(low, high, sign) == "no_evidence_yet"


def test_a_series_that_does_not_vary_says_nothing():
    found = links.read(make_series([0.1 + 0.2] * 20), make_series(make_noise(20)), 0, 1)
    assert (found.r, found.verdict, found.reason) == (None, "no_evidence_yet", "one of the two does not vary")


def test_two_series_that_only_drift_are_too_alike_for_an_interval():
    found = links.read(make_series(range(14)), make_series(np.arange(14) ** 2), 0, 1)
    assert found.effective < 8 and found.n == 14
    if found.low is None:
        assert "resembles the one before" in found.reason


def test_a_missing_period_makes_no_pair_and_breaks_the_autocorrelation():
    values = make_noise(30)
    whole = make_series(values)
    gap = {time: value for time, value in whole.items() if time != 10}
    assert links.read(gap, whole, 0, 1).n == 29
    assert links.read(gap, whole, 1, 1).n == 28


def made_alike(rng: np.random.Generator, series: int, months: int, a: float) -> np.ndarray:
    """Series of which each month resembles the one before by `a`, otherwise independent."""
    found = np.empty((series, months))
    found[:, 0] = rng.normal(size=series)
    for month in range(1, months):
        found[:, month] = a * found[:, month - 1] + math.sqrt(1 - a * a) * rng.normal(size=series)
    return found


def test_series_without_a_link_are_rarely_called_linked_even_when_months_resemble_one_another():
    rng = np.random.default_rng(7)
    x, y = (made_alike(rng, 2000, 36, 0.8) for _ in range(2))
    r, effective = links.pearson(x, y), links.effective_size(36, 0.8, 0.8)
    plain, reduced = links.interval(r, 36), links.interval(r, effective)
    wrong = [np.mean((low > 0) | (high < 0)) for low, high in (plain, reduced)]
    assert wrong[0] > 0.25
    assert wrong[1] < 0.08


NUMBERS = st.floats(-1e12, 1e12, allow_subnormal=False)
SERIES = st.dictionaries(st.integers(0, 60), NUMBERS, max_size=60)


@settings(max_examples=200, deadline=None)
@given(SERIES, SERIES, st.integers(0, 12), st.sampled_from([1, -1]))
def test_no_pair_of_series_breaks_the_reading(cause, effect, lag, sign):
    found = links.read(cause, effect, lag, sign)
    assert found.verdict in links.VERDICTS
    assert found.n == len({time for time in effect if time - lag in cause})
    if found.low is not None:
        assert -1 <= found.low <= found.r + 1e-12 and found.r - 1e-12 <= found.high <= 1
        assert 3 < found.effective <= found.n
    else:
        assert found.verdict == "no_evidence_yet" and found.reason


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(-1000, 1000), min_size=12, max_size=40),
    st.integers(0, 2**32 - 1),
    st.floats(0.001, 1000),
    st.integers(-1000, 1000),
)
def test_the_unit_of_a_measure_changes_nothing(values, seed, factor, shift):
    other = make_noise(len(values), seed)
    before = links.read(make_series(values), make_series(other), 0, 1)
    after = links.read(make_series([value * factor + shift for value in values]), make_series(other), 0, 1)
    turned = links.read(make_series([-value for value in values]), make_series(other), 0, -1)
    if before.r is not None and after.r is not None:
        assert after.r == pytest.approx(before.r, abs=1e-5)
        assert turned.r == pytest.approx(-before.r) and turned.verdict == before.verdict
