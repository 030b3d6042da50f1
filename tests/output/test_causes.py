"""The map of causes and effects, its words, and the boxes' places."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.core.definition import Definition
from scorecard.core.links import VERDICTS, Evidence
from scorecard.metrics import LinkMap, LinkView, Standing
from scorecard.output import causes, layers
from tests.output.test_tables import HOSTILE, parsed, words

SUPPORTED = Evidence(35, 22.4, -0.6, -0.81, -0.25, "supported")
AGAINST = Evidence(34, 34.0, -0.77, -0.90, -0.52, "contradicted")
SILENT = Evidence(9, None, None, None, None, "no_evidence_yet", "9 pairs so far; 12 are needed")
NAMES = {
    "days": "Days to first value",
    "adoption": "30-day adoption",
    "renewal": "Renewal rate",
    "contacts": "Contact schedule kept",
    "plans": "Development plans kept",
}


def href(name: str) -> str:
    return f"measure?measure={name}"


def make_link(number: int, cause: str, effect: str, evidence: Evidence, sign: int = 1, lag: int = 1) -> LinkView:
    return LinkView(number, cause, effect, sign, lag, "It helps.", "month", datetime(2026, 1, 12), evidence)


def make_map(*links: LinkView, label: str = "") -> LinkMap:
    names = dict.fromkeys(name for link in links for name in (link.cause, link.effect))
    standings = {
        name: Standing(Definition(name, label or NAMES.get(name, name)), "89.6%", "≥ 93%", "act") for name in names
    }
    return LinkMap(standings, links)


MAP = make_map(
    make_link(1, "adoption", "renewal", AGAINST, lag=2),
    make_link(2, "days", "adoption", SUPPORTED, sign=-1),
    make_link(3, "contacts", "adoption", SILENT),
    make_link(4, "plans", "contacts", SILENT, lag=0),
)


def test_the_map_counts_its_verdicts_and_names_what_went_against_its_statement():
    said = causes.sentence(MAP)
    assert said.bold == "1 of 4 stated links are supported, 1 is contradicted:"
    assert said.rest == "Renewal rate fell while 30-day adoption rose. Look for another cause."


def test_a_negative_link_that_is_contradicted_says_that_both_rose():
    assert (
        "Renewal rate rose while 30-day adoption rose"
        in causes.sentence(make_map(make_link(1, "adoption", "renewal", AGAINST, sign=-1))).text
    )


def test_no_stated_link_has_one_step_to_take():
    assert causes.sentence(LinkMap({}, ())) is None
    assert "No cause is stated yet" in words(causes.section(LinkMap({}, ()), href))
    assert "No cause is stated yet" in words(causes.beside(LinkMap({}, ()), "renewal", href))


def test_the_list_says_verdict_lag_r_interval_and_both_counts():
    shown = words(causes.listed(MAP, href))
    assert "supported after 1 month, r −0.60 (−0.81 to −0.25)" in shown
    assert "35 pairs, worth 22 · stated 12 Jan 2026: opposite ways It helps." in shown
    assert "contradicted after 2 months, r −0.77 (−0.90 to −0.52) 34 pairs · stated" in shown
    assert "no evidence yet in the same month, 9 pairs so far; 12 are needed" in shown


@pytest.mark.parametrize("verdict", VERDICTS)
def test_every_verdict_has_a_line_of_its_own(verdict):
    drawn = causes.draw(make_map(make_link(1, "a", "b", Evidence(20, 20.0, 0.1, 0.0, 0.2, verdict))), href)
    assert f'class="k-line k-{verdict}"' in drawn and f'class="k-head k-{verdict}"' in drawn


@pytest.mark.parametrize("drawn", [causes.draw(MAP, href), causes.around(MAP, "adoption", href)], ids=["map", "around"])
def test_every_box_is_a_link_that_says_what_it_shows(drawn):
    boxes = [node for node in parsed(drawn).iter() if "kbox" in (node.get("class") or "")]
    assert len(boxes) == (5 if "Causes and" not in drawn else 4)
    for box in boxes:
        assert box.get("href").startswith("measure?measure=")
        assert box.get("aria-label").endswith(": 89.6%, goal ≥ 93%, Act")


def test_a_map_holds_links_and_is_therefore_no_image():
    drawing = next(node for node in parsed(causes.draw(MAP, href)).iter() if node.tag.endswith("svg"))
    assert drawing.get("role") == "group" and drawing.get("aria-label") == "Cause and effect"


def test_every_line_bears_its_number_once():
    numbers = re.findall(r'class="k-number"[^>]*>(\d+)<', causes.draw(MAP, href))
    assert sorted(numbers) == ["1", "2", "3", "4"]


def test_the_page_of_a_measure_puts_causes_left_and_effects_right():
    drawn = parsed(causes.around(MAP, "adoption", href))
    left = {
        node.get("href").rpartition("=")[2]: float(next(iter(node)).get("x"))
        for node in drawn.iter()
        if "kbox" in (node.get("class") or "")
    }
    assert left["days"] == left["contacts"] < left["adoption"] < left["renewal"]
    assert "plans" not in left


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_label_stays_text_on_the_map(text):
    found = make_map(*MAP.links, label=text)
    for drawn in (causes.section(found, href), causes.beside(found, "adoption", href)):
        tree = ET.fromstring(f"<div>{drawn}</div>")
        assert not {"script", "img", "iframe"} & {node.tag.rpartition("}")[2] for node in tree.iter()}


@pytest.mark.parametrize(
    "label", ["x" * 60, "A measure with a very long name that nobody can read", "W W W W W W W W W W W"]
)
def test_a_long_name_stays_inside_its_box(label):
    assert all(len(line) <= causes.CHARACTERS + 1 for line in causes._lines_of(label))
    assert len(causes._lines_of(label)) <= causes.MOST_LINES


# --- places ----------------------------------------------------------------------------------------------------------


def boxes_of(layout: layers.Layout, heights: dict[str, float]) -> list[tuple[int, float, float]]:
    return [
        (layout.columns[n], layout.middles[n] - heights[n] / 2, layout.middles[n] + heights[n] / 2) for n in heights
    ]


def test_a_cause_stands_left_of_its_effect_and_a_result_at_the_right_end():
    layout = layers.arrange(dict.fromkeys("abc", 40.0), [("a", "b"), ("b", "c"), ("a", "c")], 20)
    assert layout.columns == {"a": 0, "b": 1, "c": 2}
    assert [column for column, _ in layout.passes["a", "c"]] == [1]


def test_a_circle_is_drawn_with_one_line_back():
    layout = layers.arrange(dict.fromkeys("abc", 40.0), [("a", "b"), ("b", "c"), ("c", "a")], 20)
    assert layout.back == {("c", "a")}
    found = make_map(make_link(1, "a", "b", SILENT), make_link(2, "b", "a", SILENT))
    assert "NaN" not in causes.draw(found, href)


NODES = st.sampled_from("abcdefghij")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(NODES, NODES).filter(lambda edge: edge[0] != edge[1]), min_size=1, max_size=18, unique=True))
def test_no_two_boxes_overlap_and_nothing_leaves_the_drawing(edges):
    names = list(dict.fromkeys(itertools.chain(*edges)))
    heights = {name: 46.0 + 15 * (n % 2) for n, name in enumerate(names)}
    layout = layers.arrange(heights, edges, 20)
    for (c, top, bottom), (d, other_top, other_bottom) in itertools.combinations(boxes_of(layout, heights), 2):
        assert c != d or bottom + 20 <= other_top + 1e-6 or other_bottom + 20 <= top + 1e-6
    assert min(top for _, top, _ in boxes_of(layout, heights)) >= -1e-6
    assert max(bottom for _, _, bottom in boxes_of(layout, heights)) <= layout.height + 1e-6
    assert all(layout.columns[a] < layout.columns[b] for a, b in edges if (a, b) not in layout.back)
    assert layers.arrange(heights, edges, 20) == layout
