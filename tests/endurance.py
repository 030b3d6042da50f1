"""How often the tests that need endurance repeat: in full with `python -m pytest -m endurance`, a tenth otherwise."""

from __future__ import annotations

import os
import re

FULL = "SCORECARD_ENDURANCE"


def asked_for(expression: str) -> bool:
    """Whether the `-m` of a test run asks for what is marked `endurance`."""
    return re.search(r"(?<!not )\bendurance\b", expression) is not None


def begin(expression: str) -> None:
    """Notes what this run asks for; its workers and children inherit it."""
    if asked_for(expression):
        os.environ[FULL] = "full"


def in_full() -> bool:
    """Whether this run repeats in full."""
    return os.environ.get(FULL) == "full"


def counted(full: int) -> int:
    """How often to repeat: `full` times in a run of endurance, a tenth of it (once at least) in every other."""
    return full if in_full() else max(1, full // 10)
