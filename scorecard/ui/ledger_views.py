"""Account ledgers: which view the address asks for, the list of accounts, and what is kept of all ledgers."""

from __future__ import annotations

from datetime import date

import streamlit as st

from scorecard import registers
from scorecard.output import ledger_list, ledger_trust, ledger_twins, sensory_tables, tables
from scorecard.relations import book, confidence
from scorecard.relations.book import Book
from scorecard.relations.confidence import Confidence
from scorecard.store import ledger as rows
from scorecard.store.engine import Store
from scorecard.ui import block, filters, ledger_account, ledger_export, register_board, register_forms
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

PAGE, VIEW, ACCOUNT = "ledger", "view", "account"
SIZE, KEPT = 20, 32
FURTHER = {"trust": "Trust", "entries": "Deposits and asks", "promises": "Promises", "wrong": "When things went wrong", "policies": "Policies applied", "rules": "Kinds and gift policy"}
BOARDS = {"entries": ("deposit", "ask"), "promises": ("promise",), "wrong": ("recovery",), "policies": ("policy_case",), "rules": ("ledger_kind", "gift_limit")}
RECORDS = {register: view for view, registers in BOARDS.items() for register in registers}


def address(view: str = "", **query: str) -> str:
    """The address of a view of the page."""
    return block.address(PAGE, view=view, **query)


def draw(page: Page) -> None:
    """The view of the address: one account, a board of records, or the list."""
    account, view = st.query_params.get(ACCOUNT, "")[:120], st.query_params.get(VIEW, "")[:40]
    register = st.query_params.get(register_forms.RECORD, "").partition(":")[0]
    if not view and not account and register in RECORDS:
        view = st.query_params[VIEW] = RECORDS[register]
    if view == "trust":
        _trust(page)
    elif view in BOARDS:
        _boards(page, view, account)
    elif account:
        ledger_account.draw(page, account)
    else:
        _list(page)


def _boards(page: Page, view: str, account: str) -> None:
    """The registers behind a view, of one account when it is named."""
    above = (("Account ledgers", address()), *((("The account", address(account=account)),) if account else ()))
    block.draw(sensory_tables.crumbs(above, FURTHER[view]), key="crumbs")
    st.title(FURTHER[view], anchor=False)
    for register in BOARDS[view]:
        own = {"account": account, "given": {"account": account}} if account and register not in ("ledger_kind", "gift_limit") else {}
        register_board.board(page, register, **own)


def _trust(page: Page) -> None:
    """Trust over all accounts: answers, corners, policies."""
    block.draw(sensory_tables.crumbs((("Account ledgers", address()),), FURTHER["trust"]), key="crumbs")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.title(FURTHER["trust"], anchor=False)
            st.caption("What customers answered, use beside trust, and whether policies are the same for everybody")
        with st.container(horizontal=True, width="content", gap="xsmall", key="filters"):
            filters.segments(segments(page))
            register_forms.button(page, "policy_case", "Log a policy case", key="log a case")
            found = trusted(page, chosen(page))
            ledger_export.draw("trust", lambda: ledger_twins.trust(found), ledger_twins.TRUST)
    block.draw(_drawn(page.store, page.today, chosen(page)), key="trust")


def _list(page: Page) -> None:
    names, segment = segments(page), chosen(page)
    found = whole(page, segment)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.title("Account ledgers", anchor=False)
            st.caption("What we gave and what we asked, account by account · for the team only, a customer is never shown a balance")
        with st.container(horizontal=True, width="content", gap="xsmall", key="filters"):
            filters.segments(names)
            if registers.may_write(page.actor, "deposit") and st.button("Log a deposit", icon=":material/volunteer_activism:", key="log a deposit"):
                st.switch_page(block.page_file("log"))
            ledger_export.draw("ledgers", lambda: (ledger_twins.accounts(found, _named(page.store, found)), ledger_twins.acceptance(found)), ledger_twins.BOOK)
    block.draw(sensory_tables.further(FURTHER, address), key="further")
    block.draw(tables.says(_sentences(page.store, page.today, segment)), key="ledger sentences")
    _accounts(page, found, segment)


