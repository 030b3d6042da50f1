"""Entries of registers as rows: as they stand, every version of each, and what they refer to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from scorecard.core import names
from scorecard.store.tx import Tx

SAMPLE = "sample-"
LONGEST_WORDS = 20_000
# Fixed texts: an order never comes from what somebody typed.
ORDERS = {
    "title": 'e.sorting COLLATE "C", e.id', "-title": 'e.sorting COLLATE "C" DESC, e.id', "date": "e.happened, e.made_at, e.id",
    "-date": "e.happened DESC, e.made_at DESC, e.id", "-recorded": "e.recorded_at DESC, e.id",
}  # fmt: skip
_COLUMNS = (
    "register", "id", "version", "state", "state_since", "account", "person", "team", "happened", "title", "body", "author",
    "recorded_at", "made_by", "made_at",
)  # fmt: skip
_DERIVED = ("sorting", "words")


@dataclass(frozen=True)
class Entry:
    """One entry as it stands. `at` is the day it happened, `since` when it came into its state (UTC), `title` what it is called;
    `author` and `recorded_at` are those of this version, `made_by` and `made_at` those of the first. `account`, `person` and
    `team` say whom it is about, "" when nobody. `values` has the fields that say something.
    """

    register: str
    id: str
    version: int
    state: str
    since: datetime
    account: str
    person: str
    team: str
    at: date
    title: str
    values: dict[str, Any]
    author: str
    recorded_at: datetime
    made_by: str
    made_at: datetime


@dataclass(frozen=True)
class Version:
    """One version of an entry, and why it was written; a `withdrawn` one says that the entry was taken back."""

    entry: Entry
    reason: str
    withdrawn: bool


@dataclass(frozen=True)
class Told:
    """A value that can be looked up and counted: its field, the kind of the field, the text."""

    field: str
    kind: str
    value: str


@dataclass(frozen=True)
class Sight:
    """Who asks for people's own rows, and by which of its fields an entry is theirs to see; "" is a field that there is not.

    `leads` says that this reader sees those of the people they lead; what is seen through another entry has its register and sight.
    """

    reader: str
    leads: bool = True
    author: str = ""
    readers: tuple[str, ...] = ()
    share: str = ""
    blind: str = ""
    through: str = ""
    of: str = ""
    beyond: Sight | None = None


@dataclass(frozen=True)
class Asked:
    """Which entries are asked for. `where` maps fields to values, `words` must all be found, `sight` keeps to what its reader sees."""

    register: str
    account: str | None = None
    person: str | None = None
    team: str | None = None
    states: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    words: str = ""
    where: Mapping[str, str] = field(default_factory=dict)
    sight: Sight | None = None


def _entry(row: Sequence[Any]) -> Entry:
    values = list(row[: len(_COLUMNS)])
    values[10] = json.loads(values[10])
    return Entry(*values)


def body(values: Mapping[str, Any]) -> str:
    """The values as one text, always the same for the same values."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True, allow_nan=False)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, Sequence):
        for one in value:
            yield from _texts(one)


def searched(entry: Entry) -> str:
    """What a search looks through: every text of an entry, without accents and case."""
    return names.bare(" ".join((entry.title, *_texts(entry.values))))[:LONGEST_WORDS]


def _row(entry: Entry) -> list[Any]:
    return [
        entry.register, entry.id, entry.version, entry.state, entry.since, entry.account, entry.person, entry.team, entry.at,
        entry.title, body(entry.values), entry.author, entry.recorded_at, entry.made_by, entry.made_at,
    ]  # fmt: skip


def _places(count: int, first: int = 1) -> str:
    return ", ".join(f"${n}" for n in range(first, first + count))


# -- writing


def insert(tx: Tx, new: Sequence[Entry]) -> None:
    """Nothing; the entries stand, at the version that they carry."""
    columns = (*_COLUMNS, *_DERIVED)
    tx.many(f"INSERT INTO register_entry ({', '.join(columns)}) VALUES ({_places(len(columns))})", [_standing(one) for one in new])


def _standing(entry: Entry) -> tuple[Any, ...]:
    return (*_row(entry), names.bare(entry.title), searched(entry))


def claim(tx: Tx, register: str) -> None:
    """Nothing; two transactions that claim a register conflict, so that the second is done again and sees what the first wrote."""
    mark = f"register {register}"
    if not tx.all("UPDATE nonce SET used_at = $2 WHERE id = $1 RETURNING id", [mark, tx.now]):
        tx.run("INSERT INTO nonce (id, used_at) VALUES ($1, $2)", [mark, tx.now])


