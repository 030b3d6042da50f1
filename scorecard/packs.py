"""Packs of a month: asked for as a job, made by the worker, kept for a day for the one who asked.

Neither a closed tab nor a restart loses one. Who may have it is asked when it is ordered, when it is made and when it is taken.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from scorecard import access, reviews
from scorecard.access import Actor
from scorecard.core.periods import Period
from scorecard.errors import NotAllowed, ScorecardError, UsageError
from scorecard.jobs import Task
from scorecard.output import pack_files
from scorecard.reviews.model import Month
from scorecard.store import audit_rows, facts_head
from scorecard.store import jobs as rows
from scorecard.store.engine import Store, Tx
from scorecard.store.jobs import Job

KIND, ACTION, FOLDER = "make_pack", "read_scorecard", "packs"
# Those that lay out pages. JSON and CSV are figures alone, and are given at once.
FORMATS = ("pdf", "pptx", "xlsx", "html")
KEPT, UNFINISHED = timedelta(hours=24), timedelta(hours=1)
MOST_BYTES, MOST_WAITING, MONTHS_KEPT = 500_000_000, 10, 4
SIGNS = 12
GONE = "This file is not kept any more. Ask for it again."


@dataclass(frozen=True)
class Order:
    """What somebody wants: a month, quarter or week of a scorecard, in a format."""

    scorecard: str
    period: Period
    format: str

    @property
    def label(self) -> str:
        """`PDF pack, October 2026`."""
        return f"{pack_files.FORMATS[self.format].label}, {self.period.label}"

    @property
    def name(self) -> str:
        """The name of the file, without the hash of its content."""
        return f"{self.scorecard}-{self.period}.{self.format}"


def order_of(job: Job) -> Order:
    """What a job was asked to make. Raises UsageError for what is no order."""
    asked = {name: str(job.arguments.get(name, "")) for name in ("scorecard", "period", "format")}
    return Order(asked["scorecard"], reviews.period_of(asked["period"]), _format(asked["format"]))


def _format(text: str) -> str:
    if text not in FORMATS:
        raise UsageError(f"{text[:20]!r} is not made as a pack. There is: {', '.join(FORMATS)}.")
    return text


# -- asking

def ask(store: Store, actor: Actor, order: Order, today: date, now: datetime) -> Job:
    """The job that makes the file: the same one while it is being made, and as long as the data and the day are the same."""
    access.require(actor, ACTION)
    if not actor.person:
        raise NotAllowed("A file is kept for somebody who is known here: choose who you are at the foot of the sidebar.")
    wanted = {"scorecard": order.scorecard, "period": str(order.period), "format": _format(order.format), "for": actor.person}
    mark = _mark(store, today)

    def asked(tx: Tx) -> Job:
        mine = rows.of_person(tx, KIND, actor.person, now - 2 * KEPT)
        same = [one for one in mine if one.arguments == wanted]
        found = next((one for one in same if one.open or _stands(store, actor, one, mark)), None)
        if not found and sum(one.open for one in mine) >= MOST_WAITING:
            raise UsageError(f"{MOST_WAITING} files are being made for you already. Wait until one of them is ready.")
        return found or rows.add(tx, _next_id(wanted, same, today), KIND, wanted, actor.person, actor.role)

    job = store.write(asked, actor.name, quiet=True)
    store.bell.set()
    return job


def _next_id(wanted: dict[str, str], same: list[Job], today: date) -> str:
    """The id of the job after those for the same: two clicks at one moment come to one id, which only one of them can take."""
    said = json.dumps([wanted, same[0].id if same else "", str(today)], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def mine(store: Store, actor: Actor, now: datetime) -> list[Job]:
    """What who asks has ordered within a day, the newest first: what waits, what is at work, what can be taken, what failed."""
    access.require(actor, ACTION)
    since = now - KEPT

    def read() -> tuple[Job, ...]:
        with store.read() as tx:
            return tuple(rows.of_person(tx, KIND, actor.person, since))

    found = store.kept.get("packs of a person", actor.person, read) if actor.person else ()
    return [one for one in found if one.asked_at >= since and (one.state != "done" or _there(store, actor, one))]


def stands(store: Store, job: Job, today: date) -> bool:
    """Whether what was made would be made of the same data now."""
    return job.result.get("mark") == _mark(store, today)


def _mark(store: Store, today: date) -> str:
    """What tells the data of today from other data: the day, the last change in the audit, the last commit of the facts."""
    def read() -> str:
        with store.read() as tx, store.read_facts() as facts:
            return f"{today} {audit_rows.last_of_data(tx)} {facts_head.newest(facts)}"

    return store.kept.get("mark of packs", today, read)


def _stands(store: Store, actor: Actor, job: Job, mark: str) -> bool:
    return job.state == "done" and job.result.get("mark") == mark and _there(store, actor, job)


def _there(store: Store, actor: Actor, job: Job) -> bool:
    return job.result.get("role") == actor.role and _place(store, job).exists()


# -- taking

def content(store: Store, actor: Actor, identity: str) -> bytes:
    """The file, for the one who asked, in the role in which it was made. Raises NotAllowed for everybody else, and once it is gone."""
    access.require(actor, ACTION)
    with store.read() as tx:
        job = rows.get(tx, identity)
    if job is None or job.kind != KIND or job.state != "done" or not actor.person or job.person != actor.person:
        raise NotAllowed(GONE)
    if job.result.get("role") != actor.role:
        raise NotAllowed("What you may do has changed since this file was made. Ask for it again.")
    try:
        made = _place(store, job).read_bytes()
    except FileNotFoundError:
        raise NotAllowed(GONE) from None
    if hashlib.sha256(made).hexdigest() != job.result.get("sha256"):
        raise NotAllowed("The file on the server is not the one that was made. Ask for it again.")
    return made


# -- the job

def make(store: Store, task: Task) -> dict[str, Any]:
    """What came of an order: a sentence, the hash and the size of the file, and of which data and for which role it was made."""
    access.require(task.actor, ACTION)
    order = order_of(task.job)
    task.at(0.1, f"{order.label}: the figures are being read")
    made_of = _mark(store, task.today)
    month = _month(store, order, task.today)
    task.at(0.6, f"{order.label}: the pages are being laid out")
    made = pack_files.FORMATS[order.format].build(month)
    task.watch()
    _keep(_place(store, task.job), made)
    digest = hashlib.sha256(made).hexdigest()
    return {"message": f"{order.name} is made: {len(made):,} bytes, {digest[:SIGNS]}.", "sha256": digest, "size": len(made),
            "mark": made_of, "role": task.actor.role}


def _month(store: Store, order: Order, today: date) -> Month:
    """The month, read once for all its formats while nothing of it changes."""
    asked = (order.scorecard, order.period, today)
    return store.kept.get("month of packs", asked, lambda: reviews.month(store, *asked), MONTHS_KEPT)


def _place(store: Store, job: Job) -> Path:
    return store.staging / FOLDER / f"{job.id}.{job.arguments.get('format')}"


def _keep(place: Path, made: bytes) -> None:
    """Nothing; the file is there as a whole, for the server's own account alone. The oldest make room for it."""
    part = place.with_suffix(".part")
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _bound(place.parent, MOST_BYTES - len(made))
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(made)
        part.replace(place)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ScorecardError(f"The file could not be kept on the server: {error.strerror or error}. Ask for it again when there is room.") from error


