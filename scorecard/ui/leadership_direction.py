"""Purpose and values on the page Leadership: what is in force, and a person's own word on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from scorecard import access, registers
from scorecard.core.periods import day
from scorecard.leadership import direction
from scorecard.leadership.direction import Direction, Heard
from scorecard.output import leadership_direction
from scorecard.output.theme import escape_markdown
from scorecard.store.engine import Store
from scorecard.ui import block, forms, leadership_recognition, own_reads, register_forms, state
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT = 16
VIEW = "direction"
SAID = {direction.EXPLAIN: "can explain it", direction.READ: "have read it"}


@dataclass(frozen=True)
class Shown:
    """The direction of one version of the data, and its drawing."""

    found: Direction
    drawn: str


def address(**query: str) -> str:
    """The address of the registers of purpose and values."""
    return block.address("leadership", view=VIEW, **query)


def shown(page: Page) -> Shown:
    """What is in force, read once for each version of the data. No person's word is in it."""
    return _shown(page.store, page.today)


@kept(KEPT)
def _shown(store: Store, today: date) -> Shown:
    found = direction.read(store, today)
    ways = (lambda id: address(record=f"{direction.PURPOSE}:{id}"), lambda id: address(record=f"{direction.VALUE}:{id}"), block.address("planning"))
    return Shown(found, leadership_direction.section(found, *ways))


def draw(page: Page) -> None:
    """Purpose and values, or what to write first; then the reader's own word on the purpose."""
    here = shown(page)
    if here.drawn:
        block.draw(here.drawn, key="direction")
    if not here.found.purpose or not here.found.values:
        _first(page, here.found)
    if here.found.purpose:
        _own_word(page, here.found.purpose.id)


def _first(page: Page, found: Direction) -> None:
    if not (found.purpose or found.values):
        st.subheader("Purpose and values", anchor=False)
        st.caption("Neither is written down yet: what the team is here for, and what it holds to when it is hard. Four values are enough.")
    with st.container(horizontal=True, gap="xsmall"):
        if not found.purpose:
            register_forms.button(page, direction.PURPOSE, "Write the purpose", key="first purpose")
        if not found.values:
            register_forms.button(page, direction.VALUE, "Write the first value", key="first value")


def _own_word(page: Page, purpose: str) -> None:
    """The reader's own word, read for them alone; a leader sees for whom of theirs it is still open."""
    if not access.may(page.actor, registers.register(direction.WORD).write):
        return
    heard = own_reads.read(page, ("word", purpose), lambda: _heard(page, purpose))
    own = heard.own
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="own word"):
        if own:
            st.caption(f"You said on {day(own.at)} that you {SAID[str(own.values['said'])]}.", width="content")
        if not own or own.values["said"] != direction.EXPLAIN:
            _buttons(page, purpose, bool(own))
        if heard.waiting:
            st.caption(f"Of those you lead, not yet: {escape_markdown(leadership_recognition.listed(heard.waiting))}", width="content")


def _heard(page: Page, purpose: str) -> Heard:
    with page.store.read() as tx:
        return direction.heard(tx, page.actor, purpose, state.house(page.store).members.values())


def _buttons(page: Page, purpose: str, read: bool) -> None:
    offered = {direction.EXPLAIN: "I can explain it to others"} | ({} if read else {direction.READ: "I have read it"})
    for said, label in offered.items():
        if st.button(label, key=f"purpose {said}"):
            forms.save("purpose word", page.store, lambda store, said=said: direction.say(store, page.actor, purpose, said, page.today), "Your word is saved.")
