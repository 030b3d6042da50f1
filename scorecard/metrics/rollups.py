"""How a figure of the whole is made of its parts: recomputed from their counts, never a mean of rates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scorecard.core import fmt, rollup
from scorecard.core.definition import Definition
from scorecard.core.periods import Period
from scorecard.core.rollup import StoredFigure
from scorecard.metrics.book import ALL, Book, read_book
from scorecard.store.definitions import Scorecard
from scorecard.store.engine import Store

THOUSANDS_FROM = 100_000


@dataclass(frozen=True)
class Part:
    """One part of a figure: a segment, a team, or what scorecards below come to.

    `counted` says `$1,129k of $1,204k`, "" without counts.
    """

    name: str
    kind: str
    counted: str
    value: float | None
    value_text: str
    numerator: float | None = None
    denominator: float | None = None


@dataclass(frozen=True)
class Carrier:
    """A scorecard that shows the measure. `shared` counts the measures of the one looked at that it shows, `of` them all.

    `below` is recomputed from the scorecards that roll up into it, whose names are `under`; `called` is the measure's name
    there when it is another one.
    """

    id: str
    name: str
    team: str
    shared: int
    of: int
    part: Part | None
    below: Part | None = None
    under: tuple[str, ...] = ()
    called: str = ""

    @property
    def differs(self) -> bool:
        """Whether the scorecards below come to another figure than this one shows."""
        if self.part is None or self.below is None or self.part.value is None or self.below.value is None:
            return False
        return not math.isclose(self.part.value, self.below.value, rel_tol=1e-9, abs_tol=1e-9)


@dataclass(frozen=True)
class Upward:
    """A scorecard, the one it rolls up into, and the measures that do: (name here, name there)."""

    child: str
    parent: str
    measures: tuple[tuple[str, str], ...]


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
    climb = _Climb(book, teams)
    period = book.latest(measure) or climb.latest_below(measure)
    if period is None:
        return None
    definition = book.definitions[measure]
    segments = [_part(book, measure, name, period) for name in book.segments([measure])]
    teamed = team_parts([one for one in book.figures.get(measure, ()) if one.period == period], definition)
    parts = tuple(part for part in segments if part) + teamed
    names = climb.names(measure, card)
    carriers = tuple(climb.carrier(one, names[one.id], measure, card, period) for one in book.cards if one.id in names)
    whole = _part(book, measure, ALL, period) or next((one.below for one in carriers if one.below and not one.called), None)
    return Rollup(definition, period, parts, whole, carriers, _mean(parts, definition)) if whole else None


class _Climb:
    """What scorecards show of a measure, and what those below them come to, in one book."""

    def __init__(self, book: Book, teams: Mapping[str, str]) -> None:
        self.book, self.teams = book, teams
        self.cards = {one.id: one for one in book.cards}

    def team(self, card: Scorecard) -> str:
        kind, _, id = card.audience.partition(":")
        return self.teams.get(id, "") if kind == "team" else ""

    def names(self, measure: str, card: str) -> dict[str, str]:
        """Scorecard -> the measure as it shows it: the same one, or what it is called further up from the one looked at."""
        found = {one.id: measure for one in self.book.cards if measure in one.measures}
        here, name = self.cards.get(card), measure
        while here and name in here.measures and (above := self.cards.get(here.parent)):
            name = here.goes_into(name, above)
            if name in self.book.definitions:
                found.setdefault(above.id, name)
            here = above
        return found

    def latest_below(self, measure: str) -> Period | None:
        """The latest period of the measures that roll into one that has no figures of its own."""
        into = {own for child in self.book.cards if (above := self.cards.get(child.parent))
                for own in child.measures if child.goes_into(own, above) == measure}
        periods = [period for own in into - {measure} if own in self.book.definitions and (period := self.book.latest(own))]
        return max(periods, key=lambda one: one.start, default=None)

    def shown(self, card: Scorecard, measure: str, period: Period) -> Part | None:
        """The figure itself: of the team, where it is a team's scorecard, else of all."""
        team = self.team(card)
        if not team:
            return _part(self.book, measure, ALL, period)
        rows = [one for one in self.book.figures.get(measure, ()) if one.period == period]
        parts = team_parts(rows, self.book.definitions[measure])
        return next((part for part in parts if part.name.casefold() == team.casefold()), None)

    def leaves(self, card: Scorecard, measure: str, period: Period) -> dict[tuple[str, str], Part]:
        """(measure, team) -> the figures that roll into a measure; what two scorecards below both show counts once."""
        found: dict[tuple[str, str], Part] = {}
        for child in self.book.cards:
            for own in child.measures:
                if child.parent != card.id or own not in self.book.definitions or child.goes_into(own, card) != measure:
                    continue
                part = self.shown(child, own, period)
                found |= {(own, self.team(child)): part} if part else self.leaves(child, own, period)
        return {key: part for key, part in found.items() if not key[1] or (key[0], "") not in found}

    def below(self, card: Scorecard, measure: str, period: Period) -> Part | None:
        """The measure recomputed from the numerators and denominators of the scorecards below."""
        parts, one = list(self.leaves(card, measure, period).values()), self.book.definitions[measure]
        if not parts:
            return None
        how = "one" if len(parts) == 1 else one.aggregate
        if how == "none":
            return None
        value, top, bottom = rollup.pooled([(part.value, part.numerator, part.denominator) for part in parts], how)
        return _made("", "below", one, value, top, bottom)

    def carrier(self, card: Scorecard, shows: str, measure: str, looked_at: str, period: Period) -> Carrier:
        first = self.cards.get(looked_at, card)
        taken = [one for one in first.measures if one in card.measures or first.goes_into(one, card)]
        below = self.below(card, shows, period)
        under = tuple(one.name for one in self.book.cards
                      if one.parent == card.id and any(one.goes_into(own, card) == shows for own in one.measures))
        called = self.book.definitions[shows].label if shows != measure else ""
        return Carrier(card.id, card.name, self.team(card), len(taken), len(first.measures),
                       self.shown(card, shows, period) or below, below, under, called)


