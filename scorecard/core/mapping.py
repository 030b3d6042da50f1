"""How the columns of a file become the columns of a fact: what MAPPING proposes, the user corrects, and typing carries out.

A file may feed several kinds of facts: it has a list of mappings. A fact column that no mapping names is left as the
store has it, so that two files can each bring their part of an account.
"""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import asdict, dataclass, field
from typing import Any

DAY_FIRST, MONTH_FIRST = "day-first", "month-first"


@dataclass(frozen=True)
class Rule:
    """How the text of one fact column is read. Each is optional; blank means as the content says.

    `date_order` day-first or month-first; `decimal` "." or ","; `true` and `false` the words of a flag (any case);
    `divide` numbers by this (100 for cents, 12 for a year's amount); `constant` a text instead of a file column;
    `values` the file's word -> ours (any case); `prefix` before a text (ids of two sources apart);
    `zone` of a moment without an offset, as "Europe/Berlin"; blank is UTC.
    """

    date_order: str = ""
    decimal: str = ""
    true: tuple[str, ...] = ()
    false: tuple[str, ...] = ()
    divide: float = 1.0
    constant: str = ""
    values: Dictionary[str, str] = field(default_factory=dict)
    prefix: str = ""
    zone: str = ""


@dataclass(frozen=True)
class Spread:
    """A wide table, one column a month: each of `columns` (file column -> text, as "2026-01") becomes a row of its own.

    The text goes into the fact column `into`, the cell into the fact column `value`; a blank cell is no row.
    """

    into: str
    value: str
    columns: Dictionary[str, str]


@dataclass(frozen=True)
class Mapping:
    """One kind of fact from one file.

    `columns` fact column -> file column; `rules` fact column -> how it is read (a constant needs no file column).
    Splits: `where` file column -> the values (any case) of the rows that are meant, others are passed over;
    `where_not` the same, turned round; `only_when` fact columns that are filled in a row of this kind.
    `key_from` fact columns that name a row when the file has no id (blank: every mapped column that is no amount);
    `latest_by` the fact column whose greatest value stays when a key comes more than once (blank: such rows are refused
    unless they say the same); `part` when the file brings only a part of each row and another file the rest, so that
    required columns may be missing.
    """

    kind: str
    columns: Dictionary[str, str] = field(default_factory=dict)
    rules: Dictionary[str, Rule] = field(default_factory=dict)
    where: Dictionary[str, tuple[str, ...]] = field(default_factory=dict)
    where_not: Dictionary[str, tuple[str, ...]] = field(default_factory=dict)
    only_when: tuple[str, ...] = ()
    key_from: tuple[str, ...] = ()
    latest_by: str = ""
    spread: Spread | None = None
    part: bool = False

    def rule(self, column: str) -> Rule:
        """How this fact column is read."""
        return self.rules.get(column, _PLAIN)

    @property
    def brings(self) -> tuple[str, ...]:
        """The fact columns that this mapping fills, in the order of their names."""
        constants = {name for name, rule in self.rules.items() if rule.constant}
        spread = {self.spread.into, self.spread.value} if self.spread else set()
        return tuple(sorted(set(self.columns) | constants | spread))


_PLAIN = Rule()


def as_json(mapping: Mapping) -> dict[str, Any]:
    """The mapping as plain JSON."""
    return asdict(mapping)


def from_json(said: Dictionary[str, Any]) -> Mapping:
    """The mapping that `as_json` wrote."""
    rules = {name: Rule(**{**rule, "true": tuple(rule["true"]), "false": tuple(rule["false"])})
             for name, rule in said["rules"].items()}
    lists = {name: {key: tuple(values) for key, values in said[name].items()} for name in ("where", "where_not")}
    spread = Spread(**said["spread"]) if said["spread"] else None
    return Mapping(**{**said, **lists, "rules": rules, "spread": spread, "only_when": tuple(said["only_when"]),
                      "key_from": tuple(said["key_from"])})
