"""The menu Export of Work: the lifecycle, hand-offs, touch points, competencies and partners as Excel and CSV, built when a button is pressed."""

from __future__ import annotations

from collections.abc import Callable

from scorecard.output import work_handoff_twins, work_partners, work_twins
from scorecard.ui import menus, part_menu, work_handoffs, work_touchpoints
from scorecard.ui.part_menu import File
from scorecard.ui.state import Page
from scorecard.work import lifecycle, partners


def draw(page: Page) -> None:
    """The menu; what is exported is of the segment that the page shows."""
    def read() -> lifecycle.Lifecycle | None:
        return lifecycle.read(page.store, page.today, page.segment)

    parts: dict[str, Callable[[], str]] = {
        "Lifecycle": lambda: work_twins.csv(read()), "Hand-offs": lambda: work_handoff_twins.csv(work_handoffs.shown(page).found),
        "Touch points": lambda: work_handoff_twins.points_csv(work_touchpoints.shown(page)),
        "Competencies and partners": lambda: work_partners.csv(partners.read(page.store, page.today)),
    }  # fmt: skip

    def inside() -> None:
        everything = File("**Excel**, the lifecycle", ".xlsx", lambda: work_twins.workbook(read(), lifecycle.versions(page.store), "Work"))
        each = part_menu.parts({title: lambda part=part: part().encode("utf-8-sig") for title, part in parts.items()})
        part_menu.files("work", [everything, *each])

    menus.draw(inside)
