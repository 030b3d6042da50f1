"""Entries of registers as rows, on both engines: paging, looking up, versions, what points at nothing, the sample's going."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from scorecard import registers
from scorecard.errors import ScorecardError, StaleEdit
from scorecard.store import members, orphans, people_data
from scorecard.store import registers as rows
from scorecard.store.members import Person
from scorecard.store.registers import Asked, Entry, Sight, Told, Version
from tests.conftest import make_actor

AT = datetime(2026, 10, 8, 9, 30)


def make_entry(id: str = "e1", title: str = "Faster export", **fields) -> Entry:
    usual = {
        "register": "finding", "version": 1, "state": "open", "since": AT, "account": "", "person": "", "team": "", "at": date(2026, 10, 8),
        "values": {"title": title}, "author": "Rana", "recorded_at": AT, "made_by": "Rana", "made_at": AT,
    }  # fmt: skip
    return Entry(id=id, title=title, **(usual | fields))


def put(store, *found: Entry, told: dict[str, list[Told]] | None = None, now: datetime = AT) -> None:
    def work(tx) -> None:
        rows.insert(tx, found)
        rows.keep(tx, [Version(one, "", False) for one in found], [(told or {}).get(one.id, []) for one in found])

    store.write(work, "Rana", now)


def ids(tx, order: str = "title", limit: int | None = None, offset: int = 0, **asked) -> list[str]:
    return [one.id for one in rows.listed(tx, Asked("finding", **asked), order, limit, offset)]


def test_an_entry_comes_back_whole_with_numbers_lists_and_rows(store):
    full = make_entry(values={"title": "Ä", "revenue": 12.5, "tickets": 3, "sure": True, "segments": ["a", "b"], "whys": [{"why": "x", "n": 1}]},
                      account="A1", person="jo", team="t")  # fmt: skip
    put(store, full)
    with store.read() as tx:
        assert rows.one(tx, "finding", "e1") == full and rows.one(tx, "comment", "e1") is None
        assert rows.history(tx, "finding", "e1") == [Version(full, "", False)]


def test_entries_are_found_by_whom_they_are_about_by_state_day_words_and_value(store):
    put(store, make_entry("a", "Slow export", account="A1", at=date(2026, 10, 1)), make_entry("b", "Zürich: price rise", person="jo", state="sent"),
        make_entry("c", "Other", team="t", at=date(2026, 11, 1)),
        told={"a": [Told("segments", "segment", "SMB"), Told("segments", "segment", "Enterprise")], "b": [Told("segments", "segment", "SMB")]})  # fmt: skip
    with store.read() as tx:
        assert ids(tx) == ["c", "a", "b"] and ids(tx, "-title") == ["b", "a", "c"] and ids(tx, "-date")[0] == "c"
        assert ids(tx, account="A1") == ["a"] and ids(tx, person="jo") == ["b"] and ids(tx, team="t") == ["c"]
        assert ids(tx, states=("sent", "closed")) == ["b"]
        assert ids(tx, since=date(2026, 10, 8)) == ["c", "b"] and ids(tx, until=date(2026, 10, 8)) == ["a", "b"]
        assert ids(tx, words="PRICE zurich") == ["b"] and ids(tx, words="price export") == [] and ids(tx, words="%") == []
        assert ids(tx, where={"segments": "SMB"}) == ["a", "b"] and ids(tx, where={"segments": "Enterprise"}, words="slow") == ["a"]
        assert rows.count(tx, Asked("finding", where={"segments": "SMB"})) == 2
        assert rows.by_state(tx, Asked("finding")) == {"open": 2, "sent": 1}
        assert rows.by_value(tx, Asked("finding"), "segments") == {"SMB": 2, "Enterprise": 1}


def test_rows_of_people_are_kept_to_the_person_and_their_leader(store):
    def people(tx) -> None:
        members.insert_person(tx, Person("jo", "Jo", leader="rana"))
        members.insert_person(tx, Person("mei", "Mei", leader="kim"))
        members.insert_person(tx, Person("kim", "Kim"))

    store.write(people, "Rana")
    put(store, make_entry("a", person="jo"), make_entry("b", person="mei"), make_entry("c"), make_entry("d", person="kim"))
    with store.read() as tx:
        assert [ids(tx, sight=Sight(who)) for who in ("jo", "rana", "kim", "nobody", "")] == [["a"], ["a"], ["b", "d"], [], []]


def test_rows_are_seen_by_author_team_and_panel_as_their_register_says(store):
    """Author, what is shared, and what hangs on another entry, of which the panel sees others' rows after their own."""
    def people(tx) -> None:
        for id, leader in (("jo", "rana"), ("mei", "rana"), ("bo", "kim")):
            members.insert_person(tx, Person(id, id, leader=leader, team="t" if leader == "rana" else "u"))

    def told(**fields) -> list[Told]:
        return [Told(name, "person", value) for name, values in fields.items() for value in values.split()]

    store.write(people, "Rana")
    put(store, make_entry("word", person="jo"), make_entry("kept", person="jo"), make_entry("shared", person="jo"), make_entry("opening"), make_entry("candidate"),
        make_entry("one"), make_entry("two"),
        told={"word": told(by="bo"), "kept": told(to="nobody"), "shared": told(to="team"), "opening": told(panel="mei bo", lead="kim"), "candidate": told(opening="opening"),
              "one": told(candidate="candidate", by="mei"), "two": told(candidate="candidate", by="jo")})  # fmt: skip
    word, wish = {"author": "by"}, {"share": "to"}
    panel = Sight("", readers=("panel", "lead"), through="opening", of="finding")

    def seen(who: str, **fields) -> set[str]:
        with store.read() as tx:
            return set(ids(tx, sight=Sight(who, **fields)))

    assert [("word" in seen(who, **word)) for who in ("bo", "jo", "rana", "kim")] == [True, True, True, False]
    assert [seen(who, **wish) & {"kept", "shared"} for who in ("jo", "mei", "rana", "bo")] == [{"kept", "shared"}, {"shared"}, {"shared"}, set()]
    candidates = {who: seen(who, readers=panel.readers, through="opening", of="finding") for who in ("mei", "bo", "kim", "rana")}
    assert candidates == {"mei": {"candidate"}, "bo": {"candidate"}, "kim": {"candidate"}, "rana": set()}
    scores = {who: seen(who, author="by", through="candidate", of="finding", beyond=replace(panel, reader=who), blind="candidate") & {"one", "two"} for who in ("mei", "bo", "kim", "rana")}
    assert scores == {"mei": {"one", "two"}, "bo": set(), "kim": {"one", "two"}, "rana": set()}
    with store.read() as tx:
        hidden, known = Sight("kim", **word), Sight("bo", **word)
        assert rows.history(tx, "finding", "word", hidden) == [] and len(rows.history(tx, "finding", "word", known)) == 1
        assert rows.moves(tx, "finding", hidden) == [] and rows.withdrawn(tx, "finding", sight=known) == [] and rows.called(tx, "finding", "Faster export", known) == ["word"]
        assert [one.entry.id for one in rows.versions_of(tx, "bo", {"finding": "by"})] == ["word"] and ("finding", "word", "by") in rows.naming(tx, "bo")


