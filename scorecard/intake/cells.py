"""One cell of a fact: its text becomes a number, a day, a moment, a flag or a clean text, or the reason why it cannot.

Numbers and dates are read as `numbers` and `dates` read them. Whole columns are typed in `casts`, which comes here for
every text that is not in its plainest form.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scorecard.core.mapping import Rule
from scorecard.core.periods import MONTHS
from scorecard.errors import FileRefused
from scorecard.intake import dates, numbers
from scorecard.intake.table import clean_name, name_fault

TRUE = frozenset("true t yes y 1 1.0 x on ja j oui si sí sim wahr vrai verdadero".split())
FALSE = frozenset("false f no n 0 0.0 off nein non não falsch faux falso".split())
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2099, 12, 31)
LONG = ("comment", "text")
LONGEST = 20_000
SECONDS = re.compile(r"\d{9,10}(?:\.\d+)?")
MILLISECONDS = re.compile(r"\d{12,13}(?:\.0+)?")
_CLOCK = re.compile(r"(?P<day>.*?[^\sT,]),?(?:T|\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
                    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?")
_NAMED = re.compile(r"(?P<month>[A-Za-z]{3,9})\.? (?P<day>\d{1,2}),? (?P<year>\d{4})")
_SERIAL = re.compile(r"[2-7]\d{4}(?:\.\d+)?")
_EPOCH, _EXCEL = datetime(1970, 1, 1), datetime(1899, 12, 30)
_MONTHS = {text.lower(): number for number, name in enumerate(MONTHS, 1) for text in (name, name[:3])} | {"sept": 9}

Read = tuple[Any, str]


@dataclass(frozen=True)
class Way:
    """How the cells of one column are read, decided by all of them: what `count` says dates are that look like numbers
    (serial of Excel, seconds, milliseconds), day or month first, the decimal mark, whether months are meant."""

    type: str
    rule: Rule
    order: str = ""
    count: str = ""
    decimal: str = "."
    month: bool = False
    long: bool = False


def read(text: str, way: Way) -> Read:
    """(value, "") of a cell that is not blank, or (None, the fault in words)."""
    return _READERS[way.type](text.strip(numbers._SPACES + "\t\r\n"), way)


def shown(text: str) -> str:
    """A cell as it is quoted in a reason: 40 characters, none invisible."""
    clean = "".join(c for c in " ".join(text.split()) if c.isprintable())
    return f"'{clean[:40]}{'…' if len(clean) > 40 else ''}'"


def _number(text: str, way: Way) -> Read:
    found = numbers.read_number(text, way.decimal)
    if found is None:
        return None, f"{shown(text)} is not a number"
    if found.percent and way.type == "money":
        return None, f"{shown(text)} is a percentage, and an amount is needed"
    return found.value / way.rule.divide, ""


def _date(text: str, way: Way) -> Read:
    moment, fault = _instant(text, way)
    if fault:
        return None, fault
    return (moment.date().replace(day=1) if way.month else moment.date()), ""


def _moment(text: str, way: Way) -> Read:
    return _instant(text, way)


def _instant(text: str, way: Way) -> Read:
    try:
        found = _counted(text, way.count) if way.count else _written(text, way)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        return None, f"{shown(text)} is not a {'month' if way.month else 'date'}"
    if isinstance(found, str):
        return None, f"{shown(text)} is a {found}, and a {'month' if way.month else 'day'} is needed"
    if not FIRST_DAY <= found.date() <= LAST_DAY:
        return None, f"{shown(text)} lies outside {FIRST_DAY.year} to {LAST_DAY.year}"
    return found, ""


def _counted(text: str, count: str) -> datetime | None:
    """The moment that a number of seconds, milliseconds, or days of Excel stands for."""
    if count == "serial":
        if not _SERIAL.fullmatch(text):
            return None
        # A day number has the precision of about a millisecond; the second is what was meant.
        return _EXCEL + timedelta(seconds=round(float(text) * 86_400))
    pattern, step = (SECONDS, 1) if count == "seconds" else (MILLISECONDS, 1_000)
    if not pattern.fullmatch(text):
        return None
    return _EPOCH + timedelta(microseconds=round(float(text) * (1_000_000 // step)))


def _written(text: str, way: Way) -> datetime | str | None:
    """A moment in UTC, the grain when only a period is written, None when it is neither."""
    clock = _CLOCK.fullmatch(text)
    day = _day(clock["day"] if clock else text, way)
    if day is None or isinstance(day, str):
        return day if not clock else None
    start = datetime.combine(day, datetime.min.time())
    if clock is None or way.type == "date":
        return start
    return _in_utc(start + _time(clock), clock["zone"] or "", way.rule.zone)


def _day(text: str, way: Way) -> date | str | None:
    named = _NAMED.fullmatch(text)
    if named and named["month"].lower() in _MONTHS:
        return date(int(named["year"]), _MONTHS[named["month"].lower()], int(named["day"]))
    found = dates.written(text, way.order)
    if found is None:
        return None
    if found.grain == "date" or way.month and found.grain == "month":
        return found.day
    return found.grain


def _time(clock: re.Match) -> timedelta:
    hour, minute, second = int(clock["hour"]), int(clock["minute"]), int(clock["second"] or 0)
    if minute > 59 or second > 59 or hour > (12 if clock["half"] else 23):
        raise ValueError
    if clock["half"]:
        hour = hour % 12 + (12 if clock["half"][0] in "Pp" else 0)
    part = int((clock["part"] or "0").ljust(6, "0")[:6])
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=part)


def _in_utc(local: datetime, offset: str, zone: str) -> datetime:
    if offset and offset[0] in "+-":
        digits = offset[1:].replace(":", "").ljust(4, "0")
        ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return local - ahead if offset[0] == "+" else local + ahead
    if offset or not zone:
        return local
    return local.replace(tzinfo=known_zone(zone)).astimezone(UTC).replace(tzinfo=None)


@lru_cache
def known_zone(name: str) -> ZoneInfo:
    """The zone of this name. Raises FileRefused."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise FileRefused(f"'{name}' is not a time zone. Use a name such as Europe/Berlin.") from None


def _flag(text: str, way: Way) -> Read:
    word = text.casefold()
    true, false = ({one.casefold() for one in words} for words in (way.rule.true, way.rule.false))
    if word in true or word in TRUE - false:
        return True, ""
    if word in false or word in FALSE:
        return False, ""
    return None, f"{shown(text)} is neither yes nor no"


def _text(text: str, way: Way) -> Read:
    clean = _long(text) if way.long else clean_name(text)
    values = {word.casefold(): ours for word, ours in way.rule.values.items()}
    clean = values.get(clean.casefold(), clean)
    if way.long:
        fault = f"is longer than {LONGEST:,} characters" if len(clean) > LONGEST else ""
    else:
        fault = name_fault(clean)
    return (None, f"{shown(text)} {fault}") if fault else (way.rule.prefix + clean if clean else None, "")


def _long(text: str) -> str:
    """A comment with its lines, in one form, without characters that nobody sees."""
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")).strip()


_READERS = {"number": _number, "money": _number, "date": _date, "moment": _moment, "flag": _flag, "text": _text}
