"""Files that broke other readers: each is read right or refused in a true sentence; none crashes or hangs."""

from __future__ import annotations

import io
import json
import warnings

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from scorecard.errors import FileRefused
from scorecard.intake import figures
from scorecard.places import ROOT
from tests.intake.making import MEASURES, make_table

SHARED = ROOT.parent / "shared" / "data"
MESSY = sorted(path for path in SHARED.glob("messy-small/**/*") if path.suffix in (".csv", ".tsv", ".xlsx", ".xls"))
SPECTRUM = sorted(SHARED.glob("csv-spectrum/csvs/*.csv"))
READ = {  # file -> (rows, columns), counted by hand or by its own project's tests
    "csvkit/dummy.xlsx": (1, 3), "csvkit/iris.csv": (150, 5), "csvkit/test_utf16_big.csv": (2, 3), "csvkit/test_utf16_little.csv": (2, 3),
    "csvkit/mac_newlines.csv": (2, 3), "csvkit/test_latin1.csv": (2, 3), "frictionless/issue-1009-semicolon.csv": (1, 2),
    "frictionless/blank-rows-multiple.csv": (2, 3), "messytables/spanish_chars.csv": (115, 8), "readxl/iris-google-doc.xlsx": (150, 5),
    "frictionless/skip-rows-before-headers.csv": (2, 2), "messytables/utf-16le_encoded.csv": (327, 19), "messytables/simple.xlsx": (6, 3),
}
REFUSED = {
    "csvkit/empty.csv": "the file is empty", "csvkit/null_byte.csv": "zero byte", "csvkit/bad.csv": "most rows do not fit",
    "frictionless/duplicate-headers.csv": "columns 1 and 3 are both called 'id'", "csvkit/date_like_number.csv": "only one column",
    "readxl/dates-1904.xls": "'.xls' is not a kind of file", "csvkit/no_header_row.csv": "column names and no rows",
    "frictionless/capital-invalid.csv": "columns 2 and 3 are both called",
}


@pytest.mark.parametrize("path", MESSY or [None], ids=lambda path: "/".join(path.parts[-2:]) if path else "absent")
def test_a_messy_file_is_read_or_refused_in_a_sentence(path, tmp_path):
    if path is None:
        pytest.skip(f"the example files are not beside the project ({SHARED})")
    name = "/".join(path.parts[-2:])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # openpyxl tells what it leaves out of a workbook
        try:
            table = make_table(tmp_path, path.read_bytes(), path.name)
        except FileRefused as refusal:
            assert name not in READ
            assert REFUSED.get(name, "") in str(refusal) and str(refusal).endswith((".", "?"))
            return
    assert name not in REFUSED
    if table.questions:
        return
    assert (table.rows, len(table.columns)) == READ.get(name, (table.rows, len(table.columns)))
    assert len(table.numbers()) == table.rows and table.numbers() == sorted(set(table.numbers()))
    try:
        figures.understand(table, MEASURES, {})
    except FileRefused as refusal:
        assert str(refusal).startswith(f"{path.name}: ") and str(refusal).endswith(".")


@pytest.mark.parametrize("path", SPECTRUM or [None], ids=lambda path: path.name if path else "absent")
def test_the_csv_spectrum_is_read_as_its_authors_say(path, tmp_path):
    if path is None:
        pytest.skip(f"the example files are not beside the project ({SHARED})")
    told = json.loads((path.parents[1] / "json" / f"{path.stem}.json").read_text(encoding="utf-8"))
    table = make_table(tmp_path, path.read_bytes(), path.name)
    told = [told] if isinstance(told, dict) else told
    rows = zip(*(table.column(name) for name in table.columns))
    lines = {"newlines_crlf"}
    read = [dict(zip(table.columns, (cell.replace("\r\n", "\n") if path.stem in lines else cell for cell in row))) for row in rows]
    told = [{key: value.replace("\r\n", "\n") if path.stem in lines else value for key, value in row.items()} for row in told]
    if path.stem == "location_coordinates":  # the phone number in its JSON is not the one in its CSV
        read, told = [[{**row, "Contact Phone Number": ""} for row in rows] for rows in (read, told)]
    assert read == told


ANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _survives(tmp_path, content: bytes, name: str) -> None:
    try:
        figures.understand(make_table(tmp_path, content, name), MEASURES, {})
    except FileRefused as refusal:
        assert str(refusal)
    finally:
        for path in tmp_path.iterdir():
            path.unlink()


@ANY
@given(st.binary(max_size=400), st.sampled_from(["x.csv", "x.tsv"]))
def test_random_bytes_are_read_or_refused(tmp_path, content, name):
    _survives(tmp_path, content, name)


@ANY
@given(st.binary(max_size=200))
def test_a_damaged_workbook_is_refused(tmp_path, content):
    _survives(tmp_path, b"PK\x03\x04" + content, "x.xlsx")


@ANY
@given(st.lists(st.lists(st.one_of(st.text(max_size=8), st.sampled_from(["2026-10", "0.9", "1,5", "renewal_rate", "89%", "", "01/02/2026"])),
                         min_size=3, max_size=3), min_size=1, max_size=6))
def test_any_cells_under_right_column_names_are_read_or_refused(tmp_path, rows):
    import csv

    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["measure", "period", "value"])
    writer.writerows(rows)
    _survives(tmp_path, out.getvalue().encode("utf-8", "surrogatepass"), "x.csv")


@ANY
@given(st.lists(st.lists(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=6), min_size=2, max_size=2), min_size=1, max_size=8))
def test_what_a_csv_writer_writes_is_read_back(tmp_path, rows):
    import csv

    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerows([["a", "b"], *rows])
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    try:
        table = make_table(tmp_path, out.getvalue(), choices={"delimiter": ","})
        assert [list(row) for row in zip(table.column("a"), table.column("b"))] == kept
    except FileRefused:
        assert not kept
    finally:
        for path in tmp_path.iterdir():
            path.unlink()
