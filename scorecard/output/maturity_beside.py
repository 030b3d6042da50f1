"""What stands beside a score: the readings of the system's measures with two named failure modes, and what the records contradict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from scorecard.core.reading import STATUSES
from scorecard.output import marks, maturity_marks
from scorecard.output.maturity_tables import number
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.maturity.beside import Beside
    from scorecard.maturity.records import Contradiction
    from scorecard.metrics import Row

Href = Callable[[str], str]
NO_CAUSE = "Two things side by side: neither is said to cause the other."


def section(found: Sequence[Beside], modes: Sequence[tuple[str, str]], href: Href | None = None) -> str:
    """Each system's score beside the readings of its measures. `modes` are the names of the failure modes and what they mean."""
    period = next((one.period for one in found if one.period), None)
    if not any(one.rows for one in found):
        return (
            '<section class="sec upper-line"><div class="sechead"><h2>Maturity beside results</h2></div>'
            '<p class="mut lv-none">No measure of a scorecard has a reading yet, so there is nothing to lay beside the scores.</p></section>'
        )
    heads = ("System", '<span class="vh">The score on the axis of levels</span>', "Score", "Its measures", "What stands beside what")
    kinds = ("", "lv-lines", "r", "lv-measures", "lv-said")
    head = "".join(f'<th scope="col" class="{kind}">{text}</th>' for text, kind in zip(heads, kinds, strict=True))
    body = "".join(_row(one, href) for one in found)
    told = " ".join(f"<b>{escape(name[:1].upper() + name[1:])}:</b> {escape(words)}" for name, words in modes)
    return (
        '<section class="sec upper-line"><div class="sechead"><h2>Maturity beside results</h2>'
        f'<span class="cap">{f"readings of {escape(period.label)}" if period else ""}</span></div>'
        f'<table class="dense stacks lv-beside"><caption class="vh">Maturity beside results</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        f'<p class="foot">{told} {NO_CAUSE}</p></section>'
    )


def _row(one: Beside, href: Href | None) -> str:
    score = "" if one.score is None else maturity_marks.dot(one.score)
    return (
        f'<tr data-system="{escape(one.system)}"><th scope="row">{escape(one.label)}</th><td class="lv-lines">{score}</td>'
        f'<td class="r"><b>{number(one.score)}</b></td><td class="lv-measures">{_measures(one.rows, href)}</td>'
        f'<td class="lv-said">{_said(one)}</td></tr>'
    )


def _said(one: Beside) -> str:
    """The sentence, with the name of the failure mode in bold."""
    name, colon, rest = one.sentence.partition(": ")
    if one.mode and colon and name.lower() == one.mode:
        return f"<b>{escape(name)}:</b> {escape(rest)}"
    return escape(one.sentence)


def _measures(rows: Sequence[Row], href: Href | None) -> str:
    if not rows:
        return '<span class="mut">none with a reading</span>'
    return f'<ul class="lv-rows">{"".join(f"<li>{_measure(row, href)}</li>" for row in rows)}</ul>'


def _measure(row: Row, href: Href | None) -> str:
    status = row.reading.status
    label = escape(row.measure.label)
    name = f'<a class="quiet" href="{escape(href(row.measure.name))}">{label}</a>' if href else label
    return f'{marks.status_shape(status, STATUSES[status])}<span>{name} <span class="mut">{escape(row.value_text)}</span></span>'


def against(found: Sequence[Contradiction], href: Href | None = None) -> str:
    """What the records contradict, a sentence each; it changes no score."""
    foot = '<p class="foot">Records are counted by the product. They stand beside an answer and never change it.</p>'
    if not found:
        body = '<p class="mut lv-none">Nothing that the product keeps contradicts a level that people chose.</p>'
    else:
        body = f'<ul class="lv-contradictions">{"".join(_contradiction(one, href) for one in found)}</ul>'
    return f'<section class="sec upper-line"><div class="sechead"><h2>Records that say otherwise</h2></div>{body}{foot}</section>'


def _contradiction(one: Contradiction, href: Href | None) -> str:
    title = escape(one.title)
    name = f'<a class="name" href="{escape(href(one.practice))}">{title}</a>' if href else f'<span class="name">{title}</span>'
    return f'<li>{marks.mark("cross")}<span>{name}<span class="sub">{escape(one.sentence)}</span></span></li>'


def again(sentences: Sequence[str]) -> str:
    """The practices to assess again, because the measure of their project has spoken."""
    return "".join(f'<p class="notice lv-again">{escape(text)}</p>' for text in sentences)
