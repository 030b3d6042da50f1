"""Accountability on the page Leadership."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from scorecard.core.reading import Sentence
from scorecard.leadership import accountability
from scorecard.leadership.accountability import Overview
from scorecard.output import leadership_accountability
from scorecard.store.engine import Store
from scorecard.ui import block
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT = 16


@dataclass(frozen=True)
class Shown:
    """Commitments of one version of the data, and their drawing."""

    found: Overview
    drawn: str


def shown(page: Page) -> Shown:
    """Commitments, read once for each version of the data; of people's own records only counts of the whole team."""
    return _shown(page.store, page.today)


@kept(KEPT)
def _shown(store: Store, today: date) -> Shown:
    found = accountability.read(store, today)
    return Shown(found, leadership_accountability.section(found, lambda id: block.address("actions", action=id), block.address("actions")))


def sentences(page: Page) -> tuple[Sentence, ...]:
    """What the leaders' own commitments say first on the page."""
    return shown(page).found.sentences


def draw(page: Page) -> None:
    """What was kept, and what is open of the leaders themselves."""
    here = shown(page)
    if here.drawn:
        block.draw(here.drawn, key="accountability")
        return
    st.subheader("Accountability", anchor=False)
    st.caption("Nothing was due yet. Actions, promises and steps of development plans are read here as soon as their day has come, the leaders' own first.")
