"""`python -m scorecard load FILE…`: show what a file would change, then store all of it or nothing."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich import table as drawn
from rich.console import Console

from scorecard import commands as store_commands
from scorecard import loading
from scorecard.access import Actor
from scorecard.cli import load_facts, sources, terminal
from scorecard.errors import FileRefused, ScorecardError, UsageError
from scorecard.intake import figures, reader
from scorecard.intake.delimited import DELIMITERS
from scorecard.intake.table import COMMAND_LINE, MB, Limits, Table
from scorecard.intake.units import TOLD
from scorecard.loading import Accepted, Proposal, figure_text, was_text
from scorecard.store.engine import Store

# Larger or smaller limits for the command line, in the units of their names.
SETTINGS = {"SCORECARD_LOAD_MB": ("packed", MB), "SCORECARD_LOAD_UNPACKED_MB": ("unpacked", MB), "SCORECARD_LOAD_ROWS": ("rows", 1),
            "SCORECARD_LOAD_COLUMNS": ("columns", 1), "SCORECARD_LOAD_MEMORY_MB": ("memory", MB), "SCORECARD_LOAD_SECONDS": ("seconds", 1)}
MOST_LINES = 20
BY_WORD = {words: mark for mark, words in DELIMITERS.items()}


def limits() -> Limits:
    """The command line's own limits, changed by the environment. Raises UsageError when a setting is no whole number."""
    given = COMMAND_LINE
    for name, (field, factor) in SETTINGS.items():
        text = os.environ.get(name, "")
        if text and (not text.isdigit() or int(text) < 1):
            raise UsageError(f"{name} is '{text}'. It needs a whole number above 0.")
        if text:
            given = replace(given, **{field: int(text) * factor})
    return given


# -- the command as the store's process runs it: plain JSON in, plain JSON out

def load_file(store: Store, actor: Actor, today: date, path: str, limits: dict[str, int], choices: dict[str, str],
              accept: bool = False, leave_out: bool = False, sha256: str = "", map_text: str = "", map_name: str = "",
              unsure: str = "", compute: bool = True) -> dict[str, Any]:
    """What a file would change or, with `accept`, has changed. `sha256` is the content that was shown before. A file of facts
    whose map is sure is stored at once; `unsure` = `leave` leaves out its columns that are unsure. Without `compute` the
    caller has measures computed after its last file."""
    file = Path(path)
    table = loading.read(store, actor, file, file.name, Limits(**limits), choices)
    try:
        left = {"unsure": unsure} if unsure else {}
        told = load_facts.load_table(store, actor, today, table, Limits(**limits), choices | left, map_text, map_name, leave_out, compute)
        return told or _figures_of(store, actor, today, table, choices, accept, leave_out, sha256)
    finally:
        reader.discard(table)


def _figures_of(store: Store, actor: Actor, today: date, table: Table, choices: dict[str, str], accept: bool, leave_out: bool,
                sha256: str) -> dict[str, Any]:
    proposal = loading.compare(store, actor, table, today, choices)
    if not accept:
        return described(proposal)
    if sha256 and sha256 != proposal.understood.sha256:
        raise FileRefused(f"{table.name}: it has changed since it was shown. Nothing is stored. Load it again.")
    _refuse_rows(proposal, leave_out)
    return described(proposal, loading.accept(store, actor, proposal, today))


def _refuse_rows(proposal: Proposal, leave_out: bool) -> None:
    """Raises FileRefused when a row is refused and nobody said to leave it out."""
    understood = proposal.understood
    if not understood.refused or leave_out or proposal.open:
        return
    groups = figures.grouped(understood.refused)
    lines = [f"{which}: {reason}." for _, reason, which in groups[:5]]
    more = f" {len(groups) - 5} more reasons." if len(groups) > 5 else ""
    ready = proposal.ready + proposal.known
    rest = f"{ready:,} of {ready + len(understood.refused):,} figures are in order. Correct the file, or take these with --leave-out." \
        if ready else "No figure is in order. Correct the file."
    raise FileRefused(f"{understood.name}: {' '.join(lines)}{more} Nothing is stored. {rest}")


