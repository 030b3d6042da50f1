"""What Larkfield's people wrote down in registers, and their names of themes: by the commands that the app uses, each on its own day."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from scorecard import registers
from scorecard.access import Actor
from scorecard.core.themes import Rule
from scorecard.sensory import themes
from scorecard.store import sample as stored
from scorecard.store.engine import Store

FILE = "records.toml"
RULES = "themes"
KEPT_KEYS = ("id", "by", "at", "state", "then", "reason")
Said = dict[str, Any]


def write_down(store: Store, actors: Mapping[str, Actor], folder: Path) -> None:
    """Nothing; the file's entries and names of themes are in the store. `actors` are the company's people by id."""
    if not (folder / FILE).exists():
        return
    said = tomllib.loads((folder / FILE).read_text("utf-8"))
    if named := said.pop(RULES, None):
        _name_themes(store, actors[named["by"]], named)
    for register, found in said.items():
        for one in found:
            _write(store, actors, register, one)


def _name_themes(store: Store, actor: Actor, named: Said) -> None:
    """The rules in force with the company's names and further words; of the day of the load, so that they go with it."""
    seen, rules = themes.in_force(store)
    themes.save_rules(store, actor, [_named(rule, named["names"].get(rule.id, {})) for rule in rules], seen, named["reason"])


def _named(rule: Rule, own: Said) -> Rule:
    return Rule(rule.id, own.get("label", rule.label), rule.kind, (*own.get("phrases", ()), *rule.phrases))


def _write(store: Store, actors: Mapping[str, Actor], register: str, one: Said) -> None:
    """An entry and what became of it; whoever is not named wrote it first."""
    at: datetime = one["at"]
    entry = registers.add(store, actors[one["by"]], register, _values(one), state=one.get("state"), today=at.date(),
                          id=f"{stored.OWN}{one['id']}", now=at)
    for then in one.get("then", ()):
        entry = registers.change(store, actors[then.get("by", one["by"])], register, entry.id, _values(then), state=then.get("state"),
                                 seen_version=entry.version, reason=then.get("reason", ""), now=then["at"])


def _values(one: Said) -> Said:
    return {key: value for key, value in one.items() if key not in KEPT_KEYS}
