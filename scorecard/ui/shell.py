"""The frame of every page: navigation, the person at the keyboard, and plain words when something is refused."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).absolute().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

from scorecard import access  # noqa: E402
from scorecard.errors import ScorecardError, StoreError  # noqa: E402
from scorecard.output import theme  # noqa: E402
from scorecard.ui import action_views, audit_views, banners, block, foot, forms, leadership_guest, maturity_guest, review_views, sitemap, state  # noqa: E402
from scorecard.ui import entrance, gate, mode  # noqa: E402
from scorecard.ui.logo import LOGO_DARK, LOGO_LIGHT, MARK, MARK_DARK  # noqa: E402

SIDEBAR = 248
_ADDRESS = "address of the last run"
# Streamlit has no setting for these: the width of the page's padding, a title beside its controls, the foot of the sidebar.
_STYLE = """<style>
.stMainBlockContainer { padding: 26px 32px 32px; max-width: 1440px; }
[data-testid="stHeader"] { height: 26px; min-height: 26px; background: transparent; }
[data-testid="stSidebarContent"] { display: flex; flex-direction: column; }
[data-testid="stSidebarUserContent"] { flex: 1; display: flex; flex-direction: column; padding: 0 4px 16px; }
[data-testid="stSidebarUserContent"] > div { flex: 1; display: flex; flex-direction: column; }
[data-testid="stSidebarUserContent"] > div > [data-testid="stVerticalBlock"] { flex: 1; justify-content: space-between; }
[data-testid="stSidebarHeader"] { margin: 9px 0 -12px; }
.st-key-navigation { gap: 1px; }
.st-key-navigation > div { margin: 0 !important; }
.st-key-navigation a { min-height: 28px; margin: 0 -8px; padding: 0 8px; gap: 10px; }
.st-key-navigation a p { font-size: 14px; }
.st-key-navigation a > span:last-child, .st-key-navigation a [data-testid="stMarkdownContainer"] { flex: 1; width: 100%; }
.st-key-navigation a p:has(span) { display: flex; justify-content: space-between; align-items: baseline; }
.st-key-navigation a p span { font-size: 13px; font-weight: 400; }
.st-key-navigation a [data-testid="stIconMaterial"] { font-size: 17px; }
.st-key-navigation [data-testid="stCaptionContainer"] { margin: 0; }
.st-key-navigation [data-testid="stCaptionContainer"] p { font-size: 12px; line-height: 18px; margin: 0; padding: 12px 0 4px; }
[data-testid="stCaptionContainer"] { color: inherit; opacity: 0.75; }
.stMainBlockContainer h1 { letter-spacing: -0.01em; line-height: 32px; padding: 0 0 14px; }
.stMainBlockContainer [data-testid="stButtonGroup"] button { min-height: 34px; }
@media (max-width: 640px) {
  .stMainBlockContainer { padding: 40px 16px 24px; }
  .stMainBlockContainer button, .stMainBlockContainer [data-baseweb="select"] > div { min-height: 44px !important; }
  .st-key-navigation a { min-height: 44px; }
  .st-key-chart { display: none; }
}
[data-testid="stApp"] [data-testid^="stBaseButton-primary"]:not(:disabled) { color: light-dark(#ffffff, DARK); }
</style>""".replace("DARK", theme.DARK["bg"])
# Streamlit writes white on the primary colour, which is too little contrast on the light blue of the dark theme. What lies over
# the page, a dialog, stands outside of what says which theme it is.
_DARK_STYLE = f"""<style>
[data-testid^="stBaseButton-primary"]:not(:disabled) {{ color: {theme.DARK["bg"]}; }}
</style>"""


def navigate(groups: dict[str, list], counts: dict[str, int]) -> None:
    """Draws links to the pages, by group; `counts` says by address what waits there. Not Streamlit's own menu: its lists hold what no list may, and axe says so."""
    with st.sidebar, st.container(key="navigation", gap="xxsmall"):
        for title, pages in groups.items():
            if title:
                st.caption(title)
            for page in pages:
                if page.visibility == "visible" and (page.url_path != "audit" or access.may(state.actor(state.store()), "read_audit")):
                    count = counts.get(page.url_path, 0)
                    st.page_link(page, label=f"{page.title} :gray[{count}]" if count else None)


def waiting() -> dict[str, int]:
    """How many items of the latest review want a decision, and how many own actions are open."""
    here = state.quiet_page()
    return {"review": review_views.open_items(here), "actions": action_views.own_open(here)} if here else {}


def around(groups: dict[str, list], empty: bool) -> None:
    """The sidebar: logo, navigation, who is at the keyboard."""
    dark = block.mode() == "dark"
    st.logo(LOGO_DARK if dark else LOGO_LIGHT, size="medium", icon_image=MARK_DARK if dark else MARK)
    navigate(groups, {} if empty else waiting())
    foot.draw(next((page for pages in groups.values() for page in pages if page.url_path == "log"), None))


def tell_address(name: str) -> None:
    """Nothing; the browser hears what is left of its address when the sidebar's link to the page that it shows took some away.

    Streamlit leaves it as it was, and the next link would open the view that it names once more.
    """
    followed = st.session_state.pop(block.FOLLOWED, False)
    page, before = st.session_state.get(_ADDRESS, ("", frozenset()))
    if page == name and not followed and before - set(st.query_params):
        st.query_params.update({})


def frame() -> None:
    """Draws the frame and runs the chosen page inside it."""
    st.set_page_config(page_title="Seven Systems", page_icon=MARK, layout="wide", initial_sidebar_state=SIDEBAR)
    st.html(_STYLE + (_DARK_STYLE if block.mode() == "dark" else ""))
    try:
        empty = state.is_empty(state.store())
    except StoreError as error:
        st.navigation(sitemap.sections(False), position="hidden")  # Every address is known, and none of its pages runs.
        banners.no_store(error)
        st.stop()
    state.take_pending()
    gate.hold_window()
    st.session_state.pop(state.GUESTS, None)
    # Who came by a personal link has no other page, whatever the browser asks for.
    guests = maturity_guest.pinned() or leadership_guest.pinned()
    groups = sitemap.of_guests() if guests else sitemap.sections(empty)
    chosen = st.navigation(groups, position="hidden")
    tell_address(chosen.url_path)
    if not guests and not mode.current().local and chosen.title != "Answer":
        standing = gate.enter(state.store())
        if standing.person is None:
            entrance.draw(standing, chosen.url_path)
            return
    forms.begin()
    if chosen.title != "Answer":
        around(groups, empty)
    forms.announce()
    banners.trouble(state.store())
    audit_views.warn(state.store())
    try:
        chosen.run()
    except ScorecardError as error:
        st.error(theme.escape_sentence(error))
    finally:
        forms.settle()
        st.session_state[_ADDRESS] = (chosen.url_path, frozenset(st.query_params) - set(state.FILTERS))


frame()
