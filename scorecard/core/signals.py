"""Detection rules on many series at once.

Every function takes arrays of shape (points, series), time first, and returns a `Found` of the same
shape. A column is one phase of a series, so that no window looks across a process change. `usable` is False where a point is missing, excluded or partial; such a point breaks every window.
Comparisons are strict, with a tolerance of a few units in the last place so that a value that lies exactly
on a line is never beyond it because of how it was added up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
TOLERANCE = 1e-12


@dataclass(frozen=True)
class Lines:
    """What a chart is judged against; each (points, series). A limit that does not exist is NaN, `sigma` is a third
    of the way from the centre to the unbounded limit."""

    x: Array
    centre: Array
    lower: Array
    upper: Array
    sigma: Array
    usable: Bools
    ranges: Array
    range_upper: Array


@dataclass(frozen=True)
class Found:
    """Where a rule holds: `member` of a window, the point that `completes` it, and the `side` (+1 above, -1 below, 0 neither)."""

    member: Bools
    completes: Bools
    side: NDArray[np.int8]


def exceeds(a: Array, b: Array) -> Bools:
    """Where a lies strictly above b; NaN is never above anything."""
    return a - b > TOLERANCE * np.abs(a)


def beyond(lines: Lines) -> Found:
    """A point beyond a limit."""
    above = exceeds(lines.x, lines.upper) & lines.usable
    below = exceeds(lines.lower, lines.x) & lines.usable
    member = above | below
    return Found(member, member, above.astype(np.int8) - below.astype(np.int8))


def range_beyond(lines: Lines) -> Found:
    """A moving range beyond its upper limit; the side is the direction of the move."""
    member = exceeds(lines.ranges, lines.range_upper) & lines.usable
    move = np.zeros(lines.x.shape, np.int8)
    move[1:] = np.nan_to_num(np.sign(np.diff(lines.x, axis=0))).astype(np.int8)
    return Found(member, member, np.where(member, move, 0).astype(np.int8))


def run_on_one_side(lines: Lines, length: int) -> Found:
    """`length` successive points on one side of the centre; a point on the centre line breaks the run."""
    return _both(*(_run(side & lines.usable, length) for side in _sides(lines)))


def trend(lines: Lines, length: int) -> Found:
    """`length` successive points, each higher (or each lower) than the one before; equal points break it."""
    up, down = _moves(lines)
    return _both(_run(up, length - 1, reach_back=True), _run(down, length - 1, reach_back=True))


def near_limit(lines: Lines, need: int, among: int, sigmas: float) -> Found:
    """`need` of `among` successive points further than `sigmas` from the centre, on the same side.

    Not applied on a side that has no limit.
    """
    above = exceeds(lines.x, lines.centre + sigmas * lines.sigma) & lines.usable & ~np.isnan(lines.upper)
    below = exceeds(lines.centre - sigmas * lines.sigma, lines.x) & lines.usable & ~np.isnan(lines.lower)
    return _both(_some_of(above, lines.usable, need, among), _some_of(below, lines.usable, need, among))


def alternating(lines: Lines, length: int) -> Found:
    """`length` successive points that alternate up and down."""
    up, down = _moves(lines)
    turn = np.zeros(up.shape, bool)
    turn[1:] = (up[1:] & down[:-1]) | (down[1:] & up[:-1])
    count = _counts(turn)
    # A turn joins three points, so n points alternate over n - 2 turns.
    need = length - 2
    member, completes = _members(count, need), count == need
    for _ in range(2):
        member = _one_back(member, count)
    return Found(member, completes, np.zeros(up.shape, np.int8))


def hugging(lines: Lines, length: int) -> Found:
    """`length` successive points within one sigma of the centre, either side; needs both limits."""
    limited = ~np.isnan(lines.upper) & ~np.isnan(lines.lower)
    inside = exceeds(lines.centre + lines.sigma, lines.x) & exceeds(lines.x, lines.centre - lines.sigma)
    member, completes = _run(inside & limited & lines.usable, length)
    return Found(member, completes, np.zeros(member.shape, np.int8))


def avoiding(lines: Lines, length: int) -> Found:
    """`length` successive points more than one sigma from the centre, some on each side; needs both limits."""
    limited = ~np.isnan(lines.upper) & ~np.isnan(lines.lower) & lines.usable
    above = exceeds(lines.x, lines.centre + lines.sigma) & limited
    below = exceeds(lines.centre - lines.sigma, lines.x) & limited
    whole = np.zeros(above.shape, bool)
    for t in range(length - 1, len(above)):
        window = slice(t - length + 1, t + 1)
        whole[t] = (above | below)[window].all(axis=0) & above[window].any(axis=0) & below[window].any(axis=0)
    member = whole.copy()
    for j in range(1, length):
        member[:-j] |= whole[j:]
    completes = whole.copy()
    completes[1:] &= ~whole[:-1]
    return Found(member, completes, np.zeros(member.shape, np.int8))


def _sides(lines: Lines) -> tuple[Bools, Bools]:
    return exceeds(lines.x, lines.centre), exceeds(lines.centre, lines.x)


def _moves(lines: Lines) -> tuple[Bools, Bools]:
    """Where a point rises, and where it falls, from a usable point just before it."""
    up, down = np.zeros(lines.x.shape, bool), np.zeros(lines.x.shape, bool)
    joined = lines.usable[1:] & lines.usable[:-1]
    up[1:] = exceeds(lines.x[1:], lines.x[:-1]) & joined
    down[1:] = exceeds(lines.x[:-1], lines.x[1:]) & joined
    return up, down


def _counts(hold: Bools) -> NDArray[np.int16]:
    """How many successive points up to here hold."""
    count = np.zeros(hold.shape, np.int16)
    count[0] = hold[0]
    for t in range(1, len(hold)):
        count[t] = (count[t - 1] + 1) * hold[t]
    return count


def _members(count: NDArray[np.int16], need: int) -> Bools:
    """The points of every run that reaches `need`, from its first to its last."""
    member = count >= need
    for t in range(len(count) - 2, -1, -1):
        member[t] |= member[t + 1] & (count[t] > 0) & (count[t + 1] > 1)
    return member


def _one_back(member: Bools, count: NDArray[np.int16]) -> Bools:
    wider = member.copy()
    wider[:-1] |= member[1:]
    return wider


def _run(hold: Bools, need: int, reach_back: bool = False) -> tuple[Bools, Bools]:
    count = _counts(hold)
    member = _members(count, need)
    return (_one_back(member, count) if reach_back else member), count == need


def _some_of(near: Bools, usable: Bools, need: int, among: int) -> tuple[Bools, Bools]:
    """Windows that run from their first near point to the near point that makes `need` of the last `among`, all of which count."""
    member, completes = np.zeros(near.shape, bool), np.zeros(near.shape, bool)
    for t in range(among - 1, len(near)):
        whole = usable[t - among + 1 : t + 1].all(axis=0)
        found = [near[t - j] for j in range(among)]
        active = near[t] & whole & (near[t - among + 1 : t + 1].sum(axis=0) >= need)
        if not active.any():
            continue
        joined = np.zeros(active.shape, bool)
        reach = np.zeros(active.shape, bool)
        for j in range(among - 1, -1, -1):
            joined |= found[j] & member[t - j]
            reach |= found[j]
            member[t - j] |= active & reach
        completes[t] = active & ~joined
    return member, completes


def _both(above: tuple[Bools, Bools], below: tuple[Bools, Bools]) -> Found:
    side = above[0].astype(np.int8) - below[0].astype(np.int8)
    return Found(above[0] | below[0], above[1] | below[1], side)
