"""Health scores in the facts store, the rules that they are made by in the state store.

A month is recorded once: an account's readings, points and score as the facts had them, with the version of the rule.
All accounts and months are computed by one statement, in whole numbers where points are rounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from scorecard.core import health_score
from scorecard.core.health_score import (ANSWER_MONTHS, BLANK, FEWEST_USUAL_MONTHS, OLD_DAYS, ORDER, POSSIBLE, RECENT_MONTHS,
                                         SLOW_REPLY_HOURS, USUAL_MONTHS, ZERO, Input, Rule)
from scorecard.core.periods import Period
from scorecard.store.tx import Tx

_MONTHS = 4096  # more than there are months of an account
_PAIR = 2**31  # two counts in one number: what is rolled up over months costs by the column
TOTAL_USE = "use"  # the event of rows that say how much, not what: a product's own total
_IS_OLD_ON = f"(CAST(opened_at AS DATE) + {OLD_DAYS})"
# A reading counts on the day on which it is known, so that a month says no more than its end knew.
_IS_SLOW_AT = f"(opened_at + INTERVAL {SLOW_REPLY_HOURS} HOUR)"
_IS_OVER_ON = "COALESCE(window_to, due_on)"
_LEFT_ON = """COALESCE(ended_on, CASE WHEN churned THEN (SELECT MAX(subscription.ended_on) FROM subscription
            WHERE subscription.account_id = account.account_id) END)"""
_USE = "usage LEFT JOIN subscription ON usage.account_id IS NULL AND subscription.subscription_id = usage.subscription_id"
_DONE = "('closed', 'solved', 'resolved', 'done', 'cancelled', 'canceled', 'deleted')"
OLDEST_KNOWN = 3  # months: what was known of an account before them says nothing of it any more
_CLEAR = ("health_month", "health_recorded", "health_restated")


@dataclass(frozen=True)
class Recorded:
    """A month that was recorded: by which version, when (UTC), of how many accounts, from which kinds of facts."""

    month: date
    version: int
    recorded_at: datetime
    accounts: int
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """An account in a month: readings in the order of READINGS, points and points possible in the order of the inputs."""

    account: str
    month: date
    segment: str
    version: int
    score: int | None
    readings: tuple[float | None, ...]
    points: tuple[int | None, ...]
    possible: tuple[int, ...]


# -- rules

def rules(tx: Tx) -> dict[int, Rule]:
    """Every saved rule by its version, the oldest first."""
    rows = tx.all("SELECT body, version, author, reason, recorded_at FROM health_rule ORDER BY version")
    return {row[1]: health_score.from_json(*row) for row in rows}


def add_rule(tx: Tx, rule: Rule) -> None:
    """Nothing; the rule is kept as its version. Two at once break the key, and the second is done again."""
    tx.run("INSERT INTO health_rule (version, body, author, reason, recorded_at) VALUES ($1, $2, $3, $4, $5)",
           [rule.version, health_score.as_json(rule), tx.actor, rule.reason, tx.now])


# -- the statement

def statement(rule: Rule, months: Sequence[Period], reaches: Mapping[str, tuple[date, date]], account: bool = False) -> str:
    """The SELECT of the rows of these months, which follow one another. `reaches`: first and last month told of by a kind.

    Its parameter $1 is the event of use that counts ("" for all of it), $2 an account where one is asked for.
    """
    counted = [(place, one) for place, one in enumerate(rule.inputs) if one.weight]
    return f"""WITH {_readings(months, reaches, account)},
