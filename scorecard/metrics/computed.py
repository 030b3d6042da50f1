"""Figures computed from facts: after every load of facts the measures that need them are computed again.

Only what changed is appended, on the same path as a load of figures: readings are kept first, limits lock after.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from scorecard.access import Actor
from scorecard.core.definition import Definition
from scorecard.core.periods import Period
from scorecard.core.rollup import StoredFigure
from scorecard.core.unit_rows import DIMENSIONS, reads, source
from scorecard.errors import DefinitionError
from scorecard.metrics.keeping import after_load, freeze_readings
from scorecard.store import catalogue, definitions, loads, measures, members
from scorecard.store.catalogue import Cell, Covered
from scorecard.store.engine import Store, Tx
from scorecard.store.loads import Load
from scorecard.store.members import Organisation

FROM_FACTS = "computed from facts"
Place = tuple[str, date, str, str, str]  # measure, first day, segment, team, CSM


@dataclass(frozen=True)
class Refreshed:
    """What computing again did: the measures with figures, how many figures changed, what could not be computed."""

    measures: tuple[str, ...]
    changed: int
    problems: tuple[str, ...]


def refresh(store: Store, actor: Actor, today: date, tables: Collection[str] | None = None) -> Refreshed:
    """The measures (all, or those that read one of these tables of facts) as the facts are now. Twice changes nothing."""
    with store.read() as tx:
        known = definitions.current(tx)
    names = [name for name, one in known.items() if (own := source(one)) and (tables is None or reads(own, tables))]
    with store.read_facts() as tx:
        reaches = catalogue.covered(tx)
    found: dict[str, list[Cell]] = {}
    problems = []
    for name in names:
        try:
            cells = _cells(store, known[name], reaches)
        except DefinitionError as error:
            problems.append(f"{known[name].label} is not computed: {error}")
            continue
        if cells:
            found[name] = cells
    changed = store.write(lambda tx: _write(tx, found, today), actor.name) if found else 0
    return Refreshed(tuple(found), changed, tuple(problems))


def _cells(store: Store, one: Definition, reaches: dict[str, Covered]) -> list[Cell]:
    """The figures of one measure; a statement that cannot run must not take the others with it."""
    own = source(one)
    if own is None or not (months := catalogue.months_of(own, reaches)):
        return []
    with store.read_facts() as tx:
        return catalogue.cells(tx, own, months, reaches)


def _write(tx: Tx, found: dict[str, list[Cell]], today: date) -> int:
    """How many figures were appended; none, and no load, when all stand already."""
    stored = {_place(one): one for one in measures.figures(tx, sorted(found))}
    ours = loads.computed(tx)
    rows = [row for name, cells in found.items() for row in _changed(name, cells, stored)]
    rows += _gone(found, stored, ours)
    if not rows:
        return 0
    touched = sorted({row[0] for row in rows})
    loads.take_turns(tx)
    freeze_readings(tx, touched, today)
    load = _record(rows, members.organisation(tx) or Organisation(""), len({_key(row) for row in rows} & stored.keys()))
    loads.add(tx, load)
    loads.add_computed(tx, load.id, rows)
    after_load(tx, touched, today)
    return len(rows)


def _place(one: StoredFigure) -> Place:
    return one.measure, one.period.start, one.segment, one.team, one.csm


def _key(row: tuple) -> Place:
    return row[0], row[1].start, *row[2:5]


def _changed(name: str, cells: Sequence[Cell], stored: dict[Place, StoredFigure]) -> list[tuple]:
    rows = []
    for cell in cells:
        if cell.dimension and not cell.name:
            continue
        at = tuple(cell.name if cell.dimension == dimension else "" for dimension in DIMENSIONS)
        row = (name, cell.period, *at, cell.value, cell.numerator, cell.denominator, cell.partial)
        old = stored.get(_key(row))
        if old is None or old.period.grain == cell.period.grain and not _same(row[5:], (old.value, old.numerator, old.denominator, old.partial)):
            rows.append(row)
    return rows


def _same(new: tuple, old: tuple) -> bool:
    """Whether two figures say the same. A loaded one may lack its value or its parts; the order of rows moves no figure."""
    (value, *parts, partial), (was, *were, was_partial) = new, old
    if partial != was_partial:
        return False
    was = were[0] / were[1] if was is None and were[0] is not None and were[1] else was
    return all(_close(a, b) for a, b in zip((value, *parts), (was, *were), strict=True))


def _close(a: float | None, b: float | None) -> bool:
    return a is b if a is None or b is None else math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


def _gone(found: dict[str, list[Cell]], stored: dict[Place, StoredFigure], ours: set[str]) -> list[tuple]:
    """Computed figures whose facts are no longer there, or in another segment: a period without a figure from now on."""
    there = {(name, cell.period.start, *(cell.name if cell.dimension == dimension else "" for dimension in DIMENSIONS))
             for name, cells in found.items() for cell in cells}
    return [(one.measure, one.period, one.segment, one.team, one.csm, None, None, None, False) for place, one in stored.items()
            if place not in there and one.load in ours and (one.value, one.denominator) != (None, None)]


def _record(rows: Sequence[tuple], organisation: Organisation, changed: int) -> Load:
    covered: list[Period] = [row[1] for row in rows]
    said = {"grain": "month", "measures": sorted({row[0] for row in rows})}
    return Load(uuid.uuid4().hex, FROM_FACTS, "", said, len(rows) - changed, changed, 0, 0, min(covered).start, max(covered).end,
                "", organisation.time_zone, organisation.fiscal_start, None)
