"""`project`: from a gap to a change that its measure shows."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scorecard import commands as store_commands
from scorecard import projects
from scorecard.access import Actor
from scorecard.core.verdict import VERDICTS
from scorecard.errors import UsageError
from scorecard.maturity import loop
from scorecard.maturity.loop import Standing
from scorecard.projects import EDITABLE, OUTCOMES, STAGES
from scorecard.store.engine import Store

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
day_type = click.DateTime(["%Y-%m-%d"])
DAYS = ("effect_by", "began")
ENDS = ("finished", "stopped")


# What the store does, here or in the running server


def start_project(store: Store, actor: Actor, today: date, **said: Any) -> dict[str, Any]:
    """The new project. The day comes as text, "" where there is none."""
    new = projects.start(store, actor, **_days(said), today=today)
    return described(loop.standing(store, new.id, today))


def list_projects(store: Store, actor: Actor, today: date, which: str) -> dict[str, Any]:
    """The chosen projects in the order in which they were started, each with what its measure says."""
    found = [one for one in loop.standings(store, today) if which == "all" or one.project.open == (which == "open")]
    return {"projects": [described(one) for one in found]}


def show_project(store: Store, actor: Actor, today: date, id: str) -> dict[str, Any]:
    """One project with its actions, its changes and the sentence of its measure."""
    found = loop.standing(store, id, today)
    with store.read() as tx:
        changes = projects.history(tx, id)
    return described(found) | {
        "sentence": found.verdict.sentence.text,
        "actions": [{"id": one.id, "title": one.title, "owner": one.owner, "due": str(one.due), "state": one.state}
                    for one in found.actions],
        "changes": [{"when": str(one.when), "who": one.who, "what": one.what} for one in changes],
    }  # fmt: skip


def edit_project(store: Store, actor: Actor, today: date, id: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The project with the given fields; days as text, "" takes one back."""
    projects.edit(store, actor, id, _seen(store, id), **_days(fields))
    return described(loop.standing(store, id, today))


def move_project(store: Store, actor: Actor, today: date, id: str, stage: str, on: str) -> dict[str, Any]:
    """The project at a stage since a day (today without one)."""
    projects.move(store, actor, id, stage, _day(on) or today, _seen(store, id))
    return described(loop.standing(store, id, today))


def end_project(store: Store, actor: Actor, today: date, id: str, outcome: str, reason: str, on: str) -> dict[str, Any]:
    """The project, finished or stopped on a day (today without one), or under way again."""
    seen, day = _seen(store, id), _day(on) or today
    if outcome not in ("", *ENDS):
        raise UsageError(f"A project is {' or '.join(ENDS)}, or taken up again.")
    if outcome == "finished":
        projects.finish(store, actor, id, day, seen)
    elif outcome == "stopped":
        projects.stop(store, actor, id, reason, day, seen)
    else:
        projects.reopen(store, actor, id, seen)
    return described(loop.standing(store, id, today))


def _seen(store: Store, id: str) -> int:
    with store.read() as tx:
        return projects.one(tx, id).version


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _days(said: dict[str, Any]) -> dict[str, Any]:
    return {name: _day(value) if name in DAYS else value for name, value in said.items()}


def described(found: Standing) -> dict[str, Any]:
    """The project as plain values for `--json`, with its verdict; days as text."""
    plain = {name: str(value) if isinstance(value, date) else value for name, value in vars(found.project).items()}
    return plain | {
        "stage_title": STAGES[found.project.stage], "measure_label": found.label, "verdict": found.verdict.verdict,
        "figures": found.verdict.figures, "size": found.verdict.size, "again": found.again, "actions_open": sum(one.open for one in found.actions),
    }  # fmt: skip


# The commands


@click.group()
def project() -> None:
    """Projects: from a gap to a change that its measure shows."""


@project.command("start")
@click.argument("title")
@click.option("--owner", required=True, metavar="PERSON", help="The id of who leads it, as in `member list`.")
@click.option("--measure", required=True, metavar="NAME", help="The measure that it should move.")
@click.option("--practice", default="", metavar="ID", help="The practice whose gap it closes, such as W5.")
@click.option("--cycle", default="", metavar="ID", help="The maturity cycle that showed the gap.")
@click.option("--effect", type=float, help="The expected change, in the unit of the measure (0.02 is 2 points).")
@click.option("--effect-by", type=day_type, help="The day by which it is expected.")
@click.option("--phase", default="", metavar="QUARTER", help="The quarter of the roadmap, such as 2027-Q1.")
@json_option
def start(as_json: bool, effect_by: Any, **fields: Any) -> None:
    """Start a project: TITLE says what will be better."""
    day = effect_by.date().isoformat() if effect_by else ""
    _say(store_commands.call("project_start", **fields, effect_by=day), as_json)


