"""The menu Export of Leadership: each part as CSV, all as Excel, built when a button is pressed. Nothing of one person's own records."""

from __future__ import annotations

from scorecard.output import leadership_accountability, leadership_change, leadership_direction, leadership_recognition, part_tables
from scorecard.output.part_tables import Table
from scorecard.ui import leadership_accountability as commitments
from scorecard.ui import leadership_change as changes
from scorecard.ui import leadership_direction as directions
from scorecard.ui import leadership_recognition as recognitions
from scorecard.ui import leadership_rounds, menus, part_menu
from scorecard.ui.part_menu import File
from scorecard.ui.state import Page


def tables(page: Page) -> list[Table]:
    """The parts of the page as rows."""
    return [*leadership_direction.tables(directions.shown(page).found), *leadership_recognition.tables(recognitions.shown(page).found), *leadership_rounds.tables(page),
            leadership_change.table(changes.shown(page).found), *leadership_accountability.tables(commitments.shown(page).found)]  # fmt: skip


# In the order of `tables`; a part that the reader may not see has no file.
TITLES = ("Direction", "Values", "Recognition coverage", "Recognition", "Change initiatives", "Accountability", "Open actions of leaders")
FEEDBACK = ("Feedback", "Aims from feedback")


def _csv(page: Page, title: str) -> bytes:
    return part_tables.csv(next(one for one in tables(page) if one.title == title))


def draw(page: Page) -> None:
    """The menu."""
    def inside() -> None:
        everything = File("**Excel**, all of it", ".xlsx", lambda: part_tables.workbook(tables(page), "Leadership"))
        titles = (*TITLES, *(FEEDBACK if leadership_rounds.shown(page) else ()))
        each = part_menu.parts({title: lambda title=title: _csv(page, title) for title in titles})
        part_menu.files("leadership", [everything, *each])

    menus.draw(inside)
