"""What a period said when it was read, as JSON and back: the reading, and the chart of its last points.

A class is an object without the fields that have their default; a tuple of objects is a table with a column a
field, and a column that never changes is written once: three years of records of ten measures stay small.
Unknown fields of a later version are skipped.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from scorecard.core import spc
from scorecard.core.periods import Period
from scorecard.core.reading import Reading

POINTS = 36
EVERY = "every"
_GRAINS = {"d": "day", "w": "week", "m": "month", "q": "quarter"}


@dataclass(frozen=True)
class Said:
    """One period of one measure and segment under one rule set, as a reader saw it."""

    reading: Reading
    chart: spc.Chart
    period: Period
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    partial: bool = False
    was_status: str | None = None
    carried_by: str = ""
    definition: int = 0


@dataclass(frozen=True)
class Record:
    """What a period said under each rule set in use, and which scorecard used which."""

    used: dict[str, str]
    said: dict[str, Said]


def compact(chart: spc.Chart) -> spc.Chart:
    """The chart of the last POINTS points, without the settings that led to its limits."""
    kept = replace(chart.options, locked=(), rebase=(), exclude=frozenset())
    points = chart.points[-POINTS:]
    return replace(chart, options=kept, points=points)


def dumps(record: Record) -> str:
    """The record as JSON; numbers keep every digit."""
    said = {rules: pack(one) for rules, one in record.said.items()}
    return json.dumps({"used": record.used, "said": said}, ensure_ascii=False, separators=(",", ":"))


def loads(body: str) -> Record:
    """The record as it was given to `dumps`."""
    data = json.loads(body)
    return Record(data["used"], {rules: unpack(Said, one) for rules, one in data["said"].items()})


def pack(value: Any) -> Any:
    """A value of any class here as plain lists, objects, numbers and text."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Period):
        return value.grain[0] + value.start.isoformat()
    if is_dataclass(value):
        return {
            name: pack(item) for name, default in _defaults(type(value)) if (item := getattr(value, name)) != default
        }
    if isinstance(value, tuple) and value and is_dataclass(value[0]) and not isinstance(value[0], Period):
        return {
            name: _column([getattr(row, name) for row in value])
            for name, default in _defaults(type(value[0]))
            if any(getattr(row, name) != default for row in value)
        }
    if isinstance(value, dict):
        return {key: pack(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(pack(item) for item in value)  # The order of a set is no fact: it differs from run to run.
    if isinstance(value, tuple | list):
        return [pack(item) for item in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be recorded")


def _column(items: list) -> list | dict:
    if len(items) > 1 and all(item == items[0] and type(item) is type(items[0]) for item in items):
        return {EVERY: pack(items[0])}
    return [pack(item) for item in items]


def unpack(kind: Any, data: Any) -> Any:
    """The value of a type from what `pack` made of it."""
    return _reader(kind)(data)


@cache
def _defaults(cls: type) -> tuple[tuple[str, Any], ...]:
    """(field, default) of a class; a field without a default is always written."""
    found = []
    for one in fields(cls):
        factory = one.default_factory() if one.default_factory is not MISSING else MISSING
        found.append((one.name, one.default if one.default is not MISSING else factory))
    return tuple(found)


@cache
def _hints(cls: type) -> dict[str, Callable[[Any], Any]]:
    return {name: _reader(kind) for name, kind in get_type_hints(cls).items()}


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """The function that reads a value of one type."""
    origin, args = get_origin(kind), get_args(kind)
    if kind is Period:
        return _period
    if kind in (date, datetime):
        return kind.fromisoformat
    if isinstance(kind, type) and is_dataclass(kind):
        return lambda data: _object(kind, data)
    if origin in (Union, types.UnionType):
        return _either(args)
    if origin is tuple:
        return _tuple(args)
    if origin is frozenset:
        item = _reader(args[0])
        return lambda data: frozenset(item(one) for one in data)
    return lambda data: data


def _period(text: str) -> Period:
    return Period(date.fromisoformat(text[1:]), _GRAINS[text[0]])


def _object(cls: type, data: dict) -> Any:
    hints = _hints(cls)
    return cls(**{name: hints[name](item) for name, item in data.items() if name in hints})


def _either(args: tuple) -> Callable[[Any], Any]:
    """Reads an optional value; of several types, a list is the tuple among them and text is no object."""
    readers = [arg for arg in args if arg is not type(None)]
    tuples = [arg for arg in readers if get_origin(arg) is tuple]
    rest = [arg for arg in readers if get_origin(arg) is not tuple]
    as_tuple = _reader(tuples[0]) if tuples else None
    as_rest = _reader(rest[0]) if len(rest) == 1 else lambda data: data

    def read(data: Any) -> Any:
        if data is None:
            return None
        return as_tuple(data) if as_tuple and isinstance(data, list) else as_rest(data)

    return read


def _tuple(args: tuple) -> Callable[[Any], Any]:
    if len(args) == 2 and args[1] is Ellipsis:
        if is_dataclass(args[0]) and args[0] is not Period:
            return lambda data: _table(args[0], data)
        item = _reader(args[0])
        return lambda data: tuple(item(one) for one in data)
    readers = tuple(_reader(arg) for arg in args)
    return lambda data: tuple(read(one) for read, one in zip(readers, data, strict=True))


def _table(cls: type, data: dict | list) -> tuple:
    if not data:
        return ()
    hints = _hints(cls)
    count = max(len(column) for column in data.values() if isinstance(column, list))
    columns = {name: _cells(hints[name], column, count) for name, column in data.items() if name in hints}
    return tuple(cls(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True))


def _cells(read: Callable[[Any], Any], column: list | dict, count: int) -> list:
    if isinstance(column, dict):
        return [read(column[EVERY])] * count
    return [read(item) for item in column]
