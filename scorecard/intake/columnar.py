"""Parquet files as rows of text."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path
from typing import Any, Iterator

from scorecard.errors import FileRefused
from scorecard.intake.table import Limits
from scorecard.intake.workbook import cell_text


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