shared AS (SELECT *, {', '.join(f'{_share(one)} AS s{place}' for place, one in counted)} FROM reading),
weighed AS (SELECT *, {_weights(counted)} AS weight FROM shared),
roomed AS (SELECT *, {', '.join(_room(place, one) for place, one in counted)} FROM weighed),
dealt AS (SELECT *, {POSSIBLE} - ({_sum('b', counted)}) AS over FROM roomed),
possible AS (SELECT *, {', '.join(_lucky('m', 'b', 'q', 'over', place, counted) for place, _ in counted)} FROM dealt),
exact AS (SELECT *, {', '.join(f'COALESCE(s{place}, 0) * m{place} AS e{place}' for place, _ in counted)} FROM possible),
floored AS (SELECT *, CAST(FLOOR({_sum('e', counted)} + 0.5) AS INTEGER) AS whole,
    {', '.join(f'CAST(FLOOR(e{place}) AS INTEGER) AS f{place}, e{place} - FLOOR(e{place}) AS g{place}' for place, _ in counted)} FROM exact),
rest AS (SELECT *, whole - ({_sum('f', counted)}) AS remaining FROM floored),
pointed AS (SELECT *, {', '.join(_lucky('t', 'f', 'g', 'remaining', place, counted) for place, _ in counted)} FROM rest),
judged AS (SELECT *, weight > 0{_blank(counted)} AS known FROM pointed)
SELECT account_id, month, segment, {rule.version} AS version, CASE WHEN known THEN whole END AS score,
    [{', '.join(f'r_{name}' for name in ORDER)}] AS readings, [{', '.join(_points(place, one) for place, one in enumerate(rule.inputs))}] AS points,
    [{', '.join(_possible(place, one) for place, one in enumerate(rule.inputs))}] AS possible
FROM judged JOIN life ON life.n = judged.n"""


def _sum(letter: str, counted: Sequence[tuple[int, Input]]) -> str:
    return " + ".join(f"{letter}{place}" for place, _ in counted)


def _share(one: Input) -> str:
    """The curve, piece by piece: the same arithmetic, in the same order, as `core.health_score.share`."""
    reading = f"r_{one.reading}"
    pieces = " ".join(f"WHEN {reading} <= {end!r} THEN {base!r} + ({reading} - {start!r}) * {rise!r}"
                      for start, end, base, rise in health_score.slopes(one))
    missing = "0" if one.missing == ZERO else "NULL"
    (first, least), (_, most) = one.curve[0], one.curve[-1]
    return (f"CAST(CASE WHEN {reading} IS NULL THEN {missing} WHEN {reading} <= {first!r} THEN {least!r} {pieces} "
            f"ELSE {most!r} END AS DOUBLE)")


def _weights(counted: Sequence[tuple[int, Input]]) -> str:
    return " + ".join(f"CASE WHEN s{place} IS NULL THEN 0 ELSE {one.weight} END" for place, one in counted)


def _room(place: int, one: Input) -> str:
    own = f"CASE WHEN s{place} IS NULL OR weight = 0 THEN 0 ELSE {POSSIBLE * one.weight}"
    return f"{own} // weight END AS b{place}, {own} % weight END AS q{place}"


def _lucky(name: str, floor: str, rest: str, left: str, place: int, counted: Sequence[tuple[int, Input]]) -> str:
    """The whole part, and one more when its rest is among the largest ones."""
    before = [f"CASE WHEN {rest}{other} {'>=' if other < place else '>'} {rest}{place} THEN 1 ELSE 0 END"
              for other, _ in counted if other != place]
    return f"{floor}{place} + CASE WHEN {' + '.join(before) or '0'} < {left} AND weight > 0 THEN 1 ELSE 0 END AS {name}{place}"


def _blank(counted: Sequence[tuple[int, Input]]) -> str:
    return "".join(f" AND s{place} IS NOT NULL" for place, one in counted if one.missing == BLANK)


def _points(place: int, one: Input) -> str:
    return f"CASE WHEN known AND s{place} IS NOT NULL THEN t{place} END" if one.weight else "CASE WHEN known THEN 0 END"


def _possible(place: int, one: Input) -> str:
    return f"CASE WHEN known THEN m{place} ELSE 0 END" if one.weight else "0"


# -- readings

@dataclass(frozen=True)
class _Span:
    """The months that are asked for, with those before them that a usual needs; `m` numbers them from `begins` on."""

    months: Sequence[Period]

    @property
    def origin(self) -> Period:
        return self.months[0].shift(-USUAL_MONTHS)

    @property
    def last(self) -> int:
        return len(self.months) + USUAL_MONTHS - 1

    @property
    def within(self) -> str:
        return f"BETWEEN DATE '{self.origin.start}' AND DATE '{self.months[-1].end}'"

    def m(self, day: str) -> str:
        return f"(CAST(YEAR({day}) * 12 + MONTH({day}) - 1 AS BIGINT) - {self.origin.ordinal})"

    def k(self, day: str) -> str:
        return f"n * {_MONTHS} + {self.m(day)} AS k"


def _readings(months: Sequence[Period], reaches: Mapping[str, tuple[date, date]], account: bool) -> str:
    """The common table expressions up to `reading`: accounts that are customers at the end of each month.

    `n` numbers the accounts and `m` the months; `k` is both in one number, which joins faster than names.
    """
    span = _Span(months)
    return f"{_lives(span, account)},\n{_counts(span)},\n{_rolled(span, reaches)}"


def _lives(span: _Span, account: bool) -> str:
    """Each account from its start to its end, a row a month."""
    begins, ends = span.origin.start, span.months[-1].shift(1).start
    only = " AND account.account_id = $2" if account else ""
    whose = " AND COALESCE(usage.account_id, subscription.account_id) = $2" if account else ""
    return f"""began AS (
    SELECT COALESCE(usage.account_id, subscription.account_id) AS account_id, MIN(used_on) AS used_on
    FROM {_USE} WHERE used_on < DATE '{ends}' AND ($1 = '' OR event = $1){whose} GROUP BY 1),
