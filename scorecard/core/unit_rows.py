"""The SQL of a measure: a SELECT of unit rows, and what the product puts around it.

A unit row has `period` (first day of the month), `account_id`, `unit` (what the row is), then `numerator` and
`denominator`, or `duration` and `reached`. A row's own `segment`, `team` and `csm` win over those of its account.
One text runs on DuckDB and PostgreSQL: CASE, COALESCE, typed literals, half-open ranges, explicit AS.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from scorecard.core.definition import Definition
from scorecard.core.facts import KINDS, Column, Kind
from scorecard.core.periods import Period
from scorecard.errors import DefinitionError

# How unit rows become a figure, and how its parts roll up.
COMPUTES = {"ratio": "ratio", "share": "ratio", "nps": "ratio", "sum": "sum", "count": "sum", "median": "none",
            "kaplan_meier": "none"}
REVENUE, USE_BY_DAY = "account_month", "usage_by_day"
NEEDS = {**{table: (table,) for table in KINDS}, REVENUE: ("mrr_month", "mrr_movement", "subscription"), USE_BY_DAY: ("usage",)}
DEFAULT = "ratio"
STRUCTURED = ("count", "sum", "share", "ratio")
OPERATORS = {"is": "=", "is_not": "<>", "at_least": ">=", "at_most": "<=", "more_than": ">", "less_than": "<"}
FILTERS = (*OPERATORS, "in", "empty")
CLOCKS = ("account", "subscription", "milestone")
EVENTS = ("usage", "milestone")
DIMENSIONS = ("segment", "team", "csm")
FIRST_VALUE_DAYS = 90
_LABELS = {REVENUE: "recurring revenue"} | {kind.table: kind.label.lower() for kind in KINDS.values()}


@dataclass(frozen=True)
class Source:
    """Where a measure's figures come from: its SELECT, how rows become a figure, the facts that it needs.

    `by_day`: use that is loaded by month tells it nothing.
    """

    sql: str
    compute: str
    needs: tuple[tuple[str, ...], ...]  # of each group one table (or `table.column`) must have values
    event: str
    clock: str
    by_day: bool = False

    @property
    def words(self) -> str:
        """The facts it is computed from, for people."""
        names = [_LABELS[REVENUE] if one == NEEDS[REVENUE] else " or ".join(_LABELS[table_of(name)] for name in one)
                 for one in self.needs]
        return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"


@dataclass(frozen=True)
class Reach:
    """The first and the last day that the facts behind a measure tell of."""

    first: date
    last: date


def source(one: Definition) -> Source | None:
    """Where the figures come from, None for a measure whose figures are loaded."""
    form = next((name for name in STRUCTURED if getattr(one, name)), "")
    if form:
        table = getattr(one, form)
        return Source(compiled(form, table), form, ((table["from"],),), "", "")
    needs = one.needs or tuple(name for name in NEEDS if re.search(rf"\b{name}\b", one.sql))
    if not one.sql or not needs:
        return None
    return Source(one.sql, one.compute or DEFAULT, tuple(needed(name) for name in needs), one.event, one.clock, USE_BY_DAY in needs)


def needed(name: str) -> tuple[str, ...]:
    """The tables of which one must have rows: `survey|ticket`, `account_month`; `account.referred_by` must have values."""
    return tuple(one for part in name.split("|") for one in (NEEDS[part] if part in NEEDS else (part,)))


def table_of(name: str) -> str:
    """`account` of `account.referred_by`."""
    return name.partition(".")[0]


def is_need(part: str) -> bool:
    """Whether the text names a table of facts, or a column of one."""
    table, dot, column = part.partition(".")
    return part in NEEDS or bool(dot) and table in KINDS and any(one.name == column for one in KINDS[table].columns)


def reads(one: Source, tables: Collection[str]) -> bool:
    """Whether new facts in these tables can move the measure: it reads them, or accounts moved between segments.

    Recurring revenue reaches as far as any facts do.
    """
    if "account" in tables or re.search(rf"\b{REVENUE}\b", one.sql):
        return bool(tables)
    helpers = _helpers(one)
    named = [text for name, text in helpers.items() if re.search(rf"\b{name}\b", one.sql)]
    text = "\n".join([one.sql, *named, *(helpers["use_day"] for one_text in named if "use_day" in one_text)])
    return any(re.search(rf"\b{table}\b", text) for table in tables)


# -- what is written with filters

def compiled(form: str, table: Mapping[str, Any]) -> str:
    """The SELECT of a count, sum, share or ratio over the rows of one kind of fact. Raises DefinitionError."""
    kind = KINDS[table["from"]]
    on = _column(kind, table.get("on", kind.dated_by), "on")
    if on.type not in ("date", "moment"):
        raise DefinitionError(f"on is {on.name!r}, which is no date of {kind.table}.")
    have = {column.name for column in kind.columns}
    account = "account_id" if "account_id" in have else "CAST(NULL AS VARCHAR)"
    own = [f"{name} AS {name}" for name in DIMENSIONS if name in have and kind.table != "account"]
    parts = [f"CAST(DATE_TRUNC('month', {on.name}) AS DATE) AS period", f"{account} AS account_id",
             f"{kind.key[0]} AS unit", *own, *_figures(form, table, kind)]
    where = [f"{on.name} IS NOT NULL", *_tests(kind, table.get("where", ())), *_present(form, table)]
    return "SELECT " + ",\n       ".join(parts) + f"\nFROM {kind.table}\nWHERE " + "\n  AND ".join(where)


def _figures(form: str, table: Mapping[str, Any], kind: Kind) -> list[str]:
    if form == "count":
        return ["1 AS numerator"]
    if form == "sum":
        return [f"{_number(kind, table, 'of')} AS numerator"]
    if form == "ratio":
        return [f"{_number(kind, table, 'over')} AS numerator", f"{_number(kind, table, 'under')} AS denominator"]
    passed = " AND ".join(_tests(kind, table["of"]))
    return [f"CASE WHEN {passed} THEN 1 ELSE 0 END AS numerator", "1 AS denominator"]


def _present(form: str, table: Mapping[str, Any]) -> list[str]:
    """A blank is no zero: rows without the figure are left out."""
    keys = {"sum": ("of",), "ratio": ("over", "under")}.get(form, ())
    return [f"{table[key]} IS NOT NULL" for key in keys]


def _number(kind: Kind, table: Mapping[str, Any], key: str) -> str:
    column = _column(kind, table[key], key)
    if column.type not in ("number", "money"):
        raise DefinitionError(f"{key} is {column.name!r}, which is no number of {kind.table}.")
    return column.name


def _column(kind: Kind, name: str, key: str) -> Column:
    found = {column.name: column for column in kind.columns}
    if name not in found:
        raise DefinitionError(f"{key} is {name!r}. {kind.label} have: {', '.join(found)}.")
    return found[name]


def _tests(kind: Kind, filters: Sequence[Mapping[str, Any]]) -> list[str]:
    return [_test(_column(kind, one["column"], "column"), one) for one in filters]


def _test(column: Column, one: Mapping[str, Any]) -> str:
    operator = next(key for key in one if key != "column")
    wanted = one[operator]
    if operator == "empty":
        return f"{column.name} IS {'' if wanted else 'NOT '}NULL"
    if operator == "in":
        return f"{column.name} IN ({', '.join(_literal(column, value) for value in wanted)})"
    literal = _literal(column, wanted)
    if operator == "is_not":
        return f"({column.name} <> {literal} OR {column.name} IS NULL)"
    return f"{column.name} {OPERATORS[operator]} {literal}"


def _literal(column: Column, value: Any) -> str:
    """The value as SQL writes it. Raises DefinitionError when it is not of the column's type."""
    if column.type == "text" and isinstance(value, str):
        return quoted(value)
    if column.type == "flag" and isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if column.type in ("number", "money") and isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return repr(value)
    if column.type in ("date", "moment") and (day := _day(value)):
        return f"DATE '{day}'" if column.type == "date" else f"TIMESTAMP '{day} 00:00:00'"
    raise DefinitionError(f"{value!r} cannot be compared with {column.name}, which is a {column.type}.")


