"""The scorecard of a period: a row for each measure, and the sentences above and below them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from scorecard.core import spc
from scorecard.core.definition import Definition
from scorecard.core.frozen import Signature
from scorecard.core.periods import Period, today_period
from scorecard.core.reading import STATUSES, Sentence
from scorecard.core.record import Record, Said, loads
from scorecard.errors import UsageError
from scorecard.metrics import frozen, words
from scorecard.metrics.acting import with_actions
from scorecard.metrics.book import ALL, Book, read_book, said_by
from scorecard.metrics.row import Row, make_row
from scorecard.store import definitions, measures
from scorecard.store.definitions import Scorecard
from scorecard.store.engine import Store, Tx

Records = dict[tuple[str, str, date], Record]


@dataclass(frozen=True)
class ScorecardView:
    """A scorecard in one period and segment. `periods` run from the oldest to the newest; at most four `sentences`."""

    id: str
    name: str
    period: Period
    periods: tuple[Period, ...]
    segment: str
    segments: tuple[str, ...]
    data_to: date | None
    loaded_at: datetime | None
    sentences: tuple[Sentence, ...]
    counts: dict[str, int]
    results: tuple[Row, ...]
    drivers: tuple[Row, ...]
    footer: tuple[Sentence, ...]
    notices: tuple[str, ...]
    sample: bool
    rule_set: str
    signature: Signature | None = None

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows in the order of the page."""
        return self.results + self.drivers


def scorecard_view(store: Store, scorecard_id: str, period: Period | None, segment: str, today: date) -> ScorecardView:
    """The scorecard of a period (None: the latest complete one) and a segment ("" is all).

    A signed period is read from its frozen copy; another that is not the latest shows what was recorded when it was closed.
    """
    with store.read() as tx:
        card = card_of(tx, scorecard_id)
        book = read_book(tx, card.measures, today)
        chosen = period or latest_of(book)
        signed = frozen.kept(tx, card.id, chosen, "scorecards", ScorecardView, lambda view: view.segment == segment)
        if signed is not None:
            later = frozen.restated(book, signed.rows, segment)
            return replace(signed, periods=_periods(book), notices=signed.notices + later)
        return live_view(tx, book, card, chosen, segment)


def latest_period(store: Store, scorecard_id: str, today: date) -> Period:
    """The latest complete period of a scorecard, without reading what it says."""
    with store.read() as tx:
        return latest_of(read_book(tx, card_of(tx, scorecard_id).measures, today))


def live_view(tx: Tx, book: Book, card: Scorecard, period: Period, segment: str, lasting: bool = False) -> ScorecardView:
    """The view as the records and figures give it. `lasting` leaves out what is only true today, such as late figures."""
    rows = rows_of(book, card, records_of(tx, book, segment, period), segment, period)
    return _view(book, card, with_actions(tx, book, rows, card.id, segment, period), segment, period, lasting)


def card_of(tx: Tx, scorecard_id: str) -> Scorecard:
    cards = definitions.scorecards(tx)
    card = next((one for one in cards if one.id == scorecard_id), None)
    if card is None:
        known = ", ".join(one.id for one in cards) or "none yet"
        raise UsageError(f"There is no scorecard '{scorecard_id}'. There are: {known}.")
    return card


def grain_of(book: Book) -> str:
    """The grain that most measures of the scorecard have; month when there is none or a tie."""
    count = Counter(book.grains.values())
    return max(count, key=lambda grain: (count[grain], grain == "month"), default="month")


def latest_of(book: Book) -> Period:
    """The last period that is over and has a figure; the one before today's when there is none."""
    grain = grain_of(book)
    ends = [latest for name, own in book.grains.items() if own == grain and (latest := book.latest(name))]
    return max(ends, default=today_period(book.today, grain).shift(-1))


def records_of(tx: Tx, book: Book, segment: str | None, period: Period) -> Records:
    """What the period and the one before it said, of every measure (segment None: of every segment too), in one query.

    The book learns the definitions that the records were read with.
    """
    starts = {
        one.start for name in book.series for own in [book.own_period(name, period)] for one in (own, own.shift(-1))
    }
    found = {key: loads(body) for key, body in measures.recorded(tx, list(book.series), starts, segment).items()}
    read_with = {(key[0], said.definition) for key, record in found.items() for said in record.said.values()}
    for name in {name for name, version in read_with if version != book.versions.get(name, 0)}:
        book.then |= {(name, one.version): one.definition for one in definitions.history(tx, name)}
    return found


