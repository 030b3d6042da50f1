"""Maturity: results of the newest closed cycle; answering, cycles. Members answer, leaders open and close, everybody reads."""

import streamlit as st

from scorecard.ui import block, maturity_cycles, maturity_style, maturity_views, state

page = state.page("read_scorecard")
maturity_style.draw()
view, cycle = maturity_views.asked(page)

if view == maturity_views.ASSESS:
    maturity_views.assess(page, cycle)
elif view == maturity_views.CYCLES:
    maturity_cycles.draw(page)
else:
    maturity_views.results(page, cycle)
