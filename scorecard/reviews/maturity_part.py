"""What a month says about maturity: the newest cycle that was closed when it was over, for the scorecard that talks about it."""

from __future__ import annotations

from scorecard.core.periods import Period
from scorecard.maturity.disagreements import main_scorecard
from scorecard.maturity.results import PracticeResult, Results, SystemResult, results_in
from scorecard.reviews.model import Maturity, MaturityPractice, MaturitySystem
from scorecard.store import maturity as rows
from scorecard.store.engine import Tx

MOST = 5
GRAINS = ("month", "quarter")


def of_month(tx: Tx, scorecard: str, period: Period) -> Maturity | None:
    """The newest cycle closed up to the end of a month or quarter; None without one, and for other scorecards than the first."""
    if period.grain not in GRAINS:
        return None
    closed = [one for one in rows.cycles(tx) if one.closed_at and one.closed_at.date() <= period.end]
    newest = max(closed, key=lambda one: one.closed_at, default=None)
    if newest is None or scorecard != main_scorecard(tx):
        return None
    return told(results_in(tx, newest))


def told(found: Results) -> Maturity:
    """What a month keeps of the results of a cycle: the systems, the widest disagreements, the largest gaps."""
    cycle, labels = found.cycle, {one.system: one.label for one in found.systems}
    return Maturity(
        cycle.id, cycle.title, cycle.kind, cycle.closed_at.date(), found.asked, found.finished, len(found.practices), found.last_title,
        found.sentences, found.hidden, found.percent, tuple(map(_system, found.systems)),
        tuple(_practice(one, labels) for one in found.disagreements[:MOST]), tuple(_practice(one, labels) for one in found.gaps[:MOST]),
    )  # fmt: skip


def _system(one: SystemResult) -> MaturitySystem:
    score = one.score
    return MaturitySystem(one.label, score.median, score.lowest, score.highest, score.middle, one.last, one.target, one.talk, score.hidden)


def _practice(one: PracticeResult, labels: dict[str, str]) -> MaturityPractice:
    return MaturityPractice(one.practice, one.title, labels[one.system], one.score.median, one.score.spread, one.score.counts,
                            one.target, one.gap)
