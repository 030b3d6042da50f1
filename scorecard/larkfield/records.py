"""What Larkfield's people wrote down in registers, and their names of themes: by the commands that the app uses, each on its own day."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scorecard import registers
from scorecard.access import Actor
from scorecard.core.themes import Rule
from scorecard.registers import Past
from scorecard.sensory import themes
from scorecard.store import sample as stored
from scorecard.store.engine import Store

PLAN = ("plan.toml",)  # before projects and entries of the environment, which refer to its goals
FILES = ("records.toml", "work.toml", "relations.toml", "planning.toml", "triggers.toml", "leadership.toml")
RULES = "themes"
KEPT_KEYS = ("id", "by", "at", "state", "then", "reason", "by_person")
Said = dict[str, Any]


def write_down(store: Store, actors: Mapping[str, Actor], folder: Path, files: Sequence[str] = FILES) -> None:
    """Nothing; the entries of the files and the names of themes are in the store. `actors` are the company's people by id.

    All entries come in one transaction: each with its own author and moment, checked like any other.
    """
    said: Said = {}
    for name in files:
        if (folder / name).exists():
            for register, found in tomllib.loads((folder / name).read_text("utf-8")).items():
                said[register] = [*said[register], *found] if register in said else found
    if named := said.pop(RULES, None):
        _name_themes(store, actors[named["by"]], named)
    put_all(store, actors, said)


def put_all(store: Store, actors: Mapping[str, Actor], said: Said) -> None:
    """Nothing; the entries, by register, are in the store. Not for registers of people's own rows."""
    past = {register: [version for one in found for version in _versions(actors, one)] for register, found in said.items()}
    leader = next(actor for actor in actors.values() if actor.role == "leader")
    store.write(lambda tx: [registers.put_past(store, tx, register, found) for register, found in past.items()], leader.name)


def _name_themes(store: Store, actor: Actor, named: Said) -> None:
    """The rules in force with the company's names and further words; of the day of the load, so that they go with it."""
    seen, rules = themes.in_force(store)
    themes.save_rules(store, actor, [_named(rule, named["names"].get(rule.id, {})) for rule in rules], seen, named["reason"])


def _named(rule: Rule, own: Said) -> Rule:
    return Rule(rule.id, own.get("label", rule.label), rule.kind, (*own.get("phrases", ()), *rule.phrases))


def _versions(actors: Mapping[str, Actor], one: Said) -> list[Past]:
    """An entry and what became of it; whoever is not named wrote it first."""
    id, by = f"{stored.OWN}{one['id']}", one["by"]
    first = Past(id, actors[by], one["at"], _values(one), one.get("state"))
    return [first, *(Past(id, actors[then.get("by", by)], then["at"], _values(then), then.get("state"), then.get("reason", "")) for then in one.get("then", ()))]


def _values(one: Said) -> Said:
    """The fields; `by_person` is the person of an entry that somebody else wrote."""
    return {key: value for key, value in one.items() if key not in KEPT_KEYS} | ({"by": one["by_person"]} if "by_person" in one else {})
