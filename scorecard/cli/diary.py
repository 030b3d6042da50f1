"""`diary`: what is planned, and whether it was held."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from scorecard import commands as store_commands
from scorecard import diary as entries
from scorecard.access import Actor
from scorecard.core import periods
from scorecard.reviews import recorded
from scorecard.store import diary as rows
from scorecard.store import members
from scorecard.store.engine import Store

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
day_type = click.DateTime(["%Y-%m-%d"])


# What the store does, here or in the running server


def add_entry(
    store: Store, actor: Actor, today: date, kind: str, on: str, title: str, object: str, begins: str, owner: str, until: str = ""
) -> dict[str, Any]:
    """The new entry."""
    made = entries.add(store, actor, kind=kind, title=title, object=object, planned=date.fromisoformat(on), begins=begins, owner=owner,
                       ends=date.fromisoformat(until) if until else None)
    recorded.calendar_changed(store, actor, today)
    return entries.described(made)


def list_entries(store: Store, actor: Actor, today: date, kind: str) -> dict[str, Any]:
    """Every entry by day, with the name of its owner."""
    with store.read() as tx:
        names = {one.id: one.name for one in members.people(tx)}
        found = entries.listed(tx, kind)
    return {"entries": [entries.described(one) | {"owner_name": names.get(one.owner, "")} for one in found]}


def change_entry(store: Store, actor: Actor, today: date, id: str, how: str, on: str, words: str) -> dict[str, Any]:
    """The entry as it is now: held or missed, or moved to another day."""
    with store.read() as tx:
        seen = rows.one(tx, id).version
    day = date.fromisoformat(on) if on else today
    if how == "held":
        now = entries.held(store, actor, id, day, seen, today)
    elif how == "missed":
        now = entries.missed(store, actor, id, seen, words)
    else:
        now = entries.move(store, actor, id, day, seen, words or None)
    recorded.calendar_changed(store, actor, today)
    return entries.described(now)


# The commands


@click.group()
def diary() -> None:
    """The calendar of reviews, sessions and cycles: what is planned, held, missed."""


@diary.command("list")
@click.option("--kind", type=click.Choice(list(entries.KINDS)), default=None, help="One kind; all without it.")
@json_option
def list_(kind: str | None, as_json: bool) -> None:
    """List the entries by day."""
    found = store_commands.call("diary_list", kind=kind or "")
    if as_json:
        click.echo(json.dumps(found))
        return
    table = Table("Id", "Planned", "What", "Owner", "State", box=None, pad_edge=False)
    for one in found["entries"]:
        table.add_row(one["id"], f"{_day(one['planned'])} {one['begins']}".strip(), one["title"], one["owner_name"], _state(one))
    Console().print(table) if found["entries"] else click.echo(
        "Nothing is planned yet. Plan something with: python -m scorecard diary add"
    )


@diary.command("add")
@click.option("--kind", type=click.Choice(list(entries.KINDS)), default="other", help="What it is; other without it.")
@click.option("--on", type=day_type, required=True, help="The day.")
@click.option("--title", default="", help="What people read; the kind without it.")
@click.option("--at", "begins", default="", metavar="HH:MM", help="When it begins.")
@click.option("--owner", default="", metavar="PERSON", help="Who sees to it.")
@click.option("--until", type=day_type, default=None, help="The last day of what takes weeks, such as the annual plan.")
@click.option("--object", default="", help="What it is about, such as review:customer-success:2026-10.")
@json_option
def add(kind: str, on: Any, title: str, begins: str, owner: str, until: Any, object: str, as_json: bool) -> None:
    """Plan an entry."""
    made = store_commands.call(
        "diary_add", kind=kind, on=_iso(on), title=title, begins=begins, owner=owner, object=object, until=_iso(until) if until else ""
    )
    _say(made, as_json)


@diary.command("held")
@click.argument("id")
@click.option("--on", type=day_type, help="The day on which it was held; today without it.")
@json_option
def held(id: str, on: Any, as_json: bool) -> None:
    """Say that an entry was held."""
    _say(store_commands.call("diary_change", id=id, how="held", on=_iso(on), words=""), as_json)


@diary.command("missed")
@click.argument("id")
@click.option("--note", default="", help="Why.")
@json_option
def missed(id: str, note: str, as_json: bool) -> None:
    """Say that an entry was not held."""
    _say(store_commands.call("diary_change", id=id, how="missed", on="", words=note), as_json)


@diary.command("move")
@click.argument("id")
@click.option("--to", type=day_type, required=True, help="The new day.")
@click.option("--at", "begins", default="", metavar="HH:MM", help="When it begins; as before without it.")
@json_option
def move(id: str, to: Any, begins: str, as_json: bool) -> None:
    """Put an entry on another day."""
    _say(store_commands.call("diary_change", id=id, how="moved", on=_iso(to), words=begins), as_json)


def _say(one: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(one))
    else:
        click.echo(f"{one['title']}, {_day(one['planned'])}: {_state(one)} ({one['id']}).")


def _state(one: dict[str, Any]) -> str:
    if one["state"] == "held":
        return f"held on {_day(one['held_on'])}"
    if one["state"] == "moved":
        return f"moved from {_day(one['moved_from'])}"
    return one["state"]


def _day(text: str) -> str:
    return periods.day(date.fromisoformat(text))


def _iso(value: Any) -> str:
    return value.date().isoformat() if value else ""


commands = [diary]
