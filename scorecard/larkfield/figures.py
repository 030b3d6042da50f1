"""The drawn months of Larkfield: what each segment of each measure comes to, 36 months long.

Nothing is written by hand: each segment is a level plus independent normal noise. A short list of planted facts then
moves a few of them, in the last twelve months only. `exports` spreads these figures over accounts and events.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from scorecard.core.periods import Period, between
from scorecard.larkfield.planted import FACTS

SEED = 2879
SEGMENTS = ("Enterprise", "Mid-market", "Small business")
FIRST, LAST = Period(date(2023, 11, 1), "month"), Period(date(2026, 10, 1), "month")
MONTHS = tuple(between(FIRST, LAST))
BASELINE = 24
COLUMNS = ("measure", "period", "segment", "csm", "numerator", "denominator", "value")
ACCOUNTS = (58, 148, 206)
SHARE_OF_ACCOUNTS_AT_START = 0.92
DUE_WOBBLE = 0.05
YEAR = 12
DAYS_SEEN_OF_THE_LAST_COHORT = 30


@dataclass(frozen=True)
class Process:
    """One measure without planted facts. `sd` is that of the whole company's monthly figure."""

    measure: str
    levels: tuple[float, float, float]
    sd: float
    weights: tuple[float, float, float]


RENEWALS = Process("renewal_rate", (0.935, 0.923, 0.853), 0.0062, (1_204_000, 1_062_000, 877_000))
EXPANSION = Process("mrr_expansion", (18_500, 13_500, 8_500), 2_150, (18_500, 13_500, 8_500))
RATIOS = (
    Process("cost_to_serve", (978.0, 438.0, 238.0), 6.8, ACCOUNTS),
    Process("adoption_30d", (0.592, 0.580, 0.542), 0.0190, (500, 420, 270)),
    Process("trust_score", (7.90, 7.60, 7.42), 0.133, (60, 90, 110)),
    Process("development_plans_kept", (0.730, 0.720, 0.725), 0.0350, (35, 28, 21)),
)
TICKETS = Process("tickets_over_14_days", (9.3, 16.7, 20.5), 4.15, (9.3, 16.7, 20.5))
DAYS = Process("time_to_first_value", (38.0, 32.0, 28.4), 2.3, ACCOUNTS)
CONTACTS = Process("contact_schedule_kept", (0.85, 0.85, 0.85), 0.0143, (1, 1, 1))
CONTACTS_DUE_IN_A_YEAR = {
    "Camila Duarte": (0, 522), "Jonas Kowal": (0, 686), "Mei Lin": (0, 457), "Marta Ruiz": (0, 359),
    "Ines Vidal": (0, 575), "Tolu Adeyemi": (1, 405), "Hana Patel": (1, 620), "Luc Renard": (1, 718),
    "Kenji Sato": (1, 784), "Petra Berg": (2, 816), "Elias Haddad": (2, 980), "Amara Osei": (2, 914),
}

# Monthly recurring revenue: RENEWALS.weights is where it stands at the end. A year's value comes up for renewal in
# about a year, accounts of SEGMENTS grow by NET_GROWTH a month, and downgrades between renewals make up the difference.
SHARE_OF_MRR_AT_START = (0.70, 0.73, 0.92)
NET_GROWTH = (0.0075, 0.0040, -0.0035)
SHARE_DUE = 0.97
DOWNGRADE_SD = (900, 800, 600)
LOST_ACCOUNTS = ((0.87, 1.00, 1.00), (0.42, 0.92, 1.00), (0.05, 0.55, 0.90))  # chance of at most 0, 1, 2 in a month
NEW_ACCOUNT_MRR = (9_000, 4_000, 2_600)
NEW_WOBBLE = 0.12

BY_SEGMENT = [(segment, "") for segment in SEGMENTS]
MEASURES = ("renewal_rate", "net_revenue_retention", "mrr_expansion", "cost_to_serve", "adoption_30d",
            "contact_schedule_kept", "time_to_first_value", "tickets_over_14_days", "trust_score",
            "development_plans_kept")


