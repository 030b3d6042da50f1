"""`python -m scorecard chart FILE`: a process behaviour chart of one series, without a store."""

from __future__ import annotations

import json
import re
import tempfile
from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table as RichTable

from scorecard.core import fmt, reading, spc
from scorecard.core.definition import DIRECTIONS, Definition, Goal
from scorecard.core.periods import Period, containing, parse
from scorecard.errors import ChartRefused, UsageError
from scorecard.intake import numbers, reader
from scorecard.intake.series import Series, one_series
from scorecard.intake.table import COMMAND_LINE

EXAMPLE = date(2026, 10, 1)
PLAINLY_PERCENT = 2  # Above 200% a figure of a measure in percent is hardly meant as a multiple.


def _rules_help() -> str:
    lines = ["\b", "Rules, and how strong a signal each gives:"]
    for name, ids in spc.RULE_SETS.items():
        lines.append(f"{name}:")
        lines += [f"  {id:<21} {spc.RULES[id].strength:<9} {spc.RULES[id].title}" for id in ids]
    return "\n".join(lines)


@click.command(epilog=_rules_help())
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--measure", default="", metavar="NAME", help="Which measure of the file, when it holds several.")
@click.option("--type", "type_", type=click.Choice(list(spc.TYPES)), default="xmr", show_default=True, help="Kind of chart.")
@click.option("--rules", type=click.Choice(list(spc.RULE_SETS)), default="wheeler", show_default=True, help="Which patterns are signals.")
@click.option("--centre", type=click.Choice(["mean", "median"]), default="mean", show_default=True, help="Centre line.")
@click.option("--ranges", type=click.Choice(["mean", "median"]), default="mean", show_default=True, help="Average of the moving ranges.")
@click.option("--screen", is_flag=True, help="Leave moving ranges above their upper limit out of the average.")
@click.option("--baseline", metavar="N|FROM:TO|all", help="Points that set the limits: the first N, those between two periods, or all.")
@click.option("--lock-after", type=click.IntRange(min=2), metavar="N", help="Lock the limits at N points instead of 24 (20 for weeks and quarters).")
@click.option("--rebase", multiple=True, metavar="PERIOD", help="Start new limits at this period. Repeat for more.")
@click.option("--exclude", multiple=True, metavar="PERIOD", help="Leave this period out of limits and runs. Repeat for more.")
@click.option("--direction", type=click.Choice(DIRECTIONS), default="neutral", show_default=True, help="Which way is better.")
@click.option("--goal", metavar="X", help="The goal to compare with.")
@click.option("--bounds", metavar="LO:HI", help="Least and greatest possible value; either may be left blank.")
@click.option("--window", default="period", show_default=True, metavar="period|trailing-K|cumulative", help="What one figure covers.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def chart(file: Path, measure: str, as_json: bool, **asked) -> None:
    """Chart one series of FILE: columns period and value, or period, numerator and denominator."""
    with tempfile.TemporaryDirectory() as staging:
        table = reader.read(file, file.name, Path(staging), COMMAND_LINE)
        series = one_series(table, measure)
    options = _options(series, asked)
    _check_shares(file.name, series, options)
    drawn = spc.read_series(series.figures, options)
    _check_percent(series, {"--goal": asked["goal"], "--bounds": asked["bounds"]})
    definition = _definition(series, options)
    goals = _goals(asked["goal"], drawn)
    read = reading.read(drawn, definition, goals)
    if as_json:
        click.echo(json.dumps(reading.to_json(drawn, read), ensure_ascii=False))
    else:
        _print(drawn, read, definition)


commands = [chart]


def _options(series: Series, asked: dict) -> spc.Options:
    grain = series.figures[0].period.grain
    return spc.Options(
        asked["type_"], asked["rules"], asked["centre"], asked["ranges"], asked["screen"], _baseline(asked["baseline"], grain),
        asked["lock_after"], tuple(_period(text, grain, "--rebase") for text in asked["rebase"]),
        frozenset(_period(text, grain, "--exclude") for text in asked["exclude"]), asked["direction"],
        _bounds(asked["bounds"]), _window(asked["window"]))


def _period(text: str, grain: str, option: str) -> Period:
    found = parse(text)
    if found is None or found[0] not in (grain, "date"):
        raise UsageError(f"{option}: {text!r} is not a {grain}. Write it like {containing(EXAMPLE, grain)}.")
    return containing(found[1], grain)


def _baseline(text: str | None, grain: str) -> None | int | tuple[Period, Period] | str:
    if text is None or text == "all":
        return text
    if re.fullmatch(r"\d+", text):
        if int(text) < 2:
            raise UsageError(f"--baseline: {text} is too few. Limits need at least 2 points, and 12 or more to be firm.")
        return int(text)
    first, colon, last = text.partition(":")
    if not colon:
        raise UsageError(f"--baseline: {text!r} is not understood. Give a number of points, FROM:TO, or all.")
    return _period(first, grain, "--baseline"), _period(last, grain, "--baseline")


def _number(text: str, option: str) -> float:
    found = numbers.read_number(text)
    if found is None:
        raise UsageError(f"{option}: {text!r} is not a number.")
    return found.value


def _bounds(text: str | None) -> tuple[float | None, float | None]:
    if text is None:
        return None, None
    low, colon, high = text.partition(":")
    if not colon:
        raise UsageError(f"--bounds: {text!r} is not understood. Give LO:HI, for example 0:1 or 0: for no upper bound.")
    ends = tuple(_number(end, "--bounds") if end.strip() else None for end in (low, high))
    if None not in ends and ends[0] >= ends[1]:
        raise UsageError(f"--bounds: {low} is not below {high}.")
    return ends


def _window(text: str) -> str:
    if text in ("period", "cumulative") or re.fullmatch(r"trailing-(?!1$)[1-9]\d*", text):
        return text
    raise UsageError(f"--window: {text!r} is not understood. Use period, trailing-12 (any number from 2) or cumulative.")


def _goals(text: str | None, drawn: spc.Chart) -> list[Goal]:
    return [] if text is None else [Goal(drawn.points[0].period.start, _number(text, "--goal"), "command line")]


def _check_shares(name: str, series: Series, options: spc.Options) -> None:
    """A share has no numerator above its denominator."""
    if options.type not in spc.SHARE_TYPES and options.bounds[1] != 1:
        return
    if series.above:
        raise ChartRefused(f"{name}: {series.above} A share cannot be above 100%; for events for each unit use --type u.")


def _check_percent(series: Series, asked: dict[str, str | None]) -> None:
    """Where figures are written with a % sign, a plain 50 may mean 50% or 5,000%: it is asked, not guessed."""
    if not series.percent or any(figure.value is not None and figure.value > PLAINLY_PERCENT for figure in series.figures):
        return
    for option, text in asked.items():
        for part in (text or "").split(":"):
            found = numbers.read_number(part)
            if found and not found.percent and abs(found.value) > PLAINLY_PERCENT:
                raise UsageError(f"{option}: {part} may mean {part}% or {found.value * 100:,g}%, and the figures are percentages. "
                                 f"Write {part}% or {found.value / 100:g}.")


def _definition(series: Series, options: spc.Options) -> Definition:
    share = series.percent or options.type in spc.SHARE_TYPES or options.bounds == (0, 1)
    unit = "percent" if share else "count" if series.whole else "number"
    return Definition(series.name, series.name, unit=unit, improvement_direction=options.direction, bounds=options.bounds,
                      format="" if share or series.whole else "0.00", chart=options.type)


def _print(drawn: spc.Chart, read: reading.Reading, definition: Definition) -> None:
    console = Console(highlight=False)
    console.print(read.full_sentence)
    console.print(f"Status: {reading.STATUSES[read.status]}. {reading.VERBS[read.verb]}. "
                  f"Goal: {reading.CAPABILITIES[read.capability].lower() if read.goal else 'none set'}.")
    table = RichTable(box=None, header_style="bold")
    for name in ("Period", "Value", "Range", "Lower", "Centre", "Upper", "Signals"):
        table.add_column(name, justify="left" if name in ("Period", "Signals") else "right")
    for point in drawn.points:
        table.add_row(str(point.period), *(fmt.value(x, definition) for x in (point.value, point.range, point.lower, point.centre, point.upper)),
                      _marks(point))
    console.print(table)
    for phase in drawn.phases:
        base = phase.baseline
        points = "1 point" if base.n == 1 else f"{base.n} points"
        console.print(f"Limits from {phase.start}: {base.state}, {points}" + (f", {base.start} to {base.end}." if base.start else "."))
    for notice in read.notices:
        console.print(notice)


def _marks(point: spc.Point) -> str:
    marks = [s.rule + (" (complete)" if s.completes else "") for s in point.signals]
    return ", ".join((["excluded"] if point.excluded else []) + (["partial"] if point.partial else []) + marks)
