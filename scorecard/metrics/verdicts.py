"""What the measures say about actions: a verdict for each, and the table of a year by kind of action."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from scorecard import actions
from scorecard.actions import KINDS, Action
from scorecard.core import spc, verdict
from scorecard.core.intervals import gap_by_chance, wilson
from scorecard.core.periods import PER_YEAR, Period, containing, day
from scorecard.core.verdict import Span, Verdict
from scorecard.metrics.book import Book, Key, read_book
from scorecard.store.engine import Store, Tx

EXAMPLES = 3
# The two groups that the sentence compares were chosen before any figures came: changing the work, and asking people.
WORK, PEOPLE = ("process", "tool"), ("effort", "training")


@dataclass(frozen=True)
class KindLine:
    """The finished actions of one kind by verdict; `interval` is the 95% interval (0 to 1) of the share that worked."""

    kind: str
    title: str
    examples: tuple[str, ...]
    worked: int
    no_evidence: int
    worse: int
    too_few: int
    interval: tuple[float, float] | None

    @property
    def read(self) -> int:
        """How many have a verdict: all but those with too few periods."""
        return self.worked + self.no_evidence + self.worse


@dataclass(frozen=True)
class Yearly:
    """The actions finished in the twelve months up to `until`, by kind.

    `work` and `people` are (worked, read) of new ways of working and tools, and of reminders and training; `chance` is
    how often (0 to 1) a gap at least as wide would come up if the kinds made no difference, None without both.
    """

    first: Period
    until: Period
    lines: tuple[KindLine, ...]
    finished: int
    worked: int
    work: tuple[int, int]
    people: tuple[int, int]
    chance: float | None


def verdicts(store: Store, found: Sequence[Action], today: date) -> dict[str, Verdict]:
    """Action id -> what its measure's own chart says; an action without a measure is left out."""
    with store.read() as tx:
        return verdicts_in(tx, found, today)


def verdicts_in(
    tx: Tx, found: Sequence[Action], today: date, book: Book | None = None, every: Sequence[Action] | None = None
) -> dict[str, Verdict]:
    """The same inside a transaction; `book` is used where it holds all their measures, and `every` is all actions."""
    asked = [one for one in found if one.measure]
    wanted = sorted({one.measure for one in asked})
    if not wanted:
        return {}
    if book is None or not set(wanted) <= set(book.definitions):
        book = read_book(tx, wanted, today)
    # What was closed without ever changing the work has nothing to be read.
    asked = [one for one in asked if one.open or one.started]
    told = {one.id: verdict.unread(one.state, one.started is not None) for one in asked}
    charts = _overlapping(book, actions.listed(tx) if every is None else every, wanted)
    pairs = [
        pair for groups in charts for pair in zip(groups, [*groups[1:], None], strict=True) if _asks(pair[0], told)
    ]
    book.prepare(_before(book, group) for group, _ in pairs)
    for group, following in pairs:
        told |= {one.id: _shared(book, one, group, following) for one in group.members if one.id in told}
    return told


# ---- actions that overlap ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Group:
    """Actions on one chart that overlap and therefore share a verdict, from their first period to their last."""

    members: tuple[Action, ...]
    first: Period
    last: Period


def _overlapping(book: Book, found: Iterable[Action], chosen: Sequence[str]) -> list[list[_Group]]:
    """The actions that changed the work, by measure and segment, joined where they overlap, in order of time."""
    charts: dict[tuple[str, str], list[Action]] = defaultdict(list)
    for one in found:
        if one.started and one.measure in chosen and one.measure in book.series:
            charts[one.measure, one.segment].append(one)
    return [_groups(book, sorted(own, key=lambda one: (one.started, one.id))) for own in charts.values()]


def _groups(book: Book, own: Sequence[Action]) -> list[_Group]:
    grain = book.grains[own[0].measure]
    joined: list[_Group] = []
    for one in own:
        first = verdict.first_period(one.started, grain)
        last = max(first, containing(one.ended or book.today, grain))
        if joined and first <= joined[-1].last:
            before = joined[-1]
            joined[-1] = replace(before, members=(*before.members, one), last=max(before.last, last))
        else:
            joined.append(_Group((one,), first, last))
    return joined


def _asks(group: _Group, told: dict[str, Verdict]) -> bool:
    return any(one.id in told for one in group.members)


