"""The wall: one dark screen of 1920 × 1080 that is read from five metres, has no controls and refreshes itself.

No script: the page asks for itself again after `every` seconds. A style that fades in says when that did not happen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scorecard.core.periods import MONTHS, Period
from scorecard.core.reading import STATUSES, Sentence
from scorecard.output import marks, tables, theme
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.metrics import Row, ScorecardView

EVERY, SHORTEST, LONGEST = 60, 10, 3600
MISSED_TURNS = 3
ROWS = 5
LONG_FIGURE = 7
_CLAUSE = re.compile(r"[;:,](?=\s)|\.(?=\s|$)")


@dataclass(frozen=True)
class Screen:
    """What a wall shows beside the scorecard: the next review, late figures, its place among several, the next address."""

    next_review: date | None = None
    late: tuple[Period, date] | None = None
    place: int = 1
    of: int = 1
    address: str = ""
    every: int = EVERY


def page(view: ScorecardView, screen: Screen, today: date) -> str:
    """The whole page of one scorecard."""
    body = (
        f"{_top(view)}<h1>{escape(headline(view))}</h1>{_board(view.rows)}"
        f'<footer><p>{_figures(view, screen, today)}</p>{_place(screen)}<p class="r">{_review(screen, today)}</p></footer>'
        f'<p class="stuck" role="alert">This screen was not refreshed for {_minutes(screen)}. Look at its server.</p>'
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"/>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
        f'<meta http-equiv="refresh" content="{screen.every}{f";url={escape(screen.address)}" if screen.address else ""}"/>'
        '<meta name="robots" content="noindex, nofollow"/><meta name="referrer" content="no-referrer"/>'
        f"<title>{escape(view.name)}, {escape(view.period.label)}</title>"
        f"<style>{theme.font_face()}{_STYLE}{_stuck(screen)}</style></head>"
        f'<body><div class="ss dark wall">{body}</div></body></html>\n'
    )


def headline(view: ScorecardView) -> str:
    """The first sentence in one line: the news and the first part of its evidence, after the name of the measure."""
    if not view.sentences:
        return f"{view.name}, {view.period.label}"
    first = view.sentences[0]
    row = next((one for one in view.rows if one.reading.sentence.bold == first.bold), None)
    if row is not None and first.bold.endswith(":"):
        return f"{row.measure.label}: {_clause(first.rest)}"
    return _shortened(first)


def _shortened(sentence: Sentence) -> str:
    bold = sentence.bold.rstrip(":. ")
    closed = sentence.bold.rstrip().endswith((".", ":")) or not sentence.rest
    return bold if closed else f"{bold} {_clause(sentence.rest)}".strip()


def _clause(text: str) -> str:
    """The text up to its first stop, and not a decimal point."""
    found = _CLAUSE.search(text)
    return text[: found.start()] if found else text


def _top(view: ScorecardView) -> str:
    named = ", ".join(part for part in (view.name, view.segment, view.period.label) if part)
    sample = ' <span class="sample">· sample data</span>' if view.sample else ""
    counts = "".join(
        marks.status(status, f"{view.counts[status]} {STATUSES[status]}") for status in tables.ORDER if view.counts.get(status)
    )
    return f'<header><p>{escape(named)}{sample}</p><div class="counted">{counts}</div></header>'


def _board(rows: Sequence[Row]) -> str:
    """The measures, worst status first, in slot order; in two columns when there are more than five."""
    ordered = sorted(rows, key=lambda row: (tables.ORDER.index(row.reading.status), row.slot))
    axis = tables.axis_of(rows)
    items = "".join(_row(row, axis) for row in ordered)
    none = "" if ordered else '<li class="none">No measure has a slot yet.</li>'
    return f'<ul class="board{" single" if len(ordered) <= ROWS else ""}">{items}{none}</ul>'


def _row(row: Row, axis: marks.Axis) -> str:
    goal = row.reading.goal.value if row.reading.goal else None
    spark = marks.sparkline(row.chart, goal, row.measure.improvement_direction, width=120, height=56, axis=axis)
    told = row.goal_text + (" · so far" if row.partial else "")
    long = " long" if len(row.value_text) > LONG_FIGURE else ""
    return (
        f'<li class="{row.reading.status}" data-measure="{escape(row.measure.name)}">'
        f"{marks.status_shape(row.reading.status, STATUSES[row.reading.status])}"
        f'<span class="named"><b>{escape(row.measure.label)}</b><span>{escape(told)}</span></span>{spark}'
        f'<span class="figure{long}">{escape(row.value_text)}</span></li>'
    )


def _figures(view: ScorecardView, screen: Screen, today: date) -> str:
    """How far the figures reach; with the day on which newer ones were due, when they are late."""
    reach = f"Figures to {_day(view.data_to, today)}" if view.data_to else "No figures yet"
    if screen.late is None:
        return escape(reach)
    period, due = screen.late
    return f'<span class="late">{marks.mark("clock")}{escape(reach)}: {escape(period.bare)} was due on {_day(due, today)}</span>'


def _review(screen: Screen, today: date) -> str:
    return f"Next review {_day(screen.next_review, today)}" if screen.next_review else ""


def _place(screen: Screen) -> str:
    return f'<p class="place">{screen.place} of {screen.of}</p>' if screen.of > 1 else ""


def _day(value: date, today: date) -> str:
    """`31 October`, with the year when it is not this year's or last year's end seen early in January."""
    text = f"{value.day} {MONTHS[value.month - 1]}"
    return text if abs((today - value).days) < 180 else f"{text} {value.year}"


def _minutes(screen: Screen) -> str:
    count = -(-screen.every * MISSED_TURNS // 60)
    return "a minute" if count == 1 else f"{count} minutes"


def _stuck(screen: Screen) -> str:
    """After some missed turns the sentence that the screen is stuck comes up."""
    return f".stuck{{visibility:hidden;animation:stuck 1s linear {max(60, screen.every * MISSED_TURNS)}s forwards}}"


def _variables() -> str:
    return "".join(f"--{name}:{value};" for name, value in theme.DARK.items())


# One rem is 16 px on a screen of 1920 × 1080, and grows with the screen: nothing is under 36 px there.
_STYLE = (
    f"@keyframes stuck{{to{{visibility:visible}}}}html{{font-size:min(calc(100vw/120),calc(100vh/67.5));background:{theme.DARK['bg']}}}"
    f"body{{margin:0}}.ss{{color-scheme:dark;--font:{theme.FONT};{_variables()}}}"
) + """
.wall{box-sizing:border-box;width:120rem;height:67.5rem;margin:0 auto;padding:2.5rem 3.75rem 0;overflow:hidden;position:relative;background:var(--bg);
  color:var(--ink);font-family:var(--font);font-variant-numeric:tabular-nums;font-feature-settings:'tnum','calt','kern';cursor:none}
