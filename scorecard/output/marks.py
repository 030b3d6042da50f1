"""Every mark as SVG: sparklines, icons of behaviour and capability, status shapes, the logo.

Colours are classes of `theme.css()`. A mark is hidden from screen readers when the text beside it says the same,
and carries a label when nothing does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from scorecard.core.fmt import plain
from scorecard.core.periods import Period
from scorecard.core.reading import STATUSES, Reading
from scorecard.core.spc import RULES, STRENGTHS, Chart, Point, Signal, latest, natural_bounds
from scorecard.output.theme import escape

MARGIN = 7.0


def svg(width: float, height: float, content: str, label: str = "", kind: str = "") -> str:
    """One SVG element, with its label, or hidden when the label is empty."""
    named = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    title = f"<title>{escape(label)}</title>" if label else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" '
        f'height="{_n(height)}"{f" class={chr(34)}{kind}{chr(34)}" if kind else ""} {named}>{title}{content}</svg>'
    )


def _n(x: float) -> str:
    text = f"{x:.1f}"
    return text[:-2] if text.endswith(".0") else text


def tone(side: str, direction: str) -> str:
    """`better`, `worse` or `changed`: what a signal on this side means where the measure should go this way."""
    if side not in ("above", "below") or direction not in ("increase", "decrease"):
        return "changed"
    return "better" if (side == "above") == (direction == "increase") else "worse"


def about_value(signals: Sequence[Signal]) -> list[Signal]:
    """The signals of the value itself; those of the moving range mark its own chart."""
    return [s for s in signals if not RULES[s.rule].on_ranges]


def tone_of(signals: Sequence[Signal], direction: str) -> str:
    """The tone of a point: that of its strongest signal about the value, or nothing when it has none."""
    about = about_value(signals)
    if not about:
        return ""
    return tone(min(about, key=lambda s: STRENGTHS.index(s.strength)).side, direction)


# --- sparkline -------------------------------------------------------------------------------------------------------


class Scale:
    """Turns values into heights of a drawing, upside down; safe for constants and for very large numbers."""

    def __init__(self, values: Iterable[float | None], top: float, bottom: float) -> None:
        known = [v for v in values if v is not None and math.isfinite(v)]
        self.unit = max((abs(v) for v in known), default=1.0) or 1.0
        scaled = [v / self.unit for v in known] or [0.0]
        low, high = min(scaled), max(scaled)
        room = (high - low) or abs(high) or 1.0
        self.low, self.high = (low, high) if high > low else (low - room / 2, high + room / 2)
        self.top, self.bottom = top, bottom

    def __call__(self, value: float) -> float:
        share = (value / self.unit - self.low) / (self.high - self.low)
        return self.bottom - share * (self.bottom - self.top)


def extent(chart: Chart, goal: float | None, months: int = 24) -> tuple[float, ...]:
    """The values that a sparkline must show: give several of them to `sparkline` for one common scale."""
    shown = chart.points[-months:]
    values = [v for p in shown for v in (p.value, p.lower, p.upper, p.centre)]
    return tuple(v for v in [*values, goal] if v is not None)


Axis = tuple[Period, Period] | None


def sparkline(
    chart: Chart,
    goal: float | None,
    direction: str,
    width: float = 212,
    height: float = 42,
    months: int = 24,
    label: str = "",
    scale: Sequence[float] = (),
    axis: Axis = None,
) -> str:
    """The last months of a chart as a small drawing: limits, centre, goal, line, signals, the latest as a large dot.

    With an `axis` (its first and last period) a shorter series takes only its own part of the width.
    """
    points = chart.points[-months:]
    y = Scale([*extent(chart, goal, months), *scale], 5, height - 5)
    xs = _places(points, width, axis)
    parts = [
        *_bands(points, y, _edges(points, xs, width, axis)),
        *_goal_line(goal, y, width),
        *data_line(points, xs, y),
        *dots(points, xs, y, direction, 1.0 if width >= 120 else 0.8),
    ]
    return svg(width, height, "".join(parts), label, "spark")


def _span(points: Sequence[Point], axis: Axis) -> tuple[int, int]:
    """First and last place on the axis; that of the points alone when they have another grain or lie outside."""
    first, last = points[0].period, points[-1].period
    if axis and first.grain == axis[0].grain and axis[0] <= first and last <= axis[1]:
        return axis[0].ordinal, axis[1].ordinal
    return first.ordinal, last.ordinal


def _places(points: Sequence[Point], width: float, axis: Axis) -> list[float]:
    """Where each point stands, from the left."""
    if not points:
        return []
    first, last = _span(points, axis)
    if first == last:
        return [width / 2]
    step = (width - 2 * MARGIN) / (last - first)
    return [MARGIN + (p.period.ordinal - first) * step for p in points]


def _edges(points: Sequence[Point], xs: Sequence[float], width: float, axis: Axis) -> list[float]:
    """The left edge of each point's part of the bands, and the right edge of the last; full width at the axis' ends."""
    if not points:
        return []
    first, last = _span(points, axis)
    half = (width - 2 * MARGIN) / max(last - first, 1) / 2
    left = 0.0 if points[0].period.ordinal == first else xs[0] - half
    right = width if points[-1].period.ordinal == last else xs[-1] + half
    return [left, *((a + b) / 2 for a, b in zip(xs, xs[1:], strict=False)), right]


def _stretches(points: Sequence[Point]) -> Iterator[tuple[int, int]]:
    """First and last index of each stretch of points of one phase."""
    start = 0
    for i in range(1, len(points) + 1):
        if i == len(points) or points[i].phase != points[start].phase:
            yield start, i - 1
            start = i


def _bands(points: Sequence[Point], y: Scale, edges: Sequence[float]) -> list[str]:
    """The natural limits as bands, with the centre line, a piece for each phase (each point, where limits differ)."""
    parts = []
    for first, last in _stretches(points):
        for i, j in _same_limits(points, first, last):
            parts += _band(points[i], edges[i], edges[j + 1], y)
    return parts


def _same_limits(points: Sequence[Point], first: int, last: int) -> Iterator[tuple[int, int]]:
    start = first
    for i in range(first + 1, last + 2):
        if i > last or _limits(points[i]) != _limits(points[start]):
            yield start, i - 1
            start = i


def _limits(point: Point) -> tuple[float | None, float | None, float | None]:
    return point.lower, point.centre, point.upper


def _band(point: Point, left: float, right: float, y: Scale) -> list[str]:
    parts = []
    if point.lower is not None or point.upper is not None:
        top = y(point.upper) if point.upper is not None else y.top - 4
        bottom = y(point.lower) if point.lower is not None else y.bottom + 4
        parts.append(
            f'<rect class="m-band" x="{_n(left)}" y="{_n(top)}" width="{_n(right - left)}" '
            f'height="{_n(max(bottom - top, 1))}"/>'
        )
    if point.centre is not None:
        parts.append(f'<path class="m-centre" d="M{_n(left)} {_n(y(point.centre))}H{_n(right)}"/>')
    return parts


def _goal_line(goal: float | None, y: Scale, width: float) -> list[str]:
    return [] if goal is None else [f'<path class="m-goal" d="M0 {_n(y(goal))}H{_n(width)}"/>']


def data_line(points: Sequence[Point], xs: Sequence[float], y: Scale) -> list[str]:
    """The line, broken at missing periods and at the start of a phase."""
    path, before = "", None
    for point, x in zip(points, xs, strict=True):
        if point.value is not None:
            joined = before is not None and before.phase == point.phase
            path += f"{'L' if joined else 'M'}{_n(x)} {_n(y(point.value))}"
        before = point if point.value is not None else None
    return [f'<path class="m-line" d="{path}"/>'] if "L" in path else []


def dots(points: Sequence[Point], xs: Sequence[float], y: Scale, direction: str, size: float) -> list[str]:
    last = max((i for i, p in enumerate(points) if p.value is not None), default=-1)
    parts = []
    for i, (point, x) in enumerate(zip(points, xs, strict=True)):
        kind = _dot_kind(points, i, last, direction)
        if kind:
            radius = size * (3.7 if i == last else 2.1 if kind == "m-hollow" or kind == "m-dot" else 2.7)
            parts.append(f'<circle class="{kind}" cx="{_n(x)}" cy="{_n(y(point.value))}" r="{_n(radius)}"/>')
    return parts


def _dot_kind(points: Sequence[Point], i: int, last: int, direction: str) -> str:
    """The class of the dot of a point, or nothing where the line says enough."""
    point = points[i]
    if point.value is None:
        return ""
    if point.excluded or point.partial:
        return "m-hollow"
    signal = tone_of(point.signals, direction)
    if signal:
        return f"m-{signal}"
    alone = all(p.value is None for p in points[max(i - 1, 0) : i + 2] if p is not point)
    return "m-dot" if i == last or alone else ""


# --- behaviour -------------------------------------------------------------------------------------------------------

_ICONS = {  # drawn for "above", in a box 28 × 20 whose band runs from y 5 to 15: line, dots
    "outside": ("M2 12.5C4.5 9.5 7 10 9.5 12S15 14 18 10.5L24 3.6", ((24, 3.6),)),
    "shift": ("M2 10C5 14 7.5 14 10 9.5L12 6.8 16 7.6 20 6.6 24.5 7.4", ((12, 6.8), (16, 7.6), (20, 6.6), (24.5, 7.4))),
    "near": ("M2 12C5 9.5 7.5 10 9.5 11.5S13 9 15.5 6.3L20 9.6 24.5 6.3", ((15.5, 6.3), (24.5, 6.3))),
    "trend": ("M2.5 16.5L8.5 12.8 16 8 24.5 2.8", ((8.5, 12.8), (16, 8), (24.5, 2.8))),
    "routine": ("M2.5 10.6C3.6 8.2 5.6 7.2 7.4 9.4S10.6 13.4 13 11.2 16.4 7 18.6 9 22 10.6 25.5 8.6", ()),
    "pattern": ("M2 12L6.5 7.5 11 13 15.5 7 20 13 24.5 7.5", ((15.5, 7), (20, 13), (24.5, 7.5))),
    "none": ("M7 10H21", ()),
}
_SHAPES = {"new_level": "routine", "": "none"}


def icon(shape: str, side: str = "above", kind: str = "", label: str = "") -> str:
    """The icon of a behaviour: `kind` is better, worse or changed for signals, up and down as in the data."""
    shape = _SHAPES.get(shape, shape if shape in _ICONS else "pattern")
    line, dots = _ICONS[shape]
    coloured = f" m-slope m-{kind}-line" if kind and shape == "trend" else ""
    drawn = f'<path class="m-wave{coloured}" d="{line}"/>' + "".join(
        f'<circle class="m-{kind or "dot"}" cx="{_n(x)}" cy="{_n(y)}" r="{2.9 if shape == "outside" else 2.1}"/>'
        for x, y in dots
    )
    if side == "below" and dots:
        drawn = f'<g transform="matrix(1 0 0 -1 0 20)">{drawn}</g>'
    band = "" if shape == "none" else '<rect class="m-band" x="1" y="5" width="26" height="10"/>'
    return svg(28, 20, band + drawn, label)


_TONES = {"improving": "better", "worsening": "worse", "changing": "changed"}


def behaviour_icon(reading: Reading) -> str:
    """The icon of a reading; the two lines beside it say the same."""
    if reading.variation == "not_assessable":
        return icon("none")
    return icon(reading.shape, reading.side, _TONES.get(reading.variation, ""))


# --- capability ------------------------------------------------------------------------------------------------------

BOX_TOP, BOX_BOTTOM = 5.0, 17.0


def _scaled(lower: float, upper: float, goal: float) -> tuple[float, float, float]:
    """The three by their largest size, so that no difference of two of them is infinite."""
    unit = max(abs(lower), abs(upper), abs(goal)) or 1.0
    return lower / unit, upper / unit, goal / unit


def share_that_meets(lower: float, upper: float, goal: float, direction: str) -> float:
    """The part of a natural range that meets the goal, 0 to 1."""
    low, high, wanted = _scaled(lower, upper, goal)
    if high <= low:
        return float(high >= wanted if direction == "increase" else high <= wanted)
    above = min(max((high - wanted) / (high - low), 0.0), 1.0)
    return above if direction == "increase" else 1.0 - above


def capability_mark(
    lower: float | None, upper: float | None, goal: float | None, direction: str, label: str = ""
) -> str:
    """The natural range as a box with the goal dotted, to scale; filled is the part that meets the goal."""
    if lower is None or upper is None:
        return svg(28, 22, '<path class="m-grey" d="M7 11H21"/>', label)
    box = f'<rect class="m-box" x="2.5" y="{BOX_TOP}" width="23" height="{_n(BOX_BOTTOM - BOX_TOP)}"/>'
    if goal is None or direction not in ("increase", "decrease"):
        return svg(28, 22, box, label)
    height = share_that_meets(lower, upper, goal, direction) * (BOX_BOTTOM - BOX_TOP)
    top = BOX_TOP if direction == "increase" else BOX_BOTTOM - height
    fill = f'<rect class="m-fill" x="2" y="{top:.2f}" width="24" height="{height:.2f}"/>' if height else ""
    return svg(
        28, 22, f'{box}{fill}<path class="m-goal near" d="M0 {_goal_height(lower, upper, goal):.2f}H28"/>', label
    )


def _goal_height(lower: float, upper: float, goal: float) -> float:
    """Where the dotted line stands: to scale inside the box, just clear of it outside."""
    low, high, wanted = _scaled(lower, upper, goal)
    if wanted > high:
        return BOX_TOP - 3.5
    if wanted < low:
        return BOX_BOTTOM + 3.5
    if high <= low:
        return (BOX_TOP + BOX_BOTTOM) / 2
    return BOX_BOTTOM - (wanted - low) / (high - low) * (BOX_BOTTOM - BOX_TOP)


def limits_now(chart: Chart) -> tuple[float | None, float | None]:
    """The natural limits of the latest complete point; where one would leave the natural bounds, the bound."""
    point = latest(chart)
    lower, upper = (point.lower, point.upper) if point else (None, None)
    if lower is None and upper is None:
        return None, None
    low, high = natural_bounds(chart.options)
    return (low if lower is None else lower), (high if upper is None else upper)


def capability_icon(row) -> str:
    """The capability icon of a row of the scorecard; the words beside it say the same."""
    goal = row.reading.goal.value if row.reading.goal else None
    return capability_mark(*limits_now(row.chart), goal, row.measure.improvement_direction)


# --- status ----------------------------------------------------------------------------------------------------------

_STATUS_SHAPES = {
    "on_course": '<circle class="s-on_course" cx="6.5" cy="6.5" r="6"/>',
    "watch": '<path class="s-watch" d="M6.5 .8L13 12.2H0Z"/>',
    "act": '<rect class="s-act" x=".5" y=".5" width="12" height="12"/>',
    "not_yet": '<rect class="s-not_yet" x="1" y="5.5" width="11" height="2"/>',
}


def status_shape(status: str, label: str = "") -> str:
    """The shape of a status alone."""
    return svg(13, 13, _STATUS_SHAPES[status], label)


def status(status: str, text: str = "") -> str:
    """The shape of a status with its word, or with another text such as a count."""
    return (
        f'<span class="st {status}">{status_shape(status)}'
        f'<span class="word">{escape(text or STATUSES[status])}</span></span>'
    )


# --- other marks -----------------------------------------------------------------------------------------------------

_DISC = '<circle class="{}" cx="8" cy="8" r="7.5"/>'
_TICK = '<path class="m-onink" d="M4.8 8.3L7 10.6 11.3 5.7"/>'
_OTHERS = {
    "worked": _DISC.format("m-better") + _TICK,
    "worse": _DISC.format("m-worse") + '<path class="m-onink" d="M8 4.4V11.2M5 8.4L8 11.4 11 8.4"/>',
    "no_evidence": '<circle class="m-grey" cx="8" cy="8" r="6.7" stroke-dasharray="2.6 2"/>',
    "too_few": '<path class="m-grey" d="M3 8H13"/>',
    "done": _DISC.format("m-inkfill") + _TICK,
    "half": '<circle class="m-ink" cx="8" cy="8" r="6.7"/><path class="m-inkfill" d="M8 1.3A6.7 6.7 0 0 1 8 14.7Z"/>',
    "open": '<circle class="m-ink" cx="8" cy="8" r="6.7"/>',
    "planned": '<circle class="m-ink" cx="8" cy="8" r="6.7" stroke-dasharray="2.6 2"/>',
    "cross": '<path class="m-ink m-worse-line" d="M3.5 3.5L12.5 12.5M12.5 3.5L3.5 12.5"/>',
    "clock": '<circle class="m-ink m-worse-line" cx="8" cy="8" r="6.7"/><path class="m-ink m-worse-line" d="M8 4.2V8.2L10.6 9.8"/>',
    "bar": '<path class="m-ink" d="M8 1.5V14.5"/>',
    "thick": '<rect class="m-greyfill" x="0" y="5.5" width="16" height="5"/>',
    "hatched": '<rect class="m-grey" x=".8" y=".8" width="14.4" height="14.4" stroke-width="1"/>'
    '<path class="m-grey" stroke-width="1" d="M1 6L6 1M1 11L11 1M1 15L15 1M6 15L15 6M11 15L15 11"/>',
    "eye_struck": '<path class="m-ink" d="M1.4 8S4 3.4 8 3.4 14.6 8 14.6 8 12 12.6 8 12.6'
    ' 1.4 8 1.4 8ZM2.4 1.9L13.6 14.1"/>'
    '<circle class="m-ink" cx="8" cy="8" r="2"/>',
    "padlock": '<path class="m-ink" d="M3.2 7.2H12.8V14.4H3.2ZM5.2 7V4.6A2.8 2.8 0 0 1 10.8 4.6V7"/>'
    '<circle class="m-inkfill" cx="8" cy="10.8" r="1.3"/>',
    "better_dot": '<circle class="m-better" cx="8" cy="8" r="4"/>',
    "worse_dot": '<circle class="m-worse" cx="8" cy="8" r="4"/>',
    "changed_dot": '<circle class="m-changed" cx="8" cy="8" r="4"/>',
    "hollow_dot": '<circle class="m-hollow" cx="8" cy="8" r="3.6"/>',
}
OTHER_MARKS = tuple(_OTHERS)


def mark(name: str, label: str = "") -> str:
    """One of the other marks, 16 × 16: a tick, a cross, a padlock …"""
    return svg(16, 16, _OTHERS[name], label)


def step(number: int) -> str:
    """A black disc with a white figure: a step to take in order."""
    return svg(
        20,
        20,
        f'<circle class="m-inkfill" cx="10" cy="10" r="10"/><text class="m-onfill" x="10" y="14" '
        f'text-anchor="middle" font-size="12" font-weight="600">{number:d}</text>',
        label=f"Step {number:d}",
    )


def legend_band(trial: bool = False) -> str:
    """A piece of band with its centre line (dashed edges for trial limits), for legends."""
    edge = '<path class="m-trial" d="M0 1H26M0 13H26"/>' if trial else ""
    return svg(
        26, 14, f'<rect class="m-band" x="0" y="1" width="26" height="12"/>{edge}<path class="m-centre" d="M0 7H26"/>'
    )


def legend_goal() -> str:
    """A piece of dotted line, for legends."""
    return svg(26, 14, '<path class="m-goal" d="M0 7H26"/>')


def logo(size: float = 24) -> str:
    """Seven dots in a ring, the first one blue."""
    dots = "".join(
        f'<circle class="{"m-better" if n == 0 else "m-inkfill"}" cx="{12 + 9.24 * math.sin(math.tau * n / 7):.2f}" '
        f'cy="{12 - 9.24 * math.cos(math.tau * n / 7):.2f}" r="2.4"/>'
        for n in range(7)
    )
    box = f'viewBox="0 0 24 24" width="{_n(size)}" height="{_n(size)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box} aria-hidden="true">{dots}</svg>'


def describe(chart: Chart, value_text: str, months: int = 24) -> str:
    """What a sparkline shows, in words, for those who do not see it."""
    shown = chart.points[-months:]
    if not shown:
        return "No figures yet."
    signals = sum(1 for p in shown if about_value(p.signals))
    said = f"{plain(signals, 0)} of them part of a signal" if signals else "none of them part of a signal"
    return f"{shown[0].period.short} to {shown[-1].period.short}, latest {value_text}; {len(shown)} periods, {said}."
