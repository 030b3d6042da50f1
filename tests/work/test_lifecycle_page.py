"""The lifecycle as the page draws it: every stage with its days and flows, and the last redesign with its verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from scorecard.output import work_lifecycle
from scorecard.store.engine import Store
from scorecard.work import lifecycle, redesign
from tests import stores

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def house(company, tmp_path_factory) -> Iterator[Store]:
    opened = stores.opened(stores.copied(company, tmp_path_factory.mktemp("drawn") / "own"))
    yield opened
    opened.close()


def test_the_map_tells_of_every_stage_and_the_slow_one_comes_first(house):
    found = lifecycle.read(house, TODAY)
    drawn, said = work_lifecycle.section(found), work_lifecycle.sentences(found)
    assert all(one.stage.name in drawn for one in found.stages) and drawn.count("lc-stage") == len(found.stages)
    assert said[0].bold.startswith("Renewal takes ") and said[-1].rest.endswith("All other stages run as usual.")
    assert work_lifecycle.second_line(found).startswith("How value reaches the customer · 412 accounts on 31 Oct 2026 · map version 2, in force since 2 Feb 2026")


@pytest.mark.parametrize(("kept", "said"), [
    ({"onboarding"}, "One other stage runs as usual; of four too few months are known to say."), (set(), "Of the other stages too few months are known"),
    ({"onboarding", "training", "engagement", "upselling", "cross_selling"}, "All other stages run as usual."),
])  # fmt: skip
def test_a_stage_of_which_too_little_is_known_does_not_run_as_usual(house, kept, said):
    found = lifecycle.read(house, TODAY)
    stages = tuple(one if one.stage.id in kept | {"renewal"} else replace(one, reading=None) for one in found.stages)
    assert said in work_lifecycle.sentences(replace(found, stages=stages))[-1].rest
    nothing = replace(found, stages=tuple(replace(one, reading=None) for one in found.stages))
    assert [one.bold for one in work_lifecycle.sentences(nothing)] == ["Too few months are known to say what is usual in any stage."]


def test_a_stage_of_which_neither_way_is_better_tells_that_it_changed(house):
    found = lifecycle.read(house, TODAY)
    changed = replace(found.of("renewal"), stage=replace(found.of("renewal").stage, wanted="neither"), reading=replace(found.of("renewal").reading, variation="changing"))
    assert work_lifecycle.sentences(replace(found, stages=(changed,)))[0].bold.startswith("Renewal takes ")


def test_two_versions_stand_side_by_side_and_only_what_was_changed_has_a_verdict(house):
    newer, older = lifecycle.versions(house)
    found = {one.name: one for one in redesign.read(house, TODAY, older, newer)}
    assert found["Onboarding"].changed == ("channels: video, phone, e-mail → video, in the product, e-mail",)
    assert found["Onboarding"].verdict.verdict == "worked" and not found["Renewal"].changed
    drawn = work_lifecycle.redesign(tuple(found.values()), older, newer)
    assert drawn.count("Worked") == 1 and drawn.count("not changed") == len(found) - 1


def test_a_stage_that_is_new_or_taken_out_says_so(house):
    newer, older = lifecycle.versions(house)
    found = redesign.read(house, TODAY, replace(older, stages=older.stages[:-1]), replace(newer, stages=newer.stages[1:]))
    assert {one.name: one.changed for one in found if one.older is None or one.newer is None} == {"Cross-selling": ("new stage",), "Onboarding": ("taken out",)}


def test_what_people_call_a_stage_is_never_markup(house):
    bad = "<img src=x>"
    own = lifecycle.current(house)
    hostile = replace(own, stages=(replace(own.stages[0], name=bad, words=bad), *own.stages[1:]), author=bad, reason=bad)
    found = lifecycle.read(house, TODAY, found=hostile)
    drawn = work_lifecycle.section(found) + work_lifecycle.rules(hostile) + work_lifecycle.versions([hostile]) + work_lifecycle.redesign((), hostile, hostile)
    assert "<img" not in drawn and drawn.count("&lt;img") >= 6
