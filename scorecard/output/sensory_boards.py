"""Blind spots, findings by department, the environment in six fields, and assumptions that are due."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from scorecard.core.periods import day
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.registers import Entry
    from scorecard.sensory.environment import Challenges, Field
    from scorecard.sensory.feedback import Department, Feedback

SIDES = {"opportunity": "opportunity", "threat": "threat", "both": "both"}
SURE = {"high": "sure", "medium": "likely", "low": "a hint"}
Href = Callable[[str], str]


def blind_spots(lines: Sequence[str]) -> str:
    """What nobody hears, a line each."""
    if not lines:
        return '<h2>Blind spots</h2><p class="mut">None: every post is heard in every segment where it should be.</p>'
    rows = "".join(f"<li>{escape(one)}</li>" for one in lines)
    return f'<h2>Blind spots</h2><ul class="sn-blind">{rows}</ul>'


def departments(found: Feedback) -> str:
    """Findings by department with their state and age, and the sessions that were held."""
    if not found.departments:
        return ""
    heads = "".join(f'<th scope="col"{side}>{text}</th>' for text, side in (
        ("Department", ""), ("Open", ' class="r"'), ("Sent", ' class="r"'), ("Answered", ' class="r"'), ("Closed", ' class="r"'),
        ("Half are older than", ' class="r"'), ("Sessions, 90 days", ""), ("Last session", "")))
    rows = "".join(_department(one) for one in found.departments)
    return f'<table class="dense stacks sn-heads"><caption class="vh">Findings by department</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _department(one: Department) -> str:
    age = f"{one.age:.0f} days" if one.age is not None else "–"
    held = f"{one.held} held" + (f", {one.missed} missed" if one.missed else "")
    last = day(one.last) if one.last else "never"
    figures = "".join(f'<td class="r" data-head="{head}">{value:,}</td>' for head, value in (
        ("open", one.open), ("sent", one.sent), ("answered", one.answered), ("closed", one.closed)))
    return (f'<tr><th scope="row">{escape(one.label)}</th>{figures}<td class="r" data-head="half older than">{age}</td>'
            f'<td data-head="sessions">{held}</td><td class="mut" data-head="last">{last}</td></tr>')


def environment(found: Sequence[Field], href: Href, bears: Mapping[str, tuple[str, str]] = MappingProxyType({})) -> str:
    """The six fields side by side, each with what is watched in it; `bears` are entry -> (goal of the plan that it bears on, address)."""
    return f'<div class="sn-fields">{"".join(_field(one, href, bears) for one in found)}</div>'


def _field(one: Field, href: Href, bears: Mapping[str, tuple[str, str]]) -> str:
    rows = "".join(_entry(entry, href, bears.get(entry.id)) for entry in one.entries)
    body = f'<ul>{rows}</ul>' if rows else '<p class="mut">Nobody watches this field yet.</p>'
    good, bad = one.count("opportunity"), one.count("threat")
    counts = f"{good} {'opportunity' if good == 1 else 'opportunities'}, {bad} {'threat' if bad == 1 else 'threats'}" if one.entries else ""
    return f'<section><div class="sechead"><h2>{escape(one.label.capitalize())}</h2><span class="cap">{counts}</span></div>{body}</section>'


def _entry(one: Entry, href: Href, bears: tuple[str, str] | None) -> str:
    told = [SIDES.get(str(one.values.get("side")), ""), SURE.get(str(one.values.get("confidence")), ""), str(one.values.get("source", ""))]
    words = escape(str(one.values.get("plan") or ""))
    plan = f'<a href="{escape(bears[1])}">{escape(bears[0])}</a>' if bears else words
    parts = [*(escape(each) for each in told if each), *([f"bears on: {plan}"] if plan else [])]
    return f'<li><a class="quiet" href="{escape(href(one.id))}">{escape(one.title)}</a><span class="sub">{" · ".join(parts)}</span></li>'


def due(found: Challenges, href: Href, today: date) -> str:
    """The assumptions whose day has come."""
    if not found.all:
        return ""
    if not found.due:
        return f'<p class="mut">None of {found.all} is due to be challenged. {found.holds} held, {found.fails} failed.</p>'
    rows = "".join(f'<li><a class="quiet" href="{escape(href(one.id))}">{escape(one.title)}</a><span class="sub">due {day(date.fromisoformat(str(one.values["next_challenge"])))}: '
                   f'{escape(str(one.values.get("test", "")))}</span></li>' for one in found.due)
    return f'<h2>Due to be challenged</h2><ul class="sn-blind">{rows}</ul><p class="foot">{len(found.due)} of {found.all}. {found.holds} held, {found.fails} failed.</p>'
