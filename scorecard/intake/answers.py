"""Answers of a maturity assessment out of a file: rater, practice, level, and where given group and target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scorecard.core.rubric import LEVELS, Answer
from scorecard.errors import FileRefused
from scorecard.intake import numbers
from scorecard.intake.table import Table

NEEDED = ("rater", "practice", "level")
OPTIONAL = ("group", "target", "reason", "evidence")
UNSURE = frozenset({"", "?", "-", "dk", "don't know", "dont know", "do not know", "i don't know", "unknown"})
NOT_APPLICABLE = frozenset({"n/a", "na", "not applicable", "does not apply"})
MOST_NAMED = 3
MOST_FAULTS = 8
Place = tuple[str, str]


@dataclass(frozen=True)
class Said:
    """What stands beside an answer: its row in the file, the reason of what does not apply, the evidence."""

    row: int
    reason: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Answers:
    """What a file of answers says; `targets` by practice, `beside` by (rater, practice)."""

    answers: tuple[Answer, ...]
    targets: dict[str, float]
    beside: dict[Place, Said] = field(default_factory=dict)


def read_answers(table: Table, rater: str = "") -> Answers:
    """The answers of a table with the columns rater, practice and level. Raises FileRefused, naming rows and rule.

    `rater` stands where a row names none.
    """
    if table.questions:
        raise FileRefused(f"{table.name}: {table.questions[0].text} Write it so that only one answer is left.")
    if table.odd:
        odd = table.odd[0]
        raise FileRefused(f"{table.name}: row {odd.number:,} {odd.reason}: {odd.text[:80]!r}. Correct it, or leave it out.")
    columns = {name.strip().lower(): name for name in reversed(table.columns)}
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise FileRefused(f"{table.name}: it lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}. "
                          f"It needs {', '.join(NEEDED)}; {', '.join(OPTIONAL)} may stand beside them.")
    cells = {name: table.column(columns[name]) for name in (*NEEDED, *OPTIONAL) if name in columns}
    rows = table.numbers()
    if not rows:
        raise FileRefused(f"{table.name}: it has column names and no rows.")
    return _read(table.name, rows, cells, rater)


def _read(name: str, rows: list[int], cells: dict[str, list[str]], rater: str) -> Answers:
    faults: dict[str, list[int]] = {}
    first: dict[Place, Answer] = {}
    beside: dict[Place, Said] = {}
    targets: dict[str, float] = {}
    for at, row in enumerate(rows):
        cell = {column: texts[at].strip() for column, texts in cells.items()}
        answer, fault = _answer(cell | {"rater": cell["rater"] or rater})
        place = (answer.rater, answer.practice)
        if not fault and place in first and first[place] != answer:
            fault = f"{answer.rater} has two answers to {answer.practice} (the other in row {beside[place].row:,})"
        fault = fault or _note_target(targets, answer.practice, cell.get("target", ""))
        if fault:
            faults.setdefault(fault, []).append(row)
        first.setdefault(place, answer)
        beside.setdefault(place, Said(row, cell.get("reason", ""), cell.get("evidence", "")))
    refuse(name, faults)
    return Answers(tuple(first.values()), targets, beside)


def refuse(name: str, faults: Mapping[str, list[int]]) -> None:
    """Nothing without faults. Raises FileRefused that names each rule and the rows of the file that break it."""
    if faults:
        raise FileRefused(f"{name}: {_told(faults)} Nothing is read until that is corrected.")


def _answer(cell: dict[str, str]) -> tuple[Answer, str]:
    rater, practice, level = (cell[name] for name in NEEDED)
    group = cell.get("group", "")
    if not rater or not practice:
        return Answer(rater, practice, None, group), f"no {'rater' if not rater else 'practice'}"
    said = level.lower().replace("’", "'")
    if said in UNSURE or said in NOT_APPLICABLE:
        return Answer(rater, practice, None, group, said not in NOT_APPLICABLE), ""
    found = numbers.read_number(level)
    if found is None or found.value not in LEVELS:
        return Answer(rater, practice, None, group), f"{level[:20]!r} is no level from 1 to {len(LEVELS)}"
    return Answer(rater, practice, int(found.value), group), ""


def _note_target(targets: dict[str, float], practice: str, text: str) -> str:
    """Keeps the target of a practice; the fault when it is no level, or another one than before."""
    if not text:
        return ""
    found = numbers.read_number(text)
    if found is None or not 1 <= found.value <= len(LEVELS):
        return f"{text[:20]!r} is no target from 1 to {len(LEVELS)}"
    if targets.setdefault(practice, found.value) != found.value:
        return f"{practice} has two targets, {targets[practice]:g} and {found.value:g}"
    return ""


def _told(faults: Mapping[str, list[int]]) -> str:
    said = []
    for fault, rows in list(faults.items())[:MOST_FAULTS]:
        shown = ", ".join(f"{row:,}" for row in rows[:MOST_NAMED])
        more = f" and {len(rows) - MOST_NAMED} more" if len(rows) > MOST_NAMED else ""
        said.append(f"{fault}: row{'s' if len(rows) > 1 else ''} {shown}{more}.")
    left = len(faults) - MOST_FAULTS
    return " ".join(said) + (f" And {left} other faults." if left > 0 else "")
