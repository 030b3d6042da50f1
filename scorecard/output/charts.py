"""The large chart of one measure: values above, moving ranges below, on one axis of periods.

One `go.Figure` from plain lists: traces for what is plotted and can be pointed at, shapes for lines, annotations for
words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from scorecard.core import fmt, spc
from scorecard.core.definition import Definition
from scorecard.core.spc import Chart, Point
from scorecard.output import marks, plot
from scorecard.output.labels import size
from scorecard.output.plot import TONES, Word, coloured, cut, goal_spans, pieces, spans, standing, stretches
from scorecard.output.theme import FONT, TOKENS, escape

if TYPE_CHECKING:
    from scorecard.metrics import MeasureView

Shape = dict[str, Any]
HEIGHT, HEIGHT_WITHOUT_RANGES = 440, 300
MARGIN = {"l": 54, "r": 130, "t": 8, "b": 34}
TITLES_AT = {True: 0.905, False: 0.86}
X_DOMAIN, R_DOMAIN = (0.34, 0.86), (0.0, 0.17)


def measure(view: MeasureView, theme: str = "light") -> go.Figure:
    """The chart of a measure, in one theme. What hovering tells also stands in `measure_tables.numbers`."""
    chart, definition, colour = view.row.chart, view.row.measure, TOKENS[theme]
    ranged = any(p.range is not None for p in chart.points)
    words = plot.words(view, colour)
    traces = [_line(chart, colour), *_points(view, colour), *(_ranges(chart, definition, colour) if ranged else ())]
    return go.Figure(
        data=traces,
        layout={
            "height": HEIGHT if ranged else HEIGHT_WITHOUT_RANGES,
            "margin": MARGIN,
            "showlegend": False,
            "template": "none",
            "paper_bgcolor": colour["bg"],
            "plot_bgcolor": colour["bg"],
            "hovermode": "closest",
            "dragmode": False,
            "font": {"family": FONT, "size": 12, "color": colour["mut"]},
            "hoverlabel": {
                "bgcolor": colour["bg"],
                "bordercolor": colour["ctl"],
                "align": "left",
                "font": {"family": FONT, "size": 13, "color": colour["ink"]},
            },
            "xaxis": _period_axis(chart, colour, ranged),
            "yaxis": _value_axis(view, colour, ranged),
            **({"yaxis2": _range_axis(chart, definition, colour)} if ranged else {}),
            "shapes": [
                *_bands(chart, colour, "y"),
                *(_range_bands(chart, _range_scale(definition), colour) if ranged else ()),
                *_goals(view, colour),
                *_dividers(chart, colour, TITLES_AT[ranged]),
                *_note_lines(words, colour),
                *_title_rules(chart, colour, TITLES_AT[ranged]),
            ],
            "annotations": [
                *_titles(chart, colour),
                *_right_labels(view, colour),
                *_drawn(words, colour),
                *(_range_labels(chart, definition, colour) if ranged else ()),
            ],
        },
    )


# --- axes ------------------------------------------------------------------------------------------------------------


def _period_axis(chart: Chart, colour: dict[str, str], ranged: bool) -> Shape:
    points = chart.points
    step = max(1, -(-len(points) // 26))
    ticks = list(range(len(points) - 1, -1, -step))[::-1]
    return {
        "range": [-0.5, len(points) - 0.5],
        "tickvals": ticks,
        "ticktext": [_tick(points, i, before) for before, i in zip([None, *ticks], ticks, strict=False)],
        "tickangle": 0,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "showline": True,
        "linecolor": colour["line"],
        "ticks": "",
        "anchor": "y2" if ranged else "y",
        "tickfont": {"size": 12, "color": colour["mut"]},
    }


def _tick(points: Sequence[Point], i: int, before: int | None) -> str:
    """`Nov`, with the year under the first tick and under the first tick of each year."""
    period = points[i].period
    short = period.short.rsplit(" ", 1)[0] if period.grain != "day" else str(period.start.day)
    new_year = before is None or period.start.year != points[before].period.start.year
    return f"{short}<br><b>{period.start.year}</b>" if new_year else short


def _value_axis(view: MeasureView, colour: dict[str, str], ranged: bool) -> Shape:
    return {
        "domain": list(X_DOMAIN) if ranged else [0.0, 0.8],
        "range": list(plot.value_range(view)),
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "nticks": 6,
        "ticks": "outside",
        "ticklen": 5,
        "tickcolor": colour["centre"],
        "tickfont": {"size": 12, "color": colour["mut"]},
        **_format(view.row.measure),
    }


def _format(definition: Definition) -> Shape:
    if definition.unit == "percent":
        return {"tickformat": ",.0%"}
    if definition.unit == "money":
        return {"tickprefix": escape(definition.currency), "tickformat": "~s"}
    return {"tickformat": ",~r"}


def _range_scale(definition: Definition) -> float:
    """Shares move by points, so their ranges are drawn in points."""
    return 100.0 if definition.unit == "percent" else 1.0


def _range_axis(chart: Chart, definition: Definition, colour: dict[str, str]) -> Shape:
    scale = _range_scale(definition)
    tops = [
        v * scale for v in [*(p.range_upper for p in chart.phases), *(p.range for p in chart.points)] if v is not None
    ]
    shape = {"tickformat": ",~r"} if definition.unit == "percent" else _format(definition)
    return {
        "domain": list(R_DOMAIN),
        "range": [0, max(tops, default=1) * 1.12 or 1],
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "nticks": 3,
        "ticks": "",
        "anchor": "x",
        "tickfont": {"size": 12, "color": colour["mut"]},
        **shape,
    }


# --- what is plotted -------------------------------------------------------------------------------------------------


def _broken(points: Sequence[Point]) -> Iterator[tuple[float | None, float | None]]:
    """x and y of the line, with a break at the start of each phase; a missing period breaks it by itself."""
    for i, point in enumerate(points):
        if i and point.phase != points[i - 1].phase:
            yield None, None
        yield i, point.value


def _line(chart: Chart, colour: dict[str, str]) -> go.Scatter:
    pairs = list(_broken(chart.points))
    return go.Scatter(
        x=[x for x, _ in pairs],
        y=[y for _, y in pairs],
        mode="lines",
        hoverinfo="skip",
        connectgaps=False,
        line={"color": colour["series"], "width": 1.8},
    )


def _points(view: MeasureView, colour: dict[str, str]) -> list[go.Scatter]:
    """One dot a period that has a figure, with what it says when it is pointed at."""
    chart = view.row.chart
    shown = [(i, p) for i, p in enumerate(chart.points) if p.value is not None]
    last = shown[-1][0] if shown else -1
    tones = [marks.tone_of(p.signals, view.row.measure.improvement_direction) for _, p in shown]
    told_of = zip(tones, shown, strict=True)
    inks = [colour[TONES[t]] if t and not _hollow(p) else colour["series"] for t, (_, p) in told_of]
    return [
        go.Scatter(
            x=[i for i, _ in shown],
            y=[p.value for _, p in shown],
            mode="markers",
            cliponaxis=False,
            marker={
                "opacity": 1,
                "color": [colour["bg"] if _hollow(p) else ink for ink, (_, p) in zip(inks, shown, strict=True)],
                "size": [11 if i == last else 9 if t else 6 for t, (i, _) in zip(tones, shown, strict=True)],
                "line": {
                    "color": [ink if _hollow(p) else colour["bg"] for ink, (_, p) in zip(inks, shown, strict=True)],
                    "width": [1.6 if _hollow(p) else 1 for _, p in shown],
                },
            },
            hovertext=[told(view, p) for _, p in shown],
            hoverinfo="text",
        )
    ]


def _hollow(point: Point) -> bool:
    return point.excluded or point.partial


def told(view: MeasureView, point: Point) -> str:
    """What a dot says: period, value, counts, limits, signals and the notes of its period."""
    definition = view.row.measure
    lines = [f"<b>{escape(point.period.label)}: {escape(fmt.with_unit(point.value, definition))}</b>"]
    if point.numerator is not None and point.denominator is not None:
        lines.append(f"{escape(_count(point.numerator))} of {escape(_count(point.denominator))}")
    if point.lower is not None or point.upper is not None:
        lines.append(f"{escape(fmt.range_text(point.lower, point.upper, definition))} is normal")
    lines += [escape(spc.RULES[s.rule].title) for s in point.signals]
    lines += ["left out of the limits"] if point.excluded else ["not complete: never a signal"] if point.partial else []
    lines += [escape(cut(note.text, 90)) for note in standing(view) if note.period == point.period]
    return "<br>".join(lines)


def _count(x: float) -> str:
    return fmt.plain(x, 0 if x == round(x) else 1)


def _ranges(chart: Chart, definition: Definition, colour: dict[str, str]) -> list[go.Scatter]:
    points, scale = chart.points, _range_scale(definition)
    flagged = [any(spc.RULES[s.rule].on_ranges for s in p.signals) for p in points]
    texts = [
        f"<b>{escape(p.period.label)}</b><br>{escape(fmt.change(p.range, definition).lstrip('+'))} from the one before"
        if p.range is not None
        else ""
        for p in points
    ]
    return [
        go.Scatter(
            x=list(range(len(points))),
            y=[None if p.range is None else p.range * scale for p in points],
            yaxis="y2",
            mode="lines+markers",
            connectgaps=False,
            cliponaxis=False,
            line={"color": colour["series"], "width": 1.5},
            hovertext=texts,
            hoverinfo="text",
            marker={
                "opacity": 1,
                "color": [colour["ink"] if f else colour["series"] for f in flagged],
                "size": [9 if f else 5 for f in flagged],
            },
        )
    ]


# --- limits, goals, changes, notes -----------------------------------------------------------------------------------


def _bands(chart: Chart, colour: dict[str, str], axis: str) -> Iterator[Shape]:
    for phase, point, left, right in pieces(chart):
        dash = "solid" if phase.baseline.state in ("locked", "all") else "5px,4px"
        if point.lower is not None or point.upper is not None:
            low, high = spc.natural_bounds(chart.options)
            bottom, top = _or(point.lower, low, point.centre), _or(point.upper, high, point.centre)
            yield _rect(left, right, bottom, top, colour, axis)
        for limit in (point.lower, point.upper):
            if limit is not None:
                yield _flat(left, right, limit, {"color": colour["centre"], "width": 1, "dash": dash}, axis)
        if point.centre is not None:
            yield _flat(left, right, point.centre, {"color": colour["centre"], "width": 1.4}, axis)


def _or(value: float | None, bound: float | None, centre: float | None) -> float | None:
    return value if value is not None else bound if bound is not None else centre


def _range_bands(chart: Chart, scale: float, colour: dict[str, str]) -> Iterator[Shape]:
    for phase, left, right in spans(chart):
        if phase.range_upper is not None:
            dash = "solid" if phase.baseline.state in ("locked", "all") else "5px,4px"
            yield _rect(left, right, 0, phase.range_upper * scale, colour, "y2")
            yield _flat(
                left, right, phase.range_upper * scale, {"color": colour["centre"], "width": 1, "dash": dash}, "y2"
            )
            yield _flat(left, right, phase.range_centre * scale, {"color": colour["centre"], "width": 1.4}, "y2")


def _rect(left: float, right: float, bottom: float, top: float, colour: dict[str, str], axis: str) -> Shape:
    return {
        "type": "rect",
        "layer": "below",
        "xref": "x",
        "yref": axis,
        "x0": left,
        "x1": right,
        "y0": bottom,
        "y1": top,
        "fillcolor": colour["band"],
        "line": {"width": 0},
    }


def _flat(left: float, right: float, height: float, line: Shape, axis: str = "y") -> Shape:
    return {
        "type": "line",
        "layer": "below",
        "xref": "x",
        "yref": axis,
        "x0": left,
        "x1": right,
        "y0": height,
        "y1": height,
        "line": line,
    }


def _goals(view: MeasureView, colour: dict[str, str]) -> Iterator[Shape]:
    for value, left, right in goal_spans(view):
        yield _flat(left, right, value, {"color": colour["ink"], "width": 1.6, "dash": "2px,3px"})


def _dividers(chart: Chart, colour: dict[str, str], top: float) -> Iterator[Shape]:
    for _, left, _ in list(spans(chart))[1:]:
        yield {
            "type": "line",
            "xref": "x",
            "yref": "paper",
            "x0": left,
            "x1": left,
            "y0": 0,
            "y1": top,
            "line": {"color": colour["ink"], "width": 1.3},
        }


def _note_lines(words: Sequence[Word], colour: dict[str, str]) -> Iterator[Shape]:
    """From each note's words to the figure of its period."""
    for word in words:
        if word.line_to is not None:
            yield {
                "type": "line",
                "layer": "below",
                "xref": "x",
                "yref": "y",
                "x0": word.at,
                "x1": word.at,
                "y0": min(word.y, word.line_to),
                "y1": max(word.y, word.line_to),
                "line": {"color": colour["centre"], "width": 1.2, "dash": "1px,2px"},
            }


