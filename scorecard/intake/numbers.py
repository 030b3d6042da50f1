"""Numbers as people write them: percent, thousands, currency, decimal comma, parentheses.

Which mark is the decimal one is decided by all numbers of a file together; a file that leaves it open is asked about.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Iterable

CURRENCIES = {"$": "$", "US$": "$", "USD": "$", "€": "€", "EUR": "€", "£": "£", "GBP": "£", "¥": "¥", "JPY": "¥",
              "CHF": "CHF", "CAD": "CAD", "AUD": "AUD", "SEK": "SEK", "NOK": "NOK", "DKK": "DKK", "PLN": "PLN",
              "₹": "₹", "INR": "₹"}
_SYMBOL = "|".join(re.escape(s) for s in sorted(CURRENCIES, key=len, reverse=True))
_SPACES = "\u0020\u00a0\u2009\u202f\u2007"
_NUMBER = re.compile(
    rf"(?P<open>\()?(?P<sign>[+-])?\s*(?P<before>{_SYMBOL})?\s*(?P<sign2>[+-])?"
    rf"(?P<body>\d[\d.,'’{_SPACES}]*|[.,]\d+)(?P<exponent>[eE][+-]?\d{{1,3}})?"
    rf"\s*(?P<percent>%)?\s*(?P<after>{_SYMBOL})?(?P<trailing>-)?(?P<close>\))?", re.I | re.A)
_GROUPED = re.compile(rf"\d{{1,3}}(?:(?P<mark>[.,'’{_SPACES}])\d{{3}})(?:(?P=mark)\d{{3}})*")


@dataclass(frozen=True)
class Number:
    """One number as written: its value before any unit, whether a % sign stood by it, the currency if one did."""

    value: float
    percent: bool = False
    currency: str = ""


def _match(text: str) -> re.Match | None:
    return _NUMBER.fullmatch(text.strip().replace("−", "-").replace("–", "-"))


@lru_cache(maxsize=65_536)
def evidence(text: str) -> str:
    """What one number says about the decimal mark: `.`, `,`, `?` (it could be either), or nothing."""
    found = _match(text)
    if not found:
        return ""
    body = found["body"].strip()
    dots, commas = body.count("."), body.count(",")
    if dots and commas:
        return "." if body.rfind(".") > body.rfind(",") else ","
    mark, count = (".", dots) if dots else (",", commas)
    if not count:
        return ""
    if count > 1:
        return "," if mark == "." else "."
    before, after = body.split(mark)
    plain = len(after) != 3 or not before.isdigit() or before.startswith("0") or len(before) > 3 or found["exponent"]
    return mark if plain else "?"


def decimal_mark(texts: Iterable[str]) -> str:
    """`.` or `,`; `?` when the numbers leave it open, `!` when they contradict one another."""
    found = {evidence(text) for text in texts} - {""}
    if {".", ","} <= found:
        return "!"
    sure = found - {"?"}
    return sure.pop() if sure else "?" if found else "."


@lru_cache(maxsize=65_536)
def read_number(text: str, decimal: str = ".") -> Number | None:
    """The number that a text writes, None when it writes none. NaN and infinity are not numbers."""
    found = _match(text)
    if not found or bool(found["open"]) != bool(found["close"]):
        return None
    signs = [found["sign"], found["sign2"], found["trailing"]]
    if len([s for s in signs if s]) > 1 or (found["before"] and found["after"]):
        return None
    plain = _plain(found["body"].strip(), decimal)
    if plain is None:
        return None
    try:
        value = Decimal(plain + (found["exponent"] or ""))
    except InvalidOperation:
        return None
    if "-" in signs or found["open"]:
        value = -value
    number = float(value / 100 if found["percent"] else value)
    symbol = (found["before"] or found["after"] or "").upper()
    return Number(number, bool(found["percent"]), CURRENCIES.get(symbol, "")) if math.isfinite(number) else None


def _plain(body: str, decimal: str) -> str | None:
    """Digits with a point, thousands marks removed; None when the marks do not stand as thousands marks do."""
    whole, mark, part = body.partition(decimal)
    if mark and not part.isdigit() and part:
        return None
    if whole and not whole.isdigit():
        if not _GROUPED.fullmatch(whole):
            return None
        whole = re.sub(r"\D", "", whole)
    return f"{whole or '0'}.{part or '0'}"


def is_blank(text: str) -> bool:
    """Whether a cell holds nothing. `NA`, `NULL` and `-` are text, not nothing."""
    return not text.strip(_SPACES + "\t\r\n")
