"""The simulation on the page Improvement: a process, what would be different, and what the coming months may bring."""

from __future__ import annotations

import streamlit as st

from scorecard.core.simulation import Change
from scorecard.errors import StudyRefused
from scorecard.improvement import simulate
from scorecard.improvement.simulate import Answer, History
from scorecard.output import improvement_simulation, improvement_twins, part_tables
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.store.engine import Store
from scorecard.ui import block, downloads, state
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT = 32
NOTHING = {"onboarding": "No onboarding milestone is loaded yet. Load them on the page Data: the account, the start of its clock, the day it reached first value.",
           "renewals": "No renewal is loaded yet. Load them on the page Data: the account, the date, when it was renewed."}


@st.fragment
def draw(page: Page) -> None:
    """The fields of the change, then the figures with it and without."""
    kind = st.segmented_control("Process", list(simulate.KINDS), default="onboarding", required=True, format_func=simulate.KINDS.get, key="simulated process")
    found = _history(page.store, kind)
    if found is None:
        st.info(NOTHING[kind])
        return
    try:
        asked = _fields(kind, simulate.process_of(found, found.until).places)
        answer = _answer(page.store, kind, *asked)
    except StudyRefused as refusal:
        st.info(escape_sentence(refusal))
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.caption(escape_markdown(improvement_simulation.basis(answer, found)), width="content")
        downloads.button("CSV", lambda: part_tables.csv(improvement_twins.simulation(answer)), f"simulation-{kind}.csv", type="tertiary", key="simulation csv")
    changed = asked != (simulate.process_of(found, found.until).places, 0, 0, 0)
    block.draw(improvement_simulation.section(answer, found, changed, state.house(page.store).organisation.currency), key="simulation")


def _fields(kind: str, now: int) -> tuple[int, int, int, int]:
    """(places, cycle time, arrivals and adoption, the last three in percent or points more or fewer)."""
    one, two, three, four = st.columns(4)
    return (
        int(one.number_input("Places: cases worked on at once", 1, 1000, now, key=f"{kind} places")),
        two.slider("Cycle time", -50, 50, 0, 5, format="%+d%%", key=f"{kind} cycle"),
        three.slider("Arrivals", -50, 50, 0, 5, format="%+d%%", key=f"{kind} volume"),
        four.slider("Adoption", -30, 30, 0, 5, format="%+d points", key=f"{kind} adoption"),
    )


@kept(KEPT)
def _history(store: Store, kind: str) -> History | None:
    return simulate.history(store, kind)


@kept(KEPT)
def _answer(store: Store, kind: str, capacity: int, cycle: int, volume: int, adoption: int) -> Answer:
    change = Change(0, 1 + cycle / 100, 1 + volume / 100, adoption / 100)
    return simulate.ask(_history(store, kind), change, places=capacity)
