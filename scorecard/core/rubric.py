"""Maturity scores: what raters who answer alone say about practices and systems, how far they agree, and what stays hidden.

Average deviation and its cut-off: M. J. Burke and W. P. Dunlap, "Estimating interrater agreement with the average
deviation index", *Organizational Research Methods* 5 (2002). Percent to target as OWASP SAMM counts a roadmap: a surplus
never pays for a gap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

OPTIONS = 5
THRESHOLD = 5
LEVELS = {1: "Ad hoc", 2: "Started", 3: "Defined", 4: "Measured", 5: "Improving"}
ALL = ""


@dataclass(frozen=True)
class Answer:
    """One rater's level (1 to 5) of one practice; `level` None is "don't know" or not applicable: counted, never scored."""

    rater: str
    practice: str
    level: int | None
    group: str = ALL
    applicable: bool = True


@dataclass(frozen=True)
class Score:
    """What a group ("" is everybody) says about a practice or a system. Levels run from 1 to 5.

    `n` counts those who gave a level, `unsure` those who did not know. `spread` is the average deviation about the mean,
    `counts` how many chose each level (of a practice). When `hidden`, everything but the subject is withheld: n too.
    """

    subject: str
    group: str
    n: int | None
    median: float | None
    mean: float | None
    lowest: float | None
    highest: float | None
    spread: float | None
    agreed: bool | None
    hidden: bool
    unsure: int | None = None
    counts: tuple[int, ...] = ()
    middle: tuple[float, float] | None = None


@dataclass(frozen=True)
class Scores:
    """Every practice and system, for everybody and for each group."""

    practices: tuple[Score, ...]
    systems: tuple[Score, ...]

    def of(self, subject: str, group: str = ALL) -> Score | None:
        """The score of a practice or system in a group."""
        both = (*self.practices, *self.systems)
        return next((one for one in both if (one.subject, one.group) == (subject, group)), None)


def average_deviation(levels: Sequence[float]) -> float:
    """The mean distance from the mean, in levels. Raises ValueError without levels."""
    if not levels:
        raise ValueError("no levels")
    centre = fmean(levels)
    return fmean(abs(level - centre) for level in levels)


def cut_off(options: int = OPTIONS) -> float:
    """The largest average deviation that still counts as agreement: a sixth of the options, to one decimal (0.8 for 5)."""
    return round(options / 6, 1)


def percent_to_target(now: Mapping[str, float], targets: Mapping[str, float]) -> float | None:
    """1 − Σ max(target − now, 0) / Σ target, over the subjects that have both; None without any. A share, 0 to 1."""
    both = [(now[name], target) for name, target in targets.items() if name in now and target > 0]
    if not both:
        return None
    return 1 - sum(max(target - level, 0) for level, target in both) / sum(target for _, target in both)


def score(
    answers: Iterable[Answer], systems: Mapping[str, str], anonymous: bool = False, weights: Mapping[str, float] | None = None
) -> Scores:
    """The scores of all practices and systems (practice → system); `weights` by practice, 1 where none is given.

    With `anonymous`, nothing below five is shown, and no group whose figures would leave fewer than five to subtract.
    """
    by_practice = _by_practice(answers)
    groups = (ALL, *sorted({one.group for own in by_practice.values() for one in own if one.group}))
    hidden = _unshown(by_practice, systems, groups) if anonymous else frozenset()
    practices = [
        _score(practice, group, list(_levels(own, group).values()), (practice, group) in hidden, own)
        for practice, own in by_practice.items()
        for group in groups
    ]
    shown = {
        (practice, group): levels
        for practice, own in by_practice.items()
        for group in groups
        if (practice, group) not in hidden and (levels := _levels(own, group))
    }
    return Scores(tuple(practices), tuple(_systems(shown, systems, groups, hidden, weights or {})))


def _by_practice(answers: Iterable[Answer]) -> dict[str, list[Answer]]:
    """The last answer of each rater to each practice, in the order in which practices first appear."""
    last: dict[str, dict[str, Answer]] = defaultdict(dict)
    for one in answers:
        last[one.practice][one.rater] = one
    return {practice: list(own.values()) for practice, own in last.items()}


def _levels(own: Iterable[Answer], group: str) -> dict[str, int]:
    """Rater → level, of those in a group who gave one."""
    return {one.rater: one.level for one in own if one.level is not None and one.applicable and group in (ALL, one.group)}


def withheld(*counts: Mapping[str, int], threshold: int = THRESHOLD) -> frozenset[str]:
    """The groups that are not shown: those below the threshold, and others until what is hidden is no small remainder.

    Each of `counts` has a size by group, and that of everybody under "". Whoever subtracts the shown groups from everybody
    is left with all that is hidden together: in each of the counts that is nobody, or at least `threshold`.
    """
    names = {name for count in counts for name in count}
    if any(0 < count.get(ALL, 0) < threshold for count in counts):
        return frozenset(names)
    groups = names - {ALL}
    hidden = {group for group in groups if any(0 < count.get(group, 0) < threshold for count in counts)}
    for group in sorted(groups - hidden, key=lambda name: (max(count.get(name, 0) for count in counts), name)):
        if not any(0 < _remainder(count, hidden) < threshold for count in counts):
            break
        hidden.add(group)
    return frozenset(hidden)


