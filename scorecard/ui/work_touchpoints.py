"""Touch points on the page Work: critical moments, every touch point of the way, and how customers felt."""

from __future__ import annotations

from datetime import date

import streamlit as st

from scorecard.core.reading import Sentence
from scorecard.output import sensory_tables, tables, work_touchpoints
from scorecard.output.work_touchpoints import Ways
from scorecard.store.engine import Store
from scorecard.ui import block, register_board, register_forms
from scorecard.ui.kept import kept
from scorecard.ui.state import Page
from scorecard.work import handoffs, touchpoints
from scorecard.work.touchpoints import Overview

VIEW = "touchpoints"
KEPT = 16


def address(**query: str) -> str:
    """The address of all touch points."""
    return block.address("work", view=VIEW, **query)


def ways() -> Ways:
    """Where the drawing leads."""
    return Ways(lambda id: address(record=f"{touchpoints.REGISTER}:{id}"), lambda name: block.address("measure", measure=name), address())


def shown(page: Page) -> Overview:
    """The touch points, with the feelings of the segment that the page asks for."""
    return _shown(page.store, page.today, page.segment)


@kept(KEPT)
def _shown(store: Store, today: date, segment: str) -> Overview:
    return touchpoints.read(store, today, handoffs.of_segment(store, segment) if segment else None)


def sentences(page: Page) -> tuple[Sentence, ...]:
    """What touch points say first on the page."""
    return shown(page).sentences


def draw(page: Page) -> None:
    """The section of the page: critical moments side by side, each with how it is measured."""
    found = shown(page)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        with st.container(horizontal=True, vertical_alignment="bottom", width="content", gap="small"):
            st.subheader("Critical moments", anchor=False, width="content")
            if found.points:
                st.caption("named by the team, five at most; felt good = 4 or 5 of 5, 12 months, with its 95% interval", width="content")
        if found.points:
            register_forms.button(page, touchpoints.FEELING, "Log a feeling", key="log a feeling")
    if not found.points:
        st.caption("No touch point is written down yet: where customers meet us, what they need to get done there, and how they need to feel. "
                   "A few critical moments decide whether they stay because they want to.")
        register_forms.button(page, touchpoints.REGISTER, "Write the first touch point", key="first touch point")
        return
    block.draw(work_touchpoints.section(found, ways()), key="critical moments")


def records(page: Page) -> None:
    """Every touch point with needs, critique and promise; then the registers of touch points and feelings."""
    found = shown(page)
    block.draw(sensory_tables.crumbs((("Work", block.address("work")),), "Touch points"), key="crumbs")
    st.title("Touch points", anchor=False)
    if found.points:
        block.draw(tables.says(found.sentences) + f'<div class="upper">{work_touchpoints.table(found.points, ways())}</div>{work_touchpoints.lacking(found.points)}',
                   key="touch points")
    register_board.board(page, touchpoints.REGISTER, title="Written down")
    register_board.board(page, touchpoints.FEELING)
