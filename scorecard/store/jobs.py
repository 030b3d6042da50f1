"""Jobs: work that outlives the page that asked for it, one row each. One worker at a time has a row.

Only asking, stopping and the outcome are in the audit; progress is not. `claimed_by` is the worker, `heartbeat` its
last sign of life.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scorecard.store.tx import Tx

STATES = ("queued", "running", "done", "failed", "cancelled")
OPEN = ("queued", "running")
SILENT = timedelta(seconds=60)
MOST_ATTEMPTS = 3
COLUMNS = """id, kind, arguments, state, progress, message, result, asked_by, person, role, asked_at, started_at,
             ended_at, claimed_by, heartbeat, attempts, stop_asked_by, version"""


@dataclass(frozen=True)
class Job:
    """One piece of work: what was asked, by whom, how far it is (`progress` from 0 to 1); `result` is set when done."""

    id: str
    kind: str
    arguments: dict[str, Any]
    state: str
    progress: float
    message: str
    result: dict[str, Any]
    asked_by: str
    person: str
    role: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    claimed_by: str
    heartbeat: datetime | None
    attempts: int
    stop_asked_by: str
    version: int

    @property
    def open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in OPEN


@dataclass(frozen=True)
class Lane:
    """Which jobs a worker does: those of the kinds, or with `others` every job of another kind."""

    kinds: tuple[str, ...] = ("",)
    others: bool = True

    def holds(self, kind: str) -> bool:
        """Whether jobs of this kind are done in it."""
        return (kind in self.kinds) is not self.others

    def condition(self, first: int) -> str:
        """The lane in SQL; its kinds are the parameters from number `first` on."""
        places = ", ".join(f"${first + at}" for at in range(len(self.kinds)))
        return f"kind {'NOT ' if self.others else ''}IN ({places})"


EVERY = Lane()


def _job(row: tuple) -> Job:
    return Job(row[0], row[1], json.loads(row[2]), *row[3:6], json.loads(row[6] or "{}"), *row[7:])


def add(tx: Tx, identity: str, kind: str, arguments: dict[str, Any], person: str, role: str) -> Job:
    """The new job, queued; the one that is queued already when it has the same kind and arguments."""
    text = json.dumps(arguments, ensure_ascii=False, sort_keys=True)
    waiting = tx.one(f"SELECT {COLUMNS} FROM job WHERE kind = $1 AND arguments = $2 AND state = 'queued'", [kind, text])
    if waiting:
        return _job(waiting)
    tx.run(
        f"""INSERT INTO job ({COLUMNS}) VALUES ($1, $2, $3, 'queued', 0, '', '', $4, $5, $6, $7, NULL, NULL, '', NULL,
               0, '', 0)""",
        [identity, kind, text, tx.actor, person, role, tx.now],
    )
    tx.audit("ask for job", f"job:{identity}", None, {"kind": kind, "arguments": arguments})
    return get(tx, identity)


def get(tx: Tx, identity: str) -> Job | None:
    """One job by its id."""
    row = tx.one(f"SELECT {COLUMNS} FROM job WHERE id = $1", [identity])
    return _job(row) if row else None


def asked_before(tx: Tx, kind: str, arguments: dict[str, Any]) -> bool:
    """Whether the same was asked for and is not done: it waits, runs, failed or was stopped."""
    text = json.dumps(arguments, ensure_ascii=False, sort_keys=True)
    return tx.one("SELECT 1 FROM job WHERE kind = $1 AND arguments = $2 AND state <> 'done'", [kind, text]) is not None


def last(tx: Tx, kind: str) -> Job | None:
    """The newest job of a kind, in whatever state."""
    row = tx.one(f"SELECT {COLUMNS} FROM job WHERE kind = $1 ORDER BY asked_at DESC, id LIMIT 1", [kind])
    return _job(row) if row else None


def recent(tx: Tx, count: int = 50, lane: Lane = EVERY) -> list[Job]:
    """The last jobs, the newest first."""
    return [
        _job(row)
        for row in tx.all(
            f"SELECT {COLUMNS} FROM job WHERE {lane.condition(2)} ORDER BY asked_at DESC, id LIMIT $1", [count, *lane.kinds]
        )
    ]


def of_person(tx: Tx, kind: str, person: str, since: datetime) -> list[Job]:
    """The jobs of a kind that a person asked for since then, the newest first."""
    return [
        _job(row)
        for row in tx.all(
            f"SELECT {COLUMNS} FROM job WHERE kind = $1 AND person = $2 AND asked_at >= $3 ORDER BY asked_at DESC, id",
            [kind, person, since],
        )
    ]


def ended_before(tx: Tx, kind: str, before: datetime) -> int:
    """How many jobs of a kind ended before then."""
    return tx.one("SELECT COUNT(*) FROM job WHERE kind = $1 AND ended_at < $2", [kind, before])[0]


def forget(tx: Tx, kind: str, before: datetime) -> None:
    """Nothing; the jobs of a kind that ended before then are gone. The audit says that they were."""
    tx.run("DELETE FROM job WHERE kind = $1 AND ended_at < $2", [kind, before])


def unfinished(tx: Tx) -> list[Job]:
    """What runs and what waits, the oldest first."""
    return [
        _job(row)
        for row in tx.all(
            f"SELECT {COLUMNS} FROM job WHERE state IN ('queued', 'running') ORDER BY state DESC, asked_at, id"
        )
    ]


def claim(tx: Tx, worker: str, only: str = "", lane: Lane = EVERY) -> Job | None:
    """The oldest waiting job (or the one named), now this worker's; None when none waits or another was first."""
    row = tx.one(
        f"""SELECT id, version FROM job WHERE state = 'queued' AND ($1 = '' OR id = $1) AND {lane.condition(2)}
                    ORDER BY asked_at, id LIMIT 1""",
        [only, *lane.kinds],
    )
    if row is None:
        return None
    taken = tx.one(
        """UPDATE job SET state = 'running', claimed_by = $1, heartbeat = $2, started_at = $2, attempts = attempts + 1,
                      progress = 0, message = '', version = version + 1
                      WHERE id = $3 AND version = $4 AND state = 'queued' RETURNING id""",
        [worker, tx.now, *row],
    )
    return get(tx, taken[0]) if taken else None


