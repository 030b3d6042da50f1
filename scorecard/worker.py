"""The background worker: takes one job at a time, says how far it is, and looks into the watched folders.

The server's lifespan starts one thread of it, and one beside it for what people wait for; the command line runs a single job without a thread. A job that a killed
server left behind is taken up again: what jobs do is the same when it is done twice.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

from scorecard import arrivals, backups, handover, jobs, logs, packs, watch
from scorecard.access import Actor
from scorecard.delivery import Messenger
from scorecard.errors import ScorecardError, Stopped, StoreError
from scorecard.intake import reader
from scorecard.jobs import Task
from scorecard.people import own
from scorecard.store import jobs as rows
from scorecard.store.engine import Store
from scorecard.store.jobs import Job
from scorecard.store.places import is_postgres
from scorecard.store.tx import utc_now

log = logging.getLogger("scorecard.worker")
POLL_SECONDS, LOOK_SECONDS, BEAT_SECONDS, STOP_SECONDS, BACKUP_SECONDS = 1.0, 5.0, 1.0, 10.0, 60.0
AUTHOR = "worker"
KEEPER, FORGET = Actor("", "retention", "admin"), "forget_people"
ENDING = "The server ends."
AGAIN = "The server was stopped. It is taken up again at the next start."


@dataclass(frozen=True)
class Outcome:
    """What came of a job; `queued` when it waits for the next start."""

    job: Job
    state: str
    message: str
    result: dict | None = None


class Worker:
    """One worker of one store. `today` is asked at each job: a server runs for weeks."""

    lane = rows.EVERY

    def __init__(self, store: Store, today: Callable[[], date], poll: float = POLL_SECONDS, look: float = LOOK_SECONDS):
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._store, self._today, self._poll, self._look = store, today, poll, look
        self._ending, self._thread, self._task = threading.Event(), None, None
        self._watcher = arrivals.Watcher(store)
        self._messenger = Messenger(store, today)
        self._kept_on: date | None = None
        self._backup_at = 0.0
        self._outcome: Outcome | None = None
        self._beside: Beside | None = None

    def start(self) -> None:
        """From now on jobs are done. What a killed process left in the staging folder is gone first."""
        reader.sweep(self._store.staging, float("inf"))
        handover.tidy(self._store)
        self.lane = replace(jobs.BESIDE, others=True)
        self._beside = Beside(self._store, self._today, self._poll, self._look)
        self._store.attended = True
        self._begin("scorecard worker")
        self._beside._begin("scorecard worker beside")

    def _begin(self, name: str) -> None:
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def is_alive(self) -> bool:
        """Whether the threads that do jobs are at work or wait for some."""
        return self._thread is not None and self._thread.is_alive() and (self._beside is None or self._beside.is_alive())

    def stop(self) -> None:
        """No job runs any more; the one at work waits for the next start, with nothing of it stored."""
        self._store.attended = False
        ours = [one for one in (self, self._beside) if one is not None]
        for one in ours:
            one._ending.set()
        self._store.bell.set()
        for one in ours:
            if one._thread is not None:
                one._thread.join(STOP_SECONDS)

    def do(self, identity: str) -> Job:
        """One job done here and now, without a thread; as it is when another worker has it."""
        self._take_up()
        job = self._claim(identity)
        if job is not None:
            self._done(job)
        return jobs.show(self._store, identity)

    def _work(self) -> None:
        look_at = 0.0
        while not self._ending.is_set():
            try:
                if time.monotonic() >= look_at:
                    self._look_around()
                    look_at = time.monotonic() + self._look
                worked = self._next()
            except StoreError as error:
                # The store may come back (a disk that was full): the worker does not give up before the server does.
                log.warning("the worker waits: %s", error)
                worked = False
            except Exception as error:  # noqa: BLE001  The edge of the thread: what one look meets does not end all later ones.
                watch.here.fault("worker")
                log.error("fault %s in the worker", secrets.token_hex(4), exc_info=error)
                worked = False
            if not worked:
                self._store.bell.wait(self._poll)
                self._store.bell.clear()

    def _look_around(self) -> None:
        self._watcher.look()
        self._tell()
        self.keep()
        self._back_up()

    def _tell(self) -> None:
        """Messages that are due are asked for; a fault in them does not stop the loads."""
        try:
            self._messenger.look()
        except Exception as error:  # noqa: BLE001  The edge of the thread: loads go on without messages.
            watch.here.fault("message")
            log.error("fault %s in the digest", secrets.token_hex(4), exc_info=error)

    def keep(self) -> None:
        """Once a day: what is written about people and is over its time is deleted, as a job; a fault in it does not stop the loads."""
        today = self._today()
        if today == self._kept_on:
            return
        try:
            if own.is_due(self._store, today):
                jobs.ask(self._store, KEEPER, FORGET, {})
            self._kept_on = today
        except ScorecardError as error:
            log.warning("retention waits: %s", error)

    def _back_up(self) -> None:
        """A backup that is due is asked for, as a job; what stops it does not stop the loads."""
        if time.monotonic() < self._backup_at:
            return
        self._backup_at = time.monotonic() + BACKUP_SECONDS
        try:
            backups.ask_when_due(self._store, utc_now())
        except ScorecardError as error:
            log.warning("the backup waits: %s", error)

    def _next(self) -> bool:
        """Whether there was a job to do."""
        self._write_outcome()
        if not any(self.lane.holds(one.kind) for one in jobs.unfinished(self._store)):
            return False
        self._take_up()
        job = self._claim()
        if job is not None:
            self._done(job)
        return job is not None

    def _take_up(self) -> None:
        alone = not is_postgres(self._store.place)
        for job in self._store.write(lambda tx: rows.take_up(tx, self.name, alone, self.lane), AUTHOR, quiet=True):
            log.info("job %s (%s) is taken up: %s", job.id, job.kind, job.state)

    def _claim(self, only: str = "") -> Job | None:
        return self._store.write(lambda tx: rows.claim(tx, self.name, only, self.lane), AUTHOR, quiet=True)

    def _done(self, job: Job) -> None:
        """Runs a claimed job and keeps what came of it: as soon as it can be written, when the disk is full."""
        self._outcome = self._came_of(job)
        self._write_outcome()

    def _came_of(self, job: Job) -> Outcome:
        try:
            task = Task(job, jobs.actor_of(self._store, job), self._today())
            with self._beating(task):
                result = jobs.run(self._store, task)
            return Outcome(job, "done", str(result.get("message", "")), result)
        except Stopped as stopped:
            return Outcome(job, "queued" if str(stopped) == ENDING else "cancelled", str(stopped))
        except ScorecardError as error:
            return Outcome(job, "failed", str(error))
        except KeyboardInterrupt:
            self._end(Outcome(job, "cancelled", "Stopped at the keyboard. Nothing more of it is stored."))
            raise
        except Exception as error:  # noqa: BLE001  The edge of the thread: a fault ends the job, not the worker.
            mark = secrets.token_hex(4)
            watch.here.fault("job")
            log.error("fault %s in job %s", mark, job.id, exc_info=error)
            return Outcome(job, "failed", f"Something went wrong here. The log has the details under {mark}.")

    def _write_outcome(self) -> None:
        """What came of the last job is written. Raises StoreError while it cannot be: it is tried again before the next job."""
        if self._outcome is not None:
            self._end(self._outcome)
            self._outcome = None

    def _end(self, came: Outcome) -> None:
        job = came.job
        if came.state == "queued":
            self._store.write(lambda tx: rows.give_back(tx, job.id, self.name, AGAIN), AUTHOR, quiet=True)
            return
        self._store.write(lambda tx: rows.end(tx, job.id, self.name, came.state, came.message, came.result), job.asked_by,
                          quiet=jobs.BESIDE.holds(job.kind))
        handover.tidy(self._store)
        watch.here.ended(job.kind, came.state)
        logs.event(log, "job", id=job.id, kind=job.kind, state=came.state)

    @contextmanager
    def _beating(self, task: Task) -> Iterator[None]:
        """While the block runs: signs of life in the row, and what the row and the server say handed to the task."""
        over = threading.Event()
        heart = threading.Thread(target=self._beat, args=(task, over), name="scorecard heart", daemon=True)
        heart.start()
        try:
            yield
        finally:
            over.set()
            heart.join()

    def _beat(self, task: Task, over: threading.Event) -> None:
        while not over.is_set():
            if self._ending.is_set():
                task.stop(ENDING)
                return
            try:
                asked = self._store.write(
                    lambda tx: rows.beat(tx, task.job.id, self.name, task.progress, task.message), AUTHOR, quiet=True
                )
            except StoreError as error:
                log.warning("no sign of life could be written: %s", error)
                asked = ""
            if asked is None:
                task.stop("Another worker has taken this up.")
            elif asked:
                task.stop(f"Stopped by {asked}. Nothing more of it is stored.")
            over.wait(BEAT_SECONDS)


class Beside(Worker):
    """The second thread: what somebody waits for on a page does not wait for a load. Each lane has one worker at a time."""

    lane = jobs.BESIDE

    def _look_around(self) -> None:
        packs.tidy(self._store, utc_now())
