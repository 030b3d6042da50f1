"""The pack as PowerPoint: a slide a topic of the agenda, with charts that stay charts and definitions in the notes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.presentation import Presentation as Deck
from pptx.shapes.base import BaseShape
from pptx.slide import Slide
from pptx.util import Emu, Inches, Pt

from scorecard.core.reading import Sentence
from scorecard.output import pack, pack_marks, pack_maturity, pack_plot, slide_charts, tables
from scorecard.output.pack import Cell, Decided, Line, Pack, Table, Topic
from scorecard.output.pack_maturity import Maturity
from scorecard.output.theme import LIGHT, clean
from scorecard.reviews.model import Month

FONT = "Arial"
WIDTH, HEIGHT, LEFT, WIDE = Inches(13.333), Inches(7.5), Inches(0.6), Inches(12.13)
TITLE_ONLY = 5
ROWS = 8
_STATUS = {
    "on_course": (MSO_SHAPE.OVAL, "green", "green"),
    "watch": (MSO_SHAPE.ISOSCELES_TRIANGLE, "triangle", "amber"),
    "act": (MSO_SHAPE.RECTANGLE, "red", "red"),
    "not_yet": (MSO_SHAPE.MATH_MINUS, "mut", "mut"),
}
_SIGNS = {"on_course": "●", "watch": "▲", "act": "■", "not_yet": "–"}
_RULE = (
    '<a:{side} xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" w="6350"><a:solidFill>'
    f'<a:srgbClr val="{LIGHT["line"][1:].upper()}"/></a:solidFill></a:{{side}}>'
)
Row = Sequence[Cell | str]
_TONES = {"mut": "mut", "better": "blue", "worse": "orange"}


def deck(month: Month) -> bytes:
    """The file. The same month gives the same bytes."""
    made, file = pack.build(month), Presentation()
    file.slide_width, file.slide_height = WIDTH, HEIGHT
    _properties(file, made)
    _cover(file, made)
    _scorecard(file, made)
    for decided in made.agenda:
        _topic(file, made, decided, made.topic_of.get(decided.item.measure))
    for table in (made.decisions, made.actions, *([made.beside] if made.beside.rows else [])):
        _tables(file, made, table)
    if made.maturity:
        _maturity(file, made, made.maturity)
    _marks(file, made)
    content = io.BytesIO()
    file.save(content)
    return settled(content.getvalue(), made.day)


def settled(content: bytes, moment: datetime) -> bytes:
    """The same package without the time of its making: every entry and its properties carry a given moment."""
    out, stamp = io.BytesIO(), f"{moment:%Y-%m-%dT%H:%M:%S}Z".encode()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            body = old.read(entry)
            if entry.filename.endswith(".xlsx"):
                body = settled(body, moment)
            elif entry.filename == "docProps/core.xml":
                body = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp, body)
            new.writestr(zipfile.ZipInfo(entry.filename), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _properties(file: Deck, made: Pack) -> None:
    properties, signed = file.core_properties, made.month.signature
    properties.title = clean(f"{made.title}, {made.house}")[:255]
    properties.author = properties.last_modified_by = clean(signed.name if signed else made.house)[:255]
    properties.comments = clean(made.mark)[:255]
    properties.language = "en"
    properties.created = properties.modified = made.day.replace(microsecond=0)


# --- the slides ------------------------------------------------------------------------------------------------------


def _cover(file: Deck, made: Pack) -> None:
    slide = _slide(file, made, made.title)
    _words(slide, made.second, 1.12, size=14, ink="mut")
    box = _box(slide, LEFT + Inches(0.2), Inches(1.75), WIDE - Inches(0.2), Inches(3.2))
    for sentence in made.sentences:
        _sentence(box, sentence, 20, space=10)
    _bar(slide, Inches(1.75), Inches(min(0.75 * max(len(made.sentences), 1), 3.2)))
    at = LEFT
    for status, words in made.counts:
        _status_mark(slide, status, at, Inches(5.42), Inches(0.2))
        _words(slide, words, 5.3, size=18, ink=_STATUS[status][2], bold=True, left=at + Inches(0.3), width=Inches(2.2))
        at += Inches(2.4)
    _words(slide, " · ".join([made.unchanged, *made.notices]).strip(" ·"), 5.95, size=13, ink="mut")
    notes = [sentence.text for sentence in made.footer] + list(made.commentary)
    notes += [f"{title}: {' '.join(texts)}" for title, texts in made.changes]
    _notes(slide, notes)


def _scorecard(file: Deck, made: Pack) -> None:
    slide = _slide(file, made, f"Scorecard, {made.period}")
    heads = ("Measure", "Owner", made.month.period.bare, "Goal", "Behaviour", "Against the goal", "Status")
    rows = [row for title, lines in made.groups for row in ((title,), *(_cells(line) for line in lines))]
    told = f"{made.house}: {len(made.lines)} measures with figure, goal, behaviour and status. {' '.join(_told(made))}"
    widths = (2.6, 1.35, 1.15, 1.05, 3.0, 1.75, 1.23)
    _table(slide, heads, rows, widths, told, right=frozenset({2, 3}), size=11, height=0.37)
    _notes(slide, [f"{topic.line.label}: {topic.definition} {topic.limits}" for topic in made.topics])


def _cells(line: Line) -> tuple[Cell | str, ...]:
    value = f"{line.value} {line.unit}".strip()
    behaviour = ", ".join(part for part in line.behaviour if part)
    status = Cell(f"{_SIGNS[line.status]} {line.status_word}", line.status)
    return Cell(line.label, "strong"), line.owner, Cell(value, "strong"), line.goal, behaviour, line.against[0], status


def _told(made: Pack) -> list[str]:
    return [f"{line.label} {line.value}, {line.status_word}." for line in made.lines]


def _topic(file: Deck, made: Pack, decided: Decided, topic: Topic | None) -> None:
    """A slide for an item of the agenda: chart, what it says, what was decided."""
    slide = _slide(file, made, decided.title)
    if decided.status_word:
        _status_mark(slide, decided.status, LEFT, Inches(1.2), Inches(0.16))
        words = f"{decided.status_word}   {topic.now if topic else ''}".strip()
        _words(slide, words, 1.1, size=13, ink=_STATUS[decided.status][2], bold=True, left=LEFT + Inches(0.26))
    beside = Inches(8.15) if topic and topic.plot.dots else LEFT
    if topic and topic.plot.dots:
        slide_charts.draw(slide, topic.plot, LEFT, Inches(1.6), Inches(7.35), Inches(5.2))
    box = _box(slide, beside, Inches(1.6), LEFT + WIDE - beside, Inches(5.2))
    for sentence in topic.sentences if topic else (Sentence(decided.why),):
        _sentence(box, sentence, 14, space=5)
    for at, title in topic.plot.changes if topic else ():
        words = f"new limits from {topic.plot.dots[at].period.label}."
        named = "" if title == pack_plot.NEW else f"{title.rstrip('.')}:"
        _sentence(box, Sentence(named, words), 12, space=4)
    _decided(box, decided)
    _notes(slide, _topic_notes(decided, topic))


def _decided(box: Any, decided: Decided) -> None:
    _sentence(box, Sentence("Decided"), 14, space=2, before=12)
    _sentence(box, Sentence(f"{decided.decision}." if decided.decision else pack.NEXT_OPEN, decided.said), 13, space=4)
    for action in decided.actions:
        _sentence(box, Sentence("", action), 13, space=4)
    if decided.by:
        _sentence(box, Sentence("", decided.by), 11, ink="mut")


def _topic_notes(decided: Decided, topic: Topic | None) -> list[str]:
    """What a speaker may be asked: why it is here, the definition, the limits, segments and the chart in words."""
    if topic is None:
        return [f"Why it is on the agenda: {decided.why}"]
    parts = [
        f"{part.name} {part.value}{f' ({part.count})' if part.count else ''}: {part.behaviour}" for part in topic.parts
    ]
    figures = topic.figures.rows[-1] if topic.figures.rows else ()
    run = ", ".join(f"{head} {cell.text}" for head, cell in zip(topic.figures.heads[1:], figures[1:], strict=False))
    return [
        f"Why it is on the agenda: {decided.why}",
        f"Definition: {topic.definition}",
        topic.limits,
        f"By segment: {'; '.join(parts)}." if parts else "",
        f"{topic.figures.caption}: {run}." if run else "",
        f"The chart in words: {topic.plot.alt}",
        *topic.notices,
    ]


def _tables(file: Deck, made: Pack, table: Table) -> None:
    """A table on as many slides as it needs."""
    parts = [table.rows[at : at + ROWS] for at in range(0, len(table.rows), ROWS)] or [()]
    for n, rows in enumerate(parts, 1):
        title = table.caption if len(parts) == 1 else f"{table.caption}, {n} of {len(parts)}"
        slide = _slide(file, made, title)
        if rows:
            texts = [" · ".join(cell.text for cell in row if cell.text) for row in rows]
            _table(slide, table.heads, rows, _shares(table), f"{title}. {' '.join(texts)}", size=11, height=0.5)
        else:
            _words(slide, table.empty, 1.6, size=16, ink="mut")
        _notes(slide, [cell.text for row in rows for cell in row[-1:]])


def _maturity(file: Deck, made: Pack, one: Maturity) -> None:
    """A slide for the systems with what they say, and one each for disagreements and gaps."""
    slide = _slide(file, made, f"{pack_maturity.TITLE}, {one.told.title}")
    _table(slide, one.systems.heads, one.systems.rows, _shares(one.systems), " ".join(one.alts), right=one.systems.right, size=12, height=0.42)
    box = _box(slide, LEFT, Inches(1.45 + 0.42 * (len(one.systems.rows) + 1)), WIDE, Inches(1.6))
    for sentence in one.sentences:
        _sentence(box, sentence, 14, space=5)
    _sentence(box, Sentence("", one.second), 11, ink="mut")
    _notes(slide, one.foot)
    for table in (one.talk, one.gaps):
        _tables(file, made, table)


def _shares(table: Table) -> list[float]:
    """How wide the columns are, in inches: by the length of what stands in them."""
    long = [max(len(head), *(min(len(row[n].text), 60) for row in table.rows)) for n, head in enumerate(table.heads)]
    weights = [max(9, length) ** 0.75 for length in long]
    return [12.13 * weight / sum(weights) for weight in weights]


def _marks(file: Deck, made: Pack) -> None:
    slide = _slide(file, made, pack_marks.TITLE)
    groups = [group for group in made.marks if group[0] != "How firm are the limits?"]
    columns = (groups[:1] + groups[2:3], groups[1:2] + groups[3:])
    for n, column in enumerate(columns):
        box = _box(slide, LEFT + n * Inches(6.2), Inches(1.3), Inches(5.9), Inches(5.5))
        for title, rows in column:
            _sentence(box, Sentence(title), 14, space=3, before=6)
            for one in rows:
                _sentence(box, Sentence(f"{one.name}:", one.told), 11, space=2)
    firm = [f"{one.name}: {one.told}" for title, rows in made.marks if title not in dict(groups) for one in rows]
    _notes(slide, [tables.RULE_WORDS, *firm])


# --- pieces ----------------------------------------------------------------------------------------------------------


def _slide(file: Deck, made: Pack, title: str) -> Slide:
    """A new slide with its title, and at its foot the scorecard, the fingerprint and its number."""
    slide = file.slides.add_slide(file.slide_layouts[TITLE_ONLY])
    head = slide.shapes.title
    head.left, head.top, head.width, head.height = LEFT, Inches(0.42), WIDE, Inches(0.7)
    frame = head.text_frame
    frame.word_wrap, frame.vertical_anchor, frame.auto_size = True, MSO_ANCHOR.MIDDLE, MSO_AUTO_SIZE.NONE
    frame.margin_left = frame.margin_right = 0
    frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    _run(frame.paragraphs[0], title, 28 if len(title) < 70 else 20, "ink", True)
    number = len(file.slides)
    _words(slide, f"{made.house} · {made.mark}", 7.02, size=10, ink="mut", width=Inches(11))
    _words(slide, str(number), 7.02, size=10, ink="mut", left=LEFT + Inches(11.13), width=Inches(1), right=True)
    return slide


def _box(slide: Slide, left: int, top: int, width: int, height: int) -> Any:
    """The frame of a text box without margins, whose first paragraph is still free."""
    frame = slide.shapes.add_textbox(left, top, width, height).text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    return frame


def _words(slide: Slide, text: str, top: float, *, size: float, ink: str, bold: bool = False, left: int = LEFT,
           width: int = WIDE, right: bool = False) -> None:  # fmt: skip
    """A line of text."""
    if not text:
        return
    frame = _box(slide, left, Inches(top), width, Inches(0.4))
    frame.paragraphs[0].alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
    _run(frame.paragraphs[0], text, size, ink, bold)


def _sentence(
    frame: Any, sentence: Sentence, size: float, *, ink: str = "ink", space: float = 0, before: float = 0
) -> None:
    """A paragraph: the news in bold, then the evidence."""
    used = frame.paragraphs[0].runs or len(frame.paragraphs) > 1
    paragraph = frame.add_paragraph() if used else frame.paragraphs[0]
    paragraph.space_after, paragraph.space_before = Pt(space), Pt(before)
    if sentence.bold:
        _run(paragraph, f"{sentence.bold} " if sentence.rest else sentence.bold, size, ink, True)
    if sentence.rest:
        _run(paragraph, sentence.rest, size, ink)


def _run(paragraph: Any, text: str, size: float, ink: str, bold: bool = False) -> None:
    run = paragraph.add_run()
    run.text = clean(text)
    run.font.name, run.font.size, run.font.bold = FONT, Pt(size), bold
    run.font.color.rgb = rgb(ink)


def rgb(token: str) -> RGBColor:
    """A colour of the light theme."""
    return RGBColor.from_string(LIGHT[token].lstrip("#").upper())


def _bar(slide: Slide, top: int, height: int) -> None:
    """The ink edge beside sentences; it says nothing by itself."""
    bar = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, LEFT, top, Inches(0.04), height)
    _filled(bar, "ink", "")


def _status_mark(slide: Slide, status: str, left: int, top: int, size: int) -> None:
    """The shape of a status, with its word as alternative text."""
    kind, ink, _ = _STATUS[status]
    _filled(slide.shapes.add_shape(kind, left, top, size, size), ink, pack.STATUSES[status])


def _filled(shape: Any, ink: str, alt: str) -> None:
    shape.fill.solid()
    shape.fill.fore_color.rgb = rgb(ink)
    shape.line.fill.background()
    shape.shadow.inherit = False
    slide_charts.describe(shape, alt)


def _table(
    slide: Slide, heads: Sequence[str], rows: Sequence[Row], widths: Sequence[float], told: str, *,
    right: frozenset[int] = frozenset(), size: float, height: float,
) -> BaseShape:  # fmt: skip
    """A native table; a row of one cell is the head of a group."""
    tall = Inches(height)
    shape = slide.shapes.add_table(len(rows) + 1, len(heads), LEFT, Inches(1.3), WIDE, Emu(tall * (len(rows) + 1)))
    slide_charts.describe(shape, told)
    grid = shape.table
    grid.horz_banding = False
    for n, width in enumerate(widths):
        grid.columns[n].width = Inches(width)
    for n, texts in enumerate([[Cell(head, "mut") for head in heads], *rows]):
        grid.rows[n].height = tall
        for column, cell in enumerate(_filled_up(texts, len(heads))):
            _table_cell(grid.cell(n, column), cell, column in right, size)
        if n and len(texts) == 1:
            grid.cell(n, 0).merge(grid.cell(n, len(heads) - 1))
    return shape


def _filled_up(texts: Sequence[Cell | str], count: int) -> Iterator[Cell]:
    for n in range(count):
        text = texts[n] if n < len(texts) else ""
        yield text if isinstance(text, Cell) else Cell(text, "strong" if len(texts) == 1 else "")


def _table_cell(place: Any, cell: Cell, right: bool, size: float) -> None:
    place.fill.background()
    for side in ("lnB", "lnT"):  # in front of the fill, in this order: PowerPoint repairs a file that has it otherwise
        place._tc.get_or_add_tcPr().insert(0, parse_xml(_RULE.replace("{side}", side)))
    place.vertical_anchor = MSO_ANCHOR.MIDDLE
    place.margin_left = place.margin_right = Inches(0.06)
    place.margin_top = place.margin_bottom = Inches(0.02)
    paragraph = place.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
    ink = _STATUS[cell.tone][2] if cell.tone in _STATUS else _TONES.get(cell.tone, "ink")
    _run(paragraph, cell.text, size, ink, cell.tone not in ("", "mut"))


def _notes(slide: Slide, texts: Sequence[str]) -> None:
    """The speaker notes: a paragraph each."""
    slide.notes_slide.notes_text_frame.text = "\n".join(clean(text).replace("\n", " ") for text in texts if text)
