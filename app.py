"""The server: the pages, and beside them share links, CSV and JSON twins, health and commands.

`streamlit run app.py`, or `uvicorn app:app`.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

import anyio  # noqa: E402
import streamlit as st  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402
from streamlit import config  # noqa: E402

from scorecard import logs, monitoring, places, shared, web  # noqa: E402
from scorecard.errors import ScorecardError, StoreError  # noqa: E402
from scorecard.store.lock import keep_to_oneself  # noqa: E402
from scorecard.ui import inside, problems, reruns, state, warm  # noqa: E402
from scorecard.upkeep import Upkeep  # noqa: E402
from scorecard.worker import Worker  # noqa: E402

FLUSH_SECONDS, LOOK_SECONDS = 60, 2

# With uvicorn and another working directory, Streamlit would look for its settings beside shell.py.
if config._main_script_path is None:
    config._main_script_path = str(HERE / "app.py")


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[dict]:
    """Opens and prepares the store, does jobs and counts openings while it runs, closes everything at the end."""
    keep_to_oneself()
    inside.stay()
    reruns.join_log()
    logs.begin(places.log_form(), places.log_detail())
    try:
        web.check_address(config.get_option("server.address"))
        upkeep = Upkeep(state.store, warm.up, lambda store: Worker(store, lambda: state.today(store)))
        await anyio.to_thread.run_sync(upkeep.begin)
    except ScorecardError as error:
        web.fail_plainly(error)
        raise
    monitoring.begin(upkeep)
    reruns.count()
    web.listen(web.port_of(config.get_option("server.port")))
    gc.collect()
    gc.freeze()  # Streamlit collects after every rerun: what lives as long as the process is left out of it.
    monitoring.started(upkeep)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_flush)
            tasks.start_soon(_look_after, upkeep)
            yield {}
            tasks.cancel_scope.cancel()
    finally:
        web.stop_listening()
        upkeep.end()
        _flushed()
        state.close()
        monitoring.stopped()


async def _flush() -> None:
    while True:
        await anyio.sleep(FLUSH_SECONDS)
        await anyio.to_thread.run_sync(_flushed)


def _flushed() -> None:
    """Nothing; what was counted is written, or kept for the next time when it cannot be."""
    with suppress(StoreError):
        shared.openings.flush(state.store())


async def _look_after(upkeep: Upkeep) -> None:
    while True:
        await anyio.sleep(LOOK_SECONDS)
        await anyio.to_thread.run_sync(upkeep.look)


app = st.App(
    HERE / "scorecard" / "ui" / "shell.py",
    routes=web.ROUTES,
    middleware=[Middleware(monitoring.Recorder, routes=web.ROUTES), Middleware(web.Guard)],
    lifespan=lifespan,
    on_script_error=problems.show,
)
