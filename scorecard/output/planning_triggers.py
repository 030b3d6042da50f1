"""Triggers as a table: how far each is now, when it would have fired, what answers it; and what fired and nobody took up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from scorecard.core.periods import containing, day
from scorecard.output import marks
from scorecard.output.part_tables import Table
from scorecard.output.theme import escape
from scorecard.planning.triggers import MONTHS

if TYPE_CHECKING:
    from scorecard.planning.triggers import Fired, Overview, Watched

COLUMNS = ("Trigger", "Now", "Would have fired", "Response", "Owner", "Plan")
PLANS = {"missing": "open", "draft": "half", "ready": "done", "running": "half", "done": "done"}
HEADS = ("trigger", "condition", "measure", "now", "there", "needed", "fired", "dry run", "decided", "plan started on", "response", "plan", "gone through on", "owner", "watched since")


@dataclass(frozen=True)
class Ways:
    """Where the table leads: a trigger, its plan, the form of a new plan for it, the review of a month."""

    trigger: Callable[[str], str]
    plan: Callable[[str], str]
    write: Callable[[str], str]
    may_write: bool


def section(found: Overview, ways: Ways) -> str:
    """The table with its caption, nothing where no trigger is written."""
    if not found.found:
        return ""
    head = f'<div class="sechead"><h2>Triggers</h2><span class="cap">what would make us change the plan, tried on the last {MONTHS} months</span></div>'
    heads = "".join(f'<th scope="col">{text}</th>' for text in COLUMNS)
    rows = "".join(_row(one, found.today, ways) for one in found.found)
    return f'<section class="sec">{head}<table class="pt-board"><caption class="vh">Triggers</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></section>'


def _row(one: Watched, today: date, ways: Ways) -> str:
    told = one.fault or one.told
    name = f'<th scope="row"><a class="name" href="{escape(ways.trigger(one.id))}">{escape(one.title)}</a><span class="sub">{escape(told)}{" · resting" if one.resting else ""}</span></th>'
    cells = (_now(one, today), _history(one, today), escape(one.response.title) if one.response else '<span class="mut">none yet</span>',
             escape(one.owner_name) or '<span class="out">nobody</span>', _plan(one, ways, today))  # fmt: skip
    return f'<tr>{name}{"".join(f"<td data-head={chr(34)}{head}{chr(34)}>{cell}</td>" for head, cell in zip(COLUMNS[1:], cells, strict=True))}</tr>'


def _now(one: Watched, today: date) -> str:
    waiting = one.waiting(today)
    if waiting:
        stands = f"on the agenda of {waiting[-1].stands.label}" if waiting[-1].stands else "waits for the review"
        return f'<b>fired</b><span class="sub">{escape(waiting[-1].period.label)}, {escape(stands)}</span>'
    if one.holds:
        return f'<b>holds</b><span class="sub">{escape(one.now)}</span>'
    return escape(one.now) or '<span class="mut">–</span>'


def _history(one: Watched, today: date) -> str:
    """`never`, `once, May 2026` or `3 times, last May 2026`; below it what nobody took up."""
    if not one.fired:
        return '<span class="mut">never</span>'
    last = one.fired[-1].period.label
    many = f"once, {last}" if len(one.fired) == 1 else f"{len(one.fired)} times, last {last}"
    late = one.overlooked(today)
    under = f'<span class="sub out">{_missed(late)}</span>' if late else f'<span class="sub">{escape(answer(one.fired[-1]))}</span>' if answer(one.fired[-1]) else ""
    return f'<span class="mut">{escape(many)}</span>{under}'


def _missed(late: tuple[Fired, ...]) -> str:
    return "no review took it up" if len(late) == 1 else f"no review took up {len(late)} of them"


def answer(one: Fired) -> str:
    """What came of a time at which it fired."""
    if one.started_on:
        return f"plan started {day(one.started_on)}"
    return "decided in the review" if one.decision else ""


def _plan(one: Watched, ways: Ways, today: date) -> str:
    state = one.response.state if one.response else "missing"
    label = one.response.label if one.response else "missing"
    shown = f'<span class="pt-plan">{marks.mark(PLANS[state])}{escape(label)}</span>'
    if state == "missing" and ways.may_write:
        href = ways.plan(one.response.id) if one.response else ways.write(one.id)
        return f'<span class="pt-state">{shown}<a class="pt-write" href="{escape(href)}">write it</a></span>'
    if one.response is None:
        return shown
    old = '<span class="sub out">not gone through for a year</span>' if one.response.stale(today) else ""
    return f'<a class="pt-link" href="{escape(ways.plan(one.response.id))}">{shown}</a>{old}'


def table(found: Overview) -> Table:
    """A line for each time a trigger fired, and one for each that never did."""
    return Table("Triggers", HEADS, [_cells(one, each) for one in found.found for each in one.fired or (None,)], "No trigger is written.")


def _cells(one: Watched, each: Fired | None) -> list[Any]:
    response = one.response
    fired = [str(containing(each.period.end, "month")), each.dry, each.decision, each.started_on] if each else [None, None, None, None]
    return [one.title, one.told or one.fault, one.measure, one.now, one.part, one.need, *fired, response.title if response else "",
            response.label if response else "missing", response.checked_on if response else None, one.owner_name, one.agreed_on]  # fmt: skip
