"""The page that nobody in particular sees where people sign in: one button for each way, and why somebody did not come in."""

from __future__ import annotations

import streamlit as st

from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.signin import modes
from scorecard.ui import mode, onward
from scorecard.ui.gate import Standing

_STYLE = """<style>
[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"], [data-testid="stHeader"] { display: none; }
.stMainBlockContainer { max-width: 480px; padding-top: 18vh; }
</style>"""
BY_LINK = "You sign in here with a personal link. Ask a leader or an admin for one; it works once."
BY_PROVIDER = "Members come in with the account of their company."


def draw(standing: Standing, page: str) -> None:
    """The whole page: what to do, and why not, when somebody tried. `page` is the one that was asked for, by its address."""
    of = mode.current()
    st.html(f'{_STYLE}<img src="{onward.image(page, st.query_params.to_dict())}" width="1" height="1" alt="">')
    st.title("Seven Systems", anchor=False)
    if standing.why:
        st.info(escape_sentence(standing.why))
    if of.name == modes.LINK:
        st.markdown(BY_LINK)
        return
    st.markdown(BY_PROVIDER)
    for one in of.providers:
        words = f"Sign in with {escape_markdown(one.label)}" if one.label else "Sign in"
        if st.button(words, type="primary", key=f"sign in {one.name}", width="stretch"):
            st.login(None if one.name == modes.DEFAULT else one.name)
