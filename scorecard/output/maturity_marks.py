"""What is drawn about maturity: levels on an axis from 1 to 5, people as squares, small lines over the cycles."""

from __future__ import annotations

from collections.abc import Sequence

from scorecard.core.rubric import LEVELS, Score
from scorecard.output import marks
from scorecard.output.theme import escape

EDGE = 5.5  # percent of the axis' width to the left of level 1, and to the right of level 5
LAST = len(LEVELS)
SQUARES_WIDTH, SQUARES_HEIGHT, SLOT, LARGEST = 130.0, 42.0, 26.0, 7.6


def at(level: float) -> str:
    """The place of a level on an axis that is as wide as its cell, in percent."""
    return f"{place(level):.2f}%"


def place(level: float) -> float:
    """The same as a number from 0 to 100."""
    return EDGE + (level - 1) / (LAST - 1) * (100 - 2 * EDGE)


def wide(height: int, content: str, label: str = "", kind: str = "lv") -> str:
    """A drawing as wide as its cell; places in it are percents."""
    named = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" width="100%" height="{height}" {named}>{content}</svg>'


def heads(names: Sequence[str]) -> str:
    """The head of the axis: the five levels with their names."""
    parts = "".join(
        f'<text class="lv-no" x="{at(level)}" y="12" text-anchor="middle">{level}</text>'
        f'<text class="lv-name" x="{at(level)}" y="28" text-anchor="middle">{escape(name)}</text>'
        for level, name in enumerate(names, 1)
    )
    said = ", ".join(f"{level} {name}" for level, name in enumerate(names, 1))
    return wide(34, parts, f"Levels: {said}")


def _grid(height: int) -> str:
    return "".join(f'<line class="m-hair" x1="{at(n)}" x2="{at(n)}" y1="0" y2="{height}"/>' for n in LEVELS)


def levels(score: Score, last: float | None = None, target: float | None = None, height: int = 44) -> str:
    """A score on the axis: all raters, the middle half thick, the last cycle hollow, the target a tick, the median now."""
    middle = height / 2
    parts = [_grid(height), _range(score, middle)]
    if last is not None:
        parts.append(f'<circle class="lv-last" cx="{at(last)}" cy="{middle:g}" r="8"/>')
    if target is not None:
        parts.append(f'<line class="lv-target" x1="{at(target)}" x2="{at(target)}" y1="{middle - 11:g}" y2="{middle + 11:g}"/>')
    if score.median is not None:
        parts.append(f'<circle class="m-inkfill" cx="{at(score.median)}" cy="{middle:g}" r="6"/>')
    return wide(height, "".join(parts), "" if score.hidden else told(score, last, target))


def _range(score: Score, middle: float) -> str:
    """The thin line from the lowest to the highest rater with the thick middle half."""
    if score.lowest is None:
        return ""
    line = f'<line class="lv-all" x1="{at(score.lowest)}" x2="{at(score.highest)}" y1="{middle:g}" y2="{middle:g}"/>'
    if score.middle is None:
        return line
    low, high = score.middle
    width = place(high) - place(low)
    return f'{line}<rect class="b-half" x="{at(low)}" y="{middle - 3.5:g}" width="{width:.2f}%" height="7"/>'


def told(score: Score, last: float | None = None, target: float | None = None) -> str:
    """What the drawing of a score shows, in words."""
    if score.hidden:
        return "Hidden: fewer than five answers."
    if score.median is None:
        return "Nobody gave a level."
    parts = [f"Median {score.median:.1f} of {score.n}", f"all from {score.lowest:.1f} to {score.highest:.1f}"]
    if score.middle is not None:
        parts.append(f"middle half {score.middle[0]:.1f} to {score.middle[1]:.1f}")
    parts += [f"last cycle {last:.1f}"] if last is not None else []
    parts += [f"target {target:.1f}"] if target is not None else []
    return "; ".join(parts) + "."


