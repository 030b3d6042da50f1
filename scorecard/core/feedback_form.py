"""The form of a feedback round: statements that are answered from 1 to 5, and questions that are answered in words."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from scorecard.errors import DefinitionError

LEVELS = (1, 2, 3, 4, 5)
MOST_ITEMS, LONGEST = 20, 160
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TABLES: dict[str, tuple[str, ...]] = {"items": ("id", "label", "help"), "words": ("id", "question"), "scale": ("lowest", "highest")}


@dataclass(frozen=True)
class Item:
    """A statement about a leader, such as "Keeps promises"; `help` says what is meant."""

    id: str
    label: str
    help: str = ""


@dataclass(frozen=True)
class Question:
    """What is answered in a few words, or not at all."""

    id: str
    question: str


@dataclass(frozen=True)
class Form:
    """What a round asks. `lowest` and `highest` are the words of 1 and 5."""

    items: tuple[Item, ...]
    questions: tuple[Question, ...]
    lowest: str
    highest: str

    def label(self, item: str) -> str:
        """The words of a statement; its id when the form has none of it."""
        return next((one.label for one in self.items if one.id == item), item)


@lru_cache(maxsize=16)
def parse(text: str, place: str = "the form") -> Form:
    """The form of a file's text. Raises DefinitionError with a line for each fault."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"{place} cannot be read: {error}.") from None
    faults = list(_faults(data))
    if faults:
        raise DefinitionError("\n".join(f"{place}: {fault}." for fault in faults))
    scale = data.get("scale", {})
    items = tuple(Item(one["id"], one["label"], one.get("help", "")) for one in data["items"])
    questions = tuple(Question(one["id"], one["question"]) for one in data.get("words", ()))
    return Form(items, questions, scale.get("lowest", "never"), scale.get("highest", "always"))


def _faults(data: Mapping[str, Any]) -> Sequence[str]:
    found = [_unknown(key, tuple(_TABLES)) for key in data if key not in _TABLES]
    if shapes := [f"{name} are written as [[{name}]], one table each" for name in ("items", "words") if not _is_tables(data.get(name, []))]:
        return [*found, *shapes]
    if not isinstance(data.get("scale", {}), dict):
        return [*found, "scale is written as [scale], with lowest and highest"]
    items, words = data.get("items") or [], data.get("words") or []
    if not items:
        found.append("items is empty. A form has at least one statement")
    if len(items) > MOST_ITEMS:
        found.append(f"items has {len(items)} statements; at most {MOST_ITEMS}, or nobody finishes")
    for table, entries in (("items", items), ("words", words), ("scale", [data["scale"]] if data.get("scale") else [])):
        found += [fault for number, one in enumerate(entries, 1) for fault in _of_entry(table, number, one)]
    ids = [one.get("id") for one in (*items, *words)]
    found += [f"the id {id!r} stands twice" for id in dict.fromkeys(ids) if ids.count(id) > 1]
    return found


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _of_entry(table: str, number: int, one: Mapping[str, Any]) -> list[str]:
    place, keys = f"{table} {number}", _TABLES[table]
    found = [f"{place}, {_unknown(key, keys)}" for key in one if key not in keys]
    if "id" in keys and not _ID.fullmatch(str(one.get("id", ""))):
        found.append(f"{place}: id {one.get('id', '')!r} is not small letters, digits and _")
    text = keys[1] if "id" in keys else ""
    if text and not str(one.get(text, "")).strip():
        found.append(f"{place}: {text} is empty")
    found += [f"{place}: {key} is no text" for key, value in one.items() if key in keys and not isinstance(value, str)]
    found += [f"{place}: {key} has more than {LONGEST} signs" for key, value in one.items() if len(str(value)) > LONGEST]
    return found


def _unknown(key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, known, 1)
    return f"unknown key {key!r}" + (f". Did you mean {near[0]!r}" if near else f". There is: {', '.join(known)}")
