"""The marks of the page Sensory: bars of points earned in points possible, and the score against what was lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scorecard.core.fmt import MINUS
from scorecard.output import marks
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.core.intervals import Share
    from scorecard.core.score_check import Band
    from scorecard.sensory.page import Bar

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, NEAR = 392.0, 252.0, 38.0, 12.0, 42.0, 22.0
HEAD_SIGNS, VOWELS = 36, "aeiou"  # signs of the smallest text above the boxes of one row


def signed(value: float | None) -> str:
    """A change in whole points: `+1`, `−14`, `0`; "–" where one of the months has none."""
    if value is None:
        return "–"
    whole = round(value)
    return f"+{whole}" if whole > 0 else f"{MINUS}{-whole}" if whole < 0 else "0"


def money(value: float, symbol: str) -> str:
    """Money in a table: `$96k`, `$15.1M`, `$840`."""
    if abs(value) >= 999_500:
        return f"{symbol}{value / 1e6:,.1f}M"
    return f"{symbol}{value / 1e3:,.0f}k" if abs(value) >= 9_950 else f"{symbol}{value:,.0f}"


def share(value: float | None) -> str:
    """`41%`; "–" where there is none."""
    return "–" if value is None else f"{100 * value:.0f}%"


def bars(found: Sequence[Bar]) -> str:
    """A box for each input, as wide as its weight, filled with the points earned; hatched where the input was missing."""
    told = ", ".join(f"{one.name} {'missing' if one.missing else f'{one.earned:,.0f} of {one.possible:,.0f}'}" for one in found)
    boxes = "".join(_box(one) for one in found)
    return f'<span class="sn-bars" role="img" aria-label="{escape(told)}">{boxes}</span>'


def _box(one: Bar) -> str:
    if one.missing:
        return f'<span class="sn-box none" style="flex:{one.weight} 1 0" title="{escape(one.name)}: missing"></span>'
    title = f"{one.name}: {one.earned:,.0f} of {one.possible:,.0f} points"
    return f'<span class="sn-box" style="flex:{one.weight} 1 0" title="{escape(title)}"><i style="width:{100 * one.share:.0f}%"></i></span>'


def bar_heads(found: Sequence[Bar]) -> str:
    """The names of the inputs above their boxes, shortened to the width of their box; the last one may pass its own."""
    whole = sum(one.weight for one in found) or 1
    rooms = [int(HEAD_SIGNS * one.weight / whole) for one in found]
    rooms[-1:] = [room + 3 for room in rooms[-1:]]
    names = "".join(f'<span style="flex:{one.weight} 1 0" title="{escape(one.name)}">{escape(shortened(one.name, room))}</span>'
                    for one, room in zip(found, rooms, strict=True))
    return f'<span class="sn-bars heads">{names}</span>'


def shortened(name: str, room: int) -> str:
    """A name in so many signs: `Satisfaction` in 9 is `Satisf.`, cut before a vowel where that is possible."""
    if len(name) <= room:
        return name
    most = max(room - 1, 1)
    cuts = [at for at in range(most, 2, -1) if name[at].lower() in VOWELS and name[at - 1].lower() not in VOWELS]
    return name[: cuts[0] if cuts else most].rstrip() + "."


def heard(value: float) -> str:
    """The share of accounts that were heard, as a filled box."""
    return f'<span class="sn-heard"><i style="width:{100 * value:.0f}%"></i><b>{share(value)}</b></span>'


# --- the score against what was lost ---------------------------------------------------------------------------------


def calibration(bands: Sequence[Band], overall: Share, label: str) -> str:
    """A dot and its 95% interval for each band of the score, the rate of all renewals dotted."""
    top = _top(bands, overall)
    parts = [_grid(top), _overall(overall, top)]
    for n, band in enumerate(bands):
        parts.append(_band(band, LEFT + (WIDTH - LEFT) * (n + 0.5) / len(bands), top, overall.value))
    return marks.svg(WIDTH, HEIGHT, "".join(parts), label, "sn-truth")


def _top(bands: Sequence[Band], overall: Share) -> float:
    highest = max([one.lost.interval[1] for one in bands if one.lost.interval] + [overall.value or 0.0])
    return min(1.0, max(0.2, -(-highest * 10 // 2) * 0.2))


def _y(value: float, top: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top)


def _grid(top: float) -> str:
    lines = []
    for n in range(round(top / 0.2) + 1):
        y = _y(0.2 * n, top)
        kind = "sn-axis" if n == 0 else "sn-rule"
        lines.append(f'<path class="{kind}" d="M{LEFT} {y:.1f}H{WIDTH}"/><text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{20 * n}%</text>')
    return "".join(lines)


def _overall(overall: Share, top: float) -> str:
    if overall.value is None:
        return ""
    y = _y(overall.value, top)
    words = f"all renewals {share(overall.value)}"
    return f'<path class="m-goal" d="M{LEFT} {y:.1f}H{WIDTH}"/><text x="{LEFT + 3}" y="{y - 5:.1f}">{words}</text>'


def _band(band: Band, x: float, top: float, overall: float | None) -> str:
    foot = HEIGHT - BOTTOM
    words = (f'<text x="{x:.1f}" y="{foot + 17:.1f}" text-anchor="middle" class="sn-ink">{escape(band.label)}</text>'
             f'<text x="{x:.1f}" y="{foot + 33:.1f}" text-anchor="middle">{band.lost.hits:,} of {band.lost.n:,}</text>')
    if band.lost.value is None or band.lost.interval is None:
        return words
    low, high = (_y(one, top) for one in band.lost.interval)
    y = _y(band.lost.value, top)
    near = overall is not None and abs(_y(overall, top) - y) < NEAR  # beside the dot it would stand on the line of all renewals
    above = high - 5
    if overall is not None and 0 <= above - _y(overall, top) + 3 < 16:
        above = _y(overall, top) - 5
    place = f'x="{x:.1f}" y="{above:.1f}" text-anchor="middle"' if near else f'x="{x + 9:.1f}" y="{y + 4:.1f}"'
    return (f'<rect class="sn-interval" x="{x - 2.5:.1f}" y="{high:.1f}" width="5" height="{max(low - high, 1):.1f}"/>'
            f'<circle class="m-inkfill" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>'
            f'<text {place} class="sn-value">{share(band.lost.value)}</text>{words}')
