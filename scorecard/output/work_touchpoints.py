"""Touch points: critical moments with how each is measured, and every touch point with needs, critique, promise and feeling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scorecard.core.periods import day
from scorecard.output import marks
from scorecard.output.theme import escape
from scorecard.work.touchpoints import channel, good_words

if TYPE_CHECKING:
    from scorecard.core.feelings import Felt
    from scorecard.work.touchpoints import Overview, TouchPoint

Href = Callable[[str], str]


@dataclass(frozen=True)
class Ways:
    """Where the drawing leads: to one touch point, to a measure, to all touch points."""

    point: Href
    measure: Href
    all: str


def section(found: Overview, ways: Ways) -> str:
    """The critical moments, side by side, with the way to all touch points."""
    n = len(found.points)
    more = f'<p class="cap hf-more"><a href="{escape(ways.all)}">All {n:,} touch points with needs, critique and promise</a></p>'
    if not found.critical:
        return f'<p class="mut">None of {n:,} touch points is named a critical moment yet. The team names up to five: those that decide whether customers stay.</p>{more}'
    return f'<ul class="tp-cards">{"".join(_card(one, ways) for one in found.critical)}</ul>{more}'


def _card(one: TouchPoint, ways: Ways) -> str:
    promise = f'<p class="tp-promise">{escape(one.promise)}</p>' if one.promise else '<p class="mut">No promise yet.</p>'
    spark = marks.sparkline(one.chart, None, "increase", width=180, label=marks.describe(one.chart, good_words(one.felt))) if one.chart else ""
    return (f'<li><h3><a class="name" href="{escape(ways.point(one.id))}">{escape(one.name)}</a></h3><p class="cap">{escape(_where(one))}</p>{promise}'
            f"<p>{_felt(one.felt)}</p>{spark}{_measure(one, ways)}</li>")


def _where(one: TouchPoint) -> str:
    return " · ".join(filter(None, (one.stage, channel(one.channel))))


def _felt(one: Felt) -> str:
    if not one.enough:
        return f'<span class="mut">{escape(good_words(one))}</span>'
    low, high = one.good.interval
    return (f'<b class="tp-fig">{one.good.value:.0%}</b> felt good<span class="sub">{100 * low:.0f} to {high:.0%}, of {one.n:,}; mean {one.mean:.1f} of 5</span>')


def _measure(one: TouchPoint, ways: Ways) -> str:
    if one.measure is None:
        return "" if one.felt.enough else '<p class="notice">Not measured yet.</p>'
    value = f"{one.measure.value} in {one.measure.month}" if one.measure.value else "no figure yet"
    return f'<p class="cap"><a href="{escape(ways.measure(one.measure.name))}">{escape(one.measure.label)}</a>: {escape(value)}</p>'


# -- all of them

_HEADS = ("Touch point", "Need to get done", "Need to feel", "Promise", "Critique", "Felt, 12 months")


def table(points: Sequence[TouchPoint], ways: Ways) -> str:
    """Every touch point in the order in which it is met."""
    heads = "".join(f'<th scope="col">{text}</th>' for text in _HEADS)
    rows = "".join(_row(one, ways) for one in points)
    return f'<table class="dense stacks tp-table"><caption class="vh">Touch points</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _row(one: TouchPoint, ways: Ways) -> str:
    critical = '<span class="sub"><b>critical moment</b></span>' if one.critical else ""
    critique = _text(one.critique) + (f'<span class="sub">{day(one.critiqued_on)}</span>' if one.critique and one.critiqued_on else "")
    return (f'<tr><th scope="row"><a class="name" href="{escape(ways.point(one.id))}">{escape(one.name)}</a><span class="sub">{escape(_where(one))}</span>{critical}</th>'
            f'<td data-head="need to get done">{_text(one.effective)}</td><td data-head="need to feel">{_text(one.affective)}</td><td data-head="promise">{_text(one.promise)}</td>'
            f'<td data-head="critique">{critique}</td><td>{_felt(one.felt)}{_measure(one, ways) if one.measure or one.critical else ""}</td></tr>')


def _text(text: str) -> str:
    return escape(text) if text else '<span class="mut">not written</span>'


def lacking(points: Sequence[TouchPoint]) -> str:
    """What nobody wrote yet, counted: `3 of 8 have no promise`."""
    counted = {name: sum(name in one.lacks for one in points) for name in ("the effective need", "the affective need", "a promise", "a critique")}
    told = [f"{n} {'lacks' if n == 1 else 'lack'} {name}" for name, n in counted.items() if n]
    return f'<p class="cap">Of {len(points):,} touch points, {", ".join(told)}.</p>' if told else ""
