"""The numbers behind the hand-offs: what came back by month with limits, delays, missing fields, as lines of a CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from scorecard.output import twins
from scorecard.work.handoffs import label

if TYPE_CHECKING:
    from scorecard.core.spc import Chart
    from scorecard.work.handoffs import Line, Overview

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
