"""Staged text and its mappings become facts: typed columns for each kind, and refused rows with their reasons.

The work is done in a child process with limits. The same facts in another dialect (day-first dates, decimal comma, other
names) give the same rows.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from scorecard.core.facts import KINDS, Kind
from scorecard.core.mapping import Mapping, as_json
from scorecard.errors import FileRefused
from scorecard.intake import reader, typing_child
from scorecard.intake.reader import Watch
from scorecard.intake.table import UPLOAD, Limits, Question, Table

CHILD = "scorecard.intake.typing_child"


@dataclass(frozen=True)
class Part:
    """The facts of one kind from one file, staged as Parquet (`row_number` as in the file, then the columns it brings).

    With a `reading`, a column's name and its SQL, the staged text of the file itself holds them, each cell in its plainest
    form: nothing is written twice. `read` counts rows of the file that were meant; `repeated` said the same again, `older` were an older state.
    """

    kind: Kind
    path: Path
    brings: tuple[str, ...]
    read: int
    rows: int
    repeated: int
    older: int
    first: date | None
    last: date | None
    reading: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Reason:
    """One reason for which rows were refused: how many, the reason of the first, the numbers of the first few."""

    rows: int
    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Typed:
    """One file as facts. With open questions nothing is typed yet."""

    parts: tuple[Part, ...]
    refused_path: Path
    refused: int = 0
    reasons: tuple[Reason, ...] = ()
    questions: tuple[Question, ...] = ()

    def refused_rows(self) -> list[tuple[int, str, str]]:
        """(number, text, reasons) of every refused row, for a file to correct."""
        from pyarrow import parquet

        if not self.refused:
            return []
        read = parquet.read_table(self.refused_path, use_threads=False)
        return list(zip(*(read.column(name).to_pylist() for name in ("row_number", "text", "reason"))))


def read(table: Table, mappings: Sequence[Mapping], limits: Limits = UPLOAD, watch: Watch = reader.unwatched) -> Typed:
    """The facts in a staged table. Raises FileRefused with the name of the file; what `watch` raises stops it."""
    folder, name = table.path.parent.resolve(), uuid.uuid4().hex
    outs = [folder / f"{name}-{number}.parquet" for number, _ in enumerate(mappings)]
    refused, spill = folder / f"{name}-refused.parquet", folder / f"{name}.spill"
    job = {"path": str(table.path.resolve()), "columns": table.columns, "rows": table.rows, "typed": table.typed, "plain": table.plain,
           "outs": [str(out) for out in outs],
           "mappings": [as_json(one) for one in mappings], "odd": [[one.number, one.text, one.reason] for one in table.odd],
           "refused": str(refused), "spill": str(spill), "limits": {**vars(limits)}}
    try:
        answer = reader.ask_child(CHILD, job, limits, watch)
        return _typed(answer, table, mappings, outs, refused)
    except BaseException as error:
        _delete([*outs, *(out.with_suffix(".first.parquet") for out in outs), refused])
        if isinstance(error, FileRefused):
            raise FileRefused(f"{table.name}: {error}") from None
        raise
    finally:
        shutil.rmtree(spill, ignore_errors=True)


def _typed(answer: dict[str, Any], table: Table, mappings: Sequence[Mapping], outs: Sequence[Path], refused: Path) -> Typed:
    if answer.get("questions"):
        questions = (Question(one["id"], one["text"], tuple(map(tuple, one["options"])), one["flag"]) for one in answer["questions"])
        return Typed((), refused, questions=tuple(questions))
    parts = tuple(_part(told, table, mapping, out) for told, mapping, out in zip(answer["parts"], mappings, outs))
    reasons = tuple(Reason(count, text, tuple(numbers)) for count, text, numbers in answer["reasons"])
    return Typed(parts, refused, answer["refused_rows"], reasons)


def _part(told: dict[str, Any], table: Table, mapping: Mapping, out: Path) -> Part:
    first, last = (date.fromisoformat(day) if day else None for day in (told["first"], told["last"]))
    reading = typing_child.reading(mapping, table.columns, told["blank"]) if told["stands"] else ()
    return Part(KINDS[told["kind"]], table.path if reading else out, tuple(told["brings"]), told["read"], told["rows"], told["repeated"],
                told["older"], first, last, reading)


def discard(typed: Typed) -> None:
    """Deletes the staged facts and refused rows; the staged text of the file stays with the caller."""
    _delete([*(part.path for part in typed.parts if not part.reading), typed.refused_path])


def _delete(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
