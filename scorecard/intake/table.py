"""What a file becomes before anybody has said what it means: columns of text with their row numbers."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """How much one file may ask of the machine: bytes, rows, columns, cells (0: any number), memory in bytes, time in seconds."""

    packed: int = 50 * MB
    unpacked: int = 200 * MB
    ratio: int = 200
    entries: int = 2_000
    rows: int = 1_000_000
    columns: int = 200
    cells: int = 0
    memory: int = 1536 * MB
    seconds: int = 60


UPLOAD = Limits()
# Of a file whose rows the server itself holds while somebody looks at them: about 90 bytes a cell.
HELD = Limits(packed=20 * MB, unpacked=30 * MB, rows=50_000, cells=750_000, memory=768 * MB, seconds=30)
COMMAND_LINE = Limits(packed=500 * MB, unpacked=2_000 * MB, rows=10_000_000, columns=1_000, memory=4096 * MB, seconds=600)


@dataclass(frozen=True)
class Question:
    """Something the file leaves open: an id, the question, and (answer, words) to choose from."""

    id: str
    text: str
    options: tuple[tuple[str, str], ...]
    flag: str = ""


@dataclass(frozen=True)
class OddRow:
    """A row that could not be lined up with the columns: its number in the file, its text, the reason."""

    number: int
    text: str
    reason: str


@dataclass(frozen=True)
class Table:
    """One file as text, staged as Parquet (`row`, then `c0`, `c1` …). Rows are numbered as in the file.

    `plain` says that every cell is printable ASCII with single spaces and none at its ends; False when nobody has looked.
    """

    name: str
    kind: str
    sha256: str
    size: int
    path: Path
    columns: tuple[str, ...] = ()
    rows: int = 0
    seen: dict[str, Any] = field(default_factory=dict)
    odd: tuple[OddRow, ...] = ()
    questions: tuple[Question, ...] = ()
    plain: bool = False

    @property
    def typed(self) -> bool:
        """Whether numbers and dates came as such (workbook, Parquet, DuckDB) and not as text."""
        return self.kind in ("xlsx", "parquet", "duckdb")

    def numbers(self) -> list[int]:
        """The row number of every row, as in the file."""
        return self._read(["row"])[0]

    def column(self, name: str) -> list[str]:
        """The texts of one column, blank as an empty text."""
        return self._read([f"c{self.columns.index(name)}"])[0]

    def texts(self, wanted: set[int]) -> dict[int, str]:
        """The text of some rows by their number, cells joined by a comma."""
        if not wanted:
            return {}
        number, *cells = self._read(["row", *(f"c{i}" for i in range(len(self.columns)))])
        return {n: ",".join(row) for n, *row in zip(number, *cells) if n in wanted}

    def _read(self, names: list[str]) -> list[list]:
        from pyarrow import parquet

        read = parquet.read_table(self.path, columns=names, use_threads=False)
        return [read.column(name).to_pylist() for name in names]


def clean_name(text: str) -> str:
    """A name from a file in one form: NFC, inner white space as one space, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def name_fault(text: str) -> str:
    """Why a text is no name (control or direction characters, too long), or nothing."""
    if any(unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") for c in text):
        return "holds invisible characters"
    return "is longer than 200 characters" if len(text) > 200 else ""
