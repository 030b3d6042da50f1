"""Staffing now and planned: people beside what the accounts ask for, and who can take a position over (E1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from scorecard import registers
from scorecard.core import names, staffing
from scorecard.core.periods import MONTHS
from scorecard.core.reading import Sentence, count_word
from scorecard.people import named, positions
from scorecard.people.positions import Position

if TYPE_CHECKING:
    from scorecard.access import Actor
    from scorecard.registers import Entry
    from scorecard.store.engine import Store
    from scorecard.store.members import Person
    from scorecard.store.tx import Tx

PLAN, PLANNED, SUCCESSION, NAMED, TACTIC = "staffing_plan", "planned", "succession", "named", "tactic"


@dataclass(frozen=True)
class Planned:
    """The next plan of a position: for which month, how many accounts it expects (None: as many as now), how many people follow, and why.

    `tactic` is the tactic of the plan that brings them, `step` what else is done about it.
    """

    id: str
    by: date
    accounts: int | None
    people: int
    why: str
    source: str
    step: str
    tactic: str = ""


@dataclass(frozen=True)
class Line:
    """One position: its people now, its accounts now (None: it serves none), how many people they ask for (None: not said), and what is planned.

    `successors` are (name, ready) of those that the reader sees; `succession` says whether any is named at all.
    """

    id: str
    name: str
    now: int
    accounts: int | None
    load: float | None
    required: int | None
    planned: Planned | None
    succession: bool
    successors: tuple[tuple[str, str], ...] = ()

    @property
    def each(self) -> float | None:
        """Accounts a person now."""
        return self.accounts / self.now if self.accounts is not None and self.now else None

    @property
    def gap(self) -> int | None:
        """People now less people planned, or required where nothing is planned."""
        return staffing.gap(self.now, self.planned.people if self.planned else self.required)


@dataclass(frozen=True)
class Staffing:
    """Every position by name, those with accounts first."""

    lines: tuple[Line, ...]

    @property
    def month(self) -> date | None:
        """The month for which all plans are; None when they differ or there is none."""
        months = {one.planned.by for one in self.lines if one.planned}
        return months.pop() if len(months) == 1 else None


def team(store: Store, today: date) -> Staffing:
    """Positions, their people and their plans, as they stand: what everybody sees."""
    with store.read_facts() as facts:
        accounts = _accounts(facts, today)
    with store.read() as tx:
        plans, staffed, there = positions.read(tx), _plans(tx, today), _succession(tx)
        tactics = _tactics(tx, staffed.values())
        active = {id for (id,) in tx.all("SELECT person FROM member WHERE active")}
    lines = [_line(one, accounts, active, staffed.get(one.id), tactics, one.id in there) for one in plans]
    return Staffing(tuple(sorted(lines, key=lambda one: (one.accounts is None, names.order(one.name)))))


def seen(tx: Tx, actor: Actor, counts: Staffing, people: Mapping[str, Person]) -> Staffing:
    """The same with the successors that the actor may see, of `people` who work here."""
    if not any(one.succession for one in counts.lines):
        return counts
    found = registers.entries(tx, SUCCESSION, state=NAMED, actor=actor)
    return Staffing(tuple(replace(line, successors=_successors(line.id, found, people)) for line in counts.lines))


def _successors(position: str, found: Sequence[Entry], people: Mapping[str, Person]) -> tuple[tuple[str, str], ...]:
    """(name, how soon) of those who can take a position over, by name."""
    ready = {one.person: str(one.values["ready"]) for one in found if one.values.get("position") == position}
    return tuple((one.name, ready[one.id]) for one in named.alphabetical(people, ready))


def _accounts(tx: Tx, today: date) -> dict[str, int]:
    """How many customers each segment has today."""
    return dict(tx.all(
        """SELECT segment, COUNT(*) FROM account WHERE segment <> '' AND (started_on IS NULL OR started_on <= $1) AND (ended_on IS NULL OR ended_on > $1)
           GROUP BY segment""", [today]))  # fmt: skip


def _plans(tx: Tx, today: date) -> dict[str, Entry]:
    """The next plan of each position, from this month on."""
    found: dict[str, Entry] = {}
    for one in registers.entries(tx, PLAN, state=PLANNED, since=today.replace(day=1), order="date"):
        found.setdefault(str(one.values["position"]), one)
    return found


def _succession(tx: Tx) -> set[str]:
    """The positions for which somebody who works here is named, whoever it is."""
    rows = tx.all(
        """SELECT DISTINCT p.value FROM register_entry AS e
           JOIN register_value AS p ON p.register = e.register AND p.entry = e.id AND p.version = e.version AND p.field = 'position'
           JOIN member AS m ON m.person = e.person AND m.active WHERE e.register = $1 AND e.state = $2""",
        [SUCCESSION, NAMED],
    )
    return {position for (position,) in rows}


def _line(one: Position, accounts: Mapping[str, int], active: set[str], plan: Entry | None, tactics: Mapping[str, str], succession: bool) -> Line:
    served = sum(accounts.get(segment, 0) for segment in one.segments) if one.segments else None
    required = staffing.people_for(served, one.load) if served is not None and one.load else one.needed
    return Line(one.id, one.name, len(active.intersection(one.holders)), served, one.load, required, _planned(plan, served, one.load, tactics), succession)


def _tactics(tx: Tx, plans: Iterable[Entry]) -> dict[str, str]:
    """The titles of the tactics that plans of staffing name."""
    named = {str(one.values["tactic"]) for one in plans if one.values.get("tactic")}
    return {one.id: one.title for one in registers.entries(tx, TACTIC) if one.id in named} if named else {}


def _planned(plan: Entry | None, served: int | None, load: float | None, tactics: Mapping[str, str]) -> Planned | None:
    """What a plan comes to: from its accounts where one person's load is known, else the people that it names; None where it says neither."""
    if plan is None:
        return None
    said = plan.values
    accounts = said.get("accounts")
    if accounts is not None and load:
        people = staffing.people_for(accounts, load)
    elif said.get("people") is not None:
        people = int(said["people"])
    elif served is not None and load:
        people = staffing.people_for(served, load)
    else:
        return None
    return Planned(plan.id, plan.at, None if accounts is None else int(accounts), people, str(said.get("why", "")), str(said.get("source", "")), str(said.get("step", "")),
                   tactics.get(str(said.get("tactic", "")), ""))  # fmt: skip


