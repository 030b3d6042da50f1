"""The registers behind the page Leadership, each view with its boards."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from scorecard.leadership import direction, initiatives, motivation, recognition
from scorecard.output import sensory_tables
from scorecard.ui import block, leadership_change, leadership_direction, leadership_motivation, leadership_recognition, leadership_rounds, register_board
from scorecard.ui.state import Page

# By the name of a view in the address: its title, and its registers.
BOARDS = {
    leadership_direction.VIEW: ("Purpose and values", (direction.PURPOSE, direction.VALUE)),
    leadership_recognition.VIEW: ("Recognition", (recognition.REGISTER,)),
    leadership_change.VIEW: ("Change initiatives", (initiatives.REGISTER,)),
    leadership_motivation.VIEW: ("What moves us", (motivation.REGISTER, motivation.FIT)),
    leadership_rounds.GROWTH: ("Leaders being developed", (leadership_rounds.REGISTER,)),
}
RECORDS = {register: view for view, (_, registers) in BOARDS.items() for register in registers}


def _view(title: str, registers: tuple[str, ...]) -> Callable[[Page], None]:
    def draw(page: Page) -> None:
        block.draw(sensory_tables.crumbs((("Leadership", block.address("leadership")),), title), key="crumbs")
        st.title(title, anchor=False)
        for register in registers:
            register_board.board(page, register)

    return draw


VIEWS = {view: _view(title, registers) for view, (title, registers) in BOARDS.items()} | {leadership_motivation.VIEW: leadership_motivation.view}
