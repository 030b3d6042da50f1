"""What stands in a field of a register: read from what was typed or brought, in one form, or refused in words."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from scorecard.core import names, percents
from scorecard.core.periods import containing
from scorecard.core.registers_file import CLOSED, NUMBERS, Field
from scorecard.errors import ScorecardError, UsageError

MOST_VALUES, MOST_ROWS = 200, 200
LARGEST = 1e15  # up to here every whole number and every cent is exact
BETWEEN = "|"
YES = {"yes": True, "true": True, "1": True, "y": True, "no": False, "false": False, "0": False, "n": False}
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_ADDRESS = re.compile(r"https?://[^\s/?#@\\]+([/?#]\S*)?", re.I)  # no name before an @, which hides where it leads
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?([eE][+-]?\d{1,3})?")


def read(field: Field, given: Any) -> Any:
    """The value of a field in the form in which it is kept, None when nothing was given.

    Text, days, months and links are text (days as 2026-10-31), a share is a fraction, `many` and tables are lists. What is
    looked up (a person, an account …) comes back as it was given. Raises ScorecardError that names the field.
    """
    if field.many:
        return _many(field, given)
    if field.kind == "table":
        return _rows(field, given)
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    return _READERS.get(field.kind, _line)(field, given)


def is_missing(value: Any) -> bool:
    """Whether nothing stands in a field."""
    return value is None or value == [] or value == ""


def _many(field: Field, given: Any) -> list[str] | None:
    parts = given.split(BETWEEN) if isinstance(given, str) else given if isinstance(given, Sequence) else [] if given is None else [given]
    one = {"choice": _choice, "department": _choice}.get(field.kind, _line)
    found = list(dict.fromkeys(kept for part in parts if str(part).strip() and (kept := one(field, part))))
    if len(found) > MOST_VALUES:
        raise UsageError(f"{field.label}: {len(found):,} are too many; at most {MOST_VALUES}.")
    return found or None


def _line(field: Field, given: Any) -> str | None:
    limit = names.LIMIT if field.kind in CLOSED else field.longest
    return names.clean(str(given), field.label, limit) or None


def _lines(field: Field, given: Any) -> str | None:
    cleaned = "\n".join(names.clean(line, field.label, field.longest) for line in str(given).splitlines()).strip("\n")
    if len(cleaned) > field.longest:
        raise UsageError(f"{field.label} has {len(cleaned):,} characters; {field.longest:,} are allowed. Shorten it.")
    return cleaned or None


def _choice(field: Field, given: Any) -> str:
    text, offered = names.clean(str(given), field.label), field.choices or {}
    if text in offered:
        return text
    found = [stored for stored, read in offered.items() if names.bare(text) in (names.bare(read), names.bare(stored))]
    if not found:
        raise UsageError(f"{field.label}: '{text}' is not among the choices. Use one of: {', '.join(offered.values())}.")
    return found[0]


def _date(field: Field, given: Any) -> str:
    found = _day(given)
    if found is None:
        raise UsageError(f"{field.label}: '{_short(given)}' is not a day. Write it as 2026-10-31.")
    if not FIRST_DAY <= found <= LAST_DAY:
        raise UsageError(f"{field.label}: {found} lies before 1900 or after 2199.")
    return found.isoformat()


def _day(given: Any) -> date | None:
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(str(given).strip()[:10]) if re.fullmatch(r"\d{4}-\d{2}-\d{2}([T ].*)?", str(given).strip()) else None
    except ValueError:
        return None


def _month(field: Field, given: Any) -> str:
    text = given.isoformat()[:7] if isinstance(given, date) else str(given).strip()
    if not _MONTH.fullmatch(text) or not FIRST_DAY.year <= int(text[:4]) <= LAST_DAY.year:
        raise UsageError(f"{field.label}: '{_short(given)}' is not a month. Write it as 2026-10.")
    return text


def _number(field: Field, given: Any) -> float | int:
    value = _figure(field, given)
    if not math.isfinite(value):
        raise UsageError(f"{field.label}: '{_short(given)}' is not a number.")
    if abs(value) > LARGEST:
        raise UsageError(f"{field.label}: {value:g} is too large a number.")
    for bound, words, wrong in ((field.least, "at least", value < (field.least or 0)), (field.most, "at most", value > (field.most or 0))):
        if bound is not None and wrong:
            raise UsageError(f"{field.label} is {shown_number(field, value)}; it is {words} {shown_number(field, bound)}.")
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def _figure(field: Field, given: Any) -> float:
    if isinstance(given, bool):
        raise UsageError(f"{field.label}: '{given}' is not a number.")
    if isinstance(given, int | float):
        return float(given) if abs(given) <= LARGEST or given != given else LARGEST * 10
    text = str(given).strip().replace("−", "-").replace("\u00a0", "")
    percent = field.kind == "share" and text.endswith("%")
    bare = text.removesuffix("%").strip() if percent else text
    if not _NUMBER.fullmatch(bare) or not any(sign.isdigit() for sign in bare):
        raise UsageError(f"{field.label}: '{_short(given)}' is not a number. Write it as 1234.5{' or 12%' if field.kind == 'share' else ''}.")
    value = float(bare.replace(",", ""))
    return round(value / 100, 12) if percent else value


def shown_number(field: Field, value: float) -> str:
    """`12%`, `1,234.5`: a number of a field as its messages and tables say it, without its currency."""
    scaled = value * 100 if field.kind == "share" else value
    text = f"{scaled:,.6f}".rstrip("0").rstrip(".") if abs(scaled) < 1e15 else f"{scaled:g}"
    return f"{text.replace('-', '−')}{'%' if field.kind == 'share' else ''}"


def _link(field: Field, given: Any) -> str:
    text = names.clean(str(given), field.label, field.longest)
    if not _ADDRESS.fullmatch(text):
        raise UsageError(f"{field.label}: '{_short(given)}' is not an address. It begins with https:// or http://.")
    return text


def _yes_no(field: Field, given: Any) -> bool:
    if isinstance(given, bool):
        return given
    found = YES.get(str(given).strip().casefold())
    if found is None:
        raise UsageError(f"{field.label}: '{_short(given)}' is neither yes nor no.")
    return found


def _rows(field: Field, given: Any) -> list[dict[str, Any]] | None:
    if not isinstance(given, str | Sequence | None):
        raise UsageError(f"{field.label}: '{_short(given)}' is no list of rows.")
    rows = [_row_of(field, line) for line in given.splitlines() if line.strip()] if isinstance(given, str) else list(given or ())
    found = [kept for n, row in enumerate(rows, 1) if (kept := _row(field, row, n))]
    if len(found) > MOST_ROWS:
        raise UsageError(f"{field.label}: {len(found):,} rows are too many; at most {MOST_ROWS}.")
    return found or None


def _row_of(field: Field, line: str) -> dict[str, str]:
    cells = [cell.strip() for cell in line.split(BETWEEN)]
    if len(cells) > len(field.columns):
        raise UsageError(f"{field.label}: '{_short(line)}' has {len(cells)} cells; there are {len(field.columns)}, with {BETWEEN} between them.")
    return {column.name: cell for column, cell in zip(field.columns, cells, strict=False)}


def _row(field: Field, row: Any, number: int) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise UsageError(f"{field.label}, row {number}: it is not a row of {', '.join(column.label for column in field.columns)}.")
    if unknown := set(row) - {column.name for column in field.columns}:
        raise UsageError(f"{field.label} has no column '{sorted(map(str, unknown))[0]}'. It has: {', '.join(c.name for c in field.columns)}.")
    found = {}
    for column in field.columns:
        try:
            value = _in_row(column, _blank(row.get(column.name)), found, field)
        except ScorecardError as error:
            raise UsageError(f"{field.label}, row {number}: {error}") from error
        if isinstance(value, str) and BETWEEN in value:
            raise UsageError(f"{field.label}, row {number}: {BETWEEN} stands between cells and cannot stand in one. Write / instead.")
        if not is_missing(value):
            found[column.name] = value
    lacking = [column.label for column in field.columns if column.required and column.name not in found]
    if found and lacking:
        raise UsageError(f"{field.label}, row {number}: {lacking[0]} is missing.")
    return found


def _in_row(column: Field, given: Any, row: Mapping[str, Any], field: Field) -> Any:
    """The value of a column beside those before it in the row: where it stands for percents, one that can be read in two ways is asked back."""
    by, usual = _usual(column, row)
    if usual is None:
        return read(column, given)
    sure = isinstance(given, str) and given.strip().endswith("%")
    value = read(column, given.strip().removesuffix("%") if sure else given)
    if sure or value is None:
        return value
    line = next(each for each in field.columns if each.name == by).choices[row[by]]
    return percents.read(f"{line}, {column.label.lower()}", value, usual)


def _usual(column: Field, row: Mapping[str, Any]) -> tuple[str, Sequence[float] | None]:
    """By which column the values of this one are percents in this row, and where they usually lie."""
    return next(((by, usual[row[by]]) for by, usual in (column.percent or {}).items() if row.get(by) in usual), ("", None))


def _blank(value: Any) -> Any:
    """Nothing, for the missing cell of a grid: a number or a day that is none, and so unlike itself."""
    return None if isinstance(value, float | date) and value != value else value


def _short(given: Any) -> str:
    return names.clean(str(given)[:40], "value")


_READERS = {"lines": _lines, "choice": _choice, "department": _choice, "date": _date, "month": _month, "link": _link, "yes_no": _yes_no,
            **dict.fromkeys(NUMBERS, _number)}


def words(field: Field, value: Any) -> str:
    """A value as text that `read` reads again: `|` between several, a line for each row of a table."""
    if is_missing(value):
        return ""
    if field.many:
        return f" {BETWEEN} ".join(value)
    if field.kind == "table":
        return "\n".join(f" {BETWEEN} ".join(cell(column, row) for column in field.columns) for row in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return repr(value) if isinstance(value, float) else str(value)


def cell(column: Field, row: Mapping[str, Any]) -> str:
    """A cell of a table as text that is read again; percents with their sign."""
    text = words(column, row.get(column.name))
    return f"{text}%" if text and _usual(column, row)[1] is not None else text


def defaults(fields: Sequence[Field], today: date, person: str) -> dict[str, Any]:
    """The values with which a form begins."""
    said = {"today": {"date": today.isoformat(), "month": str(containing(today, "month"))}, "me": {"person": person}}
    found = {field.name: said.get(field.default, {}).get(field.kind, field.default) for field in fields if field.default}
    return {name: value for name, value in found.items() if value}
