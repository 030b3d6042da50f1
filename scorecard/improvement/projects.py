"""Projects with what they are worth: the case for each, expected and verified value, stages with their dates, impact by effort.

The value is the change of the measure times what one step of it is worth a year, low, base and high. What was verified is
recorded by somebody who does not own the project, from the chart of the measure on that day, and is never repainted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from scorecard import projects, registers
from scorecard.access import Actor
from scorecard.actions import Action
from scorecard.core import fmt, names
from scorecard.core.definition import Definition
from scorecard.core.reading import Sentence, count_word
from scorecard.core.verdict import Verdict
from scorecard.errors import NotAllowed, UsageError
from scorecard.projects import STAGES, Change, Project
from scorecard.registers import Entry
from scorecard.store.engine import Store
from scorecard.store.tx import Tx

REGISTER, ANALYSES = "project_case", "cause_analysis"
CASES = ("low", "base", "high")
POINT = 0.01
# The columns of the board, with the stages that stand in each; finished projects have one of their own.
COLUMNS = {"Define": ("define",), "Analyse": ("measure", "analyse"), "Change": ("improve", "control")}
FINISHED = "Finished"
EFFORTS = (10, 40)  # Days of work: up to ten is little, above forty much.
EFFORT_WORDS = ("up to 10 days", "11 to 40 days", "more than 40 days")
LONGEST_NAME = 80
EDITABLE = ("problem", "impact", "worth", "worth_low", "worth_high", "assumptions", "goal", "plan", "effort")


class Standing(Protocol):
    """A project with its actions and what the chart of its measure says; read by what reads across the systems."""

    @property
    def project(self) -> Project: ...
    @property
    def label(self) -> str: ...
    @property
    def actions(self) -> tuple[Action, ...]: ...
    @property
    def verdict(self) -> Verdict: ...


@dataclass(frozen=True)
class Value:
    """Money a year: base, and between which figures it lies under the low and the high assumption."""

    low: float
    base: float
    high: float


@dataclass(frozen=True)
class Case:
    """The case of a project. `worth` is what one step of its measure is worth a year, None where nobody said."""

    entry: Entry

    def _said(self, name: str) -> Any:
        return self.entry.values.get(name)

    @property
    def problem(self) -> str:
        return self._said("problem")

    @property
    def impact(self) -> str:
        return self._said("impact")

    @property
    def goal(self) -> str:
        """The goal of the plan that it serves (an id), "" where none is named."""
        return self._said("goal") or ""

    @property
    def plan(self) -> str:
        return self._said("plan") or ""

    @property
    def assumptions(self) -> str:
        return self._said("assumptions") or ""

    @property
    def effort(self) -> float | None:
        return self._said("effort")

    @property
    def worth(self) -> Value | None:
        return _between(self._said("worth_low"), self._said("worth"), self._said("worth_high"))

    @property
    def verified(self) -> Value | None:
        return _between(self._said("verified_low"), self._said("verified"), self._said("verified_high"))

    @property
    def verified_by(self) -> str:
        return self._said("verified_by") or ""

    @property
    def verified_on(self) -> date | None:
        said = self._said("verified_on")
        return date.fromisoformat(said) if said else None

    @property
    def verified_from(self) -> str:
        return self._said("verified_from") or ""


def _between(low: float | None, base: float | None, high: float | None) -> Value | None:
    return None if base is None else Value(base if low is None else low, base, base if high is None else high)


@dataclass(frozen=True)
class Line:
    """One project on the board. `expected` and `seen` are money a year: of what was stated, and of what the chart shows now."""

    standing: Standing
    measure: Definition | None
    case: Case | None
    expected: Value | None
    seen: Value | None

    @property
    def project(self) -> Project:
        return self.standing.project

    @property
    def verified(self) -> Value | None:
        return self.case.verified if self.case else None


@dataclass(frozen=True)
class Column:
    """A column of the board with its projects, alphabetical, and the sums of what is stated: money a year."""

    title: str
    lines: tuple[Line, ...]
    expected: float
    verified: float


def case_id(project_id: str) -> str:
    """The id of the case that is written on the page of a project."""
    return f"{project_id}-case"


def cases(tx: Tx) -> dict[str, Case]:
    """Project -> its case, of those that have one; of several that were written elsewhere the first."""
    found: dict[str, Case] = {}
    for entry in sorted(registers.entries(tx, REGISTER), key=lambda one: (one.id != case_id(one.values["project"]), one.made_at, one.id)):
        found.setdefault(entry.values["project"], Case(entry))
    return found


def lines(found: Sequence[Standing], known: Mapping[str, Case], measures: Mapping[str, Definition]) -> tuple[Line, ...]:
    """The projects in the order given, each with its value."""
    return tuple(_line(one, known.get(one.project.id), measures.get(one.project.measure)) for one in found)


def _line(one: Standing, case: Case | None, measure: Definition | None) -> Line:
    worth = case.worth if case and measure else None
    return Line(one, measure, case, value_of(one.project.effect, worth, measure), value_of(_settled(one.verdict), worth, measure))


def _settled(verdict: Verdict) -> float | None:
    """The size that may be counted: of a project whose measure gave its verdict."""
    return verdict.size if verdict.verdict in ("worked", "worse") else None


def step(measure: Definition) -> float:
    """What counts as one step of a measure: a point of a share, else one unit."""
    return POINT if measure.unit == "percent" else 1.0


def step_words(measure: Definition) -> str:
    """One step in words: `1 point of Renewal rate`, `1 day of Days to first value`."""
    word = {"percent": "point", "money": f"{measure.symbol}1", "days": "day", "hours": "hour", "minutes": "minute"}.get(measure.unit, "")
    return f"{word if measure.unit == 'money' else f'1 {word}'.strip()} of {measure.label}"


def value_of(change: float | None, worth: Value | None, measure: Definition | None) -> Value | None:
    """Money a year of a change of the measure: positive when it goes the wanted way. None without a change or a worth."""
    if change is None or worth is None or measure is None:
        return None
    steps = change / step(measure) * (-1 if measure.improvement_direction == "decrease" else 1)
    found = sorted(steps * one for one in (worth.low, worth.base, worth.high))
    return Value(found[0], steps * worth.base, found[2])


def columns(found: Sequence[Line]) -> tuple[Column, ...]:
    """The board: open projects by how far they are, then what is finished. Stopped ones are on no column."""
    told = [(title, [one for one in found if one.project.open and one.project.stage in stages]) for title, stages in COLUMNS.items()]
    told.append((FINISHED, [one for one in found if one.project.outcome == "finished"]))
    return tuple(Column(title, by_name(own), _sum([one.expected for one in own]), _sum([one.verified for one in own])) for title, own in told)


def by_name(found: Sequence[Line]) -> tuple[Line, ...]:
    """The same, alphabetical."""
    return tuple(sorted(found, key=lambda one: names.order(one.project.title)))


def _sum(values: Sequence[Value | None]) -> float:
    return sum(one.base for one in values if one)


def stopped(found: Sequence[Line]) -> tuple[Line, ...]:
    """The projects that were stopped, alphabetical: what did not go on, and why, is told."""
    return by_name([one for one in found if one.project.outcome == "stopped"])


def sentence(found: Sequence[Line], currency: str) -> Sentence | None:
    """What finished projects brought and what is still expected; None while no value is stated."""
    money = Definition("money", "", unit="money", currency=currency)
    done, ahead = [one for one in found if one.project.outcome == "finished"], [one for one in found if one.project.open]
    verified = [one for one in done if one.verified]
    still = _still(ahead, money)
    if not verified:
        waiting = sum(1 for one in done if one.expected)
        if not waiting:
            return Sentence("No value is verified yet:", f"{still[2:].replace(' still', '')}.") if still else None
        return Sentence("No value is verified yet:", f"{count_word(waiting)} finished {_projects(waiting)} wait{'s' if waiting == 1 else ''} for it{still}.")
    brought, hoped = _sum([one.verified for one in done]), _sum([one.expected for one in done])
    return Sentence(f"{fmt.value(brought, money)} a year is verified", f"of {fmt.value(hoped, money)} expected from finished projects{still}.")


def _still(ahead: Sequence[Line], money: Definition) -> str:
    stated = [one for one in ahead if one.expected]
    if not stated:
        return ""
    others = f"the {count_word(len(stated))} under way" if len(stated) > 1 else "the one under way"
    return f"; {fmt.value(_sum([one.expected for one in stated]), money)} is still expected from {others}"


def _projects(number: int) -> str:
    return "project" if number == 1 else "projects"


# -- one project


@dataclass(frozen=True)
class Reached:
    """A stage, and the day on which the project came to it; None when it did not, or not yet."""

    stage: str
    label: str
    on: date | None


def stages(project: Project, history: Sequence[Change]) -> tuple[Reached, ...]:
    """The five stages with the days on which they were reached, out of the project's changes (the newest first)."""
    days: dict[str, date] = {}
    for change in reversed(history):
        if stage := change.after.get("stage"):
            since = change.after.get(projects.SINCE)
            days.setdefault(stage, date.fromisoformat(since) if since else change.when.date())
    if project.began:
        days["improve"] = project.began
    reached = list(STAGES).index(project.stage)
    return tuple(Reached(id, label, days.get(id) if place <= reached else None) for place, (id, label) in enumerate(STAGES.items()))


