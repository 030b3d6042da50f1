"""The child process that opens a stranger's file: limits first, then text, then Parquet in the staging folder.

`python -m scorecard.intake.parser` reads one job as JSON on standard input and answers with one JSON object.
"""

from __future__ import annotations

import itertools
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable, Iterator

from scorecard.errors import FileRefused
from scorecard.intake import bulk, columnar, delimited, packed, workbook
from scorecard.intake.casts import literal
from scorecard.intake.footers import without_footers
from scorecard.intake.native import duckdb
from scorecard.intake.table import Limits, Question, clean_name, name_fault
from scorecard.intake.telling import Teller

BATCH_CELLS = 200_000
MOST_ODD = 1_000
Record = tuple[int, list[str]]


def confine(limits: Limits) -> None:
    """Caps this process: address space and processor time. A system without such limits keeps the clock alone."""
    try:
        import resource
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_AS, limits.memory), (resource.RLIMIT_CPU, limits.seconds)):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):
            continue


@dataclass(frozen=True)
class Text:
    """How a text file is written: its codec and its delimiter."""

    codec: str
    mark: str


def read_delimited(path: Path, kind: str, choices: dict[str, str]) -> tuple[Iterable[Record], dict, Question | None, Text | None]:
    """(records, what was seen, question, how it is written) of a text file."""
    codec, words = delimited.encoding(path)
    sample, whole = delimited.sample_of(path, codec)
    if not sample.strip("\ufeff \r\n\t\0"):
        raise FileRefused("the file is empty. It needs a row of column names and at least one row of figures.")
    named = delimited.declared(sample)
    told = choices.get("delimiter", "") or named
    mark, question = delimited.delimiter(sample, whole, told, kind)
    seen = {"encoding": words, "delimiter": delimited.DELIMITERS.get(mark, mark)}
    if question:
        return (), seen, question, None
    if not mark:
        lines = sample.lstrip("\ufeff\r\n ").splitlines()[:20]
        if len(lines) > 2 and len({len(line.split()) for line in lines}) == 1 and len(lines[0].split()) > 1:
            raise FileRefused(f"its columns are separated by blanks ({lines[0][:60]!r}), which a name may hold too. "
                              "Save it with commas, semicolons or tabs between them.")
        raise FileRefused(f"only one column was found ({lines[0][:60]!r}). It needs a period and a value at least, "
                          "separated by comma, semicolon or tab.")
    rows = delimited.records(path, codec, mark)
    if named:
        next(rows)
    return rows, seen, None, Text(codec, mark)


def read_workbook(path: Path, limits: Limits, choices: dict[str, str]) -> tuple[Iterable[Record], dict, Question | None]:
    """(records, what was seen, question) of an Excel workbook."""
    workbook.check_archive(path, limits)
    book = workbook.open_workbook(path)
    title, question = workbook.choose_sheet(book, choices.get("sheet", ""))
    if question:
        return (), {"sheets": len(book.sheetnames)}, question
    if not title:
        raise FileRefused("the workbook is empty. It needs a row of column names and at least one row of figures.")
    workbook.check_results(path, book, title)
    return workbook.records(book, title, limits), {"sheet": title, "sheets": len(book.sheetnames)}, None


def find_header(rows: Iterator[Record]) -> tuple[Record, list[Record], Iterator[Record]]:
    """(header, titles above it, rows below): rows of one cell above the first wider row are titles."""
    titles: list[Record] = []
    for number, row in rows:
        if sum(1 for cell in row if cell.strip()) >= 2:
            return (number, row), titles, rows
        titles.append((number, row))
        if len(titles) > 20:
            break
    if not titles:
        raise FileRefused("the file is empty. It needs a row of column names and at least one row of figures.")
    name = next((cell.strip() for _, row in titles for cell in row if cell.strip()), "")
    raise FileRefused(f"only one column was found ({name[:60]!r}). It needs a period and a value at least.")


