"""What is drawn of a session, of the roadmap and beside the scores: exact words, nothing before its time."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date, datetime

import pytest

from scorecard.core.periods import Period
from scorecard.core.reading import Sentence
from scorecard.core.rubric import Score
from scorecard.core.verdict import Verdict
from scorecard.maturity.beside import Beside
from scorecard.maturity.loop import Standing
from scorecard.maturity.records import Contradiction
from scorecard.maturity.session import Room
from scorecard.output import maturity_beside, maturity_roadmap, maturity_session, maturity_twins
from scorecard.store.maturity_sessions import Session
from scorecard.store.projects import Project
from tests.output import make, make_maturity
from tests.output.test_tables import HOSTILE, words

FOUND = make_maturity.results()
W4 = next(one for one in FOUND.practices if one.practice == "W4")
AT = datetime(2026, 10, 1, 9)
VOTING = Room(Session("s", "c2", True, "W4", 1, "vote", "Rana Amari", AT, None, "Rana Amari", 3), ("Hana Patel", "Rana Amari"), 2, 4, None, (), None)
VOTES = Score("W4", "", 2, 3.0, 3.0, 2.0, 4.0, 1.0, False, False, 1, (0, 1, 0, 1, 0))
SHOWN = replace(VOTING, session=replace(VOTING.session, step="shown"), score=VOTES,
                by_name=(("Hana Patel", 2), ("Rana Amari", 4), ("Jo Lind", None)), agreed=W4.agreed)
Q4 = Period(date(2026, 10, 1), "quarter")
PROJECT = Project("p1", "Partners with a measure", "improve", "jo", "Jo Lind", "renewal_rate", 0.03, date(2027, 3, 31), "W4", "c2", "2027-Q1",
                  date(2026, 11, 2), None, "", "", "Rana Amari", AT, "Rana Amari", AT, 1)


def standing(verdict: str = "worked", **changed) -> Standing:
    read = Verdict(verdict, 6, 3, None, "shift", 0.9, 0.93, 0.03, Sentence("Worked:", "90 to 93% since November."), "90 → 93%")
    return Standing(replace(PROJECT, **changed), "Renewal rate", (), None, read, "Assess W4 again.")


@pytest.mark.parametrize("text", [
    maturity_session.before_and_now(W4, SHOWN) + maturity_session.steps(SHOWN, "W4") + maturity_session.agreed(W4.agreed),
    maturity_session.head("x", "maturity", SHOWN) + maturity_session.list_of(FOUND.disagreements, "W4") + maturity_session.line("x"),
    maturity_roadmap.page([standing()], Q4, {}, {}, str) + maturity_roadmap.told(standing()),
    maturity_twins.table(FOUND),
], ids=["votes", "head", "roadmap", "numbers"])  # fmt: skip
def test_what_is_drawn_is_well_formed(text):
    ET.fromstring(f"<div>{text}</div>")
    assert "<script>" not in text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_name_or_a_title_is_never_markup(hostile):
    room = replace(SHOWN, present=(hostile,), by_name=((hostile, 2),))
    text = maturity_session.head(hostile, "x", room) + maturity_session.before_and_now(W4, room)
    text += maturity_roadmap.page([standing(title=hostile, owner_name=hostile, outcome="stopped", reason=hostile, ended=date(2026, 11, 1))], Q4, {"W4": hostile}, {}, str)
    text += maturity_beside.against([Contradiction("W4", hostile, 4.0, 4, hostile)]) + maturity_beside.again([hostile])
    ET.fromstring(f"<div>{text}</div>")
    assert "<img" not in text and "<script" not in text


def test_a_vote_is_not_drawn_before_it_is_shown():
    text = words(maturity_session.before_and_now(W4, VOTING))
    assert "Votes are being taken. Nobody sees one before all are shown." in text and "2 people" not in text
    assert "In the cycle People: level 1: 4, level 2: 5, level 3: 1, level 4: 3, level 5: 0" in text


def test_votes_that_are_shown_stand_beside_the_answers_of_the_cycle_with_the_names_of_a_named_one():
    text = words(maturity_session.before_and_now(W4, SHOWN))
    assert "median 2.0, spread 0.93, 13 people Now" in text
    assert "median 3.0, spread 1.00, 2 people, 1 did not know 2 Hana Patel 4 Rana Amari Don’t know Jo Lind" in text


def test_too_few_votes_without_names_are_said_to_be_hidden_and_deleted():
    at = replace(SHOWN.session, named=False)
    room = replace(SHOWN, session=at, score=replace(VOTES, hidden=True, n=None, median=None, counts=()), by_name=())
    text = words(maturity_session.before_and_now(W4, room))
    assert "Hidden: fewer than five votes. They are deleted." in text
    assert "This cycle is anonymous" in words(maturity_session.head("x", "y", room)) and "This cycle is named" in words(maturity_session.head("x", "y", SHOWN))


def test_the_roadmap_has_a_column_for_each_quarter_to_the_last_that_is_planned():
    found = [standing(phase=phase) for phase in ("2026-Q2", "2026-Q4", "2027-Q2", "")]
    assert [(one.title, len(one.projects)) for one in maturity_roadmap.columns(found, Q4)] == [
        ("Earlier", 1), ("Q4 2026", 1), ("Q1 2027", 0), ("Q2 2027", 1), ("Not planned yet", 1)]
    assert [one.title for one in maturity_roadmap.columns([], Q4)] == ["Q4 2026"]


def test_a_project_shows_its_gap_its_step_its_measure_and_the_verdict_of_it():
    text = words(maturity_roadmap.page([standing()], Q4, {"W4": "Partners managed"}, {"renewal_rate": make.make_view().results[0].measure}, str))
    assert "Partners with a measure closes W4 Partners managed improve Renewal rate +3.0 points by 31 Mar 2027" in text
    assert "Worked 90 to 93% since November." in text and "Jo Lind" in text


def test_beside_a_score_stand_its_measures_and_the_name_of_the_failure_mode():
    row = make.make_view().results[0]
    one = Beside("metrics", "Metrics", 3.7, (row,), (row,), (), row.period, "good on paper", "Good on paper: Metrics stands at 3.7, and its measure is worse.")
    text = maturity_beside.section([one], [("good on paper", "High score."), ("heroics", "Low score.")], str)
    assert "<b>Good on paper:</b> Metrics stands at 3.7" in text and "Two things side by side" in text
    assert row.measure.label in words(text) and "readings of" in words(text)
    empty = replace(one, rows=(), bad=(), period=None)
    assert "nothing to lay beside the scores" in words(maturity_beside.section([empty], []))


def test_the_csv_holds_every_figure_and_nothing_of_what_is_hidden():
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(maturity_twins.csv(FOUND)))}
    w4 = rows["W4"]
    assert len(rows) == 7 + 55
    assert (w4["n"], w4["median"], w4["level_2"], w4["gap"], w4["agreed_level"], w4["hidden"]) == ("13", "2.0", "5", "2.0", "3", "false")
    few = csv.DictReader(io.StringIO(maturity_twins.csv(make_maturity.results(raters=4))))
    told = ("n", "dont_know", "not_applicable", "median", "mean", "lowest", "highest", "middle_low", "middle_high", "spread", "agreed", "level_1",
            "gap", "percent_to_target")
    assert all(row["hidden"] == "true" and not any(row[name] for name in told) for row in few)
