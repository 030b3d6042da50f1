"""The monthly review as it is read: its agenda, one item, the way to signing, and what changed since the last one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from scorecard.core import fmt
from scorecard.core.definition import Definition
from scorecard.core.periods import SHORT_MONTHS, Period, day
from scorecard.core.reading import STATUSES
from scorecard.core.spc import latest
from scorecard.core.verdict import VERDICTS
from scorecard.output import marks, tables
from scorecard.output.theme import escape
from scorecard.reviews.model import DECISIONS, STANDINGS

if TYPE_CHECKING:
    from datetime import date

    from scorecard.actions import Action, Comment
    from scorecard.core.verdict import Verdict
    from scorecard.metrics import MeasureView, Row
    from scorecard.metrics.rollups import Part
    from scorecard.reviews.model import Changes, Check, Contract, Habit, Item, Month, MonthOfQuarter, ReviewView, Told

Href = Callable[[str], str] | None
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
STATES = {
    "not_started": ("open", "Not started"),
    "in_discussion": ("half", "In discussion"),
    "decided": ("done", "Decided"),
}
REVIEW_STATES = {"not_opened": ("planned", "Not begun"), "open": ("half", "In progress"), "signed": ("padlock", "Signed")}
VERDICT_INK = {"worked": "better", "worse": "worse"}
CHART_WIDTH, CHART_HEIGHT, LABEL_HEIGHT = 194.0, 92.0, 15.0
FRESH_NOTES = 3
QUESTIONS = {
    "outside": "What was different in {period}? Which accounts, which part of the product?",
    "shift": "What changed when the run began? Who works in another way since then?",
    "trend": "What pushes it on month after month, and how long will it?",
    "near": "What do the months near the limit have in common?",
}
UNREACHABLE = "What in the way the work is done holds it where it is?"


# --- the head --------------------------------------------------------------------------------------------------------


def long_day(value: date, year: bool = True) -> str:
    """`Thursday 12 November 2026`."""
    text = f"{WEEKDAYS[value.weekday()]} {value.day} {Period(value.replace(day=1), 'month').bare}"
    return f"{text} {value.year}" if year else text


def second_line(view: ReviewView, sent: str = "") -> str:
    """When it is held, who chairs, how many people, when it was sent before: plain text."""
    month = view.month
    signed = view.state == "signed"
    when = long_day(month.held_on, signed) if month.held_on else "No day set"
    ends = _ends(month.begins, month.minutes)
    people = len(month.attendees)
    parts = [
        when + (f", {month.begins} to {ends}" if ends and month.held_on and not signed else ""),
        f"chaired by {month.chair}" if month.chair else "no chair yet",
        f"{people} {'person' if people == 1 else 'people'}{' present' if signed else ''}" if people else "",
        f"pre-read sent {sent}" if sent and not signed else "",
        "read from the frozen copy" if signed else "",
    ]
    return " · ".join(part for part in parts if part)


def _ends(begins: str, minutes: int) -> str:
    """`15:00` for a review that begins at 14:00 and takes 60 minutes; "" when the beginning is not a time."""
    hours, _, rest = begins.partition(":")
    if not (hours.isdigit() and rest.isdigit()):
        return ""
    total = int(hours) * 60 + int(rest) + minutes
    return f"{total // 60 % 24:02d}:{total % 60:02d}"


# --- the agenda ------------------------------------------------------------------------------------------------------


def agenda_head(view: ReviewView) -> str:
    """The title over the agenda, with how much of it is decided."""
    items = view.month.items
    count = f"{view.decided} of {len(items)} decided" if items else ""
    return (
        f'<div class="sechead agendahead"><h2>Agenda, made from the signals</h2><span class="cap">{count}</span></div>'
        + ("" if items else f'<p class="mut agendaempty">{escape(NOTHING if has_figures(view.month) else NO_FIGURES)}</p>')
    )


def has_figures(month: Month) -> bool:
    """Whether any measure of the scorecard has a figure in the period."""
    return any(row.value is not None for row in month.view.rows)


NO_FIGURES = "The agenda is made when the figures are loaded. What you add yourself stands here already."
NOTHING = "No signals, and every measure can reach its goal. Read last month’s actions and close."


def agenda(items: Sequence[Item], names: Mapping[str, Definition], href: Href = None, open_item: str = "") -> str:
    """Items one below the other, in their order; `href` gives the address that opens one."""
    if not items:
        return ""
    rows = "".join(_item(item, names, href, item.id == open_item) for item in items)
    return f'<ol class="agenda" start="{items[0].place}">{rows}</ol>'


def _item(item: Item, names: Mapping[str, Definition], href: Href, is_open: bool) -> str:
    mark, words = STATES[item.state]
    status = marks.status(item.status) if item.status in STATUSES else ""
    told = _decided(item, names) if item.state == "decided" and not is_open else ""
    return (
        f'<li class="item{" open" if is_open else ""}" data-item="{escape(item.id)}" data-state="{item.state}">'
        f'<div class="i-row"><span class="i-no">{item.place}</span><span class="i-icon">{item_icon(item)}</span>'
        f'<span class="i-title">{_title(item, href, is_open)}<span class="sub">{escape(item.why)}</span></span>'
        f'<span class="i-status">{status}</span><span class="i-min">{item.minutes} min</span>'
        f'<span class="i-state {item.state}">{marks.mark(mark)}{words}</span>{_chevron(href, is_open)}</div>{told}</li>'
    )


def _title(item: Item, href: Href, is_open: bool) -> str:
    if href is None:
        return f'<span class="name">{escape(item.title)}</span>'
    state = "true" if is_open else "false"
    return f'<a class="name" aria-expanded="{state}" href="{escape(href(item.id))}">{escape(item.title)}</a>'


def _chevron(href: Href, is_open: bool) -> str:
    if href is None:
        return ""
    path = "M3 9.5L7.5 5 12 9.5" if is_open else "M3 5.5L7.5 10 12 5.5"
    return f'<span class="i-chev">{marks.svg(15, 15, f"""<path class="m-ink" d="{path}"/>""")}</span>'


def item_icon(item: Item) -> str:
    """The behaviour of the measure, its range against the goal, or what kind of item it is."""
    if item.row is not None and item.kind == "unreachable":
        return marks.capability_icon(item.row)
    if item.row is not None:
        return marks.behaviour_icon(item.row.reading)
    return {"overdue": marks.mark("clock"), "disagreement": marks.mark("cross"), "data": marks.mark("half"), "trigger": marks.mark("bar")}.get(
        item.kind, ""
    )


def _decided(item: Item, names: Mapping[str, Definition]) -> str:
    """The second line of a closed item: the decision with its actions, or with what would settle it."""
    said = decision_words(item.decision)
    if not item.actions:
        return f'<div class="i-done"><b>{escape(said)}</b><span class="i-what">{escape(item.settle)}</span></div>'
    lines = [
        f'<div class="i-done"><b>{escape(said) if n == 0 else ""}</b><span class="i-what">{escape(one.title)}</span>'
        f'<span class="mut i-who">{escape(owner_due(one))}</span>'
        f'<span class="mut i-effect">{escape(effect(one, names.get(one.measure)))}</span></div>'
        for n, one in enumerate(item.actions)
    ]
    return "".join(lines)


def decision_words(decision: str) -> str:
    """A decision as people read it; "" for none."""
    return DECISIONS[decision][0] if decision in DECISIONS else ""


def owner_due(action: Action) -> str:
    """`Amara Osei · 12 Dec`."""
    return " · ".join(part for part in (action.owner_name, near(action.due)) if part)


def near(value: date) -> str:
    """A day without its year: `12 Dec`."""
    return f"{value.day} {SHORT_MONTHS[value.month - 1]}"


def effect(action: Action, measure: Definition | None) -> str:
    """`+1.5 points by 30 Apr`; "" when nobody stated it."""
    if action.effect is None or measure is None:
        return ""
    return fmt.change(action.effect, measure) + (f" by {near(action.effect_by)}" if action.effect_by else "")


def names_of(month: Month) -> dict[str, Definition]:
    """The definitions of the measures of a month, by id."""
    return {one.row.measure.name: one.row.measure for one in month.measures} | {
        row.measure.name: row.measure for row in month.view.rows
    }


def foot(view: ReviewView) -> str:
    """Under the agenda: the false alarms to expect."""
    return f'<p class="cap agendafoot">{escape(view.budget)}</p>' if view.budget else ""


# --- one item --------------------------------------------------------------------------------------------------------


def on_panel(body: str) -> str:
    """What stands on the panel of the open item: its ground is seen through."""
    return f'<div class="onpanel">{body}</div>'


def step(number: int, name: str) -> str:
    """The head of one of the three steps of an item."""
    return f'<h3 class="stephead"><span class="disc">{number:d}</span>{escape(name)}</h3>'


def discuss(item: Item, view: MeasureView | None, teams: Sequence[Part] = ()) -> str:
    """What to talk about: the measure with its limits, where it comes from, what people noted, and the question."""
    parts = [step(1, "Discuss")]
    if item.row is not None:
        parts += [chart(item.row), f'<p class="cap ask">{escape(question(item))}</p>']
    if view is not None:
        parts += [comes_from(view, teams), _notes(view)]
    return "".join(parts)


def question(item: Item) -> str:
    """What the reading asks for."""
    if item.row is None:
        return ""
    reading = item.row.reading
    if item.kind == "unreachable":
        return UNREACHABLE
    return QUESTIONS.get(reading.shape, "").format(period=item.row.period.bare) if reading.variation != "routine" else ""


def chart(row: Row) -> str:
    """A small drawing of the measure with its limits and goal; the latest figure and the limits stand beside it."""
    goal = row.reading.goal.value if row.reading.goal else None
    points = row.chart.points[-24:]
    if not points:
        return '<p class="mut">No figures yet.</p>'
    told = marks.describe(row.chart, row.value_text)
    spark = marks.sparkline(
        row.chart, goal, row.measure.improvement_direction, width=CHART_WIDTH, height=CHART_HEIGHT, label=told
    )
    ends = f"<span>{points[0].period.short}</span><span>{points[-1].period.short}</span>"
    return (
        f'<figure class="itemchart"><div>{spark}{_beside(row, goal)}</div>'
        f'<figcaption class="cap ends">{ends}</figcaption></figure>'
    )


def _beside(row: Row, goal: float | None) -> str:
    """The latest figure, the limits and the centre at their heights, none over another."""
    point = latest(row.chart)
    if point is None:
        return ""
    y = marks.Scale(marks.extent(row.chart, goal), 5, CHART_HEIGHT - 5)
    tone = marks.tone_of(point.signals, row.measure.improvement_direction)
    found = [(point.value, f"l-now {tone}"), (point.upper, ""), (point.centre, ""), (point.lower, "")]
    labels = [(y(value), fmt.value(value, row.measure), kind) for value, kind in found if value is not None]
    texts = "".join(
        f'<text class="{kind or "l-limit"}" x="0" y="{at + 4:.1f}">{escape(text)}</text>'
        for at, text, kind in _apart(labels)
    )
    return marks.svg(48, CHART_HEIGHT, texts)


def _apart(labels: Iterable[tuple[float, str, str]]) -> list[tuple[float, str, str]]:
    """Labels that stand clear of one another: the first given keeps its place, one that finds no room is left out."""
    placed: list[tuple[float, str, str]] = []
    for label in labels:
        if all(abs(label[0] - other[0]) >= LABEL_HEIGHT - 2 for other in placed):
            placed.append(label)
    return placed


def comes_from(view: MeasureView, teams: Sequence[Part] = ()) -> str:
    """Segments with their own reading, then teams that are no segment with their figure; alphabetical, never by value."""
    measure, segments = view.row.measure, {part.name for part in view.segments}
    rows = "".join(
        f'<tr><th scope="row">{escape(part.name)}</th><td class="r">{escape(part.value_text)}</td>'
        f'<td><span class="sig">{marks.behaviour_icon(part.reading)}{escape(part.reading.behaviour[0])}</span></td></tr>'
        for part in view.segments
    ) + "".join(
        f'<tr><th scope="row">{escape(part.name)}</th><td class="r">{escape(part.value_text)}</td>'
        f'<td class="mut">{escape(part.counted)}</td></tr>'
        for part in teams
        if part.name not in segments
    )
    if not rows:
        return ""
    caption = f'<caption class="cap">Where it comes from<span class="vh">: {escape(measure.label)}</span></caption>'
    return f'<table class="dense parts">{caption}<tbody>{rows}</tbody></table>'


def _notes(view: MeasureView) -> str:
    """The newest notes that stand."""
    standing = [note for note in view.notes if note.withdrawn_at is None]
    newest = sorted(standing, key=lambda note: note.happened, reverse=True)[:FRESH_NOTES]
    items = "".join(
        f"<li><b>{near(note.happened)}</b> "
        f'{escape(note.text)} <span class="mut">{escape(note.author)}</span></li>'
        for note in newest
    )
    return f'<ul class="itemnotes cap" aria-label="Notes">{items}</ul>' if items else ""


def comments(found: Sequence[Comment]) -> str:
    """What people said beside an item, the oldest first."""
    items = "".join(
        f'<li><b>{escape(one.author)}</b>, {near(one.recorded_at.date())}: {escape(one.text)}</li>'
        for one in found
        if one.withdrawn_at is None
    )
    return f'<ul class="itemnotes cap" aria-label="Comments">{items}</ul>' if items else ""


def suggestion(item: Item) -> str:
    """What the reading suggests, and why; what was promised beforehand, and whether the decision keeps it."""
    said = decision_words(item.suggested)
    lines = []
    if said:
        lines.append(f"{escape(item.suggested_why)} Suggested: {escape(said[0].lower() + said[1:])}.")
    if item.commitment:
        lines.append(f"<b>Agreed beforehand:</b> {escape(item.commitment)}")
    if item.followed:
        lines.append(escape(item.followed))
    return "".join(f'<p class="cap suggests">{line}</p>' for line in lines)


def read_item(item: Item, names: Mapping[str, Definition]) -> str:
    """An item for who may not change it: what was said, decided and assigned."""
    said = escape(item.discussion) or '<span class="mut">Nothing is written down yet.</span>'
    decision = (
        f"<b>{escape(decision_words(item.decision))}</b> {escape(item.settle)}"
        if item.decision
        else '<span class="mut">Not decided yet.</span>'
    )
    by = f'<span class="sub">{escape(item.decided_by)}</span>' if item.decided_by else ""
    return (
        f'<p class="said">{said}</p>{step(2, "Decide")}<p class="said">{decision}{by}</p>{suggestion(item)}'
        f'{step(3, "Act")}{actions_of(item, names) or """<p class="mut said">No action yet.</p>"""}'
    )


def actions_of(item: Item, names: Mapping[str, Definition]) -> str:
    """The actions of an item: title, owner, due, expected effect."""
    rows = "".join(
        f'<li><span class="name">{escape(one.title)}</span>'
        f'<span class="sub">{escape(" · ".join(filter(None, (owner_due(one), effect(one, names.get(one.measure))))))}</span></li>'
        for one in item.actions
    )
    return f'<ul class="itemactions">{rows}</ul>' if rows else ""


# --- beside the agenda -----------------------------------------------------------------------------------------------


def progress(view: ReviewView) -> str:
    """How far the review is, and what is still to be done before it can be signed."""
    total, done = len(view.month.items), view.decided
    share = round(100 * done / total) if total else 100
    noun = "item" if total == 1 else "items"
    checks = "".join(_check(check) for check in view.checks)
    return (
        f'<div class="progress"><span>{done} of {total} {noun} decided</span><span class="mut">{share}%</span></div>'
        f'<div class="bar" role="img" aria-label="{share}% decided"><span style="width:{share}%"></span></div>'
        f'<ul class="checks">{checks}</ul>'
    )


def _check(check: Check) -> str:
    mark = marks.mark("done", "done:") if check.done else marks.mark("open", "still to do:")
    return f'<li class="{"done" if check.done else "todo"}">{mark}<span>{escape(check.text)}</span></li>'


SIGNING = (
    "Signing freezes figures, limits, notes and decisions. Corrections are added beside them later, never over them."
)


def signing(view: ReviewView, zone: Callable[..., str], href: Href = None) -> str:
    """What signing does, and the last signature with its fingerprint; `zone` words a moment."""
    last = ""
    if view.last_signed is not None and view.last_period is not None:
        link = (
            f' · <a href="{escape(href(view.last_period.label))}">open<span class="vh"> {view.last_period.label}</span></a>'
            if href
            else ""
        )
        last = (
            f'<p class="cap last">{escape(view.last_period.label)}: signed by {escape(view.last_signed.name)}, '
            f"{escape(zone(view.last_signed.signed_at))}<br/>fingerprint "
            f'<span class="nw">{escape(view.last_signed.short[:14])}</span>{link}</p>'
        )
    return f'<p class="cap">{SIGNING}</p>{last}'


def verdict_mark(verdict: Verdict | None) -> str:
    """The mark of a verdict with its word; nothing computed is a dash."""
    if verdict is None:
        return f'<span class="vd none">{marks.mark("too_few")}Not measured</span>'
    ink = VERDICT_INK.get(verdict.verdict, "none")
    return f'<span class="vd {ink}">{marks.mark(verdict.verdict)}{VERDICTS[verdict.verdict]}</span>'


def last_actions(found: Sequence[Told], names: Mapping[str, Definition], figures: bool = True, href: Href = None) -> str:
    """Actions written before, each with what its measure says about it."""
    if not found:
        return '<p class="mut">No actions yet. Those decided here are read in the next review.</p>'
    rows = "".join(_told(one, names, figures, href) for one in found)
    return f'<ul class="verdicts">{rows}</ul>'


def _told(one: Told, names: Mapping[str, Definition], figures: bool, href: Href) -> str:
    measure = names.get(one.action.measure)
    label = measure.label if measure else ""
    said = one.verdict.figures if one.verdict else one.action.state.replace("_", " ")
    title = escape(one.action.title)
    name = f'<a class="name" href="{escape(href(one.action.id))}">{title}</a>' if href else f'<span class="name">{title}</span>'
    second = f'<span class="sub">{escape(label)}</span><span class="sub r">{escape(said)}</span>' if figures else ""
    return f"<li>{name}{verdict_mark(one.verdict)}{second}</li>"


VERDICT_RULE = "A verdict is the measure’s own: a signal in the wanted direction after the start, none yet, or the other way."


def changes(found: Changes) -> str:
    """Statuses that moved, then everything else that changed since the last review, in sentences."""
    if found.since is None:
        return '<p class="mut">This is the first review. What changes is shown from the next one on.</p>'
    moved = "".join(
        f'<li><span>{escape(one.label)}</span><span class="moved">{marks.status(one.before)}'
        f'<span class="mut" role="img" aria-label="to">→</span>{marks.status(one.now)}</span></li>'
        for one in found.moved
    )
    same = f"Other {_count(found.unchanged)} {_measures(found.unchanged)}" if found.moved else f"All {_count(found.unchanged)} {_measures(found.unchanged)}"
    rest = f'<li><span>{same}</span><span class="mut">status unchanged</span></li>' if found.unchanged else ""
    restated = "" if found.restated else '<li><span>Restated figures</span><span class="mut">none</span></li>'
    return f'<ul class="changed">{moved}{rest}{restated}</ul>{_sentences(found)}'


def _sentences(found: Changes) -> str:
    groups = (
        ("Restated", found.restated),
        ("New signals", found.new_signals),
        ("Ended signals", found.ended_signals),
        ("Limits", found.limits),
        ("Goals", found.goals),
        ("Actions", found.actions),
    )
    return "".join(
        f'<h3 class="changehead">{title}</h3><ul class="changewords">{"".join(f"<li>{escape(text)}</li>" for text in texts)}</ul>'
        for title, texts in groups
        if texts
    )


_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def _count(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def _measures(number: int) -> str:
    return "measure" if number == 1 else "measures"


def section(title: str, body: str, note: str = "") -> str:
    """A part of the page with its head."""
    told = f'<span class="cap">{escape(note)}</span>' if note else ""
    return f'<section class="sec"><div class="sechead"><h2>{escape(title)}</h2>{told}</div>{body}</section>'


def commentary(text: str) -> str:
    """The leader's words, a paragraph for each line."""
    lines = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
    return f'<div class="commentary">{lines}</div>' if lines else '<p class="mut">Nothing was written.</p>'


