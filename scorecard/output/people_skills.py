"""Skills and staffing as they are read: a square for each person and skill, counts now and required, people now and planned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from scorecard.core.periods import day
from scorecard.core.staffing import ALONE, LEARNING, TEACH
from scorecard.output import marks
from scorecard.output.part_tables import Table
from scorecard.output.theme import escape
from scorecard.people.named import initials
from scorecard.people.staffing import month

if TYPE_CHECKING:
    from scorecard.people import skills, staffing
    from scorecard.people.positions import Position

Href = Callable[[str], str]
LEVELS = {LEARNING: "learning", ALONE: "works alone", TEACH: "can teach"}
READY = {"now": "ready now", "year": "ready within a year", "later": "ready later"}
_SQUARES = {
    LEARNING: '<rect class="gr-edge" x="1" y="1" width="14" height="14"/>',
    ALONE: '<rect class="gr-edge" x="1" y="1" width="14" height="14"/><rect class="gr-full" x="1" y="8" width="14" height="7"/>',
    TEACH: '<rect class="gr-full" x=".5" y=".5" width="15" height="15"/>',
}
EMPTY_SKILLS = ("No skill is written down yet. With skills, and with position plans that say how many people need each, it shows what the team can do without help, "
                "and what rests on one person.")  # fmt: skip
EMPTY_STAFFING = "No position plan is written down yet. With the accounts that one person serves well, it shows how many people the accounts ask for."
SKILLS, STAFFING, LEVELS_TITLE = "Skills", "Staffing", "Who can what"
SKILLS_HEADS = ("skill", "works alone or can teach", "of them can teach", "required", "gap", "required in two years", "rests on one person")
LEVELS_HEADS = ("person", "skill", "level")
STAFFING_HEADS = ("position", "people now", "accounts", "accounts each", "required now", "by", "accounts expected", "people planned", "gap", "why", "plan", "tactic of the plan", "what is done about it", "a successor is named")


def both(found: skills.Skills, staffed: staffing.Staffing, skill: Href, position: Href) -> str:
    """Skills beside staffing; each says what is missing where nothing is written."""
    return f'<div class="gr-two">{_skills(found, skill)}{_staffing(staffed, position)}</div>'


# -- skills


def square(level: str, person: str = "") -> str:
    """The square of a level, with its word."""
    word = LEVELS[level]
    return marks.svg(16, 16, _SQUARES[level], f"{person}: {word}" if person else "")


def _skills(found: skills.Skills, href: Href) -> str:
    if not found.lines:
        return f'<section class="sec"><div class="sechead"><h2>Skills now and required</h2></div><p class="mut">{EMPTY_SKILLS}</p></section>'
    people = "".join(f'<th scope="col" class="gr-who"><abbr title="{escape(name)}">{escape(initials(name))}</abbr></th>' for _, name in found.people)
    heads = f'<th scope="col"><span class="vh">Skill</span></th>{people}<th scope="col" class="r">Now</th><th scope="col" class="r">Required</th><th scope="col" class="r"><span class="vh">Gap</span></th>'
    rows = "".join(_skill(one, found.people, href) for one in found.lines)
    legend = "".join(f"<span>{square(level)}{word}</span>" for level, word in LEVELS.items()) if found.people else "<span>Who can what is seen by each and their leader.</span>"
    return (f'<section class="sec"><div class="sechead"><h2>Skills now and required</h2><span class="cap">counted: works alone or can teach</span></div>'
            f'<div class="gr-wide" tabindex="0" role="region" aria-label="Skills now and required"><table class="dense gr-skills"><caption class="vh">Skills now and required, by skill and person</caption>'
            f'<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div><p class="gr-legend">{legend}<span class="src">{escape(found.source)}</span></p></section>')  # fmt: skip


def _skill(one: skills.Line, people: tuple[tuple[str, str], ...], href: Href) -> str:
    cells = "".join(f'<td class="gr-who" data-head="{escape(initials(name))}">{square(one.levels[id], name) if id in one.levels else _unsaid(name)}</td>' for id, name in people)
    alone = f'<span class="sub">rests on one person{f", {escape(one.on)}" if one.on else ""}</span>' if one.single else ""
    required = "–" if one.required is None else f"{one.required:,}"
    if one.later is not None and one.later != one.required:
        alone += f'<span class="sub">{one.later:,} in two years</span>'
    return (f'<tr><th scope="row"><a class="name" href="{escape(href(one.id))}">{escape(one.name)}</a>{alone}</th>{cells}'
            f'<td class="r gr-now"><b>{one.now:,}</b></td><td class="r mut gr-required">{required}</td><td class="r gr-gap">{gap(one.gap) if one.gap and one.gap < 0 else ""}</td></tr>')


def _unsaid(name: str) -> str:
    return f'<span class="mut" aria-label="{escape(name)}: not said">–</span>'


def gap(number: int | None) -> str:
    """`−2`, `0`, `+1`; nothing where it is not known."""
    if number is None:
        return ""
    return f"−{-number:,}" if number < 0 else f"+{number:,}" if number else "0"


# -- staffing


def _staffing(found: staffing.Staffing, href: Href) -> str:
    if not found.lines:
        return f'<section class="sec"><div class="sechead"><h2>Staffing</h2></div><p class="mut">{EMPTY_STAFFING}</p></section>'
    then = month(found.month) if found.month else "Planned"
    sources = sorted({one.planned.source for one in found.lines if one.planned and one.planned.source})
    heads = "".join(f'<th scope="col"{" class=r" if n else ""}>{text}</th>' for n, text in enumerate(("Position", "Now", "Required", then, "Gap")))
    rows = "".join(_position(one, found.month is None, href) for one in found.lines)
    source = f'<span class="cap">from: {escape(", ".join(sources[:2]))}</span>' if sources else ""
    return (f'<section class="sec"><div class="sechead"><h2>Staffing</h2>{source}</div><table class="dense gr-staff"><caption class="vh">People now, required by the accounts, and planned</caption>'
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></section>")


def _position(one: staffing.Line, with_month: bool, href: Href) -> str:
    planned = "–" if one.planned is None else f"{one.planned.people:,}" + (f'<span class="sub">{month(one.planned.by)}</span>' if with_month else "")
    required = "–" if one.required is None else f"{one.required:,}"
    return (f'<tr><th scope="row"><a class="name" href="{escape(href(one.id))}">{escape(one.name)}</a><span class="sub">{escape(_beside(one))}</span></th>'
            f'<td class="r"><b>{one.now:,}</b></td><td class="r mut">{required}</td><td class="r mut">{planned}</td><td class="r gr-gap">{gap(one.gap)}</td></tr>')


def _beside(one: staffing.Line) -> str:
    """The accounts of a position, and who can take it over."""
    said = []
    if one.accounts is not None:
        said.append(f"{one.accounts:,} accounts" + (f", {one.each:,.0f} each" if one.each else ""))
    if one.successors:
        said.append("successor named: " + ", ".join(f"{name}, {READY.get(ready, ready)}" for name, ready in one.successors))
    elif one.succession:
        said.append("a successor is named")
    elif one.now == 1:
        said.append("held by one person, no successor named")
    return "; ".join(said)


def lacking(found: Sequence[Position], today: date) -> str:
    """What position plans do not say yet, and which were to be read again; nothing when all are whole."""
    lines = "".join(f"<li><b>{escape(one.name)}</b> does not say {escape(', '.join(one.lacking[:-1]) + ' and ' if len(one.lacking) > 1 else '')}{escape(one.lacking[-1])} yet.</li>"
                    for one in found if one.lacking)  # fmt: skip
    lines += "".join(f"<li><b>{escape(one.name)}</b> was to be read again by {day(one.look_again)}.</li>" for one in found if one.look_again and one.look_again < today)
    return f'<ul class="gr-lacking">{lines}</ul>' if lines else ""


# -- twins


def skills_table(found: skills.Skills) -> Table:
    """Each skill with its counts."""
    return Table(SKILLS, SKILLS_HEADS, [[one.name, one.now, one.teachers, one.required, one.gap, one.later, "yes" if one.single else "no"] for one in found.lines])


def levels_table(found: skills.Skills) -> Table:
    """Who can what, of those whom the reader sees, by name."""
    rows = [[name, one.name, LEVELS[one.levels[id]]] for id, name in found.people for one in found.lines if id in one.levels]
    return Table(LEVELS_TITLE, LEVELS_HEADS, rows)


def staffing_table(found: staffing.Staffing) -> Table:
    """Each position with its people now, required and planned."""
    rows = [[one.name, one.now, one.accounts, one.each, one.required, *_plan(one), one.gap, *_why(one), "yes" if one.succession else "no"] for one in found.lines]
    return Table(STAFFING, STAFFING_HEADS, rows)


def _plan(one: staffing.Line) -> list:
    return [one.planned.by, one.planned.accounts, one.planned.people] if one.planned else [None, None, None]


def _why(one: staffing.Line) -> list:
    return [one.planned.why, one.planned.source, one.planned.tactic, one.planned.step] if one.planned else ["", "", "", ""]
