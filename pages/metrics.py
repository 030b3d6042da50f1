"""Metrics: all measures, slots, balance, links, benchmarks. Everybody reads it; analysts, leaders, admins change it."""

import streamlit as st

from scorecard import access
from scorecard.core.periods import day
from scorecard.output import causes, comparisons, linked, measure_list
from scorecard.output.theme import escape_sentence
from scorecard.ui import block, card_forms, filters, link_forms, slot_forms, state, views

page = state.page("read_scorecard")
if not page.scorecard:
    st.info("There is no scorecard yet. Load figures first, or look at the sample.")
    st.stop()
view = views.overview(page)
lines, found = view.lines, view.links
may_edit = access.may(page.actor, "edit_measures")


def href(name: str) -> str:
    return block.address("measure", measure=name)


with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
    with st.container(gap="xxsmall", width="content"):
        st.title("Metrics", anchor=False)
        newest = f" · definitions version {view.versions}, {day(view.changed[0].date())}" if view.changed else ""
        slots = len(measure_list.slotted(lines))
        st.caption(f"{len(lines)} measures, {slots} on the {escape_sentence(view.name)} scorecard{newest}")
    with st.container(horizontal=True, width="content", gap="xsmall", key="filters"):
        filters.scorecards(page.scorecards)
        if may_edit:
            slot_forms.new_or_edit(page, lines)
            card_forms.menu(page)

said = causes.sentence(found)
block.draw(measure_list.table(lines, href, [said] if said else []), key="list")
slot_forms.draw(page, lines)

left, right = st.columns([1, 1.95], gap="large")
with left:
    block.draw(measure_list.balance(lines), key="balance")
    rolled = linked.offered(list(view.rollups.values()))
    block.draw(linked.heading(list(view.rollups.values())), key="linked")
    if rolled:
        name = st.selectbox(
            "Measure", list(rolled), format_func=rolled.get, key="rolled up", label_visibility="collapsed"
        )
        block.draw(linked.table(view.rollups[name], page.scorecard) + linked.upwards(view.upwards), key="rollup")
with right:
    block.draw(causes.section(found, href), key="map")
    if may_edit:
        link_forms.links(page, found)

block.draw(comparisons.section(lines, href), key="benchmarks")
if may_edit:
    link_forms.benchmarks(page, any(line.measure.benchmarks for line in lines))