def _periods(book: Book) -> tuple[Period, ...]:
    grain = grain_of(book)
    return tuple(sorted({one for name, own in book.grains.items() if own == grain for one in book.periods(name)}))


def _view(
    book: Book, card: Scorecard, rows: tuple[Row, ...], segment: str, period: Period, lasting: bool
) -> ScorecardView:
    points = [point for name in book.series for point in book.points(name, ALL) or book.points(name, segment)]
    complete = [point.period.end for point in points if point.period.end < book.today]
    counts = Counter(row.reading.status for row in rows)
    return ScorecardView(
        card.id,
        card.name,
        period,
        _periods(book),
        segment,
        book.segments(),
        max(complete, default=None),
        max((point.loaded_at for point in points), default=None),
        words.news(rows, period),
        {status: counts[status] for status in STATUSES},
        tuple(r for r in rows if r.measure.kind == "lagging"),
        tuple(r for r in rows if r.measure.kind != "lagging"),
        words.footer(rows, _rules(rows, card), grain_of(book)),
        words.notices(book, rows, segment, period, lasting),
        book.sample,
        _rules(rows, card),
    )


def _rules(rows: Sequence[Row], card: Scorecard) -> str:
    """The rule set that the rows were read with; the scorecard's own unless the record says otherwise."""
    used = {row.chart.rules for row in rows if row.read_then}
    return used.pop() if len(used) == 1 else card.rule_set


def rows_of(book: Book, card: Scorecard, records: Records, segment: str, period: Period) -> tuple[Row, ...]:
    """The rows of a scorecard in slot order; all charts are drawn in one pass."""
    slots = [(slot, name) for slot, name in card.slots if name in book.definitions]
    keys = [(name, segment, book.own_period(name, period), card.rule_set) for _, name in slots]
    live = [key for key in keys if (key[0], segment, key[2].start) not in records or not _is_past(book, key[0], key[2])]
    book.prepare(live + [(m, s, p.shift(-1), r) for m, s, p, r in live if (m, s, p.shift(-1).start) not in records])
    return tuple(_row(book, card, slot, key, records) for (slot, _), key in zip(slots, keys, strict=True))


def _is_past(book: Book, measure: str, period: Period) -> bool:
    latest = book.latest(measure)
    return latest is not None and period < latest


def _row(book: Book, card: Scorecard, slot: int, key: tuple[str, str, Period, str], records: Records) -> Row:
    said, kept = said_on(book, card.id, key, records)
    return make_row(book, slot, key, said, kept)


def said_on(book: Book, scorecard: str, key: tuple[str, str, Period, str], records: Records) -> tuple[Said, bool]:
    """(what a period says on a scorecard, whether that is a record): the record of a past one, else from the data."""
    measure, segment, period, rules = key
    if _is_past(book, measure, period):
        said = _recorded(records, scorecard, key)
        if said is not None:
            return said, True
    before = _recorded(records, scorecard, (measure, segment, period.shift(-1), rules))
    return book.told(key, before), False


def _recorded(records: Records, scorecard: str, key: tuple[str, str, Period, str]) -> Said | None:
    record = records.get((key[0], key[1], key[2].start))
    return said_by(record, scorecard, key[3]) if record else None


def last_signal(chart: spc.Chart, measure: Definition) -> tuple[Period | None, str]:
    """(period, improving, worsening or changing) of the last point that belongs to a signal."""
    for point in reversed(chart.points):
        told = [one for one in point.signals if not spc.RULES[one.rule].on_ranges]
        if told:
            return point.period, _variation(told[0].side, measure)
    return None, ""


def _variation(side: str, measure: Definition) -> str:
    if measure.improvement_direction == "neutral" or side not in ("above", "below"):
        return "changing"
    better = (side == "above") == (measure.improvement_direction == "increase")
    return "improving" if better else "worsening"
