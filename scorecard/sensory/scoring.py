"""Health scores: recorded once a month, read by account and by segment, and the rule that they are made by.

A month is recorded when every kind of facts that the rule counts tells of its end, or GRACE_DAYS after it. From then on it
stands: a later load, or a new version of the rule, changes later months only, and what was restated is told beside it.
Months from before the first load are filled in from what comes within SETTLING_DAYS of it. An account that has left keeps
the score of its last whole month.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from scorecard import access
from scorecard.access import Actor
from scorecard.core import health_score, names
from scorecard.core.health_score import DEFAULT, READINGS, Moved, Rule
from scorecard.core.periods import Period, between, containing
from scorecard.errors import ScorecardError, StaleEdit
from scorecard.store import catalogue
from scorecard.store import health_scores as rows
from scorecard.store.engine import Store
from scorecard.store.health_scores import Recorded, Row
from scorecard.store.tx import Tx

MONTH = "month"
GRACE_DAYS, SETTLING_DAYS, MOST_MONTHS = 35, 35, 60
DEAD_MONTHS, FEWEST_ACCOUNTS = 12, 5
SHIPPED, NO_SEGMENT = "as shipped", "No segment"
Reaches = Mapping[str, tuple[date, date]]


@dataclass(frozen=True)
class Refreshed:
    """The months that were recorded, and how many recorded scores the facts would now make otherwise."""

    months: tuple[Period, ...]
    restated: int


@dataclass(frozen=True)
class Part:
    """One input of a score: its reading (None when missing), weight, points, points possible, and what a missing one does."""

    name: str
    reading: str
    value: float | None
    weight: int
    points: int | None
    possible: int
    missing: str


@dataclass(frozen=True)
class Health:
    """The score of an account in a month. `frozen` is the month whose score it keeps since it left; `now` is the score as
    the facts are now, where its inputs were restated after it was recorded."""

    account: str
    name: str
    segment: str
    month: Period
    score: int | None
    band: str
    parts: tuple[Part, ...]
    rule: Rule
    recorded_at: datetime | None
    frozen: Period | None
    before: Period | None
    change: tuple[Moved, ...]
    restated: bool = False
    now: int | None = None


# -- the rule

def rule(tx: Tx) -> Rule:
    """The rule of the next month that is recorded."""
    known = rows.rules(tx)
    return known[max(known)] if known else DEFAULT


def history(store: Store) -> list[Rule]:
    """Every version of the rule with author, time and reason, the newest first."""
    with store.read() as tx:
        return list(reversed(rows.rules(tx).values()))


def save_rule(store: Store, actor: Actor, changed: Rule, seen_version: int, reason: str, nonce: str = "") -> Rule:
    """The new version of the rule. Months that are recorded keep theirs. Raises DefinitionError, StaleEdit."""
    access.require(actor, "edit_measures")
    checked = replace(health_score.checked(changed), reason=names.required(reason, "reason", health_score.LONGEST_REASON))

    def work(tx: Tx) -> Rule:
        current = rule(tx)
        if current.version != seen_version:
            raise StaleEdit(f"{current.author} saved version {current.version} of the health score meanwhile; you saw version {seen_version}. "
                            "Look at it, then change it again.")
        return _add(tx, checked, current)

    return store.write(work, actor.name, nonce=nonce)


def _add(tx: Tx, new: Rule, current: Rule | None) -> Rule:
    made = replace(new, version=current.version + 1 if current else 1, author=tx.actor, recorded_at=tx.now)
    rows.add_rule(tx, made)
    tx.audit("change health score", "health_rule", health_score.as_json(current) if current else None,
             {"version": made.version, "reason": made.reason, "rule": health_score.as_json(made)})
    return made


def ready(store: Store) -> Rule:
    """The rule in force; one that nobody has saved is kept as version 1 first, so that a later release cannot change it."""
    with store.read() as tx:
        if (found := rule(tx)).version:
            return found
    with store.read_facts() as tx:
        event = rows.total_use(tx)
    shipped = replace(DEFAULT, reason=SHIPPED, inputs=tuple(
        replace(one, event=event) if one.reading == "use" else one for one in DEFAULT.inputs))
    return store.write(lambda tx: found if (found := rule(tx)).version else _add(tx, shipped, None), "Seven Systems")


# -- recording

def refresh(store: Store, actor: Actor, today: date, tables: Collection[str] | None = None) -> Refreshed:
    """The months that were recorded now. `tables`: the kinds of facts that a load brought, all of them without it."""
    kinds = {one.kind for one in READINGS.values()} | {"account", "subscription"}
    if tables is not None and not kinds & set(tables):
        return Refreshed((), 0)
    with store.read_facts() as tx:
        covered, reaches, first_load = catalogue.covered(tx), _reaches(tx), rows.first_load(tx)
    if "account" not in covered or not reaches:
        return Refreshed((), 0)
    in_force = ready(store)
    with store.read() as tx:
        known = rows.rules(tx)
    with store.facts() as tx:
        done = _record(tx, known, in_force, _open_months(tx, in_force, reaches, today, first_load), reaches)
        restated = _restate(tx, known, reaches, set(done))
        if done:
            said = {"months": [str(month) for month in done], "version": in_force.version}
            store.write(lambda state: state.audit("record health scores", "health_score", None, said), actor.name)
    return Refreshed(tuple(done), restated)


def _reaches(tx: Tx) -> dict[str, tuple[date, date]]:
    """The first month and the last whole month that each kind of facts tells of."""
    found = {}
    for kind, one in catalogue.covered(tx).items():
        last = containing(one.last, MONTH)
        while not one.reaches(last.end):
            last = last.shift(-1)
        found[kind] = (one.first.replace(day=1), last.start)
    return {kind: span for kind, span in found.items() if kind in {one.kind for one in READINGS.values()}}


def _open_months(tx: Tx, in_force: Rule, reaches: Reaches, today: date, first_load: date | None) -> list[Period]:
    """The complete months that wait to be recorded, with those from before the first load that a new kind of facts completes."""
    wanted = {READINGS[one.reading].kind for one in in_force.counted} & reaches.keys()
    known = rows.recorded(tx)
    newest = max((last for _, last in reaches.values()), default=date.min)
    first = Period(min(first for first, _ in reaches.values()), MONTH)
    months = between(first, min(Period(newest, MONTH), containing(today, MONTH).shift(-1)))[-MOST_MONTHS:]
    live = max(known, default=date.min)
    return [month for month in months
            if (_settles(known.get(month.start), wanted, reaches, month, today, first_load) if month.start in known
                else month.start > live and _is_due(wanted, reaches, month, today)
                or first_load is not None and month.end < first_load and today <= first_load + timedelta(SETTLING_DAYS))]


def _is_due(wanted: Collection[str], reaches: Reaches, month: Period, today: date) -> bool:
    return all(reaches[kind][1] >= month.start for kind in wanted) or today > month.end + timedelta(GRACE_DAYS)


def _settles(one: Recorded, wanted: Collection[str], reaches: Reaches, month: Period, today: date, first_load: date | None) -> bool:
    """Whether a month from before the first load lacks a kind of facts that has come since."""
    settling = first_load is not None and month.end < first_load and today <= first_load + timedelta(SETTLING_DAYS)
    return settling and any(kind not in one.kinds and reaches[kind][0] <= month.start <= reaches[kind][1] for kind in wanted)


def _record(tx: Tx, known: Mapping[int, Rule], in_force: Rule, months: Sequence[Period], reaches: Reaches) -> list[Period]:
    """A month that a new kind of facts completes keeps the version by which it was recorded."""
    by_version: dict[int, list[Period]] = {}
    there = rows.recorded(tx)
    for month in months:
        by_version.setdefault(there[month.start].version if month.start in there else in_force.version, []).append(month)
    for version, own in by_version.items():
        for together in _runs(own):
            kinds = [kind for kind, (first, last) in reaches.items() if first <= together[-1].start and last >= together[0].start]
            rows.record(tx, known[version], together, reaches, kinds)
    there = rows.recorded(tx)
    return [month for month in months if month.start in there]


def _runs(months: Sequence[Period]) -> list[list[Period]]:
    """The months in runs that follow one another."""
    numbered = groupby(enumerate(sorted(months)), lambda pair: pair[1].ordinal - pair[0])
    return [[month for _, month in own] for _, own in numbered]


def _restate(tx: Tx, known: Mapping[int, Rule], reaches: Reaches, fresh: Collection[Period]) -> int:
    """How many recorded scores the facts would now make otherwise; a month that was recorded just now is not asked."""
    by_version: dict[int, list[Period]] = {}
    for one in rows.recorded(tx).values():
        if Period(one.month, MONTH) not in fresh:
            by_version.setdefault(one.version, []).append(Period(one.month, MONTH))
    return sum(rows.restate(tx, known[version], together, reaches)
               for version, months in by_version.items() for together in _runs(months))


# -- reading

def account(store: Store, wanted: str, month: Period, today: date) -> Health:
    """The health of an account (its id or its name) in a month. A month that is not recorded is read from the facts as
    they are now. Raises ScorecardError for an unknown account, and for a month in which it was no customer."""
    with store.read() as tx:
        known, current = rows.rules(tx), rule(tx)
    with store.read_facts() as tx:
        found = rows.find_account(tx, wanted)
        if found is None:
            raise ScorecardError(f"There is no account {wanted!r}, or several have this name. Name it by its id, as in the accounts of the CRM.")
        id, name, _, ended_on = found
        there = {row.month: row for row in rows.of_account(tx, id)}
        recorded = rows.recorded(tx)
        kept = _kept(there, month, ended_on)
        row = kept or there.get(month.start) or rows.now(tx, current, id, month, _reaches(tx))
        restated = rows.restated_score(tx, id, row.month) if row else None
    if row is None:
        raise ScorecardError(f"{name} ({id}) was no customer at the end of {month.label}{_when(ended_on)}. Name another month.")
    known = known | {current.version: current}
    before = there.get(Period(row.month, MONTH).shift(-1).start)
    at = recorded[row.month].recorded_at if row.month in there else None
    frozen = Period(kept.month, MONTH) if kept and kept.month != month.start else None
    return _health(row, name, month, known, before, at, frozen, restated)


def _kept(there: Mapping[date, Row], month: Period, ended_on: date | None) -> Row | None:
    """The last whole month of an account that had left by then; months that were recorded before that was known come after it."""
    if ended_on is None or ended_on > month.end:
        return None
    whole = [one for one in there if one < ended_on.replace(day=1)]
    return there[max(whole)] if whole else None


def _when(ended_on: date | None) -> str:
    return f"; it left on {ended_on.day} {calendar.month_abbr[ended_on.month]} {ended_on.year}" if ended_on else ""


def _health(row: Row, name: str, month: Period, known: Mapping[int, Rule], before: Row | None, at: datetime | None,
            frozen: Period | None, restated: tuple | None) -> Health:
    own = known[row.version]
    change = health_score.why(known[before.version], before.readings, own, row.readings) if before else []
    return Health(row.account, name, row.segment, month, row.score, own.band(row.score), parts(own, row), own, at, frozen,
                  Period(before.month, MONTH) if before else None, tuple(change), restated is not None, restated[0] if restated else None)


def parts(own: Rule, row: Row) -> tuple[Part, ...]:
    """What each input of a recorded month was read as, and the points that it gave."""
    return tuple(Part(one.label, one.reading, row.readings[one.place] if one.place < len(row.readings) else None, one.weight,
                      row.points[place], row.possible[place], one.missing) for place, one in enumerate(own.inputs))


def latest(store: Store) -> Period | None:
    """The last recorded month, None before the first."""
    with store.read_facts() as tx:
        found = rows.recorded(tx)
    return Period(max(found), MONTH) if found else None


@dataclass(frozen=True)
class SegmentMonth:
    """A segment in a month: accounts, those with a score, and the sum of their scores."""

    segment: str
    month: Period
    accounts: int
    scored: int
    total: int

    @property
    def mean(self) -> float | None:
        """The mean score, None when no account has one."""
        return self.total / self.scored if self.scored else None


@dataclass(frozen=True)
class SegmentParts:
    """Points earned and possible by input, summed over the scored accounts of a segment."""

    names: tuple[str, ...]
    points: tuple[int, ...]
    possible: tuple[int, ...]


@dataclass(frozen=True)
class Fallen:
    """An account that lost points: its score now and the change since the earlier month."""

    account: str
    name: str
    segment: str
    score: int
    change: int


@dataclass(frozen=True)
class Dead:
    """An input that said the same of every account for DEAD_MONTHS months: it cannot tell one from another."""

    name: str
    reading: str
    weight: int
    value: float
    accounts: int

    @property
    def sentence(self) -> str:
        """What it is, for people."""
        counts = f"{self.weight} of {health_score.POSSIBLE} points" if self.weight else "only watched, no points"
        return (f"{self.name} ({counts}) was {self.value:g} for all {self.accounts:,} accounts in {DEAD_MONTHS} months: "
                "it cannot tell one account from another.")


def segments(store: Store, first: Period, last: Period) -> dict[str, list[SegmentMonth]]:
    """The recorded months of each segment, and of all accounts under "", in order of time. An account counts in the
    segment that it was in when the month was recorded."""
    with store.read_facts() as tx:
        found = rows.by_segment(tx, first.start, last.start)
    series: dict[str, list[SegmentMonth]] = {}
    for month, together in groupby(found, lambda row: row[0]):
        own = list(together)
        for segment, counted in [("", own), *((_segment(row[1]), [row]) for row in own)]:
            sums = (sum(row[place] or 0 for row in counted) for place in (3, 4, 5))
            series.setdefault(segment, []).append(SegmentMonth(segment, Period(month, MONTH), *sums))
    return series


def _segment(name: str) -> str:
    return name or NO_SEGMENT


def segment_parts(store: Store, month: Period) -> dict[str, SegmentParts]:
    """What the accounts of each segment earned in a recorded month, by input; all of them under ""."""
    with store.read() as state:
        known = rows.rules(state)
    with store.read_facts() as tx:
        one = rows.recorded(tx).get(month.start)
        if one is None:
            return {}
        own = known[one.version]
        found = {_segment(name): sums for name, *sums in rows.points_by_segment(tx, month.start, len(own.inputs))}
    found[""] = [sum(each or 0 for each in column) for column in zip(*found.values(), strict=True)]
    return {name: _segment_parts(own, sums) for name, sums in found.items()}


def _segment_parts(own: Rule, sums: Sequence[int | None]) -> SegmentParts:
    count, whole = len(own.inputs), tuple(one or 0 for one in sums)
    return SegmentParts(tuple(one.label for one in own.inputs), whole[:count], whole[count:])


def fallen(store: Store, month: Period, months: int = 3, segment: str = "", limit: int = 10) -> list[Fallen]:
    """The accounts that lost most points in so many months, the largest loss first."""
    with store.read_facts() as tx:
        return [Fallen(*row) for row in rows.fallen(tx, month.start, month.shift(-months).start, segment, limit)]


def dead(store: Store, month: Period) -> list[Dead]:
    """The inputs of the rule that said the same of every account in the last months."""
    with store.read() as state:
        current = rule(state)
    with store.read_facts() as tx:
        spread = {name: found for name, *found in rows.spread(tx, month.shift(1 - DEAD_MONTHS).start, month.start)}
    return [Dead(one.label, one.reading, one.weight, least, accounts) for one in current.inputs
            for accounts, least, most in [spread[one.reading]] if accounts >= FEWEST_ACCOUNTS and least == most]


def restated(store: Store) -> list[tuple[Period, int]]:
    """(month, accounts) whose facts say something else now than when the month was recorded."""
    with store.read_facts() as tx:
        return [(Period(month, MONTH), count) for month, count in rows.restated(tx)]


def described(one: Health) -> dict[str, Any]:
    """The health of an account as JSON can carry it."""
    return {
        "account": one.account, "name": one.name, "segment": one.segment, "month": str(one.month), "score": one.score, "band": one.band or None,
        "inputs": [_part(part) for part in one.parts],
        "change": [{"name": moved.name, "points": moved.points} for moved in one.change],
        "change_from": str(one.before) if one.change else None,
        "rule_version": one.rule.version, "recorded_at": one.recorded_at.isoformat() if one.recorded_at else None,
        "frozen_at": str(one.frozen) if one.frozen else None, "restated": one.restated, "score_as_restated": one.now,
        "sentence": sentence(one)}


def _part(part: Part) -> dict[str, Any]:
    return {"name": part.name, "reading": part.reading, "value": part.value, "weight": part.weight, "points": part.points,
            "points_possible": part.possible, "missing_rule": part.missing, "missing_words": health_score.MISSING[part.missing]}


def sentence(one: Health) -> str:
    """The score of an account in one or two sentences."""
    said = _scored(one)
    if one.recorded_at is None:
        said += " The month is not recorded yet: the score is as the facts are now."
    if one.restated:
        said += f" Its facts were restated since; they would make it {'blank' if one.now is None else one.now}."
    return said


def _scored(one: Health) -> str:
    who, moved = f"{one.name} ({one.account})", sum(part.points for part in one.change)
    if one.score is None:
        lacking = ", ".join(part.name.lower() for part in one.parts if part.value is None and part.weight)
        return f"{who} has no score in {one.month.label}. Missing: {lacking}."
    if one.frozen:
        return f"{who} has left; {one.score} was its score in {one.frozen.label}, its last whole month."
    if one.change and one.before:
        return f"{who} scores {one.score} in {one.month.label}, {moved:+d} since {one.before.label}.".replace("-", "−")
    return f"{who} scores {one.score} in {one.month.label}."
