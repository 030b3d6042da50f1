"""Everything about me, drawn and as files, and how long what is written about people is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from scorecard.core.periods import day
from scorecard.output import part_tables
from scorecard.output.part_tables import Table
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.people.own import Everything, Kept, Part

SHOWN, LONGEST = 40, 300
MARKS = ("Id", "Hash")
MARK = "Everything about one person, made by that person"


def part(found: Part) -> str:
    """A part as a table, the first of its rows; the rest, and columns in which nothing or only a mark stands, are in the files."""
    if not found.rows:
        return '<p class="mut">Nothing is held here.</p>'
    rows = found.rows[:SHOWN]
    columns = [n for n, head in enumerate(found.heads) if head not in MARKS and any(_text(row[n]) for row in rows)]
    head = "".join(f'<th scope="col">{escape(found.heads[n])}</th>' for n in columns)
    body = "".join(_line([(found.heads[n], row[n]) for n in columns]) for row in rows)
    more = f'<p class="foot">and {len(found.rows) - SHOWN:,} more, in the files</p>' if len(found.rows) > SHOWN else ""
    caption = f'<caption class="vh">{escape(found.title)}</caption>'
    return f'<div class="scroll"><table class="dense stacks">{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{more}'


def _line(cells: Sequence[tuple[str, Any]]) -> str:
    (_, lead), *others = cells
    told = "".join(f'<td data-head="{escape(head.lower())}">{escape(_text(value))}</td>' for head, value in others)
    return f'<tr><th scope="row">{escape(_text(lead))}</th>{told}</tr>'


def _text(value: Any) -> str:
    if value is None:
        return ""
    text = day(value) if isinstance(value, date) else f"{value:,.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def workbook(found: Everything) -> bytes:
    """Everything as Excel, a sheet a part; texts stay text."""
    tables = [Table(one.title, one.heads, [list(row) for row in one.rows], "Nothing is held here.") for one in found.parts]
    return part_tables.workbook(tables, MARK)


def kept(found: Sequence[Kept]) -> str:
    """How long each register is kept, and since when there is something in it."""
    rows = "".join(f'<tr><th scope="row">{escape(one.label)}</th><td class="r">{months(one.months)}</td>'
                   f'<td class="nw">{escape(day(one.since)) if one.since else "nothing yet"}</td></tr>' for one in found)
    head = '<thead><tr><th scope="col">What is written about people</th><th scope="col" class="r">Kept</th><th scope="col">Oldest word</th></tr></thead>'
    return f'<table class="dense"><caption class="vh">How long what is written about people is kept</caption>{head}<tbody>{rows}</tbody></table>'


def months(count: int) -> str:
    """`3 years`, `18 months`: how long."""
    number, unit = (count // 12, "year") if count % 12 == 0 else (count, "month")
    return f"{number} {unit}{'' if number == 1 else 's'}"
