"""CSMs in their statistical context: the funnel, the analysis of means, and each one's small intervals; alphabetical, never by result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scorecard.core import fmt, funnel
from scorecard.core.definition import Definition
from scorecard.output import marks
from scorecard.output.part_tables import Table
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.core.funnel import Funnel, Line, Pair
    from scorecard.metrics import MeasureView
    from scorecard.people.context import Context, Row, Shown

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 560.0, 370.0, 46.0, 96.0, 12.0, 44.0
STEPS, DOT, BESIDE = 48, 6.0, 2
SMALL_WIDTH, SMALL_HEIGHT = 104.0, 26.0
TEAM, PEOPLE = "Team in context", "People in context"
FUNNEL, MEANS = "Funnel", "Analysis of means"
TITLES = {"led": "names in alphabetical order · each CSM sees only their own row", "own": "you see your own row and the team", "team": "each CSM and their leader see the rows, you see the team"}
PEOPLE_HEADS = ("measure", "name", "from", "to", "numerator", "denominator", "rate", "wilson_95_lower", "wilson_95_upper", "limit_95_lower", "limit_95_upper",
                "limit_998_lower", "limit_998_upper", "outside_95", "outside_998", "smallest_noticeable", "verdict")  # fmt: skip
TEAM_HEADS = ("measure", "from", "to", "people", "numerator", "denominator", "pooled", "phi", "tau2", "limits_widened_by", "anom_h", "chance_outside_95",
              "chance_outside_998", "worth_noticing", "said")  # fmt: skip


def second_line(found: Context) -> str:
    """What stands under the heading of the page."""
    if not found.shown:
        return "Names in alphabetical order, nobody is ranked"
    one = found.shown[0]
    return f"{one.people} CSMs · {one.first.label} to {one.last.label} · {TITLES[found.sees]}"


def title(one: Shown) -> str:
    """The heading over the chart."""
    return f"{one.measure.label}, {'each CSM against the whole team' if len(one.rows) > 1 else 'against the whole team'}"


def section(chart: str, intervals: str, told: str, measures: int) -> str:
    """The chart with its explanation, and the table beside it where there is one, below it where it has many columns."""
    cap = '<p class="cap">A small book swings more, so its limits are wider.</p>'
    left = f"<div>{cap}{chart}{told}</div>"
    return f'<div class="pf-two{" pf-below" if measures > BESIDE else ""}">{left}<div>{intervals}</div></div>' if intervals else left


# -- the large chart


class _Plot:
    """Places in the large chart: `x` of a number of cases, `y` of a rate."""

    def __init__(self, low: float, high: float, bottom: float, top: float) -> None:
        self.low, self.high, self.bottom, self.top = low, high, bottom, top

    def x(self, n: float) -> float:
        return LEFT + (n - self.low) / ((self.high - self.low) or 1) * (WIDTH - LEFT - RIGHT)

    def y(self, rate: float) -> float:
        return HEIGHT - BOTTOM - (rate - self.bottom) / ((self.top - self.bottom) or 1) * (HEIGHT - TOP - BOTTOM)


def drawn(one: Shown) -> str:
    """The funnel: limits by number of cases around the team's rate, and a dot with initials for each row that is seen."""
    ticks = _ticks(one.smallest, one.largest)
    low, high = ticks[0], ticks[-1]
    sizes = sorted({max(1, round(low + (high - low) * step / STEPS)) for step in range(STEPS + 1)})
    near, far = ([funnel.limits(one.whole.pooled, n, tail, one.whole.kind, one.whole.dispersion.factor) for n in sizes] for tail in (funnel.TAIL_95, funnel.TAIL_998))
    rates = [row.line.rate for row in one.rows if row.line.rate is not None]
    heights = _ticks(min([far[0][0], *rates]), min(max([far[0][1], *rates]), 1.0 if one.whole.kind == funnel.SHARE else math.inf))
    plot = _Plot(low, high, heights[0], heights[-1])
    content = _axes(one, plot, ticks, heights) + _curves(plot, sizes, near, far) + _named(one, plot, near[-1], far[-1]) + _dots(one, plot)
    return _framed(one, content, described(one), "Band: 95% limits. Dashes: 99.8% limits.")


