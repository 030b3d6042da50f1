"""One month as the one model that every file draws: sentences, lines of the scorecard, topics, decisions, marks.

`build` puts everything into words once; HTML, PDF, PowerPoint and Excel only lay it out, so that they agree. What is
drawn from numbers stands beside the words: the row, the view of the measure, the plot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from scorecard.actions import STATES
from scorecard.core import fmt, spc
from scorecard.core.definition import KINDS, SYSTEMS, Definition
from scorecard.core.periods import MONTHS, day, noun
from scorecard.core.reading import STATUSES, Sentence, count_word
from scorecard.core.verdict import VERDICTS
from scorecard.metrics import MeasureView, Row, SegmentView
from scorecard.output import marks, measure_tables, pack_marks, pack_maturity, pack_plot, tables
from scorecard.output.pack_cells import Cell, Table
from scorecard.output.pack_marks import Explained
from scorecard.output.pack_maturity import Maturity
from scorecard.output.pack_plot import Plot
from scorecard.output.pack_twins import as_csv, as_json, told_of
from scorecard.reviews.model import DECISIONS, Changes, Item, Month, Told

__all__ = ["Pack", "Topic", "Line", "Part", "Decided", "Table", "Cell", "as_csv", "as_json", "build"]

TITLES = {"month": "Monthly review", "quarter": "Quarterly review"}
NOT_SIGNED = "Not signed: figures and decisions may still change"
NEXT_OPEN = "No decision yet."
ROUTINE = "Not on the agenda: nothing was decided about it."
FIGURES_SHOWN = 12
SAMPLE = "Sample data: a fictional company."


@dataclass(frozen=True)
class Line:
    """One measure of the scorecard in words. `alt` tells what its sparkline shows."""

    row: Row
    label: str
    owner: str
    value: str
    unit: str
    goal: str
    behaviour: tuple[str, str]
    against: tuple[str, str]
    status: str
    status_word: str
    was: str
    alt: str


@dataclass(frozen=True)
class Part:
    """A segment of a measure: its count, figure and behaviour."""

    view: SegmentView
    name: str
    count: str
    value: str
    behaviour: str
    alt: str


@dataclass(frozen=True)
class Decided:
    """One item of the agenda: why it came up, what was decided, and who does what until when."""

    item: Item
    title: str
    why: str
    status: str
    status_word: str
    decision: str
    discussion: str
    settle: str
    by: str
    actions: tuple[str, ...]

    @property
    def said(self) -> str:
        """What was said about it, and what would settle it."""
        return " ".join(part for part in (self.discussion, self.settle) if part)


@dataclass(frozen=True)
class Topic:
    """One measure on its own page."""

    view: MeasureView
    line: Line
    where: str
    sentences: tuple[Sentence, ...]
    plot: Plot
    parts: tuple[Part, ...]
    figures: Table
    decided: Decided | None
    definition: str
    limits: str
    notices: tuple[str, ...]

    @property
    def now(self) -> str:
        """`October 2026: 90.4%, goal ≥ 93%, was Watch`."""
        line = self.line
        parts = [f"{line.value} {line.unit}".strip(), f"goal {line.goal}" if line.goal else "no goal", line.was]
        return f"{line.row.period.label}: {', '.join(part for part in parts if part)}"


@dataclass(frozen=True)
class Pack:
    """A month of a scorecard as it leaves the product."""

    month: Month
    title: str
    house: str
    period: str
    second: str
    sentences: tuple[Sentence, ...]
    counts: tuple[tuple[str, str], ...]
    unchanged: str
    groups: tuple[tuple[str, tuple[Line, ...]], ...]
    span: str
    notices: tuple[str, ...]
    footer: tuple[Sentence, ...]
    commentary: tuple[str, ...]
    changes: tuple[tuple[str, tuple[str, ...]], ...]
    topics: tuple[Topic, ...]
    agenda: tuple[Decided, ...]
    decisions: Table
    actions: Table
    told: tuple[Told, ...]
    beside: Table
    maturity: Maturity | None
    marks: tuple[tuple[str, tuple[Explained, ...]], ...]
    mark: str
    copy: str

    @property
    def lines(self) -> tuple[Line, ...]:
        """All measures in the order of the scorecard."""
        return tuple(line for _, lines in self.groups for line in lines)

    @property
    def day(self) -> datetime:
        """The moment that the files carry as their own: of the signature, else of the end of the period."""
        signed = self.month.signature
        return signed.signed_at if signed else datetime.combine(self.month.period.end, datetime.min.time())

    @property
    def topic_of(self) -> dict[str, Topic]:
        """Measure -> its topic."""
        return {topic.view.row.measure.name: topic for topic in self.topics}


def build(month: Month) -> Pack:
    """The pack of a month; the same month gives the same pack."""
    view, pages = month.view, [one for one in month.measures if not one.segment]
    known = {one.row.measure.name: one.row.measure for one in pages}
    decided = tuple(_decided(item, known) for item in month.items)
    by_measure = {one.item.measure: one for one in reversed(decided) if one.item.measure}
    lines = {row.measure.name: _line(row) for row in view.rows}
    groups = tuple(
        (title, tuple(lines[row.measure.name] for row in rows))
        for (title, _), rows in zip(tables.GROUPS, (view.results, view.drivers), strict=True)
        if rows
    )
    return Pack(
        month=month,
        title=f"{TITLES.get(month.kind, 'Review')}, {month.period.label}",
        house=" ".join(part for part in (month.organisation, view.name) if part),
        period=month.period.label,
        second=_second(month),
        sentences=view.sentences,
        counts=tuple((s, f"{view.counts[s]} {STATUSES[s]}") for s in tables.ORDER if view.counts.get(s)),
        unchanged=_unchanged(month.changes),
        groups=groups,
        span=_span(view.rows),
        notices=_notices(month),
        footer=view.footer,
        commentary=tuple(part.strip() for part in month.commentary.split("\n\n") if part.strip()),
        changes=tuple(_changes(month.changes)),
        topics=tuple(
            _topic(one, lines[one.row.measure.name], by_measure.get(one.row.measure.name))
            for one in pages
            if one.row.measure.name in lines
        ),
        agenda=decided,
        decisions=_decisions(decided),
        actions=_actions(told_of(month), known),
        told=told_of(month),
        beside=_beside(month),
        maturity=pack_maturity.build(month.maturity) if month.maturity else None,
        marks=pack_marks.explained(view.rule_set),
        mark=_mark(month),
        copy="signed copy, nothing repainted" if month.signature else NOT_SIGNED.partition(":")[0].lower(),
    )


# --- the cover -------------------------------------------------------------------------------------------------------


def _second(month: Month) -> str:
    """Who signed, or that nobody did yet; then when it was held."""
    signed = month.signature
    if signed:
        role = f", {signed.role}" if signed.role else ""
        return f"Signed by {signed.name}{role}, {long_day(signed.signed_at.date())}, {signed.signed_at:%H:%M} UTC"
    held = f" · {long_day(month.held_on)}" if month.held_on else ""
    chair = f", chaired by {month.chair}" if month.chair else ""
    return f"{NOT_SIGNED}{held}{chair}"


def long_day(value: date) -> str:
    """A date as `12 November 2026`."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def _unchanged(changes: Changes) -> str:
    """`eight unchanged since September`; nothing without an earlier review."""
    return f"{count_word(changes.unchanged)} unchanged since {changes.since.bare}" if changes.since else ""


