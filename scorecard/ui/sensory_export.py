"""The menu Export of Sensory: what the overview shows as Excel, CSV and JSON, built when its button is pressed."""

from __future__ import annotations

from scorecard.output import sensory_twins
from scorecard.sensory import page as overview
from scorecard.ui import menus, part_menu
from scorecard.ui.part_menu import File
from scorecard.ui.state import Page


def draw(page: Page, segment: str) -> None:
    """The menu for the overview of a segment, "" for all of them."""

    def read() -> overview.Overview:
        return overview.read(page.store, page.today, segment)

    def inside() -> None:
        part_menu.files("sensory", [
            File("**Excel**, every figure of this page", ".xlsx", lambda: sensory_twins.workbook(read(), "Sensory")),
            File("**CSV**, a line a figure", ".csv", lambda: sensory_twins.csv(read()).encode("utf-8-sig")),
            File("**JSON**, the same for a program", ".json", lambda: sensory_twins.json(read()).encode()),
        ])  # fmt: skip

    menus.draw(inside)
