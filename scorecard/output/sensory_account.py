"""One account opened: points of points possible, why the score changed, its history, its comments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scorecard.core.health_score import BANDS, MISSING, READINGS
from scorecard.core.periods import day
from scorecard.output import marks, sensory_marks, twins
from scorecard.output.sensory_marks import money, signed
from scorecard.output.theme import escape
from scorecard.sensory.page import Bar, chart_words
from scorecard.sensory.themes import SOURCES

if TYPE_CHECKING:
    from scorecard.sensory.accounts import Opened
    from scorecard.sensory.scoring import Part
    from scorecard.store.comments import Comment


def second_line(found: Opened, symbol: str) -> str:
    """`A1468 · Small business · $85k a year · renewal 14 Jan 2027`."""
    one = found.health
    parts = [one.account, one.segment or "no segment", f"{money(found.revenue, symbol)} a year"]
    return " · ".join([*parts, f"renewal {day(found.renewal)}"] if found.renewal else parts)


def points(found: Opened) -> str:
    """The inputs of the score: what was read, the points earned and possible, what a missing one does."""
    heads = "".join(f'<th scope="col"{side}>{text}</th>' for text, side in (
        ("Input", ""), ("Read", ' class="r"'), ("Points", ' class="r"'), ("Of", ' class="r"'), ("Earned of possible", ""), ("What is read", "")))
    body = "".join(_part(one) for one in found.health.parts)
    band = BANDS.get(found.health.band, "")
    score = "blank" if found.health.score is None else str(found.health.score)
    foot = f'<tr><th scope="row">Score</th><td></td><td class="r"><b>{score}</b></td><td class="r">100</td><td colspan="2">{band}</td></tr>'
    return (f'<div class="sechead"><h2>{escape(found.health.month.label)}</h2><span class="cap">rule version {found.health.rule.version}</span></div>'
            f'<table class="dense stacks sn-points"><caption class="vh">Points by input</caption><thead><tr>{heads}</tr></thead><tbody>{body}{foot}</tbody></table>')


def _part(one: Part) -> str:
    read = "missing" if one.value is None else f"{one.value:.2f}".rstrip("0").rstrip(".")
    bar = sensory_marks.bars([Bar(one.name, 1, one.points or 0, one.possible)]) if one.weight else '<span class="mut">only watched</span>'
    told = READINGS[one.reading].label + (f"; {MISSING[one.missing]}" if one.value is None else "")
    earned = "–" if one.points is None or not one.weight else str(one.points)
    return (f'<tr><th scope="row">{escape(one.name)}</th><td class="r" data-head="read">{read}</td><td class="r" data-head="points">{earned}</td>'
            f'<td class="r" data-head="of">{one.possible if one.weight else "–"}</td><td class="sn-one">{bar}</td><td class="mut">{escape(told)}</td></tr>')


def why(found: Opened) -> str:
    """The change between two months in its parts, which add up to it exactly."""
    one = found.health
    if found.since is None:
        return '<h2>Why did it change?</h2><p class="mut">No earlier month is recorded.</p>'
    title = f"Why did it change since {found.since.label}?"
    if found.before is None or one.score is None:
        return f'<h2>{escape(title)}</h2><p class="mut">One of the two months has no score, so there is no change to explain.</p>'
    most = max((abs(part.points) for part in found.change), default=0) or 1
    rows = "".join(f'<tr><th scope="row">{escape(part.name)}</th><td class="r"><b>{signed(part.points)}</b></td><td>{_side(part.points, most)}</td></tr>'
                   for part in found.change)
    total = one.score - found.before
    foot = f'<tr><th scope="row"><b>{found.before} then, {one.score} now</b></th><td class="r"><b>{signed(total)}</b></td><td class="mut">the parts add up to it</td></tr>'
    return (f'<h2>{escape(title)}</h2><table class="dense sn-why"><caption class="vh">{escape(title)}</caption><thead><tr><th scope="col">Part</th>'
            f'<th scope="col" class="r">Points</th><th scope="col"><span class="vh">Bar</span></th></tr></thead><tbody>{rows}{foot}</tbody></table>')


def _side(value: int, most: int) -> str:
    """A bar to the left of the middle for points lost, to the right for points gained."""
    width = 100 * abs(value) / most
    return f'<span class="sn-side"><i class="{"up" if value > 0 else "down"}" style="width:{width / 2:.0f}%"></i></span>'


def history(found: Opened) -> str:
    """The recorded months: drawn, and as a table that opens."""
    if found.chart is None:
        return '<h2>History</h2><p class="mut">No month with a score is recorded yet.</p>'
    scores = [one.score for one in found.past if one.score is not None]
    told = f"{len(scores)} months, from {min(scores)} to {max(scores)}, now {scores[-1]}"
    said = chart_words(found.chart)
    spark = marks.sparkline(found.chart, None, "increase", 520, 92, months=60, label=told)
    rows = "".join(f'<tr><th scope="row">{escape(one.month.label)}</th><td class="r">{"blank" if one.score is None else one.score}</td>'
                   f"<td>{BANDS.get(one.band, '')}</td><td class=\"r\">{one.version}</td></tr>" for one in reversed(found.past))
    table = (f'<table class="dense"><thead><tr><th scope="col">Month</th><th scope="col" class="r">Score</th><th scope="col">Band</th>'
             f'<th scope="col" class="r">Rule</th></tr></thead><tbody>{rows}</tbody></table>')
    news = f"<b>{escape(said.bold)}</b> {escape(said.rest)}" if said.bold else escape(said.rest)
    return (f'<h2>History</h2><p class="sn-told">{news}</p><div class="sn-past">{spark}</div><p class="cap">{escape(told)}. Months stand as they were recorded; a later rule or load does not change them.</p>'
            f'<details class="earlier"><summary>Every month</summary>{table}</details>')


def page(found: Opened) -> str:
    """Everything below the heading of an account."""
    left = f"<section>{points(found)}</section><section>{history(found)}</section>"
    right = f"<section>{why(found)}</section><section>{comments(found.comments)}</section>"
    return f'<div class="sn-two"><div class="stack">{left}</div><div class="stack">{right}</div></div>'


def comments(found: Sequence[tuple[Comment, str]]) -> str:
    """What the account said in twelve months, the newest first."""
    if not found:
        return '<h2>What they said</h2><p class="mut">No comment in twelve months. Log what you heard.</p>'
    rows = "".join(f'<li><p>{escape(one.text)}</p><p class="cap">{day(one.said_on)} · {SOURCES.get(one.source, one.source)}{" · " + escape(theme) if theme else ""}</p></li>'
                   for one, theme in found)
    return f'<h2>What they said</h2><ul class="sn-quotes">{rows}</ul>'


def csv(found: Opened) -> str:
    """The history of an account, a line a month and input."""
    rows = [[found.health.account, found.health.name, str(one.month), one.score, one.band, one.version,
             part.name, part.reading, part.value, part.weight, part.points, part.possible, part.missing]
            for one in found.past for part in one.parts]
    return twins.csv_text(("account", "name", "month", "score", "band", "rule_version", "input", "reading", "value", "weight", "points", "points_possible", "missing_rule"), rows)
