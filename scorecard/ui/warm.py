"""What comes before the first reader: the audit is verified, and what they should not have to wait for is read."""

from __future__ import annotations

from scorecard import metrics
from scorecard.errors import ScorecardError
from scorecard.output import charts, tables  # noqa: F401  (Plotly takes a second to import)
from scorecard.store import definitions, verifying
from scorecard.store.engine import Store
from scorecard.ui import state


def up(store: Store) -> None:
    """Verifies the audit, imports what pages import, and reads every scorecard once."""
    verifying.at_start(store)
    with store.read() as tx:
        cards = definitions.scorecards(tx)
    if state.is_empty(store):
        return
    for card in cards:
        try:
            tables.scorecard(metrics.scorecard_view(store, card.id, None, "", state.today(store)))
        except ScorecardError:
            continue  # The page says it in words; a start is not refused for it.
