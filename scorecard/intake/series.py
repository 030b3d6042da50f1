"""One series out of a file, for a chart that needs no definition and no store."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass

from scorecard.core import periods
from scorecard.core.periods import Period
from scorecard.core.spc import Figure
from scorecard.errors import FileRefused
from scorecard.intake import dates, numbers
from scorecard.intake.table import Table

PERIOD_COLUMNS = ("period", "month", "quarter", "week", "date")
GROUP_COLUMNS = ("segment", "team", "csm")
_KNOWN = {*PERIOD_COLUMNS, *GROUP_COLUMNS, "measure", "value", "numerator", "denominator", "partial"}


@dataclass(frozen=True)
class Series:
    """The figures of one measure in period order; `percent` when the file writes them with a % sign.

    `above` names the first row whose numerator lies above its denominator: no share can be charted from it.
    """

    name: str
    figures: tuple[Figure, ...]
    percent: bool
    whole: bool
    above: str = ""


@dataclass(frozen=True)
class _Row:
    number: int
    period: str
    cells: dict[str, str]


def one_series(table: Table, measure: str = "") -> Series:
    """The series of a file with `period` and `value`, or `numerator` and `denominator`. Raises FileRefused, naming the rows."""
    if table.questions:
        raise FileRefused(f"{table.name}: {table.questions[0].text} Write it so that only one answer is left.")
    columns = {name.strip().lower(): name for name in reversed(table.columns)}
    period_column = next((columns[name] for name in PERIOD_COLUMNS if name in columns), None)
    if len(table.columns) < 2 or period_column is None:
        raise FileRefused(f"{table.name}: it has the columns {', '.join(table.columns) or 'none'}. "
                          "It needs 'period' and 'value', or 'period', 'numerator' and 'denominator'.")
    if table.odd:
        odd = table.odd[0]
        raise FileRefused(f"{table.name}: row {odd.number:,} {odd.reason}: {odd.text[:80]!r}. Correct it, or leave it out.")
    chosen = _value_columns(table, columns, measure)
    rows = _rows(table, columns, period_column, chosen, measure)
    if not rows:
        raise FileRefused(f"{table.name}: it has column names and no rows. It needs at least one row of figures.")
    return _series(table, rows, measure or (chosen.get("value") if chosen.get("value", "value").lower() != "value" else "") or "")


def _value_columns(table: Table, columns: dict[str, str], measure: str) -> dict[str, str]:
    """Which column holds the value, or the numerator and the denominator."""
    if "numerator" in columns and "denominator" in columns:
        return {"numerator": columns["numerator"], "denominator": columns["denominator"]}
    if "value" in columns:
        return {"value": columns["value"]}
    others = [name for name in table.columns if name.strip().lower() not in _KNOWN]
    wanted = [name for name in others if name.strip().lower() == measure.lower()] if measure else others
    if len(wanted) == 1:
        return {"value": wanted[0]}
    if measure:
        raise FileRefused(_no_measure(table, measure, others))
    raise FileRefused(f"{table.name}: it needs a column 'value', or 'numerator' and 'denominator'. "
                      + (f"To chart one of its columns, give --measure with one of: {', '.join(others)}." if others else ""))


def _rows(table: Table, columns: dict[str, str], period_column: str, chosen: dict[str, str], measure: str) -> list[_Row]:
    wanted = {key: table.column(name) for key, name in chosen.items()}
    for extra in ("measure", "partial", *GROUP_COLUMNS):
        if extra in columns:
            wanted[extra] = table.column(columns[extra])
    stated, number = table.column(period_column), table.numbers()
    rows = [_Row(number[i], stated[i], {key: cells[i] for key, cells in wanted.items()}) for i in range(table.rows)]
    if "measure" in columns:
        rows = _of_measure(table, rows, measure)
    return rows


def _of_measure(table: Table, rows: list[_Row], measure: str) -> list[_Row]:
    names = sorted({row.cells["measure"].strip() for row in rows})
    if not measure:
        if len(names) > 1:
            raise FileRefused(f"{table.name}: it holds {len(names)} measures. Give --measure with one of: {', '.join(names[:12])}.")
        return rows
    found = [row for row in rows if row.cells["measure"].strip().lower() == measure.lower()]
    if not found:
        raise FileRefused(_no_measure(table, measure, names))
    return found


def _no_measure(table: Table, measure: str, names: list[str]) -> str:
    lowered = {name.lower(): name for name in names}
    close = difflib.get_close_matches(measure.lower(), list(lowered), 1, 0.6)
    meant = f" Did you mean {lowered[close[0]]!r}?" if close else ""
    return f"{table.name}: there is no measure {measure!r}.{meant} It has: {', '.join(names[:12]) or 'none'}."


def _series(table: Table, rows: list[_Row], name: str) -> Series:
    periods_ = _periods(table, rows)
    decimal = _decimal(rows)
    percent, parsed = False, {}
    for row, period in zip(rows, periods_):
        figure, has_percent = _figure(table, row, period, decimal)
        percent |= has_percent
        parsed.setdefault(period, []).append((row, figure))
    figures = [_one(table, period, found) for period, found in sorted(parsed.items())]
    whole = all(f.value is None or float(f.value).is_integer() for f in figures)
    measure = rows[0].cells.get("measure", "").strip() or name
    return Series(measure or table.name.rsplit(".", 1)[0], tuple(figures), percent, whole, _above(parsed))


def _above(parsed: dict[Period, list[tuple[_Row, Figure]]]) -> str:
    for row, figure in sorted((pair for found in parsed.values() for pair in found), key=lambda pair: pair[0].number):
        if figure.numerator is not None and figure.denominator is not None and figure.numerator > figure.denominator:
            return f"row {row.number:,} ({figure.period}): the numerator {figure.numerator:g} is above the denominator {figure.denominator:g}."
    return ""


def _decimal(rows: list[_Row]) -> str:
    """The decimal mark that all numbers agree on; a mark that could be either is the decimal point."""
    texts = [row.cells[key] for row in rows for key in ("value", "numerator", "denominator") if key in row.cells]
    mark = numbers.decimal_mark(texts)
    return "," if mark == "," else "."


def _periods(table: Table, rows: list[_Row]) -> list[Period]:
    texts = [row.period for row in rows]
    order = dates.order_of(texts)
    if order.order == "?":
        raise FileRefused(f"{table.name}: {dates.example(texts)} could have the day or the month first. Write dates as 2026-10-31.")
    serial = table.typed and dates.all_serial(texts)
    cells = []
    for row in rows:
        cell = dates.written(row.period, order.order, serial)
        if cell is None:
            raise FileRefused(f"{table.name}: row {row.number:,}: {row.period!r} is not a date (period). "
                              "Write months as 2026-10, weeks as 2026-W42, quarters as 2026-Q4, or full dates.")
        cells.append((row.number, cell))
    days = [cell.day for _, cell in cells]
    if all(cell.grain == "date" for _, cell in cells) and periods.grain_of_dates(days) == "day":
        return [Period(day, "day") for day in days]
    try:
        grain = dates.grain_of(cells)
    except FileRefused as error:
        raise FileRefused(f"{table.name}: {error}") from None
    return [dates.period_of(cell, grain) for _, cell in cells]


def _number(table: Table, row: _Row, key: str, decimal: str) -> tuple[float | None, bool]:
    text = row.cells[key]
    if numbers.is_blank(text):
        return None, False
    found = numbers.read_number(text, decimal)
    if found is None:
        raise FileRefused(f"{table.name}: row {row.number:,}: {text.strip()!r} is not a number ({key}). Correct it, or leave it blank.")
    return found.value, found.percent


def _figure(table: Table, row: _Row, period: Period, decimal: str) -> tuple[Figure, bool]:
    partial = row.cells.get("partial", "").strip().lower() in ("1", "true", "yes", "partial")
    if "value" in row.cells:
        value, percent = _number(table, row, "value", decimal)
        return Figure(period, value, partial=partial), percent
    top, bottom = (_number(table, row, key, decimal)[0] for key in ("numerator", "denominator"))
    if (top is None) != (bottom is None):
        raise FileRefused(f"{table.name}: row {row.number:,}: numerator and denominator go together, and one of them is blank.")
    if bottom is not None and bottom < 0:
        raise FileRefused(f"{table.name}: row {row.number:,}: the denominator {bottom:g} is below 0.")
    return Figure(period, top / bottom if bottom else None, top, bottom, partial), False


def _one(table: Table, period: Period, found: list[tuple[_Row, Figure]]) -> Figure:
    """The one figure of a period; segments are pooled from their numerators and denominators."""
    totals = [(row, figure) for row, figure in found if not any(row.cells.get(group, "").strip() for group in GROUP_COLUMNS)]
    if not totals and len(found) > 1:
        return _pooled(table, period, found)
    kept = totals or found
    for row, figure in kept[1:]:
        if figure != kept[0][1]:
            raise FileRefused(f"{table.name}: rows {kept[0][0].number:,} and {row.number:,} both give {period}, with different values: "
                              f"{_shown(kept[0][1])} and {_shown(figure)}. Keep one.")
    return kept[0][1]


def _shown(figure: Figure) -> str:
    return f"{figure.numerator:g} of {figure.denominator:g}" if figure.numerator is not None else f"{figure.value if figure.value is not None else 'blank'}"


def _pooled(table: Table, period: Period, found: list[tuple[_Row, Figure]]) -> Figure:
    if any(figure.numerator is None for _, figure in found):
        raise FileRefused(f"{table.name}: {period} has figures of several groups and no total. "
                          "Give numerators and denominators, or a row without a segment.")
    top, bottom = (math.fsum(getattr(figure, key) for _, figure in found) for key in ("numerator", "denominator"))
    return Figure(period, top / bottom if bottom else None, top, bottom, any(figure.partial for _, figure in found))
