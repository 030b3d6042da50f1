"""The audit as files: JSON lines, in which an outsider can verify every row; CSV and Excel to read. Each carries the head of the chain."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from scorecard.output import part_tables, twins
from scorecard.output.part_tables import Table
from scorecard.store import audit

# Rows as JSON has them: number, moment in UTC, actor, action, object, before, after, the hash before it, its own.
Rows = Sequence[list[Any]]
COLUMNS = ("seq", "at", "actor", "action", "object", "before", "after", "previous", "hash")
HEAD = "head of the chain"
# A sheet of Excel takes some more; beyond this it takes minutes, and nobody reads it.
MOST_IN_A_BOOK = 20_000
HOW = ("Each row's hash is the SHA-256 of the eight cells before it, as a JSON list in UTF-8; the cell \"previous\" is the hash of the row before. "
       "Moments are in UTC. In the JSON lines every cell stands as it was hashed.")


def lines(pages: Iterable[Rows], head: audit.Mark, made_at: datetime) -> Iterable[str]:
    """The lines of the JSON file: what it is, a list for each row, and at its end the head and how many rows there are."""
    yield _json({"audit": "Seven Systems", "columns": COLUMNS, "made_at": made_at.isoformat(timespec="seconds"), "head": _mark(head), "how": HOW})
    count = 0
    for page in pages:
        for row in page:
            count += 1
            yield _json(row)
    yield _json({"end": True, "rows": count, "head": _mark(head)})


def json_lines(rows: Rows, head: audit.Mark, made_at: datetime) -> str:
    """The JSON file of rows."""
    return "".join(f"{line}\n" for line in lines([rows], head, made_at))


def csv_lines(pages: Iterable[Rows], head: audit.Mark, made_at: datetime) -> Iterable[str]:
    """The CSV file in parts: a line for each row, and the head as the last one. Text that a spreadsheet could run has an apostrophe before it."""
    yield twins.csv_text(COLUMNS, [])
    for page in pages:
        yield _without_heads(page)
    yield _without_heads([_last(head, made_at)])


def _without_heads(rows: Rows) -> str:
    return twins.csv_text([], rows).removeprefix("\r\n")


def csv(rows: Rows, head: audit.Mark, made_at: datetime) -> str:
    """The CSV file of rows."""
    return "".join(csv_lines([rows], head, made_at))


def workbook(rows: Rows, head: audit.Mark, made_at: datetime) -> bytes:
    """The newest of the rows as Excel, and a sheet that says what they are and how they are verified."""
    shown = rows[-MOST_IN_A_BOOK:]
    about = Table("About", ("What", "Meaning"), [["Made, UTC", made_at.isoformat(sep=" ", timespec="seconds")], ["Rows", len(shown)],
                  ["Of", len(rows)], ["Head of the chain: row", head.seq], ["Head of the chain: hash", head.hash], ["How it is verified", HOW]])  # fmt: skip
    changed = Table("Audit", COLUMNS, list(shown))
    return part_tables.workbook([changed, about], f"Audit, row {head.seq:,}, {head.hash[:8]}")


def _last(head: audit.Mark, made_at: datetime) -> list[Any]:
    return [head.seq, made_at.isoformat(timespec="seconds"), "", HEAD, "", None, None, None, head.hash]


def _mark(head: audit.Mark) -> dict[str, Any]:
    return {"seq": head.seq, "hash": head.hash}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
