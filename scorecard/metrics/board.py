"""The Actions page: whose actions are open or late, what is under way for each measure, and what kinds work here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from scorecard import actions
from scorecard.actions import Action
from scorecard.core.definition import Definition
from scorecard.core.periods import Period
from scorecard.core.reading import Sentence, count_word
from scorecard.core.verdict import Verdict
from scorecard.metrics.acting import Meant, order
from scorecard.metrics.book import ALL, Book, read_book
from scorecard.metrics.page import card_of, latest_of, records_of, rows_of
from scorecard.metrics.row import Row
from scorecard.metrics.verdicts import Yearly, summed_year, verdicts_in
from scorecard.store import definitions
from scorecard.store.definitions import Scorecard
from scorecard.store.engine import Store, Tx


@dataclass(frozen=True)
class Doing:
    """One action with the row of the measure it should move (None without one) and what that measure says."""

    action: Action
    row: Row | None
    verdict: Verdict | None


@dataclass(frozen=True)
class UnderWay:
    """One measure of the scorecard: its open actions, how many are late, and the latest verdict with its action."""

    row: Row
    open: tuple[Action, ...]
    late: int
    latest: Meant | None


@dataclass(frozen=True)
class Board:
    """Everything that the Actions page shows. `mine` to `done` are lists of the same actions."""

    period: Period
    today: date
    sentences: tuple[Sentence, ...]
    mine: tuple[Doing, ...]
    overdue: tuple[Doing, ...]
    open: tuple[Doing, ...]
    done: tuple[Doing, ...]
    measures: tuple[UnderWay, ...]
    yearly: Yearly


def board(store: Store, scorecard: str, today: date) -> Board:
    """The actions of everybody beside the measures of a scorecard; nobody's are "mine" (see `of_person`)."""
    with store.read() as tx:
        found = actions.listed(tx)
        card = card_of(tx, scorecard)
        others = sorted({one.measure for one in found if one.measure} - set(card.measures))
        book = read_book(tx, [*card.measures, *others], today)
        period = latest_of(book)
        rows = _rows(tx, book, replace(card, slots=(*card.slots, *((0, name) for name in others))), period)
        told = verdicts_in(tx, found, today, book, found)
        yearly = summed_year(tx, found, today, period, book)
    doing = [Doing(one, rows.get(one.measure), told.get(one.id)) for one in found]
    lines = tuple(_under_way(rows[name], doing, today) for _, name in card.slots if name in rows)
    said = tuple(one for one in (_year_words(yearly), _idle_words(lines)) if one)
    return Board(period, today, said, (), *_lists(doing, today), lines, yearly)


def of_person(shown: Board, person: str) -> Board:
    """The board with the open actions of a person (an id), and the sentence about them first."""
    mine = tuple(one for one in shown.open if one.action.owner == person)
    said = _late_words(mine, shown.overdue, shown.today)
    return replace(shown, mine=mine, sentences=(said, *shown.sentences))


def _lists(doing: Sequence[Doing], today: date) -> tuple[tuple[Doing, ...], tuple[Doing, ...], tuple[Doing, ...]]:
    """Overdue and open ones in order of the date due, closed ones with the last first."""
    unfinished = tuple(one for one in doing if one.action.open)
    closed = sorted((one for one in doing if not one.action.open), key=lambda one: one.action.ended, reverse=True)
    return tuple(one for one in unfinished if one.action.days_late(today)), unfinished, tuple(closed)


def rows_now(store: Store, measures: Sequence[str], today: date) -> dict[str, Row]:
    """Measure -> what it says in its latest complete period, by the rules of the first scorecard; measures that nobody defined are left out."""
    with store.read() as tx:
        book, card = read_book(tx, list(measures), today), next(iter(definitions.scorecards(tx)), None)
        return _rows(tx, book, replace(card, slots=tuple((0, name) for name in measures)), latest_of(book)) if card and measures else {}


def _rows(tx: Tx, book: Book, card: Scorecard, period: Period) -> dict[str, Row]:
    """Measure -> its row; of those without figures too."""
    return {row.measure.name: row for row in rows_of(book, card, records_of(tx, book, ALL, period), ALL, period)}


