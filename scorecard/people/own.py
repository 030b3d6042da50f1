"""What is held about a person: everything about oneself to read and to take along, and what is deleted when its time is over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from scorecard import access, registers
from scorecard.core.names import order
from scorecard.core.periods import containing
from scorecard.core.registers_file import KEPT_MONTHS, Register
from scorecard.errors import NotAllowed
from scorecard.store import feedback, members, people_data
from scorecard.store import registers as rows

if TYPE_CHECKING:
    from scorecard.access import Actor
    from scorecard.jobs import Task
    from scorecard.registers import Entry, Version
    from scorecard.store.engine import Store
    from scorecard.store.members import Person
    from scorecard.store.tx import Tx

ROUNDS = "feedback_round"
VERSION_HEADS = ("Register", "Id", "Version", "Date", "State", "Says", "Why", "Written by", "Written at (UTC)", "Withdrawn")
YOU, ABOUT_YOU, BY_YOU, NAMED, ROWS, FIGURES, AUDIT = "You", "About you", "Written by you", "Records naming you", "Rows with you", "Your figures", "Audit"
# What a version in the audit is called, and the ways in which a row of the audit names a person.
_OBJECTS = ("person:{}", "member:{}")


@dataclass(frozen=True)
class Part:
    """One table of what is held: its title (that of a sheet), one sentence, its heads, its rows."""

    title: str
    sentence: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Asker:
    """Who asks, the names and addresses under which figures and facts name nobody else, and whether their name is theirs alone:
    what stands under a name that two people have is told to neither."""

    store: Store
    actor: Actor
    person: Person
    called: tuple[str, ...]
    alone: bool


@dataclass(frozen=True)
class Everything:
    """All that the store holds about the person who asks, in parts."""

    person: Person
    parts: tuple[Part, ...]
    alone: bool

    @property
    def count(self) -> int:
        return sum(len(one.rows) for one in self.parts)


def everything(store: Store, actor: Actor) -> Everything:
    """All that the store holds about who asks. Raises NotAllowed for who is no person in it; nobody can ask about another."""
    with store.read() as tx:
        who = _asker(store, tx, actor)
        return Everything(who.person, tuple(make(tx, who) for make in PARTS.values()), who.alone)


def part(store: Store, actor: Actor, title: str) -> Part:
    """One part of everything, by a title of PARTS."""
    with store.read() as tx:
        return PARTS[title](tx, _asker(store, tx, actor))


def _asker(store: Store, tx: Tx, actor: Actor) -> Asker:
    access.require(actor, "own_data")
    person = members.person(tx, actor.person) if actor.person else None
    if person is None:
        raise NotAllowed("Only a person who is known here has something to see: choose who you are at the foot of the sidebar.")
    everyone = members.people(tx)
    alone = [one.name for one in everyone].count(person.name) == 1
    called = [text.casefold() for text in (person.name, person.email) if text and sum(text in (one.name, one.email) for one in everyone) == 1]
    return Asker(store, actor, person, tuple(called), alone)


def _self(tx: Tx, who: Asker) -> Part:
    person = who.person
    member, team = members.member(tx, person.id), {one.id: one.name for one in members.teams(tx)}.get(person.team, "")
    leader = members.person(tx, person.leader) if person.leader else None
    said = [("Name", person.name), ("Sorted as", person.sort_name), ("E-mail", person.email), ("Team", team), ("Leader", leader.name if leader else "")]
    if member:
        said += [("Role", member.role), ("May sign in", "yes" if member.active else "no"), ("Last here (UTC)", str(member.last_seen or "never"))]
    return Part(YOU, "Who you are here.", ("What", "Says"), tuple(said))


def own_registers(actor: Actor) -> Iterator[Register]:
    """The registers of people's own rows that the actor may read, in the order of the file."""
    yield from (one for one in registers.registers().values() if one.rows == "own" and registers.may_read(actor, one.id))


def _written(tx: Tx, actor: Actor) -> list[Version]:
    """Every version of people's own rows that is about the actor, or that the actor wrote about others.

    What hangs on the file of somebody outside, such as an interview score, belongs to that file and not to this.
    """
    return rows.versions_of(tx, actor.person, {of.id: of.author for of in own_registers(actor) if not of.through})


def _about(tx: Tx, who: Asker) -> Part:
    found = [one for one in _written(tx, who.actor) if one.entry.person == who.person.id]
    return _versions(ABOUT_YOU, "Seen by you and your leader, or by those whom you chose.", found, _names(who, found))


