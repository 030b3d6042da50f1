"""Registers: what people write down, one way for all systems. `data/registers.toml` declares each; nothing here knows one by name.

An entry has versions: each change says who, when and why, and a withdrawn entry stays in its history. Every command checks
values by their kind (what they refer to exists) and writes its audit row with the change.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import secrets
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from scorecard import access
from scorecard.access import Actor
from scorecard.core import names, percents, register_values, rollup
from scorecard.core.periods import day
from scorecard.core.registers_file import REFERENCES, ROWS, WRITERS, Field, Register, State, parse
from scorecard.errors import NotAllowed, ScorecardError, StaleEdit, UsageError
from scorecard.store import definitions, measures
from scorecard.store import registers as rows
from scorecard.store.engine import Store
from scorecard.store.registers import Asked, Entry, Sight, Told, Version
from scorecard.store.tx import Tx

__all__ = [
    "Asked", "Entry", "Field", "Imported", "Register", "ROWS", "Refused", "State", "Version", "add", "alter", "by_state", "by_value", "change", "count",
    "described", "entries", "every_version", "evidence", "history", "import_in", "import_rows", "is_asked", "labels", "may_begin", "may_change", "may_read", "may_restore", "may_withdraw", "may_write", "moves", "of_page", "offered", "one",
    "put_past", "register", "registers", "restore", "unnamed", "used", "withdraw", "withdrawn",
]  # fmt: skip

FOLDER = Path(__file__).resolve().parent.parent / "data"
FILE, PRACTICES = FOLDER / "registers.toml", FOLDER / "maturity.toml"
LONGEST_TITLE, LONGEST_REASON = 200, 500
MOST_IMPORTED = 100_000
AT_ONCE = 500
AGAIN = ("id", "version", "state", "reason")


@dataclass(frozen=True)
class Refused:
    """A row that was not taken: its number, the head line being row 1, and the reason."""

    row: int
    reason: str


@dataclass(frozen=True)
class Past:
    """One version of an entry as somebody wrote it at a moment (UTC) that lies behind; the first of an id adds it, later ones change it."""

    id: str
    actor: Actor
    now: datetime
    values: Mapping[str, Any]
    state: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Imported:
    """What came of a file: entries that are new, that say otherwise, that were known as they are, and rows refused.

    `passed_over` are columns that are no fields; `stored` says whether it was done, or only looked at.
    """

    added: int
    changed: int
    known: int
    refused: tuple[Refused, ...]
    stored: bool
    passed_over: tuple[str, ...] = ()


# -- the declaration


def registers() -> dict[str, Register]:
    """Every declared register by its id, in the order of the file. Raises DefinitionError with a line for each fault."""
    return _registers(FILE, FILE.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _registers(path: Path, changed: int) -> dict[str, Register]:
    return parse(path.read_text("utf-8"), path.name, access.ACTIONS)


@lru_cache(maxsize=2)
def _practices(changed: int) -> dict[str, str]:
    data = tomllib.loads(PRACTICES.read_text("utf-8"))
    return {id: str(one.get("title", id)) for id, one in data.get("practices", {}).items()}


def practices() -> dict[str, str]:
    """The practices that an entry can name, id -> title."""
    return _practices(PRACTICES.stat().st_mtime_ns)


def register(id: str) -> Register:
    """The register of this id. Raises UsageError that says what there is."""
    found = registers()
    if id not in found:
        near = difflib.get_close_matches(id, found, 1)
        meant = f" Did you mean '{near[0]}'?" if near else ""
        raise UsageError(f"There is no register '{id}'.{meant} There is: {', '.join(found)}.")
    return found[id]


def of_page(page: str) -> tuple[Register, ...]:
    """The registers that have their place on a page, in the order of the file."""
    return tuple(one for one in registers().values() if one.page == page)


# -- who may


def may_write(actor: Actor | None, register_id: str) -> bool:
    """Whether the actor may write, change and withdraw entries."""
    return access.may(actor, register(register_id).write)


def may_begin(store: Store, actor: Actor | None, register_id: str) -> bool:
    """Whether there is an entry that the actor may write: of people's own rows one about themselves, about somebody they lead, or one that
    hangs on an entry in their reach."""
    of = register(register_id)
    if of.rows == "all" or not may_write(actor, register_id):
        return may_write(actor, register_id)
    if not actor.person:
        return False
    if not of.through and of.writers != ("leader",):
        return True
    with store.read() as tx:
        if of.through:
            return rows.count(tx, _reach(of, actor)) > 0
        return access.may(actor, "read_people") and tx.one("SELECT 1 FROM person WHERE leader = $1 LIMIT 1", [actor.person]) is not None


def _reach(of: Register, actor: Actor) -> Asked:
    """The entries on which the actor may hang one of their own."""
    beyond = register(of.field(of.through).of)
    return Asked(beyond.id, sight=Sight(actor.person, False, readers=of.readers) if of.readers else sight(beyond, actor))


def may_change(store: Store, actor: Actor | None, entry: Entry) -> bool:
    """Whether the actor may change something in this entry, which they see."""
    of = register(entry.register)
    return may_write(actor, of.id) and _owns(store, of, actor, entry) and (bool(of.answers) or _may_say(of, actor, entry.values))


def may_withdraw(store: Store, actor: Actor | None, entry: Entry) -> bool:
    """Whether the actor may take this entry back, which they see."""
    of = register(entry.register)
    return may_write(actor, of.id) and _owns(store, of, actor, entry) and _may_take_back(of, actor, entry.values)


def may_restore(store: Store, actor: Actor | None, entry: Entry) -> bool:
    """Whether the actor may bring this withdrawn entry back, which they see."""
    of = register(entry.register)
    return may_write(actor, of.id) and _owns(store, of, actor, entry) and _may_say(of, actor, entry.values)


def _owns(store: Store, of: Register, actor: Actor | None, entry: Entry) -> bool:
    try:
        with store.read() as tx:
            require_own(tx, of, actor, entry.values)
    except NotAllowed:
        return False
    return True


def _may_take_back(of: Register, actor: Actor | None, values: Mapping[str, Any]) -> bool:
    """Whether the actor may take back what speaks in one person's name: they themselves, or a leader."""
    whose = values.get(of.speaks) if of.speaks else None
    return not whose or actor is not None and (actor.person == whose or access.may(actor, "decide"))


def _may_say(of: Register, actor: Actor | None, values: Mapping[str, Any]) -> bool:
    """Whether the actor may say this in the name in which it speaks. What a step of its own writes is said by nobody else."""
    if of.speaks and of.field(of.speaks).by:
        return actor is not None and values.get(of.speaks) == actor.person
    return _may_take_back(of, actor, values)


def _require_voice(of: Register, actor: Actor | None, *said: Mapping[str, Any]) -> None:
    """Nothing, when the actor may say all of this. Raises NotAllowed with who may."""
    if actor is not None and not all(_may_say(of, actor, values) for values in said):
        raise _another(of, "by a leader" if not of.field(of.speaks).by else "")


