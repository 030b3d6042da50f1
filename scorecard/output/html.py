"""Pages that stand alone: the shared month, the page of a link that ended, the preview of the sample company.

One file each: no script, no request to anywhere, light or dark by the reader's system, one column on a phone,
printable.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from scorecard.core.periods import MONTHS, SHORT_MONTHS
from scorecard.output import grammar, marks, tables, theme
from scorecard.output.theme import escape

if TYPE_CHECKING:
    from scorecard.metrics import Row, ScorecardView
    from scorecard.sharing import Share

_TARGETS = (
    "#marks{display:none}#marks:target{display:block}#marks:target+#month{display:none}"
    "@media print{#marks{display:block;break-before:page}#sheets{display:flex;flex-direction:column-reverse}"
    "#marks:target+#month{display:block}}"
)


def long_day(value: date) -> str:
    """A date as `12 December 2026`."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def short_day(value: date) -> str:
    """A date as `12 Dec`."""
    return f"{value.day} {SHORT_MONTHS[value.month - 1]}"


def document(title: str, body: str, style: str = "") -> str:
    """A whole page around a block that is escaped already."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"/><meta name="viewport" '
        'content="width=device-width, initial-scale=1"/>'
        '<meta name="robots" content="noindex, nofollow"/><meta name="referrer" content="no-referrer"/>'
        f"<title>{escape(title)}</title><style>{theme.font_face()}{_BODY}{theme.css()}{style}</style></head>"
        f"<body>{theme.frame(body, 'auto', 'page')}</body></html>\n"
    )


_BODY = (
    "html{color-scheme:light dark}body{margin:0;background:#fff}"
    f"@media screen and (prefers-color-scheme:dark){{body{{background:{theme.DARK['bg']}}}}}"
)


def share_page(view: ScorecardView, share: Share) -> str:
    """The month of a scorecard for people without the product: who shared it and when it ends stand at the top."""
    month = (
        f'<div id="month" class="sheet">{_heading(view)}{tables.sentences(view)}'
        f"{tables.scorecard(view, marks_href='#marks', by_status=True)}</div>"
    )
    explained = (
        f'<div id="marks" class="sheet"><p class="noprint" style="margin-bottom:8px"><a class="tap" href="#month">'
        f"Back to {escape(view.period.label)}</a></p>{grammar.page(view.rule_set)}</div>"
    )
    title = f"{view.name} scorecard, {view.period.label}"
    return document(title, f'{_strip(share)}<main id="sheets">{explained}{month}</main>', _TARGETS)


def _strip(share: Share) -> str:
    """Read only, by whom, until when."""
    return (
        '<header class="strip"><div class="row">'
        f'{marks.mark("padlock")}<span><b>Read only</b><span class="onwide">, shared by {escape(share.made_by)}, '
        f'ends {long_day(share.ends_on)}</span>'
        f'<span class="onphone">, shared by {escape(share.made_by)}</span></span><span class="end"><span '
        'class="onphone mut">until '
        f'{short_day(share.ends_on)}</span><a class="onwide" href="#marks">{tables.MARKS_TITLE}</a></span></div>'
        '</header>'
    )


def _heading(view: ScorecardView) -> str:
    parts = [
        view.segment,
        f"figures to {long_day(view.data_to)}" if view.data_to else "no figures yet",
        "sample data: a fictional company" if view.sample else "",
    ]
    second = f'<span class="onwide">{view.period.label} · </span>' + " · ".join(escape(part) for part in parts if part)
    return (
        f'<h1><span>{escape(view.name)}</span><span class="onwide"> scorecard</span>'
        f'<span class="onphone second">{view.period.label}</span></h1>'
        f'<p class="second" style="margin:6px 0 16px">{second}</p>'
    )


def ended_page(made_by: str, ended_on: date) -> str:
    """The page of a link that ended or was revoked: who to ask for a new one."""
    return document(
        "This link ended",
        f'<div class="mid">{marks.logo(28)}<h1 style="margin-top:16px">'
        f"This link ended on {short_day(ended_on)}.</h1><p>Ask {escape(made_by)} for a new one.</p></div>",
    )


def refused_page() -> str:
    """The page of a link that was never made."""
    return document(
        "No such link",
        f'<div class="mid">{marks.logo(28)}<h1 style="margin-top:16px">This link does not exist.</h1>'
        "<p>Check the address, or ask the person who sent it for a new one.</p></div>",
    )


def preview(rows: Sequence[Row]) -> str:
    """A few measures of the sample company, for the first start: name, goal, sparkline, figure."""
    body = "".join(_preview_row(row) for row in rows)
    caption = '<caption class="vh">Some measures of the sample company</caption>'
    return f'<table class="preview">{caption}<tbody>{body}</tbody></table>'


def _preview_row(row: Row) -> str:
    goal = row.reading.goal.value if row.reading.goal else None
    spark = marks.sparkline(row.chart, goal, row.measure.improvement_direction, width=170, height=38)
    return (
        f"<tr><td>{marks.status_shape(row.reading.status, marks.STATUSES[row.reading.status])}</td>"
        f'<th scope="row"><span class="name">{escape(row.measure.label)}</span><span '
        f'class="sub">{escape(row.goal_text)}</span></th>'
        f'<td>{spark}</td><td class="r"><span class="fig">{escape(row.value_text)}</span></td></tr>'
    )


def next_steps(items: Sequence[tuple[str, str]]) -> str:
    """Steps to take in order: a black disc with its number, a title and a sentence each."""
    steps = "".join(
        f'<li>{marks.step(n)}<span><b>{escape(title)}</b><span class="says-small">{escape(text)}</span></span></li>'
        for n, (title, text) in enumerate(items, 1)
    )
    return f'<ol class="steps">{steps}</ol>'
