"""Planning and review: from objective to tactic, the calendar, and what would change the plan."""

import streamlit as st

from scorecard.output import tables
from scorecard.output.theme import escape_markdown
from scorecard.ui import block, planning_plan, planning_tree, register_forms, state

VIEWS = {planning_plan.VIEW: planning_plan.records, planning_plan.PLANS_VIEW: planning_plan.plans}
RECORDS = planning_plan.RECORDS


def overview(page: state.Page) -> None:
    """Sentences first, then each part of the page."""
    shown = planning_tree.shown(page)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.title("Planning and review", anchor=False)
            st.caption(escape_markdown(shown.second_line))
        with st.container(horizontal=True, width="content", gap="xsmall", key="filters"):
            planning_tree.choose(page)
            planning_plan.edit(page)
    said = shown.sentences
    if said:
        block.draw(tables.says(said), key="planning says")
    planning_tree.draw(page)


page = state.page("read_scorecard")
opened = st.query_params.get(register_forms.RECORD, "").partition(":")[0] or st.query_params.get(register_forms.LOG, "")
if opened in RECORDS and not st.query_params.get("view"):
    st.query_params["view"] = RECORDS[opened]
VIEWS.get(st.query_params.get("view", "")[:40], overview)(page)
register_forms.asked(page)
