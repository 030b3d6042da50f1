"""What is repeated in full, and what a tenth."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import endurance


@pytest.mark.parametrize("expression, full", [
    ("endurance", True), ("endurance and not browser", True), ("browser or endurance", True),
    ("", False), ("not endurance", False), ("not browser", False), ("browser and not endurance", False)])
def test_only_a_run_that_asks_for_endurance_repeats_in_full(monkeypatch, expression, full):
    monkeypatch.setenv(endurance.FULL, "")
    endurance.begin(expression)
    assert (endurance.in_full(), endurance.counted(200), endurance.counted(3)) == (full, 200 if full else 20, 3 if full else 1)


@pytest.mark.parametrize("full, examples, values", [(True, 60, [1, 2, 3, 4, 5]), (False, 20, [1, 4])])
def test_properties_and_lists_are_tried_whole_or_by_a_third(monkeypatch, full, examples, values):
    tried = []

    @settings(max_examples=60, database=None)
    @given(st.integers(0, 10**9))
    def drawn(number):
        tried.append(number)

    monkeypatch.setenv(endurance.FULL, "full" if full else "")
    assert endurance.fewer_examples(drawn) and endurance.some([1, 2, 3, 4, 5]) == values
    drawn()
    assert len(tried) == examples


def test_what_draws_few_examples_or_none_stays_as_it_is(monkeypatch):
    @settings(max_examples=endurance.LEAST)
    @given(st.integers())
    def seldom(number):
        pass

    monkeypatch.setenv(endurance.FULL, "")
    assert not endurance.fewer_examples(seldom) and not endurance.fewer_examples(len)
    assert getattr(seldom, endurance.DRAWN).max_examples == endurance.LEAST
