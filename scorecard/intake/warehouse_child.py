"""The child process that opens somebody else's DuckDB file or Parquet folder, read-only, and stages one table as text.

`python -m scorecard.intake.warehouse_child` reads one job as JSON on standard input and answers with one JSON object.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from scorecard.errors import FileRefused
from scorecard.intake.casts import AS_PARQUET, literal
from scorecard.intake.native import duckdb
from scorecard.intake.parser import confine, name_columns
from scorecard.intake.table import Limits

OWN = "_dlt_"
PATTERN = set("*?[]{}")
_UNREADABLE = ("STRUCT", "MAP", "UNION", "BLOB", "BIT", "VARIANT", "GEOMETRY")
_TEXT = {"TIMESTAMP WITH TIME ZONE": "make_timestamp(epoch_us({}))", "TIMESTAMP_NS": "CAST({} AS TIMESTAMP)"}


def quoted(name: str) -> str:
    """A name as SQL."""
    return '"' + name.replace('"', '""') + '"'


class DuckDBFile:
    """The tables of a DuckDB file."""

    kind = "duckdb"

    def __init__(self, con: duckdb.DuckDBPyConnection, place: Path):
        self.con = con
        with place.open("rb") as file:
            if file.read(12)[8:] != b"DUCK":
                raise FileRefused("it is not a DuckDB file.")
        try:
            con.execute(f"ATTACH {literal(str(place))} AS source (READ_ONLY)")
        except duckdb.Error as error:
            raise FileRefused(_not_attached(str(error))) from None

    def sources(self) -> dict[str, str]:
        """SQL that names each table, by its name."""
        found = self.con.execute("""SELECT schema_name, table_name FROM duckdb_tables()
                                    WHERE database_name = 'source' AND NOT internal ORDER BY schema_name, table_name""").fetchall()
        return {table if schema == "main" else f"{schema}.{table}": f"source.{quoted(schema)}.{quoted(table)}"
                for schema, table in found if not table.startswith(OWN)}


def _not_attached(error: str) -> str:
    if "set lock" in error:
        return "another program is writing to it. Try again when it has finished."
    if "version" in error:
        return "it was written by a newer DuckDB than this program has."
    return "it is damaged, or encrypted."


class ParquetFolder:
    """The tables of a folder: each Parquet file in it, and each folder in it that holds Parquet files."""

    kind = "parquet"

    def __init__(self, con: duckdb.DuckDBPyConnection, place: Path, limits: Limits):
        self.files: dict[str, list[Path]] = {}
        for path in sorted(place.rglob("*.parquet")):
            inside = path.relative_to(place).parts
            if path.is_symlink() or any(part.startswith((OWN, ".")) for part in inside):
                continue
            if set(str(path)) & PATTERN:
                raise FileRefused(f"'{path.name}' has one of {' '.join(sorted(PATTERN))} in its path. Rename it.")
            self.files.setdefault(inside[0] if len(inside) > 1 else path.stem, []).append(path)
        size = sum(path.stat().st_size for paths in self.files.values() for path in paths)
        if size > limits.packed:
            raise FileRefused(f"it has {size / 1e6:,.0f} MB; {limits.packed / 1e6:,.0f} MB are allowed.")

    def sources(self) -> dict[str, str]:
        """SQL that names each table, by its name."""
        return {name: f"read_parquet([{', '.join(literal(str(path)) for path in paths)}], union_by_name = true, hive_partitioning = false)"
                for name, paths in self.files.items()}


def answer_to(con: duckdb.DuckDBPyConnection, job: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """The tables of a place, or what was staged of one of them. Raises FileRefused."""
    place, staging = Path(job["place"]), job["staging"]
    there = ParquetFolder(con, place, limits) if place.is_dir() else DuckDBFile(con, place)
    con.execute(f"SET allowed_directories = [{literal(staging + '/')}, {literal(str(place) + '/')}]")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    sources = there.sources()
    if not sources:
        raise FileRefused("it holds no tables.")
    if not job["table"]:
        return {"tables": [_described(con, name, source) for name, source in sources.items()]}
    if job["table"] not in sources:
        raise FileRefused(f"there is no table '{job['table']}'. It has: {', '.join(list(sources)[:12])}.")
    return {"kind": there.kind, **_staged(con, sources[job["table"]], Path(job["out"]), limits)}


def _described(con: duckdb.DuckDBPyConnection, name: str, source: str) -> dict[str, Any]:
    columns = [column for column, *_ in _columns(con, source)]
    return {"name": name, "rows": con.execute(f"SELECT COUNT(*) FROM {source}").fetchall()[0][0], "columns": columns}


def _columns(con: duckdb.DuckDBPyConnection, source: str) -> list[tuple[str, str]]:
    try:
        return [(name, type_) for name, type_, *_ in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
    except duckdb.Error:
        raise FileRefused("a Parquet file in it is damaged. Export it again.") from None


def _staged(con: duckdb.DuckDBPyConnection, source: str, out: Path, limits: Limits) -> dict[str, Any]:
    found = _columns(con, source)
    kept = [(name, type_) for name, type_ in found if not type_.endswith("]") and not type_.startswith(_UNREADABLE)]
    left = [name for name, _ in found if name not in {name for name, _ in kept}]
    if not kept:
        raise FileRefused("no column of it holds text, numbers or dates.")
    names = name_columns((1, [name for name, _ in kept]), limits)
    rows = con.execute(f"SELECT COUNT(*) FROM {source}").fetchall()[0][0]
    if not rows:
        raise FileRefused("the table has no rows.")
    if rows > limits.rows:
        raise FileRefused(f"it has {rows:,} rows; {limits.rows:,} are allowed.")
    texts = ", ".join(f"COALESCE(CAST({_TEXT.get(type_, '{}').format(quoted(name))} AS VARCHAR), '') AS c{i}" for i, (name, type_) in enumerate(kept))
    con.execute(f"COPY (SELECT row_number() OVER () + 1 AS row, {texts} FROM {source}) TO {literal(str(out))} (FORMAT parquet, {AS_PARQUET})")
    return {"columns": names, "rows": rows, "seen": {"header_row": 1, **({"left_out": left} if left else {})}}


def main() -> None:
    """One job in, one answer out; a refusal is an answer."""
    job = json.loads(sys.stdin.read())
    limits = Limits(**job["limits"])
    confine(limits)
    con = duckdb.connect(config={"threads": 2, "memory_limit": f"{limits.memory // 2_000_000}MB",
                                 "autoinstall_known_extensions": False, "autoload_known_extensions": False})
    con.execute("SET TimeZone = 'UTC'")
    try:
        answer = answer_to(con, job, limits)
    except FileRefused as error:
        answer = {"refused": str(error)}
    except (MemoryError, duckdb.OutOfMemoryException):
        answer = {"refused": f"reading it takes more than {limits.memory / 1e6:,.0f} MB of memory."}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
