"""A file before it is accepted: what was understood, where each column goes, what accepting would do; and past loads."""

from __future__ import annotations

from collections.abc import Sequence

from scorecard.core import fmt
from scorecard.core.periods import Period
from scorecard.intake import figures
from scorecard.intake.figures import Column, Unknown
from scorecard.loading import Change, Proposal, figure_text, was_text
from scorecard.moves import BASELINE, READ, SIGNED, UNREAD, Move, Moves
from scorecard.output import marks, twins
from scorecard.output.theme import escape
from scorecard.store.jobs import Job

MOST_LINES = 12
_STANDS = {SIGNED: "signed: {was} stays, {now} stands beside it", BASELINE: "inside the locked baseline, limits unchanged",
           READ: "read before: that reading stays as it was", UNREAD: "not read yet"}
_NOT_DONE = {"failed": "is not stored.", "cancelled": "is cancelled."}
BAR_WIDTH, BAR_GAP, LEAST_PART = 1000, 4, 12
_UNIT_WORDS = {"percent": "share, %", "money": "money", "days": "days", "hours": "hours", "minutes": "minutes",
               "count": "count", "score": "score", "number": "number"}


def count(number: int, noun: str) -> str:
    """`1 row`, `531 rows`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def noun(proposal: Proposal) -> str:
    """What is counted: rows in a long file, figures in one with a column for each measure."""
    return "row" if proposal.understood.shape == "long" else "figure"


def refused_count(proposal: Proposal) -> int:
    """How many rows or figures are refused."""
    return len(proposal.understood.refused)


def news(proposal: Proposal) -> str:
    """The file in sentences: counts first, then what is open and what to look at."""
    understood = proposal.understood
    if proposal.open:
        said = [(f"{understood.name} is read, and one thing is open." if len(understood.questions) == 1 and not understood.unknown
                 else f"{understood.name} is read, and some things are open.", "Answer below. Nothing is stored yet.")]
    elif not proposal.ready:
        said = [(f"{understood.name} brings nothing new:", f"{count(proposal.known, noun(proposal))} known already, "
                 f"{refused_count(proposal):,} refused. Nothing is stored.")]
    else:
        said = [(f"{understood.name} is read and waits for you:", f"{count(len(proposal.new), 'new ' + noun(proposal))}, "
                 f"{len(proposal.changed):,} changed, {refused_count(proposal):,} refused. Nothing is stored yet.")]
    lines = "".join(f"<p><b>{escape(bold)}</b> {escape(rest)}</p>" for bold, rest in [*said, *proposal.notices])
    return f'<div class="says">{lines}</div>'


def heading(number: int, title: str, right: str = "") -> str:
    """A numbered section head, with a quiet word at its right end."""
    quiet = f'<span class="cap" style="margin-left:auto">{escape(right)}</span>' if right else ""
    return (f'<div style="display:flex;align-items:center;gap:10px;padding-bottom:8px">{marks.step(number)}'
            f"<h2>{escape(title)}</h2>{quiet}</div>")


def understood(proposal: Proposal, zone: str) -> str:
    """Sections 1 and 2, side by side where there is room."""
    left, right = _facts(proposal, zone), _columns(proposal.understood.columns)
    return sides(left, right)


def sides(left: str, right: str) -> str:
    """Two sections side by side where there is room."""
    if not right:
        return f'<div style="margin-top:24px">{left}</div>'
    return (f'<div style="display:flex;flex-wrap:wrap;gap:24px 36px;margin-top:24px"><section style="flex:1 1 300px;min-width:0">{left}'
            f'</section><section style="flex:1.6 1 440px;min-width:0">{right}</section></div>')


def _facts(proposal: Proposal, zone: str) -> str:
    facts = [*proposal.understood.facts, ("Time zone", f"{zone},", "from Settings.")]
    rows = "".join(f'<tr><td class="mut" style="width:30%;padding:8px 8px 8px 0;vertical-align:top">{escape(topic)}</td>'
                   f'<td style="padding:8px 0"><b>{escape(bold)}</b> {escape(rest)}</td></tr>' for topic, bold, rest in facts)
    return (f'{heading(1, "What was understood")}<table class="dense" style="border-top:1px solid var(--ink)">'
            f"<tbody>{rows}</tbody></table>")


def _columns(columns: Sequence[Column]) -> str:
    if not columns:
        return ""
    head = "".join(f'<th scope="col">{name}</th>' for name in ("In the file", "Samples", "Goes to", "", "Seen in the column"))
    rows = "".join(_column(one) for one in columns)
    return (f'{heading(2, "Where each column goes", "samples from the file")}<div class="scroll"><table class="dense">'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>")


def _column(one: Column) -> str:
    icon, word = ("done", "sure") if one.sure else ("half", "unsure")
    if one.goes_to == "left out":
        icon, word = "open", "not used"
    weight = "" if one.sure else ' style="font-weight:600"'
    return (f'<tr><th scope="row">{escape(one.name)}</th><td class="mut">{escape(", ".join(one.samples)) or "(blank)"}</td>'
            f'<td>{escape(one.goes_to)}</td><td class="nw"><span class="sig"{weight}>{marks.mark(icon)}{word}</span></td>'
            f'<td class="mut">{escape(one.seen)}</td></tr>')


def unknown(measures: Sequence[Unknown]) -> str:
    """Measures that nobody has defined: as they would be defined."""
    head = "".join(f'<th scope="col">{name}</th>' for name in ("In the file", "Would be called", "Unit", "Figures", "Perhaps"))
    rows = "".join(
        f'<tr><th scope="row">{escape(one.text)}</th><td>{escape(one.guess.label)}</td><td>{_UNIT_WORDS[one.guess.unit]}</td>'
        f'<td>{one.count:,}</td><td class="mut">{escape(one.hint.strip().removeprefix("Did you mean ")) or "–"}</td></tr>'
        for one in measures)
    return (f'<h3 style="margin-top:16px">Not defined yet, {len(measures):,}</h3><table class="dense"><thead><tr>{head}</tr>'
            f'</thead><tbody>{rows}</tbody></table><p class="cap" style="padding-top:6px">A new measure has no direction and '
            "no goal: its behaviour is shown. Say what good is under Metrics.</p>")


def effect(proposal: Proposal) -> str:
    """Section 3: one bar to scale, then what changes and what is refused."""
    word = noun(proposal)
    parts = [(proposal.known, "known already", "m-band"), (len(proposal.new), "new", "m-fill"),
             (len(proposal.changed), "changed", "m-inkfill"), (refused_count(proposal), "refused", "")]
    total = sum(number for number, _, _ in parts)
    return (f'<div style="margin-top:24px">{heading(3, "What accepting would do", count(total, word))}{bar(parts)}</div>'
            '<div style="display:flex;flex-wrap:wrap;gap:20px 36px;margin-top:16px">'
            f"{_changed(proposal)}{_refused(proposal)}</div>")


def bar(parts: Sequence[tuple[int, str, str]]) -> str:
    """Known, new, changed, refused (hatched) to scale; a part too thin to see keeps a minimum width."""
    there = [part for part in parts if part[0]]
    x, drawn = 0.0, []
    for (_, _, kind), width in zip(there, _widths([number for number, _, _ in there])):
        fill = f'class="{kind}"' if kind else 'style="fill:url(#refused-hatch)"'
        drawn.append(f'<rect {fill} x="{x:.1f}" y="0.5" width="{width:.1f}" height="17" stroke="var(--series)" stroke-width="1"/>')
        x += width + BAR_GAP
    said = ", ".join(f"{number:,} {words}" for number, words, _ in there)
    labels = "".join(f'<span class="nw"><b>{number:,}</b> {words}</span>' for number, words, _ in there)
    return ('<svg role="img" aria-label="' + escape(said) + f'" viewBox="0 0 {BAR_WIDTH} 18" preserveAspectRatio="none" '
            'style="width:100%;height:18px"><defs><pattern id="refused-hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)"><path d="M0 0V5" stroke="var(--series)" stroke-width="1.6"/></pattern></defs>'
            f'{"".join(drawn)}</svg><div style="display:flex;flex-wrap:wrap;gap:4px 24px;padding-top:6px;font-size:13px">{labels}</div>')


def _widths(numbers: Sequence[int]) -> list[float]:
    """Widths to scale; the parts that are too thin to see are widened at the cost of the largest."""
    room = BAR_WIDTH - BAR_GAP * (len(numbers) - 1)
    widths = [max(LEAST_PART, room * number / sum(numbers)) for number in numbers]
    if widths:
        widths[widths.index(max(widths))] -= sum(widths) - room
    return widths


def _changed(proposal: Proposal) -> str:
    if not proposal.changed:
        return ""
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Row", "Measure", "Period", "Where", "Was → is"))
    rows = "".join(_change(one, proposal) for one in proposal.changed[:MOST_LINES])
    return section("Changed", len(proposal.changed), head, rows)


def _change(one: Change, proposal: Proposal) -> str:
    figure, measure = one.figure, proposal.definitions[one.figure.measure]
    where = ", ".join(part for part in (figure.segment, figure.team, figure.csm) if part) or "all"
    return (f"<tr><td>{figure.rows[0]:,}</td><td>{escape(measure.label)}</td><td>{escape(figure.period.short)}</td>"
            f"<td>{escape(where)}</td><td><b>{escape(was_text(one, measure))} → "
            f"{escape(figure_text(figure.says, measure))}</b></td></tr>")


def _refused(proposal: Proposal) -> str:
    groups = figures.grouped(proposal.understood.refused)
    if not groups:
        return ""
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Rows", "Reason", "Which"))
    rows = "".join(f"<tr><td>{number:,}</td><td>{escape(reason)}</td><td class='mut'>{escape(which)}</td></tr>"
                   for number, reason, which in groups[:MOST_LINES])
    return section("Refused", len(proposal.understood.refused), head, rows, len(groups) - MOST_LINES)


def section(title: str, number: int, head: str, rows: str, hidden: int | None = None) -> str:
    """A table under a counted title; how many lines stay hidden is said."""
    left = number - MOST_LINES if hidden is None else hidden
    more = f'<p class="cap" style="padding-top:6px">and {left:,} more</p>' if left > 0 else ""
    return (f'<section style="flex:1 1 380px;min-width:0"><h3>{title}, {number:,}</h3><div class="scroll"><table class="dense">'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{more}</section>")


def moves(found: Moves | None) -> str:
    """What moves: the news in a sentence, then each figure as it is and would be, and what has stood on it so far."""
    if found is None:
        return _moves_section("What moves", '<p class="mut">Not worked out before accepting: it would take too long for so many rows.</p>')
    rows = "".join(_move(one) for one in found.changed[:MOST_LINES])
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Measure", "Month", "Was → is", "What happens to it"))
    table = f'<div class="scroll"><table class="dense"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>' if rows else ""
    left = len(found.changed) - MOST_LINES
    more = f'<p class="cap" style="padding-top:6px">and {left:,} more</p>' if left > 0 else ""
    return _moves_section(f"What moves, {len(found.changed):,}", f"{_says_moves(found)}{table}{more}")


def _moves_section(title: str, body: str) -> str:
    return f'<section style="margin-top:16px"><h3>{title}</h3>{body}</section>'


def _says_moves(found: Moves) -> str:
    said = [] if found.changed else ["No figure that is there says something else."]
    fresh = [f"{one.label} ({_span(periods)})" for one, periods in found.fresh[:4]]
    if fresh:
        more = f" and {len(found.fresh) - 4} more measures" if len(found.fresh) > 4 else ""
        said.append(f"New figures: {', '.join(fresh)}{more}.")
    if found.unknown:
        said.append(f"Not worked out: {', '.join(one.label for one in found.unknown[:4])}.")
    return f'<p class="mut" style="padding:4px 0">{escape(" ".join(said))}</p>' if said else ""


def _span(periods: Sequence[Period]) -> str:
    return periods[0].short if len(periods) == 1 else f"{periods[0].short} to {periods[-1].short}"


def _move(one: Move) -> str:
    was, now = (fmt.value(value, one.measure) if value is not None else "no figure" for value in (one.was, one.now))
    said = f"{was} → {now}" if was != now else f"{was}, by less than is shown"
    part = " (in part)" if one.partial else ""
    return (f'<tr><th scope="row">{escape(one.measure.label)}</th><td class="nw">{escape(one.period.short)}{part}</td>'
            f'<td class="nw"><b>{escape(said)}</b></td><td class="mut">{escape(_STANDS[one.stands].format(was=was, now=now))}</td></tr>')


def outcome(job: Job) -> str:
    """What came of an accepted file, in sentences: what is stored, which figures moved, what could not be computed."""
    if job.state != "done":
        file, why = job.arguments.get("file", "The file"), job.message.replace("Nothing more of it", "Nothing of it")
        return f'<div class="says" style="margin-bottom:8px"><p><b>{escape(file)} {_NOT_DONE[job.state]}</b> {escape(why)}</p></div>'
    told = job.result
    first, colon, rest = str(told.get("message", "")).partition(": ")
    said = [(f"{first}{colon.strip()}", rest)]
    if told.get("measures"):
        said.append(("Computed from it:", f"{count(len(told['measures']), 'measure')}; {count(told['figures'], 'figure')} changed or came new."))
    if told.get("placed"):
        said.append(("On the scorecard:", f"{', '.join(told['placed'])}."))
    said += [("Not computed:", one) for one in told.get("problems", ())]
    return '<div class="says" style="margin-bottom:8px">' + "".join(f"<p><b>{escape(bold)}</b> {escape(rest)}</p>" for bold, rest in said) + "</div>"


def refused_csv(rows: Sequence[tuple[int, str, str]]) -> str:
    """The refused rows for a file: row number, reason, the row as it stood. Formulas are guarded."""
    return twins.csv_text(("row", "reason", "text"), [(number, reason, text) for number, text, reason in rows])
