"""Assessing as it is drawn: text is escaped, times and levels are said in words, evidence keeps its links."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from scorecard import places
from scorecard.core import maturity_file
from scorecard.errors import UsageError
from scorecard.maturity import Cycle, Draft, Left, Part, Practice, Sheet, Standing, answering
from scorecard.output import assess_tables

MODEL = maturity_file.parse((Path(places.ROOT) / "data" / "maturity.toml").read_text("utf-8"))
NASTY = '<img src="http://x">'


def make_cycle(mode: str = "anonymous", kind: str = "full", state: str = "open") -> Cycle:
    return Cycle("c", NASTY, kind, mode, 1, tuple(MODEL.systems)[:7], date(2026, 9, 7), date(2026, 9, 30), state, "Rana", datetime(2026, 9, 7),
                 "", None, 1)


def make_sheet(drafts: dict[str, Draft], mode: str = "anonymous") -> Sheet:
    cycle = make_cycle(mode)
    parts = tuple(Part(MODEL.systems[id], MODEL.of(id), sum(one.id in drafts for one in MODEL.of(id))) for id in cycle.systems)
    return Sheet(cycle, MODEL, parts, drafts, False, 15, 9, None)


@pytest.mark.parametrize("seconds, words", [(15, "15 seconds"), (60, "about 1 minute"), (270, "about 4 minutes"), (2475, "about 41 minutes")])
def test_how_long_it_takes_is_said_in_words(seconds, words):
    assert assess_tables.minutes(seconds) == words


@pytest.mark.parametrize("answered, left", [(5, "under a minute left"), (6, "all answered"), (0, "about 4 minutes left")])
def test_progress_says_how_many_are_answered_and_how_long_the_rest_takes(answered, left):
    drawn = assess_tables.progress(answered, 6, (6 - answered) * 45)
    assert f"{answered} of 6" in drawn and left in drawn


def test_each_practice_shows_its_answer_and_what_is_missing():
    drafts = {"W1": Draft("W1", 3), "W2": Draft("W2", 4), "W3": Draft("W3", None), "W4": Draft("W4", None, False, reason="New")}
    drawn = assess_tables.practices(make_sheet(drafts), MODEL.of("work"), lambda id: f"maturity?practice={id}", "W6")
    rows = {row.split('"', 1)[0]: row for row in drawn.split('data-practice="')[1:]}
    assert "Level 3 of 5" in rows["W1"] and "Defined" in rows["W1"] and 'data-state="done"' in rows["W1"]
    assert "answered, evidence is missing" in rows["W2"]
    assert "I don’t know" in rows["W3"] and "Does not apply" in rows["W4"] and 'data-state="open"' in rows["W5"]
    assert 'aria-expanded="true"' in rows["W6"]


def test_a_level_that_does_not_stand_says_what_it_lacks():
    practice = Practice("X1", "work", "t", "q", ("a",) * 5, gates={3: ("Owners",), 4: ("Counted", "Shown")})
    said = Draft("X1", 4, met=("Owners", "Shown"))
    assert (answering.gated(practice, said), answering.missing(practice, said)) == (3, ("Counted",))
    drawn = assess_tables.standing(4, 3, ("Counted",), MODEL.level_names)
    assert "Level 3 Defined stands for now:" in drawn and "level 4 asks for “Counted”" in drawn
    assert "Level 4 Measured stands." in assess_tables.standing(4, 4, (), MODEL.level_names)


def test_the_days_of_the_other_systems_lie_evenly_before_the_end():
    done = {one.id: Draft(one.id, 3) for id in ("sensory", "planning", "people") for one in MODEL.of(id)}
    days = answering.suggested(make_sheet(done), "work", date(2026, 9, 18))
    assert days == {"metrics": date(2026, 9, 21), "improvement": date(2026, 9, 24), "leadership": date(2026, 9, 27)}


def test_evidence_keeps_its_words_apart_from_links_and_records():
    text = answering.joined("Since June.\nhttps://in.the/middle is fine", ["https://a.example/x", answering.RECORD + "5 of 5"])
    assert answering.parted(text) == ("Since June.\nhttps://in.the/middle is fine", ("https://a.example/x", answering.RECORD + "5 of 5"))
    assert answering.parted("Only words") == ("Only words", ())


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://x.example", "https://", "https://a b", "http://x.example/\"><b>", "//x.example"])
def test_only_the_address_of_a_page_is_a_link(address):
    with pytest.raises(UsageError, match="A link begins with https://"):
        answering.link(address)
    assert answering.link(" https://wiki.example/a?b=c#d ") == "https://wiki.example/a?b=c#d"


def test_nothing_that_people_write_becomes_markup():
    cycle, standing = make_cycle(), Standing(make_cycle(), 15, 9, (NASTY,))
    drawn = "".join((
        assess_tables.crumbs(((NASTY, "maturity"), (NASTY, ""))), assess_tables.cycles([standing], lambda one: "x", date(2026, 10, 2)),
        assess_tables.late(standing.late), assess_tables.waiting(Left(cycle, 0, 7), "x", 2, "y"), assess_tables.sent(cycle, 9, 15),
        assess_tables.strip(NASTY, cycle, None), assess_tables.records((NASTY,), NASTY), assess_tables.attached((f"https://x/{NASTY}", NASTY)),
    ))  # fmt: skip
    assert "<img" not in drawn and "&lt;img" in drawn and "past its last day" in drawn


@pytest.mark.parametrize("mode, promise", [("anonymous", "never shown with an answer"), ("named", "stands with your answers")])
def test_a_rater_reads_who_will_see_the_answers(mode, promise):
    assert promise in assess_tables.beside(make_sheet({}, mode), "work", {}, lambda id: "x")
    assert promise in assess_tables.quick_foot(make_sheet({}, mode), True)


def test_who_has_sent_reads_by_whose_link_it_came_in_the_app_and_nothing_of_it_behind_the_link():
    cycle = make_cycle("named")
    told = {alone: assess_tables.sent(cycle, 1, 2, alone, "Rana <b>Amari") for alone in (False, True)}
    assert "They came by the personal link that Rana &lt;b&gt;Amari made. Was that not you? Tell an admin." in told[False]
    assert "personal link" not in told[True] + assess_tables.sent(cycle, 1, 2)
    for mode in ("named", "anonymous"):
        assert assess_tables.STAYS in assess_tables.private(make_cycle(mode), True) and assess_tables.STAYS not in assess_tables.private(make_cycle(mode)) + assess_tables.sent(make_cycle(mode), 1, 2, True)
