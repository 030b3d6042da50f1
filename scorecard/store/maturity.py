"""Maturity as rows: versions of the model, cycles, who was asked, drafts, answers, what was agreed, projects."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from scorecard.errors import StaleEdit
from scorecard.store.engine import Tx


@dataclass(frozen=True)
class Cycle:
    """One round of assessment. `kind` is full or quick, `mode` named or anonymous; `model` the version of the model."""

    id: str
    title: str
    kind: str
    mode: str
    model: int
    systems: tuple[str, ...]
    opens: date
    closes: date
    state: str
    opened_by: str
    opened_at: datetime
    closed_by: str
    closed_at: datetime | None
    version: int

    @property
    def anonymous(self) -> bool:
        return self.mode == "anonymous"

    @property
    def open(self) -> bool:
        return self.state == "open"


@dataclass(frozen=True)
class Asked:
    """Somebody who was asked. `part` is leader or team; `reminded` counts the reminders."""

    person: str
    part: str
    finished: bool
    reminded: int


@dataclass(frozen=True)
class Draft:
    """An answer that is not sent yet. `chosen` None with `applicable` is "I don't know"; `met` are criteria of levels."""

    practice: str
    chosen: int | None
    applicable: bool = True
    met: tuple[str, ...] = ()
    reason: str = ""
    evidence: str = ""
    saved_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True)
class Given:
    """An answer that was sent. `rater` is a person in a named cycle and means nothing in an anonymous one."""

    rater: str
    practice: str
    part: str
    chosen: int | None
    level: int | None
    applicable: bool
    reason: str
    evidence: str


@dataclass(frozen=True)
class Agreed:
    """What the team agreed on a practice, with what a minority sees otherwise."""

    practice: str
    version: int
    level: int | None
    strengths: str
    opportunities: str
    minority: str
    author: str
    recorded_at: datetime


@dataclass(frozen=True)
class Invitation:
    """A personal link to one cycle; the token itself is never stored."""

    id: str
    cycle: str
    person: str
    made_by: str
    made_at: datetime
    revoked_at: datetime | None


_CYCLE = """id, title, kind, mode, model, systems, opens, closes, state, opened_by, opened_at, closed_by, closed_at, version"""


def models(tx: Tx) -> list[tuple[int, str, str, str, datetime]]:
    """(version, text, author, reason, when) of every model, the oldest first."""
    return tx.all("SELECT version, body, author, reason, recorded_at FROM maturity_model ORDER BY version")


def add_model(tx: Tx, body: str, reason: str) -> int:
    """The version of a new model; earlier ones stay, for the cycles that began with them."""
    version = max((row[0] for row in models(tx)), default=0) + 1
    tx.run("INSERT INTO maturity_model VALUES ($1, $2, $3, $4, $5)", [version, body, tx.actor, reason, tx.now])
    return version


def _cycle(row: tuple) -> Cycle:
    return Cycle(*row[:5], tuple(json.loads(row[5])), *row[6:])


def cycles(tx: Tx) -> list[Cycle]:
    """Every cycle, the oldest first."""
    return [_cycle(row) for row in tx.all(f"SELECT {_CYCLE} FROM maturity_cycle ORDER BY opens, opened_at, id")]


def cycle(tx: Tx, id: str) -> Cycle | None:
    """The cycle with this id."""
    row = tx.one(f"SELECT {_CYCLE} FROM maturity_cycle WHERE id = $1", [id])
    return _cycle(row) if row else None


def insert_cycle(tx: Tx, new: Cycle) -> None:
    """Nothing; the cycle is written."""
    tx.run(
        f"INSERT INTO maturity_cycle ({_CYCLE}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        [new.id, new.title, new.kind, new.mode, new.model, json.dumps(list(new.systems)), new.opens, new.closes, new.state,
         new.opened_by, new.opened_at, new.closed_by, new.closed_at, new.version],
    )


def take_cycle(tx: Tx, id: str) -> None:
    """The cycle's version grows: what is saved in it, and its end, never pass each other."""
    tx.run("UPDATE maturity_cycle SET version = version + 1 WHERE id = $1", [id])


def close_cycle(tx: Tx, id: str) -> bool:
    """True when the cycle was open and is closed now."""
    row = tx.one(
        """UPDATE maturity_cycle SET state = 'closed', closed_by = $2, closed_at = $3, version = version + 1
           WHERE id = $1 AND state = 'open' RETURNING version""",
        [id, tx.actor, tx.now],
    )
    return row is not None


