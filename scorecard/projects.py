"""Projects: from a gap to a change that its measure shows. Each names the measure that it should move, and by how much.

Analysts and leaders start, change and stop projects; who owns one says how far it is.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from scorecard import access, actions
from scorecard.access import Actor
from scorecard.actions import Action, Change
from scorecard.core import maturity_file, names, periods
from scorecard.core.periods import day
from scorecard.errors import NotAllowed, ScorecardError, StaleEdit, UsageError
from scorecard.store import actions as action_rows
from scorecard.store import definitions, members
from scorecard.store import maturity as cycle_rows
from scorecard.store import projects as rows
from scorecard.store.engine import Store
from scorecard.store.projects import Project
from scorecard.store.tx import Tx

__all__ = [
    "EDITABLE", "OUTCOMES", "Project", "STAGES", "act", "edit", "finish", "history", "linked", "listed", "may_move", "may_steer",
    "move", "of_practice", "one", "reopen", "start", "stop",
]  # fmt: skip

STAGES = {"define": "Define", "measure": "Measure", "analyse": "Analyse", "improve": "Improve", "control": "Control"}
OUTCOMES = {"": "under way", "finished": "finished", "stopped": "stopped"}
CHANGES_THE_WORK = "improve"
OF_A_PROJECT, SINCE = "project:", "since"
LONGEST_TITLE, LONGEST_REASON = 120, 500
EDITABLE = ("title", "owner", "measure", "effect", "effect_by", "practice", "phase", "began")
_WORDS = {
    "title": "title", "owner": "owner", "measure": "measure", "effect": "expected effect", "effect_by": "expected by",
    "practice": "practice", "phase": "quarter", "stage": "stage", "began": "work changed on", "ended": "ended", "outcome": "outcome",
    "reason": "reason",
}  # fmt: skip


# -- reads, inside a transaction


def listed(tx: Tx, open_only: bool = False) -> list[Project]:
    """All projects in the order in which they were started, or only those under way."""
    return [project for project in rows.listed(tx) if project.open or not open_only]


def of_practice(tx: Tx, practice: str) -> list[Project]:
    """The projects that should raise a practice, the first one first."""
    return [project for project in rows.listed(tx) if project.practice == practice]


def one(tx: Tx, id: str) -> Project:
    """The project with this id. Raises UsageError when there is none."""
    found = rows.one(tx, id)
    if found is None:
        raise UsageError(f"There is no project '{id[:40]}'. See them with: python -m scorecard project list.")
    return found


def linked(tx: Tx, id: str) -> list[Action]:
    """The actions of a project, in the order in which they were written."""
    return [action for action in actions.by_origin(tx, f"{OF_A_PROJECT}{id}") if action.origin == f"{OF_A_PROJECT}{id}"]


def history(tx: Tx, id: str) -> list[Change]:
    """Every change of a project, the newest first."""
    return action_rows.history(tx, [f"{OF_A_PROJECT}{id}"])


# -- who may


def may_steer(actor: Actor | None) -> bool:
    """Whether the actor may start, change and stop projects: who is of the team and keeps its measures, analysts and leaders."""
    return access.may(actor, "assess") and access.may(actor, "edit_measures")


def may_move(actor: Actor | None, project: Project) -> bool:
    """Whether the actor may say how far a project is: its owner, or who may steer."""
    own = actor is not None and project.owner == actor.person and access.may(actor, "log_records")
    return own or may_steer(actor)


# -- commands


def start(
    store: Store,
    actor: Actor,
    *,
    practice: str,
    title: str,
    owner: str,
    measure: str,
    effect: float | None = None,
    effect_by: date | None = None,
    cycle: str = "",
    phase: str = "",
    today: date,
    now: datetime | None = None,
) -> Project:
    """The new project, at the stage define. `cycle` is the one whose gap it closes, `phase` a quarter such as 2027-Q1."""
    _require_steering(actor)

    def work(tx: Tx) -> Project:
        new = Project(
            secrets.token_hex(6), title, "define", owner, "", measure, effect, effect_by, practice, cycle, phase, None, None, "", "",
            actor.name, tx.now, actor.name, tx.now, 1,
        )  # fmt: skip
        return put(tx, new, today)

    return store.write(work, actor.name, now)


def put(tx: Tx, new: Project, made: date) -> Project:
    """A new project, checked and written with its audit row; `made` is the day it was written."""
    checked = _checked(tx, new, made)
    rows.insert(tx, checked)
    tx.audit("start_project", checked.origin, None, _told(checked, [*_WORDS, "cycle"]))
    return one(tx, checked.id)


def edit(store: Store, actor: Actor, project_id: str, seen_version: int, *, now: datetime | None = None, **fields: Any) -> Project:
    """The project with the given fields; unchanged when they say the same. Raises StaleEdit with both versions."""
    _require_steering(actor)
    if unknown := set(fields) - set(EDITABLE):
        raise UsageError(f"A project has no field '{sorted(unknown)[0]}' to change. It has: {', '.join(EDITABLE)}.")
    return _change(store, actor, project_id, seen_version, "change_project", lambda old: replace(old, **fields), now)


def move(store: Store, actor: Actor, project_id: str, stage: str, on: date, seen_version: int, *, now: datetime | None = None) -> Project:
    """The project at a stage since a day. The first day at improve is the day the work changed, unless that is stated."""
    if stage not in STAGES:
        raise UsageError(f"Unknown stage '{stage[:40]}'. Use one of: {', '.join(STAGES)}.")

    def moved(old: Project) -> Project:
        _require_mover(actor, old)
        if not old.open:
            raise ScorecardError(f"“{old.title}” is {OUTCOMES[old.outcome]}. Take it up again first, then move it.")
        return replace(old, stage=stage, began=old.began or (on if stage == CHANGES_THE_WORK else None))

    return _change(store, actor, project_id, seen_version, "move_project", moved, now, {SINCE: on.isoformat()})


def finish(store: Store, actor: Actor, project_id: str, on: date, seen_version: int, *, now: datetime | None = None) -> Project:
    """The project, finished on a day. Whether it worked is for the chart of its measure to say."""

    def finished(old: Project) -> Project:
        _require_mover(actor, old)
        if old.began is None:
            raise ScorecardError(f"“{old.title}” has not changed the work yet: move it to {STAGES[CHANGES_THE_WORK]} first, or stop it.")
        return replace(old, outcome="finished", ended=on)

    return _change(store, actor, project_id, seen_version, "finish_project", finished, now)


def stop(
    store: Store, actor: Actor, project_id: str, reason: str, on: date, seen_version: int, *, now: datetime | None = None
) -> Project:
    """The project, stopped on a day with the reason: what did not go on is told, so that nobody tries it blindly again."""
    _require_steering(actor)
    why = names.required(reason, "reason", LONGEST_REASON)
    return _change(
        store, actor, project_id, seen_version, "stop_project", lambda old: replace(old, outcome="stopped", ended=on, reason=why), now
    )


def reopen(store: Store, actor: Actor, project_id: str, seen_version: int, *, now: datetime | None = None) -> Project:
    """The project, under way again at the stage where it was."""
    _require_steering(actor)
    return _change(
        store, actor, project_id, seen_version, "reopen_project", lambda old: replace(old, outcome="", ended=None, reason=""), now
    )


def act(
    store: Store, actor: Actor, project_id: str, *, title: str, kind: str, owner: str, due: date, today: date, **fields: Any
) -> Action:
    """A new action of a project, on the project's measure unless the fields name another one ("" for none)."""
    with store.read() as tx:
        project = one(tx, project_id)
    fields = {"measure": project.measure, **fields}
    return actions.add(store, actor, title=title, kind=kind, owner=owner, due=due, origin=project.origin,
                       origin_words=f"Project {project.title}", today=today, **fields)  # fmt: skip


