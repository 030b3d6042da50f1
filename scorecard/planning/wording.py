"""The words of a plan, and when they changed: who agreed before has agreed to the older words, until a new version asks everybody again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from scorecard import registers

if TYPE_CHECKING:
    from scorecard.registers import Version
    from scorecard.store.tx import Tx

PLAN, PART, OBJECTIVE, GOAL, STRATEGY = "plan", "plan_part", "objective", "plan_goal", "strategy"
# What one agrees to. Tactics are not in it: they say who does it by when, and change as the work goes on.
WORDS = {PLAN: ("title", "first_year", "last_year", "changed"), PART: ("part", "title", "says", "address"), OBJECTIVE: ("title",), GOAL: ("title", "measure"), STRATEGY: ("title",)}
UNDER = {PART: "plan", OBJECTIVE: "plan", GOAL: "objective", STRATEGY: "goal"}
ADDING = (OBJECTIVE, GOAL, STRATEGY)  # one more is another plan; a part that is written down at last is not


@dataclass(frozen=True)
class Rewording:
    """One change of the words of a plan: what, how it came about (changed, added, withdrawn), when (UTC) and by whom."""

    what: str
    how: str
    at: datetime
    author: str


def since(tx: Tx, plan: str, moment: datetime) -> tuple[Rewording, ...]:
    """The changes of the words of a plan after a moment, in order of time."""
    found = [one for own in _entries(tx, plan) for one in _changes(own) if one.at > moment]
    return tuple(sorted(found, key=lambda one: (one.at, one.what)))


def _entries(tx: Tx, plan: str) -> list[list[Version]]:
    """The versions of each entry that belongs to the plan, or did before it was withdrawn, the first version first."""
    of: dict[str, dict[str, list[Version]]] = {name: {} for name in WORDS}
    for one in registers.every_version(tx, tuple(WORDS)):
        of[one.entry.register].setdefault(one.entry.id, []).append(one)
    within = {PLAN: {plan}}
    for name, field in UNDER.items():
        above = within[{"plan": PLAN, "objective": OBJECTIVE, "goal": GOAL}[field]]
        within[name] = {id for id, own in of[name].items() if own[-1].entry.values.get(field) in above}
    return [own for name, ids in within.items() for id, own in of[name].items() if id in ids]


def _changes(own: Iterable[Version]) -> list[Rewording]:
    found, before = [], None
    for one in own:
        if how := _how(before, one):
            found.append(Rewording(f"the {registers.register(one.entry.register).one} “{one.entry.title}”", how, one.entry.recorded_at, one.entry.author))
        before = one
    return found


def _how(before: Version | None, now: Version) -> str:
    """How the words changed from one version to the next; "" where they did not."""
    stood, stands, name = before is not None and not before.withdrawn, not now.withdrawn, now.entry.register
    if stood and stands:
        return "changed" if _words(name, before.entry.values) != _words(name, now.entry.values) else ""
    if stands:
        return "added" if name in ADDING else ""
    return "withdrawn"


def _words(register: str, values: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(values.get(name) for name in WORDS[register])