def update(tx: Tx, new: Entry, seen_version: int) -> bool:
    """True when the entry still had the version that was seen and stands as the new one."""
    columns = (*_COLUMNS, *_DERIVED)[2:]
    values = _standing(new)[2:]
    return tx.one(
        f"""UPDATE register_entry SET {", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 1))}
            WHERE register = ${len(columns) + 1} AND id = ${len(columns) + 2} AND version = ${len(columns) + 3} RETURNING version""",
        [*values, new.register, new.id, seen_version],
    ) is not None  # fmt: skip


def remove(tx: Tx, register: str, id: str, seen_version: int) -> bool:
    """True when the entry still had the version that was seen and stands no longer; its versions stay."""
    gone = tx.one("DELETE FROM register_entry WHERE register = $1 AND id = $2 AND version = $3 RETURNING version", [register, id, seen_version])
    return gone is not None


def keep(tx: Tx, found: Sequence[Version], told: Sequence[Sequence[Told]], salts: Sequence[str] = ()) -> None:
    """Nothing; the versions are kept with what each refers to. A salt is that of the hashes in the audit, or ""."""
    columns = (*_COLUMNS, "withdrawn", "reason", "salt")
    given = salts or [""] * len(found)
    tx.many(f"INSERT INTO register_version ({', '.join(columns)}) VALUES ({_places(len(columns))})",
            [(*_row(one.entry), one.withdrawn, one.reason, salt) for one, salt in zip(found, given, strict=True)])
    tx.many("INSERT INTO register_value (register, entry, version, field, kind, value) VALUES ($1, $2, $3, $4, $5, $6)",
            [(one.entry.register, one.entry.id, one.entry.version, each.field, each.kind, each.value)
             for one, own in zip(found, told, strict=True) for each in own])


# -- reading

_SELECT = f"SELECT {', '.join(f'e.{name}' for name in _COLUMNS)} FROM register_entry AS e"


def one(tx: Tx, register: str, id: str, sight: Sight | None = None) -> Entry | None:
    """The entry with this id, as it stands, when it is in sight."""
    return known(tx, register, [id], sight).get(id)


def known(tx: Tx, register: str, ids: Sequence[str], sight: Sight | None = None) -> dict[str, Entry]:
    """Those of the ids that stand and are in sight, with their entries."""
    if not ids:
        return {}
    seen = _in_sight(sight, "e", len(ids) + 2)
    rows = tx.all(f"{_SELECT} WHERE e.register = $1 AND e.id IN ({_places(len(ids), 2)}) AND {seen}", [register, *ids, *_reader(sight)])
    return {entry.id: entry for entry in map(_entry, rows)}


def called(tx: Tx, register: str, title: str, sight: Sight | None = None) -> list[str]:
    """The ids of the entries in sight that have this title, six at most."""
    seen = _in_sight(sight, "e", 3)
    sql = f"SELECT e.id FROM register_entry AS e WHERE e.register = $1 AND e.sorting = $2 AND {seen} LIMIT 6"
    return [id for (id,) in tx.all(sql, [register, names.bare(title), *_reader(sight)])]


def used(tx: Tx, register: str, ids: Sequence[str]) -> set[str]:
    """Those of the ids that ever were, withdrawn ones too."""
    if not ids:
        return set()
    rows = tx.all(f"SELECT DISTINCT id FROM register_version WHERE register = $1 AND id IN ({_places(len(ids), 2)})", [register, *ids])
    return {id for (id,) in rows}


def was_said(tx: Tx, entry: Entry) -> bool:
    """Whether some version in the register says the same in the same state, withdrawn or not."""
    return tx.one("SELECT 1 FROM register_version WHERE register = $1 AND person = $2 AND state = $3 AND body = $4 LIMIT 1",
                  [entry.register, entry.person, entry.state, body(entry.values)]) is not None


def listed(tx: Tx, asked: Asked, order: str, limit: int | None = None, offset: int = 0) -> list[Entry]:
    """The entries that are asked for, in an order of ORDERS."""
    where, params = _where(asked)
    some = "" if limit is None else f" LIMIT ${len(params) + 1} OFFSET ${len(params) + 2}"
    rows = tx.all(f"{_SELECT} WHERE {where} ORDER BY {ORDERS[order]}{some}", params if limit is None else [*params, limit, offset])
    return [_entry(row) for row in rows]


