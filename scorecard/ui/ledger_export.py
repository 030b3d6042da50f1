"""The menu Export of Account ledgers: what a view shows as Excel and CSV, built when its button is pressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scorecard.output import ledger_twins, part_tables
from scorecard.output.part_tables import Table
from scorecard.ui import menus, part_menu
from scorecard.ui.part_menu import File


def draw(name: str, tables: Callable[[], Sequence[Table]], titles: Sequence[str]) -> None:
    """The menu: all tables as Excel, each as CSV; `titles` are theirs, in order."""
    def inside() -> None:
        everything = File("**Excel**, every figure of this page", ".xlsx", lambda: part_tables.workbook(tables(), ledger_twins.MARK))
        each = part_menu.parts({title: lambda at=at: part_tables.csv(tables()[at]) for at, title in enumerate(titles)})
        part_menu.files(name, [everything, *each])

    menus.draw(inside, help="For the team only")
