"""Change initiatives on the page Leadership."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from scorecard.core.reading import Sentence
from scorecard.leadership import initiatives
from scorecard.leadership.initiatives import Overview
from scorecard.output import leadership_change
from scorecard.store.engine import Store
from scorecard.ui import block, register_forms
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT = 16
VIEW = "change"


@dataclass(frozen=True)
class Shown:
    """The changes of one version of the data, and their drawing."""

    found: Overview
    drawn: str


def address(**query: str) -> str:
    """The address of the register of changes."""
    return block.address("leadership", view=VIEW, **query)


def shown(page: Page) -> Shown:
    """The changes, read once for each version of the data."""
    return _shown(page.store, page.today)


@kept(KEPT)
def _shown(store: Store, today: date) -> Shown:
    found = initiatives.read(store, today)
    drawn = leadership_change.section(found, lambda id: address(record=f"{initiatives.REGISTER}:{id}"), lambda name: block.address("measure", measure=name))
    return Shown(found, drawn)


def sentences(page: Page) -> tuple[Sentence, ...]:
    """What changes say first on the page."""
    return shown(page).found.sentences


def draw(page: Page) -> None:
    """The table of changes, or what one is for."""
    here = shown(page)
    if here.drawn:
        block.draw(here.drawn, key="changes")
        return
    st.subheader("Change initiatives", anchor=False)
    st.caption("None is written down yet. A change that is led takes the same steps each time: the reason, a sponsor, those affected told and heard, tried, taken up, kept.")
    register_forms.button(page, initiatives.REGISTER, "Write the first change", key="first change")
