"""Numbers as the reader sees them: one place for the page, the pack, the files and the sentences."""

from __future__ import annotations

import math

from scorecard.core.definition import Definition

MINUS = "−"
NO_VALUE = "–"


def plain(x: float, digits: int) -> str:
    """1234.5 as `1,234.5`, with a true minus sign."""
    text = f"{abs(x):,.{digits}f}"
    negative = x < 0 and any(c not in "0.," for c in text)
    return (MINUS if negative else "") + text


def _money(x: float, symbol: str, short: bool) -> str:
    size = abs(x)
    sign = MINUS if x < 0 else ""
    if short and size >= 999_500:
        return f"{sign}{symbol}{size / 1e6:,.1f}M"
    if short and size >= 9_950:
        return f"{sign}{symbol}{size / 1e3:,.0f}k"
    return f"{sign}{symbol}{size:,.{0 if size >= 20 or size == round(size) else 2}f}"


def digits(measure: Definition) -> int:
    """Decimals of a figure of this measure, before the unit (a percent counts after × 100)."""
    if measure.format:
        return len(measure.format.partition(".")[2])
    return {"percent": 1, "score": 1, "number": 1}.get(measure.unit, 0)


def value(x: float | None, measure: Definition) -> str:
    """A figure: `89.6%`, `$473k`, `27`, `7.6`; a dash when there is none."""
    if x is None or math.isnan(x):
        return NO_VALUE
    if measure.unit == "percent":
        return plain(x * 100, digits(measure) + _small(x, measure)) + "%"
    if measure.unit == "money":
        return _money(x, measure.symbol, short=True)
    return plain(x, digits(measure))


def _small(x: float, measure: Definition) -> int:
    """One more decimal for a share under 1%, unless the measure states its decimals."""
    return int(0 < abs(x) < 0.01 and not measure.format)


def unit_word(measure: Definition) -> str:
    """The small word behind a figure: `days`, or nothing."""
    return measure.unit if measure.unit in ("days", "hours", "minutes") else ""


def with_unit(x: float | None, measure: Definition) -> str:
    """A figure in a sentence: `27 days`, `89.6%`."""
    word = unit_word(measure)
    return f"{value(x, measure)} {word}" if word else value(x, measure)


def goal_value(x: float, measure: Definition) -> str:
    """A goal without idle decimals: `93%`, `$430k`, `28`, `7.5`."""
    if measure.unit == "percent":
        return f"{_trim(plain(x * 100, max(1, digits(measure))))}%"
    if measure.unit == "money":
        return _money(x, measure.symbol, short=True)
    return _trim(plain(x, max(1, digits(measure))))


def _trim(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def sign_of_goal(measure: Definition) -> str:
    """`≥`, `≤` or `=` by the wanted direction."""
    return {"increase": "≥", "decrease": "≤"}.get(measure.improvement_direction, "=")


def goal(x: float, measure: Definition) -> str:
    """`≥ 93%`."""
    return f"{sign_of_goal(measure)} {goal_value(x, measure)}"


def _range_ends(lower: float, upper: float, measure: Definition) -> tuple[str, str]:
    scale = 100 if measure.unit == "percent" else 1
    low, high = lower * scale, upper * scale
    if measure.unit == "money":
        return _money(lower, measure.symbol, True), _money(upper, measure.symbol, True)
    if measure.unit in ("days", "hours", "minutes", "count"):
        inward = math.ceil(low), math.floor(high)
        places = 0 if inward[0] <= inward[1] else 1  # No whole number lies between limits of 4.2 and 4.7.
        low, high = (low, high) if places else inward
        return plain(low, places), plain(high, places)
    if measure.unit == "percent" and max(abs(low), abs(high)) < 1:
        return plain(low, 2), plain(high, 2)
    places = digits(measure) if measure.unit != "percent" else 0
    if high - low < 4 and measure.unit == "percent" or places and high - low < 10 ** -places * 4:
        places += 1
    return plain(low, places), plain(high, places)


def range_text(lower: float | None, upper: float | None, measure: Definition, dash: bool = False) -> str:
    """A natural range: `62 to 75%` in sentences, `62–75%` in cells; one end when the other has no limit."""
    tail = "%" if measure.unit == "percent" else ""
    if lower is None and upper is None:
        return "any value"
    if lower is None:
        return f"up to {_range_ends(upper, upper, measure)[1]}{tail}"
    if upper is None:
        return f"from {_range_ends(lower, lower, measure)[0]}{tail}"
    low, high = _range_ends(lower, upper, measure)
    if low == high:
        return f"{low}{tail}"
    joint = "–" if dash and not low.startswith(MINUS) else " to "
    return f"{low}{joint}{high}{tail}"


def change(x: float, measure: Definition) -> str:
    """A difference: points for shares, else with the measure's own unit: `+10.4 points`, `−22`."""
    sign = "+" if x > 0 else MINUS if x < 0 else ""
    if measure.unit == "percent":
        return f"{sign}{abs(x) * 100:.1f} points"
    return sign + with_unit(abs(x), measure)
