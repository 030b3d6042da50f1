"""Tables that a loader keeps in a DuckDB file or a folder of Parquet files: each is recognised as an export would be.

They are read where they are. What is not a table of facts is passed over with the reason, since a warehouse holds more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from scorecard import exports, loading_facts
from scorecard.access import Actor
from scorecard.errors import FileRefused
from scorecard.intake import reader
from scorecard.intake.reader import Watch
from scorecard.intake.table import COMMAND_LINE, Limits, Table
from scorecard.store.engine import Store

MOST_TABLES = 200
FIGURES = "it holds figures. Save it as a file and load that."


@dataclass(frozen=True)
class Looked:
    """The tables of facts in the order in which they are loaded, accounts first, staged; and (table, why) of the others."""

    tables: tuple[Table, ...]
    passed: tuple[tuple[Table, str], ...]

    def close(self) -> None:
        """Everything staged is gone."""
        for table in (*self.tables, *(one for one, _ in self.passed)):
            reader.discard(table)


def _untold(share: float, words: str) -> None:
    """Nobody wants to know how far it is."""


def look(store: Store, actor: Actor, place: Path, only: str = "", choices: Mapping[str, str] | None = None, map_text: str = "",
         map_name: str = "", limits: Limits = COMMAND_LINE, watch: Watch = reader.unwatched,
         tell: Callable[[float, str], None] = _untold) -> Looked:
    """The tables of a place, read and recognised; of one table when it is named. Raises FileRefused without such a table."""
    found = loading_facts.tables(store, actor, place, limits, watch)
    names = [one.name for one in found if only in ("", one.name)]
    _refuse_count(place, [one.name for one in found], names, only)
    ranked: list[tuple[int, Table]] = []
    passed: list[tuple[Table, str]] = []
    try:
        for number, name in enumerate(names):
            tell(number / len(names), f"{name} is read")
            table = loading_facts.read_in_place(store, actor, place, name, limits, watch)
            passed.append((table, ""))
            rank, why = _ranked(store, actor, table, dict(choices or {}), map_text, map_name)
            passed.pop()
            passed.append((table, why)) if why else ranked.append((rank, table))
    except BaseException:
        Looked(tuple(table for _, table in ranked), tuple(passed)).close()
        raise
    return Looked(tuple(table for _, table in sorted(ranked, key=lambda one: one[0])), tuple(passed))


def _refuse_count(place: Path, there: list[str], names: list[str], only: str) -> None:
    if not names:
        listed = f" It has: {', '.join(there[:12])}." if there else ""
        raise FileRefused(f"{place.name}: there is no table '{only}'.{listed}" if only else f"{place.name} has no tables.")
    if len(names) > MOST_TABLES:
        raise FileRefused(f"{place.name} has {len(names):,} tables; {MOST_TABLES} are read at once. Name one with --table NAME.")


def _ranked(store: Store, actor: Actor, table: Table, choices: dict[str, str], map_text: str, map_name: str) -> tuple[int, str]:
    """(where it stands among the others, why it is passed over or "")."""
    try:
        proposed = exports.look(store, actor, table, choices, map_text, map_name)
    except FileRefused as error:
        if map_text:
            raise
        return 0, str(error).removeprefix(f"{table.name}: ")
    return exports.rank(proposed), "" if proposed else FIGURES
