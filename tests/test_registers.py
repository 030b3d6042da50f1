"""Registers: values are checked, every version is kept, who may is asked, files come in and go out without loss."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorecard import registers
from scorecard.core.registers_file import CLOSED, Register
from scorecard.errors import NotAllowed, ScorecardError, StaleEdit, UsageError
from scorecard.output import register_tables, twins
from scorecard.store import members
from scorecard.store.members import Person
from tests.conftest import make_actor, make_store
from tests.facts import put as put_facts

TODAY = date(2026, 11, 22)
RANA = make_actor("leader", "rana", "Rana Amari")
OWN = """
[promise_to_self]
label = "Aims"
one = "aim"
page = "people"
rows = "own"
write = "log_records"
fields = [
    {name = "title", label = "Aim", kind = "text", required = true},
    {name = "whose", label = "Whose", kind = "person", required = true, default = "me"},
]
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A store with three people and three accounts, for tests that need no empty one."""
    opened = make_store(tmp_path_factory.mktemp("house"))

    def people(tx) -> None:
        for person in (Person("rana", "Rana Amari"), Person("jo", "Jo Lind", leader="rana"), Person("mei", "Mei Lin", leader="rana"), Person("jo2", "Jo Lind")):
            members.insert_person(tx, person)

    opened.write(people, "Rana")
    put_facts(opened, account=[{"account_id": "A1", "name": "Alder", "segment": "SMB"}, {"account_id": "A2", "name": "Birch", "segment": "SMB"},
                               {"account_id": "A3", "name": "birch", "segment": "Enterprise"}])  # fmt: skip
    yield opened
    opened.close()


@pytest.fixture
def own_rows(tmp_path, monkeypatch):
    path = tmp_path / "registers.toml"
    path.write_text(OWN, "utf-8")
    monkeypatch.setattr(registers, "FILE", path)


def add(store, register: str = "finding", actor=RANA, state=None, **values) -> registers.Entry:
    usual = {"title": "Slow export"} if register == "finding" else {"text": "Slow", "source": "crm"}
    return registers.add(store, actor, register, usual | values, state=state, today=TODAY, now=datetime(2026, 11, 22, 8))


def stored(store, register: str, id: str, actor=None) -> registers.Entry:
    with store.read() as tx:
        return registers.one(tx, register, id, actor)


# -- values


def test_an_entry_keeps_what_it_refers_to_by_id_whether_it_was_given_by_id_or_by_name(house):
    one = add(house, accounts=["Alder", "A2"], owner="Mei Lin", segments=["smb"], department="SALES")
    assert one.values["accounts"] == ["A1", "A2"] and one.values["owner"] == "mei" and one.person == "mei"
    assert one.values["segments"] == ["SMB"] and one.values["department"] == "sales"
    assert stored(house, "finding", one.id) == one


@pytest.mark.parametrize(("register", "values", "sentence"), [
    ("finding", {"owner": "nobody"}, "Owner: there is no person 'nobody'. Choose one under Settings, Members."),
    ("finding", {"owner": "Jo Lind"}, "Owner: 'Jo Lind' is the name of 2. Use the id: jo, jo2."),
    ("comment", {"account": "Birch"}, "Account: 'Birch' is the name of 2. Use the id: A2, A3."),
    ("finding", {"segments": ["Giants"]}, "Segments: there is no segment 'Giants'."),
    ("finding", {"project": "x"}, "Project: there is no project 'x'."),
    ("finding", {"comments": ["x"]}, "Logged comments: there is no comment 'x'."),
    ("assumption", {"title": "a", "test": "b", "next_challenge": TODAY, "measure": "x"}, "Measure: there is no measure 'x'."),
    ("finding", {"titel": "x"}, "Findings have no field 'titel'. Did you mean 'title'?"),
    ("finding", {"title": " \u200b "}, "Finding is missing. Every finding needs it."),
    ("finding", {"title": "x" * 121}, "has 121 characters; 120 are allowed"),
])  # fmt: skip
def test_what_does_not_exist_or_does_not_fit_is_refused_in_words(house, register, values, sentence):
    with pytest.raises(ScorecardError, match=sentence.replace("(", r"\(").replace("?", r"\?").replace(".", r"\.")):
        add(house, register, **values) if register != "assumption" else registers.add(house, RANA, register, values, today=TODAY)


def test_what_is_not_named_has_its_default_and_a_person_nobody_asked_for_is_not_guessed(house):
    one = add(house)
    assert (one.values["owner"], one.values["found_on"], one.values["priority"], one.at) == ("rana", "2026-11-22", "medium", TODAY)
    assert "owner" not in add(house, actor=make_actor("leader", "", "operator")).values
    assert "owner" not in add(house, owner=None).values


def test_what_an_entry_names_may_go_and_the_entry_can_still_be_changed(store):
    store.write(lambda tx: members.insert_person(tx, Person("jo", "Jo Lind")), "Rana")
    one = add(store, owner="jo")
    store.write(lambda tx: tx.run("DELETE FROM person WHERE id = $1", ["jo"]), "Rana")
    assert registers.change(store, RANA, "finding", one.id, {"title": "Other"}, seen_version=1).values["owner"] == "jo"
    with pytest.raises(UsageError, match="there is no person 'jo'"):
        add(store, owner="jo")


def test_an_entry_without_its_own_day_stands_on_the_day_on_which_it_was_written(house):
    one = registers.add(house, RANA, "listening_post", {"name": "Survey", "channel": "survey"}, today=TODAY)
    later = registers.change(house, RANA, "listening_post", one.id, {"name": "Trust survey"}, seen_version=1, now=datetime(2027, 1, 1))
    assert one.at == later.at == TODAY and later.since == one.since


# -- states


def test_a_state_needs_what_the_file_says_and_says_since_when(house):
    one = add(house, department="sales")
    with pytest.raises(UsageError, match="A finding that is sent says: Sent on. Fill that in first."):
        registers.change(house, RANA, "finding", one.id, {}, seen_version=1, state="sent")
    sent = registers.change(house, RANA, "finding", one.id, {"sent_on": TODAY}, seen_version=1, state="sent", now=datetime(2026, 11, 23, 8))
    assert (sent.state, sent.since) == ("sent", datetime(2026, 11, 23, 8))
    with pytest.raises(UsageError, match="A finding that is sent says: Sent on"):
        registers.change(house, RANA, "finding", one.id, {"sent_on": None}, seen_version=2)
    with pytest.raises(UsageError, match="'gone' is no state of a finding. Use one of: open, sent, answered, closed."):
        registers.change(house, RANA, "finding", one.id, {}, seen_version=2, state="gone")
    with house.read() as tx:
        assert [state for id, state, _ in registers.moves(tx, "finding") if id == one.id] == ["open", "sent"]
        assert registers.by_state(tx, "finding", words="export")["sent"] >= 1


# -- versions


def test_two_people_who_change_an_entry_see_both_versions(house):
    one = add(house, what="A")
    registers.change(house, make_actor("member", "jo", "Jo Lind"), "finding", one.id, {"what": "B", "priority": "high"}, seen_version=1)
    with pytest.raises(StaleEdit) as refused:
        registers.change(house, RANA, "finding", one.id, {"what": "C"}, seen_version=1)
    assert "Jo Lind changed the finding 'Slow export'" in str(refused.value)
    assert "Now stored: What we learned B. Yours: What we learned C." in str(refused.value)
    with pytest.raises(StaleEdit, match="It says the same as yours, so nothing is lost"):
        registers.change(house, RANA, "finding", one.id, {"what": "B"}, seen_version=1)
    with pytest.raises(StaleEdit):
        registers.withdraw(house, RANA, "finding", one.id, seen_version=1)


def test_a_change_that_says_the_same_writes_nothing(house):
    one = add(house)
    assert registers.change(house, RANA, "finding", one.id, {"title": " Slow  export "}, seen_version=1) == one
    with house.read() as tx:
        assert len(registers.history(tx, "finding", one.id)) == 1


STEPS = st.lists(st.one_of(
    st.tuples(st.just("change"), st.fixed_dictionaries({}, optional={
        "title": st.text(min_size=1, max_size=20), "priority": st.sampled_from(["high", "low", "?"]), "revenue": st.one_of(st.none(), st.integers(-5, 10**6)),
        "accounts": st.lists(st.sampled_from(["A1", "A2", "A9"]), max_size=3), "what": st.text(max_size=30)})),
    st.tuples(st.sampled_from(["withdraw", "restore"]), st.just({}))), max_size=5)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_done_every_version_is_kept_and_the_last_one_stands(house, steps):
    """A refused command leaves no trace; an accepted one is one version, in the order in which they were given."""
    entry, there = add(house), True
    wanted = [entry.values]
    for command, values in steps:
        last = _last(house, entry)
        try:
            if command == "change":
                new = registers.change(house, RANA, "finding", entry.id, values, seen_version=last.version)
                wanted += [new.values] if new.version > last.version else []
            elif command == "withdraw":
                registers.withdraw(house, RANA, "finding", entry.id, seen_version=last.version)
                wanted, there = [*wanted, last.values], False
            else:
                wanted, there = [*wanted, registers.restore(house, RANA, "finding", entry.id).values], True
        except ScorecardError:
            assert _last(house, entry) == last
    with house.read() as tx:
        found = registers.history(tx, "finding", entry.id)
        standing = [one for one in registers.entries(tx, "finding") if one.id == entry.id]
    assert [one.entry.values for one in found] == wanted[::-1] and [one.entry.version for one in found] == list(range(len(wanted), 0, -1))
    assert standing == ([found[0].entry] if there else []) and found[0].withdrawn is not there


def _last(store, entry: registers.Entry) -> registers.Entry:
    with store.read() as tx:
        return registers.history(tx, "finding", entry.id)[0].entry


def test_every_change_is_in_the_audit_with_what_was_and_what_is(store):
    one = add(store, owner=None)
    registers.change(store, RANA, "finding", one.id, {"title": "Other"}, seen_version=1, reason="clearer")
    registers.withdraw(store, RANA, "finding", one.id, seen_version=2, reason="twice")
    with store.read() as tx:
        found = tx.all("SELECT action, before_json, after_json FROM audit WHERE object = $1 ORDER BY seq", [f"record:finding:{one.id}"])
    assert [action for action, *_ in found] == ["add record", "change record", "withdraw record"]
    before, after = (json.loads(text) for text in found[1][1:])
    assert (before["values"]["title"], after["values"]["title"], after["reason"]) == ("Slow export", "Other", "clearer")
    assert json.loads(found[2][2]) == {"reason": "twice"} and store.verify().ok


# -- who may


@pytest.mark.parametrize("command", ["add", "change", "withdraw", "restore", "import"])
def test_who_may_not_log_records_writes_nothing(house, viewer, command):
    one = add(house)
    done = {
        "add": lambda: add(house, actor=viewer),
        "change": lambda: registers.change(house, viewer, "finding", one.id, {"title": "x"}, seen_version=1),
        "withdraw": lambda: registers.withdraw(house, viewer, "finding", one.id, seen_version=1),
        "restore": lambda: registers.restore(house, viewer, "finding", one.id),
        "import": lambda: registers.import_rows(house, viewer, "finding", [{"title": "x"}], TODAY),
    }  # fmt: skip
    with pytest.raises(NotAllowed, match="may not do this"):
        done[command]()
    assert stored(house, "finding", one.id) == one


def test_rows_of_people_are_seen_by_the_person_and_their_leader_and_the_audit_has_hashes_only(house, own_rows):
    jo, mei, admin = make_actor("member", "jo", "Jo Lind"), make_actor("member", "mei", "Mei Lin"), make_actor("admin", "marek", "Marek")
    one = registers.add(house, jo, "promise_to_self", {"title": "Learn to say no"}, today=TODAY)
    with house.read() as tx:
        seen = {who.person: [e.id for e in registers.entries(tx, "promise_to_self", actor=who)] for who in (jo, RANA, mei, admin)}
        assert seen == {"jo": [one.id], "rana": [one.id], "mei": [], "marek": []}
        assert registers.history(tx, "promise_to_self", one.id, mei) == [] and len(registers.history(tx, "promise_to_self", one.id, jo)) == 1
        for read in (registers.entries, registers.count, registers.by_state):
            with pytest.raises(NotAllowed, match="nobody is named who asks"):
                read(tx, "promise_to_self")
        (after,) = tx.one("SELECT after_json FROM audit WHERE object = $1", [f"record:promise_to_self:{one.id}"])
    for command in (lambda: stored(house, "promise_to_self", one.id, mei),
                    lambda: registers.change(house, mei, "promise_to_self", one.id, {"title": "x"}, seen_version=1),
                    lambda: registers.withdraw(house, mei, "promise_to_self", one.id, seen_version=1)):  # fmt: skip
        with pytest.raises(UsageError, match="There is no aim"):
            command()
    assert "Learn" not in after and set(json.loads(after)) == {"version", "sha256"}
    told = registers.import_rows(house, mei, "promise_to_self", [{"id": one.id, "version": "1", "title": "Mine now"}], TODAY)
    assert not told.changed and "does not see" in told.refused[0].reason
    assert "Learn" not in register_tables.csv(house, mei, "promise_to_self", TODAY) and "Learn" in register_tables.csv(house, jo, "promise_to_self", TODAY)


# -- from files and to files


def test_rows_in_order_are_stored_and_the_others_come_back_with_their_number_and_reason(store):
    given_rows = [
        {"Finding": "A", "priority": "High", "Found on": "2026-11-01", "mood": "x"}, {"Finding": "", "priority": "", "Found on": ""},
        {"Finding": "B", "priority": "urgent", "Found on": "2026-11-01"}, {"Finding": "A", "priority": "high", "Found on": "2026-11-01"},
        {"Finding": "C", "priority": "low", "Found on": "1.11.2026"},
    ]  # fmt: skip
    looked = registers.import_rows(store, RANA, "finding", given_rows, TODAY, dry_run=True)
    done = registers.import_rows(store, RANA, "finding", given_rows, TODAY)
    assert (looked.added, looked.stored, done.added, done.stored) == (1, False, 1, True) and looked.refused == done.refused
    assert [(one.row, one.reason.split(".")[0]) for one in done.refused] == [
        (4, "Priority: 'urgent' is not among the choices"), (5, "It says the same as row 2"), (6, "Found on: '1")]  # fmt: skip
    assert done.passed_over == ("mood",)
    again = registers.import_rows(store, RANA, "finding", given_rows[:1], TODAY)
    assert (again.added, again.known) == (0, 1) and store.verify().ok


def test_a_file_changes_an_entry_only_from_the_version_in_force(store):
    one = add(store, owner=None)
    row = {"id": one.id, "version": "1", "title": "From a file", "state": "", "reason": "corrected"}
    assert registers.import_rows(store, RANA, "finding", [row], TODAY).changed == 1
    assert stored(store, "finding", one.id).title == "From a file"
    stale = registers.import_rows(store, RANA, "finding", [row | {"title": "Again"}], TODAY)
    assert not stale.changed and "version 2 is in force, and it was written from version 1" in stale.refused[0].reason
    bare = registers.import_rows(store, RANA, "finding", [{"id": one.id, "title": "Again"}], TODAY)
    assert "it has no column 'version'" in bare.refused[0].reason


def test_a_withdrawn_entry_does_not_come_back_with_its_file(store):
    row = {"title": "A", "priority": "low", "found_on": "2026-11-01"}
    registers.import_rows(store, RANA, "finding", [row], TODAY)
    with store.read() as tx:
        (one,) = registers.entries(tx, "finding")
    registers.withdraw(store, RANA, "finding", one.id, seen_version=1)
    assert registers.import_rows(store, RANA, "finding", [row], TODAY).known == 1


TEXTS = st.one_of(st.text(max_size=40), st.sampled_from(["=1+1", "+cmd|' /C calc'!A0", "-5", "@SUM(A1)", "\t=1", "'=1", "'quoted", "a\nb", "1e5", "＝1"]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=TEXTS, what=TEXTS, revenue=st.one_of(st.none(), st.floats(0, 1e9)), accounts=st.lists(st.sampled_from(["A1", "A2", "A3"]), unique=True))
def test_what_is_exported_is_read_again_without_loss_and_no_cell_is_a_formula(house, title, what, revenue, accounts):
    """Oracle: Python's own reader of CSV."""
    try:
        one = add(house, title=title, what=what, revenue=revenue, accounts=accounts)
    except ScorecardError:
        return
    text = register_tables.csv(house, RANA, "finding", TODAY, words="", since=one.at, until=one.at)
    (row,) = [row for row in csv.DictReader(io.StringIO(text, newline="")) if row["id"] == one.id]
    assert not any(cell.lstrip().startswith(("=", "+", "@", "＝")) for cell in row.values())
    told = registers.import_rows(house, RANA, "finding", [{name: twins.unguarded(cell) for name, cell in row.items()}], TODAY)
    assert (told.known, told.added, told.changed, told.refused) == (1, 0, 0, ())


