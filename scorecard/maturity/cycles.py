"""The model and its versions; cycles: opened, reminded, closed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from scorecard import access, diary
from scorecard.access import Actor
from scorecard.core import maturity_file, names
from scorecard.core.maturity_file import Model
from scorecard.core.periods import day
from scorecard.core.rubric import THRESHOLD
from scorecard.errors import ScorecardError, StaleEdit, UsageError
from scorecard.store import maturity as rows
from scorecard.store import members
from scorecard.store.engine import Store, Tx
from scorecard.store.maturity import Cycle

KINDS = {"full": "all practices", "quick": "one question a system"}
MODES = {"named": "named", "anonymous": "anonymous"}
LEADERS, TEAM = "leader", "team"
LONGEST_MODEL = 500_000
DIARY = "maturity"


def record_file(store: Store, path: Path, actor: str) -> bool:
    """True when the store had no model and now has that of the file."""
    with store.read() as tx:
        if rows.models(tx):
            return False
    text = path.read_text("utf-8")
    maturity_file.parse(text, path.name)

    def work(tx: Tx) -> bool:
        if rows.models(tx):
            return False
        version = rows.add_model(tx, text, "as shipped")
        tx.audit("record_model", f"maturity model:{version}", None, {"file": path.name})
        return True

    return store.write(work, actor)


def save_model(store: Store, actor: Actor, text: str, reason: str, seen: int | None = None) -> int:
    """The version of a changed model: cycles that are open or closed keep theirs. Raises DefinitionError for its faults.

    `seen` is the version that was changed; StaleEdit when there is a later one.
    """
    access.require(actor, "decide")
    if len(text) > LONGEST_MODEL:
        raise UsageError("The model is longer than half a million signs.")
    maturity_file.parse(text, "the model")
    why = names.required(reason, "reason")

    def work(tx: Tx) -> int:
        version = rows.add_model(tx, text, why)
        if seen is not None and version != seen + 1:
            raise StaleEdit(f"Not saved: version {version - 1} of the model was made meanwhile. Look at it again, then save.")
        tx.audit("save_model", f"maturity model:{version}", None, {"reason": why})
        return version

    return store.write(work, actor.name)


def model(tx: Tx) -> tuple[int, Model]:
    """(version, model) that a new cycle begins with. Raises ScorecardError when none is recorded."""
    found = rows.models(tx)
    if not found:
        raise ScorecardError("There is no maturity model yet. It is recorded when the server starts.")
    return found[-1][0], _parsed(found[-1][1])


def model_at(tx: Tx, version: int) -> Model:
    """The model of a version."""
    return _parsed(next(body for number, body, *_ in rows.models(tx) if number == version))


@lru_cache(maxsize=8)
def _parsed(text: str) -> Model:
    return maturity_file.parse(text)


def cycles(tx: Tx) -> list[Cycle]:
    """Every cycle, the oldest first."""
    return rows.cycles(tx)


def one(tx: Tx, id: str) -> Cycle:
    """The cycle with this id. Raises UsageError."""
    found = rows.cycle(tx, id)
    if found is None:
        raise UsageError(f"There is no cycle {id[:40]!r}.")
    return found


def open_cycle(
    store: Store,
    actor: Actor,
    *,
    title: str,
    kind: str,
    mode: str,
    people: Sequence[str],
    closes: date,
    today: date,
    systems: Sequence[str] = (),
) -> Cycle:
    """The new cycle. Without `systems`, all of the model but its optional ones take part; `people` are members' ids."""
    access.require(actor, "decide")
    if kind not in KINDS or mode not in MODES:
        raise UsageError(f"A cycle is {' or '.join(KINDS)}, and {' or '.join(MODES)}.")
    if closes < today:
        raise UsageError(f"A cycle ends today or later; {day(closes)} is past.")
    named = names.required(title, "title")

    def work(tx: Tx) -> Cycle:
        version, current = model(tx)
        chosen = tuple(dict.fromkeys(systems)) or tuple(id for id in current.systems if id not in current.optional)
        unknown = [id for id in chosen if id not in current.systems]
        if unknown:
            raise UsageError(f"There is no system {unknown[0]!r}. There is: {', '.join(current.systems)}.")
        parts = _parts(tx, people)
        if mode == "anonymous" and len(parts) < THRESHOLD:
            raise UsageError(f"An anonymous cycle needs at least {THRESHOLD} people, else nothing could be shown. "
                             "Ask more, or choose named.")
        new = Cycle(secrets.token_hex(4), named, kind, mode, version, chosen, today, closes, "open", actor.name, tx.now, "", None, 1)
        rows.insert_cycle(tx, new)
        rows.ask(tx, new.id, parts)
        owner = actor.person if members.member(tx, actor.person) else ""
        diary.record_moved(tx, kind=DIARY, title=f"Maturity, {named}", object=_object(new), to=closes, owner=owner)
        tx.audit("open_cycle", f"cycle:{new.id}", None, {"title": named, "kind": kind, "mode": mode, "asked": len(parts)})
        return new

    return store.write(work, actor.name)


