"""Who comes by a personal link: no sidebar, no other page, only the form of their cycle."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from scorecard import diary, maturity
from scorecard.errors import NotAllowed
from scorecard.maturity import invitations
from scorecard.output import assess_tables
from scorecard.output.theme import escape_sentence
from scorecard.ui import block, maturity_assess, maturity_views, state
from scorecard.ui.maturity_assess import Desk
from scorecard.ui.state import Page

PINNED = "invitation of this session"
STYLE = """<style>
[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"], [data-testid="stHeader"] { display: none; }
.stMainBlockContainer { max-width: 1104px; padding-top: 0; }
.st-key-strip { margin: 0 calc(50% - 50vw); width: 100vw !important; max-width: none; padding-bottom: 14px; }
</style>"""


def pinned() -> bool:
    """Whether this session came by a personal link: it sees no other page until its window is closed."""
    return PINNED in st.session_state


def token() -> str:
    """The secret of the address; the one that this session began with stays, when an address has none."""
    given = st.query_params.get(invitations.TOKEN, "")[:200] or str(st.session_state.get(PINNED, ""))
    if given:
        st.session_state[PINNED] = given
    return given


def draw() -> None:
    """The whole page."""
    st.html(STYLE)
    store, secret = state.store(), token()
    today = state.today(store)
    try:
        guest = invitations.opened(store, secret, today)
    except NotAllowed as refusal:
        _ended(secret, str(refusal))
        return
    desk = _desk(_page(guest), guest, secret)
    sheet = desk.sheet()
    _strip(desk.page, sheet.cycle)
    maturity_views.answer(desk, sheet, ())


def _page(guest: invitations.Guest) -> Page:
    """The state of a run for the guest: nobody is chosen at the keyboard, and nobody can be."""
    opened = state.store()
    return Page(opened, guest.actor, state.today(opened), state.now(), (), "", None, "")


def _desk(page: Page, guest: invitations.Guest, secret: str) -> Desk:
    def again() -> Page:
        return replace(page, actor=invitations.opened(page.store, secret, state.today(page.store)).actor)

    def href(**query: str) -> str:
        return block.address(invitations.PAGE, **{invitations.TOKEN: secret}, **query)

    # Another link in the same window is another person's, or another cycle's.
    window = st.session_state.setdefault(f"answers of {guest.actor.person} {guest.cycle.id}", {}) if guest.cycle.anonymous else None
    return Desk(page, again, guest.cycle.id, href, alone=True, window=window)


def _strip(page: Page, cycle: maturity.Cycle) -> None:
    with page.store.read() as tx:
        after = next((one for one in diary.listed(tx, maturity.DIARY) if one.open and one.planned > cycle.closes), None)
    name = state.house(page.store).organisation.name
    with st.container(key="strip"):
        block.draw(assess_tables.strip(name, cycle, after.planned if after else None), key="strip block")


def _ended(secret: str, refusal: str) -> None:
    """Why the link does not answer; what was typed and could not be saved stays on the screen."""
    with st.container(key="strip"):
        block.draw(assess_tables.strip("", None, None), key="strip block")
    st.title("This link does not answer", anchor=False)
    st.info(escape_sentence(refusal))
    for field, text in maturity_assess.unsaved():
        st.text_area(f"Not saved: {field}", text, disabled=True)