def _framed(one: Shown, content: str, label: str, key: str) -> str:
    """The chart in its frame; where the frame is narrow, what its right edge names stands above it."""
    told = f'<p class="cap pf-key">Line: the team, {escape(one.pooled)}. {key}</p>'
    return f'{told}<div class="pf-wide" tabindex="0" role="region" aria-label="Chart of {escape(one.measure.label)}">{marks.svg(WIDTH, HEIGHT, content, label, "pf-funnel")}</div>'


def described(one: Shown) -> str:
    """The chart in words."""
    outside = f"{one.differing} of {one.people} outside the 99.8% limits, {one.outside_95} more outside the 95% limits"
    return f"{title(one)}: team {one.pooled}, {outside}."


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers that enclose both ends, about six of them."""
    step = 10.0 ** math.floor(math.log10(max(high - low, 1e-9)))
    step = next(step * part for part in (0.2, 0.25, 0.5, 1.0, 2.0) if (high - low) / (step * part) <= 7)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(step * n, 10) for n in range(first, max(last, first + 1) + 1)]


def _axes(one: Shown, plot: _Plot, across: Sequence[float], up: Sequence[float]) -> str:
    foot = HEIGHT - BOTTOM
    lines = [f'<path class="m-axis" d="M{LEFT} {foot}H{WIDTH - RIGHT}"/>']
    lines += [f'<path class="m-axis" d="M{plot.x(n):.1f} {foot}v4"/><text x="{plot.x(n):.1f}" y="{foot + 17}" text-anchor="middle">{fmt.plain(n, 0)}</text>' for n in across]
    lines += [f'<path class="m-axis" d="M{LEFT - 4} {plot.y(rate):.1f}h4"/><text x="{LEFT - 8}" y="{plot.y(rate) + 4:.1f}" text-anchor="end">{_short(rate, one.measure)}</text>' for rate in up]
    cases = one.measure.denominator_label or "cases"
    return "".join(lines) + f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 6}" text-anchor="middle">{escape(cases)} in {one.months} months</text>'


def _short(rate: float, measure: Definition) -> str:
    if measure.unit != "percent":
        return fmt.value(rate, measure)
    places = 0 if abs(100 * rate - round(100 * rate)) < 1e-6 else 1
    return f"{fmt.plain(100 * rate, places)}%"


def _curves(plot: _Plot, sizes: Sequence[float], near: Sequence[Pair], far: Sequence[Pair]) -> str:
    def path(rates: Sequence[float]) -> str:
        return "L".join(f"{plot.x(n):.1f} {plot.y(rate):.1f}" for n, rate in zip(sizes, rates, strict=True))

    back = "L".join(reversed(path([ends[0] for ends in near]).split("L")))
    band = f'<path class="pf-band" d="M{path([ends[1] for ends in near])}L{back}Z"/>'
    solid = "".join(f'<path class="pf-near" d="M{path([ends[side] for ends in near])}"/>' for side in (0, 1))
    return band + solid + "".join(f'<path class="pf-far" d="M{path([ends[side] for ends in far])}"/>' for side in (0, 1))


def _named(one: Shown, plot: _Plot, near: Pair, far: Pair) -> str:
    """The team's line and the names of the lines, kept apart from one another."""
    at, right = plot.y(one.whole.pooled), WIDTH - RIGHT + 8
    above = [plot.y(far[1]), plot.y(near[1])]
    above[1] = min(max(above[1], above[0] + 15), at - 15)
    names = [(above[0], "99.8% limits", ""), (above[1], "95% limits", ""), (at, f"team {one.pooled}", "pf-team")]
    texts = "".join(f'<text class="{kind}" x="{right}" y="{y + 4:.1f}">{escape(text)}</text>' for y, text, kind in names)
    return f'<path class="pf-centre" d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}"/>{texts}'


def _dots(one: Shown, plot: _Plot) -> str:
    places = [(row, plot.x(row.line.n), plot.y(row.line.rate)) for row in one.rows if row.line.rate is not None]
    at = plot.y(one.whole.pooled)
    taken: list[tuple[float, float, float, float]] = [(LEFT, at - 1, WIDTH - RIGHT, at + 1), *((x - DOT, y - DOT, x + DOT, y + DOT) for _, x, y in places)]
    return "".join(_dot(row, one.measure, x, y) + _label(row.initials, x, y, taken) for row, x, y in places)


