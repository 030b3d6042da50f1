"""The menu Export of Sensory: what the overview shows as Excel, CSV and JSON, built when its button is pressed."""

from __future__ import annotations

import streamlit as st

from scorecard.output import sensory_twins
from scorecard.sensory import page as overview
from scorecard.ui.state import Page

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def draw(page: Page, segment: str) -> None:
    """The menu for the overview of a segment, "" for all of them."""
    name = f"sensory-{page.store.data_version}"
    with st.popover("Export", icon=":material/download:"), st.container(gap=None):
        st.download_button(
            "**Excel**, every figure of this page", data=lambda: sensory_twins.workbook(overview.read(page.store, page.today, segment), "Sensory"),
            file_name=f"{name}.xlsx", mime=_SHEET, icon=":material/table:", type="tertiary", on_click="ignore", key="export sensory xlsx",
        )  # fmt: skip
        st.download_button(
            "**CSV**, a line a figure", data=lambda: sensory_twins.csv(overview.read(page.store, page.today, segment)).encode("utf-8-sig"),
            file_name=f"{name}.csv", mime="text/csv", icon=":material/csv:", type="tertiary", on_click="ignore", key="export sensory csv",
        )  # fmt: skip
        st.download_button(
            "**JSON**, the same for a program", data=lambda: sensory_twins.json(overview.read(page.store, page.today, segment)).encode(),
            file_name=f"{name}.json", mime="application/json", icon=":material/data_object:", type="tertiary", on_click="ignore", key="export sensory json",
        )  # fmt: skip
