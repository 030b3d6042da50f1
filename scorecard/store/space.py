"""How much room the store takes, and when it was last copied: what an operator watches. No file of a database is opened."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from scorecard.store import backup
from scorecard.store.places import MEMORY, is_postgres
from scorecard.store.tx import Tx
from scorecard.store.unit import Engine


def taken(engine: Engine) -> int:
    """Bytes of a database, with the log of its last changes; 0 in memory."""
    if engine.place == MEMORY:
        return 0
    if not is_postgres(engine.place):
        return sum(_size(Path(engine.place + ending)) for ending in ("", ".wal"))
    with engine.unit(read_only=True) as unit:
        return Tx(unit.cursor, engine=engine).one("SELECT pg_database_size(current_database())")[0]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def last_backup(folder: Path) -> datetime | None:
    """When the newest backup in the folder was made (UTC), by its record; None without one. It is not verified here."""
    for path in backup.every(folder):
        try:
            return datetime.fromisoformat(json.loads((path / backup.RECORD).read_text("utf-8"))["made_at"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None
