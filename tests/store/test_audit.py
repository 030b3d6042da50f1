"""The audit chain: every change has a row, every row follows from the one before, and tampering shows."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

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
        ({"at": NOW, "kinds": frozenset({"b", "a"}), "cost": Decimal("1.50")}, '{"at": "2026-11-22T09:30:00", "cost": "1.50", "kinds": ["a", "b"]}'),
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


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_json_does_not_know_is_refused(value):
    with pytest.raises(ValueError, match="JSON"):
        audit.entry("a", "b", value)


class Rows:
    """A chain in memory, as the database has it."""

    def __init__(self, rows: list[tuple]):
        self.rows, self.asked = rows, 0

    def all(self, sql: str, params: tuple | list = ()) -> list[tuple]:
        self.asked += 1
        low, high = params
        return [row for row in self.rows if low < row[0] <= high]

    def one(self, sql: str, params: tuple | list = ()) -> tuple | None:
        return (min((row[0] for row in self.rows if not params or row[0] > params[0]), default=None),)


def chain(count: int, after: audit.Mark = audit.Mark()) -> list[tuple]:
    return audit.rows_after(after, [audit.entry("change", f"m{number}", number) for number in range(count)], "Rana Amari", NOW)


def with_actor(rows: list[tuple], *numbers: int) -> list[tuple]:
    """The rows; those of these numbers are said to be somebody else's."""
    return [(*row[:2], "Nobody", *row[3:]) if row[0] in numbers else row for row in rows]


def mark_of(row: tuple) -> audit.Mark:
    return audit.Mark(row[0], row[-1])


def test_a_sound_chain_is_sound_to_its_head():
    rows = chain(4)
    assert audit.verify(Rows(rows)) == audit.Verdict(4, mark_of(rows[3]), (), mark_of(rows[3]))
    assert audit.verify(Rows([])) == audit.Verdict(0, audit.Mark())


def test_the_last_sound_row_is_the_one_before_the_first_fault():
    rows = with_actor(chain(6), 3, 5)
    assert audit.verify(Rows(rows)) == audit.Verdict(
        6, mark_of(rows[5]), ("Audit row 3 was changed after it was written.", "Audit row 5 was changed after it was written."), mark_of(rows[1]))


def test_a_part_of_a_chain_is_read_from_a_mark_and_counts_its_own_rows():
    rows = chain(5)
    assert audit.verify(Rows(with_actor(rows, 1)), mark_of(rows[1])) == audit.Verdict(3, mark_of(rows[4]), (), mark_of(rows[4]))
    assert audit.verify(Rows(rows), audit.Mark(2, "another")).problems == ("Audit row 3 does not follow from row 2: one of them was replaced.",)
    assert audit.verify(Rows(rows[:2]), mark_of(rows[1])) == audit.Verdict(0, mark_of(rows[1]), (), mark_of(rows[1]))


@pytest.mark.parametrize(("gone", "told"), [((3,), "Audit rows 3 to 3 are missing."), ((2, 3, 4), "Audit rows 2 to 4 are missing."), ((1,), "Audit rows 1 to 1 are missing.")])
def test_the_numbers_of_missing_rows_are_said(gone, told):
    assert audit.verify(Rows([row for row in chain(5) if row[0] not in gone])).problems == (told,)


def test_a_row_before_the_first_is_said():
    assert audit.verify(Rows(chain(1, audit.Mark(-1)))).problems == ("Audit row 0 stands before the first.",)


def test_no_more_than_fifty_faults_are_told():
    assert len(audit.verify(Rows(with_actor(chain(49), *range(50)))).problems) == 49
    assert len(audit.verify(Rows(with_actor(chain(60), *range(61)))).problems) == 50


