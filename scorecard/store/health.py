"""What facts say against one another, what is missing from them, what changed: the questions, in the words of the store.

A check is one SELECT of the rows that it finds; their `load` and `row_number` say where each stood in its file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from scorecard.core.facts import KINDS, Kind
from scorecard.store.tx import Tx

OPEN = ("open", "new", "pending", "hold", "on hold", "on-hold", "in progress", "active", "assigned", "reopened", "re-opened", "waiting")
OVER = ("closed", "solved", "resolved", "done", "cancelled", "canceled", "deleted")
_STATUS = "LOWER(TRIM(ticket.status))"
_LEGAL = r"\b(inc|incorporated|ltd|limited|llc|llp|plc|corp|corporation|co|company|gmbh|ag|bv|nv|sa|sas|srl|ab|as|oy|pty|the)\b"
_PLAIN_NAME = f"""REGEXP_REPLACE(REGEXP_REPLACE(LOWER(STRIP_ACCENTS(name)), '{_LEGAL}', ' ', 'g'), '[^[:alnum:]]+', '', 'g')"""
_SAME_TEXT = "account_id, opened_at, COALESCE(area, ''), COALESCE(severity, ''), COALESCE(comment, '')"


@dataclass(frozen=True)
class Check:
    """One thing to look for: which rows (a SELECT with `load` and `row_number`), in which kind, of which others it asks.

    `instead` is the table as it would be counted the other way.
    """

    id: str
    table: str
    sql: str
    beside: tuple[str, ...] = ()
    instead: str = ""


@dataclass(frozen=True)
class Found:
    """What a check found: rows, their accounts, the first and last day of them."""

    check: Check
    rows: int
    names: int
    first: date | None = None
    last: date | None = None


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _day(table: str) -> str:
    return f"CAST({KINDS[table].dated_by} AS DATE)"


_OPEN_WITH_A_DATE = f"{_STATUS} IN ({_quoted(OPEN)}) AND ticket.resolved_at IS NOT NULL"
_USE = """
    LEFT JOIN subscription ON subscription.subscription_id = usage.subscription_id
    LEFT JOIN (SELECT account_id, MIN(started_on) AS started_on FROM subscription GROUP BY account_id) AS earliest
         ON earliest.account_id = usage.account_id AND usage.subscription_id IS NULL"""
_BEFORE = "usage.used_on < COALESCE(subscription.started_on, earliest.started_on)"
# As the accounts say: one that is marked as lost, or has an end, ends what it holds; another one ends nothing.
_AS_ACCOUNTS_SAY = """subscription AS (
        SELECT held.* REPLACE (CASE
            WHEN COALESCE(account.churned, account.ended_on IS NOT NULL) IS TRUE
                THEN COALESCE(LEAST(held.ended_on, account.ended_on), held.ended_on, account.ended_on,
                              (SELECT CAST(MAX(loaded_at) AS DATE) FROM main.fact_load))
            WHEN COALESCE(account.churned, account.ended_on IS NOT NULL) IS FALSE AND held.ended_on = last.ended_on THEN NULL
            ELSE held.ended_on END AS ended_on)
        FROM main.subscription AS held LEFT JOIN main.account AS account ON account.account_id = held.account_id
        LEFT JOIN (SELECT account_id, MAX(ended_on) AS ended_on FROM main.subscription WHERE trial IS NOT TRUE
                   GROUP BY account_id HAVING BOOL_AND(ended_on IS NOT NULL)) AS last ON last.account_id = held.account_id)"""
_MARKED_END = """subscription AS (
        SELECT held.* REPLACE (CASE WHEN held.churned IS TRUE AND held.ended_on IS NULL
                THEN COALESCE(account.ended_on, (SELECT CAST(MAX(loaded_at) AS DATE) FROM main.fact_load))
                ELSE held.ended_on END AS ended_on)
        FROM main.subscription AS held LEFT JOIN main.account AS account ON account.account_id = held.account_id)"""
_LOST = """WITH held AS (
        SELECT account_id, BOOL_AND(ended_on IS NOT NULL AND ended_on <= (SELECT CAST(MAX(loaded_at) AS DATE) FROM fact_load)) AS over,
               BOOL_OR(COALESCE(churned, FALSE)) AS marked, MAX(ended_on) AS last_ended
        FROM subscription WHERE trial IS NOT TRUE GROUP BY account_id),
    known AS (SELECT COUNT(ended_on) > 0 AS dates FROM account),
    said AS (
        SELECT account.account_id, account.name, account.churned AS account_marked_lost,
               CASE WHEN known.dates THEN account.ended_on IS NOT NULL END AS has_end_date, account.ended_on,
               held.over AS all_subscriptions_ended, held.last_ended, held.marked AS a_subscription_marked_lost,
               account.load, account.row_number
        FROM account CROSS JOIN known LEFT JOIN held ON held.account_id = account.account_id)
    SELECT account_id, name, account_marked_lost, ended_on, all_subscriptions_ended, last_ended AS last_subscription_ended,
           a_subscription_marked_lost, load, row_number, ended_on AS day
    FROM said
    WHERE account_marked_lost <> has_end_date OR account_marked_lost <> all_subscriptions_ended
       OR has_end_date <> all_subscriptions_ended"""

CHECKS: tuple[Check, ...] = (
    Check("open_with_resolved_date", "ticket", f"""SELECT ticket_id, account_id, opened_at, resolved_at, status, load, row_number,
        CAST(opened_at AS DATE) AS day FROM ticket WHERE {_OPEN_WITH_A_DATE}""",
          instead=f"""ticket AS (SELECT * REPLACE (CASE WHEN {_OPEN_WITH_A_DATE} THEN NULL ELSE resolved_at END AS resolved_at)
        FROM main.ticket)"""),
    Check("lost_in_three_ways", "account", _LOST, ("subscription",), _AS_ACCOUNTS_SAY),
    Check("use_before_subscription", "usage", f"""SELECT usage_id, COALESCE(usage.account_id, subscription.account_id) AS account_id,
        usage.subscription_id, used_on, COALESCE(subscription.started_on, earliest.started_on) AS subscription_started_on,
        event, usage.load, usage.row_number, used_on AS day FROM usage {_USE} WHERE {_BEFORE}""", ("subscription",),
          instead=f"usage AS (SELECT usage.* FROM main.usage AS usage {_USE} WHERE ({_BEFORE}) IS NOT TRUE)"),
    Check("use_after_subscription", "usage", """SELECT usage_id, subscription.account_id, usage.subscription_id, used_on,
        subscription.ended_on AS subscription_ended_on, event, usage.load, usage.row_number, used_on AS day
        FROM usage JOIN subscription ON subscription.subscription_id = usage.subscription_id
        WHERE usage.used_on > subscription.ended_on""", ("subscription",),
          instead="""usage AS (SELECT usage.* FROM main.usage AS usage
        LEFT JOIN subscription ON subscription.subscription_id = usage.subscription_id
        WHERE (usage.used_on > subscription.ended_on) IS NOT TRUE)"""),
    Check("ticket_before_customer", "ticket", """SELECT ticket_id, ticket.account_id, opened_at, account.started_on AS customer_since,
        ticket.load, ticket.row_number, CAST(opened_at AS DATE) AS day
        FROM ticket JOIN account ON account.account_id = ticket.account_id WHERE ticket.opened_at < account.started_on""", ("account",),
          instead="""ticket AS (SELECT ticket.* FROM main.ticket AS ticket LEFT JOIN account ON account.account_id = ticket.account_id
        WHERE (ticket.opened_at < account.started_on) IS NOT TRUE)"""),
    Check("marked_lost_and_runs", "subscription", """SELECT subscription_id, account_id, started_on, ended_on, churned, status, load,
        row_number, started_on AS day FROM subscription WHERE churned IS TRUE AND ended_on IS NULL""", ("account",), _MARKED_END),
    Check("tickets_twice", "ticket", f"""SELECT ticket_id, account_id, opened_at, area, severity, comment, load, row_number,
        CAST(opened_at AS DATE) AS day FROM ticket
        WHERE account_id IS NOT NULL AND opened_at IS NOT NULL AND (comment IS NOT NULL OR EXTRACT(HOUR FROM opened_at) <> 0
           OR EXTRACT(MINUTE FROM opened_at) <> 0)
        QUALIFY ROW_NUMBER() OVER (PARTITION BY {_SAME_TEXT} ORDER BY ticket_id) > 1""",
          instead=f"""ticket AS (SELECT * FROM main.ticket QUALIFY (comment IS NULL AND CAST(opened_at AS DATE) = opened_at)
        OR account_id IS NULL OR ROW_NUMBER() OVER (PARTITION BY {_SAME_TEXT} ORDER BY ticket_id) = 1)"""),
    Check("accounts_alike", "account", f"""SELECT account_id, name, segment, csm, started_on, load, row_number, started_on AS day
        FROM account WHERE {_PLAIN_NAME} <> ''
        QUALIFY COUNT(*) OVER (PARTITION BY {_PLAIN_NAME}) > 1 ORDER BY {_PLAIN_NAME}, account_id"""),
    Check("ticket_status_unknown", "ticket", f"""SELECT ticket_id, account_id, status, opened_at, resolved_at, load, row_number,
        CAST(opened_at AS DATE) AS day FROM ticket
        WHERE ticket.status IS NOT NULL AND {_STATUS} NOT IN ({_quoted((*OPEN, *OVER))})""",
          instead=f"""ticket AS (SELECT * FROM main.ticket AS ticket
        WHERE (ticket.status IS NOT NULL AND {_STATUS} NOT IN ({_quoted((*OPEN, *OVER))})) IS NOT TRUE)"""),
    Check("ticket_closed_without_date", "ticket", f"""SELECT ticket_id, account_id, status, opened_at, load, row_number,
        CAST(opened_at AS DATE) AS day FROM ticket WHERE {_STATUS} IN ({_quoted(OVER)}) AND ticket.resolved_at IS NULL""",
          instead=f"""ticket AS (SELECT * REPLACE (CASE WHEN {_STATUS} IN ({_quoted(OVER)}) AND resolved_at IS NULL
        THEN 'open' ELSE status END AS status) FROM main.ticket)"""),
    Check("account_without_segment", "account", """SELECT account_id, name, segment, csm, team, load, row_number, started_on AS day
        FROM account WHERE segment IS NULL AND EXISTS (SELECT 1 FROM account WHERE segment IS NOT NULL)"""),
)


def order_checks() -> tuple[Check, ...]:
    """Pairs of dates in the wrong order. One file is refused at its rows; two files can bring one date each."""
    return tuple(
        Check(f"order:{kind.table}:{before}:{after}", kind.table,
              f"""SELECT {', '.join(dict.fromkeys((*kind.key, *_account(kind), before, after)))}, load, row_number,
                  {_day(kind.table)} AS day FROM {kind.table} WHERE {after} < {before}""",
              instead=f"{kind.table} AS (SELECT * FROM main.{kind.table} WHERE ({after} < {before}) IS NOT TRUE)")
        for kind in KINDS.values() for before, after in kind.in_order)


def orphan_checks() -> tuple[Check, ...]:
    """Facts that name an account or a subscription which is not there, or none at all."""
    return tuple(check for kind in KINDS.values() if kind.table != "account" for check in _orphans(kind))


def _orphans(kind: Kind) -> list[Check]:
    have = {column.name for column in kind.columns}
    shown = ", ".join(dict.fromkeys((*kind.key, *(name for name in ("account_id", "subscription_id") if name in have))))
    rest = f"load, row_number, {_day(kind.table)} AS day FROM {kind.table}"
    found = []
    for column, parent in (("account_id", "account"), ("subscription_id", "subscription")):
        if column in have and parent != kind.table:
            found.append(Check(f"orphan:{kind.table}:{parent}", kind.table, f"""SELECT {shown}, {rest}
                WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT {column} FROM {parent})""", (parent,), f"""{kind.table} AS (
                SELECT * FROM main.{kind.table} WHERE {column} IS NULL OR {column} IN (SELECT {column} FROM {parent}))"""))
    nameless = " AND ".join(f"{name} IS NULL" for name in ("account_id", "subscription_id") if name in have - set(kind.key))
    if nameless:
        found.append(Check(f"nobody:{kind.table}", kind.table, f"SELECT {shown}, {rest} WHERE {nameless}", ("account",),
                           f"{kind.table} AS (SELECT * FROM main.{kind.table} WHERE NOT ({nameless}))"))
    return found


def _account(kind: Kind) -> tuple[str, ...]:
    return tuple(column.name for column in kind.columns if column.name == "account_id")


def every_check() -> tuple[Check, ...]:
    """All of them, contradictions first."""
    return (*CHECKS[:6], *order_checks(), *orphan_checks(), *CHECKS[6:])


def find(tx: Tx, check: Check) -> Found:
    """How much a check finds."""
    names = "COUNT(DISTINCT account_id)" if check.table != "cost" else "0"
    rows, accounts, first, last = tx.one(f"SELECT COUNT(*), {names}, MIN(day), MAX(day) FROM ({check.sql}) AS found")
    return Found(check, rows, accounts, first, last)


def instead_of(tx: Tx, check: Check) -> str:
    """The tables as a check would have them counted the other way. Recurring revenue is a view that reads the stored tables:
    it is made again of those."""
    if not check.instead or check.instead.split(" ", 1)[0] not in ("subscription", "mrr_month", "mrr_movement", "account"):
        return check.instead
    (made,) = tx.one("SELECT sql FROM duckdb_views() WHERE view_name = 'account_month' AND database_name = current_database()")
    return f"{check.instead}, account_month AS ({made[made.index(' AS ') + 4:].rstrip().rstrip(';')})"


def size(tx: Tx, check: Check) -> int:
    """How many rows the kind has that a check looks at."""
    return tx.one(f"SELECT COUNT(*) FROM {check.table}")[0]


def rows_of(tx: Tx, check: Check, limit: int) -> tuple[list[str], list[tuple]]:
    """(columns, rows) of what a check finds, the first of them, in the order of their files."""
    found = tx.all(f"SELECT * EXCLUDE (day) FROM ({check.sql}) AS found ORDER BY load, row_number LIMIT $1", [limit])
    return [entry[0] for entry in tx.cursor.description], found


def alike(tx: Tx) -> tuple[int, int, tuple[str, ...]]:
    """(pairs that look alike, accounts, names of the first pair)."""
    rows = tx.all(f"""SELECT COUNT(*) - 1, MIN(name), MAX(name) FROM account WHERE {_PLAIN_NAME} <> ''
                      GROUP BY {_PLAIN_NAME} HAVING COUNT(*) > 1 ORDER BY 2""")
    (accounts,) = tx.one("SELECT COUNT(*) FROM account")
    return sum(count for count, *_ in rows), accounts, tuple(rows[0][1:]) if rows else ()


def unknown_statuses(tx: Tx, most: int = 3) -> list[tuple[str, int]]:
    """(status, tickets) for statuses of no known meaning, the most frequent first."""
    return tx.all(f"""SELECT status, COUNT(*) FROM ticket WHERE status IS NOT NULL AND {_STATUS} NOT IN ({_quoted((*OPEN, *OVER))})
                      GROUP BY status ORDER BY 2 DESC, 1 LIMIT $1""", [most])


# -- what people say about a finding

@dataclass(frozen=True)
class Settled:
    """The last word about a finding: settled or opened again, how many rows it had then, the note, by whom and when (UTC)."""

    finding: str
    version: int
    settled: bool
    found: int
    note: str
    author: str
    at: datetime


def settled(tx: Tx) -> dict[str, Settled]:
    """finding -> the last word about it."""
    rows = tx.all("""SELECT finding, version, settled, found, note, author, recorded_at FROM settled_finding
                     ORDER BY finding, version""")
    return {row[0]: Settled(*row) for row in rows}


def say(tx: Tx, finding: str, is_settled: bool, found: int, note: str) -> None:
    """Keeps a word about a finding; those before stay."""
    before = settled(tx).get(finding)
    tx.run("INSERT INTO settled_finding VALUES ($1, $2, $3, $4, $5, $6, $7)",
           [finding, before.version + 1 if before else 1, is_settled, found, note, tx.actor, tx.now])
    tx.audit("settle finding" if is_settled else "open finding again", f"finding:{finding}",
             {"settled": before.settled, "note": before.note, "found": before.found} if before else None,
             {"settled": is_settled, "note": note, "found": found})


# -- what waits in quarantine

def refused(tx: Tx, most: int = 20) -> list[tuple[str, str, int]]:
    """(load, reason, rows) of refused rows; figures of a reason that name a value are one reason."""
    return tx.all(r"""SELECT load, TRIM(REGEXP_REPLACE(REGEXP_REPLACE(
                          reason, '''[^'']*''', '…', 'g'), '\(\d+ to \d+\)', '')) AS plain, COUNT(*) FROM source_row
                      WHERE outcome = 'refused' GROUP BY load, plain ORDER BY 3 DESC, 1, 2 LIMIT $1""", [most])


def refused_count(tx: Tx) -> int:
    """How many rows wait in quarantine."""
    return tx.one("SELECT COUNT(*) FROM source_row WHERE outcome = 'refused'")[0]


def refused_rows(tx: Tx, load: str, limit: int) -> list[tuple[int, str, str]]:
    """(row number, reason, text) of the refused rows of a load."""
    return tx.all("""SELECT row_number, reason, text FROM source_row WHERE load = $1 AND outcome = 'refused'
                     ORDER BY row_number LIMIT $2""", [load, limit])


# -- what arrived

def months(tx: Tx, kind: Kind) -> list[tuple[date, int]]:
    """(first day of the month, rows) for the months that a kind has rows of."""
    return tx.all(f"""SELECT CAST(DATE_TRUNC('month', {kind.dated_by}) AS DATE) AS month, COUNT(*) FROM {kind.table}
                      WHERE {kind.dated_by} IS NOT NULL GROUP BY month ORDER BY month""")


def heard(tx: Tx, kind: Kind, after: date, until: date) -> int | None:
    """Customers of whom the kind has a row in these days (a state counts while it holds); None where rows name no account."""
    if kind.table == "cost":
        return None
    if kind.table == "account":
        return customers(tx, after, until)
    held = f"{kind.dated_by} <= $2 AND (ended_on IS NULL OR ended_on > $1)" if kind.table == "subscription" else \
        f"CAST({kind.dated_by} AS DATE) > $1 AND CAST({kind.dated_by} AS DATE) <= $2"
    source = f"SELECT account_id FROM {kind.table} WHERE {held}"
    if kind.table == "usage":
        source = """SELECT COALESCE(usage.account_id, subscription.account_id) AS account_id FROM usage
                    LEFT JOIN subscription ON subscription.subscription_id = usage.subscription_id
                    WHERE usage.used_on > $1 AND usage.used_on <= $2"""
    return tx.one(f"""SELECT COUNT(*) FROM account WHERE (started_on IS NULL OR started_on <= $2)
                      AND (ended_on IS NULL OR ended_on > $1) AND account_id IN ({source})""", [after, until])[0]


def customers(tx: Tx, after: date, until: date) -> int:
    """Accounts that were customers on at least one of these days, by their own dates."""
    return tx.one("""SELECT COUNT(*) FROM account WHERE (started_on IS NULL OR started_on <= $2)
                     AND (ended_on IS NULL OR ended_on > $1)""", [after, until])[0]


# -- what changed

@dataclass(frozen=True)
class Restated:
    """Rows of a kind that a load said otherwise: the column, rows, of them blank before, one of them as it was and is."""

    load: str
    at: datetime
    table: str
    column: str
    rows: int
    blank: int
    key: str
    was: str
    now: str


def restated(tx: Tx, most: int = 40) -> list[Restated]:
    """Facts that a later load changed, by load and column, the latest first."""
    there = [kind for kind in KINDS.values() if tx.one(f"SELECT 1 FROM {kind.table}_past LIMIT 1")]
    found = [one for kind in there for one in _restated(tx, kind)]
    return sorted(found, key=lambda one: (one.at, one.rows), reverse=True)[:most]


def _restated(tx: Tx, kind: Kind) -> list[Restated]:
    """Each state of a row that passed, beside the one that followed it."""
    key = ", ".join(kind.key)
    names = [column.name for column in kind.columns if column.name not in kind.key]
    listed = ", ".join(names)
    chain = f"""SELECT {key}, {listed}, superseded_by, superseded_at FROM {kind.table}_past
                UNION ALL BY NAME
                SELECT {key}, {listed}, NULL AS superseded_by, NULL AS superseded_at FROM {kind.table}
                WHERE ({key}) IN (SELECT ({key}) FROM {kind.table}_past)"""
    after = ", ".join(f"LEAD({name}) OVER states AS next_{name}" for name in names)
    found = []
    for name in names:
        found += [Restated(load, at, kind.table, name, *rest) for load, at, *rest in tx.all(
            f"""WITH chain AS ({chain}), pairs AS (
                    SELECT *, {after} FROM chain WINDOW states AS (PARTITION BY {key} ORDER BY superseded_at NULLS LAST))
                SELECT superseded_by, MAX(superseded_at), COUNT(*), COUNT(*) FILTER (WHERE {name} IS NULL),
                       ARG_MIN(CONCAT_WS(' ', {key}), ({key})), ARG_MIN(COALESCE(CAST({name} AS VARCHAR), ''), ({key})),
                       ARG_MIN(COALESCE(CAST(next_{name} AS VARCHAR), ''), ({key}))
                FROM pairs WHERE superseded_by IS NOT NULL AND {name} IS DISTINCT FROM next_{name} GROUP BY superseded_by""")]
    return found


def restated_figures(tx: Tx, most: int = 40) -> list[dict[str, Any]]:
    """Figures of a complete month that a later load said otherwise: place, was and is, load and author, the latest first.

    Of a measure whose whole is among its figures only the whole is told; a figure in part is no figure that was read.
    """
    names = ("measure", "grain", "starts", "segment", "team", "csm", "was", "was_top", "was_bottom", "value", "top", "bottom",
             "at", "author", "file", "computed", "was_read", "in_baseline")
    rows = tx.all("""
        SELECT told.measure, told.grain, told.starts, told.segment, told.team, told.csm, was_value, was_top, was_bottom, value,
               numerator, denominator, told.loaded_at, load.author, load.file_name, load.sha256 = '',
               EXISTS (SELECT 1 FROM reading WHERE reading.measure = told.measure AND reading.segment = told.segment
                       AND reading.starts = told.starts AND reading.recorded_at <= told.loaded_at),
               EXISTS (SELECT 1 FROM limits WHERE limits.measure = told.measure AND limits.segment = told.segment
                       AND told.starts BETWEEN limits.baseline_from AND limits.baseline_to
                       AND limits.recorded_at <= told.loaded_at)
        FROM (SELECT *, LAG(value) OVER earlier AS was_value, LAG(numerator) OVER earlier AS was_top,
                     LAG(denominator) OVER earlier AS was_bottom, LAG(partial) OVER earlier AS was_partial,
                     ROW_NUMBER() OVER earlier AS place
              FROM figure
              WINDOW earlier AS (PARTITION BY measure, starts, segment, team, csm ORDER BY loaded_at, load)) AS told
        JOIN load ON load.id = told.load
        WHERE place > 1 AND COALESCE(was_partial, FALSE) = FALSE
          AND (told.value IS DISTINCT FROM was_value OR told.numerator IS DISTINCT FROM was_top
               OR told.denominator IS DISTINCT FROM was_bottom)
          AND NOT (was_value IS NULL AND was_top IS NULL)
          AND (told.segment = '' AND told.team = '' AND told.csm = ''
               OR NOT EXISTS (SELECT 1 FROM figure AS whole WHERE whole.measure = told.measure AND whole.segment = ''
                              AND whole.team = '' AND whole.csm = ''))
        ORDER BY told.loaded_at DESC, told.measure, told.starts DESC LIMIT $1""", [most])
    return [dict(zip(names, row)) for row in rows]


@dataclass(frozen=True)
class Stands:
    """What has stood on figures of the whole: (measure, first day) signed and read, (measure, first, last) of locked limits."""

    signed: frozenset[tuple[str, date]]
    baselines: tuple[tuple[str, date, date], ...]
    read: frozenset[tuple[str, date]]


def stands(tx: Tx) -> Stands:
    """Signed months by the measures of their scorecard, baselines in force, recorded readings."""
    signed = tx.all("""SELECT DISTINCT slot.measure, signed_month.starts FROM signed_month
                       JOIN slot ON slot.scorecard = signed_month.scorecard""")
    baselines = tx.all("SELECT DISTINCT measure, baseline_from, baseline_to FROM limits WHERE segment = ''")
    read = tx.all("SELECT DISTINCT measure, starts FROM reading WHERE segment = ''")
    return Stands(frozenset(signed), tuple(baselines), frozenset(read))


def loaded_figures(tx: Tx) -> list[tuple[str, date, date]]:
    """(measure, first day of the period, day of the load) of figures that came as files."""
    return tx.all("""SELECT DISTINCT figure.measure, figure.starts, CAST(load.loaded_at AS DATE) FROM figure
                     JOIN load ON load.id = figure.load WHERE load.sha256 <> '' ORDER BY 1, 2""")


def load_names(tx: Tx) -> dict[str, tuple[str, str, datetime]]:
    """load -> (file, author, when)."""
    return {id: (name, author, at) for id, name, author, at in tx.all("SELECT id, file_name, author, loaded_at FROM load")}


def standing(tx: Tx, measures: Sequence[str]) -> dict[str, tuple[str, date]]:
    """measure -> (grain, first day) of its last period with a complete figure."""
    places = ", ".join(f"${n}" for n in range(1, len(measures) + 1))
    if not measures:
        return {}
    rows = tx.all(f"""SELECT measure, MIN(grain), MAX(starts) FROM (
                          SELECT *, ROW_NUMBER() OVER (PARTITION BY measure, starts, segment, team, csm
                                                       ORDER BY loaded_at DESC, load DESC) AS place
                          FROM figure WHERE measure IN ({places})) AS newest
                      WHERE place = 1 AND COALESCE(partial, FALSE) = FALSE AND (value IS NOT NULL OR denominator IS NOT NULL)
                      GROUP BY measure""", list(measures))
    return {measure: (grain, starts) for measure, grain, starts in rows}
