"""Whether what goes with an outcome differs between segments: a study of each, and a test of each driver across them.

A difference between two segments' odds ratios may be chance: the test adds the driver's products with the segments to one
model of all (penalised likelihood ratio), and the level is shared among the drivers (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from scorecard.core import drivers, logistic
from scorecard.core.drivers import ALPHA, FEWEST_EVENTS, Array, Column, Predictor, Study


@dataclass(frozen=True)
class Difference:
    """Whether one driver's odds differ between the segments: likelihood-ratio statistic, degrees of freedom, p."""

    predictor: str
    statistic: float
    df: int
    p: float
    differs: bool


@dataclass(frozen=True)
class Comparison:
    """The study of each segment (refused where it has too few events), the differences, and a sentence.

    `compared` names the segments with enough events on both sides; with fewer than two nothing is compared.
    """

    studies: Mapping[str, Study]
    compared: tuple[str, ...]
    differences: tuple[Difference, ...]
    sentence: str


def compare(outcome: str, happened: Sequence[bool | None], predictors: Sequence[Predictor], groups: Sequence[str | None],
            method: str = "firth") -> Comparison:
    """The same study in each segment, and which drivers differ; rows without a segment are left out."""
    rows = {group: [i for i, one in enumerate(groups) if one == group] for group in sorted({one for one in groups if one})}
    studies = {group: drivers.study(outcome, [happened[i] for i in own], [_only(one, own) for one in predictors], method)
               for group, own in rows.items() if _varies(predictors, own)}
    compared = tuple(group for group, one in studies.items() if min(one.events, one.n - one.events) >= FEWEST_EVENTS)
    if len(compared) < 2:
        return Comparison(studies, compared, (), f"Not compared: two segments with at least {FEWEST_EVENTS} with and without {outcome} are "
                                                 f"needed; there {'is 1' if compared else 'is none'}.")
    kept = [i for group in compared for i in rows[group]]
    differences = _differences(outcome, [happened[i] for i in kept], [_only(one, kept) for one in predictors], [str(groups[i]) for i in kept])
    return Comparison(studies, compared, differences, _sentence(outcome, compared, differences))


def _only(one: Predictor, rows: Sequence[int]) -> Predictor:
    values = [one.values[i] for i in rows]
    return replace(one, values=values, reference=one.reference if one.reference in values else "")


def _varies(predictors: Sequence[Predictor], rows: Sequence[int]) -> bool:
    return any(len({one.values[i] for i in rows}) > 1 for one in predictors)


def _differences(outcome: str, happened: list[bool | None], predictors: list[Predictor], groups: list[str]) -> tuple[Difference, ...]:
    complete, _ = drivers.complete_rows(happened, predictors)
    kept = {one.name: [one.values[i] for i in complete] for one in predictors}
    columns, _ = drivers.columns_of(predictors, kept)
    y = np.array([happened[i] for i in complete], float)
    names = np.array([groups[i] for i in complete])
    segments = np.column_stack([names == name for name in sorted(set(names))[1:]]).astype(float)
    base = drivers.design(columns, kept)
    level = ALPHA / len(predictors)
    found = [_tested(one.name, columns, base, segments, y) for one in predictors]
    return tuple(Difference(name, statistic, df, p, df > 0 and p < level) for name, statistic, df, p in found)


def _tested(name: str, columns: list[Column], base: Array, segments: Array, y: Array) -> tuple[str, float, int, float]:
    """The joint test of a driver's products with the segments; columns that others determine are left out first."""
    own = base[:, [j for j, one in enumerate(columns) if one.predictor == name]]
    products = np.column_stack([own[:, [a]] * segments for a in range(own.shape[1])])
    x = np.column_stack([base, segments, products])
    first = base.shape[1] + segments.shape[1]
    away = logistic.aliased(x)
    kept = [j for j in range(x.shape[1]) if j not in away]
    asked = logistic.problem(x[:, kept], y, "firth")
    statistic, df, p = logistic.together(asked, logistic.fit(asked), [place for place, j in enumerate(kept) if j >= first])
    return name, statistic, df, p


def _sentence(outcome: str, compared: Sequence[str], differences: Sequence[Difference]) -> str:
    where = f"{', '.join(compared[:-1])} and {compared[-1]}"
    different = [one.predictor for one in differences if one.differs]
    if not different:
        return f"No evidence that anything goes with {outcome} differently in {where}."
    verb = "goes" if len(different) == 1 else "go"
    return f"{' and '.join(different)} {verb} with {outcome} differently in {where}: read each segment by itself."
