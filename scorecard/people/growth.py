"""Development plans and their steps, induction and training (E2, E5): agreed by both, then kept or missed.

Plans and steps are seen by the person and their leader. The team's share of steps kept is a measure, and names nobody.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from scorecard import access, registers
from scorecard.core.periods import Period, containing, day
from scorecard.core.reading import Sentence, count_word
from scorecard.errors import NotAllowed, UsageError
from scorecard.metrics import loaded
from scorecard.people import named, positions

if TYPE_CHECKING:
    from scorecard.access import Actor
    from scorecard.registers import Entry
    from scorecard.store.engine import Store
    from scorecard.people.named import Team
    from scorecard.store.members import Person
    from scorecard.store.tx import Tx

PLAN, STEP, INDUCTION, TRAINING = "development_plan", "development_step", "induction_step", "training"
DRAFT, AGREED, CLOSED = "draft", "agreed", "closed"
OPEN, KEPT, MISSED, DROPPED, LATE, OVERDUE = "open", "kept", "missed", "dropped", "late", "overdue"
PERSON_SIDE, LEADER_SIDE, AIM_AGREED = "person_agreed_on", "leader_agreed_on", "agreed_aim"
YOU, LEADS = "the person", "the leader"
MEASURE = "development_plans_kept"
LEAST_PEOPLE = 5  # a month's figure is of the steps of so many people at least, so that it tells of nobody


# -- reading


@dataclass(frozen=True)
class Step:
    """One step and what became of it: open, overdue, kept, late (done after its day), missed, dropped."""

    id: str
    title: str
    due: date
    done_on: date | None
    outcome: str


@dataclass(frozen=True)
class Plan:
    """One development plan that the reader sees, with its steps in order of their days. `waits_for` names who has not agreed yet."""

    id: str
    person: str
    name: str
    aim: str
    state: str
    look_again: date | None
    waits_for: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Growth:
    """The plans that the reader sees, by name; `without` are people whom the reader leads and who have none."""

    plans: tuple[Plan, ...]
    without: tuple[str, ...]


@dataclass(frozen=True)
class Training:
    """A step of an induction or a training of one person that the reader sees."""

    id: str
    person: str
    name: str
    title: str
    due: date
    outcome: str


def read(tx: Tx, actor: Actor, today: date, team: Team) -> Growth:
    """The plans and steps that the actor may see, of people who work here, in alphabetical order."""
    plans = [one for one in registers.entries(tx, PLAN, actor=actor) if one.state != CLOSED]
    steps, people = registers.entries(tx, STEP, actor=actor, order="date") if plans else [], team.here
    place = {one.id: n for n, one in enumerate(named.alphabetical(people, people))}
    found = tuple(sorted((_plan(one, people, steps, today) for one in plans if one.person in people), key=lambda one: (place[one.person], one.id)))
    planned = {one.person for one in found}
    return Growth(found, tuple(one.name for one in team.led_by(actor) if one.id not in planned))


def learning(tx: Tx, actor: Actor, today: date, people: Mapping[str, Person]) -> tuple[Training, ...]:
    """The steps of inductions and trainings that the actor may see, in the alphabetical order of people."""
    found = registers.entries(tx, INDUCTION, actor=actor, order="date")
    order = [one.id for one in named.alphabetical(people, {one.person for one in found})]
    told = [Training(one.id, one.person, people[one.person].name, one.title, one.at, _outcome(one, today)) for id in order for one in found if one.person == id]
    return tuple(told)


def _plan(one: Entry, people: Mapping[str, Person], steps: Sequence[Entry], today: date) -> Plan:
    waits = tuple(who for side, who in ((PERSON_SIDE, YOU), (LEADER_SIDE, LEADS)) if not one.values.get(side) or _aim_changed(one))
    own = tuple(Step(each.id, each.title, each.at, _day(each.values.get("done_on")), _outcome(each, today)) for each in steps if each.values.get("plan") == one.id)
    return Plan(one.id, one.person, people[one.person].name, one.title, one.state, _day(one.values.get("look_again")), waits if one.state == DRAFT or _aim_changed(one) else (), own)


def _outcome(step: Entry, today: date) -> str:
    """What became of a step by today: done after its day is late, open after its day is overdue."""
    if step.state in (KEPT, "done"):
        done = _day(step.values.get("done_on"))
        return LATE if done and done > step.at else KEPT
    if step.state in (MISSED, DROPPED):
        return step.state
    return OVERDUE if step.at < today else OPEN


def _day(value: object) -> date | None:
    return date.fromisoformat(str(value)) if value else None


# -- the team, which names nobody


def _steps(tx: Tx) -> list[tuple[str, date, bool]]:
    """(person, due, kept by that day) of every step of plans that both agreed to: for counting, and shown to nobody as it is."""
    rows = tx.all(
        """SELECT s.person, s.happened, s.state, s.body FROM register_entry AS s
           JOIN register_value AS p ON p.register = s.register AND p.entry = s.id AND p.version = s.version AND p.field = 'plan'
           JOIN register_entry AS o ON o.register = $2 AND o.id = p.value AND o.state <> $3
           WHERE s.register = $1 AND s.state <> $4 ORDER BY s.happened, s.id""",
        [STEP, PLAN, DRAFT, DROPPED],
    )
    return [(person, due, state == KEPT and _done(body, due)) for person, due, state, body in rows]


def _done(body: str, due: date) -> bool:
    done = _day(json.loads(body).get("done_on"))
    return done is not None and done <= due


def last_year(today: date) -> tuple[Period, Period]:
    """The first and the last of the twelve months that are over: those that the measure can have as well."""
    last = containing(today, "month").shift(-1)
    return last.shift(-11), last


def kept_of_due(tx: Tx, today: date) -> tuple[int, int] | None:
    """(due, kept by their day) of the last twelve whole months, of the steps of enough people; None otherwise."""
    first, last = last_year(today)
    due = [one for one in _steps(tx) if first.start <= one[1] <= last.end]
    if len({person for person, *_ in due}) < LEAST_PEOPLE:
        return None
    return len(due), sum(kept for *_, kept in due)


def beside_measure(tx: Tx, steps: tuple[int, int] | None, today: date) -> str:
    """What the measure says for the same twelve months, and why it is another number; "" where it says the same or nothing."""
    found = loaded.total(tx, MEASURE, *last_year(today))
    if steps is None or found is None or (found.denominator, found.numerator) == steps:
        return ""
    why = f"its months came from {loaded.listed(found.files)}" if found.files else f"it has only months in which steps of {count_word(LEAST_PEOPLE)} people were due"
    return f"The measure says {found.numerator:,} of {found.denominator:,} for the same months: {why}."


def kept_by_month(tx: Tx, last: Period) -> dict[Period, tuple[float, float, float]]:
    """(share, kept, due) of the steps due in each whole month up to `last` that are of enough people."""
    found: dict[Period, list[tuple[str, bool]]] = {}
    for person, due, kept in _steps(tx):
        found.setdefault(containing(due, "month"), []).append((person, kept))
    told = {month: [kept for _, kept in rows] for month, rows in found.items() if month <= last and len({person for person, _ in rows}) >= LEAST_PEOPLE}
    return {month: (sum(rows) / len(rows), float(sum(rows)), float(len(rows))) for month, rows in told.items()}


def sentences(found: Growth) -> list[Sentence]:
    """What is overdue, waits for a yes, or is missing, of what the reader sees."""
    said = []
    late = [(plan.name, step) for plan in found.plans for step in plan.steps if step.outcome == OVERDUE]
    if late:
        first = f"{late[0][0]}: {late[0][1].title}, due {day(late[0][1].due)}"
        said.append(Sentence(f"{count_word(len(late)).capitalize()} agreed {'step is' if len(late) == 1 else 'steps are'} past {'its' if len(late) == 1 else 'their'} day,",
                             f"such as {first}."))  # fmt: skip
    return said


# -- commands


def agree(store: Store, actor: Actor, plan: str, today: date, *, now: datetime | None = None) -> Entry:
    """The plan with this side's yes: that of the person, or of their leader. With both it is agreed.

    An aim that was changed since asks both again. Raises NotAllowed for anybody else, UsageError when this side has agreed already.
    """
    of = registers.register(PLAN)
    access.require(actor, of.write)

    def work(tx: Tx) -> Entry:
        old = registers.one(tx, PLAN, plan, actor)
        side = _side(tx, actor, old.person)
        fresh = not _aim_changed(old)
        if fresh and old.values.get(side):
            raise UsageError(f"This side agreed on {day(date.fromisoformat(str(old.values[side])))} already.")
        other = LEADER_SIDE if side == PERSON_SIDE else PERSON_SIDE
        said = {side: today, AIM_AGREED: old.values["aim"]} | ({} if fresh else {other: None})
        both = fresh and bool(old.values.get(other))
        state = None if old.state == CLOSED else AGREED if both else DRAFT
        return registers.alter(store, tx, actor, of, plan, said, old.version, state=state, today=today)

    return store.write(work, actor.name, now)


def waiting_for(found: Growth, actor: Actor) -> list[Plan]:
    """The plans that wait for the yes of the actor, who sees them: their own, or those of people whom they lead."""
    return [one for one in found.plans if (YOU if one.person == actor.person else LEADS) in one.waits_for]


def _aim_changed(plan: Entry) -> bool:
    """Whether the aim is another one than somebody said yes to."""
    return plan.values.get(AIM_AGREED, plan.values["aim"]) != plan.values["aim"]


def _side(tx: Tx, actor: Actor, person: str) -> str:
    if actor.person and actor.person == person:
        return PERSON_SIDE
    if access.may(actor, "read_people") and tx.one("SELECT 1 FROM person WHERE id = $1 AND leader = $2", [person, actor.person]):
        return LEADER_SIDE
    raise NotAllowed("A development plan is agreed by the person and their leader, and by nobody else.")


def begin_induction(store: Store, actor: Actor, position: str, person: str, first_day: date, today: date) -> int:
    """How many steps of the position's induction are planned now for a person, counted from their first day; those planned already are left."""
    of = registers.register(INDUCTION)
    access.require(actor, of.write)

    def work(tx: Tx) -> int:
        _side(tx, actor, person)
        plan = next((one for one in positions.read(tx) if one.id == position), None)
        if plan is None or not plan.induction:
            raise UsageError("This position plan has no induction yet. Write its steps into the plan first.")
        there = {(one.title, one.at) for one in registers.entries(tx, INDUCTION, person=person, actor=actor)}
        rows = [(str(row["step"]), first_day + timedelta(int(row["day"])), row.get("about")) for row in plan.induction]
        new = [one for one in rows if one[:2] not in there]
        for title, due, about in new:
            said = {"person": person, "title": title, "due": due} | ({"about": about} if about else {})
            registers.put(store, tx, of, said, None, today, secrets.token_hex(6), actor)
        return len(new)

    return store.write(work, actor.name)
