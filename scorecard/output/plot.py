"""The geometry and the words of the large chart: limits, goals by date, and where notes and signals are named."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scorecard.core import spc
from scorecard.core.periods import day, noun
from scorecard.core.reading import SHAPES
from scorecard.core.spc import Chart, Phase, Point
from scorecard.output import marks
from scorecard.output.labels import Box, Room, around, beside
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.metrics import MeasureView

WIDTH, HEIGHT = 944.0, 207.0
TONES = {"better": "blue", "worse": "orange", "changed": "ink"}
STATES = {
    "trial": "trial limits",
    "provisional": "provisional limits",
    "locked": "locked",
    "all": "limits from all points",
    "none": "no limits yet",
}


def value_range(view: MeasureView) -> tuple[float, float]:
    """The ends of the value axis: all figures, limits and goals, with room for words below."""
    goals = [g.value for g in view.goals if g.value is not None]
    values = [v for p in view.row.chart.points for v in (p.value, p.lower, p.upper) if v is not None] + goals
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    room = (high - low) or abs(high) or 1.0
    return low - room * 0.13, high + room * 0.08


def at_day(chart: Chart, when: date) -> float:
    """Where a day stands on the axis: 0 is the middle of the first period."""
    for i, point in enumerate(chart.points):
        if when <= point.period.end:
            length = (point.period.end - point.period.start).days + 1
            return i - 0.5 + max((when - point.period.start).days, 0) / length
    return len(chart.points) - 0.5


def spans(chart: Chart) -> Iterator[tuple[Phase, float, float]]:
    """Each phase with its left and right edge on the axis."""
    for n, phase in enumerate(chart.phases):
        own = [i for i, p in enumerate(chart.points) if p.phase == n]
        if own:
            yield phase, own[0] - 0.5, own[-1] + 0.5


def pieces(chart: Chart) -> Iterator[tuple[Phase, Point, float, float]]:
    """Stretches with the same limits: a phase, or a single point where limits follow the denominator."""
    start = 0
    for i in range(1, len(chart.points) + 1):
        here = chart.points[start]
        if i == len(chart.points) or _key(chart.points[i]) != _key(here):
            yield chart.phases[here.phase], here, start - 0.5, i - 0.5
            start = i


def _key(point: Point) -> tuple:
    return point.phase, point.lower, point.centre, point.upper


def goal_spans(view: MeasureView) -> Iterator[tuple[float, float, float]]:
    """Each goal with its value and the part of the axis that it holds for."""
    chart = view.row.chart
    goals = sorted((g for g in view.goals if g.value is not None), key=lambda g: g.start)
    for n, goal in enumerate(goals):
        until = goals[n + 1].start if n + 1 < len(goals) else None
        own = [
            i
            for i, p in enumerate(chart.points)
            if goal.start.start <= p.period.end and (until is None or p.period.end < until.start)
        ]
        if own:
            yield goal.value, own[0] - 0.5, own[-1] + 0.5


def standing(view: MeasureView) -> list:
    """The notes that were not withdrawn, the oldest first."""
    return sorted((n for n in view.notes if n.withdrawn_at is None), key=lambda n: n.happened)


def cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def phase_words(chart: Chart, phase: Phase, n: int) -> tuple[str, str]:
    """The title of a phase and its second line: what its limits come from and how firm they are."""
    base, grain = phase.baseline, phase.start.grain
    own = [p for p in chart.points if p.phase == n and p.value is not None]
    firm = base.state in ("locked", "all")
    if n:
        title = (
            "After the change, limits locked" if base.state == "locked" else f"After the change, {STATES[base.state]}"
        )
    else:
        title = "Baseline, locked" if base.state == "locked" else STATES[base.state].capitalize()
    if firm and base.start and base.end:
        return title, f"{base.start.short} to {base.end.short}, {base.n} {noun(grain, base.n)}"
    count = f"{len(own)} {noun(grain, len(own))}"
    if chart.options.window != "period":
        return "No limits", count
    lock = chart.options.lock_after or spc.LOCK_AFTER[grain]
    return title, f"{count}; too few for limits" if base.state == "none" else f"{count}; they lock at {lock}"


def stretches(chart: Chart) -> Iterator[tuple[float, float, str, str]]:
    """Left, right, title and second line over each phase, or its locked baseline and what is read against it."""
    for n, (phase, left, right) in enumerate(spans(chart)):
        title, second = phase_words(chart, phase, n)
        own = [
            i
            for i, p in enumerate(chart.points)
            if p.phase == n and phase.baseline.end and p.period <= phase.baseline.end
        ]
        if phase.baseline.state == "locked" and own and own[-1] + 0.5 < right:
            yield left, own[-1] + 0.5, title, second
            later = round(right - own[-1] - 0.5)
            yield own[-1] + 0.5, right, "Read against it", f"{later} {noun(phase.start.grain, later)}"
        else:
            yield left, right, title, second


@dataclass(frozen=True)
class Word:
    """Words on the plot: HTML lines, where their box stands, and where a line from them leads."""

    lines: tuple[str, ...]
    x: float
    y: float
    anchor: str
    at: float = 0.0
    line_to: float | None = None


def words(view: MeasureView, colour: dict[str, str]) -> list[Word]:
    """What stands on the plot: process changes, then signals, then notes, each clear of data and of the others."""
    room, scale = _room(view)
    return [
        *_change_words(view, colour, room, scale),
        *_signal_words(view, colour, room, scale),
        *_note_words(view, colour, room, scale),
    ]


@dataclass(frozen=True)
class _Pixels:
    """From the axes to pixels and back, at the width that the page has on a desktop."""

    step: float
    low: float
    unit: float

    def x(self, value: float) -> float:
        return (value + 0.5) * self.step

    def y(self, value: float) -> float:
        return (value - self.low) / self.unit

    def back(self, box: Box) -> tuple[float, float]:
        return box.left / self.step - 0.5, self.low + (box.bottom + box.top) / 2 * self.unit


def _room(view: MeasureView) -> tuple[Room, _Pixels]:
    """The plot with what data, limits and goals already take."""
    chart = view.row.chart
    low, high = value_range(view)
    scale = _Pixels(WIDTH / max(len(chart.points), 1), low, (high - low) / HEIGHT)
    room = Room(WIDTH, HEIGHT)
    for i, point in enumerate(chart.points):
        x = scale.x(i)
        following = chart.points[i + 1].value if i + 1 < len(chart.points) else None
        heights = (
            [point.value] if following is None or point.value is None else [point.value, (point.value + following) / 2]
        )
        room.taken += [
            Box(x - 9 + n * scale.step / 2, x + 9 + n * scale.step / 2, scale.y(v) - 7, scale.y(v) + 7, 9.0)
            for n, v in enumerate(heights)
            if v is not None
        ]
        room.taken += [
            Box(scale.x(i - 0.5), scale.x(i + 0.5), scale.y(v) - 2, scale.y(v) + 2, 5.0)
            for v in (point.lower, point.centre, point.upper)
            if v is not None
        ]
    room.taken += [Box(scale.x(a), scale.x(b), scale.y(v) - 2, scale.y(v) + 2, 6.0) for v, a, b in goal_spans(view)]
    room.taken += [Box(scale.x(a) - 2, scale.x(a) + 2, 0, HEIGHT, 25.0) for _, a, _ in list(spans(chart))[1:]]
    return room, scale


def _change_words(view: MeasureView, colour: dict[str, str], room: Room, scale: _Pixels) -> Iterator[Word]:
    titles = {p.start: p for p in view.phases}
    for phase, left, _ in list(spans(view.row.chart))[1:]:
        told_of = titles.get(phase.start)
        if told_of:
            lines = (cut(told_of.title, 44), f"{phase.start.label} · {told_of.author}")
            box = room.place(beside(scale.x(left), lines, room))
            bold, second = f"<b>{escape(lines[0])}</b>", coloured(escape(lines[1]), colour["mut"])
            yield _word(box, scale, scale.x(left), (bold, second), left, None)


def _note_words(view: MeasureView, colour: dict[str, str], room: Room, scale: _Pixels) -> Iterator[Word]:
    chart = view.row.chart
    for note in standing(view):
        own = [i for i, p in enumerate(chart.points) if p.period.start <= note.happened <= p.period.end]
        if own:
            at, value = at_day(chart, note.happened), chart.points[own[0]].value
            lines = (*folded(note.text), day(note.happened))
            box = room.place(beside(scale.x(at), lines, room))
            yield _word(
                box, scale, scale.x(at), tuple(coloured(escape(line), colour["ink2"]) for line in lines), at, value
            )


def folded(text: str, length: int = 30, most: int = 2) -> tuple[str, ...]:
    """Text in at most two short lines, cut with an ellipsis."""
    lines = textwrap.wrap(text, length) or [""]
    return (*lines[: most - 1], cut(" ".join(lines[most - 1 :]), length)) if len(lines) >= most else tuple(lines)


def _word(box: Box, scale: _Pixels, x: float, lines: tuple[str, ...], at: float, line_to: float | None) -> Word:
    """The words in their box, written towards the line they belong to."""
    left, y = scale.back(box)
    right = box.right < x
    return Word(lines, box.right / scale.step - 0.5 if right else left, y, "right" if right else "left", at, line_to)


def coloured(text: str, colour: str) -> str:
    return f"<span style='color:{colour}'>{text}</span>"


def _signal_words(view: MeasureView, colour: dict[str, str], room: Room, scale: _Pixels, most: int = 3) -> list[Word]:
    """The latest signals in words, at the last point of each."""
    direction, found = view.row.measure.improvement_direction, []
    for last, signal, count in _windows(view.row.chart)[-most:]:
        point = view.row.chart.points[last]
        text = signal_words(signal, count)
        ink = colour[TONES[marks.tone(signal.side, direction)]]
        box = room.place(around(scale.x(last), scale.y(point.value), (text,), signal.side == "below"))
        x, y = scale.back(box)
        found.append(Word((coloured(escape(text), ink),), x, y, "left"))
    return found


def _windows(chart: Chart) -> list[tuple[int, spc.Signal, int]]:
    """(last point, strongest signal, points) of each stretch of points that carry a signal."""
    found, own = [], []
    for i, point in enumerate([*chart.points, None]):
        told_of = marks.about_value(point.signals) if point else []
        if own and (not told_of or point.phase != chart.points[own[-1]].phase):
            found.append((own[-1], _strongest(chart, own), len(own)))
            own = []
        if told_of:
            own.append(i)
    return found


def _strongest(chart: Chart, own: Sequence[int]) -> spc.Signal:
    signals = [s for i in reversed(own) for s in marks.about_value(chart.points[i].signals)]
    return min(signals, key=lambda s: spc.STRENGTHS.index(s.strength))


def signal_words(signal: spc.Signal, count: int) -> str:
    """A signal in a few words: `3 of 4 close to the lower limit`, `8 below centre`."""
    shape, up = SHAPES[signal.rule], signal.side == "above"
    title = spc.RULES[signal.rule].title
    return {
        "outside": "above its limits" if up else "below its limits",
        "near": f"{title.partition(' successive')[0]} close to the {'upper' if up else 'lower'} limit",
        "shift": f"{count} {'above' if up else 'below'} centre",
        "trend": f"{count} {'rising' if up else 'falling'}",
    }.get(shape, title)
