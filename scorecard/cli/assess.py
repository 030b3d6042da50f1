"""`assess`: maturity from a table of answers without a store; cycles, their answers and results; the model."""

from __future__ import annotations

import base64
import json
import re
import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table as RichTable

from scorecard import access, maturity, places
from scorecard import commands as store_commands
from scorecard.access import Actor
from scorecard.core import maturity_file, rubric
from scorecard.core.rubric import ALL, LEVELS, Score, Scores
from scorecard.errors import ScorecardError, UsageError
from scorecard.intake import reader
from scorecard.intake.answers import Answers, read_answers
from scorecard.intake.table import COMMAND_LINE
from scorecard.maturity import Cycle, editing, exchange
from scorecard.output import maturity_book
from scorecard.store import members
from scorecard.store.engine import Store

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
SYSTEMS = {
    "S": "sensory", "P": "planning", "E": "people", "W": "work", "M": "metrics", "I": "improvement", "L": "leadership",
    "T": "relationships", "R": "relationships", "X": "relationships", "A": "relationships",
}


@click.group()
def assess() -> None:
    """Maturity of the seven systems: score a table of answers, run cycles, export results, change the model."""


@assess.command("score")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--target", type=click.FloatRange(1, len(LEVELS)), help="The level to reach, for every practice without its own.")
@click.option("--anonymous", is_flag=True, help="Show nothing about fewer than five people, nor what would reveal them.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def score(file: Path, target: float | None, anonymous: bool, as_json: bool) -> None:
    """Score FILE: columns rater, practice and level (1 to 5, blank for don't know), and if wanted group and target."""
    with tempfile.TemporaryDirectory() as staging:
        found = read_answers(reader.read(file, file.name, Path(staging), COMMAND_LINE))
    said = told(found, target, anonymous)
    click.echo(json.dumps(said, ensure_ascii=False)) if as_json else _print(said)


def system_of(practice: str) -> str:
    """The system of a practice by the letters before its number: `W3` belongs to work."""
    letters = re.match(r"[^\d\s._-]*", practice.strip())[0]
    return SYSTEMS.get(letters.upper(), letters or practice)


def told(found: Answers, target: float | None, anonymous: bool) -> dict[str, Any]:
    """Practices and systems with their scores, and the share of the way to the targets; groups where the file has them."""
    systems = {practice: system_of(practice) for practice in dict.fromkeys(one.practice for one in found.answers)}
    scores = rubric.score(found.answers, systems, anonymous)
    targets = {practice: found.targets.get(practice, target) for practice in systems}
    targets = {practice: level for practice, level in targets.items() if level is not None}
    groups = sorted({one.group for one in scores.practices if one.group})
    said = _part(scores, systems, targets, ALL) | {"anonymous": anonymous, "cut_off": rubric.cut_off()}
    if groups:
        said["groups"] = {group: _part(scores, systems, targets, group) for group in groups}
    return said


def _part(scores: Scores, systems: dict[str, str], targets: dict[str, float], group: str) -> dict[str, Any]:
    now = {one.subject: one.median for one in scores.practices if one.group == group and one.median is not None}
    return {
        "practices": [
            {"practice": one.subject, "system": systems[one.subject], "target": targets.get(one.subject), **_figures(one)}
            | {"percent_to_target": _share(now, targets, [one.subject])}
            for one in scores.practices
            if one.group == group
        ],
        "systems": [
            {"system": one.subject, **_figures(one)}
            | {"percent_to_target": _share(now, targets, [name for name, of in systems.items() if of == one.subject])}
            for one in scores.systems
            if one.group == group
        ],
        "percent_to_target": _share(now, targets, list(systems)),
    }


def _share(now: dict[str, float], targets: dict[str, float], names: list[str]) -> float | None:
    return rubric.percent_to_target(now, {name: targets[name] for name in names if name in targets})


def _figures(one: Score) -> dict[str, Any]:
    return {"n": one.n, "median": one.median, "mean": one.mean, "min": one.lowest, "max": one.highest,
            "spread": one.spread, "agreed": one.agreed, "hidden": one.hidden}


def _print(said: dict[str, Any]) -> None:
    for title, key in (("Practice", "practice"), ("System", "system")):
        table = RichTable(title, "n", "Median", "Mean", "Range", "Spread", "To target", "", box=None, pad_edge=False)
        for one in said[f"{key}s"]:
            table.add_row(*_cells(one, key))
        Console().print(table)
        click.echo()
    share = said["percent_to_target"]
    if share is not None:
        click.echo(f"{share:.1%} of the way to the targets; a surplus never pays for a gap.")
    click.echo(f"Spread is the mean distance from the mean answer, in levels. Above {said['cut_off']:.2f} people do not agree.")


def _cells(one: dict[str, Any], key: str) -> list[str]:
    if one["hidden"]:
        return [one[key], "", "", "", "", "", "", "Hidden: under five."]
    if not one["n"]:
        return [one[key], "0", "", "", "", "", "", "No answers."]
    share = one["percent_to_target"]
    return [
        one[key], str(one["n"]), f"{one['median']:.1f}", f"{one['mean']:.1f}", f"{one['min']:.1f} to {one['max']:.1f}",
        f"{one['spread']:.2f}", f"{share:.0%}" if share is not None else "", "" if one["agreed"] else "Talk about it.",
    ]


# -- cycles as the store's process runs them: plain JSON in, plain JSON out


def list_cycles(store: Store, actor: Actor, today: date) -> dict[str, Any]:
    """Every cycle with how many were asked and have finished, the oldest first."""
    return {"cycles": [_described(one.cycle) | {"asked": one.asked, "finished": one.finished, "late": list(one.late)}
                       for one in reversed(maturity.standings(store, actor))]}


def open_one(store: Store, actor: Actor, today: date, title: str, kind: str, anonymous: bool, people: list[str], team: str,
             closes: str, systems: list[str]) -> dict[str, Any]:
    """The new cycle. Without people, everybody of the team who may assess is asked."""
    asked = people or _everybody(store, team)
    made = maturity.open_cycle(store, actor, title=title, kind=kind, mode="anonymous" if anonymous else "named", people=asked,
                               closes=date.fromisoformat(closes), today=today, systems=systems)
    return _described(made) | {"asked": len(set(asked))}


def _everybody(store: Store, team: str) -> list[str]:
    with store.read() as tx:
        known = members.members(tx)
    return [one.person.id for one in known if one.active and team in ("", one.person.team)
            and access.may(Actor(one.person.id, one.person.name, one.role), "assess")]


def close_one(store: Store, actor: Actor, today: date, cycle: str) -> dict[str, Any]:
    """The cycle, closed."""
    return _described(maturity.close(store, actor, _found(store, cycle, "open").id))


def import_file(store: Store, actor: Actor, today: date, cycle: str, path: str, rater: str) -> dict[str, Any]:
    """How many people and answers of a file are in the cycle now."""
    file, into = Path(path), _found(store, cycle, "open")
    done = exchange.import_answers(store, actor, into.id, file, file.name, rater=rater, limits=COMMAND_LINE)
    return {"cycle": into.id, "title": into.title, "raters": done.raters, "answers": done.answers, "unanswered": list(done.unanswered)}


def make_template(store: Store, actor: Actor, today: date, cycle: str, format: str) -> dict[str, Any]:
    """The sheet of a cycle as a file in base64, and its name."""
    of = _found(store, cycle, "open")
    content, count = maturity_book.sheet(store, actor, of.id, format), len(exchange.template(store, actor, of.id).rows)
    return {"name": f"maturity-answers.{format}", "content": base64.b64encode(content).decode(), "practices": count}


def export_cycle(store: Store, actor: Actor, today: date, cycle: str, format: str) -> dict[str, Any]:
    """The results of a cycle as a file in base64, and its name."""
    of = _found(store, cycle, "closed")
    name, content = maturity_book.file(store, actor, of.id, format)
    return {"name": name, "title": of.title, "content": base64.b64encode(content).decode()}


def tell_model(store: Store, actor: Actor, today: date) -> dict[str, Any]:
    """The newest version of the model as a file, and what differs from the shipped one."""
    access.require(actor, "read_scorecard")
    found = editing.newest(store)
    different = editing.against(store, places.maturity_file().read_text("utf-8"))
    return {"version": found.number, "author": found.author, "reason": found.reason, "practices": len(found.model.practices),
            "text": found.text, "differences": list(map(str, different))}


def take_model(store: Store, actor: Actor, today: date, text: str, reason: str) -> dict[str, Any]:
    """The new version, and what it changes."""
    before = editing.newest(store)
    changes = maturity_file.differences(before.model, maturity_file.parse(text, "the model"))
    if not changes:
        raise UsageError("The file says what the model says already. Nothing is changed.")
    version = maturity.save_model(store, actor, text, reason, before.number)
    return {"version": version, "changes": list(map(str, changes))}


def _found(store: Store, said: str, state: str) -> Cycle:
    """The cycle of an id or title; without it the newest that is open or closed. Raises UsageError."""
    with store.read() as tx:
        known = maturity.cycles(tx)
    named = [one for one in known if said.casefold() in (one.id, one.title.casefold())] if said else \
        [one for one in known if one.state == state]
    if not named:
        missing = f"There is no cycle {said[:40]!r}." if said else f"No cycle is {state}."
        raise UsageError(f"{missing} List them with: python -m scorecard assess cycles")
    return named[-1]


def _described(one: Cycle) -> dict[str, Any]:
    return {"id": one.id, "title": one.title, "kind": one.kind, "mode": one.mode, "model": one.model, "systems": list(one.systems),
            "opens": one.opens.isoformat(), "closes": one.closes.isoformat(), "state": one.state}


# -- as they are typed


@assess.command("cycles")
@json_option
def cycles(as_json: bool) -> None:
    """List the cycles with how many have finished."""
    found = store_commands.call("assess_cycles")["cycles"]
    if as_json:
        click.echo(json.dumps({"cycles": found}, ensure_ascii=False))
        return
    for one in found:
        click.echo(f"{one['id']}  {one['title']}: {one['state']}, {one['mode']}, {one['kind']}, {one['finished']} of {one['asked']} "
                   f"finished, closes {one['closes']}")
    if not found:
        click.echo("There is no cycle yet. Open one with: python -m scorecard assess open TITLE --closes DATE")


@assess.command("open")
@click.argument("title")
@click.option("--closes", required=True, type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The last day for answers.")
@click.option("--kind", type=click.Choice(["full", "quick"]), default="full", show_default=True, help="All practices, or one question a system.")
@click.option("--anonymous", is_flag=True, help="No name stands with an answer; at least five people.")
@click.option("--person", "people", multiple=True, metavar="ID", help="A member to ask; several times. Without it, everybody who may assess.")
@click.option("--team", default="", metavar="ID", help="Ask everybody of this team who may assess.")
@click.option("--system", "systems", multiple=True, metavar="ID", help="A system to assess; several times. All seven without it.")
@json_option
def open_command(title: str, closes: datetime, kind: str, anonymous: bool, people: Sequence[str], team: str, systems: Sequence[str],
                 as_json: bool) -> None:
    """Open a cycle: people answer until it is closed."""
    done = store_commands.call("assess_open", title=title, kind=kind, anonymous=anonymous, people=list(people), team=team,
                               closes=closes.date().isoformat(), systems=list(systems))
    _say(done, f"{done['title']} ({done['id']}) is open until {done['closes']}; {done['asked']} people are asked.", as_json)


@assess.command("close")
@click.argument("cycle", required=False, default="")
@json_option
def close_command(cycle: str, as_json: bool) -> None:
    """Close a cycle (the newest open one): nobody answers any more, results are shown."""
    done = store_commands.call("assess_close", cycle=cycle)
    _say(done, f"{done['title']} is closed.", as_json)


@assess.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--cycle", default="", metavar="ID", help="An open cycle; the newest without it.")
@click.option("--rater", default="", metavar="NAME", help="Who answered, where a row names nobody.")
@json_option
def import_command(file: Path, cycle: str, rater: str, as_json: bool) -> None:
    """Take the answers of FILE into an open cycle: all of it, or nothing when a row breaks a rule."""
    done = store_commands.call("assess_import", cycle=cycle, path=str(file.resolve()), rater=rater)
    left = f" Nobody in it answered {', '.join(done['unanswered'])}." if done["unanswered"] else ""
    count = f"{done['raters']} {'person' if done['raters'] == 1 else 'people'}"
    _say(done, f"{done['title']}: answers of {count} are in, {done['answers']} in all.{left}", as_json)


@assess.command("template")
@click.argument("cycle", required=False, default="")
@click.option("--format", "kind", type=click.Choice(["xlsx", "csv"]), default="xlsx", show_default=True)
@click.option("--out", default="", metavar="FILE", help="Where to write it; - is standard output.")
def template_command(cycle: str, kind: str, out: str) -> None:
    """Write the sheet of a cycle (the newest open one) to fill in: a row a practice."""
    done = store_commands.call("assess_template", cycle=cycle, format=kind)
    _write(out or done["name"], base64.b64decode(done["content"]), f"{done['practices']} question{'' if done['practices'] == 1 else 's'}")


@assess.command("export")
@click.argument("cycle", required=False, default="")
@click.option("--format", "kind", type=click.Choice(["xlsx", "json", "csv"]), default="xlsx", show_default=True)
@click.option("--out", default="", metavar="FILE", help="Where to write it; - is standard output.")
def export_command(cycle: str, kind: str, out: str) -> None:
    """Write the results of a cycle (the newest closed one): nothing that its page would not show."""
    done = store_commands.call("assess_export", cycle=cycle, format=kind)
    _write(out or done["name"], base64.b64decode(done["content"]), done["title"])


@assess.group("model")
def model() -> None:
    """The maturity model: write it into a file, take it from one."""


@model.command("export")
@click.option("--out", default="maturity.toml", show_default=True, metavar="FILE", help="Where to write it; - is standard output.")
@json_option
def model_export(out: str, as_json: bool) -> None:
    """Write the newest version of the model into a file; with --json, also what differs from the shipped one."""
    done = store_commands.call("assess_model")
    if as_json:
        click.echo(json.dumps(done, ensure_ascii=False))
        return
    _write(out, done["text"].encode(), f"version {done['version']}, {done['practices']} practices, {len(done['differences'])} differences from the shipped file")


@model.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reason", required=True, metavar="TEXT", help="Why it changes; it stands with the version.")
@json_option
def model_import(file: Path, reason: str, as_json: bool) -> None:
    """Take the model of FILE as a new version: cycles that were begun keep theirs."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScorecardError(f"{file} cannot be read as text: {error}. Write it as UTF-8.") from error
    done = store_commands.call("assess_model_save", text=text, reason=reason)
    _say(done, "\n".join([f"Version {done['version']} of the model.", *done["changes"]]), as_json)


def _write(place: str, content: bytes, words: str) -> None:
    if place == "-":
        click.echo(content, nl=False)
        return
    try:
        Path(place).write_bytes(content)
    except OSError as error:
        raise ScorecardError(f"{place} cannot be written: {error.strerror or error}. Choose another place with --out.") from error
    click.echo(f"{place}: {words}, {len(content):,} bytes.")


def _say(done: dict[str, Any], words: str, as_json: bool) -> None:
    click.echo(json.dumps(done, ensure_ascii=False) if as_json else words)


commands = [assess]
