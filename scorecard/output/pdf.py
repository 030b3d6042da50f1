"""The pack as PDF: tagged for readers of every kind (PDF/UA-1), its text selectable, its fonts inside.

The page is laid out by `pack.typ`; what it shows is passed as JSON, so no text of a user is ever read as markup.
"""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path
from typing import Any

import typst

from scorecard.core.reading import Sentence
from scorecard.output import marks, pack, pack_drawing, pack_marks, tables, theme
from scorecard.output.marks import status_shape
from scorecard.output.pack import Decided, Line, Pack, Part, Table, Topic
from scorecard.output.pack_drawing import on_paper
from scorecard.output.pack_marks import Explained
from scorecard.reviews.model import Month

TEMPLATE = Path(__file__).with_name("pack.typ")
FONTS = Path(__file__).with_name("fonts")
STANDARD = "ua-1"
_COLOURS = {"on_course": "green", "watch": "amber", "act": "red", "not_yet": "mut"}
_SIGNS = frozenset("ƒȘșȚț–—‘’‚“”„†•…‰′″‹›€₹₽№™←↑→↓↗∆−∞≈≠≤≥✓")
_LATIN = 0x180


def document(month: Month) -> bytes:
    """The file. The same month gives the same bytes, unless a text needs letters that are not in the pack's fonts."""
    made = pack.build(month)
    content = _content(made)
    try:
        return _compiled(made, content, own_fonts=True)
    except typst.TypstError:
        pass
    try:
        return _compiled(made, content, own_fonts=False)
    except typst.TypstError:
        return _compiled(made, _known_letters(content), own_fonts=True)


def _compiled(made: Pack, content: Any, own_fonts: bool) -> bytes:
    return typst.compile(
        str(TEMPLATE),
        format="pdf",
        font_paths=[str(FONTS)],
        ignore_system_fonts=own_fonts,
        sys_inputs={"pack": theme.clean(json.dumps(content, ensure_ascii=False))},
        pdf_standards=[STANDARD],
        timestamp=int(made.day.replace(tzinfo=UTC).timestamp()),
    )


def _known_letters(content: Any) -> Any:
    """The content with a question mark for every letter that no font here has."""
    if isinstance(content, str):
        return "".join(sign if ord(sign) < _LATIN or sign in _SIGNS else "?" for sign in content)
    if isinstance(content, list):
        return [_known_letters(one) for one in content]
    if isinstance(content, dict):
        return {key: _known_letters(one) for key, one in content.items()}
    return content


def _content(made: Pack) -> dict[str, Any]:
    """What the template lays out: texts, drawings and colours."""
    signed, day = made.month.signature, made.day
    return {
        "title": made.title,
        "house": made.house,
        "period": made.period,
        "month": made.month.period.bare,
        "second": made.second,
        "author": signed.name if signed else made.house,
        "keywords": [signed.fingerprint] if signed else [],
        "day": [day.year, day.month, day.day, day.hour, day.minute],
        "colours": theme.LIGHT,
        "logo": on_paper(marks.logo(24)),
        "sentences": [_sentence(one) for one in made.sentences],
        "notices": list(made.notices),
        "counts": [_status(status, word) for status, word in made.counts],
        "unchanged": made.unchanged,
        "span": made.span,
        "groups": [{"title": title, "lines": [_line(one, made) for one in lines]} for title, lines in made.groups],
        "footer": [_sentence(one) for one in made.footer],
        "commentary": list(made.commentary),
        "changes": [{"title": title, "texts": list(texts)} for title, texts in made.changes],
        "decisions": _table(made.decisions),
        "actions": _table(made.actions),
        "beside": _table(made.beside),
        "topics": [_topic(one) for one in made.topics],
        "marks_title": pack_marks.TITLE,
        "marks": [{"title": title, "items": [_explained(one) for one in rows]} for title, rows in made.marks],
        "rule": tables.RULE_WORDS,
        "mark": made.mark,
        "short": made.mark.partition(" · ")[0] if signed else made.house,
        "copy": made.copy,
    }


def _sentence(one: Sentence) -> dict[str, str]:
    return {"bold": one.bold, "rest": one.rest}


def _status(status: str, word: str) -> dict[str, str]:
    return {"shape": on_paper(status_shape(status)), "colour": _COLOURS[status], "word": word}


def _line(line: Line, made: Pack) -> dict[str, Any]:
    row = line.row
    goal = row.reading.goal.value if row.reading.goal else None
    axis = tables.axis_of([one.row for one in made.lines])
    spark = marks.sparkline(row.chart, goal, row.measure.improvement_direction, 150, 40, axis=axis)
    return _status(line.status, line.status_word) | {
        "label": line.label,
        "owner": line.owner,
        "value": line.value,
        "unit": line.unit,
        "goal": line.goal,
        "behaviour": list(line.behaviour),
        "was": line.was,
        "spark": on_paper(spark),
        "alt": line.alt,
    }


def _topic(topic: Topic) -> dict[str, Any]:
    scale = [v for part in topic.parts for v in marks.extent(part.view.chart, _goal(part))]
    return _status(topic.line.status, topic.line.status_word) | {
        "where": topic.where,
        "label": topic.line.label,
        "now": topic.now,
        "sentences": [_sentence(one) for one in topic.sentences],
        "notices": list(topic.notices),
        "chart": on_paper(pack_drawing.chart(topic.plot)),
        "alt": topic.plot.alt,
        "parts": [_part(part, topic, scale) for part in topic.parts],
        "figures": _table(topic.figures),
        "decided": _decided(topic.decided),
        "definition": topic.definition,
        "limits": topic.limits,
    }


def _goal(part: Part) -> float | None:
    return part.view.reading.goal.value if part.view.reading.goal else None


def _part(part: Part, topic: Topic, scale: list[float]) -> dict[str, str]:
    direction = topic.line.row.measure.improvement_direction
    spark = marks.sparkline(part.view.chart, _goal(part), direction, 170, 34, scale=scale)
    return {
        "name": part.name,
        "count": part.count,
        "value": part.value,
        "behaviour": part.behaviour,
        "spark": on_paper(spark),
        "alt": part.alt,
    }


def _decided(decided: Decided | None) -> dict[str, Any]:
    if decided is None:
        return {"decision": "", "said": pack.ROUTINE, "actions": [], "by": ""}
    said = decided.said or ("" if decided.decision else pack.NEXT_OPEN)
    return {"decision": decided.decision, "said": said, "actions": list(decided.actions), "by": decided.by}


def _table(table: Table) -> dict[str, Any]:
    return {
        "caption": table.caption,
        "heads": list(table.heads),
        "rows": [[{"text": cell.text, "tone": cell.tone} for cell in row] for row in table.rows],
        "right": sorted(table.right),
        "empty": table.empty,
    }


def _explained(one: Explained) -> dict[str, str]:
    return {"icon": on_paper(one.icon) if one.icon else "", "name": one.name, "told": one.told}
