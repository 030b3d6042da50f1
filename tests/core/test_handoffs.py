"""First-pass yield, delay, and which hand-off is worse: hand arithmetic, and properties that hold whatever was handed over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.core import handoffs
from scorecard.core.handoffs import HandOff
from scorecard.core.intervals import Share
from scorecard.core.periods import Period, containing

OCTOBER = Period(date(2026, 10, 1), "month")


def make_one(sent: date = date(2026, 10, 5), *, state: str = "accepted", days: int | None = None, missing: tuple[str, ...] = ()) -> HandOff:
    done = sent + timedelta(days) if days is not None else None
    return HandOff("h", "c", "a", sent, state != "sent", state in ("returned", "completed"), state in ("sent", "returned"), done, missing)


some = st.builds(make_one, st.dates(date(2025, 1, 1), date(2026, 12, 31)), state=st.sampled_from(["sent", "accepted", "returned", "completed"]),
                 days=st.none() | st.integers(-3, 60))  # fmt: skip


def test_the_yield_is_accepted_at_first_submission_over_those_answered():
    found = [make_one()] * 7 + [make_one(state="completed")] * 2 + [make_one(state="returned")] + [make_one(state="sent")] * 5
    assert handoffs.first_pass(found, OCTOBER) == {OCTOBER: (0.7, 7.0, 10.0)}
    assert handoffs.share(found) == Share(3, 10) and Share(3, 10).interval == pytest.approx((0.1078, 0.6032), abs=1e-4)


def test_the_delay_is_the_mean_of_those_completed_in_the_month_and_no_later_completion_changes_it():
    before = [make_one(days=2), make_one(days=5), make_one(date(2026, 9, 28), days=8)]
    later = [*before, make_one(date(2026, 10, 1), state="completed", days=40)]
    assert handoffs.delays(before, OCTOBER) == handoffs.delays(later, OCTOBER) == {OCTOBER: (5.0, 15.0, 3.0)}


@settings(max_examples=60, deadline=None)
@given(st.lists(some, max_size=40))
def test_quarters_are_the_sums_of_their_months_and_nothing_is_counted_twice(found):
    last = Period(date(2026, 10, 1), "month")
    for count in (handoffs.first_pass, handoffs.defective, handoffs.delays):
        months, quarters = count(found, last), count(found, last, "quarter")
        for quarter, (value, top, bottom) in quarters.items():
            own = [figure for month, figure in months.items() if containing(month.start, "quarter") == quarter]
            assert (top, bottom) == (sum(one[1] for one in own), sum(one[2] for one in own)) and value == pytest.approx(top / bottom)
    both = [handoffs.first_pass(found, last), handoffs.defective(found, last)]
    assert all(both[0][month][0] + both[1][month][0] == pytest.approx(1) for month in both[0]) and both[0].keys() == both[1].keys()
    assert all(value[0] >= 0 for value in handoffs.delays(found, last).values())


def monthly(each: int, months: int = 24, defects: int = 0) -> list[HandOff]:
    days = [OCTOBER.shift(-n).start for n in range(months)]
    return [make_one(day, state="completed" if n < defects else "accepted", days=3 + n % 3) for day in days for n in range(each)]


@pytest.mark.parametrize(("each", "grain"), [(12, "month"), (5, "month"), (4, "quarter"), (2, "quarter"), (1, None), (0, None)])
def test_few_hand_offs_are_charted_by_quarter_and_fewer_not_at_all(each, grain):
    charts = [make(monthly(each, defects=1), date(2026, 10, 31)) for make in (handoffs.defect_chart, handoffs.delay_chart)]
    assert [chart.points[-1].period.grain if chart else None for chart in charts] == [grain, grain]


def test_one_of_two_sent_back_is_no_signal_where_six_of_twelve_are():
    """Limits follow the number of each month: the binomial limit at 10% lies at 74% for two, at 36% for twelve."""
    base = monthly(10, 24, defects=1)
    base = [one for one in base if containing(one.sent_on, "month") != OCTOBER]
    few, many = ([*base, *(make_one(state="completed" if n < size // 2 else "accepted") for n in range(size))] for size in (2, 12))
    last = [handoffs.defect_chart(found, date(2026, 10, 31)).points[-1] for found in (few, many)]
    assert [bool(point.signals) for point in last] == [False, True] and last[0].upper == pytest.approx(0.1034 + 3 * (0.1034 * 0.8966 / 2) ** 0.5, abs=1e-3)


def test_a_month_that_is_not_over_is_not_charted():
    found = [*monthly(10, defects=1), *(make_one(date(2026, 11, 3), state="returned") for _ in range(10))]
    assert handoffs.defect_chart(found, date(2026, 10, 31)).points[-1].period == OCTOBER


@pytest.mark.parametrize(("shares", "expected"), [
    ({"a": Share(33, 100), "b": Share(10, 100), "c": Share(9, 100)}, ("a", True)),
    ({"a": Share(2, 5), "b": Share(10, 100)}, ("a", False)),
    ({"a": Share(12, 100), "b": Share(10, 100), "c": Share(11, 100)}, ("a", False)),
    ({"a": Share(0, 50), "b": Share(0, 0)}, None),
    ({"a": Share(9, 10)}, ("a", False)),
    ({"a": Share(3_300, 10_000), "b": Share(1_000, 10_000)}, ("a", True)),
    ({"a": Share(1, 1), "b": Share(60, 100), "c": Share(5, 200)}, ("b", True)),  # One that came back alone does not hide it.
])  # fmt: skip
def test_the_worst_hand_off_is_named_and_whether_it_is_beyond_chance(shares, expected):
    assert handoffs.worst(shares) == expected


def test_the_chance_of_a_gap_is_that_of_fishers_exact_test(monkeypatch):
    """Fisher's tea: 3 of 4 against 1 of 4 is 0.486 on two sides (The Design of Experiments, 1935)."""
    assert handoffs.chance(Share(3, 4), Share(1, 4)) == pytest.approx(0.4857, abs=1e-4)
    two = Share(400, 2_000), Share(360, 2_000)
    exact = handoffs.chance(*two)
    monkeypatch.setattr(handoffs, "MOST_EXACT", 0)
    assert handoffs.chance(*two) == pytest.approx(exact, abs=0.01) and 0.1 < exact < 0.13


def test_missing_fields_are_counted_in_the_words_of_the_contract():
    found = [make_one(missing=("Steps to reproduce", "version")), make_one(missing=("steps to  reproduce",)), make_one(missing=("screenshot",))]
    assert handoffs.most_missing(found, ["Steps to Reproduce"]) == [("Steps to Reproduce", 2), ("screenshot", 1), ("version", 1)]
    assert handoffs.fields_of(" priority |owner; priority\n\nlog ") == ("priority", "owner", "log")
