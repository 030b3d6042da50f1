"""The lifecycle as it runs: the map in force and its versions, who stands where, who came and went, how long it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from scorecard import access, registers
from scorecard.access import Actor
from scorecard.core import lifecycle, names, reading, spc
from scorecard.core.definition import Definition
from scorecard.core.lifecycle import (ALREADY, DIRECTIONS, LONGEST_REASON, NOWHERE, OPEN, SHIPPED, SPOKEN, Cohort, Flow, LifecycleMap, Mark, Stage,
                                      Stays, Visits)
from scorecard.core.periods import Period, between, containing
from scorecard.core.reading import Reading
from scorecard.core.spc import Chart, Figure
from scorecard.errors import DefinitionError, StaleEdit
from scorecard.store import lifecycle as rows
from scorecard.store.engine import Store
from scorecard.store.lifecycle import Accounts
from scorecard.store.tx import Tx

MOVES, INTO, OUT = "stage_move", "into", "out"
MONTHS, YEAR, CHANNEL_DAYS = 24, 12, 90
MOST_KEPT = 16
AS_SHIPPED = "as shipped"
OTHER = "other"


@dataclass(frozen=True)
class Standing:
    """A stage as it runs: accounts in it now, the flow of the month, those lost in twelve months, days by month, channels used.

    `slow` counts stays that are open longer than `long`, the days by which nine of ten are over, where fewer are wanted; `used` is (channel, contacts) of 90 days.
    """

    stage: Stage
    now: int
    flow: Flow
    lost: int
    cohorts: tuple[Cohort, ...]
    chart: Chart | None
    reading: Reading | None
    open: int
    slow: int
    long: float | None
    used: tuple[tuple[str, int], ...]

    @property
    def latest(self) -> Cohort | None:
        """The newest month whose days are known."""
        return next((one for one in reversed(self.cohorts) if one.value is not None), None)

    @property
    def limits(self) -> tuple[float | None, float | None] | None:
        """Natural limits of the median days at the newest month; None before there are any."""
        point = spc.latest(self.chart) if self.chart else None
        return (point.lower, point.upper) if point and (point.lower is not None or point.upper is not None) else None


@dataclass(frozen=True)
class Lifecycle:
    """The whole way on a day. `month` is the last complete one; `nowhere` counts who is between stages; `joined`, `left` the month's."""

    map: LifecycleMap
    day: date
    month: Period
    accounts: int
    joined: int
    left: int
    stages: tuple[Standing, ...]
    nowhere: int

    def of(self, id: str) -> Standing | None:
        return next((one for one in self.stages if one.stage.id == id), None)


# -- the map


def current(store: Store) -> LifecycleMap:
    """The map in force: the newest, or the one that is shipped."""
    with store.read() as tx:
        found = rows.maps(tx)
    return found[-1] if found else shipped(store)


def offered(store: Store) -> tuple[str, ...]:
    """The names of milestones, channels and events that the facts hold, by which a begin or an end can be narrowed."""
    with store.read_facts() as tx:
        return tuple(dict.fromkeys(name for found in rows.known(tx).values() for name in found))


def shipped(store: Store) -> LifecycleMap:
    """The map before anybody has saved one; its onboarding ends with the milestone of first value, where the facts name it."""
    with store.read_facts() as tx:
        value = rows.first_value(tx)
    first = SHIPPED.stages[0]
    return replace(SHIPPED, stages=(replace(first, begin=replace(first.begin, name=value), end=replace(first.end, name=value)), *SHIPPED.stages[1:]))


def versions(store: Store) -> list[LifecycleMap]:
    """Every saved map, the newest first."""
    with store.read() as tx:
        return rows.maps(tx)[::-1]


