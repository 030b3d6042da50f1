"""What the departments are told of findings."""

from __future__ import annotations

from datetime import date

import pytest

from scorecard import registers
from scorecard.core.themes import DEFAULT
from scorecard.sensory import feedback
from tests.sensory.test_scoring import make_account, put

TODAY = date(2026, 11, 22)


@pytest.fixture
def findings(store, leader):
    """Three findings: one closed in time, one closed late, one open."""
    told = {"answer": "fixed", "answered_on": "2026-06-01"}
    for title, found_on, more in (("in time", "2026-05-01", told | {"told_on": "2026-06-15"}), ("late", "2026-05-11", told | {"told_on": "2026-10-10"}),
                                  ("open", "2026-10-21", {})):
        values = {"title": title, "found_on": found_on, "department": "development", "owner": None, **more}
        registers.add(store, leader, "finding", values, state="closed" if more else "open", today=TODAY)
    return store


def test_the_departments_are_told_with_age_and_what_was_closed_in_time(findings):
    found = feedback.read(findings, TODAY)
    assert (found.findings, found.unclosed, found.age, found.closed, found.due) == (3, 1, 32, 1, 2)
    assert [(one.label, one.open, one.closed) for one in found.departments] == [("Development", 1, 2)]
    assert feedback.sentence(found)[0] == "1 of 3 findings waits for an end."


def test_other_words_for_a_theme_are_placed_by_its_rule(findings, leader):
    registers.add(findings, leader, "finding", {"title": "Slow", "theme": "Publishing is failing", "department": "product", "owner": None}, today=TODAY)
    with findings.read() as tx:
        back = feedback.by_theme(tx, DEFAULT)["slow or failing"]
    assert (back.department, back.said, back.waits) == ("Product", "not sent yet", True)


def test_a_finding_that_was_not_sent_yet_hides_no_answer_on_its_theme(findings, leader):
    for title, state, more in (("new", "open", {}), ("answered", "answered", {"answer": "fix in 26.12", "answered_on": "2026-06-01", "department": "product"})):
        values = {"title": title, "theme": "Slow or failing", "found_on": "2026-11-01" if state == "open" else "2026-05-01", "owner": None, **more}
        registers.add(findings, leader, "finding", values, state=state, today=TODAY)
    with findings.read() as tx:
        assert feedback.by_theme(tx, DEFAULT)["slow or failing"].said == "fix in 26.12"


def test_findings_are_read_by_segment(findings, leader):
    put(findings, account=[make_account("A")])
    registers.add(findings, leader, "finding", {"title": "small ones wait", "segments": ["Small"], "found_on": "2026-11-01", "owner": None}, today=TODAY)
    found = feedback.read(findings, TODAY, "Small")
    assert (found.findings, [one.label for one in found.departments]) == (1, ["No department yet"])
