"""Menus of pages in tests without a browser: nothing is in one until it is opened."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from scorecard.ui import menus


def with_open_menus(at: AppTest) -> AppTest:
    """The same page, whose menus with files and links are open from its next run on."""
    for label in (menus.EXPORT, menus.SHARE):
        at.session_state[menus.opened(label)] = True
    return at
