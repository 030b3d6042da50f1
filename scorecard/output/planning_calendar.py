"""The calendar of twelve months as a picture: a row for what comes again, a mark on each day; and its tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from scorecard.core.periods import SHORT_MONTHS, day
from scorecard.output.part_tables import Table
from scorecard.output.theme import escape
from scorecard.planning.calendar import STATES

if TYPE_CHECKING:
    from scorecard.planning.calendar import Line, Meeting, Year

Href = Callable[["Meeting"], str]
HEIGHT, MIDDLE, RADIUS = 28, 14, 5.6
RIGHTMOST = 99.2  # a mark of the last day stays within the picture
LEGEND = (("held", "held"), ("late", "held late"), ("missed", "missed"), ("planned", "planned"), ("moved", "moved"), ("unsaid", "not said yet"))
HEADS = ("row", "what", "planned", "stands on", "until", "state", "owner", "why", "written in")


def section(found: Year, href: Href, measure: str = "") -> str:
    """The picture with its legend; a sentence where nothing is planned. `measure` leads to the share held as planned."""
    shown = {_look(one) for line in found.lines for one in line.meetings}
    legend = "".join(f'<span><svg width="14" height="14" aria-hidden="true">{_mark(look, "7", 7)}</svg>{words}</span>' for look, words in LEGEND if look in shown)
    head = f'<div class="sechead"><h2>Calendar</h2><span class="legend pl-legend">{legend}</span></div>'
    if not found.lines:
        return f'<section class="sec">{head}<p class="mut">Nothing is planned in these twelve months. Plan the first meeting, or choose the day of the monthly review in the settings.</p></section>'
    body = "".join(_line(line, found, href) for line in found.lines)
    return f'<section class="sec">{head}<div class="pc-year">{_months(found)}<ul class="pc-lines">{body}</ul></div>{_kept(found, measure)}</section>'


def _kept(found: Year, measure: str) -> str:
    last = found.kept()
    if last is None:
        return ""
    month, kept, planned = last
    link = f' <a href="{escape(measure)}">Month by month</a>' if measure else ""
    return f'<p class="cap pc-kept">{kept} of {planned} meetings planned for {month.label} {"was" if kept == 1 else "were"} held by the day planned first.{link}</p>'


def _months(found: Year) -> str:
    cells = "".join(
        f'<text class="pc-month" x="{(n + 0.5) / len(found.months) * 100:.2f}%" y="34" text-anchor="middle">{SHORT_MONTHS[one.start.month - 1]}</text>' for n, one in enumerate(found.months)
    )
    years = "".join(f'<text class="pc-yearname" x="{n / len(found.months) * 100:.2f}%" y="14">{one.start.year}</text>'
                    for n, one in enumerate(found.months) if n == 0 or one.start.month == 1)  # fmt: skip
    today = f'<text class="pc-todayname" x="{_at(found.today, found):.2f}%" y="14" text-anchor="middle">today</text>'
    return f'<div class="pc-head" aria-hidden="true"><span></span><svg width="100%" height="40">{years}{today}{cells}</svg></div>'


def _at(on: date, found: Year) -> float:
    """Where a day stands, in percent of the width: every month is as wide as the others."""
    month = next((n for n, one in enumerate(found.months) if one.start <= on <= one.end), None)
    if month is None:
        return 0.0 if on < found.months[0].start else 100.0
    length = (found.months[month].end - found.months[month].start).days + 1
    return min((month + (on.day - 0.5) / length) / len(found.months) * 100, RIGHTMOST)


def _line(line: Line, found: Year, href: Href) -> str:
    marks = "".join(_drawn(one, found, href) for one in line.meetings)
    now = f'<line class="pc-today" x1="{_at(found.today, found):.2f}%" x2="{_at(found.today, found):.2f}%" y1="0" y2="100%"/>'
    words = "; ".join(said(one) for one in line.meetings)
    return (f'<li><span class="pc-name">{escape(line.title)}</span><svg class="pc-row" width="100%" height="{HEIGHT}" role="group" aria-label="{escape(f"{line.title}: {words}")}">'
            f"{now}{marks}</svg></li>")  # fmt: skip


def _drawn(one: Meeting, found: Year, href: Href) -> str:
    drawn = _span(one, found) if one.until else _mark(_look(one), f"{_at(one.on, found):.2f}%", MIDDLE)
    title = f"<title>{escape(f'{one.title}: {said(one)}')}</title>"
    if one.foreseen:
        return f"<g>{title}{drawn}</g>"
    return f'<a href="{escape(href(one))}" aria-label="{escape(f"{one.title}, {said(one)}")}">{title}{drawn}</a>'


def _look(one: Meeting) -> str:
    if one.until:
        return "planned" if one.state in ("planned", "unsaid") else one.state
    return "late" if one.state == "held" and not one.kept else one.state


def _span(one: Meeting, found: Year) -> str:
    """A bar from the first to the last day; filled up to today while it is under way, whole when it was held."""
    left, right = _at(one.on, found), _at(one.until, found)
    done = right if one.state == "held" else min(max(_at(found.today, found), left), right)
    hatch = " pc-missed" if one.state == "missed" else ""
    whole = f'<rect class="pc-span{hatch}" x="{left:.2f}%" y="8.5" width="{right - left:.2f}%" height="11" rx="5.5"/>'
    filled = f'<rect class="pc-done" x="{left:.2f}%" y="8.5" width="{done - left:.2f}%" height="11" rx="5.5"/>' if done > left and one.state != "missed" else ""
    return whole + filled


def _mark(look: str, x: str, y: float) -> str:
    """A mark whose middle stands at x (with its unit) and y."""
    ring = f'<circle class="pc-ring" cx="{x}" cy="{y}" r="{RADIUS}"/>'
    if look == "held":
        return f'<circle class="pc-dot" cx="{x}" cy="{y}" r="{RADIUS + 0.6}"/>'
    if look == "planned":
        return ring
    path = {"missed": "M-4.6-4.6L4.6 4.6M4.6-4.6L-4.6 4.6", "late": "M0-3.4V.4L2.6 2", "moved": "M-2.8 0H2.4M.6-2.2L2.8 0 .6 2.2", "unsaid": "M0-5.6A5.6 5.6 0 0 1 0 5.6Z"}[look]
    kind = {"missed": "pc-cross", "late": "pc-cross thin", "moved": "pc-arrow", "unsaid": "pc-half"}[look]
    drawn = f'<svg x="{x}" y="{y}" overflow="visible"><path class="{kind}" d="{path}"/></svg>'
    return drawn if look == "missed" else f'{ring.replace("pc-ring", "pc-ring late") if look == "late" else ring}{drawn}'


def said(one: Meeting) -> str:
    """`missed, 13 Aug 2026: Half of the team was on holiday`."""
    when = f"{day(one.on)} to {day(one.until)}" if one.until else day(one.on)
    state = "under way" if one.until and one.state == "unsaid" else STATES[one.state]
    if one.state == "held" and not one.kept and not one.until:
        state = f"held late, planned for {day(one.planned)}"
    elif one.state == "moved":
        state = f"moved from {day(one.planned)}"
    return f"{state}, {when}" + (f": {one.note}" if one.note else "")


def table(found: Year) -> Table:
    """Every mark of the picture, a line each."""
    return Table("Calendar", HEADS, [_cells(line, one, found) for line in found.lines for one in line.meetings], "Nothing is planned.")


def _cells(line: Line, one: Meeting, found: Year) -> Sequence[Any]:
    place = "review day" if one.foreseen else one.source.replace("_", " ")
    return [line.title, one.title, one.planned, one.on, one.until, STATES[one.state], found.people.get(one.owner, one.owner), one.note, place]
