"""`record`: what people write down, by register: findings, comments, listening posts, assumptions, faults …"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scorecard import commands as store_commands
from scorecard import looking, registers
from scorecard.access import Actor
from scorecard.cli.load import limits
from scorecard.core.periods import day
from scorecard.errors import UsageError
from scorecard.intake.table import Limits
from scorecard.output import register_tables
from scorecard.people import own
from scorecard.registers import Imported
from scorecard.reviews import recorded
from scorecard.store.engine import Store

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
SHOWN_REFUSED = 20


# What the store does, here or in the running server


def list_records(
    store: Store, actor: Actor, today: date, register: str, account: str, about: str, state: str, since: str, until: str, words: str,
    limit: int, offset: int,
) -> dict[str, Any]:  # fmt: skip
    """The chosen entries, and how many there are in all."""
    wanted = {
        "account": account or None, "person": about or None, "state": state or None, "since": date.fromisoformat(since) if since else None,
        "until": date.fromisoformat(until) if until else None, "words": words, "actor": actor,
    }  # fmt: skip
    with store.read() as tx:
        found = registers.entries(tx, register, **wanted, limit=limit, offset=offset)
        total = registers.count(tx, register, **wanted)
    looking.looked(store, actor, registers.register(register), found, today)
    return {"register": register, "total": total, "entries": [registers.described(one) for one in found]}


def list_registers(store: Store, actor: Actor, today: date) -> dict[str, Any]:
    """Every register that the actor may read, with its fields and how many entries it has."""
    found = [one for one in registers.registers().values() if registers.may_read(actor, one.id)]
    with store.read() as tx:
        return {"registers": [
            {"id": one.id, "label": one.label, "page": one.page, "practices": list(one.practices), "entries": registers.count(tx, one.id, actor=actor),
             "states": [state.id for state in one.states],
             "fields": [{"name": field.name, "kind": field.kind, "required": field.required, "many": field.many} for field in one.fields]}
            for one in found]}  # fmt: skip


def add_record(store: Store, actor: Actor, today: date, register: str, values: dict[str, Any], state: str) -> dict[str, Any]:
    """The new entry."""
    added = registers.add(store, actor, register, values, state=state or None, today=today)
    recorded.entry_changed(store, actor, register, today)
    return registers.described(added)


def change_record(
    store: Store, actor: Actor, today: date, register: str, id: str, values: dict[str, Any], state: str, reason: str, version: int
) -> dict[str, Any]:
    """The entry as it stands now. `version` 0 is the one in force."""
    seen = version or _version(store, actor, register, id)
    changed = registers.change(store, actor, register, id, values, seen_version=seen, reason=reason, state=state or None, today=today)
    recorded.entry_changed(store, actor, register, today)
    return registers.described(changed)


def withdraw_record(store: Store, actor: Actor, today: date, register: str, id: str, reason: str, restore: bool) -> dict[str, Any]:
    """The entry that was withdrawn, or brought back."""
    if restore:
        found = registers.restore(store, actor, register, id)
        recorded.entry_changed(store, actor, register, today)
        return registers.described(found)
    with store.read() as tx:
        found = registers.one(tx, register, id, actor)
    registers.withdraw(store, actor, register, id, seen_version=found.version, reason=reason)
    recorded.entry_changed(store, actor, register, today)
    return registers.described(found)


def _version(store: Store, actor: Actor, register: str, id: str) -> int:
    with store.read() as tx:
        return registers.one(tx, register, id, actor).version


def show_history(store: Store, actor: Actor, today: date, register: str, id: str) -> dict[str, Any]:
    """Every version of an entry, the newest first."""
    with store.read() as tx:
        found = registers.history(tx, register, id, actor)
    if not found:
        raise UsageError(f"There is no {registers.register(register).one} '{id}', and there was none.")
    looking.looked(store, actor, registers.register(register), [one.entry for one in found], today)
    return {"versions": [registers.described(one.entry) | {"reason": one.reason, "withdrawn": one.withdrawn} for one in found]}


def import_records(store: Store, actor: Actor, today: date, register: str, path: str, limits: dict[str, int], accept: bool) -> dict[str, Any]:
    """What came of a file: counted, and stored when accepted."""
    found, numbers = register_tables.read_file(store, actor, register, Path(path), Path(path).name, Limits(**limits))
    done = registers.import_rows(store, actor, register, found, today, dry_run=not accept, numbers=numbers)
    if done.stored:
        recorded.entry_changed(store, actor, register, today)
    return told_import(done)


def told_import(done: Imported) -> dict[str, Any]:
    """What came of a file as plain values."""
    return {"added": done.added, "changed": done.changed, "known": done.known, "stored": done.stored, "passed_over": list(done.passed_over),
            "refused": [{"row": one.row, "reason": one.reason} for one in done.refused]}  # fmt: skip


def export_records(store: Store, actor: Actor, today: date, register: str) -> dict[str, Any]:
    """The register as the text of a CSV file."""
    return {"register": register, "csv": register_tables.csv(store, actor, register, today)}


def forget_records(store: Store, actor: Actor, today: date, accept: bool) -> dict[str, Any]:
    """What is over its time by register, deleted when accepted, and how long each is kept."""
    done = own.forget(store, actor, today, dry_run=not accept)
    kept = own.periods(store, actor)
    return {"deleted": accept, "registers": [
        {"id": one.id, "label": one.label, "keep_months": one.months, "since": one.since.isoformat() if one.since else None} for one in kept],
        "due": [{"id": one.id, "entries": one.entries, "versions": one.versions} for one in done]}  # fmt: skip


# The commands


@click.group()
def record() -> None:
    """Records: what people write down, by register (findings, comments, assumptions, faults …)."""


@record.command("registers")
@json_option
def registers_(as_json: bool) -> None:
    """List the registers with their fields; a * marks what every entry needs."""
    found = store_commands.call("record_registers")
    if as_json:
        click.echo(json.dumps(found))
        return
    table = Table("Register", "Entries", "Page", "States", "Fields", box=None, pad_edge=False)
    for one in found["registers"]:
        fields = ", ".join(field["name"] + ("*" if field["required"] else "") for field in one["fields"])
        table.add_row(one["id"], str(one["entries"]), one["page"], ", ".join(one["states"]), fields)
    Console().print(table)


@record.command("list")
@click.argument("register")
@click.option("--account", default="", metavar="ID", help="Only those about an account.")
@click.option("--person", "about", default="", metavar="PERSON", help="Only those about a person.")
@click.option("--state", default="", help="Only those in a state.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Up to this day.")
@click.option("--words", default="", help="Only those in which all these words stand.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, help="How many at most; 50 without it.")
@click.option("--offset", type=click.IntRange(0), default=0, help="How many to pass over.")
@json_option
def list_(register: str, since: Any, until: Any, as_json: bool, **wanted: Any) -> None:
    """List the entries of a register."""
    found = store_commands.call("record_list", register=register, since=_iso(since), until=_iso(until), **wanted)
    if as_json:
        click.echo(json.dumps(found))
        return
    _print_entries(register, found)


def _print_entries(register: str, found: dict[str, Any]) -> None:
    of = registers.register(register)
    if not found["entries"]:
        click.echo(f"There is no such {of.one}. Write one with: python -m scorecard record add {register}")
        return
    table = Table("Id", "Day", of.one.capitalize(), "State", box=None, pad_edge=False)
    for one in found["entries"]:
        state = of.state(one["state"])
        table.add_row(one["id"], day(date.fromisoformat(one["at"])), escape(one["title"]), state.label if state else "")
    Console().print(table)
    if found["total"] > len(found["entries"]):
        click.echo(f"{len(found['entries'])} of {found['total']}; the next with --offset.")


@record.command("add")
@click.argument("register")
@click.argument("values", nargs=-1, metavar="FIELD=VALUE...")
@click.option("--state", default="", help="Another state than the first.")
@json_option
def add(register: str, values: tuple[str, ...], state: str, as_json: bool) -> None:
    """Write an entry: `record add comment account=A1001 text="Exports are slow"`; several values with | between them."""
    _say(register, store_commands.call("record_add", register=register, values=_values(values), state=state), "written", as_json)


@record.command("change")
@click.argument("register")
@click.argument("id")
@click.argument("values", nargs=-1, metavar="FIELD=VALUE...")
@click.option("--state", default="", help="The state in which it is now.")
@click.option("--reason", default="", help="Why.")
@click.option("--version", type=click.IntRange(0), default=0, help="The version that you saw; the one in force without it.")
@json_option
def change(register: str, id: str, values: tuple[str, ...], as_json: bool, **rest: Any) -> None:
    """Change fields of an entry, or its state; FIELD= empties a field."""
    _say(register, store_commands.call("record_change", register=register, id=id, values=_values(values), **rest), "saved", as_json)


@record.command("withdraw")
@click.argument("register")
@click.argument("id")
@click.option("--reason", default="", help="Why.")
@click.option("--restore", is_flag=True, help="Bring it back.")
@json_option
def withdraw(register: str, id: str, reason: str, restore: bool, as_json: bool) -> None:
    """Take an entry back; its history stays."""
    done = store_commands.call("record_withdraw", register=register, id=id, reason=reason, restore=restore)
    _say(register, done, "brought back" if restore else "withdrawn", as_json)


@record.command("history")
@click.argument("register")
@click.argument("id")
@json_option
def history(register: str, id: str, as_json: bool) -> None:
    """Show every version of an entry: who, when, why, what it said."""
    found = store_commands.call("record_history", register=register, id=id)
    if as_json:
        click.echo(json.dumps(found))
        return
    table = Table("Version", "Day", "Who", "State", "Said", "Why", box=None, pad_edge=False)
    for one in found["versions"]:
        said = "withdrawn" if one["withdrawn"] else ", ".join(f"{name} {value}" for name, value in one["values"].items())
        at = day(date.fromisoformat(one["recorded_at"][:10]))
        table.add_row(str(one["version"]), at, escape(one["author"]), one["state"], escape(said), escape(one["reason"]))
    Console().print(table)


@record.command("import")
@click.argument("register")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Store what is in order; only look without it.")
@json_option
def import_(register: str, file: Path, yes: bool, as_json: bool) -> None:
    """Read entries from FILE (CSV, TSV, .xlsx): columns are named like the fields, or like their labels."""
    most = vars(limits())
    done = store_commands.call("record_import", register=register, path=str(file.resolve()), limits=most, accept=yes)
    if as_json:
        click.echo(json.dumps(done))
        return
    click.echo(register_tables.outcome(registers.register(register), done["added"], done["changed"], done["known"], len(done["refused"]), done["stored"]))
    for one in done["refused"][:SHOWN_REFUSED]:
        click.echo(f"Row {one['row']:,}: {one['reason']}")
    if len(done["refused"]) > SHOWN_REFUSED:
        click.echo(f"And {len(done['refused']) - SHOWN_REFUSED:,} more; --json tells all.")
    if done["passed_over"]:
        click.echo(f"Columns that are no fields are passed over: {', '.join(done['passed_over'])}.")
    if not yes:
        click.echo("Nothing is stored yet. Store it with --yes.")


@record.command("export")
@click.argument("register")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file; standard output without it.")
def export(register: str, out: Path | None) -> None:
    """Write a register as CSV, which `record import` reads again."""
    text = store_commands.call("record_export", register=register)["csv"]
    if out is None:
        click.echo(text.encode(), nl=False)
        return
    out.write_bytes(text.encode("utf-8-sig"))
    click.echo(f"{out} is written.")


@record.command("forget")
@click.option("--yes", is_flag=True, help="Delete them; only count without it.")
@json_option
def forget(yes: bool, as_json: bool) -> None:
    """Delete what is written about people and is over its time, with every version; the server does it once a day."""
    done = store_commands.call("record_forget", accept=yes)
    if as_json:
        click.echo(json.dumps(done))
        return
    due = {one["id"]: one for one in done["due"]}
    table = Table("Register", "Kept, months", "Oldest word", "Deleted" if yes else "Over their time", box=None, pad_edge=False)
    for one in done["registers"]:
        table.add_row(one["label"], str(one["keep_months"]), one["since"] or "none", _over(due.get(one["id"])))
    Console().print(table)
    if due and not yes:
        click.echo("Nothing is deleted yet. Delete with --yes; it cannot be undone.")


def _over(one: dict[str, Any] | None) -> str:
    return f"{one['entries']} entries, {one['versions']} earlier versions" if one else "none"


def _values(given: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    wrong = next((name for name, equals, _ in pairs if not equals), None)
    if wrong is not None:
        raise UsageError(f"'{wrong}' says no value. Write FIELD=VALUE, such as text=\"Exports are slow\".")
    return {name.strip(): text for name, _, text in pairs}


def _say(register: str, one: dict[str, Any], done: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(one))
        return
    state = registers.register(register).state(one["state"])
    click.echo(f"{one['title']}: {done}{f', {state.label}' if state else ''} ({one['id']}).")


def _iso(value: Any) -> str:
    return value.date().isoformat() if value else ""


commands = [record]
