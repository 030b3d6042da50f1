"""The numbers behind the figures of a cycle: a table of every system and practice, and the same as CSV. Nothing hidden is in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from scorecard.core.rubric import LEVELS, Score
from scorecard.output import twins
from scorecard.output.maturity_tables import number
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.maturity import Results

COLUMNS = (
    "id", "title", "system", "group", "hidden", "n", "dont_know", "not_applicable", "median", "mean", "lowest", "highest", "middle_low",
    "middle_high", "spread", "agreed", *(f"level_{level}" for level in LEVELS), "last_cycle", "first_cycle", "target", "gap",
    "percent_to_target", "agreed_level",
)  # fmt: skip


def csv(found: Results) -> str:
    """Every system and practice, for everybody and for the parts that may be shown apart, in full precision."""
    return twins.csv_text(COLUMNS, _lines(found))


def _lines(found: Results) -> Iterator[list[Any]]:
    for one in found.systems:
        for score in (one.score, *one.parts):
            rest = (one.last, one.first, one.target, None, one.percent, None) if score is one.score else (None,) * 6
            yield [one.system, one.label, one.system, score.group, *_of(score, None), *rest]
    for one in found.practices:
        for score in (one.score, *one.parts):
            whole = score is one.score
            rest = (one.last, None, one.target, one.gap, None, one.agreed.level if one.agreed else None) if whole else (None,) * 6
            yield [one.practice, one.title, one.system, score.group, *_of(score, one.not_applicable if whole else None), *rest]


def _of(score: Score, left_out: int | None) -> list[Any]:
    if score.hidden:
        return [True, *[None] * (11 + len(LEVELS))]
    low, high = score.middle or (None, None)
    counts = list(score.counts) or [None] * len(LEVELS)
    return [False, score.n, score.unsure, left_out, score.median, score.mean, score.lowest, score.highest, low, high, score.spread,
            score.agreed, *counts]


def table(found: Results) -> str:
    """Every practice with its figures, for those who do not see the drawings and for those who want them exact."""
    heads = ("Practice", "n", "Median", "Mean", "Lowest", "Highest", "Spread", "Don’t know", "Does not apply", "Last", "Target", "Gap")
    head = f'<th scope="col">{heads[0]}</th>' + "".join(f'<th scope="col" class="r">{text}</th>' for text in heads[1:])
    body = "".join(_group(found, one.system, one.label) for one in found.systems)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Numbers"><table class="dense lv-numbers"><caption class="vh">Numbers of every practice, '
        f"{escape(found.cycle.title)}</caption><thead><tr>{head}</tr></thead>{body}</table></div>"
    )


def _group(found: Results, system: str, label: str) -> str:
    rows = "".join(_row(one) for one in found.practices if one.system == system)
    return f'<tbody><tr class="group"><th colspan="12" scope="rowgroup"><b>{escape(label)}</b></th></tr>{rows}</tbody>'


def _row(one) -> str:
    score = one.score
    name = f"{escape(one.practice)} {escape(one.title)}" if one.practice != one.system else escape(one.title)
    if score.hidden:
        return f'<tr><th scope="row">{name}</th><td class="mut" colspan="11">Hidden: fewer than five answers.</td></tr>'
    cells = (str(score.n), number(score.median), number(score.mean, 2), number(score.lowest, 0), number(score.highest, 0), number(score.spread, 2),
             "–" if score.unsure is None else str(score.unsure), "–" if one.not_applicable is None else str(one.not_applicable),
             number(one.last), number(one.target), number(one.gap))
    figures = "".join(f'<td class="r">{cell}</td>' for cell in cells)
    return f'<tr><th scope="row">{name}</th>{figures}</tr>'
