"""What chance does: 200 companies like the sample in a run of endurance, 60 in every other, with nothing planted in them."""

from __future__ import annotations

import numpy as np
import pytest

from scorecard import larkfield
from scorecard.core import spc
from tests.endurance import in_full

COMPANIES = 200 if in_full() else 60
SIMULATED = 2_000
Z_99 = 2.576
MEASURES = len(larkfield.MEASURES)
YEAR = range(larkfield.BASELINE + 1, len(larkfield.MONTHS) + 1)


def flagged_months(values: np.ndarray) -> np.ndarray:
    """For each company (last axis) the share of its last twelve months in which at least one measure was flagged.

    `values` is (months, measures, companies); each month is read with the figures known by then.
    """
    months, measures, companies = values.shape
    flat = values.reshape(months, measures * companies)
    shares = np.zeros(companies)
    for end in YEAR:
        _, found = spc.read_table(flat[:end], "wheeler", larkfield.BASELINE)
        on_values = [where.member[-1] for rule, where in found.items() if not spc.RULES[rule].on_ranges]
        latest = np.any(on_values, axis=0)
        shares += latest.reshape(measures, companies).any(axis=0)
    return shares / len(YEAR)


@pytest.fixture(scope="module")
def chance() -> np.ndarray:
    """Companies of independent normal figures: for each its share of flagged months."""
    noise = np.random.default_rng(7).standard_normal((len(larkfield.MONTHS), MEASURES, SIMULATED))
    return flagged_months(noise)


@pytest.fixture(scope="module")
def share() -> float:
    """Share of months with a flag in the companies without planted facts."""
    tables = [larkfield.totals(larkfield.generate(seed, planted=False)).to_numpy() for seed in range(COMPANIES)]
    return float(flagged_months(np.stack(tables, axis=2)).mean())


def test_companies_without_planted_facts_are_flagged_as_often_as_the_scorecard_prints(share, chance):
    budget = spc.false_alarm_budget("wheeler", MEASURES, larkfield.BASELINE)
    margin = Z_99 * chance.std(ddof=1) / np.sqrt(COMPANIES)
    assert budget - margin < share < budget + margin, (
        f"{share:.1%} of months were flagged; {budget:.1%} is printed, {margin:.1%} either way is chance.")


def test_figures_without_planted_facts_behave_like_independent_normal_months(share, chance):
    margin = Z_99 * chance.std(ddof=1) * np.sqrt(1 / COMPANIES + 1 / SIMULATED)
    assert abs(share - chance.mean()) < margin


def test_the_unplanted_and_the_planted_company_share_their_first_two_years():
    for seed in (1, larkfield.SEED):
        with_facts, without = (larkfield.totals(larkfield.generate(seed, planted)) for planted in (True, False))
        assert with_facts[:larkfield.BASELINE].equals(without[:larkfield.BASELINE])
        assert not with_facts[larkfield.BASELINE:].equals(without[larkfield.BASELINE:])
