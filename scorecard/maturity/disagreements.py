"""What raters do not agree on, as the monthly review takes it up: once by itself, or practice by practice when asked to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from scorecard.core.periods import Period, containing
from scorecard.core.reading import count_word
from scorecard.core.rubric import Score, cut_off
from scorecard.maturity.answering import questions
from scorecard.maturity.cycles import model_at
from scorecard.maturity.results import scores_of
from scorecard.store import definitions, reviews
from scorecard.store import maturity as rows
from scorecard.store.maturity import Cycle
from scorecard.store.tx import Tx

OF_A_CYCLE, OF_A_PRACTICE = "maturity:", "practice:"
NAMED = 3


@dataclass(frozen=True)
class Topic:
    """An item of an agenda: "maturity:<cycle>" for all that people see differently, "practice:<cycle>:<practice>" for one."""

    item: str
    title: str
    why: str


def item_of(cycle: str, practice: str) -> str:
    """The item of one practice."""
    return f"{OF_A_PRACTICE}{cycle}:{practice}"


def main_scorecard(tx: Tx) -> str:
    """The scorecard whose review talks about maturity: the first one with a measure, "" when there is none."""
    return next((card.id for card in definitions.scorecards(tx) if card.measures), "")


def unsettled(tx: Tx, scorecard: str, period: Period, day: date) -> Topic | None:
    """What raters disagreed on in the newest cycle closed by the day of a review, until a signed review has decided it."""
    if period.grain != "month" or scorecard != main_scorecard(tx):
        return None
    closed = [one for one in rows.cycles(tx) if one.closed_at and one.closed_at.date() <= day]
    newest = max(closed, key=lambda one: one.closed_at, default=None)
    if newest is None or period < containing(newest.closed_at.date(), "month").shift(-1):
        return None
    item = f"{OF_A_CYCLE}{newest.id}"
    return None if _settled(tx, item, scorecard, period) else _topic(tx, newest, item)


def _settled(tx: Tx, item: str, scorecard: str, period: Period) -> bool:
    """Whether another review that is signed has decided the item."""
    others = [one for card, one in reviews.signed(tx) if card == scorecard and one != period and one.grain == period.grain]
    return any(found.decision for one in others if (found := reviews.items(tx, scorecard, one).get(item)))


def _topic(tx: Tx, cycle: Cycle, item: str) -> Topic | None:
    wide = _wide(tx, cycle)
    if not wide:
        return None
    noun = "practice" if cycle.kind == "full" else "system"
    named = [_title(tx, cycle, score.subject) for score in wide[:NAMED]] + ([f"{len(wide) - NAMED} more"] if len(wide) > NAMED else [])
    told = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    title = f"People see {count_word(len(wide))} {noun}{'s' if len(wide) > 1 else ''} very differently"
    why = f"{told}: spread above {cut_off():.2f} levels in {cycle.title}"
    return Topic(item, title, why)


def _wide(tx: Tx, cycle: Cycle) -> list[Score]:
    """The practices without agreement that may be shown, the widest first."""
    shown = [one for one in scores_of(tx, cycle).practices if not one.group and not one.hidden and one.agreed is False]
    return sorted(shown, key=lambda one: (-one.spread, one.subject))


def _title(tx: Tx, cycle: Cycle, practice: str) -> str:
    asked = {one.id: one for own in questions(model_at(tx, cycle.model), cycle).values() for one in own}
    if practice not in asked:
        return practice
    return asked[practice].title if cycle.kind == "quick" else f"{practice} {asked[practice].title}"


def topics(tx: Tx, items: Iterable[str]) -> dict[str, Topic]:
    """Item -> topic of the practices, and whole cycles, that were put on an agenda; unknown ones are left out."""
    found: dict[str, Topic] = {}
    for item in items:
        kind, _, rest = item.partition(":")
        id, _, practice = rest.partition(":")
        cycle = rows.cycle(tx, id) if f"{kind}:" in (OF_A_CYCLE, OF_A_PRACTICE) else None
        if cycle is None or cycle.open:
            continue
        topic = practice_topic(tx, cycle, practice) if practice else _topic(tx, cycle, item)
        if topic:
            found[item] = topic
    return found


def practice_topic(tx: Tx, cycle: Cycle, practice: str) -> Topic:
    """The item of one practice, with what may be shown of how people see it."""
    score = scores_of(tx, cycle).of(practice)
    why = f"From the maturity results of {cycle.title}"
    if score and not score.hidden and score.median is not None:
        why += f": median {score.median:.1f}, answers from {score.lowest:.0f} to {score.highest:.0f}, spread {score.spread:.2f}"
        why += "; people do not agree" if score.agreed is False else ""
    return Topic(item_of(cycle.id, practice), _title(tx, cycle, practice), why)
