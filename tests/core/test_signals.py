"""Every rule against a slow reading of its words, point by point, on series with gaps, ties and points on a line."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.core import signals, spc
from scorecard.core.signals import Lines

SIDES = {1: "above", -1: "below"}


@dataclass(frozen=True)
class Series:
    """One chart in plain numbers; None is a point that does not count, or a limit that does not exist."""

    x: list[float | None]
    centre: float
    sigma: float
    lower: float | None
    upper: float | None

    def near(self, t: int, side: int, sigmas: float) -> bool:
        if self.x[t] is None or (self.upper if side > 0 else self.lower) is None:
            return False
        return side * (self.x[t] - self.centre) > sigmas * self.sigma

    def last(self, t: int, n: int) -> list[int] | None:
        """The n successive points that end at t, None when one of them does not count."""
        window = list(range(t - n + 1, t + 1))
        return window if window[0] >= 0 and all(self.x[i] is not None for i in window) else None


def windows(series: Series, n: int, holds) -> tuple[set[int], set[int]]:
    """Members and completing points of a rule that asks something of each n successive points."""
    ends = [t for t in range(len(series.x)) if (w := series.last(t, n)) and holds([series.x[i] for i in w], w)]
    return {i for t in ends for i in series.last(t, n)}, {t for t in ends if t - 1 not in ends}


def some_of(series: Series, need: int, among: int, sigmas: float, side: int) -> tuple[set[int], set[int]]:
    """`need` of `among` successive points near the limit of one side; the window runs from the first such point to the last."""
    members, completes = set(), set()
    for t in range(len(series.x)):
        back = series.last(t, among) or []
        close = [i for i in back if series.near(i, side, sigmas)]
        if t in close and len(close) >= need:
            if not set(close) & members:
                completes.add(t)
            members |= set(range(close[0], t + 1))
    return members, completes


def steps(values: list[float], side: int) -> bool:
    return all(side * (b - a) > 0 for a, b in zip(values, values[1:]))


def alternates(values: list[float]) -> bool:
    moves = [b - a for a, b in zip(values, values[1:])]
    return all(a * b < 0 for a, b in zip(moves, moves[1:]))


def naive(series: Series, rule: str) -> dict[int, tuple[set[int], set[int]]]:
    """Members and completing points by side (+1, -1; 0 for a rule without a side), from the words of the rule."""
    both = (1, -1)
    if rule in ("beyond_limit", "western_electric_1", "nelson_1"):
        limit = {1: series.upper, -1: series.lower}
        found = {s: {t for t, x in enumerate(series.x) if x is not None and limit[s] is not None and s * (x - limit[s]) > 0} for s in both}
        return {s: (found[s], found[s]) for s in both}
    run = {"run_of_8": 8, "run_of_7": 7, "western_electric_4": 8, "nelson_2": 9}
    if rule in run:
        return {s: windows(series, run[rule], lambda v, w, s=s: all(s * (x - series.centre) > 0 for x in v)) for s in both}
    trend = {"trend_of_7": 7, "nelson_3": 6}
    if rule in trend:
        return {s: windows(series, trend[rule], lambda v, w, s=s: steps(v, s)) for s in both}
    near = {"near_limit_3_of_4": (3, 4, 1.5), "near_limit_2_of_3": (2, 3, 2), "western_electric_2": (2, 3, 2),
            "western_electric_3": (4, 5, 1), "nelson_5": (2, 3, 2), "nelson_6": (4, 5, 1)}
    if rule in near:
        return {s: some_of(series, *near[rule], s) for s in both}
    if rule == "nelson_4":
        return {0: windows(series, 14, lambda v, w: alternates(v))}
    if rule == "nelson_7":
        limited = series.lower is not None and series.upper is not None
        return {0: windows(series, 15, lambda v, w: limited and all(abs(x - series.centre) < series.sigma for x in v))}
    assert rule == "nelson_8"
    limited = series.lower is not None and series.upper is not None

    def avoided(v, w) -> bool:
        sides = {1 if series.near(i, 1, 1) else -1 if series.near(i, -1, 1) else 0 for i in w}
        return limited and sides == {1, -1}

    return {0: windows(series, 8, lambda v, w: avoided(v, w))}


def lines_of(many: list[Series]) -> Lines:
    height = max(len(s.x) for s in many)

    def stack(rows: list[list[float | None]]) -> np.ndarray:
        out = np.full((height, len(rows)), math.nan)
        for s, row in enumerate(rows):
            out[: len(row), s] = [math.nan if x is None else x for x in row]
        return out

    x = stack([s.x for s in many])
    ranges = np.full(x.shape, math.nan)
    ranges[1:] = np.abs(np.diff(x, axis=0))
    flat = {name: stack([[getattr(s, name)] * len(s.x) for s in many]) for name in ("centre", "lower", "upper", "sigma")}
    return Lines(x, flat["centre"], flat["lower"], flat["upper"], flat["sigma"], ~np.isnan(x), ranges, 3 * flat["sigma"])


def expected_of(series: Series, rule: str) -> tuple[set[int], set[int], dict[int, int]]:
    by_side = naive(series, rule)
    members = set().union(*(m for m, _ in by_side.values()))
    completes = set().union(*(c for _, c in by_side.values()))
    return members, completes, {t: sum(s for s, (m, _) in by_side.items() if t in m) for t in members}


values = st.integers(-8, 8).map(lambda n: n / 2)
drifting = st.lists(st.sampled_from([-0.5, 0.0, 0.5, 1.0]), min_size=1, max_size=40).map(lambda moves: [float(x) for x in np.clip(np.cumsum(moves) - 2, -4, 4)])
sawtooth = st.lists(st.sampled_from([0.5, 1.0, 1.5, 2.0]), min_size=1, max_size=40).map(lambda sizes: [x * (-1) ** i for i, x in enumerate(sizes)])
hugging = st.lists(st.sampled_from([-0.5, 0.0, 0.5, 0.5, 1.0]), min_size=1, max_size=40)
outer = st.lists(st.sampled_from([-3.5, -2.5, -1.5, 1.5, 2.5, 3.5, 2.0, 0.0]), min_size=1, max_size=40)
raw = st.one_of(st.lists(values, min_size=1, max_size=40), drifting, sawtooth, hugging, outer)


@st.composite
def series(draw) -> Series:
    x: list[float | None] = list(draw(raw))
    for hole in draw(st.lists(st.integers(0, len(x) - 1), max_size=3)):
        x[hole] = None
    return Series(x, 0.0, 1.0, draw(st.sampled_from([-3.0, -3.0, None])), draw(st.sampled_from([3.0, 3.0, None])))


@pytest.mark.parametrize("rule", [id for id in spc.RULES if not spc.RULES[id].on_ranges])
@settings(max_examples=50, deadline=None)
@given(many=st.lists(series(), min_size=1, max_size=3))
def test_a_rule_finds_what_its_words_say(rule: str, many: list[Series]) -> None:
    found = spc.RULES[rule].find(lines_of(many))
    for s, one in enumerate(many):
        members, completes, side = expected_of(one, rule)
        assert set(np.nonzero(found.member[:, s])[0]) == members
        assert set(np.nonzero(found.completes[:, s])[0]) == completes
        assert {t: int(found.side[t, s]) for t in members} == side


@settings(max_examples=60, deadline=None)
@given(one=series())
def test_a_range_beyond_its_limit_is_found_with_the_direction_of_the_move(one: Series) -> None:
    found = signals.range_beyond(lines_of([one]))
    moves = {t: b - a for t, (a, b) in enumerate(zip(one.x, one.x[1:]), 1) if a is not None and b is not None}
    assert set(np.nonzero(found.member[:, 0])[0]) == {t for t, move in moves.items() if abs(move) > 3}
    assert all(found.side[t, 0] == (1 if moves[t] > 0 else -1) for t in np.nonzero(found.member[:, 0])[0])


@pytest.mark.parametrize("rule_set", spc.RULE_SETS)
def test_the_words_find_every_rule_of_a_set_somewhere(rule_set: str) -> None:
    """The generated series can tell rules apart: each rule occurs in plain examples."""
    example = {"run": [0.5] * 10, "rise": [-4 + 0.5 * i for i in range(12)], "saw": [(-1.0) ** i for i in range(16)],
               "hug": [0.5, 0.0, -0.5] * 6, "far": [4.0, 0, 2.5, 2.5, 2.5, 0, 1.5, 1.5, 1.5, -1.5, 1.5, 1.5, 1.5, 1.5, 1.5]}
    for rule in spc.RULE_SETS[rule_set]:
        if not spc.RULES[rule].on_ranges:
            assert any(expected_of(Series(x, 0.0, 1.0, -3.0, 3.0), rule)[1] for x in example.values()), rule


@pytest.mark.parametrize(("x", "limit", "answer"), [(3.0, 3.0, False), (3.0 + 1e-9, 3.0, True), (0.1 + 0.2, 0.3, False), (math.nan, 3.0, False)])
def test_a_point_on_a_line_is_not_beyond_it(x: float, limit: float, answer: bool) -> None:
    assert bool(signals.exceeds(np.array(x), np.array(limit))) is answer


@pytest.mark.parametrize("hole", range(8))
def test_a_point_that_does_not_count_breaks_a_run(hole: int) -> None:
    run = [1.0] * 8
    assert expected_of(Series(run, 0.0, 1.0, -3.0, 3.0), "run_of_8")[1] == {7}
    broken = [None if i == hole else x for i, x in enumerate(run)]
    assert not signals.run_on_one_side(lines_of([Series(broken, 0.0, 1.0, -3.0, 3.0)]), 8).member.any()


def test_a_run_that_goes_on_completes_once_and_every_further_point_joins() -> None:
    found = signals.run_on_one_side(lines_of([Series([1.0] * 12, 0.0, 1.0, -3.0, 3.0)]), 8)
    assert found.member[:, 0].all()
    assert list(np.nonzero(found.completes[:, 0])[0]) == [7]


@pytest.mark.parametrize(("lower", "upper", "above", "below"), [(None, 3.0, True, False), (-3.0, None, False, True)])
def test_zone_rules_are_not_applied_on_a_side_without_a_limit_and_runs_are(lower, upper, above: bool, below: bool) -> None:
    high = lines_of([Series([2.5] * 8, 0.0, 1.0, lower, upper)])
    low = lines_of([Series([-2.5] * 8, 0.0, 1.0, lower, upper)])
    assert (signals.near_limit(high, 2, 3, 2).member.any(), signals.near_limit(low, 2, 3, 2).member.any()) == (above, below)
    assert signals.run_on_one_side(high, 8).member.all() and signals.run_on_one_side(low, 8).member.all()


def test_many_series_are_read_as_each_would_be_alone() -> None:
    rng = np.random.default_rng(7)
    table = rng.standard_normal((36, 12))
    for rules in spc.RULE_SETS:
        _, together = spc.read_table(table, rules)
        for s in range(table.shape[1]):
            _, alone = spc.read_table(table[:, [s]], rules)
            for rule in together:
                assert (together[rule].member[:, s] == alone[rule].member[:, 0]).all()
                assert (together[rule].completes[:, s] == alone[rule].completes[:, 0]).all()
