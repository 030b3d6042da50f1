"""What people decide about a measure: goals, limits, exclusions, new phases, notes, and the rule set of a scorecard.

Each asks `access` first, keeps what past periods said, writes in one transaction and leaves an audit row.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from scorecard import access
from scorecard.access import Actor
from scorecard.core import spc
from scorecard.core.definition import Definition
from scorecard.core.periods import Period, between, containing, day, noun
from scorecard.errors import ScorecardError, StaleEdit, UsageError
from scorecard.metrics.book import Book, read_book
from scorecard.metrics.keeping import before_change, has_limits, record_of
from scorecard.store import definitions, measures
from scorecard.store.engine import Store, Tx
from scorecard.store.measures import LimitsRecord

QUESTIONS = {
    "change_plain": "Is the change plain on the chart?",
    "cause_known": "Is its cause known?",
    "wanted": "Is the new behaviour wanted?",
    "will_last": "Will it last?",
}
LONGEST_TEXT = 500
LONGEST_TITLE = 80


def set_goal(
    store: Store,
    actor: Actor,
    measure: str,
    start: Period,
    value: float | None,
    source: str,
    reason: str,
    *,
    red: float | None = None,
    yellow: float | None = None,
    seen: int | None = None,
    now: datetime | None = None,
) -> int:
    """The version of the goal that counts from `start` on; `value` None takes the goal of that start back.

    `seen` is the version the person saw (0: none); another one meanwhile is a StaleEdit.
    """
    access.require(actor, "change_goals")
    why = _text(reason, "a reason")
    _finite(value, red, yellow)

    def work(tx: Tx) -> int:
        definition = _definition(tx, measure)
        _check_thresholds(definition, value, red, yellow)
        earlier = [one for one in measures.goals(tx, {measure: start.grain}) if one.start == start]
        standing = earlier[-1].version if earlier and earlier[-1].value is not None else 0
        _check_seen(seen, standing, f"The goal of {definition.label} from {start.label}")
        if value is None and (not earlier or earlier[-1].value is None):
            raise UsageError(
                f"{definition.label} has no goal that starts in {start.label}. Choose the start of one of its goals."
            )
        if definition.targets:
            before_change(tx, [measure])
        version = measures.add_goal(tx, measure, start, value, red, yellow, _short(source, LONGEST_TITLE), why)
        tx.audit(
            "set_goal",
            f"measure:{measure}",
            {"value": earlier[-1].value} if earlier else None,
            {"from": str(start), "value": value, "red": red, "yellow": yellow, "source": source, "reason": why},
        )
        return version

    return store.write(work, actor.name, now)


def lock_limits(
    store: Store,
    actor: Actor,
    measure: str,
    segment: str,
    reason: str,
    *,
    baseline: tuple[Period, Period] | None = None,
    phase: Period | None = None,
    seen: int | None = None,
    now: datetime | None = None,
) -> LimitsRecord:
    """The new version of the limits of a phase (its first period; None: the latest), from now on in force.

    `baseline` is its first and last period; None takes the first months of the phase, as many as lock by themselves.
    """
    access.require(actor, "lock_limits")
    why = _text(reason, "a reason")

    def work(tx: Tx) -> LimitsRecord:
        book = _book(tx, measure, segment)
        held = book.limits[measure, segment]
        _check_seen(seen, held[-1].version if held else 0, f"The limits of {book.definitions[measure].label}")
        found = _phase_to_lock(book, measure, segment, baseline, phase)
        before_change(tx, [measure])
        record = measures.add_limits(tx, record_of(book, measure, segment, found, actor.name, why))
        tx.audit(
            "lock_limits", _object(measure, segment), _limits_said(held[-1]) if held else None, _limits_said(record)
        )
        return record

    return store.write(work, actor.name, now)


def _phase_to_lock(
    book: Book, measure: str, segment: str, baseline: tuple[Period, Period] | None, start: Period | None
) -> spc.Phase:
    """The phase as its own baseline gives it. Raises when there are too few figures, or no limits."""
    figures, options = book.request((measure, segment, book.latest(measure), book.default_rules))
    starts = [figures[0].period, *options.rebase]
    first = start or starts[-1]
    if first not in starts:
        raise UsageError(f"No phase begins in {first.label}. They begin in {', '.join(one.label for one in starts)}.")
    following = min((one for one in starts if one > first), default=None)
    own = [f for f in figures if f.period >= first and (following is None or f.period < following)]
    usable = [f.period for f in own if f.value is not None and not f.partial and f.period not in options.exclude]
    most = options.lock_after or spc.LOCK_AFTER[first.grain]
    ends = baseline or ((usable[0], usable[:most][-1]) if usable else (first, first))
    count = sum(ends[0] <= period <= ends[1] for period in usable)
    if count < spc.PROVISIONAL_FROM:
        raise ScorecardError(
            f"{count} {noun(first.grain, count)} of figures are too few to lock limits on: "
            f"at least {spc.PROVISIONAL_FROM}, and {most} lock by themselves."
        )
    inside = replace(options, baseline=ends, rebase=(), locked=(), exclude=options.exclude & {f.period for f in own})
    found = spc.read_series(own, inside).phases[0]
    if not has_limits(found):
        raise ScorecardError(
            "These figures give no limits to lock: they do not vary, or the limits lie outside the natural bounds."
        )
    return found


def exclude(
    store: Store, actor: Actor, measure: str, segment: str, period: Period, cause: str, *, now: datetime | None = None
) -> None:
    """Leaves a period out of limits and runs, with its written cause; it stays on the chart, hollow."""
    _set_excluded(store, actor, measure, segment, period, True, _text(cause, "the cause"), now)


def include(
    store: Store, actor: Actor, measure: str, segment: str, period: Period, cause: str, *, now: datetime | None = None
) -> None:
    """Counts an excluded period again, with the reason."""
    _set_excluded(store, actor, measure, segment, period, False, _text(cause, "the reason"), now)


def _set_excluded(
    store: Store, actor: Actor, measure: str, segment: str, period: Period, out: bool, cause: str, now: datetime | None
) -> None:
    access.require(actor, "lock_limits")

    def work(tx: Tx) -> None:
        book = _book(tx, measure, segment)
        if book.point(measure, segment, period) is None:
            raise UsageError(
                f"{book.definitions[measure].label} has no figure for {period.label}. Choose a period on its chart."
            )
        if (period in book.excluded(measure, segment)) == out:
            raise UsageError(f"{period.label} is {'already excluded' if out else 'not excluded'}.")
        before_change(tx, [measure])
        measures.add_exclusion(tx, measure, segment, period, out, cause)
        tx.audit(
            "exclude" if out else "include", _object(measure, segment), None, {"period": str(period), "cause": cause}
        )

    store.write(work, actor.name, now)


def rebase(
    store: Store,
    actor: Actor,
    measure: str,
    segment: str,
    start: Period,
    title: str,
    answers: Mapping[str, bool],
    *,
    now: datetime | None = None,
) -> bool:
    """True when a new phase begins at `start`: all four QUESTIONS were answered yes.

    The change of the whole measure begins one in each of its segments too, with limits from their own figures. With a no the old limits stay and the signal stays; the answers are kept, and the start is not proposed again.
    """
    access.require(actor, "lock_limits")
    said = _answers(answers)
    approved = all(said.values())
    name = _text(title, "a title, the name of the change") if approved else title.strip()

    def work(tx: Tx) -> bool:
        book = _book(tx, measure, segment)
        _check_start(book, measure, segment, start)
        if approved:
            before_change(tx, [measure])
        for part in [segment, *(_followers(book, measure, start) if approved and not segment else ())]:
            if approved:
                measures.end_limits(tx, measure, part, start.shift(-1))
            measures.put_phase(tx, measure, part, start, _short(name, LONGEST_TITLE), said)
        tx.audit(
            "rebase" if approved else "rebase_refused",
            _object(measure, segment),
            None,
            {"start": str(start), "title": name, "answers": said},
        )
        return approved

    return store.write(work, actor.name, now)


def _followers(book: Book, measure: str, start: Period) -> list[str]:
    """The segments that have figures on both sides of a start, and no phase that begins there."""
    return [
        part
        for part in book.segments([measure])
        if (points := book.points(measure, part))
        and points[0].period < start <= points[-1].period
        and start not in book.phase_starts(measure, part)
    ]


def _answers(answers: Mapping[str, bool]) -> dict[str, bool]:
    if set(answers) != set(QUESTIONS):
        raise UsageError(f"Four questions are asked, {', '.join(QUESTIONS)}: answer each with yes or no.")
    return {question: bool(answers[question]) for question in QUESTIONS}


def _check_start(book: Book, measure: str, segment: str, start: Period) -> None:
    points = book.points(measure, segment)
    if not points[0].period < start <= points[-1].period or start not in between(points[0].period, points[-1].period):
        raise UsageError(
            f"A new phase cannot begin in {start.label}: the figures run from {points[0].period.label} "
            f"to {points[-1].period.label}, and the first of them begins the first phase."
        )
    if start in book.phase_starts(measure, segment):
        raise UsageError(f"A phase already begins in {start.label}.")


def add_note(
    store: Store,
    actor: Actor,
    measure: str,
    happened: date,
    text: str,
    period: Period | None = None,
    *,
    now: datetime | None = None,
) -> str:
    """The id of a new note: what happened on a day, beside the figures of the period that holds it (None: find it)."""
    access.require(actor, "log_records")
    words = _text(text, "a few words")
    if period and not period.start <= happened <= period.end:
        raise UsageError(f"{day(happened)} is not in {period.label}. Give the period that holds the day.")

    def work(tx: Tx) -> str:
        _definition(tx, measure)
        id, own = secrets.token_hex(6), period or containing(happened, measures.grain(tx, measure) or "month")
        measures.add_note(tx, id, measure, own, happened, words)
        tx.audit("add_note", f"measure:{measure}", None, {"id": id, "happened": str(happened), "text": words})
        return id

    return store.write(work, actor.name, now)


def withdraw_note(store: Store, actor: Actor, id: str, *, now: datetime | None = None) -> None:
    """Takes a note off the charts: its author or a leader may. The audit keeps its words."""
    access.require(actor, "log_records")

    def work(tx: Tx) -> None:
        found = measures.note(tx, id)
        if found is None or found.withdrawn_at:
            raise UsageError("There is no such note, or it was withdrawn already.")
        if found.author != actor.name:
            access.require(actor, "change_goals")
        measures.withdraw_note(tx, id)
        tx.audit("withdraw_note", f"measure:{found.measure}", {"id": id, "text": found.text}, None)

    store.write(work, actor.name, now)


def set_rule_set(
    store: Store, actor: Actor, scorecard: str, rule_set: str | None, *, now: datetime | None = None
) -> None:
    """Gives a scorecard a rule set of its own, or (None) the organisation's; closed periods keep what they said."""
    access.require(actor, "lock_limits")
    if rule_set is not None and rule_set not in spc.RULE_SETS:
        raise UsageError(f"Unknown rule set {rule_set!r}. Use one of: {', '.join(spc.RULE_SETS)}.")

    def work(tx: Tx) -> None:
        card = definitions.scorecard(tx, scorecard)
        if card is None:
            raise UsageError(f"There is no scorecard '{scorecard}'.")
        before_change(tx, card.measures)
        measures.set_rules(tx, scorecard, rule_set)
        tx.audit("set_rule_set", f"scorecard:{scorecard}", {"rule_set": card.rule_set}, {"rule_set": rule_set})

    store.write(work, actor.name, now)


