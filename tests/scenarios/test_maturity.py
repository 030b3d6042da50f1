"""Larkfield's assessments tell their story: what was planted is found, through the results that the pages draw."""

from __future__ import annotations

from datetime import date

import pytest

from scorecard import commands, maturity, places, projects, sample
from scorecard.access import Actor
from scorecard.errors import NotAllowed, ScorecardError
from scorecard.larkfield import raters
from scorecard.maturity import loop, records
from scorecard.store import sample as stored
from tests import stores
from tests.conftest import make_actor

TODAY = date(2026, 11, 22)
RANA, HANA = Actor("rana-amari", "Rana Amari", "leader"), Actor("hana-patel", "Hana Patel", "member")
LARKFIELD = sample.read_company(sample.FOLDER / sample.COMPANY)
ACTORS = {person.id: Actor(person.id, person.name, role, person.team) for person, role in LARKFIELD.people}
NOW = {"Sensory": 2.6, "Planning and review": 3.0, "People": 2.9, "Work": 3.7, "Metrics": 3.7, "Improvement": 2.5, "Leadership": 3.4}
MARCH = {"Sensory": 2.2, "Planning and review": 3.0, "People": 3.0, "Work": 2.6, "Metrics": 3.0, "Improvement": 2.1, "Leadership": 3.4}
TARGETS = {"Sensory": 3.5, "Planning and review": 3.5, "People": 3.5, "Work": 4.0, "Metrics": 4.0, "Improvement": 3.0, "Leadership": 3.5}


@pytest.fixture(scope="module")
def assessed(beginning, tmp_path_factory):
    """A store with the sample's people and assessments, without its figures."""
    store = stores.opened(stores.copied(beginning, tmp_path_factory.mktemp("assessed")))
    come(store)
    yield store
    store.close()


@pytest.fixture(scope="module")
def larkfield(company, tmp_path_factory):
    """The whole sample."""
    store = stores.opened(stores.copied(company, tmp_path_factory.mktemp("larkfield")))
    yield store
    store.close()


def come(store):
    people = ([], list(LARKFIELD.people))
    store.write(lambda tx: stored.settle(tx, LARKFIELD.organisation, *people, []), "setup")
    sample.assess(store, ACTORS)


def cycles(store):
    with store.read() as tx:
        return {one.title: one for one in maturity.cycles(tx)}


def results(store, title="September 2026", who=RANA):
    return maturity.results(store, who, cycles(store)[title].id)


def practice(shown, id):
    return next(one for one in shown.practices if one.practice == id)


def test_a_store_knows_the_maturity_model_from_its_first_start(store):
    commands.prepare(store)
    commands.prepare(store)
    with store.read() as tx:
        version, model = maturity.model(tx)
    assert version == 1 and len(model.practices) == 70 and len(model.systems) == 8


def test_thirteen_of_fifteen_answered_55_practices_in_september(assessed):
    shown = results(assessed)
    assert (shown.asked, shown.finished, len(shown.practices)) == (15, 13, 55)
    assert shown.cycle.anonymous and not shown.cycle.open and shown.cycle.closed_by == "Rana Amari"
    assert results(assessed, "March 2026").finished == 14


def test_every_system_stands_where_it_was_planted_in_both_cycles_with_its_target(assessed):
    shown = results(assessed)
    assert {one.label: round(one.score.median, 1) for one in shown.systems} == NOW
    assert {one.label: round(one.last, 1) for one in shown.systems} == MARCH
    assert {one.label: one.target for one in shown.systems} == TARGETS
    sensory, leadership = shown.systems[0].score, shown.systems[6].score
    assert (sensory.lowest, sensory.highest, sensory.middle) == (1.75, 3.0, (2.5, 2.75))
    assert (leadership.lowest, leadership.highest, leadership.middle) == (1.875, 4.125, (3.0, 3.625))


