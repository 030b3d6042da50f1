"""What the records say about the right people, growing. Nothing here is about one person."""

from __future__ import annotations

from scorecard.core import fmt
from scorecard.maturity.records.kept import PLANS_KEPT, Kept
from scorecard.maturity.records.model import Records, none_yet
from scorecard.maturity.records.words import of, plural


def people(kept: Kept) -> list[Records]:
    """The records of E1 to E8."""
    return [none_yet("E1"), none_yet("E2"), none_yet("E3"), _in_context(kept), _plans(kept), none_yet("E6"), none_yet("E7"), none_yet("E8")]


def _in_context(kept: Kept) -> Records:
    """Measures that have figures by person: the product shows them pooled, and nowhere ranked."""
    split = [one for one in kept.used if one.name in kept.by_person]
    lines = [f"{of(len(split), len(kept.used), 'measure')} in use {'has' if len(split) == 1 else 'have'} figures by person"]
    if split:
        counted = sum(one.aggregate == "ratio" for one in split)
        lines += [f"{counted:,} of them with the counts behind each figure", "The product shows no order of people by value"]
    return Records("E4", tuple(lines), len(split))


def _plans(kept: Kept) -> Records:
    """The team's measure of plan steps kept: whether it is in use, has a goal, and is talked about."""
    measure = kept.definitions.get(PLANS_KEPT)
    months = kept.figures.get(PLANS_KEPT)
    if measure is None or months is None:
        return none_yet("E5")
    lines = [f"{plural(months.n, 'month')} of figures for {measure.label}, the last {months.last.label}: "
             f"{fmt.value(months.value, measure)}"]  # fmt: skip
    own = sum(one.measure == PLANS_KEPT for one in kept.actions)
    lines.append(f"{plural(own, 'action')} to keep more of them")
    return Records("E5", tuple(lines), months.n)
