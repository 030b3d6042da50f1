"""The page Sensory as it is read: health by segment and account, the report card, listening posts, what customers say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scorecard.core.periods import day
from scorecard.output import marks, sensory_marks, tables
from scorecard.output.sensory_marks import money, share, signed
from scorecard.output.theme import escape
from scorecard.sensory import report_card
from scorecard.sensory.page import MOST_THEMES
from scorecard.sensory.report_card import VERDICTS

if TYPE_CHECKING:
    from datetime import date

    from scorecard.sensory.page import Account, Line, Overview, Segment
    from scorecard.sensory.posts import Cell, Matrix, Post
    from scorecard.sensory.report_card import ReportCard

DARK_LINES = 3
Href = Callable[[str], str]


@dataclass(frozen=True)
class Ways:
    """The addresses that lead on: an account, a theme, a finding, a post, and the views."""

    account: Href
    theme: Href
    finding: Href
    post: Href
    view: Href


def short_day(value: date) -> str:
    """`14 Jan`, with the year where it is not this one."""
    return day(value).rsplit(" ", 1)[0]


def second_line(found: Overview, data_to: date | None) -> str:
    """`What customers do and say · data to 31 Oct · 412 accounts, 214 comments in 90 days`."""
    parts = ["What customers do and say"]
    if data_to:
        parts.append(f"data to {short_day(data_to)}")
    counts = [f"{found.accounts:,} accounts"] if found.accounts else []
    if found.said:
        counts.append(f"{found.said.comments:,} comments in 90 days")
    return " · ".join([*parts, ", ".join(counts)] if counts else parts)


def page(found: Overview, ways: Ways, symbol: str) -> str:
    """Everything below the title."""
    says = tables.says(found.sentences)
    top = f'<div class="sn-top"><section>{health(found, ways, symbol)}</section><section>{truth(found.card, ways)}</section></div>'
    low = f'<div class="sn-low"><section>{posts(found.matrix, ways)}</section><section>{said(found, ways)}</section></div>'
    return says + notes(found) + top + low


def crumbs(steps: Sequence[tuple[str, str]], title: str) -> str:
    """`Sensory › Comments › Price rise`."""
    ways = "".join(f'<a href="{escape(href)}">{escape(name)}</a> › ' for name, href in steps)
    return f'<p class="cap">{ways}{escape(title)}</p>'


def further(views: Mapping[str, str], href: Href) -> str:
    """The views beside the overview, in one line."""
    links = "".join(f'<a class="tap" href="{escape(href(view))}">{escape(name)}</a>' for view, name in views.items())
    return f'<nav class="sn-views" aria-label="Views of Sensory">{links}</nav>'


def notes(found: Overview) -> str:
    """What the reader must be told: a dead input, restated months."""
    lines = [one.sentence for one in found.dead]
    if found.restated:
        lines.append(f"Facts were restated since for {found.restated:,} recorded scores. The scores stand as they were recorded; an account shows both.")
    return tables.notices(lines)


def _head(title: str, told: str = "", href: str = "", link: str = "") -> str:
    beside = f'<a href="{escape(href)}">{escape(link)}</a>' if href else ""
    cap = f'<span class="cap">{escape(told)}{" · " if told and beside else ""}{beside}</span>' if told or beside else ""
    return f'<div class="sechead"><h2>{escape(title)}</h2>{cap}</div>'


# --- health ----------------------------------------------------------------------------------------------------------


def health(found: Overview, ways: Ways, symbol: str) -> str:
    """Segments with their limits, then the accounts that fell most."""
    title = _head("Health by segment, and the accounts that fell most in three months", "", ways.view("rules"), "Rules of the score")
    if found.month is None:
        return title + no_scores(found.kinds)
    bars = next((one.bars for one in (*found.segments, *found.fallen) if one.bars), ())
    scale = _scale(found.segments)
    body = "".join(_segment(one, scale, symbol) for one in found.segments)
    group = '<tr class="group"><th scope="rowgroup" colspan="4">Accounts</th><td>Segment, a year, renewal</td></tr>' if found.fallen else ""
    rows = "".join(_account(one, ways, symbol) for one in found.fallen)
    heads = (f'<th scope="col"><span class="vh">Segment or account</span></th><th scope="col" class="r">Score</th><th scope="col" class="r">Change</th>'
             f'<th scope="col" class="sn-c">{sensory_marks.bar_heads(bars)}</th><th scope="col" class="sn-l">24 months, natural limits</th>')
    caption = f'<caption class="vh">Health in {escape(found.month.label)}</caption>'
    whole = f'<table class="sn-health">{caption}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody><tbody>{group}{rows}</tbody></table>'
    return title + whole + _foot(found)


def _scale(segments: Sequence[Segment]) -> tuple[float, ...]:
    """One scale for all segments, so that they can be compared."""
    return tuple(value for one in segments if one.chart for value in marks.extent(one.chart, None))


def _segment(one: Segment, scale: Sequence[float], symbol: str) -> str:
    told = f"{one.name}: {one.score:.0f}" if one.score is not None else f"{one.name}: no score"
    spark = marks.sparkline(one.chart, None, "increase", 172, 36, label=told, scale=scale) if one.chart else ""
    score = f"{one.score:.0f}" if one.score is not None else "–"
    worth = f"{one.accounts:,} accounts, {money(one.revenue, symbol)}"
    return (f'<tr class="sn-segment"><th scope="row"><span class="name">{escape(one.name)}</span><span class="sub">{escape(worth)}</span></th>'
            f'<td class="r"><span class="fig">{score}</span></td><td class="r mut" data-head="change">{signed(one.change)}</td>'
            f'<td class="sn-c">{sensory_marks.bars(one.bars)}</td><td class="sn-l">{spark}</td></tr>')


def _account(one: Account, ways: Ways, symbol: str) -> str:
    beside = ", ".join([one.segment or "no segment", money(one.revenue, symbol)] + ([short_day(one.renewal)] if one.renewal else []))
    return (f'<tr data-measure="{escape(one.id)}"><th scope="row"><a class="name" title="{escape(one.name)}" href="{escape(ways.account(one.id))}">{escape(one.name)}</a></th>'
            f'<td class="r">{one.score}</td><td class="r mut" data-head="change">{signed(one.change)}</td>'
            f'<td class="sn-c">{sensory_marks.bars(one.bars)}</td><td class="sn-l cap">{escape(beside)}</td></tr>')


def _foot(found: Overview) -> str:
    weights = ", ".join(f"{one.label.lower()} {one.weight}" for one in found.rule.counted)
    missing = [one.label.lower() for one in found.rule.counted if one.missing == "blank"]
    blank = f" Missing {' or '.join(missing)} leaves the score blank." if missing else ""
    return (f'<p class="foot">Bar = points earned, box = points possible: {escape(weights)}. White space is where points were lost.'
            f"{escape(blank)} Hatched: the input is missing.</p>")


def no_scores(kinds: frozenset[str]) -> str:
    """Why there is no score, and the one step to one."""
    if not kinds:
        return ('<p class="mut"><b>No facts are loaded yet.</b> The health score is made from accounts, their use, answers, tickets and contacts. '
                '<a href="data">Load a file</a></p>')
    lacking = [word for kind, word in (("account", "accounts"), ("usage", "use of the product")) if kind not in kinds]
    said = f"It needs {' and '.join(lacking)}." if lacking else "A month is recorded when it has ended and its facts are there."
    return f'<p class="mut"><b>No month has a health score yet.</b> {escape(said)} <a href="data">Load a file</a></p>'


# --- the report card -------------------------------------------------------------------------------------------------


def truth(card: ReportCard | None, ways: Ways) -> str:
    """The score as it was known before each renewal, against what happened."""
    title = _head("Does the score tell the truth?", "", ways.view("report"), "Report card")
    if card is None:
        return title + '<p class="mut"><b>No renewals are loaded yet.</b> They tell whether low scores were lost. <a href="data">Load a file</a></p>'
    if not card.renewals:
        return title + f'<p class="mut"><b>No renewal has a score from {card.days} days before it yet.</b> Each month that is recorded brings some.</p>'
    chart = sensory_marks.calibration(card.bands, card.lost, report_card.sentence(card))
    return (f'{title}<p class="cap sn-ink"><b>Lost at renewal, 24 months, {card.renewals:,} renewals</b></p>{chart}'
            f'<p class="cap">{_known(card)}; bar = 95% interval. {_apart(card)}</p>{_unseen(card, ways)}')


def _known(card: ReportCard) -> str:
    said = {180: "score six months before the renewal", 90: "score three months before the renewal"}.get(card.days, f"score {card.days} days before the renewal")
    return said[:1].upper() + said[1:]


def _apart(card: ReportCard) -> str:
    if card.auc is None:
        return f"{VERDICTS['cannot_say']}."
    return f"AUC {card.auc.value:.2f} ({card.auc.lower:.2f} to {card.auc.upper:.2f}). {VERDICTS[card.verdict]}."


def _unseen(card: ReportCard, ways: Ways) -> str:
    found = report_card.unseen(card)
    if not found:
        return ""
    rows = "".join(f'<tr><th scope="row">{escape(name)}</th><td class="r"><b>{count:,}</b></td></tr>' for name, count in found)
    head = f"What the score did not see in the {len(card.missed):,} it missed"
    return f'<table class="dense sn-unseen"><thead><tr><th scope="col">{head}</th><th scope="col" class="r"><span class="vh">Accounts</span></th></tr></thead><tbody>{rows}</tbody></table>'


# --- listening posts -------------------------------------------------------------------------------------------------


def posts(found: Matrix, ways: Ways, whole: bool = False) -> str:
    """The matrix: a row a post, a cell a segment; hatched where nothing is heard. `whole`: as a part of the view of posts."""
    title = _head("Heard, by segment") if whole else _head("Listening posts", "share of accounts heard in 90 days", ways.view("posts"), "Posts and blind spots")
    if not found.posts:
        return title + '<p class="mut"><b>Nothing is heard yet.</b> Write down the posts, or load facts. A segment without a post is a blind spot.</p>'
    return title + matrix(found, ways) + ("" if found.written else f'<p class="foot">{UNWRITTEN}</p>')


UNWRITTEN = "These are the data that are loaded. No post is written down yet: own and third-party posts, each with an owner and a cadence."


def matrix(found: Matrix, ways: Ways | None) -> str:
    """The table of posts by segment."""
    heads = "".join(f'<th scope="col">{escape(name)}, {accounts:,}</th>' for name, accounts in found.segments)
    body = "".join(_post(one, ways) for one in found.posts)
    return f'<table class="sn-posts"><caption class="vh">Share of accounts heard, by post and segment</caption><thead><tr><th scope="col"><span class="vh">Post</span></th>{heads}</tr></thead><tbody>{body}</tbody></table>'


def _post(one: Post, ways: Ways | None) -> str:
    party = ' <span class="cap">third party</span>' if one.third_party else ""
    name = f'<a class="quiet" href="{escape(ways.post(one.id))}">{escape(one.name)}</a>' if ways and one.id else escape(one.name)
    cells = "".join(f'<td data-head="{escape(cell.segment)}">{_cell(cell)}</td>' for cell in one.cells)
    return f'<tr><th scope="row">{name}{party}</th>{cells}</tr>'


def _cell(cell: Cell) -> str:
    if not cell.meant:
        return '<span class="sn-heard not"><b class="mut">not meant</b></span>'
    if cell.silent:
        return '<span class="sn-heard hatched"><b>silent</b></span>'
    if cell.share is None:
        return f'<span class="sn-heard"><b>{escape(short_day(cell.last)) if cell.last else ""}</b></span>'
    return sensory_marks.heard(cell.share)


# --- what customers say ----------------------------------------------------------------------------------------------


def said(found: Overview, ways: Ways) -> str:
    """The Pareto of themes, with the department each was sent to and what came back."""
    about = found.said
    told = f"{about.comments:,} comments, {about.first:%B} to {about.last:%B}" if about and about.comments else ""
    title = _head("What customers say", told, ways.view("comments"), "Comments")
    if about is None or not about.counted:
        return title + ('<p class="mut"><b>No comment in these months.</b> They come from tickets, surveys and contacts, or are logged by hand. '
                        "What customers say in words explains the figures.</p>")
    heads = ('<th scope="col">Theme</th><th scope="col">Comments</th><th scope="col" class="r">Together</th>'
             '<th scope="col">Sent to, what came back</th>')
    most = max(one.theme.count for one in found.lines)
    named, small = _split(found.lines)
    body = "".join(_line(one, n, most, ways) for n, one in enumerate(named)) + _smaller(small, most, ways)
    praise = f'<p class="foot">{about.praise:,} more say thank you. Left out of the shares.</p>' if about.praise else ""
    return f'{title}<table class="sn-said"><caption class="vh">Themes of comments</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{praise}'


def _split(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    named = [one for one in lines if one.theme.id != "none"][:MOST_THEMES]
    return named, [one for one in lines if one not in named]


def _line(one: Line, n: int, most: int, ways: Ways) -> str:
    return (f'<tr data-measure="{escape(one.theme.id)}"><th scope="row"><a class="name" href="{escape(ways.theme(one.theme.id))}">{escape(one.theme.label)}</a></th>'
            f'<td>{_count(one.theme.count, most, "full" if n < DARK_LINES else "light")}</td><td class="r" data-head="together">{share(one.theme.together)}</td>'
            f'<td class="sn-back">{_back(one, ways)}</td></tr>')


def _count(count: int, most: int, kind: str) -> str:
    width = max(4.0, 64.0 * min(count, most) / most)
    return f'<span class="sn-count {kind}"><i style="width:{width:.0f}px"></i><b>{count:,}</b></span>'


def _back(one: Line, ways: Ways) -> str:
    if one.back is None:
        return '<span class="mut">to nobody yet</span>'
    link = f'<a class="above ink" href="{escape(ways.finding(one.back.finding))}">{escape(one.back.department or "No department")}</a>'
    return f'{link} <span class="mut">{escape(one.back.said)}</span>'


def _smaller(small: Sequence[Line], most: int, ways: Ways) -> str:
    if not small:
        return ""
    count = sum(one.theme.count for one in small)
    words = f"{len(small)} smaller themes" if len(small) > 1 else "1 smaller theme"
    return (f'<tr data-measure="smaller"><th scope="row"><a class="name mut" href="{escape(ways.view("comments"))}">{words}</a></th><td>{_count(count, most, "bare")}</td>'
            f'<td class="r" data-head="together">100%</td><td></td></tr>')
