"""What stands in the columns of a staged table: dates, numbers, flags or text, how much is blank, how often a value recurs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scorecard.intake import counted, dates
from scorecard.intake.numbers import is_blank, read_number
from scorecard.intake.table import Table

LOOKED_AT = 5_000
ENOUGH = 0.6  # the rest of a column of dates or numbers is refused row by row, with its reason
MOST_WORDS = 50


@dataclass(frozen=True)
class Profile:
    """One column by its first 5,000 rows. `shape` is blank, flag, number, date, moment or text."""

    name: str
    shape: str
    samples: tuple[str, ...]
    flag: bool
    serial: bool

    def fits(self, type: str) -> bool:
        """Whether the cells can be read as text, number, money, date, moment or flag. A blank column fits everything."""
        if type == "text" or self.shape == "blank":
            return True
        if type == "flag":
            return self.flag
        if type in ("date", "moment"):
            return self.shape in ("date", "moment") or self.serial
        return self.shape == "number"


class Content:
    """The columns of one table. The first rows are read at once, whole columns only when they decide something."""

    def __init__(self, table: Table, yes: tuple[str, ...], no: tuple[str, ...]):
        self.table, self._flags = table, frozenset(yes) | frozenset(no)
        self._counted: dict[str, tuple[int, int]] = {}

    @cached_property
    def _head(self) -> dict[str, list[str]]:
        from pyarrow import parquet

        file = parquet.ParquetFile(self.table.path)
        batch = next(file.iter_batches(LOOKED_AT, use_threads=False))
        return {name: batch.column(f"c{i}").to_pylist() for i, name in enumerate(self.table.columns)}

    @cached_property
    def profiles(self) -> dict[str, Profile]:
        """Every column of the table by its name."""
        return {name: self._profile(name, texts) for name, texts in self._head.items()}

    def _profile(self, name: str, texts: list[str]) -> Profile:
        filled = [text.strip() for text in texts if not is_blank(text)]
        different = list(dict.fromkeys(filled))
        flag = bool(different) and len(different) <= 6 and all(text.casefold() in self._flags for text in different)
        return Profile(name, _shape(filled), tuple(text[:40] for text in different[:3]), flag, dates.all_serial(different))

    def head(self, name: str) -> list[str]:
        """The first 5,000 cells of a column."""
        return self._head[name]

    def whole(self, name: str) -> Any:
        """A whole column as Arrow text."""
        from pyarrow import parquet

        field = self._field(name)
        return parquet.read_table(self.table.path, columns=[field], use_threads=False).column(field)

    def distinct(self, name: str) -> list[str]:
        """The different texts of a whole column, blank ones left out."""
        return [text for text in self.whole(name).unique().to_pylist() if text and not is_blank(text)]

    def days(self, name: str) -> list[str]:
        """The different texts of a whole column up to their first space: dates without the time."""
        from pyarrow import compute

        return [text for text in compute.replace_substring_regex(self.whole(name), " .*", "").unique().to_pylist() if text]

    def blank_and_distinct(self, name: str) -> tuple[int, int]:
        """(blank cells, different texts that are not blank) of a whole column."""
        if name not in self._counted:
            large = self.table.rows >= counted.LARGE
            self._counted[name] = counted.blank_and_distinct(self.table.path, self._field(name)) if large else self._count(name)
        return self._counted[name]

    def _count(self, name: str) -> tuple[int, int]:
        from pyarrow import compute

        column = self.whole(name)
        filled = column.filter(compute.not_equal(compute.utf8_trim_whitespace(column), ""))
        return len(column) - len(filled), compute.count_distinct(filled).as_py()

    def _field(self, name: str) -> str:
        return f"c{self.table.columns.index(name)}"

    def unique(self, name: str) -> float:
        """The share of filled cells that are different from one another: 1.0 when the column names its rows."""
        blank, different = self.blank_and_distinct(name)
        filled = self.table.rows - blank
        return different / filled if filled else 0.0

    def words(self, name: str) -> list[str]:
        """The different texts of a column that has few of them, the most frequent first; else nothing."""
        found = Counter(text.strip() for text in self._head[name] if not is_blank(text))
        return [] if len(found) > MOST_WORDS else [text.strip() for text in self.distinct(name)]


def _shape(filled: list[str]) -> str:
    cells = filled[:400]
    if not cells:
        return "blank"
    if _share(cells, _is_date) >= ENOUGH:
        return "moment" if any(":" in cell for cell in cells) else "date"
    if _share(cells, lambda cell: bool(read_number(cell, ".") or read_number(cell, ","))) >= ENOUGH:
        return "number"
    return "text"


def _share(cells: list[str], holds: Any) -> float:
    return sum(1 for cell in cells if holds(cell)) / len(cells)


def _is_date(cell: str) -> bool:
    return bool(dates.written(cell, "day-first") or dates.written(cell, "month-first"))
