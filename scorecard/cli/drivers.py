"""`python -m scorecard drivers FILE`: what goes with an outcome such as churn, without a store."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table as RichTable

from scorecard.core import drivers as core
from scorecard.core import logistic
from scorecard.core.drivers import Predictor, Study, Term
from scorecard.errors import StudyRefused, UsageError
from scorecard.intake import numbers, reader
from scorecard.intake.cases import Cases, read_cases
from scorecard.intake.table import COMMAND_LINE


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--outcome", required=True, metavar="COL", help="The column that says what happened: 1/0, yes/no or true/false.")
@click.option("--predictors", required=True, metavar="A,B,C", help="The columns that may go with it; texts become categories.")
@click.option("--method", type=click.Choice(list(logistic.METHODS)), default="firth", show_default=True,
              help="Firth's penalised likelihood, or maximum likelihood. The other is shown beside it in the JSON.")
@click.option("--per", multiple=True, metavar="COL=STEP", help="The step that one odds ratio stands for, for example usage=10. Repeat for more.")
@click.option("--bins", multiple=True, metavar="COL=N", help="Cut a column of numbers into N bands of about equal size. Repeat for more.")
@click.option("--reference", multiple=True, metavar="COL=TEXT", help="The text that the others of a column are compared with.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def drivers(file: Path, outcome: str, predictors: str, method: str, as_json: bool, **asked: tuple[str, ...]) -> None:
    """What goes with an outcome in FILE: odds ratios by logistic regression, or that there is no evidence, and why."""
    with tempfile.TemporaryDirectory() as staging:
        table = reader.read(file, file.name, Path(staging), COMMAND_LINE)
        cases = read_cases(table, outcome, _listed(predictors))
    found = core.study(cases.outcome, cases.happened, _predictors(cases, **asked), method)
    if as_json:
        click.echo(json.dumps(core.to_json(found), ensure_ascii=False))
    if found.verdict == "refused":
        raise StudyRefused(found.sentence)
    if not as_json:
        _print(found)


commands = [drivers]


def _listed(text: str) -> list[str]:
    """The names in a list with commas; a name with a comma stands in quotes."""
    names = [name.strip() for name in next(csv.reader([text], skipinitialspace=True), []) if name.strip()]
    if not names:
        raise UsageError("--predictors: name at least one column.")
    return names


def _predictors(cases: Cases, per: tuple[str, ...], bins: tuple[str, ...], reference: tuple[str, ...]) -> list[Predictor]:
    steps, bands, references = (_pairs(cases, option, given) for option, given in (("--per", per), ("--bins", bins), ("--reference", reference)))
    for option, given in (("--per", steps), ("--bins", bands)):
        _numbers_only(cases, option, given)
    for name in references:
        if not any(isinstance(cell, str) for cell in cases.predictors[name]):
            raise UsageError(f"--reference: {name!r} is a column of numbers; it has no text to compare with.")
    return [Predictor(name, cells, per=_step(name, steps), bins=_bins(name, bands), reference=references.get(name, ""))
            for name, cells in cases.predictors.items()]


def _pairs(cases: Cases, option: str, given: tuple[str, ...]) -> dict[str, str]:
    names = {name.lower(): name for name in cases.predictors}
    found = {}
    for text in given:
        name, equals, value = text.rpartition("=")
        if not equals or name.strip().lower() not in names:
            raise UsageError(f"{option}: {text!r} is not understood. Write COLUMN=VALUE with one of: {', '.join(cases.predictors)}.")
        found[names[name.strip().lower()]] = value.strip()
    return found


def _numbers_only(cases: Cases, option: str, given: dict[str, str]) -> None:
    for name in given:
        if any(isinstance(cell, str) for cell in cases.predictors[name]):
            raise UsageError(f"{option}: {name!r} is a column of texts; it has no steps and no bands.")


def _step(name: str, steps: dict[str, str]) -> float:
    found = numbers.read_number(steps.get(name, "1"))
    if found is None or found.value <= 0:
        raise UsageError(f"--per: {steps[name]!r} is not a step above 0 ({name}).")
    return found.value


def _bins(name: str, bands: dict[str, str]) -> int:
    text = bands.get(name, "0")
    if name in bands and (not text.isascii() or not text.isdigit() or not 2 <= int(text) <= 20):
        raise UsageError(f"--bins: {text!r} is not a number of bands from 2 to 20 ({name}).")
    return int(text)


def _print(found: Study) -> None:
    console = Console(highlight=False, markup=False)
    console.print(found.sentence)
    console.print(f"{found.n:,} rows, {found.events:,} with {found.outcome}, {found.events_per_driver:.1f} for each driver; {core.NAMES[found.method]}.")
    if found.verdict == "evidence":
        _print_terms(console, found)
    held = f"; {found.auc_held_out.value:.2f} on rows left out of the model" if found.auc_held_out else ""
    console.print(f"Telling apart (AUC): {found.auc.value:.2f}, {found.auc.lower:.2f} to {found.auc.upper:.2f}; 0.5 is a coin, 1 is perfect{held}.")
    for band in found.calibration:
        console.print(f"  predicted {band.predicted:.1%}: observed {band.observed:.1%} ({band.events:,} of {band.n:,}), {band.lower:.1%} to {band.upper:.1%}")
    for notice in found.notices:
        console.print(notice)


def _print_terms(console: Console, found: Study) -> None:
    table = RichTable(box=None, header_style="bold")
    for name in ("Driver", "Odds ratio", "95% interval", "p", ""):
        table.add_column(name, justify="left" if name in ("Driver", "") else "right")
    for term in found.terms:
        if term.predictor != core.INTERCEPT:
            table.add_row(*_cells(term))
    console.print(table)
    references = {term.predictor: term.reference for term in found.terms if term.reference}
    if references:
        console.print("Compared with: " + ", ".join(f"{name} {reference}" for name, reference in references.items()) + ".")


def _cells(term: Term) -> list[str]:
    name = term.name if term.level else f"{term.predictor}, {term.words}"
    if term.odds_ratio is None:
        return [name, "none", "", "", "no finite estimate"]
    ends = ["no limit" if end is None else core.times(end) for end in (term.lower, term.upper)]
    p = "" if term.p is None else "<0.001" if term.p < 0.001 else f"{term.p:.3f}"
    return [name, core.times(term.odds_ratio), " to ".join(ends), p, "" if term.clear else "no evidence either way"]
