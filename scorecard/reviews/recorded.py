"""Measures that come from records: findings, faults caught upstream, hand-offs, give and take, promises.

Their figures are written after each load of facts, when a month is prepared or signed, and when one of the entries changes.
Of whole months only, and only what changed is appended; a month whose last entry was withdrawn has no figure from then on.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scorecard import registers
from scorecard.core.periods import Period, containing
from scorecard.improvement import faults
from scorecard.metrics import after_load, freeze_readings, loaded
from scorecard.metrics.loaded import Beside
from scorecard.people import growth
from scorecard.planning import calendar
from scorecard.relations import book, sponsors, trust
from scorecard.sensory import feedback, measured
from scorecard.sensory.measured import Figure
from scorecard.store import definitions, loads, measures, members
from scorecard.store.loads import Load
from scorecard.store.members import Organisation
from scorecard.work import handoffs

if TYPE_CHECKING:
    from scorecard.access import Actor
    from scorecard.registers import Entry
    from scorecard.store.engine import Store, Tx

SOURCE = "the records themselves"
Count = Callable[["Sequence[Entry]", Period], Mapping[Period, Figure]]
MEASURES: dict[str, dict[str, Count]] = {
    feedback.FINDING: {measured.AGE: measured.ages, measured.CLOSURE: measured.closures},
    faults.REGISTER: {faults.UPSTREAM_SHARE: faults.upstream_by_month},
    handoffs.REGISTER: {handoffs.FIRST_PASS: handoffs.first_pass_by_month, handoffs.DELAY: handoffs.delay_by_month},
    trust.PROMISE: {trust.LOGGED_KEPT: trust.kept_by_month},
}  # fmt: skip
# What several registers give together: the registers, and the figures out of the entries of each.
Joint = Callable[["Mapping[str, Sequence[Entry]]", Period], Mapping[Period, Figure]]
JOINT: dict[str, tuple[tuple[str, ...], Joint]] = {
    book.GIVE_FIRST: (book.REGISTERS, book.give_first_by_month), book.RECIPROCITY: (book.REGISTERS, book.reciprocity_by_month),
}  # fmt: skip
# What the calendar gives: meetings stand in the diary and in these registers.
CALENDAR, MEETINGS = "calendar", (calendar.SESSION, calendar.PARTNER_REVIEW, calendar.ASSUMPTION)
# What steps of development plans give is counted without reading whose they are: of enough people, or not at all.
STEPS = (growth.STEP, growth.PLAN)
SOURCES = tuple(dict.fromkeys([*MEASURES, *(register for own, _ in JOINT.values() for register in own), CALENDAR, *STEPS]))


@dataclass(frozen=True)
class Refreshed:
    """How many figures were written."""

    changed: int


def refresh(store: Store, actor: Actor, today: date, tables: Collection[str] | None = None) -> Refreshed:
    """The figures of all these measures as the records are now; `tables` are the kinds of facts that a load brought."""
    return _refreshed(store, actor, today, SOURCES)


def entry_changed(store: Store, actor: Actor, register: str, today: date) -> Refreshed:
    """The figures of the measures that come from a register, of which an entry was added, changed or withdrawn.

    What stands in the calendar of itself follows as well: the reviews of sponsored accounts.
    """
    if register == sponsors.SPONSORSHIP:
        sponsors.keep_calendar(store, actor, today)
    own = [register] if register in SOURCES else []
    return _refreshed(store, actor, today, [*own, CALENDAR] if register in MEETINGS else own)


def calendar_changed(store: Store, actor: Actor, today: date) -> Refreshed:
    """The figures of the measure that comes from the calendar, in which something was planned, held, missed or moved."""
    return _refreshed(store, actor, today, [CALENDAR])


def _refreshed(store: Store, actor: Actor, today: date, of: Collection[str]) -> Refreshed:
    """Looked at first: most changes touch no whole month, and then nothing waits for its turn to write."""
    if not of:
        return Refreshed(0)
    with store.read() as tx:
        if not _changed(tx, today, of):
            return Refreshed(0)

    def work(tx: Tx) -> int:
        loads.take_turns(tx)
        return write_figures(tx, today, of)

    return Refreshed(store.write(work, actor.name))


def write_figures(tx: Tx, today: date, of: Collection[str] = SOURCES) -> int:
    """How many figures were appended, of the measures of these registers, inside another command's transaction."""
    rows = _changed(tx, today, of)
    if rows:
        _append(tx, rows, today)
    return len(rows)


