"""The tables and sentences that are read: one HTML text for the page, the share link and the files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scorecard.core import fmt
from scorecard.core.definition import KINDS, SYSTEMS, Definition
from scorecard.core.periods import Period, day
from scorecard.core.reading import STATUSES, Reading, count_word
from scorecard.core.spc import RULES, Chart, Point
from scorecard.output import marks
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.metrics import GoalRecord, MeasureView, Note, Row, ScorecardView, SegmentView

Href = Callable[[str], str] | None
GROUPS = (("Results", "lagging: what we get"), ("Drivers", "leading: what we do"))
ORDER = ("act", "watch", "on_course", "not_yet")
MARKS_TITLE = "What the marks mean"
RULE_WORDS = ("The limits set the status: will reach = On course, may hit or miss = Watch, will not reach = Act. "
              "An improving signal lifts it one step, a worsening signal lowers it one step.")


# --- sentences -------------------------------------------------------------------------------------------------------

def says(items: Iterable) -> str:
    """Sentences in a block with an ink edge: the bold part is the news, the rest is the evidence."""
    lines = "".join(f"<p>{sentence(item)}</p>" for item in items)
    return f'<div class="says">{lines}</div>' if lines else ""


def sentence(item) -> str:
    """One sentence: bold part, then the rest."""
    bold = f"<b>{escape(item.bold)}</b>" if item.bold else ""
    return f"{bold} {escape(item.rest)}".strip() if item.rest else bold


def counts(numbers: dict[str, int]) -> str:
    """How many measures have each status, worst first; a status nobody has is left out."""
    items = "".join(marks.status(s, f"{numbers[s]} {STATUSES[s]}") for s in ORDER if numbers.get(s))
    return f'<div class="counts">{items}</div>' if items else ""


def sentences(view: ScorecardView) -> str:
    """The month in at most four sentences, with the counts beside them and what the reader must be told below."""
    block = f'<div class="news">{says(view.sentences) or "<div></div>"}{counts(view.counts)}</div>'
    return block + notices(view.notices)


def notices(items: Sequence[str]) -> str:
    """What the reader must be told about the figures, each in a line of its own."""
    return "".join(f'<p class="notice" style="margin-top:12px">{escape(item)}</p>' for item in items)


# --- the scorecard ---------------------------------------------------------------------------------------------------

def scorecard(view: ScorecardView, href: Href = None, marks_href: str = "", by_status: bool = False) -> str:
    """The month's measures: a table on a wide place, a list on a phone; a legend and the rule at the foot.

    `href` gives the address of a measure; without it nothing is a link. `by_status` groups the list of the phone by status.
    """
    rows = [*view.results, *view.drivers]
    if not rows:
        return ('<p class="mut">No measure has a slot yet. A scorecard holds up to ten. '
                "Choose them on the page Metrics.</p>")
    return (f'<div class="wide">{_board(view, rows, href)}{legend(rows, marks_href)}</div>'
            f'<div class="narrow">{brief(view, href, by_status)}{legend(rows, marks_href)}</div>{foot(view.footer)}')


def _board(view: ScorecardView, rows: Sequence[Row], href: Href) -> str:
    heads = (("measure", "Measure"), ("value r", view.period.bare), ("spark", _span(rows)), ("behaviour", "Behaviour"),
             ("goal", "Against the goal"), ("status", "Status"))
    head = "".join(f'<th scope="col" class="c-{kind}">{escape(text)}</th>' for kind, text in heads)
    body = "".join(_group(title, told, part, href) for (title, told), part in zip(GROUPS, (view.results, view.drivers)) if part)
    caption = f'<caption class="vh">{escape(view.name)} scorecard, {escape(view.period.label)}</caption>'
    return f'<table class="board">{caption}<thead><tr>{head}</tr></thead>{body}</table>'


def _span(rows: Sequence[Row], months: int = 24) -> str:
    """The periods that the sparklines show: `Nov 2024 to Oct 2026`."""
    shown = [p.period for row in rows for p in row.chart.points[-months:]]
    if not shown:
        return ""
    first, last = min(shown), max(shown)
    return first.short if first == last else f"{first.short} to {last.short}"


def _group(title: str, told: str, rows: Sequence[Row], href: Href) -> str:
    head = f'<tr class="group"><th colspan="6" scope="rowgroup"><b>{title}</b> · {told}</th></tr>'
    return f'<tbody>{head}{"".join(_row(row, href) for row in rows)}</tbody>'


def _row(row: Row, href: Href) -> str:
    reading, measure = row.reading, row.measure
    goal = reading.goal.value if reading.goal else None
    spark = marks.sparkline(row.chart, goal, measure.improvement_direction, label=marks.describe(row.chart, row.value_text))
    return (f'<tr data-measure="{escape(measure.name)}" data-status="{reading.status}">'
            f'<th scope="row" class="c-measure">{_name(row, href)}<span class="sub">{escape(_owner(row))}</span></th>'
            f'<td class="c-value r">{_figure(row)}<span class="sub nw">{escape(row.goal_text)}</span></td>'
            f'<td class="c-spark">{spark}</td>'
            f'<td class="c-behaviour">{_two(marks.behaviour_icon(reading), reading.behaviour)}</td>'
            f'<td class="c-goal">{_against(row)}</td>'
            f'<td class="c-status">{_status(row)}</td></tr>')


def _name(row: Row, href: Href) -> str:
    label = escape(row.measure.label)
    if href is None:
        return f'<span class="name">{label}</span>'
    return f'<a class="name" href="{escape(href(row.measure.name))}">{label}</a>'


def _owner(row: Row) -> str:
    parts = [SYSTEMS.get(row.measure.system, row.measure.system), row.measure.owner]
    return " · ".join([p for p in parts if p] + (["restated"] if row.restated else []))


def _figure(row: Row) -> str:
    word = row.unit_word + (" so far" if row.partial else "")
    small = f"<small>{escape(word.strip())}</small>" if word.strip() else ""
    return f'<span class="fig">{escape(row.value_text)}{small}</span>'


def _two(icon: str, lines: Sequence[str]) -> str:
    second = f'<span class="sub">{escape(lines[1])}</span>' if len(lines) > 1 and lines[1] else ""
    return f'<span class="two">{icon}<span><span class="l1">{escape(lines[0])}</span>{second}</span></span>'


def _against(row: Row) -> str:
    """The capability icon with its words; words alone when there is nothing to draw."""
    if not row.reading.against_goal[0]:
        return ""
    return _two(marks.capability_icon(row), row.reading.against_goal)


def _status(row: Row) -> str:
    was = row.was_status
    before = f'<span class="was">was {STATUSES[was]}</span>' if was and was != row.reading.status else ""
    return (f'<details class="why" name="why"><summary>{marks.status(row.reading.status)}'
            f'<span class="vh">, the rule that set it</span></summary>{why(row)}</details>{before}')


_BASIS = {
    "goal": RULE_WORDS,
    "history": "There is no goal for this period, so the behaviour alone sets the status: routine or improving = On course; a strong "
               "worsening signal = Act; a weaker one, or a change of a measure without a wanted direction = Watch.",
    "plan": "The annual plan states the thresholds of red and yellow for this measure, and they decide.",
}
NOT_YET = "There are too few figures for limits, so there is no status yet."


def why(row: Row) -> str:
    """The rule that set the status of a row, with its two readings."""
    reading = row.reading
    told = NOT_YET if reading.status == "not_yet" else _BASIS.get(reading.basis, RULE_WORDS)
    against = reading.against_goal[0]
    found = f"{reading.behaviour[0]}. {against}." if against else f"{reading.behaviour[0]}."
    return f'<div class="pop"><p><b>{escape(found)}</b></p><p>{escape(told)}</p></div>'


def foot(items: Iterable) -> str:
    """The rule behind every status and the false alarms to expect."""
    text = " ".join(sentence(item) for item in items)
    return f'<p class="foot">{text}</p>' if text else ""


def legend(rows: Sequence[Row] = (), marks_href: str = "") -> str:
    """What is drawn without a word beside it, and the way to the page that explains every mark."""
    items = [(marks.mark("better_dot"), "signal, improving"), (marks.mark("worse_dot"), "signal, worsening")]
    if any(row.measure.improvement_direction == "neutral" for row in rows):
        items.append((marks.mark("changed_dot"), "signal, neither"))
    items += [(marks.legend_band(), "natural limits and centre"), (marks.legend_goal(), "goal")]
    if any(p.excluded or p.partial for row in rows for p in row.chart.points[-24:]):
        items.append((marks.mark("hollow_dot"), "left out, or not complete"))
    items.append((marks.capability_mark(0, 1, 0.5, "increase"), "filled: the part of the natural range that meets the goal"))
    spans = "".join(f"<span>{icon}{text}</span>" for icon, text in items)
    link = f'<a class="tap" href="{escape(marks_href)}">{MARKS_TITLE}</a>' if marks_href else ""
    return f'<div class="legend">{spans}{link}</div>'


# --- the same month on a phone ---------------------------------------------------------------------------------------

def brief(view: ScorecardView, href: Href = None, by_status: bool = False) -> str:
    """The month in one column: in groups of status, worst first, or as Results and Drivers."""
    if by_status:
        rows = [*view.results, *view.drivers]
        groups = [(STATUSES[s], s, [r for r in rows if r.reading.status == s]) for s in ORDER]
    else:
        groups = [(title, "", list(part)) for (title, _), part in zip(GROUPS, (view.results, view.drivers))]
    return '<div class="brief">' + "".join(_brief_group(*group, href) for group in groups if group[2]) + "</div>"


def _brief_group(title: str, status: str, rows: Sequence[Row], href: Href) -> str:
    items = "".join(_brief_row(row, href) for row in rows)
    return f'<h3 class="grouphead {status}">{title} <span>{len(rows)}</span></h3><ul>{items}</ul>'


def _brief_words(reading: Reading) -> str:
    """The behaviour, or that the goal is out of reach when that is the news."""
    if reading.variation == "routine" and reading.capability == "will_miss":
        return reading.against_goal[0]
    return reading.behaviour[0]


def _brief_row(row: Row, href: Href) -> str:
    goal = row.reading.goal.value if row.reading.goal else None
    spark = marks.sparkline(row.chart, goal, row.measure.improvement_direction, width=72, height=30)
    word = f"<small>{escape(row.unit_word)}</small>" if row.unit_word else ""
    return (f'<li data-measure="{escape(row.measure.name)}">'
            f'{marks.status_shape(row.reading.status, STATUSES[row.reading.status])}'
            f'<span>{_name(row, href)}<span class="sub">{escape(_brief_words(row.reading))}</span></span>{spark}'
            f'<span class="r"><span class="fig">{escape(row.value_text)}{word}</span>'
            f'<span class="sub nw">{escape(row.goal_text.removeprefix("goal "))}</span></span></li>')


# --- the page of a measure -------------------------------------------------------------------------------------------

MONTHS_BESIDE_CHART = 26


def numbers(view: MeasureView) -> str:
    """Every figure of the chart: periods across, counts and value below, signals in their colour, left out struck."""
    chart, measure = view.row.chart, view.row.measure
    if not chart.points:
        return '<p class="mut">No figures yet.</p>'
    lines = _count_lines(view) + [("val", _value_name(measure), [_value_cell(p, measure) for p in chart.points])]
    body = "".join(f'<tr class="{kind}"><td class="lead"></td>{"".join(cells)}<th scope="row">{escape(name)}</th></tr>' for kind, name, cells in lines)
    beside = "beside" if len(chart.points) <= MONTHS_BESIDE_CHART else "across"
    caption = f'<caption class="vh">{escape(measure.label)}, every period of the chart</caption>'
    return (f'<div class="scroll {beside}" tabindex="0" role="region" aria-label="Figures of {escape(measure.label)}"><table class="months">{caption}'
            f'<thead><tr><td class="lead"></td>{"".join(_heads(chart))}<td></td></tr></thead><tbody>{body}</tbody></table></div>')


def _heads(chart: Chart) -> list[str]:
    return [f'<th scope="col"{_new_year(chart, i)}>{escape(_month(p.period))}{_year(chart, i)}</th>' for i, p in enumerate(chart.points)]


def _month(period: Period) -> str:
    return period.short.rsplit(" ", 1)[0] if period.grain != "day" else period.bare


def _starts_year(chart: Chart, i: int) -> bool:
    return i == 0 or chart.points[i].period.start.year != chart.points[i - 1].period.start.year


def _new_year(chart: Chart, i: int) -> str:
    return ' class="newyear"' if i and _starts_year(chart, i) else ""


def _year(chart: Chart, i: int) -> str:
    return f"<b>{chart.points[i].period.start.year}</b>" if _starts_year(chart, i) else '<span class="vh"> ' + str(chart.points[i].period.start.year) + "</span>"


def _count_lines(view: MeasureView) -> list[tuple[str, str, list[str]]]:
    chart, measure = view.row.chart, view.row.measure
    if not any(p.denominator is not None for p in chart.points):
        return []
    parts = ((measure.numerator_label or "Numerator", [p.numerator for p in chart.points]),
             (measure.denominator_label or "Denominator", [p.denominator for p in chart.points]))
    return [("cnt", name, [f"<td{_new_year(chart, i)}>{escape(_count(v))}</td>" for i, v in enumerate(values)]) for name, values in parts]


def _count(x: float | None) -> str:
    if x is None:
        return fmt.NO_VALUE
    return fmt.plain(x / 1000, 0) + "k" if abs(x) >= 1_000_000 else fmt.plain(x, 0 if x == round(x) else 1)


def _value_name(measure: Definition) -> str:
    unit = {"percent": "%", "money": measure.currency, "days": "days", "hours": "hours", "minutes": "minutes"}.get(measure.unit, "")
    return f"Value, {unit}" if unit else "Value"


def _value_cell(point: Point, measure: Definition) -> str:
    if point.value is None:
        return f'<td class="mut" title="no figure">{fmt.NO_VALUE}</td>'
    tone = "out" if point.excluded else marks.tone_of(point.signals, measure.improvement_direction)
    told = "; ".join(RULES[s.rule].title for s in point.signals) or ("left out of the limits" if point.excluded else "not complete" if point.partial else "")
    said = f' title="{escape(told)}"' if told else ""
    text = fmt.value(point.value, measure).removesuffix("%").removeprefix(measure.currency)
    hidden = f'<span class="vh"> {escape(told)}</span>' if told else ""
    return f'<td class="{tone}"{said}>{escape(text)}{"*" if point.partial else ""}{hidden}</td>'


def phone_chart(view: MeasureView) -> str:
    """The chart of values as a drawing for narrow places, where the large one has no room for its words; hidden elsewhere."""
    chart, reading = view.row.chart, view.row.reading
    drawn = marks.sparkline(chart, _goal(reading), view.row.measure.improvement_direction, width=358, height=150, months=max(len(chart.points), 1),
                            label=reading.full_sentence)
    ends = f"{chart.points[0].period.short}</span><span>{chart.points[-1].period.short}" if chart.points else ""
    return f'<div class="narrow phonechart">{drawn}<p class="cap ends"><span>{ends}</span></p></div>'


def section(title: str, body: str, note: str = "") -> str:
    """A section with its heading and a quiet line beside it; nothing when the body is empty."""
    if not body:
        return ""
    quiet = f'<span class="cap">{escape(note)}</span>' if note else ""
    return f'<section class="sec"><div class="sechead"><h2>{escape(title)}</h2>{quiet}</div>{body}</section>'


def segments(view: MeasureView, href: Href = None) -> str:
    """Small multiples of the segments on one scale, each with its own limits; `href` gives the address of a segment."""
    if not view.segments:
        return ""
    measure = view.row.measure
    scale = [v for part in view.segments for v in marks.extent(part.chart, _goal(part.reading))]
    items = "".join(_segment(part, measure, scale, href) for part in view.segments)
    return f'<p class="sub">Same scale, each with its own limits.</p><div class="multiples">{items}</div>'


def _goal(reading: Reading) -> float | None:
    return reading.goal.value if reading.goal else None


def _segment(part: SegmentView, measure: Definition, scale: Sequence[float], href: Href) -> str:
    spark = marks.sparkline(part.chart, _goal(part.reading), measure.improvement_direction, width=180, height=88,
                            label=marks.describe(part.chart, part.value_text), scale=scale)
    name = f'<a href="{escape(href(part.name))}">{escape(part.name)}</a>' if href else escape(part.name)
    return (f"<figure><h3>{name}</h3><p class='sub'>{_levels(part, measure)}</p>{spark}"
            f"<figcaption>{escape(part.reading.behaviour[0])}<br>{escape(_segment_words(part.reading))}</figcaption></figure>")


def _levels(part: SegmentView, measure: Definition) -> str:
    """The centre before and after the last process change, and the latest figure."""
    phases = [p for p in part.chart.phases if p.centre is not None]
    now = f"{escape(part.reading.period.short)} {escape(part.value_text)}" if part.reading.period else escape(part.value_text)
    if len(phases) < 2:
        return now
    before, after = (escape(_level(p.centre, measure)) for p in phases[-2:])
    return f"{before} → <b>{after}</b>, {now}"


def _level(x: float, measure: Definition) -> str:
    return f"{fmt.plain(x * 100, 0)}%" if measure.is_share else fmt.value(x, measure)


def _segment_words(reading: Reading) -> str:
    return ", ".join(part for part in (reading.behaviour[1], reading.against_goal[0].lower() if reading.goal else "") if part)


def notes(view: MeasureView) -> str:
    """The notes of a measure, the newest first; a withdrawn one stays, struck, and says when."""
    items = sorted(view.notes, key=lambda n: n.happened, reverse=True)
    rows = "".join(f'<tr><td class="nw">{escape(day(n.happened))}</td><td>{_note_text(n)}</td><td class="mut nw">{escape(n.author)}</td></tr>' for n in items)
    return _small_table(("Day", "Note", "Author"), rows, "No notes yet. A note says what happened on a day, beside the figures.")


def _note_text(note: Note) -> str:
    if note.withdrawn_at is None:
        return escape(note.text)
    return f'<s>{escape(note.text)}</s> <span class="mut">withdrawn {escape(day(note.withdrawn_at.date()))}</span>'


def goals(view: MeasureView) -> str:
    """The goals by the period they start in, the newest first."""
    rows = "".join(
        f'<tr><td class="nw">from {escape(g.start.label)}</td><th scope="row" class="nw">{escape(fmt.goal(g.value, view.row.measure))}</th>'
        f'<td>{escape(g.source)}{_thresholds(g, view.row.measure)}</td><td class="mut nw">{escape(g.author)}</td></tr>'
        for g in sorted(view.goals, key=lambda g: g.start, reverse=True) if g.value is not None)
    return _small_table(("From", "Goal", "Source", "Set by"), rows, "No goal set, so behaviour only.")


def _thresholds(goal: GoalRecord, measure: Definition) -> str:
    if goal.red is None or goal.yellow is None:
        return ""
    return (f'<span class="sub">Watch from {escape(fmt.goal_value(goal.red, measure))}, On course from '
            f"{escape(fmt.goal_value(goal.yellow, measure))}, as the plan states</span>")


def limits(view: MeasureView) -> str:
    """Every record of limits, the newest first: from when, the range, the baseline, who locked it and why."""
    rows = "".join(
        f'<tr><td class="nw">from {escape(r.start.label)}</td><th scope="row" class="nw">{escape(fmt.range_text(r.lower, r.upper, view.row.measure))}</th>'
        f'<td>{escape(r.baseline_from.short)} to {escape(r.baseline_to.short)}, {r.n} points</td><td>{escape(r.reason)}</td>'
        f'<td class="mut nw">{escape(r.author)}, {escape(day(r.recorded_at.date()))}</td></tr>'
        for r in sorted(view.limits, key=lambda r: (r.start, r.version), reverse=True))
    return _small_table(("In force", "Normal range", "Baseline", "Reason", "Locked by"), rows, "No limits are locked yet.")


def exclusions(view: MeasureView) -> str:
    """The periods that count towards no limit, with the written cause."""
    rows = "".join(f'<tr><td class="nw">{escape(e.period.label)}</td><td>{escape(e.cause)}</td><td class="mut nw">{escape(e.author)}, '
                   f'{escape(day(e.recorded_at.date()))}</td></tr>' for e in view.exclusions if e.excluded)
    return _small_table(("Left out", "Cause", "By"), rows, "") if rows else ""


def history(view: MeasureView) -> str:
    """Who changed limits, goals or the definition, when and why, the newest first."""
    rows = "".join(f'<tr><td class="nw">{escape(day(c.when.date()))}</td><th scope="row">{escape(c.what)}</th><td>{escape(c.reason)}</td>'
                   f'<td class="mut nw">{escape(c.who)}</td></tr>' for c in sorted(view.history, key=lambda c: c.when, reverse=True))
    return _small_table(("Day", "Change", "Why", "Who"), rows, "Nothing was changed yet.")


def _small_table(heads: Sequence[str], rows: str, empty: str) -> str:
    if not rows:
        return f'<p class="mut">{empty}</p>'
    head = "".join(f'<th scope="col">{h}</th>' for h in heads)
    return f'<div class="scroll"><table class="dense"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def measure_head(view: MeasureView) -> str:
    """Name and status of a measure, its definition, and its sentence with the rule behind it."""
    row, reading = view.row, view.row.reading
    kind = KINDS.get(row.measure.kind, "")
    crumbs = " · ".join(escape(x) for x in (kind, SYSTEMS.get(row.measure.system, ""), f"owner {row.measure.owner}" if row.measure.owner else "") if x)
    carried = f" {escape(row.carried_by)} carries it." if row.carried_by else ""
    evidence = f'<p class="ink2">{escape(reading.evidence)}</p>' if reading.evidence else ""
    capability = f'<p class="ink2">{escape(_against_sentence(reading))}</p>' if _against_sentence(reading) else ""
    return (f'<p class="cap">{crumbs}</p><h1 class="withstatus">{escape(row.measure.label)} {_status(row)}</h1>'
            f'<p class="second" style="margin:4px 0 14px">{escape(row.measure.description)}</p>'
            f'<div class="says"><p>{sentence(reading.sentence)}{carried}</p>{evidence}{capability}</div>{notices([*reading.notices, *view.notices])}')


def _against_sentence(reading: Reading) -> str:
    """What the limits promise about the goal, when the sentence itself is about a signal."""
    if not reading.goal or reading.variation == "routine":
        return ""
    return {"will_meet": "It will reach the goal while the work stays as it is.", "hit_or_miss": "It may hit or miss the goal by chance.",
            "will_miss": "It will not reach the goal as the work is done now."}.get(reading.capability, "")


def chart_legend(view: MeasureView, marks_href: str = "") -> str:
    """The legend of the large chart, with the source of the figures."""
    points, phases = view.row.chart.points, view.row.chart.phases
    items = [(marks.mark("better_dot"), "signal, improving"), (marks.mark("worse_dot"), "signal, worsening")]
    if view.row.measure.improvement_direction == "neutral":
        items = [(marks.mark("changed_dot"), "signal")]
    items += [(marks.legend_band(), "natural limits and centre"), (marks.legend_goal(), "goal")]
    if any(p.baseline.state in ("trial", "provisional") for p in phases):
        items.append((marks.legend_band(trial=True), "trial or provisional limits"))
    if any(p.excluded for p in points):
        items.append((marks.mark("hollow_dot"), "left out of the limits"))
    spans = "".join(f"<span>{icon}{text}</span>" for icon, text in items)
    link = f'<a class="tap" href="{escape(marks_href)}">{MARKS_TITLE}</a>' if marks_href else ""
    return f'<div class="legend">{spans}{link}<span class="src">{escape("Source: " + view.source) if view.source else ""}</span></div>'


# --- all measures ----------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class ListRow:
    """One line of the list of measures. `slot` 0 has none; `tone` of the last signal is better, worse, changed or nothing."""

    name: str
    label: str
    slot: int
    owner: str
    system: str
    kind: str
    last_signal: str
    tone: str
    status: str


def measure_list(rows: Sequence[ListRow], href: Href = None) -> str:
    """All measures: the ten slots first, then those kept without a slot."""
    placed = sorted((r for r in rows if r.slot), key=lambda r: r.slot)
    kept = sorted((r for r in rows if not r.slot), key=lambda r: r.label.casefold())
    used = f"{count_word(len(placed))} of ten used"
    groups = (("Ten slots", used, placed), ("Kept without a slot", "computed and charted, not on the scorecard", kept))
    heads = "".join(f'<th scope="col"{k}>{t}</th>' for k, t in ((' class="slot"', '<span class="vh">Slot</span>'), ("", "Measure"), ("", "Owner"),
                                                                ("", "System"), ("", "Kind"), ("", "Last signal"), ("", "Status")))
    body = "".join(f'<tbody><tr class="group"><th colspan="7" scope="rowgroup"><b>{title}</b> · {told}</th></tr>'
                   f'{"".join(_list_row(r, href) for r in part)}</tbody>' for title, told, part in groups if part)
    return f'<div class="scroll"><table class="list"><thead><tr>{heads}</tr></thead>{body}</table></div>'


def _list_row(row: ListRow, href: Href) -> str:
    label = escape(row.label)
    name = f'<a class="name" href="{escape(href(row.name))}">{label}</a>' if href else f'<span class="name">{label}</span>'
    dot = marks.mark(f"{row.tone}_dot") if row.tone else ""
    quiet = "" if row.tone else ' class="mut"'
    return (f'<tr data-measure="{escape(row.name)}"><td class="slot">{row.slot or ""}</td><th scope="row">{name}</th><td>{escape(row.owner)}</td>'
            f'<td class="mut">{escape(SYSTEMS.get(row.system, row.system))}</td><td class="mut">{escape(row.kind)}</td>'
            f'<td{quiet}><span class="sig">{dot}{escape(row.last_signal)}</span></td><td>{marks.status(row.status)}</td></tr>')
