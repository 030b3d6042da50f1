"""Opening a stranger's file: what is read, what is refused, and what it may cost."""

from __future__ import annotations

import gzip
import io
import os
import random
import time
import zipfile
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow
import pytest
from pyarrow import parquet

from scorecard.core.mapping import Mapping
from scorecard.errors import FileRefused
from scorecard.intake import columnar, parser, reader, telling, typing
from scorecard.intake.table import MB, UPLOAD
from tests.intake.making import make_table

PLAIN = "measure,period,value\nrenewal_rate,2026-09,0.9\nrenewal_rate,2026-10,NO\n"
ROWS = [["renewal_rate", "renewal_rate"], ["2026-09", "2026-10"], ["0.9", "NO"]]


def make_workbook(rows, title: str = "Figures", **more) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    for name, extra in more.items():
        sheet = book.create_sheet(name)
        for row in extra:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def make_zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def cells(table):
    return [table.column(name) for name in table.columns]


@pytest.mark.parametrize("content, encoding, delimiter", [
    (PLAIN.encode(), "UTF-8", "comma"), (PLAIN.encode("utf-8-sig"), "UTF-8 with a byte-order mark", "comma"),
    (PLAIN.encode("utf-16"), "UTF-16", "comma"), (PLAIN.encode("utf-16-le"), "UTF-16", "comma"),
    (PLAIN.encode("utf-16-be"), "UTF-16", "comma"), (PLAIN.replace(",", ";").encode(), "UTF-8", "semicolon"),
    (PLAIN.replace(",", "\t").encode(), "UTF-8", "tab"), (PLAIN.replace(",", "|").encode(), "UTF-8", "vertical bar"),
    (PLAIN.replace("\n", "\r\n").encode(), "UTF-8", "comma"), (PLAIN.replace("\n", "\r").encode(), "UTF-8", "comma"),
    (("sep=;\n" + PLAIN.replace(",", ";")).encode(), "UTF-8", "semicolon"), (PLAIN.rstrip().encode(), "UTF-8", "comma"),
    (PLAIN.replace("renewal_rate", '"renewal_rate"').encode(), "UTF-8", "comma"),
])
def test_a_text_file_is_read_whatever_its_encoding_delimiter_and_line_ends(tmp_path, content, encoding, delimiter):
    table = make_table(tmp_path, content)
    assert (table.seen["encoding"], table.seen["delimiter"]) == (encoding, delimiter)
    assert cells(table) == ROWS


@pytest.mark.parametrize("codec, words", [("latin-1", "Latin-1"), ("cp1252", "Windows-1252")])
def test_a_western_code_page_is_read_and_said(tmp_path, codec, words):
    name = "Größe" if codec == "latin-1" else "Größe €"
    table = make_table(tmp_path, f"month,{name}\n2026-10,5\n".encode(codec))
    assert table.columns[1] == name
    assert table.seen["encoding"].startswith(words)


def test_rows_are_numbered_as_in_the_file_with_blank_lines_counted(tmp_path):
    table = make_table(tmp_path, "period,value\n2026-01,1\n\n2026-02,2\n,\n2026-03,3\n")
    assert table.numbers() == [2, 4, 6]


def test_a_line_break_inside_quotes_is_part_of_its_field(tmp_path):
    table = make_table(tmp_path, 'period,value,note\n2026-01,1,"two\nlines, one ""field"""\n2026-02,2,x\n')
    assert table.column("note") == ['two\nlines, one "field"', "x"]
    assert table.numbers() == [2, 3]


def test_ragged_rows_are_set_apart_with_their_numbers(tmp_path):
    table = make_table(tmp_path, "a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,\n5,6,7\n")
    assert [(odd.number, odd.reason) for odd in table.odd] == [
        (3, "2 fields where the column names have 3"), (4, "4 fields where the column names have 3")]
    assert table.numbers() == [2, 5, 6]


