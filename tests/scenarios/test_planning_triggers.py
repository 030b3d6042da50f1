"""What was planted in Larkfield's calendar and triggers: the product's own readings find the trigger that should have fired and what was missed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from scorecard.maturity import records
from scorecard.planning import calendar, proforma, triggers
from scorecard.planning.scenarios import sentence
from scorecard.store.engine import Store
from scorecard.ui import planning_scenarios
from tests import stores

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def store(company, tmp_path_factory) -> Iterator[Store]:
    opened = stores.opened(stores.copied(company, tmp_path_factory.mktemp("triggers") / "own"))
    yield opened
    opened.close()


def test_the_trigger_that_should_have_fired_is_found_and_nothing_else(store):
    found = triggers.read(store, TODAY)
    late = {one.title: [str(each.period) for each in one.overlooked(TODAY)] for one in found.watched if one.overlooked(TODAY)}
    assert late == {"Competitor: cheaper by 15%": ["2026-05"]}
    assert triggers.sentences(found)[0].text.startswith("Competitor: cheaper by 15% fired in May 2026, and no review took it up: its plan, Value talks")


def test_one_trigger_is_half_way_and_one_has_no_plan(store):
    by_title = {one.title: one for one in triggers.read(store, TODAY).watched}
    tickets = by_title["Technology: tickets stay high"]
    assert (tickets.now, tickets.half_way, tickets.fired, tickets.response.state) == ("1 of 2 months", True, (), "ready")
    assert [title for title, one in by_title.items() if not one.has_plan] == ["Regulation: data of staff"]


def test_the_missed_review_and_the_missed_look_at_assumptions_are_named(store):
    found = calendar.read(store, TODAY, "customer-success")
    missed = [(one.kind, one.planned.isoformat()) for one in found.past if one.state == "missed"]
    assert ("monthly_review", "2026-08-13") in missed and ("assumption", "2026-08-20") in missed and len(missed) == 4
    assert "the August review" in calendar.sentences(found)[0].text
    (plan,) = [line for line in found.lines if line.kind == "planning"]
    assert (plan.meetings[0].on, plan.meetings[0].until) == (date(2026, 9, 14), date(2026, 12, 18))


def test_another_bad_release_takes_a_goal_and_trips_the_surge_plan(store):
    by_title = {one.title: one for one in planning_scenarios.computed(store, TODAY)}
    queue = by_title["Another release like 9.2"]
    assert [one.level.measure.name for one in queue.lost] == ["tickets_over_14_days", "contact_schedule_kept"] and [one.trigger.title for one in queue.trips] == ["Technology: tickets stay high"]
    (follows,) = [one for one in queue.effects if one.through]
    assert follows.level.measure.name == "contact_schedule_kept" and follows.low < follows.amount < follows.high < 0
    assert "Tickets open over 14 days can no longer reach their goal" in sentence(queue).text and "as the figures have gone together" in sentence(queue).text
    assert not by_title["Small accounts stay on self-service"].trips


def test_three_quarters_are_held_against_the_plan_and_one_line_was_outside(store):
    (one,) = proforma.read(store, TODAY)
    assert one.over == 3 and [(each.line, each.span.label, each.side) for each in one.off] == [("new", "Q3 2026", "above")]
    first = one.actuals[0]
    assert first.closing == pytest.approx(one.actuals[1].opening), "what one quarter ends with the next begins with"


def test_the_practices_of_calendar_triggers_and_reviews_have_records(store):
    found = records.records(store, TODAY)
    told = {id: " ".join(found[id].lines) for id in ("P3", "P4", "P8")}
    assert told["P4"].startswith("3 triggers written, 1 response plan ready and 1 in draft 2 scenarios with what they do to the goals")
    assert "in the calendar since" in told["P3"] and found["P3"].count > 20 and found["P8"].count
