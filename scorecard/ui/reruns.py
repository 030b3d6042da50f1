"""Every drawing of a page waits for its turn, is counted and timed; and what Streamlit writes down goes through the product's own log."""

from __future__ import annotations

import logging
from typing import Any

from streamlit import logger as streamlit_log
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

from scorecard import watch
from scorecard.ui import block
from scorecard.ui.turns import Turns


def count() -> None:
    """From now on each run of a page or fragment in this process has its turn and is counted, with what it waited; a second call changes nothing.

    Streamlit has no place to ask for this: the one method that runs whole pages and fragments is wrapped.
    """
    run, turns = ScriptRunner._run_script, Turns()
    if hasattr(run, "__wrapped__"):
        return

    def counted(self: ScriptRunner, rerun_data: Any) -> None:
        part = "fragment" if rerun_data.fragment_id_queue else "page"
        with watch.timed(lambda: page_of(self), part), turns.turn():
            run(self, rerun_data)

    counted.__wrapped__ = run
    ScriptRunner._run_script = counted


def page_of(runner: ScriptRunner) -> str:
    """The page that a runner has just drawn, by its address."""
    pages = runner._pages_manager.get_pages()
    found = pages.get(runner._get_script_run_ctx().page_script_hash, {}).get("url_pathname", "")
    return found if found in block.PAGES else "first" if not found else "other"


def join_log() -> None:
    """Streamlit's loggers, also those that it makes later, hand their lines on and write none themselves."""

    def hand_on(one: logging.Logger) -> None:
        one.handlers.clear()
        one.propagate = True

    streamlit_log.setup_formatter = hand_on
