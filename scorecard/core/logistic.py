"""Logistic regression by maximum likelihood and by Firth's penalised likelihood, with profile intervals.

Maximum likelihood by Newton's method, as `glm` of R. Firth: the log-likelihood plus half the logarithm of the determinant
of the information (D. Firth, "Bias reduction of maximum likelihood estimates", *Biometrika* 80, 1993); penalised profile
intervals and penalised likelihood-ratio tests as G. Heinze and M. Schemper, "A solution to the problem of separation in
logistic regression", *Statistics in Medicine* 21 (2002), and their R package logistf: a coefficient that is tested stays
in the penalty.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from scorecard.core.intervals import Z95
from scorecard.core.tails import chdtrc, expit, ndtr

METHODS = ("firth", "ml")
ITERATIONS = 200
HALVINGS = 30
CLOSE = 1e-16  # Newton decrement: squared distance to the maximum, in standard errors.
CLOSE_ON_PROFILE = 1e-11
LIMIT_CLOSE = 1e-7
BLOCK = 160_000  # Multiplications in a block; the linear algebra library starts no threads below 262,144.
FAR = 15.0  # A linear predictor beyond this gives the outcome away: separation is looked for.
ALIASED = 1e-8
SAME = 1e-13

Array = np.ndarray


@dataclass(frozen=True)
class Fit:
    """Coefficients (log odds), standard errors and covariance in the order of the columns, at the maximum.

    `log_likelihood` holds the penalty when the method is firth; `linear` is the linear predictor of each row.
    """

    method: str
    coef: Array
    se: Array
    covariance: Array
    log_likelihood: float
    converged: bool
    iterations: int
    linear: Array


@dataclass(frozen=True)
class Inference:
    """Limits of the 95% interval and p of each coefficient: Wald for ml, penalised profile and likelihood ratio for firth."""

    lower: Array
    upper: Array
    p: Array
    statistic: Array


@dataclass(frozen=True)
class Problem:
    """Columns, each less its middle and divided by its scale, and the outcome as 0.0 and 1.0, in blocks of rows.

    The shape is (blocks, columns, rows of a block). A block fits the cache and one core; the last one is filled up with
    rows of zeros, which weigh nothing. The first column is the intercept.
    """

    x: Array
    y: Array
    columns: Array
    outcome: Array
    middle: Array
    scale: Array
    firth: bool

    @property
    def n(self) -> int:
        return len(self.y)

    def inner(self, coef: Array) -> Array:
        """Coefficients of the scaled columns from those of the columns as they came."""
        found = coef * self.scale
        found[0] += coef[1:] @ self.middle[1:]
        return found

    @property
    def outward(self) -> Array:
        """The matrix that turns coefficients of the scaled columns into those of the columns as they came."""
        found = np.diag(1 / self.scale)
        found[0, 1:] = -self.middle[1:] / self.scale[1:]
        return found

    @property
    def constant(self) -> float:
        """What dividing the columns took from the penalised log-likelihood."""
        return float(np.log(self.scale).sum()) if self.firth else 0.0


@dataclass(frozen=True)
class _Point:
    beta: Array
    linear: Array
    log_likelihood: float
    score: Array
    information: Array
    converged: bool = False
    iterations: int = 0


def problem(x: Array, y: Array, method: str, centred: bool = True) -> Problem:
    """The regression of an outcome (0 or 1) on the columns of `x`, of which the first is ones for the intercept."""
    n, p = x.shape
    middle = x.mean(axis=0) * centred
    middle[0] = 0.0
    shifted = x - middle
    scale = np.sqrt((shifted * shifted).mean(axis=0))
    scale[scale == 0] = 1.0
    rows = min(n, max(64, BLOCK // (p * p)))
    blocks = -(-n // rows)
    filled = np.zeros((blocks * rows, p + 1))
    filled[:n, :p], filled[:n, p] = shifted / scale, y
    shaped = np.ascontiguousarray(filled.reshape(blocks, rows, p + 1).transpose(0, 2, 1))
    columns, outcome = np.ascontiguousarray(shaped[:, :p]), np.ascontiguousarray(shaped[:, p])
    return Problem(x, y.astype(float), columns, outcome, middle, scale, method == "firth")


def fit(asked: Problem) -> Fit:
    """The maximum of the likelihood, penalised for firth. `converged` is False where the estimates run away."""
    found = _climb(asked, np.zeros(len(asked.scale)), np.ones(len(asked.scale), bool), CLOSE)
    outward = asked.outward
    covariance = outward @ _inverse(found.information) @ outward.T
    return Fit("firth" if asked.firth else "ml", outward @ found.beta, _errors(covariance), covariance,
               found.log_likelihood + asked.constant, found.converged, found.iterations, found.linear)


def _errors(covariance: Array) -> Array:
    variance = np.diag(covariance)
    return np.sqrt(np.where(variance > 0, variance, math.nan))


def without_infinite(asked: Problem, found: Fit, infinite: Array) -> Fit:
    """The fit with NaN for the coefficients that run away, and for the others what they come to meanwhile."""
    finite = ~infinite
    raw = problem(asked.x, asked.y, found.method, centred=False)
    information = _look(raw, raw.inner(found.coef)).information
    covariance = np.full_like(information, math.nan)
    covariance[np.ix_(finite, finite)] = _inverse(information[np.ix_(finite, finite)]) / np.outer(raw.scale[finite], raw.scale[finite])
    coef = np.where(infinite, math.nan, found.coef)
    return replace(found, coef=coef, se=_errors(covariance), covariance=covariance, converged=False)


def _look(asked: Problem, beta: Array) -> _Point:
    """The likelihood, its slope and the information at these coefficients; minus infinity where the information is singular."""
    x, y = asked.columns, asked.outcome
    linear = np.einsum("i,kij->kj", beta, x)
    chance = expit(linear)
    weighted = x * (chance * (1 - chance))[:, None]
    information = np.matmul(weighted, x.transpose(0, 2, 1)).sum(axis=0)
    value = (y.size - asked.n) * math.log(2) - float(np.logaddexp(0.0, np.where(y > 0, -linear, linear)).sum())
    rest = y - chance
    flat = linear.ravel()[: asked.n]
    if asked.firth:
        try:
            root = np.linalg.cholesky(information)
        except np.linalg.LinAlgError:
            return _Point(beta, flat, -math.inf, np.zeros_like(beta), information)
        value += float(np.log(np.diag(root)).sum())
        inverse = np.linalg.inv(root)
        hat = np.einsum("kij,kij->kj", (inverse.T @ inverse) @ x, weighted)
        rest = rest + hat * (0.5 - chance)
    return _Point(beta, flat, value, np.einsum("kij,kj->i", x, rest), information)


def _climb(asked: Problem, start: Array, free: Array, close: float) -> _Point:
    """The highest point that is reached by moving the free coefficients."""
    here = _look(asked, start)
    for iteration in range(ITERATIONS):
        step = np.zeros_like(start)
        try:
            step[free] = np.linalg.solve(here.information[np.ix_(free, free)], here.score[free])
        except np.linalg.LinAlgError:
            return _ended(here, False, iteration)
        if here.score @ step < close:
            return _ended(here, True, iteration)
        there = _uphill(asked, here, step)
        if there is None:
            return _ended(here, bool(here.score @ step < math.sqrt(close)), iteration)
        here = there
    return _ended(here, False, ITERATIONS)


def _ended(here: _Point, converged: bool, iterations: int) -> _Point:
    return _Point(here.beta, here.linear, here.log_likelihood, here.score, here.information, converged, iterations)


def _uphill(asked: Problem, here: _Point, step: Array) -> _Point | None:
    """The first point along the step, halved as often as need be, that is not lower; None when none is."""
    noise = 1e-12 * max(1.0, abs(here.log_likelihood))
    for _ in range(HALVINGS):
        there = _look(asked, here.beta + step)
        if there.log_likelihood >= here.log_likelihood - noise:
            return there
        step = step / 2
    return None


def _inverse(information: Array) -> Array:
    try:
        return np.linalg.inv(information)
    except np.linalg.LinAlgError:
        return np.full_like(information, math.nan)


def infer(asked: Problem, found: Fit) -> Inference:
    """The interval and the test of every coefficient, on the scale of the coefficients."""
    return _profiled(asked, found) if asked.firth else _wald(found)


def _wald(found: Fit) -> Inference:
    with np.errstate(invalid="ignore", divide="ignore"):
        z = found.coef / found.se
    half = Z95 * found.se
    return Inference(found.coef - half, found.coef + half, 2 * ndtr(-np.abs(z)), z * z)


def _profiled(asked: Problem, found: Fit) -> Inference:
    raw = problem(asked.x, asked.y, found.method, centred=False)  # The intercept is one of its coefficients, here it is not.
    rows = [_profile_of(raw, found, 0), *(_profile_of(asked, found, j) for j in range(1, len(asked.scale)))]
    lower, upper, statistic = np.array(rows, float).T
    return Inference(lower, upper, chdtrc(1, statistic), statistic)


def _profile_of(asked: Problem, found: Fit, j: int) -> tuple[float, float, float]:
    """Both limits of a coefficient, and its likelihood-ratio statistic."""
    top = _look(asked, asked.inner(found.coef))
    covariance = _inverse(top.information)
    low, high = (_limit(asked, top, covariance, j, side) / asked.scale[j] for side in (-1, 1))
    return low, high, _drop(asked, top, covariance, j)


def _drop(asked: Problem, top: _Point, covariance: Array, j: int) -> float:
    """Twice the fall of the log-likelihood when one coefficient is held at 0."""
    start = top.beta - top.beta[j] * covariance[:, j] / covariance[j, j]
    start[j] = 0.0
    held = _climb(asked, start, np.arange(len(start)) != j, CLOSE_ON_PROFILE)
    return max(0.0, 2 * (top.log_likelihood - held.log_likelihood))


def _limit(asked: Problem, top: _Point, covariance: Array, j: int, side: int) -> float:
    """Where the profile has fallen by half the 95% quantile of chi-square: Newton on its signed root, inside a bracket."""
    free = np.arange(len(top.beta)) != j
    direction = covariance[:, j] / covariance[j, j]
    move = side * Z95 * math.sqrt(covariance[j, j])
    here, near, far = top, top.beta[j], side * math.inf
    for _ in range(60):
        here = _climb(asked, here.beta + move * direction, free, CLOSE_ON_PROFILE)
        root = math.sqrt(max(0.0, 2 * (top.log_likelihood - here.log_likelihood)))
        if abs(root - Z95) < LIMIT_CLOSE:
            return float(here.beta[j])
        near, far = (here.beta[j], far) if root < Z95 else (near, here.beta[j])
        target = _next(here.beta[j], root, here.score[j], near, far, side)
        move, direction = target - here.beta[j], _direction(here.information, free, j)
    return side * math.inf


def _next(now: float, root: float, slope: float, near: float, far: float, side: int) -> float:
    """The next value to try for a limit: along the tangent, or the middle of the bracket when that leaves it."""
    step = (Z95 - root) * root / abs(slope) if slope and math.isfinite(root) and root else side * math.nan
    target = now + side * step
    inside = min(near, far) < target < max(near, far)
    if inside:
        return target
    return (near + far) / 2 if math.isfinite(far) else near + side * 2 * max(1.0, abs(now))


def _direction(information: Array, free: Array, j: int) -> Array:
    """How the other coefficients move with one of them along the profile."""
    direction = np.ones(len(free))
    if free.any():
        direction[free] = -np.linalg.solve(information[np.ix_(free, free)], information[free, j])
    return direction


def whole(asked: Problem, found: Fit) -> tuple[float, int, float]:
    """The likelihood-ratio test of all coefficients but the first, the intercept: statistic, degrees of freedom, p."""
    return together(asked, found, range(1, len(asked.scale)))


def together(asked: Problem, found: Fit, held: Iterable[int]) -> tuple[float, int, float]:
    """The likelihood-ratio test of some coefficients (not the first) at once; for firth they stay in the penalty, as logistftest."""
    free = np.ones(len(asked.scale), bool)
    free[list(held)] = False
    mean = float(np.clip(asked.outcome.sum() / asked.n, 1e-12, 1 - 1e-12))
    start = np.zeros(len(free))
    start[0] = math.log(mean / (1 - mean))
    null = _climb(asked, start, free, CLOSE)
    statistic = max(0.0, 2 * (found.log_likelihood - asked.constant - null.log_likelihood))
    df = int((~free).sum())
    return statistic, df, float(chdtrc(df, statistic)) if df else 1.0


def aliased(x: Array) -> dict[int, tuple[int, ...]]:
    """Columns that others before them determine: position → positions of those others (0 is the intercept).

    In order, as `glm` of R: of two columns that say the same, the later one is named.
    """
    centred = x - x.mean(axis=0)
    centred[:, 0] = 0.0
    size = np.sqrt((centred * centred).sum(axis=0))
    constant = np.ptp(x, axis=0) <= SAME * np.abs(x).max(axis=0)
    r = np.linalg.qr(centred / np.where(constant, 1.0, size), mode="r")
    kept: list[int] = []
    found: dict[int, tuple[int, ...]] = {}
    for j in range(1, x.shape[1]):
        weights, rest = _explained(r, kept, j)
        if constant[j]:
            found[j] = (0,)
        elif rest < ALIASED:
            found[j] = tuple(k for k, weight in zip(kept, weights) if abs(weight) > math.sqrt(ALIASED))
        else:
            kept.append(j)
    return found


def _explained(r: Array, kept: list[int], j: int) -> tuple[Array, float]:
    if not kept:
        return np.zeros(0), 1.0
    weights = np.linalg.lstsq(r[:, kept], r[:, j], rcond=None)[0]
    return weights, float(np.linalg.norm(r[:, j] - r[:, kept] @ weights))


def inflation(x: Array) -> Array:
    """The variance inflation factor of each column but the first; the columns are not aliased."""
    if x.shape[1] < 3:
        return np.ones(x.shape[1] - 1)
    return np.diag(np.linalg.inv(np.corrcoef(x[:, 1:], rowvar=False)))


def gives_away(found: Fit) -> bool:
    """Whether maximum likelihood ran so far that separation has to be looked for."""
    return not found.converged or bool(np.abs(found.linear).max(initial=0.0) > FAR)


def separated(x: Array, y: Array) -> Array:
    """For each column whether its maximum-likelihood estimate is infinite (complete or quasi-complete separation).

    A linear programme finds the direction that tells the outcomes apart without an error, when there is one (K. Konis,
    *Linear programming algorithms for detecting separated data in binary logistic regression models*, Oxford 2007).
    """
    from scipy.optimize import linprog

    scaled = x / np.where(np.abs(x).max(axis=0) > 0, np.abs(x).max(axis=0), 1.0)
    signed = np.unique(np.where(y[:, None] > 0, scaled, -scaled), axis=0)
    answer = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1), method="highs")
    if not answer.success or -answer.fun < 1e-6:
        return np.zeros(x.shape[1], bool)
    return np.abs(answer.x) > 1e-6
