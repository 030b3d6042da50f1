"""Data health as HTML and SVG: sentences, what arrived by source and month, findings by kind, restated history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from scorecard.core import periods
from scorecard.core.definition import Definition
from scorecard.core.periods import Period
from scorecard.health import COMPLETE, DID, KIND_WORDS, NOTHING, PART, Change, Coverage, Finding, Health
from scorecard.output import marks, twins
from scorecard.output.theme import escape

CELL, SIDE, GRID_HEIGHT = 18, 16, 18
MOST_NAMED = 3
_WORDS = {COMPLETE: "complete", PART: "in part", NOTHING: "nothing"}
Labels = Mapping[str, Definition]


def page(view: Health, labels: Labels, zone: str) -> str:
    """The whole page but the rows: sentences, coverage, findings, restated history."""
    return _says(view) + coverage(view, labels) + findings(view, labels, zone) + changes(view.changes, zone)


def empty() -> str:
    """What is said while nothing is loaded."""
    return ('<div class="says"><p><b>Nothing is loaded yet.</b> With the first file this page says what arrives, what speaks '
            "against itself, and what changed later.</p></div>")


def _says(view: Health) -> str:
    lines = "".join(f"<p><b>{escape(bold)}</b> {escape(rest)}</p>" for bold, rest in view.sentences)
    return f'<div class="says">{lines}</div>'


def _section(title: str, right: str, body: str) -> str:
    return ('<section style="margin-top:24px"><div style="display:flex;flex-wrap:wrap;align-items:center;gap:4px 24px;padding-bottom:4px">'
            f'<h2 style="margin:0">{title}</h2><span class="cap sig" style="margin-left:auto;flex-wrap:wrap">{right}</span></div>'
            f'<div class="scroll">{body}</div></section>')


def _table(names: Sequence[str], rows: str, least: int) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    return f'<table class="dense" style="min-width:{least}px"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


# -- what arrives

def coverage(view: Health, labels: Labels) -> str:
    """A row a source, a cell a month: filled complete, filled in part, hatched nothing arrived."""
    if not view.coverage:
        return ""
    key = "".join(f'{marks.svg(SIDE, GRID_HEIGHT, cell(state, 0))}<span style="margin-right:12px">{words}</span>'
                  for state, words in ((COMPLETE, "month complete"), (PART, "in part"), (NOTHING, "nothing arrived")))
    names = ("Source", _months(view.months), "Heard, 90&nbsp;days", "Fresh to", "Touches")
    rows = "".join(_source(one, view, labels) for one in view.coverage)
    note = ('<p class="cap" style="padding-top:6px">In part: the facts do not reach the month\'s end, or it has under 40% of the rows of '
            f"its neighbours. Heard: customers with a row in the 90 days to {_day(view)}.</p>")
    return _section("What arrives, and from how many accounts", key, _table(names, rows, 860)) + note


def _day(view: Health) -> str:
    return escape(periods.day(view.until)) if view.until else "today"


def _months(months: Sequence[Period]) -> str:
    """The head of the grid: the year where it begins, a letter a month."""
    parts = []
    for place, month in enumerate(months):
        x = place * CELL
        if place == 0 or month.start.month == 1:
            parts.append(f'<text class="m-text" x="{x}" y="10" font-size="11" font-weight="600">{month.start.year}</text>')
        parts.append(f'<text class="m-text" x="{x + SIDE / 2}" y="24" font-size="11" text-anchor="middle">{month.short[0]}</text>')
    said = f"Months from {months[0].label} to {months[-1].label}" if months else ""
    return marks.svg(max(len(months) * CELL, 1), 28, "".join(parts), said)


def cell(state: str, place: int) -> str:
    """One month of the grid."""
    x = place * CELL
    box = f'<rect x="{x + 0.5}" y="1.5" width="{SIDE - 1}" height="{SIDE - 2}"'
    if state == COMPLETE:
        return f'{box} class="m-fill"/>'
    if state == PART:
        return (f'{box} fill="none" stroke="var(--series)"/>'
                f'<rect class="m-fill" x="{x + 0.5}" y="{SIDE / 2 + 0.5}" width="{SIDE - 1}" height="{SIDE / 2 - 1}"/>')
    lines = f"M{x + 1} 7L{x + 6} 2M{x + 1} 12L{x + 11} 2M{x + 3} 15L{x + 15} 3M{x + 8} 15L{x + 15} 8"
    return f'{box} fill="none" stroke="var(--centre)"/><path d="{lines}" fill="none" stroke="var(--centre)"/>'


def _source(one: Coverage, view: Health, labels: Labels) -> str:
    drawn = marks.svg(max(len(one.months) * CELL, 1), GRID_HEIGHT, "".join(cell(state, place) for place, state in enumerate(one.months)),
                      _told(one, view.months))
    heard = "company-wide" if one.heard is None else f"{one.heard:,} of {view.customers:,}"
    fresh = periods.day(one.fresh_to) if one.fresh_to else "–"
    fresh = f'<b class="sig" style="color:var(--orange)">{marks.mark("cross")}{escape(fresh)}</b>' if one.stale else escape(fresh)
    touched = "all measures" if one.id == "account" else named(one.touches, labels)
    return (f'<tr><th scope="row">{escape(one.label)}</th><td>{drawn}</td><td class="nw">{heard}</td><td class="nw">{fresh}</td>'
            f'<td class="mut" style="min-width:220px">{touched}</td></tr>')


def _told(one: Coverage, months: Sequence[Period]) -> str:
    """The grid in words: how many months of each state, and which were not complete."""
    counts = ", ".join(f"{one.months.count(state)} {words}" for state, words in _WORDS.items() if state in one.months)
    odd = [f"{month.label} {_WORDS[state]}" for month, state in zip(months, one.months) if state != COMPLETE]
    return f"{one.label}: {counts} of {len(months)} months" + (f"; {', '.join(odd)}" if odd else "")


def named(touches: Sequence[str], labels: Labels) -> str:
    """`CSAT, NPS and 3 more`, escaped."""
    known = [labels[name].label for name in touches if name in labels]
    if not known:
        return "no measure"
    shown = ", ".join(known[:MOST_NAMED])
    return escape(shown + (f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""))


# -- findings

def findings(view: Health, labels: Labels, zone: str) -> str:
    """Findings grouped by kind: what was found, what it touches, what the product did, the difference, who settled it."""
    month = view.months[-1].bare if view.months else "the month"
    right = f"rows and rules are one click below; in quarantine: {view.quarantined:,}"
    if not view.findings:
        return _section("Findings", right, '<p class="mut">Nothing speaks against itself.</p>')
    rows = "".join(_finding(one, place == 0, labels, zone) for _, group in groupby(view.findings, key=lambda one: one.kind)
                   for place, one in enumerate(group))
    names = ("", "What was found", "Touches", "What the product did", f"Difference in {escape(month)}", "Settled by")
    return _section("Findings", right, _table(names, rows, 940))


def _finding(one: Finding, first: bool, labels: Labels, zone: str) -> str:
    kind = KIND_WORDS[one.kind] if first else f'<span class="vh">{KIND_WORDS[one.kind]}</span>'
    sub = f'<span class="sub">{escape(one.detail)}</span>' if one.detail else ""
    return (f'<tr><th scope="row" class="nw" style="vertical-align:top">{kind}</th><td><b>{escape(one.what)}</b>{sub}</td>'
            f'<td class="mut">{named(one.touches, labels)}</td><td>{escape(DID[one.did])}</td>'
            f'<td>{escape(one.difference) or "<span class=mut>not computed</span>"}</td><td>{_settled(one, zone)}</td></tr>')


def _settled(one: Finding, zone: str) -> str:
    """By whom and when, or whom to ask; one that has grown since says by how much."""
    if one.by_rule:
        return f'<span class="sig">{marks.mark("done")}by rule</span>'
    ask = f"ask {escape(one.owner)}" if one.owner else "nobody yet"
    if one.settled is None or not one.settled.settled:
        return ask
    who = f"{_short(one.settled.at, zone)}, {escape(one.settled.author)}"
    if one.since:
        return f'{ask}<span class="sub">{one.since:,} more since {who}</span>'
    return f'<span class="sig">{marks.mark("done")}{who}</span><span class="sub">{escape(one.settled.note)}</span>'


def _short(at: datetime, zone: str) -> str:
    return " ".join(_moment(at, zone).split(" ")[:2])


# -- files

def findings_csv(view: Health, labels: Labels) -> str:
    """The findings as CSV, one line each, in the words of the page."""
    names = ("kind", "finding", "detail", "rows", "touches", "what_the_product_did", "difference", "ask", "settled_by", "settled_at", "note")
    return twins.csv_text(names, [_line(one, labels) for one in view.findings])


def _line(one: Finding, labels: Labels) -> tuple:
    said = one.settled if one.settled and not one.is_open else None
    touched = "; ".join(labels[name].label for name in one.touches if name in labels)
    return (KIND_WORDS[one.kind], one.what, one.detail, one.count, touched, DID[one.did], one.difference, one.owner,
            "by rule" if one.by_rule else said.author if said else "", said.at if said else None, said.note if said else "")


def coverage_csv(view: Health, labels: Labels) -> str:
    """What arrives as CSV: one line a source, one column a month."""
    names = ("source", "heard", "customers", "fresh_to", "touches", *(str(month) for month in view.months))
    rows = [(one.label, one.heard, view.customers, one.fresh_to, "; ".join(labels[name].label for name in one.touches if name in labels),
             *(_WORDS[state] for state in one.months)) for one in view.coverage]
    return twins.csv_text(names, rows)


def changes_csv(view: Health) -> str:
    """Restated history as CSV, one line a change; moments in UTC."""
    names = ("what", "month_or_rows", "was", "is", "at", "by", "why", "what_happened_to_it", "signals")
    rows = [(one.what, one.month, one.was, one.now, one.at, one.author, one.why, one.outcome, one.signals) for one in view.changes]
    return twins.csv_text(names, rows)


# -- restated history

def changes(said: Sequence[Change], zone: str) -> str:
    """What changed after it was first loaded: was and is, when and by whom, why, what became of it."""
    right = "figures and facts that changed after they were first loaded"
    if not said:
        return _section("Restated history", right, '<p class="mut">Nothing was restated.</p>')
    names = ("What", "Month or rows", "Was → is", "When, by whom", "Why", "What happened to it", "Signals")
    return _section("Restated history", right, _table(names, "".join(_change(one, zone) for one in said), 900))


def _change(one: Change, zone: str) -> str:
    return (f'<tr><th scope="row">{escape(one.what)}</th><td class="nw">{escape(one.month)}</td>'
            f"<td>{escape(one.was)} → <b>{escape(one.now)}</b></td><td>{_moment(one.at, zone)}, {escape(one.author)}</td>"
            f'<td class="mut">{escape(one.why)}</td><td>{escape(one.outcome)}</td>'
            f'<td class="mut">{escape(one.signals) or "–"}</td></tr>')


def _moment(at: datetime, zone: str) -> str:
    return periods.day(at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date())
