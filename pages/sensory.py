"""Sensory: what customers do and say. The health score with its report card, listening posts, comments, findings."""

from scorecard.ui import register_forms, sensory_views, state

page = state.page("read_scorecard")
sensory_views.draw(page)
register_forms.asked(page)
