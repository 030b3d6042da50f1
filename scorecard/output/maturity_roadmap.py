"""Projects by the quarter in which they are planned: from a gap to a measure that should move, and what it says so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scorecard.core import fmt
from scorecard.core.periods import Period, day
from scorecard.output import marks, review_tables
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.core.definition import Definition
    from scorecard.maturity.loop import Standing

Href = Callable[[str], str]
EARLIER, UNPLANNED = "Earlier", "Not planned yet"
STAGES = ("define", "measure", "analyse", "improve", "control")


@dataclass(frozen=True)
class Column:
    """One phase of the roadmap with its projects."""

    title: str
    note: str
    projects: tuple[Standing, ...]


def columns(found: Sequence[Standing], now: Period) -> tuple[Column, ...]:
    """The phases: what was planned earlier, this quarter to the last one that is planned, and what has no quarter yet."""
    last = max((one.project.quarter.ordinal for one in found if one.project.quarter), default=now.ordinal)
    ahead = [now.shift(n) for n in range(max(last - now.ordinal, 0) + 1)]
    told = [Column(EARLIER, "", tuple(one for one in found if one.project.quarter and one.project.quarter.ordinal < now.ordinal))]
    told += [Column(at.label, "now" if at == now else "", tuple(one for one in found if one.project.quarter == at)) for at in ahead]
    told.append(Column(UNPLANNED, "", tuple(one for one in found if one.project.quarter is None)))
    return tuple(one for one in told if one.projects or one.title not in (EARLIER, UNPLANNED))


def page(
    found: Sequence[Standing], now: Period, titles: Mapping[str, str], measures: Mapping[str, Definition], href: Href, measured: Href | None = None
) -> str:
    """The roadmap. `titles` are those of practices; `href` gives the address of a project, `measured` that of a measure."""
    if not found:
        return '<p class="mut lv-none">No project yet. Start one from a gap of the results: it names the measure that it should move.</p>'
    parts = "".join(_column(one, titles, measures, href, measured) for one in columns(found, now))
    return (
        f'<div class="rm-board">{parts}</div><p class="foot">A project stands in the quarter in which it is planned. Its five steps: '
        "define, measure, analyse, improve, control. The verdict is the measure’s own: a signal in the wanted direction after the work changed, "
        "none yet, or the other way.</p>"
    )


def _column(one: Column, titles: Mapping[str, str], measures: Mapping[str, Definition], href: Href, measured: Href | None) -> str:
    count = f'<span class="cap">{escape(one.note)}</span>' if one.note else ""
    items = "".join(_project(project, titles, measures, href, measured) for project in one.projects)
    body = f"<ul>{items}</ul>" if items else '<p class="mut rm-none">Nothing planned.</p>'
    return f'<section class="rm-phase"><div class="sechead"><h2>{escape(one.title)}</h2>{count}</div>{body}</section>'


def _project(one: Standing, titles: Mapping[str, str], measures: Mapping[str, Definition], href: Href, measured: Href | None) -> str:
    project = one.project
    practice = f'<p class="sub">closes {escape(project.practice)} {escape(titles.get(project.practice, ""))}</p>' if project.practice else ""
    label = escape(one.label)
    name = f'<a href="{escape(measured(project.measure))}">{label}</a>' if measured else label
    return (
        f'<li data-project="{escape(project.id)}"><a class="name" href="{escape(href(project.id))}">{escape(project.title)}</a>{practice}'
        f'<p class="rm-steps">{steps(project.stage, bool(project.outcome))}<span>{_where(one)}</span></p>'
        f'<p class="rm-line">{name}{_effect(one, measures)}</p><p class="rm-line">{verdict(one)}</p>'
        f'<p class="sub">{escape(project.owner_name)}</p></li>'
    )


def steps(stage: str, ended: bool = False) -> str:
    """Five small squares, filled up to the stage; the word stands beside them."""
    reached = len(STAGES) if ended else STAGES.index(stage) + 1
    squares = "".join(
        f'<rect class="{"m-fill" if n < reached else "m-hollow"}" x="{n * 11 + 1}" y="1" width="8" height="8"/>' for n in range(len(STAGES))
    )
    return marks.svg(56, 10, squares)


def _where(one: Standing) -> str:
    project = one.project
    if project.outcome == "stopped":
        return f"stopped {day(project.ended)}: {escape(project.reason)}" if project.ended else "stopped"
    if project.outcome == "finished":
        return f"finished {day(project.ended)}" if project.ended else "finished"
    return project.stage


def _effect(one: Standing, measures: Mapping[str, Definition]) -> str:
    """`, +3 points by 31 Dec 2026`, or nothing where nobody said what to expect."""
    project, measure = one.project, measures.get(one.project.measure)
    parts = [fmt.change(project.effect, measure)] if project.effect is not None and measure else []
    parts += [f"by {day(project.effect_by)}"] if project.effect_by else []
    return f' <span class="mut">{escape(" ".join(parts))}</span>' if parts else ""


def verdict(one: Standing) -> str:
    """The verdict of the project's measure with its mark and its evidence."""
    told = escape(one.verdict.sentence.rest or one.verdict.sentence.bold)
    return f'{review_tables.verdict_mark(one.verdict)} <span class="mut">{told}</span>'


def crumbs(back: str) -> str:
    """The way back to the results."""
    return f'<p class="cap"><a href="{escape(back)}">Maturity</a> <span aria-hidden="true">›</span> Projects</p>'


def told(one: Standing) -> str:
    """A project in a few lines, for its own dialog."""
    project = one.project
    practice = f'<p class="sub">closes {escape(project.practice)}</p>' if project.practice else ""
    again = f'<p class="notice lv-again">{escape(one.again)}</p>' if one.again else ""
    return (
        f'<h3>{escape(project.title)}</h3>{practice}<p class="rm-steps">{steps(project.stage, bool(project.outcome))}<span>{_where(one)}</span></p>'
        f'<p class="rm-line">{escape(one.label)}</p><p class="rm-line">{verdict(one)}</p><p class="sub">{escape(project.owner_name)}</p>{again}'
    )
