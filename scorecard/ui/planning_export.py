"""The menu Export of Planning and review: its parts as Excel and CSV, built when a button is pressed."""

from __future__ import annotations

from collections.abc import Callable

from scorecard.output import part_tables, planning_calendar, planning_proforma, planning_scenarios, planning_triggers, planning_twins
from scorecard.output.part_tables import Table
from scorecard.ui import menus, part_menu, planning_plan, planning_tree
from scorecard.ui import planning_calendar as ui_calendar
from scorecard.ui import planning_proforma as ui_proforma
from scorecard.ui import planning_scenarios as ui_scenarios
from scorecard.ui import planning_triggers as ui_triggers
from scorecard.ui.part_menu import File
from scorecard.ui.state import Page


def draw(page: Page) -> None:
    """Everything as one Excel file, each part as CSV; the tree of the year that the page shows."""
    parts = _parts(page)

    def inside() -> None:
        everything = File("**Excel**, all parts", ".xlsx", lambda: part_tables.workbook([part() for part in parts.values()], "Planning and review"))
        each = part_menu.parts({title: lambda part=part: part_tables.csv(part()) for title, part in parts.items()})
        part_menu.files("planning", [everything, *each, File("**Calendar**, for your own", ".ics", lambda: ui_calendar.calendar_file(page))])

    menus.draw(inside)


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
        "Calendar": lambda: planning_calendar.table(ui_calendar.shown(page).found),
        "Triggers": lambda: planning_triggers.table(ui_triggers.shown(page).found),
        "Scenarios": lambda: planning_scenarios.table(ui_scenarios.shown(page).found),
        "The plan in money": lambda: planning_proforma.table(ui_proforma.shown(page).found),
        "Assumptions": lambda: planning_proforma.sources(ui_proforma.shown(page).found),
    }  # fmt: skip
