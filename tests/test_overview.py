"""All measures on one page: links read from figures that count, roll-ups from numerators, shared measures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import numpy as np
import pytest

from scorecard import actions, measures, metrics, organisation
from scorecard.core.definition import Driver
from scorecard.core.periods import Period
from scorecard.errors import DefinitionError, NotAllowed, StaleEdit
from scorecard.store import loads, members
from tests.conftest import make_actor
from tests.scorecards import goal, load, make_definition, make_scorecard, month, monthly

CARD = "customer-success"
TODAY = date(2027, 1, 20)
LOADED = date(2027, 1, 2)


@pytest.fixture(autouse=True)
def commands_are_given_on_that_day(monkeypatch):
    monkeypatch.setattr("scorecard.store.engine.utc_now", lambda: datetime(2027, 1, 20, 9))


def make_pair(store, effect=None, lag: int = 2, sign: int = 1, months: int = 36) -> None:
    """Two measures, `cause` and `effect`; the effect follows the cause after two months unless it is given."""
    noise = np.random.default_rng(3).normal(0, 0.01, months + 2)
    cause, follows = 0.5 + noise[2:], 0.9 + noise[:months]
    make_scorecard(
        store,
        make_definition("cause"),
        make_definition("effect", drivers=(Driver("cause", sign, lag, "It helps."),), targets=(goal(2024, 1, 0.93),)),
    )
    values = {("cause", ""): monthly(list(cause)), ("effect", ""): monthly(list(follows if effect is None else effect))}
    load(store, values, LOADED)


def the_link(store) -> metrics.LinkView:
    (found,) = metrics.overview(store, CARD, TODAY).links.links
    return found


def test_a_link_is_read_at_its_stated_lag(store):
    make_pair(store)
    found = the_link(store)
    assert (found.cause, found.effect, found.evidence.n, found.evidence.verdict) == ("cause", "effect", 34, "supported")
    assert found.evidence.r == pytest.approx(1)


def test_a_link_at_another_lag_has_no_evidence(store):
    make_pair(store, lag=5)
    assert the_link(store).evidence.verdict == "no_evidence_yet"


def test_a_link_against_its_sign_is_contradicted(store):
    make_pair(store, sign=-1)
    assert the_link(store).evidence.verdict == "contradicted"


def test_a_month_left_out_makes_no_pair(store, leader):
    make_pair(store)
    metrics.exclude(store, leader, "effect", "", month(2026, 6), "The survey was broken.")
    assert the_link(store).evidence.n == 33
    metrics.exclude(store, leader, "cause", "", month(2026, 3), "The survey was broken.")
    assert the_link(store).evidence.n == 32


def test_a_month_that_is_not_over_makes_no_pair(store):
    make_pair(store)
    (whole,) = metrics.overview(store, CARD, TODAY).links.links
    (early,) = metrics.overview(store, CARD, date(2026, 12, 20)).links.links
    assert (whole.evidence.n, early.evidence.n) == (34, 33)


def test_measures_of_two_grains_are_not_compared(store):
    make_scorecard(store, make_definition("cause"), make_definition("effect", drivers=(Driver("cause", 1, 1),)))
    load(store, {("cause", ""): monthly([0.1 * n for n in range(36)], Period(date(2025, 12, 29), "week"))}, LOADED)
    load(store, {("effect", ""): monthly([0.1 * n for n in range(36)])}, LOADED, "months")
    found = the_link(store).evidence
    assert found.verdict == "no_evidence_yet" and found.reason == "the cause is by week, the effect by month"


def test_a_measure_shows_the_links_at_both_of_its_ends_and_no_others(store):
    make_pair(store)
    at_cause = metrics.measure_links(store, "cause", None, TODAY, CARD)
    assert [link.effect for link in at_cause.links] == ["effect"]
    assert at_cause.standings["effect"].goal_text == "≥ 93%"
    make_scorecard(store, make_definition("alone"), id="other", name="Other")
    assert metrics.measure_links(store, "alone", None, TODAY).links == ()


def test_an_earlier_period_is_read_from_the_figures_up_to_it(store):
    make_pair(store)
    (found,) = metrics.measure_links(store, "effect", month(2025, 6), TODAY, CARD).links
    assert found.evidence.n == 16


def test_a_link_says_since_when_it_stands(store):
    make_pair(store)
    assert the_link(store).stated is not None and the_link(store).why == "It helps."


def make_segments(store, aggregate: str = "ratio") -> None:
    make_scorecard(store, make_definition("renewal_rate", aggregate=aggregate))
    parts = {
        ("renewal_rate", "Enterprise"): monthly([(940.0, 1000.0)] * 12),
        ("renewal_rate", "Small business"): monthly([(79.0, 100.0)] * 12),
    }
    load(store, parts, date(2025, 1, 2))


def test_the_whole_is_recomputed_from_numerators_and_not_the_mean_of_its_parts(store):
    make_segments(store)
    found = metrics.overview(store, CARD, TODAY).rollups["renewal_rate"]
    assert [(part.name, part.value_text) for part in found.parts] == [
        ("Enterprise", "94.0%"),
        ("Small business", "79.0%"),
    ]
    assert found.whole.value == pytest.approx((940 + 79) / 1100)
    assert found.whole.counted == "1,019 of 1,100"
    assert found.mean_text == "86.5%" != found.whole.value_text


def test_a_scorecard_that_takes_a_measure_shows_the_same_figure(store):
    make_segments(store)
    measures.make_scorecard(store, make_actor("leader"), "Company", measures=["renewal_rate"])
    found = metrics.overview(store, CARD, TODAY).rollups["renewal_rate"]
    company = next(one for one in found.carriers if one.name == "Company")
    assert company.part == found.whole and (company.shared, company.of) == (1, 1)


def test_a_line_names_every_scorecard_that_uses_a_measure(store):
    make_segments(store)
    measures.make_scorecard(store, make_actor("leader"), "Company", measures=["renewal_rate"])
    (line,) = metrics.measure_lines(store, CARD, TODAY)
    assert set(line.used_on) == {"Company", next(card.name for card in measures.scorecards(store) if card.id == CARD)}


def test_a_line_names_the_actions_of_two_years_that_were_meant_to_move_its_measure(store, leader):
    make_pair(store)
    store.write(lambda tx: members.insert_person(tx, organisation.Person("rana", "Rana Amari")), "test")
    days = ("2024-06-03", "2026-06-03", "2026-09-01")
    for day, title in zip(map(date.fromisoformat, days), ("Long ago", "Guided onboarding", "In-app tour"), strict=True):
        now = datetime.combine(day, datetime.min.time())
        actions.add(store, leader, title=title, kind="training", owner="rana", due=day, measure="cause", today=day, now=now)
    lines = {line.measure.name: line.led_to for line in metrics.measure_lines(store, CARD, TODAY)}
    assert lines == {"cause": ("In-app tour", "Guided onboarding"), "effect": ()}


def test_a_benchmark_changes_neither_reading_nor_status(store, analyst):
    make_pair(store)
    before = metrics.overview(store, CARD, TODAY).lines
    measures.add_benchmark(store, analyst, "effect", {"source": "14 vendors", "median": 0.99}, 1, TODAY)
    after = metrics.overview(store, CARD, TODAY).lines
    assert [replace(line, measure=None, version=0) for line in before] == [
        replace(line, measure=None, version=0) for line in after
    ]


def test_a_team_scorecard_shows_the_part_of_its_team_and_the_company_the_whole(store, admin):
    make_scorecard(store, make_definition("renewal_rate"), id=CARD)
    team = organisation.save_team(store, admin, organisation.Team("", "Renewals"))
    rows = [
        ("renewal_rate", month(2024, 1), "", name, "", None, top, bottom)
        for name, top, bottom in (("Onboarding", 95.0, 100.0), ("Renewals", 240.0, 300.0))
    ]

    def work(tx):
        loads.add(tx, loads.Load("a", "a.csv", "a", {}, 2, 0, 0, 0, LOADED, LOADED, "", "UTC", 1, None))
        loads.add_figures(tx, "a", rows)

    store.write(work, "Sam Whitlock")
    measures.make_scorecard(store, make_actor("leader"), "Renewal desk", f"team:{team.id}", ["renewal_rate"])
    found = metrics.overview(store, CARD, TODAY).rollups["renewal_rate"]
    assert [(part.name, part.kind, part.counted) for part in found.parts] == [
        ("Onboarding", "team", "95 of 100"),
        ("Renewals", "team", "240 of 300"),
    ]
    assert metrics.teams_of(store, "renewal_rate", month(2024, 1), TODAY) == found.parts
    assert metrics.teams_of(store, "renewal_rate", month(2024, 2), TODAY) == ()
    desk = next(one for one in found.carriers if one.name == "Renewal desk")
    assert (desk.team, desk.part.value_text) == ("Renewals", "80.0%")
    assert found.whole.counted == "335 of 400" and found.whole.value_text == "83.8%"


# -- scorecards that roll up into another

TEAMS = {"Enterprise": (940.0, 1000.0), "Mid-market": (450.0, 500.0), "Small business": (79.0, 100.0)}


@pytest.fixture
def linked(store, leader, admin):
    """A company's scorecard over those of three teams, each team with its own figures of one measure."""
    make_scorecard(store, make_definition("renewal_rate"), make_definition("expansion", aggregate="sum"), id=CARD, name="Company")
    rows = [("renewal_rate", month(2024, 1), "", name, "", None, *counts) for name, counts in TEAMS.items()]
    rows += [("expansion", month(2024, 1), "", name, "", value, None, None) for name, value in (("Enterprise", 10.0), ("Mid-market", 4.0))]

    def work(tx):
        loads.add(tx, loads.Load("a", "a.csv", "a", {}, len(rows), 0, 0, 0, LOADED, LOADED, "", "UTC", 1, None))
        loads.add_figures(tx, "a", rows)

    store.write(work, "Sam Whitlock")
    for name in TEAMS:
        team = organisation.save_team(store, admin, organisation.Team("", name))
        made = measures.make_scorecard(store, leader, f"{name} desk", f"team:{team.id}", ["renewal_rate", "expansion"])
        measures.roll_up(store, leader, made.id, CARD, made.version)
    return store


