"""Measures and scorecards: ten slots, the trade-in, and definitions that two people edit."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from scorecard import measures, organisation, places
from scorecard.core.definition import Definition, Driver, Goal
from scorecard.core.periods import Period
from scorecard.errors import DefinitionError, NotAllowed, StaleEdit, UsageError
from scorecard.organisation import Team
from scorecard.store import definitions

CARD = "customer-success"
TODAY = date(2026, 11, 22)


@pytest.fixture
def started(store):
    organisation.first_start(store)
    definitions.record_file(store, places.ROOT / "data" / "measures.toml", "first start")
    return store


def card_of(store, id: str = CARD):
    return next(card for card in measures.scorecards(store) if card.id == id)


# -- definitions

def test_a_new_measure_is_saved_with_its_reason_and_an_audit_row(started, analyst):
    assert measures.save_measure(started, analyst, Definition("sign_ups", "Recommendation score"), "asked by the board", 0, TODAY) == 1
    (first,) = measures.history(started, "sign_ups")
    assert (first.author, first.reason, first.source) == ("Sam Whitlock", "asked by the board", "app")
    with started.read() as tx:
        (after,) = tx.one("SELECT after_json FROM audit WHERE object = 'measure:sign_ups'")
    assert json.loads(after) == {"label": "Recommendation score"}


def test_an_edit_makes_a_new_version_and_keeps_the_old(started, analyst):
    new = replace(measures.current(started)["trust_score"], owner="Hana Patel")
    assert measures.save_measure(started, analyst, new, "owner named", 1, TODAY) == 2
    assert [one.definition.owner for one in measures.history(started, "trust_score")] == ["Hana Patel", ""]


def test_a_stale_edit_shows_both_versions_and_who_made_the_other(started, analyst, leader):
    opened = measures.current(started)["trust_score"]
    measures.save_measure(started, leader, replace(opened, owner="Hana Patel"), "owner named", 1, TODAY)
    with pytest.raises(StaleEdit) as refused:
        measures.save_measure(started, analyst, replace(opened, owner="Jo Lind"), "owner named", 1, TODAY)
    told = str(refused.value)
    assert "Rana Amari changed Trust score at " in told and "Now stored: owner Hana Patel. Yours: owner Jo Lind." in told


@pytest.mark.parametrize(("new", "version", "error", "words"), [
    (Definition("trust_score", "Trust"), 0, DefinitionError, "There is a measure 'trust_score' already: Trust score."),
    (Definition("brand_new", "Brand new"), 3, UsageError, "There is no measure 'brand_new' to edit"),
    (Definition("brand_new", "TRUST score"), 0, DefinitionError, "is the label of 'trust_score' already"),
    (Definition("Brand New", "Brand new"), 0, DefinitionError, "the id is not usable"),
    (Definition("brand_new", ""), 0, DefinitionError, "label is empty"),
    (Definition("brand_new", "Brand new", unit="apples"), 0, DefinitionError, 'unit is "apples"'),
])
def test_a_wrong_measure_is_refused(started, analyst, new, version, error, words):
    with pytest.raises(error, match=words):
        measures.save_measure(started, analyst, new, "why not", version, TODAY)


def test_a_measure_is_not_saved_without_a_reason(started, analyst):
    with pytest.raises(DefinitionError, match="The reason is empty"):
        measures.save_measure(started, analyst, Definition("sign_ups", "Score"), "  ", 0, TODAY)


def test_goals_inside_a_definition_are_for_leaders(started, analyst, leader):
    new = replace(measures.current(started)["trust_score"], targets=(Goal(date(2024, 1, 1), 8.0, "Annual plan"),))
    with pytest.raises(NotAllowed, match="change goals, lock limits. Ask a leader"):
        measures.save_measure(started, analyst, new, "raise it", 1, TODAY)
    measures.save_measure(started, leader, new, "raise it", 1, TODAY)
    assert measures.current(started)["trust_score"].targets == (Goal(date(2024, 1, 1), 8.0, "Annual plan"),)


@pytest.mark.parametrize(("change", "kept"), [({"owner": "Jo Lind"}, 0), ({"improvement_direction": "decrease"}, 1), ({"bounds": (0.0, 9.0)}, 1)])
def test_what_past_months_said_is_recorded_before_a_rule_changes(started, analyst, monkeypatch, change, kept):
    asked = []
    monkeypatch.setattr(measures.metrics, "before_change", lambda tx, chosen, today: asked.append((list(chosen), today)))
    new = replace(measures.current(started)["trust_score"], **change)
    measures.save_measure(started, analyst, new, "a reason", 1, TODAY)
    assert asked == [(["trust_score"], TODAY)] * kept


def test_the_file_is_taken_goals_too_and_a_goal_that_left_it_ends(started, leader, analyst):
    file = definitions.read_file(places.ROOT / "data" / "measures.toml")
    file["trust_score"] = replace(file["trust_score"], label="Trust", targets=(Goal(date(2025, 1, 1), 8.0, "Annual plan"),))
    with pytest.raises(NotAllowed):
        measures.take_file(started, analyst, file, TODAY)
    assert measures.take_file(started, leader, file, TODAY) == ["trust_score"]
    assert measures.current(started)["trust_score"].label == "Trust"
    assert measures.current(started)["trust_score"].targets == (Goal(date(2025, 1, 1), 8.0, "Annual plan"),)
    assert measures.differences(started, file) == []


# -- ten slots

def test_an_eleventh_measure_is_refused_with_the_last_signal_of_each_of_the_ten(started, analyst, monkeypatch):
    signals = dict.fromkeys(card_of(started).measures) | {"renewal_rate": Period(date(2026, 10, 1), "month")}
    monkeypatch.setattr(measures.metrics, "last_signals", lambda store, chosen, today, rules: signals)
    with pytest.raises(DefinitionError) as refused:
        measures.add_to_slot(started, analyst, CARD, "promises_kept", TODAY)
    told = str(refused.value)
    assert told.startswith("Ten measures are in use on Customer Success. Choose one to retire first; its history and limits are kept. "
                           "Last signals: Renewal rate, October 2026; Net revenue retention, none so far; ")
    assert told.endswith("Development plans kept, none so far. Trade one in for the new one.")
    assert len(card_of(started).measures) == 10


def test_the_refusal_works_with_the_real_readings(started, analyst):
    with pytest.raises(DefinitionError, match="Trust score, none so far"):
        measures.add_to_slot(started, analyst, CARD, "promises_kept", TODAY)


def test_a_trade_in_keeps_the_slot_and_the_retired_measure(started, analyst):
    card = measures.trade_in(started, analyst, CARD, "cost_to_serve", "weekly_use_first_six_months", "no signal in 24 months")
    assert card.slots[3] == (4, "weekly_use_first_six_months") and len(card.measures) == 10
    assert "cost_to_serve" in measures.current(started) and measures.history(started, "cost_to_serve")


def test_a_retired_measure_leaves_its_slot_free_for_the_next(started, analyst):
    measures.retire(started, analyst, CARD, "cost_to_serve", "no decision came of it")
    card = measures.add_to_slot(started, analyst, CARD, "promises_kept", TODAY)
    assert card.slots[3] == (4, "promises_kept")
    with started.read() as tx:
        rows = tx.all("SELECT action, after_json FROM audit WHERE object = 'scorecard:customer-success' ORDER BY seq")
    assert [action for action, _ in rows] == ["retire", "give slot"]
    assert json.loads(rows[0][1])["reason"] == "no decision came of it"


@pytest.mark.parametrize(("call", "words"), [
    (lambda s, a: measures.add_to_slot(s, a, CARD, "trust_score", TODAY), "trust_score has a slot on Customer Success already."),
    (lambda s, a: measures.add_to_slot(s, a, CARD, "promises_kpt", TODAY), "Did you mean 'promises_kept'?"),
    (lambda s, a: measures.trade_in(s, a, CARD, "promises_kept", "trust_score", "x"), "promises_kept has no slot on Customer Success"),
    (lambda s, a: measures.trade_in(s, a, CARD, "trust_score", "renewal_rate", "x"), "renewal_rate has a slot on Customer Success already."),
    (lambda s, a: measures.trade_in(s, a, CARD, "trust_score", "promises_kept", " "), "The reason is empty"),
    (lambda s, a: measures.retire(s, a, CARD, "promises_kept", "x"), "promises_kept has no slot"),
    (lambda s, a: measures.make_scorecard(s, a, "CUSTOMER success"), "There is a scorecard 'CUSTOMER success' already"),
    (lambda s, a: measures.make_scorecard(s, a, "Support", "team:none"), "'team:none' is no team and no role"),
    (lambda s, a: measures.make_scorecard(s, a, "Support", "", ["trust_score", "trust_score"]), "Name each once"),
    (lambda s, a: measures.make_scorecard(s, a, "Support", "", list(measures.current(s))[:11]), "A scorecard has 10 slots; 11 measures were named."),
])
def test_a_wrong_slot_or_scorecard_is_refused(started, analyst, call, words):
    before = measures.scorecards(started)
    with pytest.raises(DefinitionError) as refused:
        call(started, analyst)
    assert words in str(refused.value)
    assert measures.scorecards(started) == before


def test_an_unknown_scorecard_is_a_wrong_call(started, analyst):
    with pytest.raises(UsageError, match="There is no scorecard 'x'. Known are: customer-success."):
        measures.retire(started, analyst, "x", "trust_score", "y")


# -- several scorecards

def test_a_team_and_a_role_have_scorecards_of_their_own(started, analyst, admin):
    team = organisation.save_team(started, admin, Team("", "Support"))
    support = measures.make_scorecard(started, analyst, "Support", f"team:{team.id}", ["tickets_over_14_days", "resolution_time"])
    board = measures.make_scorecard(started, analyst, "Board", "role:viewer", ["renewal_rate"])
    assert (support.id, support.audience, support.measures) == ("support", "team:support", ("tickets_over_14_days", "resolution_time"))
    assert board.measures == ("renewal_rate",)
    assert [card.id for card in measures.scorecards(started)] == [CARD, "board", "support"]


def test_a_scorecard_is_renamed_and_a_stale_rename_is_refused(started, analyst):
    card = card_of(started)
    assert measures.rename_scorecard(started, analyst, CARD, "Success", "", card.version).name == "Success"
    with pytest.raises(StaleEdit, match="Sam Whitlock changed Success"):
        measures.rename_scorecard(started, analyst, CARD, "CS", "", card.version)


def test_measures_are_reordered_and_a_stale_order_is_refused(started, analyst):
    card = card_of(started)
    turned = list(reversed(card.measures))
    assert measures.reorder(started, analyst, CARD, turned, card.version).measures == tuple(turned)
    with pytest.raises(StaleEdit):
        measures.reorder(started, analyst, CARD, list(card.measures), card.version)
    with pytest.raises(UsageError, match="Name each measure"):
        measures.reorder(started, analyst, CARD, turned[:9], card.version + 1)


COMMANDS = {
    "save_measure": lambda s, a: measures.save_measure(s, a, Definition("sign_ups", "Score"), "why", 0, TODAY),
    "take_file": lambda s, a: measures.take_file(s, a, {}, TODAY),
    "make_scorecard": lambda s, a: measures.make_scorecard(s, a, "Support"),
    "rename_scorecard": lambda s, a: measures.rename_scorecard(s, a, CARD, "CS", "", 1),
    "add_to_slot": lambda s, a: measures.add_to_slot(s, a, CARD, "promises_kept", TODAY),
    "trade_in": lambda s, a: measures.trade_in(s, a, CARD, "trust_score", "promises_kept", "why"),
    "retire": lambda s, a: measures.retire(s, a, CARD, "trust_score", "why"),
    "reorder": lambda s, a: measures.reorder(s, a, CARD, [], 1),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_refused_to_a_viewer_and_to_nobody(started, viewer, command):
    version = started.data_version
    for actor in (viewer, None):
        with pytest.raises(NotAllowed):
            COMMANDS[command](started, actor)
    assert started.data_version == version


# -- links and benchmarks

LINK = Driver("trust_score", 1, 2, "Who trusts us stays.")
BENCHMARK = {"source": "14 vendors", "from": "2026-09-01", "low": 0.88, "median": 0.91, "high": 0.94}


def version_of(store, measure: str) -> int:
    with store.read() as tx:
        return definitions.version_of(tx, measure)


def test_a_stated_link_stands_in_the_definition_with_its_reason_in_the_history(started, analyst):
    measures.state_link(started, analyst, "cost_to_serve", LINK, 1, TODAY)
    assert measures.current(started)["cost_to_serve"].drivers == (LINK,)
    newest = measures.history(started, "cost_to_serve")[0]
    assert newest.author == analyst.name
    assert newest.reason == "Link to trust_score, both rise together, lag 2: Who trusts us stays."


def test_a_link_of_the_same_cause_is_replaced_and_its_date_begins_anew(started, analyst, monkeypatch):
    measures.state_link(started, analyst, "cost_to_serve", LINK, 1, TODAY)
    with started.read() as tx:
        before = definitions.stated(tx)["cost_to_serve", "trust_score"]
    measures.state_link(started, analyst, "cost_to_serve", replace(LINK, why="Said better."), 2, TODAY)
    with started.read() as tx:
        assert definitions.stated(tx)["cost_to_serve", "trust_score"] == before
    measures.state_link(started, analyst, "cost_to_serve", replace(LINK, lag=3), 3, TODAY)
    with started.read() as tx:
        assert definitions.stated(tx)["cost_to_serve", "trust_score"] > before
    assert [one.lag for one in measures.current(started)["cost_to_serve"].drivers] == [3]


def test_a_link_that_is_taken_back_leaves_the_map_and_stays_in_the_history(started, analyst):
    measures.state_link(started, analyst, "cost_to_serve", LINK, 1, TODAY)
    measures.take_back_link(started, analyst, "cost_to_serve", "trust_score", "It was a guess.", 2, TODAY)
    assert measures.current(started)["cost_to_serve"].drivers == ()
    assert [one.definition.drivers for one in measures.history(started, "cost_to_serve")] == [(), (LINK,), ()]
    with started.read() as tx:
        assert ("cost_to_serve", "trust_score") not in definitions.stated(tx)


@pytest.mark.parametrize(("driver", "words"), [
    (replace(LINK, measure="cost_to_serve"), "A driver is another measure"),
    (replace(LINK, measure="trust_scor"), "Did you mean \"trust_score\""),
    (replace(LINK, lag=99), "whole number from 0 to 36"),
    (replace(LINK, why=" "), "The reason is empty"),
])
def test_a_wrong_link_is_refused(started, analyst, driver, words):
    with pytest.raises(DefinitionError, match=words):
        measures.state_link(started, analyst, "cost_to_serve", driver, 1, TODAY)


def test_a_benchmark_is_added_and_taken_away_with_history(started, analyst):
    measures.add_benchmark(started, analyst, "trust_score", {"source": " 9 companies ", "median": 7.0}, 1, TODAY)
    (kept,) = measures.current(started)["trust_score"].benchmarks
    assert kept == {"source": "9 companies", "median": 7.0}
    measures.drop_benchmark(started, analyst, "trust_score", kept, "They stopped.", 2, TODAY)
    assert measures.current(started)["trust_score"].benchmarks == ()
    assert [one.reason for one in measures.history(started, "trust_score")[:2]] == [
        "Benchmark taken away: They stopped.", "Benchmark of 9 companies"]


@pytest.mark.parametrize(("one", "words"), [
    ({"median": 0.9}, "The source is empty"),
    ({"source": "x"}, "have no figure"),
    ({"source": "x", "low": 0.8}, "two ends"),
    ({"source": "x", "low": 0.9, "median": 0.5, "high": 0.95}, "not in order"),
])
def test_a_wrong_benchmark_is_refused(started, analyst, one, words):
    with pytest.raises(DefinitionError, match=words):
        measures.add_benchmark(started, analyst, "renewal_rate", one, 1, TODAY)


@pytest.mark.parametrize("command", [
    lambda store, who: measures.state_link(store, who, "cost_to_serve", LINK, 1, TODAY),
    lambda store, who: measures.take_back_link(store, who, "renewal_rate", "adoption_30d", "Why", 1, TODAY),
    lambda store, who: measures.add_benchmark(store, who, "renewal_rate", BENCHMARK, 1, TODAY),
])
def test_a_viewer_changes_no_link_and_no_benchmark(started, viewer, command):
    before = started.data_version
    with pytest.raises(NotAllowed):
        command(started, viewer)
    assert started.data_version == before


def test_a_stale_link_is_refused_with_both_versions(started, analyst, leader):
    measures.state_link(started, leader, "cost_to_serve", LINK, 1, TODAY)
    with pytest.raises(StaleEdit, match="Rana Amari changed Cost to serve per account"):
        measures.state_link(started, analyst, "cost_to_serve", replace(LINK, lag=1), 1, TODAY)