def name_columns(header: Record, limits: Limits) -> list[str]:
    """Column names in one form, unnamed ones as `(column 3)`. Raises FileRefused on duplicates."""
    number, cells = header
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) > limits.columns:
        raise FileRefused(f"it has {len(cells):,} columns; {limits.columns:,} are allowed.")
    names: list[str] = []
    for i, cell in enumerate(cells, 1):
        name = clean_name(cell.replace("\ufeff", "")) or f"(column {i})"
        fault = name_fault(name)
        if fault:
            raise FileRefused(f"row {number:,}, column {i}: the name {fault}. Rename it.")
        if name.lower() in (n.lower() for n in names):
            first = [n.lower() for n in names].index(name.lower()) + 1
            raise FileRefused(f"columns {first} and {i} are both called '{name}'. Rename one.")
        names.append(name)
    return names


def has_pyarrow() -> bool:
    """Whether it is loaded already, as it is once a Parquet file was opened."""
    return "pyarrow" in sys.modules


class Stager:
    """Writes records to Parquet, batch by batch, and keeps apart those that do not line up."""

    def __init__(self, out: Path, names: list[str], limits: Limits, padded: bool, teller: Teller = Teller()):
        self.out, self.width, self.limits, self.padded, self.teller = out, len(names), limits, padded, teller
        self.odd: list[tuple[int, str, str]] = []
        self.rows = self.size = self.odd_count = 0

    def fit(self, row: list[str]) -> list[str] | None:
        """The row at the width of the header, or None when it cannot be lined up."""
        extra = row[self.width:]
        if extra and any(cell.strip() for cell in extra):
            return None
        if len(row) < self.width and not self.padded:
            return None
        return row[: self.width] + [""] * (self.width - len(row))

    def batches(self, rows: Iterable[Record]) -> Iterator[list[list]]:
        """Lists of columns (row numbers first), each of about 200,000 cells."""
        batch: list[list] = []
        for number, row in rows:
            if not any(cell.strip() for cell in row):
                continue
            self.rows += 1
            self.size += sum(map(len, row))
            self.check()
            fitted = self.fit(row)
            if fitted is None:
                self.keep_odd(number, row)
                continue
            batch.append([number, *fitted])
            if len(batch) * self.width >= BATCH_CELLS:
                self.teller.rows(self.rows)
                yield [list(column) for column in zip(*batch)]
                batch = []
        if batch:
            yield [list(column) for column in zip(*batch)]

    def check(self) -> None:
        if self.rows > self.limits.rows:
            raise FileRefused(f"it has more than {self.limits.rows:,} rows, the most that is allowed.")
        if self.size > self.limits.unpacked:
            raise FileRefused(f"it holds more than {self.limits.unpacked / 1e6:,.0f} MB of text, the most that is allowed.")

    def keep_odd(self, number: int, row: list[str]) -> None:
        self.odd_count += 1
        found = len(row)
        reason = f"{found} {'field' if found == 1 else 'fields'} where the column names have {self.width}"
        self.odd.append((number, ",".join(row)[:2_000], reason))
        if self.odd_count > MOST_ODD:
            raise FileRefused(f"more than {MOST_ODD:,} rows do not have {self.width} fields, the first is row "
                              f"{self.odd[0][0]:,}. Is this the right delimiter?")

    def write(self, rows: Iterable[Record]) -> None:
        """Nothing; the rows are in `out`."""
        batches = self.batches(rows)
        first, second = next(batches, [[]] * (self.width + 1)), next(batches, None)
        if second or has_pyarrow():
            self._write_many(itertools.chain([first], [second] if second else [], batches))
        else:
            self._write_few(first)

    @property
    def _names(self) -> list[str]:
        return ["row", *(f"c{i}" for i in range(self.width))]

    def _write_few(self, columns: list[list]) -> None:
        """Nothing; the columns are in `out`. Loading pyarrow, and what it loads, costs five times what writing a batch without it does."""
        texts = "".join(f", unnest(?::VARCHAR[]) AS {name}" for name in self._names[1:])
        con = duckdb.connect(config={"threads": 1, "memory_limit": f"{self.limits.memory // 2_000_000}MB"})
        try:
            con.execute(f"COPY (SELECT unnest(?::BIGINT[]) AS row{texts}) TO {literal(str(self.out))} (FORMAT parquet, COMPRESSION snappy)", columns)
        except duckdb.OutOfMemoryException:
            raise MemoryError from None
        finally:
            con.close()

    def _write_many(self, batches: Iterable[list[list]]) -> None:
        import pyarrow
        from pyarrow import parquet

        schema = pyarrow.schema([("row", pyarrow.int64()), *((name, pyarrow.string()) for name in self._names[1:])])
        with parquet.ParquetWriter(self.out, schema, compression="snappy") as writer:
            for columns in batches:
                arrays = [pyarrow.array(column, field.type) for column, field in zip(columns, schema)]
                writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))


