"""Rows of jobs and sources, on both engines: claimed once, taken up after a kill, kept by content."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scorecard.errors import StaleEdit, UsageError
from scorecard.store import jobs, sources
from scorecard.store.sources import Arrival, Source

NOW = datetime(2026, 11, 22, 9, 0)
HELP_DESK = Source(
    "h", "Help desk", "folder", "/exports", "*.csv", "month", 3, "Jo Lind", False, {}, "", None, False, 0, "", None
)


def ask(store, identity="j1", **arguments):
    return store.write(lambda tx: jobs.add(tx, identity, "load_source", arguments, "", "analyst"), "Sam Whitlock", NOW)


def claim(store, worker="w1", now=NOW, only=""):
    return store.write(lambda tx: jobs.claim(tx, worker, only), worker, now)


def take_up(store, worker="w2", alone=True, now=NOW):
    return store.write(lambda tx: jobs.take_up(tx, worker, alone), worker, now)


def now_of(store, identity="j1"):
    with store.read() as tx:
        return jobs.get(tx, identity)


def test_a_job_waits_is_claimed_and_ends(store):
    asked = ask(store, source="h")
    assert (asked.state, asked.arguments, asked.asked_by, asked.asked_at) == (
        "queued",
        {"source": "h"},
        "Sam Whitlock",
        NOW,
    )
    taken = claim(store)
    assert (taken.state, taken.claimed_by, taken.attempts, taken.heartbeat) == ("running", "w1", 1, NOW)
    assert claim(store, "w2") is None
    assert store.write(lambda tx: jobs.end(tx, "j1", "w1", "done", "2 new", {"files": 1}), "w1", NOW)
    ended = now_of(store)
    assert (ended.state, ended.progress, ended.message, ended.result, ended.ended_at) == (
        "done",
        1.0,
        "2 new",
        {"files": 1},
        NOW,
    )


def test_the_same_wish_twice_is_one_job_while_it_waits(store):
    assert ask(store, "j1", source="h").id == ask(store, "j2", source="h").id == "j1"
    claim(store)
    assert ask(store, "j3", source="h").id == "j3"


def test_the_oldest_job_is_claimed_first(store):
    store.write(lambda tx: jobs.add(tx, "b", "load_source", {"n": 1}, "", "analyst"), "S", NOW)
    store.write(lambda tx: jobs.add(tx, "a", "load_source", {"n": 2}, "", "analyst"), "S", NOW + timedelta(seconds=1))
    assert [claim(store).id, claim(store).id] == ["b", "a"]


def test_many_workers_claim_each_job_once(store):
    for number in range(8):
        ask(store, f"j{number}", n=number)
    taken = []

    def work(name):
        while (job := claim(store, name)) is not None:
            taken.append(job.id)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(taken) == sorted(f"j{number}" for number in range(8))


def test_a_sign_of_life_carries_progress_and_brings_back_who_asked_to_stop(store):
    ask(store)
    claim(store)
    assert store.write(lambda tx: jobs.beat(tx, "j1", "w1", 0.5, "half"), "w1", NOW) == ""
    store.write(lambda tx: jobs.ask_to_stop(tx, "j1"), "Rana Amari", NOW)
    assert store.write(lambda tx: jobs.beat(tx, "j1", "w1", 0.6, "more"), "w1", NOW) == "Rana Amari"
    assert store.write(lambda tx: jobs.beat(tx, "j1", "w2", 0.9, "not mine"), "w2", NOW) is None
    assert (now_of(store).state, now_of(store).progress) == ("running", 0.6)


def test_a_job_that_waits_is_cancelled_at_once(store):
    ask(store)
    assert store.write(lambda tx: jobs.ask_to_stop(tx, "j1"), "Rana Amari", NOW).state == "cancelled"
    assert claim(store) is None


def test_a_job_whose_worker_was_killed_is_taken_up_again(store):
    ask(store)
    claim(store)
    (job,) = take_up(store)
    assert (job.state, job.attempts) == ("queued", 1) and "taken up again" in job.message
    assert claim(store, "w2").attempts == 2


def test_a_job_that_killed_its_server_three_times_fails_with_the_reason(store):
    ask(store)
    for number in range(jobs.MOST_ATTEMPTS):
        claim(store, f"w{number}")
        (job,) = take_up(store, f"w{number + 1}")
    assert (job.state, job.ended_at) == ("failed", NOW) and "stopped 3 times" in job.message


def test_a_killed_job_that_was_asked_to_stop_is_not_taken_up(store):
    ask(store)
    claim(store)
    store.write(lambda tx: jobs.ask_to_stop(tx, "j1"), "Rana Amari", NOW)
    assert [job.state for job in take_up(store)] == ["cancelled"]


def test_a_worker_elsewhere_is_gone_only_after_a_minute_of_silence(store):
    ask(store)
    claim(store)
    assert take_up(store, alone=False, now=NOW + jobs.SILENT) == []
    assert len(take_up(store, alone=False, now=NOW + jobs.SILENT + timedelta(seconds=1))) == 1


def test_a_worker_that_lost_its_job_can_not_end_it(store):
    ask(store)
    claim(store)
    take_up(store)
    claim(store, "w2")
    assert not store.write(lambda tx: jobs.end(tx, "j1", "w1", "done", ""), "w1", NOW)
    assert now_of(store).claimed_by == "w2" and now_of(store).state == "running"


def test_a_worker_claims_and_takes_up_the_jobs_of_its_lane_alone(store):
    packs, rest = jobs.Lane(("make_pack",), others=False), jobs.Lane(("make_pack",))
    ask(store)
    store.write(lambda tx: jobs.add(tx, "p1", "make_pack", {}, "rana", "leader"), "Rana Amari", NOW)
    assert [store.write(lambda tx: jobs.claim(tx, "w1", lane=lane), "w1", NOW).id for lane in (packs, rest)] == ["p1", "j1"]
    assert [[job.id for job in store.write(lambda tx: jobs.take_up(tx, "w2", True, lane), "w2", NOW)] for lane in (rest, packs)] == [["j1"], ["p1"]]
    with store.read() as tx:
        assert [[one.id for one in jobs.recent(tx, 9, lane)] for lane in (packs, rest, jobs.EVERY)] == [["p1"], ["j1"], ["j1", "p1"]]


def test_the_jobs_of_a_person_are_found_and_forgotten_once_they_are_over(store):
    for identity, person in (("p1", "rana"), ("p2", "karen"), ("p3", "rana")):
        store.write(lambda tx: jobs.add(tx, identity, "make_pack", {"id": identity}, person, "leader"), person, NOW)
    store.write(lambda tx: jobs.claim(tx, "w1", "p1"), "w1", NOW)
    store.write(lambda tx: jobs.end(tx, "p1", "w1", "done", "made"), "w1", NOW)
    later = NOW + timedelta(minutes=1)
    with store.read() as tx:
        assert [one.id for one in jobs.of_person(tx, "make_pack", "rana", NOW)] == ["p1", "p3"] and jobs.of_person(tx, "make_pack", "rana", later) == []
        assert (jobs.ended_before(tx, "make_pack", later), jobs.ended_before(tx, "make_pack", NOW)) == (1, 0)
    store.write(lambda tx: jobs.forget(tx, "make_pack", later), "retention", NOW)
    assert now_of(store, "p1") is None and now_of(store, "p2").open


def test_a_job_given_back_counts_no_attempt(store):
    ask(store)
    claim(store)
    store.write(lambda tx: jobs.give_back(tx, "j1", "w1", "later"), "w1", NOW)
    assert (now_of(store).state, now_of(store).attempts, now_of(store).message) == ("queued", 0, "later")


def test_asking_stopping_and_the_outcome_are_in_the_audit_and_progress_is_not(store):
    ask(store)
    claim(store)
    store.write(lambda tx: jobs.beat(tx, "j1", "w1", 0.5, "half"), "w1", NOW)
    store.write(lambda tx: jobs.ask_to_stop(tx, "j1"), "Rana Amari", NOW)
    store.write(lambda tx: jobs.end(tx, "j1", "w1", "cancelled", "Stopped by Rana Amari."), "Sam Whitlock", NOW)
    with store.read() as tx:
        assert [row[0] for row in tx.all("SELECT action FROM audit ORDER BY seq")][-3:] == [
            "ask for job",
            "stop job",
            "job cancelled",
        ]
    assert store.verify().ok


def test_a_quiet_write_is_stored_and_leaves_the_version_of_the_data(store):
    before = store.data_version
    store.write(lambda tx: jobs.add(tx, "j1", "load_source", {}, "", "analyst"), "S", NOW, quiet=True)
    assert store.data_version == before and now_of(store).state == "queued"
    ask(store, "j2", n=2)
    assert store.data_version == before + 1


def test_what_is_kept_of_jobs_is_read_anew_after_a_quiet_write_and_nothing_else_is(store):
    def states() -> list[str]:
        with store.read() as tx:
            return [one.state for one in jobs.unfinished(tx)]

    def ids() -> list[tuple]:
        read.append("people")
        with store.read() as tx:
            return tx.all("SELECT id FROM person")

    def kept() -> list[str]:
        store.kept.get("people of a test", "", ids)
        return store.kept.get("waiting", "", states)

    read: list[str] = []
    assert kept() == []
    store.write(lambda tx: jobs.add(tx, "j1", "load_source", {}, "", "analyst"), "S", NOW, quiet=True)
    assert kept() == ["queued"] and read == ["people"]


# -- sources


def test_a_source_is_kept_as_it_was_said(store):
    store.write(lambda tx: sources.add(tx, HELP_DESK), "Sam Whitlock", NOW)
    with store.read() as tx:
        assert sources.every(tx) == [replace(HELP_DESK, changed_by="Sam Whitlock", changed_at=NOW)]


def test_an_old_version_of_a_source_is_not_saved_and_names_are_taken_once(store):
    store.write(lambda tx: sources.add(tx, HELP_DESK), "Sam Whitlock", NOW)
    store.write(lambda tx: sources.change(tx, replace(HELP_DESK, owner="Kim")), "Rana Amari", NOW)
    with pytest.raises(StaleEdit, match="Rana Amari"):
        store.write(lambda tx: sources.change(tx, replace(HELP_DESK, owner="Jo")), "Jo", NOW)
    with pytest.raises(UsageError, match="already"):
        store.write(lambda tx: sources.add(tx, replace(HELP_DESK, id="other", name="HELP desk")), "Jo", NOW)


def test_a_file_is_remembered_by_its_content_and_its_last_outcome_counts(store):
    one = Arrival("h", "a" * 64, "x.csv", "/exports/x.csv", 12, "waiting", "why", {"questions": []}, "", 0, None)
    store.write(lambda tx: sources.remember(tx, one), "w", NOW)
    store.write(lambda tx: sources.remember(tx, replace(one, outcome="loaded", load="l1")), "w", NOW)
    with store.read() as tx:
        (kept,) = sources.arrivals(tx)
        assert (kept.outcome, kept.load, kept.version) == ("loaded", "l1", 1)
        assert sources.arrival(tx, "h", "b" * 64) is None
    assert not store.write(lambda tx: sources.leave(tx, kept), "w", NOW), "only what waits can be left"
