"""The menu Export of a page: what it shows as files, each built when its button is pressed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from scorecard.ui import downloads

_SIGNS = {"xlsx": "table", "csv": "csv", "json": "data_object", "ics": "event"}  # by the ending of a file


class File(NamedTuple):
    """A file of the menu: its words, the name without what comes before (`.xlsx`, `-promises.csv`), and how it is built."""

    words: str
    ending: str
    build: Callable[[], bytes]


def files(name: str, offered: list[File]) -> None:
    """A button for each file; `name` is the beginning of their names."""
    for one in offered:
        downloads.button(one.words, one.build, f"{name}{one.ending}", icon=f":material/{_SIGNS[one.ending.rpartition('.')[2]]}:", type="tertiary",
                         key=f"export {name.partition('-')[0]}{one.ending}")  # fmt: skip


def parts(offered: dict[str, Callable[[], bytes]]) -> list[File]:
    """Parts of a page by their titles as CSV files."""
    return [File(f"**CSV**, {title[:1].lower()}{title[1:]}", f"-{title.lower().replace(' ', '-')}.csv", build) for title, build in offered.items()]
