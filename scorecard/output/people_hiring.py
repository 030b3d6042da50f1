"""Hiring as it is read: what is asked, and what each interviewer scored; candidates in alphabetical order, nothing is added up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scorecard.core.periods import day
from scorecard.output.part_tables import Table
from scorecard.output.theme import escape
from scorecard.people.hiring import MOST

if TYPE_CHECKING:
    from scorecard.people.hiring import Candidate, Criterion, Opening

TITLE = "Interview scores"
HEADS = ("opening", "candidate", "interviewer", "criterion", "score of 5", "recommends")
RECOMMENDS = {"yes": "hire", "unsure": "unsure", "no": "do not hire"}
STATES = {"screening": "screening", "interviewed": "interviews", "hired": "hired", "declined": "declined"}
FOOT = ("Everybody is asked the same and scores alone, from 1 to 5; the scores of the others are seen after one's own. Nothing is added up: "
        "where two interviewers are far apart, they talk about what each heard. Tests of personality are not scored here.")  # fmt: skip


def opening(one: Opening) -> str:
    """One open position: what is asked, then its candidates for those who may see them."""
    wanted = f" · wanted by {day(one.wanted_by)}" if one.wanted_by else ""
    panel = f"Interviewers: {', '.join(one.panel)}" if one.panel else "No interviewers are named yet"
    asked = "".join(f'<li><b>{escape(each.trait)}</b> {escape(each.question)}{f"<span class=sub>a good answer shows: {escape(each.good)}</span>" if each.good else ""}</li>'
                    for each in one.questions)  # fmt: skip
    said = f'<ol class="gr-asked">{asked}</ol>' if asked else '<p class="mut">The position plan names no traits yet: write them, with one question each, before the first interview.</p>'
    people = "".join(_candidate(each) for each in one.candidates) or '<p class="mut">No candidate is shown to you: those who interview or lead the opening see them.</p>'
    return (f'<section class="sec"><div class="sechead"><h2>{escape(one.title)}</h2><span class="cap">{escape(one.position)}{wanted}</span></div>'
            f'<p class="cap">{escape(panel)}</p>{said}<div class="gr-candidates">{people}</div><p class="cap gr-more">{FOOT}</p></section>')


def _candidate(one: Candidate) -> str:
    scored = f"{one.done:,} {'has' if one.done == 1 else 'have'} scored" if one.done else "nobody has scored yet"
    hidden = '<p class="mut">Shown after your own score.</p>' if one.own_missing and one.done else ""
    head = f'<h3>{escape(one.name)}</h3><p class="cap">{STATES.get(one.state, escape(one.state))} · {scored}</p>'
    return f"<div>{head}{_scores(one) if one.criteria else hidden}</div>"


def _scores(one: Candidate) -> str:
    heads = "".join(f'<th scope="col" class="r">{escape(name)}</th>' for name in one.interviewers)
    rows = "".join(_criterion(each) for each in one.criteria)
    last = "".join(f'<td class="r">{escape(RECOMMENDS[one.recommends[name]])}</td>' for name in one.interviewers)
    words = "".join(f"<li><b>{escape(name)}</b> {escape(said)}</li>" for name, said in one.words.items())
    return (f'<table class="dense"><caption class="vh">What each interviewer scored</caption><thead><tr><th scope="col">Of {MOST}</th>{heads}<th scope="col"><span class="vh">Agreement</span></th></tr></thead>'
            f'<tbody>{rows}<tr><th scope="row">Recommends</th>{last}<td></td></tr></tbody></table>{f"<ul class=gr-words>{words}</ul>" if words else ""}')  # fmt: skip


def _criterion(one: Criterion) -> str:
    cells = "".join(f'<td class="r">{"–" if score is None else score}</td>' for score in one.scores)
    return f'<tr><th scope="row">{escape(one.name)}</th>{cells}<td class="mut">{"far apart" if one.apart else ""}</td></tr>'


def scores_table(found: Sequence[Opening]) -> Table:
    """Each score that the reader may see."""
    rows = [[opened.title, one.name, who, each.name, each.scores[n], RECOMMENDS[one.recommends[who]]]
            for opened in found for one in opened.candidates for n, who in enumerate(one.interviewers) for each in one.criteria]  # fmt: skip
    return Table(TITLE, HEADS, rows, "No score is shown to you.")
