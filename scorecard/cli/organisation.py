"""`check`, `measure` and `member`: definitions against the store, the ten slots, and who may use the product."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from scorecard import access, backups, measures, metrics, organisation, places
from scorecard import commands as store_commands
from scorecard.access import Actor
from scorecard.cli import terminal
from scorecard.core import measures_file, periods
from scorecard.core.definition import Definition
from scorecard.core.periods import Period
from scorecard.errors import DefinitionError, StoreDamaged, UsageError
from scorecard.organisation import Member, Person
from scorecard.store import definitions, orphans
from scorecard.store.engine import Store
from scorecard.store.tx import utc_now

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
reason_option = click.option("--reason", required=True, help="Why, in a sentence; it is kept with the change.")
scorecard_option = click.option("--scorecard", default="", metavar="ID", help="A scorecard; the first without it.")


# -- the commands as the store's process runs them: plain JSON in, plain JSON out

def compare(store: Store, actor: Actor, today: date, text: str, name: str) -> dict[str, Any]:
    """What differs between the file's text and the store, rows that point at nothing, and what is not used yet."""
    access.require(actor, "read_scorecard")
    file = definitions.parse(text, name)
    with store.read() as tx:
        found, lost = definitions.differences(file, tx), orphans.find(tx)
    backed = backups.standing(store, utc_now()).trouble
    return {"measures": len(file), "differences": [vars(one) | {"sentence": str(one)} for one in found], "orphans": lost,
            "notices": [*definitions.notices(file), *([backed] if backed else [])]}


def take_file(store: Store, actor: Actor, today: date, text: str, name: str) -> dict[str, Any]:
    """The ids of the measures that now stand in the store as the file writes them."""
    return {"taken": measures.take_file(store, actor, definitions.parse(text, name), today)}


def take_store(store: Store, actor: Actor, today: date, text: str, name: str) -> dict[str, Any]:
    """The file's text with what the store says, and the ids of the measures that changed in it."""
    access.require(actor, "read_scorecard")
    file = definitions.parse(text, name)
    with store.read() as tx:
        stored, found = definitions.current(tx), definitions.differences(file, tx)
    changed = [one for one in stored if any(difference.measure == one for difference in found)]
    for id in changed:
        text = measures_file.with_measure(text, _for_file(stored[id], file.get(id), organisation.organisation(store).currency))
    again = definitions.parse(text, name)
    with store.read() as tx:
        left = [one.measure for one in definitions.differences(again, tx) if one.measure in changed]
    if left:
        raise DefinitionError(f"{name} is written in a way that cannot be changed by itself: measure '{left[0]}'. Change it by hand.")
    return {"taken": changed, "text": text}


def _for_file(stored: Definition, file: Definition | None, currency: str) -> Definition:
    own = file.currency if file else ""
    return replace(stored, currency=own if stored.currency == currency and not own else stored.currency)


def list_measures(store: Store, actor: Actor, today: date) -> dict[str, Any]:
    """Every measure with its slots, and the scorecards."""
    access.require(actor, "read_scorecard")
    cards = measures.scorecards(store)
    slots = {name: [f"{card.id} {slot}" for card in cards for slot, held in card.slots if held == name] for name in measures.current(store)}
    return {"measures": [measures_file.as_table(one) | {"id": name, "slots": slots[name]} for name, one in measures.current(store).items()],
            "scorecards": [{"id": card.id, "name": card.name, "audience": card.audience, "rule_set": card.rule_set,
                            "measures": list(card.measures)} for card in cards]}


def show_measure(store: Store, actor: Actor, today: date, measure: str) -> dict[str, Any]:
    """One measure as the file would write it, and every version of it."""
    access.require(actor, "read_scorecard")
    one = definitions.find(measures.current(store), measure)
    versions = [{"version": past.version, "author": past.author, "reason": past.reason, "source": past.source,
                 "recorded_at": past.recorded_at} for past in measures.history(store, one.name)]
    return {"id": one.name, "definition": measures_file.as_table(one), "toml": measures_file.to_toml(one), "versions": versions}


def figures_of(store: Store, actor: Actor, today: date, measure: str, by: str = "", first: str = "", last: str = "") -> dict[str, Any]:
    """The figures of a measure by period."""
    access.require(actor, "read_scorecard")
    one = definitions.find(measures.current(store), measure)
    ends = [_period(text) if text else None for text in (first, last)]
    return metrics.figures(store, actor, one.name, by, *ends, today)