def carrier_of(store, measure: str = "renewal_rate", name: str = "Company", looked_at: str = CARD):
    found = metrics.overview(store, looked_at, TODAY).rollups[measure]
    return next(one for one in found.carriers if one.name == name)


def test_a_company_figure_is_recomputed_from_the_counts_of_the_scorecards_below_and_never_their_mean(linked):
    company = carrier_of(linked)
    assert company.below.value == pytest.approx((940 + 450 + 79) / 1600) and company.below.counted == "1,469 of 1,600"
    assert company.below.value != pytest.approx((0.94 + 0.90 + 0.79) / 3)
    assert set(company.under) == {f"{name} desk" for name in TEAMS} and not company.differs


def test_a_sum_below_is_added_up(linked):
    assert carrier_of(linked, "expansion").below.value == 14.0


def test_a_scorecard_that_is_not_below_leaves_a_gap_that_is_said(linked, leader):
    desk = next(card for card in measures.scorecards(linked) if card.name == "Small business desk")
    measures.roll_up(linked, leader, desk.id, "", desk.version)
    company = carrier_of(linked)
    assert company.differs and company.part.counted == "1,469 of 1,600" and company.below.counted == "1,390 of 1,500"


def test_what_two_scorecards_below_both_show_counts_once(linked, leader):
    whole = measures.make_scorecard(linked, leader, "Everybody", "", ["renewal_rate", "expansion"])
    measures.roll_up(linked, leader, whole.id, CARD, whole.version)
    assert carrier_of(linked, "expansion").below.value == 14.0
    assert carrier_of(linked).below.counted == "1,469 of 1,600"


