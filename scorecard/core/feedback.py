"""Feedback to one person, by those who answer in groups: means, spread and words, and what of them stays hidden.

Nothing here joins two groups: a figure of everybody together would give a hidden group by subtraction. A statement of a
group has figures when at least five of the group gave a level to it, or none of them did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from scorecard.core.rubric import THRESHOLD, quartiles, withheld

REPORTS, PEERS, SUPERIORS, SELF = "reports", "peers", "superiors", "self"
GROUPS = (REPORTS, PEERS, SUPERIORS)
APART = 1.0
_CLOSE = 1e-9


@dataclass(frozen=True)
class Answer:
    """What one rater said to one statement: a level from 1 to 5, None for "I cannot say"."""

    rater: str
    group: str
    item: str
    level: int | None


@dataclass(frozen=True)
class Words:
    """What somebody of a group wrote to a question."""

    group: str
    question: str
    text: str


@dataclass(frozen=True)
class Seen:
    """How a group sees one statement. `n` gave a level; when `hidden` there is nothing else, n neither."""

    n: int | None = None
    mean: float | None = None
    lowest: int | None = None
    highest: int | None = None
    middle: tuple[float, float] | None = None
    hidden: bool = False


HIDDEN, NOBODY = Seen(hidden=True), Seen(0)


def hidden_groups(answers: Iterable[Answer]) -> frozenset[str]:
    """The groups of which nothing is shown: fewer than five people have answered, and anybody has."""
    raters: dict[str, set[str]] = {}
    for one in answers:
        if one.group != SELF:
            raters.setdefault(one.group, set()).add(one.rater)
    return withheld({group: len(own) for group, own in raters.items()})


def seen(answers: Sequence[Answer], items: Iterable[str]) -> dict[tuple[str, str], Seen]:
    """(statement, group) -> how the group sees it, for each of the three groups."""
    hidden = hidden_groups(answers)
    levels: dict[tuple[str, str], list[int]] = {}
    for one in answers:
        if one.level is not None:
            levels.setdefault((one.item, one.group), []).append(one.level)
    return {(item, group): HIDDEN if group in hidden else _seen(levels.get((item, group), ())) for item in items for group in GROUPS}


def _seen(levels: Sequence[int]) -> Seen:
    if not levels:
        return NOBODY
    if len(levels) < THRESHOLD:
        return HIDDEN
    return Seen(len(levels), fmean(levels), min(levels), max(levels), quartiles(levels))


def of_self(answers: Iterable[Answer]) -> dict[str, int]:
    """Statement -> the level that the person gave themselves."""
    return {one.item: one.level for one in answers if one.group == SELF and one.level is not None}


def words(written: Iterable[Words], hidden: frozenset[str]) -> dict[str, tuple[str, ...] | None]:
    """Question -> the texts of all groups that are shown, together and in the order given; None when there are fewer than five.

    A text stands with no group: which one it came from is not said. Questions to which nobody wrote are left out.
    """
    found: dict[str, list[str]] = {}
    for one in written:
        if one.group not in (*hidden, SELF):
            found.setdefault(one.question, []).append(one.text)
    return {question: tuple(texts) if len(texts) >= THRESHOLD else None for question, texts in found.items()}


def gap(of_others: Seen, own: int | None) -> float | None:
    """What the group says less what the person says, in levels; None without one of them."""
    return None if of_others.mean is None or own is None else of_others.mean - own


def apart(difference: float | None) -> bool:
    """Whether the views differ by a level or more."""
    return difference is not None and abs(difference) >= APART - _CLOSE


def shown_groups(found: Mapping[tuple[str, str], Seen]) -> tuple[str, ...]:
    """The groups of which any statement has figures."""
    return tuple(group for group in GROUPS if any(one.mean is not None for (_, of), one in found.items() if of == group))
