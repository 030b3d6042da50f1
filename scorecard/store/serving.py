"""What serving customers cost and how much of each activity there was, by segment, out of the facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from scorecard.store.tx import Tx

NO_SEGMENT = "No segment"
_SEGMENT = f"COALESCE(NULLIF(account.segment, ''), '{NO_SEGMENT}')"
# What is counted of an activity between two days, both included.
_VOLUMES = {
    "contacts": "SELECT account_id FROM contact WHERE done_on BETWEEN $1 AND $2",
    "tickets": "SELECT account_id FROM ticket WHERE CAST(opened_at AS DATE) BETWEEN $1 AND $2",
    "renewals": "SELECT account_id FROM renewal WHERE due_on BETWEEN $1 AND $2",
    "onboardings": "SELECT account_id FROM account WHERE started_on BETWEEN $1 AND $2",
}


def last_month(tx: Tx) -> date | None:
    """The first day of the last month with a cost, None without any."""
    found = tx.one("SELECT MAX(month) FROM cost")
    return found[0] if found else None


def costs(tx: Tx, first: date, last: date) -> list[tuple[str, str, float]]:
    """(activity, segment or "", amount) of the months between two days."""
    return tx.all("""SELECT COALESCE(kind, 'other'), COALESCE(segment, ''), SUM(amount) FROM cost WHERE month BETWEEN $1 AND $2
                     GROUP BY 1, 2 ORDER BY 1, 2""", [first, last])


def volumes(tx: Tx, first: date, last: date) -> dict[str, dict[str, float]]:
    """What is counted -> segment -> how many."""
    return {name: {segment: float(count) for segment, count in tx.all(
        f"""SELECT {_SEGMENT}, COUNT(*) FROM ({sql}) AS own JOIN account ON account.account_id = own.account_id
            GROUP BY 1 ORDER BY 1""", [first, last])} for name, sql in _VOLUMES.items()}


def accounts(tx: Tx, first: date, last: date) -> dict[str, int]:
    """Segment -> accounts that were customers at some time between two days, alphabetical."""
    return dict(tx.all(f"""SELECT {_SEGMENT}, COUNT(*) FROM account WHERE (started_on IS NULL OR started_on <= $2)
                           AND (ended_on IS NULL OR ended_on >= $1) GROUP BY 1 ORDER BY 1""", [first, last]))


def revenue(tx: Tx, first: date, last: date) -> dict[str, float]:
    """Segment -> recurring revenue of the months between two days."""
    found: dict[str, float] = defaultdict(float)
    for segment, amount in tx.all(f"""SELECT {_SEGMENT}, SUM(mrr_end) FROM account_month JOIN account ON account.account_id = account_month.account_id
                                      WHERE month BETWEEN $1 AND $2 GROUP BY 1""", [first, last]):
        found[segment] += amount or 0.0
    return dict(found)


def worth(tx: Tx, asked: Sequence[str]) -> dict[str, float]:
    """Account -> its recurring revenue a year, as of its last month."""
    rows = tx.all("""SELECT account_id, ARG_MAX(mrr_end, month) * 12 FROM account_month WHERE list_contains($1, account_id) GROUP BY 1""", [list(asked)])
    return {account: amount or 0.0 for account, amount in rows}
