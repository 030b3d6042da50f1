"""Improvement: what goes with losing customers, what was tried, projects and what they were worth. Everybody reads."""

from scorecard.ui import action_forms, improvement_views, register_forms, state

page = state.page("read_scorecard")
improvement_views.draw(page)
register_forms.asked(page)
action_forms.asked(page)
