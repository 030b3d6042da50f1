"""One block of HTML and SVG from `output/`, drawn in the page without an iframe; its links open pages of the app."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

import streamlit as st

from scorecard.output import theme
from scorecard.places import ROOT
from scorecard.ui import state
from scorecard.ui.pieces import Piece

_HTML = """<div class="block"></div>
"""


PAGES = ("scorecard", "review", "actions", "maturity", "answer", "measure", "metrics", "sensory", "planning", "people", "work", "improvement", "leadership", "ledger", "sponsors", "advocacy", "log", "marks", "data", "audit", "settings")
FOLLOWED = "a link was followed"
# For what is drawn on a page without a block; the browser has the file already.
SHEET = '<style>@import url("style.css");</style>'
_component = Piece("block", _HTML)


def mode() -> str:
    """`light` or `dark`: the theme that the reader sees."""
    return "dark" if st.context.theme.type == "dark" else "light"


def address(page: str, **query: str) -> str:
    """The address of a page of the app, relative, with the parameters that are not empty."""
    kept = {name: value for name, value in query.items() if value}
    return f"{page}?{urlencode(kept)}" if kept else page


def draw(content: str, key: str) -> None:
    """Draws HTML that was escaped by its writer in `output/`; a click on a link to a page opens that page."""
    result = _component(
        key=key, data={"html": theme.frame(content, mode()), "pages": list(PAGES)}, on_opened_change=lambda: None
    )
    if result.opened:
        follow(result.opened)


def follow(href: str) -> None:
    """Opens the page of a relative address, when it is one of the app's. Filters are set at the start of its run."""
    parts = urlsplit(href)
    if parts.path not in PAGES or parts.scheme or parts.netloc:
        return
    query = dict(parse_qsl(parts.query))
    st.session_state[state.PENDING] = {key: query.pop(key) for key in state.FILTERS if key in query}
    st.session_state[FOLLOWED] = True
    st.switch_page(page_file(parts.path), query_params=query)


def page_file(name: str) -> str:
    """The file of a page."""
    return str(ROOT / "pages" / f"{name}.py")
