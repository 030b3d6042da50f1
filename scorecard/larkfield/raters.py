"""What Larkfield's raters answer, drawn once: columns in which people disagree as planted, rows that come to planted sums.

A rater's answers in a system come to a sum that is planned here, in rising order, so that median, range and middle half of
the system are known beforehand. What is drawn is who says what, and how a sum spreads over the practices.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from scorecard.core import rubric

SEED = 2879
TRIES = 2500
WIDEST = 0.74
ROW = 10  # How much a rater's general view weighs against chance: systems are seen alike by the same person, not the same.
UNSURE, NOT_APPLICABLE = "?", "-"
SHORT = {3: "c"}  # stands at 3 though 4 was chosen: a criterion of 4 is not met
Levels = list[list[int | None]]  # rater by practice


@dataclass(frozen=True)
class Planned:
    """One system in one cycle. `sums` are the raters' sums over its practices, rising; `split` are columns as planted.

    `split` says how many choose each level from 1 to 5. `lift` moves the mean of a practice against its system's, and no
    other practice's median falls below `floor`. `unsure` is how many answers are "I don't know".
    """

    practices: tuple[str, ...]
    sums: tuple[int, ...]
    split: Mapping[str, tuple[int, int, int, int, int]]
    lift: Mapping[str, float]
    floor: float
    unsure: int = 0


def _ids(letter: str, count: int) -> tuple[str, ...]:
    return tuple(f"{letter}{number}" for number in range(1, count + 1))


SENSORY, PLANNING, PEOPLE, WORK = _ids("S", 8), _ids("P", 8), _ids("E", 8), _ids("W", 6)
METRICS, IMPROVEMENT, LEADERSHIP = _ids("M", 9), _ids("I", 8), _ids("L", 8)

MARCH = (
    Planned(SENSORY, (12, 13, 14, 15, 16, 16, 17, 18, 18, 19, 20, 20, 21, 22), {"S5": (8, 5, 1, 0, 0)}, {"S1": 0.4, "S6": 0.3}, 2, 2),
    Planned(PLANNING, (19, 20, 21, 22, 23, 23, 24, 24, 25, 25, 26, 26, 27, 28),
            {"P4": (3, 8, 3, 0, 0), "P8": (3, 3, 2, 5, 1)}, {"P1": 0.3, "P3": 0.2}, 2, 1),
    Planned(PEOPLE, (18, 19, 20, 21, 22, 23, 24, 24, 25, 26, 26, 27, 28, 29),
            {"E4": (2, 5, 1, 4, 2), "E7": (4, 7, 3, 0, 0)}, {"E5": 0.3}, 2, 2),
    Planned(WORK, (11, 12, 13, 13, 14, 14, 15, 16, 16, 17, 17, 18, 19, 20),
            {"W4": (5, 7, 2, 0, 0), "W6": (4, 4, 0, 4, 2)}, {"W5": 0.3}, 2, 1),
    Planned(METRICS, (20, 21, 23, 24, 25, 26, 27, 27, 28, 29, 30, 31, 32, 33), {"M5": (4, 7, 3, 0, 0)}, {"M2": 0.4, "M7": 0.4}, 2, 1),
    Planned(IMPROVEMENT, (12, 13, 14, 15, 16, 16, 17, 17, 18, 18, 19, 20, 21, 22), {"I6": (5, 7, 2, 0, 0)}, {"I8": 0.4, "I3": 0.3}, 1, 3),
    Planned(LEADERSHIP, (18, 20, 22, 23, 24, 26, 27, 27, 28, 28, 29, 30, 31, 32), {"L6": (1, 3, 5, 3, 2)}, {"L1": 0.4, "L5": 0.4}, 2, 2),
)  # fmt: skip
SEPTEMBER = (
    Planned(SENSORY, (14, 17, 19, 20, 20, 21, 21, 21, 22, 22, 23, 24, 24), {"S5": (7, 3, 0, 2, 1)}, {"S1": 0.3, "S6": 0.2}, 3, 2),
    Planned(PLANNING, (20, 21, 22, 23, 23, 24, 24, 24, 24, 25, 25, 26, 27), {"P4": (2, 8, 3, 0, 0)}, {"P8": 0.5, "P3": 0.3}, 3, 1),
    Planned(PEOPLE, (17, 19, 20, 21, 21, 22, 23, 23, 24, 25, 26, 27, 29),
            {"E4": (1, 5, 0, 4, 3), "E7": (3, 6, 4, 0, 0)}, {"E3": 0.2}, 3, 2),
    Planned(WORK, (14, 16, 18, 19, 20, 21, 22, 22, 23, 23, 23, 24, 24), {"W4": (4, 5, 1, 3, 0)}, {"W5": 0.4, "W6": 0.3}, 3, 1),
    Planned(METRICS, (23, 26, 28, 29, 31, 32, 33, 33, 34, 34, 35, 36, 37), {"M5": (2, 7, 4, 0, 0)}, {"M7": 0.4, "M4": 0.3}, 3, 1),
    Planned(IMPROVEMENT, (15, 16, 17, 18, 18, 19, 20, 20, 21, 22, 23, 25, 27), {"I6": (3, 5, 0, 4, 1)}, {"I3": 0.4, "I8": 0.4}, 2, 3),
    Planned(LEADERSHIP, (15, 19, 22, 24, 25, 26, 27, 27, 28, 29, 30, 31, 33), {"L6": (2, 2, 5, 2, 2)}, {"L1": 0.4, "L5": 0.3}, 3, 2),
)  # fmt: skip
CYCLES = {"March 2026": MARCH, "September 2026": SEPTEMBER}
OUTSIDE = {("September 2026", "E1")}  # who does not know finds that it does not apply
FALL_SHORT = {("March 2026", "M3"): 2, ("September 2026", "W1"): 2, ("September 2026", "P8"): 1}


def drawn() -> dict[str, dict[str, str]]:
    """Cycle → practice → a sign for each rater: a level, `c` for 3 with 4 chosen, `?` for "I don't know", `-` for not applicable."""
    found = {title: _cycle(systems, random.Random(f"{SEED} {title}")) for title, systems in CYCLES.items()}
    for title, practice in OUTSIDE:
        found[title][practice] = found[title][practice].replace(UNSURE, NOT_APPLICABLE)
    for (title, practice), count in FALL_SHORT.items():
        found[title][practice] = found[title][practice].replace("3", SHORT[3], count)
    return found


def text() -> str:
    """The answers as TOML."""
    head = '# What the raters of Larkfield answer, in the order in which the cycle names them: a level,\n# c 3 because a criterion of the chosen 4 is not met, ? "I don\'t know", - not applicable.\n'
    return head + "".join(f'\n["{title}"]\n' + "".join(f'{practice} = "{signs}"\n' for practice, signs in own.items())
                          for title, own in drawn().items())


def _cycle(systems: Sequence[Planned], chance: random.Random) -> dict[str, str]:
    raters = len(systems[0].sums)
    view = chance.sample(range(raters), raters)
    found = {}
    for planned in systems:
        table = _system(planned, [view[rater] + chance.gauss(0, raters / ROW) for rater in range(raters)], chance)
        found |= {id: "".join(_sign(row[place]) for row in table) for place, id in enumerate(planned.practices)}
    return found


def _sign(level: int | None) -> str:
    return UNSURE if level is None else str(level)


def _system(planned: Planned, view: Sequence[float], chance: random.Random) -> Levels:
    """The raters' levels: planted columns first, the rest spread so that each row comes to its sum, then mixed."""
    order = sorted(range(len(view)), key=view.__getitem__)
    sums = {rater: planned.sums[rank] for rank, rater in enumerate(order)}
    for _ in range(TRIES):
        table = _begun(planned, sums, chance)
        if table is not None:
            break
    else:
        raise ValueError(f"no answers of {planned.practices[0]} to {planned.practices[-1]} come to the sums")
    _mix(table, planned, chance)
    _forget(table, planned, chance)
    return table


