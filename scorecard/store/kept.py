"""What was read and worked out is kept until something that it was read from changes.

Each committed write says what it changed, each read what it read: a table; of the registers, which; of the audit, which
kind of entry. A kept value stands while nothing that was read for it has changed since. Values are shared: nobody changes them.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from scorecard.store import migrations

T = TypeVar("T")
MOST = 4_096
DAYS = 2  # values of one day that are kept: two people can be on two sides of midnight
EVERYTHING, REGISTERS, SOME_REGISTER, AUDIT = "everything", "registers", "some register", "audit"
REGISTER_TABLES = frozenset({"register_entry", "register_version", "register_value"})
_TABLE = re.compile(r'(?:\b(?:FROM|JOIN|INTO|UPDATE|TABLE|EXISTS)|,)\s+"?([a-z_]+)\b', re.I)
_TARGET = re.compile(r'\b(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM|TABLE(?: IF (?:NOT )?EXISTS)?|COPY|TRUNCATE)\s+"?([a-z_]+)\b', re.I)
_GIVEN = re.compile(r"\bregister\s*=\s*\$(\d+)", re.I)
_SAID = re.compile(r"\bregister\s*=\s*'(\w+)'", re.I)
_LISTED = re.compile(r"\bregister\s+IN\s*\(((?:\s*(?:'\w+'|\$\d+)\s*,?)+)\)", re.I)
_SAME = re.compile(r"\w+\.register\s*=\s*\w+\.register\b", re.I)
_REGISTER_ROWS = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+register_(?:entry|version|value)\b", re.I)
_INSERTED = re.compile(r"\s*INSERT INTO register_\w+ \(register,", re.I)
_ACTION = re.compile(r"\baction\s*=\s*'(\w+)'", re.I)
_reading: ContextVar[set[str] | None] = ContextVar("what is read", default=None)


@dataclass(frozen=True)
class Statement:
    """What a text of SQL names: tables, those that it changes, and of the registers which, as words or as the numbers of its parameters."""

    tables: frozenset[str]
    changed: frozenset[str]
    registers: frozenset[str]
    places: tuple[int, ...]
    whole: bool
    actions: frozenset[str]


@lru_cache(MOST)
def understood(sql: str) -> Statement:
    """What the statement names. A register is known when every one of its tables is bound to a named one."""
    tables = _tables(sql)
    listed = [part for group in _LISTED.findall(sql) for part in re.findall(r"'\w+'|\$\d+", group)]
    said = {*_SAID.findall(sql), *(part.strip("'") for part in listed if part.startswith("'"))}
    places = (*map(int, _GIVEN.findall(sql)), *(int(part[1:]) for part in listed if part.startswith("$")))
    bound = len(_GIVEN.findall(sql)) + len(_SAID.findall(sql)) + len(_LISTED.findall(sql)) + len(_SAME.findall(sql))
    whole = bound < len(_REGISTER_ROWS.findall(sql)) or not (said or places)
    changed = frozenset(word.lower() for word in _TARGET.findall(sql)) & migrations.TABLES
    return Statement(tables, changed, frozenset(said), places, whole, frozenset(_ACTION.findall(sql)))


def _tables(sql: str) -> frozenset[str]:
    words = {word.lower() for word in _TABLE.findall(sql)}
    return frozenset(words & migrations.TABLES).union(*(tables for view, tables in _views().items() if view in words))


@lru_cache(1)
def _views() -> dict[str, frozenset[str]]:
    """The tables behind each view, in all its versions."""
    found: dict[str, frozenset[str]] = {}
    for _, statements in (*migrations.STATE, *migrations.FACTS):
        for sql in statements:
            view = re.match(r"\s*CREATE (?:OR REPLACE )?VIEW (\w+)", sql)
            if view:
                tables = frozenset(word.lower() for word in _TABLE.findall(sql)) & migrations.TABLES
                found[view[1]] = found.get(view[1], frozenset()) | tables
    return found


def of_reading(sql: str, params: Sequence[Any], among: frozenset[str] = migrations.TABLES) -> set[str]:
    """What a statement reads among these tables: a column may bear the name of a table of the other database."""
    found = understood(sql)
    tables = found.tables & among
    marks = set(tables - REGISTER_TABLES - {AUDIT})
    if AUDIT in tables:
        marks |= {f"{AUDIT} {action}" for action in found.actions} or {AUDIT}
    if tables & REGISTER_TABLES:
        marks |= {REGISTERS} if found.whole else _named(found, params)
    return marks


def of_writing(sql: str, rows: Iterable[Sequence[Any]]) -> set[str]:
    """What a statement changes, run once for each row of parameters: everything, when it names no table that is known."""
    found = understood(sql)
    if not found.changed:
        return {EVERYTHING}
    marks = set(found.changed - REGISTER_TABLES)
    if found.changed & REGISTER_TABLES:
        if _INSERTED.match(sql):
            marks |= {f"register {row[0]}" for row in rows}
        else:
            marks |= {SOME_REGISTER} if found.whole else {mark for row in rows for mark in _named(found, row)}
    return marks


def _named(found: Statement, params: Sequence[Any]) -> set[str]:
    given = [params[place - 1] for place in found.places if place <= len(params)]
    return {f"register {name}" for name in (*found.registers, *given)}


def note(sql: str, params: Sequence[Any], among: frozenset[str] = migrations.TABLES) -> None:
    """Nothing; who keeps what is being read now knows of this statement."""
    reading = _reading.get()
    if reading is not None:
        reading |= of_reading(sql, params, among)


@contextmanager
def noting() -> Iterator[set[str]]:
    """What is read inside the block; whoever noted outside has read it too."""
    outer, marks = _reading.get(), set()
    token = _reading.set(marks)
    try:
        yield marks
    finally:
        _reading.reset(token)
        if outer is not None:
            outer |= marks


class Changes:
    """The number of the last change to each thing that can be read: `now` is that of the last of all."""

    def __init__(self) -> None:
        self._lock: threading.Lock
        self._last: dict[str, int]
        self._lock, self._last, self.now, self.told = threading.Lock(), {}, 0, 0

    def add(self, marks: Iterable[str], quiet: bool = False) -> None:
        """One more change, of these. `told` counts those that are not quiet."""
        with self._lock:
            self.now, self.told = self.now + 1, self.told + (not quiet)
            for mark in marks:
                self._last[mark] = self.now
                if mark.startswith("register ") or mark == SOME_REGISTER:
                    self._last[REGISTERS] = self.now

    def since(self, marks: Iterable[str], begun: int) -> bool:
        """Whether any of these has changed since the change of this number."""
        with self._lock:
            return any(self._last.get(name, 0) > begun for mark in (EVERYTHING, *marks) for name in (mark, _beside(mark)))


def _beside(mark: str) -> str:
    """A change that does not say which register it was is a change of each."""
    return SOME_REGISTER if mark.startswith("register ") else mark


@dataclass(frozen=True)
class _Value:
    value: Any
    marks: frozenset[str]
    begun: int


class Kept:
    """Values of one store, by the name of what is kept and a key; what several ask for at once is worked out once.

    Of each name the least used are forgotten first.
    """

    def __init__(self) -> None:
        self.changes = Changes()
        self._lock: threading.Lock = threading.Lock()
        self._values: dict[str, OrderedDict[Hashable, _Value]] = defaultdict(OrderedDict)
        self._makers: dict[Hashable, threading.Lock] = {}

    def get(self, name: str, key: Hashable, build: Callable[[], T], most: int = MOST) -> T:
        """What `build()` returns, or returned when nothing that it read has changed since."""
        found = self._standing(name, key)
        if found is None:
            with self._maker((name, key)):
                found = self._standing(name, key) or self._made(name, key, build, self.changes.now, most)
        return found.value

    def within(self, begun: int, name: str, key: Hashable, build: Callable[[], T], most: int = MOST) -> T:
        """The same for a read inside a snapshot that was begun at this change: it may be older than now."""
        return (self._standing(name, key) or self._made(name, key, build, begun, most)).value

    def recall(self, name: str, key: Hashable) -> Any:
        """The value that stands, or None."""
        found = self._standing(name, key)
        return found.value if found else None

    def remember(self, begun: int, name: str, key: Hashable, value: Any, marks: Iterable[str]) -> None:
        """Nothing; the value stands that was made from these in a snapshot begun at this change."""
        self._put(name, key, _Value(value, frozenset(marks), begun), MOST)

    def _standing(self, name: str, key: Hashable) -> _Value | None:
        with self._lock:
            found = self._values[name].get(key)
            if found is not None:
                self._values[name].move_to_end(key)
        if found is None or self.changes.since(found.marks, found.begun):
            return None
        reading = _reading.get()
        if reading is not None:
            reading |= found.marks
        return found

    def _made(self, name: str, key: Hashable, build: Callable[[], Any], begun: int, most: int) -> _Value:
        with noting() as marks:
            value = build()
        found = _Value(value, frozenset(marks), begun)
        self._put(name, key, found, most)
        return found

    def _put(self, name: str, key: Hashable, found: _Value, most: int) -> None:
        with self._lock:
            values = self._values[name]
            values[key] = found
            values.move_to_end(key)
            while len(values) > most:
                values.popitem(last=False)

    @contextmanager
    def _maker(self, key: Hashable) -> Iterator[None]:
        with self._lock:
            lock = self._makers.setdefault(key, threading.Lock())
        with lock:
            try:
                yield
            finally:
                with self._lock:
                    self._makers.pop(key, None)
