"""How a figure of the whole is made of its parts: recomputed from their counts, never a mean of rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scorecard.core import fmt, rollup
from scorecard.core.definition import Definition
from scorecard.core.periods import Period
from scorecard.core.rollup import StoredFigure
from scorecard.metrics.book import ALL, Book
from scorecard.store.definitions import Scorecard

THOUSANDS_FROM = 100_000


@dataclass(frozen=True)
class Part:
    """One part of a figure: a segment or a team. `counted` says `$1,129k of $1,204k`, "" without counts."""

    name: str
    kind: str
    counted: str
    value: float | None
    value_text: str


@dataclass(frozen=True)
class Carrier:
    """A scorecard that shows the measure. `shared` counts the measures of the one looked at that it shows, `of` them all."""

    id: str
    name: str
    team: str
    shared: int
    of: int
    part: Part | None


@dataclass(frozen=True)
class Rollup:
    """A figure, its parts, the scorecards it stands on, and the mean of the parts' rates that is never used."""

    measure: Definition
    period: Period
    parts: tuple[Part, ...]
    whole: Part
    carriers: tuple[Carrier, ...]
    mean_text: str


def rollup_of(book: Book, measure: str, teams: dict[str, str], card: str) -> Rollup | None:
    """The roll-up of a measure in its latest period; None without figures. `teams` maps ids to names."""
    period = book.latest(measure)
    if period is None:
        return None
    definition = book.definitions[measure]
    segments = [_part(book, measure, name, period) for name in book.segments([measure])]
    teamed = team_parts([one for one in book.figures.get(measure, ()) if one.period == period], definition)
    whole = _part(book, measure, ALL, period)
    parts = tuple(part for part in segments if part) + teamed
    carriers = tuple(_carrier(one, book, card, teams, whole, parts) for one in book.cards if measure in one.measures)
    return Rollup(definition, period, parts, whole, carriers, _mean(parts, definition)) if whole else None


def _part(book: Book, measure: str, segment: str, period: Period) -> Part | None:
    point = book.point(measure, segment, period)
    if point is None:
        return None
    return _made(segment, "segment", book.definitions[measure], point.value, point.numerator, point.denominator)


def _made(name: str, kind: str, one: Definition, value: float | None, top: float | None, bottom: float | None) -> Part:
    return Part(name, kind, counted(one, top, bottom), value, fmt.with_unit(value, one))


def counted(one: Definition, top: float | None, bottom: float | None) -> str:
    """`94 of 104`; "" for a measure without counts."""
    if top is None or bottom is None:
        return ""
    return f"{_count(top)} of {_count(bottom)}"


def _count(x: float) -> str:
    return fmt.plain(x / 1000, 0) + "k" if abs(x) >= THOUSANDS_FROM else fmt.plain(x, 0 if x == round(x) else 1)


def team_parts(rows: Sequence[StoredFigure], definition: Definition) -> tuple[Part, ...]:
    """The figures of the teams in one period, each pooled over its segments; alphabetical, never by value."""
    by_team: dict[str, list[StoredFigure]] = {}
    for one in rows:
        if one.team and not one.csm:
            by_team.setdefault(one.team, []).append(one)
    return tuple(_team(name, by_team[name], definition) for name in sorted(by_team, key=str.casefold))


def _team(name: str, rows: Sequence[StoredFigure], definition: Definition) -> Part:
    whole = [one for one in rows if not one.segment]
    chosen, how = (whole, "one") if whole else (rows, definition.aggregate)
    parts = [(one.value, one.numerator, one.denominator) for one in chosen]
    pooled = rollup.pooled(parts, how) if how != "none" else (None, None, None)
    return _made(name, "team", definition, *pooled)


def _carrier(
    one: Scorecard, book: Book, card: str, teams: dict[str, str], whole: Part | None, parts: Sequence[Part]
) -> Carrier:
    """A scorecard of a team shows the team's part, where there is one; any other shows the whole."""
    first = next((other for other in book.cards if other.id == card), one)
    shared = len(set(one.measures) & set(first.measures))
    team = teams.get(one.audience.removeprefix("team:"), "") if one.audience.startswith("team:") else ""
    own = next((part for part in parts if part.name.casefold() == team.casefold()), None) if team else whole
    return Carrier(one.id, one.name, team, shared, len(first.measures), own)


def _mean(parts: Sequence[Part], definition: Definition) -> str:
    """The mean of the segments' rates, to show that it is another number; "" where it has no meaning."""
    values = [part.value for part in parts if part.kind == "segment"]
    if definition.aggregate != "ratio" or len(values) < 2 or None in values:
        return ""
    return fmt.with_unit(sum(values) / len(values), definition)