def test_work_is_found_to_have_risen_most_and_no_system_to_have_reached_its_target(assessed):
    first, second = results(assessed).sentences
    assert first.bold == "Work rose most:" and first.rest.startswith("2.6 to 3.7 since March")
    assert "No system has reached its target" in first.rest and "Sensory is farthest, 2.6 against 3.5" in first.rest
    assert second.bold == "People see 5 practices very differently."
    assert second.rest.endswith("on E4, 6 of 13 say level 1 or 2 and 7 say 4 or more.")


def test_the_practices_with_two_camps_come_first_where_people_disagree(assessed):
    found = results(assessed).disagreements
    assert [(one.practice, round(one.score.spread, 2)) for one in found] == [
        ("E4", 1.29), ("I6", 1.22), ("S5", 1.08), ("W4", 0.93), ("L6", 0.92)]
    assert [one.score.counts for one in found] == [(1, 5, 0, 4, 3), (3, 5, 0, 4, 1), (7, 3, 0, 2, 1), (4, 5, 1, 3, 0), (2, 2, 5, 2, 2)]


def test_the_biggest_gaps_are_those_that_were_planted(assessed):
    gaps = results(assessed).gaps
    assert {one.practice: one.gap for one in gaps[:5]} == {"S5": 2.5, "M5": 2.0, "W4": 2.0, "P4": 1.5, "E7": 1.5}
    assert max(one.gap for one in gaps[5:]) <= 1.0


@pytest.mark.parametrize("title", ["March 2026", "September 2026"])
def test_three_leaders_are_too_few_to_be_shown_and_so_the_rest_is_not_shown_apart(assessed, title):
    shown = results(assessed, title)
    assert [one.parts for one in shown.systems] == [()] * 7
    assert "neither they nor the rest are shown apart" in shown.hidden


def test_who_does_not_know_is_counted_and_a_level_without_its_criteria_is_not_reached(assessed):
    shown = results(assessed)
    assert practice(shown, "S2").score.unsure == 1 and practice(shown, "S2").score.n == 12
    assert (practice(shown, "E1").score.n, practice(shown, "E1").score.unsure) == (12, 0)
    signs = raters.drawn()["September 2026"]["W1"]
    assert signs.count("c") == 2
    assert practice(shown, "W1").score.counts == (0, 2, signs.count("3") + 2, signs.count("4"), 2)


def test_who_chooses_more_than_3_says_what_would_convince_a_colleague(assessed):
    for one in results(assessed).practices:
        assert len(one.evidence) >= sum(one.score.counts[3:]), one.practice
    assert not practice(results(assessed), "P4").evidence


def test_what_was_agreed_in_march_stands_beside_what_people_said_with_the_minority(assessed):
    shown = results(assessed, "March 2026")
    kept = {one.practice: one.agreed for one in shown.practices if one.agreed}
    assert {id: one.level for id, one in kept.items()} == {"W6": 2, "P8": 3}
    assert all(one.strengths and one.opportunities and one.minority and one.author == "Rana Amari" for one in kept.values())
    assert practice(shown, "W6").score.counts == (4, 4, 0, 4, 2) and practice(results(assessed), "W6").score.median == 4


def test_the_quick_cycle_is_open_nine_have_answered_and_one_has_begun(assessed):
    quick = cycles(assessed)["November 2026"]
    sheet = maturity.sheet(assessed, HANA, quick.id)
    assert (quick.kind, quick.closes, quick.open, quick.anonymous) == ("quick", date(2026, 11, 27), True, True)
    assert (sheet.asked, sheet.have_finished, sheet.answered, sheet.questions) == (15, 9, 6, 7)
    assert [left.cycle.id for left in maturity.waiting(assessed, "rana-amari", TODAY)] == [quick.id]
    with pytest.raises(NotAllowed, match="open until 27"):
        results(assessed, "November 2026")


def test_nobody_can_be_found_in_the_answers_of_the_sample(assessed):
    with assessed.read() as tx:
        keys = {row[0] for row in tx.all("SELECT rater FROM maturity_answer")}
    assert len(keys) == 14 + 13 + 9 and not keys & set(ACTORS)


