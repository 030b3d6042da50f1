"""Which view of maturity the address asks for, and what stands around all of them."""

from __future__ import annotations

from datetime import date

import streamlit as st

from scorecard import access, maturity
from scorecard.output import assess_tables
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.store.engine import Store
from scorecard.ui import block, maturity_assess, maturity_quick, maturity_results, state
from scorecard.ui.kept import kept
from scorecard.ui.maturity_assess import Desk
from scorecard.ui.state import Page

VIEW, CYCLE = "view", "cycle"
RESULTS, ASSESS, CYCLES, SESSION, ROADMAP, MODEL = "results", "assess", "cycles", "session", "roadmap", "model"
VIEWS = (RESULTS, ASSESS, CYCLES, SESSION, ROADMAP, MODEL)


def asked(page: Page) -> tuple[str, str]:
    """(view, id of a cycle or "") of the address; without one, results where a cycle is closed, else the cycles."""
    view, cycle = st.query_params.get(VIEW, ""), st.query_params.get(CYCLE, "")[:80]
    if view in VIEWS:
        return view, cycle
    return (RESULTS if cycle or _some_closed(page.store) else CYCLES), cycle


def address(view: str = "", **query: str) -> str:
    """The address of a view of maturity."""
    return block.address("maturity", view=view, **query)


def waits(page: Page, most: int = 9) -> None:
    """A line for each open cycle that waits for the reader, at most so many, with the way to it; nothing for who may not answer."""
    if not access.may(page.actor, "assess"):
        return
    found = _waiting(page.store, page.actor.person, page.today)
    for left in found[:most]:
        more = len(found) - most if left is found[:most][-1] else 0
        line = assess_tables.waiting(left, address(ASSESS, cycle=left.cycle.id), more, address(CYCLES))
        block.draw(line, key=f"waits {left.cycle.id}")


@kept(1)
def _some_closed(store: Store) -> bool:
    with store.read() as tx:
        return any(not one.open for one in maturity.cycles(tx))


@kept()
def _waiting(store: Store, person: str, today: date) -> tuple[maturity.Left, ...]:
    return maturity.waiting(store, person, today)


# --- answering -------------------------------------------------------------------------------------------------------


def assess(page: Page, cycle: str) -> None:
    """The sheet of the reader in a cycle, without one in that which ends first."""
    access.require(page.actor, "assess")
    left = maturity.waiting(page.store, page.actor.person, page.today)
    id = cycle or (left[0].cycle.id if left else "")
    if not id:
        st.title("Maturity", anchor=False)
        st.info("No cycle waits for you. A leader opens cycles and chooses whom to ask.")
        return
    desk = Desk(page, state.quiet_page, id, lambda **query: address(ASSESS, cycle=id, **query), lambda: block.follow(address(CYCLES)))
    sheet = maturity.sheet(page.store, page.actor, id)
    crumbs = (("Maturity", address()), (f"{sheet.cycle.title} cycle", address(CYCLES)))
    answer(desk, sheet, crumbs)


def answer(desk: Desk, sheet: maturity.Sheet, crumbs: tuple[tuple[str, str], ...]) -> None:
    """The form of a cycle, or what is said when it has ended or everything is sent."""
    if not sheet.cycle.open and not maturity_assess.in_trouble(desk):
        st.title(escape_markdown(sheet.cycle.title), anchor=False)
        st.info(escape_sentence(f"{sheet.cycle.title} was closed by {sheet.cycle.closed_by}. Nobody answers any more."))
    elif sheet.finished:
        st.title(escape_markdown(sheet.cycle.title), anchor=False)
        block.draw(assess_tables.sent(sheet.cycle, sheet.have_finished, sheet.asked, desk.alone, sheet.link_by), key="sent")
    elif sheet.cycle.kind == "quick":
        maturity_quick.draw(desk, sheet, crumbs)
    else:
        maturity_assess.draw(desk, sheet, crumbs)


# --- results ---------------------------------------------------------------------------------------------------------


def results(page: Page, cycle: str) -> None:
    """The results of a cycle, without one of the newest that may be seen."""
    maturity_results.draw(page, cycle, lambda: waits(page, 1))
