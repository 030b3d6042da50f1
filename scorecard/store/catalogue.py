"""Measures computed from facts: each runs its one SELECT, and what comes back is told by period and dimension."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import psycopg

from scorecard.core import survival
from scorecard.core.facts import KINDS
from scorecard.core.periods import Period, between, containing
from scorecard.core.unit_rows import DIMENSIONS, FIRST_VALUE_DAYS, NEEDS, REVENUE, Reach, Source, alone, placed, statement, table_of
from scorecard.errors import DefinitionError
from scorecard.store.tx import Tx

MONTH = "month"
REQUIRED = ("period", "account_id", "unit")
# The columns of a kind that tell of days that have been; a state (a subscription) also holds while nothing changes.
HAPPENED = {"account": ("started_on", "ended_on"), "subscription": ("started_on", "ended_on"), "mrr_movement": ("moved_on",),
            "mrr_month": ("month",), "renewal": ("due_on", "renewed_on"), "usage": ("used_on",),
            "ticket": ("opened_at", "first_response_at", "resolved_at"), "contact": ("due_on", "done_on"),
            "survey": ("answered_on",), "milestone": ("clock_started_on", "reached_on"), "promise": ("due_on", "kept_on"),
            "cost": ("month",)}
STATES = ("account", "subscription", "mrr_movement")
MONTHLY = ("mrr_month", "cost")
YEAR = timedelta(days=366)
MOST_MONTHS = 240
SECONDS, MOST_SECONDS = "SCORECARD_MEASURE_SECONDS", 60.0
BY_MONTH = "use of the product is loaded by month, one row on its first or last day, and weeks cannot be told from months. Load use by day or week."
_columns: dict[Source, list[str]] = {}  # of a statement that ran: its text alone decides them
_NOT_THE_SQL = (duckdb.FatalException, duckdb.InternalException, duckdb.IOException, duckdb.OutOfMemoryException)


@dataclass(frozen=True)
class Covered:
    """The days that a kind's rows tell of; a later period of the same month may be silent for `silence` days."""

    first: date
    last: date
    loaded_on: date | None
    silence: int

    def reaches(self, end: date) -> bool:
        """Whether a period that ends on this day is told of whole."""
        if self.last >= end:
            return True
        later = self.loaded_on is None or self.loaded_on > end
        return later and (end - self.last).days <= self.silence


@dataclass(frozen=True)
class Cell:
    """One figure: of the whole, or of one name of a dimension. `squares` is the sum of squared numerators."""

    period: Period
    dimension: str
    name: str
    value: float | None
    numerator: float | None
    denominator: float | None
    n: int
    squares: float | None
    partial: bool


# -- how far the facts reach

def covered(tx: Tx) -> dict[str, Covered]:
    """How far each kind that has rows reaches. Days after the load of a kind are plans and tell of nothing yet."""
    loaded = {kind: at.date() for kind, at in tx.all("SELECT kind, MAX(loaded_at) FROM fact_load GROUP BY kind")}
    found = {table: one for table in KINDS if (one := _covered(tx, table, loaded.get(table)))}
    newest = max((one.last for one in found.values()), default=date.min)
    for table in STATES:
        if table in found:
            one = found[table]
            until = newest if one.loaded_on is None else max(one.last, min(newest, one.loaded_on - timedelta(days=1)))
            found[table] = Covered(one.first, until, one.loaded_on, one.silence)
    return found


def _covered(tx: Tx, table: str, loaded: date | None) -> Covered | None:
    names = HAPPENED[table]
    ends = tx.one("SELECT " + ", ".join(f"CAST(MIN({name}) AS DATE), CAST(MAX({name}) AS DATE)" for name in names) + f" FROM {table}")
    lasts = [_until(tx, table, name, last, loaded) for name, last in zip(names, ends[1::2]) if last]
    first, last = min((day for day in ends[::2] if day), default=None), max((day for day in lasts if day), default=None)
    if first is None or last is None:
        return None
    if table in MONTHLY:
        return Covered(first.replace(day=1), containing(last, MONTH).end, loaded, 0)
    silence = 0 if last == containing(last, MONTH).end or table in STATES else _silence(tx, table, last)
    return Covered(first, last, loaded, silence)


def _until(tx: Tx, table: str, name: str, last: date, loaded: date | None) -> date | None:
    """The last day before the load; the column is read whole only where it has plans."""
    if loaded is None or last < loaded:
        return last
    return tx.one(f"SELECT CAST(MAX({name}) AS DATE) FROM {table} WHERE {name} < $1", [loaded])[0]


