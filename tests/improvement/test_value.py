"""Faults with what stands behind them, cost to serve, the worth of advocacy: against hand arithmetic."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from scorecard import worth
from scorecard.core.periods import containing
from scorecard.errors import StudyRefused
from scorecard.improvement import faults, value
from scorecard.improvement.value import Rule
from scorecard.registers import Entry

AT = datetime(2026, 11, 1)


def make_entry(register: str, id: str = "e", state: str = "", at: date = date(2026, 11, 1), **values) -> Entry:
    return Entry(register, id, 1, state, AT, "", "", "", at, "x", values, "Rana Amari", AT, "Rana Amari", AT)


def make_fault(could: str = "", was: str = "", state: str = "reported", kind: str = "fault", **values) -> Entry:
    said = {"kind": kind} | ({"could_be_caught": could} if could else {}) | ({"caught_in": was} if was else {}) | values
    return make_entry("fault", state=state, **said)


def test_the_share_caught_upstream_is_of_all_faults_as_in_its_measure():
    told = [make_fault("development", "use"), make_fault("validation", "validation"), make_fault("use", "use"), make_fault("definition", "definition"), make_fault()]
    found = faults.caught(told)
    assert (found.upstream, found.faults, found.unsaid, found.missed) == (2, 5, 1, 1)
    ((share, *_),) = faults.upstream_by_month(told, containing(date(2026, 11, 1), "month")).values()
    assert share == found.upstream / found.faults
    assert found.share == pytest.approx((0.118, 0.769), abs=0.001)  # Wilson, 2 of 5
    assert found.cells[("development", "use")] == 1
    assert "1 does not say where and counts as not caught before." in faults.sentences(faults.told(told, {}), "$")[0].rest


def test_each_account_stands_behind_what_waits_once_and_stated_revenue_counts_as_stated():
    found = [make_fault(accounts=["a", "b"]), make_fault(accounts=["b"]), make_fault(accounts=["a"], revenue=5_000.0), make_fault(state="done", accounts=["c"])]
    told = faults.told(found, {"a": 1_000.0, "b": 200.0, "c": 9_000.0})
    assert told.waiting == 6_200.0
    assert told.fates[0].revenue["reported"] == 6_200.0 and told.fates[0].counts["done"] == 1


def test_what_late_faults_cost_is_that_of_faults_caught_in_use():
    late = faults.downstream([make_fault("development", "use", tickets=30, hours=12, churned=9_000), make_fault("use", "use", tickets=3), make_fault("validation", "validation", hours=99)])
    assert (late.faults, late.earlier, late.tickets, late.hours, late.churned) == (2, 1, 33, 12, 9_000)


def test_the_sentences_say_shares_with_their_counts():
    told = faults.told([make_fault("development", "use", tickets=30, hours=12), make_fault("validation", "validation")], {})
    said = [f"{one.bold} {one.rest}" for one in faults.sentences(told, "$")]
    assert said == ["1 of 2 faults were caught before customers met them, 50% (9 to 91%); 1 more could have been.",
                    "What customers met cost 30 tickets and 12 hours, and no revenue is known to have left because of it."]


# -- cost to serve

FIRST, LAST = date(2025, 11, 1), date(2026, 10, 31)
ACCOUNTS, REVENUE = {"Large": 10, "Small": 30}, {"Large": 100_000.0, "Small": 60_000.0}


def test_costs_are_shared_out_by_what_their_activity_did_and_add_up():
    rows = [("support", "", 9_000.0), ("success", "Large", 4_000.0), ("renewal", "", 400.0)]
    found = value.shared_out(rows, {"tickets": {"Large": 20, "Small": 70}}, ACCOUNTS, REVENUE, value.cost_rules([]), FIRST, LAST)
    large, small = found.served
    assert large.by_activity == pytest.approx({"support": 2_000, "success": 4_000, "renewal": 100})
    assert small.by_activity == pytest.approx({"support": 7_000, "success": 0, "renewal": 300})
    assert large.cost + small.cost == pytest.approx(13_400) and large.each == pytest.approx(610) and large.share_of_revenue == pytest.approx(0.061)
    assert found.shared == {"support": "tickets", "success": "named", "renewal": "renewals"}
    assert found.notes == ("Renewal has no volume: its cost is shared out by accounts.",)


def test_a_rule_says_by_what_a_cost_is_shared_out_and_how_far_it_may_be_wrong():
    rules = value.cost_rules([make_entry("cost_rule", activity="support", shared_by="accounts", low=0.1, high=0.2)])
    assert rules["support"] == Rule("accounts", 0.1, 0.2) and rules["renewal"] == Rule("renewals")
    found = value.shared_out([("support", "", 8_000.0)], {"tickets": {"Small": 5}}, ACCOUNTS, REVENUE, rules, FIRST, LAST)
    assert [found.by_case[case][0].cost for case in value.CASES] == pytest.approx([1_800, 2_000, 2_400])
    assert found.notes == ()


# -- advocacy


def test_without_figures_of_our_own_the_published_study_stands_and_the_gain_is_marked_as_solved():
    found = worth.worth_of([])
    assert found.worth["base"].retention == pytest.approx(3_279_799, abs=1) and found.worth["base"].total == pytest.approx(4_000_000, abs=1)
    assert {one.id: one.origin for one in found.assumptions}["gained"] == "solved"


@pytest.mark.parametrize("input, base, check", [
    ("margin", 24, lambda worth: worth.retention == pytest.approx(2 * 3_279_799, abs=2)),  # value goes with the margin
    ("customers", 10_000, lambda worth: worth.retention == pytest.approx(3_279_799 / 2, abs=1)),
    ("other", 0, lambda worth: worth.total == worth.retention),
    ("discount", 10, lambda worth: worth.retention < 3_279_799),
    # Two points more in one year: 20,000 × 0.02 × 25,000 × 12% = 1,200,000.
    ("years", 1, lambda worth: worth.retention == pytest.approx(20_000 * 25_000 * 0.12 * GAINED)),
])
def test_each_assumption_changes_the_worth_as_hand_arithmetic_says(input, base, check):
    found = worth.worth_of([make_entry("worth_input", input=input, base=base, source="Finance")])
    assert check(found.worth["base"])
    edited = next(one for one in found.assumptions if one.id == input)
    assert edited.origin == "edited" and found.sources[input] == "Finance"


GAINED = next(one.base for one in worth.worth_of([]).assumptions if one.id == "gained")


def test_of_two_figures_for_one_assumption_that_of_the_later_day_holds():
    old = make_entry("worth_input", "a", at=date(2026, 1, 1), input="gained", base=3, low=1, high=4, source="guess")
    new = make_entry("worth_input", "b", at=date(2026, 6, 1), input="gained", base=2, low=1, high=3, source="experiment")
    one = next(one for one in worth.worth_of([new, old]).assumptions if one.id == "gained")
    assert (one.low, one.base, one.high) == pytest.approx((0.01, 0.02, 0.03))


def test_assumptions_that_cannot_go_together_are_refused_in_words():
    with pytest.raises(StudyRefused, match="is not between"):
        worth.worth_of([make_entry("worth_input", input="retention", base=99.5, source="x")])
