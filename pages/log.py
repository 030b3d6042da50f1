"""Log: a touch, a deposit, a promise or a hand-off, written down in seconds, with a thumb."""

from scorecard.ui import log_form, register_forms, state

page = state.page("log_records")
log_form.draw(page)
register_forms.asked(page)
