"""Leadership: direction, change, recognition, what moves people, accountability, and feedback on leaders."""

from collections.abc import Callable

import streamlit as st

from scorecard.output import leadership_recognition as pictures
from scorecard.output import tables
from scorecard.output.theme import escape_markdown
from scorecard.ui import (
    block, leadership_accountability, leadership_change, leadership_direction, leadership_export, leadership_motivation, leadership_recognition,
    leadership_records, leadership_rounds, register_forms, state,
)  # fmt: skip

page = state.page("read_scorecard")
# A view of its own by its name in the address, and the view in which a record of the address is shown.
VIEWS: dict[str, Callable[[state.Page], None]] = {**leadership_records.VIEWS, **leadership_rounds.VIEWS}
RECORDS: dict[str, str] = {**leadership_records.RECORDS}
# What the page says first; what stands beside recognition; the sections below, each drawn by one function.
SENTENCES = (leadership_recognition.sentences, leadership_rounds.sentences, leadership_change.sentences, leadership_accountability.sentences)
BUTTONS: tuple[Callable[[state.Page], None], ...] = (leadership_recognition.button, leadership_rounds.button)
BESIDE: tuple[Callable[[state.Page], None], ...] = (leadership_rounds.draw,)
SECTIONS: tuple[Callable[[state.Page], None], ...] = (
    leadership_rounds.section, leadership_change.draw, leadership_accountability.draw, leadership_motivation.draw,
)  # fmt: skip


def overview(page: state.Page) -> None:
    """Sentences first, then the direction, recognition beside feedback, then the other sections."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="small"):
        with st.container(gap="xxsmall", width="content"):
            st.title("Leadership", anchor=False)
            size = pictures.size(leadership_recognition.shown(page).found)
            st.caption(escape_markdown(" · ".join(filter(None, ("Direction, recognition and feedback", size)))))
        with st.container(horizontal=True, width="content", gap="xsmall", key="filters"):
            for button in BUTTONS:
                button(page)
            leadership_export.draw(page)
    said = [one for part in SENTENCES for one in part(page)]
    if said:
        block.draw(tables.says(said), key="leadership says")
    leadership_direction.draw(page)
    places = st.columns(1 + len(BESIDE), gap="large")
    for place, draw in zip(places, (leadership_recognition.draw, *BESIDE), strict=True):
        with place:
            draw(page)
    for section in SECTIONS:
        section(page)


opened = st.query_params.get(register_forms.RECORD, "").partition(":")[0] or st.query_params.get(register_forms.LOG, "")
if opened in RECORDS and not st.query_params.get("view"):
    st.query_params["view"] = RECORDS[opened]
VIEWS.get(st.query_params.get("view", "")[:40], overview)(page)
register_forms.asked(page)
