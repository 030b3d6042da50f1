"""Reciprocity of one account as a part of the page Work: the account whose ask is next, drawn as on its ledger."""

from __future__ import annotations

from scorecard.output import ledger_marks, ledger_tables
from scorecard.relations import readiness
from scorecard.ui import block, ledger_account, ledger_views, state
from scorecard.ui.state import Page


def draw(page: Page) -> None:
    """The part, where there is an account with a ledger; nothing before the first deposit or ask."""
    account = ledger_views.whole(page, ledger_views.chosen(page)).next_asked
    if not account:
        return
    found = ledger_account.opened(page, account)
    second = ledger_tables.second_line(found.ledger, state.house(page.store).organisation.currency)
    block.draw(ledger_marks.part(found.ledger, second, readiness.sentence(found.ready), ledger_views.address(account=account)), key="reciprocity")
