"""What the store holds about one person, table by table, and what is kept no longer.

A column that names people is in one of the lists here: a test compares them with the tables as they are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from scorecard.store.tx import Tx


@dataclass(frozen=True)
class Place:
    """A column that holds a person's id: its table, what a row is, and what is told of it: what, when, how it stands (SQL)."""

    table: str
    column: str
    kind: str
    what: str
    at: str = "NULL"
    says: str = "''"


BY_ID = (
    Place("person", "leader", "You lead", "name"),
    Place("action", "owner", "Your action", "title", "due", "state"),
    Place("project", "owner", "Your project", "title", "made_at", "stage"),
    Place("source", "owner", "Your source of data", "name", "changed_at"),
    Place("calendar_entry", "owner", "Your calendar entry", "title", "planned", "state"),
    Place("review", "chair", "Review that you chair", "scorecard", "starts"),
    Place("review", "attendees", "Review that you attend", "scorecard", "starts"),
    Place("signed_month", "person", "Month that you signed", "scorecard", "starts"),
    Place("job", "person", "Work that you asked for", "kind", "asked_at", "state"),
    Place("maturity_asked", "person", "Maturity: you were asked", "(SELECT c.title FROM maturity_cycle AS c WHERE c.id = t.cycle)", says="CASE WHEN finished THEN 'answered' ELSE 'not answered' END"),
    Place("maturity_draft", "person", "Maturity: answer not sent yet", "practice", "saved_at", "reason || ' ' || evidence"),
    Place("maturity_invitation", "person", "Maturity: personal link", "cycle", "made_at", "CASE WHEN revoked_at IS NULL THEN 'open' ELSE 'ended' END"),
    Place("maturity_present", "person", "Maturity: meeting", "(SELECT c.title FROM maturity_session AS s JOIN maturity_cycle AS c ON c.id = s.cycle WHERE s.id = t.session)"),
    Place("maturity_vote", "voter", "Maturity: vote in a meeting", "practice"),
    Place("feedback_round", "person", "Feedback on your leadership", "title", "opens", "state"),
    Place("feedback_asked", "person", "Feedback on leadership: you were asked", "(SELECT r.title FROM feedback_round AS r WHERE r.id = t.round)", says="CASE WHEN finished THEN 'answered' ELSE 'not answered' END"),
    Place("feedback_draft", "person", "Feedback on leadership: answer not sent yet", "item", "saved_at", "text"),
    Place("feedback_link", "person", "Feedback on leadership: personal link", "(SELECT r.title FROM feedback_round AS r WHERE r.id = t.round)", "made_at", "CASE WHEN revoked_at IS NULL THEN 'open' ELSE 'ended' END"),
    Place("signin_session", "person", "Signed in", "agent", "made_at", "CASE WHEN ended_at IS NULL THEN mode ELSE mode || ', ended' END"),
    Place("signin_link", "person", "Personal link to sign in", "made_by", "made_at", "CASE WHEN used_at IS NOT NULL THEN 'used' WHEN revoked_at IS NOT NULL THEN 'ended' ELSE 'not used' END"),
    Place("signin_account", "person", "Account that you sign in with", "issuer", "bound_at", "subject"),
    Place("form_draft", "person", "Form that is not saved yet", "form", "saved_at", "content"),
)  # fmt: skip
# Told elsewhere: the person and their membership, and registers.
TOLD = {("member", "person"), ("register_entry", "person"), ("register_version", "person"), ("audit", "actor")}
# Random keys, from which nobody comes back to a person.
KEYS = {("maturity_answer", "rater"), ("feedback_answer", "rater")}
ID_COLUMNS = frozenset({"person", "owner", "leader", "chair", "attendees", "voter", "rater"})
# A name as text: who wrote, decided, signed.
NAME_COLUMNS = frozenset({
    "author", "made_by", "changed_by", "signed_by", "decided_by", "opened_by", "closed_by", "asked_by", "stop_asked_by", "actions_read_by", "agreed_by", "ended_by",
})  # fmt: skip
_LISTS = ("attendees",)
_FACTS = (("account", "Your account", "account_id", "started_on"), ("contact", "Your contact", "account_id", "due_on"), ("promise", "Your promise", "account_id", "due_on"),
          ("account_past", "Your account, as it was", "account_id", "started_on"), ("contact_past", "Your contact, as it was", "account_id", "due_on"),
          ("promise_past", "Your promise, as it was", "account_id", "due_on"))  # fmt: skip


def columns(tx: Tx) -> list[tuple[str, str]]:
    """(table, column) of the whole store that is open in this transaction."""
    return tx.all("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = CURRENT_SCHEMA()"
                  " AND table_catalog = CURRENT_DATABASE() ORDER BY 1, 2")


