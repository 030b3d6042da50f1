"""What advocacy is worth and what accounts cost: by hand arithmetic, every input in the right direction and of the right size."""

from __future__ import annotations

import math

import pytest

from scorecard.core import value
from scorecard.core.value import Cost, advocacy, cost_to_serve, edited, gained_for, retention_value, study_assumptions
from scorecard.errors import StudyRefused

STUDY = study_assumptions()


def change(**bases: float) -> value.Worth:
    return advocacy(edited(STUDY, {name: {"base": base} for name, base in bases.items()}))


def origin(name: str) -> str:
    return next(one.origin for one in STUDY if one.id == name)


def test_the_published_inputs_and_the_solved_gain_give_the_published_value():
    worth = advocacy(STUDY)
    assert worth.retention == pytest.approx(3_279_799, abs=0.5) and worth.total == pytest.approx(4_000_000, abs=0.5)
    assert [origin(name) for name in ("customers", "revenue", "margin", "retention", "years")] == ["published"] * 5
    assert (origin("gained"), origin("discount"), origin("other")) == ("solved", "assumed", "derived")
    assert "not published" in value.ORIGINS["solved"]


def test_the_gain_that_was_solved_for_is_a_little_over_one_point():
    """By hand: a small gain g keeps about g × (1 + 2 × 0.8 + 3 × 0.8²) = 4.52 g customer-years of each customer."""
    gained = next(one.base for one in STUDY if one.id == "gained")
    assert gained == pytest.approx(3_279_799 / (20_000 * 25_000 * 0.12 * 4.52), rel=0.02) and 0.011 < gained < 0.0125


def test_one_year_by_hand():
    (only,) = retention_value(1000, 500.0, 0.5, 0.8, 0.1, 1)
    assert (only.without, only.with_advocacy) == pytest.approx((800, 900)) and only.value == pytest.approx(100 * 500 * 0.5)


def test_three_years_by_hand():
    years = retention_value(1000, 500.0, 0.5, 0.8, 0.1, 3)
    assert [one.value for one in years] == pytest.approx([25_000, 250 * (810 - 640), 250 * (729 - 512)])
    assert [one.value for one in retention_value(1000, 500.0, 0.5, 0.8, 0.1, 3, 0.1)] == pytest.approx([one.value / 1.1**one.year for one in years])


@pytest.mark.parametrize("name", ["customers", "revenue", "margin"])
def test_twice_as_many_customers_revenue_or_margin_are_worth_twice_as_much(name):
    base = next(one.base for one in STUDY if one.id == name)
    assert change(**{name: base * 2}).retention == pytest.approx(2 * 3_279_799, rel=1e-6)


def test_half_the_gain_is_worth_a_little_less_than_half():
    gained = next(one.base for one in STUDY if one.id == "gained")
    by_hand = sum(60_000_000 * ((0.8 + gained / 2) ** t - 0.8**t) for t in (1, 2, 3))
    assert change(gained=gained / 2).retention == pytest.approx(by_hand) and 0.49 < by_hand / 3_279_799 < 0.5


def test_higher_retention_makes_the_same_gain_worth_more_because_its_customers_stay():
    gained = next(one.base for one in STUDY if one.id == "gained")
    by_hand = sum(60_000_000 * ((0.9 + gained) ** t - 0.9**t) for t in (1, 2, 3))
    assert change(retention=0.9).retention == pytest.approx(by_hand) and by_hand > 3_279_799


def test_one_year_less_is_worth_less_by_that_year_and_a_discount_by_its_power():
    last = advocacy(STUDY).years[2].value
    assert change(years=2).retention == pytest.approx(3_279_799 - last)
    assert change(discount=0.1).retention == pytest.approx(sum(one.value / 1.1**one.year for one in advocacy(STUDY).years))
    assert change(other=1_000_000).total == pytest.approx(4_279_799, abs=1)


