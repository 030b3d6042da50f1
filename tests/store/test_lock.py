"""The lock beside a file, and who else on the machine may read the file."""

from __future__ import annotations

import os
import runpy
import stat
import sys

import pytest

from scorecard.store.lock import FileLock


def mode_of(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("before, after", [(0o644, 0o640), (0o666, 0o660), (0o600, 0o600), (0o640, 0o640)])
def test_a_store_that_was_left_open_to_others_is_closed_to_them_when_it_is_taken(tmp_path, before, after):
    held = [tmp_path / name for name in ("state.duckdb", "state.duckdb.wal")]
    for path in held:
        path.touch()
        path.chmod(before)
    FileLock(held[0]).release()
    assert [mode_of(path) for path in held] == [after, after]


def test_what_a_command_writes_is_read_by_its_own_account_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["scorecard", "--help"])
    loose = os.umask(0o022)
    try:
        with pytest.raises(SystemExit):
            runpy.run_module("scorecard", run_name="__main__")
        (tmp_path / "made").touch()
    finally:
        os.umask(loose)
    assert mode_of(tmp_path / "made") == 0o600
