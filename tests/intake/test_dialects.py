"""The same facts in another dialect become the same rows: dates, decimal marks, yes and no, encoding, names, order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scorecard.intake import typing
from tests.endurance import some
from tests.intake.test_mapping import make_proposed
from tests.intake.making import make_table

HEADER = ("subscription_id", "account_id", "start_date", "end_date", "mrr", "is_trial", "seats")
FACTS = [("S1", "A1", (2026, 1, 31), None, 1234.5, False, 12), ("S2", "A1", (2026, 2, 3), (2026, 5, 13), 2000.25, True, 1),
         ("S3", "Ä2", (2025, 12, 4), None, 999.0, False, 1200)]


def written(header: tuple[str, ...] = HEADER, day: str = "{0:04}-{1:02}-{2:02}", mark: str = ".", group: str = "", yes: str = "True",
            no: str = "False", delimiter: str = ",", order: tuple[int, ...] = tuple(range(len(HEADER)))) -> str:
    """The facts as a file in one dialect."""
    def cell(value: Any) -> str:
        if value is None or isinstance(value, str):
            return value or ""
        if isinstance(value, bool):
            return yes if value else no
        if isinstance(value, tuple):
            return day.format(*value)
        text = f"{value:,.2f}" if isinstance(value, float) else str(value)
        return text.translate({ord(","): group, ord("."): mark})

    rows = [header, *([cell(value) for value in fact] for fact in FACTS)]
    return "\n".join(delimiter.join(row[i] for i in order) for row in rows) + "\n"


def facts(folder: Path, content: str | bytes, **choices: str) -> list[tuple]:
    """The typed rows of a file, in the order of their columns' names."""
    from pyarrow import parquet

    proposed = make_proposed(folder, content, **choices)
    assert proposed.sure, proposed.questions
    typed = typing.read(make_table(folder, content, "export.csv"), proposed.mappings)
    assert not typed.questions and not typed.refused, typed
    (part,) = typed.parts
    read = parquet.read_table(part.path).drop_columns(["row_number"])
    names = sorted(read.column_names)
    return sorted(zip(*(read.column(name).to_pylist() for name in names)), key=str)


DIALECTS = {
    "day first": written(day="{2:02}/{1:02}/{0:04}"),
    "month first": written(day="{1:02}/{2:02}/{0:04}"),
    "points in dates": written(day="{2:02}.{1:02}.{0:04}"),
    "semicolons and decimal comma": written(delimiter=";", mark=",", group="."),
    "thousands with a point and a comma": written(delimiter="\t", mark=".", group=","),
    "byte-order mark": "\ufeff" + written(),
    "UTF-16": written(delimiter=";").encode("utf-16"),
    "a Western code page": written(delimiter=";").encode("cp1252"),
    "TRUE and FALSE": written(yes="TRUE", no="FALSE"),
    "yes and no": written(yes="yes", no="no"),
    "1 and 0": written(yes="1", no="0"),
    "another order of columns": written(order=(6, 3, 1, 0, 5, 4, 2)),
    "other names": written(("Subscription ID", "Customer ID", "Contract start date", "Contract end date", "Monthly amount", "Trial", "Licences")),
    "names of code": written(("subscriptionId", "accountId", "startDate", "endDate", "MRR", "isTrial", "Seats")),
    "everything at once": "\ufeff" + written(("Contract ID", "Kunde", "Vertragsbeginn", "Vertragsende", "Monatsbetrag", "Test", "Plätze"),
                                              day="{2:02}.{1:02}.{0:04}", mark=",", group=".", yes="ja", no="nein", delimiter=";",
                                              order=(2, 1, 0, 3, 4, 6, 5)),
}


@pytest.mark.endurance
@pytest.mark.parametrize("dialect", some(DIALECTS))
def test_the_same_facts_in_another_dialect_become_the_same_rows(dialect, tmp_path):
    assert facts(tmp_path, DIALECTS[dialect]) == facts(tmp_path, written())


def test_windows_line_ends_and_quotes_change_nothing(tmp_path):
    quoted = "\r\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in written().splitlines()) + "\r\n"
    assert facts(tmp_path, quoted) == facts(tmp_path, written())


def test_a_workbook_says_what_its_csv_says(tmp_path):
    import io
    from datetime import date

    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(HEADER)
    for fact in FACTS:
        book.active.append([date(*cell) if isinstance(cell, tuple) else cell for cell in fact])
    held = io.BytesIO()
    book.save(held)
    proposed = make_proposed(tmp_path, held.getvalue(), "export.xlsx")
    typed = typing.read(make_table(tmp_path, held.getvalue(), "export.xlsx"), proposed.mappings)
    assert (typed.refused, typed.parts[0].rows, proposed.sure) == (0, 3, True)