def asked(tx: Tx, cycle: str) -> dict[str, Asked]:
    """Everybody who was asked, by person."""
    rows = tx.all("SELECT person, part, finished, reminded FROM maturity_asked WHERE cycle = $1 ORDER BY person", [cycle])
    return {row[0]: Asked(*row) for row in rows}


def ask(tx: Tx, cycle: str, people: Iterable[tuple[str, str]]) -> None:
    """Asks (person, part)."""
    tx.many("INSERT INTO maturity_asked VALUES ($1, $2, $3, FALSE, 0)", [(cycle, person, part) for person, part in people])


def remind(tx: Tx, cycle: str) -> list[str]:
    """The people who have not finished, each reminded once more."""
    return [row[0] for row in tx.all(
        "UPDATE maturity_asked SET reminded = reminded + 1 WHERE cycle = $1 AND NOT finished RETURNING person", [cycle])]


def drafts(tx: Tx, cycle: str, person: str) -> dict[str, Draft]:
    """What a person has written and not sent, by practice."""
    rows = tx.all(
        """SELECT practice, chosen, applicable, met, reason, evidence, saved_at, version FROM maturity_draft
           WHERE cycle = $1 AND person = $2 ORDER BY practice""",
        [cycle, person],
    )
    return {row[0]: Draft(*row[:3], tuple(json.loads(row[3])), *row[4:]) for row in rows}


def put_draft(tx: Tx, cycle: str, person: str, new: Draft, seen: int | None) -> Draft:
    """The draft as saved. `seen` is the version that the tab showed: another one meanwhile is a StaleEdit."""
    before = drafts(tx, cycle, person).get(new.practice, Draft(new.practice, None))
    if seen is not None and seen != before.version:
        theirs = "I don’t know" if before.chosen is None else f"level {before.chosen}"
        raise StaleEdit(f"Not saved: you answered {new.practice} in another tab meanwhile ({theirs}). Look at it again, then choose.")
    tx.run("DELETE FROM maturity_draft WHERE cycle = $1 AND person = $2 AND practice = $3", [cycle, person, new.practice])
    tx.run(
        "INSERT INTO maturity_draft VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        [cycle, person, new.practice, new.chosen, new.applicable, json.dumps(list(new.met)), new.reason, new.evidence, tx.now,
         before.version + 1],
    )
    return drafts(tx, cycle, person)[new.practice]


def submit(tx: Tx, cycle: Cycle, person: str, given: Sequence[Given]) -> None:
    """Stores what was sent, in no order that means anything, and deletes the drafts; who was asked is now finished."""
    add_answers(tx, cycle, given)
    tx.run("DELETE FROM maturity_draft WHERE cycle = $1 AND person = $2", [cycle.id, person])
    finished(tx, cycle.id, [person])


def forget_drafts(tx: Tx, cycle: str) -> int:
    """How many drafts were deleted: those of people who did not finish before the end."""
    (count,) = tx.one("SELECT COUNT(*) FROM maturity_draft WHERE cycle = $1", [cycle])
    tx.run("DELETE FROM maturity_draft WHERE cycle = $1", [cycle])
    return count


def answers(tx: Tx, cycle: str) -> list[Given]:
    """Every answer that was sent, by practice and rater."""
    rows = tx.all(
        """SELECT rater, practice, part, chosen, level, applicable, reason, evidence FROM maturity_answer
           WHERE cycle = $1 ORDER BY practice, rater""",
        [cycle],
    )
    return [Given(*row) for row in rows]


def began(tx: Tx, cycle: str) -> frozenset[str]:
    """The people who have a draft that is not sent."""
    return frozenset(row[0] for row in tx.all("SELECT DISTINCT person FROM maturity_draft WHERE cycle = $1", [cycle]))


def sent_by_link_of(tx: Tx, cycle: str, person: str) -> str:
    """The name of who made the personal link by which a person's answers were sent; "" when the audit names none."""
    rows = (json.loads(row[0]) for row in tx.all("SELECT after_json FROM audit WHERE action = 'answered' AND object = $1", [f"cycle:{cycle}"]))
    return next((row.get("made_by", "") for row in rows if row["person"] == person), "")


def imported(tx: Tx, cycle: str, sha256: str) -> bool:
    """Whether a file with this content was imported into the cycle before."""
    rows = tx.all("SELECT after_json FROM audit WHERE action = 'import_answers' AND object = $1", [f"cycle:{cycle}"])
    return any(json.loads(row[0])["sha256"] == sha256 for row in rows)


