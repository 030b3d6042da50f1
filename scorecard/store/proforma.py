"""What was billed and what it cost, quarter by quarter, out of the facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from scorecard.store.tx import Tx


@dataclass(frozen=True)
class Billed:
    """Money of one quarter by its number (from 0): monthly revenue of the accounts that were there at its beginning (`opening`, `kept`
    at most that, what they bought more), of those that came in it, and of all at its end."""

    quarter: int
    opening: float
    kept: float
    expansion: float
    new: float
    closing: float


def billed(tx: Tx, first: date, quarters: int) -> list[Billed]:
    """The quarters from a first month on of which the facts have the first and the last month."""
    rows = tx.all(
        """SELECT quarter, SUM(opening), SUM(LEAST(opening, closing)), SUM(CASE WHEN opening > 0 THEN GREATEST(closing - opening, 0) ELSE 0 END),
                  SUM(CASE WHEN opening > 0 THEN 0 ELSE closing END), SUM(closing)
           FROM (SELECT account_id, CAST(FLOOR(n / 3.0) AS INTEGER) AS quarter, SUM(CASE WHEN n % 3 = 0 THEN mrr_start ELSE 0 END) AS opening,
                        SUM(CASE WHEN n % 3 = 2 THEN mrr_end ELSE 0 END) AS closing,
                        MAX(CASE WHEN n % 3 = 0 THEN 1 ELSE 0 END) AS begun, MAX(CASE WHEN n % 3 = 2 THEN 1 ELSE 0 END) AS ended
                 FROM (SELECT account_id, mrr_start, mrr_end, CAST(EXTRACT(YEAR FROM month) * 12 + EXTRACT(MONTH FROM month) AS INTEGER) - $1 AS n
                       FROM account_month) AS months
                 WHERE n >= 0 AND n < $2 GROUP BY account_id, CAST(FLOOR(n / 3.0) AS INTEGER)) AS accounts
           GROUP BY quarter HAVING MAX(begun) = 1 AND MAX(ended) = 1 ORDER BY quarter""",
        [first.year * 12 + first.month, 3 * quarters],
    )
    return [Billed(int(quarter), *(float(one or 0) for one in rest)) for quarter, *rest in rows]


def spent(tx: Tx, first: date, quarters: int) -> dict[int, tuple[float, int]]:
    """Quarter -> what serving customers cost, and of how many of its months there are costs."""
    rows = tx.all(
        """SELECT CAST(FLOOR(n / 3.0) AS INTEGER), SUM(amount), COUNT(DISTINCT n)
           FROM (SELECT amount, CAST(EXTRACT(YEAR FROM month) * 12 + EXTRACT(MONTH FROM month) AS INTEGER) - $1 AS n FROM cost) AS months
           WHERE n >= 0 AND n < $2 GROUP BY 1 ORDER BY 1""",
        [first.year * 12 + first.month, 3 * quarters],
    )
    return {int(quarter): (float(amount or 0), int(months)) for quarter, amount, months in rows}


def last_month(tx: Tx) -> date | None:
    """The last month of which revenue is known."""
    (found,) = tx.one("SELECT MAX(month) FROM account_month")
    return found
