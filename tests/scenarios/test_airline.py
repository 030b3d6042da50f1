"""Ten real measures of airline punctuality, 37 months: loaded, read, and the same on the page as on the command line.

US Department of Transportation, Bureau of Transportation Statistics, public domain. Skipped where the data are absent.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from scorecard import metrics
from scorecard.core.definition import Definition, Goal
from tests.conftest import make_store
from tests.scenarios.real_data import CARD, chart_json, load_all, page_rows, pooled

TODAY = date(2024, 2, 20)
CARRIERS = {"WN": "Southwest", "DL": "Delta", "AA": "American", "UA": "United"}
CAUSES = {"carrier": "the airline", "weather": "weather", "nas": "the air system", "late_aircraft": "a late aircraft"}
GOALS = {"on_time": 0.80, "late": 0.15, "cancelled": 0.01, "minutes_late": 60.0}


def make_definition(name: str, label: str, **fields) -> Definition:
    goal = (Goal(date(2021, 1, 1), GOALS[name], "Plan"),) if name in GOALS else ()
    values = {"unit": "percent", "aggregate": "ratio", "bounds": (0.0, 1.0), "improvement_direction": "decrease"}
    return Definition(name=name, label=label, targets=goal, **(values | fields))


DEFINITIONS = [
    make_definition(
        "flights", "Flights", unit="count", aggregate="sum", bounds=(0.0, None), improvement_direction="neutral"
    ),
    make_definition("on_time", "On time", improvement_direction="increase"),
    make_definition("late", "Late by 15 minutes"),
    make_definition("cancelled", "Cancelled", kind="leading"),
    make_definition("diverted", "Diverted", kind="leading", format="0.00"),
    make_definition("minutes_late", "Delay of a late flight", unit="minutes", bounds=(0.0, None)),
    *(
        make_definition(f"cause_{id}", f"Late through {words}", kind="leading", improvement_direction="neutral")
        for id, words in CAUSES.items()
    ),
]


def read_rows(folder: Path) -> list[dict[str, float | str]]:
    """The rows that have flights and delays, with numbers as numbers; a segment is a large carrier or the others."""
    with (folder / "airline-ontime-bts" / "Airline_Delay_Cause.csv").open() as file:
        found = [row for row in csv.DictReader(file) if row["arr_flights"] and row["arr_del15"]]
    return [
        {
            name: float(value) if name.startswith("arr_") or name.endswith("_ct") else value
            for name, value in row.items()
        }
        | {
            "period": f"{row['year']}-{int(row['month']):02d}",
            "segment": CARRIERS.get(row["carrier"], "Other carriers"),
        }
        for row in found
    ]


def make_series(rows: list[dict]) -> dict:
    """(measure, segment) -> month -> (numerator, denominator)."""
    parts = {
        "on_time": lambda r: (
            r["arr_flights"] - r["arr_del15"] - r["arr_cancelled"] - r["arr_diverted"],
            r["arr_flights"],
        ),
        "late": lambda r: (r["arr_del15"], r["arr_flights"]),
        "cancelled": lambda r: (r["arr_cancelled"], r["arr_flights"]),
        "diverted": lambda r: (r["arr_diverted"], r["arr_flights"]),
        "minutes_late": lambda r: (r["arr_delay"], r["arr_del15"]),
        **{f"cause_{id}": lambda r, id=id: (r[f"{id}_ct"], r["arr_del15"]) for id in CAUSES},
    }
    series: dict = {
        ("flights", part): {month: (top, None) for month, (top, _) in months.items()}
        for part, months in pooled((r["segment"], r["period"], r["arr_flights"], 0.0) for r in rows).items()
        if part
    }
    for name, of in parts.items():
        found = pooled((r["segment"], r["period"], *of(r)) for r in rows)
        series |= {(name, part): months for part, months in found.items() if part}
    return series


@pytest.fixture(scope="module")
def airline(shared_data, tmp_path_factory):
    """(store, rows of the file, what the load did, view of January 2024)."""
    folder = tmp_path_factory.mktemp("airline")
    store, rows = make_store(folder), read_rows(shared_data)
    done = load_all(store, folder, DEFINITIONS, make_series(rows), TODAY)
    yield store, rows, done, metrics.scorecard_view(store, CARD, None, "", TODAY)
    store.close()


def total(rows: list[dict], of, month: str, segment: str = "") -> float:
    return sum(of(row) for row in rows if row["period"] == month and segment in ("", row["segment"]))


def test_every_figure_is_accepted_and_a_second_load_changes_nothing(airline, tmp_path):
    store, rows, done, _ = airline
    assert (done.new, done.changed, done.refused) == (10 * 5 * 37, 0, 0)
    from scorecard import loading
    from tests.conftest import make_actor
    from tests.scenarios.real_data import make_long_file

    analyst, path = (
        make_actor("analyst", "sam", "Sam Whitlock"),
        make_long_file(tmp_path / "figures.csv", make_series(rows)),
    )
    again = loading.accept(store, analyst, loading.propose(store, analyst, path, path.name, TODAY), TODAY)
    assert again.changed_nothing and again.known == done.new


def test_the_month_is_january_2024_with_ten_measures_and_five_segments(airline):
    view = airline[3]
    assert (str(view.period), len(view.rows), view.data_to) == ("2024-01", 10, date(2024, 1, 31))
    assert view.segments == ("American", "Delta", "Other carriers", "Southwest", "United")
    assert len(view.sentences) <= 4


def test_totals_are_pooled_from_the_carriers(airline):
    _, rows, _, view = airline
    late, flights = (total(rows, lambda r, name=name: r[name], "2024-01") for name in ("arr_del15", "arr_flights"))
    by_name = {row.measure.name: row for row in view.rows}
    assert by_name["flights"].value == flights
    assert by_name["late"].value == pytest.approx(late / flights, rel=1e-12)
    rates = [
        total(rows, lambda r: r["arr_del15"], "2024-01", part)
        / total(rows, lambda r: r["arr_flights"], "2024-01", part)
        for part in view.segments
    ]
    assert by_name["late"].value != pytest.approx(sum(rates) / len(rates), abs=1e-4)


def test_it_reads_sensibly(airline):
    view = airline[3]
    by_name = {row.measure.name: row for row in view.rows}
    assert by_name["on_time"].reading.capability in ("hit_or_miss", "will_miss")
    assert by_name["minutes_late"].reading.status == "act"
    assert view.sentences[0].text
    assert all(row.reading.variation != "not_assessable" for row in view.rows)
    assert all(row.chart.phases[0].baseline.state == "locked" for row in view.rows)
    assert view.footer[1].text.startswith("With ten measures, chance alone gives a signal in about")


def expected_words(value: float, name: str) -> str:
    """The figure as it has to stand on the page, written without the product's own formatting."""
    if name == "flights":
        return f"{value:,.0f}"
    if name == "minutes_late":
        return f"{value:,.0f} minutes"
    return f"{value * 100:.{2 if name == 'diverted' else 1}f}%"


