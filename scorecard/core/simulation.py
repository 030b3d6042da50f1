"""What a change of capacity, cycle time or adoption would do: a seeded Monte Carlo of cases that wait, are worked on, and are due.

One model for two processes. *Onboarding*: an account starts, waits for a free place, is onboarded; in time means value
within so many days. *Renewals*: a renewal opens so many days before its date, waits, is worked on; in time means decided
before the date. First come, first served; figures are drawn from what the store has seen, not from a formula. Two
scenarios with the same seed meet the same accounts on the same days, so their difference is the change and not the luck.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from scorecard.errors import StudyRefused

DAYS = 365.25 / 12  # Of a month.
RUNS = 500
LOW, HIGH = 0.05, 0.95
SAME = 1e-6  # Days that were added and taken away again are equal to this.
FEWEST = 6  # Past months, and past cases, below which there is nothing to draw from.

MEASURES = {
    "backlog": "Open at the end", "arrived": "Arrived", "finished": "Finished", "time_to_value": "Median days from arrival to the end",
    "waiting": "Mean days until work began", "in_time": "Share in time", "due": "Revenue due", "kept": "Revenue kept", "busy": "Share of places in use",
}

Array = np.ndarray


@dataclass(frozen=True)
class Kept:
    """The chance (0 to 1) that an account stays, by whether its case was in time and whether it adopted the product."""

    in_time_adopted: float
    in_time_other: float
    late_adopted: float
    late_other: float


@dataclass(frozen=True)
class Process:
    """A process as the store has seen it.

    `volumes` arrivals of past months, `durations` days of work on past cases, `places` cases worked on at once, `due` days
    from arrival, `values` yearly revenue of past cases, `adoption` share of accounts that adopt. `backlog` cases are open
    now; they count as arriving at the start, and as many as there are places are being worked on. `moments` say when in a month
    past cases arrived (0 its beginning, 1 its end); without any they arrive evenly.
    """

    volumes: Sequence[float]
    durations: Sequence[float]
    places: int
    due: float
    values: Sequence[float]
    adoption: float
    kept: Kept
    backlog: int = 0
    moments: Sequence[float] = ()


@dataclass(frozen=True)
class Change:
    """What is different: places more (or fewer), cycle time and volume as multiples, adoption in points (0.1 is ten)."""

    places: int = 0
    cycle: float = 1.0
    volume: float = 1.0
    adoption: float = 0.0


NOTHING = Change()


@dataclass(frozen=True)
class Spread:
    """The median over the runs, and between which figures nine runs of ten lie."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Outcome:
    """Every run: a figure for each measure of MEASURES, and what is open at the end of each month (runs × months)."""

    figures: Mapping[str, Array]
    backlog: Array
    months: int
    runs: int
    seed: int

    def spread(self, measure: str) -> Spread:
        return spread(self.figures[measure])

    def by_month(self) -> list[Spread]:
        """What is open at the end of each month."""
        return [spread(self.backlog[:, month]) for month in range(self.months)]


@dataclass(frozen=True)
class _Draws:
    """The luck of every run: how many arrive when, and a number between 0 and 1 for each of a case's questions."""

    arrivals: Array
    work: Array = field(repr=False)
    value: Array = field(repr=False)
    adopts: Array = field(repr=False)
    stays: Array = field(repr=False)
    left: Array = field(repr=False)


def spread(values: Array) -> Spread:
    known = values[np.isfinite(values)]
    if not known.size:
        return Spread(math.nan, math.nan, math.nan)
    return Spread(*map(float, np.quantile(known, [LOW, 0.5, HIGH])))


def simulate(process: Process, change: Change = NOTHING, months: int = 12, runs: int = RUNS, seed: int = 1) -> Outcome:
    """What the coming months may bring. The same seed gives the same luck, whatever the change."""
    _check(process, change)
    draws = _draw(process, change, months, runs, seed)
    work = _pick(process.durations, draws.work) * change.cycle
    places = process.places + change.places
    running = min(process.backlog, places)
    work[:, :running] *= draws.left[:, :running]  # Work on these has begun: a part of it is left.
    begun = starts(draws.arrivals, work, places)
    return _outcome(process, change, draws, begun, begun + work, months, seed)


def _check(process: Process, change: Change) -> None:
    if len(process.volumes) < FEWEST or len(process.durations) < FEWEST:
        raise StudyRefused(f"{len(process.volumes)} past months and {len(process.durations)} finished cases; at least {FEWEST} of each are needed "
                           "to draw from.")
    if process.places + change.places < 1:
        raise StudyRefused(f"{process.places} places and {change.places:+d} leave none to work in.")
    if not 0 <= process.adoption + change.adoption <= 1:
        raise StudyRefused(f"Adoption of {process.adoption:.0%} and {change.adoption * 100:+.0f} points is no share between 0% and 100%.")
    if change.cycle <= 0 or change.volume < 0 or not process.values or min(process.durations) < 0:
        raise StudyRefused("Cycle time is above 0, volume not below 0, days of work not below 0, and at least one value of a case is known.")


