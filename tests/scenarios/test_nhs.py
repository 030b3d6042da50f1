"""Four-hour performance of emergency departments in England, 36 months: loaded, read, compared with the command line.

NHS England, A&E attendances and emergency admissions, CC0. Skipped where the data are absent.
"""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import pytest

from scorecard import metrics
from scorecard.core.definition import Definition, Goal
from scorecard.output import measure_tables
from tests.conftest import make_store
from tests.scenarios.real_data import CARD, chart_json, load_all, page_rows, pooled
from tests.scenarios.test_airline import assert_same_chart

TODAY = date(2019, 4, 20)
TYPES = {"1": "Major departments", "2": "Single specialty", "other": "Minor units"}
WITHIN = Definition(
    name="within_four_hours",
    label="Within four hours",
    unit="percent",
    aggregate="ratio",
    improvement_direction="increase",
    bounds=(0.0, 1.0),
    numerator_label="attendances within four hours",
    denominator_label="attendances",
    targets=(Goal(date(2016, 4, 1), 0.95, "NHS constitution"),),
)


def read_series(folder: Path) -> dict:
    """(measure, segment) -> month -> (within four hours, attendances)."""
    with (folder / "nhs-ae-monthly" / "ae_attendances.csv").open() as file:
        rows = [
            (
                TYPES[row["type"]],
                row["period"][:7],
                float(row["attendances"]) - float(row["breaches"]),
                float(row["attendances"]),
            )
            for row in csv.DictReader(file)
        ]
    return {(WITHIN.name, part): dict(sorted(months.items())) for part, months in pooled(rows).items()}


@pytest.fixture(scope="module")
def series(shared_data):
    return read_series(shared_data)


@pytest.fixture(scope="module")
def store(series, tmp_path_factory):
    folder = tmp_path_factory.mktemp("nhs")
    opened = make_store(folder)
    load_all(opened, folder, [WITHIN], {key: months for key, months in series.items() if key[1]}, TODAY)
    yield opened
    opened.close()


def view_of(store, period=None, segment: str = "") -> metrics.ScorecardView:
    return metrics.scorecard_view(store, CARD, period, segment, TODAY)


def test_the_national_figure_is_pooled_from_the_three_kinds_of_department(store, series):
    row = view_of(store).rows[0]
    within, attended = series[WITHIN.name, ""]["2019-03"]
    assert (str(row.period), row.numerator, row.denominator) == ("2019-03", within, attended)
    assert row.value == pytest.approx(0.8660427671795346, rel=1e-12)


def test_the_target_of_95_per_cent_is_out_of_reach(store):
    view = view_of(store)
    row = view.rows[0]
    assert (row.reading.capability, row.reading.status, row.goal_text) == ("will_miss", "act", "goal ≥ 95%")
    assert view.counts == {"on_course": 0, "watch": 0, "act": 1, "not_yet": 0}
    assert view.sentences[0].bold.startswith("Within four hours")


def test_minor_units_meet_the_target_that_major_departments_cannot(store):
    assert view_of(store, segment="Minor units").rows[0].reading.capability == "will_meet"
    assert view_of(store, segment="Major departments").rows[0].reading.capability == "will_miss"


@pytest.mark.parametrize("segment", ["", *TYPES.values()])
def test_the_number_on_the_page_is_that_of_the_command_line(store, series, tmp_path, segment):
    view = view_of(store, segment=segment)
    row = view.rows[0]
    said = chart_json(tmp_path, row, series[WITHIN.name, segment])
    assert f" {said['points'][-1]['value'] * 100:.1f}% " in page_rows(view)["Within four hours"]
    assert (row.reading.variation, row.reading.capability, row.reading.status) == (
        said["variation"],
        said["capability"],
        said["status"],
    )
    assert_same_chart(row, said)


def test_the_table_under_the_chart_has_every_figure_of_the_command_line(store, series, tmp_path):
    view = metrics.measure_view(store, WITHIN.name, None, "", TODAY)
    said = chart_json(tmp_path, view.row, series[WITHIN.name, ""])
    wide = measure_tables.numbers(view).split('<div class="narrow">')[0]
    shown = [
        value
        for part in reversed(wide.split('class="val"')[1:])
        for value in re.findall(r"<td[^>]*>([\d.]+)(?:<[^/]|</td>)", part.split("</tr>")[0])
    ]
    assert shown == [f"{point['value'] * 100:.1f}" for point in said["points"]]


def test_the_limits_locked_on_the_first_24_months(store):
    (record,) = metrics.measure_view(store, WITHIN.name, None, "", TODAY).limits
    assert (str(record.baseline_from), str(record.baseline_to), record.n, record.author) == (
        "2016-04",
        "2018-03",
        24,
        "automatic",
    )


def test_every_earlier_month_is_read_as_it_was_known_then(store, series, tmp_path):
    months = series[WITHIN.name, ""]
    for month in ("2016-12", "2017-08", "2018-09"):
        upto = {name: figure for name, figure in months.items() if name <= month}
        period = next(p for p in view_of(store).periods if str(p) == month)
        row = view_of(store, period).rows[0]
        said = chart_json(tmp_path, row, upto)
        assert (row.reading.variation, row.reading.capability) == (said["variation"], said["capability"])
        assert_same_chart(row, said)
