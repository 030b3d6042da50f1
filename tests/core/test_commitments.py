"""Commitments of two sides, counted; the calendar file, against its standard."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.core import commitments, icalendar
from scorecard.core.commitments import Side
from scorecard.core.icalendar import Day

TODAY = date(2026, 11, 22)
SIDES = st.builds(Side, st.integers(0, 40), st.integers(0, 40), st.integers(0, 9))


@pytest.mark.parametrize(("ours", "theirs", "share", "one_sided"), [
    ((6, 1), (5, 0), 6 / 11, False), ((7, 0), (2, 4), 7 / 9, True), ((3, 4), (6, 0), 3 / 9, True), ((4, 0), (4, 0), 0.5, False), ((6, 0), (4, 0), 0.6, False),
    ((3, 0), (2, 0), None, False), ((0, 3), (0, 3), None, False), ((5, 0), (0, 0), None, False), ((6, 0), (0, 0), 1.0, True),
])  # fmt: skip
def test_balance_counts_what_was_kept_and_says_nothing_before_six_were_due(ours, theirs, share, one_sided):
    found = commitments.balance(Side(*ours), Side(*theirs))
    assert found == (None if share is None else pytest.approx(share)) and commitments.is_one_sided(found) is one_sided


@given(SIDES, SIDES)
def test_both_sides_shares_add_up_and_planned_ones_change_nothing(ours, theirs):
    share, other = commitments.balance(ours, theirs), commitments.balance(theirs, ours)
    assert (share is None) == (other is None)
    if share is not None:
        assert share + other == pytest.approx(1) and commitments.is_one_sided(share) == commitments.is_one_sided(other)
    assert commitments.balance(ours + Side(planned=3, unsaid=1), theirs) == share


def test_a_commitment_that_nobody_spoke_about_counts_for_neither_side():
    found = commitments.side([("kept", TODAY), ("missed", TODAY), ("planned", date(2026, 11, 21)), ("planned", TODAY)], TODAY)
    assert (found.kept, found.missed, found.due, found.planned, found.unsaid) == (1, 1, 2, 2, 1)


def unfolded(data: bytes) -> list[str]:
    """The lines of a calendar file as RFC 5545, section 3.1 reads them."""
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    return data.replace(b"\r\n ", b"").decode().rstrip("\r\n").split("\r\n")


@given(st.text(max_size=200))
def test_no_title_breaks_out_of_its_line(title):
    lines = unfolded(icalendar.file([Day("a", TODAY, title)], "Reviews", datetime(2026, 11, 22, 9)))
    assert len(lines) == 14 and [line.split(":")[0] for line in lines].count("BEGIN") == 2


def test_a_day_and_a_time_are_written_as_the_standard_says():
    made = icalendar.file([Day("a", TODAY, "Review, Näh; Co\\"), Day("b", TODAY, "Call", "14:30", "Ann, Bo", 3)], "Reviews", datetime(2026, 11, 22, 9, 5))
    lines = unfolded(made)
    assert lines[:4] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Seven Systems//Calendar//EN", "CALSCALE:GREGORIAN"] and lines[-1] == "END:VCALENDAR"
    assert {"DTSTART;VALUE=DATE:20261122", "DTEND;VALUE=DATE:20261123", "DTSTART:20261122T143000", "DURATION:PT1H", "DTSTAMP:20261122T090500Z"} <= set(lines)
    assert "SUMMARY:Review\\, Näh\\; Co\\\\" in lines and "DESCRIPTION:Ann\\, Bo" in lines and "SEQUENCE:3" in lines and "UID:b@seven-systems" in lines


def test_the_last_day_is_within_what_takes_several_and_any_day_of_the_calendar_can_be_written():
    days = [Day("a", date(2026, 11, 2), "Annual plan", until=date(2026, 12, 18)), Day("b", date(1, 1, 1), "Typed wrong"), Day("c", date.max, "Never")]
    lines = unfolded(icalendar.file(days, "Planning", datetime(2026, 11, 22, 9, 5)))
    assert [line.partition(":")[2] for line in lines if line.startswith(("DTSTART", "DTEND"))] == [
        "20261102", "20261219", "00010101", "00010102", "99991231"]  # fmt: skip