def save_map(store: Store, actor: Actor, changed: LifecycleMap, seen_version: int, reason: str, since: date, *, now: datetime | None = None,
             nonce: str = "") -> LifecycleMap:
    """The new version of the map; the one that was shipped is kept as version 1 first. Raises DefinitionError, StaleEdit."""
    access.require(actor, "edit_measures")
    made = replace(lifecycle.checked(changed), since=since, reason=names.required(reason, "reason", LONGEST_REASON))
    first = shipped(store)

    def work(tx: Tx) -> LifecycleMap:
        before = rows.maps(tx)
        last = before[-1] if before else None
        if (last.version if last else 0) != seen_version:
            raise StaleEdit(f"{last.author} saved version {last.version} of the map meanwhile; you saw version {seen_version}. Look at it, then change it again."
                            if last else "The map was taken back meanwhile. Look at it, then change it again.")
        base = last or _add(tx, replace(first, reason=AS_SHIPPED), None)
        _check_changed(base, made, tx.now.date())
        return _add(tx, made, base)

    return store.write(work, actor.name, now=now, nonce=nonce)


def _check_changed(base: LifecycleMap, made: LifecycleMap, today: date) -> None:
    if made.since and made.since > today + timedelta(days=1):  # Somewhere it is tomorrow already.
        raise DefinitionError(f"{made.since:%d %b %Y} is still to come. Accounts are counted by the new map at once; save it when work goes by it.")
    if base.since and made.since and made.since < base.since:
        raise DefinitionError(f"Version {base.version} holds since {base.since:%d %b %Y}; a new one cannot hold from before that day.")
    if base.stages == made.stages:
        raise DefinitionError("Nothing on the map was changed.")


def _add(tx: Tx, new: LifecycleMap, base: LifecycleMap | None) -> LifecycleMap:
    made = replace(new, version=base.version + 1 if base else 1, author=tx.actor, recorded_at=tx.now)
    rows.add_map(tx, made)
    tx.audit("change lifecycle", "lifecycle_map", lifecycle.as_json(base) if base else None,
             {"version": made.version, "reason": made.reason, "map": lifecycle.as_json(made)})
    return made


# -- what the facts say, read once for each load


@dataclass
class _Book:
    """Accounts and the days that marks name, as the facts are; filled as they are asked for."""

    mark: tuple[Any, ...]
    accounts: Accounts
    days: dict[Mark, rows.Days] = field(default_factory=dict)
    spans: dict[tuple[Mark, Mark], tuple[Any, ...]] = field(default_factory=dict)


_books: WeakKeyDictionary[Store, _Book] = WeakKeyDictionary()


def _book(store: Store, tx: Tx) -> _Book:
    mark, held = rows.mark(tx), _books.get(store)
    if held is None or held.mark != mark:
        held = _books[store] = _Book(mark, rows.accounts(tx))
    return held


def _days(tx: Tx, book: _Book, mark: Mark) -> rows.Days:
    if mark not in book.days:
        book.days[mark] = rows.days(tx, mark)
    return book.days[mark]


def _spans(tx: Tx, book: _Book, stage: Stage) -> tuple[Any, ...]:
    key = stage.begin, stage.end
    if key not in book.spans:
        book.spans[key] = rows.spans(tx, stage)
    return book.spans[key]


@dataclass(frozen=True)
class _Moves:
    """Logged moves by the bare name of a stage: (accounts, days) of who came into it and of who left it."""

    into: Mapping[str, list[tuple[int, int]]]
    out: Mapping[str, list[tuple[int, int]]]


def _spoken(versions: Sequence[LifecycleMap], found: LifecycleMap) -> dict[str, str]:
    """The bare name of each stage by all names that it ever had: who renames a stage loses no move into it."""
    now = {one.id: names.bare(one.name) for one in found.stages}
    before = {names.bare(one.name): now[one.id] for version in versions for one in version.stages if one.id in now}
    return before | {name: name for name in now.values()}


def _moves(tx: Tx, number: Mapping[str, int], spoken: Mapping[str, str]) -> _Moves:
    into: dict[str, list[tuple[int, int]]] = {}
    out: dict[str, list[tuple[int, int]]] = {}
    for one in registers.entries(tx, MOVES, limit=None):
        account = number.get(one.values.get("account", ""))
        if account is None:
            continue
        side = out if one.values.get("side") == OUT else into
        name = names.bare(str(one.values["stage"]))
        side.setdefault(spoken.get(name, name), []).append((account, date.fromisoformat(one.values["moved_on"]).toordinal()))
    return _Moves(into, out)


