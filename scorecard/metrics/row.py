"""One line of a scorecard."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date

from scorecard.core import fmt, spc
from scorecard.core.definition import Definition
from scorecard.core.periods import Period
from scorecard.core.reading import Reading
from scorecard.core.record import Said
from scorecard.metrics.book import Book, Key


@dataclass(frozen=True)
class ActionLine:
    """What is done about a measure, in a line: `verdict` "worked" when it brought the measure on course.

    The state "to_decide" stands for the review that is planned for `due`, where nothing is done yet.
    """

    title: str
    owner_name: str
    due: date
    state: str
    verdict: str


@dataclass(frozen=True)
class Row:
    """One measure in one period. Shares are fractions; `read_then` is True for a period that is closed and kept."""

    measure: Definition
    slot: int
    period: Period
    value: float | None
    numerator: float | None
    denominator: float | None
    value_text: str
    unit_word: str
    goal_text: str
    chart: spc.Chart
    reading: Reading
    was_status: str | None
    read_then: bool
    restated: bool
    partial: bool
    carried_by: str
    action: ActionLine | None = None


def make_row(book: Book, slot: int, key: Key, said: Said, kept: bool) -> Row:
    """The row of a measure from what its period said."""
    measure = _definition(book, key[0], said) if kept else book.definitions[key[0]]
    point = book.point(key[0], key[1], said.period)
    now = point.value if point else None
    restated = _differs(said.value, now) if kept else bool(point and point.restated)
    goal = said.reading.goal
    return Row(
        measure,
        slot,
        said.period,
        said.value,
        said.numerator,
        said.denominator,
        fmt.value(said.value, measure),
        fmt.unit_word(measure) if said.value is not None else "",
        f"goal {fmt.goal(goal.value, measure)}" if goal else "",
        said.chart,
        said.reading,
        said.was_status,
        kept,
        restated,
        said.partial,
        said.carried_by,
    )


def _definition(book: Book, measure: str, said: Said) -> Definition:
    """The definition that a record was read with: its unit and wanted direction colour what was said then."""
    now = book.definitions[measure]
    then = book.then.get((measure, said.definition), now)
    return replace(then, label=now.label, owner=now.owner, targets=now.targets)


def _differs(said: float | None, now: float | None) -> bool:
    if said is None or now is None:
        return said is not now
    return not math.isclose(said, now, rel_tol=1e-12, abs_tol=1e-15)
