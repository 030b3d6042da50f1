"""Account ledgers: what was given and asked, whether we may ask, promises and trust, account by account. For the team only."""

from scorecard.ui import ledger_views, register_forms, state

page = state.page("read_scorecard")
ledger_views.draw(page)
register_forms.asked(page)