def _silence(tx: Tx, table: str, last: date) -> int:
    """The longest stretch of days without a row in the last year: no longer one says that data are missing."""
    name = HAPPENED[table][0]
    (days,) = tx.one(f"""SELECT MAX(day - before) FROM (
                             SELECT day, LAG(day) OVER (ORDER BY day) AS before
                             FROM (SELECT DISTINCT CAST({name} AS DATE) AS day FROM {table} WHERE {name} > $1) AS active) AS pairs""",
                     [last - YEAR])
    return int(days or 0)


def months_of(source: Source, reaches: Mapping[str, Covered]) -> list[Period]:
    """The months that the facts of a measure tell of; none when a kind that it needs has no rows."""
    spans = [_span(tables, reaches) for tables in source.needs]
    if not spans or None in spans:
        return []
    first = max(span.first for span in spans)
    last = min(span.last for span in spans)
    months = between(containing(first, MONTH), containing(last, MONTH))[-MOST_MONTHS:] if first <= last else []
    return [month for month in months if not _start_is_unknown(source, month, reaches)]


def _start_is_unknown(source: Source, month: Period, reaches: Mapping[str, Covered]) -> bool:
    """Of the first month of a monthly MRR table nobody knows what it started with: no change is not none."""
    return (NEEDS[REVENUE] in source.needs and "mrr_month" in reaches and "mrr_start" in source.sql
            and month == containing(reaches["mrr_month"].first, MONTH))


def _span(tables: Sequence[str], reaches: Mapping[str, Covered]) -> Reach | None:
    there = [reaches[table] for name in tables if (table := table_of(name)) in reaches]
    if tables == NEEDS[REVENUE]:
        there = there[:1]
    return Reach(min(one.first for one in there), max(one.last for one in there)) if there else None


def is_whole(source: Source, period: Period, reaches: Mapping[str, Covered]) -> bool:
    """Whether every kind that the measure needs reaches the period's end."""
    return all(any(reaches[table].reaches(period.end) for name in tables if (table := table_of(name)) in reaches)
               for tables in source.needs)


def reach_of(source: Source, reaches: Mapping[str, Covered]) -> Reach:
    """The days that all kinds the measure needs tell of; accounts older than their use are no gap in it."""
    spans = [span for tables in source.needs if tables != ("account",) and (span := _span(tables, reaches))]
    spans = spans or [span for tables in source.needs if (span := _span(tables, reaches))]
    return Reach(max(span.first for span in spans), min(span.last for span in spans))


def lacks_values(tx: Tx, source: Source) -> bool:
    """Whether a column that the measure needs is empty: then it was not exported, and nothing counted is not none."""
    for names in source.needs:
        columns = [name.split(".") for name in names if "." in name]
        if len(columns) == len(names) and not any(tx.one(f"SELECT 1 FROM {table} WHERE {column} IS NOT NULL LIMIT 1")
                                                  for table, column in columns):
            return True
    return False


def _use_is_by_month(tx: Tx) -> bool:
    """Whether every row of use stands on the first or the last day of a month."""
    return tx.one("SELECT 1 FROM usage WHERE EXTRACT(DAY FROM used_on) <> 1 AND EXTRACT(DAY FROM used_on + 1) <> 1 LIMIT 1") is None


# -- figures

def cells(tx: Tx, source: Source, months: Sequence[Period], reaches: Mapping[str, Covered], instead: str = "") -> list[Cell]:
    """Every figure of a measure in these months. Raises DefinitionError when its SELECT cannot run.

    `instead` is a common table expression that stands in for a table of facts: the figures as they would be with it.
    """
    if not months or lacks_values(tx, source):
        return []
    if source.by_day and _use_is_by_month(tx):
        raise DefinitionError(BY_MONTH)
    reach = reach_of(source, reaches)
    columns = columns_of(tx, source, months, reach)
    sql = statement(source, months, reach, columns)
    if instead:
        sql = f"WITH {instead},\n{sql.removeprefix('WITH ')}"
    rows = [_split(row, months[0].grain) for row in _asked(tx, sql)]
    whole = {month: is_whole(source, month, reaches) for month in months}
    if source.compute == "kaplan_meier":
        return _survivals(rows, whole, reach)
    found = [_cell(source.compute, *row, whole) for row in rows if row[0] in whole]
    return found + _zeros(found, whole) if source.compute in ("sum", "count") else found


