"""A scorecard of four measures to review: one jumped, one settled lower, one cannot reach its goal, one is routine."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count

import pytest

from scorecard import organisation
from scorecard.core.periods import Period
from scorecard.store.engine import Store
from tests import stores
from tests.scorecards import goal, load, make_definition, make_noise, make_scorecard, month, monthly
from tests.store.conftest import somewhere  # noqa: F401  What is signed is signed on both engines.

CARD = "customer-success"
OCTOBER = month(2026, 10)
TODAY = date(2026, 11, 12)
NOW = datetime(2026, 11, 12, 14)
COUNT = 34


def noise(centre: float = 0.90, size: float = 0.01) -> list[float]:
    """Figures from January 2024 to October 2026 without a signal."""
    return make_noise(COUNT, centre, size)


def jumped() -> list[float]:
    return [*noise()[:-1], 0.80]


def lower() -> list[float]:
    return [*noise()[:-9], *(0.891 + 0.001 * (n % 2) for n in range(9))]


@pytest.fixture(autouse=True)
def it_is_the_day_of_the_review(monkeypatch):
    clock = count()
    monkeypatch.setattr("scorecard.store.engine.utc_now", lambda: NOW + timedelta(seconds=next(clock)))


def make_month(store: Store) -> None:
    """Four measures with figures up to October 2026, read on 2 November."""
    organisation.first_start(store)
    names = {"first_reply": 0.90, "renewal_rate": 0.85, "plans_kept": 0.95, "trust": 0.85}
    make_scorecard(store, *(make_definition(name, targets=(goal(2024, 1, at),)) for name, at in names.items()))
    series = {"first_reply": jumped(), "renewal_rate": lower(), "plans_kept": noise(), "trust": noise()}
    load(store, {(name, ""): monthly(values) for name, values in series.items()}, date(2026, 11, 2))


def restate(store: Store, value: float, measure: str = "first_reply", period: Period = OCTOBER, day: date = TODAY) -> None:
    """Another figure for one period, loaded on a day."""
    load(store, {(measure, ""): {period: value}}, day, f"restated {measure} {period} {value}")


def make_folder(folder) -> None:
    """Nothing; the folder holds a store with the month to review."""
    stores.begin(*(folder / name for name in stores.FILES))
    opened = stores.opened(folder)
    make_month(opened)
    opened.close()


@pytest.fixture(scope="session")
def month_folder(tmp_path_factory):
    return stores.once(tmp_path_factory, "month", make_folder)


@pytest.fixture
def open_month(month_folder, tmp_path):
    """The month to review, in a store of this test."""
    opened = stores.opened(stores.copied(month_folder, tmp_path / "month"))
    yield opened
    opened.close()


@pytest.fixture
def month_anywhere(somewhere):  # noqa: F811
    """The month to review, on each engine."""
    opened = somewhere.open()
    make_month(opened)
    yield opened
    opened.close()
