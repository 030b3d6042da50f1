"""What a month's measures cost from 10 million rows of use and 100,000 accounts, beside the same SQL written by hand."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

from scorecard import places
from scorecard.core import measures_file
from scorecard.core.periods import Period
from scorecard.core.unit_rows import Source, source, statement
from scorecard.store import catalogue
from scorecard.store.catalogue import Covered
from scorecard.store.engine import Store, open_store
from scorecard.store.tx import Tx

USE, ACCOUNTS, BUDGET, MEMORY, ROUNDS = 10_000_000, 100_000, 1.3, 2_000, 15
MONTH = Period(date(2026, 10, 1), "month")
SPLIT = "GROUP BY GROUPING SETS ((), (segment), (team), (csm))"
BY_HAND = {
    "adoption_30d": f"""
        SELECT segment, team, csm, SUM(adopted), COUNT(*) FROM (
            SELECT a.account_id, a.segment, a.team, a.csm, MAX(CASE WHEN u.used_on IS NOT NULL THEN 1 ELSE 0 END) AS adopted
            FROM account a LEFT JOIN usage u ON u.account_id = a.account_id AND u.used_on >= a.started_on AND u.used_on <= a.started_on + 30
            WHERE a.started_on >= DATE '2026-09-01' AND a.started_on < DATE '2026-10-02' GROUP BY ALL) {SPLIT}""",
    "weekly_use_first_six_months": f"""
        SELECT segment, team, csm, SUM(CASE WHEN weeks = 26 THEN 1 ELSE 0 END), COUNT(*) FROM (
            SELECT a.account_id, a.segment, a.team, a.csm, COUNT(DISTINCT (u.used_on - a.started_on) // 7) AS weeks
            FROM account a LEFT JOIN usage u ON u.account_id = a.account_id AND u.used_on >= a.started_on AND u.used_on < a.started_on + 182
            WHERE a.started_on >= DATE '2026-04-03' AND a.started_on < DATE '2026-05-04' GROUP BY ALL) {SPLIT}""",
    "time_to_first_value": """
        SELECT segment, team, csm, duration, reached, COUNT(*) FROM (
            SELECT a.account_id, a.segment, a.team, a.csm, MIN(u.used_on) IS NOT NULL AS reached,
                   COALESCE(MIN(u.used_on) - a.started_on, LEAST(90, DATE '2026-10-31' - a.started_on)) AS duration
            FROM account a LEFT JOIN usage u ON u.account_id = a.account_id AND u.used_on >= a.started_on AND u.used_on <= a.started_on + 90
            WHERE a.started_on >= DATE '2026-10-01' AND a.started_on < DATE '2026-11-01'
            GROUP BY a.account_id, a.segment, a.team, a.csm, a.started_on)
        GROUP BY GROUPING SETS ((duration, reached), (segment, duration, reached), (team, duration, reached), (csm, duration, reached))""",
}


@dataclass(frozen=True)
class Month:
    """CPU seconds of the product and of the SQL by hand, and the largest memory of the process in MB."""

    what: str
    ours: float
    theirs: float
    memory: float

    def __str__(self) -> str:
        ratio = self.ours / self.theirs
        return (f"{self.what:<66} {ratio:5.2f} x by hand ({1000 * self.ours:.0f} ms CPU to {1000 * self.theirs:.0f}), "
                f"{ratio / BUDGET:.2f} of the budget; {self.memory:,.0f} MB of {MEMORY:,}")


def make(store: Store) -> None:
    """Nothing; 100,000 accounts of three years and 10 million days of use since each began are in the facts store."""
    with store.facts() as tx:
        tx.run(f"""INSERT INTO account (account_id, segment, team, csm, started_on, load, row_number)
                   SELECT 'A-' || n, 'segment ' || n % 3, 'team ' || n % 5, 'csm ' || n % 40,
                          CAST(DATE '2023-11-01' + CAST(n % 1095 AS INTEGER) AS DATE), 'l', n FROM range({ACCOUNTS}) AS t(n)""")
        tx.run(f"""INSERT INTO usage (usage_id, account_id, used_on, event, user_id, quantity, load, row_number)
                   SELECT 'U-' || n, 'A-' || hash(n) % {ACCOUNTS},
                          CAST(DATE '2023-11-01' + CAST(n * 1096 // {USE} AS INTEGER) AS DATE),
                          'feature ' || n % 40, 'u' || n % 500000, 1, 'l', n FROM range({USE}) AS t(n)""")


def spent(*works: Callable[[], object]) -> list[float]:
    """The median CPU seconds of pieces of work done in turn, after one round that nobody counts."""
    rounds: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS + 1):
        for work, seconds in zip(works, rounds):
            begin = time.process_time()
            work()
            seconds.append(time.process_time() - begin)
    return [median(seconds[1:]) for seconds in rounds]


def a_months_measures() -> list[Month]:
    """The three measures that read use, each for October 2026: of the whole, by segment, team and CSM."""
    known = measures_file.parse((places.ROOT / "data" / "measures.toml").read_text("utf-8"))
    with tempfile.TemporaryDirectory() as name:
        store = open_store(Path(name) / "state.duckdb", Path(name) / "facts.duckdb")
        make(store)

        def ours() -> None:
            with store.read_facts() as tx:
                reaches = catalogue.covered(tx)
                for measure in BY_HAND:
                    assert catalogue.cells(tx, source(known[measure]), [MONTH], reaches)

        def theirs() -> None:
            with store.read_facts() as tx:
                for sql in BY_HAND.values():
                    assert tx.all(sql)

        with store.read_facts() as tx:
            reaches = catalogue.covered(tx)
            texts = [_text(tx, source(known[measure]), reaches) for measure in BY_HAND]

        def same() -> None:
            with store.read_facts() as tx:
                for sql in texts:
                    assert tx.all(sql)

        by_us, by_same, by_hand = spent(ours, same, theirs)
        store.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [Month("a month's measures from 10 million rows of use, the same SQL", by_us, by_same, memory),
            Month("the same, to SQL written for this one month alone", by_us, by_hand, memory)]


def _text(tx: Tx, own: Source, reaches: Mapping[str, Covered]) -> str:
    reach = catalogue.reach_of(own, reaches)
    return statement(own, [MONTH], reach, catalogue.columns_of(tx, own, [MONTH], reach))
