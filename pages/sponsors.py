"""Sponsors: both sides of the most important accounts, what each committed to and kept. Everybody reads, members write."""

from scorecard.ui import register_forms, sponsors_views, state

page = state.page("read_scorecard")
sponsors_views.draw(page)
register_forms.asked(page)
