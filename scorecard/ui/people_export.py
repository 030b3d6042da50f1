"""The menu Export of People: what the page shows to this reader as Excel and CSV, built when a button is pressed."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from scorecard.output import part_tables
from scorecard.output.part_tables import Table
from scorecard.ui import part_menu
from scorecard.ui.part_menu import File
from scorecard.ui.state import Page

# The tables of each part of the page, as this reader may see them.
PARTS: tuple[Callable[[Page], list[Table]], ...] = ()


def draw(page: Page) -> None:
    """The menu; nothing while no part has a table. Titles are short: they name the sheets."""
    found = {one.title: one for part in PARTS for one in part(page)}
    if not found:
        return
    with st.popover("Export", icon=":material/download:"), st.container(gap=None):
        book = File("**Excel**, all of them", ".xlsx", lambda: part_tables.workbook(list(found.values()), "People"))
        each = part_menu.parts({title: lambda one=one: part_tables.csv(one) for title, one in found.items()})
        part_menu.files(f"people-{page.store.data_version}", [book, *each])
