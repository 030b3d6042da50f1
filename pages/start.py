"""The empty store: a sample company, or your own figures. Everybody may read it; analysts, leaders and admins load."""

import streamlit as st

from scorecard import access, sample
from scorecard.output import beginning
from scorecard.output.theme import escape_sentence
from scorecard.ui import block, forms, state

page = state.page("read_scorecard")
if not state.is_empty(page.store):
    st.switch_page(block.page_file("scorecard"))
may_load = access.may(page.actor, "load_files")

st.title("Nothing is loaded yet.", anchor=False)
st.markdown("Two ways to begin. You can take the other one later, and nothing you do here is hard to undo.")

left, right = st.columns(2, gap="medium")
with left, st.container(border=True, height="stretch", key="card sample"):
    block.draw(beginning.sample(sample.preview()), key="about sample")
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Look at the sample", type="primary", disabled=not may_load):
            with st.spinner("The sample company is being loaded."):
                forms.save(
                    "sample",
                    page.store,
                    lambda store: sample.load(store, page.actor, page.today),
                    "The sample is loaded.",
                )
        st.caption("Kept apart from your data, removed with one click.")
with right, st.container(border=True, height="stretch", key="card load"):
    block.draw(beginning.load(), key="about load")
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Choose a file", disabled=not may_load):
            st.switch_page(block.page_file("data"))
        st.caption("You see what was understood before anything is stored.")
if not may_load:
    st.caption(
        f"Loading needs an analyst, a leader or an admin; {escape_sentence(page.actor.name)} is {page.actor.role}. "
        "Choose another person at the foot of the sidebar."
    )

block.draw(beginning.after(), key="what comes after")