def _changed(tx: Tx, today: date, of: Collection[str]) -> list[tuple]:
    """The figures that the records now give otherwise than what is stored."""
    defined, last = definitions.current(tx), containing(today, "month").shift(-1)
    counts = {register: {name: count for name, count in MEASURES.get(register, {}).items() if name in defined} for register in of}
    joint = {name: one for name, one in JOINT.items() if name in defined and set(one[0]) & set(of)}
    planned = [calendar.MEASURE] if CALENDAR in of and calendar.MEASURE in defined else []
    stepped = [growth.MEASURE] if set(STEPS) & set(of) and growth.MEASURE in defined else []
    names = sorted([*(name for own in counts.values() for name in own), *joint, *planned, *stepped])
    if not names:
        return []
    read = {register for register, own in counts.items() if own} | {register for own, _ in joint.values() for register in own}
    found = {register: registers.entries(tx, register) for register in sorted(read)}
    now: dict[tuple[str, Period], Figure] = {}
    for register, own in counts.items():
        now |= {(name, month): figure for name, count in own.items() for month, figure in count(found.get(register, ()), last).items()}
    now |= {(name, month): figure for name, (_, count) in joint.items() for month, figure in count(found, last).items()}
    if planned:
        now |= _of_calendar(tx, today, last)
    if stepped:
        now |= _of_steps(tx, last)
    return _against(now, tx, names)


def beside(store: Store, measure: str, today: date) -> Beside | None:
    """Where a measure that both files and records give says another figure than the records; None where they agree."""
    last = containing(today, "month").shift(-1)
    with store.read() as tx:
        return loaded.beside(tx, measure, _recorded(tx, measure, today, last))


def _recorded(tx: Tx, measure: str, today: date, last: Period) -> Mapping[Period, Figure]:
    """What the records alone say of a measure, by month; nothing of one that does not come from them."""
    if measure == calendar.MEASURE:
        return calendar.held_by_month(calendar.meetings(tx, today), last)
    if measure == growth.MEASURE:
        return growth.kept_by_month(tx, last)
    if measure in JOINT:
        own, count = JOINT[measure]
        return count({register: registers.entries(tx, register) for register in own}, last)
    for register, counts in MEASURES.items():
        if measure in counts:
            return counts[measure](registers.entries(tx, register), last)
    return {}


def _of_calendar(tx: Tx, today: date, last: Period) -> dict[tuple[str, Period], Figure]:
    """The months that no file brought: a history that was loaded stays as it is, and the calendar goes on from there."""
    ours, found = loads.computed(tx), calendar.held_by_month(calendar.meetings(tx, today), last)
    loaded = {one.period: (one.value, one.numerator, one.denominator) for one in measures.figures(tx, [calendar.MEASURE])
              if not (one.segment or one.team or one.csm) and one.load not in ours}  # fmt: skip
    return {(calendar.MEASURE, month): figure for month, figure in (found | loaded).items()}


def _of_steps(tx: Tx, last: Period) -> dict[tuple[str, Period], Figure]:
    """The months that no file brought: a history that was loaded stays as it is, and the steps of development plans go on from there."""
    ours = loads.computed(tx)
    loaded = {one.period for one in measures.figures(tx, [growth.MEASURE]) if one.load not in ours}
    return {(growth.MEASURE, month): figure for month, figure in growth.kept_by_month(tx, last).items() if month not in loaded}


def _against(now: Mapping[tuple[str, Period], Figure], tx: Tx, names: Sequence[str]) -> list[tuple]:
    whole = [one for one in measures.figures(tx, names) if not (one.segment or one.team or one.csm)]
    stored = {(one.measure, one.period): (one.value, one.numerator, one.denominator) for one in whole}
    ours = loads.computed(tx)
    rows = [(name, month, "", "", "", *figure, False) for (name, month), figure in sorted(now.items()) if stored.get((name, month)) != figure]
    gone = [(one.measure, one.period, "", "", "", None, None, None, False) for one in whole
            if one.load in ours and one.value is not None and (one.measure, one.period) not in now]  # fmt: skip
    return rows + gone


def _append(tx: Tx, rows: Sequence[tuple], today: date) -> None:
    touched, covered = sorted({row[0] for row in rows}), [row[1] for row in rows]
    own = members.organisation(tx) or Organisation("")
    freeze_readings(tx, touched, today)
    load = Load(uuid.uuid4().hex, SOURCE, "", {"grain": "month", "measures": touched}, len(rows), 0, 0, 0,
                min(covered).start, max(covered).end, "", own.time_zone, own.fiscal_start, None)  # fmt: skip
    loads.add(tx, load)
    loads.add_computed(tx, load.id, rows)
    after_load(tx, touched, today)
