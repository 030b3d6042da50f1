"""`diary`, without a running server."""

from __future__ import annotations

from datetime import date

import pytest

from tests.cli.test_share import json_of, run

pytestmark = pytest.mark.usefixtures("at_work")


def test_an_entry_is_planned_moved_held_and_listed(nothing_yet):
    made = json_of("diary", "add", "--kind", "assumption", "--on", "2026-12-01", "--at", "09:30", "--title", "Blind spots")
    assert (made["title"], made["begins"], made["state"]) == ("Blind spots", "09:30", "planned")
    assert json_of("diary", "move", made["id"], "--to", "2026-12-03")["moved_from"] == "2026-12-01"
    assert json_of("diary", "held", made["id"], "--on", "2020-01-01")["held_on"] == "2020-01-01"
    said = run("diary", "list", "--kind", "assumption").stdout
    assert "Blind spots" in said and "held on 1 Jan 2020" in said


def test_a_missed_entry_keeps_the_reason():
    made = json_of("diary", "add", "--on", date.today().isoformat())
    assert json_of("diary", "missed", made["id"], "--note", "Nobody came")["note"] == "Nobody came"
    assert "missed" in run("diary", "missed", made["id"]).stdout


def test_an_empty_calendar_gives_one_step():
    assert "python -m scorecard diary add" in run("diary", "list").stdout


def test_an_unknown_entry_is_a_wrong_call():
    done = run("diary", "held", "nothing")
    assert done.exit_code == 2 and "There is no calendar entry 'nothing'" in done.stderr
