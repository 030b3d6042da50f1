"""Hand-offs on the page Work: the section with its drawing and table, one hand-off, the records, and the quick dialog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from scorecard import registers
from scorecard.core.reading import Sentence
from scorecard.output import sensory_tables, tables, work_handoff_twins, work_handoffs
from scorecard.output.theme import escape_markdown
from scorecard.output.work_handoffs import Ways
from scorecard.registers import Entry
from scorecard.store.engine import Store
from scorecard.ui import block, downloads, forms, register_board, register_forms, work_touchpoints
from scorecard.ui.kept import kept
from scorecard.ui.state import Page
from scorecard.work import handoffs
from scorecard.work.handoffs import ACCEPTED, COMPLETED, RETURNED, SENT, Contract, Overview

VIEW, HANDOFF = "handoffs", "handoff"
KEPT, FEW = 16, 8
OUTCOMES = {ACCEPTED: "Accepted as it was", RETURNED: "Sent back", SENT: "Not answered yet"}
NEW, OPEN = "new", "open"
LAST = "last hand-off contract"


@dataclass(frozen=True)
class Shown:
    """The hand-offs of one version of the data, and their drawing."""

    found: Overview
    drawn: str


def address(**query: str) -> str:
    """The address of the records of hand-offs."""
    return block.address("work", view=VIEW, **query)


def ways() -> Ways:
    """Where the drawing leads."""
    return Ways(lambda id: block.address("work", handoff=id), lambda id: address(record=f"{handoffs.REGISTER}:{id}"), address())


def shown(page: Page) -> Shown:
    """The hand-offs, of the segment that the page asks for."""
    return _shown(page.store, page.today, page.segment)


@kept(KEPT)
def _shown(store: Store, today: date, segment: str) -> Shown:
    found = handoffs.read(store, today, handoffs.of_segment(store, segment) if segment else None)
    named = [one.account for one in found.examples] + [one.one.account for one in found.waiting[: handoffs.MOST_WAITING]]
    return Shown(found, work_handoffs.section(found, ways(), handoffs.account_names(store, named)))


def sentences(page: Page) -> tuple[Sentence, ...]:
    """What hand-offs say first on the page."""
    return shown(page).found.sentences


# -- the section of the page


def draw(page: Page) -> None:
    """The hand-offs: drawing, table, the worst with its examples, what waits; and the buttons that record one."""
    found = shown(page)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        with st.container(horizontal=True, vertical_alignment="bottom", width="content", gap="small"):
            st.subheader("Hand-offs between departments", anchor=False, width="content")
            if found.found.lines:
                st.caption(work_handoffs.caption(found.found), width="content")
        _button(page, found.found)
    if not found.found.lines:
        _empty(page)
        return
    block.draw(found.drawn, key="hand-offs")


def _button(page: Page, found: Overview) -> None:
    if registers.may_write(page.actor, handoffs.REGISTER) and found.lines and st.button("Record a hand-off", icon=":material/swap_horiz:", key="record hand-off"):
        dialog(page)


def _empty(page: Page) -> None:
    st.caption("No hand-off has a contract yet: what one department hands to another, with the fields that the receiver needs and the time it may take. "
               "With it, what comes back is counted, and the missing fields have names.")
    register_forms.button(page, handoffs.CONTRACT, "Write the first contract", key="first hand-off contract")


# -- one hand-off, and the records


def one(page: Page, id: str) -> None:
    """One hand-off with its charts, missing fields, feedback to the sender and its records."""
    found = shown(page)
    line = next((each for each in found.found.lines if each.contract.id == id), None)
    if line is None:
        st.info("There is no such hand-off in force. It may have been retired; its contract stands among the records.")
        return
    block.draw(sensory_tables.crumbs((("Work", block.address("work")), ("Hand-offs", address())), work_handoffs.way(line)), key="crumbs")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.title(escape_markdown(work_handoffs.way(line)), anchor=False)
            st.caption(escape_markdown(f"{line.contract.what} · {work_handoffs.read_on(line.contract.read_on)}"))
        if registers.may_write(page.actor, handoffs.REGISTER) and st.button("Record a hand-off", icon=":material/swap_horiz:", type="primary", key="record this hand-off"):
            dialog(page, id)
    block.draw(work_handoffs.whole(line, address(record=f"{handoffs.CONTRACT}:{id}")), key="one hand-off")
    register_board.board(page, handoffs.FEEDBACK, where={"contract": id}, given={"contract": id}, page_name="work", key="loops of one")
    register_board.board(page, handoffs.REGISTER, where={"contract": id}, given={"contract": id}, page_name="work", key="records of one")


def records(page: Page) -> None:
    """The registers of hand-offs: what was handed over, what was told to senders, the contracts; each with files in and out."""
    block.draw(sensory_tables.crumbs((("Work", block.address("work")),), "Hand-offs"), key="crumbs")
    st.title("Hand-offs", anchor=False)
    if shown(page).found.lines:
        with st.container(horizontal=True, gap="xsmall"):
            _button(page, shown(page).found)
            downloads.button("CSV of the charts", lambda: work_handoff_twins.csv(shown(page).found).encode("utf-8-sig"), "hand-offs.csv",
                             icon=":material/csv:", key="hand-offs csv")  # fmt: skip
            downloads.button("Excel, with touch points", lambda: work_handoff_twins.workbook(shown(page).found, work_touchpoints.shown(page), "Hand-offs"),
                             "hand-offs.xlsx", icon=":material/table:", key="hand-offs xlsx")  # fmt: skip
        block.draw(tables.says(sentences(page)), key="hand-offs say")
    register_board.board(page, handoffs.REGISTER)
    register_board.board(page, handoffs.FEEDBACK)
    register_board.board(page, handoffs.CONTRACT)


# -- the quick dialog


def dialog(page: Page, contract: str = "") -> None:
    """The dialog that records one hand-off, or answers one that waits."""
    st.dialog("Record a hand-off", width="medium")(_record)(page, contract)


def _record(page: Page, contract: str) -> None:
    agreed = handoffs.contracts(page.store)
    waits = shown(page).found.waiting
    if waits and st.segmented_control("Record", [NEW, OPEN], default=NEW, required=True, key="hand-off which", label_visibility="collapsed",
                                      format_func={NEW: "A new one", OPEN: f"One that waits ({len(waits):,})"}.get) == OPEN:
        _answer(page)
        return
    of = _chosen(agreed, contract)
    account = register_forms.field(page, handoffs.REGISTER, "account", None, "hand-off account")
    outcome = st.segmented_control("The receiver", list(OUTCOMES), default=ACCEPTED, required=True, format_func=OUTCOMES.get, key="hand-off outcome")
    missing = _missing(of, "new") if outcome == RETURNED else []
    said = st.text_input("In a few words :gray[(optional)]", max_chars=200, key="hand-off words")
    if st.button("Save", type="primary", key="hand-off save"):
        def saved(store: Store) -> None:
            handoffs.record(store, page.actor, of.id, account=account or "", outcome=outcome, missing=missing, words=said, today=page.today)
            st.session_state[LAST] = of.id
            register_forms.settle(page, registers.register(handoffs.REGISTER))

        forms.save("record hand-off", page.store, saved, "The hand-off is recorded.")


def _chosen(agreed: Sequence[Contract], contract: str) -> Contract:
    """The contract: one press where they are few, with that of the last time chosen already."""
    first = contract or str(st.session_state.get(LAST, ""))
    words = {one.id: f"{one.what} ({work_handoffs.between(one)})" for one in agreed}
    begin = first if first in words else agreed[0].id
    if len(words) <= FEW:
        id = st.pills("Hand-off", list(words), default=begin, required=True, format_func=lambda id: escape_markdown(words[id]), key=f"hand-off contract {contract}")
    else:
        id = st.selectbox("Hand-off", list(words), index=list(words).index(begin), format_func=words.get, key=f"hand-off contract {contract}")
    return next(one for one in agreed if one.id == id)


def _missing(of: Contract, key: str) -> list[str]:
    """The fields of the contract of which one or more were missing."""
    if not of.fields:
        st.caption("The contract names no fields yet. Write them into it first: what is sent back says which one was missing.")
        return []
    return st.pills("What was missing", list(of.fields), selection_mode="multi", format_func=escape_markdown, key=f"hand-off missing {key} {of.id}") or []


def _answer(page: Page) -> None:
    """Answers one that waits: accepted, sent back for a field, or completed."""
    waits = {one.one.id: one for one in shown(page).found.waiting}
    names = handoffs.account_names(page.store, [one.one.account for one in waits.values()])
    words = {id: f"{names.get(one.one.account, one.one.account) or 'No account'}, {one.contract.what}, {one.days} days" for id, one in waits.items()}
    id = st.selectbox("Which", list(waits), format_func=words.get, key="hand-off open")
    entry, of = _entry(page, id), waits[id].contract
    if entry.state == RETURNED:
        st.caption(escape_markdown(f"Sent back for: {', '.join(waits[id].one.missing)}"))
        outcome, missing = COMPLETED, []
    else:
        answers = {ACCEPTED: OUTCOMES[ACCEPTED], RETURNED: OUTCOMES[RETURNED]}
        outcome = st.segmented_control("The receiver", list(answers), default=ACCEPTED, required=True, format_func=answers.get, key="hand-off answer")
        missing = _missing(of, id) if outcome == RETURNED else []
    if st.button("It is complete now" if outcome == COMPLETED else "Save", type="primary", key="hand-off answer save"):
        def saved(store: Store) -> None:
            handoffs.answer(store, page.actor, id, outcome, missing=missing, seen_version=entry.version, today=page.today)
            register_forms.settle(page, registers.register(handoffs.REGISTER))

        forms.save(f"answer hand-off {id}", page.store, saved, "The hand-off is answered.")


def _entry(page: Page, id: str) -> Entry:
    with page.store.read() as tx:
        return registers.one(tx, handoffs.REGISTER, id)
