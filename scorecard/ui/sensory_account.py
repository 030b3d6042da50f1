"""An account opened on the page Sensory: two months to compare, points, why it changed, history, comments."""

from __future__ import annotations

from datetime import date

import streamlit as st

from scorecard.access import Actor
from scorecard.core.periods import Period
from scorecard.errors import ScorecardError
from scorecard.output import sensory_account, sensory_tables
from scorecard.output.theme import escape_markdown, escape_sentence
from scorecard.sensory import accounts, scoring
from scorecard.sensory.accounts import Opened
from scorecard.store.engine import Store
from scorecard.ui import block, downloads, register_board, register_forms, state
from scorecard.ui.kept import kept
from scorecard.ui.state import Page

KEPT = 32


def draw(page: Page, account: str) -> None:
    """The whole view."""
    home = block.address("sensory")
    try:
        found = _opened(page.store, page.today, account, page.actor)
    except ScorecardError as refusal:
        block.draw(sensory_tables.crumbs((("Sensory", home),), "Account"), key="crumbs")
        st.title("Account", anchor=False)
        st.info(escape_sentence(refusal))
        return
    block.draw(sensory_tables.crumbs((("Sensory", home),), found.health.name), key="crumbs")
    symbol = state.house(page.store).organisation.currency
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.title(escape_markdown(found.health.name), anchor=False)
            st.caption(escape_markdown(sensory_account.second_line(found, symbol)))
        with st.container(horizontal=True, width="content", vertical_alignment="bottom", gap="xsmall"):
            found = _between(page, found)
            register_forms.button(page, "comment", "Log a comment", {"account": found.health.account}, key="log a comment")
            downloads.button("CSV", lambda: sensory_account.csv(found).encode("utf-8-sig"), f"health-{found.health.account}.csv",
                             icon=":material/csv:", key="account csv")  # fmt: skip
    st.markdown(escape_markdown(scoring.sentence(found.health)))
    block.draw(sensory_account.page(found), key="account")
    register_board.board(page, "comment", key="account comments", title="Logged about this account", account=found.health.account,
                         given={"account": found.health.account}, size=6)


def _between(page: Page, found: Opened) -> Opened:
    """The account between the two chosen months; the latest and the one before it without a choice."""
    months = {one.month.label: one.month for one in reversed(found.past)}
    if len(months) < 2:
        return found
    names = list(months)
    to = st.selectbox("Month", names[:-1], key=f"to {found.health.account}", width=160)
    earlier = names[names.index(to) + 1 :]
    since = st.selectbox("Compared with", earlier, key=f"from {found.health.account} {to}", width=160)
    return _read(page, found, months[to], months[since])


def _read(page: Page, found: Opened, month: Period, since: Period) -> Opened:
    same = found.health.month == month and found.since == since
    return found if same else _opened(page.store, page.today, found.health.account, page.actor, month, since)


# Kept as it is, not copied: it is frozen.
@kept(KEPT)
def _opened(store: Store, today: date, account: str, actor: Actor, month: Period | None = None,
            since: Period | None = None) -> Opened:
    return accounts.read(store, account, today, month, since, actor)