def _label(text: str, x: float, y: float, taken: list[tuple[float, float, float, float]]) -> str:
    """Initials beside their dot, where nothing else stands: right, left, above or below."""
    wide = 8.5 * len(text)
    spots = ((x + 9, y - 6), (x - 9 - wide, y - 6), (x - wide / 2, y - 21), (x - wide / 2, y + 9), (x + 7, y - 19), (x + 7, y + 7))
    boxes = [(left, top, left + wide, top + 12) for left, top in spots]
    box = next((one for one in boxes if one[2] < WIDTH - RIGHT + 6 and not any(_meet(one, other) for other in taken)), boxes[0])
    taken.append(box)
    return f'<text class="pf-initials" x="{box[0]:.1f}" y="{box[1] + 10:.1f}">{escape(text)}</text>'


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _dot(row: Row, measure: Definition, x: float, y: float, size: float = DOT) -> str:
    line = row.line
    told = f"{row.name}: {counted(line, measure)}, {verdict(line)}"
    kind = "pf-out" if line.outside_998 else "pf-hollow" if line.outside_95 else "pf-dot"
    ring = f'<circle class="pf-ring {_tone(line, measure)}" cx="{x:.1f}" cy="{y:.1f}" r="{size + 3.5}"/>' if line.outside_998 else ""
    tone = _tone(line, measure) if line.outside_998 else ""
    return f'<g><title>{escape(told)}</title>{ring}<circle class="{kind} {tone}" cx="{x:.1f}" cy="{y:.1f}" r="{size}"/></g>'


def _tone(line: Line, measure: Definition) -> str:
    return marks.tone("above" if line.rate > line.limits_998[1] else "below", measure.improvement_direction)


# -- the analysis of means, the other view


def means(one: Shown) -> str:
    """Each row that is seen as a line from the team's rate, with the decision limits of the analysis of means around it."""
    rows = [row for row in one.rows if row.line.anom]
    ends = [edge for row in rows for edge in (*_decision(row.line, one), row.line.rate)] or [one.whole.pooled - 0.05, one.whole.pooled + 0.05]
    heights = _ticks(min(ends), max(ends))
    plot = _Plot(0, max(len(rows), 1), heights[0], heights[-1])
    at = plot.y(one.whole.pooled)
    drawn_rows = "".join(_mean(row, one, plot, place, at) for place, row in enumerate(rows))
    left = "".join(f'<path class="m-axis" d="M{LEFT - 4} {plot.y(rate):.1f}h4"/><text x="{LEFT - 8}" y="{plot.y(rate) + 4:.1f}" text-anchor="end">{_short(rate, one.measure)}</text>' for rate in heights)
    right = WIDTH - RIGHT + 8
    words = (f'<path class="pf-centre" d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}"/><text class="pf-team" x="{right}" y="{at + 4:.1f}">team {one.pooled}</text>'
             f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 6}" text-anchor="middle">decision limits, h = {one.whole.h or 0:.2f} for {one.people} people</text>')
    return _framed(one, left + drawn_rows + words, f"Analysis of means. {described(one)}", "Band: decision limits.")


def _decision(line: Line, one: Shown) -> Pair:
    """The decision limits of a person, widened as those of the funnel are where people differ more than counting explains."""
    factor, pooled = one.whole.dispersion.factor, one.whole.pooled
    lower, upper = (pooled + (edge - pooled) * factor for edge in line.anom)
    return max(lower, 0.0), min(upper, 1.0) if one.whole.kind == funnel.SHARE else upper


def _mean(row: Row, one: Shown, plot: _Plot, place: int, at: float) -> str:
    line, x = row.line, plot.x(place + 0.5)
    left, right = plot.x(place), plot.x(place + 1)
    edges = [plot.y(edge) for edge in _decision(line, one)]
    band = f'<rect class="pf-band" x="{left:.1f}" y="{edges[1]:.1f}" width="{right - left:.1f}" height="{max(edges[0] - edges[1], 0):.1f}"/>'
    steps = "".join(f'<path class="pf-near" d="M{left:.1f} {y:.1f}H{right:.1f}"/>' for y in edges)
    stem = f'<path class="pf-stem" d="M{x:.1f} {at:.1f}V{plot.y(line.rate):.1f}"/>'
    return f'{band}{steps}{stem}{_dot(row, one.measure, x, plot.y(line.rate), 5)}<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 17}" text-anchor="middle">{escape(row.initials)}</text>'


