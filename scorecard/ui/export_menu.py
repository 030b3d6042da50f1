"""The menu Export: a month as PDF, PowerPoint, Excel, HTML, JSON or CSV, built when its button is pressed."""

from __future__ import annotations

import streamlit as st

from scorecard import access, reviews
from scorecard.core.periods import Period
from scorecard.output import pack_files
from scorecard.output.pack_files import Format
from scorecard.ui import downloads, share_menu, views
from scorecard.ui.state import Page

_ICONS = {
    "pdf": "picture_as_pdf",
    "pptx": "slideshow",
    "xlsx": "table",
    "html": "article",
    "json": "data_object",
    "csv": "csv",
}


def draw(page: Page, scorecard: str, period: Period, link: bool = False) -> None:
    """The menu for one month, quarter or week of a scorecard; with `link`, leaders make a read-only link here too."""
    if link:
        share_menu.show_made()
    with st.popover("Export", icon=":material/download:"):
        with st.container(gap=None):
            for one in pack_files.FORMATS.values():
                _button(page, scorecard, period, one)
        st.caption("All segments together. A signed month is written as it was signed.")
        if link and access.may(page.actor, "make_links"):
            share_menu.link_form(page, views.month(page))


def _button(page: Page, scorecard: str, period: Period, one: Format) -> None:
    """A button that builds its file when it is pressed."""
    downloads.button(
        f"**{one.label}**, {one.told}",
        lambda: one.build(reviews.month(page.store, scorecard, period, page.today)),
        f"{scorecard}-{period}.{one.kind}",
        icon=f":material/{_ICONS[one.kind]}:",
        key=f"export {one.kind}",
        type="tertiary",
    )