# --- words -----------------------------------------------------------------------------------------------------------


def _text(text: str, x: float, y: float, colour: str, **more: Any) -> Shape:
    return {
        "text": text,
        "x": x,
        "y": y,
        "xref": "x",
        "yref": "y",
        "showarrow": False,
        "xanchor": "left",
        "yanchor": "middle",
        "align": "left",
        "font": {"family": FONT, "size": 12, "color": colour},
        **more,
    }


def _titles(chart: Chart, colour: dict[str, str]) -> Iterator[Shape]:
    """The words over each stretch that is wide enough for them."""
    for left, right, title, second in stretches(chart):
        room = (right - left) * plot.WIDTH / max(len(chart.points), 1)
        second = (
            second
            if size([second])[0] <= room
            else second.partition(";")[0].partition(", ")[2] or second.partition(";")[0]
        )
        title = title if size([title])[0] * 1.08 <= room else title.partition(",")[0]
        if size([title])[0] <= room + 12:
            yield _text(
                f"<b>{escape(title)}</b><br>{coloured(escape(second), colour['mut'])}",
                left + 0.06,
                1,
                colour["ink"],
                yref="paper",
                yanchor="top",
            )


def _title_rules(chart: Chart, colour: dict[str, str], at: float) -> Iterator[Shape]:
    for left, right, _, _ in stretches(chart):
        yield {
            "type": "line",
            "xref": "x",
            "yref": "paper",
            "x0": left + 0.05,
            "x1": right - 0.05,
            "y0": at,
            "y1": at,
            "line": {"color": colour["centre"], "width": 1},
        }