@st.fragment
def _accounts(page: Page, found: Book, segment: str) -> None:
    """The accounts by pages, with search and what to keep of them."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        words = st.text_input("Search", key="ledger words", placeholder="Search an account", label_visibility="collapsed", width=240)
        way = st.pills("Accounts", list(book.FILTERS), default=book.USED if found.standings else book.ALL, required=True, format_func=book.FILTERS.get, key="ledger way", label_visibility="collapsed")
    way = book.ALL if words and way == book.USED else way or book.ALL  # who searches looks for an account, with or without a ledger
    at = max(1, int(st.session_state.get("ledger page", 1)))
    only = _narrowed(page.store, page.today, segment, way)
    total, shown = book.page(page.store, found, words, segment, only, SIZE, (at - 1) * SIZE)
    if not shown and total:
        at, (total, shown) = 1, book.page(page.store, found, words, segment, only, SIZE, 0)
    if not total:
        narrowed = words or segment or way
        block.draw(f'<p class="mut">{"Nothing is found. Take a word or a filter away." if narrowed else ledger_list.EMPTY}</p>', key="no accounts")
        return
    block.draw(ledger_list.accounts(shown, lambda id: address(account=id)), key="accounts")
    pages = -(-total // SIZE)
    if pages > 1:
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.caption(f"{(at - 1) * SIZE + 1:,} to {(at - 1) * SIZE + len(shown):,} of {total:,}, alphabetical")
            st.pagination(pages, key="ledger page")


def _named(store: Store, found: Book) -> list[tuple[str, str, str, str]]:
    """The accounts that have a ledger, alphabetical."""
    own = tuple(found.standings)
    with store.read_facts() as tx:
        return rows.accounts(tx, "", "", own, len(own) or 1, 0)


# -- what is kept


def segments(page: Page) -> tuple[str, ...]:
    """The segments of the accounts, alphabetical."""
    return _segments(page.store, page.today)


def chosen(page: Page) -> str:
    """The segment of the address where there is one of that name, else ""."""
    return page.segment if page.segment in segments(page) else ""


def whole(page: Page, segment: str = "") -> Book:
    """All ledgers, as they were put together from the data as they stand."""
    return _whole(page.store, page.today, segment)


def trusted(page: Page, segment: str = "") -> Confidence:
    """Trust over all accounts, as it was put together from the data as they stand."""
    return _trusted(page.store, page.today, segment)


# Kept as they are, not copied: they are frozen.
@kept(KEPT)
def _segments(store: Store, today: date) -> tuple[str, ...]:
    with store.read_facts() as tx:
        return tuple(rows.segments(tx))


@kept(KEPT)
def _trusted(store: Store, today: date, segment: str) -> Confidence:
    return confidence.read(store, today, segment)


@kept(KEPT)
def _drawn(store: Store, today: date, segment: str) -> str:
    return ledger_trust.page(_trusted(store, today, segment), lambda id: address(account=id), address("policies"))


@kept(KEPT)
def _whole(store: Store, today: date, segment: str) -> Book:
    return book.read(store, today, segment)


@kept(KEPT)
def _narrowed(store: Store, today: date, segment: str, way: str) -> tuple[str, ...] | None:
    return book.narrowed(store, _whole(store, today, segment), segment, way)


@kept(KEPT)
def _sentences(store: Store, today: date, segment: str) -> tuple:
    found = _whole(store, today, segment)
    with store.read_facts() as tx:
        sided = found.having(book.ONE_SIDED) or ()
        names = {id: name for id, name, *_ in rows.accounts(tx, "", "", sided, len(sided) or 1, 0)}
    return tuple(book.sentences(found, names))