def test_a_team_of_teams_shows_what_the_scorecards_below_it_come_to(linked, leader, admin):
    team = organisation.save_team(linked, admin, organisation.Team("", "Large accounts"))
    between = measures.make_scorecard(linked, leader, "Large accounts", f"team:{team.id}", ["renewal_rate"])
    for card in measures.scorecards(linked):
        if card.name in ("Enterprise desk", "Mid-market desk"):
            measures.roll_up(linked, leader, card.id, between.id, card.version)
    between = next(card for card in measures.scorecards(linked) if card.id == between.id)
    measures.roll_up(linked, leader, between.id, CARD, between.version)
    assert carrier_of(linked, name="Large accounts").part.counted == "1,390 of 1,500"
    assert carrier_of(linked).below.counted == "1,469 of 1,600" and not carrier_of(linked).differs


def test_a_measure_may_be_called_otherwise_above_and_its_figure_is_that_of_the_measure_below(linked, leader):
    measures.save_measure(linked, leader, make_definition("group_rate"), "The board counts it.", 0, TODAY)
    top = measures.make_scorecard(linked, leader, "Group", "", ["group_rate"])
    company = next(card for card in measures.scorecards(linked) if card.id == CARD)
    measures.roll_up(linked, leader, CARD, top.id, company.version, {"renewal_rate": "group_rate"})
    seen = carrier_of(linked, name="Group")
    assert (seen.called, seen.part.counted) == ("Group rate", "1,469 of 1,600")
    above = metrics.overview(linked, top.id, TODAY).rollups["group_rate"]
    assert above.whole.counted == "1,469 of 1,600"
    said = metrics.overview(linked, CARD, TODAY).upwards
    assert next(one.measures for one in said if one.parent == "Group") == (("Renewal rate", "Group rate"),)


