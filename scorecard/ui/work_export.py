"""The menu Export of Work: the lifecycle, hand-offs, touch points, competencies and partners as Excel and CSV, built when a button is pressed."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from scorecard.output import work_handoff_twins, work_partners, work_twins
from scorecard.ui import work_handoffs, work_touchpoints
from scorecard.ui.state import Page
from scorecard.work import lifecycle, partners

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def draw(page: Page) -> None:
    """The menu; what is exported is of the segment that the page shows."""
    def read() -> lifecycle.Lifecycle | None:
        return lifecycle.read(page.store, page.today, page.segment)

    name = f"work-{page.store.data_version}"
    parts: dict[str, Callable[[], str]] = {
        "lifecycle": lambda: work_twins.csv(read()), "hand-offs": lambda: work_handoff_twins.csv(work_handoffs.shown(page).found),
        "touch points": lambda: work_handoff_twins.points_csv(work_touchpoints.shown(page)),
        "competencies and partners": lambda: work_partners.csv(partners.read(page.store, page.today)),
    }  # fmt: skip
    with st.popover("Export", icon=":material/download:"), st.container(gap=None):
        st.download_button("**Excel**, the lifecycle", data=lambda: work_twins.workbook(read(), lifecycle.versions(page.store), "Work"), file_name=f"{name}.xlsx",
                           mime=_SHEET, icon=":material/table:", type="tertiary", on_click="ignore", key="export work xlsx")  # fmt: skip
        for title, part in parts.items():
            st.download_button(f"**CSV**, {title}", data=lambda part=part: part().encode("utf-8-sig"), file_name=f"{name}-{title.replace(' ', '-')}.csv",
                               mime="text/csv", icon=":material/csv:", type="tertiary", on_click="ignore", key=f"export work {title}")  # fmt: skip
