"""What a period said comes back from its record to the last digit."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.core import reading, record, spc
from scorecard.core.definition import Definition, Goal
from scorecard.core.periods import Period
from scorecard.core.record import Record, Said

FIRST = Period(date(2024, 1, 1), "month")
MEASURE = Definition(
    "m",
    "Measure",
    unit="percent",
    improvement_direction="increase",
    targets=(Goal(date(2024, 1, 1), 0.9, "Plan", 0.8, 0.85),),
)


def make_said(values: list[float | None], **options) -> Said:
    figures = [spc.Figure(FIRST.shift(n), value, value, 1.0) for n, value in enumerate(values)]
    chart = spc.read_series(figures, spc.Options(direction="increase", **options))
    read = reading.read(chart, MEASURE, MEASURE.targets)
    return Said(
        read,
        record.compact(chart),
        figures[-1].period,
        values[-1],
        values[-1],
        1.0,
        False,
        "watch",
        "Small business",
        3,
    )


def again(said: Said) -> Said:
    return record.loads(record.dumps(Record({"": "wheeler"}, {"wheeler": said}))).said["wheeler"]


@given(
    st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=1, max_size=40).filter(
        lambda v: v[0] is not None and v[-1] is not None
    )
)
def test_a_record_gives_back_what_was_said(values):
    said = make_said(values)
    assert again(said) == said


@pytest.mark.parametrize(
    "options",
    [
        {"rebase": (FIRST.shift(10), FIRST.shift(20))},
        {"exclude": frozenset({FIRST.shift(3)})},
        {"baseline": (FIRST, FIRST.shift(9))},
        {"baseline": 12},
        {"baseline": "all"},
        {"bounds": (0.0, 1.0)},
        {"window": "trailing-12"},
        {"rules": "nelson", "ranges": "median"},
    ],
    ids=str,
)
def test_a_record_keeps_every_kind_of_chart(options):
    said = make_said([0.9 + n % 5 / 100 for n in range(30)], **options)
    assert again(said) == said


def test_a_record_keeps_the_last_36_points_and_the_phases_they_belong_to():
    said = make_said([0.9 + n % 5 / 100 for n in range(60)], rebase=(FIRST.shift(40),))
    assert len(said.chart.points) == record.POINTS
    assert said.chart.points[-1].period == FIRST.shift(59)
    assert said.chart.phases[said.chart.points[-1].phase].start == FIRST.shift(40)


def test_a_field_that_a_later_version_wrote_is_skipped():
    body = json.loads(record.dumps(Record({"": "wheeler"}, {"wheeler": make_said([0.9] * 8)})))
    body["said"]["wheeler"]["reading"]["mood"] = "good"
    body["said"]["wheeler"]["chart"]["points"]["weather"] = ["sun"] * 8
    assert record.loads(json.dumps(body)).said["wheeler"].reading.status == "on_course"


def test_a_record_is_small():
    body = record.dumps(Record({"": "wheeler"}, {"wheeler": make_said([0.9 + n % 7 / 100 for n in range(60)])}))
    assert len(body) < 5_000


def test_what_has_no_plain_form_is_refused():
    with pytest.raises(TypeError, match="object cannot be recorded"):
        record.pack(object())
