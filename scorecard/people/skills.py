"""Skills now and required: who learns, works alone, can teach; what rests on one person (E6).

Everybody sees the counts. Who can what is seen of oneself and of the people one leads: the rows come filtered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    from scorecard.store.engine import Store
    from scorecard.store.members import Person
    from scorecard.store.tx import Tx

SKILL, LEVEL, RETIRED = "skill", "skill_level", "retired"


@dataclass(frozen=True)
class Line:
    """One skill: how many work alone or can teach, how many of them can teach, how many the position plans ask for (None: none names it).

    `later` is how many they ask for in two years. `single` says that it rests on one person; `levels` are those that the reader sees, by person (id), `on` is that one person's name
    where the reader sees it.
    """

    id: str
    name: str
    now: int
    teachers: int
    required: int | None
    later: int | None
    single: bool
    levels: Mapping[str, str] = field(default_factory=dict)
    on: str = ""

    @property
    def gap(self) -> int | None:
        return staffing.gap(self.now, self.required)


@dataclass(frozen=True)
class Skills:
    """Every skill by name; `people` are (id, name) of those whose levels the reader sees, by name; `unknown` are skills that a plan
    names and the list does not; `plans` how many positions there are, `agreed_on` the last day one was agreed."""

    lines: tuple[Line, ...]
    unknown: tuple[str, ...]
    plans: int
    agreed_on: date | None
    people: tuple[tuple[str, str], ...] = ()

    @property
    def source(self) -> str:
        """`Source: 4 position plans, last agreed August 2026`; "" without any."""
        if not self.plans:
            return ""
        on = self.agreed_on
        return f"Source: {self.plans} position plan{'' if self.plans == 1 else 's'}" + (f", last agreed {MONTHS[on.month - 1]} {on.year}" if on else ", none agreed yet")


def team(store: Store) -> Skills:
    """The counts that everybody sees. Nothing in it is about one person."""
    with store.read() as tx:
        known = [one for one in registers.entries(tx, SKILL, order="title") if one.state != RETIRED]
        plans, everyone = positions.read(tx), _levels(tx)
    required = _required(plans)
    lines = tuple(_line(one.id, one.title, everyone.get(one.id, {}), required.pop(names.bare(one.title), (None, None))) for one in known)
    unknown = {written for plan in plans for key, (written, *_) in plan.skills.items() if key in required}
    return Skills(lines, tuple(sorted(unknown, key=names.order)), len(plans), positions.last_agreed(plans))


def seen(tx: Tx, actor: Actor, counts: Skills, everyone: Mapping[str, Person]) -> Skills:
    """The counts with the levels that the actor may see: the own ones, and those of the people whom they lead; of `everyone` who works here."""
    found = registers.entries(tx, LEVEL, actor=actor, order="date") if counts.lines else []
    own: dict[str, dict[str, str]] = {}
    for one in found:
        if one.person in everyone:
            own.setdefault(str(one.values["skill"]), {})[one.person] = str(one.values["level"])
    lines = tuple(_with_levels(line, own.get(line.id, {}), everyone) for line in counts.lines)
    people = {person for line in lines for person in line.levels}
    return replace(counts, lines=lines, people=tuple((one.id, one.name) for one in named.alphabetical(everyone, people)))


def _with_levels(line: Line, levels: Mapping[str, str], everyone: Mapping[str, Person]) -> Line:
    on = staffing.rests_on(levels, 1) if line.single else ""
    return replace(line, levels=levels, on=everyone[on].name if on else "")


def _required(plans: Sequence[Position]) -> dict[str, tuple[int, int]]:
    """How many people the plans together ask for, now and in two years, by the bare name of a skill."""
    found: dict[str, tuple[int, int]] = {}
    for plan in plans:
        for key, (_, people, later) in plan.skills.items():
            now, then = found.get(key, (0, 0))
            found[key] = now + people, then + later
    return found


def _levels(tx: Tx) -> dict[str, dict[str, str]]:
    """The newest level of each person by skill, of people who still work here. For counting: it names people, and is shown to nobody as it is."""
    rows = tx.all(
        """SELECT s.value, e.person, l.value FROM register_entry AS e
           JOIN register_value AS s ON s.register = e.register AND s.entry = e.id AND s.version = e.version AND s.field = 'skill'
           JOIN register_value AS l ON l.register = e.register AND l.entry = e.id AND l.version = e.version AND l.field = 'level'
           JOIN member AS m ON m.person = e.person AND m.active
           WHERE e.register = $1 ORDER BY e.happened, e.made_at, e.id""",
        [LEVEL],
    )
    found: dict[str, dict[str, str]] = {}
    for skill, person, level in rows:
        found.setdefault(skill, {})[person] = level
    return found


def _line(id: str, name: str, levels: Mapping[str, str], asked: tuple[int | None, int | None]) -> Line:
    required, later = asked
    teachers = sum(level == staffing.TEACH for level in levels.values())
    return Line(id, name, staffing.counted(levels), teachers, required, later, bool(staffing.rests_on(levels, required or 0)))


def sentences(found: Skills) -> list[Sentence]:
    """What rests on one person, what nobody can, and what plans name that is no skill here."""
    said = []
    for one in found.lines:
        if one.single:
            said.append(Sentence(f"{one.name} rests on one person{f', {one.on}' if one.on else ''};", f"the position plans ask for {count_word(one.required or 0)}."))
        elif one.now == 0 and one.required:
            said.append(Sentence(f"Nobody works alone in {one.name} yet;", f"the position plans ask for {count_word(one.required)}."))
    if found.unknown:
        said.append(Sentence("A position plan names a skill that is not in the list:", f"{', '.join(found.unknown)}. Write it down, or correct the plan."))
    return said
