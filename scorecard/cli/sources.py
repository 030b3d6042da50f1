"""`source` and `load --source`: what is expected from where, and loading it from a timer such as cron."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from scorecard import commands as store_commands
from scorecard import jobs, sources
from scorecard.access import Actor
from scorecard.cli import terminal
from scorecard.errors import FileRefused, UsageError
from scorecard.intake import reader
from scorecard.sources import CADENCES, Line
from scorecard.store.engine import Store
from scorecard.store.jobs import Job
from scorecard.worker import Worker

POLL_SECONDS = 0.5
# What a timer may take for done: nothing is left for a person to do.
SETTLED = ("loaded", "known", "left")
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


# What the store does, here or in the running server


def load_source(store: Store, actor: Actor, today: date, name: str) -> dict[str, Any]:
    """The job that loads what is new of a source: asked of the server's worker, or done here when no server runs."""
    job = sources.load_now(store, actor, sources.find(store, name))
    return _told(store, today, job.id)


def show_job(store: Store, actor: Actor, today: date, id: str) -> dict[str, Any]:
    """The job as it is; taken up here when its server is gone."""
    return _told(store, today, id)


def list_jobs(store: Store, actor: Actor, today: date) -> dict[str, Any]:
    """The last jobs, the newest first."""
    return {"jobs": [described(one) for one in jobs.recent(store)]}


def stop_job(store: Store, actor: Actor, today: date, id: str) -> dict[str, Any]:
    """The job after it was asked to stop."""
    return described(jobs.stop(store, actor, id))


def _told(store: Store, today: date, identity: str) -> dict[str, Any]:
    job = jobs.show(store, identity)
    if job.open and not store.attended:
        reader.sweep(store.staging, float("inf"))
        job = Worker(store, lambda: today).do(identity)
    return described(job)


def described(job: Job) -> dict[str, Any]:
    """A job as plain JSON."""
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "progress": job.progress,
        "message": job.message,
        **({"result": job.result} if job.result else {}),
    }


def list_sources(store: Store, actor: Actor, today: date) -> dict[str, Any]:
    """Every source with its last load and how fresh it is."""
    return {"sources": [_line(one) for one in sources.lines(store, today)]}


def _line(one: Line) -> dict[str, Any]:
    return {
        "name": one.name,
        "declared": one.source is not None,
        "way": one.way,
        "place": one.source.place if one.source else "",
        "cadence": one.cadence,
        "owner": one.owner,
        "state": one.state,
        "age_days": one.age,
        "due": one.due,
        "covers_to": one.covers_to,
        "last_load": one.last.loaded_at if one.last else None,
        "waiting": one.waiting,
        "problem": one.problem,
        "measures": list(one.touches),
    }


def add_source(store: Store, actor: Actor, today: date, **fields: Any) -> dict[str, Any]:
    """The new source."""
    return asdict(sources.add(store, actor, sources.new(**fields)))


