"""The chart of one measure as series: what the files draw natively, and what stands beside the lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scorecard.core import fmt, spc
from scorecard.core.definition import Definition
from scorecard.core.periods import Period
from scorecard.core.spc import Chart, Phase, Point
from scorecard.output import marks

if TYPE_CHECKING:
    from scorecard.metrics import GoalRecord, MeasureView

PERIODS = 24
FIRM = ("locked", "all")
NEW = "new limits"
_UNITS = {"percent": "%", "days": "days", "hours": "hours", "minutes": "minutes"}


@dataclass(frozen=True)
class Dot:
    """One period of a chart. Numbers are in full precision, shares as fractions; `text` is the figure as it is read.

    `tone` is better, worse, changed or nothing; `firm` says that the limits are locked, else they are drawn dashed.
    """

    period: Period
    value: float | None
    text: str
    lower: float | None
    centre: float | None
    upper: float | None
    goal: float | None
    range: float | None
    range_centre: float | None
    range_upper: float | None
    tone: str
    range_signal: bool
    hollow: bool
    phase: int
    firm: bool


@dataclass(frozen=True)
class Label:
    """Words beside a line, at the height of a value."""

    at: float
    text: str
    strong: bool


@dataclass(frozen=True)
class Plot:
    """A measure's chart: dots with limits and goals, their moving ranges, and the words of both.

    `bounds` are the natural bounds: a band without a limit on one side reaches to its bound. `changes` are process
    changes, as (index of the first dot after it, title).
    """

    measure: Definition
    title: str
    range_title: str
    dots: tuple[Dot, ...]
    bounds: tuple[float | None, float | None]
    labels: tuple[Label, ...]
    range_labels: tuple[Label, ...]
    changes: tuple[tuple[int, str], ...]
    alt: str

    @property
    def values(self) -> list[float]:
        """Every number that the value axis has to show."""
        return [v for d in self.dots for v in (d.value, d.lower, d.centre, d.upper, d.goal) if v is not None]

    @property
    def ranges(self) -> list[float]:
        """Every number that the axis of the moving ranges has to show; empty without one."""
        if all(d.range is None for d in self.dots):
            return []
        return [v for d in self.dots for v in (d.range, d.range_upper) if v is not None]


def plot(view: MeasureView, periods: int = PERIODS) -> Plot:
    """The last periods of a measure's chart."""
    chart, measure = view.row.chart, view.row.measure
    points = chart.points[-periods:]
    unit = _UNITS.get(measure.unit, measure.symbol if measure.unit == "money" else "")
    moved = {"percent": ", in points", "money": f", {unit}"}.get(measure.unit, f", in {unit}" if unit else "")
    return Plot(
        measure,
        f"{measure.label}, {unit}" if unit else measure.label,
        f"Moving range{moved}",
        tuple(_dot(view, point) for point in points),
        spc.natural_bounds(chart.options),
        _labels(view, points),
        _range_labels(chart, measure),
        _changes(view, points),
        alt(view, points),
    )


def _dot(view: MeasureView, point: Point) -> Dot:
    chart, measure = view.row.chart, view.row.measure
    phase = chart.phases[point.phase] if chart.phases else None
    hollow = point.excluded or point.partial
    goal = goal_in(view.goals, point.period)
    return Dot(
        point.period,
        point.value,
        fmt.value(point.value, measure),
        point.lower,
        point.centre,
        point.upper,
        goal.value if goal else None,
        point.range,
        phase.range_centre if phase else None,
        phase.range_upper if phase else None,
        "" if hollow else marks.tone_of(point.signals, measure.improvement_direction),
        any(spc.RULES[signal.rule].on_ranges for signal in point.signals),
        hollow,
        point.phase,
        bool(phase) and phase.baseline.state in FIRM,
    )


def goal_in(goals: Sequence[GoalRecord], period: Period) -> GoalRecord | None:
    """The goal of a period: the last one that starts in or before it."""
    begun = [one for one in goals if one.value is not None and one.start.start <= period.end]
    return max(begun, key=lambda one: one.start.start) if begun else None


def _labels(view: MeasureView, points: Sequence[Point]) -> tuple[Label, ...]:
    """Goal, limits and centre of the latest period, in words."""
    measure, last, found = view.row.measure, spc.latest(view.row.chart), []
    goal = goal_in(view.goals, points[-1].period) if points else None
    if goal:
        found.append(Label(goal.value, f"goal {fmt.goal(goal.value, measure)}", False))
    for value, name in ((last.upper, "upper"), (last.centre, "centre"), (last.lower, "lower")) if last else ():
        if value is not None:
            found.append(Label(value, f"{name} {fmt.value(value, measure)}", name == "centre"))
    return tuple(found)


def _range_labels(chart: Chart, measure: Definition) -> tuple[Label, ...]:
    phase: Phase | None = chart.phases[-1] if chart.phases else None
    if phase is None or phase.range_upper is None or phase.range_centre is None:
        return ()
    ends = ((phase.range_upper, "upper", False), (phase.range_centre, "mean", True))
    return tuple(Label(value, f"{name} {range_text(value, measure)}", strong) for value, name, strong in ends)


def range_text(x: float | None, measure: Definition) -> str:
    """A moving range without its unit, which stands in the title: `2.1`."""
    if x is None:
        return fmt.NO_VALUE
    return fmt.change(x, measure).lstrip("+").removesuffix(" points").removesuffix(f" {fmt.unit_word(measure)}")


def _changes(view: MeasureView, points: Sequence[Point]) -> tuple[tuple[int, str], ...]:
    """Where a new phase begins inside the shown periods, with the title that it was given."""
    titles = {phase.start: phase.title for phase in view.phases}
    return tuple(
        (i, titles.get(point.period) or NEW)
        for i, point in enumerate(points)
        if i and point.phase != points[i - 1].phase
    )


def alt(view: MeasureView, points: Sequence[Point]) -> str:
    """What the chart shows, in words: its sentence, the span, limits, goal and signals."""
    row = view.row
    words = [row.reading.full_sentence, marks.describe(row.chart, row.value_text, max(len(points), 1))]
    words += [f"{', '.join(label.text for label in _labels(view, points))}."] if points else []
    return " ".join(part for part in words if part)


def ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Round numbers between two ends, about as many as asked; two at least where the ends differ."""
    room = high - low
    if room <= 0 or not math.isfinite(room):
        return [low]
    rough = room / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    found = [n * step for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
    return found if len(found) > 1 or count > 64 else ticks(low, high, count * 2)


def tick_text(x: float, measure: Definition) -> str:
    """A number at an axis, without idle decimals: `92%`, `$430k`."""
    return fmt.goal_value(0.0 if abs(x) < 1e-12 else x, measure)
