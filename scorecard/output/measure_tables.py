"""The tables of one measure: its numbers under the chart, segments, notes, goals, limits, and who changed what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from scorecard.core import fmt
from scorecard.core.definition import Definition
from scorecard.core.periods import Period, day, noun
from scorecard.core.reading import Reading
from scorecard.core.spc import RULES, Point
from scorecard.output import marks
from scorecard.output.tables import MARKS_TITLE
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.metrics import GoalRecord, MeasureView, Note, SegmentView

Href = Callable[[str], str] | None
MONTHS_BESIDE_CHART = 26
MONTHS_SHOWN, MONTHS_DOWN = 24, 12


def below_chart(view: MeasureView, marks_href: str = "") -> str:
    """What stands under the large chart: its numbers and its legend; on a narrow place a small drawing above them."""
    return phone_chart(view) + numbers(view) + chart_legend(view, marks_href)


def around(view: MeasureView, causes: str, segment_href: Href = None) -> str:
    """Segments and `causes` (a section's body) side by side; on a narrow place one below the other."""
    parts = section("By segment", segments(view, segment_href), "same scale, each with its own limits")
    return f'<div class="sideways{"" if parts else " alone"}">{parts}{section("Cause and effect", causes)}</div>'


def records(view: MeasureView, benchmarks: str = "") -> str:
    """Benchmarks, then what people recorded: notes, goals, limits, what is left out, who changed what and why."""
    parts = (
        ("Benchmarks", benchmarks, ""),
        ("Notes", notes(view), ""),
        ("Goals by date", goals(view), ""),
        ("Limits", limits(view), "new figures never move a locked limit"),
        ("Left out", exclusions(view), ""),
        ("Who changed what, and why", history(view), ""),
    )
    return "".join(section(*part) for part in parts)


def numbers(view: MeasureView) -> str:
    """Every figure of the chart: counts and value by period, signals in their colour, left out struck.

    Up to 26 periods stand in the columns of the chart. Of a longer series the latest 24
    stand apart, the rest is folded. On a narrow place the periods run down, the newest first.
    """
    points = view.row.chart.points
    if not points:
        return '<p class="mut">No figures yet.</p>'
    if len(points) <= MONTHS_BESIDE_CHART:
        wide = _across(view, points, "beside")
    else:
        parts = [points[max(end - MONTHS_SHOWN, 0) : end] for end in range(len(points), 0, -MONTHS_SHOWN)]
        wide = _across(view, parts[0], "apart") + _folded(
            view, "".join(_across(view, part, "apart") for part in parts[1:])
        )
    return f'<div class="wide">{wide}</div><div class="narrow">{_down(view, points)}</div>'


def _folded(view: MeasureView, body: str) -> str:
    """A part of the figures that opens on demand."""
    grain = view.row.chart.points[0].period.grain
    return f'<details class="earlier"><summary>Earlier {noun(grain)}</summary>{body}</details>' if body else ""


def _across(view: MeasureView, points: Sequence[Point], kind: str) -> str:
    """Periods across: `beside` in the columns of the chart, `apart` with heads of its own."""
    measure = view.row.measure
    lines = _count_lines(view, points) + [("val", value_name(measure), [_value_cell(p, measure) for p in points])]
    body = "".join(
        f'<tr class="{kind}"><td class="lead"></td>{"".join(cells)}<th scope="row">{escape(name)}</th></tr>'
        for kind, name, cells in lines
    )
    span = points[0].period.short if len(points) == 1 else f"{points[0].period.short} to {points[-1].period.short}"
    named = f"Figures of {escape(measure.label)}, {escape(span)}"
    return (
        f'<div class="scroll {kind}" tabindex="0" role="region" aria-label="{named}">'
        f'<table class="months"><caption class="vh">{escape(measure.label)}, {escape(span)}</caption>'
        f'<thead><tr><td class="lead"></td>{"".join(_heads(points))}<td></td></tr></thead><tbody>{body}</tbody>'
        "</table></div>"
    )


def _down(view: MeasureView, points: Sequence[Point]) -> str:
    """Periods down, the newest first; a year is shown, what came before is folded."""
    latest = list(reversed(points))
    return _rows_down(view, latest[:MONTHS_DOWN]) + _folded(view, _rows_down(view, latest[MONTHS_DOWN:]))


def _rows_down(view: MeasureView, points: Sequence[Point]) -> str:
    if not points:
        return ""
    measure = view.row.measure
    lines = [*_count_lines(view, points), ("val", value_name(measure), [_value_cell(p, measure) for p in points])]
    heads = "".join(f'<th scope="col" class="r">{escape(name)}</th>' for _, name, _ in lines)
    body = "".join(
        f'<tr><th scope="row">{escape(p.period.short)}</th>{"".join(cells[n] for _, _, cells in lines)}</tr>'
        for n, p in enumerate(points)
    )
    return (
        f'<table class="dense down"><caption class="vh">{escape(measure.label)}, the newest first</caption>'
        f'<thead><tr><th scope="col">Period</th>{heads}</tr></thead><tbody>{body}</tbody></table>'
    )


def _heads(points: Sequence[Point]) -> list[str]:
    return [
        f'<th scope="col"{_new_year(points, i)}>{escape(month_name(p.period))}{_year(points, i)}</th>'
        for i, p in enumerate(points)
    ]


def month_name(period: Period) -> str:
    return period.short.rsplit(" ", 1)[0] if period.grain != "day" else period.bare


def _starts_year(points: Sequence[Point], i: int) -> bool:
    return i == 0 or points[i].period.start.year != points[i - 1].period.start.year


def _new_year(points: Sequence[Point], i: int) -> str:
    return ' class="newyear"' if i and _starts_year(points, i) else ""


def _year(points: Sequence[Point], i: int) -> str:
    year = points[i].period.start.year
    return f"<b>{year}</b>" if _starts_year(points, i) else f'<span class="vh"> {year}</span>'


def _count_lines(view: MeasureView, points: Sequence[Point]) -> list[tuple[str, str, list[str]]]:
    measure = view.row.measure
    if not any(p.denominator is not None for p in view.row.chart.points):
        return []
    parts = (
        (measure.numerator_label or "Numerator", [p.numerator for p in points]),
        (measure.denominator_label or "Denominator", [p.denominator for p in points]),
    )
    return [
        (
            "cnt",
            name[:1].upper() + name[1:],
            [f"<td{_new_year(points, i)}>{escape(_count(v))}</td>" for i, v in enumerate(values)],
        )
        for name, values in parts
    ]


def _count(x: float | None) -> str:
    if x is None:
        return fmt.NO_VALUE
    return fmt.plain(x / 1000, 0) + "k" if abs(x) >= 1_000_000 else fmt.plain(x, 0 if x == round(x) else 1)


def value_name(measure: Definition) -> str:
    unit = {"percent": "%", "money": measure.currency, "days": "days", "hours": "hours", "minutes": "minutes"}.get(
        measure.unit, ""
    )
    return f"Value, {unit}" if unit else "Value"


def _value_cell(point: Point, measure: Definition) -> str:
    if point.value is None:
        return f'<td class="mut" title="no figure">{fmt.NO_VALUE}</td>'
    tone = "out" if point.excluded else marks.tone_of(point.signals, measure.improvement_direction)
    told = "; ".join(RULES[s.rule].title for s in point.signals) or (
        "left out of the limits" if point.excluded else "not complete" if point.partial else ""
    )
    said = f' title="{escape(told)}"' if told else ""
    text = fmt.value(point.value, measure).removesuffix("%").removeprefix(measure.currency)
    hidden = f'<span class="vh"> {escape(told)}</span>' if told else ""
    return f'<td class="{tone}"{said}>{escape(text)}{"*" if point.partial else ""}{hidden}</td>'


def phone_chart(view: MeasureView) -> str:
    """The values as a drawing for narrow places, where the large chart has no room for its words; hidden elsewhere."""
    chart, reading = view.row.chart, view.row.reading
    drawn = marks.sparkline(
        chart,
        _goal(reading),
        view.row.measure.improvement_direction,
        width=358,
        height=150,
        months=max(len(chart.points), 1),
        label=reading.full_sentence,
    )
    ends = f"{chart.points[0].period.short}</span><span>{chart.points[-1].period.short}" if chart.points else ""
    return f'<div class="narrow phonechart">{drawn}<p class="cap ends"><span>{ends}</span></p></div>'


def section(title: str, body: str, note: str = "") -> str:
    """A section with its heading and a quiet line beside it; nothing when the body is empty."""
    if not body:
        return ""
    quiet = f'<span class="cap">{escape(note)}</span>' if note else ""
    return f'<section class="sec"><div class="sechead"><h2>{escape(title)}</h2>{quiet}</div>{body}</section>'


def segments(view: MeasureView, href: Href = None) -> str:
    """Small multiples of the segments on one scale, each with its own limits; `href` gives the address of a segment."""
    if not view.segments:
        return ""
    measure = view.row.measure
    scale = [v for part in view.segments for v in marks.extent(part.chart, _goal(part.reading))]
    items = "".join(_segment(part, measure, scale, href) for part in view.segments)
    return f'<div class="multiples">{items}</div>'


def _goal(reading: Reading) -> float | None:
    return reading.goal.value if reading.goal else None


def _segment(part: SegmentView, measure: Definition, scale: Sequence[float], href: Href) -> str:
    spark = marks.sparkline(
        part.chart,
        _goal(part.reading),
        measure.improvement_direction,
        width=200,
        height=76,
        label=marks.describe(part.chart, part.value_text),
        scale=scale,
    )
    name = f'<a href="{escape(href(part.name))}">{escape(part.name)}</a>' if href else escape(part.name)
    return (
        f"<figure><h3>{name}</h3><p class='sub'>{_levels(part, measure)}</p>{spark}"
        f"<figcaption>{escape(part.reading.behaviour[0])}<br/>{escape(_segment_words(part.reading))}</figcaption>"
        "</figure>"
    )


def _levels(part: SegmentView, measure: Definition) -> str:
    """The centre before and after the last process change, and the latest figure."""
    phases = [p for p in part.chart.phases if p.centre is not None]
    now = (
        f"{escape(month_name(part.reading.period))} {escape(part.value_text)}"
        if part.reading.period
        else escape(part.value_text)
    )
    if len(phases) < 2:
        return now
    before, after = (escape(_level(p.centre, measure)) for p in phases[-2:])
    return f"{before} → <b>{after}</b>, {now}"


def _level(x: float, measure: Definition) -> str:
    return f"{fmt.plain(x * 100, 0)}%" if measure.is_share else fmt.value(x, measure)


def _segment_words(reading: Reading) -> str:
    return ", ".join(
        part for part in (reading.behaviour[1], reading.against_goal[0].lower() if reading.goal else "") if part
    )


def notes(view: MeasureView) -> str:
    """The notes of a measure, the newest first; a withdrawn one stays, struck, and says when."""
    items = sorted(view.notes, key=lambda n: n.happened, reverse=True)
    rows = "".join(
        f'<tr><td class="nw">{escape(day(n.happened))}</td><td>{_note_text(n)}</td><td class="mut '
        f'nw">{escape(n.author)}</td></tr>'
        for n in items
    )
    return _small_table(
        ("Day", "Note", "Author"), rows, "No notes yet. A note says what happened on a day, beside the figures."
    )


def _note_text(note: Note) -> str:
    if note.withdrawn_at is None:
        return escape(note.text)
    return f'<s>{escape(note.text)}</s> <span class="mut">withdrawn {escape(day(note.withdrawn_at.date()))}</span>'


def goals(view: MeasureView) -> str:
    """The goals by the period they start in, the newest first."""
    rows = "".join(
        f'<tr><td class="nw">from {escape(g.start.label)}</td><th scope="row" '
        f'class="nw">{escape(fmt.goal(g.value, view.row.measure))}</th>'
        f'<td>{escape(g.source)}{_thresholds(g, view.row.measure)}</td><td class="mut nw">{escape(g.author)}</td></tr>'
        for g in sorted(view.goals, key=lambda g: g.start, reverse=True)
        if g.value is not None
    )
    return _small_table(("From", "Goal", "Source", "Set by"), rows, "No goal set, so behaviour only.")


def _thresholds(goal: GoalRecord, measure: Definition) -> str:
    if goal.red is None or goal.yellow is None:
        return ""
    return (
        f'<span class="sub">Watch from {escape(fmt.goal_value(goal.red, measure))}, On course from '
        f"{escape(fmt.goal_value(goal.yellow, measure))}, as the plan states</span>"
    )


def limits(view: MeasureView) -> str:
    """Every record of limits, the newest first: from when, the range, the baseline, who locked it and why."""
    rows = "".join(
        f'<tr><td class="nw">from {escape(r.start.label)}</td><th scope="row" '
        f'class="nw">{escape(fmt.range_text(r.lower, r.upper, view.row.measure))}</th>'
        f"<td>{escape(r.baseline_from.short)} to {escape(r.baseline_to.short)}, {r.n} points</td>"
        f"<td>{escape(r.reason)}</td>"
        f'<td class="mut nw">{escape(r.author)}, {escape(day(r.recorded_at.date()))}</td></tr>'
        for r in sorted(view.limits, key=lambda r: (r.start, r.version), reverse=True)
    )
    return _small_table(
        ("In force", "Normal range", "Baseline", "Reason", "Locked by"), rows, "No limits are locked yet."
    )


def exclusions(view: MeasureView) -> str:
    """The periods that count towards no limit, with the written cause."""
    rows = "".join(
        f'<tr><td class="nw">{escape(e.period.label)}</td><td>{escape(e.cause)}</td><td class="mut '
        f'nw">{escape(e.author)}, '
        f"{escape(day(e.recorded_at.date()))}</td></tr>"
        for e in view.exclusions
        if e.excluded
    )
    return _small_table(("Left out", "Cause", "By"), rows, "") if rows else ""


def history(view: MeasureView) -> str:
    """Who changed limits, goals or the definition, when and why, the newest first."""
    rows = "".join(
        f'<tr><td class="nw">{escape(day(c.when.date()))}</td><th scope="row">{escape(c.what)}</th>'
        f"<td>{escape(c.reason)}</td>"
        f'<td class="mut nw">{escape(c.who)}</td></tr>'
        for c in sorted(view.history, key=lambda c: c.when, reverse=True)
    )
    return _small_table(("Day", "Change", "Why", "Who"), rows, "Nothing was changed yet.")


def _small_table(heads: Sequence[str], rows: str, empty: str) -> str:
    if not rows:
        return f'<p class="mut">{empty}</p>'
    head = "".join(f'<th scope="col">{h}</th>' for h in heads)
    table = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
    return f'<div class="scroll"><table class="dense stacks">{table}</table></div>'


def chart_legend(view: MeasureView, marks_href: str = "") -> str:
    """The legend of the large chart, with the source of the figures."""
    points, phases = view.row.chart.points, view.row.chart.phases
    items = [(marks.mark("better_dot"), "signal, improving"), (marks.mark("worse_dot"), "signal, worsening")]
    if view.row.measure.improvement_direction == "neutral":
        items = [(marks.mark("changed_dot"), "signal")]
    items += [(marks.legend_band(), "natural limits and centre"), (marks.legend_goal(), "goal")]
    if any(p.baseline.state in ("trial", "provisional") for p in phases):
        items.append((marks.legend_band(trial=True), "trial or provisional limits"))
    if any(p.excluded for p in points):
        items.append((marks.mark("hollow_dot"), "left out of the limits"))
    spans = "".join(f"<span>{icon}{text}</span>" for icon, text in items)
    link = f'<a class="tap" href="{escape(marks_href)}">{MARKS_TITLE}</a>' if marks_href else ""
    source = f'<span class="src">{escape("Source: " + view.source)}</span>' if view.source else ""
    return f'<div class="legend">{spans}{link}{source}</div>'
