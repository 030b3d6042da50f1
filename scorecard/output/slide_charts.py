"""Native charts of a slide: values above, moving ranges below, each with its own sheet of numbers behind it.

The names of series are our own words: the sheet behind a chart takes a text that begins with = for a formula.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pptx.chart.chart import Chart
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.enum.dml import MSO_LINE_DASH_STYLE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.slide import Slide
from pptx.util import Emu, Inches, Pt

from scorecard.core.definition import Definition
from scorecard.output import pack_plot
from scorecard.output.pack_plot import Dot, Label, Plot
from scorecard.output.theme import LIGHT, clean

FONT = "Arial"
UPPER_SHARE = 0.68
_TONES = {"better": "blue", "worse": "orange", "changed": "ink"}
Place = tuple[int, int, int, int]
_SPACE = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'


@dataclass(frozen=True)
class Line:
    """One series: its values by period, and how it is drawn."""

    name: str
    values: tuple[float | None, ...]
    ink: str
    width: float
    dash: MSO_LINE_DASH_STYLE | None = None
    dots: int = 0
    fill: str = ""


def draw(slide: Slide, plot: Plot, left: int, top: int, width: int, height: int) -> None:
    """Both charts of a measure in a rectangle of the slide, with words for who does not see them."""
    upper = Emu(int(height * (UPPER_SHARE if plot.ranges else 1)))
    place, scale = (left, top, width, upper), _ends(plot.values)
    shape = _chart(slide, plot, _values(plot), place, scale, plot.title, months=not plot.ranges)
    describe(shape, plot.alt)
    _labels(slide, plot.labels, place, scale, months=not plot.ranges)
    if plot.ranges:
        points = 100.0 if plot.measure.is_share else 1.0
        place, top_range = (left, Emu(top + upper), width, Emu(height - upper)), max(plot.ranges) * 1.08 * points
        scale = (0.0, top_range or 1.0)
        shape = _chart(slide, plot, _ranges(plot, points), place, scale, plot.range_title, months=True)
        told = ", ".join(one.text for one in plot.range_labels)
        describe(shape, f"{plot.range_title} of {plot.measure.label}. {told}.")
        _labels(slide, [replace(one, at=one.at * points) for one in plot.range_labels], place, scale, months=True)


def describe(shape: Any, alt: str) -> None:
    """Gives a shape its alternative text; without one it is marked as decoration."""
    properties = shape._element.xpath(".//p:cNvPr")[0]
    if alt:
        properties.set("descr", clean(alt))
    else:
        extension = (
            '<a:extLst xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
            '<a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative '
            'xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst>'
        )
        properties.append(parse_xml(extension))


# --- series ----------------------------------------------------------------------------------------------------------


def _values(plot: Plot) -> list[Line]:
    """Goals, limits and the figures; a series of its own for each stretch that no line may cross."""
    dash, dots = MSO_LINE_DASH_STYLE.DASH, plot.dots
    found = [
        Line(name, values, "ink", 1.6, MSO_LINE_DASH_STYLE.ROUND_DOT)
        for name, values in _split(dots, lambda d: d.goal, lambda d: d.goal, "Goal")
    ]
    for part, pick in (("Upper limit", _upper), ("Centre", _centre), ("Lower limit", _lower)):
        for name, values in _split(dots, pick, lambda d: (d.phase, d.firm), part):
            firm = part == "Centre" or next(d.firm for d, v in zip(dots, values, strict=True) if v is not None)
            found.append(Line(name, values, "centre", 1.25 if part == "Centre" else 1.0, None if firm else dash))
    figures = _split(dots, lambda d: d.value, lambda d: d.phase, "Figure")
    found += [Line(name, values, "series", 2.0, dots=5) for name, values in figures]
    return found + list(_marked(dots))


def _marked(dots: Sequence[Dot]) -> Iterator[Line]:
    """Dots without a line over those of the figures: the latest, signals in their colour, what does not count."""
    last = max((n for n, dot in enumerate(dots) if dot.value is not None), default=-1)
    tones = {"better": "Signal, improving", "worse": "Signal, worsening", "changed": "Signal"}
    kinds = [("Latest", "series", "series", 9, lambda n, d: n == last and not d.tone and not d.hollow)]
    kinds += [
        (name, _TONES[tone], _TONES[tone], 8, lambda n, d, tone=tone: d.tone == tone) for tone, name in tones.items()
    ]
    kinds.append(("Left out, or not complete", "series", "bg", 7, lambda n, d: d.hollow))
    for name, ink, fill, size, asked in kinds:
        values = tuple(dot.value if asked(n, dot) else None for n, dot in enumerate(dots))
        if any(value is not None for value in values):
            yield Line(name, values, ink, 0, dots=size, fill=fill)


def _upper(dot: Dot) -> float | None:
    return dot.upper


def _centre(dot: Dot) -> float | None:
    return dot.centre


def _lower(dot: Dot) -> float | None:
    return dot.lower


def _ranges(plot: Plot, points: float) -> list[Line]:
    """Moving ranges with their limit; shares move by points."""
    found = []
    for part, pick in (("Upper limit", lambda d: d.range_upper), ("Mean", lambda d: d.range_centre)):
        for name, values in _split(plot.dots, pick, lambda d: d.phase, part):
            found.append(Line(name, _times(values, points), "centre", 1.0 if part == "Upper limit" else 1.25))
    ranges = _split(plot.dots, lambda d: d.range, lambda d: d.phase, "Moving range")
    return found + [Line(name, _times(values, points), "series", 1.6, dots=5) for name, values in ranges]


def _times(values: Sequence[float | None], factor: float) -> tuple[float | None, ...]:
    return tuple(None if value is None else value * factor for value in values)


def _split(
    dots: Sequence[Dot], pick: Callable[[Dot], float | None], key: Callable[[Dot], Any], name: str
) -> Iterator[tuple[str, tuple[float | None, ...]]]:
    """(name, values) of each stretch with one key; outside it there is no value, so that no line joins two."""
    start = 0
    for i in range(1, len(dots) + 1):
        if i == len(dots) or key(dots[i]) != key(dots[start]):
            values = tuple(pick(d) if start <= n < i else None for n, d in enumerate(dots))
            if any(value is not None for value in values):
                yield (f"{name} from {dots[start].period.short}" if start else name), values
            start = i


# --- the chart -------------------------------------------------------------------------------------------------------


def _chart(
    slide: Slide,
    plot: Plot,
    lines: Sequence[Line],
    place: Place,
    scale: tuple[float, float],
    title: str,
    months: bool,
) -> Any:
    """A chart with its lines; the one that carries the months is the lowest."""
    number = _number(plot.measure) if title == plot.title or not plot.measure.is_share else "0.#"
    data = CategoryChartData(number_format="General")
    _categories(data, plot.dots)
    for line in lines:
        data.add_series(line.name, line.values)
    shape = slide.shapes.add_chart(XL_CHART_TYPE.LINE_MARKERS, *place, data)
    chart = shape.chart
    chart.has_legend = False
    chart.font.name, chart.font.size, chart.font.color.rgb = FONT, Pt(10), _rgb("mut")
    _title(chart, title)
    for series, line in zip(chart.plots[0].series, lines, strict=True):
        _look(series, line)
    _axes(chart, number, scale, months)
    _lay_out(chart, _area(place, months))
    return shape


def _categories(data: CategoryChartData, dots: Sequence[Dot]) -> None:
    """The periods below their years, as they stand under the chart: `N D J`, `W42`, `Q4`."""
    years: dict[str, list[str]] = {}
    for dot in dots:
        short = dot.period.short.rsplit(" ", 1)[0]
        years.setdefault(str(dot.period.start.year), []).append(short[0] if dot.period.grain == "month" else short)
    for year, periods in years.items():
        above = data.add_category(year)
        for period in periods:
            above.add_sub_category(period)


def _title(chart: Chart, title: str) -> None:
    frame = chart.chart_title.text_frame
    frame.text = clean(title)
    font = frame.paragraphs[0].runs[0].font
    font.name, font.size, font.bold, font.color.rgb = FONT, Pt(11), True, _rgb("ink")
    chart.chart_title.include_in_layout = False
    place = '<c:xMode val="edge"/><c:yMode val="edge"/><c:x val="0.075"/><c:y val="0"/>'
    layout = parse_xml(f"<c:layout {_SPACE}><c:manualLayout>{place}</c:manualLayout></c:layout>")
    element = chart.chart_title._element
    for old in element.findall(qn("c:layout")):
        element.remove(old)
    element.find(qn("c:tx")).addnext(layout)


def _look(series: Any, line: Line) -> None:
    series.smooth = False
    if line.width:
        series.format.line.color.rgb, series.format.line.width = _rgb(line.ink), Pt(line.width)
    else:
        series.format.line.fill.background()
    if line.dash:
        series.format.line.dash_style = line.dash
    series.marker.style = XL_MARKER_STYLE.CIRCLE if line.dots else XL_MARKER_STYLE.NONE
    if line.dots:
        series.marker.size = line.dots
        series.marker.format.fill.solid()
        series.marker.format.fill.fore_color.rgb = _rgb(line.fill or line.ink)
        series.marker.format.line.color.rgb = _rgb(line.ink)


def _axes(chart: Chart, number: str, scale: tuple[float, float], months: bool) -> None:
    below, values = chart.category_axis, chart.value_axis
    below.has_major_gridlines = values.has_major_gridlines = False
    below.major_tick_mark = XL_TICK_MARK.NONE
    below.tick_label_position = XL_TICK_LABEL_POSITION.LOW if months else XL_TICK_LABEL_POSITION.NONE
    below.format.line.color.rgb = _rgb("line")
    values.format.line.fill.background()
    values.minimum_scale, values.maximum_scale = scale
    first, second = pack_plot.ticks(*scale)[:2]
    values.major_unit = second - first
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = number, False


def _number(measure: Definition) -> str:
    if measure.unit == "percent":
        return "0.#%"
    if measure.unit == "money":
        symbol = "".join(sign for sign in clean(measure.symbol) if sign not in '"\\')[:8]
        return f'"{symbol}"#,##0'
    return "#,##0.##"


def _ends(values: Sequence[float]) -> tuple[float, float]:
    """The ends of an axis: on round numbers, with a little room on both sides."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = (high - low) or abs(high) or 1.0
    low, high = low - room * 0.04, high + room * 0.04
    first, second = pack_plot.ticks(low, high)[:2]
    step = second - first
    return math.floor(low / step) * step, math.ceil(high / step) * step


