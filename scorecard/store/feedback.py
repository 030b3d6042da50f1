"""Feedback rounds as rows: who is asked about whom, drafts, answers and words without a name, links, agreed aims."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from scorecard.core.feedback import Answer, Words
from scorecard.errors import StaleEdit
from scorecard.store.tx import Tx

OUTSIDE = "outside-"


@dataclass(frozen=True)
class Round:
    """Feedback asked about one person. `form` is the text of the form it was opened with; `hand_to` hears a small group's words."""

    id: str
    title: str
    person: str
    form: str
    hand_to: str
    opens: date
    closes: date
    state: str
    opened_by: str
    opened_at: datetime
    closed_by: str
    closed_at: datetime | None
    version: int

    @property
    def open(self) -> bool:
        return self.state == "open"


@dataclass(frozen=True)
class Asked:
    """Somebody who is asked. `name` is that of who is no member and answers by a link; "" of a person of the organisation."""

    person: str
    name: str
    group: str
    finished: bool


@dataclass(frozen=True)
class Draft:
    """What is kept until it is sent: of a statement a level (None is "I cannot say"), of a question a text."""

    item: str
    level: int | None
    text: str = ""
    saved_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True)
class Link:
    """A personal link to one round; the token itself is never stored."""

    id: str
    round: str
    person: str
    made_by: str
    made_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class Aim:
    """A statement of a round that became a step of a development plan: the entry with this id."""

    round: str
    item: str
    step: str
    agreed_by: str
    agreed_at: datetime


_ROUND = "id, title, person, form, hand_to, opens, closes, state, opened_by, opened_at, closed_by, closed_at, version"
_LINK = "id, round, person, made_by, made_at, revoked_at"
TABLES = ("feedback_asked", "feedback_draft", "feedback_answer", "feedback_words", "feedback_link", "feedback_aim")


def rounds(tx: Tx, person: str = "") -> list[Round]:
    """Every round, or those about one person, the oldest first."""
    return [Round(*row) for row in tx.all(
        f"SELECT {_ROUND} FROM feedback_round WHERE ($1 = '' OR person = $1) ORDER BY opens, opened_at, id", [person])]


def one(tx: Tx, id: str) -> Round | None:
    """The round with this id."""
    row = tx.one(f"SELECT {_ROUND} FROM feedback_round WHERE id = $1", [id])
    return Round(*row) if row else None


def insert(tx: Tx, new: Round, people: Iterable[Asked]) -> None:
    """Nothing; the round and who is asked are written."""
    tx.run(f"INSERT INTO feedback_round ({_ROUND}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
           [new.id, new.title, new.person, new.form, new.hand_to, new.opens, new.closes, new.state, new.opened_by, new.opened_at,
            new.closed_by, new.closed_at, new.version])  # fmt: skip
    tx.many("INSERT INTO feedback_asked VALUES ($1, $2, $3, $4, $5)",
            [(new.id, each.person, each.name, each.group, each.finished) for each in people])


def take(tx: Tx, id: str) -> None:
    """The round's version grows: what is saved in it, and its end, never pass each other."""
    tx.run("UPDATE feedback_round SET version = version + 1 WHERE id = $1", [id])


def close(tx: Tx, id: str) -> bool:
    """True when the round was open and is closed now; what was not sent is deleted and no link answers any more."""
    row = tx.one(
        """UPDATE feedback_round SET state = 'closed', closed_by = $2, closed_at = $3, version = version + 1
           WHERE id = $1 AND state = 'open' RETURNING version""", [id, tx.actor, tx.now])  # fmt: skip
    if row is not None:
        tx.run("DELETE FROM feedback_draft WHERE round = $1", [id])
        end_links(tx, id)
    return row is not None


def asked(tx: Tx, round: str) -> dict[str, Asked]:
    """Everybody who is asked, by person."""
    found = tx.all("SELECT person, name, part, finished FROM feedback_asked WHERE round = $1 ORDER BY person", [round])
    return {row[0]: Asked(*row) for row in found}


def asks(tx: Tx, person: str) -> list[tuple[Round, bool]]:
    """The open rounds in which a person is asked, with whether they have finished, the one that ends first before the others."""
    columns = ", ".join(f"r.{name.strip()}" for name in _ROUND.split(","))
    found = tx.all(
        f"""SELECT {columns}, a.finished FROM feedback_round AS r JOIN feedback_asked AS a ON a.round = r.id
            WHERE a.person = $1 AND r.state = 'open' ORDER BY r.closes, r.opened_at, r.id""", [person])  # fmt: skip
    return [(Round(*row[:-1]), row[-1]) for row in found]


