"""The results of a cycle as they are read: the levels, the disagreement, the gaps, the way since the first cycle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scorecard.core.rubric import LEVELS, Score, cut_off
from scorecard.output import marks, maturity_marks, tables
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.maturity import PracticeResult, Results, SystemResult

MOST = 5
LONGEST_HEAD = 10
GOOD, NO_RECORDS = "good", "No records yet."
Href = Callable[[str], str]


@dataclass(frozen=True)
class Ways:
    """The addresses that a reader may follow: a system, a practice into the review, a practice into a project.

    `on_agenda` are the practices that stand on the agenda of the next review already, `in_project` those of open projects.
    `session` and `roadmap` are the addresses of those pages, "" where the reader has none.
    """

    system: Href | None = None
    talk: Href | None = None
    project: Href | None = None
    on_agenda: frozenset[str] = frozenset()
    in_project: frozenset[str] = frozenset()
    session: str = ""
    roadmap: str = ""


@dataclass(frozen=True)
class Noted:
    """What the product's own records say, by practice: the first line of them, and what contradicts an answer."""

    lines: Mapping[str, Sequence[str]] = field(default_factory=dict)
    against: Mapping[str, str] = field(default_factory=dict)


def number(value: float | None, digits: int = 1) -> str:
    """A level with one decimal; "–" where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"


def change(now: float | None, then: float | None) -> str:
    """A change in levels between two figures as they are shown: `+0.4`, `0.0`, `−0.1`; "–" where one is missing."""
    if now is None or then is None:
        return "–"
    value = round(round(now, 1) - round(then, 1), 1)
    return "0.0" if value == 0 else f"{'+' if value > 0 else '−'}{abs(value):.1f}"


def share(value: float | None) -> str:
    """A share as percent without decimals; "–" where there is none."""
    return "–" if value is None else f"{100 * value:.0f}%"


def second_line(found: Results) -> str:
    """`September 2026 · 13 of 15 people answered, 55 practices · last cycle March 2026`."""
    asked = f"{len(found.practices)} {'practices' if found.cycle.kind == 'full' else 'questions, one a system'}"
    parts = [found.cycle.title, f"{found.finished} of {found.asked} people answered, {asked}"]
    parts.append(f"last cycle {found.last_title}" if found.last_title else "the first cycle")
    return " · ".join(parts)


def short(title: str, beside: str) -> str:
    """A title without its year where the one beside it has the same; "Last" where it would not fit above a column."""
    head, _, year = title.rpartition(" ")
    text = head if head and year.isdecimal() and beside.endswith(f" {year}") else title
    return text if len(text) <= LONGEST_HEAD else "Last"


# --- the seven systems -----------------------------------------------------------------------------------------------


def board(found: Results, names: Sequence[str], ways: Ways = Ways()) -> str:  # noqa: B008
    """The systems on the axis of levels, with their figures; below it what the marks mean and what is hidden."""
    head = (
        '<th scope="col" class="lv-system"><span class="vh">System</span></th>'
        f'<th scope="col" class="lv-axis">{maturity_marks.heads(names)}</th>'
        + "".join(f'<th scope="col" class="r {kind}">{text}</th>' for kind, text in _heads(found))
    )
    body = "".join(_system(one, ways) for one in found.systems)
    caption = f'<caption class="vh">Maturity of the systems, {escape(found.cycle.title)}</caption>'
    return (
        f'<table class="lv-board">{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{legend(found)}'
    )


def _heads(found: Results) -> tuple[tuple[str, str], ...]:
    last = escape(short(found.last_title, found.cycle.title)) if found.last_title else "Last"
    return (("lv-now", "Now"), ("lv-then", last), ("lv-change", "Change"), ("lv-goal", "Target"), ("lv-agree", "Agreement"))


def _system(one: SystemResult, ways: Ways) -> str:
    label = escape(one.label)
    name = f'<a class="name" href="{escape(ways.system(one.system))}">{label}</a>' if ways.system else f'<span class="name">{label}</span>'
    return (
        f'<tr data-measure="{escape(one.system)}"><th scope="row" class="lv-system">{name}</th>'
        f'<td class="lv-axis">{maturity_marks.levels(one.score, one.last, one.target)}</td>{_figures(one)}</tr>'
    )


def _figures(one: SystemResult) -> str:
    """The five figures of a system; one cell with the reason where they are hidden."""
    if one.score.hidden:
        return f'<td class="r" colspan="5"><span class="lv-hid">{hidden_mark()}</span></td>'
    agreement = f"<b>{one.talk} to talk about</b>" if one.talk else f'<span class="mut">{GOOD if one.score.n else "–"}</span>'
    return (
        f'<td class="r lv-now"><b>{number(one.score.median)}</b></td>'
        f'<td class="r lv-then mut" data-head="last">{number(one.last)}</td>'
        f'<td class="r lv-change ink2" data-head="change">{change(one.score.median, one.last)}</td>'
        f'<td class="r lv-goal mut" data-head="target">{number(one.target)}</td><td class="r lv-agree">{agreement}</td>'
    )


def hidden_mark() -> str:
    """The struck eye with its words."""
    return f'<span class="lv-eye">{marks.mark("eye_struck")}<span>Hidden: fewer than five answers.</span></span>'


def legend(found: Results) -> str:
    """What the marks of the axis mean, and what is not shown."""
    drawn = maturity_marks.LEGEND
    items = [(drawn["now"], "median now")]
    items += [(drawn["last"], "last cycle")] if found.last_title else []
    items += [(drawn["range"], "all raters, middle half thick"), (drawn["target"], "target")]
    spans = "".join(f"<span>{icon}{text}</span>" for icon, text in items)
    said = f'<span class="src">{escape(found.hidden.rstrip("."))}</span>' if found.hidden else ""
    return f'<div class="legend lv-legend">{spans}{said}</div>'


# --- disagreement and gaps -------------------------------------------------------------------------------------------


def talk_and_gaps(found: Results, noted: Noted = Noted(), ways: Ways = Ways()) -> str:  # noqa: B008
    """The two lists side by side: where people disagree most, and what is farthest from its target."""
    return f'<div class="two-up lv-two">{disagreement(found, ways)}{gaps(found, noted, ways)}</div>'


def _part(title: str, note: str, body: str, foot: str) -> str:
    return (
        f'<section class="sec"><div class="sechead lv-sechead"><h2>{title}</h2><span class="cap">{note}</span></div>{body}'
        f'<p class="foot">{foot}</p></section>'
    )


def disagreement(found: Results, ways: Ways, most: int = MOST) -> str:
    """The practices with the largest spread, one square a person."""
    shown = found.disagreements[:most]
    rule = f"Spread: mean distance from the mean answer, in levels. Above {cut_off():.2f} people do not agree."
    if not shown:
        said = "Hidden: fewer than five answers." if _nothing(found) else "People agree on every practice."
        return _part("Most disagreement", "", f'<p class="mut lv-none">{said}</p>', rule)
    figures = "".join(f"<span>{level}</span>" for level in LEVELS)
    head = (
        '<th scope="col" class="lv-id"><span class="vh">Number</span></th><th scope="col">Practice</th>'
        f'<th scope="col" class="lv-people"><span class="lv-five">{figures}</span></th>'
        '<th scope="col" class="r lv-spread">Spread</th><th scope="col" class="r lv-do"><span class="vh">What to do</span></th>'
    )
    labels = {one.system: one.label for one in found.systems}
    body = "".join(_disagreed(one, labels, ways) for one in shown)
    more = f" {len(found.disagreements) - most} more are on the pages of the systems." if len(found.disagreements) > most else ""
    table = f'<table class="lv-list"><caption class="vh">Most disagreement</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    together = f' <a href="{escape(ways.session)}">Talk about them together</a>' if ways.session else ""
    return _part("Most disagreement", "one square = one person", table, rule + more + together)


def _nothing(found: Results) -> bool:
    return all(one.score.hidden for one in found.systems)


def _named(one: PracticeResult, second: str) -> str:
    id = "" if one.practice == one.system else escape(one.practice)
    return (
        f'<td class="lv-id">{id}</td><th scope="row" class="lv-what"><span class="name">{escape(one.title)}</span>'
        f'<span class="sub">{second}</span></th>'
    )


def _disagreed(one: PracticeResult, labels: Mapping[str, str], ways: Ways) -> str:
    second = escape(f"{labels[one.system]} system") if one.practice != one.system else ""
    done = '<span class="mut">on the agenda</span>' if one.practice in ways.on_agenda else ""
    return (
        f'<tr data-practice="{escape(one.practice)}">{_named(one, second)}<td class="lv-people">{maturity_marks.squares(one.score.counts)}</td>'
        f'<td class="r lv-spread" data-head="spread">{number(one.score.spread, 2)}</td>'
        f'<td class="r lv-do">{done or _link(ways.talk, one, "add to review")}</td></tr>'
    )


def _link(way: Href | None, one: PracticeResult, words: str) -> str:
    if way is None:
        return ""
    return f'<a class="tap" href="{escape(way(one.practice))}">{words}<span class="vh">: {escape(one.title)}</span></a>'


def gaps(found: Results, noted: Noted, ways: Ways, most: int = MOST) -> str:
    """The practices farthest below their target, with what the records say."""
    shown = found.gaps[:most]
    rule = "A project names the measure it should move; the answer is read again when that measure has moved."
    if not shown:
        told = "Hidden: fewer than five answers." if _nothing(found) else "Every practice has reached its target."
        return _part("Biggest gaps to target", "", f'<p class="mut lv-none">{told}</p>', rule + _roadmap(ways))
    head = (
        '<th scope="col" class="lv-id"><span class="vh">Number</span></th><th scope="col">Practice</th>'
        f'<th scope="col" class="lv-people">{maturity_marks.small_heads()}</th>'
        '<th scope="col" class="r lv-spread">Gap</th><th scope="col" class="r lv-do"><span class="vh">What to do</span></th>'
    )
    body = "".join(_gap(one, noted, ways) for one in shown)
    table = f'<table class="lv-list"><caption class="vh">Biggest gaps to target</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return _part("Biggest gaps to target", "with what the records say" if noted.lines else "median now, target", table, rule + _roadmap(ways))


def _roadmap(ways: Ways) -> str:
    return f' <a href="{escape(ways.roadmap)}">All projects</a>' if ways.roadmap else ""


def _gap(one: PracticeResult, noted: Noted, ways: Ways) -> str:
    said = noted.lines.get(one.practice, ())
    second = escape(said[0].rstrip(".") if said[0] == NO_RECORDS else f"Records: {_lower(said[0])}") if said else ""
    done = '<span class="mut">in a project</span>' if one.practice in ways.in_project else ""
    return (
        f'<tr data-practice="{escape(one.practice)}">{_named(one, second)}'
        f'<td class="lv-people">{maturity_marks.gap(one.score.median, one.target)}</td>'
        f'<td class="r lv-spread" data-head="gap">{number(one.gap)}</td>'
        f'<td class="r lv-do">{done or _link(ways.project, one, "start a project")}</td></tr>'
    )


def _lower(text: str) -> str:
    """A line of the records after "Records:": small at the start, without its full stop."""
    line = text.rstrip(".")
    return line[:1].lower() + line[1:] if line[:2] != line[:2].upper() else line


# --- over the cycles -------------------------------------------------------------------------------------------------


def progress(found: Results) -> str:
    """The way of each system since the first cycle, and how much of the way to its targets is done."""
    first = found.trend[0][0]
    heads = (
        ("System", ""), (f"{escape(first)} to {escape(found.cycle.title)}" if found.last_title else "This cycle", "lv-lines"),
        ("First", "r"), ("Now", "r"), ("Since the first", "r"), ("Lowest practice", "lv-low"), ("Mean", "r"), ("Way to the targets", "r"),
    )
    head = "".join(f'<th scope="col" class="{kind}">{text}</th>' for text, kind in heads)
    body = "".join(_progressed(one, found) for one in found.systems)
    return (
        '<section class="sec upper-line"><div class="sechead"><h2>Since the first cycle</h2>'
        f'<span class="cap">{escape(whole(found))}</span></div>'
        f'<table class="dense stacks lv-progress"><caption class="vh">Since the first cycle</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        f'<p class="foot">Small lines: the median of each cycle from level 1 to 5, the target dotted. Way to the targets: what is missing is added up over '
        "the practices below their target; a surplus elsewhere never pays for it.</p></section>"
    )


def whole(found: Results) -> str:
    """How much of the way to the targets is done by all practices together, now and in the first cycle."""
    if found.percent is None:
        return ""
    then = f", {share(found.first_percent)} in {found.trend[0][0]}" if found.first_percent is not None else ""
    return f"All practices together: {share(found.percent)} of the way to the targets{then}"


def _progressed(one: SystemResult, found: Results) -> str:
    values = [told.get(one.system) for _, told in found.trend]
    low = f"{escape(one.lowest[0])} {number(one.lowest[1])}" if one.lowest else "–"
    return (
        f'<tr><th scope="row">{escape(one.label)}</th><td class="lv-lines">{maturity_marks.line(values, one.target)}</td>'
        f'<td class="r mut" data-head="First">{number(one.first)}</td><td class="r" data-head="Now"><b>{number(one.score.median)}</b></td>'
        f'<td class="r" data-head="Since the first">{change(one.score.median, one.first)}</td><td class="lv-low" data-head="Lowest">{low}</td>'
        f'<td class="r mut" data-head="Mean">{number(one.score.mean, 2)}</td>'
        f'<td class="r" data-head="Way">{share(one.percent)}</td></tr>'
    )


def apart(found: Results) -> str:
    """The cycles of the other kind, drawn by themselves: one question a system is another instrument than all practices."""
    if not found.apart:
        return ""
    kind = "Quick cycles" if found.cycle.kind == "full" else "Full cycles"
    why = "one question a system" if found.cycle.kind == "full" else "all practices"
    titles = ", ".join(title for title, _ in found.apart)
    body = "".join(_other(one, [told.get(one.system) for _, told in found.apart]) for one in found.systems)
    head = '<th scope="col">System</th><th scope="col" class="lv-lines">Over the cycles</th><th scope="col">Medians</th>'
    return (
        f'<section class="sec upper-line"><div class="sechead"><h2>{kind}</h2><span class="cap">{why}; never joined with the others</span></div>'
        f'<table class="dense lv-progress lv-apart"><caption class="vh">{kind}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        f'<p class="foot">{escape(titles)}.</p></section>'
    )


def _other(one: SystemResult, values: Sequence[float | None]) -> str:
    if all(value is None for value in values):
        return ""
    return (
        f'<tr><th scope="row">{escape(one.label)}</th><td class="lv-lines">{maturity_marks.line(values)}</td>'
        f'<td class="mut">{", ".join(map(number, values))}</td></tr>'
    )


# --- leaders and team, and the numbers -------------------------------------------------------------------------------

PARTS = {"leader": "Leaders", "team": "Team"}


def parts(found: Results) -> str:
    """Leaders and team apart, for each system in which both may be shown; else nothing, and the legend says why."""
    rows = [one for one in found.systems if one.parts]
    if not rows:
        return ""
    head = '<th scope="col">System</th>' + "".join(
        f'<th scope="col" class="r">{PARTS[name]}</th><th scope="col" class="r">answers</th>' for name in PARTS
    )
    body = "".join(f'<tr><th scope="row">{escape(one.label)}</th>{_both(one.parts)}</tr>' for one in rows)
    return (
        '<section class="sec upper-line"><div class="sechead"><h2>Leaders and team</h2><span class="cap">medians</span></div>'
        f'<table class="dense lv-parts"><caption class="vh">Leaders and team</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></section>'
    )


def _both(scores: Sequence[Score]) -> str:
    by = {one.group: one for one in scores}
    return "".join(
        f'<td class="r"><b>{number(by[name].median)}</b></td><td class="r mut">{by[name].n}</td>' if name in by
        else '<td class="r mut">–</td><td class="r mut">–</td>'
        for name in PARTS
    )


def page(found: Results, names: Sequence[str], noted: Noted = Noted(), ways: Ways = Ways()) -> str:  # noqa: B008
    """All of it in one text: sentences, systems, disagreement and gaps."""
    return f'{tables.says(found.sentences)}<div class="lv-top">{board(found, names, ways)}</div>{talk_and_gaps(found, noted, ways)}'
