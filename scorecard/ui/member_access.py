"""Who is signed in, where people sign in: sessions with what ends them, personal links, the account of a provider."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from scorecard import access
from scorecard.core.periods import day
from scorecard.organisation import Member
from scorecard.output.theme import escape_markdown
from scorecard.signin import accounts, links, modes, sessions
from scorecard.store.signin import Session
from scorecard.ui import forms, mode, share_menu, state
from scorecard.ui.state import Page

_MADE = "sign-in link just made"


def wanted() -> bool:
    """Whether people sign in here at all."""
    return not mode.current().local


def menu(page: Page, found: tuple[Member, ...]) -> None:
    """The menu of the section Members; nothing on a machine where nobody signs in."""
    if not wanted():
        return
    _show_made()
    helped = {one.person.id: one for one in found if one.person.id == page.actor.person or sessions.may_help(page.actor, one)}
    with st.popover("Sign-in", icon=":material/key:"):
        if not helped:
            return
        own = page.actor.person if page.actor.person in helped else next(iter(helped))
        chosen = st.selectbox("Member", list(helped), list(helped).index(own), format_func=lambda id: helped[id].person.name, key="signed-in member")
        _sessions(page, helped[chosen])
        if mode.current().name == modes.LINK and sessions.may_help(page.actor, helped[chosen]) and helped[chosen].active:
            _links(page, helped[chosen])
        if mode.current().name == modes.OIDC and access.may(page.actor, "manage_members"):
            _account(page, helped[chosen])


def _sessions(page: Page, member: Member) -> None:
    held = sessions.of(page.store, page.actor, member.person.id, page.now)
    if not held:
        st.caption(f"{escape_markdown(member.person.name)} is signed in nowhere.")
        return
    for one in held:
        words, button = st.columns([4, 1], vertical_alignment="center")
        words.markdown(f"**{escape_markdown(one.agent)}** since {_moment(page, one.made_at)}, last seen {_moment(page, one.seen_at)}")
        if button.button("End", key=f"end {one.mark}"):
            _end(page, member, one)
    if len(held) > 1 and st.button("End all of them", key=f"end all {member.person.id}"):
        _end(page, member, None)
    st.caption("A session ends by itself after eight hours, or thirty minutes without a click.")


def _end(page: Page, member: Member, one: Session | None) -> None:
    forms.save(f"end session {member.person.id}", page.store, lambda store: sessions.revoke(store, page.actor, member.person.id, one.mark if one else "", page.now),
               f"{member.person.name} is signed out there." if one else f"{member.person.name} is signed out everywhere.")


def _links(page: Page, member: Member) -> None:
    waiting = [one for one, holder in links.listed(page.store, page.actor, page.now) if holder.person.id == member.person.id]
    for one in waiting:
        st.markdown(f"A sign-in link by {escape_markdown(one.made_by)} answers until {_moment(page, one.ends_at)}.")
    if waiting and st.button("End the link", key=f"unlink {member.person.id}"):
        forms.save(f"unlink {member.person.id}", page.store, lambda store: links.revoke(store, page.actor, member.person.id, page.now), "The link answers no more.")
    words = "Make a new link" if waiting else "Make a sign-in link"
    if st.button(words, type="primary", icon=":material/add_link:", key=f"link {member.person.id}"):
        forms.save(f"link {member.person.id}", page.store, lambda store: _make(store, page, member), "")


def _make(store: object, page: Page, member: Member) -> None:
    made = links.issue(store, page.actor, member.person.id, page.now)
    st.session_state[_MADE] = (made.name, (mode.current().address or share_menu.origin()) + made.path, _moment(page, made.link.ends_at))


def _show_made() -> None:
    made = st.session_state.pop(_MADE, None)
    if made:
        _show(*made)


@st.dialog("Copy the link now")
def _show(name: str, address: str, ends: str) -> None:
    st.code(address, language=None, wrap_lines=True)
    st.markdown(f"It signs {escape_markdown(name)} in once, until {ends}, and is shown this once. Send it to nobody else: whoever opens it first is {escape_markdown(name)} here.")


def _account(page: Page, member: Member) -> None:
    found = accounts.of(page.store, page.actor, member.person.id)
    if found is None:
        st.caption("Has not signed in yet. The first account with this e-mail will be the only one.")
        return
    st.markdown(f"Signs in with an account of {escape_markdown(found.issuer)} since {_moment(page, found.bound_at)}" + (", by a group there." if found.by_group else "."))
    if st.button("Forget this account", key=f"forget {member.person.id}", help="For a new provider, or a new account there: the next one with this e-mail takes its place."):
        forms.save(f"forget {member.person.id}", page.store, lambda store: accounts.forget(store, page.actor, member.person.id, page.now), "The account is forgotten.")


def _moment(page: Page, moment: datetime) -> str:
    """The moment where the organisation is: `14:05`, or with its day when that is not today."""
    there = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(state.house(page.store).organisation.time_zone))
    return f"{there:%H:%M}" if there.date() == page.today else f"{day(there.date())}, {there:%H:%M}"
