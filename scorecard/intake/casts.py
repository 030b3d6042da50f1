"""Columns of text become typed columns in DuckDB, all rows at once.

The plainest forms (2026-10-31, 1234.5) are cast where they stand. Every other text of a column is read once by `cells`,
however often it comes, and joined back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scorecard.core.facts import Column
from scorecard.core.mapping import Rule
from scorecard.errors import FileRefused
from scorecard.intake import cells, dates, numbers
from scorecard.intake.cells import Way
from scorecard.intake.native import duckdb
from scorecard.intake.table import Question

SQL_TYPES = {"text": "VARCHAR", "number": "DOUBLE", "money": "DOUBLE", "date": "DATE", "moment": "TIMESTAMP", "flag": "BOOLEAN"}
# Staged for minutes, read twice: a dictionary of many different texts, or compression, costs more than it saves.
AS_PARQUET = "COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 5000"
_ARROW = {"VARCHAR": "string", "DOUBLE": "float64", "DATE": "date32", "TIMESTAMP": "timestamp[us]", "BOOLEAN": "bool"}
MANY = 50_000
_STORE_GROUP, _LONG_ROW = 122_880, 256
_DAYS = f"DATE '{cells.FIRST_DAY}' AND DATE '{cells.LAST_DAY}'"
_PLAIN_TEXT = "[!-~]+( [!-~]+)*"
_ISO_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
# Where a day is wanted the time of the day is passed over, as `cells` does.
_ISO_DAY_TIMED = _ISO_DAY + r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?( UTC|Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?"
_ISO_MOMENT = _ISO_DAY + r"([T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?( UTC|Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?"
_AMBIGUOUS = r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}"


@dataclass
class Cast:
    """One fact column: where its text comes from, how it is read, and what a look at all its cells found.

    `plain` says that the reader has found all its cells to be plain text already (see `Table.plain`).
    """

    column: Column
    text: str
    way: Way
    file_column: str = ""
    needed: bool = False
    plain: bool = False
    blank: int = 0
    slow: int = 0
    least: Any = None
    most: Any = None
    points: int = 0
    open_points: int = 0
    others: list[str] = field(default_factory=list)
    dictionary: str = ""

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def blank_sql(self) -> str:
        return f"({self.text} = '')"

    @property
    def fast_sql(self) -> str:
        """The value of a cell in its plainest form, else NULL."""
        return _FAST[self.column.type](self)

    @property
    def value_sql(self) -> str:
        """The value of a cell, NULL when it is blank or at fault."""
        if not self.others:
            return plain_sql(self)
        return f"{self.dictionary}.value" if _always_slow(self) else f"COALESCE({self.fast_sql}, {self.dictionary}.value)"

    def faults(self) -> list[str]:
        """SQL of every fault that this column has somewhere: its words, or NULL."""
        found = []
        if self.needed and self.blank:
            found.append(f"CASE WHEN {self.blank_sql} THEN {literal(self.column.label + ' is blank')} END")
        if self.others:
            found.append(f"{self.dictionary}.fault")
        return found + self._outside()

    def _outside(self) -> list[str]:
        said = []
        for bound, seen, words, sign in ((self.column.least, self.least, "below", "<"), (self.column.most, self.most, "above", ">")):
            if bound is not None and seen is not None and (seen < bound if sign == "<" else seen > bound):
                said.append(f"CASE WHEN {self.value_sql} {sign} {bound!r} THEN {literal(self.column.label + ' ')} || "
                            f"CAST({self.value_sql} AS VARCHAR) || ' is {words} {bound:g}' END")
        return said


def as_parquet(bytes_of_a_row: float) -> str:
    """The options of a staged file. Groups of its rows are four times as large as the store's, where memory allows: smaller
    ones leave so many remainders there that it merges them, and writes all rows once more."""
    return f"{AS_PARQUET}, ROW_GROUP_SIZE {4 * _STORE_GROUP}" if bytes_of_a_row <= _LONG_ROW else AS_PARQUET


def literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''").replace("\0", "") + "'"


def _always_slow(cast: Cast) -> bool:
    return cast.column.type == "flag" or bool(cast.way.rule.values) or bool(cast.column.choices)


def plain_sql(cast: Cast) -> str:
    """The value of a cell of a column whose cells are all in their plainest form, or blank: nothing has to be tested again."""
    text = f"NULLIF({cast.text}, '')" if cast.blank else cast.text
    if cast.column.type == "text" and not _always_slow(cast):
        return f"{literal(cast.way.rule.prefix)} || {text}" if cast.way.rule.prefix else text
    if cast.column.type in ("number", "money") and cast.way.rule.divide == 1:
        return f"CAST({text} AS DOUBLE)"
    if cast.column.type == "date" and not cast.way.month:
        return f"CAST(left({text}, 10) AS DATE)"
    return cast.fast_sql


def _fast_text(cast: Cast) -> str:
    if _always_slow(cast):
        return "CAST(NULL AS VARCHAR)"
    before = f"{literal(cast.way.rule.prefix)} || " if cast.way.rule.prefix else ""
    form = f"{cast.text} <> ''" if cast.plain else f"regexp_full_match({cast.text}, '{_PLAIN_TEXT}')"
    return f"CASE WHEN {form} AND strlen({cast.text}) <= {_longest(cast)} THEN {before}{cast.text} END"


def _longest(cast: Cast) -> int:
    return cells.LONGEST if cast.way.long else 200


def _fast_number(cast: Cast) -> str:
    form = r"-?[0-9]+(\.[0-9]+)?" if cast.way.decimal == "." else "-?[0-9]+"
    share = "" if cast.way.rule.divide == 1 else f" / {cast.way.rule.divide!r}"
    return f"CASE WHEN regexp_full_match({cast.text}, '{form}') AND strlen({cast.text}) < 300 THEN TRY_CAST({cast.text} AS DOUBLE){share} END"


def _fast_date(cast: Cast) -> str:
    day = f"TRY_CAST(left({cast.text}, 10) AS DATE)"
    value = f"CAST(DATE_TRUNC('month', {day}) AS DATE)" if cast.way.month else day
    return f"CASE WHEN regexp_full_match({cast.text}, '{_ISO_DAY_TIMED}') AND {day} BETWEEN {_DAYS} THEN {value} END"


def _fast_moment(cast: Cast) -> str:
    # A cast to TIMESTAMP would pass over the offset; the session's zone is UTC.
    form = _ISO_MOMENT if not cast.way.rule.zone else r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[+-][0-9]{2}(:?[0-9]{2})?)"
    moment = f"make_timestamp(epoch_us(TRY_CAST(replace({cast.text}, ' UTC', 'Z') AS TIMESTAMPTZ)))"
    return f"CASE WHEN regexp_full_match({cast.text}, '{form}') AND CAST({moment} AS DATE) BETWEEN {_DAYS} THEN {moment} END"


_FAST = {"text": _fast_text, "number": _fast_number, "money": _fast_number, "date": _fast_date, "moment": _fast_moment,
         "flag": lambda cast: "CAST(NULL AS BOOLEAN)"}


# -- a look at every cell

def look(con: duckdb.DuckDBPyConnection, source: str, casts: Sequence[Cast]) -> int:
    """How many rows the source has; what was found about each column is kept in its cast."""
    asked = [part for cast in casts for part in _asked(cast)]
    rows, *found = con.execute(f"SELECT COUNT(*){''.join(', ' + part for part in asked)} FROM {source}").fetchall()[0]
    for cast in casts:
        cast.blank, cast.slow, cast.points, cast.open_points, cast.least, cast.most = found[:6]
        found = found[6:]
        if cast.slow:
            cast.others = [text for (text,) in con.execute(
                f"SELECT DISTINCT {cast.text} FROM {source} WHERE NOT {cast.blank_sql} AND {cast.fast_sql} IS NULL").fetchall()]
    return rows


def _asked(cast: Cast) -> tuple[str, ...]:
    number = cast.column.type in ("number", "money")
    dotted = f"COUNT(*) FILTER (WHERE contains({cast.text}, '.') AND {cast.fast_sql} IS NOT NULL)" if number else "0"
    doubtful = f"COUNT(*) FILTER (WHERE contains({cast.text}, '.') AND regexp_full_match({cast.text}, '{_AMBIGUOUS}'))" if number else "0"
    bounded = cast.column.type != "text"
    slow = f"NOT {cast.blank_sql} AND {cast.fast_sql} IS NULL"
    if cast.plain and not bounded and not _always_slow(cast):
        slow = f"strlen({cast.text}) > {_longest(cast)}"  # The same, without making the texts.
    return (f"COUNT(*) FILTER (WHERE {cast.blank_sql})", f"COUNT(*) FILTER (WHERE {slow})",
            dotted, doubtful, f"MIN({cast.fast_sql})" if bounded else "NULL", f"MAX({cast.fast_sql})" if bounded else "NULL")


# -- what the whole column, or the whole file, decides

def decide(casts: Sequence[Cast], typed: bool) -> list[Question]:
    """The questions that the content leaves open; how each column is read is kept in its cast."""
    return [*_decide_dates([cast for cast in casts if cast.column.type in ("date", "moment")]),
            *_decide_decimal([cast for cast in casts if cast.column.type in ("number", "money")], typed)]


def _decide_dates(casts: Sequence[Cast]) -> list[Question]:
    orders = {id(cast): _order(cast) for cast in casts if cast.others}
    proven = {order for order in orders.values() if order in dates.ORDERS}
    questions = []
    for cast in casts:
        order = orders.get(id(cast), "")
        if order == "?" and len(proven) == 1:
            order = next(iter(proven))  # One program wrote the file: a column that proves the order speaks for the others.
        if order == "?":
            questions.append(_date_question(cast))
        cast.way = replace(cast.way, order=order, count=_count(cast))
    return questions


def _order(cast: Cast) -> str:
    if _count(cast):
        return ""
    try:
        return dates.order_of((_day_part(text) for text in cast.others), cast.way.rule.date_order).order
    except FileRefused as error:
        raise FileRefused(f"{cast.column.label} ({cast.file_column}): {error}") from None


def _day_part(text: str) -> str:
    return text.strip().split(" ")[0].split("T")[0].rstrip(",")


def _count(cast: Cast) -> str:
    """What the numbers in a column of dates count: days of Excel, seconds, milliseconds; nothing when they are no numbers."""
    if not cast.others or cast.slow + cast.blank == 0 or cast.least is not None:
        return ""
    for name, pattern in (("serial", cells._SERIAL), ("seconds", cells.SECONDS), ("milliseconds", cells.MILLISECONDS)):
        if all(pattern.fullmatch(text.strip()) for text in cast.others if not numbers.is_blank(text)):
            return name
    return ""


def _date_question(cast: Cast) -> Question:
    shown = dates.example(_day_part(text) for text in cast.others)
    options = tuple((order, f"{shown} is {_read_as(shown, order)}") for order in dates.ORDERS)
    return Question(f"dates:{cast.file_column}", f"{cast.file_column}: is the day or the month first in {shown}?", options, "--dates")


def _read_as(text: str, order: str) -> str:
    found = dates.written(text, order)
    return found.day.isoformat() if found else "no date"


def _decide_decimal(casts: Sequence[Cast], typed: bool) -> list[Question]:
    told = {cast.way.rule.decimal for cast in casts} - {""}
    marks = {numbers.evidence(text) for cast in casts for text in cast.others}
    marks |= {"."} if any(cast.points > cast.open_points for cast in casts) else set()
    marks |= {"?"} if any(cast.open_points for cast in casts) else set()
    sure = marks & {".", ","}
    if typed:
        decimal = "."
    elif len(sure) == 1 and not told:
        decimal = sure.pop()
    elif told or not marks & {".", ",", "?"}:
        decimal = ""
    else:
        return [_decimal_question(casts)]
    for cast in casts:
        cast.way = replace(cast.way, decimal=cast.way.rule.decimal or decimal or (told.copy().pop() if told else "."))
    return []


def _decimal_question(casts: Sequence[Cast]) -> Question:
    shown, column = next(((text, cast.file_column) for cast in casts for text in cast.others if numbers.evidence(text)),
                         ("1.234", next((cast.file_column for cast in casts if cast.open_points), "")))
    options = ((".", "point: 1.234 is a little above one"), (",", "comma: 1.234 is above a thousand"))
    return Question("decimal", f"{column}: which mark is the decimal one in {shown}?", options, "--decimal")


# -- texts that are not in their plainest form

def look_up(con: duckdb.DuckDBPyConnection, cast: Cast, name: str) -> None:
    """Nothing; every such text of the column, with its value or its fault, is in the table `name`."""
    read = [_read(cast, text) for text in cast.others]
    columns = [cast.others, [value for value, _ in read], [fault for _, fault in read]]
    type = SQL_TYPES[cast.column.type]
    con.execute(f"CREATE TABLE {name} (text VARCHAR, value {type}, fault VARCHAR)")
    if len(read) >= MANY:
        _from_arrow(con, name, type, columns)
    else:
        con.execute(f"INSERT INTO {name} SELECT unnest(?::VARCHAR[]), unnest(?::{type}[]), unnest(?::VARCHAR[])", columns)
    cast.dictionary = name
    _widen(cast, (value for value, _ in read if value is not None))


def _from_arrow(con: duckdb.DuckDBPyConnection, name: str, type: str, columns: Sequence[Sequence[Any]]) -> None:
    """Nothing; the columns are in the table. Loading pyarrow takes as long as handing over a hundred thousand values without it."""
    import duckdb as _  # noqa: F401  the native module alone takes no table of pyarrow
    import pyarrow

    kinds = (pyarrow.string(), pyarrow.type_for_alias(_ARROW[type]), pyarrow.string())
    arrays = [pyarrow.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    con.register("found", pyarrow.Table.from_arrays(arrays, ["text", "value", "fault"]))
    con.execute(f"INSERT INTO {name} SELECT * FROM found")
    con.unregister("found")


def _read(cast: Cast, text: str) -> tuple[Any, str | None]:
    """(value, fault in whole words or None) of one cell."""
    if numbers.is_blank(text):
        return None, f"{cast.column.label} is blank" if cast.needed else None
    value, fault = cells.read(text, cast.way)
    if cast.column.choices:
        value, fault = _chosen(cast.column, text, (value, fault))
    return value, f"{cast.column.label}: {fault}" if fault else None


def _widen(cast: Cast, values: Iterable[Any]) -> None:
    """The least and most of the column with these values in mind."""
    if cast.column.type != "text":
        all_of_them = [value for value in (cast.least, cast.most, *values) if value is not None]
        cast.least, cast.most = min(all_of_them, default=None), max(all_of_them, default=None)


def _chosen(column: Column, text: str, read: tuple[Any, str]) -> tuple[Any, str]:
    value, fault = read
    ours = {choice.casefold(): choice for choice in column.choices}
    if fault or value is None or value.casefold() in ours:
        return (ours.get(value.casefold()) if value else None), fault
    return None, f"{cells.shown(text)} is not one of {', '.join(column.choices)}"


def constant(column: Column, rule: Rule) -> tuple[str, str]:
    """(SQL of the value, the value in words) that a rule gives every row. Raises FileRefused."""
    way = Way(column.type, rule, month=column.name == "month", long=column.name in cells.LONG)
    value, fault = cells.read(rule.constant, way)
    if column.choices:
        value, fault = _chosen(column, rule.constant, (value, fault))
    if fault:
        raise FileRefused(f"{column.label}: {fault}.")
    return f"CAST({literal(str(value))} AS {SQL_TYPES[column.type]})", str(value)
