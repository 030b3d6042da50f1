"""Uploads that something happened to on the way: each is read or refused in a sentence, and the house stands as before.

Every one is made from its number alone, so that a failing one can be made again.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import random
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest

from scorecard import commands, exports, loading, maturity
from scorecard.core.facts import KINDS
from scorecard.errors import FileRefused, ScorecardError
from scorecard.intake import reader
from scorecard.maturity import exchange
from scorecard.output import register_tables
from scorecard.relations import activities
from tests.conftest import make_actor
from tests.endurance import in_full

# A tenth would cost three minutes of two cores: each file is read by a process of its own. Nine bring every kind once.
UPLOADS = 2_000 if in_full() else 9
MB = 1024 * 1024
ROOM = 64 * MB
TODAY = date(2026, 11, 22)
FIGURES = [["measure", "period", "value", "segment"],
           *([measure, f"2026-{month:02d}", f"0.{80 + month}", segment] for measure in ("renewal_rate", "adoption_30d")
             for month in range(1, 11) for segment in ("SMB", "Größere, “feste”"))]
TICKETS = [["Ticket ID", "Account ID", "Created at", "Solved at", "Status", "Priority", "Subject"],
           *([f"T-{n}", f"A-{n % 7}", f"2026-0{1 + n % 9}-1{n % 10} 09:00", f"2026-0{1 + n % 9}-2{n % 9} 10:30", "solved", "high",
              f'Über "{n}", so\nwhat; now?'] for n in range(60))]
GOOD = b"measure,period,value\nrenewal_rate,2026-09,0.9\nrenewal_rate,2026-10,0.91\n"


def text_of(rows: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def workbook(rows: list[list[str]]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def parquet(rows: list[list[str]]) -> bytes:
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({name: list(cells) for name, cells in zip(rows[0], zip(*rows[1:]))}), out)
    return out.getvalue()


def written(rows: list[list[str]], chance: random.Random) -> tuple[bytes, str]:
    """The rows as a file of a chance kind."""
    kind = chance.choice(("csv", "csv", "tsv", "xlsx", "parquet"))
    if kind in ("xlsx", "parquet"):
        return {"xlsx": workbook, "parquet": parquet}[kind](rows), f"upload.{kind}"
    return text_of(rows, "\t" if kind == "tsv" else ",").encode(), f"upload.{kind}"


# -- what happens to them

def truncated(chance: random.Random, rows: list[list[str]]) -> tuple[bytes, str]:
    content, name = written(rows, chance)
    return content[:chance.randrange(1, len(content))], name


def re_encoded(chance: random.Random, rows: list[list[str]]) -> tuple[bytes, str]:
    encoding = chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "cp1252", "latin-1", "cp500", "utf-32", "mac-roman"))
    once = text_of(rows).encode(encoding, "replace")
    return (once.decode("latin-1").encode() if chance.random() < 0.3 else once), "upload.csv"


def shuffled(chance: random.Random, rows: list[list[str]]) -> tuple[bytes, str]:
    order = list(range(len(rows[0])))
    chance.shuffle(order)
    moved = [[row[place] for place in order] for row in rows]
    if chance.random() < 0.5:
        moved = [moved[0], *(chance.sample(row, len(row)) for row in moved[1:])]
    return written(moved, chance)


def flipped(chance: random.Random, rows: list[list[str]]) -> tuple[bytes, str]:
    content, name = written(rows, chance)
    bent = bytearray(content)
    for _ in range(chance.randrange(1, 40)):
        bent[chance.randrange(len(bent))] = chance.randrange(256)
    return bytes(bent), name


def ragged(chance: random.Random, rows: list[list[str]]) -> tuple[bytes, str]:
    torn = [[*row, *["x"] * chance.randrange(3)][chance.randrange(2):] for row in rows]
    text = text_of([*torn, rows[0], *torn])
    if chance.random() < 0.5:
        place = chance.randrange(len(text))
        text = text[:place] + '"' + text[place:]
    return text.encode(), "upload.csv"


def renamed(chance: random.Random, rows: list[list[str]]) -> tuple[bytes, str]:
    content, _ = written(rows, chance)
    return content, chance.choice(("upload.csv", "upload.xlsx", "upload.parquet", "upload.pdf", "upload", "../../up\x00load.csv",
                                   "=cmd|' /C calc'!A0.csv", "u" * 400 + ".csv"))


def bomb(chance: random.Random, rows: list[list[str]]) -> tuple[bytes, str]:
    return chance.choice(BOMBS)(chance)


def zip_bomb(chance: random.Random) -> tuple[bytes, str]:
    out = io.BytesIO(workbook([["measure", "period", "value"], ["renewal_rate", "2026-10", "0.9"]]))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet2.xml", b"0" * (40 * MB))
    return out.getvalue(), "upload.xlsx"


def many_entries(chance: random.Random) -> tuple[bytes, str]:
    out = io.BytesIO(workbook([["measure", "period", "value"]]))
    with zipfile.ZipFile(out, "a") as packed:
        for number in range(3_000):
            packed.writestr(f"xl/{number}.xml", "<a/>")
    return out.getvalue(), "upload.xlsx"


def laughs(chance: random.Random) -> tuple[bytes, str]:
    """A workbook whose texts are entities of entities of entities."""
    kinds = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    head = f'<?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY e0 "ha">{kinds}]>'
    source, out = zipfile.ZipFile(io.BytesIO(workbook(FIGURES))), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for entry in source.namelist():
            text = source.read(entry)
            sheet = entry == "xl/worksheets/sheet1.xml"
            packed.writestr(entry, head.encode() + text.replace(b"renewal_rate", b"&e11;") if sheet else text)
    return out.getvalue(), "upload.xlsx"


def parquet_bomb(chance: random.Random) -> tuple[bytes, str]:
    """A few kilobytes that say two million rows of a long text."""
    out = io.BytesIO()
    same = pyarrow.DictionaryArray.from_arrays(pyarrow.repeat(pyarrow.scalar(0, pyarrow.int8()), 2_000_000), ["x" * 10_000])
    pyarrow.parquet.write_table(pyarrow.table({"measure": same, "period": same, "value": same}), out)
    return out.getvalue(), "upload.parquet"


def wide(chance: random.Random) -> tuple[bytes, str]:
    return (",".join(f"c{n}" for n in range(20_000)) + "\n" + "1," * 20_000).encode(), "upload.csv"


def one_line(chance: random.Random) -> tuple[bytes, str]:
    return b"measure,period,value\n\"" + b"a" * (4 * MB), "upload.csv"


def quotes(chance: random.Random) -> tuple[bytes, str]:
    return b'measure,period,value\n' + b'""' * MB + b",2026-10,1\n", "upload.csv"


def zeros(chance: random.Random) -> tuple[bytes, str]:
    return b"\0" * MB, "upload.csv"


def gz_bomb(chance: random.Random) -> tuple[bytes, str]:
    return gzip.compress(GOOD + b"\n" * (300 * MB), 9), "upload.csv.gz"


def nested(chance: random.Random) -> tuple[bytes, str]:
    """Archives in an archive in an archive, each a thousand times its size."""
    inner = b"0" * (30 * MB)
    for depth in range(4):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            for number in range(1 if depth == 0 else 10):
                packed.writestr(f"{depth}-{number}.zip", inner)
        inner = out.getvalue()
    return inner, "upload.xlsx"


def in_sheet(cells: bytes, name: str = "upload.xlsx") -> tuple[bytes, str]:
    """A workbook whose sheet holds these rows of XML."""
    source, out = zipfile.ZipFile(io.BytesIO(workbook(FIGURES))), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for entry in source.namelist():
            sheet = entry == "xl/worksheets/sheet1.xml"
            packed.writestr(entry, _SHEET % cells if sheet else source.read(entry))
    return out.getvalue(), name


def huge_sheet(chance: random.Random) -> tuple[bytes, str]:
    """A sheet that says it has seventeen billion cells, and holds one."""
    return in_sheet(b'<row r="1"><c r="A1"><v>1</v></c></row>')


def sparse(chance: random.Random) -> tuple[bytes, str]:
    """Two cells, as far from one another as Excel allows."""
    return in_sheet(b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>')


def chained(chance: random.Random) -> tuple[bytes, str]:
    """Formulas that stand on one another, 50,000 deep, and have no result."""
    rows = b"".join(b'<row r="%d"><c r="A%d"><f>A%d*2</f></c><c r="B%d"><f>A%d+1</f></c></row>' % (n, n, n + 1, n, n) for n in range(1, 50_001))
    return in_sheet(rows)


def million_columns(chance: random.Random) -> tuple[bytes, str]:
    return b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n" + b"1," * 999_999 + b"1\n", "upload.csv"


def deep_json(chance: random.Random) -> tuple[bytes, str]:
    return b"[" * (2 * MB) + b"]" * (2 * MB), "upload.txt"


def deep_toml(chance: random.Random) -> tuple[bytes, str]:
    return b"a = " + b"[" * (2 * MB) + b"\nb." + b"c." * MB + b"d = 1\n", "upload.txt"


def endless(chance: random.Random) -> tuple[bytes, str]:
    """One line without an end, in columns."""
    return b"measure,period,value\n" + b"renewal_rate," * (2 * MB), "upload.csv"


def bad_utf16(chance: random.Random) -> tuple[bytes, str]:
    """It begins as UTF-16 and goes on with halves of pairs."""
    return "measure,period,value\n".encode("utf-16") + b"\x00\xd8" * MB + b"\n", "upload.csv"


def open_quote(chance: random.Random) -> tuple[bytes, str]:
    return b'measure,period,value\n"renewal_rate,2026-10,0.9\n' + b"renewal_rate,2026-09,0.9\n" * 400_000, "upload.csv"


_SHEET = (b'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
          b'<dimension ref="A1:XFD1048576"/><sheetData>%s</sheetData></worksheet>')
BOMBS = (zip_bomb, many_entries, laughs, parquet_bomb, wide, one_line, quotes, zeros)
MORE = (gz_bomb, nested, huge_sheet, sparse, chained, million_columns, deep_json, deep_toml, endless, bad_utf16, open_quote)
MUTATIONS: tuple[Callable[[random.Random, list[list[str]]], tuple[bytes, str]], ...] = (
    truncated, re_encoded, shuffled, bomb, flipped, ragged, renamed)


def mutated(number: int) -> tuple[bytes, str]:
    """The upload of a number: what it says, its name. Kinds take turns; of the bombs each comes in the default run."""
    chance = random.Random(number)
    kind = MUTATIONS[number % len(MUTATIONS)]
    bombs = (*BOMBS, *MORE) if in_full() else BOMBS
    return bombs[number // len(MUTATIONS) % len(bombs)](chance) if kind is bomb else kind(chance, chance.choice((FIGURES, TICKETS)))


# -- and what must not happen

def everything(store) -> dict[str, list[tuple]]:
    """Every row of both stores that a load could write."""
    with store.read_facts() as tx:
        found = {name: tx.all(f"SELECT * FROM {name}") for name in (*KINDS, "fact_load", "source_row")}
    with store.read() as tx:
        return found | {name: tx.all(f"SELECT * FROM {name} ORDER BY ALL") for name in ("load", "figure", "definition", "reading", "column_map", "audit")}


def memory() -> int:
    """Bytes that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def upload(store, actor, content: bytes, name: str, as_figures: bool) -> str:
    """What a person sees of a file that they chose, as figures or as an export; nothing is accepted."""
    try:
        if as_figures:
            reader.discard(loading.propose(store, actor, content, name, TODAY).table)
            return "read"
        table = loading.read(store, actor, content, name)
        try:
            exports.discard(exports.offer(store, actor, table))
        finally:
            reader.discard(table)
    except FileRefused as refusal:
        return str(refusal)
    return "read"


