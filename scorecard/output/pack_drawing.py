"""The chart of a pack as SVG: values above, moving ranges below, words beside the lines. For HTML and PDF alike."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence

from scorecard.output import pack_plot, theme
from scorecard.output.marks import Scale, svg
from scorecard.output.pack_plot import Dot, Label, Plot
from scorecard.output.theme import escape

WIDTH, LEFT, RIGHT = 640.0, 54.0, 546.0
TOP, BOTTOM = 26.0, 176.0
RANGE_TOP, RANGE_BOTTOM = 224.0, 268.0
LINE = 13.0


def chart(plot: Plot) -> str:
    """The drawing, with its alternative text; without moving ranges it ends above them."""
    if not plot.dots:
        return svg(WIDTH, 30, _text(LEFT, 18, "No figures yet.", "m-text"), plot.alt, "plot")
    places = _places(plot)
    bottom = RANGE_BOTTOM if plot.ranges else BOTTOM
    parts = [*_values(plot, places), *(_ranges(plot, places) if plot.ranges else ()), *_months(plot, places, bottom)]
    return svg(WIDTH, bottom + 34, "".join(parts), plot.alt, "plot")


def _places(plot: Plot) -> list[float]:
    step = (RIGHT - LEFT) / len(plot.dots)
    return [LEFT + step * (i + 0.5) for i in range(len(plot.dots))]


def _values(plot: Plot, places: Sequence[float]) -> Iterator[str]:
    y = Scale([*plot.values, *_low_room(plot.values)], TOP + 8, BOTTOM)
    yield _text(LEFT, 14, plot.title, "m-strong")
    for tick in pack_plot.ticks(y.low * y.unit, y.high * y.unit):
        yield _text(LEFT - 8, y(tick) + 4, pack_plot.tick_text(tick, plot.measure), "m-text", "end")
    yield from _bands(plot, y)
    yield from _steps([(d.goal, i) for i, d in enumerate(plot.dots)], places, y, "m-goal")
    yield from _divided(plot, places)
    yield from _line([(d.value, d.phase) for d in plot.dots], places, y)
    yield from _dots(plot.dots, places, y)
    yield from _beside(plot.labels, y)


def _low_room(values: Sequence[float]) -> list[float]:
    """A little room below the lowest value, so that nothing lies on the edge."""
    return [min(values) - (max(values) - min(values)) * 0.04] if values else []


def _bands(plot: Plot, y: Scale) -> Iterator[str]:
    """Band, edges and centre of each stretch with the same limits."""
    step = (RIGHT - LEFT) / len(plot.dots)
    for first, last in _stretches(plot.dots):
        dot, left, right = plot.dots[first], LEFT + step * first, LEFT + step * (last + 1)
        if dot.lower is not None or dot.upper is not None:
            top, bottom = _end(dot.upper, plot.bounds[1], y, TOP + 8), _end(dot.lower, plot.bounds[0], y, BOTTOM)
            yield _rect(left, right, top, bottom)
            edge = "m-edge" if dot.firm else "m-trial"
            yield from (_flat(left, right, y(v), edge) for v in (dot.lower, dot.upper) if v is not None)
        if dot.centre is not None:
            yield _flat(left, right, y(dot.centre), "m-centre")


def _end(limit: float | None, bound: float | None, y: Scale, edge: float) -> float:
    value = limit if limit is not None else bound
    return edge if value is None else min(max(y(value), TOP), BOTTOM)


def _stretches(dots: Sequence[Dot]) -> Iterator[tuple[int, int]]:
    start = 0
    for i in range(1, len(dots) + 1):
        if i == len(dots) or _limits(dots[i]) != _limits(dots[start]):
            yield start, i - 1
            start = i


def _limits(dot: Dot) -> tuple:
    return dot.phase, dot.lower, dot.centre, dot.upper


def _steps(values: Sequence[tuple[float | None, int]], places: Sequence[float], y: Scale, kind: str) -> Iterator[str]:
    """A level line for each stretch of one value."""
    step, start = (RIGHT - LEFT) / len(places), 0
    for i in range(1, len(values) + 1):
        if i == len(values) or values[i][0] != values[start][0]:
            if values[start][0] is not None:
                yield _flat(LEFT + step * start, LEFT + step * i, y(values[start][0]), kind)
            start = i


def _divided(plot: Plot, places: Sequence[float]) -> Iterator[str]:
    """A solid vertical line with its name where a new phase begins."""
    half = (RIGHT - LEFT) / len(places) / 2
    for i, title in plot.changes:
        x = places[i] - half
        end = x > (LEFT + RIGHT) / 2
        yield f'<path class="m-change" d="M{x:.1f} {TOP - 8:.1f}V{BOTTOM:.1f}"/>'
        yield _text(x - 5 if end else x + 5, TOP, title, "m-strong", "end" if end else "start")


def _line(values: Sequence[tuple[float | None, int]], places: Sequence[float], y: Scale) -> Iterator[str]:
    path, before = "", None
    for (value, phase), x in zip(values, places, strict=True):
        if value is not None:
            path += f"{'L' if before == phase else 'M'}{x:.1f} {y(value):.1f}"
        before = phase if value is not None else None
    if "L" in path:
        yield f'<path class="m-line" d="{path}"/>'


def _dots(dots: Sequence[Dot], places: Sequence[float], y: Scale) -> Iterator[str]:
    last = max((i for i, dot in enumerate(dots) if dot.value is not None), default=-1)
    for i, (dot, x) in enumerate(zip(dots, places, strict=True)):
        if dot.value is not None:
            kind = "m-hollow" if dot.hollow else f"m-{dot.tone or 'dot'}"
            radius = 4.2 if i == last else 3.6 if dot.tone else 2.3
            yield f'<circle class="{kind}" cx="{x:.1f}" cy="{y(dot.value):.1f}" r="{radius}"/>'


def _ranges(plot: Plot, places: Sequence[float]) -> Iterator[str]:
    y = Scale([0.0, *plot.ranges], RANGE_TOP, RANGE_BOTTOM)
    step = (RIGHT - LEFT) / len(plot.dots)
    yield _text(LEFT, RANGE_TOP - 12, plot.range_title, "m-strong")
    for first, last in _stretches(plot.dots):
        dot, left, right = plot.dots[first], LEFT + step * first, LEFT + step * (last + 1)
        if dot.range_upper is not None:
            yield _rect(left, right, y(dot.range_upper), RANGE_BOTTOM)
            yield _flat(left, right, y(dot.range_upper), "m-edge" if dot.firm else "m-trial")
        if dot.range_centre is not None:
            yield _flat(left, right, y(dot.range_centre), "m-centre")
    yield from _line([(d.range, d.phase) for d in plot.dots], places, y)
    for dot, x in zip(plot.dots, places, strict=True):
        if dot.range is not None:
            kind, radius = ("m-inkfill", 3.4) if dot.range_signal else ("m-dot", 2.1)
            yield f'<circle class="{kind}" cx="{x:.1f}" cy="{y(dot.range):.1f}" r="{radius}"/>'
    yield from _beside(plot.range_labels, y)


def _beside(labels: Sequence[Label], y: Scale) -> Iterator[str]:
    """Words to the right of their lines, each pushed down until it is clear of the one above."""
    above = None
    for label in sorted(labels, key=lambda one: -one.at):
        at = y(label.at) if above is None else max(y(label.at), above + LINE)
        above = at
        yield _text(RIGHT + 7, at + 4, label.text, "m-strong" if label.strong else "m-text")


def _months(plot: Plot, places: Sequence[float], bottom: float) -> Iterator[str]:
    """The periods under the chart, the year under the first of each."""
    every = -(-len(places) // 26)
    shown = range((len(places) - 1) % every, len(places), every)
    for n, i in enumerate(shown):
        period = plot.dots[i].period
        yield _text(places[i], bottom + 15, _tick(period), "m-text", "middle")
        if n == 0 or period.start.year != plot.dots[shown[n - 1]].period.start.year:
            yield _text(places[i], bottom + 29, str(period.start.year), "m-strong", "middle")


def _tick(period) -> str:
    """The first letter of a month, `42` of a week, `Q4` of a quarter, the day of a day."""
    if period.grain == "month":
        return period.bare[0]
    if period.grain == "week":
        return period.short.partition(" ")[0].removeprefix("W")
    return period.bare if period.grain == "quarter" else str(period.start.day)


def _rect(left: float, right: float, top: float, bottom: float) -> str:
    return (
        f'<rect class="m-band" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
        f'height="{max(bottom - top, 0.5):.1f}"/>'
    )


def _flat(left: float, right: float, height: float, kind: str) -> str:
    return f'<path class="{kind}" d="M{left:.1f} {height:.1f}H{right:.1f}"/>'


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    weight = ' font-weight="600"' if kind == "m-strong" else ""
    look = "m-inkfill" if kind == "m-strong" else kind
    return (
        f'<text class="{look}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
        f'font-size="11.5"{weight}>{escape(text)}</text>'
    )


@functools.cache
def paper_style() -> str:
    """The classes of all marks with the light colours written out, for drawings outside a page."""
    rules = re.findall(r"\.ss (\.[ms]-[\w.-]+)\{([^}]*)\}", theme.STYLE_FILE.read_text("utf-8"))
    text = "".join(f"{name}{{{body}}}" for name, body in rules)
    return re.sub(r"var\(--(\w+)\)", lambda found: theme.LIGHT[found[1]], text) + "text{font-family:Inter}"


def on_paper(drawing: str) -> str:
    """An SVG element that carries its own colours, as a file would hold it."""
    return re.sub(r"(<svg[^>]*>)", rf"\1<style>{paper_style()}</style>", drawing, count=1)
