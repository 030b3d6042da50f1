"""Packs are made by the worker and kept for who asked: neither a closed tab, a kill nor another person comes between."""

from __future__ import annotations

import hashlib
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from scorecard import jobs, packs
from scorecard.access import Actor
from scorecard.core.periods import Period
from scorecard.errors import NotAllowed, UsageError
from scorecard.output.pack_files import Format
from scorecard.packs import Order
from scorecard.store import members
from scorecard.store import jobs as rows
from scorecard.store.members import Person
from scorecard.worker import Beside, Worker
from tests.conftest import make_store

TODAY = date(2026, 11, 22)
ORDER = Order("customer-success", Period(date(2026, 10, 1), "month"), "pdf")
RANA, KAREN = Actor("rana", "Rana Amari", "leader"), Actor("karen", "Karen Holt", "viewer")
PAGES = b"%PDF pages of October"


def people(tx) -> None:
    for person, name, role in (("rana", "Rana Amari", "leader"), ("karen", "Karen Holt", "viewer")):
        members.insert_person(tx, Person(person, name))
        members.insert_member(tx, person, role)


@pytest.fixture
def built(monkeypatch) -> list[str]:
    """The formats that were laid out; what is laid out is the same few bytes."""
    made: list[str] = []
    monkeypatch.setattr(packs.reviews, "month", lambda store, scorecard, period, today: (scorecard, period))
    monkeypatch.setattr(Format, "build", lambda self, month: (made.append(self.kind), PAGES)[1])
    return made


@pytest.fixture
def house(store, built):
    store.write(people, "test")
    return store


def ask(store, actor=RANA, order=ORDER):
    return packs.ask(store, actor, order, TODAY, datetime.now(UTC).replace(tzinfo=None))


def make(store, job):
    return Worker(store, lambda: TODAY).do(job.id)


def made(store, actor=RANA, order=ORDER):
    return make(store, ask(store, actor, order))


def kept(store) -> list:
    return sorted((store.staging / packs.FOLDER).glob("*"))


def now_plus(**span) -> datetime:
    return datetime.now(UTC).replace(tzinfo=None) + timedelta(**span)


# -- what survives


def test_a_closed_tab_and_a_restart_lose_no_file(tmp_path, built):
    first = make_store(tmp_path)
    first.write(people, "test")
    job = ask(first)  # Nothing of the tab that asked is left but this row.
    first.close()
    again = make_store(tmp_path)
    worker = Worker(again, lambda: TODAY, poll=0.02)
    worker.start()
    try:
        until = datetime.now(UTC) + timedelta(seconds=20)
        while jobs.show(again, job.id).open and datetime.now(UTC) < until:
            again.bell.wait(0.02)
    finally:
        worker.stop()
    again.close()
    third = make_store(tmp_path)
    assert [one.id for one in packs.mine(third, RANA, now_plus())] == [job.id]
    assert packs.content(third, RANA, job.id) == PAGES
    third.close()


def test_a_file_that_a_killed_worker_was_making_is_made_by_the_next(house, monkeypatch):
    job = ask(house)

    def killed(self, month):
        raise SystemExit

    with monkeypatch.context() as dying, pytest.raises(SystemExit):
        dying.setattr(Format, "build", killed)
        make(house, job)
    assert jobs.show(house, job.id).state == "running" and kept(house) == []
    done = make(house, job)
    assert (done.state, done.attempts, packs.content(house, RANA, job.id)) == ("done", 2, PAGES)


def test_a_file_waits_for_no_load_and_its_worker_takes_no_load_up(house):
    load = house.write(lambda tx: rows.add(tx, "load", "load_file", {}, "", "analyst"), "Sam")
    loading = Worker(house, lambda: TODAY)
    loading.lane = replace(jobs.BESIDE, others=True)
    job = ask(house)
    assert loading._claim().id == load.id and loading._claim() is None
    assert Beside(house, lambda: TODAY)._next()
    assert (jobs.show(house, job.id).state, jobs.show(house, load.id).state) == ("done", "running")


# -- who may have it


@pytest.mark.parametrize("who", [KAREN, Actor("", "Rana Amari", "leader"), replace(RANA, role="viewer"), replace(RANA, role="owner"), None],
                         ids=["another person", "nobody known", "in another role", "in an unknown role", "signed out"])  # fmt: skip
def test_only_who_asked_for_a_file_takes_it_and_only_in_the_role_in_which_it_was_made(house, who):
    job = made(house)
    assert packs.content(house, RANA, job.id) == PAGES
    with pytest.raises(NotAllowed):
        packs.content(house, who, job.id)


def test_nobody_is_told_of_the_files_of_others(house):
    made(house)
    assert packs.mine(house, KAREN, now_plus()) == packs.mine(house, replace(RANA, role="viewer"), now_plus()) == []


@pytest.mark.parametrize("changed", ["UPDATE member SET active = FALSE WHERE person = 'rana'", "DELETE FROM member WHERE person = 'rana'",
                                     "UPDATE member SET role = 'owner' WHERE person = 'rana'"])  # fmt: skip
def test_a_file_is_not_made_for_who_may_no_longer_have_it(house, built, changed):
    job = ask(house)
    house.write(lambda tx: tx.run(changed), "test")
    done = make(house, job)
    assert done.state == "failed" and done.message and built == [] and kept(house) == []


def test_a_file_that_was_ordered_in_another_role_is_made_for_the_role_of_now(house):
    job = ask(house)
    house.write(lambda tx: tx.run("UPDATE member SET role = 'viewer' WHERE person = 'rana'"), "test")
    assert make(house, job).result["role"] == "viewer"
    with pytest.raises(NotAllowed, match="has changed"):
        packs.content(house, RANA, job.id)
    assert packs.content(house, replace(RANA, role="viewer"), job.id) == PAGES


