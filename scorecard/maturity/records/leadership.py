"""What the records say about direction, and people who want to follow it. Nothing here is about one person."""

from __future__ import annotations

from scorecard.core import fmt
from scorecard.maturity.records.kept import REVIEWS_KEPT, Kept
from scorecard.maturity.records.model import Records, none_yet
from scorecard.maturity.records.words import of, since, was


def leadership(kept: Kept) -> list[Records]:
    """The records of L1 to L8."""
    return [*(none_yet(f"L{n}") for n in range(1, 7)), _accountable(kept), none_yet("L8")]


def _accountable(kept: Kept) -> Records:
    """Commitments kept of those due; who made them is not counted."""
    due = [one for one in kept.actions if one.state != "dropped" and kept.year <= one.due <= kept.today]
    done = sum(one.state == "done" and one.ended is not None and one.ended <= one.due for one in due)
    if not due:
        return Records("L7", (f"No action was due {since(kept.year)}",), 0)
    lines = [f"{of(done, len(due), 'action')} due {since(kept.year)} {was(done)} done by the agreed day"]
    late = sum(bool(one.days_late(kept.today)) for one in due)
    lines.append(f"{late:,} {'is' if late == 1 else 'are'} overdue today")
    kept_now = kept.figures.get(REVIEWS_KEPT)
    if kept_now:
        measure = kept.definitions[REVIEWS_KEPT]
        lines.append(f"{measure.label}, {kept_now.last.label}: {fmt.value(kept_now.value, measure)}")
    return Records("L7", tuple(lines), done)
