"""Words that the parts of a review share."""

from __future__ import annotations

from collections.abc import Sequence

from scorecard.core.reading import count_word as count


def named_list(names: Sequence[str]) -> str:
    """All names: `A`, `A and B`, `A, B and C`; a review leaves none out."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def numbers(places: Sequence[int]) -> str:
    """`2`, `2 and 3`, `1, 2 and 3`."""
    return named_list([str(place) for place in places])


def plural(n: int, one: str, more: str = "") -> str:
    """`1 item`, `3 items`."""
    return f"{n:,} {one if n == 1 else more or one + 's'}"


__all__ = ["count", "named_list", "numbers", "plural"]
