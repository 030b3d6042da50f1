"""The report card: scores as they were known before each renewal, against what happened."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from scorecard.output import sensory_twins
from scorecard.sensory import report_card, scoring
from scorecard.store import health_scores as rows
from tests.sensory.test_scoring import LOADED, MONTHS, SAM, TODAY, make_account, put, steady, use


@pytest.fixture
def renewals(store):
    """Twelve accounts: those whose use halved in June are lost in October, but one; and one that was busy is lost too."""
    falling = [f"F{n}" for n in range(6)]
    steadily = [f"S{n}" for n in range(6)]
    usage = [row for id in steadily for row in steady(id)]
    for id in falling:
        usage += use(id, {str(one): 10 if one.start < date(2026, 6, 1) else 5 for one in MONTHS})
    put(store, account=[make_account(id) for id in falling + steadily], usage=usage,
        renewal=[{"renewal_id": id, "account_id": id, "due_on": date(2026, 10, 20), "value_due": 1000 + n,
                  "value_renewed": 0 if id != "F5" and id[0] == "F" or id == "S0" else 1000, "status": None}
                 for n, id in enumerate(falling + steadily)])
    scoring.refresh(store, SAM, TODAY)
    return store


def test_scores_are_those_known_so_many_days_before_and_no_later(renewals):
    for days, known in ((30, date(2026, 8, 1)), (60, date(2026, 7, 1)), (90, date(2026, 6, 1)), (180, None)):
        with renewals.read_facts() as tx:
            assert {row[6] for row in rows.outcomes(tx, days, TODAY, LOADED.date())} == {known}
        assert known is None or known.replace(month=known.month + 1) - timedelta(1) <= date(2026, 10, 20) - timedelta(days)


def test_who_was_lost_is_told_by_band_and_the_green_ones_by_name(renewals):
    card = report_card.read(renewals, TODAY, 90)
    assert (card.lost.hits, card.lost.n, card.without_score) == (6, 12, 0)
    assert [(one.label, one.lost.hits, one.lost.n) for one in card.bands if one.lost.n] == [("below 50", 5, 6), ("80 and up", 1, 6)]
    assert [(one.outcome.account, one.outcome.value) for one in card.missed] == [("S0", 1006)] and card.missed_value == 1006
    assert (card.precision.hits, card.precision.n, card.recall.hits, card.recall.n) == (5, 6, 5, 6)
    assert report_card.sentence(card) == ("83% of accounts below 50 were lost, 17% of those at 80 and up. 1 of 6 lost accounts had been green. "
                                          "One simple rule does as well.")


def test_a_renewal_without_a_score_is_counted_apart(renewals):
    card = report_card.read(renewals, TODAY, 180)
    assert (card.renewals, card.without_score) == (0, 12)
    assert report_card.sentence(card) == "No renewal has a score from 180 days before it yet."


def test_scores_recorded_from_history_are_said(renewals):
    assert report_card.read(renewals, TODAY, 30).from_history == 12


def test_one_simple_rule_that_says_the_same_is_not_beaten(renewals):
    card = report_card.read(renewals, TODAY, 90)
    assert card.verdict == "no_better" and card.simple.value == card.auc.value


def test_weights_are_proposed_only_with_enough_losses_and_change_nothing(renewals):
    before = scoring.history(renewals)
    assert "losses with every input known are too few to weigh 4 inputs: 40 are needed" in report_card.proposal(renewals, TODAY, 90).refusal
    assert scoring.history(renewals) == before


def test_a_renewal_that_is_not_decided_yet_is_left_out(renewals):
    put(renewals, renewal=[{"renewal_id": "open", "account_id": "S1", "due_on": date(2026, 10, 21), "value_due": 5, "status": "open"}])
    assert report_card.read(renewals, TODAY, 90).renewals == 12


@pytest.mark.parametrize("recorded, known", [(datetime(2026, 12, 26), date(2026, 11, 1)), (datetime(2026, 12, 27), date(2026, 10, 1))])
def test_a_month_that_was_recorded_after_the_day_was_not_known_on_it(renewals, recorded, known):
    put(renewals, datetime(2026, 12, 20), usage=[row for n in range(6) for row in use(f"S{n}", {"2026-11": 10})],
        renewal=[{"renewal_id": "next", "account_id": "S1", "due_on": date(2027, 1, 25), "value_due": 5, "status": "renewed"}])
    scoring.refresh(renewals, SAM, date(2026, 12, 20))
    with renewals.facts() as tx:
        tx.run("UPDATE health_recorded SET recorded_at = $1 WHERE month = DATE '2026-11-01'", [recorded])
        (row,) = [row for row in rows.outcomes(tx, 30, date(2027, 2, 1), LOADED.date()) if row[0] == "S1" and row[3].year == 2027]
    assert row[6] == known


def test_what_happened_after_the_day_changes_nothing_however_well_it_tells_the_lost_from_the_kept(renewals):
    before = report_card.read(renewals, TODAY, 90)
    put(renewals, ticket=[{"ticket_id": f"leak {n} {id}", "account_id": id, "opened_at": datetime(2026, 7, 22, 9), "first_response_minutes": 9000}
                          for id in ("S0", "F1", "F2", "F3", "F4", "F0") for n in range(9)],
        survey=[{"answer_id": f"leak {id}", "account_id": id, "answered_on": date(2026, 7, 23), "question": "nps", "score": 0} for id in ("S0", "F1")])
    with renewals.facts() as tx:
        tx.run("UPDATE account SET ended_on = DATE '2026-10-20' WHERE account_id IN ('S0', 'F1', 'F2', 'F3', 'F4', 'F0')")
        rows.forget(tx)
    scoring.refresh(renewals, SAM, TODAY)
    after = report_card.read(renewals, TODAY, 90)
    assert [(one.account, one.score) for one in report_card.outcomes(renewals, TODAY, 90)[0]] and after.auc == before.auc
    assert [one.outcome.score for one in after.missed] == [one.outcome.score for one in before.missed]


def test_green_is_what_was_green_when_the_score_was_made(renewals):
    before = report_card.read(renewals, TODAY, 90)
    ours = scoring.history(renewals)[0]
    scoring.save_rule(renewals, SAM, replace(ours, green=95), 1, "Too many green accounts were lost")
    after = report_card.read(renewals, TODAY, 90)
    assert after == before and after.thresholds == (70,)
    assert report_card.read(renewals, TODAY, 90, threshold=101).precision.n == 12


def test_every_figure_of_every_number_of_days_leaves_as_csv(renewals):
    cards = [report_card.explained(renewals, report_card.read(renewals, TODAY, days)) for days in (30, 90)]
    lines = list(csv.DictReader(io.StringIO(sensory_twins.cards_csv(cards))))
    (recall,) = [one for one in lines if one["days"] == "90" and one["figure"] == "recall"]
    # Wilson (1927), 5 of 6: 43.65 to 96.99%, as R's prop.test(5, 6, correct = FALSE).
    assert (recall["value"], recall["of"], round(float(recall["lower"]), 4), round(float(recall["upper"]), 4)) == ("5", "6", 0.4365, 0.9699)
    assert [one["name"] for one in lines if one["figure"] == "green and lost" and one["days"] == "90"] == ["S0 Ltd"]
