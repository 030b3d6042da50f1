"""The audit chain: every change has a row, every row follows from the one before, and tampering shows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

import pytest

from scorecard.store import audit
from scorecard.store.engine import open_store

NOW = datetime(2026, 11, 22, 9, 30)


@dataclass
class Goal:
    value: float


def add(store, count: int, now: datetime | None = NOW) -> None:
    for number in range(count):
        store.write(
            lambda tx, number=number: tx.audit("change goal", f"measure:m{number}", {"value": number}, {"value": 9}),
            "Rana Amari",
            now,
        )


def tamper(store, sql: str) -> None:
    """What somebody with the file and a database program could do."""
    store.write(lambda tx: tx.run(sql), "nobody")


def test_a_row_says_who_when_what_and_both_values(store):
    add(store, 1)
    with store.read() as tx:
        row = tx.one(
            "SELECT seq, occurred_at, actor, action, object, before_json, after_json, previous_hash FROM audit"
        )
    assert row == (1, NOW, "Rana Amari", "change goal", "measure:m0", '{"value": 0}', '{"value": 9}', audit.GENESIS)


def test_every_row_follows_from_the_one_before(store):
    add(store, 12)
    verdict = store.verify()
    assert (verdict.ok, verdict.rows, verdict.head.seq) == (True, 12, 12)


def test_several_rows_of_one_change_stand_together(store):
    store.write(lambda tx: [tx.audit("a", "1"), tx.audit("b", "2"), tx.audit("c", "3")], "Rana Amari")
    with store.read() as tx:
        assert tx.all("SELECT seq, action FROM audit ORDER BY seq") == [(1, "a"), (2, "b"), (3, "c")]
    assert store.verify().ok


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE audit SET actor = 'Somebody Else' WHERE seq = 3", "Audit row 3 was changed after it was written."),
        ("UPDATE audit SET after_json = '{}' WHERE seq = 3", "Audit row 3 was changed after it was written."),
        ("UPDATE audit SET occurred_at = TIMESTAMP '2020-01-01' WHERE seq = 3", "Audit row 3 was changed"),
        ("DELETE FROM audit WHERE seq = 3", "Audit rows 3 to 3 are missing."),
        ("DELETE FROM audit WHERE seq = 5", "The head kept outside the store (row 5) is not in the chain"),
        ("DELETE FROM audit", "The head kept outside the store (row 5) is not in the chain"),
    ],
)
def test_a_row_that_was_tampered_with_is_found(store, sql, says):
    add(store, 5)
    tamper(store, sql)
    verdict = store.verify()
    assert not verdict.ok
    assert says in " ".join(verdict.problems)


def test_a_row_forged_with_its_own_right_hash_is_found(store):
    add(store, 5)
    with store.read() as tx:
        row = tx.one(f"SELECT {audit.COLUMNS} FROM audit WHERE seq = 3")
    forged = (*row[:2], "Somebody Else", *row[3:-1])

    def work(tx):
        tx.run("UPDATE audit SET actor = $1, hash = $2 WHERE seq = 3", ("Somebody Else", audit.digest(forged)))

    store.write(work, "nobody")
    assert "Audit row 4 does not follow from row 3" in store.verify().problems[0]


def test_a_chain_forged_to_its_end_is_found_by_the_head_kept_outside(store):
    add(store, 3)

    def forge(tx):
        mark = audit.Mark()
        for row in tx.all(f"SELECT {audit.COLUMNS} FROM audit ORDER BY seq"):
            new = (*row[:2], "Somebody Else", *row[3:-2], mark.hash)
            mark = audit.Mark(row[0], audit.digest(new))
            tx.run(
                "UPDATE audit SET actor = $1, previous_hash = $2, hash = $3 WHERE seq = $4",
                ("Somebody Else", new[-1], mark.hash, row[0]),
            )

    store.write(forge, "nobody")
    verdict = store.verify()
    assert verdict.problems == (
        "The head kept outside the store (row 3) is not in the chain: rows were lost or replaced.",
    )


def test_the_head_outside_is_as_new_as_the_last_acknowledged_change(store):
    for count in range(1, 4):
        add(store, 1)
        assert store.head.read().seq == count


def test_a_change_that_is_rolled_back_leaves_no_row(store):
    def work(tx):
        tx.audit("change", "x")
        raise ValueError

    with pytest.raises(ValueError):
        store.write(work, "Rana Amari")
    add(store, 1)
    assert (store.verify().ok, store.verify().rows) == (True, 1)


def test_a_change_without_an_audit_entry_adds_none(store):
    store.write(lambda tx: tx.run("INSERT INTO team VALUES ('a', 'A', 0)"), "Rana Amari")
    assert store.verify().rows == 0


def test_a_head_that_cannot_be_written_does_not_undo_the_change_and_is_said(store, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(audit, "write_whole", full)
    add(store, 1)
    assert store.verify().rows == 1
    assert any("Saved, but the head of the audit chain could not be written" in notice for notice in store.notices)


def test_a_conflict_with_rows_of_somebody_else_is_healed(store):
    add(store, 2)
    stolen = audit.rows_after(audit.Mark(2, store.verify().head.hash), [audit.entry("x", "y")], "another", NOW)
    marks = ", ".join(f"${number}" for number in range(1, 10))
    store.write(lambda tx: tx.run(f"INSERT INTO audit VALUES ({marks})", stolen[0]), "another")
    add(store, 2)
    assert (store.verify().ok, store.verify().rows) == (True, 5)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("ä", '"ä"'),
        ({"b": 1, "a": date(2026, 1, 2)}, '{"a": "2026-01-02", "b": 1}'),
        ({"b", "a"}, '["a", "b"]'),
        (Goal(0.93), '{"value": 0.93}'),
        ((1, 2.5, True), "[1, 2.5, true]"),
    ],
)
def test_values_are_written_down_as_json(value, text):
    assert audit.entry("a", "b", value).before == text


def test_a_value_that_changes_later_is_written_as_it_was():
    value = {"goal": 1}
    entry = audit.entry("a", "b", value)
    value["goal"] = 2
    assert json.loads(entry.before) == {"goal": 1}


def test_the_hash_of_a_row_is_the_same_in_every_version():
    row = (1, NOW, "Rana Amari", "change goal", "measure:m", None, '{"value": 0.93}', audit.GENESIS)
    assert audit.digest(row) == "5583961db42f9897df0980605c1e05993f13c94ccea4e11e314904e3ea46195f"


def test_a_long_chain_is_read_in_pages(monkeypatch):
    monkeypatch.setattr(audit, "PAGE", 3)
    store = open_store(":memory:", ":memory:")
    add(store, 10)
    assert (store.verify().ok, store.verify().rows) == (True, 10)
    store.close()
