"""Percents that can be read in two ways are asked back with both readings; what is clear is taken as it is."""

from __future__ import annotations

import pytest

from scorecard.core import percents
from scorecard.errors import UsageError

RETENTION, EXPANSION = (50, 100), (0, 60)


@pytest.mark.parametrize(("typed", "usual"), [(97, RETENTION), (97.5, RETENTION), (100, RETENTION), (50, RETENTION), (0, EXPANSION), (3, EXPANSION), (1, EXPANSION)])
def test_what_lies_where_it_usually_does_is_taken(typed, usual):
    assert percents.read("Retention, low", typed, usual) == typed


@pytest.mark.parametrize(("typed", "usual", "said", "meant"), [
    (0.97, RETENTION, "0.97", "If 97% is meant, write 97"), (9.7, RETENTION, "9.7", "If 97% is meant, write 97"), (970, RETENTION, "970", "If 97% is meant, write 97"),
    (9700, RETENTION, "9700", "If 97% is meant, write 97"), (0.03, EXPANSION, "0.03", "If 3% is meant, write 3"), (1, RETENTION, "1", "If 100% is meant, write 100"),
    (30, RETENTION, "30", "usually lies between 50% and 100%"), (0, RETENTION, "0", "usually lies between"),
])  # fmt: skip
def test_a_fraction_and_a_point_that_slipped_are_asked_back_with_both_readings(typed, usual, said, meant):
    with pytest.raises(UsageError) as told:
        percents.read("Retention, low", typed, usual)
    assert f"{said} is read as {said}%" in str(told.value) and meant in str(told.value) and f"write {said}% with its sign" in str(told.value)


@pytest.mark.parametrize(("typed", "sure", "told"), [
    (0.97, False, "if it goes to 97%, write +5."), (0.05, False, "if +5 points are meant, write +5;"), (97, False, "If it goes to 97%, write +5."), (9.7, False, "to 101.7%, and it is at most 100%"), (970, False, "it is at most 100%"),
    (-0.5, False, "a change of −0.5 points, from 92% to 91.5%"), (-97, True, "it is at least 0%"), (-3, False, ""), (0.97, True, ""), (5, False, ""), (0, False, ""),
])  # fmt: skip
def test_a_change_of_a_share_is_in_points_and_stays_within_what_it_can_be(typed, sure, told):
    if not told:
        return percents.check_change("Renewal rate", typed, 92, 0, 100, sure)
    with pytest.raises(UsageError) as refused:
        percents.check_change("Renewal rate", typed, 92, 0, 100, sure)
    assert told in str(refused.value)


@pytest.mark.parametrize(("typed", "now", "told"), [(0.85, 92, "If 85% is meant, write 85"), (850, 92, "If 85% is meant, write 85"), (85, 92, ""), (0.85, 1.2, ""), (9.7, 92, "")])
def test_a_figure_to_watch_is_asked_back_where_it_may_be_a_fraction_and_not_beside_a_rare_event(typed, now, told):
    if not told:
        return percents.check_level("The figure", "Renewal rate", typed, now, 100)
    with pytest.raises(UsageError, match=told):
        percents.check_level("The figure", "Renewal rate", typed, now, 100)
