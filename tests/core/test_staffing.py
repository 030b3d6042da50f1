"""How many people accounts ask for, and what a skill rests on: by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.core import staffing


@pytest.mark.parametrize(("accounts", "load", "people"), [(58, 12, 5), (148, 37, 4), (206, 69, 3), (60, 12, 5), (61, 12, 6), (0, 12, 0), (0.3, 0.1, 3)])
def test_people_follow_from_accounts_and_from_what_one_serves(accounts, load, people):
    assert staffing.people_for(accounts, load) == people


@given(st.integers(0, 100_000), st.integers(1, 5_000))
def test_so_many_people_serve_all_accounts_and_one_fewer_does_not(accounts, load):
    people = staffing.people_for(accounts, load)
    assert people * load >= accounts and (people == 0 or (people - 1) * load < accounts)


def test_nobody_serves_no_account_at_all():
    with pytest.raises(ValueError, match="at least some part"):
        staffing.people_for(10, 0)


@pytest.mark.parametrize(("levels", "required", "on"), [
    ({"kenji": "teach", "mei": "learning"}, 3, "kenji"), ({"kenji": "teach", "mei": "alone"}, 3, ""), ({"kenji": "teach"}, 0, ""), ({"mei": "learning"}, 2, ""), ({}, 1, ""),
])  # fmt: skip
def test_a_skill_rests_on_one_person_when_it_is_needed_and_one_alone_can_do_it(levels, required, on):
    assert staffing.rests_on(levels, required) == on


def test_who_learns_is_not_counted_and_a_gap_is_below_nothing_when_people_are_missing():
    assert staffing.counted({"a": "learning", "b": "alone", "c": "teach"}) == 2
    assert (staffing.gap(5, 6), staffing.gap(5, None)) == (-1, None)