def _require_mover(actor: Actor | None, project: Project) -> None:
    if not may_move(actor, project):
        _require_steering(actor)


def _require_steering(actor: Actor | None) -> None:
    """Nothing, when the actor may steer. Raises NotAllowed."""
    if not may_steer(actor):
        who = f"{actor.name} ({actor.role})" if actor else "Nobody is signed in, and nobody"
        raise NotAllowed(f"{who} may not start or change projects. Ask an analyst or a leader.")


def _change(
    store: Store, actor: Actor, project_id: str, seen: int, command: str, new: Callable[[Project], Project], now: datetime | None,
    beside: Mapping[str, Any] = MappingProxyType({}),
) -> Project:  # fmt: skip
    """The new row, one version on; a stale one says who changed what meanwhile. `beside` is told in the audit with what changed."""

    def work(tx: Tx) -> Project:
        old = one(tx, project_id)
        yours = _checked(tx, new(old), old.made_at.date(), old)
        differs = [name for name in _WORDS if getattr(old, name) != getattr(yours, name)]
        if old.version != seen:
            raise _stale(old, yours, differs, seen)
        if not differs:
            return old
        saved = replace(yours, changed_by=tx.actor, changed_at=tx.now, version=old.version + 1)
        if not rows.update(tx, saved, seen):
            raise _stale(old, yours, differs, seen)
        tx.audit(command, old.origin, _told(old, differs), _told(saved, differs) | dict(beside))
        return one(tx, project_id)

    return store.write(work, actor.name if actor else "nobody", now)


