"""Files that were accepted on the Data page: how far each is, a way to cancel it, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import streamlit as st

from scorecard import handover, jobs
from scorecard.errors import ScorecardError
from scorecard.output import intake_tables, source_tables
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.store.engine import Store
from scorecard.store.jobs import Job
from scorecard.ui import block, forms, state
from scorecard.ui.state import Page

SEEN, CLOSED, OPEN = "accepted jobs of this visit", "accepted jobs closed", "accepted jobs open"
SECONDS, RECENT, SHOWN = 1.0, timedelta(hours=1), 30
Here = Callable[[Store, str], Job]


def accept(page: Page, ask: Callable[[Store], Job], here: Here) -> None:
    """The primary button: a job is asked for, once; without a worker it is done in place."""
    def work(store: Store) -> None:
        job = ask(store)
        st.session_state.setdefault(SEEN, []).append(job.id)
        if not page.store.attended:
            here(page.store, job.id)

    forms.save("load", page.store, work, "")


def draw(page: Page) -> None:
    """What is being loaded, by whomever; then what came of the files of this person."""
    found = [one for one in jobs.recent(page.store, SHOWN, jobs.LOADS) if one.kind == handover.KIND]
    st.session_state[OPEN] = [one.id for one in found if one.open]
    if st.session_state[OPEN]:
        st.fragment(_working, run_every=SECONDS)(page)
    news = _news(page, [one for one in found if not one.open])
    if news:
        _outcomes(news)


def _news(page: Page, over: list[Job]) -> list[Job]:
    """What somebody still waits for: what was asked for in this visit, else the last one of this person within the hour."""
    asked = [one for one in over if one.id in st.session_state.get(SEEN, ())]
    last = [one for one in over if one.person == page.actor.person and page.now - one.ended_at < RECENT][:1]
    closed = st.session_state.get(CLOSED, ())
    return [one for one in (asked if SEEN in st.session_state else last) if one.id not in closed]


def _working(page: Page) -> None:
    found = [one for one in jobs.unfinished(page.store) if one.kind == handover.KIND]
    if [one.id for one in found] != st.session_state.get(OPEN):
        st.rerun()  # One began or ended: what stands beside it is no longer right.
    for one in found:
        job(page, one)


def job(page: Page, one: Job, tab: str = "load") -> None:
    """One line: how far it is, and a button that stops it while nothing is stored. `tab` keeps the buttons of two tabs apart."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.progress(min(max(one.progress, 0.0), 1.0), text=escape_markdown(source_tables.progress(one, state.now())))
        if one.stop_asked_by:
            st.caption("is being stopped")
        elif one.kind == handover.KIND and one.progress >= handover.STORED:
            st.caption("It is stored and cannot be cancelled.")
        elif st.button("Cancel", key=f"stop {tab} {one.id}", help="Nothing of the file at work is stored."):
            _tried(lambda: handover.cancel(page.store, page.actor, one.id))


def _tried(work: Callable[[], None]) -> None:
    try:
        work()
    except ScorecardError as error:
        st.error(escape_sentence(error))
        return
    st.rerun()


def _outcomes(over: list[Job]) -> None:
    with st.container(border=True, key="outcomes"):
        block.draw("".join(map(intake_tables.outcome, over)), key="came of it")
        if st.button("Close", key=f"close {over[0].id}"):
            st.session_state.setdefault(CLOSED, []).extend(one.id for one in over)
            st.rerun()
