"""Days of a calendar as a file that every calendar reads: iCalendar (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scorecard.core.names import clean

MAKER = "-//Seven Systems//Calendar//EN"
WIDEST = 75  # bytes of a line before it is folded, section 3.1


@dataclass(frozen=True)
class Day:
    """One event: `id` stays the same when it moves, `sequence` grows then; `begins` such as 14:00, or "" for the whole day.

    `until` is the last day of one that takes several.
    """

    id: str
    on: date
    title: str
    begins: str = ""
    told: str = ""
    sequence: int = 0
    until: date | None = None


def file(days: Iterable[Day], name: str, made_at: datetime) -> bytes:
    """The whole file; `made_at` is UTC. Times have no zone: 14:00 is 14:00 where the reader is."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{MAKER}", "CALSCALE:GREGORIAN", f"X-WR-CALNAME:{_text(name)}"]
    for one in days:
        lines += _event(one, made_at)
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"]).encode()


def _event(one: Day, made_at: datetime) -> list[str]:
    if one.begins and one.until is None:
        when = [f"DTSTART:{_day(one.on)}T{one.begins.replace(':', '')}00", "DURATION:PT1H"]
    else:
        last = one.until or one.on
        ends = [f"DTEND;VALUE=DATE:{_day(last + timedelta(1))}"] if last < date.max else []  # there is no day after it
        when = [f"DTSTART;VALUE=DATE:{_day(one.on)}", *ends]
    told = [f"DESCRIPTION:{_text(one.told)}"] if one.told else []
    return ["BEGIN:VEVENT", f"UID:{_text(one.id)}@seven-systems", f"DTSTAMP:{made_at:%Y%m%dT%H%M%SZ}", *when, f"SUMMARY:{_text(one.title)}", *told,
            f"SEQUENCE:{one.sequence}", "END:VEVENT"]  # fmt: skip


def _day(day: date) -> str:
    """Eight digits, also of the year 1 (section 3.3.4)."""
    return day.isoformat().replace("-", "")


def _text(text: str) -> str:
    """A text on one line, its separators escaped (section 3.3.11)."""
    plain = clean(text, "text", 1_000_000)
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> str:
    """The line in pieces of at most 75 bytes, never within a sign."""
    pieces, now = [], ""
    for sign in line:
        if len((now + sign).encode()) > WIDEST - bool(pieces):
            pieces.append(now)
            now = ""
        now += sign
    return "\r\n ".join([*pieces, now])
