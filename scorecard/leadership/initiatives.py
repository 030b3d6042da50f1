"""Change initiatives: where each stands in the steps that every change takes, what its sponsor did, whether it is taken up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scorecard import registers
from scorecard.core.periods import day
from scorecard.core.reading import Sentence
from scorecard.store import definitions

if TYPE_CHECKING:
    from scorecard.registers import Entry
    from scorecard.store.engine import Store

REGISTER = "change_initiative"
KEPT, STOPPED, FIRST = "kept", "stopped", "reason"
PLANNED, DONE, MISSED, LATE = "planned", "done", "missed", "late"
QUIET_DAYS, SHOWN_DAYS = 90, 365
LACKING = {MISSED: "did not take place", LATE: "was planned, and nobody said that it took place"}
MOST_SAID = 1


@dataclass(frozen=True)
class Act:
    """Something a sponsor does for a change; `state` is `planned`, `done`, `missed` or, planned for a day that is over, `late`.

    What is said to be done on a day to come is planned.
    """

    on: date
    act: str
    state: str


@dataclass(frozen=True)
class Evidence:
    """How many of those affected worked that way on a day, as a fraction, and how it was counted."""

    on: date
    share: float
    how: str


@dataclass(frozen=True)
class Initiative:
    """A change. `step` is its place among STEPS, 1 for the first, 0 when it was stopped; `since` the day it came there.

    `seen_on` is the day of the sponsor's last act, `quiet_days` how long that is ago, or since it has a sponsor; None when the
    sponsor was seen lately, or the change has ended.
    """

    id: str
    title: str
    why: str
    step: int
    label: str
    ended: bool
    since: date
    started_on: date
    sponsor: str
    owner: str
    affected: tuple[str, ...]
    people: int | None
    acts: tuple[Act, ...]
    heard: str
    tried: str
    goal: float | None
    adoption: tuple[Evidence, ...]
    measure: str
    measure_label: str
    kept_by: str
    outcome: str
    quiet_days: int | None

    @property
    def seen_on(self) -> date | None:
        """The day on which the sponsor was last seen with it."""
        return max((one.on for one in self.acts if one.state == DONE), default=None)

    @property
    def next_act(self) -> Act | None:
        """The next act that is planned."""
        return next((one for one in self.acts if one.state == PLANNED), None)


@dataclass(frozen=True)
class Overview:
    """The changes under way and those that ended within SHOWN_DAYS, the last begun first; the steps that each takes."""

    under_way: tuple[Initiative, ...]
    ended: tuple[Initiative, ...]
    steps: tuple[str, ...]
    sentences: tuple[Sentence, ...]


def steps() -> tuple[str, ...]:
    """The ids of the steps of a change, in their order."""
    return tuple(one.id for one in registers.register(REGISTER).states if one.id != STOPPED)


def read(store: Store, today: date) -> Overview:
    """The changes as they stand on a day."""
    of = registers.register(REGISTER)
    with store.read() as tx:
        found = registers.entries(tx, REGISTER, until=today)
        people, teams = dict(tx.all("SELECT id, name FROM person")), dict(tx.all("SELECT id, name FROM team"))
        labels = {id: one.label for id, one in definitions.current(tx).items()} if any(one.values.get("measure") for one in found) else {}
    read_ = [_initiative(one, people, teams, labels, today) for one in found]
    ended = tuple(one for one in read_ if one.ended and (today - one.since).days <= SHOWN_DAYS)
    under_way = tuple(one for one in read_ if not one.ended)
    return Overview(under_way, ended, tuple(of.state(id).label for id in steps()), tuple(_sentences(under_way)))


def _initiative(one: Entry, people: Mapping[str, str], teams: Mapping[str, str], labels: Mapping[str, str], today: date) -> Initiative:
    said, state = one.values, registers.register(REGISTER).state(one.state)
    acts = tuple(sorted((_act(row, today) for row in said.get("acts", ())), key=lambda each: each.on))
    counted = (Evidence(date.fromisoformat(row["on"]), float(row["share"]), row["how"]) for row in said.get("adoption", ()))
    adoption = tuple(sorted((each for each in counted if each.on <= today), key=lambda each: each.on))
    since = date.fromisoformat(said["ended_on"]) if state.ended else one.since.date()
    measure = str(said.get("measure", ""))
    sponsor = str(said.get("sponsor", ""))
    return Initiative(
        one.id, one.title, str(said["why"]), 0 if one.state == STOPPED else steps().index(one.state) + 1, state.label, state.ended, since, one.at,
        people.get(sponsor, sponsor), people.get(one.person, one.person), tuple(teams.get(id, id) for id in said.get("affected", ())),
        int(said["people"]) if "people" in said else None, acts, str(said.get("heard", "")), str(said.get("tried", "")), said.get("goal"), adoption,
        measure, labels.get(measure, measure), str(said.get("kept_by", "")), str(said.get("outcome", "")),
        None if state.ended or not sponsor else _quiet(acts, one.at, today),
    )  # fmt: skip


def _act(row: Mapping[str, str], today: date) -> Act:
    on = date.fromisoformat(row["on"])
    state = PLANNED if row["state"] == DONE and on > today else row["state"]
    return Act(on, row["act"], LATE if state == PLANNED and on < today else state)


def _quiet(acts: Sequence[Act], began: date, today: date) -> int | None:
    """For how many days nobody has seen the sponsor with the change; None for fewer than QUIET_DAYS."""
    last = max((one.on for one in acts if one.state == DONE), default=began)
    return (today - last).days if (today - last).days > QUIET_DAYS else None


def _sentences(found: Sequence[Initiative]) -> list[Sentence]:
    quiet = sorted((one for one in found if one.quiet_days is not None), key=lambda one: -one.quiet_days)
    return [_quiet_sentence(one) for one in quiet[:MOST_SAID]]


def _quiet_sentence(one: Initiative) -> Sentence:
    """What a sponsor's silence says: since when, or what did not take place since then, and what is planned."""
    missed = [act for act in one.acts if act.state in (MISSED, LATE) and (one.seen_on is None or act.on > one.seen_on)]
    seen = f"was last seen with it on {day(one.seen_on)}" if one.seen_on else "was not seen with it yet"
    lacking = f"“{missed[-1].act}” of {day(missed[-1].on)} {LACKING[missed[-1].state]}" if missed else f"{one.sponsor} {seen}"
    planned = f"next is “{one.next_act.act}”, {day(one.next_act.on)}" if one.next_act else "nothing is planned"
    return Sentence(f"“{one.title}” has not seen its sponsor for {one.quiet_days} days.", f"{lacking}; {planned}.")