def _period(text: str) -> Period:
    found = periods.parse(text)
    if found is None:
        raise UsageError(f"{text!r} is no period. Write 2026-10, 2026-Q4, 2026-W42 or 2026-10-31.")
    return periods.containing(found[1], found[0])


def compute(store: Store, actor: Actor, today: date) -> dict[str, Any]:
    """What computing all measures from facts again did."""
    access.require(actor, "load_files")
    done = metrics.refresh(store, actor, today)
    return {"measures": list(done.measures), "changed": done.changed, "problems": list(done.problems)}


def save_measure(store: Store, actor: Actor, today: date, measure: str, table: dict[str, Any], reason: str, new: bool) -> dict[str, Any]:
    """The measure with these keys changed, or a new one of them, and its version."""
    known = measures.current(store)
    if new:
        measure, old, version = measure, {}, 0
    else:
        found = definitions.find(known, measure)
        measure, old, version = found.name, measures_file.as_table(found), measures.history(store, found.name)[0].version
    one = measures_file.parse_one(measure, old | table, known)
    return {"id": measure, "version": measures.save_measure(store, actor, one, reason, version, today)}


def change_slot(store: Store, actor: Actor, today: date, scorecard: str, measure: str, out: str = "", reason: str = "",
                retire: bool = False) -> dict[str, Any]:
    """The scorecard after a measure got a slot, was traded in for `out`, or was retired."""
    known = measures.current(store)
    card = scorecard or next(iter(measures.scorecards(store))).id
    name = definitions.find(known, measure).name
    if retire:
        done = measures.retire(store, actor, card, name, reason)
    elif out:
        done = measures.trade_in(store, actor, card, definitions.find(known, out).name, name, reason)
    else:
        done = measures.add_to_slot(store, actor, card, name, today)
    return {"id": done.id, "name": done.name, "slots": dict(done.slots)}


def list_members(store: Store, actor: Actor, today: date) -> dict[str, Any]:
    """Every member in alphabetical order."""
    access.require(actor, "read_scorecard")
    teams = {team.id: team.name for team in organisation.teams(store)}
    return {"members": [_member(one) | {"team": teams.get(one.person.team, "")} for one in organisation.member_list(store)]}


def add_member(store: Store, actor: Actor, today: date, name: str, role: str, email: str, team: str) -> dict[str, Any]:
    """The new member; a team is named by its id or its name."""
    found = [one.id for one in organisation.teams(store) if team.casefold() in (one.id, one.name.casefold())]
    return _member(organisation.add_member(store, actor, Person("", name, email=email, team=found[0] if found else team), role))


def change_member(store: Store, actor: Actor, today: date, member: str, role: str = "", active: bool | None = None) -> dict[str, Any]:
    """The member in another role, suspended, or active again."""
    found = _found(organisation.member_list(store), member)
    if role:
        return _member(organisation.set_role(store, actor, found.person.id, role, found.version))
    change = organisation.reactivate if active else organisation.suspend
    return _member(change(store, actor, found.person.id, found.version))


