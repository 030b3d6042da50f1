"""The newest commit of the facts, known by an id in the file and beside it: a log of changes that was cut off is found at the next start."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from scorecard.store import audit
from scorecard.store.places import MEMORY
from scorecard.store.tx import Tx

TABLE = "committed"


class FactsHead:
    """The file beside the facts. It may be behind them after a crash, never ahead."""

    def __init__(self, facts: str | Path):
        self.path = None if str(facts) == MEMORY else Path(facts).with_name(f"{Path(facts).name}.head")

    def read(self) -> str:
        """The id of the newest commit that was noted; "" without one."""
        try:
            return str(json.loads(self.path.read_text("utf-8"))["commit"]) if self.path else ""
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def save(self, commit: str) -> None:
        """Nothing; the id is on the disk. Raises OSError when it cannot be."""
        if self.path is None:
            return
        if commit:
            audit.write_whole(self.path, json.dumps({"commit": commit}) + "\n")
        else:
            self.path.unlink(missing_ok=True)


def mark(tx: Tx) -> str:
    """The id of this commit, written with it."""
    commit = secrets.token_hex(8)
    tx.run("INSERT INTO committed VALUES ($1, $2)", (commit, tx.now))
    return commit


def newest(tx: Tx) -> str:
    """The id of the newest commit in the facts; "" when none was marked."""
    row = tx.one("SELECT id FROM committed ORDER BY made_at DESC, id LIMIT 1")
    return row[0] if row else ""


def is_kept(tx: Tx) -> bool:
    """Whether these facts mark their commits: those of an older version do not."""
    return tx.one("SELECT 1 FROM information_schema.tables WHERE table_name = $1 AND table_schema = current_schema()"
                  " AND table_catalog = current_database()", (TABLE,)) is not None


def holds(tx: Tx, commit: str) -> bool:
    """Whether the facts hold this commit."""
    return tx.one("SELECT 1 FROM committed WHERE id = $1", (commit,)) is not None


def forget_before(tx: Tx, commit: str) -> None:
    """Nothing; only the newest commit keeps its mark."""
    if tx.one("SELECT COUNT(*) FROM committed")[0] > 1 and commit:
        tx.run("DELETE FROM committed WHERE id <> $1", (commit,))
