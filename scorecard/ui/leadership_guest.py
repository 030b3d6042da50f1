"""Who comes by a personal link to a feedback round: no sidebar, no other page, only that form."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from scorecard.errors import NotAllowed
from scorecard.leadership import rounds
from scorecard.leadership.rounds import Guest
from scorecard.output import leadership_rounds
from scorecard.output.theme import escape_sentence
from scorecard.ui import block, leadership_answer, maturity_guest, state
from scorecard.ui.leadership_answer import Desk
from scorecard.ui.state import Page

PINNED = "feedback link of this session"


def pinned() -> bool:
    """Whether this session came by a link to a feedback round: it sees no other page until its window is closed."""
    return PINNED in st.session_state


def here() -> bool:
    """Whether the address, or else the session, is that of a feedback round and of no maturity cycle."""
    return bool(st.query_params.get(rounds.TOKEN)) or pinned() and not st.query_params.get(maturity_guest.invitations.TOKEN)


def _token() -> str:
    given = st.query_params.get(rounds.TOKEN, "")[:200] or str(st.session_state.get(PINNED, ""))
    if given:
        st.session_state[PINNED] = given
    return given


def draw() -> None:
    """The whole page."""
    st.html(maturity_guest.STYLE)
    store, secret = state.store(), _token()
    try:
        guest = _opened(secret)
    except NotAllowed as refusal:
        _ended(str(refusal))
        return
    page = _page(guest)
    _strip(state.house(store).organisation.name, f"feedback to a leader, {guest.round.title}")
    leadership_answer.draw(Desk(page, lambda: replace(page, actor=_opened(secret).actor), guest.round.id, alone=True))


def _opened(secret: str) -> Guest:
    """Who comes by the link. Raises NotAllowed, also for who is signed in as somebody else."""
    store = state.store()
    return rounds.opened(store, secret, state.today(store), maturity_guest.signed_in(store))


def _page(guest: Guest) -> Page:
    """The state of a run for the guest: nobody is chosen at the keyboard, and nobody can be."""
    opened = state.store()
    return Page(opened, guest.actor, state.today(opened), state.now(), (), "", None, "")


def _strip(organisation: str, told: str) -> None:
    with st.container(key="strip"):
        block.draw(leadership_rounds.strip(organisation, told), key="strip block")


def _ended(refusal: str) -> None:
    """Why the link does not answer; what was typed and could not be saved stays on the screen."""
    _strip("", "")
    st.title("This link does not answer", anchor=False)
    st.info(escape_sentence(refusal))
    for name, text in list(st.session_state.items()):
        if str(name).startswith("feedback ") and isinstance(text, str) and text not in ("", leadership_answer.UNSURE) and name != PINNED:
            st.text_area("Not sent", text, disabled=True, key=f"kept {name}")