def columns_of(tx: Tx, source: Source, months: Sequence[Period], reach: Reach) -> list[str]:
    """The columns of the unit rows. Raises DefinitionError when one that a measure must have is missing."""
    if source in _columns:
        return _columns[source]
    _asked(tx, f"{alone(source, months[:1], reach)}\nSELECT * FROM unit_row LIMIT 0")
    columns = [entry[0] for entry in tx.cursor.description]
    wanted = (*REQUIRED, *(("duration", "reached") if source.compute in ("median", "kaplan_meier") else ("numerator",)))
    missing = [name for name in wanted if name not in columns]
    if source.compute in ("ratio", "share", "nps") and "denominator" not in columns:
        missing.append("denominator")
    if missing:
        raise DefinitionError(f"its sql gives no column {', '.join(missing)}.")
    _columns[source] = columns
    return columns


def _asked(tx: Tx, sql: str, params: Sequence[Any] = ()) -> list[tuple]:
    """The rows of a statement that somebody wrote. Raises DefinitionError when it cannot run, or runs too long."""
    most = most_seconds()
    try:
        with _stopped_after(tx, most):
            return tx.all(sql, list(params))
    except duckdb.InterruptException as error:
        raise DefinitionError(f"its sql ran longer than {most:g} seconds and was stopped. Let it read less, or allow more with {SECONDS}.") from error
    except (duckdb.Error, psycopg.Error) as error:
        if isinstance(error, _NOT_THE_SQL):
            raise
        raise DefinitionError(f"its sql cannot run: {str(error).splitlines()[0]}") from error


def most_seconds() -> float:
    """How long the statement of one measure may run. Raises DefinitionError when the setting is no number above 0."""
    text = os.environ.get(SECONDS, "")
    try:
        found = float(text) if text else MOST_SECONDS
    except ValueError:
        found = 0.0
    if not 0 < found < float("inf"):
        raise DefinitionError(f"{SECONDS} is {text!r}. It needs a number of seconds above 0.")
    return found


