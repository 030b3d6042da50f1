"""What is guessed for a measure that a file brings and nobody has defined."""

import pytest

from scorecard.intake import guesses
from scorecard.intake.numbers import Number


def make_numbers(*values: float) -> list[Number]:
    return [Number(value) for value in values]


@pytest.mark.parametrize("name", ["Within four hours", "Late by 15 minutes", "Tickets open over 14 days", "answered_in_2_hours"])
def test_a_mark_to_keep_in_the_name_is_not_the_unit_of_the_figures(name):
    assert guesses.guess(name, make_numbers(0.91, 0.88)).unit not in ("days", "hours", "minutes")


@pytest.mark.parametrize(("name", "unit"), [("Days to first value", "days"), ("Resolution hours", "hours"), ("Wait [minutes]", "minutes")])
def test_a_unit_of_time_in_the_name_is_the_unit_of_the_figures(name, unit):
    assert guesses.guess(name, make_numbers(31.5, 28.0)).unit == unit
