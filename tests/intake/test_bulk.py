"""Large files take a fast way in: it reads what the careful reader reads, or leaves the file to it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from scorecard.errors import FileRefused
from scorecard.intake import bulk, delimited, parser
from scorecard.intake.table import UPLOAD, Limits, clean_name
from tests.endurance import in_full


def fast(folder: Path, text: str | bytes, width: int, delimiter: str = ",", header: int = 1, limits: Limits = UPLOAD) -> list[tuple] | None:
    source, out = folder / "a*b.csv", folder / "out.parquet"
    source.write_bytes(text if isinstance(text, bytes) else text.encode())
    staged = bulk.stage(source, delimited.encoding(source)[0], delimiter, header, width, out, limits)
    assert not (folder / "out.in").exists()
    return None if staged is None else rows_in(out)


def careful(folder: Path, text: str | bytes, monkeypatch) -> list[tuple] | None:
    source, out = folder / "careful.csv", folder / "careful.parquet"
    source.write_bytes(text if isinstance(text, bytes) else text.encode())
    monkeypatch.setattr(bulk, "LARGE", 1 << 40)
    try:
        found = parser.parse(source, "csv", out, UPLOAD, {"delimiter": ","})
    except FileRefused:
        return None
    return None if found.get("odd") else rows_in(out)


def rows_in(path: Path) -> list[tuple]:
    read = parquet.read_table(path, use_threads=False)
    return list(zip(*(read.column(name).to_pylist() for name in read.column_names)))


def test_rows_are_numbered_as_in_the_file(tmp_path):
    assert fast(tmp_path, "title of it,\nid,name\na,Arden\nb,\n", 2, header=2) == [(3, "a", "Arden"), (4, "b", "")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line", ["\n", "\r\n"])
def test_encodings_and_line_ends_do_not_matter(tmp_path, encoding, line):
    text = line.join(["id;name", "a;Café", 'b;"two\nlines; ""quoted"""', ""])
    assert fast(tmp_path, text.encode(encoding), 2, ";") in ([(2, "a", "Café"), (3, "b", 'two\nlines; "quoted"')], *([None] * (line == "\r\n")))


@pytest.mark.parametrize("text", [
    "id,name\na,Arden\n\nb,Birch\n", "id,name\na,Arden\nb\n", "id,name\na,Arden,more\n", 'id,name\na,"Arden\nb,Birch\n', 'id,name\na,"Arden"x\n',
    "id,name\na,Ar\0den\n", "id,name\r\na,Arden\nb,Birch\r\n", "id,name\ra,Arden\r", 'Export "of, it\nid,name\na,b\n',
    "id,name\na,Arden\nConfidential Information - Do Not Distribute,\n", 'id,name\na,"Arden" \n', 'id,name\na, "Arden"\n', 'id,name\na,"" ',
])
def test_a_file_with_anything_odd_is_left_to_the_careful_reader(tmp_path, text):
    assert fast(tmp_path, text, 2) is None


def test_a_row_of_blank_cells_is_no_row_and_keeps_its_number(tmp_path):
    assert fast(tmp_path, "id,name\na,Arden\n , \nb,Birch\n", 2) == [(2, "a", "Arden"), (4, "b", "Birch")]


def test_more_rows_than_allowed_are_refused(tmp_path):
    with pytest.raises(FileRefused, match="it has more than 2 rows"):
        fast(tmp_path, "id,name\na,1\nb,2\nc,3\n", 2, limits=Limits(rows=2))


def test_the_reader_takes_the_fast_way_for_a_large_file_and_says_the_same_of_it(tmp_path, monkeypatch):
    text = "id,name\n" + "".join(f"{i},name {i}\n" for i in range(2_000))
    source = tmp_path / "large.csv"
    source.write_text(text)
    answers = []
    for large in (100, 1 << 40):
        monkeypatch.setattr(bulk, "LARGE", large)
        answers.append((parser.parse(source, "csv", tmp_path / "out.parquet", UPLOAD, {}), rows_in(tmp_path / "out.parquet")))
    assert answers[0][0].pop("plain") and answers[0] == answers[1] and answers[0][0]["rows"] == 2_000


def plain(folder: Path, text: str, delimiter: str = ",") -> bool:
    source = folder / "p.csv"
    source.write_bytes(text.encode())
    staged = bulk.stage(source, delimited.encoding(source)[0], delimiter, 1, 2, folder / "p.parquet", UPLOAD)
    return staged is not None and staged.plain


@pytest.mark.parametrize(("text", "is_plain"), [
    ("id,name\na,Arden Co\n", True), ('id,name\na,"Arden,Co"\n', True), ('id,name\na,"Arden, Co"\n', False), ("id,name\r\na,\r\n", True), ("id,name\na,Arden  Co\n", False),
    ("id,name\na, Arden\n", False), ("id,name\na,Arden \n", False), ("id,name\na,Arden ", False), ("id,name\n a,Arden\n", False),
    ('id,name\na," Arden"\n', False), ('id,name\na,"Arden\nCo"\n', False), ("id,name\na,Ar\tden\n", False), ("id,name\na,Ardén\n", False),
    ("id,name\na,Ar\x07den\n", False), ("id,name\na,Ar\x7fden\n", False),
])
def test_a_file_is_plain_when_every_cell_can_be_taken_as_it_stands(tmp_path, text, is_plain):
    assert plain(tmp_path, text) is is_plain


@pytest.mark.parametrize(("text", "is_plain"), [("id\tname\na\tArden Co\n", True), ('id\tname\na\t"Ar\tden"\n', False), ("id\tname\na\t Arden\n", False)])
def test_a_tab_is_plain_between_cells_and_not_in_them(tmp_path, text, is_plain):
    assert plain(tmp_path, text, "\t") is is_plain


@settings(max_examples=100 if in_full() else 50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(*[st.text(st.sampled_from(list('ab1 ",;\n\té')), max_size=6)] * 2), min_size=1, max_size=6), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_a_plain_file_holds_no_cell_that_would_have_to_be_cleaned(tmp_path, rows, quoting):
    out = io.StringIO()
    writer = csv.writer(out, quoting=quoting, lineterminator="\n")
    writer.writerows([("id", "name"), *rows])
    if plain(tmp_path, out.getvalue()):
        assert all(cell == clean_name(cell) and cell.isascii() and cell.isprintable() for row in rows for cell in row)


plain_cells = st.text(st.sampled_from(list('ab1 ",;\n\r\té\'|#')), max_size=6)


@settings(max_examples=60 if in_full() else 30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(plain_cells, plain_cells), min_size=1, max_size=6), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), st.sampled_from(["\n", "\r\n"]))
def test_written_files_are_read_as_the_careful_reader_reads_them(tmp_path, monkeypatch, rows, quoting, line):
    out = io.StringIO()
    writer = csv.writer(out, quoting=quoting, lineterminator=line)
    writer.writerows([("id", "name"), *rows])
    found = fast(tmp_path, out.getvalue(), 2)
    assert found is None or not found or found == careful(tmp_path, out.getvalue(), monkeypatch)


@settings(max_examples=150 if in_full() else 75, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from(list('ab", \t\n\r;\\')), max_size=24))
def test_raw_text_is_read_as_the_careful_reader_reads_it_or_left_to_it(tmp_path, monkeypatch, body):
    text = "id,name\n" + body
    found = fast(tmp_path, text, 2)
    assert found is None or not found or found == careful(tmp_path, text, monkeypatch)