# -- the table of small intervals


def table(found: Context) -> str:
    """A row for each person whom the reader may see, a column for each measure: figure, count, own limits, what would be noticed."""
    shown = [one for one in found.shown if one.rows]
    names = _in_order(shown)
    if not names:
        return ""
    heads = "".join(f'<th scope="col">{escape(one.measure.label)}<span class="sub">team {one.pooled}</span></th>' for one in shown)
    ends = [_span(one) for one in shown]
    by_person = [{row.person: row for row in one.rows} for one in shown]
    cells = {id: "".join(_cell(rows.get(id), one, span) for one, rows, span in zip(shown, by_person, ends, strict=True)) for id in names}
    body = "".join(f'<tr><th scope="row">{escape(name)}</th>{cells[id]}</tr>' for id, name in names.items())
    return (f'<table class="dense pf-table"><caption class="vh">Figures of each CSM beside the team, in alphabetical order</caption>'
            f'<thead><tr><th scope="col">Name</th>{heads}</tr></thead><tbody>{body}</tbody></table>{legend()}')


def _in_order(shown: Sequence[Shown]) -> dict[str, str]:
    """The names of all who have a row, by id, in the order of the alphabet also where a measure lacks some of them."""
    rows = sorted((row for one in shown for row in one.rows), key=lambda row: row.place)
    return {row.person: row.name for row in rows}


def _span(one: Shown) -> Pair:
    lines = [row.line for row in one.rows if row.line.limits_998]
    values = [edge for line in lines for edge in (*line.limits_998, line.rate)]
    return (min(values), max(values)) if values else (0.0, 1.0)


def _cell(row: Row | None, one: Shown, span: Pair) -> str:
    if row is None or row.line.rate is None:
        return f'<td data-head="{escape(one.measure.label)}"><span class="mut">no cases</span></td>'
    return (f'<td data-head="{escape(one.measure.label)}"><span class="pf-cell"><span class="pf-figure"><b>{_whole(row.line.rate, one.measure)}</b> '
            f'<span class="mut">of {fmt.plain(row.line.n, 0)}</span></span>{small(row, one, span)}</span><span class="sub">{escape(beside(row.line, one))}</span></td>')


def beside(line: Line, one: Shown) -> str:
    """The 95% interval, and what would be noticed: `83 to 90% · notices 8 points`."""
    interval = fmt.range_text(*line.wilson, one.measure)
    return f"{interval} · {verdict(line)}"


def verdict(line: Line) -> str:
    """What the line says: `differs beyond chance`, `too few accounts to tell`, or the difference that would be noticed."""
    if line.verdict != funnel.WITHIN:
        return line.verdict
    return f"notices {math.ceil(100 * line.smallest_noticeable - 1e-9):g} points"


def counted(line: Line, measure: Definition) -> str:
    """`87% (341 of 390)`."""
    return f"{fmt.value(line.rate, measure)} ({fmt.plain(line.numerator, 0)} of {fmt.plain(line.n, 0)})"


def _whole(rate: float, measure: Definition) -> str:
    return f"{100 * rate:.0f}%" if measure.unit == "percent" else fmt.value(rate, measure)


def small(row: Row, one: Shown, span: Pair) -> str:
    """One person's limits at their own count: a box to 95%, dashes to 99.8%, the team's line, the figure as a dot."""
    low, high = span
    def x(rate: float) -> float:
        return 5 + (rate - low) / ((high - low) or 1) * (SMALL_WIDTH - 10)

    line, middle = row.line, SMALL_HEIGHT / 2
    (a, b), (c, d), team = line.limits_95, line.limits_998, one.whole.pooled
    content = (f'<path class="pf-far" d="M{x(c):.1f} {middle}H{x(d):.1f}"/><rect class="pf-box" x="{x(a):.1f}" y="{middle - 6}" width="{max(x(b) - x(a), 0):.1f}" height="12"/>'
               f'<path class="pf-tick" d="M{x(team):.1f} {middle - 9}V{middle + 9}"/>{_dot(row, one.measure, x(line.rate), middle, 4.5)}')
    return marks.svg(SMALL_WIDTH, SMALL_HEIGHT, content, "", "pf-small")


