"""Cause and effect as a drawing: boxes that open their measure, lines by verdict, and the same in words below.

Solid blue is supported, dashed grey no evidence yet, solid orange contradicted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scorecard.core import fmt
from scorecard.core.links import VERDICTS, Evidence
from scorecard.core.periods import day, noun
from scorecard.core.reading import STATUSES, Sentence
from scorecard.metrics import LinkMap, LinkView, Standing
from scorecard.metrics.links import causes_of, effects_of, with_verdict
from scorecard.output import layers, marks
from scorecard.output.theme import escape

Href = Callable[[str], str]
BOX, GAP, ROW_GAP, LINE = 166.0, 46.0, 22.0, 15.0
CHARACTERS, CAPTION_CHARACTERS, MOST_LINES = 19, 27, 2
PORT, ROUND = 9.0, 8.5
AROUND_GAP = 42.0
SIGNS = {1: "same way", -1: "opposite ways"}
WORTH = "Months that resemble the one before count for less: 35 pairs can be worth 22."
NONE = (
    '<p class="mut">No cause is stated yet. Say which driver moves which result, in which direction and after how many '
    "months; from 12 pairs on the figures speak for or against it.</p>"
)
PLACES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74)

Place = tuple[float, float]


@dataclass(frozen=True)
class Segment:
    """A piece of a line from left to right, level at both ends."""

    start: Place
    end: Place

    @property
    def pull(self) -> float:
        return max((self.end[0] - self.start[0]) / 2, 24.0) if self.end[0] >= self.start[0] else 60.0

    def path(self) -> str:
        (x, y), (u, v) = self.start, self.end
        return f"C{_n(x + self.pull)} {_n(y)} {_n(u - self.pull)} {_n(v)} {_n(u)} {_n(v)}"

    def at(self, t: float) -> Place:
        """The point of the curve at a share of its way."""
        (x, y), (u, v) = self.start, self.end
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        return a * x + b * (x + self.pull) + c * (u - self.pull) + d * u, (a + b) * y + (c + d) * v


def _n(x: float) -> str:
    return f"{x:.1f}".removesuffix(".0")


# --- in words --------------------------------------------------------------------------------------------------------


def sentence(found: LinkMap) -> Sentence | None:
    """How many stated links are supported or contradicted, and what went against its statement."""
    if not found.links:
        return None
    good, bad = len(with_verdict(found.links, "supported")), with_verdict(found.links, "contradicted")
    count = len(found.links)
    head = f"{good} of {count} stated {'link is' if count == 1 else 'links are'} supported"
    if not bad:
        return Sentence(f"{head}.", "" if good else "Nothing speaks for or against the others yet.")
    told = "; ".join(against(found, link) for link in bad)
    return Sentence(
        f"{head}, {len(bad)} {'is' if len(bad) == 1 else 'are'} contradicted:", f"{told}. Look for another cause."
    )


def after(link: LinkView) -> str:
    """`after 2 months`, `in the same month`."""
    return f"after {link.lag} {noun(link.grain, link.lag)}" if link.lag else f"in the same {link.grain}"


def strength(evidence: Evidence) -> str:
    """`r −0.60 (−0.81 to −0.25)`, or why there is no interval."""
    if evidence.r is None:
        return evidence.reason
    r = f"r {fmt.plain(evidence.r, 2)}"
    if evidence.low is None or evidence.high is None:
        return f"{r}; {evidence.reason}"
    return f"{r} ({fmt.plain(evidence.low, 2)} to {fmt.plain(evidence.high, 2)})"


def pairs(evidence: Evidence) -> str:
    """`35 pairs, worth 22`; "" when the reason has counted them."""
    if evidence.effective is None:
        return ""
    worth = fmt.plain(evidence.effective, 0)
    return f"{evidence.n} pairs" + (f", worth {worth}" if worth != str(evidence.n) else "")


def told(found: LinkMap, link: LinkView) -> str:
    """A link as one sentence, for those who do not see the map."""
    strong = "; ".join(part for part in (strength(link.evidence), pairs(link.evidence)) if part)
    names = f"{found.label(link.cause)} to {found.label(link.effect)}"
    return f"{names}: {VERDICTS[link.evidence.verdict]} {after(link)}, {strong}"


def listed(found: LinkMap, href: Href, links: Sequence[LinkView] | None = None) -> str:
    """The links as a numbered list: verdict, lag, r, interval, pairs, and what was stated."""
    items = "".join(_item(found, link, href) for link in (found.links if links is None else links))
    return f'<ol class="klist">{items}</ol>'


def _item(found: LinkMap, link: LinkView, href: Href) -> str:
    names = [f'<a href="{escape(href(name))}">{escape(found.label(name))}</a>' for name in (link.cause, link.effect)]
    stated = f"stated {day(link.stated.date())}: " if link.stated else "stated: "
    behind = [pairs(link.evidence), stated + SIGNS[link.sign]]
    why = f'<p class="sub">{escape(link.why)}</p>' if link.why else ""
    return (
        f'<li><span class="knum">{link.number}</span><div><p>{swatch(link.evidence.verdict, "kswatch")}{names[0]} '
        f'<span aria-hidden="true">→</span><span class="vh"> to </span> {names[1]}</p>'
        f'<p class="sub">{_verdict(link)} {escape(after(link))}, {escape(strength(link.evidence))}</p>'
        f'<p class="sub">{escape(" · ".join(part for part in behind if part))}</p>{why}</div></li>'
    )


def _verdict(link: LinkView) -> str:
    return f'<b class="k-{link.evidence.verdict}">{VERDICTS[link.evidence.verdict]}</b>'


def swatch(verdict: str, kind: str = "") -> str:
    """A piece of line as the map draws it."""
    return marks.svg(26, 9, _line("M0 4.5H20", verdict, (26, 4.5)), kind=kind)


def _line(path: str, verdict: str, end: Place) -> str:
    x, y = end
    head = f"M{_n(x - 7)} {_n(y - 3.8)}L{_n(x)} {_n(y)}L{_n(x - 7)} {_n(y + 3.8)}Z"
    return f'<path class="k-line k-{verdict}" d="{path}"/><path class="k-head k-{verdict}" d="{head}"/>'


# --- boxes -----------------------------------------------------------------------------------------------------------


def _lines_of(text: str, characters: int = CHARACTERS, most: int = MOST_LINES) -> list[str]:
    """A text in lines of about so many characters; what is too long ends with an ellipsis."""
    lines: list[str] = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) <= characters or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    kept = lines[:most]
    if len(lines) > most:
        kept[-1] += "…"
    return [line if len(line) <= characters + 1 else line[:characters] + "…" for line in kept]


def _height(standing: Standing) -> float:
    return 31 + LINE * len(_lines_of(standing.measure.label))


def _box(standing: Standing, left: float, middle: float, href: Href, here: bool = False) -> str:
    """One measure as a link: its status, name, latest figure and goal."""
    top, height = middle - _height(standing) / 2, _height(standing)
    name = _lines_of(standing.measure.label)
    goal = f", {standing.goal_text}" if standing.goal_text else ""
    figure = standing.value_text + goal
    figure = figure if len(figure) <= CHARACTERS + 2 else standing.value_text
    against = f", goal {standing.goal_text}" if goal else ""
    spoken = f"{standing.measure.label}: {standing.value_text}{against}, {STATUSES[standing.status]}"
    address = escape(href(standing.measure.name))
    texts = "".join(
        f'<text class="k-name" x="{_n(left + 31)}" y="{_n(top + 19 + n * LINE)}">{escape(line)}</text>'
        for n, line in enumerate(name)
    )
    return (
        f'<a class="kbox{" here" if here else ""}" href="{address}" aria-label="{escape(spoken)}">'
        f'<rect x="{_n(left)}" y="{_n(top)}" width="{_n(BOX)}" height="{_n(height)}" rx="6"/>'
        f'<g transform="translate({_n(left + 10)} {_n(top + 8)})">{marks.status_shape(standing.status)}</g>{texts}'
        f'<text class="k-figure" x="{_n(left + 31)}" y="{_n(top + height - 10)}">{escape(figure)}</text></a>'
    )


def _drawing(width: float, height: float, body: str, label: str) -> str:
    """The SVG of a map. It holds links, so it is a group with a name and no image."""
    return (
        f'<div class="scroll kmap" tabindex="0" role="region" aria-label="{escape(label)}">'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-3 -3 {_n(width + 6)} {_n(height + 6)}" role="group" '
        f'style="min-width:{_n(width * 0.82)}px;max-width:{_n(width * 1.12)}px" '
        f'aria-label="{escape(label)}">{body}</svg></div>'
    )


# --- the map of all links --------------------------------------------------------------------------------------------


def section(found: LinkMap, href: Href) -> str:
    """All links: the map on a wide place, and the list that says the same."""
    note = "stated beforehand, with sign and lag; association, not proof"
    head = f'<div class="sechead"><h2>Cause and effect</h2><span class="cap">{note}</span></div>'
    return head + (
        draw(found, href) + listed(found, href) + f'<p class="cap foot">{WORTH}</p>' if found.links else NONE
    )


def draw(found: LinkMap, href: Href) -> str:
    """The map: causes to the left, effects to the right, a number on every line."""
    heights = {name: _height(one) for name, one in found.standings.items()}
    layout = layers.arrange(heights, [(link.cause, link.effect) for link in found.links], ROW_GAP)
    width = layout.width * BOX + (layout.width - 1) * GAP
    ports = _ports(found, layout)
    lines, rounds, taken = [], [], []
    for link in found.links:
        parts = _route(link, layout, ports)
        body = f"M{_n(parts[0].start[0])} {_n(parts[0].start[1])}" + "".join(_step(part) for part in parts)
        lines.append(_line(body, link.evidence.verdict, (parts[-1].end[0] + 5, parts[-1].end[1])))
        taken.append(_free(parts, taken))
        rounds.append(_round(link, taken[-1]))
    boxes = "".join(
        _box(one, _left(layout.columns[name]), layout.middles[name], href) for name, one in _in_order(found, layout)
    )
    return _drawing(
        width, layout.height, f'<g aria-hidden="true">{"".join(lines + rounds)}</g>{boxes}', "Cause and effect"
    )


def _in_order(found: LinkMap, layout: layers.Layout) -> list[tuple[str, Standing]]:
    """The boxes as the keyboard reaches them: column by column, from the top."""
    return sorted(found.standings.items(), key=lambda item: (layout.columns[item[0]], layout.middles[item[0]]))


def _left(column: int) -> float:
    return column * (BOX + GAP)


def _step(part: Segment) -> str:
    return f"L{_n(part.start[0])} {_n(part.start[1])}{part.path()}"


def _ports(found: LinkMap, layout: layers.Layout) -> dict[tuple[str, int], float]:
    """(side, number of the link) -> how far from the middle of its box the line leaves or arrives."""
    shifts = {}
    for name in found.standings:
        for side, links, other in (
            ("out", effects_of(found, name), lambda link: link.effect),
            ("in", causes_of(found, name), lambda link: link.cause),
        ):
            ordered = sorted(links, key=lambda link: layout.middles[other(link)])
            for n, link in enumerate(ordered):
                shifts[side, link.number] = (n - (len(ordered) - 1) / 2) * PORT
    return shifts


def _route(link: LinkView, layout: layers.Layout, ports: Mapping[tuple[str, int], float]) -> list[Segment]:
    """The pieces of a line; between them it passes columns on a level."""
    here = _left(layout.columns[link.cause]) + BOX, layout.middles[link.cause] + ports["out", link.number]
    parts = []
    for column, height in layout.passes.get((link.cause, link.effect), ()):
        parts.append(Segment(here, (_left(column), height)))
        here = _left(column) + BOX, height
    end = _left(layout.columns[link.effect]) - 6, layout.middles[link.effect] + ports["in", link.number]
    return [*parts, Segment(here, end)]


def _free(parts: Sequence[Segment], taken: Sequence[Place]) -> Place:
    """Where the number of a line stands clear of the numbers before it."""
    tried = [part.at(t) for part in (parts[-1], *parts[:-1]) for t in PLACES]
    room = [min((math.dist(place, other) for other in taken), default=math.inf) for place in tried]
    return next(
        (place for place, free in zip(tried, room, strict=True) if free > ROUND * 2 + 3), tried[room.index(max(room))]
    )


def _round(link: LinkView, place: Place) -> str:
    x, y = place
    return (
        f'<circle class="k-round k-{link.evidence.verdict}" cx="{_n(x)}" cy="{_n(y)}" r="{ROUND}"/>'
        f'<text class="k-number" x="{_n(x)}" y="{_n(y + 4)}" text-anchor="middle">{link.number}</text>'
    )


# --- the links of one measure ----------------------------------------------------------------------------------------


def beside(found: LinkMap, measure: str, href: Href) -> str:
    """The section of a measure's page: what it is said to follow, and what is said to follow it."""
    if not found.links:
        return NONE
    bad = with_verdict(found.links, "contradicted")
    note = "Sign and lag were stated beforehand. Association, not proof."
    note += "".join(f" {against(found, link)}: look for another cause." for link in bad[:1])
    return f'<p class="sub">{escape(note)}</p>{around(found, measure, href)}<p class="cap foot">{WORTH}</p>'


