"""The environment in six fields, with opportunities and threats; assumptions that are due to be challenged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scorecard import registers

if TYPE_CHECKING:
    from scorecard.registers import Entry
    from scorecard.store.engine import Store

REGISTER, ASSUMPTION = "environment", "assumption"
ENDED = ("past",)


@dataclass(frozen=True)
class Field:
    """One of the six fields with what is watched in it, the surest first."""

    id: str
    label: str
    entries: tuple[Entry, ...]

    def count(self, side: str) -> int:
        """How many entries are an `opportunity` or a `threat`; what is both counts in each."""
        return sum(one.values.get("side") in (side, "both") for one in self.entries)


@dataclass(frozen=True)
class Challenges:
    """Assumptions: how many there are, which are due to be challenged, how many held and how many failed."""

    all: int
    due: tuple[Entry, ...]
    holds: int
    fails: int


def fields(store: Store) -> tuple[Field, ...]:
    """The six fields, empty ones too: a field that nobody watches is a blind spot."""
    with store.read() as tx:
        found = [one for one in registers.entries(tx, REGISTER) if one.state not in ENDED]
    labels = registers.register(REGISTER).field("field").choices or {}
    order = {"high": 0, "medium": 1, "low": 2}
    return tuple(Field(id, label, tuple(sorted((one for one in found if one.values.get("field") == id),
                                               key=lambda one: order.get(str(one.values.get("confidence")), 3)))) for id, label in labels.items())


def challenges(store: Store, today: date) -> Challenges:
    """The assumptions as they stand today."""
    with store.read() as tx:
        found = registers.entries(tx, ASSUMPTION)
    due = [one for one in found if str(one.values.get("next_challenge", "9999")) <= today.isoformat()]
    states = [one.state for one in found]
    return Challenges(len(found), tuple(sorted(due, key=lambda one: str(one.values["next_challenge"]))), states.count("holds"), states.count("fails"))


def sentence(found: tuple[Field, ...]) -> str:
    """How many opportunities and threats are watched, and which fields nobody watches."""
    total = sum(len(one.entries) for one in found)
    if not total:
        return ""
    blind = [one.label for one in found if not one.entries]
    threats, chances = sum(one.count("threat") for one in found), sum(one.count("opportunity") for one in found)
    said = f"{chances} opportunities and {threats} threats are watched."
    return f"{said} Nobody watches: {', '.join(blind)}." if blind else said
