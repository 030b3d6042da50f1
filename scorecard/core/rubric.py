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


def score(answers: Iterable[Answer], systems: Mapping[str, str], anonymous: bool = False) -> Scores:
    """The scores of all practices and systems (practice → system). With `anonymous`, nothing below five is shown.

    A practice that is hidden in a group does not enter that group's system: its answers cannot be found by subtraction.
    """
    by_practice = _by_practice(answers)
    groups = sorted({one.group for own in by_practice.values() for one in own if one.group})
    practices, shown = [], {}
    for practice, own in by_practice.items():
        known = {group: _levels(own, group) for group in (ALL, *groups)}
        hidden = withheld({group: len(levels) for group, levels in known.items()}) if anonymous else frozenset()
        for group, levels in known.items():
            practices.append(_score(practice, group, list(levels.values()), group in hidden, own))
            if levels and group not in hidden:
                shown[practice, group] = levels
    blocked = {(systems.get(one.subject), one.group) for one in practices if one.hidden}
    return Scores(tuple(practices), tuple(_systems(shown, systems, groups, blocked if anonymous else None)))


def _by_practice(answers: Iterable[Answer]) -> dict[str, list[Answer]]:
    """The last answer of each rater to each practice, in the order in which practices first appear."""
    last: dict[str, dict[str, Answer]] = defaultdict(dict)
    for one in answers:
        last[one.practice][one.rater] = one
    return {practice: list(own.values()) for practice, own in last.items()}


def _levels(own: Iterable[Answer], group: str) -> dict[str, int]:
    """Rater → level, of those in a group who gave one."""
    return {one.rater: one.level for one in own if one.level is not None and one.applicable and group in (ALL, one.group)}


def withheld(sizes: Mapping[str, int], threshold: int = THRESHOLD) -> frozenset[str]:
    """The groups that are not shown: those below the threshold, and others until what is hidden is no small remainder.

    `sizes` has the size of everybody under "". Whoever subtracts the shown groups from everybody is left with all that is
    hidden together: that is nobody, or at least `threshold`.
    """
    if 0 < sizes.get(ALL, 0) < threshold:
        return frozenset(sizes)
    parts = {group: size for group, size in sizes.items() if group != ALL}
    hidden = {group for group, size in parts.items() if 0 < size < threshold}
    rest = sizes.get(ALL, 0) - sum(parts.values())
    for group in sorted(parts, key=lambda name: (parts[name], name)):
        remainder = rest + sum(parts[name] for name in hidden)
        if remainder == 0 or remainder >= threshold:
            break
        hidden.add(group)
    return frozenset(hidden)


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
    blocked: set[tuple[str | None, str]] | None,
) -> list[Score]:
    """Each rater's mean over the practices answered; the system's score is their median.

    `blocked` are the systems and groups of which a practice is withheld, None in named mode: where nothing else is left,
    the system is withheld too, since "no answers" would be another thing.
    """
    found = []
    for system in dict.fromkeys(systems.values()):
        means = {group: _means(shown, systems, system, group) for group in (ALL, *groups)}
        hidden = set()
        if blocked is not None:
            hidden = set(withheld({group: len(own) for group, own in means.items()}))
            hidden |= {group for group, own in means.items() if not own and (system, group) in blocked}
        found += [_score(system, group, list(own.values()), group in hidden) for group, own in means.items()]
    return found


def _means(
    shown: Mapping[tuple[str, str], Mapping[str, int]], systems: Mapping[str, str], system: str, group: str
) -> dict[str, float]:
    answers: dict[str, list[int]] = defaultdict(list)
    for (practice, of), levels in shown.items():
        if of == group and systems.get(practice) == system:
            for rater, level in levels.items():
                answers[rater].append(level)
    return {rater: fmean(levels) for rater, levels in answers.items()}


def reached(levels: Mapping[int, Sequence[bool]], chosen: int) -> int:
    """The level that stands when criteria gate it: the highest one up to `chosen` whose criteria, and all below it, are met."""
    for level in range(2, chosen + 1):
        if not all(levels.get(level, ())):
            return level - 1
    return chosen
