"""Periods: how they are written, counted, named and recognised; the calendar of Python's own library is the oracle."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.core import periods
from scorecard.core.periods import Period, between, containing, from_ordinal, grain_of_dates, parse, parse_column, today_period
from scorecard.errors import FileRefused

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
GRAINS = st.sampled_from(periods.GRAINS)


def month(year: int, number: int) -> Period:
    return Period(date(year, number, 1), "month")


@pytest.mark.parametrize(("period", "written", "label", "short", "bare", "end"), [
    (month(2026, 10), "2026-10", "October 2026", "Oct 2026", "October", date(2026, 10, 31)),
    (month(2024, 2), "2024-02", "February 2024", "Feb 2024", "February", date(2024, 2, 29)),
    (month(2026, 12), "2026-12", "December 2026", "Dec 2026", "December", date(2026, 12, 31)),
    (Period(date(2026, 1, 1), "quarter"), "2026-Q1", "Q1 2026", "Q1 2026", "Q1", date(2026, 3, 31)),
    (Period(date(2026, 4, 1), "quarter"), "2026-Q2", "Q2 2026", "Q2 2026", "Q2", date(2026, 6, 30)),
    (Period(date(2026, 7, 1), "quarter"), "2026-Q3", "Q3 2026", "Q3 2026", "Q3", date(2026, 9, 30)),
    (Period(date(2026, 10, 1), "quarter"), "2026-Q4", "Q4 2026", "Q4 2026", "Q4", date(2026, 12, 31)),
    (Period(date(2026, 2, 9), "week"), "2026-W07", "week 7, 2026", "W7 2026", "week 7", date(2026, 2, 15)),
    # The first days of 2027 belong to the last week of 2026.
    (Period(date(2026, 12, 28), "week"), "2026-W53", "week 53, 2026", "W53 2026", "week 53", date(2027, 1, 3)),
    (Period(date(2026, 10, 31), "day"), "2026-10-31", "31 Oct 2026", "31 Oct 2026", "31 Oct", date(2026, 10, 31)),
])  # fmt: skip
def test_a_period_is_written_and_named_in_one_way(period, written, label, short, bare, end):
    assert (str(period), period.label, period.short, period.bare, period.end) == (written, label, short, bare, end)
    parsed = parse(written)
    assert parsed is not None and parsed == ("date" if period.grain == "day" else period.grain, period.start)


@given(DAYS, GRAINS)
def test_a_day_lies_in_the_period_that_contains_it_and_in_no_other(value, grain):
    one = containing(value, grain)
    assert one.grain == grain and one.start <= value <= one.end and one.shift(1).start == one.end + timedelta(days=1)
    assert containing(one.end, grain) == one and containing(one.end + timedelta(days=1), grain) == one.shift(1)


@given(DAYS, GRAINS, st.integers(-400, 400))
def test_an_ordinal_grows_by_one_from_each_period_to_the_next(value, grain, count):
    one = containing(value, grain)
    assert from_ordinal(one.ordinal, grain) == one
    assert one.shift(count).ordinal == one.ordinal + count and one.shift(count).shift(-count) == one


@given(DAYS)
def test_weeks_begin_on_monday_and_are_those_of_the_iso_calendar(value):
    one = containing(value, "week")
    year, week, _ = value.isocalendar()
    assert one.start.weekday() == 0 and one.start == date.fromisocalendar(year, week, 1) and str(one) == f"{year}-W{week:02d}"


def test_between_holds_both_ends_and_nothing_when_they_are_the_wrong_way_round():
    assert between(month(2025, 11), month(2026, 2)) == [month(2025, 11), month(2025, 12), month(2026, 1), month(2026, 2)]
    assert between(month(2026, 2), month(2026, 2)) == [month(2026, 2)] and between(month(2026, 2), month(2026, 1)) == []
    assert between(Period(date(2026, 12, 21), "week"), Period(date(2027, 1, 4), "week")) == [
        Period(day, "week") for day in (date(2026, 12, 21), date(2026, 12, 28), date(2027, 1, 4))]


@pytest.mark.parametrize(("text", "found"), [
    ("2026-10", ("month", date(2026, 10, 1))), ("2026/3", ("month", date(2026, 3, 1))), (" 2026-10 ", ("month", date(2026, 10, 1))),
    ("2026-Q4", ("quarter", date(2026, 10, 1))), ("2026 q1", ("quarter", date(2026, 1, 1))), ("2026Q2", ("quarter", date(2026, 4, 1))),
    ("Q3 2026", ("quarter", date(2026, 7, 1))), ("q1-2026", ("quarter", date(2026, 1, 1))), ("Q4/2026", ("quarter", date(2026, 10, 1))),
    ("2026-W42", ("week", date(2026, 10, 12))), ("2026w1", ("week", date(2025, 12, 29))), ("2026-W53", ("week", date(2026, 12, 28))),
    ("2026-10-31", ("date", date(2026, 10, 31))), ("2026-1-5", ("date", date(2026, 1, 5))), ("2026-10-31 00:00:00", ("date", date(2026, 10, 31))),
    ("2026-10-31T00:00", ("date", date(2026, 10, 31))), ("2026-10-31T00:00:00.000", ("date", date(2026, 10, 31))),
    ("Oct 2026", ("month", date(2026, 10, 1))), ("october, 2026", ("month", date(2026, 10, 1))), ("Sept. 2026", ("month", date(2026, 9, 1))),
    ("Jan-2026", ("month", date(2026, 1, 1))), ("may/2026", ("month", date(2026, 5, 1))), ("2026 Dec", ("month", date(2026, 12, 1))),
    ("2026-February", ("month", date(2026, 2, 1))), ("31 Oct 2026", ("date", date(2026, 10, 31))), ("1-March-2026", ("date", date(2026, 3, 1))),
    ("5 April, 2026", ("date", date(2026, 4, 5))),
    *((f"{name} 2026", ("month", date(2026, number, 1))) for number, name in enumerate(periods.MONTHS, 1)),
    *((f"{name[:3]} 2026", ("month", date(2026, number, 1))) for number, name in enumerate(periods.MONTHS, 1)),
])  # fmt: skip
def test_every_usual_way_to_write_a_period_is_understood(text, found):
    assert parse(text) == found


@pytest.mark.parametrize("text", [
    "", "2026", "2026-13", "2026-00", "2026-Q5", "2026-Q0", "2026-W54", "2025-W53", "2026-02-30", "10/2026", "31.10.2026", "10/31/2026",
    "Okt 2026", "2026 Foo", "31 Foo 2026", "32 Oct 2026", "2026-10-31 08:15", "20261", "x2026-10", "2026-10x", "202-10",
])  # fmt: skip
def test_what_is_no_period_or_is_a_matter_of_its_column_is_none(text):
    assert parse(text) is None


@pytest.mark.parametrize(("days", "grain"), [
    ([date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)], "month"), ([date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)], "month"),
    ([date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1)], "quarter"), ([date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30)], "quarter"),
    ([date(2026, 1, 1), date(2026, 4, 1)], "month"), ([date(2026, 1, 1)], "month"), ([date(2026, 1, 31)], "month"),
    ([date(2026, 1, 1), date(2026, 4, 1), date(2026, 8, 1)], "month"), ([date(2026, 1, 5), date(2026, 1, 12), date(2026, 1, 26)], "week"),
    ([date(2026, 1, 7), date(2026, 1, 14)], "week"), ([date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 15)], "month"),
    ([date(2026, 1, 15), date(2026, 2, 13), date(2026, 3, 16)], "month"), ([date(2026, 1, 15)], "month"),
    ([date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 9)], "day"), ([date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 13)], "day"),
    ([date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 14)], None), ([date(2026, 1, 5), date(2026, 1, 7), date(2026, 1, 9)], None),
    ([date(2026, 1, 30), date(2026, 2, 18)], None), ([date(2026, 1, 30), date(2026, 2, 19)], "month"), ([date(2026, 1, 2), date(2026, 1, 30)], "week"),
    ([date(2026, 1, 2), date(2026, 1, 29)], None), ([date(2026, 1, 1), date(2026, 1, 1), date(2026, 2, 1)], "month"),
    ([date(2026, 3, 1), date(2026, 1, 1), date(2026, 2, 1)], "month"), ([date(2026, 1, 15), date(2027, 1, 15)], "month"),
])  # fmt: skip
def test_the_grain_of_full_dates_is_that_of_their_steps(days, grain):
    assert grain_of_dates(days) == grain


def test_a_column_is_of_one_grain_and_says_which_row_is_not_a_period():
    assert parse_column(["2026-10", "Nov 2026"]) == [month(2026, 10), month(2026, 11)]
    assert parse_column(["2026-01-31", "2026-02-28"]) == [month(2026, 1), month(2026, 2)]
    assert parse_column(["2026-01-05", "2026-01-12"]) == [Period(date(2026, 1, 5), "week"), Period(date(2026, 1, 12), "week")]
    assert parse_column(["2026-01-31", "2026-02"]) == [month(2026, 1), month(2026, 2)]
    with pytest.raises(FileRefused, match=r"^Row 3: 'soon' is not a period \(period\)\. Write months as 2026-10, weeks as 2026-W42, "
                                          r"quarters as 2026-Q4, or full dates\.$"):
        parse_column(["2026-10", "soon"])
    with pytest.raises(FileRefused, match=r"^The column 'when' mixes grains: month and quarter\. Give months, weeks or quarters, one of them in a file\.$"):
        parse_column(["2026-10", "2026-Q4"], "when")
    with pytest.raises(FileRefused, match="^The column 'period' mixes grains: dates of no regular step\\. "):
        parse_column(["2026-01-05", "2026-01-07", "2026-01-09"])
    with pytest.raises(FileRefused, match="mixes grains: month and week"):
        parse_column(["2026-01-05", "2026-01-12", "2026-02"])


def test_the_period_of_today_is_still_running():
    assert today_period(date(2026, 11, 22), "month") == month(2026, 11)
    assert today_period(datetime(2026, 11, 22, 23, 59), "week") == Period(date(2026, 11, 16), "week")


def test_days_and_nouns_are_said_plainly():
    assert periods.day(date(2026, 9, 3)) == "3 Sep 2026"
    assert (periods.noun("month"), periods.noun("week", 1), periods.noun("day", 0)) == ("months", "week", "days")
