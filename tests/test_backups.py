"""Backups are made by themselves, and older ones go by a plan that never takes the last good one."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard import backups, jobs
from scorecard.core import retention
from scorecard.errors import NotAllowed, StaleEdit, StoreReadOnly, UsageError
from scorecard.store import backup, backup_plan
from scorecard.store.backup_plan import Plan
from scorecard.worker import Worker
from tests.conftest import make_actor

BEGAN = datetime(2026, 11, 1, 9)
TODAY = date(2026, 11, 23)
NIGHT = datetime(2026, 11, 23, 2, 30)


@pytest.fixture
def old(begun):
    """A store that was made weeks ago."""
    begun.write(lambda tx: tx.run("UPDATE migration SET applied_at = $1", (BEGAN,)), "x")
    return begun


def stand_in(store, made_at: datetime, why: str = "scheduled"):
    """A folder that verifies as a backup."""
    return backup.make(store.engines, store.backups, made_at, why).path


def named(store, made_at: datetime) -> None:
    """A folder that has the name of a backup, for what asks no more."""
    folder = store.backups / f"{made_at:%Y%m%dT%H%M%SZ}-scheduled"
    folder.mkdir()
    (folder / backup.RECORD).write_text("{}")


def copies(folder, names):
    """Folders that verify, copied from one."""
    import shutil

    (first, *_) = backup.every(folder)
    for name in names:
        shutil.copytree(first, folder / name)


def done(store) -> jobs.Job:
    """The job of the backup that is due, done."""
    (job,) = [one for one in jobs.unfinished(store) if one.kind == backups.KIND]
    return Worker(store, lambda: TODAY).do(job.id)


@given(st.lists(st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31)), max_size=60), st.integers(1, 9), st.integers(0, 6), st.integers(0, 13))
@settings(max_examples=60, deadline=None)
def test_what_is_kept_is_the_newest_of_each_day_week_and_month_and_always_the_newest_of_all(moments, daily, weekly, monthly):
    kept = retention.kept(moments, daily, weekly, monthly)
    assert kept <= set(moments) and len(kept) <= daily + weekly + monthly
    if moments:
        assert max(moments) in kept
    days = sorted({one.date() for one in moments}, reverse=True)[:daily]
    assert {max(one for one in moments if one.date() == day) for day in days} <= kept
    months = sorted({(one.year, one.month) for one in moments}, reverse=True)[:monthly]
    assert {max(one for one in moments if (one.year, one.month) == month) for month in months} <= kept


def test_a_year_of_nights_leaves_seven_days_five_weeks_and_twelve_months():
    nights = [datetime(2025, 11, 23, 2) + timedelta(days=day) for day in range(365)]
    kept = sorted(retention.kept(nights, 7, 5, 12), reverse=True)
    assert [one.date() for one in kept[:7]] == [date(2026, 11, 22) - timedelta(days=day) for day in range(7)]
    # 22 November 2026 is a Sunday: the weeks before end on the 15th, 8th, 1st and on 25 October; October and all before with the month.
    assert [f"{one:%m-%d}" for one in kept[7:]] == ["11-15", "11-08", "11-01", "10-31", "10-25", "09-30", "08-31", "07-31", "06-30", "05-31", "04-30",
                                                    "03-31", "02-28", "01-31", "12-31"]


@pytest.mark.parametrize("now, is_due", [(datetime(2026, 11, 23, 1, 59), False), (datetime(2026, 11, 23, 2, 0), True), (datetime(2026, 11, 23, 9), True)])
def test_a_backup_is_due_from_its_hour_on_once_a_day(old, now, is_due):
    old.write(lambda tx: tx.run("UPDATE organisation SET time_zone = 'UTC'"), "x")
    named(old, datetime(2026, 11, 22, 2, 0, 5))
    assert backups.due(old, now) is is_due
    if is_due:
        named(old, now)
        assert not backups.due(old, now + timedelta(hours=3))


def test_the_hour_is_that_of_the_organisation(old):
    old.write(lambda tx: tx.run("UPDATE organisation SET time_zone = 'America/New_York'"), "x")
    named(old, datetime(2026, 11, 22, 7, 0, 5))
    assert not backups.due(old, datetime(2026, 11, 23, 6, 59)) and backups.due(old, datetime(2026, 11, 23, 7, 0))


def test_a_new_store_waits_for_its_first_night_and_a_plan_that_is_off_for_ever(begun, admin):
    assert not backups.due(begun, begun_at(begun) + timedelta(minutes=1))
    assert backups.due(begun, begun_at(begun) + timedelta(days=1))
    backups.save_plan(begun, admin, Plan(active=False))
    assert not backups.due(begun, begun_at(begun) + timedelta(days=9))


def begun_at(store) -> datetime:
    with store.read() as tx:
        return backup_plan.began(tx)


def test_the_worker_makes_the_backup_that_is_due_verified_and_audited(old):
    backups.ask_when_due(old, NIGHT)
    job = done(old)
    (made,) = backup.every(old.backups)
    assert (job.state, made.name.endswith("-scheduled")) == ("done", True)
    assert f"{made.name}: " in job.message and "verified" in job.message
    assert backup.read(made).head.seq > 0
    with old.read() as tx:
        assert tx.one("SELECT actor FROM audit WHERE action = 'make backup'") == ("server",)
    backups.ask_when_due(old, NIGHT)
    assert not jobs.unfinished(old)


def test_what_is_over_the_plan_goes_and_what_people_made_and_the_newest_good_one_stay(old, admin):
    backups.save_plan(old, admin, Plan(daily=1, weekly=0, monthly=0))
    stand_in(old, datetime(2026, 11, 10, 2))
    copies(old.backups, ["20261112T020000Z-scheduled", "20261113T020000Z-drill", "20261101T120000Z", "20261102T120000Z-before-0026_sign_in"])
    backups.ask_when_due(old, NIGHT)
    job = done(old)
    left = [path.name for path in backup.every(old.backups)]
    assert len(left) == 3 and left[0].endswith("-scheduled") and left[1:] == ["20261102T120000Z-before-0026_sign_in", "20261101T120000Z"]
    assert job.result["removed"] == ["20261113T020000Z-drill", "20261112T020000Z-scheduled", "20261110T020000Z-scheduled"]


def test_a_damaged_backup_counts_for_nothing_and_is_told(old, admin):
    backups.save_plan(old, admin, Plan(daily=1, weekly=0, monthly=0))
    good = stand_in(old, datetime(2026, 11, 10, 2))
    copies(old.backups, ["20261112T020000Z-scheduled"])
    with (old.backups / "20261112T020000Z-scheduled" / "state.duckdb").open("r+b") as file:
        file.write(b"damage")
    assert backups._retain(old.backups, Plan(daily=1, weekly=0, monthly=0)) == ([], ["20261112T020000Z-scheduled"])
    assert good.is_dir(), "the only one that can be restored went"


def test_a_backup_that_fails_is_told_on_the_page_and_by_the_check_and_is_tried_again_after_an_hour(old, monkeypatch):
    def full(*_):
        raise StoreReadOnly("The backup cannot be written: no space left on device.")

    monkeypatch.setattr(backups.verifying, "backed_up", full)
    now = datetime.now().replace(microsecond=0)
    backups.ask_when_due(old, now)
    assert done(old).state == "failed"
    told = backups.standing(old, now).trouble
    assert "failed: The backup cannot be written: no space left on device. It is tried again every hour." in told
    assert not backups.due(old, now) and backups.due(old, now + timedelta(days=1))


def test_days_without_a_backup_are_told(old):
    assert "No backup was made since 1 Nov 2026" in backups.standing(old, NIGHT).trouble
    named(old, NIGHT)
    assert backups.standing(old, NIGHT).trouble == ""


@pytest.mark.parametrize("wrong", [Plan(hour=24), Plan(daily=0), Plan(weekly=-1), Plan(monthly=401)])
def test_a_plan_that_would_keep_nothing_is_refused(begun, admin, wrong):
    with pytest.raises(UsageError):
        backups.save_plan(begun, admin, wrong)


def test_only_an_admin_plans_and_a_stale_plan_is_refused_with_the_other(begun, admin):
    for role in ("viewer", "member", "analyst", "leader"):
        with pytest.raises(NotAllowed):
            backups.save_plan(begun, make_actor(role), Plan(hour=4))
        with pytest.raises(NotAllowed):
            backups.plan(begun, make_actor(role))
    backups.save_plan(begun, admin, Plan(hour=4))
    with pytest.raises(StaleEdit, match="at 4:00, 7 daily"):
        backups.save_plan(begun, admin, Plan(hour=5))
    assert (backups.plan(begun, admin).hour, backups.plan(begun, admin).version) == (4, 1)


def test_a_job_whose_outcome_could_not_be_written_ends_once_it_can_be(old, monkeypatch):
    """A full disk at the end of a job left it running for ever."""
    worker, real, refusals = Worker(old, lambda: TODAY), old.write, [1, 1]
    backups.ask_when_due(old, NIGHT)
    monkeypatch.setattr(jobs, "run", lambda store, task: {"message": "all well"})

    def full(work, actor, *rest, **more):
        if refusals and actor == "server":
            refusals.pop()
            raise StoreReadOnly("Not saved: the disk is full.")
        return real(work, actor, *rest, **more)

    monkeypatch.setattr(old, "write", full)
    for _ in range(2):
        with pytest.raises(StoreReadOnly):
            worker._next()
    assert [one.state for one in jobs.recent(old)] == ["running"]
    worker._next()
    assert [(one.state, one.message) for one in jobs.recent(old)] == [("done", "all well")]
