"""Whether a score tells the truth: who was lost in each band, what a threshold catches, and whether a simple rule does as well.

The difference of two areas under the curve: E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson, *Biometrics* 44 (1988).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scorecard.core.calibration import Interval, auc
from scorecard.core.health_score import POSSIBLE, largest_remainder
from scorecard.core.intervals import Z95, Share
from scorecard.core.logistic import fit, problem

EDGES = (0, 50, 60, 70, 80, POSSIBLE + 1)
FEWEST_LOSSES, LOSSES_FOR_AN_INPUT = 5, 10
LEARNED = 2 / 3  # of the outcomes, the older ones, weights are learned from; they are tried on the rest

Array = np.ndarray


@dataclass(frozen=True)
class Band:
    """Scores from `low` up to, but not with, `high`, and how many of them were lost."""

    low: int
    high: int
    lost: Share

    @property
    def label(self) -> str:
        """`below 50`, `50 to 59`, `80 and up`."""
        if self.low == 0:
            return f"below {self.high}"
        return f"{self.low} and up" if self.high > POSSIBLE else f"{self.low} to {self.high - 1}"


@dataclass(frozen=True)
class Proposal:
    """Weights learned from outcomes, by input; how both sets of weights did on the later outcomes, which they were not
    learned from. `learned` of the `losses` are among the older outcomes. `refusal` says why there are none."""

    weights: tuple[int, ...] = ()
    losses: int = 0
    learned: int = 0
    proposed: Interval | None = None
    current: Interval | None = None
    gain: Interval | None = None
    refusal: str = ""

    @property
    def better(self) -> bool:
        """Whether the proposed weights told more apart, beyond chance."""
        return self.gain is not None and self.gain.lower > 0


def bands(scores: Sequence[float], lost: Sequence[bool]) -> tuple[Band, ...]:
    """The five bands of a score, empty ones too."""
    pairs = list(zip(scores, lost, strict=True))
    found = []
    for low, high in zip(EDGES, EDGES[1:]):
        own = [gone for score, gone in pairs if low <= score < high]
        found.append(Band(low, high, Share(sum(own), len(own))))
    return tuple(found)


def told_apart(risk: Sequence[float], lost: Sequence[bool]) -> Interval | None:
    """The AUC with DeLong's interval: how often a lost one had the higher risk. None for fewer than FEWEST_LOSSES of a kind."""
    y = np.asarray(lost, dtype=float)
    if min(y.sum(), len(y) - y.sum()) < FEWEST_LOSSES:
        return None
    return auc(np.asarray(risk, dtype=float), y)


def difference(risk: Sequence[float], other: Sequence[float], lost: Sequence[bool]) -> Interval | None:
    """How much larger the AUC of `risk` is than that of `other` on the same rows, with DeLong's interval for pairs."""
    y = np.asarray(lost, dtype=bool)
    if min(y.sum(), len(y) - y.sum()) < FEWEST_LOSSES:
        return None
    parts = [_placements(np.asarray(one, dtype=float), y) for one in (risk, other)]
    above, below = parts[0][0] - parts[1][0], parts[0][1] - parts[1][1]
    value = float(above.mean())
    half = Z95 * math.sqrt(above.var(ddof=1) / len(above) + below.var(ddof=1) / len(below))
    return Interval(value, value - half, value + half)


def _placements(risk: Array, lost: Array) -> tuple[Array, Array]:
    """For each lost row the share of the kept ones below it, for each kept row the share of the lost ones above it."""
    hit, miss = risk[lost], risk[~lost]
    ordered, ours = np.sort(miss), np.sort(hit)
    above = (np.searchsorted(ordered, hit, "left") + np.searchsorted(ordered, hit, "right")) / (2 * len(miss))
    below = 1 - (np.searchsorted(ours, miss, "left") + np.searchsorted(ours, miss, "right")) / (2 * len(hit))
    return above, below


def caught(scores: Sequence[float], lost: Sequence[bool], threshold: float) -> tuple[Share, Share]:
    """(precision, recall) of scores below a threshold: lost among the flagged, flagged among the lost."""
    flagged = [score < threshold for score in scores]
    both = sum(one and gone for one, gone in zip(flagged, lost, strict=True))
    return Share(both, sum(flagged)), Share(both, sum(lost))


def proposed(shares: Sequence[Sequence[float]], weights: Sequence[int], lost: Sequence[bool]) -> Proposal:
    """Weights by a logistic regression (Firth) of being lost on the shares of points, oldest outcome first; an input that
    goes with being kept less, or not at all, weighs nothing. Refused with too few losses."""
    losses, needed = sum(lost), LOSSES_FOR_AN_INPUT * len(weights)
    if losses < needed:
        return Proposal(losses=losses, refusal=f"{losses} losses with every input known are too few to weigh {len(weights)} inputs: "
                                               f"{needed} are needed.")
    x, y = np.asarray(shares, dtype=float), np.asarray(lost, dtype=float)
    cut = int(len(y) * LEARNED)
    risks = 1 - x
    learned = fit(problem(np.column_stack([np.ones(cut), risks[:cut]]), y[:cut], "firth"))
    useful = np.maximum(learned.coef[1:], 0.0)
    if not learned.converged or not useful.sum():
        return Proposal(losses=losses, refusal="No input goes with being lost in the older outcomes, so there is nothing to weigh.")
    exact = [float(one) for one in POSSIBLE * useful / useful.sum()]
    ours, theirs, later = risks[cut:] @ useful, risks[cut:] @ np.asarray(weights, dtype=float), [bool(one) for one in y[cut:]]
    return Proposal(tuple(largest_remainder(exact, POSSIBLE)), losses, int(y[:cut].sum()), told_apart(ours, later), told_apart(theirs, later),
                    difference(ours, theirs, later))
