"""One measure: its chart and reading, its segments, and the history of what was decided about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scorecard.core import fmt, spc
from scorecard.core import reading as readings
from scorecard.core.definition import Definition
from scorecard.core.frozen import Signature
from scorecard.core.periods import SHORT_MONTHS, Period, noun
from scorecard.core.reading import Reading
from scorecard.core.unit_rows import source as facts_of
from scorecard.errors import UsageError
from scorecard.metrics import frozen, words
from scorecard.metrics.acting import Meant, meant
from scorecard.metrics.behind import both_words
from scorecard.metrics.book import ALL, Book, Key, read_book
from scorecard.metrics.computed import FROM_FACTS
from scorecard.metrics.page import last_signal, records_of, said_on
from scorecard.metrics.row import Row, make_row
from scorecard.store import definitions, loads, measures
from scorecard.store.definitions import Recorded, Scorecard
from scorecard.store.engine import Store, Tx
from scorecard.store.measures import Exclusion, GoalRecord, LimitsRecord, Note, PhaseTitle


@dataclass(frozen=True)
class SegmentView:
    """One segment of a measure: a small multiple."""

    name: str
    chart: spc.Chart
    reading: Reading
    value: float | None
    numerator: float | None
    denominator: float | None
    value_text: str


@dataclass(frozen=True)
class Change:
    """Who changed limits, goals or the definition, when (UTC) and why."""

    when: datetime
    who: str
    what: str
    reason: str


@dataclass(frozen=True)
class MeasureView:
    """All about one measure in one period and segment. `row.chart` has every point while the period is the latest."""

    row: Row
    definition_version: int
    phases: tuple[PhaseTitle, ...]
    notes: tuple[Note, ...]
    goals: tuple[GoalRecord, ...]
    limits: tuple[LimitsRecord, ...]
    exclusions: tuple[Exclusion, ...]
    segments: tuple[SegmentView, ...]
    proposal: spc.RebaseProposal | None
    flicker: float | None
    history: tuple[Change, ...]
    source: str
    notices: tuple[str, ...]
    baseline_changed: str
    periods: tuple[Period, ...] = ()
    segment: str = ALL
    signature: Signature | None = None
    actions: tuple[Meant, ...] = ()


def measure_view(
    store: Store, measure: str, period: Period | None, segment: str, today: date, scorecard_id: str = ""
) -> MeasureView:
    """The page of a measure in a period (None: its latest complete one), read with the rule set of a scorecard.

    Without `scorecard_id` it is the first scorecard that shows the measure, else the organisation.
    A period that this scorecard's review has signed is read from the frozen copy.
    """
    with store.read() as tx:
        book = read_book(tx, [measure], today)
        if measure not in book.definitions:
            raise UsageError(f"There is no measure '{measure}'.")
        own = book.own_period(measure, period) if period else book.latest(measure) or _any_period(book, measure)
        card, *_ = _shown_on(book, measure, scorecard_id)
        signed = frozen.kept(
            tx, card, own, "measures", MeasureView,
            lambda view: (view.row.measure.name, view.segment) == (measure, segment),
        )
        if signed is not None:
            return replace(signed, periods=tuple(book.periods(measure)))
        return live_view(tx, book, measure, own, segment, scorecard_id)


def live_view(
    tx: Tx, book: Book, measure: str, own: Period, segment: str, scorecard_id: str, lasting: bool = False
) -> MeasureView:
    """The page as the records and figures give it. `lasting` leaves out what is only true today, such as late figures."""
    grains = {measure: own.grain}
    records = records_of(tx, book, None, own)
    goals, notes = measures.goals(tx, grains), measures.notes(tx, grains)
    history = definitions.history(tx, measure)
    source = _source(tx, book, measure, segment, own)
    both = both_words(*loads.origins(tx, measure))
    card, slot, rules = _shown_on(book, measure, scorecard_id)
    key = (measure, segment, own, rules)
    names = book.segments([measure])
    book.prepare([key, *((measure, name, own, rules) for name in names)])
    row = _whole_chart(book, key, make_row(book, slot, key, *said_on(book, card, key, records)))
    segments = tuple(_segment(book, (measure, name, own, rules), card, records) for name in names)
    return MeasureView(
        row,
        book.versions.get(measure, 0),
        tuple(one for one in book.phases[measure, segment] if one.approved),
        tuple(notes),
        _newest_goals(goals),
        tuple(book.limits[measure, segment]),
        _newest_exclusions(book, measure, segment),
        segments,
        _proposal(book, key, row),
        readings.flicker(row.chart, row.reading.goal, row.measure.improvement_direction) if row.chart.phases else None,
        _history(book.definitions[measure], history, goals, book, segment),
        source,
        tuple(text for text in (*_notices(book, row, segment, lasting), both) if text),
        baseline_words(book, measure, segment, own),
        tuple(book.periods(measure)),
        segment,
        actions=meant(tx, book, measure, segment),
    )


def _any_period(book: Book, measure: str) -> Period:
    known = book.periods(measure)
    return known[-1] if known else Period(book.today.replace(day=1), "month").shift(-1)


def _shown_on(book: Book, measure: str, scorecard_id: str) -> tuple[str, int, str]:
    """(scorecard, slot, rule set) to read a measure with; slot 0 without one."""
    cards: Sequence[Scorecard] = [card for card in book.cards if measure in card.measures]
    card = next((one for one in cards if one.id == scorecard_id), cards[0] if cards else None)
    if card is None:
        return ALL, 0, book.default_rules
    return card.id, next(slot for slot, name in card.slots if name == measure), card.rule_set


def _whole_chart(book: Book, key: Key, row: Row) -> Row:
    """The row with every point of its chart; a recorded one keeps the points that it was recorded with."""
    return row if row.read_then else replace(row, chart=book.chart(key))


def _segment(book: Book, key: Key, card: str, records: dict) -> SegmentView:
    said, _ = said_on(book, card, key, records)
    return SegmentView(
        key[1],
        said.chart,
        said.reading,
        said.value,
        said.numerator,
        said.denominator,
        fmt.value(said.value, book.definitions[key[0]]),
    )


def _newest_goals(goals: Sequence[GoalRecord]) -> tuple[GoalRecord, ...]:
    """The goals in force by start, oldest first; those taken back are left out."""
    newest = {one.start: one for one in goals}
    return tuple(one for _, one in sorted(newest.items()) if one.value is not None)


def _newest_exclusions(book: Book, measure: str, segment: str) -> tuple[Exclusion, ...]:
    newest = {one.period: one for one in book.exclusions[measure, segment]}
    return tuple(one for _, one in sorted(newest.items()) if one.excluded)


def _proposal(book: Book, key: Key, row: Row) -> spc.RebaseProposal | None:
    """A new phase to decide on: only for the latest period, and not for a start that was decided before."""
    found = None if row.read_then or not row.chart.points else spc.rebase_proposal(row.chart)
    decided = {one.start for one in book.phases[key[0], key[1]]}
    return found if found and found.start not in decided else None


def _source(tx: Tx, book: Book, measure: str, segment: str, period: Period) -> str:
    """`monthly.csv, loaded 2 Nov 06:10`, in the organisation's time zone; "" without a figure."""
    point = book.point(measure, segment, period)
    found = measures.load_of(tx, point.load) if point else None
    if found and found[0] == FROM_FACTS and (own := facts_of(book.definitions[measure])):
        return f"computed from {own.words}, {clock(found[1], book.time_zone)}"
    return f"{found[0]}, loaded {clock(found[1], book.time_zone)}" if found else ""


