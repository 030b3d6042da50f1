"""One account of the page Account ledgers: time line, entries, may we ask, promises; logging, asking, keeping a promise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from scorecard import registers
from scorecard.core.ledger import asks_near
from scorecard.core.reading import Sentence
from scorecard.errors import ScorecardError
from scorecard.output import ledger_tables, ledger_trust, ledger_twins, sensory_tables
from scorecard.output.ledger_tables import Ways
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.relations import confidence, ledger, readiness, trust
from scorecard.relations.confidence import Corners
from scorecard.relations.ledger import Ledger
from scorecard.relations.readiness import Ready
from scorecard.relations.trust import Promise, Trust
from scorecard.store.engine import Store
from scorecard.ui import block, forms, ledger_export, planning_plan, register_forms, state
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

PAGE, KEEP, KEPT = "ledger", "keep", 32


@dataclass(frozen=True)
class Opened:
    """One account with everything that its page shows."""

    ledger: Ledger
    ready: tuple[Ready, ...]
    trust: Trust
    said: tuple[Sentence, ...]


def draw(page: Page, account: str) -> None:
    """The whole view."""
    home = block.address(PAGE)
    try:
        found = opened(page, account)
    except ScorecardError as refusal:
        block.draw(sensory_tables.crumbs((("Account ledgers", home),), "Account"), key="crumbs")
        st.title("Account", anchor=False)
        st.info(escape_sentence(refusal))
        return
    own = found.ledger
    block.draw(sensory_tables.crumbs((("Account ledgers", home),), own.head.name), key="crumbs")
    symbol = state.house(page.store).organisation.currency
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.title(escape_markdown(own.head.name), anchor=False)
            st.caption(escape_markdown(ledger_tables.second_line(own, symbol)))
        with st.container(horizontal=True, width="content", gap="xsmall"):
            _buttons(page, found)
    planning_plan.of_account(page, own.head.id)
    block.draw(ledger_tables.page(own, found.ready, found.trust, _beside(page, own), found.said, _ways(page, own)), key="ledger")
    _asked(page, found)


def _beside(page: Page, own: Ledger) -> str:
    """Use beside trust of the segment, with this account in it; nothing where nothing is known."""
    return _drawn(page.store, own.head.segment, own.head.id)


def _ways(page: Page, own: Ledger) -> Ways:
    id = own.head.id
    may = registers.may_write(page.actor, trust.PROMISE)
    return Ways(lambda record: block.address(PAGE, account=id, record=record), (lambda key: block.address(PAGE, account=id, keep=key)) if may else None,
                block.address(PAGE, view="entries", account=id))


def _buttons(page: Page, found: Opened) -> None:
    own, given = found.ledger, {"account": found.ledger.head.id}
    if registers.may_write(page.actor, ledger.DEPOSIT) and st.button("Log a deposit", icon=":material/volunteer_activism:", key="log a deposit"):
        st.dialog("New deposit", width="medium")(_deposit)(page, own)
    register_forms.button(page, ledger.ASK, "Prepare an ask", given=given, key="prepare an ask", type="primary")
    register_forms.button(page, trust.PROMISE, "Promise", given=given, key="new promise")
    register_forms.button(page, trust.RECOVERY, "Went wrong", given=given, key="new recovery", help="Something went wrong for this customer")
    ledger_export.draw(f"ledger-{own.head.id}", lambda: ledger_twins.account(own, found.ready, found.trust), ledger_twins.ACCOUNT)


def _deposit(page: Page, own: Ledger) -> None:
    """The form of a deposit, with what to think of first: an ask that is near, and the gift policy."""
    for ask in asks_near(page.today, own.asks)[:1]:
        days = (ask.on - page.today).days
        told = {0: "A gift on the same day", 1: "A gift the day before it"}.get(days, f"A gift {ledger.number(days)} days before it")
        st.warning(f"**An ask is planned for {readiness.long_day(ask.on)}.** {told} can look like a price. Give it if you would anyway.")
    if own.gifts:
        symbol = state.house(page.store).organisation.currency
        year = f", {symbol}{own.gifts.year:,.0f} for one account in twelve months ({symbol}{own.spent:,.0f} so far)" if own.gifts.year is not None else ""
        st.caption(escape_sentence(f"Gift policy: {symbol}{own.gifts.each:,.0f} for one gift{year}."))
    register_forms.form(page, ledger.DEPOSIT, given={"account": own.head.id}, key=f"deposit of {own.head.id}")


# -- a promise is kept


def _asked(page: Page, found: Opened) -> None:
    """Opens the promise of the address to be kept; a link is followed once."""
    key = st.query_params.get(KEEP, "")[:160]
    if not key:
        return
    del st.query_params[KEEP]
    one = next((one for one in found.trust.promises if one.key == key), None)
    if one is None:
        st.info("There is no such promise of this account.")
    elif registers.may_write(page.actor, trust.PROMISE):
        st.dialog("Keep a promise", width="small")(_keep)(page, found.ledger.head.id, one)


def _keep(page: Page, account: str, one: Promise) -> None:
    st.markdown(f"**{escape_markdown(one.what)}**")
    st.caption(escape_sentence(f"Due {readiness.long_day(one.due)} {one.due.year}" + (f", {one.by}" if one.by else "")))
    done = st.date_input("Kept on", value=page.today, max_value=page.today, key=f"kept {one.key}")
    told = ""
    if isinstance(done, date) and done > one.due:
        told = st.pills("We told them that it would be late", list(trust.TOLD), format_func=trust.TOLD.get, default=one.told or None, key=f"told {one.key}") or ""
    if st.button("It is kept", type="primary", key=f"keep {one.key}"):
        def kept(store: Store) -> None:
            trust.keep(store, page.actor, account, one.key, done, told, page.today)
            register_forms.settle(page, registers.register(trust.PROMISE))

        forms.save(f"keep {one.key}", page.store, kept, "The promise is kept." if done <= one.due else "Kept late. It is written down.")


# -- what is kept


def opened(page: Page, account: str) -> Opened:
    """The account as it was read from the data as they stand. Raises ScorecardError when there is none."""
    return _opened(page.store, page.today, account)


# Kept as it is, not copied: it is frozen.
@kept(KEPT)
def _opened(store: Store, today: date, account: str) -> Opened:
    own = ledger.read(store, account, today)
    ready, trusted = readiness.read(store, own), trust.read(store, own.head.id, today)
    symbol = state.house(store).organisation.currency
    said = (ledger.balance_sentence(own), ledger.bunched_sentence(own), ledger.gift_sentence(own, symbol), readiness.sentence(ready), trust.sentence(trusted))
    return Opened(own, ready, trusted, tuple(one for one in said if one))


@kept(KEPT)
def _drawn(store: Store, segment: str, account: str) -> str:
    found = _corners(store, segment)
    return ledger_trust.corners(found, account=account, heading="h3") if found.points else ""


@kept(KEPT)
def _corners(store: Store, segment: str) -> Corners:
    return confidence.corners(store, segment)