def _by(tx: Tx, who: Asker) -> Part:
    found = [one for one in _written(tx, who.actor) if one.entry.person != who.person.id]
    return _versions(BY_YOU, "Feedback that you gave; its person and their leader see it.", found, _names(who, found))


def _names(who: Asker, found: Sequence[Version]) -> dict[tuple[str, str], str]:
    """The names of what these versions refer to."""
    by: dict[str, list[Entry]] = {}
    for one in found:
        by.setdefault(one.entry.register, []).append(one.entry)
    return {key: name for register, entries in by.items() for key, name in registers.labels(who.store, registers.register(register), entries, who.actor).items()}


def _versions(title: str, sentence: str, found: Sequence[Version], named: Mapping[tuple[str, str], str]) -> Part:
    return Part(title, sentence, VERSION_HEADS, tuple(_version(one, named) for one in found))


def _version(one: Version, named: Mapping[tuple[str, str], str]) -> tuple[Any, ...]:
    of, entry = registers.register(one.entry.register), one.entry
    return (of.label, entry.id, entry.version, entry.at, _state(of, entry), _says(of, entry, named), one.reason, entry.author, f"{entry.recorded_at:%Y-%m-%d %H:%M}",
            "yes" if one.withdrawn else "")  # fmt: skip


def _state(of: Register, entry: Entry) -> str:
    state = of.state(entry.state)
    return state.label if state else entry.state


def _says(of: Register, entry: Entry, named: Mapping[tuple[str, str], str]) -> str:
    said = [field.name for field in of.fields if field.name in entry.values and field.name != of.date]
    return registers.said(of, entry, said, named, ": ")


def _records(tx: Tx, who: Asker) -> Part:
    """Entries that everybody reads and that name the actor."""
    named: dict[str, dict[str, list[str]]] = {}
    for register, id, field in rows.naming(tx, who.person.id):
        named.setdefault(register, {}).setdefault(id, []).append(field)
    found = []
    for of in registers.registers().values():
        if of.rows == "all" and of.id in named and registers.may_read(who.actor, of.id):
            entries = rows.known(tx, of.id, list(named[of.id]))
            found += [(of.label, id, entries[id].at, entries[id].title, _labels(of, fields), _state(of, entries[id])) for id, fields in named[of.id].items()]
    return Part(NAMED, "Records that everybody reads.", ("Register", "Id", "Date", "What", "You are", "State"), tuple(found))


def _labels(of: Register, fields: Sequence[str]) -> str:
    return ", ".join(field.label for field in of.fields if field.name in fields)


def _rows(tx: Tx, who: Asker) -> Part:
    found = people_data.named(tx, who.person.id)
    if who.called:
        with who.store.read_facts() as facts:
            found += people_data.facts(facts, who.called)
    if who.alone:
        found += [("Your name stands in", f"{table.replace('_', ' ')}, {column.replace('_', ' ')}", None, f"{n:,} rows") for table, column, n in people_data.signed(tx, who.person.name)]
    return Part(ROWS, "Everything else that names you. What you answered in confidence stands as answered: nobody can find it again, you neither.",
                ("Kind", "What", "When", "Stands"), tuple((kind, what, _plain(at), says) for kind, what, at, says in found))  # fmt: skip


def _figures(tx: Tx, who: Asker) -> Part:
    found = people_data.figures(tx, who.called) if who.called else []
    return Part(FIGURES, "Figures that came under your name; restated ones stand as they came.", ("Measure", "Begins", "Value", "Numerator", "Denominator", "Loaded (UTC)"),
                tuple((measure, starts, value, top, bottom, _plain(at)) for measure, starts, value, top, bottom, at in found))  # fmt: skip


def _audit(tx: Tx, who: Asker) -> Part:
    entries = sorted({(one.entry.register, one.entry.id) for one in _written(tx, who.actor)})
    objects = [text.format(who.person.id) for text in _OBJECTS] + [f"record:{register}:{id}" for register, id in entries]
    found = people_data.audited(tx, who.person.name if who.alone else "", objects)
    return Part(AUDIT, "What you did, what was done to your records, and who looked at your file.", ("Row", "When (UTC)", "Who", "What", "Of", "Hash"),
                tuple((seq, _plain(at), *rest) for seq, at, *rest in found))  # fmt: skip


PARTS = {YOU: _self, ABOUT_YOU: _about, BY_YOU: _by, NAMED: _records, ROWS: _rows, FIGURES: _figures, AUDIT: _audit}


