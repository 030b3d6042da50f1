"""A first definition for a measure that a file brings and nobody has defined: label from its name, unit guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scorecard.core.definition import Definition
from scorecard.core.names import bare
from scorecard.intake.columns import bracketed, normal
from scorecard.intake.numbers import Number

_SHARE_WORDS = {"rate", "share", "retention", "adoption", "percent", "percentage", "pct", "coverage", "grr", "nrr", "csat",
                "utilisation", "utilization", "attainment"}
_TIME_WORDS = ("days", "hours", "minutes")
_COUNTED = re.compile(r"\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|sixty|ninety)"
                      r"\s+(?:days|hours|minutes)\b")


def name_of(text: str) -> str:
    """The id for a written name: `Renewal rate (%)` as `renewal_rate`."""
    stem = re.sub(r"[^a-z0-9]+", "_", bare(normal(text))).strip("_")[:60] or "measure"
    return stem if stem[0].isalpha() else f"m_{stem}"


def label_of(text: str) -> str:
    """The label for a written name: `renewal_rate` as `Renewal rate`."""
    plain = re.sub(r"\s*[(\[][^()\[\]]*[)\]]\s*$", "", text).strip()
    plain = plain.replace("_", " ").strip() or text
    return plain[:1].upper() + plain[1:]


def guess(text: str, numbers: Sequence[Number], pairs: Sequence[tuple[float, float]] = ()) -> Definition:
    """A definition without a direction or a goal: behaviour only, until somebody says what good is."""
    unit, aggregate, bounds, currency = _unit(text, numbers, pairs)
    label = label_of(text)
    return Definition(name=name_of(text), label=label, description=f"{label}, as loaded.", unit=unit, aggregate=aggregate,
                      bounds=bounds, currency=currency)


def _unit(text: str, numbers: Sequence[Number], pairs: Sequence[tuple[float, float]]) -> tuple[str, str, tuple, str]:
    words = set(normal(text).split())
    values = [n.value for n in numbers]
    if pairs:
        share = all(0 <= a <= b for a, b in pairs)
        return ("percent" if share else "number"), "ratio", (0.0, 1.0 if share else None), ""
    currency = next((n.currency for n in numbers if n.currency), "")
    if currency or bracketed(text) in ("$", "€", "£", "USD", "EUR", "GBP"):
        return "money", "sum", (None, None), currency or {"USD": "$", "EUR": "€", "GBP": "£"}.get(bracketed(text), bracketed(text))
    if any(n.percent for n in numbers) or bracketed(text) == "%" or words & _SHARE_WORDS and _like_a_share(values):
        return "percent", "none", (0.0, 1.0 if _within(numbers) else None), ""
    # "Within four hours" and "over 14 days" name a mark to keep: the figure itself is no time.
    words_of_unit = set(_COUNTED.sub(" ", normal(text)).split())
    unit = next((word for word in _TIME_WORDS if word in words_of_unit or word == bracketed(text)), "")
    if unit:
        return unit, "none", (0.0, None), ""
    if values and all(x == int(x) and x >= 0 for x in values):
        return "count", "sum", (0.0, None), ""
    return "number", "none", (None, None), ""


def _like_a_share(values: Sequence[float]) -> bool:
    return bool(values) and all(0 <= x <= 200 for x in values)


def _within(numbers: Sequence[Number]) -> bool:
    """Whether no figure lies above 100%."""
    plain = [n.value for n in numbers if not n.percent]
    top = 100 if any(x > 1 for x in plain) and sum(x > 1.5 for x in plain) * 2 > len(plain) else 1
    return all(n.value <= (1 if n.percent else top) for n in numbers)