def clock(moment: datetime, time_zone: str) -> str:
    """A UTC moment as `2 Nov 06:10` in a time zone."""
    try:
        there = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(time_zone))
    except ZoneInfoNotFoundError:
        there = moment
    return f"{there.day} {SHORT_MONTHS[there.month - 1]} {there:%H:%M}"


def _notices(book: Book, row: Row, segment: str, lasting: bool) -> tuple[str, ...]:
    page = words.notices(book, [row], segment, row.period, lasting)
    return tuple(dict.fromkeys([*page, *row.reading.notices]))


def baseline_words(book: Book, measure: str, segment: str, period: Period) -> str:
    """That a figure of the locked baseline was restated, with the locked limits and those of today's data; else ""."""
    record = words.changed_baseline(book, measure, segment, period)
    if record is None:
        return ""
    definition = book.definitions[measure]
    now = limits_from_today(book, record)
    who = "" if record.author == "automatic" else f" by {record.author}"
    return (
        f"Baseline data changed since the lock of {clock(record.recorded_at, book.time_zone)[:-6]}{who}. "
        f"The locked limits stay: {limits_words(record.centre, record.lower, record.upper, definition)}. "
        f"From today's data they would be {limits_words(now.centre, now.lower, now.upper, definition)}. "
        "Lock again, with a reason, to use them."
    )


