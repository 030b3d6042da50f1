"""Whether a chance or a score tells two outcomes apart, and whether it comes true: AUC and calibration, with intervals.

E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson, "Comparing the areas under two or more correlated receiver operating
characteristic curves", *Biometrics* 44 (1988); by mid-ranks, as X. Sun and W. Xu, *IEEE Signal Processing Letters* 21 (2014).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scorecard.core.intervals import Z95, wilson

BANDS = 10

Array = np.ndarray


@dataclass(frozen=True)
class Band:
    """Rows of like predicted chance: the mean of what was predicted, and the share observed with its Wilson interval."""

    low: float
    high: float
    n: int
    events: int
    predicted: float
    observed: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Interval:
    """A value and its 95% interval."""

    value: float
    lower: float
    upper: float


def auc(chance: Array, y: Array) -> Interval:
    """How often a row with the outcome has the higher chance than one without, ties counted half; DeLong's interval."""
    hit, miss = chance[y > 0], chance[y == 0]
    above = (_midranks(np.concatenate([hit, miss]))[: len(hit)] - _midranks(hit)) / len(miss)
    below = 1 - (_midranks(np.concatenate([miss, hit]))[: len(miss)] - _midranks(miss)) / len(hit)
    value = float(above.mean())
    half = Z95 * math.sqrt(above.var(ddof=1) / len(hit) + below.var(ddof=1) / len(miss))
    return Interval(value, max(0.0, value - half), min(1.0, value + half))


def _midranks(values: Array) -> Array:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def calibration(chance: Array, y: Array, bands: int = BANDS) -> tuple[Band, ...]:
    """Rows in bands of about equal size by predicted chance; equal chances stay together."""
    edges = np.unique(np.quantile(chance, np.linspace(0, 1, bands + 1)[1:-1], method="higher"))
    place = np.searchsorted(edges, chance, side="right")
    return tuple(_one_band(chance[place == k], y[place == k]) for k in range(len(edges) + 1) if (place == k).any())


def _one_band(chance: Array, y: Array) -> Band:
    n, events = len(y), int(y.sum())
    lower, upper = wilson(events, n) or (0.0, 1.0)
    return Band(float(chance.min()), float(chance.max()), n, events, float(chance.mean()), events / n, lower, upper)
