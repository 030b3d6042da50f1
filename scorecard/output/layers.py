"""Where the boxes of a map of causes and effects stand: causes to the left of effects, no overlaps."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

SWEEPS = 8
BEND = 16.0

Edge = tuple[str, str]


@dataclass(frozen=True)
class Layout:
    """Column (from 0) and middle (from the top) of every box; the heights at which a long edge passes its columns.

    `back` are the edges that close a circle and run from right to left.
    """

    columns: Mapping[str, int]
    middles: Mapping[str, float]
    passes: Mapping[Edge, tuple[tuple[int, float], ...]]
    back: frozenset[Edge]
    height: float

    @property
    def width(self) -> int:
        """How many columns there are."""
        return max(self.columns.values(), default=-1) + 1


def arrange(heights: Mapping[str, float], edges: Sequence[Edge], gap: float) -> Layout:
    """The layout of boxes of these heights, at least `gap` apart, in their order where the edges allow it."""
    back = closing(list(heights), edges)
    forward = [edge for edge in dict.fromkeys(edges) if edge not in back and edge[0] != edge[1]]
    columns = _columns(list(heights), forward)
    chains = {edge: _chain(edge, columns) for edge in forward}
    size: dict[Hashable, float] = dict(heights) | {bend: BEND for chain in chains.values() for bend in chain[1:-1]}
    layers = _layers(columns, chains)
    joined = _neighbours(chains.values())
    for sweep in range(SWEEPS):
        _order(layers, joined, forward=sweep % 2 == 0)
    middles = _heights(layers, joined, size, gap)
    passes = {edge: tuple((bend[2], middles[bend]) for bend in chain[1:-1]) for edge, chain in chains.items()}
    bottom = max((middles[one] + size[one] / 2 for one in middles), default=0.0)
    return Layout(columns, {name: middles[name] for name in heights}, passes, frozenset(back), bottom)


def closing(nodes: Sequence[str], edges: Sequence[Edge]) -> set[Edge]:
    """The edges without which nothing runs in a circle, found from the first box on."""
    after: dict[str, list[str]] = {}
    for cause, effect in edges:
        after.setdefault(cause, []).append(effect)
    found: set[Edge] = set()
    done: set[str] = set()
    for root in nodes:
        open_, stack = set(), [(root, False)]
        while stack:
            node, left = stack.pop()
            if left:
                open_.discard(node)
                done.add(node)
            elif node not in done and node not in open_:
                open_.add(node)
                stack.append((node, True))
                found |= {(node, other) for other in after.get(node, ()) if other in open_}
                stack += [(other, False) for other in reversed(after.get(node, ())) if other not in open_]
    return found


def _columns(nodes: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Each box as far to the right as its effects allow."""
    ahead = dict.fromkeys(nodes, 0)
    for _ in nodes:
        for cause, effect in edges:
            ahead[cause] = max(ahead[cause], ahead[effect] + 1)
    longest = max(ahead.values(), default=0)
    return {node: longest - steps for node, steps in ahead.items()}


def _chain(edge: Edge, columns: Mapping[str, int]) -> list:
    """The boxes of an edge with a bend in every column between them."""
    cause, effect = edge
    between = range(columns[cause] + 1, columns[effect])
    return [cause, *((cause, effect, column) for column in between), effect]


def _layers(columns: Mapping[str, int], chains: Mapping[Edge, list]) -> list[list]:
    layers: list[list] = [[] for _ in range(max(columns.values(), default=-1) + 1)]
    for node, column in columns.items():
        layers[column].append(node)
    for chain in chains.values():
        for bend in chain[1:-1]:
            layers[bend[2]].append(bend)
    return layers


def _neighbours(chains: Iterable[list]) -> dict:
    """Box or bend -> (those before it, those after it)."""
    found: dict = {}
    for chain in chains:
        for one, other in zip(chain, chain[1:], strict=False):
            found.setdefault(one, ([], []))[1].append(other)
            found.setdefault(other, ([], []))[0].append(one)
    return found


def _order(layers: list[list], joined: dict, forward: bool) -> None:
    """Sorts every column by the mean place of its neighbours in the column before (or after)."""
    for column in range(len(layers)) if forward else reversed(range(len(layers))):
        beside = column - 1 if forward else column + 1
        if not 0 <= beside < len(layers):
            continue
        place = {one: n for n, one in enumerate(layers[beside])}
        own = {one: n for n, one in enumerate(layers[column])}
        layers[column].sort(key=lambda one: _mean(joined, one, 0 if forward else 1, place, own[one]))


def _mean(joined: dict, one: Hashable, side: int, place: Mapping, otherwise: float) -> float:
    near = [place[other] for other in joined.get(one, ([], []))[side] if other in place]
    return fmean(near) if near else otherwise


def _heights(layers: list[list], joined: dict, size: Mapping, gap: float) -> dict:
    """The middles: each near the mean of its neighbours, none nearer to another than `gap`."""
    middles: dict = {}
    for layer in layers:
        top = 0.0
        for one in layer:
            middles[one] = top + size[one] / 2
            top += size[one] + gap
    for _ in range(SWEEPS):
        for layer in layers:
            wanted = [_wanted(one, joined, middles) for one in layer]
            middles |= zip(layer, _apart(wanted, [size[one] for one in layer], gap), strict=True)
    top = min((middles[one] - size[one] / 2 for one in middles), default=0.0)
    return {one: middle - top for one, middle in middles.items()}


def _wanted(one: Hashable, joined: dict, middles: Mapping) -> float:
    before, after = joined.get(one, ([], []))
    near = [middles[other] for other in (*before, *after)]
    return fmean(near) if near else middles[one]


def _apart(wanted: Sequence[float], sizes: Sequence[float], gap: float) -> list[float]:
    """The middles nearest to those wanted, in this order and `gap` apart: those that collide share the move."""
    blocks: list[tuple[float, int, float]] = []  # mean of the first middle, how many, offset of the last
    offsets = [0.0]
    for one, other in zip(sizes, sizes[1:], strict=False):
        offsets.append(offsets[-1] + (one + other) / 2 + gap)
    for want, offset in zip(wanted, offsets, strict=False):
        blocks.append((want - offset, 1, offset))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, n, _), (b, m, last) = blocks[-2], blocks[-1]
            blocks[-2:] = [((a * n + b * m) / (n + m), n + m, last)]
    starts = [start for start, count, _ in blocks for _ in range(count)]
    return [start + offset for start, offset in zip(starts, offsets, strict=False)]
