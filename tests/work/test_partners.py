"""Core competencies and partners: readings against what was agreed, reviews that are due, projects with third parties."""

from __future__ import annotations

from datetime import date

import pytest

from scorecard import registers
from scorecard.output import work_partners
from scorecard.work import partners
from tests.stores import ANALYST, blank, copied, opened

TODAY = date(2026, 11, 22)
MEASURES = [{"measure": "Sites live in 20 days", "unit": "%", "goal": 80, "better": "higher"}, {"measure": "Faults a site", "goal": 2, "better": "lower"}]


@pytest.fixture
def store(tmp_path):
    made = opened(copied(blank(), tmp_path / "store"))
    yield made
    made.close()


def make_partner(store, **more) -> str:
    return registers.add(store, ANALYST, "partner", {"name": "Brandt Rollout", "measures": MEASURES, "owner": None} | more, today=TODAY).id


def review(store, partner: str, on: str, readings=(), state: str = "held", **more) -> None:
    said = {"partner": partner, "held_on": on, "led_by": None, "readings": [{"measure": name, "reading": value} for name, value in readings] or None}
    registers.add(store, ANALYST, "partner_review", {k: v for k, v in (said | more).items() if v is not None or k == "led_by"}, state=state, today=TODAY)


def test_the_last_reading_of_each_agreed_measure_is_held_against_its_goal(store):
    id = make_partner(store)
    review(store, id, "2026-07-01", [("Sites live in 20 days", 84), ("faults a site", 3)])
    review(store, id, "2026-10-01", [("sites live in 20 DAYS", 71), ("Faults a site", 2)], shared=True)
    (one,) = partners.read(store, TODAY).partners
    assert [(each.last, each.meets, len(each.readings)) for each in one.read] == [(71.0, False, 2), (2.0, True, 2)]
    assert one.shared and one.reviewed_on == date(2026, 10, 1)
    assert partners.read(store, TODAY).sentences[0].bold == "Brandt Rollout misses one of two agreed measures:"


@pytest.mark.parametrize(("rhythm", "due", "late"), [("monthly", date(2026, 11, 1), True), ("quarterly", date(2027, 1, 1), False)])
def test_a_review_is_due_a_rhythm_after_the_last(store, rhythm, due, late):
    id = make_partner(store, rhythm=rhythm)
    review(store, id, "2026-10-01", [("Faults a site", 1)])
    (one,) = partners.read(store, TODAY).partners
    assert (one.next_on, one.due) == (due, late)


def test_a_planned_review_is_the_next_one_and_a_missed_one_is_counted(store):
    id = make_partner(store)
    review(store, id, "2026-10-01", state="missed")
    review(store, id, "2026-12-01", state="planned")
    (one,) = partners.read(store, TODAY).partners
    assert (one.reviewed_on, one.next_on, one.missed, one.due) == (None, date(2026, 12, 1), 1, False)


def test_what_has_no_reading_or_no_goal_is_neither_met_nor_missed(store):
    make_partner(store, measures=[{"measure": "Answers", "better": "higher"}])
    (one,) = partners.read(store, TODAY).partners
    assert one.read[0].meets is None and not partners.read(store, TODAY).sentences


def test_a_competency_tells_its_readings_and_that_nobody_keeps_it(store):
    registers.add(store, ANALYST, "competency", {"name": "Reading <b>rotas</b>", "measured_by": "share done alone", "goal": 90, "keeper": None, "risk": "one",
                                                 "readings": [{"on": "2026-09-01", "value": 82}, {"on": "2026-06-01", "value": 91}]}, today=TODAY)  # fmt: skip
    found = partners.read(store, TODAY)
    (one,) = found.competencies
    assert one.read.readings == ((date(2026, 6, 1), 91.0), (date(2026, 9, 1), 82.0)) and one.read.meets is False
    assert found.sentences[0].bold == "Reading <b>rotas</b> rests on one person"
    drawn = work_partners.section(found, str, str, str)
    assert "<b>rotas</b>" not in drawn and "kept by nobody yet" in drawn
    assert len(work_partners.csv(found).splitlines()) == 3


def test_three_readings_that_each_got_worse_slide(store):
    better = {"name": "x", "measured_by": "days", "better": "lower", "readings": [{"on": f"2026-0{n}-01", "value": n} for n in (3, 4, 5)]}
    registers.add(store, ANALYST, "competency", better, today=TODAY)
    assert partners.read(store, TODAY).competencies[0].read.slides
