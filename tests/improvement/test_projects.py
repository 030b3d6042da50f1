"""What projects are worth: stated with its assumptions, verified by somebody else from the chart, and never repainted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from scorecard import projects, registers
from scorecard.core.definition import Definition
from scorecard.core.reading import Sentence
from scorecard.core.verdict import Verdict
from scorecard.errors import NotAllowed, StaleEdit, UsageError
from scorecard.improvement import projects as portfolio
from scorecard.improvement.projects import Line, Value
from scorecard.projects import Project
from scorecard.store import members
from scorecard.store.members import Person
from tests.conftest import make_actor, make_store
from tests.scorecards import load, make_definition, make_noise, make_scorecard, monthly

TODAY = date(2026, 11, 22)
LEADER = make_actor("leader")
OWNER = make_actor("analyst", "luc", "Luc Renard")
RATE = Definition("renewal_rate", "Renewal rate", unit="percent", improvement_direction="increase")
TICKETS = Definition("tickets", "Tickets open over 14 days", unit="count", improvement_direction="decrease")
VERDICT = Verdict("worked", 6, 3, None, "beyond_limit", 0.80, 0.825, 0.025, Sentence("Worked:", "six months above 82%."), "80 → 82.5%")


class Standing:
    """A project with a verdict, as the loop of maturity reads it."""

    def __init__(self, project: Project, verdict: Verdict = VERDICT, label: str = "Renewal rate"):
        self.project, self.verdict, self.label, self.actions = project, verdict, label, ()


def make_project(title: str = "Renewal desk", stage: str = "improve", effect: float | None = 0.015, outcome: str = "", owner: str = "luc", **more) -> Project:
    at = datetime(2026, 1, 5)
    return Project(title.lower(), title, stage, owner, "Luc Renard", "renewal_rate", effect, None, "W5", "", "", date(2026, 2, 1), None, outcome, "",
                   "Rana Amari", at, "Rana Amari", at, 1, **more)


def make_line(expected: float | None = None, verified: float | None = None, effort: float | None = None, impact: str = "financial", **fields) -> Line:
    from scorecard.registers import Entry

    values = {"problem": "x", "impact": impact, "worth": 100.0} | ({"effort": effort} if effort is not None else {}) | ({"verified": verified} if verified is not None else {})
    entry = Entry("project_case", "case", 1, "", datetime(2026, 1, 1), "", "", "", TODAY, "x", values, "", datetime(2026, 1, 1), "", datetime(2026, 1, 1))
    value = None if expected is None else Value(expected, expected, expected)
    return Line(Standing(make_project(**fields)), RATE, portfolio.Case(entry), value, None)


@pytest.mark.parametrize("change, measure, worth, value", [
    (0.015, RATE, Value(90_000, 140_000, 180_000), Value(135_000, 210_000, 270_000)),  # 1.5 points at $140k a point
    (-4.0, TICKETS, Value(8_000, 10_000, 12_000), Value(32_000, 40_000, 48_000)),  # fewer is wanted
    (3.0, TICKETS, Value(8_000, 10_000, 12_000), Value(-36_000, -30_000, -24_000)),  # the wrong way: low is the worst
    (None, RATE, Value(1, 1, 1), None),
    (0.01, RATE, None, None),
])
def test_the_value_is_the_change_in_the_wanted_direction_times_what_a_step_is_worth(change, measure, worth, value):
    found = portfolio.value_of(change, worth, measure)
    if value is None:
        assert found is None
    else:
        assert (found.low, found.base, found.high) == pytest.approx((value.low, value.base, value.high))


def test_the_board_has_four_columns_alphabetical_and_what_was_stopped_is_beside_it():
    found = [make_line(210e3, title="b", stage="define"), make_line(40e3, title="A", stage="define"), make_line(85e3, title="c", stage="measure"),
             make_line(240e3, 310e3, title="d", stage="control", outcome="finished"), make_line(title="e", outcome="stopped")]
    define, analyse, change, finished = portfolio.columns(found)
    assert [one.project.title for one in define.lines] == ["A", "b"] and define.expected == 250e3
    assert len(analyse.lines) == 1 and not change.lines and (finished.expected, finished.verified) == (240e3, 310e3)
    assert [one.project.title for one in portfolio.stopped(found)] == ["e"]


@pytest.mark.parametrize("found, says", [
    ([make_line(240e3, 310e3, outcome="finished"), make_line(120e3, 65e3, outcome="finished"), make_line(605e3)],
     "$375k a year is verified of $360k expected from finished projects; $605k is still expected from the one under way."),
    ([make_line(240e3, outcome="finished")], "No value is verified yet: one finished project waits for it."),
    ([make_line(1e5), make_line(2e5)], "No value is verified yet: $300k is expected from the two under way."),
])
def test_one_sentence_says_what_finished_projects_brought(found, says):
    told = portfolio.sentence(found, "$")
    assert f"{told.bold} {told.rest}" == says
    assert portfolio.sentence([make_line()], "$") is None, "nothing is stated, nothing is said"


def test_impact_and_effort_are_cells_with_round_steps_and_nobody_is_ranked_in_them():
    found = [make_line(210e3, effort=5, title="Zeal"), make_line(180e3, effort=10, title="Able"), make_line(40e3, effort=60), make_line(title="later"),
             make_line(impact="strategic", title="Portal")]
    told = portfolio.portfolio(found, "$")
    assert told.impacts == ("$100k a year or more", "$20k to $100k", "below $20k")
    assert {place: [one.project.title for one in own] for place, own in told.cells.items()} == {(0, 0): ["Able", "Zeal"], (1, 2): ["Renewal desk"]}
    assert [one.project.title for one in told.unstated] == ["later"] and [one.project.title for one in told.strategic] == ["Portal"]


# -- in the store


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    opened = make_store(tmp_path_factory.mktemp("portfolio"))

    def people(tx):
        for id, name in (("rana", "Rana Amari"), ("luc", "Luc Renard")):
            members.insert_person(tx, Person(id, name))

    opened.write(people, "test")
    make_scorecard(opened, make_definition("renewal_rate"))
    load(opened, {("renewal_rate", ""): monthly(make_noise(24))}, date(2026, 11, 2))
    yield opened
    opened.close()


def begun(store, title: str) -> Project:
    return projects.start(store, LEADER, practice="", title=title, owner="luc", measure="renewal_rate", effect=0.015, today=TODAY)


CASE = {"problem": "Small accounts are asked too late.", "impact": "financial", "worth_low": 90_000, "worth": 140_000, "worth_high": 180_000, "effort": 20}


def read_line(store, project, verdict=VERDICT) -> Line:
    with store.read() as tx:
        return portfolio.lines([Standing(project, verdict)], portfolio.cases(tx), {"renewal_rate": RATE})[0]


def test_a_case_is_written_once_changed_with_history_and_a_stale_one_is_refused(store):
    project = begun(store, "Once")
    first = portfolio.save_case(store, LEADER, project.id, CASE, seen_version=0, today=TODAY)
    with pytest.raises(UsageError, match="meanwhile"):
        portfolio.save_case(store, LEADER, project.id, CASE, seen_version=0, today=TODAY)
    again = portfolio.save_case(store, LEADER, project.id, {"worth": 150_000}, seen_version=1, today=TODAY, reason="new prices")
    assert (first.worth.base, again.worth.base, again.entry.version) == (140_000, 150_000, 2)
    with pytest.raises(StaleEdit, match="You saw version 1"):
        portfolio.save_case(store, LEADER, project.id, {"worth": 1}, seen_version=1, today=TODAY)


@pytest.mark.parametrize("values, says", [({"worth_low": 5, "worth": 4}, "low to base to high"), ({"verified": 9}, "no field 'verified'")])
def test_a_case_that_cannot_be_is_refused(store, values, says):
    with pytest.raises(UsageError, match=says):
        portfolio.save_case(store, LEADER, begun(store, f"Refused {says}").id, CASE | values, seen_version=0, today=TODAY)


def test_a_member_may_not_write_what_projects_are_worth(store):
    with pytest.raises(NotAllowed):
        portfolio.save_case(store, make_actor("member", "luc"), begun(store, "Not by members").id, CASE, seen_version=0, today=TODAY)


def test_the_verified_value_is_what_the_chart_showed_that_day_times_the_worth(store):
    project = begun(store, "Worked")
    portfolio.save_case(store, LEADER, project.id, CASE, seen_version=0, today=TODAY)
    case = portfolio.verify(store, LEADER, read_line(store, project), "Ana Cruz, Finance", TODAY, seen_version=1)
    assert (case.verified.low, case.verified.base, case.verified.high) == pytest.approx((225_000, 350_000, 450_000))  # 2.5 points
    assert (case.verified_by, case.verified_on) == ("Ana Cruz, Finance", TODAY) and case.verified_from.startswith("+2.5 points since the start.")
    portfolio.save_case(store, LEADER, project.id, {"worth": 100_000}, seen_version=2, today=TODAY)
    assert read_line(store, project).verified.base == pytest.approx(350_000), "what was verified is not repainted"


def test_a_project_that_made_it_worse_verifies_nothing(store):
    project = begun(store, "Worse")
    portfolio.save_case(store, LEADER, project.id, CASE, seen_version=0, today=TODAY)
    worse = replace(VERDICT, verdict="worse", size=-0.02)
    assert portfolio.verify(store, LEADER, read_line(store, project, worse), "Finance", TODAY, seen_version=1).verified == Value(0, 0, 0)


@pytest.mark.parametrize("actor", [OWNER, make_actor("member", "mei"), make_actor("viewer", "karen")], ids=["owner", "member", "viewer"])
def test_who_owns_a_project_or_may_not_steer_does_not_verify_its_value(store, actor):
    project = begun(store, f"Own {actor.role}")
    portfolio.save_case(store, LEADER, project.id, CASE, seen_version=0, today=TODAY)
    with pytest.raises(NotAllowed, match="does not own it"):
        portfolio.verify(store, actor, read_line(store, project), "Finance", TODAY, seen_version=1)


def test_a_verified_value_is_not_typed_in_by_the_general_ways_of_records(store):
    """The owner, an analyst, may write the case; were the value a field like others, he would verify his own project."""
    project = begun(store, "By hand")
    case = portfolio.save_case(store, OWNER, project.id, CASE, seen_version=0, today=TODAY).entry
    row = {"id": case.id, "version": 1, "verified": "900000"}
    with pytest.raises(UsageError, match="Verified value is not typed in: it is written by verifying the value"):
        registers.change(store, OWNER, portfolio.REGISTER, case.id, {"verified": 900_000}, seen_version=1)
    with pytest.raises(UsageError, match="not typed in"):
        registers.add(store, OWNER, portfolio.REGISTER, {"project": project.id, **CASE, "verified_by": "Finance"}, today=TODAY)
    done = registers.import_rows(store, OWNER, portfolio.REGISTER, [row], TODAY)
    assert not done.changed and "not typed in" in done.refused[0].reason
    assert portfolio.verify(store, LEADER, read_line(store, project), "Finance", TODAY, seen_version=1).verified.base == pytest.approx(350_000)
    changed = registers.change(store, OWNER, portfolio.REGISTER, case.id, {"verified": 350_000, "effort": 3}, seen_version=2)
    assert changed.values["effort"] == 3, "what stands there may be sent along"


def test_a_second_case_that_was_written_elsewhere_does_not_hide_the_first(store):
    project = begun(store, "Twice")
    first = portfolio.save_case(store, LEADER, project.id, CASE, seen_version=0, today=TODAY).entry
    registers.add(store, LEADER, portfolio.REGISTER, {"project": project.id, **CASE, "worth": 1, "worth_low": 1, "worth_high": 1}, today=TODAY)
    assert read_line(store, project).case.entry.id == first.id


def test_without_a_verdict_or_a_worth_there_is_nothing_to_verify(store):
    project = begun(store, "Too early")
    with pytest.raises(UsageError, match="does not say what a step"):
        portfolio.verify(store, LEADER, read_line(store, project), "Finance", TODAY, seen_version=0)
    portfolio.save_case(store, LEADER, project.id, CASE, seen_version=0, today=TODAY)
    with pytest.raises(UsageError, match="no verdict"):
        portfolio.verify(store, LEADER, read_line(store, project, replace(VERDICT, verdict="no_evidence")), "Finance", TODAY, seen_version=1)


def test_stages_have_the_days_on_which_they_were_reached(store):
    project = begun(store, "By stages")
    project = projects.move(store, LEADER, project.id, "analyse", date(2026, 11, 9), project.version)
    project = projects.move(store, LEADER, project.id, "improve", date(2026, 11, 20), project.version)
    with store.read() as tx:
        found = {one.stage: one.on for one in portfolio.stages(project, projects.history(tx, project.id))}
    assert found["define"] and found["analyse"] == date(2026, 11, 9) and found["measure"] is None
    assert found["improve"] == date(2026, 11, 20) and found["control"] is None
