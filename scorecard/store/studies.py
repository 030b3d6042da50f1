"""Studies as rows: kept models of drivers; experiments with every version, who was drawn into which arm, and every look.

What the facts say of the accounts of an experiment is read here too: every drawn account counts in the arm that it was drawn
into, whatever happened to it afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from scorecard.core.experiments import Placed, Sample
from scorecard.store.driver_cases import MATURE_DAYS
from scorecard.store.health_scores import _KEPT, _LOST
from scorecard.store.tx import Tx


@dataclass(frozen=True)
class KeptModel:
    """A model of drivers under its name: question, columns and coefficients, its sentence; `made_from` names the figures."""

    id: str
    name: str
    body: dict[str, Any]
    made_from: str
    made_by: str
    made_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class Row:
    """An experiment as it stands: `state` is draft, frozen, concluded or stopped; `body` is its design, rule and conclusion."""

    id: str
    version: int
    state: str
    body: dict[str, Any]
    made_by: str
    made_at: datetime
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True)
class Version:
    """One version of an experiment with author, time and reason."""

    version: int
    state: str
    body: dict[str, Any]
    author: str
    recorded_at: datetime
    reason: str


@dataclass(frozen=True)
class Look:
    """A look at the figures of an experiment: its number, day, what was seen, who looked."""

    number: int
    on: date
    body: dict[str, Any]
    author: str
    recorded_at: datetime


# -- models

_MODEL = "id, name, body, made_from, made_by, made_at, withdrawn_at"


def keep_model(tx: Tx, id: str, name: str, body: dict[str, Any], made_from: str) -> None:
    """Nothing; the model is kept."""
    tx.run(f"INSERT INTO driver_model ({_MODEL}) VALUES ($1, $2, $3, $4, $5, $6, NULL)", [id, name, _text(body), made_from, tx.actor, tx.now])


def withdraw_model(tx: Tx, id: str) -> bool:
    """Whether there was such a model; it goes from the list and stays in the store."""
    return tx.one("UPDATE driver_model SET withdrawn_at = $1 WHERE id = $2 AND withdrawn_at IS NULL RETURNING id", [tx.now, id]) is not None


def models(tx: Tx) -> list[KeptModel]:
    """The kept models, the newest first."""
    return [KeptModel(id, name, json.loads(body), *rest) for id, name, body, *rest in tx.all(
        f"SELECT {_MODEL} FROM driver_model WHERE withdrawn_at IS NULL ORDER BY made_at DESC, name, id")]


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, sort_keys=True)


# -- experiments

_EXPERIMENT = "id, version, state, body, made_by, made_at, changed_by, changed_at"


def experiments(tx: Tx) -> list[Row]:
    """All experiments, the newest first."""
    return [_row(one) for one in tx.all(f"SELECT {_EXPERIMENT} FROM experiment ORDER BY made_at DESC, id")]


def experiment(tx: Tx, id: str) -> Row | None:
    """The experiment with this id."""
    found = tx.one(f"SELECT {_EXPERIMENT} FROM experiment WHERE id = $1", [id])
    return _row(found) if found else None


def _row(found: tuple) -> Row:
    id, version, state, body, *rest = found
    return Row(id, version, state, json.loads(body), *rest)


def insert(tx: Tx, id: str, body: dict[str, Any], reason: str) -> None:
    """Nothing; the experiment is there as a draft, version 1."""
    tx.run(f"INSERT INTO experiment ({_EXPERIMENT}) VALUES ($1, 1, 'draft', $2, $3, $4, $3, $4)", [id, _text(body), tx.actor, tx.now])
    _note(tx, id, 1, "draft", body, reason)


def update(tx: Tx, id: str, seen: int, state: str, body: dict[str, Any], reason: str) -> bool:
    """Whether the experiment still had the version that was seen; it has a new one then."""
    row = tx.one("""UPDATE experiment SET version = $1, state = $2, body = $3, changed_by = $4, changed_at = $5
                    WHERE id = $6 AND version = $7 RETURNING version""", [seen + 1, state, _text(body), tx.actor, tx.now, id, seen])
    if row:
        _note(tx, id, seen + 1, state, body, reason)
    return row is not None


def _note(tx: Tx, id: str, version: int, state: str, body: dict[str, Any], reason: str) -> None:
    tx.run("INSERT INTO experiment_version (id, version, state, body, author, recorded_at, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)",
           [id, version, state, _text(body), tx.actor, tx.now, reason])


def history(tx: Tx, id: str) -> list[Version]:
    """Every version of an experiment, the newest first."""
    return [Version(version, state, json.loads(body), *rest) for version, state, body, *rest in tx.all(
        "SELECT version, state, body, author, recorded_at, reason FROM experiment_version WHERE id = $1 ORDER BY version DESC", [id])]


def place(tx: Tx, id: str, units: Iterable[Placed]) -> None:
    """Nothing; these accounts are in their arms, for good."""
    tx.many("INSERT INTO experiment_unit (experiment, account, stratum, arm, drawn_at) VALUES ($1, $2, $3, $4, $5)",
            [(id, one.unit, one.stratum, one.arm, tx.now) for one in units])


def units(tx: Tx, id: str) -> list[Placed]:
    """Who was drawn into which arm, in the order of the accounts."""
    return [Placed(*row) for row in tx.all("SELECT account, stratum, arm FROM experiment_unit WHERE experiment = $1 ORDER BY account", [id])]


def add_look(tx: Tx, id: str, number: int, on: date, body: dict[str, Any]) -> None:
    """Nothing; the look is recorded."""
    tx.run("INSERT INTO experiment_look (experiment, number, looked_on, body, author, recorded_at) VALUES ($1, $2, $3, $4, $5, $6)",
           [id, number, on, _text(body), tx.actor, tx.now])


def looks(tx: Tx, id: str) -> list[Look]:
    """Every look at an experiment, the first one first."""
    return [Look(number, on, json.loads(body), *rest) for number, on, body, *rest in tx.all(
        "SELECT number, looked_on, body, author, recorded_at FROM experiment_look WHERE experiment = $1 ORDER BY number", [id])]


def forget_orphans(tx: Tx) -> None:
    """Nothing; versions, arms and looks of experiments that are gone are gone too."""
    for table, column in (("experiment_version", "id"), ("experiment_unit", "experiment"), ("experiment_look", "experiment")):
        tx.run(f"DELETE FROM {table} WHERE {column} NOT IN (SELECT id FROM experiment)")


# -- what the facts say of them

_OUTCOME = f"""CASE WHEN LOWER(COALESCE(status, '')) IN {_LOST} THEN 0 WHEN LOWER(COALESCE(status, '')) IN {_KEPT} THEN 1
    WHEN value_renewed IS NOT NULL THEN CASE WHEN value_renewed > 0 THEN 1 ELSE 0 END WHEN renewed_on IS NOT NULL THEN 1 END"""
# The first renewal of an account that fell due in the span and is decided; the first onboarding whose day 30 is over.
OUTCOMES = {
    "renewed": f"""SELECT account_id, ARG_MIN(hit, (due_on, renewal_id)) AS hit, MIN(due_on) AS day
        FROM (SELECT account_id, due_on, renewal_id, {_OUTCOME} AS hit FROM renewal WHERE due_on BETWEEN $1 AND $2 AND due_on <= $3) AS due
        WHERE hit IS NOT NULL GROUP BY account_id""",
    "adopted": f"""SELECT account_id, MAX(CASE WHEN reached_on <= clock_started_on + {MATURE_DAYS} THEN 1 ELSE 0 END) AS hit, MIN(clock_started_on) AS day
        FROM milestone WHERE clock_started_on BETWEEN $1 AND $2 AND clock_started_on + {MATURE_DAYS} < $3 GROUP BY account_id""",
}
GUARDS = {
    "tickets": "SELECT account_id, COUNT(*) AS amount FROM ticket WHERE CAST(opened_at AS DATE) BETWEEN $1 AND $2 GROUP BY account_id",
    "contacts": "SELECT account_id, COUNT(*) AS amount FROM contact WHERE done_on BETWEEN $1 AND $2 GROUP BY account_id",
    "satisfaction": """SELECT account_id, AVG(CASE WHEN question = 'csat' THEN (score - 1) * 2.5 ELSE score END) AS amount
        FROM survey WHERE question <> 'trust' AND score IS NOT NULL AND answered_on BETWEEN $1 AND $2 GROUP BY account_id""",
}


def outcomes(tx: Tx, metric: str, first: date, last: date, today: date) -> dict[str, bool]:
    """What became of each account in the span, as far as it is decided by today."""
    return {account: bool(hit) for account, hit, _ in tx.all(OUTCOMES[metric], [first, last, today])}


def volumes(tx: Tx, metric: str, first: date, last: date, today: date, segment: str) -> list[tuple[date, int, int]]:
    """(month, accounts with an outcome, hits) of the span, the earliest first."""
    return [(month, int(n), int(hits)) for month, n, hits in tx.all(
        f"""SELECT CAST(DATE_TRUNC('month', found.day) AS DATE), COUNT(*), SUM(found.hit)
            FROM ({OUTCOMES[metric]}) AS found LEFT JOIN account ON account.account_id = found.account_id
            WHERE $4 = '' OR account.segment = $4 GROUP BY 1 ORDER BY 1""", [first, last, today, segment])]


# An account comes in while its outcome is ahead: drawn afterwards it could only dilute what the change did.
_AHEAD = {
    "renewed": f""" AND account_id IN (SELECT account_id FROM renewal WHERE due_on BETWEEN $2 AND $3 GROUP BY account_id
        HAVING BOOL_AND(due_on >= $1 AND ({_OUTCOME}) IS NULL))""",
    "adopted": f" AND started_on BETWEEN $2 AND $3 AND started_on + {MATURE_DAYS} >= $1",
}


def eligible(tx: Tx, metric: str, first: date, last: date, today: date, segment: str) -> list[tuple[str, str, str, str]]:
    """(account, name, segment, CSM) of those that can come into an experiment: customers whose outcome falls into its span and is ahead."""
    return tx.all(f"""SELECT account_id, COALESCE(name, account_id), COALESCE(segment, ''), COALESCE(csm, '') FROM account
                      WHERE (ended_on IS NULL OR ended_on >= $1) AND ($4 = '' OR segment = $4){_AHEAD.get(metric, " AND $2 <= $3")} ORDER BY account_id""",
                  [today, first, last, segment])


def guard(tx: Tx, reading: str, first: date, last: date, arm: Sequence[str]) -> Sample | None:
    """Mean, standard deviation and number of the accounts of an arm; one without a ticket or contact counts as 0."""
    of_none = "found.amount" if reading == "satisfaction" else "COALESCE(found.amount, 0)"
    mean, deviation, n = tx.one(
        f"""SELECT AVG({of_none}), STDDEV_SAMP({of_none}), COUNT({of_none})
            FROM (SELECT UNNEST($3) AS account_id) AS arm LEFT JOIN ({GUARDS[reading]}) AS found ON found.account_id = arm.account_id""", [first, last, list(arm)])
    return Sample(float(mean), float(deviation), int(n)) if n and n > 1 else None


def names(tx: Tx, accounts: Sequence[str]) -> dict[str, tuple[str, str]]:
    """(name, CSM) of these accounts."""
    return {id: (name, csm) for id, name, csm in tx.all(
        "SELECT account_id, COALESCE(name, account_id), COALESCE(csm, '') FROM account WHERE list_contains($1, account_id)", [list(accounts)])}
