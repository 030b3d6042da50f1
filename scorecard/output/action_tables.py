"""Actions as they are read: whose they are, what is under way for each measure, what came of them, what kinds work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from scorecard.actions import STATES
from scorecard.core import fmt
from scorecard.core.definition import Definition
from scorecard.core.periods import Period, day
from scorecard.core.reading import STATUSES
from scorecard.core.verdict import VERDICTS
from scorecard.output import marks, tables
from scorecard.output.measure_tables import section
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from datetime import date

    from scorecard.actions import Action, Comment
    from scorecard.core.verdict import Verdict
    from scorecard.metrics import Board, Doing, KindLine, Meant, MeasureView, Row, UnderWay, Yearly
    from scorecard.store.actions import Change

Href = Callable[[str], str] | None
TITLES = {"mine": "Mine", "overdue": "Overdue", "open": "All open", "done": "Done"}
EMPTY = {
    "mine": "You have no open actions. A review gives them, or you write one yourself.",
    "overdue": "Nothing is overdue.",
    "open": "Nothing is under way. Write the first action: who does what, until when, and which measure it should move.",
    "done": "Nothing is finished yet.",
}
SPARK = (94, 26)
ROOM, ROOM_FOR_EXAMPLES = 44, 48
VERDICT_INK = {"worked": "better", "worse": "worse", "no_evidence": "none", "too_few": "few"}
SQUARES = {
    "worked": '<rect class="m-better" x=".5" y=".5" width="14" height="14"/>',
    "no_evidence": '<rect class="m-grey" x="1" y="1" width="13" height="13" stroke-width="1.2" stroke-dasharray="2.6 2"/>',
    "worse": '<rect class="m-worse" x=".5" y=".5" width="14" height="14"/>',
    "too_few": '<rect class="m-few" x="1" y="1" width="13" height="13"/>',
}
INTERVAL_WIDTH = 232.0


def second_line(board: Board) -> str:
    """`20 November 2026 · 14 open in the team, 7 of them yours`: plain text."""
    month = Period(board.today.replace(day=1), "month").label
    n, own = len(board.open), len(board.mine)
    return f"{board.today.day} {month} · {n} open in the team, {own if own else 'none'} of them yours"


# ---- the list ------------------------------------------------------------------------------------------------------


def listed(board: Board, which: str, href: Href = None, measure_href: Href = None) -> str:
    """The chosen list of actions as a table; `href` gives the address that opens an action."""
    found: Sequence[Doing] = getattr(board, which)
    if not found:
        return section(TITLES[which], f'<p class="mut">{EMPTY[which]}</p>')
    finished = which == "done"
    last = ("Verdict", "What the measure says") if finished else ("Expected", "First reading")
    heads = (
        "Action, and where it comes from", "State", "Ended" if finished else "Due", "Measure it should move",
        "24 months", *last,
    )  # fmt: skip
    axis = tables.axis_of([one.row for one in found if one.row])
    rows = "".join(_listed(one, which, board.today, href, measure_href, axis) for one in found)
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    note = "the last first" if finished else "in order of the date due"
    caption = f'<caption class="vh">{TITLES[which]}, {note}</caption>'
    table = f'<table class="acts stacks">{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return section(TITLES[which], table, note)


def _listed(one: Doing, which: str, today: date, href: Href, measure_href: Href, axis: marks.Axis) -> str:
    action = one.action
    when = action.ended if which == "done" else action.due
    last = _told_cells(one.verdict) if which == "done" else _expected_cells(one, today, href)
    return (
        f'<tr data-action="{escape(action.id)}"><th scope="row">{_title(action, href)}'
        f'<span class="sub">{escape(_from(action, which))}</span></th>'
        f'<td class="nw">{state(action, today)}</td><td class="nw" data-head="{"ended" if which == "done" else "due"}">{escape(near(when, today))}</td>'
        f"<td>{_measure(one, measure_href)}</td><td>{_spark(one.row, axis)}</td>{last}</tr>"
    )


def _title(action: Action, href: Href) -> str:
    title = escape(action.title)
    return (
        f'<a class="name" href="{escape(href(action.id))}">{title}</a>'
        if href
        else f'<span class="name">{title}</span>'
    )


def _from(action: Action, which: str) -> str:
    """Where it comes from, and whose it is where the list is not one person's."""
    parts = [action.origin_words or f"written by {action.made_by}", action.owner_name if which != "mine" else ""]
    return " · ".join(part for part in parts if part)


