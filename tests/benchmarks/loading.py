"""What loading a million rows of CSV costs, beside DuckDB's own `read_csv` into a table of the same rows."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np

from scorecard import loading, loading_facts
from scorecard.access import Actor
from scorecard.core.mapping import Mapping
from scorecard.intake.table import COMMAND_LINE, MB
from scorecard.store.duck import CREATION
from scorecard.store.engine import open_store

ROWS, TODAY, BUDGET, MEMORY = 1_000_000, date(2026, 11, 22), 2.0, 2_000
ACTOR = Actor("sam", "Sam Whitlock", "analyst")
USE = Mapping("usage", {"usage_id": "usage_id", "account_id": "account_id", "subscription_id": "subscription_id", "used_on": "usage_date",
                        "event": "feature_name", "user_id": "user_id", "quantity": "usage_count"})


@dataclass(frozen=True)
class Ratio:
    """The work of one thing as a multiple of the same done by hand, and the largest memory of a process in MB."""

    what: str
    ours: float
    theirs: float
    wall: float
    memory: float

    def __str__(self) -> str:
        ratio = self.ours / self.theirs
        return (f"{self.what:<66} {ratio:5.2f} x by hand ({self.ours:.2f} s CPU to {self.theirs:.2f}; {self.wall:.2f} x by the clock), "
                f"{ratio / BUDGET:.2f} of the budget; {self.memory:,.0f} MB of {MEMORY:,}")


def spent() -> float:
    """CPU seconds of this process and of the children that have ended."""
    parts = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(part.ru_utime + part.ru_stime for part in parts)


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """(CPU seconds, seconds by the clock) of a piece of work."""
    cpu, clock = spent(), time.perf_counter()
    work()
    return spent() - cpu, time.perf_counter() - clock


def write_use(path: Path, rows: int = ROWS) -> None:
    """A CSV file of events, as a product writes them."""
    draw = np.random.default_rng(1).integers
    days = [(date(2024, 1, 1) + timedelta(days=n)).isoformat() for n in range(730)]
    columns = zip(draw(0, 100_000, rows), draw(0, 200_000, rows), draw(0, 730, rows), draw(0, 40, rows), draw(0, 500_000, rows), draw(1, 50, rows))
    with path.open("w") as file:
        file.write("usage_id,account_id,subscription_id,usage_date,feature_name,user_id,usage_count\n")
        file.writelines(f"U-{i:08d},A-{a:06d},S-{s:06d},{days[d]},feature_{f},u{u:06d},{q}\n" for i, (a, s, d, f, u, q) in enumerate(columns))


def by_hand(source: Path, folder: Path) -> None:
    """DuckDB's own reader, its sniffer and all, into a table of a file."""
    with duckdb.connect(str(folder / "by-hand.duckdb"), config=CREATION) as con:
        con.execute(f"CREATE TABLE usage AS SELECT * FROM read_csv('{source}')")


def a_million_rows() -> list[Ratio]:
    """A file of a million rows: read, understood by its mapping, checked, compared and stored; then once more, known."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "usage.csv"
        write_use(source)
        theirs, clock = measured(lambda: by_hand(source, folder))
        store = open_store(folder / "state.duckdb", folder / "facts.duckdb")
        with store.facts() as tx:
            tx.run("INSERT INTO account (account_id, load, row_number) SELECT format('A-{:06d}', i), '', i FROM range(100000) AS all_of(i)")
            tx.run("INSERT INTO subscription (subscription_id, load, row_number) SELECT format('S-{:06d}', i), '', i FROM range(200000) AS all_of(i)")
        first = measured(lambda: load(store, source, ROWS))
        again = measured(lambda: load(store, source, 0))
        store.close()
    memory = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) * 1024 / MB
    return [Ratio("load of 1,000,000 rows of CSV, validated and mapped", first[0], theirs, first[1] / clock, memory),
            Ratio("the same file again", again[0], theirs, again[1] / clock, memory)]


def load(store, source: Path, new: int) -> None:
    table = loading.read(store, ACTOR, source, source.name, COMMAND_LINE)
    done = loading_facts.accept(store, ACTOR, loading_facts.propose(store, ACTOR, table, [USE], COMMAND_LINE), TODAY)
    assert (done.new, done.refused) == (new, 0)
    with store.facts() as tx:
        tx.cursor.execute("COMMIT")
        tx.cursor.execute("CHECKPOINT")
        tx.cursor.execute("BEGIN TRANSACTION")


ALL = (a_million_rows,)
