"""What moves: the figures of the whole that would say something else, were a file accepted. Nothing of it is stored."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scorecard import access, loading, loading_facts
from scorecard.access import Actor
from scorecard.core import rollup
from scorecard.core.definition import Definition
from scorecard.core.periods import Period
from scorecard.core.rollup import StoredFigure
from scorecard.core.unit_rows import reads, source
from scorecard.errors import DefinitionError
from scorecard.store import catalogue, definitions, facts, health, measures
from scorecard.store.engine import Store, Tx

# Above that many rows brought, or rows in the store, it takes longer than anybody waits in front of a page.
MOST_BROUGHT, MOST_STORED = 100_000, 2_000_000
SIGNED, BASELINE, READ, UNREAD = "signed", "baseline", "read", "unread"
Points = Mapping[Period, tuple[float | None, bool]]


@dataclass(frozen=True)
class Move:
    """One figure of the whole: what it says and would say, whether of a month in part, and what has stood on it so far."""

    measure: Definition
    period: Period
    was: float | None
    now: float | None
    partial: bool
    stands: str


@dataclass(frozen=True)
class Moves:
    """Figures that would change, those of the scorecard first, the latest before the others; periods that get one; measures
    that cannot be computed."""

    changed: tuple[Move, ...]
    fresh: tuple[tuple[Definition, tuple[Period, ...]], ...]
    unknown: tuple[Definition, ...] = ()


def of_facts(store: Store, actor: Actor, proposal: loading_facts.Proposal) -> Moves | None:
    """What a file of facts would move; None where finding out would take too long."""
    access.require(actor, "load_files")
    kinds = tuple(dict.fromkeys(share.part.kind.table for share in proposal.shares))
    with store.read() as tx:
        known = _ordered(tx)
        wanted = [one for one in known.values() if (own := source(one)) and reads(own, kinds)]
        stored = _by_measure(measures.figures(tx, [one.name for one in wanted]))
        stands = health.stands(tx)
    with store.read_facts() as tx:
        held = sum(facts.counts(tx)[kind] for kind in kinds)
    if proposal.ready > MOST_BROUGHT or held > MOST_STORED:
        return None
    would = loading_facts.tried(store, proposal, lambda tx: _computed(tx, wanted))
    if would is None:
        return None
    pairs = [(one, _points(stored.get(one.name, ()), one), would[one.name]) for one in wanted if one.name in would]
    return replace(_moves(pairs, stands), unknown=tuple(one for one in wanted if one.name not in would))


def of_figures(store: Store, actor: Actor, proposal: loading.Proposal) -> Moves:
    """What a file of figures would move: the whole is pooled anew from what is loaded and what the file says."""
    access.require(actor, "load_files")
    brought = [*proposal.new, *(change.figure for change in proposal.changed)]
    names = list(dict.fromkeys(row.measure for row in brought))
    with store.read() as tx:
        ordered = [name for name in _ordered(tx) if name in names] + [name for name in names if name not in definitions.current(tx)]
        stored, stands = _by_measure(measures.figures(tx, names)), health.stands(tx)
    pairs = []
    for name in ordered:
        one, old = proposal.definitions[name], stored.get(name, [])
        places = {(row.measure, row.period.start, row.segment, row.team, row.csm): row for row in old}
        for row in brought:
            if row.measure == name:
                places[row.key] = StoredFigure(name, row.period, row.segment, row.team, row.csm, *row.says, "", datetime.min)
        pairs.append((one, _points(old, one), _points(list(places.values()), one)))
    return _moves(pairs, stands)


def _ordered(tx: Tx) -> dict[str, Definition]:
    """The definitions, those with a slot on the first scorecard first."""
    known = definitions.current(tx)
    slots = [name for card in definitions.scorecards(tx)[:1] for name in card.measures if name in known]
    return {name: known[name] for name in dict.fromkeys((*slots, *known))}


def _by_measure(found: Iterable[StoredFigure]) -> dict[str, list[StoredFigure]]:
    grouped: dict[str, list[StoredFigure]] = {}
    for one in found:
        grouped.setdefault(one.measure, []).append(one)
    return grouped


def _points(stored: Sequence[StoredFigure], one: Definition) -> Points:
    """The figures of the whole: period -> (value, whether in part)."""
    ordered = sorted(stored, key=lambda figure: figure.period.start)
    return {point.period: (point.value, point.partial) for point in rollup.series(ordered, one.aggregate).get("", ())}


def _computed(tx: Tx, wanted: Sequence[Definition]) -> dict[str, Points]:
    """The whole of each measure as the facts are in this transaction; one that cannot be computed is left out."""
    reaches, found = catalogue.covered(tx), {}
    for one in wanted:
        own = source(one)
        try:
            cells = catalogue.cells(tx, own, catalogue.months_of(own, reaches), reaches)
        except DefinitionError:
            continue
        found[one.name] = {cell.period: (cell.value, cell.partial) for cell in cells if not cell.dimension}
    return found


def _moves(pairs: Sequence[tuple[Definition, Points, Points]], stands: health.Stands) -> Moves:
    changed, fresh = [], []
    for one, was, now in pairs:
        moved = [period for period in was if period in now and not _same(was[period][0], now[period][0]) and not was[period][1]]
        moved += [period for period in was if period not in now and was[period][0] is not None]
        changed += [Move(one, period, was[period][0], now.get(period, (None, False))[0], now.get(period, (None, False))[1],
                         _stands(one, period, stands)) for period in sorted(moved, key=lambda p: p.start, reverse=True)]
        new = tuple(sorted((period for period in now if was.get(period, (None, False))[0] is None and now[period][0] is not None),
                           key=lambda p: p.start))
        if new:
            fresh.append((one, new))
    return Moves(tuple(changed), tuple(fresh))


def _same(was: float | None, now: float | None) -> bool:
    return was is now if was is None or now is None else math.isclose(was, now, rel_tol=1e-9, abs_tol=1e-9)


def _stands(one: Definition, period: Period, stands: health.Stands) -> str:
    """What has stood on a figure so far: a signed month, locked limits, a reading that was recorded, or nothing."""
    if (one.name, period.start) in stands.signed:
        return SIGNED
    if any(name == one.name and first <= period.start <= last for name, first, last in stands.baselines):
        return BASELINE
    return READ if (one.name, period.start) in stands.read else UNREAD