def _parts(tx: Tx, people: Sequence[str]) -> list[tuple[str, str]]:
    """(person, leader or team) of everybody who is asked. Raises UsageError for nobody, and for who may not answer."""
    found = []
    for person in dict.fromkeys(people):
        member = members.member(tx, person)
        if member is None or not member.active:
            raise UsageError(f"{person!r} is not an active member. List them with: python -m scorecard member list")
        actor = Actor(person, member.person.name, member.role)
        if not access.may(actor, "assess"):
            raise UsageError(f"{member.person.name} ({member.role}) cannot be asked: only those who may assess maturity.")
        found.append((person, LEADERS if member.role == "leader" else TEAM))
    if not found:
        raise UsageError("Choose whom to ask.")
    return found


def remind(store: Store, actor: Actor, cycle: str) -> list[str]:
    """The ids of the people who have not finished, reminded once more."""
    access.require(actor, "decide")
    return store.write(lambda tx: reminded(tx, cycle), actor.name)


def reminded(tx: Tx, cycle: str) -> list[str]:
    """The ids of the people who have not finished, counted as reminded. Who calls this has asked for permission."""
    _still_open(one(tx, cycle))
    late = rows.remind(tx, cycle)
    tx.audit("remind", f"cycle:{cycle}", None, {"reminded": len(late)})
    return late


def late(store: Store, actor: Actor, cycle: str) -> list[str]:
    """The ids of the people who have not finished."""
    access.require(actor, "decide")
    with store.read() as tx:
        return [id for id, who in rows.asked(tx, cycle).items() if not who.finished]


def close(store: Store, actor: Actor, cycle: str) -> Cycle:
    """The cycle, closed: nobody answers any more, drafts that were not sent are deleted. A second time changes nothing."""
    access.require(actor, "decide")

    def work(tx: Tx) -> Cycle:
        one(tx, cycle)
        if rows.close_cycle(tx, cycle):
            left = rows.forget_drafts(tx, cycle)
            rows.end_invitations(tx, cycle)
            found = one(tx, cycle)
            diary.record_held(tx, kind=DIARY, title=f"Maturity, {found.title}", object=_object(found), on=tx.now.date(), planned=found.closes)
            tx.audit("close_cycle", f"cycle:{cycle}", None, {"drafts_not_sent": left})
        return one(tx, cycle)

    return store.write(work, actor.name)


def _object(cycle: Cycle) -> str:
    """The name under which the calendar knows a cycle."""
    return f"cycle:{cycle.id}"


@dataclass(frozen=True)
class Standing:
    """How far a cycle is: `late` are the names of who has not finished, in alphabetical order."""

    cycle: Cycle
    asked: int
    finished: int
    late: tuple[str, ...] = ()


def standings(store: Store, actor: Actor) -> list[Standing]:
    """Every cycle with how many were asked and have finished, the newest first; names for who may decide only."""
    access.require(actor, "read_scorecard")
    with store.read() as tx:
        names_of = {one.id: one.name for one in members.people(tx)} if access.may(actor, "decide") else {}
        return [_standing(tx, cycle, names_of) for cycle in reversed(rows.cycles(tx))]


def _standing(tx: Tx, cycle: Cycle, names_of: dict[str, str]) -> Standing:
    asked = rows.asked(tx, cycle.id)
    late = tuple(name for id, name in names_of.items() if cycle.open and id in asked and not asked[id].finished)
    return Standing(cycle, len(asked), sum(one.finished for one in asked.values()), late)


def _still_open(found: Cycle) -> None:
    if not found.open:
        raise ScorecardError(f"{found.title} was closed by {found.closed_by} on {day(found.closed_at.date())}.")
