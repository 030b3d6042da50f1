"""The wall: one dark screen that is read from far away, asks for itself again and says when its figures are old."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date

import pytest

from scorecard.core.periods import Period
from scorecard.core.reading import Sentence
from scorecard.output import wall
from tests.output import make
from tests.output.test_pages import body
from tests.output.test_tables import HOSTILE, hostile_views, words

TODAY = date(2026, 11, 22)
VIEW = make.make_view()


def draw(view=VIEW, **screen) -> str:
    return wall.page(view, wall.Screen(**screen), TODAY)


def tree(page: str) -> ET.Element:
    return ET.fromstring(page.removeprefix("<!doctype html>"))


def test_the_wall_is_well_formed_and_has_no_script_no_link_and_no_control():
    page = draw(next_review=date(2026, 12, 10))
    tags = {node.tag for node in tree(page).iter()}
    assert not tags & {"script", "a", "button", "input", "form", "iframe", "img", "link"}
    assert not re.search(r"url\((?!data:font)", page)


def test_every_measure_stands_once_worst_first_in_slot_order():
    shown = [node for node in tree(draw()).iter("li")]
    order = {"act": 0, "watch": 1, "on_course": 2, "not_yet": 3}
    ranks = [order[node.get("class")] for node in shown]
    assert len(shown) == 10 and ranks == sorted(ranks)
    slots = {row.measure.name: row.slot for row in VIEW.rows}
    for status in order:
        own = [slots[node.get("data-measure")] for node in shown if node.get("class") == status]
        assert own == sorted(own)


def test_every_figure_and_goal_is_that_of_the_scorecard():
    shown = words(body(draw()))
    for row in VIEW.rows:
        assert row.value_text in shown and row.goal_text in shown and row.measure.label in shown


@pytest.mark.parametrize(
    ("sentence", "line"),
    [
        (Sentence("Tickets jumped to 68", "in October; 34 to 59 is normal. Ask."), "Tickets jumped to 68 in October"),
        (Sentence("Plans kept will not reach 90%", "as the work is done now: 60 to 85% is all."), "Plans kept will not reach 90% as the work is done now"),
        (Sentence("No signals in October: routine variation.", "Three may hit or miss."), "No signals in October: routine variation"),
        (Sentence("No figures for October yet.", "Load the file."), "No figures for October yet"),
        (Sentence("30-day adoption moved from 57.1% to 67.7%", "in February 2026 and has held."), "30-day adoption moved from 57.1% to 67.7% in February 2026 and has held"),
    ],
)
def test_the_headline_is_the_news_with_the_first_part_of_its_evidence(sentence, line):
    assert wall.headline(replace(VIEW, sentences=(sentence,))) == line


def test_news_that_names_a_shift_is_told_with_the_name_of_its_measure():
    row = VIEW.rows[0]
    told = replace(row, reading=replace(row.reading, sentence=Sentence("The rate has settled lower:", "8 months below its centre of 90.8%, now 89.0% on average.")))
    view = replace(VIEW, results=(told, *VIEW.results[1:]), sentences=(told.reading.sentence,))
    assert wall.headline(view) == "Renewal rate: 8 months below its centre of 90.8%"


def test_the_screen_asks_for_itself_again_and_goes_on_to_the_next_scorecard():
    assert '<meta http-equiv="refresh" content="60"/>' in draw()
    page = draw(every=30, place=1, of=3, address="/wall?turn=1&every=30")
    assert '<meta http-equiv="refresh" content="30;url=/wall?turn=1&amp;every=30"/>' in page and "1 of 3" in words(body(page))


def test_a_screen_that_is_not_refreshed_says_so_after_three_turns():
    page = draw(every=600)
    assert "animation:stuck 1s linear 1800s forwards" in page and "was not refreshed for 30 minutes" in page


def test_late_figures_say_which_month_was_due_when():
    late = (Period(date(2026, 11, 1), "month"), date(2026, 12, 2))
    shown = words(body(draw(late=late)))
    assert "Figures to 31 October: November was due on 2 December" in shown
    assert "was due" not in words(body(draw()))


def test_the_next_review_stands_at_the_foot_when_one_is_planned():
    assert "Next review 10 December" in words(body(draw(next_review=date(2026, 12, 10))))
    assert "Next review" not in words(body(draw()))


def test_nothing_is_smaller_than_36_pixels_on_a_screen_of_1920():
    sizes = [float(size) for size in re.findall(r"font-size:([\d.]+)rem", draw())]
    assert len(sizes) > 5 and min(sizes) * 16 >= 36


def test_five_measures_or_fewer_take_the_whole_width():
    assert 'class="board single"' in draw(make.make_view(make.make_rows()[:5])) and 'class="board single"' not in draw()


def test_a_scorecard_without_measures_says_so():
    assert "No measure has a slot yet" in draw(make.make_view([]))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_stays_text_on_the_wall(text):
    page = draw(hostile_views(text)[0], address=f"/wall?scorecard={text}", of=2)
    assert not {"script", "img", "iframe"} & {node.tag for node in tree(page).iter()}
