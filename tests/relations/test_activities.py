"""Exports of CRM activities: columns understood, rules that decide, nothing stored twice, refused rows with their reasons."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard import registers
from scorecard.core import activities as words
from scorecard.core.activities import Rule
from scorecard.errors import FileRefused, NotAllowed, StaleEdit, UsageError
from scorecard.output import log_activities
from scorecard.relations import activities
from tests import facts, stores
from tests.conftest import make_actor
from tests.relations.test_logging import HOSTILE, JONAS, LEADER, TODAY, found, make_store_with_accounts

SALESFORCE = """Activity ID,Account Name,Subject,Type,Date,Assigned,Status,Call Duration in Seconds,Created Date
00T1,Brightwater Foods,Quarterly call,Call,18/11/2026,Test member,Completed,1260,18/11/2026
00T2,Bright Ferries,Introduction to Calder Hospitals,Email,17/11/2026,Somebody else,Completed,,17/11/2026
00T3,Brightwater Foods,We promised the export fix,Task,27/11/2026,Test member,Not Started,,16/11/2026
00T4,Nobody Ltd,Call,Call,13/11/2026,Test member,Completed,,13/11/2026
00T5,Brightwater Foods,Call,Call,28/12/2026,Test member,Completed,,13/11/2026
00T6,Brightwater Foods,Call about rota,Call,16/11/2026,Test member,Not Started,,13/11/2026
00T7,Brightwater Foods,Automatic reply: away,Email,16/11/2026,Test member,Completed,,13/11/2026
,,,,,,,,

