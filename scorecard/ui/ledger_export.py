"""The menu Export of Account ledgers: what a view shows as Excel and CSV, built when its button is pressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from scorecard.output import improvement_twins, ledger_twins
from scorecard.output.improvement_twins import Table

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def draw(name: str, tables: Callable[[], Sequence[Table]], first: str) -> None:
    """The menu: all tables as Excel, the first of them as CSV; `first` says what that one holds."""
    with st.popover("Export", icon=":material/download:", help="For the team only"), st.container(gap=None):
        st.download_button("**Excel**, every figure of this page", data=lambda: improvement_twins.workbook(tables(), ledger_twins.MARK), file_name=f"{name}.xlsx",
                           mime=_SHEET, icon=":material/table:", type="tertiary", on_click="ignore", key="export ledger xlsx")
        st.download_button(f"**CSV**, {first}", data=lambda: improvement_twins.csv(tables()[0]), file_name=f"{name}.csv",
                           mime="text/csv", icon=":material/csv:", type="tertiary", on_click="ignore", key="export ledger csv")