def _another(of: Register, also: str) -> NotAllowed:
    return NotAllowed(f"{_a(of.one)} {of.one} speaks in one person's name: it is written by that person{f' or {also}' if also else ' alone'}. Nothing is stored.")


def may_read(actor: Actor | None, register_id: str) -> bool:
    """Whether the actor may read entries; which of them, the register's `rows` says."""
    return access.may(actor, register(register_id).read)


def _asked(of: Register, actor: Actor | None, **wanted: Any) -> Asked:
    """The question, kept to the rows that the actor sees. A register whose rows are a person's own wants to know who asks."""
    if actor is not None:
        access.require(actor, of.read)
    return Asked(of.id, **wanted, sight=sight(of, actor))


def sight(of: Register, actor: Actor | None) -> Sight | None:
    """What keeps a question to the entries that the actor sees; None where everybody sees all. Raises NotAllowed when nobody asks."""
    if of.rows == "all":
        return None
    if actor is None:
        raise NotAllowed(f"{of.label} are seen by {ROWS[of.rows]}; nobody is named who asks.")
    beyond = register(of.field(of.through).of) if of.through else None
    nested = sight(beyond, actor) if beyond and beyond.rows != "all" and not of.readers else None
    return Sight(actor.person, access.may(actor, "read_people"), of.author, of.readers, of.share, of.blind, of.through, beyond.id if beyond else "", nested)


def require_own(tx: Tx, of: Register, actor: Actor | None, values: Mapping[str, Any]) -> None:
    """Nothing, when the actor may write an entry of people's own rows that says this. Raises NotAllowed with who may."""
    if of.rows == "all":
        return
    if actor is None or not actor.person or not any(_WRITES[one](tx, of, actor, values) for one in of.writers) or not _reaches(tx, of, actor, values):
        raise NotAllowed(f"{of.label} are written by {' and '.join(WRITERS[one] for one in of.writers)}. Nothing is stored.")


def _is_person(tx: Tx, of: Register, actor: Actor, values: Mapping[str, Any]) -> bool:
    return bool(of.person) and values.get(of.person) == actor.person


def _is_leader(tx: Tx, of: Register, actor: Actor, values: Mapping[str, Any]) -> bool:
    if not (of.person and access.may(actor, "read_people")):
        return False
    return tx.one("SELECT 1 FROM person WHERE id = $1 AND leader = $2", [values.get(of.person), actor.person]) is not None


def _is_author(tx: Tx, of: Register, actor: Actor, values: Mapping[str, Any]) -> bool:
    return bool(of.author) and values.get(of.author) == actor.person


def _is_reader(tx: Tx, of: Register, actor: Actor, values: Mapping[str, Any]) -> bool:
    if of.through:
        return True  # whether the entry behind it is in reach is asked of every writer
    return any(actor.person in _as_list(values.get(name)) for name in of.readers)


_WRITES = {"person": _is_person, "leader": _is_leader, "author": _is_author, "readers": _is_reader}


def _reaches(tx: Tx, of: Register, actor: Actor, values: Mapping[str, Any]) -> bool:
    """Whether the actor is among those whom the entry behind this one admits."""
    if not of.through:
        return True
    beyond = register(of.field(of.through).of)
    found = rows.one(tx, beyond.id, str(values.get(of.through) or ""), None if of.readers else sight(beyond, actor))
    return found is not None and (not of.readers or any(actor.person in _as_list(found.values.get(name)) for name in of.readers))


# -- reads, inside a transaction


def entries(
    tx: Tx, register_id: str, *, account: str | None = None, person: str | None = None, team: str | None = None,
    state: str | Sequence[str] | None = None, since: date | None = None, until: date | None = None, words: str = "",
    where: Mapping[str, str] | None = None, limit: int | None = None, offset: int = 0, order: str = "", actor: Actor | None = None,
) -> list[Entry]:  # fmt: skip
    """The entries as they stand, in the order of the register, or of `order` (a key of store.registers.ORDERS).

    `since` and `until` are days, both included; `where` maps fields that hold choices or references to a value; `words` must all
    be found. With `actor`, raises NotAllowed when they may not read; registers of people's own rows need it.
    """
    of = register(register_id)
    asked = _asked(of, actor, **_wanted(account, person, team, state, since, until, words, where))
    return rows.listed(tx, asked, order or _order(of), limit, offset)


def count(
    tx: Tx, register_id: str, *, account: str | None = None, person: str | None = None, team: str | None = None,
    state: str | Sequence[str] | None = None, since: date | None = None, until: date | None = None, words: str = "",
    where: Mapping[str, str] | None = None, actor: Actor | None = None,
) -> int:  # fmt: skip
    """How many entries `entries` gives without a limit."""
    return rows.count(tx, _asked(register(register_id), actor, **_wanted(account, person, team, state, since, until, words, where)))