@dataclass(frozen=True)
class Revenue:
    """Money, month × segment, all of it MRR in whole dollars: `due` × 12 is the value that came up for renewal.

    `start` + `expansion` − `lost` − `downgraded` is what the accounts of the start have at the end of the month, and
    `new_mrr` comes on top. `gone` and `new` count accounts, `accounts` those at the end.
    """

    start: np.ndarray
    due: np.ndarray
    lost: np.ndarray
    expansion: np.ndarray
    downgraded: np.ndarray
    gone: np.ndarray
    new: np.ndarray
    new_mrr: np.ndarray
    accounts: np.ndarray

    @property
    def served(self) -> np.ndarray:
        """Accounts with revenue at the start or at the end of the month."""
        return self.accounts + self.gone

    @property
    def kept(self) -> np.ndarray:
        """What the accounts of the start have at the end of the month, growth included."""
        return self.start + self.expansion - self.lost - self.downgraded


@dataclass(frozen=True)
class Drawn:
    """All that one seed draws: the money, and the rows of the ten measures in `COLUMNS`."""

    revenue: Revenue
    rows: pd.DataFrame


def generate(seed: int = SEED, planted: bool = True) -> pd.DataFrame:
    """The figures in long form, one row a measure, month and segment (and CSM, for contacts), in `COLUMNS`."""
    return draw(seed, planted).rows


def draw(seed: int = SEED, planted: bool = True) -> Drawn:
    """The months of one seed, which draws the same noise with and without the planted facts."""
    chance = np.random.RandomState(seed)  # the one generator whose stream NumPy promises never to change
    revenue = _revenue(chance, planted)
    blocks = _of_revenue(revenue)
    blocks += [_ratio(process, chance, planted, revenue) for process in RATIOS]
    blocks += [_tickets(chance, planted), _days(chance, planted), _contacts(chance)]
    blocks.sort(key=lambda block: MEASURES.index(block["measure"].iloc[0]))
    return Drawn(revenue, pd.concat(blocks, ignore_index=True)[list(COLUMNS)])


# ---------------------------------------------------------------- money


def _revenue(chance: np.random.RandomState, planted: bool) -> Revenue:
    path, accounts = _mrr_path(), _accounts()
    due = np.round(_wobbled(path, chance) * SHARE_DUE / YEAR)
    rate = np.array(RENEWALS.levels) + _noise(RENEWALS, chance) + _shift(RENEWALS.measure, planted)
    lost = np.clip(np.round((1 - rate) * due), 0, due)
    expansion = _sum(EXPANSION, chance, planted)
    downgraded = _downgrades(path, chance)
    gone = _gone(chance)
    new = np.diff(accounts, axis=0, prepend=accounts[:1]) + gone
    size = np.array(NEW_ACCOUNT_MRR) * (1 + NEW_WOBBLE * chance.standard_normal(new.shape))
    new_mrr = np.round(new * np.clip(size, 0.5 * np.array(NEW_ACCOUNT_MRR), None))
    change = expansion - lost - downgraded + new_mrr
    start = np.round(path[0]) + np.cumsum(change, axis=0) - change
    return Revenue(start, due, lost, expansion, downgraded, gone, new, new_mrr, accounts)


def _mrr_path() -> np.ndarray:
    """About where MRR stands, month × segment: even growth to the end."""
    steps = np.linspace(0, 1, len(MONTHS))[:, None]
    return np.array(RENEWALS.weights) * np.array(SHARE_OF_MRR_AT_START) ** (1 - steps)


def _downgrades(path: np.ndarray, chance: np.random.RandomState) -> np.ndarray:
    """MRR lost between renewals: what is left of the expansion when losses at renewal and the net growth are taken."""
    lost = (1 - np.array(RENEWALS.levels)) * path * SHARE_DUE / YEAR
    level = np.array(EXPANSION.levels) - lost - np.array(NET_GROWTH) * path
    return np.maximum(np.round(level + DOWNGRADE_SD * chance.standard_normal(path.shape)), 0)


def _gone(chance: np.random.RandomState) -> np.ndarray:
    """Accounts that leave, month × segment: none to three."""
    tried = chance.random_sample((len(MONTHS), 3))
    return (tried[:, :, None] > np.array(LOST_ACCOUNTS)[None]).sum(axis=2).astype(float)


