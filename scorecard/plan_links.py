"""Where in the plan something has its place: the way from an objective to the tactic that a project carries out, or to the goal that it serves.

Every system may ask; the tree itself is read on the page Planning and review.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scorecard import registers

if TYPE_CHECKING:
    from scorecard.registers import Entry
    from scorecard.store.tx import Tx

ABOVE = {"tactic": ("strategy", "strategy"), "strategy": ("goal", "plan_goal"), "plan_goal": ("objective", "objective")}
DROPPED = "dropped"


@dataclass(frozen=True)
class Place:
    """One node of the tree with the names above it, the objective first."""

    register: str
    id: str
    titles: tuple[str, ...]

    @property
    def words(self) -> str:
        """`Customers stay because they want to › Renewals › Renewals without surprises › Renewal desk`."""
        return " › ".join(self.titles)


def of_project(tx: Tx, project: str, goal: str = "") -> tuple[Place, ...]:
    """The places of a project: the tactics that name it, and the goal that it is said to serve where no tactic of that goal does."""
    found = [_place(tx, one) for one in registers.entries(tx, "tactic", where={"project": project}) if one.state != DROPPED]
    if goal and not any(goal in ids for _, ids in found):
        found += [_place(tx, one) for one in registers.entries(tx, "plan_goal") if one.id == goal]
    return tuple(place for place, _ in found)


def goals(tx: Tx, ids: Iterable[str]) -> Mapping[str, Place]:
    """The places of goals by their ids; those that were withdrawn are left out."""
    wanted = set(ids)
    return {one.id: _place(tx, one)[0] for one in registers.entries(tx, "plan_goal") if one.id in wanted} if wanted else {}


def _place(tx: Tx, entry: Entry) -> tuple[Place, tuple[str, ...]]:
    """The place of an entry, with the ids of all that stands above it."""
    way = [entry]
    while way[0].register in ABOVE:
        field, register = ABOVE[way[0].register]
        way.insert(0, registers.one(tx, register, str(way[0].values[field])))
    return Place(entry.register, entry.id, tuple(one.title for one in way)), tuple(one.id for one in way)