.wall *{box-sizing:border-box} .wall p,.wall h1,.wall ul{margin:0;padding:0;list-style:none}
.wall header,.wall footer{display:flex;justify-content:space-between;align-items:center;gap:2rem;font-size:2.25rem;line-height:3.75rem;color:var(--mut)}
.wall header p{min-width:0;white-space:nowrap;overflow:hidden;text-overflow:ellipsis} .wall .counted{display:flex;gap:2.9rem}
.wall .st{display:inline-flex;align-items:center;gap:1.25rem;font-weight:600;white-space:nowrap}
.wall .st svg,.wall li>svg:first-child{width:2.35rem;height:2.35rem} .wall svg{display:block;overflow:visible;flex:none}
.wall .st.act{color:var(--red)} .wall .st.watch{color:var(--amber)} .wall .st.on_course{color:var(--green)} .wall .st.not_yet{color:var(--mut)}
.wall h1{font-size:3.875rem;line-height:4.6rem;font-weight:700;letter-spacing:-.015em;height:6.9rem;padding-top:.3rem;white-space:nowrap;overflow:hidden;
  text-overflow:ellipsis;border-bottom:2px solid var(--ctl)}
.wall .board{display:grid;grid-template:repeat(5,9.69rem)/repeat(2,minmax(0,1fr));grid-auto-flow:column;column-gap:3.75rem}
.wall .board.single{grid-template-columns:minmax(0,1fr)}
.wall li{display:grid;grid-template-columns:4rem minmax(0,1fr) 11.25rem 14.6rem;align-items:center;border-bottom:1px solid var(--line)}
.wall li.none{display:block;font-size:2.5rem;padding-top:3rem} .wall .named{display:block;padding-right:1rem;overflow:hidden}
.wall .named b{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden;font-size:2.5rem;line-height:2.85rem;font-weight:600;letter-spacing:-.01em}
.wall .named span{display:block;font-size:2.25rem;line-height:2.75rem;color:var(--mut);white-space:nowrap}
.wall .spark{width:11.25rem;height:5.25rem} .wall .figure{text-align:right;font-size:3.625rem;font-weight:650;letter-spacing:-.01em;white-space:nowrap}
.wall .figure.long{font-size:2.75rem} .wall li.act .figure{color:var(--red)}
.wall footer{padding-top:.6rem} .wall footer p{white-space:nowrap} .wall .late{display:inline-flex;align-items:center;gap:1rem;color:var(--orange);font-weight:600}
.wall .late svg{width:2.25rem;height:2.25rem}
.wall .stuck{position:absolute;left:0;right:0;bottom:0;padding:1rem 3.75rem;background:var(--orange);color:var(--bg);font-size:2.5rem;line-height:3.4rem;font-weight:600}
.m-band{fill:var(--band)}.m-centre{stroke:var(--centre);stroke-width:1;fill:none}.m-line{stroke:var(--series);stroke-width:2;fill:none;stroke-linejoin:round}
.m-goal{stroke:var(--ink);stroke-width:1.6;stroke-dasharray:2 2.4;fill:none}.m-dot{fill:var(--series)}.m-hollow{fill:var(--bg);stroke:var(--series);stroke-width:1.25}
.m-better{fill:var(--blue)}.m-worse{fill:var(--orange)}.m-changed{fill:var(--ink)}.m-ink{stroke:currentColor;stroke-width:1.6;fill:none;stroke-linecap:round}
.s-on_course{fill:var(--green)}.s-watch{fill:var(--triangle)}.s-act{fill:var(--red)}.s-not_yet{fill:var(--mut)}
@media (orientation:portrait){html{font-size:min(calc(100vw/67.5),calc(100vh/120))}.wall{width:67.5rem;height:120rem}.wall .board{grid-template:none;grid-auto-flow:row;grid-auto-rows:9.69rem}
  .wall header{flex-direction:column;align-items:flex-start;gap:0} .wall h1{white-space:normal;height:11rem} .wall footer{flex-wrap:wrap;gap:0 2rem}}
"""