def described(proposal: Proposal, done: Accepted | None = None) -> dict[str, Any]:
    """The proposal, and what accepting did, as plain JSON."""
    understood = proposal.understood
    return {
        "file": understood.name, "sha256": understood.sha256, "shape": understood.shape, "grain": understood.grain,
        "understood": [list(fact) for fact in understood.facts],
        "columns": [asdict(column) for column in understood.columns],
        "notices": [" ".join(notice) for notice in proposal.notices],
        "questions": [asdict(one) for one in understood.questions],
        "unknown": [{"measure": one.text, "figures": one.count, "label": one.guess.label, "unit": one.guess.unit,
                     "hint": one.hint.strip()} for one in understood.unknown],
        "new": len(proposal.new), "known": proposal.known, "changed": [_change(one, proposal) for one in proposal.changed],
        "refused": [{"count": count, "reason": reason, "rows": which} for count, reason, which in figures.grouped(understood.refused)],
        "defined": [one.name for one in understood.new_measures],
        "accepted": done is not None, "stored": done.new + done.changed if done else 0,
        "load": done.load.id if done and done.load else None, "on_scorecard": list(done.placed) if done else [],
    }


def _change(one: loading.Change, proposal: Proposal) -> dict[str, Any]:
    figure, measure = one.figure, proposal.definitions[one.figure.measure]
    return {"row": figure.rows[0], "measure": measure.label, "period": str(figure.period), "segment": figure.segment,
            "team": figure.team, "csm": figure.csm, "was": was_text(one, measure), "is": figure_text(figure.says, measure)}


# -- the command as people call it

def _choices(asked: dict[str, Any]) -> dict[str, str]:
    given = {"dates": asked["dates"], "grain": asked["grain"], "sheet": asked["sheet"], "measure": asked["measure"],
             "decimal": {"point": ".", "comma": ","}.get(asked["decimal"]), "delimiter": BY_WORD.get(asked["delimiter"]),
             "period_column": asked["period_column"], "unknown": "define" if asked["define"] else None}
    for text in asked["units"]:
        measure, _, unit = text.rpartition("=")
        if unit not in TOLD:
            raise UsageError(f"--units {text}: use percent or fraction, for all or as renewal_rate=percent.")
        given[f"units:{measure}" if measure else "units"] = unit
    return {key: value for key, value in given.items() if value}


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--source", "source_name", metavar="NAME", help="What is new of a source, for cron: sure files are loaded, others wait.")
@click.option("--yes", is_flag=True, help="Accept without asking, when nothing is unsure.")
@click.option("--leave-out", is_flag=True, help="Accept what is in order although rows are refused; those stay in quarantine.")
@click.option("--define", is_flag=True, help="Define measures that the definitions do not have, from their names and figures.")
@click.option("--dates", type=click.Choice(["day-first", "month-first"]), help="What 01/02/2026 means.")
@click.option("--grain", type=click.Choice(["month", "week", "quarter"]), help="What one date stands for.")
@click.option("--units", multiple=True, metavar="[MEASURE=]percent|fraction", help="Whether 0.9 of a share is 0.9% or 90%.")
@click.option("--decimal", type=click.Choice(["point", "comma"]), help="Whether 1.234 is below two or above a thousand.")
@click.option("--delimiter", type=click.Choice(list(BY_WORD)), help="What separates the columns.")
@click.option("--sheet", metavar="NAME", help="Which sheet of a workbook.")
@click.option("--measure", metavar="NAME", help="Which measure, when no column says so.")
@click.option("--period-column", metavar="NAME", help="Which column is the period.")
@click.option("--map", "map_file", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE",
              help="Where the columns of an export go, as written when a file was unsure.")
@click.option("--warehouse", type=click.Path(path_type=Path, exists=True), metavar="PATH",
              help="Tables of a DuckDB file, or of a folder of Parquet files, that a loader fills; read where they are.")
