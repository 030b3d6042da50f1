"""What changed since the last review: statuses, signals, restated figures, limits, goals, actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from scorecard.actions import Action
from scorecard.core import fmt
from scorecard.core.periods import day
from scorecard.metrics import MeasureView, Row, ScorecardView
from scorecard.metrics.keeping import AUTOMATIC
from scorecard.reviews.agenda import SIGNALS
from scorecard.reviews.model import Changes, Moved


@dataclass(frozen=True)
class Since:
    """The review before: its scorecard as it was read then, and when it was signed or opened.

    `moment` is None when there was no review: what was recorded before is then no news. `arrived` says when the first
    figures of a measure came: goals that stood before them came with its definition.
    """

    view: ScorecardView
    moment: datetime | None
    signed: bool
    arrived: Mapping[str, datetime] = field(default_factory=dict)


def changes(
    view: ScorecardView, measures: Sequence[MeasureView], since: Since | None, actions: Sequence[Action], day_of: date
) -> Changes:
    """The difference to the review before, in sentences; nothing but counts without one."""
    if since is None:
        return Changes(None, (), len(view.rows), (), (), (), (), (), ())
    before = {row.measure.name: row for row in since.view.rows}
    both = [(row, before[row.measure.name]) for row in view.rows if row.measure.name in before and row.value is not None]
    moved = tuple(_moved(now, then) for now, then in both if now.reading.status != then.reading.status)
    return Changes(
        since.view.period,
        moved,
        len(both) - len(moved),
        tuple(_signal(now) for now, then in both if _new_signal(now, then)),
        tuple(_ended(now, then) for now, then in both if _has(then) and not _has(now)),
        tuple(_restated(both_rows, since) for both_rows in both if _is_restated(*both_rows, since)),
        tuple(_new_limits(measures, since)) if since.moment else (),
        tuple(_new_goals(measures, since)) if since.moment else (),
        tuple(_actions(actions, since.moment or datetime.combine(view.period.start, time()), day_of)),
    )


def _moved(now: Row, then: Row) -> Moved:
    return Moved(now.measure.name, now.measure.label, then.reading.status, now.reading.status)


def _has(row: Row) -> bool:
    return row.reading.variation in SIGNALS


def _new_signal(now: Row, then: Row) -> bool:
    return _has(now) and (not _has(then) or now.reading.variation != then.reading.variation)


def _signal(row: Row) -> str:
    return row.reading.sentence.text


def _ended(now: Row, then: Row) -> str:
    return f"{now.measure.label}: the signal of {then.period.bare} has ended ({then.reading.behaviour[0].lower()})."


def _earlier(now: Row, then: Row) -> float | None:
    """The figure of the earlier period as it stands now."""
    return next((point.value for point in now.chart.points if point.period == then.period), None)


def _is_restated(now: Row, then: Row, since: Since) -> bool:
    value = _earlier(now, then)
    return None not in (value, then.value) and value != then.value


def _restated(both: tuple[Row, Row], since: Since) -> str:
    now, then = both
    kept = " The signed copy keeps its figure." if since.signed else ""
    return (
        f"{now.measure.label} for {then.period.bare}: {then.value_text} → "
        f"{fmt.value(_earlier(now, then), now.measure)}.{kept}"
    )


def _new_limits(measures: Sequence[MeasureView], since: Since) -> list[str]:
    """New limits and new phases; those that locked by themselves are news of the period that completed their baseline."""
    found = []
    for view in measures:
        label = view.row.measure.label
        found += [
            f"{label}: limits locked on {day(one.recorded_at.date())} by {one.author}. {one.reason}".strip()
            for one in view.limits
            if one.recorded_at > since.moment and (one.author != AUTOMATIC or one.baseline_to > since.view.period)
        ]
        found += [
            f"{label}: new phase from {one.start.label} by {one.author}: {one.title}."
            for one in view.phases
            if one.recorded_at > since.moment and one.start >= since.view.period
        ]
    return found


def _new_goals(measures: Sequence[MeasureView], since: Since) -> list[str]:
    return [
        f"{view.row.measure.label}: goal {fmt.goal(one.value, view.row.measure)} from {one.start.label}, by {one.author}. "
        f"{one.reason}".strip()
        for view in measures
        for one in view.goals
        if one.recorded_at > max(since.moment, since.arrived.get(view.row.measure.name, since.moment))
    ]


def _actions(actions: Sequence[Action], moment: datetime, day_of: date) -> list[str]:
    done = [one for one in actions if one.state == "done" and one.ended and moment.date() < one.ended <= day_of]
    new = [one for one in actions if moment < one.made_at and one.made_at.date() <= day_of and one.state != "dropped"]
    late = [one for one in actions if one.days_late(day_of)]
    groups: Mapping[str, list[Action]] = {"Done": done, "Late": late, "New": new}
    return [f"{word}: {one.title} ({one.owner_name})." for word, group in groups.items() for one in group]
