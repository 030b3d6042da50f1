"""What is planted on the Improvement page is found through the product's own functions: drivers of losses and what is none, projects
with what they brought, the experiment, causes, and faults that could have been caught earlier."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scorecard import registers
from scorecard.core.simulation import Change
from scorecard.improvement import drivers, experiments, simulate, value
from scorecard.improvement import projects as worth
from scorecard.larkfield import SEGMENTS
from scorecard.maturity import loop
from scorecard.store import definitions
from tests import stores

PLANTED_MORE, PLANTED_FEWER = {"tickets", "sponsor"}, {"use", "adoption", "contacts"}
NOT_PLANTED = {"tenure", "satisfaction", "price"}


@pytest.fixture(scope="module")
def larkfield(company, tmp_path_factory):
    store = stores.opened(stores.copied(company, tmp_path_factory.mktemp("improving")))
    yield store
    store.close()


@pytest.fixture(scope="module")
def lines(larkfield):
    with larkfield.read() as tx:
        return worth.lines(loop.standings_in(tx, stores.TODAY), worth.cases(tx), definitions.current(tx))


def studied(store, *names, **asked):
    question = replace(drivers.first_question(store), predictors=tuple(sorted(names)), **asked)
    return drivers.study(store, question, stores.TODAY)


def test_each_planted_driver_is_found_and_none_of_those_that_were_not_planted(larkfield):
    found = studied(larkfield, *PLANTED_MORE, *PLANTED_FEWER, *NOT_PLANTED).study
    ids = {source.label: name for name, source in drivers.SOURCES.items()}
    sides = {ids[term.predictor]: (term.clear, term.odds_ratio > 1) for term in found.terms if term.predictor in ids}
    assert found.verdict == "evidence" and not found.separation
    assert {name for name, (clear, more) in sides.items() if clear and more} == PLANTED_MORE
    assert {name for name, (clear, more) in sides.items() if clear and not more} == PLANTED_FEWER
    assert {name for name, (clear, _) in sides.items() if not clear} == NOT_PLANTED


@pytest.mark.parametrize("ahead", [60, 90])
def test_the_standard_three_are_drivers_two_and_three_months_ahead(larkfield, ahead):
    found = studied(larkfield, *drivers.STANDARD, ahead=ahead).study
    assert found.verdict == "evidence" and len(found.ranking) == len(drivers.STANDARD)


def test_projects_stand_in_every_stage_and_three_are_finished(lines):
    assert {one.project.stage for one in lines} == {"define", "measure", "analyse", "improve", "control"}
    board = {column.title: (len(column.lines), column.expected) for column in worth.columns(lines)}
    assert board == {"Define": (3, 250_000), "Analyse": (3, 115_000), "Change": (4, 321_000), "Finished": (3, 288_000)}


def test_what_finished_projects_brought_is_verified_from_the_charts_by_somebody_else(lines):
    done = {one.project.title: one for one in lines if one.project.outcome == "finished"}
    told = {title: (one.standing.verdict.verdict, one.verified.base > 0) for title, one in done.items()}
    assert told == {"Guided onboarding": ("worked", True), "Kick-off checklist": ("worked", True), "Weekly ticket triage": ("worse", False)}
    assert all(one.case.verified_by and one.case.verified_from and one.project.owner != "sam-whitlock" for one in done.values())
    said = worth.sentence(lines, "$")
    assert said.bold == "$373k a year is verified" and "of $288k expected from finished projects" in said.rest


def test_the_talk_at_90_days_meets_the_rule_that_was_set_before_it_began(larkfield):
    told = experiments.told(larkfield, "sample-talk-at-90", stores.TODAY)
    made = told.experiment
    assert (told.reading.a.hits, told.reading.a.n, told.reading.b.hits, told.reading.b.n) == (80, 102, 94, 104)
    assert [round(100 * one, 1) for one in (told.reading.difference, told.reading.lower, told.reading.upper)] == [12.0, 2.0, 21.9]
    assert (made.state, made.conclusion.verdict, made.conclusion.project) == ("concluded", "adopt", "sample-renewal-desk")
    assert made.frozen.at.startswith("2026-03-24") and made.design.starts.isoformat() == "2026-04-01" and told.intact and told.early == 0
    assert {one.guard.name: one.state for one in told.guards} == {"Tickets an account": "held", "CSM hours an account": "held"}
    assert round(told.smallest, 2) == 0.14 and made.design.segment == SEGMENTS[2]


def test_causes_were_looked_into_by_each_of_the_three_methods(larkfield):
    with larkfield.read() as tx:
        found = {one.values["method"][0]: one for one in registers.entries(tx, "cause_analysis")}
    assert set(found) == {"pareto", "whys", "branches"}
    assert len(found["whys"].values["whys"]) == 5 and found["whys"].values["proven"] == "experiment"
    assert sum(row["count"] for row in found["pareto"].values["counts"]) == 84
    assert any(row.get("behind") for row in found["branches"].values["causes"])


def test_faults_and_requests_name_the_revenue_of_their_accounts_and_their_fate(larkfield):
    with larkfield.read() as tx:
        found = registers.entries(tx, "fault")
    with larkfield.read_facts() as tx:
        mrr = dict(tx.all("SELECT account_id, mrr FROM mrr_month WHERE month = DATE '2026-10-01'"))
    for one in found:
        assert one.values.get("revenue", 0) == 12 * sum(mrr[id] for id in one.values.get("accounts", ())), one.title
    assert {one.state for one in found} == {"reported", "accepted", "in_work", "done", "declined"}
    faults = [one.values for one in found if one.values["kind"] == "fault"]
    assert (len(faults), sum(one["caught_in"] != "use" for one in faults), sum(one["could_be_caught"] != "use" for one in faults)) == (5, 2, 5)


@pytest.mark.parametrize("kind", simulate.KINDS)
def test_the_simulation_says_the_last_quarter_from_what_was_known_before_it(larkfield, kind):
    """Onboarding gives 27 arrivals a month, as its measure counts them: an account that starts a second site is a case again."""
    found = simulate.history(larkfield, kind)
    answer = simulate.ask(found, Change())
    assert len(answer.checks) == 3 and sum(one.inside for one in answer.checks) >= 2, "nine runs of ten: one of three may lie outside by chance"
    assert kind != "onboarding" or list(answer.process.volumes) == [27] * 12


def test_cost_to_serve_adds_up_to_what_was_loaded_by_segment_and_by_activity(larkfield):
    found = value.serving_costs(larkfield)
    with larkfield.read_facts() as tx:
        (loaded,) = tx.one("SELECT SUM(amount) FROM cost WHERE month BETWEEN $1 AND $2", [found.first, found.last])
    assert sum(one.cost for one in found.served) == pytest.approx(loaded) == pytest.approx(sum(part for one in found.served for part in one.by_activity.values()))
    assert (found.last.year * 12 + found.last.month) - (found.first.year * 12 + found.first.month) == 11
