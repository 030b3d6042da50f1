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

    `ends_before` is the day after the last of one that takes several.
    """

    id: str
    on: date
    title: str
    begins: str = ""
    told: str = ""
    sequence: int = 0
    ends_before: date | None = None


def file(days: Iterable[Day], name: str, made_at: datetime) -> bytes:
    """The whole file; `made_at` is UTC. Times have no zone: 14:00 is 14:00 where the reader is."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{MAKER}", "CALSCALE:GREGORIAN", f"X-WR-CALNAME:{_text(name)}"]
    for one in days:
        lines += _event(one, made_at)
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"]).encode()


def _event(one: Day, made_at: datetime) -> list[str]:
    if one.begins and one.ends_before is None:
        when = [f"DTSTART:{one.on:%Y%m%d}T{one.begins.replace(':', '')}00", "DURATION:PT1H"]
    else:
        when = [f"DTSTART;VALUE=DATE:{one.on:%Y%m%d}", f"DTEND;VALUE=DATE:{one.ends_before or one.on + timedelta(1):%Y%m%d}"]
    told = [f"DESCRIPTION:{_text(one.told)}"] if one.told else []
    return ["BEGIN:VEVENT", f"UID:{_text(one.id)}@seven-systems", f"DTSTAMP:{made_at:%Y%m%dT%H%M%SZ}", *when, f"SUMMARY:{_text(one.title)}", *told,
            f"SEQUENCE:{one.sequence}", "END:VEVENT"]  # fmt: skip


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
