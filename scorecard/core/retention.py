"""Which backups are kept: the newest of each of the last days, weeks and months."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import date, datetime


def kept(moments: Iterable[datetime], daily: int, weekly: int, monthly: int) -> frozenset[datetime]:
    """The moments to keep: of the last `daily` days that have one the newest, and so for weeks and months."""
    newest_first = sorted(set(moments), reverse=True)
    periods: tuple[tuple[Callable[[date], Hashable], int], ...] = (
        (lambda day: day, daily), (lambda day: day.isocalendar()[:2], weekly), (lambda day: (day.year, day.month), monthly))
    return frozenset(moment for period, count in periods for moment in _newest_of_each(newest_first, period, count))


def _newest_of_each(newest_first: list[datetime], period: Callable[[date], Hashable], count: int) -> list[datetime]:
    found: dict[Hashable, datetime] = {}
    for moment in newest_first:
        found.setdefault(period(moment.date()), moment)
    return list(found.values())[:count]