def drafts(tx: Tx, round: str, person: str) -> dict[str, Draft]:
    """What a person has chosen and written and not sent, by statement or question."""
    found = tx.all("SELECT item, level, text, saved_at, version FROM feedback_draft WHERE round = $1 AND person = $2 ORDER BY item", [round, person])
    return {row[0]: Draft(*row) for row in found}


def put_draft(tx: Tx, round: str, person: str, new: Draft, seen: int | None) -> Draft:
    """The draft as saved. `seen` is the version that the tab showed: another one meanwhile is a StaleEdit."""
    before = drafts(tx, round, person).get(new.item, Draft(new.item, None))
    if seen is not None and seen != before.version:
        raise StaleEdit("Not saved: you answered this in another tab meanwhile. Look at it again, then choose.")
    tx.run("DELETE FROM feedback_draft WHERE round = $1 AND person = $2 AND item = $3", [round, person, new.item])
    kept = replace(new, saved_at=tx.now, version=before.version + 1)
    tx.run("INSERT INTO feedback_draft VALUES ($1, $2, $3, $4, $5, $6, $7)", [round, person, kept.item, kept.level, kept.text, kept.saved_at, kept.version])
    return kept


def answers(tx: Tx, round: str) -> list[Answer]:
    """Every answer that was sent, by statement and rater: a rater's key means nothing and is another one after each sending."""
    return [Answer(*row) for row in tx.all(
        "SELECT rater, part, item, level FROM feedback_answer WHERE round = $1 ORDER BY item, rater", [round])]


def answers_of(tx: Tx, rounds: Sequence[str]) -> dict[str, list[Answer]]:
    """The same of several rounds, by round."""
    found: dict[str, list[Answer]] = {id: [] for id in rounds}
    for id, *row in tx.all(f"SELECT round, rater, part, item, level FROM feedback_answer WHERE round IN ({_places(rounds)}) ORDER BY item, rater", list(rounds)):
        found[id].append(Answer(*row))
    return found


def _places(values: Sequence[str]) -> str:
    return ", ".join(f"${n}" for n in range(1, len(values) + 1))


def words(tx: Tx, round: str) -> list[Words]:
    """Every text that was sent, in an order that means nothing; no key joins it to answers or to another text."""
    return [Words(*row) for row in tx.all("SELECT part, item, text FROM feedback_words WHERE round = $1 ORDER BY id", [round])]


def submit(tx: Tx, round: str, person: str, given: Sequence[Answer], written: Sequence[Words]) -> None:
    """Nothing; what a person sends is stored without them, the drafts are deleted, and they have finished.

    All answers and texts of the round are written anew, under new keys and in a new order: rows that lie in the order in
    which they came would join each answer to the audit's order of who has answered.
    """
    put_all(tx, round, [*answers(tx, round), *given], [*words(tx, round), *written])
    tx.run("DELETE FROM feedback_draft WHERE round = $1 AND person = $2", [round, person])
    finished(tx, round, person)


def finished(tx: Tx, round: str, person: str) -> None:
    """Nothing; the person has finished."""
    tx.run("UPDATE feedback_asked SET finished = TRUE WHERE round = $1 AND person = $2", [round, person])


def put_all(tx: Tx, round: str, given: Sequence[Answer], written: Sequence[Words]) -> None:
    """Nothing; these are the answers and texts of the round, each rater's under a key that nobody has seen before."""
    keys = {rater: secrets.token_hex(16) for rater in dict.fromkeys(each.rater for each in given)}
    levels = [(round, keys[each.rater], each.group, each.item, each.level) for each in given]
    texts = [(round, secrets.token_hex(16), each.group, each.question, each.text) for each in written]
    for table, rows in (("feedback_answer", levels), ("feedback_words", texts)):
        secrets.SystemRandom().shuffle(rows)
        tx.run(f"DELETE FROM {table} WHERE round = $1", [round])
        tx.many(f"INSERT INTO {table} VALUES ($1, $2, $3, $4, $5)", rows)


def insert_link(tx: Tx, new: Link, token_hash: str) -> None:
    """Nothing; the link is written, with the hash of its token."""
    tx.run(f"INSERT INTO feedback_link ({_LINK}, token_hash) VALUES ($1, $2, $3, $4, $5, $6, $7)",
           [new.id, new.round, new.person, new.made_by, new.made_at, new.revoked_at, token_hash])


