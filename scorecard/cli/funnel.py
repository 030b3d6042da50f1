"""`python -m scorecard funnel FILE`: groups or people in their statistical context, without a store."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table as RichTable

from scorecard.core import funnel as core
from scorecard.core.funnel import Count, Funnel, Line
from scorecard.errors import UsageError
from scorecard.intake import groups, reader
from scorecard.intake.table import COMMAND_LINE


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rate", is_flag=True, help="Events per exposure (Poisson limits) instead of a share of cases (binomial).")
@click.option("--worth-noticing", default=core.WORTH_NOTICING, show_default=True, metavar="DIFFERENCE",
              help="The smallest difference that matters, as a fraction; a group in which it would not be noticed has too few accounts to tell.")
@click.option("--who", default="group", show_default=True, metavar="WORD", help="What a group is called in the sentence, such as CSM.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def funnel(file: Path, rate: bool, worth_noticing: float, who: str, as_json: bool) -> None:
    """Each group of FILE against the whole: exact limits, intervals, what would be noticed; nobody is ranked.

    FILE has the columns group, numerator and denominator; rows of one group are added up. Groups come in alphabetical order.
    """
    if not 0 < worth_noticing <= 1 and not rate or worth_noticing <= 0:
        raise UsageError(f"--worth-noticing: {worth_noticing:g} is no difference. Write a fraction: 0.1 is 10 points.")
    with tempfile.TemporaryDirectory() as staging:
        table = reader.read(file, file.name, Path(staging), COMMAND_LINE)
        rows = groups.read_groups(table)
    counts = [Count(one.group, one.numerator, one.denominator) for one in rows]
    found = core.funnel(counts, core.RATE if rate else core.SHARE, worth_noticing)
    if as_json:
        click.echo(json.dumps(core.to_json(found, who), ensure_ascii=False))
        return
    _print(found, who)


commands = [funnel]


def _print(found: Funnel, who: str) -> None:
    console = Console(highlight=False, markup=False)
    console.print(core.says(found, who).text)
    console.print(f"{found.pooled:.1%} of all ({found.numerator:,g} of {found.denominator:,g}); {core.METHOD.format(core.KINDS[found.kind])}.")
    table = RichTable(box=None, header_style="bold")
    for name in (who[:1].upper() + who[1:], "n", "Rate", "Interval", "95%", "99.8%", "Notices", "Verdict"):
        table.add_column(name, justify="left" if name == "Verdict" or name.lower() == who.lower() else "right", no_wrap=name != "Verdict" and name.lower() != who.lower())
    for one in found.lines:
        table.add_row(*_cells(one))
    console.print(table)
    spread = found.dispersion
    if spread.phi is not None:
        wide = f"; the limits are {spread.factor:.2f} times as wide" if spread.factor > 1 else ""
        console.print(f"phi {spread.phi:.2f}, tau² {spread.tau2:.5f}{wide}. Chance alone puts a {who} outside the 95% limits in "
                      f"{100 * found.chance_95:.0f} of 100 such tables, outside the 99.8% limits in {100 * found.chance_998:.0f}.")
    if not found.enough and not found.differing:
        console.print(core.alone(found).strip())


def _cells(one: Line) -> list[str]:
    pairs = ["–" if ends is None else f"{100 * ends[0]:.0f}–{100 * ends[1]:.0f}%" for ends in (one.wilson, one.limits_95, one.limits_998)]
    seen = "nothing" if one.smallest_noticeable is None else f"{100 * one.smallest_noticeable:.1f}"
    return [one.group, f"{one.n:,g}", "–" if one.rate is None else f"{one.rate:.1%}", *pairs, seen, one.verdict]
