"""Comments in the facts: of tickets, survey answers and contacts; and the rules that make themes of them, in the state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from scorecard.core import themes
from scorecard.store.tx import Tx

HEARD = {"usage": "used_on", "survey": "answered_on", "ticket": "opened_at", "contact": "done_on", "milestone": "reached_on",
         "promise": "made_on", "renewal": "renewed_on"}


@dataclass(frozen=True)
class Comment:
    """What a customer said: where it was found, its id there, account ("" for none), segment, MRR now, day, words."""

    source: str
    id: str
    account: str
    name: str
    segment: str
    mrr: float
    said_on: date
    text: str


@dataclass(frozen=True)
class Version:
    """A version of the rules of themes."""

    version: int
    rules: tuple[themes.Rule, ...]
    author: str
    reason: str
    recorded_at: datetime


def versions(tx: Tx) -> list[Version]:
    """Every version of the rules, the newest first."""
    rows = tx.all("SELECT version, body, author, reason, recorded_at FROM theme_rule ORDER BY version DESC")
    return [Version(version, themes.from_json(body), *rest) for version, body, *rest in rows]


def add_version(tx: Tx, version: int, rules: Sequence[themes.Rule], reason: str) -> None:
    """Nothing; the rules are kept as this version."""
    tx.run("INSERT INTO theme_rule (version, body, author, reason, recorded_at) VALUES ($1, $2, $3, $4, $5)",
           [version, themes.as_json(rules), tx.actor, reason, tx.now])


_SAID = """SELECT 'ticket' AS source, ticket_id AS id, account_id, CAST(opened_at AS DATE) AS said_on, comment FROM ticket WHERE comment IS NOT NULL
    UNION ALL SELECT 'survey', answer_id, account_id, answered_on, comment FROM survey WHERE comment IS NOT NULL
    UNION ALL SELECT 'contact', contact_id, account_id, COALESCE(done_on, due_on), comment FROM contact WHERE comment IS NOT NULL"""


def said(tx: Tx, first: date, last: date, account: str = "") -> list[Comment]:
    """The comments of these days in order of time; of one account when it is named."""
    rows = tx.all(f"""
        WITH worth AS (SELECT account_id, ARG_MAX(mrr_end, month) AS mrr FROM account_month GROUP BY account_id)
        SELECT said.source, said.id, COALESCE(said.account_id, ''), COALESCE(account.name, said.account_id, ''), COALESCE(account.segment, ''),
            COALESCE(worth.mrr, 0), said.said_on, said.comment
        FROM ({_SAID}) AS said LEFT JOIN account ON account.account_id = said.account_id
        LEFT JOIN worth ON worth.account_id = said.account_id
        WHERE said.said_on BETWEEN $1 AND $2 AND ($3 = '' OR said.account_id = $3) AND TRIM(said.comment) <> ''
        ORDER BY said.said_on, said.source, said.id""", [first, last, account])
    return [Comment(*row) for row in rows]


def places(tx: Tx) -> dict[str, tuple[str, str, float]]:
    """(name, segment, MRR now) of each account, for comments that were logged by hand."""
    rows = tx.all("""WITH worth AS (SELECT account_id, ARG_MAX(mrr_end, month) AS mrr FROM account_month GROUP BY account_id)
                     SELECT account.account_id, COALESCE(name, account.account_id), COALESCE(segment, ''), COALESCE(worth.mrr, 0)
                     FROM account LEFT JOIN worth ON worth.account_id = account.account_id""")
    return {id: tuple(rest) for id, *rest in rows}


def heard(tx: Tx, until: date, days: int) -> list[tuple[str, str, int, int, date | None]]:
    """(kind of facts, segment, accounts, of them heard in so many days, last heard) for the customers of a day."""
    known = tx.all("SELECT DISTINCT kind FROM fact_load")
    told = [kind for kind in HEARD if (kind,) in known]
    if not told:
        return []
    each = " UNION ALL ".join(f"SELECT '{kind}' AS kind, account_id, MAX(CAST({HEARD[kind]} AS DATE)) AS heard_on FROM {kind} "
                              f"WHERE CAST({HEARD[kind]} AS DATE) <= $1{_ANSWERED if kind == 'survey' else ''} GROUP BY account_id" for kind in told)
    listed = ", ".join(f"('{kind}')" for kind in told)
    return tx.all(f"""
        WITH customer AS (SELECT account_id, COALESCE(segment, '') AS segment FROM account
                          WHERE (started_on IS NULL OR started_on <= $1) AND (ended_on IS NULL OR ended_on > $1) AND churned IS NOT TRUE)
        SELECT channel.kind, customer.segment, COUNT(*), COUNT(CASE WHEN heard_on > $1 - $2 THEN 1 END), MAX(heard_on)
        FROM customer CROSS JOIN (VALUES {listed}) AS channel (kind)
        LEFT JOIN ({each}) AS heard ON heard.account_id = customer.account_id AND heard.kind = channel.kind
        GROUP BY channel.kind, customer.segment ORDER BY channel.kind, customer.segment""", [until, days])


_ANSWERED = " AND (score IS NOT NULL OR comment IS NOT NULL)"