def near(value: date | None, today: date) -> str:
    """`17 Nov`, with the year when it is another than today's."""
    return day(value).removesuffix(f" {today.year}") if value else ""


def state(action: Action, today: date) -> str:
    """The mark and the word of how far an action is; how late it is when its date has passed."""
    late = action.days_late(today)
    if late:
        return f'<span class="state late">{marks.mark("cross")}{late} {"day" if late == 1 else "days"} late</span>'
    mark = {"in_progress": "half", "done": "done"}.get(action.state, "open")
    tone = " quiet" if action.state in ("not_started", "dropped") else ""
    return f'<span class="state{tone}">{marks.mark(mark)}{STATES[action.state]}</span>'


def _measure(one: Doing, href: Href) -> str:
    if one.row is None:
        return f'<span class="mut">{"none" if not one.action.measure else escape(one.action.measure)}</span>'
    part = f'<span class="sub">{escape(one.action.segment)}</span>' if one.action.segment else ""
    return f'<span class="two">{_shape(one.row)}<span>{_label(one.row, href)}{part}</span></span>'


def _shape(row: Row) -> str:
    return marks.status_shape(row.reading.status, STATUSES[row.reading.status])


def _label(row: Row, href: Href) -> str:
    label = escape(row.measure.label)
    return f'<a class="quiet" href="{escape(href(row.measure.name))}">{label}</a>' if href else label


def _spark(row: Row | None, axis: marks.Axis) -> str:
    if row is None:
        return ""
    goal = row.reading.goal.value if row.reading.goal else None
    told = marks.describe(row.chart, row.value_text)
    return marks.sparkline(row.chart, goal, row.measure.improvement_direction, *SPARK, label=told, axis=axis)


def _expected_cells(one: Doing, today: date, href: Href) -> str:
    action, row = one.action, one.row
    if not action.measure:
        return '<td class="mut">–</td><td class="mut">none</td>'
    if action.effect is None:
        stated = f'<a href="{escape(href(action.id))}">state it</a>' if href else "not stated"
    else:
        stated = escape(effect_words(action.effect, row.measure, row)) if row else ""
    reading = (
        escape(reading_words(action.first_reading, today)) if action.first_reading else '<span class="mut">none</span>'
    )
    return f'<td class="nw" data-head="expected">{stated}</td><td class="nw" data-head="first read">{reading}</td>'


def effect_words(effect: float, measure: Definition, row: Row | None = None) -> str:
    """`−8`, `+4 points`, `+0.2`; no change is to keep the goal: `keep ≥ $430k`."""
    if effect == 0:
        goal = row.reading.goal if row else None
        return f"keep {fmt.goal(goal.value, measure)}" if goal else "keep it as it is"
    text = fmt.change(effect, measure)
    head, dot, rest = text.partition(".0")
    return head + rest if dot and not rest[:1].isdigit() else text


def reading_words(first: Period, today: date) -> str:
    """`January`, with the year when it lies more than eleven months away."""
    return first.bare if abs((first.start - today).days) < 330 else first.label


def _told_cells(verdict: Verdict | None) -> str:
    if verdict is None:
        return '<td class="mut">–</td><td class="mut">it names no measure, or no day on which the work changed</td>'
    return f"<td>{told(verdict.verdict)}</td><td>{escape(verdict.figures)}{_shared(verdict)}</td>"


def told(verdict: str) -> str:
    """The mark and the word of a verdict."""
    return f'<span class="verdict v-{VERDICT_INK[verdict]}">{marks.mark(verdict)}{VERDICTS[verdict]}</span>'


def _shared(verdict: Verdict) -> str:
    if not verdict.shared:
        return ""
    return f'<span class="sub">shared with {escape(", ".join(verdict.shared))}</span>'


# ---- by measure ----------------------------------------------------------------------------------------------------