# -- what is shown


def hostile(of: Register) -> registers.Entry:
    bad = '<img src=x onerror="alert(1)">'
    values = {field.name: bad for field in of.fields if field.kind in ("text", "lines") and not field.many}
    values |= {field.name: [bad] if field.many else bad for field in of.fields if field.kind in CLOSED}
    values |= {field.name: [{column.name: bad for column in field.columns if column.kind in ("text", "choice")}] for field in of.fields if field.kind == "table"}
    at = datetime(2026, 11, 1)
    return registers.Entry(of.id, bad, 2, of.states[0].id if of.states else "", at, bad, bad, bad, at.date(), bad, values, bad, at, bad, at)


@pytest.mark.parametrize("register", list(registers.registers()))
def test_no_text_of_an_entry_becomes_html(register):
    of = registers.register(register)
    one = hostile(of)
    before = registers.Version(registers.Entry(**(vars(one) | {"values": {}, "version": 1})), "<b>why</b>", False)
    drawn = (register_tables.board(of, [one], {}, href=lambda entry: f"x?record={entry.id}") + register_tables.whole(of, one, {})
             + register_tables.history(of, [registers.Version(one, "<i>", False), before], {}) + register_tables.refused([registers.Refused(2, "<u>")]))
    assert not any(tag in drawn for tag in ("<img", "<i>", "<u>", "<b>why")) and "&lt;img" in drawn


