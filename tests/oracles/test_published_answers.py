"""Published worked examples, each in a file of its own beside this one with its source: data, options, printed answers."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from scorecard.core import spc
from scorecard.core.periods import Period

CASES = sorted(Path(__file__).parent.glob("*.toml"))
FIRST = Period(date(2000, 1, 1), "month")


def load(path: Path) -> dict:
    return tomllib.loads(path.read_text())


def chart_of(case: dict) -> spc.Chart:
    """The chart of a case; positions in its file count from 1."""
    data, asked = case["data"], dict(case.get("options", {}))
    tops = data.get("numerator", [None] * len(data.get("value", [])))
    bottoms = data.get("denominator", [None] * len(tops))
    values = data.get("value") or [a / b for a, b in zip(tops, bottoms)]
    figures = [spc.Figure(FIRST.shift(i), v, a, b) for i, (v, a, b) in enumerate(zip(values, tops, bottoms))]
    for name, kind in (("exclude", frozenset), ("rebase", tuple)):
        asked[name] = kind(FIRST.shift(i - 1) for i in asked.get(name, ()))
    if "locked" in case:
        asked["locked"] = (_record(case["locked"], figures),)
    return spc.read_series(figures, spc.Options(**asked))


def _record(limits: dict, figures: list[spc.Figure]) -> spc.LockedLimits:
    return spc.LockedLimits(FIRST, limits["centre"], limits["lower"], limits["upper"], limits.get("range_centre"),
                            limits.get("range_upper"), FIRST, figures[-1].period, len(figures))


def agrees(actual: float | None, printed: str) -> bool:
    """Whether a number rounds to what the source prints; `none` is a limit that does not exist."""
    if printed == "none":
        return actual is None
    digits = len(printed.partition(".")[2])
    return actual is not None and abs(actual - float(printed)) <= 0.5 * 10**-digits * (1 + 1e-6)


def phase_numbers(chart: spc.Chart, phase: spc.Phase, d2: float | None) -> dict[str, float | None]:
    """Every number of a phase that a source may print; `sigma…` with the source's own d2."""
    numbers = {name: getattr(phase, name) for name in ("centre", "lower", "upper", "range_centre", "range_upper")}
    if d2:
        power = 1 / spc.T_EXPONENT if chart.type == "t" else 1
        sigma = phase.sigma * spc.SIGMAS / spc.MEAN_RANGE_FACTOR / d2
        middle = phase.centre**power
        numbers |= {"sigma": sigma, "sigma_lower": (middle - 3 * sigma) ** (1 / power), "sigma_upper": (middle + 3 * sigma) ** (1 / power)}
    return numbers


PHASES = [pytest.param(path, index, id=f"{path.stem}-{index + 1}")
          for path in CASES for index in range(len(load(path).get("phases", ())))]
POINTS = [pytest.param(path, id=path.stem) for path in CASES if "points" in load(path)]
FLAGS = [pytest.param(path, rule, id=f"{path.stem}-{rule}") for path in CASES for rule in load(path).get("flags", {})]


@pytest.mark.parametrize(("path", "index"), PHASES)
def test_limits_agree_with_every_printed_digit(path: Path, index: int) -> None:
    case = load(path)
    chart = chart_of(case)
    numbers = phase_numbers(chart, chart.phases[index], case.get("d2"))
    wrong = {name: (numbers[name], printed) for name, printed in case["phases"][index].items() if not agrees(numbers[name], printed)}
    assert wrong == {}


@pytest.mark.parametrize("path", POINTS)
def test_limits_of_each_point_agree_with_every_printed_digit(path: Path) -> None:
    case = load(path)
    points = chart_of(case).points
    for name, printed in case["points"].items():
        assert len(printed) == len(points)
        assert [i for i, (point, text) in enumerate(zip(points, printed), 1) if not agrees(getattr(point, name), text)] == []


@pytest.mark.parametrize(("path", "flag"), FLAGS)
def test_flags_agree_with_the_source(path: Path, flag: str) -> None:
    """`rule` lists the points of the pattern, `completes_rule` where it completes, `holds_rule` each point at whose end it holds."""
    case = load(path)
    kind, rule = next(((k, flag.removeprefix(f"{k}_")) for k in ("completes", "holds") if flag.startswith(f"{k}_")), ("points", flag))
    expected = case["flags"][flag]
    marks = [next((s for s in point.signals if s.rule == rule), None) for point in chart_of(case).points]
    members = [i for i, mark in enumerate(marks, 1) if mark]
    completes = [i for i, mark in enumerate(marks, 1) if mark and mark.completes]
    if kind == "points":
        assert members == expected
    elif kind == "completes":
        assert completes == expected
    else:
        single = spc.RULES[rule].window == 1
        assert completes == [i for i in expected if single or i - 1 not in expected]
        assert set(expected) <= set(members)


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in CASES])
def test_every_case_names_its_source(path: Path) -> None:
    case = load(path)
    assert case["citation"] and case["reprinted"]
    assert case.get("phases") or case.get("points") or case.get("flags")