life AS MATERIALIZED (
    SELECT account.account_id, COALESCE(segment, '') AS segment, ROW_NUMBER() OVER () AS n, {span.m('began.used_on')} AS began,
        CASE WHEN started_on > DATE '{begins}' THEN {span.m('started_on')} ELSE 0 END AS first_m,
        COALESCE({span.m(_LEFT_ON)} - 1, {span.last}) AS last_m
    FROM account LEFT JOIN began ON began.account_id = account.account_id
    WHERE COALESCE(started_on < DATE '{ends}', TRUE){only}),
grid AS (SELECT n * {_MONTHS} + m AS k, n, m, began, first_m FROM life, (SELECT UNNEST(RANGE({span.last + 1})) AS m) AS month WHERE m BETWEEN first_m AND last_m)"""


def _counts(span: _Span) -> str:
    """What happened to each account in each month."""
    within, m, k = span.within, span.m, span.k
    return f"""used AS (
    SELECT {k('used_on')}, SUM(COALESCE(quantity, 1)) AS amount FROM {_USE} JOIN life ON life.account_id = COALESCE(usage.account_id, subscription.account_id)
    WHERE used_on {within} AND ($1 = '' OR event = $1) GROUP BY 1),
answer AS (
    SELECT {k('said.day')}, SUM(CASE WHEN asked <> 'trust' THEN score END) AS satisfied, SUM(CASE WHEN asked = 'trust' THEN score END) AS trusted,
        SUM(CASE WHEN asked = 'trust' THEN {_PAIR} ELSE 1 END) AS answers
    FROM (SELECT account_id, answered_on AS day, question AS asked, CASE WHEN question = 'csat' THEN (score - 1) * 2.5 ELSE score END AS score
          FROM survey WHERE score IS NOT NULL AND answered_on {within}
          UNION ALL
          SELECT account_id, CAST(COALESCE(resolved_at, opened_at) AS DATE), 'ticket', (satisfaction - 1) * 2.5
          FROM ticket WHERE satisfaction IS NOT NULL AND CAST(COALESCE(resolved_at, opened_at) AS DATE) {within}) AS said
    JOIN life ON life.account_id = said.account_id GROUP BY 1),
