"""Projects as rows: what is to be improved, how far it is, and the measure that should show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from scorecard.core.periods import Period, parse
from scorecard.store.tx import Tx


@dataclass(frozen=True)
class Project:
    """One project. `stage` is define, measure, analyse, improve or control; `outcome` "", finished or stopped.

    `owner` is a person's id, `practice` an id of the model ("" without one), `cycle` the one whose gap it closes. `effect`
    is the expected change in the unit of the measure (a share as a fraction), `effect_by` the day by which it is expected.
    `phase` is the quarter of the roadmap (2027-Q1, "" when not planned). `began` is the day on which the work changed: the
    verdict reads the periods after it. `reason` says why it was stopped.
    """

    id: str
    title: str
    stage: str
    owner: str
    owner_name: str
    measure: str
    effect: float | None
    effect_by: date | None
    practice: str
    cycle: str
    phase: str
    began: date | None
    ended: date | None
    outcome: str
    reason: str
    made_by: str
    made_at: datetime
    changed_by: str
    changed_at: datetime
    version: int

    @property
    def open(self) -> bool:
        """Whether it is neither finished nor stopped."""
        return not self.outcome

    @property
    def origin(self) -> str:
        """The origin of its actions, and its object in the audit."""
        return f"project:{self.id}"

    @property
    def quarter(self) -> Period | None:
        """The quarter of the roadmap in which it is planned."""
        found = parse(self.phase) if self.phase else None
        return Period(found[1], found[0]) if found else None


_COLUMNS = (
    "id", "title", "stage", "owner", "measure", "effect", "effect_by", "practice", "cycle", "phase", "began", "ended", "outcome",
    "reason", "made_by", "made_at", "changed_by", "changed_at", "version",
)  # fmt: skip
_SELECT = f"""SELECT {", ".join(f"r.{name}" for name in _COLUMNS)}, COALESCE(p.name, r.owner)
              FROM project AS r LEFT JOIN person AS p ON p.id = r.owner"""


def _read(tx: Tx, rest: str = "", params: Sequence[Any] = ()) -> list[Project]:
    return [Project(**dict(zip((*_COLUMNS, "owner_name"), row, strict=True))) for row in tx.all(f"{_SELECT} {rest}", list(params))]


def listed(tx: Tx) -> list[Project]:
    """All projects in the order in which they were started."""
    return _read(tx, "ORDER BY r.made_at, r.title, r.id")


def one(tx: Tx, id: str) -> Project | None:
    """The project with this id."""
    return next(iter(_read(tx, "WHERE r.id = $1", [id])), None)


def insert(tx: Tx, new: Project) -> None:
    """Nothing; the project is written at its version."""
    places = ", ".join(f"${n}" for n in range(1, len(_COLUMNS) + 1))
    tx.run(f"INSERT INTO project ({', '.join(_COLUMNS)}) VALUES ({places})", [getattr(new, name) for name in _COLUMNS])


def update(tx: Tx, new: Project, seen_version: int) -> bool:
    """True when the row still had the version that was seen and is changed."""
    fields = _COLUMNS[1:]
    row = tx.one(
        f"""UPDATE project SET {", ".join(f"{name} = ${n}" for n, name in enumerate(fields, 1))}
            WHERE id = ${len(fields) + 1} AND version = ${len(fields) + 2} RETURNING version""",
        [*(getattr(new, name) for name in fields), new.id, seen_version],
    )
    return row is not None
