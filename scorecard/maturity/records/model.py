"""What the product's own records say about a practice."""

from __future__ import annotations

from dataclasses import dataclass

NOTHING = "No records yet."


@dataclass(frozen=True)
class Records:
    """Plain lines about one practice, the most telling first. `count` is what was counted, None where nothing is kept yet.

    `contradicts` is (level, sentence): from that level on an answer and the records say different things. It is shown beside
    the answer and never changes it.
    """

    practice: str
    lines: tuple[str, ...]
    count: int | None
    contradicts: tuple[int, str] | None = None

    @property
    def short(self) -> str:
        """The first line to stand after `Records: `, such as `none challenged in 2026`."""
        line = self.lines[0].removesuffix(".")
        return line[:1].lower() + line[1:]


def none_yet(practice: str) -> Records:
    """The records of a practice of which the product keeps nothing yet."""
    return Records(practice, (NOTHING,), None)
