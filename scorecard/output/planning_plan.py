"""The plan in its parts as tables: what each says and how old it is, the dated goals, versions, who agrees, account and marketing plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from scorecard.core import fmt
from scorecard.core.periods import day
from scorecard.output import marks
from scorecard.output.planning_tree import near
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.planning.carried import CarriedPlan
    from scorecard.planning.plans import DatedGoal, Edition, Part, Standing

Href = Callable[[str], str]
MOST_REWORDED = 3
PRIORITY = {"high": "high", "medium": "medium", "low": "low"}


def _table(caption: str, heads: Sequence[str], rows: str) -> str:
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    return f'<table class="dense stacks pl-parts"><caption class="vh">{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def further(views: Mapping[str, str], href: Href) -> str:
    """The views below the page, in one line."""
    links = "".join(f'<a class="tap" href="{escape(href(view))}">{escape(name)}</a>' for view, name in views.items())
    return f'<nav class="sn-views" aria-label="Views of Planning and review">{links}</nav>'


# -- parts


def parts(found: Sequence[Part], entry: Href, new: str) -> str:
    """Each part in one sentence, with its owner and when somebody last looked at it."""
    rows = "".join(_part(one, entry, new) for one in found)
    return _table("Parts of the plan", ("Part", "In one sentence", "Owner", "Looked at"), rows)


def _part(one: Part, entry: Href, new: str) -> str:
    if not one.id:
        return f'<tr><th scope="row">{escape(one.label)}</th><td colspan="3"><span class="out">not written yet</span> · <a href="{escape(new)}">write it</a></td></tr>'
    where = f'<a href="{escape(one.address)}" rel="noreferrer noopener" target="_blank">where it stands</a>' if one.address else ""
    told = " · ".join(filter(None, (escape(one.says), where)))
    says = f'<span class="sub">{told}</span>' if told else ""
    age = age_words(one.months)
    aged = f'<span class="sub out">{age}, look again</span>' if one.old else f'<span class="sub">{age}</span>'
    looked = f'<span class="nw">{day(one.looked_on)}</span>{aged}' if one.looked_on else ""
    return (f'<tr><th scope="row"><a class="name" href="{escape(entry(one.id))}">{escape(one.label)}</a></th><td data-head="says">{escape(one.title)}{says}</td>'
            f'<td data-head="owner">{escape(one.owner) or "<span class=out>no owner</span>"}</td><td data-head="looked at">{looked}</td></tr>')  # fmt: skip


def age_words(months: int | None) -> str:
    """`3 months ago`."""
    if months is None:
        return ""
    return "this month" if months == 0 else f"{months} {'month' if months == 1 else 'months'} ago"


# -- dated goals


def goals(found: Sequence[DatedGoal], measure: Href) -> str:
    """The goals of the measures of the plan by the period in which they begin, with source, author and reason; earlier versions below the one in force."""
    rows, last = [], ""
    for one in found:
        name = f'<a class="name" href="{escape(measure(one.measure.name))}">{escape(one.measure.label)}</a>' if one.measure.name != last else ""
        goal = escape(fmt.goal(one.value, one.measure)) if one.value is not None else "taken back"
        told = f"<b>{goal}</b>" if one.in_force else f'<span class="mut">was {goal}</span>'
        rows.append(f'<tr><th scope="row">{name}</th><td class="nw" data-head="from">{escape(one.start.label)}</td><td class="nw" data-head="goal">{told}</td>'
                    f'<td data-head="source">{escape(one.source)}</td><td data-head="why">{escape(one.reason)}<span class="sub">{escape(one.author)}, {day(one.recorded_on)}</span></td></tr>')  # fmt: skip
        last = one.measure.name
    if not rows:
        return '<p class="mut">No goal of the plan names a measure yet.</p>'
    return _table("Goals and their dates", ("Measure", "From", "Goal", "Source", "Why"), "".join(rows))


# -- versions and who agrees


def editions(found: Sequence[Edition]) -> str:
    """The versions of the plan, the newest first."""
    rows = "".join(
        f'<tr><th scope="row" class="nw">Version {one.number}</th><td class="nw" data-head="agreed">{day(one.agreed_on) if one.agreed_on else "not agreed"}</td>'
        f'<td class="r" data-head="people">{one.people or ""}</td><td data-head="changed">{escape(one.changed)}</td>'
        f'<td class="mut" data-head="written">{escape(one.author)}, {day(one.written_on)}</td></tr>' for one in found)  # fmt: skip
    return _table("Versions", ("Version", "Agreed on", "People who agreed", "What it changes", "Written by"), rows)


def agreed(found: Standing, edition: int) -> str:
    """Who agrees with the version in force and who has not said so yet, in alphabetical order."""
    waiting = f'<p class="ink2">Not yet: {escape(", ".join(found.waiting))}.</p>' if found.waiting else ""
    names = f'<p class="mut">{escape(", ".join(found.agreed))}</p>' if found.agreed else ""
    return f'<p><b>{len(found.agreed)} of {found.asked} people agree with version {edition}.</b></p>{_reworded(found)}{waiting}{names}'


def _reworded(found: Standing) -> str:
    """Who agreed to words that have changed since, and how they changed; a new version asks again."""
    if not found.older:
        return ""
    told = [f"{one.what} was {one.how} by {one.author} on {day(one.at.date())}" for one in reversed(found.rewordings[-MOST_REWORDED:])]
    more = f"; and {len(found.rewordings) - MOST_REWORDED} changes before" if len(found.rewordings) > MOST_REWORDED else ""
    return (f'<p class="out">The words have changed since {escape(_names(found.older))} agreed: {escape("; ".join(told) + more)}. '
            f'What they agreed to are the older words. A new version of the plan asks everybody again.</p>')  # fmt: skip


def _names(who: Sequence[str]) -> str:
    return who[0] if len(who) == 1 else f"{', '.join(who[:-1])} and {who[-1]}"


# -- account and marketing plans


def carried(title: str, found: Sequence[CarriedPlan], entry: Href, account: Href, today: date, empty: str) -> str:
    """Account or marketing plans: priority, aims, what is done of their tactics, and what comes next."""
    head = f'<div class="sechead"><h2>{title}</h2></div>'
    if not found:
        return f'<section class="sec">{head}<p class="mut">{escape(empty)}</p></section>'
    rows = "".join(_carried(one, entry, account, today) for one in found)
    return f'<section class="sec">{head}{_table(title, ("Plan, owner", "Priority", "Aims", "Tactics done", "Next"), rows)}</section>'


def _carried(one: CarriedPlan, entry: Href, account: Href, today: date) -> str:
    who = f'<a href="{escape(account(one.account))}">{escape(one.account_name)}</a>' if one.account else escape(", ".join(one.segments))
    name = f'<th scope="row"><a class="name" href="{escape(entry(one.id))}">{escape(one.title)}</a><span class="sub">{" · ".join(filter(None, (who, _owner(one.owner))))}</span></th>'
    aims = "".join(f"<div>{escape(aim)}</div>" for aim in one.aims)
    serves = f'<span class="sub">for the goal: {escape(one.goal)}</span>' if one.goal else '<span class="sub out">no goal of the plan named</span>'
    progress = f'<span class="sub">{escape(one.progress)}</span>' if one.progress else ""
    return (f'<tr>{name}<td data-head="priority">{PRIORITY.get(one.priority, one.priority)}</td><td data-head="aims">{aims}{serves}</td>'
            f'<td data-head="tactics done">{_done(one)}{progress}</td><td data-head="next">{_next(one, today)}</td></tr>')  # fmt: skip


def in_a_line(found: Sequence[CarriedPlan], entry: Href, today: date) -> str:
    """`Account plan: Renewal in January, 2 of 4 tactics done, next Offer for all sites, due 4 Dec`."""
    lines = []
    for one in found:
        step = one.next
        due = f", due {near(step.due, today)}" if step and step.due else ""
        following = f"; next: {escape(step.what)}{due}" if step else ""
        lines.append(f'<p class="cap">Account plan: <a href="{escape(entry(one.id))}">{escape(one.title)}</a>, {one.done} of {len(one.steps)} tactics done{following}</p>')
    return "".join(lines)


def _owner(name: str) -> str:
    return escape(name) if name else '<span class="out">no owner</span>'


def _done(one: CarriedPlan) -> str:
    if not one.steps:
        return '<span class="out">no tactics yet</span>'
    dots = "".join(f'<span>{marks.mark("done" if step.done_on else "open")}</span>' for step in one.steps)
    return f'<span class="pl-said" aria-hidden="true">{dots}</span><span class="sub">{one.done} of {len(one.steps)}</span>'


def _next(one: CarriedPlan, today: date) -> str:
    step = one.next
    if step is None:
        return '<span class="mut">nothing left to do</span>' if one.steps else ""
    if step.due is None:
        when = "no date"
    else:
        when = f"due {near(step.due, today)}" if step.due >= today else f'<span class="out">was due {near(step.due, today)}</span>'
    return f'{escape(step.what)}<span class="sub">{" · ".join(filter(None, (escape(step.who), when)))}</span>'
