"""Feedback talks, formal and in passing (E3, E8): when each person heard something last. Gently: no counts beside names, no order by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scorecard.core.periods import Period, between, containing, day
from scorecard.core.reading import Sentence, count_word
from scorecard.people import named

if TYPE_CHECKING:
    from scorecard.access import Actor
    from scorecard.people.named import Team
    from scorecard.store.tx import Tx

REGISTER, HELD, PLANNED, FORMAL = "feedback_talk", "held", "planned", "formal"
QUARTER_DAYS, MONTHS_SHOWN = 92, 12


@dataclass(frozen=True)
class Line:
    """One person: the last talk, the next that is planned, and for each month shown whether there was one: `formal`, `informal` or ""."""

    id: str
    name: str
    last: date | None
    last_formal: date | None
    planned: date | None
    months: tuple[str, ...]
    quiet: bool


@dataclass(frozen=True)
class Regularity:
    """The people whom the reader leads, and the reader, by name; `months` are those shown, the last one today's."""

    lines: tuple[Line, ...]
    months: tuple[Period, ...]
    own: str

    @property
    def quiet(self) -> tuple[Line, ...]:
        """People who heard nothing for a quarter."""
        return tuple(one for one in self.lines if one.quiet)


def read(tx: Tx, actor: Actor, today: date, team: Team) -> Regularity:
    """When people heard something last: of the reader and the people whom they lead."""
    now = containing(today, "month")
    months = tuple(between(now.shift(1 - MONTHS_SHOWN), now))
    shown = named.alphabetical(team.people, [actor.person, *(one.id for one in team.led_by(actor))])
    talks = _talks(tx, [one.id for one in shown], months[0].start)
    lines = tuple(_line(person.id, person.name, [one for one in talks if one[0] == person.id], months, today) for person in shown)
    return Regularity(lines, months, actor.person)


def _talks(tx: Tx, people: Sequence[str], since: date) -> list[tuple[str, date, str, str]]:
    """(person, day, kind, state) of talks with these people since a day, and of those ahead; no words are read."""
    if not people:
        return []
    places = ", ".join(f"${n}" for n in range(3, len(people) + 3))
    return tx.all(
        f"""SELECT e.person, e.happened, k.value, e.state FROM register_entry AS e
            JOIN register_value AS k ON k.register = e.register AND k.entry = e.id AND k.version = e.version AND k.field = 'kind'
            WHERE e.register = $1 AND e.happened >= $2 AND e.person IN ({places}) ORDER BY e.happened, e.id""",
        [REGISTER, since, *people],
    )


def _line(id: str, name: str, talks: Sequence[tuple[str, date, str, str]], months: Sequence[Period], today: date) -> Line:
    held = [(on, kind) for _, on, kind, state in talks if state == HELD and on <= today]
    last = max((on for on, _ in held), default=None)
    formal = max((on for on, kind in held if kind == FORMAL), default=None)
    planned = min((on for _, on, _, state in talks if state == PLANNED and on >= today), default=None)
    shown = tuple(_month(held, month) for month in months)
    return Line(id, name, last, formal, planned, shown, last is None or today - last > timedelta(QUARTER_DAYS))


def _month(held: Sequence[tuple[date, str]], month: Period) -> str:
    kinds = {kind for on, kind in held if month.start <= on <= month.end}
    return FORMAL if FORMAL in kinds else next(iter(kinds), "")


def sentences(found: Regularity) -> list[Sentence]:
    """Who heard nothing for a quarter: said to their leader by name, and to the person themself."""
    others = [one for one in found.quiet if one.id != found.own]
    heard = [one for one in others if one.last]
    return [*_quiet(heard), *_unwritten([one for one in others if not one.last])]


def _unwritten(others: Sequence[Line]) -> list[Sentence]:
    """Of whom no talk is known: nobody says that there was none, on the first day least of all."""
    if not others:
        return []
    who = others[0].name if len(others) == 1 else f"{count_word(len(others))} people"
    return [Sentence(f"No talk with {who} is written down in {MONTHS_SHOWN} months.", "A few words after the next call are enough.")]


def _quiet(others: Sequence[Line]) -> list[Sentence]:
    """Of who heard something, and nothing for a quarter since."""
    if not others:
        return []
    if len(others) == 1:
        return [Sentence(f"{others[0].name} has had no feedback for a quarter;", f"the last talk was on {day(others[0].last)}.")]
    if len(others) > 3:
        return [Sentence(f"{count_word(len(others)).capitalize()} people have had no feedback for a quarter.", "A few words after the next call are enough.")]
    listed = ", ".join(one.name for one in others[:-1]) + f" and {others[-1].name}"
    return [Sentence(f"{listed} have had no feedback for a quarter.", "A few words after the next call are enough.")]
