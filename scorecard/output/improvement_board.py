"""Projects in their stages: what each should move, what came of it, expected and verified value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from scorecard.core import fmt
from scorecard.core.definition import Definition
from scorecard.core.periods import day
from scorecard.output import review_tables
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.improvement.projects import Column, Line, Portfolio, Value

Href = Callable[[str], str]
VIEWS = {
    "": "Overview", "portfolio": "Impact and effort", "faults": "Faults and requests", "cost": "Cost to serve", "advocacy": "Worth of advocacy",
    "simulation": "Simulation",
}  # fmt: skip
EMPTY = ("No project yet. A project names the measure that it should move, and by how much; its chart says later whether it did. "
         "Start one here, or from a gap on the page Maturity.")
NOTE = "every project names the measure it should move; expected → seen once finished; who owns a project does not verify its value"


def nav(view: str, shown: Sequence[str], href: Href) -> str:
    """The ways to the parts of the page."""
    links = "".join(
        f'<a href="{escape(href(one))}"{" aria-current=" + chr(34) + "page" + chr(34) if one == view else ""}>{escape(VIEWS[one])}</a>'
        for one in shown
    )
    return f'<nav class="ip-nav" aria-label="Parts of Improvement">{links}</nav>'


def money(value: float, currency: str) -> str:
    """`$210k`."""
    return fmt.value(value, Definition("money", "", unit="money", currency=currency))


def board(columns: Sequence[Column], stopped: Sequence[Line], currency: str, href: Href) -> str:
    """The projects in four columns, alphabetical in each; `href` gives the address of a project."""
    if not stopped and not any(one.lines for one in columns):
        return review_tables.section("Projects", f'<p class="mut">{EMPTY}</p>')
    parts = "".join(_column(one, currency, href) for one in columns)
    return review_tables.section("Projects", f'<div class="ip-board">{parts}</div>{_stopped(stopped, href)}', NOTE)


def _column(one: Column, currency: str, href: Href) -> str:
    told = [str(len(one.lines))]
    if one.expected:
        told.append(f"{money(one.expected, currency)} a year")
    note = " · ".join(told) + (f", verified {money(one.verified, currency)}" if any(line.verified for line in one.lines) else "")
    cards = "".join(_card(line, currency, href) for line in one.lines)
    body = f"<ul>{cards}</ul>" if cards else '<p class="mut ip-none">None.</p>'
    return f'<section class="ip-col"><div class="sechead"><h3>{escape(one.title)}</h3><span class="cap">{escape(note)}</span></div>{body}</section>'


def _card(line: Line, currency: str, href: Href) -> str:
    project = line.project
    verdict = review_tables.verdict_mark(line.standing.verdict) if project.began or project.outcome else ""
    return (
        f'<li data-project="{escape(project.id)}"><a class="name" href="{escape(href(project.id))}">{escape(project.title)}</a>'
        f'<p><span class="ip-who">{escape(project.owner_name)}</span>{verdict}</p>'
        f'<p><span>{escape(line.standing.label)}</span><span class="nw">{escape(effect(line))}</span></p>{_worth(line, currency)}</li>'
    )


def effect(line: Line) -> str:
    """`+1.5 points`; of a finished project `+6.0 → +10.4 points`: what was expected, and what was seen."""
    project, measure, size = line.project, line.measure, line.standing.verdict.size
    if measure is None or project.effect is None:
        return ""
    expected = fmt.change(project.effect, measure)
    if project.outcome != "finished" or size is None:
        return expected
    seen = fmt.change(size, measure)
    return f"{expected.removesuffix(' points') if seen.endswith(' points') else expected} → {seen}"


def _worth(line: Line, currency: str) -> str:
    expected = f"expected <b>{escape(money(line.expected.base, currency))}</b>" if line.expected else ""
    if line.verified:
        right = f"verified <b>{escape(money(line.verified.base, currency))}</b>"
    else:
        right = "not verified yet" if line.project.outcome == "finished" and line.expected else ""
    if not expected and line.case and line.case.impact == "strategic":
        expected = "strategic"
    return f'<p class="ip-worth"><span>{expected}</span><span>{right}</span></p>' if expected or right else ""


def _stopped(found: Sequence[Line], href: Href) -> str:
    if not found:
        return ""
    items = "".join(
        f'<li><a href="{escape(href(one.project.id))}">{escape(one.project.title)}</a> '
        f'<span class="mut">{f"stopped {day(one.project.ended)}: " if one.project.ended else ""}{escape(one.project.reason)}</span></li>'
        for one in found
    )
    return f'<details class="ip-stopped"><summary>{len(found)} stopped</summary><ul>{items}</ul></details>'


def portfolio(found: Portfolio, currency: str, href: Href) -> str:
    """Projects under way in cells of impact by effort, alphabetical in each, and those that cannot be placed."""
    if not (found.cells or found.strategic or found.unstated):
        return review_tables.section("Impact and effort", '<p class="mut">No project is under way.</p>')
    heads = "".join(f"<th>{escape(word)}</th>" for word in found.efforts)
    rows = "".join(
        f"<tr><th>{escape(word)}</th>"
        + "".join(f'<td data-head="{escape(effort)}">{_named(found.cells.get((row, column), ()), currency, href)}</td>' for column, effort in enumerate(found.efforts))
        + "</tr>"
        for row, word in enumerate(found.impacts)
    )
    table = f'<table class="ip-grid"><thead><tr><th>Expected, base</th>{heads}</tr></thead><tbody>{rows}</tbody></table>' if found.cells else ""
    beside = _beside("Chosen for strategic impact", "", found.strategic, href)
    beside += _beside("Not placed yet", "they do not state what is expected, what a step is worth, or the effort", found.unstated, href)
    note = "projects under way; alphabetical in each cell"
    return review_tables.section("Impact and effort", table, note) + beside


def _named(found: Sequence[Line], currency: str, href: Href) -> str:
    items = "".join(
        f'<li><a href="{escape(href(one.project.id))}">{escape(one.project.title)}</a>'
        f'<span class="sub">{escape(between(one.expected, currency)) if one.expected else ""}</span></li>'
        for one in found
    )
    return f"<ul>{items}</ul>" if items else ""


def _beside(title: str, note: str, found: Sequence[Line], href: Href) -> str:
    if not found:
        return ""
    items = "".join(f'<li><a href="{escape(href(one.project.id))}">{escape(one.project.title)}</a><span class="mut">{escape(one.standing.label)}</span></li>'
                    for one in found)
    return review_tables.section(title, f'<ul class="ip-actions">{items}</ul>', note)


def between(value: Value, currency: str) -> str:
    """`$210k a year, $140k to $280k`; the figure alone where low and high say the same."""
    told = f"{money(value.base, currency)} a year"
    low, high = money(value.low, currency), money(value.high, currency)
    return told if low == high else f"{told}, {low} to {high}"
