"""CSV and JSON twins: figures stay figures, text can start nothing in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.core.definition import Goal
from scorecard.output import twins
from tests.output.make import CASES, bare_chart, make_measure_view, make_row, make_view, with_label


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("before", ["", " ", "\ufeff", "\u200b", "\u00a0 ", "\u3000"])
def test_text_that_a_spreadsheet_could_run_begins_with_an_apostrophe(before, start):
    text = f"{before}{start}cmd|' /C calc'!A0"
    assert twins.guarded(text) == "'" + text


@pytest.mark.parametrize("text", ["Renewal rate", "8 months below", "a=b", "", "−3"])
def test_other_text_stays_as_it_is(text):
    assert twins.guarded(text) == text


@pytest.mark.parametrize("number", [-1.5, 0, 3, 0.1 + 0.2, -7])
def test_a_number_stays_a_number_in_full_precision(number):
    line = twins.csv_text(["x"], [[number]]).splitlines()[1]
    assert float(line) == number and not line.startswith("'")


def test_what_is_missing_is_an_empty_cell_and_truth_is_a_word():
    assert twins.csv_text(["a", "b", "c"], [[None, True, False]]).splitlines()[1] == ",true,false"


@given(st.lists(st.text(alphabet=st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00\r"))))
def test_no_text_reaches_a_cell_that_starts_a_formula_and_none_is_lost(cells):
    written = twins.csv_text([f"c{n}" for n in range(len(cells))], [cells])
    back = list(csv.reader(io.StringIO(written, newline="")))[1] if cells else []
    for cell, original in zip(back, cells, strict=True):
        assert cell in (original, "'" + original)
        assert not cell.lstrip(twins._INVISIBLE).startswith(("=", "+", "-", "@", "\t", "\n"))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_json_never_carries_what_json_does_not_know(value):
    with pytest.raises(ValueError, match="JSON"):
        twins.json_text({"x": value})


def test_json_keeps_words_readable():
    assert json.loads(twins.json_text({"x": "≥ 93%"})) == {"x": "≥ 93%"} and "≥" in twins.json_text({"x": "≥"})


@pytest.mark.parametrize(("name", "text"), [
    ("scorecard", lambda: twins.json_text(twins.scorecard_json(make_view(hostile_rows(), notices=("late",))))),
    ("measure", lambda: twins.json_text(without_points(twins.measure_json(make_measure_view(notices=("late",)))))),
])
def test_who_reads_a_twin_finds_the_same_names_and_figures_as_ever(golden, name, text):
    golden(f"twin_{name}.json", json.dumps(json.loads(text()), indent=1, ensure_ascii=False) + "\n")


def hostile_rows() -> list:
    """Two rows of the scorecard: one that says all it can, with a name that a spreadsheet could run, and one that knows nothing."""
    full = make_row(CASES[4], 1, was_status="act", carried_by="Small business", restated=True, partial=True, read_then=True)
    bare = make_row(CASES[0], 2, chart=bare_chart(()), value=None)
    return [with_label(full, "=HYPERLINK(1)"), replace(bare, reading=replace(bare.reading, goal=None, since=None))]


def without_points(body: dict) -> dict:
    """The body without its chart, which core/test_reading tries."""
    assert len(body.pop("points")) == 24 and body.pop("phases")
    return body


def test_the_csv_of_a_scorecard_has_a_line_for_each_measure_and_starts_no_formula():
    view = make_view(hostile_rows())
    head, bare, full = csv.reader(io.StringIO(twins.scorecard_csv(view), newline=""))
    assert tuple(head) == twins.ROW_COLUMNS and bare[:3] == ["2", "renewal_rate", "Renewal rate"] and bare[8:12] == [""] * 4
    said = dict(zip(head, full))
    assert (said["label"], said["value"], said["restated"], said["was_status"]) == ("'=HYPERLINK(1)", str(view.drivers[0].value), "true", "act")
    assert said == {name: "" if cell is None else twins.guarded(twins._plain(cell) if isinstance(cell, bool) else str(cell))
                    for name, cell in twins.row_json(view.drivers[0]).items()}


def test_the_csv_of_a_measure_has_a_line_for_each_period():
    view = make_measure_view("plans")
    head, *lines = csv.reader(io.StringIO(twins.measure_csv(view), newline=""))
    assert tuple(head) == twins.POINT_COLUMNS and [line[0] for line in lines] == [str(point.period) for point in view.row.chart.points]
    for line, point in zip(lines, view.row.chart.points, strict=True):
        figures = (point.value, point.numerator, point.denominator, point.range, point.centre, point.lower, point.upper)
        assert [float(cell) if cell else None for cell in line[1:8]] == list(figures)
        assert line[9:] == [str(point.excluded).lower(), str(point.partial).lower(), str(point.phase), " ".join(dict.fromkeys(s.rule for s in point.signals))]
    assert {line[8] for line in lines} == {""}  # this measure has no goal of its own


def test_the_goal_of_a_period_and_its_rules_stand_in_its_line():
    view = make_measure_view("adoption")
    aimed = replace(view.row.measure, targets=(Goal(date(2026, 1, 1), 0.6, "plan"),))
    lines = list(csv.reader(io.StringIO(twins.measure_csv(replace(view, row=replace(view.row, measure=aimed))), newline="")))[1:]
    assert [line[8] for line in lines] == [""] * 14 + ["0.6"] * 10
    assert "beyond_limit near_limit_3_of_4 run_of_8\r\n" in twins.measure_csv(make_measure_view("renewal_rate"))


@pytest.mark.parametrize(("value", "written"), [
    (date(2026, 10, 31), "2026-10-31"), (datetime(2026, 10, 31, 9, 5, 1, 5), "2026-10-31T09:05:01"), (True, "true"), (False, "false"), (2, "2"), (0.5, "0.5"),
    (Decimal("-1.5"), "'-1.5"), ("=1", "'=1"), (None, ""),
])
def test_each_kind_of_value_is_written_in_one_way(value, written):
    assert twins.csv_text(["=x", "y"], [[value, "a,b"]]) == f"'=x,y\r\n{written},\"a,b\"\r\n"


def test_json_writes_dates_as_text_and_everything_else_in_its_own_words():
    assert json.loads(twins.json_text({"day": date(2026, 10, 31), "other": Decimal("1.5")})) == {"day": "2026-10-31", "other": "1.5"}


@pytest.mark.parametrize("text", ["=1", "'=1", "''-x", "plain", "'quoted'", "", "'", "-", " =1"])
def test_what_was_guarded_can_be_had_back(text):
    assert twins.unguarded(twins.guarded(text)) == text


@pytest.mark.parametrize("value", [None, 5, 0.5, True])
def test_what_is_no_text_is_not_guarded(value):
    assert twins.guarded(value) is value
