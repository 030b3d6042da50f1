"""What advocacy is worth, and what an account costs to serve: arithmetic with every assumption on the table.

Advocacy: a published study's composite company (20,000 customers, USD 25,000 revenue a customer a year, 12% margin, 80%
retention) gained USD 3,279,799 of retention value in three years, close to USD 4 million in all. How much retention it
gained was not published: it is solved for, and says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scorecard.errors import StudyRefused

PUBLISHED_RETENTION = 3_279_799.0
PUBLISHED_IN_ALL = 4_000_000.0  # "Close to": the study's whole is known to the million only.
ORIGINS = {
    "published": "published", "solved": "solved for, not published", "derived": "derived from a rounded figure", "assumed": "our assumption",
    "edited": "edited here", "recorded": "records",
}
CASES = ("low", "base", "high")


@dataclass(frozen=True)
class Assumption:
    """One input with its unit, its origin (a key of ORIGINS), and a low and a high beside the base."""

    id: str
    label: str
    unit: str  # "count", "money", "share", "years"
    base: float
    origin: str
    low: float
    high: float

    def value(self, case: str) -> float:
        return {"low": self.low, "base": self.base, "high": self.high}[case]


@dataclass(frozen=True)
class Year:
    """One year: customers kept without and with advocacy, and what the difference is worth."""

    year: int
    without: float
    with_advocacy: float
    value: float


@dataclass(frozen=True)
class Worth:
    """The value over the years, in the currency of the revenue: of retention, of all else, and both."""

    years: tuple[Year, ...]
    retention: float
    other: float

    @property
    def total(self) -> float:
        return self.retention + self.other


def retention_value(customers: float, revenue: float, margin: float, retention: float, gained: float, years: int, discount: float = 0.0) -> tuple[Year, ...]:
    """Year by year, what today's customers who stay longer are worth: those kept × revenue × margin, less those kept anyway.

    After t years customers × retention^t are left, and with advocacy customers × (retention + gained)^t. Nobody is counted
    who was won later. Value of year t is divided by (1 + discount)^t.
    """
    _check(customers, revenue, margin, retention, gained, years, discount)
    found = []
    for year in range(1, years + 1):
        without, kept = customers * retention**year, customers * (retention + gained) ** year
        found.append(Year(year, without, kept, (kept - without) * revenue * margin / (1 + discount) ** year))
    return tuple(found)


def _check(customers: float, revenue: float, margin: float, retention: float, gained: float, years: int, discount: float) -> None:
    if min(customers, revenue) < 0 or not 0 <= margin <= 1 or not 0 <= retention <= 1 or discount <= -1:
        raise StudyRefused("Customers and revenue are not below 0; margin and retention lie between 0% and 100%; discount is above −100%.")
    if not 0 <= retention + gained <= 1:
        raise StudyRefused(f"Retention of {retention:.1%} and {gained * 100:+.1f} points is not between 0% and 100%.")
    if not 1 <= years <= 20 or years != int(years):
        raise StudyRefused(f"Years run from 1 to 20; found {years}.")


def gained_for(value: float, customers: float, revenue: float, margin: float, retention: float, years: int, discount: float = 0.0) -> float:
    """The gain in retention (0.01 is one point) that gives this value; raises when not even full retention would."""
    low, high = 0.0, 1.0 - retention
    if value > _sum(retention_value(customers, revenue, margin, retention, high, years, discount)) or value < 0:
        raise StudyRefused(f"No gain in retention gives {value:,.0f}: the most, with nobody lost, is "
                           f"{_sum(retention_value(customers, revenue, margin, retention, high, years, discount)):,.0f}.")
    for _ in range(200):
        middle = (low + high) / 2
        below = _sum(retention_value(customers, revenue, margin, retention, middle, years, discount)) < value
        low, high = (middle, high) if below else (low, middle)
    return (low + high) / 2


def _sum(years: Sequence[Year]) -> float:
    return math.fsum(one.value for one in years)


def study_assumptions() -> tuple[Assumption, ...]:
    """The published study as assumptions, with the gain in retention solved for from its value."""
    gained = gained_for(PUBLISHED_RETENTION, 20_000, 25_000.0, 0.12, 0.80, 3)
    fixed = [("customers", "Customers", "count", 20_000.0), ("revenue", "Revenue a customer a year", "money", 25_000.0),
             ("margin", "Margin", "share", 0.12), ("retention", "Retention without advocacy", "share", 0.80), ("years", "Years", "years", 3.0)]
    return (
        *(Assumption(id, label, unit, value, "published", value, value) for id, label, unit, value in fixed),
        Assumption("gained", "Retention gained by advocacy", "share", gained, "solved", gained / 2, gained * 1.5),
        Assumption("discount", "Discount a year", "share", 0.0, "assumed", 0.10, 0.0),
        Assumption("other", "All other value, over the years", "money", PUBLISHED_IN_ALL - PUBLISHED_RETENTION, "derived", 0.0,
                   PUBLISHED_IN_ALL - PUBLISHED_RETENTION),
    )


def edited(assumptions: Sequence[Assumption], changes: Mapping[str, Mapping[str, float]]) -> tuple[Assumption, ...]:
    """The assumptions with some figures replaced: {"margin": {"base": 0.7, "low": 0.6, "high": 0.8}}.

    A new base alone is taken for low and high too; what was edited says so. The gain stays what the study gave.
    """
    known = {one.id for one in assumptions}
    unknown = sorted(changes.keys() - known)
    if unknown:
        raise StudyRefused(f"There is no assumption {unknown[0]!r}. There is: {', '.join(sorted(known))}.")
    return tuple(_edited(one, changes[one.id]) if changes.get(one.id) else one for one in assumptions)


def _edited(one: Assumption, given: Mapping[str, float]) -> Assumption:
    wrong = sorted(given.keys() - set(CASES)) or [key for key, value in given.items() if not math.isfinite(value)]
    if wrong:
        raise StudyRefused(f"{one.label}: {wrong[0]!r} is not understood. Give low, base and high as numbers.")
    base = given.get("base", one.base)
    kept = (one.low, one.high) if "base" not in given else (base, base)
    return replace(one, base=base, low=given.get("low", kept[0]), high=given.get("high", kept[1]), origin="edited")


def advocacy(assumptions: Sequence[Assumption], case: str = "base") -> Worth:
    """What advocacy is worth under the low, base or high figures of all assumptions together."""
    at = {one.id: one.value(case) for one in assumptions}
    years = retention_value(at["customers"], at["revenue"], at["margin"], at["retention"], at["gained"], int(at["years"]), at["discount"])
    return Worth(years, _sum(years), at["other"])


def sensitivity(assumptions: Sequence[Assumption], by: float = 0.1) -> dict[str, tuple[float, float]]:
    """For each assumption what the total becomes when it alone is this much smaller, and larger, than its base.

    Retention and its gain go no further than that nobody is lost.
    """
    at = {one.id: one.base for one in assumptions}
    most = {"retention": 1.0 - at["gained"], "gained": 1.0 - at["retention"]}
    found = {}
    for one in assumptions:
        if one.base and one.id != "years":
            end = most.get(one.id, 1.0 if one.unit == "share" else math.inf)
            found[one.id] = tuple(advocacy(edited(assumptions, {one.id: {"base": min(end, one.base * factor)}})).total for factor in (1 - by, 1 + by))
    return found


# Cost to serve

@dataclass(frozen=True)
class Cost:
    """What an activity cost in the period, low, base and high, and by what it is shared out (hours, tickets, accounts …)."""

    activity: str
    base: float
    shared_by: str
    low: float | None = None
    high: float | None = None

    def value(self, case: str) -> float:
        found = {"low": self.low, "high": self.high}.get(case)
        return self.base if found is None else found


@dataclass(frozen=True)
class Served:
    """What a group of accounts cost to serve: by activity, in all, for each account, and as a share of its revenue."""

    group: str
    accounts: int
    revenue: float
    by_activity: Mapping[str, float]
    cost: float
    each: float | None
    share_of_revenue: float | None


def cost_to_serve(costs: Sequence[Cost], volumes: Mapping[str, Mapping[str, float]], accounts: Mapping[str, int], revenue: Mapping[str, float],
                  case: str = "base") -> tuple[list[Served], list[str]]:
    """Every activity's cost shared out to groups by its volume (activity → group → volume), and what could not be.

    An activity without any volume is shared out by accounts, and named. The parts add up to the costs.
    """
    notes = [one.activity for one in costs if not _volume(volumes.get(one.activity, {}), accounts)]
    shares = {one.activity: _parts(volumes.get(one.activity, {}), accounts) for one in costs}
    found = []
    for group in accounts:
        parts = {one.activity: one.value(case) * shares[one.activity][group] for one in costs}
        whole = math.fsum(parts.values())
        found.append(Served(group, accounts[group], revenue.get(group, 0.0), parts, whole, whole / accounts[group] if accounts[group] else None,
                            whole / revenue[group] if revenue.get(group) else None))
    return found, notes


def _volume(volume: Mapping[str, float], groups: Mapping[str, int]) -> float:
    return math.fsum(volume.get(group, 0.0) for group in groups)


def _parts(volume: Mapping[str, float], accounts: Mapping[str, int]) -> dict[str, float]:
    strange = sorted(volume.keys() - accounts.keys())
    if strange or any(one < 0 for one in volume.values()):
        raise StudyRefused(f"{strange[0]!r} has volume and no accounts." if strange else "A volume is not below 0.")
    used = volume if _volume(volume, accounts) else {group: float(n) for group, n in accounts.items()}
    whole = math.fsum(used.values())
    if not whole:
        raise StudyRefused("There are no accounts to share the cost out to.")
    return {group: used.get(group, 0.0) / whole for group in accounts}