def _accounts() -> np.ndarray:
    """Accounts at the end of the month, month × segment, growing evenly to the 412 of the last month."""
    growth = np.linspace(SHARE_OF_ACCOUNTS_AT_START, 1, len(MONTHS))
    return np.round(np.outer(growth, ACCOUNTS))


def _of_revenue(money: Revenue) -> list[pd.DataFrame]:
    """The three measures of money."""
    return [_block("renewal_rate", BY_SEGMENT, numerator=YEAR * (money.due - money.lost), denominator=YEAR * money.due),
            _block("net_revenue_retention", BY_SEGMENT, numerator=money.kept, denominator=money.start),
            _block("mrr_expansion", BY_SEGMENT, value=money.expansion)]


# ---------------------------------------------------------------- the other measures


def _wobbled(base: np.ndarray, chance: np.random.RandomState) -> np.ndarray:
    """Whole denominators around a base, month × column, never under half of it."""
    factor = 1 + DUE_WOBBLE * chance.standard_normal((len(MONTHS), base.shape[-1]))
    return np.round(base * np.clip(factor, 0.5, 1.5))


def _noise(process: Process, chance: np.random.RandomState) -> np.ndarray:
    """Noise of a rate, month × segment, so sized that the weighted mean has the standard deviation `sd`."""
    share = np.array(process.weights) / sum(process.weights)
    return chance.standard_normal((len(MONTHS), 3)) * process.sd / np.sqrt(share)


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


def _ratio(process: Process, chance: np.random.RandomState, planted: bool, money: Revenue) -> pd.DataFrame:
    served = process.weights == ACCOUNTS
    denominator = money.served if served else _wobbled(np.array(process.weights), chance)
    rate = np.array(process.levels) + _noise(process, chance) + _shift(process.measure, planted)
    numerator = np.maximum(np.round(rate * denominator), 0)
    if process.levels[0] < 1:
        numerator = np.minimum(numerator, denominator)
    return _block(process.measure, BY_SEGMENT, numerator=numerator, denominator=denominator)


def _sum(process: Process, chance: np.random.RandomState, planted: bool) -> np.ndarray:
    """Whole amounts, month × segment, whose sum has the standard deviation `sd`."""
    share = np.array(process.weights) / sum(process.weights)
    noise = chance.standard_normal((len(MONTHS), 3)) * process.sd * np.sqrt(share)
    return np.maximum(np.round(np.array(process.levels) + noise + _shift(process.measure, planted)), 0)


def _tickets(chance: np.random.RandomState, planted: bool) -> pd.DataFrame:
    return _block(TICKETS.measure, BY_SEGMENT, value=_sum(TICKETS, chance, planted))


def _days(chance: np.random.RandomState, planted: bool) -> pd.DataFrame:
    """A median cannot be added up from segments, so the company's own figure is a row beside theirs.

    Of the last month's starts only the first 30 days are known: a longer median is not reached yet.
    """
    days = np.array(DAYS.levels) + _noise(DAYS, chance) + _shift(DAYS.measure, planted)
    share = np.array(ACCOUNTS) / sum(ACCOUNTS)
    whole = np.round(np.column_stack([days, days @ share]))
    whole[-1, whole[-1] > DAYS_SEEN_OF_THE_LAST_COHORT] = np.nan
    return _block(DAYS.measure, [*BY_SEGMENT, ("", "")], value=whole)


def _contacts(chance: np.random.RandomState) -> pd.DataFrame:
    """Scheduled contacts kept and due, by CSM: one level for all, a shared month effect, and chance for each."""
    due = _wobbled(np.array([yearly / 12 for _, yearly in CONTACTS_DUE_IN_A_YEAR.values()]), chance)
    month = CONTACTS.sd * chance.standard_normal((len(MONTHS), 1))
    level = CONTACTS.levels[0]
    own = np.sqrt(level * (1 - level) / due) * chance.standard_normal(due.shape)
    kept = np.clip(np.round((level + month + own) * due), 0, due)
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
