"""Pages that stand alone: the shared month, a link that ended, what the marks mean."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date, datetime

import pytest

from scorecard.core import reading, spc
from scorecard.core.definition import Goal
from scorecard import sample
from scorecard.output import beginning, grammar, html
from scorecard.store.shares import Share
from tests.output import make
from tests.output.test_tables import HOSTILE, hostile_views, words

SHARE = Share("s1", "customer-success", make.OCTOBER, "", "Rana Amari", datetime(2026, 11, 12), date(2026, 12, 12), None, 0, None)


def body(page: str) -> str:
    """The page between the body tags."""
    return page.partition("<body>")[2].partition("</body>")[0]


PAGE = html.share_page(make.make_view(), SHARE)


def test_the_shared_month_is_one_well_formed_file():
    ET.fromstring(PAGE.removeprefix("<!doctype html>"))
    assert len(PAGE.encode()) < 200_000


@pytest.mark.parametrize("page", [PAGE, html.ended_page("Rana Amari", date(2026, 12, 12)), html.refused_page()])
def test_a_page_has_no_script_and_asks_nobody_for_anything(page):
    assert "<script" not in page and "javascript:" not in page
    assert not re.search(r"""\bon[a-z]+\s*=\s*["']""", body(page))
    addresses = re.findall(r"""(?:href|src|action)=["']([^"']*)|url\(["']?([^)"']{1,40})""", page)
    assert all((a or b).startswith(("#", "data:font/woff2;base64,")) for a, b in addresses)
    assert 'content="noindex, nofollow"' in page


def test_the_shared_month_says_who_shared_it_and_when_it_ends():
    assert "Read only , shared by Rana Amari, ends 12 December 2026" in words(body(PAGE))


def test_a_shared_month_has_no_link_into_the_product():
    links = set(re.findall(r'<a [^>]*href="([^"]*)"', PAGE))
    assert links == {"#marks", "#month"}


def test_what_the_marks_mean_is_part_of_the_shared_month():
    assert 'id="marks"' in PAGE and "Status: two readings, one rule" in PAGE


def test_an_ended_link_says_whom_to_ask():
    assert "This link ended on 12 Dec. Ask Rana Amari for a new one." in words(body(html.ended_page("Rana Amari", date(2026, 12, 12))))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_stays_text_on_a_shared_page(text):
    page = html.share_page(hostile_views(text)[0], replace(SHARE, made_by=text))
    tree = ET.fromstring(page.removeprefix("<!doctype html>"))
    assert not {"script", "img", "iframe"} & {node.tag for node in tree.iter()}


def test_the_preview_shows_name_goal_and_figure():
    shown = words(html.preview(make.make_rows()[:2]))
    assert "Renewal rate goal ≥ 93%" in shown and "89.6%" in shown


# --- what the marks mean ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize("rules", spc.RULE_SETS)
def test_the_rules_shown_are_those_in_force(rules):
    shown = words(grammar.page(rules))
    for rule in spc.RULES.values():
        assert (rule.title in shown) == any(spc.RULES[id].title == rule.title for id in spc.RULE_SETS[rules])


@pytest.mark.parametrize("rules", spc.RULE_SETS)
def test_the_picture_of_a_chart_shows_a_locked_baseline_a_signal_and_trial_limits(rules):
    chart = grammar.example(rules)
    assert [p.baseline.state for p in chart.phases] == ["locked", "trial"]
    assert any(s.side == "below" for s in chart.points[25].signals)
    assert not any(p.signals for p in chart.points[:24])


def test_the_numbers_of_the_limits_are_those_of_the_engine():
    shown = words(grammar.limits_table())
    for number in (spc.TRIAL_FROM, spc.PROVISIONAL_FROM - 1, spc.LOCK_AFTER["month"], spc.MEAN_RANGE_FACTOR, spc.MEAN_RANGE_UPPER):
        assert str(number) in shown


STEADY = [10.0, 11, 10, 12, 11, 10, 11, 12, 10, 11, 12, 10]


@pytest.mark.parametrize(("goal", "last"), [(g, v) for g in (0.0, 11.0, 60.0) for v in (11.0, 30.0, -10.0)])
def test_the_status_table_agrees_with_the_reading(goal, last):
    chart = make.make_chart([*STEADY, last], direction="increase")
    read = reading.read(chart, make.make_definition(make.CASES[0]), [Goal(make.FIRST.start, goal)])
    assert grammar.status_of(read.variation, read.capability) == read.status
    assert grammar.verb_of(read.variation, read.capability) == reading.VERBS[read.verb]


def test_the_first_start_shows_the_sample_as_the_scorecard_would():
    rows = sample.preview()
    shown = words(beginning.sample(rows))
    assert len(rows) == 4
    for row in rows:
        assert row.measure.label in shown and row.value_text in shown
        assert row.chart.points[-1].period == make.OCTOBER