def test_the_records_are_found_to_contradict_the_feedback_sessions_that_people_see(larkfield):
    """Larkfield's people put S8 at 3, and most of the feedback sessions that they wrote down were missed."""
    found = records.contradictions(records.records(larkfield, TODAY), results(larkfield))
    assert [(one.practice, one.median) for one in found] == [("S8", 3.0)]
    assert found[0].sentence == "S8 stands at 3.0, and 2 of 6 feedback sessions since November 2025 were held."


def test_gaps_became_projects_with_what_the_charts_say_of_them_and_one_practice_is_to_be_assessed_again(larkfield):
    told = {one.project.practice: one for one in loop.standings(larkfield, TODAY) if one.project.practice}
    assert {id: (one.project.stage, one.verdict.verdict) for id, one in told.items()} == {
        "W5": ("control", "worked"), "W6": ("improve", "no_evidence"), "P4": ("measure", "too_few"), "M5": ("define", "too_few")}
    assert [one.title for one in told["W6"].actions] == ["Two joint readings of hand-offs with Sales"]
    assert told["W5"].project.effect == 3000 and told["W5"].changed_on == date(2026, 5, 11)
    again = loop.again(larkfield, TODAY)
    assert [one.project.practice for one in again] == ["W5"] and "assess W5 again" in again[0].again


def test_a_project_was_started_by_the_leader_and_moved_on_by_its_owner(larkfield):
    with larkfield.read() as tx:
        one = projects.of_practice(tx, "W6")[0]
    assert (one.made_by, one.changed_by, one.version) == ("Rana Amari", "Jo Lind", 4)
    assert one.cycle == cycles(larkfield)["March 2026"].id


def test_everything_assessed_goes_with_the_sample(beginning, tmp_path):
    store = stores.opened(stores.copied(beginning, tmp_path))
    before = rows(store)
    come(store)
    mine = maturity.open_cycle(store, RANA, title="Tried out", kind="quick", mode="named", people=["hana-patel"], closes=TODAY, today=TODAY)
    maturity.save(store, HANA, mine.id, "work", chosen=2)
    changed = {table for table, count in rows(store).items() if count != before[table]}
    assert changed >= {"maturity_cycle", "maturity_asked", "maturity_draft", "maturity_answer", "maturity_agreed", "project"}
    assert {table for table in before if table.startswith(("maturity", "project"))} == {*stored.ASSESSED, "maturity_model", "project"}
    sample.remove(store, make_actor())
    assert rows(store) == before
    store.close()


def rows(store):
    """How many rows each table of maturity and of the calendar has."""
    with store.read() as tx:
        tables = [name for (name,) in tx.all("SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1")]
        kept = [name for name in tables if name.startswith(("maturity", "project", "calendar", "action", "person", "member"))]
        return {name: tx.one(f"SELECT COUNT(*) FROM {name}")[0] for name in kept}


def test_the_sample_is_refused_beside_assessments_of_your_own(store):
    commands.prepare(store)
    maturity.open_cycle(store, Actor("you", "You", "leader"), title="Ours", kind="quick", mode="named", people=["you"],
                        closes=TODAY, today=TODAY)
    with pytest.raises(ScorecardError, match="this one holds assessments"):
        sample.load(store, make_actor(), TODAY)
    assert [one.title for one in cycles(store).values()] == ["Ours"]


def test_a_practice_that_an_organisation_added_is_one_that_larkfield_does_not_know(beginning, tmp_path):
    store = stores.opened(stores.copied(beginning, tmp_path))
    text = places.maturity_file().read_text("utf-8")
    added = text.replace("[practices.S1]", text[text.index("[practices.S1]"):text.index("[practices.S2]")].replace("S1]", "S9]") + "[practices.S1]", 1)
    maturity.save_model(store, make_actor(), added, "one of our own")
    come(store)
    shown = practice(results(store), "S9").score
    assert (shown.n, shown.unsure, practice(results(store), "S5").score.median) == (0, 13, 1)
    store.close()
