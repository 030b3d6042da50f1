"""Sensory: what customers do and say. The health score with its report card, listening posts, comments, findings."""

import streamlit as st

from scorecard.ui import register_forms, sensory_account, sensory_boards, sensory_comments, sensory_rules, sensory_views, state

page = state.page("read_scorecard")
VIEWS = {
    "comments": sensory_comments.draw, "themes": sensory_comments.rules, "posts": sensory_boards.posts, "findings": sensory_boards.findings,
    "environment": sensory_boards.surroundings, "assumptions": sensory_boards.assumptions, "rules": sensory_rules.draw, "report": sensory_rules.report,
}  # fmt: skip

view = sensory_views.asked()
account, theme = (st.query_params.get(name, "")[:120] for name in (sensory_views.ACCOUNT, sensory_views.THEME))
if account:
    sensory_account.draw(page, account)
elif theme:
    sensory_comments.theme(page, theme)
else:
    VIEWS.get(view, sensory_views.draw)(page)
register_forms.asked(page)
