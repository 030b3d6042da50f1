"""The files of the sample company, written byte for byte as they are shipped."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from scorecard.larkfield import actions, exports, raters
from scorecard.larkfield.figures import COLUMNS, SEED, generate
from scorecard.larkfield.planted import facts_text

LOADED = ("development_plans_kept",)


def write(folder: Path) -> list[Path]:
    """The files of the sample: the figures that it loads as such, the exports that the others are computed from, what
    computing has to come to, what was planted, what people did, and what they answer about maturity."""
    (folder / "exports").mkdir(parents=True, exist_ok=True)
    rows = generate()
    texts = {"figures.csv": figures_text(rows[rows["measure"].isin(LOADED)]), "drawn.csv": figures_text(rows),
             "facts.toml": facts_text(SEED), "actions.toml": actions.text(), "answers.toml": raters.text()}
    texts |= {f"exports/{name}": exports.text(table) for name, table in exports.tables().items()}
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
    return [folder / name for name in texts]


def figures_text(rows: pd.DataFrame) -> str:
    """The figures as CSV; a number is written as shortly as it can be read back."""
    lines = [",".join(COLUMNS)]
    known = rows.dropna(subset=["numerator", "value"], how="all")
    lines += [",".join(_written(item) for item in row) for row in known[list(COLUMNS)].itertuples(index=False)]
    return "\n".join(lines) + "\n"


def _written(item: str | float) -> str:
    if isinstance(item, str):
        return item
    if math.isnan(item):
        return ""
    return str(int(item)) if item == int(item) else str(round(item, 4))
