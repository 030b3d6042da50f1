"""Every drawing of a page is counted and timed; and what Streamlit writes down goes through the product's own log."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit import logger as streamlit_log
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

from scorecard import watch
from scorecard.errors import ScorecardError
from scorecard.ui import block, mode, state


def count() -> None:
    """From now on each run of a page or fragment in this process is counted; a second call changes nothing.

    Streamlit has no place to ask for this: the one method that runs whole pages and fragments is wrapped.
    """
    run = ScriptRunner._run_script
    if hasattr(run, "__wrapped__"):
        return

    def counted(self: ScriptRunner, asked: Any) -> None:
        rerun_data = as_seen(asked)
        part = "fragment" if rerun_data.fragment_id_queue else "page"
        with watch.timed(lambda: page_of(self), part):
            run(self, rerun_data)

    counted.__wrapped__ = run
    ScriptRunner._run_script = counted


def as_seen(asked: RerunData) -> RerunData:
    """What to run: the whole page anew, and no click on the old one, once who looks has another role or is signed in no more.

    A fragment and what a button calls run before the frame asks who is there.
    """
    try:
        seen = mode.current().local or state.unchanged()
    except ScorecardError:
        seen = True  # The frame says what is wrong with the store.
    if seen:
        return asked
    del st.session_state[state.DRAWN]  # What is drawn now is drawn for nobody yet: its first click counts.
    return replace(asked, widget_states=None, fragment_id=None, fragment_id_queue=[], is_fragment_scoped_rerun=False)


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
