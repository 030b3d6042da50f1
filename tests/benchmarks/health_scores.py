"""What the health scores of 100,000 accounts and 24 months cost, beside one full scan and aggregation of the same inputs."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from statistics import median

from scorecard.access import Actor
from scorecard.core.periods import Period, between
from scorecard.sensory import scoring
from scorecard.store import health_scores as rows
from scorecard.store.engine import Store, open_store

ACCOUNTS, BUDGET, ROUNDS = 100_000, 10.0, 3
MONTHS = between(Period(date(2024, 11, 1), "month"), Period(date(2026, 10, 1), "month"))
TODAY, SAM = date(2026, 11, 2), Actor("sam", "Sam Whitlock", "analyst")
SCANS = (  # every column that a reading needs, by account and month
    """SELECT account_id, DATE_TRUNC('month', used_on) AS month, SUM(quantity), MIN(event), COUNT(subscription_id) FROM usage GROUP BY ALL""",
    """SELECT account_id, DATE_TRUNC('month', answered_on) AS month, question, SUM(score), COUNT(score) FROM survey GROUP BY ALL""",
    """SELECT account_id, DATE_TRUNC('month', opened_at) AS month, COUNT(*), MAX(resolved_at), SUM(satisfaction), COUNT(satisfaction),
              COUNT(CASE WHEN first_response_minutes > 1440 OR first_response_at > opened_at THEN 1 END), MAX(status) FROM ticket GROUP BY ALL""",
    """SELECT account_id, DATE_TRUNC('month', due_on) AS month, COUNT(*), COUNT(CASE WHEN done_on BETWEEN window_from AND window_to THEN 1 END)
       FROM contact WHERE cancelled_by_customer IS NOT TRUE GROUP BY ALL""",
)


@dataclass(frozen=True)
class Scores:
    """CPU seconds of recording the scores, and of the scan of the same inputs."""

    ours: float
    scan: float
    rows: int

    def __str__(self) -> str:
        ratio = self.ours / self.scan
        return (f"{f'{self.rows:,} health scores, recorded':<66} {ratio:5.2f} x one scan ({1000 * self.ours:.0f} ms CPU to "
                f"{1000 * self.scan:.0f}), {ratio / BUDGET:.2f} of the budget")


def make(store: Store) -> None:
    """Nothing; each account has use every month, a contact every month, a ticket every second and an answer every fourth."""
    count, first = len(MONTHS) * ACCOUNTS, MONTHS[0].start
    day = f"CAST(DATE '{first}' + CAST(n * 730 // {count} AS INTEGER) AS DATE)"
    with store.facts() as tx:
        tx.run(f"""INSERT INTO account (account_id, segment, started_on, load, row_number)
                   SELECT 'A-' || n, 'segment ' || n % 3, DATE '2024-01-01', 'l', n FROM range({ACCOUNTS}) AS t(n)""")
        tx.run(f"""INSERT INTO usage (usage_id, account_id, used_on, event, quantity, load, row_number)
                   SELECT 'U-' || n, 'A-' || n % {ACCOUNTS}, {day}, 'use', 1 + n % 40, 'l', n FROM range({count}) AS t(n)""")
        tx.run(f"""INSERT INTO contact (contact_id, account_id, due_on, window_from, window_to, done_on, load, row_number)
                   SELECT 'C-' || n, 'A-' || n % {ACCOUNTS}, {day}, {day}, {day} + 7, {day} + CAST(n % 9 AS INTEGER), 'l', n FROM range({count}) AS t(n)""")
        tx.run(f"""INSERT INTO ticket (ticket_id, account_id, opened_at, resolved_at, first_response_minutes, satisfaction, load, row_number)
                   SELECT 'T-' || n, 'A-' || (hash(n) % {ACCOUNTS}), {day}, {day} + CAST(n % 40 AS INTEGER), n % 3000, 1 + n % 5, 'l', n
                   FROM range({count}) AS t(n) WHERE n % 2 = 0""")
        tx.run(f"""INSERT INTO survey (answer_id, account_id, answered_on, question, score, load, row_number)
                   SELECT 'S-' || n, 'A-' || (hash(n + 1) % {ACCOUNTS}), {day}, 'nps', n % 11, 'l', n FROM range({count}) AS t(n) WHERE n % 4 = 0""")
        for kind in ("account", "usage", "contact", "ticket", "survey"):
            tx.run("INSERT INTO fact_load VALUES ($1, $1, 'f.csv', 's', 1, 0, 0, NULL, NULL, $2)", [kind, datetime(2026, 11, 2)])


def spent(work: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """The median CPU seconds of a piece of work, after one round that nobody counts."""
    seconds = []
    for _ in range(ROUNDS + 1):
        before()
        begin = time.process_time()
        work()
        seconds.append(time.process_time() - begin)
    return median(seconds[1:])


def health_scores() -> list[Scores]:
    """100,000 accounts × 24 months, recorded at once, as after the first load."""
    with tempfile.TemporaryDirectory() as name:
        store = open_store(Path(name) / "state.duckdb", Path(name) / "facts.duckdb")
        make(store)
        scoring.ready(store)

        def forget() -> None:
            with store.facts() as tx:
                rows.forget(tx)

        def scan() -> None:
            with store.read_facts() as tx:
                for sql in SCANS:
                    tx.one(f"SELECT COUNT(*), MAX(COLUMNS(* EXCLUDE (account_id, month))) FROM ({sql}) AS scanned")

        ours, by_scan = spent(lambda: scoring.refresh(store, SAM, TODAY), forget), spent(scan)
        with store.read_facts() as tx:
            count = tx.one("SELECT COUNT(*) FROM health_month")[0]
        store.close()
    return [Scores(ours, by_scan, count)]


ALL = (health_scores,)
