"""A file of facts on the Data page: recognised once for each set of answers, corrected by select boxes, accepted as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from scorecard import exports, handover, moves
from scorecard.core.facts import KINDS
from scorecard.exports import Offer
from scorecard.intake.mapping import LEFT_OUT
from scorecard.intake.settled import Place
from scorecard.intake.table import Table
from scorecard.output import export_tables, intake_tables
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.store.engine import Store
from scorecard.store.jobs import Job
from scorecard.ui import block, downloads, handed, incoming
from scorecard.ui.state import Page

_OFFER = "incoming offer"
MOST_BOXES = 60
SIDES, ROW = (1, 1.75), (2.5, 1.6, 2.1)
# Streamlit has no table whose cells are its own inputs: rows of columns, as dense as the design's tables.
_STYLE = """<style>
[class*="st-key-places"] { font-size: 13px; line-height: 17px; }
[class*="st-key-places"] [data-testid="stHorizontalBlock"] {
  padding: 4px 0; border-bottom: 1px solid rgb(128 140 153 / 0.28); min-height: 42px; }
[class*="st-key-places"] .placehead { display: grid; grid-template-columns: 1.11fr 1.39fr 1.6fr 0.93fr 1.17fr; gap: 8px 16px;
  opacity: 0.78; font-size: 12px; padding-bottom: 6px; border-bottom: 1px solid currentColor; }
[class*="st-key-places"] .place { display: grid; grid-template-columns: 1fr 1.25fr; gap: 10px; align-items: center; }
[class*="st-key-places"] .quiet { opacity: 0.78; overflow-wrap: anywhere; }
[class*="st-key-places"] .judged { display: flex; gap: 7px; align-items: center; white-space: nowrap; }
[class*="st-key-places"] .unsure { font-weight: 600; }
[class*="st-key-places"] [data-baseweb="select"] > div { min-height: 32px; font-size: 13px; }
@media (max-width: 640px) {
  [class*="st-key-places"] .placehead { display: none; }
  [class*="st-key-places"] [data-testid="stHorizontalBlock"] { gap: 4px; padding: 8px 0; }
}
</style>"""
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
    with st.spinner(f"{escape_sentence(table.name)} is being looked at."):
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
    left, right = st.columns(SIDES, gap="large")
    with left:
        block.draw(export_tables.understood(offered, zone), key="understood")
        correct_kind(offered.proposed.kinds[0])
    with right:
        block.draw(export_tables.columns_title(), key="columns")
        _rows(offered)
        incoming.ask(more=offered.proposed.questions)
    if offered.proposal:
        block.draw(export_tables.effect(offered), key="effect")
    spot = st.container()
    _actions(page, offered, table, here)
    if offered.ready:
        with spot:
            incoming.moved(page.store, str(table.path), lambda: moves.of_facts(page.store, page.actor, offered.proposal))


def correct_kind(kind: str = "") -> None:
    """A select box for what the file holds, also when nothing was recognised."""
    incoming.correct("kind", "What the file holds", kind, {"": "Not recognised", **{name: one.label for name, one in KINDS.items()}})


def _rows(offered: Offer) -> None:
    options = {LEFT_OUT: "Leave it out"} | {f"{kind}.{column.name}": _words(offered, kind, column.label)
                                            for kind in offered.proposed.kinds for column in KINDS[kind].columns}
    scope = incoming.corrections().get("kind", "")
    rows(offered.proposed.places, lambda one: incoming.correct(f"column:{one.name}", one.name, (one.targets or (LEFT_OUT,))[0], options,
                                                               scope, hidden=True))


def rows(places: Sequence[Place], box: Callable[[Place], None], key: str = "places") -> None:
    """A row a column with the select box of where it goes; those that are left out stand below, folded."""
    st.html(_STYLE)
    used = [one for one in places if one.confidence != "left out"]
    rest = [one for one in places if one.confidence == "left out"]
    with st.container(key=key, gap=None):
        st.html(export_tables.columns_head())
        for one in used:
            _row(one, box)
    if rest:
        with st.expander(f"{intake_tables.count(len(rest), 'column')} left out"), st.container(key=f"{key} left", gap=None):
            for one in rest[:MOST_BOXES]:
                _row(one, box)
            if len(rest) > MOST_BOXES:
                st.caption(f"{len(rest) - MOST_BOXES:,} more are left out. A map file reaches them all: "
                           "python -m scorecard load FILE --map MAP.")


def _row(one: Place, box: Callable[[Place], None]) -> None:
    name, choice, seen = st.columns(ROW, gap="small", vertical_alignment="center")
    name.html(export_tables.named(one))
    with choice:
        if one.targets or one.confidence == "left out":
            box(one)
        else:
            st.caption(escape_markdown(one.goes_to))
    seen.html(export_tables.judged(one, block.mode()))


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
            downloads.button(f"Download the {len(rows):,} refused", lambda: text, "refused.csv", icon=None, key="refused csv")
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