def _notices(month: Month) -> tuple[str, ...]:
    broken = "The content that is kept does not give its fingerprint any more: do not rely on this copy."
    own = [broken] if month.signature and not month.signature.matches else []
    return (*own, *([SAMPLE] if month.sample else ()), *month.view.notices)


def _mark(month: Month) -> str:
    """What stands at the foot of every page of a signed pack: the fingerprint, and the head of the audit."""
    signed = month.signature
    if not signed:
        return NOT_SIGNED
    audit = " ".join(signed.audit[at : at + 4] for at in range(0, min(8, len(signed.audit)), 4))
    return f"Fingerprint {signed.short}" + (f" · audit {audit}" if audit else "")


def _line(row: Row) -> Line:
    reading, measure = row.reading, row.measure
    was = row.was_status if row.was_status and row.was_status != reading.status else ""
    return Line(
        row,
        measure.label,
        measure.owner,
        row.value_text,
        (row.unit_word + (" so far" if row.partial else "")).strip(),
        fmt.goal(reading.goal.value, measure) if reading.goal else "",
        reading.behaviour,
        reading.against_goal,
        reading.status,
        STATUSES[reading.status],
        f"was {STATUSES[was]}" if was else "",
        marks.describe(row.chart, row.value_text),
    )


def _span(rows: Sequence[Row]) -> str:
    """`24 months`: how much the sparklines show."""
    axis = tables.axis_of(rows)
    if axis is None:
        return ""
    count = axis[1].ordinal - axis[0].ordinal + 1
    return f"{count} {noun(axis[0].grain, count)}"


# --- a measure -------------------------------------------------------------------------------------------------------