def _right_labels(view: MeasureView, colour: dict[str, str]) -> list[Shape]:
    """Limits, centre and goal of the last phase, beside their lines and clear of one another."""
    chart, definition = view.row.chart, view.row.measure
    point, found = spc.latest(chart), []
    if point and point.upper is not None:
        found.append((point.upper, f"upper limit {fmt.with_unit(point.upper, definition)}", "mut"))
    if point and point.centre is not None:
        found.append((point.centre, f"<b>centre {escape(fmt.with_unit(point.centre, definition))}</b>", "ink"))
    if point and point.lower is not None:
        found.append((point.lower, f"lower limit {fmt.with_unit(point.lower, definition)}", "mut"))
    goals = list(goal_spans(view))
    if goals and goals[-1][2] >= len(chart.points) - 0.5:
        found.append((goals[-1][0], f"goal {fmt.goal(goals[-1][0], definition)}", "ink"))
    return _clear(
        [(value, text if text.startswith("<b>") else escape(text), colour[ink]) for value, text, ink in found],
        len(chart.points) - 0.5,
        _height_of_one(view),
    )


def _height_of_one(view: MeasureView) -> float:
    """The height of a line of text, in the unit of the value axis."""
    low, high = plot.value_range(view)
    return (high - low) * 16 / plot.HEIGHT


