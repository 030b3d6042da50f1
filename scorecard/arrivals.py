"""Arrivals: the files that a source brings. New ones are found by content; sure ones are loaded, others wait.

A file is never moved, changed or deleted. What was loaded, left or refused is remembered by its content, so that the
same file under another name, or found again after a restart, is not loaded twice.
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scorecard import access, jobs, loading_facts, unattended, warehouses
from scorecard.access import Actor
from scorecard.core.facts import KINDS
from scorecard.errors import FileRefused, UsageError
from scorecard.intake import reader
from scorecard.intake.reader import Counting, Watch
from scorecard.intake.table import Table
from scorecard.jobs import Task
from scorecard.store import jobs as job_rows
from scorecard.store import sources
from scorecard.store.engine import Store, Tx
from scorecard.store.jobs import Job
from scorecard.store.sources import Arrival, Source
from scorecard.unattended import Brought, Stored

OUTCOMES = ("loaded", "known", "waiting", "refused", "left")
FOLDER, WAREHOUSE = "folder", "warehouse"
WATCHER = "watched folder"
AS_SAID = "It is read as you said, and waits for you."


@dataclass(frozen=True)
class Found:
    """A file in the place of a source: what it is on disk now."""

    path: str
    size: int
    changed: int


@dataclass(frozen=True)
class Wish:
    """What a load of a source was asked for: all that is new, or one file; answers; whether somebody said yes to it, or only
    wants to see what it would bring."""

    source: Source
    sha256: str = ""
    choices: Mapping[str, str] | None = None
    accepted: bool = False
    look: bool = False


# -- what is there


def there(source: Source) -> list[Found]:
    """The files of a source, the oldest first; no links, hidden or empty ones. Raises FileRefused without the place."""
    place = Path(source.place)
    folder, pattern = (place, source.pattern) if source.way == FOLDER else (place.parent, place.name)
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        raise FileRefused(f"{source.name}: {folder} cannot be read ({error.strerror}).") from None
    found = [_found(entry) for entry in entries if _is_file_of(entry, pattern)]
    return sorted((one for one in found if one.size), key=lambda one: (one.changed, one.path))


def _is_file_of(entry: os.DirEntry, pattern: str) -> bool:
    named = fnmatch.fnmatchcase(entry.name.lower(), pattern.lower() or "*")
    return named and reader.is_readable(entry.name) and not entry.name.startswith((".", "~")) and entry.is_file(follow_symlinks=False)


def _found(entry: os.DirEntry) -> Found:
    about = entry.stat(follow_symlinks=False)
    return Found(entry.path, about.st_size, about.st_mtime_ns)


def content(path: str, watch: Watch = reader.unwatched) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while part := file.read(1 << 22):
            digest.update(part)
            watch()
    return digest.hexdigest()


# -- the job


def load_source(store: Store, task: Task) -> dict[str, Any]:
    """What came of each new file of a source (or of the one that was asked for), and one sentence about all."""
    wish = _wish(store, task.arguments)
    told: list[dict[str, Any]] = []
    try:
        (_tables if wish.source.way == WAREHOUSE else _files)(store, task, wish, told)
    finally:
        problems = _computed(store, task, told)
    store.write(lambda tx: sources.tried(tx, wish.source.id), task.actor.name, quiet=True)
    return {"source": wish.source.name, "files": told, "problems": problems, "message": " ".join([summary(told), *problems])}


def _computed(store: Store, task: Task, told: list[dict[str, Any]]) -> list[str]:
    """In words what could not be computed after these files; a job that was cut off before may have left all of it to do."""
    kinds = tuple(KINDS) if task.job.attempts > 1 else tuple(dict.fromkeys(kind for one in told for kind in one.get("kinds", ())))
    if not kinds:
        return []
    task.tell(0.95, "Measures are computed")
    done = loading_facts.refresh(store, task.actor, task.today, kinds)
    return list(done.problems) if done else []


def _files(store: Store, task: Task, wish: Wish, told: list[dict[str, Any]]) -> None:
    """Each new file is loaded; what came of it is added to `told`."""
    files = _wanted(store, wish, task)
    for number, (path, sha256) in enumerate(files):
        steps = _Steps(task, number, len(files), Path(path).name)
        told.append(_one(store, task, wish, path, sha256, steps))


def _tables(store: Store, task: Task, wish: Wish, told: list[dict[str, Any]]) -> None:
    """Each table of a warehouse that says something new is loaded. One that holds no facts is left, and not asked about."""
    choices = {**wish.source.choices, **(wish.choices or {})}
    place = Path(wish.source.place)
    found = warehouses.look(store, task.actor, place, "", choices, watch=task.watch,
                            tell=lambda share, words: task.at(0.4 * share, words))
    try:
        settled = _settled_before(store, wish.source)
        told += [_remember(store, task, wish, str(place), one.sha256, "left", why, {}, name=one.name) for one, why in found.passed
                 if one.sha256 not in settled and wish.sha256 in ("", one.sha256)]
        meant = [one for one in found.tables if one.sha256 not in settled and wish.sha256 in ("", one.sha256)]
        for number, table in enumerate(meant):
            task.at(0.4 + 0.6 * number / len(meant), f"{table.name} is stored")
            told.append(_one_table(store, task, wish, table, choices))
    finally:
        found.close()


def _one_table(store: Store, task: Task, wish: Wish, table: Table, choices: Mapping[str, str]) -> dict[str, Any]:
    begun = time.monotonic()
    try:
        brought = unattended.taken(store, task.actor, table, task.today, choices, task.watch)
    except FileRefused as refusal:
        return _remember(store, task, wish, wish.source.place, table.sha256, "refused", str(refusal), {}, name=table.name)
    try:
        return _brought(store, task, wish, brought, wish.source.place, begun)
    finally:
        unattended.close(brought)


def _wish(store: Store, arguments: Mapping[str, Any]) -> Wish:
    with store.read() as tx:
        source = sources.get(tx, str(arguments.get("source")))
    if source is None:
        raise UsageError("The source was removed. Nothing was loaded.")
    return Wish(source, str(arguments.get("sha256", "")), arguments.get("choices"), bool(arguments.get("accepted")),
                bool(arguments.get("look")))


def _wanted(store: Store, wish: Wish, task: Task) -> list[tuple[str, str]]:
    """(path, content) of the files to load, the oldest first, without those that were loaded or left before."""
    if not wish.source.place:
        raise UsageError(
            f"{wish.source.name} has no place: somebody brings its files. Load one with: "
            "python -m scorecard load FILE, or give it a place: python -m scorecard source change --place PATH."
        )
    task.at(0.0, f"Looking for files in {wish.source.place}")
    files = there(wish.source)
    if not files:
        raise FileRefused(f"{wish.source.name}: there is no file at {wish.source.place}.")
    settled = _settled_before(store, wish.source)
    hashed = {content(one.path, task.watch): one.path for one in files}
    if not wish.sha256:
        return [(path, sha256) for sha256, path in hashed.items() if sha256 not in settled]
    if wish.sha256 in settled:
        return []
    if wish.sha256 not in hashed:
        raise FileRefused(
            f"{wish.source.name}: the file is no longer there, or it has changed since it was shown. Nothing is stored."
        )
    return [(hashed[wish.sha256], wish.sha256)]


def _settled_before(store: Store, source: Source) -> set[str]:
    """The contents that were loaded or left before."""
    with store.read() as tx:
        return {one.sha256 for one in sources.arrivals(tx, source.id) if one.outcome in ("loaded", "known", "left")}


class _Steps:
    """The progress of one file among several."""

    def __init__(self, task: Task, number: int, count: int, name: str):
        self._task, self._number, self._count, self._name = task, number, count, name

    def at(self, share: float, words: str) -> None:
        """Raises Stopped when the job should stop."""
        which = f" ({self._number + 1} of {self._count})" if self._count > 1 else ""
        self._task.at((self._number + share) / self._count, f"{self._name}{which}: {words}")

    def rows(self, count: int) -> None:
        """Says how many rows of the file are read so far."""
        self._task.tell(self._task.progress, f"{self._name}: {count:,} rows are read")


def _one(store: Store, task: Task, wish: Wish, path: str, sha256: str, steps: _Steps) -> dict[str, Any]:
    """What came of one file: loaded, known, waiting or refused; remembered."""
    begun, name = time.monotonic(), Path(path).name
    steps.at(0.05, "is being read")
    choices = {**wish.source.choices, **(wish.choices or {})}
    try:
        brought = unattended.bring(store, task.actor, Path(path), task.today, choices, Counting(task.watch, steps.rows))
    except FileRefused as refusal:
        return _remember(store, task, wish, path, sha256, "refused", str(refusal), {})
    try:
        if brought.table.sha256 != sha256:
            return {
                "file": name,
                "outcome": "changing",
                "message": f"{name}: it changed while it was read. It is read again later.",
            }
        return _brought(store, task, wish, brought, path, begun, steps)
    finally:
        unattended.close(brought)


def _brought(
    store: Store, task: Task, wish: Wish, brought: Brought, path: str, begun: float, steps: _Steps | None = None
) -> dict[str, Any]:
    """What came of one file or table that is read: stored when it is sure, else it waits."""
    sha256, name = brought.table.sha256, brought.table.name if wish.source.way == WAREHOUSE else Path(path).name
    try:
        unsure = unattended.why_unsure(brought, wish.source.leave_out or wish.accepted, wish.accepted) or wish.look * AS_SAID
        if unsure:
            told = unattended.said(brought) | {"choices": dict(wish.choices or {})}
            return _remember(store, task, wish, path, sha256, "waiting", unsure, told, name=name)
        if steps:
            steps.at(0.6, "is being stored")
        done = unattended.accept(store, task.actor, brought, task.today, task.watch)
        told = unattended.said(brought) | {"seconds": round(time.monotonic() - begun, 1), "kinds": list(done.kinds)}
        return _settle(store, task, wish, path, sha256, told, done, name)
    except FileRefused as refusal:
        return _remember(store, task, wish, path, sha256, "refused", str(refusal), unattended.said(brought), name=name)


def _settle(
    store: Store, task: Task, wish: Wish, path: str, sha256: str, told: dict[str, Any], done: Stored, name: str
) -> dict[str, Any]:
    nothing = not done.new and not done.changed
    outcome = "known" if nothing else "loaded"
    words = (
        f"nothing new, {done.known:,} known already."
        if nothing
        else f"{done.new:,} new, {done.changed:,} changed" + (f", {done.refused:,} refused." if done.refused else ".")
    )
    # Where columns go is kept by the names of the columns; what is kept with a source is told of all its files.
    told_of_all = {} if wish.source.way == WAREHOUSE else wish.choices or {}
    answers = {key: one for key, one in told_of_all.items() if key not in ("unknown", "kind") and not key.startswith("column:")}

    def learn(tx: Tx) -> None:
        if answers:
            sources.learn(tx, wish.source.id, answers)
        sources.tried(tx, wish.source.id, done.load)

    store.write(learn, task.actor.name, quiet=True)
    return _remember(store, task, wish, path, sha256, outcome, words, told, done.load, name)


def _remember(
    store: Store,
    task: Task,
    wish: Wish,
    path: str,
    sha256: str,
    outcome: str,
    message: str,
    told: dict[str, Any],
    load: str = "",
    name: str = "",
) -> dict[str, Any]:
    name = name or Path(path).name
    size = Path(path).stat().st_size if Path(path).is_file() else 0
    one = Arrival(wish.source.id, sha256, name, path, size, outcome, message, told, load, 0, None)
    store.write(lambda tx: sources.remember(tx, one), task.actor.name, quiet=True)
    return {"file": name, "outcome": outcome, "message": message, "load": load, **told}


def summary(told: list[dict[str, Any]]) -> str:
    """One sentence about all files of a job."""
    if not told:
        return "No new file. Nothing changed."
    if len(told) == 1:
        return f"{told[0]['file']}: {told[0]['outcome']}: {told[0]['message']}"
    counts = {outcome: sum(one["outcome"] == outcome for one in told) for outcome in (*OUTCOMES, "changing")}
    return (
        f"{len(told):,} files: "
        + ", ".join(f"{number:,} {outcome}" for outcome, number in counts.items() if number)
        + "."
    )


# -- what waits


def waiting(store: Store) -> list[tuple[Source, Arrival]]:
    """The files that wait for an answer, with their source, the newest first."""
    with store.read() as tx:
        known = {one.id: one for one in sources.every(tx)}
        found = sources.arrivals(tx)
    return [(known[one.source], one) for one in found if one.outcome == "waiting" and one.source in known]


def answer(store: Store, actor: Actor, source: str, sha256: str, choices: Mapping[str, str], look: bool = False) -> Job:
    """The job that loads a file that waited, with these answers; they are kept for the next file of the source. To `look` is
    to read it again only: it waits with what it would bring then."""
    wanted = {"source": source, "sha256": sha256, "choices": dict(choices), "accepted": not look, **({"look": True} if look else {})}
    return jobs.ask(store, actor, "load_source", wanted)


def leave(store: Store, actor: Actor, source: str, sha256: str) -> bool:
    """Whether the file that waited is left out from now on. The file itself stays where it is."""
    access.require(actor, "load_files")

    def work(tx: Tx) -> bool:
        one = sources.arrival(tx, source, sha256)
        return one is not None and sources.leave(tx, one)

    return store.write(work, actor.name, quiet=True)


# -- watched folders


class Watcher:
    """Looks into the watched folders. A file that two looks find the same is complete, and a job is asked for it."""

    def __init__(self, store: Store):
        self._store = store
        self._before: dict[str, Found] = {}
        self._contents: dict[Found, str] = {}

    def look(self) -> list[Job]:
        """The jobs that were asked for, one for each new and complete file."""
        with self._store.read() as tx:
            folders = [one for one in sources.every(tx) if one.way == FOLDER and not one.paused]
        if not folders:
            return []
        before, self._before = self._before, {}
        return [
            job for source in folders for found in self._complete(source, before) if (job := self._ask(source, found))
        ]

    def _complete(self, source: Source, before: Mapping[str, Found]) -> list[Found]:
        try:
            now = there(source)
        except FileRefused:
            return []  # Said on the page and by the command line; a folder may come back.
        self._before |= {one.path: one for one in now}
        return [one for one in now if before.get(one.path) == one]

    def _ask(self, source: Source, found: Found) -> Job | None:
        """The new job; None when the content was seen before, or was asked for before and could not be finished."""
        if found not in self._contents:
            try:
                self._contents[found] = content(found.path)
            except OSError:
                return None  # Gone, or not readable yet: the next look tells.
        sha256 = self._contents[found]
        arguments = {"source": source.id, "sha256": sha256}
        with self._store.read() as tx:
            if sources.arrival(tx, source.id, sha256) or job_rows.asked_before(tx, "load_source", arguments):
                return None
        return jobs.ask(self._store, Actor("", WATCHER, "analyst"), "load_source", arguments)