def _definition(tx: Tx, measure: str) -> Definition:
    known = definitions.current(tx)
    if measure not in known:
        meant = definitions.find(known, measure)
        raise UsageError(f"There is no measure '{measure}'. Its id is '{meant.name}'.")
    return known[measure]


def _book(tx: Tx, measure: str, segment: str) -> Book:
    """The book of one measure that has figures for this segment."""
    definition = _definition(tx, measure)
    book = read_book(tx, [measure], tx.now.date())
    if not book.points(measure, segment) or book.latest(measure) is None:
        where = f" for {segment}" if segment else ""
        raise UsageError(f"{definition.label} has no complete figures{where}. Load some first.")
    return book


def _object(measure: str, segment: str) -> str:
    return f"measure:{measure}" + (f"/{segment}" if segment else "")


def _limits_said(record: LimitsRecord) -> dict:
    return {
        "version": record.version,
        "centre": record.centre,
        "lower": record.lower,
        "upper": record.upper,
        "n": record.n,
        "baseline": [str(record.baseline_from), str(record.baseline_to)],
        "reason": record.reason,
    }


def _text(text: str, what: str) -> str:
    """The text without outer blanks. Raises when it is empty or longer than fits."""
    found = text.strip()
    if not found:
        raise UsageError(f"This needs {what}. Write one sentence: others will read it next to the chart.")
    return _short(found, LONGEST_TEXT)


def _short(text: str, longest: int) -> str:
    found = text.strip()
    if len(found) > longest:
        raise UsageError(f"{len(found)} characters are too many: {longest} fit beside a chart.")
    return found


def _finite(*numbers: float | None) -> None:
    for number in numbers:
        if number is not None and not math.isfinite(number):
            raise UsageError(f"{number} is not a number that a goal can have.")


def _check_thresholds(definition: Definition, value: float | None, red: float | None, yellow: float | None) -> None:
    """Red and yellow come together, and red is the worse one."""
    if (red is None) != (yellow is None):
        raise UsageError("Give both thresholds of the plan, red and yellow, or neither.")
    if red is None:
        return
    if value is None or (red < yellow) != (definition.improvement_direction != "decrease"):
        raise UsageError(
            f"{definition.label}: red ({red}) has to be the worse of the two thresholds, yellow ({yellow}) the better."
        )


def _check_seen(seen: int | None, version: int, what: str) -> None:
    if seen is not None and seen != version:
        raise StaleEdit(
            f"{what} changed meanwhile: you saw version {seen}, version {version} is in force. Look, and decide again."
        )
