"""Periods as people write them. Day or month first is decided by the whole column, and asked when it stays open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Iterable

from scorecard.core import periods
from scorecard.core.periods import Period
from scorecard.errors import FileRefused

ORDERS = ("day-first", "month-first")
_NUMERIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?:[ T,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AP]M)?)?", re.I)
_YEAR_FIRST = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})")
_TIMED = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?")
_MONTH_YEAR = re.compile(r"(\d{1,2})[./-](\d{4})")
_SHORT_YEAR = re.compile(r"([A-Za-z]{3,9})\.?[- /'’]+(\d{2})")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})?")
_SERIAL = re.compile(r"[2-7]\d{4}(?:\.0+)?")
_EPOCH = date(1899, 12, 30)


@dataclass(frozen=True)
class Written:
    """One cell as a date: its grain (`date` for a full date), or its two numbers when the order is not yet known."""

    grain: str
    day: date


@dataclass(frozen=True)
class Order:
    """How the column writes its dates. `order` is empty when no cell depends on it, `?` when it stays open."""

    order: str
    words: str
    count: int = 0


def order_of(texts: Iterable[str], told: str = "") -> Order:
    """Day first or month first, with the proof in words. Raises FileRefused when rows prove both."""
    pairs = [(int(m[1]), int(m[3]), text) for text in texts if (m := _NUMERIC.fullmatch(text.strip()))]
    day_first = [text for a, b, text in pairs if a > 12 >= b]
    month_first = [text for a, b, text in pairs if b > 12 >= a]
    if day_first and month_first:
        raise FileRefused(f"the dates mix two orders: {day_first[0]} has the day first, {month_first[0]} the month. "
                          "Write them as 2026-10-31.")
    if day_first:
        return Order("day-first", f"proven by the column: {len(day_first):,} of {len(pairs):,} have a first number above 12", len(pairs))
    if month_first:
        return Order("month-first", f"proven by the column: {len(month_first):,} of {len(pairs):,} have a second number above 12", len(pairs))
    if not pairs or all(a == b for a, b, _ in pairs):
        return Order("", "", len(pairs))
    if told in ORDERS:
        return Order(told, "as you said", len(pairs))
    return Order("?", "", len(pairs))


def example(texts: Iterable[str]) -> str:
    """The first date of a column whose order matters."""
    for text in texts:
        found = _NUMERIC.fullmatch(text.strip())
        if found and found[1] != found[3]:
            return text.strip()
    return ""


def all_serial(texts: Iterable[str]) -> bool:
    """Whether every cell is an Excel day number, such as 45231 for 1 November 2023."""
    cells = [text.strip() for text in texts if text.strip()]
    return bool(cells) and all(_SERIAL.fullmatch(cell) for cell in cells)


def written(text: str, order: str = "", serial: bool = False) -> Written | None:
    """The date or period that one cell writes, None when it writes neither."""
    text = text.strip()
    try:
        return _written(text, order, serial)
    except (ValueError, OverflowError):
        return None


def _written(text: str, order: str, serial: bool) -> Written | None:
    if serial and _SERIAL.fullmatch(text):
        return Written("date", _EPOCH + timedelta(days=int(float(text))))
    if found := _NUMERIC.fullmatch(text):
        first, second, year = int(found[1]), int(found[3]), _year(found[4])
        day, month = (second, first) if order == "month-first" else (first, second)
        return Written("date", date(year, month, day))
    if found := _YEAR_FIRST.fullmatch(text):
        return Written("date", date(int(found[1]), int(found[2]), int(found[3])))
    if found := _TIMED.fullmatch(text):
        return Written("date", date.fromisoformat(found[1]))
    if found := _MONTH_YEAR.fullmatch(text):
        return Written("month", date(int(found[2]), int(found[1]), 1))
    if found := _COMPACT.fullmatch(text):
        return Written("date" if found[3] else "month", date(int(found[1]), int(found[2]), int(found[3] or 1)))
    if found := _SHORT_YEAR.fullmatch(text):
        text = f"{found[1]} {_year(found[2])}"
    parsed = periods.parse(text)
    return Written(*parsed) if parsed else None


def _year(text: str) -> int:
    return 2000 + int(text) if len(text) == 2 else int(text)


def short_years(texts: Iterable[str]) -> bool:
    """Whether years are written with two digits; they are read as 2000 to 2099, and that is said."""
    for text in texts:
        cell = text.strip()
        numeric, named = _NUMERIC.fullmatch(cell), _SHORT_YEAR.fullmatch(cell)
        if named or numeric and len(numeric[4]) == 2:
            return True
    return False


def grain_of(cells: list[tuple[int, Written]], told: str = "") -> str:
    """month, week or quarter, when all cells (row, written) agree. Raises FileRefused, naming two rows that do not."""
    first: dict[str, int] = {}
    for row, cell in cells:
        first.setdefault(cell.grain, row)
    days = [cell.day for _, cell in cells if cell.grain == "date"]
    stated = [grain for grain in first if grain != "date"]
    if len(stated) > 1:
        one, two = stated[:2]
        raise FileRefused(f"mixed grains: row {first[one]:,} is a {one}, row {first[two]:,} is a {two}. "
                          "Give months, weeks or quarters, one of them in a file.")
    if not days:
        return _fitting(stated[0], told)
    if told:
        return _fitting((stated or [told])[0], told)
    grain = periods.grain_of_dates(days)
    if grain == "day" or grain is None and len(set(days)) > 3 and _daily(days):
        raise FileRefused("the figures are daily. Roll them up to weeks, months or quarters first.")
    if grain is None:
        raise FileRefused("mixed grains: the dates are neither one a week, one a month nor one a quarter. "
                          "Give one grain in a file, or say it with --grain.")
    if stated and stated[0] != grain:
        raise FileRefused(f"mixed grains: row {first[stated[0]]:,} is a {stated[0]}, and the full dates "
                          f"(row {first['date']:,}) are one a {grain}. Give one grain in a file.")
    return grain


def _daily(days: list[date]) -> bool:
    ordered = sorted(set(days))
    gaps = sorted((b - a).days for a, b in zip(ordered, ordered[1:]))
    return gaps[len(gaps) // 2] == 1


def _fitting(found: str, told: str) -> str:
    if told and told != found:
        raise FileRefused(f"the periods are {periods.noun(found)}, and --grain says {told}.")
    return found


def period_of(cell: Written, grain: str) -> Period:
    """The period of a grain that holds a written date."""
    return periods.containing(cell.day, grain)
