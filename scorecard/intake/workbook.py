"""Excel workbooks as rows of text: numbers in plain form, dates as 2026-10-31, percent cells with their sign."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Iterator

from scorecard.errors import FileRefused
from scorecard.intake.table import Limits, Question

_NO_RESULT = re.compile(rb'<c r="([A-Z]+\d+)"[^>]*><f[^>]*>[^<]*</f>\s*(?:<v\s*/>|<v></v>|</c>)')


def check_archive(path: Path, limits: Limits) -> None:
    """Raises FileRefused when a workbook is no workbook, or would unpack to more than the limits."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise FileRefused("the workbook is damaged. Save it again as .xlsx.") from None
    if len(entries) > limits.entries:
        raise FileRefused(f"the workbook has {len(entries):,} parts; {limits.entries:,} are allowed.")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked:
        raise FileRefused(f"the workbook unpacks to {unpacked / 1e6:,.0f} MB; {limits.unpacked / 1e6:,.0f} MB are allowed.")
    if unpacked > limits.ratio * max(1, path.stat().st_size):
        raise FileRefused(f"the workbook unpacks to more than {limits.ratio} times its size. It is not opened.")
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names and not any(name.endswith("workbook.xml") for name in names):
        raise FileRefused("the file is a zip archive and no Excel workbook. Unpack it, and load what is inside.")


def cell_text(value: Any, number_format: str) -> str:
    """One cell as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        plain = format(Decimal(repr(value)), "f") if value == value and abs(value) != float("inf") else str(value)
        if "%" in (number_format or "").split(";")[0]:
            return f"{(Decimal(repr(value)) * 100).normalize():f}%"
        return plain[:-2] if plain.endswith(".0") else plain
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, (date, time, timedelta)):
        return str(value)
    return str(value)


def open_workbook(path: Path) -> Any:
    """The workbook, values only, read row by row. Staged files have no ending, which openpyxl insists on: it gets the bytes."""
    import openpyxl

    try:
        return openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True, keep_links=False)
    except MemoryError:
        raise
    except Exception as error:  # openpyxl raises whatever a crooked part provokes: any of it means "not readable"
        raise FileRefused(f"the workbook cannot be opened ({type(error).__name__}). Save it again as .xlsx.") from None


def choose_sheet(book: Any, told: str) -> tuple[str, Question | None]:
    """(sheet, None), or a question when several sheets hold rows. Empty when none does."""
    if told:
        if told not in book.sheetnames:
            raise FileRefused(f"there is no sheet '{told}'. The workbook has: {', '.join(book.sheetnames)}.")
        return told, None
    filled = [s.title for s in book.worksheets if s.sheet_state == "visible" and _has_rows(s)]
    if len(filled) < 2:
        return (filled or [""])[0], None
    options = tuple((title, title) for title in filled[:12])
    return "", Question("sheet", "Which sheet holds the figures?", options, "--sheet")


def _has_rows(sheet: Any) -> bool:
    sheet.reset_dimensions()
    for _, row in zip(range(200), sheet.iter_rows(values_only=True)):
        if any(value is not None for value in row):
            return True
    return False


def records(book: Any, title: str, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells) of every row that is not blank, trailing blank cells left out."""
    sheet = book[title]
    sheet.reset_dimensions()
    try:
        for number, row in enumerate(sheet.iter_rows(), 1):
            cells = [cell_text(cell.value, getattr(cell, "number_format", "") or "") for cell in row]
            while cells and not cells[-1].strip():
                cells.pop()
            if len(cells) > limits.columns:
                raise FileRefused(f"row {number:,} has {len(cells):,} columns; {limits.columns:,} are allowed.")
            if cells:
                yield number, cells
    except (FileRefused, MemoryError):
        raise
    except Exception as error:  # as above: a crooked sheet fails in a hundred ways
        raise FileRefused(f"sheet '{title}' cannot be read ({type(error).__name__}). Save it again as .xlsx.") from None


def check_results(path: Path, book: Any, title: str) -> None:
    """Raises FileRefused when a formula has no stored result, which would read as a blank cell."""
    part = str(getattr(book[title], "_worksheet_path", "")).lstrip("/")
    with zipfile.ZipFile(path) as archive:
        if part not in archive.namelist():
            return
        found = _NO_RESULT.search(archive.read(part))
    if found:
        raise FileRefused(f"sheet '{title}', cell {found[1].decode()}: a formula without a stored result. "
                          "Open the workbook in Excel or LibreOffice, save it, and load it again.")
