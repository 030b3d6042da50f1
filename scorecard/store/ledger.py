"""What stands beside ledgers in the facts: who an account is, promises, tickets, good moments, health, answers on trust."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from scorecard.core import health_score
from scorecard.store.tx import Tx

SEVERE = ("severe", "critical", "urgent", "blocker", "highest", "sev1", "sev 1", "s1", "p1", "1")
NOT_OPEN = ("closed", "solved", "resolved", "done", "cancelled", "canceled", "deleted")
GOOD = {"nps": 9, "csat": 4, "trust": 9}
_USE, _TRUST = (health_score.ORDER.index(name) + 1 for name in ("use", "trust"))
_PROMISE = "promise_id, account_id, COALESCE(text, ''), made_on, due_on, kept_on, COALESCE(csm, '')"


@dataclass(frozen=True)
class Head:
    """An account: its revenue a year as of its last month (None without any), the renewal that is next, who looks after it."""

    id: str
    name: str
    segment: str
    csm: str
    ended: date | None
    revenue: float | None
    renewal: date | None


@dataclass(frozen=True)
class Loaded:
    """A promise out of the exports, under its number there."""

    number: str
    account: str
    what: str
    made: date | None
    due: date
    kept: date | None
    by: str


def head(tx: Tx, wanted: str, today: date) -> Head | None:
    """The account with this id."""
    row = tx.one(
        """SELECT account_id, COALESCE(name, account_id), COALESCE(segment, ''), COALESCE(csm, ''), ended_on,
               (SELECT ARG_MAX(mrr_end, month) * 12 FROM account_month WHERE account_month.account_id = account.account_id),
               (SELECT MIN(due_on) FROM renewal WHERE renewal.account_id = account.account_id AND due_on > $2)
           FROM account WHERE account_id = $1""",
        [wanted, today],
    )
    return Head(*row) if row else None


def promises(tx: Tx, account: str) -> list[Loaded]:
    """The promises of an account, the one that was due last first."""
    return [Loaded(*row) for row in tx.all(f"SELECT {_PROMISE} FROM promise WHERE account_id = $1 ORDER BY due_on DESC, promise_id", [account])]


def promises_numbered(tx: Tx, numbers: Sequence[str]) -> list[Loaded]:
    """The promises with these numbers."""
    return [Loaded(*row) for row in tx.all(f"SELECT {_PROMISE} FROM promise WHERE promise_id IN (SELECT UNNEST($1))", [list(numbers)])]


def loaded_promise(tx: Tx, number: str) -> Loaded | None:
    """The promise with this number."""
    row = tx.one(f"SELECT {_PROMISE} FROM promise WHERE promise_id = $1", [number])
    return Loaded(*row) if row else None


def open_tickets(tx: Tx, account: str) -> tuple[int, int] | None:
    """(open, severe and open) tickets of an account; None where no ticket was ever loaded."""
    if tx.one("SELECT 1 FROM ticket LIMIT 1") is None:
        return None
    return tx.one(
        """SELECT COUNT(*), COUNT(CASE WHEN list_contains($2, LOWER(COALESCE(severity, ''))) THEN 1 END) FROM ticket
           WHERE account_id = $1 AND resolved_at IS NULL AND NOT list_contains($3, LOWER(COALESCE(status, '')))""",
        [account, list(SEVERE), list(NOT_OPEN)],
    )


def moments(tx: Tx, account: str, since: date) -> list[tuple[date, str]]:
    """(day, what) of the good moments of an account since a day: high answers, steps reached, renewals signed."""
    return tx.all(
        """SELECT answered_on, question || ' ' || CAST(CAST(score AS INTEGER) AS VARCHAR) FROM survey
           WHERE account_id = $1 AND answered_on >= $2 AND score >= CASE question WHEN 'nps' THEN $3 WHEN 'csat' THEN $4 ELSE $5 END
           UNION ALL
           SELECT reached_on, milestone FROM milestone WHERE account_id = $1 AND reached_on >= $2 AND user_id IS NULL
           UNION ALL
           SELECT renewed_on, 'renewal' FROM renewal WHERE account_id = $1 AND renewed_on >= $2""",
        [account, since, GOOD["nps"], GOOD["csat"], GOOD["trust"]],
    )


def health(tx: Tx, account: str, until: date) -> list[tuple[date, int | None]]:
    """(month, score) of the last recorded months of an account up to a day, the newest first."""
    return tx.all("SELECT month, score FROM health_month WHERE account_id = $1 AND month <= $2 ORDER BY month DESC LIMIT 4", [account, until])


# -- accounts in a list


def accounts(tx: Tx, words: str, segment: str, only: Sequence[str] | None, limit: int, offset: int) -> list[tuple[str, str, str, str]]:
    """(id, name, segment, CSM) of the accounts that are customers, alphabetical; `only` narrows them to some ids."""
    where, params = _narrowed(words, segment, only)
    return tx.all(f"""SELECT account_id, COALESCE(name, account_id), COALESCE(segment, ''), COALESCE(csm, '') FROM account WHERE {where}
                      ORDER BY LOWER(COALESCE(name, account_id)), account_id LIMIT ${len(params) + 1} OFFSET ${len(params) + 2}""", [*params, limit, offset])


def account_ids(tx: Tx, segment: str, only: Sequence[str]) -> list[str]:
    """Those of the ids that `accounts` has to show, in its order."""
    where, params = _narrowed("", segment, only)
    return [id for (id,) in tx.all(f"SELECT account_id FROM account WHERE {where} ORDER BY LOWER(COALESCE(name, account_id)), account_id", params)]


def account_count(tx: Tx, words: str = "", segment: str = "", only: Sequence[str] | None = None) -> int:
    """How many accounts `accounts` has to show in all."""
    where, params = _narrowed(words, segment, only)
    return tx.one(f"SELECT COUNT(*) FROM account WHERE {where}", params)[0]


def _narrowed(words: str, segment: str, only: Sequence[str] | None) -> tuple[str, list]:
    parts, params = ["ended_on IS NULL"], []
    for word in words.lower().split():
        params.append(word)
        parts.append(f"(POSITION(${len(params)} IN LOWER(COALESCE(name, ''))) > 0 OR POSITION(${len(params)} IN LOWER(account_id)) > 0)")
    if segment:
        params.append(segment)
        parts.append(f"segment = ${len(params)}")
    if only is not None:
        params.append(list(only))
        parts.append(f"account_id IN (SELECT UNNEST(${len(params)}))")
    return " AND ".join(parts), params


def segments(tx: Tx) -> list[str]:
    """The segments of the accounts, alphabetical."""
    return [name for (name,) in tx.all("SELECT DISTINCT segment FROM account WHERE segment <> '' ORDER BY segment")]


def segment_of(tx: Tx, asked: Sequence[str]) -> dict[str, str]:
    """Account -> its segment."""
    return dict(tx.all("SELECT account_id, COALESCE(segment, '') FROM account WHERE account_id IN (SELECT UNNEST($1))", [list(asked)]))


# -- promises of a team


def promises_due(tx: Tx, since: date, until: date, lost: date, without: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """(segment or "", due, kept by their day, late, broken) of the promises due between two days; what is open and was due before
    `lost` is broken. Those `without` their numbers are told by somebody else."""
    return tx.all(
        """SELECT COALESCE(account.segment, ''), COUNT(*), COUNT(CASE WHEN kept_on <= due_on THEN 1 END), COUNT(CASE WHEN kept_on > due_on THEN 1 END),
               COUNT(CASE WHEN kept_on IS NULL AND due_on < $3 THEN 1 END)
           FROM promise LEFT JOIN account ON account.account_id = promise.account_id
           WHERE due_on BETWEEN $1 AND $2 AND NOT (promise_id IN (SELECT UNNEST($4))) GROUP BY 1 ORDER BY 1""",
        [since, until, lost, list(without)],
    )


# -- trust


def trust_months(tx: Tx) -> tuple[date, date] | None:
    """(first, last) day on which trust was asked, None when it never was."""
    found = tx.one("SELECT MIN(answered_on), MAX(answered_on) FROM survey WHERE question = 'trust' AND score IS NOT NULL")
    return None if found[0] is None else found


def trust_sums(tx: Tx, since: date, until: date) -> list[tuple[str, int, float, float]]:
    """(segment, answers, sum, sum of squares) of the answers on trust between two days, segments alphabetical."""
    return tx.all("""SELECT COALESCE(NULLIF(account.segment, ''), 'No segment'), COUNT(*), SUM(score), SUM(score * score)
                     FROM survey JOIN account ON account.account_id = survey.account_id
                     WHERE question = 'trust' AND score IS NOT NULL AND answered_on BETWEEN $1 AND $2 GROUP BY 1 ORDER BY 1""", [since, until])


def use_and_trust(tx: Tx, segment: str = "") -> tuple[date | None, list[tuple[str, str, float, float]]]:
    """(month, [(account, name, use against the usual, trust)]) of the last recorded month of health, by name."""
    month = tx.one("SELECT MAX(month) FROM health_recorded")[0]
    rows = tx.all(
        f"""SELECT health_month.account_id, COALESCE(account.name, health_month.account_id), readings[{_USE}], readings[{_TRUST}]
            FROM health_month LEFT JOIN account ON account.account_id = health_month.account_id
            WHERE month = $1 AND readings[{_USE}] IS NOT NULL AND readings[{_TRUST}] IS NOT NULL AND ($2 = '' OR health_month.segment = $2)
            ORDER BY LOWER(COALESCE(account.name, health_month.account_id)), 1""",
        [month, segment],
    ) if month else []  # fmt: skip
    return month, rows


# -- ledgers in the state


def entries(tx: Tx, until: date) -> list[tuple[str, str, str, str, date, str]]:
    """(register, id, account, state, day, kind or "") of every deposit and ask up to a day, and of every ask that is planned."""
    return tx.all(
        """SELECT e.register, e.id, e.account, e.state, e.happened, COALESCE(v.value, '') FROM register_entry AS e
           LEFT JOIN register_value AS v ON v.register = e.register AND v.entry = e.id AND v.version = e.version AND v.field = 'kind'
           WHERE e.register IN ('deposit', 'ask') AND (e.happened <= $1 OR e.state = 'planned') ORDER BY e.account, e.happened, e.id""",
        [until],
    )


# -- whether something changed


def written(tx: Tx) -> tuple:
    """What changes whenever a ledger, a kind, a promise, a recovery or a policy case does."""
    return tx.one("SELECT COUNT(*), MAX(recorded_at) FROM register_version WHERE register IN ('deposit', 'ask', 'ledger_kind', 'policy_case', 'promise', 'recovery')")


def loaded(tx: Tx) -> tuple:
    """What changes whenever facts are loaded, or a month of health is recorded."""
    return tx.one("""SELECT (SELECT COUNT(*) FROM fact_load), (SELECT MAX(loaded_at) FROM fact_load), (SELECT COUNT(*) FROM health_recorded),
                     (SELECT MAX(recorded_at) FROM health_recorded)""")
