"""Who comes by a personal link: no sidebar, no other page, only the form of their cycle."""

from __future__ import annotations

from dataclasses import asdict, replace

import streamlit as st

from scorecard import diary, maturity
from scorecard.access import Actor
from scorecard.errors import NotAllowed
from scorecard.maturity import Draft, Sheet, answering, invitations
from scorecard.output import assess_tables
from scorecard.output.theme import escape_sentence
from scorecard.sharing import hash_of
from scorecard.store.engine import Store
from scorecard.ui import block, gate, maturity_assess, maturity_views, mode, state
from scorecard.ui.maturity_assess import Desk
from scorecard.ui.pieces import Piece
from scorecard.ui.state import Page

PINNED = "invitation of this session"
_component = Piece("kept_answers", '<span class="kept"></span>\n')
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
    secret = token()
    try:
        guest = _opened(secret)
    except NotAllowed as refusal:
        _ended(secret, str(refusal))
        return
    desk = _desk(_page(guest), guest, secret)
    sheet = desk.sheet()
    _strip(desk.page, sheet.cycle)
    maturity_views.answer(desk, sheet, ())
    _keep(desk, desk.sheet())


def _opened(secret: str) -> invitations.Guest:
    """Who comes by the link. Raises NotAllowed, also for who is signed in as somebody else."""
    store = state.store()
    return invitations.opened(store, secret, state.today(store), signed_in(store))


def signed_in(store: Store) -> Actor | None:
    """Who is signed in, in the browser in which a link is opened; None is nobody, and where nobody signs in."""
    return None if mode.current().local else gate.who(store)


def _keep(desk: Desk, sheet: Sheet) -> None:
    """What was chosen stays in this browser until it is sent; a window that begins anew with none goes on from there."""
    kept = {practice: _said(draft) for practice, draft in sheet.drafts.items()}
    over = sheet.finished or not sheet.cycle.open
    found = _component(key=f"kept {desk.cycle}", on_found_change=lambda: None, data={
        "name": hash_of(f"{desk.cycle} {desk.page.actor.person}")[:24], "answers": {} if over else kept, "over": over,
        "until": sheet.cycle.closes.isoformat(), "today": desk.page.today.isoformat()})
    if found.found and not kept and not over and desk.window is not None:
        desk.window.update(answering.taken_up(sheet, found.found))
        st.rerun()


def _said(draft: Draft) -> dict[str, object]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(draft).items() if name in answering.KEPT}


def _page(guest: invitations.Guest) -> Page:
    """The state of a run for the guest: nobody is chosen at the keyboard, and nobody can be."""
    opened = state.store()
    return Page(opened, guest.actor, state.today(opened), state.now(), (), "", None, "")


def _desk(page: Page, guest: invitations.Guest, secret: str) -> Desk:
    def again() -> Page:
        return replace(page, actor=_opened(secret).actor)

    def href(**query: str) -> str:
        return block.address(invitations.PAGE, **{invitations.TOKEN: secret}, **query)

    # Another link in the same window is another person's, or another cycle's.
    window = st.session_state.setdefault(f"answers of {guest.actor.person} {guest.cycle.id}", {})
    return Desk(page, again, guest.cycle.id, href, alone=True, window=window, link=guest.link)


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