def _draw(process: Process, change: Change, months: int, runs: int, seed: int) -> _Draws:
    """The luck; that of the first cases of a month is the same whatever the volume."""
    rng = np.random.default_rng(seed)
    counts = np.floor(_pick(process.volumes, rng.random((runs, months))) * change.volume + rng.random((runs, months))).astype(int)
    most = max(1, int(counts.max(initial=0)))
    moments = np.moveaxis(np.random.default_rng([seed, 0]).random((most, runs, months)), 0, 2)
    moments = _pick(process.moments, moments) if process.moments else moments
    moments = np.where(np.arange(most) < counts[:, :, None], moments, math.inf)
    later = ((moments + np.arange(months)[:, None]) * DAYS).reshape(runs, -1)
    arrivals = np.sort(np.concatenate([np.zeros((runs, process.backlog)), later], axis=1), axis=1)
    width = max(1, int(np.isfinite(arrivals).sum(axis=1).max(initial=1)))
    return _Draws(arrivals[:, :width], *(_luck(seed, question, runs, width) for question in range(1, 6)))


def _luck(seed: int, question: int, runs: int, width: int) -> Array:
    """Numbers between 0 and 1, by case in its order: the k-th case of a run has the same in every scenario."""
    return np.random.default_rng([seed, question]).random((width, runs)).T.copy()


def _pick(seen: Sequence[float], luck: Array) -> Array:
    """Figures drawn from those seen."""
    return np.asarray(seen, float)[np.minimum((luck * len(seen)).astype(int), len(seen) - 1)]


def starts(arrivals: Array, work: Array, places: int) -> Array:
    """When work on each case begins (runs × cases, in order of arrival): first come, first served, so many places at once."""
    free = np.zeros((arrivals.shape[0], places))
    rows = np.arange(arrivals.shape[0])
    begun = np.empty_like(arrivals)
    for case in range(arrivals.shape[1]):
        place = free.argmin(axis=1)
        begun[:, case] = np.maximum(arrivals[:, case], free[rows, place])
        free[rows, place] = begun[:, case] + work[:, case]
    return begun


def _outcome(process: Process, change: Change, draws: _Draws, begun: Array, ended: Array, months: int, seed: int) -> Outcome:
    end, came = months * DAYS, draws.arrivals
    new = np.isfinite(came) & (np.arange(came.shape[1]) >= process.backlog)
    falls_due = np.isfinite(came) & (came + process.due <= end)
    in_time = ended <= came + process.due
    value = _pick(process.values, draws.value)
    stays = draws.stays < _chance(process.kept, in_time, draws.adopts < process.adoption + change.adoption)
    backlog = np.stack([((came <= at) & (ended > at)).sum(axis=1) for at in DAYS * np.arange(1, months + 1)], axis=1)
    figures = {
        "backlog": backlog[:, -1].astype(float), "arrived": new.sum(axis=1).astype(float), "finished": (ended <= end).sum(axis=1).astype(float),
        "time_to_value": _over(ended - np.where(new, came, 0), new, np.nanmedian), "waiting": _over(begun - np.where(new, came, 0), new, np.nanmean),
        "in_time": _ratio((in_time & falls_due).sum(axis=1), falls_due.sum(axis=1)),
        "due": (value * falls_due).sum(axis=1), "kept": (value * (falls_due & stays)).sum(axis=1),
        "busy": _busy(begun, ended, end) / (process.places + change.places),
    }
    return Outcome(figures, backlog, months, came.shape[0], seed)


def _chance(kept: Kept, in_time: Array, adopted: Array) -> Array:
    return np.where(in_time, np.where(adopted, kept.in_time_adopted, kept.in_time_other), np.where(adopted, kept.late_adopted, kept.late_other))


def _over(values: Array, mask: Array, middle: np.ufunc) -> Array:
    """A figure of the chosen cases of each run; NaN for a run without any."""
    some = mask.any(axis=1)
    found = np.full(len(values), math.nan)
    if some.any():
        found[some] = middle(np.where(mask, values, math.nan)[some], axis=1)
    return found


def _ratio(top: Array, bottom: Array) -> Array:
    return np.divide(top, bottom, out=np.full(len(top), math.nan), where=bottom > 0)


def _busy(begun: Array, ended: Array, end: float) -> Array:
    known = np.isfinite(begun)
    inside = np.minimum(np.where(known, ended, 0), end) - np.minimum(np.where(known, begun, 0), end)
    return inside.sum(axis=1) / end


def difference(before: Outcome, after: Outcome, measure: str) -> Spread:
    """What a change does to a measure, run by run with the same luck."""
    if (before.seed, before.runs, before.months) != (after.seed, after.runs, after.months):
        raise StudyRefused("Two scenarios are compared with the same seed, runs and months.")
    return spread(after.figures[measure] - before.figures[measure])


@dataclass(frozen=True)
class Check:
    """One measure of a past period: what the simulation said from the figures before it, and what came."""

    measure: str
    said: Spread
    came: float

    @property
    def inside(self) -> bool:
        return self.said.low - SAME <= self.came <= self.said.high + SAME


def back_test(before: Process, came: Mapping[str, float], months: int = 3, runs: int = RUNS, seed: int = 1) -> list[Check]:
    """The simulation of a past period from what was known before it, beside what came; measures as in MEASURES."""
    unknown = sorted(came.keys() - MEASURES.keys())
    if unknown:
        raise StudyRefused(f"There is no measure {unknown[0]!r}. There is: {', '.join(MEASURES)}.")
    said = simulate(before, NOTHING, months, runs, seed)
    return [Check(measure, said.spread(measure), value) for measure, value in came.items()]


def back_test_in_words(checks: Sequence[Check]) -> str:
    """How far the simulation may be believed: `4 of 5 measures of the past period lay where nine runs of ten said; not: Revenue kept.`"""
    out = [MEASURES[check.measure] for check in checks if not check.inside]
    inside = f"{len(checks) - len(out)} of {len(checks)} measures of the past period lay where nine runs of ten said"
    return inside + (f"; not: {', '.join(out)}." if out else ".")
