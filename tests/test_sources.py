"""Sources: expected by their cadence, late by more than one period is stale, and the scorecard says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from scorecard import exports, loading, sources
from scorecard.errors import NotAllowed, StaleEdit, UsageError
from scorecard.store.loads import Load
from tests.conftest import make_actor

TODAY = date(2026, 11, 18)
ANALYST = make_actor("analyst", "", "Sam Whitlock")
TWO = b"measure,period,value\nrenewal_rate,2026-07,0.9\nrenewal_rate,2026-08,0.91\n"


@pytest.fixture
def store(begun):
    return begun


def load(store, name="partner-feedback-2026-08.csv", text=TWO):
    return loading.accept(store, ANALYST, loading.propose(store, ANALYST, text, name, TODAY), TODAY)


def make_source(store, name="Partner feedback", **fields):
    return sources.add(store, ANALYST, sources.new(name, **({"way": "file", "pattern": "partner-*.csv"} | fields)))


@pytest.mark.parametrize(
    "to, cadence, day, today, state",
    [
        (date(2026, 8, 31), "month", 2, date(2026, 10, 2), "fresh"),
        (date(2026, 8, 31), "month", 2, date(2026, 10, 3), "late"),
        (date(2026, 8, 31), "month", 2, date(2026, 11, 2), "late"),
        (date(2026, 8, 31), "month", 2, date(2026, 11, 3), "stale"),
        (date(2026, 11, 17), "day", 1, date(2026, 11, 18), "fresh"),
        (date(2026, 11, 16), "day", 1, date(2026, 11, 19), "late"),
        (date(2026, 11, 16), "day", 1, date(2026, 11, 20), "stale"),
        (date(2026, 11, 15), "week", 1, date(2026, 11, 23), "fresh"),
        (date(2026, 11, 15), "week", 1, date(2026, 12, 1), "stale"),
        (date(2026, 6, 30), "quarter", 9, date(2026, 10, 9), "fresh"),
        (date(2026, 6, 30), "quarter", 9, date(2027, 1, 10), "stale"),
    ],
)
def test_a_source_is_late_when_the_next_period_is_due_and_stale_one_period_after_that(to, cadence, day, today, state):
    assert sources.freshness(to, cadence, day, today)[0] == state


def test_a_month_covered_in_part_is_the_one_that_is_expected_next():
    assert sources.freshness(date(2026, 11, 17), "month", 3, TODAY)[2] == date(2026, 12, 3)


def test_files_that_nobody_declared_are_known_by_name_and_owe_nothing_to_the_scorecard(store):
    load(store)
    (line,) = sources.lines(store, TODAY)
    assert (line.name, line.source, line.state, line.age) == ("partner-feedback", None, "stale", 79)
    assert sources.stale_words(store, TODAY) == ()


def test_a_file_that_somebody_brings_is_no_file_of_a_watched_folder_whatever_its_pattern(store, tmp_path):
    make_source(store, "Help desk", way="folder", place=str(tmp_path), pattern="*.csv")
    make_source(store)
    load(store)
    assert {line.name: line.loads for line in sources.lines(store, TODAY)} == {"Help desk": 0, "Partner feedback": 1}


def test_a_declared_source_that_is_stale_is_said_with_its_age_and_what_it_touches(store):
    make_source(store)
    load(store)
    (line,) = sources.lines(store, TODAY)
    assert (line.name, line.covers_to, line.state, line.touches) == (
        "Partner feedback",
        date(2026, 8, 31),
        "stale",
        ("renewal_rate",),
    )
    assert sources.stale_words(store, TODAY) == ("Partner feedback is 79 days old; it touches Renewal rate.",)
    assert sources.stale_words(store, date(2026, 10, 4)) == ()


def make_fact_load(covers_to, loaded, *kinds) -> Load:
    return Load(
        "l1",
        "crm.csv",
        "a" * 64,
        {"kinds": {kind: {} for kind in kinds}},
        1,
        0,
        0,
        0,
        None,
        covers_to,
        "Sam",
        "UTC",
        1,
        datetime(loaded.year, loaded.month, loaded.day, 9),
    )


@pytest.mark.parametrize(
    "kinds, covers_to, reach",
    [
        (("account",), date(2026, 10, 2), TODAY),
        (("account", "subscription"), None, TODAY),
        (("account",), date(2024, 12, 31), date(2024, 12, 31)),
        (("ticket",), date(2026, 10, 2), date(2026, 10, 2)),
        (("account", "ticket"), date(2026, 10, 2), date(2026, 10, 2)),
        (("contact",), date(2027, 3, 1), TODAY),
    ],
)
def test_a_list_of_accounts_reaches_to_the_day_of_its_load_and_events_to_their_last(kinds, covers_to, reach):
    assert sources._reach(make_fact_load(covers_to, TODAY, *kinds)) == reach


def test_a_file_with_a_row_a_month_tells_of_whole_months(store):
    one = replace(make_fact_load(date(2026, 10, 1), datetime(2026, 11, 22), "cost"), covers_from=date(2025, 11, 1))
    assert sources._reach(one) == date(2026, 10, 31)
    assert sources._reach(replace(one, covers_from=date(2025, 11, 4))) == date(2026, 10, 1)


def test_a_source_of_facts_touches_the_measures_that_are_computed_from_them(store):
    make_source(store, "Help desk", pattern="tickets-*.csv")
    text = b"Ticket ID,Account,Created,Solved,Status,Priority\n"
    text += b"1,A1,2026-07-01 09:00,2026-07-02 09:00,solved,high\n2,A1,2026-08-05 09:00,,open,low\n"
    brought = loading.read(store, ANALYST, text, "tickets-1.csv")
    exports.accept(store, ANALYST, exports.offer(store, ANALYST, brought), TODAY)
    (line,) = sources.lines(store, TODAY)
    assert line.name == "Help desk" and "tickets_over_14_days" in line.touches
    assert [one.source for one in sources.last_loads(store)] == ["Help desk"], (
        "figures computed from facts are no source"
    )


def test_a_stale_source_without_a_scorecard_measure_says_that_it_touches_none(store):
    line = sources.Line(
        "Partner feedback", "file", "month", "", None, None, date(2026, 8, 31), "stale", 81, None, 2, ("churn",)
    )
    assert (
        sources.stale_sentence(line, {"nps": "NPS"})
        == "Partner feedback is 81 days old; it touches no scorecard measure."
    )


def test_many_touched_measures_are_counted_and_not_listed():
    line = sources.Line("CRM", "file", "month", "", None, None, None, "stale", 40, None, 2, ("a", "b", "c", "d"))
    assert (
        sources.stale_sentence(line, dict(zip("abcd", "ABCD", strict=True)))
        == "CRM is 40 days old; it touches A, B and 2 more."
    )


def test_a_source_that_waits_for_its_first_file_is_neither_fresh_nor_stale(store):
    make_source(store)
    assert [line.state for line in sources.lines(store, TODAY)] == ["new"]


def test_the_last_loads_carry_rows_author_and_warnings(store):
    make_source(store)
    load(store)
    load(store, "partner-feedback-2026-10.csv", b"measure,period,value\nrenewal_rate,2026-10,0.9\n")
    newest, oldest = sources.last_loads(store)
    assert (newest.source, newest.load.new, newest.load.author) == ("Partner feedback", 1, "Sam Whitlock")
    assert oldest.warnings == () and any(text.startswith("Fewer rows than last time") for text in newest.warnings)


@pytest.mark.parametrize(
    "fields, refusal",
    [
        ({"name": " "}, "needs a name"),
        ({"cadence": "year"}, "no cadence"),
        ({"expected_day": 40}, "1 to 31 days after its end"),
        ({"way": "folder", "place": ""}, "which folder"),
        ({"place": "exports/x.csv"}, "whole path"),
        ({"way": "mail"}, "no way in"),
    ],
)
def test_a_source_that_makes_no_sense_is_refused_in_words(store, fields, refusal):
    whole = {"name": "Help desk", "way": "file"} | fields
    with pytest.raises(UsageError, match=refusal):
        sources.add(store, ANALYST, sources.new(**whole))


def test_two_sources_never_share_a_name(store):
    make_source(store)
    with pytest.raises(UsageError, match="There is a source 'Partner feedback' already"):
        make_source(store, "partner FEEDBACK")


def test_a_change_of_a_source_that_somebody_else_changed_meanwhile_is_refused(store):
    from dataclasses import replace

    make_source(store)
    seen = sources.find(store, "Partner feedback")
    sources.change(store, ANALYST, replace(seen, owner="Ines Vidal"))
    with pytest.raises(StaleEdit, match="was changed by Sam Whitlock meanwhile"):
        sources.change(store, ANALYST, replace(seen, owner="Jo Lind"))


def test_a_misspelt_source_gets_the_nearest_name(store):
    make_source(store)
    with pytest.raises(UsageError, match="Did you mean 'Partner feedback'"):
        sources.find(store, "Partner feedbak")


@pytest.mark.parametrize("role", ["viewer", "member"])
def test_who_may_not_load_files_may_not_change_sources(store, role):
    made, nobody = make_source(store), make_actor(role, "", "Karen Holt")
    for act in (
        lambda: sources.add(store, nobody, sources.new("X", "file")),
        lambda: sources.change(store, nobody, made),
        lambda: sources.remove(store, nobody, made),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_removed_source_leaves_what_it_loaded(store):
    made = make_source(store)
    load(store)
    sources.remove(store, ANALYST, made)
    (line,) = sources.lines(store, TODAY)
    assert line.source is None and line.loads == 1
