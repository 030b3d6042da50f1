"""Nothing repaints the past: what periods said is kept before anything changes, and limits lock by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import chain

from scorecard.core import spc
from scorecard.core.definition import Definition
from scorecard.core.periods import Period, between, noun
from scorecard.core.record import Record, dumps, loads
from scorecard.metrics.book import Book, Key, baseline_hash, read_book
from scorecard.store import measures
from scorecard.store.engine import Tx
from scorecard.store.measures import LimitsRecord

AUTOMATIC = "automatic"
Place = tuple[str, str, Period]  # measure, segment, period


def freeze_readings(tx: Tx, chosen: Sequence[str], today: date) -> int:
    """How many readings were recorded: of every period that is over. Called before a load puts figures in.

    The latest one is recorded as it stands now, whatever was recorded of it before: until now it was live.
    """
    book = read_book(tx, chosen, today)
    _forget_latest(tx, book)
    return _keep(tx, book, closed_only=False)


def before_change(tx: Tx, chosen: Sequence[str], today: date | None = None) -> int:
    """How many readings were recorded: of every period but the latest, which the change may still alter.

    Called before a change of limits, exclusions, phases, goals, rule sets or definitions.
    """
    return _keep(tx, read_book(tx, chosen, today or tx.now.date()), closed_only=True)


def after_load(tx: Tx, chosen: Sequence[str], today: date | None = None) -> list[LimitsRecord]:
    """The limits that locked by themselves. Called after a load, in its transaction.

    A period that is still the latest one after the load has no record: it is read from the data.
    """
    book = read_book(tx, chosen, today or tx.now.date())
    _forget_latest(tx, book)
    return lock_complete_baselines(tx, book)


def _forget_latest(tx: Tx, book: Book) -> None:
    for measure in book.series:
        latest = book.latest(measure)
        if latest:
            measures.forget_reading(tx, measure, latest.start)


def _keep(tx: Tx, book: Book, closed_only: bool) -> int:
    known = measures.recorded_keys(tx, list(book.series))
    missing = [
        place
        for name in book.series
        for place in _closed(book, name, closed_only)
        if (place[0], place[1], place[2].start) not in known
    ]
    if not missing:
        return 0
    book.prepare(chain.from_iterable(_keys(book, place) for place in missing))
    before = _before(tx, missing, known)
    bodies = {
        (m, segment, period.start): dumps(_record(book, (m, segment, period), before)) for m, segment, period in missing
    }
    measures.record_readings(tx, bodies)
    return len(bodies)


def _closed(book: Book, measure: str, closed_only: bool) -> Iterable[Place]:
    """Every period of every series from its first figure to the latest complete period, or the one before that."""
    latest = book.latest(measure)
    if latest is None:
        return
    last = latest.shift(-1) if closed_only else latest
    for segment, points in book.series[measure].items():
        for period in between(points[0].period, last):
            yield measure, segment, period


def _keys(book: Book, place: Place) -> list[Key]:
    return [(*place, rules) for rules in sorted(set(book.rules_of(place[0]).values()))]


def _before(tx: Tx, missing: Sequence[Place], known: set[tuple[str, str, date]]) -> dict[tuple[str, str, date], Record]:
    """The records of the periods just before those that are missing: they tell what the status was."""
    wanted = {(m, segment, period.shift(-1).start) for m, segment, period in missing} & known
    bodies = measures.recorded(tx, sorted({m for m, _, _ in wanted}), {start for _, _, start in wanted})
    return {key: loads(body) for key, body in bodies.items() if key in wanted}


def _record(book: Book, place: Place, before: dict[tuple[str, str, date], Record]) -> Record:
    measure, segment, period = place
    earlier = before.get((measure, segment, period.shift(-1).start))
    said = {key[3]: book.told(key, earlier.said.get(key[3]) if earlier else None) for key in _keys(book, place)}
    return Record(book.rules_of(measure), said)


def lock_complete_baselines(tx: Tx, book: Book) -> list[LimitsRecord]:
    """New records of the phases whose baseline is complete and that have none, by "automatic"."""
    keys = [
        (name, segment, latest, book.default_rules)
        for name in book.series
        if (latest := book.latest(name))
        for segment in book.series[name]
    ]
    book.prepare(keys)
    return [measures.add_limits(tx, record) for key in keys for record in _due(book, key)]


def _due(book: Book, key: Key) -> list[LimitsRecord]:
    chart = book.chart(key)
    if not chart.points:
        return []
    held = {one.start for one in chart.options.locked}
    return [
        record_of(book, key[0], key[1], phase, AUTOMATIC, _reason(phase))
        for phase in chart.phases
        if phase.baseline.state == "locked" and phase.start not in held and has_limits(phase)
    ]


def has_limits(phase: spc.Phase) -> bool:
    """True when there is a limit to keep; an unchanging baseline has none."""
    return not phase.constant and phase.centre is not None and (phase.lower is not None or phase.upper is not None)


def _reason(phase: spc.Phase) -> str:
    n, grain = phase.baseline.n, phase.start.grain
    return f"{n} {noun(grain, n)} of figures are complete."


def record_of(book: Book, measure: str, segment: str, phase: spc.Phase, author: str, reason: str) -> LimitsRecord:
    """The limits of a phase as a record; its version and time are the store's."""
    definition, base = book.definitions[measure], phase.baseline
    ghosts = tuple(sorted(p for p in book.excluded(measure, segment) if base.start <= p <= base.end))
    points = book.points(measure, segment)
    return LimitsRecord(
        measure,
        segment,
        0,
        phase.start,
        _end(book, measure, segment, phase),
        base.start,
        base.end,
        base.n,
        ghosts,
        phase.centre,
        phase.lower,
        phase.upper,
        phase.range_centre,
        phase.range_upper,
        phase.sigma_z,
        _factor(definition),
        f"{definition.chart}, {definition.centre} and {definition.ranges} range",
        author,
        reason,
        baseline_hash(points, base.start, base.end, ghosts),
        None,
    )


def _end(book: Book, measure: str, segment: str, phase: spc.Phase) -> Period | None:
    """The last period of a phase that is over, None while it goes on."""
    following = [start for start in book.phase_starts(measure, segment) if start > phase.start]
    return min(following).shift(-1) if following else None


def _factor(definition: Definition) -> float:
    if definition.chart not in ("xmr", "t"):
        return float(spc.SIGMAS)
    return spc.MEDIAN_RANGE_FACTOR if definition.ranges == "median" else spc.MEAN_RANGE_FACTOR
