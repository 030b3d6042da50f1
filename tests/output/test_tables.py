"""The scorecard and the tables of a measure say what the view says, safely, for mouse, keyboard and phone."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date, datetime

import pytest

from scorecard.core.periods import Period
from scorecard.core.reading import Sentence
from scorecard.core.spc import Options
from scorecard.metrics import ActionLine, Exclusion, LimitsRecord
from scorecard.output import measure_tables, tables, theme
from tests.output import make

HOSTILE = ("<script>alert(1)</script>", "![x](http://evil.example/x.png)", "\"'><img src=x onerror=alert(1)>",
           "</svg></style><iframe src=//evil.example>", "a\u202eb&<b>")
VIEW = make.make_view()
MEASURE = make.make_measure_view()


def parsed(text: str) -> ET.Element:
    """The tree of an HTML text. Fails when it is not well-formed."""
    return ET.fromstring(f"<div>{text}</div>")


def words(text: str) -> str:
    """The text that a reader sees."""
    return " ".join(" ".join(parsed(text).itertext()).split())


def href(name: str) -> str:
    return f"measure?measure={name}&segment="


def wide(text: str) -> str:
    """The part for wide places."""
    return text.split('<div class="narrow">')[0]


def row_of(text: str, name: str) -> str:
    """The words of one row of the table."""
    found = next(r for r in parsed(text).iter("tr") if r.get("data-measure") == name)
    return " ".join(" ".join(found.itertext()).split())


@pytest.mark.parametrize("row", make.make_rows(), ids=lambda r: r.measure.name)
def test_a_row_shows_figure_goal_behaviour_goal_reading_and_status(row):
    shown = row_of(tables.scorecard(VIEW, href), row.measure.name)
    for part in (row.measure.label, row.measure.owner, row.value_text, row.goal_text, *row.reading.behaviour,
                 *row.reading.against_goal, tables.STATUSES[row.reading.status]):
        assert " ".join(part.split()) in shown


def test_the_last_column_says_what_is_done_about_each_measure():
    heads = [h.text for h in parsed(tables.scorecard(VIEW)).iter("th") if h.get("scope") == "col"]
    assert heads[-2:] == ["Status", "Action, owner, due"]


@pytest.mark.parametrize(
    ("status", "line", "said"),
    [
        ("act", None, "none yet"),
        ("watch", None, "none yet"),
        ("on_course", None, "none needed"),
        ("not_yet", None, ""),
        ("act", ActionLine("Desk <pilot>", "Amara Osei", date(2026, 12, 12), "in_progress", ""), "Desk <pilot> Amara Osei · 12 Dec"),
        ("on_course", ActionLine("Checklist", "Kenji Sato", date(2026, 2, 13), "done", "worked"), "Checklist Kenji Sato · worked"),
        ("act", ActionLine("", "", date(2026, 11, 12), "to_decide", ""), "Decide on 12 Nov no action yet"),
    ],
)
def test_a_row_names_its_action_its_owner_and_its_date(status, line, said):
    row = VIEW.results[0]
    row = replace(row, action=line, reading=replace(row.reading, status=status))
    shown = parsed(tables.scorecard(replace(VIEW, results=(row,), drivers=())))
    cell = next(c for c in shown.iter("td") if c.get("class") == "c-action")
    assert " ".join(" ".join(cell.itertext()).split()) == said


def test_every_row_is_one_link_that_the_keyboard_reaches():
    links = [a.get("href") for a in parsed(wide(tables.scorecard(VIEW, href)) + "</div>" * 0).iter("a") if a.get("class") == "name"]
    assert links == [href(case.id) for case in make.CASES]


def test_without_addresses_nothing_is_a_link():
    assert not list(parsed(tables.scorecard(VIEW)).iter("a"))


def test_a_status_that_changed_says_what_it_was():
    assert "was Watch" in row_of(tables.scorecard(VIEW), "tickets")
    assert "was" not in row_of(tables.scorecard(VIEW), "cost").split()


def test_a_status_opens_the_rule_that_set_it():
    shown = row_of(tables.scorecard(VIEW), "cost")
    assert tables.RULE_WORDS in shown


def test_the_phone_list_groups_by_status_worst_first():
    text = tables.brief(VIEW, by_status=True)
    assert [" ".join("".join(h.itertext()).split()) for h in parsed(text).iter("h2")] == ["Act 3", "Watch 3", "On course 4"]


def test_an_act_row_on_the_phone_says_when_the_goal_is_out_of_reach():
    assert "Will not reach it" in words(tables.brief(VIEW, by_status=True))


def test_counts_leave_out_what_nobody_has():
    assert words(tables.counts({"act": 3, "watch": 0, "on_course": 4})) == "3 Act 4 On course"


def test_the_bold_part_of_a_sentence_is_the_news():
    text = tables.says([Sentence("Tickets jumped to 68", "in October.")])
    assert [b.text for b in parsed(text).iter("b")] == ["Tickets jumped to 68"]


def test_the_legend_leads_to_what_the_marks_mean():
    links = [(a.get("href"), a.text) for a in parsed(tables.legend((), "marks")).iter("a")]
    assert links == [("marks", "What the marks mean")]


def test_an_empty_scorecard_says_what_is_missing():
    assert "No measure has a slot yet." in tables.scorecard(make.make_view([]))


def test_a_month_that_is_not_complete_and_a_restated_figure_are_said():
    rows = [make.make_row(make.CASES[0], 1, partial=True, restated=True)]
    shown = row_of(tables.scorecard(make.make_view(rows)), "renewal_rate")
    assert "so far" in shown and "restated" in shown


def test_all_output_of_a_view_is_well_formed_and_fetches_nothing():
    for text in everything(VIEW, MEASURE):
        parsed(text)
        assert not re.search(r"""(?:src|href|url\()\s*=?\s*["']?(?:https?:)?//""", text)


def everything(view, measure) -> list[str]:
    """Every HTML text that is drawn of two views."""
    return [tables.sentences(view), tables.scorecard(view, href, "marks"), tables.scorecard(view, by_status=True),
            measure_tables.below_chart(measure, "marks"), measure_tables.around(measure, "", href), measure_tables.records(measure),
            measure_tables.exclusions(measure)]


def hostile_views(text: str) -> tuple:
    """Both views with the text in every place where a person or a file can put one."""
    row = make.make_row(make.CASES[4], 1)
    measure = replace(row.measure, label=text, owner=text, description=text, currency=text, numerator_label=text, denominator_label=text)
    row = replace(row, measure=measure, carried_by=text, unit_word=text)
    view = make.make_view([row], name=text, segment=text, sentences=(Sentence(text, text),), footer=(Sentence(text, text),), notices=(text,))
    now, first = datetime(2026, 1, 1), make.FIRST
    shown = make.make_measure_view(
        row=row, source=text, notices=(text,), baseline_changed=text,
        notes=(make.make_note(date(2026, 8, 4), text, text),),
        goals=tuple(replace(g, source=text, author=text) for g in MEASURE.goals),
        phases=tuple(replace(p, title=text, author=text) for p in MEASURE.phases),
        segments=tuple(replace(s, name=text) for s in MEASURE.segments),
        history=tuple(replace(c, who=text, what=text, reason=text) for c in MEASURE.history),
        exclusions=(Exclusion("m", "", first, 1, True, text, text, now),),
        limits=(LimitsRecord("m", "", 1, first, None, first, first, 24, (), 0.5, 0.4, 0.6, 0.1, 0.2, None, 2.66, "xmr", text, text, "", now),))
    return view, shown


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_stays_text_everywhere(text):
    view, measure = hostile_views(text)
    allowed = {"div", "p", "b", "s", "a", "table", "caption", "thead", "tbody", "tr", "th", "td", "span", "small", "svg", "title", "path",
               "rect", "circle", "g", "details", "summary", "h2", "h3", "ul", "li", "figure", "figcaption", "section", "br"}
    for out in everything(view, measure):
        tree = parsed(out)
        assert {node.tag.rpartition("}")[2] for node in tree.iter()} <= allowed
        assert not [name for node in tree.iter() for name in node.keys() if name.startswith("on")]
        assert all((a.get("href") or "").startswith(("measure?", "marks")) for a in tree.iter("a"))
    assert theme.clean(text) in words(tables.scorecard(view))


# --- one measure -----------------------------------------------------------------------------------------------------

def cells(kind: str, view=MEASURE) -> list[str]:
    found = next(r for r in parsed(measure_tables.numbers(view)).iter("tr") if r.get("class") == kind)
    return ["".join(c.itertext()) for c in found][1:]


def test_the_numbers_under_the_chart_are_those_of_the_engine():
    rows = [r for r in parsed(measure_tables.numbers(MEASURE)).iter("tr")]
    values = ["".join(c.itertext()).split()[0] for c in rows[-1]][1:-1] if False else cells("val")[:-1]
    assert [v.split()[0] for v in values] == [f"{100 * p.value:.1f}" for p in MEASURE.row.chart.points]


def test_numerator_and_denominator_stand_with_their_names():
    rows = [["".join(c.itertext()) for c in r] for r in parsed(measure_tables.numbers(MEASURE)).iter("tr") if r.get("class") == "cnt"]
    assert rows[0][1] == "691" and rows[0][-1] == "Users adopted"
    assert rows[1][1] == "1,186" and rows[1][-1] == "Users due"


def test_a_signal_in_the_numbers_says_its_rule_and_not_only_its_colour():
    assert any("beyond two thirds of the way to a limit" in cell for cell in cells("val"))


def test_a_missing_period_keeps_its_place():
    chart = make.make_chart([1.0, None, 2.0], baseline=None)
    view = make.make_measure_view("tickets", row=replace(make.make_row(make.CASES[7], 1), chart=chart))
    assert cells("val", view)[:-1] == ["1", "–", "2"]


def test_an_empty_chart_says_so():
    row = replace(make.make_row(make.CASES[7], 1), chart=make.bare_chart(()))
    assert "No figures yet" in measure_tables.numbers(make.make_measure_view("tickets", row=row))


def test_segments_share_one_scale_and_show_old_and_new_level():
    text = measure_tables.segments(MEASURE, lambda name: f"measure?segment={name}")
    assert "59% → 70%" in words(text)
    goals = [p.get("d").split("H")[0] for p in parsed(text).iter("{http://www.w3.org/2000/svg}path") if p.get("class") == "m-goal"]
    assert len(goals) == 3 and len(set(goals)) == 1


def test_a_withdrawn_note_stays_and_says_when():
    note = replace(make.make_note(date(2025, 11, 3), "Fewer e-mails", "Petra"), withdrawn_at=datetime(2026, 1, 9, 8))
    shown = words(measure_tables.notes(make.make_measure_view(notes=(note,))))
    assert "Fewer e-mails" in shown and "withdrawn 9 Jan 2026" in shown


def test_goals_and_changes_show_who_and_from_when():
    assert "from November 2024 ≥ 60% Annual plan Rana Amari" in words(measure_tables.goals(MEASURE))
    assert "20 Feb 2026 New limits from February 2026 Guided onboarding Marta Ruiz" in words(measure_tables.history(MEASURE))


def test_nothing_recorded_is_said_in_words():
    empty = make.make_measure_view(goals=(), notes=(), history=(), limits=())
    shown = words(measure_tables.records(empty))
    for said in ("No goal set, so behaviour only.", "No notes yet.", "No limits are locked yet.", "Nothing was changed yet."):
        assert said in shown


def test_weeks_and_quarters_name_their_periods():
    for grain, start, name in (("week", date(2026, 1, 5), "W2"), ("quarter", date(2025, 1, 1), "Q1")):
        chart = make.make_chart([1.0, 2, 3, 2], first=Period(start, grain), baseline=None)
        view = make.make_measure_view("tickets", row=replace(make.make_row(make.CASES[7], 1), chart=chart))
        assert name in words(measure_tables.numbers(view))


def test_options_without_a_wanted_direction_have_their_own_legend():
    row = make.make_row(make.CASES[0], 1)
    neutral = replace(row, measure=replace(row.measure, improvement_direction="neutral"), chart=replace(row.chart, options=Options()))
    assert "signal, neither" in words(tables.legend([neutral]))


def test_the_rows_of_the_scorecard_look_as_they_did(golden):
    golden("scorecard_row.html", tables.scorecard(make.make_view([make.make_row(make.CASES[7], 8)]), href, "marks").replace("><", ">\n<"))
