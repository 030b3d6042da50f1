"""Ledgers as they are read from a store: joined promises, checks, all accounts together, measures, and what is kept."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from scorecard import registers
from scorecard.core.periods import Period
from scorecard.errors import NotAllowed, ScorecardError
from scorecard.places import measures_file
from scorecard.relations import book, ledger, readiness, trust
from scorecard.reviews import recorded
from scorecard.store import definitions, measures
from tests import facts
from tests.relations import ledgers

TODAY = ledgers.TODAY
ACCOUNTS = (("A1", "Brightwater Foods", "Enterprise"), ("A2", "Copper Clinics", "Enterprise"), ("A3", "Dale Stores", "Small business"))
PROMISES = [
    {"promise_id": "P1", "account_id": "A1", "made_on": date(2026, 8, 1), "due_on": date(2026, 9, 5), "kept_on": date(2026, 9, 4), "text": "Award shown to the board",
     "csm": "Rana Amari"},
    {"promise_id": "P2", "account_id": "A1", "made_on": date(2026, 10, 1), "due_on": date(2026, 11, 20), "text": "Figures for the board", "csm": "Jonas Kowal"},
    {"promise_id": "P3", "account_id": "A2", "made_on": date(2026, 10, 1), "due_on": date(2026, 11, 20), "text": "Another account"},
]  # fmt: skip
TICKETS = [{"ticket_id": id, "account_id": account, "opened_at": datetime(2026, 11, 1, 9), "severity": severity} for id, account, severity in (
    ("T1", "A1", "low"), ("T2", "A2", "Urgent"))]


@pytest.fixture
def kept(store, leader):
    """Three accounts with their facts; the ledger of the design stands in the first one."""
    accounts = [{"account_id": id, "name": name, "segment": segment, "started_on": date(2024, 1, 1)} for id, name, segment in ACCOUNTS]
    facts.put(store, account=accounts, promise=PROMISES, ticket=TICKETS)
    definitions.record_file(store, measures_file(), "first start")
    ledgers.write(store, leader, "A1")
    return store


def test_the_ledger_says_what_the_design_says(kept):
    found = ledger.read(kept, "A1", TODAY)
    assert ledger.balance_sentence(found).text == "We gave 7 times and asked 5: 58 to 42, mutual. One ask had no deposit before it, and was declined."
    assert [one.what for one in found.lines if one.bare] == ["Event talk"] and found.last.what == "Night-shift training"
    first, second, board = readiness.read(kept, found)
    assert (first.may, second.may, board.may) == (True, False, False)
    assert first.notes == {"gave": "2 deposits since 5 Aug", "moment": "Night-shift training, 12 Oct", "severe": "1 open, none severe", "quarter": "last ask 5 Aug",
                           "motive": "43 days between", "health": "not known"}  # fmt: skip
    assert second.reasons == ("case study is this quarter's ask; it can follow from 4 January",) and board.reasons == ("have a good moment first",)
    assert readiness.sentence([first]).text == "Case study on 24 November is ready, with one caution: health is not known. Ask about that first."


def test_a_severe_ticket_and_nothing_given_stop_an_ask(kept, leader):
    registers.add(kept, leader, "ask", {"account": "A2", "what": "Reference", "on": "2026-12-01", "by": None}, today=TODAY)
    (one,) = readiness.read(kept, ledger.read(kept, "A2", TODAY))
    assert one.reasons == ("give first", "have a good moment first", "solve the severe ticket first")


def test_an_unknown_account_is_refused_in_words(kept):
    with pytest.raises(ScorecardError, match="There is no account 'A9'"):
        ledger.read(kept, "A9", TODAY)


def test_promises_of_the_exports_and_those_written_down_are_one_list(kept):
    found = trust.read(kept, "A1", TODAY)
    assert {one.what: one.words for one in found.promises} == {
        "Plan for the new site": "open", "Figures for the board": "overdue", "Answer on the payroll link": "late, told before", "Fix of the export": "kept",
        "Award shown to the board": "kept", "Price letter 90 days before": "broken, not told"}  # fmt: skip
    assert trust.sentence(found).text == ("2 of 5 promises were kept in 12 months. One was late and told before, one was overdue, one was broken and not told: "
                                          "Price letter 90 days before.")


def test_a_promise_of_the_exports_that_is_kept_is_written_down_once_with_its_number(kept, leader):
    trust.keep(kept, leader, "A1", "number:P2", date(2026, 11, 22), "before", TODAY)
    one = next(one for one in trust.read(kept, "A1", TODAY).promises if one.number == "P2")
    assert (one.words, one.done, one.by) == ("late, told before", date(2026, 11, 22), "Jonas Kowal") and one.entry
    trust.keep(kept, leader, "A1", one.key, date(2026, 11, 20), "", TODAY)
    now = [one for one in trust.read(kept, "A1", TODAY).promises if one.number == "P2"]
    assert [one.became for one in now] == ["kept"]


@pytest.mark.parametrize("key", ["number:P3", "number:P9", "entry:nothing"])
def test_a_promise_of_another_account_is_not_kept_here(kept, leader, key):
    with pytest.raises(ScorecardError, match="There is no promise"):
        trust.keep(kept, leader, "A1", key, TODAY, "", TODAY)


def test_a_viewer_keeps_no_promise_and_no_promise_is_kept_tomorrow(kept, viewer, leader):
    with pytest.raises(NotAllowed):
        trust.keep(kept, viewer, "A1", "number:P2", TODAY, "", TODAY)
    with pytest.raises(ScorecardError, match="has not come yet"):
        trust.keep(kept, leader, "A1", "number:P2", date(2026, 11, 23), "", TODAY)


def test_all_ledgers_name_the_one_sided_account_and_compare_asks_with_and_without_giving(kept, leader):
    for n in range(6):
        registers.add(kept, leader, "ask", {"account": "A3", "what": f"Favour {n}", "on": f"2026-0{n + 3}-01", "by": None}, state="declined", today=TODAY)
    found = book.read(kept, TODAY)
    assert found.next_asked == "A1", "its case study is the next ask"
    assert found.having(book.ONE_SIDED) == ("A3",) and found.standings["A3"].balance.side == "theirs" and found.standings["A3"].bare == 6
    assert (found.given.hits, found.given.n, found.without.hits, found.without.n) == (3, 4, 0, 7)
    first, second, third = book.sentences(found, {"A3": "Dale Stores"})
    assert first.text == "7 deposits and 11 asks in twelve months: 39 to 61. One account is one-sided: Dale Stores."
    assert second.text == "7 of 11 asks had no deposit before them. Give first."
    assert third.rest.endswith("Few asks: read it with care.") and "points apart" in third.rest
    assert book.read(kept, TODAY, "Small business").total.asked == 6


def test_the_list_is_paged_searched_and_narrowed_in_the_store(kept):
    found = book.read(kept, TODAY)
    asked, sided = (book.narrowed(kept, found, "", way) for way in (book.PLANNED, book.ONE_SIDED))
    assert [one.name for one in book.page(kept, found, "", "", None, 2, 0)[1]] == ["Brightwater Foods", "Copper Clinics"]
    assert book.page(kept, found, "", "", None, 2, 2)[0] == 3 and [one.name for one in book.page(kept, found, "", "", None, 2, 2)[1]] == ["Dale Stores"]
    assert [one.id for one in book.page(kept, found, "brig", "", None, 9, 0)[1]] == ["A1"] and book.narrowed(kept, found, "", book.ALL) is None
    assert [one.id for one in book.page(kept, found, "", "", asked, 9, 0)[1]] == ["A1"] and book.page(kept, found, "copper", "", asked, 9, 0) == (0, ())
    assert book.page(kept, found, "", "", sided, 9, 0) == (0, ()) and book.page(kept, found, "", "", asked, 9, 9) == (1, ())


def test_give_first_reciprocity_and_logged_promises_are_measures_of_whole_months(kept, leader):
    recorded.refresh(kept, leader, TODAY)
    with kept.read() as tx:
        told = {(one.measure, str(one.period)): (one.value, one.numerator, one.denominator) for one in measures.figures(tx, [book.GIVE_FIRST, book.RECIPROCITY, trust.LOGGED_KEPT])}
    assert told[book.GIVE_FIRST, "2026-08"] == (0.0, 0.0, 1.0) and told[book.GIVE_FIRST, "2026-07"] == (1.0, 1.0, 1.0)
    assert told[book.RECIPROCITY, "2026-08"] == (0.5, 1.0, 2.0) and told[book.RECIPROCITY, "2026-10"] == (1.0, 1.0, 1.0)
    assert told[trust.LOGGED_KEPT, "2026-10"] == (0.0, 0.0, 1.0) and told[trust.LOGGED_KEPT, "2026-09"] == (1.0, 1.0, 1.0)
    assert (book.GIVE_FIRST, "2026-11") not in told


def test_a_weight_of_the_catalogue_moves_the_share_and_its_measure(kept, leader):
    with kept.read() as tx:
        kind = next(one for one in registers.entries(tx, "ledger_kind") if one.title == "Recognition")
    registers.change(kept, leader, "ledger_kind", kind.id, {"weight": 3}, seen_version=kind.version)
    assert ledger.read(kept, "A1", TODAY).balance.shown == "69 / 31"
    assert recorded.entry_changed(kept, leader, "ledger_kind", TODAY).changed and Period(date(2026, 8, 1), "month")
    with kept.read() as tx:
        august = next(one for one in measures.figures(tx, [book.RECIPROCITY]) if str(one.period) == "2026-08")
    assert (august.value, august.numerator, august.denominator) == (0.75, 3.0, 4.0)


def test_a_gift_above_the_policy_is_named_and_the_limit_has_a_beginning(kept, leader):
    registers.add(kept, leader, "deposit", {"account": "A1", "what": "Hamper", "on": "2026-09-01", "cost": 80, "by": None}, today=TODAY)
    assert ledger.gift_sentence(ledger.read(kept, "A1", TODAY), "$") is None
    registers.add(kept, leader, "gift_limit", {"each": 100, "year": 60, "since": "2026-01-01", "why": "Code of conduct"}, today=TODAY)
    assert ledger.gift_sentence(ledger.read(kept, "A1", TODAY), "$").text == "Gifts of twelve months are above the policy: $80; the most for one account is $60."
    registers.add(kept, leader, "gift_limit", {"each": 50, "since": "2026-06-01", "why": "Code of conduct, 2"}, today=TODAY)
    registers.add(kept, leader, "gift_limit", {"each": 500, "since": "2027-01-01", "why": "Next year"}, today=TODAY)
    assert ledger.gift_sentence(ledger.read(kept, "A1", TODAY), "$").text == "A gift is above the policy: Hamper, $80; the most for one gift is $50."


def test_only_who_changes_goals_writes_the_gift_policy(kept, analyst):
    with pytest.raises(NotAllowed):
        registers.add(kept, analyst, "gift_limit", {"each": 50, "since": "2026-01-01", "why": "Mine"}, today=TODAY)


def test_a_deposit_has_a_kind_of_deposit_and_a_name_of_both_sides_is_no_riddle(kept, leader):
    with kept.read() as tx:
        by_name = {one.title: one.id for one in registers.entries(tx, "ledger_kind")}
    both = registers.add(kept, leader, "ledger_kind", {"name": "Recognition", "side": "ask"}, today=TODAY)
    made = registers.add(kept, leader, "deposit", {"account": "A2", "what": "Thanks", "kind": "Recognition", "by": None}, today=TODAY)
    assert made.values["kind"] == by_name["Recognition"] and both.id not in registers.offered(kept, "entry:ledger_kind", only={"side": "deposit"})
    for wrong in (by_name["Reference"], "Reference"):
        with pytest.raises(ScorecardError, match="Kind: there is no kind"):
            registers.add(kept, leader, "deposit", {"account": "A2", "what": "Thanks", "kind": wrong, "by": None}, today=TODAY)
