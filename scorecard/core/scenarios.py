"""What a named assumption does: a measure's natural range moved by it, held against the goal and against what would trip a trigger.

What moves with a measure is told where its figures support a stated link: the least-squares slope at the stated lag, with the interval
of the correlation. Association, not proof; the effects of several causes add up, effects of effects are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import pstdev

from scorecard.core import spc
from scorecard.core.definition import Definition
from scorecard.core.links import Evidence
from scorecard.core.periods import Period
from scorecard.core.triggers import Condition

LAST = 12
UNITS, PERCENT = "units", "percent"
TRIPS, MAY, HOLDS, NO = "trips", "may", "holds", "no"


@dataclass(frozen=True)
class Change:
    """One assumption: a measure changes by an amount in its stored unit, or by a share (a fraction) of its level."""

    measure: str
    amount: float
    how: str
    ground: str


@dataclass(frozen=True)
class Level:
    """A measure as it stands: its latest figure, centre and natural range (None where there is none), its goal and its figures."""

    measure: Definition
    period: Period | None
    value: float | None
    centre: float | None
    lower: float | None
    upper: float | None
    goal: float | None
    values: Mapping[Period, float]

    @property
    def usual(self) -> float | None:
        """What is to be expected while the work stays as it is: the centre of the limits, else the latest figure."""
        return self.value if self.centre is None else self.centre

    @property
    def has_range(self) -> bool:
        return self.lower is not None or self.upper is not None


@dataclass(frozen=True)
class Tie:
    """A stated link between two measures that the figures support."""

    cause: str
    effect: str
    lag: int
    evidence: Evidence


@dataclass(frozen=True)
class Effect:
    """What becomes of a measure. `through` is the cause that moves it, "" where it is assumed; `low` and `high` bound the amount.

    `before` and `after` are what its natural range says against the goal; `met` and `meets` in how many of the last months the goal
    was met, and would be.
    """

    level: Level
    amount: float
    low: float
    high: float
    through: str
    ground: str
    then: float
    lower: float | None
    upper: float | None
    before: str
    after: str
    met: int
    meets: int
    months: int


def level(measure: Definition, chart: spc.Chart, goal: float | None) -> Level:
    """The level of a measure out of its chart."""
    point = spc.latest(chart)
    values = {one.period: one.value for one in chart.points if one.value is not None and not one.partial}
    if point is None:
        return Level(measure, None, None, None, None, None, goal, values)
    return Level(measure, point.period, point.value, point.centre, point.lower, point.upper, goal, values)


def effects(levels: Mapping[str, Level], changes: Sequence[Change], ties: Iterable[Tie] = ()) -> tuple[Effect, ...]:
    """What is assumed, in the order in which it is written (of a measure all together), then what moves with it, by the name of the measure."""
    assumed: dict[str, list[Change]] = {}
    for one in changes:
        if one.measure in levels and levels[one.measure].usual is not None:
            assumed.setdefault(one.measure, []).append(one)
    amounts = {name: sum(_amount(levels[name], one) for one in own) for name, own in assumed.items()}
    grounds = {name: "; ".join(dict.fromkeys(one.ground for one in own if one.ground)) for name, own in assumed.items()}
    found = [_effect(levels[name], amounts[name], amounts[name], amounts[name], "", grounds[name]) for name in assumed]
    moved: dict[str, list[tuple[str, float, float, float]]] = {}
    for tie in ties:
        if tie.cause in amounts and tie.effect in levels and tie.effect not in assumed:
            if carried := _carried(levels[tie.cause], levels[tie.effect], tie, amounts[tie.cause]):
                moved.setdefault(tie.effect, []).append((tie.cause, *carried))
    for name in sorted(moved):
        causes = " and ".join(levels[cause].measure.label for cause, *_ in moved[name])
        found.append(_effect(levels[name], *(sum(part[n] for part in moved[name]) for n in (1, 2, 3)), causes, ""))
    return tuple(found)


def _amount(of: Level, one: Change) -> float:
    return of.usual * one.amount if one.how == PERCENT else one.amount


def _carried(cause: Level, effect: Level, tie: Tie, amount: float) -> tuple[float, float, float] | None:
    """(amount, low, high) by which the effect moves: r times the ratio of the two spreads, over the months that both have."""
    pairs = [(cause.values[period.shift(-tie.lag)], value) for period, value in effect.values.items() if period.shift(-tie.lag) in cause.values]
    if effect.usual is None or len(pairs) < 2 or not (spread := pstdev(x for x, _ in pairs)):
        return None
    scale = amount * pstdev(y for _, y in pairs) / spread
    ends = sorted((tie.evidence.low * scale, tie.evidence.high * scale))
    return tie.evidence.r * scale, ends[0], ends[1]


def _effect(of: Level, amount: float, low: float, high: float, through: str, ground: str) -> Effect:
    lower, upper = (_bounded(of.measure, None if end is None else end + amount) for end in (of.lower, of.upper))
    last = _last(of)
    met, meets = ((sum(_good(of, value + by) for value in last) if of.goal is not None else 0) for by in (0.0, amount))
    return Effect(of, amount, low, high, through, ground, _bounded(of.measure, of.usual + amount), lower, upper, against(of, of.lower, of.upper), against(of, lower, upper),
                  met, meets, len(last))  # fmt: skip


def _last(of: Level) -> list[float]:
    return [of.values[period] for period in sorted(of.values)[-LAST:]]


def _bounded(measure: Definition, value: float | None) -> float | None:
    least, most = measure.bounds
    if value is None:
        return None
    value = value if least is None else max(least, value)
    return value if most is None else min(most, value)


def _good(of: Level, value: float) -> bool:
    return value >= of.goal if of.measure.improvement_direction == "increase" else value <= of.goal


def against(of: Level, lower: float | None, upper: float | None) -> str:
    """`will_meet`, `hit_or_miss`, `will_miss` or `cannot_say`: a natural range held against the goal; where it has no end, the bound counts."""
    direction, (least, most) = of.measure.improvement_direction, of.measure.bounds
    if of.goal is None or direction == "neutral" or (lower is None and upper is None):
        return "cannot_say"
    low = lower if lower is not None else float("-inf") if least is None else least
    high = upper if upper is not None else float("inf") if most is None else most
    good, bad = (low > of.goal, high < of.goal) if direction == "increase" else (high < of.goal, low > of.goal)
    return "will_meet" if good else "will_miss" if bad else "hit_or_miss"


def trips(one: Effect, condition: Condition, months: int, part: int) -> tuple[str, int]:
    """(verdict, months of the last twelve in which the moved figure would have held): `trips` when the level to be expected holds for as long
    as it takes, `part` months being there already, `may` when some months would hold, `holds` when it is tripped now, else `no`."""
    count = sum(condition.holds(value + one.amount) for value in _last(one.level))
    if part >= condition.running:
        return HOLDS, count
    if condition.holds(one.then) and months + part >= condition.running:
        return TRIPS, count
    return (MAY if count else NO), count
