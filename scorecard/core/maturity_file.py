"""The maturity model as it is written in `data/maturity.toml`: systems, practices, level descriptors, gates."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from scorecard.core.rubric import LEVELS
from scorecard.errors import DefinitionError

_TOP = {"version", "name", "optional", "levels", "systems", "practices"}
_SYSTEM = {"label", "purpose", "question", "levels", "target"}
_PRACTICE = {"system", "title", "question", "levels", "evidence", "gates", "weight", "target"}


@dataclass(frozen=True)
class System:
    """One system: its name, what it is for, the question of the quick form with what each level means, its target."""

    id: str
    label: str
    purpose: str
    question: str
    levels: tuple[str, ...]
    target: float | None = None


@dataclass(frozen=True)
class Practice:
    """One practice: a plain question, what people can see at each level, what counts as evidence, criteria by level.

    `weight` is how much it counts in a rater's mean of its system, beside the others.
    """

    id: str
    system: str
    title: str
    question: str
    levels: tuple[str, ...]
    evidence: str = ""
    gates: dict[int, tuple[str, ...]] = field(default_factory=dict)
    weight: float = 1.0
    target: float | None = None


@dataclass(frozen=True)
class Model:
    """A version of the model. `optional` systems take part in a cycle only when it names them."""

    version: str
    name: str
    level_names: tuple[str, ...]
    level_words: tuple[str, ...]
    systems: dict[str, System]
    practices: dict[str, Practice]
    optional: tuple[str, ...] = ()

    def of(self, system: str) -> tuple[Practice, ...]:
        """The practices of a system, in their order."""
        return tuple(one for one in self.practices.values() if one.system == system)

    def target(self, practice: str) -> float | None:
        """The target level of a practice: its own, else its system's."""
        one = self.practices[practice]
        return one.target if one.target is not None else self.systems[one.system].target


