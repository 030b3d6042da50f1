"""Advocacy: who speaks for us, who may be asked, one ask prepared, and what it is worth. Everybody reads, members write."""

from scorecard.ui import advocacy_views, register_forms, state

page = state.page("read_scorecard")
advocacy_views.draw(page)
register_forms.asked(page)
