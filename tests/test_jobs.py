"""Jobs: asked for by who may, done once, stopped with nothing left; sure files are loaded, others wait."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import date

import pytest

from scorecard import arrivals, jobs, loading, organisation, sources
from scorecard.core.facts import KINDS
from scorecard.errors import FileRefused, NotAllowed, ScorecardError, Stopped, UsageError
from scorecard.intake import reader
from scorecard.jobs import Kind, Task
from scorecard.metrics import computed
from scorecard.store import jobs as rows
from scorecard.worker import Worker
from tests.conftest import make_actor

TODAY = date(2026, 11, 22)
ANALYST = make_actor("analyst", "", "Sam Whitlock")
TWO = "measure,period,value\nrenewal_rate,2026-09,0.9\nrenewal_rate,2026-10,0.91\n"
UNSURE = "measure,period,value\nrenewal_rate,01/02/2026,0.9\nrenewal_rate,01/03/2026,0.91\n"
TICKETS = (
    "Ticket ID,Account,Created,Solved,Status,Priority\n1,A1,2026-10-01 09:00,2026-10-02 09:00,solved,high\n"
    "2,A1,2026-10-05 09:00,,open,low\n3,A1,soon,,open,low\n"
)


@pytest.fixture
def store(begun, read_here):
    return begun


@pytest.fixture
def place(tmp_path):
    made = tmp_path / "exports"
    made.mkdir()
    return made


@pytest.fixture
def watched(store, place):
    return sources.add(store, ANALYST, sources.new("Help desk", "folder", str(place), "*.*"))


def make_worker(store, **options) -> Worker:
    return Worker(store, lambda: TODAY, poll=0.02, look=0.05, **options)


def load_now(store, source):
    return make_worker(store).do(sources.load_now(store, ANALYST, source).id)


def put(place, text=TWO, name="monthly-2026-10.csv"):
    (place / name).write_text(text)
    return place / name


def counts(store):
    with store.read() as tx:
        state = [tx.one(f"SELECT COUNT(*) FROM {table}")[0] for table in ("figure", "load")]
    with store.facts() as tx:
        return (*state, tx.one("SELECT COUNT(*) FROM source_row")[0])


def until(what, seconds=30.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


# -- asking, doing, stopping


@pytest.mark.parametrize("role", ["viewer", "member"])
def test_who_may_not_load_files_may_not_ask_for_a_load_nor_stop_one(store, watched, role):
    nobody, job = make_actor(role, "", "Karen Holt"), sources.load_now(store, ANALYST, watched)
    for act in (
        lambda: jobs.ask(store, nobody, "load_source", {}),
        lambda: jobs.stop(store, nobody, job.id),
        lambda: arrivals.answer(store, nobody, watched.id, "x", {}),
        lambda: arrivals.leave(store, nobody, watched.id, "x"),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_an_unknown_kind_of_job_is_refused_with_the_kinds_there_are(store):
    with pytest.raises(UsageError, match="There are: load_source"):
        jobs.ask(store, ANALYST, "dance", {})


def test_a_member_who_lost_the_role_meanwhile_gets_nothing_done(store, watched, place):
    put(place)
    job = jobs.ask(store, organisation.who(store, "you"), "load_source", {"source": watched.id})
    store.write(lambda tx: tx.run("UPDATE member SET role = 'viewer' WHERE person = 'you'"), "test")
    done = make_worker(store).do(job.id)
    assert done.state == "failed" and "may not do this" in done.message and counts(store) == (0, 0, 0)


def test_a_running_job_says_how_far_it_is_and_stops_when_asked(store, monkeypatch):
    def slow(store, task: Task) -> dict:
        task.at(0.25, "a quarter is done")
        while True:
            task.watch()
            time.sleep(0.01)

    use(monkeypatch, slow)
    worker = make_worker(store)
    worker.start()
    try:
        job = jobs.ask(store, ANALYST, "slow", {})
        shown = until(lambda: (one := jobs.show(store, job.id)).progress == 0.25 and one)
        assert (shown.state, shown.message) == ("running", "a quarter is done")
        jobs.stop(store, make_actor("leader", "", "Rana Amari"), job.id)
        over = until(lambda: (one := jobs.show(store, job.id)).state == "cancelled" and one)
        assert over.message == "Stopped by Rana Amari. Nothing more of it is stored."
    finally:
        worker.stop()


def use(monkeypatch, work, name="slow"):
    """A kind of job of this test."""
    monkeypatch.setitem(jobs.KINDS, name, Kind("Slow", "load_files", f"{__name__}:unused"))
    monkeypatch.setattr(jobs, "run", lambda store, task: work(store, task))


def test_the_progress_of_a_job_empties_no_cache(store, monkeypatch):
    def work(store, task):
        for step in range(20):
            task.at(step / 20, "on it")
            time.sleep(0.01)
        return {"message": "done"}

    use(monkeypatch, work)
    monkeypatch.setattr("scorecard.worker.BEAT_SECONDS", 0.01)
    job, before = jobs.ask(store, ANALYST, "slow", {}), store.data_version
    with store.read() as tx:
        assert rows.get(tx, job.id).state == "queued"
    assert make_worker(store).do(job.id).state == "done"
    assert store.data_version == before + 1  # the outcome only


def test_a_fault_ends_the_job_and_not_the_worker(store, monkeypatch):
    def faulty(store, task):
        raise ZeroDivisionError("nobody foresaw this")

    use(monkeypatch, faulty)
    worker = make_worker(store)
    worker.start()
    try:
        first = jobs.ask(store, ANALYST, "slow", {"n": 1})
        failed = until(lambda: (one := jobs.show(store, first.id)).state == "failed" and one)
        assert "The log has the details under" in failed.message and "nobody foresaw" not in failed.message
        use(monkeypatch, lambda store, task: {"message": "fine"})
        second = jobs.ask(store, ANALYST, "slow", {"n": 2})
        assert until(lambda: jobs.show(store, second.id).state == "done")
    finally:
        worker.stop()


def test_a_worker_that_is_stopped_gives_its_job_back_within_seconds(store, monkeypatch):
    def endless(store, task):
        while True:
            task.watch()
            time.sleep(0.01)

    use(monkeypatch, endless)
    worker = make_worker(store)
    worker.start()
    job = jobs.ask(store, ANALYST, "slow", {})
    until(lambda: jobs.show(store, job.id).state == "running")
    begun = time.monotonic()
    worker.stop()
    assert time.monotonic() - begun < 8
    assert jobs.show(store, job.id).state == "queued" and jobs.show(store, job.id).attempts == 0
    assert not any(one.name == "scorecard worker" for one in threading.enumerate())


def test_two_workers_never_do_the_same_job(store, monkeypatch):
    done = []
    use(monkeypatch, lambda store, task: done.append(task.job.id) or {})
    workers = [make_worker(store) for _ in range(2)]
    monkeypatch.setattr(rows, "take_up", lambda tx, worker, alone, lane: [])
    wanted = [jobs.ask(store, ANALYST, "slow", {"n": number}).id for number in range(12)]
    for worker in workers:
        worker.start()
    until(lambda: not jobs.unfinished(store))
    for worker in workers:
        worker.stop()
    assert sorted(done) == sorted(wanted)


# -- a load of a source


def test_a_sure_file_is_loaded_once_whatever_its_name(store, watched, place):
    first = put(place)
    done = load_now(store, watched)
    assert done.state == "done" and counts(store) == (2, 1, 0)
    put(place, name="the same again.csv")
    assert load_now(store, watched).result["files"] == []
    assert counts(store) == (2, 1, 0) and first.read_text() == TWO


def test_a_job_done_twice_changes_nothing_the_second_time(store, watched, place):
    put(place)
    load_now(store, watched)
    store.write(lambda tx: tx.run("DELETE FROM arrival"), "test")  # killed between the load and its note
    again = load_now(store, watched)
    assert again.result["files"][0]["outcome"] == "known" and counts(store) == (2, 1, 0)


def test_facts_come_in_as_figures_do(store, watched, place):
    put(place, TICKETS.replace("3,A1,soon,,open,low\n", ""), "tickets.csv")
    (told,) = load_now(store, watched).result["files"]
    assert (told["outcome"], told["kind"], told["new"]) == ("loaded", "Tickets", 2)
    with store.facts() as tx:
        assert tx.one("SELECT COUNT(*) FROM ticket") == (2,)


ACCOUNTS = "account_id,account_name,segment,signup_date\nA1,Alder Clinics,Small,2025-01-10\nA2,Birch,Large,2025-03-02\n"


def test_measures_are_computed_once_after_all_files_of_a_source(store, watched, place, monkeypatch):
    asked, refresh = [], computed.refresh
    monkeypatch.setattr(computed, "refresh", lambda *given: asked.append(given[3]) or refresh(*given))
    put(place, ACCOUNTS, "accounts.csv"), put(place, ACCOUNTS.replace("A1", "A3").replace("A2", "A4"), "more-accounts.csv"), put(place)
    job = load_now(store, watched)
    assert asked == [("account",)] and [one["outcome"] for one in job.result["files"]] == ["loaded"] * 3
    assert load_now(store, watched).message == "No new file. Nothing changed." and len(asked) == 1


def test_a_load_that_was_cut_off_before_computing_computes_when_it_is_taken_up(store, watched, place, monkeypatch):
    asked = []
    monkeypatch.setattr(computed, "refresh", lambda *given: asked.append(given[3]))
    put(place)
    arrivals.load_source(store, Task(replace(sources.load_now(store, ANALYST, watched), attempts=2), ANALYST, TODAY))
    assert asked == [tuple(KINDS)]


def test_an_unsure_file_waits_with_its_question_and_its_answer_is_kept_for_the_next(store, watched, place):
    put(place, UNSURE)
    load_now(store, watched)
    ((source, one),) = arrivals.waiting(store)
    assert one.said["questions"][0]["id"] == "dates" and counts(store) == (0, 0, 0)
    job = arrivals.answer(store, ANALYST, source.id, one.sha256, {"dates": "day-first"})
    assert make_worker(store).do(job.id).result["files"][0]["outcome"] == "loaded"
    assert arrivals.waiting(store) == [] and counts(store) == (2, 1, 0)
    put(place, UNSURE.replace("2026", "2025"), "next.csv")
    assert load_now(store, watched).result["files"][0]["outcome"] == "loaded"


def test_the_choice_to_define_unknown_measures_holds_for_one_file_only(store, watched, place):
    put(place, "measure,period,value\nLogins,2026-10,7\n")
    load_now(store, watched)
    ((source, one),) = arrivals.waiting(store)
    make_worker(store).do(arrivals.answer(store, ANALYST, source.id, one.sha256, {"unknown": "define"}).id)
    assert counts(store)[0] == 1 and sources.find(store, "Help desk").choices == {}


def test_a_file_with_refused_rows_waits_unless_its_source_leaves_them_out(store, watched, place):
    put(place, TWO + "renewal_rate,soon,1\n")
    assert load_now(store, watched).result["files"][0]["outcome"] == "waiting" and counts(store) == (0, 0, 0)
    sources.change(store, ANALYST, replace(sources.find(store, "Help desk"), leave_out=True))
    assert load_now(store, watched).result["files"][0]["outcome"] == "loaded" and counts(store) == (2, 1, 1)


def test_fewer_rows_than_last_time_wait_for_somebody_to_look(store, watched, place):
    put(place, name="monthly-1.csv")
    load_now(store, watched)
    put(place, "measure,period,value\nrenewal_rate,2026-08,0.9\n", "monthly-2.csv")
    load_now(store, watched)
    ((source, one),) = arrivals.waiting(store)
    assert "Fewer rows than last time" in one.message
    make_worker(store).do(arrivals.answer(store, ANALYST, source.id, one.sha256, {}).id)
    assert counts(store)[0] == 3


def test_a_file_that_is_no_table_is_refused_and_remembered(store, watched, place):
    put(place, "nothing here", "notes.csv")
    assert load_now(store, watched).result["files"][0]["outcome"] == "refused"
    with store.read() as tx:
        from scorecard.store import sources as kept

        assert [one.outcome for one in kept.arrivals(tx)] == ["refused"]


def test_a_file_that_was_left_is_not_asked_about_again(store, watched, place):
    put(place, UNSURE)
    load_now(store, watched)
    ((source, one),) = arrivals.waiting(store)
    assert arrivals.leave(store, ANALYST, source.id, one.sha256)
    assert load_now(store, watched).result["files"] == [] and arrivals.waiting(store) == []


def test_a_file_changed_after_it_was_shown_is_not_loaded_with_the_old_answer(store, watched, place):
    path = put(place, UNSURE)
    load_now(store, watched)
    ((source, one),) = arrivals.waiting(store)
    path.write_text(UNSURE.replace("0.91", "0.19"))
    done = make_worker(store).do(arrivals.answer(store, ANALYST, source.id, one.sha256, {"dates": "day-first"}).id)
    assert done.state == "failed" and "changed since it was shown" in done.message and counts(store) == (0, 0, 0)


@pytest.mark.parametrize("text", [TWO + "renewal_rate,soon,1\n", TICKETS], ids=["figures", "facts"])
@pytest.mark.parametrize(
    "stage, look", [("Looking", 1), ("read", 1), ("read", 3), ("stored", 1), ("stored", 2), ("stored", 3)]
)
def test_a_load_stopped_at_any_step_leaves_nothing_behind(store, watched, place, monkeypatch, text, stage, look):
    monkeypatch.setattr(reader, "LOOK_SECONDS", 0.01)
    put(place, text)
    task = make_stopping(sources.load_now(store, ANALYST, watched), watched, stage, look)
    with pytest.raises(Stopped):
        arrivals.load_source(store, task)
    assert counts(store) == (0, 0, 0) and list(store.staging.iterdir()) == []
    with store.facts() as tx:
        assert tx.one("SELECT COUNT(*) FROM ticket") == (0,)
    assert load_now(store, watched).state == "done", "what was stopped can be asked for again"


def make_stopping(job, source, stage, look) -> Task:
    """A task that is stopped at a look of a stage, with somebody's yes to what is refused."""

    class Stopping(Task):
        looks = 0

        def watch(self) -> None:
            Stopping.looks += stage in self.message
            if Stopping.looks == look:
                raise Stopped("Stopped by Rana Amari.")

    return Stopping(replace(job, arguments={"source": source.id, "accepted": True}), ANALYST, TODAY)


