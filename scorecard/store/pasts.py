"""Past cases of the two processes that can be simulated: accounts on their way to first value, and renewals before their date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scorecard.store.tx import Tx

VALUE, YEAR = "%value%", 365
# The statuses that outcomes of renewals are written with.
LOST = ("lost", "churned", "cancelled", "canceled", "not renewed")


@dataclass(frozen=True)
class Past:
    """One case: the day it arrived and the day it was done (None: not), revenue a year, whether the account stayed (None: not known), adopted."""

    arrived: date
    done: date | None
    value: float
    stayed: bool | None
    adopted: bool


_WORTH = "SELECT account_id, ARG_MAX(mrr_end, month) * 12 AS worth FROM account_month WHERE mrr_end > 0 GROUP BY account_id"
_ADOPTED = """SELECT account_id, AVG(CASE WHEN reached_on <= clock_started_on + 30 THEN 1.0 ELSE 0.0 END) >= 0.5 AS adopted FROM milestone
              WHERE clock_started_on IS NOT NULL AND (NOT $2 OR LOWER(milestone) LIKE $1) GROUP BY account_id"""


def has_value(tx: Tx) -> bool:
    """Whether a milestone names first value; else the first step of any milestone is taken for it."""
    return tx.one("SELECT 1 FROM milestone WHERE LOWER(milestone) LIKE $1 LIMIT 1", [VALUE]) is not None


def onboardings(tx: Tx) -> list[Past]:
    """From each start of a clock to first value, as the measure counts them: an account that begins with a second site is a case again.

    Where no milestone names first value, an account's first milestone alone. Its revenue stands behind the first start of a year,
    so that nothing is counted twice. `stayed` is None before a year has passed since.
    """
    named = has_value(tx)
    rows = tx.all(f"""
        SELECT own.began, own.reached, account.ended_on,
            CASE WHEN own.began - LAG(own.began) OVER (PARTITION BY own.account_id ORDER BY own.began) < {YEAR} THEN 0.0 ELSE COALESCE(worth.worth, 0) END, COALESCE(adopted.adopted, FALSE)
        FROM (SELECT account_id, MIN(clock_started_on) AS began, MIN(reached_on) AS reached FROM milestone
              WHERE clock_started_on IS NOT NULL AND (NOT $2 OR LOWER(milestone) LIKE $1) GROUP BY account_id{", clock_started_on" if named else ""}) AS own
        JOIN account ON account.account_id = own.account_id
        LEFT JOIN ({_WORTH}) AS worth ON worth.account_id = own.account_id
        LEFT JOIN ({_ADOPTED}) AS adopted ON adopted.account_id = own.account_id
        ORDER BY own.began, own.account_id""", [VALUE, named])
    return [Past(began, reached, worth, ended is None or ended > began + timedelta(YEAR), adopted) for began, reached, ended, worth, adopted in rows]


def renewals(tx: Tx, lead: int) -> list[Past]:
    """Renewals from so many days before their date to the day they were renewed; what was lost has no such day."""
    statuses = ", ".join(f"'{one}'" for one in LOST)
    rows = tx.all(f"""
        SELECT renewal.due_on - $3, renewal.renewed_on, COALESCE(renewal.value_due, 0),
            CASE WHEN LOWER(COALESCE(status, '')) IN ({statuses}) THEN FALSE WHEN renewed_on IS NOT NULL THEN TRUE
                 WHEN value_renewed IS NOT NULL THEN value_renewed > 0 END, COALESCE(adopted.adopted, FALSE)
        FROM renewal LEFT JOIN ({_ADOPTED}) AS adopted ON adopted.account_id = renewal.account_id
        ORDER BY renewal.due_on, renewal.renewal_id""", [VALUE, has_value(tx), lead])
    return [Past(*row) for row in rows]


def reach(tx: Tx, kind: str, lead: int) -> date | None:
    """The last day on which all arrivals are known: of renewals so many days before the last date that the facts hold."""
    if kind == "onboarding":
        found = tx.one("SELECT MAX(GREATEST(clock_started_on, COALESCE(reached_on, clock_started_on))) FROM milestone")
    else:
        found = tx.one("SELECT LEAST(MAX(due_on) - $1, MAX(renewed_on)) FROM renewal", [lead])
    return found[0] if found else None


def kept_share(found: Sequence[Past], adopted: bool | None = None) -> tuple[int, int]:
    """(kept, known) of the cases whose outcome is known, of those that adopted or did not when asked."""
    own = [one for one in found if one.stayed is not None and (adopted is None or one.adopted is adopted)]
    return sum(bool(one.stayed) for one in own), len(own)
