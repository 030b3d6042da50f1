"""The financial pro-forma: from assumptions, quarter by quarter, to revenue and margin in a cautious, a likely and a hopeful case.

Revenue is a year's recurring revenue at a moment; what is billed in a quarter is a quarter of the mean of its two ends. Money of new
customers counts in the closing revenue of the quarter in which they came, and their retention from the next one on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CASES = ("low", "base", "high")
LINES = {"opening": "Opening revenue", "retention": "Retention", "expansion": "Expansion", "new": "New customers", "cost": "Cost to serve"}
SHARES = ("retention", "expansion")
QUARTERS_OF_A_YEAR = 4


@dataclass(frozen=True)
class Assumption:
    """One line from a quarter (1 is the first) on: in each case a share (a fraction), or money. `source` says where it comes from."""

    line: str
    quarter: int
    low: float
    base: float
    high: float
    source: str

    def of(self, case: str) -> float:
        return {"low": self.low, "base": self.base, "high": self.high}[case]

    @property
    def least(self) -> float:
        return min(self.low, self.base, self.high)

    @property
    def most(self) -> float:
        return max(self.low, self.base, self.high)


@dataclass(frozen=True)
class Quarter:
    """One quarter in one case, or as it was. Revenue is a year's, `billed` and `cost` are the quarter's own."""

    opening: float
    kept: float
    expansion: float
    new: float
    cost: float | None

    @property
    def closing(self) -> float:
        return self.kept + self.expansion + self.new

    @property
    def billed(self) -> float:
        return (self.opening + self.closing) / 2 / QUARTERS_OF_A_YEAR

    @property
    def margin(self) -> float | None:
        """What is left of what was billed when serving is paid."""
        return None if self.cost is None else self.billed - self.cost

    @property
    def retention(self) -> float | None:
        return self.kept / self.opening if self.opening else None

    @property
    def growth(self) -> float | None:
        """Expansion as a share of the opening revenue."""
        return self.expansion / self.opening if self.opening else None


def in_force(found: Sequence[Assumption], quarter: int) -> dict[str, Assumption]:
    """Line -> the assumption that holds in a quarter: the one that began last. Of several that began together the last one written."""
    held: dict[str, Assumption] = {}
    for one in found:
        if one.quarter <= quarter and (one.line not in held or one.quarter >= held[one.line].quarter):
            held[one.line] = one
    return held


def lacking(found: Sequence[Assumption]) -> tuple[str, ...]:
    """The lines of which nothing is assumed for the first quarter: without them nothing is computed."""
    held = in_force(found, 1)
    return tuple(line for line in LINES if line not in held)


def expected(found: Sequence[Assumption], quarters: int, case: str) -> tuple[Quarter, ...]:
    """The quarters of one case. Each begins with the closing revenue of the one before; a later opening is taken as written."""
    made: list[Quarter] = []
    for number in range(1, quarters + 1):
        held = in_force(found, number)
        stated = held["opening"].quarter == number
        opening = held["opening"].of(case) if stated or not made else made[-1].closing
        made.append(Quarter(opening, opening * held["retention"].of(case), opening * held["expansion"].of(case), held["new"].of(case), held["cost"].of(case)))
    return tuple(made)


def cases(found: Sequence[Assumption], quarters: int) -> dict[str, tuple[Quarter, ...]]:
    """Case -> its quarters. Raises KeyError where a line is lacking: ask `lacking` first."""
    return {case: expected(found, quarters, case) for case in CASES}


def actual(line: str, quarter: Quarter) -> float | None:
    """What a line came to in a quarter, in the unit of its assumption."""
    return {"opening": quarter.opening, "retention": quarter.retention, "expansion": quarter.growth, "new": quarter.new, "cost": quarter.cost}[line]


def outside(assumption: Assumption, value: float | None) -> str:
    """`above` or `below` what was assumed in any case, "" within it or without a value."""
    if value is None:
        return ""
    return "above" if value > assumption.most else "below" if value < assumption.least else ""


def span(found: Mapping[str, Sequence[Quarter]], quarter: int, what: str) -> tuple[float, float]:
    """The least and the most of a line over the cases, in a quarter from 0: such as `closing`."""
    values = [getattr(own[quarter], what) for own in found.values()]
    return min(values), max(values)
