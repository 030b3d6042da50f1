"""Maps of the lifecycle in the state store, and the days that begin and end their stages in the facts.

Accounts are numbered from 0 in the order of their ids, days are ordinals; what is of no account that is known stays out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from scorecard.core import lifecycle
from scorecard.core.lifecycle import OPEN, LifecycleMap, Mark, Stage
from scorecard.store.pasts import LOST, VALUE
from scorecard.store.tx import Tx

Array = np.ndarray
Days = tuple[Array, Array]

_ORIGIN = date(1970, 1, 1)
_EPOCH = _ORIGIN.toordinal()
_WHO = "WITH who AS (SELECT account_id, ROW_NUMBER() OVER (ORDER BY account_id) - 1 AS n FROM account)"
_LEFT_ON = """COALESCE(ended_on, CASE WHEN churned THEN (SELECT MAX(subscription.ended_on) FROM subscription
    WHERE subscription.account_id = account.account_id) END)"""


def _day(column: str) -> str:
    """A date as days since 1970, which is what travels as a number."""
    return f"CAST({column} AS DATE) - DATE '{_ORIGIN}'"


# -- versions


def maps(tx: Tx) -> list[LifecycleMap]:
    """Every saved map, the oldest first."""
    rows = tx.all("SELECT body, version, author, reason, recorded_at FROM lifecycle_map ORDER BY version")
    return [lifecycle.from_json(*row) for row in rows]


def add_map(tx: Tx, found: LifecycleMap) -> None:
    """Nothing; the map is kept as its version. Two at once break the key, and the second is done again."""
    tx.run("INSERT INTO lifecycle_map (version, body, author, reason, recorded_at) VALUES ($1, $2, $3, $4, $5)",
           [found.version, lifecycle.as_json(found), tx.actor, found.reason, tx.now])


def mark(tx: Tx) -> tuple[Any, ...]:
    """What changes when facts come or go."""
    return tx.one("SELECT COUNT(*), MAX(loaded_at), MAX(last_day), SUM(rows_new + rows_changed) FROM fact_load")


def moves_mark(tx: Tx, register: str) -> int:
    """How many versions entries of a register have: it grows with every change."""
    return tx.one("SELECT COUNT(*) FROM register_version WHERE register = $1", [register])[0]


def reach(tx: Tx) -> date | None:
    """The last day of which any facts tell, the day of the load where none of them has a date; None without facts."""
    return tx.one("SELECT COALESCE(MAX(last_day), CAST(MAX(loaded_at) AS DATE)) FROM fact_load")[0]


def first_value(tx: Tx) -> str:
    """The milestone that names first value, the most frequent one; "" where none does."""
    found = tx.one("SELECT milestone FROM milestone WHERE LOWER(milestone) LIKE $1 GROUP BY milestone ORDER BY COUNT(*) DESC LIMIT 1", [VALUE])
    return found[0] if found else ""


# -- accounts


@dataclass(frozen=True)
class Accounts:
    """Customers in the order of their ids: names, segments, first day and the day on which they left (OPEN: not)."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    segments: tuple[str, ...]
    first: Array
    left: Array

    def number(self) -> dict[str, int]:
        return {id: n for n, id in enumerate(self.ids)}


def accounts(tx: Tx) -> Accounts:
    """All accounts."""
    rows = tx.all(f"""SELECT account_id, COALESCE(name, account_id), COALESCE(segment, ''), {_day("started_on")}, {_day(_LEFT_ON)}
                      FROM account ORDER BY account_id""")
    ids, names, segments, first, left = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return Accounts(ids, names, segments, np.array([0 if day is None else day + _EPOCH for day in first], np.int64),
                    np.array([OPEN if day is None else day + _EPOCH for day in left], np.int64))


def segments(tx: Tx) -> list[str]:
    """The segments of accounts, by name."""
    return [name for (name,) in tx.all("SELECT DISTINCT segment FROM account WHERE segment IS NOT NULL AND segment <> '' ORDER BY segment")]


# -- days of the facts


def known(tx: Tx) -> dict[str, tuple[str, ...]]:
    """What marks can be named by: milestones, channels of contacts, events of use; the most frequent first."""
    asked = {"milestone": "SELECT milestone FROM milestone WHERE milestone <> '' GROUP BY milestone ORDER BY COUNT(*) DESC, milestone LIMIT 50",
             "contact": "SELECT channel FROM contact WHERE channel <> '' GROUP BY channel ORDER BY COUNT(*) DESC, channel LIMIT 50",
             "use": "SELECT event FROM usage WHERE event <> '' GROUP BY event ORDER BY COUNT(*) DESC, event LIMIT 50"}
    return {kind: tuple(name for (name,) in tx.all(sql)) for kind, sql in asked.items()}


def days(tx: Tx, found: Mark) -> Days:
    """(account, day) of everything that a mark names; nothing for marks that the facts do not tell."""
    if found.kind not in _DAYS:
        return _none()
    sql = _DAYS[found.kind](found)
    return _numbers(tx, sql, [found.name] if "$1" in sql else [])


def spans(tx: Tx, stage: Stage) -> tuple[Array, Array, Array]:
    """(account, begin, end) of a stage whose begin and end stand in the same row; an end that is not there is OPEN."""
    sql, params = _SPANS[stage.begin.kind](stage)
    rows = _columns(tx, sql, params, 3)
    end = np.where(np.isnan(rows[2]), OPEN, rows[2] + _EPOCH).astype(np.int64)
    return rows[0].astype(np.int64), rows[1].astype(np.int64) + _EPOCH, end