def by_measure(board: Board, measure_href: Href = None, add_href: Href = None) -> str:
    """What is under way for each measure of the scorecard, and the latest verdict; `add_href` writes a new action."""
    heads = ("Measure", "Open", "", "What is under way", "Latest verdict", "")
    head = "".join(_head(text) for text in heads)
    rows = "".join(_by_measure(one, measure_href, add_href) for one in board.measures)
    legend = "".join(marks.status(one) for one in ("on_course", "watch", "act"))
    note = f'<span class="cap statuses">open actions of the whole team {legend}</span>'
    caption = '<caption class="vh">Open actions and latest verdict by measure</caption>'
    return (
        f'<section class="sec"><div class="sechead"><h2>By measure</h2>{note}</div>'
        f'<table class="bymeasure stacks">{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></section>'
    )


def _head(text: str) -> str:
    if not text:
        return "<td></td>"
    return f'<th scope="col" class="r">{text}</th>' if text == "Open" else f'<th scope="col">{text}</th>'


def _by_measure(one: UnderWay, measure_href: Href, add_href: Href) -> str:
    late = f'<b class="late">{one.late} overdue</b>' if one.late else ""
    count = f"<b>{len(one.open)}</b>" if one.open else '<span class="mut">0</span>'
    return (
        f'<tr data-measure="{escape(one.row.measure.name)}"><th scope="row"><span class="two">{_shape(one.row)}'
        f"<b>{_label(one.row, measure_href)}</b></span></th>"
        f'<td class="r">{count}</td><td class="nw">{late}</td><td>{_under_way(one, add_href)}</td>{_latest(one)}</tr>'
    )


def _under_way(one: UnderWay, add_href: Href) -> str:
    if one.open:
        named, more = titles(one.open)
        rest = f'<span class="nw">&#160;{more}</span>' if more else ""
        return f'<span class="line" title="{escape(named)}"><span class="clip">{escape(named)}</span>{rest}</span>'
    status = one.row.reading.status
    if status in ("watch", "act"):
        words = f"{STATUSES[status]}, and nothing is tried"
        link = f'<a href="{escape(add_href(one.row.measure.name))}">add one</a> ' if add_href else ""
        return f'{link}<span class="mut">{words}</span>'
    if one.latest and one.latest.action.state == "done":
        return f'<span class="mut">{escape(one.latest.action.title)}, done</span>'
    return '<span class="mut">none needed</span>'


def titles(found: Sequence[Action]) -> tuple[str, str]:
    """(`Renewal desk pilot, price talk`, `and 2 more`): as many titles as fit on a line, at least one."""
    named = fitting([found[0].title, *(_inside(one.title) for one in found[1:])], ROOM)
    more = len(found) - len(named)
    return ", ".join(named), f"and {more} more" if more else ""


def fitting(words: Sequence[str], room: int) -> list[str]:
    """The first of these words that fit into so many letters, at least one."""
    kept = list(words[:1])
    for word in words[1:]:
        if len(", ".join([*kept, word])) > room:
            break
        kept.append(word)
    return kept


