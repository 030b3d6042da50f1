"""Rows of the audit are found by person, action, object, day and words, on both engines, and what was found is found again."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from scorecard.store import audit_rows
from scorecard.store.audit_rows import ALL, Filter, Found
from scorecard.store.engine import open_store
from tests.conftest import make_store
from tests.store.conftest import SERVER, WITHOUT, _on_server

NOW = datetime(2026, 11, 22, 9, 30)
ROWS = (
    ("Rana Amari", "set role", "member:jonas", {"role": "member"}, {"role": "analyst"}, 0),
    ("Rana Amari", "add_note", "measure:renewal_rate", None, {"text": 'The "Größe" grew by 100%'}, 1),
    ("Sam Whitlock", "add record", "record:promise:1", None, {"values": {"text": "Call Hollin"}}, 2),
    ("Sam Whitlock", "add record", "record:promise_kept:2", None, {"values": {"text": "call back"}}, 3),
    ("Jo Lind", "look at file", "person:jonas", None, None, 4),
)


@pytest.fixture(scope="module", params=["duckdb", pytest.param("postgres", marks=[pytest.mark.postgres, WITHOUT])])
def five(request, tmp_path_factory):
    """A store with these rows on each engine, for tests that change nothing."""
    folder, schema = tmp_path_factory.mktemp("five"), f"test_{uuid.uuid4().hex[:12]}"
    if request.param == "postgres":
        _on_server(f"CREATE SCHEMA {schema}")
    opened = make_store(folder) if request.param == "duckdb" else open_store(f"{SERVER}?options=-csearch_path%3D{schema}", folder / "facts.duckdb")
    write(opened)
    yield opened
    opened.close()
    if request.param == "postgres":
        _on_server(f"DROP SCHEMA {schema} CASCADE")


def write(store) -> None:
    for actor, action, object, before, after, days in ROWS:
        store.write(lambda tx, a=action, o=object, b=before, c=after: tx.audit(a, o, b, c), actor, NOW + timedelta(days=days))


@pytest.fixture
def store(tmp_path):
    opened = make_store(tmp_path)
    write(opened)
    yield opened
    opened.close()


def found(store, wanted: Filter, before: Found | None = None) -> Found:
    with store.read() as tx:
        return audit_rows.counted(tx, wanted, before)


@pytest.mark.parametrize(("wanted", "numbers"), [
    (ALL, (5, 4, 3, 2, 1)),
    (Filter(actor="Rana Amari"), (2, 1)),
    (Filter(actor="rana amari"), ()),
    (Filter(action="add note"), (2,)),
    (Filter(object="record:promise"), (3,)),
    (Filter(object="record"), (4, 3)),
    (Filter(object="measure:renewal_rate"), (2,)),
    (Filter(object="measure:renewal"), ()),
    (Filter(words="CALL"), (4, 3)),
    (Filter(words="call hollin"), (3,)),
    (Filter(words="größe"), (2,)),
    (Filter(words='"größe"'), (2,)),
    (Filter(words="100%"), (2,)),
    (Filter(words="1_0"), ()),
    (Filter(words="add note"), (2,)),
    (Filter(words="jonas"), (5, 1)),
    (Filter(words="lind"), (5,)),
    (Filter(since=NOW + timedelta(days=1), until=NOW + timedelta(days=3)), (3, 2)),
    (Filter(actor="Sam Whitlock", words="back", since=NOW), (4,)),
    (Filter(words="'; DROP TABLE audit; --"), ()),
])
def test_a_filter_leaves_what_it_says(five, wanted, numbers):
    first = found(five, wanted)
    assert (first.count, first.numbers, first.upto) == (len(numbers), numbers, 5)


def test_a_row_is_found_by_its_hash(five):
    with five.read() as tx:
        (row,) = audit_rows.rows(tx, (3,))
        assert audit_rows.by_hash(tx, row.hash[:8]) == row and audit_rows.by_hash(tx, "0" * 12) is None
    assert found(five, Filter(words=row.hash)).numbers == (3,)


@pytest.mark.parametrize("kept", [0, 1, 2, 100])
def test_what_comes_later_is_added_to_what_was_found_whether_many_or_few(store, monkeypatch, kept):
    monkeypatch.setattr(audit_rows, "KEPT", kept)
    wanted = Filter(actor="Sam Whitlock")
    first = found(store, wanted)
    assert found(store, wanted, first) == first
    store.write(lambda tx: tx.audit("a", "b"), "Sam Whitlock")
    then = found(store, wanted, first)
    assert (first.count, then.count, then.upto) == (2, 3, 6)
    assert then.numbers == ((6, 4, 3) if kept >= 3 else None)


@pytest.mark.parametrize(("kept", "span"), [(100, 100), (0, 100), (0, 1), (0, 2)])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_the_pages_of_a_filter_hold_each_row_once(five, monkeypatch, kept, span, size):
    monkeypatch.setattr(audit_rows, "KEPT", kept)
    monkeypatch.setattr(audit_rows, "SPAN", span)
    for wanted, all_of_them in ((ALL, [5, 4, 3, 2, 1]), (Filter(object="record"), [4, 3]), (Filter(actor="Jo Lind"), [5])):
        seen, before = [], None
        with five.read() as tx:
            known = audit_rows.counted(tx, wanted)
            while page := audit_rows.numbers(tx, wanted, known, before, size):
                seen += page
                before = page[-1]
        assert seen == all_of_them


def test_rows_come_whole_the_newest_first_and_follow_from_one_another(five):
    with five.read() as tx:
        rows = audit_rows.rows(tx, (2, 3, 1))
        assert audit_rows.rows(tx, ()) == ()
    assert [row.seq for row in rows] == [3, 2, 1] and all(newer.previous == older.hash for newer, older in pairwise(rows))
    assert (rows[2].at, rows[2].before, rows[2].after) == (NOW, '{"role": "member"}', '{"role": "analyst"}')


def test_there_is_to_choose_what_stands_in_the_audit(store):
    with store.read() as tx:
        first = audit_rows.choices(tx)
        assert audit_rows.choices(tx, first) is first
    assert dict(first.actors) == {"Rana Amari": 2, "Sam Whitlock": 2, "Jo Lind": 1}
    assert dict(first.actions) == {"set role": 1, "add note": 1, "add record": 2, "look at file": 1}
    assert dict(first.kinds) == {"member": 1, "measure": 1, "record:promise": 1, "record:promise_kept": 1, "person": 1}
    store.write(lambda tx: tx.audit("add record", "organisation"), "Jo Lind")
    with store.read() as tx:
        then = audit_rows.choices(tx, first)
    assert (then.actors["Jo Lind"], then.actions["add record"], then.kinds["organisation"], first.actors["Jo Lind"]) == (2, 3, 1, 1)


def test_an_empty_audit_has_no_rows_and_no_choices(tmp_path):
    (tmp_path / "empty").mkdir()
    empty = make_store(tmp_path / "empty")
    with empty.read() as tx:
        assert audit_rows.counted(tx, ALL) == Found() and audit_rows.choices(tx).upto == 0
        assert audit_rows.numbers(tx, ALL, Found(), None, 10) == () and audit_rows.mark(tx, 3).seq == 0
    empty.close()


def test_the_rows_of_a_file_stand_in_their_order_and_are_the_newest(five):
    with five.read() as tx:
        assert [row[0] for row in audit_rows.whole(tx, ALL, 3)] == [3, 4, 5]
        assert [row[0] for row in audit_rows.whole(tx, Filter(object="record"), 9)] == [3, 4]
        assert [row[0] for row in audit_rows.after(tx, 1, 4)] == [2, 3, 4]
        assert audit_rows.plain(audit_rows.after(tx, 0, 1)[0])[1] == "2026-11-22T09:30:00.000000"
