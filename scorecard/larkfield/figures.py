"""Larkfield, a fictional company that makes rota-planning software: 412 accounts, twelve customer success managers.

Its figures are drawn, not written: each segment of each measure is a level plus independent normal noise, 36 months
long. A short list of planted facts then moves a few of them, in the last twelve months only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from scorecard.core.periods import Period, between
from scorecard.larkfield.planted import FACTS

SEED = 9084
SEGMENTS = ("Enterprise", "Mid-market", "Small business")
FIRST, LAST = Period(date(2023, 11, 1), "month"), Period(date(2026, 10, 1), "month")
MONTHS = tuple(between(FIRST, LAST))
BASELINE = 24
COLUMNS = ("measure", "period", "segment", "csm", "numerator", "denominator", "value")
ACCOUNTS = (58, 148, 206)
SHARE_OF_ACCOUNTS_AT_START = 0.92
DUE_WOBBLE = 0.05


@dataclass(frozen=True)
class Process:
    """One measure without planted facts. `sd` is that of the whole company's monthly figure."""

    measure: str
    levels: tuple[float, float, float]
    sd: float
    weights: tuple[float, float, float]


RATIOS = (
    Process("renewal_rate", (0.935, 0.923, 0.853), 0.0062, (1_204_000, 1_062_000, 877_000)),
    Process("net_revenue_retention", (1.080, 1.040, 0.992), 0.0132, (1_204_000, 1_062_000, 877_000)),
    Process("cost_to_serve", (978.0, 438.0, 238.0), 6.8, ACCOUNTS),
    Process("adoption_30d", (0.592, 0.580, 0.542), 0.0190, (500, 420, 270)),
    Process("trust_score", (7.90, 7.60, 7.42), 0.133, (60, 90, 110)),
    Process("development_plans_kept", (0.730, 0.720, 0.725), 0.0350, (35, 28, 21)),
)
SUMS = (
    Process("mrr_expansion", (190_000, 140_000, 85_000), 22_000, (190, 140, 85)),
    Process("tickets_over_14_days", (9.3, 16.7, 20.5), 4.15, (9.3, 16.7, 20.5)),
)
DAYS = Process("time_to_first_value", (38.0, 32.0, 28.4), 2.3, ACCOUNTS)
CONTACTS = Process("contact_schedule_kept", (0.85, 0.85, 0.85), 0.0143, (1, 1, 1))
CONTACTS_DUE_IN_A_YEAR = {
    "Camila Duarte": (0, 522), "Jonas Kowal": (0, 686), "Mei Lin": (0, 457), "Marta Ruiz": (0, 359),
    "Ines Vidal": (0, 575), "Tolu Adeyemi": (1, 405), "Hana Patel": (1, 620), "Luc Renard": (1, 718),
    "Kenji Sato": (1, 784), "Petra Berg": (2, 816), "Elias Haddad": (2, 980), "Amara Osei": (2, 914),
}
OVER_THE_VALUE_DUE = ("renewal_rate", "net_revenue_retention")
BY_SEGMENT = [(segment, "") for segment in SEGMENTS]
MEASURES = ("renewal_rate", "net_revenue_retention", "mrr_expansion", "cost_to_serve", "adoption_30d",
            "contact_schedule_kept", "time_to_first_value", "tickets_over_14_days", "trust_score",
            "development_plans_kept")

def generate(seed: int = SEED, planted: bool = True) -> pd.DataFrame:
    """The figures in long form, one row a measure, month and segment (and CSM, for contacts), in `COLUMNS`.

    The same seed draws the same noise with and without the planted facts.
    """
    draw = np.random.RandomState(seed)  # the one generator whose stream NumPy promises never to change
    due = _value_due(draw)
    blocks = [_ratio(process, draw, planted, due) for process in RATIOS]
    blocks += [_sum(process, draw, planted) for process in SUMS]
    blocks += [_days(draw, planted), _contacts(draw)]
    blocks.sort(key=lambda block: MEASURES.index(block["measure"].iloc[0]))
    return pd.concat(blocks, ignore_index=True)[list(COLUMNS)]


def _value_due(draw: np.random.RandomState) -> np.ndarray:
    """Money due for renewal, month × segment: the same for the two renewal rates."""
    return _wobbled(np.array(RATIOS[0].weights), draw)


def _wobbled(base: np.ndarray, draw: np.random.RandomState) -> np.ndarray:
    """Whole denominators around a base, month × column, never under half of it."""
    factor = 1 + DUE_WOBBLE * draw.standard_normal((len(MONTHS), len(base)))
    return np.round(base * np.clip(factor, 0.5, 1.5))


