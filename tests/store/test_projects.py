"""Projects as rows, and what is read of them and of everything else that is kept: alike on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from scorecard import maturity, places, projects
from scorecard.core.periods import containing
from scorecard.errors import StaleEdit
from scorecard.maturity import loop, records, talk
from scorecard.reviews.month import agenda_in
from scorecard.store import maturity as cycle_rows
from scorecard.store import members, orphans
from scorecard.store import projects as rows
from scorecard.store.maturity import Given
from scorecard.store.members import Person
from scorecard.store.projects import Project
from tests.conftest import make_actor
from tests.scorecards import goal, load, make_definition, make_noise, make_scorecard, month, monthly

TODAY, NOON = date(2026, 11, 20), datetime(2026, 11, 2, 12)
LEADER = make_actor("leader", "rana", "Rana Amari")


@pytest.fixture
def filled(store):
    """A measure that stepped up in March 2026, and one person."""
    store.write(lambda tx: members.insert_person(tx, Person("rana", "Rana Amari")), "test")
    maturity.record_file(store, places.ROOT / "data" / "maturity.toml", "first start")
    make_scorecard(store, make_definition("adoption", system="work", targets=(goal(2024, 1, 0.85),)))
    figures = [x + (0.06 if n >= 26 else 0) for n, x in enumerate(make_noise(34))]
    load(store, {("adoption", ""): monthly(figures)}, date(2026, 11, 2))
    return store


def make_project(**fields) -> Project:
    one = Project("p1", "Guided onboarding", "define", "rana", "Rana Amari", "adoption", 0.06, date(2027, 3, 1), "W5", "", "2027-Q1", None,
                  None, "", "", "Rana Amari", NOON, "Rana Amari", NOON, 1)  # fmt: skip
    return replace(one, **fields)


def test_a_project_is_read_as_it_was_written_and_changed_only_at_the_version_that_was_seen(filled):
    made = make_project()
    filled.write(lambda tx: rows.insert(tx, made), "test")
    moved = replace(made, stage="improve", began=date(2026, 3, 2), version=2)
    assert filled.write(lambda tx: rows.update(tx, moved, 1), "test") is True
    assert filled.write(lambda tx: rows.update(tx, replace(moved, title="Late"), 1), "test") is False
    with filled.read() as tx:
        assert rows.one(tx, "p1") == moved and rows.listed(tx) == [moved] and rows.one(tx, "p2") is None
    assert moved.quarter == containing(date(2027, 1, 1), "quarter")


def test_a_project_that_points_at_nothing_is_found(filled):
    lost = make_project(owner="gone", measure="gone", cycle="gone")
    filled.write(lambda tx: rows.insert(tx, lost), "test")
    with filled.read() as tx:
        assert orphans.find(tx) == [
            "A project should move measure 'gone', which has no definition.",
            "Project 'Guided onboarding' is owned by person 'gone', who does not exist.",
            "Project 'Guided onboarding' came from maturity cycle 'gone', which does not exist.",
        ]


def test_a_project_its_verdict_and_the_records_are_read_alike(filled):
    made = projects.start(filled, LEADER, practice="W5", title="Guided onboarding", owner="rana", measure="adoption", today=date(2026, 1, 5))
    projects.move(filled, LEADER, made.id, "improve", date(2026, 3, 2), 1)
    with pytest.raises(StaleEdit):
        projects.move(filled, LEADER, made.id, "control", TODAY, 1)
    told = loop.standing(filled, made.id, TODAY)
    assert (told.verdict.verdict, told.again[-16:]) == ("worked", "assess W5 again.")
    found = records.records(filled, TODAY)
    assert (found["I1"].count, found["M8"].count, found["M4"].count, found["P5"].count) == (1, 1, 0, 0)


def test_what_raters_do_not_agree_on_reaches_the_agenda_alike(filled):
    members_of = [f"rater-{n}" for n in range(6)]

    def people(tx):
        for id in members_of:
            members.insert_person(tx, Person(id, id))
            members.insert_member(tx, id, "member")

    filled.write(people, "test")
    cycle = maturity.open_cycle(filled, LEADER, title="October 2026", kind="full", mode="anonymous", people=members_of, systems=["work"],
                                closes=date(2026, 12, 30), today=date(2026, 10, 1))  # fmt: skip

    def answers(tx):
        for n, id in enumerate(members_of):
            cycle_rows.submit(tx, cycle, id, [Given(f"key {n}", "W6", "team", level, level, True, "", "") for level in [1 + 4 * (n % 2)]])

    filled.write(answers, "test")
    filled.write(lambda tx: cycle_rows.close_cycle(tx, cycle.id), "Rana Amari", datetime(2026, 11, 3, 9))
    placed = talk.add(filled, LEADER, cycle.id, "W6", today=TODAY)
    with filled.read() as tx:
        found = {item.id: item.title for item in agenda_in(tx, "customer-success", month(2026, 10), TODAY, ())}
    assert found[f"maturity:{cycle.id}"] == "People see one practice very differently"
    assert found[placed.item] == "W6 Hand-offs and feedback loops"
