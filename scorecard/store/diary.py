"""The calendar as rows: what is planned when, who owns it, and whether it was held, missed or moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from scorecard.errors import StaleEdit, UsageError
from scorecard.store import members
from scorecard.store.tx import Tx

_COLUMNS = """id, kind, title, object, planned, begins, owner, state, held_on, moved_from, note, made_by, made_at,
              changed_by, changed_at, version, ends"""


@dataclass(frozen=True)
class Entry:
    """One entry. `owner` is a person's id, `begins` a time such as 14:00, `object` what it is about; `ends` is the last day of a span.

    `state` is planned, moved (planned on another day than at first, which is `moved_from`), held or missed.
    """

    id: str
    kind: str
    title: str
    object: str
    planned: date
    begins: str
    owner: str
    state: str
    held_on: date | None
    moved_from: date | None
    note: str
    made_by: str
    made_at: datetime
    changed_by: str
    changed_at: datetime
    version: int
    ends: date | None = None

    @property
    def open(self) -> bool:
        """Whether it is still to come, or to be said whether it was held."""
        return self.state in ("planned", "moved")

    @property
    def on_time(self) -> bool:
        """Whether it was held by the day on which it was planned at first."""
        return self.held_on is not None and self.held_on <= (self.moved_from or self.planned)


def insert(tx: Tx, entry: Entry) -> None:
    """Nothing; the entry is written at version 1, by the actor of the transaction."""
    tx.run(
        f"""INSERT INTO calendar_entry ({_COLUMNS})
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $12, $13, 1, $14)""",
        [entry.id, entry.kind, entry.title, entry.object, entry.planned, entry.begins, entry.owner, entry.state,
         entry.held_on, entry.moved_from, entry.note, tx.actor, tx.now, entry.ends],
    )


def update(tx: Tx, entry: Entry) -> None:
    """Nothing; the entry is changed where it still has `entry.version`. Raises StaleEdit with what is stored now."""
    row = tx.one(
        """UPDATE calendar_entry SET planned = $1, begins = $2, owner = $3, state = $4, held_on = $5, moved_from = $6,
                  note = $7, changed_by = $8, changed_at = $9, ends = $12, version = version + 1
           WHERE id = $10 AND version = $11 RETURNING version""",
        [entry.planned, entry.begins, entry.owner, entry.state, entry.held_on, entry.moved_from, entry.note,
         tx.actor, tx.now, entry.id, entry.version, entry.ends],
    )
    if row is None:
        now = one(tx, entry.id)
        raise StaleEdit(
            f"Not saved: {now.changed_by} changed {now.title} meanwhile. Now stored: {now.state}, "
            f"{now.held_on or now.planned}. Look at it, then save again."
        )


def delete(tx: Tx, entry: Entry) -> None:
    """Nothing; a planned entry is gone. What was held or missed is history and stays."""
    tx.run("DELETE FROM calendar_entry WHERE id = $1 AND state = 'planned'", [entry.id])


def every(tx: Tx, kind: str = "") -> list[Entry]:
    """All entries, of one kind or of all, by day."""
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM calendar_entry WHERE $1 = '' OR kind = $1 ORDER BY planned, begins, kind, title, id",
        [kind],
    )
    return [Entry(*row) for row in rows]


def one(tx: Tx, entry_id: str) -> Entry:
    """One entry by its id. Raises UsageError when there is none."""
    row = tx.one(f"SELECT {_COLUMNS} FROM calendar_entry WHERE id = $1", [entry_id])
    if row is None:
        raise UsageError(f"There is no calendar entry {entry_id!r}. List them with: python -m scorecard diary list")
    return Entry(*row)


def about(tx: Tx, object: str) -> Entry | None:
    """The newest entry about an object; None when there is none."""
    row = tx.one(
        f"SELECT {_COLUMNS} FROM calendar_entry WHERE object = $1 ORDER BY planned DESC, made_at DESC, id LIMIT 1",
        [object],
    )
    return Entry(*row) if row else None


def owner_exists(tx: Tx, owner: str) -> bool:
    """Whether the owner is a person; nobody ("") is allowed."""
    return not owner or members.person(tx, owner) is not None
