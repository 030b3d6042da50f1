"""Feedback to a leader as it is read: each statement on an axis from 1 to 5, what is hidden and why, words, aims; the form, its twins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from scorecard.core.feedback import GROUPS, PEERS, REPORTS, SELF, SUPERIORS
from scorecard.core.periods import day
from scorecard.core.rubric import THRESHOLD
from scorecard.leadership import round_results
from scorecard.output import marks
from scorecard.output.assess_tables import count, near
from scorecard.output.maturity_marks import at, place, wide
from scorecard.output.part_tables import Table
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.core.feedback import Seen
    from scorecard.core.feedback_form import Form, Item
    from scorecard.leadership.round_aims import Agreed
    from scorecard.leadership.round_answers import Left, Sheet
    from scorecard.leadership.round_results import Line, Results
    from scorecard.leadership.rounds import Standing

HEIGHT, MIDDLE = 40, 20.0
_SHAPES = {PEERS: '<path class="m-fill" d="M0-5.2L4.8 3.4H-4.8Z"/>', SUPERIORS: '<path class="m-fill" d="M0-5L5 0 0 5-5 0Z"/>'}
NOBODY = "Feedback to a leader is read by that leader and by who leads them. You see here when you are asked."
NONE_YET = ('<p class="mut"><b>No feedback was asked for yet.</b> Eight statements, two minutes, no names: what people see of how you lead, beside what you see '
            "yourself. At least five of one group are needed before anything is shown.</p>")  # fmt: skip


def nobody(unread: str = "") -> str:
    """To whom nothing is shown: who reads feedback, or why somebody does not who leads people."""
    return f'<p class="mut">{escape(unread) or NOBODY}</p>'


def few(n: int) -> str:
    """A small count in words: `Two`."""
    return ("No", "One", "Two", "Three", "Four")[n] if n < THRESHOLD else str(n)


def signed(value: float | None) -> str:
    """`−1.1`, `+0.2`, `0.0`; a dash where there is none."""
    if value is None:
        return "–"
    text = f"{value:+.1f}".replace("-", "−")
    return text[1:] if text[1:] == "0.0" else text


# --- results ---------------------------------------------------------------------------------------------------------


def head(name: str, told: str = "") -> str:
    """`Feedback to Rana Amari`, and beside it of when."""
    return f'<div class="sechead"><h2>Feedback to {escape(name)}</h2><span class="cap">{escape(told)}</span></div>'


def section(found: Results) -> str:
    """A closed round: the statements, the legend, what is hidden, the words."""
    told = f"{found.round.title}, {found.last.title} hollow" if found.last and any(line.last is not None for line in found.lines) else found.round.title
    if not any(line.seen[group].mean is not None for line in found.lines for group in GROUPS):
        return f'<section class="sec">{head(found.name, found.round.title)}<p class="mut"><b>Nothing can be shown.</b> No group has five answers.</p>{_hidden(found)}</section>'
    heads = f'<th scope="col"><span class="vh">Statement</span></th><th scope="col">{_axis(found.form)}</th><th scope="col" class="r">Gap</th>'
    rows = "".join(_row(line) for line in found.lines)
    table = f'<table class="fb-board"><caption class="vh">Feedback by statement, in the order of the form</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    return f'<section class="sec">{head(found.name, told)}{table}{_legend(found)}{_hidden(found)}</section>'


def _axis(form: Form) -> str:
    names = {1: f"1 {form.lowest}", 5: f"5 {form.highest}"}
    texts = "".join(f'<text class="ld-axis" x="{at(n)}" y="13" text-anchor="middle">{escape(names.get(n, str(n)))}</text>' for n in range(1, 6))
    return wide(18, texts, f"From 1, {form.lowest}, to 5, {form.highest}", "lv fb-axis")


def _row(line: Line) -> str:
    kind = " fb-apart" if line.apart else ""
    return f'<tr><th scope="row">{escape(line.label)}</th><td>{_marks(line)}</td><td class="r fb-gap{kind}">{signed(line.gap)}</td></tr>'


def _marks(line: Line) -> str:
    grid = "".join(f'<line class="m-hair" x1="{at(n)}" x2="{at(n)}" y1="0" y2="{HEIGHT}"/>' for n in range(1, 6))
    parts = [grid, _spread(line.seen[REPORTS])]
    if line.last is not None:
        parts.append(f'<circle class="fb-last" cx="{at(line.last)}" cy="{MIDDLE:g}" r="8"/>')
    parts += [_shape(group, line.seen[group].mean) for group in (PEERS, SUPERIORS)]
    if line.seen[REPORTS].mean is not None:
        parts.append(f'<circle class="m-inkfill" cx="{at(line.seen[REPORTS].mean)}" cy="{MIDDLE:g}" r="5.5"/>')
    if line.own is not None:
        parts.append(f'<line class="lv-target" x1="{at(line.own)}" x2="{at(line.own)}" y1="{MIDDLE + 5:g}" y2="{MIDDLE + 15:g}"/>')
    return wide(HEIGHT, "".join(parts), _said(line), "lv fb-line")


def _spread(seen: Seen) -> str:
    """The thin line from the lowest to the highest with the thick middle half."""
    if seen.mean is None:
        return ""
    low, high = seen.middle
    thin = f'<line class="lv-all" x1="{at(seen.lowest)}" x2="{at(seen.highest)}" y1="{MIDDLE:g}" y2="{MIDDLE:g}"/>'
    return f'{thin}<rect class="b-half" x="{at(low)}" y="{MIDDLE - 3:g}" width="{place(high) - place(low):.2f}%" height="6"/>'


def _shape(group: str, mean: float | None) -> str:
    if mean is None:
        return ""
    return f'<svg class="fb-shape" x="{at(mean)}" y="{MIDDLE - 10:g}" width="1" height="1">{_SHAPES[group]}</svg>'


def _said(line: Line) -> str:
    parts = [f"{group.capitalize()} {_told(line.seen[group])}" for group in GROUPS if not (line.seen[group].hidden or line.seen[group].n == 0)]
    parts += [f"last round {line.last:.1f}"] if line.last is not None else []
    parts += [f"self {line.own}"] if line.own is not None else []
    return "; ".join(parts) + "." if parts else "Hidden: fewer than five answers."


def _told(seen: Seen) -> str:
    low, high = seen.middle
    return f"{seen.mean:.1f} of {seen.n}, from {seen.lowest} to {seen.highest}, middle half {low:g} to {high:g}"


def _legend(found: Results) -> str:
    shown = [group for group in GROUPS if any(line.seen[group].mean is not None for line in found.lines)]
    items = []
    if REPORTS in shown:
        items += [f'{marks.svg(12, 12, _DOT)}{_mean_of(found, REPORTS)}', f"{marks.svg(34, 10, _RANGE)}spread"]
    items += [f'{marks.svg(12, 12, f"<g transform=translate(6,6.5)>{_SHAPES[group]}</g>")}{count(found.finished(group), group[:-1])}' for group in (PEERS, SUPERIORS) if group in shown]
    if any(line.own is not None for line in found.lines):
        items.append(f'{marks.svg(4, 12, _OWN)}self')
    gap = "<span>Gap: reports less self</span>" if any(line.gap is not None for line in found.lines) else ""
    return f'<p class="ld-legend">{"".join(f"<span>{item}</span>" for item in items)}{gap}</p>'


_DOT = '<circle class="m-inkfill" cx="6" cy="6" r="5.5"/>'
_RANGE = '<path class="lv-all" d="M0 5H34"/><rect class="b-half" x="9" y="2" width="16" height="6"/>'
_OWN = '<path class="lv-target" d="M2 0V12"/>'


def _mean_of(found: Results, group: str) -> str:
    return f"{count(found.finished(group), group[:-1])}, mean"


def _hidden(found: Results) -> str:
    """What is not shown, group by group, and statements of shown groups to which fewer than five gave a level."""
    lines = [round_results.hidden_words(found, group) for group in found.hidden]
    some = [line.label for line in found.lines if any(line.seen[group].hidden for group in GROUPS if group not in found.hidden)]
    if some:
        lines.append(("Hidden: fewer than five levels.", f"{', '.join(some)}: the others of the group chose “I cannot say”."))
    rows = "".join(f"<p><b>{escape(bold)}</b> {escape(rest)}</p>" for bold, rest in lines)
    return f'<div class="fb-hidden">{marks.mark("eye_struck")}<div>{rows}</div></div>' if rows else ""


def words(found: Results) -> str:
    """What was written, by question: all groups together and in no order."""
    if not found.words:
        return ""
    parts = []
    for question, texts in found.words:
        said = (f'<ul>{"".join(f"<li>{escape(text)}</li>" for text in texts)}</ul>' if texts else f'<p class="lv-eye">{marks.mark("eye_struck")}<span>Hidden: fewer than five wrote.</span></p>')
        parts.append(f"<section><h3>{escape(question.question)}</h3>{said}</section>")
    return f'<section class="sec"><div class="sechead"><h2>In their words</h2><span class="cap">all groups together, in no order</span></div><div class="fb-words">{"".join(parts)}</div></section>'


# --- aims ------------------------------------------------------------------------------------------------------------


def aims(found: Results, agreed: Sequence[Agreed], again: Sequence[Agreed], plan_href: Callable[[str], str]) -> str:
    """From feedback to development plan: this round's aims, and those of the last one read again; `plan_href` opens a plan."""
    head_ = '<div class="sechead"><h2>From feedback to development plan</h2></div>'
    if not (agreed or again):
        return f'<section class="sec">{head_}<p class="mut">Nothing is agreed yet. Choose two statements to work on: more are not followed.</p></section>'
    heads = "".join(f'<th scope="col">{text}</th>' for text in ("What was said", f"What {escape(found.first_name)} does", "With", "Due", "How we will know"))
    rows = "".join(_aim(one, plan_href) for one in agreed)
    table = f'<table class="dense stacks fb-aims"><caption class="vh">Aims agreed on {escape(found.round.title)}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>' if rows else ""
    return f'<section class="sec">{head_}{table}{_again(found, again)}</section>'


