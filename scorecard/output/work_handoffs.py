"""Hand-offs between departments: the swim-lane drawing, the table with its charts, the worst one with examples, what waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scorecard.core import fmt, handoffs
from scorecard.core.definition import Definition
from scorecard.core.periods import day
from scorecard.output import marks
from scorecard.output.theme import escape
from scorecard.work.handoffs import FEEDBACK_DAYS, RECENT_MONTHS, label, short

if TYPE_CHECKING:
    from scorecard.core.handoffs import HandOff
    from scorecard.core.intervals import Share
    from scorecard.core.periods import Period
    from scorecard.core.reading import Reading
    from scorecard.core.spc import Chart, Point
    from scorecard.work.handoffs import Contract, Line, Overview, Waiting

Href = Callable[[str], str]
SHARE = Definition("", "", unit="percent", improvement_direction="decrease", format="0")
DAYS = Definition("", "", unit="days", improvement_direction="decrease", format="0.0")
LANE, LEFT, STEP, RIGHT, LETTER = 42, 104, 196, 96, 6.4
LONGEST_STEP, MOST_FITTED = 22, 6
TOO_FEW = "too few for a chart"


@dataclass(frozen=True)
class Ways:
    """Where the drawing leads: to one hand-off contract, to one hand-over, to all records."""

    contract: Href
    handoff: Href
    records: str


def caption(found: Overview) -> str:
    """What stands beside the heading."""
    return f"defective = sent back or completed later, {RECENT_MONTHS} months to {day(found.until)}"


def section(found: Overview, ways: Ways, accounts: Mapping[str, str]) -> str:
    """The drawing, the table, the worst hand-off and what waits."""
    links = f'<p class="cap hf-more"><a href="{escape(ways.records)}">All records: hand-offs, feedback to senders, contracts</a></p>'
    low = f'<div class="two-up">{examples(found, ways, accounts)}{waiting(found.waiting, ways, accounts)}</div>' if found.all.n or found.waiting else ""
    return f"{lanes(found.lines)}{table(found.lines, ways)}{low}{links}"


# -- the swim lanes


def lanes(lines: Sequence[Line]) -> str:
    """Every hand-off as a step from one lane to another, numbered as in the table."""
    if not lines:
        return ""
    rows = _rows(lines)
    width, height = LEFT + STEP * len(lines) + RIGHT, LANE * len(rows)
    bands = "".join(_lane(n, name, width) for n, name in enumerate(rows))
    said = "; ".join(f"{one.number} {one.contract.way}, {_defective(one.share)}" for one in lines)
    kind = "hf-lanes hf-many" if len(lines) > MOST_FITTED else "hf-lanes"
    drawn = marks.svg(width, height, bands + _steps(lines, rows), f"Hand-offs between departments: {said}.", kind)
    return f'<div class="hf-wide" tabindex="0" role="region" aria-label="Hand-offs between departments, drawn">{drawn}</div>'


def _rows(lines: Sequence[Line]) -> list[str]:
    """The departments in the order in which they are met."""
    return list(dict.fromkeys(name for one in lines for name in (one.contract.sender, one.contract.receiver)))


def _lane(n: int, name: str, width: float) -> str:
    band = f'<rect class="hf-lane" x="0" y="{n * LANE}" width="{width}" height="{LANE}"/>' if n % 2 == 0 else ""
    return f'{band}<text class="hf-name" x="10" y="{n * LANE + LANE / 2 + 4}">{escape(_cut(short(name), 14))}</text>'


def _steps(lines: Sequence[Line], rows: Sequence[str]) -> str:
    """Pills of work joined by numbered hand-offs; a step that the last one ended in is not drawn twice."""
    drawn, ends = [], {}
    for n, one in enumerate(lines):
        of, at = one.contract, LEFT + STEP * n + 128
        y, to = (rows.index(name) * LANE + LANE / 2 for name in (of.sender, of.receiver))
        begin = ends.pop(of.sender, None)
        if begin is None or of.before and of.before != begin[1]:
            drawn.append(_pill(of.before or label(of.sender), at - 78, y))
            begin = (at - 78 + _half(of.before or label(of.sender)), "")
        drawn.append(_arrow(one, begin[0], at, y, to, crowded=_crowded(lines[n + 1 : n + 2], of)))
        after = of.after or label(of.receiver)
        if to != y:
            drawn.append(_pill(after, at, to))
            ends = {of.receiver: (at + _half(after), after)}
    return "".join(drawn)


def _crowded(after: Sequence[Line], of: Contract) -> bool:
    """Whether the next step begins in the same lane, where the words of this one would stand."""
    return any(one.contract.sender == of.sender != of.receiver for one in after)


def _half(text: str) -> float:
    return max(len(_cut(text, LONGEST_STEP)) * LETTER / 2 + 14, 26)


def _pill(text: str, x: float, y: float) -> str:
    half = _half(text)
    return (f'<rect class="hf-pill" x="{x - half:.1f}" y="{y - 11.5}" width="{2 * half:.1f}" height="23" rx="11.5"/>'
            f'<text class="hf-step" x="{x:.1f}" y="{y + 4}" text-anchor="middle">{escape(_cut(text, LONGEST_STEP))}</text>')


def _arrow(one: Line, begin: float, x: float, y: float, to: float, crowded: bool) -> str:
    tone = tone_of(one)
    down = to > y
    end = to + (-12 if down else 12)
    tip = f"M{x - 5} {end + (-8 if down else 8)}L{x} {end}L{x + 5} {end + (-8 if down else 8)}Z"
    words = (x + 10, y + (25 if down else -17)) if crowded else (x + 15, y + 4)
    across = "" if to == y else f'<path class="hf-line {tone}" d="M{x} {y}V{end + (-7 if down else 7)}"/><path class="hf-tip {tone}" d="{tip}"/>'
    return (f'<path class="hf-line {tone}" d="M{begin:.1f} {y}H{x}"/>{across}<circle class="hf-dot {tone}" cx="{x}" cy="{y}" r="9"/>'
            f'<text class="hf-number" x="{x}" y="{y + 4}" text-anchor="middle">{one.number}</text>'
            f'<text class="hf-said {tone}" x="{words[0]}" y="{words[1]}">{escape(_defective(one.share))}</text>')


def tone_of(one: Line) -> str:
    """`better` or `worse` for a hand-off with a signal, else nothing."""
    return {"improving": "better", "worsening": "worse"}.get(one.reading.variation if one.reading else "", "")


def _defective(one: Share) -> str:
    return f"{one.value:.0%} defective" if one.value is not None else "none sent"


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


# -- the table

_HEADS = (("", ""), ("Hand-off", ""), ("Answered", "r"), ("Defective", "r"), ("Goal", "r"), ("24 months", "hf-spark"), ("Behaviour", ""), ("Status", ""),
          ("Days to complete", ""), ("Most often missing", ""))  # fmt: skip


def table(lines: Sequence[Line], ways: Ways) -> str:
    """A row for each hand-off: what came back with its chart, how long it took, what was missing."""
    heads = "".join(f'<th scope="col" class="{kind}">{text or "<span class=vh>Number</span>"}</th>' for text, kind in _HEADS)
    rows = "".join(_row(one, ways) for one in lines)
    return f'<table class="dense stacks hf-table"><caption class="vh">Hand-offs between departments</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _row(one: Line, ways: Ways) -> str:
    of, low = one.contract, one.share.interval
    spread = f'<span class="sub nw">{100 * low[0]:.0f} to {low[1]:.0%}</span>' if low else ""
    defective = f"<b>{one.share.value:.0%}</b>{spread}" if one.share.value is not None else "–"
    goal = f"≤ {fmt.goal_value(of.goal, SHARE)}" if of.goal is not None else "none"
    return (
        f'<tr><td class="hf-no">{one.number}</td><th scope="row"><a class="name" href="{escape(ways.contract(of.id))}">'
        f'{escape(way(one))}</a><span class="sub">{escape(of.what)}</span></th>'
        f'<td class="r" data-head="answered">{one.share.n:,}</td><td class="r" data-head="defective">{defective}</td>'
        f'<td class="r nw" data-head="goal">{goal}</td><td class="hf-spark">{spark(one)}</td><td>{behaviour(one)}</td>'
        f'<td>{marks.status(one.status)}</td><td data-head="days">{_took(one)}</td><td data-head="most often missing">{_missing(one)}</td></tr>'
    )


def way(one: Line) -> str:
    """`Sales → CS`."""
    return between(one.contract)


def between(of: Contract) -> str:
    """The same of a contract."""
    sender, receiver = (short(name) for name in (of.sender, of.receiver))
    return f"{sender} → {receiver}"


def spark(one: Line, width: float = 160) -> str:
    """The defective share over the months, or the words that there are too few."""
    if one.chart is None:
        return f'<span class="sub">{TOO_FEW}</span>'
    told = marks.describe(one.chart, fmt.value(one.reading.value, SHARE))
    return marks.sparkline(one.chart, one.contract.goal, "decrease", width=width, label=told)


def behaviour(one: Line) -> str:
    """The behaviour icon with its two lines; quarters say so."""
    if one.reading is None:
        return f'<span class="two">{marks.icon("none")}<span><span class="l1">No evidence yet</span><span class="sub">{TOO_FEW}</span></span></span>'
    first, second = one.reading.behaviour
    by = ", by quarter" if one.chart.points[-1].period.grain == "quarter" else ""
    return (f'<span class="two">{marks.behaviour_icon(one.reading)}<span><span class="l1">{escape(first)}</span>'
            f'<span class="sub">{escape(second + by)}</span></span></span>')


def _took(one: Line) -> str:
    """The latest mean with what is allowed; how many were late, open ones whose time is over among them."""
    allowed = f"{one.contract.days:g} allowed" if one.contract.days is not None else "no time agreed"
    late, n = one.late
    first = f"{fmt.value(one.delay.value, DAYS)} on average" if one.delay and one.delay.value is not None else TOO_FEW if n else "none completed"
    second = f"{late:,} of {n:,} late, {allowed}" if n and one.contract.days is not None else allowed
    wait = f'<span class="sub hf-late">{one.overdue:,} overdue</span>' if one.overdue else ""
    return f'<span class="l1">{escape(first)}</span><span class="sub">{escape(second)}</span>{wait}'


def _missing(one: Line) -> str:
    if not one.missing:
        return '<span class="sub">none</span>' if one.share.n else ""
    (field, n), more = one.missing[0], len(one.missing) - 1
    rest = f", {more} more {'field' if more == 1 else 'fields'}" if more else ""
    return f'<span class="l1">{escape(field)}</span><span class="sub">in {n:,} of {one.share.hits:,}{rest}</span>'


# -- the worst, and what waits


def examples(found: Overview, ways: Ways, accounts: Mapping[str, str]) -> str:
    """The hand-off of which most came back, with what was missing and its latest examples."""
    one = found.worst
    if one is None:
        return '<section class="sec"><div class="sechead"><h2>Sent back</h2></div><p class="mut">Nothing came back in three months.</p></section>'
    title = f"Worst: {way(one)}" if found.beyond_chance else f"Most came back: {way(one)}"
    said = "" if found.beyond_chance else '<p class="cap">Not beyond chance: the others may be no better.</p>'
    rows = "".join(_example(each, ways, accounts) for each in found.examples)
    return (f'<section class="sec"><div class="sechead"><h2>{escape(title)}</h2><span class="cap">the latest {len(found.examples)} of {one.share.hits:,}</span></div>'
            f'<ul class="hf-list">{rows}</ul>{said}{loop(one)}</section>')


def _example(one: HandOff, ways: Ways, accounts: Mapping[str, str]) -> str:
    name = accounts.get(one.account, one.account) or "no account named"
    after = f"completed after {one.days} {'day' if one.days == 1 else 'days'}" if one.days is not None else "not complete yet" if one.open else ""
    told = " · ".join(filter(None, (day(one.sent_on), after, one.words)))
    return (f'<li><a class="quiet" href="{escape(ways.handoff(one.id))}">{escape(name)}</a> lacked <b>{escape(", ".join(one.missing) or "a field nobody named")}</b>'
            f'<span class="sub">{escape(told)}</span></li>')


def loop(one: Line) -> str:
    """Whether the sender was told of what came back."""
    sender = short(one.contract.sender)
    if one.told_lately:
        return f'<p class="cap">{escape(sender)} was told {_times(one.told_lately)} in {FEEDBACK_DAYS} days, last on {day(one.told_on)}.</p>'
    last = f"last on {day(one.told_on)}" if one.told_on else "never so far"
    return f'<p class="notice">Nobody told {escape(sender)} in {FEEDBACK_DAYS} days what is missing ({last}).</p>'


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n} times")


def waiting(found: Sequence[Waiting], ways: Ways, accounts: Mapping[str, str], most: int = 6) -> str:
    """Hand-offs that are not complete, those past the time allowed first."""
    late = sum(one.overdue for one in found)
    head = f'<div class="sechead"><h2>Not complete yet</h2><span class="cap">{len(found):,} open, {late:,} past the time allowed</span></div>'
    if not found:
        return f'<section class="sec">{head}<p class="mut">Every hand-off was accepted or completed.</p></section>'
    rows = "".join(_open(one, ways, accounts) for one in found[:most])
    more = f'<p class="cap">and {len(found) - most:,} more</p>' if len(found) > most else ""
    return f'<section class="sec">{head}<ul class="hf-list">{rows}</ul>{more}</section>'


def _open(one: Waiting, ways: Ways, accounts: Mapping[str, str]) -> str:
    name = accounts.get(one.one.account, one.one.account) or "no account named"
    state = f"sent back for {', '.join(one.one.missing)}" if one.one.defective else "not answered"
    word = f'<b class="hf-late">{one.days} days</b>' if one.overdue else f"{one.days} days"
    return (f'<li><a class="quiet" href="{escape(ways.handoff(one.one.id))}">{escape(name)}</a> {word}'
            f'<span class="sub">{escape(one.contract.what)} · {escape(state)}</span></li>')


def read_on(value: date | None) -> str:
    """When both sides last read the contract together."""
    return f"read with both sides on {day(value)}" if value else "never read with both sides"


# -- one hand-off


def whole(one: Line, contract_href: str) -> str:
    """One hand-off: what came back and how long it took as charts with their numbers, missing fields, what its contract says."""
    charts = _large(one, "Sent back", one.chart, one.contract.goal, SHARE, one.reading) + _large(one, "Days until complete", one.delay_chart, one.contract.days, DAYS, one.delay)
    return f'<div class="two-up">{charts}</div><div class="two-up">{_fields(one)}{_agreed(one, contract_href)}</div>{_numbers(one)}'


def _large(one: Line, title: str, chart: Chart | None, goal: float | None, measure: Definition, reading: Reading | None) -> str:
    if chart is None or reading is None:
        return (f'<section class="sec"><div class="sechead"><h2>{title}</h2></div><p class="mut">No evidence yet: {TOO_FEW}. '
                f"It needs {handoffs.LEAST_TYPICAL} in a typical quarter.</p></section>")
    said = f"{reading.behaviour[0]}, {reading.behaviour[1]}"
    drawn = marks.sparkline(chart, goal, "decrease", width=560, height=130, label=f"{title}: {said}.")
    kind = "p chart, limits follow the number of each period" if chart.type == "p" else "XmR chart of the mean"
    by = f"by {chart.points[-1].period.grain}; {kind}"
    notices = "".join(f'<p class="cap">{escape(text)}</p>' for text in dict.fromkeys((*chart.notices, *reading.notices)))
    return (f'<section class="sec hf-large"><div class="sechead"><h2>{title}</h2><span class="cap">{escape(by)}</span></div>{drawn}'
            f'<p>{marks.status(reading.status)} {escape(said)}. {escape(", ".join(filter(None, reading.against_goal)))}.</p>{notices}</section>')


def _fields(one: Line) -> str:
    """Each field of the contract with how often it was missing in three months; no field is left out because it was there."""
    counted = dict(one.missing)
    names = list(dict.fromkeys((*counted, *one.contract.fields)))
    rows = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{_need(one, name)}</td><td class="r">{counted.get(name, 0):,}</td></tr>' for name in names)
    body = (f'<table class="dense"><thead><tr><th scope="col">Field</th><th scope="col">In the contract</th><th scope="col" class="r">Missing</th></tr></thead><tbody>{rows}</tbody></table>'
            if names else '<p class="mut">The contract names no field yet.</p>')
    return f'<section class="sec"><div class="sechead"><h2>What was missing</h2><span class="cap">of {one.share.hits:,} sent back, {RECENT_MONTHS} months</span></div>{body}</section>'


def _need(one: Line, name: str) -> str:
    return "needed" if name in one.contract.needed else "nice to have" if name in one.contract.fields else "not named"


def _agreed(one: Line, href: str) -> str:
    """What the contract says, and whether the sender hears of what came back."""
    of = one.contract
    goal = f"at most {fmt.goal_value(of.goal, SHARE)} defective" if of.goal is not None else "none"
    facts = (("From", label(of.sender)), ("To", label(of.receiver)), ("Time allowed", f"{of.days:g} days" if of.days is not None else "none"), ("Goal", goal),
             ("Read with both sides", day(of.read_on) if of.read_on else "never"))
    rows = "".join(f'<tr><th scope="row">{name}</th><td>{escape(said)}</td></tr>' for name, said in facts)
    return (f'<section class="sec"><div class="sechead"><h2>The contract</h2><span class="cap"><a href="{escape(href)}">open it</a></span></div>'
            f'<table class="dense">{_vh("The contract")}<tbody>{rows}</tbody></table>{loop(one) if one.share.hits else ""}</section>')


def _vh(text: str) -> str:
    return f'<caption class="vh">{text}</caption>'


def _numbers(one: Line) -> str:
    """The numbers of both charts, the latest period first."""
    days = {point.period: point for point in one.delay_chart.points} if one.delay_chart else {}
    shares = {point.period: point for point in one.chart.points} if one.chart else {}
    if not days and not shares:
        return ""
    heads = "".join(f'<th scope="col"{"" if n == 0 else " class=r"}>{text}</th>' for n, text in enumerate(("Period", "Answered", "Sent back", "Share", "Normal", "Mean days")))
    rows = "".join(_number(period, shares, days) for period in sorted({*days, *shares}, key=lambda one: one.start, reverse=True)[:24])
    return (f'<details class="hf-numbers"><summary>The numbers</summary><table class="dense"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></details>')


def _number(period: Period, shares: Mapping[Period, Point], days: Mapping[Period, Point]) -> str:
    one, took = shares.get(period), days.get(period)
    counts = (f"{one.denominator:,.0f}", f"{one.numerator:,.0f}", fmt.value(one.value, SHARE)) if one and one.value is not None else ("–", "–", "–")
    normal = fmt.range_text(one.lower or 0.0, 1.0 if one.upper is None else one.upper, SHARE) if one and (one.lower, one.upper) != (None, None) else "–"
    figures = (*counts, normal, fmt.value(took.value, DAYS) if took and took.value is not None else "–")
    return f'<tr><th scope="row">{period.short}</th>{"".join(f"<td class=r>{escape(text)}</td>" for text in figures)}</tr>'
