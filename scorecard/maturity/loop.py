"""The closed loop: a gap becomes a project, its measure gives a verdict, and the practice is assessed again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from scorecard import actions, projects
from scorecard.actions import Action
from scorecard.core.reading import Sentence
from scorecard.core.verdict import VERDICTS, Verdict
from scorecard.maturity.answering import questions
from scorecard.maturity.cycles import model_at
from scorecard.metrics.verdicts import verdicts_in
from scorecard.projects import Project
from scorecard.store import definitions
from scorecard.store import maturity as cycle_rows
from scorecard.store.engine import Store, Tx
from scorecard.store.kept import DAYS
from scorecard.store.maturity import Cycle

# What the chart can say for good. "No evidence yet" may still change, so nobody is asked to assess again because of it.
SETTLED = ("worked", "worse")


@dataclass(frozen=True)
class Standing:
    """A project with its actions and what its measure says about it.

    `changed_on` is the day the work changed: the project's own, or the first start of its actions on its measure. `again` is
    the suggestion to assess its practice once more, "" when there is none.
    """

    project: Project
    label: str
    actions: tuple[Action, ...]
    changed_on: date | None
    verdict: Verdict
    again: str


def standings(store: Store, today: date) -> tuple[Standing, ...]:
    """Every project in the order in which it was started."""
    with store.read() as tx:
        return tx.once("standings of projects", lambda: standings_in(tx, today), today, DAYS)


def standings_in(tx: Tx, today: date) -> tuple[Standing, ...]:
    """The same inside a transaction."""
    found, known = projects.listed(tx), actions.listed(tx)
    own = {one.id: [action for action in known if action.origin == one.origin] for one in found}
    began = {one.id: _changed_on(one, own[one.id]) for one in found}
    read = {one.id: _as_action(one, began[one.id]) for one in found}
    told = _verdicts(tx, found, own, read, known, today)
    labels = {name: one.label for name, one in definitions.current(tx).items()}
    cycles = [(one.opens, _asked(tx, one)) for one in cycle_rows.cycles(tx)] if found else []
    return tuple(
        Standing(one, labels.get(one.measure, one.measure), tuple(own[one.id]), began[one.id], told[one.id],
                 _again(one, told[one.id], cycles))
        for one in found
    )  # fmt: skip


def standing(store: Store, project_id: str, today: date) -> Standing:
    """One project. Raises UsageError when there is none."""
    with store.read() as tx:
        projects.one(tx, project_id)
        return next(one for one in standings_in(tx, today) if one.project.id == project_id)


def again(store: Store, today: date) -> tuple[Standing, ...]:
    """The projects whose practice should be assessed again: the measure has given its verdict since the last cycle."""
    return tuple(one for one in standings(store, today) if one.again)


def _changed_on(project: Project, own: Sequence[Action]) -> date | None:
    days = [project.began] + [one.started for one in own if one.measure == project.measure and not one.segment]
    return min((day for day in days if day), default=None)


def _as_action(project: Project, began: date | None) -> Action:
    """The project as what the charts read: one change of the work on its measure."""
    state = {"finished": "done", "stopped": "dropped"}.get(project.outcome, "in_progress" if began else "not_started")
    due = project.effect_by or project.made_at.date()
    return Action(
        project.origin, project.title, "process", project.owner, project.owner_name, due, project.measure, "", project.effect,
        project.effect_by, None, state, began, project.ended, project.origin, "", project.made_by, project.made_at,
        project.changed_by, project.changed_at, project.version,
    )  # fmt: skip


def _verdicts(
    tx: Tx, found: Sequence[Project], own: dict[str, list[Action]], read: dict[str, Action], known: Sequence[Action], today: date
) -> dict[str, Verdict]:
    """Project -> verdict. Its own actions on its measure are the project; everything else that overlaps shares the verdict."""
    parts = {action.id for one in found for action in own[one.id] if action.measure == one.measure}
    every = [one for one in known if one.id not in parts] + list(read.values())
    # A stopped project that never changed the work has nothing to read either: it is asked for as one not begun.
    asked = [one if one.open or one.started else replace(one, state="not_started") for one in read.values()]
    told = verdicts_in(tx, asked, today, every=every)
    return {one.id: told[one.origin] if read[one.id].started else _waits(told[one.origin]) for one in found}


def _waits(verdict: Verdict) -> Verdict:
    """The verdict on a project that has not changed the work yet, in words of a project."""
    return replace(verdict, figures="not changed yet", sentence=Sentence(verdict.sentence.bold, "the work has not changed yet."))


def _asked(tx: Tx, cycle: Cycle) -> frozenset[str]:
    """The practices of a full cycle, the systems of a quick one: this is no answer to whether one of its practices rose."""
    return frozenset(one.id for own in questions(model_at(tx, cycle.model), cycle).values() for one in own)


def _again(project: Project, verdict: Verdict, cycles: Sequence[tuple[date, frozenset[str]]]) -> str:
    """The suggestion, until a cycle that asks about the practice was opened after the period that completed the verdict."""
    if not project.practice or verdict.verdict not in SETTLED or verdict.completed is None:
        return ""
    if any(opened > verdict.completed.end and project.practice in asked for opened, asked in cycles):
        return ""
    said = f"“{project.title}” has its verdict, {VERDICTS[verdict.verdict].lower()}, since {verdict.completed.label}"
    return f"{said}: assess {project.practice} again."
