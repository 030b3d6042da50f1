"""The numbers behind the page Improvement, a table a part: projects, faults, cost to serve, the worth of advocacy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scorecard.core.simulation import MEASURES, difference
from scorecard.core.value import CASES
from scorecard.improvement import faults as stages
from scorecard.output.part_tables import Table

if TYPE_CHECKING:
    from scorecard.core.simulation import Spread
    from scorecard.improvement.faults import Faults
    from scorecard.improvement.projects import Line, Value
    from scorecard.improvement.simulate import Answer
    from scorecard.improvement.value import Serving
    from scorecard.worth import Advocacy


def projects(found: Sequence[Line]) -> Table:
    """Every project with what was expected, seen and verified."""
    heads = ("project", "id", "owner", "stage", "outcome", "measure", "effect expected", "effect seen", "verdict", *_heads("expected"), *_heads("seen"), *_heads("verified"),
             "verified by", "verified on", "effort, days", "problem", "assumptions")
    return Table("Projects", heads, [_project(one) for one in found])


def _heads(name: str) -> tuple[str, ...]:
    return tuple(f"{name}, {case}" for case in CASES)


def _project(one: Line) -> list[Any]:
    project, case, verdict = one.project, one.case, one.standing.verdict
    told = [case.verified_by, case.verified_on, case.effort, case.problem, case.assumptions] if case else [None] * 5
    return [project.title, project.id, project.owner_name, project.stage, project.outcome, one.standing.label, project.effect, verdict.size, verdict.verdict,
            *_three(one.expected), *_three(one.seen), *_three(one.verified), *told]


def _three(value: Value | None) -> list[float | None]:
    return [value.low, value.base, value.high] if value else [None, None, None]


def faults(found: Faults) -> Table:
    """What became of faults and requests: counts, and the revenue a year behind them."""
    rows = [[stages.KINDS[one.kind], label, one.counts[state], one.revenue[state]] for one in found.fates for state, label in stages.STATES.items()]
    return Table("Faults and requests", ("kind", "state", "count", "revenue behind them"), rows)


def serving(found: Serving | None) -> Table:
    """Cost to serve by segment and activity, low, base and high."""
    rows = [[case, one.group, activity, amount, one.accounts, one.revenue] for case in CASES for one in (found.by_case[case] if found else ()) for activity, amount in one.by_activity.items()]
    return Table("Cost to serve", ("case", "segment", "activity", "cost", "accounts", "revenue"), rows)


def advocacy(found: Advocacy) -> Table:
    """Every assumption with its origin, then what it comes to."""
    rows: list[list[Any]] = [[one.label, one.unit, one.low, one.base, one.high, one.origin, found.sources.get(one.id, "")] for one in found.assumptions]
    rows += [[label, "money", *(getattr(found.worth[case], name) for case in CASES), "computed", ""] for name, label in (("retention", "Retention value"), ("total", "In all"))]
    return Table("Worth of advocacy", ("assumption", "unit", "low", "base", "high", "origin", "source"), rows)


def simulation(found: Answer) -> Table:
    """Each measure as it is, with the change and the difference, what is open month by month, and what the same model said of the last quarter."""
    rows = [[part, MEASURES[name], *_spread(one)] for name in MEASURES for part, one in (
        ("as it is", found.before.spread(name)), ("with the change", found.after.spread(name)), ("difference", difference(found.before, found.after, name)))]
    rows += [[part, f"Open at the end of month {month}", *_spread(one)]
             for part, outcome in (("as it is", found.before), ("with the change", found.after)) for month, one in enumerate(outcome.by_month(), 1)]
    rows = [[*row, None] for row in rows] + [["last quarter", MEASURES[one.measure], *_spread(one.said), one.came] for one in found.checks]
    return Table("Simulation", ("scenario", "measure", "low, 5%", "middle", "high, 95%", "came"), rows)


def _spread(one: Spread) -> list[float | None]:
    return [None if math.isnan(value) else value for value in (one.low, one.middle, one.high)]
