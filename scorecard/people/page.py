"""What the page People shows beside the figures: skills, staffing, feedback and development plans, for who asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scorecard.core.reading import Sentence
from scorecard.people import feedback, growth, named, skills, staffing
from scorecard.people.feedback import Regularity
from scorecard.people.growth import Growth
from scorecard.people.skills import Skills
from scorecard.people.staffing import Staffing

if TYPE_CHECKING:
    from scorecard.access import Actor
    from scorecard.store.engine import Store


@dataclass(frozen=True)
class Counts:
    """What everybody sees: nothing in it is about one person. `steps` are (due, kept) of development plans, None while too few people have any;
    `measured` says what their measure says where that is another number."""

    skills: Skills
    staffing: Staffing
    steps: tuple[int, int] | None
    measured: str = ""


@dataclass(frozen=True)
class Found:
    """What one reader sees: the counts, and what is about themselves and the people whom they lead."""

    skills: Skills
    staffing: Staffing
    feedback: Regularity
    growth: Growth
    steps: tuple[int, int] | None
    measured: str = ""

    @property
    def people(self) -> set[str]:
        """The people (ids) of whom something is shown."""
        talked = {one.id for one in self.feedback.lines if any(one.months) or one.planned}
        return talked | {id for id, _ in self.skills.people} | {one.person for one in self.growth.plans}


def counts(store: Store, today: date) -> Counts:
    """The counts as they stand."""
    with store.read() as tx:
        steps = growth.kept_of_due(tx, today)
        measured = growth.beside_measure(tx, steps, today)
    return Counts(skills.team(store), staffing.team(store, today), steps, measured)


def read(store: Store, actor: Actor, today: date, known: Counts | None = None) -> Found:
    """What the actor sees; `known` are the counts of this version of the data, read already."""
    own = known or counts(store, today)
    with store.read() as tx:
        team = named.team(tx)
        return Found(skills.seen(tx, actor, own.skills, team.here), staffing.seen(tx, actor, own.staffing, team.here), feedback.read(tx, actor, today, team),
                     growth.read(tx, actor, today, team), own.steps, own.measured)  # fmt: skip


def sentences(found: Found) -> list[Sentence]:
    """What rests on one person, who is missing by when, who heard nothing for a quarter, what is past its day."""
    return [*skills.sentences(found.skills)[:2], *staffing.sentences(found.staffing)[:2], *feedback.sentences(found.feedback), *growth.sentences(found.growth)]
