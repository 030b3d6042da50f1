"""The arithmetic of give and take: what holds for every ledger, whatever the order in which it was written."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.core import ledger
from scorecard.core.experiments import Arm
from scorecard.core.ledger import Ask, Deposit, Signs
from scorecard.core.periods import Period

START = date(2025, 11, 20)
DAYS = st.integers(0, 400).map(lambda n: START + timedelta(n))
WEIGHTS = st.sampled_from([0.5, 1.0, 2.0, 3.0])
DEPOSITS = st.lists(st.tuples(DAYS, WEIGHTS), max_size=12).map(lambda found: [Deposit(f"d{n}", on, weight) for n, (on, weight) in enumerate(found)])
STATES = st.sampled_from(["planned", "asked", "agreed", "declined", "withdrawn"])
ASKS = st.lists(st.tuples(DAYS, STATES, WEIGHTS), max_size=12).map(lambda found: [Ask(f"a{n}", *one) for n, one in enumerate(found)])
LAST = Period(date(2026, 12, 1), "month")

# The ledger of Brightwater Foods, as it is drawn in the design.
GAVE = [Deposit(name, date.fromisoformat(on)) for name, on in (
    ("intro", "2025-11-20"), ("praise", "2026-01-15"), ("course", "2026-02-26"), ("trial", "2026-04-22"), ("digest", "2026-06-10"),
    ("award", "2026-08-19"), ("training", "2026-10-12"))]
ASKED = [Ask(name, date.fromisoformat(on), state) for name, on, state in (
    ("reference", "2025-12-11", "agreed"), ("feedback", "2026-03-18", "agreed"), ("meeting", "2026-05-06", "declined"), ("review", "2026-07-08", "agreed"),
    ("talk", "2026-08-05", "declined"), ("case study", "2026-11-24", "planned"), ("second reference", "2026-12-10", "planned"),
    ("board talk", "2027-01-15", "planned"))]
SIGNS = Signs((date(2026, 10, 12),), 0, 48, 59)


def test_the_ledger_of_the_design_is_58_to_42_and_mutual():
    found = ledger.balance(GAVE, ASKED, date(2025, 11, 20), date(2026, 11, 20))
    assert (found.given, found.asked, found.shown, found.side) == (7, 5, "58 / 42", "mutual")


def test_the_event_talk_of_the_design_had_no_deposit_before_it_and_nothing_else():
    assert ledger.unprepared(GAVE, ASKED) == {"talk"} and not ledger.bunched(GAVE, ASKED)


def test_the_three_asks_of_the_design_are_answered_as_there():
    by_name = {one.id: ledger.readiness(one, GAVE, ASKED, SIGNS) for one in ASKED if one.state == "planned"}
    assert [one.may for one in by_name.values()] == [True, False, False]
    assert list(by_name["case study"].checks.values()) == ["yes", "yes", "yes", "yes", "yes", "caution"] and by_name["case study"].apart == 43
    second, board = by_name["second reference"], by_name["board talk"]
    assert (second.checks["quarter"], second.other.id, second.free_from) == ("no", "case study", date(2027, 1, 4))
    assert (board.checks["moment"], board.checks["quarter"], len(board.before)) == ("no", "yes", 2)


@pytest.mark.parametrize(("first_month", "on", "free"), [(1, "2026-10-01", "2027-01-04"), (1, "2026-09-30", None), (2, "2026-11-02", "2027-02-01"),
                                                         (2, "2026-10-30", None), (2, "2027-01-29", None), (12, "2026-11-30", None), (4, "2026-10-01", "2027-01-04")])
def test_one_ask_a_quarter_holds_for_the_quarters_of_the_fiscal_year(first_month, on, free):
    ask, made = Ask("a", date(2026, 12, 10), "planned"), Ask("b", date.fromisoformat(on), "agreed" if on < "2027" else "planned")
    found = ledger.readiness(ask, GAVE, [ask, made], SIGNS, first_month)
    assert found.checks["quarter"] == ("no" if free else "yes") and found.free_from == (date.fromisoformat(free) if free else None)


def test_a_quarter_of_any_fiscal_year_ends_where_the_next_begins():
    for first in range(1, 13):
        assert {ledger.next_quarter(date(2026, month, 28), first).month for month in range(1, 13)} == {(first - 1 + n) % 12 + 1 for n in (0, 3, 6, 9)}
        assert all(0 < (ledger.next_quarter(day, first) - day).days <= 92 for day in (date(2026, month, 1) for month in range(1, 13)))


@pytest.mark.parametrize(("gave", "took", "side", "shown"), [((0.1, 0.2, 0.3), (0.1, 0.3), "mutual", "60 / 40"), ((1,) * 3, (1,) * 2, "mutual", "60 / 40"),
                                                             ((1,) * 29, (1,) * 19, "ours", "61 / 39"), ((1,) * 19, (1,) * 29, "theirs", "39 / 61")])
def test_what_is_called_one_sided_never_reads_as_60_to_40(gave, took, side, shown):
    deposits, asks = [Deposit(str(n), START, one) for n, one in enumerate(gave)], [Ask(str(n), START, "agreed", one) for n, one in enumerate(took)]
    found = ledger.balance(deposits, asks, START, START)
    assert (found.side, found.shown) == (side, shown)


@given(DEPOSITS, ASKS)
def test_both_shares_add_up_to_one(deposits, asks):
    found = ledger.balance(deposits, asks, START, date.max)
    if found.ours is None:
        assert found.theirs is None and not deposits and not any(one.made for one in asks)
    else:
        assert found.ours + found.theirs == pytest.approx(1) and sum(map(int, found.shown.split(" / "))) == 100


@given(DEPOSITS, ASKS, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_in_which_entries_were_written_never_matters(deposits, asks, chance):
    other_deposits, other_asks = list(deposits), list(asks)
    chance.shuffle(other_deposits)
    chance.shuffle(other_asks)
    for told in (ledger.unprepared, ledger.bunched, lambda d, a: ledger.balance(d, a, START, date.max),
                 lambda d, a: ledger.acceptance([(d, a)]), lambda d, a: ledger.give_first([(d, a)], LAST),
                 lambda d, a: {one.id: ledger.readiness(one, d, a, SIGNS) for one in a}):
        assert told(deposits, asks) == told(other_deposits, other_asks)


@given(DEPOSITS, ASKS)
def test_an_ask_is_never_flagged_when_a_deposit_stands_before_it(deposits, asks):
    flagged = ledger.unprepared(deposits, asks)
    for one in asks:
        if one.made and any((ledger.last_ask(one.on, asks) or date.min) <= gift.on < one.on for gift in deposits):
            assert one.id not in flagged
        if not one.made:
            assert one.id not in flagged


@given(DEPOSITS, ASKS)
def test_what_has_no_deposit_before_it_is_not_bunched_as_well(deposits, asks):
    assert not ledger.unprepared(deposits, asks) & ledger.bunched(deposits, asks)


@given(DEPOSITS, ASKS)
def test_each_deposit_stands_before_the_asks_of_one_day_at_most(deposits, asks):
    days = {one.on for one in asks if one.made}
    told = [gift.id for on in days for gift in ledger.before(on, deposits, asks)]
    assert len(told) == len(set(told))


@given(DEPOSITS, ASKS, DAYS)
def test_one_more_deposit_never_flags_an_ask_and_never_lowers_our_share(deposits, asks, on):
    more = [*deposits, Deposit("new", on)]
    assert ledger.unprepared(more, asks) <= ledger.unprepared(deposits, asks)
    was, now = (ledger.balance(found, asks, START, date.max).ours for found in (deposits, more))
    assert was is None or now >= was - 1e-12


@given(DEPOSITS, ASKS)
def test_the_months_of_a_measure_add_up_to_the_whole(deposits, asks):
    months = ledger.give_first([(deposits, asks)], LAST)
    made = [one for one in asks if one.made and one.on <= LAST.end]
    assert sum(month[2] for month in months.values()) == len(made)
    assert sum(month[1] for month in months.values()) == len(made) - len([one for one in made if one.id in ledger.unprepared(deposits, asks)])
    shares = ledger.reciprocity(deposits, asks, LAST)
    whole = ledger.balance(deposits, asks, START, LAST.end)
    assert sum(month[1] for month in shares.values()) == pytest.approx(whole.gave)
    assert sum(month[2] for month in shares.values()) == pytest.approx(whole.gave + whole.took)
    assert all(0 <= month[0] <= 1 for month in shares.values())


@given(DEPOSITS, ASKS)
def test_every_answered_ask_is_on_one_side_of_the_comparison(deposits, asks):
    without, given_first = ledger.acceptance([(deposits, asks)])
    answered = [one for one in asks if one.state in ("agreed", "declined")]
    assert without.n + given_first.n == len(answered) and without.hits + given_first.hits == sum(one.state == "agreed" for one in answered)


def test_the_comparison_of_the_design_has_its_interval_and_one_side_alone_has_none():
    found = ledger.association(Arm(2, 7), Arm(19, 28))
    assert found.difference == pytest.approx(0.393, abs=0.001) and found.lower < 0 < found.upper
    assert (round(found.lower, 2), round(found.upper, 2)) == (-0.01, 0.64)
    assert ledger.association(Arm(0, 0), Arm(3, 4)) is None


@pytest.mark.parametrize(("days", "bunched"), [((43,), False), ((4,), True), ((43, 4), False), ((43, 4, 2), True), ((13,), True), ((14,), False)])
def test_deposits_are_bunched_when_most_stand_close_before_the_ask(days, bunched):
    ask = Ask("a", date(2026, 11, 24), "planned")
    gifts = [Deposit(str(n), ask.on - timedelta(n)) for n in days]
    assert bool(ledger.bunched(gifts, [ask])) is bunched
    assert ledger.readiness(ask, gifts, [ask], SIGNS).checks["motive"] == ("no" if bunched else "yes")


@pytest.mark.parametrize(("on", "near"), [("2026-11-20", True), ("2026-11-24", True), ("2026-11-11", True), ("2026-11-10", False), ("2026-11-25", False)])
def test_a_gift_shortly_before_a_planned_ask_is_warned_about(on, near):
    assert bool(ledger.asks_near(date.fromisoformat(on), [Ask("a", date(2026, 11, 24), "planned"), Ask("b", date(2026, 11, 24), "agreed")])) is near


@pytest.mark.parametrize(("done", "today", "given_up", "became"), [
    ("2026-09-30", "2026-11-22", False, "kept"), ("2026-10-01", "2026-11-22", False, "late"), (None, "2026-09-30", False, "open"),
    (None, "2026-10-01", False, "overdue"), (None, "2026-10-30", False, "overdue"), (None, "2026-10-31", False, "broken"), (None, "2026-09-01", True, "broken"),
    ("2026-09-29", "2026-11-22", True, "broken"),
])
def test_a_promise_is_kept_late_broken_overdue_or_open(done, today, given_up, became):
    assert ledger.promise(date(2026, 9, 30), date.fromisoformat(done) if done else None, date.fromisoformat(today), given_up) == became


def test_promises_count_in_the_month_in_which_they_are_due():
    pairs = [(date(2026, 9, 30), date(2026, 9, 30)), (date(2026, 9, 5), date(2026, 10, 1)), (date(2026, 10, 4), None), (date(2026, 11, 30), None)]
    assert ledger.kept_by_month(pairs, Period(date(2026, 10, 1), "month")) == {
        Period(date(2026, 9, 1), "month"): (0.5, 1.0, 2.0), Period(date(2026, 10, 1), "month"): (0.0, 0.0, 1.0)}


def test_a_ticket_that_is_severe_a_low_score_and_a_missing_moment_are_told_apart():
    ask = Ask("a", date(2026, 11, 24), "planned")
    bare = ledger.readiness(ask, GAVE, [ask], Signs((), 2, 80, 79)).checks
    assert (bare["moment"], bare["severe"], bare["health"]) == ("no", "no", "yes")
    unknown = ledger.readiness(ask, GAVE, [ask], Signs((date(2026, 11, 1),)))
    assert (unknown.checks["severe"], unknown.checks["health"], unknown.may) == ("caution", "caution", True)


def test_a_segment_that_gets_more_exceptions_is_named_only_beyond_chance_and_with_enough_cases():
    cases = [("Enterprise", n < 18) for n in range(20)] + [("Small business", n < 2) for n in range(20)] + [("Mid-market", True)] * 4
    found = {one.segment: one for one in ledger.fairness(cases)}
    assert (found["Enterprise"].differs, found["Small business"].differs, found["Mid-market"].differs) == (True, True, None)
    assert found["Mid-market"].interval is None and list(found) == sorted(found)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=40))
def test_the_cases_of_the_segments_are_all_of_them(cases):
    found = ledger.fairness(cases)
    assert sum(one.cases for one in found) == len(cases) and sum(one.exceptions for one in found) == sum(hit for _, hit in cases)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 10)), max_size=40))
def test_every_account_stands_in_one_corner(points):
    assert sum(ledger.corners(points, 0.6, 7.5).values()) == len(points)
