"""What facts say about named accounts: name, segment, monthly revenue, the next renewal, open severe tickets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from scorecard.store.tx import Tx


@dataclass(frozen=True)
class Customer:
    """An account of the facts; `mrr` is that of its last month, `renewal` the next one due after the day that was asked about."""

    id: str
    name: str
    segment: str
    industry: str
    csm: str
    mrr: float
    renewal: date | None


def customers(tx: Tx, accounts: Sequence[str], after: date) -> dict[str, Customer]:
    """Those of the accounts that are known, by their id."""
    if not accounts:
        return {}
    rows = tx.all(
        """WITH asked AS (SELECT UNNEST($1) AS account_id),
                worth AS (SELECT account_id, ARG_MAX(mrr_end, month) AS mrr FROM account_month
                          WHERE account_id IN (SELECT account_id FROM asked) GROUP BY account_id),
                due AS (SELECT account_id, MIN(due_on) AS due_on FROM renewal
                        WHERE due_on > $2 AND account_id IN (SELECT account_id FROM asked) GROUP BY account_id)
           SELECT account.account_id, COALESCE(name, account.account_id), COALESCE(segment, ''), COALESCE(industry, ''), COALESCE(csm, ''),
               COALESCE(worth.mrr, 0), due.due_on
           FROM account LEFT JOIN worth ON worth.account_id = account.account_id LEFT JOIN due ON due.account_id = account.account_id
           WHERE account.account_id IN (SELECT account_id FROM asked)""",
        [list(accounts), after],
    )
    return {row[0]: Customer(*row) for row in rows}
