"""Sources: where files come from and when they are expected; and arrivals, the files of a source that were seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from scorecard.errors import StaleEdit, UsageError
from scorecard.store.tx import Tx

COLUMNS = """id, name, way, place, pattern, cadence, expected_day, owner, leave_out, choices, last_load, tried_at,
             paused, version, changed_by, changed_at"""
SEEN = "source, sha256, file_name, place, size, outcome, message, said, load, version, arrived_at"


@dataclass(frozen=True)
class Source:
    """Files that come again and again. `expected_day` counts from the end of a period; `choices` are answers kept."""

    id: str
    name: str
    way: str
    place: str
    pattern: str
    cadence: str
    expected_day: int
    owner: str
    leave_out: bool
    choices: dict[str, str]
    last_load: str
    tried_at: datetime | None
    paused: bool
    version: int
    changed_by: str
    changed_at: datetime | None


@dataclass(frozen=True)
class Arrival:
    """A file of a source, known by its content. `said` holds its questions, warnings and counts."""

    source: str
    sha256: str
    file_name: str
    place: str
    size: int
    outcome: str
    message: str
    said: dict[str, Any]
    load: str
    version: int
    arrived_at: datetime | None


def every(tx: Tx) -> list[Source]:
    """All sources by name."""
    return sorted(
        (_source(row) for row in tx.all(f"SELECT {COLUMNS} FROM source")), key=lambda one: one.name.casefold()
    )


def get(tx: Tx, identity: str) -> Source | None:
    """One source by its id."""
    row = tx.one(f"SELECT {COLUMNS} FROM source WHERE id = $1", [identity])
    return _source(row) if row else None


def _source(row: tuple) -> Source:
    return Source(*row[:9], json.loads(row[9]), *row[10:])


def _body(one: Source) -> dict[str, Any]:
    return {
        "name": one.name,
        "way": one.way,
        "place": one.place,
        "pattern": one.pattern,
        "cadence": one.cadence,
        "expected_day": one.expected_day,
        "owner": one.owner,
        "leave_out": one.leave_out,
        "choices": one.choices,
        "paused": one.paused,
    }


def add(tx: Tx, one: Source) -> None:
    """Stores a new source. Raises UsageError when its name is taken."""
    _refuse_taken(tx, one)
    tx.run(
        f"""INSERT INTO source ({COLUMNS})
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', NULL, $11, 0, $12, $13)""",
        [
            one.id,
            *_fields(one),
            tx.actor,
            tx.now,
        ],
    )
    tx.audit("add source", f"source:{one.id}", None, _body(one))


def _fields(one: Source) -> list:
    """What people say of a source, in the order of its columns."""
    return [one.name, one.way, one.place, one.pattern, one.cadence, one.expected_day, one.owner, one.leave_out,
            json.dumps(one.choices), one.paused]


def change(tx: Tx, one: Source) -> None:
    """Stores the fields of a source. Raises StaleEdit when somebody changed it since `one.version`."""
    _refuse_taken(tx, one)
    before = get(tx, one.id)
    row = tx.one(
        """UPDATE source SET name = $1, way = $2, place = $3, pattern = $4, cadence = $5, expected_day = $6, owner = $7,
                    leave_out = $8, choices = $9, paused = $10, version = version + 1, changed_by = $11,
                    changed_at = $12 WHERE id = $13 AND version = $14 RETURNING id""",
        [
            *_fields(one),
            tx.actor,
            tx.now,
            one.id,
            one.version,
        ],
    )
    if row is None:
        raise StaleEdit(
            f"{one.name} was changed by {before.changed_by} meanwhile. Look at it again, then change it."
            if before
            else f"{one.name} was removed meanwhile."
        )
    tx.audit("change source", f"source:{one.id}", _body(before), _body(one))


def _refuse_taken(tx: Tx, one: Source) -> None:
    taken = tx.one("SELECT name FROM source WHERE LOWER(name) = LOWER($1) AND id <> $2", [one.name, one.id])
    if taken:
        raise UsageError(f"There is a source '{taken[0]}' already. Choose another name, or change that one.")


def remove(tx: Tx, one: Source) -> None:
    """Forgets a source and which of its files were seen. What it loaded stays."""
    tx.run("DELETE FROM arrival WHERE source = $1", [one.id])
    tx.run("DELETE FROM source WHERE id = $1", [one.id])
    tx.audit("remove source", f"source:{one.id}", _body(one))


def tried(tx: Tx, identity: str, load: str = "") -> None:
    """Notes that a source was tried now and, when there is one, its last load."""
    tx.run(
        """UPDATE source SET tried_at = $1, last_load = CASE WHEN $2 = '' THEN last_load ELSE $2 END WHERE id = $3""",
        [tx.now, load, identity],
    )


def learn(tx: Tx, identity: str, choices: Mapping[str, str]) -> None:
    """Keeps answers for the next file of a source."""
    one = get(tx, identity)
    if one and {**one.choices, **choices} != one.choices:
        change(tx, replace(one, choices={**one.choices, **choices}))


# -- the files that were seen


def arrivals(tx: Tx, source: str = "") -> list[Arrival]:
    """The files seen (of one source), the newest first."""
    rows = tx.all(f"SELECT {SEEN} FROM arrival WHERE $1 = '' OR source = $1 ORDER BY arrived_at DESC, sha256", [source])
    return [_arrival(row) for row in rows]


def arrival(tx: Tx, source: str, sha256: str) -> Arrival | None:
    """One file of a source by its content."""
    row = tx.one(f"SELECT {SEEN} FROM arrival WHERE source = $1 AND sha256 = $2", [source, sha256])
    return _arrival(row) if row else None


def _arrival(row: tuple) -> Arrival:
    return Arrival(*row[:7], json.loads(row[7]), *row[8:])


def remember(tx: Tx, one: Arrival) -> None:
    """Keeps what came of a file; what was known of the same content is replaced."""
    tx.run(
        f"""INSERT INTO arrival ({SEEN}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
               ON CONFLICT (source, sha256) DO UPDATE SET file_name = excluded.file_name, place = excluded.place,
               outcome = excluded.outcome, message = excluded.message, said = excluded.said, load = excluded.load,
               version = arrival.version + 1, arrived_at = excluded.arrived_at""",
        [
            one.source,
            one.sha256,
            one.file_name,
            one.place,
            one.size,
            one.outcome,
            one.message,
            json.dumps(one.said, ensure_ascii=False),
            one.load,
            one.version,
            tx.now,
        ],
    )
    tx.audit(
        f"file {one.outcome}",
        f"source:{one.source}",
        None,
        {"file": one.file_name, "sha256": one.sha256, "message": one.message, "load": one.load},
    )


def leave(tx: Tx, one: Arrival) -> bool:
    """Whether the file that waited is now left out; False when it no longer waits."""
    row = tx.one(
        """UPDATE arrival SET outcome = 'left', version = version + 1
                    WHERE source = $1 AND sha256 = $2 AND outcome = 'waiting' RETURNING sha256""",
        [one.source, one.sha256],
    )
    if row:
        tx.audit("leave file", f"source:{one.source}", None, {"file": one.file_name, "sha256": one.sha256})
    return row is not None
