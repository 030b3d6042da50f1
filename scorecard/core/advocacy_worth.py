"""What advocacy was worth in twelve months, out of records and of assumptions that all can be changed: low, base and high.

Worth = margin × (deals × points more won × revenue of a deal + referred revenue × share that came only so
+ revenue of advocates × points more kept) − what hours and gifts cost. Nothing else is in the sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scorecard.core.value import Assumption

LINES = {
    "deals": ("Deals won more", "deals × points × revenue, after margin"), "referrals": ("Referrals won", "revenue × share, after margin"),
    "kept": ("Kept longer", "revenue of advocates × points, after margin"), "cost": ("Hours and gifts", "what it cost"),
}  # fmt: skip


@dataclass(frozen=True)
class Recorded:
    """What the records say of twelve months. `deal` is (lower quartile, median, upper quartile) of the revenue a year of accounts
    that began, None when none did."""

    agreed: int
    deal: tuple[float, float, float] | None
    referred: float
    advocates: int
    revenue: float
    hours: float
    gifts: float


def assumptions(found: Recorded) -> tuple[Assumption, ...]:
    """Every input before anybody changed one: from the records where they say it, else assumed, and called so."""
    low, base, high = found.deal or (0.0, 0.0, 0.0)
    said = "recorded"
    return (
        Assumption("deals", "Deals with a reference", "count", float(found.agreed), said, float(found.agreed), float(found.agreed)),
        Assumption("lift", "More deals won with one", "share", 0.05, "assumed", 0.0, 0.10),
        Assumption("deal", "New revenue of a won deal, a year", "money", base, said, low, high),
        Assumption("referred", "Revenue of referrals won, a year", "money", found.referred, said, found.referred, found.referred),
        Assumption("only_so", "Of it came only so", "share", 0.67, "assumed", 0.33, 1.0),
        Assumption("kept", "Revenue of advocates, a year", "money", found.revenue, said, found.revenue, found.revenue),
        Assumption("points", "More of it kept a year", "share", 0.01, "assumed", 0.0, 0.02),
        Assumption("own_margin", "Margin of what was won or kept", "share", 0.70, "assumed", 0.60, 0.80),
        Assumption("hours", "Hours given to advocates", "count", found.hours, said, found.hours, found.hours),
        Assumption("hour", "Cost of an hour", "money", 65.0, "assumed", 80.0, 50.0),
        Assumption("gifts", "Gifts to advocates", "money", found.gifts, said, found.gifts, found.gifts),
    )


def lines(made: Sequence[Assumption], case: str) -> dict[str, float]:
    """The parts of the sum under low, base or high, in money; costs are below 0. Their sum is the worth."""
    at: Mapping[str, float] = {one.id: one.value(case) for one in made}
    margin = at["own_margin"]
    return {
        "deals": margin * at["deals"] * at["lift"] * at["deal"], "referrals": margin * at["referred"] * at["only_so"],
        "kept": margin * at["kept"] * at["points"], "cost": -(at["hours"] * at["hour"] + at["gifts"]),
    }  # fmt: skip


def total(made: Sequence[Assumption], case: str) -> float:
    """The worth under low, base or high."""
    return sum(lines(made, case).values())
