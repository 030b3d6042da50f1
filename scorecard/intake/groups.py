"""Groups with what each came to, out of a file: a name, a numerator, a denominator in each row, without a definition."""

from __future__ import annotations

from dataclasses import dataclass

from scorecard.errors import FileRefused
from scorecard.intake import numbers
from scorecard.intake.cases import one_table
from scorecard.intake.table import Table

COLUMNS = ("group", "numerator", "denominator")


@dataclass(frozen=True)
class GroupRow:
    """One row of the file, with its number there."""

    number: int
    group: str
    numerator: float
    denominator: float


def read_groups(table: Table) -> tuple[GroupRow, ...]:
    """The rows of a table with columns group, numerator and denominator. Raises FileRefused with the column, the row and the rule."""
    group, top, bottom = one_table(table, COLUMNS)
    names = [" ".join(text.split()) for text in table.column(group)]
    rows = zip(table.numbers(), names, _numbers(table, top), _numbers(table, bottom), strict=True)
    found = tuple(GroupRow(*row) for row in rows)
    if nameless := next((one for one in found if not one.group), None):
        raise FileRefused(f"{table.name}: row {nameless.number:,} names no group. Write one, or leave the row out.")
    return found


def _numbers(table: Table, name: str) -> list[float]:
    cells = table.column(name)
    mark = "," if numbers.decimal_mark(set(cells)) == "," else "."
    read = {text: numbers.read_number(text, mark) for text in set(cells)}
    for number, text in zip(table.numbers(), cells, strict=True):
        if read[text] is None:
            said = "nothing" if numbers.is_blank(text) else repr(text.strip()[:40])
            raise FileRefused(f"{table.name}: row {number:,}: {said} is not a number ({name}). Write a count, or leave the row out.")
    return [read[text].value for text in cells]
