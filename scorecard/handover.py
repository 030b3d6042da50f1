"""Files that somebody accepted on a page: handed to the worker, so that neither a closed tab nor a restart loses them.

The text as it was staged and the map as it was shown are put aside until the job is over. The job reads them again, so
that doing it twice comes to the same end; what a stop or a fault leaves of it is nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
import uuid
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from scorecard import access, exports, jobs, loading, loading_facts
from scorecard.access import Actor
from scorecard.core.facts import KINDS
from scorecard.errors import FileRefused, StoreError
from scorecard.exports import Offer
from scorecard.intake import mapfile, reader
from scorecard.intake.reader import Counting
from scorecard.intake.table import OddRow, Table
from scorecard.jobs import Task
from scorecard.loading import Proposal
from scorecard.loading_facts import Accepted
from scorecard.store.engine import Store
from scorecard.store.jobs import Job

KIND = "load_file"
FOLDER = "accepted"
STORED = 0.7  # from here on the file is stored, and only the measures are computed: a stop comes too late
# A file is put aside and its job asked for as one step: nothing tidies between the two.
_moving = threading.Lock()


# -- asking

def facts(store: Store, actor: Actor, table: Table, offered: Offer) -> Job:
    """The job that loads a file of facts by the map that was shown."""
    if offered.proposed.questions:
        raise FileRefused(f"{table.name}: a question is open. {mapfile.question_text(offered.proposed.questions[0])}.")
    return _ask(store, actor, table, {"map": mapfile.kept(offered.proposed)})


def figures(store: Store, actor: Actor, proposal: Proposal) -> Job:
    """The job that loads a file of figures by the answers that were given."""
    return _ask(store, actor, proposal.table, {"choices": dict(proposal.choices)})


def _ask(store: Store, actor: Actor, table: Table, read_by: Mapping[str, Any]) -> Job:
    access.require(actor, "load_files")
    said = json.dumps({"table": {**asdict(table), "path": ""}, **read_by}, sort_keys=True, ensure_ascii=False)
    content = hashlib.sha256(said.encode()).hexdigest()[:32]
    folder = store.staging / FOLDER
    with _moving:
        folder.mkdir(parents=True, exist_ok=True)
        if table.path.exists():
            os.replace(table.path, folder / f"{content}.parquet")
        (folder / f"{content}.json").write_text(said, "utf-8")
        return jobs.ask(store, actor, KIND, {"content": content, "file": table.name})


def cancel(store: Store, actor: Actor, identity: str) -> None:
    """Nothing; the job waits no more, or stops within seconds, and its file is let go of."""
    jobs.stop(store, actor, identity)
    tidy(store)


def tidy(store: Store) -> None:
    """Deletes every file that was put aside for a job that is over."""
    with _moving:
        there = list((store.staging / FOLDER).glob("*"))
        if not there:
            return
        wanted = {one.arguments.get("content") for one in jobs.unfinished(store) if one.kind == KIND}
        for path in there:
            if path.stem not in wanted:
                path.unlink(missing_ok=True)


# -- the job

def load_file(store: Store, task: Task) -> dict[str, Any]:
    """What came of an accepted file: counts, a sentence, and what could not be computed after it."""
    table, said = _put_aside(store, str(task.arguments.get("content")))
    try:
        task.at(0.05, f"{table.name}: {_rows(table.rows)} are being read")
        return _load_facts(store, task, table, said["map"]) if "map" in said else _load_figures(store, task, table, said["choices"])
    finally:
        reader.discard(table)


def _put_aside(store: Store, content: str) -> tuple[Table, dict[str, Any]]:
    """(the table, what it is read by); its text is a copy of its own, since loading deletes what it has loaded."""
    place = store.staging / FOLDER / content
    try:
        said = json.loads(place.with_suffix(".json").read_text("utf-8"))
        own = _copied(place.with_suffix(".parquet"), store.staging / f"{uuid.uuid4().hex}.parquet")
    except FileNotFoundError:
        raise FileRefused("The file that was accepted is no longer there. Nothing is stored. Choose it again.") from None
    told = said.pop("table")
    odd = tuple(OddRow(**one) for one in told["odd"])
    return Table(**{**told, "path": own, "columns": tuple(told["columns"]), "odd": odd, "questions": ()}), said


def _copied(here: Path, there: Path) -> Path:
    try:
        os.link(here, there)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(here, there)  # A file system without hard links.
    return there


def _load_facts(store: Store, task: Task, table: Table, body: str) -> dict[str, Any]:
    offered = exports.remade(store, task.actor, table, body, watch=Counting(task.watch, lambda rows: _told(task, table, rows)))
    try:
        proposal = offered.proposal
        if proposal is None:
            raise FileRefused(f"{table.name}: a question is open since other files came. Nothing is stored. Choose the file again.")
        task.at(0.4, f"{table.name}: {_rows(proposal.ready)} are being stored")
        done = exports.accept(store, task.actor, offered, task.today, task.watch, compute=False)
    finally:
        exports.discard(offered)
    done = _done_before(task, done)
    labels = ", ".join(KINDS[kind].label.lower() for kind in offered.proposed.kinds)
    task.tell(STORED, f"{table.name} is stored. Measures are being computed")
    return {**_counts(table, done), **_computed(store, task, offered.proposed.kinds), "message": _outcome(table, done, labels)}


def _told(task: Task, table: Table, rows: int) -> None:
    """Says how many rows are understood so far: up to where storing begins."""
    task.tell(0.05 + 0.35 * min(rows / max(table.rows, 1), 1), f"{table.name}: {rows:,} of {_rows(table.rows)} are being read")


def _done_before(task: Task, done: Accepted) -> Accepted:
    """What an attempt of this job stored that was cut off before its measures were computed, else what is done."""
    cut_off = done.changed_nothing and done.load is not None and done.load.loaded_at >= task.job.asked_at
    return replace(done, new=done.load.new, changed=done.load.changed, known=done.load.known) if cut_off else done


def _computed(store: Store, task: Task, kinds: tuple[str, ...]) -> dict[str, Any]:
    """The measures that say something else now, and in words what could not be computed."""
    try:
        made = loading_facts.refresh(store, task.actor, task.today, kinds)
    except StoreError as error:
        return {"figures": 0, "measures": [], "problems": [f"The measures are not computed yet: {error} They are with the next file."]}
    return {"figures": made.changed, "measures": list(made.measures), "problems": list(made.problems)} if made else {}


def _load_figures(store: Store, task: Task, table: Table, choices: dict[str, str]) -> dict[str, Any]:
    proposal = loading.compare(store, task.actor, table, task.today, choices)
    task.at(0.4, f"{table.name}: {proposal.ready:,} figures are being stored")
    done = loading.accept(store, task.actor, proposal, task.today, watch=task.watch)
    placed = [proposal.definitions[name].label for name in done.placed if name in proposal.definitions]
    return {**_counts(table, done), "placed": placed, "problems": [], "message": _outcome(table, done, "figures")}


def _counts(table: Table, done: Accepted | loading.Accepted) -> dict[str, Any]:
    return {"file": table.name, "new": done.new, "changed": done.changed, "known": done.known, "refused": done.refused,
            "load": done.load.id if done.load else ""}


def _outcome(table: Table, done: Accepted | loading.Accepted, labels: str) -> str:
    if done.changed_nothing:
        return f"{table.name} brought nothing new: {_rows(done.known)} known already."
    stay = "it stays in quarantine with its reason" if done.refused == 1 else "they stay in quarantine with their reasons"
    kept = f" {_rows(done.refused)} refused; {stay}." if done.refused else ""
    known = f", {done.known:,} known already" if done.known else ""
    return f"{table.name} is stored: {done.new:,} new, {done.changed:,} changed{known} ({labels}).{kept}"


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
