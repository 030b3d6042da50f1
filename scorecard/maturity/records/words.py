"""How records are counted in words, and which windows they look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from scorecard.core.periods import MONTHS

YEAR, HALF, QUARTER = 12, 6, 3


def months_back(today: date, months: int) -> date:
    """The first day of the month that many months before today's."""
    number = today.year * 12 + today.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def since(day: date) -> str:
    """`since November 2025`."""
    return f"since {MONTHS[day.month - 1]} {day.year}"


def plural(n: int, one: str, more: str = "") -> str:
    """`1 goal`, `1,204 goals`."""
    return f"{n:,} {one if n == 1 else more or one + 's'}"


def of(n: int, total: int, one: str, more: str = "") -> str:
    """`3 of 10 measures`."""
    return f"{n:,} of {plural(total, one, more)}"


def listing(names: Sequence[str], most: int = 4) -> str:
    """`A, B and C`; of many the first ones and how many more there are."""
    shown = list(names[:most]) + ([f"{len(names) - most} more"] if len(names) > most else [])
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def has(n: int) -> str:
    return "has" if n == 1 else "have"


def was(n: int) -> str:
    return "was" if n == 1 else "were"
