"""Reviews as rows: the meeting, what was said and decided on each item, the commentary, signed months, commitments."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from scorecard.core.frozen import Signature, fingerprint
from scorecard.core.periods import Period
from scorecard.errors import StaleEdit
from scorecard.store.engine import Tx


@dataclass(frozen=True)
class Meeting:
    """When a review is held and by whom; `chair` and `attendees` are ids of people. Version 0 was never saved."""

    held_on: date | None = None
    begins: str = ""
    minutes: int = 60
    chair: str = ""
    attendees: tuple[str, ...] = ()
    opened_by: str = ""
    opened_at: datetime | None = None
    actions_read_by: str = ""
    version: int = 0


@dataclass(frozen=True)
class ItemRow:
    """What people wrote about one item of an agenda; None where nobody set it. Version 0 was never saved."""

    item: str
    place: int | None = None
    minutes: int | None = None
    discussion: str = ""
    decision: str = ""
    settle: str = ""
    title: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    changed_by: str = ""
    changed_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True)
class CommitmentRow:
    """What the colours and signals of a measure commit the team to, as it was written at one time."""

    measure: str
    version: int
    body: dict
    author: str
    reason: str
    recorded_at: datetime


def _key(scorecard: str, period: Period) -> list:
    return [scorecard, period.grain, period.start]


_AT = "scorecard = $1 AND grain = $2 AND starts = $3"


def meeting(tx: Tx, scorecard: str, period: Period) -> Meeting:
    """The meeting of a period as it was saved last."""
    row = tx.one(
        f"""SELECT held_on, begins, minutes, chair, attendees, opened_by, opened_at, actions_read_by, version
            FROM review WHERE {_AT}""",
        _key(scorecard, period),
    )
    return Meeting(*row[:4], tuple(json.loads(row[4])), *row[5:]) if row else Meeting()


def meetings(tx: Tx, scorecard: str, grain: str) -> dict[Period, Meeting]:
    """Every meeting of a scorecard, the oldest period first."""
    rows = tx.all("SELECT starts FROM review WHERE scorecard = $1 AND grain = $2 ORDER BY starts", [scorecard, grain])
    return {Period(start, grain): meeting(tx, scorecard, Period(start, grain)) for (start,) in rows}


def held_days(tx: Tx) -> dict[str, date]:
    """Name of a review -> the day on which it was held, or is said to be."""
    rows = tx.all("SELECT scorecard, starts, grain, held_on FROM review WHERE held_on IS NOT NULL")
    return {name_of(scorecard, Period(start, grain)): held_on for scorecard, start, grain, held_on in rows}


def take(tx: Tx, scorecard: str, period: Period) -> Meeting:
    """The meeting, opened when it was not; its version grows, so that two changes of one review never pass each other."""
    row = tx.one(f"UPDATE review SET version = version + 1 WHERE {_AT} RETURNING version", _key(scorecard, period))
    if row is None:
        tx.run(
            "INSERT INTO review VALUES ($1, $2, $3, NULL, '', 60, '', '[]', $4, $5, '', 1)",
            [*_key(scorecard, period), tx.actor, tx.now],
        )
        tx.audit("open_review", name_of(scorecard, period), None, {"opened_by": tx.actor})
    return meeting(tx, scorecard, period)


def save_meeting(tx: Tx, scorecard: str, period: Period, new: Meeting) -> None:
    """The day, time, chair and people of a review that was taken."""
    tx.run(
        f"UPDATE review SET held_on = $4, begins = $5, minutes = $6, chair = $7, attendees = $8 WHERE {_AT}",
        [*_key(scorecard, period), new.held_on, new.begins, new.minutes, new.chair, json.dumps(list(new.attendees))],
    )


def mark_actions_read(tx: Tx, scorecard: str, period: Period, name: str) -> None:
    """Who read last month's actions."""
    tx.run(f"UPDATE review SET actions_read_by = $4 WHERE {_AT}", [*_key(scorecard, period), name])


_ITEM = """item, place, minutes, discussion, decision, settle, title, decided_by, decided_at, changed_by, changed_at,
           version"""


def items(tx: Tx, scorecard: str, period: Period) -> dict[str, ItemRow]:
    """What was written about each item, by its id."""
    rows = tx.all(f"SELECT {_ITEM} FROM review_item WHERE {_AT} ORDER BY item", _key(scorecard, period))
    return {row[0]: ItemRow(*row) for row in rows}


def items_about(tx: Tx, kind: str) -> list[tuple[str, Period, str, str]]:
    """(scorecard, period, item, decision) of every item of a kind, such as "trigger", that somebody wrote about; the oldest period first."""
    rows = tx.all(
        "SELECT scorecard, starts, grain, item, decision FROM review_item WHERE item LIKE $1 ORDER BY starts, scorecard, item", [f"{kind}:%"]
    )
    return [(scorecard, Period(start, grain), item, decision) for scorecard, start, grain, item, decision in rows]


