"""The first draft of the commentary: 100 to 300 words from the readings, every figure from the data."""

from __future__ import annotations

from collections.abc import Sequence

from scorecard.core.reading import STATUSES
from scorecard.core.verdict import VERDICTS
from scorecard.metrics import Row, ScorecardView
from scorecard.metrics.words import worst_first
from scorecard.reviews.agenda import on_agenda
from scorecard.reviews.model import Changes, Told
from scorecard.reviews.words import count, named_list

FEWEST, MOST = 100, 300


def draft(view: ScorecardView, changes: Changes, told: Sequence[Told]) -> str:
    """Paragraphs in the order in which a reader asks: where we stand, what moved, what is routine, what was tried."""
    if all(row.value is None for row in view.rows):
        return f"{view.period.label}: no figures yet."
    needed = [_standing(view), *_signals(view), _routine(view), *_changed(changes), *_tried(told)]
    extra = [*_against_goals(view), *(sentence.text for sentence in view.footer[1:])]
    text = [part for part in needed if part]
    for part in extra:
        if words(" ".join(text)) >= FEWEST:
            break
        text.append(part)
    return _shortened(text)


def words(text: str) -> int:
    """How many words a text has."""
    return len(text.split())


def _standing(view: ScorecardView) -> str:
    said = [f"{n} {STATUSES[status]}" for status, n in view.counts.items() if n]
    return f"{view.period.label}, {view.name}: {named_list(said)}." if said else f"{view.period.label}: no figures yet."


def _signals(view: ScorecardView) -> list[str]:
    rows = [row for row in view.rows if on_agenda(row)]
    if not rows:
        return ["No measure gave a signal, and every one can reach its goal."]
    return [row.reading.sentence.text for row in sorted(rows, key=worst_first)]


def _routine(view: ScorecardView) -> str:
    rows = [row for row in view.rows if not on_agenda(row) and row.value is not None]
    if not rows:
        return ""
    named = named_list([f"{row.measure.label} ({row.value_text})" for row in rows])
    verb = "is" if len(rows) == 1 else "are"
    return f"{named} {verb} routine: the differences to the months before need no explanation."


def _changed(changes: Changes) -> list[str]:
    if changes.since is None:
        return []
    moved = [f"{one.label} from {STATUSES[one.before]} to {STATUSES[one.now]}" for one in changes.moved]
    said = [f"Since {changes.since.bare}, {named_list(moved)}." if moved else f"No status changed since {changes.since.bare}."]
    return said + list(changes.restated[:2])


def _tried(told: Sequence[Told]) -> list[str]:
    """The verdicts of actions that have one."""
    read = [one for one in told if one.verdict and one.verdict.verdict != "too_few"]
    waiting = sum(1 for one in told if one.verdict and one.verdict.verdict == "too_few")
    said = [f"{one.action.title}: {VERDICTS[one.verdict.verdict].lower()} ({one.verdict.figures})." for one in read]
    if waiting:
        said.append(f"{count(waiting).capitalize()} more {'action has' if waiting == 1 else 'actions have'} too few months to be read.")
    return said


def _against_goals(view: ScorecardView) -> list[str]:
    return [_against(row) for row in view.rows if row.goal_text and row.value is not None]


def _against(row: Row) -> str:
    head, rest = row.reading.against_goal
    return f"{row.measure.label}: {row.value_text}, {row.goal_text}; {' '.join(part for part in (head, rest) if part).lower()}."


def _shortened(parts: Sequence[str]) -> str:
    """As many parts as stay within the longest text; the first, where we stand, always."""
    kept = [parts[0]]
    for part in parts[1:]:
        if words(" ".join([*kept, part])) <= MOST:
            kept.append(part)
    return "\n\n".join([kept[0], " ".join(kept[1:])]) if len(kept) > 1 else kept[0]
