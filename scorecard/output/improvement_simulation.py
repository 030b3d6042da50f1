"""A simulation as it is read: what the coming months bring with and without the change, in ranges, and how far to believe it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from scorecard.core import simulation
from scorecard.core.periods import day
from scorecard.core.simulation import MEASURES, Spread
from scorecard.output import marks, review_tables
from scorecard.output.improvement_board import money
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.improvement.simulate import Answer, History

SHOWN = ("backlog", "finished", "time_to_value", "waiting", "in_time", "busy", "kept")
SHARES, MONEY = ("in_time", "busy"), ("kept", "due")
WIDTH, HEIGHT, LEFT = 640, 170, 34
NOTE = {
    "onboarding": "An account arrives when its clock starts and is done at first value; in time is within 30 days. A second start of an account is a case again; its revenue counts once a year. Adoption and time go with staying in the past; that they cause it is not shown.",
    "renewals": "A renewal arrives 90 days before its date and is done when it is renewed. What was lost has no day on which it was decided, so time changes what is open, not what is kept. "
                "Adoption goes with staying in the past; that it causes it is not shown.",
}  # fmt: skip


def told(measure: str, value: float, currency: str) -> str:
    """A figure of a measure in its unit."""
    if math.isnan(value):
        return "–"
    if measure in SHARES:
        return f"{value * 100:.0f}%"
    return money(value, currency) if measure in MONEY else f"{value:,.1f}" if measure == "waiting" else f"{value:,.0f}"


def span(measure: str, one: Spread, currency: str) -> str:
    """`5`, below it `3 to 8`: the middle run, and between which figures nine of ten lie."""
    return f'{told(measure, one.middle, currency)}<span class="sub">{told(measure, one.low, currency)} to {told(measure, one.high, currency)}</span>'


def section(found: Answer, history: History, changed: bool, currency: str) -> str:
    """The measures in a table, what is open month by month, and the check against the last quarter."""
    heads = ["", "As it is"] + (["With the change", "Difference"] if changed else [])
    rows = "".join(_row(measure, found, changed, currency) for measure in SHOWN)
    table = (f'<table class="ip-num"><thead><tr>{"".join(f"<th>{head}</th>" for head in heads)}</tr></thead><tbody>{rows}</tbody></table>')
    runs = f"{found.before.runs} runs of {found.before.months} months from {day(history.until)}; below each figure nine of ten"
    left = review_tables.section("The coming months", f'<div class="ip-wide" tabindex="0">{table}</div><p class="foot">{NOTE[history.kind]}</p>', runs)
    right = review_tables.section("Open at the end of each month", backlog(found, changed), "middle run, and nine of ten") + check(found)
    return f'<div class="ip-two"><div>{left}</div><div>{right}</div></div>'


def _row(measure: str, found: Answer, changed: bool, currency: str) -> str:
    cells = [span(measure, found.before.spread(measure), currency)]
    if changed:
        cells += [span(measure, found.after.spread(measure), currency), _difference(measure, simulation.difference(found.before, found.after, measure), currency)]
    return f"<tr><th>{escape(MEASURES[measure])}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _difference(measure: str, one: Spread, currency: str) -> str:
    def signed(value: float) -> str:
        text = told(measure, value, currency).replace("-", "−")
        text = text.replace("%", " points") if measure in SHARES else text
        return f"+{text}" if value > 0 and text.strip("0.,% points") else text

    return f'{signed(one.middle)}<span class="sub">{signed(one.low).removesuffix(" points")} to {signed(one.high)}</span>'


def backlog(found: Answer, changed: bool) -> str:
    """Two lines with their ranges: grey as it is, blue with the change."""
    series = [("As it is", "centre", found.before.by_month())] + ([("With the change", "blue", found.after.by_month())] if changed else [])
    most = max([one.high for *_, months in series for one in months] + [1.0])
    count = found.before.months

    def x(place: int) -> float:
        return LEFT + 14 + place * (WIDTH - LEFT - 150) / max(count - 1, 1)

    def y(value: float) -> float:
        return HEIGHT - 24 - value / most * (HEIGHT - 40)

    grid = "".join(f'<path class="gridline" d="M{LEFT} {y(level):.1f}H{WIDTH - 124}"/><text class="mut" x="{LEFT - 6}" y="{y(level) + 4:.1f}" text-anchor="end">{level:.0f}</text>'
                   for level in (0.0, most / 2, most))
    axis = "".join(f'<text class="mut" x="{x(place):.1f}" y="{HEIGHT - 4}" text-anchor="middle">{place + 1}</text>' for place in range(count))
    drawn = "".join(_series(name, colour, months, place * 5 - (2.5 if changed else 0), x, y) for place, (name, colour, months) in enumerate(series))
    label = "; ".join(f"{name}: " + ", ".join(f"month {place} {one.middle:.0f}" for place, one in enumerate(months, 1)) for name, _, months in series)
    return f'<div class="ip-wide" tabindex="0">{marks.svg(WIDTH, HEIGHT, grid + axis + drawn, f"Open at the end of each month. {label}.", "ip-draw")}</div>'


def _series(name: str, colour: str, months: Sequence[Spread], shift: float, x, y) -> str:
    bars = "".join(f'<rect x="{x(place) + shift - 2:.1f}" y="{y(one.high):.1f}" width="4" height="{max(y(one.low) - y(one.high), 1):.1f}" fill="var(--{colour})" opacity=".45"/>'
                   f'<circle cx="{x(place) + shift:.1f}" cy="{y(one.middle):.1f}" r="4" fill="var(--{colour})"/>' for place, one in enumerate(months))
    at = y(months[-1].middle) + (14 if colour == "blue" else -4)
    return f'{bars}<text x="{x(len(months) - 1) + 14:.1f}" y="{at:.1f}" style="fill:var(--{"blue" if colour == "blue" else "ink2"})">{escape(name)}</text>'


def check(found: Answer) -> str:
    """How the same model would have done in the last quarter, in words."""
    first, last = found.quarter
    lines = "".join(
        f"<li><span>{escape(MEASURES[one.measure])}</span><span>said {_plain(one.said.low)} to {_plain(one.said.high)}, came {_plain(one.came)} "
        f'{"" if one.inside else "<b>outside</b>"}</span></li>'
        for one in found.checks
    )
    words = "From what was known before: " + escape(simulation.back_test_in_words(found.checks))
    return review_tables.section("Would it have been right?", f'<p>{words}</p><ul class="ip-actions">{lines}</ul>', f"{day(first)} to {day(last)}")


def _plain(value: float) -> str:
    """Halves stay: rounded, a figure just outside would look as if it lay inside."""
    return f"{value:,.1f}".removesuffix(".0")


def basis(found: Answer, history: History) -> str:
    """What is drawn from, in a sentence."""
    process = found.process
    return (f"Drawn from {sum(process.volumes):,.0f} arrivals and {len(process.durations):,} finished cases of the twelve months before {day(history.until)}; "
            f"{process.backlog} open then; at most {process.places} were open at once; {process.adoption:.0%} adopted.")  # fmt: skip
