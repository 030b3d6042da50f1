"""`export`: a month of a scorecard as a file, without a browser and without the network."""

from __future__ import annotations

import base64
from datetime import date
from pathlib import Path
from typing import Any

import click

from scorecard import access, metrics, reviews
from scorecard import commands as store_commands
from scorecard.access import Actor
from scorecard.errors import ScorecardError, UsageError
from scorecard.output import pack_files
from scorecard.store import definitions
from scorecard.store.engine import Store


def export_month(store: Store, actor: Actor, today: date, scorecard: str, month: str, format: str) -> dict[str, Any]:
    """The file's name and its content in base64, with the period, and whether the month is signed."""
    access.require(actor, "read_scorecard")
    kind = pack_files.FORMATS.get(format)
    if kind is None:
        raise UsageError(f"There is no format {format!r}. There is: {', '.join(pack_files.FORMATS)}.")
    with store.read() as tx:
        cards = definitions.scorecards(tx)
    card = scorecard or (cards[0].id if cards else "")
    latest = metrics.scorecard_view(store, card, None, "", today)
    period = reviews.period_of(month) if month else latest.period
    told = reviews.month(store, card, period, today)
    if all(row.value is None for row in told.view.rows):
        known = (
            f"There are figures from {latest.periods[0].label} to {latest.periods[-1].label}." if latest.periods else ""
        )
        raise UsageError(f"There are no figures for {period.label}. {known}".strip())
    content = kind.build(told)
    return {
        "name": pack_files.name_of(told, format, content),
        "period": str(period),
        "signed": told.signature is not None,
        "content": base64.b64encode(content).decode(),
    }


@click.command()
@click.option("--month", default="", metavar="PERIOD", help="2026-10 or 2026-Q4; the latest complete one without it.")
@click.option("--format", "kind", type=click.Choice(list(pack_files.FORMATS)), default="pdf", show_default=True)
@click.option("--scorecard", default="", metavar="ID", help="A scorecard; the first without it.")
@click.option(
    "--out",
    default="",
    metavar="FILE",
    help="Where to write it; - is standard output. Without it: here, "
    "under a name that carries the hash of the content.",
)
def export(month: str, kind: str, scorecard: str, out: str) -> None:
    """Write a month of a scorecard as a file: the frozen copy once it is signed, else as it stands."""
    made = store_commands.call("export", scorecard=scorecard, month=month, format=kind)
    content = base64.b64decode(made["content"])
    if out == "-":
        click.echo(content, nl=False)
        return
    place = Path(out or made["name"])
    _write(place, content)
    state = "signed" if made["signed"] else "not signed: it may still change"
    click.echo(f"{place}: {made['period']}, {state}, {len(content):,} bytes.")


def _write(place: Path, content: bytes) -> None:
    """Nothing; the file is there as a whole, or not at all."""
    part = place.with_name(f".{place.name}.part")
    try:
        part.write_bytes(content)
        part.replace(place)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ScorecardError(
            f"{place} cannot be written: {error.strerror or error}. Choose another place with --out."
        ) from error


commands = [export]
