"""The audit, read: who changed what, a page at a time; verified; its rows as they stand, for who wants to check them elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from scorecard import access
from scorecard.access import Actor
from scorecard.errors import StoreDamaged, UsageError
from scorecard.jobs import Task
from scorecard.store import audit, audit_rows, verifying
from scorecard.store.audit_rows import Choices, Filter, Row
from scorecard.store.engine import Store
from scorecard.store.verifying import Checked

ACTION, JOB = "read_audit", "verify_audit"
SIZE = 50
# A verification of more rows is a job: about a quarter of a second of work.
AT_ONCE = 20_000
# What a page gives away as a file; the command writes all of it.
MOST_IN_A_FILE = 100_000
SHORTEST_MARK = 8
FILTERS = 16


@dataclass(frozen=True)
class Page:
    """Rows of the audit, the newest first; how many there are in all; the number from which the older ones follow, None at the end."""

    rows: tuple[Row, ...]
    count: int
    older: int | None


@dataclass(frozen=True)
class State:
    """The head of the chain now, that kept outside, and the last verification."""

    head: audit.Mark
    outside: audit.Mark | None
    checked: Checked | None

    @property
    def since(self) -> int:
        """How many rows were written after the last verification."""
        return max(0, self.head.seq - self.checked.sound.seq) if self.checked else self.head.seq


# What was found out about a filter: up to which row, how many, and their numbers while they are few. Rows are only ever added.
_found: WeakKeyDictionary[Store, dict[Filter, audit_rows.Found]] = WeakKeyDictionary()
_choices: WeakKeyDictionary[Store, Choices] = WeakKeyDictionary()


def page(store: Store, actor: Actor, wanted: Filter, before: int | None = None, size: int = SIZE) -> Page:
    """The rows that a filter leaves, the newest first, those before a number. For leaders and admins."""
    access.require(actor, ACTION)
    kept = _found.setdefault(store, {})
    with store.read() as tx:
        found = audit_rows.counted(tx, wanted, kept.pop(wanted, None))
        numbers = audit_rows.numbers(tx, wanted, found, before, size + 1)
        rows = audit_rows.rows(tx, numbers[:size])
    kept[wanted] = found
    while len(kept) > FILTERS:
        kept.pop(next(iter(kept)))
    return Page(rows, found.count, rows[-1].seq if len(numbers) > size and rows else None)


def choices(store: Store, actor: Actor) -> Choices:
    """The people, actions and kinds of objects that stand in the audit, to choose from."""
    access.require(actor, ACTION)
    with store.read() as tx:
        _choices[store] = audit_rows.choices(tx, _choices.get(store))
    return _choices[store]


def state(store: Store, actor: Actor) -> State:
    """The head now, the one outside, the last verification."""
    access.require(actor, ACTION)
    with store.read() as tx:
        head = audit.newest(tx)
    return State(head, store.head.read(), verifying.last(store))


def verify(store: Store, actor: Actor, now: datetime | None = None, told: Callable[[int], None] | None = None) -> Checked:
    """Every row read and its hash computed again, and the head outside looked for."""
    access.require(actor, ACTION)
    return verifying.check(store, now, told=told)


def verify_job(store: Store, task: Task) -> dict[str, Any]:
    """The same as a job, which says how far it is."""
    with store.read() as tx:
        rows = max(1, audit.newest(tx).seq)
    found = verify(store, task.actor, told=lambda seq: task.at(min(1.0, seq / rows), f"{seq:,} of {rows:,} rows are read"))
    if not found.ok:
        raise StoreDamaged(f"The audit does not hold. {found.problems[0]}")
    return described(found) | {"message": f"All {found.rows:,} rows follow from one another."}


def described(found: Checked) -> dict[str, Any]:
    """A verification as plain values, for `--json`."""
    return {"ok": found.ok, "rows": found.rows, "head": {"seq": found.sound.seq, "hash": found.sound.hash},
            "kept_outside": found.outside, "problems": list(found.problems)}  # fmt: skip


def exported(store: Store, actor: Actor, wanted: Filter, most: int = MOST_IN_A_FILE) -> tuple[list[list[Any]], audit.Mark]:
    """The rows that a filter leaves, in their order, the newest ones when there are more than fit; and the head of the chain."""
    access.require(actor, ACTION)
    with store.read() as tx:
        return [audit_rows.plain(row) for row in audit_rows.whole(tx, wanted, most)], audit.newest(tx)


def rows(store: Store, actor: Actor, after: int, upto: int | None = None) -> dict[str, Any]:
    """Rows after a number as JSON values, in their order, up to another or the newest; and the head at which they end."""
    access.require(actor, ACTION)
    with store.read() as tx:
        head = audit.newest(tx) if upto is None else audit_rows.mark(tx, upto)
        found = audit_rows.after(tx, after, head.seq)
    return {"rows": [audit_rows.plain(row) for row in found], "head": {"seq": head.seq, "hash": head.hash}}


def found(store: Store, actor: Actor, mark: str) -> dict[str, Any]:
    """The row whose hash begins so: number, moment, who and what. Raises UsageError when none does, or the beginning is short."""
    access.require(actor, ACTION)
    sign = "".join(mark.split()).lower()
    if len(sign) < SHORTEST_MARK or set(sign) - set("0123456789abcdef"):
        raise UsageError(f"{mark!r} is no beginning of a hash. Give eight signs of it or more, such as stand on a signed pack: 67d2 1185.")
    with store.read() as tx:
        row = audit_rows.by_hash(tx, sign)
    if row is None:
        raise UsageError(f"No row of the audit has a hash that begins with {sign}: what carries it was not made from this store, or rows were replaced.")
    return {"seq": row.seq, "at": row.at, "actor": row.actor, "action": row.action, "object": row.object, "hash": row.hash}
