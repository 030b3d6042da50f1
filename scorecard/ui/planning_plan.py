"""The plan as it is edited: its versions and parts, objectives, goals, strategies and tactics, who took part in it."""

from __future__ import annotations

import streamlit as st

from scorecard.output import sensory_tables
from scorecard.ui import block, register_board
from scorecard.ui.state import Page

VIEW, PLANS_VIEW = "plan", "plans"
TREE = ("plan", "plan_part", "objective", "plan_goal", "strategy", "tactic")
TAKING_PART = ("plan_voice", "plan_proposal")
PLANS = ("account_plan", "marketing_plan")
RECORDS = dict.fromkeys((*TREE, *TAKING_PART), VIEW) | dict.fromkeys(PLANS, PLANS_VIEW)


def head(title: str) -> None:
    """The heading of a view below the page, with the way back."""
    block.draw(sensory_tables.crumbs((("Planning and review", block.address("planning")),), title), key="crumbs")
    st.title(title, anchor=False)


def records(page: Page) -> None:
    """Everything of which the plan is made."""
    head("The plan")
    for register in (*TREE, *TAKING_PART):
        register_board.board(page, register)


def plans(page: Page) -> None:
    """Account and marketing plans."""
    head("Account and marketing plans")
    for register in PLANS:
        register_board.board(page, register)


def edit(page: Page) -> None:
    """The button that leads to everything of which the plan is made."""
    if st.button("Edit the plan", icon=":material/edit:", key="edit plan"):
        block.follow(block.address("planning", view=VIEW))
