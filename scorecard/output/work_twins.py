"""The numbers behind the lifecycle on the page Work: stages now, their flows, days by month, versions; as CSV and Excel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from scorecard.core.lifecycle import CHANNELS, NOWHERE, mark_words
from scorecard.output import part_tables, twins
from scorecard.output.part_tables import Table

if TYPE_CHECKING:
    from scorecard.core.lifecycle import LifecycleMap
    from scorecard.work.lifecycle import Lifecycle, Standing

COLUMNS = ("part", "stage", "month", "figure", "value", "of", "lower", "upper", "said")
VERSIONS = ("Version", "In force since", "By", "Reason", "Stage", "Begins", "Ends", "Channels")


def csv(found: Lifecycle | None) -> str:
    """Everything that the map shows, a line a figure, in full precision."""
    return twins.csv_text(COLUMNS, _lines(found))


def _lines(found: Lifecycle | None) -> Iterator[list[Any]]:
    if found is None:
        return
    month = str(found.month)
    for name, value in (("accounts", found.accounts), ("became customers", found.joined), ("left as customers", found.left), ("between stages", found.nowhere)):
        yield ["all", "", month, name, value, None, None, None, ""]
    names = {place: one.stage.name for place, one in enumerate(found.stages)} | {NOWHERE: "no stage"}
    for one in found.stages:
        yield from _flow(one, month, names)
        yield from _days(one)


def _flow(one: Standing, month: str, names: dict[int, str]) -> Iterator[list[Any]]:
    told = (("there now", one.now), ("there before the month", one.flow.before), ("came in the month", one.flow.came), ("left as customers in the month", one.flow.lost),
            ("there after the month", one.flow.after), ("left as customers in 12 months", one.lost), ("open stays", one.open), ("nine of ten are over by, days", one.long), ("open longer than that", one.slow))  # fmt: skip
    for name, value in told:
        yield ["flow", one.stage.name, month, name, value, None, None, None, ""]
    for place, count in sorted(one.flow.went.items()):
        yield ["flow", one.stage.name, month, "went on in the month", count, None, None, None, f"to {names.get(place, 'no stage')}"]
    for channel, count in one.used:
        yield ["channel", one.stage.name, month, "contacts in 90 days", count, None, None, None, CHANNELS.get(channel, channel)]


def _days(one: Standing) -> Iterator[list[Any]]:
    """The median days of each month with the stays behind them, and the limits where the chart has them."""
    points = {point.period: point for point in one.chart.points} if one.chart else {}
    for each in one.cohorts:
        point = points.get(each.month)
        said = " ".join(signal.rule for signal in point.signals) if point else ""
        yield ["days", one.stage.name, str(each.month), "median days", each.value, each.n, point.lower if point else None, point.upper if point else None, said]
        yield ["days", one.stage.name, str(each.month), "stays that ended", each.ended, each.n, None, None, ""]


def workbook(found: Lifecycle | None, versions: Sequence[LifecycleMap], mark: str) -> bytes:
    """The same as Excel, with the rules of every version of the map."""
    rows = list(_lines(found))
    parts = (("all", "Accounts"), ("flow", "Came and went"), ("days", "Days by month"), ("channel", "Channels"))
    told = [[one.version, one.since, one.author, one.reason, stage.name, mark_words(stage.begin), mark_words(stage.end, True), ", ".join(CHANNELS[name] for name in stage.channels)]
            for one in versions for stage in one.stages]  # fmt: skip
    tables = [Table(title, COLUMNS[1:], [row[1:] for row in rows if row[0] == part]) for part, title in parts]
    return part_tables.workbook([*tables, Table("Versions of the map", VERSIONS, told, "As shipped.")], mark)
