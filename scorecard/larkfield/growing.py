"""Larkfield's people: position plans, skills, staffing, an opening, and what is about one person, each with its own author and day.

Planted: a skill rests on one person, one person heard nothing for a quarter, and two positions are short of people next summer.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, time
from pathlib import Path

from scorecard.access import Actor
from scorecard.larkfield import records
from scorecard.larkfield.records import Said
from scorecard.store import sample as stored
from scorecard.store.engine import Store

FILE = "people.toml"
SKILLS, TABLE, LEVELS = "skill", "skill_levels", "skill_level"
WORDS = {"L": "learning", "A": "alone", "T": "teach"}
MORNING = time(11)


def grow(store: Store, actors: Mapping[str, Actor], folder: Path) -> None:
    """Nothing; the file's entries are in the store. `actors` are the company's people by id."""
    if not (folder / FILE).exists():
        return
    said = tomllib.loads((folder / FILE).read_text("utf-8"))
    said[LEVELS] = _levels(said.pop(TABLE), said[SKILLS])
    records.put_all(store, actors, said)


def _levels(table: Said, skills: list[Said]) -> list[Said]:
    """Who can what: a letter a skill, in the order of the list of skills."""
    by, on = table["by"], table["on"]
    at = datetime.combine(on, MORNING)
    return [{"id": f"level-{person}-{skill['id']}", "by": by, "at": at, "person": person, "skill": stored.OWN + skill["id"], "level": WORDS[letter], "on": on}
            for person, row in table.items() if person not in ("by", "on") for skill, letter in zip(skills, row, strict=True)]  # fmt: skip
