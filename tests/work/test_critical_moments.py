"""Critical moments: the team names five at most, whichever way a touch point is written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from scorecard import registers
from scorecard.errors import ScorecardError
from tests.conftest import make_actor

TODAY = date(2026, 11, 22)
RANA = make_actor("leader", "rana", "Rana Amari")


def touch_point(store, name: str, critical: bool | None = None) -> registers.Entry:
    return registers.add(store, RANA, "touch_point", {"name": name, "critical": critical, "owner": None}, today=TODAY)


def test_a_sixth_critical_moment_is_refused_however_it_is_written(store):
    for n in range(5):
        touch_point(store, f"Moment {n}", True)
    sixth = touch_point(store, "Sixth")
    refused = "at most 5 touch points may say yes, and 6 would: .*Take one away first"
    with pytest.raises(ScorecardError, match=refused):
        touch_point(store, "Seventh", True)
    with pytest.raises(ScorecardError, match=refused):
        registers.change(store, RANA, "touch_point", sixth.id, {"critical": True}, seen_version=1)
    with pytest.raises(ScorecardError, match=refused):
        registers.import_rows(store, RANA, "touch_point", [{"name": "From a file", "critical": "yes"}], TODAY)
    with store.read() as tx:
        gone = next(one for one in registers.entries(tx, "touch_point") if one.title == "Moment 0")
    registers.withdraw(store, RANA, "touch_point", gone.id, seen_version=1)
    registers.change(store, RANA, "touch_point", sixth.id, {"critical": True}, seen_version=1)
    with pytest.raises(ScorecardError, match=refused):
        registers.restore(store, RANA, "touch_point", gone.id)


def test_two_who_name_the_fifth_at_the_same_time_do_not_both_succeed(store):
    for n in range(4):
        touch_point(store, f"Moment {n}", True)

    def tried(name: str) -> bool:
        try:
            touch_point(store, name, True)
        except ScorecardError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(tried, ["Own", "Other", "Third", "Fourth"])) == 1