def named(tx: Tx, person: str) -> list[tuple[str, str, Any, str]]:
    """(kind, what, when, how it stands) of every row that has the person's id."""
    found = []
    for one in BY_ID:
        fits = f"POSITION($1 IN t.{one.column}) > 0" if one.column in _LISTS else f"t.{one.column} = $1"
        wanted = json.dumps(person, ensure_ascii=False) if one.column in _LISTS else person
        rows = tx.all(f"SELECT {one.what}, {one.at}, {one.says} FROM {one.table} AS t WHERE {fits} ORDER BY 2, 1", [wanted])
        found += [(one.kind, str(what or ""), at, str(says or "").strip()) for what, at, says in rows]
    return found


def signed(tx: Tx, name: str) -> list[tuple[str, str, int]]:
    """(table, column, how many rows) in which the name stands as text."""
    found = []
    for table, column in columns(tx):
        if column in NAME_COLUMNS:
            (n,) = tx.one(f"SELECT COUNT(*) FROM {table} WHERE {column} = $1", [name])
            found += [(table, column, n)] if n else []
    return found


def figures(tx: Tx, names: Sequence[str]) -> list[tuple]:
    """(measure, month or week, value, numerator, denominator, loaded at in UTC) of every figure of the person, restated ones too."""
    return tx.all(f"SELECT measure, starts, value, numerator, denominator, loaded_at FROM figure WHERE LOWER(csm) IN ({_places(names)}) ORDER BY 1, 2, 6", list(names))


def facts(tx: Tx, names: Sequence[str]) -> list[tuple[str, str, Any, str]]:
    """(kind, account, day, "") of every fact in which the person is named, in the store of facts."""
    found = []
    for table, kind, what, at in _FACTS:
        rows = tx.all(f"SELECT {what}, {at} FROM {table} WHERE LOWER(csm) IN ({_places(names)}) ORDER BY 2, 1", list(names))
        found += [(kind, what, at, "") for what, at in rows]
    return found


def audited(tx: Tx, name: str, objects: Sequence[str]) -> list[tuple]:
    """(row, UTC, actor, action, object, hash) of what the person did, "" for what nobody of that name alone did, and of these objects."""
    places = f" OR object IN ({_places(objects, 2)})" if objects else ""
    return tx.all(f"SELECT seq, occurred_at, actor, action, object, hash FROM audit WHERE (actor = $1 AND $1 <> ''){places} ORDER BY seq", [name, *objects])


def _places(values: Sequence[str], first: int = 1) -> str:
    return ", ".join(f"${n}" for n in range(first, first + len(values)))


# -- what is kept no longer


def outdated(tx: Tx, register: str, before: datetime) -> list[str]:
    """The ids of entries, standing or withdrawn, of which nothing was said since and whose day lies before; in their order."""
    rows = tx.all(
        """SELECT id FROM register_version WHERE register = $1 GROUP BY id HAVING MAX(recorded_at) < $2 AND MAX(happened) < $3 ORDER BY id""",
        [register, before, before.date()],
    )
    return [id for (id,) in rows]


def held(tx: Tx, register: str) -> set[tuple[str, str, str]]:
    """(id, register, id): entries of a register to which standing entries refer, and which those are."""
    return set(tx.all(
        """SELECT v.value, e.register, e.id FROM register_value AS v
           JOIN register_entry AS e ON e.register = v.register AND e.id = v.entry AND e.version = v.version WHERE v.kind = $1""",
        [f"entry:{register}"],
    ))  # fmt: skip


def superseded(tx: Tx, register: str, before: datetime) -> list[tuple[str, int]]:
    """(id, version) of what stood no longer at that moment: another version had taken its place by then."""
    return tx.all(
        """SELECT v.id, v.version FROM register_version AS v WHERE v.register = $1 AND EXISTS
               (SELECT 1 FROM register_version AS n WHERE n.register = v.register AND n.id = v.id AND n.version > v.version AND n.recorded_at < $2)
           ORDER BY v.id, v.version""",
        [register, before],
    )


def forget(tx: Tx, register: str, ids: Sequence[str]) -> None:
    """Nothing; the entries are gone with every version, value and salt. Their hashes in the audit say nothing any more."""
    for table, column in (("register_entry", "id"), ("register_version", "id"), ("register_value", "entry")):
        for id in ids:
            tx.run(f"DELETE FROM {table} WHERE register = $1 AND {column} = $2", [register, id])


def forget_versions(tx: Tx, register: str, found: Sequence[tuple[str, int]]) -> None:
    """Nothing; these versions are gone with their values and salts."""
    for id, version in found:
        tx.run("DELETE FROM register_version WHERE register = $1 AND id = $2 AND version = $3", [register, id, version])
        tx.run("DELETE FROM register_value WHERE register = $1 AND entry = $2 AND version = $3", [register, id, version])


def oldest(tx: Tx) -> dict[str, date]:
    """The day of the oldest word that is kept, by register."""
    return {register: at.date() for register, at in tx.all("SELECT register, MIN(recorded_at) FROM register_version GROUP BY register")}
