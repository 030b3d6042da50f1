"""Asking customers to speak for us: the pipeline with its times, the guard against asking too often, acceptance by principle."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scorecard.core import experiments
from scorecard.core.experiments import Arm, Reading
from scorecard.core.intervals import wilson
from scorecard.core.survival import Survival, kaplan_meier

STAGES = ("candidate", "asked", "agreed", "active", "resting")
DECLINED = "declined"
PRINCIPLES = {
    "reciprocity": "Reciprocity", "commitment": "Commitment", "social_proof": "Social proof", "liking": "Liking", "authority": "Authority",
    "unity": "Unity", "scarcity": "Scarcity",
}  # fmt: skip
FEWEST_CASES = 10  # answered asks with a principle, and as many without it, before anything is read from them


# -- the guard


@dataclass(frozen=True)
class Guard:
    """At most so many asks in so many days, then so many days of rest; `needed` is what is expected to be asked in that time."""

    most: int = 2
    within: int = 90
    rest: int = 90
    needed: int | None = None


def full_until(asked: Iterable[date], guard: Guard, today: date) -> date | None:
    """The day on which the rest ends of somebody who was asked on these days; None when they may be asked today."""
    days = sorted(day for day in asked if day <= today)
    ends = []
    for at in range(guard.most - 1, len(days)):
        first, last = days[at - guard.most + 1], days[at]
        if (last - first).days < guard.within:
            ends.append(max(last + timedelta(guard.rest), first + timedelta(guard.within)))
    return max((end for end in ends if end > today), default=None)


def left(asked: Iterable[date], guard: Guard, today: date) -> int:
    """How many more asks the guard allows today."""
    days = list(asked)
    if full_until(days, guard, today):
        return 0
    return max(0, guard.most - sum(0 <= (today - day).days < guard.within for day in days))


# -- the pipeline


@dataclass(frozen=True)
class Stage:
    """A stage of the pipeline: who came into it in the window, who of them went on, the 95% interval of that share, who is in
    it now, and how many days they stay (open ones are censored)."""

    id: str
    came: int
    went_on: int
    now: int
    stay: Survival

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.went_on, self.came)


def pipeline(moves: Iterable[tuple[str, str, date]], since: date, today: date) -> tuple[Stage, ...]:
    """The stages of (advocate, state, day they came into it), in order of time; a stage that was jumped over counts as passed."""
    by: dict[str, list[tuple[str, date]]] = {}
    for id, state, day in moves:
        if day <= today:
            by.setdefault(id, []).append((state, day))
    return tuple(_stage(at, name, by, since, today) for at, name in enumerate(STAGES))


def _stage(at: int, name: str, by: Mapping[str, Sequence[tuple[str, date]]], since: date, today: date) -> Stage:
    came = went_on = now = 0
    times: list[tuple[float, bool, int]] = []
    for path in by.values():
        now += path[-1][0] == name
        reached = next((day for state, day in path if _rank(state) >= at), None)
        if reached is not None and since <= reached:
            came += 1
            went_on += any(_rank(state) > at for state, _ in path)
        times += [(float((after - day).days), ended, 1) for day, after, ended in _spells(path, name, today) if after >= since]
    return Stage(name, came, went_on, now, kaplan_meier(times))


def _rank(state: str) -> int:
    return STAGES.index(state) if state in STAGES else -1


def _spells(path: Sequence[tuple[str, date]], name: str, today: date) -> list[tuple[date, date, bool]]:
    """(from, to, whether it ended) of every time that somebody was in a stage."""
    ends = [*path[1:], None]
    return [(day, after[1] if after else today, after is not None) for (state, day), after in zip(path, ends, strict=True) if state == name]


# -- acceptance


@dataclass(frozen=True)
class Used:
    """A principle: how many answered asks with it were agreed to, and without it; `reading` is None with too few of either."""

    principle: str
    with_it: Arm
    without: Arm
    reading: Reading | None


def by_principle(answered: Iterable[tuple[Collection[str], bool]]) -> tuple[Used, ...]:
    """What became of asks whose sheet was kept: (principles used, agreed); an association, never a cause."""
    cases = [(frozenset(used), agreed) for used, agreed in answered]
    return tuple(_used(name, cases) for name in PRINCIPLES)


def _used(name: str, cases: Sequence[tuple[frozenset[str], bool]]) -> Used:
    sides = [[agreed for used, agreed in cases if (name in used) is way] for way in (True, False)]
    given, without = (Arm(sum(side), len(side)) for side in sides)
    enough = min(given.n, without.n) >= FEWEST_CASES
    return Used(name, given, without, experiments.read(without, given) if enough else None)
