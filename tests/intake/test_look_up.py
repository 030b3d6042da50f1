"""Texts that are not in their plainest form: few are handed to DuckDB as they are, many through pyarrow, with the same outcome."""

from __future__ import annotations

import pytest

from scorecard.core.facts import KINDS
from scorecard.core.mapping import Rule
from scorecard.intake import casts
from scorecard.intake.casts import Cast
from scorecard.intake.cells import Way
from scorecard.intake.native import duckdb

TEXTS = {"date": ["1 Jan 2026", "x", ""], "number": ["1,000.5", "n"], "flag": ["yes", "?"], "moment": ["1 Jan 2026 10:00", "q"],
         "text": [" a ", "b  c"]}


def looked_up(type, texts):
    column = next(column for kind in KINDS.values() for column in kind.columns if column.type == type)
    cast = Cast(column, "t_x", Way(type, Rule()), "x", False, False)
    cast.others = texts
    con = duckdb.connect()
    try:
        casts.look_up(con, cast, "told")
        return con.execute("SELECT text, value, typeof(value), fault FROM told").fetchall()
    finally:
        con.close()


@pytest.mark.parametrize("type", TEXTS)
def test_many_texts_of_a_column_become_what_few_become(monkeypatch, type):
    few = looked_up(type, TEXTS[type])
    monkeypatch.setattr(casts, "MANY", 1)
    assert looked_up(type, TEXTS[type]) == few and [row[0] for row in few] == TEXTS[type]
    assert {row[2] for row in few} == {casts.SQL_TYPES[type]} and few[0][1] is not None
