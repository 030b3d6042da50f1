"""The calendar: entries that people make, and reviews that plan themselves."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from scorecard import diary, organisation
from scorecard.errors import NotAllowed, ScorecardError, StaleEdit, UsageError
from scorecard.store import definitions
from scorecard.store import diary as rows
from scorecard.store.members import Person
from tests.conftest import make_actor
from tests.scorecards import make_definition, make_scorecard

TODAY = date(2026, 11, 22)


@pytest.fixture
def company(store):
    """An organisation with a leader, a member and a scorecard, whose review is on the 2nd Thursday."""
    organisation.first_start(store)
    admin, leader = make_actor("admin"), make_actor("leader", "you", "You")
    organisation.add_member(store, admin, Person("", "Jo Lind"), "member")
    make_scorecard(store, make_definition("renewal_rate"))
    settings = organisation.organisation(store)
    organisation.save_organisation(store, leader, replace(settings, review_day="2nd Thursday", figures_due=2))
    return store


def make_entry(store, actor, **fields):
    told = {"kind": "feedback", "title": "Feedback to Development", "planned": date(2026, 12, 1), "owner": "jo-lind"}
    return diary.add(store, actor, **(told | fields))


def make_jo():
    return make_actor("member", "jo-lind", "Jo Lind")


def entries(store, kind=""):
    with store.read() as tx:
        return diary.listed(tx, kind)


def audit_of(store, entry):
    with store.read() as tx:
        return tx.all("SELECT actor, action, before_json, after_json FROM audit WHERE object = $1 ORDER BY seq", (f"diary:{entry.id}",))


# -- entries that people make


def test_an_entry_is_planned_and_listed_by_day(company):
    later = make_entry(company, make_jo(), planned=date(2027, 1, 5))
    sooner = make_entry(company, make_jo(), planned=date(2026, 12, 1), begins="14:00")
    assert [one.id for one in entries(company, "feedback")] == [sooner.id, later.id]
    assert (sooner.state, sooner.begins, sooner.owner, sooner.version) == ("planned", "14:00", "jo-lind", 1)


def test_an_entry_without_a_title_is_called_by_its_kind(company):
    assert make_entry(company, make_jo(), title="", kind="assumption").title == "Assumptions and blind spots"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "party"}, "is not a kind of calendar entry. Use monthly_review"),
        ({"begins": "2 pm"}, "Write one such as 14:00"),
        ({"begins": "24:00"}, "Write one such as 14:00"),
        ({"owner": "nobody"}, "There is no person 'nobody'"),
    ],
)
def test_a_wrong_entry_is_refused_and_nothing_is_kept(company, fields, words):
    with pytest.raises(UsageError, match=words):
        make_entry(company, make_jo(), **fields)
    assert entries(company) == []


def test_an_entry_is_held_missed_and_moved_with_the_first_day_kept(company):
    jo = make_jo()
    entry = make_entry(company, jo)
    moved = diary.move(company, jo, entry.id, date(2026, 12, 8), 1, "15:30")
    assert (moved.state, moved.planned, moved.moved_from, moved.begins) == ("moved", date(2026, 12, 8), date(2026, 12, 1), "15:30")
    again = diary.move(company, jo, entry.id, date(2026, 12, 9), 2)
    assert (again.moved_from, again.begins) == (date(2026, 12, 1), "15:30")
    held = diary.held(company, jo, entry.id, date(2026, 12, 9), 3)
    assert (held.state, held.held_on, held.on_time, held.open) == ("held", date(2026, 12, 9), False, False)


def test_an_entry_that_is_moved_back_to_its_first_day_is_planned_again(company):
    entry = make_entry(company, make_jo())
    diary.move(company, make_jo(), entry.id, date(2026, 12, 8), 1)
    back = diary.move(company, make_jo(), entry.id, date(2026, 12, 1), 2)
    assert (back.state, back.moved_from) == ("planned", None)


def test_what_was_held_on_its_day_was_held_on_time(company):
    entry = make_entry(company, make_jo())
    assert diary.held(company, make_jo(), entry.id, date(2026, 12, 1), 1).on_time


def test_a_day_that_is_still_to_come_was_not_held(company):
    entry = make_entry(company, make_jo())
    with pytest.raises(ScorecardError, match="1 Dec 2026 is still to come. Move the entry instead."):
        diary.held(company, make_jo(), entry.id, date(2026, 12, 1), 1, TODAY)


def test_what_happened_is_not_moved(company):
    entry = make_entry(company, make_jo())
    diary.missed(company, make_jo(), entry.id, 1, "Nobody came")
    with pytest.raises(ScorecardError, match="was missed already"):
        diary.move(company, make_jo(), entry.id, date(2026, 12, 9), 2)


def test_two_people_who_change_an_entry_do_not_overwrite_each_other(company):
    entry = make_entry(company, make_jo())
    diary.move(company, make_jo(), entry.id, date(2026, 12, 8), 1)
    with pytest.raises(StaleEdit, match="Jo Lind changed Feedback to Development meanwhile. Now stored: moved, 2026-12-08"):
        diary.held(company, make_actor("leader"), entry.id, date(2026, 12, 1), 1)


def test_each_change_is_in_the_audit_with_before_and_after(company):
    entry = make_entry(company, make_jo())
    diary.missed(company, make_jo(), entry.id, 1, "Nobody came")
    (_, planned, _, _), (who, action, before, after) = audit_of(company, entry)
    assert (planned, action, who) == ("plan entry", "miss entry", "Jo Lind")
    assert (json.loads(before)["state"], json.loads(after)["state"], json.loads(after)["note"]) == ("planned", "missed", "Nobody came")


# -- who may


def test_a_viewer_plans_nothing(company):
    with pytest.raises(NotAllowed, match="log touches"):
        make_entry(company, make_actor("viewer"))


@pytest.mark.parametrize("kind", diary.REVIEWS)
def test_only_who_decides_plans_a_review(company, kind):
    with pytest.raises(NotAllowed, match="Ask a leader"):
        make_entry(company, make_jo(), kind=kind)


@pytest.mark.parametrize(
    "change",
    [
        lambda store, actor, id: diary.held(store, actor, id, TODAY, 1),
        lambda store, actor, id: diary.missed(store, actor, id, 1),
        lambda store, actor, id: diary.move(store, actor, id, TODAY, 1),
    ],
    ids=["held", "missed", "move"],
)
@pytest.mark.parametrize("actor", [make_actor("member", "tolu", "Tolu"), make_actor("analyst", "", "watcher"), make_actor("viewer", "jo-lind", "Jo")])
def test_an_entry_is_changed_by_its_owner_or_a_leader(company, change, actor):
    entry = make_entry(company, make_jo())
    with pytest.raises(NotAllowed):
        change(company, actor, entry.id)
    assert change(company, make_actor("leader"), entry.id).version == 2


def test_the_owner_of_a_review_who_does_not_decide_does_not_move_it(company):
    entry = make_entry(company, make_actor("leader"), kind="monthly_review")
    with pytest.raises(NotAllowed):
        diary.move(company, make_jo(), entry.id, TODAY, 1)


# -- reviews plan themselves


def plan(store, today=TODAY):
    return diary.plan(store, make_actor("leader"), today)


def days(store, kind="monthly_review"):
    return [(one.object.rpartition(":")[2], one.planned.isoformat(), one.state) for one in entries(store, kind)]


def test_the_next_reviews_stand_on_the_review_day_for_the_month_before(company):
    plan(company)
    assert days(company) == [("2026-11", "2026-12-10", "planned"), ("2026-12", "2027-01-14", "planned"), ("2027-01", "2027-02-11", "planned")]
    assert days(company, "quarterly_review") == [("2026-Q4", "2027-01-14", "planned")]
    with company.read() as tx:
        assert diary.next(tx, "monthly_review", TODAY).planned == date(2026, 12, 10)


def test_the_first_leader_owns_what_is_planned_until_somebody_else_does(company):
    plan(company)
    assert {one.owner for one in entries(company)} == {"you"}


def test_planning_twice_changes_nothing(company):
    plan(company)
    version = company.data_version
    assert plan(company) == [] and company.data_version == version


def test_a_new_review_day_moves_what_is_planned_and_not_what_somebody_moved(company):
    plan(company)
    leader = make_actor("leader")
    moved = diary.move(company, leader, entries(company, "monthly_review")[0].id, date(2026, 12, 15), 1)
    organisation.save_organisation(company, leader, replace(organisation.organisation(company), review_day="last Friday"))
    plan(company)
    assert days(company)[:3] == [("2026-10", "2026-11-27", "planned"), ("2026-11", "2026-12-15", "moved"), ("2026-12", "2027-01-29", "planned")]
    assert entries(company, "monthly_review")[1].version == moved.version


def test_without_a_review_day_the_planned_reviews_go_and_those_that_people_made_stay(company):
    plan(company)
    leader = make_actor("leader")
    own = diary.add(company, leader, kind="monthly_review", title="Extra", object="review:customer-success:2027-06", planned=date(2027, 7, 1))
    organisation.save_organisation(company, leader, replace(organisation.organisation(company), review_day=""))
    plan(company)
    assert [one.id for one in entries(company)] == [own.id]


def test_a_review_that_was_not_held_before_the_next_one_came_is_missed(company):
    plan(company)
    plan(company, date(2027, 1, 13))
    assert days(company)[0] == ("2026-11", "2026-12-10", "planned")
    plan(company, date(2027, 1, 14))
    assert days(company)[:2] == [("2026-11", "2026-12-10", "missed"), ("2026-12", "2027-01-14", "planned")]


def test_a_held_review_is_recorded_once_and_the_next_takes_its_time_and_owner(company):
    def hold(tx):
        told = {"kind": "monthly_review", "title": "Monthly review", "object": "review:customer-success:2026-11"}
        return diary.record_held(tx, **told, on=date(2026, 12, 11), begins="14:00", owner="jo-lind")

    plan(company)
    first = company.write(hold, "Rana Amari")
    assert company.write(hold, "Rana Amari") == first and (first.state, first.on_time) == ("held", False)
    plan(company, date(2026, 12, 12))
    planned = entries(company, "monthly_review")[-1]
    assert planned.owner == "jo-lind"
    assert (planned.planned, planned.begins) == (date(2027, 3, 11), "14:00")


def test_only_who_decides_lets_the_reviews_be_planned(company):
    with pytest.raises(NotAllowed, match="Ask a leader"):
        diary.plan(company, make_actor("analyst"), TODAY)


def test_a_scorecard_without_measures_has_no_review(company):
    company.write(lambda tx: definitions.insert_scorecard(tx, "empty", "Empty", ""), "test")
    plan(company)
    assert not [one for one in entries(company) if "empty" in one.object]


def test_an_unknown_entry_is_named_with_the_list(company):
    with company.read() as tx, pytest.raises(UsageError, match="diary list"):
        rows.one(tx, "nothing")
