"""One account of the page Account ledgers as it is read: entries with their marks, may we ask, promises, what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scorecard.core.ledger import BROKEN, CAUTION, KEPT, LATE, NO, OPEN, OVERDUE, YES
from scorecard.core.periods import day
from scorecard.output import ledger_marks, marks, tables
from scorecard.output.sensory_marks import money
from scorecard.output.sensory_tables import short_day
from scorecard.output.theme import escape
from scorecard.relations.ledger import MARKS
from scorecard.relations.readiness import LABELS

if TYPE_CHECKING:
    from scorecard.core.reading import Sentence
    from scorecard.relations.ledger import Ledger, Line
    from scorecard.relations.readiness import Ready
    from scorecard.relations.trust import Promise, Recovery, Trust

MOST_LINES, MOST_PROMISES, MOST_WRONG = 8, 6, 5
ANSWERS = {YES: "done", NO: "cross", CAUTION: "half"}
BECAME = {KEPT: "done", LATE: "clock", BROKEN: "cross", OVERDUE: "clock", OPEN: "planned"}
Href = Callable[[str], str]


@dataclass(frozen=True)
class Ways:
    """Where the page leads: an entry (`register:id`), a promise to be kept (its key; None for who may not), all entries."""

    entry: Href
    keep: Href | None
    entries: str


def second_line(found: Ledger, symbol: str) -> str:
    """`Enterprise · $412k, renews 28 Feb 2027 · CSM Jonas Kowal · 12 months to 20 Nov`."""
    head = found.head
    worth = [money(head.revenue, symbol)] if head.revenue else []
    worth += [f"renews {day(head.renewal)}"] if head.renewal else []
    parts = [head.segment, ", ".join(worth), f"CSM {head.csm}" if head.csm else "", f"sponsor {found.sponsor}" if found.sponsor else "",
             f"left on {day(head.ended)}" if head.ended else "", f"12 months to {short_day(found.today)}"]
    return " · ".join(part for part in parts if part)


def page(found: Ledger, ready: Sequence[Ready], trust: Trust, beside: str, said: Sequence[Sentence], ways: Ways) -> str:
    """Everything below the title; `beside` is the drawing of use beside trust, "" where it is not known."""
    middle = f'<div class="lg-mid"><section>{entries(found, ways)}</section><section>{may_we_ask(ready, found)}</section></div>'
    columns = f"<section>{promises(trust, ways)}</section><section>{recoveries(trust.recoveries, ways)}</section>"
    low = f'<div class="lg-low{"" if beside else " two"}">{columns}{f"<section>{beside}</section>" if beside else ""}</div>'
    return tables.says(said) + ledger_marks.reciprocity(found) + middle + _head("Trust", _legend()) + low


def _head(title: str, beside: str = "") -> str:
    return f'<div class="sechead lg-sec"><h2>{escape(title)}</h2>{f"<span class={chr(34)}cap{chr(34)}>{beside}</span>" if beside else ""}</div>'


def _legend() -> str:
    return "".join(f'<span class="lg-key">{marks.mark(name)} {word}</span>' for name, word in (("done", "kept"), ("clock", "late"), ("cross", "broken")))


# -- entries


def entries(found: Ledger, ways: Ways) -> str:
    """Deposits and asks of twelve months, the newest first, with the three marks of a good deposit."""
    past = [one for one in reversed(found.lines) if not one.planned]
    shown = past[:MOST_LINES]
    told = f"{len(shown)} of {len(past)}, newest first" if len(past) > len(shown) else "newest first"
    title = _head("Entries", f'{told if past else ""} · <a href="{escape(ways.entries)}">all entries</a>'.removeprefix(" · "))
    if not past:
        return title + '<p class="mut"><b>Nothing was given or asked yet.</b> A deposit is something we give, unasked and sincerely; an ask is a favour. Log the first one.</p>'
    heads = ('<th scope="col">Date</th><th scope="col">What</th><th scope="col">By</th><th scope="col" class="r">Effort</th>'
             '<th scope="col">Significant, unexpected, personal</th><th scope="col">What came of it</th>')
    body = "".join(_entry(one, ways) for one in shown)
    return title + f'<table class="dense stacks lg-entries"><caption class="vh">Entries of twelve months</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'


def _entry(one: Line, ways: Ways) -> str:
    below = one.kind if one.kind and one.kind != one.what else one.side
    effort = f"{one.hours:g} h" if one.hours else ""
    return (f'<tr><td class="nw mut">{escape(short_day(one.on))}</td><th scope="row"><a class="name" href="{escape(ways.entry(f"{one.side}:{one.id}"))}">{escape(one.what)}</a>'
            f'<span class="sub">{escape(below)}{_warned(one)}</span></th><td data-head="by">{escape(one.by)}</td><td class="r" data-head="effort">{effort}</td>'
            f'<td data-head="marks">{_three(one)}</td><td class="mut">{escape(_outcome(one))}</td></tr>')


def _warned(one: Line) -> str:
    said = [words for there, words in ((one.bare, "no deposit before it"), (one.bunched, "deposits bunched before it"), (one.over, "above the gift policy")) if there]
    return f', <b class="bad">{", ".join(said)}</b>' if said else ""


def _three(one: Line) -> str:
    if not one.marks:
        return ""
    told = ", ".join(f"{'' if there else 'not '}{name}" for name, there in zip(MARKS, one.marks, strict=True))
    drawn = "".join(marks.mark("done" if there else "open") for there in one.marks)
    return f'<span class="lg-three" role="img" aria-label="{told}">{drawn}</span>'


def _outcome(one: Line) -> str:
    state = {"agreed": "agreed", "declined": "declined", "asked": "no answer yet", "withdrawn": "not asked"}.get(one.state, "")
    return f"{state}: {one.outcome}" if state and one.outcome else state or one.outcome


# -- may we ask


def may_we_ask(ready: Sequence[Ready], found: Ledger) -> str:
    """The six checks of each planned ask with yes or wait, and below why, and from when."""
    title = _head("May we ask?", "six checks an ask" if ready else "")
    if not ready:
        return title + f'<p class="mut"><b>No ask is planned.</b> {_next(found)} Before an ask six things are looked at, and the answer is yes or wait.</p>'
    heads = "".join(f'<th scope="col">{escape(one.line.what)}<span class="sub">{escape(short_day(one.line.on))}</span></th>' for one in ready)
    body = "".join(_check(name, label, ready) for name, label in LABELS.items())
    answers = "".join(f"<td><b>{'Yes' if one.may else 'Wait'}</b></td>" for one in ready)
    foot = f'<tr class="lg-answer"><th scope="row">Answer</th>{answers}</tr>'
    table = (f'<table class="dense lg-checks"><caption class="vh">Checks before each planned ask</caption><thead><tr><th scope="col"><span class="vh">Check</span></th>{heads}</tr></thead>'
             f"<tbody>{body}{foot}</tbody></table>")
    return title + table + _why(ready)


def _next(found: Ledger) -> str:
    return "Plan one with Prepare an ask." if found.last else "Give first."


def _check(name: str, label: str, ready: Sequence[Ready]) -> str:
    cells = "".join(_answer(one.found.checks[name], one.notes[name]) for one in ready)
    return f'<tr><th scope="row">{escape(label)}<span class="sub">{escape(ready[0].notes[name])}</span></th>{cells}</tr>'


def _answer(answer: str, note: str) -> str:
    word = '<span class="lg-caution">caution</span>' if answer == CAUTION else ""
    return f'<td title="{escape(note)}">{marks.mark(ANSWERS[answer], "" if word else answer)}{word}</td>'


def _why(ready: Sequence[Ready]) -> str:
    waiting = [one for one in ready if not one.may]
    if not waiting:
        return ""
    said = " ".join(f"{escape(one.line.what)} on {escape(short_day(one.line.on))}: {escape('; '.join(one.reasons))}." for one in waiting)
    return f'<p class="cap lg-why"><b>Wait, because:</b> {said}</p>'


# -- trust


def promises(found: Trust, ways: Ways) -> str:
    """Promises with their day, when they were kept, and how a late one was told; what was not kept is never left out."""
    due = found.due
    title = f"<h3>Promises{f' kept, {found.kept} of {len(due)}' if due else ''}</h3>"
    if not found.promises:
        return title + '<p class="mut"><b>No promise in twelve months.</b> What is promised is written down with its day, so that it is kept, or told before it is late.</p>'
    unkept = [one for one in found.promises if one.became != KEPT]
    room = max(0, MOST_PROMISES - len(unkept))
    kept = [one for one in found.promises if one.became == KEPT]
    named = {one.key for one in (*unkept, *kept[:room])}
    body = "".join(_promise(one, ways) for one in found.promises if one.key in named)
    earlier = len(kept) - len(kept[:room])
    foot = f'<p class="foot">{earlier:,} earlier {"promise" if earlier == 1 else "promises"}, all kept.</p>' if earlier else ""
    heads = '<th scope="col">Promise, who</th><th scope="col">Due</th><th scope="col">Done</th><th scope="col"><span class="vh">What became of it</span></th>'
    return f'{title}<table class="dense lg-promises"><caption class="vh">Promises</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{foot}'


def _promise(one: Promise, ways: Ways) -> str:
    name = escape(one.what)
    if one.entry:
        name = f'<a class="quiet" href="{escape(ways.entry(f"promise:{one.entry}"))}">{name}</a>'
    kind = ' class="bad"' if one.became in (LATE, BROKEN, OVERDUE) else ""
    way = ""
    if ways.keep and one.may_be_kept:
        way = f' <a class="lg-keep" href="{escape(ways.keep(one.key))}">Keep it</a>'
    return (f'<tr><th scope="row">{name}<span class="sub">{escape(one.by)}{f", to {escape(one.to)}" if one.to else ""}</span></th><td class="nw">{escape(short_day(one.due))}</td>'
            f'<td class="nw mut">{escape(short_day(one.done)) if one.done else "none"}</td><td><span class="lg-became">{marks.mark(BECAME[one.became])}<b{kind}>{escape(one.words)}</b></span>{way}</td></tr>')


def recoveries(found: Sequence[Recovery], ways: Ways) -> str:
    """What went wrong: who owned up to it and when, how often they were told unasked, how long it took."""
    title = "<h3>When things went wrong</h3>"
    if not found:
        return title + '<p class="mut"><b>Nothing is written down.</b> When something goes wrong: own up to it, tell them often, solve it soon. All three are kept here.</p>'
    body = "".join(_recovery(one, ways) for one in found[:MOST_WRONG])
    more = f'<p class="foot">{len(found) - MOST_WRONG:,} earlier.</p>' if len(found) > MOST_WRONG else ""
    heads = '<th scope="col">What</th><th scope="col" class="r">Words</th><th scope="col" class="r">Solved</th>'
    return (f'{title}<table class="dense lg-wrong"><caption class="vh">When things went wrong</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'
            f'<p class="foot">Words: times we told them how it stood, unasked.</p>{more}')


def _recovery(one: Recovery, ways: Ways) -> str:
    below = ", ".join(part for part in (short_day(one.on), owned(one), one.by, one.outcome) if part)
    words = "–" if one.words is None else f"{one.words:,.0f}"
    solved = '<b class="bad">open</b>' if one.days is None else f"{one.days:,} {'day' if one.days == 1 else 'days'}"
    return (f'<tr><th scope="row"><a class="quiet" href="{escape(ways.entry(f"recovery:{one.id}"))}">{escape(one.what)}</a><span class="sub">{escape(below)}</span></th>'
            f'<td class="r">{words}</td><td class="r nw">{solved}</td></tr>')


def owned(one: Recovery) -> str:
    """`owned up the same day`, `owned up after 2 days`, `not owned up to`."""
    if one.taken is False:
        return "not owned up to"
    if one.taken_after is None:
        return "owned up" if one.taken else ""
    return {0: "owned up the same day", 1: "owned up the next day"}.get(one.taken_after, f"owned up after {one.taken_after:,} days")
