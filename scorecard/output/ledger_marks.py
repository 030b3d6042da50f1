"""The time line of deposits and asks of one account, and its balance: drawn the same on every page of the team.

For the team only: no share link, digest or pack calls anything in this file.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scorecard.core import ledger
from scorecard.core.periods import containing, day
from scorecard.output import marks, tables
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.core.reading import Sentence
    from scorecard.relations.ledger import Ledger, Line

WIDTH, AXIS, HEIGHT, EDGE = 860.0, 104.0, 208.0, 8.0
ABOVE, BELOW = (66.0, 36.0, 6.0), (130.0, 158.0, 186.0)  # the first line of a label, near the axis and farther away
SIGN, GAP, LONGEST = 6.3, 12.0, 30
ROOM = timedelta(14)
FOR_THE_TEAM = "For the team only. A customer is never shown a balance."
_DIAMOND = "M{x} {top}L{right} {y}L{x} {bottom}L{left} {y}Z"


def short(value: date) -> str:
    """`12 Oct`."""
    return day(value).rsplit(" ", 1)[0]


# -- the time line


def timeline(found: Ledger) -> str:
    """Deposits above the line of twelve months, asks below; an ask without a deposit before it in orange, planned ones dashed."""
    first, last = found.since, max([found.today, *(one.on for one in found.planned)]) + ROOM
    scale = (WIDTH - 2 * EDGE) / max((last - first).days, 1)
    places = [(EDGE + (one.on - first).days * scale, one) for one in found.lines if one.on >= first]
    drawn = [_axis(first, last, scale)]
    for side, heights in (("deposit", ABOVE), ("ask", BELOW)):
        drawn += _side([(x, one) for x, one in places if one.side == side and one.state != "withdrawn"], heights)
    picture = marks.svg(WIDTH, HEIGHT, "".join(drawn), _told(found), "lg-line")
    return (f'<p class="lg-head">Deposits: what we gave</p><div class="lg-scroll" tabindex="0" role="region" aria-label="Time line of deposits and asks">{picture}</div>'
            f'<p class="lg-head">Asks: what we asked for</p>{legend(found)}')


def _told(found: Ledger) -> str:
    bare = sum(one.bare for one in found.lines)
    return (f"{found.balance.given:,} deposits and {found.balance.asked:,} asks from {day(found.since)} to {day(found.today)}, "
            f"{bare:,} of the asks without a deposit before it, {len(found.planned):,} planned.")


def _axis(first: date, last: date, scale: float) -> str:
    ticks, month = [], containing(first, "month").shift(1)
    while month.start <= last:
        x = EDGE + (month.start - first).days * scale
        ticks.append(f"M{x:.1f} {AXIS - 3}V{AXIS + 3}")
        month = month.shift(1)
    return f'<path class="lg-axis" d="M0 {AXIS}H{WIDTH}{"".join(ticks)}"/>'


def _side(found: Sequence[tuple[float, Line]], heights: Sequence[float]) -> list[str]:
    """Marks with their labels; a label takes the first height where it does not touch another one, or is left out."""
    free, drawn = [-1e9] * len(heights), []
    for x, one in found:
        words = _labels(one)
        width = SIGN * max(map(len, words))
        height = next((n for n, taken in enumerate(free) if _left(x, width, n) > taken + GAP and not _crossed(x, free, n)), None)
        if height is not None:
            free[height] = _left(x, width, height) + width
            drawn.append(_label(one, x, width, heights[height], height, words))
        drawn.append(_mark(one, x))
    return drawn


def _crossed(x: float, free: Sequence[float], height: int) -> bool:
    """Whether the stem to a far label would cross a label that stands nearer."""
    return any(x < taken + 2 for taken in free[:height])


def _left(x: float, width: float, height: int) -> float:
    """Where a label begins: centred near the line, beside its stem farther away; never outside the drawing."""
    if height:
        return x + 5 if x + 5 + width <= WIDTH else max(0.0, x - 5 - width)
    return max(0.0, min(x - width / 2, WIDTH - width))


def _labels(one: Line) -> tuple[str, str]:
    name = one.what if len(one.what) <= LONGEST else f"{one.what[: LONGEST - 1].rstrip()}…"
    return name, ", ".join([f"planned {short(one.on)}" if one.planned else short(one.on), *([one.initials] if one.initials and not one.planned else []), *_news(one)])


def _news(one: Line) -> list[str]:
    if one.bare:
        return ["no deposit before"]
    return ["declined"] if one.state == "declined" else ["no answer yet"] if one.state == "asked" else []


def _label(one: Line, x: float, width: float, top: float, height: int, words: tuple[str, str]) -> str:
    left = _left(x, width, height)
    anchor, at = ("start", left) if height or left != x - width / 2 else ("middle", x)
    kind = " lg-bare" if one.bare else " lg-planned" if one.planned else ""
    stem = f'<path class="lg-stem{kind}" d="M{x:.1f} {AXIS}V{top + (8 if top < AXIS else 14):.1f}"/>' if height else ""
    return (f'{stem}<text class="lg-what{kind}" x="{at:.1f}" y="{top + 4:.1f}" text-anchor="{anchor}">{escape(words[0])}</text>'
            f'<text class="lg-when{kind}" x="{at:.1f}" y="{top + 17:.1f}" text-anchor="{anchor}">{escape(words[1])}</text>')


def _mark(one: Line, x: float) -> str:
    title = f"<title>{escape(', '.join((one.what, *_labels(one)[1:])))}</title>"
    if one.side == "deposit":
        return f'<circle class="m-inkfill" cx="{x:.1f}" cy="{AXIS - 9:.1f}" r="5.5">{title}</circle>'
    return f'<path class="{_ask_class(one)}" d="{_diamond(x, AXIS + 9)}">{title}</path>'


def _ask_class(one: Line) -> str:
    if one.planned:
        return "lg-ask lg-planned"
    if one.bare:
        return "lg-ask lg-bare" + (" lg-full" if one.state == "agreed" else "")
    return "lg-ask lg-full" if one.state == "agreed" else "lg-ask"


def _diamond(x: float, y: float, size: float = 6.0) -> str:
    return _DIAMOND.format(x=f"{x:.1f}", y=f"{y:.1f}", top=f"{y - size:.1f}", bottom=f"{y + size:.1f}", left=f"{x - size:.1f}", right=f"{x + size:.1f}")


def legend(found: Ledger) -> str:
    """What the marks mean; only those that are drawn."""
    asks = [one for one in found.lines if one.side == "ask"]
    shown = [('<circle class="m-inkfill" cx="7" cy="7" r="5.5"/>', "deposit", True)]
    shown += [(f'<path class="lg-ask{kind}" d="{_diamond(7, 7, 5.5)}"/>', words, there) for kind, words, there in (
        (" lg-full", "ask, agreed", any(one.state == "agreed" for one in asks)),
        ("", "ask, declined or not answered", any(one.state in ("declined", "asked") for one in asks)),
        (" lg-bare", "ask with no deposit before it", any(one.bare for one in asks)), (" lg-planned", "planned", any(one.planned for one in asks)))]
    items = "".join(f"<span>{marks.svg(14, 14, drawn)}{words}</span>" for drawn, words, there in shown if there)
    return f'<p class="lg-legend">{items}</p>'


# -- the balance


def balance(found: Ledger) -> str:
    """Our share and theirs, the band of 40 to 60 in which both are mutual, and the last deposit."""
    own = found.balance
    if own.ours is None:
        return f'<p class="mut"><b>Nothing yet.</b> Log what was given and asked; then the balance stands here.</p><p class="cap">{FOR_THE_TEAM}</p>'
    words = f"{_count(own.given, 'deposit')}, {_count(own.asked, 'ask')}: {ledger.SIDES[own.side]}."
    if found.last:
        words += f" Last deposit {short(found.last.on)}, {_count((found.today - found.last.on).days, 'day')} ago."
    return f'<p class="lg-share">{own.shown}</p><p class="cap">{words}</p>{band(own.ours)}<p class="cap lg-team">{FOR_THE_TEAM}</p>'


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def band(ours: float) -> str:
    """Our share on a line from asks only to deposits only, the healthy band shaded."""
    low, high = (100 * edge for edge in ledger.HEALTHY)
    at = 100 * ours
    return (f'<div class="lg-band" role="img" aria-label="Our share is {at:.0f} of 100; {low:.0f} to {high:.0f} is mutual"><p class="cap"><span>asks only</span><span>deposits only</span></p>'
            f'<div class="lg-bar"><i style="left:{low:.0f}%;width:{high - low:.0f}%"></i><b style="left:{at:.1f}%"></b></div>'
            f'<p class="cap lg-ends"><span style="left:{low:.0f}%">{low:.0f}</span><span style="left:{high:.0f}%">{high:.0f}</span><span class="lg-between" style="left:{(low + high) / 2:.0f}%">mutual</span></p></div>')


def reciprocity(found: Ledger, below: str = "") -> str:
    """Time line and balance beside one another: the part that the pages Work and Account ledgers share; `below` stands under the balance."""
    return f'<div class="lg-top"><div>{timeline(found)}</div><div>{balance(found)}{below}</div></div>'


def part(found: Ledger, second: str, ask: Sentence | None, href: str) -> str:
    """The same as a part of another page: whose it is, the way to the ledger, and the next ask."""
    beside = f'<span class="cap">{escape(second)} · <a href="{escape(href)}">open the ledger</a></span>'
    head = f'<div class="sechead upper"><h2>Reciprocity: {escape(found.head.name)}</h2>{beside}</div>'
    return head + reciprocity(found, f'<p class="lg-next">{tables.sentence(ask)}</p>' if ask else "")
