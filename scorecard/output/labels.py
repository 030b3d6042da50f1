"""Where words stand on a chart so that they hide neither the data nor one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

CHARACTER = 6.3
LINE = 15.0


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels from the left and bottom of the plot; `weight` is how bad it is to cover it."""

    left: float
    right: float
    bottom: float
    top: float
    weight: float = 1.0

    def shared(self, other: Box) -> float:
        """The common area, in square pixels."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        return width * height if width > 0 and height > 0 else 0.0


@dataclass
class Room:
    """A plot of a size in pixels and what is already on it."""

    width: float
    height: float
    taken: list[Box] = field(default_factory=list)

    def cost(self, box: Box, taken: Sequence[Box]) -> float:
        """How much a label here would hide; leaving the plot costs most."""
        inside = Box(0, self.width, 0, self.height)
        outside = (box.right - box.left) * (box.top - box.bottom) - box.shared(inside)
        return outside * 5 + sum(box.shared(other) * other.weight for other in taken)

    def place(self, candidates: Sequence[Box]) -> Box:
        """The first of the candidates that hides least; from now on it is taken."""
        left, right = min(box.left for box in candidates), max(box.right for box in candidates)
        near = [other for other in self.taken if other.left < right and left < other.right]
        best = min(candidates, key=lambda box: self.cost(box, near))
        self.taken.append(Box(best.left, best.right, best.bottom, best.top, 4.0))
        return best


def size(lines: Sequence[str]) -> tuple[float, float]:
    """Width and height of lines of 12 px text, in pixels."""
    return max((len(line) for line in lines), default=0) * CHARACTER + 6, len(lines) * LINE + 2


def beside(x: float, lines: Sequence[str], room: Room, step: float = 8.0) -> list[Box]:
    """Places for a label to the left or right of a vertical line, from the top down."""
    width, height = size(lines)
    tops = [room.height - n * step for n in range(int((room.height - height) / step) + 1)]
    return [Box(left, left + width, top - height, top) for top in tops for left in (x - width - 5, x + 5)]


def around(x: float, y: float, lines: Sequence[str], below: bool) -> list[Box]:
    """Places for a label near a point: under it or over it, then further out."""
    width, height = size(lines)
    steps = [9.0 + 8 * n for n in range(10)]
    signs = (-1, 1) if below else (1, -1)
    places = []
    for sign in signs:
        for step in steps:
            middle = y + sign * (step + height / 2)
            places += [
                Box(left, left + width, middle - height / 2, middle + height / 2)
                for left in (x - width + 8, x - width / 2, x - 8)
            ]
    return places