Grand Totals (7 records),,,,,,,,
Confidential Information - Do Not Distribute,,,,,,,,
"""
HUBSPOT = """Record ID,Activity type,Activity date,Associated Company,Activity assigned to,Title
19732910159,MEETING,2026-11-10 09:30,Café Übersee,test-member@example.org,Kick-off
19732910160,CALL,2026-11-11 09:30,Café Übersee,Test leader,
19732910160,CALL,2026-11-11 09:30,Café Übersee,Test leader,
"""


@pytest.fixture
def store(tmp_path, tmp_path_factory) -> Iterator:
    opened = stores.opened(stores.copied(stores.once(tmp_path_factory, "accounts-to-log", make_store_with_accounts), tmp_path / "own"))
    yield opened
    opened.close()


def shipped(store) -> tuple[Rule, ...]:
    with store.read() as tx:
        return activities.rules(tx)[0]


def read(store, text: str, name: str = "activities.csv", actor=JONAS):
    return activities.read(store, actor, text.encode(), name)


@pytest.mark.parametrize(("header", "columns"), [
    (["Company / Account", "Subject", "Date", "Assigned"], {"account": "Company / Account", "date": "Date", "subject": "Subject", "owner": "Assigned"}),
    (["id", "account_id", "activity_date", "task_subtype"], {"id": "id", "account": "account_id", "date": "activity_date", "type": "task_subtype"}),
    (["AccountId", "ActivityDate", "Subject"], {"account": "AccountId", "date": "ActivityDate"}),
    (["Record ID", "Activity type", "Activity date", "Associated Company"], {"id": "Record ID", "type": "Activity type", "account": "Associated Company"}),
    (["engagement_id", "property_hs_timestamp", "type", "property_hs_note_body"], {"date": "property_hs_timestamp", "subject": "property_hs_note_body"}),
    (["x", "y"], {}),
])  # fmt: skip
def test_columns_are_known_by_the_names_that_tools_give_them(header, columns):
    assert columns.items() <= words.columns_of(header).items()


@pytest.mark.parametrize(("type", "subject", "becomes", "kind"), [
    ("Call", "Monthly check", "touch", "phone"), ("CALL", "", "touch", "phone"), ("INCOMING_EMAIL", "Re: rota", "touch", "e-mail"),
    ("Email", "Introduction: Ellen, Calder", "deposit", "Introduction"), ("Email", "Reintroductions", "touch", "e-mail"),
    ("Task", "Promised export by Friday", "promise", ""), ("Task", "Call them", "nothing", ""), ("", "", "touch", "other"),
])  # fmt: skip
def test_the_first_rule_that_fits_decides(type, subject, becomes, kind):
    _, rule = words.decided(words.SHIPPED, type, subject)
    assert (rule.becomes, rule.kind) == (becomes, kind)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_every_activity_is_decided_by_exactly_one_rule_and_an_added_last_rule_changes_nothing(type, subject):
    assert words.decided(words.SHIPPED, type, subject) == words.decided((*words.SHIPPED, Rule("", "", "nothing")), type, subject) is not None


def test_a_report_of_salesforce_is_looked_at_then_stored_and_a_second_import_adds_nothing(store):
    file, rules = read(store, SALESFORCE), shipped(store)
    looked = activities.look(store, JONAS, file, rules, TODAY)
    assert looked.new == {"touch": 1, "deposit": 1, "promise": 1} and not looked.stored and looked.left_out == 1
    assert not any(found(store, register) for register in activities.KEPT_IN), "a look stores nothing"
    reasons = {one.row: one.reason for one in looked.refused}
    assert "there is no account 'Nobody Ltd'" in reasons[5] and "in the future" in reasons[6] and "not done yet" in reasons[7] and len(reasons) == 3
    done = activities.take(store, JONAS, file, rules, TODAY)
    (touch,), (deposit,), (promise,) = (found(store, register) for register in activities.KEPT_IN)
    assert done.added == 3 and done.stored
    assert touch.values == {"account": "A1", "what": "Quarterly call", "on": "2026-11-18", "by": "test-member", "channel": "phone", "minutes": 21}
    assert deposit.values == {"account": "A2", "what": "Introduction to Calder Hospitals", "on": "2026-11-17", "kind": "intro"}, "nobody here gave it"
    assert promise.state == "open" and promise.values["due"] == "2026-11-27" and promise.values["made_on"] == "2026-11-16"
    again = activities.take(store, JONAS, file, (Rule("", "", "deposit"),), TODAY)
    assert again.added == 1 and again.known == 3 and len(again.refused) == 3, "only the automatic reply is new under a rule that takes everything"


def test_an_entry_that_was_taken_back_does_not_come_again(store):
    file = read(store, HUBSPOT)
    first = activities.take(store, JONAS, file, shipped(store), TODAY)
    assert first.new["touch"] == 2 and "same" in first.refused[0].reason or "too" in first.refused[0].reason
    one = next(entry for entry in found(store, "touch") if entry.title == "Kick-off")
    assert one.values["channel"] == "video"
    registers.withdraw(store, JONAS, "touch", one.id, seen_version=1)
    assert activities.take(store, JONAS, file, shipped(store), TODAY).added == 0 and len(found(store, "touch")) == 1


def test_rules_that_somebody_changed_are_kept_with_their_version(store):
    rules = (Rule("", "lunch", "deposit", "Introduction"), *shipped(store))
    activities.keep_rules(store, LEADER, rules, 0, TODAY)
    with store.read() as tx:
        assert activities.rules(tx) == (rules, 1)
    activities.keep_rules(store, LEADER, rules[1:], 1, TODAY)
    with pytest.raises(StaleEdit):
        activities.keep_rules(store, JONAS, rules[2:], 1, TODAY)


def test_a_kind_that_the_catalogue_has_not_is_refused_in_words(store):
    looked = activities.look(store, JONAS, read(store, HUBSPOT), (Rule("", "", "deposit", "Cake"),), TODAY)
    assert looked.added == 0 and "Kind: there is no kind 'Cake'" in looked.refused[0].reason


def test_what_no_column_says_is_asked_for_and_a_viewer_reads_no_file(store):
    with pytest.raises(UsageError, match="no column says the account"):
        activities.look(store, JONAS, read(store, "Subject,Date\nCall,2026-11-10\n"), shipped(store), TODAY)
    with pytest.raises(NotAllowed):
        read(store, HUBSPOT, actor=make_actor("viewer"))
    with pytest.raises(FileRefused):
        read(store, "", "x.csv")


def test_a_date_whose_order_is_open_is_asked_about_and_read_as_chosen(store):
    file = read(store, "Account,Date,Subject\nA1,03/04/2026,Call\n")
    assert activities.open_order(file) == "03/04/2026"
    for order, day in (("day-first", "2026-04-03"), ("month-first", "2026-03-04")):
        looked = activities.look(store, JONAS, activities.with_columns(file, file.columns, order), shipped(store), TODAY)
        assert str(looked.by_rule[len(words.SHIPPED) - 1][0].values["on"]) == day


def test_words_of_a_file_are_never_markup(store):
    looked = activities.look(store, JONAS, read(store, f'Account,Date,Subject\nA1,2026-11-10,"{HOSTILE}"\n"{HOSTILE}",2026-11-10,Call\nx{HOSTILE},2026-11-10,Call\n'), shipped(store), TODAY)
    drawn = log_activities.examples(looked, shipped(store)) + log_activities.reasons(looked)
    assert "<img" not in drawn and "&lt;img" in drawn


def test_real_tables_of_salesforce_are_taken_when_their_accounts_are_there(store, shared_data):
    folder = shared_data / "tool-exports" / "salesforce"
    ids = {row["account_id"] for name in ("sf_task_data.csv", "sf_event_data.csv") for row in csv.DictReader((folder / name).open(encoding="utf-8")) if row["account_id"]}
    facts.put(store, account=[{"account_id": id, "name": id} for id in sorted(ids)])
    for name in ("sf_task_data.csv", "sf_event_data.csv"):
        file = activities.read(store, JONAS, folder / name, name)
        done = activities.take(store, JONAS, file, shipped(store), date(2026, 11, 20))
        assert done.added + len(done.refused) == len(file.rows) and done.added > 0, activities.counted(done)
        assert activities.take(store, JONAS, file, shipped(store), date(2026, 11, 20)).added == 0