def test_a_title_above_the_column_names_is_left_out_and_said(tmp_path):
    table = make_table(tmp_path, "Monthly figures\n\nperiod,value\n2026-01,1\n")
    assert (table.columns, table.seen["titles"], table.numbers()) == (("period", "value"), ["Monthly figures"], [4])


def test_two_delimiters_that_fit_equally_are_asked_about(tmp_path):
    text = "a,b;c\n1,2;3\n4,5;6\n"
    assert [option for option, _ in make_table(tmp_path, text).questions[0].options] == [",", ";"]
    assert make_table(tmp_path, text, choices={"delimiter": ";"}).columns == ("a,b", "c")


@pytest.mark.parametrize("content, told", [
    ("", "the file is empty"), (" \n\n", "the file is empty"), ("a,b\n", "column names and no rows"),
    ("value\n1\n2\n", "only one column was found \\('value'\\)"), ("a,a\n1,2\n", "columns 1 and 2 are both called 'a'"),
    ('a,b\n1,"open\n2,3\n', "a quotation mark is opened and never closed"), ('a,b\n"x"y,2\n', "row 2: text follows a closing quotation mark"),
    ("a,b\n1,\0\n", "row 2 holds a zero byte"), ("a,b\n" + "1\n" * 5, "most rows do not fit the column names: row 2 has 1 field"),
    ("a,b\u202e\n1,2\n", "column 2: the name holds invisible characters"), ("a," + "b" * 201 + "\n1,2\n", "is longer than 200 characters"),
    (b"\xff\xfea\x00,\x00b\x00\n\x00\x00\xd8\x31\x00", "the text is damaged"), ("a,b\n1,2\n" + "x" * 100_001 + ",2\n", "longer than 100,000"),
    (",".join(f"c{i}" for i in range(201)) + "\n" + "1," * 200 + "1\n", "201 columns; 200 are allowed"),
])
def test_a_file_that_cannot_be_read_is_refused_with_the_rule_that_it_breaks(tmp_path, content, told):
    with pytest.raises(FileRefused, match=told):
        make_table(tmp_path, content)


@pytest.mark.parametrize("name, head, told", [
    ("x.xls", b"\xd0\xcf\x11\xe0", "'.xls' is not a kind of file"), ("x.exe", b"MZ", "'.exe' is not a kind"), ("figures", b"a,b", "is not a kind"),
    ("x.csv", b"PK\x03\x04", "a zip archive or workbook"), ("x.csv", b"\x1f\x8b", "packed with gzip"), ("x.xlsx", b"a,b\n", "its first bytes say otherwise"),
    ("x.xlsx", b"\xd0\xcf\x11\xe0", "with a password"), ("x.parquet", b"PK\x03\x04", "a zip archive"), ("x.csv", b"%PDF-1.4", "a PDF"),
    ("x.csv", b"\x7fELF", "a program"), ("x.csv", b"PAR1", "a Parquet file"),
])
def test_the_name_and_the_first_bytes_have_to_agree(name, head, told):
    with pytest.raises(FileRefused, match=told):
        reader.kind_of(name, head)


def test_a_workbook_is_read_as_text_with_dates_percent_and_plain_numbers(tmp_path):
    book = openpyxl.Workbook()
    for row in (["month", "rate", "count", "flag"], [datetime(2026, 9, 1), 0.896, 1234567, True], [date(2026, 10, 1), None, 0.125, "NO"]):
        book.active.append(row)
    book.active["B2"].number_format = "0.0%"
    out = io.BytesIO()
    book.save(out)
    table = make_table(tmp_path, out.getvalue(), "figures.xlsx")
    assert cells(table) == [["2026-09-01", "2026-10-01"], ["89.6%", ""], ["1234567", "0.125"], ["TRUE", "NO"]]


