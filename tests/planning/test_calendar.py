"""The calendar of a year holds what the diary, sessions, challenges and partner reviews say, each once; what was held by its day is a measure."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from scorecard import diary, organisation, registers
from scorecard.errors import UsageError
from scorecard.output import message_tables, planning_calendar
from scorecard.planning import calendar
from scorecard.reviews import recorded
from scorecard.store import measures
from tests.conftest import make_actor
from tests.scorecards import make_definition, make_scorecard, month
from tests.stores import blank, copied, opened

TODAY, LEADER = date(2026, 11, 23), make_actor()
OCTOBER = month(2026, 10)


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A store with the measure, and one entry of each state, in October."""
    made = opened(copied(blank(), tmp_path_factory.mktemp("calendar")))
    organisation.first_start(made)
    make_scorecard(made, make_definition(calendar.MEASURE, aggregate="ratio", bounds=(0, 1)))
    plan(made, "2026-10-05", "held", "2026-10-05")
    plan(made, "2026-10-06", "held", "2026-10-09")
    plan(made, "2026-10-07", "missed")
    plan(made, "2026-10-08")
    plan(made, "2026-10-12", kind="other")
    diary.add(made, LEADER, kind="planning", title="Annual plan", planned=date(2026, 9, 14), ends=date(2026, 12, 18))
    session(made, "2026-10-15", "missed")
    session(made, "2026-12-10", "planned")
    yield made
    made.close()


def plan(store, on: str, state: str = "", held_on: str = "", kind: str = "assumption") -> diary.Entry:
    one = diary.add(store, LEADER, kind=kind, title="", planned=date.fromisoformat(on))
    if state == "held":
        return diary.held(store, LEADER, one.id, date.fromisoformat(held_on), one.version)
    return diary.missed(store, LEADER, one.id, one.version, "Half of us were away.") if state else one


def session(store, on: str, state: str) -> None:
    said = {"title": "Support", "department": "support", "held_on": on, "led_by": None}
    registers.add(store, LEADER, "feedback_session", said, state=state, today=TODAY)


def states(found: calendar.Year, row: str) -> list[tuple[str, str]]:
    (line,) = [line for line in found.lines if line.title == row]
    return [(one.on.isoformat(), one.state) for one in line.meetings]


def test_the_year_has_a_row_for_what_comes_again_and_says_what_became_of_each(begun):
    found = calendar.read(begun, TODAY)
    assert [str(one) for one in (found.months[0], found.months[-1])] == ["2026-07", "2027-06"]
    assert [line.title for line in found.lines] == ["Annual plan", "Feedback to Support", "Assumptions and blind spots", "Other"]
    assert states(found, "Assumptions and blind spots") == [
        ("2026-10-05", "held"), ("2026-10-07", "missed"), ("2026-10-08", "unsaid"), ("2026-10-09", "held")]  # fmt: skip
    assert states(found, "Feedback to Support") == [("2026-10-15", "missed"), ("2026-12-10", "planned")]


def test_the_sentence_counts_what_was_held_and_names_what_was_not(begun):
    (told,) = calendar.sentences(calendar.read(begun, TODAY))
    assert told.text == ("2 of 5 planned meetings were held since July. Missed: the October look at assumptions and the October feedback session. "
                         "Not said yet: the October look at assumptions.")  # fmt: skip


def test_a_session_that_the_diary_holds_as_well_stands_once(begun, tmp_path):
    with begun.read() as tx:
        before = [one for one in calendar.meetings(tx, TODAY) if one.kind == "feedback"]
    entry = diary.add(begun, LEADER, kind="feedback", title="", planned=date(2026, 12, 10))
    with begun.read() as tx:
        after = [one for one in calendar.meetings(tx, TODAY) if one.kind == "feedback"]
    diary.missed(begun, LEADER, entry.id, entry.version)
    assert len(after) == len(before) == 2


def test_held_as_planned_is_written_month_by_month_as_a_measure_and_follows_the_calendar(begun):
    """Of five meetings of October one was held by its day; spans and other entries are no meetings."""
    recorded.calendar_changed(begun, LEADER, TODAY)
    with begun.read() as tx:
        (one,) = [each for each in measures.figures(tx, [calendar.MEASURE]) if each.period == OCTOBER]
    assert (one.numerator, one.denominator) == (1, 5)
    assert recorded.calendar_changed(begun, LEADER, TODAY).changed == 0, "nothing new, nothing written"


def test_a_meeting_that_is_made_up_later_was_not_held_as_planned():
    held = calendar.Meeting("1", "assumption", "", "", date(2026, 10, 30), date(2026, 11, 2), "held")
    found = calendar.held_by_month([held], OCTOBER)
    assert found == {OCTOBER: (0, 0, 1)} and not calendar.held_by_month([held], month(2026, 9)), "it counts in the month for which it was planned"


