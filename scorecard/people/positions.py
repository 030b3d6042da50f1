"""Position plans: what each position is there for, who holds it, and what it takes (E6, E7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from scorecard import registers
from scorecard.core import names

if TYPE_CHECKING:
    from scorecard.registers import Entry
    from scorecard.store.tx import Tx

REGISTER, RETIRED, AGREED = "position_plan", "retired", "agreed"
# What a plan says when it is whole, in the words of the page.
PARTS = {"purpose": "what it is there for", "metrics": "how it is measured", "knowledge": "the knowledge", "skills": "the skills",
         "traits": "the traits for hiring", "induction": "the induction"}  # fmt: skip


@dataclass(frozen=True)
class Position:
    """One position in force: who holds it (ids), how many accounts one person serves, and how many people its skills need.

    `skills` maps the bare name of a skill to (its name as written, people, people in two years); `lacking` names the parts that say nothing yet.
    """

    id: str
    name: str
    holders: tuple[str, ...]
    segments: tuple[str, ...]
    load: float | None
    needed: int | None
    skills: dict[str, tuple[str, int, int]]
    traits: tuple[dict[str, Any], ...]
    induction: tuple[dict[str, Any], ...]
    agreed_on: date | None
    look_again: date | None
    lacking: tuple[str, ...]


def read(tx: Tx) -> list[Position]:
    """The positions in force, by name."""
    return [_position(one) for one in registers.entries(tx, REGISTER, order="title") if one.state != RETIRED]


def _position(entry: Entry) -> Position:
    said = entry.values
    skills: dict[str, tuple[str, int, int]] = {}
    for row in said.get("skills", ()):
        key = names.bare(str(row["skill"]))
        _, people, later = skills.get(key, ("", 0, 0))
        skills[key] = str(row["skill"]), people + int(row["people"]), later + int(row.get("later", row["people"]))
    needed = said.get("needed")
    return Position(
        entry.id, entry.title, tuple(said.get("holders", ())), tuple(said.get("segments", ())), said.get("load"), None if needed is None else int(needed),
        skills, tuple(said.get("traits", ())), tuple(said.get("induction", ())), _day(said.get("agreed_on")) if entry.state == AGREED else None,
        _day(said.get("look_again")), tuple(words for part, words in PARTS.items() if not said.get(part)),
    )  # fmt: skip


def _day(value: object) -> date | None:
    return date.fromisoformat(str(value)) if value else None


def last_agreed(positions: Sequence[Position]) -> date | None:
    """The day on which the last of them was agreed; None before any was."""
    return max((one.agreed_on for one in positions if one.agreed_on), default=None)
