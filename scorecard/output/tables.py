"""The tables and sentences that are read: one HTML text for the page, the share link and the files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from scorecard.core.definition import SYSTEMS
from scorecard.core.periods import day
from scorecard.core.reading import STATUSES, Reading
from scorecard.output import marks
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from datetime import date

    from scorecard.metrics import Row, ScorecardView

Href = Callable[[str], str] | None
GROUPS = (("Results", "lagging: what we get"), ("Drivers", "leading: what we do"))
LONG_FIGURE = 8
ORDER = ("act", "watch", "on_course", "not_yet")
MARKS_TITLE = "What the marks mean"
RULE_WORDS = (
    "The limits set the status: will reach = On course, may hit or miss = Watch, will not reach = Act. "
    "An improving signal lifts it one step, a worsening signal lowers it one step."
)


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


def scorecard(
    view: ScorecardView, href: Href = None, marks_href: str = "", by_status: bool = False, review_href: str = ""
) -> str:
    """The month's measures: a table on a wide place, a list on a phone; a legend and the rule at the foot.

    `href` gives the address of a measure, `review_href` that of the review; without them nothing is a link.
    `by_status` groups the phone's list by status.
    """
    rows = [*view.results, *view.drivers]
    if not rows:
        return (
            '<p class="mut">No measure has a slot yet. A scorecard holds up to ten. '
            "Choose them on the page Metrics.</p>"
        )
    return (
        f'<div class="wide">{_board(view, rows, href, review_href)}{legend(rows, marks_href)}</div>'
        f'<div class="narrow">{brief(view, href, by_status)}{legend(rows, marks_href)}</div>{foot(view.footer)}'
    )


def _board(view: ScorecardView, rows: Sequence[Row], href: Href, review_href: str) -> str:
    axis = axis_of(rows)
    heads = (
        ("measure", "Measure"),
        ("value r", view.period.bare),
        ("spark", _span(axis)),
        ("behaviour", "Behaviour"),
        ("goal", "Against the goal"),
        ("status", "Status"),
        ("action", "Action, owner, due"),
    )
    head = "".join(f'<th scope="col" class="c-{kind}">{escape(text)}</th>' for kind, text in heads)
    body = "".join(
        _group(title, told, part, href, axis, review_href)
        for (title, told), part in zip(GROUPS, (view.results, view.drivers), strict=True)
        if part
    )
    caption = f'<caption class="vh">{escape(view.name)} scorecard, {escape(view.period.label)}</caption>'
    return f'<table class="board">{caption}<thead><tr>{head}</tr></thead>{body}</table>'


def axis_of(rows: Sequence[Row], months: int = 24) -> marks.Axis:
    """The first and last period of the sparklines, one axis for all of them."""
    shown = [p.period for row in rows for p in row.chart.points[-months:]]
    return (min(shown), max(shown)) if shown else None


def _span(axis: marks.Axis) -> str:
    """The periods that the sparklines show: `Nov 2024 to Oct 2026`."""
    if axis is None:
        return ""
    first, last = axis
    return first.short if first == last else f"{first.short} to {last.short}"


def _group(title: str, told: str, rows: Sequence[Row], href: Href, axis: marks.Axis, review_href: str) -> str:
    head = f'<tr class="group"><th colspan="7" scope="rowgroup"><b>{title}</b> · {told}</th></tr>'
    return f"<tbody>{head}{''.join(_row(row, href, axis, review_href) for row in rows)}</tbody>"


def _row(row: Row, href: Href, axis: marks.Axis, review_href: str) -> str:
    reading, measure = row.reading, row.measure
    goal = reading.goal.value if reading.goal else None
    told = marks.describe(row.chart, row.value_text)
    spark = marks.sparkline(row.chart, goal, measure.improvement_direction, label=told, axis=axis)
    return (
        f'<tr data-measure="{escape(measure.name)}" data-status="{reading.status}">'
        f'<th scope="row" class="c-measure">{_name(row, href)}<span class="sub">{escape(_owner(row))}</span></th>'
        f'<td class="c-value r">{_figure(row)}<span class="sub nw">{escape(row.goal_text)}</span></td>'
        f'<td class="c-spark">{spark}</td>'
        f'<td class="c-behaviour">{_two(marks.behaviour_icon(reading), reading.behaviour)}</td>'
        f'<td class="c-goal">{_against(row)}</td>'
        f'<td class="c-status">{_status(row)}</td><td class="c-action">{_acted(row, review_href)}</td></tr>'
    )


def _acted(row: Row, review_href: str) -> str:
    """What is done about the measure, by whom, until when; what worked says so; else whether something is needed."""
    found = row.action
    if found is None:
        needed = {"on_course": "none needed", "not_yet": ""}.get(row.reading.status, "none yet")
        return f'<span class="sub">{needed}</span>'
    if found.state == "to_decide":
        words = escape(f"Decide on {_day(found.due)}")
        link = f'<a class="above" href="{escape(review_href)}">{words}</a>' if review_href else words
        return f'<span class="l1">{link}</span><span class="sub">no action yet</span>'
    until = "<b class='worked'>worked</b>" if found.verdict == "worked" else escape(_day(found.due))
    return (
        f'<span class="l1 clip" title="{escape(found.title)}">{escape(found.title)}</span>'
        f'<span class="sub clip">{escape(found.owner_name)} · {until}</span>'
    )


def _day(value: date) -> str:
    return day(value).rsplit(" ", 1)[0]


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
    long = " long" if len(row.value_text) > LONG_FIGURE else ""
    return f'<span class="fig{long}">{escape(row.value_text)}{small}</span>'


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
    return (
        f'<details class="why" name="why"><summary>{marks.status(row.reading.status)}'
        f'<span class="vh">, the rule that set it</span></summary>{why(row)}</details>{before}'
    )


_BASIS = {
    "goal": RULE_WORDS,
    "history": "There is no goal for this period, so the behaviour alone sets the status: "
    "routine or improving = On course; a strong "
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
    items.append(
        (marks.capability_mark(0, 1, 0.5, "increase"), "filled: the part of the natural range that meets the goal")
    )
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
        parts = (view.results, view.drivers)
        groups = [(title, "", list(part)) for (title, _), part in zip(GROUPS, parts, strict=True)]
    axis = axis_of([*view.results, *view.drivers])
    return '<div class="brief">' + "".join(_brief_group(*group, href, axis) for group in groups if group[2]) + "</div>"


def _brief_group(title: str, status: str, rows: Sequence[Row], href: Href, axis: marks.Axis) -> str:
    items = "".join(_brief_row(row, href, axis) for row in rows)
    return f'<h2 class="grouphead {status}">{title} <span>{len(rows)}</span></h2><ul>{items}</ul>'


def _brief_words(reading: Reading) -> str:
    """The behaviour, or that the goal is out of reach when that is the news."""
    if reading.variation == "routine" and reading.capability == "will_miss":
        return reading.against_goal[0]
    return reading.behaviour[0]


def _brief_row(row: Row, href: Href, axis: marks.Axis) -> str:
    goal = row.reading.goal.value if row.reading.goal else None
    spark = marks.sparkline(row.chart, goal, row.measure.improvement_direction, width=72, height=30, axis=axis)
    return (
        f'<li data-measure="{escape(row.measure.name)}">'
        f"{marks.status_shape(row.reading.status, STATUSES[row.reading.status])}"
        f'<span>{_name(row, href)}<span class="sub">{escape(_brief_words(row.reading))}</span></span>{spark}'
        f'<span class="r">{_figure(row)}'
        f'<span class="sub nw">{escape(row.goal_text.removeprefix("goal "))}</span></span></li>'
    )
