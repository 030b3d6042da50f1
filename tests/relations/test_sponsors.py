"""Sponsors on records: both sides counted, what is said, dates in the calendar, one item of the agenda."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from scorecard import diary, organisation, registers
from scorecard.errors import NotAllowed, ScorecardError
from scorecard.maturity.records import records
from scorecard.output import sponsors_tables
from scorecard.relations import sponsors
from scorecard.store.members import Person
from tests.conftest import make_actor
from tests import facts

TODAY = date(2026, 11, 22)
LEADER = make_actor()


def put(store, tx, of: str, side: str, n: int, mark: str) -> None:
    due = f"2026-{n:02d}-10" if mark != "p" else "2026-12-11"
    said = {"sponsorship": of, "side": side, "what": f"{side} {n}", "due": due, "evidence": "minutes"}
    registers.put(store, tx, registers.register("commitment"), said, {"k": "kept", "m": "missed", "p": "planned"}[mark], TODAY, f"{of}-{side}-{n}")


@pytest.fixture
def team(begun):
    """A store with two accounts and a sponsor, and the function that adds a sponsored account with its commitments."""
    facts.put(begun, account=[{"account_id": id, "name": name, "segment": "Enterprise"} for id, name in (("A1", "Fenwick Logistics"), ("A2", "Brightwater Foods"))])
    who = organisation.add_member(begun, make_actor("admin"), Person("", "Dana Okafor"), "viewer").person.id

    def add(account: str, ours: str, theirs: str, **values):
        one = registers.add(begun, LEADER, "sponsorship", {"account": account, "sponsor": who, "customer_executive": "Ola Brandt", "why": "merger in 2027"} | values, today=TODAY)
        rows = [(side, n, mark) for side, marks in (("ours", ours), ("theirs", theirs)) for n, mark in enumerate(marks, 1)]
        begun.write(lambda tx: [put(begun, tx, one.id, *row) for row in rows], "rana")
        return one

    return begun, add


def test_both_sides_are_counted_and_the_one_sided_account_is_named(team):
    store, add = team
    add("A1", "kkkkkkkp", "mkmmkmp")
    add("A2", "kkkkmkkp", "kkkkkpp")
    found = sponsors.read(store, TODAY)
    first, second = found.accounts
    assert [one.name for one in found.accounts] == ["Brightwater Foods", "Fenwick Logistics"], "alphabetical, never by who keeps more"
    assert (first.ours.kept, first.ours.due, first.theirs.kept, first.theirs.due, first.one_sided) == (6, 7, 5, 5, False)
    assert second.share == pytest.approx(7 / 9) and second.one_sided
    said = [one.text for one in sponsors.sentences(found)]
    assert said[0] == "We kept 13 of 14 commitments that were due, our customers 7 of 11. 1 of 2 accounts show nothing to act on."
    assert said[1] == "Fenwick Logistics is one-sided: we kept 7 of 7, they kept 2 of 6. No review date is set."


@pytest.mark.parametrize(("ours", "theirs", "begins"), [
    ("kkkkkkk", "mkmmkm", "Say it as a fact: 2 of their 6"), ("mmkmkmk", "kkkkkk", "Begin with us: 3 of our 7"), ("kkkkkk", "kkkkkp", "Both sides keep what they say"),
    ("kk", "kk", "4 commitments were due so far: too few"), ("mmm", "mmm", "None of 6 commitments"), ("", "", "0 commitments were due"),
])  # fmt: skip
def test_the_suggestion_names_facts_and_never_a_debt(team, ours, theirs, begins):
    store, add = team
    add("A1", ours, theirs)
    told = sponsors.suggestion(sponsors.read(store, TODAY).accounts[0])
    assert told.startswith(begins)
    assert not {"owe", "owes", "debt", "return", "repay", "fault", "blame", "should"} & set(told.lower().replace(",", " ").replace(".", " ").split())


def test_a_fourth_account_of_one_sponsor_is_warned_about(team):
    store, add = team
    for account in ("A1", "A2", "A1"):
        add(account, "", "")
    assert sponsors.notices(sponsors.read(store, TODAY)) == []
    add("A2", "", "")
    assert sponsors.notices(sponsors.read(store, TODAY)) == ["Dana Okafor holds 4 accounts. A sponsor can be there for 3 at most."]


def test_a_review_date_stands_in_the_calendar_and_who_spoke_last_counts(team):
    store, add = team
    one = add("A1", "", "", next_review="2026-12-09")
    assert sponsors.keep_calendar(store, LEADER, TODAY) == 1 and sponsors.keep_calendar(store, LEADER, TODAY) == 0
    entry = only_review(store)
    assert (entry.title, entry.planned) == ("Sponsor review, Fenwick Logistics", date(2026, 12, 9))
    diary.move(store, LEADER, entry.id, date(2026, 12, 15), entry.version)
    assert sponsors.read(store, TODAY).accounts[0].next_review == date(2026, 12, 15)
    registers.change(store, LEADER, "sponsorship", one.id, {"customer_role": "COO"}, seen_version=1)
    assert sponsors.keep_calendar(store, LEADER, TODAY) == 0, "another word changed is no other day"
    sponsors.plan_review(store, LEADER, one.id, date(2027, 1, 14), 2, TODAY)
    assert only_review(store).planned == date(2027, 1, 14) and sponsors.read(store, TODAY).accounts[0].next_review == date(2027, 1, 14)
    sponsors.review_held(store, LEADER, one.id, TODAY, 3, TODAY)
    found = sponsors.read(store, TODAY).accounts[0]
    assert (found.last_review, found.next_review, only_review(store).state) == (TODAY, None, "held")


def only_review(store) -> diary.Entry:
    with store.read() as tx:
        (entry,) = diary.listed(tx, "sponsor_review")
    return entry


def test_the_calendar_file_has_dates_and_names_and_nothing_of_what_was_kept(team):
    store, add = team
    add("A1", "kkkkkkk", "mkmmkm", next_review="2026-12-09")
    text = sponsors.calendar(sponsors.read(store, TODAY).accounts, datetime(2026, 11, 22, 9)).decode()
    assert "DTSTART;VALUE=DATE:20261209" in text and "SUMMARY:Sponsor review\\, Fenwick Logistics" in text
    assert not {"kept", "missed", "ours", "merger"} & set(text.lower().replace(":", " ").split())


def test_what_both_sides_kept_is_evidence_beside_the_maturity_of_sponsors(team):
    store, add = team
    add("A1", "kkkkkkkp", "mkmmkmp")
    registers.add(store, LEADER, "advocate", {"account": "A1", "who": "Ellen Marsh", "owner": None}, state="active", today=TODAY)
    told = records(store, TODAY)
    assert told["X2"].lines[:2] == ("Of 7 commitments that were due, we kept 7", "Of 6 commitments that were due, customers kept 2") and told["X2"].count == 13
    assert "Advocates now: 1 active" in told["A1"].lines


def test_names_of_accounts_and_executives_never_become_markup_and_the_twins_keep_the_order(team):
    store, add = team
    hostile = '<img src=x onerror="a">&'
    for account in ("A2", "A1"):
        add(account, "kkkkkkk", "mkmmkm", customer_executive=hostile, why=hostile)
    with store.facts() as tx:
        tx.run("UPDATE account SET name = $1 || name", [hostile])
    found = sponsors.read(store, TODAY)
    ways = sponsors_tables.Ways(str, str, str)
    drawn = [sponsors_tables.page(found, found.accounts, "", ways, "$"), sponsors_tables.account(found.accounts[0], ways), sponsors_tables.suggested(found.accounts[0])]
    assert all("<img" not in one for one in drawn) and "&lt;img" in drawn[0]
    assert [row[0] for row in sponsors_tables.programme(found).rows] == ["A2", "A1"] and len(sponsors_tables.every(found).rows) == 26


@pytest.mark.parametrize(("on", "sentence"), [(date(2026, 11, 21), "has passed"), (TODAY, "")])
def test_a_review_is_not_planned_in_the_past_nor_by_a_viewer(team, on, sentence):
    store, add = team
    one = add("A1", "", "")
    with pytest.raises(NotAllowed):
        sponsors.plan_review(store, make_actor("viewer"), one.id, on, 1, TODAY)
    if sentence:
        with pytest.raises(ScorecardError, match=sentence):
            sponsors.plan_review(store, LEADER, one.id, on, 1, TODAY)
    else:
        assert sponsors.plan_review(store, LEADER, one.id, on, 1, TODAY).values["next_review"] == "2026-11-22"


def test_a_commitment_is_kept_with_evidence_only(team):
    store, add = team
    add("A1", "p", "")
    (one,) = sponsors.read(store, TODAY).accounts[0].commitments
    with store.read() as tx:
        entry = registers.one(tx, "commitment", one.id)
    registers.change(store, LEADER, "commitment", one.id, {"evidence": None}, seen_version=entry.version)
    with pytest.raises(ScorecardError, match="Evidence"):
        sponsors.settle(store, LEADER, one.id, "kept", "", "", entry.version + 1)
    sponsors.settle(store, LEADER, one.id, "kept", "minutes of 12 Mar", "https://a.example/x", entry.version + 1)
    assert sponsors.read(store, TODAY).accounts[0].ours.kept == 1


def test_a_sponsor_of_more_than_three_accounts_is_named_and_two_of_one_name_are_two(team):
    store, add = team
    other = organisation.add_member(store, make_actor("admin"), Person("", "Dana Okafor", email="dana@larkfield.example"), "viewer").person.id
    for n in range(3):
        add("A1", "", "")
        add("A2", "", "", sponsor=other)
    assert not sponsors.read(store, TODAY).crowded
    add("A1", "", "")
    assert sponsors.notices(sponsors.read(store, TODAY)) == ["Dana Okafor holds 4 accounts. A sponsor can be there for 3 at most."]
