"""The page Advocacy: pipeline, who may be asked, referrals, thanks, worth. What is read is kept while the data stay the same."""

from __future__ import annotations

from datetime import date

import streamlit as st

from scorecard import registers, worth
from scorecard.core.reading import Sentence
from scorecard.errors import StudyRefused
from scorecard.output import advocacy_tables, part_tables
from scorecard.output.part_tables import Table
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.relations import advocacy, book
from scorecard.relations.advocacy import ADVOCATE, ASK, REFERRAL, RULE, SHEET, THANKS, Board, Worth
from scorecard.store.engine import Store
from scorecard.ui import advocacy_sheet, block, filters, menus, part_menu, register_board, register_forms, state
from scorecard.ui.part_menu import File
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

VIEW, RECORDS = "view", "records"
KEPT, SHOWN = 16, 12
BOARDS = (ADVOCATE, REFERRAL, THANKS, SHEET, RULE, worth.WORTH_INPUT)


def address(**query: str) -> str:
    """An address of the page."""
    return block.address("advocacy", **query)


def board(page: Page, segment: str) -> Board:
    """The page as it was read from the data as they stand."""
    return _board(page.store, page.today, segment)


@kept(KEPT)
def _board(store: Store, today: date, segment: str) -> Board:
    return advocacy.read(store, today, segment)


@kept(KEPT)
def _worth(store: Store, today: date) -> Worth | str:
    """The worth, or in words why it cannot be computed."""
    try:
        return advocacy.worth_of_year(store, _board(store, today, ""))
    except StudyRefused as refusal:
        return str(refusal)


@kept(KEPT)
def _accepted(store: Store, today: date, segment: str) -> Sentence | None:
    """Whether asks after a deposit were agreed to more; None while they cannot be compared."""
    found = book.read(store, today, segment)
    return book.accepted(found) if found.reading else None


@kept(KEPT)
def _segments(store: Store, today: date) -> tuple[str, ...]:
    return advocacy.segments(store)


def draw(page: Page) -> None:
    """The view that the address asks for: the page, or all entries."""
    if st.query_params.get(VIEW) == RECORDS:
        _records(page)
    else:
        _overview(page)


def _overview(page: Page) -> None:
    names = _segments(page.store, page.today)
    segment = page.segment if page.segment in names else ""
    found, made = board(page, segment), _worth(page.store, page.today)
    currency = state.house(page.store).organisation.currency
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.title("Advocacy", anchor=False)
            st.caption(escape_markdown(advocacy_tables.second_line(found)))
        with st.container(horizontal=True, width="content", gap="xsmall", key="filters"):
            filters.segments(names)
            register_forms.button(page, ADVOCATE, "Name a candidate", key="name a candidate")
            _export(page, found, made)
    accepted = _accepted(page.store, page.today, segment)
    block.draw(advocacy_tables.says(found, accepted, made if isinstance(made, Worth) and not segment else None, currency), key="advocacy says")
    if found.empty:
        _plan(page)
        return
    block.draw(advocacy_tables.pipeline(found), key="pipeline")
    left, right = st.columns((1, 1.3), gap="large")
    with left:
        _asking(page, found, currency)
    with right:
        _prepared(page, found)
    if not segment:
        _worth_part(page, made, currency)


def _plan(page: Page) -> None:
    register_forms.button(page, ASK, "Plan an ask", key="plan an ask")


def _asking(page: Page, found: Board, currency: str) -> None:
    pages = max(1, -(-len(found.references) // SHOWN))
    at = min(int(st.session_state.get("references page", 1)), pages)
    shown = found.references[(at - 1) * SHOWN : at * SHOWN]
    block.draw(advocacy_tables.references(found, shown, lambda id: address(record=f"{ADVOCATE}:{id}")), key="references")
    if pages > 1:
        st.pagination(pages, key="references page")
    block.draw(advocacy_tables.referrals(found, currency), key="referrals and thanks")
    if registers.may_write(page.actor, THANKS):
        with st.container(horizontal=True, gap="xsmall"):
            register_forms.button(page, REFERRAL, "Log a referral", key="log a referral")
            register_forms.button(page, THANKS, "Log thanks", key="log thanks")


def _prepared(page: Page, found: Board) -> None:
    asked = st.query_params.get(advocacy_sheet.ASKED, "")[:80] or next((one.id for one in found.planned), "")
    if asked:
        advocacy_sheet.draw(page, asked)
    else:
        st.header("Ask prepared", anchor=False)
        st.caption("No ask is planned. Plan one, and its sheet is filled from the records.")
    _plan(page)
    others = advocacy_tables.planned(found.planned, _ask_address, asked) + advocacy_tables.planned(found.open, _ask_address, asked, "Not answered yet")
    block.draw(others + advocacy_tables.principles(found), key="planned and principles")


def _ask_address(id: str) -> str:
    return address(ask=id)


def _worth_part(page: Page, made: Worth | str, currency: str) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", gap="small"):
        st.header("What advocacy is worth", anchor=False, width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center", gap="small"):
            st.caption("every assumption can be changed; nothing is hidden in the sum", width="content")
            register_forms.button(page, worth.WORTH_INPUT, "Change an assumption", key="change an assumption")
    if isinstance(made, str):
        st.error(escape_sentence(f"The assumptions do not go together. {made}"))
    else:
        block.draw(advocacy_tables.worth(made, currency, block.address("improvement", view="advocacy")), key="worth")


def _export(page: Page, found: Board, made: Worth | str) -> None:
    known = made if isinstance(made, Worth) else None

    def tables() -> list[Table]:
        return advocacy_tables.twins(found, known)

    def inside() -> None:
        everything = File("**Excel**, all parts", ".xlsx", lambda: part_tables.workbook(tables(), "Advocacy"))
        titles = advocacy_tables.PARTS if known else advocacy_tables.PARTS[:-1]
        each = part_menu.parts({title: lambda at=at: part_tables.csv(tables()[at]) for at, title in enumerate(titles)})
        part_menu.files("advocacy", [everything, *each])
        if st.button("All entries, files in", icon=":material/list:", type="tertiary", key="advocacy records"):
            block.follow(address(view=RECORDS))

    menus.draw(inside)


def _records(page: Page) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.title("Advocacy: all entries", anchor=False)
        if st.button("Back to the page", icon=":material/arrow_back:"):
            block.follow(address())
    for register in BOARDS:
        register_board.board(page, register, page_name="advocacy")