@click.option("--table", "table_name", metavar="NAME", help="One table of --warehouse.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def load(files: tuple[Path, ...], source_name: str | None, yes: bool, leave_out: bool, map_file: Path | None, warehouse: Path | None,
         table_name: str | None, as_json: bool, **asked: Any) -> None:
    """Load exports or figures from each FILE: CSV, TSV, Excel (.xlsx) or Parquet.

    Exports (accounts, subscriptions, use, tickets, contacts, surveys …) are recognised by their columns. Accounts are
    loaded first, what is sure is stored at once, and an unsure map is written to a file with its questions.

    Figures: a row a figure (measure, period, value or numerator and denominator; segment, team and csm if you like),
    or a column a measure. Each file is stored as a whole or not at all; the same file twice changes nothing.
    """
    if sum(map(bool, (files, source_name, warehouse))) != 1:
        raise UsageError("Name the files to load, or a source with --source NAME, or a warehouse with --warehouse PATH.")
    if map_file and len(files) != 1 and not table_name:
        raise UsageError("--map belongs to one file, or to one --table of a warehouse. Load the others without it.")
    if table_name and not warehouse:
        raise UsageError("--table names a table of --warehouse PATH.")
    if source_name:
        return sources.run_load(source_name, as_json)
    choices, most = _choices(asked), asdict(limits())
    mapped = {"map_text": map_file.read_text("utf-8"), "map_name": map_file.name} if map_file else {}
    if warehouse:
        args = {"limits": most, "choices": choices, **mapped, "unsure": "leave" if yes else "", "leave_out": leave_out}
        return load_facts.run_warehouse(warehouse, table_name or "", args, as_json, MOST_LINES)
    done, failed, computed = [], [], None
    try:
        for file in _in_order(files, choices, most):
            try:
                done.append(_one(file, choices, most, yes, leave_out, as_json, mapped))
            except ScorecardError as error:
                if len(files) == 1 and not as_json:
                    raise
                failed.append(str(error))
                click.echo(f"Error: {error}", err=True)
    finally:
        computed = load_facts.computed(done, as_json)
    if as_json:
        click.echo(json.dumps({"files": done, "errors": failed, **({"computed": computed} if computed else {})}, ensure_ascii=False))
    if failed:
        sys.exit(1)


def _in_order(files: tuple[Path, ...], choices: dict[str, str], most: dict[str, int]) -> list[Path]:
    """The files in the order in which they are loaded: accounts first, so that the others find them."""
    if len(files) < 2:
        return list(files)
    paths = [str(file.resolve()) for file in files]
    ranks = store_commands.call("load_order", paths=paths, limits=most, choices=choices)
    return [file for _, file in sorted(zip(ranks, files), key=lambda one: one[0])]


def _facts(told: dict[str, Any], file: Path, as_json: bool) -> dict[str, Any]:
    """What a file of facts brought. Raises FileRefused with the name of its map when something is open."""
    if not told["accepted"]:
        load_facts.refuse_unsure(told, str(file))
    if not as_json:
        load_facts.show(told, MOST_LINES)
        click.echo(load_facts.outcome(told))
    return told


def _one(file: Path, choices: dict[str, str], most: dict[str, int], yes: bool, leave_out: bool, as_json: bool,
         mapped: dict[str, str]) -> dict[str, Any]:
    args = {"path": str(file.resolve()), "limits": most, "choices": choices, **mapped, "unsure": "leave" if yes else "", "compute": False}
    if not yes:
        shown = _call(**args, leave_out=leave_out)
        if shown["shape"] == "facts":
            return _facts(shown, file, as_json)
        if not as_json:
            _show(shown)
        _confirm(shown, file, leave_out, as_json)
        args |= {"sha256": shown["sha256"]}
        leave_out = True
    told = _call(**args, accept=True, leave_out=leave_out)
    if told["shape"] == "facts":
        return _facts(told, file, as_json)
    if not as_json:
        if yes:
            _show(told)
        click.echo(_outcome(told))
    return told


def _call(**args: Any) -> dict[str, Any]:
    return store_commands.call("load", **args)