def _day(value: Any) -> date | None:
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def quoted(text: str) -> str:
    """The text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


# -- what stands around it

def statement(one: Source, months: Sequence[Period], reach: Reach, columns: Sequence[str]) -> str:
    """The whole SELECT of a measure's figures in these months: by period alone, and by each dimension."""
    inner = placed(one, months, reach, columns)
    groups = "(period), (period, segment), (period, team), (period, csm)"
    keys = "period, segment, team, csm, GROUPING(segment) AS no_segment, GROUPING(team) AS no_team, GROUPING(csm) AS no_csm"
    if one.compute == "kaplan_meier":
        sets = groups.replace(")", ", duration, reached)")
        return f"{inner}\nSELECT {keys}, duration, reached, COUNT(*) AS n\nFROM placed\nGROUP BY GROUPING SETS ({sets})"
    if one.compute == "median":
        figures = "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY duration) AS median, COUNT(duration) AS n"
    else:
        bottom = "SUM(denominator)" if "denominator" in columns else "CAST(NULL AS DOUBLE PRECISION)"
        figures = f"SUM(numerator) AS numerator, {bottom} AS denominator, SUM(numerator * numerator) AS squares, COUNT(*) AS n"
    return f"{inner}\nSELECT {keys}, {figures}\nFROM placed\nGROUP BY GROUPING SETS ({groups})"


