"""What the page Sensory shows, put together: health by segment, who fell, the report card, listening posts, themes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from scorecard.core import names, spc
from scorecard.core.periods import Period, containing
from scorecard.core.reading import NUMBER_WORDS, SHAPES, Sentence
from scorecard.core.spc import Chart
from scorecard.sensory import feedback, posts, report_card, scoring, themes
from scorecard.sensory.feedback import Back
from scorecard.sensory.posts import Matrix
from scorecard.sensory.report_card import ReportCard
from scorecard.sensory.scoring import Dead
from scorecard.sensory.themes import Said, Theme
from scorecard.store import health_scores as rows
from scorecard.store import sensory as beside

if TYPE_CHECKING:

    from scorecard.core.health_score import Rule
    from scorecard.store.engine import Store

MONTHS, FELL_IN, MOST_FALLEN, MOST_THEMES, YEAR = 24, 3, 6, 6, 12
_ORDER = ("shift", "trend", "outside", "near", "pattern")  # a lasting change says more than its latest month


@dataclass(frozen=True)
class Bar:
    """An input of a score as it is drawn: points earned of points possible; `missing` when it was left out."""

    name: str
    weight: int
    earned: float
    possible: float

    @property
    def missing(self) -> bool:
        return self.possible <= 0

    @property
    def share(self) -> float:
        return self.earned / self.possible if self.possible > 0 else 0.0


@dataclass(frozen=True)
class Segment:
    """A segment in the latest month: accounts, revenue a year, mean score, its change in three months, bars, the series."""

    name: str
    accounts: int
    revenue: float
    score: float | None
    change: float | None
    bars: tuple[Bar, ...]
    chart: Chart | None


@dataclass(frozen=True)
class Account:
    """An account that fell: its score, the change in three months, bars, revenue a year, the next renewal."""

    id: str
    name: str
    segment: str
    score: int
    change: int
    bars: tuple[Bar, ...]
    revenue: float
    renewal: date | None


@dataclass(frozen=True)
class Line:
    """A line of what customers say, with what came back on it."""

    theme: Theme
    back: Back | None


@dataclass(frozen=True)
class Overview:
    """The page. `month` is None before the first recorded month; `since` the month that changes are counted from."""

    month: Period | None
    segment: str
    segments: tuple[Segment, ...]
    fallen: tuple[Account, ...]
    rule: Rule
    dead: tuple[Dead, ...]
    restated: int
    card: ReportCard | None
    matrix: Matrix
    said: Said | None
    lines: tuple[Line, ...]
    kinds: frozenset[str]
    sentences: tuple[Sentence, ...]

    @property
    def accounts(self) -> int:
        return sum(one.accounts for one in self.segments)


def read(store: Store, today: date, segment: str = "") -> Overview:
    """The page as the data are, of one segment when it is named."""
    month = scoring.latest(store)
    own = themes.in_force(store)[1]
    with store.read() as tx:
        rule, backs = scoring.rule(tx), feedback.by_theme(tx, own)
    with store.read_facts() as tx:
        kinds = frozenset(beside.kinds(tx))
    until = min(month.end, today) if month else today
    said = themes.read(store, until, segment=segment)
    card = report_card.explained(store, report_card.read(store, today, segment=segment, since=containing(today, "month").shift(-MONTHS).start)) if "renewal" in kinds else None
    matrix = posts.read(store, until, today, segment)
    segments = _segments(store, month, segment) if month else ()
    found = Overview(
        month, segment, segments, _fallen(store, month, segment, today) if month else (), rule, tuple(scoring.dead(store, month)) if month else (),
        sum(count for _, count in scoring.restated(store)), card, matrix, said, tuple(Line(one, backs.get(names.bare(one.label))) for one in said.themes),
        kinds, (),
    )  # fmt: skip
    return _told(found)


def _told(found: Overview) -> Overview:
    return replace(found, sentences=tuple(one for one in (_of_health(found.segments), _of_card(found.card), _of_words(found)) if one))


# -- health by segment

def _segments(store: Store, month: Period, only: str) -> tuple[Segment, ...]:
    series = scoring.segments(store, _first(store), month)  # all of them: limits that are locked do not move with the window that is drawn
    parts = scoring.segment_parts(store, month)
    with store.read_facts() as tx:
        worth = {name or scoring.NO_SEGMENT: found for name, found in beside.worth(tx, month.start).items()}
    weights = _weights(store, month)
    made = []
    for name in sorted(one for one in series if one and (not only or one == only)):
        by_month = {one.month: one for one in series[name]}
        now, was = by_month.get(month), by_month.get(month.shift(-FELL_IN))
        if now is None:
            continue
        change = now.mean - was.mean if was and was.mean is not None and now.mean is not None else None
        bars = _bars(parts[name].names, weights, parts[name].points, parts[name].possible) if name in parts else ()
        made.append(Segment(name, now.accounts, YEAR * worth.get(name, (0, 0.0))[1], now.mean, change, bars, chart(series[name])))
    return tuple(made)


def _first(store: Store) -> Period:
    """The first recorded month."""
    with store.read_facts() as tx:
        return Period(min(rows.recorded(tx)), "month")


def _weights(store: Store, month: Period) -> tuple[int, ...]:
    """The weights of the rule by which a month was recorded."""
    with store.read_facts() as tx:
        recorded = rows.recorded(tx)[month.start]
    with store.read() as tx:
        return tuple(one.weight for one in rows.rules(tx)[recorded.version].inputs)


def _bars(labels: Sequence[str], weights: Sequence[int], points: Sequence[float | None], possible: Sequence[float]) -> tuple[Bar, ...]:
    return tuple(Bar(label, weight, earned or 0, room) for label, weight, earned, room in zip(labels, weights, points, possible, strict=True) if weight)


def chart(series: Sequence[scoring.SegmentMonth]) -> Chart | None:
    """The mean scores of a segment with their natural limits; None where no month has one."""
    figures = [spc.Figure(one.month, one.mean, float(one.total), float(one.scored)) for one in series]
    if not any(one.value is not None for one in figures):
        return None
    return spc.read_series(figures, spc.Options(direction="increase", bounds=(0.0, 100.0)))


# -- accounts

def _fallen(store: Store, month: Period, segment: str, today: date) -> tuple[Account, ...]:
    found = scoring.fallen(store, month, FELL_IN, segment, MOST_FALLEN)
    weights, labels = _weights(store, month), _labels(store, month)
    with store.read_facts() as tx:
        known = {row.account: row for row in rows.of_month(tx, month.start, [one.account for one in found])}
        worth = beside.beside(tx, list(known), month.start, today)
    return tuple(
        Account(one.account, one.name, one.segment, one.score, one.change, _bars(labels, weights, known[one.account].points, known[one.account].possible),
                YEAR * worth.get(one.account, (0.0, None))[0], worth.get(one.account, (0.0, None))[1])
        for one in found
    )  # fmt: skip


def _labels(store: Store, month: Period) -> tuple[str, ...]:
    with store.read_facts() as tx:
        recorded = rows.recorded(tx)[month.start]
    with store.read() as tx:
        return tuple(one.label for one in rows.rules(tx)[recorded.version].inputs)


# -- sentences

def signal(found: Chart | None) -> tuple[str, str, Period] | None:
    """(shape, side, since which month) of the signal at the latest point; None while it is routine or too short."""
    if found is None or not found.points:
        return None
    last = found.points[-1]
    ours = [one for one in last.signals if one.rule in SHAPES]
    if last.value is None or not ours:
        return None
    first = min(ours, key=lambda one: _ORDER.index(SHAPES[one.rule]))
    since = last.period
    for point in reversed(found.points):
        if first.rule not in {one.rule for one in point.signals}:
            break
        since = point.period
    return SHAPES[first.rule], first.side, since


def _of_health(segments: Sequence[Segment]) -> Sentence | None:
    """What happened to health: segments with a signal by name, the others together."""
    known = [one for one in segments if one.score is not None]
    if not known:
        return None
    told, routine = [], []
    for one in known:
        found = signal(one.chart)
        if found:
            told.append(_signal_words(f"{one.name} health", one.chart, *found))
        else:
            routine.append(one)
    rest = _routine_words(routine, len(known))
    if not told:
        return Sentence(rest)
    bold, said = told[0]
    more = " ".join(f"{other} {words}" for other, words in told[1:])
    return Sentence(bold, " ".join(part for part in (said, more, rest) if part))


def chart_words(found: Chart) -> Sentence:
    """What the chart of one score says at its latest point: since when, and how far it went, or what is normal."""
    told = signal(found)
    if told:
        return Sentence(*_signal_words("Health", found, *told))
    last = found.points[-1]
    if last.lower is None or last.upper is None:
        return Sentence("", f"{len(found.points)} months are too few for natural limits.")
    return Sentence("", f"Routine variation: {last.lower:.0f} to {last.upper:.0f} is normal.")


def _signal_words(who: str, chart: Chart, shape: str, side: str, since: Period) -> tuple[str, str]:
    points = [point for point in chart.points if point.period >= since and point.value is not None]
    now, before = sum(point.value for point in points) / len(points), [p.value for p in chart.points if p.period < since and p.value is not None]
    was = f", was {sum(before) / len(before):.0f}" if before else ""
    word = "lower" if side == "below" else "higher"
    if shape in ("shift", "trend"):
        return f"{who} has settled {word}:", f"{now:.0f} on average since {since.label}{was}."
    last, place = chart.points[-1], "near" if shape == "near" else "below" if side == "below" else "above"
    limits = f"; {last.lower:.0f} to {last.upper:.0f} is normal" if last.lower is not None and last.upper is not None else ""
    return f"{who} is {place} {'its lower limit' if place == 'near' and side == 'below' else 'its upper limit' if place == 'near' else 'its limits'}:", f"{last.value:.0f} in {last.period.label}{limits}."


def _routine_words(routine: Sequence[Segment], of: int) -> str:
    if not routine:
        return ""
    if len(routine) == of:
        return "Health shows routine variation in every segment." if of > 1 else f"{routine[0].name} health shows routine variation."
    word = NUMBER_WORDS[len(routine)] if len(routine) < len(NUMBER_WORDS) else f"{len(routine):,}"
    return f"{routine[0].name} shows routine variation." if len(routine) == 1 else f"The other {word} segments show routine variation."


def _of_card(card: ReportCard | None) -> Sentence | None:
    """Whether the score told the truth, with what it missed."""
    if card is None or not card.renewals:
        return None
    low, high = (one.lost for one in (card.bands[0], card.bands[-1]))
    missed = f"{len(card.missed):,} of {card.lost.hits:,} lost accounts had been green."
    if card.auc is None:
        return Sentence("Too few accounts were lost to judge the score:", f"{card.lost.hits:,} of {card.renewals:,}.")
    separates = card.auc.lower > 0.5
    bold = "The score separates, and it still misses." if separates and card.missed else "The score separates." if separates else "The score does not separate beyond chance."
    shares = f"{low.value:.0%} of accounts below 50 were lost, {high.value:.0%} of those at 80 and up; " if low.n and high.n else ""
    return Sentence(bold, f"{shares}{missed}" if not shares or not card.missed else f"{shares}but {missed}")


def _of_words(found: Overview) -> Sentence | None:
    """Silent posts, and what customers say most."""
    said = themes.sentence(found.said) if found.said and found.said.counted else ""
    short = said.partition(":")[0].rstrip(".") + "." if said else ""
    if not found.matrix.posts:
        return Sentence(short) if short else None
    bold, rest = posts.sentence(found.matrix)
    return Sentence(bold, " ".join(part for part in (rest, short) if part))
