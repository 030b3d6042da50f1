"""The monthly review: the agenda, decisions, sign-off, and the frozen copy that everything about the month reads."""

from scorecard.core.frozen import Signature
from scorecard.reviews.commands import (
    actions_read,
    add_item,
    add_note,
    decide,
    discuss,
    open_review,
    period_of,
    remove_item,
    reorder,
    save_commentary,
    save_meeting,
    set_minutes,
    sign,
    undo,
)
from scorecard.reviews.contracts import contracts, set_commitment
from scorecard.reviews.habits import habits
from scorecard.reviews.model import (
    DECISIONS,
    STANDINGS,
    Beside,
    Changes,
    Check,
    Commitment,
    Contract,
    Goal,
    Habit,
    Item,
    Month,
    MonthOfQuarter,
    Moved,
    ReviewView,
    Told,
    decisions_for,
)
from scorecard.reviews.month import canonical, measure_page, month
from scorecard.reviews.page import open_items, overview, review_view
from scorecard.store.engine import Store


def signed(store: Store) -> list[tuple[str, object, Signature]]:
    """(scorecard, period, signature) of every signed review, the newest first."""
    from scorecard.store import reviews as rows

    with store.read() as tx:
        return [(card, period, rows.signature(tx, card, period)) for card, period in rows.signed(tx)]


__all__ = [
    "DECISIONS",
    "STANDINGS",
    "Beside",
    "Changes",
    "Check",
    "Commitment",
    "Contract",
    "Goal",
    "Habit",
    "Item",
    "Month",
    "MonthOfQuarter",
    "Moved",
    "ReviewView",
    "Signature",
    "Told",
    "actions_read",
    "add_item",
    "add_note",
    "canonical",
    "contracts",
    "decide",
    "decisions_for",
    "discuss",
    "habits",
    "measure_page",
    "month",
    "open_items",
    "open_review",
    "overview",
    "period_of",
    "remove_item",
    "reorder",
    "review_view",
    "save_commentary",
    "save_meeting",
    "set_commitment",
    "set_minutes",
    "sign",
    "signed",
    "undo",
]
