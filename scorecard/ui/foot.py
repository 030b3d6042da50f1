"""The foot of the sidebar: who sits at the keyboard, and whether the figures are a sample."""

from __future__ import annotations

import streamlit as st

from scorecard import access, sample
from scorecard.output.theme import escape_markdown
from scorecard.store.engine import Store
from scorecard.store.members import Member
from scorecard.ui import forms, gate, mode, state

NO_SIGN_IN = "On this machine only: choosing a name here is no sign-in."


def draw(log: st.Page | None) -> None:
    """The way to the page where something is logged, the chooser of the person, with the sentence that it is no sign-in, and the notice of a sample."""
    store = state.store()
    house = state.house(store)
    with st.sidebar, st.container(key="foot", gap="xxsmall"):
        if log and access.may(state.actor(store), "log_records"):
            st.page_link(log, label="Log a touch or deposit", icon=":material/edit_square:")
        if not mode.current().local:
            _signed_in(store)
        elif house.members:
            _person(store, house.members)
            st.caption(NO_SIGN_IN)
        else:
            st.caption(NO_SIGN_IN)
        if house.organisation.sample:
            _sample(store, house.organisation.name)


def _person(store: Store, members: dict[str, Member]) -> None:
    if st.session_state.get(state.PERSON) not in members:
        st.session_state[state.PERSON] = state.actor(store).person
    st.selectbox(
        "Person at the keyboard",
        list(members),
        key=state.PERSON,
        persist_state="session",
        format_func=lambda person: f"{members[person].person.name} · {members[person].role}",
        label_visibility="collapsed",
    )


def _signed_in(store: Store) -> None:
    person = state.actor(store)
    if person is None:
        return
    st.caption(f"**{escape_markdown(person.name)}** · {person.role}")
    if st.button("Sign out", type="tertiary", icon=":material/logout:", key="sign out"):
        gate.leave(store)


def _sample(store: Store, name: str) -> None:
    st.caption(f"Sample data: {escape_markdown(name)}, a fictional company.")
    person = state.actor(store)
    if not access.may(person, "load_files"):
        return
    with st.popover("Remove the sample", type="tertiary"):
        st.markdown("Its figures, limits, notes and people go, with all that was recorded since it came. Your own settings stay.")
        if st.button("Remove it", type="primary", key="remove sample"):
            forms.save("remove sample", store, lambda once: sample.remove(once, person), "The sample is removed.")
