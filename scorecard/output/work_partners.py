"""Core competencies and partners as tables: what was agreed, the readings, what misses its goal, which review is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from scorecard.core.periods import day
from scorecard.output import marks, twins
from scorecard.output.theme import escape
from scorecard.work.partners import LEAST_READINGS

if TYPE_CHECKING:
    from scorecard.work.partners import Competency, Overview, Partner, Read

Href = Callable[[str], str]
RESTS = {"one": "one person", "few": "a few people", "team": "the team", "process": "a written way of working"}
WIDTH, HEIGHT = 110, 26
COLUMNS = ("part", "name", "measure", "unit", "goal", "better", "read on", "reading", "last review", "next review")


def section(found: Overview, competency: Href, partner: Href, project: Href) -> str:
    """Both tables, side by side where there is room; nothing where nothing is written."""
    left, right = _competencies(found.competencies, competency), _partners(found.partners, partner, project)
    return f'<div class="two-up">{left}{right}</div>' if found.competencies or found.partners else ""


def _competencies(found: Sequence[Competency], href: Href) -> str:
    rows = "".join(
        f'<tr><th scope="row"><a class="name" href="{escape(href(one.id))}">{escape(one.name)}</a><span class="sub">{escape(_kept(one))}</span></th>'
        f'<td>{escape(RESTS.get(one.risk, "not said"))}</td><td>{escape(one.measured_by or "not measured yet")}</td><td>{_read(one.read)}</td></tr>' for one in found)  # fmt: skip
    return _table("Core competencies", ("Competency", "Rests on", "Measured by", "Readings"), rows, "None is written down yet.")


def _kept(one: Competency) -> str:
    taught = f", taught by {', '.join(one.teachers)}" if one.teachers else ""
    return (f"kept by {one.keeper}" if one.keeper else "kept by nobody yet") + taught


def _partners(found: Sequence[Partner], href: Href, project: Href) -> str:
    rows = "".join(_partner(one, href, project) for one in found)
    return _table("Partners and suppliers", ("Partner", "Agreed measure", "Readings", "Reviewed"), rows, "None is written down yet.")


def _partner(one: Partner, href: Href, project: Href) -> str:
    span = max(1, len(one.read))
    reviewed = f"{day(one.reviewed_on)}, readings {'shared' if one.shared else 'not shared'}" if one.reviewed_on else "never"
    missed = f'<span class="sub">{one.missed} missed</span>' if one.missed else ""
    due = f'<span class="sub{" hf-late" if one.due else ""}">{"was due" if one.due else "next"} {day(one.next_on)}</span>' if one.next_on else ""
    change = f'<span class="sub">they change: {escape(one.they_change)}</span>' if one.they_change else ""
    links = ", ".join(f'<a href="{escape(project(id))}">{escape(title)}</a>' for id, title in one.projects)
    projects = f'<span class="sub">with them: {links}</span>' if links else '<span class="sub">no project with them</span>'
    name = f'<th scope="row" rowspan="{span}"><a class="name" href="{escape(href(one.id))}">{escape(one.name)}</a><span class="sub">{escape(one.delivers)}</span></th>'
    last = f'<td rowspan="{span}">{escape(reviewed)}{due}{missed}{change}{projects}</td>'
    cells = [f"<td>{escape(each.name)}</td><td>{_read(each)}</td>" for each in one.read] or ['<td class="mut">nothing agreed yet</td><td></td>']
    return "".join(f"<tr>{name if n == 0 else ''}{cell}{last if n == 0 else ''}</tr>" for n, cell in enumerate(cells))


def _read(one: Read) -> str:
    """The last reading against the goal, with the line of all of them."""
    if one.last is None:
        return '<span class="mut">no reading yet</span>'
    goal = f"goal {'≤' if one.better == 'lower' else '≥'} {one.goal:g}" if one.goal is not None else "no goal"
    word = {True: "met", False: "missed", None: ""}[one.meets]
    slides = f", worse {LEAST_READINGS - 1} times running" if one.slides else ""
    unit = f" {one.unit}" if one.unit else ""
    return f'<b>{one.last:g}</b>{escape(unit)} {_line(one)}<span class="sub{" hf-late" if one.meets is False else ""}">{escape(", ".join(filter(None, (goal, word))) + slides)}</span>'


def _line(one: Read) -> str:
    """The readings as a line, the last one a dot; nothing for one alone."""
    if len(one.readings) < 2:
        return ""
    values = [value for _, value in one.readings] + ([one.goal] if one.goal is not None else [])
    scale = marks.Scale(values, 4, HEIGHT - 4)
    first, last = one.readings[0][0].toordinal(), one.readings[-1][0].toordinal()
    points = [(6 + (on.toordinal() - first) / max(last - first, 1) * (WIDTH - 12), scale(value)) for on, value in one.readings]
    path = "".join(f"{'L' if n else 'M'}{x:.1f} {y:.1f}" for n, (x, y) in enumerate(points))
    goal = f'<path class="m-goal" d="M0 {scale(one.goal):.1f}H{WIDTH}"/>' if one.goal is not None else ""
    dot = f'<circle class="m-dot" cx="{points[-1][0]:.1f}" cy="{points[-1][1]:.1f}" r="3"/>'
    said = f"{len(one.readings)} readings, from {one.readings[0][1]:g} to {one.last:g}"
    return marks.svg(WIDTH, HEIGHT, f'{goal}<path class="m-line" d="{path}"/>{dot}', said)


def _table(title: str, heads: Sequence[str], rows: str, empty: str) -> str:
    body = (f'<table class="dense"><caption class="vh">{title}</caption><thead><tr>{"".join(f"<th scope=col>{text}</th>" for text in heads)}</tr></thead><tbody>{rows}</tbody></table>'
            if rows else f'<p class="mut">{empty}</p>')
    return f'<section class="sec"><div class="sechead"><h2>{title}</h2></div>{body}</section>'


def csv(found: Overview) -> str:
    """Every reading of every measure, a line each; what has none has a line of its own."""
    return twins.csv_text(COLUMNS, _lines(found))


def _lines(found: Overview) -> Iterator[list[Any]]:
    for one in found.competencies:
        yield from _of("competency", one.name, [one.read], None, None)
    for one in found.partners:
        yield from _of("partner", one.name, one.read, one.reviewed_on, one.next_on)


def _of(part: str, name: str, measures: Sequence[Read], last: Any, next_on: Any) -> Iterator[list[Any]]:
    if not measures:
        yield [part, name, "", "", None, "", None, None, last, next_on]
    for each in measures:
        for on, value in each.readings or ((None, None),):
            yield [part, name, each.name, each.unit, each.goal, each.better, on, value, last, next_on]
