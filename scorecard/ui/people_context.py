"""Each CSM's figures in their statistical context, on the page People."""

from __future__ import annotations

from scorecard.core.reading import Sentence
from scorecard.ui.state import Page


def second_line(page: Page) -> str:
    """What stands under the heading of the page."""
    return "Names in alphabetical order, nobody is ranked"


def sentences(page: Page) -> tuple[Sentence, ...]:
    """What the figures of people say first on the page."""
    return ()


def menu(page: Page) -> None:
    """Which measures are shown."""


def draw(page: Page) -> None:
    """The funnel and the small intervals."""
