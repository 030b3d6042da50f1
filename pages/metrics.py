"""Metrics: all measures, ten slots, the trade-in. Everybody may read it; analysts, leaders and admins change it."""

import streamlit as st

from scorecard import access
from scorecard.output import measure_list
from scorecard.ui import block, filters, slot_forms, state, views

page = state.page("read_scorecard")
lines = views.lines(page) if page.scorecard else ()
names = {card.id: card.name for card in page.scorecards}
slots = len(measure_list.slotted(lines))

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
    with st.container(gap="xxsmall", width="content"):
        st.title("Metrics", anchor=False)
        st.caption(f"{len(lines)} measures, {slots} on the {names.get(page.scorecard, '')} scorecard")
    with st.container(horizontal=True, width="content", gap="xsmall", key="filters"):
        filters.scorecards(page.scorecards)
        if access.may(page.actor, "edit_measures"):
            if st.button("New measure", icon=":material/add:"):
                slot_forms.new_measure(page)
            if st.button("New scorecard", icon=":material/add_chart:"):
                slot_forms.new_scorecard(page)

block.draw(measure_list.table(lines, lambda name: block.address("measure", measure=name)), key="list")
slot_forms.draw(page, lines)
block.draw(measure_list.balance(lines), key="balance")
