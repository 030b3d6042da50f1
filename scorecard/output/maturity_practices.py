"""One system of a cycle, opened to its practices: what people said, why, what the records show, what was agreed."""

from __future__ import annotations

from collections.abc import Sequence

from scorecard.core.maturity_file import Model
from scorecard.core.rubric import LEVELS, Score
from scorecard.maturity import PracticeResult, Results, SystemResult
from scorecard.output import marks, maturity_marks
from scorecard.output.maturity_tables import NO_RECORDS, PARTS, Noted, Ways, change, hidden_mark, number, share
from scorecard.output.theme import escape


def heading(one: SystemResult, found: Results, back: str) -> str:
    """Where the page stands, the name of the system, and its figures in a line."""
    return (
        f'<p class="cap"><a href="{escape(back)}">Maturity</a> <span aria-hidden="true">›</span> {escape(found.cycle.title)}</p>'
        f'<h1 class="lv-h1">{escape(one.label)}</h1><p class="sub">{escape(_line(one, found))}</p>'
    )


def _line(one: SystemResult, found: Results) -> str:
    if one.score.hidden:
        return "Hidden: fewer than five answers."
    parts = [f"median {number(one.score.median)}", f"mean {number(one.score.mean, 2)}"]
    parts += [f"lowest practice {one.lowest[0]} at {number(one.lowest[1])}"] if one.lowest else []
    parts += [f"target {number(one.target)}"] if one.target is not None else []
    parts += [f"{share(one.percent)} of the way to the targets"] if one.percent is not None else []
    parts += [f"{change(one.score.median, one.last)} since {found.last_title}"] if one.change is not None else []
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]


def page(one: SystemResult, found: Results, model: Model, noted: Noted = Noted(), ways: Ways = Ways()) -> str:  # noqa: B008
    """The practices of a system, each with its answers, its evidence, the records and what was agreed."""
    own = [practice for practice in found.practices if practice.system == one.system]
    axis = f'<div class="lv-key"><span></span>{maturity_marks.heads(model.level_names)}</div>'
    return axis + "".join(_practice(practice, _question(model, practice), noted, ways) for practice in own)


def _question(model: Model, practice: PracticeResult) -> str:
    if practice.practice in model.practices:
        return model.practices[practice.practice].question
    return model.systems[practice.system].question


def _practice(one: PracticeResult, question: str, noted: Noted, ways: Ways) -> str:
    return (
        f'<section class="lv-prac" data-practice="{escape(one.practice)}"><div class="lv-prachead"><span class="lv-id">{escape(one.practice)}</span>'
        f'<div><h2>{escape(one.title)}</h2><p class="mut">{escape(question)}</p></div>{_do(one, ways)}</div>'
        f'<div class="lv-pracbody">{_figures(one)}{_axis(one)}</div>{_below(one, noted)}</section>'
    )


def _do(one: PracticeResult, ways: Ways) -> str:
    """What the reader may do about the practice."""
    links = []
    if one.score.agreed is False:
        links.append(_way(ways.talk, one, "add to review", one.practice in ways.on_agenda, "on the agenda"))
    if one.gap:
        links.append(_way(ways.project, one, "start a project", one.practice in ways.in_project, "in a project"))
    return f'<div class="lv-ways">{"".join(links)}</div>'


def _way(way, one: PracticeResult, words: str, done: bool, said: str) -> str:
    if done:
        return f'<span class="mut">{said}</span>'
    return f'<a class="tap" href="{escape(way(one.practice))}">{words}<span class="vh">: {escape(one.title)}</span></a>' if way else ""


def _axis(one: PracticeResult) -> str:
    if one.score.hidden or one.score.median is None:
        return ""
    return (
        f'<div class="lv-axis">{maturity_marks.levels(one.score, one.last, one.target, 40)}</div>'
        f'<div class="lv-people">{maturity_marks.squares(one.score.counts)}</div>'
    )