def _pairs(found: Sequence[tuple[int, int]]) -> rows.Days:
    account, day = zip(*found, strict=True) if found else ((), ())
    return np.array(account, np.int64), np.array(day, np.int64)


# -- stays and where accounts stand


@dataclass(frozen=True)
class Course:
    """Every stay of every stage, and where the accounts stood; accounts of other segments are none."""

    accounts: Accounts
    first: Any
    left: Any
    stays: tuple[Stays, ...]
    main: Visits
    all: Visits


def course(store: Store, found: LifecycleMap, until: date, segment: str = "") -> Course:
    """The way of all accounts, or of a segment's, by a map and as it is known on a day."""
    with store.read_facts() as tx, store.read() as state:
        book = _book(store, tx)
        own, day = book.accounts, until.toordinal()
        moves = _moves(state, own.number(), _spoken(rows.maps(state), found)) if _asks_moves(found) else _Moves({}, {})
        chosen = np.array([not segment or name == segment for name in own.segments], bool) if own.ids else np.empty(0, bool)
        first, left = np.where(chosen, own.first, OPEN), own.left
        made = tuple(_all_stays(tx, book, found.stages, moves, (first, left, day)))
    main = lifecycle.standing(made, found.stages, first, left, day)
    beside = [lifecycle.beside(made[place], place, left) for place, one in enumerate(found.stages) if one.beside]
    return Course(own, first, left, made, main, lifecycle.joined([main, *beside]))


def _asks_moves(found: LifecycleMap) -> bool:
    return any("moved" in (one.begin.kind, one.end.kind) for one in found.stages)


def _all_stays(tx: Tx, book: _Book, stages: Sequence[Stage], moves: _Moves, life: tuple[Any, Any, int]) -> list[Stays]:
    made: list[Stays] = []
    ended: rows.Days = _pairs(())
    for stage in stages:
        own, passed = _stays(tx, book, stage, moves, ended)
        made.append(lifecycle.within(own, *life))
        last = made[-1]
        ended = tuple(np.concatenate(two) for two in zip((last.account[last.done], last.end[last.done]), passed, strict=True))
    return made


def _stays(tx: Tx, book: _Book, stage: Stage, moves: _Moves, ended: rows.Days) -> tuple[Stays, rows.Days]:
    """The stays of a stage, and who had nothing to wait for in it."""
    if stage.paired:
        return lifecycle.stays(*_spans(tx, book, stage)), _pairs(())
    begins = ended if stage.begin.kind == "above" else _came(tx, book, stage, moves)
    return lifecycle.paired(begins, _went(tx, book, stage, moves), same=stage.begin == stage.end and stage.begin.kind != "moved",
                            already=stage.end.kind in ALREADY)


def _came(tx: Tx, book: _Book, stage: Stage, moves: _Moves) -> rows.Days:
    if stage.begin.kind == "moved":
        return _pairs(moves.into.get(names.bare(stage.name), ()))
    return _days(tx, book, stage.begin)


def _went(tx: Tx, book: _Book, stage: Stage, moves: _Moves) -> rows.Days:
    """The ends of a stage; a logged move into another stage ends one that is logged."""
    if stage.end.kind != "moved":
        return _days(tx, book, stage.end)
    own = names.bare(stage.name)
    others = [pair for name, pairs in moves.into.items() if name != own for pair in pairs]
    return _pairs([*moves.out.get(own, ()), *others])


# -- the reading


def known_until(store: Store, today: date) -> date | None:
    """The last day of which the facts tell, not after today; None without accounts."""
    with store.read_facts() as tx:
        found = rows.reach(tx)
        some = tx.one("SELECT 1 FROM account LIMIT 1")
    return min(found, today) if found and some else None


def complete_month(day: date) -> Period:
    """The month of a day when it is over, else the one before."""
    own = containing(day, "month")
    return own if own.end == day else own.shift(-1)


_known: WeakKeyDictionary[Store, dict[tuple[Any, ...], Lifecycle]] = WeakKeyDictionary()


