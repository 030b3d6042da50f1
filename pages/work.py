"""Work: how value reaches the customer. The lifecycle, hand-offs between departments, critical moments, competencies and partners."""

import streamlit as st

from scorecard.output import tables
from scorecard.output.theme import escape_markdown
from scorecard.ui import block, filters, ledger_part, register_forms, state, work_export, work_handoffs, work_lifecycle, work_map, work_partners, work_touchpoints

page = state.page("read_scorecard")
VIEWS = {work_handoffs.VIEW: work_handoffs.records, work_touchpoints.VIEW: work_touchpoints.records,
         work_lifecycle.VIEW: work_lifecycle.records, work_map.VIEW: work_map.draw, work_partners.VIEW: work_partners.records}
RECORDS = {"handoff_contract": work_handoffs.VIEW, "handoff": work_handoffs.VIEW, "feedback_loop": work_handoffs.VIEW,
           "touch_point": work_touchpoints.VIEW, "feeling": work_touchpoints.VIEW, "stage_move": work_lifecycle.VIEW,
           "competency": work_partners.VIEW, "partner": work_partners.VIEW, "partner_review": work_partners.VIEW}  # fmt: skip


def overview(page: state.Page) -> None:
    """Sentences first, then each part of the page."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.title("Work", anchor=False)
            st.caption(escape_markdown(work_lifecycle.shown(page).second_line))
        with st.container(horizontal=True, width="content", gap="xsmall", key="filters"):
            filters.segments(tuple(register_forms.choices(page, "segment")))
            work_map.link(page)
            work_export.draw(page)
    said = (*work_lifecycle.shown(page).sentences[:3], *work_handoffs.sentences(page)[:3], *work_touchpoints.sentences(page)[:2])
    if said:
        block.draw(tables.says(said), key="work says")
    work_lifecycle.draw(page)
    work_handoffs.draw(page)
    work_touchpoints.draw(page)
    ledger_part.draw(page)
    work_partners.draw(page)


opened = st.query_params.get(register_forms.RECORD, "").partition(":")[0]
if opened in RECORDS and not st.query_params.get("view"):
    st.query_params["view"] = RECORDS[opened]
if st.query_params.get(work_handoffs.HANDOFF):
    work_handoffs.one(page, st.query_params[work_handoffs.HANDOFF][:80])
else:
    VIEWS.get(st.query_params.get("view", "")[:40], overview)(page)
register_forms.asked(page)
