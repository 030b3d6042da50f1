"""Dates and periods as people write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, strategies as st

from scorecard.errors import FileRefused
from scorecard.intake import dates


@pytest.mark.parametrize("text, grain, day", [
    ("2026-10", "month", date(2026, 10, 1)), ("10/2026", "month", date(2026, 10, 1)), ("Oct 2026", "month", date(2026, 10, 1)),
    ("October 2026", "month", date(2026, 10, 1)), ("Oct-26", "month", date(2026, 10, 1)), ("202610", "month", date(2026, 10, 1)),
    ("2026-Q4", "quarter", date(2026, 10, 1)), ("Q4 2026", "quarter", date(2026, 10, 1)), ("2026-W42", "week", date(2026, 10, 12)),
    ("2026-10-31", "date", date(2026, 10, 31)), ("20261031", "date", date(2026, 10, 31)), ("2026/10/31", "date", date(2026, 10, 31)),
    ("2026-10-31 00:00:00", "date", date(2026, 10, 31)), ("2026-10-31T14:05:00Z", "date", date(2026, 10, 31)),
    ("31 Oct 2026", "date", date(2026, 10, 31)), ("31.10.2026", "date", date(2026, 10, 31)), ("31.10.26", "date", date(2026, 10, 31)),
    ("04.10.2026 09:14", "date", date(2026, 10, 4)),
])
def test_a_period_is_read_as_it_was_written(text, grain, day):
    assert dates.written(text) == dates.Written(grain, day)


@pytest.mark.parametrize("text", ["n/a", "", "2026", "31.02.2026", "2026-13", "Q5 2026", "2026-W54", "soon", "45231", "1/2", "0000-01", "99/99/9999"])
def test_what_is_no_period_is_refused(text):
    assert dates.written(text) is None


@pytest.mark.parametrize("texts, order", [
    (["31/10/2026", "01/11/2026"], "day-first"), (["10/31/2026", "11/01/2026"], "month-first"), (["01/02/2026", "03/04/2026"], "?"),
    (["01/01/2026", "02/02/2026"], ""), (["2026-10-31"], ""), (["01.02.2026", "2026-03-01"], "?"),
])
def test_the_whole_column_decides_the_order_and_else_it_stays_open(texts, order):
    assert dates.order_of(texts).order == order


def test_an_answer_settles_an_open_order_and_never_overrules_a_proof():
    assert dates.order_of(["01/02/2026"], "month-first").order == "month-first"
    assert dates.order_of(["31/10/2026", "01/02/2026"], "month-first").order == "day-first"


def test_a_column_that_proves_both_orders_is_refused():
    with pytest.raises(FileRefused, match="mix two orders: 31/10/2026 has the day first, 10/31/2026 the month"):
        dates.order_of(["31/10/2026", "10/31/2026"])


def test_excel_day_numbers_are_dates_when_all_cells_are():
    assert dates.all_serial(["45231", "45261.0", ""]) and not dates.all_serial(["45231", "12"])
    assert dates.written("45231", serial=True) == dates.Written("date", date(2023, 11, 1))


@pytest.mark.parametrize("texts, grain", [
    (["2026-01-31", "2026-02-28"], "month"), (["2026-01-01", "2026-04-01", "2026-07-01"], "quarter"), (["2026-01-05", "2026-01-12"], "week"),
    (["2026-01", "2026-02-01"], "month"),
])
def test_the_step_of_full_dates_is_the_grain(texts, grain):
    assert dates.grain_of([(i, dates.written(text)) for i, text in enumerate(texts, 2)]) == grain


@pytest.mark.parametrize("texts, told", [
    (["2026-01", "2026-Q1"], "row 2 is a month, row 3 is a quarter"), (["2026-01-01", "2026-01-02", "2026-01-03"], "daily. Roll them up"),
    (["2026-W01", "2026-01-05", "2026-02-01", "2026-03-01"], "mixed grains"), (["2026-01-01", "2026-01-09", "2026-03-01"], "mixed grains"),
])
def test_mixed_and_daily_figures_are_refused_with_words(texts, told):
    with pytest.raises(FileRefused, match=told):
        dates.grain_of([(i, dates.written(text)) for i, text in enumerate(texts, 2)])


def test_a_grain_that_was_told_rolls_full_dates_up_and_contradicts_written_periods():
    cells = [(2, dates.written("2026-01-03")), (3, dates.written("2026-02-17"))]
    assert dates.grain_of(cells, "month") == "month"
    with pytest.raises(FileRefused, match="the periods are quarters, and --grain says month"):
        dates.grain_of([(2, dates.written("2026-Q1"))], "month")


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_none(text):
    found = dates.written(text, "day-first", serial=True)
    assert found is None or isinstance(found.day, date)
    dates.order_of([text])
