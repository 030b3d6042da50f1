"""The pack as an Excel workbook: figures as numbers, texts as texts, native sparklines, no formula.

Text is written as text whatever it begins with; nothing in a name can become a formula or a link.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from scorecard.actions import KINDS as ACTION_KINDS
from scorecard.core.definition import KINDS, SYSTEMS
from scorecard.core.rubric import LEVELS
from scorecard.metrics import MeasureView
from scorecard.output import pack, pack_plot
from scorecard.output.pack import Line, Pack, Table
from scorecard.output.pack_maturity import Maturity
from scorecard.output.sheets import OPTIONS, Sheets
from scorecard.output.theme import LIGHT, clean
from scorecard.reviews.model import Maturity as MaturityTold
from scorecard.reviews.model import MaturityPractice, Month

SPARK_PERIODS = 24


def book(month: Month) -> bytes:
    """The file. The same month gives the same bytes."""
    made, content = pack.build(month), io.BytesIO()
    with xlsxwriter.Workbook(content, OPTIONS) as file:
        _Book(file, made).write()
    return content.getvalue()


class _Book(Sheets):
    """A workbook on its way: its formats, and where the values of each measure stand."""

    def __init__(self, file: xlsxwriter.Workbook, made: Pack) -> None:
        super().__init__(file, made.mark)
        self.made = made
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
        sheets = {name: self.file.add_worksheet(name) for name in SHEETS if name != MATURITY or self.made.maturity}
        self._values(sheets["Values"])
        self._scorecard(sheets["Scorecard"])
        self._limits(sheets["Limits"])
        self._goals(sheets["Goals"])
        self._segments(sheets["Segments"])
        for name, table in (("Decisions", self.made.decisions), ("Added later", self.made.beside)):
            self._words(sheets[name], table)
        self._actions(sheets["Actions"])
        if self.made.maturity:
            self._maturity(sheets[MATURITY], self.made.maturity)
        self._definitions(sheets["Definitions"])
        self._marks(sheets["What the marks mean"])
        self._about(sheets["About"])
        sheets["Scorecard"].activate()

    # --- sheets of figures -------------------------------------------------------------------------------------------

    def _scorecard(self, sheet: Worksheet) -> None:
        heads = ("Measure", "Kind", "System", "Owner", "Period", "Figure", "Goal", "Trend", "Behaviour",
                 "Against the goal", "Status", "Before", "Sentence", "In words")  # fmt: skip
        rows = [self._line(line) for line in self.made.lines]
        self.sheet(sheet, heads, rows)
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
        self.sheet(sheet, heads, rows)

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
        self.sheet(sheet, heads, rows)

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
        self.sheet(sheet, heads, rows)

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
        self.sheet(sheet, heads, rows)

    # --- sheets of words ---------------------------------------------------------------------------------------------

    def _words(self, sheet: Worksheet, table: Table) -> None:
        self.sheet(sheet, table.heads, [[cell.text for cell in row] for row in table.rows], table.empty)

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
        self.sheet(sheet, (*table.heads, "Kind", "Effect", "Effect by", "Started", "Ended"), rows, table.empty)

    def _maturity(self, sheet: Worksheet, one: Maturity) -> None:
        """The systems as numbers, then what people see differently, the gaps, and what was said."""
        told = one.told
        heads = ("System", "Practice", "Now", "Last cycle", "Target", "Gap", "Lowest", "Highest", "Spread", *(f"At {n}" for n in LEVELS),
                 "To talk about", "In words")  # fmt: skip
        rows: list[list[Any]] = [
            [s.label, "", s.now, s.last, s.target, None, s.lowest, s.highest, None, *[None] * len(LEVELS), s.talk, text]
            for s, text in zip(told.systems, one.alts, strict=True)
        ]
        listed = {p.id: p for p in (*told.talk, *told.gaps)}
        rows += [[p.system, f"{p.id} {p.title}", p.now, None, p.target, p.gap, None, None, p.spread, *p.counts, None, _why(p, told)]
                 for p in listed.values()]
        rows += [["", "", *[None] * 12, None, text] for text in (one.second, *(sentence.text for sentence in one.sentences), *one.foot)]
        self.sheet(sheet, heads, rows)

    def _definitions(self, sheet: Worksheet) -> None:
        heads = ("Measure", "Definition", "Numerator", "Denominator", "Unit", "Wanted direction", "Limits", "Version",
                 "Source")  # fmt: skip
        rows = []
        for topic in self.made.topics:
            one = topic.line.row.measure
            view = topic.view
            rows.append([one.label, topic.definition, one.numerator_label, one.denominator_label, one.unit,
                         one.improvement_direction, topic.limits, view.definition_version, view.source])  # fmt: skip
        self.sheet(sheet, heads, rows)

    def _marks(self, sheet: Worksheet) -> None:
        rows = [[title, one.name, one.told] for title, group in self.made.marks for one in group]
        self.sheet(sheet, ("Group", "Mark", "Meaning"), rows)

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
        self.sheet(sheet, ("What", "Definition"), rows)


def _why(one: MaturityPractice, told: MaturityTold) -> str:
    """Why a practice is listed."""
    return ", ".join(words for words, listed in (("people see it differently", told.talk), ("far from its target", told.gaps)) if one in listed)


MATURITY = "Maturity"
SHEETS = ("Scorecard", "Values", "Limits", "Goals", "Segments", "Decisions", "Actions", "Added later", MATURITY, "Definitions",
          "What the marks mean", "About")  # fmt: skip