def test_a_span_ends_after_it_begins_and_moves_as_a_whole(begun):
    with pytest.raises(UsageError, match="is not after"):
        diary.add(begun, LEADER, kind="planning", title="Plan", planned=date(2027, 3, 1), ends=date(2027, 3, 1))
    one = diary.add(begun, LEADER, kind="planning", title="Budget", planned=date(2027, 3, 1), ends=date(2027, 3, 20))
    assert diary.move(begun, LEADER, one.id, date(2027, 4, 1), one.version).ends == date(2027, 4, 20)
    with begun.read() as tx:
        (plan,) = [each for each in diary.listed(tx, "planning") if each.title == "Annual plan"]
    assert message_tables.state(plan, TODAY) == ("half", "under way") and message_tables.state(plan, date(2026, 12, 19))[1] == "past: was it held?"


def test_the_file_for_calendars_has_the_span_to_its_last_day_and_leaves_out_what_was_missed(begun):
    text = calendar.file(calendar.read(begun, TODAY), datetime(2026, 11, 23, 9)).decode()
    assert "DTSTART;VALUE=DATE:20260914\r\nDTEND;VALUE=DATE:20261219" in text and "20261007" not in text
    assert text.count("BEGIN:VEVENT") == text.count("END:VEVENT") > 5


def test_the_picture_says_each_mark_in_words_and_escapes_what_people_wrote(begun):
    one = diary.add(begun, LEADER, kind="other", title="<img src=x>", planned=date(2027, 1, 5))
    found = calendar.read(begun, TODAY)
    drawn = planning_calendar.section(found, lambda each: "planning")
    assert "<img" not in drawn and "&lt;img" in drawn and "missed, 7 Oct 2026: Half of us were away." in drawn
    assert "held late, planned for 6 Oct 2026" in drawn and one.id
    assert len(planning_calendar.table(found).rows) == sum(len(line.meetings) for line in found.lines)


def test_every_event_has_its_own_name_and_a_review_keeps_it_when_the_diary_takes_it_up(begun):
    """RFC 5545, section 3.8.4.7: two events of one UID are one event to a calendar."""
    registers.add(begun, LEADER, "assumption", {"title": "Usage tells", "test": "Look", "challenged_on": "2026-10-20", "next_challenge": "2027-01-20", "owner": None}, today=TODAY)
    text = calendar.file(calendar.read(begun, TODAY), datetime(2026, 11, 23, 9)).decode()
    names = [line for line in text.split("\r\n") if line.startswith("UID:")]
    assert len(names) == len(set(names)) and text.count("Usage tells") == 2
    foreseen = calendar.Meeting("", "monthly_review", "", "", TODAY, TODAY, "planned", foreseen=True, version=0, about="review:cs:2026-12")
    taken = calendar.Meeting("ab12", "monthly_review", "", "", TODAY, TODAY, "planned", about="review:cs:2026-12")
    other = calendar.Meeting("", "monthly_review", "", "", TODAY, TODAY, "planned", foreseen=True, version=0, about="review:emea:2026-12")
    events = [calendar._event(one) for one in (foreseen, taken, other)]
    assert events[0].id == events[1].id != events[2].id and events[0].sequence < events[1].sequence


def test_a_session_that_was_held_was_held_though_nobody_said_so_in_the_diary(begun):
    diary.add(begun, LEADER, kind="feedback", title="", planned=date(2026, 11, 10))
    session(begun, "2026-11-10", "held")
    with begun.read() as tx:
        (one,) = [each for each in calendar.meetings(tx, TODAY) if each.kind == "feedback" and each.on == date(2026, 11, 10)]
    assert one.state == "held" and one.kept


def test_what_registers_say_was_held_counts_for_the_day_on_which_it_was_planned_at_first(begun):
    said = {"title": "Trust tells", "test": "Look", "next_challenge": "2026-08-20", "owner": None}
    one = registers.add(begun, LEADER, "assumption", said, today=TODAY)
    registers.change(begun, LEADER, "assumption", one.id, {"challenged_on": "2026-11-03", "next_challenge": "2027-02-20"}, seen_version=one.version, today=TODAY)
    talk = registers.add(begun, LEADER, "feedback_session", {"title": "Sales", "department": "sales", "held_on": "2026-09-01", "led_by": None}, state="planned", today=TODAY)
    registers.change(begun, LEADER, "feedback_session", talk.id, {"held_on": "2026-11-05"}, seen_version=talk.version, state="held", today=TODAY)
    with begun.read() as tx:
        found = {each.on: each for each in calendar.meetings(tx, TODAY) if each.id in (one.id, talk.id)}
    assert [(str(each.planned), each.state, each.kept) for each in found.values()] == [("2026-08-20", "held", False), ("2026-09-01", "held", False), ("2027-02-20", "planned", False)]
