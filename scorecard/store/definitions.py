"""Definitions as they are recorded, every version of them, and the scorecards whose ten slots they fill.

The goals of a definition are rows of the table `goal`, whoever wrote them: the file or a person in the app.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from scorecard.core import measures_file, names
from scorecard.core.definition import Definition, Goal
from scorecard.core.measures_file import FILE, find, notices, parse  # noqa: F401  (part of this module's own words)
from scorecard.core.periods import Period
from scorecard.errors import DefinitionError
from scorecard.store import measures
from scorecard.store.engine import Tx, Store

SLOTS = 10
FIRST_SCORECARD = "customer-success"


@dataclass(frozen=True)
class Recorded:
    """One version of a definition. `source` is "file" or "app", `recorded_at` UTC."""

    version: int
    definition: Definition
    source: str
    author: str
    reason: str
    recorded_at: datetime


@dataclass(frozen=True)
class Scorecard:
    """Ten slots or fewer for a team or a role. `measures` are in the order of `slots` (slot, measure).

    `parent` is the id of the scorecard that it rolls up into, "" for none; `named` has the measures that the parent calls
    otherwise: (measure, measure of the parent).
    """

    id: str
    name: str
    audience: str
    rule_set: str
    measures: tuple[str, ...]
    version: int
    slots: tuple[tuple[int, str], ...] = ()
    parent: str = ""
    named: tuple[tuple[str, str], ...] = ()

    def goes_into(self, measure: str, parent: Scorecard) -> str:
        """The measure of the parent that a measure of this one rolls into, "" when none."""
        into = dict(self.named).get(measure, measure)
        return into if self.parent == parent.id and measure in self.measures and into in parent.measures else ""


@dataclass(frozen=True)
class Difference:
    """One key that the file and the store say differently; "" on a side that has no such measure or key."""

    measure: str
    key: str
    file: str
    store: str

    def __str__(self) -> str:
        if not self.key:
            side, other = (FILE, "the store") if self.file else ("the store", FILE)
            return f"Measure '{self.measure}' is in {side} and not in {other}."
        return f"Measure '{self.measure}': {self.key} is {self.file or 'not written'} in {FILE} and {self.store or 'not written'} in the store."


# -- definitions

def read_text(path: Path) -> str:
    """The text of the file of definitions. Raises DefinitionError when it cannot be read."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else (error.strerror or "it cannot be read").lower()
        raise DefinitionError(f"The file of definitions {path} cannot be read: {why}. "
                              "Put it back, or name another one in SCORECARD_MEASURES.") from error


def write_text(path: Path, text: str) -> None:
    """Nothing; the file of definitions is replaced whole. Raises DefinitionError when it cannot be written."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(text, "utf-8")
        beside.replace(path)
    except OSError as error:
        raise DefinitionError(f"The file of definitions {path} cannot be written: {(error.strerror or 'no reason given').lower()}. "
                              "It is as it was.") from error


def read_file(path: Path) -> dict[str, Definition]:
    """The definitions of the file by id. Raises DefinitionError, also when the file cannot be read."""
    return parse(read_text(path), path.name)


def record_file(store: Store, path: Path, actor: str) -> bool:
    """True when the store had no definition and now holds the file's: all of them, the first ten in slots."""
    with store.read() as tx:
        if tx.one("SELECT measure FROM definition LIMIT 1"):
            return False
    found = read_file(path)

    def work(tx: Tx) -> bool:
        if tx.one("SELECT measure FROM definition LIMIT 1"):
            return False
        _record_first(tx, list(found.values()), f"first start with {path.name}")
        if not scorecards(tx):
            insert_scorecard(tx, FIRST_SCORECARD, "Customer Success", "")
            put_slots(tx, FIRST_SCORECARD, list(enumerate(list(found)[:SLOTS], 1)))
        return True

    return store.write(work, actor)


def _record_first(tx: Tx, found: Sequence[Definition], reason: str) -> None:
    """Nothing; the definitions and goals of a store that has none are recorded as their first versions, in two statements."""
    currency = _currency(tx)
    bodies = {one.name: json.dumps(_body(one, currency), ensure_ascii=False) for one in found}
    tx.many("""INSERT INTO definition (measure, version, body, source, author, reason, recorded_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7)""",
            [(name, 1, body, "file", tx.actor, reason, tx.now) for name, body in bodies.items()])
    measures.add_first_goals(tx, {one.name: one.targets for one in found}, reason)
    for name, body in bodies.items():
        tx.audit("record definition", f"measure:{name}", None, json.loads(body))


def record(tx: Tx, one: Definition, source: str, reason: str) -> int:
    """The version under which the definition and its goals now stand; an unchanged one keeps its version."""
    known = _newest(tx, one.name)
    record_goals(tx, one.name, one.targets, reason)
    body = json.dumps(_body(one, _currency(tx)), ensure_ascii=False)
    if known and known[1] == body:
        return known[0]
    version = known[0] + 1 if known else 1
    tx.run("""INSERT INTO definition (measure, version, body, source, author, reason, recorded_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7)""", [one.name, version, body, source, tx.actor, reason, tx.now])
    tx.audit("record definition", f"measure:{one.name}", known and json.loads(known[1]), json.loads(body))
    return version


