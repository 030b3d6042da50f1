"""Pages that stand alone: the shared month, the page of a link that ended, the preview of the sample company.

One file each: no script, no request to anywhere, light or dark by the reader's system, one column on a phone,
printable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from scorecard.core.periods import MONTHS, SHORT_MONTHS
from scorecard.output import grammar, marks, tables, theme
from scorecard.output.theme import escape
from scorecard.reviews.model import DECISIONS

if TYPE_CHECKING:
    from scorecard.actions import Action
    from scorecard.core.frozen import Signature
    from scorecard.metrics import Row, ScorecardView
    from scorecard.reviews import Item, Month
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


def document(title: str, body: str, style: str = "", parts: Sequence[str] = (), referrer: str = "no-referrer") -> str:
    """A whole page around a block that is escaped already; `parts` are stylesheets that it needs beside the base.

    `referrer` counts before the header of the answer: a form on a page without one sends no origin.
    """
    sheet = theme.css("base", *parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"/><meta name="viewport" '
        'content="width=device-width, initial-scale=1"/>'
        '<meta name="robots" content="noindex, nofollow"/><meta name="referrer" '
        f'content="{referrer}"/>'
        f"<title>{escape(title)}</title><style>{theme.font_face()}{_BODY}{sheet}{style}</style></head>"
        f"<body>{theme.frame(body, 'auto', 'page')}</body></html>\n"
    )


_BODY = (
    "html{color-scheme:light dark}body{margin:0;background:#fff}"
    f"@media screen and (prefers-color-scheme:dark){{body{{background:{theme.DARK['bg']}}}}}"
)


@dataclass(frozen=True)
class Beside:
    """What stands beside a shared month: its signed review, the words of the signature's moment, the address of its pack."""

    month: Month | None = None
    signed_at: str = ""
    pack: str = ""


ALONE = Beside()


def share_page(view: ScorecardView, share: Share, beside: Beside = ALONE) -> str:
    """The month of a scorecard for people without the product: who shared it and when it ends stand at the top."""
    return _month_page(view, _strip(share, beside.pack), beside)


def month_file(view: ScorecardView, made_by: str, on: date, beside: Beside = ALONE) -> str:
    """The same month as one file to send: it says who made it and when, and nothing in it leads anywhere."""
    said = f'<span><b>Read only</b>, made by {escape(made_by)} on {long_day(on)}</span>'
    link = f'<a class="onwide end" href="#marks">{tables.MARKS_TITLE}</a>'
    return _month_page(view, _header(said + link), replace(beside, pack=""))


def _month_page(view: ScorecardView, strip: str, beside: Beside) -> str:
    signed = beside.month if beside.month and beside.month.signature else None
    board = tables.scorecard(replace(view, footer=()) if signed else view, marks_href="#marks", by_status=True)
    month = (
        f'<div id="month" class="sheet">{_heading(view, signed, beside.signed_at)}{tables.sentences(view)}{board}'
        f"{_signed(view, signed) if signed else ''}</div>"
    )
    explained = (
        f'<div id="marks" class="sheet"><p class="noprint" style="margin-bottom:8px"><a class="tap" href="#month">'
        f"Back to {escape(view.period.label)}</a></p>{grammar.page(view.rule_set)}</div>"
    )
    title = f"{view.name} scorecard, {view.period.label}"
    return document(title, f'{strip}<main id="sheets">{explained}{month}</main>', _TARGETS + _SHARED)


def _header(content: str) -> str:
    return f'<header class="strip"><div class="row">{marks.mark("padlock")}{content}</div></header>'


def _strip(share: Share, pack: str) -> str:
    """Read only, by whom, until when; the pack, where there is one."""
    buttons = (
        f'<a class="button" href="{escape(pack)}" download>{_icon("file")}PDF pack</a>'
        f'<a class="button" href="{escape(pack)}?view" title="Opens the pack for your browser to print">{_icon("print")}Print</a>'
        if pack
        else ""
    )
    said = (
        f'<span><b>Read only</b><span class="onwide">, shared by {escape(share.made_by)}, ends {long_day(share.ends_on)}</span>'
        f'<span class="onphone">, shared by {escape(share.made_by)}</span></span>'
    )
    end = (
        f'<span class="end"><span class="onphone mut">until {short_day(share.ends_on)}</span>{buttons}'
        f'<a class="onwide" href="#marks">{tables.MARKS_TITLE}</a></span>'
    )
    return _header(said + end)


_ICONS = {
    "file": '<path class="m-ink" d="M5 1.8H14.2V11H5Z"/><path class="m-ink" d="M11 14.2H1.8V5M7.4 8.6V4.4H9.2A1.3 1.3 0 0 1 9.2 7H7.4"/>',
    "print": '<path class="m-ink" d="M4 5.4V1.8H12V5.4M4 12H1.8V5.6H14.2V12H12M4 9.6H12V14.4H4Z"/>',
}


def _icon(name: str) -> str:
    return marks.svg(16, 16, _ICONS[name])


def _heading(view: ScorecardView, signed: Month | None = None, signed_at: str = "") -> str:
    parts = [
        view.segment,
        f"figures to {long_day(view.data_to)}" if view.data_to else "no figures yet",
        f"signed by {_signer(signed.signature)} on {signed_at or long_day(signed.signature.signed_at.date())}" if signed else "",
        "sample data: a fictional company" if view.sample else "",
    ]
    second = f'<span class="onwide">{view.period.label} · </span>' + " · ".join(escape(part) for part in parts if part)
    return (
        f'<h1><span>{escape(view.name)}</span><span class="onwide"> scorecard</span>'
        f'<span class="onphone second">{view.period.label}</span></h1>'
        f'<p class="second" style="margin:6px 0 16px">{second}</p>'
    )