def upwards(cards: Sequence[Scorecard], labels: Mapping[str, str]) -> tuple[Upward, ...]:
    """Which scorecards roll up into which, measure by measure. `labels` are the names of the measures by id."""
    by_id = {one.id: one for one in cards}
    found = []
    for child in cards:
        if above := by_id.get(child.parent):
            pairs = [(own, child.goes_into(own, above)) for own in child.measures]
            named = tuple((labels[own], labels[into]) for own, into in pairs if own in labels and into in labels)
            found.append(Upward(child.name, above.name, named))
    return tuple(found)


def _part(book: Book, measure: str, segment: str, period: Period) -> Part | None:
    point = book.point(measure, segment, period)
    if point is None:
        return None
    return _made(segment, "segment", book.definitions[measure], point.value, point.numerator, point.denominator)


def _made(name: str, kind: str, one: Definition, value: float | None, top: float | None, bottom: float | None) -> Part:
    return Part(name, kind, counted(one, top, bottom), value, fmt.with_unit(value, one), top, bottom)


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


def teams_of(store: Store, measure: str, period: Period, today: date) -> tuple[Part, ...]:
    """The figures of the teams behind one measure in one period; alphabetical, never by value."""
    with store.read() as tx:
        book = read_book(tx, [measure], today)
    if measure not in book.definitions:
        return ()
    rows = [one for one in book.figures.get(measure, ()) if one.period == period]
    return team_parts(rows, book.definitions[measure])


def _team(name: str, rows: Sequence[StoredFigure], definition: Definition) -> Part:
    whole = [one for one in rows if not one.segment]
    chosen, how = (whole, "one") if whole else (rows, definition.aggregate)
    parts = [(one.value, one.numerator, one.denominator) for one in chosen]
    pooled = rollup.pooled(parts, how) if how != "none" else (None, None, None)
    return _made(name, "team", definition, *pooled)


def _mean(parts: Sequence[Part], definition: Definition) -> str:
    """The mean of the segments' rates, to show that it is another number; "" where it has no meaning."""
    values = [part.value for part in parts if part.kind == "segment"]
    if definition.aggregate != "ratio" or len(values) < 2 or None in values:
        return ""
    return fmt.with_unit(sum(values) / len(values), definition)
