"""The large chart of one measure: values above, moving ranges below, on one axis of periods.

One `go.Figure` from plain lists: traces for what is plotted and can be pointed at, shapes for lines, annotations for words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from scorecard.core import fmt, spc
from scorecard.core.definition import Definition
from scorecard.core.periods import day, noun
from scorecard.core.spc import Chart, Phase, Point
from scorecard.output import marks
from scorecard.output.theme import FONT, TOKENS, escape

if TYPE_CHECKING:
    from scorecard.metrics import MeasureView

Shape = dict[str, Any]
HEIGHT = 430
X_DOMAIN, R_DOMAIN = (0.34, 0.86), (0.0, 0.17)
TONES = {"better": "blue", "worse": "orange", "changed": "ink"}
STATES = {"trial": "trial limits", "provisional": "provisional limits", "locked": "locked", "all": "from all points", "none": "no limits yet"}


def measure(view: MeasureView, theme: str = "light") -> go.Figure:
    """The chart of a measure, in one theme. What hovering tells also stands in `tables.numbers`."""
    chart, definition, colour = view.row.chart, view.row.measure, TOKENS[theme]
    ranged = any(p.range is not None for p in chart.points)
    traces = [_line(chart, colour), *_points(view, colour), *(_ranges(chart, definition, colour) if ranged else ())]
    return go.Figure(data=traces, layout={
        "height": HEIGHT if ranged else 330, "margin": {"l": 54, "r": 130, "t": 8, "b": 34}, "showlegend": False,
        "paper_bgcolor": colour["bg"], "plot_bgcolor": colour["bg"], "hovermode": "closest", "dragmode": False,
        "font": {"family": FONT, "size": 12, "color": colour["mut"]},
        "hoverlabel": {"bgcolor": colour["bg"], "bordercolor": colour["ctl"], "align": "left",
                       "font": {"family": FONT, "size": 13, "color": colour["ink"]}},
        "xaxis": _period_axis(chart, colour, ranged), "yaxis": _value_axis(view, colour, ranged),
        **({"yaxis2": _range_axis(chart, definition, colour)} if ranged else {}),
        "shapes": [*_bands(chart, colour, "y"), *(_range_bands(chart, colour) if ranged else ()), *_goals(view, colour), *_dividers(view, colour),
                   *_note_lines(view, colour)],
        "annotations": [*_titles(view, colour), *_right_labels(view, colour), *_change_labels(view, colour), *_note_labels(view, colour),
                        *(_range_labels(chart, definition, colour) if ranged else ())],
    })


# --- axes ------------------------------------------------------------------------------------------------------------

def _at(chart: Chart, when: date) -> float:
    """Where a day stands on the axis: 0 is the middle of the first period."""
    for i, point in enumerate(chart.points):
        if when <= point.period.end:
            length = (point.period.end - point.period.start).days + 1
            return i - 0.5 + max((when - point.period.start).days, 0) / length
    return len(chart.points) - 0.5


def _period_axis(chart: Chart, colour: dict[str, str], ranged: bool) -> Shape:
    points = chart.points
    step = max(1, -(-len(points) // 26))
    ticks = list(range(len(points) - 1, -1, -step))[::-1]
    return {"range": [-0.5, len(points) - 0.5], "tickvals": ticks, "ticktext": [_tick(points, i, ticks[0]) for i in ticks], "tickangle": 0,
            "showgrid": False, "zeroline": False, "fixedrange": True, "showline": True, "linecolor": colour["line"], "ticks": "",
            "anchor": "y2" if ranged else "y", "tickfont": {"size": 12, "color": colour["mut"]}}


def _tick(points: Sequence[Point], i: int, first: int) -> str:
    """`Nov`, with the year under the first tick and under the first period of each year."""
    period = points[i].period
    short = period.short.rsplit(" ", 1)[0] if period.grain != "day" else str(period.start.day)
    new_year = i == first or period.start.year != points[i - 1].period.start.year
    return f"{short}<br><b>{period.start.year}</b>" if new_year else short


def _value_axis(view: MeasureView, colour: dict[str, str], ranged: bool) -> Shape:
    chart, definition = view.row.chart, view.row.measure
    goals = [g.value for g in view.goals if g.value is not None]
    values = [v for p in chart.points for v in (p.value, p.lower, p.upper) if v is not None] + goals
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    room = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    return {"domain": list(X_DOMAIN) if ranged else [0.0, 0.82], "range": [low - room, high + room], "showgrid": False, "zeroline": False,
            "fixedrange": True, "nticks": 6, "ticks": "outside", "ticklen": 5, "tickcolor": colour["centre"],
            "tickfont": {"size": 12, "color": colour["mut"]}, **_format(definition)}


def _format(definition: Definition) -> Shape:
    if definition.unit == "percent":
        return {"tickformat": ",.0%"}
    if definition.unit == "money":
        return {"tickprefix": escape(definition.currency), "tickformat": "~s"}
    return {"tickformat": ",~r"}


def _range_axis(chart: Chart, definition: Definition, colour: dict[str, str]) -> Shape:
    tops = [v for p in chart.phases for v in [p.range_upper] if v] + [p.range for p in chart.points if p.range is not None]
    shares = {"tickformat": ".1%"} if definition.unit == "percent" and max(tops, default=0) < 0.05 else _format(definition)
    return {"domain": list(R_DOMAIN), "range": [0, max(tops, default=1) * 1.12 or 1], "showgrid": False, "zeroline": False, "fixedrange": True,
            "nticks": 3, "ticks": "", "anchor": "x", "tickfont": {"size": 12, "color": colour["mut"]}, **shares}


# --- what is plotted -------------------------------------------------------------------------------------------------

def _broken(points: Sequence[Point]) -> Iterator[tuple[float | None, float | None]]:
    """x and y of the line, with a break at the start of each phase; a missing period breaks it by itself."""
    for i, point in enumerate(points):
        if i and point.phase != points[i - 1].phase:
            yield None, None
        yield i, point.value


def _line(chart: Chart, colour: dict[str, str]) -> go.Scatter:
    pairs = list(_broken(chart.points))
    return go.Scatter(x=[x for x, _ in pairs], y=[y for _, y in pairs], mode="lines", hoverinfo="skip", connectgaps=False,
                      line={"color": colour["series"], "width": 1.8})


def _points(view: MeasureView, colour: dict[str, str]) -> list[go.Scatter]:
    """One dot a period that has a figure, with what it says when it is pointed at."""
    chart = view.row.chart
    shown = [(i, p) for i, p in enumerate(chart.points) if p.value is not None]
    last = shown[-1][0] if shown else -1
    tones = [marks.tone_of(p.signals, view.row.measure.improvement_direction) for _, p in shown]
    inks = [colour[TONES[t]] if t and not _hollow(p) else colour["series"] for t, (_, p) in zip(tones, shown)]
    return [go.Scatter(
        x=[i for i, _ in shown], y=[p.value for _, p in shown], mode="markers", cliponaxis=False,
        marker={"color": [colour["bg"] if _hollow(p) else ink for ink, (_, p) in zip(inks, shown)],
                "size": [11 if i == last else 9 if t else 6 for t, (i, _) in zip(tones, shown)],
                "line": {"color": [ink if _hollow(p) else colour["bg"] for ink, (_, p) in zip(inks, shown)],
                         "width": [1.6 if _hollow(p) else 1 for _, p in shown]}},
        hovertext=[told(view, p) for _, p in shown], hoverinfo="text")]


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
    lines += [escape(_cut(note.text, 90)) for note in standing(view) if note.period == point.period]
    return "<br>".join(lines)


def _count(x: float) -> str:
    return fmt.plain(x, 0 if x == round(x) else 1)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length - 1].rstrip() + "…"


def standing(view: MeasureView) -> list:
    """The notes that were not withdrawn, the oldest first."""
    return sorted((n for n in view.notes if n.withdrawn_at is None), key=lambda n: n.happened)


def _ranges(chart: Chart, definition: Definition, colour: dict[str, str]) -> list[go.Scatter]:
    points = chart.points
    flagged = [any(spc.RULES[s.rule].on_ranges for s in p.signals) for p in points]
    texts = [f"<b>{escape(p.period.label)}</b><br>{escape(fmt.change(p.range, definition).lstrip('+'))} from the one before"
             if p.range is not None else "" for p in points]
    return [go.Scatter(
        x=list(range(len(points))), y=[p.range for p in points], yaxis="y2", mode="lines+markers", connectgaps=False, cliponaxis=False,
        line={"color": colour["series"], "width": 1.5}, hovertext=texts, hoverinfo="text",
        marker={"color": [colour["ink"] if f else colour["series"] for f in flagged], "size": [9 if f else 5 for f in flagged]})]


# --- limits, goals, changes, notes -----------------------------------------------------------------------------------

def _spans(chart: Chart) -> Iterator[tuple[Phase, float, float]]:
    """Each phase with its left and right edge on the axis."""
    for n, phase in enumerate(chart.phases):
        own = [i for i, p in enumerate(chart.points) if p.phase == n]
        if own:
            yield phase, own[0] - 0.5, own[-1] + 0.5


def _pieces(chart: Chart) -> Iterator[tuple[Phase, Point, float, float]]:
    """Stretches with the same limits: a phase, or a single point where limits follow the denominator."""
    start = 0
    for i in range(1, len(chart.points) + 1):
        here = chart.points[start]
        if i == len(chart.points) or _key(chart.points[i]) != _key(here):
            yield chart.phases[here.phase], here, start - 0.5, i - 0.5
            start = i


def _key(point: Point) -> tuple:
    return point.phase, point.lower, point.centre, point.upper


def _bands(chart: Chart, colour: dict[str, str], axis: str) -> Iterator[Shape]:
    for phase, point, left, right in _pieces(chart):
        dash = "solid" if phase.baseline.state in ("locked", "all") else "dash"
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


def _range_bands(chart: Chart, colour: dict[str, str]) -> Iterator[Shape]:
    for phase, left, right in _spans(chart):
        if phase.range_upper is not None:
            dash = "solid" if phase.baseline.state in ("locked", "all") else "dash"
            yield _rect(left, right, 0, phase.range_upper, colour, "y2")
            yield _flat(left, right, phase.range_upper, {"color": colour["centre"], "width": 1, "dash": dash}, "y2")
            yield _flat(left, right, phase.range_centre, {"color": colour["centre"], "width": 1.4}, "y2")


def _rect(left: float, right: float, bottom: float, top: float, colour: dict[str, str], axis: str) -> Shape:
    return {"type": "rect", "layer": "below", "xref": "x", "yref": axis, "x0": left, "x1": right, "y0": bottom, "y1": top,
            "fillcolor": colour["band"], "line": {"width": 0}}


def _flat(left: float, right: float, height: float, line: Shape, axis: str = "y") -> Shape:
    return {"type": "line", "layer": "below", "xref": "x", "yref": axis, "x0": left, "x1": right, "y0": height, "y1": height, "line": line}


def goal_spans(view: MeasureView) -> Iterator[tuple[float, float, float]]:
    """Each goal with its value and the part of the axis that it holds for."""
    chart = view.row.chart
    goals = sorted((g for g in view.goals if g.value is not None), key=lambda g: g.start)
    for n, goal in enumerate(goals):
        until = goals[n + 1].start if n + 1 < len(goals) else None
        own = [i for i, p in enumerate(chart.points) if goal.start.start <= p.period.end and (until is None or p.period.end < until.start)]
        if own:
            yield goal.value, own[0] - 0.5, own[-1] + 0.5


def _goals(view: MeasureView, colour: dict[str, str]) -> Iterator[Shape]:
    for value, left, right in goal_spans(view):
        yield _flat(left, right, value, {"color": colour["ink"], "width": 1.6, "dash": "2px,3px"})


def _dividers(view: MeasureView, colour: dict[str, str]) -> Iterator[Shape]:
    for _, left, _ in list(_spans(view.row.chart))[1:]:
        yield {"type": "line", "xref": "x", "yref": "paper", "x0": left, "x1": left, "y0": 0, "y1": 0.93, "line": {"color": colour["ink"], "width": 1.3}}


def _note_lines(view: MeasureView, colour: dict[str, str]) -> Iterator[Shape]:
    for note in standing(view):
        at = _at(view.row.chart, note.happened)
        yield {"type": "line", "layer": "below", "xref": "x", "yref": "y domain", "x0": at, "x1": at, "y0": 0, "y1": 1,
               "line": {"color": colour["centre"], "width": 1, "dash": "1px,3px"}}


# --- words -----------------------------------------------------------------------------------------------------------

def _text(text: str, x: float, y: float, colour: str, **more: Any) -> Shape:
    return {"text": text, "x": x, "y": y, "xref": "x", "yref": "y", "showarrow": False, "xanchor": "left", "yanchor": "middle", "align": "left",
            "font": {"family": FONT, "size": 12, "color": colour}, **more}


def phase_words(chart: Chart, phase: Phase, n: int) -> tuple[str, str]:
    """The title of a phase and its second line: what its limits come from and how firm they are."""
    base, grain = phase.baseline, phase.start.grain
    own = [p for p in chart.points if p.phase == n and p.value is not None]
    title = {"locked": "Baseline, locked", "all": "Limits from all points"}.get(base.state, STATES[base.state].capitalize())
    if n:
        title = f"After the change, {STATES[base.state]}" if base.state != "locked" else "After the change, locked limits"
    if base.state in ("locked", "all") and base.start and base.end:
        return title, f"{base.start.short} to {base.end.short}, {base.n} {noun(grain, base.n)}"
    lock = chart.options.lock_after or spc.LOCK_AFTER[grain]
    tail = "" if chart.options.window != "period" else f"; they lock at {lock}" if base.state != "none" else "; too few for limits"
    return title, f"{len(own)} {noun(grain, len(own))}{tail}"


def _titles(view: MeasureView, colour: dict[str, str]) -> Iterator[Shape]:
    """A title over each phase, with a rule under it as an axis of its own."""
    chart = view.row.chart
    for n, (phase, left, right) in enumerate(_spans(chart)):
        title, second = phase_words(chart, phase, n)
        if right - left < len(chart.points) * 0.16:
            second = ""
        yield _text(f"<b>{escape(title)}</b><br><span style='color:{colour['mut']}'>{escape(second)}</span>", left + 0.08, 1, colour["ink"],
                    yref="paper", yanchor="top")


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
    return _clear([(value, text if text.startswith("<b>") else escape(text), colour[ink]) for value, text, ink in found],
                  len(chart.points) - 0.5, _height_of_one(view))


def _height_of_one(view: MeasureView) -> float:
    """The height of a line of text, in the unit of the value axis."""
    low, high = _value_axis(view, TOKENS["light"], True)["range"]
    return (high - low) * 15 / ((X_DOMAIN[1] - X_DOMAIN[0]) * (HEIGHT - 42))


def _clear(labels: list[tuple[float, str, str]], x: float, height: float) -> list[Shape]:
    """Labels from top to bottom, each pushed down until it stands clear of the one above."""
    placed, above = [], None
    for value, text, colour in sorted(labels, key=lambda one: -one[0]):
        at = value if above is None else min(value, above - height)
        placed.append(_text(text, x, at, colour, xshift=9))
        above = at
    return placed


def _change_labels(view: MeasureView, colour: dict[str, str]) -> Iterator[Shape]:
    titles = {p.start: p for p in view.phases}
    for phase, left, _ in list(_spans(view.row.chart))[1:]:
        told_of = titles.get(phase.start)
        if told_of:
            who = f"{phase.start.label} · {told_of.author}"
            yield _text(f"<b>{escape(_cut(told_of.title, 44))}</b><br><span style='color:{colour['mut']}'>{escape(who)}</span>", left, 0.98, colour["ink"],
                        yref="y domain", xanchor="right", align="right", xshift=-7, yanchor="top")


def _note_labels(view: MeasureView, colour: dict[str, str]) -> Iterator[Shape]:
    """The words of each note at its line, on the side with more room, stepping down so that neighbours stay readable."""
    chart = view.row.chart
    shown = [n for n in standing(view) if chart.points and chart.points[0].period.start <= n.happened]
    for n, note in enumerate(shown):
        at = _at(chart, note.happened)
        left = at > len(chart.points) * 0.3
        yield _text(f"{escape(_cut(note.text, 34))}<br>{escape(day(note.happened))}", at, 0.02 + 0.17 * (n % 3), colour["ink2"], yref="y domain",
                    yanchor="bottom", xanchor="right" if left else "left", align="right" if left else "left", xshift=-5 if left else 5)


def _range_labels(chart: Chart, definition: Definition, colour: dict[str, str]) -> list[Shape]:
    unit = {"percent": ", in points", "money": "", "days": ", in days", "hours": ", in hours"}.get(definition.unit, "")
    grain = chart.points[0].period.grain
    labels = [_text(f"<b>Moving range: the change from one {grain} to the next{unit}</b>", -0.5, R_DOMAIN[1] + 0.045, colour["ink"], yref="paper",
                    yanchor="bottom")]
    phase = chart.phases[-1]
    if phase.range_upper is not None:
        size = lambda x: escape(fmt.change(x, definition).lstrip("+"))  # noqa: E731
        end = len(chart.points) - 0.5
        labels += [_text(f"upper {size(phase.range_upper)}", end, phase.range_upper, colour["mut"], yref="y2", xshift=9),
                   _text(f"<b>mean {size(phase.range_centre)}</b>", end, phase.range_centre, colour["ink"], yref="y2", xshift=9)]
    return labels
