"""The lifecycle on the page Work: its map, its versions, and the last redesign with its verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from scorecard.core.reading import Sentence
from scorecard.output import sensory_tables, work_lifecycle
from scorecard.store.engine import Store
from scorecard.ui import block, register_board
from scorecard.ui.kept import kept
from scorecard.ui.state import Page
from scorecard.work import lifecycle, redesign

KEPT, VIEW = 16, "map"


@dataclass(frozen=True)
class Shown:
    """The lifecycle of one version of the data: its second line, sentences and drawings; nothing drawn without accounts."""

    second_line: str
    sentences: tuple[Sentence, ...]
    drawn: str
    redesign: str


def shown(page: Page) -> Shown:
    """The lifecycle, of the segment that the page asks for."""
    return _shown(page.store, page.today, page.segment)


@kept(KEPT)
def _shown(store: Store, today: date, segment: str) -> Shown:
    found = lifecycle.read(store, today, segment)
    if found is None:
        return Shown("How value reaches the customer", (), "", "")
    known = lifecycle.versions(store)[:2]
    compared = redesign.read(store, today, known[1], known[0], segment) if len(known) == 2 else ()
    return Shown(work_lifecycle.second_line(found), tuple(work_lifecycle.sentences(found)), work_lifecycle.section(found),
                 work_lifecycle.redesign(compared, known[1], known[0]) if compared else "")


def draw(page: Page) -> None:
    """The map, with the way to its rules and versions."""
    found = shown(page)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        with st.container(horizontal=True, vertical_alignment="bottom", width="content", gap="small"):
            st.subheader("Customer lifecycle", anchor=False, width="content")
            if found.drawn:
                st.caption("median days of those who came in the newest month that is known; natural limits under each line", width="content")
    if not found.drawn:
        st.caption("No account is loaded yet. With accounts, milestones, contacts and renewals the map shows who stands where, how long each stage takes, "
                   "and where customers leave.")
        return
    block.draw(found.drawn + work_lifecycle.more(block.address("work", view=VIEW)), key="lifecycle")


def records(page: Page) -> None:
    """The rules of the map, its versions, and the two newest side by side with their verdict."""
    block.draw(sensory_tables.crumbs((("Work", block.address("work")),), "The map"), key="crumbs")
    found = lifecycle.current(page.store)
    st.title("The map of the lifecycle", anchor=False)
    known = lifecycle.versions(page.store)
    block.draw(work_lifecycle.rules(found) + shown(page).redesign + (work_lifecycle.versions(known) if known else ""), key="map")
    register_board.board(page, lifecycle.MOVES)
