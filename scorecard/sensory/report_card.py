"""The report card of the health score: scores as they were known before each renewal, against what happened.

A score counts that was known so many days before the renewal: of the newest month that had ended and was recorded by then.
Months from before the first load were recorded from history, by the same rule and from facts up to their own end: how many
is said. Green is what was green by the rule that made the score, so that a later threshold repaints no verdict.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from scorecard.core import health_score, score_check
from scorecard.core.calibration import Interval
from scorecard.core.health_score import ORDER, Rule
from scorecard.core.intervals import Share
from scorecard.core.score_check import Band, Proposal
from scorecard.sensory import themes
from scorecard.sensory.scoring import rule
from scorecard.store import health_scores as rows
from scorecard.store.engine import Store

AHEAD = (30, 60, 90, 180)
FALLEN_TO = 2 / 3  # use fell by a third
SIMPLE = f"use below {FALLEN_TO:.0%} of the usual, and nothing else"
UNSEEN, NEITHER = ("price", "sponsor"), "Neither: read their comments"
LOOKED_BACK = 180


@dataclass(frozen=True)
class Outcome:
    """A renewal: what was due, whether the account was lost, and the score as it was known before."""

    account: str
    name: str
    segment: str
    due_on: date
    value: float
    lost: bool
    version: int
    green_from: int
    score: int
    readings: tuple[float | None, ...]
    from_history: bool

    @property
    def green(self) -> bool:
        """Whether the score was green by the rule that made it."""
        return self.score >= self.green_from

    @property
    def use(self) -> float | None:
        return self.readings[ORDER.index("use")]


@dataclass(frozen=True)
class Missed:
    """A green account that was lost, with what the score did not see: the theme of what it had said before, or NEITHER."""

    outcome: Outcome
    unseen: str = NEITHER


@dataclass(frozen=True)
class ReportCard:
    """How the score did so many days ahead. Below its threshold an account was flagged; there are several where the rule was
    changed. `auc` is None with too few losses; `simple` is the AUC of the one simple rule, `gain` how much better the score
    was on the same renewals."""

    days: int
    thresholds: tuple[int, ...]
    renewals: int
    lost: Share
    without_score: int
    from_history: int
    bands: tuple[Band, ...]
    auc: Interval | None
    precision: Share
    recall: Share
    simple: Interval | None
    gain: Interval | None
    missed: tuple[Missed, ...]

    @property
    def missed_value(self) -> float:
        """The value a year that was due from the green accounts that were lost."""
        return sum(one.outcome.value for one in self.missed)

    @property
    def verdict(self) -> str:
        """`better`, `worse` or `no_better` than the simple rule; `cannot_say` with too few losses."""
        if self.gain is None:
            return "cannot_say"
        return "better" if self.gain.lower > 0 else "worse" if self.gain.upper < 0 else "no_better"


VERDICTS = {"better": "It beats one simple rule", "worse": "One simple rule does better", "no_better": "One simple rule does as well",
            "cannot_say": "Too few losses to compare it with a simple rule"}


def read(store: Store, until: date, days: int = AHEAD[-1], threshold: int | None = None, segment: str = "", since: date | None = None) -> ReportCard:
    """The report card so many days ahead, of renewals due from `since` to `until`. Below the threshold (without it the start
    of green by the rule that made the score) an account counts as flagged."""
    found, without = outcomes(store, until, days, segment, since)
    lines = [one.green_from if threshold is None else threshold for one in found]
    scores, lost = [one.score for one in found], [one.lost for one in found]
    known = [one for one in found if one.use is not None]
    both = [one.lost for one in known]
    fell = [float(one.use is not None and one.use < FALLEN_TO) for one in known]
    risks = [-float(one.score) for one in known]
    precision, recall = score_check.caught([score - line for score, line in zip(scores, lines, strict=True)], lost, 0)
    missed = tuple(Missed(one) for one in found if one.lost and one.green)
    return ReportCard(days, tuple(sorted(set(lines))), len(found), Share(sum(lost), len(lost)), without, sum(one.from_history for one in found),
                      score_check.bands(scores, lost), score_check.told_apart([-float(one) for one in scores], lost), precision, recall,
                      score_check.told_apart(fell, both), score_check.difference(risks, fell, both), missed)


def explained(store: Store, card: ReportCard) -> ReportCard:
    """The same card, with what the score did not see in each green account that was lost: a price rise or a sponsor who had
    left, where it was said in the LOOKED_BACK days before the renewal."""
    if not card.missed:
        return card
    days = [one.outcome.due_on for one in card.missed]
    said = themes.labels(store, min(days) - timedelta(LOOKED_BACK), max(days), UNSEEN)
    by_account: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for account, day, label in said:
        by_account[account].append((day, label))
    return replace(card, missed=tuple(replace(one, unseen=_unseen(one.outcome, by_account[one.outcome.account])) for one in card.missed))


def _unseen(one: Outcome, said: Sequence[tuple[date, str]]) -> str:
    labels = [label for day, label in said if timedelta(0) <= one.due_on - day <= timedelta(LOOKED_BACK)]
    return labels[-1] if labels else NEITHER


def unseen(card: ReportCard) -> list[tuple[str, int]]:
    """(what the score did not see, green accounts that were lost), most first; what nobody said comes last."""
    counted = Counter(one.unseen for one in card.missed)
    return sorted(counted.items(), key=lambda pair: (pair[0] == NEITHER, -pair[1], pair[0]))


def outcomes(store: Store, until: date, days: int, segment: str = "", since: date | None = None) -> tuple[list[Outcome], int]:
    """The decided renewals with their scores, the earliest first, and how many had none."""
    with store.read() as state:
        known = rows.rules(state)
    with store.read_facts() as tx:
        found = rows.outcomes(tx, days, until, rows.first_load(tx))
    ours = [row for row in found if (not segment or row[2] == segment) and (since is None or row[3] >= since)]
    scored = [_outcome(row, known) for row in ours if row[9] is not None]
    return scored, len(ours) - len(scored)


def _outcome(row: tuple, known: Mapping[int, Rule]) -> Outcome:
    account, name, segment, due, value, lost, _, version, from_history, score, readings = row
    return Outcome(account, name, segment, due, value, lost, version, known[version].green, score, tuple(readings), from_history)


def proposal(store: Store, until: date, days: int = AHEAD[-1]) -> Proposal:
    """Weights that the outcomes so many days ahead propose for the inputs that count. Nothing is changed by it."""
    with store.read() as state:
        current = rule(state)
    found, _ = outcomes(store, until, days)
    complete = [(parts, one.lost) for one in found if (parts := _shares(current, one)) is not None]
    return score_check.proposed([parts for parts, _ in complete], [one.weight for one in current.counted], [lost for _, lost in complete])


def _shares(current: Rule, one: Outcome) -> list[float] | None:
    """The share of the points of each input that counts, None when one is missing."""
    parts = [health_score.share(each, one.readings[each.place]) for each in current.counted]
    return None if any(part is None for part in parts) else [part for part in parts if part is not None]


def sentence(card: ReportCard) -> str:
    """What the report card says, in two sentences."""
    if not card.renewals:
        return f"No renewal has a score from {card.days} days before it yet."
    low, high = card.bands[0], card.bands[-1]
    said = f"{_share(card.lost)} of {card.renewals:,} renewals were lost. "
    if low.lost.n and high.lost.n:
        said = f"{_share(low.lost)} of accounts {low.label} were lost, {_share(high.lost)} of those at {high.label}. "
    return f"{said}{len(card.missed)} of {card.lost.hits} lost accounts had been green. {VERDICTS[card.verdict]}."


def _share(one: Share) -> str:
    return f"{one.value:.0%}" if one.value is not None else "none"
