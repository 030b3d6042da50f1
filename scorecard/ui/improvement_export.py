"""The menu Export of Improvement: its parts as Excel and CSV, built when a button is pressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from scorecard import worth
from scorecard.improvement import faults, value
from scorecard.improvement.projects import Line
from scorecard.output import improvement_twins
from scorecard.output.improvement_twins import Table
from scorecard.ui.state import Page

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def draw(page: Page, lines: Sequence[Line]) -> None:
    """Everything as one Excel file, each part as CSV."""
    parts: dict[str, Callable[[], Table]] = {
        "Projects": lambda: improvement_twins.projects(lines), "Faults and requests": lambda: improvement_twins.faults(faults.read(page.store)),
        "Cost to serve": lambda: improvement_twins.serving(value.serving_costs(page.store)), "Worth of advocacy": lambda: improvement_twins.advocacy(worth.advocacy(page.store)),
    }  # fmt: skip
    name = f"improvement-{page.store.data_version}"
    with st.popover("Export", icon=":material/download:"), st.container(gap=None):
        st.download_button("**Excel**, all parts", data=lambda: improvement_twins.workbook([part() for part in parts.values()], "Improvement"), file_name=f"{name}.xlsx",
                           mime=_SHEET, icon=":material/table:", type="tertiary", on_click="ignore", key="export improvement xlsx")  # fmt: skip
        for title, part in parts.items():
            st.download_button(f"**CSV**, {title.lower()}", data=lambda part=part: improvement_twins.csv(part()), file_name=f"{name}-{title.lower().replace(' ', '-')}.csv",
                               mime="text/csv", icon=":material/csv:", type="tertiary", on_click="ignore", key=f"export improvement {title}")  # fmt: skip
