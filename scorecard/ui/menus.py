"""A menu over the page. What is in it is drawn once it is opened: most who look at a page open none."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from scorecard.ui.pieces import Piece

EXPORT, SHARE, DOWNLOAD = "Export", "Share", ":material/download:"
_OPEN = "menu "
_focus = Piece("menu_focus", '<span class="place"></span>\n')


def draw(inside: Callable[[], None], label: str = EXPORT, icon: str = DOWNLOAD, *, key: str = "", help: str | None = None, gap: str | None = None) -> None:
    """The button of the menu, and below it what `inside` draws. `key` tells two menus of one label on one page apart.

    Opening and closing it draws the menu alone, not the page. What is typed into it is kept with `persist_state`.
    """
    with st.container(width="content"):  # A fragment alone takes the whole width.
        st.fragment(_menu)(inside, label, icon, _OPEN + (key or label), help, gap)


def opened(label: str = EXPORT) -> str:
    """The key under which the state of the page says whether the menu is open."""
    return _OPEN + label


def _menu(inside: Callable[[], None], label: str, icon: str, key: str, help: str | None, gap: str | None) -> None:
    with st.popover(label, icon=icon, help=help, key=key, on_change="rerun") as menu, st.container(gap=gap):
        if menu.open:
            inside()
            _focus(key=f"focus {key}", data={"menu": key})