def _inside(title: str) -> str:
    """A title inside a list; a name or an abbreviation keeps its capitals."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _latest(one: UnderWay) -> str:
    if one.latest is None or one.latest.verdict is None:
        return "<td></td><td></td>"
    found, action = one.latest.verdict, one.latest.action
    after = f" after {_inside(action.title)}" if found.verdict == "worse" else ""
    return f'<td>{told(found.verdict)}</td><td class="mut clip">{escape(found.figures + after)}</td>'


# ---- what kinds work -----------------------------------------------------------------------------------------------


def kinds(yearly: Yearly) -> str:
    """The verdicts of a year by kind of action, one square an action, and the share that worked with its interval."""
    if not yearly.finished:
        return ""
    span = f"{yearly.first.label} to {yearly.until.label}"
    n = yearly.finished
    note = f"{n} {'action' if n == 1 else 'actions'} finished {span}; one square = one action"
    heads = ("Kind of action", *VERDICTS.values(), "Share that worked, of those read, with its 95% interval")
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    rows = "".join(_kind(line) for line in yearly.lines)
    caption = f'<caption class="vh">Verdicts by kind of action, {escape(span)}</caption>'
    table = f'<table class="kinds stacks">{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return section("What kinds of action work here", f'{table}<p class="foot">{escape(hint(yearly))}</p>', note)


def _kind(line: KindLine) -> str:
    named = [one if n == 0 else _inside(one) for n, one in enumerate(line.examples)]
    examples = f'<span class="sub">{escape(", ".join(fitting(named, ROOM_FOR_EXAMPLES)))}</span>' if named else ""
    cells = "".join(f'<td data-head="{VERDICTS[name]}">{squares(name, getattr(line, name))}</td>' for name in SQUARES)
    return (
        f'<tr><th scope="row"><span class="name">{line.title}</span>{examples}</th>{cells}<td>{_share(line)}</td></tr>'
    )


def squares(verdict: str, count: int) -> str:
    """One square for each action; the count in words for who does not see them."""
    if not count:
        return ""
    drawn = "".join(marks.svg(15, 15, SQUARES[verdict]) for _ in range(count))
    return f'<span class="squares" role="img" aria-label="{count} {VERDICTS[verdict].lower()}">{drawn}</span>'


def _share(line: KindLine) -> str:
    if line.interval is None:
        return '<span class="mut">none read yet</span>'
    low, high = line.interval
    at = INTERVAL_WIDTH * line.worked / line.read
    drawn = (
        f'<path class="m-hair" d="M0 9H{INTERVAL_WIDTH}"/>'
        f'<rect class="m-range" x="{INTERVAL_WIDTH * low:.1f}" y="6" width="{INTERVAL_WIDTH * (high - low):.1f}" height="6"/>'
        f'<circle class="m-inkfill" cx="{at:.1f}" cy="9" r="5"/>'
    )
    return (
        f'<span class="share">{marks.svg(INTERVAL_WIDTH, 18, drawn)}<span class="nw"><b>{line.worked} of {line.read}</b>&#160; '
        f'<span class="ink2">{fmt.plain(low * 100, 0)} to {fmt.plain(high * 100, 0)}%</span></span></span>'
    )


def hint(yearly: Yearly) -> str:
    """How far the table can be trusted: the chance of a gap as wide, if kinds made no difference."""
    source = "The kind is chosen when the action is written, the verdict comes from the measure’s own signals after the start."
    if yearly.chance is None:
        return f"A hint, not proof. {source}"
    (a, n), (b, m) = yearly.work, yearly.people
    times = round(yearly.chance * 100)
    often = f"about {times} of 100" if times else "fewer than 1 of 100"
    return (
        f"A hint, not proof: if kinds made no difference, a gap as wide as {a} of {n} against {b} of {m} comes up by chance "
        f"in {often} such comparisons. {source}"
    )


# ---- one measure ---------------------------------------------------------------------------------------------------


def of_measure(view: MeasureView, href: Href = None) -> str:
    """The actions that were meant to move a measure, with what was expected, what was seen, and the verdict."""
    if not view.actions:
        return ""
    unit = {"percent": ", points", "days": ", days", "hours": ", hours", "minutes": ", minutes"}.get(
        view.row.measure.unit, ""
    )
    heads = (("Action meant to move this measure", ""), ("Owner", ""), ("Since", ""), (f"Expected{unit}", "r"), (f"Seen{unit}", "r"),
             ("Verdict", ""), ("Because", ""))  # fmt: skip
    head = "".join(f'<th scope="col" class="{kind}">{text}</th>' for text, kind in heads)
    rows = "".join(_of_measure(one, view.row.measure, href) for one in view.actions)
    table = f'<table class="came stacks"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return section("Actions and what came of them", table)


def _of_measure(one: Meant, measure: Definition, href: Href) -> str:
    action, found = one.action, one.verdict
    since = Period(action.started.replace(day=1), "month").short if action.started else STATES[action.state]
    part = f'<span class="sub">{escape(action.segment)}</span>' if action.segment else ""
    size = bare(found.size, measure) if found and found.size is not None else ""
    name = (
        f'<a class="quiet" href="{escape(href(action.id))}">{escape(action.title)}</a>'
        if href
        else escape(action.title)
    )
    return (
        f'<tr data-action="{escape(action.id)}"><th scope="row">{name}{part}</th><td class="nw">{escape(action.owner_name)}</td>'
        f'<td class="nw">{since}</td><td class="r nw">{bare(action.effect, measure) if action.effect is not None else ""}</td>'
        f'<td class="r nw"><b>{size}</b></td><td class="nw">{told(found.verdict) if found else ""}</td>'
        f'<td class="because">{_because(found)}</td></tr>'
    )


def bare(x: float, measure: Definition) -> str:
    """A change without its unit, which stands in the head: `+10.4`."""
    return fmt.change(x, measure).removesuffix(" points").removesuffix(f" {fmt.unit_word(measure)}".rstrip() or " ")


def _because(found: Verdict | None) -> str:
    if found is None:
        return ""
    rest = found.sentence.rest
    return f"{escape(rest[:1].upper() + rest[1:])}{_shared(found)}"


# ---- one action ----------------------------------------------------------------------------------------------------

CHANGED = {
    "title": "title", "kind": "kind", "owner": "owner", "due": "due", "measure": "measure", "segment": "segment",
    "effect": "expected effect", "effect_by": "expected by", "first_reading": "first reading", "state": "state",
    "started": "the work changed on", "ended": "ended",
}  # fmt: skip


def comments(found: Sequence[Comment]) -> str:
    """What was said beside an action, the oldest first; withdrawn words stay, struck."""
    items = "".join(
        f'<li><b>{escape(one.author)}</b> <span class="mut">{escape(day(one.recorded_at.date()))}</span><br/>{_words(one)}</li>'
        for one in found
    )
    return f'<ul class="talk">{items}</ul>' if items else ""


def _words(one: Comment) -> str:
    text = escape(one.text).replace("\n", "<br/>")
    return f'<s>{text}</s> <span class="mut">withdrawn</span>' if one.withdrawn_at else text


def history(found: Sequence[Change], people: dict[str, str]) -> str:
    """Who changed what, the newest first; `people` gives names for ids."""
    rows = "".join(
        f'<tr><td class="nw">{escape(day(one.when.date()))}</td><td>{escape(change_words(one, people))}</td>'
        f'<td class="mut nw">{escape(one.who)}</td></tr>'
        for one in found
        if one.what not in ("comment", "withdraw_comment")
    )
    head = '<thead><tr><th scope="col">Day</th><th scope="col">What</th><th scope="col">Who</th></tr></thead>'
    return f'<div class="scroll"><table class="dense">{head}<tbody>{rows}</tbody></table></div>' if rows else ""


def change_words(one: Change, people: dict[str, str]) -> str:
    """`due 2026-12-12, was 2026-11-30; state done, was in progress`."""
    if one.what == "add_action":
        return "Written"
    parts = [
        f"{CHANGED.get(name, name)} {_said(name, value, people)}, was {_said(name, one.before.get(name), people)}"
        for name, value in one.after.items()
    ]
    return "; ".join(parts)


def _said(name: str, value: object, people: dict[str, str]) -> str:
    if value in (None, ""):
        return "none"
    if name == "owner":
        return people.get(str(value), str(value))
    return STATES.get(str(value), str(value)) if name == "state" else str(value)


def told_of(action: Action, today: date, found: Doing | None) -> str:
    """One action in a few lines: how far it is, who owns it, what it should bring, and what its measure says."""
    measure = found.row.measure if found and found.row else None
    effect = effect_words(action.effect, measure, found.row) if measure and action.effect is not None else "not stated"
    lines = [
        ("State", state(action, today)),
        ("Owner", escape(action.owner_name)),
        ("Due", escape(day(action.due))),
        ("From", escape(action.origin_words or f"written by {action.made_by}")),
    ]
    if measure:
        by = f" by {day(action.effect_by)}" if action.effect_by and action.effect is not None else ""
        reading = f", first read in {action.first_reading.label}" if action.first_reading else ""
        lines += [("Measure", escape(measure.label)), ("Expected", escape(effect + by + reading))]
    if action.started:
        lines.append(("The work changed", escape(day(action.started))))
    if found and found.verdict:
        lines.append(("Verdict", f"{told(found.verdict.verdict)} {_because(found.verdict)}"))
    body = "".join(f'<tr><th scope="row" class="mut">{name}</th><td>{value}</td></tr>' for name, value in lines)
    return f'<table class="dense told"><tbody>{body}</tbody></table>'