def test_a_workbook_with_two_filled_sheets_is_asked_about(tmp_path):
    content = make_workbook([["a", "b"], [1, 2]], More=[["c", "d"], [3, 4]], Blank=[])
    assert [answer for answer, _ in make_table(tmp_path, content, "x.xlsx").questions[0].options] == ["Figures", "More"]
    assert make_table(tmp_path, content, "x.xlsx", {"sheet": "More"}).columns == ("c", "d")
    with pytest.raises(FileRefused, match="there is no sheet 'Other'. The workbook has: Figures, More, Blank"):
        make_table(tmp_path, content, "x.xlsx", {"sheet": "Other"})


def test_a_formula_without_a_stored_result_is_refused_and_not_read_as_blank(tmp_path):
    with pytest.raises(FileRefused, match="cell B2: a formula without a stored result"):
        make_table(tmp_path, make_workbook([["month", "value"], ["2026-10", "=1+1"]]), "x.xlsx")


def test_parquet_is_read_as_text(tmp_path):
    frame = pyarrow.table({"period": [date(2026, 10, 1), date(2026, 11, 1)], "value": [0.5, None], "n": [1, 2]})
    parquet.write_table(frame, tmp_path / "x.parquet")
    table = make_table(tmp_path, (tmp_path / "x.parquet").read_bytes(), "x.parquet")
    assert cells(table) == [["2026-10-01", "2026-11-01"], ["0.5", ""], ["1", "2"]]


def make_columns(folder: Path, name: str, monkeypatch, large: int):
    monkeypatch.setattr(columnar, "LARGE", large)
    return make_table(folder, (folder / name).read_bytes(), name)


def test_a_large_parquet_file_is_read_column_by_column_and_says_the_same(tmp_path, monkeypatch):
    zone = timezone(timedelta(hours=2))
    frame = pyarrow.table({
        "text": ["a", None, " ", "é", "NO"], "n": [1, None, None, -3, 2**40], "x": [0.5, None, None, 1e20, float("nan")], "yes": [True, None, None, False, True],
        "day": [date(2026, 10, 1), None, None, date(1999, 1, 1), date(2026, 10, 1)], "at": [datetime(2026, 10, 1), None, None, datetime(2026, 10, 1, 9, 30, 1, 5), datetime(1960, 1, 1, 0, 0, 1)],
        "there": pyarrow.array([datetime(2026, 10, 1, 1, tzinfo=zone), None, None, datetime(2026, 10, 1, tzinfo=zone), None], pyarrow.timestamp("us", "Europe/Berlin")),
        "money": [Decimal("1.50"), None, None, Decimal("-2.00"), None], "kind": pyarrow.array(["p", None, None, "q", "p"]).dictionary_encode(),
        "none": pyarrow.nulls(5), "ns": pyarrow.array([1, None, None, 10**18, 0], pyarrow.timestamp("ns"))})
    parquet.write_table(frame, tmp_path / "x.parquet")
    whole, by_row = (make_columns(tmp_path, "x.parquet", monkeypatch, large) for large in (1, 1 << 40))
    assert cells(whole) == cells(by_row) and whole.numbers() == by_row.numbers() == [2, 5, 6]
    assert (whole.columns, whole.rows, whole.seen) == (by_row.columns, by_row.rows, by_row.seen)


@pytest.mark.parametrize("rows", [[["a", "1"], ["Grand Totals (2 records)", "3"]], [["", ""], ["", ""]]])
def test_a_large_parquet_file_that_is_no_plain_table_is_left_to_the_careful_reader(tmp_path, monkeypatch, rows):
    parquet.write_table(pyarrow.table({"id": [a for a, _ in rows], "n": [b for _, b in rows]}), tmp_path / "x.parquet")
    said = []
    for large in (1, 1 << 40):
        try:
            table = make_columns(tmp_path, "x.parquet", monkeypatch, large)
            said.append((cells(table), table.seen))
        except FileRefused as error:
            said.append(str(error))
    assert said[0] == said[1]


