"""The pack as an Excel workbook: figures as numbers, texts as texts, native sparklines, no formula.

Text is written as text whatever it begins with; nothing in a name can become a formula or a link.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from scorecard.actions import KINDS as ACTION_KINDS
from scorecard.core import fmt
from scorecard.core.definition import KINDS, SYSTEMS, Definition
from scorecard.metrics import MeasureView
from scorecard.output import pack, pack_plot
from scorecard.output.pack import Line, Pack, Table
from scorecard.output.theme import LIGHT, clean
from scorecard.reviews.model import Month

FONT = "Arial"
SPARK_PERIODS = 24
LONGEST = 32_000
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_WIDTHS = {"Measure": 26, "Topic": 26, "Action": 30, "Sentence": 50, "In words": 50, "Definition": 70, "Trend": 26,
           "Kind": 16, "Meaning": 70, "Beside the signed copy": 60, "Mark": 22, "What": 22, "Group": 36}  # fmt: skip
_LONG = {
    "Why",
    "Said",
    "Reason",
    "Behaviour",
    "Against the goal",
    "What the measure says",
    "Limits",
    "Source",
    "Expected",
}
WIDTH, LONG_WIDTH, LINE = 13, 32, 13.5


def book(month: Month) -> bytes:
    """The file. The same month gives the same bytes."""
    made, content = pack.build(month), io.BytesIO()
    with xlsxwriter.Workbook(content, _OPTIONS) as file:
        _Book(file, made).write()
    return content.getvalue()


class _Book:
    """A workbook on its way: its formats, and where the values of each measure stand."""

    def __init__(self, file: xlsxwriter.Workbook, made: Pack) -> None:
        self.file, self.made = file, made
        self.formats: dict[tuple, Format] = {}
        self.spans: dict[str, tuple[int, int]] = {}
        file.set_properties(
            {
                "title": clean(f"{made.title}, {made.house}"),
                "author": clean(made.month.signature.name if made.month.signature else made.house),
                "comments": clean(made.mark),
                "created": made.day,
            }
        )

    def write(self) -> None:
        sheets = {name: self.file.add_worksheet(name) for name in SHEETS}
        self._values(sheets["Values"])
        self._scorecard(sheets["Scorecard"])
        self._limits(sheets["Limits"])
        self._goals(sheets["Goals"])
        self._segments(sheets["Segments"])
        for name, table in (("Decisions", self.made.decisions), ("Added later", self.made.beside)):
            self._words(sheets[name], table)
        self._actions(sheets["Actions"])
        self._definitions(sheets["Definitions"])
        self._marks(sheets["What the marks mean"])
        self._about(sheets["About"])
        sheets["Scorecard"].activate()

    # --- sheets of figures -------------------------------------------------------------------------------------------

    def _scorecard(self, sheet: Worksheet) -> None:
        heads = ("Measure", "Kind", "System", "Owner", "Period", "Figure", "Goal", "Trend", "Behaviour",
                 "Against the goal", "Status", "Before", "Sentence", "In words")  # fmt: skip
        rows = [self._line(line) for line in self.made.lines]
        self._sheet(sheet, heads, rows)
        for n, line in enumerate(self.made.lines, 1):
            span = self.spans.get(line.row.measure.name)
            if span:
                sheet.add_sparkline(n, heads.index("Trend"), self._sparkline(span))

    def _line(self, line: Line) -> list[Any]:
        row, measure = line.row, line.row.measure
        goal = row.reading.goal.value if row.reading.goal else None
        return [
            line.label, KINDS.get(measure.kind, measure.kind), SYSTEMS.get(measure.system, measure.system), line.owner,
            row.period.short, (row.value, measure), (goal, measure), "", ", ".join(p for p in line.behaviour if p),
            ", ".join(p for p in line.against if p), line.status_word, line.was, row.reading.full_sentence, line.alt,
        ]  # fmt: skip

    def _sparkline(self, span: tuple[int, int]) -> dict[str, Any]:
        first, last = max(span[0], span[1] - SPARK_PERIODS + 1), span[1]
        return {
            "range": f"Values!C{first + 1}:C{last + 1}",
            "series_color": LIGHT["series"],
            "weight": 1.25,
            "last_point": True,
            "last_color": LIGHT["ink"],
        }

    def _values(self, sheet: Worksheet) -> None:
        heads = ("Measure", "Period", "Value", "Numerator", "Denominator", "Goal", "Lower limit", "Centre",
                 "Upper limit", "Moving range", "Left out", "Not complete", "Signals")  # fmt: skip
        rows: list[list[Any]] = []
        for topic in self.made.topics:
            first = len(rows) + 1
            rows += self._points(topic.view)
            self.spans[topic.line.row.measure.name] = (first, len(rows))
        self._sheet(sheet, heads, rows)

    def _points(self, view: MeasureView) -> Iterable[list[Any]]:
        measure = view.row.measure
        for point in view.row.chart.points:
            goal = pack_plot.goal_in(view.goals, point.period)
            yield [
                measure.label, point.period.short, (point.value, measure), point.numerator, point.denominator,
                (goal.value if goal else None, measure), (point.lower, measure), (point.centre, measure),
                (point.upper, measure), (point.range, measure), "yes" if point.excluded else "",
                "yes" if point.partial else "", " ".join(dict.fromkeys(signal.rule for signal in point.signals)),
            ]  # fmt: skip

    def _limits(self, sheet: Worksheet) -> None:
        heads = ("Measure", "From", "To", "Lower limit", "Centre", "Upper limit", "Mean moving range", "Upper range",
                 "State", "Baseline from", "Baseline to", "Periods", "Locked by", "Reason")  # fmt: skip
        rows = [row for topic in self.made.topics for row in self._phases(topic.view)]
        self._sheet(sheet, heads, rows)

    def _phases(self, view: MeasureView) -> Iterable[list[Any]]:
        measure = view.row.measure
        for phase in view.row.chart.phases:
            base = phase.baseline
            record = next(
                (one for one in view.limits if (one.baseline_from, one.baseline_to) == (base.start, base.end)), None
            )
            yield [
                measure.label, phase.start.short, phase.end.short, (phase.lower, measure), (phase.centre, measure),
                (phase.upper, measure), (phase.range_centre, measure), (phase.range_upper, measure), base.state,
                base.start.short if base.start else "", base.end.short if base.end else "", base.n,
                record.author if record else "", record.reason if record else "",
            ]  # fmt: skip

    def _goals(self, sheet: Worksheet) -> None:
        heads = ("Measure", "From", "Goal", "Watch from", "On course from", "Source", "Set by")
        rows = [
            [
                view.row.measure.label,
                goal.start.short,
                *((x, view.row.measure) for x in (goal.value, goal.red, goal.yellow)),
                goal.source,
                goal.author,
            ]  # fmt: skip
            for view in (topic.view for topic in self.made.topics)
            for goal in view.goals
        ]
        self._sheet(sheet, heads, rows)

    def _segments(self, sheet: Worksheet) -> None:
        heads = ("Measure", "Segment", "Figure", "Numerator", "Denominator", "Behaviour", "In words")
        rows = [
            [
                topic.line.label,
                part.name,
                (part.view.value, topic.line.row.measure),
                part.view.numerator,
                part.view.denominator,
                part.behaviour,
                part.alt,
            ]  # fmt: skip
            for topic in self.made.topics
            for part in topic.parts
        ]
        self._sheet(sheet, heads, rows)

    # --- sheets of words ---------------------------------------------------------------------------------------------

    def _words(self, sheet: Worksheet, table: Table) -> None:
        self._sheet(sheet, table.heads, [[cell.text for cell in row] for row in table.rows], table.empty)

    def _actions(self, sheet: Worksheet) -> None:
        """The table of actions, with dates and expected effects as numbers."""
        table, known = self.made.actions, {line.row.measure.name: line.row.measure for line in self.made.lines}
        rows = []
        for told, row in zip(self.made.told, table.rows, strict=True):
            action, measure = told.action, known.get(told.action.measure)
            texts = [cell.text for cell in row]
            rows.append([*texts[:2], action.due, *texts[3:], ACTION_KINDS.get(action.kind, action.kind),
                         (action.effect, measure) if measure else action.effect, action.effect_by, action.started,
                         action.ended])  # fmt: skip
        self._sheet(sheet, (*table.heads, "Kind", "Effect", "Effect by", "Started", "Ended"), rows, table.empty)

    def _definitions(self, sheet: Worksheet) -> None:
        heads = ("Measure", "Definition", "Numerator", "Denominator", "Unit", "Wanted direction", "Limits", "Version",
                 "Source")  # fmt: skip
        rows = []
        for topic in self.made.topics:
            one = topic.line.row.measure
            view = topic.view
            rows.append([one.label, topic.definition, one.numerator_label, one.denominator_label, one.unit,
                         one.improvement_direction, topic.limits, view.definition_version, view.source])  # fmt: skip
        self._sheet(sheet, heads, rows)

    def _marks(self, sheet: Worksheet) -> None:
        rows = [[title, one.name, one.told] for title, group in self.made.marks for one in group]
        self._sheet(sheet, ("Group", "Mark", "Meaning"), rows)

    def _about(self, sheet: Worksheet) -> None:
        made, signed = self.made, self.made.month.signature
        rows: list[list[Any]] = [["Pack", made.title], ["Scorecard", made.house], ["Signed", made.second]]
        if signed:
            rows += [["Fingerprint (SHA-256)", signed.fingerprint], ["Head of the audit", signed.audit]]
        rows += [["Notice", text] for text in made.notices]
        rows += [["Sentence", sentence.text] for sentence in made.sentences]
        rows += [["Commentary", text] for text in made.commentary]
        rows += [[title, text] for title, texts in made.changes for text in texts]
        rows += [["Rule", sentence.text] for sentence in made.footer]
        self._sheet(sheet, ("What", "Definition"), rows)

    # --- cells -------------------------------------------------------------------------------------------------------

    def _sheet(self, sheet: Worksheet, heads: Sequence[str], rows: Sequence[Sequence[Any]], empty: str = "") -> None:
        """A head that stays in sight, a row each, a filter over them; printed on pages as wide as the sheet."""
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, self._format(head=True))
            sheet.set_column(column, column, _width(head))
        for n, row in enumerate(rows or ([[empty]] if empty else []), 1):
            sheet.set_row(n, _height(heads, row))
            for column, value in enumerate(row):
                self._cell(sheet, n, column, value)
        sheet.freeze_panes(1, 1)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(heads) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.hide_gridlines(2)
        sheet.set_footer(f"&L{_plain(self.made.mark)}&R&P of &N")

    def _cell(self, sheet: Worksheet, row: int, column: int, value: Any) -> None:
        """A number as a number, a date as a date, everything else as text."""
        measure = None
        if isinstance(value, tuple):
            value, measure = value
        if value is None or value == "":
            sheet.write_blank(row, column, None, self._format())
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value, self._format(number=number_format(measure)))
        elif isinstance(value, date):
            sheet.write_datetime(
                row, column, datetime.combine(value, datetime.min.time()), self._format(number="d mmm yyyy")
            )
        else:
            sheet.write_string(row, column, clean(value)[:LONGEST], self._format())

    def _format(self, head: bool = False, number: str = "General") -> Format:
        key = (head, number)
        if key not in self.formats:
            look = {"font_name": FONT, "font_size": 10, "font_color": LIGHT["ink"], "valign": "top", "text_wrap": True,
                    "num_format": number, "bottom": 1, "bottom_color": LIGHT["line"]}  # fmt: skip
            if head:
                look |= {"bold": True, "font_color": LIGHT["mut"], "bottom_color": LIGHT["ink"]}
            self.formats[key] = self.file.add_format(look)
        return self.formats[key]


def _width(head: str) -> int:
    """How many letters wide a column is."""
    return _WIDTHS.get(head, LONG_WIDTH if head in _LONG else WIDTH)


def _height(heads: Sequence[str], row: Sequence[Any]) -> float:
    """The height of a row in points, so that wrapped texts are read whole; a sparkline takes two lines."""
    texts = [(value, _width(head)) for head, value in zip(heads, row, strict=False) if isinstance(value, str)]
    lines = max((-(-len(text) // width) for text, width in texts if text), default=1)
    return min(max(lines, 2 if "Trend" in heads else 1) * LINE + 3, 400)


SHEETS = ("Scorecard", "Values", "Limits", "Goals", "Segments", "Decisions", "Actions", "Added later", "Definitions",
          "What the marks mean", "About")  # fmt: skip


def number_format(measure: Definition | None) -> str:
    """How Excel shows a figure of a measure: `0.0%`, `"$"#,##0`."""
    if measure is None:
        return "#,##0.##"
    decimals = fmt.digits(measure)
    places = "." + "0" * decimals if decimals else ""
    if measure.unit == "percent":
        return f"0{places}%"
    if measure.unit == "money":
        symbol = "".join(sign for sign in clean(measure.symbol) if sign not in '"\\')[:8]
        return f'"{symbol}"#,##0'
    return f"#,##0{places}"


def _plain(text: str) -> str:
    """A text in a footer, where & begins a command."""
    return clean(text).replace("&", "&&")
