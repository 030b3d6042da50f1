"""How far a share or a score of answers may be from the truth by chance: 95% intervals."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, sqrt

Z95 = 1.959963984540054


def wilson(hits: float, n: float) -> tuple[float, float] | None:
    """The Wilson interval of a share, None without cases (Wilson 1927)."""
    if n <= 0:
        return None
    share, z2 = hits / n, Z95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True)
class Share:
    """Hits of n as a share (0 to 1) with its Wilson interval; both None without cases."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.hits, self.n)


def mean_score(total: float, squares: float, n: float) -> tuple[float, float] | None:
    """The interval of a mean from the sum and the sum of squares of its parts, None for fewer than two.

    For NPS the parts are 100, 0 and -100; their variance is that of the multinomial.
    """
    if n < 2:
        return None
    mean = total / n
    half = Z95 * sqrt(max(0.0, squares / n - mean * mean) / n)
    return mean - half, mean + half


def gap_by_chance(hits: int, n: int, other_hits: int, other_n: int) -> float:
    """How often (0 to 1) two shares lie at least as far apart when all the hits are dealt out by chance.

    Exact: every way to deal the hits to the two groups, by the hypergeometric distribution (R. A. Fisher, *The Design
    of Experiments*, 1935, chapter 2), counted where the gap between the shares is not smaller than the one seen.
    """
    total, seen = hits + other_hits, abs(hits * other_n - other_hits * n)
    ways = [
        (comb(n, k) * comb(other_n, total - k), abs(k * other_n - (total - k) * n))
        for k in range(max(0, total - other_n), min(n, total) + 1)
    ]
    return sum(count for count, gap in ways if gap >= seen) / comb(n + other_n, total)