def _area(place: Place, months: bool) -> tuple[float, float, float, float]:
    """The plot inside its chart, in shares: a title above, months below, room on the right for words."""
    title, below = Inches(0.3) / place[3], (Inches(0.32) if months else Inches(0.08)) / place[3]
    return 0.085, title, 0.715, 1 - title - below


def _lay_out(chart: Chart, area: tuple[float, float, float, float]) -> None:
    ends = "".join(f'<c:{name} val="{value:.4f}"/>' for name, value in zip("xywh", area, strict=True))
    layout = (
        f'<c:layout {_SPACE}><c:manualLayout><c:layoutTarget val="inner"/><c:xMode val="edge"/><c:yMode val="edge"/>'
        f"{ends}</c:manualLayout></c:layout>"
    )
    plot = chart._chartSpace.chart.plotArea
    for old in plot.findall(qn("c:layout")):
        plot.remove(old)
    plot.insert(0, parse_xml(layout))


def _labels(slide: Slide, labels: Sequence[Label], place: Place, scale: tuple[float, float], months: bool) -> None:
    """Names goal, limits and centre beside their lines, each pushed down until it is clear of the one above."""
    left, top, width, height = place
    x, y, w, h = _area(place, months)
    line, above = Inches(0.19), None
    for label in sorted(labels, key=lambda one: -one.at):
        at = top + height * (y + h * (scale[1] - label.at) / (scale[1] - scale[0])) - line / 2
        above = at if above is None else max(at, above + line)
        box = slide.shapes.add_textbox(Emu(int(left + width * (x + w + 0.01))), Emu(int(above)), Inches(1.45), line)
        frame = box.text_frame
        frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.paragraphs[0].alignment = PP_ALIGN.LEFT
        run = frame.paragraphs[0].add_run()
        run.text, font = clean(label.text), run.font
        font.name, font.size, font.bold, font.color.rgb = (
            FONT,
            Pt(10),
            label.strong,
            _rgb("ink" if label.strong else "mut"),
        )


def _rgb(token: str) -> RGBColor:
    return RGBColor.from_string(LIGHT[token].lstrip("#").upper())