def test_what_speaks_for_a_practice_is_counted_by_register(store):
    add(store, owner=None)
    add(store, "comment", by=None, said_on=TODAY - timedelta(days=90))
    with store.read() as tx:
        assert registers.evidence(tx, "S4") == {"finding": 1} and registers.evidence(tx, "S7") == {"comment": 1}
        assert registers.evidence(tx, "S7", since=TODAY) == {} and registers.evidence(tx, "W1") == {}


@pytest.mark.parametrize(("register", "values", "state", "told"), [
    ("deposit", {"what": "Training", "on": "2026-11-23"}, None, "Date: 23 Nov 2026 is still to come. It says what has happened"),
    ("ask", {"what": "Reference", "on": "2026-11-23"}, "agreed", "Date: 23 Nov 2026 is still to come. An ask that is agreed has happened"),
    ("promise", {"what": "Export", "due": "2026-12-24", "done_on": "2026-11-23"}, "done", "Done on: 23 Nov 2026 is still to come"),
    ("recovery", {"what": "Wrong invoice", "on": "2026-11-03", "solved_on": "2026-11-02"}, "solved", "Solved on: 2 Nov 2026 lies before date, 3 Nov 2026"),
    ("deposit", {"what": "Training", "on": "0001-01-01"}, None, "lies before 1900"),
    ("deposit", {"what": "Training", "hours": -1}, None, "Effort is −1; it is at least 0"),
])
def test_what_has_happened_is_not_dated_ahead_and_nothing_ends_before_it_began(house, register, values, state, told):
    with pytest.raises(ScorecardError, match=told):
        registers.add(house, RANA, register, {"account": "A1"} | values, state=state, today=TODAY)
    rows = [{name: str(value) for name, value in ({"account": "A1"} | values | ({"state": state} if state else {})).items()}]
    assert len(registers.import_rows(house, RANA, register, rows, TODAY).refused) == 1


