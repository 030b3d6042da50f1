"""When the audit was last verified, and up to where: a start reads little, and misses nothing that came since."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from scorecard.store import audit, backup, verifying
from scorecard.store.engine import open_store
from tests.conftest import make_store
from tests.store.test_audit import add, tamper

NOW = datetime(2026, 11, 22, 9, 30)


@pytest.fixture
def store(tmp_path):
    opened = make_store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def read_rows(monkeypatch) -> list[int]:
    """How many rows each verification has read."""
    counted, whole = [], audit.verify

    def verify(*args, **more):
        found = whole(*args, **more)
        counted.append(found.rows)
        return found

    monkeypatch.setattr(audit, "verify", verify)
    return counted


def test_a_verification_is_kept_beside_the_store(store):
    add(store, 3)
    assert verifying.last(store) is None
    found = verifying.check(store, NOW)
    assert (found.ok, found.rows, found.sound.seq, found.outside, found.at, found.whole_at) == (True, 3, 3, 3, NOW, NOW)
    verifying._known.pop(store)
    assert verifying.last(store) == found


def test_a_part_begins_after_the_last_verified_row_and_says_when_the_first_was_read(store, read_rows):
    add(store, 3)
    verifying.check(store, NOW)
    add(store, 2)
    later = verifying.check(store, NOW + timedelta(hours=1), whole=False)
    assert (read_rows, later.rows, later.whole_at) == ([3, 2], 5, NOW)


def test_a_start_reads_a_short_chain_whole_and_a_long_one_from_the_last_verified_row(store, read_rows, monkeypatch):
    add(store, 4)
    verifying.at_start(store, NOW)
    verifying.at_start(store, NOW)
    monkeypatch.setattr(verifying, "AT_START", 3)
    add(store, 1)
    assert verifying.at_start(store, NOW).rows == 5
    assert read_rows == [4, 4, 1]


@pytest.mark.parametrize("sql", ["DELETE FROM audit WHERE seq = 2", "UPDATE audit SET hash = 'x' WHERE seq = 3", "DELETE FROM audit"])
def test_a_mark_that_the_chain_has_no_more_is_not_relied_on(store, read_rows, sql):
    add(store, 3)
    verifying.check(store, NOW)
    tamper(store, sql)
    found = verifying.check(store, NOW, whole=False)
    assert not found.ok and read_rows[1] >= 0 and found.whole_at == NOW


def test_what_was_found_once_is_looked_for_again_until_it_is_gone(store, read_rows, monkeypatch):
    add(store, 4)
    tamper(store, "UPDATE audit SET actor = 'Nobody' WHERE seq = 2")
    found = verifying.at_start(store, NOW)
    assert not found.ok and found.sound.seq == 1
    assert any("The audit does not hold. Audit row 2 was changed" in notice for notice in store.notices)
    monkeypatch.setattr(verifying, "AT_START", 0)
    assert not verifying.at_start(store, NOW).ok
    assert read_rows == [4, 4]


def test_before_a_backup_every_row_of_a_long_chain_is_read_once_a_week(store, read_rows, monkeypatch):
    monkeypatch.setattr(verifying, "AT_START", 0)
    add(store, 3)
    for days in (0, 6, 7, 8):
        verifying.before_backup(store, NOW + timedelta(days=days))
    assert read_rows == [3, 0, 3, 0]


def test_a_backup_says_that_the_audit_did_not_hold_and_is_not_preferred(store):
    add(store, 3)
    good = verifying.backed_up(store, NOW)
    tamper(store, "UPDATE audit SET actor = 'Nobody' WHERE seq = 2")
    bad = verifying.backed_up(store, NOW + timedelta(hours=1))
    assert (good.problems, bad.problems) == ((), ("Audit row 2 was changed after it was written.",))
    assert backup.read(bad.path) == bad and backup.newest(store.backups) == good
    for file in good.path.iterdir():
        file.unlink()
    assert backup.newest(store.backups) == bad


@pytest.mark.parametrize("text", ["", "{", "[]", '{"seq": 1}', '{"seq": "x", "hash": "", "rows": 1, "at": "2026-11-22", "whole_at": "2026-11-22"}'])
def test_a_file_that_cannot_be_understood_counts_as_none(tmp_path, text):
    (tmp_path / "file").write_text(text, "utf-8")
    assert verifying._read(tmp_path / "file") is None


def test_a_file_that_cannot_be_written_stops_nothing_and_is_said(store, monkeypatch):
    add(store, 2)

    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(audit, "write_whole", full)
    assert verifying.check(store, NOW).ok and verifying.last(store).rows == 2
    assert "When the audit was verified could not be written" in store.notices[-1]


def test_rows_with_impossible_numbers_are_seen(store):
    add(store, 2)
    marks = ", ".join(f"${number}" for number in range(1, 10))
    for seq in (-7, 10**15):
        row = (seq, NOW, "x", "y", "z", None, None, audit.GENESIS)
        store.write(lambda tx, row=row: tx.run(f"INSERT INTO audit VALUES ({marks})", (*row, audit.digest(row))), "nobody")
    told = " ".join(verifying.check(store, NOW).problems)
    assert "Audit row -7 stands before the first." in told and "Audit rows 3 to 999999999999999 are missing." in told


def test_a_chain_that_is_broken_everywhere_is_told_in_few_sentences(store, monkeypatch):
    monkeypatch.setattr(audit, "MOST_PROBLEMS", 3)
    add(store, 9)
    tamper(store, "UPDATE audit SET actor = 'Nobody'")
    assert len(verifying.check(store, NOW).problems) == 3


def test_who_waits_hears_after_each_page_up_to_which_row(store, monkeypatch):
    monkeypatch.setattr(audit, "PAGE", 2)
    add(store, 5)
    heard: list[int] = []
    verifying.check(store, NOW, told=heard.append)
    assert heard == [2, 4, 5]


def test_a_store_in_memory_is_verified_and_leaves_no_file(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    opened = open_store(":memory:", ":memory:")
    add(opened, 2)
    assert verifying.last(opened) is None
    found = verifying.check(opened, NOW)
    assert (found.ok, found.rows, found.outside) == (True, 2, None) and verifying.last(opened) == found and list(tmp_path.iterdir()) == []
    opened.close()
