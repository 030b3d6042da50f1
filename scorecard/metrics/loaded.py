"""Measures whose figures a file brought, beside what the records say for the same months: both are said, and which one counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scorecard.core import fmt, rollup
from scorecard.core.periods import Period
from scorecard.store import definitions, loads, measures

if TYPE_CHECKING:
    from scorecard.core.definition import Definition
    from scorecard.core.rollup import StoredFigure
    from scorecard.store.tx import Tx

Figure = tuple[float, float | None, float | None]  # value, numerator, denominator


@dataclass(frozen=True)
class Beside:
    """The months in which a measure says what files brought and the records say otherwise; both figures of the last of them."""

    measure: Definition
    months: tuple[Period, ...]
    said: Figure
    recorded: Figure
    files: tuple[str, ...]


@dataclass(frozen=True)
class Total:
    """What a measure of counts comes to over some months, and the files that brought some of it."""

    numerator: int
    denominator: int
    files: tuple[str, ...]


def beside(tx: Tx, name: str, recorded: Mapping[Period, Figure]) -> Beside | None:
    """Where the loaded figures of a measure and those out of the records, given by month, differ; None where they never do."""
    measure = definitions.current(tx).get(name)
    found = measures.figures(tx, [name]) if measure and recorded else []
    if measure is None or not found:
        return None
    computed = loads.computed(tx)
    brought = {one.period for one in found if one.load not in computed}
    said = {one.period: (one.value, one.numerator, one.denominator) for one in rollup.series(found, measure.aggregate).get("", ()) if one.value is not None}
    months = tuple(sorted(month for month, figure in recorded.items() if month in brought and month in said and _differ(said[month], figure)))
    if not months:
        return None
    return Beside(measure, months, said[months[-1]], recorded[months[-1]], _files(tx, found, set(months)))


def _differ(one: Figure, other: Figure) -> bool:
    pairs = zip(one, other, strict=True)
    return any(a != b and (a is None or b is None or abs(a - b) > 1e-9) for a, b in pairs)


def _files(tx: Tx, found: list[StoredFigure], months: set[Period]) -> tuple[str, ...]:
    ids = dict.fromkeys(one.load for one in found if one.period in months)
    named = [of[0] for id in ids if (of := measures.load_of(tx, id)) and of[0]]
    return tuple(dict.fromkeys(named))


def total(tx: Tx, name: str, first: Period, last: Period) -> Total | None:
    """A measure of counts over the months from the first to the last; None without figures."""
    measure = definitions.current(tx).get(name)
    found = [one for one in measures.figures(tx, [name]) if first <= one.period <= last] if measure else []
    counted = [one for one in rollup.series(found, measure.aggregate).get("", ()) if one.denominator] if measure else []
    if not counted:
        return None
    computed = loads.computed(tx)
    brought = {one.period for one in found if one.load not in computed}
    return Total(round(sum(one.numerator or 0 for one in counted)), round(sum(one.denominator for one in counted)), _files(tx, found, brought))


def sentence(one: Beside) -> str:
    """Why the measure and the records say two things for the same months."""
    last = one.months[-1]
    many = f"In {len(one.months)} months, the last of them {last.label}," if len(one.months) > 1 else f"In {last.label}"
    return (f"{many} the records written here say {_told(one.recorded, one.measure)}, and this measure {_told(one.said, one.measure)}: "
            f"its figures of these months came from {listed(one.files)}. Months that no file brings are counted from the records.")  # fmt: skip


def listed(files: tuple[str, ...]) -> str:
    """The files in a sentence."""
    return " and ".join(files[:2]) + (f" and {len(files) - 2} more" if len(files) > 2 else "") if files else "a file"


def _told(figure: Figure, measure: Definition) -> str:
    value, top, bottom = figure
    told = fmt.with_unit(value, measure)
    return f"{told} ({top:,.0f} of {bottom:,.0f})" if top is not None and bottom and measure.is_share else told