def analyses(tx: Tx, project_id: str) -> list[Entry]:
    """The cause analyses of a project, the last first."""
    return registers.entries(tx, ANALYSES, where={"project": project_id})


# -- commands


def save_case(
    store: Store, actor: Actor, project_id: str, values: Mapping[str, Any], *, seen_version: int, today: date, reason: str = "",
    now: datetime | None = None,
) -> Case:  # fmt: skip
    """The case of a project as it is now written; `seen_version` is 0 for the first one. Raises StaleEdit, NotAllowed."""
    if unknown := set(values) - set(EDITABLE):
        raise UsageError(f"The case of a project has no field '{sorted(unknown)[0]}' to change. It has: {', '.join(EDITABLE)}.")
    _check_order(values)
    with store.read() as tx:
        case = cases(tx).get(project_id)
    if seen_version and case:
        return Case(registers.change(store, actor, REGISTER, case.entry.id, values, seen_version=seen_version, reason=reason, now=now))
    if case:
        raise UsageError("Somebody wrote the case of this project meanwhile. Look at it, then change it.")
    return Case(registers.add(store, actor, REGISTER, {"project": project_id, **values}, today=today, id=case_id(project_id), now=now))


def _check_order(values: Mapping[str, Any]) -> None:
    said = [values.get(name) for name in ("worth_low", "worth", "worth_high")]
    known = [one for one in said if one is not None]
    if known != sorted(known):
        raise UsageError("What one step is worth does not rise from low to base to high.")