def _under_way(row: Row, doing: Sequence[Doing], today: date) -> UnderWay:
    own = [one for one in doing if one.action.measure == row.measure.name]
    unfinished = sorted((one.action for one in own if one.action.open), key=order)
    return UnderWay(row, tuple(unfinished), len(actions.overdue(unfinished, today)), _latest(own))


def _latest(own: Sequence[Doing]) -> Meant | None:
    """The verdict on what changed the work last; where nothing did, how far what is open has come."""
    read = [one for one in own if one.verdict]
    if not read:
        return None
    best = max(read, key=_speaks)
    return Meant(best.action, best.verdict)


def _speaks(one: Doing) -> tuple:
    """What began last speaks for its measure; what is meant for one segment only where nothing is meant for all."""
    action = one.action
    return action.started is not None, action.segment == "", action.started or date.min, action.id


# ---- sentences -------------------------------------------------------------------------------------------------------


def _late_words(mine: Sequence[Doing], overdue: Sequence[Doing], today: date) -> Sentence:
    """How many of the own actions are late, and which; else how many of the team's."""
    n, late = len(mine), [one.action for one in mine if one.action.days_late(today)]
    if late and n == 1:
        return Sentence("Your open action is overdue:", f"{_named(late)}.")
    if late:
        of = f"of your {count_word(n)} actions {'is' if len(late) == 1 else 'are'} overdue:"
        return Sentence(f"{_upper(count_word(len(late)))} {of}", f"{_named(late)}.")
    team = f"In the team {count_word(len(overdue))} {'is' if len(overdue) == 1 else 'are'} overdue." if overdue else ""
    if not n:
        return Sentence("You have no open actions.", team)
    return Sentence(
        f"None of your {count_word(n)} open actions is overdue." if n > 1 else "Your open action is not overdue.", team
    )


def _named(found: Sequence[Action], most: int = 3) -> str:
    titles = [f"“{one.title}”" for one in found[:most]]
    if len(found) > most:
        titles.append(f"{len(found) - most} more")
    return titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}"


def _year_words(yearly: Yearly) -> Sentence | None:
    if not yearly.finished:
        return None
    n, m = yearly.finished, yearly.worked
    bold = f"Of {n} {'action' if n == 1 else 'actions'} finished in 12 months, {m if m else 'none'} worked."
    groups = (("New ways of working and new tools", yearly.work), ("Reminders and training", yearly.people))
    read = [
        f"{name}: {worked} of {count}{' read' if k == 0 else ''}."
        for k, (name, (worked, count)) in enumerate(groups)
        if count
    ]
    return Sentence(bold, " ".join(read))


def _idle_words(lines: Sequence[UnderWay]) -> Sentence | None:
    """The measures in Watch or Act for which nothing is under way."""
    idle = [one for one in lines if one.row.reading.status in ("act", "watch") and not any(_begun(a) for a in one.open)]
    if not idle:
        return None
    n = len(idle)
    where = " or ".join(
        word
        for word, status in (("Act", "act"), ("Watch", "watch"))
        if any(one.row.reading.status == status for one in idle)
    )
    told = ", ".join(_idle(one, first=k == 0) for k, one in enumerate(idle))
    return Sentence(
        f"{_upper(count_word(n))} {'measure' if n == 1 else 'measures'} in {where} "
        f"{'has' if n == 1 else 'have'} nothing under way:",
        f"{told}.",
    )


def _begun(one: Action) -> bool:
    return one.state == "in_progress"


def _idle(one: UnderWay, first: bool) -> str:
    n = len(one.open)
    has = " has" if first else ""
    waits = f"{has} no action" if not n else f"{has} {count_word(n)} that {'has' if n == 1 else 'have'} not begun"
    return f"{lowered(one.row.measure)}{waits}"


def lowered(measure: Definition) -> str:
    """The measure's name inside a sentence; an abbreviation stays as it is."""
    return (
        measure.label
        if measure.label[:2].isupper() or measure.label[:1].isdigit()
        else measure.label[:1].lower() + measure.label[1:]
    )


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