def test_what_is_held_about_a_person_is_found_and_what_is_over_its_time_goes(store):
    store.write(lambda tx: members.insert_person(tx, Person("jo", "Jo", leader="rana")), "Jo")
    later = datetime(2026, 10, 20)
    first = make_entry("kept", recorded_at=AT)
    put(store, make_entry("old", person="jo"), make_entry("held"), first, told={"kept": [Told("comments", "entry:finding", "held")]})
    store.write(lambda tx: (rows.update(tx, replace(first, version=2, recorded_at=later), 1), rows.keep(tx, [Version(replace(first, version=2, recorded_at=later), "", False)],
                [[Told("comments", "entry:finding", "held")]])), "Rana")  # fmt: skip
    with store.read() as tx:
        assert people_data.named(tx, "rana") == [("You lead", "Jo", None, "")] and ("register_entry", "author", 3) in people_data.signed(tx, "Rana")
        assert people_data.figures(tx, ["jo"]) == [] == people_data.audited(tx, "", ["person:jo"])
        assert people_data.outdated(tx, "finding", datetime(2026, 10, 9)) == ["held", "old"]
        assert people_data.held(tx, "finding") == {("held", "finding", "kept")} and people_data.superseded(tx, "finding", datetime(2026, 10, 21)) == [("kept", 1)]
    store.write(lambda tx: (people_data.forget(tx, "finding", ["old"]), people_data.forget_versions(tx, "finding", [("kept", 1)])), "Rana")
    with store.read() as tx:
        assert ids(tx) == ["held", "kept"] and [one.entry.version for one in rows.history(tx, "finding", "kept")] == [2] and people_data.oldest(tx) == {"finding": AT.date()}


def test_pages_follow_one_another_without_gap_or_doubling(store):
    put(store, *(make_entry(f"e{n:02}", "Same title") for n in range(25)))
    with store.read() as tx:
        pages = [ids(tx, limit=10, offset=at) for at in (0, 10, 20, 30)]
        assert [len(page) for page in pages] == [10, 10, 5, 0] and sum(pages, []) == ids(tx)


