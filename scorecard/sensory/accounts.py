"""One account opened: its score in a month, why it changed between two months, its recorded history, what it said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scorecard.access import Actor
from scorecard.core import health_score, spc
from scorecard.core.health_score import Moved
from scorecard.core.periods import Period
from scorecard.core.spc import Chart
from scorecard.sensory import scoring, themes
from scorecard.sensory.scoring import MONTH, Health, Part
from scorecard.store import health_scores as rows
from scorecard.store import sensory as beside
from scorecard.store.comments import Comment

if TYPE_CHECKING:
    from scorecard.store.engine import Store
    from scorecard.store.health_scores import Row

SAID_MONTHS, YEAR, MOST_COMMENTS = 12, 12, 40


@dataclass(frozen=True)
class Past:
    """A recorded month of an account: its score (None when blank), band, the version of the rule, and the inputs."""

    month: Period
    score: int | None
    band: str
    version: int
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Opened:
    """An account in the month `health.month`, against the month `since`; `change` adds up to the change of the score exactly."""

    health: Health
    since: Period | None
    before: int | None
    change: tuple[Moved, ...]
    past: tuple[Past, ...]
    chart: Chart | None
    revenue: float
    renewal: date | None
    comments: tuple[tuple[Comment, str], ...]


def read(store: Store, account: str, today: date, month: Period | None = None, since: Period | None = None, actor: Actor | None = None) -> Opened:
    """The account in a month, the last recorded one without it, against an earlier one, the month before without it.

    Raises ScorecardError for an unknown account and for a month in which it was no customer.
    """
    with store.read_facts() as tx:
        known = rows.find_account(tx, account)
        own = rows.of_account(tx, known[0]) if known else []
        latest = max(rows.recorded(tx), default=None)
    last = month or Period(own[-1].month if own else latest or today.replace(day=1), MONTH)
    health = scoring.account(store, account, last, today)
    first = since or _before(own, health)
    before, change = _why(store, own, first, health)
    with store.read_facts() as tx:
        mrr, due = beside.beside(tx, [health.account], last.start, today).get(health.account, (0.0, None))
    said = themes.of_account(store, health.account, last.shift(1 - SAID_MONTHS).start, today, actor)[:MOST_COMMENTS]
    return Opened(health, first, before, change, _past(store, own), _chart(own), YEAR * mrr, due, tuple(said))


def _before(own: Sequence[Row], health: Health) -> Period | None:
    """The recorded month before the one that is looked at."""
    at = health.frozen or health.month
    earlier = [row.month for row in own if row.month < at.start]
    return Period(earlier[-1], MONTH) if earlier else None


def _why(store: Store, own: Sequence[Row], since: Period | None, health: Health) -> tuple[int | None, tuple[Moved, ...]]:
    """(the score then, the parts of its change) between two months; none when one of them is blank or missing."""
    then = next((row for row in own if since and row.month == since.start), None)
    if then is None:
        return None, ()
    with store.read() as tx:
        before = rows.rules(tx)[then.version]
    return then.score, tuple(health_score.why(before, then.readings, health.rule, _readings(health, own)))


def _readings(health: Health, own: Sequence[Row]) -> Sequence[float | None]:
    """The readings of the month that is looked at: as recorded, else as the facts are now."""
    at = health.frozen or health.month
    recorded = next((row for row in own if row.month == at.start), None)
    if recorded is not None:
        return recorded.readings
    values = {part.reading: part.value for part in health.parts}
    return [values.get(name) for name in health_score.ORDER]


def _past(store: Store, own: Sequence[Row]) -> tuple[Past, ...]:
    with store.read() as tx:
        known = rows.rules(tx)
    return tuple(Past(Period(row.month, MONTH), row.score, known[row.version].band(row.score), row.version,
                      scoring.parts(known[row.version], row)) for row in own)


def _chart(own: Sequence[Row]) -> Chart | None:
    figures = [spc.Figure(Period(row.month, MONTH), float(row.score)) for row in own if row.score is not None]
    return spc.read_series(figures, spc.Options(direction="increase", bounds=(0.0, 100.0))) if figures else None
