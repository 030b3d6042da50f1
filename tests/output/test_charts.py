"""The large chart shows what the engine found, and hides nothing that a person wrote."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from scorecard.core.periods import Period
from scorecard.output import charts, labels, plot, theme
from scorecard.output.labels import Box, Room
from tests.output import make
from tests.output.test_tables import HOSTILE, hostile_views

VIEW = make.make_measure_view()
FIGURE = charts.measure(VIEW).to_plotly_json()


def with_chart(chart, id: str = "tickets", **changes):
    """The view of a measure with another chart."""
    return make.make_measure_view(id, row=replace(make.make_row(next(c for c in make.CASES if c.id == id), 1), chart=chart), **changes)


def texts(figure: dict) -> list[str]:
    found = [a["text"] for a in figure["layout"].get("annotations", ())]
    return found + [t for trace in figure["data"] for t in (trace.get("hovertext") or ())] + list(figure["layout"]["xaxis"]["ticktext"])


def test_the_dots_are_the_values_of_the_engine():
    dots = FIGURE["data"][1]
    assert list(dots["y"]) == [p.value for p in VIEW.row.chart.points]


def test_moving_ranges_of_a_share_are_drawn_in_points():
    ranges = FIGURE["data"][2]
    assert list(ranges["y"])[1] == pytest.approx(100 * VIEW.row.chart.points[1].range)
    assert ranges["yaxis"] == "y2" and FIGURE["layout"]["xaxis"]["anchor"] == "y2"


def test_the_line_is_broken_at_a_process_change():
    line = FIGURE["data"][0]
    assert list(line["x"]).index(None) == 15 and line["connectgaps"] is False


def test_locked_limits_are_solid_and_trial_limits_are_dashed():
    flat = [s for s in FIGURE["layout"]["shapes"] if s["type"] == "line" and s["yref"] == "y" and s["y0"] == s["y1"]]
    dash = {round(s["y0"], 3): s["line"].get("dash") for s in flat}
    before, after = VIEW.row.chart.phases
    assert dash[round(before.upper, 3)] == "solid" and dash[round(after.upper, 3)] == "5px,4px"


@pytest.mark.parametrize("words", ["upper limit 74.5%", "centre 68.1%", "goal ≥ 60%", "Guided onboarding starts", "In-app tour for admins",
                                   "2 of 3 close to the lower limit", "Read against it", "After the change, trial limits"])
def test_the_words_stand_on_the_chart(words):
    assert any(words in text for text in texts(FIGURE))


def test_a_dot_says_month_value_counts_range_signals_and_notes():
    said = FIGURE["data"][1]["hovertext"][12]
    for part in ("November 2025: 53.6%", "602 of 1,123", "is normal", "2 of 3 successive points", "Welcome e-mails cut to three"):
        assert part in said


def test_a_withdrawn_note_leaves_the_chart():
    from datetime import datetime

    gone = tuple(replace(n, withdrawn_at=datetime(2026, 1, 9)) for n in VIEW.notes)
    assert not any("Welcome" in t for t in texts(charts.measure(replace(VIEW, notes=gone)).to_plotly_json()))


def test_a_goal_holds_from_its_own_period_on():
    first = VIEW.goals[0]
    later = replace(first, start=Period(date(2026, 1, 1), "month"), value=0.65)
    assert list(plot.goal_spans(replace(VIEW, goals=(first, later)))) == [(0.6, -0.5, 13.5), (0.65, 13.5, 23.5)]


def test_a_point_left_out_is_hollow():
    chart = make.make_chart([10.0, 11, 10, 12, 11, 10, 11, 12, 10, 11, 12, 10, 40], exclude=frozenset({Period(date(2025, 11, 1), "month")}))
    dots = charts.measure(with_chart(chart)).to_plotly_json()["data"][1]["marker"]
    assert dots["color"][12] == theme.LIGHT["bg"] and dots["line"]["color"][12] == theme.LIGHT["series"]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_colours_are_the_tokens_of_the_theme(mode):
    figure = charts.measure(VIEW, mode).to_plotly_json()
    used = set(re.findall(r"#[0-9a-f]{6}", str(figure)))
    assert used <= set(theme.TOKENS[mode].values())


def test_limits_that_follow_the_denominator_are_drawn_for_each_point():
    counts = [(30, 100), (32, 120), (28, 90), (31, 110), (30, 95), (33, 130), (29, 100), (31, 105), (30, 98), (34, 140), (28, 88), (30, 100)]
    chart = make.make_chart(counts, counts=True, type="p")
    figure = charts.measure(with_chart(chart, "adoption")).to_plotly_json()
    assert sum(s["type"] == "rect" for s in figure["layout"]["shapes"]) >= 10
    assert len(figure["data"]) == 2 and "yaxis2" not in figure["layout"]


@pytest.mark.parametrize("values", [[5.0], [5.0] * 30, [0.0, 0.0], [1e300, -1e300, 1e300, 5.0, 3.0, 2.0, 1.0], [1.0, None, None, 2.0]])
def test_any_series_makes_a_chart(values):
    charts.measure(with_chart(make.make_chart(values, baseline=None)))


def test_a_chart_without_figures_is_empty():
    charts.measure(with_chart(make.bare_chart(())))


@pytest.mark.parametrize("text", HOSTILE)
def test_only_our_own_markup_reaches_the_chart(text):
    figure = charts.measure(hostile_views(text)[1]).to_plotly_json()
    tags = {tag for said in texts(figure) for tag in re.findall(r"<\s*/?\s*([^\s/>]*)", said)}
    assert tags <= {"b", "br", "span"}
    assert not any("href" in tag for said in texts(figure) for tag in re.findall(r"<[^>]*>", said))


# --- labels ----------------------------------------------------------------------------------------------------------

def test_a_label_is_placed_where_it_hides_nothing():
    room = Room(200, 100, [Box(0, 200, 50, 100)])
    chosen = room.place(labels.beside(100, ("word",), room))
    assert not any(chosen.shared(box) for box in room.taken[:1])


def test_two_labels_do_not_cover_each_other():
    room = Room(400, 200)
    one, other = (room.place(labels.beside(200, ("the same words",), room)) for _ in range(2))
    assert one.shared(other) == 0
