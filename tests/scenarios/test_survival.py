"""What outlives kills and damage, and how long a restore takes: in full with `-m endurance`, a small part in every run."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import datetime

import pytest

from scorecard import places
from scorecard.store import restoring
from tests import endurance

# A kill costs about a second of processor time, a damaged file a fifth: every run tries each work and each file, the full one all of them.
KILLS = dict.fromkeys(("load", "migration", "sign-off", "backup"), 50 if endurance.in_full() else 1)
FILES = 100 if endurance.in_full() else 5
ROWS = endurance.counted(1_000_000)
NOW = datetime(2026, 11, 22, 12)


def told(module: str, *words: object) -> dict:
    """What a script of the tests prints."""
    done = subprocess.run([sys.executable, "-m", module, *map(str, words)], cwd=places.ROOT, capture_output=True, text=True, timeout=3600)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.mark.endurance
def test_kills_at_load_migration_sign_off_and_backup_lose_nothing_acknowledged_and_leave_nothing_half_applied(tmp_path, capsys):
    found = told("tests.killing", tmp_path, *(f"{work}={count}" for work, count in KILLS.items()))
    if endurance.in_full():
        with capsys.disabled():
            print(f"\n{sum(KILLS.values())} kills: {json.dumps(found)}")
    assert {work: one["kills"] for work, one in found.items()} == KILLS
    assert [(one["lost"], one["half"], one["audit"]) for one in found.values()] == [([], [], [])] * len(KILLS)


@pytest.mark.endurance
def test_no_damaged_file_is_misread(tmp_path, capsys):
    found = told("tests.damaging", tmp_path, FILES)
    if endurance.in_full():
        with capsys.disabled():
            print(f"\n{json.dumps(found)}")
    assert found["wrong"] == [] and sum(found["became"].values()) == FILES
    assert found["became"]["refused"] >= FILES // 5


@pytest.mark.endurance
def test_a_million_rows_are_backed_up_restored_and_compared_within_a_minute(begun, capsys):
    """A tenth of the rows in a tenth of the time, in every other run."""
    with begun.facts() as tx:
        tx.run(f"INSERT INTO source_row SELECT 'l', n, 'a;' || n || ';b', 'new', '' FROM RANGE({ROWS - ROWS // 10}) AS r(n)")
    figures = """INSERT INTO figure (measure, grain, starts, segment, team, csm, load, value, numerator, denominator, loaded_at)
                 SELECT 'm', 'month', DATE '2026-01-01', 's' || n, '', '', 'l', n / 7.0, n, NULL, $1 FROM RANGE($2) AS r(n)"""
    begun.write(lambda tx: (tx.run(figures, (NOW, ROWS // 10)), [tx.audit("note", f"row:{n}", None, {"n": n}) for n in range(ROWS // 20)]), "Rana Amari", NOW)
    began, used = time.monotonic(), time.process_time()
    tried = restoring.drill(begun, NOW)
    took, used = time.monotonic() - began, time.process_time() - used
    if endurance.in_full():
        with capsys.disabled():
            print(f"\nDrill over {tried.rows:,} rows, {tried.audit_rows:,} of the audit: {took:.1f} s, {used:.1f} s of processor time")
    assert tried.rows >= ROWS and tried.audit_rows >= ROWS // 20
    assert used < 60 * ROWS / 1_000_000 + 2