def _topic(view: MeasureView, line: Line, decided: Decided | None) -> Topic:
    measure, reading = view.row.measure, line.row.reading
    more = [Sentence("", text) for text in (_against(line.row), reading.evidence) if text]
    return Topic(
        view,
        line,
        where(measure),
        (reading.sentence, *more),
        pack_plot.plot(view),
        tuple(_part(part, measure) for part in view.segments),
        _figures(view),
        decided,
        counted(measure),
        limits_words(view.row.chart),
        tuple(text for text in (view.baseline_changed, measure.warning, *view.notices) if text),
    )


_REACH = {
    "will_meet": "It will reach {goal} while the work stays as it is.",
    "hit_or_miss": "It may hit or miss {goal} by chance.",
    "will_miss": "It will not reach {goal} as the work is done now.",
}


def _against(row: Row) -> str:
    """The reading against the goal as a sentence, beside a signal; a routine measure says it in its own sentence."""
    reading, measure = row.reading, row.measure
    if reading.signal is None or reading.goal is None:
        return ""
    return _REACH.get(reading.capability, "").format(goal=fmt.goal_value(reading.goal.value, measure))


def where(measure: Definition) -> str:
    """`Results · Work · owner Marta Ruiz`."""
    parts = [KINDS.get(measure.kind, measure.kind), SYSTEMS.get(measure.system, measure.system)]
    return " · ".join(part for part in (*parts, f"owner {measure.owner}" if measure.owner else "") if part)


def counted(measure: Definition) -> str:
    """What the measure counts: its description, else numerator ÷ denominator."""
    if measure.description:
        return measure.description
    both = measure.numerator_label and measure.denominator_label
    return f"{measure.numerator_label} ÷ {measure.denominator_label}" if both else "No definition is written yet."


def limits_words(chart: spc.Chart) -> str:
    """How the limits in force were made: `Limits: mean ± 2.66 × mean moving range, locked on Nov 2024 to Oct 2026.`"""
    phase = chart.phases[-1] if chart.phases else None
    if chart.options.window != "period":
        return spc.window_notice(chart.options.window)
    if phase is None or phase.baseline.state == "none" or phase.baseline.start is None or phase.baseline.end is None:
        return "No limits yet: too few figures."
    base = phase.baseline
    state = {"all": "from all figures,", "locked": "locked on"}.get(base.state, f"{base.state}, from")
    count = f"{base.n} {noun(base.start.grain, base.n)}"
    return f"Limits: {_rule(chart)}, {state} {base.start.short} to {base.end.short}, {count}."


def _rule(chart: spc.Chart) -> str:
    if chart.type != "xmr":
        return f"those of a {chart.type.replace('pp', 'p′').replace('up', 'u′')} chart, by the denominator"
    factor = spc.MEAN_RANGE_FACTOR if chart.options.ranges == "mean" else spc.MEDIAN_RANGE_FACTOR
    return f"{chart.options.centre} ± {factor} × {chart.options.ranges} moving range"


def _part(part: SegmentView, measure: Definition) -> Part:
    both = [part.numerator, part.denominator]
    count = " of ".join(count_texts(both)) if None not in both else ""
    told = marks.describe(part.chart, part.value_text)
    return Part(part, part.name, count, part.value_text, part.reading.behaviour[0], told)


def count_texts(values: Sequence[float | None]) -> list[str]:
    """Counts that stand beside one another, in thousands when one of them is a million or more."""
    known = [v for v in values if v is not None]
    most = max(map(abs, known), default=0)
    many, digits = most >= 1_000_000, 0 if most >= 1000 or all(v == round(v) for v in known) else 1
    texts = [fmt.NO_VALUE if v is None else fmt.plain(v / 1000 if many else v, digits) for v in values]
    return [f"{text}k" if many and v is not None else text for text, v in zip(texts, values, strict=True)]


def _figures(view: MeasureView) -> Table:
    """The last twelve periods: counts when there are any, and the value with its signals in their colour."""
    measure, points = view.row.measure, view.row.chart.points[-FIGURES_SHOWN:]
    rows = []
    if any(point.denominator is not None for point in points):
        counts = (
            (measure.numerator_label or "Numerator", [p.numerator for p in points]),
            (measure.denominator_label or "Denominator", [p.denominator for p in points]),
        )
        rows = [(Cell(name[:1].upper() + name[1:]), *map(Cell, count_texts(values))) for name, values in counts]
    rows.append((Cell(measure_tables.value_name(measure), "strong"), *(_figure(p, measure) for p in points)))
    heads = ("", *(measure_tables.month_name(point.period) for point in points))
    span = f"Figures, {points[0].period.short} to {points[-1].period.short}" if points else "Figures"
    return Table(span, heads, tuple(rows), frozenset(range(1, len(heads))), "No figures yet.")


