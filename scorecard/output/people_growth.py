"""Feedback and development plans as they are read: when each person heard something last, what was agreed, kept and missed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from scorecard.core.periods import SHORT_MONTHS, day
from scorecard.output import marks
from scorecard.output.part_tables import Table
from scorecard.output.theme import escape
from scorecard.people import growth
from scorecard.people.feedback import FORMAL

if TYPE_CHECKING:
    from scorecard.people.feedback import Line, Regularity
    from scorecard.people.growth import Growth, Plan, Step, Training

Href = Callable[[str], str]
STEP, LEFT, HEIGHT = 14, 7, 18
OUTCOMES = {growth.KEPT: "kept", growth.LATE: "done late", growth.MISSED: "missed", growth.OVERDUE: "past its day", growth.OPEN: "to come", growth.DROPPED: "no longer agreed"}
MARKS = {growth.KEPT: "done", growth.LATE: "clock", growth.MISSED: "cross", growth.OVERDUE: "clock", growth.OPEN: "open"}
FEEDBACK_HEADS = ("person", "last talk", "last formal talk", "next planned")
STEPS_HEADS = ("person", "aim", "plan", "step", "due", "done on", "outcome")
FEEDBACK, PLANS = "Feedback", "Development plans"
NOBODY = "Nobody's talks are shown to you: everybody sees their own, leaders those of the people whom they lead."
NO_PLANS = "No development plan is shown to you. A plan names an aim; the person and their leader agree on steps with days, and look at them again."


def both(found: Regularity, plans: Growth, team: tuple[int, int] | None, person: Href, plan: Href, measured: str = "") -> str:
    """Feedback beside development plans."""
    return f'<div class="gr-two gr-even">{regularity(found, person)}{development(plans, team, plan, measured)}</div>'


def more(ways: Iterable[tuple[str, str]]) -> str:
    """The ways to the records of a part."""
    return '<p class="cap gr-more gr-ways">All records: ' + " · ".join(f'<a href="{escape(href)}">{escape(words.lower())}</a>' for words, href in ways) + "</p>"


# -- feedback


def regularity(found: Regularity, href: Href) -> str:
    """A line for each person: the months in which something was said, the last day, the next that is planned."""
    head = '<div class="sechead"><h2>Feedback</h2><span class="cap">formal and in passing, twelve months</span></div>'
    if not found.lines:
        return f'<section class="sec">{head}<p class="mut">{NOBODY}</p></section>'
    months = "".join(f'<text x="{LEFT + n * STEP}" y="12" text-anchor="middle">{SHORT_MONTHS[one.start.month - 1][0]}</text>' for n, one in enumerate(found.months))
    heads = f'<th scope="col">Name</th><th scope="col">{_wide(months)}<span class="vh">Months</span></th><th scope="col">Last</th><th scope="col">Planned</th>'
    rows = "".join(_talks(one, found, href) for one in found.lines)
    legend = f"<span>{_one('<rect class=gr-full x=3 y=3 width=10 height=10 />')}formal</span><span>{_one('<circle class=gr-dot cx=8 cy=8 r=4 />')}in passing</span>"
    return (f'<section class="sec">{head}<table class="dense gr-talks"><caption class="vh">When each person heard something about their work</caption>'
            f'<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table><p class="gr-legend">{legend}<span class="src">Words are read by the person, their leader and who wrote them.</span></p></section>')


def _wide(content: str, label: str = "") -> str:
    return marks.svg(LEFT * 2 + STEP * 11, HEIGHT, content, label, "gr-months")


def _one(content: str) -> str:
    return marks.svg(16, 16, content)


def _talks(one: Line, found: Regularity, href: Href) -> str:
    said = [f"{SHORT_MONTHS[month.start.month - 1]} {'formal' if kind == FORMAL else 'in passing'}" for month, kind in zip(found.months, one.months, strict=True) if kind]
    drawn = "".join(_month(n, kind) for n, kind in enumerate(one.months))
    last = escape(day(one.last)) if one.last else "none written down"
    quiet = '<span class="sub gr-quiet">nothing for a quarter</span>' if one.quiet and one.last else ""
    return (f'<tr><th scope="row"><a class="name" href="{escape(href(one.id))}">{escape(one.name)}</a></th>'
            f'<td>{_wide(f"<path class=gr-rule d=M0,9H{LEFT * 2 + STEP * 11} />{drawn}", "; ".join(said) or "none")}</td><td>{last}{quiet}</td>'
            f'<td class="mut">{escape(day(one.planned)) if one.planned else ""}</td></tr>')


def _month(place: int, kind: str) -> str:
    x = LEFT + place * STEP
    if kind == FORMAL:
        return f'<rect class="gr-full" x="{x - 5}" y="4" width="10" height="10"/>'
    return f'<circle class="gr-dot" cx="{x}" cy="9" r="4"/>' if kind else ""


# -- development plans


def development(found: Growth, team: tuple[int, int] | None, href: Href, measured: str = "") -> str:
    """A line for each plan with what became of its steps, by name; `measured` is what their measure says otherwise."""
    told = f'<span class="cap">{team[1]:,} of {team[0]:,} steps of the whole team kept by their day in twelve months</span>' if team else ""
    head = f'<div class="sechead"><h2>Development plans</h2>{told}</div>' + (f'<p class="cap">{escape(measured)}</p>' if measured else "")
    if not found.plans:
        return f'<section class="sec">{head}<p class="mut">{NO_PLANS}</p>{_without(found.without)}</section>'
    rows = "".join(_plan(one, href) for one in found.plans)
    legend = "".join(f"<span>{marks.mark(mark)}{words}</span>" for mark, words in (("done", "kept"), ("clock", "late or past its day"), ("cross", "missed"), ("open", "to come")))
    return (f'<section class="sec">{head}<table class="dense gr-plans"><caption class="vh">Development plans by name</caption>'
            f'<thead><tr><th scope="col">Name, aim</th><th scope="col">Steps</th><th scope="col">Next</th></tr></thead><tbody>{rows}</tbody></table>'
            f'<p class="gr-legend">{legend}</p>{_without(found.without)}</section>')


def _plan(one: Plan, href: Href) -> str:
    waits = f' · waits for the yes of {escape(" and ".join(one.waits_for))}' if one.waits_for else ""
    steps = "".join(marks.mark(MARKS[each.outcome], f"{each.title}: {OUTCOMES[each.outcome]}") for each in one.steps if each.outcome in MARKS)
    return (f'<tr><th scope="row"><a class="name" href="{escape(href(one.id))}">{escape(one.name)}</a><span class="sub">{escape(one.aim)}{waits}</span></th>'
            f'<td><span class="gr-steps">{steps or "<span class=mut>no steps yet</span>"}</span></td><td>{_next(one.steps)}</td></tr>')


def _next(steps: Sequence[Step]) -> str:
    """The first step that is not done, with its day."""
    open_ = [one for one in steps if one.outcome in (growth.OPEN, growth.OVERDUE)]
    if not open_:
        return '<span class="mut">nothing open</span>'
    late = ' <span class="gr-quiet">past its day</span>' if open_[0].outcome == growth.OVERDUE else ""
    return f'{escape(open_[0].title)}<span class="sub">by {day(open_[0].due)}{late}</span>'


def _without(names: Sequence[str]) -> str:
    return f'<p class="cap gr-more">No plan yet: {escape(", ".join(names))}.</p>' if names else ""


def learning(found: Sequence[Training]) -> str:
    """Steps of inductions and trainings that the reader sees, by name."""
    if not found:
        return ""
    rows = "".join(f'<tr><th scope="row">{escape(one.name)}</th><td>{escape(one.title)}</td><td>{day(one.due)}</td><td>{_state(one.outcome)}</td></tr>' for one in found)
    return ('<section class="sec"><div class="sechead"><h2>Induction and training</h2></div><table class="dense"><caption class="vh">Induction and training by name</caption>'
            f'<thead><tr><th scope="col">Name</th><th scope="col">Step</th><th scope="col">By</th><th scope="col">It is</th></tr></thead><tbody>{rows}</tbody></table></section>')


def _state(outcome: str) -> str:
    word = {growth.KEPT: "done"}.get(outcome, OUTCOMES[outcome])
    return f'<span class="gr-steps">{marks.mark(MARKS.get(outcome, "open"))}{word}</span>'


# -- twins


def feedback_table(found: Regularity) -> Table:
    """When each person whom the reader sees heard something last; no words of talks."""
    return Table(FEEDBACK, FEEDBACK_HEADS, [[one.name, one.last, one.last_formal, one.planned] for one in found.lines])


def plans_table(found: Growth) -> Table:
    """Each step of the plans that the reader sees."""
    rows = [[plan.name, plan.aim, plan.state, step.title, step.due, step.done_on, OUTCOMES[step.outcome]] for plan in found.plans for step in plan.steps]
    return Table(PLANS, STEPS_HEADS, rows)