def test_a_large_parquet_file_keeps_to_the_limit_of_text(tmp_path, monkeypatch):
    monkeypatch.setattr(columnar, "LARGE", 1)
    parquet.write_table(pyarrow.table({"a": ["x" * 1_000] * 200, "b": [1] * 200}), tmp_path / "x.parquet")
    with pytest.raises(FileRefused, match="more than 0 MB of text|MB are allowed"):
        make_table(tmp_path, (tmp_path / "x.parquet").read_bytes(), "x.parquet", limits=replace(UPLOAD, unpacked=100_000))


@pytest.mark.parametrize("content, told", [
    (b"PAR1" + b"x" * 50 + b"PAR1", "damaged"), (b"PAR1", "damaged"),
])
def test_a_damaged_parquet_file_is_refused(tmp_path, content, told):
    with pytest.raises(FileRefused, match=told):
        make_table(tmp_path, content, "x.parquet")


def test_nested_parquet_columns_are_refused_by_name(tmp_path):
    parquet.write_table(pyarrow.table({"a": [[1], [2]], "b": [1, 2]}), tmp_path / "x.parquet")
    with pytest.raises(FileRefused, match="column 'a' holds list"):
        make_table(tmp_path, (tmp_path / "x.parquet").read_bytes(), "x.parquet")


@pytest.mark.parametrize("parts, told", [
    ({f"xl/{i}.xml": b"" for i in range(2_001)}, "2,001 parts; 2,000 are allowed"),
    ({"xl/workbook.xml": b"\0" * 4 * MB}, "more than 200 times its size"),
    ({"xl/workbook.xml": b"\0" * 201 * MB}, "unpacks to 211 MB; 210 MB are allowed"),
    ({"readme.txt": os.urandom(100)}, "a zip archive and no Excel workbook"), ({"xl/workbook.xml": b"<x"}, "cannot be opened"),
])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path, parts, told):
    with pytest.raises(FileRefused, match=told):
        make_table(tmp_path, make_zip(parts), "x.xlsx")


def test_a_million_rows_are_the_most_and_one_more_is_refused(tmp_path):
    small = replace(UPLOAD, rows=3)
    assert make_table(tmp_path, "a,b\n" + "1,2\n" * 3, limits=small).rows == 3
    with pytest.raises(FileRefused, match="more than 3 rows"):
        make_table(tmp_path, "a,b\n" + "1,2\n" * 4, limits=small)


# -- in the child process

def test_the_child_reads_a_file_and_leaves_only_the_staged_rows(tmp_path):
    table = reader.read(PLAIN.encode(), "figures.csv", tmp_path)
    assert cells(table) == ROWS
    assert list(tmp_path.iterdir()) == [table.path]
    reader.discard(table)
    assert not list(tmp_path.iterdir())


def test_a_refusal_names_the_file_and_leaves_nothing_behind(tmp_path):
    with pytest.raises(FileRefused, match="^figures.csv: it holds column names and no rows"):
        reader.read(b"a,b\n", "figures.csv", tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_workbook_that_fills_the_memory_stops_the_child_and_not_this_process(tmp_path):
    shared = b"".join(b"<si><t>%032d</t></si>" % i for i in range(400_000))
    content = make_workbook([["a", "b"], [1, 2]])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    name = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'.encode()
    parts["xl/sharedStrings.xml"] = name + shared + b"</sst>"
    started = time.monotonic()
    with pytest.raises(FileRefused, match="memory"):
        reader.read(make_zip(parts), "bomb.xlsx", tmp_path, replace(UPLOAD, memory=160 * MB, ratio=10_000))
    assert time.monotonic() - started < 60
    assert not list(tmp_path.iterdir())


def test_a_file_that_takes_too_long_is_stopped(tmp_path):
    # The blank line keeps it from the fast way in.
    content = ("period,value\n\n" + "2026-01,1\n" * 900_000).encode()
    with pytest.raises(FileRefused, match="1 seconds"):
        reader.read(content, "slow.csv", tmp_path, replace(UPLOAD, seconds=1))
    assert not list(tmp_path.iterdir())


def test_a_file_above_the_size_limit_is_not_opened(tmp_path):
    with pytest.raises(FileRefused, match="big.csv: it has 2 MB; 1 MB are allowed"):
        reader.read(b"a,b\n" + b"1,2\n" * 500_000, "big.csv", tmp_path, replace(UPLOAD, packed=MB))


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "*.csv", "a b;c.csv", "a\u202evsc.csv", "'; DROP TABLE x.csv"])
def test_a_crooked_name_is_only_a_label(tmp_path, name):
    staging = tmp_path / "staging"
    table = reader.read(PLAIN.encode(), name, staging)
    assert [path.parent for path in staging.iterdir()] == [staging]
    assert table.path.stem.isalnum()


