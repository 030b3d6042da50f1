"""Forms that change something: one transaction, once, with refusals in plain words."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

import streamlit as st

from scorecard.errors import AlreadyDone, ScorecardError
from scorecard.output.theme import escape_sentence
from scorecard.store.engine import Store

MARKS = "marks of forms"
_TRIED = "tried"
_SAID = "said"


class Once:
    """A store whose first write carries the mark of a form: a second click on it writes nothing."""

    def __init__(self, store: Store, mark: str):
        self._store, self._mark = store, mark

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def write(self, work: Callable, actor: str, now: datetime | None = None, nonce: str = "", quiet: bool = False) -> Any:
        """As `Store.write`; raises AlreadyDone when the form was saved before."""
        mark, self._mark = nonce or self._mark, ""
        return self._store.write(work, actor, now, mark, quiet)


def save(form: str, store: Store, work: Callable[[Store], Any], said: str = "Saved.") -> None:
    """Does `work` once and draws the page anew, which says so. A refusal is shown, and what was typed stays."""
    marks = st.session_state.setdefault(MARKS, {})
    mark = marks.setdefault(form, secrets.token_hex(8))
    st.session_state.setdefault(_TRIED, set()).add(form)
    try:
        work(Once(store, mark))
    except AlreadyDone:
        pass  # The first click did it; the page is drawn anew all the same.
    except ScorecardError as error:
        st.error(escape_sentence(error))
        return
    marks.pop(form, None)
    if said:
        st.session_state[_SAID] = said
    st.rerun()


def begin() -> None:
    """At the start of a run of a page: no form has been tried in it."""
    st.session_state[_TRIED] = set()


def settle() -> None:
    """At the end of a run: the mark of a save that was cut off is forgotten by the next run that is no second click on it.

    Else the next change in that form would be taken for the second click, and be lost.
    """
    marks, tried = st.session_state.get(MARKS, {}), st.session_state[_TRIED]
    for form in [form for form in marks if form not in tried]:
        del marks[form]


def announce() -> None:
    """Says once what was saved in the run before."""
    said = st.session_state.pop(_SAID, "")
    if said:
        st.toast(escape_sentence(said))