def squares(counts: Sequence[int]) -> str:
    """How many chose each level, one square a person, smaller where many chose the same."""
    size = _cell(max(counts, default=0))
    columns = int((SLOT - 6) // size)
    parts = [f'<path class="lv-floor" d="M0 {SQUARES_HEIGHT - 1:g}H{SQUARES_WIDTH:g}"/>']
    for level, count in enumerate(counts):
        left = level * SLOT + (SLOT - min(columns, 2) * size) / 2 if columns < 3 else level * SLOT + 3
        for n in range(count):
            x, y = left + n % columns * size, SQUARES_HEIGHT - 3 - (n // columns + 1) * size
            parts.append(f'<rect class="m-fill" x="{x:.2f}" y="{y:.2f}" width="{size * 0.8:.1f}" height="{size * 0.8:.1f}"/>')
    return marks.svg(SQUARES_WIDTH, SQUARES_HEIGHT, "".join(parts), counted(counts), "lv-squares")


def _cell(most: int) -> float:
    """The side of a square with its gap, so that the fullest level fits."""
    size = LARGEST
    while int((SLOT - 6) // size) * int((SQUARES_HEIGHT - 4) // size) < most:
        size *= 0.9
    return size


def counted(counts: Sequence[int]) -> str:
    """`level 1: 1, level 2: 5 …` for those who do not see the squares."""
    return "People: " + ", ".join(f"level {level}: {count}" for level, count in enumerate(counts, 1))


def gap(now: float, target: float) -> str:
    """The way from the median now to the target, on a small axis."""
    line = f'<line class="lv-faint" x1="{at(1)}" x2="{at(LAST)}" y1="13" y2="13"/>'
    way = f'<line class="lv-way" x1="{at(now)}" x2="{at(target)}" y1="13" y2="13"/>'
    tick = f'<line class="lv-target" x1="{at(target)}" x2="{at(target)}" y1="4" y2="22"/>'
    dot = f'<circle class="m-inkfill" cx="{at(now)}" cy="13" r="5"/>'
    return wide(26, line + way + tick + dot, f"Median {now:.1f}, target {target:.1f}.", "lv lv-gap")


def dot(level: float) -> str:
    """A score on a small axis from 1 to 5."""
    line = f'<line class="lv-faint" x1="{at(1)}" x2="{at(LAST)}" y1="13" y2="13"/>'
    return wide(26, f'{line}<circle class="m-inkfill" cx="{at(level)}" cy="13" r="5"/>', "", "lv lv-gap")


def small_heads() -> str:
    """The figures 1 to 5 above the small axis."""
    texts = "".join(f'<text class="lv-name" x="{at(n)}" y="12" text-anchor="middle">{n}</text>' for n in LEVELS)
    return wide(16, texts, "Levels 1 to 5", "lv lv-gap")


def line(values: Sequence[float | None], target: float | None = None, width: float = 150.0, height: float = 34.0) -> str:
    """The medians of a system over the cycles, on one scale from 1 to 5 for every system; the target dotted."""
    step = (width - 16) / max(len(values) - 1, 1)
    points = [(8 + n * step, _height(value, height)) for n, value in enumerate(values) if value is not None]
    parts = []
    if target is not None:
        parts.append(f'<path class="m-goal" d="M0 {_height(target, height):.1f}H{width:g}"/>')
    if len(points) > 1:
        parts.append(f'<path class="m-line" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in points)}"/>')
    last = len(points) - 1
    parts += [
        f'<circle class="{"m-inkfill" if n == last else "m-dot"}" cx="{x:.1f}" cy="{y:.1f}" r="{4 if n == last else 2.4}"/>'
        for n, (x, y) in enumerate(points)
    ]
    said = ", ".join("none" if value is None else f"{value:.1f}" for value in values)
    return marks.svg(width, height, "".join(parts), f"Medians over the cycles: {said}.", "lv-line")


def _height(level: float, height: float) -> float:
    return height - 3 - (level - 1) / (LAST - 1) * (height - 6)


LEGEND = {
    "now": marks.svg(12, 12, '<circle class="m-inkfill" cx="6" cy="6" r="5.5"/>'),
    "last": marks.svg(18, 18, '<circle class="lv-last" cx="9" cy="9" r="8"/>'),
    "range": marks.svg(40, 10, '<path class="lv-all" d="M0 5H40"/><rect class="b-half" x="11" y="1.5" width="18" height="7"/>'),
    "target": marks.svg(4, 14, '<path class="lv-target" d="M2 0V14"/>'),
}
