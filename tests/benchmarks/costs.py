"""The costs that have a budget: each function measures one and gives a line."""

from __future__ import annotations

import gc
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

import numpy as np

from scorecard import places
from scorecard.core import spc

TODAY = date(2026, 11, 22)
ROUNDS = 9


@dataclass(frozen=True)
class Cost:
    """CPU seconds of one thing, the median of several rounds, and its budget."""

    what: str
    seconds: float
    budget: float

    def __str__(self) -> str:
        return f"{self.what:<66} {1000 * self.seconds:8.1f} ms CPU   {self.seconds / self.budget:5.2f} of the budget"


def cpu_seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median CPU time of a piece of work, after one round that nobody counts."""
    work()
    spent = []
    for _ in range(rounds):
        begin = time.process_time()
        work()
        spent.append(time.process_time() - begin)
    return median(spent)


def limits_and_rules() -> Cost:
    """Limits locked on 24 points and the default rules for 10,000 series of 36 points."""
    values = np.random.default_rng(1).standard_normal((36, 10_000))
    return Cost("limits and default rules, 10,000 series of 36 points", cpu_seconds(lambda: spc.read_table(values)), 0.05)


@contextmanager
def sample_store() -> Iterator[None]:
    """The places point to a new store with the sample company; the process's own store is closed at the end."""
    from scorecard import organisation, sample
    from scorecard.ui import state

    with tempfile.TemporaryDirectory() as folder:
        os.environ[places.STATE] = str(Path(folder) / "state.duckdb")
        os.environ[places.FACTS] = str(Path(folder) / "facts.duckdb")
        store = state.store()
        sample.load(store, organisation.who(store, organisation.keyboard_default(store)), TODAY)
        try:
            yield
        finally:
            state.close()


def scorecard_page() -> Cost:
    """A warm rerun of the scorecard page with ten measures, through Streamlit's own test runner."""
    from streamlit.testing.v1 import AppTest

    with sample_store():
        page = AppTest.from_file(str(places.ROOT / "scorecard" / "ui" / "shell.py"), default_timeout=60).run()
        assert not page.exception, page.exception
        gc.collect()
        gc.freeze()
        return Cost("rerun of the scorecard page, ten measures, warm", cpu_seconds(page.run), 0.025)


def share_link() -> Cost:
    """One opening of a share link, answered in this process, less what the empty health route costs the client."""
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    from scorecard import metrics, organisation, sharing, web
    from scorecard.ui import state

    with sample_store():
        store = state.store()
        actor = organisation.who(store, organisation.keyboard_default(store))
        card = "customer-success"
        period = metrics.scorecard_view(store, card, None, "", TODAY).period
        link = sharing.make_link(store, actor, card, period, "", date(2099, 12, 31), TODAY)
        client = TestClient(Starlette(routes=web.ROUTES), base_url="http://127.0.0.1")
        assert client.get(link.path).status_code == 200
        opening = cpu_seconds(lambda: client.get(link.path), 31)
        return Cost("a share link, above an empty answer", opening - cpu_seconds(lambda: client.get("/healthz"), 31), 0.005)


ALL = (limits_and_rules, scorecard_page, share_link)
