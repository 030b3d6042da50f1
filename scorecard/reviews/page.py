"""One review as its page shows it, and the reviews of several scorecards side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from scorecard.core import fmt
from scorecard.core.periods import Period, between, containing, day
from scorecard.core.reading import Sentence
from scorecard.metrics import Row
from scorecard.reviews import agenda
from scorecard.reviews.commentary import draft
from scorecard.reviews.habits import habits
from scorecard.reviews.model import Check, Goal, Item, Month, MonthOfQuarter, ReviewView
from scorecard.reviews.month import agenda_in, month_in, signatures, warnings_of
from scorecard.reviews.words import count, named_list, numbers, plural
from scorecard.store import definitions, members, reviews
from scorecard.store.engine import Store, Tx
from scorecard.store.reviews import Meeting


def review_view(store: Store, scorecard: str, period: Period, today: date, kind: str = "month") -> ReviewView:
    """The review of a period; when `kind` is "quarter", of the quarter that the period lies in, or the last that is over.

    Raises UsageError for a scorecard that does not exist.
    """
    asked = _quarter(period, today) if kind == "quarter" else period
    warnings = warnings_of(store, scorecard, asked, today)
    with store.read() as tx:
        told = month_in(tx, scorecard, asked, today, warnings, segments=False)
        meeting = reviews.meeting(tx, scorecard, asked)
        before = next(((one, mark) for one, mark in signatures(tx, scorecard) if one < asked and one.grain == asked.grain), None)
        months = _months(tx, scorecard, asked, today) if asked.grain == "quarter" else ()
        people = {id: _person(tx, id) for id in (meeting.chair, *meeting.attendees) if id}
        version = reviews.commentary(tx, scorecard, asked)[1]
    routine = agenda.routine(told.view)
    return ReviewView(
        told,
        "signed" if told.signature else "open" if meeting.version else "not_opened",
        people.get(meeting.chair),
        tuple(people[one] for one in meeting.attendees),
        routine,
        _headline(told, routine),
        _checks(told, meeting),
        before[1] if before else None,
        before[0] if before else None,
        told.view.footer[-1].text if len(told.view.footer) > 1 else "",
        draft(told.view, told.changes, told.actions),
        version,
        meeting.version,
        months,
        habits(store, scorecard, today, asked.grain),
    )


def _quarter(period: Period, today: date) -> Period:
    own = containing(period.end, "quarter")
    return own if own.end < today else containing(today, "quarter").shift(-1)


def overview(store: Store, period: Period, today: date, kind: str = "month") -> tuple[ReviewView, ...]:
    """The reviews of every scorecard that has a measure, side by side."""
    with store.read() as tx:
        cards = [card.id for card in definitions.scorecards(tx) if card.measures]
    return tuple(review_view(store, card, period, today, kind) for card in cards)


def open_items(store: Store, scorecard: str, period: Period, today: date) -> int:
    """How many items of a review still want a decision: the count beside its name in the navigation."""
    warnings = warnings_of(store, scorecard, period, today)
    with store.read() as tx:
        if reviews.signature(tx, scorecard, period):
            return 0
        return len(agenda.undecided(agenda_in(tx, scorecard, period, today, warnings)))


def _person(tx: Tx, id: str) -> tuple[str, str]:
    found = members.person(tx, id)
    return id, found.name if found else id


def _headline(told: Month, routine: Sequence[Row]) -> tuple[Sentence, ...]:
    """How much there is to discuss, and what needs no time."""
    items = told.items
    if all(row.value is None for row in told.view.rows):
        rest = "They make the agenda; until then last month’s actions can be read."
        return (Sentence(f"There are no figures for {told.period.label} yet.", rest),)
    if not items:
        return (Sentence("No signals, and every measure can reach its goal.", "Read last month's actions and close."),)
    measured = [item for item in items if item.kind in ("signal", "unreachable")]
    minutes = sum(item.minutes for item in items)
    verb = "measure" if len(measured) == 1 else "measures"
    news = f"{count(len(measured)).capitalize()} {verb} gave a signal or cannot reach {'its' if len(measured) == 1 else 'their'} goal."
    rest = f"{'It is' if len(items) == 1 else 'They are'} the agenda, {minutes} minutes in all."
    if len(items) > len(measured):
        others = plural(len(items) - len(measured), "other item")
        rest = f"With {others} they are the agenda, {minutes} minutes in all."
    if not measured:
        news, rest = f"{plural(len(items), 'item')} to decide.", f"No measure gave a signal; {minutes} minutes in all."
    return (Sentence(news, rest), *_quiet(routine))


def _quiet(routine: Sequence[Row]) -> tuple[Sentence, ...]:
    named = [row.measure.label for row in routine if row.value is not None]
    if not named:
        return ()
    verb = "is" if len(named) == 1 else "are"
    return (Sentence("", f"The other {count(len(named))} {verb} routine and need{'s' if len(named) == 1 else ''} no time: {named_list(named)}."),)


def _checks(told: Month, meeting: Meeting) -> tuple[Check, ...]:
    """What has to be done before the month is signed; only the decisions are asked for."""
    missing = [row.measure.label for row in told.view.rows if row.value is None]
    loaded = f", {day(told.view.loaded_at.date())}" if told.view.loaded_at else ""
    figures = Check(not missing, _lacking(missing, len(told.view.rows)) or f"Figures loaded{loaded}")
    read = Check(bool(meeting.actions_read_by) or not told.actions, "Last month’s actions read" if told.actions else "No earlier actions to read")
    return (figures, read, _decisions(told.items))


def _lacking(missing: Sequence[str], rows: int) -> str:
    if not missing:
        return ""
    return f"No figure for {named_list(missing)}" if len(missing) < rows else "No figures yet"


def _decisions(items: Sequence[Item]) -> Check:
    missing = agenda.undecided(items)
    if not missing:
        return Check(True, "Every item decided" if items else "Nothing to decide")
    return Check(False, f"Decide item{'s' if len(missing) > 1 else ''} {numbers(missing)}")


def _months(tx: Tx, scorecard: str, quarter: Period, today: date) -> tuple[MonthOfQuarter, ...]:
    """The three months of a quarter that are over: what each decided, and how it stood against its goals."""
    months = between(containing(quarter.start, "month"), containing(quarter.end, "month"))
    told = [month_in(tx, scorecard, one, today, (), segments=False) for one in months if one.end < today]
    return tuple(
        MonthOfQuarter(
            one.period,
            one.signature,
            tuple(item for item in one.items if item.decision),
            tuple(_goal(row) for row in one.view.rows if row.reading.goal and row.value is not None),
        )
        for one in told
    )


def _goal(row: Row) -> Goal:
    return Goal(row.measure.label, fmt.goal(row.reading.goal.value, row.measure), row.value_text, row.reading.status)