def _found(known: Sequence[Member], text: str) -> Member:
    matches = [one for one in known if text.casefold() in (one.person.id, one.person.name.casefold(), one.person.email)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise UsageError(f"{len(matches)} members are called {text!r}: {', '.join(one.person.id for one in matches)}. Name one by its id.")
    raise UsageError(f"There is no member {text!r}. Known are: {', '.join(one.person.id for one in known)}.")


def _member(one: Member) -> dict[str, Any]:
    return {"id": one.person.id, "name": one.person.name, "email": one.person.email, "role": one.role, "active": one.active,
            "last_seen": one.last_seen}


# -- check

@click.command()
@click.option("--take", type=click.Choice(["file", "store"]),
              help="Where they differ: record what the file says, or write into the file what the store says.")
@json_option
def check(take: str | None, as_json: bool) -> None:
    """Check the file of definitions, compare it with the store, and look for rows that point at nothing.

    Exit status 1 when the file has a mistake or a row points at nothing; a difference alone is told and is no error.
    """
    path = places.measures_file()
    try:
        text = definitions.read_text(path)
        definitions.parse(text, path.name)
    except DefinitionError as error:
        if as_json:
            click.echo(json.dumps({"ok": False, "file": str(path), "errors": str(error).splitlines()}))
        raise
    taken = _take(take, text) if take else []
    found = store_commands.call("check", text=definitions.read_text(path), name=path.name)
    ok = not found["orphans"]
    if as_json:
        click.echo(json.dumps({"ok": ok, "file": str(path), "errors": [], "taken": taken, **found}))
    else:
        _tell(path.name, found, taken, take)
    if not ok:
        raise StoreDamaged(f"{len(found['orphans'])} rows point at nothing. Restore a backup, or ask who maintains the store.")


def _take(take: str, text: str) -> list[str]:
    path = places.measures_file()
    done = store_commands.call(f"take_{take}", text=text, name=path.name)
    if take == "store" and done["taken"]:
        definitions.write_text(path, done["text"])
    return done["taken"]


def _tell(name: str, found: Mapping[str, Any], taken: Sequence[str], take: str | None) -> None:
    click.echo(f"{name}: {found['measures']} measures, written correctly.")
    if take:
        click.echo(f"Taken from the {take}: {', '.join(taken) or 'nothing, they were the same'}.")
    for line in (*found["notices"], *(one["sentence"] for one in found["differences"]), *found["orphans"]):
        click.echo(line)
    if found["differences"]:
        click.echo("Decide with --take file (record what the file says) or --take store (write what the store says).")
    else:
        click.echo("The file and the store say the same.")


# -- measure

class _MeasureGroup(click.Group):
    """`measure NAME` prints the figures of a measure; a word that is a subcommand is that subcommand."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = ["figures", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_MeasureGroup)
def measure() -> None:
    """Measures: the figures of one (measure NAME), list, show, compute, add, edit, give a slot, trade in, retire."""


@measure.command("figures")
@click.argument("name")
@click.option("--by", type=click.Choice(["segment", "team", "csm"]), help="A row for each segment, team or CSM; those of CSMs as their leader or oneself (--as).")
@click.option("--as", "person", default="", metavar="PERSON", help="Ask as this member; without it the operator of this host asks.")
@click.option("--from", "first", metavar="PERIOD", help="From this period on, such as 2026-01.")
@click.option("--to", "last", metavar="PERIOD", help="Up to this period.")
@json_option
def measure_figures(name: str, by: str | None, person: str, first: str | None, last: str | None, as_json: bool) -> None:
    """The figures of a measure by period; `measure NAME` is the same.

    A figure is partial while its period is not over, or its facts do not reach the period's end.
    """
    found = store_commands.call("measure_figures", person=person, measure=name, by=by or "", first=first or "", last=last or "")
    heads = ["Period", *([by.title() if by != "csm" else "CSM"] if by else []), "Value", "Numerator", "Denominator", ""]
    rows = [(one["period"], *([one[by]] if by else []), *(_figure(one[key]) for key in ("value", "numerator", "denominator")),
             "partial" if one["partial"] else "not reached" if one.get("not_reached") else "") for one in found["rows"]]
    _show(found, as_json, heads, rows, f"{found['label']} has no figures yet.")


def _figure(x: float | None) -> str:
    return "" if x is None else f"{x:,.10g}" if abs(x) >= 1000 else f"{x:.6g}"


@measure.command("compute")
@json_option
def measure_compute(as_json: bool) -> None:
    """Compute every measure from the loaded facts again, as each load of facts does."""
    done = store_commands.call("measure_compute")
    if as_json:
        click.echo(json.dumps(done))
        return
    click.echo(f"{len(done['measures'])} measures are computed from facts; {done['changed']:,} figures changed.")
    for problem in done["problems"]:
        click.echo(problem)


@measure.command("list")
@json_option
def measure_list(as_json: bool) -> None:
    """List the measures, those with a slot first."""
    found = store_commands.call("measure_list")
    rows = [(one["id"], one["label"], one.get("kind", "lagging"), one.get("owner", ""), ", ".join(one["slots"])) for one in found["measures"]]
    _show(found, as_json, ("Id", "Label", "Kind", "Owner", "Slot"), rows, "No measure is defined yet.")


@measure.command("show")
@click.argument("name")
@json_option
def measure_show(name: str, as_json: bool) -> None:
    """Show one measure as the file would write it, and its versions."""
    found = store_commands.call("measure_show", measure=name)
    if not as_json:
        click.echo(found["toml"])
    _show(found, as_json, ("Version", "When, UTC", "Who", "Why"),
          [(str(one["version"]), one["recorded_at"][:16].replace("T", " "), one["author"], one["reason"]) for one in found["versions"]])


@measure.command("add")
@click.argument("id")
@click.argument("keys", nargs=-1, required=True, metavar="KEY=VALUE...")
@reason_option
@json_option
def measure_add(id: str, keys: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Add a measure: an id, and keys as in the file of definitions.

    For example: measure add effort_score label="Effort score" unit=score --reason "asked by the board"
    """
    done = store_commands.call("measure_save", measure=id, table=_table(keys), reason=reason, new=True)
    click.echo(json.dumps(done) if as_json else f"{done['id']} is defined. Give it a slot with: python -m scorecard measure slot {done['id']}")


@measure.command("edit")
@click.argument("name")
@click.argument("keys", nargs=-1, required=True, metavar="KEY=VALUE...")
@reason_option
@json_option
def measure_edit(name: str, keys: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Change keys of a measure; what past months said is kept."""
    done = store_commands.call("measure_save", measure=name, table=_table(keys), reason=reason, new=False)
    click.echo(json.dumps(done) if as_json else f"{done['id']} is now at version {done['version']}.")


@measure.command("slot")
@click.argument("name")
@scorecard_option
@json_option
def measure_slot(name: str, scorecard: str, as_json: bool) -> None:
    """Give a measure a free slot. With ten in use it says when each last gave a signal."""
    _told_slots(store_commands.call("measure_slot", scorecard=scorecard, measure=name), as_json)


@measure.command("trade-in")
@click.argument("out")
@click.argument("name")
@reason_option
@scorecard_option
@json_option
def measure_trade_in(out: str, name: str, reason: str, scorecard: str, as_json: bool) -> None:
    """Put the measure NAME into the slot of OUT, whose history is kept."""
    _told_slots(store_commands.call("measure_slot", scorecard=scorecard, measure=name, out=out, reason=reason), as_json)


@measure.command("retire")
@click.argument("name")
@reason_option
@scorecard_option
@json_option
def measure_retire(name: str, reason: str, scorecard: str, as_json: bool) -> None:
    """Take a measure out of its slot; it is still computed and charted."""
    _told_slots(store_commands.call("measure_slot", scorecard=scorecard, measure=name, reason=reason, retire=True), as_json)


def _told_slots(done: Mapping[str, Any], as_json: bool) -> None:
    _show(done, as_json, ("Slot", done["name"]), list(done["slots"].items()), "No measure has a slot.")


def _table(keys: Sequence[str]) -> dict[str, Any]:
    """The keys as TOML reads them; a bare word is a text, so that nobody quotes twice in a shell."""
    found: dict[str, Any] = {}
    for pair in keys:
        key, equals, text = pair.partition("=")
        if not equals:
            raise UsageError(f"{pair!r} is not KEY=VALUE. Write for example owner=\"Nora Falk\".")
        try:
            found[key.strip()] = tomllib.loads(f"x = {text}")["x"]
        except tomllib.TOMLDecodeError:
            found[key.strip()] = text
    return found


# -- member

@click.group()
def member() -> None:
    """Members: list, add, change, suspend; sign-in links, sessions."""


@member.command("list")
@json_option
def member_list(as_json: bool) -> None:
    """List the members in alphabetical order."""
    found = store_commands.call("member_list")
    rows = [(one["id"], one["name"], one["role"] if one["active"] else f"{one['role']}, suspended", one["team"], one["email"])
            for one in found["members"]]
    _show(found, as_json, ("Id", "Name", "Role", "Team", "E-mail"), rows)


@member.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(access.ROLES), default="member", show_default=True)
@click.option("--email", default="", help="Needed where people sign in; not on a single machine.")
@click.option("--team", default="", help="The id or the name of a team.")
@json_option
def member_add(name: str, role: str, email: str, team: str, as_json: bool) -> None:
    """Add a member. On the host this is how the first leader is named."""
    done = store_commands.call("member_add", name=name, role=role, email=email, team=team)
    click.echo(json.dumps(done) if as_json else f"{done['name']} is {done['role']} now, id {done['id']}.")


@member.command("role")
@click.argument("person")
@click.argument("role", type=click.Choice(access.ROLES))
@json_option
def member_role(person: str, role: str, as_json: bool) -> None:
    """Give a member another role, from the next click on."""
    done = store_commands.call("member_change", member=person, role=role)
    click.echo(json.dumps(done) if as_json else f"{done['name']} is {done['role']} now.")


@member.command("suspend")
@click.argument("person")
@json_option
def member_suspend(person: str, as_json: bool) -> None:
    """Suspend a member: records stay, nothing is deleted."""
    done = store_commands.call("member_change", member=person, active=False)
    click.echo(json.dumps(done) if as_json else f"{done['name']} is suspended.")


@member.command("reactivate")
@click.argument("person")
@json_option
def member_reactivate(person: str, as_json: bool) -> None:
    """Let a suspended member in again, in the role of before."""
    done = store_commands.call("member_change", member=person, active=True)
    click.echo(json.dumps(done) if as_json else f"{done['name']} is {done['role']} again.")


@member.command("change")
@click.argument("person")
@click.option("--name", default=None)
@click.option("--email", default=None, help="The e-mail that the provider says; another one is another account.")
@click.option("--team", default=None, help="The id or the name of a team; empty for none.")
@click.option("--leader", default=None, help="The id, the name or the e-mail of a person; empty for none.")
@click.option("--role", type=click.Choice(access.ROLES), default=None)
@json_option
def member_change(person: str, as_json: bool, **given: str | None) -> None:
    """Change name, e-mail, team, leader or role of a member."""
    role = given.pop("role") or ""
    done = store_commands.call("member_edit", member=person, role=role, **given)
    click.echo(json.dumps(done) if as_json else f"{done['name']} is saved: {done['role']}, {done['email'] or 'no e-mail'}.")


@member.command("link")
@click.argument("person")
@click.option("--hours", type=click.IntRange(1, 336), default=72, show_default=True, help="How long the link answers.")
@json_option
def member_link(person: str, hours: int, as_json: bool) -> None:
    """Make a personal link that signs a member in once. It is shown this once."""
    done = store_commands.call("member_link", member=person, hours=hours)
    address = places.outside()["address"].rstrip("/") + done["path"]
    click.echo(json.dumps(done | {"address": address}) if as_json else f"{address}\nFor {done['name']}, once, until {done['ends_at'][:16].replace('T', ' ')} UTC. It is not shown again.")


@member.command("links")
@json_option
def member_links(as_json: bool) -> None:
    """List the sign-in links that still answer."""
    found = store_commands.call("member_links")
    rows = [(one["id"], one["name"], one["made_by"], _when(one["made_at"]), _when(one["ends_at"])) for one in found["links"]]
    _show(found, as_json, ("Id", "For", "Made by", "Made, UTC", "Ends, UTC"), rows, "No sign-in link answers.")


@member.command("unlink")
@click.argument("person")
@json_option
def member_unlink(person: str, as_json: bool) -> None:
    """End the sign-in links of a member that were not used."""
    done = store_commands.call("member_unlink", member=person)
    click.echo(json.dumps(done) if as_json else f"{done['ended']} links of {done['name']} answer no more.")


@member.command("sessions")
@click.argument("person", default="")
@json_option
def member_sessions(person: str, as_json: bool) -> None:
    """List who is signed in: of one member, or of all."""
    found = store_commands.call("member_sessions", member=person)
    rows = [(one["session"], one["name"], one["way"], one["browser"], _when(one["made_at"]), _when(one["seen_at"])) for one in found["sessions"]]
    _show(found, as_json, ("Session", "Who", "Way", "Browser", "Since, UTC", "Last seen, UTC"), rows, "Nobody is signed in.")


@member.command("revoke")
@click.argument("person")
@click.option("--session", default="", help="Only this session; without it all of them.")
@json_option
def member_revoke(person: str, session: str, as_json: bool) -> None:
    """Sign a member out everywhere, from the next click on."""
    done = store_commands.call("member_revoke", member=person, session=session)
    click.echo(json.dumps(done) if as_json else f"{done['ended']} sessions of {done['name']} ended.")


@member.command("forget-account")
@click.argument("person", default="")
@click.option("--all", "everybody", is_flag=True, help="Of all members: after a change of provider.")
@json_option
def member_forget(person: str, everybody: bool, as_json: bool) -> None:
    """Forget the account of a provider that a member came with first; the next one with the e-mail takes its place."""
    if bool(person) == everybody:
        raise UsageError("Name a member, or --all.")
    done = store_commands.call("member_forget", member=person)
    click.echo(json.dumps(done) if as_json else f"{done['forgotten']} accounts are forgotten.")


def _when(text: str) -> str:
    return text[:16].replace("T", " ")


def _show(found: Mapping[str, Any], as_json: bool, heads: Sequence[str], rows: Sequence[Sequence[str]], empty: str = "") -> None:
    if as_json:
        click.echo(json.dumps(found))
    elif not rows and empty:
        click.echo(empty)
    elif Console().is_terminal:
        table = Table(*heads, box=None, pad_edge=False)
        for row in rows:
            table.add_row(*map(terminal.plain, row))
        Console().print(table)
    else:
        for row in (heads, *rows):
            click.echo("\t".join("".join(c for c in text if c.isprintable()) for text in row))


commands: list[click.Command] = [check, measure, member]