@contextmanager
def _stopped_after(tx: Tx, seconds: float) -> Iterator[None]:
    """The statement inside is interrupted when its time is over; no statement after it is."""
    interrupt = getattr(tx.cursor, "interrupt", None)
    if interrupt is None:
        yield  # PostgreSQL, in the tests; facts are in DuckDB.
        return
    timer = threading.Timer(seconds, interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _split(row: tuple, grain: str) -> tuple[Period, str, str, tuple]:
    """(period, dimension, name, figures) of a grouped row."""
    start, segment, team, csm, no_segment, no_team, no_csm, *figures = row
    day = start.date() if isinstance(start, datetime) else start
    held = [(name, value) for name, value, absent in zip(DIMENSIONS, (segment, team, csm), (no_segment, no_team, no_csm)) if not absent]
    dimension, name = held[0] if held else ("", "")
    return Period(day, grain), dimension, name or "", tuple(figures)


def _cell(compute: str, period: Period, dimension: str, name: str, figures: tuple, whole: Mapping[Period, bool]) -> Cell:
    if compute == "median":
        median, n = figures
        return Cell(period, dimension, name, _float(median), None, float(n), n, None, not whole[period])
    top, bottom, squares, n = (_float(figure) for figure in figures)
    if compute in ("sum", "count"):
        return Cell(period, dimension, name, top or 0.0, None, None, int(n), squares, not whole[period])
    value = top / bottom if bottom and top is not None else None
    return Cell(period, dimension, name, value, top, bottom, int(n), squares, not whole[period])


def _float(figure: Any) -> float | None:
    return None if figure is None else float(figure)


def _zeros(found: Sequence[Cell], whole: Mapping[Period, bool]) -> list[Cell]:
    """A month without a row counts none: of the whole, and of every name that has rows in another month."""
    there = {(cell.period, cell.dimension, cell.name) for cell in found}
    names = {("", "")} | {(cell.dimension, cell.name) for cell in found}
    return [Cell(month, dimension, name, 0.0, None, None, 0, 0.0, not complete) for month, complete in whole.items()
            for dimension, name in sorted(names) if (month, dimension, name) not in there]


def _survivals(rows: Sequence[tuple], whole: Mapping[Period, bool], reach: Reach) -> list[Cell]:
    groups: dict[tuple[Period, str, str], list[tuple[float, bool, int]]] = defaultdict(list)
    for period, dimension, name, (duration, reached, n) in rows:
        if period in whole and duration is not None:
            groups[period, dimension, name].append((float(duration), bool(reached), n))
    found = []
    for (period, dimension, name), times in groups.items():
        one = survival.kaplan_meier(times)
        due = period.end + timedelta(days=FIRST_VALUE_DAYS) <= reach.last
        partial = not (due or one.median is not None and whole[period])
        found.append(Cell(period, dimension, name, one.median, None, float(one.n), one.n, None, partial))
    return found


# -- the rows behind a figure

def unit_rows(tx: Tx, source: Source, period: Period, reaches: Mapping[str, Covered], dimension: str = "", name: str = "",
              limit: int = 200) -> tuple[list[str], list[tuple]]:
    """(columns, rows) behind a figure: of the whole, or of one segment, team or CSM."""
    reach = reach_of(source, reaches)
    sql = placed(source, [period], reach, columns_of(tx, source, [period], reach))
    where = f" WHERE {dimension} = $2" if dimension in DIMENSIONS and name else ""
    rows = _asked(tx, f"{sql}\nSELECT * FROM placed{where} ORDER BY account_id, unit LIMIT $1", [limit, *([name] if where else [])])
    return [entry[0] for entry in tx.cursor.description], rows


def shown(source: Source, period: Period, reaches: Mapping[str, Covered]) -> str:
    """The SELECT of a measure as it runs for one period, for people to read and to run elsewhere."""
    return f"{alone(source, [period], reach_of(source, reaches))}\nSELECT *\nFROM unit_row\nWHERE period = DATE '{period.start}'"


# -- what stands beside a figure

@dataclass(frozen=True)
class Bridge:
    """From the renewal rate to gross revenue retention: values due and renewed, MRR of accounts due and of the others."""

    due: float
    renewed: float
    start_due: float
    kept_due: float
    start_other: float
    kept_other: float

    @property
    def renewal_rate(self) -> float:
        return self.renewed / self.due

    @property
    def kept_due_rate(self) -> float | None:
        return self.kept_due / self.start_due if self.start_due else None

    @property
    def gross(self) -> float:
        return (self.kept_due + self.kept_other) / (self.start_due + self.start_other)


def classes(tx: Tx, source: Source, period: Period, reaches: Mapping[str, Covered], segment: str = "") -> list[tuple[str, int]]:
    """(class, rows) of unit rows that are put into classes, such as contacts that the customer cancelled."""
    reach = reach_of(source, reaches)
    columns = columns_of(tx, source, [period], reach)
    if "class" not in columns:
        return []
    where = " WHERE segment = $1" if segment else ""
    return _asked(tx, f"{placed(source, [period], reach, columns)}\nSELECT class, COUNT(*) FROM placed{where} GROUP BY class ORDER BY class",
                  [segment] if segment else [])


def with_schedule(tx: Tx, period: Period, segment: str = "") -> tuple[int, int]:
    """(accounts with a contact due in the year to the period's end or later, customers in the period)."""
    where = " AND account.segment = $4" if segment else ""
    return tx.one(f"""SELECT COALESCE(SUM(CASE WHEN scheduled.account_id IS NOT NULL THEN 1 ELSE 0 END), 0), COUNT(*)
                      FROM account
                      LEFT JOIN (SELECT DISTINCT account_id FROM contact WHERE COALESCE(due_on, window_to) > $1) AS scheduled
                           ON scheduled.account_id = account.account_id
                      WHERE (account.started_on IS NULL OR account.started_on <= $2)
                        AND (account.ended_on IS NULL OR account.ended_on >= $3){where}""",
                  [period.shift(-11).start - timedelta(days=1), period.end, period.start, *([segment] if segment else [])])


def bridge(tx: Tx, period: Period, segment: str = "") -> Bridge | None:
    """The bridge of a month, None without renewals due or without recurring revenue at its start."""
    where = " AND account.segment = $3" if segment else ""
    params = [period.start, period.shift(1).start, *([segment] if segment else [])]
    due, renewed = tx.one(f"""SELECT SUM(value_due), SUM(CASE WHEN value_renewed > value_due THEN value_due ELSE COALESCE(value_renewed, 0) END)
                              FROM renewal LEFT JOIN account ON account.account_id = renewal.account_id
                              WHERE due_on >= $1 AND due_on < $2 AND value_due IS NOT NULL{where}""", params)
    rows = tx.all(f"""SELECT CASE WHEN due.account_id IS NULL THEN 0 ELSE 1 END, SUM(mrr_start),
                             SUM(CASE WHEN mrr_end > mrr_start THEN mrr_start ELSE COALESCE(mrr_end, 0) END)
                      FROM account_month
                      LEFT JOIN account ON account.account_id = account_month.account_id
                      LEFT JOIN (SELECT DISTINCT account_id FROM renewal WHERE due_on >= $1 AND due_on < $2) AS due
                           ON due.account_id = account_month.account_id
                      WHERE account_month.month = $1 AND mrr_start > 0{where}
                      GROUP BY CASE WHEN due.account_id IS NULL THEN 0 ELSE 1 END""", params)
    sides = {side: (float(start), float(kept)) for side, start, kept in rows}
    if not due or not sides:
        return None
    return Bridge(float(due), float(renewed), *sides.get(1, (0.0, 0.0)), *sides.get(0, (0.0, 0.0)))
