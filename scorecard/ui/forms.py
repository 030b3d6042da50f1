"""Forms that change something: one transaction, once, with refusals in plain words."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import streamlit as st

from scorecard.errors import ScorecardError

_NONCE = "nonce:"
_SAID = "said"


def nonce(form: str) -> str:
    """The one-time mark of a form: the same until the form was saved, so that a second click does nothing."""
    return st.session_state.setdefault(_NONCE + form, secrets.token_hex(8))


def save(form: str, work: Callable[[], Any], said: str = "Saved.") -> bool:
    """True when `work` was done: the page is drawn anew and says so. A refusal is shown, and what was typed stays."""
    try:
        work()
    except ScorecardError as error:
        st.error(str(error))
        return False
    st.session_state.pop(_NONCE + form, None)
    st.session_state[_SAID] = said
    st.rerun()


def announce() -> None:
    """Says once what was saved in the run before."""
    said = st.session_state.pop(_SAID, "")
    if said:
        st.toast(said)
