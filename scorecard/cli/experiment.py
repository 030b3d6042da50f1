"""`experiment`: how many are needed, who goes where, and what came of it, without a store."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from scorecard.core import experiments as core
from scorecard.core.experiments import Arm, Plan, Reading
from scorecard.errors import FileRefused, ScorecardError, UsageError
from scorecard.intake import numbers, reader
from scorecard.intake.table import COMMAND_LINE, Table


def _share(name: str) -> Callable[..., float | None]:
    """A click callback that reads 0.85 or 85%."""

    def read(ctx: click.Context, param: click.Parameter, text: str | None) -> float | None:
        if text is None:
            return None
        found = numbers.read_number(text)
        if found is None or not 0 < found.value < 1:
            raise UsageError(f"{name}: {text!r} is not a share between 0 and 1. Write 0.85 or 85%.")
        return found.value

    return read


def _shares(ctx: click.Context, param: click.Parameter, text: str) -> tuple[float, ...]:
    read = [numbers.read_number(part) for part in text.split(",") if part.strip()]
    if any(one is None for one in read):
        raise UsageError(f"--looks: {text!r} is not understood. Write shares of the whole size, for example 0.5,1.")
    return tuple(one.value for one in read)


@click.group()
def experiment() -> None:
    """Experiments: how many are needed, who goes into which group, and what came of it."""


@experiment.command("plan")
@click.option("--base", required=True, callback=_share("--base"), metavar="SHARE", help="The share as it is, 0.85 or 85%.")
@click.option("--to", callback=_share("--to"), metavar="SHARE", help="The share worth having; without it, give --available.")
@click.option("--power", default="0.8", show_default=True, callback=_share("--power"), metavar="SHARE", help="Chance to notice it.")
@click.option("--alpha", default="0.05", show_default=True, callback=_share("--alpha"), metavar="SHARE", help="Chance of a false alarm, both sides.")
@click.option("--available", type=click.IntRange(min=4), metavar="N", help="Units there are, both arms together: what could be noticed with them.")
@click.option("--volume", default="", metavar="N,N,…", help="Units that came in over past months: how long it takes.")
@click.option("--looks", default="", callback=_shares, metavar="SHARE,…", help="Looks before the end, as shares of the whole size, the last 1.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def plan(base: float, to: float | None, power: float, alpha: float, available: int | None, volume: str, looks: tuple[float, ...], as_json: bool) -> None:
    """How many each arm needs to notice a change of a share, or what could be noticed with those there are."""
    if to is None and available is None:
        raise UsageError("Give --to with the share worth having, or --available with the units there are.")
    if looks and max(looks) < 1:
        raise UsageError(f"--looks: the last look is the whole size, 1; found {looks[-1]:g}. Write for example 0.5,1.")
    made = core.plan(base, to, power, alpha, looks) if to is not None else None
    said = _plan_json(made) if made else {"per_arm": available // 2, "power": power, "alpha": alpha, "formula": core.FORMULA}
    if available is not None:
        lower, upper = core.smallest_change(base, available // 2, power, alpha)
        reached = core.power_of(base, to, available // 2, alpha) if to is not None else None
        said["available"] = {"units": available, "per_arm": available // 2, "power": reached, "lower": lower, "upper": upper}
    if volume:
        said["months"] = _months(said["per_arm"] * 2, volume)
    click.echo(json.dumps(said, ensure_ascii=False)) if as_json else _print_plan(base, to, said)


def _plan_json(made: Plan) -> dict[str, Any]:
    said: dict[str, Any] = {"per_arm": made.per_arm, "power": made.power, "alpha": made.alpha, "formula": core.FORMULA, "reached": made.reached}
    if made.looks:
        said["looks"] = [{"share": share, "z": bound} for share, bound in zip(made.looks, made.bounds)]
    return said


def _months(needed: int, text: str) -> dict[str, int | None] | None:
    read = [numbers.read_number(part) for part in text.split(",")]
    if any(one is None or one.value < 0 for one in read):
        raise UsageError(f"--volume: {text!r} is not understood. Write the units of past months, for example 40,52,47.")
    found = core.duration(needed, [one.value for one in read])
    return {"usual": found.usual, "slow": found.slow, "fast": found.fast} if found else None


def _print_plan(base: float, to: float | None, said: dict[str, Any]) -> None:
    if to is not None:
        click.echo(f"{said['per_arm']:,} an arm ({2 * said['per_arm']:,} in all) to notice {base:.1%} becoming {to:.1%} "
                   f"with power {said['power']:.0%} and {said['alpha']:.0%} false alarms.")
    for look in said.get("looks", []):
        click.echo(f"Look at {look['share']:.0%}: stop when z is beyond {look['z']:.3f} (O'Brien-Fleming).")
    if "available" in said:
        there = said["available"]
        ends = " or ".join(text for text in (there["lower"] and f"{there['lower']:.1%} or less", there["upper"] and f"{there['upper']:.1%} or more") if text)
        click.echo(f"With {there['units']:,} units, {there['per_arm']:,} an arm, {ends or 'no change at all'} would be noticed."
                   + (f" Power for {to:.1%}: {there['power']:.0%}." if to is not None else ""))
    months = said.get("months")
    if "months" in said and not months:
        click.echo("Nothing came in over the usual past month: it would never be full.")
    if months:
        click.echo(f"That takes about {months['usual']} months, {months['fast']} to {months['slow'] or 'no end'} with high or low volume.")
    click.echo(said["formula"])


@experiment.command("read")
@click.option("--a", "first", required=True, metavar="HITS/N", help="The arm to compare with: how many of how many, 425/500.")
@click.option("--b", "second", required=True, metavar="HITS/N", help="The arm that was changed.")
@click.option("--split", default="1:1", show_default=True, metavar="A:B", help="The intended ratio of the sizes of the arms.")
@click.option("--planned", type=click.IntRange(min=1), metavar="N", help="The size of an arm agreed beforehand: whether it may be read yet.")
@click.option("--looks", default="", callback=_shares, metavar="SHARE,…", help="Shares of the size at which it was read before, by agreement.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def read(first: str, second: str, split: str, planned: int | None, looks: tuple[float, ...], as_json: bool) -> None:
    """What two arms say of each other: the difference b − a with its interval, p, and whether the arms kept their sizes."""
    if looks and not planned:
        raise UsageError("--looks: shares of which size? Give the size of an arm agreed beforehand with --planned too.")
    seen = core.read(_arm("--a", first), _arm("--b", second), _ratio(split))
    said = reading_json(seen)
    if planned:
        said["decision"] = _decision(seen, planned, looks, _ratio(split))
    if as_json:
        click.echo(json.dumps(said, ensure_ascii=False))
        return
    click.echo(said["sentence"])
    click.echo(f"{seen.method}; Newcombe's 95% interval. Sizes of the arms against {split}: p = {seen.mismatch:.2g}.")
    if planned:
        click.echo(said["decision"]["sentence"])


def reading_json(seen: Reading) -> dict[str, Any]:
    """The reading as one object: shares of a and b, difference = b − a."""
    sentence = core.told(seen)
    if seen.mismatched:
        sentence += f" The arms are not the sizes intended ({seen.a.n:,} and {seen.b.n:,}): find out why before believing any of it."
    return {"a": seen.a.share, "b": seen.b.share, "difference": seen.difference, "lower": seen.lower, "upper": seen.upper, "p": seen.p,
            "method": seen.method, "sample_ratio": {"p": seen.mismatch, "warning": seen.mismatched}, "sentence": sentence}


def _decision(seen: Reading, planned: int, looked: tuple[float, ...], split: tuple[float, float]) -> dict[str, Any]:
    better = "up" if seen.difference >= 0 else "down"
    share = min(seen.a.n, seen.b.n) / planned
    if looked and looked[-1] >= min(1.0, share):
        raise UsageError(f"--looks: a look at {looked[-1]:.0%} cannot lie before this one, at {share:.0%} of the size agreed.")
    agreed = core.Rule("the share", better, planned, looks=(*looked, 1.0) if looked else (1.0,), planned=split)
    found = core.decide(agreed, seen, {}, looked)
    readable = found.boundary is not None
    return {"readable": readable, "boundary": found.boundary, "passed": readable and abs(seen.z) >= found.boundary, "share": min(1.0, share),
            "sentence": _passed(seen, found.boundary, share) if readable else found.sentence}


def _passed(seen: Reading, boundary: float, share: float) -> str:
    size = "The size agreed is reached" if share >= 1 else f"{share:.0%} of the size agreed is in"
    return f"{size}: z is {abs(seen.z):.3f}, {boundary:.3f} has to be passed{'' if abs(seen.z) >= boundary else ', it is not'}."


def _arm(option: str, text: str) -> Arm:
    found = re.fullmatch(r"\s*(\d{1,12})\s*/\s*(\d{1,12})\s*", text, re.ASCII)
    if not found:
        raise UsageError(f"{option}: {text!r} is not understood. Write the number with the outcome and the number in the arm, 425/500.")
    return Arm(int(found[1]), int(found[2]))


def _ratio(text: str) -> tuple[float, float]:
    parts = [numbers.read_number(part) for part in text.split(":")]
    if len(parts) != 2 or any(part is None or part.value <= 0 for part in parts):
        raise UsageError(f"--split: {text!r} is not understood. Write 1:1, or 2:1 when arm a is meant to be twice as large.")
    return parts[0].value, parts[1].value


@experiment.command("assign")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--id", "unit", required=True, metavar="COL", help="The column that names the units.")
@click.option("--by", default="", metavar="A,B", help="Columns within which the arms are balanced.")
@click.option("--seed", required=True, metavar="TEXT", help="What fixes the draw; keep it, it repeats the same arms.")
@click.option("--arms", default="a,b", show_default=True, metavar="A,B", help="Names of the arms.")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help="Where to write the CSV: unit, stratum, arm.")
def assign(file: Path, unit: str, by: str, seed: str, arms: str, out: Path) -> None:
    """Draw an arm for every row of FILE, balanced within strata, and write who goes where as CSV."""
    if not seed.strip():
        raise UsageError("--seed: it is blank. Write any words that nobody would guess, and keep them: they repeat the same arms.")
    with tempfile.TemporaryDirectory() as staging:
        units = _units(reader.read(file, file.name, Path(staging), COMMAND_LINE), unit, [name.strip() for name in by.split(",") if name.strip()])
    placed = core.assign(units, seed, [name.strip() for name in arms.split(",") if name.strip()])
    from scorecard.output.twins import csv_text

    try:
        out.write_text(csv_text(("unit", "stratum", "arm"), ((one.unit, one.stratum, one.arm) for one in placed)), "utf-8")
    except OSError as error:
        raise ScorecardError(f"{out} cannot be written: {error.strerror or error}. Choose another place with --out.") from error
    strata = len({one.stratum for one in placed})
    click.echo(f"{out}: {len(placed):,} units in {strata:,} {'stratum' if strata == 1 else 'strata'}, seed {seed}.")


def _units(table: Table, unit: str, by: list[str]) -> dict[str, str]:
    for name in (unit, *by):
        if name not in table.columns:
            raise FileRefused(f"{table.name}: there is no column {name!r}. It has: {', '.join(table.columns[:24])}.")
    names, strata = table.column(unit), [table.column(name) for name in by]
    found: dict[str, str] = {}
    for number, name, *cells in zip(table.numbers(), names, *strata):
        key = name.strip()
        if not key or key in found:
            raise FileRefused(f"{table.name}: row {number:,}: {key!r} {'is there twice' if key else 'names nobody'} ({unit}). Each unit has one row.")
        found[key] = " / ".join(cell.strip() for cell in cells)
    return found


commands = [experiment]
