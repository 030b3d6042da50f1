"""What is done about a measure: the one action that its row names, and all that were meant to move it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from scorecard import actions, diary
from scorecard.actions import Action
from scorecard.core.periods import Period
from scorecard.core.verdict import Verdict
from scorecard.metrics.book import Book
from scorecard.metrics.row import ActionLine, Row
from scorecard.metrics.verdicts import verdicts_in
from scorecard.store.engine import Tx

REMEMBERED = 12


@dataclass(frozen=True)
class Meant:
    """An action that was meant to move a measure, and what the measure says; no verdict before there is a start."""

    action: Action
    verdict: Verdict | None


def with_actions(tx: Tx, book: Book, rows: Sequence[Row], card: str, segment: str, period: Period) -> tuple[Row, ...]:
    """The rows, each with the action that a reader of this period should know of."""
    every = actions.listed(tx)
    found = [one for one in every if one.measure in book.series and _known_in(one, segment, period)]
    good = {row.measure.name for row in rows if row.reading.status == "on_course"}
    done = [one for one in found if one.state == "done" and one.measure in good]
    told = verdicts_in(tx, done, book.today, book, every)
    named = [
        replace(row, action=_named(row, [one for one in found if one.measure == row.measure.name], told))
        for row in rows
    ]
    undecided = any(row.action is None and row.reading.status == "act" for row in named)
    review = diary.next(tx, "monthly_review", book.today, f"review:{card}:{period}") if undecided else None
    return tuple(_to_decide(row, review.planned) if review else row for row in named)


def _known_in(one: Action, segment: str, period: Period) -> bool:
    """Whether an action was written by the end of the following period, and was not long over when this one began."""
    written = min(one.made_at.date(), one.started or one.due)
    fits = not segment or one.segment in ("", segment)
    return fits and written <= period.shift(1).end and (one.open or one.ended >= period.shift(-REMEMBERED).start)


def _named(row: Row, own: Iterable[Action], told: dict[str, Verdict]) -> ActionLine | None:
    """The action that brought a measure on course, or the one that is furthest under way."""
    own = list(own)
    done = [one for one in own if one.state == "done" and one.id in told and told[one.id].verdict == "worked"]
    if done and row.reading.status == "on_course":
        return _line(max(done, key=lambda one: (one.segment == "", one.ended, one.id)), "worked")
    under_way = sorted((one for one in own if one.open), key=order)
    return _line(under_way[0], "") if under_way else None


def order(one: Action) -> tuple:
    """Open actions as they are named: what has changed the work first, then what is begun, by the date due."""
    return (
        one.started is None,
        one.segment != "",
        one.state != "in_progress",
        one.started or date.max,
        one.due,
        one.title,
        one.id,
    )


def _line(one: Action, verdict: str) -> ActionLine:
    return ActionLine(one.title, one.owner_name, one.due, one.state, verdict)


def _to_decide(row: Row, on: date) -> Row:
    if row.action or row.reading.status != "act":
        return row
    return replace(row, action=ActionLine("", "", on, "to_decide", ""))


def meant(tx: Tx, book: Book, measure: str, segment: str) -> tuple[Meant, ...]:
    """All actions that were meant to move a measure, those that changed the work last first; never begun ones at the end."""
    every = actions.listed(tx)
    own = [one for one in every if one.measure == measure and (not segment or one.segment in ("", segment))]
    told = verdicts_in(tx, own, book.today, book, every)
    own.sort(key=lambda one: (one.started is not None, one.started or one.due), reverse=True)
    return tuple(Meant(one, told.get(one.id)) for one in own)