def links(tx: Tx, round: str) -> list[Link]:
    """Every link of a round, the oldest first."""
    return [Link(*row) for row in tx.all(f"SELECT {_LINK} FROM feedback_link WHERE round = $1 ORDER BY made_at, id", [round])]


def link_by_hash(tx: Tx, token_hash: str) -> tuple[Link, str] | None:
    """The link whose token has this hash, with the hash as stored; None when there is none."""
    row = tx.one(f"SELECT {_LINK}, token_hash FROM feedback_link WHERE token_hash = $1", [token_hash])
    return (Link(*row[:-1]), row[-1]) if row else None


def end_links(tx: Tx, round: str, person: str = "") -> None:
    """The links of a person in a round, or of everybody, answer no more, from the moment of the transaction."""
    tx.run("UPDATE feedback_link SET revoked_at = $3 WHERE round = $1 AND ($2 = '' OR person = $2) AND revoked_at IS NULL", [round, person, tx.now])


def aims(tx: Tx, round: str) -> list[Aim]:
    """The aims agreed on a round, the first one first."""
    return [Aim(*row) for row in tx.all(
        "SELECT round, item, step, agreed_by, agreed_at FROM feedback_aim WHERE round = $1 ORDER BY agreed_at, item", [round])]


def aims_of(tx: Tx, rounds: Sequence[str]) -> list[Aim]:
    """The aims agreed on several rounds, in the order in which they were agreed."""
    return [Aim(*row) for row in tx.all(
        f"SELECT round, item, step, agreed_by, agreed_at FROM feedback_aim WHERE round IN ({_places(rounds)}) ORDER BY agreed_at, item", list(rounds))]


def insert_aim(tx: Tx, new: Aim) -> None:
    """Nothing; the aim is written."""
    tx.run("INSERT INTO feedback_aim VALUES ($1, $2, $3, $4, $5)", [new.round, new.item, new.step, new.agreed_by, new.agreed_at])


def drop_aim(tx: Tx, round: str, item: str) -> None:
    """Nothing; the statement is no aim any more."""
    tx.run("DELETE FROM feedback_aim WHERE round = $1 AND item = $2", [round, item])


def counted(tx: Tx, since: date) -> tuple[int, int, int, int]:
    """(rounds closed, people asked in them, of these finished, aims agreed on them) since a day."""
    (rounds_,) = tx.one("SELECT COUNT(*) FROM feedback_round WHERE state = 'closed' AND CAST(closed_at AS DATE) >= $1", [since])
    asked_, finished = tx.one(
        """SELECT COUNT(*), COUNT(CASE WHEN a.finished THEN 1 END) FROM feedback_asked AS a JOIN feedback_round AS r ON r.id = a.round
           WHERE r.state = 'closed' AND CAST(r.closed_at AS DATE) >= $1 AND a.part <> 'self'""", [since])  # fmt: skip
    (aims_,) = tx.one(
        """SELECT COUNT(*) FROM feedback_aim AS a JOIN feedback_round AS r ON r.id = a.round
           WHERE CAST(r.closed_at AS DATE) >= $1""", [since])  # fmt: skip
    return rounds_, asked_, finished, aims_


def oldest(tx: Tx) -> date | None:
    """The first day of the oldest round."""
    return tx.one("SELECT MIN(opens) FROM feedback_round")[0]


def outdated(tx: Tx, before: datetime) -> list[str]:
    """The ids of the rounds that were closed before a moment (UTC), and of those that nobody closed and that ended before it."""
    found = tx.all("SELECT id FROM feedback_round WHERE COALESCE(closed_at, CAST(closes AS TIMESTAMP)) < $1 ORDER BY id", [before])
    return [id for (id,) in found]


def forget(tx: Tx, ids: Iterable[str]) -> None:
    """Nothing; the rounds are gone, with everything said in them."""
    for id in ids:
        for table in TABLES:
            tx.run(f"DELETE FROM {table} WHERE round = $1", [id])
        tx.run("DELETE FROM feedback_round WHERE id = $1", [id])


def forget_since(tx: Tx, since: datetime, own: str) -> None:
    """Nothing; the rounds opened since a moment (UTC), and those whose ids begin with `own`, are gone."""
    forget(tx, [id for (id,) in tx.all(
        "SELECT id FROM feedback_round WHERE opened_at >= $1 OR SUBSTRING(id, 1, $2) = $3 ORDER BY id", [since, len(own), own])])