def team_only(one: Shown, view: MeasureView, href: str) -> str:
    """The team's own chart, where too few people have enough cases to be compared."""
    row = view.row
    drawn_row = marks.sparkline(row.chart, row.reading.goal.value if row.reading.goal else None, one.measure.improvement_direction, width=620, height=150, label=marks.describe(row.chart, row.value_text))
    why = f"fewer than {funnel.LEAST_GROUPS} CSMs have {funnel.LEAST_EACH} cases each, so only the team is read"
    return (f'<section class="sec pf-team-only"><div class="sechead"><h2><a href="{escape(href)}">{escape(one.measure.label)}</a></h2><span class="cap">{escape(why)}</span></div>'
            f"{drawn_row}<p>{escape(row.reading.sentence.text)}</p></section>")


def legend() -> str:
    """What is drawn without a word beside it."""
    items = (('<rect class="pf-box" x="1" y="3" width="20" height="10"/>', "95%"), ('<path class="pf-far" d="M0 8H22"/>', "99.8%"), ('<circle class="pf-dot" cx="11" cy="8" r="4.5"/>', "inside 95%"),
             ('<circle class="pf-hollow" cx="11" cy="8" r="4.5"/>', "inside 99.8%"), ('<circle class="pf-ring" cx="11" cy="8" r="7"/><circle class="pf-dot" cx="11" cy="8" r="3.5"/>', "outside: differs beyond chance"),
             ('<path class="pf-tick" d="M11 1V15"/>', "team"))  # fmt: skip
    return '<div class="legend">' + "".join(f'<span>{marks.svg(22, 16, drawn)}{text}</span>' for drawn, text in items) + "</div>"


def notes(one: Shown) -> str:
    """How the limits are made, how far people differ beyond counting, how often chance alone puts somebody outside."""
    found = one.whole
    worth = f"{100 * found.worth_noticing:g} points"
    chance = (f" With {one.people} people chance alone puts somebody outside the 95% limits in {100 * found.chance_95:.0f} of 100 {one.times}, outside the 99.8% limits in "
              f"{100 * found.chance_998:.0f}.") if found.dispersion.factor == 1 else ""  # fmt: skip
    method = funnel.METHOD.format(funnel.KINDS[found.kind])
    beside_it = (f"Beside each figure: Wilson's 95% interval, and the smallest difference that would be noticed in 8 of 10 cases; with one over {worth} nobody can be said not to differ.")
    said = f"{method[:1].upper()}{method[1:]}.{chance} {_dispersion(found)} {beside_it}"
    return f'<details class="pf-notes"><summary>How to read it</summary><p>{escape(said)}</p></details>'


def _dispersion(found: Funnel) -> str:
    spread = found.dispersion
    if spread.phi is None:
        return ""
    told = f"Differences between people vary {spread.phi:.2f} times as much as counting alone would make them (phi, a ratio of variances; tau² {spread.tau2:.5f})"
    return told + (f", so the limits are {spread.factor:.2f} times as wide." if spread.factor > 1 else ".")


# -- the files


def team_table(found: Context) -> Table:
    """What is read of the whole team, in full precision."""
    rows = []
    for one in found.shown:
        whole, spread = one.whole, one.whole.dispersion
        said = f"{one.differing} differ beyond chance, {one.too_few} have too few accounts to tell"
        rows.append([one.measure.label, str(one.first), str(one.last), one.people, whole.numerator, whole.denominator, whole.pooled, spread.phi, spread.tau2, spread.factor,
                     whole.h, whole.chance_95, whole.chance_998, whole.worth_noticing, said])  # fmt: skip
    return Table(TEAM, TEAM_HEADS, rows)


def people_table(found: Context) -> Table:
    """The rows of the people whom the reader may see, in full precision, in alphabetical order within a measure."""
    return Table(PEOPLE, PEOPLE_HEADS, [_person(one, row) for one in found.shown for row in one.rows], "No row of a single person is yours to see.")


def _person(one: Shown, row: Row) -> list[Any]:
    line, none = row.line, (None, None)
    return [one.measure.label, row.name, str(one.first), str(one.last), line.numerator, line.n, line.rate, *(line.wilson or none), *(line.limits_95 or none), *(line.limits_998 or none),
            line.outside_95, line.outside_998, line.smallest_noticeable, line.verdict]
