"""Age and closure of findings, month by month. A finding counts as open up to the day on which the customer was told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING

from scorecard.core.periods import Period, between, containing
from scorecard.sensory.feedback import CLOSED, RECENT_DAYS

if TYPE_CHECKING:
    from scorecard.registers import Entry

AGE, CLOSURE = "finding_age", "findings_closed"
Figure = tuple[float, float | None, float | None]  # value, numerator, denominator


def ages(found: Sequence[Entry], last: Period) -> Mapping[Period, Figure]:
    """The median age in days of the findings open at each month's end, up to the `last` month; none where none was open."""
    open_at: dict[Period, list[int]] = defaultdict(list)
    for one in found:
        told = _told(one)
        until = min(last, containing(told, "month").shift(-1)) if told else last
        for month in between(containing(one.at, "month"), until):
            open_at[month].append((month.end - one.at).days)
    return {month: (float(median(days)), None, None) for month, days in open_at.items()}


def closures(found: Sequence[Entry], last: Period) -> Mapping[Period, Figure]:
    """The share closed in RECENT_DAYS of the findings whose RECENT_DAYS ended in each month, up to the `last` one."""
    due: dict[Period, list[bool]] = defaultdict(list)
    for one in found:
        until, told = one.at + timedelta(RECENT_DAYS), _told(one)
        if until <= last.end:
            due[containing(until, "month")].append(told is not None and told <= until)
    return {month: (sum(kept) / len(kept), float(sum(kept)), float(len(kept))) for month, kept in due.items()}


def _told(one: Entry) -> date | None:
    """The day on which the customer was told of a closed finding."""
    text = str(one.values.get("told_on", "")) if one.state == CLOSED else ""
    return date.fromisoformat(text) if text else None
