"""`move`."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

import click
from rich.console import Console

from scorecard import access, places
from scorecard import commands as store_commands
from scorecard.access import Actor
from scorecard.store import moving
from scorecard.store.moving import Moved
from scorecard.store.places import shown


@click.command()
@click.option("--to", "target", required=True, metavar="URL", help="An empty database: postgresql://user@host:5432/database.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def move(target: str, yes: bool, as_json: bool) -> None:
    """Move what people write from its DuckDB file into PostgreSQL, all of it or nothing; every row is compared.

    Stop the server first. The file stays as it was. A password is better kept in ~/.pgpass or PGPASSWORD than in the address.
    """
    state, facts = places.state_place(), places.facts_place()
    if not yes:
        click.confirm(f"Move {state} to {shown(target)}?", abort=True, err=True)
    actor = Actor("", f"{store_commands.operator()} (command line)", "admin")
    with Console(stderr=True).status("Moving") as status:
        told = (lambda step: status.update(f"Moving: {step}")) if sys.stderr.isatty() else (lambda step: None)
        done = run(state, facts, target, actor, datetime.now(UTC).replace(tzinfo=None), told)
    if as_json:
        click.echo(json.dumps({"moved": state, "to": done.place, "rows": done.total, "tables": done.rows,
                               "head": {"seq": done.head.seq, "hash": done.head.hash}}))
        return
    click.echo(f"Moved {done.total:,} rows of {len(done.rows)} tables from {state} to {done.place}. Each was read back and is the same; "
               f"the audit holds, its head is row {done.head.seq:,}.")
    click.echo("Set SCORECARD_STATE to the new address and start the server. The old file is as it was: rename it once all is well.")


def run(state: str, facts: str, target: str, actor: Actor, now: datetime, told: moving.Tell) -> Moved:
    """What was moved, for a person who may."""
    access.require(actor, "manage_members")
    return moving.move(state, facts, target, actor.name, now, told)


commands = [move]