def words(text: str) -> int:
    """How many words a text has."""
    return len(text.split())


def routine(rows: Sequence[Row]) -> str:
    """The measures that are listed and not discussed, each with its figure and its range."""
    if not rows:
        return ""
    lines = "".join(
        f'<tr><th scope="row">{escape(row.measure.label)}</th><td class="r">{escape(row.value_text)} {escape(row.unit_word)}</td>'
        f'<td class="mut">{escape(" ".join(line for line in row.reading.behaviour if line))}</td>'
        f"<td>{marks.status(row.reading.status)}</td></tr>"
        for row in rows
    )
    return f'<table class="dense stacks"><caption class="vh">Routine measures</caption><tbody>{lines}</tbody></table>'


# --- a signed review -------------------------------------------------------------------------------------------------


def signed_banner(month: Month, zone: Callable[..., str]) -> str:
    """Who signed when, the fingerprint, and whether the copy that is kept still gives it."""
    signature = month.signature
    if signature is None:
        return ""
    check = (
        f'{marks.mark("done")}<span><b>Matches</b><span class="sub">checked on opening</span></span>'
        if signature.matches
        else f'{marks.mark("cross")}<span><b class="bad">Does not match</b><span class="sub">the kept copy was changed</span></span>'
    )
    role = f", {_role(signature.role)}" if signature.role else ""
    return (
        f'<div class="signed"><span class="lock">{_LOCK}</span>'
        f'<span class="who"><b>Signed and frozen by {escape(signature.name)}{escape(role)}</b>'
        f'<span class="sub">{escape(zone(signature.signed_at, True))}</span></span>'
        f'<span class="print"><span class="sub">Fingerprint of figures, limits, notes and decisions</span>'
        f'<code title="{escape(signature.fingerprint)}">{escape(signature.short)}</code></span>'
        f'<span class="match">{check}</span></div>'
    )


