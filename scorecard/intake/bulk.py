"""Large, regular text files staged by DuckDB: every column as text, rows numbered as in the file.

Only what both readers take for the same: any doubt (blank lines, rows of another width, a lone quotation mark, another
number of rows than the raw file has lines) leaves the file to the careful reader, which says what is wrong.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

import duckdb

from scorecard.errors import FileRefused
from scorecard.intake.casts import AS_PARQUET, literal
from scorecard.intake.table import Limits

LARGE = 1_000_000
CHUNK = 8 << 20
LONGEST_LINE = 1_000_000
BLANK = r"[\s\x{a0}\x{2007}\x{2009}\x{202f}]*"
_FOOTER = re.compile(rb"(?i)confidential information|copyright|grand total|^\W*total", re.M)


def stage(path: Path, codec: str, delimiter: str, header: int, width: int, out: Path, limits: Limits) -> int | None:
    """How many rows below row `header` were staged in `out`; None when the careful reader has to take the file."""
    size = path.stat().st_size
    if size > limits.unpacked:
        return None
    own = out.with_suffix(".in")
    try:
        _place(path, codec, own)
        lines = _lines(own, header)
        return _copied(own, delimiter, header, width, out, limits, lines) if lines else None
    finally:
        own.unlink(missing_ok=True)


def _place(path: Path, codec: str, own: Path) -> None:
    """The file as UTF-8 under a name of ours: a `*` in a name would be a pattern."""
    if codec in ("utf-8", "utf-8-sig"):
        own.symlink_to(path.resolve())
        return
    with path.open(encoding=codec, newline="") as text, own.open("wb") as out:
        while chunk := text.read(CHUNK):
            out.write(chunk.encode())


def _lines(path: Path, header: int) -> int:
    """Lines that end outside quotation marks; 0 when the file is not regular."""
    lines, inside, tail = 0, 0, b"\n"
    with path.open("rb") as file:
        start = file.readline(LONGEST_LINE).removeprefix(codecs.BOM_UTF8)
        above = [start, *(file.readline(LONGEST_LINE) for _ in range(header - 1))]
        if any(line.count(b'"') % 2 for line in above):
            return 0
        file.seek(0)
        while chunk := file.read(CHUNK):
            chunk += file.read(1) if chunk.endswith(b"\r") else b""
            if _blank_line(tail[-2:] + chunk[:2]) or _blank_line(chunk) or _irregular(chunk):
                return 0
            found, inside = _ended(chunk, inside)
            lines, tail = lines + found, chunk
    if inside or _FOOTER.search(tail[-4096:]):
        return 0
    return lines + (not tail.endswith(b"\n"))


def _blank_line(text: bytes) -> bool:
    return b"\n\n" in text or b"\r" in text and b"\n\r\n" in text


def _irregular(chunk: bytes) -> bool:
    """Whether it holds zero bytes, or ends some lines one way and some another."""
    return b"\0" in chunk or b"\r" in chunk and not chunk.count(b"\r") == chunk.count(b"\r\n") == chunk.count(b"\n")


def _ended(chunk: bytes, inside: int) -> tuple[int, int]:
    """(lines that end outside quotation marks, 1 when the chunk ends inside)."""
    if not inside and b'"' not in chunk:
        return chunk.count(b"\n"), 0
    import numpy

    marks = numpy.frombuffer(chunk, numpy.uint8)
    open_after = (numpy.cumsum(marks == ord('"'), dtype=numpy.uint8) + inside) & 1
    return int(numpy.count_nonzero((marks == ord("\n")) & (open_after == 0))), int(open_after[-1])


def _copied(path: Path, delimiter: str, header: int, width: int, out: Path, limits: Limits, lines: int) -> int | None:
    """The rows that were staged; None when DuckDB stumbles, or finds another number of rows."""
    if lines - header > limits.rows:
        raise FileRefused(f"it has more than {limits.rows:,} rows, the most that is allowed.")
    names = [f"c{i}" for i in range(width)]
    types = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    read = (f"read_csv({literal(str(path))}, auto_detect = false, header = false, skip = {header}, delim = {literal(delimiter)}, quote = '\"', "
            f"escape = '\"', strict_mode = true, columns = {{{types}}}, force_not_null = [{', '.join(map(literal, names))}], "
            f"max_line_size = {LONGEST_LINE})")
    blank = " AND ".join(f"regexp_full_match({name}, '{BLANK}')" for name in names)
    con = duckdb.connect(config={"threads": 2, "memory_limit": f"{limits.memory // 2_000_000}MB"})
    try:
        (count,), = con.execute(f"""COPY (SELECT * FROM (SELECT row_number() OVER () + {header} AS row, * FROM {read}) AS numbered
                                    WHERE NOT ({blank})) TO {literal(str(out))} (FORMAT parquet, {AS_PARQUET})""").fetchall()
        (last,), = con.execute(f"SELECT MAX(row) FROM read_parquet({literal(str(out))})").fetchall()
    except duckdb.OutOfMemoryException:
        raise MemoryError from None
    except duckdb.Error:
        return None
    finally:
        con.close()
    return count if last == lines else None
