"""The direction as it is read: the purpose, the values beside it, the other kinds and what stood before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from scorecard.core.periods import containing, day
from scorecard.output.part_tables import Table
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.leadership.direction import Direction, Statement, Value, Words

Href = Callable[[str], str]
LEAST_PEOPLE = 5  # below it a count would tell of one person
BARE_DAYS = 330  # a month is named without its year while no other of that name is as near
HEADS = ("kind", "version", "in force since", "words", "why it was written anew", "who took part", "times told", "last told on", "last told where")


def section(found: Direction, statement: Href, value: Href, plan: str) -> str:
    """The purpose with the values, then the other kinds; nothing where nothing is written."""
    if not (found.purpose or found.others or found.values):
        return ""
    upper = f'<div class="ld-direction">{_purpose(found, statement)}<ul class="ld-values">{"".join(_value(one, value) for one in found.values)}</ul></div>'
    return f'<section class="sec ld-top">{upper}{_others(found, statement, plan)}</section>'


def _purpose(found: Direction, href: Href) -> str:
    one = found.purpose
    if one is None:
        return '<div><h2 class="cap">Purpose</h2><p class="mut">No purpose is written yet: what the team is here for, in words that everybody can repeat.</p></div>'
    return (f'<div><h2 class="cap">Purpose</h2><p class="ld-purpose">{escape(one.text)}</p>'
            f'<p class="cap">{escape(words(found.words))} · <a href="{escape(href(one.id))}">{_version(one)}</a>{_told(one)}</p>{_earlier(one)}</div>')  # fmt: skip


def words(said: Words | None) -> str:
    """`14 of 15 people said in September that they can explain it`."""
    if said is None or not said.asked:
        return "nobody is asked yet"
    if said.asked < LEAST_PEOPLE:
        return f"how many can explain it is told where {LEAST_PEOPLE} or more are asked"
    if not said.explain:
        return f"nobody of {said.asked} said yet that they can explain it"
    last = containing(said.last, "month")
    month = last.bare if (said.today - said.last).days < BARE_DAYS else last.label
    when = f" in {month}" if containing(said.first, "month") == last else f", the last on {day(said.last)},"
    more = f"; {said.read - said.explain} more {'has' if said.read - said.explain == 1 else 'have'} read it" if said.read > said.explain else ""
    return f"{said.explain} of {said.asked} people said{when} that they can explain it{more}"


def _version(one: Statement) -> str:
    return f"version {one.version}, {day(one.since)}"


def _told(one: Statement) -> str:
    if not one.told:
        return " · not told anywhere yet"
    last = one.told[-1]
    times = "once" if len(one.told) == 1 else f"{len(one.told)} times"
    return f" · told {times}, the last on {day(last.on)}: {escape(last.where)}"


def _earlier(one: Statement) -> str:
    if not one.earlier:
        return ""
    why = f'<p class="cap">Why it was written anew: {escape(one.why)}</p>' if one.why else ""
    rows = "".join(f'<li><p>{escape(each.text)}</p><p class="cap">{_version(each)}</p></li>' for each in one.earlier)
    return f'<details class="earlier"><summary>What stood before</summary>{why}<ul class="ld-earlier">{rows}</ul></details>'


def _value(one: Value, href: Href) -> str:
    seen = f' title="{escape(one.seen)}"' if one.seen else ""
    return f'<li><a class="name" href="{escape(href(one.id))}"{seen}>{escape(one.name)}</a><p>{escape(one.words)}</p></li>'


def _others(found: Direction, href: Href, plan: str) -> str:
    rows = "".join(f'<div><dt>{escape(one.kind.capitalize())}</dt><dd>{escape(one.text)} <span class="cap"><a href="{escape(href(one.id))}">{_version(one)}</a>{_told(one)}</span></dd></div>'
                   for one in found.others)  # fmt: skip
    if found.goals and not any(one.kind == "goals" for one in found.others):
        stand = "1 goal stands" if found.goals == 1 else f"{found.goals} goals stand"
        rows += f'<div><dt>Goals</dt><dd><a href="{escape(plan)}">{stand} in the plan</a></dd></div>'
    return f'<dl class="ld-others">{rows}</dl>' if rows else ""


def tables(found: Direction) -> list[Table]:
    """Every version of every kind, the newest first; the values."""
    kinds = [found.purpose, *found.others] if found.purpose else list(found.others)
    return [Table("Direction", HEADS, [row for one in kinds for row in _rows(one)], "No direction is written yet."),
            Table("Values", ("value", "what it means", "what others see", "worded on"), [[one.name, one.words, one.seen, one.changed_on] for one in found.values],
                  "No values are written yet.")]  # fmt: skip


def _rows(one: Statement) -> Iterator[list[Any]]:
    for each in (one, *one.earlier):
        last = each.told[-1] if each.told else None
        yield [each.kind, each.version, each.since, each.text, each.why, each.shaped_by, len(each.told), last.on if last else None, last.where if last else ""]
