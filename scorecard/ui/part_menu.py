"""The menu Export of a page: what it shows as files, each built when its button is pressed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from scorecard.ui import state

# By the ending of a file: what it is, and the sign before it.
_KINDS = {
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "table"), "csv": ("text/csv", "csv"),
    "json": ("application/json", "data_object"), "ics": ("text/calendar", "event"),
}  # fmt: skip


class File(NamedTuple):
    """A file of the menu: its words, the name without what comes before (`.xlsx`, `-promises.csv`), and how it is built."""

    words: str
    ending: str
    build: Callable[[], bytes]


def files(name: str, offered: list[File]) -> None:
    """A button for each file; `name` is the beginning of their names."""
    for one in offered:
        mime, icon = _KINDS[one.ending.rpartition(".")[2]]
        st.download_button(one.words, data=state.as_drawn(one.build), file_name=f"{name}{one.ending}", mime=mime, icon=f":material/{icon}:", type="tertiary", on_click="ignore",
                           key=f"export {name.partition('-')[0]}{one.ending}")  # fmt: skip


def parts(offered: dict[str, Callable[[], bytes]]) -> list[File]:
    """Parts of a page by their titles as CSV files."""
    return [File(f"**CSV**, {title[:1].lower()}{title[1:]}", f"-{title.lower().replace(' ', '-')}.csv", build) for title, build in offered.items()]
