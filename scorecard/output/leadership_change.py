"""Change initiatives as they are read: a row each with the step it stands at, the sponsor's acts, who works that way already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from scorecard.core.periods import day
from scorecard.output import marks
from scorecard.output.part_tables import Table
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.leadership.initiatives import Act, Initiative, Overview

Href = Callable[[str], str]
HEADS = ("Change", "Step", "Sponsor", "Affected", "Taken up", "Measure")
COLUMNS = ("change", "step", "since", "sponsor", "sponsor last seen on", "acts done", "acts planned", "acts missed", "led by", "teams affected", "people affected",
           "taken up", "counted on", "taken up when", "measure", "why", "what those affected said", "kept by", "what came of it")  # fmt: skip
ACTS = {"done": "done", "planned": "planned", "missed": "cross", "late": "clock"}
WORDS = {"done": "done", "planned": "planned", "missed": "did not take place", "late": "planned, and the day is over"}
DOT, GAP = 10.0, 15.0


def section(found: Overview, change: Href, measure: Href) -> str:
    """The table of changes; nothing where none is written."""
    lines = (*found.under_way, *found.ended)
    if not lines:
        return ""
    rows = "".join(_row(one, found.steps, change, measure) for one in lines)
    head = "".join(f'<th scope="col">{text}</th>' for text in HEADS)
    steps = escape(", ".join(found.steps))
    return (f'<section class="sec"><div class="sechead"><h2>Change initiatives</h2><span class="cap">every change takes the same steps: {steps}</span></div>'
            f'<table class="dense ld-change"><caption class="vh">Changes under way, then those that ended within a year</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></section>')  # fmt: skip


def _row(one: Initiative, steps: Sequence[str], change: Href, measure: Href) -> str:
    led = f"led by {one.owner}" if one.owner else "led by nobody yet"
    name = f'<th scope="row"><a class="name" href="{escape(change(one.id))}">{escape(one.title)}</a><span class="sub">{escape(led)}</span></th>'
    return (f'<tr>{name}<td data-head="Step">{_steps(one, steps)}</td><td data-head="Sponsor">{_sponsor(one)}</td><td data-head="Affected">{_affected(one)}</td>'
            f'<td data-head="Taken up">{_adoption(one)}</td><td data-head="Measure">{_measure(one, measure)}</td></tr>')  # fmt: skip


def _steps(one: Initiative, steps: Sequence[str]) -> str:
    if not one.step:
        return f'<span>stopped</span><span class="sub">{day(one.since)}{f": {escape(one.outcome)}" if one.outcome else ""}</span>'
    dots = "".join(f'<circle class="{"m-inkfill" if n < one.step else "ld-hollow"}" cx="{6 + n * GAP:g}" cy="7" r="{DOT / 2 - (0 if n < one.step else 0.8):g}"/>' for n in range(len(steps)))
    drawn = marks.svg(12 + (len(steps) - 1) * GAP, 14, dots, f"Step {one.step} of {len(steps)}")
    after = one.kept_by if one.ended else ""
    return f'{drawn}<span class="ld-step">{escape(one.label)}</span><span class="sub">since {day(one.since)}{f". {escape(after)}" if after else ""}</span>'


def _sponsor(one: Initiative) -> str:
    if not one.sponsor:
        return '<span class="mut">nobody yet</span>'
    acts = "".join(f"<li>{_act(each)}</li>" for each in one.acts)
    seen = f"last seen {day(one.seen_on)}" if one.seen_on else "not seen with it yet"
    quiet = f' <b class="ld-late">{one.quiet_days} days</b>' if one.quiet_days is not None else ""
    planned = f", next {day(one.next_act.on)}" if one.next_act else ""
    return f'{escape(one.sponsor)}<ul class="ld-acts">{acts}</ul><span class="sub">{seen}{quiet}{planned}</span>'


def _act(one: Act) -> str:
    return marks.mark(ACTS[one.state], f"{day(one.on)}, {one.act}: {WORDS[one.state]}")


def _affected(one: Initiative) -> str:
    if not one.affected:
        return '<span class="mut">not said yet</span>'
    people = f'<span class="sub">{one.people:,} {"person" if one.people == 1 else "people"}</span>' if one.people else ""
    return f"{escape(', '.join(one.affected))}{people}"


def _adoption(one: Initiative) -> str:
    if not one.adoption:
        return '<span class="mut">nothing counted yet</span>'
    last = one.adoption[-1]
    goal = f" of {one.goal * 100:.0f}%" if one.goal is not None else ""
    line = marks.svg(96, 8, f'<rect class="m-band" width="96" height="8"/><rect class="m-fill" width="{96 * last.share:.1f}" height="8"/>'
                     + (f'<path class="m-goal" d="M{96 * one.goal:.1f} -2V10"/>' if one.goal is not None else ""), f"{last.share * 100:.0f}%{goal}")  # fmt: skip
    return f'<b>{last.share * 100:.0f}%</b>{goal} {line}<span class="sub">{escape(last.how)}, {day(last.on)}</span>'


def _measure(one: Initiative, href: Href) -> str:
    return f'<a href="{escape(href(one.measure))}">{escape(one.measure_label)}</a>' if one.measure else '<span class="mut">none named</span>'


def table(found: Overview) -> Table:
    """A row for each change, in full."""
    return Table("Change initiatives", COLUMNS, [_line(one) for one in (*found.under_way, *found.ended)], "No change is written down yet.")


def _line(one: Initiative) -> list:
    last = one.adoption[-1] if one.adoption else None
    counts = [sum(act.state in states for act in one.acts) for states in (("done",), ("planned",), ("missed", "late"))]
    return [one.title, one.label, one.since, one.sponsor, one.seen_on, *counts, one.owner, ", ".join(one.affected), one.people, last.share if last else None,
            last.on if last else None, one.goal, one.measure_label, one.why, one.heard, one.kept_by, one.outcome]  # fmt: skip
