"""Consensus sessions as rows: what is talked about, who came, what was voted."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from scorecard.errors import StaleEdit
from scorecard.store.engine import Tx


@dataclass(frozen=True)
class Session:
    """A session about a closed cycle. `step` is talk, vote or shown; `named` votes are shown with their names.

    `version` grows with every step of the facilitator; votes leave it as it is.
    """

    id: str
    cycle: str
    named: bool
    practice: str
    round: int
    step: str
    opened_by: str
    opened_at: datetime
    ended_at: datetime | None
    changed_by: str
    version: int


@dataclass(frozen=True)
class Vote:
    """One vote. `voter` is a person until votes without names are shown, and means nothing after that."""

    voter: str
    level: int | None


_SESSION = "id, cycle, named, practice, round, step, opened_by, opened_at, ended_at, changed_by, version"


def session(tx: Tx, id: str) -> Session | None:
    """The session with this id."""
    row = tx.one(f"SELECT {_SESSION} FROM maturity_session WHERE id = $1", [id])
    return Session(*row) if row else None


def of_cycle(tx: Tx, cycle: str) -> Session | None:
    """The session of a cycle that is under way."""
    row = tx.one(f"SELECT {_SESSION} FROM maturity_session WHERE cycle = $1 AND ended_at IS NULL", [cycle])
    return Session(*row) if row else None


def insert(tx: Tx, new: Session) -> None:
    """Nothing; the session is written."""
    tx.run(f"INSERT INTO maturity_session ({_SESSION}, votes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)",
           [new.id, new.cycle, new.named, new.practice, new.round, new.step, new.opened_by, new.opened_at, new.ended_at,
            new.changed_by, new.version])


def step(tx: Tx, old: Session, practice: str, round: int, to: str, ended: datetime | None = None) -> Session:
    """The session a step further. Raises StaleEdit when somebody else took a step meanwhile."""
    tx.run(
        """UPDATE maturity_session SET practice = $3, round = $4, step = $5, ended_at = $6, changed_by = $7, version = version + 1
           WHERE id = $1 AND version = $2""",
        [old.id, old.version, practice, round, to, ended, tx.actor],
    )
    now = session(tx, old.id)
    if now is None or now.version != old.version + 1:
        raise StaleEdit("Not done: somebody else took the session further at the same moment. Look at it again.")
    return now


def join(tx: Tx, id: str, person: str) -> bool:
    """True when the person was not there before."""
    if tx.one("SELECT person FROM maturity_present WHERE session = $1 AND person = $2", [id, person]):
        return False
    tx.run("INSERT INTO maturity_present VALUES ($1, $2)", [id, person])
    return True


def present(tx: Tx, id: str) -> list[str]:
    """The ids of who opened the session, in their order."""
    return [row[0] for row in tx.all("SELECT person FROM maturity_present WHERE session = $1 ORDER BY person", [id])]


def put_vote(tx: Tx, at: Session, person: str, level: int | None) -> None:
    """Nothing; the person's vote in this round is the one given. It and the showing of votes never pass each other."""
    tx.run("UPDATE maturity_session SET votes = votes + 1 WHERE id = $1", [at.id])
    tx.run("DELETE FROM maturity_vote WHERE session = $1 AND practice = $2 AND round = $3 AND voter = $4",
           [at.id, at.practice, at.round, person])
    tx.run("INSERT INTO maturity_vote VALUES ($1, $2, $3, $4, $5, FALSE)", [at.id, at.practice, at.round, person, level])


def votes(tx: Tx, id: str, practice: str, round: int) -> list[Vote]:
    """Every vote of a round, in the order of who voted."""
    rows = tx.all("SELECT voter, level FROM maturity_vote WHERE session = $1 AND practice = $2 AND round = $3 ORDER BY voter",
                  [id, practice, round])
    return [Vote(*row) for row in rows]


def show(tx: Tx, at: Session, kept: Iterable[Vote]) -> None:
    """Nothing; the votes of the round are those given, shown. Without names each has a key that means nothing."""
    given = [Vote(one.voter if at.named else secrets.token_hex(16), one.level) for one in kept]
    secrets.SystemRandom().shuffle(given)
    forget(tx, at.id, at.practice, at.round)
    tx.many("INSERT INTO maturity_vote VALUES ($1, $2, $3, $4, $5, TRUE)",
            [(at.id, at.practice, at.round, one.voter, one.level) for one in given])


def forget(tx: Tx, id: str, practice: str, round: int) -> None:
    """Nothing; the votes of a round are deleted."""
    tx.run("DELETE FROM maturity_vote WHERE session = $1 AND practice = $2 AND round = $3", [id, practice, round])


def forget_unshown(tx: Tx, id: str) -> None:
    """Nothing; votes that were not shown when the session ended are deleted."""
    tx.run("DELETE FROM maturity_vote WHERE session = $1 AND NOT shown", [id])


def was_called(tx: Tx, cycle: str, practice: str) -> bool:
    """Whether the votes on a practice were shown in any session of a cycle."""
    row = tx.one(
        """SELECT COUNT(*) FROM maturity_vote AS v JOIN maturity_session AS s ON s.id = v.session
           WHERE s.cycle = $1 AND v.practice = $2 AND v.shown""",
        [cycle, practice],
    )
    return row[0] > 0


def newest_round(tx: Tx, id: str, practice: str) -> int:
    """The round whose votes on a practice were shown last in a session; 0 when none were."""
    return tx.one("SELECT COALESCE(MAX(round), 0) FROM maturity_vote WHERE session = $1 AND practice = $2 AND shown", [id, practice])[0]