@project.command("list")
@click.option("--which", type=click.Choice(["open", "ended", "all"]), default="open", help="Which of them.")
@json_option
def list_(which: str, as_json: bool) -> None:
    """List projects with their stage and what their measure says."""
    found = store_commands.call("project_list", which=which)
    if as_json:
        click.echo(json.dumps(found))
        return
    if not found["projects"]:
        click.echo("There is no such project. Start one with: python -m scorecard project start")
        return
    table = Table("Id", "Stage", "Project", "Owner", "Practice", "Measure", "Verdict", box=None, pad_edge=False)
    for one in found["projects"]:
        stage = OUTCOMES[one["outcome"]] if one["outcome"] else one["stage_title"].lower()
        table.add_row(one["id"], stage, escape(one["title"]), escape(one["owner_name"]), one["practice"], one["measure"],
                      f"{VERDICTS[one['verdict']]}, {escape(one['figures'])}")  # fmt: skip
    Console().print(table)
    for one in found["projects"]:
        if one["again"]:
            click.echo(one["again"])


@project.command("show")
@click.argument("id")
@json_option
def show(id: str, as_json: bool) -> None:
    """Show one project: its actions, its changes, and the sentence of its measure."""
    one = store_commands.call("project_show", id=id)
    if as_json:
        click.echo(json.dumps(one))
        return
    _say(one, as_json)
    click.echo(one["sentence"])
    for action in one["actions"]:
        click.echo(f"  {action['title']}: {action['state'].replace('_', ' ')}, due {action['due']}")
    for change in one["changes"]:
        click.echo(f"  {change['when'][:16]} {change['who']}: {change['what'].replace('_', ' ')}")


@project.command("edit")
@click.argument("id")
@click.option("--title", help="What will be better.")
@click.option("--owner", metavar="PERSON", help="Who leads it.")
@click.option("--measure", metavar="NAME", help="The measure that it should move.")
@click.option("--practice", metavar="ID", help="The practice whose gap it closes.")
@click.option("--effect", type=float, help="The expected change, in the unit of the measure.")
@click.option("--effect-by", metavar="DAY", help="The day by which it is expected, 2027-03-01.")
@click.option("--phase", metavar="QUARTER", help="The quarter of the roadmap.")
@click.option("--began", metavar="DAY", help="The day on which the work changed.")
@json_option
def edit(id: str, as_json: bool, **fields: Any) -> None:
    """Change what a project says; only what is given changes."""
    given = {name: value for name, value in fields.items() if value is not None and name in EDITABLE}
    if not given:
        raise UsageError("Say what changes, for example --title or --effect-by.")
    _say(store_commands.call("project_edit", id=id, fields=given), as_json)


@project.command("move")
@click.argument("id")
@click.argument("stage", type=click.Choice(list(STAGES)))
@click.option("--on", type=day_type, help="The day since which it is so; today without it.")
@json_option
def move(id: str, stage: str, on: Any, as_json: bool) -> None:
    """Say that a project has come to STAGE."""
    _say(store_commands.call("project_move", id=id, stage=stage, on=on.date().isoformat() if on else ""), as_json)


@project.command("end")
@click.argument("id")
@click.argument("outcome", type=click.Choice([*ENDS, "again"]))
@click.option("--reason", default="", help="Why it is stopped.")
@click.option("--on", type=day_type, help="The day of its end; today without it.")
@json_option
def end(id: str, outcome: str, reason: str, on: Any, as_json: bool) -> None:
    """Say that a project is finished or stopped, or take it up again."""
    said = "" if outcome == "again" else outcome
    day = on.date().isoformat() if on else ""
    _say(store_commands.call("project_end", id=id, outcome=said, reason=reason, on=day), as_json)


def _say(one: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(one))
        return
    stage = OUTCOMES[one["outcome"]] if one["outcome"] else one["stage_title"]
    click.echo(f"{one['title']}: {stage}, {one['owner_name']}, should move {one['measure_label']} ({one['id']}).")


commands = [project]
