"""Counts of what exports brought in the last twelve months: read once for each load of facts, however often people save."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from scorecard.store.engine import Store
from scorecard.store.kept import DAYS
from scorecard.store.tx import Tx

QUESTIONS = {"nps": "recommendation", "csat": "satisfaction", "trust": "trust"}


@dataclass(frozen=True)
class Said:
    """How often something was said since a day, how many of these with a remark, and the last day of it."""

    n: int
    remarks: int
    last: date | None


@dataclass(frozen=True)
class Facts:
    """Counts since the first day of the window. `surveys` are by question; `milestones` by name, the most frequent first.

    Promises are those due by today: `promises` (all, kept by their date, kept late, with an owner). `tickets_timed` have the
    time of the first answer, `tickets_resolved` are resolved. `health` is (months with recorded scores, the last of them, its
    accounts), of all time.
    """

    surveys: dict[str, Said]
    tickets: Said
    tickets_timed: int
    tickets_resolved: int
    contacts: Said
    contacts_done: int
    channels: tuple[str, ...]
    milestones: dict[str, int]
    promises: tuple[int, int, int, int]
    renewals: int
    usage_to: date | None
    accounts: int
    segments: int
    referred: int
    health: tuple[int, date | None, int] = (0, None, 0)

    @property
    def remarks(self) -> int:
        """Remarks in surveys, tickets and contacts together."""
        return sum(one.remarks for one in (*self.surveys.values(), self.tickets, self.contacts))

    @property
    def answers(self) -> int:
        """Survey answers of all questions."""
        return sum(one.n for one in self.surveys.values())


def counted(store: Store, since: date, today: date) -> Facts:
    """The counts since a day, up to today. They are counted again when facts have changed, or on another day."""

    def count() -> Facts:
        with store.read_facts() as tx:
            return _count(tx, since, today + timedelta(days=1))

    return store.kept.get("facts of a year", (since, today), count, DAYS)


def _count(tx: Tx, since: date, until: date) -> Facts:
    window = [since, until]
    timed, resolved = tx.one(
        """SELECT COUNT(COALESCE(CAST(first_response_at AS VARCHAR), CAST(first_response_minutes AS VARCHAR))), COUNT(resolved_at)
           FROM ticket WHERE opened_at >= $1 AND opened_at < $2""",
        window,
    )
    accounts, segments = tx.one("SELECT COUNT(*), COUNT(DISTINCT segment) FROM account")
    return Facts(
        {question: Said(*rest) for question, *rest in tx.all(
            """SELECT question, COUNT(*), COUNT(NULLIF(TRIM(comment), '')), MAX(answered_on) FROM survey
               WHERE answered_on >= $1 AND answered_on < $2 GROUP BY question ORDER BY question""", window)},
        _said(tx, "ticket", "opened_at", window),
        timed,
        resolved,
        _said(tx, "contact", "COALESCE(done_on, due_on)", window),
        tx.one("SELECT COUNT(*) FROM contact WHERE done_on >= $1 AND done_on < $2", window)[0],
        tuple(name for (name,) in tx.all(
            """SELECT channel FROM contact WHERE done_on >= $1 AND done_on < $2 AND channel IS NOT NULL
               GROUP BY channel ORDER BY COUNT(*) DESC, channel""", window)),
        dict(tx.all(
            """SELECT milestone, COUNT(*) FROM milestone WHERE reached_on >= $1 AND reached_on < $2
               GROUP BY milestone ORDER BY COUNT(*) DESC, milestone""", window)),
        _promises(tx, window),
        tx.one("SELECT COUNT(*) FROM renewal WHERE due_on >= $1 AND due_on < $2", window)[0],
        tx.one("SELECT MAX(used_on) FROM usage WHERE used_on < $1", [until])[0],
        accounts,
        segments,
        tx.one("SELECT COUNT(*) FROM account WHERE referred_by IS NOT NULL AND started_on >= $1 AND started_on < $2", window)[0],
        _health(tx, until),
    )  # fmt: skip


def _said(tx: Tx, table: str, day: str, window: list[date]) -> Said:
    return Said(*tx.one(
        f"""SELECT COUNT(*), COUNT(NULLIF(TRIM(comment), '')), CAST(MAX({day}) AS DATE) FROM {table}
            WHERE {day} >= $1 AND {day} < $2""", window))  # fmt: skip


def _promises(tx: Tx, window: list[date]) -> tuple[int, int, int, int]:
    return tx.one(
        """SELECT COUNT(*), COUNT(CASE WHEN kept_on <= due_on THEN 1 END), COUNT(CASE WHEN kept_on > due_on THEN 1 END),
                  COUNT(NULLIF(TRIM(csm), ''))
           FROM promise WHERE due_on >= $1 AND due_on < $2""",
        window,
    )


def _health(tx: Tx, until: date) -> tuple[int, date | None, int]:
    months, last = tx.one("SELECT COUNT(*), MAX(month) FROM health_recorded WHERE month < $1", [until])
    row = tx.one("SELECT accounts FROM health_recorded WHERE month = $1", [last]) if last else None
    return months, last, row[0] if row else 0