def may_verify(actor: Actor | None, project: Project) -> bool:
    """Whether the actor may verify the value: who may steer projects, of another's project only."""
    return projects.may_steer(actor) and actor is not None and actor.person != project.owner


def verify(
    store: Store, actor: Actor, line: Line, checked_by: str, on: date, *, seen_version: int, now: datetime | None = None
) -> Case:  # fmt: skip
    """The case with its verified value: what the chart shows now times the stated worth; nothing, when it shows the other way.

    `checked_by` names who looked at it with the actor, Finance for example. Raises NotAllowed for the owner of the project.
    """
    project = line.project
    if not may_verify(actor, project):
        raise NotAllowed(f"The value of “{project.title}” is verified by an analyst or a leader who does not own it.")
    if line.case is None or line.case.worth is None or line.measure is None:
        raise UsageError(f"“{project.title}” does not say what a step of its measure is worth. State that first.")
    if line.seen is None:
        raise UsageError(f"The chart of {line.standing.label} has given no verdict on “{project.title}” yet. There is nothing to verify.")
    found = line.seen if line.standing.verdict.verdict == "worked" else Value(0.0, 0.0, 0.0)
    said = line.standing.verdict.sentence
    written = {
        "verified": found.base, "verified_low": found.low, "verified_high": found.high, "verified_on": on,
        "verified_by": names.required(checked_by, "name of who verified it", LONGEST_NAME),
        "verified_from": f"{fmt.change(line.standing.verdict.size, line.measure)} since the start. {said.bold} {said.rest}".strip()[:300],
    }  # fmt: skip
    of, case = registers.register(REGISTER), line.case.entry.id
    return Case(store.write(lambda tx: registers.alter(store, tx, actor, of, case, written, seen_version), actor.name, now))


# -- impact by effort


@dataclass(frozen=True)
class Portfolio:
    """Projects by impact and effort. `impacts` are the words of the rows, the largest first; a cell's projects are alphabetical."""

    impacts: tuple[str, ...]
    efforts: tuple[str, ...]
    cells: Mapping[tuple[int, int], tuple[Line, ...]]
    strategic: tuple[Line, ...]
    unstated: tuple[Line, ...]


def portfolio(found: Sequence[Line], currency: str) -> Portfolio:
    """Open projects by the stated effort and the expected value; the steps of value are round figures of the largest one."""
    open_ones = [one for one in found if one.project.open]
    placed = [one for one in open_ones if one.expected and one.case and one.case.effort is not None]
    strategic = [one for one in open_ones if one not in placed and one.case and one.case.impact == "strategic"]
    steps = impact_steps([one.expected.base for one in placed])
    cells: dict[tuple[int, int], list[Line]] = {}
    for one in placed:
        cells.setdefault((sum(one.expected.base < step for step in steps), sum(one.case.effort > most for most in EFFORTS)), []).append(one)
    money = Definition("money", "", unit="money", currency=currency)
    high, low = (fmt.value(step, money) for step in steps)
    rest = [one for one in open_ones if one not in placed and one not in strategic]
    return Portfolio((f"{high} a year or more", f"{low} to {high}", f"below {low}"), EFFORT_WORDS,
                     {place: by_name(own) for place, own in cells.items()}, by_name(strategic), by_name(rest))  # fmt: skip


def impact_steps(values: Sequence[float]) -> tuple[float, float]:
    """Two round figures near a half and a sixth of the largest value: 1, 2 or 5 times a power of ten."""
    most = max([*values, 6.0])
    return _round(most / 2), _round(most / 6)


def _round(value: float) -> float:
    power = 10.0 ** (len(str(int(value))) - 1)
    return max(one for one in (1, 2, 5) if one * power <= value) * power
