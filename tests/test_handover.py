"""Accepted files are loaded by the worker: once, whole or not at all, also after a closed tab, a stop or a restart."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import replace
from datetime import date

import pytest

from scorecard import exports, handover, jobs, loading, loading_facts
from scorecard.errors import NotAllowed
from scorecard.exports import Offer
from scorecard.intake import reader
from scorecard.intake.table import Table
from scorecard.metrics.computed import Refreshed
from scorecard.output import intake_tables
from scorecard.store import facts, loads, mappings
from scorecard.worker import Worker
from tests.conftest import make_actor, make_store

TODAY = date(2026, 11, 22)
SAM = make_actor("analyst", "", "Sam Whitlock")
ACCOUNTS = b"account_id,account_name,segment,signup_date,pod\nA1,Alder,Small,2025-01-10,North\nA2,Birch,Large,2025-03-02,South\n"
FIGURES = b"measure,period,value\nrenewal_rate,2026-09,0.9\nrenewal_rate,2026-10,0.91\n"


@pytest.fixture(scope="module")
def read_once(tmp_path_factory):
    """The staged table of a file, read by one child process for all tests of it."""
    made = {}

    def table_of(content: bytes) -> Table:
        if content not in made:
            made[content] = reader.read(content, "accounts.csv", tmp_path_factory.mktemp("read"))
        return made[content]

    return table_of


@pytest.fixture
def hand_over(read_once):
    def asked(store, content: bytes = ACCOUNTS, actor=SAM, choices: dict | None = None):
        read = read_once(content)
        store.staging.mkdir(exist_ok=True)
        table = replace(read, path=store.staging / f"{uuid.uuid4().hex}.parquet")
        shutil.copy(read.path, table.path)
        return handover.facts(store, actor, table, Offer(exports.look(store, SAM, table, choices)))

    return asked


def work(store, job):
    return Worker(store, lambda: TODAY).do(job.id)


def accounts(store) -> list[tuple]:
    with store.facts() as tx:
        return tx.all("SELECT account_id, team, csm FROM account ORDER BY 1")


def staged(store) -> list:
    return [path for path in store.staging.rglob("*") if path.is_file()]


def test_an_accepted_file_is_stored_by_the_worker_with_its_map(store, hand_over):
    job = hand_over(store)
    assert job.state == "queued" and accounts(store) == []
    done = work(store, job)
    assert done.state == "done" and done.result["new"] == 2 and done.result["problems"] == []
    assert accounts(store) == [("A1", "North", None), ("A2", "South", None)] and staged(store) == []
    with store.read() as tx:
        (header,) = tx.one("SELECT header FROM column_map")
        assert mappings.find(tx, header).author == loads.recent(tx)[0].author == "Sam Whitlock"


def test_a_file_of_figures_goes_the_same_way(store):
    table = loading.read(store, SAM, FIGURES, "monthly.csv")
    definition = "renewal_rate"
    proposal = loading.compare(store, SAM, table, TODAY, {"unknown": "define"})
    done = work(store, handover.figures(store, SAM, proposal))
    assert done.state == "done" and done.result["new"] == 2 and staged(store) == []
    with store.read() as tx:
        assert tx.one("SELECT COUNT(*) FROM figure WHERE measure = $1", [definition]) == (2,)


def test_accepting_twice_is_one_job(store, hand_over):
    assert hand_over(store).id == hand_over(store).id and len(jobs.unfinished(store)) == 1


def test_a_restart_before_its_turn_loses_nothing(tmp_path, hand_over):
    first = make_store(tmp_path)
    job = hand_over(first)
    first.close()
    again = make_store(tmp_path)
    worker = Worker(again, lambda: TODAY)
    worker.start()
    worker.stop()
    assert work(again, job).state == "done" and len(accounts(again)) == 2 and staged(again) == []
    again.close()


def test_cancelling_while_it_waits_leaves_nothing_behind(store, hand_over):
    job = hand_over(store)
    handover.cancel(store, SAM, job.id)
    assert jobs.show(store, job.id).state == "cancelled" and staged(store) == [] and accounts(store) == []


def test_cancelling_while_it_is_stored_leaves_nothing_behind(store, monkeypatch, hand_over):
    job, put, looked = hand_over(store), facts.put, jobs.Task.watch
    stored = []

    def watch(task):
        if stored:
            task.stop("Stopped by Jo. Nothing more of it is stored.")
        looked(task)

    monkeypatch.setattr(facts, "put", lambda tx, *args: (stored.append(1), put(tx, *args))[1])
    monkeypatch.setattr(jobs.Task, "watch", watch)
    done = work(store, job)
    assert stored and "Nothing of it is stored." in intake_tables.outcome(done)
    assert done.state == "cancelled" and accounts(store) == [] and staged(store) == []
    with store.read() as tx:
        assert loads.recent(tx) == []


def test_a_server_killed_between_storing_and_computing_computes_after_its_restart(store, monkeypatch, hand_over):
    job, refresh = hand_over(store), loading_facts.refresh
    monkeypatch.setattr(loading_facts, "refresh", _killed)
    with pytest.raises(SystemExit):
        work(store, job)
    assert len(accounts(store)) == 2 and jobs.show(store, job.id).state == "running"
    computed = []
    monkeypatch.setattr(loading_facts, "refresh", lambda *args: (computed.append(args[-1]), refresh(*args))[1])
    done = work(store, job)
    assert done.state == "done" and done.attempts == 2 and computed == [("account",)]
    assert done.result["new"] == 2 and len(loading.recent(store)) == 1, "what the first attempt stored is what is told"
    assert staged(store) == []


def _killed(*args):
    raise SystemExit


def test_what_could_not_be_computed_is_said_with_the_outcome(store, monkeypatch, hand_over):
    monkeypatch.setattr(loading_facts, "refresh", lambda *_: Refreshed(("csat",), 3, ("NPS is not computed: <its sql>",)))
    done = work(store, hand_over(store))
    assert done.state == "done" and done.result["problems"] == ["NPS is not computed: <its sql>"]
    drawn = intake_tables.outcome(done)
    assert "<b>accounts.csv is stored:</b> 2 new" in drawn and "NPS is not computed: &lt;its sql&gt;" in drawn and "3 figures changed" in drawn


def test_the_map_that_was_shown_is_used_whatever_was_kept_since(store, hand_over):
    job = hand_over(store, choices={"column:pod": "account.csm"})
    other = work(store, hand_over(store, ACCOUNTS.replace(b"A1", b"A3").replace(b"A2", b"A4"), choices={"column:pod": "account.team"}))
    assert other.state == "done" and work(store, job).state == "done"
    assert ("A1", None, "North") in accounts(store) and ("A3", "North", None) in accounts(store)


def test_a_refused_file_says_why_and_lets_go_of_it(store, hand_over):
    job = hand_over(store)
    for path in (store.staging / handover.FOLDER).glob("*.parquet"):
        path.unlink()
    done = work(store, job)
    assert done.state == "failed" and "no longer there" in done.message and staged(store) == []
    assert "<b>accounts.csv is not stored.</b>" in intake_tables.outcome(done)


def test_a_reader_cannot_hand_a_file_over(store, viewer, hand_over):
    with pytest.raises(NotAllowed):
        hand_over(store, actor=viewer)
    assert jobs.recent(store) == []