def test_an_entry_is_changed_and_taken_away_only_from_the_version_that_was_seen(store):
    put(store, make_entry())
    second = make_entry(version=2, state="sent")
    assert store.write(lambda tx: rows.update(tx, second, 1), "Rana")
    assert not store.write(lambda tx: rows.update(tx, second, 1), "Rana")
    assert not store.write(lambda tx: rows.remove(tx, "finding", "e1", 1), "Rana")
    assert store.write(lambda tx: rows.remove(tx, "finding", "e1", 2), "Rana")
    with store.read() as tx:
        assert rows.one(tx, "finding", "e1") is None and rows.used(tx, "finding", ["e1", "e2"]) == {"e1"}


@pytest.mark.parametrize(("told", "sentence"), [
    (Told("owner", "person", "gone"), "Entry 'Faster export' of register finding names person 'gone', which does not exist."),
    (Told("measure", "measure", "gone"), "Entry 'Faster export' of register finding names measure 'gone', which does not exist."),
    (Told("comments", "entry:comment", "gone"), "Entry 'Faster export' of register finding refers to comment 'gone', which is not there."),
])  # fmt: skip
def test_what_an_entry_names_and_is_not_there_is_found(store, told, sentence):
    put(store, make_entry(), told={"e1": [told]})
    with store.read() as tx:
        assert sentence in orphans.find(tx)


def test_an_entry_without_its_version_is_found(store):
    store.write(lambda tx: rows.insert(tx, [make_entry()]), "Rana")
    with store.read() as tx:
        assert "Entry 'Faster export' of register finding stands at version 1, which its history does not have." in orphans.find(tx)


def test_with_the_sample_go_its_entries_and_what_was_written_since_and_own_ones_stand_as_they_stood(store):
    since = AT + timedelta(days=1)
    mine, gone = make_entry("mine", "Mine"), make_entry("gone", "Withdrawn meanwhile")
    put(store, mine, gone, make_entry("sample-1"), told={"mine": [Told("segments", "segment", "SMB")]})
    put(store, make_entry("later", made_at=since, recorded_at=since), now=since)

    def meanwhile(tx) -> None:
        changed = replace(mine, version=2, title="Changed", values={"title": "Changed"}, recorded_at=since)
        assert rows.update(tx, changed, 1) and rows.remove(tx, "finding", "gone", 1)
        rows.keep(tx, [Version(changed, "", False), Version(replace(gone, version=2, recorded_at=since), "", True)], [[], []])

    store.write(meanwhile, "Rana", since)
    store.write(lambda tx: rows.forget_since(tx, since), "Rana", since)
    with store.read() as tx:
        assert rows.listed(tx, Asked("finding"), "title") == [mine, gone]
        assert ids(tx, where={"segments": "SMB"}) == ["mine"] and len(rows.history(tx, "finding", "mine")) == 1
        assert [rows.history(tx, "finding", id) for id in ("sample-1", "later")] == [[], []]
        assert not [sentence for sentence in orphans.find(tx) if "Entry" in sentence]


def test_the_commands_do_on_both_engines_what_they_promise(store):
    """Written, changed, refused when stale, withdrawn, brought back, imported twice: and the audit follows from row to row."""
    rana, today = make_actor(person=""), date(2026, 11, 22)
    made = registers.add(store, rana, "finding", {"title": "Slow"}, today=today)
    changed = registers.change(store, rana, "finding", made.id, {"department": "sales", "sent_on": today}, seen_version=1, state="sent")
    with pytest.raises(StaleEdit, match="You saw version 1, version 2 is in force"):
        registers.change(store, rana, "finding", made.id, {"title": "Other"}, seen_version=1)
    session = registers.add(store, rana, "feedback_session", {"title": "November", "department": "sales", "findings": [made.id]}, today=today)
    with pytest.raises(ScorecardError, match="1 entry refers to the finding 'Slow'"):
        registers.withdraw(store, rana, "finding", made.id, seen_version=2)
    registers.withdraw(store, rana, "feedback_session", session.id, seen_version=1)
    registers.withdraw(store, rana, "finding", made.id, seen_version=2, reason="twice")
    assert registers.restore(store, rana, "finding", made.id).values == changed.values
    given = [{"title": f"F{n}", "priority": "low", "found_on": "2026-11-01"} for n in range(3)]
    told = [registers.import_rows(store, rana, "finding", given, today) for _ in range(2)]
    assert [(one.added, one.known) for one in told] == [(3, 0), (0, 3)]
    with store.read() as tx:
        assert registers.count(tx, "finding", where={"priority": "low"}) == 3
        assert [one.entry.version for one in registers.history(tx, "finding", made.id)] == [4, 3, 2, 1]
    assert store.verify().ok
