"""Improvement: what goes with losing customers, as known beforehand. Everybody reads."""

import streamlit as st

from scorecard.output import tables
from scorecard.ui import block, state, study_drivers

page = state.page("read_scorecard")
st.title("Improvement", anchor=False)
said = [one for one in (study_drivers.news(page),) if one]
if said:
    block.draw(tables.says(said), key="news")
study_drivers.draw(page)
