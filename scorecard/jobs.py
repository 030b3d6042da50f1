"""Jobs: work that goes on when the page that asked for it is closed. Asked for, watched and stopped here.

What runs them is `scorecard/worker.py`. A kind of job is a function `(store, task) -> JSON` that calls `task.at`
between its steps and `task.watch` inside long ones; done again after a crash it must come to the same end.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib import import_module
from typing import Any

from scorecard import access, organisation
from scorecard.access import Actor
from scorecard.errors import NotAllowed, Stopped, UsageError
from scorecard.store import jobs
from scorecard.store.engine import Store
from scorecard.store.jobs import EVERY, Job, Lane


@dataclass(frozen=True)
class Kind:
    """A kind of job: its words, who may ask for it, where its function is (`module:name`, imported when it runs).

    What is `personal` is for who asked alone, who stops it, or an admin. What is done `beside` does not wait for loads.
    """

    words: str
    action: str
    function: str
    personal: bool = False
    beside: bool = False


KINDS: dict[str, Kind] = {
    "load_source": Kind("Load", "load_files", "scorecard.arrivals:load_source"),
    "send_messages": Kind("Messages", "make_links", "scorecard.delivery:send_due"),
    "forget_people": Kind("Retention", "manage_members", "scorecard.people.own:forget_due"),
    "verify_audit": Kind("Audit", "read_audit", "scorecard.auditing:verify_job"),
    "make_backup": Kind("Backup", "manage_members", "scorecard.backups:make"),
    "load_file": Kind("Load", "load_files", "scorecard.handover:load_file"),
    "make_pack": Kind("Pack", "read_scorecard", "scorecard.packs:make", personal=True, beside=True),
}
LOADS = Lane(tuple(name for name, kind in KINDS.items() if kind.action == "load_files"), others=False)
BESIDE = Lane(tuple(name for name, kind in KINDS.items() if kind.beside), others=False)


class Task:
    """A job at work: what was asked, by whom, how far it is; and the place where it hears that it should stop."""

    def __init__(self, job: Job, actor: Actor, today: date):
        self.job, self.actor, self.today = job, actor, today
        self.progress, self.message, self._stopped = 0.0, "", ""

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What was asked."""
        return self.job.arguments

    def at(self, progress: float, message: str) -> None:
        """Says how far the work is, from 0 to 1, and at what. Raises Stopped when it should stop."""
        self.tell(progress, message)
        self.watch()

    def tell(self, progress: float, message: str) -> None:
        """The same, where a stop comes too late: what was done stands."""
        self.progress, self.message = progress, message

    def watch(self) -> None:
        """Nothing, while the work should go on. Raises Stopped with who stopped it."""
        if self._stopped:
            raise Stopped(self._stopped)

    def stop(self, why: str) -> None:
        """The next look of the work raises Stopped."""
        self._stopped = why


def ask(store: Store, actor: Actor, kind: str, arguments: Mapping[str, Any]) -> Job:
    """The job that was asked for: a new one, or the same one that waits already."""
    asked = KINDS.get(kind)
    if asked is None:
        raise UsageError(f"There is no kind of job '{kind}'. There are: {', '.join(KINDS)}.")
    access.require(actor, asked.action)
    identity = uuid.uuid4().hex
    found = store.write(
        lambda tx: jobs.add(tx, identity, kind, dict(arguments), actor.person, actor.role), actor.name, quiet=True
    )
    store.bell.set()
    return found


def stop(store: Store, actor: Actor, identity: str) -> Job:
    """The job after it was asked to stop: cancelled when it waited; one that runs stops within seconds."""
    found = show(store, identity)
    access.require(actor, KINDS[found.kind].action if found.kind in KINDS else "load_files")
    if found.kind in KINDS and KINDS[found.kind].personal and found.person != actor.person:
        access.require(actor, "manage_members")
    stopped = store.write(lambda tx: jobs.ask_to_stop(tx, identity), actor.name, quiet=True)
    store.bell.set()
    return stopped or show(store, identity)


def show(store: Store, identity: str) -> Job:
    """One job. Raises UsageError when there is none with this id."""
    with store.read() as tx:
        found = jobs.get(tx, identity)
    if found is None:
        raise UsageError(f"There is no job {identity!r}.")
    return found


def unfinished(store: Store) -> list[Job]:
    """What runs and what waits, in the order of its turn."""
    with store.read() as tx:
        return jobs.unfinished(tx)


def recent(store: Store, count: int = 50, lane: Lane = EVERY) -> list[Job]:
    """The last jobs, the newest first."""
    with store.read() as tx:
        return jobs.recent(tx, count, lane)


def actor_of(store: Store, job: Job) -> Actor:
    """Who the job works for: the member in the role of now, else the operator or watcher in the role it was asked in.

    Raises NotAllowed when the member is no longer active or may no longer do this.
    """
    actor = organisation.who(store, job.person) if job.person else Actor("", job.asked_by, job.role)
    if actor is None:
        raise NotAllowed(f"{job.asked_by} asked for this and is no longer an active member. Nothing was done.")
    access.require(actor, KINDS[job.kind].action)
    return actor if job.person else replace(actor, name=job.asked_by)


def is_load(job: Job) -> bool:
    """Whether a job loads files; others are not shown on the page Data."""
    return job.kind in KINDS and KINDS[job.kind].action == "load_files"


def run(store: Store, task: Task) -> dict[str, Any]:
    """What the function of the job's kind returned."""
    module, _, name = KINDS[task.job.kind].function.partition(":")
    return getattr(import_module(module), name)(store, task)