def _clear(labels: list[tuple[float, str, str]], x: float, height: float) -> list[Shape]:
    """Labels from top to bottom, each pushed down until it stands clear of the one above."""
    placed, above = [], None
    for value, text, colour in sorted(labels, key=lambda one: -one[0]):
        at = value if above is None else min(value, above - height)
        placed.append(_text(text, x, at, colour, xshift=9))
        above = at
    return placed


def _drawn(words: Sequence[Word], colour: dict[str, str]) -> Iterator[Shape]:
    for word in words:
        yield _text("<br>".join(word.lines), word.x, word.y, colour["ink"], xanchor=word.anchor, align=word.anchor)


def _range_labels(chart: Chart, definition: Definition, colour: dict[str, str]) -> list[Shape]:
    unit = {"percent": ", in points", "money": "", "days": ", in days", "hours": ", in hours"}.get(definition.unit, "")
    grain = chart.points[0].period.grain
    labels = [
        _text(
            f"<b>Moving range: the change from one {grain} to the next{unit}</b>",
            -0.5,
            R_DOMAIN[1] + 0.045,
            colour["ink"],
            yref="paper",
            yanchor="bottom",
        )
    ]
    phase, end, scale = chart.phases[-1], len(chart.points) - 0.5, _range_scale(definition)
    if phase.range_upper is not None:
        found = [
            (phase.range_upper * scale, f"upper {_size(phase.range_upper, definition)}", colour["mut"]),
            (phase.range_centre * scale, f"<b>mean {_size(phase.range_centre, definition)}</b>", colour["ink"]),
        ]
        height = _range_axis(chart, definition, colour)["range"][1] * 15 / ((R_DOMAIN[1] - R_DOMAIN[0]) * (HEIGHT - 42))
        labels += [{**label, "yref": "y2"} for label in _clear(found, end, height)]
    return labels


def _size(x: float, definition: Definition) -> str:
    """The size of a move in words without its unit, which the title of the chart says."""
    return escape(fmt.change(x, definition).lstrip("+").removesuffix(" points"))