def contacts(tx: Tx, first: date, last: date) -> list[tuple[int, int, str]]:
    """(account, day, channel) of the contacts made between two days, both counted."""
    rows = tx.all(f"""{_WHO} SELECT n, {_day("done_on")}, COALESCE(channel, '') FROM contact JOIN who ON who.account_id = contact.account_id
                      WHERE done_on BETWEEN $1 AND $2""", [first, last])
    return [(n, day + _EPOCH, channel) for n, day, channel in rows]


def _numbers(tx: Tx, sql: str, params: list[Any]) -> Days:
    account, day = _columns(tx, sql, params, 2)
    return account.astype(np.int64), day.astype(np.int64) + _EPOCH


def _columns(tx: Tx, sql: str, params: list[Any], count: int) -> Array:
    rows = tx.all(sql, params)
    return np.array(rows, float).T if rows else np.empty((count, 0))


def _none() -> Days:
    return np.empty(0, np.int64), np.empty(0, np.int64)


def _from(table: str, day: str, where: str = "", named: str = "") -> Callable[[Mark], str]:
    def sql(found: Mark) -> str:
        more = f" AND LOWER({named}) = LOWER($1)" if named and found.name else ""
        return (f"{_WHO} SELECT DISTINCT n, {_day(day)} FROM {table} JOIN who ON who.account_id = {table}.account_id "
                f"WHERE {day} IS NOT NULL{where}{more}")
    return sql


def _grown(found: Mark) -> str:
    """The last day of each month in which the MRR rose, or the day of a movement."""
    return f"""{_WHO} SELECT n, {_day("month + INTERVAL 1 MONTH - INTERVAL 1 DAY")} FROM account_month JOIN who ON who.account_id = account_month.account_id
               WHERE mrr_start > 0 AND mrr_end > mrr_start"""


def _used(found: Mark) -> str:
    more = " AND usage.event = $1" if found.name else ""
    return f"""{_WHO} SELECT DISTINCT n, {_day("used_on")} FROM usage
               LEFT JOIN subscription ON usage.account_id IS NULL AND subscription.subscription_id = usage.subscription_id
               JOIN who ON who.account_id = COALESCE(usage.account_id, subscription.account_id) WHERE used_on IS NOT NULL{more}"""


_DAYS: dict[str, Callable[[Mark], str]] = {
    "customer": _from("account", "started_on"),
    "clock": _from("milestone", "clock_started_on", "", "milestone"),
    "reached": _from("milestone", "reached_on", "", "milestone"),
    "contact": _from("contact", "done_on", "", "channel"),
    "use": _used,
    "renewal": lambda found: _renewals("renewed"),
    "notice": lambda found: _renewals(f"due - {found.days:d}"),
    "subscription": _from("subscription", "started_on", " AND trial IS NOT TRUE"),
    "subscription_end": _from("subscription", "ended_on", " AND trial IS NOT TRUE"),
    "growth": _grown,
}


# A renewal that is not in the facts yet is expected a year after the last one; what was lost is decided on its date.
_RENEWAL = f"""{_WHO}, decided AS (
    SELECT n, {_day("due_on")} AS due, {_day("renewed_on")} AS renewed, LOWER(COALESCE(status, '')) IN ({', '.join(f"'{one}'" for one in LOST)}) AS lost
    FROM renewal JOIN who ON who.account_id = renewal.account_id WHERE due_on IS NOT NULL),
due AS (
    SELECT n, due, CASE WHEN renewed IS NOT NULL THEN renewed WHEN lost THEN due END AS renewed FROM decided
    UNION ALL
    SELECT n, MAX(due) + 365, NULL FROM decided GROUP BY n HAVING NOT BOOL_OR(lost) AND MAX(CASE WHEN renewed IS NOT NULL THEN due END) = MAX(due))"""


def _renewals(what: str) -> str:
    return f"{_RENEWAL} SELECT DISTINCT n, {what} FROM due WHERE {what} IS NOT NULL"


def _milestones(stage: Stage) -> tuple[str, list[Any]]:
    more = " AND LOWER(milestone) = LOWER($1)" if stage.begin.name else ""
    return (f"""{_WHO} SELECT n, {_day("clock_started_on")}, {_day("reached_on")} FROM milestone JOIN who ON who.account_id = milestone.account_id
                WHERE clock_started_on IS NOT NULL{more}""", [stage.begin.name] if more else [])


def _subscriptions(stage: Stage) -> tuple[str, list[Any]]:
    return (f"""{_WHO} SELECT n, {_day("started_on")}, {_day("ended_on")} FROM subscription JOIN who ON who.account_id = subscription.account_id
                WHERE trial IS NOT TRUE AND started_on IS NOT NULL""", [])


_SPANS: dict[str, Callable[[Stage], tuple[str, list[Any]]]] = {
    "clock": _milestones, "subscription": _subscriptions,
    "notice": lambda stage: (f"{_RENEWAL} SELECT n, due - {stage.begin.days:d}, CASE WHEN renewed < due - {stage.begin.days:d} THEN due - {stage.begin.days:d} ELSE renewed END FROM due", []),
}
