"""Parts of the page Improvement beside the overview: faults and requests, cost to serve, the worth of advocacy."""

from __future__ import annotations

from datetime import date

import streamlit as st

from scorecard import worth
from scorecard.errors import StudyRefused
from scorecard.improvement import faults, value
from scorecard.improvement.faults import Faults
from scorecard.improvement.value import Serving
from scorecard.output import improvement_value
from scorecard.output.theme import escape_sentence
from scorecard.store.engine import Store
from scorecard.ui import block, register_board, state
from scorecard.ui.kept import kept
from scorecard.ui.state import Page
from scorecard.worth import Advocacy

KEPT = 8


def draw_faults(page: Page) -> None:
    """What stands behind faults and requests, and the register itself."""
    found = _faults(page.store, page.today)
    if found.entries:
        block.draw(improvement_value.faults(found, _currency(page)), key="faults")
    register_board.board(page, faults.REGISTER)


def draw_cost(page: Page) -> None:
    """Cost to serve, and the rules by which it is shared out."""
    block.draw(improvement_value.serving(serving(page), _currency(page)), key="cost to serve")
    register_board.board(page, value.COST_RULE)


def draw_advocacy(page: Page) -> None:
    """What advocacy is worth, and the figures put in place of the published ones."""
    try:
        block.draw(improvement_value.advocacy(advocacy(page), _currency(page)), key="advocacy")
    except StudyRefused as refusal:
        st.error(escape_sentence(f"The assumptions do not go together. {refusal}"))
    register_board.board(page, worth.WORTH_INPUT)


def _currency(page: Page) -> str:
    return state.house(page.store).organisation.currency


def serving(page: Page) -> Serving | None:
    """Cost to serve, kept while the data stay the same."""
    return _serving(page.store, page.today)


def advocacy(page: Page) -> Advocacy:
    """The worth of advocacy. Raises StudyRefused when the assumptions cannot go together."""
    return _advocacy(page.store, page.today)


@kept(KEPT)
def _faults(store: Store, today: date) -> Faults:
    return faults.read(store)


@kept(KEPT)
def _serving(store: Store, today: date) -> Serving | None:
    return value.serving_costs(store)


@kept(KEPT)
def _advocacy(store: Store, today: date) -> Advocacy:
    return worth.advocacy(store)
