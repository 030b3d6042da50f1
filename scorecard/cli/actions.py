"""`action`: who does what until when, and what the measures say came of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scorecard import actions, metrics
from scorecard import commands as store_commands
from scorecard.access import Actor
from scorecard.actions import KINDS, STATES, Action
from scorecard.core import periods
from scorecard.core.verdict import VERDICTS, Verdict
from scorecard.metrics import Yearly
from scorecard.store.engine import Store

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
day_type = click.DateTime(["%Y-%m-%d"])
DAYS = ("due", "effect_by", "started")


# What the store does, here or in the running server


def add_action(store: Store, actor: Actor, today: date, **said: Any) -> dict[str, Any]:
    """The new action. Days and the period come as text, "" where there is none."""
    days = {name: date.fromisoformat(said[name]) if said[name] else None for name in DAYS}
    first = said["first_reading"]
    reading = periods.parse_column([first], "first reading")[0] if first else None
    return described(actions.add(store, actor, **(said | days | {"first_reading": reading}), today=today))


def list_actions(store: Store, actor: Actor, today: date, which: str, owner: str) -> dict[str, Any]:
    """The chosen actions in order of the date due, each with how late it is."""
    with store.read() as tx:
        found = actions.listed(tx, open_only=which in ("open", "overdue"))
    chosen = [one for one in found if not owner or one.owner == owner]
    if which == "overdue":
        chosen = actions.overdue(chosen, today)
    if which == "done":
        chosen = [one for one in chosen if not one.open]
    return {"actions": [described(one) | {"days_late": one.days_late(today)} for one in chosen]}


def set_action_state(store: Store, actor: Actor, today: date, id: str, state: str, on: str) -> dict[str, Any]:
    """The action in its new state since a day (today without one)."""
    with store.read() as tx:
        seen = actions.one(tx, id).version
    day = date.fromisoformat(on) if on else today
    return described(actions.set_state(store, actor, id, state, day, seen))


def tell_verdicts(store: Store, actor: Actor, today: date, until: str) -> dict[str, Any]:
    """What the measures say about each action that has one, and the year up to a period by kind of action."""
    with store.read() as tx:
        found = actions.listed(tx)
    told = metrics.verdicts(store, found, today)
    last = periods.parse_column([until], "until")[0] if until else periods.today_period(today, "month").shift(-1)
    year = metrics.yearly(store, today, last)
    return {
        "verdicts": [
            {"id": one.id, "title": one.title, "measure": one.measure} | said(told[one.id])
            for one in found
            if one.id in told
        ],
        "year": in_words(year),
    }


def described(action: Action) -> dict[str, Any]:
    """The action as plain values for `--json`; days and periods as text."""
    plain = {
        name: str(value) if isinstance(value, date | periods.Period) else value for name, value in vars(action).items()
    }
    return plain | {"kind_title": KINDS[action.kind]}


def said(found: Verdict) -> dict[str, Any]:
    """A verdict as plain values: a size is in the unit of the measure, a share as a fraction."""
    return {
        "verdict": found.verdict, "periods": found.months, "wanted": found.wanted, "rule": found.rule,
        "completed": str(found.completed) if found.completed else None, "old_centre": found.old_centre,
        "mean": found.mean, "size": found.size, "figures": found.figures, "sentence": found.sentence.text,
        "shared": list(found.shared),
    }  # fmt: skip


def in_words(year: Yearly) -> dict[str, Any]:
    """The table of a year as plain values; the chance and the interval are between 0 and 1."""
    kinds = [
        {name: getattr(line, name) for name in ("kind", "title", *VERDICTS, "read", "interval")} for line in year.lines
    ]
    return {"from": str(year.first), "until": str(year.until), "finished": year.finished, "worked": year.worked,
            "kinds": kinds, "chance": year.chance}  # fmt: skip


# The commands


@click.group()
def action() -> None:
    """Actions: who does what until when, and what came of it."""


@action.command("add")
@click.argument("title")
@click.option("--kind", type=click.Choice(list(KINDS)), default="process", help="What kind of action it is.")
@click.option("--owner", required=True, metavar="PERSON", help="The id of who sees to it, as in `member list`.")
@click.option("--due", type=day_type, required=True, help="The day on which it is due.")
@click.option("--measure", default="", metavar="NAME", help="The measure that it should move.")
@click.option("--segment", default="", help="In which segment; all without it.")
@click.option("--effect", type=float, help="The expected change, in the unit of the measure (0.02 is 2 points).")
@click.option("--effect-by", type=day_type, help="The day by which it is expected.")
@click.option("--first-reading", default="", metavar="PERIOD", help="The period whose figure is read first, 2027-01.")
@click.option("--started", type=day_type, help="The day on which the work changed.")
@json_option
def add(as_json: bool, **fields: Any) -> None:
    """Write an action: TITLE says what is done."""
    for name in DAYS:
        fields[name] = fields[name].date().isoformat() if fields[name] else ""
    _say(store_commands.call("action_add", **fields), as_json)


@action.command("list")
@click.option("--which", type=click.Choice(["open", "overdue", "done", "all"]), default="open", help="Which of them.")
@click.option("--owner", default="", metavar="PERSON", help="Only those of a person.")
@json_option
def list_(which: str, owner: str, as_json: bool) -> None:
    """List actions in order of the date due."""
    found = store_commands.call("action_list", which=which, owner=owner)
    if as_json:
        click.echo(json.dumps(found))
        return
    if not found["actions"]:
        click.echo("There is no such action. Write one with: python -m scorecard action add")
        return
    table = Table("Id", "Due", "Action", "Owner", "Measure", "State", box=None, pad_edge=False)
    for one in found["actions"]:
        late = f", {one['days_late']} days late" if one["days_late"] else ""
        table.add_row(
            one["id"],
            one["due"],
            escape(one["title"]),
            escape(one["owner_name"]),
            one["measure"],
            STATES[one["state"]] + late,
        )
    Console().print(table)


@action.command("done")
@click.argument("id")
@click.option("--on", type=day_type, help="The day on which it was finished; today without it.")
@click.option("--state", type=click.Choice(list(STATES)), default="done", help="Another state than done.")
@json_option
def done(id: str, on: Any, state: str, as_json: bool) -> None:
    """Say that an action is done, or how far it is."""
    day = on.date().isoformat() if on else ""
    _say(store_commands.call("action_state", id=id, state=state, on=day), as_json)


@action.command("verdicts")
@click.option(
    "--until",
    default="",
    metavar="PERIOD",
    help="The last month of the year's table; the latest complete one without it.",
)
@json_option
def verdicts(until: str, as_json: bool) -> None:
    """Say what the measures tell about each action, and what kinds of action work."""
    found = store_commands.call("action_verdicts", until=until)
    if as_json:
        click.echo(json.dumps(found))
        return
    _print_verdicts(found["verdicts"])
    _print_year(found["year"])


def _print_verdicts(found: Sequence[dict[str, Any]]) -> None:
    table = Table("Verdict", "Action", "Measure", "What it says", box=None, pad_edge=False)
    for one in sorted(found, key=lambda one: (list(VERDICTS).index(one["verdict"]), one["title"])):
        table.add_row(VERDICTS[one["verdict"]], escape(one["title"]), one["measure"], escape(one["figures"]))
    Console().print(table)


def _print_year(year: dict[str, Any]) -> None:
    noun = "action" if year["finished"] == 1 else "actions"
    click.echo(f"\n{year['finished']} {noun} finished from {year['from']} to {year['until']}, {year['worked']} worked.")
    table = Table("Kind", *VERDICTS.values(), "Worked of those read", box=None, pad_edge=False)
    for line in year["kinds"]:
        low, high = line["interval"] or (None, None)
        share = (
            f"{line['worked']} of {line['read']}, {low * 100:.0f} to {high * 100:.0f}%"
            if low is not None
            else "none read yet"
        )
        table.add_row(line["title"], *(str(line[name]) for name in VERDICTS), share)
    Console().print(table)


def _say(one: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(one))
        return
    click.echo(f"{one['title']}: {STATES[one['state']]}, {one['owner_name']}, due {one['due']} ({one['id']}).")


commands = [action]
