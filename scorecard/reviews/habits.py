"""The review of the review: held on its day, decided, its actions closed by their date, its commitments followed."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import date, datetime

from scorecard import actions, diary
from scorecard.actions import Action
from scorecard.core import record
from scorecard.core.periods import Period
from scorecard.metrics import after_load, freeze_readings
from scorecard.reviews.model import Habit, Item
from scorecard.store import definitions, loads, members, reviews
from scorecard.store.engine import Store, Tx
from scorecard.store.loads import Load
from scorecard.store.members import Organisation

MEASURE = "review_promises_kept"
LATEST = 12
SOURCE = "the reviews themselves"


@dataclass(frozen=True)
class _Known:
    entries: dict[str, diary.Entry]
    actions: list[Action]


def habits(store: Store, scorecard: str, today: date, grain: str = "month") -> tuple[Habit, ...]:
    """The last twelve reviews that were opened or signed, the newest first."""
    with store.read() as tx:
        known = _known(tx)
        opened = set(reviews.meetings(tx, scorecard, grain))
        opened |= {period for card, period in reviews.signed(tx) if card == scorecard and period.grain == grain}
        return tuple(_habit(tx, scorecard, period, today, known) for period in sorted(opened, reverse=True)[:LATEST])


def _known(tx: Tx) -> _Known:
    return _Known({entry.object: entry for entry in diary.listed(tx) if entry.object}, actions.listed(tx))


def _habit(tx: Tx, scorecard: str, period: Period, today: date, known: _Known) -> Habit:
    name = reviews.name_of(scorecard, period)
    meeting, found = reviews.meeting(tx, scorecard, period), reviews.copy(tx, scorecard, period)
    items = record.unpack(tuple[Item, ...], json.loads(found[1])["items"]) if found else ()
    written = reviews.items(tx, scorecard, period)
    due = [one for one in known.actions if one.origin.startswith(f"{name}:") and one.due <= today and one.state != "dropped"]
    asked = [item for item in items if item.followed]
    planned = _planned(known.entries.get(name), found[0].signed_at if found else None)
    return Habit(
        period,
        meeting.held_on,
        planned,
        None if planned is None else bool(meeting.held_on and meeting.held_on <= planned),
        len(items) if found else len(written),
        sum(1 for row in written.values() if row.decision),
        len(due),
        sum(1 for one in due if one.state == "done" and one.ended and one.ended <= one.due),
        len(asked),
        sum(1 for item in asked if item.followed == "Followed."),
        found is not None,
    )


def _planned(entry: diary.Entry | None, signed_at: datetime | None) -> date | None:
    """The day that was planned first; None when nobody had planned one before the signature."""
    if entry is None or signed_at and entry.made_at >= signed_at:
        return None
    return entry.moved_from or entry.planned


def write_figures(tx: Tx, scorecard: str, today: date) -> int:
    """How many figures of the measure were written: the share of promises kept, for each signed review of a scorecard.

    All of them anew: what was promised in a review falls due after it.
    """
    signed = [period for card, period in reviews.signed(tx) if card == scorecard and period.grain == "month"]
    return _put(tx, scorecard, signed, today)


def _put(tx: Tx, scorecard: str, signed: list[Period], today: date) -> int:
    """Appends the figures that changed; none when the measure is not defined or another scorecard is the first."""
    first = next(iter(definitions.scorecards(tx)), None)
    if MEASURE not in definitions.current(tx) or not signed or first is None or first.id != scorecard:
        return 0
    known = _known(tx)
    told = {period: _habit(tx, scorecard, period, today, known) for period in signed}
    stored = {starts: (top, bottom) for starts, top, bottom in _stored(tx)}
    rows = [
        (MEASURE, period, "", "", "", habit.kept / habit.due, float(habit.kept), float(habit.due), False)
        for period, habit in sorted(told.items())
        if habit.due and stored.get(period.start) != (habit.kept, habit.due)
    ]
    if rows:
        _append(tx, rows, today)
    return len(rows)


def _stored(tx: Tx) -> list[tuple]:
    return tx.all(
        """SELECT starts, numerator, denominator FROM
               (SELECT starts, numerator, denominator,
                       ROW_NUMBER() OVER (PARTITION BY starts ORDER BY loaded_at DESC, load DESC) AS place
                FROM figure WHERE measure = $1 AND segment = '') AS ranked
           WHERE place = 1""",
        [MEASURE],
    )


def _append(tx: Tx, rows: list[tuple], today: date) -> None:
    own = members.organisation(tx) or Organisation("")
    covered = [row[1] for row in rows]
    freeze_readings(tx, [MEASURE], today)
    load = Load(uuid.uuid4().hex, SOURCE, "", {"grain": "month", "measures": [MEASURE]}, len(rows), 0, 0, 0,
                min(covered).start, max(covered).end, "", own.time_zone, own.fiscal_start, None)
    loads.add(tx, load)
    loads.add_computed(tx, load.id, rows)
    after_load(tx, [MEASURE], today)