_LOCK = marks.svg(
    42,
    42,
    '<circle class="m-inkfill" cx="21" cy="21" r="21"/>'
    '<path class="m-onink" d="M14.5 19.5H27.5V29H14.5ZM17 19.5V16.2A4 4 0 0 1 25 16.2V19.5"/>'
    '<path class="m-onink" d="M21 23.2V25.4"/>',
)


def _role(role: str) -> str:
    return {"leader": "CS leader"}.get(role, role)


def decisions(month: Month) -> str:
    """The table of what was decided: reading, status, decision, action, owner, expected effect."""
    if not month.items:
        return f'<p class="mut">{escape(NOTHING)}</p>'
    names = names_of(month)
    heads = ("", "Measure and reading", "Status", "Decision", "Action", "Owner", "Expected effect")
    head = "".join(f'<th scope="col">{title}</th>' if title else '<td class="no"></td>' for title in heads)
    body = "".join(_decision(item, names) for item in month.items)
    return (
        f'<table class="decisions stacks"><caption class="vh">Decisions and actions</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _decision(item: Item, names: Mapping[str, Definition]) -> str:
    status = marks.status(item.status) if item.status in STATUSES else ""
    actions = item.actions or (None,)
    span = f' rowspan="{len(actions)}"' if len(actions) > 1 else ""
    said = f'<span class="said">{escape(item.discussion)}</span>' if item.discussion else ""
    lines = []
    for n, action in enumerate(actions):
        first = (
            f'<td class="no"{span}>{item.place}</td><th scope="row"{span}><span class="name">{escape(item.title)}</span>'
            f'<span class="sub">{escape(item.why)}</span></th><td{span}>{status}</td>'
            f"<td{span}><b>{escape(decision_words(item.decision))}</b></td>"
            if n == 0
            else ""
        )
        lines.append(f"<tr>{first}{_action_cells(item, action, names, said if n == 0 else '')}</tr>")
    return "".join(lines)


def _action_cells(item: Item, action: Action | None, names: Mapping[str, Definition], said: str) -> str:
    if action is None:
        settled = escape(item.settle) or '<span class="mut">no action</span>'
        return f'<td colspan="3">{settled}{said}</td>'
    return (
        f"<td>{escape(action.title)}{said}</td><td>{escape(action.owner_name)}"
        f'<span class="sub">due {near(action.due)}</span></td><td>{escape(effect(action, names.get(action.measure)))}</td>'
    )


def beside(month: Month) -> str:
    """What was added after signing, the oldest first."""
    items = "".join(
        f"<li><b>{escape(', '.join(filter(None, (near(one.recorded_at.date()), one.author or 'restated'))))}</b>"
        f"<p>{escape(one.text)}</p></li>"
        for one in month.beside
    )
    body = f'<ul class="beside-notes">{items}</ul>' if items else '<p class="mut">Nothing yet.</p>'
    return f'{body}<p class="cap after">Notes stand beside the frozen copy. They never change it.</p>'


def signed(view: ReviewView, zone: Callable[..., str]) -> str:
    """A signed review from its banner to its decisions."""
    month = view.month
    total = len(month.items)
    return (
        signed_banner(month, zone)
        + f'<div class="signedsays">{tables.says(month.view.sentences)}</div>'
        + section("Decisions and actions", decisions(month), f"{view.decided} of {total} decided" if total else "")
    )


def signed_foot(month: Month) -> str:
    """Below the decisions: what changed, what became of earlier actions, and the leader's words."""
    names = names_of(month)
    since = f"Changed since {month.changes.since.bare}" if month.changes.since else "Changed since the last review"
    return (
        f'<div class="two-up">{section(since, changes(month.changes))}'
        f"{section('Last month’s actions', last_actions(month.actions, names, False))}</div>"
        + (section("Commentary", commentary(month.commentary)) if month.commentary.strip() else "")
    )


# --- a quarter, and the review of the review --------------------------------------------------------------------------


def quarter(months: Sequence[MonthOfQuarter], href: Href = None) -> str:
    """Three months side by side: what each decided, and how it stood against its goals."""
    title = "The months of the quarter"
    if not months:
        return section(title, '<p class="mut">No month of this quarter is over yet.</p>')
    heads = "".join(f'<th scope="col">{_month_head(one, href)}</th>' for one in months)
    decided = "".join(f"<td>{_decided_in(one)}</td>" for one in months)
    labels = list(dict.fromkeys(goal.label for one in months for goal in one.goals))
    goals = "".join(f'<tr><th scope="row">{escape(label)}</th>{_goal_cells(label, months)}</tr>' for label in labels)
    table = (
        f'<div class="scroll"><table class="quarter"><caption class="vh">Decisions and goals by month</caption>'
        f'<thead><tr><td></td>{heads}</tr></thead><tbody><tr class="top"><th scope="row">Decided</th>{decided}</tr>'
        f"{goals}</tbody></table></div>"
    )
    return section(title, table)


def _month_head(one: MonthOfQuarter, href: Href) -> str:
    label = escape(one.period.label)
    name = f'<a href="{escape(href(one.period.label))}">{label}</a>' if href else label
    return f'{name}<span class="sub">{"signed by " + escape(one.signed.name) if one.signed else "not signed"}</span>'


def _decided_in(one: MonthOfQuarter) -> str:
    lines = "".join(
        f"<li>{escape(item.title)}: <b>{escape(decision_words(item.decision))}</b>{_titles(item)}</li>" for item in one.items
    )
    return f'<ul class="itemnotes">{lines}</ul>' if lines else '<span class="mut">nothing</span>'


def _titles(item: Item) -> str:
    titles = ", ".join(escape(action.title) for action in item.actions)
    return f'<span class="sub">{titles}</span>' if titles else ""


def _goal_cells(label: str, months: Sequence[MonthOfQuarter]) -> str:
    cells = []
    for one in months:
        found = next((goal for goal in one.goals if goal.label == label), None)
        said = (
            f'{marks.status(found.status, found.value)}<span class="sub">{STATUSES[found.status]}, goal {escape(found.goal)}</span>'
            if found
            else '<span class="mut">–</span>'
        )
        cells.append(f"<td>{said}</td>")
    return "".join(cells)


def habits(found: Sequence[Habit]) -> str:
    """Each past review: held on its day, decided, its actions closed in time, its commitments followed."""
    if not found:
        return '<p class="mut">No review was held yet. Whether they are held, decided and followed is counted here.</p>'
    heads = ("Review", "Held on its day", "Items decided", "Actions closed in time", "Commitments followed", "Signed")
    head = "".join(f'<th scope="col">{title}</th>' for title in heads)
    rows = "".join(
        f'<tr><th scope="row">{escape(one.period.label)}</th><td>{_on_time(one)}</td><td>{_of(one.decided, one.items)}</td>'
        f"<td>{_of(one.closed, one.actions)}</td><td>{_of(one.followed, one.commitments)}</td>"
        f'<td>{"yes" if one.signed else "not yet"}</td></tr>'
        for one in found
    )
    return f'<div class="scroll"><table class="dense"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole}" if whole else '<span class="mut">none asked</span>'


def _on_time(one: Habit) -> str:
    held = f", {near(one.held_on)}" if one.held_on else ""
    if one.on_time is None:
        return f'<span class="mut">no day planned{held}</span>'
    mark = marks.mark("done") if one.on_time else marks.mark("clock")
    return f'<span class="sig">{mark}{"yes" if one.on_time else "no"}{held}</span>'


def also(view: ReviewView) -> str:
    """What is looked up rather than discussed: the routine measures, and how past reviews were kept."""
    return section("Routine, and not discussed", routine(view.routine)) + section("Review of the review", habits(view.habits))


def contract(found: Contract | None) -> str:
    """What the colours and signals of a measure commit the team to, as it was written beforehand."""
    if found is None or not found.commitments:
        return '<p class="mut">Nothing was agreed beforehand.</p>'
    rows = "".join(f"<li><b>{STANDINGS[key]}:</b> {escape(one.text)}</li>" for key, one in found.commitments.items())
    by = f"{escape(found.author)}, {day(found.recorded_at.date())}"
    return f'<ul class="itemnotes cap">{rows}</ul><p class="cap">Agreed by {by}.</p>'


# --- several reviews, and a reading view ---------------------------------------------------------------------------------


def overview(views: Sequence[ReviewView], href: Callable[[str], str]) -> str:
    """The reviews of all scorecards side by side: how far each is, its news, and the way to it."""
    cards = "".join(_card(view, href) for view in views)
    return f'<div class="teams">{cards}</div>'


def _card(view: ReviewView, href: Callable[[str], str]) -> str:
    mark, said = REVIEW_STATES[view.state]
    month, total = view.month, len(view.month.items)
    news = "".join(f"<p>{tables.sentence(one)}</p>" for one in month.view.sentences[:2])
    items = "".join(_card_item(item) for item in month.items)
    return (
        f'<section class="team"><h2><a href="{escape(href(month.scorecard))}">{escape(month.view.name)}</a></h2>'
        f'<p class="sub">{escape(second_line(view))}</p>'
        f'<p class="sig">{marks.mark(mark)}{said} · {view.decided} of {total} decided</p>'
        f'{tables.counts(month.view.counts)}{news}<ol class="checks">{items}</ol></section>'
    )


def _card_item(item: Item) -> str:
    mark, words = STATES[item.state]
    said = decision_words(item.decision) or words
    return (
        f'<li>{marks.mark(mark)}<span><b>{escape(item.title)}</b>: {escape(said[0].lower() + said[1:])}'
        f"{_titles(item)}</span></li>"
    )


def present(view: ReviewView, zone: Callable[..., str]) -> str:
    """The whole review to read on a large screen, without controls."""
    month, names = view.month, names_of(view.month)
    told = tables.says(month.view.sentences if view.state == "signed" else view.headline)
    items = "".join(
        f'<section class="slide"><div class="slidehead"><span class="i-no">{item.place}</span><h2>{escape(item.title)}</h2>'
        f"{marks.status(item.status) if item.status in STATUSES else ''}</div>"
        f'<p class="why">{escape(item.why)}</p><div class="slidebody">{chart(item.row) if item.row else "<div></div>"}'
        f"<div>{read_lines(item, names)}</div></div></section>"
        for item in month.items
    )
    changed = section("What changed since the last review", changes(month.changes))
    last = section("Last month’s actions", last_actions(month.actions, names))
    return (
        f'<div class="presented">{signed_banner(month, zone)}{told}{items}<div class="two-up">{changed}{last}</div></div>'
    )


def read_lines(item: Item, names: Mapping[str, Definition]) -> str:
    """What was said, decided and assigned, without the heads of the steps."""
    said = f"<p>{escape(item.discussion)}</p>" if item.discussion else f'<p class="mut">{escape(question(item))}</p>'
    decided = f"<p><b>{escape(decision_words(item.decision))}</b> {escape(item.settle)}</p>" if item.decision else ""
    return said + decided + actions_of(item, names)