def _aim(one: Agreed, plan_href: Callable[[str], str]) -> str:
    if one.step is None:
        return f'<tr><th scope="row">{escape(one.label)}</th><td colspan="4" class="mut">Withdrawn from the development plan.</td></tr>'
    state = {"kept": "done", "missed": "missed", "dropped": "no longer agreed"}.get(one.step.state, "")
    draft = ' <span class="cap">not agreed by both yet</span>' if one.plan and one.plan.state == "draft" else ""
    due = f"{day(one.due)}{f', {state}' if state else ''}" if one.due else ""
    does = f'<a class="above" href="{escape(plan_href(one.plan.id))}">{escape(one.said("title"))}</a>' if one.plan else escape(one.said("title"))
    return (
        f'<tr><th scope="row">{escape(one.label)}</th><td data-head="Does">{does}{draft}</td>'
        f'<td class="mut" data-head="With">{escape(one.said("help"))}</td><td class="mut nw" data-head="Due">{escape(due)}</td>'
        f'<td data-head="How we will know">{escape(one.said("known_by"))}</td></tr>'
    )  # fmt: skip


def _again(found: Results, again: Sequence[Agreed]) -> str:
    """`Agreed in October 2025, read again: “Listens before deciding” 3.4, now 4.2.`"""
    if not again or found.last is None:
        return ""
    told = "; ".join(f"“{escape(one.label)}” {_level(one.then)}, now {_level(one.now)}" for one in again)
    return f'<p class="fb-again"><b>Agreed in {escape(found.last.title)}, read again:</b> {told}. Means of reports; not quite the same people answered, so a few tenths say little.</p>'


