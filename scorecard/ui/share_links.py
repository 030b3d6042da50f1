"""The section Share links of the page Settings: what each shows, who made it, when it ends, how often it was opened."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from scorecard import access, reviews, sharing
from scorecard.core.periods import day
from scorecard.output import links
from scorecard.sharing import Share
from scorecard.ui import block, forms, share_menu, state, views
from scorecard.ui.state import Page


def draw(page: Page) -> None:
    """The list of links, and for who may make them: change the end, revoke."""
    share_menu.show_made()
    names = {card.id: card.name for card in page.scorecards}
    found = sharing.listed(page.store, page.actor)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.header("Share links", anchor=False)
        if access.may(page.actor, "make_links"):
            _menus(page, [share for share in found if share.open_on(page.today)], names)
    if not found:
        st.caption(
            "No link yet. Share, on the scorecard, makes a read-only page of a month for people without the product."
        )
        return
    signed = frozenset((card, period) for card, period, _ in reviews.signed(page.store))
    block.draw(links.table(found, names, page.today, signed, sharing.days(page.store, page.actor)), key="links")


def _menus(page: Page, found: list[Share], names: dict[str, str]) -> None:
    with st.container(horizontal=True, width="content", gap="xsmall"):
        if found:
            _menu(page, found, names)
        if not state.is_empty(page.store):
            with st.popover("New link", icon=":material/add_link:", type="primary"):
                share_menu.link_form(page, views.month(page))


def _menu(page: Page, found: list[Share], names: dict[str, str]) -> None:
    chosen = st.menu_button("Change a link", ["Change the end", "Revoke"], key="change link")
    if chosen == "Change the end":
        _change_end(page, found, names)
    elif chosen == "Revoke":
        _revoke(page, found, names)


def _choose(found: list[Share], names: dict[str, str]) -> Share:
    labels = {
        share.id: f"{links.shows(share, names)}, made {day(share.made_at.date())} by {share.made_by}" for share in found
    }
    chosen = st.selectbox("Link", list(labels), format_func=labels.get)
    return next(share for share in found if share.id == chosen)


@st.dialog("Change the end of a link")
def _change_end(page: Page, found: list[Share], names: dict[str, str]) -> None:
    share = _choose(found, names)
    ends = st.date_input(
        "Ends on",
        share.ends_on,
        min_value=page.today,
        max_value=page.today + timedelta(days=sharing.LONGEST),
        key=f"end of {share.id}",
    )
    if st.button("Save", type="primary", key="save end"):
        forms.save(
            "end of link",
            page.store,
            lambda store: sharing.change_end(store, page.actor, share.id, ends, page.today, share.ends_on),
            f"The link ends on {day(ends)}.",
        )


@st.dialog("Revoke a link")
def _revoke(page: Page, found: list[Share], names: dict[str, str]) -> None:
    share = _choose(found, names)
    st.markdown("Who opens it will read that it ended. A revoked link cannot be opened again.")
    if st.button("Revoke the link", type="primary", key="revoke"):
        forms.save(
            "revoke link", page.store, lambda store: sharing.revoke(store, page.actor, share.id), "The link is revoked."
        )
