"""What others reach, drawn apart from the goal. A benchmark never sets a status."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from scorecard.core import fmt
from scorecard.core.definition import Definition
from scorecard.core.periods import Period
from scorecard.metrics import MeasureLine
from scorecard.output import marks
from scorecard.output.theme import escape

Href = Callable[[str], str] | None
WIDTH, HEIGHT, EDGE = 232.0, 22.0, 10.0
NEVER = "A benchmark never sets a status: the goal does."


def section(lines: Sequence[MeasureLine], href: Href = None) -> str:
    """The benchmarks of all measures under their heading."""
    return f'<section class="sec upper"><div class="sechead"><h2>Benchmarks</h2></div>{table(lines, href)}</section>'


def table(lines: Sequence[MeasureLine], href: Href = None) -> str:
    """Every benchmark of these measures: ours, the goal, the others, and how their definition differs."""
    rows = "".join(_row(line, one, href) for line in lines for one in line.measure.benchmarks)
    return (_head(rows) if rows else "") + f'<p class="cap foot">{escape(missing(lines))} {NEVER}</p>'


def missing(lines: Sequence[MeasureLine]) -> str:
    """`8 of 10 have no benchmark yet.`, of the measures with a slot, or of all where none has one."""
    counted = [line for line in lines if line.slot] or list(lines)
    without = sum(not line.measure.benchmarks for line in counted)
    if not without:
        return "Every measure has a benchmark." if counted else ""
    return f"{without} of {len(counted)} {'has' if without == 1 else 'have'} no benchmark yet."


def _head(rows: str) -> str:
    heads = (
        ("Measure and source", "b-name"),
        ("Ours", ""),
        ("Goal", ""),
        ('<span class="vh">Ours among the others</span>', "b-strip"),
        ("Middle half", ""),
        ("How its definition differs", "b-note"),
    )
    head = "".join(f'<th scope="col" class="{kind}">{text}</th>' for text, kind in heads)
    return f'{legend()}<table class="dense marksof"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def legend() -> str:
    """What the three marks of a benchmark mean."""
    ours = marks.svg(10, 10, '<circle class="m-inkfill" cx="5" cy="5" r="4.2"/>')
    half = marks.svg(
        30,
        12,
        '<path class="m-edge" d="M0 6H30"/><rect class="b-half" x="5" y="3" width="20" height="6"/>'
        '<path class="b-median" d="M15 0V12"/>',
    )
    goal = marks.svg(6, 14, '<path class="m-goal" d="M3 0V14"/>')
    spans = f"<span>{ours}ours</span><span>{half}middle half of the others, median</span><span>{goal}our goal</span>"
    return f'<div class="legend b-legend">{spans}</div>'


def _row(line: MeasureLine, one: dict, href: Href) -> str:
    measure, reading = line.measure, line.reading
    goal = reading.goal.value if reading.goal else None
    name = (
        f'<a class="name" href="{escape(href(measure.name))}">{escape(measure.label)}</a>'
        if href
        else (f'<span class="name">{escape(measure.label)}</span>')
    )
    source = ", ".join(part for part in (one["source"], dated(one)) if part)
    return (
        f'<tr><th scope="row">{name}<span class="sub">{escape(source)}</span></th>'
        f'<td data-head="Ours"><b>{escape(line.value_text)}</b></td>'
        f'<td data-head="Goal" class="nw">{escape(fmt.goal(goal, measure)) if goal is not None else ""}</td>'
        f'<td class="b-strip">{strip(line.value, goal, one, measure)}</td>'
        f'<td data-head="Others" class="nw">{escape(others(one, measure))}</td>'
        f'<td class="mut b-note">{escape(one.get("note", ""))}</td></tr>'
    )


def dated(one: dict) -> str:
    """The month of a benchmark, `Sep 2026`; "" when nobody wrote one."""
    return Period(date.fromisoformat(one["from"]).replace(day=1), "month").short if "from" in one else ""


def others(one: dict, measure: Definition) -> str:
    """`88 to 94%, median 91%`, or the one figure that is known."""
    low, median, high = (one.get(key) for key in ("low", "median", "high"))
    middle = fmt.goal_value(median, measure) if median is not None else ""
    if low is None or high is None:
        ends = [fmt.goal_value(x, measure) for x in (low, high) if x is not None]
        return middle or ", ".join(ends)
    tail = f", median {middle}" if middle else ""
    return fmt.range_text(low, high, measure) + tail


def strip(ours: float | None, goal: float | None, one: dict, measure: Definition) -> str:
    """The drawing of one benchmark: the middle half, the median, our figure, our goal."""
    known = [x for x in (ours, goal, one.get("low"), one.get("median"), one.get("high")) if x is not None]
    at = _scale(known)
    parts = [f'<path class="m-edge faint" d="M0 {HEIGHT / 2:g}H{WIDTH:g}"/>']
    if "low" in one and "high" in one:
        left, right = at(one["low"]), at(one["high"])
        parts.append(f'<rect class="b-half" x="{left:.1f}" y="8" width="{max(right - left, 2):.1f}" height="6"/>')
    if "median" in one:
        parts.append(f'<path class="b-median" d="M{at(one["median"]):.1f} 4V18"/>')
    if goal is not None:
        parts.append(f'<path class="m-goal" d="M{at(goal):.1f} 1V21"/>')
    if ours is not None:
        parts.append(f'<circle class="m-inkfill" cx="{at(ours):.1f}" cy="11" r="4.6"/>')
    said = [f"ours {fmt.value(ours, measure)}", f"the others {others(one, measure)}"]
    said += [f"our goal {fmt.goal(goal, measure)}"] if goal is not None else []
    return marks.svg(WIDTH, HEIGHT, "".join(parts), "; ".join(said), "bstrip")


def _scale(known: Sequence[float]) -> Callable[[float], float]:
    """Figures to places of the strip, with room at both ends; safe for a single figure."""
    low, high = min(known), max(known)
    room = (high - low) * 0.35 or abs(high) * 0.1 or 1.0
    return lambda x: EDGE + (x - low + room) / (high - low + 2 * room) * (WIDTH - 2 * EDGE)
