"""The look of Streamlit's own elements where maturity is assessed, and where the keyboard goes when a practice opens."""

from __future__ import annotations

import re

import streamlit as st

from scorecard.output import theme
from scorecard.ui import block
from scorecard.ui.pieces import Piece

_STYLE = """<style>
[class*="st-key-answer-"]:has([data-testid="stRadio"]), .st-key-levels [data-testid="stRadio"], .st-key-levels [data-testid="stRadioGroup"] {{ width: 100% !important; }}
.st-key-levels [data-testid="stRadioGroup"] {{ gap: 0; border: 1px solid {ctl}; border-radius: 6px; overflow: hidden; }}
.st-key-levels [data-testid="stRadioGroup"] > div {{ width: 100%; border-top: 1px solid {line}; }} .st-key-levels [data-testid="stRadioGroup"] > div:first-child {{ border-top: 0; }}
.st-key-levels [data-testid="stRadioOption"] {{ margin: 0; padding: 10px 14px; width: 100%; min-height: 42px; align-items: center; }}
.st-key-levels [data-testid="stRadioOption"] > div {{ width: 100%; gap: 10px; }} .st-key-levels [data-testid="stRadioOption"] [data-testid="stMarkdownContainer"] {{ flex: 1; }}
.st-key-levels [data-testid="stRadioOption"]:hover {{ background: {panel}; }} .st-key-levels [data-testid="stRadioOption"]:has(input:checked) {{ background: {bluebg}; }}
.st-key-levels [data-testid="stRadioOption"]:has(input:focus-visible) {{ outline: 2px solid {blue}; outline-offset: -2px; border-radius: 5px; }}
.st-key-levels p:has(strong) {{ display: grid; grid-template-columns: 10px 82px minmax(0, 1fr); gap: 0 10px; font-size: 14px; line-height: 20px; }}
.st-key-levels [data-testid="stRadioOption"] p:not(:has(strong)) {{ padding-left: 20px; font-size: 14px; line-height: 20px; }}
.st-key-levels {{ gap: 6px; }}
.st-key-practice {{ padding: 0 0 16px 62px; border-bottom: 1px solid {line}; }}
.st-key-assess-head h1 {{ padding: 0 0 14px; }} .st-key-assess-head [data-testid="stVerticalBlock"] {{ gap: 3px; }}
.st-key-quick {{ border-top: 1px solid {ink}; }}
[class*="st-key-quick-row-"], [class*="st-key-quick-now-"] {{ padding: 11px 0 8px; border-bottom: 1px solid {line}; }}
[class*="st-key-quick-now-"] {{ background: {panel}; margin: 0 -14px; padding-left: 14px; padding-right: 14px; width: calc(100% + 28px) !important; max-width: none; }}
[class*="st-key-quick-"] [data-testid="stVerticalBlock"] {{ gap: 4px; }} [class*="st-key-quick-"] [data-testid="stButtonGroup"] {{ max-width: 566px; }}
[class*="st-key-quick-"] [data-testid="stButtonGroup"] button {{ padding: 0 10px; }} [class*="st-key-quick-now-"] [data-testid="stButtonGroup"] button {{ background: {bg}; }}
@media (max-width: 640px) {{
  .st-key-practice {{ padding-left: 0; }}
  .st-key-levels [data-testid="stRadioOption"] p:has(strong) {{ display: block; }} .st-key-levels [data-testid="stRadioOption"] strong {{ margin-left: 6px; }}
  .st-key-levels [data-testid="stRadioOption"] strong::after {{ content: "\\A"; white-space: pre; }} .st-key-levels [data-testid="stRadioOption"] p:not(:has(strong)) {{ padding-left: 0; }}
  .st-key-assess-head [data-testid="stHorizontalBlock"] {{ gap: 6px; }}
  [class*="st-key-quick-"] [data-testid="stButtonGroup"] [role="radiogroup"] {{ display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); width: 100%; gap: 6px; mask: none; }}
  [class*="st-key-quick-"] [data-testid="stButtonGroup"] button {{ width: 100%; min-height: 44px; margin: 0; border-width: 1px; border-style: solid; border-radius: 5px; }}
  [class*="st-key-quick-now-"] {{ margin: 0 -8px; padding-left: 8px; padding-right: 8px; width: calc(100% + 16px) !important; }}
}}
</style>"""
_component = Piece("practice_focus", '<span class="place"></span>\n')


def draw() -> None:
    """The lines of a practice as a table, in the colours of the theme."""
    colours = theme.TOKENS[block.mode()]
    st.html(block.SHEET + _STYLE.format(**colours))


def focus(key: str) -> None:
    """Nothing; when a practice was opened by its link, the keyboard stands in its lines: those of the field with this key."""
    _component(key="focus", data={"lines": f"st-key-{re.sub('[^a-zA-Z0-9_-]', '-', key)}" if key else ""})


def plain(text: str) -> str:
    """Text for the name of a field, which is read as it is and must hold no mark of formatting."""
    return " ".join("".join(sign if sign.isalnum() or sign in " ,?’" else " " for sign in text).split())
