"""The numbers behind hand-offs and touch points: what came back by month with limits, delays, missing fields, feelings; as CSV and Excel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from scorecard.output import part_tables, twins
from scorecard.output.part_tables import Table
from scorecard.work.handoffs import label
from scorecard.work.touchpoints import channel

if TYPE_CHECKING:
    from scorecard.core.spc import Chart
    from scorecard.work.handoffs import Line, Overview
    from scorecard.work.touchpoints import Overview as Points

POINTS = ("touch point", "stage", "channel", "critical", "need to get done", "need to feel", "promise", "critique", "felt good", "good", "answers", "lower", "upper", "mean",
          "measure", "figure")  # fmt: skip
COLUMNS = ("handoff", "from", "to", "period", "figure", "value", "count", "of", "lower", "upper", "said")


def csv(found: Overview) -> str:
    """Everything that the drawing, the table and the charts show, a line a figure, in full precision."""
    return twins.csv_text(COLUMNS, lines(found))


def lines(found: Overview) -> Iterator[list[Any]]:
    """The same as rows of COLUMNS."""
    for one in found.lines:
        of = one.contract
        for row in _of(one):
            yield [of.what, label(of.sender), label(of.receiver), *row]


def _of(one: Line) -> Iterator[list[Any]]:
    low, high = one.share.interval or (None, None)
    yield ["", "defective, three months", one.share.value, one.share.hits, one.share.n, low, high, one.status]
    yield ["", "goal, defective at most", one.contract.goal, None, None, None, None, ""]
    yield ["", "days allowed", one.contract.days, None, None, None, None, ""]
    yield ["", "late, three months", one.late[0] / one.late[1] if one.late[1] else None, *one.late, None, None, ""]
    yield ["", "not complete", one.waiting, one.overdue, one.waiting, None, None, "count is past the time allowed"]
    for field, n in one.missing:
        yield ["", "missing", n / one.share.hits if one.share.hits else None, n, one.share.hits, None, None, field]
    yield from _points("defective", one.chart)
    yield from _points("mean days", one.delay_chart)


def _points(name: str, chart: Chart | None) -> Iterator[list[Any]]:
    for point in chart.points if chart else ():
        yield [str(point.period), name, point.value, point.numerator, point.denominator, point.lower, point.upper, " ".join(one.rule for one in point.signals)]


def points(found: Points) -> Iterator[list[Any]]:
    """Every touch point as a row of POINTS; the share is told from the number of answers on that the page asks for."""
    for one in found.points:
        felt = one.felt
        low, high = felt.good.interval if felt.enough else (None, None)
        yield [one.name, one.stage, channel(one.channel), "yes" if one.critical else "no", one.effective, one.affective, one.promise, one.critique,
               felt.good.value if felt.enough else None, felt.good.hits, felt.n, low, high, felt.mean if felt.enough else None,
               one.measure.label if one.measure else "", one.measure.value if one.measure else ""]  # fmt: skip


def points_csv(found: Points) -> str:
    """Every touch point with its needs and how customers felt there, a line each."""
    return twins.csv_text(POINTS, points(found))


def workbook(found: Overview, touched: Points, mark: str) -> bytes:
    """The same as Excel: what the page says, hand-offs, touch points."""
    said = [[one.text] for one in (*found.sentences, *touched.sentences)]
    return part_tables.workbook([
        Table("Sentences", ("Sentence",), said, "No sentence."), Table("Hand-offs", COLUMNS, list(lines(found)), "No hand-off has a contract yet."),
        Table("Touch points", POINTS, list(points(touched)), "No touch point is written down yet."),
    ], mark)  # fmt: skip
