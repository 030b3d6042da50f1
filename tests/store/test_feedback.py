"""Feedback rounds as rows, on both engines: who answered is kept, and with no answer; what was said lies in no order that means anything."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from scorecard.core.feedback import Answer, Words
from scorecard.errors import StaleEdit
from scorecard.store import feedback as rows
from scorecard.store.feedback import Aim, Asked, Draft, Link, Round

PEOPLE = tuple(f"p{n}" for n in range(6))
DAY = date(2026, 10, 1)


def insert(store, id: str = "r1", at: datetime = datetime(2026, 10, 1, 8)) -> None:
    new = Round(id, "October 2026", "rana", "form", "", DAY, date(2026, 10, 30), "open", "You", at, "", None, 1)
    store.write(lambda tx: rows.insert(tx, new, [Asked(person, "", "reports", False) for person in PEOPLE]), "You")


def send(store, person: str, level: int | None) -> None:
    given, written = [Answer(person, "reports", item, level) for item in ("why", "growth")], [Words("reports", "keep", f"words of {person}")]
    store.write(lambda tx: rows.submit(tx, "r1", person, given, written), person)


def test_answers_are_written_anew_under_new_keys_each_time_somebody_sends(store):
    insert(store)
    keys = []
    for n, person in enumerate(PEOPLE):
        store.write(lambda tx, person=person: rows.put_draft(tx, "r1", person, Draft("why", 3), 0), person)
        send(store, person, n % 5 + 1 if n else None)
        with store.read() as tx:
            keys.append({one.rater for one in rows.answers(tx, "r1")})
            assert rows.drafts(tx, "r1", person) == {} and rows.asked(tx, "r1")[person].finished
    assert [len(one) for one in keys] == [*range(1, 7)] and not set.intersection(*keys[-2:]) and not any(person in str(keys) for person in PEOPLE)
    with store.read() as tx:
        assert sorted(one.text for one in rows.words(tx, "r1")) == [f"words of {person}" for person in PEOPLE]
        assert {id: len(found) for id, found in rows.answers_of(tx, ["r1", "r2"]).items()} == {"r1": 12, "r2": 0}
        assert sum(one.level is None for one in rows.answers(tx, "r1")) == 2


def test_a_stale_draft_is_refused_and_an_end_is_an_end(store):
    insert(store)
    store.write(lambda tx: rows.put_draft(tx, "r1", "p1", Draft("why", 3), 0), "p1")
    with pytest.raises(StaleEdit):
        store.write(lambda tx: rows.put_draft(tx, "r1", "p1", Draft("why", 4), 0), "p1")
    store.write(lambda tx: rows.insert_link(tx, Link("l1", "r1", "p1", "You", tx.now, None), "hash"), "You")
    assert store.write(lambda tx: rows.close(tx, "r1"), "You") and not store.write(lambda tx: rows.close(tx, "r1"), "You")
    with store.read() as tx:
        assert rows.drafts(tx, "r1", "p1") == {} and rows.asks(tx, "p1") == [] and rows.one(tx, "r1").closed_by == "You"
        link, kept = rows.link_by_hash(tx, "hash")
        assert kept == "hash" and link.revoked_at is not None and rows.links(tx, "r1") == [link] and rows.link_by_hash(tx, "other") is None


def test_rounds_are_counted_and_taken_away_whole(store):
    insert(store)
    send(store, "p1", 4)
    with store.read() as tx:
        assert [(found.id, done) for found, done in rows.asks(tx, "p1")] == [("r1", True)] and rows.rounds(tx, "somebody") == []
    store.write(lambda tx: (rows.close(tx, "r1"), rows.insert_aim(tx, Aim("r1", "why", "step", "You", tx.now))), "You")
    insert(store, "sample-r2", datetime(2020, 1, 1))
    with store.read() as tx:
        assert rows.counted(tx, date(2026, 1, 1)) == (1, 6, 1, 1) and rows.oldest(tx) == DAY
        assert [one.step for one in rows.aims_of(tx, ["r1", "sample-r2"])] == ["step"] == [one.step for one in rows.aims(tx, "r1")]
        assert rows.outdated(tx, datetime(2099, 1, 1)) == ["r1", "sample-r2"] and rows.outdated(tx, datetime(2020, 1, 1)) == []
    store.write(lambda tx: rows.forget_since(tx, datetime(2027, 1, 1), "sample-"), "You")
    with store.read() as tx:
        assert [one.id for one in rows.rounds(tx)] == ["r1"]
    store.write(lambda tx: rows.forget_since(tx, datetime(2026, 1, 1), "sample-"), "You")
    with store.read() as tx:
        assert rows.rounds(tx) == [] and all(tx.one(f"SELECT COUNT(*) FROM {table}") == (0,) for table in rows.TABLES)
