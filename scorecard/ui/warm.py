"""What the first reader should not have to wait for."""

from __future__ import annotations

from threading import Thread

from scorecard import metrics
from scorecard.core import spc
from scorecard.errors import ScorecardError
from scorecard.output import charts, tables  # noqa: F401  (Plotly takes a second to import)
from scorecard.store import definitions
from scorecard.store.engine import Store
from scorecard.ui import state


def up(store: Store) -> None:
    """Imports what pages import, reads every scorecard once, and begins the simulations that Settings shows."""
    Thread(target=_false_alarms, name="false alarms", daemon=True).start()
    with store.read() as tx:
        cards = definitions.scorecards(tx)
    if state.is_empty(store):
        return
    for card in cards:
        try:
            tables.scorecard(metrics.scorecard_view(store, card.id, None, "", state.today(store)))
        except ScorecardError:
            continue  # The page says it in words; a start is not refused for it.


def _false_alarms() -> None:
    """Every rule set, with limits from 24 and from 12 periods; each figure is kept for the life of the process."""
    for baseline in (spc.LOCK_AFTER["month"], spc.PROVISIONAL_FROM):
        spc.false_alarm_rates(tuple(spc.RULE_SETS), baseline)
