"""What people see differently reaches the monthly review: all of it once by itself, one practice when somebody asks for it."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from scorecard import maturity, places, reviews, shared
from scorecard.errors import NotAllowed, ScorecardError, UsageError
from scorecard.maturity import talk
from scorecard.reviews.month import agenda_in
from scorecard.store import maturity as rows
from scorecard.store import members
from scorecard.store.maturity import Given
from scorecard.store.members import Person
from tests import stores
from tests.conftest import make_actor
from tests.reviews.conftest import CARD, OCTOBER, TODAY, make_folder
from tests.scorecards import month

LEADER = make_actor("leader", "you", "You")
PEOPLE = tuple(f"rater-{n}" for n in range(6))
CLOSED = datetime(2026, 10, 30, 9)
NOVEMBER = month(2026, 11)
PRACTICES = ("W1", "W2", "W3", "W4", "W5", "W6")


@pytest.fixture(autouse=True)
def it_is_november(monkeypatch):
    now = {"moment": datetime(2026, 11, 12, 14)}
    monkeypatch.setattr("scorecard.store.engine.utc_now", lambda: now["moment"])
    return now


def make_raters(folder) -> None:
    """A folder with a month to review, the maturity model, and six raters."""
    make_folder(folder)
    store = stores.opened(folder)
    maturity.record_file(store, places.ROOT / "data" / "maturity.toml", "first start")

    def people(tx):
        for id in PEOPLE:
            members.insert_person(tx, Person(id, id.title()))
            members.insert_member(tx, id, "member")

    store.write(people, "You")
    store.close()


@pytest.fixture(scope="session")
def raters_folder(tmp_path_factory):
    return stores.once(tmp_path_factory, "month with raters", make_raters)


@pytest.fixture
def store(raters_folder, tmp_path):
    opened = stores.opened(stores.copied(raters_folder, tmp_path / "month"))
    yield opened
    opened.close()


def assessed(store, now, levels=(1, 1, 1, 5, 5, 5), mode="named", closed=CLOSED, people=PEOPLE, title="October 2026"):
    """A closed cycle about Work: the raters chose these levels of W6, and 2 of everything else."""
    now["moment"], before = datetime(2026, 10, 1, 9), now["moment"]
    cycle = maturity.open_cycle(store, LEADER, title=title, kind="full", mode=mode, people=people, closes=date(2026, 12, 30),
                                systems=["work"], today=date(2026, 10, 1))  # fmt: skip
    for person, level in zip(people, levels, strict=False):
        given = [Given(f"key of {person}", id, "team", chosen, chosen, True, "", "") for id in PRACTICES for chosen in [level if id == "W6" else 2]]
        store.write(lambda tx, person=person, given=given: rows.submit(tx, cycle, person, given), person)
    if closed:
        now["moment"] = closed
        maturity.close(store, LEADER, cycle.id)
    now["moment"] = before
    return cycle


def items(store, period=OCTOBER):
    with store.read() as tx:
        return {item.id: item for item in agenda_in(tx, CARD, period, TODAY, ())}


def sign(store, period=OCTOBER, today=TODAY):
    for item in items(store, period).values():
        reviews.decide(store, LEADER, CARD, period, item.id, item.suggested, "", item.title, None)
    return reviews.sign(store, LEADER, CARD, period, today)


def test_what_people_see_differently_is_one_item_of_the_next_review_with_what_it_is_about(store, it_is_november):
    cycle = assessed(store, it_is_november)
    item = items(store)[f"maturity:{cycle.id}"]
    assert (item.kind, item.title, item.suggested) == ("disagreement", "People see one practice very differently", "find_the_cause")
    assert item.why == "W6 Hand-offs and feedback loops: spread above 0.80 levels in October 2026"
    assert item.suggested in reviews.decisions_for(item.kind)


def test_of_many_practices_the_widest_three_are_named(store, it_is_november):
    def answers(tx):
        for n, person in enumerate(PEOPLE):
            level = 1 + 4 * (n % 2)
            rows.submit(tx, cycle, person, [Given(f"key of {person}", id, "team", level, level, True, "", "") for id in PRACTICES])

    cycle = assessed(store, it_is_november, levels=(), closed=None)
    store.write(answers, "x")
    it_is_november["moment"] = CLOSED
    maturity.close(store, LEADER, cycle.id)
    item = items(store)[f"maturity:{cycle.id}"]
    assert item.title == "People see six practices very differently"
    assert item.why == ("W1 Process maps, W2 Work is redesigned, W3 Core competencies and 3 more: spread above 0.80 levels in October 2026")


def test_it_is_decided_once_and_frozen_with_the_month(store, it_is_november):
    cycle = assessed(store, it_is_november)
    assert f"maturity:{cycle.id}" in items(store, NOVEMBER)
    sign(store)
    signed = next(one for one in reviews.month(store, CARD, OCTOBER, TODAY).items if one.id == f"maturity:{cycle.id}")
    assert (signed.state, signed.decision) == ("decided", "find_the_cause") and "W6" in signed.why
    assert f"maturity:{cycle.id}" not in items(store, NOVEMBER)


def test_what_people_see_differently_stays_inside_when_the_month_is_shared(store, it_is_november):
    cycle = assessed(store, it_is_november)
    talk.add(store, LEADER, cycle.id, "W6", today=TODAY)
    sign(store)
    inside = reviews.month(store, CARD, OCTOBER, TODAY)
    assert sum(item.of_maturity for item in inside.items) == 2
    others = shared.for_others(inside)
    assert others.items and not [item for item in others.items if "W6" in item.title + item.why or cycle.title in item.why]


@pytest.mark.parametrize("levels, closed, period", [
    ((3, 3, 3, 4, 4, 4), CLOSED, OCTOBER),  # they agree
    ((1, 1, 1, 5, 5, 5), None, OCTOBER),  # the cycle is open
    ((1, 1, 1, 5, 5, 5), datetime(2026, 11, 13, 9), OCTOBER),  # closed after today
    ((1, 1, 1, 5, 5, 5), CLOSED, month(2026, 8)),  # a review of long before
], ids=["agreed", "open", "closed later", "an old month"])  # fmt: skip
def test_a_review_is_not_asked_about_what_it_could_not_know_or_need_not_talk_about(store, it_is_november, levels, closed, period):
    assessed(store, it_is_november, levels, closed=closed)
    assert not [id for id in items(store, period) if id.startswith("maturity:")]


def test_a_meeting_that_was_held_before_the_cycle_ended_does_not_know_of_it(store, it_is_november):
    cycle = assessed(store, it_is_november, closed=datetime(2026, 11, 8, 9))
    reviews.open_review(store, LEADER, CARD, OCTOBER, held_on=date(2026, 11, 5))
    assert f"maturity:{cycle.id}" not in items(store) and f"maturity:{cycle.id}" in items(store, NOVEMBER)


def test_only_the_newest_closed_cycle_speaks(store, it_is_november):
    old = assessed(store, it_is_november, title="First")
    new = assessed(store, it_is_november, closed=datetime(2026, 11, 2, 9), title="Second")
    assert [id for id in items(store) if id.startswith("maturity:")] == [f"maturity:{new.id}"] != [f"maturity:{old.id}"]


def test_a_practice_that_too_few_answered_without_names_stays_out(store, it_is_november):
    cycle = assessed(store, it_is_november, levels=(1, 1, 5, 5), mode="anonymous")
    assert f"maturity:{cycle.id}" not in items(store)
    placed = talk.add(store, LEADER, cycle.id, "W6", today=TODAY)
    assert items(store)[placed.item].why == "From the maturity results of October 2026"


def test_a_practice_is_put_on_the_next_agenda_once_with_how_people_see_it(store, it_is_november):
    cycle = assessed(store, it_is_november)
    placed = talk.add(store, LEADER, cycle.id, "W6", today=TODAY)
    assert (placed.scorecard, placed.period, placed.item, placed.new) == (CARD, OCTOBER, f"practice:{cycle.id}:W6", True)
    assert not talk.add(store, LEADER, cycle.id, "W6", today=TODAY).new
    with store.read() as tx:
        assert talk.added(tx, cycle.id, TODAY) == {"W6"}
    item = items(store)[placed.item]
    assert (item.kind, item.title, item.version) == ("disagreement", "W6 Hand-offs and feedback loops", 1)
    assert item.why == ("From the maturity results of October 2026: median 3.0, answers from 1 to 5, spread 2.00; people do not agree")
    reviews.decide(store, LEADER, CARD, OCTOBER, item.id, "change_the_process", "", item.title, 1)
    with pytest.raises(UsageError, match="no decision here"):
        reviews.decide(store, LEADER, CARD, OCTOBER, item.id, "set_new_limits", "", item.title, 2)


def test_what_was_added_by_hand_can_be_taken_off_while_it_is_not_decided(store, it_is_november):
    cycle = assessed(store, it_is_november)
    placed = talk.add(store, LEADER, cycle.id, "W1", today=TODAY)
    reviews.remove_item(store, LEADER, CARD, OCTOBER, placed.item)
    assert placed.item not in items(store)
    assert talk.add(store, LEADER, cycle.id, "W1", today=TODAY).new


def test_after_the_signature_the_practice_goes_into_the_review_after_it(store, it_is_november):
    cycle = assessed(store, it_is_november)
    sign(store)
    placed = talk.add(store, LEADER, cycle.id, "W6", today=TODAY)
    assert placed.period == NOVEMBER and placed.item in items(store, NOVEMBER)


def test_leaders_put_practices_on_the_agenda_and_only_those_of_a_closed_cycle(store, it_is_november):
    cycle = assessed(store, it_is_november, closed=None)
    with pytest.raises(NotAllowed):
        talk.add(store, make_actor("member", PEOPLE[0], "Rater"), cycle.id, "W6", today=TODAY)
    with pytest.raises(ScorecardError, match="October 2026 is open"):
        talk.add(store, LEADER, cycle.id, "W6", today=TODAY)
    maturity.close(store, LEADER, cycle.id)
    with pytest.raises(UsageError, match="'S1' was not asked"):
        talk.add(store, LEADER, cycle.id, "S1", today=TODAY)


def test_a_store_without_measures_has_no_review_to_talk_in(tmp_path, it_is_november):
    stores.make_beginning(tmp_path)
    empty = stores.opened(tmp_path)
    with empty.read() as tx, pytest.raises(ScorecardError, match="No scorecard has a measure"):
        tx.all("SELECT 1")
        talk.next_review(_Bare(tx), TODAY)
    empty.close()


class _Bare:
    """A store whose scorecards show nothing."""

    def __init__(self, tx):
        self._tx = tx

    def __getattr__(self, name):
        return getattr(self._tx, name)

    def all(self, sql, params=()):
        return [] if "FROM slot" in sql else self._tx.all(sql, params)
