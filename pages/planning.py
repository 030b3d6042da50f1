"""Planning and review: from objective to tactic, the calendar, and what would change the plan."""

import streamlit as st

from scorecard.output import tables
from scorecard.output.theme import escape_markdown
from scorecard.ui import block, planning_calendar, planning_export, planning_plan, planning_proforma, planning_scenarios, planning_tree, planning_triggers, register_forms, state

page = state.page("read_scorecard")
VIEWS = {planning_plan.VIEW: planning_plan.records, planning_plan.PART_VIEW: planning_plan.part, planning_plan.PLANS_VIEW: planning_plan.every_plan,
         planning_triggers.VIEW: planning_triggers.records, planning_proforma.VIEW: planning_proforma.records,
         planning_scenarios.VIEW: planning_scenarios.records}  # fmt: skip
LAST = "planning view"


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
            planning_export.draw(page)
    said = (*shown.sentences[:3], *planning_calendar.sentences(page), *planning_triggers.sentences(page))
    if said:
        block.draw(tables.says(said), key="planning says")
    planning_tree.draw(page)
    planning_calendar.draw(page)
    planning_triggers.draw(page)
    planning_scenarios.draw(page)
    planning_proforma.draw(page)
    planning_plan.draw(page)


opened = st.query_params.get(register_forms.RECORD, "").partition(":")[0]
if opened and "view" not in st.query_params:
    # An entry opens over the view from which it was chosen; one whose place is elsewhere, over that.
    st.query_params["view"] = st.session_state.get(LAST) or (planning_plan.RECORDS | planning_triggers.RECORDS | planning_proforma.RECORDS | planning_scenarios.RECORDS).get(opened, "")
view = st.query_params.get("view", "")[:40]
st.session_state[LAST] = view
VIEWS.get(view, overview)(page)
register_forms.asked(page)
