"""`backup` and `restore`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from scorecard import commands as store_commands
from scorecard import places
from scorecard.errors import StoreDamaged
from scorecard.store import backup as backups
from scorecard.store import restoring
from scorecard.store.places import data_folder, shown

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


@click.command()
@click.option("--drill", is_flag=True, help="Also restore the backup in a temporary place, open it and compare.")
@json_option
def backup(drill: bool, as_json: bool) -> None:
    """Make a verified backup of state and facts, also while the server runs.

    The copy is opened and counted before it counts as a backup. It lies in the folder `backups` beside the state.
    """
    made = store_commands.call("drill" if drill else "backup")
    if as_json:
        click.echo(json.dumps(made))
        return
    click.echo(
        f"Backup {made['path']}: {_rows(made['rows'])}, audit up to row {made['head']['seq']:,}. Opened and compared."
    )
    if drill:
        click.echo(f"Drill: restored beside the store and opened; {made['audit_rows_verified']:,} audit rows verified, "
                   f"{made['tables_compared']} tables compared. It can be restored.")
    click.echo("Keep a copy of that folder on another machine.")
    _warn(made["problems"])


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def restore(folder: Path | None, yes: bool, as_json: bool) -> None:
    """Put a backup in the place of the store; without FOLDER, list the backups.

    Stop the server first. What is replaced is kept beside it.
    """
    if folder is None:
        _list(_backups_folder(), as_json)
        return
    found = backups.read(folder)
    if not yes:
        files = f"{shown(places.state_place())} and {places.facts_place()}"
        click.confirm(f"Replace {files} by the backup of {_moment(found)}?", abort=True, err=True)
    now = datetime.now(UTC).replace(tzinfo=None)
    who = f"{store_commands.operator()} (command line)"
    done = restoring.restore(places.state_place(), places.facts_place(), folder, who, now)
    kept = [str(path) for path in done.kept]
    if as_json:
        click.echo(json.dumps({"restored": str(folder), "rows": found.total, "kept": kept}))
        return
    click.echo(f"Restored the backup of {_moment(found)}: {_rows(found.total)}, audit up to row {found.head.seq:,}.")
    for path in kept:
        click.echo(f"Kept what was there: {path}")


def _warn(problems: list[str]) -> None:
    """Says on standard error what did not hold of the audit when a backup was made."""
    if problems:
        click.echo(f"The audit did not hold when it was made: {problems[0]} Keep the backups that were made before.", err=True)


def _backups_folder() -> Path:
    return (data_folder(places.state_place(), places.facts_place()) or places.data_folder()) / "backups"


def _list(folder: Path, as_json: bool) -> None:
    found = [_verified(path) for path in backups.every(folder)]
    if as_json:
        click.echo(json.dumps({"backups": found}))
        return
    for one in found:
        click.echo(f"{one['path']}  {one['made_at']}  {one['words']}")
    if not found:
        click.echo(f"There is no backup in {folder}. Make one with: python -m scorecard backup")


def _verified(path: Path) -> dict[str, Any]:
    try:
        found = backups.read(path)
    except StoreDamaged as error:
        return {"path": str(path), "made_at": None, "rows": None, "words": str(error)}
    words = f"{_rows(found.total)}, verified{', but its audit did not hold' if found.problems else ''}"
    return {"path": str(path), "made_at": found.made_at.isoformat(), "rows": found.total, "words": words}


def _moment(found: backups.Backup) -> str:
    return f"{found.made_at:%-d %B %Y %H:%M} UTC"


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


commands = [backup, restore]
