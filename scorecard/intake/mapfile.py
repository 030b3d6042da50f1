"""A map of columns as a file that people correct (TOML), and as what the store keeps (JSON)."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping as Dictionary
from dataclasses import asdict
from typing import Any

from scorecard.core.facts import KINDS
from scorecard.core.mapping import Mapping, Rule, Spread
from scorecard.errors import FileRefused
from scorecard.intake.mapping import LEFT_OUT, Draft
from scorecard.intake.settled import Proposed
from scorecard.intake.table import Question, Table

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_EMPTY = (None, "", {}, [], (), False)


# -- plain values

def plain_values(mapping: Mapping) -> dict[str, Any]:
    """A mapping as plain values, what is blank left out."""
    values = {key: one for key, one in asdict(mapping).items() if one not in _EMPTY}
    rules = {name: {key: one for key, one in rule.items() if one not in _EMPTY and (key, one) != ("divide", 1.0)}
             for name, rule in values.pop("rules", {}).items()}
    rules = {name: rule for name, rule in rules.items() if rule}
    return {**values, "rules": rules} if rules else values


def from_plain(values: Dictionary[str, Any]) -> Mapping:
    """A mapping from plain values. Raises FileRefused, naming what is no kind, no column and no rule."""
    kind = values.get("kind", "")
    if kind not in KINDS:
        raise FileRefused(f"'{kind}' is no kind of facts. There are: {', '.join(KINDS)}.")
    columns = {ours: _text(theirs, ours) for ours, theirs in values.get("columns", {}).items() if theirs not in ("", LEFT_OUT)}
    _refuse_strange(kind, (*columns, *values.get("rules", {})))
    rules = {name: _rule(name, said) for name, said in values.get("rules", {}).items()}
    spread = Spread(**values["spread"]) if values.get("spread") else None
    return Mapping(kind, columns, rules, _rows(values.get("where")), _rows(values.get("where_not")), tuple(values.get("only_when", ())),
                   tuple(values.get("key_from", ())), values.get("latest_by", ""), spread, bool(values.get("part", False)))


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise FileRefused(f"{where}: {value!r} is no name of a column. Write it in quotation marks.")
    return value


def _refuse_strange(kind: str, names: Iterable[str]) -> None:
    known = [column.name for column in KINDS[kind].columns]
    strange = next((name for name in names if name not in known), "")
    if strange:
        raise FileRefused(f"'{strange}' is no column of {kind}. There are: {', '.join(known)}.")


def _rule(name: str, said: Dictionary[str, Any]) -> Rule:
    listed = {key: tuple(one) if isinstance(one, list) else one for key, one in said.items()}
    try:
        return Rule(**listed)
    except TypeError:
        raise FileRefused(f"the rule of {name} says something that is no rule: {', '.join(said)}.") from None


def _rows(said: Dictionary[str, Any] | None) -> dict[str, tuple[str, ...]]:
    return {name: (values,) if isinstance(values, str) else tuple(map(str, values)) for name, values in (said or {}).items()}


# -- for the store

def kept(proposed: Proposed) -> str:
    """The draft and the answers as JSON, for the next file with the same columns."""
    draft = proposed.draft
    said = {"mappings": [plain_values(one) for one in draft.mappings], "answers": dict(proposed.answers), "title": draft.title,
            "tool": draft.tool, "zone": draft.zone, "scale": draft.scale, "rows": dict(draft.rows)}
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def remembered(body: str) -> tuple[Draft, dict[str, str]]:
    """(draft, answers) that were kept."""
    said = json.loads(body)
    mappings = tuple(from_plain(one) for one in said["mappings"])
    return Draft(mappings, said["title"], said["tool"], said["zone"], said["scale"], rows=said["rows"]), said["answers"]


# -- for people

def written(proposed: Proposed, file: str, map_name: str) -> str:
    """The map as TOML, each open question above the line that answers it."""
    lines = [f"# Where the columns of {_one_line(file)} go. Correct what is wrong, answer what is open, and load it with",
             f"#     python -m scorecard load {_one_line(file)} --map {_one_line(map_name)}",
             "# Left of the equals sign stands our name, right of it the column of the file. Take a line out to leave a column out.", ""]
    lines += _header(proposed.draft) + _answers(proposed)
    samples = {place.name: ", ".join(place.samples) for place in proposed.places}
    for mapping in proposed.draft.mappings:
        lines += _facts(plain_values(mapping), samples)
    left = [place for place in proposed.places if place.confidence == "left out"]
    lines += ["# Left out:"] * bool(left) + [f"#   {_one_line(p.name)}  ({_one_line(p.seen)})  {_one_line(', '.join(p.samples))}" for p in left]
    return "\n".join(lines) + "\n"


def _header(draft: Draft) -> list[str]:
    lines = [f"{key} = {_value(value)}" for key, value in (("tool", draft.tool), ("title", draft.title), ("zone", draft.zone),
                                                            ("scale", draft.scale), ("rows", dict(draft.rows))) if value]
    return [*lines, ""] if lines else []


def _answers(proposed: Proposed) -> list[str]:
    if not proposed.questions and not proposed.answers:
        return []
    lines = ["[answers]"]
    for one in proposed.questions:
        lines += [f"# {_one_line(one.text)}", *(f"#   {_value(answer)}  {_one_line(words)}" for answer, words in one.options),
                  f'{_key(one.id)} = ""']
    open_ids = {one.id for one in proposed.questions}
    lines += [f"{_key(name)} = {_value(answer)}" for name, answer in proposed.answers.items() if name not in open_ids]
    return [*lines, ""]


def _facts(values: dict[str, Any], samples: Dictionary[str, str]) -> list[str]:
    lines = ["[[facts]]"]
    lines += [f"{key} = {_value(one)}" for key, one in values.items() if not isinstance(one, dict)]
    lines.append("[facts.columns]")
    for ours, theirs in values.get("columns", {}).items():
        lines.append(f"{_key(ours)} = {_value(theirs)}  # {_one_line(KINDS[values['kind']].column(ours).label)}: "
                     f"{_one_line(samples.get(theirs, ''))}")
    for table in ("where", "where_not"):
        if values.get(table):
            lines += [f"[facts.{table}]", *(f"{_key(name)} = {_value(one)}" for name, one in values[table].items())]
    for name, rule in values.get("rules", {}).items():
        lines += [f"[facts.rules.{_key(name)}]", *(f"{_key(key)} = {_value(one)}" for key, one in rule.items())]
    if values.get("spread"):
        lines += ["[facts.spread]", *(f"{_key(key)} = {_value(one)}" for key, one in values["spread"].items())]
    return [*lines, ""]


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _key(text: str) -> str:
    return text if _BARE.fullmatch(text) else _value(text)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_value(key)} = {_value(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def read(text: str, name: str, table: Table) -> tuple[Draft, dict[str, str]]:
    """(draft, answers) of a map that somebody corrected. Raises FileRefused, saying where it does not fit."""
    try:
        said = tomllib.loads(text)
        mappings = tuple(from_plain(one) for one in said.get("facts", ()))
    except tomllib.TOMLDecodeError as error:
        raise FileRefused(f"{name} cannot be read: {error}.") from None
    except (FileRefused, TypeError, AttributeError) as error:
        raise FileRefused(f"{name}: {error}") from None
    if not mappings:
        raise FileRefused(f"{name} names no facts. It needs [[facts]] with a kind and columns.")
    _refuse_absent(mappings, name, table)
    answers = {key: str(one) for key, one in said.get("answers", {}).items()}
    doubtful = {theirs: f"near the name of {KINDS[one.kind].column(ours).label}" for one in mappings for ours, theirs in one.columns.items()
                if answers.get(f"column:{theirs}") == ""}
    draft = Draft(mappings, said.get("title", ""), said.get("tool", ""), said.get("zone", ""), said.get("scale", ""), doubtful,
                  rows=said.get("rows", {}))
    return draft, {key: one for key, one in answers.items() if one}


def _refuse_absent(mappings: tuple[Mapping, ...], name: str, table: Table) -> None:
    for one in mappings:
        used = [*one.columns.values(), *one.where, *one.where_not, *(one.spread.columns if one.spread else ())]
        absent = next((column for column in used if column not in table.columns), "")
        if absent:
            raise FileRefused(f"{name} names column '{absent}', which {table.name} does not have. It has: {', '.join(table.columns[:12])}.")


def question_text(one: Question) -> str:
    """A question with its answers, for a line of text."""
    return f"{one.text} " + "; ".join(f"{answer}: {words}" for answer, words in one.options)
