"""Maps of columns that people accepted, by the column names of the file: used again when the same names come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scorecard.store.tx import Tx

COLUMNS = "header, version, file_name, body, author, saved_at"


@dataclass(frozen=True)
class Kept:
    """One kept map: the mark of the column names, which version, the file it was made for, by whom and when."""

    header: str
    version: int
    file_name: str
    body: str
    author: str
    saved_at: datetime


def find(tx: Tx, header: str) -> Kept | None:
    """The last map for these column names."""
    row = tx.one(f"SELECT {COLUMNS} FROM column_map WHERE header = $1 ORDER BY version DESC LIMIT 1", [header])
    return Kept(*row) if row else None


def keep(tx: Tx, header: str, file_name: str, body: str) -> bool:
    """Whether a new version was kept; a map that says what the last one says is not kept twice."""
    last = find(tx, header)
    if last and last.body == body:
        return False
    version = last.version + 1 if last else 1
    tx.run(f"INSERT INTO column_map ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)", [header, version, file_name, body, tx.actor, tx.now])
    tx.audit("keep map", f"map:{header[:12]}", last.body if last else None, body)
    return True


def history(tx: Tx, header: str) -> list[Kept]:
    """Every version of the map for these column names, the newest first."""
    rows = tx.all(f"SELECT {COLUMNS} FROM column_map WHERE header = $1 ORDER BY version DESC", [header])
    return [Kept(*row) for row in rows]