def test_a_source_without_files_says_where_it_looked(store, watched, place):
    done = load_now(store, watched)
    assert done.state == "failed" and str(place) in done.message
    place.rmdir()
    assert "cannot be read" in load_now(store, watched).message


def test_a_removed_source_loads_nothing(store, watched, place):
    put(place)
    job = sources.load_now(store, ANALYST, watched)
    sources.remove(store, ANALYST, watched)
    assert make_worker(store).do(job.id).state == "failed" and counts(store) == (0, 0, 0)


# -- watched folders


def test_a_file_is_taken_when_two_looks_find_it_the_same(store, watched, place):
    watcher = arrivals.Watcher(store)
    path = put(place)
    assert watcher.look() == []
    path.write_text(TWO + "renewal_rate,2026-08,0.9\n")
    assert watcher.look() == []
    assert len(watcher.look()) == 1 and watcher.look() == []


@pytest.mark.parametrize("name", [".hidden.csv", "~lock.csv", "large.part", "monthly.csv.tmp", "notes.docx"])
def test_what_is_no_finished_file_is_not_taken(store, watched, place, name):
    put(place, name=name)
    (place / "empty.csv").touch()
    (place / "elsewhere.csv").symlink_to("/etc/hostname")
    watcher = arrivals.Watcher(store)
    assert [watcher.look(), watcher.look(), watcher.look()] == [[], [], []]