def parse(text: str, name: str = "maturity.toml") -> Model:
    """The model of a file. Raises DefinitionError with a line for each fault."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"{name} is not TOML: {error}") from error
    faults: list[str] = []
    _unknown(data, _TOP, name, faults)
    systems = {id: _system(id, one, faults) for id, one in data.get("systems", {}).items()}
    practices = {id: _practice(id, one, systems, faults) for id, one in data.get("practices", {}).items()}
    levels = data.get("levels", {})
    names = _texts(levels.get("names"), "levels.names", faults)
    words = _texts(levels.get("words"), "levels.words", faults)
    if not systems or not practices:
        faults.append("there is no system, or no practice")
    faults += [f"optional: {_meant(one, systems)}" for one in data.get("optional", []) if one not in systems]
    faults += [f"systems.{id}: it has no practice" for id in systems if not any(one.system == id for one in practices.values())]
    if faults:
        raise DefinitionError("\n".join(f"{name}: {fault}" for fault in faults))
    return Model(str(data.get("version", "1")), str(data.get("name", "")), names, words, systems, practices,
                 tuple(data.get("optional", ())))


def _unknown(given: dict, known: set[str], where: str, faults: list[str]) -> None:
    faults.extend(f"{where}: {_meant(key, known)}" for key in given if key not in known)


def _meant(key: str, known: Any) -> str:
    near = difflib.get_close_matches(key, list(known), 1)
    return f"'{key}' is unknown" + (f", did you mean '{near[0]}'?" if near else "")


def _system(id: str, one: dict, faults: list[str]) -> System:
    where = f"systems.{id}"
    _unknown(one, _SYSTEM, where, faults)
    return System(id, _text(one, "label", where, faults), _text(one, "purpose", where, faults), _text(one, "question", where, faults),
                  _texts(one.get("levels"), f"{where}.levels", faults), _level(one.get("target"), f"{where}.target", faults))


def _practice(id: str, one: dict, systems: dict[str, System], faults: list[str]) -> Practice:
    where = f"practices.{id}"
    _unknown(one, _PRACTICE, where, faults)
    system = str(one.get("system", ""))
    if system not in systems:
        faults.append(f"{where}.system: {_meant(system, systems)}")
    return Practice(id, system, _text(one, "title", where, faults), _text(one, "question", where, faults),
                    _texts(one.get("levels"), f"{where}.levels", faults), str(one.get("evidence", "")),
                    _gates(one.get("gates", {}), where, faults), _weight(one.get("weight", 1), where, faults),
                    _level(one.get("target"), f"{where}.target", faults))


def _text(one: dict, key: str, where: str, faults: list[str]) -> str:
    text = str(one.get(key, "")).strip()
    if not text:
        faults.append(f"{where}.{key} is missing")
    return text


def _texts(given: Any, where: str, faults: list[str]) -> tuple[str, ...]:
    texts = tuple(str(text).strip() for text in given) if isinstance(given, list) else ()
    if len(texts) != len(LEVELS) or not all(texts):
        faults.append(f"{where} must be {len(LEVELS)} texts, one for each level")
    return texts


def _level(given: Any, where: str, faults: list[str]) -> float | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not 1 <= given <= len(LEVELS):
        faults.append(f"{where} must be a level from 1 to {len(LEVELS)}")
        return None
    return float(given)


def _weight(given: Any, where: str, faults: list[str]) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given <= 100:
        faults.append(f"{where}.weight must be above 0 and at most 100")
        return 1.0
    return float(given)


def _gates(given: Any, where: str, faults: list[str]) -> dict[int, tuple[str, ...]]:
    found = {}
    for level, texts in (given.items() if isinstance(given, dict) else ()):
        if level not in ("2", "3", "4", "5") or not isinstance(texts, list) or not all(str(text).strip() for text in texts):
            faults.append(f"{where}.gates.{level}: a gate is a level from 2 to 5 with a list of criteria")
            continue
        found[int(level)] = tuple(str(text).strip() for text in texts)
    return dict(sorted(found.items()))


# --- the other way: a model as a file, and what differs between two ---------------------------------------------------

NAMES = {"label": "name", "purpose": "purpose", "question": "question", "levels": "level", "target": "target", "title": "title",
         "evidence": "evidence", "gates": "criteria", "weight": "weight", "system": "system"}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """One thing that differs between two models: of a system or practice, what it was and is; "" where there is none."""

    subject: str
    what: str
    was: str
    now: str

    def __str__(self) -> str:
        if not self.what:
            return f"{self.subject} {'is new' if self.now else 'is not asked any more'}: {self.now or self.was}"
        return f"{self.subject}, {self.what}: {self.was or 'none'} → {self.now or 'none'}"


def to_toml(model: Model) -> str:
    """The model as a file; `parse` gives the same model back."""
    parts = [f"version = {_quoted(model.version)}\nname = {_quoted(model.name)}\noptional = {_list(model.optional)}",
             f"[levels]\nnames = {_list(model.level_names)}\nwords = {_list(model.level_words)}"]
    parts += [_entry("systems", one.id, one) for one in model.systems.values()]
    parts += [_entry("practices", one.id, one) for one in model.practices.values()]
    return "\n\n".join(parts) + "\n"


def _entry(group: str, id: str, one: System | Practice) -> str:
    lines = [f"[{group}.{id if re.fullmatch(r'[A-Za-z0-9_-]+', id) else _quoted(id)}]"]
    for item in fields(one):
        value = getattr(one, item.name)
        if item.name == "id" or value is None or value in ("", {}) or item.name == "weight" and value == 1:
            continue
        lines.append(f"{item.name} = {_written(value)}")
    return "\n".join(lines)


def _written(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{level} = {_list(texts)}" for level, texts in value.items()) + "}"
    return _list(value) if isinstance(value, tuple) else f"{value:g}"


def _list(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join(map(_quoted, texts)) + "]"


def _quoted(text: str) -> str:
    """A basic string of TOML: its escapes are those of JSON, for the control characters that it does not allow."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def differences(old: Model, new: Model) -> tuple[Difference, ...]:
    """What differs, systems first, in the order of the new model; what only the old one has comes last."""
    found = [*_between(old.systems, new.systems), *_between(old.practices, new.practices)]
    if (old.level_names, old.level_words) != (new.level_names, new.level_words):
        found.insert(0, Difference("Levels", "names", ", ".join(old.level_names), ", ".join(new.level_names)))
    return tuple(found)


def _between(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Difference]:
    for id, one in new.items():
        if id not in old:
            yield Difference(id, "", "", _name_of(one))
        else:
            yield from _changed(id, old[id], one)
    yield from (Difference(id, "", _name_of(one), "") for id, one in old.items() if id not in new)


def _name_of(one: System | Practice) -> str:
    return one.label if isinstance(one, System) else one.title


def _changed(id: str, old: Any, new: Any) -> Iterator[Difference]:
    for item in fields(new):
        was, now = getattr(old, item.name), getattr(new, item.name)
        if was == now:
            continue
        if item.name == "levels":
            yield from (Difference(id, f"level {n}", a, b) for n, (a, b) in enumerate(zip(was, now, strict=True), 1) if a != b)
        else:
            yield Difference(id, NAMES[item.name], _shown(was), _shown(now))


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{level}: {', '.join(texts)}" for level, texts in value.items())
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
