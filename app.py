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

from scorecard import logs, memory, monitoring, places, shared, web  # noqa: E402
from scorecard.errors import ScorecardError, StoreError  # noqa: E402
from scorecard.store.lock import keep_to_oneself  # noqa: E402
from scorecard.ui import inside, mode, problems, reruns, state, thrift, warm  # noqa: E402
from scorecard.upkeep import Upkeep  # noqa: E402
from scorecard.worker import Worker  # noqa: E402

FLUSH_SECONDS, LOOK_SECONDS, SWITCH_SECONDS = 60, 2, 0.02
GROWN_BYTES = 16_000_000
COLLECTED = (50_000, 20, 100)  # new objects, young and middle collections until the next collection

# With uvicorn and another working directory, Streamlit would look for its settings beside shell.py.
if config._main_script_path is None:
    config._main_script_path = str(HERE / "app.py")


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[dict]:
    """Opens and prepares the store, does jobs and counts openings while it runs, closes everything at the end."""
    keep_to_oneself()
    inside.stay()
    memory.keep_big_blocks_apart()
    reruns.join_log()
    logs.begin(places.log_form(), places.log_detail())
    try:
        web.check_address(config.get_option("server.address"))
        upkeep = Upkeep(state.store, warm.up, lambda store: Worker(store, lambda: state.today(store)))
        await anyio.to_thread.run_sync(upkeep.begin)
    except ScorecardError as error:
        web.fail_plainly(error)
        raise
    mode.settle()
    monitoring.begin(upkeep)
    reruns.count()
    thrift.begin()
    web.listen(web.port_of(config.get_option("server.port")))
    _keep_pace()
    monitoring.started(upkeep)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_flush)
            tasks.start_soon(_collect)
            tasks.start_soon(_look_after, upkeep)
            yield {}
            tasks.cancel_scope.cancel()
    finally:
        web.stop_listening()
        mode.settle(False)
        upkeep.end()
        _flushed()
        state.close()
        monitoring.stopped()


def _keep_pace() -> None:
    """Less of what many readers at once would wait for: collections of objects that stay, and changes from thread to thread."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED)
    sys.setswitchinterval(SWITCH_SECONDS)


async def _flush() -> None:
    while True:
        await anyio.sleep(FLUSH_SECONDS)
        await anyio.to_thread.run_sync(_flushed)


def _flushed() -> None:
    """Nothing; what was counted is written, or kept for the next time when it cannot be."""
    with suppress(StoreError):
        shared.openings.flush(state.store())


async def _collect() -> None:
    """Collects garbage each minute, and as soon as memory has grown: not after every rerun, as Streamlit would, which holds up everybody who is reading."""
    held, waited = memory.resident(), 0
    while True:
        await anyio.sleep(LOOK_SECONDS)
        waited += LOOK_SECONDS
        if waited >= FLUSH_SECONDS or memory.resident() > held + GROWN_BYTES:
            await anyio.to_thread.run_sync(memory.give_back)
            held, waited = memory.resident(), 0


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
