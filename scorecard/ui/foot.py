"""The foot of the sidebar: who sits at the keyboard, and whether the figures are a sample."""

from __future__ import annotations

import streamlit as st

from scorecard import access, organisation, sample
from scorecard.output.theme import escape_markdown
from scorecard.store.engine import Store
from scorecard.ui import forms, state

NO_SIGN_IN = "On this machine only: choosing a name here is no sign-in."


def draw() -> None:
    """The chooser of the person, with the sentence that it is no sign-in, and the notice of a sample."""
    store = state.store()
    members = {member.person.id: member for member in organisation.keyboard_members(store)}
    with st.sidebar, st.container(key="foot", gap="xxsmall"):
        if members:
            _person(store, members)
        st.caption(NO_SIGN_IN)
        if sample.is_loaded(store):
            _sample(store)


def _person(store: Store, members: dict) -> None:
    chosen = state.actor(store)
    st.session_state.setdefault(state.PERSON, chosen.person)
    st.selectbox("Person at the keyboard", list(members), key=state.PERSON, persist_state="session",
                 format_func=lambda person: f"{members[person].person.name} · {members[person].role}",
                 label_visibility="collapsed")


def _sample(store: Store) -> None:
    name = organisation.organisation(store).name
    st.caption(f"Sample data: {escape_markdown(name)}, a fictional company.")
    person = state.actor(store)
    if not access.may(person, "load_files"):
        return
    with st.popover("Remove the sample", type="tertiary"):
        st.markdown("Its figures, limits, notes and people go, with all that was recorded since it came. Your own settings stay.")
        if st.button("Remove it", type="primary", key="remove sample"):
            forms.save("remove sample", store, lambda once: sample.remove(once, person), "The sample is removed.")
