"""Funnel, intervals and analysis of means: against published figures, exact arithmetic and another implementation of the binomial."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats

from scorecard.core import funnel
from scorecard.core.funnel import DIFFERS, RATE, SHARE, TOO_FEW, WITHIN, Count
from scorecard.core.intervals import wilson
from scorecard.errors import StudyRefused

# Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I, method 3.
NEWCOMBE = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)]
# Stoline and Ury, "Tables of the studentized maximum modulus distribution", Technometrics 21 (1979): 5%, infinite degrees of freedom.
MAXIMUM_MODULUS = {3: 2.388, 4: 2.491, 5: 2.569, 6: 2.631, 8: 2.727, 10: 2.800, 12: 2.858, 15: 2.928, 20: 3.016}
# Cesarean sections of 29 medical groups (Rodriguez 1996), the example of SAS/QC's PROC ANOM: central line 0.16680, no group outside.
SECTIONS = """1A 150 923 1K 45 298 1B 34 170 1D 18 132 3I 20 106 3M 12 105 1E 10 77 1N 19 74 1Q 7 69 3H 11 65 1R 11 49 1H 9 48 3J 7 20 1C 8 43
              3B 6 43 1M 4 29 3C 5 28 1O 4 27 1J 6 22 1T 3 22 3E 4 18 1G 4 15 3D 4 13 3G 1 11 1L 2 10 1I 1 8 1P 0 3 1F 0 3 1S 1 3""".split()
GROUPS = [Count(name, int(top), int(bottom)) for name, top, bottom in zip(SECTIONS[::3], SECTIONS[1::3], SECTIONS[2::3], strict=True)]
# Larkfield's contacts as in the picture of the page: contacts due in 12 months, about 84.5% kept.
DUE = (405, 816, 522, 980, 686, 457, 914, 620, 718, 359, 784, 575)


def make_counts(*pairs: tuple[float, float]) -> list[Count]:
    return [Count(f"G{place:02}", *pair) for place, pair in enumerate(pairs)]


def appendix_limit(pooled: float, n: int, p: float) -> float:
    """Spiegelhalter 2005, appendix A.1.1, as Wicklin's PROC IML program writes it, by scipy's own quantile."""
    r = stats.binom.ppf(p, n, pooled)
    at, below = stats.binom.cdf(r, n, pooled), stats.binom.cdf(r - 1, n, pooled)
    return (r - (at - p) / (at - below)) / n


@pytest.mark.parametrize("hits, n, lower, upper", NEWCOMBE)
def test_wilson_agrees_with_the_published_intervals(hits, n, lower, upper):
    assert wilson(hits, n) == (pytest.approx(lower, abs=5e-5), pytest.approx(upper, abs=5e-5))
    others = make_counts((hits, n), (n - hits, n))
    assert funnel.funnel(others).lines[0].wilson == wilson(hits, n)


@pytest.mark.parametrize("groups, value", MAXIMUM_MODULUS.items())
def test_h_is_that_of_sidak(groups, value):
    assert funnel.sidak_h(groups) == pytest.approx(value, abs=6e-4)


def test_the_analysis_of_means_says_of_the_medical_groups_what_was_published():
    found = funnel.funnel(GROUPS)
    assert round(found.pooled, 5) == 0.16680 and len(found.lines) == 29
    assert all(one.anom[0] <= one.rate <= one.anom[1] for one in found.lines)
    first = found.lines[0]  # 1A, 150 of 923: by hand, h √(p̄q̄) √((N − n) / (N n))
    total = found.denominator
    half = found.h * math.sqrt(found.pooled * (1 - found.pooled) * (total - 923) / (total * 923))
    assert (first.group, first.n) == ("1A", 923) and first.anom == (pytest.approx(found.pooled - half), pytest.approx(found.pooled + half))


@pytest.mark.parametrize("n", [25, 40, 162, 235, 980])
@pytest.mark.parametrize("pooled", [0.093, 0.5, 0.711, 0.845, 0.926])
@pytest.mark.parametrize("tail", [funnel.TAIL_95, funnel.TAIL_998])
def test_limits_are_those_of_the_published_appendix(pooled, n, tail):
    lower, upper = funnel.limits(pooled, n, tail)
    assert lower == pytest.approx(max(0.0, appendix_limit(pooled, n, tail)), abs=1e-9)
    beyond = stats.binom.ppf(1 - tail, n, pooled) >= n  # even all of n is no rarer than the tail: the natural bound stands
    assert upper == (1.0 if beyond else pytest.approx(appendix_limit(pooled, n, 1 - tail), abs=1e-9))


def test_a_limit_is_exact_where_the_binomial_is_summed_in_fractions():
    pooled, n = Fraction(9, 10), 40
    below = [sum(math.comb(n, k) * pooled**k * (1 - pooled) ** (n - k) for k in range(r + 1)) for r in range(n + 1)]
    r = next(k for k in range(n + 1) if below[k] >= Fraction(1, 1000))
    exact = (r - (below[r] - Fraction(1, 1000)) / (below[r] - below[r - 1])) / n
    assert funnel.limits(0.9, 40, funnel.TAIL_998)[0] == pytest.approx(float(exact), abs=1e-12)


@pytest.mark.parametrize("exposure", [12.0, 80.5, 900.0])
def test_limits_of_a_rate_are_poissons(exposure):
    mean = 0.4 * exposure
    for tail in (funnel.TAIL_95, funnel.TAIL_998):
        r = stats.poisson.ppf(1 - tail, mean)
        at, below = stats.poisson.cdf(r, mean), stats.poisson.cdf(r - 1, mean)
        assert funnel.limits(0.4, exposure, tail, RATE)[1] == pytest.approx((r - (at - 1 + tail) / (at - below)) / exposure, abs=1e-9)


def test_with_many_cases_the_limits_are_those_of_the_normal_distribution():
    lower, upper = funnel.limits(0.845, 400_000, funnel.TAIL_998)
    half = 3.0902 * math.sqrt(0.845 * 0.155 / 400_000)
    assert (lower, upper) == (pytest.approx(0.845 - half, abs=1e-5), pytest.approx(0.845 + half, abs=1e-5))


# -- what is said of each


def test_forty_accounts_at_ninety_percent_are_too_few_to_tell():
    found = funnel.funnel(make_counts(*[(36, 40)] * 6))
    assert {one.verdict for one in found.lines} == {TOO_FEW} and all(one.smallest_noticeable > 0.2 for one in found.lines)
    assert funnel.says(found).text.startswith("Too few accounts to tell")


def test_forty_of_forty_do_not_differ_where_ninety_percent_is_usual():
    found = funnel.funnel(make_counts((40, 40), *[(355, 400)] * 6))
    assert found.lines[0].limits_998[1] == 1.0 and not found.lines[0].outside_998


def test_the_smallest_difference_is_noticed_in_eight_of_ten_cases():
    found = funnel.funnel(make_counts(*[(round(0.845 * n), n) for n in DUE]))
    for one in found.lines:
        lower, worse = one.limits_998[0], found.pooled - one.smallest_noticeable
        assert stats.binom.cdf(math.ceil(lower * one.n - 1e-9) - 1, one.n, worse) >= 0.8 - 1e-6
        assert stats.binom.cdf(math.ceil(lower * one.n - 1e-9) - 1, one.n, worse + 0.01) < 0.8 or \
            stats.binom.sf(math.floor(one.limits_998[1] * one.n), one.n, found.pooled + one.smallest_noticeable - 0.01) < 0.8
    assert {one.verdict for one in found.lines} == {WITHIN}


def test_only_a_point_outside_the_outer_limits_differs():
    found = funnel.funnel(make_counts((300, 400), (348, 400), *[(338, 400)] * 6))
    assert [one.verdict for one in found.lines][:2] == [DIFFERS, WITHIN]
    assert funnel.says(found, "CSM").text == ("One CSM differs from the team beyond chance. Ask what is different in the work before asking about the person.")


def test_chance_puts_somebody_outside_as_often_as_is_said():
    found = funnel.funnel(make_counts(*[(round(0.845 * n), n) for n in DUE]))
    inside = 1.0
    for one in found.lines:
        low, high = one.limits_95
        inside *= stats.binom.cdf(math.floor(high * one.n), one.n, found.pooled) - stats.binom.cdf(math.ceil(low * one.n) - 1, one.n, found.pooled)
    assert found.chance_95 == pytest.approx(1 - inside) and 0.4 < found.chance_95 < 0.5 and found.chance_998 < 0.03


def test_the_pooled_rate_is_of_the_sums_and_never_the_mean_of_rates():
    assert funnel.funnel(make_counts((10, 10), (0, 90))).pooled == 0.1


def test_groups_are_in_alphabetical_order_and_rows_of_one_are_added_up():
    found = funnel.funnel([Count("Zoë", 1, 20), Count("Änne", 2, 20), Count("Bo", 3, 20), Count("Zoë", 4, 20)])
    assert [(one.group, one.numerator, one.n) for one in found.lines] == [("Änne", 2, 20), ("Bo", 3, 20), ("Zoë", 5, 40)]


# -- over-dispersion


def test_dispersion_is_winsorised_and_by_moments():
    counts = make_counts(*[(round(rate * 200), 200) for rate in (0.70, 0.95, 0.80, 0.90, 0.78, 0.92, 0.82, 0.88, 0.84, 0.86, 0.60, 0.85)])
    found = funnel.funnel(counts)
    scores = sorted((one.numerator / 200 - found.pooled) / math.sqrt(found.pooled * (1 - found.pooled) / 200) for one in counts)
    pulled = [scores[1], *scores[1:-1], scores[-2]]
    phi = sum(z * z for z in pulled) / 12
    assert found.dispersion.phi == pytest.approx(phi) and found.dispersion.plain == pytest.approx(sum(z * z for z in scores) / 12)
    assert found.dispersion.tau2 == pytest.approx((12 * phi - 11) / (11 * 200) * found.pooled * (1 - found.pooled))
    assert found.dispersion.factor == pytest.approx(math.sqrt(phi))
    narrow = funnel.limits(found.pooled, 200, funnel.TAIL_998)
    assert found.pooled - found.lines[0].limits_998[0] == pytest.approx((found.pooled - narrow[0]) * math.sqrt(phi))


def test_limits_do_not_widen_for_ten_groups_or_without_more_than_chance():
    wild = [(round(rate * 200), 200) for rate in (0.70, 0.95, 0.80, 0.90, 0.78, 0.92, 0.82, 0.88, 0.84, 0.86)]
    assert funnel.funnel(make_counts(*wild)).dispersion.factor == 1.0
    assert funnel.funnel(make_counts(*[(170, 200)] * 12)).dispersion == funnel.Dispersion(0.0, 0.0, 0.0)


def test_one_who_differs_does_not_hide_by_widening_the_limits():
    found = funnel.funnel(make_counts((120, 200), *[(round((0.83 + 0.005 * k) * 200), 200) for k in range(11)]))
    assert found.dispersion.plain > 1 and found.lines[0].verdict == DIFFERS


# -- what is no count


@pytest.mark.parametrize("pair, words", [((5, 4), "more than"), ((-1, 4), "no count"), ((1.5, 4), "no whole numbers"), ((1, 2.5), "no whole numbers"), ((math.nan, 4), "no count")])
def test_what_is_no_count_is_refused_with_its_group(pair, words):
    with pytest.raises(StudyRefused, match=f"G00.*{words}"):
        funnel.funnel(make_counts(pair, (1, 2)))


def test_without_any_case_there_is_nothing_to_compare():
    with pytest.raises(StudyRefused, match="nothing to compare"):
        funnel.funnel(make_counts((0, 0)))


@pytest.mark.parametrize("pairs", [[(0, 30)] * 6, [(30, 30)] * 6, [(0, 0), *[(20, 30)] * 6]], ids=["none", "all", "one without cases"])
def test_a_constant_or_empty_group_gives_no_signal(pairs):
    found = funnel.funnel(make_counts(*pairs))
    assert not found.differing and all(one.verdict in (WITHIN, TOO_FEW) for one in found.lines)
    assert all(one.limits_998 is None or one.limits_998[0] <= found.pooled <= one.limits_998[1] for one in found.lines)


@settings(max_examples=60, deadline=None)
@given(some.lists(some.tuples(some.integers(0, 400), some.integers(0, 400)), min_size=2, max_size=14), some.sampled_from([SHARE, RATE]))
def test_limits_enclose_one_another_and_flags_are_what_the_limits_say(pairs, kind):
    counts = make_counts(*[(min(pair), max(pair)) for pair in pairs])
    if not any(one.denominator for one in counts):
        return
    found = funnel.funnel(counts, kind)
    for one in found.lines:
        if one.rate is not None:
            assert 0 <= one.limits_998[0] <= one.limits_95[0] + 1e-12 and one.limits_95[1] <= one.limits_998[1] + 1e-12
            assert one.outside_998 == (one.rate < one.limits_998[0] or one.rate > one.limits_998[1]) and (one.outside_95 or not one.outside_998)
            assert one.smallest_noticeable is None or one.smallest_noticeable > 0
