"""Experiments against published numbers: sizes, intervals, exact tests, boundaries of looks, sizes of arms that went wrong."""

from __future__ import annotations

import pytest

from scorecard.core import experiments, looks
from scorecard.core.experiments import Arm, Sample


@pytest.mark.parametrize(("base", "to", "power", "n"), [
    (0.85, 0.90, 0.8, 683),
    (0.65, 0.85, 0.8, 70),  # S.-C. Chow, J. Shao, H. Wang, Sample Size Calculations in Clinical Research, section 4.2.
    (0.90, 0.95, 0.9, 578),  # S. J. Pocock, Clinical Trials: a Practical Approach (1983), section 9.1: 578 on each treatment.
])
def test_the_size_of_an_experiment_is_the_published_one(base, to, power, n):
    assert experiments.plan(base, to, power).per_arm == n
    assert experiments.power_of(base, to, n) >= power > experiments.power_of(base, to, n - 1)


@pytest.mark.parametrize(("a", "b", "lower", "upper"), [
    ((48, 80), (56, 70), 0.0524, 0.3339), ((3, 10), (9, 10), 0.1705, 0.8090), ((2, 7), (6, 7), 0.0582, 0.8062),
    ((0, 29), (5, 56), -0.0381, 0.1926), ((0, 20), (0, 10), -0.1611, 0.2775), ((0, 10), (0, 10), -0.2775, 0.2775),
    ((0, 20), (10, 10), 0.6791, 1.0), ((0, 10), (10, 10), 0.6075, 1.0)])
def test_the_interval_is_the_one_in_table_two_of_newcombe(a, b, lower, upper):
    """R. G. Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10."""
    found = experiments.newcombe(Arm(*a), Arm(*b))
    assert [round(end, 4) for end in found] == [lower, upper]


@pytest.mark.parametrize(("a", "b", "p"), [((3, 4), (1, 4), "0.4857"), ((2, 12), (15, 18), "0.0005367")])
def test_fishers_exact_test_agrees_with_r(a, b, p):
    """R, example(fisher.test): the lady tasting tea, and convictions of twins (Fisher 1962, 1970)."""
    assert abs(experiments.fisher(Arm(*a), Arm(*b)) - float(p)) < 0.51 * 10.0 ** -len(p.partition(".")[2])


def test_z_squared_is_the_chi_square_of_the_physicians_health_study():
    """A. Agresti, Categorical Data Analysis, aspirin and heart attacks: 189 of 11,034 against 104 of 11,037, 25.01."""
    seen = experiments.read(Arm(189, 11034), Arm(104, 11037))
    assert round(seen.z**2, 2) == 25.01 and seen.method == "two-proportion z" and round(-seen.difference, 4) == 0.0077


def test_the_difference_of_two_means_agrees_with_t_test_in_r():
    """R, t.test(extra ~ group, sleep): −3.3654832 to 0.2054832, p = 0.07939 (Student 1908)."""
    a, b = Sample(0.75, 1.789010, 10), Sample(2.33, 2.002249, 10)
    found = experiments.mean_difference(a, b)
    assert (round(found.lower, 5), round(found.upper, 5)) == (-0.20548, 3.36548)
    assert round(experiments.mean_p(a, b), 5) == 0.07939


def test_a_sample_ratio_mismatch_has_the_published_p():
    """R. Kohavi, D. Tang, Y. Xu, Trustworthy Online Controlled Experiments (2020), chapter 21: 821,588 and 815,482."""
    assert experiments.sample_ratio((821_588, 815_482), (1, 1)) == pytest.approx(1.8e-6, rel=0.02)


@pytest.mark.parametrize("bounds", [
    [2.9626, 1.9686], [3.7103, 2.5114, 1.9930], [4.3326, 2.9631, 2.3590, 2.0141], [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]])
def test_the_boundaries_of_equal_looks_are_those_of_lan_and_demets(bounds):
    """D. M. Reboussin, D. L. DeMets, K. Kim, K. K. G. Lan, Controlled Clinical Trials 21 (2000); R packages ldbounds, gsDesign."""
    k = len(bounds)
    assert looks.boundaries([(i + 1) / k for i in range(k)]) == pytest.approx(bounds, abs=0.00015)