def parse(path: Path, kind: str, out: Path, limits: Limits, choices: dict[str, str], teller: Teller = Teller()) -> dict[str, Any]:
    """What was found, as JSON; the rows are in `out`. Raises FileRefused."""
    written = None
    if kind == "xlsx":
        rows, seen, question = read_workbook(path, limits, choices)
    elif kind == "parquet":
        file = columnar.open_parquet(path, limits)
        (_, names), _, _ = find_header(iter([(1, file.schema_arrow.names)]))
        if len(name_columns((1, names), limits)) == len(names) and (count := columnar.stage(file, out, limits, teller)):
            return {"seen": {"header_row": 1, "titles": []}, "columns": name_columns((1, names), limits), "rows": count, "odd": []}
        rows, seen, question = columnar.records(file), {}, None
    else:
        rows, seen, question, written = read_delimited(path, kind, choices)
    if question:
        return {"seen": seen, "question": [question.id, question.text, question.options, question.flag]}
    header, titles, rows = find_header(iter(rows))
    names = name_columns(header, limits)
    seen |= {"header_row": header[0], "titles": [title for _, row in titles if (title := " ".join(row).strip()[:80])]}
    large = written and path.stat().st_size >= bulk.LARGE
    staged = bulk.stage(path, written.codec, written.mark, header[0], len(names), out, limits, teller) if large else None
    if staged:
        return {"seen": seen, "columns": names, "rows": staged.rows, "odd": [], "plain": staged.plain}
    stager = Stager(out, names, limits, padded=kind in ("xlsx", "parquet"), teller=teller)
    footers: list[str] = []
    stager.write(without_footers(rows, footers))
    seen |= {"footers": footers} if footers else {}
    if not stager.rows:
        raise FileRefused("it holds column names and no rows. Add at least one row of figures.")
    if stager.odd_count * 2 > stager.rows:
        number, _, reason = stager.odd[0]
        raise FileRefused(f"most rows do not fit the column names: row {number:,} has {reason}. Is this the right delimiter?")
    return {"seen": seen, "columns": names, "rows": stager.rows - stager.odd_count, "odd": stager.odd}


def answer_to(job: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """The answer to one job. Raises FileRefused."""
    path, out = Path(job["path"]), Path(job["out"])
    said = job["kind"], out, limits, job["choices"], Teller(job.get("tell"))
    if not job.get("packed"):
        return parse(path, *said)
    text = out.with_suffix(packed.UNPACKED)
    try:
        packed.unpack(path, text, job["kind"], limits)
        answer = parse(text, *said)
        return {**answer, "seen": {**answer["seen"], "packed": "gzip"}}
    finally:
        text.unlink(missing_ok=True)


def main() -> None:
    """One job in, one answer out; a refusal is an answer."""
    job = json.loads(sys.stdin.read())
    limits = Limits(**job["limits"])
    confine(limits)
    try:
        answer = answer_to(job, limits)
    except FileRefused as error:
        answer = {"refused": str(error)}
    except MemoryError:
        answer = {"refused": f"reading it takes more than {limits.memory / 1e6:,.0f} MB of memory. Split it, or save it as CSV."}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
