"""Trust over all accounts as it is read: answers with intervals, use beside trust in four corners, fairness of policies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from scorecard.core.periods import day
from scorecard.output import marks, tables
from scorecard.output.theme import escape
from scorecard.relations import confidence
from scorecard.relations.confidence import TRUST_LINE, USE_LINE

if TYPE_CHECKING:
    from scorecard.core.ledger import Fair
    from scorecard.relations.confidence import Answers, Confidence, Corners, Mended, Point, Policies, Promised

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 400.0, 292.0, 30.0, 22.0, 44.0
LOWEST, HIGHEST, LEAST_USE, MOST_USE = 4.0, 10.0, 0.4, 1.6
MOST_DOTS, MOST_WATCHED = 600, 12
WORDS = {"trust_without_use": "trust without use", "use_and_trust": "use and trust", "neither": "neither", "use_without_trust": "use without trust"}
Href = Callable[[str], str]


def page(found: Confidence, href: Href, policies_at: str) -> str:
    """Everything below the title of the view Trust."""
    left = f"<section>{answers(found)}{promised(found.promised)}{mended(found.mended)}{policies(found.policies, policies_at)}</section>"
    return tables.says(confidence.sentences(found)) + f'<div class="lg-mid">{left}<section>{corners(found.corners, href)}{watched(found.corners, href)}</section></div>'


# -- answers


def answers(found: Confidence) -> str:
    """Mean answers by segment with their 95% intervals on one axis from 0 to 10."""
    told = f"six months to {day(found.until)}" if found.until else ""
    title = f'<div class="sechead"><h2>Trust, as customers answered</h2><span class="cap">{told}</span></div>'
    if found.whole is None:
        return title + '<p class="mut"><b>Trust was never asked.</b> Ask one question of 0 to 10, and load the answers with the question "trust". <a href="data">Load a file</a></p>'
    lines = [*found.answers, *([found.whole] if len(found.answers) != 1 else [])]
    body = "".join(_answers(one) for one in lines)
    heads = '<th scope="col">Segment</th><th scope="col" class="r">Answers</th><th scope="col" class="r">Mean</th><th scope="col">0 to 10, bar = 95% interval</th><th scope="col" class="r">Before</th>'
    return f'{title}<table class="dense stacks lg-answers"><caption class="vh">Answers on trust</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'


def _answers(one: Answers) -> str:
    name = f'<th scope="row">{escape(one.segment)}</th><td class="r" data-head="answers">{one.n:,}</td>'
    if one.few:
        return f'<tr>{name}<td class="mut" colspan="3">too few answers to say</td></tr>'
    low, high = one.interval or (one.mean, one.mean)
    before = f"{one.before:.1f}" if one.before is not None else ""
    return (f'<tr>{name}<td class="r nw" data-head="mean"><b>{one.mean:.1f}</b> <span class="mut">{low:.1f}–{high:.1f}</span></td><td>{_bar(one.mean / 10, low / 10, high / 10, f"{one.mean:.1f}, {low:.1f} to {high:.1f}")}</td>'
            f'<td class="r mut" data-head="before">{before}</td></tr>')


def _bar(value: float, low: float, high: float, label: str) -> str:
    """A dot with its interval on a line from 0 to 1."""
    low, high = max(0.0, low), min(1.0, high)
    return (f'<span class="lg-dot" role="img" aria-label="{escape(label)}"><i style="left:{100 * low:.1f}%;width:{max(100 * (high - low), 0.5):.1f}%"></i>'
            f'<b style="left:{100 * value:.1f}%"></b></span>')


# -- promises and recoveries


def promised(found: Sequence[Promised]) -> str:
    """Promises by segment: kept by their day with the interval, late, broken."""
    title = '<div class="sechead lg-later"><h2>Promises, by segment</h2><span class="cap">due in twelve months</span></div>'
    if not found:
        return title + '<p class="mut"><b>No promise was due.</b> What is promised is written down with its day.</p>'
    body = "".join(_promised(one) for one in found)
    told, before = sum(one.told for one in found), sum(one.told_before for one in found)
    foot = f'<p class="foot">Of {told:,} late or broken whose telling is written down, {before:,} {"was" if before == 1 else "were"} told before the day.</p>' if told else ""
    heads = ('<th scope="col">Segment</th><th scope="col" class="r">Due</th><th scope="col">Kept by their day, bar = 95% interval</th><th scope="col" class="r">Late</th>'
             '<th scope="col" class="r">Broken</th>')
    return f'{title}<table class="dense stacks lg-promised"><caption class="vh">Promises</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{foot}'


def _promised(one: Promised) -> str:
    low, high = one.interval or (0.0, 1.0)
    share = one.kept / one.due
    told = f'<span class="sub">{one.kept:,}, {share:.0%}, {low:.0%} to {high:.0%} is possible</span>'
    return (f'<tr><th scope="row">{escape(one.segment)}</th><td class="r" data-head="due">{one.due:,}</td><td>{_bar(share, low, high, f"{share:.0%}, {low:.0%} to {high:.0%}")}{told}</td>'
            f'<td class="r" data-head="late">{one.late:,}</td><td class="r" data-head="broken">{one.broken:,}</td></tr>')


def mended(found: Mended | None) -> str:
    """How things that went wrong were set right, in one line."""
    if found is None:
        return ""
    parts = [f"{found.owned:,} of {found.cases:,} were owned up to by the next day"]
    parts += [f"they were told {found.words:g} times unasked"] if found.words is not None else []
    parts += [f"it took {found.days:g} days"] if found.days is not None else []
    still = f" {found.open:,} {'is' if found.open == 1 else 'are'} not solved yet." if found.open else ""
    return f'<p class="foot lg-mended"><b>When things went wrong, in twelve months:</b> {"; ".join(parts)} (medians).{still}</p>'


# -- policies


def policies(found: Policies, at: str) -> str:
    """Exceptions to policies by segment, over all policies and for each with enough cases."""
    title = (f'<div class="sechead lg-later"><h2>Policies, by segment</h2><span class="cap">{found.cases:,} cases in twelve months · '
             f'<a href="{escape(at)}">all cases</a></span></div>')
    if not found.cases:
        return title + '<p class="mut"><b>No case is written down.</b> Log where a policy was applied as it is written, and where an exception was made: by segment it shows whether all are treated alike.</p>'
    parts = [("All policies" if found.each else "", found.together), *found.each]
    body = "".join(_policy(name, own) for name, own in parts)
    heads = '<th scope="col">Segment</th><th scope="col" class="r">Exceptions</th><th scope="col">Share of cases, bar = 95% interval</th><th scope="col">Against the others</th>'
    return (f'{title}<table class="dense stacks lg-policies"><caption class="vh">Exceptions to policies</caption><thead><tr>{heads}</tr></thead>{body}</table>'
            f'<p class="foot">Under {confidence.ledger.FEWEST_CASES} cases nothing is said of a segment. A difference is named only beyond chance, the bar higher the more segments there are.</p>')


def _policy(name: str, found: Sequence[Fair]) -> str:
    head = f'<tr class="group"><th scope="rowgroup" colspan="4">{escape(name)}</th></tr>' if name else ""
    return f'<tbody>{head}{"".join(_fair(one) for one in found)}</tbody>'


def _fair(one: Fair) -> str:
    name = f'<th scope="row">{escape(one.segment)}</th><td class="r" data-head="exceptions">{one.exceptions:,} of {one.cases:,}</td>'
    if one.interval is None:
        return f'<tr>{name}<td class="mut" colspan="2">too few cases to say</td></tr>'
    share = one.exceptions / one.cases
    bar = _bar(share, *one.interval, f"{share:.0%}, {one.interval[0]:.0%} to {one.interval[1]:.0%}")
    told = f'<span class="sub">{share:.0%}, {one.interval[0]:.0%} to {one.interval[1]:.0%} is possible</span>'
    return f"<tr>{name}<td>{bar}{told}</td><td>{_verdict(one)}</td></tr>"


def _verdict(one: Fair) -> str:
    if one.differs is None:
        return '<span class="mut">too few of the others</span>'
    return '<b class="bad">differs beyond chance</b>' if one.differs else '<span class="mut">no difference beyond chance</span>'


# -- use beside trust


def corners(found: Corners, href: Href | None = None, account: str = "", heading: str = "h2") -> str:
    """Each account as a dot by its use and its trust, the four corners counted; `account` stands out with its name."""
    whose = f"{found.segment} " if found.segment else ""
    title = f'<div class="sechead"><{heading}>Use beside trust, {len(found.points):,} {escape(whose)}accounts that answered</{heading}></div>'
    if not found.points:
        return title.replace(", 0", "").replace(f"{escape(whose)}accounts that answered", "") + '<p class="mut"><b>Nothing to draw yet.</b> It needs a month with a health score, and answers to the trust question.</p>'
    step = -(-len(found.points) // MOST_DOTS)
    drawn = [one for n, one in enumerate(found.points) if n % step == 0 and one.account != account]
    parts = [_ground(found), *(_dot(one) for one in drawn), *(_named(one) for one in found.points if one.account == account)]
    note = f" One account in {step:,} is drawn; all are counted." if step > 1 else ""
    month = found.month.label if found.month else ""
    said = confidence.watched(found)
    return (f'{title}{marks.svg(WIDTH, HEIGHT, "".join(parts), _told(found), "lg-corners")}'
            f'<p class="cap">across: use in {escape(month)} against the account\'s own usual · up: trust score of six months.{note}</p><p class="cap">{tables.sentence(said)}</p>')


def _told(found: Corners) -> str:
    return "Use beside trust: " + ", ".join(f"{WORDS[name]} {count:,}" for name, count in found.counts.items()) + "."


def _x(use: float) -> float:
    share = (min(max(use, LEAST_USE), MOST_USE) - LEAST_USE) / (MOST_USE - LEAST_USE)
    return LEFT + share * (WIDTH - LEFT - 6)


def _y(trust: float) -> float:
    return HEIGHT - BOTTOM - (min(max(trust, LOWEST), HIGHEST) - LOWEST) / (HIGHEST - LOWEST) * (HEIGHT - BOTTOM - TOP)


def _ground(found: Corners) -> str:
    x, y, foot, right = _x(USE_LINE), _y(TRUST_LINE), HEIGHT - BOTTOM, WIDTH - 6
    scale = "".join(f'<text x="{LEFT - 8}" y="{_y(value) + 4:.1f}" text-anchor="end">{value}</text>' for value in (4, 6, 8, 10))
    uses = "".join(f'<text x="{_x(value):.1f}" y="{foot + 17}" text-anchor="middle">{value:.0%}</text>' for value in (0.4, 0.7, 1.0, 1.3, 1.6))
    count = found.counts
    words = (f'<text x="{LEFT + 4}" y="{TOP - 8}">{WORDS["trust_without_use"]} {count["trust_without_use"]:,}</text>'
             f'<text x="{right}" y="{TOP - 8}" text-anchor="end">{WORDS["use_and_trust"]} {count["use_and_trust"]:,}</text>'
             f'<text x="{LEFT + 4}" y="{foot - 6}">{WORDS["neither"]} {count["neither"]:,}</text>'
             f'<text x="{right}" y="{foot - 6}" text-anchor="end" class="lg-strong">{WORDS["use_without_trust"]} {count["use_without_trust"]:,}</text>')
    return (f'<rect class="lg-watch" x="{x:.1f}" y="{y:.1f}" width="{right - x:.1f}" height="{foot - y:.1f}"/><path class="lg-axis" d="M{LEFT} {foot}H{right}"/>'
            f'<path class="lg-cross" d="M{x:.1f} {TOP}V{foot}M{LEFT} {y:.1f}H{right}"/>{scale}{uses}{words}')


def _dot(one: Point) -> str:
    return f'<circle class="lg-point" cx="{_x(one.use):.1f}" cy="{_y(one.trust):.1f}" r="3.4"><title>{escape(one.name)}</title></circle>'


def _named(one: Point) -> str:
    x, y = _x(one.use), _y(one.trust)
    anchor, at = ("end", x + 6) if x > WIDTH / 2 else ("start", x - 6)
    return f'<circle class="lg-own" cx="{x:.1f}" cy="{y:.1f}" r="5"/><text class="lg-strong" x="{at:.1f}" y="{y + 20:.1f}" text-anchor="{anchor}">{escape(one.name)}</text>'


def watched(found: Corners, href: Href) -> str:
    """The accounts with use and without trust, alphabetical."""
    if not found.watched:
        return ""
    names = "".join(f'<li><a class="quiet" href="{escape(href(one.account))}">{escape(one.name)}</a><span class="mut">trust {one.trust:.1f}, use {one.use:.0%} of its usual</span></li>'
                    for one in found.watched[:MOST_WATCHED])
    more = f'<p class="foot">and {len(found.watched) - MOST_WATCHED:,} more, in the export</p>' if len(found.watched) > MOST_WATCHED else ""
    return f'<h3 class="lg-later">Use without trust, to be watched</h3><ul class="lg-watched">{names}</ul>{more}'
