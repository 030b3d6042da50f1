"""Facts that exports bring, in the facts store: one table a kind, what stood before in its `_past` twin.

Rows come as a staged Parquet file of typed columns, each key once; everything here is done for all of them at once.
A column that the file does not bring keeps what the store has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from scorecard.core.facts import KINDS, Kind
from scorecard.store import health_scores
from scorecard.store.tx import Tx


@dataclass(frozen=True)
class Staged:
    """A staged Parquet file: typed columns by their names, or (`reading`) columns of text and the SQL that reads each."""

    path: Path
    reading: tuple[tuple[str, str], ...] = ()

    def rows(self, place: str = "$1") -> str:
        """SQL of its rows; the parameter is the path."""
        if not self.reading:
            return f"read_parquet({place})"
        return f"(SELECT {', '.join(f'{sql} AS {name}' for name, sql in self.reading)} FROM read_parquet({place}))"


@dataclass(frozen=True)
class Put:
    """What a staged file is to the store: rows that are new, that say otherwise, that are known already."""

    new: int
    changed: int
    known: int


@dataclass(frozen=True)
class Coverage:
    """How far a kind of facts reaches: first and last day, rows, the id and time (UTC) of the last load."""

    first: date | None
    last: date | None
    rows: int
    load: str
    loaded_at: datetime | None


@dataclass(frozen=True)
class Difference:
    """One cell that a staged file has otherwise: its row in the file, its key, the column, what was and what is."""

    row_number: int
    key: str
    column: str
    was: str
    now: str


@dataclass(frozen=True)
class Orphans:
    """Rows of a kind that name an account (or subscription) which is not there: rows, names, three of them."""

    kind: str
    column: str
    rows: int
    names: int
    examples: tuple[str, ...]


# -- putting

def put(tx: Tx, kind: Kind, staged: Staged, load: str, now: datetime | None = None) -> Put:
    """Counts of what was stored. What a row said before is kept in the past of its table."""
    brought = columns_of(tx, kind, staged)
    counted = compare(tx, kind, staged)
    if counted.changed:
        _keep_past(tx, kind, brought, staged, load, now or tx.now)
        _restate(tx, kind, brought, staged, load)
    if counted.new:
        _insert(tx, kind, brought, staged, load)
    return counted


def compare(tx: Tx, kind: Kind, staged: Staged) -> Put:
    """What storing a staged file would do."""
    brought = columns_of(tx, kind, staged)
    rows = tx.one("SELECT COUNT(*) FROM read_parquet($1)", [str(staged.path)])[0]
    if is_empty(tx, kind):
        return Put(rows, 0, 0)
    found, changed = tx.one(
        f"""SELECT COUNT(*), COUNT(*) FILTER (WHERE {_differs(kind, brought)})
            FROM {staged.rows()} AS staged JOIN {kind.table} AS stored ON {_same_key(kind)}""", [str(staged.path)])
    return Put(rows - found, changed, found - changed)


def is_empty(tx: Tx, kind: Kind) -> bool:
    """Whether a kind has no row yet."""
    return tx.one(f"SELECT 1 FROM {kind.table} LIMIT 1") is None


def columns_of(tx: Tx, kind: Kind, staged: Staged) -> tuple[str, ...]:
    """The columns of a kind that a staged file brings, in the kind's order."""
    there = {name for name, *_ in tx.all(f"DESCRIBE SELECT * FROM {staged.rows()} AS staged", [str(staged.path)])}
    return tuple(column.name for column in kind.columns if column.name in there)


def _same_key(kind: Kind) -> str:
    return " AND ".join(f"stored.{name} = staged.{name}" for name in kind.key)


def _differs(kind: Kind, brought: Sequence[str]) -> str:
    others = [name for name in brought if name not in kind.key]
    return " OR ".join(f"stored.{name} IS DISTINCT FROM staged.{name}" for name in others) or "FALSE"


def _keep_past(tx: Tx, kind: Kind, brought: Sequence[str], staged: Staged, load: str, now: datetime) -> None:
    names = ", ".join((*(column.name for column in kind.columns), "load", "row_number"))
    tx.run(f"""INSERT INTO {kind.table}_past ({names}, superseded_by, superseded_at)
               SELECT {', '.join(f'stored.{name.strip()}' for name in names.split(','))}, $2, $3
               FROM {kind.table} AS stored JOIN {staged.rows()} AS staged ON {_same_key(kind)}
               WHERE {_differs(kind, brought)}""", [str(staged.path), load, now])


