"""Touch points: how customers felt has its interval, few answers say so, a critical moment without a figure is pointed out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from scorecard import places, registers
from scorecard.core import feelings
from scorecard.core.feelings import Feeling
from scorecard.output import work_handoff_twins, work_touchpoints
from scorecard.output.work_touchpoints import Ways
from scorecard.store import definitions
from scorecard.work import touchpoints
from tests.conftest import make_actor

TODAY = date(2026, 11, 22)
RANA = make_actor("leader", "rana", "Rana Amari")
HERE = Ways(lambda id: f"p?{id}", lambda name: f"m?{name}", "all")


def make_point(store, id: str, **more) -> None:
    registers.add(store, RANA, "touch_point", {"name": f"Point {id}", "owner": None} | more, today=TODAY, id=id)


def feel(store, point: str, scores: list[int], on: date = date(2026, 10, 5)) -> None:
    rows = [{"touch_point": point, "score": str(score), "on": on.isoformat(), "words": f"{n}"} for n, score in enumerate(scores)]
    assert not registers.import_rows(store, RANA, "feeling", rows, TODAY).refused


def test_felt_good_is_fours_and_fives_with_the_wilson_interval():
    """62 of 80: 67.2 to 85.3% by Wilson (1927), as statsmodels.proportion_confint(62, 80, method="wilson") gives it."""
    one = feelings.felt([Feeling("p", TODAY, score) for score in [5] * 40 + [4] * 22 + [3] * 8 + [1] * 10])
    assert (one.n, one.good.hits, one.mean) == (80, 62, (200 + 88 + 24 + 10) / 80)
    assert one.good.interval == pytest.approx((0.6721, 0.8528), abs=1e-3)


def test_few_answers_say_how_many_and_no_share(store):
    make_point(store, "a", critical=True)
    feel(store, "a", [5, 5, 5, 5])
    one = touchpoints.read(store, TODAY).points[0]
    assert touchpoints.good_words(one.felt) == "4 answers, no evidence yet" and not one.measured and one.reading is None


def test_answers_of_more_than_a_year_ago_are_not_what_customers_feel_now(store):
    make_point(store, "a")
    feel(store, "a", [1] * 9, TODAY - timedelta(400))
    feel(store, "a", [5] * 6)
    assert touchpoints.read(store, TODAY).points[0].felt.counts == (0, 0, 0, 0, 6)


def test_a_critical_moment_that_nobody_measures_is_named_and_one_point_that_feels_worse_beyond_chance(store):
    definitions.record_file(store, places.ROOT / "data" / "measures.toml", "first start")
    make_point(store, "a", critical=True, place=2)
    make_point(store, "b", critical=True, place=1, measure="handoff_delay")
    make_point(store, "c", place=3)
    feel(store, "a", [5] * 30 + [2] * 3)
    feel(store, "c", [5] * 10 + [1] * 20)
    found = touchpoints.read(store, TODAY)
    assert [one.id for one in found.points] == ["b", "a", "c"] and [one.id for one in found.critical] == ["b", "a"]
    assert [one.text for one in found.sentences] == [
        "Two critical moments are named, one measured. Nothing is counted yet at Point b.",
        "Point c feels worse than the rest of the way: 10 of 30 felt good (33%, 19 to 51%).",
    ]
    assert "Days to a complete hand-off</a>: no figure yet" in work_touchpoints.section(found, HERE)


def test_the_csv_twin_has_a_line_for_each_touch_point_and_tells_no_share_of_few_answers(store):
    make_point(store, "kickoff", name="=cmd()")
    found = touchpoints.read(store, TODAY)
    head, line = work_handoff_twins.points_csv(found).splitlines()
    assert head.startswith("touch point,stage") and "'=cmd()" in line and ",0,0," in line


def test_what_people_wrote_about_a_touch_point_is_never_markup(store):
    bad = "<img src=x>"
    make_point(store, "a", name=bad, stage=bad, effective=bad, affective=bad, critique=bad, promise=bad, critical=True)
    found = touchpoints.read(store, TODAY)
    drawn = work_touchpoints.section(found, HERE) + work_touchpoints.table(found.points, HERE)
    assert "<img" not in drawn and drawn.count("&lt;img") == 9