@pytest.mark.parametrize("segment", ["", "Delta"])
def test_the_numbers_on_the_page_are_those_of_the_command_line(airline, tmp_path, segment):
    store, rows, _, _ = airline
    view, series = metrics.scorecard_view(store, CARD, None, segment, TODAY), make_series(rows)
    shown = page_rows(view)
    for row in view.rows if not segment else view.rows[1:3]:
        months = (
            {month: series[row.measure.name, segment][month] for month in sorted(series[row.measure.name, segment])}
            if segment
            else summed(series, row.measure.name)
        )
        said = chart_json(tmp_path, row, months)
        assert f" {expected_words(said['points'][-1]['value'], row.measure.name)} " in shown[row.measure.label]
        assert (row.reading.variation, row.reading.capability, row.reading.status, row.reading.verb) == tuple(
            said[key] for key in ("variation", "capability", "status", "verb")
        )
        assert_same_chart(row, said)


def summed(series: dict, name: str) -> dict:
    """The whole of a measure from its segments, month by month."""
    found: dict = defaultdict(lambda: [0.0, 0.0])
    for (measure, _), months in series.items():
        for month, (top, bottom) in months.items() if measure == name else ():
            found[month][0] += top
            found[month][1] += bottom or 0.0
    return {month: (top, bottom if name != "flights" else None) for month, (top, bottom) in sorted(found.items())}


def assert_same_chart(row: metrics.Row, said: dict) -> None:
    """Every limit and point that the row draws is the engine's, to 12 digits."""
    for phase, other in zip(row.chart.phases, said["phases"], strict=True):
        ours = (phase.centre, phase.lower, phase.upper, phase.range_centre, phase.range_upper)
        theirs = tuple(other[key] for key in ("centre", "lower", "upper", "range_centre", "range_upper"))
        assert [x is None for x in ours] == [x is None for x in theirs]
        assert [x for x in ours if x is not None] == pytest.approx([x for x in theirs if x is not None], rel=1e-12)
        assert (phase.baseline.n, phase.baseline.state) == (other["baseline"]["n"], other["baseline"]["state"])
    for point, other in zip(row.chart.points, said["points"][-len(row.chart.points) :], strict=True):
        assert (str(point.period), pytest.approx(point.value, rel=1e-12)) == (other["period"], other["value"])
        assert [(s.rule, s.strength, s.completes) for s in point.signals] == [
            (s["rule"], s["strength"], s["completes"]) for s in other["signals"]
        ]