def _restate(tx: Tx, kind: Kind, brought: Sequence[str], staged: Staged, load: str) -> None:
    values = ", ".join(f"{name} = staged.{name}" for name in (*brought, "row_number") if name not in kind.key)
    tx.run(f"""UPDATE {kind.table} AS stored SET {values}, load = $2
               FROM {staged.rows()} AS staged
               WHERE {_same_key(kind)} AND ({_differs(kind, brought)})""", [str(staged.path), load])


def _insert(tx: Tx, kind: Kind, brought: Sequence[str], staged: Staged, load: str) -> None:
    names = ", ".join(brought)
    missing = "" if is_empty(tx, kind) else \
        f"WHERE NOT EXISTS (SELECT 1 FROM {kind.table} AS stored WHERE {_same_key(kind)})"
    tx.run(f"""INSERT INTO {kind.table} ({names}, load, row_number)
               SELECT {names}, $2, row_number FROM {staged.rows()} AS staged {missing}""", [str(staged.path), load])


def record(tx: Tx, kind: Kind, load: str, file_name: str, sha256: str, put: Put,
           days: tuple[date | None, date | None], now: datetime | None = None) -> None:
    """Nothing; the store of facts knows of the load itself, and how far its rows of this kind reach."""
    tx.run("""INSERT INTO fact_load (load, kind, file_name, sha256, rows_new, rows_changed, rows_known, first_day, last_day,
                                     loaded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
           [load, kind.table, file_name, sha256, put.new, put.changed, put.known, *days, now or tx.now])


def quarantine(tx: Tx, load: str, path: Path) -> int:
    """How many refused rows (number, text, reason) of a staged file were kept."""
    tx.run("""INSERT INTO source_row (load, row_number, text, outcome, reason)
              SELECT $2, row_number, text, 'refused', reason FROM read_parquet($1)""", [str(path), load])
    return tx.one("SELECT COUNT(*) FROM source_row WHERE load = $1", [load])[0]


def take_back(tx: Tx, loads: Sequence[str]) -> None:
    """Nothing; what the last loads brought is gone, and what they restated stands as before them. Health scores made of them are gone too."""
    for kind in KINDS.values():
        names = ", ".join((*(column.name for column in kind.columns), "load", "row_number"))
        tx.run(f"DELETE FROM {kind.table} WHERE list_contains($1, load)", [list(loads)])
        tx.run(f"""INSERT INTO {kind.table} ({names}) SELECT {names} FROM {kind.table}_past
                   WHERE list_contains($1, superseded_by) AND NOT list_contains($1, load)""", [list(loads)])
        tx.run(f"DELETE FROM {kind.table}_past WHERE list_contains($1, superseded_by)", [list(loads)])
    tx.run("DELETE FROM fact_load WHERE list_contains($1, load)", [list(loads)])
    tx.run("DELETE FROM source_row WHERE list_contains($1, load)", [list(loads)])
    health_scores.forget(tx)


# -- reading

def counts(tx: Tx) -> dict[str, int]:
    """Rows of each kind."""
    return {table: tx.one(f"SELECT COUNT(*) FROM {table}")[0] for table in KINDS}


def coverage(tx: Tx) -> dict[str, Coverage]:
    """How far each kind that has rows reaches, by the column that dates it."""
    found = {table: _coverage(tx, kind) for table, kind in KINDS.items()}
    return {table: reach for table, reach in found.items() if reach.rows}


def _coverage(tx: Tx, kind: Kind) -> Coverage:
    rows, first, last = tx.one(f"""SELECT COUNT(*), CAST(MIN({kind.dated_by}) AS DATE), CAST(MAX({kind.dated_by}) AS DATE)
                                   FROM {kind.table}""")
    load = tx.one("SELECT load, loaded_at FROM fact_load WHERE kind = $1 ORDER BY loaded_at DESC, load DESC LIMIT 1", [kind.table])
    return Coverage(first, last, rows, *(load or ("", None)))


def rows(tx: Tx, kind: Kind, *, account_id: str = "", load: str = "", limit: int = 100, offset: int = 0) -> list[dict[str, Any]]:
    """Rows of a kind by the names of their columns, in the order of their keys; of one account or load when it is named."""
    names = [*(column.name for column in kind.columns), "load", "row_number"]
    has_account = any(column.name == "account_id" for column in kind.columns)
    wanted = [("account_id", account_id)] * bool(account_id and has_account) + [("load", load)] * bool(load)
    where = " AND ".join(f"{name} = ${i}" for i, (name, _) in enumerate(wanted, 3)) or "TRUE"
    found = tx.all(f"SELECT {', '.join(names)} FROM {kind.table} WHERE {where} ORDER BY {', '.join(kind.key)} LIMIT $1 OFFSET $2",
                   [limit, offset, *(value for _, value in wanted)])
    return [dict(zip(names, row)) for row in found]


def past(tx: Tx, kind: Kind, limit: int = 100) -> list[dict[str, Any]]:
    """What rows of a kind said before they were restated, the latest restated first."""
    names = [*(column.name for column in kind.columns), "load", "row_number", "superseded_by", "superseded_at"]
    found = tx.all(f"SELECT {', '.join(names)} FROM {kind.table}_past ORDER BY superseded_at DESC, {', '.join(kind.key)} LIMIT $1",
                   [limit])
    return [dict(zip(names, row)) for row in found]


def differences(tx: Tx, kind: Kind, staged: Staged, limit: int = 20) -> list[Difference]:
    """The first cells that a staged file has otherwise than the store, by row."""
    if is_empty(tx, kind):
        return []
    found: list[Difference] = []
    key = " || ' ' || ".join(f"CAST(staged.{name} AS VARCHAR)" for name in kind.key)
    for name in columns_of(tx, kind, staged):
        if name not in kind.key:
            found += [Difference(number, key_text, name, was or "", now or "") for number, key_text, was, now in tx.all(
                f"""SELECT staged.row_number, {key}, CAST(stored.{name} AS VARCHAR), CAST(staged.{name} AS VARCHAR)
                    FROM {staged.rows()} AS staged JOIN {kind.table} AS stored ON {_same_key(kind)}
                    WHERE stored.{name} IS DISTINCT FROM staged.{name} ORDER BY staged.row_number LIMIT $2""", [str(staged.path), limit])]
    return sorted(found, key=lambda one: (one.row_number, one.column))[:limit]


def orphans(tx: Tx, kind: Kind) -> list[Orphans]:
    """Facts in the store of accounts, or subscriptions, that are not in it: kept, and said."""
    return [one for column, parent in _parents(kind) if (one := _orphans(tx, kind, column, parent, kind.table, []))]


def staged_orphans(tx: Tx, kind: Kind, staged: Staged, beside: Iterable[Staged] = ()) -> list[Orphans]:
    """The same for a staged file, where the accounts that the same load brings (`beside`) count as there."""
    brought, together = columns_of(tx, kind, staged), list(beside)
    return [one for column, parent in _parents(kind)
            if column in brought and (one := _orphans(tx, kind, column, parent, staged.rows(), [str(staged.path)], together))]


def _parents(kind: Kind) -> list[tuple[str, str]]:
    """(column, the kind it names) for what refers to another kind."""
    names = {column.name for column in kind.columns} - set(kind.key if len(kind.key) == 1 else ())
    return [(column, parent) for column, parent in (("account_id", "account"), ("subscription_id", "subscription"))
            if column in names and kind.table != parent]


def _orphans(tx: Tx, kind: Kind, column: str, parent: str, source: str, params: list[Any],
             beside: Sequence[Staged] = ()) -> Orphans | None:
    beside = beside if parent == "account" else ()
    also = "".join(f" AND {column} NOT IN (SELECT {column} FROM {one.rows(f'${place}')} AS beside)" for place, one in enumerate(beside, 2))
    # Counted first: there are fewer names than rows.
    found = tx.all(f"""SELECT {column}, rows FROM (SELECT {column}, COUNT(*) AS rows FROM {source} AS all_of
                                                   WHERE {column} IS NOT NULL GROUP BY {column}) AS named
                       WHERE NOT EXISTS (SELECT 1 FROM {parent} AS there WHERE there.{column} = named.{column}){also}
                       ORDER BY {column}""", [*params, *(str(one.path) for one in beside)])
    if not found:
        return None
    return Orphans(kind.table, column, sum(count for _, count in found), len(found), tuple(name for name, _ in found[:3]))
