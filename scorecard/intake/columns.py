"""Which column of a table is the period, the measure, the value: by its name, and by what stands in it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from scorecard.core.definition import Definition
from scorecard.core.names import bare
from scorecard.errors import FileRefused
from scorecard.intake import dates
from scorecard.intake.numbers import is_blank, read_number
from scorecard.intake.table import Question, Table

NAMES: dict[str, tuple[str, ...]] = {
    "period": ("period", "month", "week", "quarter", "date", "period start", "month start", "reporting period", "month end"),
    "measure": ("measure", "metric", "kpi", "indicator", "measure name", "metric name"),
    "value": ("value", "figure", "result", "actual"),
    "numerator": ("numerator", "num"),
    "denominator": ("denominator", "den", "denom"),
    "segment": ("segment", "customer segment"),
    "team": ("team",),
    "csm": ("csm", "customer success manager"),
}
WORDS = {"period": "Period", "measure": "Measure", "value": "Value", "numerator": "Numerator", "denominator": "Denominator",
         "segment": "Segment", "team": "Team", "csm": "CSM"}
DIMENSIONS = ("segment", "team", "csm")
_IN_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*$")


@dataclass(frozen=True)
class Layout:
    """Where each column goes. `roles` maps a role to a column, `wide` a column to the measure that it holds."""

    shape: str
    roles: dict[str, str]
    wide: dict[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()


def normal(text: str) -> str:
    """A name as it is compared: without accents, case, joining marks, and a unit in brackets."""
    return " ".join(re.split(r"[\s_\-./]+", bare(_IN_BRACKETS.sub("", text)).strip()))


def bracketed(text: str) -> str:
    """The unit in brackets at the end of a name: `%` of `Renewal rate (%)`."""
    found = _IN_BRACKETS.search(text)
    return found[1].strip() if found else ""


def index(definitions: Mapping[str, Definition]) -> dict[str, str]:
    """Every measure by its compared name and its compared label."""
    labels = {normal(one.label): name for name, one in definitions.items()}
    return labels | {normal(name): name for name in definitions}


def nearest(text: str, definitions: Mapping[str, Definition]) -> str:
    """` Did you mean …?` with the measure that a text is closest to, or nothing."""
    found = index(definitions)
    close = difflib.get_close_matches(normal(text), list(found), 1, 0.6)
    return f" Did you mean '{found[close[0]]}'?" if close else ""


def lay_out(table: Table, definitions: Mapping[str, Definition], choices: Mapping[str, str]) -> Layout:
    """Long or wide, and where each column goes. Raises FileRefused when there is no period or no figure."""
    roles = _by_name(table)
    known = index(definitions)
    questions: list[Question] = []
    period = _period_column(table, roles.pop("period", []), known, choices, questions)
    single = {role: columns[0] for role, columns in roles.items()}
    taken = {period, *single.values()}
    pair = "numerator" in single and "denominator" in single
    if "value" in single or pair:
        if "measure" in single or not any(normal(c) in known for c in table.columns if c not in taken):
            return _long(table, {"period": period, **single}, choices, definitions, questions)
    single = {role: column for role, column in single.items() if role in DIMENSIONS}
    return _wide(table, {"period": period, **single}, known, choices, questions)


def _by_name(table: Table) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for role, names in NAMES.items():
        for name in names:
            found.setdefault(role, []).extend(column for column in table.columns if normal(column) == name)
    return {role: columns for role, columns in found.items() if columns}


def _period_column(table: Table, named: list[str], known: Mapping[str, str], choices: Mapping[str, str],
                   questions: list[Question]) -> str:
    told = choices.get("period_column", "")
    if told in table.columns:
        return told
    if not named:
        named = [c for c in table.columns if normal(c) not in known and _all_periods(table.column(c))][:2]
    if not named:
        raise FileRefused(f"no column holds periods (columns: {', '.join(table.columns[:8])}). "
                          "Name one of them 'period', with months as 2026-10.")
    if len(named) > 1 and normal(named[0]) != "period":
        options = tuple((column, column) for column in named)
        questions.append(Question("period_column", "Which column is the period?", options, "--choose period_column="))
    return named[0]


def _all_periods(texts: list[str]) -> bool:
    cells = [text for text in texts if not is_blank(text)]
    return bool(cells) and all(dates.written(text) for text in cells[:200])


def _long(table: Table, roles: dict[str, str], choices: Mapping[str, str], definitions: Mapping[str, Definition],
          questions: list[Question]) -> Layout:
    if "measure" not in roles and choices.get("measure", "") not in definitions:
        if choices.get("measure"):
            raise FileRefused(f"measure '{choices['measure']}' is not in the definitions."
                              f"{nearest(choices['measure'], definitions)}")
        options = tuple((name, one.label) for name, one in definitions.items())
        questions.append(Question("measure", "No column names the measure. Which measure is it?", options, "--measure"))
    used = set(roles.values())
    left = {column: "not used" for column in table.columns if column not in used}
    return Layout("long", roles, left_out=left, questions=tuple(questions))


def _wide(table: Table, roles: dict[str, str], known: Mapping[str, str], choices: Mapping[str, str],
          questions: list[Question]) -> Layout:
    wide: dict[str, str] = {}
    unknown, left = [], {}
    for column in table.columns:
        if column in roles.values():
            continue
        name = known.get(normal(column)) or known.get(normal(column + " "))
        if name in wide.values():
            first = next(c for c, n in wide.items() if n == name)
            raise FileRefused(f"columns '{first}' and '{column}' are the same measure, {name}. Leave one out.")
        if name:
            wide[column] = name
        elif _mostly_numbers(table.column(column)):
            unknown.append(column)
        else:
            left[column] = "not numbers"
    if not wide and not unknown:
        raise FileRefused(f"no column holds figures (columns: {', '.join(table.columns[:8])}). Give measure, period and "
                          "value, or a period and a column for each measure.")
    return Layout("wide", roles, wide, tuple(unknown), left, tuple(questions))


def _mostly_numbers(texts: Iterable[str]) -> bool:
    cells = [text for text in texts if not is_blank(text)]
    read = sum(1 for text in cells if read_number(text, ".") or read_number(text, ","))
    return bool(cells) and read * 2 > len(cells)


def refuse_headless(table: Table) -> None:
    """Raises FileRefused when the first row holds figures where names should stand."""
    names = [c for c in table.columns if not c.startswith("(column ")]
    figures = [c for c in names if read_number(c, ".") or read_number(c, ",") or dates.written(c)]
    if names and len(figures) == len(names):
        raise FileRefused(f"the first row holds figures ({', '.join(names[:3])}) and no column names. "
                          "Add a first row such as measure,period,value.")
