"""What loading a million rows of CSV costs, beside DuckDB's own `read_csv` into a table of the same rows."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import duckdb
import numpy as np

from scorecard import exports, loading
from scorecard.access import Actor
from scorecard.intake import reader
from scorecard.intake.table import COMMAND_LINE, MB
from scorecard.store.duck import CREATION
from scorecard.store.engine import open_store

ROWS, TODAY, BUDGET, MEMORY = 1_000_000, date(2026, 11, 22), 2.0, 2_000
ACTOR = Actor("sam", "Sam Whitlock", "analyst")
USE = {"usage_id": "usage_id", "account_id": "account_id", "subscription_id": "subscription_id", "used_on": "usage_date",
       "event": "feature_name", "user_id": "user_id", "quantity": "usage_count"}
ROUNDS = 3


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
        con.execute("SET enable_progress_bar = false")
        con.execute(f"CREATE TABLE usage AS SELECT * FROM read_csv('{source}')")


def a_million_rows() -> list[Ratio]:
    """A file of a million rows: read, recognised, mapped, checked, compared and stored; then once more, known. The median of
    three rounds, in each of which it is done by hand too."""
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "usage.csv"
        write_use(source)
        hand, first, again = zip(*(one_round(source, Path(name) / str(number)) for number in range(ROUNDS)))
    memory = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) * 1024 / MB
    theirs, clock = middle(hand)
    return [Ratio(what, middle(ours)[0], theirs, middle(ours)[1] / clock, memory)
            for what, ours in (("load of 1,000,000 rows of CSV, validated and mapped", first), ("the same file again", again))]


def middle(rounds: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The medians of CPU seconds and of seconds by the clock."""
    return median(cpu for cpu, _ in rounds), median(clock for _, clock in rounds)


def one_round(source: Path, folder: Path) -> tuple[tuple[float, float], ...]:
    """What it takes by hand, the first time, and once more, in stores of their own."""
    folder.mkdir()
    hand = measured(lambda: by_hand(source, folder))
    store = open_store(folder / "state.duckdb", folder / "facts.duckdb")
    with store.facts() as tx:
        tx.run("INSERT INTO account (account_id, load, row_number) SELECT format('A-{:06d}', i), '', i FROM range(100000) AS all_of(i)")
        tx.run("INSERT INTO subscription (subscription_id, load, row_number) SELECT format('S-{:06d}', i), '', i FROM range(200000) AS all_of(i)")
    first, again = measured(lambda: load(store, source, ROWS)), measured(lambda: load(store, source, 0))
    store.close()
    return hand, first, again


def load(store, source: Path, new: int) -> None:
    table = loading.read(store, ACTOR, source, source.name, COMMAND_LINE)
    offered = exports.offer(store, ACTOR, table, limits=COMMAND_LINE)
    assert offered.proposed.sure and offered.proposed.draft.mappings[0].columns == USE
    done = exports.accept(store, ACTOR, offered, TODAY)
    reader.discard(table)
    assert (done.new, done.refused) == (new, 0)
    with store.facts() as tx:
        tx.cursor.execute("COMMIT")
        tx.cursor.execute("CHECKPOINT")
        tx.cursor.execute("BEGIN TRANSACTION")


ALL = (a_million_rows,)