def record_goals(tx: Tx, measure: str, goals: Sequence[Goal], reason: str) -> list[Goal]:
    """The goals that were new or different and are now recorded; goals of other starts stay."""
    known = {goal.start: goal for goal in _goals(tx, None).get(measure, ())}
    changed = [goal for goal in goals if known.get(goal.start) != goal]
    for goal in changed:
        measures.add_goal(tx, measure, Period(goal.start, "day"), goal.value, goal.red, goal.yellow, goal.source, reason)
    return changed


def _body(one: Definition, currency: str) -> dict:
    own = "" if one.currency == currency else one.currency
    return measures_file.as_table(replace(one, targets=(), currency=own))


def _newest(tx: Tx, measure: str) -> tuple[int, str] | None:
    return tx.one("SELECT version, body FROM definition WHERE measure = $1 ORDER BY version DESC LIMIT 1", [measure])


def current(tx: Tx) -> dict[str, Definition]:
    """The newest version of every definition by id: those with a slot first, then by label; with the goals in force."""
    return dict(tx.once("definitions", lambda: _current(tx)))


def _current(tx: Tx) -> dict[str, Definition]:
    rows = tx.all("""SELECT measure, body FROM
                        (SELECT measure, body, ROW_NUMBER() OVER (PARTITION BY measure ORDER BY version DESC) AS place
                         FROM definition) AS ranked
                     WHERE place = 1""")
    goals, currency = _goals(tx, None), _currency(tx)
    slots = dict(tx.all("SELECT measure, MIN(slot) FROM slot GROUP BY measure"))
    found = [_definition(measure, body, goals.get(measure, ()), currency) for measure, body in rows]
    return {one.name: one for one in sorted(found, key=lambda one: (slots.get(one.name, SLOTS + 1), names.order(one.label)))}


def at(tx: Tx, measure: str, moment: datetime) -> Definition | None:
    """The definition and the goals as they were recorded at a moment (UTC); None before its first version."""
    row = tx.one("""SELECT body FROM definition WHERE measure = $1 AND recorded_at <= $2
                    ORDER BY version DESC LIMIT 1""", [measure, moment])
    return _definition(measure, row[0], _goals(tx, moment).get(measure, ()), _currency(tx)) if row else None


def version_of(tx: Tx, measure: str) -> int:
    """The newest version's number, 0 when there is none."""
    found = _newest(tx, measure)
    return found[0] if found else 0


def history(tx: Tx, measure: str) -> tuple[Recorded, ...]:
    """Every version of a definition, the newest first, without goals: these have their own history."""
    rows = tx.all("""SELECT version, body, source, author, reason, recorded_at FROM definition
                     WHERE measure = $1 ORDER BY version DESC""", [measure])
    return tuple(Recorded(version, _definition(measure, body, (), _currency(tx)), *rest) for version, body, *rest in rows)


def changes(tx: Tx) -> tuple[int, tuple[datetime, str] | None]:
    """(how many versions of all definitions there are, when (UTC) and by whom the newest was recorded)."""
    (count,) = tx.one("SELECT COUNT(*) FROM definition")
    newest = tx.one("SELECT recorded_at, author FROM definition ORDER BY recorded_at DESC, measure LIMIT 1")
    return count, newest and (newest[0], newest[1])


def stated(tx: Tx) -> dict[tuple[str, str], datetime]:
    """(effect, cause) -> since when the link stands with the sign and lag that it has now, UTC."""
    rows = tx.all("SELECT measure, body, recorded_at FROM definition ORDER BY measure, version")
    found: dict[tuple[str, str], tuple[tuple, datetime]] = {}
    for measure, body, recorded_at in rows:
        drivers = {one["measure"]: (one["sign"], one["lag"]) for one in json.loads(body).get("drivers", ())}
        found = {key: value for key, value in found.items() if key[0] != measure or drivers.get(key[1]) == value[0]}
        for cause, said in drivers.items():
            found.setdefault((measure, cause), (said, recorded_at))
    return {key: since for key, (_, since) in found.items()}


def _definition(measure: str, body: str, goals: Iterable[Goal], currency: str) -> Definition:
    return replace(_built(measure, body, currency), targets=tuple(goals))


@lru_cache(maxsize=1024)
def _built(measure: str, body: str, currency: str) -> Definition:
    """The definition of a recorded text: every read of the store asks for all of them, and a version never changes."""
    return measures_file.build(measure, {"currency": currency} | json.loads(body))


def _currency(tx: Tx) -> str:
    row = tx.one("SELECT currency FROM organisation WHERE id = 1")
    return row[0] if row else "$"