def _wanted(
    account: str | None = None, person: str | None = None, team: str | None = None, state: str | Sequence[str] | None = None,
    since: date | None = None, until: date | None = None, words: str = "", where: Mapping[str, str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    states = () if not state else (state,) if isinstance(state, str) else tuple(state)
    return {"account": account, "person": person, "team": team, "states": states, "since": since, "until": until, "words": words,
            "where": dict(where or {})}


def _order(of: Register) -> str:
    if of.order == "-":
        return "-recorded"
    return ("-" if of.newest_first else "") + ("date" if of.by_date else "title")


def by_state(tx: Tx, register_id: str, actor: Actor | None = None, **wanted: Any) -> dict[str, int]:
    """How many entries are in each state, in the order of the states; `wanted` as for `entries`."""
    of = register(register_id)
    found = rows.by_state(tx, _asked(of, actor, **_wanted(**wanted)))
    return {state.id: found.get(state.id, 0) for state in of.states}


def by_value(tx: Tx, register_id: str, field: str, actor: Actor | None = None, **wanted: Any) -> dict[str, int]:
    """How many entries have each value of a field of choices or references, the most frequent first; `wanted` as for `entries`."""
    of = register(register_id)
    return rows.by_value(tx, _asked(of, actor, **_wanted(**wanted)), of.field(field).name)


def one(tx: Tx, register_id: str, id: str, actor: Actor | None = None) -> Entry:
    """The entry with this id as it stands. Raises UsageError when there is none, or none that the actor sees."""
    of = register(register_id)
    found = rows.one(tx, of.id, id, _asked(of, actor).sight)
    if found is None:
        raise UsageError(f"There is no {of.one} '{id[:60]}'. It may have been withdrawn. List them with: python -m scorecard record list {of.id}")
    return found


def history(tx: Tx, register_id: str, id: str, actor: Actor | None = None) -> list[Version]:
    """Every version of an entry that the actor sees, the newest first; of a withdrawn one too."""
    of = register(register_id)
    return rows.history(tx, of.id, id, _asked(of, actor).sight)


def every_version(tx: Tx, register_ids: Sequence[str]) -> list[Version]:
    """Every version of every entry of registers that all read, by entry, the first version first. Raises NotAllowed for people's own rows."""
    for id in register_ids:
        sight(register(id), None)
    return rows.every_version(tx, register_ids)


def moves(tx: Tx, register_id: str, actor: Actor | None = None) -> list[tuple[str, str, datetime]]:
    """(entry, state, since when in UTC) of every state that the standing entries came into, in order of time."""
    of = register(register_id)
    return rows.moves(tx, of.id, _asked(of, actor).sight)


def withdrawn(tx: Tx, register_id: str, actor: Actor | None = None) -> list[Version]:
    """The last version of each of the latest withdrawn entries, the latest first."""
    of = register(register_id)
    return rows.withdrawn(tx, of.id, sight=_asked(of, actor).sight)


# What says something about the whole and nothing in words; nobody is named by it.
_COUNTED = ("choice", "department", "measure", "practice", "segment", "entry", "date", "month", "number", "share", "money", "yes_no")


def unnamed(tx: Tx, register_id: str, since: date | None = None, until: date | None = None) -> list[dict[str, Any]]:
    """Of every entry its state, its day and the values that can be counted: no id, no person, no author, no words.

    For figures of the whole team out of people's own rows, whoever looks at them; in no order that says whose they are.
    """
    of = register(register_id)
    counted = [field.name for field in of.fields if field.kind in _COUNTED]
    found = [{"state": one.state, "at": one.at, **{name: one.values[name] for name in counted if name in one.values}}
             for one in rows.listed(tx, Asked(of.id, since=since, until=until), "date")]
    return sorted(found, key=lambda one: json.dumps(one, sort_keys=True, default=str))


def evidence(tx: Tx, practice: str, since: date | None = None, until: date | None = None) -> dict[str, int]:
    """How many entries speak for a practice of the maturity model, by register; registers without an entry are left out.

    People's own rows are counted too, over everybody: a number that names nobody.
    """
    found = {one.id: rows.count(tx, Asked(one.id, since=since, until=until)) for one in registers().values() if practice in one.practices}
    return {id: number for id, number in found.items() if number}


# -- what can be referred to

# The id and the words of everything of a kind; accounts and segments are facts, the rest is state.
_NAMED = {
    "person": "SELECT id, name FROM person",
    "team": "SELECT id, name FROM team",
    "project": "SELECT id, title FROM project",
    "measure": "SELECT measure, measure FROM definition",
    "account": "SELECT account_id, name FROM account",
    "segment": "SELECT DISTINCT segment, segment FROM account WHERE segment <> ''",
}
_OF_FACTS = ("account", "segment")
NAMED = ("person", "team", "account", "project", "entry")  # their ids say little to people
_KEYS = {"person": "id", "team": "id", "project": "id", "measure": "measure", "account": "account_id", "segment": "segment"}
_NAMES = {"person": "name", "team": "name", "project": "title", "account": "name"}
_WHERE = {
    "person": "Choose one under Settings, Members.", "team": "Choose one under Settings.", "project": "Choose one on the page Improvement.",
    "measure": "Choose one on the page Metrics.", "account": "Load accounts on the page Data.", "segment": "Load accounts with their segments on the page Data.",
}  # fmt: skip


@dataclass(frozen=True)
class _Share:
    """A measure that is a share: its name, its last figure over everybody, what it can be at least and at most; in percent."""

    label: str
    now: float | None
    least: float | None
    most: float | None


def _share(tx: Tx, measure: str) -> _Share | None:
    known = definitions.current(tx)
    one = known.get(measure) or next((each for each in known.values() if names.bare(each.label) == names.bare(measure)), None)
    if one is None or not one.is_share:
        return None
    points = rollup.series(measures.figures(tx, [one.name]), one.aggregate).get("", ())
    now = next((point.value for point in reversed(points) if point.value is not None and not point.partial), None)
    return _Share(one.label, *(None if value is None else round(value * percents.WHOLE, 10) for value in (now, *one.bounds)))


class References:
    """What values may refer to. With `whole`, everything of a kind is read once: for many values at a time."""

    def __init__(self, store: Store, tx: Tx, whole: bool = False, actor: Actor | None = None):
        self._store, self._tx, self._whole, self._actor = store, tx, whole, actor
        self._found: dict[tuple[str, str], str] = {}
        self._shares: dict[str, _Share | None] = {}
        self._all: dict[str, tuple[set[str], dict[str, list[str]]]] = {}

    def share(self, measure: str) -> _Share | None:
        """The share that a measure of this id or name is; None for another unit."""
        if measure not in self._shares:
            self._shares[measure] = _share(self._tx, measure)
        return self._shares[measure]

    def resolve(self, field: Field, text: str) -> str:
        """The id of what a text names, by its id or its name. Raises UsageError when there is none, or when the name is that of two."""
        mark = (field.kind + field.of, text)
        if mark not in self._found:
            self._found[mark] = self._resolve(field, text)
        return self._found[mark]

    def _resolve(self, field: Field, text: str) -> str:
        if field.kind == "practice":
            return self._practice(field, text)
        if field.kind == "entry":
            return self._entry(field, text)
        ids = self._ids(field.kind, text)
        if len(ids) > 1:
            raise UsageError(f"{field.label}: '{text}' is the name of {len(ids)}. Use the id: {', '.join(sorted(ids)[:5])}.")
        if not ids:
            raise UsageError(f"{field.label}: there is no {field.kind} '{text}'. {_WHERE[field.kind]}")
        return ids[0]

    def _ids(self, kind: str, text: str) -> list[str]:
        if self._whole:
            known, by_name = self._everything(kind)
            return [text] if text in known else by_name.get(names.bare(text), [])
        key, table = _KEYS[kind], _table(kind)
        if self._asked(kind, f"SELECT 1 FROM {table} WHERE {key} = $1 LIMIT 1", [text]):
            return [text]
        name = _NAMES.get(kind, key)
        return [id for (id,) in self._asked(kind, f"SELECT DISTINCT {key} FROM {table} WHERE LOWER({name}) = LOWER($1) LIMIT 6", [text])]

    def _everything(self, kind: str) -> tuple[set[str], dict[str, list[str]]]:
        if kind not in self._all:
            by_name: dict[str, list[str]] = {}
            pairs = dict(self._asked(kind, _NAMED[kind], []))
            for id, name in pairs.items():
                by_name.setdefault(names.bare(name or id), []).append(id)
            self._all[kind] = set(pairs), by_name
        return self._all[kind]

    def _asked(self, kind: str, sql: str, params: list[Any]) -> list[tuple]:
        if kind not in _OF_FACTS:
            return self._tx.all(sql, params)
        with self._store.read_facts() as tx:
            return tx.all(sql, params)

    def _practice(self, field: Field, text: str) -> str:
        if text.upper() not in practices():
            raise UsageError(f"{field.label}: there is no practice '{text}'. They are {', '.join(practices())}.")
        return text.upper()

    def _entry(self, field: Field, text: str) -> str:
        seen = sight(register(field.of), self._actor)
        if (one := rows.one(self._tx, field.of, text, seen)) and _fits(field, one):
            return text
        found = rows.called(self._tx, field.of, text, seen)
        if field.only:
            found = [id for id, entry in rows.known(self._tx, field.of, found, seen).items() if _fits(field, entry)]
        if len(found) != 1:
            there = f"'{text}' is the name of {len(found)}" if found else f"there is no {register(field.of).one} '{text}'"
            raise UsageError(f"{field.label}: {there}. Use the id, as in: python -m scorecard record list {field.of}")
        return found[0]


def _fits(field: Field, entry: Entry) -> bool:
    """Whether an entry is one of those to which a field keeps."""
    return all(entry.values.get(name) == value for name, value in (field.only or {}).items())


def _table(kind: str) -> str:
    return {"measure": "definition", "segment": "account"}.get(kind, kind)


def labels(store: Store, of: Register, found: Sequence[Entry], actor: Actor | None = None) -> dict[tuple[str, str], str]:
    """(kind, id) -> name of everything that these entries refer to; an entry of another register as `entry:<register>`.

    An entry of people's own rows is named to an actor who sees it.
    """
    wanted: dict[str, set[str]] = {}
    for field in of.fields:
        if field.kind in REFERENCES:
            kind = f"entry:{field.of}" if field.kind == "entry" else field.kind
            wanted.setdefault(kind, set()).update(id for entry in found for id in _as_list(entry.values.get(field.name)))
    with store.read() as tx:
        return {(kind, id): name for kind, ids in wanted.items() for id, name in _names(store, tx, kind, sorted(ids), actor).items()}


def _names(store: Store, tx: Tx, kind: str, ids: Sequence[str], actor: Actor | None = None) -> dict[str, str]:
    if not ids or kind == "segment":
        return {}
    if kind.startswith("entry:"):
        named = register(kind.removeprefix("entry:"))
        if named.rows != "all" and not may_read(actor, named.id):
            return {}
        return {id: entry.title for id, entry in rows.known(tx, named.id, ids, sight(named, actor)).items()}
    if kind == "practice":
        return {id: f"{id} {practices()[id]}" for id in ids if id in practices()}
    if kind == "measure":
        return dict(_measures(tx))
    sql = f"{_NAMED[kind]} WHERE {_KEYS[kind]} IN ({', '.join(f'${n}' for n in range(1, len(ids) + 1))})"
    if kind not in _OF_FACTS:
        return dict(tx.all(sql, list(ids)))
    with store.read_facts() as facts:
        return {id: name or id for id, name in facts.all(sql, list(ids))}


def _measures(tx: Tx) -> dict[str, str]:
    return {id: one.label for id, one in definitions.current(tx).items()}


def offered(store: Store, kind: str, actor: Actor | None = None, only: Mapping[str, str] | None = None) -> dict[str, str]:
    """Everything of a kind that a form can offer, id -> name, in alphabetical order; `entry:<register>` for entries, `only` those that say so."""
    with store.read() as tx:
        if kind.startswith("entry:"):
            found = {one.id: one.title for one in entries(tx, kind.removeprefix("entry:"), where=only, limit=AT_ONCE, actor=actor)}
            return found
        if kind == "practice":
            return {id: f"{id} {title}" for id, title in practices().items()}
        if kind == "measure":
            pairs = _measures(tx)
        elif kind not in _OF_FACTS:
            pairs = dict(tx.all(_NAMED[kind]))
        else:
            with store.read_facts() as facts:
                pairs = {id: name or id for id, name in facts.all(_NAMED[kind])}
    return dict(sorted(pairs.items(), key=lambda pair: (names.order(pair[1]), pair[0])))


# -- what an entry says


def _checked(of: Register, values: Mapping[str, Any], references: References, old: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The values, cleaned and complete but for what a state needs. Raises ScorecardError that names the field.

    What stood there before is kept, even where what it refers to is gone meanwhile.
    """
    known = [field.name for field in of.fields]
    for name in values:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise UsageError(f"{of.label} have no field '{name}'." + (f" Did you mean '{near[0]}'?" if near else f" They have: {', '.join(known)}."))
    found = dict(old or {})
    for field in of.fields:
        if field.name in values:
            value = register_values.read(field, values[field.name])
            found[field.name] = value if value == (old or {}).get(field.name) else _resolved(field, value, references)
    found = {name: value for name, value in found.items() if not register_values.is_missing(value)}
    for field in of.fields:
        if field.required and field.name not in found:
            raise UsageError(f"{field.label} is missing. Every {of.one} needs it.")
    _check_units(of, found, old or {}, references)
    return found


def _check_units(of: Register, found: Mapping[str, Any], old: Mapping[str, Any], references: References) -> None:
    """Nothing; raises UsageError for a figure of a share that can be read in two ways. What stood there before is kept."""
    for field in of.fields:
        if field.unit_of and found.get(field.name) is not None and any(found.get(name) != old.get(name) for name in (field.name, field.unit_of)):
            share = references.share(str(found.get(field.unit_of) or ""))
            if share and share.now is not None:
                percents.check_level(field.label, share.label, float(found[field.name]), share.now, share.most)
        for column in field.columns:
            if column.unit_of:
                for row in found.get(field.name) or ():
                    _check_change(column, row, references) if row not in (old.get(field.name) or ()) else None


def _check_change(column: Field, row: Mapping[str, Any], references: References) -> None:
    said = row.get(column.unit_in) if column.unit_in else None
    share = references.share(str(row.get(column.unit_of) or "")) if said != "percent" else None
    if share and share.now is not None and column.name in row:
        percents.check_change(share.label, float(row[column.name]), share.now, share.least, share.most, said == percents.POINTS)


def _refuse_typed(of: Register, values: Mapping[str, Any], old: Mapping[str, Any] = MappingProxyType({})) -> None:
    """Nothing, while the fields that a step of its own writes stay as they stood. Raises UsageError."""
    for field in of.fields:
        if field.by and field.name in values:
            said, stood = register_values.read(field, values[field.name]), old.get(field.name)
            if said != stood and not (register_values.is_missing(said) and register_values.is_missing(stood)):
                raise UsageError(f"{field.label} is not typed in: it is written by {field.by}.")


def _resolved(field: Field, value: Any, references: References) -> Any:
    if field.kind not in REFERENCES or register_values.is_missing(value):
        return value
    if field.many:
        return list(dict.fromkeys(references.resolve(field, text) for text in value))
    return references.resolve(field, value)


def _check_state(of: Register, state: str, values: Mapping[str, Any]) -> None:
    if not of.states:
        if state:
            raise UsageError(f"{of.label} have no states, and '{state}' is one.")
        return
    found = of.state(state)
    if found is None:
        raise UsageError(f"'{state}' is no state of a {of.one}. Use one of: {', '.join(one.id for one in of.states)}.")
    lacking = [of.field(name).label for name in found.needs if name not in values]
    if lacking:
        raise UsageError(f"A {of.one} that is {found.label} says: {', '.join(lacking)}. Fill that in first.")


def _check_days(of: Register, state: str, values: Mapping[str, Any], today: date | None) -> None:
    """Nothing; raises UsageError for a day of what has happened that is still to come, and for one that lies before what came first."""
    standing = of.state(state)
    for field in of.fields:
        own = values.get(field.name)
        if not own or field.kind != "date":
            continue
        named = standing is not None and field.name in standing.past
        if today and (field.past or named) and own > today.isoformat():
            happened = f"{_a(of.one)} {of.one} that is {standing.label} has happened" if named else "It says what has happened"
            raise UsageError(f"{field.label}: {day(date.fromisoformat(own))} is still to come. {happened}; choose today or an earlier day.")
        first = values.get(field.after) if field.after else None
        if first and own < first:
            raise UsageError(f"{field.label}: {day(date.fromisoformat(own))} lies before {of.field(field.after).label.lower()}, {day(date.fromisoformat(first))}. Change one of the two.")


def _a(word: str) -> str:
    return "An" if word[:1] in "aeiou" else "A"


def _made(of: Register, id: str, version: int, state: str, since: datetime, values: dict[str, Any], tx: Tx | _Hand, today: date, old: Entry | None) -> Entry:
    """The entry, with what is looked up and ordered by taken from its values."""
    about = {role: str(values.get(getattr(of, role)) or "") for role in ("account", "person", "team")}
    happened = str(values.get(of.date) or "")
    at = date.fromisoformat(happened if len(happened) > 7 else f"{happened}-01") if happened else today
    title = " ".join(str(values.get(of.title) or "").split())
    return Entry(
        of.id, id, version, state, since, about["account"], about["person"], about["team"], at, _cut(title) or of.one, values,
        tx.actor, tx.now, old.made_by if old else tx.actor, old.made_at if old else tx.now,
    )  # fmt: skip


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TITLE else f"{text[: LONGEST_TITLE - 1].rstrip()}…"


def _told(of: Register, entry: Entry) -> list[Told]:
    """The values that can be looked up and counted."""
    found = []
    for field in of.fields:
        if field.choices is not None or field.kind in REFERENCES:
            kind = f"entry:{field.of}" if field.kind == "entry" else field.kind
            found += [Told(field.name, kind, value) for value in _as_list(entry.values.get(field.name))]
    return found


def _as_list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [] if value is None else [value]


def described(entry: Entry) -> dict[str, Any]:
    """The entry as plain values: for `--json` and the audit."""
    return {
        "register": entry.register, "id": entry.id, "version": entry.version, "state": entry.state, "at": entry.at.isoformat(), "title": entry.title,
        "values": entry.values, "author": entry.author, "recorded_at": entry.recorded_at.isoformat(timespec="seconds"),
    }  # fmt: skip


def _keep(tx: Tx, of: Register, command: str, old: Entry | None, new: Entry, reason: str = "", withdrawn: bool = False) -> None:
    """Nothing; the version is kept with its audit row. People's own rows are in the audit as salted hashes only."""
    salt = _salt(of)
    # Of people's own rows a withdrawn version says as well whose it is: by that it is in sight.
    rows.keep(tx, [Version(new, reason, withdrawn)], [[] if withdrawn and of.rows == "all" else _told(of, new)], [salt])
    before = _audited(old, salt, reason="") if old else None
    after = None if withdrawn else _audited(new, salt, reason)
    tx.audit(command, f"record:{of.id}:{new.id}", before, after if not withdrawn else ({"reason": reason} if reason and not salt else None))


def _salt(of: Register) -> str:
    """What makes the hashes in the audit say nothing without the record; deleted with it."""
    return secrets.token_hex(16) if of.rows == "own" else ""


def _audited(entry: Entry, salt: str, reason: str) -> dict[str, Any]:
    said = {"version": entry.version, "state": entry.state, "values": entry.values} | ({"reason": reason} if reason else {})
    if not salt:
        return said
    text = salt + json.dumps(said, ensure_ascii=False, sort_keys=True)
    return {"version": entry.version, "sha256": hashlib.sha256(text.encode()).hexdigest()}


# -- commands


def add(
    store: Store, actor: Actor, register_id: str, values: Mapping[str, Any], *, state: str | None = None, today: date, id: str = "",
    now: datetime | None = None,
) -> Entry:  # fmt: skip
    """The new entry, in the first state unless another is given; fields that are not named have their defaults.

    `now` (UTC) is the moment that is recorded, None for the present one.
    """
    of = register(register_id)
    access.require(actor, of.write)
    whole = register_values.defaults(of.fields, today, actor.person) | dict(values)
    whole = {name: value for name, value in whole.items() if name in values or is_asked(of.field(name), whole)}
    _refuse_typed(of, values)

    def work(tx: Tx) -> Entry:
        return put(store, tx, of, whole, state, today, id or secrets.token_hex(6), actor)

    return store.write(work, actor.name, now)


def put(store: Store, tx: Tx, of: Register, values: Mapping[str, Any], state: str | None, today: date, id: str, actor: Actor | None = None) -> Entry:
    """The new entry, checked and written inside another command's transaction. Who calls this has asked for permission.

    An entry of people's own rows is written by an actor who may write this one.
    """
    found = _checked(of, values, References(store, tx, actor=actor))
    require_own(tx, of, actor, found)
    _require_voice(of, actor, found)
    chosen = _first_state(of) if state is None else state
    _check_state(of, chosen, found)
    _check_days(of, chosen, found, today)
    if rows.used(tx, of.id, [id]):
        raise UsageError(f"There is a {of.one} '{id}' already, or there was one.")
    new = _made(of, id, 1, chosen, tx.now, found, tx, today, None)
    rows.insert(tx, [new])
    _keep(tx, of, "add record", None, new)
    _check_whole(tx, of, [new])
    return new


def put_past(store: Store, tx: Tx, register_id: str, found: Sequence[Past]) -> list[Entry]:
    """The entries as they stand after all versions, each with the author and the moment of its own; checked as one by one, written at once."""
    of, known = register(register_id), {}
    standing: dict[str, Entry] = {}
    versions: list[Version] = []
    salts: list[str] = []
    for one in found:
        access.require(one.actor, of.write)
        references = known.setdefault(one.actor if of.rows == "own" else None, References(store, tx, whole=True, actor=one.actor))
        old = standing.get(one.id)
        hand = _Hand(one.actor.name, one.now)
        new = _changed(of, old, one.values, one.state, references, hand) if old else _first(of, one, references, hand)
        require_own(tx, of, one.actor, new.values)
        _require_voice(of, one.actor, *_said_anew(of, old, new))
        standing[one.id] = new
        versions.append(Version(new, one.reason, False))
        salts.append(_salt(of))
        tx.audit("change record" if old else "add record", f"record:{of.id}:{new.id}",
                 _audited(old, salts[-1], "") if old else None, _audited(new, salts[-1], one.reason))
    if there := used(tx, of.id, list(standing)):
        raise UsageError(f"There is a {of.one} '{min(there)}' already, or there was one.")
    rows.insert(tx, list(standing.values()))
    rows.keep(tx, versions, [_told(of, one.entry) for one in versions], salts)
    _check_whole(tx, of, list(standing.values()))
    return list(standing.values())


@dataclass(frozen=True)
class _Hand:
    """Who wrote a version, and when."""

    actor: str
    now: datetime


def _first(of: Register, one: Past, references: References, hand: _Hand) -> Entry:
    values = _checked(of, register_values.defaults(of.fields, one.now.date(), one.actor.person) | dict(one.values), references)
    chosen = _first_state(of) if one.state is None else one.state
    _check_state(of, chosen, values)
    return _made(of, one.id, 1, chosen, one.now, values, hand, one.now.date(), None)


def _check_whole(tx: Tx, of: Register, new: Sequence[Entry]) -> None:
    """Nothing; raises ScorecardError for what the register as a whole does not take. Such registers are written one at a time."""
    few = [field for field in of.fields if field.kind == "yes_no" and field.most is not None]
    if few or of.once:
        rows.claim(tx, of.id)
    if few:
        _check_most(tx, of, few)
    if of.once:
        _check_once(tx, of, new)


def _check_once(tx: Tx, of: Register, new: Sequence[Entry]) -> None:
    """Nothing; raises UsageError when another entry that stands says the same where one alone may."""
    for one in new:
        if _twin(tx, of, one):
            raise _is_twin(of)


def _twin(tx: Tx, of: Register, one: Entry) -> Entry | None:
    """The other entry that stands and says the same in the fields of `once`, whoever may see it."""
    looked_up = [name for name in of.once if of.field(name).choices is not None or of.field(name).kind in REFERENCES]
    found = rows.listed(tx, Asked(of.id, where={name: one.values[name] for name in looked_up}), "date")
    return next((other for other in found if other.id != one.id and _mark(of, other) == _mark(of, one)), None)


def _mark(of: Register, one: Entry) -> tuple[Any, ...]:
    return tuple(one.values.get(name) for name in of.once)


def _is_twin(of: Register) -> UsageError:
    same = " and ".join(of.field(name).label.lower() for name in of.once)
    return UsageError(f"There is {_a(of.one).lower()} {of.one} with the same {same} already: there is one of each. Open that one and change it; its history keeps both.")


def _check_most(tx: Tx, of: Register, few: Sequence[Field]) -> None:
    """Nothing; raises ScorecardError when more entries say yes to a field than may."""
    standing = rows.listed(tx, Asked(of.id), "title")
    for field in few:
        said = [one for one in standing if one.values.get(field.name) is True]
        if len(said) > field.most:
            named = "" if of.rows == "own" else ": " + ", ".join(f"'{one.title}'" for one in said)
            raise ScorecardError(f"{field.label}: at most {field.most:g} {of.label.lower()} may say yes, and {len(said)} would{named}. Take one away first.")


def is_asked(field: Field, values: Mapping[str, Any]) -> bool:
    """Whether a form asks for a field, beside what is chosen."""
    return all(values.get(name) == value for name, value in (field.asked_while or {}).items())


def _first_state(of: Register) -> str:
    return of.states[0].id if of.states else ""


def change(
    store: Store, actor: Actor, register_id: str, id: str, values: Mapping[str, Any], *, seen_version: int, reason: str = "",
    state: str | None = None, now: datetime | None = None, today: date | None = None,
) -> Entry:  # fmt: skip
    """The entry with the given fields changed, the others as they were; unchanged when they say the same. With `today`, a day of
    what has happened cannot lie ahead.

    Raises StaleEdit with both versions when somebody changed it since `seen_version`.
    """
    of = register(register_id)
    access.require(actor, of.write)

    def work(tx: Tx) -> Entry:
        _refuse_typed(of, values, one(tx, of.id, id, actor if of.rows == "own" else None).values)
        return alter(store, tx, actor, of, id, values, seen_version, reason, state, today)

    return store.write(work, actor.name, now)


def alter(
    store: Store, tx: Tx, actor: Actor, of: Register, id: str, values: Mapping[str, Any], seen_version: int, reason: str = "", state: str | None = None,
    today: date | None = None,
) -> Entry:  # fmt: skip  # fmt: skip
    """As `change`, inside another command's transaction. Who calls this has asked for permission."""
    why = names.clean(reason, "reason", LONGEST_REASON)
    old = one(tx, of.id, id, actor if of.rows == "own" else None)
    require_own(tx, of, actor, old.values)
    new = _changed(of, old, values, state, References(store, tx, actor=actor), tx)
    require_own(tx, of, actor, new.values)
    _require_voice(of, actor, *_said_anew(of, old, new))
    if new is not old:
        _check_days(of, new.state, new.values, today)
    if old.version != seen_version:
        raise _stale(of, old, new, seen_version)
    return old if new is old else _save(tx, of, old, new, why)


def _changed(of: Register, old: Entry, values: Mapping[str, Any], state: str | None, references: References, tx: Tx | _Hand) -> Entry:
    found = _checked(of, values, references, old.values)
    chosen = old.state if state is None else state
    _check_state(of, chosen, found)
    if found == old.values and chosen == old.state:
        return old
    since = old.since if chosen == old.state else tx.now
    undated = old.made_at.date() if old.values.get(of.date) else old.at
    return _made(of, old.id, old.version + 1, chosen, since, found, tx, undated, old)


def _save(tx: Tx, of: Register, old: Entry, new: Entry, reason: str) -> Entry:
    if not rows.update(tx, new, old.version):
        raise _stale(of, old, new, old.version)
    _keep(tx, of, "change record", old, new, reason)
    _check_whole(tx, of, [new])
    return new


def _said_anew(of: Register, old: Entry | None, new: Entry) -> list[Mapping[str, Any]]:
    """What the entry said and says, where more changes than its state and what others answer in it."""
    if old is not None and not set(differences(of, old, new)) - {"state", *of.answers}:
        return []
    return [one.values for one in (old, new) if one is not None]


def _stale(of: Register, stored: Entry, yours: Entry, seen: int) -> StaleEdit:
    when = f"{day(stored.recorded_at.date())} at {stored.recorded_at:%H:%M} UTC"
    meanwhile = (f"Not saved: {stored.author} changed the {of.one} '{stored.title}' on {when}. "
                 f"You saw version {seen}, version {stored.version} is in force.")
    differs = differences(of, stored, yours)
    if not differs:
        return StaleEdit(f"{meanwhile} It says the same as yours, so nothing is lost.")
    both = f"Now stored: {said(of, stored, differs)}. Yours: {said(of, yours, differs)}."
    return StaleEdit(f"{meanwhile} {both} Look at both, then save again.")


def differences(of: Register, one: Entry | None, other: Entry) -> list[str]:
    """The fields in which two versions differ, `state` first."""
    before = one.values if one else {}
    state = ["state"] if of.states and (one.state if one else "") != other.state else []
    return state + [field.name for field in of.fields if before.get(field.name) != other.values.get(field.name)]


def said(of: Register, entry: Entry, fields: Sequence[str], named: Mapping[tuple[str, str], str] = MappingProxyType({}), between: str = " ") -> str:
    """`Title Faster export, State sent`: some fields of an entry as text, `none` where nothing stands; `named` are names of what is referred to."""
    return ", ".join(f"{'State' if name == 'state' else of.field(name).label}{between}{_said(of, entry, name, named)}" for name in fields)


def _said(of: Register, entry: Entry, name: str, named: Mapping[tuple[str, str], str]) -> str:
    if name == "state":
        found = of.state(entry.state)
        return found.label if found else entry.state
    field, value = of.field(name), entry.values.get(name)
    if field.choices:
        return ", ".join(field.choices.get(one, one) for one in _as_list(value)) or "none"
    if field.kind in NAMED and named:
        kind = f"entry:{field.of}" if field.kind == "entry" else field.kind
        return ", ".join(named.get((kind, one), one) for one in _as_list(value)) or "none"
    return " ".join(register_values.words(field, value).split()) or "none"


def withdraw(
    store: Store, actor: Actor, register_id: str, id: str, *, seen_version: int, reason: str = "", now: datetime | None = None
) -> None:
    """Takes an entry back; it stays in its history and can be brought back. Refused while other entries refer to it."""
    of = register(register_id)
    access.require(actor, of.write)
    why = names.clean(reason, "reason", LONGEST_REASON)

    def work(tx: Tx) -> None:
        old = one(tx, of.id, id, actor if of.rows == "own" else None)
        require_own(tx, of, actor, old.values)
        if not _may_take_back(of, actor, old.values):
            raise NotAllowed(f"{_a(of.one)} {of.one} speaks in one person's name: it is taken back by that person or by a leader. Nothing is withdrawn.")
        _refuse_referred(tx, of, old, actor)
        if old.version != seen_version or not rows.remove(tx, of.id, id, seen_version):
            raise _stale(of, old, old, seen_version)
        gone = replace(old, version=old.version + 1, author=tx.actor, recorded_at=tx.now)
        _keep(tx, of, "withdraw record", old, gone, why, withdrawn=True)

    store.write(work, actor.name, now)


def _refuse_referred(tx: Tx, of: Register, old: Entry, actor: Actor) -> None:
    found = [(id, title, entry) for id, title, entry in rows.referring(tx, of.id, old.id) if id in registers()]
    if found:
        named = "; ".join(_named_to(tx, actor, *one) for one in found[:3]) + (" …" if len(found) > 3 else "")
        raise ScorecardError(f"Not withdrawn: {len(found)} {'entry refers' if len(found) == 1 else 'entries refer'} to the {of.one} "
                             f"'{old.title}' ({named}). Change {'it' if len(found) == 1 else 'them'} first.")


def _named_to(tx: Tx, actor: Actor, register_id: str, title: str, id: str) -> str:
    of = register(register_id)
    seen = of.rows == "all" or rows.one(tx, of.id, id, sight(of, actor)) is not None
    return f"{of.one} '{title}'" if seen else f"{_a(of.one).lower()} {of.one} that you do not see"


def restore(store: Store, actor: Actor, register_id: str, id: str, *, now: datetime | None = None) -> Entry:
    """A withdrawn entry as it stood, with a version of its own."""
    of = register(register_id)
    access.require(actor, of.write)

    def work(tx: Tx) -> Entry:
        found = history(tx, of.id, id, actor if of.rows == "own" else None)
        if not found or not found[0].withdrawn:
            raise UsageError(f"There is no withdrawn {of.one} '{id[:60]}'.")
        last = found[0].entry
        require_own(tx, of, actor, last.values)
        _require_voice(of, actor, last.values)
        new = replace(last, version=last.version + 1, author=tx.actor, recorded_at=tx.now)
        rows.insert(tx, [new])
        _keep(tx, of, "restore record", None, new)
        _check_whole(tx, of, [new])
        return new

    return store.write(work, actor.name, now)


# -- from a file


def import_rows(
    store: Store, actor: Actor, register_id: str, found: Iterable[Mapping[str, Any]], today: date, *, dry_run: bool = False,
    numbers: Sequence[int] = (), now: datetime | None = None,
) -> Imported:  # fmt: skip
    """What came of rows of text: those in order are stored in one transaction, the others come back with their reasons.

    A row without an id is a new entry; the same row again, in this file or a later one, is known and adds nothing. A row with the
    id of an entry changes it, when its column `version` is the one in force. With `dry_run` nothing is stored. `numbers` are those
    of the rows in their file; without them the first is row 2.
    """
    of = register(register_id)
    access.require(actor, of.write)
    given = list(found)
    if dry_run:
        with store.read() as tx:
            return import_in(store, tx, actor, of.id, given, today, numbers=numbers, keep=False)
    return store.write(lambda tx: import_in(store, tx, actor, of.id, given, today, numbers=numbers), actor.name, now)


def import_in(
    store: Store, tx: Tx, actor: Actor, register_id: str, found: Sequence[Mapping[str, Any]], today: date, *, numbers: Sequence[int] = (), keep: bool = True,
) -> Imported:  # fmt: skip
    """As `import_rows`, inside another command's transaction: a file whose rows go into several registers is stored whole."""
    of = register(register_id)
    access.require(actor, of.write)
    if len(found) > MOST_IMPORTED:
        raise UsageError(f"{len(found):,} rows are too many for one file; at most {MOST_IMPORTED:,}.")
    return _Import(store, tx, of, actor, today).done(found, numbers, keep)


def used(tx: Tx, register_id: str, ids: Sequence[str]) -> set[str]:
    """Those of the ids that entries of a register have, or had before they were withdrawn."""
    of = register(register_id)
    return {id for at in range(0, len(ids), AT_ONCE) for id in rows.used(tx, of.id, ids[at : at + AT_ONCE])}


class _Import:
    """One file on its way into a register."""

    def __init__(self, store: Store, tx: Tx, of: Register, actor: Actor, today: date):
        self.tx, self.of, self.actor, self.today = tx, of, actor, today
        self.references = References(store, tx, whole=True, actor=actor)
        self.columns, self.told = _columns(of), told_columns(of)
        self.new: dict[str, Entry] = {}
        self.changed: dict[str, tuple[Entry, Entry, str]] = {}
        self.refused: list[Refused] = []
        self.known = 0
        self.rows_of: dict[str, int] = {}
        self.passed_over: dict[str, None] = {}

    def done(self, given: Sequence[Mapping[str, Any]], numbers: Sequence[int], store: bool) -> Imported:
        """What came of the rows; stored, or only looked at."""
        numbered = zip(numbers or range(2, len(given) + 2), map(self._named, given), strict=True)
        read = [(number, row) for number, row in numbered if any(_filled(text) for text in row.values())]
        stated = {str(row.get("id") or "").strip() for _, row in read} - {""}
        self.standing = self._standing(sorted(stated))
        for number, row in read:
            try:
                self._take(number, row)
            except ScorecardError as error:
                self.refused.append(Refused(number, str(error)))
        self._drop_known()
        if store:
            self._store()
        return Imported(len(self.new), len(self.changed), self.known, tuple(self.refused), store, tuple(self.passed_over))

    def _named(self, row: Mapping[str, Any]) -> dict[str, Any]:
        found = {}
        for name, value in row.items():
            field = self.columns.get(names.bare(" ".join(str(name).split())))
            if field:
                found[field] = value
            elif str(name) not in self.told:
                self.passed_over[str(name)] = None
        return found

    def _standing(self, ids: Sequence[str]) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        for at in range(0, len(ids), AT_ONCE):
            found |= rows.known(self.tx, self.of.id, ids[at : at + AT_ONCE])
        return found

    def _take(self, number: int, row: Mapping[str, Any]) -> None:
        values = {name: value for name, value in row.items() if name not in AGAIN}
        id, state = str(row.get("id") or "").strip(), str(row.get("state") or "").strip()
        old = self.standing.get(id)
        _refuse_typed(self.of, values, old.values if old else {})
        if old is not None:
            self._change(number, row, old, values, state)
            return
        made = self._made(values, self._state(state))
        at = id or _content_id(made)
        if at in self.rows_of:
            raise UsageError(f"It says the same as row {self.rows_of[at]}." if not id else f"Its id is that of row {self.rows_of[at]} too.")
        if self._stands(made):
            self.known += 1
            return
        self.rows_of[at] = number
        # An id stands in the audit: of people's own rows it is none that could be found again from what the row says.
        own = self.of.rows == "own" and not id
        self.new[at] = replace(made, id=secrets.token_hex(6) if own else names.required(at, "id", 60))

    def _stands(self, one: Entry) -> bool:
        """Whether the entry that alone may say this stands and says the same in all. Raises UsageError where it says otherwise."""
        if not self.of.once:
            return False
        twin = _twin(self.tx, self.of, one)
        written = [*self.new.values(), *(new for _, new, _ in self.changed.values())]
        if twin is None and not any(_mark(self.of, other) == _mark(self.of, one) for other in written):
            return False
        if twin is not None and not one.id and (twin.values, twin.state) == (one.values, one.state):
            return True
        raise _is_twin(self.of)

    def _made(self, values: Mapping[str, Any], state: str) -> Entry:
        found = _checked(self.of, values, self.references)
        require_own(self.tx, self.of, self.actor, found)
        _require_voice(self.of, self.actor, found)
        _check_state(self.of, state, found)
        _check_days(self.of, state, found, self.today)
        return _made(self.of, "", 1, state, self.tx.now, found, self.tx, self.today, None)

    def _state(self, text: str) -> str:
        if not text:
            return _first_state(self.of)
        return next((one.id for one in self.of.states if names.bare(text) in (one.id, names.bare(one.label))), text)

    def _change(self, number: int, row: Mapping[str, Any], old: Entry, values: Mapping[str, Any], state: str) -> None:
        if self.of.rows == "own" and rows.one(self.tx, self.of.id, old.id, sight(self.of, self.actor)) is None:
            raise NotAllowed(f"There is an entry '{old.id}' that {self.actor.name} does not see.")
        require_own(self.tx, self.of, self.actor, old.values)
        if old.id in self.rows_of:
            raise UsageError(f"Its id is that of row {self.rows_of[old.id]} too.")
        self.rows_of[old.id] = number
        new = _changed(self.of, old, values, self._state(state) if state else None, self.references, self.tx)
        if new is old:
            self.known += 1
            return
        require_own(self.tx, self.of, self.actor, new.values)
        _require_voice(self.of, self.actor, *_said_anew(self.of, old, new))
        self._stands(new)
        _check_days(self.of, new.state, new.values, self.today)
        version = str(row.get("version") or "").strip()
        if version != str(old.version):
            told = f"it was written from version {version}" if version else "it has no column 'version'"
            raise StaleEdit(f"It would change '{old.title}', of which version {old.version} is in force, and {told}. Export again, and change that.")
        self.changed[old.id] = (old, new, names.clean(str(row.get("reason") or ""), "reason", LONGEST_REASON))

    def _drop_known(self) -> None:
        """Entries of which every version is there already are known, withdrawn ones too."""
        known = used(self.tx, self.of.id, list(self.new))
        if self.of.rows == "own":
            known |= {at for at, one in self.new.items() if rows.was_said(self.tx, one)}
        for id in known:
            del self.new[id]
            self.known += 1

    def _store(self) -> None:
        new = list(self.new.values())
        if new:
            self._insert(new)
        for old, changed, reason in self.changed.values():
            _save(self.tx, self.of, old, changed, reason)
        if new:
            _check_whole(self.tx, self.of, new)

    def _insert(self, new: Sequence[Entry]) -> None:
        rows.insert(self.tx, new)
        salts = [_salt(self.of) for _ in new]
        rows.keep(self.tx, [Version(one, "", False) for one in new], [_told(self.of, one) for one in new], salts)
        for one, salt in zip(new, salts, strict=True):
            self.tx.audit("add record", f"record:{self.of.id}:{one.id}", None, _audited(one, salt, ""))


def _columns(of: Register) -> dict[str, str]:
    """Column names as files write them -> fields: the name of a field or its label, whatever its case."""
    found = {names.bare(field.label): field.name for field in of.fields} | {field.name: field.name for field in of.fields}
    return found | {names.bare(name): name for name in AGAIN}


def told_columns(of: Register) -> tuple[str, ...]:
    """The columns of an exported file that are for people to read, and are not read again."""
    named = tuple(f"{field.name}_name" for field in of.fields if field.kind in NAMED)
    return (*named, "author", "recorded_at")


def _filled(value: Any) -> bool:
    return value is not None and bool(str(value).strip())


def _content_id(entry: Entry) -> str:
    text = rows.body({"state": entry.state, "values": entry.values})
    return "f" + hashlib.sha256(f"{entry.register}\n{text}".encode()).hexdigest()[:15]
