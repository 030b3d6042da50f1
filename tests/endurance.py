"""How often the tests that need endurance repeat: in full with `python -m pytest -m endurance`, otherwise a tenth of what breaks
things, a third to a half of what varies, and the longest walks not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TypeVar

import pytest
from hypothesis import settings

T = TypeVar("T")
LONG = "a long walk: python -m pytest -m endurance"
FULL, LEAST = "SCORECARD_ENDURANCE", 10
DRAWN = "_hypothesis_internal_use_settings"  # where hypothesis keeps the settings of a test


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


def in_full_only(test: T) -> T:
    """The test, for runs of endurance: what it promises is tried in every other run by shorter ones."""
    return pytest.mark.endurance(pytest.mark.skipif(not in_full(), reason=LONG)(test))


def counted(full: int) -> int:
    """How often to repeat: `full` times in a run of endurance, a tenth of it (once at least) in every other."""
    return full if in_full() else max(1, full // 10)


def some(values: Iterable[T], each: int = 3) -> list[T]:
    """All of them in a run of endurance; every third, or however many are named, in every other."""
    return list(values)[:: 1 if in_full() else each]


def fewer_examples(function: object) -> bool:
    """Whether the property draws many examples: then it is tried with a third of them, ten at least, unless the run is one of endurance."""
    drawn = getattr(function, DRAWN, None)
    many = drawn is not None and drawn.max_examples > LEAST
    if many and not in_full():
        setattr(function, DRAWN, settings(drawn, max_examples=max(LEAST, drawn.max_examples // 3)))
    return many
