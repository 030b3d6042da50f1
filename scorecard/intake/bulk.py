"""Large, regular text files staged by DuckDB: every column as text, rows numbered as in the file.

Only what both readers take for the same: any doubt (blank lines, rows of another width, a lone quotation mark, another
number of rows than the raw file has lines) leaves the file to the careful reader, which says what is wrong.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from scorecard.errors import FileRefused
from scorecard.intake.casts import as_parquet, literal
from scorecard.intake.native import duckdb
from scorecard.intake.table import Limits
from scorecard.intake.telling import Teller, measurable

LARGE = 10_000  # bytes: below, the careful reader is as fast
CHUNK = 8 << 20
LONGEST_LINE = 100_000  # bytes: what the careful reader takes in one cell, so that it says which cell is longer
BLANK = r"[\s\x{a0}\x{2007}\x{2009}\x{202f}]*"
PRINTABLE = bytes(range(ord(" "), ord("~") + 1))
_FOOTER = re.compile(rb"(?i)confidential information|copyright|grand total|^\W*total", re.M)


@dataclass(frozen=True)
class Raw:
    """A regular file: its lines that end outside quotation marks, and whether every cell is plain (see `Table.plain`)."""

    lines: int
    plain: bool


@dataclass(frozen=True)
class Staged:
    """How many rows were staged, and whether every cell of them is plain."""

    rows: int
    plain: bool


def stage(path: Path, codec: str, delimiter: str, header: int, width: int, out: Path, limits: Limits,
          teller: Teller = Teller()) -> Staged | None:
    """The rows below row `header`, staged in `out`; None when the careful reader has to take the file."""
    size = path.stat().st_size
    if size > limits.unpacked:
        return None
    own = out.with_suffix(".in")
    try:
        _place(path, codec, own)
        raw = _looked(own, header, delimiter.encode())
        rows = _copied(own, delimiter, header, width, out, limits, raw.lines, teller) if raw else None
        return Staged(rows, raw.plain) if rows else None
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


def _looked(path: Path, header: int, delimiter: bytes) -> Raw | None:
    """What all its bytes say; None when the file is not regular."""
    lines, inside, tail, plain = 0, 0, b"\n", True
    with path.open("rb") as file:
        if _opens_a_quote(file, header):
            return None
        file.seek(0)
        while chunk := file.read(CHUNK):
            chunk += file.readline(LONGEST_LINE)
            if _blank_line(tail[-2:] + chunk[:2]) or _blank_line(chunk) or _irregular(chunk) or _blank_at_a_quote(chunk, delimiter, inside):
                return None
            found, inside = _ended(chunk, inside)
            plain = plain and found == chunk.count(b"\n") and _plain(chunk.removeprefix(codecs.BOM_UTF8), delimiter)
            lines, tail = lines + found, chunk
    if inside or _FOOTER.search(tail[-4096:]):
        return None
    return Raw(lines + (not tail.endswith(b"\n")), plain)


def _opens_a_quote(file: BinaryIO, header: int) -> bool:
    """Whether a line down to the header has a quotation mark that the line does not close."""
    above = [file.readline(LONGEST_LINE).removeprefix(codecs.BOM_UTF8), *(file.readline(LONGEST_LINE) for _ in range(header - 1))]
    return any(line.count(b'"') % 2 for line in above)


def _plain(chunk: bytes, delimiter: bytes) -> bool:
    """Whether its cells are printable ASCII, with single spaces, and none at their ends; in doubt not."""
    if chunk.translate(None, PRINTABLE + b"\r\n" + delimiter) or delimiter == b"\t" and b'"' in chunk:
        return False
    if b" " not in chunk:
        return True
    import numpy

    marks = numpy.frombuffer(chunk + b"\n", numpy.uint8)
    edges = numpy.zeros(256, bool)
    edges[list(b' "\r\n' + delimiter)] = True
    spaces = numpy.flatnonzero(marks == ord(" "))
    return not (edges[marks[spaces - 1]].any() or edges[marks[spaces + 1]].any())


def _blank_line(text: bytes) -> bool:
    return b"\n\n" in text or b"\r" in text and b"\n\r\n" in text


def _irregular(chunk: bytes) -> bool:
    """Whether it holds zero bytes, or ends some lines one way and some another."""
    return b"\0" in chunk or b"\r" in chunk and not chunk.count(b"\r") == chunk.count(b"\r\n") == chunk.count(b"\n")


def _blank_at_a_quote(chunk: bytes, delimiter: bytes, inside: int) -> bool:
    """Whether blanks stand between the quotation marks of a cell and its end: DuckDB drops them, the careful reader does not."""
    if not any(pair in chunk for pair in (b'" ', b' "', b'"\t', b'\t"')):
        return False
    blanks, edge = b"[ \t]".replace(delimiter, b"") + b"+", b"[\r\n" + re.escape(delimiter) + b"]"
    marks, at = inside, 0
    for found in re.finditer(b'(?:\\A|(?<=%b))%b(?=")|"%b(?=\\Z|%b)' % (edge, blanks, blanks, edge), chunk):
        marks, at = marks + chunk.count(b'"', at, found.start()), found.start()
        closes = chunk[at] == ord('"')
        if (marks + closes) % 2 == 0:
            return True
    return False


def _ended(chunk: bytes, inside: int) -> tuple[int, int]:
    """(lines that end outside quotation marks, 1 when the chunk ends inside)."""
    if not inside and b'"' not in chunk:
        return chunk.count(b"\n"), 0
    import numpy

    marks = numpy.frombuffer(chunk, numpy.uint8)
    open_after = (numpy.cumsum(marks == ord('"'), dtype=numpy.uint8) + inside) & 1
    return int(numpy.count_nonzero((marks == ord("\n")) & (open_after == 0))), int(open_after[-1])


def _copied(path: Path, delimiter: str, header: int, width: int, out: Path, limits: Limits, lines: int,
            teller: Teller = Teller()) -> int | None:
    """How many rows were staged; None when DuckDB stumbles, or finds another number of rows."""
    if lines - header > limits.rows:
        raise FileRefused(f"it has more than {limits.rows:,} rows, the most that is allowed.")
    names = [f"c{i}" for i in range(width)]
    types = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    read = (f"read_csv({literal(str(path))}, auto_detect = false, header = false, skip = {header}, delim = {literal(delimiter)}, quote = '\"', "
            f"escape = '\"', strict_mode = true, columns = {{{types}}}, force_not_null = [{', '.join(map(literal, names))}], "
            f"max_line_size = {LONGEST_LINE})")
    blank = " AND ".join(f"regexp_full_match({name}, '{BLANK}')" for name in names)
    # A cell that begins with a printable character is not blank: patterns are tried where no cell does.
    filled = "".join(f" WHEN {name} >= '!' AND {name} <= '~' THEN TRUE" for name in names)
    options = as_parquet(path.stat().st_size / lines)
    con = duckdb.connect(config={"threads": 2, "memory_limit": f"{limits.memory // 2_000_000}MB"})
    try:
        measurable(con)
        with teller.following(con, lines):
            (count,), = con.execute(f"""COPY (SELECT * FROM (SELECT row_number() OVER () + {header} AS row, * FROM {read}) AS numbered
                                        WHERE CASE{filled} ELSE NOT ({blank}) END) TO {literal(str(out))} (FORMAT parquet, {options})""").fetchall()
        (last,), = con.execute(f"SELECT MAX(row) FROM read_parquet({literal(str(out))})").fetchall()
    except duckdb.OutOfMemoryException:
        raise MemoryError from None
    except duckdb.Error:
        return None
    finally:
        con.close()
    return count if last == lines else None
