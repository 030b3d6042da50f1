"""Scenarios as tables: what is assumed and what follows, against the goals, and which triggers it trips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from scorecard.core import fmt
from scorecard.core.periods import day, noun
from scorecard.core.reading import CAPABILITIES
from scorecard.output import tables
from scorecard.output.part_tables import Table
from scorecard.output.theme import escape
from scorecard.planning.scenarios import VERDICTS, sentence

if TYPE_CHECKING:
    from scorecard.core.scenarios import Effect
    from scorecard.planning.scenarios import Scenario, Tripped

Href = Callable[[str], str]
COLUMNS = ("Measure", "Change", "Expected", "Goal", "Now", "Then", "Ground")
HEADS = ("scenario", "written on", "months", "kind", "name", "change", "from", "to", "usual", "expected", "lower limit", "upper limit", "goal", "now", "then",
         "months meeting now", "months meeting then", "of", "ground")  # fmt: skip


def section(found: Sequence[Scenario], scenario: Href, measure: Href) -> str:
    """Every scenario with its sentence, effects and triggers; nothing where none is written."""
    if not found:
        return ""
    head = '<div class="sechead"><h2>Scenarios</h2><span class="cap">the natural range of each measure, moved by what is assumed</span></div>'
    return f'<section class="sec">{head}{"".join(_one(one, scenario, measure) for one in found)}</section>'


def _one(one: Scenario, scenario: Href, measure: Href) -> str:
    lasts = f"lasts {one.months} {noun('month', one.months)}"
    told = f'<p class="sub">{escape(one.told)}</p>' if one.told else ""
    by = " · ".join(filter(None, (lasts, one.owner_name, day(one.written_on))))
    head = f'<h3 class="sc-head"><a class="name" href="{escape(scenario(one.id))}">{escape(one.title)}</a><span class="sub">{escape(by)}</span></h3>'
    unknown = f'<p class="out">Not computed, no figures of that name: {escape(", ".join(one.unknown))}.</p>' if one.unknown else ""
    heads = "".join(f'<th scope="col">{text}</th>' for text in COLUMNS)
    rows = "".join(_row(each, measure) for each in one.effects)
    table = f'<table class="dense sc-board"><caption class="vh">{escape(one.title)}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>' if rows else ""
    said = f'<p class="pf-says">{tables.sentence(sentence(one))}</p>' if one.effects else ""
    return f'<article class="sc-one">{head}{told}{said}{unknown}{table}{_trips(one.tripped)}</article>'


def _row(one: Effect, href: Href) -> str:
    measure, goal = one.level.measure, one.level.goal
    name = f'<th scope="row"><a class="name" href="{escape(href(measure.name))}">{escape(measure.label)}</a></th>'
    cells = (_changed(one), _expected(one), fmt.goal(goal, measure) if goal is not None else '<span class="mut">no goal</span>', _stands(one.before, one.met, one),
             _stands(one.after, one.meets, one), escape(one.ground) or f'<span class="mut">moves with {escape(one.through)}: association, not proof</span>')  # fmt: skip
    return f'<tr>{name}{"".join(f"<td data-head={chr(34)}{head}{chr(34)}>{cell}</td>" for head, cell in zip(COLUMNS[1:], cells, strict=True))}</tr>'


def _changed(one: Effect) -> str:
    measure = one.level.measure
    wide = f'<span class="sub">{fmt.change(one.low, measure)} to {fmt.change(one.high, measure)}</span>' if one.low != one.high else ""
    return f"<b>{fmt.change(one.amount, measure)}</b>{wide}"


def _expected(one: Effect) -> str:
    measure = one.level.measure
    span = fmt.range_text(one.lower, one.upper, measure, dash=True) if one.level.has_range else "too few months for limits"
    return f'{fmt.value(one.level.usual, measure)} → {fmt.value(one.then, measure)}<span class="sub">{span}</span>'


def _stands(capability: str, met: int, one: Effect) -> str:
    if one.level.goal is None:
        return '<span class="mut">–</span>'
    often = f'<span class="sub">met in {met} of {one.months} {noun("month", one.months)}</span>' if one.months else ""
    return f"{CAPABILITIES[capability]}{often}"


def _trips(found: Sequence[Tripped]) -> str:
    if not found:
        return '<p class="cap">No trigger watches these measures.</p>'
    lines = [f'<b>{escape(one.trigger.title)}</b> {_verdict(one)}{_answer(one)}' for one in found]
    return f'<p class="cap">{"; ".join(lines)}.</p>'


def _verdict(one: Tripped) -> str:
    often = f" ({one.count} of the last {one.months} months would have held)" if one.months else ""
    return f"{VERDICTS[one.verdict]}{often}"


def _answer(one: Tripped) -> str:
    if one.verdict == "no":
        return ""
    return f", its plan is {escape(one.trigger.response.label)}" if one.trigger.has_plan else ", and it has no plan"


def table(found: Sequence[Scenario]) -> Table:
    """A line for each effect and each trigger that is touched, in full precision."""
    return Table("Scenarios", HEADS, [row for one in found for row in (*(_effect(one, each) for each in one.effects), *(_tripped(one, each) for each in one.tripped))],
                 "No scenario is written.")  # fmt: skip


def _effect(one: Scenario, each: Effect) -> list[Any]:
    kind = "follows" if each.through else "assumed"
    return [one.title, one.written_on, one.months, kind, each.level.measure.label, each.amount, each.low, each.high, each.level.usual, each.then, each.lower, each.upper,
            each.level.goal, CAPABILITIES[each.before], CAPABILITIES[each.after], each.met, each.meets, each.months, each.ground or f"moves with {each.through}"]  # fmt: skip


def _tripped(one: Scenario, each: Tripped) -> list[Any]:
    blank: list[Any] = [None] * 8
    return [one.title, one.written_on, one.months, "trigger", each.trigger.title, *blank, "", VERDICTS[each.verdict], None, each.count, each.months, each.trigger.told]
