"""The rhythm of a month: on which day the reviews are held, and by which day the figures are due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from scorecard.core.periods import Period, containing
from scorecard.errors import DefinitionError

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKS = ("1st", "2nd", "3rd", "4th", "last")
LAST_DUE = 28
# An organisation that has not said when its figures are due: nobody calls them late in the first ten days.
DUE_UNLESS_SAID = 10


@dataclass(frozen=True)
class ReviewDay:
    """A day of each month, such as the 2nd Thursday. `week` is one of WEEKS, `weekday` 0 (Monday) to 6."""

    week: str
    weekday: int

    def __str__(self) -> str:
        return f"{self.week} {WEEKDAYS[self.weekday]}"

    def of(self, month: Period) -> date:
        """The day in a month."""
        if self.week == WEEKS[-1]:
            return month.end - timedelta(days=(month.end.weekday() - self.weekday) % 7)
        first = month.start + timedelta(days=(self.weekday - month.start.weekday()) % 7)
        return first + timedelta(weeks=WEEKS.index(self.week))


def review_day(text: str) -> ReviewDay | None:
    """`2nd Thursday` as a day of the month; None for "". Raises DefinitionError with what is allowed."""
    if not text:
        return None
    week, _, weekday = text.partition(" ")
    if week not in WEEKS or weekday not in WEEKDAYS:
        raise DefinitionError(
            f"{text!r} is not a day for the monthly review. Write one such as 2nd Thursday or last Friday."
        )
    return ReviewDay(week, WEEKDAYS.index(weekday))


def review_days() -> tuple[str, ...]:
    """Every day that can be chosen, `1st Monday` to `last Friday`."""
    return tuple(f"{week} {weekday}" for week in WEEKS for weekday in WEEKDAYS[:5])


def checked_due(value: int) -> int:
    """The day of the month by which figures are due, 0 when nobody said. Raises DefinitionError beyond 28."""
    if value not in range(LAST_DUE + 1):
        raise DefinitionError(f"Figures are due on day {value!r}; use 1 to {LAST_DUE}, or 0 for no day.")
    return value


def due_words(value: int) -> str:
    """`2nd of the month`, or `no day set`."""
    if not value:
        return "no day set"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(value if value < 20 else value % 10, "th")
    return f"{value}{ending} of the month"


def figures_due(period: Period, day: int) -> date:
    """The day by which the figures of a period are due: that day of the month after it (a week's: that many days on)."""
    after = period.shift(1).start
    wait = day or DUE_UNLESS_SAID
    return after.replace(day=wait) if period.grain in ("month", "quarter") else after + timedelta(days=min(wait, 7) - 1)


def overdue(latest: Period, day: int, today: date) -> tuple[Period, date] | None:
    """(period, day it was due) of the newest figures that should be there and are not; None while nothing is late."""
    last_over = containing(today, latest.grain).shift(-1)
    for period in (last_over, last_over.shift(-1)):
        due = figures_due(period, day)
        if due < today:
            return (period, due) if period > latest else None
    return None