def beat(tx: Tx, identity: str, worker: str, progress: float, message: str) -> str | None:
    """Who asked this worker's job to stop, "" when nobody did; None when the job is no longer this worker's."""
    row = tx.one(
        """UPDATE job SET heartbeat = $1, progress = $2, message = $3
                    WHERE id = $4 AND claimed_by = $5 AND state = 'running' RETURNING stop_asked_by""",
        [tx.now, progress, message, identity, worker],
    )
    return row[0] if row else None


def end(tx: Tx, identity: str, worker: str, state: str, message: str, result: dict[str, Any] | None = None) -> bool:
    """Whether the outcome was stored: only the worker that has the job may end it."""
    text = json.dumps(result, ensure_ascii=False) if result is not None else ""
    row = tx.one(
        """UPDATE job SET state = $1, message = $2, result = $3, ended_at = $4, version = version + 1,
                    progress = CASE WHEN $5 THEN 1 ELSE progress END
                    WHERE id = $6 AND claimed_by = $7 AND state = 'running' RETURNING id""",
        [state, message, text, tx.now, state == "done", identity, worker],
    )
    if row:
        tx.audit(f"job {state}", f"job:{identity}", None, {"message": message})
    return row is not None


def give_back(tx: Tx, identity: str, worker: str, message: str) -> None:
    """The job waits again, as if this attempt had not been made: its worker stopped in good order."""
    tx.run(
        """UPDATE job SET state = 'queued', claimed_by = '', heartbeat = NULL, progress = 0, message = $1,
              attempts = attempts - 1, version = version + 1 WHERE id = $2 AND claimed_by = $3 AND state = 'running'""",
        [message, identity, worker],
    )


def ask_to_stop(tx: Tx, identity: str) -> Job | None:
    """The job after somebody asked it to stop: cancelled when it waited, else running until its worker has seen it."""
    row = tx.one(
        """UPDATE job SET stop_asked_by = $1, version = version + 1,
                    state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
                    ended_at = CASE WHEN state = 'queued' THEN $2 ELSE ended_at END
                    WHERE id = $3 AND state IN ('queued', 'running') RETURNING id""",
        [tx.actor, tx.now, identity],
    )
    if row is None:
        return None
    tx.audit("stop job", f"job:{identity}")
    return get(tx, identity)


def take_up(tx: Tx, worker: str, alone: bool, lane: Lane = EVERY) -> list[Job]:
    """Jobs whose worker is gone, as they are now: queued again, cancelled when asked to, failed after MOST_ATTEMPTS.

    `alone` says that no other process can have the store open, so that every other worker of the lane is gone; else a
    worker is gone after SILENT without a sign of life.
    """
    lost = tx.all(
        f"""SELECT id, attempts, stop_asked_by FROM job WHERE state = 'running' AND claimed_by <> $1
                     AND ($2 OR heartbeat IS NULL OR heartbeat < $3) AND {lane.condition(4)}""",
        [worker, alone, tx.now - SILENT, *lane.kinds],
    )
    for identity, attempts, stop_asked_by in lost:
        _left_over(tx, identity, attempts, stop_asked_by)
    return [job for identity, *_ in lost if (job := get(tx, identity))]


def _left_over(tx: Tx, identity: str, attempts: int, stop_asked_by: str) -> None:
    state, message = "queued", "The server stopped while this ran. It is taken up again."
    if stop_asked_by:
        state, message = "cancelled", f"Stopped by {stop_asked_by}. Nothing of it is stored."
    elif attempts >= MOST_ATTEMPTS:
        state, message = (
            "failed",
            f"The server stopped {attempts} times while this ran. It is not tried again by itself.",
        )
    ended = None if state == "queued" else tx.now
    tx.run(
        """UPDATE job SET state = $1, message = $2, ended_at = $3, claimed_by = '', heartbeat = NULL, progress = 0,
              version = version + 1 WHERE id = $4""",
        [state, message, ended, identity],
    )
    tx.audit(f"job {state}", f"job:{identity}", None, {"message": message})
