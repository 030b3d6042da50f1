"""Tables that a loader such as dlt keeps beside us, read where they are: a DuckDB file, or a folder of Parquet files.

A child process opens them, read-only, and stages one table at a time as text, as it does with any file.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

from scorecard.errors import FileRefused
from scorecard.intake import reader
from scorecard.intake.reader import Watch
from scorecard.intake.table import COMMAND_LINE, Limits, Table

CHILD = "scorecard.intake.warehouse_child"
ENDINGS = (".duckdb", ".db", ".ddb")


@dataclass(frozen=True)
class Found:
    """A table in a place: its name (`schema.table` outside of main), its rows, its columns."""

    name: str
    rows: int
    columns: tuple[str, ...]


def is_place(path: Path) -> bool:
    """Whether a path is a DuckDB file by its ending, or a folder; what is in it is looked at by the child."""
    return path.is_dir() or path.suffix.lower() in ENDINGS


def tables(place: Path, staging: Path, limits: Limits = COMMAND_LINE, watch: Watch = reader.unwatched) -> list[Found]:
    """The tables of a place, by name; a loader's own (`_dlt_…`) are left out. Raises FileRefused."""
    answer = _ask({"table": ""}, place, staging, limits, watch)
    return [Found(one["name"], one["rows"], tuple(one["columns"])) for one in answer["tables"]]


def read(place: Path, table: str, staging: Path, limits: Limits = COMMAND_LINE, watch: Watch = reader.unwatched) -> Table:
    """One table of a place, staged as text; its first row is row 2, as below a row of names. Raises FileRefused."""
    staging.mkdir(parents=True, exist_ok=True)
    out = staging.resolve() / f"{uuid.uuid4().hex}.parquet"
    try:
        answer = _ask({"table": table, "out": str(out)}, place, staging, limits, watch)
        return Table(_label(place, table), answer["kind"], reader.sha256_of(out), out.stat().st_size, out, tuple(answer["columns"]), answer["rows"],
                     answer["seen"])
    except BaseException:
        out.unlink(missing_ok=True)
        raise


def _label(place: Path, table: str) -> str:
    return f"{place.stem} {table.replace('.', ' ')}"


def _ask(job: dict, place: Path, staging: Path, limits: Limits, watch: Watch) -> dict:
    if not place.exists():
        raise FileRefused(f"{place}: there is no such file or folder.")
    try:
        return reader.ask_child(CHILD, {**job, "place": str(place.resolve()), "staging": str(staging.resolve()), "limits": vars(limits)}, limits, watch)
    except FileRefused as error:
        raise FileRefused(f"{place.name}: {error}") from None
