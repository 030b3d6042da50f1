"""Everything that readings are made of, for some measures: read once, charted up to any period."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from scorecard.core import reading, rollup, spc
from scorecard.core.definition import Definition
from scorecard.core.periods import Period, containing, parse
from scorecard.core.reading import Reading, Sentence
from scorecard.core.record import Record, Said, compact
from scorecard.core.rollup import Total
from scorecard.errors import ChartRefused, UsageError
from scorecard.store import definitions, measures
from scorecard.store.definitions import Scorecard
from scorecard.store.engine import Tx
from scorecard.store.measures import Exclusion, LimitsRecord, PhaseTitle

ALL = ""
FIGURES, MOST_KEPT = "figures", 20_000
Key = tuple[str, str, Period, str]  # measure, segment, last period, rule set


@dataclass
class Book:
    """Definitions, series and decisions of some measures, as one snapshot of the store has them.

    `grains` tells the grain of each measure that has figures, `then` earlier versions of definitions by number;
    `figures` are those that the series are made of, teams and people apart.
    """

    today: date
    definitions: dict[str, Definition]
    versions: dict[str, int]
    cards: list[Scorecard]
    default_rules: str
    sample: bool
    time_zone: str
    series: dict[str, dict[str, tuple[Total, ...]]]
    limits: dict[tuple[str, str], list[LimitsRecord]]
    phases: dict[tuple[str, str], list[PhaseTitle]]
    exclusions: dict[tuple[str, str], list[Exclusion]]
    figures: dict[str, list[rollup.StoredFigure]] = field(default_factory=dict)
    charts: dict[Key, spc.Chart] = field(default_factory=dict)
    memory: dict[Key, Said] = field(default_factory=dict)
    then: dict[tuple[str, int], Definition] = field(default_factory=dict)
    times: dict[str, list[Period]] = field(init=False)
    grains: dict[str, str] = field(init=False)
    _at: dict[tuple[str, str], dict[Period, Total]] = field(init=False)

    def __post_init__(self) -> None:
        self.times = {
            name: sorted({point.period for points in parts.values() for point in points})
            for name, parts in self.series.items()
        }
        self.grains = {name: periods[0].grain for name, periods in self.times.items()}
        self._at = {
            (name, segment): {point.period: point for point in points}
            for name, parts in self.series.items()
            for segment, points in parts.items()
        }

    def periods(self, measure: str) -> list[Period]:
        """Every period that has a figure in any segment, in order."""
        return self.times.get(measure, [])

    def latest(self, measure: str) -> Period | None:
        """The last period with a figure that is over."""
        return next((p for p in reversed(self.periods(measure)) if p.end < self.today), None)

    def points(self, measure: str, segment: str) -> tuple[Total, ...]:
        return self.series.get(measure, {}).get(segment, ())

    def point(self, measure: str, segment: str, period: Period) -> Total | None:
        return self._at.get((measure, segment), {}).get(period)

    def segments(self, chosen: Iterable[str] | None = None) -> tuple[str, ...]:
        """The names of the segments in the data, alphabetical."""
        names = self.series if chosen is None else chosen
        found = {segment for name in names for segment in self.series.get(name, {}) if segment}
        return tuple(sorted(found, key=str.casefold))

    def rules_of(self, measure: str) -> dict[str, str]:
        """Scorecard -> rule set, of those that show the measure; "" is the organisation."""
        return {card.id: card.rule_set for card in self.cards if measure in card.measures} | {ALL: self.default_rules}

    def own_period(self, measure: str, period: Period) -> Period:
        """The period of the measure's own grain that ends last within a period."""
        grain = self.grains.get(measure, period.grain)
        if grain == period.grain:
            return period
        own = containing(period.end, grain)
        return own if own.end <= period.end else own.shift(-1)

    def excluded(self, measure: str, segment: str) -> frozenset[Period]:
        """The periods that count towards no limit, by the newest word on each."""
        newest = {one.period: one.excluded for one in self.exclusions[measure, segment]}
        return frozenset(period for period, out in newest.items() if out)

    def phase_starts(self, measure: str, segment: str) -> list[Period]:
        return [one.start for one in self.phases[measure, segment] if one.approved]

    def in_force(self, measure: str, segment: str, first: Period, upto: Period) -> tuple[spc.LockedLimits, ...]:
        """The limits record of each phase that was begun, and whose baseline was complete, by a period."""
        starts = [first, *(start for start in self.phase_starts(measure, segment) if first < start <= upto)]
        found = []
        for start, following in zip(starts, [*starts[1:], None], strict=True):
            own = [
                one
                for one in self.limits[measure, segment]
                if one.baseline_to <= upto
                and (one.start >= start or start == first)
                and (following is None or one.start < following)
            ]
            if own:
                found.append(_locked(max(own, key=lambda one: one.version), start))
        return tuple(found)

    def request(self, key: Key) -> tuple[list[spc.Figure], spc.Options] | None:
        """The figures and options of a chart up to a period, None before the first figure."""
        measure, segment, upto, rules = key
        figures = [
            spc.Figure(p.period, p.value, p.numerator, p.denominator, self.is_partial(p))
            for p in self.points(measure, segment)
            if p.period <= upto
        ]
        if not figures:
            return None
        first = figures[0].period
        inside = (start for start in self.phase_starts(measure, segment) if first < start <= figures[-1].period)
        ghosts = (one for one in self.excluded(measure, segment) if first <= one <= figures[-1].period)
        return figures, replace(
            base_options(self.definitions[measure], first.grain, len(figures)),
            rules=rules,
            rebase=tuple(inside),
            exclude=frozenset(ghosts),
            locked=self.in_force(measure, segment, first, upto),
        )

    def is_partial(self, point: Total) -> bool:
        """True for a period that is not over, that its facts do not reach the end of, or whose total lacks a segment."""
        return point.period.end >= self.today or point.partial or bool(point.lacking)

    def prepare(self, keys: Iterable[Key]) -> None:
        """Draws every chart that is not drawn yet, all signals in one pass."""
        new = {key: asked for key in keys if key not in self.charts and (asked := self.request(key))}
        try:
            self.charts.update(zip(new, spc.read_many(list(new.values())), strict=True))
        except ChartRefused:
            self.charts.update({key: _drawn(*asked) for key, asked in new.items()})

    def chart(self, key: Key) -> spc.Chart:
        """The chart up to a period; one without points before the first figure."""
        self.prepare([key])
        if key in self.charts:
            return self.charts[key]
        definition = self.definitions[key[0]]
        options = replace(base_options(definition, key[2].grain, 0), rules=key[3])
        return spc.Chart(options.type, key[3], options, (), (), ())

    def said(self, key: Key) -> Said:
        """What a period says: its reading from data up to it, and the chart of its last points."""
        if key not in self.memory:
            self.memory[key] = self._said(key)
        return self.memory[key]

    def _said(self, key: Key) -> Said:
        measure, segment, period, _ = key
        chart, point, definition = self.chart(key), self.point(measure, segment, period), self.definitions[measure]
        partial = point is not None and self.is_partial(point)
        if point is None or point.value is None or partial:
            read = unread(definition, period, partial, chart)
        else:
            read = reading.read(chart, definition, definition.targets)
        value, top, bottom = (point.value, point.numerator, point.denominator) if point else (None, None, None)
        version = self.versions.get(measure, 0)
        return Said(read, compact(chart), period, value, top, bottom, partial, None, ALL, version)

    def told(self, key: Key, before: Said | None = None) -> Said:
        """What a period says, with the status of the one before (`before`, else computed) and who carries a signal."""
        measure, segment, period, rules = key
        one = self.said(key)
        first = next((point.period for point in self.points(measure, segment)), period)
        if before is None and period > first:
            before = self.said((measure, segment, period.shift(-1), rules))
        one = replace(one, was_status=_was(one, before))
        carrier = self.carrier(key, one.reading) if segment == ALL else ""
        return _carried(one, carrier)

    def carrier(self, key: Key, total: Reading) -> str:
        """The one segment that shows the same signal as the whole, "" when none or several do."""
        measure, _, period, rules = key
        names = self.segments([measure])
        if total.signal is None or len(names) < 2:
            return ""
        keys = [(measure, name, period, rules) for name in names]
        self.prepare(keys)
        same = [
            name
            for name, one in zip(names, map(self.said, keys), strict=True)
            if (one.reading.variation, one.reading.side) == (total.variation, total.side) and one.reading.signal
        ]
        return same[0] if len(same) == 1 else ""


