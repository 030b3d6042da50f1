"""Asks and references as rows: who was asked when and what came of it, and customers who are like one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from scorecard.store.tx import Tx


@dataclass(frozen=True)
class Asked:
    """An ask that was made, or is planned: `kind` is the id of its kind, "" without one."""

    id: str
    account: str
    state: str
    on: date
    kind: str


def asks(tx: Tx, since: date) -> list[Asked]:
    """The asks since a day and the planned ones, by day."""
    rows = tx.all(
        """SELECT e.id, e.account, e.state, e.happened, COALESCE(v.value, '') FROM register_entry AS e
           LEFT JOIN register_value AS v ON v.register = e.register AND v.entry = e.id AND v.version = e.version AND v.field = 'kind'
           WHERE e.register = 'ask' AND e.state <> 'withdrawn' AND (e.happened >= $1 OR e.state = 'planned') ORDER BY e.happened, e.id""",
        [since],
    )
    return [Asked(*row) for row in rows]


def segments(tx: Tx, accounts: Sequence[str]) -> dict[str, tuple[str, str, str]]:
    """Account -> (name, segment, industry)."""
    rows = tx.all(
        """SELECT account_id, COALESCE(name, account_id), COALESCE(segment, ''), COALESCE(industry, '') FROM account
           WHERE account_id IN (SELECT UNNEST($1))""",
        [list(accounts)],
    )
    return {id: tuple(rest) for id, *rest in rows}


def left(tx: Tx, accounts: Sequence[str], today: date) -> dict[str, date]:
    """Account -> the day on which it left, of those that are no customers any more."""
    return dict(tx.all("SELECT account_id, ended_on FROM account WHERE ended_on <= $2 AND account_id IN (SELECT UNNEST($1))", [list(accounts), today]))


def named_segments(tx: Tx) -> list[str]:
    """The segments of accounts, by name."""
    return [name for (name,) in tx.all("SELECT DISTINCT segment FROM account WHERE segment <> '' ORDER BY segment")]


def referred(tx: Tx, since: date, until: date) -> int:
    """How many accounts that began between two days name who recommended us."""
    return tx.one("SELECT COUNT(*) FROM account WHERE referred_by <> '' AND started_on BETWEEN $1 AND $2", [since, until])[0]


def new_revenue(tx: Tx, since: date, until: date) -> tuple[float, float, float] | None:
    """(lower quartile, median, upper quartile) of the revenue a year of accounts that began between two days; None when none did."""
    row = tx.one(
        """SELECT COUNT(*), QUANTILE_CONT(mrr, 0.25), QUANTILE_CONT(mrr, 0.5), QUANTILE_CONT(mrr, 0.75) FROM (
               SELECT 12 * ARG_MAX(mrr_end, month) AS mrr FROM account_month
               WHERE account_id IN (SELECT account_id FROM account WHERE started_on BETWEEN $1 AND $2) GROUP BY account_id) AS begun
           WHERE mrr > 0""",
        [since, until],
    )
    return tuple(row[1:]) if row[0] else None


def revenue(tx: Tx, accounts: Sequence[str]) -> float:
    """The revenue a year of these accounts, as of the last month of each."""
    row = tx.one(
        """SELECT 12 * SUM(mrr) FROM (SELECT ARG_MAX(mrr_end, month) AS mrr FROM account_month
           WHERE account_id IN (SELECT UNNEST($1)) GROUP BY account_id) AS worth""",
        [list(accounts)],
    )
    return row[0] or 0.0


def last_renewal(tx: Tx, account: str) -> date | None:
    """The day on which the last renewal of an account was due; None without any."""
    return tx.one("SELECT MAX(due_on) FROM renewal WHERE account_id = $1", [account])[0]
