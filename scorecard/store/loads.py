"""Loads: which file brought which figures, when, by whom, and the rows of it that were refused."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Iterable

from scorecard.core.periods import Period
from scorecard.store.engine import Tx

COLUMNS = """id, file_name, sha256, understood, rows_new, rows_changed, rows_known, rows_refused, covers_from, covers_to,
             author, time_zone, fiscal_start, loaded_at"""


@dataclass(frozen=True)
class Load:
    """One accepted file: counts of figures, the days that they cover, and the settings it was read under."""

    id: str
    file_name: str
    sha256: str
    understood: dict[str, Any]
    new: int
    changed: int
    known: int
    refused: int
    covers_from: date | None
    covers_to: date | None
    author: str
    time_zone: str
    fiscal_start: int
    loaded_at: datetime


def recent(tx: Tx, count: int = 200) -> list[Load]:
    """The last loads of files, the newest first."""
    return [_load(row) for row in tx.all(f"SELECT {COLUMNS} FROM load WHERE sha256 <> '' ORDER BY loaded_at DESC, id DESC LIMIT $1", [count])]


def by_content(tx: Tx, sha256: str) -> Load | None:
    """The last load of a file with this content."""
    row = tx.one(f"SELECT {COLUMNS} FROM load WHERE sha256 = $1 ORDER BY loaded_at DESC, id DESC LIMIT 1", [sha256])
    return _load(row) if row else None


def _load(row: tuple) -> Load:
    return Load(*row[:3], json.loads(row[3]), *row[4:])


def add(tx: Tx, load: Load) -> None:
    """Stores the record of a load; its author and time are the transaction's."""
    tx.run(f"""INSERT INTO load ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)""",
           [load.id, load.file_name, load.sha256, json.dumps(load.understood, ensure_ascii=False), load.new, load.changed,
            load.known, load.refused, load.covers_from, load.covers_to, tx.actor, load.time_zone, load.fiscal_start, tx.now])
    tx.audit("load figures", f"load:{load.id}", None,
             {"file": load.file_name, "sha256": load.sha256, "new": load.new, "changed": load.changed, "refused": load.refused})


def add_computed(tx: Tx, load: str, rows: Iterable[tuple[str, Period, str, str, str, float | None, float | None, float | None, bool]]) -> None:
    """Appends figures computed from facts, the last column says whether in part; none is ever overwritten."""
    tx.many("""INSERT INTO figure (measure, grain, starts, segment, team, csm, load, value, numerator, denominator, partial, loaded_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)""",
            [(measure, period.grain, period.start, segment, team, csm, load, value, top, bottom, partial, tx.now)
             for measure, period, segment, team, csm, value, top, bottom, partial in rows])


def computed(tx: Tx) -> set[str]:
    """The ids of the loads that computed figures from facts, instead of reading a file of them."""
    return {id for (id,) in tx.all("SELECT id FROM load WHERE sha256 = ''")}


def origins(tx: Tx, measure: str) -> tuple[int, list[str]]:
    """(how many loads computed figures of the measure from facts, the files that brought figures of it)."""
    rows = tx.all("""SELECT DISTINCT load.id, load.file_name, load.sha256 FROM figure JOIN load ON load.id = figure.load
                     WHERE figure.measure = $1 ORDER BY load.file_name""", [measure])
    files = list(dict.fromkeys(name for _, name, sha256 in rows if sha256))
    return sum(1 for *_, sha256 in rows if not sha256), files


def add_figures(tx: Tx, load: str, rows: Iterable[tuple[str, Period, str, str, str, float | None, float | None, float | None]]) -> None:
    """Appends figures (measure, period, segment, team, csm, value, numerator, denominator); none is ever overwritten."""
    tx.many("""INSERT INTO figure (measure, grain, starts, segment, team, csm, load, value, numerator, denominator, loaded_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
            [(measure, period.grain, period.start, segment, team, csm, load, value, top, bottom, tx.now)
             for measure, period, segment, team, csm, value, top, bottom in rows])


def with_figures(tx: Tx) -> set[str]:
    """The measures that have at least one figure."""
    return {name for (name,) in tx.all("SELECT DISTINCT measure FROM figure")}


def measures_of(tx: Tx) -> dict[str, set[str]]:
    """The measures that have figures of a load, by the load's id."""
    found: dict[str, set[str]] = {}
    for load, measure in tx.all("SELECT DISTINCT load, measure FROM figure"):
        found.setdefault(load, set()).add(measure)
    return found


def take_turns(tx: Tx) -> None:
    """Makes two loads at the same time conflict: the second is done again, and sees what the first has stored.

    A load claims its place behind the last one; an UPDATE that changes nothing would be no conflict on DuckDB.
    """
    last = tx.one("SELECT id FROM load ORDER BY loaded_at DESC, id DESC LIMIT 1")
    tx.run("INSERT INTO nonce (id, used_at) VALUES ($1, $2)", [f"load after {last[0] if last else 'none'}", tx.now])


def quarantine(tx: Tx, load: str, rows: Iterable[tuple[int, str, str]]) -> None:
    """Keeps refused rows (number, text, reason) in the facts store."""
    tx.many("INSERT INTO source_row (load, row_number, text, outcome, reason) VALUES ($1, $2, $3, 'refused', $4)",
            [(load, number, text, reason) for number, text, reason in rows])


def release(tx: Tx, load: str) -> None:
    """Deletes the kept rows of a load that did not happen."""
    tx.run("DELETE FROM source_row WHERE load = $1", [load])


def quarantined(tx: Tx, load: str) -> list[tuple[int, str, str]]:
    """The refused rows of a load: number, text, reason."""
    return tx.all("SELECT row_number, text, reason FROM source_row WHERE load = $1 ORDER BY row_number", [load])
