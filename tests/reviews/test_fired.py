"""A trigger that fired comes on the agenda once, can be decided, and its plan starts with the decision."""

from __future__ import annotations

from datetime import date

import pytest

from scorecard import registers, reviews
from scorecard.planning import triggers
from tests.conftest import make_actor
from tests.reviews.conftest import CARD, OCTOBER, TODAY, restate
from tests.scorecards import month

LEADER, STEPS = make_actor(), "Call every customer.\nTell Support."
SEPTEMBER, NOVEMBER = month(2026, 9), month(2026, 11)


def make_trigger(store, **more) -> str:
    said = {"title": "Replies fall behind", "watches": "measure", "measure": "first_reply", "side": "below", "threshold": 85, "agreed_on": "2026-01-09", "owner": None}
    return registers.add(store, LEADER, "trigger", said | more, today=TODAY, id="replies").id


def make_plan(store, trigger: str, state: str = "ready", **more) -> str:
    with store.read() as tx:
        (leader,) = tx.one("SELECT id FROM person ORDER BY id LIMIT 1")
    said = {"title": "Reply plan", "trigger": trigger, "steps": STEPS, "owner": leader, "checked_on": "2026-10-01"}
    return registers.add(store, LEADER, "response_plan", said | more, state=state, today=TODAY).id


def fired_items(store, period=OCTOBER, today=TODAY):
    return [item for item in reviews.review_view(store, CARD, period, today).month.items if item.kind == "trigger"]


def test_what_fired_is_on_the_agenda_of_its_month_and_of_no_other(open_month):
    make_plan(open_month, make_trigger(open_month))
    (item,) = fired_items(open_month)
    assert item.id == "trigger:replies:2026-10" and item.suggested == "start_the_plan" == reviews.decisions_for(item.kind)[0]
    assert item.why.startswith("Fired in October 2026: first reply below 85% in a month. The answer is ready: Reply plan")
    assert not fired_items(open_month, SEPTEMBER)
    assert [item.id for item in fired_items(open_month, NOVEMBER, date(2026, 12, 10))] == [item.id], "October's review did not take place"
    reviews.open_review(open_month, LEADER, CARD, OCTOBER, held_on=TODAY)
    assert fired_items(open_month) and not fired_items(open_month, NOVEMBER, date(2026, 12, 10))


def test_a_decision_settles_it_and_starts_the_plan(open_month):
    plan = make_plan(open_month, make_trigger(open_month))
    reviews.decide(open_month, LEADER, CARD, OCTOBER, "trigger:replies:2026-10", "start_the_plan", "", "Replies fall behind", None)
    with open_month.read() as tx:
        started = registers.one(tx, "response_plan", plan)
    assert (started.state, started.values["started_on"]) == ("running", "2026-11-12")
    (item,) = fired_items(open_month)
    assert item.state == "decided"
    assert not fired_items(open_month, NOVEMBER, date(2026, 12, 10))
    (one,) = triggers.read(open_month, TODAY).found
    assert one.fired[-1].answered and not one.waiting(TODAY)


def test_a_trigger_without_a_plan_asks_for_one(open_month):
    make_trigger(open_month)
    (item,) = fired_items(open_month)
    assert item.suggested == "change_the_process" and "No plan is written" in item.why


@pytest.mark.parametrize("more", [{"agreed_on": "2026-11-05"}, {"threshold": 70}, {"running": 2}], ids=["agreed later", "not reached", "two months running"])
def test_a_dry_run_and_what_did_not_come_true_are_on_no_agenda(open_month, more):
    make_trigger(open_month, **more)
    assert not fired_items(open_month)


def test_a_figure_that_was_restated_afterwards_does_not_make_a_trigger_fire(open_month):
    """The month is judged by what was known of it when its figures came first."""
    make_trigger(open_month, measure="trust", threshold=80)
    restate(open_month, 0.70, "trust")
    assert not fired_items(open_month)


def test_what_no_review_took_up_in_three_months_is_named_and_can_be_brought_to_the_next(open_month):
    make_plan(open_month, make_trigger(open_month))
    late = date(2027, 2, 11)
    (one,) = triggers.read(open_month, late).found
    assert [str(each.period) for each in one.overlooked(late)] == ["2026-10"]
    assert triggers.sentences(triggers.read(open_month, late))[0].bold == "Replies fall behind fired in October 2026, and no review took it up:"
    reviews.commands.bring(open_month, LEADER, CARD, NOVEMBER, "trigger:replies:2026-10", "Replies fall behind")
    (item,) = fired_items(open_month, NOVEMBER, late)
    assert item.why.startswith("Fired in October 2026")
    (one,) = triggers.read(open_month, late).found
    assert not one.overlooked(late) and [str(each.stands) for each in one.waiting(late)] == ["2026-11"]