def put_item(tx: Tx, scorecard: str, period: Period, new: ItemRow, seen: int | None = None) -> ItemRow:
    """The item as it was saved. `seen` is the version that the person saw: another one meanwhile is a StaleEdit."""
    before = items(tx, scorecard, period).get(new.item, ItemRow(new.item))
    if seen is not None and seen != before.version:
        raise StaleEdit(
            f"Not saved: {before.changed_by} changed this item meanwhile. "
            f"Theirs: {_said(before)} Yours: {_said(new)} Look at it again, then save."
        )
    kept = [new.place, new.minutes, new.discussion, new.decision, new.settle, new.title, new.decided_by, new.decided_at]
    tx.run(f"DELETE FROM review_item WHERE {_AT} AND item = $4", [*_key(scorecard, period), new.item])
    tx.run(
        "INSERT INTO review_item VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        [*_key(scorecard, period), new.item, *kept, tx.actor, tx.now, before.version + 1],
    )
    return items(tx, scorecard, period)[new.item]


def remove_item(tx: Tx, scorecard: str, period: Period, item: str) -> None:
    """Takes an item that somebody had added off the agenda; the audit keeps it."""
    tx.run(f"DELETE FROM review_item WHERE {_AT} AND item = $4", [*_key(scorecard, period), item])


def _said(row: ItemRow) -> str:
    parts = [row.decision.replace("_", " ") or "no decision", f"“{row.discussion}”" if row.discussion else ""]
    return ", ".join(part for part in parts if part) + "."


def commentary(tx: Tx, scorecard: str, period: Period) -> tuple[str, int, str]:
    """(text, version, author) of the commentary; version 0 when nobody wrote one."""
    row = tx.one(
        f"SELECT text, version, author FROM commentary WHERE {_AT} ORDER BY version DESC LIMIT 1", _key(scorecard, period)
    )
    return row or ("", 0, "")


def add_commentary(tx: Tx, scorecard: str, period: Period, text: str) -> int:
    """The version of a new text; earlier ones stay."""
    version = commentary(tx, scorecard, period)[1] + 1
    tx.run(
        "INSERT INTO commentary VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [*_key(scorecard, period), version, text, tx.actor, tx.now],
    )
    return version


def add_signed(tx: Tx, scorecard: str, period: Period, body: str, mark: str, person: str, role: str) -> None:
    """Stores the frozen copy. There is one, and it is never replaced."""
    tx.run(
        "INSERT INTO signed_month VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [*_key(scorecard, period), body, mark, tx.actor, person, role, tx.now],
    )


def signature(tx: Tx, scorecard: str, period: Period) -> Signature | None:
    """Who signed a period and when, with whether the copy still gives the fingerprint; None when it is not signed."""
    found = copy(tx, scorecard, period)
    return found[0] if found else None


def copy(tx: Tx, scorecard: str, period: Period) -> tuple[Signature, str] | None:
    """(signature, frozen copy) of a period, checked against the fingerprint beside it and the one in the audit chain."""
    row = tx.one(
        f"SELECT signed_by, person, role, signed_at, fingerprint, body FROM signed_month WHERE {_AT}",
        _key(scorecard, period),
    )
    if row is None:
        return None
    *who, mark, body = row
    audited = tx.one(
        "SELECT after_json, hash FROM audit WHERE object = $1 AND action = 'sign_review' ORDER BY seq DESC LIMIT 1",
        [name_of(scorecard, period)],
    )
    then, head = (json.loads(audited[0]).get("fingerprint"), audited[1]) if audited else (None, "")
    return Signature(*who, mark, head, fingerprint(body) == mark == then), body


def signed(tx: Tx) -> list[tuple[str, Period]]:
    """(scorecard, period) of every signed review, the newest first."""
    rows = tx.all("SELECT scorecard, starts, grain FROM signed_month ORDER BY starts DESC, scorecard")
    return [(scorecard, Period(start, grain)) for scorecard, start, grain in rows]


def add_later(tx: Tx, id: str, scorecard: str, period: Period, kind: str, text: str) -> None:
    """Stores what is added beside a signed copy."""
    tx.run(
        "INSERT INTO added_later VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        [id, *_key(scorecard, period), kind, text, tx.actor, tx.now],
    )


def later(tx: Tx, scorecard: str, period: Period) -> list[tuple[str, str, str, str, datetime]]:
    """(id, kind, text, author, when) of what was added beside a signed copy, the oldest first."""
    return tx.all(
        f"SELECT id, kind, text, author, recorded_at FROM added_later WHERE {_AT} ORDER BY recorded_at, id",
        _key(scorecard, period),
    )


def commitments(tx: Tx, by: datetime | None = None) -> dict[str, CommitmentRow]:
    """The newest commitment of each measure, or the newest that was written by a moment."""
    rows = tx.all(
        """SELECT measure, version, body, author, reason, recorded_at FROM commitment WHERE recorded_at <= $1
           ORDER BY measure, version""",
        [by or datetime.max],
    )
    return {row[0]: CommitmentRow(row[0], row[1], json.loads(row[2]), *row[3:]) for row in rows}


def add_commitment(tx: Tx, measure: str, body: dict, reason: str) -> int:
    """The version of a new text; earlier ones stay."""
    (version,) = tx.one("SELECT COALESCE(MAX(version), 0) + 1 FROM commitment WHERE measure = $1", [measure])
    tx.run(
        "INSERT INTO commitment VALUES ($1, $2, $3, $4, $5, $6)",
        [measure, version, json.dumps(body, ensure_ascii=False, sort_keys=True), tx.actor, reason, tx.now],
    )
    return version


def name_of(scorecard: str, period: Period) -> str:
    """The object of a review in the audit, and the origin of its actions."""
    return f"review:{scorecard}:{period}"
