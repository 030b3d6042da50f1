"""Plans of several years: which one is in force, its versions and parts, who agrees with it and who took part in it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from scorecard import access, diary, registers
from scorecard.core import names, periods
from scorecard.core.reading import Sentence
from scorecard.errors import ScorecardError, UsageError
from scorecard.planning import wording
from scorecard.planning.wording import Rewording
from scorecard.store import definitions, measures, members

if TYPE_CHECKING:
    from scorecard.access import Actor
    from scorecard.core.definition import Definition
    from scorecard.core.periods import Period
    from scorecard.registers import Entry
    from scorecard.store.engine import Store
    from scorecard.store.members import Member
    from scorecard.store.tx import Tx

PLAN, PART, READ, VOICE, PROPOSAL = "plan", "plan_part", "plan_read", "plan_voice", "plan_proposal"
AGREED, PAST, HEARD = "agreed", "past", "heard"
ASKED = ("member", "analyst", "leader")
OLD_AFTER = 12  # months after which a part of a plan wants a look
RHYTHMS = {"monthly_review": "monthly", "quarterly_review": "quarterly"}


@dataclass(frozen=True)
class Plan:
    """A plan as it stands; `agreed_on` None while nobody has agreed to this version."""

    id: str
    title: str
    first_year: int
    last_year: int
    edition: int
    agreed_on: date | None
    state: str
    changed: str
    version: int

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(range(self.first_year, self.last_year + 1))

    @property
    def span(self) -> str:
        """`2026 to 2028`."""
        return f"{self.first_year} to {self.last_year}" if self.last_year > self.first_year else str(self.first_year)


# -- the plan in force


def every(tx: Tx) -> tuple[Plan, ...]:
    """All plans that are not past, the one in force first: agreed before drafts, the latest agreement first."""
    found = [_plan(tx, one) for one in registers.entries(tx, PLAN) if one.state != PAST]
    return tuple(sorted(found, key=lambda one: (one.state != AGREED, -(one.agreed_on or date.min).toordinal(), one.title, one.id)))


def current(tx: Tx) -> Plan | None:
    """The plan in force; None where none is written."""
    return next(iter(every(tx)), None)


def one(tx: Tx, id: str) -> Plan:
    """The plan of this id. Raises UsageError when there is none."""
    return _plan(tx, registers.one(tx, PLAN, id))


def _plan(tx: Tx, entry: Entry) -> Plan:
    said = entry.values
    first, last = int(said["first_year"]), int(said["last_year"])
    return Plan(entry.id, entry.title, min(first, last), max(first, last), int(said["edition"]), _agreed_on(tx, entry), entry.state,
                str(said.get("changed") or ""), entry.version)  # fmt: skip


def _agreed_on(tx: Tx, entry: Entry) -> date | None:
    """The day on which this version was agreed; None when it only stands there since an earlier version."""
    agreed, edition = _day(entry.values.get("agreed_on")), entry.values["edition"]
    if agreed is None or entry.version == 1:
        return agreed
    before = (kept.entry.values for kept in registers.history(tx, PLAN, entry.id))
    return None if any(said["edition"] != edition and _day(said.get("agreed_on")) == agreed for said in before) else agreed


def _day(text: Any) -> date | None:
    return date.fromisoformat(str(text)) if text else None


# -- versions


@dataclass(frozen=True)
class Edition:
    """A version of a plan: when it was agreed, by how many, what it changed, and who wrote it."""

    number: int
    agreed_on: date | None
    people: int
    changed: str
    author: str
    written_on: date


def editions(tx: Tx, plan: Plan) -> tuple[Edition, ...]:
    """The versions of a plan, the newest first, each as it was last written."""
    said = agreements(tx, plan)
    found: dict[int, Edition] = {}
    for kept in registers.history(tx, PLAN, plan.id):
        values, number = kept.entry.values, int(kept.entry.values["edition"])
        if not kept.withdrawn and number not in found:
            people = len({one.person for one in said if one.values.get("edition") == number})
            found[number] = Edition(number, _day(values.get("agreed_on")), people, str(values.get("changed") or ""), kept.entry.author,
                                    kept.entry.recorded_at.date())  # fmt: skip
    return tuple(found.values())


# -- parts


@dataclass(frozen=True)
class Part:
    """A part that a strategic plan has: `id` "" while nothing is written. `months` since somebody last looked at it."""

    kind: str
    label: str
    id: str
    title: str
    says: str
    address: str
    owner: str
    looked_on: date | None
    months: int | None

    @property
    def old(self) -> bool:
        return self.months is not None and self.months >= OLD_AFTER


def parts(tx: Tx, plan: Plan, today: date) -> tuple[Part, ...]:
    """The parts of a plan in the order of the choices, those that are not written too."""
    people = {one.id: one.name for one in members.people(tx)}
    written: dict[str, list[Entry]] = {}
    for one in registers.entries(tx, PART, where={"plan": plan.id}):
        written.setdefault(str(one.values["part"]), []).append(one)
    kinds = registers.register(PART).field("part").choices or {}
    return tuple(part for kind, label in kinds.items() for part in _parts_of(kind, label, written.get(kind, []), people, today))


def _parts_of(kind: str, label: str, found: Sequence[Entry], people: dict[str, str], today: date) -> list[Part]:
    if not found:
        return [Part(kind, label, "", "", "", "", "", None, None)]
    return [
        Part(kind, label, one.id, one.title, str(one.values.get("says") or ""), str(one.values.get("address") or ""),
             people.get(str(one.values.get("owner") or ""), ""), one.at, months_between(one.at, today))
        for one in found
    ]  # fmt: skip


def months_between(one: date, other: date) -> int:
    """Whole months from one day to a later one; 0 for one that is not over."""
    months = (other.year - one.year) * 12 + other.month - one.month - (other.day < one.day)
    return max(0, months)


# -- who agrees


@dataclass(frozen=True)
class Standing:
    """Who agrees with a version of the plan, and who of those asked has not said so yet: names, in alphabetical order.

    `said` has the ids of those who agree, `open_to` of those who have not said so. `older` names those who agreed before the words changed
    last, `rewordings` how they changed since the first of them said so.
    """

    agreed: tuple[str, ...]
    waiting: tuple[str, ...]
    said: frozenset[str]
    open_to: frozenset[str]
    older: tuple[str, ...] = ()
    rewordings: tuple[Rewording, ...] = ()

    @property
    def everybody(self) -> tuple[str, ...]:
        return tuple(sorted((*self.agreed, *self.waiting), key=names.order))

    @property
    def asked(self) -> int:
        return len(self.agreed) + len(self.waiting)


def agreements(tx: Tx, plan: Plan) -> list[Entry]:
    """What people said to any version of a plan."""
    return registers.entries(tx, READ, where={"plan": plan.id})


def standing(tx: Tx, plan: Plan) -> Standing:
    """Who of the team agrees with the version in force."""
    when = {str(one.values.get("person")): one.made_at for one in agreements(tx, plan) if one.values.get("edition") == plan.edition}
    said, changes = set(when), wording.since(tx, plan.id, min(when.values())) if when else ()
    team = sorted(asked(tx), key=lambda one: (names.order(one.person.name), one.person.id))
    agreed, waiting = [one.person for one in team if one.person.id in said], [one.person for one in team if one.person.id not in said]
    older = [one.name for one in agreed if changes and when[one.id] < changes[-1].at]
    return Standing(tuple(one.name for one in agreed), tuple(one.name for one in waiting), frozenset(said), frozenset(one.id for one in waiting), tuple(older), changes)


def asked(tx: Tx) -> list[Member]:
    """Who is asked to agree: the active members of the team."""
    return [one for one in members.members(tx) if one.active and one.role in ASKED]


def agree(store: Store, actor: Actor, plan_id: str, edition: int, words: str, today: date, *, now: datetime | None = None) -> Entry:
    """What the actor says for themselves: that they have read this version of the plan and agree. Once for each version."""
    of = registers.register(READ)
    access.require(actor, of.write)

    def work(tx: Tx) -> Entry:
        plan = one(tx, plan_id)
        if plan.edition != edition:
            raise ScorecardError(f"Version {plan.edition} of the plan is in force now, and you saw version {edition}. Read it, then say so.")
        if actor.person in standing(tx, plan).said:
            raise UsageError(f"You have agreed to version {edition} already.")
        said = {"plan": plan.id, "edition": edition, "person": actor.person, "said_on": today, "words": words}
        return registers.put(store, tx, of, said, None, today, secrets.token_hex(6))

    return store.write(work, actor.name, now)


def agreed_with(plan: Plan, found: Standing) -> str:
    """`agreed 9 Jan 2026 with 15 of 15 people`."""
    who = f"{len(found.agreed)} of {found.asked} people" if found.asked else ""
    who += f", {'all' if len(found.older) == len(found.agreed) else len(found.older)} of them before its words changed" if found.older else ""
    if plan.state != AGREED or plan.agreed_on is None:
        return f"not agreed yet, {who} so far" if found.agreed else "not agreed yet"
    return f"agreed {periods.day(plan.agreed_on)}" + (f" with {who}" if who else "")


def rhythm(tx: Tx, since: date) -> str:
    """`reviewed monthly and quarterly`, from the reviews of the calendar that were held since a day; "" without any."""
    told = [words for kind, words in RHYTHMS.items() if any(one.held_on and one.held_on >= since for one in diary.listed(tx, kind))]
    return f"reviewed {' and '.join(told)}" if told else ""


# -- who took part


@dataclass(frozen=True)
class TakingPart:
    """Who brought something into the plan: names in alphabetical order, how many of those asked did, and what became of it."""

    people: tuple[str, ...]
    asked: int
    contributions: int
    taken: int
    waiting: int


def taking_part(tx: Tx, since: date) -> TakingPart:
    """Contributions since a day, by the people who were asked."""
    found = registers.entries(tx, VOICE, since=since)
    team = {one.person.id: one.person.name for one in asked(tx)}
    came = {str(one.values.get("person")) for one in found} & set(team)
    return TakingPart(tuple(sorted((team[id] for id in came), key=names.order)), len(team), len(found), sum(one.state == "taken" for one in found),
                 sum(one.state == HEARD for one in found))  # fmt: skip


def part_sentence(found: TakingPart) -> Sentence | None:
    """How many took part, and what became of what they brought."""
    if not found.contributions:
        return None
    bold = f"{len(found.people)} of {found.asked} people brought something into the plan."
    waits = f" {found.waiting} {'waits' if found.waiting == 1 else 'wait'} for an answer." if found.waiting else ""
    return Sentence(bold, f"{found.taken} of {found.contributions} contributions were taken up.{waits}")


# -- what went into the planning of the company


def proposal_sentence(tx: Tx) -> Sentence | None:
    """How many proposals went to enterprise planning, and what became of them."""
    found = registers.by_state(tx, PROPOSAL)
    total, waiting = sum(found.values()), found.get("proposed", 0)
    if not total:
        return None
    told = [f"{n} {registers.register(PROPOSAL).state(state).label}" for state, n in found.items() if n and state != "proposed"]
    rest = " and ".join([*filter(None, [", ".join(told)]), *([f"{waiting} {'waits' if waiting == 1 else 'wait'} for an answer"] if waiting else [])])
    return Sentence(f"{total} {'proposal' if total == 1 else 'proposals'} went to enterprise planning:", f"{rest}.")


# -- dated goals


@dataclass(frozen=True)
class DatedGoal:
    """One version of the goal of a measure from a period on; `in_force` the last version of that start."""

    measure: Definition
    start: Period
    value: float | None
    source: str
    reason: str
    author: str
    recorded_on: date
    in_force: bool


def dated_goals(tx: Tx, wanted: Sequence[str]) -> tuple[DatedGoal, ...]:
    """The goals of these measures as the measures hold them, in the order of the measures, the last start first; of a start the earlier versions too that said otherwise."""
    known = definitions.current(tx)
    grains = {name: measures.grain(tx, name) or "month" for name in wanted if name in known}
    found = measures.goals(tx, grains)
    last = {(one.measure, one.start): one for one in found}
    made = [DatedGoal(known[one.measure], one.start, one.value, one.source, one.reason, one.author, one.recorded_at.date(),
                      one is last[one.measure, one.start])
            for one in reversed(found) if one is last[one.measure, one.start] or one.value != last[one.measure, one.start].value]  # fmt: skip
    return tuple(sorted(made, key=lambda one: list(grains).index(one.measure.name)))
