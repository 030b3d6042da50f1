"""Tables of words, as every file of a pack lays them out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """A text of a table. `tone` is "", mut, strong, out, better, worse or changed."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Table:
    """Words in rows; `right` are the columns of figures. `empty` is what is said without rows."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    right: frozenset[int] = frozenset()
    empty: str = ""
