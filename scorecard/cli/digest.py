"""`digest`: what channels would be told now, sending it, and the channels themselves."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from scorecard import commands as store_commands
from scorecard import delivery
from scorecard import digest as messages
from scorecard import jobs
from scorecard.access import Actor, require
from scorecard.errors import UsageError
from scorecard.store.engine import Store
from scorecard.worker import Worker

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
about_option = click.option("--about", multiple=True, type=click.Choice(list(messages.KINDS)), help="What it hears of; everything without it.")
repeat_option = click.option("--repeat-after", type=click.IntRange(0, messages.LONGEST_REPEAT), default=None, metavar="DAYS",
                             help="Say it again while it lasts; 0 is never.")


# What the store does, here or in the running server


def now(store: Store, actor: Actor, today: date, send: bool) -> dict[str, Any]:
    """What each channel would be told now; with `send` it is written, and what is live is sent."""
    require(actor, "make_links")
    address = delivery.outside().address
    if not send:
        told = messages.planned(store, today, address)
        return {"channels": len(messages.channels(store)), "sent": None, "unsent": None, "messages": [_told(one) for one in told],
                "concerns": [_concern(one) for one in messages.concerns(store, today)] if not told else []}
    told = messages.plan(store, actor, today, address)
    job = jobs.ask(store, actor, delivery.JOB, {})
    if not store.attended:
        job = Worker(store, lambda: today).do(job.id)
    return {"channels": len(messages.channels(store)), "sent": job.result.get("sent"), "unsent": job.result.get("unsent"),
            "messages": [_told(one) for one in told], "concerns": []}


def _told(one: messages.Planned) -> dict[str, Any]:
    return {"to": one.channel.recipient, "way": one.channel.way, "live": one.channel.live, "about": one.concern.about, "why": one.why,
            "subject": one.subject, "body": one.body}


def _concern(one: messages.Concern) -> dict[str, Any]:
    return {"kind": one.kind, "about": one.about, "subject": one.subject, "lines": list(one.lines), "present": bool(one.members)}


def list_channels(store: Store, actor: Actor, today: date) -> dict[str, Any]:
    """Every channel, with what keeps it from being sent to."""
    by = delivery.outside()
    return {"channels": [messages.described(one) | {"lacks": by.ready(one.way, one.recipient)} for one in messages.channels(store)]}


def add_channel(
    store: Store, actor: Actor, today: date, way: str, recipient: str, about: list[str], repeat_after: int, live: bool
) -> dict[str, Any]:
    """The new channel."""
    return messages.described(messages.add_channel(
        store, actor, way=way, recipient=recipient, about=about or list(messages.KINDS), repeat_after=repeat_after, live=live))


def change_channel(store: Store, actor: Actor, today: date, id: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The channel as it is now."""
    seen = next((one.version for one in messages.channels(store) if one.id == id), 0)
    return messages.described(messages.change_channel(store, actor, id, seen, **fields))


def remove_channel(store: Store, actor: Actor, today: date, id: str) -> dict[str, Any]:
    """The channel that went."""
    return messages.described(messages.remove_channel(store, actor, id))


# The commands


@click.group(invoke_without_command=True)
@click.option("--send", is_flag=True, help="Write the messages, and send those of live channels.")
@json_option
@click.pass_context
def digest(context: click.Context, send: bool, as_json: bool) -> None:
    """Show what channels would be told now; nothing leaves without --send."""
    if context.invoked_subcommand:
        return
    found = store_commands.call("digest", send=send)
    if as_json:
        click.echo(json.dumps(found))
        return
    for one in found["messages"]:
        click.echo(f"To {one['to']}{'' if one['live'] else ' (dry run)'}: {one['subject']}\n{one['body']}\n")
    for one in found["concerns"]:
        click.echo(f"{one['subject']}\n" + "".join(f"  {line}\n" for line in one["lines"]))
    click.echo(_outcome(found, send), err=True)


def _outcome(found: dict[str, Any], send: bool) -> str:
    if not found["channels"]:
        return "There is no channel, so nobody is told. Add one with: python -m scorecard digest channel add"
    if not send:
        return f"{len(found['messages'])} messages would be written. Nothing was sent." if found["messages"] else "Every channel knows all this. Nothing was sent."
    if found["sent"] is None:
        return f"{len(found['messages'])} messages are written; the server sends them."
    return f"{found['sent']} sent, {found['unsent']} could not be sent." + (" They are tried again." if found["unsent"] else "")


@digest.group("channel")
def channel() -> None:
    """Where messages go."""


@channel.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the channels, with what is missing on this host."""
    found = store_commands.call("channel_list")
    if as_json:
        click.echo(json.dumps(found))
        return
    table = Table("Id", "To", "About", "State", box=None, pad_edge=False)
    for one in found["channels"]:
        table.add_row(one["id"], one["recipient"], ", ".join(one["about"]), one["lacks"] if one["live"] and one["lacks"] else "live" if one["live"] else "dry run")
    Console().print(table) if found["channels"] else click.echo("No channel yet. Add one with: python -m scorecard digest channel add")


@channel.command("add")
@click.option("--email", default="", metavar="ADDRESS", help="An e-mail address.")
@click.option("--webhook", default="", metavar="NAME", help="A webhook of SCORECARD_WEBHOOKS.")
@about_option
@repeat_option
@click.option("--live", is_flag=True, help="Send for real; a dry run without it.")
@json_option
def add(email: str, webhook: str, about: tuple[str, ...], repeat_after: int | None, live: bool, as_json: bool) -> None:
    """Add a channel: a dry run until it is made live."""
    if bool(email) == bool(webhook):
        raise UsageError("Name one of --email and --webhook.")
    way = "email" if email else "webhook"
    made = store_commands.call("channel_add", way=way, recipient=email or webhook, about=list(about), repeat_after=repeat_after or 0, live=live)
    _say(made, as_json)


@channel.command("change")
@click.argument("id")
@about_option
@repeat_option
@click.option("--live/--dry-run", default=None, help="Send for real, or only write down what would be sent.")
@json_option
def change(id: str, about: tuple[str, ...], repeat_after: int | None, live: bool | None, as_json: bool) -> None:
    """Change a channel; what is not named stays."""
    fields = {"about": list(about) or None, "repeat_after": repeat_after, "live": live}
    _say(store_commands.call("channel_change", id=id, fields={key: value for key, value in fields.items() if value is not None}), as_json)


@channel.command("remove")
@click.argument("id")
@json_option
def remove(id: str, as_json: bool) -> None:
    """Take a channel away."""
    gone = store_commands.call("channel_remove", id=id)
    click.echo(json.dumps(gone) if as_json else f"{gone['recipient']} is told nothing any more.")


def _say(one: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(one))
    else:
        click.echo(f"{one['recipient']} hears of {', '.join(one['about'])}: {'live' if one['live'] else 'a dry run, nothing is sent'} ({one['id']}).")


commands = [digest]
