"""The parts of a page as tables, in full precision: each as CSV, all as Excel with a sheet a part."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from scorecard.output import twins
from scorecard.output.sheets import OPTIONS, Sheets


@dataclass(frozen=True)
class Table:
    """A part as rows; money is a year's. `empty` is what its sheet says without any."""

    title: str
    heads: Sequence[str]
    rows: list[list[Any]]
    empty: str = "None."


def csv(table: Table) -> bytes:
    """One part as CSV."""
    return twins.csv_text(table.heads, table.rows).encode("utf-8-sig")


def workbook(tables: Sequence[Table], mark: str) -> bytes:
    """All parts as Excel, a sheet a part; `mark` stands at the foot of each."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as file:
        sheets = Sheets(file, mark)
        for one in tables:
            sheets.sheet(file.add_worksheet(one.title), one.heads, one.rows, one.empty)
    return out.getvalue()
