"""The file of definitions, `data/measures.toml`: read, checked, and written again.

Every mistake is one line that names the measure, what was found, what is allowed and the next step.
All mistakes of a file are told together.
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from scorecard.core import names, periods, unit_rows
from scorecard.core.definition import AGGREGATES, CHARTS, DIRECTIONS, KINDS, SYSTEMS, UNITS, Definition, Driver, Goal
from scorecard.errors import DefinitionError

FILE = "measures.toml"
MIN_BASELINE = 6
MAX_LAG = 36
MAX_SQL = 20_000
CENTRES = ("mean", "median")
_ID = re.compile(r"[a-z][a-z0-9_]{0,59}")
_TARGET = 'targets = [{from = "2026-01", value = 0.9, source = "Annual plan"}]'
_BOUNDS = "bounds = [0, 1]"
_LIMITS = "action_limits = {red = 0.85, yellow = 0.9}"
_DECREASE, _INCREASE = 'improvement_direction = "decrease"', 'improvement_direction = "increase"'

# What people write instead of a key, and the line they mean.
ALIASES = {
    **dict.fromkeys(("down_is_good", "lower_is_better", "smaller_is_better", "less_is_better"), _DECREASE),
    **dict.fromkeys(("up_is_good", "higher_is_better", "bigger_is_better", "more_is_better"), _INCREASE),
    **dict.fromkeys(("direction", "polarity", "desired_direction", "good"), 'improvement_direction = "increase", "decrease" or "neutral"'),
    **dict.fromkeys(("goal", "goals", "target"), _TARGET),
    **dict.fromkeys(("name", "title"), 'label = "Renewal rate"'),
    **dict.fromkeys(("type", "chart_type"), 'chart = "xmr"'),
    **dict.fromkeys(("leading", "lagging"), 'kind = "leading" or "lagging"'),
    **dict.fromkeys(("min", "max", "minimum", "maximum", "lower", "upper", "range", "limits"), _BOUNDS),
    **dict.fromkeys(("red", "yellow", "amber", "thresholds"), _LIMITS),
    **dict.fromkeys(("causes", "driver"), 'drivers = [{measure = "…", sign = "+", lag = 1}]'),
    **dict.fromkeys(("rolling", "trailing", "period"), 'window = "period", "trailing-12" or "cumulative"'),
    **dict.fromkeys(("query", "select"), 'sql = "…"'),
    "numerator": 'numerator_label = "renewed value"', "denominator": 'denominator_label = "value due"',
    "center": 'centre = "mean" or "median"', "lock": "lock_after = 24", "benchmark": 'benchmarks = [{source = "…", median = 0.9}]',
    "decimals": 'format = "0.0"', "team": 'owner = "…"',
}
_UNIT_WORDS = {"%": "percent", "percentage": "percent", "share": "percent", "rate": "percent", "ratio": "percent",
               "$": "money", "usd": "money", "eur": "money", "currency": "money", "day": "days", "hour": "hours",
               "minute": "minutes", "integer": "count", "number of": "count"}
_DIRECTION_WORDS = {"up": "increase", "higher": "increase", "more": "increase", "down": "decrease", "lower": "decrease",
                    "less": "decrease", "none": "neutral", "either": "neutral"}


def parse(text: str, name: str = FILE) -> dict[str, Definition]:
    """The definitions of the file by id, in its order. Raises one DefinitionError with a line for each mistake."""
    try:
        tables = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"{name} is not readable as TOML: {error}. Look at that line: texts and periods stand in quotes "
                              '(label = "Renewal rate", from = "2026-01"), and a key stands once in a measure.') from error
    except RecursionError as error:
        raise DefinitionError(f"{name} is not readable as TOML: its lists are nested too deeply. Write them flat.") from error
    return parse_tables(tables, name)


def parse_tables(tables: Mapping[str, Any], name: str = FILE) -> dict[str, Definition]:
    """The definitions of tables already read, under the same promises as `parse`."""
    found, mistakes = {}, []
    for measure, table in tables.items():
        definition, wrong = _definition(measure, table)
        mistakes += [f"Measure '{measure}' in {name}: {line}" for line in wrong]
        if definition:
            found[measure] = definition
    mistakes += [f"Measure '{measure}' in {name}: {line}" for measure, line in _between(found, set(tables))]
    if mistakes:
        raise DefinitionError("\n".join(mistakes))
    return found


def build(measure: str, table: Mapping[str, Any]) -> Definition:
    """One definition from its table, as it was recorded. Drivers are not compared with other measures."""
    return parse_one(measure, table, None)


def parse_one(measure: str, table: Mapping[str, Any], others: Iterable[str] | None, where: str = "") -> Definition:
    """One definition; its drivers must be among `others` unless that is None."""
    definition, wrong = _definition(measure, table)
    if definition and others is not None:
        wrong = [line for _, line in _between({measure: definition}, {measure, *others})]
    if wrong:
        raise DefinitionError("\n".join(f"Measure '{measure}'{where}: {line}" for line in wrong))
    return definition


def _definition(measure: str, table: Any) -> tuple[Definition | None, list[str]]:
    if not isinstance(table, Mapping):
        return None, [f"{_shown(table)} is not a table. A measure is a table: write [{names.slug(measure).replace('-', '_')}] "
                      "above its keys."]
    wrong = [] if _ID.fullmatch(measure) else [
        "the id is not usable. Use small letters, figures and underscores, a letter first, at most 60, such as renewal_rate."]
    values: dict[str, Any] = {}
    for key, raw in table.items():
        try:
            values[key] = _checker(key)(raw)
        except DefinitionError as error:
            wrong.append(str(error))
    if "label" not in table:
        wrong.append('label is missing. Write the name that people read, such as label = "Renewal rate".')
    if not wrong:
        try:
            return _assemble(measure, values), []
        except DefinitionError as error:
            wrong.append(str(error))
    return None, wrong


def _checker(key: str) -> Callable[[Any], Any]:
    if key not in KEYS:
        raise DefinitionError(_unknown(key, KEYS, ALIASES))

    def check(raw: Any) -> Any:
        try:
            return KEYS[key](raw)
        except DefinitionError as error:
            raise DefinitionError(f"{key} {error}") from error

    return check


def _assemble(measure: str, values: dict[str, Any]) -> Definition:
    limits = values.pop("action_limits", ())
    definition = Definition(name=measure, **values)
    definition = replace(definition, targets=_with_limits(definition.targets, limits))
    definition = _computed(definition)
    for rule in (_direction_for_goals, _goals_inside_bounds, _limits_in_order, _chart_has_counts):
        rule(definition)
    return definition


def _computed(one: Definition) -> Definition:
    """The definition with the roll-up that its way of computing asks for. Raises DefinitionError when it lacks a part."""
    forms = [name for name in ("sql", *unit_rows.STRUCTURED) if getattr(one, name)]
    if len(forms) > 1:
        raise DefinitionError(f"{' and '.join(forms)} stand together. A measure is computed in one way: keep one.")
    if not forms:
        alone = [key for key in ("compute", "needs", "event", "clock") if getattr(one, key)]
        if alone:
            raise DefinitionError(f"{alone[0]} stands without sql. Write the SELECT, or leave it out.")
        return one
    if forms == ["sql"]:
        _refuse_more(one.sql)
    how = forms[0] if forms[0] in unit_rows.STRUCTURED else one.compute or unit_rows.DEFAULT
    rolls = unit_rows.COMPUTES[how]
    if one.aggregate not in (rolls, "none"):
        raise DefinitionError(f'{forms[0]} with compute = "{how}" rolls up as "{rolls}", and aggregate is "{one.aggregate}". Leave it out.')
    try:
        unit_rows.source(one)  # a filter is checked against its columns by being compiled
    except DefinitionError as error:
        raise DefinitionError(f"{forms[0]}: {error}") from error
    return replace(one, aggregate=rolls)


def _refuse_more(sql: str) -> None:
    bare = re.sub(r"'[^']*'|--[^\n]*", "", sql)
    if not re.match(r"\s*(SELECT|WITH)\b", bare, re.I) or ";" in bare:
        raise DefinitionError("sql is not one SELECT. Write a single SELECT of unit rows, without a semicolon.")


def _with_limits(goals: tuple[Goal, ...], limits: tuple[dict, ...]) -> tuple[Goal, ...]:
    """The goals with the red and yellow thresholds in force at each start."""
    if not limits:
        return goals
    first = min((goal.start for goal in goals), default=None)
    dated = [limit for limit in limits if limit["start"]]
    if first is None or dated and min(limit["start"] for limit in dated) < first:
        raise DefinitionError(f"action_limits stand without a target. Write the goal of those periods too: {_TARGET}.")
    starts = sorted({goal.start for goal in goals} | {limit["start"] for limit in dated})
    return tuple(_goal_at(start, goals, limits) for start in starts)


def _goal_at(start: date, goals: tuple[Goal, ...], limits: tuple[dict, ...]) -> Goal:
    goal = max((goal for goal in goals if goal.start <= start), key=lambda goal: goal.start)
    in_force = [limit for limit in limits if limit["start"] is None or limit["start"] <= start]
    if not in_force:
        return replace(goal, start=start)
    limit = max(in_force, key=lambda limit: limit["start"] or date.min)
    return replace(goal, start=start, red=limit["red"], yellow=limit["yellow"])


def _direction_for_goals(one: Definition) -> None:
    if one.targets and one.improvement_direction == "neutral":
        raise DefinitionError(f"targets need a direction in which the measure should go. Write {_INCREASE} or {_DECREASE}.")


def _goals_inside_bounds(one: Definition) -> None:
    low, high = one.bounds
    for goal in one.targets:
        for word, value in (("value", goal.value), ("red", goal.red), ("yellow", goal.yellow)):
            if value is None:
                continue
            if low is not None and value < low or high is not None and value > high:
                hint = f" A percent is written as a fraction: {value / 100:g}." if one.is_share and value > 1 else ""
                raise DefinitionError(f"targets have {word} {value:g} from {goal.start:%Y-%m}, outside the bounds "
                                      f"{_ends(low, high)}.{hint or ' Correct one of them.'}")
            if one.is_share and abs(value) >= 5:
                raise DefinitionError(f"targets have {word} {value:g} from {goal.start:%Y-%m} for a percent. "
                                      f"A percent is written as a fraction: {value / 100:g}.")


def _limits_in_order(one: Definition) -> None:
    for goal in one.targets:
        if goal.red is None or goal.yellow is None:
            continue
        if one.improvement_direction == "increase" and goal.red > goal.yellow:
            raise DefinitionError(f"action_limits have red {goal.red:g} above yellow {goal.yellow:g}, but more is better. Swap them.")
        if one.improvement_direction == "decrease" and goal.red < goal.yellow:
            raise DefinitionError(f"action_limits have red {goal.red:g} below yellow {goal.yellow:g}, but less is better. Swap them.")


def _chart_has_counts(one: Definition) -> None:
    if one.chart in ("p", "pp", "u", "up") and one.aggregate != "ratio":
        raise DefinitionError(f'chart = "{one.chart}" needs a numerator and a denominator. Write aggregate = "ratio", or chart = "xmr".')


def _between(found: Mapping[str, Definition], ids: set[str]) -> list[tuple[str, str]]:
    """(measure, mistake) for what only shows when measures stand side by side: drivers and labels."""
    wrong, labels = [], {}
    for measure, one in found.items():
        for driver in one.drivers:
            if driver.measure == measure:
                wrong.append((measure, "drivers name the measure itself. A driver is another measure."))
            elif driver.measure not in ids:
                wrong.append((measure, f"drivers name {driver.measure!r}, which is no measure here. "
                                       + _did_you_mean(driver.measure, ids - {measure}, "Define it first, or leave it out.")))
        twin = labels.setdefault(names.bare(one.label), measure)
        if twin != measure:
            wrong.append((measure, f"label {one.label!r} is the label of '{twin}' already. Choose another."))
    return wrong


# -- one key each: what is accepted, and the words when it is not

def _text(limit: int = names.LIMIT, empty: bool = True) -> Callable[[Any], str]:
    def check(raw: Any) -> str:
        if not isinstance(raw, str):
            raise DefinitionError(f'is {_shown(raw)}. Write a text in quotes, such as "Renewal rate".')
        cleaned = names.clean(raw, limit=len(raw) + 1)
        if len(cleaned) > limit:
            raise DefinitionError(f"has {len(cleaned):,} characters; {limit:,} are allowed. Shorten it.")
        if not empty and not cleaned:
            raise DefinitionError("is empty. Write a text.")
        return cleaned
    return check


def _one_of(allowed: Iterable[str], words: Mapping[str, str] = {}) -> Callable[[Any], str]:
    allowed = tuple(allowed)

    def check(raw: Any) -> str:
        if isinstance(raw, str) and raw in allowed:
            return raw
        meant = words.get(raw.casefold()) if isinstance(raw, str) else None
        hint = f'Did you mean "{meant}"?' if meant else _did_you_mean(str(raw), allowed)
        raise DefinitionError(f"is {_shown(raw)}. Use {_quoted(allowed)}.{' ' + hint if hint else ''}")
    return check


def _flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise DefinitionError(f"is {_shown(raw)}. Use true or false, without quotes.")
    return raw


def _number(raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)) or not math.isfinite(raw):
        hint = " without quotes" if isinstance(raw, str) else ""
        raise DefinitionError(f"is {_shown(raw)}. Write a number{hint}; a percent as a fraction (0.93).")
    return float(raw)


def _whole(low: int, high: int, why: str) -> Callable[[Any], int]:
    def check(raw: Any) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int) or not low <= raw <= high:
            raise DefinitionError(f"is {_shown(raw)}. Use a whole number from {low} to {high}: {why}.")
        return raw
    return check


def _worth_noticing(raw: Any) -> float:
    value = _number(raw)
    if not 0.001 <= value <= 1:
        raise DefinitionError(f"is {_shown(raw)}. Use a fraction: 0.1 is 10 points, the smallest difference between people that is worth noticing.")
    return value


def _bounds(raw: Any) -> tuple[float | None, float | None]:
    if isinstance(raw, Mapping):
        _known_keys(raw, ("lower", "upper"))
        ends = [raw.get("lower"), raw.get("upper")]
    elif isinstance(raw, list) and len(raw) == 2:
        ends = list(raw)
    else:
        raise DefinitionError(f"is {_shown(raw)}. Use [0, 1], or {{lower = 0}} when only one end exists.")
    low, high = (None if end is None or end in (math.inf, -math.inf) else _number(end) for end in ends)
    if low is not None and high is not None and low >= high:
        raise DefinitionError(f"is {_shown(raw)}. The lower end stands first and is smaller.")
    return low, high


def _window(raw: Any) -> str:
    match = re.fullmatch(r"period|cumulative|trailing-([1-9]\d?)", raw) if isinstance(raw, str) else None
    if match is None or match[1] and int(match[1]) < 2:
        raise DefinitionError(f'is {_shown(raw)}. Use "period", "trailing-12" (any number of periods from 2) or "cumulative".')
    return raw


def _format(raw: Any) -> str:
    if not isinstance(raw, str) or not re.fullmatch(r"(0(\.0{1,4})?)?", raw):
        raise DefinitionError(f'is {_shown(raw)}. Use "0", "0.0" or "0.00": the decimals of a figure.')
    return raw


def _baseline(raw: Any) -> str | int | None:
    if raw == "all":
        return "all"
    if isinstance(raw, int) and not isinstance(raw, bool) and raw >= MIN_BASELINE:
        return raw
    ends = raw.split(":") if isinstance(raw, str) else []
    if len(ends) == 2 and all(periods.parse(end) for end in ends):
        if _start(ends[0]) <= _start(ends[1]):
            return raw
        raise DefinitionError(f"is {_shown(raw)}. The first period stands first.")
    raise DefinitionError(f'is {_shown(raw)}. Use a number of periods from {MIN_BASELINE}, "2024-01:2025-12", or "all".')


def _start(raw: Any) -> date:
    """The first day of a period that is written as a text or as a TOML date."""
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    found = periods.parse(raw) if isinstance(raw, str) else None
    if found is None:
        raise DefinitionError(f'from is {_shown(raw)}. Write the first period in quotes: "2026-01", "2026-Q1", "2026-W01" or "2026-01-15".')
    return found[1]


def _rows(raw: Any, example: str) -> list[Mapping[str, Any]]:
    if not isinstance(raw, list) or not all(isinstance(row, Mapping) for row in raw):
        raise DefinitionError(f"is {_shown(raw)}. Write a list of tables: {example}.")
    return raw


def _targets(raw: Any) -> tuple[Goal, ...]:
    goals: dict[date, Goal] = {}
    for row in _rows(raw, _TARGET):
        _known_keys(row, ("from", "value", "source", "red", "yellow"))
        _needs(row, ("from", "value"), _TARGET)
        start = _start(row["from"])
        if start in goals:
            raise DefinitionError(f"have two goals from {start:%Y-%m}. Keep one.")
        goals[start] = Goal(start, _part(row, "value", _number), _part(row, "source", _text()) or "",
                            _part(row, "red", _number), _part(row, "yellow", _number))
    return tuple(goals[start] for start in sorted(goals))


def _action_limits(raw: Any) -> tuple[dict, ...]:
    rows = [raw] if isinstance(raw, Mapping) else _rows(raw, _LIMITS)
    found = []
    for row in rows:
        _known_keys(row, ("from", "red", "yellow"))
        if "red" not in row and "yellow" not in row:
            raise DefinitionError(f"have neither red nor yellow. Write {_LIMITS}.")
        found.append({"start": _start(row["from"]) if "from" in row else None,
                      "red": _part(row, "red", _number), "yellow": _part(row, "yellow", _number)})
    if len({row["start"] for row in found}) < len(found):
        raise DefinitionError("have two entries from one period. Keep one.")
    return tuple(found)


_DRIVER = 'drivers = [{measure = "adoption_30d", sign = "+", lag = 2}]'


def _drivers(raw: Any) -> tuple[Driver, ...]:
    found: dict[str, Driver] = {}
    for row in _rows(raw, _DRIVER):
        _known_keys(row, ("measure", "sign", "lag", "why"))
        _needs(row, ("measure", "sign", "lag"), _DRIVER)
        name = _part(row, "measure", _text(60, empty=False))
        if name in found:
            raise DefinitionError(f"name {name!r} twice. Keep one.")
        lag = _part(row, "lag", _whole(0, MAX_LAG, "periods until it shows"))
        found[name] = Driver(name, _part(row, "sign", _sign), lag, _part(row, "why", _text(500)) or "")
    return tuple(found.values())


def _sign(raw: Any) -> int:
    signs = {"+": 1, "-": -1, "−": -1, 1: 1, -1: -1}
    if isinstance(raw, (bool, float)) or not isinstance(raw, (str, int)) or raw not in signs:
        raise DefinitionError(f'is {_shown(raw)}. Use "+" when both rise together, "-" when one falls as the other rises.')
    return signs[raw]


_BENCHMARK = 'benchmarks = [{source = "14 vendors", from = "2026-09", low = 0.88, median = 0.91, high = 0.94, note = "counts contracts"}]'


def _benchmarks(raw: Any) -> tuple[dict, ...]:
    found = []
    for row in _rows(raw, _BENCHMARK):
        _known_keys(row, ("source", "from", "low", "median", "high", "note"))
        _needs(row, ("source",), _BENCHMARK)
        one: dict[str, Any] = {"source": _part(row, "source", _text(empty=False))}
        if "from" in row:
            one["from"] = _start(row["from"]).isoformat()
        one |= {key: _part(row, key, _number) for key in ("low", "median", "high") if key in row}
        if len(one) < 2 or not {"low", "median", "high"} & set(one):
            raise DefinitionError(f"have no figure. Write {_BENCHMARK}.")
        figures = [one[key] for key in ("low", "median", "high") if key in one]
        if figures != sorted(figures):
            raise DefinitionError(f"of {one['source']} are not in order: low, median, high. Swap them.")
        if "note" in row:
            one["note"] = _part(row, "note", _text(500))
        found.append(one)
    return tuple(found)


def _sql(raw: Any) -> str:
    """A text that keeps its lines."""
    if not isinstance(raw, str):
        raise DefinitionError(f"is {_shown(raw)}. Write the SELECT between three quotes.")
    text = "\n".join(line.rstrip() for line in raw.strip().splitlines())
    if not text.replace("\n", "").isprintable():
        raise DefinitionError("has characters that cannot be seen. Type it again.")
    if len(text) > MAX_SQL:
        raise DefinitionError(f"has {len(text):,} characters; {MAX_SQL:,} are allowed. Shorten it.")
    return text


def _needs_of(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list) or not raw or not all(isinstance(one, str) for one in raw):
        raise DefinitionError(f'is {_shown(raw)}. Write the tables of facts: needs = ["ticket"].')
    for part in (part for one in raw for part in one.split("|")):
        if not unit_rows.is_need(part):
            raise DefinitionError(f"has {part!r}, which is no kind of fact. {_did_you_mean(part, unit_rows.NEEDS, 'Use ' + ', '.join(unit_rows.NEEDS) + '.')}")
    return tuple(raw)


def _event(raw: Any) -> str:
    text = _text()(raw)
    if text.partition(":")[0] not in unit_rows.EVENTS:
        raise DefinitionError(f'is {_shown(raw)}. Use "usage" (any use), "usage:<event>", "milestone" or "milestone:<name>".')
    return text


_FORMS = {"count": ((), 'count = {from = "ticket", where = [{column = "severity", is = "high"}]}'),
          "sum": (("of",), 'sum = {from = "mrr_movement", of = "amount"}'),
          "share": (("of",), 'share = {from = "promise", of = [{column = "kept_on", empty = false}]}'),
          "ratio": (("over", "under"), 'ratio = {from = "renewal", over = "value_renewed", under = "value_due"}')}


def _form(form: str) -> Callable[[Any], dict[str, Any]]:
    needs, example = _FORMS[form]

    def check(raw: Any) -> dict[str, Any]:
        if not isinstance(raw, Mapping):
            raise DefinitionError(f"is {_shown(raw)}. Write {example}.")
        _known_keys(raw, ("from", "on", "where", *needs))
        missing = [key for key in ("from", *needs) if key not in raw]
        if missing:
            raise DefinitionError(f"lacks {' and '.join(missing)}. Write {example}.")
        if not isinstance(raw["from"], str) or raw["from"] not in unit_rows.KINDS:
            raise DefinitionError(f"has from = {_shown(raw['from'])}, which is no kind of fact. "
                                  + _did_you_mean(str(raw["from"]), unit_rows.KINDS, f"Use {', '.join(unit_rows.KINDS)}."))
        if "where" in raw:
            _filters(raw["where"], example)
        if form == "share":
            _filters(raw["of"], example)
            if not raw["of"]:
                raise DefinitionError(f"has an empty of. Write {example}.")
        return _plain(raw)
    return check


def _filters(raw: Any, example: str) -> None:
    for row in _rows(raw, example):
        _known_keys(row, ("column", *unit_rows.FILTERS))
        if "column" not in row or len(row) != 2:
            raise DefinitionError(f"has a filter that is not one column and one of {', '.join(unit_rows.FILTERS)}. Write {example}.")
        if "in" in row and not (isinstance(row["in"], list) and row["in"]):
            raise DefinitionError('has in without a list. Write in = ["a", "b"].')


def _plain(raw: Any) -> Any:
    """The same as JSON can carry it: dates as texts."""
    if isinstance(raw, Mapping):
        return {key: _plain(value) for key, value in raw.items()}
    if isinstance(raw, list):
        return [_plain(value) for value in raw]
    return raw.isoformat()[:10] if isinstance(raw, date) else raw


KEYS: dict[str, Callable[[Any], Any]] = {
    "label": _text(60, empty=False), "description": _text(2000), "system": _one_of(SYSTEMS, {v.casefold(): k for k, v in SYSTEMS.items()}),
    "kind": _one_of(KINDS, {"result": "lagging", "results": "lagging", "driver": "leading", "drivers": "leading"}),
    "owner": _text(), "unit": _one_of(UNITS, _UNIT_WORDS), "format": _format,
    "improvement_direction": _one_of(DIRECTIONS, _DIRECTION_WORDS), "window": _window,
    "aggregate": _one_of(AGGREGATES, {"total": "sum", "count": "sum", "rate": "ratio", "mean": "ratio", "average": "ratio"}),
    "sql": _sql, "compute": _one_of(unit_rows.COMPUTES), "needs": _needs_of, "event": _event, "clock": _one_of(unit_rows.CLOCKS),
    "count": _form("count"), "sum": _form("sum"), "share": _form("share"), "ratio": _form("ratio"),
    "bounds": _bounds, "baseline": _baseline, "targets": _targets, "action_limits": _action_limits,
    "drivers": _drivers, "warning": _text(500), "chart": _one_of(CHARTS, {"p'": "pp", "u'": "up", "xmr chart": "xmr", "i-mr": "xmr"}),
    "screen": _flag, "centre": _one_of(CENTRES, {"average": "mean"}), "ranges": _one_of(CENTRES, {"average": "mean"}),
    "lock_after": _whole(MIN_BASELINE, 500, "periods until limits are locked"), "worth_noticing": _worth_noticing, "benchmarks": _benchmarks,
    "numerator_label": _text(), "denominator_label": _text(), "currency": _text(8, empty=False),
}


# -- words shared by the messages

def _part(row: Mapping[str, Any], key: str, check: Callable[[Any], Any]) -> Any:
    if key not in row or row[key] is None:
        return None
    try:
        return check(row[key])
    except DefinitionError as error:
        raise DefinitionError(f"have an entry whose {key} {error}") from error


def _known_keys(row: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    for key in row:
        if key not in allowed:
            raise DefinitionError(f"have an entry with an {_unknown(key, allowed)}")


def _needs(row: Mapping[str, Any], keys: tuple[str, ...], example: str) -> None:
    missing = [key for key in keys if key not in row]
    if missing:
        raise DefinitionError(f"have an entry without {' and '.join(missing)}. Write {example}.")


def _unknown(key: str, allowed: Iterable[str], aliases: Mapping[str, str] = {}) -> str:
    if key.casefold() in aliases:
        return f"unknown key {key!r}. Use {aliases[key.casefold()]}."
    hint = _did_you_mean(key, allowed)
    return f"unknown key {key!r}. {hint or 'Use ' + ', '.join(allowed) + '.'}"


def _did_you_mean(text: str, allowed: Iterable[str], otherwise: str = "") -> str:
    close = difflib.get_close_matches(text.casefold()[:60], list(allowed), 1, 0.6)
    return f'Did you mean "{close[0]}"?' if close else otherwise


def _quoted(words: Iterable[str]) -> str:
    quoted = [f'"{word}"' for word in words]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _ends(low: float | None, high: float | None) -> str:
    return f"{'no lower end' if low is None else f'{low:g}'} to {'no upper end' if high is None else f'{high:g}'}"


def _shown(raw: Any) -> str:
    text = f'"{raw}"' if isinstance(raw, str) else str(raw).lower() if isinstance(raw, bool) else str(raw)
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= 60 else text[:57] + "…"


# -- written again

def as_table(one: Definition) -> dict[str, Any]:
    """The definition as the table of the file: only what differs from the default, in the order of KEYS."""
    default = Definition(one.name, "")
    table = {key: _written(key, getattr(one, key)) for key in KEYS
             if key != "action_limits" and (key == "label" or getattr(one, key) != getattr(default, key))}
    return {key: value for key, value in table.items() if value is not None}


def _written(key: str, value: Any) -> Any:
    if key == "bounds":
        return {end: number for end, number in zip(("lower", "upper"), value) if number is not None}
    if key == "targets":
        return [_without_none({"from": f"{goal.start:%Y-%m-%d}", "value": goal.value, "source": goal.source or None,
                               "red": goal.red, "yellow": goal.yellow}) for goal in value]
    if key == "drivers":
        return [{"measure": one.measure, "sign": "+" if one.sign > 0 else "-", "lag": one.lag, **({"why": one.why} if one.why else {})}
                for one in value]
    if key == "benchmarks":
        return [dict(one) for one in value]
    return list(value) if key == "needs" else value


def _without_none(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value is not None}


def to_toml(one: Definition) -> str:
    """The definition as a table of `data/measures.toml`; `parse` reads back the same definition."""
    lines = [f"{key} = {_toml(value)}" for key, value in as_table(one).items()]
    return "\n".join([f"[{one.name}]", *lines, ""])


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and "\n" in value and "\'\'\'" not in value and not value.endswith("'"):
        return f"\'\'\'\n{value}\n\'\'\'"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
        return f'"{escaped}"'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_toml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    return repr(value)


def with_measure(text: str, one: Definition) -> str:
    """The file's text with this measure's table replaced, or added at the end; the rest, comments too, is kept."""
    block = to_toml(one)
    lines = text.splitlines()
    starts = [row for row, line in enumerate(lines) if _heads(line, one.name)]
    if not starts:
        return text.rstrip("\n") + "\n\n" + block
    end = next((row for row in range(starts[0] + 1, len(lines)) if re.match(r"\[[^\[]", lines[row])), len(lines))
    while end > starts[0] + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return "\n".join([*lines[:starts[0]], *block.rstrip("\n").splitlines(), *lines[end:]]) + "\n"


def _heads(line: str, measure: str) -> bool:
    match = re.match(r"\[\s*\"?([^\"\]]+?)\"?\s*\]\s*(#.*)?$", line)
    return match is not None and match[1] == measure


def notices(definitions: Mapping[str, Definition]) -> list[str]:
    """What is accepted and cannot be used, one sentence a measure."""
    return [f"Measure '{name}': its sql names no kind of fact, so nothing is computed; load its figures."
            for name, one in definitions.items() if one.sql and unit_rows.source(one) is None]


def find(definitions: Mapping[str, Definition], text: str) -> Definition:
    """The measure of this id or label, however it is cased. Raises DefinitionError with "did you mean"."""
    wanted = _key(text)
    for name, one in definitions.items():
        if wanted in (_key(name), _key(one.label)):
            return one
    known = {_key(word): name for name, one in definitions.items() for word in (name, one.label)}
    close = difflib.get_close_matches(wanted, list(known), 1, 0.6)
    hint = f"Did you mean '{known[close[0]]}'?" if close else f"Known are: {', '.join(definitions) or 'none yet'}."
    raise DefinitionError(f"There is no measure {_shown(text)}. {hint}")


def _key(text: str) -> str:
    return re.sub(r"[^\w]+|_+", " ", names.bare(text)).strip()