@pytest.mark.parametrize("aggregate, unit", [("sum", "percent"), ("ratio", "days")])
def test_measures_that_are_not_counted_alike_are_not_linked(linked, leader, aggregate, unit):
    other = make_definition("other", aggregate=aggregate, unit=unit)
    measures.save_measure(linked, leader, other, "To try it.", 0, TODAY)
    top = measures.make_scorecard(linked, leader, "Group", "", ["other"])
    with pytest.raises(DefinitionError, match="not counted alike"):
        measures.roll_up(linked, leader, CARD, top.id, 1, {"renewal_rate": "other"})


def test_no_circle_of_scorecards(linked, leader):
    desk = next(card for card in measures.scorecards(linked) if card.name == "Enterprise desk")
    company = next(card for card in measures.scorecards(linked) if card.id == CARD)
    for above in (desk.id, CARD):
        with pytest.raises(DefinitionError, match="cannot roll up into"):
            measures.roll_up(linked, leader, CARD, above, company.version)


def test_a_link_is_written_by_who_may_edit_measures_and_a_stale_one_is_refused(linked, viewer, leader):
    desk = next(card for card in measures.scorecards(linked) if card.name == "Enterprise desk")
    with pytest.raises(NotAllowed):
        measures.roll_up(linked, viewer, desk.id, "", desk.version)
    with pytest.raises(StaleEdit):
        measures.roll_up(linked, leader, desk.id, "", desk.version - 1)
    measures.roll_up(linked, leader, desk.id, "", desk.version)
    with linked.read() as tx:
        (after,) = tx.one("SELECT after_json FROM audit WHERE action = 'roll up' ORDER BY seq DESC LIMIT 1")
    assert '"parent": ""' in after