def _before(book: Book, group: _Group) -> Key:
    """The chart up to the period before the first start of a group."""
    one = group.members[0]
    return one.measure, one.segment, group.first.shift(-1), _rules(book, one.measure)


def _shared(book: Book, one: Action, group: _Group, following: _Group | None) -> Verdict:
    others = tuple(other.title for other in group.members if other.id != one.id)
    return replace(_read(book, one, group, following), shared=others)


def _read(book: Book, one: Action, group: _Group, following: _Group | None) -> Verdict:
    """The verdict of one action, read from the start of all that overlap with it."""
    key = _before(book, group)
    span = Span(group.first, wanted=verdict.periods_until(group.first, one.first_reading))
    until = None
    if all(other.state == "dropped" for other in group.members):
        until = max(containing(other.ended, group.first.grain) for other in group.members)
        span = replace(span, withdrawn=f"withdrawn {day(one.ended)}")
    if following and (until is None or following.first <= until):
        begun = f"'{following.members[0].title}' began in {following.first.label}"
        span = replace(span, last=following.first.shift(-1), followed=begun)
    figures = _figures(book, key, group.first, until)
    return verdict.read(
        book.chart(key), figures, book.excluded(one.measure, one.segment), span, book.definitions[one.measure]
    )


def _figures(book: Book, key: Key, first: Period, until: Period | None) -> list[spc.Figure]:
    return [
        spc.Figure(point.period, point.value, point.numerator, point.denominator, book.is_partial(point))
        for point in book.points(key[0], key[1])
        if first <= point.period and (until is None or point.period <= until)
    ]


def _rules(book: Book, measure: str) -> str:
    """The rule set of the first scorecard that shows the measure, else the organisation's."""
    return next((card.rule_set for card in book.cards if measure in card.measures), book.default_rules)


# ---- the table of a year -------------------------------------------------------------------------------------------


def yearly(store: Store, today: date, until: Period) -> Yearly:
    """The verdicts on the actions that were finished in the twelve months up to `until`, by kind."""
    with store.read() as tx:
        return summed_year(tx, actions.listed(tx), today, until)


def summed_year(tx: Tx, every: Sequence[Action], today: date, until: Period, book: Book | None = None) -> Yearly:
    """The same inside a transaction, from all actions."""
    first = until.shift(1 - PER_YEAR[until.grain])
    finished = [one for one in every if _finished_in(one, first.start, until.end)]
    return summed(first, until, finished, verdicts_in(tx, finished, today, book, every))


def _finished_in(one: Action, first: date, last: date) -> bool:
    """Whether the work was changed and the action closed in a stretch of time, withdrawn ones included."""
    return not one.open and one.started is not None and one.ended is not None and first <= one.ended <= last


def summed(first: Period, until: Period, finished: Sequence[Action], told: dict[str, Verdict]) -> Yearly:
    """The table from actions and their verdicts; those without a measure count as finished and have no verdict."""
    lines = tuple(_line(kind, [one for one in finished if one.kind == kind], told) for kind in KINDS)
    work, people = _pooled(lines, WORK), _pooled(lines, PEOPLE)
    chance = gap_by_chance(*work, *people) if work[1] and people[1] else None
    return Yearly(first, until, lines, len(finished), sum(line.worked for line in lines), work, people, chance)


def _line(kind: str, own: Sequence[Action], told: dict[str, Verdict]) -> KindLine:
    said = [told[one.id].verdict for one in own if one.id in told]
    counts = {name: said.count(name) for name in verdict.VERDICTS}
    read = len(said) - counts["too_few"]
    # Those that worked are the better examples, then the latest.
    best = sorted(own, key=lambda one: (not _worked(one, told), -one.ended.toordinal()))
    titles = tuple(dict.fromkeys(one.title for one in best))[:EXAMPLES]
    return KindLine(kind, KINDS[kind], titles, interval=wilson(counts["worked"], read), **counts)


def _pooled(lines: Iterable[KindLine], kinds: Sequence[str]) -> tuple[int, int]:
    """(worked, read) of some kinds together."""
    own = [line for line in lines if line.kind in kinds]
    return sum(line.worked for line in own), sum(line.read for line in own)


def _worked(one: Action, told: dict[str, Verdict]) -> bool:
    return one.id in told and told[one.id].verdict == "worked"
