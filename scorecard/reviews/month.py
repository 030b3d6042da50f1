"""One month of one scorecard, whole: live while the review is open, the frozen copy once it is signed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from scorecard import actions, sources
from scorecard.actions import Action
from scorecard.core import frozen, record
from scorecard.core.frozen import Signature
from scorecard.core.periods import Period
from scorecard.maturity import disagreements
from scorecard.metrics import MeasureView, ScorecardView
from scorecard.metrics.book import ALL, Book, read_book
from scorecard.metrics.frozen import restated
from scorecard.metrics.links import link_map, stated_links
from scorecard.metrics.measure import live_view as live_measure
from scorecard.metrics.page import card_of, live_view
from scorecard.metrics.verdicts import verdicts_in
from scorecard.planning import triggers
from scorecard.reviews import agenda, maturity_part
from scorecard.reviews.changes import Since, changes
from scorecard.reviews.contracts import contracts
from scorecard.reviews.model import Beside, Item, Month, Told
from scorecard.store import members, reviews
from scorecard.store.definitions import Scorecard
from scorecard.store.engine import Store, Tx
from scorecard.store.reviews import Meeting

YEAR = 366
SAYS = ("worked", "worse")


@dataclass(frozen=True)
class Read:
    """What a month is made of, read in one transaction. `day` is the day of the meeting, else today."""

    tx: Tx
    card: Scorecard
    book: Book
    period: Period
    meeting: Meeting
    day: date
    today: date


def month(store: Store, scorecard: str, period: Period, today: date) -> Month:
    """The month as everything shows it: the frozen copy once it is signed, else made from the records.

    Raises UsageError for a scorecard that does not exist.
    """
    warnings = warnings_of(store, scorecard, period, today)
    with store.read() as tx:
        return month_in(tx, scorecard, period, today, warnings)


def warnings_of(store: Store, scorecard: str, period: Period, today: date) -> tuple[str, ...]:
    """What is said about stale sources on the day of the meeting; nothing once the month is signed."""
    with store.read() as tx:
        if reviews.signature(tx, scorecard, period):
            return ()
        held = reviews.meeting(tx, scorecard, period).held_on
    return sources.stale_words(store, min(held, today) if held else today)


def month_in(
    tx: Tx, scorecard: str, period: Period, today: date, warnings: Sequence[str], segments: bool = True
) -> Month:
    """As `month`, in a transaction of the caller; without `segments`, an open month holds only all segments together."""
    found = reviews.copy(tx, scorecard, period)
    if found is None:
        return live(tx, scorecard, period, today, warnings, segments)
    signature, body = found
    told = record.unpack(Month, json.loads(body))
    rows = {row.measure.name: row for row in told.view.rows}
    items = tuple(replace(item, row=rows.get(item.measure)) for item in told.items)
    beside = tuple(sorted((*_notes(tx, scorecard, period), *_restated(tx, told, today)), key=lambda one: one.recorded_at))
    return replace(told, items=items, signature=signature, beside=beside)


def canonical(told: Month) -> str:
    """The content that is signed: the month without its signature, what was added later, and what stands in it twice."""
    items = tuple(replace(item, row=None) for item in told.items)
    return frozen.canonical(replace(told, items=items, signature=None, beside=()))


def _read(tx: Tx, scorecard: str, period: Period, today: date) -> Read:
    card, meeting = card_of(tx, scorecard), reviews.meeting(tx, scorecard, period)
    day = min(meeting.held_on, today) if meeting.held_on else today
    return Read(tx, card, read_book(tx, card.measures, today), period, meeting, day, today)


def agenda_in(tx: Tx, scorecard: str, period: Period, today: date, warnings: Sequence[str]) -> tuple[Item, ...]:
    """The items of a review that is not signed, without the pages of its measures: a third of the work of the month."""
    read = _read(tx, scorecard, period, today)
    view = live_view(tx, read.book, read.card, period, ALL, lasting=True)
    return _items(read, view, actions.listed(tx), warnings)


def live(
    tx: Tx, scorecard: str, period: Period, today: date, warnings: Sequence[str], segments: bool = True
) -> Month:
    """The month as the records make it now."""
    read = _read(tx, scorecard, period, today)
    card, book, meeting = read.card, read.book, read.meeting
    views = tuple(live_view(tx, book, card, period, segment, lasting=True) for segment in (ALL, *(book.segments() if segments else ())))
    pages = tuple(
        live_measure(tx, book, name, book.own_period(name, period), segment, card.id, lasting=True)
        for name in card.measures
        if name in book.definitions and book.periods(name)
        for segment in (ALL, *(book.segments([name]) if segments else ()))
    )
    plain = tuple(page for page in pages if page.segment == ALL)
    known = actions.listed(tx)
    organisation = members.organisation(tx)
    return Month(
        organisation.name if organisation else "",
        book.sample,
        card.id,
        period,
        period.grain,
        meeting.held_on,
        meeting.begins,
        meeting.minutes,
        _name(tx, meeting.chair),
        tuple(_name(tx, one) for one in meeting.attendees),
        views,
        pages,
        _items(read, views[0], known, warnings),
        told_of(read, known),
        changes(views[0], plain, _since(read), known, read.day),
        reviews.commentary(tx, scorecard, period)[0],
        maturity=maturity_part.of_month(tx, scorecard, period),
    )


def _name(tx: Tx, person: str) -> str:
    found = members.person(tx, person) if person else None
    return found.name if found else person


def _items(read: Read, view: ScorecardView, known: Sequence[Action], warnings: Sequence[str]) -> tuple[Item, ...]:
    links = [pair for pair in stated_links(read.book.definitions) if {pair[0], pair[1].measure} <= set(read.card.measures)]
    evidence = link_map(read.tx, read.book, links, read.period, read.card.id).links if links else ()
    origin = reviews.name_of(read.card.id, read.period)
    ours = [one for one in known if not one.measure or one.measure in read.card.measures or one.origin.startswith(origin)]
    written = reviews.items(read.tx, read.card.id, read.period)
    grounds = agenda.Grounds(
        view, ours, evidence, warnings, contracts(read.tx, read.meeting.opened_at), origin, read.day,
        disagreements.unsettled(read.tx, read.card.id, read.period, read.day), disagreements.topics(read.tx, written),
        triggers.on_agenda(read.tx, read.card.id, read.period, read.day, written),
    )
    return agenda.items(grounds, written)


def told_of(read: Read, known: Sequence[Action]) -> tuple[Told, ...]:
    """The actions of earlier reviews: what is under way and, for each measure, the newest of the last year that says something."""
    origin = reviews.name_of(read.card.id, read.period)
    year_ago = read.period.end - timedelta(days=YEAR)
    earlier = [
        one
        for one in known
        if one.measure in read.card.measures and one.state != "dropped" and one.started and one.started <= read.period.end
        and (one.open or one.ended and one.ended > year_ago) and not one.origin.startswith(f"{origin}:")
    ]
    verdicts = verdicts_in(read.tx, earlier, read.today, read.book)
    order = {name: at for at, name in enumerate(read.card.measures)}
    told = sorted((Told(one, verdicts.get(one.id)) for one in earlier), key=lambda one: (order[one.action.measure], one.action.started, one.action.id))
    newest = {one.action.measure: one for one in told if one.verdict and one.verdict.verdict in SAYS}
    return tuple(one for one in told if one.action.open or newest.get(one.action.measure) is one)


def _since(read: Read) -> Since | None:
    """The review before: the last signed one, else the period before this one as it was read."""
    past = [period for card, period in reviews.signed(read.tx) if card == read.card.id and period < read.period
            and period.grain == read.period.grain]
    if past:
        signature, body = reviews.copy(read.tx, read.card.id, past[0])
        view = record.unpack(tuple[ScorecardView, ...], json.loads(body)["scorecards"])[0]
        return Since(view, signature.signed_at, True, _arrived(read.book))
    before = read.period.shift(-1)
    if not any(before >= read.book.own_period(name, before) and read.book.point(name, ALL, read.book.own_period(name, before))
               for name in read.book.series):
        return None
    view = live_view(read.tx, read.book, read.card, before, ALL, lasting=True)
    return Since(view, reviews.meeting(read.tx, read.card.id, before).opened_at, False, _arrived(read.book))


def _arrived(book: Book) -> dict[str, datetime]:
    """When the first figures of each measure came."""
    return {name: min(one.loaded_at for one in own) for name, own in book.figures.items()}


def _notes(tx: Tx, scorecard: str, period: Period) -> list[Beside]:
    return [Beside(*row) for row in reviews.later(tx, scorecard, period)]


def _restated(tx: Tx, told: Month, today: date) -> list[Beside]:
    """Figures of the signed month that a later load changed, each with the time of that load."""
    book = read_book(tx, [row.measure.name for row in told.view.rows], today)
    found = []
    for row in told.view.rows:
        for text in restated(book, [row], ALL):
            point = book.point(row.measure.name, ALL, row.period)
            found.append(Beside(f"restated:{row.measure.name}", "restated", text, "", point.loaded_at))
    return found


def next_day(period: Period) -> date:
    """The first day on which a period is over."""
    return period.end + timedelta(days=1)


def measure_page(told: Month, measure: str) -> MeasureView | None:
    """The page of a measure of the month, all segments together."""
    return next((one for one in told.measures if one.row.measure.name == measure and one.segment == ALL), None)


def signatures(tx: Tx, scorecard: str) -> list[tuple[Period, Signature]]:
    """The signed periods of a scorecard, the newest first."""
    return [(period, reviews.signature(tx, card, period)) for card, period in reviews.signed(tx) if card == scorecard]