def month(day: date) -> str:
    """`June 2027`."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def sentences(found: Staffing) -> list[Sentence]:
    """Who is missing by when, or now; and positions that nobody could take over."""
    said = []
    short = [one for one in found.lines if one.planned and one.gap is not None and one.gap < 0]
    for by in sorted({one.planned.by for one in short}):
        then = [one for one in short if one.planned.by == by]
        missing = sum(-one.gap for one in then)
        each = f"one more person each in {_listed([one.name for one in then])}" if all(one.gap == -1 for one in then) and len(then) > 1 else \
            f"{count_word(missing)} more {'person' if missing == 1 else 'people'} in {_listed([one.name for one in then])}"
        said.append(Sentence(f"By {month(by)} the plan needs {each}.", _open_steps(then)))
    now = [one for one in found.lines if not one.planned and one.gap is not None and one.gap < 0]
    if now:
        missing = sum(-one.gap for one in now)
        said.append(Sentence(f"{count_word(missing).capitalize()} {'person is' if missing == 1 else 'people are'} missing today", f"in {_listed([one.name for one in now])}, and nothing is planned."))
    return said


def _open_steps(lines: Sequence[Line]) -> str:
    idle = [one.name for one in lines if not (one.planned.step or one.planned.tactic)]
    tactics = list(dict.fromkeys(one.planned.tactic for one in lines if one.planned.tactic))
    told = f"In the plan: {_listed(tactics)}." if tactics else ""
    return " ".join(filter(None, (told, f"Nothing is begun yet for {_listed(idle)}." if idle else "")))


def _listed(found: Sequence[str]) -> str:
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"