@pytest.mark.parametrize("who", [replace(RANA, role="owner"), Actor("", "Rana Amari", "leader"), None])
def test_who_may_not_read_the_scorecard_orders_nothing(house, who):
    with pytest.raises(NotAllowed):
        ask(house, who)


@pytest.mark.parametrize("who, may", [(RANA, True), (Actor("marek", "Marek Zielinski", "admin"), True), (KAREN, False), (replace(RANA, person="other"), False)])
def test_a_file_that_is_being_made_is_stopped_by_who_asked_or_an_admin(house, who, may):
    job = ask(house)
    if may:
        assert jobs.stop(house, who, job.id).state == "cancelled"
    else:
        with pytest.raises(NotAllowed):
            jobs.stop(house, who, job.id)


def test_only_the_own_account_of_the_server_reads_what_is_kept_and_what_was_changed_there_is_not_given(house):
    job = made(house)
    (path,) = kept(house)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.write_bytes(b"pages of somebody else")
    with pytest.raises(NotAllowed, match="not the one that was made"):
        packs.content(house, RANA, job.id)


def test_the_audit_says_who_asked_for_what_and_the_hash_of_what_was_made(house):
    made(house)
    with house.read() as tx:
        told = tx.all("SELECT actor, action, after_json FROM audit WHERE object LIKE 'job:%' ORDER BY seq")
    assert [one[:2] for one in told] == [("Rana Amari", "ask for job"), ("Rana Amari", "job done")]
    assert '"format":"pdf"' in told[0][2].replace(" ", "") and hashlib.sha256(PAGES).hexdigest()[:12] in told[1][2]


# -- once


def test_a_double_click_is_one_job_and_so_is_asking_again_while_the_data_are_the_same(house, built):
    job = ask(house)
    assert ask(house).id == job.id
    make(house, job)
    assert ask(house).id == job.id and built == ["pdf"]
    assert ask(house, KAREN).id != job.id, "each has a file of their own"
    assert ask(house, order=replace(ORDER, format="html")).id != job.id


def test_clicks_in_several_windows_at_the_same_moment_are_one_job(house):
    with ThreadPoolExecutor(4) as windows:
        assert len({one.id for one in windows.map(lambda _: ask(house), range(4))}) == 1


def test_changed_data_and_another_day_make_a_new_file(house):
    job = made(house)
    assert packs.stands(house, job, TODAY) and not packs.stands(house, job, TODAY + timedelta(days=1))
    house.write(lambda tx: tx.audit("sign in", "member:rana"), "Rana Amari")
    assert packs.stands(house, job, TODAY) and ask(house).id == job.id
    with house.facts() as tx:
        tx.run("UPDATE migration SET applied_at = applied_at")
    assert not packs.stands(house, job, TODAY) and (job := made(house)) and packs.stands(house, job, TODAY)
    house.write(lambda tx: tx.audit("set goal", "measure:renewal_rate"), "Rana Amari")
    assert not packs.stands(house, job, TODAY) and ask(house).id != job.id


def test_more_than_ten_at_once_and_what_is_no_pack_are_refused(house):
    periods = [Period(date(2025, month, 1), "month") for month in range(1, 12)]
    for period in periods[:10]:
        ask(house, order=replace(ORDER, period=period))
    with pytest.raises(UsageError, match="10 files are being made for you already"):
        ask(house, order=replace(ORDER, period=periods[10]))
    assert ask(house, KAREN).state == "queued"
    with pytest.raises(UsageError, match="'csv' is not made as a pack"):
        ask(house, order=replace(ORDER, format="csv"))


# -- what goes away


def test_a_day_later_the_file_and_its_job_are_gone_and_a_half_written_one_after_an_hour(house):
    job = made(house)
    (path,) = kept(house)
    part = path.with_name("half.part")
    part.write_bytes(b"half")
    packs.tidy(house, now_plus(minutes=30))
    assert kept(house) == sorted([path, part])
    packs.tidy(house, now_plus(hours=2))
    assert kept(house) == [path] and packs.content(house, RANA, job.id) == PAGES
    packs.tidy(house, now_plus(hours=24, minutes=1))
    assert kept(house) == [] and jobs.recent(house) == []
    with pytest.raises(NotAllowed, match="not kept any more"):
        packs.content(house, RANA, job.id)


def test_a_file_that_is_gone_is_not_offered_and_is_made_again(house):
    job = made(house)
    kept(house)[0].unlink()
    assert packs.mine(house, RANA, now_plus()) == [] and ask(house).id != job.id
    with pytest.raises(NotAllowed, match="not kept any more"):
        packs.content(house, RANA, job.id)


def test_the_oldest_files_make_room_for_the_newest(house, monkeypatch):
    monkeypatch.setattr(packs, "MOST_BYTES", 2 * len(PAGES))
    done = []
    for month in (8, 9, 10):
        done.append(made(house, order=replace(ORDER, period=Period(date(2026, month, 1), "month"))).id)
        path = house.staging / packs.FOLDER / f"{done[-1]}.pdf"
        os.utime(path, (month, month))
    assert {path.stem for path in kept(house)} == set(done[1:])


def test_a_disk_without_room_is_said_and_leaves_nothing(house, monkeypatch):
    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(packs.Path, "replace", full)
    done = made(house)
    assert done.state == "failed" and "No space left on device" in done.message and kept(house) == []
