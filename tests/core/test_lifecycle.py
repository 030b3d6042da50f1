"""The arithmetic of the lifecycle: nobody is lost on the way, everybody stands in one stage, days are counted to the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.core import lifecycle
from scorecard.core.lifecycle import GONE, NOWHERE, OPEN, SHIPPED, LifecycleMap, Mark, Stage
from scorecard.core.periods import Period
from scorecard.errors import DefinitionError

DAYS = 40
SPAN = st.tuples(st.integers(0, 3), st.integers(0, DAYS), st.integers(0, DAYS) | st.just(OPEN))
LIFE = st.lists(st.tuples(st.integers(0, DAYS), st.integers(1, DAYS) | st.just(OPEN)), min_size=4, max_size=4)
MAIN = (Stage("a", "A", Mark("contact"), Mark("contact"), rest=True), Stage("b", "B", Mark("contact"), Mark("use")),
        Stage("c", "C", Mark("use"), Mark("contact")))  # fmt: skip


def make_life(life) -> tuple[np.ndarray, np.ndarray]:
    first = np.array([begin for begin, _ in life])
    return first, np.array([end if end == OPEN else begin + end for begin, end in life])


def make_stays(spans) -> lifecycle.Stays:
    account, begin, end = zip(*spans, strict=True) if spans else ((), (), ())
    return lifecycle.stays(np.array(account, int), np.array(begin, int), np.array(end, int))


def expected(stays, life, until: int, rest: bool) -> dict[tuple[int, int], int]:
    """Where each account stands at the end of each day, by looking at every day: the slow, plain way."""
    where = {}
    for account, (begin, end) in enumerate(zip(*life, strict=True)):
        for day in range(begin, min(end, until + 1)):
            open_ = [place for place, own in enumerate(stays) if place or not rest
                     for a, b, e in zip(own.account, own.begin, own.end, strict=True) if a == account and b <= day < e]
            where[account, day] = max(open_, default=0 if rest else NOWHERE)
    return where


@settings(max_examples=60, deadline=None)
@given(spans=st.lists(st.lists(SPAN, max_size=6), min_size=3, max_size=3), life=LIFE, until=st.integers(5, DAYS), rest=st.booleans())
def test_every_customer_stands_in_one_stage_on_every_day(spans, life, until, rest):
    stages = MAIN if rest else tuple(replace(one, rest=False) for one in MAIN)
    first, left = make_life(life)
    own = [lifecycle.within(make_stays(one), first, left, until) for one in spans]
    found = lifecycle.standing(own, stages, first, left, until)
    said = {}
    for account, stage, begin, end in zip(found.account, found.stage, found.begin, found.end, strict=True):
        for day in range(begin, min(end, until + 1)):
            assert (account, day) not in said
            said[int(account), day] = int(stage)
    assert said == expected(own, (first, left), until, rest)


@settings(max_examples=60, deadline=None)
@given(spans=st.lists(st.lists(SPAN, max_size=6), min_size=3, max_size=3), life=LIFE, first_day=st.integers(0, 20), length=st.integers(0, 20))
def test_who_was_there_and_who_came_is_who_went_and_who_is_still_there(spans, life, first_day, length):
    first, left = make_life(life)
    own = [lifecycle.within(make_stays(one), first, left, DAYS) for one in spans]
    found = lifecycle.standing(own, MAIN, first, left, DAYS)
    last = min(first_day + length, DAYS)
    flows = [lifecycle.flow(found, place, first_day, last) for place in (NOWHERE, 0, 1, 2)]
    for one in flows:
        assert one.before + one.came == one.out + one.after
    came, lost = int(((first >= first_day) & (first <= last)).sum()), int(((left >= first_day) & (left <= last) & (left > first)).sum())
    moves = sum(count for one in flows for count in one.went.values())
    assert sum(one.came for one in flows) == came + moves
    assert sum(one.lost for one in flows) == lost
    alone = lifecycle.flow(lifecycle.beside(own[1], 1, left), 1, first_day, last)
    assert alone.before + alone.came == alone.out + alone.after


@settings(max_examples=60, deadline=None)
@given(spans=st.lists(SPAN, max_size=12))
def test_stays_of_an_account_never_overlap_and_cover_the_same_days(spans):
    found = make_stays(spans)
    days = {(a, day) for a, b, e in spans for day in range(b, min(e, DAYS + 1))}
    rows = list(zip(found.account.tolist(), found.begin.tolist(), found.end.tolist(), strict=True))
    assert days == {(a, day) for a, b, e in rows for day in range(b, min(e, DAYS + 1))}
    assert all(a != other or e <= begin for (a, _, e), (other, begin, _) in zip(rows, rows[1:], strict=False))


def test_a_stay_ends_with_the_first_end_after_its_begin():
    begins, ends = (np.array([0, 0, 1]), np.array([1, 5, 3])), (np.array([0, 0]), np.array([4, 9]))
    found, passed = lifecycle.paired(begins, ends)
    assert list(zip(found.account, found.begin, found.end, strict=True)) == [(0, 1, 4), (0, 5, 9), (1, 3, OPEN)]
    assert not len(passed[0])


def test_from_one_contact_to_the_next_is_a_stay():
    days = (np.array([0, 0, 0]), np.array([2, 5, 9]))
    found, _ = lifecycle.paired(days, days, same=True)
    assert list(zip(found.begin, found.end, strict=True)) == [(2, 5), (5, 9), (9, OPEN)]


def test_who_had_reached_the_end_before_waits_for_nothing():
    found, passed = lifecycle.paired((np.array([0, 1]), np.array([5, 5])), (np.array([0, 1]), np.array([3, 7])), already=True)
    assert list(zip(found.account, found.end, strict=True)) == [(1, 7)] and [one.tolist() for one in passed] == [[0], [5]]


def test_who_leaves_in_a_stage_is_counted_there_and_its_days_stay_open():
    first, left = np.array([0]), np.array([8])
    own = lifecycle.within(make_stays([(0, 3, 20)]), first, left, 30)
    found = lifecycle.standing([make_stays([]), own, make_stays([])], MAIN, first, left, 30)
    assert (found.stage.tolist(), found.to.tolist()) == ([0, 1], [1, GONE]) and not own.done[0] and own.end[0] == 8


def test_the_days_of_a_month_are_kaplan_meiers_median_of_who_came_in_it():
    start = date(2026, 1, 1).toordinal()
    month = Period(date(2026, 1, 1), "month")
    found = lifecycle.within(make_stays([(0, start, start + 10), (1, start + 1, start + 21), (2, start + 5, OPEN)]),
                             np.zeros(3, int), np.full(3, OPEN), start + 40)  # fmt: skip
    (one,) = lifecycle.cohorts(found, [month], start + 40)
    assert (one.n, one.ended, one.value) == (3, 2, 20)  # S falls to 2/3 on day 10, to 1/3 on day 20.


def test_a_month_whose_half_has_not_ended_has_no_figure_yet():
    start = date(2026, 1, 1).toordinal()
    found = make_stays([(0, start, start + 10), (1, start, OPEN), (2, start, OPEN)])
    (one,) = lifecycle.cohorts(found, [Period(date(2026, 1, 1), "month")], start + 40)
    assert (one.median, one.value, one.reached) == (None, None, False)


def test_a_wait_is_long_when_nine_of_ten_are_over_by_then_and_not_above_the_limit_of_a_median():
    days = [*range(1, 19), 40, 60]
    account = np.arange(20)
    assert lifecycle.long_wait(make_stays([(n, 0, end) for n, end in zip(account, days, strict=True)]), 0, 100) == 18
    few = make_stays([(0, 0, 5), (1, 0, 6), (2, 0, OPEN)])
    assert lifecycle.long_wait(few, 0, 100) is None and lifecycle.long_wait(few, 50, 100) is None


@pytest.mark.parametrize(("change", "said"), [
    (lambda s: (), "0 stages"),
    (lambda s: (replace(s[0], name=" "), *s[1:]), "name of a stage is empty"),
    (lambda s: (replace(s[0], begin=Mark("above")), *s[1:]), "cannot begin when the stage before it ends"),
    (lambda s: (replace(s[0], begin=Mark("notice", days=0)), *s[1:]), "It takes 1 to 365"),
    (lambda s: (replace(s[0], name=s[1].name), *s[1:]), "Two stages are called"),
    (lambda s: tuple(replace(one, rest=True, beside=False) for one in s), "Two stages take"),
    (lambda s: tuple(replace(one, rest=False, beside=True) for one in s), "All stages run beside"),
    (lambda s: (replace(s[0], end=Mark("never")), *s[1:]), "'never' is no end"),
])  # fmt: skip
def test_a_map_that_cannot_be_counted_is_refused_in_words(change, said):
    with pytest.raises(DefinitionError, match=said):
        lifecycle.checked(LifecycleMap(change(SHIPPED.stages)))


def test_a_map_comes_back_as_it_was_kept():
    kept = replace(lifecycle.checked(SHIPPED), since=date(2026, 10, 7))
    at = datetime(2026, 10, 7, 12)
    assert lifecycle.from_json(lifecycle.as_json(kept), 4, "Rana", "why", at) == replace(kept, version=4, author="Rana", reason="why", recorded_at=at)


def test_a_new_stage_gets_an_id_of_its_own_and_the_others_keep_theirs():
    found = lifecycle.checked(LifecycleMap((*SHIPPED.stages, Stage("", "Onboarding!", Mark("clock"), Mark("reached")))))
    assert [one.id for one in found.stages[:6]] == [one.id for one in SHIPPED.stages] and found.stages[6].id == "onboarding-2"
