"""The board of a register on any page: search, states, the table by pages, new entries, CSV in and out, what was withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from scorecard import looking, registers
from scorecard.core.registers_file import Register
from scorecard.errors import ScorecardError
from scorecard.output import register_tables
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.registers import Entry, Imported
from scorecard.store.engine import Store
from scorecard.ui import block, downloads, forms, own_reads, register_forms, state
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

SIZE = 12
ALL = "all"
OFFERED = ("csv", "tsv", "txt", "xlsx")


@st.fragment
def board(
    page: Page, register: str, *, key: str = "", title: str | None = None, told: str = "", account: str | None = None, person: str | None = None,
    state: str | tuple[str, ...] | None = None, since: date | None = None, until: date | None = None, where: Mapping[str, str] | None = None,
    given: Mapping[str, Any] | None = None, size: int = SIZE, page_name: str = "",
) -> None:  # fmt: skip
    """A register with its entries, the forms that change it and its files. Only the entries that are asked for are read.

    `account`, `person`, `state`, `since`, `until` and `where` narrow it for good; `given` are the values of a new entry;
    `title` "" leaves the heading out; `told` stands beside it; `page_name` is the page on which an entry opens.
    """
    of, name = registers.register(register), key or f"board {register}"
    if not registers.may_read(page.actor, register):
        return
    fixed = {"account": account, "person": person, "state": state, "since": since, "until": until, "where": where}
    everything = _count(page, of, fixed)
    _head(page, of, name, of.label if title is None else title, told, given, everything, fixed)
    if not everything:
        block.draw(register_tables.empty(of), key=f"{name} empty")
        return
    _entries(page, of, name, fixed, size, page_name, everything)


def _head(page: Page, of: Register, name: str, title: str, told: str, given: Mapping[str, Any] | None, everything: int, fixed: Mapping[str, Any]) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        with st.container(horizontal=True, vertical_alignment="bottom", width="content", gap="small"):
            if title:
                st.subheader(title, anchor=False, width="content")
            if told:
                st.caption(escape_markdown(told), width="content")
        with st.container(horizontal=True, width="content", gap="xsmall"):
            register_forms.button(page, of.id, given=given, key=f"{name} new")
            with st.popover("Files", icon=":material/folder_open:", help="CSV out and in, and what was withdrawn"):
                _files(page, of, name, everything, fixed)


def _entries(page: Page, of: Register, name: str, fixed: Mapping[str, Any], size: int, page_name: str, everything: int) -> None:
    wanted = _narrowed(page, of, name, fixed, everything > size)
    total = _count(page, of, wanted) if _is_narrower(wanted, fixed) else everything
    pages = max(1, -(-total // size))
    at = min(int(st.session_state.get(f"{name} page", 1)), pages)
    found = _listed(page, of, wanted, size, (at - 1) * size)
    if not found:
        st.caption("Nothing is found. Take a word or a filter away.")
        return
    looking.looked(page.store, page.actor, of, found, page.today)
    names = _names(page, of, found)
    currency = state.house(page.store).organisation.currency
    drawn = register_tables.board(of, found, names, currency=currency, href=lambda entry: register_forms.address(of, entry, page_name))
    block.draw(drawn, key=f"{name} table")
    if pages > 1:
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.caption(f"{(at - 1) * size + 1:,} to {(at - 1) * size + len(found):,} of {total:,}")
            st.pagination(pages, key=f"{name} page")


def _mark(wanted: Mapping[str, Any]) -> str:
    """One text for what is asked for."""
    return repr(sorted(wanted.items()))


def _count(page: Page, of: Register, wanted: Mapping[str, Any]) -> int:
    def ask() -> int:
        with page.store.read() as tx:
            return registers.count(tx, of.id, **wanted, actor=page.actor)

    return own_reads.read(page, ("count", of.id, _mark(wanted)), ask)


def _listed(page: Page, of: Register, wanted: Mapping[str, Any], limit: int, offset: int) -> list[Entry]:
    def ask() -> list[Entry]:
        with page.store.read() as tx:
            return registers.entries(tx, of.id, **wanted, limit=limit, offset=offset, actor=page.actor)

    return own_reads.read(page, ("entries", of.id, _mark(wanted), limit, offset), ask)


def _is_narrower(wanted: Mapping[str, Any], fixed: Mapping[str, Any]) -> bool:
    return bool(wanted.get("words")) or wanted["state"] != fixed["state"]


# Kept as it is, not copied: nobody changes it.
@kept(register_forms.KEPT)
def _labels(store: Store, register: str, which: tuple[tuple[str, int], ...], _found: Sequence[Entry]) -> dict[tuple[str, str], str]:
    return registers.labels(store, registers.register(register), _found)


def _names(page: Page, of: Register, found: Sequence[Entry]) -> dict[tuple[str, str], str]:
    """The names of what the entries refer to; of what not everybody sees nothing is kept from one reader to the next."""
    if of.rows != "all" or any(field.kind == "entry" and registers.register(field.of).rows != "all" for field in of.fields):
        which = tuple((one.id, one.version) for one in found)
        return own_reads.read(page, ("labels", of.id, which), lambda: registers.labels(page.store, of, found, page.actor))
    return _labels(page.store, of.id, tuple((one.id, one.version) for one in found), found)


def _narrowed(page: Page, of: Register, name: str, fixed: Mapping[str, Any], many: bool) -> dict[str, Any]:
    """What is asked for: what stands for good, a state, and words, where there is something to choose from."""
    wanted, by_state = dict(fixed), _states(page, of, fixed)
    if not (many or len(by_state) > 1 or st.session_state.get(f"{name} words")):
        return wanted
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        wanted["words"] = st.text_input("Search", key=f"{name} words", placeholder="Search", label_visibility="collapsed", width=220)
        if len(by_state) > 1:
            words = {ALL: "All"} | {id: f"{of.state(id).label} {count:,}" for id, count in by_state.items()}
            chosen = st.pills("State", list(words), default=ALL, required=True, format_func=words.get, key=f"{name} state", label_visibility="collapsed")
            wanted["state"] = fixed["state"] if chosen == ALL else chosen
    return wanted


def _states(page: Page, of: Register, fixed: Mapping[str, Any]) -> dict[str, int]:
    if not of.states or fixed["state"]:
        return {}
    def ask() -> dict[str, int]:
        with page.store.read() as tx:
            return registers.by_state(tx, of.id, page.actor, **fixed)

    return {id: count for id, count in own_reads.read(page, ("states", of.id, _mark(fixed)), ask).items() if count}


# ---- files -----------------------------------------------------------------------------------------------------------


def _files(page: Page, of: Register, name: str, everything: int, fixed: Mapping[str, Any]) -> None:
    if everything:
        downloads.button(f"**CSV**, {everything:,} {'entry' if everything == 1 else 'entries'}",
                         lambda: register_tables.csv(page.store, page.actor, of.id, page.today, **fixed).encode("utf-8-sig"), f"{of.id}.csv",
                         icon=":material/csv:", key=f"{name} csv", type="tertiary")  # fmt: skip
    if not registers.may_write(page.actor, of.id):
        return
    if st.button("Read from a file", icon=":material/upload:", key=f"{name} import", type="tertiary"):
        st.dialog(f"{of.label} from a file", width="large")(_import)(page, of, name)
    if st.button("Withdrawn ones", icon=":material/history:", key=f"{name} withdrawn", type="tertiary"):
        st.dialog(f"Withdrawn: {of.label.lower()}", width="large")(_withdrawn)(page, of, name)


def _import(page: Page, of: Register, name: str) -> None:
    fields = ", ".join(f"{field.name}{'*' if field.required else ''}" for field in of.fields)
    st.caption(f"Columns are named like the fields or their labels; * is needed in every row. {escape_markdown(fields)}. Days as 2026-10-31; "
               "several values with | between them.")
    upload = st.file_uploader("CSV, TSV or Excel", type=list(OFFERED), key=f"{name} upload")
    if upload is None:
        return
    try:
        found, numbers = register_tables.read_file(page.store, page.actor, of.id, upload.getvalue(), upload.name)
        looked = registers.import_rows(page.store, page.actor, of.id, found, page.today, dry_run=True, numbers=numbers)
    except ScorecardError as refusal:
        st.error(escape_sentence(f"{refusal} Nothing is stored."))
        return
    _show(of, looked)
    ready = looked.added + looked.changed
    if ready and st.button(f"Store {ready:,} {'entry' if ready == 1 else 'entries'}", type="primary", key=f"{name} store"):
        def stored(store: Store) -> None:
            registers.import_rows(store, page.actor, of.id, found, page.today, numbers=numbers)
            register_forms.settle(page, of)

        forms.save(f"import {name}", page.store, stored, f"{ready:,} stored.")


def _show(of: Register, looked: Imported) -> None:
    st.markdown(register_tables.outcome(of, looked.added, looked.changed, looked.known, len(looked.refused), False))
    if looked.passed_over:
        st.caption(f"Columns that are no fields are passed over: {escape_markdown(', '.join(looked.passed_over))}.")
    if looked.refused:
        block.draw(register_tables.refused(looked.refused), key="refused rows")


def _withdrawn(page: Page, of: Register, name: str) -> None:
    with page.store.read() as tx:
        found = registers.withdrawn(tx, of.id, page.actor)
    looking.looked(page.store, page.actor, of, [one.entry for one in found], page.today)
    if not found:
        st.caption("Nothing was withdrawn.")
    for one in found:
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            why = f": {one.reason}" if one.reason else ""
            st.markdown(f"{escape_markdown(one.entry.title)} :gray[{escape_markdown(one.entry.author + why)}]")
            if registers.may_restore(page.store, page.actor, one.entry) and st.button("Bring it back", key=f"{name} restore {one.entry.id}"):
                _restore(page, of, one.entry.id)


def _restore(page: Page, of: Register, id: str) -> None:
    def restored(store: Store) -> None:
        registers.restore(store, page.actor, of.id, id)
        register_forms.settle(page, of)

    forms.save(f"restore {id}", page.store, restored, f"The {of.one} stands again.")
