"""People: each CSM's figures in their statistical context, skills, staffing, growth. Names stand in alphabetical order, nobody is ranked."""

from collections.abc import Callable

import streamlit as st

from scorecard.core.reading import Sentence
from scorecard.output import people_funnel, tables
from scorecard.output.theme import escape_markdown
from scorecard.people import page as people_page
from scorecard.ui import block, people_context, people_export, people_growth, people_hiring, people_own, register_forms, state

# A view of its own below the overview, by its name in the address; and where a record of the address is shown.
VIEWS: dict[str, Callable[[state.Page], None]] = {**people_growth.VIEWS, **people_hiring.VIEWS, people_own.VIEW: people_own.draw}
RECORDS: dict[str, str] = {**people_growth.RECORDS, **people_hiring.RECORDS}
# What the page says first, and its sections under the figures, each drawn by one function.
SENTENCES: tuple[Callable[[state.Page], tuple[Sentence, ...]], ...] = ()
SECTIONS: tuple[Callable[[state.Page], None], ...] = ()


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
    said = [*here.sentences, *people_page.sentences(grown), *(one for part in SENTENCES for one in part(page))]
    if said:
        block.draw(tables.says(said), key="people says")
    people_context.draw(page, here)
    people_growth.draw(page, grown)
    for section in SECTIONS:
        section(page)


page = state.page("read_scorecard")
opened = st.query_params.get(register_forms.RECORD, "").partition(":")[0]
if opened in RECORDS and not st.query_params.get("view"):
    st.query_params["view"] = RECORDS[opened]
view = st.query_params.get("view", "")[:40]
if st.session_state.get("people view") and not view:
    # The sidebar's own link leaves the address of the view in the browser, and the next link would open that view again.
    st.query_params.from_dict(st.query_params.to_dict())
st.session_state["people view"] = view
VIEWS.get(view, overview)(page)
register_forms.asked(page)
