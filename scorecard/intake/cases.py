"""Rows with an outcome and what may go with it, out of a file: numbers, texts and yes or no, without a definition."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from scorecard.errors import FileRefused
from scorecard.intake import numbers
from scorecard.intake.table import Table

YES = ("1", "yes", "true", "y", "t", "1.0")
NO = ("0", "no", "false", "n", "f", "0.0")
MOSTLY_NUMBERS = 0.5


@dataclass(frozen=True)
class Cases:
    """The outcome of each row (None where blank), and each predictor as numbers or as texts; None is a blank cell."""

    outcome: str
    happened: tuple[bool | None, ...]
    predictors: dict[str, tuple[float | str | None, ...]]


def read_cases(table: Table, outcome: str, predictors: Sequence[str]) -> Cases:
    """The outcome and the predictors of a table. Raises FileRefused with the column, the row and the rule."""
    result, *names = one_table(table, [outcome, *predictors])
    if result in names:
        raise FileRefused(f"{table.name}: {result!r} is the outcome and cannot be a predictor too.")
    return Cases(result, _outcome(table, result), {name: _predictor(table, name) for name in names})


def one_table(table: Table, asked: Sequence[str]) -> list[str]:
    """The columns that are asked for, as the file writes them. Raises FileRefused when one is missing, or the file is in doubt."""
    if table.questions:
        raise FileRefused(f"{table.name}: {table.questions[0].text} Write it so that only one answer is left.")
    if table.odd:
        odd = table.odd[0]
        raise FileRefused(f"{table.name}: row {odd.number:,} {odd.reason}: {odd.text[:80]!r}. Correct it, or leave it out.")
    found = [_column(table, name) for name in asked]
    if not table.rows:
        raise FileRefused(f"{table.name}: it has column names and no rows.")
    return found


def _column(table: Table, asked: str) -> str:
    wanted = asked.strip()
    if wanted in table.columns:
        return wanted
    lowered = {name.strip().lower(): name for name in reversed(table.columns)}
    if wanted.lower() in lowered:
        return lowered[wanted.lower()]
    close = difflib.get_close_matches(wanted.lower(), list(lowered), 1, 0.6)
    meant = f" Did you mean {lowered[close[0]]!r}?" if close else ""
    raise FileRefused(f"{table.name}: there is no column {wanted!r}.{meant} It has: {', '.join(table.columns[:24]) or 'none'}.")


def _outcome(table: Table, name: str) -> tuple[bool | None, ...]:
    known = dict.fromkeys(YES, True) | dict.fromkeys(NO, False) | {"": None}
    cells = table.column(name)
    meaning = {text: known.get(text.strip().lower(), text) for text in set(cells)}
    for number, text in zip(table.numbers(), cells):
        if isinstance(meaning[text], str):
            raise FileRefused(f"{table.name}: row {number:,}: {text.strip()[:40]!r} is no outcome ({name}). "
                              "Write 1 or 0, yes or no, true or false, or leave it blank.")
    return tuple(meaning[text] for text in cells)


def _predictor(table: Table, name: str) -> tuple[float | str | None, ...]:
    """The column as numbers when its cells are numbers, else as texts. A few texts among numbers are refused, not guessed."""
    cells = table.column(name)
    distinct = {text for text in set(cells) if not numbers.is_blank(text)}
    mark = numbers.decimal_mark(distinct)
    read = {text: numbers.read_number(text, "," if mark == "," else ".") for text in distinct}
    texts = {text for text, number in read.items() if number is None}
    if not texts:
        return tuple(read[text].value if text in read else None for text in cells)
    count = sum(text in read and text not in texts for text in cells)
    if count > MOSTLY_NUMBERS * sum(text in read for text in cells):
        row, odd = next((number, text) for number, text in zip(table.numbers(), cells) if text in texts)
        raise FileRefused(f"{table.name}: row {row:,}: {odd.strip()[:40]!r} is not a number ({name}), and most of this column are. "
                          "Correct it, or leave it blank.")
    return tuple(" ".join(text.split()) if text in read else None for text in cells)
