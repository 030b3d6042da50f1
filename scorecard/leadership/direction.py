"""Purpose, values and the rest of the direction: which version is in force, where it was told, how many can explain it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scorecard import access, registers
from scorecard.errors import NotAllowed, UsageError
from scorecard.leadership import crew

if TYPE_CHECKING:
    from scorecard.access import Actor
    from scorecard.registers import Entry
    from scorecard.store.engine import Store
    from scorecard.store.members import Member
    from scorecard.store.tx import Tx

PURPOSE, VALUE, WORD, GOAL = "purpose", "team_value", "purpose_read", "plan_goal"
KINDS = ("purpose", "mission", "vision", "strategy", "goals", "priorities")
EXPLAIN, READ = "explain", "read"
HELD = "held"


@dataclass(frozen=True)
class Told:
    """One occasion on which the direction was told."""

    on: date
    where: str
    whom: str


@dataclass(frozen=True)
class Statement:
    """One kind of direction as it is in force: its version, counted from 1, and the earlier ones, the newest first."""

    id: str
    kind: str
    text: str
    version: int
    since: date
    why: str
    shaped_by: str
    link: str
    told: tuple[Told, ...]
    earlier: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class Value:
    """A value that is held, since a day; `changed_on` is the day of its last wording."""

    id: str
    name: str
    words: str
    seen: str
    changed_on: date


@dataclass(frozen=True)
class Words:
    """How many of those asked said that they can explain a version, or that they have read it; between which days, as of `today`. No names."""

    explain: int
    read: int
    asked: int
    first: date | None
    last: date | None
    today: date


@dataclass(frozen=True)
class Direction:
    """What is in force: the purpose (None when nobody wrote one), the other kinds in the order of KINDS, the values.

    `goals` is how many goals stand in the plan.
    """

    purpose: Statement | None
    others: tuple[Statement, ...]
    values: tuple[Value, ...]
    words: Words | None
    goals: int = 0


def read(store: Store, today: date) -> Direction:
    """The direction in force on a day."""
    with store.read() as tx:
        written = registers.entries(tx, PURPOSE, until=today, order="date")
        values = sorted(registers.entries(tx, VALUE, state=HELD, until=today), key=lambda one: (float(one.values.get("place", 99)), one.title))
        found = [one for kind in KINDS if (one := _in_force([each for each in written if each.values["kind"] == kind]))]
        purpose = found[0] if found and found[0].kind == "purpose" else None
        words = _words(tx, purpose.id, today) if purpose else None
        goals = registers.count(tx, GOAL)
    return Direction(purpose, tuple(found[1:] if purpose else found), tuple(_value(one) for one in values), words, goals)


def _in_force(versions: Sequence[Entry]) -> Statement | None:
    """The last of the versions of one kind, which stand in order of time, with those before it."""
    if not versions:
        return None
    *before, last = [_statement(one, number) for number, one in enumerate(versions, 1)]
    return Statement(**(vars(last) | {"earlier": tuple(reversed(before))}))


def _statement(one: Entry, version: int) -> Statement:
    said = one.values
    told = sorted((Told(date.fromisoformat(row["on"]), row["where"], row.get("whom", "")) for row in said.get("told", ())), key=lambda each: each.on)
    return Statement(one.id, str(said["kind"]), str(said["text"]), version, one.at, *(str(said.get(name, "")) for name in ("why", "shaped_by", "link")), tuple(told))


def _value(one: Entry) -> Value:
    return Value(one.id, one.title, str(one.values["words"]), str(one.values.get("seen", "")), one.recorded_at.date() if one.version > 1 else one.at)


def _words(tx: Tx, purpose: str, today: date) -> Words:
    """How many said what about a version: each person once, with the word that goes further; only counts leave this function."""
    asked = crew.asked(tx)
    rows = tx.all(
        """SELECT e.person, MIN(said.value), MIN(e.happened) FROM register_entry AS e
           JOIN register_value AS said ON said.register = e.register AND said.entry = e.id AND said.version = e.version AND said.field = 'said'
           JOIN register_value AS about ON about.register = e.register AND about.entry = e.id AND about.version = e.version AND about.field = 'purpose'
           WHERE e.register = $1 AND about.value = $2 GROUP BY e.person""",
        [WORD, purpose],
    )
    heard = [(said, on) for person, said, on in rows if person in asked]
    days = [on for said, on in heard if said == EXPLAIN]
    return Words(len(days), len(heard), len(asked), min(days, default=None), max(days, default=None), today)


# -- one person's own word


@dataclass(frozen=True)
class Heard:
    """What the reader said about a version, None when nothing yet; the names of those they lead who did not say that they can explain it."""

    own: Entry | None
    waiting: tuple[str, ...]


def heard(tx: Tx, actor: Actor, purpose: str, known: Iterable[Member]) -> Heard:
    """The reader's own word on a version, and for whom of theirs it is open, in the order of the members who are `known`.

    It belongs to this one reader, and is kept for nobody.
    """
    if not actor.person:
        return Heard(None, ())
    found = registers.entries(tx, WORD, where={"purpose": purpose}, order="date", actor=actor)
    said = {one.person for one in found if one.values["said"] == EXPLAIN}
    led = [one.person for one in known if one.person.leader == actor.person and crew.works(one.role)]
    return Heard(next((one for one in reversed(found) if one.person == actor.person), None), tuple(one.name for one in led if one.id not in said))


def say(store: Store, actor: Actor, purpose: str, said: str, today: date, words: str = "") -> Entry:
    """What the actor says about a version of the direction, for themselves; a second word takes the place of the first."""
    of = registers.register(WORD)
    access.require(actor, of.write)
    if not actor.person:
        raise NotAllowed("Nobody is at the keyboard whose word it could be. Choose yourself at the foot of the sidebar.")

    def work(tx: Tx) -> Entry:
        if registers.one(tx, PURPOSE, purpose).at > today:
            raise UsageError("This version is not in force yet.")
        values = {"purpose": purpose, "person": actor.person, "said": said, "on": today} | ({"words": words} if words else {})
        before = heard(tx, actor, purpose, ()).own
        if before:
            return registers.alter(store, tx, actor, of, before.id, values, before.version, today=today)
        return registers.put(store, tx, of, values, None, today, secrets.token_hex(6), actor)

    return store.write(work, actor.name)