def _figures(one: PracticeResult) -> str:
    """The figures of a practice: median and range, the lowest beside the mean, agreement, who did not give a level."""
    score = one.score
    if score.hidden:
        return f'<div class="lv-facts">{hidden_mark()}</div>'
    if score.median is None:
        return f'<p class="lv-facts mut">Nobody gave a level{_left_out(one, ": ")}.</p>'
    agreed = "people agree" if score.agreed else "to talk about"
    lines = (
        f"<b>Median {number(score.median)}</b>, from {score.lowest:.0f} to {score.highest:.0f}",
        f"lowest {score.lowest:.0f} beside a mean of {number(score.mean, 2)}",
        f"spread {number(score.spread, 2)}: {agreed if score.agreed else f'<b>{agreed}</b>'}",
        f"{score.n} {'person' if score.n == 1 else 'people'} gave a level{_left_out(one, '; ')}",
        _then(one),
    )
    return f'<ul class="lv-facts">{"".join(f"<li>{text}</li>" for text in lines if text)}{_parts(one.parts)}</ul>'


def _left_out(one: PracticeResult, before: str) -> str:
    """`; 1 did not know, for 2 it does not apply`, or nothing."""
    parts = [f"{one.score.unsure} did not know"] if one.score.unsure else []
    parts += [f"for {one.not_applicable} it does not apply"] if one.not_applicable else []
    return before + ", ".join(parts) if parts else ""


def _then(one: PracticeResult) -> str:
    parts = [f"last cycle {number(one.last)} ({change(one.score.median, one.last)})"] if one.last is not None else []
    if one.target is not None:
        parts.append(f"target {number(one.target)}, " + (f"gap {number(one.gap)}" if one.gap else "reached"))
    return "; ".join(parts)


def _parts(scores: Sequence[Score]) -> str:
    return "".join(
        f"<li>{PARTS.get(score.group, escape(score.group))}: median {number(score.median)} of {score.n}, from {score.lowest:.0f} to {score.highest:.0f}</li>"
        for score in scores
        if score.median is not None
    )


def _below(one: PracticeResult, noted: Noted) -> str:
    """Evidence, records and agreement side by side."""
    columns = [_evidence(one), _records(one, noted)]
    columns += [_agreed(one)] if one.agreed else []
    return f'<div class="lv-below">{"".join(columns)}</div>'


def _evidence(one: PracticeResult) -> str:
    if one.score.hidden:
        return ""
    texts = "".join(f"<li>{escape(text)}</li>" for text in one.evidence)
    count = len(one.evidence)
    if not texts:
        return '<div><h3>What people gave as evidence</h3><p class="mut">Nothing was written.</p></div>'
    if count <= 3:
        return f'<div><h3>What people gave as evidence</h3><ul class="lv-texts">{texts}</ul></div>'
    return (
        f'<div><h3>What people gave as evidence</h3><details class="earlier"><summary>{count} texts</summary>'
        f'<ul class="lv-texts">{texts}</ul></details></div>'
    )


def _records(one: PracticeResult, noted: Noted) -> str:
    lines = noted.lines.get(one.practice, ())
    if not noted.lines:
        return ""
    told = "".join(f"<li>{escape(line)}</li>" for line in lines) or f"<li>{NO_RECORDS}</li>"
    against = noted.against.get(one.practice, "")
    said = f'<p class="lv-against">{marks.mark("cross")}<span>{escape(against)}</span></p>' if against else ""
    return f'<div><h3>What our records show</h3><ul class="lv-texts">{told}</ul>{said}</div>'


def _agreed(one: PracticeResult) -> str:
    found = one.agreed
    level = f"Level {found.level}: {LEVELS[found.level]}" if found.level else "No level agreed"
    items = (("Strengths", found.strengths), ("Opportunities", found.opportunities), ("A minority sees", found.minority))
    told = "".join(f"<li><b>{name}:</b> {escape(text)}</li>" for name, text in items if text)
    return (
        f'<div><h3>What was agreed</h3><p><b>{escape(level)}</b> <span class="mut">{escape(found.author)}; the ratings stay as they are</span></p>'
        f'<ul class="lv-texts">{told}</ul></div>'
    )