def _begun(planned: Planned, sums: Mapping[int, int], chance: random.Random) -> Levels | None:
    """Rows that come to their sums, the rest of a row as even as it can be; None when a level would not be 1 to 5."""
    table: Levels = [[0] * len(planned.practices) for _ in sums]
    for place, id in enumerate(planned.practices):
        if id in planned.split:
            levels = [level for level, count in enumerate(planned.split[id], 1) for _ in range(count)]
            chance.shuffle(levels)
            for row, level in zip(table, levels, strict=True):
                row[place] = level
    free = _free(planned)
    for rater, total in sums.items():
        low, more = divmod(total - sum(table[rater]), len(free))
        if not (low >= 1 and low + bool(more) <= len(rubric.LEVELS)):
            return None
        raised = set(chance.sample(free, more))
        for place in free:
            table[rater][place] = low + (place in raised)
    return table


def _free(planned: Planned) -> list[int]:
    return [place for place, id in enumerate(planned.practices) if id not in planned.split]


def _mix(table: Levels, planned: Planned, chance: random.Random) -> None:
    """A level more here is one less there: practices become unlike each other, rows keep their sums."""
    free = _free(planned)
    overall = fmean(row[place] for row in table for place in free)
    want = {place: overall + planned.lift.get(planned.practices[place], 0) for place in free}
    cost = {place: _cost(table, place, want[place], planned.floor) for place in free}
    for _ in range(TRIES):
        row, (up, down) = chance.choice(table), chance.sample(free, 2)
        if row[up] == len(rubric.LEVELS) or row[down] == 1:
            continue
        row[up], row[down] = row[up] + 1, row[down] - 1
        new = {place: _cost(table, place, want[place], planned.floor) for place in (up, down)}
        if sum(new.values()) <= cost[up] + cost[down] + chance.expovariate(6):
            cost |= new
        else:
            row[up], row[down] = row[up] - 1, row[down] + 1


def _cost(table: Levels, place: int, want: float, floor: float) -> float:
    """How far a column is from what it should be: its mean, agreement, and a median not below the floor."""
    levels = [row[place] for row in table if row[place] is not None]
    wide = max(rubric.average_deviation(levels) - WIDEST, 0)
    return 4 * abs(fmean(levels) - want) + 200 * wide + 100 * max(floor - median(levels), 0)


def _forget(table: Levels, planned: Planned, chance: random.Random) -> None:
    """Some do not know: where it leaves the system's median, range and middle half as they are, and the practice agreed."""
    stands, left = _outline(table), planned.unsure
    cells = [(rater, place) for rater in range(len(table)) for place in _free(planned)]
    for rater, place in chance.sample(cells, len(cells)):
        level, table[rater][place] = table[rater][place], None
        kept = _outline(table) == stands and not _cost(table, place, 0, planned.floor) >= 100
        left -= kept
        if not kept:
            table[rater][place] = level
        if left == 0:
            return


def _outline(table: Levels) -> tuple[float, ...]:
    means = [fmean(level for level in row if level is not None) for row in table]
    return min(means), median(means), max(means), *rubric.quartiles(means)
