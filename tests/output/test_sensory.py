"""Sensory as it is drawn: names are escaped, missing inputs are hatched, silence is named, counts stand beside shares."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date

import pytest

from scorecard.core import spc
from scorecard.core.calibration import Interval
from scorecard.core.health_score import DEFAULT
from scorecard.core.periods import Period
from scorecard.core.reading import Sentence
from scorecard.core.intervals import Share
from scorecard.core.score_check import bands
from scorecard.output import sensory_comments, sensory_marks, sensory_rules, sensory_tables, sensory_twins
from scorecard.output.sensory_tables import Ways
from scorecard.sensory import posts
from scorecard.sensory.feedback import Back
from scorecard.sensory.page import Account, Bar, Line, Overview, Segment, chart_words
from scorecard.sensory.posts import Cell, Matrix, Post
from scorecard.sensory.themes import Said, Theme

NASTY = '<img src="x">'
MONTH = Period(date(2026, 10, 1), "month")
WAYS = Ways(*(lambda id: f"sensory?at={id}" for _ in range(5)))
BARS = (Bar("Usage", 40, 28, 40), Bar("Satisfaction", 25, 0, 0))
THEME = Theme("price", NASTY, "process", 43, 52, 1.0, 40, 3_400_000.0, ())
MATRIX = Matrix((("Enterprise", 58), ("Small business", 206)), (
    Post("p", NASTY, True, (Cell("Enterprise", True, 58, 29, date(2026, 10, 1)), Cell("Small business", True, 206, 0, None, True))),
    Post("q", "Review sites", True, (Cell("Enterprise", False), Cell("Small business", True, 206, None, date(2026, 10, 12)))),
), True, ("events",))  # fmt: skip


def make_overview(**changed) -> Overview:
    said = Said(date(2026, 8, 1), date(2026, 10, 31), 50, (THEME,), 7, 0)
    whole = Overview(
        MONTH, "", (Segment(NASTY, 58, 15_100_000.0, 71.2, -1.4, BARS, None),), (Account("A1", NASTY, "Enterprise", 41, -14, BARS, 96_000.0, date(2027, 1, 14)),),
        DEFAULT, (), 0, None, MATRIX, said, (Line(THEME, Back("f", "Sales", NASTY, False)),), frozenset({"account"}), (Sentence(NASTY, "rest"),),
    )  # fmt: skip
    return replace(whole, **changed)


def test_hostile_names_are_escaped_everywhere():
    assert NASTY not in sensory_tables.page(make_overview(), WAYS, "$") and "&lt;img" in sensory_tables.page(make_overview(), WAYS, "$")


def test_a_missing_input_is_hatched_and_named_and_points_are_told_in_words():
    drawn = sensory_marks.bars(BARS)
    assert 'aria-label="Usage 28 of 40, Satisfaction missing"' in drawn and "sn-box none" in drawn and "width:70%" in drawn


@pytest.mark.parametrize("value, words", [(1.4, "+1"), (-14.0, "−14"), (0.3, "0"), (None, "–")])
def test_a_change_has_its_sign(value, words):
    assert sensory_marks.signed(value) == words


def test_each_band_stands_with_its_count_and_the_rate_of_all_is_dotted():
    found = bands([40, 45, 65, 90], [True, False, False, False])
    drawn = sensory_marks.calibration(found, Share(1, 4), "told")
    assert "1 of 2" in drawn and "0 of 0" in drawn and "all renewals 25%" in drawn and 'aria-label="told"' in drawn


def test_silence_is_a_word_and_a_hatching_and_a_post_not_meant_for_a_segment_is_no_silence():
    drawn = sensory_tables.matrix(MATRIX, WAYS)
    assert drawn.count("silent") == 1 and "not meant" in drawn and "50%" in drawn and "12 Oct" in drawn
    assert MATRIX.meant == 3 and posts.sentence(MATRIX)[0] == "1 of 3 listening posts is silent:"


def test_blind_spots_are_named():
    lines = posts.blind_spots(MATRIX)
    assert any("silent in Small business, never heard" in line for line in lines) and "No post in these channels: events." in lines


@pytest.mark.parametrize("kinds, words", [(frozenset(), "No facts are loaded yet."), (frozenset({"ticket"}), "It needs accounts and use of the product.")])
def test_a_store_without_scores_says_why_and_gives_one_step(kinds, words):
    drawn = sensory_tables.page(make_overview(month=None, segments=(), fallen=(), kinds=kinds, said=None, lines=()), WAYS, "$")
    assert words in drawn and 'href="data"' in drawn and "No renewals are loaded yet." in drawn


def test_the_files_have_every_figure_and_no_formula():
    text = sensory_twins.csv(make_overview(sentences=(), segments=(Segment("=1+1", 5, 1.0, 71.25, None, BARS, None),)))
    assert "71.25" in text and ",=1+1" not in text and "silent" in text
    assert sensory_twins.workbook(make_overview(), "mark")[:2] == b"PK"


@pytest.mark.parametrize("name, room, words", [("Usage", 14, "Usage"), ("Satisfaction", 9, "Satisf."), ("Contacts", 8, "Contacts"), ("Contacts", 6, "Cont."), ("NPS", 1, "N.")])
def test_the_name_of_an_input_is_shortened_to_its_box_where_a_reader_would_shorten_it(name, room, words):
    assert sensory_marks.shortened(name, room) == words


def test_what_customers_say_has_a_head_for_each_cell():
    drawn = sensory_tables.said(make_overview(), WAYS)
    row = drawn.split("<tbody>")[1].split("</tr>")[0]
    assert drawn.count('scope="col"') == row.count("<td") + row.count("<th")


def test_the_page_leaves_as_one_object_with_the_figures_of_its_csv():
    found = json.loads(sensory_twins.json(make_overview()))
    lines = sensory_twins.csv(make_overview()).strip().splitlines()[1:]
    assert sum(map(len, found["parts"].values())) == len(lines)
    assert (found["month"], found["segment"], found["parts"]["segment"][0]["value"]) == (str(MONTH), "", 71.2)


@pytest.mark.parametrize("one, words", [(Interval(0.05, -0.002, 0.1), "0.05 (−0.002 to 0.10)"), (Interval(0.0, 0.0, 0.0), "0.00 (0.00 to 0.00)"), (None, "–")])
def test_an_interval_never_hides_on_which_side_of_nothing_it_ends(one, words):
    assert sensory_rules.interval(one) == words


@pytest.mark.parametrize("scores, words", [
    ([60 + n % 3 for n in range(24)], "Routine variation: 58 to 64 is normal."), ([60] * 3, "3 months are too few for natural limits."),
    ([60 + n % 3 for n in range(24)] + [50 + n % 3 for n in range(8)], "Health has settled lower: 51 on average since November 2026, was 61.")])
def test_the_chart_of_a_score_is_told_in_one_sentence(scores, words):
    first = Period(date(2024, 11, 1), "month")
    figures = [spc.Figure(first.shift(n), float(score)) for n, score in enumerate(scores)]
    assert chart_words(spc.read_series(figures, spc.Options(direction="increase", bounds=(0.0, 100.0)))).text == words


def test_themes_and_every_version_of_the_rule_leave_as_csv():
    found = make_overview()
    (line,) = csv.DictReader(io.StringIO(sensory_comments.themes_csv(found.said, found.lines)))
    assert (line["theme"], line["comments"], line["before"], line["change"], line["revenue_a_year"], line["sent_to"]) == (NASTY, "43", "52", "-9", "3400000.0", "Sales")
    rules = list(csv.DictReader(io.StringIO(sensory_rules.csv([replace(DEFAULT, version=2, reason="=1+1"), DEFAULT]))))
    assert len(rules) == 12 and rules[0]["curve"] == "0.5: 0%, 1: 80%, 1.2: 100%" and not rules[0]["reason"].startswith("=")
