"""Figures and definitions straight into a store, for tests of what is read from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from scorecard import metrics
from scorecard.core.definition import Definition, Goal
from scorecard.core.periods import Period
from scorecard.store import definitions, loads
from scorecard.store.engine import Store, Tx
from scorecard.store.loads import Load

FIRST = Period(date(2024, 1, 1), "month")
START = datetime(2024, 1, 1, 8)
NOISE = (
    0.3,
    -0.8,
    0.5,
    0.9,
    -0.4,
    -0.9,
    0.7,
    0.1,
    -0.6,
    0.8,
    -0.2,
    0.4,
    -0.7,
    0.6,
    -0.1,
    -0.5,
    0.2,
    0.9,
    -0.3,
    -0.8,
    0.5,
    0.0,
    0.7,
    -0.6,
)


def make_noise(count: int, centre: float = 0.90, size: float = 0.01) -> list[float]:
    """A series without a signal: the same two years of small changes again and again."""
    return [centre + size * NOISE[n % len(NOISE)] for n in range(count)]


def make_definition(name: str, **fields) -> Definition:
    defaults = {
        "label": name.replace("_", " ").capitalize(),
        "unit": "percent",
        "improvement_direction": "increase",
        "aggregate": "ratio",
        "owner": "Nora Falk",
    }
    return Definition(name=name, **(defaults | fields))


def make_scorecard(
    store: Store,
    *measures: Definition,
    rules: str | None = None,
    id: str = "customer-success",
    name: str = "Customer Success",
) -> None:
    """Records the definitions and a scorecard that shows them, in this order."""

    def work(tx: Tx) -> None:
        for one in measures:
            definitions.record(tx, one, "file", "first start")
        definitions.insert_scorecard(tx, id, name, "")
        definitions.put_slots(tx, id, [(slot, one.name) for slot, one in enumerate(measures, 1)])
        tx.run("UPDATE scorecard SET rule_set = $2 WHERE id = $1", [id, rules])

    store.write(work, "Rana Amari", START)


Figure = float | tuple[float, float]
Figures = Mapping[tuple[str, str], Mapping[Period, Figure]]


def load(store: Store, figures: Figures, today: date, name: str = "") -> None:
    """Loads (measure, segment) -> period -> value or (numerator, denominator), as `loading` does."""
    measures = sorted({measure for measure, _ in figures})
    id = name or f"load-{today}"
    rows = [
        (measure, period, segment, "", "", *says(figure))
        for (measure, segment), values in figures.items()
        for period, figure in values.items()
    ]

    def work(tx: Tx) -> None:
        metrics.freeze_readings(tx, measures, today)
        loads.add(tx, Load(id, f"{id}.csv", id, {}, len(rows), 0, 0, 0, today, today, "", "UTC", 1, None))
        loads.add_figures(tx, id, rows)
        metrics.after_load(tx, measures, today)

    store.write(work, "Sam Whitlock", datetime.combine(today, datetime.min.time()) + timedelta(hours=6))


def says(figure: Figure) -> tuple[float | None, float | None, float | None]:
    """(value, numerator, denominator)."""
    return (None, *figure) if isinstance(figure, tuple) else (figure, None, None)


def monthly(values: Sequence[Figure | None], first: Period = FIRST) -> dict[Period, Figure]:
    """Values of successive months; None leaves the month out."""
    return {first.shift(n): value for n, value in enumerate(values) if value is not None}


def month(year: int, number: int) -> Period:
    return Period(date(year, number, 1), "month")


def goal(year: int, number: int, value: float) -> Goal:
    return Goal(date(year, number, 1), value, "Annual plan")