def test_what_killed_sessions_left_is_swept_after_a_day(tmp_path):
    old, young, other = tmp_path / "a.parquet", tmp_path / "b.parquet", tmp_path / "notes.txt"
    for path in (old, young, other):
        path.write_bytes(b"x")
    for path in (old, other):
        os.utime(path, (time.time() - 2 * 24 * 3600,) * 2)
    reader.discard(reader.read(PLAIN.encode(), "figures.csv", tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.parquet", "notes.txt"]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileRefused, match="gone.csv: there is no such file"):
        reader.read(Path(tmp_path / "gone.csv"), "gone.csv", tmp_path)


# -- how far a long file is, and stopping it

class Enough(Exception):
    """Somebody stopped the load."""


def make_long(folder: Path, rows: int = 250_000) -> Path:
    """A file that the careful reader has to take: a blank line in it."""
    source = folder / "use.csv"
    source.write_text("id,account,day\n\n" + "".join(f"U-{n},A-{n % 97},2026-01-01\n" for n in range(rows)))
    return source


def stop_at(found: list[int], rows: int):
    def told(count: int) -> None:
        found.append(count)
        if count >= rows:
            raise Enough

    return told


def no_child_is_left() -> bool:
    """Whether no reader runs below this process; other tests keep a browser and servers there."""
    for one in Path("/proc").glob("[0-9]*"):
        try:
            parent, command = (one / "stat").read_text().rpartition(")")[2].split()[1], (one / "cmdline").read_bytes()
        except OSError:
            continue  # It ended meanwhile.
        if parent == str(os.getpid()) and b"scorecard.intake" in command:
            return False
    return True


def test_rows_are_told_while_they_are_read_and_a_stop_leaves_nothing(tmp_path):
    found: list[int] = []
    with pytest.raises(Enough):
        reader.read(make_long(tmp_path), "use.csv", tmp_path / "staging", UPLOAD, watch=reader.Counting(reader.unwatched, stop_at(found, 1)))
    assert found and 0 < found[-1] <= 250_000
    assert list((tmp_path / "staging").iterdir()) == [] and no_child_is_left()


def test_a_stop_while_rows_are_typed_leaves_the_text_and_nothing_else(tmp_path, monkeypatch):
    table = make_table(tmp_path, make_long(tmp_path, 1_000).read_bytes())
    before = {path.name for path in tmp_path.iterdir()}

    def stop() -> None:
        raise Enough

    monkeypatch.setattr(reader, "LOOK_SECONDS", 0.05)
    mapping = Mapping("usage", {"usage_id": "id", "account_id": "account", "used_on": "day"})
    with pytest.raises(Enough):
        typing.read(table, [mapping], watch=reader.Counting(stop, print))
    assert {path.name for path in tmp_path.iterdir()} == before and no_child_is_left()


@pytest.mark.parametrize(("said", "heard"), [(b"", 0), (b"12\n", 12), (b"12\n3400\n", 3400), (b"12\n34", 12), (b"9" * 40 + b"\n", 0), (b"-5\nx\n", 0)])
def test_only_a_number_of_rows_is_taken_from_a_child(said, heard):
    ours, childs = os.pipe()
    os.set_blocking(ours, False)
    os.write(childs, said or b"\n")
    assert reader._last_number(ours) == heard
    os.close(ours), os.close(childs)


def test_the_share_that_the_database_has_read_is_told_as_rows(monkeypatch):
    monkeypatch.setattr(telling, "EVERY_SECONDS", 0.001)
    shares = iter([-1.0, 10.0, 10.0, 40.0, 5.0])

    class Asked:
        def query_progress(self) -> float:
            return next(shares, 100.0)

    ours, childs = os.pipe()
    with telling.Teller(childs).following(Asked(), 1_000):
        time.sleep(0.3)
    assert os.read(ours, 1_000) == b"100\n400\n1000\n"
    os.close(ours), os.close(childs)


# -- text packed with gzip

def packed(content: bytes) -> bytes:
    """The content packed with gzip, the same bytes at any time of day: they are part of what a test is called."""
    return gzip.compress(content, mtime=0)


def read_packed(folder: Path, content: bytes, name: str = "use.csv.gz", **more):
    return reader.read(content, name, folder / "staging", replace(UPLOAD, **more))


def test_text_packed_with_gzip_is_read_as_the_text(tmp_path):
    table = read_packed(tmp_path, packed(PLAIN.encode()))
    assert (table.name, table.kind, table.rows, table.seen["packed"]) == ("use.csv", "csv", 2, "gzip") and cells(table) == ROWS
    assert [path.suffix for path in (tmp_path / "staging").iterdir()] == [".parquet"]


@pytest.mark.parametrize(("content", "name", "told"), [
    (packed(b"a,b\n" + b"0,0\n" * 3_000_000), "x.csv.gz", "use.csv.gz: it unpacks to more than 200 times its size"),
    (packed(random.Random(7).randbytes(400_000)), "x.csv.gz", "it unpacks to more than 0 MB"), (packed(PLAIN.encode() * 999)[:-9], "x.csv.gz", "damaged or cut off"),
    (b"\x1f\x8b nothing", "x.csv.gz", "damaged or cut off"), (PLAIN.encode(), "x.csv.gz", "it is not packed with gzip"), (packed(b"PK\x03\x04"), "x.csv.gz", "is no CSV"),
    (packed(packed(PLAIN.encode())), "x.csv.gz", "is no CSV"), (packed(b"PAR1"), "x.parquet.gz", "only text is read"), (b"\x1f\x8b", "x.gz", "only text is read"),
    (packed(b""), "x.csv.gz", "the file is empty"),
])
def test_a_packed_file_that_is_too_large_or_no_text_is_refused_and_leaves_nothing(tmp_path, content, name, told):
    unpacked = 300_000 if "0 MB" in told else UPLOAD.unpacked
    with pytest.raises(FileRefused, match=told.replace("use", "x")):
        read_packed(tmp_path, content, name, unpacked=unpacked)
    assert list((tmp_path / "staging").iterdir()) == []


@pytest.mark.parametrize(("name", "is_read"), [("a.csv", True), ("A.CSV.GZ", True), ("a.txt.gz", True), ("a.xlsx", True), ("a.xlsx.gz", False), ("a.gz", False), ("csv", False),
                                               ("a.zip", False)])
def test_a_folder_offers_what_can_be_read(name, is_read):
    assert reader.is_readable(name) is is_read


@pytest.mark.parametrize("rows", [[], [["a", "é 'x'"], ["", "~\0"], ['"', "1\n2"]]], ids=["none", "three"])
def test_many_rows_are_staged_as_few_are(tmp_path, monkeypatch, rows):
    staged = []
    monkeypatch.setattr(parser, "has_pyarrow", lambda: False)
    for cells_of_a_batch in (parser.BATCH_CELLS, 1):
        monkeypatch.setattr(parser, "BATCH_CELLS", cells_of_a_batch)
        parser.Stager(tmp_path / "x.parquet", ["k", "v"], UPLOAD, padded=False).write(enumerate(rows, 2))
        staged.append(parquet.read_table(tmp_path / "x.parquet"))
    assert staged[0].equals(staged[1]) and staged[0].to_pylist() == [{"row": n, "c0": a, "c1": b} for n, (a, b) in enumerate(rows, 2)]
