"""The pack as one self-contained HTML file: no script, no request to anywhere, light or dark, printable.

It is the file that can be sent: the scorecard as the share link draws it, then what was decided, then a section a
measure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scorecard.output import grammar, html, marks, pack, pack_drawing, pack_maturity, tables
from scorecard.output.measure_tables import section
from scorecard.output.pack import Cell, Decided, Pack, Part, Table, Topic
from scorecard.output.pack_maturity import Maturity
from scorecard.output.theme import escape
from scorecard.reviews.model import Month

_STYLE = (
    ".ss .pk-top{display:flex;align-items:center;gap:9px;padding-bottom:10px;margin-bottom:18px;"
    "border-bottom:1px solid var(--ink);font-size:13px}.ss .pk-top .end{margin-left:auto;color:var(--mut)}"
    ".ss main>.sec,.ss .pk-topic>.sec{margin-top:28px}.ss .pk-topic{margin-top:44px;padding-top:8px}.ss .pk-topic h2.pk-name{font-size:20px;line-height:28px}"
    ".ss svg.plot{width:100%;height:auto;max-width:900px;margin:16px 0 4px}.ss svg.plot text{font-family:var(--font)}"
    ".ss .pk-pair{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:24px 36px;margin-top:24px}"
    ".ss .pk-text p+p{margin-top:8px}.ss .pk-text{max-width:70em}"
    ".ss table.pk td,.ss table.pk th{vertical-align:top;padding-top:7px;padding-bottom:7px}"
    ".ss table.pk tbody th{font-weight:600}.ss table.pk .spark{width:170px;height:34px}"
    ".ss table.pk .out{color:var(--mut);text-decoration:line-through}.ss table.pk .better{color:var(--blue);font-weight:600}"
    ".ss table.pk .worse{color:var(--orange);font-weight:600}.ss table.pk .strong{font-weight:600}"
    ".ss .pk-foot{margin-top:28px;padding-top:8px;border-top:1px solid var(--line);font-size:12px;color:var(--mut);"
    "display:flex;justify-content:space-between;gap:24px;flex-wrap:wrap}"
    "@container (max-width:899px){.ss .pk-pair{grid-template-columns:minmax(0,1fr)}}"
    "@page{size:A4 portrait;margin:12mm}"
    "@media print{.ss.page{zoom:.74}.ss .pk-topic,.ss .pk-page{break-before:page;margin-top:0}.ss svg.plot{max-height:110mm}}"
)


def page(month: Month) -> str:
    """The whole file. The same month gives the same bytes."""
    made = pack.build(month)
    body = (
        f'<main class="sheet">{_top(made)}{_cover(made)}{_told(made)}{_records(made)}{_maturity(made.maturity) if made.maturity else ""}'
        f"{''.join(_topic(made, topic) for topic in made.topics)}"
        f'<section class="pk-page pk-topic" id="marks">{grammar.page(month.view.rule_set)}</section>{_foot(made)}</main>'
    )
    return html.document(f"{made.title}, {made.house}", body, _STYLE)


def _top(made: Pack) -> str:
    return (
        f'<header class="pk-top">{marks.logo(18)}<b>{escape(made.house)}</b>'
        f'<span class="end">{escape(made.period)}</span></header>'
    )


def _foot(made: Pack) -> str:
    return f'<footer class="pk-foot"><span>{escape(made.mark)}</span><span>{escape(made.copy)}</span></footer>'


def _cover(made: Pack) -> str:
    unchanged = f'<p class="cap" style="margin-top:8px">{escape(made.unchanged)}</p>' if made.unchanged else ""
    padlock = marks.mark("padlock") if made.month.signature else ""
    return (
        f'<h1>{escape(made.title)}</h1><p class="second" style="margin:6px 0 16px;display:flex;gap:6px">{padlock}'
        f"<span>{escape(made.second)}</span></p>{_says(made)}{unchanged}"
        f"{tables.notices(made.notices)}{tables.scorecard(made.month.view, marks_href='#marks')}"
    )


def _says(made: Pack) -> str:
    return (
        f'<div class="news">{tables.says(made.sentences) or "<div></div>"}{tables.counts(made.month.view.counts)}</div>'
    )


def _told(made: Pack) -> str:
    """The commentary, and what changed since the review before."""
    words = "".join(f"<p>{escape(text)}</p>" for text in made.commentary)
    commentary = section("Commentary", f'<div class="pk-text">{words}</div>') if words else ""
    groups = "".join(
        f"<h3>{escape(title)}</h3><ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>"
        for title, texts in made.changes
    )
    return commentary + section(
        "What changed since the last review", f'<div class="pk-text">{groups}</div>' if groups else ""
    )


def _records(made: Pack) -> str:
    beside = section(made.beside.caption, _table(made.beside)) if made.beside.rows else ""
    decided, actions = (section(one.caption, _table(one)) for one in (made.decisions, made.actions))
    return f'<div class="pk-page" style="margin-top:28px">{decided}{actions}{beside}</div>'


def _maturity(one: Maturity) -> str:
    """The newest cycle that was closed when the month was over."""
    drawn = [f"<td>{svg}</td>" for svg in one.drawings]
    notes = "".join(f'<p class="cap" style="margin-top:8px">{escape(text)}</p>' for text in one.foot)
    return (
        f'<section class="pk-topic" id="maturity"><h2 class="pk-name">{pack_maturity.TITLE}</h2>'
        f'<p class="sub" style="margin-bottom:10px">{escape(one.second)}</p>{tables.says(one.sentences)}'
        f'<div style="margin-top:16px">{_table(one.systems, drawn, pack_maturity.axis())}</div>{notes}'
        f"{section(one.talk.caption, _table(one.talk))}{section(one.gaps.caption, _table(one.gaps))}</section>"
    )


def _table(table: Table, drawn: Sequence[str] = (), drawn_head: str = "") -> str:
    """A table of words; the first cell of a row is its head, and a drawing of each row may stand beside it."""
    if not table.rows:
        return f'<p class="mut">{escape(table.empty)}</p>'
    words = [f'<th scope="col"{_right(table, n)}>{escape(head)}</th>' for n, head in enumerate(table.heads)]
    heads = "".join([words[0], f'<th scope="col">{drawn_head}</th>' if drawn else "", *words[1:]])
    rows = "".join(
        f'<tr><th scope="row">{escape(row[0].text)}</th>{svg}'
        f"{''.join(_cell(table, n, cell) for n, cell in enumerate(row) if n)}</tr>"
        for row, svg in zip(table.rows, drawn or [""] * len(table.rows), strict=True)
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(table.caption)}"><table class="dense pk">'
        f'<caption class="vh">{escape(table.caption)}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>'
        "</table></div>"
    )


def _right(table: Table, column: int) -> str:
    return ' class="r"' if column in table.right else ""


def _cell(table: Table, column: int, cell: Cell) -> str:
    kinds = " ".join(part for part in ("r" if column in table.right else "", cell.tone) if part)
    return f'<td class="{kinds}">{escape(cell.text)}</td>' if kinds else f"<td>{escape(cell.text)}</td>"


def _topic(made: Pack, topic: Topic) -> str:
    name = topic.line.row.measure.name
    return (
        f'<section class="pk-topic" id="measure-{escape(name)}" data-measure="{escape(name)}">'
        f'<p class="cap">{escape(topic.where)}</p>'
        f'<h2 class="pk-name" style="display:flex;gap:14px;align-items:center;flex-wrap:wrap">{escape(topic.line.label)} '
        f"{marks.status(topic.line.status)}</h2>"
        f'<p class="sub" style="margin-bottom:10px">{escape(topic.now)}</p>{tables.says(topic.sentences)}'
        f"{tables.notices(topic.notices)}{pack_drawing.chart(topic.plot)}"
        f"{section(f'By segment, {topic.line.row.period.bare}', _parts(topic))}"
        f"{section(topic.figures.caption, _table(topic.figures))}"
        f'<div class="pk-pair"><section><h2>Decided</h2>{_decided(topic.decided)}</section>'
        f"<section><h2>Definition</h2><p>{escape(topic.definition)}</p><p class='sub'>{escape(topic.limits)}</p></section></div>"
        "</section>"
    )


def _parts(topic: Topic) -> str:
    if not topic.parts:
        return ""
    scale = [v for part in topic.parts for v in marks.extent(part.view.chart, _goal(part))]
    rows = "".join(_part(part, topic, scale) for part in topic.parts)
    heads = "".join(f'<th scope="col"{kind}>{head}</th>' for head, kind in _PART_HEADS)
    return f'<table class="dense pk"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


_PART_HEADS = (("Segment", ""), ("Count", ' class="r"'), ("Figure", ' class="r"'), ("24 months", ""), ("Behaviour", ""))


def _part(part: Part, topic: Topic, scale: Sequence[float]) -> str:
    direction = topic.line.row.measure.improvement_direction
    spark = marks.sparkline(part.view.chart, _goal(part), direction, 170, 34, label=part.alt, scale=scale)
    return (
        f'<tr><th scope="row">{escape(part.name)}</th><td class="r">{escape(part.count)}</td>'
        f'<td class="r strong">{escape(part.value)}</td><td>{spark}</td><td>{escape(part.behaviour)}</td></tr>'
    )


def _goal(part: Part) -> float | None:
    return part.view.reading.goal.value if part.view.reading.goal else None


def _decided(decided: Decided | None) -> str:
    if decided is None:
        return f'<p class="mut">{pack.ROUTINE}</p>'
    opening = (
        f"<b>{escape(decided.decision)}.</b> " if decided.decision else f'<span class="mut">{pack.NEXT_OPEN}</span> '
    )
    return f"<p>{opening}{escape(decided.said)}</p>{_lines(decided.actions)}" + (
        f'<p class="sub">{escape(decided.by)}</p>' if decided.by else ""
    )


def _lines(texts: Iterable[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in texts)