def test_low_base_and_high_stand_in_order_and_what_is_edited_says_so():
    low, base, high = (advocacy(STUDY, case).total for case in value.CASES)
    assert low < base < high
    one = next(one for one in edited(STUDY, {"margin": {"base": 0.7, "low": 0.6}}) if one.id == "margin")
    assert (one.low, one.base, one.high, one.origin) == (0.6, 0.7, 0.7, "edited")


def test_sensitivity_moves_each_assumption_alone():
    found = value.sensitivity(STUDY)
    assert set(found) == {"customers", "revenue", "margin", "retention", "gained", "other"}
    assert all(low < 4_000_000 < high for low, high in found.values())
    assert found["margin"] == pytest.approx((4_000_000 - 327_979.9, 4_000_000 + 327_979.9))


@pytest.mark.parametrize(("call", "words"), [
    (lambda: retention_value(10, 10.0, 0.1, 0.95, 0.1, 3), "not between 0% and 100%"), (lambda: retention_value(10, 10.0, 1.1, 0.5, 0.1, 3), "margin"),
    (lambda: retention_value(10, 10.0, 0.1, 0.5, 0.1, 0), "Years run from"), (lambda: gained_for(1e12, 10, 10.0, 0.1, 0.5, 3), "the most, with nobody lost"),
    (lambda: edited(STUDY, {"marginn": {"base": 1.0}}), "no assumption 'marginn'"), (lambda: edited(STUDY, {"margin": {"base": math.nan}}), "as numbers")])
def test_what_cannot_be_is_refused_with_its_limits(call, words):
    with pytest.raises(StudyRefused, match=words):
        call()


COSTS = [Cost("Support", 100_000, "tickets", low=90_000, high=120_000), Cost("Onboarding", 60_000, "hours"), Cost("Renewals", 30_000, "renewals")]
VOLUMES = {"Support": {"Small": 300, "Large": 100}, "Onboarding": {"Large": 40}}
ACCOUNTS = {"Small": 200, "Large": 50}
REVENUE = {"Small": 500_000.0, "Large": 2_000_000.0}


def test_each_activity_is_shared_out_by_its_volume_and_adds_up():
    (small, large), notes = cost_to_serve(COSTS, VOLUMES, ACCOUNTS, REVENUE)
    assert small.by_activity == {"Support": 75_000, "Onboarding": 0, "Renewals": 24_000} and large.cost == 25_000 + 60_000 + 6_000
    assert small.cost + large.cost == 190_000 and (small.each, large.each) == (495, 1820)
    assert large.share_of_revenue == pytest.approx(0.0455) and notes == ["Renewals"]


def test_cost_has_a_low_and_a_high():
    totals = [sum(one.cost for one in cost_to_serve(COSTS, VOLUMES, ACCOUNTS, REVENUE, case)[0]) for case in value.CASES]
    assert totals == [180_000, 190_000, 210_000]


@pytest.mark.parametrize(("volumes", "accounts", "words"), [
    ({"Support": {"Huge": 3}}, ACCOUNTS, "'Huge' has volume and no accounts"), ({"Support": {"Small": -3}}, ACCOUNTS, "not below 0"),
    ({}, {"Small": 0}, "no accounts to share")])
def test_a_cost_that_cannot_be_shared_out_is_refused(volumes, accounts, words):
    with pytest.raises(StudyRefused, match=words):
        cost_to_serve(COSTS, volumes, accounts, REVENUE)


@pytest.mark.parametrize("retention", [0.9, 0.95, 0.98])
def test_a_company_that_keeps_nearly_all_of_its_customers_has_a_worth_too(retention):
    """A tenth more than 95% is more than everybody: what is moved stops where nobody is lost."""
    made = value.edited(value.study_assumptions(), {"retention": {"base": retention}})
    gained = next(one.base for one in made if one.id == "gained")
    less, more = value.sensitivity(made)["retention"]
    everybody = value.edited(made, {"retention": {"base": min(retention * 1.1, 1 - gained)}})
    assert less < value.advocacy(made).total < more == pytest.approx(value.advocacy(everybody).total)
