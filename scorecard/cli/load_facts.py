"""Exports on the command line: recognised, loaded when the map is sure, else written as a map to correct."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click

from scorecard import commands as store_commands
from scorecard import exports, loading, loading_facts, warehouses
from scorecard.access import Actor
from scorecard.core.facts import KINDS
from scorecard.errors import FileRefused
from scorecard.exports import Offer
from scorecard.intake import reader
from scorecard.intake.table import Limits, Table
from scorecard.loading_facts import Accepted
from scorecard.store.engine import Store

LARGE = 64 * 1024 * 1024
MOST_LEFT_OUT = 6
LAST = 1_000
BLANK = "(blank)"


# -- as the store's process runs it: plain JSON in, plain JSON out

def ranks(store: Store, actor: Actor, today: date, paths: list[str], limits: dict[str, int], choices: dict[str, str]) -> list[int]:
    """Where each file stands among the others: accounts first. One that cannot be read is last; its turn says why."""
    return [_rank(store, actor, Path(path), Limits(**limits), choices) for path in paths]


def _rank(store: Store, actor: Actor, file: Path, limits: Limits, choices: dict[str, str]) -> int:
    if file.is_file() and file.stat().st_size > LARGE:
        return exports.ORDER.index("usage") * 2  # So large is only use of the product; it is not read for this.
    try:
        table = loading.read(store, actor, file, file.name, limits, choices)
    except FileRefused:
        return LAST
    try:
        return exports.rank(exports.look(store, actor, table, choices))
    except FileRefused:
        return LAST
    finally:
        reader.discard(table)


def load_table(store: Store, actor: Actor, today: date, table: Table, limits: Limits, choices: dict[str, str], map_text: str,
               map_name: str, leave_out: bool, compute: bool = True) -> dict[str, Any] | None:
    """What a staged file of facts has changed when its map is sure, else its open questions; None when it holds figures."""
    offered = exports.offer(store, actor, table, choices, map_text, map_name, limits)
    if offered is None:
        return None
    try:
        if not offered.proposed.sure:
            return described(offered)
        if offered.mostly_refused and not leave_out:
            raise FileRefused(_mostly_refused(offered))
        return described(offered, exports.accept(store, actor, offered, today, compute=compute))
    finally:
        exports.discard(offered)


def load_warehouse(store: Store, actor: Actor, today: date, place: str, limits: dict[str, int], choices: dict[str, str], table: str = "",
                   map_text: str = "", map_name: str = "", unsure: str = "", leave_out: bool = False) -> dict[str, Any]:
    """What came of each table of a DuckDB file or Parquet folder: stored when its map is sure, else its questions; what was
    passed over and why; what was refused."""
    left = {"unsure": unsure} if unsure else {}
    found = warehouses.look(store, actor, Path(place), table, choices | left, map_text, map_name, Limits(**limits))
    done, errors = [], []
    try:
        for one in found.tables:
            try:
                done.append(load_table(store, actor, today, one, Limits(**limits), choices | left, map_text, map_name, leave_out, compute=False))
            except FileRefused as error:
                errors.append(str(error))
    finally:
        found.close()
        stored = [kind for one in done if one and one["stored"] for kind in one["kinds"]]
        problems = compute(store, actor, today, stored)["problems"] if stored else []
    return {"tables": done, "problems": problems, "passed": [{"table": one.name, "why": why} for one, why in found.passed], "errors": errors}


def compute(store: Store, actor: Actor, today: date, kinds: list[str]) -> dict[str, Any]:
    """What computing the measures that read these kinds of facts did, once after several files."""
    done = loading_facts.refresh(store, actor, today, tuple(dict.fromkeys(kinds)))
    return {"measures": list(done.measures), "changed": done.changed, "problems": list(done.problems)} if done else {}


def _mostly_refused(offered: Offer) -> str:
    proposal = offered.proposal
    lines = " ".join(f"{one.text}." for one in proposal.typed.reasons[:3])
    return (f"{offered.proposed.name}: {_rows(proposal.refused)} of {proposal.table.rows:,} are refused: {lines} Nothing is stored. "
            "Correct the file or its map, or take the rest with --leave-out.")


def described(offered: Offer, done: Accepted | None = None) -> dict[str, Any]:
    """The offer, and what accepting did, as plain JSON."""
    proposed, proposal = offered.proposed, offered.proposal
    told = {
        "file": proposed.name, "sha256": proposed.sha256, "shape": "facts", "kinds": list(proposed.kinds),
        "understood": [list(one) for one in proposed.said], "columns": [asdict(one) for one in proposed.places],
        "questions": [asdict(one) for one in proposed.questions], "map": exports.map_file(proposed, map_name(proposed.name)),
        "notices": [], "new": 0, "known": 0, "changed_rows": 0, "changed": [], "refused": [], "refused_rows": 0,
        "accepted": done is not None, "stored": done.new + done.changed if done else 0,
        "load": done.load.id if done and done.load else None,
    }
    if proposal:
        told |= {"notices": [" ".join(one) for one in proposal.notices], "new": proposal.new, "known": proposal.known,
                 "changed_rows": proposal.changed, "changed": _changes(offered),
                 "refused": [{"count": one.rows, "reason": one.text, "rows": list(one.numbers)} for one in proposal.typed.reasons],
                 "refused_rows": proposal.refused}
    return told


def _changes(offered: Offer) -> list[dict[str, Any]]:
    found = []
    for share in offered.proposal.shares:
        for one in share.changes:
            label = next((column.label for column in share.part.kind.columns if column.name == one.column), one.column)
            found.append({"row": one.row_number, "key": one.key, "column": label, "was": one.was or BLANK, "is": one.now or BLANK})
    return found


# -- as people see it

def computed(done: list[dict[str, Any]], quiet: bool) -> dict[str, Any] | None:
    """What was computed after these files, said unless `quiet`; None when none of them stored a fact."""
    kinds = [kind for told in done if told["shape"] == "facts" and told["stored"] for kind in told["kinds"]]
    if not kinds:
        return None
    made = store_commands.call("load_compute", kinds=kinds)
    if made and not quiet:
        count = len(made["measures"])
        click.echo(f"{count} {'measure is' if count == 1 else 'measures are'} computed from facts: {made['changed']:,} figures are new or changed.")
        for problem in made["problems"]:
            click.echo(problem)
    return made


def map_name(file: str) -> str:
    """The name of the map of a file: `help-desk.csv` has `help-desk.map.toml`."""
    return f"{Path(file).stem}.map.toml"


def write_map(told: dict[str, Any], folder: Path) -> Path:
    """The file in which the map now stands, for its questions to be answered; no other file is overwritten."""
    wanted = folder / map_name(told["file"])
    for number in range(1, 100):
        place = wanted if number == 1 else wanted.with_name(f"{Path(told['file']).stem}-{number}.map.toml")
        if not place.exists() or place.read_text("utf-8") == told["map"]:
            place.write_text(told["map"], "utf-8")
            return place
    raise FileRefused(f"{told['file']}: {wanted} and 98 more maps are there. Remove some.")


def refuse_unsure(told: dict[str, Any], named: str) -> None:
    """Raises FileRefused, naming the map file and its questions; `named` is how the command names what it loads."""
    place = write_map(told, Path.cwd())
    asked = " ".join(one["text"] for one in told["questions"])
    count = len(told["questions"])
    raise FileRefused(f"{told['file']}: {count} {'question is' if count == 1 else 'questions are'} open. {asked} Answer in {place.name}, "
                      f"then: python -m scorecard load {named} --map {shlex.quote(place.name)}. Nothing is stored.")


def run_warehouse(place: Path, table: str, args: dict[str, Any], as_json: bool, most: int) -> None:
    """Loads the tables of a place. Exit status 1 when one was refused or has an open question."""
    told = store_commands.call("load_warehouse", place=str(place.resolve()), table=table, **args)
    errors = list(told["errors"])
    for one in told["tables"]:
        if not as_json and one["accepted"]:
            show(one, most)
            click.echo(outcome(one))
        if not one["accepted"]:
            errors += _open_questions(one, place)
    if as_json:
        click.echo(json.dumps({**told, "errors": errors}, ensure_ascii=False))
    else:
        for one in told["passed"]:
            click.echo(f"{one['table']}: passed over: {one['why']}")
        for problem in told["problems"]:
            click.echo(problem)
    for error in [] if as_json else errors:
        click.echo(f"Error: {error}", err=True)
    if errors:
        sys.exit(1)
    if not told["tables"]:
        raise FileRefused(f"{place.name}: no table of it is recognised. Nothing is stored.")


def _open_questions(told: dict[str, Any], place: Path) -> list[str]:
    try:
        refuse_unsure(told, f"--warehouse {shlex.quote(str(place))} --table {shlex.quote(told['file'].removeprefix(place.stem).strip())}")
    except FileRefused as error:
        return [str(error)]
    return []


def show(told: dict[str, Any], most: int) -> None:
    """What was understood and what it changes, a line each."""
    for topic, bold, rest in told["understood"]:
        click.echo(f"{topic}: {bold} {rest}".rstrip())
    click.echo(_columns(told["columns"]))
    for notice in told["notices"]:
        click.echo(notice)
    click.echo(f"{told['file']}: {told['new']:,} new, {told['changed_rows']:,} changed, {told['known']:,} known already, "
               f"{told['refused_rows']:,} refused")
    for one in told["changed"][:most]:
        click.echo(f"changed, row {one['row']:,}: {one['key']}, {one['column']}: {one['was']} -> {one['is']}")
    for one in told["refused"][:most]:
        numbers = ", ".join(f"{row:,}" for row in one["rows"][:6])
        more = f" and {one['count'] - len(one['rows'][:6]):,} more" if one["count"] > len(one["rows"][:6]) else ""
        click.echo(f"refused, {'row' if one['count'] == 1 else 'rows'} {numbers}{more}: {one['reason']}")


def _columns(places: list[dict[str, Any]]) -> str:
    placed = [f"{one['name']} is {one['goes_to']}" for one in places if one["confidence"] != "left out"]
    left = [one["name"] for one in places if one["confidence"] == "left out"]
    more = f" and {len(left) - MOST_LEFT_OUT} more" if len(left) > MOST_LEFT_OUT else ""
    return f"Columns: {'; '.join(placed)}." + (f" Left out: {', '.join(left[:MOST_LEFT_OUT])}{more}." if left else "")


def outcome(told: dict[str, Any]) -> str:
    """What was stored, in one line."""
    if not told["stored"]:
        return f"{told['file']}: nothing new, nothing changed. Known already: {_rows(told['known'])}."
    kept = f" {_rows(told['refused_rows'])} refused; they stay in quarantine." if told["refused_rows"] else ""
    labels = ", ".join(KINDS[kind].label for kind in told["kinds"])
    return f"{told['file']}: {_rows(told['stored'])} stored ({labels}).{kept}"


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
