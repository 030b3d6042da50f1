"""Sheets of an Excel file: a head that stays in sight, figures as numbers, texts as texts, no formula and no link.

Text is written as text whatever it begins with; nothing in a name can become a formula or a link.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from scorecard.core import fmt
from scorecard.core.definition import Definition
from scorecard.output.theme import LIGHT, clean

FONT = "Arial"
LONGEST = 32_000
FOOTER = 110  # each & of it is written twice, and the number of the page follows
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_WIDTHS = {"Measure": 26, "Topic": 26, "Action": 30, "Sentence": 50, "In words": 50, "Definition": 70, "Trend": 26,
           "Kind": 16, "Meaning": 70, "Beside the signed copy": 60, "Mark": 22, "What": 22, "Group": 36, "Practice": 34, "System": 22, "Question": 40,
           "question": 40, "title": 26, "system": 20, "only when": 36, "reason": 30, "evidence": 40, "Evidence": 44,
           "Strengths": 40, "Opportunities": 40, "Minority note": 40, "What counts as evidence": 40, "Criteria": 40}  # fmt: skip
_LEVEL_WIDTH = 30
_LONG = {
    "Why",
    "Said",
    "Reason",
    "Behaviour",
    "Against the goal",
    "What the measure says",
    "Limits",
    "Source",
    "Expected",
}
WIDTH, LONG_WIDTH, LINE = 13, 32, 13.5


class Sheets:
    """A workbook on its way: the formats that its cells share, and what stands at the foot of its printed pages."""

    def __init__(self, file: xlsxwriter.Workbook, mark: str) -> None:
        self.file, self.mark = file, mark
        self.formats: dict[tuple, Format] = {}

    def sheet(self, sheet: Worksheet, heads: Sequence[str], rows: Sequence[Sequence[Any]], empty: str = "") -> None:
        """A head that stays in sight, a row each, a filter over them; printed on pages as wide as the sheet."""
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, self.format(head=True))
            sheet.set_column(column, column, _width(head))
        for n, row in enumerate(rows or ([[empty]] if empty else []), 1):
            sheet.set_row(n, _height(heads, row))
            for column, value in enumerate(row):
                self.cell(sheet, n, column, value)
        sheet.freeze_panes(1, 1)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(heads) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.hide_gridlines(2)
        sheet.set_footer(f"&L{_plain(self.mark)}&R&P of &N")

    def cell(self, sheet: Worksheet, row: int, column: int, value: Any) -> None:
        """A number as a number, a date as a date, everything else as text."""
        measure = None
        if isinstance(value, tuple):
            value, measure = value
        if value is None or value == "":
            sheet.write_blank(row, column, None, self.format())
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value, self.format(number=number_format(measure)))
        elif isinstance(value, date):
            sheet.write_datetime(
                row, column, datetime.combine(value, datetime.min.time()), self.format(number="d mmm yyyy")
            )
        else:
            sheet.write_string(row, column, clean(value)[:LONGEST], self.format())

    def format(self, head: bool = False, number: str = "General") -> Format:
        key = (head, number)
        if key not in self.formats:
            look = {"font_name": FONT, "font_size": 10, "font_color": LIGHT["ink"], "valign": "top", "text_wrap": True,
                    "num_format": number, "bottom": 1, "bottom_color": LIGHT["line"]}  # fmt: skip
            if head:
                look |= {"bold": True, "font_color": LIGHT["mut"], "bottom_color": LIGHT["ink"]}
            self.formats[key] = self.file.add_format(look)
        return self.formats[key]


def _width(head: str) -> int:
    """How many letters wide a column is. `1 Ad hoc` is a level of the maturity model with its text."""
    if head[:2] in ("1 ", "2 ", "3 ", "4 ", "5 "):
        return _LEVEL_WIDTH
    return _WIDTHS.get(head, LONG_WIDTH if head in _LONG else WIDTH)


def _height(heads: Sequence[str], row: Sequence[Any]) -> float:
    """The height of a row in points, so that wrapped texts are read whole; a sparkline takes two lines."""
    texts = [(value, _width(head)) for head, value in zip(heads, row, strict=False) if isinstance(value, str)]
    lines = max((-(-len(text) // width) for text, width in texts if text), default=1)
    return min(max(lines, 2 if "Trend" in heads else 1) * LINE + 3, 400)


def number_format(measure: Definition | None) -> str:
    """How Excel shows a figure of a measure: `0.0%`, `"$"#,##0`."""
    if measure is None:
        return "#,##0.##"
    decimals = fmt.digits(measure)
    places = "." + "0" * decimals if decimals else ""
    if measure.unit == "percent":
        return f"0{places}%"
    if measure.unit == "money":
        symbol = "".join(sign for sign in clean(measure.symbol) if sign not in '"\\')[:8]
        return f'"{symbol}"#,##0'
    return f"#,##0{places}"


def _plain(text: str) -> str:
    """A text in a footer, where & begins a command and Excel takes 255 signs: of a longer one the beginning and the end."""
    told = clean(text)
    short = told if len(told) <= FOOTER else f"{told[: FOOTER // 2 - 1]}…{told[-FOOTER // 2 :]}"
    return short.replace("&", "&&")
