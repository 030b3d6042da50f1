"""Findings as measures: their age and the share that is closed in time, by hand arithmetic."""

from __future__ import annotations

from datetime import date

import pytest

from scorecard import registers
from scorecard.core.themes import DEFAULT
from scorecard.places import measures_file
from scorecard.sensory import feedback, measured
from scorecard.store import definitions, measures

TODAY = date(2026, 11, 22)


@pytest.fixture
def findings(store, leader):
    """Three findings: one closed in time, one closed late, one open."""
    definitions.record_file(store, measures_file(), "first start")
    told = {"answer": "fixed", "answered_on": "2026-06-01"}
    for title, found_on, more in (("in time", "2026-05-01", told | {"told_on": "2026-06-15"}), ("late", "2026-05-11", told | {"told_on": "2026-10-10"}),
                                  ("open", "2026-10-21", {})):
        values = {"title": title, "found_on": found_on, "department": "development", "owner": None, **more}
        registers.add(store, leader, "finding", values, state="closed" if more else "open", today=TODAY)
    return store


def figures(store) -> dict[tuple[str, str], tuple]:
    with store.read() as tx:
        found = measures.figures(tx, [measured.AGE, measured.CLOSURE])
    return {(one.measure, str(one.period)): (one.value, one.numerator, one.denominator) for one in found}


def test_age_and_closure_are_counted_at_the_end_of_each_month(findings, leader):
    measured.refresh(findings, leader, TODAY)
    told = figures(findings)
    # At the end of May both are open, 30 and 20 days old; on 9 August the 90 days of the second one end, and it is open.
    assert told[measured.AGE, "2026-05"][0] == 25 and told[measured.AGE, "2026-06"][0] == 50
    assert told[measured.AGE, "2026-10"][0] == 10
    assert told[measured.CLOSURE, "2026-07"] == (1.0, 1.0, 1.0) and told[measured.CLOSURE, "2026-08"] == (0.0, 0.0, 1.0)
    assert (measured.CLOSURE, "2026-06") not in told and (measured.AGE, "2026-11") not in told


def test_writing_them_twice_appends_nothing(findings, leader):
    assert measured.refresh(findings, leader, TODAY).changed == 8
    assert measured.refresh(findings, leader, TODAY).changed == 0


def test_without_findings_nothing_is_written(store, leader):
    assert measured.refresh(store, leader, TODAY).changed == 0


def test_the_departments_are_told_with_age_and_what_was_closed_in_time(findings):
    found = feedback.read(findings, TODAY)
    assert (found.findings, found.unclosed, found.age, found.closed, found.due) == (3, 1, 32, 1, 2)
    assert [(one.label, one.open, one.closed) for one in found.departments] == [("Development", 1, 2)]
    assert feedback.sentence(found)[0] == "1 of 3 findings wait for an end."


def test_other_words_for_a_theme_are_placed_by_its_rule(findings, leader):
    registers.add(findings, leader, "finding", {"title": "Slow", "theme": "Publishing is failing", "department": "product", "owner": None}, today=TODAY)
    with findings.read() as tx:
        back = feedback.by_theme(tx, DEFAULT)["slow or failing"]
    assert (back.department, back.said, back.waits) == ("Product", "not sent yet", True)
