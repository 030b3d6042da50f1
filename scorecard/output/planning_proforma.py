"""The pro-forma as a table: what was billed and spent beside the low, base and high case of each quarter, and every assumption."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from scorecard.core import pro_forma
from scorecard.core.pro_forma import LINES, Assumption, Quarter
from scorecard.output import tables
from scorecard.output.part_tables import Table
from scorecard.output.theme import escape
from scorecard.planning.proforma import shown

if TYPE_CHECKING:
    from scorecard.core.reading import Sentence
    from scorecard.planning.proforma import ProForma

Href = Callable[[str], str]
# A row: its words, what it is of a quarter, and the line whose assumption it is held against.
ROWS = (("Opening revenue", "opening", "opening"), ("Retention", "retention", "retention"), ("Expansion", "growth", "expansion"), ("New customers", "new", "new"),
        ("Closing revenue", "closing", ""), ("Billed in the quarter", "billed", ""), ("Cost to serve", "cost", "cost"), ("Left after serving", "margin", ""))  # fmt: skip
UNITS = {"retention": "retention", "growth": "expansion"}
HEADS = ("pro-forma", "quarter", "from", "line", "low", "base", "high", "actual", "outside")
SOURCES = ("pro-forma", "line", "from quarter", "low", "base", "high", "source")


def section(found: Sequence[ProForma], href: Href, said: Sequence[Sentence] = ()) -> str:
    """Each pro-forma with its assumptions, under what is `said` about the newest; nothing where none is written."""
    lines = "".join(f'<p class="pf-says">{tables.sentence(one)}</p>' for one in said)
    return "".join(_one(one, href, "" if n else lines) for n, one in enumerate(found))


def _one(one: ProForma, href: Href, said: str) -> str:
    draft = "draft, not agreed; " if one.state == "draft" else ""
    told = f"{draft}revenue is a year's; {one.over} of {len(one.spans)} quarters are over"
    head = f'<div class="sechead"><h2>The plan in money</h2><span class="cap"><a href="{escape(href(one.id))}">{escape(one.title)}</a> · {told}</span></div>'
    if one.lacking:
        names = ", ".join(LINES[line].lower() for line in one.lacking)
        return f'<section class="sec">{head}<p class="mut">Nothing is assumed yet about {names}. With these it can be computed.</p>{_sources(one)}</section>'
    heads = "".join(f'<th scope="col" class="r">{escape(span.label)}</th>' for span in one.spans)
    rows = "".join(_row(one, *row) for row in ROWS)
    board = f'<table class="dense pf-board"><caption class="vh">The plan in money</caption><thead><tr><th scope="col">Actual, and base with low to high</th>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    return f'<section class="sec">{head}{said}{board}{_sources(one)}</section>'


def _row(one: ProForma, words: str, what: str, line: str) -> str:
    cells = "".join(f'<td class="r" data-head="{escape(span.label)}">{_cell(one, n, what, line)}</td>' for n, span in enumerate(one.spans))
    return f'<tr><th scope="row">{words}</th>{cells}</tr>'


def _cell(one: ProForma, n: int, what: str, line: str) -> str:
    unit = UNITS.get(what, what)
    low, high = pro_forma.span(one.cases, n, what)
    base = shown(unit, getattr(one.cases["base"][n], what), one.currency)
    ends = f"{shown(unit, low, one.currency)} to {shown(unit, high, one.currency)}"
    expected = f'<span class="sub">{escape(base)} · {escape(ends)}</span>' if low != high else f'<span class="sub">{escape(base)}</span>'
    quarter = one.actuals[n]
    value = getattr(quarter, what) if quarter else None
    if value is None:
        return f'<span class="mut">{"no costs" if quarter else "–"}</span>{expected}'
    side = _side(one, n, line)
    return f'<b{" class=out" if side else ""}>{escape(shown(unit, value, one.currency))}</b>{f" <span class=out>{side}</span>" if side else ""}{expected}'


def _side(one: ProForma, n: int, line: str) -> str:
    return next((off.side for off in one.off if off.line == line and off.span == one.spans[n]), "")


def _sources(one: ProForma) -> str:
    rows = "".join(f'<tr><th scope="row">{LINES[each.line]}<span class="sub">{_from(one, each)}</span></th>{_three(one, each)}<td>{escape(each.source)}</td></tr>' for each in one.assumptions)
    heads = '<th scope="col">Assumption</th>' + "".join(f'<th scope="col" class="r">{case.capitalize()}</th>' for case in pro_forma.CASES) + '<th scope="col">Source</th>'
    return f'<table class="dense pf-sources"><caption class="vh">Assumptions of {escape(one.title)}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _from(one: ProForma, each: Assumption) -> str:
    return f"from {escape(one.spans[each.quarter - 1].label)}" if 1 < each.quarter <= len(one.spans) else ""


def _three(one: ProForma, each: Assumption) -> str:
    return "".join(f'<td class="r" data-head="{case.capitalize()}">{escape(shown(each.line, each.of(case), one.currency))}</td>' for case in pro_forma.CASES)


def table(found: Sequence[ProForma]) -> Table:
    """A line for each quarter and row, in full precision."""
    rows = [_cells(one, n, *row) for one in found if one.cases for n in range(len(one.spans)) for row in ROWS]
    return Table("The plan in money", HEADS, rows, "No pro-forma is written.")


def _cells(one: ProForma, n: int, words: str, what: str, line: str) -> list[Any]:
    expected = [getattr(one.cases[case][n], what) for case in pro_forma.CASES]
    quarter: Quarter | None = one.actuals[n]
    return [one.title, one.spans[n].label, one.spans[n].first.start, words, *expected, getattr(quarter, what) if quarter else None, _side(one, n, line)]


def sources(found: Sequence[ProForma]) -> Table:
    """Every assumption with its source."""
    return Table("Assumptions", SOURCES, [[one.title, LINES[each.line], each.quarter, each.low, each.base, each.high, each.source] for one in found for each in one.assumptions],
                 "Nothing is assumed.")  # fmt: skip