def _level(value: float | None) -> str:
    return "hidden" if value is None else f"{value:.1f}"


# --- an open round ---------------------------------------------------------------------------------------------------


def running(one: Standing, today: date) -> str:
    """How far an open round is, and who has not finished."""
    ends = f"ended on {near(one.round.closes)}; close it to see the results" if one.round.closes < today else f"is open until {near(one.round.closes)}"
    counts = ", ".join(f"{done} of {asked} {group}" for group, (asked, done) in one.counts.items() if group != SELF)
    late = f'<p class="cap">Not yet: {escape(", ".join(name for _, name in one.late))}.</p>' if one.late else ""
    return (f'<p class="a-waits">{marks.mark("half")}<span><b>Feedback to {escape(one.name)}, {escape(one.round.title)},</b> {ends}. '
            f"Answered: {counts}.</span></p>{late}")  # fmt: skip


def waiting(left: Left, href: str) -> str:
    """The line that leads somebody to a round that waits for them."""
    begun = f"{left.answered} of {left.items} answered" if left.answered else f"{left.items} statements, about two minutes"
    return (f'<p class="a-waits">{marks.mark("half" if left.answered else "open")}<span><b>You are asked for feedback to {escape(left.name)}:</b> {begun}, '
            f'until {near(left.round.closes)}. <a href="{escape(href)}">Answer now</a></span></p>')  # fmt: skip


