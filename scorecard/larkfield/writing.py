"""The files of the sample company, written byte for byte as they are shipped."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from scorecard.larkfield.figures import COLUMNS, SEED, generate
from scorecard.larkfield.planted import facts_text


def write(folder: Path) -> list[Path]:
    """The figures, and what was planted."""
    folder.mkdir(parents=True, exist_ok=True)
    figures, facts = folder / "figures.csv", folder / "facts.toml"
    figures.write_bytes(figures_text(generate()).encode())
    facts.write_bytes(facts_text(SEED).encode())
    return [figures, facts]


def figures_text(rows: pd.DataFrame) -> str:
    """The figures as CSV; a number is written as shortly as it can be read back."""
    lines = [",".join(COLUMNS)]
    lines += [",".join(_written(item) for item in row) for row in rows[list(COLUMNS)].itertuples(index=False)]
    return "\n".join(lines) + "\n"


def _written(item: str | float) -> str:
    if isinstance(item, str):
        return item
    if math.isnan(item):
        return ""
    return str(int(item)) if item == int(item) else str(round(item, 4))