def against(found: LinkMap, link: LinkView) -> str:
    """`Renewal rate fell while 30-day adoption rose`: what the figures did against the stated sign."""
    return f"{found.label(link.effect)} {'fell' if link.sign > 0 else 'rose'} while {found.label(link.cause)} rose"


def around(found: LinkMap, measure: str, href: Href) -> str:
    """Causes to the left, the measure, effects to the right; on a phone the list alone. Nothing without links."""
    if not found.links:
        return ""
    left, right = causes_of(found, measure), effects_of(found, measure)
    sides = [(left, "cause")] * bool(left) + [((), "")] + [(right, "effect")] * bool(right)
    height = max(
        _side_height(found, left, "cause"), _side_height(found, right, "effect"), _height(found.standings[measure])
    )
    middle, at = height / 2, (BOX + AROUND_GAP) * bool(left)
    body = _side(found, left, "cause", 0, height, (at - 6, middle), href)
    body += _side(found, right, "effect", at + BOX + AROUND_GAP, height, (at + BOX, middle), href)
    body += _box(found.standings[measure], at, middle, href, here=True)
    width = len(sides) * BOX + (len(sides) - 1) * AROUND_GAP
    drawn = _drawing(width, height, body, f"Causes and effects of {found.label(measure)}")
    return f'{drawn}<div class="kphone">{listed(found, href)}</div>'


