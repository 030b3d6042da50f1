"""Marks are well-formed, to scale, and stand any series of numbers."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.core.reading import STATUSES
from scorecard.core.spc import Options, Signal, read_series
from scorecard.output import marks
from tests.output import make

SVG = "{http://www.w3.org/2000/svg}"
GOLDEN = Path(__file__).parent / "golden"
finite = st.floats(allow_nan=False, allow_infinity=False, width=64)


def parsed(text: str) -> ET.Element:
    """The element of an SVG text. Fails when it is not well-formed."""
    return ET.fromstring(text)


def classes(text: str, tag: str = "circle") -> list[str]:
    return [node.get("class", "") for node in parsed(text).iter(f"{SVG}{tag}")]


def icons() -> dict[str, str]:
    """Every mark without data, by name."""
    shapes = {f"{shape} {side} {kind}": marks.icon(shape, side, kind)
              for shape in ("outside", "near", "shift", "trend", "pattern") for side, kind in (("above", "better"), ("below", "worse"))}
    plain = {"routine": marks.icon("routine"), "new_level": marks.icon("new_level"), "none": marks.icon("none")}
    statuses = {f"status {s}": marks.status_shape(s) for s in STATUSES}
    others = {f"mark {name}": marks.mark(name) for name in marks.OTHER_MARKS}
    return shapes | plain | statuses | others | {"step": marks.step(3), "logo": marks.logo(), "band": marks.legend_band(True),
                                                "goal": marks.legend_goal()}


@pytest.mark.parametrize("name", icons())
def test_every_mark_is_well_formed_and_has_no_name_or_one_name(name):
    node = parsed(icons()[name])
    assert (node.get("aria-hidden") == "true") != (node.get("role") == "img" and bool(node.get("aria-label")))


def test_the_marks_look_as_they_did(golden):
    golden("marks.svg.txt", "\n".join(f"{name}\n{text}\n" for name, text in icons().items()))


@pytest.mark.parametrize(("direction", "side", "tone"), [
    ("increase", "above", "better"), ("increase", "below", "worse"), ("decrease", "above", "worse"), ("decrease", "below", "better"),
    ("neutral", "above", "changed"), ("increase", "either", "changed")])
def test_better_and_worse_come_from_the_wanted_direction(direction, side, tone):
    assert marks.tone(side, direction) == tone


def test_the_strongest_signal_gives_the_colour():
    weak, strong = Signal("run_of_8", "weak", True, "above"), Signal("beyond_limit", "strong", True, "below")
    assert marks.tone_of((weak, strong), "increase") == "worse"


def test_a_signal_of_the_moving_range_leaves_the_value_grey():
    assert marks.tone_of((Signal("range_beyond_limit", "strong", True, "above"),), "increase") == ""


# --- capability ------------------------------------------------------------------------------------------------------

def boxes(text: str) -> tuple[float, float]:
    """Height of the box and of its filled part."""
    found = {node.get("class"): float(node.get("height")) for node in parsed(text).iter(f"{SVG}rect")}
    return found["m-box"], found.get("m-fill", 0.0)


@given(low=st.floats(-1e6, 1e6), width=st.floats(1e-3, 1e6), share=st.floats(-0.5, 1.5), up=st.booleans())
def test_the_filled_part_is_the_part_of_the_range_that_meets_the_goal(low, width, share, up):
    high, goal = low + width, low + width * share
    box, filled = boxes(marks.capability_mark(low, high, goal, "increase" if up else "decrease"))
    met = (high - goal if up else goal - low) / (high - low)
    assert filled / box == pytest.approx(min(max(met, 0), 1), abs=0.002)


@given(finite, finite, finite, st.sampled_from(["increase", "decrease"]))
def test_any_range_and_goal_make_a_mark(low, high, goal, direction):
    text = marks.capability_mark(min(low, high), max(low, high), goal, direction)
    assert 0 <= boxes(text)[1] <= boxes(text)[0]


@pytest.mark.parametrize(("goal", "direction", "share"), [(0, "increase", 1), (10, "increase", 0), (10, "decrease", 1),
                                                          (0, "decrease", 0), (2.5, "increase", 0.75), (2.5, "decrease", 0.25)])
def test_capability_is_drawn_to_scale(goal, direction, share):
    box, filled = boxes(marks.capability_mark(0, 10, goal, direction))
    assert filled / box == pytest.approx(share, abs=0.002)


def test_without_limits_there_is_a_dash():
    assert "m-box" not in marks.capability_mark(None, None, 5, "increase")


def test_a_missing_limit_gives_way_to_the_natural_bound():
    chart = make.make_chart([0.98, 0.99, 0.97, 0.99, 0.98, 0.99, 0.96, 0.99, 0.98, 0.97, 0.99, 0.98], bounds=(0.0, 1.0))
    assert chart.points[-1].upper is None
    assert marks.limits_now(chart)[1] == 1.0


# --- sparkline -------------------------------------------------------------------------------------------------------

SERIES = {
    "constant": [5.0] * 24,
    "one point": [5.0],
    "two points": [5.0, 6.0],
    "gaps": [5.0, None, 6.0, 5.5, None, None, 7.0, 6.5, 5.0],
    "huge": [1e300, -1e300, 1e299, 1e300, -1e300, 9e299, 1e300, 1e298],
    "tiny": [1e-300, 2e-300, 1.5e-300, 1e-300, 1.2e-300, 1.8e-300],
    "negative": [-5.0, -7.0, -6.0, -4.0, -8.0, -6.5, -5.5],
    "zero": [0.0] * 8,
}


@pytest.mark.parametrize("name", SERIES)
@pytest.mark.parametrize("goal", [None, 6.0, -1e308])
def test_a_sparkline_stands_any_series(name, goal):
    values = SERIES[name]
    chart = read_series(make.make_figures(values), Options())
    inside(marks.sparkline(chart, goal, "increase", label="x"))


def inside(text: str) -> None:
    """Every dot lies on the drawing; no coordinate is infinite or not a number."""
    node = parsed(text)
    assert "nan" not in text and "inf" not in text
    height = float(node.get("height"))
    assert all(0 <= float(dot.get("cy")) <= height for dot in node.iter(f"{SVG}circle"))


def test_an_empty_chart_is_an_empty_drawing():
    from scorecard.core.spc import Chart

    assert not classes(marks.sparkline(Chart("xmr", "wheeler", Options(), (), ()), None, "increase"))


@given(st.lists(st.one_of(st.none(), finite), min_size=1, max_size=40).filter(lambda v: any(x is not None for x in v)))
def test_any_numbers_make_a_drawing(values):
    figures = make.make_figures(values)
    points = tuple(p for p in make.make_points(figures))
    inside(marks.sparkline(make.bare_chart(points), None, "increase"))


def test_the_latest_point_is_the_large_dot():
    dots = list(parsed(marks.sparkline(make.make_chart(SERIES["negative"] * 3), None, "increase")).iter(f"{SVG}circle"))
    assert max(float(d.get("r")) for d in dots) == float(dots[-1].get("r"))


def test_a_gap_breaks_the_line():
    chart = read_series(make.make_figures([1.0, 2.0, None, 3.0, 1.0]), Options())
    line = next(p.get("d") for p in parsed(marks.sparkline(chart, None, "increase")).iter(f"{SVG}path") if p.get("class") == "m-line")
    assert line.count("M") == 2


def test_a_point_left_out_is_hollow_and_keeps_no_signal_colour():
    values = [10.0, 11, 10, 12, 11, 10, 11, 12, 10, 11, 12, 10, 40, 11]
    chart = make.make_chart(values, exclude=frozenset({make.make_figures(values)[12].period}))
    assert "m-hollow" in classes(marks.sparkline(chart, None, "increase"))


def test_a_signal_is_blue_or_orange_by_the_wanted_direction():
    chart = make.make_chart([10.0, 11, 10, 12, 11, 10, 11, 12, 10, 11, 12, 10, 40])
    assert "m-better" in classes(marks.sparkline(chart, None, "increase"))
    assert "m-worse" in classes(marks.sparkline(chart, None, "decrease"))


def test_each_phase_has_its_own_band():
    chart = make.make_case_chart(make.CASES[4])
    assert classes(marks.sparkline(chart, 0.6, "increase"), "rect") == ["m-band", "m-band"]


def test_several_drawings_can_share_one_scale():
    low, high = make.make_chart([1.0, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2]), make.make_chart([11.0, 12] * 6)
    scale = [*marks.extent(low, None), *marks.extent(high, None)]
    height = lambda chart: float(list(parsed(marks.sparkline(chart, None, "increase", scale=scale)).iter(f"{SVG}circle"))[-1].get("cy"))  # noqa: E731
    assert height(low) - height(high) > 20


def test_a_shorter_series_takes_only_its_own_part_of_a_common_axis():
    long, short = make.make_figures([1.0] * 24), make.make_points(make.make_figures([5.0, 6.0, 7.0]))
    axis = (long[0].period, long[-1].period)
    xs = [float(d.get("cx")) for d in parsed(marks.sparkline(make.bare_chart(tuple(short)), None, "increase", axis=axis)).iter(f"{SVG}circle")]
    assert xs[-1] == pytest.approx(marks.MARGIN + 2 * (212 - 2 * marks.MARGIN) / 23, abs=0.1)
