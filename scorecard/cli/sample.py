"""`python -m scorecard sample`: the fictional company, loaded, taken away, or drawn again."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from scorecard import larkfield, places, sample
from scorecard.access import Actor
from scorecard.commands import call
from scorecard.store.engine import Store

# -- the commands as the store's process runs them: plain JSON in, plain JSON out


def load_sample(store: Store, actor: Actor, today: date) -> dict[str, Any]:
    """What came with the sample."""
    done = sample.load(store, actor, today)
    return {"name": done.name, "facts": done.facts, "figures": done.figures, "measures": done.measures, "people": done.people}


def remove_sample(store: Store, actor: Actor, today: date) -> dict[str, Any]:
    """The name of the company that went."""
    return {"removed": sample.remove(store, actor)}


@click.command("sample")
@click.option("--remove", is_flag=True, help="Take the sample away, with everything recorded since it came.")
@click.option("--write", is_flag=True, help="Draw the files of data/sample again; the store is not touched.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def sample_command(remove: bool, write: bool, as_json: bool) -> None:
    """Load Larkfield, a fictional company of 412 accounts and 36 months, into a store without figures."""
    if remove and write:
        raise click.UsageError("--remove and --write are two things. Give one of them.")
    if write:
        done, words = _write(places.data_folder() / "sample")
    elif remove:
        done = call("sample_remove")
        words = f"{done['removed']} is gone, with everything recorded since it came. What stood before stands again."
    else:
        done = call("sample_load")
        words = (f"{done['name']} is loaded: {done['facts']:,} facts from the exports of its tools, {done['figures']:,} figures "
                 f"computed from them, {done['people']} people. Take it away with: python -m scorecard sample --remove.")
    click.echo(json.dumps(done, ensure_ascii=False) if as_json else words)


def _write(folder: Path) -> tuple[dict[str, Any], str]:
    files = [path.relative_to(folder).as_posix() for path in larkfield.write(folder)]
    return {"seed": larkfield.SEED, "files": files}, f"Drawn with seed {larkfield.SEED}: {', '.join(files)}."


commands = [sample_command]