# -- what is over its time

def tidy(store: Store, now: datetime) -> None:
    """Deletes what was kept for a day, what a killed process left half written, and the jobs that it came from."""
    folder, moment = store.staging / FOLDER, now.replace(tzinfo=UTC).timestamp()
    for path, _, changed in _files(folder):
        if moment - changed > (UNFINISHED if path.suffix == ".part" else KEPT).total_seconds():
            path.unlink(missing_ok=True)
    _bound(folder, MOST_BYTES)
    with store.read() as tx:
        old = rows.ended_before(tx, KIND, now - KEPT)
    if old:
        store.write(lambda tx: rows.forget(tx, KIND, now - KEPT), "retention", quiet=True)


def _bound(folder: Path, most: int) -> None:
    """The oldest files are gone until the rest of the folder has at most so many bytes."""
    found = _files(folder)
    total = sum(size for _, size, _ in found)
    for path, size, _ in found:
        if total <= most:
            return
        path.unlink(missing_ok=True)
        total -= size


def _files(folder: Path) -> list[tuple[Path, int, float]]:
    """(path, bytes, when it was written) of every file that is kept, the oldest first."""
    return sorted(_looked_at(folder), key=lambda one: one[2])


def _looked_at(folder: Path) -> Iterator[tuple[Path, int, float]]:
    for path in folder.glob("*"):
        try:
            found = path.stat()
        except FileNotFoundError:
            continue
        yield path, found.st_size, found.st_mtime