def test_a_paused_folder_is_not_watched(store, watched, place):
    sources.change(store, ANALYST, replace(watched, paused=True))
    put(place)
    watcher = arrivals.Watcher(store)
    assert [watcher.look(), watcher.look()] == [[], []]


def test_a_job_that_failed_for_a_file_is_not_asked_for_for_ever(store, watched, place, monkeypatch):
    put(place)
    watcher = arrivals.Watcher(store)
    watcher.look()
    (job,) = watcher.look()

    def fails(store, task):
        raise ScorecardError("The disk is full.")

    monkeypatch.setattr(jobs, "run", fails)
    assert make_worker(store).do(job.id).state == "failed"
    assert [watcher.look(), arrivals.Watcher(store).look()] == [[], []]


def test_files_that_came_while_the_sample_was_there_are_taken_when_it_is_gone(store, watched, place):
    store.write(lambda tx: tx.run("UPDATE organisation SET sample = TRUE WHERE id = 1"), "test")
    put(place)
    watcher = arrivals.Watcher(store)
    watcher.look()
    (job,) = watcher.look()
    assert "Remove the sample first" in make_worker(store).do(job.id).message and counts(store) == (0, 0, 0)
    store.write(
        lambda tx: (tx.run("UPDATE organisation SET sample = FALSE WHERE id = 1"), tx.run("DELETE FROM arrival")),
        "test",
    )  # as `sample --remove` does
    (again,) = watcher.look()
    assert make_worker(store).do(again.id).state == "done" and counts(store)[0] == 2


def test_a_folder_that_is_gone_stops_nobody(store, watched, place):
    place.rmdir()
    assert arrivals.Watcher(store).look() == []
    assert "is not there" in sources.lines(store, TODAY)[0].problem
    with pytest.raises(FileRefused, match="cannot be read"):
        arrivals.there(watched)


def test_the_worker_loads_what_is_put_into_a_watched_folder(store, watched, place, read_by_child):
    worker = make_worker(store)
    worker.start()
    try:
        put(place)
        until(lambda: loading.recent(store))
    finally:
        worker.stop()
    (load,) = loading.recent(store)
    assert (load.author, counts(store)) == ("watched folder", (2, 1, 0))
