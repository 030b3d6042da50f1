"""The menu Export of Improvement: its parts as Excel and CSV, built when a button is pressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scorecard import worth
from scorecard.improvement import faults, value
from scorecard.improvement.projects import Line
from scorecard.output import improvement_twins, part_tables
from scorecard.output.part_tables import Table
from scorecard.ui import menus, part_menu
from scorecard.ui.part_menu import File
from scorecard.ui.state import Page


def draw(page: Page, lines: Sequence[Line]) -> None:
    """Everything as one Excel file, each part as CSV."""
    parts: dict[str, Callable[[], Table]] = {
        "Projects": lambda: improvement_twins.projects(lines), "Faults and requests": lambda: improvement_twins.faults(faults.read(page.store)),
        "Cost to serve": lambda: improvement_twins.serving(value.serving_costs(page.store)), "Worth of advocacy": lambda: improvement_twins.advocacy(worth.advocacy(page.store)),
    }  # fmt: skip

    def inside() -> None:
        everything = File("**Excel**, all parts", ".xlsx", lambda: part_tables.workbook([part() for part in parts.values()], "Improvement"))
        each = part_menu.parts({title: lambda part=part: part_tables.csv(part()) for title, part in parts.items()})
        part_menu.files("improvement", [everything, *each])

    menus.draw(inside)