def count(tx: Tx, asked: Asked) -> int:
    """How many entries are asked for."""
    where, params = _where(asked)
    return tx.one(f"SELECT COUNT(*) FROM register_entry AS e WHERE {where}", params)[0]


def by_state(tx: Tx, asked: Asked) -> dict[str, int]:
    """How many of the entries that are asked for are in each state."""
    where, params = _where(asked)
    return dict(tx.all(f"SELECT e.state, COUNT(*) FROM register_entry AS e WHERE {where} GROUP BY e.state ORDER BY e.state", params))


def by_value(tx: Tx, asked: Asked, field: str) -> dict[str, int]:
    """How many of the entries that are asked for have each value of a field, the most frequent first."""
    where, params = _where(asked)
    rows = tx.all(
        f"""SELECT v.value, COUNT(*) FROM register_entry AS e
            JOIN register_value AS v ON v.register = e.register AND v.entry = e.id AND v.version = e.version AND v.field = ${len(params) + 1}
            WHERE {where} GROUP BY v.value ORDER BY COUNT(*) DESC, v.value""",
        [*params, field],
    )
    return dict(rows)


def _where(asked: Asked) -> tuple[str, list[Any]]:
    """The conditions and their parameters. Columns are fixed texts; everything asked for is a parameter."""
    params: list[Any] = [asked.register]
    parts = ["e.register = $1"]

    def put(condition: str, *values: Any) -> None:
        params.extend(values)
        places = iter(range(len(params) - len(values) + 1, len(params) + 1))
        parts.append("".join(f"${next(places)}" if part == "?" else part for part in condition.replace("?", "\0?\0").split("\0")))

    for column in ("account", "person", "team"):
        if getattr(asked, column) is not None:
            put(f"e.{column} = ?", getattr(asked, column))
    if asked.states:
        put(f"e.state IN ({', '.join('?' * len(asked.states))})", *asked.states)
    if asked.since is not None:
        put("e.happened >= ?", asked.since)
    if asked.until is not None:
        put("e.happened <= ?", asked.until)
    for word in names.bare(asked.words).split():
        put("POSITION(? IN e.words) > 0", word)
    for name, value in asked.where.items():
        put("EXISTS (SELECT 1 FROM register_value AS v WHERE v.register = e.register AND v.entry = e.id AND v.version = e.version"
            " AND v.field = ? AND v.value = ?)", name, value)
    parts.append(_in_sight(asked.sight, "e", len(params) + 1))
    params += _reader(asked.sight)
    return " AND ".join(parts), params


# -- whose rows they are


def _reader(sight: Sight | None) -> list[str]:
    """The one parameter of `_in_sight`: none where everything is in sight, or nothing."""
    return [sight.reader] if sight and sight.reader else []


def _in_sight(sight: Sight | None, at: str, place: int) -> str:
    """The condition that the entry or version of this alias is in sight; the reader is parameter `place`."""
    if sight is None:
        return "1 = 1"
    return _seen(sight, at, f"${place}") if sight.reader else "1 = 0"  # who is no person is nobody's leader


def _seen(sight: Sight, at: str, who: str) -> str:
    own = [f"{at}.person = {who}"] + ([_says(at, sight.author, who)] if sight.author else [])
    others = _beyond(sight, at, who) if sight.through else [*_led(sight, at, who), *(_says(at, name, who) for name in sight.readers)]
    if sight.blind and others:
        others = [f"({' OR '.join(others)}) AND ({_had_their_say(sight, at, who)})"]
    return f"({' OR '.join(own + others)})"


def _says(at: str, name: str, value: str) -> str:
    """The condition that a field of an entry has a value. Names of fields are small letters, figures and _: the file says so."""
    x = f"{at}x"
    return _is_one_of(at, x, f"FROM register_value AS {x} WHERE {x}.field = '{name}' AND {x}.value = {value}")


def _is_one_of(at: str, x: str, found: str) -> str:
    """The condition that the version of this alias is among those of the values found. A list that does not look back at the row
    is planned in a third of the time."""
    return f"({at}.register, {at}.id, {at}.version) IN (SELECT {x}.register, {x}.entry, {x}.version {found})"


