"""Larkfield, a fictional company that makes rota-planning software: 412 accounts, twelve customer success managers.

Its figures are drawn, not written: each segment of each measure is a level plus independent normal noise, 36 months
long. A short list of planted facts then moves a few of them, in the last twelve months only.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from scorecard.core.periods import Period, between

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


@dataclass(frozen=True)
class Fact:
    """Something planted, or the promise that nothing is. `rule` completes in the month `reported`."""

    measure: str
    kind: str
    since: str
    reported: str
    rule: str
    text: str
    size: tuple[float, float, float] = (0, 0, 0)
    profile: tuple[float, ...] = (1,)
    carried_by: str = ""


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

FACTS = (
    Fact("adoption_30d", "step", "2026-02", "2026-02", "beyond_limit",
         "Guided onboarding started: 30-day adoption stepped up in all three segments.", (0.110, 0.100, 0.090)),
    Fact("tickets_over_14_days", "jump", "2026-10", "2026-10", "beyond_limit",
         "A release went wrong: tickets open over 14 days jumped, for this one month.", (6.5, 8.5, 6.5)),
    Fact("renewal_rate", "settled_lower", "2026-03", "2026-10", "run_of_8",
         "The renewal rate slid from March and stayed lower. Only Small business did.",
         (0, 0, -0.036), (0.6, 0.8, 1), "Small business"),
    Fact("time_to_first_value", "settled_lower", "2026-01", "2026-08", "run_of_8",
         "A kick-off checklist: days to first value settled lower, and once more in October.",
         (-3.1, -3.1, -3.0), (1,) * 9 + (1.5,)),
    Fact("mrr_expansion", "rise", "2026-05", "2026-10", "near_limit_3_of_4",
         "Expansion revenue rose from May on.", (22_000, 16_000, 19_000),
         (0.15, 0.3, 0.5, 0.7, 0.85, 1)),
    Fact("development_plans_kept", "cannot_reach", "2023-11", "2025-10", "",
         "Nothing changed: plans are kept about 72 times in 100, and the goal of 90% is out of reach."),
    Fact("cost_to_serve", "nothing", "2023-11", "", "", "Nothing was planted."),
    Fact("net_revenue_retention", "nothing", "2023-11", "", "", "Nothing was planted."),
    Fact("contact_schedule_kept", "nothing", "2023-11", "", "", "Nothing was planted."),
    Fact("trust_score", "nothing", "2023-11", "", "", "Nothing was planted."),
)


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


def write(folder: Path) -> list[Path]:
    """The two files of the sample, written byte for byte as they are shipped: the figures, and what was planted."""
    folder.mkdir(parents=True, exist_ok=True)
    figures, facts = folder / "figures.csv", folder / "facts.toml"
    figures.write_bytes(figures_text(generate()).encode())
    facts.write_bytes(facts_text().encode())
    return [figures, facts]


def figures_text(rows: pd.DataFrame) -> str:
    """The figures as CSV; a number is written as shortly as it can be read back."""
    lines = [",".join(COLUMNS)]
    lines += [",".join(_written(item) for item in row) for row in rows[list(COLUMNS)].itertuples(index=False)]
    return "\n".join(lines) + "\n"


def _written(item: str | float) -> str:
    if isinstance(item, str):
        return item
    if math.isnan(item):
        return ""
    return str(int(item)) if item == int(item) else str(round(item, 4))


def facts_text() -> str:
    """The planted facts as TOML, for tests only: the product never reads them."""
    blocks = [f"# What was planted in figures.csv (seed {SEED}). Only tests read this: the product has to find it.\n"]
    for fact in FACTS:
        keys = {"measure": fact.measure, "kind": fact.kind, "since": fact.since, "reported": fact.reported,
                "rule": fact.rule, "carried_by": fact.carried_by, "text": fact.text}
        lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items() if value]
        blocks.append("[[fact]]\n" + "\n".join(lines) + "\n")
    return "\n".join(blocks)