# --- the form --------------------------------------------------------------------------------------------------------


def strip(organisation: str, told: str) -> str:
    """The head of the form that stands alone."""
    line = " · ".join(escape(part) for part in (organisation, told) if part)
    return f'<div class="a-strip"><div>{marks.logo(22)}<b>Seven Systems</b><span>{line}</span></div></div>'


def statement(item: Item, answered: bool) -> str:
    """A statement with what is meant."""
    mark = marks.mark("done", "answered") if answered else marks.mark("open", "not answered yet")
    return f'<div class="q-head"><span class="a-mark">{mark}</span><div><h2>{escape(item.label)}</h2><p>{escape(item.help)}</p></div></div>'


def foot(sheet: Sheet, alone: bool) -> str:
    """What becomes of the answers, what it is for, who else is asked."""
    link = " The link is yours alone and ends with the round." if alone else ""
    others = f"{count(sheet.asked, 'person is', 'people are')} asked, {sheet.have_finished} {'has' if sheet.have_finished == 1 else 'have'} answered.{link}"
    first = escape(sheet.name.split(" ")[0])
    columns = (("Private", _private(sheet)), ("What it is for", f"{first} agrees on two aims with who leads them, and asks again next time."), ("Who else", others))
    return '<div class="q-foot">' + "".join(f"<section><h2>{title}</h2><p class=cap>{text}</p></section>" for title, text in columns) + "</div>"


def _private(sheet: Sheet) -> str:
    if sheet.own:
        return "Your own view stands under your name beside what the others say: you see it, and who leads you."
    told = "Your name is never kept with an answer. Results appear when the round is closed, and no group smaller than five is ever shown."
    if sheet.small and sheet.hand_to:
        return f"{told} Your group is smaller: your levels are shown to nobody, and {escape(sheet.hand_to)} alone reads what you write and passes it on."
    if sheet.small:
        return f"{told} Your group is smaller: as long as that is so, what you say is shown to nobody."
    passed = f" Should fewer than five of your group answer, {escape(sheet.hand_to)} alone reads what you write and passes it on." if sheet.hand_to else ""
    return f"{told} What you write stands among the words of all, so write it as anybody could have.{passed}"


def sent(sheet: Sheet) -> str:
    """What somebody reads who has sent everything."""
    closed = sheet.round.closed_at
    ends = f"was closed on {day(closed.date())}" if closed else f"ends {near(sheet.round.closes)}"
    return (f'<div class="a-sent">{marks.mark("done")}<div><p><b>Thank you, your feedback to {escape(sheet.name)} is sent.</b></p>'
            f'<p class="mut">{sheet.have_finished} of {sheet.asked} people have answered. The round {ends}. What was sent is no longer changed.</p></div></div>')  # fmt: skip


# --- twins -----------------------------------------------------------------------------------------------------------

HEADS = ("statement", "group", "answers", "mean", "lowest", "highest", "middle half from", "middle half to", "self", "last round, mean", "gap, reports less self", "hidden")


def tables(found: Results, agreed: Sequence[Agreed]) -> list[Table]:
    """A line for each statement and group, and the aims; what the page hides stands in neither."""
    lines = [_twin(line, group) for line in found.lines for group in GROUPS if found.finished(group)]
    plan = [[one.label, one.said("title"), one.said("help"), one.due, one.said("known_by"), one.step.state if one.step else "withdrawn"] for one in agreed]
    return [Table("Feedback", HEADS, lines, "No answers."),
            Table("Aims from feedback", ("what was said", "what is done", "with", "due", "how we will know", "state"), plan, "Nothing is agreed yet.")]  # fmt: skip


def _twin(line: Line, group: str) -> list[object]:
    seen, reports = line.seen[group], group == REPORTS
    low, high = seen.middle or (None, None)
    return [line.label, group, seen.n, seen.mean, seen.lowest, seen.highest, low, high, line.own if reports else None, line.last if reports else None,
            line.gap if reports else None, "fewer than five" if seen.hidden else ""]  # fmt: skip