def _goals(tx: Tx, moment: datetime | None) -> dict[str, list[Goal]]:
    """The goals in force by measure, oldest first, as recorded at a moment (None: now)."""
    rows = tx.all("""SELECT measure, starts, value, source, red, yellow FROM goal
                     WHERE CAST($1 AS TIMESTAMP) IS NULL OR recorded_at <= $1 ORDER BY measure, starts, version""", [moment])
    newest = {(measure, starts): rest for measure, starts, *rest in rows}
    found: dict[str, list[Goal]] = {}
    for (measure, starts), (value, source, red, yellow) in newest.items():
        if value is not None:
            found.setdefault(measure, []).append(Goal(starts, value, source, red, yellow))
    return found


# -- the file and the store, side by side

def differences(file: Mapping[str, Definition], tx: Tx) -> list[Difference]:
    """Every key that differs, in the order of the file, then what only the store has."""
    stored = current(tx)
    found = []
    for name, one in file.items():
        found += _keys(name, one, stored[name]) if name in stored else [Difference(name, "", one.label, "")]
    return found + [Difference(name, "", "", one.label) for name, one in stored.items() if name not in file]


def _keys(name: str, file: Definition, stored: Definition) -> list[Difference]:
    if not file.currency:
        stored = replace(stored, currency="")
    ours, theirs = measures_file.as_table(file), measures_file.as_table(stored)
    return [Difference(name, key, _said(ours.get(key)), _said(theirs.get(key)))
            for key in measures_file.KEYS if ours.get(key) != theirs.get(key)]


def _said(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)


# -- scorecards and slots

def scorecards(tx: Tx) -> list[Scorecard]:
    """All scorecards by name, the first one made in front; each with the rule set in force on it."""
    return list(tx.once("scorecards", lambda: _scorecards(tx)))


def _scorecards(tx: Tx) -> list[Scorecard]:
    row = tx.one("SELECT rule_set FROM organisation WHERE id = 1")
    default = row[0] if row else "wheeler"
    slots: dict[str, list[tuple[int, str]]] = {}
    for scorecard, slot, measure in tx.all("SELECT scorecard, slot, measure FROM slot ORDER BY scorecard, slot"):
        slots.setdefault(scorecard, []).append((slot, measure))
    named: dict[str, list[tuple[str, str]]] = {}
    for scorecard, measure, into in tx.all("SELECT scorecard, measure, into_measure FROM roll_up ORDER BY scorecard, measure"):
        named.setdefault(scorecard, []).append((measure, into))
    rows = tx.all("SELECT id, name, audience, rule_set, version, parent FROM scorecard ORDER BY name")
    found = [Scorecard(id, name, audience, rules or default, tuple(m for _, m in slots.get(id, ())), version,
                       tuple(slots.get(id, ())), parent or "", tuple(named.get(id, ()))) for id, name, audience, rules, version, parent in rows]
    return sorted(found, key=lambda card: card.id != FIRST_SCORECARD)


def scorecard(tx: Tx, id: str) -> Scorecard | None:
    """The scorecard with this id."""
    return next((card for card in scorecards(tx) if card.id == id), None)


def insert_scorecard(tx: Tx, id: str, name: str, audience: str) -> None:
    """Nothing; an empty scorecard is written that follows the organisation's rule set."""
    tx.run("INSERT INTO scorecard (id, name, audience, rule_set, version) VALUES ($1, $2, $3, NULL, 1)", [id, name, audience])


def update_scorecard(tx: Tx, id: str, name: str, audience: str, version: int) -> bool:
    """True when the row still had this version and is changed; every change of its slots goes through here."""
    return tx.one("""UPDATE scorecard SET name = $1, audience = $2, version = version + 1
                     WHERE id = $3 AND version = $4 RETURNING version""", [name, audience, id, version]) is not None


def put_slots(tx: Tx, scorecard: str, slots: Sequence[tuple[int, str]]) -> None:
    """Nothing; the scorecard has exactly these (slot, measure)."""
    tx.run("DELETE FROM slot WHERE scorecard = $1", [scorecard])
    tx.many("INSERT INTO slot (scorecard, slot, measure) VALUES ($1, $2, $3)",
            [(scorecard, slot, measure) for slot, measure in slots])


def put_parent(tx: Tx, id: str, parent: str, named: Sequence[tuple[str, str]] = ()) -> None:
    """Nothing; the scorecard rolls up into its parent ("" for none), which calls the `named` measures otherwise."""
    tx.run("UPDATE scorecard SET parent = $1 WHERE id = $2", [parent or None, id])
    tx.run("DELETE FROM roll_up WHERE scorecard = $1", [id])
    tx.many("INSERT INTO roll_up (scorecard, measure, into_measure) VALUES ($1, $2, $3)",
            [(id, measure, into) for measure, into in named])


def drop_scorecard(tx: Tx, id: str) -> None:
    """Nothing; the scorecard, its slots and its links are gone."""
    for table in ("slot", "roll_up"):
        tx.run(f"DELETE FROM {table} WHERE scorecard = $1", [id])
    tx.run("DELETE FROM scorecard WHERE id = $1", [id])
