"""Parquet files as rows of text: column by column when they are large, row by row when they are small or crooked."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path
from typing import Any, Iterator

from scorecard.errors import FileRefused
from scorecard.intake.footers import without_footers
from scorecard.intake.table import Limits
from scorecard.intake.telling import Teller
from scorecard.intake.workbook import cell_text

LARGE = 50_000
NARROW, GROUP, WIDE_GROUP = 20, 4 * 122_880, 40_000  # rows of a group; four of the store's, as in `casts.as_parquet`
TAIL = 60


def open_parquet(path: Path, limits: Limits) -> Any:
    """The file, when it is whole, flat and within the limits."""
    import pyarrow
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
        schema = file.schema_arrow
    except (pyarrow.ArrowException, OSError, ValueError):
        raise FileRefused("the Parquet file is damaged. Export it again.") from None
    unpacked = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
    if unpacked > limits.unpacked:
        raise FileRefused(f"it unpacks to {unpacked / 1e6:,.0f} MB; {limits.unpacked / 1e6:,.0f} MB are allowed.")
    if file.metadata.num_rows > limits.rows:
        raise FileRefused(f"it has {file.metadata.num_rows:,} rows; {limits.rows:,} are allowed.")
    for column in schema:
        if pyarrow.types.is_nested(column.type) or pyarrow.types.is_binary(column.type):
            raise FileRefused(f"column '{column.name}' holds {column.type}; text, numbers and dates are understood.")
    return file


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None)
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    return cell_text(value, "") if isinstance(value, (int, float, bool)) or value is None else str(value)


def records(file: Any) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells): the column names as row 1, then every row."""
    yield 1, list(file.schema_arrow.names)
    number = 1
    for batch in file.iter_batches(batch_size=5_000, use_threads=False):
        columns = [column.to_pylist() for column in batch.columns]
        for row in zip(*columns):
            number += 1
            yield number, [_text(value) for value in row]


# -- column by column

def stage(file: Any, out: Path, limits: Limits, teller: Teller) -> int | None:
    """How many rows were staged in `out`, the same as row by row; None when the file is small, or ends in lines of a report."""
    import pyarrow
    from pyarrow import parquet

    if file.metadata.num_rows < LARGE:
        return None
    tail: list[list[str]] = []
    width, rows, size, seen = len(file.schema_arrow.names), 0, 0, 1
    schema = pyarrow.schema([("row", pyarrow.int64()), *((f"c{i}", pyarrow.string()) for i in range(width))])
    with parquet.ParquetWriter(out, schema, compression="none", use_dictionary=False, write_statistics=False) as writer:
        for batch in file.iter_batches(batch_size=GROUP if width <= NARROW else WIDE_GROUP, use_threads=False):
            texts = _filled(batch, seen, schema)
            rows, seen = rows + texts.num_rows, seen + batch.num_rows
            size += sum(_length(texts.column(i)) for i in range(1, width + 1))
            if size > limits.unpacked:
                raise FileRefused(f"it holds more than {limits.unpacked / 1e6:,.0f} MB of text, the most that is allowed.")
            writer.write_table(texts)
            teller.rows(rows)
            tail = [*tail, *_last(batch)][-TAIL:]
    return None if _is_footer(tail) else rows


def _last(batch: Any) -> list[list[str]]:
    return [list(row) for row in zip(*(texts_of(column).to_pylist() for column in batch.slice(max(batch.num_rows - TAIL, 0)).columns))]


def _is_footer(tail: list[list[str]]) -> bool:
    """Whether the last rows are totals or notices of a report; the careful reader leaves those out."""
    dropped: list[str] = []
    for _ in without_footers(enumerate(tail), dropped):
        pass
    return bool(dropped)


def _filled(batch: Any, seen: int, schema: Any) -> Any:
    """The rows of a batch with something in them, as text, with their numbers."""
    import pyarrow
    from pyarrow import compute

    texts = [texts_of(column) for column in batch.columns]
    filled = None
    for column in texts:
        shown = compute.not_equal(compute.utf8_trim_whitespace(column), "")
        filled = shown if filled is None else compute.or_(filled, shown)
    numbers = pyarrow.array(range(seen + 1, seen + 1 + batch.num_rows), pyarrow.int64())
    return pyarrow.Table.from_arrays([numbers, *texts], schema=schema).filter(filled)


def _length(column: Any) -> int:
    from pyarrow import compute

    return compute.sum(compute.binary_length(column)).as_py() or 0


def texts_of(column: Any) -> Any:
    """The texts of a column, as `records` gives them cell by cell. Texts and whole numbers are taken at once, of all else each
    different value once."""
    import pyarrow
    from pyarrow import compute, types

    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if types.is_null(column.type):
        return pyarrow.array([""] * len(column), pyarrow.string())
    if types.is_string(column.type) or types.is_large_string(column.type) or types.is_integer(column.type):
        return compute.fill_null(column.cast(pyarrow.string()), "")
    if types.is_timestamp(column.type):
        column = _seconds(column)
    values = column.dictionary_encode()
    texts = pyarrow.array([_text(value) for value in values.dictionary.to_pylist()], pyarrow.string())
    return compute.fill_null(texts.take(values.indices), "")


def _seconds(column: Any) -> Any:
    """Moments as the clock of their zone shows them, in microseconds at most: what Python can hold."""
    import pyarrow
    from pyarrow import compute

    if column.type.tz:
        column = compute.local_timestamp(column)
    return column.cast(pyarrow.timestamp("us"), safe=False)