def _signer(signature: Signature) -> str:
    return f"{signature.name}, CS leader," if signature.role == "leader" else signature.name


# What was decided, what was added later, and the fingerprint


def _signed(view: ScorecardView, month: Month) -> str:
    """What belongs to the signature. A page of one segment shows no decisions: they are about all segments."""
    after = "" if view.segment else f'<div class="after">{_decided(month)}{_added(month)}</div>'
    return (
        f"{after}"
        f'<div class="printed">{tables.foot(view.footer)}<p class="foot">{_fingerprint(month.signature)}</p></div>'
    )


def _decided(month: Month) -> str:
    """The decisions of the review with their actions; what was said there stays inside."""
    done = [item for item in month.items if item.decision]
    held = f"{short_day(month.held_on)}, " if month.held_on else ""
    count = f"{held}{len(done)} of {len(month.items)}" if month.items else held.removesuffix(", ")
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Measure", "Decision", "Action", "Owner, due"))
    rows = "".join(_decision(item) for item in done)
    table = (
        f'<table class="dense stacks"><caption class="vh">Decided in the review</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
        if done
        else '<p class="mut">No signals, and every measure can reach its goal: there was nothing to decide.</p>'
    )
    return f'<section><div class="sechead"><h2>Decided in the review</h2><span class="cap">{count}</span></div>{table}</section>'


def _decision(item: Item) -> str:
    actions = item.actions or (None,)
    span = f' rowspan="{len(actions)}"' if len(actions) > 1 else ""
    shape = marks.status_shape(item.status, marks.STATUSES[item.status]) if item.status in marks.STATUSES else ""
    said = escape(DECISIONS.get(item.decision, (item.decision,))[0])
    first = f'<th scope="row"{span}><span class="measured">{shape}{escape(item.title)}</span></th><td{span}>{said}</td>'
    return "".join(f"<tr>{first if n == 0 else ''}{_action(item, action)}</tr>" for n, action in enumerate(actions))


def _action(item: Item, action: Action | None) -> str:
    if action is None:
        return f'<td>{escape(item.settle) or "<span class=mut>none</span>"}</td><td></td>'
    return f'<td>{escape(action.title)}</td><td class="mut">{escape(action.owner_name)}, {short_day(action.due)}</td>'


def _added(month: Month) -> str:
    """What was added after signing, the newest first: it stands beside the signed copy and changes nothing in it."""
    items = "".join(
        f"<li><b>{escape(', '.join(filter(None, (short_day(one.recorded_at.date()), one.author or 'restated'))))}</b>"
        f"<p>{escape(one.text)}</p></li>"
        for one in sorted(month.beside, key=lambda one: one.recorded_at, reverse=True)
    )
    body = f'<ul class="beside-notes">{items}</ul>' if items else '<p class="mut">Nothing.</p>'
    return f'<section><div class="sechead"><h2>Added after signing</h2></div>{body}</section>'


def _fingerprint(signature: Signature) -> str:
    if signature.matches:
        return f"Fingerprint <code>{escape(signature.short)}</code> matches"
    return f'Fingerprint <code>{escape(signature.short)}</code> <b class="bad">does not match: the kept copy was changed</b>'


_SHARED = (
    ".ss .after{display:grid;grid-template-columns:minmax(0,2.82fr) minmax(0,1fr);gap:24px 36px;margin-top:28px;align-items:start}"
    ".ss .after .sechead{display:flex;justify-content:space-between;align-items:baseline;gap:12px;padding-bottom:6px}"
    ".ss .after section+section .sechead{border-bottom:1px solid var(--ink)}.ss .after tbody td,.ss .after tbody th{height:31px}"
    "@media(min-width:761px){.ss .after tbody tr>td:first-child{padding-left:8px}}"
    ".ss .measured{display:flex;align-items:center;gap:10px;font-weight:600}.ss .after td:last-child{white-space:nowrap}"
    ".ss .printed{display:flex;justify-content:space-between;gap:36px;margin-top:26px}.ss .printed .foot:last-child{white-space:nowrap}"
    ".ss .printed code{font:13px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;color:var(--ink)}"
    ".ss .strip .end{display:flex;align-items:center;gap:10px;white-space:nowrap}.ss .strip .end>a.onwide{margin-left:10px}"
    ".ss .strip a.button{display:inline-flex;align-items:center;gap:9px;height:30px;padding:0 12px;border:1px solid var(--ctl);border-radius:5px;"
    "background:var(--bg);color:var(--ink)}.ss .strip a.button:hover{border-color:var(--ink);text-decoration:none}"
    "@container (max-width:899px){.ss .after{grid-template-columns:minmax(0,1fr)}.ss .printed{display:block}.ss .strip a.button{height:44px;padding:0 9px}"
    ".ss .strip a.button[title]{display:none}}"
    "@media print{.ss .strip a{display:none!important}.ss .after,.ss .after tr,.ss .printed{break-inside:avoid}"
    ".ss.page{zoom:.7}.ss .legend a{display:none}.ss .strip{padding:8px 0}.ss .strip>.row{max-width:none}@page{size:A4 landscape;margin:11mm}}"
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
