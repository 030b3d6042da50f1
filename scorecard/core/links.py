"""A stated cause and its effect: the correlation at the stated lag, how sure it is, and a verdict of three words.

Association, not proof. Sign and lag are stated beforehand; the months only say for, against, or nothing yet.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from scorecard.core.spc import lag_one

MIN_PAIRS = 12
CONFIDENCE = 0.95
VERDICTS = {"supported": "supported", "contradicted": "contradicted", "no_evidence_yet": "no evidence yet"}
_HALF_WIDTH = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)

Array = np.ndarray


@dataclass(frozen=True)
class Evidence:
    """What the pairs say of a link. `r` and its interval are None where they cannot be computed; `reason` says why.

    `n` counts pairs, `effective` is n reduced for autocorrelation. `verdict` is a key of VERDICTS.
    """

    n: int
    effective: float | None
    r: float | None
    low: float | None
    high: float | None
    verdict: str
    reason: str = ""


def read(cause: Mapping[int, float], effect: Mapping[int, float], lag: int, sign: int) -> Evidence:
    """The evidence for "`effect` follows `cause` with this sign after `lag` periods".

    Both map the ordinal of a period to its value; leave out what does not count. Raises nothing.
    """
    times = sorted(time for time in effect if time - lag in cause)
    if len(times) < MIN_PAIRS:
        return _silent(len(times), f"{len(times)} pairs so far; {MIN_PAIRS} are needed")
    x = _by_time({time: cause[time - lag] for time in times})
    y = _by_time({time: effect[time] for time in times})
    r = float(pearson(x[~np.isnan(x)], y[~np.isnan(y)]))
    if math.isnan(r):
        return _silent(len(times), "one of the two does not vary")
    effective = float(effective_size(len(times), lag_one(x), lag_one(y)))
    low, high = map(float, interval(r, effective))
    if math.isnan(low):
        return Evidence(
            len(times),
            effective,
            r,
            None,
            None,
            "no_evidence_yet",
            "each period resembles the one before it too much for an interval",
        )
    return Evidence(len(times), effective, r, low, high, verdict(low, high, sign))


def _silent(n: int, reason: str) -> Evidence:
    return Evidence(n, None, None, None, None, "no_evidence_yet", reason)


def _by_time(values: Mapping[int, float]) -> Array:
    """The values on an axis of time, scaled by the largest, NaN where a period has none."""
    first, last = min(values), max(values)
    unit = max(abs(value) for value in values.values()) or 1.0
    found = np.full(last - first + 1, math.nan)
    for time, value in values.items():
        found[time - first] = value / unit
    return found


def pearson(x: Array, y: Array) -> float:
    """Pearson's r, −1 to 1, of pairs along the last axis; NaN where one side does not vary."""
    a = x - x.mean(axis=-1, keepdims=True)
    b = y - y.mean(axis=-1, keepdims=True)
    spread = np.sqrt((a * a).sum(axis=-1) * (b * b).sum(axis=-1))
    noise = np.finfo(float).eps * 8 * np.sqrt((x * x).sum(axis=-1) * (y * y).sum(axis=-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.where(spread > noise, (a * b).sum(axis=-1) / spread, math.nan)
    return np.clip(r, -1, 1)[()]


def effective_size(n: float, a: float, b: float) -> float:
    """n × (1 − ab) ÷ (1 + ab), with a and b the lag-1 autocorrelations; never more than n.

    Bartlett 1935, J. Royal Statistical Society 98, 536; Pyper and Peterman 1998 give it for series of this length.
    """
    product = np.clip(np.nan_to_num(np.asarray(a, float) * b), 0, 1)
    return (n * (1 - product) / (1 + product))[()]


def interval(r: float, n: float) -> tuple[float, float]:
    """The 95% interval of r from n pairs: tanh(atanh r ± 1.96 ÷ √(n − 3)); NaN for 3 pairs or fewer.

    Fisher 1921, Metron 1, 3. A perfect r has no width.
    """
    n, inside = np.asarray(n, float), np.clip(r, -1 + 1e-15, 1 - 1e-15)
    with np.errstate(invalid="ignore", divide="ignore"):
        half = np.where(n > 3, _HALF_WIDTH / np.sqrt(n - 3), math.nan)
    return np.tanh(np.arctanh(inside) - half)[()], np.tanh(np.arctanh(inside) + half)[()]


def verdict(low: float, high: float, sign: int) -> str:
    """`supported` when the interval lies on the stated side of 0, `contradicted` on the other, else nothing yet."""
    if not (low > 0 or high < 0):
        return "no_evidence_yet"
    return "supported" if (low > 0) == (sign > 0) else "contradicted"