def _slot(found: LinkMap, link: LinkView, end: str) -> float:
    return _height(found.standings[getattr(link, end)]) + 14 * len(_caption(link)) + 26


def _side_height(found: LinkMap, links: Sequence[LinkView], end: str) -> float:
    return sum(_slot(found, link, end) for link in links)


def _side(found: LinkMap, links: Sequence[LinkView], end: str, x: float, height: float, hub: Place, href: Href) -> str:
    """The boxes of one side with their lines and what the figures say of each."""
    top, body = (height - _side_height(found, links, end)) / 2, ""
    for n, link in enumerate(links):
        standing = found.standings[getattr(link, end)]
        middle = top + _height(standing) / 2 + 4
        port = hub[0], hub[1] + (n - (len(links) - 1) / 2) * PORT
        line = Segment((x + BOX, middle), port) if end == "cause" else Segment(port, (x - 6, middle))
        path = f"M{_n(line.start[0])} {_n(line.start[1])}{line.path()}"
        body += f'<g aria-hidden="true">{_line(path, link.evidence.verdict, (line.end[0] + 5, line.end[1]))}</g>'
        body += _box(standing, x, middle, href) + _captions(link, x, middle + _height(standing) / 2)
        top += _slot(found, link, end)
    return body


def _caption(link: LinkView) -> list[str]:
    """What the figures say of a link, in short lines; the first begins with the verdict."""
    rest = [*_lines_of(strength(link.evidence), CAPTION_CHARACTERS, 3), pairs(link.evidence)]
    return [f"{VERDICTS[link.evidence.verdict]} {after(link)}", *(line for line in rest if line)]


def _captions(link: LinkView, x: float, top: float) -> str:
    lines = _caption(link)
    verdict = VERDICTS[link.evidence.verdict]
    first = (
        f'<tspan class="k-{link.evidence.verdict} k-verdict">{verdict}</tspan>{escape(lines[0].removeprefix(verdict))}'
    )
    return "".join(
        f'<text class="k-told" x="{_n(x)}" y="{_n(top + 16 + n * 15)}">{text}</text>'
        for n, text in enumerate([first, *map(escape, lines[1:])])
    )
