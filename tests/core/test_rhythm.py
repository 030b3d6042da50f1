"""The day of the monthly review, and the day by which figures are due."""

from __future__ import annotations

import calendar
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.core import rhythm
from scorecard.core.periods import Period, containing
from scorecard.errors import DefinitionError

MONTHS = st.dates(date(1990, 1, 1), date(2090, 12, 1)).map(lambda day: containing(day, "month"))


@pytest.mark.parametrize(
    ("words", "month", "day"),
    [
        ("2nd Thursday", date(2026, 12, 1), date(2026, 12, 10)),
        ("1st Monday", date(2026, 6, 1), date(2026, 6, 1)),
        ("last Friday", date(2026, 10, 1), date(2026, 10, 30)),
        ("4th Sunday", date(2026, 2, 1), date(2026, 2, 22)),
    ],
)
def test_the_review_day_is_read_from_its_words(words, month, day):
    assert rhythm.review_day(words).of(Period(month, "month")) == day


@given(MONTHS, st.sampled_from([f"{week} {day}" for week in rhythm.WEEKS for day in rhythm.WEEKDAYS]))
def test_the_review_day_agrees_with_the_calendar_of_python(month, words):
    week, _, weekday = words.partition(" ")
    column = [row[rhythm.WEEKDAYS.index(weekday)] for row in calendar.monthcalendar(month.start.year, month.start.month)]
    days = [day for day in column if day]
    assert rhythm.review_day(words).of(month).day == (days[-1] if week == "last" else days[rhythm.WEEKS.index(week)])


@pytest.mark.parametrize("words", ["5th Monday", "2nd", "Thursday", "2nd thursday", "second Thursday"])
def test_other_words_are_refused_with_an_example(words):
    with pytest.raises(DefinitionError, match="such as 2nd Thursday or last Friday"):
        rhythm.review_day(words)


@pytest.mark.parametrize("day", [-1, 29, 31])
def test_figures_are_due_on_a_day_that_every_month_has(day):
    with pytest.raises(DefinitionError, match="use 1 to 28, or 0"):
        rhythm.checked_due(day)


@pytest.mark.parametrize(
    ("period", "day", "due"),
    [
        (Period(date(2026, 10, 1), "month"), 2, date(2026, 11, 2)),
        (Period(date(2026, 10, 1), "month"), 0, date(2026, 11, 10)),
        (Period(date(2026, 10, 1), "quarter"), 5, date(2027, 1, 5)),
        (Period(date(2026, 10, 12), "week"), 2, date(2026, 10, 20)),
        (Period(date(2026, 10, 12), "week"), 20, date(2026, 10, 25)),
    ],
)
def test_figures_are_due_in_the_period_after_theirs(period, day, due):
    assert rhythm.figures_due(period, day) == due


@pytest.mark.parametrize(
    ("day", "words"), [(0, "no day set"), (1, "1st of the month"), (3, "3rd of the month"), (11, "11th of the month"), (22, "22nd of the month")]
)
def test_the_day_is_said_in_words(day, words):
    assert rhythm.due_words(day) == words
