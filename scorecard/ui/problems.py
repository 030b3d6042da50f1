"""What a person sees when something breaks: plain words and an id; the rest is in the log."""

from __future__ import annotations

import logging
import secrets

import streamlit as st

from scorecard import watch
from scorecard.errors import ScorecardError
from scorecard.output.theme import escape_sentence

log = logging.getLogger("scorecard")


def show(error: Exception) -> bool:
    """True: the error was shown. A refusal in its own words, a fault as an id that is also in the log."""
    if isinstance(error, ScorecardError):
        st.error(escape_sentence(error))
        return True
    st.error(f"{logged(error)} What you saved is kept. Load the page again.")
    return True


def logged(error: BaseException) -> str:
    """The sentence about a fault, with an id under which the log has it."""
    mark = secrets.token_hex(4)
    watch.here.fault("page")
    log.error("fault %s", mark, exc_info=error)
    return f"Something went wrong here. The log has the details under {mark}."