def _plain(at: Any) -> Any:
    return f"{at:%Y-%m-%d %H:%M}" if isinstance(at, datetime) else at


def as_json(found: Everything) -> bytes:
    """Everything as JSON: each part a list of objects by their heads."""
    parts = {one.title: [dict(zip(one.heads, row, strict=True)) for row in one.rows] for one in found.parts}
    return json.dumps({"person": found.person.id, "parts": parts}, ensure_ascii=False, indent=1, default=str).encode()


# -- how long it is kept


@dataclass(frozen=True)
class Kept:
    """A register of people's own rows: its months, from when its oldest word is; and, where that was asked, how many entries and older
    versions are over their time."""

    id: str
    label: str
    months: int
    since: date | None
    entries: int = 0
    versions: int = 0


def periods(store: Store, actor: Actor) -> tuple[Kept, ...]:
    """How long each register of people's own rows is kept, by its label; everybody may know it."""
    access.require(actor, "own_data")
    with store.read() as tx:
        oldest, rounds = people_data.oldest(tx), feedback.oldest(tx)
    found = [Kept(of.id, of.label, of.keep_months, oldest.get(of.id)) for of in registers.registers().values() if of.rows == "own"]
    return tuple(sorted([*found, Kept(ROUNDS, "Feedback rounds to leaders", KEPT_MONTHS, rounds)], key=lambda one: order(one.label)))


def due(store: Store, actor: Actor, today: date) -> tuple[Kept, ...]:
    """What is over its time, by the label of its register."""
    access.require(actor, "manage_members")
    with store.read() as tx:
        found = _due(tx, today)
    counted = [replace(one, entries=len(found[one.id][0]), versions=len(found[one.id][1])) for one in periods(store, actor)]
    return tuple(one for one in counted if one.entries or one.versions)


def before(today: date, months: int) -> datetime:
    """The moment before which the last word was said too long ago: the same day so many months earlier, or the last of that month."""
    month = containing(today, "month").shift(-months)
    return datetime.combine(min(month.start + timedelta(days=today.day - 1), month.end), datetime.min.time())


def _due(tx: Tx, today: date) -> dict[str, tuple[list[str], list[tuple[str, int]]]]:
    """Register -> entries that are deleted whole, and older versions of those that stay. What a younger entry refers to stays with it."""
    own = {of.id: before(today, of.keep_months) for of in registers.registers().values() if of.rows == "own"}
    whole = {id: set(people_data.outdated(tx, id, limit)) for id, limit in own.items()}
    held = {id: people_data.held(tx, id) for id, ids in whole.items() if ids}
    while kept := {(id, one) for id, found in held.items() for one, by, entry in found if one in whole[id] and entry not in whole.get(by, ())}:
        for id, one in kept:
            whole[id].discard(one)
    of_registers = {id: (sorted(whole[id]), [one for one in people_data.superseded(tx, id, limit) if one[0] not in whole[id]]) for id, limit in own.items()}
    return of_registers | {ROUNDS: (feedback.outdated(tx, before(today, KEPT_MONTHS)), [])}


def forget(store: Store, actor: Actor, today: date, dry_run: bool = False) -> tuple[Kept, ...]:
    """What was deleted because its time is over, or would be: by register. The audit says how many, and its chain still holds."""
    found = due(store, actor, today)
    if dry_run or not found:
        return found

    def work(tx: Tx) -> None:
        for id, (entries, versions) in _due(tx, today).items():
            if id == ROUNDS and entries:
                feedback.forget(tx, entries)
                tx.audit("forget feedback", ROUNDS, None, {"rounds": len(entries)})
            elif entries or versions:
                people_data.forget(tx, id, entries)
                people_data.forget_versions(tx, id, versions)
                tx.audit("forget records", f"register:{id}", None, {"entries": len(entries), "versions": len(versions)})

    store.write(work, actor.name)
    return found


def forget_due(store: Store, task: Task) -> Mapping[str, Any]:
    """How many entries were deleted: the daily job of the worker."""
    done = forget(store, task.actor, task.today)
    entries = sum(one.entries for one in done)
    return {"message": f"{entries} entries about people were over their time" if done else "nothing was over its time", "entries": entries}


def is_due(store: Store, today: date) -> bool:
    """Whether anything is over its time."""
    with store.read() as tx:
        return any(entries or versions for entries, versions in _due(tx, today).values())
