"""The plan in money on the page Planning and review: the table of the quarters, and the register behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from scorecard.core.reading import Sentence
from scorecard.output import planning_proforma, sensory_tables
from scorecard.planning import proforma
from scorecard.planning.proforma import REGISTER, ProForma
from scorecard.store.engine import Store
from scorecard.ui import block, register_board, register_forms
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT, VIEW = 16, "money"
RECORDS = {REGISTER: VIEW}


@dataclass(frozen=True)
class Shown:
    """The pro-formas of one version of the data: their sentences and their drawing."""

    found: tuple[ProForma, ...]
    sentences: tuple[Sentence, ...]
    drawn: str


def shown(page: Page) -> Shown:
    """What is assumed and what was billed, read once for each version of the data."""
    return _shown(page.store, page.today)


@kept(KEPT)
def _shown(store: Store, today: date) -> Shown:
    found = proforma.read(store, today)
    said = tuple(proforma.sentences(found))
    return Shown(found, said, planning_proforma.section(found, lambda id: block.address("planning", record=f"{REGISTER}:{id}"), said))


def draw(page: Page) -> None:
    """The table, or what to write first."""
    found = shown(page)
    if found.drawn:
        block.draw(found.drawn, key="pro-forma")
        return
    st.subheader("The plan in money", anchor=False)
    st.caption("No pro-forma is written yet: opening revenue, retention, expansion, new customers and the cost to serve, each low, base and high, with its source.")
    register_forms.button(page, REGISTER, "Write the first pro-forma", key="first pro-forma")


def records(page: Page) -> None:
    """The register of pro-formas."""
    block.draw(sensory_tables.crumbs((("Planning and review", block.address("planning")),), "The plan in money"), key="crumbs")
    st.title("The plan in money", anchor=False)
    register_board.board(page, REGISTER)
