"""Where the files are: read from the environment at call time, by the edges only."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = "SCORECARD_STATE"
FACTS = "SCORECARD_FACTS"
MEASURES = "SCORECARD_MEASURES"


def data_folder() -> Path:
    """The folder that holds the definitions, the sample and, by default, the two stores."""
    return ROOT / "data"


def state_place() -> str:
    """A path, or `postgresql://…`, of what people write."""
    return os.environ.get(STATE) or str(data_folder() / "state.duckdb")


def facts_place() -> str:
    """The path of what exports bring."""
    return os.environ.get(FACTS) or str(data_folder() / "facts.duckdb")


def measures_file() -> Path:
    """The file of definitions."""
    return Path(os.environ.get(MEASURES) or data_folder() / "measures.toml")
