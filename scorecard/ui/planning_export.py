"""The menu Export of Planning and review: its parts as Excel and CSV, built when a button is pressed."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from scorecard.output import part_tables, planning_twins
from scorecard.output.part_tables import Table
from scorecard.ui import part_menu, planning_plan, planning_tree
from scorecard.ui.part_menu import File
from scorecard.ui.state import Page


def draw(page: Page) -> None:
    """Everything as one Excel file, each part as CSV; the tree of the year that the page shows."""
    parts = _parts(page)
    with st.popover("Export", icon=":material/download:"), st.container(gap=None):
        everything = File("**Excel**, all parts", ".xlsx", lambda: part_tables.workbook([part() for part in parts.values()], "Planning and review"))
        each = part_menu.parts({title: lambda part=part: part_tables.csv(part()) for title, part in parts.items()})
        part_menu.files(f"planning-{page.store.data_version}", [everything, *each])


def _parts(page: Page) -> dict[str, Callable[[], Table]]:
    def beside() -> planning_plan.Shown:
        return planning_plan.shown(page)

    return {
        "Goal tree": lambda: planning_twins.tree(planning_tree.shown(page).tree),
        "Parts of the plan": lambda: planning_twins.parts(beside().parts),
        "Goals and their dates": lambda: planning_twins.goals(beside().goals),
        "Versions of the plan": lambda: planning_twins.editions(beside().editions),
        "Who agrees": lambda: planning_twins.people(planning_tree.plan(page), beside().standing),
        "Account and marketing plans": lambda: planning_twins.carried((*beside().accounts, *beside().marketing)),
    }  # fmt: skip
