"""A file of facts on the Data page: recognised once for each set of answers, corrected by select boxes, accepted as a whole."""

from __future__ import annotations

import hashlib

import streamlit as st

from scorecard import exports, handover
from scorecard.core.facts import KINDS
from scorecard.exports import Offer
from scorecard.intake.mapping import LEFT_OUT
from scorecard.intake.table import Table
from scorecard.output import export_tables, intake_tables
from scorecard.store.engine import Store
from scorecard.store.jobs import Job
from scorecard.ui import block, handed, incoming
from scorecard.ui.state import Page

_OFFER = "incoming offer"
MOST_BOXES = 60
NOTE = ("All or nothing. The same file twice changes nothing. The map is saved with it. "
        "Refused rows stay in quarantine with their reason.")


def offer(page: Page, table: Table) -> Offer | None:
    """What the file would bring, None when it is one of figures; typed anew only when an answer or the store has changed."""
    choices = incoming.choices()
    mark = (str(table.path), tuple(sorted(choices.items())), page.store.data_version)
    kept = st.session_state.get(_OFFER)
    if kept and kept[0] == mark:
        return kept[1]
    forget()
    with st.spinner(f"{table.name} is being looked at."):
        made = exports.offer(page.store, page.actor, table, choices)
    st.session_state[_OFFER] = (mark, made)
    return made


def forget() -> None:
    """Lets go of what was typed for the file before."""
    kept = st.session_state.pop(_OFFER, None)
    if kept:
        exports.discard(kept[1])


def show(page: Page, offered: Offer, table: Table, zone: str, here: handed.Here) -> None:
    """The file: sentences, what was understood, where columns go, questions, and what can be done."""
    block.draw(export_tables.news(offered), key="news")
    block.draw(export_tables.understood(offered, zone), key="understood")
    incoming.ask(more=offered.proposed.questions)
    _correct(offered)
    if offered.proposal:
        block.draw(export_tables.effect(offered), key="effect")
    _actions(page, offered, table, here)


def correct_kind(kind: str = "") -> None:
    """A select box for what the file holds, also when nothing was recognised."""
    incoming.correct("kind", "What the file holds", kind, {"": "Not recognised", **{name: one.label for name, one in KINDS.items()}})


def _correct(offered: Offer) -> None:
    places = [one for one in offered.proposed.places if one.targets or one.confidence == "left out"]
    options = {LEFT_OUT: "Leave it out"} | {f"{kind}.{column.name}": _words(offered, kind, column.label)
                                            for kind in offered.proposed.kinds for column in KINDS[kind].columns}
    with st.expander("Correct where columns go"):
        correct_kind(offered.proposed.kinds[0])
        scope = incoming.corrections().get("kind", "")
        shown = sorted(places, key=lambda one: one.confidence == "left out")[:MOST_BOXES]
        with st.container(horizontal=True, gap="small"):
            for one in shown:
                with st.container(width=240):
                    incoming.correct(f"column:{one.name}", one.name, (one.targets or (LEFT_OUT,))[0], options, scope)
        if len(places) > len(shown):
            st.caption(f"{len(places) - len(shown):,} more columns are left out. A map file reaches them all: "
                       "python -m scorecard load FILE --map MAP.")


def _words(offered: Offer, kind: str, label: str) -> str:
    return label if len(offered.proposed.kinds) == 1 else f"{label} ({KINDS[kind].label})"


def _actions(page: Page, offered: Offer, table: Table, here: handed.Here) -> None:
    """Accept, download what is refused, or leave it."""
    rows = offered.proposal.typed.refused_rows() if offered.proposal else []
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if offered.ready and st.button(f"Accept {intake_tables.count(offered.ready, 'row')}", type="primary"):
            _accept(page, offered, table, here)
        if rows:
            text = intake_tables.refused_csv(rows)
            mark = hashlib.sha256(text.encode()).hexdigest()[:12]
            st.download_button(f"Download the {len(rows):,} refused", text, f"refused-{mark}.csv", "text/csv", on_click="ignore")
        if st.button("Leave it"):
            forget()
            incoming.forget()
            st.rerun()
        st.caption(NOTE)


def _accept(page: Page, offered: Offer, table: Table, here: handed.Here) -> None:
    def ask(store: Store) -> Job:
        job = handover.facts(store, page.actor, table, offered)
        forget()
        incoming.forget()
        return job

    handed.accept(page, ask, here)
