"""Log: a touch, a deposit, a promise or a hand-off, written down in seconds, with a thumb; and activities of the CRM from a file."""

import streamlit as st

from scorecard.ui import log_form, log_import, register_forms, state

page = state.page("log_records")
if st.query_params.get("view") == log_form.FILES:
    log_import.draw(page)
else:
    log_form.draw(page)
register_forms.asked(page)
