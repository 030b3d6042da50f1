"""`assess`: maturity from a table of answers, without a store."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table as RichTable

from scorecard.core import rubric
from scorecard.core.rubric import ALL, LEVELS, Score, Scores
from scorecard.intake import reader
from scorecard.intake.answers import Answers, read_answers
from scorecard.intake.table import COMMAND_LINE

SYSTEMS = {
    "S": "sensory", "P": "planning", "E": "people", "W": "work", "M": "metrics", "I": "improvement", "L": "leadership",
    "T": "relationships", "R": "relationships", "X": "relationships", "A": "relationships",
}


@click.group()
def assess() -> None:
    """Maturity of the seven systems: score a table of answers."""


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


commands = [assess]