def _drawn(figures: list[spc.Figure], options: spc.Options) -> spc.Chart:
    """The chart as asked; where the figures do not allow it, an XmR chart whose notice says why.

    One measure that cannot be drawn as defined must not take the page from the other nine.
    """
    try:
        return spc.read_series(figures, options)
    except ChartRefused as refused:
        plain = spc.read_series(figures, replace(options, type="xmr", baseline=None, locked=()))
        return replace(plain, notices=(f"{refused} It is drawn as an XmR chart.", *plain.notices))


def _was(one: Said, before: Said | None) -> str | None:
    """The status of the period before when it was another; the wait for figures or limits is no status."""
    if before is None or "not_yet" in (before.reading.status, one.reading.status):
        return None
    return before.reading.status if before.reading.status != one.reading.status else None


def _carried(one: Said, carrier: str) -> Said:
    if not carrier:
        return one
    said = one.reading.sentence
    sentence = Sentence(said.bold, f"{said.rest} {carrier} carries it.".strip())
    return replace(one, carried_by=carrier, reading=replace(one.reading, sentence=sentence))


def unread(definition: Definition, period: Period, partial: bool, chart: spc.Chart) -> Reading:
    """The reading of a period that cannot be judged: it has no figure, or it is not complete."""
    if partial:
        why, rest = f"{period.bare} is not complete.", "A figure in part gives no signal."
    else:
        why, rest = f"No figures for {period.bare} yet.", "Load the file, or wait for the next load."
    last = spc.latest(chart)
    detail = f"last figure: {last.period.short}" if last else "nothing is loaded"
    opening = f"{definition.label}: {why if partial else why[0].lower() + why[1:]}"
    return Reading(
        period=last.period if last else None,
        value=None,
        goal=reading.goal_of(definition.targets, period),
        variation="not_assessable",
        reason=why,
        capability="cannot_say",
        hits=None,
        status="not_yet",
        basis="history",
        verb="wait",
        signal=None,
        shape="none",
        side="",
        since=None,
        completed=None,
        behaviour=(why[:-1], detail),
        against_goal=("Cannot say yet", ""),
        sentence=Sentence(opening, rest),
        evidence="",
        notices=(),
    )


