"""The lifecycle leaves the page as CSV and Excel, with the same figures as on the map."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date

from openpyxl import load_workbook

from scorecard.core import lifecycle as core
from scorecard.core.lifecycle import SHIPPED, Flow
from scorecard.core.periods import Period
from scorecard.output import work_twins
from scorecard.work.lifecycle import Lifecycle, Standing, chart

MONTHS = [Period(date(2026, n, 1), "month") for n in range(1, 11)]


def make_lifecycle() -> Lifecycle:
    series = tuple(core.Cohort(month, 9, 8, 20.0 + n, True) for n, month in enumerate(MONTHS))
    stage = replace(SHIPPED.stages[0], name="=cmd()")
    one = Standing(stage, 7, Flow(5, 6, {1: 3}, 1, 7), 4, series, chart(series, stage), None, 7, 2, 40.0, (("video", 12),))
    return Lifecycle(replace(SHIPPED, version=2), date(2026, 10, 31), MONTHS[-1], 7, 6, 1, (one,), 0)


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(work_twins.csv(make_lifecycle()))))


def test_who_was_there_and_who_came_is_who_went_and_who_is_there_in_the_file_too():
    told = {row["figure"]: float(row["value"]) for row in rows() if row["part"] == "flow"}
    assert told["there before the month"] + told["came in the month"] == (
        told["went on in the month"] + told["left as customers in the month"] + told["there after the month"])  # fmt: skip


def test_each_month_has_its_median_its_count_and_its_limits():
    days = [row for row in rows() if row["figure"] == "median days"]
    assert [float(row["value"]) for row in days] == [20.0 + n for n in range(10)] and {row["of"] for row in days} == {"9"}
    assert all(row["lower"] and row["upper"] for row in days)


def test_the_workbook_has_a_sheet_a_part_and_the_rules_of_every_version():
    found = load_workbook(io.BytesIO(work_twins.workbook(make_lifecycle(), [replace(SHIPPED, version=1, reason="as shipped")], "Work")))
    assert found.sheetnames == ["Accounts", "Came and went", "Days by month", "Channels", "Versions of the map"]
    assert found["Versions of the map"].max_row == 1 + len(SHIPPED.stages)
    assert found["Came and went"]["A2"].value in ("=cmd()", "'=cmd()") and found["Came and went"]["A2"].data_type == "s"


def test_a_store_without_accounts_gives_the_heads_alone():
    assert work_twins.csv(None).splitlines() == [",".join(work_twins.COLUMNS)]
