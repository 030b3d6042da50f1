"""In which unit the figures of a share stand: 0.896, 89.6 and 89.6% are one figure, and it is said which was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scorecard.core.definition import Definition
from scorecard.intake.numbers import Number
from scorecard.intake.table import Question

PERCENT, FRACTION = "percent", "fraction"
TOLD = {PERCENT, FRACTION}


@dataclass(frozen=True)
class Scale:
    """What unsigned figures of one measure are divided by, the words for it, and a question when it stays open."""

    divide: float
    words: str
    question: Question | None = None


def told_for(measure: str, header: str, choices: Mapping[str, str]) -> str:
    """percent or fraction, as somebody said for this measure or for all, or as the header says; else nothing."""
    for key in (f"units:{measure}", "units"):
        if choices.get(key) in TOLD:
            return choices[key]
    return PERCENT if header in ("%", "percent", "pct", "in %") else ""


def scale_of(measure: Definition, numbers: Sequence[Number], told: str) -> Scale:
    """How the figures of a share are scaled; others stay as they are."""
    plain = [n.value for n in numbers if not n.percent]
    signed = len(plain) < len(numbers)
    if not measure.is_share or not plain:
        return Scale(1.0, "written with a % sign" if measure.is_share and signed else "")
    if told:
        return Scale(100.0 if told == PERCENT else 1.0, _words(told, plain))
    if signed:
        return _ask(measure, plain, "some figures have a % sign and some have none")
    top = measure.bounds[1]
    return _bounded(measure, plain) if top is not None and top <= 1 else _open(measure, plain)


def _bounded(measure: Definition, plain: list[float]) -> Scale:
    above = [x for x in plain if x > 1]
    if not above or max(plain) > 100 and len(above) == 1 and len(plain) > 4:
        return Scale(1.0, _words(FRACTION, plain))
    if any(0 < x <= 1 for x in plain):
        return _ask(measure, plain, "some figures lie between 0 and 1 and some above 1")
    return Scale(100.0, _words(PERCENT, plain))


def _open(measure: Definition, plain: list[float]) -> Scale:
    """A share without a top at 100% (net retention): 1.04 is 104%, 104 is 104%, between them it is asked."""
    sizes = [abs(x) for x in plain if x]
    if not sizes or max(sizes) <= 2:
        return Scale(1.0, _words(FRACTION, plain))
    if min(sizes) > 2:
        return Scale(100.0, _words(PERCENT, plain))
    return _ask(measure, plain, "the figures can be percent or fractions")


def _words(unit: str, plain: list[float]) -> str:
    shown = next((x for x in plain if x), plain[0])
    percent = shown if unit == PERCENT else shown * 100
    return f"{shown:g} is {percent:.4g}%"


def _ask(measure: Definition, plain: list[float], why: str) -> Scale:
    shown = next((x for x in plain if 0 < abs(x) <= 2), plain[0])
    options = ((PERCENT, f"{shown:g} is {shown:.4g}%"), (FRACTION, f"{shown:g} is {shown * 100:.4g}%"))
    question = Question(f"units:{measure.name}", f"{measure.label}: {why}. What is {shown:g}?", options,
                        f"--units {measure.name}=")
    return Scale(1.0, "", question)
