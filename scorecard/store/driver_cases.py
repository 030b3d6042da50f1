"""Cases for a study of drivers, out of the facts: who was at stake, what became of it, and what was known when each case began.

A case begins on a day. Of what can be dated nothing from that day on enters: a ticket counts as unresolved when it was resolved
later; a row that tells of a whole month (use, MRR) counts only when its month had ended. Months and windows that the facts do not
reach are missing, not none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scorecard.store import catalogue, health_scores
from scorecard.store.catalogue import Covered
from scorecard.store.health_scores import _KEPT, _LOST
from scorecard.store.tx import Tx

QUARTER_DAYS, YEAR_DAYS = 91, 365
LATELY_MONTHS, BEFORE_MONTHS, FEWEST_BEFORE = 3, 9, 3
MATURE_DAYS = 30
PRICE_RISE = 0.10
DONE = "('solved', 'closed', 'resolved', 'done')"


@dataclass(frozen=True)
class Case:
    """One case: the account, the day its knowledge ends, when and about how much it was decided, lost or not (None: not known).

    `smaller` says whether it was lost or went on for less than before.
    """

    account: str
    name: str
    begins: date
    due: date
    value: float
    lost: bool | None
    smaller: bool | None = None


_RENEWALS = f"""SELECT ROW_NUMBER() OVER (ORDER BY due_on, renewal_id) AS n, account_id, due_on - $3 AS begins, due_on AS due, COALESCE(value_due, 0) AS value, renewed_on, value_due, value_renewed,
        CASE WHEN LOWER(COALESCE(status, '')) IN {_LOST} THEN TRUE WHEN LOWER(COALESCE(status, '')) IN {_KEPT} THEN FALSE
             WHEN value_renewed IS NOT NULL THEN value_renewed <= 0 WHEN renewed_on IS NOT NULL THEN FALSE END AS lost
    FROM renewal WHERE due_on BETWEEN $1 AND $2"""
_DECIDED = f"SELECT *, CASE WHEN lost THEN TRUE ELSE value_renewed < value_due END AS smaller FROM ({_RENEWALS}) AS renewals WHERE lost IS NOT NULL"
# An account that had left, or had renewed, before its case began: its silence then is the outcome, not a sign of it.
_TOO_LATE = """EXISTS (SELECT 1 FROM account WHERE account.account_id = decided.account_id AND ended_on < begins) OR COALESCE(renewed_on < begins, FALSE)"""
_UNDECIDED_THEN = f"SELECT * FROM ({_DECIDED}) AS decided WHERE NOT ({_TOO_LATE})"
# An account that is marked as lost without a day may have left before, in or after the period: that is not known.
_STAKES = """SELECT ROW_NUMBER() OVER (ORDER BY account_id) AS n, account_id, $1 AS begins, $2 AS due, 0.0 AS value,
        CASE WHEN ended_on IS NOT NULL THEN ended_on < $2 WHEN churned THEN NULL ELSE FALSE END AS lost
    FROM account WHERE $3 = $3 AND (started_on IS NULL OR started_on < $1) AND (ended_on IS NULL OR ended_on >= $1)"""
# From the last whole month before the period to the last one in it.
_ACCOUNTS = f"""SELECT *, CASE WHEN lost IS NULL OR lost THEN lost ELSE (
        SELECT CASE WHEN COUNT(mrr_end) > 1 THEN ARG_MAX(mrr_end, month) < ARG_MIN(mrr_end, month) END FROM account_month
        WHERE account_month.account_id = stakes.account_id AND month >= DATE_TRUNC('month', begins) - INTERVAL 1 MONTH AND month < DATE_TRUNC('month', due)) END AS smaller
    FROM ({_STAKES}) AS stakes"""
# Those at stake now: what is due from a day on and not decided, with what is known on that day.
_AHEAD = f"""SELECT n, account_id, $3 AS begins, due, value, lost, NULL AS smaller FROM (
        SELECT ROW_NUMBER() OVER (ORDER BY due_on, renewal_id) AS n, account_id, due_on AS due, COALESCE(value_due, 0) AS value, NULL AS lost
        FROM renewal WHERE due_on BETWEEN $1 AND $2 AND renewed_on IS NULL AND LOWER(COALESCE(status, '')) NOT IN {_LOST}
            AND LOWER(COALESCE(status, '')) NOT IN {_KEPT}) AS open"""
_CUSTOMERS = """SELECT ROW_NUMBER() OVER (ORDER BY account_id) AS n, account_id, $1 AS begins, $2 AS due, 0.0 AS value, NULL AS lost, NULL AS smaller
    FROM account WHERE $3 = $3 AND (started_on IS NULL OR started_on < $1) AND (ended_on IS NULL OR ended_on >= $1) AND churned IS NOT TRUE"""
COHORTS = {"renewals": _UNDECIDED_THEN, "accounts": _ACCOUNTS, "ahead": _AHEAD, "customers": _CUSTOMERS}


def cases(tx: Tx, cohort: str, first: date, last: date, days: int) -> list[Case]:
    """The cases of a cohort, in the order in which they were decided."""
    return [Case(*row) for row in tx.all(
        f"""SELECT own.account_id, COALESCE(account.name, own.account_id), own.begins, own.due, own.value, own.lost, own.smaller
            FROM ({COHORTS[cohort]}) AS own LEFT JOIN account ON account.account_id = own.account_id ORDER BY own.n""", _params(cohort, first, last, days))]


def _params(cohort: str, first: date, last: date, days: int) -> list:
    return [first, last, first if cohort in ("ahead", "customers") else days]


def decided_before(tx: Tx, first: date, last: date, days: int) -> int:
    """How many renewals of a span were decided before their cases would have begun; they are no cases."""
    return int(tx.one(f"SELECT COUNT(*) FROM ({_DECIDED}) AS decided WHERE {_TOO_LATE}", [first, last, days])[0])


def known(tx: Tx, cohort: str, first: date, last: date, days: int, wanted: Sequence[str]) -> dict[str, list]:
    """What was known of each predictor when each case began, in the order of `cases`; None where nothing tells."""
    if not wanted:
        return {}
    reaches = catalogue.covered(tx)
    event = health_scores.total_use(tx) if "use" in wanted else ""
    parts = {name: _SQL[name].replace("{told}", _told(reaches, *_TOLD[name])).replace("{event}", "$4") for name in wanted}
    columns = ", ".join(f"p_{name}.value" for name in wanted)
    joins = " ".join(f"LEFT JOIN ({sql}) AS p_{name} ON p_{name}.n = own.n" for name, sql in parts.items())
    rows = tx.all(f"WITH own AS MATERIALIZED ({COHORTS[cohort]}) SELECT {columns} FROM own {joins} ORDER BY own.n",
                  [*_params(cohort, first, last, days), *([event] if "use" in wanted else [])])
    return {name: [row[place] for row in rows] for place, name in enumerate(wanted)}


def _told(reaches: Mapping[str, Covered], kind: str, days: int) -> str:
    """Whether the facts of a kind tell of the days before a case began."""
    one = reaches.get(kind)
    if one is None:
        return "FALSE"
    until = one.last + timedelta(one.silence + 1)
    return f"own.begins BETWEEN DATE '{one.first + timedelta(days)}' AND DATE '{until}'"


# The kind that has to tell of so many days before the beginning.
_TOLD = {"use": ("usage", 0), "adoption": ("milestone", 0), "tickets": ("ticket", 0), "contacts": ("contact", QUARTER_DAYS),
         "satisfaction": ("survey", 0), "trust": ("survey", 0), "tenure": ("account", 0), "price": ("account", 0), "segment": ("account", 0)}
_SAID = """SELECT account_id, answered_on AS day, CASE WHEN question = 'csat' THEN (score - 1) * 2.5 ELSE score END AS score
    FROM survey WHERE question <> 'trust' AND score IS NOT NULL
    UNION ALL SELECT account_id, CAST(COALESCE(resolved_at, opened_at) AS DATE), (satisfaction - 1) * 2.5 FROM ticket WHERE satisfaction IS NOT NULL"""
_SQL = {
    # By whole months that had ended: a row of a month stands on its first day and tells of all of it.
    "use": f"""SELECT n, CASE WHEN BOOL_OR(told) AND before_n >= {FEWEST_BEFORE} AND before > 0
                   THEN (lately / {LATELY_MONTHS}.0) / (before / before_n) END AS value FROM (
        SELECT own.n, {{told}} AS told, SUM(CASE WHEN used.ago <= {LATELY_MONTHS} THEN amount ELSE 0 END) AS lately,
            SUM(CASE WHEN used.ago > {LATELY_MONTHS} THEN amount ELSE 0 END) AS before,
            LEAST(MAX(first_ago) - {LATELY_MONTHS}, {BEFORE_MONTHS}) AS before_n
        FROM own JOIN (
            SELECT inner_own.n, DATE_DIFF('month', DATE_TRUNC('month', used_on), DATE_TRUNC('month', inner_own.begins)) AS ago, SUM(COALESCE(quantity, 1)) AS amount,
                MAX(DATE_DIFF('month', DATE_TRUNC('month', began.day), DATE_TRUNC('month', inner_own.begins))) AS first_ago
            FROM own AS inner_own
            JOIN (SELECT COALESCE(usage.account_id, subscription.account_id) AS account_id, used_on, event, quantity
                  FROM usage LEFT JOIN subscription ON subscription.subscription_id = usage.subscription_id) AS all_use
                ON all_use.account_id = inner_own.account_id
            JOIN (SELECT COALESCE(usage.account_id, subscription.account_id) AS account_id, MIN(used_on) AS day
                  FROM usage LEFT JOIN subscription ON subscription.subscription_id = usage.subscription_id
                  WHERE {{event}} = '' OR event = {{event}} GROUP BY 1) AS began ON began.account_id = inner_own.account_id
            WHERE ({{event}} = '' OR event = {{event}}) AND used_on < DATE_TRUNC('month', inner_own.begins)
            GROUP BY 1, 2) AS used ON used.n = own.n
        WHERE used.ago BETWEEN 1 AND {LATELY_MONTHS + BEFORE_MONTHS} GROUP BY own.n, own.begins) AS counted GROUP BY n, before_n, before, lately""",
    "adoption": f"""SELECT own.n, CASE WHEN {{told}} THEN AVG(CASE WHEN reached_on <= clock_started_on + {MATURE_DAYS} THEN 1.0 ELSE 0.0 END) END AS value
        FROM own JOIN milestone ON milestone.account_id = own.account_id
        WHERE clock_started_on + {MATURE_DAYS} < own.begins AND clock_started_on + {MATURE_DAYS} >= own.begins - {YEAR_DAYS} GROUP BY own.n, own.begins""",
    "tickets": f"""SELECT own.n, CASE WHEN {{told}} THEN COUNT(ticket.ticket_id) END AS value FROM own LEFT JOIN ticket
            ON ticket.account_id = own.account_id AND ticket.opened_at < own.begins AND (ticket.resolved_at >= own.begins
                OR ticket.resolved_at IS NULL AND LOWER(COALESCE(ticket.status, '')) NOT IN {DONE})
        GROUP BY own.n, own.begins""",
    "contacts": f"""SELECT own.n, CASE WHEN {{told}} THEN COUNT(contact.contact_id) END AS value FROM own LEFT JOIN contact
            ON contact.account_id = own.account_id AND contact.done_on >= own.begins - {QUARTER_DAYS} AND contact.done_on < own.begins
        GROUP BY own.n, own.begins""",
    "satisfaction": f"""SELECT own.n, AVG(said.score) AS value FROM own JOIN ({_SAID}) AS said ON said.account_id = own.account_id
        WHERE said.day < own.begins AND said.day >= own.begins - {YEAR_DAYS} GROUP BY own.n""",
    "trust": f"""SELECT own.n, AVG(survey.score) AS value FROM own JOIN survey ON survey.account_id = own.account_id
        WHERE question = 'trust' AND answered_on < own.begins AND answered_on >= own.begins - {YEAR_DAYS} GROUP BY own.n""",
    "tenure": """SELECT own.n, MAX((own.begins - started_on) / 365.25) AS value FROM own JOIN account ON account.account_id = own.account_id
        WHERE started_on < own.begins GROUP BY own.n""",
    # Within a year, from the earliest month with an amount; by seat where the contracts have seats.
    "price": f"""SELECT own.n, COALESCE(MAX(seat.now / NULLIF(seat.earlier, 0)), ARG_MAX(mrr_end, month) / NULLIF(ARG_MIN(mrr_end, month), 0)) > 1 + {PRICE_RISE} AS value
        FROM own JOIN account_month ON account_month.account_id = own.account_id AND mrr_end > 0
            AND month < DATE_TRUNC('month', own.begins) AND month >= DATE_TRUNC('month', own.begins) - INTERVAL 13 MONTH
        LEFT JOIN (SELECT inner_own.n, SUM(CASE WHEN ended_on IS NULL OR ended_on >= inner_own.begins THEN mrr END)
                       / NULLIF(SUM(CASE WHEN ended_on IS NULL OR ended_on >= inner_own.begins THEN seats END), 0) AS now,
                       SUM(CASE WHEN started_on < inner_own.begins - 365 THEN mrr END) / NULLIF(SUM(CASE WHEN started_on < inner_own.begins - 365 THEN seats END), 0) AS earlier
                   FROM own AS inner_own JOIN subscription ON subscription.account_id = inner_own.account_id AND seats > 0 AND trial IS NOT TRUE
                   WHERE started_on < inner_own.begins AND (ended_on IS NULL OR ended_on >= inner_own.begins - 365) GROUP BY inner_own.n) AS seat ON seat.n = own.n
        GROUP BY own.n""",
    # What the account's row said first after the day was what stood on that day.
    "segment": """SELECT own.n, COALESCE(ARG_MIN(past.segment, past.superseded_at), MAX(account.segment)) AS value
        FROM own JOIN account ON account.account_id = own.account_id
        LEFT JOIN account_past AS past ON past.account_id = own.account_id AND past.superseded_at >= own.begins
        GROUP BY own.n""",
}


def has_seats(tx: Tx) -> bool:
    """Whether contracts have seats, so that a price can be told from growth."""
    return tx.one("SELECT 1 FROM subscription WHERE seats > 0 LIMIT 1") is not None


def span(tx: Tx) -> tuple[date, date] | None:
    """The first and last day on which a renewal was due that is decided, None without one."""
    found = tx.one(f"SELECT MIN(due), MAX(due) FROM ({_DECIDED}) AS decided", [date.min.replace(year=1900), date(2999, 12, 31), 0])
    return (found[0], found[1]) if found and found[0] else None


def reach(tx: Tx, kind: str) -> date | None:
    """The last day that a kind of facts tells of, None when it has no rows."""
    found = catalogue.covered(tx).get(kind)
    return found.last if found else None


def segments(tx: Tx) -> tuple[str, ...]:
    """The segments of the accounts, alphabetical."""
    return tuple(name for (name,) in tx.all("SELECT DISTINCT segment FROM account WHERE segment <> '' ORDER BY segment"))


def loads(tx: Tx) -> tuple[str, str]:
    """(number of loads, id of the newest): which figures a model was made from."""
    count, newest = tx.one("SELECT COUNT(*), ARG_MAX(load, loaded_at) FROM fact_load")
    return str(count), newest or ""
