"""People: each CSM's figures in their statistical context, skills, staffing, growth. Names stand in alphabetical order, nobody is ranked."""

from collections.abc import Callable

import streamlit as st

from scorecard.output import people_funnel, tables
from scorecard.output.theme import escape_markdown
from scorecard.people import page as people_page
from scorecard.ui import block, people_context, people_export, people_growth, people_hiring, people_own, register_forms, state

page = state.page("read_scorecard")
# A view of its own below the overview, by its name in the address; and where a record of the address is shown.
VIEWS: dict[str, Callable[[state.Page], None]] = {**people_growth.VIEWS, **people_hiring.VIEWS, people_own.VIEW: people_own.draw}
RECORDS: dict[str, str] = {**people_growth.RECORDS, **people_hiring.RECORDS}


def overview(page: state.Page) -> None:
    """Sentences first, then the figures of each CSM in their context, then the other sections."""
    here, grown = people_context.read(page), people_growth.read(page)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.title("People", anchor=False)
            st.caption(escape_markdown(people_funnel.second_line(here)))
        with st.container(horizontal=True, width="content", gap="xsmall", key="filters"):
            people_context.menu(here)
            people_own.link(page)
            people_export.draw(page)
    said = [*here.sentences, *people_page.sentences(grown)]
    if said:
        block.draw(tables.says(said), key="people says")
    people_context.draw(page, here)
    people_growth.draw(page, grown)


opened = st.query_params.get(register_forms.RECORD, "").partition(":")[0]
if opened in RECORDS and not st.query_params.get("view"):
    st.query_params["view"] = RECORDS[opened]
VIEWS.get(st.query_params.get("view", "")[:40], overview)(page)
register_forms.asked(page)
