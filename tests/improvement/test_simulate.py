"""The simulation draws from the store's own past, knows nothing of the quarter that it is checked against, and is the same each time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from scorecard.core.simulation import Change
from scorecard.errors import StudyRefused
from scorecard.improvement import simulate
from scorecard.improvement.simulate import History
from scorecard.store.pasts import Past

UNTIL = date(2026, 11, 1)


def make_history(kind: str = "onboarding", days: int = 20, months: int = 30, a_month: int = 6, **more) -> History:
    """So many accounts a month, each done after so many days; those that adopted stayed, of the others half did."""
    found = []
    for start in simulate.months_before(UNTIL, months):
        for n in range(a_month):
            arrived = start + timedelta(4 * n)
            done = arrived + timedelta(days + n)
            found.append(Past(arrived, done if done < UNTIL else None, 10_000.0, n % 2 == 0 or n % 4 == 1, n % 2 == 0))
    return History(kind, tuple(found), UNTIL)


def test_the_months_before_a_day_are_whole_and_in_order():
    assert simulate.months_before(date(2026, 2, 1), 3) == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]


def test_the_process_is_that_of_the_twelve_months_before():
    process = simulate.process_of(make_history(), UNTIL)
    assert list(process.volumes) == [6] * 12 and min(process.durations) == 20 and max(process.durations) == 25
    assert process.adoption == 0.5 and process.places >= process.backlog > 0


def test_what_happened_after_a_day_is_not_known_on_it():
    found, day = make_history(), date(2026, 8, 1)
    later = [replace(one, arrived=one.arrived + timedelta(0), done=one.done and one.done + timedelta(300), value=9e9) if one.arrived >= day else one for one in found.cases]
    assert simulate.process_of(found, day) == simulate.process_of(replace(found, cases=tuple(later)), day)


def test_the_same_question_has_the_same_answer_and_a_change_goes_its_way():
    found = make_history()
    one, again = (simulate.ask(found, Change(cycle=0.5)) for _ in range(2))
    assert one.after.spread("time_to_value") == again.after.spread("time_to_value")
    assert one.after.spread("time_to_value").middle < one.before.spread("time_to_value").middle
    fewer = simulate.ask(found, Change(), places=1)
    assert fewer.after.spread("backlog").low > fewer.before.spread("backlog").high and fewer.after.spread("waiting").middle > 10
    more = simulate.ask(found, Change(adoption=0.3))
    assert more.after.spread("kept").middle > more.before.spread("kept").middle, "who adopted stayed more often"


def test_a_process_that_never_changed_is_told_rightly_for_the_last_quarter_and_one_that_changed_is_not():
    told = simulate.ask(make_history(), Change()).checks
    arrived, days = (next(one for one in told if one.measure == name) for name in ("arrived", "time_to_value"))
    assert arrived.inside and days.said.low - 1 <= days.came <= days.said.high + 1, "days are whole, runs are not"
    found = make_history(days=40)
    faster = [replace(one, done=one.arrived + timedelta(5)) if one.arrived >= date(2026, 8, 1) else one for one in found.cases]
    checks = {one.measure: one for one in simulate.ask(replace(found, cases=tuple(faster)), Change()).checks}
    assert not checks["time_to_value"].inside


def test_too_few_finished_cases_are_refused_in_words():
    with pytest.raises(StudyRefused, match="at least 6 are needed"):
        simulate.process_of(make_history(months=1, a_month=3), UNTIL)
