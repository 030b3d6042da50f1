"""One project: its stages, the problem, what it is worth under which assumptions, what the chart says, and its actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from scorecard.actions import STATES
from scorecard.core import fmt
from scorecard.core.periods import day
from scorecard.output import marks, review_tables
from scorecard.output.improvement_board import between
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.improvement.projects import Case, Line, Reached

Href = Callable[[str], str]
IMPACTS = {"financial": "financial impact", "strategic": "strategic impact"}
NO_CASE = "Nobody has written the case yet: the problem, and what a step of the measure is worth."


def crumbs(back: str) -> str:
    """The way back to the page."""
    return f'<p class="cap"><a href="{escape(back)}">Improvement</a> <span aria-hidden="true">›</span> Project</p>'


def stages(found: Sequence[Reached]) -> str:
    """The five stages, each with the day on which it was reached."""
    items = "".join(
        f'<li class="{"" if one.on else "ahead"}">{marks.mark("done" if one.on else "open")}<span><b>{escape(one.label)}</b>'
        f'{day(one.on) if one.on else "not yet"}</span></li>'
        for one in found
    )
    return f'<ol class="ip-stages">{items}</ol>'


def problem(case: Case | None) -> str:
    """The problem, as a sentence to begin with."""
    return review_tables.section("Problem", f'<p class="ip-lead">{escape(case.problem)}</p>' if case else f'<p class="mut">{NO_CASE}</p>')


def facts(line: Line, practice: str, measured: str, step: str, currency: str, served: Sequence[tuple[str, str]] = ()) -> str:
    """What the project is about and what it is worth. `practice` are words, `measured` the address of the measure, `served` its places in the plan with their addresses."""
    return review_tables.section("Measure", _table(_measure(line, practice, measured))) + review_tables.section("Value", _table([*_served(line, served), *_value(line, step, currency)]))


def _table(rows: Sequence[tuple[str, str]]) -> str:
    body = "".join(f"<tr><th>{escape(head)}</th><td>{cell}</td></tr>" for head, cell in rows if cell)
    return f'<table class="ip-facts"><tbody>{body}</tbody></table>'


def _measure(line: Line, practice: str, measured: str) -> list[tuple[str, str]]:
    project, measure, verdict = line.project, line.measure, line.standing.verdict
    goal = measure.targets[-1] if measure and measure.targets else None
    expected = fmt.change(project.effect, measure) if measure and project.effect is not None else ""
    by = f" by {day(project.effect_by)}" if expected and project.effect_by else ""
    told = f"{review_tables.verdict_mark(verdict)}<span class=\"sub\">{escape(f'{verdict.sentence.bold} {verdict.sentence.rest}'.strip())}</span>"
    return [
        ("Should move", f'<a href="{escape(measured)}">{escape(line.standing.label)}</a>'),
        ("Goal", escape(f"{fmt.goal(goal.value, measure)} from {day(goal.start)}{f', {goal.source}' if goal.source else ''}") if goal and measure else ""),
        ("Practice", escape(practice)),
        ("Owner", escape(project.owner_name)),
        ("Expected effect", escape(expected + by)),
        ("Work changed on", day(project.began) if project.began else ""),
        ("Its chart says", told),
    ]


def _served(line: Line, served: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The goal and the tactic of the plan; in words where the tree does not hold it."""
    links = "<br>".join(f'<a href="{escape(href)}">{escape(words)}</a>' for words, href in served)
    return [("Serves", links or escape(line.case.plan if line.case else ""))]


def _value(line: Line, step: str, currency: str) -> list[tuple[str, str]]:
    case = line.case
    if case is None:
        return [("Case", f'<span class="mut">{NO_CASE}</span>')]
    effort = f"{case.effort:g} {'day' if case.effort == 1 else 'days'} of work" if case.effort is not None else ""
    return [
        ("Chosen for", escape(IMPACTS.get(case.impact, case.impact))),
        (step, escape(between(case.worth, currency)) if case.worth else '<span class="mut">not stated</span>'),
        ("Expected", escape(between(line.expected, currency)) if line.expected else ""),
        ("Seen on the chart", escape(between(line.seen, currency)) if line.seen else ""),
        ("Verified", _verified(case, currency)),
        ("Assumptions", "<br>".join(escape(one) for one in case.assumptions.splitlines() if one.strip())),
        ("Effort", effort),
    ]


def _verified(case: Case, currency: str) -> str:
    if case.verified is None or case.verified_on is None:
        return '<span class="mut">not yet</span>'
    return (f'<b>{escape(between(case.verified, currency))}</b><span class="sub">{escape(case.verified_by)}, {day(case.verified_on)}. '
            f"{escape(case.verified_from)}</span>")  # fmt: skip


def actions(line: Line, href: Href) -> str:
    """The actions of the project, in the order in which they were written."""
    items = "".join(
        f'<li><a href="{escape(href(one.id))}">{escape(one.title)}</a><span class="mut">{escape(one.owner_name)}, {STATES[one.state]}, due {day(one.due)}</span></li>'
        for one in line.standing.actions
    )
    return review_tables.section("Actions", f'<ul class="ip-actions">{items}</ul>' if items else '<p class="mut">None yet.</p>')


def page(line: Line, left: str, right: str) -> str:
    """Both halves beside one another."""
    return f'<div class="ip-two"><div>{left}</div><div>{right}</div></div>'
