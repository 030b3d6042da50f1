"""Actions: who does what until when, the measure it should move, by how much, and when it is first read.

A member adds actions and keeps the own ones; what a review decided, and other people's actions, are a leader's.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from scorecard import access
from scorecard.access import Actor
from scorecard.core import names
from scorecard.core.periods import Period, containing, day
from scorecard.errors import NotAllowed, StaleEdit, UsageError
from scorecard.store import actions as rows
from scorecard.store import definitions, measures, members
from scorecard.store.actions import Action, Change, Comment
from scorecard.store.engine import Store
from scorecard.store.tx import Tx

__all__ = [
    "Action", "Change", "Comment", "KINDS", "STATES", "add", "by_origin", "change", "comment", "comments", "history",
    "listed", "may_change", "may_set_state", "mine", "one", "overdue", "put", "set_state", "withdraw_comment",
]  # fmt: skip

KINDS = {
    "process": "Change how the work is done",
    "tool": "New form, checklist or tool",
    "cause": "Fix one cause",
    "effort": "Check, remind, ask for effort",
    "training": "Train or coach",
}
STATES = {"not_started": "not started", "in_progress": "in progress", "done": "done", "dropped": "dropped"}
CLOSED = ("done", "dropped")
OF_A_REVIEW = "review:"
LONGEST_TITLE, LONGEST_COMMENT = 120, 1000
EDITABLE = (
    "title", "kind", "owner", "due", "measure", "segment", "effect", "effect_by", "first_reading", "started", "ended",
)  # fmt: skip
_WORDS = {
    "title": "title", "kind": "kind", "owner": "owner", "due": "due", "measure": "measure", "segment": "segment",
    "effect": "expected effect", "effect_by": "expected by", "first_reading": "first reading", "state": "state",
    "started": "started", "ended": "ended",
}  # fmt: skip


# -- reads, inside a transaction


def listed(tx: Tx, open_only: bool = False) -> list[Action]:
    """All actions in order of the date due, or only those that are open."""
    return rows.listed(tx, open_only)


def by_origin(tx: Tx, prefix: str) -> list[Action]:
    """The actions whose origin begins with this text, in the order in which they were written."""
    return rows.by_origin(tx, prefix)


def one(tx: Tx, id: str) -> Action:
    """The action with this id. Raises UsageError when there is none."""
    found = rows.one(tx, id)
    if found is None:
        raise UsageError(f"There is no action '{id}'. See them with: python -m scorecard action list.")
    return found


def comments(tx: Tx, object: str) -> list[Comment]:
    """What was said beside an object, the oldest first; withdrawn words too."""
    return rows.comments(tx, object)


def history(tx: Tx, id: str) -> list[Change]:
    """Every change of an action, the newest first."""
    return rows.history(tx, [f"action:{id}"])


def mine(found: Sequence[Action], person: str) -> list[Action]:
    """The open actions of a person, in the order given."""
    return [action for action in found if action.open and action.owner == person]


def overdue(found: Sequence[Action], today: date) -> list[Action]:
    """The open actions whose date has passed, in the order given."""
    return [action for action in found if action.days_late(today)]


# -- who may


def may_set_state(actor: Actor | None, action: Action) -> bool:
    """Whether the actor may say how far an action is: its owner, or who may decide."""
    own = actor is not None and action.owner == actor.person and access.may(actor, "log_records")
    return own or access.may(actor, "decide")


def may_change(actor: Actor | None, action: Action) -> bool:
    """Whether the actor may rewrite an action: who owns or wrote it, unless a review decided it; or who may decide."""
    if access.may(actor, "decide"):
        return True
    own = actor is not None and (action.owner == actor.person or action.made_by == actor.name)
    return own and access.may(actor, "log_records") and not action.origin.startswith(OF_A_REVIEW)


def _require(allowed: bool, actor: Actor | None, action: Action, what: str) -> None:
    access.require(actor, "log_records")
    if not allowed:
        decided = " It was decided in a review." if action.origin.startswith(OF_A_REVIEW) else ""
        raise NotAllowed(f"{actor.name} ({actor.role}) may not {what} of {action.owner_name}.{decided} "
                         f"Ask {action.owner_name} or a leader.")  # fmt: skip


# -- commands


def add(
    store: Store,
    actor: Actor,
    *,
    title: str,
    kind: str,
    owner: str,
    due: date,
    measure: str = "",
    segment: str = "",
    effect: float | None = None,
    effect_by: date | None = None,
    first_reading: Period | None = None,
    started: date | None = None,
    origin: str = "",
    origin_words: str = "",
    today: date,
    now: datetime | None = None,
) -> Action:
    """The new action, not started unless `started` is given. Actions of a review are written by who may decide."""
    access.require(actor, "decide" if origin.startswith(OF_A_REVIEW) else "log_records")

    def work(tx: Tx) -> Action:
        state = "in_progress" if started else "not_started"
        new = Action(
            secrets.token_hex(6), title, kind, owner, "", due, measure, segment, effect, effect_by, first_reading,
            state, started, None, origin, origin_words, actor.name, tx.now, actor.name, tx.now, 1,
        )  # fmt: skip
        return put(tx, new, today)

    return store.write(work, actor.name, now)


def put(tx: Tx, new: Action, made: date) -> Action:
    """A new action, checked and written with its audit row; `made` is the day it was written."""
    checked = _checked(tx, new, made)
    rows.insert(tx, checked)
    tx.audit("add_action", f"action:{checked.id}", None, _told(checked, [*_WORDS, "origin"]))
    return checked


def change(
    store: Store, actor: Actor, action_id: str, seen_version: int, *, now: datetime | None = None, **fields: Any
) -> Action:
    """The action with the given fields; unchanged when they say the same. Raises StaleEdit with both versions."""
    if unknown := set(fields) - set(EDITABLE):
        raise UsageError(f"An action has no field '{sorted(unknown)[0]}' to change. It has: {', '.join(EDITABLE)}.")

    def work(tx: Tx) -> Action:
        old = one(tx, action_id)
        _require(may_change(actor, old), actor, old, "change an action")
        new = _checked(tx, replace(old, **fields), old.made_at.date(), old)
        return _save(tx, "change_action", old, new, seen_version)

    return store.write(work, _name(actor), now)


def set_state(
    store: Store,
    actor: Actor,
    action_id: str,
    state: str,
    on: date,
    seen_version: int,
    *,
    now: datetime | None = None,
) -> Action:
    """The action in its new state since a day: begun, finished, dropped, or open again.

    The first day on which it is begun or done is the day the work changed, unless that is stated already.
    """
    if state not in STATES:
        raise UsageError(f"Unknown state '{state}'. Use one of: {', '.join(STATES)}.")

    def work(tx: Tx) -> Action:
        old = one(tx, action_id)
        _require(may_set_state(actor, old), actor, old, "say how far an action is")
        new = _checked(tx, _in_state(old, state, on), old.made_at.date(), old)
        return _save(tx, "set_action_state", old, new, seen_version)

    return store.write(work, _name(actor), now)


def _name(actor: Actor | None) -> str:
    return actor.name if actor else "nobody"


def _in_state(old: Action, state: str, on: date) -> Action:
    if state == "not_started":
        return replace(old, state=state, started=None, ended=None)
    if state == "in_progress":
        return replace(old, state=state, started=old.started or on, ended=None)
    # Work that was dropped before it began has changed nothing.
    began = old.started or (on if state == "done" else None)
    return replace(old, state=state, started=began, ended=on)


def _save(tx: Tx, command: str, old: Action, new: Action, seen_version: int) -> Action:
    """The new row, one version on; a stale one says who changed what meanwhile."""
    differs = [name for name in _WORDS if getattr(old, name) != getattr(new, name)]
    if old.version != seen_version:
        raise _stale(tx, old, new, differs, seen_version)
    if not differs:
        return old
    saved = replace(new, changed_by=tx.actor, changed_at=tx.now, version=old.version + 1)
    if not rows.update(tx, saved, seen_version):
        raise _stale(tx, old, new, differs, seen_version)
    tx.audit(command, f"action:{old.id}", _told(old, differs), _told(saved, differs))
    return rows.one(tx, old.id) or saved


def _stale(tx: Tx, stored: Action, yours: Action, differs: Sequence[str], seen: int) -> StaleEdit:
    when = f"{day(stored.changed_at.date())} at {stored.changed_at:%H:%M} UTC"
    meanwhile = (
        f"Not saved: {stored.changed_by} changed the action '{stored.title}' on {when}. "
        f"You saw version {seen}, version {stored.version} is in force."
    )
    if not differs:
        return StaleEdit(f"{meanwhile} It says the same as yours, so nothing is lost.")
    both = f"Now stored: {_said(stored, differs)}. Yours: {_said(yours, differs)}."
    return StaleEdit(f"{meanwhile} {both} Look at both, then save again.")


def _said(action: Action, differs: Sequence[str]) -> str:
    told = _told(action, differs)
    return ", ".join(f"{_WORDS[name]} {'none' if told[name] in (None, '') else told[name]}" for name in differs)


def _told(action: Action, fields: Sequence[str]) -> dict[str, Any]:
    """The fields as plain values for the audit."""
    everything = asdict(action) | {"first_reading": action.first_reading}
    return {name: _plain(everything[name]) for name in fields}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, date | Period) else value


# -- comments


def comment(store: Store, actor: Actor, object: str, text: str, *, now: datetime | None = None) -> Comment:
    """The new comment beside an object ("action:<id>", "review:<scorecard>:<period>:<item>")."""
    access.require(actor, "log_records")
    words = _lines(text)

    def work(tx: Tx) -> Comment:
        if object.startswith("action:"):
            one(tx, object.removeprefix("action:"))
        new = Comment(secrets.token_hex(6), object, words, actor.name, tx.now, None)
        rows.add_comment(tx, new)
        tx.audit("comment", object, None, {"id": new.id, "text": words})
        return new

    return store.write(work, actor.name, now)


def withdraw_comment(store: Store, actor: Actor, id: str, *, now: datetime | None = None) -> None:
    """Takes a comment back: its author or a leader may. The audit keeps its words."""
    access.require(actor, "log_records")

    def work(tx: Tx) -> None:
        found = rows.comment(tx, id)
        if found is None or found.withdrawn_at:
            raise UsageError("There is no such comment, or it was withdrawn already.")
        if found.author != actor.name:
            access.require(actor, "decide")
        rows.withdraw_comment(tx, id)
        tx.audit("withdraw_comment", found.object, {"id": id, "text": found.text}, None)

    store.write(work, actor.name, now)


def _lines(text: str) -> str:
    """The text with its lines, each cleaned. Raises when nothing is left, or when it is too long."""
    cleaned = "\n".join(names.clean(line, "comment", LONGEST_COMMENT) for line in text.splitlines()).strip()
    return names.required(cleaned, "comment", LONGEST_COMMENT) and cleaned


# -- what an action may say


def _checked(tx: Tx, new: Action, made: date, old: Action | None = None) -> Action:
    """The action cleaned and complete. Raises UsageError that names the field and what is allowed."""
    if new.kind not in KINDS:
        raise UsageError(f"Unknown kind of action '{new.kind}'. Use one of: {', '.join(KINDS)}.")
    owner = _owner(tx, new.owner)
    _check_days(new, made, old)
    _check_measure(tx, new, old)
    return replace(
        new,
        title=names.required(new.title, "title of the action", LONGEST_TITLE),
        owner_name=owner,
        origin_words=names.clean(new.origin_words, "origin"),
    )


def _owner(tx: Tx, owner: str) -> str:
    found = members.person(tx, owner)
    if found is None:
        raise UsageError(f"There is no person '{owner}' to own the action. Choose one under Settings, Members.")
    return found.name


def _check_days(new: Action, made: date, old: Action | None) -> None:
    if new.due < made and (old is None or new.due != old.due):
        raise UsageError(f"The action was written on {day(made)} and cannot be due before, on {day(new.due)}.")
    if new.effect_by and new.effect_by < (new.started or made) and (old is None or new.effect_by != old.effect_by):
        raise UsageError(f"Its effect cannot be expected by {day(new.effect_by)}, before the work began.")
    if new.ended and new.state not in CLOSED:
        raise UsageError(f"An action that is {STATES[new.state]} has no end yet. Say that it is done or dropped.")
    if new.started and new.ended and new.ended < new.started:
        raise UsageError(f"The action cannot end on {day(new.ended)}, before it began on {day(new.started)}.")


def _check_measure(tx: Tx, new: Action, old: Action | None) -> None:
    if not new.measure:
        if new.segment or new.effect is not None or new.effect_by or new.first_reading:
            raise UsageError("An expected effect or a first reading needs the measure that the action should move.")
        return
    if old is None or new.measure != old.measure:
        _check_known(tx, new.measure)
    if new.segment and (old is None or (new.measure, new.segment) != (old.measure, old.segment)):
        _check_segment(tx, new.measure, new.segment)
    if new.effect is not None and (isinstance(new.effect, bool) or not math.isfinite(new.effect)):
        raise UsageError(f"{new.effect} is not a change that a measure can have. Write a number.")
    _check_reading(tx, new)


def _check_known(tx: Tx, measure: str) -> None:
    known = definitions.current(tx)
    if measure not in known:
        raise UsageError(f"There is no measure '{measure}'. Did you mean '{definitions.find(known, measure).name}'?")


def _check_segment(tx: Tx, measure: str, segment: str) -> None:
    known = {name for (name,) in tx.all("SELECT DISTINCT segment FROM figure WHERE measure = $1", [measure])}
    if segment not in known:
        raise UsageError(
            f"'{measure}' has no segment '{segment}'. It has: {', '.join(sorted(known - {''})) or 'none'}."
        )


def _check_reading(tx: Tx, new: Action) -> None:
    if new.first_reading is None:
        return
    grain = measures.grain(tx, new.measure) or new.first_reading.grain
    if new.first_reading.grain != grain:
        raise UsageError(f"'{new.measure}' is read by the {grain}; {new.first_reading} is none.")
    if new.started and new.first_reading < containing(new.started, grain):
        raise UsageError(f"The first reading, {new.first_reading.label}, lies before the start on {day(new.started)}.")