def change_source(store: Store, actor: Actor, today: date, name: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The source after its fields were changed."""
    found = sources.find(store, name)
    sources.change(store, actor, replace(found, **fields))
    return asdict(sources.find(store, fields.get("name", found.name)))


def remove_source(store: Store, actor: Actor, today: date, name: str) -> dict[str, Any]:
    """The source that was removed."""
    found = sources.find(store, name)
    sources.remove(store, actor, found)
    return asdict(found)


# The commands as people call them


def run_load(name: str, as_json: bool) -> None:
    """Loads what is new of a source. Exit status 1 when a file was refused or waits, or the load was stopped."""
    told = store_commands.call("load_source", name=name)
    try:
        told = _followed(told, as_json)
    except KeyboardInterrupt:
        told = store_commands.call("job_stop", id=told["id"])
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    elif told["state"] != "done":
        raise FileRefused(told["message"] or f"{name}: the load was {told['state']}.")
    else:
        _show_files(told)
    files = told.get("result", {}).get("files", [])
    if told["state"] != "done" or any(one["outcome"] not in SETTLED for one in files):
        sys.exit(1)


def _followed(told: dict[str, Any], quiet: bool) -> dict[str, Any]:
    """The job when it is over; on a terminal its progress is shown meanwhile."""
    console = Console(stderr=True, quiet=quiet or not sys.stderr.isatty())
    with console.status("Waiting for its turn") as status:
        while told["state"] in ("queued", "running"):
            status.update(f"{told['progress']:.0%}  {told['message']}")
            time.sleep(POLL_SECONDS)
            told = store_commands.call("job_show", id=told["id"])
    return told


def _show_files(told: dict[str, Any]) -> None:
    files = told["result"]["files"]
    if not files:
        click.echo(told["message"])
    for one in files:
        settled = one["outcome"] in SETTLED
        click.echo(f"{one['file']}: {one['outcome']}: {one['message']}", err=not settled)
        for warning in one.get("warnings", ()):
            click.echo(f"  {warning}", err=not settled)
        for asked in one.get("questions", ()):
            words = "; ".join(words for _, words in asked["options"][:6])
            click.echo(
                f"  Answer it on the Data page, or load the file by hand: {asked['flag'] or ''} ({words})", err=True
            )


@click.group()
def source() -> None:
    """What is expected from where, and how fresh it is."""


def _fields(command: Any) -> Any:
    for option in reversed(
        (
            click.option("--folder", type=click.Path(path_type=Path), help="A folder that the server watches."),
            click.option(
                "--file",
                type=click.Path(path_type=Path),
                help="A file, or a pattern of files, that 'load --source' reads.",
            ),
            click.option(
                "--warehouse",
                type=click.Path(path_type=Path),
                help="A DuckDB file or Parquet folder that a loader fills; 'load --source' reads it where it is.",
            ),
            click.option(
                "--pattern", help="Which files of the folder, or which files that somebody brings: help-desk-*.csv"
            ),
            click.option("--every", "cadence", type=click.Choice(list(CADENCES)), help="How often it comes."),
            click.option(
                "--expected", "expected_day", type=int, help="How many days after the end of a period it is expected."
            ),
            click.option("--owner", help="Who brings it."),
            click.option(
                "--leave-out/--ask", "leave_out", default=None, help="Whether refused rows are left out, or wait."
            ),
        )
    ):
        command = option(command)
    return command


def _given(folder: Path | None, file: Path | None, warehouse: Path | None, **fields: Any) -> dict[str, Any]:
    """The fields that were said, with the place and the way in that it makes."""
    named = {"folder": folder, "file": file, "warehouse": warehouse}
    if sum(map(bool, named.values())) > 1:
        raise UsageError("One of --folder, --file and --warehouse, not several.")
    way, place = next(((way, place) for way, place in named.items() if place), ("", None))
    said = {name: value for name, value in fields.items() if value is not None}
    if place:
        said |= {"way": way, "place": str(place.expanduser().absolute())}
    return said


@source.command("add")
@click.argument("name")
@_fields
@json_option
def add(name: str, as_json: bool, **fields: Any) -> None:
    """Add a source: a folder that is watched, a file or warehouse that 'load --source NAME' reads, or files that somebody brings.

    Files are never moved or deleted. What is sure is loaded; the rest waits on the Data page with its question.
    """
    made = store_commands.call("source_add", name=name, **{"way": "file"} | _given(**fields))
    if as_json:
        click.echo(json.dumps(made, ensure_ascii=False))
        return
    where = f" from {made['place']}" if made["place"] else ""
    click.echo(
        f"{made['name']} is expected{where}, {CADENCES[made['cadence']]}, {_days(made['expected_day'])} after the "
        f"end of a {made['cadence']}."
    )
    if made["way"] in ("file", "warehouse") and made["place"]:
        click.echo(f"For cron: python -m scorecard load --source {json.dumps(made['name'], ensure_ascii=False)}")


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


@source.command("change")
@click.argument("name")
@click.option("--name", "new_name", help="Another name.")
@click.option("--pause/--resume", "paused", default=None, help="Whether its folder is watched.")
@_fields
@json_option
def change(name: str, new_name: str | None, paused: bool | None, as_json: bool, **fields: Any) -> None:
    """Change what is expected of a source; what is not named stays."""
    made = store_commands.call("source_change", name=name, fields=_given(**fields, name=new_name, paused=paused))
    click.echo(json.dumps(made, ensure_ascii=False) if as_json else f"{made['name']} is changed.")


@source.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def remove(name: str, yes: bool, as_json: bool) -> None:
    """Forget a source. What it loaded stays, and its files stay where they are."""
    if not yes:
        click.confirm(f"Forget {name}, and which of its files were loaded?", abort=True, err=True)
    gone = store_commands.call("source_remove", name=name)
    click.echo(
        json.dumps(gone, ensure_ascii=False) if as_json else f"{gone['name']} is forgotten. What it loaded stays."
    )


@source.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the sources with their last load and how fresh they are."""
    found = store_commands.call("source_list")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    elif found["sources"]:
        _show(found["sources"])
    else:
        click.echo("No source yet. Add one: python -m scorecard source add NAME --folder PATH")


def _show(found: list[dict[str, Any]]) -> None:
    rows = [
        (
            one["name"],
            f"{one['way']}, {CADENCES.get(one['cadence'], one['cadence'])}",
            one["covers_to"] or "",
            one["problem"] or _state(one),
        )
        for one in found
    ]
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(row))
        return
    table = Table("Source", "Way in", "Covers to", "Freshness", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*map(terminal.plain, row))
    Console().print(table)


def _state(one: dict[str, Any]) -> str:
    late = {"stale": f"stale, {one['age_days']} days", "late": f"expected since {one['due']}", "new": "nothing yet"}
    waits = f"; {one['waiting']} waiting" if one["waiting"] else ""
    return late.get(one["state"], one["state"]) + waits


commands = [source]