happened AS (
    SELECT k, SUM(asked) AS asked, SUM(met) AS met FROM (
        SELECT {k('opened_at')}, 1 AS asked, 0 AS met FROM ticket JOIN life ON life.account_id = ticket.account_id WHERE CAST(opened_at AS DATE) {within}
        UNION ALL
        SELECT {k(_IS_SLOW_AT)}, {_PAIR}, 0 FROM ticket JOIN life ON life.account_id = ticket.account_id
        WHERE CAST({_IS_SLOW_AT} AS DATE) {within} AND (first_response_minutes > {SLOW_REPLY_HOURS * 60} OR first_response_at > {_IS_SLOW_AT})
        UNION ALL
        SELECT {k(_IS_OVER_ON)}, 0, 1 + CASE WHEN done_on BETWEEN COALESCE(window_from, DATE '1900-01-01') AND {_IS_OVER_ON} THEN {_PAIR} ELSE 0 END
        FROM contact JOIN life ON life.account_id = contact.account_id WHERE {_IS_OVER_ON} {within} AND cancelled_by_customer IS NOT TRUE) AS each
    GROUP BY 1),
waiting AS (
    SELECT k, COUNT(*) AS n_waiting FROM (
        SELECT n * {_MONTHS} + UNNEST(RANGE(GREATEST({m(_IS_OLD_ON)}, {USUAL_MONTHS}),
                                            LEAST(COALESCE({m('resolved_at')}, {span.last + 1}), {span.last + 1}))) AS k
        FROM ticket JOIN life ON life.account_id = ticket.account_id
        WHERE resolved_at >= opened_at + INTERVAL {OLD_DAYS} DAY
              OR resolved_at IS NULL AND LOWER(COALESCE(status, '')) NOT IN {_DONE}) AS old
    GROUP BY 1)"""


def _rolled(span: _Span, reaches: Mapping[str, tuple[date, date]]) -> str:
    """The readings: what happened in a month, and in those before it that count."""
    return f"""joined AS (
    SELECT grid.n, grid.m, LEAST({USUAL_MONTHS}, grid.m - GREATEST(grid.began, grid.first_m)) AS usual_n, CASE WHEN grid.m >= grid.began THEN COALESCE(used.amount, 0) END AS amount,
        satisfied, trusted, answers, asked, met, n_waiting
    FROM grid LEFT JOIN used ON used.k = grid.k LEFT JOIN answer ON answer.k = grid.k LEFT JOIN happened ON happened.k = grid.k
    LEFT JOIN waiting ON waiting.k = grid.k),
rolled AS (
    SELECT n, m, amount, n_waiting, usual_n, SUM(amount) OVER usual AS usual, SUM(satisfied) OVER lately AS satisfied, SUM(trusted) OVER lately AS trusted,
        CAST(SUM(answers) OVER lately AS BIGINT) AS answers, CAST(SUM(asked) OVER recent AS BIGINT) AS asked, CAST(SUM(met) OVER recent AS BIGINT) AS met
    FROM joined WINDOW usual AS (PARTITION BY n ORDER BY m ROWS BETWEEN {USUAL_MONTHS} PRECEDING AND 1 PRECEDING),
        lately AS (PARTITION BY n ORDER BY m ROWS BETWEEN {ANSWER_MONTHS - 1} PRECEDING AND CURRENT ROW),
        recent AS (PARTITION BY n ORDER BY m ROWS BETWEEN {RECENT_MONTHS - 1} PRECEDING AND CURRENT ROW)),