def test_pages_go_on_over_any_hole_and_tell_up_to_which_row_they_came(monkeypatch):
    monkeypatch.setattr(audit, "PAGE", 2)
    heard: list[int] = []
    rows = Rows([row for row in chain(20) if row[0] not in range(5, 17)])
    assert [row[0] for row in audit.rows_from(rows, told=heard.append)] == [1, 2, 3, 4, 17, 18, 19, 20]
    assert heard == [2, 4, 18, 20] and rows.asked == 6
    assert [row[0] for row in audit.rows_from(rows, mark_of(rows.rows[1]))] == [3, 4, 17, 18, 19, 20]
    assert list(audit.rows_from(Rows([]))) == [] and rows.asked == 11


def test_a_mark_is_in_the_chain_with_its_own_number_and_hash_only(store):
    add(store, 3)
    with store.read() as tx:
        head = audit.newest(tx)
        assert head == store.verify().head and head.seq == 3
        assert [audit.holds(tx, mark) for mark in (head, audit.Mark(), audit.Mark(2, head.hash), audit.Mark(3, "x"), audit.Mark(0, "x"))] == [True, True, False, False, False]


def test_the_head_of_an_empty_chain_is_its_beginning(store):
    with store.read() as tx:
        assert audit.newest(tx) == audit.Mark(0, "0" * 64)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"seq": 1}', '{"seq": "x", "hash": "y"}', '{"hash": "y"}', '{"seq": null, "hash": "y"}'])
def test_a_head_that_cannot_be_understood_counts_as_none(tmp_path, text):
    (tmp_path / "head").write_text(text, "utf-8")
    assert audit.Head(tmp_path / "head").read() is None


def test_the_head_outside_never_goes_back_unless_told_to(tmp_path):
    head = audit.Head(tmp_path / "head")
    assert head.read() is None
    head.save(audit.Mark(1, "a"))
    assert head.read() == audit.Mark(1, "a") and (tmp_path / "head").read_text("utf-8") == '{"seq": 1, "hash": "a"}\n'
    head.save(audit.Mark(5, "b"))
    for older in (audit.Mark(4, "c"), audit.Mark(5, "d")):
        head.save(older)
        assert head.read() == audit.Mark(5, "b")
    head.save(audit.Mark(2, "e"), again=True)
    assert head.read() == audit.Mark(2, "e")
    head.save(audit.Mark(3, "f"))
    assert head.read() == audit.Mark(3, "f")


def test_a_store_without_a_folder_keeps_no_head():
    head = audit.Head(None)
    head.save(audit.Mark(1, "a"))
    assert head.read() is None


@pytest.fixture
def synchronised(monkeypatch) -> list[str]:
    """The names of what was written through to the disk."""
    names, real = [], os.fsync

    def fsync(descriptor: int) -> None:
        names.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return names


def test_a_whole_file_is_on_the_disk_before_it_takes_the_place_of_the_old_one(tmp_path, synchronised):
    folder, before = tmp_path / "place", len(os.listdir("/proc/self/fd"))
    folder.mkdir()
    (folder / "a.json").write_text("old")
    (folder / "a.json.new").write_text("what a crash left, and longer than the text")
    audit.write_whole(folder / "a.json", "né")
    assert synchronised == ["a.json.new", "place"]
    assert (folder / "a.json").read_bytes() == "né".encode() and os.listdir(folder) == ["a.json"]
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize(("mode", "seen"), [((), 0o600), ((0o640,), 0o640)])
def test_nobody_else_reads_a_whole_file_unless_told_so(tmp_path, mode, seen):
    audit.write_whole(tmp_path / "a", "x", *mode)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == seen


def test_a_disk_that_takes_no_more_leaves_the_old_file(tmp_path, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "a").write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError, match="No space left"):
        audit.write_whole(tmp_path / "a", "new")
    with pytest.raises(OSError, match="No space left"):
        audit.synchronise(tmp_path / "a")
    assert (tmp_path / "a").read_text() == "old" and len(os.listdir("/proc/self/fd")) == before


def test_a_disk_that_takes_a_text_in_pieces_has_all_of_it(tmp_path, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:1]))
    audit.write_whole(tmp_path / "a", "text")
    assert (tmp_path / "a").read_text() == "text"
