"""CSV and JSON twins: figures stay figures, text can start nothing in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.output import twins


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
