"""Looking at an experiment before its end without more false alarms than were agreed: O'Brien-Fleming boundaries.

The chance of a false alarm is spent over the information gathered so far, as K. K. G. Lan and D. L. DeMets, "Discrete
sequential boundaries for clinical trials", *Biometrika* 70 (1983), in the form of P. C. O'Brien and T. R. Fleming,
*Biometrics* 35 (1979). Neither the number of looks nor their moments need be known beforehand, only the whole size. The
chances are integrated from look to look (P. Armitage, C. K. McPherson and B. C. Rowe, *JRSS A* 132, 1969).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from scorecard.core.tails import ndtr, ndtri
from scorecard.errors import StudyRefused

NODES = 160
WIDEST = 9.0  # Standard deviations; a first look at very little information cannot be crossed.

Array = np.ndarray


def spent(share: float, alpha: float = 0.05) -> float:
    """The two-sided chance of a false alarm that may be used up once this share (0 to 1) of the information is in."""
    if share >= 1:
        return alpha
    return 0.0 if share <= 0 else float(4 * ndtr(ndtri(alpha / 4) / math.sqrt(share)))


def boundaries(shares: Sequence[float], alpha: float = 0.05) -> list[float]:
    """The size of z (either sign) that stops at each look; looks are shares of the information, rising, the last at most 1."""
    _check(shares)
    found: list[float] = []
    density = _Start()
    used = 0.0
    for share in shares:
        due = spent(share, alpha)
        outside = _outside(density, share)
        bound = _solve(lambda z: outside(z) - (due - used), 0.0, WIDEST)
        found.append(bound)
        density, used = density.moved(share, bound, 0.0), used + outside(bound)
    return found


def power(shares: Sequence[float], bounds: Sequence[float], drift: float) -> float:
    """The chance that some look crosses its boundary when z at full information has this mean."""
    density: _Start | _Grid = _Start()
    crossed = 0.0
    for share, bound in zip(shares, bounds):
        crossed += _outside(density, share, drift)(bound)
        density = density.moved(share, bound, drift)
    return crossed


def inflation(shares: Sequence[float], alpha: float = 0.05, wanted: float = 0.8) -> float:
    """How many times larger than a test with one look the whole size has to be for the same power."""
    bounds = boundaries(shares, alpha)
    fixed = float(ndtri(1 - alpha / 2) + ndtri(wanted))
    drift = _solve(lambda d: wanted - power(shares, bounds, d), 0.0, 2 * fixed)
    return max(1.0, (drift / fixed) ** 2)


def _check(shares: Sequence[float]) -> None:
    rising = all(a < b for a, b in zip(shares, shares[1:]))
    if not shares or not rising or shares[0] <= 0 or shares[-1] > 1:
        raise StudyRefused(f"Looks are shares of the whole size that rise to at most 1, for example 0.5 and 1; found {list(shares)}.")


class _Start:
    """Before the first look: the sum is 0 for certain."""

    share = 0.0

    def moved(self, share: float, bound: float, drift: float) -> _Grid:
        nodes, weights = _nodes(bound * math.sqrt(share))
        return _Grid(share, nodes, weights * _normal(nodes - drift * share, share))

    def tail(self, edge: float, step: float, mean: float) -> float:
        return float(ndtr((mean - edge) / math.sqrt(step)))


class _Grid:
    """Sums that no look has stopped so far: where, and how likely (weights included)."""

    def __init__(self, share: float, nodes: Array, mass: Array) -> None:
        self.share, self.nodes, self.mass = share, nodes, mass

    def moved(self, share: float, bound: float, drift: float) -> _Grid:
        nodes, weights = _nodes(bound * math.sqrt(share))
        step = share - self.share
        density = _normal(nodes[:, None] - self.nodes[None, :] - drift * step, step) @ self.mass
        return _Grid(share, nodes, weights * density)

    def tail(self, edge: float, step: float, mean: float) -> float:
        return float(self.mass @ ndtr((self.nodes + mean - edge) / math.sqrt(step)))


def _outside(density: _Start | _Grid, share: float, drift: float = 0.0) -> Callable[[float], float]:
    """The chance of ending outside a boundary at this look, having been inside at every look before."""
    step = share - density.share
    mean = drift * step

    def chance(bound: float) -> float:
        edge = bound * math.sqrt(share)
        mirrored = density if isinstance(density, _Start) else _Grid(density.share, -density.nodes, density.mass)
        return density.tail(edge, step, mean) + mirrored.tail(edge, step, -mean)

    return chance


def _nodes(edge: float) -> tuple[Array, Array]:
    x, weights = _legendre()
    return x * edge, weights * edge


@cache
def _legendre() -> tuple[Array, Array]:
    return np.polynomial.legendre.leggauss(NODES)


def _normal(x: Array, variance: float) -> Array:
    return np.exp(-x * x / (2 * variance)) / math.sqrt(2 * math.pi * variance)


def _solve(falling: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function is 0, by halving; an end when it is beyond."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return (low + high) / 2