def _remainder(count: Mapping[str, int], hidden: Iterable[str]) -> int:
    """How many are left when the groups that are shown are taken from everybody."""
    return count.get(ALL, 0) - sum(size for group, size in count.items() if group != ALL and group not in hidden)


def _unshown(
    by_practice: Mapping[str, Sequence[Answer]], systems: Mapping[str, str], groups: Sequence[str]
) -> frozenset[tuple[str, str]]:
    """The (practice or system, group) that anonymous mode does not show.

    A group is shown in all practices of a system or in none: a system's score joins what each rater said on its practices,
    so that a group shown on one and hidden on another could be told from the system. "Don't know" and "not applicable"
    are answers too: both who gave a level and who gave any answer are counted.
    """
    found: set[tuple[str, str]] = set()
    for system in dict.fromkeys(systems.values()):
        own = {practice: given for practice, given in by_practice.items() if systems.get(practice) == system}
        small = {practice for practice, given in own.items() if withheld(*_sizes([given], (ALL,)))}
        shown = [given for practice, given in own.items() if practice not in small]
        hidden = withheld(*(size for given in shown for size in _sizes([given], groups)), *_sizes(shown, groups))
        found |= {(practice, group) for practice in own for group in groups if practice in small or group in hidden}
        # Nothing but hidden practices: "no answers" would be another thing.
        empty = {group for group in groups if small and not any(_levels(given, group) for given in shown)}
        found |= {(system, group) for group in hidden | empty}
    return frozenset(found)


def _sizes(practices: Sequence[Sequence[Answer]], groups: Sequence[str]) -> tuple[dict[str, int], dict[str, int]]:
    """How many raters of each group gave a level to one of the practices, and how many gave any answer."""
    both = [(group, one) for given in practices for one in given for group in groups if group in (ALL, one.group)]
    levels, answered = defaultdict(set), defaultdict(set)
    for group, one in both:
        answered[group].add(one.rater)
        if one.level is not None and one.applicable:
            levels[group].add(one.rater)
    return ({group: len(levels[group]) for group in groups}, {group: len(answered[group]) for group in groups})


def _score(subject: str, group: str, levels: Sequence[float], hidden: bool, own: Sequence[Answer] = ()) -> Score:
    if hidden:
        return Score(subject, group, None, None, None, None, None, None, None, True)
    unsure = sum(1 for one in own if one.level is None and one.applicable and group in (ALL, one.group))
    if not levels:
        return Score(subject, group, 0, None, None, None, None, None, None, False, unsure)
    spread = average_deviation(levels)
    counts = tuple(sum(1 for level in levels if level == option) for option in LEVELS) if own else ()
    return Score(
        subject, group, len(levels), float(median(levels)), fmean(levels), float(min(levels)), float(max(levels)), spread,
        spread <= cut_off() + 1e-9, False, unsure, counts, quartiles(levels),
    )


def quartiles(levels: Sequence[float]) -> tuple[float, float]:
    """The ends of the middle half: quartiles by linear interpolation between ordered levels."""
    ordered = sorted(levels)

    def at(share: float) -> float:
        place = share * (len(ordered) - 1)
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)

    return at(0.25), at(0.75)


def _systems(
    shown: Mapping[tuple[str, str], Mapping[str, int]], systems: Mapping[str, str], groups: Sequence[str],
    hidden: frozenset[tuple[str, str]], weights: Mapping[str, float],
) -> list[Score]:
    """Each rater's weighted mean over the practices answered; the system's score is their median."""
    return [
        _score(system, group, list(_means(shown, systems, system, group, weights).values()), (system, group) in hidden)
        for system in dict.fromkeys(systems.values())
        for group in groups
    ]


def _means(
    shown: Mapping[tuple[str, str], Mapping[str, int]], systems: Mapping[str, str], system: str, group: str,
    weights: Mapping[str, float],
) -> dict[str, float]:
    answers: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for (practice, of), levels in shown.items():
        if of == group and systems.get(practice) == system:
            for rater, level in levels.items():
                answers[rater].append((level, weights.get(practice, 1.0)))
    return {rater: fmean([level for level, _ in own], [weight for _, weight in own]) for rater, own in answers.items()}


def reached(levels: Mapping[int, Sequence[bool]], chosen: int) -> int:
    """The level that stands when criteria gate it: the highest one up to `chosen` whose criteria, and all below it, are met."""
    for level in range(2, chosen + 1):
        if not all(levels.get(level, ())):
            return level - 1
    return chosen
