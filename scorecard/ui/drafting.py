"""What is typed into a form is kept as it is typed, though Streamlit tells of it only when the form is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from scorecard import drafts
from scorecard.core.periods import day
from scorecard.errors import ScorecardError
from scorecard.store.drafts import Draft
from scorecard.ui.pieces import Piece
from scorecard.ui.state import Page

SHOWN, TEXT = "draft shown ", "text"

_HTML = """<span class="typed"></span>
"""
_component = Piece("form_draft", _HTML)
WAIT = 1500


def begun(page: Page, form: str) -> Draft | None:
    """The draft that a form begins with: as it was when the form was opened, since what is typed now is in its fields."""
    if SHOWN + form not in st.session_state:
        st.session_state[SHOWN + form] = drafts.of(page.store, page.actor, form)
    return st.session_state[SHOWN + form]


def told(page: Page, form: str, again: Callable[[], Any]) -> None:
    """A line that the form goes on from a draft, and a button that begins anew."""
    draft = begun(page, form)
    if draft is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"This goes on from what you typed on {day(draft.saved_at.date())} and did not save. Only you see it.")
        st.button("Begin anew", type="tertiary", key=f"anew {form}", on_click=_anew, args=(page, form, again))


def _anew(page: Page, form: str, again: Callable[[], Any]) -> None:
    done(page, form)
    again()


def watch(page: Page, form: str, labels: Mapping[str, str]) -> None:
    """Keeps what is typed into the fields with these labels, each under its name."""
    if not page.actor.person:
        return
    found = _component(key=f"typed in {form}", data={"form": form, "labels": list(labels), "wait": WAIT}, on_typed_change=lambda: None)
    if not isinstance(found.typed, dict):
        return
    try:
        drafts.keep(page.store, page.actor, form, {labels[label]: str(text) for label, text in found.typed.items() if label in labels})
    except ScorecardError:
        return  # What cannot be kept is said above the page; the text stands in the form.


def follow(page: Page, form: str, typed: str, stored: str) -> None:
    """Keeps the text of a field that stands in no form, when it says something else than what is stored and than before."""
    last = f"draft of {form}"
    if typed == st.session_state.setdefault(last, typed):
        return
    st.session_state[last] = typed
    try:
        drafts.keep(page.store, page.actor, form, {TEXT: typed} if typed != stored else {})
    except ScorecardError:
        return


def text(page: Page, form: str) -> str:
    """What the draft of a single field says; "" without one."""
    draft = begun(page, form)
    return draft.content.get(TEXT, "") if draft else ""


def opened(form: str) -> None:
    """Nothing; the form is opened, and begins with what stands in its draft now."""
    st.session_state.pop(SHOWN + form, None)


def done(page: Page, form: str) -> None:
    """Nothing; the form was saved or is begun anew, and its draft is gone."""
    st.session_state.pop(SHOWN + form, None)
    drafts.drop(page.store, page.actor, form)