def test_an_ask_is_planned_ahead_and_is_answered_on_no_day_that_is_still_to_come(house):
    one = registers.add(house, RANA, "ask", {"account": "A1", "what": "Reference", "on": "2026-12-10"}, today=TODAY)
    with pytest.raises(UsageError, match="10 Dec 2026 is still to come"):
        registers.change(house, RANA, "ask", one.id, {}, seen_version=1, state="agreed", today=TODAY)
    assert registers.change(house, RANA, "ask", one.id, {"on": "2026-11-20"}, seen_version=1, state="agreed", today=TODAY).state == "agreed"


def past(id: str, day: int, actor=RANA, state: str | None = None, reason: str = "", **values) -> registers.Past:
    return registers.Past(id, actor, datetime(2026, 3, day, 9), values, state, reason)


def test_a_past_that_comes_at_once_has_its_own_authors_and_moments_and_is_checked_as_one_by_one(store):
    jonas = make_actor("member", "jonas", "Jonas Kowal")
    told = [past("one", 2, title="Exports are slow", owner=None), past("two", 3, title="Names are cut", owner=None),
            past("one", 9, jonas, "sent", "asked twice", department="development", sent_on="2026-03-09")]  # fmt: skip
    entries = store.write(lambda tx: registers.put_past(store, tx, "finding", told), RANA.name)
    with store.read() as tx:
        first, second = (registers.history(tx, "finding", id) for id in ("one", "two"))
    assert [one.id for one in entries] == ["one", "two"] and [one.entry.version for one in first] == [2, 1] and len(second) == 1
    last = first[0]
    assert (last.entry.author, last.entry.made_by, last.entry.state, last.reason) == ("Jonas Kowal", RANA.name, "sent", "asked twice")
    assert (last.entry.since, last.entry.made_at) == (datetime(2026, 3, 9, 9), datetime(2026, 3, 2, 9)) and store.verify().problems == ()


@pytest.mark.parametrize(("told", "refused", "sentence"), [
    ([past("one", 2, title="A", owner=None), past("one", 3, state="sent")], ScorecardError, "says: Department, Sent on"),
    ([past("one", 2, owner=None)], UsageError, "Finding is missing"),
    ([past("one", 2, make_actor("viewer"), title="A")], NotAllowed, "may not do this"),
])  # fmt: skip
def test_of_a_past_with_a_fault_nothing_is_written(store, told, refused, sentence):
    with pytest.raises(refused, match=sentence):
        store.write(lambda tx: registers.put_past(store, tx, "finding", [past("zero", 1, title="Good", owner=None), *told]), RANA.name)
    with store.read() as tx:
        assert registers.entries(tx, "finding") == []
