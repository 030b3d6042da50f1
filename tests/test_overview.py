"""All measures on one page: links read from figures that count, roll-ups from numerators, shared measures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import numpy as np
import pytest

from scorecard import measures, metrics, organisation
from scorecard.core.definition import Driver
from scorecard.core.periods import Period
from scorecard.store import loads
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
    desk = next(one for one in found.carriers if one.name == "Renewal desk")
    assert (desk.team, desk.part.value_text) == ("Renewals", "80.0%")
    assert found.whole.counted == "335 of 400" and found.whole.value_text == "83.8%"
