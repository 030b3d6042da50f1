"""Words from the store and from files, in tables on a terminal."""

from __future__ import annotations


def plain(text: str) -> str:
    """The text without the marks that rich would read as styles, and without control characters of a terminal."""
    from rich.markup import escape

    return escape("".join(c for c in text if c.isprintable()))
