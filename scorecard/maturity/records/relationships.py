"""What the records say about trust, give and take, sponsors and advocates."""

from __future__ import annotations

from scorecard.core import fmt
from scorecard.core.periods import day
from scorecard.maturity.records.kept import GIVE_FIRST, RECIPROCITY, Kept
from scorecard.maturity.records.model import Records, none_yet
from scorecard.maturity.records.words import listing, of, plural, since, was


def relationships(kept: Kept) -> list[Records]:
    """The records of T1 to T5, R1 to R4, X1 and X2, A1 to A4."""
    return [
        _promises(kept), _mended(kept), none_yet("T3"), _journey(kept), _trust(kept), none_yet("R1"), _figure(kept, "R2", GIVE_FIRST), none_yet("R3"), _figure(kept, "R4", RECIPROCITY),
        _sponsors(kept), _sides(kept), _references(kept), none_yet("A2"), none_yet("A3"), none_yet("A4"),
    ]  # fmt: skip


def _promises(kept: Kept) -> Records:
    due, on_time, late, owned = kept.facts.promises
    if not due:
        return Records("T1", (f"No promise was due {since(kept.year)}",), 0)
    lines = (
        f"{of(on_time, due, 'promise')} due {since(kept.year)} {was(on_time)} kept by the day",
        f"{late:,} kept later, {due - on_time - late:,} not kept",
        f"{of(owned, due, 'promise')} {'has' if owned == 1 else 'have'} an owner",
    )
    return Records("T1", lines, due)


def _mended(kept: Kept) -> Records:
    n, found = kept.facts.tickets.n, kept.facts
    if not n:
        return Records("T2", (f"No ticket was opened {since(kept.year)}",), 0)
    lines = (
        f"{plural(n, 'ticket')} opened {since(kept.year)}",
        f"Time of the first answer is known for {found.tickets_timed:,}, the end for {found.tickets_resolved:,}",
    )
    return Records("T2", lines, n)


def _journey(kept: Kept) -> Records:
    steps = kept.facts.milestones
    if not steps:
        return Records("T4", (f"No onboarding step was reached {since(kept.year)}",), 0)
    told = listing([f"{name} ({n:,})" for name, n in steps.items()])
    named = f"{plural(kept.written.critical, 'critical moment')} named" if kept.written.critical else "No critical moments are kept yet"
    return Records("T4", (f"{plural(len(steps), 'kind')} of onboarding step reached {since(kept.year)}: {told}", named), len(steps))


def _trust(kept: Kept) -> Records:
    asked = kept.facts.surveys.get("trust")
    if not asked:
        return Records("T5", (f"Trust was not asked {since(kept.year)}",), 0)
    lines = [f"{plural(asked.n, 'answer')} to the trust question {since(kept.year)}, the last on {day(asked.last)}"]
    if kept.facts.usage_to:
        lines.append(f"Use of the product is known up to {day(kept.facts.usage_to)}")
    return Records("T5", tuple(lines), asked.n)


def _figure(kept: Kept, practice: str, measure: str) -> Records:
    """What a measure out of the ledgers said in its last month."""
    if measure not in kept.figures or measure not in kept.definitions:
        return none_yet(practice)
    own, label = kept.figures[measure], kept.definitions[measure]
    return Records(practice, (f"{label.label}, {own.last.label}: {fmt.with_unit(own.value, label)}",), own.n)


def _sponsors(kept: Kept) -> Records:
    held, ahead = kept.held("sponsor_review", kept.year), kept.ahead("sponsor_review")
    return Records("X1", (f"{plural(len(held), 'sponsor review')} held {since(kept.year)}, {len(ahead):,} planned",), len(held))


def _sides(kept: Kept) -> Records:
    """Commitments that were due, kept by side."""
    told, due_in_all = [], 0
    for side, who in (("ours", "we"), ("theirs", "customers")):
        counts = kept.written.sides.get(side, {})
        done, due = counts.get("kept", 0), counts.get("kept", 0) + counts.get("missed", 0)
        due_in_all += due
        if due:
            told.append(f"Of {plural(due, 'commitment')} that {was(due)} due, {who} kept {done:,}")
    return Records("X2", tuple(told), due_in_all) if told else none_yet("X2")


def _references(kept: Kept) -> Records:
    n = kept.facts.referred
    lines = [f"{plural(n, 'account')} came {since(kept.year)} on the recommendation of somebody named"]
    if not kept.written.standing.get("advocate"):
        lines.append("No pipeline of references is kept yet")
    else:
        lines.append("Advocates now: " + listing([f"{count:,} {stage}" for stage, count in kept.written.stages.items() if count]))
    return Records("A1", tuple(lines), n)
