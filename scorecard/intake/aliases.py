"""What columns are called in the exports of known tools: the file `data/maps.toml`, read once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from scorecard.core.names import bare

FILE = Path(__file__).resolve().parents[2] / "data" / "maps.toml"
_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[a-z])(?=ID\b)")


@dataclass(frozen=True)
class Known:
    """A kind of fact as exports write it: names of each column, what has to be there, what gives it away."""

    kind: str
    columns: Mapping[str, tuple[str, ...]]
    needs: tuple[tuple[str, ...], ...]
    file: tuple[str, ...]
    telling: tuple[str, ...]
    divide: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class ToolTable:
    """A table of a known tool. `passed` says why no measure uses it; blank when its columns have a place."""

    tool: str
    title: str
    signs: frozenset[str]
    facts: tuple[Mapping[str, Any], ...] = ()
    zone: str = ""
    scale: str = ""
    rows: Mapping[str, Any] = field(default_factory=dict)
    passed: str = ""


@dataclass(frozen=True)
class Aliases:
    """Everything that `data/maps.toml` says."""

    kinds: Mapping[str, Known]
    tables: tuple[ToolTable, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    minor: tuple[str, ...]
    values: Mapping[tuple[str, str], Mapping[str, str]]
    row_ids: tuple[str, ...]
    accounts: tuple[str, ...]


@lru_cache(maxsize=65_536)
def plain(name: str) -> str:
    """A column's name as it is compared: `Account_ID`, `accountId`, `Account ID (18)` are all `account id`."""
    text = _BRACKETS.sub("", _CAMEL.sub(" ", name)) or name
    text = re.sub(r"[^0-9a-z]+", " ", bare(text)).strip()
    text = text.removeprefix("property ")
    return text.removesuffix(" c") or text


def bracketed(name: str) -> str:
    """What stands in brackets in a column's name, as it is compared: `in minutes`, `utc`; else nothing."""
    found = _BRACKETS.search(name)
    return " ".join(bare(found[1]).split()) if found else ""


@lru_cache(maxsize=4)
def load(path: Path = FILE) -> Aliases:
    """The aliases in a file."""
    said = tomllib.loads(path.read_text("utf-8"))
    values = said["values"]
    kinds = {name: _known(name, one, said["ids"]) for name, one in said["kind"].items()}
    tables = [_table(one) for one in said["table"]] + [_passed(one) for one in said["passed"]]
    words = {(kind, column): {word: ours for ours, those in by.items() for word in those}
             for kind, columns in values.items() if isinstance(columns, dict) for column, by in columns.items()}
    return Aliases(kinds, tuple(tables), tuple(values["yes"]), tuple(values["no"]), tuple(values["minor_units"]), words,
                   tuple(said["ids"]["row"]), tuple(said["ids"]["account"]))


def _known(name: str, said: Mapping[str, Any], ids: Mapping[str, list[str]]) -> Known:
    columns = {column: tuple(names) for column, names in said["columns"].items()}
    columns["account_id"] = tuple(ids["account"])
    return Known(name, columns, tuple(tuple(group) for group in said["needs"]), tuple(said["file"]),
                 tuple(said.get("one_of_many", ())), said.get("divide", {}))


def _table(said: Mapping[str, Any]) -> ToolTable:
    return ToolTable(said["tool"], said["title"], frozenset(said["signs"]), tuple(said["facts"]), said.get("zone", ""),
                     said.get("scale", ""), said.get("choose_rows", {}))


def _passed(said: Mapping[str, Any]) -> ToolTable:
    return ToolTable("", said["title"], frozenset(said["signs"]), passed=said["why"])