def read(store: Store, today: date, segment: str = "", found: LifecycleMap | None = None) -> Lifecycle | None:
    """The lifecycle by a map (the one in force without it); None where there are no accounts.

    It is counted again when facts came or went, a move was logged, or on another day: not when anything else is written.
    """
    until = known_until(store, today)
    if until is None:
        return None
    found = found or current(store)
    with store.read_facts() as tx, store.read() as state:
        key = (rows.mark(tx), rows.moves_mark(state, MOVES), until, segment, found)
    held = _known.setdefault(store, {})
    if key not in held:
        fresh = _read(store, until, segment, found)
        while len(held) >= MOST_KEPT:
            held.pop(next(iter(held)), None)
        held[key] = fresh
    return held[key]


def _read(store: Store, until: date, segment: str, found: LifecycleMap) -> Lifecycle:
    way, month = course(store, found, until, segment), complete_month(until)
    months = between(month.shift(1 - MONTHS), month)
    used = _channels(store, way, found, until)
    span = month.start.toordinal(), month.end.toordinal()
    life = np.where(way.first < OPEN, way.left, 0)
    return Lifecycle(
        found, until, month, _customers(way, until.toordinal()), int(((way.first >= span[0]) & (way.first <= span[1])).sum()),
        int(((life >= span[0]) & (life <= span[1])).sum()),
        tuple(_standing(way, place, stage, months, until, used.get(place, Counter())) for place, stage in enumerate(found.stages)),
        len(lifecycle.there(way.main, NOWHERE, until.toordinal())),
    )  # fmt: skip


def _customers(way: Course, day: int) -> int:
    return int(((way.first <= day) & (way.left > day)).sum())


def _standing(way: Course, place: int, stage: Stage, months: Sequence[Period], until: date, used: Counter[str]) -> Standing:
    day, month, own = until.toordinal(), months[-1], way.stays[place]
    series = lifecycle.cohorts(own, months, day)
    drawn = chart(series, stage)
    told = reading.read(drawn, measure(stage)) if drawn else None
    year = lifecycle.flow(way.all, place, month.shift(1 - YEAR).start.toordinal(), month.end.toordinal())
    waiting = lifecycle.open_days(own, day)
    long = lifecycle.long_wait(own, months[0].start.toordinal(), day) if stage.wanted == "fewer" else None
    return Standing(stage, len(lifecycle.there(way.all, place, day)), lifecycle.flow(way.all, place, month.start.toordinal(), month.end.toordinal()), year.lost,
                    tuple(series), drawn, told, len(waiting), int((waiting > long).sum()) if long is not None else 0, long, tuple(used.most_common()))


def measure(stage: Stage) -> Definition:
    """What the days of a stage are read as."""
    return Definition(f"days:{stage.id}", f"Time in {stage.name}", unit="days", improvement_direction=DIRECTIONS[stage.wanted], bounds=(0.0, None))


def figures(series: Sequence[Cohort]) -> list[Figure]:
    """The median days by month; a month of which too little is known has none."""
    return [Figure(one.month, one.value, float(one.ended), float(one.n)) for one in series]


def chart(series: Sequence[Cohort], stage: Stage) -> Chart | None:
    """The median days with natural limits; None where no month has any."""
    known = [one for one in series if one.value is not None]
    if not known:
        return None
    first, last = known[0].month, known[-1].month
    return spc.read_series([one for one in figures(series) if first <= one.period <= last], spc.Options(direction=DIRECTIONS[stage.wanted], bounds=(0.0, None)))


def _channels(store: Store, way: Course, found: LifecycleMap, until: date) -> dict[int, Counter[str]]:
    """The contacts of 90 days by the stage of the main way in which the account stood, by channel."""
    with store.read_facts() as tx:
        made = rows.contacts(tx, date.fromordinal(until.toordinal() - CHANNEL_DAYS + 1), until)
    counted: dict[int, Counter[str]] = {}
    if not made or not len(way.main.account):
        return counted
    account, day, channel = zip(*made, strict=True)
    stood = lifecycle.stood(way.main, np.array(account), np.array(day))
    for stage, name in zip(stood.tolist(), channel, strict=True):
        if stage >= 0:
            counted.setdefault(stage, Counter())[SPOKEN.get(name.strip().lower(), OTHER)] += 1
    return counted