@pytest.mark.endurance
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_mutated_uploads_leave_the_process_up_its_memory_where_it_was_and_the_store_untouched(store, analyst):
    commands.prepare(store)
    assert upload(store, analyst, workbook(FIGURES), "good.xlsx", True) == "read"
    assert upload(store, analyst, text_of(TICKETS).encode(), "tickets.csv", False) == "read"
    before, held = everything(store), memory()
    for number in range(UPLOADS):
        said = upload(store, analyst, *mutated(number), as_figures=number % 2 == 0)
        assert said == "read" or said.endswith((".", "?", ")")), f"upload {number}: {said!r}"
        assert memory() - held < ROOM, f"upload {number} leaves {(memory() - held) / MB:.0f} MB behind"
    assert everything(store) == before and not list(store.staging.glob("*"))
    good = loading.propose(store, analyst, GOOD, "good.csv", TODAY)
    assert len(good.new) == 2


@pytest.mark.parametrize("make", BOMBS, ids=lambda make: make.__name__)
def test_a_bomb_is_refused_in_a_sentence_that_names_it(store, analyst, make):
    content, name = make(random.Random(1))
    with pytest.raises(FileRefused, match=f"^{name}: .*[.?]$"):
        loading.propose(store, analyst, content, name, TODAY)


@pytest.mark.endurance
@pytest.mark.parametrize("make", MORE if in_full() else MORE[:1], ids=lambda make: make.__name__)
def test_a_bomb_of_any_kind_is_refused_and_leaves_nothing_behind(store, analyst, make):
    content, name = make(random.Random(1))
    commands.prepare(store)
    held = memory()
    for as_figures in (True, False):
        assert upload(store, analyst, content, name, as_figures).endswith((".", "?"))
    assert memory() - held < ROOM and not list(store.staging.glob("*"))


@pytest.mark.endurance
@pytest.mark.parametrize("make", [*BOMBS, *MORE] if in_full() else [gz_bomb], ids=lambda make: make.__name__)
def test_a_bomb_is_refused_wherever_a_file_is_read(store, analyst, make):
    content, name = make(random.Random(1))
    commands.prepare(store)
    cycle = maturity.open_cycle(store, make_actor("leader"), title="Now", kind="quick", mode="named", people=["you"], closes=date(2026, 12, 22), today=TODAY)
    held = memory()
    for read in (lambda: activities.read(store, analyst, content, name), lambda: register_tables.read_file(store, analyst, "touch", content, name),
                 lambda: exchange.import_answers(store, make_actor("leader"), cycle.id, content, name)):  # fmt: skip
        with pytest.raises(ScorecardError, match=r"[.?]$"):
            read()
        assert memory() - held < ROOM and not list(store.staging.glob("*"))