def limits_from_today(book: Book, record: LimitsRecord) -> spc.Phase:
    """The limits of a record's own baseline as its figures are today."""
    figures, options = book.request((record.measure, record.segment, record.baseline_to, book.default_rules))
    own = [one for one in figures if record.baseline_from <= one.period]
    inside = replace(options, baseline="all", rebase=(), locked=(), exclude=frozenset(record.excluded))
    return spc.read_series(own, inside).phases[0]


def limits_words(centre: float | None, lower: float | None, upper: float | None, measure: Definition) -> str:
    """`62.0% to 75.1%, centre 68.5%`, each with the decimals of a figure."""
    ends = [
        fmt.value(x, measure) if x is not None else word
        for x, word in ((lower, "no lower limit"), (upper, "no upper limit"))
    ]
    return f"{ends[0]} to {ends[1]}, centre {fmt.value(centre, measure)}"


def _history(
    definition: Definition, versions: Sequence[Recorded], goals: Sequence[GoalRecord], book: Book, segment: str
) -> tuple[Change, ...]:
    """All decisions, the newest first."""
    name = definition.name
    found = [_goal_change(one, definition) for one in goals]
    found += [_limits_change(one, definition) for one in book.limits[name, segment]]
    found += [_phase_change(one) for one in book.phases[name, segment]]
    found += [
        Change(
            one.recorded_at,
            one.author,
            f"{one.period.label} {'excluded' if one.excluded else 'counted again'}",
            one.cause,
        )
        for one in book.exclusions[name, segment]
    ]
    found += [Change(one.recorded_at, one.author, f"Definition, version {one.version}", one.reason) for one in versions]
    return tuple(sorted(found, key=lambda change: change.when, reverse=True))


def _goal_change(one: GoalRecord, definition: Definition) -> Change:
    goal = (
        f"Goal {fmt.goal(one.value, definition)} from {one.start.label}"
        if one.value is not None
        else f"Goal from {one.start.label} taken back"
    )
    return Change(one.recorded_at, one.author, goal, ". ".join(text for text in (one.reason, one.source) if text))


def _limits_change(one: LimitsRecord, definition: Definition) -> Change:
    what = (
        f"Limits locked, version {one.version}: {limits_words(one.centre, one.lower, one.upper, definition)}, "
        f"from {one.n} {noun(one.start.grain, one.n)}, {one.baseline_from.short} to {one.baseline_to.short}"
    )
    return Change(one.recorded_at, one.author, what, one.reason)


def _phase_change(one: PhaseTitle) -> Change:
    if one.approved:
        return Change(one.recorded_at, one.author, f"New phase from {one.start.label}", one.title)
    return Change(
        one.recorded_at,
        one.author,
        f"No new phase from {one.start.label}: the old limits stay",
        one.title or "answered no: " + ", ".join(name for name, yes in one.answers.items() if not yes),
    )


def last_signals(
    store: Store, chosen: Sequence[str], today: date, rules: str | None = None
) -> dict[str, Period | None]:
    """Measure -> the last period that belonged to a signal, None without one; of all segments together."""
    with store.read() as tx:
        book = read_book(tx, chosen, today)
    keys = {
        name: (name, ALL, latest, rules or book.default_rules) for name in book.series if (latest := book.latest(name))
    }
    book.prepare(keys.values())
    return {
        name: last_signal(book.chart(keys[name]), book.definitions[name])[0] if name in keys else None
        for name in chosen
    }
