"""A consensus session as everybody in it sees it: the practice, the votes when they are shown, what was agreed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from scorecard.core.rubric import LEVELS
from scorecard.output import marks, maturity_marks
from scorecard.output.maturity_tables import number
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.maturity import Agreed, PracticeResult
    from scorecard.maturity.session import Room

Href = Callable[[str], str]
STEPS = {"talk": "Talk", "vote": "Vote", "shown": "See the votes"}
WITH_NAMES = (
    "This cycle is named: votes are shown with names, to everybody at the same moment. They change nothing in the cycle."
)
WITHOUT_NAMES = (
    "This cycle is anonymous: votes are shown without names, only from five up, and once for each practice, since two counts a moment "
    "apart would show who changed. Until they are shown they are kept under your name so that you can change yours; then every tie to "
    "you is deleted. They are new answers and change nothing in the cycle. Who speaks up in the room gives up being unnamed. When "
    "nearly all vote and nobody changes, the difference from the cycle’s own counts tells what the others said: wait until all are here, "
    "or agree without a vote."
)


def line(address: str) -> str:
    """Says that a session is under way, with the way to it."""
    return f'<p class="lv-running">{marks.mark("half")}<span><b>A consensus session is under way.</b> <a href="{escape(address)}">Join it</a></span></p>'


def head(title: str, back: str, room: Room | None) -> str:
    """Where the page stands, who runs the session and who came."""
    crumbs = f'<p class="cap"><a href="{escape(back)}">Maturity</a> <span aria-hidden="true">›</span> {escape(title)}</p><h1 class="lv-h1">Consensus session</h1>'
    if room is None:
        return crumbs
    here = ", ".join(room.present)
    rule = WITH_NAMES if room.session.named else WITHOUT_NAMES
    return (
        f'{crumbs}<p class="second">Opened by {escape(room.session.opened_by)} · {len(room.present)} here: {escape(here)}</p>'
        f'<p class="notice lv-rule">{rule}</p>'
    )


def steps(room: Room, title: str) -> str:
    """The practice, and where the session is on it."""
    at = list(STEPS).index(room.session.step)
    items = "".join(
        f'<li class="{"now" if n == at else ""}"{" aria-current=" + chr(34) + "step" + chr(34) if n == at else ""}>{marks.step(n + 1)}<span>{name}</span></li>'
        for n, name in enumerate(STEPS.values())
    )
    return f'<h2>{escape(title)}</h2><ol class="ses-steps">{items}</ol>'


def before_and_now(one: PracticeResult, room: Room) -> str:
    """The answers of the cycle beside the votes of the session, once these are shown."""
    return f'<div class="ses-two">{_then(one)}{_now(room)}</div>'


def _then(one: PracticeResult) -> str:
    score = one.score
    if score.hidden or score.median is None:
        body = '<p class="mut">Hidden: fewer than five answers.</p>' if score.hidden else '<p class="mut">Nobody gave a level.</p>'
    else:
        body = f'{_counts(score.counts)}<p class="cap">median {number(score.median)}, spread {number(score.spread, 2)}, {score.n} people</p>'
    return f"<section><h3>In the cycle</h3>{body}</section>"


def _now(room: Room) -> str:
    if room.session.step != "shown":
        return f'<section><h3>Now</h3><p class="mut">{_waiting(room)}</p></section>'
    score = room.score
    if score is None or score.hidden:
        text = "Nobody voted." if room.session.named else "Hidden: fewer than five votes. They are deleted."
        return f'<section><h3>Now</h3><p class="lv-eye">{marks.mark("eye_struck")}<span>{text}</span></p></section>'
    if score.median is None:
        return f'<section><h3>Now</h3><p class="mut">Nobody gave a level; {score.unsure} did not know.</p></section>'
    unsure = f", {score.unsure} did not know" if score.unsure else ""
    told = f'<p class="cap">median {number(score.median)}, spread {number(score.spread, 2)}, {score.n} people{unsure}</p>'
    return f"<section><h3>Now</h3>{_counts(score.counts)}{told}{_names(room.by_name)}</section>"


def _waiting(room: Room) -> str:
    if room.session.step == "talk":
        return "Talk first. The facilitator opens the vote."
    return "Votes are being taken. Nobody sees one before all are shown."


def _counts(counts: Sequence[int]) -> str:
    figures = "".join(f"<span>{level}</span>" for level in LEVELS)
    return f'{maturity_marks.squares(counts)}<div class="lv-five mut" aria-hidden="true">{figures}</div>'


def _names(votes: Sequence[tuple[str, int | None]]) -> str:
    """Who voted what, in named cycles: the ends of the scale speak first."""
    if not votes:
        return ""
    by = {level: [name for name, voted in votes if voted == level] for level in (*LEVELS, None)}
    items = "".join(
        f"<li><b>{level or 'Don’t know'}</b> {escape(', '.join(names))}</li>" for level, names in by.items() if names
    )
    return f'<ul class="ses-names">{items}</ul>'


def agreed(found: Agreed | None) -> str:
    """What was agreed on a practice."""
    if found is None:
        return '<h3>Agreed</h3><p class="mut">Nothing is agreed yet.</p>'
    level = f"Level {found.level}: {LEVELS[found.level]}" if found.level else "No level agreed"
    items = (("Strengths", found.strengths), ("Opportunities", found.opportunities), ("A minority sees", found.minority))
    told = "".join(f"<li><b>{name}:</b> {escape(text)}</li>" for name, text in items if text)
    return f'<h3>Agreed</h3><p><b>{escape(level)}</b> <span class="mut">written by {escape(found.author)}</span></p><ul class="ses-names">{told}</ul>'


def list_of(practices: Sequence[PracticeResult], current: str, shown: int = 12) -> str:
    """The practices to talk about, the widest spread first, with what was agreed."""
    rows = "".join(
        f'<tr{" class=" + chr(34) + "here" + chr(34) if one.practice == current else ""}><td class="lv-id">{"" if one.practice == one.system else escape(one.practice)}</td>'
        f'<th scope="row">{escape(one.title)}</th><td class="r">{number(one.score.spread, 2)}</td><td>{_level(one)}</td></tr>'
        for one in practices[:shown]
    )
    title = "<h2>To talk about</h2>"
    if not rows:
        return f'{title}<p class="mut lv-none">People agree on every practice. Choose one to talk about all the same.</p>'
    head = '<th scope="col" class="lv-id"><span class="vh">Number</span></th><th scope="col">Practice</th><th scope="col" class="r">Spread</th><th scope="col">Agreed</th>'
    return f'{title}<table class="dense ses-list"><caption class="vh">To talk about</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _level(one: PracticeResult) -> str:
    if one.agreed is None:
        return '<span class="mut">–</span>'
    return f"{marks.mark('done', 'agreed')} {one.agreed.level or 'no level'}"
