"""What a measure is: the words and rules that its figures are read with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

SYSTEMS = {
    "all": "All systems",
    "sensory": "Sensory",
    "planning": "Planning and review",
    "people": "People",
    "work": "Work",
    "metrics": "Metrics",
    "improvement": "Improvement",
    "leadership": "Leadership",
}
KINDS = {"lagging": "Results", "leading": "Drivers"}
DIRECTIONS = ("increase", "decrease", "neutral")
UNITS = ("percent", "money", "days", "hours", "minutes", "count", "score", "number")
CHARTS = ("xmr", "p", "u", "pp", "up", "c", "g", "t")
AGGREGATES = ("ratio", "sum", "none")
WORTH_NOTICING = 0.10  # of one person against the team, unless the measure says otherwise


@dataclass(frozen=True)
class Goal:
    """A goal of a measure from a first period on. `start` is the first day of that period."""

    start: date
    value: float
    source: str = ""
    red: float | None = None
    yellow: float | None = None


@dataclass(frozen=True)
class Driver:
    """A stated cause: `measure` moves this one with `sign` (+1 or -1) after `lag` periods, for the reason `why`."""

    measure: str
    sign: int
    lag: int
    why: str = ""


@dataclass(frozen=True)
class Definition:
    """A measure as it is written in `data/measures.toml`. Shares are fractions: 0.896 is 89.6%.

    `sql` (with `compute`, `needs`, `event`, `clock`), or one of `count`, `sum`, `share` and `ratio`, computes its figures
    from facts; a measure with none of them is loaded as figures.
    """

    name: str
    label: str
    description: str = ""
    system: str = "all"
    kind: str = "lagging"
    owner: str = ""
    unit: str = "number"
    format: str = ""
    improvement_direction: str = "neutral"
    window: str = "period"
    aggregate: str = "none"
    bounds: tuple[float | None, float | None] = (None, None)
    baseline: str | int | None = None
    targets: tuple[Goal, ...] = ()
    drivers: tuple[Driver, ...] = ()
    warning: str = ""
    chart: str = "xmr"
    screen: bool = False
    centre: str = "mean"
    ranges: str = "mean"
    lock_after: int | None = None
    worth_noticing: float | None = None
    benchmarks: tuple[dict, ...] = ()
    numerator_label: str = ""
    denominator_label: str = ""
    currency: str = ""
    sql: str = ""
    compute: str = ""
    needs: tuple[str, ...] = ()
    event: str = ""
    clock: str = ""
    count: dict | None = None
    sum: dict | None = None
    share: dict | None = None
    ratio: dict | None = None

    @property
    def symbol(self) -> str:
        """The currency's symbol; without one of its own the store fills in the organisation's."""
        return self.currency or "$"

    @property
    def is_share(self) -> bool:
        return self.unit == "percent"
