"""A practice on the agenda of the next review. Imported by itself: reviews know maturity, and this knows reviews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from scorecard import access
from scorecard.access import Actor
from scorecard.core.periods import Period, today_period
from scorecard.errors import ScorecardError, UsageError
from scorecard.maturity import disagreements
from scorecard.maturity.answering import questions
from scorecard.maturity.cycles import model_at, one
from scorecard.reviews.commands import bring
from scorecard.store import reviews
from scorecard.store.engine import Store, Tx


@dataclass(frozen=True)
class Placed:
    """Where a practice is talked about. `new` is False when it stood there already."""

    scorecard: str
    period: Period
    item: str
    new: bool


def next_review(tx: Tx, today: date, scorecard: str = "") -> tuple[str, Period]:
    """(scorecard, month) of the next review that is not signed: of the last complete month, or of one after it."""
    card = scorecard or disagreements.main_scorecard(tx)
    if not card:
        raise ScorecardError("No scorecard has a measure yet, so there is no review to talk in.")
    period = today_period(today, "month").shift(-1)
    while reviews.signature(tx, card, period):
        period = period.shift(1)
    return card, period


def added(tx: Tx, cycle_id: str, today: date, scorecard: str = "") -> frozenset[str]:
    """The practices of a cycle that stand on the agenda of the next review, each by itself."""
    card, period = next_review(tx, today, scorecard)
    prefix = disagreements.item_of(cycle_id, "")
    return frozenset(item.removeprefix(prefix) for item in reviews.items(tx, card, period) if item.startswith(prefix))


def add(store: Store, actor: Actor, cycle: str, practice: str, *, today: date, scorecard: str = "") -> Placed:
    """Where the practice is talked about: the next review of the first scorecard, or of the one that is named.

    Asking twice changes nothing. Raises ScorecardError while the cycle is open.
    """
    access.require(actor, "decide")
    with store.read() as tx:
        asked = one(tx, cycle)
        if asked.open:
            raise ScorecardError(f"{asked.title} is open. What people see differently is talked about when it is closed.")
        known = {found.id for own in questions(model_at(tx, asked.model), asked).values() for found in own}
        if practice not in known:
            raise UsageError(f"{practice[:40]!r} was not asked in {asked.title}.")
        card, period = next_review(tx, today, scorecard)
        topic = disagreements.practice_topic(tx, asked, practice)
    new = bring(store, actor, card, period, topic.item, topic.title)
    return Placed(card, period, topic.item, new)