def _led(sight: Sight, at: str, who: str) -> list[str]:
    """Whoever leads the person sees it, and what is shared with a team its members; where something is shared, only that."""
    led = f"{at}.person IN (SELECT p.id FROM person AS p WHERE p.leader = {who})"
    if not sight.share:
        return [led] if sight.leads else []
    to_leader, to_team = (_says(at, sight.share, f"'{word}'") for word in ("leader", "team"))
    mates = f"{at}.person IN (SELECT p.id FROM person AS p JOIN person AS q ON q.team = p.team WHERE q.id = {who} AND p.team <> '')"
    return [f"({to_team} AND {mates})"] + ([f"(({to_leader} OR {to_team}) AND {led})"] if sight.leads else [])


def _beyond(sight: Sight, at: str, who: str) -> list[str]:
    """The entry on which this one hangs is in sight, or one of its fields of readers names who asks."""
    t = f"{at}t"
    if sight.readers:
        return [_hangs(sight, at, " OR ".join(_says(t, name, who) for name in sight.readers))]
    return [_hangs(sight, at, _seen(sight.beyond, t, who))] if sight.beyond else []


def _hangs(sight: Sight, at: str, there: str) -> str:
    x, t = f"{at}y", f"{at}t"
    return _is_one_of(at, x, f"FROM register_value AS {x} JOIN register_entry AS {t} ON {t}.register = '{sight.of}' AND {t}.id = {x}.value"
                             f" WHERE {x}.field = '{sight.through}' AND ({there})")


def _had_their_say(sight: Sight, at: str, who: str) -> str:
    """Whoever is asked for an entry of their own has written it; who is not asked need not."""
    x, y, z = f"{at}b", f"{at}m", f"{at}n"
    same = _is_one_of(at, x, f"FROM register_value AS {x} JOIN register_value AS {y} ON {y}.register = {x}.register AND {y}.field = {x}.field AND {y}.value = {x}.value"
                             f" JOIN register_entry AS {z} ON {z}.register = {y}.register AND {z}.id = {y}.entry AND {z}.version = {y}.version"
                             f" WHERE {x}.field = '{sight.blind}' AND {_says(z, sight.author, who)}")
    return f"{same} OR NOT {_is_asked(sight, at, who)}"


def _is_asked(sight: Sight, at: str, who: str) -> str:
    """Those in the first of the fields of readers are asked to write; where there is none, everybody is."""
    if sight.through and not sight.readers:
        return _hangs(sight, at, _is_asked(sight.beyond, f"{at}t", who)) if sight.beyond else "1 = 1"
    if not sight.readers:
        return "1 = 1"
    return _hangs(sight, at, _says(f"{at}t", sight.readers[0], who)) if sight.through else _says(at, sight.readers[0], who)


def history(tx: Tx, register: str, id: str, sight: Sight | None = None) -> list[Version]:
    """Every version of an entry that is in sight, the newest first; of a withdrawn one too. None when the newest is out of sight."""
    rows = tx.all(
        f"""SELECT {", ".join(f"v.{name}" for name in _COLUMNS)}, v.reason, v.withdrawn FROM register_version AS v
            WHERE v.register = $1 AND v.id = $2 AND {_in_sight(sight, "v", 3)} AND EXISTS
                (SELECT 1 FROM register_version AS l WHERE l.register = v.register AND l.id = v.id AND {_in_sight(sight, "l", 3)} AND l.version =
                    (SELECT MAX(a.version) FROM register_version AS a WHERE a.register = v.register AND a.id = v.id))
            ORDER BY v.version DESC""",
        [register, id, *_reader(sight)],
    )  # fmt: skip
    return [Version(_entry(row), row[-2], row[-1]) for row in rows]


def versions_of(tx: Tx, person: str, registers: Mapping[str, str]) -> list[Version]:
    """Every version that is about a person, or that they wrote, in order; withdrawn ones too. `registers` maps each to the field of
    who wrote it, "" when there is none."""
    if not registers:
        return []
    written = [f"(v.register = '{id}' AND {_says('v', author, '$1')})" for id, author in registers.items() if author]
    theirs = " OR ".join([f"(v.person = $1 AND v.register IN ({_places(len(registers), 2)}))", *written])
    rows = tx.all(
        f"""SELECT {", ".join(f"v.{name}" for name in _COLUMNS)}, v.reason, v.withdrawn FROM register_version AS v
            WHERE {theirs} ORDER BY v.register, v.id, v.version""",
        [person, *registers],
    )
    return [Version(_entry(row), row[-2], row[-1]) for row in rows]