def placed(one: Source, months: Sequence[Period], reach: Reach, columns: Sequence[str]) -> str:
    """The common table expressions up to `placed`: unit rows of the months with segment, team and CSM."""
    figures = [name for name in columns if name not in ("period", "account_id", "unit", *DIMENSIONS)]
    if _names_its_place(one):
        return (f"{alone(one, months, reach)},\nplaced AS (\nSELECT *\nFROM unit_row\n"
                f"WHERE period >= DATE '{months[0].start}' AND period <= DATE '{months[-1].start}')")
    own = [f"COALESCE(unit_row.{name}, account.{name}) AS {name}" if name in columns else f"account.{name} AS {name}"
           for name in DIMENSIONS]
    listed = ", ".join(["unit_row.period AS period", "unit_row.account_id AS account_id", "unit_row.unit AS unit", *own,
                        *(f"unit_row.{name} AS {name}" for name in figures)])
    return (f"{alone(one, months, reach)},\nplaced AS (\nSELECT {listed}\nFROM unit_row\n"
            "LEFT JOIN account ON account.account_id = unit_row.account_id\n"
            f"WHERE unit_row.period >= DATE '{months[0].start}' AND unit_row.period <= DATE '{months[-1].start}')")


def _names_its_place(one: Source) -> bool:
    """Whether segment, team and CSM are those that the clock's account brings: the accounts need not be read once more."""
    return all(f"clock_start.{name} AS {name}" in one.sql for name in DIMENSIONS)


def alone(one: Source, months: Sequence[Period], reach: Reach) -> str:
    """The common table expressions up to `unit_row`; only those helpers stand there that the SELECT names."""
    helpers = {"calendar": _calendar(months), "reach": _reach(months, reach), **_helpers(one)}
    wanted = [name for name in helpers if re.search(rf"\b{name}\b", one.sql)]
    if "event_day" in wanted and "use_day" in helpers["event_day"] and "use_day" not in wanted:
        wanted.insert(wanted.index("event_day"), "use_day")
    return "WITH " + ",\n".join(f"{name} AS (\n{text})" for name, text in
                                [*((name, helpers[name]) for name in wanted), ("unit_row", one.sql)])


