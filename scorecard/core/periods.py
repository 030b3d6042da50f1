"""Periods: months, weeks, quarters (and days, for charts of a file).

A period is written `2026-10`, `2026-W42`, `2026-Q4` or `2026-10-31`, and is carried as the
`Period` of its grain and first day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scorecard.errors import FileRefused

GRAINS = ("day", "week", "month", "quarter")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August",
          "September", "October", "November", "December")
SHORT_MONTHS = tuple(name[:3] for name in MONTHS)
PER_YEAR = {"day": 365, "week": 52, "month": 12, "quarter": 4}
_MONTH_NUMBERS = {name.lower(): i for i, name in enumerate(MONTHS, 1)} | {
    name.lower(): i for i, name in enumerate(SHORT_MONTHS, 1)} | {"sept": 9}


@dataclass(frozen=True, order=True)
class Period:
    """One day, week (Monday first), month or quarter, by its first day."""

    start: date
    grain: str

    def __str__(self) -> str:
        if self.grain == "month":
            return f"{self.start:%Y-%m}"
        if self.grain == "quarter":
            return f"{self.start.year}-Q{(self.start.month + 2) // 3}"
        if self.grain == "week":
            year, week, _ = self.start.isocalendar()
            return f"{year}-W{week:02d}"
        return self.start.isoformat()

    @property
    def ordinal(self) -> int:
        """A number that grows by one from each period to the next of the same grain."""
        if self.grain == "month":
            return self.start.year * 12 + self.start.month - 1
        if self.grain == "quarter":
            return self.start.year * 4 + (self.start.month - 1) // 3
        if self.grain == "week":
            return (self.start.toordinal() - 1) // 7
        return self.start.toordinal()

    def shift(self, count: int) -> Period:
        """The period `count` later (earlier when negative)."""
        return from_ordinal(self.ordinal + count, self.grain)

    @property
    def end(self) -> date:
        """The last day of the period."""
        return self.shift(1).start - timedelta(days=1)

    @property
    def label(self) -> str:
        """`October 2026`, `Q4 2026`, `week 42, 2026` or `31 Oct 2026`."""
        if self.grain == "month":
            return f"{MONTHS[self.start.month - 1]} {self.start.year}"
        if self.grain == "quarter":
            return f"Q{(self.start.month + 2) // 3} {self.start.year}"
        if self.grain == "week":
            year, week, _ = self.start.isocalendar()
            return f"week {week}, {year}"
        return day(self.start)

    @property
    def short(self) -> str:
        """`Oct 2026`, `Q4 2026`, `W42 2026` or `31 Oct 2026`."""
        if self.grain == "month":
            return f"{SHORT_MONTHS[self.start.month - 1]} {self.start.year}"
        if self.grain == "week":
            year, week, _ = self.start.isocalendar()
            return f"W{week} {year}"
        return self.label

    @property
    def bare(self) -> str:
        """The label without the year: `October`, `Q4`, `week 42` or `31 Oct`."""
        if self.grain == "month":
            return MONTHS[self.start.month - 1]
        if self.grain == "quarter":
            return self.label.split()[0]
        if self.grain == "week":
            return self.label.split(",")[0]
        return f"{self.start.day} {SHORT_MONTHS[self.start.month - 1]}"


def day(value: date) -> str:
    """A date as `12 Nov 2026`."""
    return f"{value.day} {SHORT_MONTHS[value.month - 1]} {value.year}"


def noun(grain: str, count: int = 2) -> str:
    """`month` or `months`, by count."""
    return grain if count == 1 else f"{grain}s"


def from_ordinal(ordinal: int, grain: str) -> Period:
    """The period of a grain with this `Period.ordinal`."""
    if grain == "month":
        return Period(date(ordinal // 12, ordinal % 12 + 1, 1), grain)
    if grain == "quarter":
        return Period(date(ordinal // 4, ordinal % 4 * 3 + 1, 1), grain)
    if grain == "week":
        return Period(date.fromordinal(ordinal * 7 + 1), grain)
    return Period(date.fromordinal(ordinal), grain)


def containing(value: date, grain: str) -> Period:
    """The period of a grain that holds a day."""
    if grain == "month":
        return Period(value.replace(day=1), grain)
    if grain == "quarter":
        return Period(date(value.year, (value.month - 1) // 3 * 3 + 1, 1), grain)
    if grain == "week":
        return Period(value - timedelta(days=value.weekday()), grain)
    return Period(value, grain)


def between(first: Period, last: Period) -> list[Period]:
    """Every period from first to last, both included."""
    return [from_ordinal(n, first.grain) for n in range(first.ordinal, last.ordinal + 1)]


_PATTERNS = (
    (re.compile(r"(\d{4})[-/](\d{1,2})"), "month", lambda m: date(int(m[1]), int(m[2]), 1)),
    (re.compile(r"(\d{4})[- ]?Q([1-4])", re.I), "quarter", lambda m: date(int(m[1]), int(m[2]) * 3 - 2, 1)),
    (re.compile(r"Q([1-4])[- /](\d{4})", re.I), "quarter", lambda m: date(int(m[2]), int(m[1]) * 3 - 2, 1)),
    (re.compile(r"(\d{4})-?W(\d{1,2})", re.I), "week", lambda m: date.fromisocalendar(int(m[1]), int(m[2]), 1)),
    (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?"), "date",
     lambda m: date(int(m[1]), int(m[2]), int(m[3]))),
    (re.compile(r"([A-Za-z]{3,9})\.?[- ,/]+(\d{4})"), "month",
     lambda m: date(int(m[2]), _MONTH_NUMBERS[m[1].lower()], 1)),
    (re.compile(r"(\d{4})[- ]([A-Za-z]{3,9})"), "month",
     lambda m: date(int(m[1]), _MONTH_NUMBERS[m[2].lower()], 1)),
    (re.compile(r"(\d{1,2})[- ]([A-Za-z]{3,9})[- ,]+(\d{4})"), "date",
     lambda m: date(int(m[3]), _MONTH_NUMBERS[m[2].lower()], int(m[1]))),
)


def parse(text: str) -> tuple[str, date] | None:
    """(grain, first day) of one written period, ("date", day) for a full date, None when it is neither.

    Dates with slashes or points are left to the reader of files: their order is a matter of the column.
    """
    text = text.strip()
    for pattern, grain, build in _PATTERNS:
        match = pattern.fullmatch(text)
        if match:
            try:
                return grain, build(match)
            except (ValueError, KeyError):
                return None
    return None


def grain_of_dates(days: list[date]) -> str | None:
    """The grain that a column of full dates is written in: month, quarter, week or day; None when mixed."""
    distinct = sorted(set(days))
    month_end = all((d + timedelta(days=1)).day == 1 for d in distinct)
    if month_end or len({d.day for d in distinct}) == 1 and distinct[0].day == 1:
        steps = {containing(d, "month").ordinal - containing(distinct[0], "month").ordinal for d in distinct}
        return "quarter" if len(distinct) > 2 and all(step % 3 == 0 for step in steps) else "month"
    gaps = [(b - a).days for a, b in zip(distinct, distinct[1:])]
    if gaps and all(gap % 7 == 0 for gap in gaps):
        return "week"
    months = {(d.year, d.month) for d in distinct}
    if len(months) == len(distinct) and (not gaps or min(gaps) >= 20):
        return "month"
    return "day" if gaps and min(gaps) == 1 and max(gaps) <= 7 else None


def parse_column(texts: list[str], where: str = "period") -> list[Period]:
    """The periods of a column, all of one grain. Raises FileRefused, naming the row (the first row is 2)."""
    found = []
    for row, text in enumerate(texts, 2):
        one = parse(str(text))
        if one is None:
            raise FileRefused(f"Row {row}: {str(text)!r} is not a period ({where}). "
                              "Write months as 2026-10, weeks as 2026-W42, quarters as 2026-Q4, or full dates.")
        found.append(one)
    grains = {grain for grain, _ in found}
    dates = [value for grain, value in found if grain == "date"]
    if dates:
        grain = grain_of_dates(dates)
        grains = (grains - {"date"}) | {grain}
    if len(grains) != 1 or None in grains:
        named = " and ".join(sorted(str(g) for g in grains if g)) or "dates of no regular step"
        raise FileRefused(f"The column '{where}' mixes grains: {named}. Give months, weeks or quarters, one of them in a file.")
    grain = grains.pop()
    return [containing(value, grain) for _, value in found]


def today_period(today: date | datetime, grain: str) -> Period:
    """The period that is still running today."""
    return containing(today.date() if isinstance(today, datetime) else today, grain)
