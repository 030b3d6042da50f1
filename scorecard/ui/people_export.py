"""The menu Export of People: what the page shows to this reader as Excel and CSV, built when a button is pressed."""

from __future__ import annotations

from collections.abc import Callable

from scorecard.output import part_tables
from scorecard.output.part_tables import Table
from scorecard.ui import menus, part_menu, people_context, people_growth, people_hiring
from scorecard.ui.part_menu import File
from scorecard.ui.state import Page

# Each part of the page: the titles of its tables for this reader (they name the sheets, 31 characters at most), and how each is built.
PARTS: tuple[Callable[[Page], dict[str, Callable[[], Table]]], ...] = (people_context.tables, people_growth.tables, people_hiring.export)


def draw(page: Page) -> None:
    """The menu; nothing while no part has a table."""
    found = {title: build for part in PARTS for title, build in part(page).items()}
    if not found:
        return

    def inside() -> None:
        book = File("**Excel**, all of them", ".xlsx", lambda: part_tables.workbook([build() for build in found.values()], "People"))
        each = part_menu.parts({title: lambda build=build: part_tables.csv(build()) for title, build in found.items()})
        part_menu.files("people", [book, *each])

    menus.draw(inside)
