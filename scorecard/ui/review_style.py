"""The look of Streamlit's own elements on the page of a review; everything drawn is in output/style.css."""

from __future__ import annotations

import streamlit as st

from scorecard.output import theme
from scorecard.ui import block

_STYLE = """<style>
.st-key-item {{ background: {panel}; margin: 0 -14px; padding: 0 14px 12px; width: calc(100% + 28px) !important; max-width: none; border-bottom: 1px solid {line}; }}
.st-key-item textarea, .st-key-item input, .st-key-item [data-baseweb="select"] > div {{ background: {bg}; }}
.st-key-item [data-testid="stRadio"] label {{ margin-bottom: 2px; }}
.st-key-item [data-testid="stRadio"] [data-testid="stCaptionContainer"] p {{ font-size: 12px; line-height: 16px; }}
.st-key-when {{ margin-top: -18px; }} .st-key-when button {{ min-height: 24px; padding: 0; color: {blue}; }}
.st-key-agenda {{ min-width: 0; }}
.st-key-act [data-testid="stHorizontalBlock"] {{ flex-wrap: wrap; gap: 12px; align-items: flex-end; }}
.st-key-act [data-testid="stColumn"] {{ min-width: calc(50% - 6px); flex: 1 1 calc(50% - 6px); }}
@media (max-width: 640px) {{ .st-key-item {{ margin: 0 -8px; padding: 0 8px 12px; width: calc(100% + 16px) !important; max-width: none; }} .st-key-when {{ margin-top: 0; }} }}
</style>"""
_ALONE = """<style>
[data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stExpandSidebarButton"] { display: none; }
.stMainBlockContainer { max-width: 1280px; padding-top: 40px; }
</style>"""


def draw() -> None:
    """The open item on its panel, and the look of words that are drawn without a component."""
    colours = theme.TOKENS[block.mode()]
    own = _STYLE.format(panel=colours["panel"], line=colours["line"], blue=colours["blue"], bg=colours["bg"])
    st.html(block.SHEET + own)


def alone() -> None:
    """The page without its frame, for reading on a large screen."""
    st.html(_ALONE)
