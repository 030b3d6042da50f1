"""A file of facts before it is loaded: what it was taken for, where each column goes, what accepting would do."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from scorecard.core import periods
from scorecard.exports import Offer
from scorecard.intake.settled import Place
from scorecard.intake.typing import Reason
from scorecard.output import marks
from scorecard.output.intake_tables import MOST_LINES, bar, count, heading, section
from scorecard.output.theme import TOKENS, escape
from scorecard.store.facts import Difference

BLANK = "(blank)"
_ICONS = {"sure": "done", "unsure": "half", "left out": "open"}


def news(offered: Offer) -> str:
    """The file in sentences: counts first, then what was unsure and what to look at."""
    proposed, proposal = offered.proposed, offered.proposal
    if proposal is None:
        open_ones = len(proposed.questions)
        said = [(f"{proposed.name} is read, and {'one thing is' if open_ones == 1 else 'some things are'} open.",
                 "Answer below. Nothing is stored yet.")]
    elif not proposal.ready:
        said = [(f"{proposed.name} brings nothing new:", f"{count(proposal.known, 'row')} known already, {proposal.refused:,} refused. "
                 "Nothing is stored.")]
    else:
        said = [(f"{proposed.name} is read and waits for you:", f"{count(proposal.new, 'new row')}, {proposal.changed:,} changed, "
                 f"{proposal.refused:,} refused. Nothing is stored yet.")]
    said += [("One thing is unsure:", one.text) for one in proposed.questions[:1]]
    said += [("One column was unsure:", f"{one.name}: {one.seen}.") for one in proposed.places if one.seen.endswith("you chose")]
    if offered.mostly_refused:
        said.append(("More rows are refused than are in order.", "Look at the reasons below: a column may go to the wrong place."))
    said += list(proposal.notices if proposal else ())
    return '<div class="says">' + "".join(f"<p><b>{escape(bold)}</b> {escape(rest)}</p>" for bold, rest in said) + "</div>"


def understood(offered: Offer, zone: str) -> str:
    """Section 1: what the file was taken for, and why."""
    return _facts(offered, zone)


def columns_title() -> str:
    """The title of section 2. Its rows hold select boxes, so the page draws them one by one."""
    return heading(2, "Where each column goes", "samples from the file")


def columns_head() -> str:
    """The names of the columns above those rows."""
    head = "".join(f"<span>{name}</span>" for name in ("In the file", "Samples", "Goes to", "", "Seen in the column"))
    return f'<div class="placehead">{head}</div>'


def named(one: Place) -> str:
    """The name of a column and its samples, for a cell before its select box."""
    return (f'<div class="place"><b>{escape(one.name)}</b><span class="quiet">{escape(", ".join(one.samples)) or BLANK}</span></div>')


def judged(one: Place, mode: str) -> str:
    """Sure, unsure or not used, and what was seen in the column, for a cell after its select box."""
    word = "not used" if one.confidence == "left out" else one.confidence
    strong = " unsure" if one.confidence == "unsure" else ""
    return (f'<div class="place"><span class="judged{strong}">{picture(_ICONS[one.confidence], mode)}{word}</span>'
            f'<span class="quiet">{escape(one.seen)}</span></div>')


def picture(name: str, mode: str) -> str:
    """A mark as an image that Streamlit's own elements may hold."""
    ink, page = TOKENS[mode]["ink"], TOKENS[mode]["bg"]
    style = (f"<style>.m-ink{{fill:none;stroke:{ink};stroke-width:1.6}}.m-inkfill{{fill:{ink}}}"
             f".m-onink{{fill:none;stroke:{page};stroke-width:1.8}}</style>")
    drawn = marks.mark(name).replace("<circle", style + "<circle", 1)
    return f'<img alt="" width="15" height="15" src="data:image/svg+xml,{quote(drawn)}">'


def _facts(offered: Offer, zone: str) -> str:
    zones = {rule.zone for one in offered.proposed.mappings for rule in one.rules.values() if rule.zone}
    timed = ("Time zone", f"{zone},", "from Settings. The file does not name one.") if zones else None
    facts = [*offered.proposed.said, *([timed] if timed else []), *_span(offered)]
    rows = "".join(f'<tr><td class="mut" style="width:30%;padding:8px 8px 8px 0;vertical-align:top">{escape(topic)}</td>'
                   f'<td style="padding:8px 0"><b>{escape(bold)}</b> {escape(rest)}</td></tr>' for topic, bold, rest in facts)
    return (f'{heading(1, "What was understood")}<table class="dense" style="border-top:1px solid var(--ink)">'
            f"<tbody>{rows}</tbody></table>")


def _span(offered: Offer) -> list[tuple[str, str, str]]:
    first, last = offered.proposal.covers if offered.proposal else (None, None)
    return [("Period", f"{periods.day(first)} to {periods.day(last)}.", "")] if first and last else []


def effect(offered: Offer) -> str:
    """Section 3: one bar to scale, then what changes and what is refused."""
    proposal = offered.proposal
    parts = [(proposal.known, "known already", "m-band"), (proposal.new, "new", "m-fill"), (proposal.changed, "changed", "m-inkfill"),
             (proposal.refused, "refused", "")]
    total = sum(number for number, _, _ in parts)
    return (f'<div style="margin-top:24px">{heading(3, "What accepting would do", count(total, "row"))}{bar(parts)}</div>'
            '<div style="display:flex;flex-wrap:wrap;gap:20px 36px;margin-top:16px">'
            f"{_changed(offered)}{_refused(proposal.typed.reasons, proposal.refused)}</div>")


def _changed(offered: Offer) -> str:
    found = [(share.part.kind, one) for share in offered.proposal.shares for one in share.changes]
    if not found:
        return ""
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Row", "Which", "Column", "Was → is"))
    rows = "".join(_change(kind.column(one.column).label, one) for kind, one in found[:MOST_LINES])
    return section("Changed", offered.proposal.changed, head, rows, max(0, offered.proposal.changed - MOST_LINES))


def _change(label: str, one: Difference) -> str:
    return (f"<tr><td>{one.row_number:,}</td><td>{escape(one.key)}</td><td>{escape(label)}</td>"
            f"<td><b>{escape(one.was or BLANK)} → {escape(one.now or BLANK)}</b></td></tr>")


def _refused(reasons: Sequence[Reason], total: int) -> str:
    if not reasons:
        return ""
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Rows", "Reason", "Which"))
    rows = "".join(f"<tr><td>{one.rows:,}</td><td>{escape(one.text)}</td><td class='mut'>{_which(one)}</td></tr>"
                   for one in reasons[:MOST_LINES])
    return section("Refused", total, head, rows, len(reasons) - MOST_LINES)


def _which(one: Reason) -> str:
    shown = ", ".join(f"{row:,}" for row in one.numbers[:4])
    more = f" and {one.rows - len(one.numbers[:4]):,} more" if one.rows > len(one.numbers[:4]) else ""
    return f"{'row' if one.rows == 1 else 'rows'} {shown}{more}"
