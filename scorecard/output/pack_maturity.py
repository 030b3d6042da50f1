"""Maturity in the pack: sentences, the systems on their levels, what people see differently, what is farthest from its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scorecard.core.periods import day
from scorecard.core.reading import Sentence
from scorecard.core.rubric import LEVELS, cut_off
from scorecard.output import marks
from scorecard.output.maturity_tables import change, number, short
from scorecard.output.pack_cells import Cell, Table
from scorecard.reviews import model
from scorecard.reviews.model import MaturityPractice, MaturitySystem

TITLE = "Maturity of the seven systems"
HIDDEN = "Hidden: fewer than five answers."
WIDTH, HEIGHT, EDGE = 220.0, 22.0, 9.0
LEGEND = ("Dot: median now; circle: last cycle; line: all raters, the middle half thick; tick: target. "
          f"Spread: mean distance from the mean answer, in levels; above {cut_off():.2f} people do not agree.")


@dataclass(frozen=True)
class Maturity:
    """The page of a pack; `drawings` and `alts` go with the rows of `systems`."""

    told: model.Maturity
    second: str
    sentences: tuple[Sentence, ...]
    systems: Table
    drawings: tuple[str, ...]
    alts: tuple[str, ...]
    talk: Table
    gaps: Table
    foot: tuple[str, ...]


def build(told: model.Maturity) -> Maturity:
    """The page of what a month says about maturity."""
    return Maturity(
        told, _second(told), told.sentences, _systems(told), tuple(map(drawing, told.systems)), tuple(map(alt, told.systems)),
        _talk(told), _gaps(told), tuple(text for text in (told.hidden, _way(told), LEGEND) if text),
    )  # fmt: skip


def _second(told: model.Maturity) -> str:
    asked = f"{told.questions} {'practices' if told.kind == 'full' else 'questions, one a system'}"
    last = f"last cycle {told.last_title}" if told.last_title else "the first cycle"
    return f"{told.title}, closed {day(told.closed_on)} · {told.answered} of {told.asked} people answered, {asked} · {last}"


def _way(told: model.Maturity) -> str:
    if told.percent is None:
        return ""
    return f"All practices together: {100 * told.percent:.0f}% of the way to the targets; a surplus never pays for a gap."


def _systems(told: model.Maturity) -> Table:
    last = short(told.last_title, told.title) if told.last_title else "Last"
    heads = ("System", "Now", last, "Change", "Target", "All raters", "Agreement")
    return Table(TITLE, heads, tuple(map(_system, told.systems)), frozenset({1, 2, 3, 4}))


def _system(one: MaturitySystem) -> tuple[Cell, ...]:
    span = "–" if one.lowest is None else f"{one.lowest:.1f}–{one.highest:.1f}"
    return (Cell(one.label, "strong"), Cell(number(one.now), "strong"), Cell(number(one.last), "mut"), Cell(change(one.now, one.last)),
            Cell(number(one.target), "mut"), Cell(span), _agreement(one))  # fmt: skip


def _agreement(one: MaturitySystem) -> Cell:
    if one.hidden:
        return Cell(HIDDEN, "mut")
    if one.now is None:
        return Cell("no answers", "mut")
    return Cell(f"{one.talk} to talk about", "strong") if one.talk else Cell("good", "mut")


def _talk(told: model.Maturity) -> Table:
    heads = ("Practice", "System", *map(str, LEVELS), "Spread")
    rows = tuple((_name(one), Cell(one.system), *(Cell(str(count or "")) for count in one.counts), Cell(f"{one.spread:.2f}", "strong"))
                 for one in told.talk)
    return Table("Most disagreement, people at each level", heads, rows, frozenset(range(2, 8)), _empty(told, "People agree on every practice."))


def _gaps(told: model.Maturity) -> Table:
    rows = tuple((_name(one), Cell(one.system), Cell(number(one.now)), Cell(number(one.target), "mut"), Cell(number(one.gap), "strong"))
                 for one in told.gaps)
    empty = _empty(told, "Every practice has reached its target.")
    return Table("Biggest gaps to target", ("Practice", "System", "Now", "Target", "Gap"), rows, frozenset({2, 3, 4}), empty)


def _name(one: MaturityPractice) -> Cell:
    return Cell(f"{one.id} {one.title}" if one.id != one.system.casefold() else one.title, "strong")


def _empty(told: model.Maturity, words: str) -> str:
    return HIDDEN if all(one.hidden for one in told.systems) else words


def alt(one: MaturitySystem) -> str:
    """What the drawing of a system shows."""
    if one.now is None:
        return f"{one.label}: {HIDDEN.lower() if one.hidden else 'no answers.'}"
    parts = [f"{one.label}: median {one.now:.1f}, all from {one.lowest:.1f} to {one.highest:.1f}"]
    parts += [f"last cycle {one.last:.1f}"] if one.last is not None else []
    parts += [f"target {one.target:.1f}"] if one.target is not None else []
    return ", ".join(parts) + "."


def _at(level: float) -> float:
    return EDGE + (level - 1) / (len(LEVELS) - 1) * (WIDTH - 2 * EDGE)


def drawing(one: MaturitySystem) -> str:
    """A system on the levels 1 to 5."""
    middle = HEIGHT / 2
    parts = [f'<path class="m-hair" d="M{_at(level):.1f} 0V{HEIGHT:g}"/>' for level in LEVELS]
    if one.lowest is not None:
        parts.append(_line(one.lowest, one.highest, middle))
    if one.middle is not None:
        left, right = map(_at, one.middle)
        parts.append(f'<rect class="m-range" x="{left:.1f}" y="{middle - 3:g}" width="{right - left:.1f}" height="6"/>')
    if one.last is not None:
        parts.append(f'<circle class="m-hollow" cx="{_at(one.last):.1f}" cy="{middle:g}" r="6.5"/>')
    if one.target is not None:
        parts.append(f'<path class="m-ink" d="M{_at(one.target):.1f} {middle - 8:g}v16"/>')
    if one.now is not None:
        parts.append(f'<circle class="m-inkfill" cx="{_at(one.now):.1f}" cy="{middle:g}" r="4.5"/>')
    return marks.svg(WIDTH, HEIGHT, "".join(parts), alt(one), "pk-levels")


def _line(low: float, high: float, at: float) -> str:
    return f'<path class="m-centre" d="M{_at(low):.1f} {at:g}H{_at(high):.1f}"/>'


def axis(names: Sequence[str] = ()) -> str:
    """The figures 1 to 5 above the drawings."""
    texts = "".join(f'<text class="m-text" x="{_at(level):.1f}" y="11" text-anchor="middle" font-size="11">{level}</text>' for level in LEVELS)
    return marks.svg(WIDTH, 14, texts, "Levels 1 to 5")