def _figure(point: spc.Point, measure: Definition) -> Cell:
    text = fmt.value(point.value, measure).removesuffix("%").removeprefix(measure.symbol)
    tone = "out" if point.excluded else marks.tone_of(point.signals, measure.improvement_direction)
    return Cell(text + ("*" if point.partial else ""), tone or "strong")


# --- decisions and actions -------------------------------------------------------------------------------------------


def _decided(item: Item, known: dict[str, Definition]) -> Decided:
    words = DECISIONS.get(item.decision, ("",))[0]
    when = f", {day(item.decided_at.date())}" if item.decided_at else ""
    return Decided(
        item,
        item.title,
        item.why,
        item.status,
        STATUSES.get(item.status, ""),
        words,
        item.discussion,
        item.settle,
        f"{item.decided_by}{when}" if item.decided_by else "",
        tuple(promise(Told(action, None), known) for action in item.actions),
    )


def promise(told: Told, known: dict[str, Definition]) -> str:
    """An action in one line: `Renewal desk pilot. Amara Osei, 12 Dec 2026. Expected: +1.5 points by 30 Apr 2027.`"""
    action, expected = told.action, expectation(told, known)
    line = f"{action.title.rstrip('.')}. {action.owner_name}, {day(action.due)}."
    return f"{line} Expected: {expected}." if expected else line


def expectation(told: Told, known: dict[str, Definition]) -> str:
    """The expected effect in the unit of its measure, with its day; nothing when nobody stated it."""
    action, measure = told.action, known.get(told.action.measure)
    if action.effect is None:
        return ""
    sign = "+" if action.effect > 0 else ""
    size = fmt.change(action.effect, measure) if measure else f"{sign}{fmt.plain(action.effect, 1)}"
    return f"{size} by {day(action.effect_by)}" if action.effect_by else size


def _decisions(found: Sequence[Decided]) -> Table:
    rows = tuple(
        (
            Cell(one.title, "strong"),
            Cell(one.why),
            Cell(one.status_word),
            Cell(one.decision or NEXT_OPEN, "strong" if one.decision else "mut"),
            Cell(one.said),
        )
        for one in found
    )
    heads = ("Topic", "Why", "Status", "Decision", "Said")
    return Table("Decisions", heads, rows, frozenset(), "Nothing was on the agenda.")


def _actions(found: Sequence[Told], known: dict[str, Definition]) -> Table:
    """Who, until when, what it should move, what that says."""
    rows = tuple(_action(told, known, Cell(*_verdict(told))) for told in found)
    heads = ("Action", "Owner", "Due", "Measure", "Expected", "State", "What the measure says")
    return Table("Actions", heads, rows, frozenset(), "No action is recorded for this month.")


def _action(told: Told, known: dict[str, Definition], said: Cell) -> tuple[Cell, ...]:
    action = told.action
    stated = action.effect is not None
    return (
        Cell(action.title, "strong"),
        Cell(action.owner_name),
        Cell(day(action.due)),
        Cell(known[action.measure].label if action.measure in known else action.measure),
        Cell(expectation(told, known) if stated else "not stated", "" if stated else "mut"),
        Cell(STATES.get(action.state, action.state)),
        said,
    )


def _verdict(told: Told) -> tuple[str, str]:
    if told.verdict is None:
        return "not started yet" if told.action.measure else "moves no measure", "mut"
    tone = {"worked": "better", "worse": "worse"}.get(told.verdict.verdict, "")
    return f"{VERDICTS[told.verdict.verdict]}. {told.verdict.sentence.text}".strip(), tone


def _beside(month: Month) -> Table:
    rows = tuple((Cell(day(one.recorded_at.date())), Cell(one.text), Cell(one.author, "mut")) for one in month.beside)
    return Table("Added after signing", ("Day", "Beside the signed copy", "By"), rows)


def _changes(changes: Changes) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What changed since the review before, in groups of sentences; empty groups are left out."""
    moved = tuple(f"{one.label}: {_status(one.before)} → {_status(one.now)}." for one in changes.moved)
    groups = (
        ("Status", moved),
        ("New signals", changes.new_signals),
        ("Ended signals", changes.ended_signals),
        ("Restated figures", changes.restated),
        ("Limits", changes.limits),
        ("Goals", changes.goals),
        ("Actions", changes.actions),
    )
    return ((title, texts) for title, texts in groups if texts)


def _status(status: str) -> str:
    return STATUSES.get(status, status)
