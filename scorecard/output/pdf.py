"""The pack as PDF: tagged for readers of every kind (PDF/UA-1), its text selectable, its fonts inside.

The page is laid out by `pack.typ` in a process of its own; what it shows is passed as JSON, so no text of a user is
ever read as markup.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from datetime import UTC
from pathlib import Path
from typing import Any

from scorecard import logs
from scorecard.core.reading import Sentence
from scorecard.errors import ScorecardError
from scorecard.output import marks, pack, pack_drawing, pack_marks, pack_maturity, tables, theme
from scorecard.output.marks import status_shape
from scorecard.output.pack import Decided, Line, Pack, Part, Table, Topic
from scorecard.output.pack_drawing import on_paper
from scorecard.output.pack_marks import Explained
from scorecard.output.pack_maturity import Maturity
from scorecard.reviews.model import Month

log = logging.getLogger(__name__)
TEMPLATE = Path(__file__).with_name("pack.typ")
FONTS = Path(__file__).with_name("fonts")
CHILD = Path(__file__).with_name("pdf_child.py")
SECONDS = 120
_COLOURS = {"on_course": "green", "watch": "amber", "act": "red", "not_yet": "mut"}


def document(month: Month) -> bytes:
    """The file. The same month gives the same bytes, unless a text needs letters that are not in the pack's fonts.

    Raises ScorecardError when it cannot be laid out.
    """
    made = pack.build(month)
    moment = int(made.day.replace(tzinfo=UTC).timestamp())
    job = {"template": str(TEMPLATE), "fonts": str(FONTS), "content": _cleaned(_content(made)), "timestamp": moment}
    command = [sys.executable, "-P", "-X", "utf8", str(CHILD)]  # -P: html.py beside it would hide Python's own
    sent = json.dumps(job).encode()
    try:
        done = subprocess.run(command, input=sent, capture_output=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired as slow:
        raise ScorecardError(f"The PDF was not ready after {SECONDS} seconds. Take the HTML file instead.") from slow
    if done.returncode:
        log.error("The child that lays out a PDF failed: %s", logs.of_child(done.stderr))
        raise ScorecardError("The PDF could not be laid out; the log says why. Take the HTML file instead.")
    return done.stdout


def _cleaned(content: Any) -> Any:
    """The content without control and direction characters."""
    if isinstance(content, str):
        return theme.clean(content)
    if isinstance(content, list):
        return [_cleaned(one) for one in content]
    if isinstance(content, dict):
        return {key: _cleaned(one) for key, one in content.items()}
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
        "maturity": _maturity(made.maturity) if made.maturity else None,
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


def _maturity(one: Maturity) -> dict[str, Any]:
    return {
        "title": pack_maturity.TITLE,
        "second": one.second,
        "sentences": [_sentence(sentence) for sentence in one.sentences],
        "systems": _table(one.systems),
        "axis": on_paper(pack_maturity.axis()),
        "drawings": [on_paper(svg) for svg in one.drawings],
        "alts": list(one.alts),
        "talk": _table(one.talk),
        "gaps": _table(one.gaps),
        "foot": list(one.foot),
    }


def _explained(one: Explained) -> dict[str, str]:
    return {"icon": on_paper(one.icon) if one.icon else "", "name": one.name, "told": one.told}