def add_answers(tx: Tx, cycle: Cycle, given: Sequence[Given]) -> None:
    """Stores answers of several people, in no order that means anything.

    Without names those that came before are written anew with them, all under new keys: rows that lie in the order in
    which they came would join each answer to the audit's order of who has answered.
    """
    if cycle.anonymous:
        given = _unlinked([*answers(tx, cycle.id), *given])
        tx.run("DELETE FROM maturity_answer WHERE cycle = $1", [cycle.id])
    rows = [(cycle.id, one.rater, one.practice, one.part, one.chosen, one.level, one.applicable, one.reason, one.evidence)
            for one in given]
    secrets.SystemRandom().shuffle(rows)
    tx.many("INSERT INTO maturity_answer VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", rows)


def _unlinked(given: Sequence[Given]) -> list[Given]:
    """The answers, each rater's under a key that nobody has seen before."""
    keys = {rater: secrets.token_hex(16) for rater in dict.fromkeys(one.rater for one in given)}
    return [replace(one, rater=keys[one.rater]) for one in given]


def finished(tx: Tx, cycle: str, people: Sequence[str]) -> None:
    """Marks people who were asked as finished."""
    for person in people:
        tx.run("UPDATE maturity_asked SET finished = TRUE WHERE cycle = $1 AND person = $2", [cycle, person])


def agreed(tx: Tx, cycle: str) -> dict[str, Agreed]:
    """The newest agreement on each practice."""
    rows = tx.all(
        """SELECT practice, version, level, strengths, opportunities, minority, author, recorded_at FROM maturity_agreed
           WHERE cycle = $1 ORDER BY practice, version""",
        [cycle],
    )
    return {row[0]: Agreed(*row) for row in rows}


def add_agreed(
    tx: Tx, cycle: str, practice: str, level: int | None, strengths: str, opportunities: str, minority: str, seen: int | None
) -> Agreed:
    """The agreement as saved. `seen` is the version that the facilitator saw (0: none); another one is a StaleEdit."""
    before = agreed(tx, cycle).get(practice)
    version = before.version if before else 0
    if seen is not None and seen != version:
        raise StaleEdit(f"Not saved: {before.author if before else 'somebody'} wrote what was agreed on {practice} meanwhile "
                        f"(level {before.level if before else '–'}). Look at it again, then save.")
    tx.run("INSERT INTO maturity_agreed VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
           [cycle, practice, version + 1, level, strengths, opportunities, minority, tx.actor, tx.now])
    return agreed(tx, cycle)[practice]


# -- personal links


_INVITATION = "id, cycle, person, made_by, made_at, revoked_at"


def insert_invitation(tx: Tx, new: Invitation, token_hash: str) -> None:
    """Nothing; the link is written, with the hash of its token."""
    tx.run(f"INSERT INTO maturity_invitation ({_INVITATION}, token_hash) VALUES ($1, $2, $3, $4, $5, $6, $7)",
           [new.id, new.cycle, new.person, new.made_by, new.made_at, new.revoked_at, token_hash])


def invitations(tx: Tx, cycle: str) -> list[Invitation]:
    """Every link of a cycle, the oldest first."""
    return [Invitation(*row) for row in tx.all(
        f"SELECT {_INVITATION} FROM maturity_invitation WHERE cycle = $1 ORDER BY made_at, id", [cycle])]


def invitation(tx: Tx, id: str) -> Invitation | None:
    """The link with this id."""
    row = tx.one(f"SELECT {_INVITATION} FROM maturity_invitation WHERE id = $1", [id])
    return Invitation(*row) if row else None


def invitation_by_hash(tx: Tx, token_hash: str) -> tuple[Invitation, str] | None:
    """The link whose token has this hash, with the hash as stored; None when there is none."""
    row = tx.one(f"SELECT {_INVITATION}, token_hash FROM maturity_invitation WHERE token_hash = $1", [token_hash])
    return (Invitation(*row[:-1]), row[-1]) if row else None


def end_invitations(tx: Tx, cycle: str, person: str = "") -> None:
    """The links of a person in a cycle, or of everybody, answer no more, from the moment of the transaction."""
    tx.run(
        """UPDATE maturity_invitation SET revoked_at = $3
           WHERE cycle = $1 AND ($2 = '' OR person = $2) AND revoked_at IS NULL""",
        [cycle, person, tx.now],
    )