def _accounts() -> np.ndarray:
    """Accounts served, month × segment, growing evenly to the 412 of the last month."""
    growth = np.linspace(SHARE_OF_ACCOUNTS_AT_START, 1, len(MONTHS))
    return np.round(np.outer(growth, ACCOUNTS))


def _noise(process: Process, draw: np.random.RandomState) -> np.ndarray:
    """Noise of a rate, month × segment, so sized that the weighted mean has the standard deviation `sd`."""
    share = np.array(process.weights) / sum(process.weights)
    return draw.standard_normal((len(MONTHS), 3)) * process.sd / np.sqrt(share)


def _shift(measure: str, planted: bool) -> np.ndarray:
    """What the planted facts add to a measure, month × segment."""
    shift = np.zeros((len(MONTHS), 3))
    for fact in FACTS:
        if planted and fact.measure == measure and any(fact.size):
            start = [str(month) for month in MONTHS].index(fact.since)
            count = len(MONTHS) - start
            profile = (fact.profile + fact.profile[-1:] * count)[:count]
            shift[start:] += np.outer(profile, fact.size)
    return shift


def _ratio(process: Process, draw: np.random.RandomState, planted: bool, due: np.ndarray) -> pd.DataFrame:
    if process.measure in OVER_THE_VALUE_DUE:
        denominator = due
    elif process.weights == ACCOUNTS:
        denominator = _accounts()
    else:
        denominator = _wobbled(np.array(process.weights), draw)
    rate = np.array(process.levels) + _noise(process, draw) + _shift(process.measure, planted)
    numerator = np.maximum(np.round(rate * denominator), 0)
    if process.levels[0] < 1 and "net" not in process.measure:
        numerator = np.minimum(numerator, denominator)
    return _block(process.measure, BY_SEGMENT, numerator=numerator, denominator=denominator)


def _sum(process: Process, draw: np.random.RandomState, planted: bool) -> pd.DataFrame:
    share = np.array(process.weights) / sum(process.weights)
    noise = draw.standard_normal((len(MONTHS), 3)) * process.sd * np.sqrt(share)
    level = np.array(process.levels) + noise + _shift(process.measure, planted)
    return _block(process.measure, BY_SEGMENT, value=np.maximum(np.round(level), 0))


def _days(draw: np.random.RandomState, planted: bool) -> pd.DataFrame:
    """A median cannot be added up from segments, so the company's own figure is a row beside theirs."""
    days = np.array(DAYS.levels) + _noise(DAYS, draw) + _shift(DAYS.measure, planted)
    share = np.array(ACCOUNTS) / sum(ACCOUNTS)
    both = np.round(np.column_stack([days, days @ share]), 1)
    return _block(DAYS.measure, [*BY_SEGMENT, ("", "")], value=both)


def _contacts(draw: np.random.RandomState) -> pd.DataFrame:
    """Scheduled contacts kept and due, by CSM: one level for all, a shared month effect, and chance for each."""
    due = _wobbled(np.array([yearly / 12 for _, yearly in CONTACTS_DUE_IN_A_YEAR.values()]), draw)
    month = CONTACTS.sd * draw.standard_normal((len(MONTHS), 1))
    level = CONTACTS.levels[0]
    chance = np.sqrt(level * (1 - level) / due) * draw.standard_normal(due.shape)
    kept = np.clip(np.round((level + month + chance) * due), 0, due)
    columns = [(SEGMENTS[segment], name) for name, (segment, _) in CONTACTS_DUE_IN_A_YEAR.items()]
    return _block(CONTACTS.measure, columns, numerator=kept, denominator=due)


def _block(measure: str, columns: list[tuple[str, str]], **figures: np.ndarray) -> pd.DataFrame:
    """The rows of one measure, in order of time, from arrays month × column; a column is a (segment, CSM)."""
    count = len(columns)
    rows = {"measure": measure, "period": np.repeat([str(month) for month in MONTHS], count),
            "segment": [segment for segment, _ in columns] * len(MONTHS),
            "csm": [csm for _, csm in columns] * len(MONTHS),
            "numerator": np.nan, "denominator": np.nan, "value": np.nan}
    return pd.DataFrame(rows | {name: array.ravel() for name, array in figures.items()})


def totals(rows: pd.DataFrame) -> pd.DataFrame:
    """The company's own figure, month × measure, pooled as the product pools it."""
    whole = rows[rows["segment"] == ""].pivot(index="period", columns="measure", values="value")
    figures = ["numerator", "denominator", "value"]
    parts = rows[rows["segment"] != ""].groupby(["period", "measure"])[figures].sum(min_count=1)
    pooled = (parts["numerator"] / parts["denominator"]).fillna(parts["value"]).unstack()
    return pooled.assign(**{name: whole[name] for name in whole})[list(MEASURES)]
