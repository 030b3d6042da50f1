"""Audit: who changed what, and whether every row still holds. Leaders and admins read it."""

from scorecard.ui import audit_views, state
from scorecard.worker import Worker

page = state.page("read_audit")
audit_views.draw(page, lambda store, identity: Worker(store, lambda: page.today).do(identity))