dated AS (SELECT *, CAST(DATE '{span.origin.start}' + INTERVAL (m) MONTH AS DATE) AS month FROM rolled WHERE m >= {USUAL_MONTHS}),
reading AS (
    SELECT n, month,
        CASE WHEN {_told('usage', reaches)} AND usual_n >= {FEWEST_USUAL_MONTHS} AND usual > 0 THEN ROUND(amount / (usual / usual_n), 6) END AS r_use,
        CASE WHEN {_told('survey', reaches, 'ticket')} AND answers % {_PAIR} > 0 THEN ROUND(satisfied / (answers % {_PAIR}), 6) END AS r_satisfaction,
        CASE WHEN {_told('ticket', reaches)} THEN CAST(COALESCE(asked, 0) % {_PAIR} + COALESCE(n_waiting, 0) AS DOUBLE) END AS r_tickets,
        CASE WHEN {_told('contact', reaches)} AND met % {_PAIR} > 0 THEN ROUND(CAST(met // {_PAIR} AS DOUBLE) / (met % {_PAIR}), 6) END AS r_contacts,
        CASE WHEN {_told('survey', reaches)} AND answers // {_PAIR} > 0 THEN ROUND(trusted / (answers // {_PAIR}), 6) END AS r_trust,
        CASE WHEN {_told('ticket', reaches)} THEN CAST(COALESCE(asked, 0) // {_PAIR} AS DOUBLE) END AS r_slow_replies
    FROM dated)"""


def _told(kind: str, reaches: Mapping[str, tuple[date, date]], other: str = "") -> str:
    """Whether the facts of a kind (or the other) tell of a month: what is not loaded is missing, not none."""
    parts = [f"month BETWEEN DATE '{reaches[name][0]}' AND DATE '{reaches[name][1]}'" for name in (kind, other) if name in reaches]
    return f"({' OR '.join(parts)})" if parts else "FALSE"


# -- recording

def recorded(tx: Tx) -> dict[date, Recorded]:
    """The recorded months, the oldest first."""
    rows = tx.all("SELECT month, version, recorded_at, accounts, kinds FROM health_recorded ORDER BY month")
    return {month: Recorded(month, version, at, accounts, tuple(kinds.split())) for month, version, at, accounts, kinds in rows}


def total_use(tx: Tx) -> str:
    """The event of use that a new rule counts: rows of a total where there are some, else all of it ("")."""
    return TOTAL_USE if tx.one("SELECT 1 FROM usage WHERE event = $1 LIMIT 1", [TOTAL_USE]) else ""


def event_of(rule: Rule) -> str:
    """The event of use that a rule counts, "" for all of it."""
    return next((one.event for one in rule.inputs if one.reading == "use"), "")


def record(tx: Tx, rule: Rule, months: Sequence[Period], reaches: Mapping[str, tuple[date, date]], kinds: Sequence[str]) -> int:
    """How many rows were recorded; what stood for the same months is replaced."""
    span = [months[0].start, months[-1].start]
    for table in ("health_month", "health_recorded"):
        tx.run(f"DELETE FROM {table} WHERE month BETWEEN $1 AND $2", span)
    tx.run(f"""INSERT INTO health_month (account_id, month, segment, version, score, readings, points, possible)
               {statement(rule, months, reaches)}""", [event_of(rule)])
    tx.run("""INSERT INTO health_recorded (month, version, recorded_at, accounts, kinds)
              SELECT month, $3, $4, COUNT(*), $5 FROM health_month WHERE month BETWEEN $1 AND $2 GROUP BY month
              HAVING COUNT(score) > 0""", [*span, rule.version, tx.now, " ".join(sorted(kinds))])
    there = recorded(tx)
    for month in months:
        if month.start not in there:
            tx.run("DELETE FROM health_month WHERE month = $1", [month.start])
    return sum(there[month.start].accounts for month in months if month.start in there)


def restate(tx: Tx, rule: Rule, months: Sequence[Period], reaches: Mapping[str, tuple[date, date]]) -> int:
    """How many recorded rows the facts would have otherwise now. They are kept as they are, and told beside."""
    span = [event_of(rule), months[0].start, months[-1].start]
    tx.run("DELETE FROM health_restated WHERE month BETWEEN $1 AND $2", span[1:])
    tx.run(f"""INSERT INTO health_restated (account_id, month, score, readings, told_at)
               SELECT health_month.account_id, health_month.month, now.score, now.readings, $4
               FROM health_month LEFT JOIN ({statement(rule, months, reaches)}) AS now
                   ON now.account_id = health_month.account_id AND now.month = health_month.month
               WHERE health_month.month BETWEEN $2 AND $3 AND now.readings IS DISTINCT FROM health_month.readings""",
           [*span, tx.now])
    return tx.one("SELECT COUNT(*) FROM health_restated WHERE month BETWEEN $1 AND $2", span[1:])[0]


def forget(tx: Tx) -> None:
    """Nothing; no month is recorded any more. For a store whose facts were taken away."""
    for table in _CLEAR:
        tx.run(f"DELETE FROM {table}")


# -- reading

_ROW = "account_id, month, segment, version, score, readings, points, possible"


def _row(found: tuple) -> Row:
    *first, readings, points, possible = found
    return Row(*first, tuple(readings), tuple(points), tuple(possible))


def of_account(tx: Tx, account: str) -> list[Row]:
    """The recorded months of an account, the oldest first."""
    return [_row(one) for one in tx.all(f"SELECT {_ROW} FROM health_month WHERE account_id = $1 ORDER BY month", [account])]


def now(tx: Tx, rule: Rule, account: str, month: Period, reaches: Mapping[str, tuple[date, date]]) -> Row | None:
    """An account in a month as the facts are now, None when it is no customer at its end. Nothing is recorded."""
    found = tx.one(statement(rule, [month], reaches, account=True), [event_of(rule), account])
    return _row(found) if found else None


def by_segment(tx: Tx, first: date, last: date) -> list[tuple]:
    """(month, segment, version, accounts, scored, sum of scores) of the recorded months, by segment in alphabetical order."""
    return tx.all("""SELECT month, segment, version, COUNT(*), COUNT(score), SUM(score) FROM health_month
                     WHERE month BETWEEN $1 AND $2 GROUP BY month, segment, version ORDER BY month, segment""", [first, last])


def points_by_segment(tx: Tx, month: date, inputs: int) -> list[tuple]:
    """(segment, points of each input …, possible of each …): sums over the scored accounts of a month."""
    sums = ", ".join(f"SUM({name}[{place}])" for name in ("points", "possible") for place in range(1, inputs + 1))
    return tx.all(f"""SELECT segment, {sums} FROM health_month WHERE month = $1 AND score IS NOT NULL
                      GROUP BY segment ORDER BY segment""", [month])


def of_month(tx: Tx, month: date, accounts: Sequence[str] | None = None) -> list[Row]:
    """The accounts of a recorded month in the order of their ids, all of them or the named."""
    only, params = ("", [month]) if accounts is None else (" AND list_contains($2, account_id)", [month, list(accounts)])
    return [_row(one) for one in tx.all(f"SELECT {_ROW} FROM health_month WHERE month = $1{only} ORDER BY account_id", params)]


def fallen(tx: Tx, month: date, before: date, segment: str, limit: int) -> list[tuple]:
    """(account, name, segment, score, change) of those that lost most since an earlier month, the largest loss first."""
    return tx.all("""SELECT now.account_id, COALESCE(account.name, now.account_id), now.segment, now.score, now.score - was.score
                     FROM health_month AS now JOIN health_month AS was ON was.account_id = now.account_id AND was.month = $2
                     LEFT JOIN account ON account.account_id = now.account_id
                     WHERE now.month = $1 AND ($3 = '' OR now.segment = $3) AND now.score < was.score
                     ORDER BY now.score - was.score, 2, 1 LIMIT $4""", [month, before, segment, limit])


def spread(tx: Tx, first: date, last: date) -> list[tuple]:
    """(reading, accounts, smallest, largest) of each reading over recorded months; in the order of READINGS."""
    return [(name, *tx.one(f"""SELECT COUNT(DISTINCT account_id), MIN(readings[{place}]), MAX(readings[{place}]) FROM health_month
                               WHERE month BETWEEN $1 AND $2 AND readings[{place}] IS NOT NULL""", [first, last]))
            for place, name in enumerate(ORDER, 1)]


def restated(tx: Tx) -> list[tuple[date, int]]:
    """(month, accounts) whose inputs are otherwise now than they were recorded."""
    return tx.all("SELECT month, COUNT(*) FROM health_restated GROUP BY month ORDER BY month")


def restated_score(tx: Tx, account: str, month: date) -> tuple[int | None] | None:
    """(the score as the facts are now,) of a recorded month whose inputs were restated; None when they were not."""
    return tx.one("SELECT score FROM health_restated WHERE account_id = $1 AND month = $2", [account, month])


def find_account(tx: Tx, wanted: str) -> tuple | None:
    """(id, name, segment, last day as a customer) of the account with this id, or with this name when only one has it."""
    found = tx.all(f"""SELECT account_id, COALESCE(name, account_id), COALESCE(segment, ''), {_LEFT_ON} FROM account
                       WHERE account_id = $1 OR LOWER(name) = LOWER($1) ORDER BY account_id = $1 DESC LIMIT 2""", [wanted])
    return found[0] if found and (found[0][0] == wanted or len(found) == 1) else None


# -- outcomes

def first_load(tx: Tx) -> date | None:
    """The day of the first load of facts, None before it."""
    return found[0].date() if (found := tx.one("SELECT MIN(loaded_at) FROM fact_load")) and found[0] else None



_LOST = "('lost', 'churned', 'cancelled', 'canceled', 'not renewed')"
_KEPT = "('renewed', 'won', 'closed won')"


def outcomes(tx: Tx, days: int, until: date, first_load: date | None) -> list[tuple]:
    """(account, name, segment, due, value due, lost, month, version, from history, score, readings) of each decided renewal.

    The month is the newest whose score was known `days` days before the renewal: it had ended, and was recorded by then or
    comes from before the first load, filled in from history. Its score is None where there was none, or none newer than
    OLDEST_KNOWN months.
    """
    return tx.all(f"""
        WITH decided AS (
            SELECT account_id, due_on, due_on - $1 AS asked_on, value_due,
                CASE WHEN LOWER(COALESCE(status, '')) IN {_LOST} THEN TRUE WHEN LOWER(COALESCE(status, '')) IN {_KEPT} THEN FALSE
                     WHEN value_renewed IS NOT NULL THEN value_renewed <= 0 WHEN renewed_on IS NOT NULL THEN FALSE END AS lost
            FROM renewal WHERE due_on <= $2),
        ended AS (
            SELECT month, CAST(month + INTERVAL 1 MONTH AS DATE) - 1 AS ends, CAST(recorded_at AS DATE) AS recorded_on FROM health_recorded),
        known AS (
            SELECT asked_on, MAX(month) AS month
            FROM (SELECT DISTINCT asked_on FROM decided WHERE lost IS NOT NULL) AS asked
            JOIN ended ON ends <= asked_on AND (recorded_on <= asked_on OR ends < $3)
                      AND month >= CAST(DATE_TRUNC('month', asked_on) - INTERVAL {OLDEST_KNOWN} MONTH AS DATE)
            GROUP BY asked_on)
        SELECT decided.account_id, COALESCE(account.name, decided.account_id), COALESCE(health_month.segment, account.segment, ''), due_on,
            COALESCE(value_due, 0), lost, known.month, health_month.version, COALESCE(ended.ends < $3 AND ended.recorded_on > asked_on, FALSE), score, readings
        FROM decided LEFT JOIN known USING (asked_on) LEFT JOIN ended ON ended.month = known.month
        LEFT JOIN account ON account.account_id = decided.account_id
        LEFT JOIN health_month ON health_month.account_id = decided.account_id AND health_month.month = known.month
        WHERE lost IS NOT NULL ORDER BY due_on, decided.account_id""", [days, until, first_load or date.min])
