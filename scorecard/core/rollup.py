"""From loaded figures to the series of a segment and of the whole: pooled, never a mean of rates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from scorecard.core.periods import Period

# How far back a segment counts as still reporting, in periods.
STILL_REPORTING = 3


class StoredFigure(NamedTuple):
    """The newest figure of a measure for one period and one segment, team or person ("" is all of them).

    `earlier` is (value, numerator, denominator) of the load before, None when there was none; `partial` says that the
    facts behind it do not reach the period's end.
    """

    measure: str
    period: Period
    segment: str
    team: str
    csm: str
    value: float | None
    numerator: float | None
    denominator: float | None
    load: str
    loaded_at: datetime
    earlier: tuple[float | None, float | None, float | None] | None = None
    partial: bool = False

    @property
    def restated(self) -> bool:
        """True when an earlier load said something else."""
        return self.earlier is not None and self.earlier != (self.value, self.numerator, self.denominator)


@dataclass(frozen=True)
class Total:
    """One point of a series. `lacking` names segments that should be in a pooled total and are not."""

    period: Period
    value: float | None
    numerator: float | None
    denominator: float | None
    load: str
    loaded_at: datetime
    restated: bool = False
    earlier: float | None = None
    lacking: tuple[str, ...] = ()
    partial: bool = False


def series(figures: Sequence[StoredFigure], aggregate: str) -> dict[str, tuple[Total, ...]]:
    """Segment -> its points in order of time, of the figures of one measure; "" is the whole.

    A loaded total wins. Without one, "ratio" pools numerators and denominators, "sum" adds values, over the
    coarsest parts that the file has; "none" makes no total.
    """
    by_segment: dict[str, list[StoredFigure]] = {}
    for one in figures:
        by_segment.setdefault(one.segment, []).append(one)
    names = sorted((name for name in by_segment if name), key=str.casefold)
    found = {"": _whole(figures, by_segment.get("", []), aggregate)}
    found |= {name: _series(_parts_of(by_segment[name], inside=True), aggregate) for name in names}
    return {name: points for name, points in found.items() if points}


def _whole(figures: Sequence[StoredFigure], unsegmented: Sequence[StoredFigure], aggregate: str) -> tuple[Total, ...]:
    """The points of the whole. Where every period has a loaded total, the parts need no look."""
    loaded = [one for one in unsegmented if not (one.team or one.csm)]
    if len({one.period.start for one in loaded}) == len({one.period.start for one in figures}) or aggregate == "none":
        return tuple(
            _total(one.period, [one], aggregate, whole=True) for one in sorted(loaded, key=lambda one: one.period.start)
        )
    return _with_lacking(_series(_parts_of(figures, inside=False), aggregate), figures)


def _parts_of(figures: Iterable[StoredFigure], inside: bool) -> dict[Period, dict[tuple[bool, bool, bool], list]]:
    """Period -> which of segment, team and person divide its rows -> those rows, `inside` one segment or of all."""
    parts: dict[Period, dict[tuple[bool, bool, bool], list]] = {}
    for one in figures:
        depth = (bool(one.segment) and not inside, bool(one.team), bool(one.csm))
        parts.setdefault(one.period, {}).setdefault(depth, []).append(one)
    return parts


def _series(parts: dict[Period, dict[tuple[bool, bool, bool], list]], aggregate: str) -> tuple[Total, ...]:
    points = []
    for period in sorted(parts, key=lambda one: one.start):
        depth = min(parts[period], key=lambda key: (sum(key), not key[0], key[2]))
        point = _total(period, parts[period][depth], aggregate, whole=not any(depth))
        if point is not None:
            points.append(point)
    return tuple(points)


def _total(period: Period, rows: list[StoredFigure], aggregate: str, whole: bool) -> Total | None:
    if not whole and aggregate == "none":
        return None
    now = [(row.value, row.numerator, row.denominator) for row in rows]
    value, numerator, denominator = pooled(now, "one" if whole else aggregate)
    newest = max(rows, key=lambda row: row.loaded_at)
    restated, earlier = any(row.restated for row in rows), None
    if restated:
        before = [row.earlier or said for row, said in zip(rows, now, strict=True)]
        earlier = pooled(before, "one" if whole else aggregate)[0]
    partial = any(row.partial for row in rows)
    return Total(period, value, numerator, denominator, newest.load, newest.loaded_at, restated, earlier, partial=partial)


def pooled(
    parts: Sequence[tuple[float | None, float | None, float | None]], how: str
) -> tuple[float | None, float | None, float | None]:
    """(value, numerator, denominator) of several parts: "one" part, "ratio" of the sums, or "sum" of the values.

    A part that cannot be pooled leaves no value: a wrong total is worse than none.
    """
    if how == "one":
        value, numerator, denominator = parts[0]
        return (_quotient(numerator, denominator) if value is None else value), numerator, denominator
    if how == "sum":
        values = [value for value, _, _ in parts]
        return (None if None in values else sum(values)), None, None
    tops, bottoms = [part[1] for part in parts], [part[2] for part in parts]
    if None in tops or None in bottoms:
        return None, None, None
    return _quotient(sum(tops), sum(bottoms)), sum(tops), sum(bottoms)


def _quotient(numerator: float | None, denominator: float | None) -> float | None:
    if numerator is None or not denominator:
        return None
    return numerator / denominator


def _with_lacking(points: tuple[Total, ...], figures: Sequence[StoredFigure]) -> tuple[Total, ...]:
    """The pooled points, each with the segments that reported shortly before and are not in it.

    One that never reports again has ended; only in the last period can it be merely late.
    """
    loaded = {one.period for one in figures if not (one.segment or one.team or one.csm)}
    reported: dict[str, set[int]] = {}
    for one in figures:
        if one.segment:
            reported.setdefault(one.segment, set()).add(one.period.ordinal)
    if not reported or not points:
        return points
    last = points[-1].period
    found = []
    for point in points:
        lacking = (
            ()
            if point.period in loaded
            else tuple(name for name, ordinals in sorted(reported.items()) if _is_late(ordinals, point.period, last))
        )
        found.append(Total(**{**vars(point), "lacking": lacking}) if lacking else point)
    return tuple(found)


def _is_late(ordinals: set[int], period: Period, last: Period) -> bool:
    here = period.ordinal
    if here in ordinals:
        return False
    shortly_before = any(here - STILL_REPORTING <= one < here for one in ordinals)
    return shortly_before and (period == last or any(one > here for one in ordinals))