def _confirm(shown: dict[str, Any], file: Path, leave_out: bool, as_json: bool) -> None:
    """Nothing, when the person at the terminal says yes. Raises FileRefused in a pipe and on no."""
    stored = "Nothing is stored."
    if shown["questions"]:
        one = shown["questions"][0]
        words = "; ".join(f"{answer}: {meaning}" for answer, meaning in one["options"][:6])
        raise FileRefused(f"{file.name}: {one['text']} {words}. Say it with {one['flag']}. {stored}")
    if shown["unknown"]:
        names = ", ".join(f"'{one['measure']}'" for one in shown["unknown"][:5])
        raise FileRefused(f"{file.name}: not in the definitions: {names}. {shown['unknown'][0]['hint']} "
                          f"Correct the name, or define what is new with --define. {stored}")
    if as_json or not sys.stdin.isatty():
        raise FileRefused(f"{file.name}: {stored} Use --yes to accept without being asked.")
    count = shown["new"] + len(shown["changed"])
    if not count:
        return
    out = sum(one["count"] for one in shown["refused"])
    left = f" and leave out {out:,}" if out else ""
    if not click.confirm(f"Accept {_figures(count)}{left}?", default=not out or leave_out):
        raise FileRefused(f"{file.name}: {stored}")


def _outcome(told: dict[str, Any]) -> str:
    if not told["stored"]:
        return f"{told['file']}: nothing new, nothing changed. Known already: {_figures(told['known'])}."
    placed = f" On the scorecard: {', '.join(told['on_scorecard'])}." if told["on_scorecard"] else ""
    out = sum(one["count"] for one in told["refused"])
    kept = f" {out:,} refused stay in quarantine." if out else ""
    return f"{told['file']}: {_figures(told['stored'])} stored.{kept}{placed}"


def _show(told: dict[str, Any]) -> None:
    """What was understood, as a table on a terminal and as plain lines in a pipe."""
    if sys.stdout.isatty():
        return _show_tables(told)
    for topic, bold, rest in told["understood"]:
        click.echo(f"{topic}: {bold} {rest}".rstrip())
    for notice in told["notices"]:
        click.echo(notice)
    click.echo(_counts(told))
    for one in told["changed"][:MOST_LINES]:
        click.echo(f"changed, row {one['row']}: {_where(one)}: {one['was']} -> {one['is']}")
    for one in told["refused"][:MOST_LINES]:
        click.echo(f"refused, {one['rows']}: {one['reason']}")
    for one in told["unknown"]:
        click.echo(f"not defined: {one['measure']} ({_figures(one['figures'])}). {one['hint']}".rstrip())


def _figures(count: int) -> str:
    return f"{count:,} figure" if count == 1 else f"{count:,} figures"


def _counts(told: dict[str, Any]) -> str:
    out = sum(one["count"] for one in told["refused"])
    return (f"{told['file']}: {told['new']:,} new, {len(told['changed']):,} changed, {told['known']:,} known already, {out:,} refused")


def _where(one: dict[str, Any]) -> str:
    return ", ".join(part for part in (one["measure"], one["period"], one["segment"], one["team"], one["csm"]) if part)


def _show_tables(told: dict[str, Any]) -> None:
    console = Console()
    seen = drawn.Table("What was understood", "", box=None, pad_edge=False)
    for topic, bold, rest in told["understood"]:
        seen.add_row(terminal.plain(topic), terminal.plain(f"{bold} {rest}"))
    console.print(seen)
    for notice in told["notices"]:
        console.print(terminal.plain(notice))
    console.print(terminal.plain(_counts(told)))
    for title, rows in (("Changed", [(f"row {one['row']:,}", _where(one), f"{one['was']} → {one['is']}") for one in told["changed"]]),
                        ("Refused", [(one["rows"], one["reason"], "") for one in told["refused"]]),
                        ("Not defined", [(one["measure"], _figures(one["figures"]), one["hint"]) for one in told["unknown"]])):
        if rows:
            table = drawn.Table(title, "", "", box=None, pad_edge=False)
            for row in rows[:MOST_LINES]:
                table.add_row(*map(terminal.plain, row))
            console.print(table)


commands = [load]
