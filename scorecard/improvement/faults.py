"""Faults and requests: the revenue behind them, what became of them, where faults were caught and what late ones cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scorecard import registers
from scorecard.core import fmt, intervals
from scorecard.core.definition import Definition
from scorecard.core.periods import Period, containing
from scorecard.core.reading import Sentence
from scorecard.registers import Entry
from scorecard.store import serving
from scorecard.store.engine import Store

REGISTER = "fault"
UPSTREAM_SHARE = "faults_caught_upstream"
STAGES = {"definition": "definition", "development": "development", "validation": "validation", "use": "use by customers"}
UPSTREAM = ("definition", "development", "validation")
KINDS = {"fault": "Faults", "request": "Requests"}
STATES = {"reported": "reported", "accepted": "accepted", "in_work": "in work", "done": "done", "declined": "declined"}
ENDED = ("done", "declined")


@dataclass(frozen=True)
class Fate:
    """What became of faults, or of requests: how many are in each state, and the revenue a year behind them, each account once."""

    kind: str
    counts: Mapping[str, int]
    revenue: Mapping[str, float]


@dataclass(frozen=True)
class Caught:
    """Where faults could have been caught (rows) and were caught (columns): counts of faults that say both.

    `upstream` of all faults were caught before use; `unsaid` of them do not say where, and count as not caught before.
    """

    cells: Mapping[tuple[str, str], int]
    upstream: int
    faults: int
    unsaid: int
    missed: int
    share: tuple[float, float] | None


@dataclass(frozen=True)
class Downstream:
    """What faults that customers met cost: how many, tickets, hours, revenue lost a year. `earlier` counts those that could have been caught before."""

    faults: int
    earlier: int
    tickets: float
    hours: float
    churned: float


@dataclass(frozen=True)
class Faults:
    """All that the part of the page shows; `waiting` is the revenue a year behind what is neither done nor declined."""

    entries: tuple[Entry, ...]
    fates: tuple[Fate, ...]
    caught: Caught
    downstream: Downstream
    waiting: float


def read(store: Store) -> Faults:
    """The register as it stands, with the revenue of the accounts that are named."""
    with store.read() as tx:
        found = registers.entries(tx, REGISTER)
    with store.read_facts() as tx:
        worth = serving.worth(tx, sorted({account for one in found for account in one.values.get("accounts", ())}))
    return told(found, worth)


def told(found: Sequence[Entry], worth: Mapping[str, float]) -> Faults:
    """The same of entries, and of the revenue a year by account."""
    fates = tuple(_fate(kind, [one for one in found if one.values["kind"] == kind], worth) for kind in KINDS)
    faults = [one for one in found if one.values["kind"] == "fault"]
    waiting = revenue_of([one for one in found if one.state not in ENDED], worth)
    return Faults(tuple(found), fates, caught(faults), downstream(faults), waiting)


def _fate(kind: str, own: Sequence[Entry], worth: Mapping[str, float]) -> Fate:
    by_state = {state: [one for one in own if one.state == state] for state in STATES}
    return Fate(kind, {state: len(some) for state, some in by_state.items()}, {state: revenue_of(some, worth) for state, some in by_state.items()})


def revenue_of(found: Sequence[Entry], worth: Mapping[str, float]) -> float:
    """Revenue a year behind entries: what they state, and else that of their accounts, each account counted once."""
    stated = sum(one.values["revenue"] for one in found if one.values.get("revenue") is not None)
    accounts = {account for one in found if one.values.get("revenue") is None for account in one.values.get("accounts", ())}
    return stated + sum(worth.get(account, 0.0) for account in accounts)


def caught(faults: Sequence[Entry]) -> Caught:
    """Where faults were caught; the share caught before use is of all of them, as in its measure, with its 95% interval."""
    stages = [one.values.get("caught_in") for one in faults]
    cells: dict[tuple[str, str], int] = {}
    for one in faults:
        pair = one.values.get("could_be_caught"), one.values.get("caught_in")
        if all(pair):
            cells[pair] = cells.get(pair, 0) + 1
    upstream = sum(stage in UPSTREAM for stage in stages)
    missed = sum(count for (could, was), count in cells.items() if was == "use" and could in UPSTREAM)
    return Caught(cells, upstream, len(stages), sum(not stage for stage in stages), missed, intervals.wilson(upstream, len(stages)))


def upstream_by_month(found: Sequence[Entry], last: Period) -> dict[Period, tuple[float, float, float]]:
    """(share, caught upstream, all) of the faults of each month with any, up to the `last` one; requests are no faults."""
    faults = [(containing(one.at, "month"), one.values.get("caught_in") in UPSTREAM) for one in found if one.values["kind"] == "fault" and one.at <= last.end]
    total, caught = Counter(month for month, _ in faults), Counter(month for month, early in faults if early)
    return {month: (caught[month] / count, float(caught[month]), float(count)) for month, count in total.items()}


def downstream(faults: Sequence[Entry]) -> Downstream:
    """What faults that were caught in use cost."""
    late = [one for one in faults if one.values.get("caught_in") == "use"]
    sums = [sum(one.values.get(name) or 0 for one in late) for name in ("tickets", "hours", "churned")]
    return Downstream(len(late), sum(one.values.get("could_be_caught") in UPSTREAM for one in late), *sums)


def sentences(found: Faults, currency: str) -> list[Sentence]:
    """What the part says first."""
    said, money = [], Definition("money", "", unit="money", currency=currency)
    one = found.caught
    if one.faults:
        low, high = one.share or (0.0, 1.0)
        unsaid = f"; {one.unsaid} {'does' if one.unsaid == 1 else 'do'} not say where and {'counts' if one.unsaid == 1 else 'count'} as not caught before" if one.unsaid else ""
        said.append(Sentence(f"{one.upstream} of {one.faults} faults were caught before customers met them,",
                             f"{one.upstream / one.faults:.0%} ({low * 100:.0f} to {high * 100:.0f}%); {one.missed} more could have been{unsaid}."))
    late = found.downstream
    if late.faults:
        left = f"and {fmt.value(late.churned, money)} a year left because of it." if late.churned else "and no revenue is known to have left because of it."
        said.append(Sentence(f"What customers met cost {late.tickets:,.0f} tickets and {late.hours:,.0f} hours,", left))
    if found.waiting:
        said.append(Sentence(f"{fmt.value(found.waiting, money)} a year stands behind what is neither done nor declined.", ""))
    return said
