"""The page Sponsors: the programme, one account opened, its reviews, and what changes them. Kept while the data stay the same."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from scorecard import access, registers
from scorecard.core.commitments import KEPT, MISSED, PLANNED
from scorecard.core.periods import day
from scorecard.maturity import talk
from scorecard.output import part_tables, sponsors_tables
from scorecard.output.sponsors_tables import Ways
from scorecard.output.theme import escape_markdown
from scorecard.relations import sponsors
from scorecard.relations.sponsors import COMMITMENT, SPONSORSHIP, Programme, Sponsored
from scorecard.reviews.commands import bring
from scorecard.store.engine import Store
from scorecard.ui import block, forms, menus, part_menu, register_board, register_forms, state
from scorecard.ui.part_menu import File
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

ACCOUNT, VIEW, RECORDS = "account", "view", "records"
KEPT_PROGRAMMES, AHEAD_DAYS, SHOWN, ALL = 8, 28, 25, "All sponsors"


def address(**query: str) -> str:
    """An address of the page."""
    return block.address("sponsors", **query)


def ways() -> Ways:
    """Where the page leads."""
    return Ways(
        lambda id: address(account=id), lambda id: address(record=f"{SPONSORSHIP}:{id}"), lambda id: address(record=f"{COMMITMENT}:{id}"),
    )  # fmt: skip


def programme(page: Page) -> Programme:
    """The programme as it was read for this version of the data."""
    return _programme(page.store, page.today)


@kept(KEPT_PROGRAMMES)
def _programme(store: Store, today: date) -> Programme:
    return sponsors.read(store, today)


def draw(page: Page) -> None:
    """The view that the address asks for: the programme, or all entries."""
    if st.query_params.get(VIEW) == RECORDS:
        _records(page)
    else:
        _overview(page, programme(page))


def _overview(page: Page, found: Programme) -> None:
    currency = state.house(page.store).organisation.currency
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.title("Sponsors", anchor=False)
            second = st.empty()
        with st.container(horizontal=True, width="content", gap="xsmall", key="filters"):
            shown = found.of(_sponsor(found))
            register_forms.button(page, SPONSORSHIP, "Add an account", key="add a sponsored account")
            _export(page, found)
    second.caption(escape_markdown(sponsors_tables.second_line(found, shown, currency)))
    opened, pages = _opened(found, shown), max(1, -(-len(shown) // SHOWN))
    at = min(int(st.session_state.get("programme page", 1)), pages)
    here = shown[(at - 1) * SHOWN : at * SHOWN]
    block.draw(sponsors_tables.page(found, here, opened.id if opened else "", ways(), currency), key="programme")
    if pages > 1:
        st.pagination(pages, key="programme page")
    if opened:
        _account(page, opened)


def _sponsor(found: Programme) -> str:
    """The sponsor whose accounts are shown, "" for all."""
    names = {ALL: ""} | {name: id for id, name in found.sponsors.items()}
    if len(names) < 3:
        return ""
    return names[st.selectbox("Sponsor", list(names), key="sponsor", label_visibility="collapsed", width=190)]


def _opened(found: Programme, shown: tuple[Sponsored, ...]) -> Sponsored | None:
    """The account of the address, else the first that is one-sided, else the first."""
    asked = st.query_params.get(ACCOUNT, "")[:80]
    named = [one for one in found.accounts if asked in (one.id, one.account)]
    return next(iter((*named, *(one for one in shown if one.one_sided), *shown)), None)


def _export(page: Page, found: Programme) -> None:
    made, parts = page.now, {"Programme": sponsors_tables.programme, "Commitments": sponsors_tables.every}

    def inside() -> None:
        everything = File("**Excel**, programme and commitments", ".xlsx", lambda: part_tables.workbook([part(found) for part in parts.values()], "Sponsors"))
        each = part_menu.parts({title: lambda part=part: part_tables.csv(part(found)) for title, part in parts.items()})
        reviews = File("**Calendar**, review dates", ".ics", lambda: sponsors.calendar(found.accounts, made))
        part_menu.files("sponsors", [everything, *each, reviews])
        if st.button("All entries, files in", icon=":material/list:", type="tertiary", key="sponsor records"):
            block.follow(address(view=RECORDS))

    menus.draw(inside)


def _records(page: Page) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.title("Sponsors: all entries", anchor=False)
        if st.button("Back to the programme", icon=":material/arrow_back:"):
            block.follow(address())
    register_board.board(page, SPONSORSHIP)
    register_board.board(page, COMMITMENT)


# -- one account


def _account(page: Page, one: Sponsored) -> None:
    writes = registers.may_write(page.actor, COMMITMENT)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.header(escape_markdown(one.name), anchor=False)
            st.caption(escape_markdown(sponsors_tables.account_line(one)))
        if writes:
            with st.container(horizontal=True, width="content", gap="xsmall"):
                register_forms.button(page, COMMITMENT, given={"sponsorship": one.id}, key=f"new commitment {one.id}")
                _kept(page, one)
                _review(page, one)
    block.draw(sponsors_tables.account(one, ways()), key="sponsored account")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="medium"):
        with st.container(width=780):  # on a phone the button wraps below it
            block.draw(sponsors_tables.suggested(one), key="suggested")
        if access.may(page.actor, "decide"):
            _agenda(page, one)


def _kept(page: Page, one: Sponsored) -> None:
    """Says of a planned commitment whether it was kept, with what shows it."""
    open_ones = {c.id: c for c in one.commitments if c.state == PLANNED}
    if not open_ones:
        return
    with st.popover("Kept or missed", icon=":material/done:"), st.form(f"kept {one.id}", border=False):
        words = {id: f"{c.what}, {c.side}, {day(c.due)}" for id, c in open_ones.items()}
        id = st.selectbox("Commitment", list(words), format_func=words.get, key=f"kept which {one.id}")
        how = st.segmented_control("It was", [KEPT, MISSED], default=KEPT, required=True, key=f"kept how {one.id}")
        evidence = st.text_input("Evidence, or what happened instead", max_chars=160, key=f"kept evidence {one.id}", placeholder="minutes of 12 Mar")
        link = st.text_input("Where it can be read :gray[(optional)]", max_chars=500, key=f"kept link {one.id}", placeholder="https://")
        if st.form_submit_button("Save", type="primary"):
            forms.save(f"settle {id}", page.store, lambda store: sponsors.settle(store, page.actor, id, how, evidence, link, open_ones[id].version), f"Written down as {how}.")


def _review(page: Page, one: Sponsored) -> None:
    """The next review is set, and the last one said to have been held."""
    with st.popover("Review", icon=":material/event:"):
        st.caption(f"Next: {day(one.next_review)}." if one.next_review else "No review date is set.")
        first = one.next_review if one.next_review and one.next_review >= page.today else page.today + timedelta(days=AHEAD_DAYS)
        on = st.date_input("Next review", first, min_value=page.today, key=f"review {one.id} {one.version}", format="YYYY-MM-DD")
        if st.button("Set the date", type="primary", key=f"set review {one.id}"):
            forms.save(f"review {one.id}", page.store, lambda store: sponsors.plan_review(store, page.actor, one.id, on, one.version, page.today),
                       f"The review stands in the calendar on {day(on)}.")
        held = st.date_input("It was held on", min(one.next_review or page.today, page.today), max_value=page.today, key=f"held {one.id} {one.version}", format="YYYY-MM-DD")
        if st.button("It was held", key=f"review held {one.id}"):
            forms.save(f"held {one.id}", page.store, lambda store: sponsors.review_held(store, page.actor, one.id, held, one.version, page.today), "The review is written down as held.")


def _agenda(page: Page, one: Sponsored) -> None:
    """One button: the account becomes an item of the next monthly review."""
    if not page.scorecards:
        return
    if st.button("Put on the agenda", icon=":material/event_available:", type="primary", key=f"agenda {one.id}"):
        with page.store.read() as tx:
            card, period = talk.next_review(tx, page.today)
        item, title = sponsors.agenda_item(one), sponsors.agenda_title(one)
        forms.save(f"agenda {one.id}", page.store, lambda store: bring(store, page.actor, card, period, item, title),
                   f"{one.name} is on the agenda of the {period.label} review.")
