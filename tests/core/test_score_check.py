"""Whether a score tells the truth: bands, what a threshold catches, the difference of two AUCs, and weights only with losses."""

from __future__ import annotations

import random
from itertools import product

import pytest

from scorecard.core import score_check

LOST = [True] * 6 + [False] * 9
RISKS = [9, 8, 7, 6, 3, 2, 5, 4, 4, 3, 2, 1, 1, 0, 0]
OTHER = [1, 9, 2, 8, 3, 3, 5, 4, 4, 3, 2, 6, 1, 7, 0]


def auc_by_pairs(risk, lost) -> float:
    pairs = list(product([r for r, gone in zip(risk, lost) if gone], [r for r, gone in zip(risk, lost) if not gone]))
    return sum((a > b) + (a == b) / 2 for a, b in pairs) / len(pairs)


def test_bands_are_those_of_the_page_and_hold_every_score_once():
    found = score_check.bands([0, 49, 50, 59, 60, 70, 80, 100], [True, False] * 4)
    assert [(one.label, one.lost.hits, one.lost.n) for one in found] == [
        ("below 50", 1, 2), ("50 to 59", 1, 2), ("60 to 69", 1, 1), ("70 to 79", 0, 1), ("80 and up", 1, 2)]


def test_the_auc_counts_every_pair_and_ties_half():
    assert score_check.told_apart(RISKS, LOST).value == pytest.approx(auc_by_pairs(RISKS, LOST))


def test_the_difference_of_two_scores_on_the_same_rows_agrees_with_a_paired_bootstrap():
    found = score_check.difference(RISKS, OTHER, LOST)
    assert found.value == pytest.approx(auc_by_pairs(RISKS, LOST) - auc_by_pairs(OTHER, LOST))
    chance, rows = random.Random(3), list(zip(RISKS, OTHER, LOST))
    drawn = []
    for _ in range(1500):
        again = [chance.choice(rows[:6]) for _ in range(6)] + [chance.choice(rows[6:]) for _ in range(9)]
        drawn.append(auc_by_pairs([r for r, _, _ in again], LOST) - auc_by_pairs([o for _, o, _ in again], LOST))
    mean = sum(drawn) / len(drawn)
    spread = (sum((one - mean) ** 2 for one in drawn) / len(drawn)) ** 0.5
    assert (found.upper - found.lower) / (2 * 1.96) == pytest.approx(spread, rel=0.15)


def test_a_score_compared_with_itself_is_no_better():
    found = score_check.difference(RISKS, RISKS, LOST)
    assert (found.value, found.lower, found.upper) == (0, 0, 0)


def test_with_a_handful_of_losses_nothing_is_said():
    assert score_check.told_apart([3, 2, 1], [True, True, False]) is None and score_check.difference([1], [2], [True]) is None


def test_precision_and_recall_are_counted_below_the_threshold():
    precision, recall = score_check.caught([40, 60, 65, 70, 90], [True, False, True, True, False], 70)
    assert (precision.hits, precision.n, recall.hits, recall.n) == (2, 3, 2, 3) and precision.interval[0] < 2 / 3


def make_outcomes(n: int):
    """Accounts whose loss follows the first input only."""
    chance = random.Random(11)
    shares = [[chance.random(), chance.random()] for _ in range(n)]
    return shares, [chance.random() < 0.5 * (1 - first) ** 2 for first, _ in shares]


def test_weights_are_learned_from_the_older_outcomes_and_tried_on_the_later_ones():
    shares, lost = make_outcomes(900)
    found = score_check.proposed(shares, (10, 90), lost)
    assert sum(found.weights) == 100 and found.weights[0] > 80 and found.better
    assert found.proposed.value > found.current.value and found.refusal == ""


def test_too_few_losses_propose_no_weights():
    shares, lost = make_outcomes(60)
    assert sum(lost) < 20
    found = score_check.proposed(shares, (10, 90), lost)
    assert found.weights == () and found.refusal == f"{sum(lost)} losses with every input known are too few to weigh 2 inputs: 20 are needed."