def _stale(stored: Project, yours: Project, differs: Sequence[str], seen: int) -> StaleEdit:
    when = f"{day(stored.changed_at.date())} at {stored.changed_at:%H:%M} UTC"
    meanwhile = (f"Not saved: {stored.changed_by} changed the project '{stored.title}' on {when}. "
                 f"You saw version {seen}, version {stored.version} is in force.")  # fmt: skip
    if not differs:
        return StaleEdit(f"{meanwhile} It says the same as yours, so nothing is lost.")
    return StaleEdit(f"{meanwhile} Now stored: {_said(stored, differs)}. Yours: {_said(yours, differs)}. Look at both, then save again.")


def _said(project: Project, differs: Sequence[str]) -> str:
    told = _told(project, differs)
    return ", ".join(f"{_WORDS[name]} {'none' if told[name] in (None, '') else told[name]}" for name in differs)


def _told(project: Project, fields: Sequence[str]) -> dict[str, Any]:
    """The fields as plain values for the audit."""
    values = {name: getattr(project, name) for name in fields}
    return {name: str(value) if isinstance(value, date) else value for name, value in values.items()}


# -- what a project may say


def _checked(tx: Tx, new: Project, made: date, old: Project | None = None) -> Project:
    """The project cleaned and complete. Raises UsageError that names the field and what is allowed."""
    owner = members.person(tx, new.owner)
    if owner is None:
        raise UsageError(f"There is no person '{new.owner[:40]}' to own the project. Choose one under Settings, Members.")
    if old is None or new.measure != old.measure:
        _check_measure(tx, new.measure)
    if new.practice and (old is None or new.practice != old.practice):
        _check_practice(tx, new.practice)
    if new.cycle and old is None and cycle_rows.cycle(tx, new.cycle) is None:
        raise UsageError(f"There is no cycle '{new.cycle[:40]}'.")
    if new.effect is not None and (isinstance(new.effect, bool) or not math.isfinite(new.effect)):
        raise UsageError(f"{new.effect} is not a change that a measure can have. Write a number.")
    _check_days(new, made, old)
    return replace(
        new, title=names.required(new.title, "title of the project", LONGEST_TITLE), owner_name=owner.name, phase=_phase(new.phase)
    )


def _check_measure(tx: Tx, measure: str) -> None:
    if not measure:
        raise UsageError("Name the measure that the project should move: without one nobody could say whether it worked.")
    known = definitions.current(tx)
    if measure not in known:
        # Raises with "did you mean", unless it is the label of one.
        raise UsageError(f"Name the measure by its id: '{definitions.find(known, measure).name}'.")


def _check_practice(tx: Tx, practice: str) -> None:
    """Nothing for a practice, or a system, of any version of the model."""
    if not any(practice in _told_of(body) for _, body, *_ in reversed(cycle_rows.models(tx))):
        raise UsageError(f"There is no practice '{practice[:40]}' in the maturity model.")


@lru_cache(maxsize=8)
def _told_of(model: str) -> frozenset[str]:
    """The practices and systems of a model."""
    found = maturity_file.parse(model)
    return frozenset((*found.practices, *found.systems))


def _check_days(new: Project, made: date, old: Project | None) -> None:
    if new.effect_by and new.effect_by < (new.began or made) and (old is None or new.effect_by != old.effect_by):
        raise UsageError(f"Its effect cannot be expected by {day(new.effect_by)}, before the work began.")
    if new.began and new.ended and new.ended < new.began:
        raise UsageError(f"The project cannot end on {day(new.ended)}, before the work changed on {day(new.began)}.")


def _phase(text: str) -> str:
    """`2027-Q1`, or "". Raises UsageError."""
    wanted = text.strip()
    found = periods.parse(wanted) if wanted else None
    if wanted and (found is None or found[0] != "quarter"):
        raise UsageError(f"{wanted[:20]!r} is not a quarter. Write one such as 2027-Q1, or leave it out.")
    return wanted
