"""The goal tree of a plan: objective, goal, strategy, tactic, for one year of the plan or all of them; what has no owner, measure or resource.

A goal that names a measure is the dated goal of that measure: nothing here holds a second number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from scorecard import projects, registers
from scorecard.core import fmt, names, periods
from scorecard.core.definition import Definition, Goal
from scorecard.core.reading import STATUSES, Sentence, count_word
from scorecard.planning import plans
from scorecard.store import definitions, members

if TYPE_CHECKING:
    from scorecard.metrics import Row
    from scorecard.planning.plans import Plan
    from scorecard.registers import Entry
    from scorecard.store.engine import Store
    from scorecard.store.tx import Tx

OBJECTIVE, GOAL, STRATEGY, TACTIC = "objective", "plan_goal", "strategy", "tactic"
ACCOUNT_PLAN, MARKETING_PLAN, CASE = "account_plan", "marketing_plan", "project_case"
DONE, DROPPED = "done", "dropped"
LAST = 1_000
MOST_NAMED = 3


@dataclass(frozen=True)
class Resources:
    """Days of work and money; None where nobody has said."""

    days: float | None = None
    money: float | None = None

    @property
    def stated(self) -> bool:
        return self.days is not None or self.money is not None

    def __add__(self, other: Resources) -> Resources:
        return Resources(_sum(self.days, other.days), _sum(self.money, other.money))


@dataclass(frozen=True)
class Link:
    """Where a tactic is carried out: the kind of it (`project`, `account_plan`, `marketing_plan`), its id and name."""

    kind: str
    id: str
    name: str


@dataclass(frozen=True)
class Tactic:
    """Who does what until when. `measure` is its own, else that of its goal, "" without either."""

    id: str
    title: str
    owner: str
    state: str
    due: date | None
    done_on: date | None
    measure: str
    uses: Resources
    links: tuple[Link, ...]

    @property
    def done(self) -> bool:
        """Whether somebody said so, by its state or by the day."""
        return self.state == DONE or self.done_on is not None

    def late(self, today: date) -> bool:
        """Whether its day has passed and it is not done."""
        return not self.done and self.due is not None and self.due < today


@dataclass(frozen=True)
class Strategy:
    """The way to a goal, with its tactics."""

    id: str
    title: str
    owner: str
    tactics: tuple[Tactic, ...]


@dataclass(frozen=True)
class GoalNode:
    """A goal with what its measure says now. Without a measure, `title` are its words; `dated` are the goals of its measure in the years shown.

    `path` tells them in words where there are several; `against` is the goal that the status was read with, where that is another one.
    """

    id: str
    title: str
    owner: str
    measure: str
    goal_text: str
    value_text: str
    period: str
    status: str
    against: str
    dated: tuple[Goal, ...]
    path: str
    uses: Resources
    strategies: tuple[Strategy, ...]

    @property
    def words(self) -> str:
        """`Renewal rate ≥ 93%`, or the words of a goal that no measure tells."""
        return f"{self.title} {self.goal_text}".strip()


@dataclass(frozen=True)
class Objective:
    """What the plan wants to have reached, with its goals and all that they use."""

    id: str
    title: str
    owner: str
    goals: tuple[GoalNode, ...]
    uses: Resources


@dataclass(frozen=True)
class Gap:
    """Nodes of one kind that lack the same: `goal`, `owner`, and their names."""

    kind: str
    lacks: str
    named: tuple[str, ...]


@dataclass(frozen=True)
class Tree:
    """The tree of a plan for `year` (None: all its years). `apart` are the open projects that serve no goal of it."""

    plan: Plan
    year: int | None
    objectives: tuple[Objective, ...]
    apart: tuple[str, ...] = ()

    @property
    def goals(self) -> tuple[GoalNode, ...]:
        return tuple(goal for one in self.objectives for goal in one.goals)

    @property
    def strategies(self) -> tuple[Strategy, ...]:
        return tuple(one for goal in self.goals for one in goal.strategies)

    @property
    def tactics(self) -> tuple[Tactic, ...]:
        return tuple(one for strategy in self.strategies for one in strategy.tactics)


def _sum(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else one + other


# -- reading


def measures(store: Store) -> tuple[str, ...]:
    """The measures that goals of the plans are told by, each once, in order of their names."""
    with store.read() as tx:
        return tuple(sorted({str(one.values["measure"]) for one in registers.entries(tx, GOAL) if one.values.get("measure")}))


def read(store: Store, rows: Mapping[str, Row], year: int | None = None, plan: str = "", today: date = date.min) -> Tree | None:
    """The tree of a plan (an id; the one in force without) for a year; None where there is no plan. `rows` are what the measures say now.

    With `today`, what was due in a year before and is not done stands in every year up to this one.
    """
    with store.read() as tx:
        found = plans.one(tx, plan) if plan else plans.current(tx)
        return _Reader(tx, rows, found, year, today).tree() if found else None


class _Reader:
    """The four registers of a tree, read once."""

    def __init__(self, tx: Tx, rows: Mapping[str, Row], plan: Plan, year: int | None, today: date):
        self.rows, self.plan, self.year, self.today = rows, plan, year, today
        self.people = {one.id: one.name for one in members.people(tx)}
        self.definitions = definitions.current(tx)
        self.below = {kind: _grouped(registers.entries(tx, kind), field) for kind, field in
                      ((OBJECTIVE, "plan"), (GOAL, "objective"), (STRATEGY, "goal"), (TACTIC, "strategy"))}
        known = projects.listed(tx)
        self.open = {one.id: one.title for one in known if one.open}
        self.served = {str(one.values["project"]) for one in registers.entries(tx, CASE) if one.values.get("goal")}
        self.named = {("project", one.id): one.title for one in known}
        self.named |= {(kind, one.id): one.title for kind in (ACCOUNT_PLAN, MARKETING_PLAN) for one in registers.entries(tx, kind)}

    def tree(self) -> Tree:
        found = [self._objective(one) for one in self.below[OBJECTIVE].get(self.plan.id, ())]
        return Tree(self.plan, self.year, tuple(one for one in found if one.goals or not self._has_goals(one)), self._apart())

    def _apart(self) -> tuple[str, ...]:
        carried = {str(one.values.get("project")) for own in self.below[TACTIC].values() for one in own if one.state != DROPPED}
        return tuple(sorted((title for id, title in self.open.items() if id not in carried | self.served), key=names.order))

    def _has_goals(self, one: Objective) -> bool:
        return bool(self.below[GOAL].get(one.id))

    def _objective(self, entry: Entry) -> Objective:
        goals = tuple(self._goal(one) for one in self.below[GOAL].get(entry.id, ()) if self._is_of_year(one))
        uses = sum((_used(one) for one in goals), Resources())
        return Objective(entry.id, entry.title, self._owner(entry), goals, uses)

    def _goal(self, entry: Entry) -> GoalNode:
        measure = str(entry.values.get("measure") or "")
        known, row = self.definitions.get(measure), self.rows.get(measure)
        strategies = tuple(self._strategy(one, measure) for one in self.below[STRATEGY].get(entry.id, ()))
        dated = self._dated(known) if known else ()
        return GoalNode(
            entry.id, known.label if known else entry.title, self._owner(entry), known.name if known else "",
            fmt.goal(dated[-1].value, known) if known and dated else "", row.value_text if row and row.value is not None else "",
            row.period.bare if row else "", row.reading.status if row else "not_yet", _against(row, dated, known), dated, _path(dated, known),
            _resources(entry), strategies,
        )  # fmt: skip

    def _strategy(self, entry: Entry, measure: str) -> Strategy:
        found = tuple(self._tactic(one, measure) for one in self.below[TACTIC].get(entry.id, ()) if self._is_at_work(one))
        return Strategy(entry.id, entry.title, self._owner(entry), found)

    def _tactic(self, entry: Entry, measure: str) -> Tactic:
        said = entry.values
        return Tactic(entry.id, entry.title, self._owner(entry), entry.state, _day(said.get("due")), _day(said.get("done_on")),
                      str(said.get("measure") or measure), _resources(entry), tuple(self._links(said)))  # fmt: skip

    def _links(self, said: Mapping[str, Any]) -> Iterable[Link]:
        for kind in ("project", ACCOUNT_PLAN, MARKETING_PLAN):
            id = str(said.get(kind) or "")
            if (kind, id) in self.named:
                yield Link(kind, id, self.named[kind, id])

    def _owner(self, entry: Entry) -> str:
        return self.people.get(str(entry.values.get("owner") or ""), "")

    def _is_of_year(self, entry: Entry) -> bool:
        first, last = entry.values.get("first_year"), entry.values.get("last_year")
        return self.year is None or (first or self.year) <= self.year <= (last or self.year)

    def _is_at_work(self, entry: Entry) -> bool:
        """Whether a tactic is worked on in the year: from its first day to the day on which it is done, or due, or to this day when it is late."""
        if entry.state == DROPPED:
            return False
        last, done = _day(entry.values.get("due")), _day(entry.values.get("done_on"))
        last = done or last and (last if entry.state == DONE else max(last, self.today))
        return self.year is None or entry.at.year <= self.year <= max(last or date(self.year, 12, 31), entry.at).year

    def _dated(self, measure: Definition) -> tuple[Goal, ...]:
        """The goals of a measure that count in the years shown, the first of them set before, the last one the last to begin."""
        first, last = (self.year, self.year) if self.year else (self.plan.first_year, self.plan.last_year)
        known = sorted((one for one in measure.targets if one.start.year <= last), key=lambda one: one.start)
        before = [one for one in known if one.start <= date(first, 1, 1)][-1:]
        return tuple(before + [one for one in known if one.start > date(first, 1, 1)])


def _against(row: Row | None, dated: Sequence[Goal], measure: Definition | None) -> str:
    """`≥ 93%`, when that is the goal of today and the years shown end with another one."""
    goal = row.reading.goal if row else None
    return fmt.goal(goal.value, measure) if goal and measure and dated and goal.value != dated[-1].value else ""


def _path(dated: Sequence[Goal], measure: Definition | None) -> str:
    """`≥ 93% from January 2026, ≥ 95% from January 2027`, of several goals."""
    if measure is None or len(dated) < 2:
        return ""
    return ", ".join(f"{fmt.goal(one.value, measure)} from {periods.containing(one.start, 'month').label}" for one in dated)


def _grouped(found: Sequence[Entry], field: str) -> dict[str, list[Entry]]:
    """The entries by what they stand under, in their places."""
    made: dict[str, list[Entry]] = {}
    for one in sorted(found, key=_place):
        made.setdefault(str(one.values.get(field) or ""), []).append(one)
    return made


def _place(entry: Entry) -> tuple:
    return entry.values.get("place", LAST), names.order(entry.title), entry.id


def _resources(entry: Entry) -> Resources:
    return Resources(entry.values.get("people"), entry.values.get("money"))


def _used(goal: GoalNode) -> Resources:
    """What a goal uses: what was set aside for it, else what its tactics use."""
    return goal.uses if goal.uses.stated else sum((one.uses for strategy in goal.strategies for one in strategy.tactics), Resources())


def _day(text: Any) -> date | None:
    return date.fromisoformat(str(text)) if text else None


# -- what is missing


def gaps(tree: Tree) -> tuple[Gap, ...]:
    """What has no owner, date, measure, resource or nothing below it, what weighs most first."""
    tactics, goals = tree.tactics, tree.goals
    found = [
        _gap("objective", "owner", ((one.title, one.owner) for one in tree.objectives)),
        _gap("goal", "owner", ((one.title, one.owner) for one in goals)),
        _gap("goal", "measure", ((one.title, one.measure) for one in goals)),
        _gap("goal", "figure", ((one.title, one.goal_text or not one.measure) for one in goals)),
        _gap("goal", "strategy", ((one.title, one.strategies) for one in goals)),
        _gap("strategy", "owner", ((one.title, one.owner) for one in tree.strategies)),
        _gap("strategy", "tactic", ((one.title, one.tactics) for one in tree.strategies)),
        _gap("tactic", "owner", ((one.title, one.owner) for one in tactics)),
        _gap("tactic", "date", ((one.title, one.due or one.done) for one in tactics)),
        _gap("tactic", "measure", ((one.title, one.measure) for one in tactics)),
        _gap("tactic", "people or money", ((one.title, one.uses.stated) for one in tactics)),
    ]
    return tuple(one for one in found if one.named)


def _gap(kind: str, lacks: str, pairs: Iterable[tuple[str, Any]]) -> Gap:
    return Gap(kind, lacks, tuple(title for title, has in pairs if not has))


# -- sentences


def sentences(tree: Tree, today: date) -> tuple[Sentence, ...]:
    """What is complete and what is missing, which goals are in Act, which tactics are late."""
    found = gaps(tree)
    said = [_whole(tree, found), *map(_lacking, (one for one in found if one.kind != "tactic" or one.lacks == "people or money")), _late(tree, today)]
    return tuple(one for one in said if one)


def apart_sentence(tree: Tree) -> Sentence | None:
    """The open projects that serve no goal of the plan; None without any."""
    n = count_word(len(tree.apart))
    bold = f"{n[:1].upper()}{n[1:]} open {'project serves' if len(tree.apart) == 1 else 'projects serve'} no goal of the plan:"
    return Sentence(bold, f"{names_of(tree.apart)}.") if tree.apart else None


WHOLE = ("owner", "date", "measure")


def _whole(tree: Tree, found: Sequence[Gap]) -> Sentence | None:
    """The tactics in one sentence, with the goals that are not reached."""
    n = len(tree.tactics)
    if not n:
        return Sentence("No tactic is planned yet:", "nobody knows what to do for these goals.") if tree.goals else None
    lacking = [one for one in found if one.kind == "tactic" and one.lacks in WHOLE]
    if lacking:
        told = "; ".join(f"{names_of(one.named)} {'has' if len(one.named) == 1 else 'have'} no {one.lacks}" for one in lacking)
        titles = {title for one in lacking for title in one.named}
        return Sentence(f"{len(titles)} of {n} tactics {'is' if len(titles) == 1 else 'are'} not complete:", f"{told}. {_in_act(tree)}".strip())
    every = "The one tactic has" if n == 1 else f"Every one of {n} tactics has"
    return Sentence(f"{every} an owner, a date and a measure.", _in_act(tree))


def _in_act(tree: Tree) -> str:
    told = [one for one in tree.goals if one.measure]
    late = [one for one in told if one.status == "act"]
    if not told:
        return ""
    if len(told) == 1:
        return f"The one goal that a measure tells is {'' if late else 'not '}in {STATUSES['act']}: {_lowered(told[0].title)}."
    if not late:
        return f"None of {len(told)} goals is in {STATUSES['act']}."
    return f"{len(late)} of {len(told)} goals {'is' if len(late) == 1 else 'are'} in {STATUSES['act']}: {names_of([_lowered(one.title) for one in late])}."


def _lacking(one: Gap) -> Sentence:
    n = len(one.named)
    who = f"{count_word(n)} {one.kind if n == 1 else _PLURALS[one.kind]}"
    return Sentence(f"{who[:1].upper()}{who[1:]} {'has' if n == 1 else 'have'} no {one.lacks}:", f"{names_of(one.named)}.")


_PLURALS = {"objective": "objectives", "goal": "goals", "strategy": "strategies", "tactic": "tactics"}


def _late(tree: Tree, today: date) -> Sentence | None:
    late = [one for one in tree.tactics if one.late(today)]
    if not late:
        return None
    told = names_of([f"{one.title} ({one.owner or 'nobody'}, {one.due.day} {one.due:%b})" for one in late if one.due])
    n = count_word(len(late))
    return Sentence(f"{n[:1].upper()}{n[1:]} {'tactic is' if len(late) == 1 else 'tactics are'} late:", f"{told}.")


def names_of(found: Sequence[str], most: int = MOST_NAMED) -> str:
    """`a, b and c`; of more than `most` the first ones and how many more."""
    shown = [*found[:most], f"{len(found) - most} more"] if len(found) > most else list(found)
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _lowered(text: str) -> str:
    return text if text[:2].isupper() or text[:1].isdigit() else text[:1].lower() + text[1:]
