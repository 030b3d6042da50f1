"""The model changed in the product: texts, weights, targets, gates, practices added and retired, and back to what was shipped.

Every change makes a version with its reason; cycles that were begun keep theirs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from scorecard import access
from scorecard.access import Actor
from scorecard.core import maturity_file
from scorecard.core.maturity_file import Difference, Model, Practice, System
from scorecard.errors import ScorecardError, StaleEdit, UsageError
from scorecard.maturity.cycles import save_model
from scorecard.store import maturity as rows
from scorecard.store.engine import Store


@dataclass(frozen=True)
class Version:
    """A version of the model as it was recorded (UTC)."""

    number: int
    model: Model
    author: str
    reason: str
    recorded_at: datetime
    text: str


def newest(store: Store) -> Version:
    """The version that a new cycle begins with. Raises ScorecardError when none is recorded."""
    with store.read() as tx:
        found = rows.models(tx)
    if not found:
        raise ScorecardError("There is no maturity model yet. It is recorded when the server starts.")
    number, text, author, reason, recorded_at = found[-1]
    return Version(number, maturity_file.parse(text), author, reason, recorded_at, text)


def against(store: Store, shipped: str) -> tuple[Difference, ...]:
    """What differs from the text of the shipped file."""
    return maturity_file.differences(maturity_file.parse(shipped), newest(store).model)


def _save(store: Store, actor: Actor, seen: int, changed: Model, reason: str) -> int:
    """The new version. Raises StaleEdit when another one came since `seen`, UsageError when nothing is changed."""
    before = newest(store)
    if before.number != seen:
        raise StaleEdit(f"Not saved: {before.author} made version {before.number} of the model meanwhile ({before.reason}). "
                        "Look at it again, then save.")
    if before.model == changed:
        raise UsageError("Nothing is changed.")
    return save_model(store, actor, maturity_file.to_toml(changed), reason, seen)


def save_practice(store: Store, actor: Actor, practice: Practice, reason: str, seen: int) -> int:
    """The version in which a practice is new, or says this."""
    access.require(actor, "decide")
    model = newest(store).model
    if practice.id not in model.practices and not re.fullmatch(r"[A-Za-z]{1,8}[0-9]{1,3}", practice.id):
        raise UsageError("The id of a practice is a letter and a number, such as W7.")
    return _save(store, actor, seen, replace(model, practices=model.practices | {practice.id: practice}), reason)


def save_system(store: Store, actor: Actor, system: System, reason: str, seen: int) -> int:
    """The version in which a system says this."""
    access.require(actor, "decide")
    model = newest(store).model
    if system.id not in model.systems:
        raise UsageError(f"There is no system {system.id[:40]!r}. There is: {', '.join(model.systems)}.")
    return _save(store, actor, seen, replace(model, systems=model.systems | {system.id: system}), reason)


def retire(store: Store, actor: Actor, practice: str, reason: str, seen: int) -> int:
    """The version that does not ask a practice any more. Earlier versions, and their cycles, keep it."""
    access.require(actor, "decide")
    model = newest(store).model
    if practice not in model.practices:
        raise UsageError(f"There is no practice {practice[:40]!r}.")
    if len(model.of(model.practices[practice].system)) == 1:
        raise UsageError(f"{practice} is the last practice of its system. Add another one first.")
    left = {id: one for id, one in model.practices.items() if id != practice}
    return _save(store, actor, seen, replace(model, practices=left), reason)


def restore(store: Store, actor: Actor, shipped: str, reason: str, seen: int, subject: str = "") -> int:
    """The version that is as shipped again: all of it, or one system or practice."""
    access.require(actor, "decide")
    model, old = newest(store).model, maturity_file.parse(shipped)
    if not subject:
        return _save(store, actor, seen, old, reason)
    if subject in old.practices:
        return _save(store, actor, seen, replace(model, practices=_in_order(model, old, subject)), reason)
    if subject in old.systems:
        return _save(store, actor, seen, replace(model, systems=model.systems | {subject: old.systems[subject]}), reason)
    raise UsageError(f"{subject[:40]!r} is not in the shipped model.")


def _in_order(model: Model, old: Model, practice: str) -> dict[str, Practice]:
    """The practices with one as shipped, in the place in which it was shipped."""
    both = model.practices | {practice: old.practices[practice]}
    places = {id: n for n, id in enumerate(old.practices)}
    return dict(sorted(both.items(), key=lambda pair: places.get(pair[0], len(places))))