def _helpers(one: Source) -> dict[str, str]:
    return {"use_day": _USE_DAY, "clock_start": _clock(one), "event_day": _event(one)}


def _calendar(months: Sequence[Period]) -> str:
    rows = ", ".join(f"(DATE '{month.start}', DATE '{month.shift(1).start}')" for month in months)
    return f"SELECT period, ends FROM (VALUES {rows}) AS month (period, ends)"


def _reach(months: Sequence[Period], reach: Reach) -> str:
    return (f"SELECT DATE '{reach.first}' AS first_day, DATE '{reach.last}' AS last_day,\n"
            f"       DATE '{months[0].start}' AS asked_from, DATE '{months[-1].shift(1).start}' AS asked_until")


# A row of use may name its subscription only; the account is then the subscription's.
_USE_DAY = """SELECT account_id AS account_id, user_id AS user_id, event AS event, used_on AS used_on
FROM usage
WHERE account_id IS NOT NULL
UNION ALL
SELECT subscription.account_id AS account_id, usage.user_id AS user_id, usage.event AS event, usage.used_on AS used_on
FROM usage
JOIN subscription ON subscription.subscription_id = usage.subscription_id
WHERE usage.account_id IS NULL"""


_PLACE = ", ".join(f"MAX(account.{name}) AS {name}" for name in DIMENSIONS)


def _clock(one: Source) -> str:
    """Accounts (or users) and the day on which their clock started."""
    if one.clock == "subscription":
        return ("SELECT subscription.account_id AS account_id, subscription.account_id AS unit, MIN(subscription.started_on) AS started_on,\n"
                f"       MAX(account.ended_on) AS ended_on, {_PLACE}\nFROM subscription\n"
                "LEFT JOIN account ON account.account_id = subscription.account_id\nWHERE subscription.trial IS NOT TRUE\n"
                "GROUP BY subscription.account_id")
    if one.clock == "milestone":
        name = _named(one.event, "milestone")
        which = f" AND milestone.milestone = {quoted(name)}" if name else ""
        return ("SELECT milestone.account_id AS account_id, COALESCE(milestone.user_id, milestone.account_id) AS unit,\n"
                f"       MIN(milestone.clock_started_on) AS started_on, MAX(account.ended_on) AS ended_on,\n       {_PLACE}\nFROM milestone\n"
                "LEFT JOIN account ON account.account_id = milestone.account_id\n"
                f"WHERE milestone.clock_started_on IS NOT NULL{which}\n"
                "GROUP BY milestone.account_id, COALESCE(milestone.user_id, milestone.account_id)")
    return ("SELECT account_id AS account_id, account_id AS unit, started_on AS started_on, ended_on AS ended_on,\n"
            "       segment AS segment, team AS team, csm AS csm\n"
            "FROM account\nWHERE started_on IS NOT NULL")


def _event(one: Source) -> str:
    """The days on which accounts (or users) had the event."""
    if one.event.partition(":")[0] == "milestone":
        name = _named(one.event, "milestone")
        which = f" AND milestone = {quoted(name)}" if name else ""
        return ("SELECT account_id AS account_id, COALESCE(user_id, account_id) AS unit, reached_on AS happened_on\n"
                f"FROM milestone\nWHERE reached_on IS NOT NULL{which}")
    name = _named(one.event, "usage")
    which = f"\nWHERE event = {quoted(name)}" if name else ""
    return ("SELECT account_id AS account_id, COALESCE(user_id, account_id) AS unit, used_on AS happened_on\n"
            f"FROM use_day{which}")


def _named(event: str, kind: str) -> str:
    """`first rota` of `milestone:first rota`, "" for any event of the kind."""
    head, _, name = event.partition(":")
    return name.strip() if head == kind else ""
