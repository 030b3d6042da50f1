"""Real monthly figures as a stranger would bring them: a long file, definitions, and the same series one by one."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

from click.testing import CliRunner

from scorecard import loading, metrics
from scorecard.cli.chart import chart
from scorecard.core.definition import Definition
from scorecard.output import tables
from scorecard.store.engine import Store
from tests.conftest import make_actor
from tests.scorecards import make_scorecard

CARD = "customer-success"
Pair = tuple[float, float | None]  # numerator and denominator, or a value and None
Series = Mapping[tuple[str, str], Mapping[str, Pair]]  # (measure, segment) -> month -> figure


def make_long_file(path: Path, series: Series) -> Path:
    """Writes measure, segment, period, value, numerator, denominator."""
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["measure", "segment", "period", "value", "numerator", "denominator"])
        for (measure, segment), months in series.items():
            for month, (top, bottom) in months.items():
                out.writerow(
                    [
                        measure,
                        segment,
                        month,
                        top if bottom is None else "",
                        "" if bottom is None else top,
                        "" if bottom is None else bottom,
                    ]
                )
    return path


def load_all(
    store: Store, folder: Path, definitions: Iterable[Definition], series: Series, today: date
) -> loading.Accepted:
    """What a load of all figures by an analyst did, on a scorecard of these measures."""
    make_scorecard(store, *definitions)
    analyst = make_actor("analyst", "sam", "Sam Whitlock")
    path = make_long_file(folder / "figures.csv", series)
    return loading.accept(store, analyst, loading.propose(store, analyst, path, path.name, today), today)


def pooled(rows: Iterable[tuple[str, str, float, float]]) -> dict[str, dict[str, Pair]]:
    """Segment -> month -> sums of numerators and denominators; "" is everything."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
    for segment, month, top, bottom in rows:
        for part in ("", segment):
            found[part][month][0] += top
            found[part][month][1] += bottom
    return {part: {month: (top, bottom) for month, (top, bottom) in months.items()} for part, months in found.items()}


def chart_json(folder: Path, row: metrics.Row, months: Mapping[str, Pair]) -> dict:
    """What `chart --json` says about one series, with the wanted direction, bounds and goal of its row."""
    path, measure = folder / f"{row.measure.name}.csv", row.measure
    ratio = next(iter(months.values()))[1] is not None
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["period", "numerator", "denominator"] if ratio else ["period", "value"])
        out.writerows([month, *(figure if ratio else figure[:1])] for month, figure in months.items())
    asked = [str(path), "--json", "--direction", measure.improvement_direction]
    low, high = measure.bounds
    if (low, high) != (None, None):
        asked += ["--bounds", f"{'' if low is None else low}:{'' if high is None else high}"]
    if row.reading.goal:
        asked += ["--goal", str(row.reading.goal.value)]
    result = CliRunner().invoke(chart, asked, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


class _Text(HTMLParser):
    """The words of a page, a line for each row of a table."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag in ("tr", "svg"):
            self.rows += [""] * (tag == "tr" or not self.rows)

    def handle_data(self, data: str) -> None:
        if self.rows:
            self.rows[-1] += f" {data} "


def page_rows(view: metrics.ScorecardView) -> dict[str, str]:
    """Measure's label -> the words of its row on the page."""
    parser = _Text()
    parser.feed(tables.scorecard(view))
    rows = [re.sub(r"\s+", " ", row).strip() for row in parser.rows]
    return {
        row.measure.label: next(text for text in rows if text.startswith(row.measure.label + " ")) for row in view.rows
    }