def base_options(definition: Definition, grain: str, count: int) -> spc.Options:
    """How the definition wants its series charted; a fixed baseline waits until there are enough points."""
    baseline = _baseline(definition, grain)
    if isinstance(baseline, int) and count < baseline:
        baseline = None
    return spc.Options(
        type=definition.chart,
        centre=definition.centre,
        ranges=definition.ranges,
        screen=definition.screen,
        baseline=baseline,
        lock_after=definition.lock_after,
        direction=definition.improvement_direction,
        bounds=definition.bounds,
        window=definition.window,
    )


def _baseline(definition: Definition, grain: str) -> None | int | str | tuple[Period, Period]:
    """The baseline as the chart takes it; written as None, a number, "all" or "2025-01:2025-12"."""
    written = definition.baseline
    if not isinstance(written, str) or written == "all":
        return written
    ends = [parse(text) for text in written.split(":")]
    if len(ends) != 2 or None in ends:
        raise UsageError(
            f"Measure '{definition.name}': the baseline {written!r} is no pair of periods such as 2025-01:2025-12."
        )
    return Period(ends[0][1], grain), Period(ends[1][1], grain)


def _locked(record: LimitsRecord, start: Period) -> spc.LockedLimits:
    return spc.LockedLimits(
        start,
        record.centre,
        record.lower,
        record.upper,
        record.range_centre,
        record.range_upper,
        record.baseline_from,
        record.baseline_to,
        record.n,
        "locked",
        record.version,
        record.sigma_z,
    )


def baseline_hash(points: Iterable[Total], first: Period, last: Period, excluded: Iterable[Period]) -> str:
    """SHA-256 of the baseline's periods and figures: another one means that a figure was restated since."""
    out = set(excluded)
    rows = [
        f"{p.period} {p.value!r} {p.numerator!r} {p.denominator!r}"
        for p in points
        if first <= p.period <= last and p.period not in out and p.value is not None
    ]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def read_book(tx: Tx, chosen: Sequence[str], today: date) -> Book:
    """The book of these measures; one query for all their figures. Measures without a definition are left out."""
    known = definitions.current(tx)
    names = [name for name in chosen if name in known]
    by_measure, series = _drawn_from(tx, [known[name] for name in names])
    grains = {name: by_measure[name][0].period.grain for name in series}
    rules, zone, sample = measures.organisation(tx)
    return Book(
        today,
        {name: known[name] for name in names},
        measures.definition_versions(tx),
        definitions.scorecards(tx),
        rules,
        sample,
        zone,
        series,
        _grouped(measures.limits(tx, grains)),
        _grouped(measures.phases(tx, grains)),
        _grouped(measures.exclusions(tx, grains)),
        by_measure,
    )


def _drawn_from(tx: Tx, chosen: Sequence[Definition]) -> tuple[dict[str, list[rollup.StoredFigure]], dict[str, dict[str, tuple[Total, ...]]]]:
    """The figures and the series of the measures that have them, read once until figures change."""
    found = {one.name: known for one in chosen if (known := tx.recall(FIGURES, (one.name, one.aggregate))) is not None}
    lacking = [one for one in chosen if one.name not in found]
    rows: dict[str, list[rollup.StoredFigure]] = defaultdict(list)
    for figure in measures.figures(tx, [one.name for one in lacking]):
        rows[figure.measure].append(figure)
    for one in lacking:
        found[one.name] = rows[one.name], rollup.series(rows[one.name], one.aggregate)
        if len(rows[one.name]) <= MOST_KEPT:
            tx.remember(FIGURES, (one.name, one.aggregate), found[one.name], "figure", "load")
    return ({name: own for name, (own, _) in found.items() if own},
            {name: series for name, (_, series) in found.items() if series})


def _grouped(rows: Iterable) -> dict[tuple[str, str], list]:
    found: dict[tuple[str, str], list] = defaultdict(list)
    for row in rows:
        found[row.measure, row.segment].append(row)
    return found


def said_by(record: Record, scorecard: str, rules: str) -> Said | None:
    """What a recorded period said on a scorecard; None when it was never read under that rule set."""
    return record.said.get(record.used.get(scorecard, rules))