def every_version(tx: Tx, registers: Sequence[str]) -> list[Version]:
    """Every version of every entry of these registers, by entry and in order; of registers that all read."""
    rows = tx.all(
        f"""SELECT {", ".join(f"v.{name}" for name in _COLUMNS)}, v.reason, v.withdrawn FROM register_version AS v
            WHERE v.register IN ({_places(len(registers))}) ORDER BY v.register, v.id, v.version""",
        list(registers),
    )
    return [Version(_entry(row), row[-2], row[-1]) for row in rows]


def naming(tx: Tx, person: str) -> list[tuple[str, str, str]]:
    """(register, id, field) of every standing entry that names a person."""
    return tx.all(
        """SELECT e.register, e.id, v.field FROM register_value AS v
           JOIN register_entry AS e ON e.register = v.register AND e.id = v.entry AND e.version = v.version
           WHERE v.kind = 'person' AND v.value = $1 ORDER BY e.register, e.happened, e.id, v.field""",
        [person],
    )


def moves(tx: Tx, register: str, sight: Sight | None = None) -> list[tuple[str, str, datetime]]:
    """(entry, state, since when) of every state that entries came into, in order of time; withdrawn entries left out."""
    return tx.all(
        f"""SELECT DISTINCT v.id, v.state, v.state_since FROM register_version AS v
           JOIN register_entry AS e ON e.register = v.register AND e.id = v.id
           WHERE v.register = $1 AND v.state <> '' AND {_in_sight(sight, "e", 2)} AND {_in_sight(sight, "v", 2)}
           ORDER BY v.state_since, v.id, v.state""",
        [register, *_reader(sight)],
    )


def referring(tx: Tx, register: str, id: str) -> list[tuple[str, str, str]]:
    """(register, title, id) of the entries that refer to this one."""
    return tx.all(
        """SELECT e.register, e.title, e.id FROM register_value AS v
           JOIN register_entry AS e ON e.register = v.register AND e.id = v.entry AND e.version = v.version
           WHERE v.kind = $1 AND v.value = $2 ORDER BY e.register, e.sorting""",
        [f"entry:{register}", id],
    )


def withdrawn(tx: Tx, register: str, limit: int = 50, sight: Sight | None = None) -> list[Version]:
    """The last version of each entry in sight that was withdrawn, the latest first."""
    rows = tx.all(
        f"""SELECT {", ".join(f"v.{name}" for name in _COLUMNS)}, v.reason, v.withdrawn FROM register_version AS v
            WHERE v.register = $1 AND v.withdrawn AND {_in_sight(sight, "v", 3)} AND NOT EXISTS
                (SELECT 1 FROM register_version AS later WHERE later.register = v.register AND later.id = v.id AND later.version > v.version)
            ORDER BY v.recorded_at DESC, v.id LIMIT $2""",
        [register, limit, *_reader(sight)],
    )
    return [Version(_entry(row), row[-2], row[-1]) for row in rows]


# -- the sample company


def forget_since(tx: Tx, since: datetime) -> None:
    """Nothing; what the sample brought, and what was written since it came, is gone. Entries from before stand as they stood."""
    for table, id in (("register_entry", "id"), ("register_version", "id"), ("register_value", "entry")):
        tx.run(f"DELETE FROM {table} WHERE SUBSTRING({id}, 1, $2) = $1", [SAMPLE, len(SAMPLE)])
    touched = tx.all("SELECT DISTINCT register, id FROM register_version WHERE recorded_at >= $1", [since])
    tx.run(
        """DELETE FROM register_value WHERE EXISTS (SELECT 1 FROM register_version AS v WHERE v.recorded_at >= $1
           AND v.register = register_value.register AND v.id = register_value.entry AND v.version = register_value.version)""",
        [since],
    )
    tx.run("DELETE FROM register_version WHERE recorded_at >= $1", [since])
    for register, id in touched:
        _stand_as_before(tx, register, id)


def _stand_as_before(tx: Tx, register: str, id: str) -> None:
    before, there = next(iter(history(tx, register, id)), None), one(tx, register, id)
    if before is None or before.withdrawn:
        tx.run("DELETE FROM register_entry WHERE register = $1 AND id = $2", [register, id])
    elif there is None:
        insert(tx, [before.entry])
    elif there.version != before.entry.version:
        update(tx, before.entry, there.version)
