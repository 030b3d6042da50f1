"""The server: the pages, and beside them share links, CSV and JSON twins, health and commands.

`streamlit run app.py`, or `uvicorn app:app`.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

import anyio  # noqa: E402
import streamlit as st  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402
from streamlit import config  # noqa: E402

from scorecard import logs, monitoring, places, web  # noqa: E402
from scorecard.errors import ScorecardError  # noqa: E402
from scorecard.ui import problems, reruns, state, warm  # noqa: E402
from scorecard.worker import Worker  # noqa: E402

FLUSH_SECONDS = 60

# With uvicorn and another working directory, Streamlit would look for its settings beside shell.py.
if config._main_script_path is None:
    config._main_script_path = str(HERE / "app.py")


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[dict]:
    """Opens and prepares the store, does jobs and counts openings while it runs, closes everything at the end."""
    reruns.join_log()
    logs.begin(places.log_form(), places.log_detail())
    try:
        web.check_address(config.get_option("server.address"))
        store = await anyio.to_thread.run_sync(state.store)
    except ScorecardError as error:
        web.fail_plainly(error)
        raise
    await anyio.to_thread.run_sync(warm.up, store)
    worker = Worker(store, lambda: state.today(store))
    worker.start()
    monitoring.begin(worker)
    reruns.count()
    web.listen(web.port_of(config.get_option("server.port")))
    gc.collect()
    gc.freeze()  # Streamlit collects after every rerun: what lives as long as the process is left out of it.
    monitoring.started(store)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_flush)
            yield {}
            tasks.cancel_scope.cancel()
    finally:
        web.stop_listening()
        worker.stop()
        web.openings.flush(store)
        state.close()
        monitoring.stopped()


async def _flush() -> None:
    while True:
        await anyio.sleep(FLUSH_SECONDS)
        await anyio.to_thread.run_sync(lambda: web.openings.flush(state.store()))


app = st.App(
    HERE / "scorecard" / "ui" / "shell.py",
    routes=web.ROUTES,
    middleware=[Middleware(monitoring.Recorder, routes=web.ROUTES), Middleware(web.Guard)],
    lifespan=lifespan,
    on_script_error=problems.show,
)
