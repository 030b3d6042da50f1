"""Actions and comments as rows: who does what until when, and what people said beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from scorecard.core.periods import Period
from scorecard.store.tx import Tx

OPEN = ("not_started", "in_progress")


@dataclass(frozen=True)
class Action:
    """One action. `owner` is a person's id. `effect` is the expected change in the unit of the measure (a share as a
    fraction), None when nobody stated it; `effect_by` the day by which it is expected; `first_reading` the period
    whose figure is read first. `started` is the day the work changed: the verdict reads the periods after it.
    `origin` names where it was written ("review:customer-success:2026-10", "measure:csat", ""), `origin_words` for
    people.
    """

    id: str
    title: str
    kind: str
    owner: str
    owner_name: str
    due: date
    measure: str
    segment: str
    effect: float | None
    effect_by: date | None
    first_reading: Period | None
    state: str
    started: date | None
    ended: date | None
    origin: str
    origin_words: str
    made_by: str
    made_at: datetime
    changed_by: str
    changed_at: datetime
    version: int

    @property
    def open(self) -> bool:
        """Whether there is still something to do."""
        return self.state in OPEN

    def days_late(self, today: date) -> int:
        """Days since the due date of an open action; 0 when it is not late."""
        return max(0, (today - self.due).days) if self.open else 0


@dataclass(frozen=True)
class Comment:
    """What somebody said beside an object ("action:<id>", "review:<scorecard>:<period>:<item>")."""

    id: str
    object: str
    text: str
    author: str
    recorded_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class Change:
    """One change of an action: when (UTC), who, what (the name of the command), and the fields before and after."""

    when: datetime
    who: str
    what: str
    before: dict[str, Any]
    after: dict[str, Any]


_COLUMNS = (
    "id", "title", "kind", "owner", "due", "measure", "segment", "effect", "effect_by", "first_reading", "state",
    "started", "ended", "origin", "origin_words", "made_by", "made_at", "changed_by", "changed_at", "version",
)  # fmt: skip
_SELECT = f"""SELECT {", ".join(f"a.{name}" for name in _COLUMNS)}, COALESCE(p.name, a.owner)
              FROM action AS a LEFT JOIN person AS p ON p.id = a.owner"""


def _read(tx: Tx, rest: str, params: Sequence[Any]) -> list[Action]:
    """The actions of a query; the grain of a first reading is that of the measure's figures."""
    found = [
        dict(zip((*_COLUMNS, "owner_name"), row, strict=True)) for row in tx.all(f"{_SELECT} {rest}", list(params))
    ]
    grains = _grains(tx, sorted({one["measure"] for one in found if one["first_reading"]}))
    for one in found:
        first = one["first_reading"]
        one["first_reading"] = Period(first, grains.get(one["measure"], "month")) if first else None
    return [Action(**one) for one in found]


def _grains(tx: Tx, measures: Sequence[str]) -> dict[str, str]:
    if not measures:
        return {}
    places = ", ".join(f"${n}" for n in range(1, len(measures) + 1))
    return dict(
        tx.all(f"SELECT measure, MIN(grain) FROM figure WHERE measure IN ({places}) GROUP BY measure", measures)
    )


def listed(tx: Tx, open_only: bool = False) -> list[Action]:
    """All actions in order of the date due, or only those that are open."""
    where = "WHERE a.state IN ($1, $2)" if open_only else ""
    return _read(tx, f"{where} ORDER BY a.due, a.title, a.id", OPEN if open_only else ())


def one(tx: Tx, id: str) -> Action | None:
    """The action with this id."""
    return next(iter(_read(tx, "WHERE a.id = $1", [id])), None)


def by_origin(tx: Tx, prefix: str) -> list[Action]:
    """The actions whose origin begins with this text, in the order in which they were written."""
    where = "WHERE SUBSTRING(a.origin, 1, $2) = $1 ORDER BY a.made_at, a.due, a.title, a.id"
    return _read(tx, where, [prefix, len(prefix)])


def insert(tx: Tx, new: Action) -> None:
    """Nothing; the action is written at its version."""
    values = _values(new)
    tx.run(
        f"INSERT INTO action ({', '.join(_COLUMNS)}) VALUES ({', '.join(f'${n}' for n in range(1, len(values) + 1))})",
        values,
    )


def update(tx: Tx, new: Action, seen_version: int) -> bool:
    """True when the row still had the version that was seen and is changed."""
    fields = _COLUMNS[1:]
    return (
        tx.one(
            f"""UPDATE action SET {", ".join(f"{name} = ${n}" for n, name in enumerate(fields, 1))}
                WHERE id = ${len(fields) + 1} AND version = ${len(fields) + 2} RETURNING version""",
            [*_values(new)[1:], new.id, seen_version],
        )
        is not None
    )


def _values(action: Action) -> list[Any]:
    first = action.first_reading.start if action.first_reading else None
    return [first if name == "first_reading" else getattr(action, name) for name in _COLUMNS]


def add_comment(tx: Tx, new: Comment) -> None:
    """Nothing; the comment is written."""
    tx.run(
        "INSERT INTO comment VALUES ($1, $2, $3, $4, $5, $6)",
        [new.id, new.object, new.text, new.author, new.recorded_at, new.withdrawn_at],
    )


def comments(tx: Tx, object: str) -> list[Comment]:
    """What was said beside an object, the oldest first; withdrawn words too."""
    rows = tx.all(
        """SELECT id, object, text, author, recorded_at, withdrawn_at FROM comment WHERE object = $1
           ORDER BY recorded_at, id""",
        [object],
    )
    return [Comment(*row) for row in rows]


def comment(tx: Tx, id: str) -> Comment | None:
    """The comment with this id."""
    row = tx.one("SELECT id, object, text, author, recorded_at, withdrawn_at FROM comment WHERE id = $1", [id])
    return Comment(*row) if row else None


def withdraw_comment(tx: Tx, id: str) -> None:
    """Nothing; the words are taken back now."""
    tx.run("UPDATE comment SET withdrawn_at = $1 WHERE id = $2", [tx.now, id])


def history(tx: Tx, objects: Sequence[str]) -> list[Change]:
    """Every change of these objects, the newest first, as the audit keeps them."""
    places = ", ".join(f"${n}" for n in range(1, len(objects) + 1))
    rows = tx.all(
        f"""SELECT occurred_at, actor, action, before_json, after_json FROM audit
            WHERE object IN ({places}) ORDER BY seq DESC""",
        list(objects),
    )
    return [
        Change(at, who, what, json.loads(before or "{}"), json.loads(after or "{}"))
        for at, who, what, before, after in rows
    ]
