"""What stands beside health scores and comments on the page Sensory: revenue, renewals, the accounts that can be opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from scorecard.store.tx import Tx

_WORTH = "SELECT account_id, ARG_MAX(mrr_end, month) AS mrr FROM account_month WHERE month <= $1 GROUP BY account_id"


def worth(tx: Tx, month: date) -> dict[str, tuple[int, float]]:
    """Segment -> (accounts of a recorded month, their MRR at its end)."""
    rows = tx.all(f"""SELECT segment, COUNT(*), COALESCE(SUM(worth.mrr), 0) FROM health_month
                      LEFT JOIN ({_WORTH}) AS worth ON worth.account_id = health_month.account_id
                      WHERE health_month.month = $1 GROUP BY segment ORDER BY segment""", [month])
    return {segment or "": (count, mrr) for segment, count, mrr in rows}


def beside(tx: Tx, accounts: Sequence[str], month: date, until: date) -> dict[str, tuple[float, date | None]]:
    """Account -> (MRR at the end of a month, the next renewal that is due after `until`)."""
    rows = tx.all(f"""
        SELECT account.account_id, COALESCE(worth.mrr, 0),
            (SELECT MIN(due_on) FROM renewal WHERE renewal.account_id = account.account_id AND due_on > $2)
        FROM account LEFT JOIN ({_WORTH}) AS worth ON worth.account_id = account.account_id
        WHERE list_contains($3, account.account_id)""", [month, until, list(accounts)])
    return {account: (mrr, due) for account, mrr, due in rows}


def found(tx: Tx, words: str, limit: int) -> list[tuple[str, str, str]]:
    """(id, name, segment) of the accounts whose id or name has these words, by name."""
    like = "%" + words.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return tx.all("""SELECT account_id, COALESCE(name, account_id), COALESCE(segment, '') FROM account
                     WHERE LOWER(COALESCE(name, '')) LIKE $1 ESCAPE '\\' OR LOWER(account_id) LIKE $1 ESCAPE '\\'
                     ORDER BY 2, 1 LIMIT $2""", [like, limit])


def kinds(tx: Tx) -> set[str]:
    """The kinds of facts that were ever loaded."""
    return {kind for (kind,) in tx.all("SELECT DISTINCT kind FROM fact_load")}
