"""The costs that have a budget: each function measures one or two."""

from __future__ import annotations

import asyncio
import gc
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import numpy as np

from scorecard import places
from scorecard.core import spc

TODAY = date(2026, 11, 22)
ROUNDS, SHORT_ROUNDS = 9, 31
CARD = "customer-success"


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


def limits_and_rules() -> list[Cost]:
    """Limits locked on 24 points and the default rules for 10,000 series of 36 points."""
    values = np.random.default_rng(1).standard_normal((36, 10_000))
    spent = cpu_seconds(lambda: spc.read_table(values))
    return [Cost("limits and default rules, 10,000 series of 36 points", spent, 0.05)]


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


def scorecard_page() -> list[Cost]:
    """A warm rerun of the scorecard page with ten measures, through Streamlit's own test runner."""
    from streamlit.testing.v1 import AppTest

    with sample_store():
        page = AppTest.from_file(str(places.ROOT / "scorecard" / "ui" / "shell.py"), default_timeout=60).run()
        assert not page.exception, page.exception
        gc.collect()
        gc.freeze()
        return [Cost("rerun of the scorecard page, ten measures, warm", cpu_seconds(page.run), 0.025)]


def improvement_page() -> list[Cost]:
    """A warm rerun of the page Improvement: drivers, an experiment, projects."""
    from streamlit.testing.v1 import AppTest

    with sample_store():
        page = AppTest.from_file(str(places.ROOT / "scorecard" / "ui" / "shell.py"), default_timeout=60).run()
        page.switch_page(str(places.ROOT / "pages" / "improvement.py")).run()
        assert not page.exception and page.title[0].value == "Improvement", page.exception
        gc.collect()
        gc.freeze()
        return [Cost("rerun of the page Improvement, warm", cpu_seconds(page.run), 0.04)]


def share_link() -> list[Cost]:
    """One opening of a share link, and one that finds it unchanged, less what an empty answer costs the client."""
    import httpx
    from starlette.applications import Starlette

    from scorecard import web

    with sample_store(), asyncio.Runner() as runner:
        path = _new_link()
        transport = httpx.ASGITransport(Starlette(routes=web.ROUTES))
        client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

        def get(address: str, status: int, **headers: str) -> httpx.Response:
            answer = runner.run(client.get(address, headers=headers))
            assert answer.status_code == status, answer.text
            return answer

        empty = cpu_seconds(lambda: get("/share/none", 404), SHORT_ROUNDS)
        known = get(path, 200).headers.get("etag", "")
        opened = cpu_seconds(lambda: get(path, 200), SHORT_ROUNDS)
        unchanged = cpu_seconds(lambda: get(path, 304, **{"if-none-match": known}), SHORT_ROUNDS)
        runner.run(client.aclose())
        return [Cost("a share link, above an empty answer", opened - empty, 0.005),
                Cost("a share link that is unchanged (304)", max(unchanged - empty, 0), 0.005)]


def _new_link() -> str:
    """The path of a new link to the latest month of the sample."""
    from scorecard import metrics, organisation, sharing
    from scorecard.ui import state

    store, today = state.store(), date.today()
    actor = organisation.who(store, organisation.keyboard_default(store))
    period = metrics.scorecard_view(store, CARD, None, "", today).period
    return sharing.make(store, actor, CARD, period, "", today + timedelta(days=30), today).path


ALL = (limits_and_rules, scorecard_page, improvement_page, share_link)
