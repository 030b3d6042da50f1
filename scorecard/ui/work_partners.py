"""Core competencies and partners on the page Work: two tables, and the registers behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from scorecard.core.reading import Sentence
from scorecard.output import sensory_tables, tables, work_partners
from scorecard.store.engine import Store
from scorecard.ui import block, downloads, register_board, register_forms
from scorecard.ui.kept import kept
from scorecard.ui.state import Page
from scorecard.work import partners

KEPT, VIEW = 16, "partners"


@dataclass(frozen=True)
class Shown:
    """Competencies and partners of one version of the data: their sentences and their drawing."""

    sentences: tuple[Sentence, ...]
    drawn: str


def address(**query: str) -> str:
    """The address of the registers of competencies and partners."""
    return block.address("work", view=VIEW, **query)


def shown(page: Page) -> Shown:
    """What is written, read once for each version of the data."""
    return _shown(page.store, page.today)


@kept(KEPT)
def _shown(store: Store, today: date) -> Shown:
    found = partners.read(store, today)
    drawn = work_partners.section(found, lambda id: address(record=f"{partners.COMPETENCY}:{id}"), lambda id: address(record=f"{partners.PARTNER}:{id}"),
                                  lambda id: block.address("improvement", project=id))
    return Shown(found.sentences, drawn)


def draw(page: Page) -> None:
    """Both tables, or what to write first."""
    found = shown(page)
    if found.drawn:
        more = f'<p class="cap hf-more"><a href="{address()}">All records: competencies, partners, reviews with them</a></p>'
        block.draw(found.drawn + more, key="competencies and partners")
        return
    st.subheader("Core competencies and partners", anchor=False)
    st.caption("Neither is written down yet: what customers choose us for, who keeps it, and which third parties reach the customer in our name.")
    with st.container(horizontal=True, gap="xsmall"):
        register_forms.button(page, partners.COMPETENCY, "Write the first competency", key="first competency")
        register_forms.button(page, partners.PARTNER, "Write the first partner", key="first partner")


def records(page: Page) -> None:
    """The registers of competencies, partners and reviews with them."""
    block.draw(sensory_tables.crumbs((("Work", block.address("work")),), "Competencies and partners"), key="crumbs")
    st.title("Core competencies and partners", anchor=False)
    found = shown(page)
    if found.drawn:
        downloads.button("CSV of the readings", lambda: work_partners.csv(partners.read(page.store, page.today)).encode("utf-8-sig"), "partners.csv",
                         icon=":material/csv:", key="partners csv")  # fmt: skip
        block.draw(tables.says(found.sentences) + found.drawn, key="competencies and partners")
    for register in (partners.COMPETENCY, partners.PARTNER, partners.REVIEW):
        register_board.board(page, register)
