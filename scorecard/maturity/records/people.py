"""What the records say about the right people, growing. Nothing here is about one person."""

from __future__ import annotations

from scorecard.core import fmt
from scorecard.maturity.records.kept import PLANS_KEPT, Kept
from scorecard.maturity.records.model import Records, none_yet
from scorecard.maturity.records.words import has, of, plural, since, was


def people(kept: Kept) -> list[Records]:
    """The records of E1 to E8."""
    return [_staffed(kept), _hired(kept), _talked(kept), _in_context(kept), _plans(kept), _positions(kept), _asked(kept), _regular(kept)]


def _staffed(kept: Kept) -> Records:
    """Positions with a plan of people for a month to come, and those that somebody can take over."""
    own = kept.grown
    if not (own.staffed or own.followed):
        return none_yet("E1")
    lines = (f"{of(own.staffed, own.positions, 'position')} {has(own.staffed)} a staffing plan for a month to come", f"A successor is named for {own.followed:,}")
    return Records("E1", lines, own.staffed + own.followed)


def _hired(kept: Kept) -> Records:
    own = kept.grown
    count = own.openings + own.scores + own.inducted
    if not count:
        return none_yet("E2")
    lines = (f"{plural(own.openings, 'opening')} {since(kept.year)}, {plural(own.scores, 'score')} of interviewers",
             f"{plural(own.inducted, 'step')} of induction and training {since(kept.year)}")  # fmt: skip
    return Records("E2", lines, count)


def _talked(kept: Kept) -> Records:
    """Talks about people's work by their kind, of everybody together."""
    own = kept.grown
    if not (own.formal or own.informal):
        return none_yet("E3")
    return Records("E3", (f"{own.formal:,} formal talks and {own.informal:,} in passing {since(kept.year)}",), own.formal + own.informal)


def _in_context(kept: Kept) -> Records:
    """Measures that have figures by person: the product shows them pooled, and nowhere ranked."""
    split = [one for one in kept.used if one.name in kept.by_person]
    lines = [f"{of(len(split), len(kept.used), 'measure')} in use {'has' if len(split) == 1 else 'have'} figures by person"]
    if split:
        counted = sum(one.aggregate == "ratio" for one in split)
        lines += [f"{counted:,} of them with the counts behind each figure", "The product shows no order of people by value"]
    return Records("E4", tuple(lines), len(split))


def _plans(kept: Kept) -> Records:
    """Plans that both sides agreed to, and the team's measure of steps kept: whether it is in use, has a goal, and is talked about."""
    own, measure, months = kept.grown, kept.definitions.get(PLANS_KEPT), kept.figures.get(PLANS_KEPT)
    lines = [f"{plural(own.plans, 'development plan')} agreed by both sides"] if own.plans else []
    if own.steps:
        lines.append(f"{plural(own.steps, 'step')} of them due {since(kept.year)}")
    if measure is not None and months is not None:
        actions = sum(one.measure == PLANS_KEPT for one in kept.actions)
        lines += [f"{plural(months.n, 'month')} of figures for {measure.label}, the last {months.last.label}: {fmt.value(months.value, measure)}",
                  f"{plural(actions, 'action')} to keep more of them"]  # fmt: skip
    return Records("E5", tuple(lines), (months.n if months and measure else 0) + own.plans + own.steps) if lines else none_yet("E5")


def _positions(kept: Kept) -> Records:
    own = kept.grown
    if not (own.positions or own.skills):
        return none_yet("E6")
    return Records("E6", (f"{plural(own.positions, 'position plan')}, {own.agreed:,} of them agreed", f"{plural(own.skills, 'skill')} written down"), own.positions + own.skills)


def _asked(kept: Kept) -> Records:
    """Positions for which the team chose traits, each with a question; interviewers' scores."""
    own = kept.grown
    if not (own.asking or own.scores):
        return none_yet("E7")
    lines = (f"{of(own.asking, own.positions, 'position plan')} {'names' if own.asking == 1 else 'name'} traits with a question each",
             f"{plural(own.scores, 'score')} of interviewers {since(kept.year)}")  # fmt: skip
    return Records("E7", lines, own.asking + own.scores)


def _regular(kept: Kept) -> Records:
    """Whether feedback is regular and formal as well: how many people heard something in the last quarter, whoever they are."""
    own = kept.grown
    talks = own.formal + own.informal
    if not talks:
        return none_yet("E8")
    lines = [f"{own.formal:,} of {plural(talks, 'talk')} {since(kept.year)} {was(own.formal)} formal"]
    if own.heard is not None:
        lines.append(f"{plural(own.heard, 'person', 'people')} had a talk in the last quarter")
    return Records("E8", tuple(lines), talks)
