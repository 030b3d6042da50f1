"""Age and closure of findings as measures: written from the records whenever facts are loaded.

A finding counts as open up to the day on which the customer was told. Only what changed is appended.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING

from scorecard import registers
from scorecard.core.periods import Period, between, containing
from scorecard.metrics.keeping import after_load, freeze_readings
from scorecard.sensory.feedback import CLOSED, FINDING, RECENT_DAYS
from scorecard.store import definitions, loads, measures, members
from scorecard.store.loads import Load
from scorecard.store.members import Organisation

if TYPE_CHECKING:
    from scorecard.access import Actor
    from scorecard.registers import Entry
    from scorecard.store.engine import Store
    from scorecard.store.tx import Tx

AGE, CLOSURE = "finding_age", "findings_closed"
SOURCE = "the findings themselves"


@dataclass(frozen=True)
class Refreshed:
    """How many figures were written."""

    changed: int


def refresh(store: Store, actor: Actor, today: date, tables: Collection[str] | None = None) -> Refreshed:
    """The figures of both measures as the findings are now; `tables` are the kinds of facts that a load brought."""
    with store.read() as tx:
        if not registers.count(tx, FINDING):
            return Refreshed(0)
    return Refreshed(store.write(lambda tx: write_figures(tx, today), actor.name))


def write_figures(tx: Tx, today: date) -> int:
    """How many figures were appended: of the months from the first finding to the last whole one."""
    known = [name for name in (AGE, CLOSURE) if name in definitions.current(tx)]
    found = registers.entries(tx, FINDING)
    if not known or not found:
        return 0
    stored = {(one.measure, one.period.start): (one.value, one.numerator, one.denominator) for one in measures.figures(tx, known) if not one.segment}
    last = containing(today, "month").shift(-1)
    months = between(containing(min(one.at for one in found), "month"), last) if min(one.at for one in found) <= last.end else []
    rows = [row for month in months for row in _figures(found, month) if row[0] in known and stored.get((row[0], month.start)) != row[5:8]]
    if rows:
        _append(tx, rows, today)
    return len(rows)


def _figures(found: Sequence[Entry], month: Period) -> list[tuple]:
    """The figures of a month; none of a measure that has nothing to say of it."""
    rows, ages = [], ages_at(found, month.end)
    if ages:
        rows.append((AGE, month, "", "", "", float(median(ages)), None, None, False))
    closed, due = closed_in(found, month)
    if due:
        rows.append((CLOSURE, month, "", "", "", closed / due, float(closed), float(due), False))
    return rows


def ages_at(found: Sequence[Entry], day: date) -> list[int]:
    """The age in days of each finding that was open at the end of a day."""
    return [(day - one.at).days for one in found if one.at <= day and not (_told(one) and _told(one) <= day)]


def closed_in(found: Sequence[Entry], month: Period) -> tuple[int, int]:
    """(closed in RECENT_DAYS, of those whose RECENT_DAYS ended in the month)."""
    due = [one for one in found if month.start <= one.at + timedelta(RECENT_DAYS) <= month.end]
    return sum(bool(_told(one) and _told(one) <= one.at + timedelta(RECENT_DAYS)) for one in due), len(due)


def _told(one: Entry) -> date | None:
    """The day on which the customer was told of a closed finding."""
    text = str(one.values.get("told_on", "")) if one.state == CLOSED else ""
    return date.fromisoformat(text) if text else None


def _append(tx: Tx, rows: Sequence[tuple], today: date) -> None:
    touched, covered = sorted({row[0] for row in rows}), [row[1] for row in rows]
    own = members.organisation(tx) or Organisation("")
    loads.take_turns(tx)
    freeze_readings(tx, touched, today)
    load = Load(uuid.uuid4().hex, SOURCE, "", {"grain": "month", "measures": touched}, len(rows), 0, 0, 0,
                min(covered).start, max(covered).end, "", own.time_zone, own.fiscal_start, None)
    loads.add(tx, load)
    loads.add_computed(tx, load.id, rows)
    after_load(tx, touched, today)
